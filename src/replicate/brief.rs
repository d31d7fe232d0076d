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
use super::batch::{Job, Runner, batch};
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

/// What one strategy came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    /// Fault-free changes.
    pub fault_free: Vec<Outcome>,
    /// Faulty ones, as they come.
    pub faulty: Vec<Outcome>,
}

/// Looks at these strategies (by index in the plan) of a plan, with the same changes for all of them.
///
/// Kinds of change that cannot occur are left out. The same arguments give the same looks to the bit, whatever the
/// threads. `go_on` is asked ten times a second, with the number of rollouts done.
///
/// # Errors
/// When `go_on` ends it, and when a rollout panics.
pub fn look(
    pool: &ThreadPool,
    plan: &Plan,
    strategies: &[usize],
    seed: u64,
    counts: Counts,
    go_on: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Vec<Look>, Stopped> {
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
    let changes = changes(plan, seed, counts);
    let job = |engine| {
        move |&(stratum, number): &(Stratum, u64)| Job {
            engine,
            stratum,
            number,
        }
    };
    let jobs: Vec<Job> = (0..runners.len())
        .flat_map(|e| changes.iter().map(job(e)))
        .collect();
    let mut outcomes = batch(pool, &runners, seed, &jobs, go_on)?.into_iter();
    let look = |_| {
        let mut look = Look::default();
        for outcome in outcomes.by_ref().take(changes.len()) {
            match outcome.stratum {
                Stratum::FaultFree => look.fault_free.push(outcome),
                Stratum::Fault(_) => look.faulty.push(outcome),
            }
        }
        look
    };
    Ok((0..runners.len()).map(look).collect())
}

/// The changes that every strategy meets.
fn changes(plan: &Plan, seed: u64, counts: Counts) -> Vec<(Stratum, u64)> {
    let fault_free = match plan.stratum_weight(Stratum::FaultFree) > 0.0 {
        true => counts.fault_free,
        false => 0,
    };
    let good = (0..fault_free).map(|number| (Stratum::FaultFree, number));
    let bad = (0..counts.faulty).filter_map(|n| Some((drawn_fault(plan, seed, n)?, n)));
    good.chain(bad).collect()
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
        let all = changes(&plan(0.04, &[3.0, 1.0, 0.0], &["a"]), 1, counts);
        let of = |s| all.iter().filter(|(stratum, _)| *stratum == s).count() as f64;
        assert_eq!((all.len(), of(Stratum::FaultFree)), (10_010, 10.0));
        assert!((of(Stratum::Fault(1)) / 10_000.0 - 0.25).abs() < 0.022);
        assert_eq!(of(Stratum::Fault(2)), 0.0);
        assert_eq!(changes(&plan(1.0, &[1.0], &["a"]), 1, counts).len(), 10_000);
        assert_eq!(changes(&plan(0.0, &[], &["a"]), 1, counts).len(), 10);
    }
}
