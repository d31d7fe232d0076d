//! Where the rollouts come from that speak against a claim.

use super::draw::Weight;
use crate::outcome::{DetectedBy, Outcome};
use crate::plan::Stratum;
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
    /// Of faulty ones, by where they were caught.
    pub stages: Vec<(Stage, f64)>,
    /// By what caught them.
    pub detectors: Vec<(DetectedBy, f64)>,
    /// The first of those drawn as changes come, by stratum and number.
    pub first: Vec<(Stratum, u64)>,
}

impl Drivers {
    pub(super) fn add(&mut self, outcome: &Outcome, stages: &Stages, weight: Weight) {
        let counts = weight.counts;
        self.all += 1;
        self.weight += counts;
        if self.first.len() < NAMED && weight == Weight::ONE {
            self.first.push((outcome.stratum, outcome.number));
        }
        count(&mut self.strata, outcome.stratum, counts);
        if let Some(stage) = stages.stage(outcome) {
            count(&mut self.stages, stage, counts);
        }
        if let Some(by) = outcome.detected_by {
            count(&mut self.detectors, by, counts);
        }
    }

    pub(super) fn settle(&mut self) {
        // Stable: of equals the first met.
        self.strata.sort_by(|a, b| b.1.total_cmp(&a.1));
        self.stages.sort_by(|a, b| b.1.total_cmp(&a.1));
        self.detectors.sort_by(|a, b| b.1.total_cmp(&a.1));
    }
}

fn count<T: PartialEq>(counts: &mut Vec<(T, f64)>, what: T, weight: f64) {
    match counts.iter_mut().find(|(known, _)| *known == what) {
        Some((_, n)) => *n += weight,
        None => counts.push((what, weight)),
    }
}
