//! The first change to a strategy with which its budgets would have held, found by trying.

use std::ops::ControlFlow;

use rayon::ThreadPool;

use super::super::exit::Failure;
use super::super::session::stopped;
use super::Matter;
use crate::check::{self, Answer, Change, Claim, Judged, Settings, Side};
use crate::engine::Engine;
use crate::plan::{Plan, Stratum};
use crate::replicate::batch::{Job, Runner, batch};

/// A tenth of the rollouts that a verdict may take.
const PART: u64 = 10;
/// Rollouts that all trials of one strategy may take together.
const MOST: u64 = 2_500;
/// Good changes by which trials are put in order of time.
const TIMED: u64 = 8;

/// Of each strategy that is judged: `None` where nothing is broken, else the change in words, if one was found.
pub(super) fn advice(
    matter: &Matter,
    judged: &[Judged],
    settings: &Settings,
    pool: &ThreadPool,
    go_on: &mut dyn FnMut(u64, usize) -> ControlFlow<()>,
) -> Result<Vec<(usize, Option<Change>)>, Failure> {
    let mut found = Vec::new();
    for &strategy in &matter.strategies {
        let is_ours = |&i: &usize| matter.claims[i].strategy == strategy;
        let ours: Vec<usize> = (0..judged.len()).filter(is_ours).collect();
        let broken = |i: &&usize| judged[**i].finding.answer == Answer::Broken;
        if ours.iter().any(|i| broken(&i)) {
            let claims: Vec<Claim> = ours.iter().map(|&i| matter.claims[i].clone()).collect();
            let was: Vec<Answer> = ours.iter().map(|&i| judged[i].finding.answer).collect();
            let change = first(matter, strategy, &claims, &was, settings, pool, go_on)?;
            found.push((strategy, change));
        }
    }
    Ok(found)
}

fn first(
    matter: &Matter,
    strategy: usize,
    claims: &[Claim],
    was: &[Answer],
    settings: &Settings,
    pool: &ThreadPool,
    go_on: &mut dyn FnMut(u64, usize) -> ControlFlow<()>,
) -> Result<Option<Change>, Failure> {
    let plan = &matter.scenario.plan;
    let base = matter.base.as_ref().map(|b| Side { plan: &b.plan });
    let mut trials: Vec<(f64, Plan, Change)> = Vec::new();
    for change in check::changes(plan, strategy) {
        let mut changed = plan.clone();
        changed.strategies[strategy] = change.strategy.clone();
        let time = time_to_full(&changed, strategy, settings.seed, pool, go_on)?;
        trials.push((time, changed, change));
    }
    trials.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut left = MOST;
    for (_, changed, change) in trials {
        let most = (settings.most / PART).clamp(1, left.max(1));
        let trial = Settings { most, ..*settings };
        let judged = check::run(&changed, base, claims, &trial, pool, go_on).map_err(stopped)?;
        // What was broken must hold, and nothing else be broken by it.
        let is_mended = judged.iter().zip(was).all(|(now, was)| match was {
            Answer::Broken => now.finding.answer == Answer::Holds,
            _ => now.finding.answer != Answer::Broken,
        });
        if is_mended {
            return Ok(Some(change));
        }
        let spent = judged.iter().map(|j| j.rollouts).max().unwrap_or(0);
        left = left.saturating_sub(spent);
        if left == 0 {
            break;
        }
    }
    Ok(None)
}

/// The mean time to full deployment of a few good changes, the same ones for every trial.
fn time_to_full(
    plan: &Plan,
    strategy: usize,
    seed: u64,
    pool: &ThreadPool,
    go_on: &mut dyn FnMut(u64, usize) -> ControlFlow<()>,
) -> Result<f64, Failure> {
    let runner = Runner {
        engine: Engine::new(plan, strategy),
        strategy: plan.strategies[strategy].name.clone(),
        strata: vec![plan.stratum_name(Stratum::FaultFree).to_owned()],
    };
    let job = |number| Job {
        engine: 0,
        stratum: Stratum::FaultFree,
        number,
    };
    let jobs: Vec<Job> = (0..TIMED).map(job).collect();
    let outcomes = batch(pool, &[runner], seed, &jobs, &mut |n| go_on(n, 0)).map_err(stopped)?;
    let times = outcomes
        .iter()
        .map(|o| o.time_to_full_s.unwrap_or(plan.horizon_s));
    Ok(times.sum::<f64>() / TIMED as f64)
}
