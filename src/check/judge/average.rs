//! The mean of a score, with an interval that may be looked at as often as one likes.

use super::super::score::Score;
use super::Enough;
use crate::stats::{MeanSequence, chance_interval};

/// The mean of values from 0 to 1.
#[derive(Clone, Debug)]
pub(super) struct Average {
    n: u64,
    ones: u64,
    /// `None` where all values are zeros and ones.
    sequence: Option<MeanSequence>,
    enough: Enough,
}

impl Average {
    pub fn of(score: Score, enough: Enough) -> Average {
        let is_chance = matches!(score, Score::Ending(_) | Score::Beyond { .. });
        Average {
            n: 0,
            ones: 0,
            sequence: (!is_chance).then(|| MeanSequence::new(enough.level())),
            enough,
        }
    }

    pub fn take(&mut self, x: f64) {
        self.n += 1;
        match &mut self.sequence {
            Some(sequence) => sequence.take(x),
            None => self.ones += u64::from(x == 1.0),
        }
    }

    /// Whether all values are zeros and ones.
    pub fn is_of_chance(&self) -> bool {
        self.sequence.is_none()
    }

    /// How many values there were.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The mean of those that came; 0 where none did.
    pub fn mean(&self) -> f64 {
        match &self.sequence {
            Some(sequence) => sequence.mean().unwrap_or(0.0),
            None => self.ones as f64 / self.n.max(1) as f64,
        }
    }

    pub fn interval(&self) -> (f64, f64) {
        match &self.sequence {
            Some(sequence) => sequence.interval(),
            None => chance_interval(self.ones, self.n, self.enough.log),
        }
    }
}
