//! The columns of the comparison table.

use super::{Event, Group, Metric, Stage, Statistic, Summary};
use crate::outcome::Ending;
use crate::stats::Estimate;

/// What `compare` shows of a strategy. `None`: there is no such figure (no rollouts of a stratum, no faults).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Headline {
    /// Index of the strategy in the plan.
    pub strategy: usize,
    /// Its name.
    pub name: String,
    /// Median time to full deployment of fault-free changes, in seconds; infinite reads "never".
    pub time_to_full_p50: Option<Estimate>,
    /// Their 90th percentile.
    pub time_to_full_p90: Option<Estimate>,
    /// Median blast radius of faulty changes, a share.
    pub blast_radius_p50: Option<Estimate>,
    /// Their 99th percentile.
    pub blast_radius_p99: Option<Estimate>,
    /// Requests that faults made bad in 30 days: mean over all changes, times changes in 30 days.
    pub bad_requests_a_month: Option<Estimate>,
    /// Chance that a change, faulty or not, is stopped by chance at least once.
    pub stopped_by_chance: Option<Estimate>,
    /// Chance that a faulty change ends `undetected`: active, and never seen.
    pub never_detected: Option<Estimate>,
    /// Chances that a faulty change is caught at each stage, in the order of [`Stage::ALL`].
    pub caught: [Option<Estimate>; Stage::ALL.len()],
}

impl Headline {
    /// Chance that a faulty change is caught at a stage.
    pub fn caught_at(&self, stage: Stage) -> Option<Estimate> {
        self.caught[stage as usize]
    }
}

/// The relative half-width of a figure; infinite where an end of its interval is. A figure that is 0 or never has none,
/// and counts as known.
pub(crate) fn relative_width(estimate: Estimate) -> f64 {
    if estimate.value == 0.0 || estimate.value == f64::INFINITY {
        return 0.0;
    }
    estimate.relative_half_width().unwrap_or(f64::INFINITY)
}

impl Summary {
    /// Half of the widest interval over its figure, among those by which a run's precision is judged: of every strategy
    /// the median time to full deployment, the 99th percentile of the blast radius, and bad requests a month.
    pub fn widest(&self) -> f64 {
        let figures = |strategy| {
            let headline = self.headline(strategy);
            [
                headline.time_to_full_p50,
                headline.blast_radius_p99,
                headline.bad_requests_a_month,
            ]
        };
        let figures = self.strategies().flat_map(figures).flatten();
        figures.map(relative_width).fold(0.0, f64::max)
    }

    /// The headline of a strategy (by index in the plan).
    pub fn headline(&self, strategy: usize) -> Headline {
        let quantile =
            |group, metric, p| self.estimate(strategy, group, metric, Statistic::Quantile(p));
        let bad_requests =
            self.estimate(strategy, Group::All, Metric::BadRequests, Statistic::Mean);
        let a_month = self.frame.changes_a_month;
        Headline {
            strategy,
            name: self.frame.strategies[self.place(strategy)].name.clone(),
            time_to_full_p50: quantile(Group::FAULT_FREE, Metric::TimeToFull, 0.5),
            time_to_full_p90: quantile(Group::FAULT_FREE, Metric::TimeToFull, 0.9),
            blast_radius_p50: quantile(Group::Faulty, Metric::BlastRadius, 0.5),
            blast_radius_p99: quantile(Group::Faulty, Metric::BlastRadius, 0.99),
            bad_requests_a_month: bad_requests
                .filter(|_| a_month > 0.0)
                .map(|e| e.times(a_month)),
            stopped_by_chance: self.chance(strategy, Group::All, Event::StoppedByChance),
            never_detected: self.chance(strategy, Group::Faulty, Ending::Undetected),
            caught: Stage::ALL.map(|stage| self.chance(strategy, Group::Faulty, stage)),
        }
    }
}
