//! What a rollout costs, on one core: against its random draws, against drawing every bucket, and in allocations; and how
//! many of them are reckoned, because nothing disturbs them.
//!
//! `cargo bench --bench rollouts` prints a table for the 25-region scenario and the yardstick
//! (`benches/yardstick.toml`), or for one of them (`-- yardstick`).
//! The draws are the times of all steps in all zones, on the streams from which a rollout takes them; a rollout of an
//! attempt more, or one that is stopped, draws others. Times are the least of several runs.
#![allow(
    clippy::print_stdout,
    reason = "a bench has nobody else to tell its figures to"
)]

use std::hint::black_box;
use std::time::Instant;

use landfall::engine::{Engine, Scratch, Way};
use landfall::plan::{Plan, Stratum};
use landfall::random::{Purpose, RolloutKey};

const RUNS: usize = 5;

fn main() {
    println!(
        "{:<34}{:>12}{:>12}{:>9}{:>12}{:>10}{:>10}{:>13}",
        "", "rollouts/s", "us", "draws us", "over draws", "reckoned", "plain us", "allocations"
    );
    let yardstick = include_str!("yardstick.toml");
    let regions = include_str!("../scenarios/hands-off-waves.toml");
    for (name, text, strategy, rollouts) in [
        ("yardstick", yardstick, "yardstick", 2_000),
        ("25 regions", regions, "hands-off waves", 40),
        ("25 regions", regions, "all at once", 40),
    ] {
        // Cargo hands on options of its own; a word picks what to measure.
        let mut picked = std::env::args()
            .skip(1)
            .filter(|arg| !arg.starts_with("--"));
        if picked.next().is_none_or(|part| name.contains(&part)) {
            measure(name, text, strategy, rollouts);
        }
    }
}

fn measure(name: &str, text: &str, strategy: &str, rollouts: u64) {
    let scenario = landfall::scenario::parse(text).expect("a shipped scenario");
    let plan = &scenario.plan;
    let index = plan.strategy_named(strategy).expect("a strategy of it");
    for stratum in plan.strata() {
        let draws = least(|| draw_steps(plan, index, stratum, rollouts));
        let skipping = Engine::with_way(plan, index, Way::Skipping);
        let fast = least(|| simulate(&skipping, stratum, 0..rollouts));
        let few = (rollouts / 20).max(2);
        let plain = Engine::with_way(plan, index, Way::Plain);
        let slow = simulate(&plain, stratum, 0..few) / few as f64;
        let (fast, draws) = (fast / rollouts as f64, draws / rollouts as f64);
        println!(
            "{:<34}{:>12.0}{:>12.1}{:>9.1}{:>12.1}{:>9.0}%{:>10.0}{:>13.1}",
            format!("{name}, {strategy}, {}", plan.stratum_name(stratum)),
            1.0 / fast,
            fast * 1e6,
            draws * 1e6,
            fast / draws,
            reckoned(&skipping, stratum, rollouts) * 100.0,
            slow * 1e6,
            allocations(&skipping, stratum, rollouts),
        );
    }
}

fn least(mut seconds: impl FnMut() -> f64) -> f64 {
    (0..RUNS).map(|_| seconds()).fold(f64::INFINITY, f64::min)
}

/// Seconds that rollouts take, after as many that warm up memory.
fn simulate(engine: &Engine<'_>, stratum: Stratum, numbers: std::ops::Range<u64>) -> f64 {
    let mut scratch = Scratch::default();
    for number in numbers.clone() {
        black_box(engine.simulate(2, stratum, number, &mut scratch));
    }
    let begun = Instant::now();
    for number in numbers {
        black_box(engine.simulate(1, stratum, number, &mut scratch));
    }
    begun.elapsed().as_secs_f64()
}

/// The share of rollouts that are reckoned.
fn reckoned(engine: &Engine<'_>, stratum: Stratum, rollouts: u64) -> f64 {
    let mut scratch = Scratch::default();
    let is_reckoned = |&number: &u64| engine.reckon(1, stratum, number, &mut scratch).is_some();
    (0..rollouts).filter(is_reckoned).count() as f64 / rollouts as f64
}

/// Seconds that the times of all steps take to draw.
fn draw_steps(plan: &Plan, strategy: usize, stratum: Stratum, rollouts: u64) -> f64 {
    let steps = &plan.strategies[strategy].waves[0].steps;
    let begun = Instant::now();
    for number in 0..rollouts {
        let key = RolloutKey::new(1, plan.stratum_key(stratum), number);
        for zone in &plan.fleet.zones {
            for (index, step) in steps.iter().enumerate() {
                let name = zone.key.number(index as u64 + 1);
                let mut stream = key.stream(Purpose::StepTime, 1, name);
                black_box(step.takes.sample(&mut stream));
            }
        }
    }
    begun.elapsed().as_secs_f64()
}

/// Allocations of a rollout whose thread has simulated many before.
fn allocations(engine: &Engine<'_>, stratum: Stratum, rollouts: u64) -> f64 {
    let mut scratch = Scratch::default();
    for number in 0..rollouts {
        engine.simulate(1, stratum, number, &mut scratch);
    }
    let counted = allocation_counter::measure(|| {
        for number in 0..rollouts {
            engine.simulate(1, stratum, number, &mut scratch);
        }
    });
    counted.count_total as f64 / rollouts as f64
}
