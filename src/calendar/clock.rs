//! The local clock of a zone over a span of time: stretches of constant offset from universal time.

use jiff::Timestamp;

use super::{DAY_S, Zone};

/// The longest span, in seconds, over which local rules are laid out (40 years); longer ones are cut there.
pub const MAX_SPAN_S: f64 = 40.0 * 366.0 * 86_400.0;

/// The most clock changes looked at within a span; zones have up to four a year.
const MAX_CHANGES: usize = 1_000;

/// How far beyond the span asked for the clock is laid out: more than any window or offset reaches.
const MARGIN_S: i64 = 4 * DAY_S;

/// How many days around a span a rule may reach into it from: past midnight, plus the widest change of a clock.
const REACH_DAYS: i64 = 3;

/// A span of time within reach of the calendar, `from < to`, both finite and at most [`MAX_SPAN_S`] apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub from: f64,
    pub to: f64,
}

impl Span {
    /// Cuts `[from, to)` to the years -9999 to 9999 and to [`MAX_SPAN_S`]; `None` where nothing is left.
    pub fn cut(from: f64, to: f64) -> Option<Span> {
        let earliest = (Timestamp::MIN.as_second() + 2 * MARGIN_S) as f64;
        let latest = (Timestamp::MAX.as_second() - 2 * MARGIN_S) as f64;
        if from.is_nan() || to.is_nan() {
            return None;
        }
        let from = from.max(earliest);
        let to = to.min(latest).min(from + MAX_SPAN_S);
        (from < to).then_some(Span { from, to })
    }

    /// The last whole second at or before the start.
    pub fn floor_s(self) -> i64 {
        self.from.floor() as i64
    }

    /// The first whole second at or after the end.
    pub fn ceil_s(self) -> i64 {
        self.to.ceil() as i64
    }

    /// The first and the last day (counted from 1970-01-01) whose rules may reach into the span.
    pub fn days_around(self) -> (i64, i64) {
        (
            self.floor_s().div_euclid(DAY_S) - REACH_DAYS,
            self.ceil_s().div_euclid(DAY_S) + REACH_DAYS,
        )
    }
}

/// A stretch of constant offset: from `start` on and before `end` (Unix seconds) the local clock is `offset` seconds
/// ahead of universal time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub start: i64,
    pub end: i64,
    pub offset: i64,
}

/// The local clock around a span: stretches in order, without gaps; the first reaches back and the last on for ever.
///
/// A *reading* is a local date and time as a number: seconds from 1970-01-01T00:00 on that clock.
#[derive(Clone, Debug)]
pub(super) struct LocalClock {
    stretches: Vec<Stretch>,
}

impl LocalClock {
    /// The clock of `zone`, true to its rules over `span` and a few days around it.
    pub fn over(zone: &Zone, span: Span) -> LocalClock {
        let begin = clamped(span.floor_s() - MARGIN_S);
        let end_s = span.ceil_s() + MARGIN_S;
        let mut offset = i64::from(zone.rules().to_offset(begin).seconds());
        let mut start = i64::MIN;
        let mut stretches = Vec::new();
        for change in zone.rules().following(begin).take(MAX_CHANGES) {
            let at = change.timestamp().as_second();
            if at >= end_s {
                break;
            }
            let next = i64::from(change.offset().seconds());
            if next != offset {
                stretches.push(Stretch {
                    start,
                    end: at,
                    offset,
                });
                (start, offset) = (at, next);
            }
        }
        stretches.push(Stretch {
            start,
            end: i64::MAX,
            offset,
        });
        LocalClock { stretches }
    }

    /// The stretches in order.
    pub fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    /// The first second at which the clock reads `reading` or later: the time of a clock change that skips it, the
    /// first of two occurrences where one repeats it. It never decreases as `reading` grows.
    pub fn first_at(&self, reading: i64) -> i64 {
        self.stretches
            .iter()
            .map(|stretch| (stretch.start.max(reading - stretch.offset), stretch.end))
            .find(|&(first, end)| first < end)
            .map_or(i64::MAX, |(first, _)| first)
    }
}

/// The timestamp of a second, or the nearest there is.
fn clamped(second: i64) -> Timestamp {
    let within = second.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(within).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{self, DateTime};
    use jiff::tz::AmbiguousOffset;
    use proptest::prelude::*;

    use super::*;

    /// A local date and time as a reading of the clock.
    fn reading(local: DateTime) -> i64 {
        local
            .duration_since(civil::date(1970, 1, 1).at(0, 0, 0, 0))
            .as_secs()
    }

    /// The same rule by way of jiff's own reasoning about gaps and folds.
    fn first_by_jiff(local: DateTime, zone: &Zone) -> i64 {
        let rules = zone.rules();
        match rules.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => reading(local) - i64::from(offset.seconds()),
            AmbiguousOffset::Fold { before, .. } => reading(local) - i64::from(before.seconds()),
            AmbiguousOffset::Gap { before, after } => {
                let not_yet =
                    Timestamp::from_second(reading(local) - i64::from(after.seconds())).unwrap();
                let change = rules
                    .following(not_yet)
                    .find(|change| change.offset() != before);
                change.unwrap().timestamp().as_second()
            }
        }
    }

    fn around(second: i64) -> Span {
        Span::cut((second - DAY_S) as f64, (second + DAY_S) as f64).unwrap()
    }

    #[test]
    fn spans_are_cut() {
        assert!(Span::cut(f64::NAN, 0.0).is_none());
        assert!(Span::cut(0.0, f64::NAN).is_none());
        assert!(Span::cut(5.0, 5.0).is_none());
        assert!(Span::cut(1e300, f64::INFINITY).is_none());
        let all = Span::cut(f64::NEG_INFINITY, f64::INFINITY).unwrap();
        assert_eq!(all.to - all.from, MAX_SPAN_S);
    }

    #[test]
    fn a_fixed_zone_has_one_stretch() {
        let clock = LocalClock::over(
            &Zone::named("Asia/Kathmandu").unwrap(),
            around(1_800_000_000),
        );
        assert_eq!(
            clock.stretches(),
            [Stretch {
                start: i64::MIN,
                end: i64::MAX,
                offset: 20_700
            }]
        );
    }

    #[test]
    fn rules_go_on_in_years_to_come() {
        let year_5000 = reading(civil::date(5000, 1, 1).at(0, 0, 0, 0));
        let span = Span::cut(year_5000 as f64, (year_5000 + 366 * DAY_S) as f64).unwrap();
        let clock = LocalClock::over(&Zone::named("America/New_York").unwrap(), span);
        assert_eq!(clock.stretches().len(), 3);
    }

    proptest! {
        #[test]
        fn first_at_agrees_with_jiff(
            name in prop::sample::select(vec![
                "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia",
                "Africa/Casablanca", "America/Santiago", "Africa/Cairo", "Asia/Beirut", "Antarctica/Troll",
            ]),
            near_change in any::<bool>(),
            from in 946_684_800_i64..2_200_000_000,
            minutes in -200_i64..200,
        ) {
            let zone = Zone::named(name).unwrap();
            let start = Timestamp::from_second(from).unwrap();
            let change = zone.rules().following(start).next().filter(|_| near_change);
            let at = change.map_or(from, |change| change.timestamp().as_second()) + minutes * 60;
            let local = zone.rules().to_datetime(Timestamp::from_second(at).unwrap());
            let skipped = local.saturating_add(jiff::Span::new().minutes(minutes));
            for local in [local, skipped] {
                let clock = LocalClock::over(&zone, around(reading(local)));
                prop_assert_eq!(clock.first_at(reading(local)), first_by_jiff(local, &zone), "{} {}", name, local);
            }
        }
    }
}
