//! Local time, turned once into plain numbers: opening hours, start ranges, daily instants and traffic curves over
//! absolute time.
//!
//! Every rule that people state in local time (weekdays, hours, frozen dates, a traffic profile by the hour) becomes
//! a sorted array of Unix seconds here, when a scenario is checked. Whoever simulates sees arrays and never a time
//! zone. Instants are Unix seconds as `f64`; every span is half-open, `[start, end)`.
//!
//! One rule decides what a clock change does to a stated local time: it means *the first moment at which the local
//! clock reads that time or later*. A time that is skipped is the instant of the change; one that is repeated is its
//! first occurrence ([`instant_of`]).
//!
//! The time zone database is the one bundled at build time, never the system's, so that the same binary gives the
//! same arrays everywhere. No files, no clock, no threads: equal arguments, equal results. Spans of more than
//! [`MAX_SPAN_S`] are cut there, so memory is bounded whatever is asked.

mod clock;
mod curve;
mod date;
mod days;
mod error;
mod hours;
mod instant;
mod intervals;
mod moment;
mod open;
mod profile;
mod time_of_day;
mod zone;

pub use clock::MAX_SPAN_S;
pub use curve::TrafficCurve;
pub use date::{Date, DateRange};
pub use days::DaySet;
pub use error::{CalendarError, ProfileError};
pub use hours::HourRange;
pub use instant::{daily_instants, instant_of};
pub use intervals::Intervals;
pub use moment::{format_moment, parse_moment};
pub use open::{WeeklyHours, open_hours, start_hours};
pub use profile::Profile;
pub use time_of_day::parse_time_of_day;
pub use zone::{Zone, tzdb_version};

/// Seconds in a day of 24 hours.
const DAY_S: i64 = 86_400;

/// The local weekday of a day counted from 1970-01-01 (a Thursday): 0 is Monday, 6 is Sunday.
fn weekday_of(epoch_day: i64) -> u8 {
    u8::try_from((epoch_day + 3).rem_euclid(7)).expect("a remainder of 7 fits")
}
