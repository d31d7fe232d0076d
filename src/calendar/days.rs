//! Sets of weekdays.

use std::fmt;
use std::str::FromStr;

use super::CalendarError;

/// Weekday names from Monday on, as matched.
const NAMES: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Weekday names from Monday on, as written.
const SHORT: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A set of weekdays that is never empty.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DaySet {
    /// Bit 0 is Monday.
    bits: u8,
}

impl DaySet {
    /// All seven days.
    pub fn all() -> DaySet {
        DaySet { bits: 0x7f }
    }

    /// Reads days, ranges and lists of them: `Mon-Fri`, `Mon,Wed,Fri`, `Sat-Sun`, `Fri-Mon` (over the weekend), full
    /// names, `daily` or `all`; upper and lower case alike.
    ///
    /// # Errors
    /// [`CalendarError::Day`] with the part that could not be read.
    pub fn parse(text: &str) -> Result<DaySet, CalendarError> {
        let mut bits = 0;
        for part in text.split(',') {
            bits |= part_bits(part.trim())?;
        }
        Ok(DaySet { bits })
    }

    /// Whether a weekday is in the set: 0 is Monday, 6 is Sunday.
    pub fn contains(self, weekday: u8) -> bool {
        weekday < 7 && self.bits >> weekday & 1 == 1
    }
}

impl Default for DaySet {
    fn default() -> Self {
        DaySet::all()
    }
}

impl FromStr for DaySet {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DaySet::parse(text)
    }
}

/// A list that reads back as the same set; `daily` for all.
impl fmt::Display for DaySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == DaySet::all() {
            return f.write_str("daily");
        }
        let names: Vec<&str> = (0..7u8)
            .filter(|&day| self.contains(day))
            .map(|day| SHORT[usize::from(day)])
            .collect();
        f.write_str(&names.join(","))
    }
}

impl fmt::Debug for DaySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DaySet({self})")
    }
}

fn part_bits(part: &str) -> Result<u8, CalendarError> {
    if part.eq_ignore_ascii_case("daily") || part.eq_ignore_ascii_case("all") {
        return Ok(DaySet::all().bits);
    }
    let Some((first, last)) = part.split_once('-') else {
        return weekday(part).map(|day| 1 << day);
    };
    let (first, last) = (weekday(first.trim())?, weekday(last.trim())?);
    let length = (last + 7 - first) % 7;
    Ok((0..=length).fold(0, |bits, step| bits | 1 << ((first + step) % 7)))
}

/// The number of a weekday given by its name or at least its first three letters.
fn weekday(name: &str) -> Result<u8, CalendarError> {
    let lower = name.to_ascii_lowercase();
    (0..7u8)
        .find(|&day| lower.len() >= 3 && NAMES[usize::from(day)].starts_with(&lower))
        .ok_or_else(|| CalendarError::Day {
            found: name.to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, written: &str) {
        let set = DaySet::parse(text).unwrap();
        assert_eq!(set.to_string(), written, "{text:?}");
        assert_eq!(DaySet::parse(written), Ok(set), "{text:?}");
    }

    #[test]
    fn days_ranges_and_lists_are_read() {
        check("Mon-Fri", "Mon,Tue,Wed,Thu,Fri");
        check("Mon,Wed,Fri", "Mon,Wed,Fri");
        check("Sat-Sun", "Sat,Sun");
        check("Fri-Mon", "Mon,Fri,Sat,Sun");
        check(" monday - TUESDAY , thurs ", "Mon,Tue,Thu");
        check("Sun-Mon", "Mon,Sun");
        check("Wed-Wed", "Wed");
        check("Tue-Mon", "daily");
        check("daily", "daily");
        check("All", "daily");
    }

    #[test]
    fn other_texts_are_refused_with_the_part() {
        for (text, part) in [
            ("", ""),
            ("Mon,", ""),
            ("Mon-", ""),
            ("Mo", "Mo"),
            ("Mon-Fry", "Fry"),
            ("Mon-Wed-Fri", "Wed-Fri"),
            ("mondays", "mondays"),
        ] {
            assert_eq!(
                DaySet::parse(text),
                Err(CalendarError::Day { found: part.into() }),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_first_of_1970_was_a_thursday() {
        let thursday = DaySet::parse("Thu").unwrap();
        assert!(thursday.contains(super::super::weekday_of(0)));
        assert!(thursday.contains(super::super::weekday_of(-7)));
        assert!(!DaySet::all().contains(7));
    }
}
