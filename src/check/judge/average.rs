//! The mean of a score, with an interval that may be looked at as often as one likes.

use super::super::draw::MOST;
use super::super::score::Score;
use super::Enough;
use crate::stats::{MeanSequence, Moments, chance_interval};

/// The mean of values from 0 to 1, of which each may count up to twice.
#[derive(Clone, Debug)]
pub(super) struct Average {
    is_of_chance: bool,
    /// Values that are 1.
    ones: u64,
    /// Values times what they count.
    moments: Moments,
    /// The same over the most that they can be.
    sequence: MeanSequence,
    is_weighted: bool,
    enough: Enough,
}

impl Average {
    pub fn of(score: Score, enough: Enough) -> Average {
        Average {
            is_of_chance: matches!(score, Score::Ending(_) | Score::Beyond { .. }),
            ones: 0,
            moments: Moments::default(),
            sequence: MeanSequence::new(enough.level()),
            is_weighted: false,
            enough,
        }
    }

    pub fn take(&mut self, x: f64, counts: f64) {
        self.is_weighted |= counts != 1.0;
        self.ones += u64::from(x == 1.0);
        self.moments.add(x * counts);
        self.sequence.take((x * counts / MOST).min(1.0));
    }

    /// Whether all values are zeros and ones.
    pub fn is_of_chance(&self) -> bool {
        self.is_of_chance
    }

    /// How many values there were.
    pub fn n(&self) -> u64 {
        self.moments.n()
    }

    /// The mean of those that came; 0 where none did.
    pub fn mean(&self) -> f64 {
        if self.is_of_chance && !self.is_weighted {
            return self.ones as f64 / self.n().max(1) as f64;
        }
        self.moments.mean().unwrap_or(0.0).clamp(0.0, 1.0)
    }

    /// The variance of values times what they count, where some count other than once.
    pub fn variance_if_weighted(&self) -> Option<f64> {
        self.moments.variance().filter(|_| self.is_weighted)
    }

    /// The variance of values times what they count.
    pub fn variance(&self) -> Option<f64> {
        self.moments.variance()
    }

    /// The mean and its interval, each made what it says of all changes.
    pub fn of_all(&self, whole: impl Fn(f64) -> f64) -> (f64, (f64, f64)) {
        let (low, high) = self.interval();
        (whole(self.mean()), (whole(low), whole(high)))
    }

    /// The interval of the mean.
    pub fn interval(&self) -> (f64, f64) {
        if self.is_of_chance && !self.is_weighted {
            return chance_interval(self.ones, self.n(), self.enough.log);
        }
        let (low, high) = self.sequence.interval();
        ((low * MOST).min(1.0), (high * MOST).min(1.0))
    }
}
