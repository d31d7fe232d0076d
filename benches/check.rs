//! How long does it take to judge a strategy of 25 regions by four budgets?
//!
//! `cargo bench --bench check` prints the seconds on two threads. The limits are a quarter above what a first pass finds, so
//! that each figure is about 20% from its limit.
#![allow(
    clippy::print_stdout,
    reason = "a bench has nobody else to tell its figures to"
)]

use std::ops::ControlFlow;
use std::time::Instant;

use landfall::check::{Claim, Judged, Settings, claims, run};
use landfall::scenario::{Scenario, parse};
use rayon::ThreadPoolBuilder;

const SCENARIO: &str = include_str!("../scenarios/hands-off-waves.toml");
const STRATEGY: &str = "hands-off waves";
const FIGURES: [&str; 4] = [
    "P(undetected)",
    "P(blast_radius > 10%)",
    "mean(blast_radius)",
    "mean(regions_hit)",
];
/// So that the first pass takes more rollouts than the second.
const CAREFUL: usize = 1_000_000_000;

fn main() {
    // Limits that nothing reaches nor keeps by far.
    let first = judged(&budgets([0.05, 0.5, 0.25, 2.0]), CAREFUL);
    let limits = [0, 1, 2, 3].map(|i| first.1[i].finding.figure.value * 1.25);
    let (seconds, second) = judged(&budgets(limits), FIGURES.len());
    for (figure, judged) in FIGURES.iter().zip(&second) {
        let finding = &judged.finding;
        println!(
            "{figure:<24}{:>12.5}{:>12.5}  {:?} after {} rollouts",
            finding.figure.value, finding.limit, finding.answer, judged.rollouts
        );
    }
    println!("{seconds:.2} s");
}

fn budgets(limits: [f64; 4]) -> Scenario {
    let budget = |(i, figure): (usize, &&str)| {
        let limit = limits[i];
        format!("[budget.b{i}]\ngiven = \"faulty\"\nkeep = \"{figure} <= {limit}\"\n")
    };
    let budgets: String = FIGURES.iter().enumerate().map(budget).collect();
    parse(&format!("{SCENARIO}\n{budgets}")).unwrap_or_else(|p| panic!("{}", p.render(false)))
}

fn judged(scenario: &Scenario, among: usize) -> (f64, Vec<Judged>) {
    let plan = &scenario.plan;
    let strategy = plan.strategy_named(STRATEGY).expect("it is shipped");
    let of = |(i, budget)| claims(plan, &[strategy], i, budget, 0.0).expect("claims");
    let claims: Vec<Claim> = scenario.budgets.iter().enumerate().flat_map(of).collect();
    let settings = Settings {
        seed: 1,
        most: 50_000,
        confidence: 0.99,
        among,
    };
    let pool = ThreadPoolBuilder::new().num_threads(2).build();
    let pool = pool.expect("threads");
    let mut go_on = |_, _| ControlFlow::Continue(());
    let start = Instant::now();
    let judged = run(plan, None, &claims, &settings, &pool, &mut go_on).expect("it runs");
    (start.elapsed().as_secs_f64(), judged)
}
