//! `[incidents.NAME]` and `[warmup]`: trouble that is nobody's fault.

use super::check::Check;
use super::fields::{Fields, Item, join};
use super::literal::{Unit, rate_per_s};
use super::merge::Merged;
use super::problem::Draft;
use super::sli::{Slis, adds};
use super::span::single;
use super::vocabulary::{INCIDENTS, WARMUP};
use crate::plan::{Fleet, IncidentKind, IncidentScope, WarmUp};
use crate::random::{Dist, NameKey};

/// The share of incidents that may have begun before the time looked at and still be on.
const OVERLOOKED: f64 = 1e-9;

/// The most incidents expected in one rollout.
const MOST_INCIDENTS: f64 = 1e6;

/// Reads the kinds of incidents. `horizon_s` is how long a rollout can be.
pub(super) fn incidents(
    merged: &Merged,
    slis: &mut Slis,
    fleet: &Fleet,
    horizon_s: f64,
    check: &mut Check,
) -> Vec<IncidentKind> {
    let mut kinds = Vec::new();
    for (entry, table) in merged.named("incidents") {
        let fields = Fields::of(
            table,
            entry.value.at,
            join("incidents", &entry.key),
            &INCIDENTS,
            check,
        );
        let Some(kind) = incident(&entry.key, &fields, slis, check) else {
            continue;
        };
        let instances = match kind.scope {
            IncidentScope::Zone => fleet.zones.len(),
            IncidentScope::Region => fleet.regions.len(),
            IncidentScope::Fleet => 1,
        };
        let expected = kind.rate_per_s * (horizon_s + kind.look_back_s) * instances as f64;
        if expected > MOST_INCIDENTS {
            let rule = format!(
                "this makes {expected:.0} incidents in one rollout, and a million is the limit"
            );
            let draft = Draft::new(fields.place_of("rate"), fields.path, rule);
            check.note(draft.mend("lower `rate`, shorten `lasts`, or widen `scope`"));
        }
        kinds.push(kind);
    }
    kinds
}

fn incident(
    name: &str,
    fields: &Fields<'_>,
    slis: &mut Slis,
    check: &mut Check,
) -> Option<IncidentKind> {
    let scope = fields.or("scope", IncidentScope::Region, check, |item, check| {
        item.choice(
            check,
            &[
                ("zone", IncidentScope::Zone),
                ("region", IncidentScope::Region),
                ("fleet", IncidentScope::Fleet),
            ],
        )
    });
    let rate = fields.need("rate", "\"2 per year\"", check, |item, check| {
        item.literal(
            "a rate in quotes, such as \"2 per year\"",
            check,
            |text, _| rate_per_s(text),
        )
    });
    let adds = fields.need(
        "adds",
        "{ errors = \"1% to 10%\" }",
        check,
        |item, check| adds(item, slis, check),
    );
    let lasts = fields.need("lasts", "\"5m to 40m\"", check, lasts);
    let lasts = lasts?;
    Some(IncidentKind {
        name: name.to_owned(),
        key: NameKey::of(name),
        scope: scope?,
        rate_per_s: rate?,
        adds: adds?,
        look_back_s: lasts.quantile(1.0 - OVERLOOKED),
        lasts,
        origin: check.origin(fields.at),
    })
}

fn lasts(item: &Item<'_>, check: &mut Check) -> Option<Dist> {
    item.dist(Unit::Duration, check)
}

/// Reads what every cohort adds when it is new.
pub(super) fn warm_up(merged: &Merged, slis: &mut Slis, check: &mut Check) -> Option<WarmUp> {
    let fields = single(merged, "warmup", &WARMUP, check)?;
    let adds = fields.need(
        "adds",
        "{ errors = \"0.1% to 0.5%\" }",
        check,
        |item, check| adds(item, slis, check),
    );
    let lasts = fields.need("lasts", "\"1m to 3m\"", check, lasts);
    Some(WarmUp {
        adds: adds?,
        lasts: lasts?,
        origin: check.origin(fields.at),
    })
}
