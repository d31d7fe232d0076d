//! What can be wrong with a stated time, always with the value found.

use thiserror::Error;

/// A text that is no time zone, weekday, hour range, date or moment.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CalendarError {
    /// No such zone in the bundled time zone database.
    #[error("unknown time zone {found:?}{}", did_you_mean(.nearest))]
    UnknownZone {
        /// The name as given.
        found: String,
        /// A known name close to it.
        nearest: Option<String>,
    },
    /// Not a weekday, list or range of them.
    #[error(
        "{found:?} is no weekday (Mon, Tue, Wed, Thu, Fri, Sat, Sun; ranges such as Mon-Fri; lists; daily)"
    )]
    Day {
        /// The part that could not be read.
        found: String,
    },
    /// Not a range of hours.
    #[error("{found:?} is no range of hours (such as 09:00-17:00, or 22:00-02:00 past midnight)")]
    Hours {
        /// The part that could not be read.
        found: String,
    },
    /// A range of hours whose ends are equal: nothing, or a whole day?
    #[error("{found:?} begins and ends at the same time (a whole day is 00:00-24:00)")]
    EqualEnds {
        /// The range as given.
        found: String,
    },
    /// More ranges of hours than anyone means.
    #[error("{found} ranges of hours (at most {limit})")]
    TooManyHours {
        /// How many were given.
        found: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// Not a time of day.
    #[error("{found:?} is no time of day (hh:mm or hh:mm:ss, from 00:00 to 23:59:59)")]
    TimeOfDay {
        /// The text as given.
        found: String,
    },
    /// Not a date of the calendar.
    #[error("{found:?} is no date (such as 2026-12-24)")]
    Date {
        /// The part that could not be read.
        found: String,
    },
    /// A range of dates that ends before it begins.
    #[error("{found:?} ends before it begins")]
    ReversedDates {
        /// The range as given.
        found: String,
    },
    /// Not a moment.
    #[error(
        "{found:?} is no moment (such as 2026-03-02T09:00:00Z, or with an offset such as +01:00)"
    )]
    Moment {
        /// The text as given.
        found: String,
    },
    /// A moment in local time, and no zone to read it in.
    #[error("{found:?} needs an offset (Z, or such as +01:00) or a time zone")]
    MomentNeedsZone {
        /// The text as given.
        found: String,
    },
}

/// Numbers that make no traffic profile.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// An hourly multiplier is negative, infinite or not a number.
    #[error("the multiplier of hour {hour} is {found}; it must be a finite number of at least 0")]
    Hour {
        /// The local hour, 0 to 23.
        hour: usize,
        /// The number given.
        found: f64,
    },
    /// All multipliers are 0 (or too large to be added): there is no mean to rescale to 1.
    #[error("the 24 multipliers add up to {found}; the sum must be finite and above 0")]
    Sum {
        /// Their sum.
        found: f64,
    },
    /// The weekend multiplier is negative, infinite or not a number.
    #[error("the weekend multiplier is {found}; it must be a finite number of at least 0")]
    Weekend {
        /// The number given.
        found: f64,
    },
}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map_or_else(String::new, |name| format!(" (did you mean {name:?}?)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_carry_the_value_found() {
        let error = CalendarError::UnknownZone {
            found: "Berlin".into(),
            nearest: Some("Europe/Berlin".into()),
        };
        assert_eq!(
            error.to_string(),
            r#"unknown time zone "Berlin" (did you mean "Europe/Berlin"?)"#
        );
        let error = CalendarError::UnknownZone {
            found: "x".into(),
            nearest: None,
        };
        assert_eq!(error.to_string(), r#"unknown time zone "x""#);
        let error = ProfileError::Hour {
            hour: 3,
            found: -1.0,
        };
        assert_eq!(
            error.to_string(),
            "the multiplier of hour 3 is -1; it must be a finite number of at least 0"
        );
    }
}
