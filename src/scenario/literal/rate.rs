//! Rates: `2 per year`, `0.5 per day`, `1 per 90d`.

use super::piece::Piece;
use super::{LiteralError, duration, number};

/// A month and a year, in seconds: 30 and 365 days.
const LONG: [(&[&str], f64); 2] = [
    (&["month", "months"], 30.0 * 86_400.0),
    (&["year", "years"], 365.0 * 86_400.0),
];

/// Names of months and years.
pub(super) fn long_names() -> impl Iterator<Item = &'static str> {
    LONG.iter().flat_map(|(names, _)| names.iter().copied())
}

/// Occurrences per second.
pub(in crate::scenario) fn rate_per_s(text: &str) -> Result<f64, LiteralError> {
    let whole = Piece::of(text).trim();
    let unreadable = || {
        whole
            .fail("this is no rate")
            .mend("write one such as 2 per year or 0.5 per day")
    };
    let (count, time) = whole
        .split_once(" per ")
        .or_else(|| whole.split_once("/"))
        .ok_or_else(unreadable)?;
    let value = number::decimal(count.text).ok_or_else(|| {
        count
            .fail("this is no number")
            .mend("write it in digits, such as 2 per year")
    })?;
    if value < 0.0 {
        return Err(count.fail("a rate cannot be negative"));
    }
    let seconds = seconds_of(time).ok_or_else(|| {
        time.fail("this is no time")
            .mend("write minute, hour, day, week, month or year, or a duration such as 90d")
    })?;
    let rate = value / seconds;
    if rate.is_nan() || rate > 1e3 {
        return Err(whole.fail("a rate is at most 1,000 per second"));
    }
    Ok(rate)
}

fn seconds_of(time: Piece<'_>) -> Option<f64> {
    let long = LONG
        .iter()
        .find(|(names, _)| names.contains(&time.text))
        .map(|(_, seconds)| *seconds);
    long.or_else(|| duration::unit_s(time.text))
        .or_else(|| duration::duration_s(time).ok())
        .filter(|&seconds| seconds > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read() {
        for (text, expected) in [
            ("2 per year", Some(2.0 / 31_536_000.0)),
            ("3 per month", Some(3.0 / 2_592_000.0)),
            ("0.5 per day", Some(0.5 / 86_400.0)),
            ("1 per 90d", Some(1.0 / 7_776_000.0)),
            ("4/week", Some(4.0 / 604_800.0)),
            ("0 per year", Some(0.0)),
            ("1 per hour", Some(1.0 / 3_600.0)),
            ("-1 per year", None),
            ("2", None),
            ("per year", None),
            ("2 per fortnight", None),
            ("2 per 0s", None),
            ("1e9 per ms", None),
        ] {
            assert_eq!(rate_per_s(text).ok(), expected, "{text:?}");
        }
    }
}
