//! Steps that nothing watches, and faults that nothing sees.

use super::alarms::covers;
use super::{Draft, Found, Subject};
use crate::plan::{Condition, Fault};

pub(super) fn strategy(subject: &Subject<'_>, found: &mut Found) {
    steps(subject, found);
    for fault in &subject.plan.change.faults {
        if !is_seen(subject, fault) {
            let reason = format!(
                "strategy `{}` has no alarm and no test that can see `{}`, and no reports lead to a rollback",
                subject.strategy.name, fault.name
            );
            let draft = Draft::new("fault-unseen", fault.origin, &fault.name, reason);
            let help = "add an alarm on what it makes worse, a test in `caught_by`, or reports to the on-call";
            found.add(Some(subject.strategy), draft.suggest(help));
        }
    }
}

fn steps(subject: &Subject<'_>, found: &mut Found) {
    for (w, wave) in subject.times.with_regions() {
        for (i, step) in wave.wave.steps.iter().enumerate() {
            found.work += subject.strategy.alarms.len() as u64;
            if subject.strategy.alarms.iter().any(|a| covers(a, wave, i)) {
                continue;
            }
            let reason = format!(
                "no alarm has datapoints after step {} until the next one",
                i + 1
            );
            let at = format!("wave {}/step {}", w + 1, i + 1);
            let draft = Draft::new("step-unwatched", step.origin, &at, reason);
            let help = "add an alarm with scope \"zone\", \"region\" or \"fleet\"";
            found.add(Some(subject.strategy), draft.suggest(help));
        }
    }
}

fn is_seen(subject: &Subject<'_>, fault: &Fault) -> bool {
    let strategy = subject.strategy;
    let index = subject
        .plan
        .change
        .faults
        .iter()
        .position(|f| std::ptr::eq(f, fault));
    let sees =
        |t: &crate::plan::Test| index.is_some_and(|i| t.sees.get(i).is_some_and(|&c| c > 0.0));
    let tests = [
        &strategy.preproduction,
        &strategy.pre_traffic,
        &strategy.post_traffic,
    ];
    let reads = |condition: Condition| match condition.sli() {
        Some(sli) => fault
            .adds
            .iter()
            .any(|(s, dist)| *s == sli && dist.max() > 0.0),
        // Fewer requests are counted only of what no metric sees.
        None => fault.unseen > 0.0,
    };
    let alarm = strategy.alarms.iter().any(|a| {
        reads(a.condition)
            && (fault.unseen < 1.0 || a.probes.is_some() || a.condition.sli().is_none())
    });
    let people = subject.plan.oncall.reports_per_bad_request > 0.0;
    alarm || people || tests.into_iter().flatten().any(sees)
}
