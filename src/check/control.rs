//! Forecasts as a control variate: fewer rollouts tell as much.
//!
//! A figure's mean over rollouts is that of "score less b times what its own forecast had scored, plus b times the mean score
//! of some other forecasts", whatever forecasts are worth: own and others have the same mean. Where they foresee most, that
//! varies far less (Owen, "Monte Carlo theory, methods and examples", 2013, section 8.9). The other forecasts are of
//! rollouts that are never simulated, so every value is independent of those before it, as bets want it.

use super::score::Score;
use crate::outcome::Outcome;

/// How many other forecasts there are for each rollout.
const OTHERS: u64 = 8;
/// From which number on rollouts are forecast and never simulated.
const OTHERS_FROM: u64 = 1 << 40;
/// How much of what a forecast says is taken off. Not all of it, as bets can be the higher, the less values can range.
const PART: f64 = 0.8;

/// What forecasts say about the score of a rollout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Control {
    /// What its own forecast scores.
    own: f64,
    /// What others score on the average.
    others: f64,
}

impl Control {
    /// By scores for which somebody can be asked for the forecast of any number.
    pub fn of(
        scores: &[Score],
        number: u64,
        ask: &mut dyn FnMut(u64) -> Option<Outcome>,
    ) -> Vec<Control> {
        // What is not foreseen, or does not apply, may count as anything that is the same for all.
        let score = |score: &Score, forecast: &Option<Outcome>| {
            forecast.as_ref().and_then(|o| score.of(o)).unwrap_or(0.0)
        };
        let own = ask(number);
        let own = scores.iter().map(|s| Control {
            own: score(s, &own),
            others: 0.0,
        });
        let mut controls: Vec<Control> = own.collect();
        let first = OTHERS_FROM + number * OTHERS;
        for other in first..first + OTHERS {
            let forecast = ask(other);
            for (control, s) in controls.iter_mut().zip(scores) {
                control.others += score(s, &forecast) / OTHERS as f64;
            }
        }
        controls
    }

    /// A score from 0 to 1, corrected; it may lie beyond.
    pub fn corrects(self, score: f64) -> f64 {
        score - PART * (self.own - self.others)
    }
}

/// A corrected score as a share of the way that it can go.
pub(super) fn to_unit(corrected: f64) -> f64 {
    ((corrected + PART) / (1.0 + 2.0 * PART)).clamp(0.0, 1.0)
}

/// And back.
pub(super) fn from_unit(share: f64) -> f64 {
    share * (1.0 + 2.0 * PART) - PART
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrected_scores_lie_between_those_that_they_can_be() {
        let corner = |score, own, others| to_unit(Control { own, others }.corrects(score));
        assert_eq!(corner(0.0, 1.0, 0.0), 0.0);
        assert_eq!(corner(1.0, 0.0, 1.0), 1.0);
        for score in [0.0, 0.3, 1.0] {
            // A forecast that says what all say corrects nothing.
            let corrected = corner(score, 0.4, 0.4);
            assert!((from_unit(corrected) - score).abs() < 1e-12, "{score}");
        }
    }
}
