//! For every lint a little world in which it speaks, and its twin in which it does not.

use std::collections::BTreeSet;

use landfall::lint::{LINTS, findings};

use crate::worlds::plan;

/// The lint, what all of its two worlds have, where it speaks, where it does not.
type Pair = (&'static str, &'static str, &'static str, &'static str);

const ZONE: &str = "[alarm.zone]\nscope = \"zone\"\nwhen = \"errors > 1%\"\nperiod = \"1m\"\ndatapoints = \"1 of 1\"\n";

/// An alarm of slow requests in a canary that bakes so long, and a fault that makes requests slow.
macro_rules! slow_canary {
    ($bake:literal) => {
        concat!(
            "[sli.slow]\nbase = \"1%\"\n[alarm.new]\nscope = \"canary\"\nwhen = \"slow > 2%\"\nperiod = \"1m\"\n\
             datapoints = \"1 of 1\"\n[strategy.ours]\nsteps = [{ to = \"10%\", takes = \"0s\", bake = \"",
            $bake,
            "\" }, { to = \"100%\", takes = \"0s\" }]\n[fault.lag]\nweight = 1\ntrigger = { delay = \"0s\" }\n"
        )
    };
}

const PAIRS: &[Pair] = &[
    (
        "alarm-too-late",
        "[strategy.ours]\nsteps = [{ to = \"10%\", takes = \"0s\", bake = \"4m\" }, { to = \"100%\", takes = \"0s\" }]\n[alarm.new]\nscope = \"canary\"\nwhen = \"errors > 1%\"\nperiod = \"1m\"\n",
        "datapoints = \"5 of 5\"\n",
        "datapoints = \"3 of 5\"\n",
    ),
    (
        "alarms-after-full-exposure",
        "[alarm.slow]\nscope = \"zone\"\nwhen = \"errors > 1%\"\nperiod = \"5m\"\ndatapoints = \"3 of 3\"\nwatches = \"rollout\"\n[strategy.ours]\n",
        "steps = [{ to = \"100%\", takes = \"1m\" }]\n",
        "steps = [{ to = \"10%\", takes = \"1m\", bake = \"1h\" }, { to = \"100%\", takes = \"1m\" }]\n",
    ),
    (
        "bake-too-short",
        "[alarm.zone]\nscope = \"zone\"\nwhen = \"errors > 1%\"\nperiod = \"1m\"\ndatapoints = \"5 of 5\"\n[strategy.ours]\n",
        "steps = [{ to = \"10%\", takes = \"0s\", bake = \"2m\" }, { to = \"100%\", takes = \"0s\" }]\n",
        "steps = [{ to = \"10%\", takes = \"0s\", bake = \"6m\" }, { to = \"100%\", takes = \"0s\" }]\n",
    ),
    (
        "min-requests-out-of-reach",
        "[strategy.ours]\nsteps = [{ to = \"10%\", takes = \"0s\", bake = \"1h\" }, { to = \"100%\", takes = \"0s\" }]\n[alarm.new]\nscope = \"canary\"\nwhen = \"errors > 1%\"\nperiod = \"1m\"\ndatapoints = \"1 of 1\"\n",
        "min_requests = 10_000_000\n",
        "min_requests = 1_000\n",
    ),
    (
        "bake-requests-out-of-reach",
        ZONE,
        "[strategy.ours]\nsteps = [{ to = \"10%\", takes = \"0s\", bake = { for = \"10m\", min_requests = 10_000_000, at_most = \"1h\", then = \"go\" } }, { to = \"100%\", takes = \"0s\" }]\n",
        "[strategy.ours]\nsteps = [{ to = \"10%\", takes = \"0s\", bake = { for = \"10m\", min_requests = 4_000_000, at_most = \"1h\", then = \"go\" } }, { to = \"100%\", takes = \"0s\" }]\n",
    ),
    (
        "too-few-requests",
        slow_canary!("3h"),
        "adds = { slow = \"0.02%\" }\n",
        "adds = { slow = \"1%\" }\n",
    ),
    // The bake has no room for a longer period: the share has to be larger.
    (
        "too-few-requests",
        slow_canary!("2m"),
        "adds = { slow = \"0.1%\" }\n",
        "adds = { slow = \"1%\" }\n",
    ),
    (
        "fires-by-itself",
        "[sli.slow]\nbase = \"1%\"\n[strategy.ours]\nsteps = [{ to = \"100%\", takes = \"0s\", bake = \"30m\" }]\n\
         [alarm.noisy]\nscope = \"zone\"\nperiod = \"1m\"\ndatapoints = \"1 of 1\"\n",
        "when = \"slow > 1.02%\"\n",
        "when = \"slow > 1.1%\"\n",
    ),
    (
        "bake-unwatched",
        "[strategy.ours]\nsteps = [{ to = \"100%\", takes = \"1m\" }]\nwaves = [{ regions = \"rest\", bake = \"2h\" }]\n\
         [alarm.zone]\nscope = \"zone\"\nwhen = \"errors > 1%\"\nperiod = \"1m\"\ndatapoints = \"1 of 1\"\n",
        "watches = \"zone\"\n",
        "watches = \"watch\"\n",
    ),
    (
        "step-unwatched",
        "[strategy.ours]\nsteps = [{ to = \"10%\", takes = \"0s\", bake = \"1h\" }, { to = \"100%\", takes = \"0s\" }]\n[alarm.new]\nwhen = \"errors > 1%\"\nperiod = \"1m\"\ndatapoints = \"1 of 1\"\n",
        "scope = \"canary\"\n",
        "scope = \"zone\"\n",
    ),
    (
        "fault-unseen",
        "[strategy.ours]\nsteps = [{ to = \"100%\", takes = \"1m\" }]\n",
        "",
        ZONE,
    ),
    (
        "share-rounds-up",
        ZONE,
        "[strategy.ours]\nround = \"boxes\"\nsteps = [{ to = \"1%\", takes = \"0s\", bake = \"1h\" }, { to = \"100%\", takes = \"0s\" }]\n",
        "[strategy.ours]\nsteps = [{ to = \"1%\", takes = \"0s\", bake = \"1h\" }, { to = \"100%\", takes = \"0s\" }]\n",
    ),
    (
        "region-at-once",
        "[strategy.ours]\nsteps = [{ to = \"100%\", takes = \"1m\" }]\n",
        "zones = { batches = [2] }\n",
        "zones = { batches = [1] }\n",
    ),
    (
        "several-regions-first",
        "[region.west]\nrps = 1_000\nzones = 1\nboxes_per_zone = 10\n[region.south]\nrps = 1_000\nzones = 1\nboxes_per_zone = 10\n",
        "[strategy.ours]\nsteps = [{ to = \"100%\", takes = \"1m\" }]\nwaves = [{ regions = 2, parallel = 2 }, { regions = \"rest\" }]\n",
        "[strategy.ours]\nsteps = [{ to = \"100%\", takes = \"1m\" }]\nwaves = [{ regions = 2, parallel = 1 }, { regions = \"rest\" }]\n",
    ),
    (
        "rollback-slow",
        "[strategy.ours]\n",
        "steps = [{ to = \"100%\", takes = \"30s\" }]\nrollback = { takes = \"10m\" }\n",
        "steps = [{ to = \"100%\", takes = \"11m\" }]\nrollback = { takes = \"10m\" }\n",
    ),
    (
        "cannot-end",
        "[strategy.ours]\nsteps = [{ to = \"100%\", takes = \"1m\" }]\n",
        "waves = [{ regions = \"rest\", bake = \"1000d\" }]\n",
        "waves = [{ regions = \"rest\", bake = \"1d\" }]\n",
    ),
    (
        "good-changes-die",
        "[strategy.ours]\nsteps = [{ to = \"100%\", takes = \"1m\" }]\n",
        "tests = [{ name = \"hook\", at = \"post-traffic\", takes = \"1m\", flake = \"60%\" }]\n",
        "tests = [{ name = \"hook\", at = \"post-traffic\", takes = \"1m\", flake = \"1%\" }]\n",
    ),
    (
        "alarm-unused",
        ZONE,
        "[strategy.ours]\nsteps = [{ to = \"100%\", takes = \"1m\" }]\nuse_alarms = []\n",
        "[strategy.ours]\nsteps = [{ to = \"100%\", takes = \"1m\" }]\nuse_alarms = [\"zone\"]\n",
    ),
    (
        "test-sees-nothing",
        "[strategy.ours]\nsteps = [{ to = \"100%\", takes = \"1m\" }]\ntests = [{ name = \"hook\", at = \"post-traffic\", takes = \"1m\" }]\n[fault.slow]\nweight = 1\ntrigger = { delay = \"0s\" }\nadds = { errors = \"1%\" }\n",
        "",
        "caught_by = { hook = 0.5 }\n",
    ),
    (
        "step-adds-nothing",
        "[strategy.ours]\n",
        "steps = [{ to = \"30%\", takes = \"1m\" }, { to = \"20%\", takes = \"1m\" }, { to = \"100%\", takes = \"1m\" }]\n",
        "steps = [{ to = \"30%\", takes = \"1m\" }, { to = \"40%\", takes = \"1m\" }, { to = \"100%\", takes = \"1m\" }]\n",
    ),
];

fn speaks(lint: &str, text: &str) -> bool {
    findings(&plan(text)).iter().any(|f| f.lint.name == lint)
}

#[test]
fn every_lint_speaks_where_it_must_and_nowhere_else() {
    let mut wrong = Vec::new();
    for (lint, both, bad, good) in PAIRS {
        let text = |part: &str| format!("{}{both}{part}", super::WORLD);
        for (part, expected) in [(bad, true), (good, false)] {
            match landfall::scenario::parse(&text(part)) {
                Err(problems) => wrong.push(format!("{lint}: {}", problems.render(false))),
                Ok(s) => {
                    let said: Vec<_> = findings(&s.plan).into_iter().map(|f| f.lint.name).collect();
                    if said.contains(lint) != expected {
                        wrong.push(format!("{lint}, expected {expected}: {said:?}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let covered: BTreeSet<&str> = PAIRS.iter().map(|p| p.0).collect();
    let all: BTreeSet<&str> = LINTS.iter().map(|l| l.name).collect();
    assert_eq!(covered, all);
}

#[test]
fn suggested_changes_silence_their_findings() {
    let mut tried = BTreeSet::new();
    for (lint, both, bad, _) in PAIRS {
        let before = plan(&format!("{}{both}{bad}", super::WORLD));
        for finding in findings(&before) {
            let Some(fix) = &finding.fix else { continue };
            let mut after = before.clone();
            fix.apply(&mut after);
            let same =
                |f: &landfall::lint::Finding| f.lint == finding.lint && f.origin == finding.origin;
            assert!(!findings(&after).iter().any(same), "{lint}: {finding:?}");
            tried.insert(finding.lint.name);
        }
    }
    // Every lint that gives a change.
    let expected = [
        "bake-requests-out-of-reach",
        "bake-too-short",
        "bake-unwatched",
        "fires-by-itself",
        "min-requests-out-of-reach",
        "region-at-once",
        "rollback-slow",
        "several-regions-first",
        "step-adds-nothing",
        "too-few-requests",
    ];
    assert_eq!(tried.into_iter().collect::<Vec<_>>(), expected);
    assert!(speaks(
        "fault-unseen",
        &format!(
            "{}[strategy.ours]\nsteps = [{{ to = \"100%\" }}]\n",
            super::WORLD
        )
    ));
}

#[test]
fn a_window_that_never_opens_is_refused() {
    let never = "[strategy.ours]\nsteps = [{ to = \"100%\" }]\nblackouts = [\"2026-01-01 to 2028-01-01\"]\n";
    assert!(landfall::scenario::parse(&format!("{}{never}", super::WORLD)).is_err());
}
