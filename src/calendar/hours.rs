//! Ranges of local hours.

use std::fmt;
use std::str::FromStr;

use super::CalendarError;
use super::time_of_day::{reading, written};

/// The most ranges in one list.
const MAX_RANGES: usize = 24;

const DAY: u32 = 86_400;

/// One or more ranges of local hours, each half-open and belonging to the day it begins on.
#[derive(Clone, PartialEq, Eq)]
pub struct HourRange {
    /// Seconds from the midnight that begins the day, `start < end`; an end past 86,400 is on the next day.
    ranges: Vec<(u32, u32)>,
}

impl HourRange {
    /// The whole day, `00:00-24:00`.
    pub fn whole_day() -> HourRange {
        HourRange {
            ranges: vec![(0, DAY)],
        }
    }

    /// Reads `09:00-17:00`, `22:00-02:00` (past midnight), `00:00-24:00`, or several with commas between.
    ///
    /// # Errors
    /// [`CalendarError::Hours`] with the part that could not be read, [`CalendarError::EqualEnds`] where a range
    /// begins and ends at the same time, [`CalendarError::TooManyHours`] for more than 24 ranges.
    pub fn parse(text: &str) -> Result<HourRange, CalendarError> {
        let found = text.split(',').count();
        if found > MAX_RANGES {
            return Err(CalendarError::TooManyHours {
                found,
                limit: MAX_RANGES,
            });
        }
        let mut ranges = text
            .split(',')
            .map(|part| range(part.trim()))
            .collect::<Result<Vec<_>, _>>()?;
        ranges.sort_unstable();
        Ok(HourRange { ranges })
    }

    /// The ranges in seconds from the midnight that begins their day, by start; an end past 86,400 is on the next day.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.ranges.iter().copied()
    }
}

impl Default for HourRange {
    fn default() -> Self {
        HourRange::whole_day()
    }
}

impl FromStr for HourRange {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        HourRange::parse(text)
    }
}

/// A list that reads back as the same ranges.
impl fmt::Display for HourRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, &(start, end)) in self.ranges.iter().enumerate() {
            let comma = if number == 0 { "" } else { ", " };
            let end = if end > DAY { end - DAY } else { end };
            write!(f, "{comma}{}-{}", written(start), written(end))?;
        }
        Ok(())
    }
}

impl fmt::Debug for HourRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HourRange({self})")
    }
}

fn range(part: &str) -> Result<(u32, u32), CalendarError> {
    let unreadable = || CalendarError::Hours {
        found: part.to_owned(),
    };
    let (start, end) = part.split_once('-').ok_or_else(unreadable)?;
    let start = reading(start.trim())
        .filter(|&start| start < DAY)
        .ok_or_else(unreadable)?;
    let end = reading(end.trim()).ok_or_else(unreadable)?;
    if start == end {
        return Err(CalendarError::EqualEnds {
            found: part.to_owned(),
        });
    }
    Ok((start, if end < start { end + DAY } else { end }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, ranges: &[(u32, u32)], written: &str) {
        let hours = HourRange::parse(text).unwrap();
        assert_eq!(hours.iter().collect::<Vec<_>>(), ranges, "{text:?}");
        assert_eq!(hours.to_string(), written, "{text:?}");
        assert_eq!(HourRange::parse(written), Ok(hours), "{text:?}");
    }

    #[test]
    fn ranges_are_read() {
        check("09:00-17:00", &[(32_400, 61_200)], "09:00-17:00");
        check("22:00-02:00", &[(79_200, 93_600)], "22:00-02:00");
        check("22:00-00:00", &[(79_200, 86_400)], "22:00-24:00");
        check("00:00-24:00", &[(0, 86_400)], "00:00-24:00");
        check(
            "13:00 - 17:00,9:00-12:00",
            &[(32_400, 43_200), (46_800, 61_200)],
            "09:00-12:00, 13:00-17:00",
        );
        check("09:00:30-09:01", &[(32_430, 32_460)], "09:00:30-09:01");
    }

    #[test]
    fn other_texts_are_refused_with_the_part() {
        for (text, part) in [
            ("", ""),
            ("09:00", "09:00"),
            ("09:00-17:00,", ""),
            ("24:00-02:00", "24:00-02:00"),
            ("9-17", "9-17"),
        ] {
            assert_eq!(
                HourRange::parse(text),
                Err(CalendarError::Hours { found: part.into() }),
                "{text:?}"
            );
        }
        for text in ["09:00-09:00", "00:00-00:00"] {
            assert_eq!(
                HourRange::parse(text),
                Err(CalendarError::EqualEnds { found: text.into() })
            );
        }
        let many = vec!["09:00-10:00"; 25].join(",");
        assert_eq!(
            HourRange::parse(&many),
            Err(CalendarError::TooManyHours {
                found: 25,
                limit: 24
            })
        );
    }
}
