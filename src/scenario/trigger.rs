//! `trigger = { ... }`: when a fault wakes.

use std::sync::Arc;

use super::check::Check;
use super::fields::{Fields, Item, either};
use super::fleet::Regions;
use super::hours;
use super::literal::Unit;
use super::problem::Draft;
use super::source::Place;
use super::span::Times;
use super::vocabulary::TRIGGER;
use crate::calendar::{Zone, daily_instants, parse_moment, parse_time_of_day};
use crate::plan::{Scope, Trigger, TriggerKind, Varies};
use crate::random::{Dist, normal_quantile};

/// What a trigger can be; each has exactly one of these keys.
pub(super) const KINDS: [&str; 6] = ["delay", "requests", "share", "traffic", "clock", "mixed"];

/// All scopes by name.
const SCOPES: [(&str, Scope); 4] = [
    ("fleet", Scope::Fleet),
    ("region", Scope::Region),
    ("zone", Scope::Zone),
    ("cohort", Scope::Cohort),
];

/// Reads a trigger.
pub(super) fn trigger(
    item: &Item<'_>,
    regions: &Regions,
    times: &Times,
    check: &mut Check,
) -> Option<Trigger> {
    let fields = item.fields(&TRIGGER, "a table such as { delay = \"5m to 2h\" }", check)?;
    let given: Vec<&str> = KINDS.into_iter().filter(|k| fields.has(k)).collect();
    let kind = match given[..] {
        [kind] => kind,
        [] => {
            let near = "write one of delay, requests, share, traffic, clock, mixed";
            return check.fail(
                Draft::new(
                    fields.at,
                    fields.path,
                    "a trigger says what wakes the fault",
                )
                .mend(near),
            );
        }
        [_, second, ..] => {
            let rule = format!(
                "a trigger has one cause, and this one has {}",
                given.join(" and ")
            );
            let draft = Draft::new(fields.place_of(second), fields.path.clone(), rule);
            return check.fail(draft.mend("write two faults, each with one of them"));
        }
    };
    fitting(&fields, kind, check);
    if kind == "clock" {
        return clock(&fields, regions, times, check);
    }
    let scopes = if matches!(kind, "share" | "mixed") {
        &SCOPES[..3]
    } else {
        &SCOPES[..]
    };
    let scope = scope_of(&fields, scopes, Scope::Fleet, kind, check);
    let varies = fields.or("varies", Varies::Alike, check, varies);
    let after = fields.or("after", Dist::zero(), check, |item, check| {
        item.dist(Unit::Duration, check)
    });
    let kind = cause(&fields, kind, after, check);
    Some(Trigger {
        kind: kind?,
        scope: scope?,
        varies: varies?,
    })
}

/// Notes keys that say nothing about this kind of trigger.
fn fitting(fields: &Fields<'_>, kind: &str, check: &mut Check) {
    let rules: [(&'static str, &[&str]); 3] = [
        ("after", &["share", "traffic"]),
        ("tz", &["clock"]),
        ("varies", &["delay", "share", "traffic"]),
    ];
    for (key, kinds) in rules {
        if fields.has(key) && !kinds.contains(&kind) {
            let rule = format!(
                "`{key}` goes with {}, not with `{kind}`",
                either(&in_ticks(kinds))
            );
            let draft = Draft::new(fields.place_of(key), fields.path.clone(), rule);
            check.note(draft.mend(format!("remove `{key}`")));
        }
    }
}

fn in_ticks(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("`{name}`")).collect()
}

fn scope_of(
    fields: &Fields<'_>,
    scopes: &[(&str, Scope)],
    default: Scope,
    kind: &str,
    check: &mut Check,
) -> Option<Scope> {
    fields.or("scope", default, check, |item, check| {
        let asked = item.as_text().unwrap_or("");
        let is_known = SCOPES.iter().any(|(name, _)| *name == asked);
        if is_known && scopes.iter().all(|(name, _)| *name != asked) {
            let names: Vec<String> = scopes.iter().map(|(name, _)| format!("{name:?}")).collect();
            let draft = item.draft(format!("a trigger on `{kind}` has no scope {asked:?}"));
            return check.fail(draft.mend(format!("write {}", either(&names))));
        }
        item.choice(check, scopes)
    })
}

fn cause(
    fields: &Fields<'_>,
    kind: &str,
    after: Option<Dist>,
    check: &mut Check,
) -> Option<TriggerKind> {
    match kind {
        "delay" => {
            let delay = fields.item("delay", check)?.dist(Unit::Duration, check);
            Some(TriggerKind::Delay(delay?))
        }
        "requests" => {
            let item = fields.item("requests", check)?;
            let mean = item.dist(Unit::Amount, check)?;
            if mean.max() <= 0.0 {
                return check.fail(item.draft("`requests` must be above 0"));
            }
            Some(TriggerKind::Requests(mean))
        }
        "share" => {
            let item = fields.item("share", check)?;
            let share = item.quantity(Unit::Share, check)?;
            if share <= 0.0 {
                return check.fail(item.draft("`share` must be above 0%"));
            }
            Some(TriggerKind::Share {
                share,
                after: after?,
            })
        }
        "traffic" => {
            let item = fields.item("traffic", check)?;
            let times = item.number("a multiple of the weekday mean, such as 1.4", check, |x| {
                x > 0.0 && x <= 1e6
            });
            Some(TriggerKind::Traffic {
                times: times?,
                after: after?,
            })
        }
        _ => {
            let item = fields.item("mixed", check)?;
            if item.flag(check)? {
                return Some(TriggerKind::Mixed);
            }
            check.fail(
                item.draft("`mixed` can only be true")
                    .mend("write another trigger instead"),
            )
        }
    }
}

fn varies(item: &Item<'_>, check: &mut Check) -> Option<Varies> {
    if item.as_text() == Some("all") {
        return Some(Varies::All);
    }
    if item.as_text().is_some() {
        let draft = item.draft("`varies` must be a number from 1 up, or \"all\"");
        return check
            .fail(draft.mend("write varies = 1.3, the 95th percentile of a factor with median 1"));
    }
    let v = item.number("a number from 1 to 1e6, or \"all\"", check, |x| {
        (1.0..=1e6).contains(&x)
    })?;
    if v == 1.0 {
        return Some(Varies::Alike);
    }
    Some(Varies::Factor {
        sigma: libm::log(v) / normal_quantile(0.95),
    })
}

/// A time of day in local time or in that of one zone, or a moment.
fn clock(
    fields: &Fields<'_>,
    regions: &Regions,
    times: &Times,
    check: &mut Check,
) -> Option<Trigger> {
    let item = fields.item("clock", check)?;
    let zone = fields.maybe("tz", check, hours::zone_or_local)?;
    let text = item.text(check)?;
    let is_local = !matches!(zone, Some(Some(_)));
    let is_date = text.trim().len() > 9;
    let (kind, scopes, default) = if is_date {
        let (moments, same) = moments(&item, text, zone.as_ref(), regions, check)?;
        let scopes = if same { &SCOPES[..] } else { &SCOPES[1..] };
        (
            TriggerKind::Moment(moments),
            scopes,
            if same { Scope::Fleet } else { Scope::Region },
        )
    } else {
        let seconds = hours::calendar(&item, "\"09:00\"", check, parse_time_of_day)?;
        let scopes = if is_local {
            &SCOPES[1..3]
        } else {
            &SCOPES[..3]
        };
        (
            TriggerKind::Daily(daily(
                seconds,
                zone.flatten().as_ref(),
                item.value.at,
                regions,
                times,
                check,
            )?),
            scopes,
            Scope::Region,
        )
    };
    let scope = scope_of(fields, scopes, default, "clock", check)?;
    Some(Trigger {
        kind,
        scope,
        varies: Varies::Alike,
    })
}

/// The moment in each region, and whether it is the same in all of them.
fn moments(
    item: &Item<'_>,
    text: &str,
    zone: Option<&Option<Zone>>,
    regions: &Regions,
    check: &mut Check,
) -> Option<(Vec<f64>, bool)> {
    let count = regions.clocks.len();
    if let Ok(moment) = parse_moment(text, None) {
        return Some((vec![moment; count], true));
    }
    match zone {
        Some(Some(zone)) => {
            let moment = hours::calendar(item, "\"2026-03-02T09:00:00Z\"", check, |text| {
                parse_moment(text, Some(zone))
            })?;
            Some((vec![moment; count], true))
        }
        Some(None) => {
            hours::calendar(item, "\"2026-03-02T09:00:00Z\"", check, |text| {
                parse_moment(text, Some(&Zone::utc()))
            })?;
            let local = regions
                .clocks
                .iter()
                .map(|clock| parse_moment(text, Some(clock)).ok());
            Some((local.collect::<Option<_>>()?, false))
        }
        None => {
            hours::calendar(item, "\"2026-03-02T09:00:00Z\"", check, |text| {
                parse_moment(text, None)
            })?;
            None
        }
    }
}

/// The instants of a time of day in each region; regions of one zone share them.
fn daily(
    seconds: u32,
    zone: Option<&Zone>,
    at: Place,
    regions: &Regions,
    times: &Times,
    check: &mut Check,
) -> Option<Vec<Arc<[f64]>>> {
    let (from, to) = times.span();
    let mut known: Vec<(&str, Arc<[f64]>)> = Vec::new();
    let mut by_region = Vec::with_capacity(regions.clocks.len());
    for clock in &regions.clocks {
        let clock = zone.unwrap_or(clock);
        if known.iter().all(|(name, _)| *name != clock.name()) {
            let instants: Arc<[f64]> = daily_instants(seconds, clock, from, to).into();
            if !check.take_room(instants.len(), at) {
                return None;
            }
            known.push((clock.name(), instants));
        }
        let laid = known.iter().find(|(name, _)| *name == clock.name());
        by_region.extend(laid.map(|(_, instants)| Arc::clone(instants)));
    }
    Some(by_region)
}
