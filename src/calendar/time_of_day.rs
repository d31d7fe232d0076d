//! Times of day.

use super::CalendarError;

/// Reads a local time of day, `hh:mm` or `hh:mm:ss`, as seconds from midnight (below 86,400).
///
/// # Errors
/// [`CalendarError::TimeOfDay`] for anything else, `24:00` among it: it is the next day's `00:00`.
pub fn parse_time_of_day(text: &str) -> Result<u32, CalendarError> {
    reading(text.trim())
        .filter(|&seconds| seconds < 86_400)
        .ok_or_else(|| CalendarError::TimeOfDay {
            found: text.to_owned(),
        })
}

/// Seconds from midnight, up to and including `24:00`.
pub(super) fn reading(text: &str) -> Option<u32> {
    let mut parts = text.split(':');
    let hour = digits(parts.next()?, 1)?;
    let minute = digits(parts.next()?, 2)?;
    let second = parts.next().map_or(Some(0), |part| digits(part, 2))?;
    if parts.next().is_some() || hour > 24 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = hour * 3_600 + minute * 60 + second;
    (seconds <= 86_400).then_some(seconds)
}

/// A number of at least `least` and at most two decimal digits.
fn digits(text: &str, least: usize) -> Option<u32> {
    let well_formed = (least..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    well_formed.then(|| text.parse().ok()).flatten()
}

/// `hh:mm`, with seconds only where there are any.
pub(super) fn written(seconds: u32) -> String {
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if second == 0 {
        format!("{hour:02}:{minute:02}")
    } else {
        format!("{hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, seconds) in [
            ("00:00", 0),
            ("9:30", 34_200),
            ("09:30", 34_200),
            ("23:59:59", 86_399),
            (" 01:00:01 ", 3_601),
        ] {
            assert_eq!(parse_time_of_day(text), Ok(seconds), "{text:?}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "9",
            "24:00",
            "24:00:01",
            "09:60",
            "09:00:60",
            "09:0",
            "-1:00",
            "+1:00",
            "09:00:00:00",
            "1e:00",
            "99999999999:00",
            "٠٩:٠٠",
            "9am",
            ":",
            "09:",
        ] {
            assert_eq!(
                parse_time_of_day(text),
                Err(CalendarError::TimeOfDay { found: text.into() }),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_end_of_the_day_is_a_reading() {
        assert_eq!(reading("24:00"), Some(86_400));
        assert_eq!(reading("24:01"), None);
        assert_eq!(written(86_400), "24:00");
        assert_eq!(written(3_601), "01:00:01");
    }
}
