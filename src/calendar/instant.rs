//! Local dates and times as instants.

use super::clock::{LocalClock, Span};
use super::{DAY_S, Date, Zone};

/// The first moment at which the clock of `zone` reads the time of day on the date, or later: where a clock change
/// skips the time, the instant of the change; where one repeats it, the first occurrence.
///
/// `time_of_day_s` is in seconds from `00:00` on the clock, at most two days of them; 86,400 is the next date's
/// `00:00`.
pub fn instant_of(date: Date, time_of_day_s: u32, zone: &Zone) -> f64 {
    reading_instant(
        date.epoch_day() * DAY_S + i64::from(time_of_day_s.min(2 * 86_400)),
        zone,
    )
}

/// [`instant_of`] for a reading of the local clock in seconds from 1970-01-01T00:00.
pub(super) fn reading_instant(reading: i64, zone: &Zone) -> f64 {
    let near = reading as f64;
    match Span::cut(near - DAY_S as f64, near + DAY_S as f64) {
        Some(span) => LocalClock::over(zone, span).first_at(reading) as f64,
        None => near,
    }
}

/// Every instant of `[from, to)` at which the clock of `zone` comes to read the time of day, sorted: one for each
/// local date, as [`instant_of`] gives it. A span longer than [`MAX_SPAN_S`](super::MAX_SPAN_S) is cut there.
pub fn daily_instants(time_of_day_s: u32, zone: &Zone, from: f64, to: f64) -> Vec<f64> {
    let Some(span) = Span::cut(from, to) else {
        return Vec::new();
    };
    let clock = LocalClock::over(zone, span);
    let (first, last) = span.days_around();
    let mut instants: Vec<f64> = (first..=last)
        .map(|day| clock.first_at(day * DAY_S + i64::from(time_of_day_s.min(2 * 86_400))) as f64)
        .filter(|&t| span.from <= t && t < span.to)
        .collect();
    instants.dedup();
    instants
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::super::{format_moment, parse_moment, parse_time_of_day};
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap()
    }

    fn t(text: &str) -> f64 {
        parse_moment(text, Some(&Zone::utc())).unwrap()
    }

    #[test]
    fn local_times_have_one_instant() {
        for (name, day, time, instant) in [
            ("UTC", "2026-03-02", "09:00", "2026-03-02T09:00Z"),
            ("Europe/London", "2026-03-29", "01:30", "2026-03-29T01:00Z"),
            ("Europe/London", "2026-10-25", "01:30", "2026-10-25T00:30Z"),
            (
                "America/New_York",
                "2026-03-08",
                "02:30",
                "2026-03-08T07:00Z",
            ),
            (
                "America/New_York",
                "2026-11-01",
                "01:30",
                "2026-11-01T05:30Z",
            ),
            (
                "Australia/Lord_Howe",
                "2026-10-04",
                "02:15",
                "2026-10-03T15:30Z",
            ),
            (
                "Australia/Lord_Howe",
                "2026-04-05",
                "01:45",
                "2026-04-04T14:45Z",
            ),
            ("Asia/Kolkata", "2026-03-02", "09:00", "2026-03-02T03:30Z"),
            (
                "America/New_York",
                "5026-07-01",
                "09:00",
                "5026-07-01T13:00Z",
            ),
        ] {
            let seconds = parse_time_of_day(time).unwrap();
            assert_eq!(
                instant_of(day.parse().unwrap(), seconds, &zone(name)),
                t(instant),
                "{name} {day} {time}"
            );
        }
        let (day, next) = ("2026-03-29".parse().unwrap(), "2026-03-30".parse().unwrap());
        assert_eq!(
            instant_of(day, 86_400, &zone("Europe/London")),
            instant_of(next, 0, &zone("Europe/London"))
        );
    }

    #[test]
    fn daily_instants_come_once_a_day() {
        let instants = |name: &str, time: &str, from: &str, to: &str| -> Vec<String> {
            let seconds = parse_time_of_day(time).unwrap();
            daily_instants(seconds, &zone(name), t(from), t(to))
                .iter()
                .map(|&t| format_moment(t)[5..16].into())
                .collect()
        };
        let spring = instants(
            "Europe/London",
            "01:30",
            "2026-03-28T00:00Z",
            "2026-03-31T00:00Z",
        );
        assert_eq!(spring, ["03-28T01:30", "03-29T01:00", "03-30T00:30"]);
        let autumn = instants(
            "Europe/London",
            "01:30",
            "2026-10-24T00:30Z",
            "2026-10-27T01:30Z",
        );
        assert_eq!(autumn, ["10-24T00:30", "10-25T00:30", "10-26T01:30"]);
        assert_eq!(
            instants("UTC", "00:00", "2026-03-01T00:00Z", "2026-03-02T00:00Z"),
            ["03-01T00:00"]
        );
        let skipped = instants(
            "Pacific/Apia",
            "00:00",
            "2011-12-29T00:00Z",
            "2012-01-01T00:00Z",
        );
        // The skipped 30th and the 31st begin at the same instant.
        assert_eq!(skipped, ["12-29T10:00", "12-30T10:00", "12-31T10:00"]);
    }

    #[test]
    fn spans_without_end_are_cut() {
        let utc = Zone::utc();
        assert!(daily_instants(0, &utc, f64::NEG_INFINITY, f64::INFINITY).len() <= 40 * 366);
        assert!(daily_instants(0, &utc, 1.0, f64::NAN).is_empty());
    }

    proptest! {
        #[test]
        fn daily_instants_read_the_time(
            name in prop::sample::select(vec!["UTC", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo"]),
            start in 1_262_304_000_i64..2_000_000_000,
            minute in 0_u32..1_440,
        ) {
            let zone = zone(name);
            let (from, to) = (start as f64, start as f64 + 4_000_000.0);
            let instants = daily_instants(minute * 60, &zone, from, to);
            prop_assert!(instants.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(instants.iter().all(|&t| from <= t && t < to));
            prop_assert!((45..=47).contains(&instants.len()), "{}", instants.len());
            let elsewhere = instants.iter().filter(|&&t| {
                let now = zone.rules().to_datetime(Timestamp::from_second(t as i64).unwrap());
                u32::try_from(i32::from(now.hour()) * 60 + i32::from(now.minute())).unwrap() != minute
            });
            prop_assert!(elsewhere.count() <= 2, "only skipped times are elsewhere");
        }
    }
}
