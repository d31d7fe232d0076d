//! What strata are worth: how many plain rollouts would know a figure as well.

use super::ranking::median;
use super::{Event, Group, Metric, Sampling, Statistic, Summary};
use crate::outcome::Ending;

/// A figure, and how many plain rollouts would know it as well as the stratified ones do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worth {
    /// The figure.
    pub of: Known,
    /// The median over strategies.
    pub rollouts: f64,
}

/// A figure of a headline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// 99th percentile of the blast radius of faulty changes.
    BlastRadiusP99,
    /// Its mean.
    BlastRadiusMean,
    /// Bad requests a month.
    BadRequests,
    /// Median time to full deployment of fault-free changes.
    TimeToFull,
    /// The chance that a faulty change is never detected.
    NeverDetected,
    /// The chance that a change is stopped by chance.
    StoppedByChance,
}

impl Known {
    /// All of them.
    pub const ALL: [Known; 6] = [
        Known::BlastRadiusP99,
        Known::BlastRadiusMean,
        Known::BadRequests,
        Known::TimeToFull,
        Known::NeverDetected,
        Known::StoppedByChance,
    ];
}

/// One stratum: weight, rollouts, mean and variance of what is averaged.
type Part = (f64, f64, f64, f64);

impl Summary {
    /// What strata are worth for each figure; those of which no stratum varies are left out. Nothing with plain sampling.
    ///
    /// The variance of one plain rollout's contribution over that of the stratified mean, over the part of plain rollouts
    /// that is of the population. Of a quantile the mean is that of the indicator of values up to it: the density at the
    /// quantile, by which both variances are divided, cancels (Serfling, "Approximation Theorems", 1980, section 2.3).
    pub fn worth(&self, strategies: &[usize]) -> Vec<Worth> {
        if self.frame.sampling == Sampling::Plain {
            return Vec::new();
        }
        let worth = |&of: &Known| {
            let each = strategies.iter().filter_map(|&s| self.worth_of(s, of));
            let rollouts = median(each.collect())?;
            Some(Worth { of, rollouts })
        };
        Known::ALL.iter().filter_map(worth).collect()
    }

    fn worth_of(&self, strategy: usize, of: Known) -> Option<f64> {
        match of {
            Known::BlastRadiusMean => {
                self.worth_of_mean(strategy, Group::Faulty, Metric::BlastRadius)
            }
            Known::BadRequests => self.worth_of_mean(strategy, Group::All, Metric::BadRequests),
            Known::BlastRadiusP99 => {
                self.worth_of_quantile(strategy, Group::Faulty, Metric::BlastRadius, 0.99)
            }
            Known::TimeToFull => {
                self.worth_of_quantile(strategy, Group::FAULT_FREE, Metric::TimeToFull, 0.5)
            }
            Known::NeverDetected => {
                self.worth_of_chance(strategy, Group::Faulty, Ending::Undetected.into())
            }
            Known::StoppedByChance => {
                self.worth_of_chance(strategy, Group::All, Event::StoppedByChance)
            }
        }
    }

    fn worth_of_mean(&self, strategy: usize, group: Group, metric: Metric) -> Option<f64> {
        let column = self.frame.column(metric)?;
        let part = |(weight, cell): (f64, &super::Cell)| -> Option<Part> {
            let moments = &cell.columns[column].moments;
            Some((
                weight,
                moments.n() as f64,
                moments.mean()?,
                moments.variance()?,
            ))
        };
        let parts: Option<Vec<Part>> = self.weighted(strategy, group).map(part).collect();
        plain_rollouts(&parts?)
    }

    fn worth_of_quantile(
        &self,
        strategy: usize,
        group: Group,
        metric: Metric,
        p: f64,
    ) -> Option<f64> {
        let column = self.frame.column(metric)?;
        let at = self
            .estimate(strategy, group, metric, Statistic::Quantile(p))?
            .value;
        let count = |cell: &super::Cell| cell.columns[column].tally.distribution().at_most(at);
        self.worth_of_count(strategy, group, &count)
    }

    fn worth_of_chance(&self, strategy: usize, group: Group, event: Event) -> Option<f64> {
        self.worth_of_count(strategy, group, &|cell| cell.count(event))
    }

    fn worth_of_count(
        &self,
        strategy: usize,
        group: Group,
        count: &dyn Fn(&super::Cell) -> u64,
    ) -> Option<f64> {
        let part = |(weight, cell): (f64, &super::Cell)| -> Part {
            let (n, p) = (cell.n as f64, count(cell) as f64 / cell.n as f64);
            (weight, n, p, p * (1.0 - p))
        };
        let parts: Vec<Part> = self.weighted(strategy, group).map(part).collect();
        plain_rollouts(&parts)
    }

    /// The cells of a group that can occur, with the weights of the scenario, also where there is one only.
    fn weighted(&self, strategy: usize, group: Group) -> impl Iterator<Item = (f64, &super::Cell)> {
        let strata = &self.frame.strata;
        let first = self.place(strategy) * strata.len();
        let cells = strata.iter().zip(&self.cells[first..]);
        cells
            .filter(move |(s, _)| group.contains(s.stratum) && s.weight > 0.0)
            .map(|(s, cell)| (s.weight, cell))
    }
}

fn plain_rollouts(strata: &[Part]) -> Option<f64> {
    let total: f64 = strata.iter().map(|s| s.0).sum();
    let mean = strata.iter().map(|s| s.0 * s.2).sum::<f64>() / total;
    // Of one plain rollout of the population, and of the stratified mean.
    let spread = |s: &Part| s.0 / total * (s.3 + (s.2 - mean) * (s.2 - mean));
    let plain: f64 = strata.iter().map(spread).sum();
    let stratified: f64 = strata
        .iter()
        .map(|s| s.0 * s.0 / (total * total) * s.3 / s.1)
        .sum();
    // Only a part of plain rollouts is of the population.
    let worth = plain / stratified / total;
    (stratified > 0.0 && worth.is_finite()).then_some(worth)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;
    use crate::summary::example::{plan, shipped, undetected};

    #[test]
    fn one_stratum_is_worth_its_part_of_plain_rollouts() {
        // 300 good changes of which 96% of plain ones are, and of two classes of equal spread each half.
        let plan = plan(0.04, &[1.0, 1.0], &["a"]);
        let mut summary = Summary::new(&plan, &[0], Sampling::Stratified, 0.95);
        for number in 0..300 {
            let hours = (number % 10) as f64;
            summary.add(
                0,
                &Outcome {
                    time_to_full_s: Some(hours),
                    ..shipped(number)
                },
            );
            for fault in 0..2 {
                summary.add(
                    0,
                    &Outcome {
                        blast_radius: hours / 10.0,
                        ..undetected(fault, number)
                    },
                );
            }
        }
        let of = |of| {
            summary
                .worth(&[0])
                .into_iter()
                .find(|w| w.of == of)
                .map(|w| w.rollouts)
        };
        let near = |found: Option<f64>, expected: f64, by: f64| {
            let found = found.expect("it is known");
            assert!((found / expected - 1.0).abs() < by, "{found} {expected}");
        };
        near(of(Known::TimeToFull), 300.0 / 0.96, 1e-9);
        near(of(Known::BlastRadiusMean), 600.0 / 0.04, 0.01);
        // All are undetected: nothing varies.
        assert_eq!(of(Known::NeverDetected), None);
        let mut sampled = Summary::new(&plan, &[0], Sampling::Plain, 0.95);
        sampled.add(0, &shipped(0));
        assert!(sampled.worth(&[0]).is_empty());
    }

    /// By the variances themselves: a chance of 0.9 in a class of weight 0.02 and none elsewhere, seen 500 times in each
    /// of two strata. Plain: q (1 - q), q = 0.018. In strata: 0.02^2 * 0.09 / 500.
    #[test]
    fn a_chance_in_a_rare_class_gains_what_its_variances_say() {
        let parts = [(0.98, 500.0, 0.0, 0.0), (0.02, 500.0, 0.9, 0.09)];
        let expected = 0.018 * 0.982 / (0.02 * 0.02 * 0.09 / 500.0);
        let found = plain_rollouts(&parts).expect("it varies");
        assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
    }
}
