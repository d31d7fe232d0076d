//! The shipped scenarios load, run, and are sane.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use landfall::engine::{Engine, Scratch};
use landfall::outcome::Ending;
use landfall::plan::{Plan, Stratum};

use crate::worlds::plan;

/// Fault-free rollouts of each strategy: fewer in a large fleet, whose rollouts take long.
fn runs(plan: &Plan) -> u64 {
    if plan.fleet.zones.len() > 10 { 3 } else { 200 }
}

/// Strategies that are there to show what goes wrong.
const WARNINGS: [&str; 3] = [
    "10% for 5 minutes, any error",
    "10% a minute, any error",
    "all at once, any error",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// The shipped scenarios by the names of their files.
fn scenarios() -> Vec<(String, Plan)> {
    let entries = fs::read_dir(folder()).expect("scenarios");
    let mut names: Vec<String> = entries
        .map(|entry| {
            let name = entry.expect("an entry").file_name();
            name.into_string().expect("a name")
        })
        .filter(|name| name.ends_with(".toml"))
        .collect();
    names.sort();
    let read = |name: String| {
        let text = fs::read_to_string(folder().join(&name)).expect("a text");
        let plan = plan(&text);
        (name, plan)
    };
    names.into_iter().map(read).collect()
}

#[test]
#[expect(clippy::print_stdout, reason = "the table is for people, too")]
fn good_changes_ship() {
    let mut table = String::new();
    for (name, plan) in scenarios() {
        writeln!(table, "{name}").expect("a string takes everything");
        for (index, strategy) in plan.strategies.iter().enumerate() {
            let engine = Engine::new(&plan, index);
            let mut scratch = Scratch::default();
            let runs = runs(&plan);
            let shipped = (0..runs).filter(|&number| {
                let outcome = engine.simulate(1, Stratum::FaultFree, number, &mut scratch);
                outcome.ending == Ending::Shipped
            });
            let share = shipped.count() as f64 / runs as f64;
            writeln!(table, "  {:<32} {:.1}%", strategy.name, 100.0 * share).expect("a string");
            let recommended = !WARNINGS.contains(&strategy.name.as_str());
            assert!(
                !recommended || share >= 0.9,
                "{name}, {}: {share}",
                strategy.name
            );
        }
    }
    print!("{table}");
    insta::assert_snapshot!("fault-free chance to ship", table);
}

/// No scenario has a fault that cannot happen, or a rollout that does not end. The last strategy of each is the boldest,
/// or nearly so: under it faults wake that a more careful one might not let out. Some are nearly always caught in tests.
#[test]
fn every_fault_wakes_somewhere() {
    for (name, plan) in scenarios() {
        let strategies = 0..plan.strategies.len();
        let engines: Vec<Engine<'_>> = strategies.map(|i| Engine::new(&plan, i)).collect();
        let mut scratch = Scratch::default();
        for stratum in plan.strata() {
            let mut attempts = engines
                .iter()
                .rev()
                .cycle()
                .zip(0..4_000)
                .map(|(engine, i)| {
                    let number = i / engines.len() as u64;
                    let outcome = engine.simulate(1, stratum, number, &mut scratch);
                    assert_ne!(outcome.ending, Ending::Stalled, "{name}, {stratum:?}");
                    outcome.blast_radius > 0.0
                });
            let hit = stratum == Stratum::FaultFree || attempts.any(|hit| hit);
            assert!(hit, "{name}: {stratum:?} never hits anybody");
        }
    }
}

/// The published example of Azure's stages: 26 regions in 13 pairs, never both of a pair together, and stages that start
/// on days 1, 2, 3, 4, 5 and 8. In the world the regions of a pair stand one after the other.
#[test]
fn azure_stages_go_as_in_the_published_example() {
    const DAY_S: f64 = 86_400.0;
    let text = fs::read_to_string(folder().join("azure-safe-deployment.toml")).expect("a text");
    let plan = plan(&text);
    assert_eq!(plan.fleet.regions.len(), 26);
    let stages = plan.strategies[0].fixed_targets.as_ref().expect("listed");
    assert_eq!(stages.len(), 6);
    for stage in stages {
        let mut pairs: Vec<usize> = stage.iter().map(|target| target.region / 2).collect();
        let regions = pairs.len();
        pairs.sort_unstable();
        pairs.dedup();
        assert_eq!(pairs.len(), regions, "a pair together");
    }
    let engine = Engine::new(&plan, 0);
    let mut scratch = Scratch::default();
    for number in 0..20 {
        let outcome = engine.simulate(1, Stratum::FaultFree, number, &mut scratch);
        let full = outcome.time_to_full_s.expect("full");
        let days = full / DAY_S;
        // It starts between eight and nine in the morning: day 8 is from 6.6 days later on.
        let on_day_8 = (6.6..7.6).contains(&days);
        assert!(outcome.attempts > 1 || on_day_8, "{days}");
    }
}

#[test]
fn every_scenario_is_in_the_table() {
    let table = fs::read_to_string(folder().join("README.md")).expect("a table");
    for (name, _) in scenarios() {
        assert!(
            table.contains(&format!("]({name})")),
            "{name} is not listed"
        );
    }
}
