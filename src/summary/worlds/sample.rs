//! The figures of a strategy in one world, from few rollouts.

use super::Figure;
use crate::outcome::Outcome;
use crate::plan::{Plan, Stratum};
use crate::stats::{Estimate, Moments, Tally, mean, quantile};
use crate::summary::metric::Reading;
use crate::summary::{DAYS_A_MONTH, Metric};

/// Rollouts of one strategy.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Of fault-free changes.
    pub fault_free: &'a [Outcome],
    /// Of faulty ones, the faults as they come.
    pub faulty: &'a [Outcome],
}

impl Sample<'_> {
    /// The figures in a world of this plan, in the order of [`Figure::ALL`]; `None` where there are no rollouts of which
    /// a figure speaks.
    ///
    /// The rollouts of each kind are one sample of independent values, so that quantiles have the interval of order
    /// statistics, which assumes nothing of the distribution. Bad requests of all changes are those of faulty ones times
    /// their share: the others have none.
    pub fn figures(&self, plan: &Plan, level: f64) -> [Option<Estimate>; Figure::ALL.len()] {
        let bad = 1.0 - plan.stratum_weight(Stratum::FaultFree);
        let bad_a_month = bad * plan.change.per_week * DAYS_A_MONTH / 7.0;
        Figure::ALL.map(|figure| match figure {
            Figure::BlastRadius => of_rank(self.faulty, Metric::BlastRadius, 0.99, level),
            Figure::TimeToFull => of_rank(self.fault_free, Metric::TimeToFull, 0.5, level),
            Figure::BadRequests => {
                let mut moments = Moments::default();
                self.faulty.iter().for_each(|o| moments.add(o.bad_requests));
                let each = mean(&moments, Metric::BadRequests.support(), level)?;
                (bad_a_month > 0.0).then(|| each.times(bad_a_month))
            }
        })
    }
}

fn of_rank(outcomes: &[Outcome], metric: Metric, p: f64, level: f64) -> Option<Estimate> {
    let mut tally = Tally::new(outcomes.len().max(1));
    for outcome in outcomes {
        match metric.reading(outcome) {
            Reading::Value(x) => tally.add(x),
            Reading::Never => tally.add(f64::INFINITY),
            Reading::NotApplicable => {}
        }
    }
    quantile(&tally.distribution(), p, metric.support(), level)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::quantile_ranks;
    use crate::summary::example::{plan, shipped, undetected};

    #[test]
    fn figures_are_those_by_hand() {
        let plan = plan(0.04, &[1.0], &["a"]);
        let faulty: Vec<Outcome> = (0..400_u32)
            .map(|i| Outcome {
                blast_radius: f64::from(i) / 400.0,
                bad_requests: 7.0,
                ..undetected(0, u64::from(i))
            })
            .collect();
        let fault_free: Vec<Outcome> = (0..24)
            .map(|i| Outcome {
                time_to_full_s: (i < 20).then(|| f64::from(i)),
                ..shipped(0)
            })
            .collect();
        let sample = Sample {
            fault_free: &fault_free,
            faulty: &faulty,
        };
        let [radius, requests, time] = sample
            .figures(&plan, 0.95)
            .map(|e| e.expect("there is one"));
        // The 396th of 400, and the 12th of 24, of which four never come.
        assert_eq!((radius.value, time.value), (395.0 / 400.0, 11.0));
        let ranks = quantile_ranks(400, 0.99, 0.95);
        let of = |rank: Option<u64>| (rank.expect("a bound") - 1) as f64 / 400.0;
        assert_eq!((radius.low, radius.high), (of(ranks.low), of(ranks.high)));
        let expected = 7.0 * 0.04 * plan.change.per_week * 30.0 / 7.0;
        assert!((requests.value - expected).abs() < 1e-9, "{requests:?}");
        let nothing = Sample {
            fault_free: &[],
            faulty: &[],
        };
        assert_eq!(nothing.figures(&plan, 0.95), [None; 3]);
    }
}
