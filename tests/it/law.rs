//! The two ways of counting have one law: [`Way::Skipping`] jumps over buckets that cannot matter, [`Way::Plain`] draws
//! every one, and every column of what comes out has the same distribution.
//!
//! A grid of small worlds is simulated both ways, with different seeds, and every column of both samples compared. The
//! seeds are fixed. Of another pair of them, a right program would fail with a chance of at most [`FALSE_ALARM`]:
//! that is shared out evenly among all comparisons (Bonferroni). `flaws` shows which mistakes such samples give away.

mod cells;
mod column;
mod compare;
mod flaws;
mod left_out;
mod world;

use std::fmt::Write as _;
use std::io::{Write as _, stderr};

use landfall::engine::{Engine, Scratch, Way};
use landfall::plan::{Plan, Stratum};

use crate::worlds::plan;
use cells::{Cell, Changes, cells};
use column::Sample;
use compare::{Comparison, compare};

/// The chance that any of all comparisons fails though nothing is wrong.
const FALSE_ALARM: f64 = 1e-6;

/// The most comparisons there may be.
const COMPARISONS: usize = 4_000;

/// Samples less alike than this come from different laws.
const THRESHOLD: f64 = FALSE_ALARM / COMPARISONS as f64;

/// Rollouts of each way, in each stratum of each cell.
const ROLLOUTS: u32 = 100_000;

/// The environment variable that chooses cells by name, with semicolons between them.
const CHOICE: &str = "LANDFALL_CELLS";

const SEED_OF_PLAIN: u64 = 1;
const SEED_OF_SKIPPING: u64 = 2;

#[test]
fn skipping_changes_no_law() {
    let mut compared = 0;
    let mut different = String::new();
    let cells: Vec<(Cell, Plan)> = chosen_cells()
        .into_iter()
        .map(|cell| (cell, plan(&cell.world.text())))
        .collect();
    for (cell, plan) in &cells {
        for stratum in strata(cell, plan) {
            let of = format!("{:?}, {}", cell.name, plan.stratum_name(stratum));
            let comparisons = compare_ways(&of, stratum, ROLLOUTS, [plan, plan]);
            compared += comparisons.len();
            for Comparison { of, p, seen } in comparisons.iter().filter(|c| c.p < THRESHOLD) {
                let _ = writeln!(different, "{of}: p = {p:.1e}, plain and skipping:\n{seen}");
            }
        }
    }
    assert!(
        compared <= COMPARISONS,
        "{compared} comparisons share the chance of a false alarm"
    );
    assert!(
        different.is_empty(),
        "p below {THRESHOLD:.1e} in\n{different}"
    );
}

/// All cells; or those that [`CHOICE`] names, for whoever knows where a broken copy shows (`tests/mutants`).
fn chosen_cells() -> Vec<Cell> {
    let Ok(choice) = std::env::var(CHOICE) else {
        return cells();
    };
    let mut chosen = cells();
    let names: Vec<&str> = choice.split(';').map(str::trim).collect();
    for name in &names {
        let is_met = chosen.iter().any(|cell| cell.name == *name);
        assert!(is_met, "{CHOICE} names {name:?}, which is no cell");
    }
    chosen.retain(|cell| names.contains(&cell.name));
    let _ = writeln!(
        stderr(),
        "{CHOICE}: {} cells of the grid only",
        chosen.len()
    );
    chosen
}

/// Compares a sample of one plan drawn the plain way with one of another plan drawn by skipping.
fn compare_ways(of: &str, stratum: Stratum, rollouts: u32, plans: [&Plan; 2]) -> Vec<Comparison> {
    let [plain, skipping] = plans;
    let plainly = Sample::simulated(plain, Way::Plain, stratum, SEED_OF_PLAIN, rollouts);
    let skipped = Sample::simulated(skipping, Way::Skipping, stratum, SEED_OF_SKIPPING, rollouts);
    compare(plain, of, [&plainly, &skipped])
}

/// The worlds of the grid.
pub fn plans() -> Vec<Plan> {
    let cells = cells().into_iter();
    cells.map(|cell| plan(&cell.world.text())).collect()
}

fn strata(cell: &Cell, plan: &Plan) -> Vec<Stratum> {
    let mut strata = plan.strata();
    strata.retain(|stratum| match cell.changes {
        Changes::Good => *stratum == Stratum::FaultFree,
        Changes::Faulty => *stratum != Stratum::FaultFree,
        Changes::Both => true,
    });
    strata
}

/// What a thread remembers of laws that it met saves work and changes nothing: results do not depend on which rollouts
/// a thread did before.
#[test]
fn what_is_remembered_changes_nothing() {
    for cell in cells() {
        let plan = plan(&cell.world.text());
        for stratum in strata(&cell, &plan) {
            let engine = Engine::new(&plan, 0);
            let mut shared = Scratch::default();
            let others = (0..40).rev().chain(0..40);
            for (turn, number) in others.enumerate() {
                let with_memory = engine.simulate(SEED_OF_SKIPPING, stratum, number, &mut shared);
                if turn >= 40 {
                    let alone = &mut Scratch::default();
                    let without = engine.simulate(SEED_OF_SKIPPING, stratum, number, alone);
                    assert_eq!(with_memory, without, "{:?}, rollout {number}", cell.name);
                }
            }
        }
    }
}

#[test]
fn the_tests_of_homogeneity_have_their_textbook_values() {
    // Pearson's statistic is 2 (10^2 / 40) + 2 (10^2 / 60), and of one degree of freedom p is erfc(sqrt(x / 2)).
    let p = compare::chi_square(&[[50, 30], [50, 70]]);
    assert!(
        (p / libm::erfc(libm::sqrt(25.0 / 6.0)) - 1.0).abs() < 1e-9,
        "{p}"
    );
    // Far out, of two degrees, it is e^(-x / 2).
    let p = compare::chi_square(&[[250, 350], [450, 350], [300, 300]]);
    assert!((p / libm::exp(-175.0 / 12.0) - 1.0).abs() < 1e-9, "{p}");
    // Kolmogorov's other series: sqrt(2 pi) / x times the sum of e^(-(2 k - 1)^2 pi^2 / (8 x^2)).
    for x in [0.3, 0.83, 1.36, 2.0] {
        let pi = std::f64::consts::PI;
        let term = |k: i32| libm::exp(-f64::from(k * k) * pi * pi / (8.0 * x * x));
        let below = libm::sqrt(2.0 * pi) / x * (0..20).map(|k| term(2 * k + 1)).sum::<f64>();
        let p = compare::kolmogorov(x);
        assert!((p - (1.0 - below)).abs() < 1e-12, "{x}: {p}");
    }
}
