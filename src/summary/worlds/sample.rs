//! The figures of a strategy in one world, from few rollouts.

use super::Figure;
use crate::outcome::Outcome;
use crate::plan::{Plan, Stratum};
use crate::stats::{Estimate, Moments, Tally, mean, quantile};
use crate::summary::metric::Reading;
use crate::summary::{DAYS_A_MONTH, Metric};

/// Distinct values that are kept of a metric.
const VALUES_KEPT: usize = 16_384;

/// Rollouts of one strategy: fault-free changes, and faulty ones, the faults as they come.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Times to full deployment of fault-free changes.
    times: Tally,
    /// Blast radii of faulty ones.
    radii: Tally,
    /// Bad requests of faulty ones.
    requests: Moments,
}

impl Default for Sample {
    fn default() -> Sample {
        Sample {
            times: Tally::new(VALUES_KEPT),
            radii: Tally::new(VALUES_KEPT),
            requests: Moments::default(),
        }
    }
}

impl Sample {
    /// Adds a rollout.
    pub fn add(&mut self, outcome: &Outcome) {
        match outcome.stratum {
            Stratum::FaultFree => count(&mut self.times, Metric::TimeToFull, outcome),
            Stratum::Fault(_) => {
                count(&mut self.radii, Metric::BlastRadius, outcome);
                self.requests.add(outcome.bad_requests);
            }
        }
    }

    /// The figures in a world of this plan, in the order of [`Figure::ALL`]; `None` where there are no rollouts of which
    /// a figure speaks.
    ///
    /// The rollouts of each kind are one sample of independent values, so that quantiles have the interval of order
    /// statistics, which assumes nothing of the distribution. Bad requests of all changes are those of faulty ones times
    /// their share: the others have none.
    pub fn figures(&self, plan: &Plan, level: f64) -> [Option<Estimate>; Figure::ALL.len()] {
        let bad = 1.0 - plan.stratum_weight(Stratum::FaultFree);
        let bad_a_month = bad * plan.change.per_week * DAYS_A_MONTH / 7.0;
        let of_rank = |tally: &Tally, metric: Metric, p| {
            quantile(&tally.distribution(), p, metric.support(), level)
        };
        Figure::ALL.map(|figure| match figure {
            Figure::BlastRadius => of_rank(&self.radii, Metric::BlastRadius, 0.99),
            Figure::TimeToFull => of_rank(&self.times, Metric::TimeToFull, 0.5),
            Figure::BadRequests => {
                let each = mean(&self.requests, Metric::BadRequests.support(), level)?;
                (bad_a_month > 0.0).then(|| each.times(bad_a_month))
            }
        })
    }
}

fn count(tally: &mut Tally, metric: Metric, outcome: &Outcome) {
    match metric.reading(outcome) {
        Reading::Value(x) => tally.add(x),
        Reading::Never => tally.add(f64::INFINITY),
        Reading::NotApplicable => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::quantile_ranks;
    use crate::summary::example::{plan, shipped, undetected};

    #[test]
    fn figures_are_those_by_hand() {
        let plan = plan(0.04, &[1.0], &["a"]);
        let mut sample = Sample::default();
        for i in 0..400_u32 {
            sample.add(&Outcome {
                blast_radius: f64::from(i) / 400.0,
                bad_requests: 7.0,
                ..undetected(0, u64::from(i))
            });
        }
        for i in 0..24_u32 {
            sample.add(&Outcome {
                time_to_full_s: (i < 20).then(|| f64::from(i)),
                ..shipped(u64::from(i))
            });
        }
        let figures = sample.figures(&plan, 0.95);
        let [radius, requests, time] = figures.map(|e| e.expect("there is one"));
        // The 396th of 400, and the 12th of 24, of which four never come.
        assert_eq!((radius.value, time.value), (395.0 / 400.0, 11.0));
        let ranks = quantile_ranks(400, 0.99, 0.95);
        let of = |rank: Option<u64>| (rank.expect("a bound") - 1) as f64 / 400.0;
        assert_eq!((radius.low, radius.high), (of(ranks.low), of(ranks.high)));
        let expected = 7.0 * 0.04 * plan.change.per_week * 30.0 / 7.0;
        assert!((requests.value - expected).abs() < 1e-9, "{requests:?}");
        assert_eq!(Sample::default().figures(&plan, 0.95), [None; 3]);
    }
}
