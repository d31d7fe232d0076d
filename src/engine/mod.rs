//! One rollout, simulated event by event.
//!
//! No files, no clocks, no threads: equal arguments, equal outcomes.

use crate::outcome::Outcome;
use crate::plan::{Plan, Stratum};

/// Buffers that rollouts reuse.
#[derive(Debug, Default)]
pub struct Scratch {}

/// Simulates the rollouts of one strategy.
#[derive(Debug)]
pub struct Engine<'p> {
    plan: &'p Plan,
    strategy: usize,
}

impl<'p> Engine<'p> {
    /// Prepares a strategy (by index in the plan).
    pub fn new(plan: &'p Plan, strategy: usize) -> Engine<'p> {
        Engine { plan, strategy }
    }

    /// Simulates one rollout.
    pub fn simulate(&self, _seed: u64, stratum: Stratum, number: u64, _: &mut Scratch) -> Outcome {
        todo!(
            "{} {stratum:?} {number}",
            self.plan.strategies[self.strategy].name
        )
    }
}
