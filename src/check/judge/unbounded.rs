//! "The mean is at most so much", of values without a bound: in the limit of many rollouts.

use super::super::draw::Weight;
use super::super::score::{Score, value};
use super::cvar::VALUES_KEPT;
use super::{Answer, Enough, Finding, Judging, With, two_digits};
use crate::outcome::Outcome;
use crate::stats::{Moments, Tally, asymptotic_half_width, mean_beyond};
use crate::summary::Metric;

/// Rollouts before a verdict "in the limit of many".
const MANY: u64 = 1_000;

/// The claim about a mean, or the mean beyond a quantile, and what came.
///
/// Where part of the changes is known to be at 0, the others count by their part.
#[derive(Debug)]
pub(super) struct Unbounded {
    metric: Metric,
    beyond: Option<f64>,
    at_most: f64,
    part: f64,
    moments: Moments,
    values: Tally,
    has_never: bool,
    n: u64,
    enough: Enough,
}

impl Unbounded {
    pub fn new(
        metric: Metric,
        beyond: Option<f64>,
        at_most: f64,
        part: f64,
        enough: Enough,
    ) -> Unbounded {
        Unbounded {
            metric,
            beyond,
            at_most,
            part,
            moments: Moments::default(),
            values: Tally::new(VALUES_KEPT),
            has_never: false,
            n: 0,
            enough,
        }
    }

    /// The mean, and half the width of its interval.
    fn mean(&self) -> (f64, f64) {
        let found = match self.beyond {
            None => self
                .moments
                .mean()
                .zip(self.moments.variance())
                .map(|(m, v)| {
                    let part = self.part;
                    (part * m, part * part * v)
                }),
            Some(p) => mean_beyond(&self.values.distribution(), (1.0 - p) / self.part)
                .map(|beyond| (beyond.value, beyond.variance)),
        };
        let (mean, variance) = found.unwrap_or((0.0, f64::INFINITY));
        let half = asymptotic_half_width(self.moments.n(), variance, self.enough.level());
        (mean, half)
    }

    fn is_nothing_left(&self) -> bool {
        self.part <= 0.0
    }
}

impl Judging for Unbounded {
    fn take(&mut self, outcome: &Outcome, _: With<'_>, _: Weight) {
        self.n += 1;
        match value(self.metric.reading(outcome)) {
            Some(x) if x.is_finite() => {
                self.moments.add(x);
                self.values.add(x);
            }
            Some(_) => self.has_never = true,
            None => {}
        }
    }

    fn answer(&self) -> Answer {
        if self.is_nothing_left() {
            return match self.at_most >= 0.0 {
                true => Answer::Holds,
                false => Answer::Broken,
            };
        }
        if self.beyond.is_some() && self.has_never {
            return Answer::Broken;
        }
        let (mean, half) = self.mean();
        match self.moments.n() >= MANY {
            true if mean + half <= self.at_most => Answer::Holds,
            true if mean - half > self.at_most => Answer::Broken,
            _ => Answer::Undecided,
        }
    }

    fn finding(&self) -> Finding {
        let answer = self.answer();
        let (mean, half) = match self.is_nothing_left() {
            true => (0.0, 0.0),
            false => self.mean(),
        };
        let off = half / (mean - self.at_most).abs();
        let wanted = (self.n as f64 * off * off).max(MANY as f64);
        Finding {
            answer,
            figure: self
                .enough
                .estimate(mean, (mean - half).max(0.0), mean + half, self.n),
            limit: self.at_most,
            base: None,
            rollouts_to_decide: (answer == Answer::Undecided)
                .then(|| two_digits(wanted))
                .flatten(),
        }
    }

    fn against(&self) -> Score {
        Score::Beyond {
            metric: self.metric,
            over: self.at_most,
            inclusive: false,
        }
    }
}
