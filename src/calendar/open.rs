//! Local rules laid out over absolute time: opening hours and start ranges.

use super::clock::{LocalClock, Span};
use super::{DAY_S, DateRange, DaySet, HourRange, Intervals, MAX_SPAN_S, Zone, weekday_of};

/// Hours of the week in local time. Without more said: all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WeeklyHours {
    /// The weekdays.
    pub days: DaySet,
    /// The hours of each; those past midnight belong to the day they begin on.
    pub hours: HourRange,
}

/// The instants of `[from, to)` at which `zone` is within `weekly` hours and outside `blackouts`.
///
/// Hours past midnight belong to the day they begin on. A blackout takes out the moments whose own local date is in
/// it: hours that began on 23 December end at midnight where the 24th is blacked out. Each end of an hour range is
/// the moment [`instant_of`](super::instant_of) gives, also on days when the clock is changed.
///
/// A span longer than [`MAX_SPAN_S`] is cut there, and so are years beyond 9999.
pub fn open_hours(
    weekly: &WeeklyHours,
    blackouts: &[DateRange],
    zone: &Zone,
    from: f64,
    to: f64,
) -> Intervals {
    let Some(span) = Span::cut(from, to) else {
        return Intervals::never();
    };
    let clock = LocalClock::over(zone, span);
    let (first, last) = span.days_around();
    let frozen = blackouts.iter().flat_map(|dates| date_spans(dates, &clock));
    hours_of_days(weekly, first, last, &clock)
        .clipped(span.from, span.to)
        .minus(&Intervals::from_spans(frozen))
}

/// The hours of the days from the first to the last of `dates` (local dates of `zone`; both count) that are in
/// `weekly`; those past midnight belong to the day they begin on, so the last may end on the day after.
///
/// Dates beyond [`MAX_SPAN_S`] from the first are left out.
pub fn start_hours(dates: &DateRange, weekly: &WeeklyHours, zone: &Zone) -> Intervals {
    let first = dates.first.epoch_day();
    let longest = (MAX_SPAN_S as i64) / DAY_S;
    let last = dates.last.epoch_day().min(first + longest - 1);
    match Span::cut((first * DAY_S) as f64, ((last + 1) * DAY_S) as f64) {
        Some(span) => hours_of_days(weekly, first, last, &LocalClock::over(zone, span)),
        None => Intervals::never(),
    }
}

/// The hours that begin on the days from `first` to `last` (counted from 1970-01-01).
fn hours_of_days(weekly: &WeeklyHours, first: i64, last: i64, clock: &LocalClock) -> Intervals {
    let days = (first..=last).filter(|&day| weekly.days.contains(weekday_of(day)));
    Intervals::from_spans(days.flat_map(|day| {
        weekly.hours.iter().map(move |(start, end)| {
            let at = |seconds: u32| clock.first_at(day * DAY_S + i64::from(seconds)) as f64;
            (at(start), at(end))
        })
    }))
}

/// The spans during which the local date is in `dates`: a date can come back when a clock is put back past midnight.
fn date_spans(dates: &DateRange, clock: &LocalClock) -> impl Iterator<Item = (f64, f64)> {
    let start = dates.first.epoch_day() * DAY_S;
    let end = (dates.last.epoch_day() + 1) * DAY_S;
    clock.stretches().iter().map(move |stretch| {
        let from = stretch.start.max(start - stretch.offset);
        let to = stretch.end.min(end - stretch.offset);
        (from as f64, to as f64)
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::{DateTime, date};
    use proptest::prelude::*;

    use super::super::instant::reading_instant;
    use super::super::{Date, format_moment, instant_of, parse_moment};
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap()
    }

    fn t(text: &str) -> f64 {
        parse_moment(text, Some(&Zone::utc())).unwrap()
    }

    fn weekly(days: &str, hours: &str) -> WeeklyHours {
        WeeklyHours {
            days: days.parse().unwrap(),
            hours: hours.parse().unwrap(),
        }
    }

    /// `start/end` of each interval in universal time, to the minute.
    fn written(intervals: &Intervals) -> Vec<String> {
        let minute = |t: f64| format_moment(t)[5..16].to_owned();
        intervals
            .iter()
            .map(|(start, end)| format!("{} {}", minute(start), minute(end)))
            .collect()
    }

    fn check_hours(name: &str, (days, hours): (&str, &str), span: (&str, &str), expected: &[&str]) {
        let open = open_hours(&weekly(days, hours), &[], &zone(name), t(span.0), t(span.1));
        assert_eq!(written(&open), expected, "{name} {days} {hours}");
    }

    #[test]
    fn office_hours_follow_the_local_clock() {
        let office = ("Mon-Fri", "09:00-17:00");
        // Friday in winter, Monday in summer time.
        let spring = ("2026-03-27T00:00Z", "2026-03-31T00:00Z");
        check_hours(
            "Europe/London",
            office,
            spring,
            &["03-27T09:00 03-27T17:00", "03-30T08:00 03-30T16:00"],
        );
        check_hours(
            "Asia/Kolkata",
            office,
            spring,
            &["03-27T03:30 03-27T11:30", "03-30T03:30 03-30T11:30"],
        );
        let autumn = ("2026-10-30T00:00Z", "2026-11-03T00:00Z");
        check_hours(
            "America/New_York",
            office,
            autumn,
            &["10-30T13:00 10-30T21:00", "11-02T14:00 11-02T22:00"],
        );
    }

    #[test]
    fn hours_in_the_gap_open_at_the_change() {
        let (london, lord_howe) = ("Europe/London", "Australia/Lord_Howe");
        let day = ("2026-03-28T20:00Z", "2026-03-29T20:00Z");
        check_hours(
            london,
            ("daily", "01:30-05:00"),
            day,
            &["03-29T01:00 03-29T04:00"],
        );
        check_hours(
            london,
            ("daily", "00:30-01:30"),
            day,
            &["03-29T00:30 03-29T01:00"],
        );
        check_hours(london, ("daily", "01:10-01:50"), day, &[]);
        check_hours(
            london,
            ("daily", "01:30-02:30"),
            day,
            &["03-29T01:00 03-29T01:30"],
        );
        // 02:00 becomes 02:30 on 4 October 2026, from +10:30 to +11.
        let day = ("2026-10-03T12:00Z", "2026-10-04T12:00Z");
        check_hours(
            lord_howe,
            ("daily", "02:10-05:00"),
            day,
            &["10-03T15:30 10-03T18:00"],
        );
        check_hours(
            lord_howe,
            ("daily", "01:00-02:15"),
            day,
            &["10-03T14:30 10-03T15:30"],
        );
    }

    #[test]
    fn repeated_hours_count_from_the_first() {
        // 02:00 becomes 01:00 at 01:00 universal time.
        let day = ("2026-10-24T20:00Z", "2026-10-25T20:00Z");
        let london = "Europe/London";
        check_hours(
            london,
            ("daily", "01:30-05:00"),
            day,
            &["10-25T00:30 10-25T05:00"],
        );
        check_hours(
            london,
            ("daily", "00:30-01:30"),
            day,
            &["10-24T23:30 10-25T00:30"],
        );
        check_hours(
            london,
            ("daily", "00:00-02:00"),
            day,
            &["10-24T23:00 10-25T02:00"],
        );
        // 02:00 becomes 01:30 on 5 April 2026, from +11 to +10:30.
        let day = ("2026-04-04T12:00Z", "2026-04-05T10:00Z");
        check_hours(
            "Australia/Lord_Howe",
            ("daily", "01:45-03:00"),
            day,
            &["04-04T14:45 04-04T16:30"],
        );
    }

    #[test]
    fn hours_past_midnight_belong_to_the_day_they_begin_on() {
        let span = ("2026-03-05T12:00Z", "2026-03-09T12:00Z");
        let expected = ["03-06T22:00 03-07T02:00"];
        check_hours("UTC", ("Fri", "22:00-02:00"), span, &expected);
        // The span begins within hours that began on the day before.
        check_hours(
            "UTC",
            ("Fri", "22:00-02:00"),
            ("2026-03-07T01:00Z", span.1),
            &["03-07T01:00 03-07T02:00"],
        );
        check_hours(
            "UTC",
            ("Fri-Sat", "00:00-24:00"),
            span,
            &["03-06T00:00 03-08T00:00"],
        );
        check_hours(
            "UTC",
            ("Fri", "09:00-12:00, 13:00-14:00"),
            span,
            &["03-06T09:00 03-06T12:00", "03-06T13:00 03-06T14:00"],
        );
        check_hours(
            "UTC",
            ("Fri", "09:00-12:00, 11:00-14:00"),
            span,
            &["03-06T09:00 03-06T14:00"],
        );
    }

    #[test]
    fn blackouts_go_by_the_moments_own_date() {
        let frozen = [
            DateRange::parse("2026-12-24 to 2026-12-25").unwrap(),
            DateRange::parse("2026-12-27").unwrap(),
        ];
        let (from, to) = (t("2026-12-23T12:00Z"), t("2026-12-28T12:00Z"));
        let open = |hours: &str, name: &str| {
            written(&open_hours(
                &weekly("daily", hours),
                &frozen,
                &zone(name),
                from,
                to,
            ))
        };
        // Hours that began on the 23rd end as the 24th begins; those that began on the 25th open on the 26th.
        let nights = [
            "12-23T22:00 12-24T00:00",
            "12-26T00:00 12-26T02:00",
            "12-26T22:00 12-27T00:00",
            "12-28T00:00 12-28T02:00",
        ];
        assert_eq!(open("22:00-02:00", "UTC"), nights);
        let days = [
            "12-23T12:00 12-23T15:00",
            "12-25T15:00 12-26T15:00",
            "12-27T15:00 12-28T12:00",
        ];
        assert_eq!(open("00:00-24:00", "Asia/Tokyo"), days);
    }

    #[test]
    fn a_date_that_was_skipped_has_no_hours() {
        // Samoa went from 29 to 31 December 2011 at 10:00 universal time.
        let span = ("2011-12-29T00:00Z", "2012-01-01T00:00Z");
        let apia = "Pacific/Apia";
        check_hours(
            apia,
            ("daily", "09:00-17:00"),
            span,
            &[
                "12-29T00:00 12-29T03:00",
                "12-29T19:00 12-30T03:00",
                "12-30T19:00 12-31T03:00",
                "12-31T19:00 01-01T00:00",
            ],
        );
        check_hours(apia, ("Fri", "09:00-17:00"), span, &[]);
        check_hours(
            apia,
            ("daily", "00:00-24:00"),
            span,
            &["12-29T00:00 01-01T00:00"],
        );
        let friday = DateRange::parse("2011-12-30").unwrap();
        assert!(start_hours(&friday, &WeeklyHours::default(), &zone(apia)).is_empty());
        assert_eq!(
            instant_of(friday.first, 43_200, &zone(apia)),
            t("2011-12-30T10:00Z")
        );
        let always = open_hours(
            &WeeklyHours::default(),
            &[friday],
            &zone(apia),
            t(span.0),
            t(span.1),
        );
        assert_eq!(written(&always), ["12-29T00:00 01-01T00:00"]);
    }

    #[test]
    fn start_ranges_count_both_dates() {
        let dates = DateRange::parse("2026-03-26 to 2026-03-30").unwrap();
        let starts = |days: &str, hours: &str, name: &str| {
            written(&start_hours(&dates, &weekly(days, hours), &zone(name)))
        };
        assert_eq!(
            starts("Mon-Fri", "08:00-17:00", "Europe/London"),
            [
                "03-26T08:00 03-26T17:00",
                "03-27T08:00 03-27T17:00",
                "03-30T07:00 03-30T16:00"
            ]
        );
        assert_eq!(
            starts("Mon", "22:00-02:00", "UTC"),
            ["03-30T22:00 03-31T02:00"]
        );
        // 23 hours on the day of the change.
        assert_eq!(
            starts("Sun", "00:00-24:00", "Europe/London"),
            ["03-29T00:00 03-29T23:00"]
        );
        assert_eq!(starts("Wed", "00:00-24:00", "UTC"), [""; 0]);
    }

    #[test]
    fn spans_without_end_are_cut() {
        let utc = Zone::utc();
        let busy = weekly("daily", "09:00-17:00");
        let open = open_hours(&busy, &[], &utc, 0.0, f64::INFINITY);
        assert!(open.last_end().unwrap() <= MAX_SPAN_S);
        assert_eq!(open.iter().len(), 40 * 366);
        assert!(open_hours(&busy, &[], &utc, f64::NAN, 1.0).is_empty());
        assert!(open_hours(&busy, &[], &utc, 2.0, 1.0).is_empty());
        let ages = DateRange::parse("0001-01-01 to 9999-12-31").unwrap();
        assert_eq!(start_hours(&ages, &busy, &utc).iter().len(), 40 * 366);
        let last_day = DateRange::parse("9999-12-31").unwrap();
        start_hours(&last_day, &busy, &zone("America/New_York"));
    }

    const ZONES: [&str; 8] = [
        "UTC",
        "Europe/London",
        "America/New_York",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "America/St_Johns",
        "Africa/Cairo",
        "Antarctica/Casey",
    ];

    /// The local date and time of an instant, by jiff.
    fn local(t: f64, zone: &Zone) -> DateTime {
        zone.rules()
            .to_datetime(Timestamp::from_second(t.floor() as i64).unwrap())
    }

    /// Whether the local clock, read as it stands, is within the hours.
    fn reads_open(weekly: &WeeklyHours, now: DateTime) -> bool {
        let second = now.duration_since(now.date().at(0, 0, 0, 0)).as_secs();
        [0, 1].into_iter().any(|days_ago| {
            let day = now.date().saturating_sub(jiff::Span::new().days(days_ago));
            let since = second + days_ago * DAY_S;
            let listed = weekly
                .days
                .contains(u8::try_from(day.weekday().to_monday_zero_offset()).unwrap());
            listed
                && weekly
                    .hours
                    .iter()
                    .any(|(start, end)| (i64::from(start)..i64::from(end)).contains(&since))
        })
    }

    fn some_weekly() -> impl Strategy<Value = WeeklyHours> {
        let hours = (0_u32..48, 0_u32..48).prop_filter("ends differ", |(start, end)| start != end);
        (0_usize..7, 0_usize..7, prop::collection::vec(hours, 1..3)).prop_map(
            |(first, last, hours)| {
                let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
                let time = |half: u32| format!("{:02}:{:02}", half / 2, half % 2 * 30);
                let hours: Vec<String> = hours
                    .iter()
                    .map(|&(start, end)| format!("{}-{}", time(start), time(end)))
                    .collect();
                weekly(
                    &format!("{}-{}", names[first], names[last]),
                    &hours.join(","),
                )
            },
        )
    }

    proptest! {
        #[test]
        fn hours_agree_with_the_clock_as_it_reads(
            name in prop::sample::select(ZONES.to_vec()),
            weekly in some_weekly(),
            start in 1_262_304_000_i64..2_000_000_000,
            offsets in prop::collection::vec(0.0..1_000_000.0_f64, 40),
            frozen in 0_i64..11,
        ) {
            let zone = zone(name);
            let from = start as f64;
            let to = from + 1_000_000.0;
            let first: Date = local(from + frozen as f64 * 86_400.0, &zone).date().to_string().parse().unwrap();
            let blackout = DateRange { first, last: first };
            let open = open_hours(&weekly, &[blackout], &zone, from, to);
            let ends: Vec<f64> = open.iter().flat_map(|(start, end)| [start, end]).collect();
            prop_assert!(ends.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", open);
            prop_assert!(open.minus(&Intervals::from_spans([(from, to)])).is_empty());
            // Where no clock change is within the day, the clock as it reads is the whole truth.
            let before = Timestamp::from_second(start - 2 * DAY_S).unwrap();
            let changes: Vec<f64> =
                zone.rules().following(before).take(10).map(|change| change.timestamp().as_second() as f64).collect();
            for offset in offsets {
                let t = from + offset;
                let now = local(t, &zone);
                if now.date().to_string() == first.to_string() {
                    prop_assert!(!open.contains(t), "{} is frozen", now);
                } else if changes.iter().all(|change| (t - change).abs() > 90_000.0) {
                    prop_assert_eq!(open.contains(t), reads_open(&weekly, now), "{} {} {:?}", name, now, weekly);
                }
            }
        }

        #[test]
        fn near_changes_hours_agree_with_their_ends(
            name in prop::sample::select(ZONES.to_vec()),
            weekly in some_weekly(),
            start in 1_262_304_000_i64..2_000_000_000,
            offsets in prop::collection::vec(-90_000_i64..90_000, 40),
        ) {
            let zone = zone(name);
            let begin = Timestamp::from_second(start).unwrap();
            let change = zone.rules().following(begin).next().map_or(start, |change| change.timestamp().as_second());
            let open = open_hours(&weekly, &[], &zone, (change - 100_000) as f64, (change + 100_000) as f64);
            let epoch = date(1970, 1, 1);
            for offset in offsets {
                let t = (change + offset) as f64;
                let today = local(t, &zone).date().duration_since(epoch).as_secs() / DAY_S;
                let expected = (today - 2..=today + 1).filter(|&day| weekly.days.contains(weekday_of(day))).any(|day| {
                    let at = |seconds: u32| reading_instant(day * DAY_S + i64::from(seconds), &zone);
                    weekly.hours.iter().any(|(start, end)| at(start) <= t && t < at(end))
                });
                prop_assert_eq!(open.contains(t), expected, "{} {}", name, t);
            }
        }

    }
}
