//! The blocks of a run and their order.

use super::allocation::allocation;
use super::{BLOCK, Settings};
use crate::plan::{Plan, Stratum};
use crate::random::{NameKey, Purpose, RolloutKey};
use crate::summary::Sampling;

/// Consecutive rollouts of one strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Place of the strategy in the list.
    pub(super) place: usize,
    /// Their stratum; `None`: each draws its own.
    pub(super) stratum: Option<Stratum>,
    /// Place of the stratum in the schedule.
    stream: usize,
    /// First number.
    pub(super) first: u64,
    /// How many.
    pub(super) count: u64,
}

/// Which blocks there are, in which order.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    places: usize,
    streams: Vec<Stream>,
}

/// Rollouts numbered from 0.
#[derive(Clone, Copy, Debug)]
struct Stream {
    stratum: Option<Stratum>,
    runs: u64,
    weight_each: f64,
}

impl Schedule {
    pub(super) fn new(plan: &Plan, places: usize, settings: &Settings) -> Schedule {
        let runs = settings.runs;
        let stratified = |(stratum, runs): (Stratum, u64)| Stream {
            stratum: Some(stratum),
            runs,
            weight_each: plan.stratum_weight(stratum) / runs as f64,
        };
        let streams = match settings.sampling {
            Sampling::Stratified => allocation(plan, runs)
                .into_iter()
                .filter(|a| a.1 > 0)
                .map(stratified)
                .collect(),
            Sampling::Plain => vec![Stream {
                stratum: None,
                runs,
                weight_each: 1.0 / runs as f64,
            }],
        };
        Schedule { places, streams }
    }

    /// Rollouts of all strategies.
    pub(super) fn total(&self) -> u64 {
        self.streams.iter().map(|s| s.runs).sum::<u64>() * self.places as u64
    }

    /// The weight of each rollout of a block.
    pub(super) fn weight(&self, block: Block) -> f64 {
        self.streams[block.stream].weight_each
    }

    /// All blocks. Strata advance together, each in proportion to its number, so that figures of all of them can be
    /// shown on the way; and of each block all strategies come one after the other, so that comparisons can.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Block> + '_ {
        let mut next = vec![0; self.streams.len()];
        std::iter::from_fn(move || {
            let stream = self.most_behind(&next)?;
            let first = next[stream];
            let count = BLOCK.min(self.streams[stream].runs - first);
            next[stream] += count;
            Some((stream, first, count))
        })
        .flat_map(|(stream, first, count)| {
            let stratum = self.streams[stream].stratum;
            (0..self.places).map(move |place| Block {
                place,
                stratum,
                stream,
                first,
                count,
            })
        })
    }

    /// The stream of which the smallest part is done; of equals the first.
    fn most_behind(&self, next: &[u64]) -> Option<usize> {
        // Fractions are compared as products of whole numbers.
        let part = |i: usize| (u128::from(next[i]), u128::from(self.streams[i].runs));
        (0..next.len())
            .filter(|&i| next[i] < self.streams[i].runs)
            .min_by(|&a, &b| {
                let ((done_a, of_a), (done_b, of_b)) = (part(a), part(b));
                (done_a * of_b).cmp(&(done_b * of_a))
            })
    }
}

/// The stratum of rollout `number` with plain sampling, drawn with the scenario's weights: the same under every
/// strategy.
pub(super) fn drawn_stratum(plan: &Plan, seed: u64, number: u64) -> Stratum {
    let key = RolloutKey::new(seed, NameKey::NONE, number);
    let mut left = key.stream(Purpose::Stratum, 0, NameKey::NONE).uniform();
    let strata = plan.strata();
    for &stratum in &strata {
        left -= plan.stratum_weight(stratum);
        if left < 0.0 {
            return stratum;
        }
    }
    // Weights that sum to a hair less than 1: the last stratum that can occur.
    let possible = strata.iter().rev().find(|&&s| plan.stratum_weight(s) > 0.0);
    possible.copied().unwrap_or(Stratum::FaultFree)
}

/// The fault of faulty rollout `number`, drawn with the scenario's weights: the same under every strategy. `None` where
/// no change is faulty.
pub(super) fn drawn_fault(plan: &Plan, seed: u64, number: u64) -> Option<Stratum> {
    let faults = || plan.strata().into_iter().skip(1);
    let total: f64 = faults().map(|s| plan.stratum_weight(s)).sum();
    let key = RolloutKey::new(seed, NameKey::NONE, number);
    let mut left = total * key.stream(Purpose::Stratum, 0, NameKey::NONE).uniform();
    let mut last = None;
    for stratum in faults().filter(|&s| plan.stratum_weight(s) > 0.0) {
        last = Some(stratum);
        left -= plan.stratum_weight(stratum);
        if left < 0.0 {
            break;
        }
    }
    last
}
