//! Dates and ranges of them.

use std::fmt;
use std::str::FromStr;

use jiff::civil;

use super::{CalendarError, DAY_S};

/// A date of the Gregorian calendar, in no particular time zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    /// Reads a date such as `2026-12-24`.
    ///
    /// # Errors
    /// [`CalendarError::Date`] for another form, or a day that the month does not have.
    pub fn parse(text: &str) -> Result<Date, CalendarError> {
        let trimmed = text.trim();
        let well_formed = trimmed.len() == 10
            && trimmed
                .bytes()
                .enumerate()
                .all(|(place, byte)| match place {
                    4 | 7 => byte == b'-',
                    _ => byte.is_ascii_digit(),
                });
        let date = well_formed.then(|| trimmed.parse().ok()).flatten();
        date.map(Date).ok_or_else(|| CalendarError::Date {
            found: text.to_owned(),
        })
    }

    /// Days from 1970-01-01.
    pub(super) fn epoch_day(self) -> i64 {
        self.0.duration_since(civil::date(1970, 1, 1)).as_secs() / DAY_S
    }
}

impl FromStr for Date {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Date::parse(text)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A range of dates; both ends count. One that ends before it begins has no dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateRange {
    /// The first date.
    pub first: Date,
    /// The last date.
    pub last: Date,
}

impl DateRange {
    /// Reads one date, `2026-12-24`, or a range, `2026-12-24 to 2027-01-02`.
    ///
    /// # Errors
    /// [`CalendarError::Date`] with the part that could not be read, [`CalendarError::ReversedDates`] where the range
    /// ends before it begins.
    pub fn parse(text: &str) -> Result<DateRange, CalendarError> {
        let (first, last) = text.split_once(" to ").unwrap_or((text, text));
        let (first, last) = (Date::parse(first)?, Date::parse(last)?);
        DateRange::new(first, last)
    }

    /// The dates from `first` to `last`.
    ///
    /// # Errors
    /// [`CalendarError::ReversedDates`] where `last` is before `first`.
    pub fn new(first: Date, last: Date) -> Result<DateRange, CalendarError> {
        if last < first {
            return Err(CalendarError::ReversedDates {
                found: format!("{first} to {last}"),
            });
        }
        Ok(DateRange { first, last })
    }

    /// How many dates the range has.
    pub fn days(&self) -> u64 {
        u64::try_from(self.last.epoch_day() - self.first.epoch_day() + 1).unwrap_or(0)
    }
}

impl FromStr for DateRange {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DateRange::parse(text)
    }
}

impl fmt::Display for DateRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{} to {}", self.first, self.last)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read() {
        let date = Date::parse(" 2026-12-24 ").unwrap();
        assert_eq!(date.to_string(), "2026-12-24");
        assert_eq!(date.epoch_day(), 20_811);
        assert_eq!(Date::parse("1969-12-31").unwrap().epoch_day(), -1);
        assert!(Date::parse("9999-12-31").is_ok());
        assert!(Date::parse("2024-02-29").is_ok());
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "2026-02-29",
            "2026-13-01",
            "2026-1-1",
            "20261224",
            "24/12/2026",
            "2026-12-24T00:00",
            "2026-12-2४",
        ] {
            assert_eq!(
                Date::parse(text),
                Err(CalendarError::Date { found: text.into() }),
                "{text:?}"
            );
        }
    }

    #[test]
    fn ranges_are_read() {
        let range = DateRange::parse("2026-12-24 to 2027-01-02").unwrap();
        assert_eq!(
            (range.to_string().as_str(), range.days()),
            ("2026-12-24 to 2027-01-02", 10)
        );
        let day = DateRange::parse("2026-12-24").unwrap();
        assert_eq!((day.to_string().as_str(), day.days()), ("2026-12-24", 1));
        let reversed = DateRange::parse("2027-01-02 to 2026-12-24");
        assert_eq!(
            reversed,
            Err(CalendarError::ReversedDates {
                found: "2027-01-02 to 2026-12-24".into()
            })
        );
        assert_eq!(
            DateRange::parse("2026-12-24 to x"),
            Err(CalendarError::Date { found: "x".into() })
        );
    }
}
