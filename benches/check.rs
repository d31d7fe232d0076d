//! How long does it take to judge a strategy of 25 regions by four budgets?
//!
//! `cargo bench --bench check` prints the seconds on two threads, together and each budget alone. Limits are a quarter above
//! the figures of a first pass, so that each figure is about 20% below its limit.
#![allow(
    clippy::print_stdout,
    reason = "a bench has nobody else to tell its figures to"
)]

use std::ops::ControlFlow;
use std::time::Instant;

use landfall::check::{Claim, Judged, Settings, claims, run};
use landfall::outcome::Outcome;
use landfall::plan::{Plan, Stratum};
use landfall::replicate::batch::{Buffers, Job, Runner, batch};
use landfall::scenario::{Scenario, parse};
use rayon::{ThreadPool, ThreadPoolBuilder};

const SCENARIO: &str = include_str!("../scenarios/hands-off-waves.toml");
const STRATEGY: &str = "hands-off waves";
/// Rollouts of each stratum in the first pass.
const FIRST: u64 = 100;

/// A budget's changes, its figure, and the rollout's value that it is about.
type Figure = (&'static str, &'static str, fn(&Outcome) -> f64);

const FIGURES: [Figure; 4] = [
    ("faulty", "mean(blast_radius)", |o| o.blast_radius),
    ("faulty", "mean(regions_hit)", |o| f64::from(o.regions_hit)),
    ("faulty", "P(blast_radius > 10%)", |o| {
        f64::from(u8::from(o.blast_radius > 0.1))
    }),
    ("fault-free", "p90(time_to_full_s)", |o| {
        o.time_to_full_s.unwrap_or(f64::INFINITY)
    }),
];

fn main() {
    let pool = ThreadPoolBuilder::new().num_threads(2).build();
    let pool = pool.expect("threads");
    let scenario = with_budgets(&pool);
    let (seconds, together) = judged(&scenario, &[0, 1, 2, 3], &pool);
    for (i, (judged, (given, figure, _))) in together.iter().zip(FIGURES).enumerate() {
        let (alone, _) = self::judged(&scenario, &[i], &pool);
        let answer = judged.finding.answer;
        println!(
            "{:<36}{given:<12}{answer:?} after {:>6} rollouts, {alone:.2} s alone  ({figure})",
            scenario.budgets[i].written, judged.rollouts
        );
    }
    println!("{seconds:.2} s together");
}

/// The scenario with limits a quarter above its figures.
fn with_budgets(pool: &ThreadPool) -> Scenario {
    let scenario = read(SCENARIO);
    let outcomes = outcomes(&scenario.plan, pool);
    let budget = |(i, (given, figure, value)): (usize, &Figure)| {
        let is_ours = |o: &Outcome| (o.stratum == Stratum::FaultFree) == (*given == "fault-free");
        let ours = outcomes.iter().filter(|(o, _)| is_ours(o));
        let mut values: Vec<(f64, f64)> = ours.map(|(o, w)| (value(o), *w)).collect();
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let all: f64 = values.iter().map(|(_, w)| w).sum();
        let mean = values.iter().map(|(x, w)| x * w).sum::<f64>() / all;
        let is_quantile = figure.starts_with("p90");
        let limit = 1.25 * if is_quantile { p90(&values, all) } else { mean };
        let unit = if figure.ends_with("_s)") { "s" } else { "" };
        format!("[budget.b{i}]\ngiven = \"{given}\"\nkeep = \"{figure} <= {limit:.6}{unit}\"\n")
    };
    let budgets: String = FIGURES.iter().enumerate().map(budget).collect();
    read(&format!("{SCENARIO}\n{budgets}"))
}

fn p90(values: &[(f64, f64)], all: f64) -> f64 {
    let mut left = 0.9 * all;
    let reached = values.iter().find(|(_, w)| {
        left -= w;
        left <= 0.0
    });
    reached.map_or(f64::INFINITY, |(x, _)| *x)
}

/// A first pass: some rollouts of each stratum, each with its weight.
fn outcomes(plan: &Plan, pool: &ThreadPool) -> Vec<(Outcome, f64)> {
    let strategy = plan.strategy_named(STRATEGY).expect("it is shipped");
    let of_stratum = |stratum| {
        (0..FIRST).map(move |number| Job {
            engine: 0,
            stratum,
            number,
        })
    };
    let jobs: Vec<Job> = plan.strata().into_iter().flat_map(of_stratum).collect();
    let mut go_on = |_| ControlFlow::Continue(());
    let runners = [Runner::new(plan, strategy)];
    let outcomes = batch(pool, &runners, 1, &jobs, &Buffers::default(), &mut go_on);
    let outcomes = outcomes.expect("they run").into_iter();
    outcomes
        .map(|o| (o.clone(), plan.stratum_weight(o.stratum)))
        .collect()
}

fn read(text: &str) -> Scenario {
    parse(text).unwrap_or_else(|p| panic!("{}", p.render(false)))
}

/// Some of the budgets, judged, and the seconds that it takes.
fn judged(scenario: &Scenario, which: &[usize], pool: &ThreadPool) -> (f64, Vec<Judged>) {
    let plan = &scenario.plan;
    let strategy = plan.strategy_named(STRATEGY).expect("it is shipped");
    let of = |&i: &usize| claims(plan, &[strategy], i, &scenario.budgets[i], 0.0).expect("claims");
    let claims: Vec<Claim> = which.iter().flat_map(of).collect();
    let settings = Settings {
        seed: 1,
        most: 50_000,
        confidence: 0.99,
        among: FIGURES.len(),
        gives_up: false,
    };
    let mut go_on = |_, _| ControlFlow::Continue(());
    let start = Instant::now();
    let judged = run(plan, None, &claims, &settings, pool, &mut go_on).expect("it runs");
    (start.elapsed().as_secs_f64(), judged.judged)
}
