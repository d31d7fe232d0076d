//! Moments as text.

use jiff::Timestamp;
use jiff::civil;

use super::instant::reading_instant;
use super::{CalendarError, Zone};

/// Reads a moment as Unix seconds: `2026-03-02T09:00:00Z`, with an offset such as `+01:00`, or with neither and then
/// by the clock of `zone`. Seconds may be left out or have a fraction; a space may stand for the `T`.
///
/// A local time that a clock change skips or repeats is the moment that [`instant_of`](super::instant_of) gives.
///
/// # Errors
/// [`CalendarError::Moment`] for another form (a date without a time among them),
/// [`CalendarError::MomentNeedsZone`] for a local time without a zone.
pub fn parse_moment(text: &str, zone: Option<&Zone>) -> Result<f64, CalendarError> {
    let unreadable = || CalendarError::Moment {
        found: text.to_owned(),
    };
    let trimmed = text.trim();
    if !has_shape(trimmed) {
        return Err(unreadable());
    }
    if let Ok(moment) = trimmed.parse::<Timestamp>() {
        return Ok(moment.as_second() as f64 + f64::from(moment.subsec_nanosecond()) / 1e9);
    }
    if trimmed[10..].contains(['+', '-', 'Z', 'z']) {
        return Err(unreadable());
    }
    let local: civil::DateTime = trimmed.parse().map_err(|_| unreadable())?;
    let zone = zone.ok_or_else(|| CalendarError::MomentNeedsZone {
        found: text.to_owned(),
    })?;
    Ok(local_instant(local, zone))
}

/// Writes Unix seconds as RFC 3339 in universal time with milliseconds, `2026-03-02T09:00:00.000Z`, rounded to the
/// nearest; empty for an infinity or what is no number. Years beyond 9999 are written as the last there is.
pub fn format_moment(t: f64) -> String {
    if !t.is_finite() {
        return String::new();
    }
    let least = Timestamp::MIN.as_second() * 1_000;
    let most = Timestamp::MAX.as_second() * 1_000;
    let milliseconds = ((t * 1e3).round() as i64).clamp(least, most);
    Timestamp::from_millisecond(milliseconds)
        .map_or_else(|_| String::new(), |moment| format!("{moment:.3}"))
}

/// Whether the text begins `yyyy-mm-ddThh:` and names no zone in brackets, which would be read past.
fn has_shape(text: &str) -> bool {
    let mark = |place: usize, byte: u8| match place {
        4 | 7 => byte == b'-',
        10 => matches!(byte, b'T' | b't' | b' '),
        13 => byte == b':',
        _ => byte.is_ascii_digit(),
    };
    text.is_ascii()
        && text.len() >= 16
        && !text.contains('[')
        && text
            .bytes()
            .take(14)
            .enumerate()
            .all(|(place, byte)| mark(place, byte))
}

/// The first moment at which the clock of `zone` reads `local` or later.
fn local_instant(local: civil::DateTime, zone: &Zone) -> f64 {
    let since = local.duration_since(civil::date(1970, 1, 1).at(0, 0, 0, 0));
    let fraction_ns = i64::from(since.subsec_nanos()).rem_euclid(1_000_000_000);
    let second = since.as_secs() - i64::from(since.subsec_nanos() < 0);
    let instant = reading_instant(second, zone);
    // Within a skipped hour the whole second and the next are one instant: the change, and nothing to add to it.
    if fraction_ns > 0 && reading_instant(second + 1, zone) > instant {
        return instant + fraction_ns as f64 / 1e9;
    }
    instant
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn london(text: &str) -> String {
        format_moment(parse_moment(text, Some(&Zone::named("Europe/London").unwrap())).unwrap())
    }

    #[test]
    fn moments_with_an_offset() {
        for (text, seconds) in [
            ("2026-03-02T09:00:00Z", 1_772_442_000.0),
            ("2026-03-02T09:00Z", 1_772_442_000.0),
            ("2026-03-02 09:00:00z", 1_772_442_000.0),
            ("2026-03-02T10:00:00+01:00", 1_772_442_000.0),
            ("2026-03-02T04:00:00-05:00", 1_772_442_000.0),
            ("2026-03-02T09:00:00.25Z", 1_772_442_000.25),
            ("1969-12-31T23:59:59.5Z", -0.5),
        ] {
            assert_eq!(parse_moment(text, None), Ok(seconds), "{text:?}");
            let zone = Zone::named("Asia/Tokyo").unwrap();
            assert_eq!(
                parse_moment(text, Some(&zone)),
                Ok(seconds),
                "the offset given decides: {text:?}"
            );
        }
    }

    #[test]
    fn moments_by_the_clock_of_a_zone() {
        assert_eq!(london("2026-07-01T09:00"), "2026-07-01T08:00:00.000Z");
        assert_eq!(
            london("2026-01-01 09:00:00.125"),
            "2026-01-01T09:00:00.125Z"
        );
        assert_eq!(london("1969-12-31T23:59:59.5"), "1969-12-31T22:59:59.500Z");
        // Skipped: the change. Repeated: the first of the two.
        assert_eq!(london("2026-03-29T01:30:00"), "2026-03-29T01:00:00.000Z");
        assert_eq!(london("2026-03-29T01:30:00.75"), "2026-03-29T01:00:00.000Z");
        assert_eq!(london("2026-10-25T01:30:00.75"), "2026-10-25T00:30:00.750Z");
        let text = "2026-07-01T09:00";
        assert_eq!(
            parse_moment(text, None),
            Err(CalendarError::MomentNeedsZone { found: text.into() })
        );
    }

    #[test]
    fn other_texts_are_refused() {
        let zone = Zone::utc();
        for text in [
            "",
            "2026-03-02",
            "2026-03-02T09",
            "2026-03-02T09Z",
            "2026-03-02T25:00",
            "2026-02-30T09:00Z",
            "20260302T090000Z",
            "2026-03-02T09:00:00+99:00",
            "2026-03-02T09:00[Europe/London]",
            "2026-03-02T09:00Zulu",
            "soon",
            "2026-03-02T09:00:00 -",
            "२०२६-03-02T09:00Z",
            "now, or at the latest then",
        ] {
            assert_eq!(
                parse_moment(text, Some(&zone)),
                Err(CalendarError::Moment { found: text.into() }),
                "{text:?}"
            );
        }
    }

    #[test]
    fn moments_are_written_to_the_millisecond() {
        assert_eq!(format_moment(1_772_442_000.0), "2026-03-02T09:00:00.000Z");
        assert_eq!(
            format_moment(1_772_442_000.999_6),
            "2026-03-02T09:00:01.000Z"
        );
        assert_eq!(format_moment(-0.5), "1969-12-31T23:59:59.500Z");
        assert_eq!(format_moment(f64::NAN), "");
        assert_eq!(format_moment(f64::INFINITY), "");
        assert_eq!(&format_moment(1e300)[..4], "9999");
        assert!(!format_moment(-1e300).is_empty());
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(milliseconds in -60_000_000_000_000_i64..200_000_000_000_000) {
            let t = milliseconds as f64 / 1e3;
            prop_assert_eq!(parse_moment(&format_moment(t), None), Ok(t));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = parse_moment(&text, Some(&Zone::utc()));
        }
    }
}
