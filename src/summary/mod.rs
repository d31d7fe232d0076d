//! Many outcomes folded into results: per strategy and stratum, and combined over strata.
//!
//! A [`Summary`] takes outcomes one by one, in memory that does not grow with their number, and answers with
//! [`Estimate`]s. It reads no file, prints nothing, and draws nothing. Outcomes that come in the same order give the
//! same bits.
//!
//! What a figure is about:
//! - *Quantiles* count what never happened as infinite: a p90 of the time to full deployment may be "never". What
//!   does not apply to a rollout at all is left out, and the population is smaller ([`Metric::reading`]).
//! - *Means* are over the rollouts with a finite value; [`Statistic::Share`] says which part of the population that is.
//! - *Groups* ([`Group`]) combine strata with the scenario's weights; with plain sampling, where strata come as often
//!   as they do in the world, they pool them instead.

mod cell;
mod courses;
mod detectors;
mod event;
#[cfg(test)]
pub(crate) mod example;
mod frame;
mod group;
mod headline;
mod metric;
mod pairs;
mod ranking;
mod row;
mod slice;
mod statistic;
#[cfg(test)]
mod tests;
pub mod worlds;
mod worth;

pub use courses::{Courses, Share};
pub use detectors::{Detectors, Truth};
pub use event::{Event, Later, Stage, Stages};
pub use group::Group;
pub use headline::Headline;
#[cfg(test)]
pub(crate) use headline::relative_width;
pub use metric::{Metric, Reading};
pub use pairs::{PairedEvent, PairedMean, Pairs};
pub use ranking::{Pair, PairFigure, Ranked, Ranking, Standing};
pub use row::Row;
pub use statistic::{ParseStatisticError, Statistic};
pub use worth::{Known, Worth};

use std::sync::Arc;

use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::stats::{Estimate, Sample, Tally, weighted_chance};
use cell::Cell;
use frame::Frame;
use slice::{Slice, SlicePart};

/// How rollouts are spread over the strata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// Each stratum has its own number of rollouts; groups combine them with the scenario's weights.
    Stratified,
    /// Every rollout draws its stratum; groups are what came.
    Plain,
}

/// Days that a month has.
pub const DAYS_A_MONTH: f64 = 30.0;

/// Results of strategies, by stratum.
#[derive(Clone, Debug)]
pub struct Summary {
    frame: Arc<Frame>,
    /// Strategy by strategy (in the frame's order), stratum by stratum.
    cells: Vec<Cell>,
}

impl Summary {
    /// Distinct values that the tallies of one summary keep between them: 80 MiB.
    ///
    /// Shared out among the columns of all strategies and strata, eight parts to those of the headline and one to
    /// others, at most 65,536 and at least 512 values to each. For six strategies, nine strata and one SLI a headline
    /// column keeps 24,000 values: exact for some 70,000 rollouts a strategy, and for any number within a share of
    /// 2^-10 when they span fewer than 23 octaves. What rounding there is widens the intervals of quantiles
    /// ([`Tally`], [`Summary::relative_error`]).
    pub const VALUES_KEPT: usize = (80 << 20) / Tally::BYTES_PER_VALUE;

    /// An empty summary of these strategies (by index in the plan, none twice) with intervals of this level.
    pub fn new(plan: &Plan, strategies: &[usize], sampling: Sampling, level: f64) -> Summary {
        assert!(
            level > 0.0 && level < 1.0,
            "a confidence level lies between 0 and 1, not at {level}"
        );
        let frame = Frame::new(plan, strategies, sampling, level);
        let limits = frame.limits();
        let cells = limits
            .iter()
            .cycle()
            .take(frame.strategies.len() * limits.len());
        Summary {
            cells: cells.map(|limits| Cell::new(limits)).collect(),
            frame: Arc::new(frame),
        }
    }

    /// Adds an outcome of a strategy (by index in the plan).
    pub fn add(&mut self, strategy: usize, outcome: &Outcome) {
        let place = self.place(strategy);
        let at = place * self.frame.strata.len() + self.frame.stratum(outcome.stratum);
        let first_zone = &self.frame.strategies[place].first_zone;
        self.cells[at].add(&self.frame.metrics, first_zone, outcome);
    }

    /// Adds all that `other`, a summary of the same strategies, has seen. Counts and distributions come out the same in
    /// any order; the last bits of means are those of this order.
    pub fn merge(&mut self, other: &Summary) {
        assert_eq!(
            self.cells.len(),
            other.cells.len(),
            "summaries of different strategies do not merge"
        );
        for (mine, theirs) in self.cells.iter_mut().zip(&other.cells) {
            mine.merge(theirs);
        }
    }

    /// Brings everything into order, so that reading is fast. Changes no result.
    pub fn settle(&mut self) {
        self.cells.iter_mut().for_each(Cell::settle);
    }

    /// The strategies, by index in the plan, in the order of the results.
    pub fn strategies(&self) -> impl Iterator<Item = usize> {
        self.frame.strategies.iter().map(|s| s.index)
    }

    /// How many waves a strategy has.
    pub fn waves(&self, strategy: usize) -> u32 {
        self.frame.strategies[self.place(strategy)]
            .first_zone
            .waves()
    }

    /// The metrics, in the order of the results.
    pub fn metrics(&self) -> impl Iterator<Item = Metric> {
        self.frame.metrics.iter().map(|m| m.metric)
    }

    /// The groups, in the order of the results: all, faulty, then stratum by stratum.
    pub fn groups(&self) -> Vec<Group> {
        let mut groups = vec![Group::All, Group::Faulty];
        groups.extend(self.frame.strata.iter().map(|s| Group::Stratum(s.stratum)));
        groups
    }

    /// The name of a group in files.
    pub fn group_name(&self, group: Group) -> &str {
        match group {
            Group::All => "all",
            Group::Faulty => "faulty",
            Group::Faults(..) => "some faults",
            Group::Stratum(stratum) => &self.frame.strata[self.frame.stratum(stratum)].name,
        }
    }

    /// The name of a metric in files.
    pub fn metric_name(&self, metric: Metric) -> &str {
        &self.frame.metrics[self.frame.column(metric).expect("a metric of this plan")].name
    }

    /// The metric of a name.
    pub fn metric_named(&self, name: &str) -> Option<Metric> {
        self.frame
            .metrics
            .iter()
            .find(|m| m.name == name)
            .map(|m| m.metric)
    }

    /// How rollouts are spread over the strata.
    pub fn sampling(&self) -> Sampling {
        self.frame.sampling
    }

    /// The level of all intervals.
    pub fn level(&self) -> f64 {
        self.frame.level
    }

    /// Changes in 30 days.
    pub fn changes_a_month(&self) -> f64 {
        self.frame.changes_a_month
    }

    /// A quantile with an interval of another level than the summary's.
    fn quantile_at(
        &self,
        strategy: usize,
        group: Group,
        metric: Metric,
        p: f64,
        level: f64,
    ) -> Option<Estimate> {
        let slice = self.slice(strategy, group, metric)?;
        Some(slice.mixture()?.quantile(p, metric.support(), level))
    }

    /// Rollouts of a strategy in a group.
    pub fn n(&self, strategy: usize, group: Group) -> u64 {
        self.members(strategy, group)
            .iter()
            .map(|(_, cell)| cell.n)
            .sum()
    }

    /// A statistic of a metric with its interval. `None` where there is no such figure: no rollouts (of a stratum) yet,
    /// no value, or a statistic that has no interval ([`Summary::fact`] has those).
    pub fn estimate(
        &self,
        strategy: usize,
        group: Group,
        metric: Metric,
        statistic: Statistic,
    ) -> Option<Estimate> {
        self.slice(strategy, group, metric)?.estimate(statistic)
    }

    /// A statistic that is a plain fact about the rollouts simulated, without interval: standard deviation, smallest
    /// and largest value.
    pub fn fact(
        &self,
        strategy: usize,
        group: Group,
        metric: Metric,
        statistic: Statistic,
    ) -> Option<f64> {
        self.slice(strategy, group, metric)?.fact(statistic)
    }

    /// The chance of an event: an [`crate::outcome::Ending`], a [`Stage`] or another [`Event`].
    ///
    /// Where only one kind of change can come to it, that of all changes is its chance among those times their share:
    /// that others did not come to it is no news, and widens no interval.
    pub fn chance(
        &self,
        strategy: usize,
        group: Group,
        event: impl Into<Event>,
    ) -> Option<Estimate> {
        let event = event.into();
        if let (Group::All, Some((only, share))) = (group, self.only_possible(event)) {
            let among_them = self.chance(strategy, only, event)?;
            return Some(among_them.times(share));
        }
        self.chance_of_any(strategy, group, &[event])
    }

    /// The chance of any of these events, of which no two can happen to one change.
    pub fn chance_of_any(
        &self,
        strategy: usize,
        group: Group,
        events: &[Event],
    ) -> Option<Estimate> {
        let count = |cell: &Cell| events.iter().map(|e| cell.count(*e)).sum();
        let samples: Vec<Sample> = self
            .pooled(strategy, group, |cell| (cell.n, cell.n, count(cell)))
            .into_iter()
            .map(|(weight, (n, applicable, hits))| Sample {
                weight,
                n,
                applicable,
                hits,
            })
            .collect();
        weighted_chance(&samples, self.frame.level)
    }

    /// The only kind of change that can come to an event, and its share of all, where shares are those of the scenario.
    fn only_possible(&self, event: Event) -> Option<(Group, f64)> {
        let only = event.only_possible()?;
        let strata = self.frame.strata.iter();
        let share: f64 = strata
            .filter(|s| only.contains(s.stratum))
            .map(|s| s.weight)
            .sum();
        (self.frame.sampling == Sampling::Stratified && share > 0.0).then_some((only, share))
    }

    /// The chance that a metric is above `x` (what never happened is; what does not apply is left out).
    ///
    /// Exact as long as the column's distribution is ([`Summary::relative_error`]).
    pub fn chance_above(
        &self,
        strategy: usize,
        group: Group,
        metric: Metric,
        x: f64,
    ) -> Option<Estimate> {
        self.slice(strategy, group, metric)?
            .chance(|d| d.n() - d.at_most(x))
    }

    /// The chances that a metric is above each of these, as [`Summary::chance_above`].
    pub fn chances_above(
        &self,
        strategy: usize,
        group: Group,
        metric: Metric,
        xs: &[f64],
    ) -> Option<Vec<Estimate>> {
        let slice = self.slice(strategy, group, metric)?;
        xs.iter()
            .map(|x| slice.chance(|d| d.n() - d.at_most(*x)))
            .collect()
    }

    /// By what share of itself a quantile of this metric may be too large because its distribution had to be rounded:
    /// 0 as long as it is exact.
    pub fn relative_error(&self, strategy: usize, group: Group, metric: Metric) -> f64 {
        let Some(column) = self.frame.column(metric) else {
            return 0.0;
        };
        let members = self.members(strategy, group);
        members
            .iter()
            .map(|(_, cell)| cell.columns[column].tally.relative_error())
            .fold(0.0, f64::max)
    }

    fn place(&self, strategy: usize) -> usize {
        let place = self
            .frame
            .strategies
            .iter()
            .position(|s| s.index == strategy);
        place.unwrap_or_else(|| panic!("strategy {strategy} is not among those summarised"))
    }

    /// The cells of a group that can occur at all, with their weights.
    fn members(&self, strategy: usize, group: Group) -> Vec<(f64, &Cell)> {
        let strata = &self.frame.strata;
        let first = self.place(strategy) * strata.len();
        let cells = strata.iter().zip(&self.cells[first..]);
        let members = cells
            .filter(|(s, _)| group.contains(s.stratum) && (s.weight > 0.0 || group.is_single()));
        members
            .map(|(s, cell)| (if group.is_single() { 1.0 } else { s.weight }, cell))
            .collect()
    }

    /// What `read` finds in the members of a group, with weights: stratum by stratum, or with plain sampling summed.
    fn pooled(
        &self,
        strategy: usize,
        group: Group,
        read: impl Fn(&Cell) -> (u64, u64, u64),
    ) -> Vec<(f64, (u64, u64, u64))> {
        let members = self.members(strategy, group);
        let counts = members.iter().map(|(weight, cell)| (*weight, read(cell)));
        if self.frame.sampling == Sampling::Stratified {
            return counts.collect();
        }
        let add = |sum: (u64, u64, u64), (_, more): (f64, (u64, u64, u64))| {
            (sum.0 + more.0, sum.1 + more.1, sum.2 + more.2)
        };
        vec![(1.0, counts.fold((0, 0, 0), add))]
    }

    /// All about a metric in a group; `None` where the plan has no such metric.
    fn slice(&self, strategy: usize, group: Group, metric: Metric) -> Option<Slice> {
        let column = self.frame.column(metric)?;
        let members = self.members(strategy, group);
        let columns = members
            .iter()
            .map(|&(weight, cell)| (weight, cell.n, &cell.columns[column]));
        let parts = match self.frame.sampling {
            Sampling::Stratified => columns
                .map(|(weight, n, column)| SlicePart::of(weight, n, column))
                .collect(),
            Sampling::Plain => vec![SlicePart::pooled(&columns.collect::<Vec<_>>())],
        };
        Some(Slice {
            metric,
            level: self.frame.level,
            parts,
        })
    }
}
