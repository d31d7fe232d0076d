//! Skipping changes no law: the fast way of counting against the plain one.
//!
//! A grid of small worlds covers what alarms can be told and what can happen while they look. In each, 100,000 rollouts
//! of either way are compared in every column. All comparisons together raise a false alarm with a chance of at most
//! [`FALSE_ALARM`] (Bonferroni), over the choice of seeds, which is made once and for all. The same comparison refuses
//! worlds that are off by one datapoint, by a lag, by half a ramp or by a history that is not cleared.

mod cells;
mod column;
mod compare;
mod world;

use landfall::engine::{Engine, Scratch, Way};
use landfall::outcome::Outcome;
use landfall::plan::{Plan, Stratum};
use rayon::prelude::*;

use crate::worlds::plan;
use cells::Cell;
use compare::{Comparison, compare};
use world::{BASE, World};

/// Rollouts of each way, in each stratum of each cell.
const ROLLOUTS: u32 = 100_000;

/// The chance that anything at all is found where nothing is.
const FALSE_ALARM: f64 = 1e-3;

/// More comparisons than are made.
const COMPARISONS: f64 = 1e4;

fn sample(plan: &Plan, way: Way, stratum: Stratum, seed: u64) -> Vec<Outcome> {
    let engine = Engine::with_way(plan, 0, way);
    let simulated = (0..ROLLOUTS)
        .into_par_iter()
        .with_min_len(500)
        .map_init(Scratch::default, |scratch, number| {
            engine.simulate(seed, stratum, number.into(), scratch)
        });
    simulated.collect()
}

/// The plain way in one world against the skipping way in another.
fn compare_ways(name: &str, plain: &World<'_>, skipping: &World<'_>, bad: bool) -> Vec<Comparison> {
    let (plain, skipping) = (plan(&plain.text()), plan(&skipping.text()));
    let stratum = plain
        .strata()
        .into_iter()
        .find(|s| bad != matches!(s, Stratum::FaultFree))
        .expect("a fault, where there is to be one");
    let one = sample(&plain, Way::Plain, stratum, 1);
    let other = sample(&skipping, Way::Skipping, stratum, 2);
    let of = format!("{name}, {}", plain.stratum_name(stratum));
    compare(&plain, &of, [&one, &other])
}

fn assert_alike(cells: &[Cell], bad: bool) {
    let mut made = 0;
    let mut found = Vec::new();
    for (name, world) in cells {
        let comparisons = compare_ways(name, world, world, bad);
        assert!(!comparisons.is_empty(), "{name}: nothing to compare");
        made += comparisons.len();
        let differ = |c: &Comparison| c.p < FALSE_ALARM / COMPARISONS;
        found.extend(comparisons.into_iter().filter(differ));
    }
    assert!((made as f64) < COMPARISONS / 2.0, "{made} comparisons");
    let found: Vec<String> = found
        .iter()
        .map(|c| format!("{}: p = {:e}\n{}", c.of, c.p, c.seen))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn bad_changes_fare_alike_either_way() {
    assert_alike(&cells::with_bad_changes(), true);
}

#[test]
fn good_changes_fare_alike_either_way() {
    assert_alike(&cells::with_good_changes(), false);
}

/// Worlds that are not quite each other are told apart.
#[test]
fn the_comparison_has_power() {
    let alarm = |alarms| World { alarms, ..BASE };
    let ramp = |fault| World {
        fault,
        ..alarm(&[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3""#])
    };
    let pairs = [
        (
            "M of N off by one in M",
            alarm(&[r#"scope = "zone", when = "errors > 0.9%", datapoints = "3 of 5""#]),
            alarm(&[r#"scope = "zone", when = "errors > 0.9%", datapoints = "2 of 5""#]),
        ),
        (
            "M of N off by one in N",
            alarm(&[r#"scope = "zone", when = "errors > 0.9%", datapoints = "3 of 5""#]),
            alarm(&[r#"scope = "zone", when = "errors > 0.9%", datapoints = "3 of 4""#]),
        ),
        (
            "a lag ignored",
            alarm(&[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3", lag = "70s""#]),
            alarm(&[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3""#]),
        ),
        (
            "a ramp that is all there in its middle",
            ramp(
                r#"fault.bug = { trigger = { delay = "3m", scope = "zone" }, adds = { errors = "2%" }, ramp = "6m" }"#,
            ),
            ramp(
                r#"fault.bug = { trigger = { delay = "6m", scope = "zone" }, adds = { errors = "2%" } }"#,
            ),
        ),
        (
            "a history that is not cleared",
            alarm(&[
                r#"scope = "zone", when = "errors > 0.8%", datapoints = "3 of 10", resets = "step""#,
            ]),
            alarm(&[r#"scope = "zone", when = "errors > 0.8%", datapoints = "3 of 10""#]),
        ),
        (
            "a window short by a bucket",
            alarm(&[r#"scope = "zone", when = "errors > 0.8%", window = "5m", every = "1m""#]),
            alarm(&[r#"scope = "zone", when = "errors > 0.8%", window = "4m", every = "1m""#]),
        ),
    ];
    for (name, right, wrong) in pairs {
        let comparisons = compare_ways(name, &right, &wrong, true);
        let least = comparisons.iter().map(|c| c.p).fold(1.0, f64::min);
        assert!(
            least < FALSE_ALARM / COMPARISONS,
            "{name}: not seen, p = {least}"
        );
    }
}
