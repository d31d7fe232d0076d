//! Chances that findings state agree with simulation.
//!
//! Shares of 3,000 rollouts may be off by five standard errors.

use std::rc::Rc;

use landfall::engine::{Engine, Scratch};
use landfall::lint::{Finding, findings};
use landfall::operating::{Chance, Memory, Schedule, Tell, by_itself, requests_needed, tells};
use landfall::outcome::Ending;
use landfall::plan::{Plan, Stratum};

use crate::worlds::plan;

const ROLLOUTS: u64 = 3_000;

/// Two regions, one after the other, where everything takes its time; alarms of a strategy that nothing else stops.
fn world(alarms: &str, retry: &str) -> Plan {
    plan(&format!(
        r#"format = 1
        scenario = {{ start = {{ from = "2026-03-02", to = "2026-03-06", hours = "09:00-11:00", tz = "UTC" }}, watch = "20m" }}
        region.east = {{ rps = 20, zones = 2, boxes_per_zone = 10 }}
        region.west = {{ rps = 15, zones = 1, boxes_per_zone = 10 }}
        sli.errors = {{ base = "1%" }}
        change = {{ bad = "50%", per_week = 5 }}
        fault.bug = {{ trigger = {{ delay = "0s" }}, adds = {{ errors = "30%" }} }}
        rollback = {{ takes = "0s" }}
        {retry}
        {alarms}
        [strategy.ours]
        steps = [{{ to = "20%", takes = "0s", bake = "20m" }}, {{ to = "100%", takes = "1m", bake = "10m" }}]
        zones = {{ batches = ["rest"] }}
        waves = [{{ regions = 1, bake = "30m" }}, {{ regions = "rest", bake = "10m" }}]
        "#
    ))
}

/// The share of rollouts of a stratum that end so.
fn share(plan: &Plan, stratum: Stratum, is: impl Fn(Ending) -> bool) -> f64 {
    let engine = Engine::new(plan, 0);
    let mut scratch = Scratch::default();
    let counted =
        (0..ROLLOUTS).filter(|&n| is(engine.simulate(3, stratum, n, &mut scratch).ending));
    counted.count() as f64 / ROLLOUTS as f64
}

fn room(p: f64) -> f64 {
    5.0 * (p * (1.0 - p) / ROLLOUTS as f64).sqrt() + 0.002
}

fn stopped(ending: Ending) -> bool {
    matches!(ending, Ending::GivenUp | Ending::RolledBack)
}

const ALARMS: [(&str, &str); 7] = [
    (
        "canary",
        r#"alarm.a = { scope = "canary", when = "errors > 2.5%", datapoints = "2 of 3" }"#,
    ),
    (
        "zone, to the end",
        r#"alarm.a = { scope = "zone", when = "errors > 1.9%", datapoints = "2 in a row" }"#,
    ),
    (
        "zone, watch",
        r#"alarm.a = { scope = "zone", when = "errors > 2.3%", watches = "watch" }"#,
    ),
    (
        "region, its wave",
        r#"alarm.a = { scope = "region", when = "errors > 1.9%", watches = "wave" }"#,
    ),
    (
        "fleet",
        r#"alarm.a = { scope = "fleet", when = "errors > 1.7%", watches = "rollout" }"#,
    ),
    (
        "overlapping",
        r#"alarm.a = { scope = "zone", when = "errors > 1.6%", window = "3m", every = "1m", watches = "wave" }"#,
    ),
    (
        "two windows",
        r#"alarm.a = { scope = "zone", when = "errors > 1.5%", window = "3m", every = "1m", and = { when = "errors > 1.7%", window = "1m" }, watches = "wave" }"#,
    ),
];

#[test]
fn stops_by_chance_of_a_whole_rollout_are_those_of_simulation() {
    let mut wrong = Vec::new();
    for (name, alarm) in ALARMS {
        let plan = world(alarm, "");
        let of = by_itself(&plan, 0, 0);
        let (low, high) = of.any.bounds().expect("it is computed");
        let found = share(&plan, Stratum::FaultFree, stopped);
        if found < low - room(low) || found > high + room(high) {
            wrong.push(format!("{name}: {:?}, simulated {found}", of.any));
        }
        if !(0.02..0.98).contains(&found) {
            wrong.push(format!("{name}: {found} decides nothing"));
        }
        let memory = Rc::new(Memory::default());
        let quick = Schedule::of(&plan, &plan.strategies[0], memory).at_least();
        let (least, _) = quick.by_itself(0).any.bounds().expect("it is computed");
        // Windows with changes in them are few, where they are left out.
        if least > low + 1e-9 || least < 0.75 * low {
            wrong.push(format!("{name}: at least {least}, exactly {low}"));
        }
        let exact = matches!(of.any, Chance::Is(_));
        assert_eq!(
            exact,
            !name.contains("windows") && name != "overlapping",
            "{name}"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn one(plan: &Plan, lint: &str) -> Finding {
    let mut all = findings(plan);
    all.retain(|f| f.lint.name == lint);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// The percentage that stands before some words.
fn percent_before(text: &str, words: &str) -> f64 {
    let (before, _) = text
        .split_once(words)
        .unwrap_or_else(|| panic!("{words} in {text}"));
    let number = before.rsplit(' ').next().expect("a number");
    number
        .trim_end_matches('%')
        .parse::<f64>()
        .expect("a number")
        / 100.0
}

#[test]
fn a_finding_states_what_simulation_finds() {
    let plan = world(ALARMS[1].1, "");
    let finding = one(&plan, "fires-by-itself");
    let stated = percent_before(&finding.reason, " of good changes");
    let found = share(&plan, Stratum::FaultFree, stopped);
    // It is rounded to a percent, and leaves little out.
    assert!(stated <= found + room(found) + 0.005, "{stated} {found}");
    assert!(stated >= 0.75 * found - room(found), "{stated} {found}");
    // 5 a week, half of them good.
    let a_month = 5.0 * 30.0 / 7.0 * 0.5 * stated;
    let (_, rest) = finding.reason.split_once(": ").expect("a rate");
    let told: f64 = rest.split(' ').next().unwrap().parse().expect("a rate");
    assert!((told / a_month - 1.0).abs() < 0.05, "{told} {a_month}");
}

#[test]
fn a_good_change_survives_no_more_often_than_stated() {
    let alarms = [
        r#"alarm.zone = { scope = "zone", when = "errors > 2.3%" }"#,
        r#"alarm.region = { scope = "region", when = "errors > 1.8%", watches = "wave" }"#,
    ];
    let plan = world(&alarms.join("\n"), r#"retry = { after = "1h", max = 1 }"#);
    let finding = one(&plan, "good-changes-die");
    let stated = percent_before(&finding.reason, " at the most");
    let (_, last) = finding.reason.split_once("; ").expect("two parts");
    let ships = percent_before(last, " at the most");
    assert!(stated <= ships);
    let shipped = share(&plan, Stratum::FaultFree, |e| e == Ending::Shipped);
    assert!(shipped <= ships + room(ships) + 0.005, "{shipped} {ships}");
    assert!(
        shipped > 0.25 * ships,
        "a bound that says something: {shipped} {ships}"
    );
}

/// One datapoint with as many requests as are said to be needed.
#[test]
fn the_requests_that_are_needed_do_what_is_stated() {
    let tell = Tell {
        base: 0.01,
        correlation: 0.0,
        defect: 0.01,
        power: 0.95,
        by_itself: 0.01,
    };
    let needed = requests_needed(tell).expect("enough do");
    assert!(needed.requests >= 1_000, "{needed:?}");
    assert_eq!(tells(tell, needed.requests), Some(needed.bad_at_least));
    assert_eq!(tells(tell, needed.requests / 2), None);
    // 2,000 a minute and so on are no matter of chance.
    let rps = needed.requests as f64 / 60.0 * 2.0;
    let over = (needed.bad_at_least as f64 - 0.5) / needed.requests as f64;
    let plan = plan(&format!(
        r#"format = 1
        region.east = {{ rps = {rps} }}
        sli.errors = {{ base = "1%" }}
        change = {{ bad = "50%" }}
        fault.bug = {{ trigger = {{ delay = "0s" }}, adds = {{ errors = "1%" }} }}
        rollback = {{ takes = "0s" }}
        alarm.a = {{ scope = "canary", when = "errors > {over}", grid = "deployment", watches = "step" }}
        [strategy.ours]
        steps = [{{ to = "50%", takes = "0s", bake = "90s" }}]
        "#
    ));
    let caught = share(&plan, Stratum::Fault(0), stopped);
    let by_itself = share(&plan, Stratum::FaultFree, stopped);
    assert!(caught >= 0.95 - room(0.95), "{caught}");
    assert!(by_itself <= 0.01 + room(0.01), "{by_itself}");
    // Little less than needed: about this is the edge.
    assert!(caught < 0.97 && by_itself > 0.004, "{caught} {by_itself}");
}
