//! Where the rollouts come from that speak against a claim.

use super::blame::{Blame, Position, Program};
use super::draw::Weight;
use super::score::Score;
use crate::outcome::{DetectedBy, Outcome, TimePart, TimeParts};
use crate::plan::{Plan, Stratum};
use crate::summary::{Stage, Stages};

/// Rollouts that are named.
const NAMED: usize = 32;

/// Which rollouts speak against a claim.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drivers {
    /// How many do.
    pub all: u64,
    /// What they count together, as changes come.
    pub weight: f64,
    /// The same by stratum.
    pub strata: Vec<(Stratum, f64)>,
    /// By what is to blame, the most first, with the stratum.
    pub blames: Vec<((Stratum, Blame), f64)>,
    /// Of faulty ones, by where they were caught.
    pub stages: Vec<(Stage, f64)>,
    /// By what caught them.
    pub detectors: Vec<(DetectedBy, f64)>,
    /// What the time to full deployment was spent on, in seconds.
    pub time: TimeParts,
    /// The first of those drawn as changes come, by stratum and number.
    pub first: Vec<(Stratum, u64)>,
}

/// What there is to know of a strategy to tell where rollouts under it come from.
#[derive(Debug)]
pub(super) struct Strategy<'p> {
    stages: Stages,
    pub program: Program<'p>,
}

impl<'p> Strategy<'p> {
    pub fn of(plan: &'p Plan, strategy: usize) -> Strategy<'p> {
        Strategy {
            stages: Stages::of(plan, strategy),
            program: Program::of(plan, strategy),
        }
    }
}

impl Drivers {
    /// Takes a rollout; `crossing` is where under this strategy the new version has more than the claim allows.
    pub(super) fn add(
        &mut self,
        outcome: &Outcome,
        strategy: &Strategy<'_>,
        crossing: Option<Position>,
        weight: Weight,
    ) {
        let counts = weight.counts;
        self.all += 1;
        self.weight += counts;
        if self.first.len() < NAMED && weight == Weight::ONE {
            self.first.push((outcome.stratum, outcome.number));
        }
        count(&mut self.strata, outcome.stratum, counts);
        if let Some(blame) = strategy.program.blame(outcome, crossing) {
            count(&mut self.blames, (outcome.stratum, blame), counts);
        }
        if let Some(stage) = strategy.stages.stage(outcome) {
            count(&mut self.stages, stage, counts);
        }
        if let Some(by) = outcome.detected_by {
            count(&mut self.detectors, by, counts);
        }
        for part in TimePart::ALL {
            self.time.add(part, counts * outcome.time_parts.get(part));
        }
    }

    pub(super) fn settle(&mut self) {
        most_first(&mut self.strata);
        most_first(&mut self.blames);
        most_first(&mut self.stages);
        most_first(&mut self.detectors);
    }

    /// What is to blame, whatever the stratum, the most first.
    pub fn blames_of_all(&self) -> Vec<(Blame, f64)> {
        let mut all = Vec::new();
        for &((_, blame), weight) in &self.blames {
            count(&mut all, blame, weight);
        }
        most_first(&mut all);
        all
    }
}

/// Whether a rollout speaks against a claim.
pub(super) fn is_against(against: Score, outcome: &Outcome) -> bool {
    against.of(outcome).is_some_and(|x| x > 0.5)
}

fn count<T: PartialEq>(counts: &mut Vec<(T, f64)>, what: T, weight: f64) {
    match counts.iter_mut().find(|(known, _)| *known == what) {
        Some((_, n)) => *n += weight,
        None => counts.push((what, weight)),
    }
}

/// Stable: of equals the first met.
fn most_first<T>(counts: &mut [(T, f64)]) {
    counts.sort_by(|a, b| b.1.total_cmp(&a.1));
}
