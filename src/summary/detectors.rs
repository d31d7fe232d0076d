//! What detected faults, and what stopped changes by chance.

use super::{Group, Sampling};
use crate::outcome::{DetectedBy, Ending, Outcome};
use crate::plan::{Plan, Stratum};
use crate::stats::{Estimate, Sample, weighted_chance};

/// How often each alarm, test, bake and the people made the last detection, in rollouts of one strategy.
#[derive(Clone, Debug)]
pub struct Detectors {
    level: f64,
    sampling: Sampling,
    /// All that can detect, in the order of the results.
    detectors: Vec<DetectedBy>,
    strata: Vec<Counts>,
}

/// Whether a detection was true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It saw the fault.
    True,
    /// The change was given up, or tried again and shipped, after it had been stopped by chance.
    ByChance,
}

#[derive(Clone, Debug)]
struct Counts {
    stratum: Stratum,
    weight: f64,
    n: u64,
    /// True and by chance, detector by detector.
    hits: Vec<[u64; 2]>,
}

impl Detectors {
    /// Nothing counted yet, for a strategy (by index in the plan).
    pub fn new(plan: &Plan, strategy: usize, sampling: Sampling, level: f64) -> Detectors {
        let detectors = all(plan, strategy);
        let counts = |stratum| Counts {
            stratum,
            weight: plan.stratum_weight(stratum),
            n: 0,
            hits: vec![[0; 2]; detectors.len()],
        };
        Detectors {
            level,
            sampling,
            strata: plan.strata().into_iter().map(counts).collect(),
            detectors,
        }
    }

    /// Counts an outcome of the strategy.
    pub fn add(&mut self, outcome: &Outcome) {
        let is_this = |c: &&mut Counts| c.stratum == outcome.stratum;
        let counts = self.strata.iter_mut().find(is_this);
        let counts = counts.expect("a stratum of the plan");
        counts.n += 1;
        if let Some(by) = outcome.detected_by {
            let detector = self.detectors.iter().position(|d| *d == by);
            counts.hits[detector.expect("a detector of the strategy")][truth(outcome) as usize] +=
                1;
        }
    }

    /// All that can detect: alarms, tests, bakes that may take too long, people.
    pub fn all(&self) -> &[DetectedBy] {
        &self.detectors
    }

    /// The chance that a change of the group is last stopped by this detector, so. `None` without rollouts.
    pub fn chance(&self, group: Group, by: DetectedBy, truth: Truth) -> Option<Estimate> {
        let detector = self.detectors.iter().position(|d| *d == by)?;
        let members = self
            .strata
            .iter()
            .filter(|c| group.contains(c.stratum) && (c.weight > 0.0 || group.is_single()));
        let samples = members.map(|c| Sample {
            weight: if group.is_single() { 1.0 } else { c.weight },
            n: c.n,
            applicable: c.n,
            hits: c.hits[detector][truth as usize],
        });
        match self.sampling {
            Sampling::Stratified => weighted_chance(&samples.collect::<Vec<_>>(), self.level),
            Sampling::Plain => weighted_chance(&[samples.fold(NOTHING, pooled)], self.level),
        }
    }
}

const NOTHING: Sample = Sample {
    weight: 1.0,
    n: 0,
    applicable: 0,
    hits: 0,
};

fn pooled(sum: Sample, more: Sample) -> Sample {
    Sample {
        weight: 1.0,
        n: sum.n + more.n,
        applicable: sum.applicable + more.applicable,
        hits: sum.hits + more.hits,
    }
}

/// A rollout ends with its true detection, if there is one.
fn truth(outcome: &Outcome) -> Truth {
    match outcome.ending {
        Ending::Caught | Ending::RolledBack => Truth::True,
        _ => Truth::ByChance,
    }
}

fn all(plan: &Plan, strategy: usize) -> Vec<DetectedBy> {
    let strategy = &plan.strategies[strategy];
    let mut all: Vec<DetectedBy> = Vec::new();
    all.extend((0..strategy.preproduction.len()).map(DetectedBy::Preproduction));
    all.extend((0..strategy.pre_traffic.len()).map(DetectedBy::PreTraffic));
    all.extend((0..strategy.alarms.len()).map(DetectedBy::Alarm));
    all.extend((0..strategy.post_traffic.len()).map(DetectedBy::PostTraffic));
    all.extend([DetectedBy::Bake, DetectedBy::People]);
    all
}

#[cfg(test)]
mod tests {
    use super::super::example::{plan, shipped, undetected};
    use super::*;

    fn seen(f: usize, number: u64) -> Outcome {
        Outcome {
            ending: Ending::RolledBack,
            detected_by: Some(DetectedBy::People),
            ..undetected(f, number)
        }
    }

    #[test]
    fn true_detections_are_counted_apart_from_chance() {
        let plan = plan(0.5, &[1.0, 3.0], &["s"]);
        let mut detectors = Detectors::new(&plan, 0, Sampling::Stratified, 0.95);
        let by_chance = Outcome {
            ending: Ending::GivenUp,
            detected_by: Some(DetectedBy::Bake),
            ..shipped(0)
        };
        for outcome in [
            by_chance,
            shipped(1),
            seen(0, 0),
            seen(1, 0),
            undetected(1, 1),
        ] {
            detectors.add(&outcome);
        }
        let value = |group, by, truth| detectors.chance(group, by, truth).unwrap().value;
        assert_eq!(
            value(Group::Faulty, DetectedBy::People, Truth::True),
            0.25 + 0.75 * 0.5
        );
        assert_eq!(
            value(Group::FAULT_FREE, DetectedBy::Bake, Truth::ByChance),
            0.5
        );
        assert_eq!(value(Group::All, DetectedBy::Bake, Truth::ByChance), 0.25);
        assert_eq!(value(Group::All, DetectedBy::Bake, Truth::True), 0.0);
    }

    #[test]
    fn plain_sampling_pools_what_came() {
        let plan = plan(0.5, &[1.0, 3.0], &["s"]);
        let mut detectors = Detectors::new(&plan, 0, Sampling::Plain, 0.95);
        for outcome in [shipped(0), seen(0, 1), undetected(1, 2), undetected(1, 3)] {
            detectors.add(&outcome);
        }
        let seen = detectors
            .chance(Group::All, DetectedBy::People, Truth::True)
            .unwrap();
        assert_eq!((seen.value, seen.n), (0.25, 4));
    }
}
