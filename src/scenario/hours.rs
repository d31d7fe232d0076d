//! Weekdays, hours, dates and time zones, as a scenario states them.

use super::check::Check;
use super::fields::Item;
use super::problem::Draft;
use super::vocabulary::HOURS;
use crate::calendar::{CalendarError, DateRange, DaySet, HourRange, WeeklyHours, Zone};

/// Reads a calendar text; `example` is what it could look like.
pub(super) fn calendar<T>(
    item: &Item<'_>,
    example: &str,
    check: &mut Check,
    parse: impl FnOnce(&str) -> Result<T, CalendarError>,
) -> Option<T> {
    let text = item.text_such_as(example, check)?;
    match parse(text) {
        Ok(value) => Some(value),
        Err(error) => check.fail(described(item, &error)),
    }
}

fn described(item: &Item<'_>, error: &CalendarError) -> Draft {
    match error {
        CalendarError::UnknownZone { found, nearest } => item
            .draft(format!("{found:?} is no time zone of the IANA database"))
            .nearest_or(
                nearest.as_deref(),
                "write a name such as \"Europe/Dublin\" or \"UTC\"",
            ),
        CalendarError::MomentNeedsZone { found } => item
            .draft(format!("{found:?} is a local time, and nothing says where"))
            .mend("add `Z` for universal time, or an offset such as `+01:00`"),
        other => item.draft(format!("`{}`: {other}", item.key())),
    }
}

/// A time zone by its IANA name.
pub(super) fn zone(item: &Item<'_>, check: &mut Check) -> Option<Zone> {
    if item.as_text() == Some("local") {
        let draft = item.draft("there is no region here whose local time could be meant");
        return check.fail(draft.mend("write a name such as \"Europe/London\" or \"UTC\""));
    }
    calendar(item, "\"Europe/London\"", check, Zone::named)
}

/// A time zone, or `None` for the local time of each region.
pub(super) fn zone_or_local(item: &Item<'_>, check: &mut Check) -> Option<Option<Zone>> {
    if item.as_text() == Some("local") {
        Some(None)
    } else {
        zone(item, check).map(Some)
    }
}

/// Weekdays.
pub(super) fn days(item: &Item<'_>, check: &mut Check) -> Option<DaySet> {
    calendar(item, "\"Mon-Fri\"", check, DaySet::parse)
}

/// Hours of the day.
pub(super) fn hours(item: &Item<'_>, check: &mut Check) -> Option<HourRange> {
    calendar(item, "\"09:00-17:00\"", check, HourRange::parse)
}

/// Hours of the week, and the zone whose clock they are read from; `None` is the local one of each region.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ZonedHours {
    pub weekly: WeeklyHours,
    pub zone: Option<Zone>,
}

/// A table of weekdays, hours and a zone.
pub(super) fn zoned_hours(
    item: &Item<'_>,
    may_be_local: bool,
    check: &mut Check,
) -> Option<ZonedHours> {
    let wanted = "a table such as { days = \"Mon-Fri\", hours = \"09:00-17:00\" }";
    let fields = item.fields(&HOURS, wanted, check)?;
    let days = fields.or("days", DaySet::all(), check, days);
    let hours = fields.or("hours", HourRange::whole_day(), check, hours);
    let zone = if may_be_local {
        fields.or("tz", None, check, zone_or_local)
    } else {
        fields.or("tz", Some(Zone::utc()), check, |item, check| {
            zone(item, check).map(Some)
        })
    };
    Some(ZonedHours {
        weekly: WeeklyHours {
            days: days?,
            hours: hours?,
        },
        zone: zone?,
    })
}

/// Blacked-out dates.
pub(super) fn dates(item: &Item<'_>, check: &mut Check) -> Option<Vec<DateRange>> {
    let list = item.list(
        "a list of dates, such as [\"2026-12-24 to 2027-01-02\"]",
        check,
    )?;
    let read: Vec<Option<DateRange>> = list
        .iter()
        .map(|i| calendar(i, "\"2026-12-24\"", check, DateRange::parse))
        .collect();
    read.into_iter().collect()
}
