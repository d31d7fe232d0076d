//! Durations: `90s`, `1h30m`, `1.5h`, `2d`.

use super::piece::Piece;
use super::{LiteralError, number};
use crate::scenario::nearest::nearest;

/// The longest duration: a thousand years of 365 days.
const LONGEST_S: f64 = 1_000.0 * 365.0 * 86_400.0;

/// Names of units, as written first, and their length in seconds.
const UNITS: [(&[&str], f64); 6] = [
    (&["ms", "millisecond", "milliseconds"], 0.001),
    (&["s", "sec", "secs", "second", "seconds"], 1.0),
    (&["m", "min", "mins", "minute", "minutes"], 60.0),
    (&["h", "hr", "hrs", "hour", "hours"], 3_600.0),
    (&["d", "day", "days"], 86_400.0),
    (&["w", "wk", "week", "weeks"], 604_800.0),
];

/// The seconds of a duration.
pub(super) fn duration_s(piece: Piece<'_>) -> Result<f64, LiteralError> {
    let mut total = 0.0;
    let mut last_unit = f64::INFINITY;
    let mut left = piece;
    if left.text.is_empty() {
        return Err(piece
            .fail("a duration is missing")
            .mend("write one such as 90s, 1h30m or 2d"));
    }
    while !left.text.is_empty() {
        let (amount, unit, rest) = part(left, piece)?;
        if unit >= last_unit {
            let rule = "the units of a duration go from large to small, each once";
            return Err(piece.fail(rule).mend("write it like 1h30m"));
        }
        total += amount * unit;
        last_unit = unit;
        left = rest;
    }
    if total > LONGEST_S {
        return Err(piece.fail("a duration is at most 1,000 years (365,000d)"));
    }
    Ok(total)
}

/// A number and its unit at the beginning of `left`; the length of the unit in seconds, and what follows.
fn part<'a>(left: Piece<'a>, whole: Piece<'_>) -> Result<(f64, f64, Piece<'a>), LiteralError> {
    let digits = number_length(left.text);
    let text = left.to(digits);
    if text.text.starts_with('-') {
        return Err(whole.fail("a duration cannot be negative"));
    }
    let amount = number::decimal(text.text).ok_or_else(|| unreadable(whole))?;
    let after = left.from(digits).trim();
    let letters = after
        .text
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(after.text.len());
    let unit = after.to(letters);
    if unit.text.is_empty() {
        return Err(if whole.text == text.text {
            LiteralError {
                at: Some(whole.range()),
                ..needs_unit(text.text)
            }
        } else {
            unreadable(whole)
        });
    }
    let seconds = unit_s(unit.text).ok_or_else(|| {
        let known = UNITS.iter().flat_map(|(names, _)| names.iter().copied());
        let near = nearest(unit.text, known).filter(|_| unit.text.len() > 1);
        unit.fail("this is no unit of time")
            .nearest(near)
            .mend("units are ms, s, m, h, d and w")
    })?;
    Ok((amount, seconds, after.from(letters).trim()))
}

fn unreadable(whole: Piece<'_>) -> LiteralError {
    let error = whole.fail("this is no duration");
    match number::spread_or_comma(whole.text, "5m to 20m") {
        Some(mend) => error.mend(mend),
        None => error.mend("write one such as 90s, 1h30m, 1.5h or 2d"),
    }
}

/// All names of units.
pub(super) fn unit_names() -> impl Iterator<Item = &'static str> {
    UNITS.iter().flat_map(|(names, _)| names.iter().copied())
}

/// The seconds of a unit by one of its names.
pub(super) fn unit_s(name: &str) -> Option<f64> {
    UNITS
        .iter()
        .find(|(names, _)| names.contains(&name))
        .map(|(_, seconds)| *seconds)
}

/// The mistake of a number without a unit.
pub(super) fn needs_unit(text: &str) -> LiteralError {
    LiteralError::new("a duration needs a unit")
        .mend(format!("write \"{text}s\", \"{text}m\" or \"{text}h\""))
}

/// The length of the number at the beginning of a text, its exponent included.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let sign = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let digits = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let body = bytes[sign..]
        .iter()
        .take_while(|b| matches!(b, b'0'..=b'9' | b'.' | b'_'))
        .count();
    let end = sign + body;
    if body > 0 && matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        if signed < bytes.len() && digits(signed) > 0 {
            return signed + digits(signed);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<f64, LiteralError> {
        duration_s(Piece::of(text).trim())
    }

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, seconds) in [
            ("90s", 90.0),
            ("1h30m", 5_400.0),
            ("1h 30m", 5_400.0),
            ("1.5h", 5_400.0),
            ("2d", 172_800.0),
            ("1w", 604_800.0),
            ("250ms", 0.25),
            ("1d12h30m15s", 131_415.0),
            ("10 min", 600.0),
            ("2 hours", 7_200.0),
            ("1_000s", 1_000.0),
            ("1e3s", 1_000.0),
            ("0s", 0.0),
            (" 5m ", 300.0),
        ] {
            assert_eq!(read(text), Ok(seconds), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused_with_a_reason() {
        for (text, rule) in [
            ("90", "a duration needs a unit"),
            ("", "a duration is missing"),
            ("5x", "this is no unit of time"),
            ("-5m", "a duration cannot be negative"),
            (
                "30m1h",
                "the units of a duration go from large to small, each once",
            ),
            (
                "5m5m",
                "the units of a duration go from large to small, each once",
            ),
            ("1e300d", "a duration is at most 1,000 years (365,000d)"),
            ("1e999d", "this is no duration"),
            ("nan s", "this is no duration"),
            ("infs", "this is no duration"),
            ("m", "this is no duration"),
            ("1h30", "this is no duration"),
            ("1..5h", "this is no duration"),
            ("5µ", "this is no unit of time"),
            ("5m!", "this is no duration"),
        ] {
            assert_eq!(
                read(text).map_err(|e| e.rule),
                Err(rule.to_owned()),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_part_to_blame_is_pointed_at() {
        let error = read("1h 30mnutes").unwrap_err();
        assert_eq!(
            (error.at, error.nearest.as_deref()),
            (Some(5..11), Some("minutes"))
        );
        assert_eq!(
            read("30").unwrap_err().mend.unwrap(),
            "write \"30s\", \"30m\" or \"30h\""
        );
    }
}
