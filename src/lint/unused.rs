//! Parts that never take effect.

use super::words::share;
use super::{Draft, Fix, Found, Subject};
use crate::plan::{Plan, StepShare};

pub(super) fn plan(plan: &Plan, found: &mut Found) {
    for (name, origin) in &plan.unused_alarms {
        let reason = format!("no strategy uses alarm `{name}`");
        let draft = Draft::new("alarm-unused", *origin, name, reason);
        found.add(
            None,
            draft.suggest("name it in a strategy's `use_alarms`, or remove it"),
        );
    }
}

pub(super) fn strategy(subject: &Subject<'_>, found: &mut Found) {
    let strategy = subject.strategy;
    let tests = [
        &strategy.preproduction,
        &strategy.pre_traffic,
        &strategy.post_traffic,
    ];
    for test in tests.into_iter().flatten() {
        if !test.sees.is_empty() && test.sees.iter().all(|&chance| chance <= 0.0) {
            let reason = format!("no fault mentions test `{}` in `caught_by`", test.name);
            let draft = Draft::new("test-sees-nothing", test.origin, &test.name, reason);
            let help = "say in `caught_by` of the faults with which chance it sees them";
            found.add(Some(strategy), draft.suggest(help));
        }
    }
    for (w, wave) in subject.times.waves.iter().enumerate() {
        for (i, step) in wave.wave.steps.iter().enumerate().skip(1) {
            found.work += (wave.regions.len() * i) as u64;
            let adds = |&r: &usize| {
                let boxes = subject.plan.fleet.regions[r].boxes_per_zone;
                let before = wave.wave.steps[..i].iter().map(|s| s.to.in_zone(boxes));
                step.to.in_zone(boxes) > before.fold(0.0, f64::max)
            };
            if wave.regions.is_empty() || wave.regions.iter().any(adds) {
                continue;
            }
            let to = match step.to {
                StepShare::OneBox => "one box".to_owned(),
                StepShare::Exact(s) | StepShare::WholeBoxes(s) => share(s),
            };
            let reason = format!(
                "step {} to {to} adds nothing to what the steps before reached",
                i + 1
            );
            let at = format!("wave {}/step {}", w + 1, i + 1);
            let draft = Draft::new("step-adds-nothing", step.origin, &at, reason);
            let fix = Fix::DropStep {
                origin: step.origin,
            };
            found.add(Some(strategy), draft.suggest("leave it out").fix(fix));
        }
    }
}
