//! `[region.NAME]`, `[profile.NAME]` and `[service]`: regions, zones and their traffic.

use super::check::Check;
use super::fields::{Fields, Item, join};
use super::hours;
use super::merge::Merged;
use super::nearest::nearest;
use super::problem::Draft;
use super::source::Place;
use super::span::Times;
use super::vocabulary::{PROFILE, REGION};
use crate::calendar::{Profile, ProfileError, TrafficCurve, Zone as TimeZone};
use crate::plan::{Fleet, Region, Zone};
use crate::random::NameKey;

/// The most regions.
const MOST_REGIONS: usize = 1_000;
/// The most zones of the whole fleet.
const MOST_ZONES: u64 = 10_000;
/// The most boxes of a zone.
const MOST_BOXES: u64 = 1_000_000;
/// The most requests a second, of a region and of the fleet.
const MOST_RPS: f64 = 1e9;

/// The fleet, and what only the checks need to know of it.
#[derive(Clone, Debug)]
pub(super) struct Regions {
    pub fleet: Fleet,
    /// Time zone of each region.
    pub clocks: Vec<TimeZone>,
    /// Regions that do not say how many boxes a zone has.
    pub without_boxes: Vec<usize>,
    /// Whether the number of zones of each is known, and not what stands in for a mistake.
    pub zones_known: Vec<bool>,
}

impl Regions {
    /// The index of a region by its name.
    pub fn named(&self, name: &str) -> Option<usize> {
        self.fleet.regions.iter().position(|r| r.name == name)
    }

    /// The mistake of a region that there is not.
    pub fn unknown(&self, name: &str, item: &Item<'_>) -> Draft {
        let near = nearest(name, self.fleet.regions.iter().map(|r| r.name.as_str()));
        item.draft(format!(
            "there is no region `{}`",
            super::fields::short(name)
        ))
        .nearest_or(near, format!("the fleet has {}", self.some_names()))
        .absence()
    }

    /// The first of its regions, for a message.
    fn some_names(&self) -> String {
        const SOME: usize = 6;
        let names = self.fleet.regions.iter().map(|r| r.name.as_str());
        let some: Vec<String> = names.take(SOME).map(super::fields::short).collect();
        match self.fleet.regions.len().saturating_sub(SOME) {
            0 => some.join(", "),
            more => format!("{} and {more} more", some.join(", ")),
        }
    }
}

/// A region as it is written.
struct Written {
    name: String,
    key_at: Place,
    zones: Option<u32>,
    boxes: Option<u32>,
    rps: f64,
    clock: TimeZone,
    profile: Profile,
}

/// Reads the fleet; what is wrong is replaced by something that later checks can go on with.
pub(super) fn regions(
    merged: &Merged,
    service: Option<&Fields<'_>>,
    times: &Times,
    check: &mut Check,
) -> Regions {
    let profiles = profiles(merged, check);
    let mut written = Vec::new();
    for (entry, table) in merged.named("region") {
        if written.len() == MOST_REGIONS {
            let rule = format!(
                "a fleet has at most 1,000 regions, and this has {}",
                merged.named("region").len()
            );
            check.note(Draft::new(entry.key_at, join("region", &entry.key), rule));
            break;
        }
        let fields = Fields::of(
            table,
            entry.value.at,
            join("region", &entry.key),
            &REGION,
            check,
        );
        written.push(region(&entry.key, entry.key_at, &fields, &profiles, check));
    }
    if written.is_empty() {
        let draft = Draft::new(Place::top(0), "region", "there is no region");
        let mend = "add `[region.eu-west-1]` with `zones`, `boxes_per_zone` and `rps`, or use a shipped world";
        let mend = match merged.of_world().as_slice() {
            // Nobody meant a strategy file.
            _ if merged.named("strategy").is_empty() => mend.to_owned(),
            [] => format!("{mend}; strategies by themselves go with --strategies, over a scenario"),
            sections => format!(
                "{mend}; for a strategy file leave out {}",
                sections.join(", ")
            ),
        };
        check.note(draft.mend(mend).absence());
    }
    limit_zones(&mut written, check);
    scale(&mut written, service, check);
    laid_out(written, times, check)
}

fn region(
    name: &str,
    key_at: Place,
    fields: &Fields<'_>,
    profiles: &[(String, Option<Profile>)],
    check: &mut Check,
) -> Written {
    let whole = |most: u64| move |item: &Item<'_>, check: &mut Check| item.whole(1, most, check);
    let zones = fields.or("zones", 1, check, whole(MOST_ZONES));
    let boxes = fields.maybe("boxes_per_zone", check, whole(MOST_BOXES));
    let rps = fields.need("rps", "24_000", check, rps);
    let clock = fields.or("tz", TimeZone::utc(), check, hours::zone);
    let profile = fields.or("profile", Profile::flat(), check, |item, check| {
        profile_named(item, profiles, check)
    });
    // Boxes given wrongly are boxes given: nobody is told that they are missing.
    let boxes = boxes.map_or(Some(1), |b| b.map(|b| b as u32));
    Written {
        name: name.to_owned(),
        key_at,
        zones: zones.map(|z| z as u32),
        boxes,
        rps: rps.unwrap_or(1.0),
        clock: clock.unwrap_or_else(TimeZone::utc),
        profile: profile.unwrap_or_else(Profile::flat),
    }
}

fn rps(item: &Item<'_>, check: &mut Check) -> Option<f64> {
    item.number(
        "a number of requests a second, above 0 and at most 1e9",
        check,
        |x| x > 0.0 && x <= MOST_RPS,
    )
}

fn profile_named(
    item: &Item<'_>,
    profiles: &[(String, Option<Profile>)],
    check: &mut Check,
) -> Option<Profile> {
    let name = item.text(check)?;
    if let Some((_, profile)) = profiles.iter().find(|(known, _)| known == name) {
        return profile.clone();
    }
    Profile::shipped(name).or_else(|| {
        let known = profiles
            .iter()
            .map(|(name, _)| name.as_str())
            .chain(Profile::shipped_names().iter().copied());
        let near = nearest(name, known);
        let mend = format!(
            "shipped are {}; or declare [profile.{name}]",
            Profile::shipped_names().join(", ")
        );
        check.fail(
            item.draft(format!("there is no profile `{name}`"))
                .nearest_or(near, mend)
                .absence(),
        )
    })
}

/// Declared profiles by name; `None` for one with a mistake.
fn profiles(merged: &Merged, check: &mut Check) -> Vec<(String, Option<Profile>)> {
    let mut profiles = Vec::new();
    for (entry, table) in merged.named("profile") {
        let fields = Fields::of(
            table,
            entry.value.at,
            join("profile", &entry.key),
            &PROFILE,
            check,
        );
        profiles.push((entry.key.clone(), profile(&fields, check)));
    }
    profiles
}

fn profile(fields: &Fields<'_>, check: &mut Check) -> Option<Profile> {
    let example = "[1, 1, 1, ...], 24 numbers";
    let hours = fields.need("hours", example, check, |item, check| {
        let items = item.list("a list of 24 numbers", check)?;
        let numbers: Vec<Option<f64>> = items
            .iter()
            .map(|i| {
                i.number("a number from 0 to 1e6", check, |x| {
                    (0.0..=1e6).contains(&x)
                })
            })
            .collect();
        let numbers: Vec<f64> = numbers.into_iter().collect::<Option<_>>()?;
        let found = numbers.len();
        match <[f64; 24]>::try_from(numbers) {
            Ok(hours) => Some(hours),
            Err(_) => check.fail(
                item.draft("`hours` has one multiplier for each hour of the day, 24 in all")
                    .label(format!("these are {found}")),
            ),
        }
    });
    let weekend = fields.or("weekend", 1.0, check, |item, check| {
        item.number("a number from 0 to 1e6", check, |x| {
            (0.0..=1e6).contains(&x)
        })
    });
    match Profile::new(hours?, weekend?) {
        Ok(profile) => Some(profile),
        Err(error) => {
            let rule = match error {
                ProfileError::Sum { .. } => "`hours` are all 0".to_owned(),
                other => other.to_string(),
            };
            check.fail(Draft::new(
                fields.place_of("hours"),
                fields.path.clone(),
                rule,
            ))
        }
    }
}

fn limit_zones(written: &mut [Written], check: &mut Check) {
    let mut total = 0;
    for region in written {
        total += u64::from(region.zones.unwrap_or(1));
        if total > MOST_ZONES {
            let rule =
                format!("a fleet has at most 10,000 zones, and with this region it has {total}");
            check.note(Draft::new(
                region.key_at,
                join("region", &region.name),
                rule,
            ));
            total -= u64::from(region.zones.unwrap_or(1));
            region.zones = None;
        }
    }
}

/// Scales traffic to that of the service; regions keep their proportions.
fn scale(written: &mut [Written], service: Option<&Fields<'_>>, check: &mut Check) {
    let total: f64 = written.iter().map(|r| r.rps).sum();
    let wanted = service.and_then(|s| s.maybe("rps", check, rps)).flatten();
    if let Some(wanted) = wanted {
        written.iter_mut().for_each(|r| r.rps *= wanted / total);
    } else if total > MOST_RPS {
        let last = written.last().map_or(Place::top(0), |r| r.key_at);
        let rule = format!("a fleet has at most 1e9 requests a second, and this one has {total}");
        check.note(Draft::new(last, "region", rule));
    }
}

fn laid_out(written: Vec<Written>, times: &Times, check: &mut Check) -> Regions {
    let (from, to) = times.span();
    let mut regions = Regions {
        fleet: Fleet {
            regions: Vec::new(),
            zones: Vec::new(),
            curves: Vec::new(),
            rps: 0.0,
        },
        clocks: Vec::new(),
        without_boxes: Vec::new(),
        zones_known: Vec::new(),
    };
    let mut curves: Vec<(Profile, String)> = Vec::new();
    for (index, region) in written.into_iter().enumerate() {
        let flat = region.profile == Profile::flat();
        let clock = if flat {
            String::new()
        } else {
            region.clock.name().to_owned()
        };
        let curve = curves
            .iter()
            .position(|(p, c)| *p == region.profile && *c == clock);
        let curve = curve.unwrap_or_else(|| {
            let mut laid = TrafficCurve::flat();
            if !flat && !check.is_full_of_times() {
                laid = TrafficCurve::new(&region.profile, &region.clock, from, to);
                check.take_room(3 * laid.changes().len(), region.key_at);
            }
            regions.fleet.curves.push(laid);
            curves.push((region.profile.clone(), clock));
            curves.len() - 1
        });
        regions.zones_known.push(region.zones.is_some());
        if region.boxes.is_none() {
            regions.without_boxes.push(index);
        }
        add(&mut regions.fleet, &region, curve, check);
        regions.clocks.push(region.clock);
    }
    regions.fleet.rps = regions.fleet.regions.iter().map(|r| r.rps).sum();
    regions
}

fn add(fleet: &mut Fleet, region: &Written, curve: usize, check: &mut Check) {
    let index = fleet.regions.len();
    let first = fleet.zones.len();
    let count = region.zones.unwrap_or(1);
    fleet.zones.extend((1..=count).map(|number| {
        let name = format!("{}/{number}", region.name);
        Zone {
            region: index,
            number,
            key: NameKey::of(&name),
            name,
            rps: region.rps / f64::from(count),
        }
    }));
    fleet.regions.push(Region {
        name: region.name.clone(),
        key: NameKey::of(&region.name),
        zones: first..fleet.zones.len(),
        boxes_per_zone: region.boxes.unwrap_or(1),
        rps: region.rps,
        curve,
        origin: check.origin(region.key_at),
    });
}
