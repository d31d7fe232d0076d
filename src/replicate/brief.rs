//! A brief look at a plan: few rollouts of each strategy, faults as they come.
//!
//! Many plans are looked at so, and each is to cost little. What the look is for decides how many rollouts there are of
//! what. A median takes few, and good changes are the dearest to simulate: they go all the way. A far quantile of what
//! faults do takes hundreds, which are one sample: each draws its class by the scenario's weights. Strata would need
//! hundreds of each class before the far quantile of their mixture had an upper bound.

use std::ops::ControlFlow;

use rayon::ThreadPool;
use rayon::prelude::*;

use super::Stopped;
use super::batch::{Buffers, Job, Runner, batch};
use super::schedule::drawn_fault;
use crate::engine::Engine;
use crate::outcome::Outcome;
use crate::plan::{Plan, Stratum};

/// One rollout in so many is of a fault-free change.
const FAULT_FREE: u64 = 16;

/// How many rollouts of each strategy a look has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Of fault-free changes.
    pub fault_free: u64,
    /// Of faulty ones.
    pub faulty: u64,
}

impl Counts {
    /// Of `runs` rollouts of each strategy.
    pub fn of(runs: u64) -> Counts {
        let fault_free = runs / FAULT_FREE;
        Counts {
            fault_free,
            faulty: runs - fault_free,
        }
    }
}

/// Rollouts that are simulated before their outcomes are taken, so that memory does not grow with their number.
const AT_ONCE: u64 = 16_384;

/// Looks at these strategies (by index in the plan) of a plan, with the same changes for all of them.
///
/// `take` gets each outcome with the place of its strategy, in a fixed order: the same arguments give the same outcomes
/// to the bit, whatever the threads. Kinds of change that cannot occur are left out. `go_on` is asked ten times a second,
/// with the number of rollouts done.
///
/// # Errors
/// When `go_on` ends it, and when a rollout panics.
pub fn look(
    pool: &ThreadPool,
    plan: &Plan,
    strategies: &[usize],
    settings: (u64, Counts),
    go_on: &mut dyn FnMut(u64) -> ControlFlow<()>,
    take: &mut dyn FnMut(usize, &Outcome),
) -> Result<(), Stopped> {
    let (seed, counts) = settings;
    let strata: Vec<String> = plan
        .strata()
        .into_iter()
        .map(|s| plan.stratum_name(s).to_owned())
        .collect();
    let runner = |&s: &usize| Runner {
        engine: Engine::new(plan, s),
        strategy: plan.strategies[s].name.clone(),
        strata: strata.clone(),
    };
    let runners: Vec<Runner<'_>> = pool.install(|| strategies.par_iter().map(runner).collect());
    let mut changes = changes(plan, seed, counts);
    let at_once = (AT_ONCE / strategies.len().max(1) as u64).max(1);
    let mut before = 0;
    let buffers = Buffers::default();
    loop {
        let some: Vec<(Stratum, u64)> = changes.by_ref().take(at_once as usize).collect();
        if some.is_empty() {
            return Ok(());
        }
        let of = |engine| {
            some.iter().map(move |&(stratum, number)| Job {
                engine,
                stratum,
                number,
            })
        };
        let jobs: Vec<Job> = (0..runners.len()).flat_map(of).collect();
        let outcomes = batch(pool, &runners, seed, &jobs, &buffers, &mut |done| {
            go_on(before + done)
        })?;
        for (job, outcome) in jobs.iter().zip(&outcomes) {
            take(job.engine, outcome);
        }
        before += jobs.len() as u64;
    }
}

/// The changes that every strategy meets.
fn changes(plan: &Plan, seed: u64, counts: Counts) -> impl Iterator<Item = (Stratum, u64)> {
    let fault_free = match plan.stratum_weight(Stratum::FaultFree) > 0.0 {
        true => counts.fault_free,
        false => 0,
    };
    let good = (0..fault_free).map(|number| (Stratum::FaultFree, number));
    let bad = (0..counts.faulty).map_while(move |n| Some((drawn_fault(plan, seed, n)?, n)));
    good.chain(bad)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::example::plan;

    #[test]
    fn few_are_fault_free() {
        let of = |runs| Counts::of(runs);
        assert_eq!((of(400).fault_free, of(400).faulty), (25, 375));
        assert_eq!((of(1).fault_free, of(1).faulty), (0, 1));
    }

    /// Of 10,000 faulty changes a quarter is of the second class: 5 standard errors are 0.022.
    #[test]
    fn faults_come_by_their_weights_and_what_cannot_occur_is_left_out() {
        let counts = Counts {
            fault_free: 10,
            faulty: 10_000,
        };
        let of_plan = |bad, weights: &[f64]| -> Vec<(Stratum, u64)> {
            changes(&plan(bad, weights, &["a"]), 1, counts).collect()
        };
        let all = of_plan(0.04, &[3.0, 1.0, 0.0]);
        let of = |s| all.iter().filter(|(stratum, _)| *stratum == s).count() as f64;
        assert_eq!((all.len(), of(Stratum::FaultFree)), (10_010, 10.0));
        assert!((of(Stratum::Fault(1)) / 10_000.0 - 0.25).abs() < 0.022);
        assert_eq!(of(Stratum::Fault(2)), 0.0);
        assert_eq!(of_plan(1.0, &[1.0]).len(), 10_000);
        assert_eq!(of_plan(0.0, &[]).len(), 10);
    }
}
