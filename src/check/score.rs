//! What a rollout says about a figure, as a value from 0 to 1.

use crate::outcome::{Ending, Outcome};
use crate::plan::{Plan, Stratum};
use crate::summary::{Metric, Reading};

/// A value from 0 to 1 of each rollout to which the question applies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Score {
    /// 1 where the rollout ended so.
    Ending(Ending),
    /// 1 where a metric is beyond a value (or at it, if `inclusive`); what never happened is beyond everything.
    Beyond {
        /// The metric.
        metric: Metric,
        /// The value.
        over: f64,
        /// Whether the value itself is beyond.
        inclusive: bool,
    },
    /// A metric that lies between two bounds, as a share of the way; what never happened is left out.
    Value {
        /// The metric.
        metric: Metric,
        /// Its lower bound.
        low: f64,
        /// Its upper bound.
        high: f64,
    },
}

/// What is known of a stratum without simulating it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Known {
    /// It is this in every rollout.
    Always(f64),
    /// The question does not apply.
    DoesNotApply,
    /// Nothing.
    Nothing,
}

impl Score {
    /// The score of a rollout; `None` where the question does not apply.
    pub fn of(self, outcome: &Outcome) -> Option<f64> {
        match self {
            Score::Ending(ending) => Some(f64::from(u8::from(outcome.ending == ending))),
            Score::Beyond {
                metric,
                over,
                inclusive,
            } => {
                let x = value(metric.reading(outcome))?;
                Some(f64::from(u8::from(x > over || (inclusive && x >= over))))
            }
            Score::Value { metric, low, high } => {
                let x = value(metric.reading(outcome)).filter(|x| x.is_finite())?;
                Some(((x - low) / (high - low)).clamp(0.0, 1.0))
            }
        }
    }

    /// The metric, and the value beyond which it scores; `None` of other scores.
    pub(super) fn edge(self) -> Option<(Metric, f64)> {
        match self {
            Score::Beyond { metric, over, .. } => Some((metric, over)),
            Score::Ending(_) | Score::Value { .. } => None,
        }
    }

    /// 1 for rollouts that bring a mean of this score to more than so much (a share of the way).
    pub(super) fn more_than(self, mean: f64) -> Score {
        match self {
            Score::Value { metric, .. } => Score::Beyond {
                metric,
                over: self.scaled(mean),
                inclusive: false,
            },
            Score::Ending(_) | Score::Beyond { .. } => self,
        }
    }

    /// A share of the way between the bounds as the value itself; of other scores it is the mean already.
    pub(super) fn scaled(self, x: f64) -> f64 {
        match self {
            Score::Value { low, high, .. } => low + x * (high - low),
            Score::Ending(_) | Score::Beyond { .. } => x,
        }
    }

    /// What is known of a stratum: no fault is ever caught, and nothing ever hit, where there is none; and a faulty change
    /// never ships.
    pub fn known(self, stratum: Stratum) -> Known {
        let is_fault_free = stratum == Stratum::FaultFree;
        match self {
            Score::Ending(Ending::Shipped) if !is_fault_free => Known::Always(0.0),
            Score::Ending(
                Ending::Caught | Ending::RolledBack | Ending::Latent | Ending::Undetected,
            ) if is_fault_free => Known::Always(0.0),
            Score::Ending(_) => Known::Nothing,
            Score::Beyond { metric, .. } | Score::Value { metric, .. } => {
                match known(metric, stratum) {
                    Known::Always(x) => Known::Always(self.of_value(x)),
                    other => other,
                }
            }
        }
    }

    /// The score of a value of the metric.
    fn of_value(self, x: f64) -> f64 {
        match self {
            Score::Ending(_) => 0.0,
            Score::Beyond {
                over, inclusive, ..
            } => f64::from(u8::from(x > over || (inclusive && x >= over))),
            Score::Value { low, high, .. } => ((x - low) / (high - low)).clamp(0.0, 1.0),
        }
    }
}

/// What is known of a metric in a stratum without simulating it. `budget_burn` is taken to have an objective.
pub(super) fn known(metric: Metric, stratum: Stratum) -> Known {
    match metric {
        _ if stratum != Stratum::FaultFree || metric.applies_fault_free() => Known::Nothing,
        Metric::TimeToDetect | Metric::TimeToMitigate | Metric::Onset | Metric::Severity(_) => {
            Known::DoesNotApply
        }
        _ => Known::Always(0.0),
    }
}

/// Whether a metric has a value in every rollout of strata that are not known to have none.
pub(super) fn always_applies(metric: Metric) -> bool {
    !matches!(
        metric,
        Metric::Time(_)
            | Metric::TimeToDetect
            | Metric::TimeToMitigate
            | Metric::Onset
            | Metric::Severity(_)
    )
}

/// The value of a metric, infinite for what never happened; `None` where the question does not apply.
pub(super) fn value(reading: Reading) -> Option<f64> {
    match reading {
        Reading::Value(x) => Some(x),
        Reading::Never => Some(f64::INFINITY),
        Reading::NotApplicable => None,
    }
}

/// The bounds of a metric that has them in every rollout of a plan.
pub fn bounds(plan: &Plan, metric: Metric) -> Option<(f64, f64)> {
    let attempts = plan.retry.as_ref().map_or(1, |retry| retry.max + 1);
    let zones_of_a_region = plan.fleet.regions.iter().map(|r| r.zones.len()).max();
    let high = match metric {
        Metric::BlastRadius | Metric::ExposurePeak | Metric::Severity(_) => 1.0,
        Metric::TimeToFull | Metric::TimeToDone | Metric::Time(_) | Metric::TimeToDetect => {
            plan.horizon_s
        }
        Metric::ZonesHit => plan.fleet.zones.len() as f64,
        Metric::RegionsHit | Metric::RegionsHitAtOnce => plan.fleet.regions.len() as f64,
        Metric::ZonesHitAtOnceInARegion => zones_of_a_region? as f64,
        Metric::Attempts | Metric::StopsByChance => f64::from(attempts),
        // What lingers may outlast the horizon.
        Metric::TimeToMitigate
        | Metric::RequestsHit
        | Metric::BadRequests
        | Metric::BadRequestsOf(_)
        | Metric::BudgetBurn
        | Metric::Onset => return None,
    };
    Some((0.0, high))
}
