//! Parts of a plan in a few words, for tables.

use crate::plan::{
    Action, Alarm, Bake, BakeKind, Condition, Fault, Plan, Population, Rollback, RollbackScope,
    Rule, Scope, Spill, SpillKind, Step, StepShare, Susceptible, TargetSpec, Then, ThenFleet,
    TimedBake, TriggerKind, Wave,
};
use crate::random::Dist;
use crate::report::quantity::Quantity;

/// A distribution: its median, and where nine in ten draws lie.
pub(super) fn spread(dist: &Dist, quantity: Quantity) -> String {
    match dist.as_certain() {
        Some(x) => quantity.text(x),
        None => format!(
            "{} ({})",
            quantity.text(dist.quantile(0.5)),
            quantity.range(dist.quantile(0.05), dist.quantile(0.95))
        ),
    }
}

/// With a capital.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(chars).collect()
}

/// How far and how fast a rollback goes.
pub(super) fn rollback(rollback: &Rollback) -> String {
    let (scope, rest) = match rollback.scope {
        RollbackScope::Fleet => ("of the fleet", ""),
        RollbackScope::Region => ("of the region", then(&rollback.then_fleet)),
        RollbackScope::Zone => ("of the zone", then(&rollback.then_fleet)),
    };
    format!(
        "rollbacks {scope}, {} for each zone{rest}",
        time(&rollback.takes)
    )
}

fn then(fleet: &ThenFleet) -> &'static str {
    match fleet {
        ThenFleet::Never => ", the rest stays",
        ThenFleet::After(_) => ", the rest later",
    }
}

fn time(dist: &Dist) -> String {
    spread(dist, Quantity::Duration)
}

fn share(x: f64) -> String {
    Quantity::Share.text(x).replace(".0%", "%")
}

fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Fleet => "the fleet",
        Scope::Region => "each region",
        Scope::Zone => "each zone",
        Scope::Cohort => "each cohort",
    }
}

/// What wakes a fault.
pub(super) fn trigger(fault: &Fault) -> String {
    let what = match &fault.trigger.kind {
        TriggerKind::Delay(delay) if delay.is_zero() => "at once".to_owned(),
        TriggerKind::Delay(delay) => format!("after {}", time(delay)),
        TriggerKind::Requests(mean) => {
            format!(
                "after {} requests on average",
                spread(mean, Quantity::Amount)
            )
        }
        TriggerKind::Share { share: at, after } => {
            format!("{}from a share of {}", later(after), share(*at))
        }
        TriggerKind::Traffic { times, after } => {
            format!("{}from {times} times the mean traffic", later(after))
        }
        TriggerKind::Daily(_) => "at a time of day".to_owned(),
        TriggerKind::Moment(_) => "at one moment".to_owned(),
        TriggerKind::Mixed => "while both versions serve".to_owned(),
    };
    format!("{what}, in {}", scope(fault.trigger.scope))
}

fn later(after: &Dist) -> String {
    if after.is_zero() {
        String::new()
    } else {
        format!("{} later, ", time(after))
    }
}

/// What a fault does to requests that it hits.
pub(super) fn adds(plan: &Plan, fault: &Fault) -> String {
    let each = |(sli, dist): &(usize, Dist)| {
        format!("{} {}", plan.slis[*sli].name, spread(dist, Quantity::Share))
    };
    fault.adds.iter().map(each).collect::<Vec<_>>().join(", ")
}

/// How far a fault reaches beyond the new version, and what else sets it apart.
pub(super) fn reach(plan: &Plan, fault: &Fault) -> String {
    let mut parts = Vec::new();
    if let Some(Spill {
        kind, scope: of, ..
    }) = fault.spill
    {
        let of = scope(of);
        parts.push(match kind {
            SpillKind::Times(factor) => {
                format!("spills to {factor} times its active share of {of}")
            }
            SpillKind::Fixed(part) => format!("spills to {} of {of}", share(part)),
        });
    }
    if let Some(lingers) = &fault.lingers {
        parts.push(format!("lingers {}", time(lingers)));
    }
    if fault.unseen > 0.0 {
        parts.push(format!("{} unseen by metrics", share(fault.unseen)));
    }
    match &fault.susceptible {
        Susceptible::All => {}
        Susceptible::Chance(chance) => parts.push(format!("in {} of regions", share(*chance))),
        Susceptible::Listed(which) => {
            let named = which.iter().zip(&plan.fleet.regions).filter(|(is, _)| **is);
            let names: Vec<&str> = named.map(|(_, region)| region.name.as_str()).collect();
            parts.push(format!("only in {}", names.join(", ")));
        }
    }
    parts.join("; ")
}

/// What a wave goes to.
pub(super) fn targets(plan: &Plan, wave: &Wave) -> String {
    let what = match &wave.spec {
        TargetSpec::Next(1) => "the next region".to_owned(),
        TargetSpec::Next(n) => format!("the next {n} regions"),
        TargetSpec::Rest => "all that is left".to_owned(),
        TargetSpec::Named(targets) => {
            let name = |t: &crate::plan::Target| {
                let region = &plan.fleet.regions[t.region];
                if t.zones.len() == region.zones.len() {
                    return region.name.clone();
                }
                let zones = t.zones.iter().map(|&z| plan.fleet.zones[z].name.clone());
                zones.collect::<Vec<_>>().join(", ")
            };
            targets.iter().map(name).collect::<Vec<_>>().join(", ")
        }
    };
    format!("{what}; {} at a time", wave.parallel)
}

/// How the zones of a region follow each other.
pub(super) fn batches(wave: &Wave) -> String {
    let sizes = wave.batches.sizes.iter().map(usize::to_string);
    let mut sizes: Vec<String> = sizes.collect();
    if wave.batches.rest {
        sizes.push("the rest".to_owned());
    }
    let bake = wave
        .zone_bake
        .as_ref()
        .map(|b| format!("; {} after each", bake(b)));
    format!("{}{}", sizes.join(", "), bake.unwrap_or_default())
}

/// The steps of a zone.
pub(super) fn steps(steps: &[Step]) -> String {
    let each = |step: &Step| {
        let to = match step.to {
            StepShare::OneBox => "one box".to_owned(),
            StepShare::Exact(x) | StepShare::WholeBoxes(x) => share(x),
        };
        let bake = step.bake.as_ref().map(|b| format!(", {}", bake(b)));
        format!("{to}{}", bake.unwrap_or_default())
    };
    steps.iter().map(each).collect::<Vec<_>>().join(" → ")
}

/// A bake.
pub(super) fn bake(bake: &Bake) -> String {
    let BakeKind::Timed(TimedBake {
        lasts,
        min_requests,
        at_most_s,
        then,
        ..
    }) = &bake.kind
    else {
        return "bake until approved".to_owned();
    };
    let mut text = format!("bake {}", time(lasts));
    if *min_requests > 0.0 {
        text.push_str(&format!(
            " and {} requests",
            Quantity::Amount.text(*min_requests)
        ));
    }
    if let Some(most) = at_most_s {
        let then = match then {
            Then::Go => "go on",
            Then::Stop => "stop",
            Then::Ask => "ask",
        };
        text.push_str(&format!(
            ", after {} {then}",
            Quantity::Duration.text(*most)
        ));
    }
    text
}

/// When an alarm's datapoint breaches.
pub(super) fn condition(plan: &Plan, condition: Condition) -> String {
    let sli = condition
        .sli()
        .map_or("", |sli| plan.slis[sli].name.as_str());
    let more = |inclusive| if inclusive { "≥" } else { ">" };
    let less = |inclusive| if inclusive { "≤" } else { "<" };
    match condition {
        Condition::Ratio {
            over, inclusive, ..
        } => {
            format!("{sli} {} {}", more(inclusive), share(over))
        }
        Condition::Count {
            over, inclusive, ..
        } => {
            format!("{sli}: {} {over} bad requests", more(inclusive))
        }
        Condition::ControlPlus {
            over, inclusive, ..
        } => {
            format!("{sli} {} control + {}", more(inclusive), share(over))
        }
        Condition::ControlTimes {
            factor, inclusive, ..
        } => {
            format!("{sli} {} {factor} × control", more(inclusive))
        }
        Condition::ControlTest { critical, .. } => {
            format!("{sli} against control: z > {critical:.2}")
        }
        Condition::RequestsBelow { under, inclusive } => {
            format!("requests {} {under}", less(inclusive))
        }
        Condition::RequestsBelowControl {
            share: part,
            inclusive,
        } => {
            format!("requests {} {} of control's", less(inclusive), share(part))
        }
    }
}

/// Whose requests an alarm reads.
pub(super) fn population(alarm: &Alarm) -> &'static str {
    match alarm.population {
        Population::OneBox => "one box",
        Population::Canary => "canary",
        Population::Zone => "zone",
        Population::Region => "region",
        Population::Fleet => "fleet",
    }
}

/// What an alarm reads, and how many datapoints must breach.
pub(super) fn rule(plan: &Plan, alarm: &Alarm) -> (String, String) {
    let window = |s: u32| Quantity::Duration.text(f64::from(s));
    let mut what = format!(
        "{} over {}",
        condition(plan, alarm.condition),
        window(alarm.window_s)
    );
    if let Some(and) = alarm.and {
        what.push_str(&format!(
            ", and {} over {}",
            condition(plan, and.condition),
            window(and.window_s)
        ));
    }
    if let Some(probes) = alarm.probes {
        what.push_str(&format!(" ({probes} probes a period)"));
    }
    let rule = match alarm.rule {
        Rule::MOfN { m, n } => format!("{m} of {n}, every {}", window(alarm.period_s)),
        Rule::InAll { m } => format!("{m} of all, every {}", window(alarm.every_s)),
    };
    (what, rule)
}

/// What an alarm does.
pub(super) fn action(alarm: &Alarm) -> &'static str {
    match alarm.does {
        Action::RollBack => "rolls back",
        Action::Page => "pages",
        Action::Pause => "pauses",
        Action::Hold => "holds bakes",
    }
}
