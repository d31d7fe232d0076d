//! A traffic profile laid out over absolute time.

use super::clock::{LocalClock, Span};
use super::{DAY_S, Profile, Zone, weekday_of};

/// A piecewise-constant traffic multiplier over Unix seconds, with its integral.
///
/// Piece `i` holds from change `i - 1` (included) to change `i` (not); the first holds since ever, the last for ever.
#[derive(Clone, Debug, PartialEq)]
pub struct TrafficCurve {
    /// Where the multiplier changes, strictly increasing.
    changes: Vec<f64>,
    /// The multiplier of each piece, one more than changes; neighbours differ.
    values: Vec<f64>,
    /// The integral from the first change to each change.
    sums: Vec<f64>,
    /// Hour by hour from the first change on, how many changes come before the hour: where to begin to look for the
    /// piece of a moment.
    before_hour: Vec<u32>,
}

/// Length of the stretches by which pieces are found.
const HOUR_S: f64 = 3_600.0;

impl TrafficCurve {
    /// A multiplier of 1 at all times.
    pub fn flat() -> Self {
        TrafficCurve {
            changes: Vec::new(),
            values: vec![1.0],
            sums: Vec::new(),
            before_hour: Vec::new(),
        }
    }

    /// `profile` by the clock of `zone` over `[from, to)`; before and after, the nearest value holds.
    ///
    /// An hour that a clock change repeats has its multiplier twice, one that is skipped has none. A span longer than
    /// [`MAX_SPAN_S`](super::MAX_SPAN_S) is cut there; one without an instant gives the flat curve.
    pub fn new(profile: &Profile, zone: &Zone, from: f64, to: f64) -> Self {
        let Some(span) = Span::cut(from, to) else {
            return TrafficCurve::flat();
        };
        let (first, last) = (span.floor_s(), span.ceil_s());
        let mut changes = Vec::new();
        let mut values: Vec<f64> = Vec::new();
        for stretch in LocalClock::over(zone, span).stretches() {
            let end = stretch.end.min(last);
            let mut t = stretch.start.max(first);
            while t < end {
                let reading = t + stretch.offset;
                let value = value_at(profile, reading);
                match values.last() {
                    Some(&before) if before == value => {}
                    Some(_) => {
                        changes.push(t as f64);
                        values.push(value);
                    }
                    None => values.push(value),
                }
                t = (reading.div_euclid(3_600) + 1) * 3_600 - stretch.offset;
            }
        }
        let sums = running_sums(&changes, &values);
        let before_hour = changes_before_hours(&changes);
        TrafficCurve {
            changes,
            values,
            sums,
            before_hour,
        }
    }

    /// The multiplier at `t`.
    pub fn at(&self, t: f64) -> f64 {
        self.values[self.piece(t)]
    }

    /// The first change strictly after `t`; infinity if there is none.
    pub fn next_change(&self, t: f64) -> f64 {
        self.changes
            .get(self.piece(t))
            .copied()
            .unwrap_or(f64::INFINITY)
    }

    /// The integral of the multiplier over `[a, b)`, in seconds of mean traffic; 0 where `b` is not after `a`.
    pub fn integral(&self, a: f64, b: f64) -> f64 {
        if b.is_nan() || a.is_nan() || b <= a {
            return 0.0;
        }
        let (i, j) = (self.piece(a), self.piece(b));
        if i == j {
            return area(self.values[i], b - a);
        }
        let head = area(self.values[i], self.changes[i] - a);
        let middle = self.sums[j - 1] - self.sums[i];
        let tail = area(self.values[j], b - self.changes[j - 1]);
        head + middle + tail
    }

    /// The earliest `t >= a` with `integral(a, t) >= amount`, to within rounding; infinity where that never comes.
    pub fn time_of(&self, a: f64, amount: f64) -> f64 {
        if amount.is_nan() || amount <= 0.0 {
            return a;
        }
        let mut t = self.time_of_about(a, amount);
        // The last rounding of a large instant can fall short of the amount by less than the clock's resolution.
        for _ in 0..4 {
            if !t.is_finite() || self.integral(a, t) >= amount {
                break;
            }
            t = t.next_up();
        }
        t
    }

    /// Whether the multiplier is 1 at all times.
    pub fn is_flat(&self) -> bool {
        self.values == [1.0]
    }

    /// The earliest `t >= a` at which the multiplier is at least `x`; infinity if there is none.
    pub fn next_at_least(&self, a: f64, x: f64) -> f64 {
        let first = self.piece(a);
        match self.values[first..].iter().position(|&value| value >= x) {
            Some(0) => a,
            Some(later) => self.changes[first + later - 1],
            None => f64::INFINITY,
        }
    }

    /// Where the multiplier changes, strictly increasing.
    pub fn changes(&self) -> &[f64] {
        &self.changes
    }

    /// The largest multiplier.
    pub fn max(&self) -> f64 {
        self.values.iter().copied().fold(0.0, f64::max)
    }

    /// Index of the piece that holds at `t`.
    fn piece(&self, t: f64) -> usize {
        let Some(first) = self.changes.first() else {
            return 0;
        };
        // A conversion that saturates: what is before the first hour begins there, what is after the last one there.
        let hour = ((t - first) / HOUR_S) as usize;
        let mut piece = self.before_hour[hour.min(self.before_hour.len() - 1)] as usize;
        while self.changes.get(piece).is_some_and(|&change| change <= t) {
            piece += 1;
        }
        piece
    }

    /// [`TrafficCurve::time_of`] for a positive amount, to within rounding.
    fn time_of_about(&self, a: f64, amount: f64) -> f64 {
        let i = self.piece(a);
        let Some(&end) = self.changes.get(i) else {
            return after(a, amount, self.values[i]);
        };
        let head = area(self.values[i], end - a);
        if head >= amount {
            return after(a, amount, self.values[i]).min(end);
        }
        let wanted = self.sums[i] + (amount - head);
        // A tiny amount can vanish in the sum; without the bound the search could then go back before `a`.
        let change = self.sums.partition_point(|&sum| sum < wanted).max(i + 1);
        let start = self.changes[change - 1];
        let t = after(start, wanted - self.sums[change - 1], self.values[change]);
        self.changes.get(change).map_or(t, |&end| t.min(end))
    }
}

/// The profile's multiplier at a reading of the local clock in seconds from 1970-01-01T00:00.
fn value_at(profile: &Profile, reading: i64) -> f64 {
    let hour =
        usize::try_from(reading.rem_euclid(DAY_S) / 3_600).expect("an hour of the day is 0 to 23");
    profile.at(weekday_of(reading.div_euclid(DAY_S)), hour)
}

/// The integral from the first change to each change.
fn running_sums(changes: &[f64], values: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    let mut sums = Vec::with_capacity(changes.len());
    for (k, &change) in changes.iter().enumerate() {
        if k > 0 {
            sum += values[k] * (change - changes[k - 1]);
        }
        sums.push(sum);
    }
    sums
}

/// How many changes come before each whole hour after the first change, in `changes` at whole seconds.
fn changes_before_hours(changes: &[f64]) -> Vec<u32> {
    let (Some(&first), Some(&last)) = (changes.first(), changes.last()) else {
        return Vec::new();
    };
    let hours = ((last - first) / HOUR_S) as usize + 1;
    let begins = |hour: usize| first + hour as f64 * HOUR_S;
    let before = |hour| changes.partition_point(|&change| change < begins(hour)) as u32;
    (0..hours).map(before).collect()
}

/// Height times width, where nothing times for ever is nothing.
fn area(height: f64, width: f64) -> f64 {
    if height == 0.0 { 0.0 } else { height * width }
}

/// When `amount` has come in from `start` on, at a constant rate.
fn after(start: f64, amount: f64, rate: f64) -> f64 {
    if amount <= 0.0 {
        start
    } else if rate == 0.0 {
        f64::INFINITY
    } else {
        start + amount / rate
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::super::{format_moment, parse_moment};
    use super::*;

    fn t(text: &str) -> f64 {
        parse_moment(text, None).unwrap()
    }

    /// A profile whose multiplier tells the hour: hour h has (h + 1) / 12.5, and half of it at weekends.
    fn staircase() -> Profile {
        Profile::new(std::array::from_fn(|hour| (hour + 1) as f64), 0.5).unwrap()
    }

    fn curve(name: &str, from: &str, to: &str) -> TrafficCurve {
        TrafficCurve::new(&staircase(), &Zone::named(name).unwrap(), t(from), t(to))
    }

    /// The hour (plus 100 at weekends) of each change, with its time.
    fn check_changes(name: &str, from: &str, to: &str, expected: &[(&str, f64)]) {
        let curve = curve(name, from, to);
        let found: Vec<(String, f64)> = curve
            .changes()
            .iter()
            .map(|&t| {
                (
                    format_moment(t)[11..16].to_owned(),
                    (curve.at(t) * 12.5 * 2.0).round() / 2.0 - 1.0,
                )
            })
            .collect();
        let expected: Vec<(String, f64)> = expected
            .iter()
            .map(|&(t, hour)| (t.to_owned(), hour))
            .collect();
        assert_eq!(found, expected, "{name}");
    }

    #[test]
    fn hours_follow_the_local_clock() {
        // Monday to Friday: the multiplier tells the hour.
        check_changes(
            "Asia/Kolkata",
            "2026-03-02T00:00Z",
            "2026-03-02T02:00Z",
            &[("00:30", 6.0), ("01:30", 7.0)],
        );
        check_changes(
            "Asia/Kathmandu",
            "2026-03-02T00:00Z",
            "2026-03-02T02:00Z",
            &[("00:15", 6.0), ("01:15", 7.0)],
        );
        check_changes(
            "UTC",
            "2026-03-02T22:30Z",
            "2026-03-03T01:30Z",
            &[("23:00", 23.0), ("00:00", 0.0), ("01:00", 1.0)],
        );
    }

    #[test]
    fn repeated_hours_count_twice_and_skipped_ones_not() {
        // On Sundays the multiplier is half: (h + 1) / 2 - 1 is shown for hour h.
        let shown = |hour: f64| (hour + 1.0) / 2.0 - 1.0;
        check_changes(
            "Europe/London",
            "2026-03-29T00:10Z",
            "2026-03-29T02:30Z",
            &[("01:00", shown(2.0)), ("02:00", shown(3.0))],
        );
        // Hour 1 lasts from 00:00 to 02:00 universal time.
        check_changes(
            "Europe/London",
            "2026-10-24T23:10Z",
            "2026-10-25T03:30Z",
            &[
                ("00:00", shown(1.0)),
                ("02:00", shown(2.0)),
                ("03:00", shown(3.0)),
            ],
        );
        // 02:00 becomes 02:30: hour 2 is half an hour. 02:00 becomes 01:30: hour 1 is an hour and a half.
        check_changes(
            "Australia/Lord_Howe",
            "2026-10-03T15:00Z",
            "2026-10-03T17:30Z",
            &[
                ("15:30", shown(2.0)),
                ("16:00", shown(3.0)),
                ("17:00", shown(4.0)),
            ],
        );
        check_changes(
            "Australia/Lord_Howe",
            "2026-04-04T13:40Z",
            "2026-04-04T17:00Z",
            &[
                ("14:00", shown(1.0)),
                ("15:30", shown(2.0)),
                ("16:30", shown(3.0)),
            ],
        );
    }

    #[test]
    fn saturdays_and_sundays_are_local() {
        let profile = Profile::new([1.0; 24], 0.25).unwrap();
        let auckland = Zone::named("Pacific/Auckland").unwrap();
        let curve = TrafficCurve::new(
            &profile,
            &auckland,
            t("2026-06-01T00:00Z"),
            t("2026-06-08T00:00Z"),
        );
        assert_eq!(
            curve.changes(),
            [t("2026-06-05T12:00Z"), t("2026-06-07T12:00Z")]
        );
        assert_eq!(
            curve.integral(curve.changes()[0], curve.changes()[1]),
            2.0 * 86_400.0 * 0.25
        );
        assert_eq!((curve.max(), curve.is_flat()), (1.0, false));
    }

    #[test]
    fn outside_the_nearest_value_holds() {
        let curve = curve("UTC", "2026-03-02T09:30Z", "2026-03-02T11:30Z");
        assert_eq!(curve.changes().len(), 2);
        assert_eq!(
            curve.at(f64::NEG_INFINITY),
            curve.at(t("2026-03-02T09:45Z"))
        );
        assert_eq!(curve.at(f64::INFINITY), curve.at(t("2026-03-02T11:00Z")));
        assert_eq!(curve.next_change(0.0), t("2026-03-02T10:00Z"));
        assert_eq!(
            curve.next_change(t("2026-03-02T10:00Z")),
            t("2026-03-02T11:00Z")
        );
        assert_eq!(curve.next_change(t("2026-03-02T11:00Z")), f64::INFINITY);
    }

    #[test]
    fn flat_is_flat() {
        let flat = TrafficCurve::new(&Profile::flat(), &Zone::utc(), 0.0, 1e9);
        assert_eq!(flat, TrafficCurve::flat());
        assert!(flat.is_flat());
        assert_eq!(
            (flat.at(5.0), flat.next_change(5.0), flat.max()),
            (1.0, f64::INFINITY, 1.0)
        );
        assert_eq!(
            (
                flat.integral(1.5, 4.0),
                flat.integral(4.0, 1.5),
                flat.time_of(3.0, 2.0)
            ),
            (2.5, 0.0, 5.0)
        );
        assert_eq!(
            (flat.next_at_least(3.0, 1.0), flat.next_at_least(3.0, 1.1)),
            (3.0, f64::INFINITY)
        );
    }

    #[test]
    fn what_never_comes_is_at_infinity() {
        let mut hours = [0.0; 24];
        hours[3] = 1.0;
        let profile = Profile::new(hours, 1.0).unwrap();
        let (from, to) = (t("2026-03-02T00:00Z"), t("2026-03-03T00:00Z"));
        let curve = TrafficCurve::new(&profile, &Zone::utc(), from, to);
        assert_eq!(curve.at(from + 3.0 * 3_600.0), 24.0);
        assert_eq!(curve.time_of(from, 86_400.0), from + 4.0 * 3_600.0);
        assert_eq!(curve.time_of(from, 24.0), from + 3.0 * 3_600.0 + 1.0);
        assert_eq!(curve.time_of(from, 86_401.0), f64::INFINITY);
        assert_eq!(curve.time_of(to, 1.0), f64::INFINITY);
        assert_eq!(
            (curve.time_of(to, 0.0), curve.time_of(from, f64::INFINITY)),
            (to, f64::INFINITY)
        );
        assert_eq!(curve.integral(f64::NEG_INFINITY, f64::INFINITY), 86_400.0);
        assert_eq!(curve.next_at_least(from, 0.5), from + 3.0 * 3_600.0);
        assert_eq!(curve.next_at_least(to, 0.5), f64::INFINITY);
    }

    #[test]
    fn a_tiny_amount_never_comes_earlier() {
        let mut hours = [0.0; 24];
        hours[3] = 1.0;
        let profile = Profile::new(hours, 1.0).unwrap();
        let curve = TrafficCurve::new(
            &profile,
            &Zone::utc(),
            t("2026-03-02T00:00Z"),
            t("2026-04-02T00:00Z"),
        );
        // The instant after the next traffic begins: at its beginning nothing has come in yet.
        assert_eq!(
            curve.time_of(t("2026-03-20T05:00Z"), 1e-12),
            t("2026-03-21T03:00Z").next_up()
        );
    }

    #[test]
    fn spans_without_end_are_cut() {
        let curve = TrafficCurve::new(&staircase(), &Zone::utc(), 0.0, f64::INFINITY);
        assert!(curve.changes().len() <= 40 * 366 * 24);
        let none = TrafficCurve::new(&staircase(), &Zone::utc(), f64::NAN, 0.0);
        assert!(none.is_flat());
    }

    #[test]
    fn small_spans_far_from_the_origin_are_exact() {
        let curve = curve("Europe/London", "2026-03-02T00:00Z", "2036-03-02T00:00Z");
        let a = t("2036-02-28T12:30Z");
        assert_eq!(curve.integral(a, a + 0.125), 0.125 * curve.at(a));
        let edge = t("2036-02-28T13:00Z");
        let expected = 0.125 * curve.at(edge - 1.0) + 0.25 * curve.at(edge);
        assert!((curve.integral(edge - 0.125, edge + 0.25) - expected).abs() < 1e-15);
    }

    const ZONES: [&str; 6] = [
        "UTC",
        "Europe/London",
        "America/New_York",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
    ];

    fn some_profile() -> impl Strategy<Value = Profile> {
        let hour = prop_oneof![1 => Just(0.0), 4 => 0.0..10.0_f64, 2 => Just(1.0)];
        (prop::array::uniform24(hour), 0.0..2.0_f64)
            .prop_filter_map("has traffic", |(hours, weekend)| {
                Profile::new(hours, weekend).ok()
            })
    }

    proptest! {
        #[test]
        fn pieces_are_found_as_by_halving(
            gaps in proptest::collection::vec(1u32..20_000, 0..40),
            t in -10_000.0f64..400_000.0,
            on in 0usize..40,
        ) {
            let mut at = 1_000.0;
            let changes: Vec<f64> = gaps.iter().map(|&gap| { at += f64::from(gap); at }).collect();
            let curve = TrafficCurve {
                values: vec![0.0; changes.len() + 1],
                sums: Vec::new(),
                before_hour: changes_before_hours(&changes),
                changes,
            };
            let on = curve.changes.get(on).copied().unwrap_or(t);
            for t in [t, on, on.next_down(), on.next_up(), f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
                prop_assert_eq!(curve.piece(t), curve.changes.partition_point(|&c| c <= t), "{}", t);
            }
        }

        #[test]
        fn the_curve_is_the_profile_by_the_clock(
            name in prop::sample::select(ZONES.to_vec()),
            profile in some_profile(),
            start in 1_300_000_000_i64..2_000_000_000,
            near_change in any::<bool>(),
        ) {
            let zone = Zone::named(name).unwrap();
            let begin = Timestamp::from_second(start).unwrap();
            let change = zone.rules().following(begin).next().filter(|_| near_change);
            let start = change.map_or(start, |change| change.timestamp().as_second() - 80_000);
            let curve = TrafficCurve::new(&profile, &zone, start as f64, start as f64 + 200_000.0);
            prop_assert!(curve.changes().windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(curve.values.windows(2).all(|pair| pair[0] != pair[1]));
            // Offsets are whole quarters of an hour, so quarters add up to the integral without error of method.
            let first = start - start.rem_euclid(900) + 900;
            let mut sum = 0.0;
            for quarter in 0..200 {
                let at = first + quarter * 900;
                let now = zone.rules().to_datetime(Timestamp::from_second(at).unwrap());
                let weekday = u8::try_from(now.weekday().to_monday_zero_offset()).unwrap();
                let expected = profile.at(weekday, usize::try_from(now.hour()).unwrap());
                prop_assert_eq!(curve.at(at as f64), expected, "{} {}", name, now);
                prop_assert_eq!(curve.at(at as f64 + 899.9), expected, "{} {}", name, now);
                prop_assert!((curve.integral(first as f64, at as f64) - sum).abs() < 1e-6);
                sum += 900.0 * expected;
            }
        }

        #[test]
        fn time_of_inverts_the_integral(
            name in prop::sample::select(ZONES.to_vec()),
            profile in some_profile(),
            start in 1_300_000_000.0..2_000_000_000.0_f64,
            offset in -10_000.0..700_000.0_f64,
            amount in prop_oneof![0.0..100.0_f64, 0.0..500_000.0_f64],
        ) {
            let curve = TrafficCurve::new(&profile, &Zone::named(name).unwrap(), start, start + 604_800.0);
            let a = start + offset;
            let t = curve.time_of(a, amount);
            prop_assert!(t >= a);
            if t == f64::INFINITY {
                prop_assert!(curve.integral(a, 1e15) < amount + 1e-6);
                prop_assert_eq!(curve.values.last(), Some(&0.0));
            } else {
                let came = curve.integral(a, t);
                prop_assert!(came >= amount - 1e-9, "{} of {}", came, amount);
                prop_assert!(came <= amount + 1e-5, "{} of {}", came, amount);
                // Earliest: a little before, less had come.
                prop_assert!(t - a < 1e-3 || curve.integral(a, t - 1e-3) < amount);
            }
        }

        #[test]
        fn integrals_add_up(
            profile in some_profile(),
            marks in prop::array::uniform3(0.0..700_000.0_f64),
        ) {
            let start = 1.77e9;
            let curve = TrafficCurve::new(&profile, &Zone::utc(), start, start + 604_800.0);
            let mut marks = marks.map(|mark| start + mark);
            marks.sort_by(f64::total_cmp);
            let [a, b, c] = marks;
            let whole = curve.integral(a, c);
            prop_assert!((curve.integral(a, b) + curve.integral(b, c) - whole).abs() < 1e-6);
        }

        #[test]
        fn next_at_least_is_the_first(profile in some_profile(), offset in 0.0..700_000.0_f64, x in 0.0..3.0_f64) {
            let start = 1.77e9;
            let curve = TrafficCurve::new(&profile, &Zone::utc(), start, start + 604_800.0);
            let a = start + offset;
            let candidates = std::iter::once(a).chain(curve.changes().iter().copied().filter(|&change| change > a));
            let expected = candidates.into_iter().find(|&t| curve.at(t) >= x).unwrap_or(f64::INFINITY);
            prop_assert_eq!(curve.next_at_least(a, x), expected);
        }
    }
}
