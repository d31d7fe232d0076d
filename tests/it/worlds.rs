//! Little worlds that several tests use.

use landfall::engine::{Engine, Scratch};
use landfall::outcome::Outcome;
use landfall::plan::{Plan, Stratum};

/// Reads a scenario that must be right.
pub fn plan(text: &str) -> Plan {
    let scenario = landfall::scenario::parse(text);
    scenario
        .unwrap_or_else(|problems| panic!("{}", problems.render(false)))
        .plan
}

/// Rollouts of a strategy, stratum by stratum.
pub fn rollouts(plan: &Plan, strategy: &str, runs: u64) -> Vec<(Stratum, Outcome)> {
    let index = plan.strategy_named(strategy);
    let engine = Engine::new(plan, index.expect("a strategy of this name"));
    let mut scratch = Scratch::default();
    let mut all = Vec::new();
    for stratum in plan.strata() {
        for number in 0..runs {
            all.push((stratum, engine.simulate(1, stratum, number, &mut scratch)));
        }
    }
    all
}

/// A world with everything on.
pub const EVERYTHING: &str = include_str!("cases/model-twice-the-same.toml");
