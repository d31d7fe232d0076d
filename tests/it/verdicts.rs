//! Verdicts on budgets whose truth is known in closed form, through the whole program: scenario, engine, judge.
//!
//! Four regions serve 10, 20, 30 and 40 requests a second. Of the faulty changes, which are 4% of all, a quarter hits the
//! first region and 15% the first two, at once and for good, as no alarm sees them; 10% would hit everything, unless a test
//! sees them, as it does with a chance of a half; half of them hit the last region, and are seen within a minute.

use std::ops::ControlFlow;

use landfall::check::{Answer, Judged, Settings, Side, claims, run};
use landfall::plan::Stratum;
use landfall::scenario::{Scenario, parse};
use rayon::ThreadPoolBuilder;

const WORLD: &str = r#"
format = 1
[scenario]
start = "2026-03-02T09:00:00Z"
watch = "1h"
[region.a]
rps = 10
zones = 1
boxes_per_zone = 10
[region.b]
rps = 20
zones = 1
boxes_per_zone = 10
[region.c]
rps = 30
zones = 1
boxes_per_zone = 10
[region.d]
rps = 40
zones = 1
boxes_per_zone = 10
[sli.errors]
base = "0%"
[change]
bad = "4%"
[fault.small]
weight = 5
trigger = { delay = "0s" }
adds = { errors = "50%" }
susceptible = ["a"]
[fault.medium]
weight = 3
trigger = { delay = "0s" }
adds = { errors = "50%" }
susceptible = ["a", "b"]
[fault.large]
weight = 2
trigger = { delay = "0s" }
adds = { errors = "50%" }
caught_by = { gamma = 0.5 }
[fault.loud]
weight = 10
trigger = { delay = "0s" }
adds = { errors = "100%" }
susceptible = ["d"]
[rollback]
takes = "0s"
[alarm.errors]
scope = "region"
when = "errors > 60%"
period = "1m"
datapoints = "1 of 1"
watches = "watch"
[strategy.ours]
steps = [{ to = "100%" }]
waves = [{ regions = "rest", parallel = 4 }]
[strategy.other]
steps = [{ to = "100%" }]
preproduction = [{ name = "gamma", takes = "1m" }]
"#;

/// Everywhere at once, after a test that takes ten minutes or after another.
fn strategy(is_tested: bool) -> String {
    let name = if is_tested { "gamma" } else { "alpha" };
    format!("[[strategy.ours.preproduction]]\nname = \"{name}\"\ntakes = \"10m\"\n")
}

fn scenario(is_tested: bool, budget: &str) -> Scenario {
    let text = format!("{WORLD}{}{budget}", strategy(is_tested));
    parse(&text).unwrap_or_else(|p| panic!("{}", p.render(false)))
}

/// A budget of these changes, judged; against the base where there is one.
fn judged(scenario: &Scenario, base: Option<&Scenario>, seed: u64) -> Judged {
    let claims = claims(&scenario.plan, &[0], 0, &scenario.budgets[0], 0.001).expect("claims");
    let settings = Settings {
        seed,
        most: 20_000,
        confidence: 0.99,
        among: 1,
        gives_up: false,
    };
    let pool = ThreadPoolBuilder::new().num_threads(2).build();
    let pool = pool.expect("threads");
    let mut go_on = |_, _| ControlFlow::Continue(());
    let base = base.map(|b| Side { plan: &b.plan });
    let judged = run(&scenario.plan, base, &claims, &settings, &pool, &mut go_on);
    judged.expect("it runs").judged.remove(0)
}

fn budget(given: &str, keep: &str) -> String {
    format!("[budget.b]\ngiven = \"{given}\"\nkeep = \"{keep}\"\nasymptotic = true\n")
}

/// The figure holds a limit a quarter above it, breaks one a quarter below, lies in the interval of both, and is never
/// judged wrongly at itself.
fn is(given: &str, figure: &str, truth: f64, times_base: bool) {
    let base = times_base.then(|| scenario(false, ""));
    let scale = if times_base { " * base" } else { "" };
    for seed in 1..=2 {
        let of = |factor: f64| {
            let keep = format!("{figure} <= {:.12}{scale}", truth * factor);
            judged(&scenario(true, &budget(given, &keep)), base.as_ref(), seed)
        };
        let (above, below, at) = (of(1.25), of(0.8), of(1.0));
        assert_eq!(
            above.finding.answer,
            Answer::Holds,
            "{figure} of {given}: {above:?}"
        );
        assert_eq!(
            below.finding.answer,
            Answer::Broken,
            "{figure} of {given}: {below:?}"
        );
        assert_ne!(
            at.finding.answer,
            Answer::Broken,
            "{figure} of {given}: {at:?}"
        );
        if !times_base {
            for found in [&above.finding.figure, &below.finding.figure] {
                let range = found.low - 1e-9..=found.high + 1e-9;
                assert!(
                    range.contains(&truth),
                    "{figure} of {given}: {truth} in {found:?}"
                );
            }
        }
    }
}

#[test]
fn chances() {
    is("faulty", "P(undetected)", 0.45, false);
    is("faulty", "P(rolled-back)", 0.5, false);
    is("faulty", "P(blast_radius > 35%)", 0.55, false);
    is("large", "P(caught)", 0.5, false);
    // Of all changes 4% are faulty; the others are not simulated.
    is("all", "P(undetected)", 0.018, false);
    is("all", "P(blast_radius > 35%)", 0.022, false);
    is("all", "P(caught)", 0.002, false);
    // Half of the large ones never get there, and those that are rolled back do not stay.
    is("faulty", "P(time_to_full_s > 1h)", 0.55, false);
}

#[test]
fn what_has_no_time_to_detect_is_left_out() {
    // 5% of the faulty ones are caught before they hit anything; of the others 45% are never seen.
    is("faulty", "P(time_to_detect_s > 10m)", 0.45 / 0.95, false);
    is("all", "P(time_to_detect_s > 10m)", 0.45 / 0.95, false);
}

#[test]
fn means() {
    let mean = 0.25 * 0.1 + 0.15 * 0.3 + 0.05 + 0.5 * 0.4;
    is("faulty", "mean(blast_radius)", mean, false);
    is("all", "mean(blast_radius)", 0.04 * mean, false);
    let regions = 0.25 + 0.15 * 2.0 + 0.05 * 4.0 + 0.5;
    is("faulty", "mean(regions_hit)", regions, false);
    is("large", "mean(blast_radius)", 0.5, false);
}

#[test]
fn against_a_mean_speak_those_that_are_more() {
    let text = budget("faulty", "mean(blast_radius) <= 15%");
    let found = judged(&scenario(true, &text), None, 1);
    assert_eq!(found.finding.answer, Answer::Broken);
    // The small ones are a tenth, and bring it down.
    let strata: Vec<Stratum> = found.drivers.strata.iter().map(|(s, _)| *s).collect();
    assert!(!strata.contains(&Stratum::Fault(0)), "{strata:?}");
    assert!(
        [1, 3]
            .map(Stratum::Fault)
            .iter()
            .all(|s| strata.contains(s)),
        "{strata:?}"
    );
    assert!(found.drivers.all < found.rollouts, "{found:?}");
}

#[test]
fn means_beyond_a_quantile() {
    // The worst tenth: all of the large ones that came through, and as many of the loud ones.
    is(
        "faulty",
        "cvar90(blast_radius)",
        0.5 * 1.0 + 0.5 * 0.4,
        false,
    );
    is(
        "faulty",
        "cvar40(blast_radius)",
        (0.05 + 0.5 * 0.4 + 0.05 * 0.3) / 0.6,
        false,
    );
    // The worst hundredth of all changes is the worst quarter of the faulty ones.
    is("all", "cvar99(blast_radius)", 0.2 * 1.0 + 0.8 * 0.4, false);
}

#[test]
fn means_without_a_bound() {
    // Half of the large ones hit all 100 requests a second for an hour of watching.
    let hour = 3_600.0;
    is("large", "mean(requests_hit)", 0.5 * 100.0 * hour, false);
    is("medium", "mean(requests_hit)", 30.0 * hour, false);
    is("large", "cvar75(requests_hit)", 100.0 * hour, false);
}

#[test]
fn quantiles() {
    // Verdicts on quantiles are about the chance of more: from the limit of one atom up to the next nothing changes.
    let of = |keep: &str| judged(&scenario(true, &budget("faulty", keep)), None, 1).finding;
    for (keep, answer, chance) in [
        ("p90(blast_radius) <= 40%", Answer::Holds, 0.05),
        ("p90(blast_radius) <= 39%", Answer::Broken, 0.55),
        ("p90(blast_radius) < 40%", Answer::Broken, 0.55),
        ("p90(blast_radius) < 41%", Answer::Holds, 0.05),
        ("median(blast_radius) <= 39%", Answer::Broken, 0.55),
        ("p30(blast_radius) <= 10%", Answer::Undecided, 0.7),
    ] {
        let found = of(keep);
        assert_eq!(found.answer, answer, "{keep}: {found:?}");
        let interval = found.figure.low..=found.figure.high;
        assert!(interval.contains(&chance), "{keep}: {found:?}");
    }
}

#[test]
fn chances_and_means_against_the_base() {
    // Without the test nothing is caught.
    is("faulty", "P(undetected)", 0.45 / 0.5, true);
    is("all", "P(undetected)", 0.45 / 0.5, true);
    is("large", "P(blast_radius > 50%)", 0.5, true);
    let base = 0.25 * 0.1 + 0.15 * 0.3 + 0.1 + 0.5 * 0.4;
    is("faulty", "mean(blast_radius)", (base - 0.05) / base, true);
    is("all", "mean(blast_radius)", (base - 0.05) / base, true);
}

#[test]
fn quantiles_against_the_base() {
    // More than 40% is hit by 5%, and without the test by 10%; so the p93 are 40% and everything.
    let base = scenario(false, "");
    let of = |given: &str, keep: &str| {
        judged(&scenario(true, &budget(given, keep)), Some(&base), 1).finding
    };
    assert_eq!(
        of("faulty", "p93(blast_radius) <= 0.5 * base").answer,
        Answer::Holds
    );
    assert_eq!(
        of("faulty", "p93(blast_radius) <= 0.3 * base").answer,
        Answer::Broken
    );
    // 0.28% of all changes are 7% of the faulty ones.
    assert_eq!(
        of("all", "p9972(blast_radius) <= 0.5 * base").answer,
        Answer::Holds
    );
    assert_eq!(
        of("all", "p9972(blast_radius) <= 0.3 * base").answer,
        Answer::Broken
    );
    let found = of("all", "p50(blast_radius) <= 1.1 * base");
    assert_eq!((found.answer, found.figure.value), (Answer::Holds, 0.0));
    let (old, new) = (
        scenario(true, ""),
        scenario(false, &budget("faulty", "p93(blast_radius) <= 1.1 * base")),
    );
    let found = judged(&new, Some(&old), 1).finding;
    assert_eq!(found.answer, Answer::Broken, "{found:?}");
    assert_eq!(
        (found.figure.value, found.base.map(|b| b.value)),
        (1.0, Some(0.4))
    );
}

#[test]
fn a_strategy_is_not_worse_than_itself() {
    for keep in [
        "p99(blast_radius) <= 1.1 * base",
        "P(undetected) <= 1 * base",
        "mean(blast_radius) <= 1.1 * base",
    ] {
        let text = budget("faulty", keep);
        let found = judged(&scenario(true, &text), Some(&scenario(true, "")), 1);
        assert_eq!(found.finding.answer, Answer::Holds, "{keep}");
        assert!(
            found.is_unchanged && found.rollouts <= 512,
            "{keep}: {found:?}"
        );
        assert!(found.finding.figure.high <= 1.0, "{keep}: {found:?}");
        // In another world it is not the same any more.
        let other = parse(&format!("{WORLD}{}", strategy(true)).replace("rps = 40", "rps = 41"));
        let other = other.unwrap_or_else(|p| panic!("{}", p.render(false)));
        assert!(
            !judged(&scenario(true, &text), Some(&other), 1).is_unchanged,
            "{keep}"
        );
    }
    // Half of what one is cannot be kept.
    let text = budget("faulty", "P(undetected) <= 0.5 * base");
    let found = judged(&scenario(true, &text), Some(&scenario(true, "")), 1);
    assert_eq!(found.finding.answer, Answer::Broken);
}

#[test]
fn what_needs_no_simulation_gets_none() {
    for (given, keep, answer) in [
        ("fault-free", "P(undetected) <= 0.1%", Answer::Holds),
        ("fault-free", "p99(blast_radius) <= 0%", Answer::Holds),
        ("all", "P(undetected) <= 4%", Answer::Holds),
        ("all", "P(shipped) <= 99%", Answer::Holds),
        ("faulty", "mean(blast_radius) <= 100%", Answer::Holds),
        ("faulty", "cvar99(blast_radius) <= 100%", Answer::Holds),
        ("fault-free", "cvar99(blast_radius) <= 1%", Answer::Holds),
    ] {
        let found = judged(&scenario(true, &budget(given, keep)), None, 1);
        assert_eq!(found.finding.answer, answer, "{keep} of {given}: {found:?}");
        let is_known = found.rollouts == 0;
        assert!(
            is_known || keep.contains("shipped"),
            "{keep} of {given}: {found:?}"
        );
    }
}

#[test]
fn figures_that_no_change_has_are_refused() {
    for (given, keep, word) in [
        ("fault-free", "p99(time_to_detect_s) <= 1h", "fault-free"),
        ("faulty", "p99(budget_burn) <= 10%", "objective"),
        (
            "faulty",
            "p99(time_to_detect_s) <= 1.1 * base",
            "every rollout",
        ),
        ("faulty", "cvar99(blast_radius) <= 1.1 * base", "quantile"),
    ] {
        let scenario = scenario(true, &budget(given, keep));
        let refused = claims(&scenario.plan, &[0], 0, &scenario.budgets[0], 0.0);
        assert!(
            refused.is_err_and(|e| e.contains(word)),
            "{keep} of {given}"
        );
    }
}
