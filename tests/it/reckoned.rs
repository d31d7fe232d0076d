//! Rollouts that are reckoned come out as if they had been simulated, to the bit; and those that nothing disturbs are
//! reckoned.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use landfall::engine::{Engine, Scratch};
use landfall::plan::{Plan, Stratum};
use proptest::prelude::*;

use crate::worlds::plan;
use crate::{forecasts, law};

const SEED: u64 = 7;

/// Compares all rollouts with these numbers that are reckoned; returns how many there are in the stratum.
fn reckoned(plan: &Plan, strategy: usize, stratum: Stratum, rollouts: u64) -> u64 {
    let engine = Engine::new(plan, strategy);
    let full = Engine::event_by_event(plan, strategy);
    let (mut scratch, mut of_full) = (Scratch::default(), Scratch::default());
    let is_reckoned = |&number: &u64| {
        let Some(reckoned) = engine.reckon(SEED, stratum, number, &mut scratch) else {
            return false;
        };
        let simulated = full.simulate(SEED, stratum, number, &mut of_full);
        let of = &plan.strategies[strategy].name;
        assert_eq!(reckoned, simulated, "{of}, {stratum:?}, number {number}");
        true
    };
    (0..rollouts).filter(is_reckoned).count() as u64
}

fn reckoned_in_all(plan: &Plan, rollouts: u64) -> u64 {
    let strategies = 0..plan.strategies.len();
    let of = |strategy: usize| -> u64 {
        let strata = plan.strata();
        let of_strata = strata.into_iter();
        of_strata
            .map(|s| reckoned(plan, strategy, s, rollouts))
            .sum()
    };
    strategies.map(of).sum()
}

/// Texts of the files of a folder that end in `.toml`, in order.
fn texts(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<_> = entries.map(|e| e.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    let read = |path| fs::read_to_string(path).expect("a text");
    paths.into_iter().map(read).collect()
}

#[test]
fn they_are_the_simulated_ones_in_the_grid_of_the_law() {
    let plans = law::plans();
    let reckoned: u64 = plans.iter().map(|plan| reckoned_in_all(plan, 200)).sum();
    assert!(reckoned > 1_000, "{reckoned}");
}

#[test]
fn they_are_the_simulated_ones_in_small_cases() {
    let of = |text: String| reckoned_in_all(&plan(&text), 60);
    let reckoned: u64 = texts("tests/it/cases").into_iter().map(of).sum();
    assert!(reckoned > 1_000, "{reckoned}");
}

/// The shipped strategies in their worlds without warm-up, which disturbs every rollout.
#[test]
fn they_are_the_simulated_ones_in_shipped_scenarios() {
    let of = |text: String| {
        let mut plan = plan(&text);
        plan.warm_up = None;
        reckoned_in_all(&plan, 20)
    };
    let reckoned: u64 = texts("scenarios").into_iter().map(of).sum();
    assert!(reckoned > 100, "{reckoned}");
}

/// Of the yardstick's good changes nearly all are; of those with a leak the ones over which it sleeps: its delay has a
/// mean of two hours, and the rollout takes between 1.2 and 1.5.
#[test]
fn nearly_all_that_nothing_disturbs_are() {
    let yardstick = plan(include_str!("../../benches/yardstick.toml"));
    let good = reckoned(&yardstick, 0, Stratum::FaultFree, 300);
    assert!(good >= 290, "{good} of 300");
    let leaks = reckoned(&yardstick, 0, Stratum::Fault(0), 300);
    assert!((100..200).contains(&leaks), "{leaks} of 300");
}

/// Three regions of so many zones, with this alarm and these steps.
fn world(zones: u32, alarm: &str, steps: &str) -> Plan {
    plan(&format!(
        r#"
        format = 1
        scenario = {{ name = "small", start = "2026-03-02T09:00:20Z", watch = "30s" }}
        region.here = {{ zones = {zones}, rps = 60, boxes_per_zone = 10 }}
        region.there = {{ zones = {zones}, rps = 60, boxes_per_zone = 10 }}
        region.else = {{ zones = {zones}, rps = 60, boxes_per_zone = 10 }}
        sli.errors = {{ base = "5%" }}
        alarm.a = {{ scope = "canary", {alarm}, watches = "zone" }}
        rollback = {{ takes = "1m" }}
        [strategy.ours]
        steps = [{steps}]
        zones = {{ batches = [2, 1] }}
        waves = [{{ regions = "rest", parallel = 2 }}]
        "#
    ))
}

/// Strands that end at one moment, some of them with other parts.
#[test]
fn they_are_the_simulated_ones_where_strands_tie() {
    let either = "0.5: 1m | 0.5: 2m";
    let step = |to: &str| format!(r#"{{ to = "{to}", takes = "{either}", bake = "{either}" }}"#);
    let steps = format!("{}, {}", step("50%"), step("100%"));
    let plan = world(2, r#"when = "errors > 90%", datapoints = "3 of 3""#, &steps);
    let reckoned = reckoned_in_all(&plan, 1_000);
    assert!((20..980).contains(&reckoned), "{reckoned}");
}

/// Two buckets are cut in every zone: the first has few requests and mostly breaches, the second does now and then. Only
/// where they lie further apart than the rule looks back may a rollout be reckoned.
#[test]
fn they_are_the_simulated_ones_where_cuts_may_meet() {
    let step = |to: &str| format!(r#"{{ to = "{to}", takes = "1m to 20m", bake = "1m" }}"#);
    let steps = ["10%", "10.5%", "100%"].map(step).join(", ");
    let alarm = r#"when = "requests < 320", period = "1m", datapoints = "2 of 3""#;
    let reckoned = reckoned_in_all(&world(1, alarm, &steps), 5_000);
    assert!((50..2_500).contains(&reckoned), "{reckoned}");
}

/// What a made-up strategy is made of.
#[derive(Clone, Debug)]
struct Made {
    steps: Vec<(usize, usize, u32, usize)>,
    batches: usize,
    parallel: usize,
    wave_bake: usize,
    alarm: (usize, usize, usize, usize),
    flake: usize,
    trigger: usize,
}

const TO: [&str; 5] = ["one-box", "10%", "33%", "66%", "100%"];
/// Certain times make strands end at one moment.
const TAKES: [&str; 5] = ["0s", "1m", "2m", "20s to 4m", "0.5: 1m | 0.5: 2m"];
const BAKES: [&str; 4] = [
    "",
    r#", bake = "5m""#,
    r#", bake = { for = "1m", min_requests = 4_000 }"#,
    r#", bake = { for = "1m to 9m", min_requests = 1_000, at_most = "20m", then = "go" }"#,
];
const SCOPES: [&str; 5] = ["one-box", "canary", "zone", "region", "fleet"];
const WHEN: [&str; 5] = [
    "errors > 1.5%",
    "errors > 3%",
    "errors > 12 per period",
    "requests < 20",
    "errors > 8%",
];
const RULES: [&str; 5] = ["1 of 1", "2 in a row", "2 of 3", "3 of 5", "4 in all"];
const WATCHES: [&str; 4] = ["zone", "wave", "rollout", "watch"];
const TRIGGERS: [&str; 3] = [
    r#"{ delay = "exp(mean=1h)" }"#,
    r#"{ delay = "exp(mean=1h)", scope = "zone" }"#,
    r#"{ requests = 100_000 }"#,
];

impl Made {
    fn text(&self) -> String {
        let mut steps = String::new();
        for &(to, takes, parts, bake) in &self.steps {
            let _ = write!(
                steps,
                r#"{{ to = "{}", takes = "{}", in = {parts}{} }}, "#,
                TO[to], TAKES[takes], BAKES[bake]
            );
        }
        let (scope, when, rule, watches) = self.alarm;
        let wide = scope > 2;
        let watches = WATCHES[if wide { watches.max(1) } else { watches }];
        format!(
            r#"
            format = 1
            scenario = {{ name = "made up", start = "2026-03-02T09:00:20Z", watch = "30s" }}
            region.here = {{ zones = 3, rps = 60, boxes_per_zone = 10 }}
            region.there = {{ zones = 2, rps = 30, boxes_per_zone = 7 }}
            region.else = {{ zones = 3, rps = 60, boxes_per_zone = 10 }}
            sli.errors = {{ base = "0.5%", objective = "99.9%" }}
            change = {{ bad = "50%" }}
            fault.bug = {{ trigger = {}, adds = {{ errors = "5%" }} }}
            alarm.a = {{ scope = "{}", when = "{}", datapoints = "{}", watches = "{watches}" }}
            rollback = {{ takes = "30s to 2m" }}
            retry = {{ after = "1m", max = 1 }}
            [strategy.made]
            tests = [{{ name = "smoke", at = "pre-traffic", takes = "10s to 30s", flake = "{}%" }}]
            steps = [{steps}]
            zones = {{ batches = [{}, 1]{} }}
            waves = [{{ regions = 1{} }}, {{ regions = "rest", parallel = {} }}]
            "#,
            TRIGGERS[self.trigger],
            SCOPES[scope],
            WHEN[when],
            RULES[rule],
            self.flake,
            self.batches,
            BAKES[self.wave_bake % 2],
            BAKES[self.wave_bake],
            self.parallel,
        )
    }
}

fn made() -> impl Strategy<Value = Made> {
    let step = (0..5_usize, 0..5_usize, 1..4_u32, 0..4_usize);
    let steps = proptest::collection::vec(step, 1..4).prop_map(|mut steps| {
        steps.sort_unstable();
        steps
    });
    let alarm = (0..5_usize, 0..5_usize, 0..5_usize, 0..4_usize);
    let rest = (1..3_usize, 1..3_usize, 0..4_usize, 0..2_usize, 0..3_usize);
    (steps, alarm, rest).prop_map(
        |(steps, alarm, (batches, parallel, wave_bake, flake, trigger))| Made {
            steps,
            batches,
            parallel,
            wave_bake,
            alarm,
            flake,
            trigger,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn they_are_the_simulated_ones_in_made_up_strategies(made in made()) {
        let plan = plan(&made.text());
        reckoned_in_all(&plan, 30);
        forecasts::make_sense(&plan, 30);
    }
}
