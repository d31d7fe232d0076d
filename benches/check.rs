//! How long does it take to judge a strategy of 25 regions by four budgets, and which rollouts does it take?
//!
//! `cargo bench --bench check` prints the seconds on two threads: of budgets whose figures are 20% below their limits, which
//! a first pass with far limits finds; and how much of it is each group of changes.
#![allow(
    clippy::print_stdout,
    reason = "a bench has nobody else to tell its figures to"
)]

use std::ops::ControlFlow;
use std::time::Instant;

use landfall::check::{Claim, Judged, Settings, claims, run};
use landfall::scenario::{Scenario, parse};
use rayon::{ThreadPool, ThreadPoolBuilder};

const SCENARIO: &str = include_str!("../scenarios/hands-off-waves.toml");
const STRATEGY: &str = "hands-off waves";
/// A figure, the changes it is about, and a limit that is far off.
const BUDGETS: [(&str, &str, f64); 4] = [
    ("P(blast_radius > 10%)", "faulty", 0.5),
    ("P(bad_requests > 100_000)", "faulty", 0.9),
    ("mean(regions_hit)", "faulty", 20.0),
    ("P(time_to_full_s > 6d)", "fault-free", 0.9),
];
/// So that the first pass takes more rollouts than the second.
const CAREFUL: usize = 1_000_000_000;

fn main() {
    let pool = ThreadPoolBuilder::new().num_threads(2).build();
    let pool = pool.expect("threads");
    let first = judged(
        &budgets(BUDGETS.map(|b| b.2)),
        &[0, 1, 2, 3],
        CAREFUL,
        &pool,
    )
    .1;
    // 20% below its limit is 25% more than the figure; what never came up is held to one in a hundred.
    let limits = [0, 1, 2, 3].map(|i| (first[i].finding.figure.value * 1.25).max(0.01));
    let scenario = budgets(limits);
    let (seconds, together) = judged(&scenario, &[0, 1, 2, 3], BUDGETS.len(), &pool);
    for (i, (judged, (figure, given, _))) in together.iter().zip(BUDGETS).enumerate() {
        let finding = &judged.finding;
        let (alone, _) = self::judged(&scenario, &[i], BUDGETS.len(), &pool);
        println!(
            "{figure:<28}{given:<12}{:>10.5} of {:>10.5}  {:?} after {:>6} rollouts, {alone:.2} s alone",
            finding.figure.value, finding.limit, finding.answer, judged.rollouts
        );
    }
    println!("{seconds:.2} s");
}

fn budgets(limits: [f64; 4]) -> Scenario {
    let budget = |(i, (figure, given, _)): (usize, &(&str, &str, f64))| {
        let limit = limits[i];
        format!("[budget.b{i}]\ngiven = \"{given}\"\nkeep = \"{figure} <= {limit}\"\n")
    };
    let budgets: String = BUDGETS.iter().enumerate().map(budget).collect();
    parse(&format!("{SCENARIO}\n{budgets}")).unwrap_or_else(|p| panic!("{}", p.render(false)))
}

/// Some of the budgets, judged, and the seconds that it takes.
fn judged(
    scenario: &Scenario,
    which: &[usize],
    among: usize,
    pool: &ThreadPool,
) -> (f64, Vec<Judged>) {
    let plan = &scenario.plan;
    let strategy = plan.strategy_named(STRATEGY).expect("it is shipped");
    let of = |&i: &usize| claims(plan, &[strategy], i, &scenario.budgets[i], 0.0).expect("claims");
    let claims: Vec<Claim> = which.iter().flat_map(of).collect();
    let settings = Settings {
        seed: 1,
        most: 50_000,
        confidence: 0.99,
        among,
        stops_at_broken: false,
    };
    let mut go_on = |_, _| ControlFlow::Continue(());
    let start = Instant::now();
    let judged = run(plan, None, &claims, &settings, pool, &mut go_on).expect("it runs");
    (start.elapsed().as_secs_f64(), judged)
}
