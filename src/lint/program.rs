//! Programs that cannot end, go too far at once, or kill good changes.

use super::chances::Survival;
use super::times::End;
use super::words::{duration, share};
use super::{Draft, Fix, Found, Severity, Subject};
use crate::plan::{Origin, StepShare};

/// A rollback that takes no longer than this is never slow.
const QUICK_S: f64 = 60.0;

pub(super) fn strategy(subject: &Subject<'_>, alarms: &Survival, found: &mut Found) {
    shares(subject, found);
    length(subject, found);
    batches(subject, found);
    rollback(subject, found);
    survival(subject, alarms, found);
}

fn shares(subject: &Subject<'_>, found: &mut Found) {
    for (w, wave) in subject.times.waves.iter().enumerate() {
        let Some(step) = wave.wave.steps.first() else {
            continue;
        };
        found.work += wave.regions.len() as u64;
        let regions = wave.regions.iter().map(|&r| &subject.plan.fleet.regions[r]);
        let Some(fewest) = regions.min_by_key(|r| r.boxes_per_zone) else {
            continue;
        };
        let comes_to = step.to.in_zone(fewest.boxes_per_zone);
        let wanted = match step.to {
            StepShare::WholeBoxes(wanted) if comes_to > 2.0 * wanted => share(wanted),
            StepShare::OneBox if fewest.boxes_per_zone == 2 => "one box".to_owned(),
            _ => continue,
        };
        let reason = format!(
            "{wanted} is {} of the traffic in zones of region `{}`, which have {} boxes",
            share(comes_to),
            fewest.name,
            fewest.boxes_per_zone
        );
        let draft = Draft::new(
            "share-rounds-up",
            step.origin,
            &format!("wave {}/step 1", w + 1),
            reason,
        );
        found.add(
            Some(subject.strategy),
            draft.suggest("begin with an exact share of the traffic"),
        );
    }
}

fn length(subject: &Subject<'_>, found: &mut Found) {
    let waves = subject.times.with_regions();
    let least: f64 = waves
        .map(|(_, w)| w.wave_s(subject.strategy, End::Least))
        .sum();
    let least = least + subject.plan.watch_s;
    if least > subject.plan.horizon_s {
        let reason = format!(
            "a rollout takes at least {} with its watch, and the horizon is {}",
            duration(least),
            duration(subject.plan.horizon_s)
        );
        let draft = Draft::new("cannot-end", subject.strategy.origin, "strategy", reason);
        let help = format!(
            "lengthen `horizon` to more than {}, or shorten bakes",
            duration(least)
        );
        found.add(Some(subject.strategy), draft.suggest(help));
    }
}

fn batches(subject: &Subject<'_>, found: &mut Found) {
    let mut is_first = true;
    // Said once for a strategy, of its first such wave.
    let mut is_said = false;
    for (w, wave) in subject.times.with_regions() {
        let at = format!("wave {}", w + 1);
        // A wave that nobody wrote is the strategy's.
        let origin = match wave.wave.origin {
            Origin::NOWHERE => subject.strategy.origin,
            origin => origin,
        };
        let whole = wave
            .regions
            .iter()
            .any(|&r| subject.plan.fleet.regions[r].zones.len() == wave.zones);
        if !is_said
            && whole
            && wave.zones > 1
            && wave.wave.batches.size(0, wave.zones) == wave.zones
        {
            let reason = format!("all {} zones of a region change in one batch", wave.zones);
            is_said = true;
            let zones = wave.zones.div_ceil(2).min(wave.zones - 1);
            let draft = Draft::new("region-at-once", origin, &at, reason)
                .suggest(match zones {
                    1 => "take one zone at a time".to_owned(),
                    n => format!("take {n} zones at once"),
                })
                .fix(Fix::ZonesAtOnce { origin, zones });
            found.add(Some(subject.strategy), draft);
        }
        if is_first
            && wave.wave.parallel.min(wave.targets) > 1
            && wave.regions.len() > 1
            && wave.regions.len() < subject.plan.fleet.regions.len()
        {
            let reason = format!(
                "the first wave has {} targets under way at once",
                wave.wave.parallel.min(wave.targets)
            );
            let draft = Draft::new("several-regions-first", origin, &at, reason)
                .suggest("take one region at a time in the first wave")
                .fix(Fix::OneAtATime { origin });
            found.add(Some(subject.strategy), draft);
        }
        is_first = false;
    }
}

fn rollback(subject: &Subject<'_>, found: &mut Found) {
    let rollback = &subject.strategy.rollback;
    let back = rollback.takes.mean();
    let waves = subject.times.with_regions();
    // Bakes count with the least that they take.
    let step = |w: &super::times::WaveTimes<'_>, s: &crate::plan::Step| {
        s.takes.mean() + w.bake_s(s.bake.as_ref(), End::Least)
    };
    let forward = waves.map(|(_, w)| w.wave.steps.iter().map(|s| step(w, s)).sum::<f64>());
    let forward = forward.fold(f64::INFINITY, f64::min);
    if back > forward.max(QUICK_S) && forward.is_finite() {
        let reason = format!(
            "a zone goes back in {} on average, and forward in {}",
            duration(back),
            duration(forward)
        );
        let takes_s = forward.max(QUICK_S);
        let draft = Draft::new("rollback-slow", rollback.origin, "rollback", reason)
            .suggest(format!(
                "keep the old version at hand, so that going back takes at most {}",
                duration(takes_s)
            ))
            .fix(Fix::Rollback {
                origin: rollback.origin,
                takes_s,
            });
        found.add(Some(subject.strategy), draft);
    }
}

/// A bound from above on the chance that a good change ships: it has to pass all tests, which is exact, and alarms that read
/// different requests, which do not know of each other.
fn survival(subject: &Subject<'_>, alarms: &Survival, found: &mut Found) {
    let quiet = alarms.quiet;
    let strategy = subject.strategy;
    let targets = strategy.fixed_targets.iter().flatten().flatten();
    let zones: usize = targets.map(|t| t.zones.len()).sum();
    let pass =
        |tests: &[crate::plan::Test]| -> f64 { tests.iter().map(|t| 1.0 - t.flake).product() };
    let per_zone = pass(&strategy.pre_traffic) * pass(&strategy.post_traffic);
    let tests = pass(&strategy.preproduction) * libm::pow(per_zone, zones as f64);
    let once = tests * quiet;
    let tries = 1 + subject.plan.retry.as_ref().map_or(0, |r| r.max);
    let ships = 1.0 - libm::pow(1.0 - once, f64::from(tries));
    if ships >= 0.5 {
        return;
    }
    let one_gate = quiet >= 1.0 || tests >= 1.0;
    let in_all = match tries {
        // One try and one gate: all is said.
        1 if one_gate => String::new(),
        1 => format!("; in one try it ships with {} at the most", share(ships)),
        n => format!("; in {n} tries it ships with {} at the most", share(ships)),
    };
    let stage = if quiet >= 1.0 {
        format!(
            "tests of {zones} zones let a good change pass with chance {}",
            share(once)
        )
    } else if tests >= 1.0 {
        format!(
            "alarms let a good change pass with chance {} at the most",
            share(once)
        )
    } else {
        format!(
            "tests of {zones} zones let a good change pass with chance {}, alarms with {} at the most",
            share(tests),
            share(quiet)
        )
    };
    let reason = format!("{stage}{in_all}");
    let draft = Draft::new("good-changes-die", strategy.origin, "strategy", reason);
    let help = match &alarms.noisiest {
        Some(alarm) if quiet < tests => format!(
            "mend the alarms that fire by themselves (LF107), first of all `{alarm}`, or allow more tries in [retry]"
        ),
        _ => "mend the tests that flake, run them in fewer zones, or allow more tries in [retry]"
            .to_owned(),
    };
    found.add(Some(strategy), draft.suggest(help).only(Severity::Error));
}
