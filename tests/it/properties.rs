//! What holds of every rollout, in every world at hand.

use std::fs;
use std::path::Path;

use landfall::outcome::{Ending, Outcome};
use landfall::plan::{Plan, Stratum};

use crate::worlds::{plan, rollouts};

fn check(plan: &Plan, stratum: Stratum, outcome: &Outcome) -> Result<(), &'static str> {
    let is = |holds: bool, what| if holds { Ok(()) } else { Err(what) };
    let o = outcome;
    let shares = [o.blast_radius, o.exposure_peak];
    is(
        shares.iter().all(|s| (0.0..=1.0).contains(s)),
        "shares lie between 0 and 1",
    )?;
    let fault = match stratum {
        Stratum::FaultFree => None,
        Stratum::Fault(f) => Some(&plan.change.faults[f]),
    };
    if let Some(fault) = fault.filter(|f| f.spill.is_none() && f.lingers.is_none()) {
        is(
            o.blast_radius <= o.exposure_peak + 1e-12,
            "a fault that neither spills nor lingers hits no more than is exposed",
        )?;
        is(fault.weight > 0.0, "what cannot occur does not")?;
    }
    if let Some(full) = o.time_to_full_s {
        is(
            (o.time_parts.total() - full).abs() <= 1e-6 * full.max(1.0),
            "the parts sum to the time to full",
        )?;
        is(
            o.time_to_done_s.is_none_or(|done| done >= full),
            "it is full before it is done",
        )?;
        is(full <= plan.horizon_s, "nothing happens after the horizon")?;
    }
    let seen = matches!(
        o.ending,
        Ending::Caught | Ending::RolledBack | Ending::GivenUp
    );
    is(
        !(seen && o.time_to_full_s.is_some()),
        "what was stopped did not stay",
    )?;
    is(!seen || o.detected_by.is_some(), "something stopped it")?;
    is(
        matches!(
            o.ending,
            Ending::Shipped | Ending::GivenUp | Ending::Stalled
        ) || fault.is_some(),
        "a fault-free change has no fault to be caught",
    )?;
    is(
        o.ending != Ending::Shipped || fault.is_none(),
        "only a fault-free change ships",
    )?;
    is(
        fault.is_some() || (o.bad_requests == 0.0 && o.blast_radius == 0.0),
        "a fault-free change harms nobody",
    )?;
    is(
        o.bad_requests <= o.requests_hit * (1.0 + 1e-9) + 1e-9,
        "no more requests are bad than are hit",
    )?;
    is(
        o.time_to_mitigate_s.is_none() || o.time_to_detect_s.is_some(),
        "what was mitigated was detected",
    )?;
    is(
        o.ending != Ending::Latent || o.zones_hit == 0,
        "what never woke hit nothing",
    )?;
    is(
        o.attempts <= 1 + plan.retry.as_ref().map_or(0, |r| r.max),
        "no more attempts than allowed",
    )?;
    is(o.stops_by_chance <= o.attempts, "an attempt stops once")
}

#[test]
fn every_rollout_keeps_the_rules() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases");
    let mut seen = 0;
    for entry in fs::read_dir(folder).expect("a folder of cases") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        let plan = plan(&fs::read_to_string(&path).expect("a text"));
        for strategy in &plan.strategies {
            for (stratum, outcome) in rollouts(&plan, &strategy.name, 40) {
                if let Err(rule) = check(&plan, stratum, &outcome) {
                    panic!(
                        "{rule}: {} of {}: {outcome:#?}",
                        strategy.name,
                        path.display()
                    );
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 5_000, "{seen} rollouts");
}
