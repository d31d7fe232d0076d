//! Strategies pair by pair: rollouts of the same stratum and number meet the same change, so they are compared with each
//! other.

use std::collections::VecDeque;

use super::Sampling;
use crate::outcome::{Ending, Outcome};
use crate::plan::{Plan, Stratum};
use crate::stats::{
    Estimate, MeanPart, Moments, PairedHits, PairedRows, Resampled, mean_difference,
    paired_chance_difference, resampled,
};

/// What pairs of rollouts came to, in memory that does not grow with their number.
///
/// Outcomes wait until that of the same rollout has come of all strategies: of as many as are in one block. Differences
/// of means and chances rest on all pairs; those of quantiles and tails on the first rows of each stratum, which are kept
/// ([`Pairs::ROWS_KEPT`]).
#[derive(Clone, Debug)]
pub struct Pairs {
    sampling: Sampling,
    level: f64,
    /// Strategies that are compared, by index in the plan.
    strategies: Vec<usize>,
    left_out: usize,
    weights: Vec<f64>,
    rows_kept: usize,
    waiting: Vec<VecDeque<Row>>,
    cells: Vec<Cell>,
}

/// What is compared of a rollout.
#[derive(Clone, Copy, Debug)]
struct Row {
    stratum: usize,
    number: u64,
    radius: f64,
    bad_requests: f64,
    /// Infinite: never.
    time: f64,
    is_undetected: bool,
    is_stopped_by_chance: bool,
}

/// One stratum.
#[derive(Clone, Debug)]
struct Cell {
    n: u64,
    /// By strategy.
    singles: Vec<[Moments; 2]>,
    /// By pair.
    pairs: Vec<PairCell>,
    /// The first values by strategy: times of fault-free changes, blast radii of faulty ones.
    kept: Vec<Vec<f64>>,
}

/// One pair of strategies in one stratum.
#[derive(Clone, Copy, Debug, Default)]
struct PairCell {
    means: [Moments; 2],
    hits: [(u64, u64); 2],
}

/// A metric whose mean is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum PairedMean {
    /// Blast radius of faulty changes.
    BlastRadius,
    /// Bad requests of all changes.
    BadRequests,
}

/// An event whose chance is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum PairedEvent {
    /// Active and never seen, among faulty changes.
    NeverDetected,
    /// Stopped by chance at least once, among all changes.
    StoppedByChance,
}

impl Pairs {
    /// Rows of each stratum that are kept for quantiles and tails, at most: all in runs of usual length.
    pub const ROWS_KEPT: usize = 10_000;
    /// Values that are kept altogether, at most: 32 MiB.
    const VALUES_KEPT: usize = 4 << 20;
    /// Sums of pairs in strata, at most: about 64 MiB.
    const SUMS_KEPT: usize = 400_000;

    /// No pairs yet of these strategies (by index in the plan). Where there are so many that sums of all pairs would take
    /// too much memory, only the first of them are compared ([`Pairs::left_out`]).
    pub fn new(plan: &Plan, strategies: &[usize], sampling: Sampling, level: f64) -> Pairs {
        let strata = plan.strata();
        let fits = |n: &usize| n * (n - 1) / 2 * strata.len() <= Pairs::SUMS_KEPT;
        let compared = (1..=strategies.len()).take_while(fits).last().unwrap_or(0);
        let values = (compared * strata.len()).max(1);
        let cell = Cell {
            n: 0,
            singles: vec![[Moments::default(); 2]; compared],
            pairs: vec![PairCell::default(); compared * compared.saturating_sub(1) / 2],
            kept: vec![Vec::new(); compared],
        };
        Pairs {
            sampling,
            level,
            strategies: strategies[..compared].to_vec(),
            left_out: strategies.len() - compared,
            weights: strata.iter().map(|&s| plan.stratum_weight(s)).collect(),
            rows_kept: Pairs::ROWS_KEPT.min(Pairs::VALUES_KEPT / values),
            waiting: vec![VecDeque::new(); compared],
            cells: vec![cell; strata.len()],
        }
    }

    /// Adds an outcome of a strategy (by index in the plan). Outcomes of each come in the same order of rollouts.
    pub fn add(&mut self, strategy: usize, outcome: &Outcome) {
        if self.strategies.len() < 2 {
            return;
        }
        let Some(place) = self.strategies.iter().position(|s| *s == strategy) else {
            return;
        };
        self.waiting[place].push_back(Row::of(outcome));
        if self.waiting.iter().any(VecDeque::is_empty) {
            return;
        }
        let rows: Vec<Row> = self
            .waiting
            .iter_mut()
            .filter_map(VecDeque::pop_front)
            .collect();
        self.add_rollout(&rows);
    }

    fn add_rollout(&mut self, rows: &[Row]) {
        let first = rows[0];
        for row in rows {
            assert!(
                (row.stratum, row.number) == (first.stratum, first.number),
                "pairs are of one rollout: {row:?} beside {first:?}"
            );
        }
        let keeps = self.rows_in_reach(first.stratum) < self.rows_kept;
        let cell = &mut self.cells[first.stratum];
        cell.n += 1;
        let mut pair = cell.pairs.iter_mut();
        for (place, a) in rows.iter().enumerate() {
            for (single, x) in cell.singles[place].iter_mut().zip(a.means()) {
                single.add(x);
            }
            if keeps {
                let is_fault_free = a.stratum == 0;
                cell.kept[place].push(if is_fault_free { a.time } else { a.radius });
            }
            for b in &rows[place + 1..] {
                let pair = pair.next().expect("a cell for each pair");
                let means = pair
                    .means
                    .iter_mut()
                    .zip(a.means().into_iter().zip(b.means()));
                means.for_each(|(moments, (x, y))| moments.add(x - y));
                let hits = pair.hits.iter_mut().zip(a.hits().into_iter().zip(b.hits()));
                hits.for_each(|(count, (x, y))| {
                    count.0 += u64::from(x && !y);
                    count.1 += u64::from(y && !x);
                });
            }
        }
    }

    /// Rows kept so far that count for the limit. Changes that come as they come are kept as they come: all faulty ones up
    /// to one number, so that their mixture stays that of the world.
    fn rows_in_reach(&self, stratum: usize) -> usize {
        let kept = |cell: &Cell| cell.kept.first().map_or(0, Vec::len);
        match self.sampling {
            Sampling::Plain if stratum > 0 => self.cells[1..].iter().map(kept).sum(),
            _ => kept(&self.cells[stratum]),
        }
    }

    /// The strategies that are compared, by index in the plan.
    pub fn strategies(&self) -> &[usize] {
        &self.strategies
    }

    /// How many strategies are not compared, for there are too many.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The place of a pair, whose places in the list are in ascending order, among all pairs.
    fn pair(&self, a: usize, b: usize) -> usize {
        let n = self.strategies.len();
        a * (2 * n - a - 1) / 2 + b - a - 1
    }

    /// The strata of a question, with their weights and cells, that can occur.
    fn members(&self, is_all: bool) -> impl Iterator<Item = (f64, &Cell)> {
        let first = usize::from(!is_all);
        let cells = self.weights.iter().copied().zip(&self.cells).skip(first);
        cells.filter(|(weight, _)| *weight > 0.0)
    }

    fn mean_parts(&self, is_all: bool, read: impl Fn(&Cell) -> Moments) -> Vec<MeanPart> {
        let parts = self.members(is_all).map(|(weight, cell)| MeanPart {
            weight,
            n: cell.n,
            moments: read(cell),
        });
        match self.sampling {
            Sampling::Stratified => parts.collect(),
            Sampling::Plain => {
                let mut sum = MeanPart {
                    weight: 1.0,
                    n: 0,
                    moments: Moments::default(),
                };
                for part in parts {
                    sum.n += part.n;
                    sum.moments.merge(&part.moments);
                }
                vec![sum]
            }
        }
    }

    /// How much larger the mean of the strategy in place `a` is than that in place `b` > `a`.
    pub fn mean(&self, a: usize, b: usize, of: PairedMean) -> Option<Estimate> {
        let pair = self.pair(a, b);
        let read = |cell: &Cell| cell.pairs[pair].means[of as usize];
        mean_difference(&self.mean_parts(of.is_of_all(), read), self.level)
    }

    /// The variance of that difference over what it would be if the two had met different changes: what common random
    /// numbers leave of it. `None` where there is no variance to save.
    pub fn variance_left(&self, a: usize, b: usize, of: PairedMean) -> Option<f64> {
        let variance = |read: &dyn Fn(&Cell) -> Moments| -> Option<f64> {
            let parts = self.mean_parts(of.is_of_all(), read);
            let term = |p: &MeanPart| {
                Some(p.weight * p.weight * p.moments.variance()? / p.moments.n() as f64)
            };
            parts.iter().map(term).sum()
        };
        let pair = self.pair(a, b);
        let paired = variance(&|cell| cell.pairs[pair].means[of as usize])?;
        let single = |place: usize| variance(&|cell| cell.singles[place][of as usize]);
        let independent = single(a)? + single(b)?;
        (independent > 0.0).then(|| paired / independent)
    }

    /// How much larger the chance of the strategy in place `a` is than that in place `b` > `a`.
    pub fn chance(&self, a: usize, b: usize, of: PairedEvent) -> Option<Estimate> {
        let pair = self.pair(a, b);
        let is_all = of == PairedEvent::StoppedByChance;
        let mut parts: Vec<PairedHits> = self
            .members(is_all)
            .map(|(weight, cell)| {
                let (only_first, only_second) = cell.pairs[pair].hits[of as usize];
                PairedHits {
                    weight,
                    n: cell.n,
                    only_first,
                    only_second,
                }
            })
            .collect();
        if self.sampling == Sampling::Plain {
            let sum = |read: fn(&PairedHits) -> u64| parts.iter().map(read).sum();
            parts = vec![PairedHits {
                weight: 1.0,
                n: sum(|p| p.n),
                only_first: sum(|p| p.only_first),
                only_second: sum(|p| p.only_second),
            }];
        }
        if parts.is_empty() {
            return None;
        }
        paired_chance_difference(&parts, self.level)
    }

    /// Resamples of the times to full deployment of fault-free changes (their medians), with these draws.
    pub fn times(&self, seed: u64) -> Option<Resampled> {
        self.resampled(&self.cells[..1], &self.weights[..1], 0.5, seed)
    }

    /// Resamples of the blast radii of faulty changes (their worst hundredth), with these draws.
    pub fn radii(&self, seed: u64) -> Option<Resampled> {
        self.resampled(&self.cells[1..], &self.weights[1..], 0.99, seed)
    }

    fn resampled(&self, cells: &[Cell], weights: &[f64], p: f64, seed: u64) -> Option<Resampled> {
        let possible = || cells.iter().zip(weights).filter(|(_, w)| **w > 0.0);
        match self.sampling {
            Sampling::Stratified => {
                let parts: Vec<PairedRows> = possible()
                    .map(|(cell, &weight)| PairedRows {
                        weight,
                        values: &cell.kept,
                    })
                    .collect();
                resampled(&parts, p, seed)
            }
            Sampling::Plain => {
                let mut pooled = vec![Vec::new(); self.strategies.len()];
                for (cell, _) in possible() {
                    for (all, some) in pooled.iter_mut().zip(&cell.kept) {
                        all.extend_from_slice(some);
                    }
                }
                let part = PairedRows {
                    weight: 1.0,
                    values: &pooled,
                };
                resampled(&[part], p, seed)
            }
        }
    }

    /// Whether two strategies came to the same time to full deployment, or blast radius, in every row kept.
    pub fn are_alike(&self, a: usize, b: usize, in_time: bool) -> bool {
        let cells = if in_time {
            &self.cells[..1]
        } else {
            &self.cells[1..]
        };
        cells.iter().all(|cell| cell.kept[a] == cell.kept[b])
    }
}

impl PairedMean {
    fn is_of_all(self) -> bool {
        self == PairedMean::BadRequests
    }
}

impl Row {
    fn of(outcome: &Outcome) -> Row {
        Row {
            stratum: match outcome.stratum {
                Stratum::FaultFree => 0,
                Stratum::Fault(f) => f + 1,
            },
            number: outcome.number,
            radius: outcome.blast_radius,
            bad_requests: outcome.bad_requests,
            time: outcome.time_to_full_s.unwrap_or(f64::INFINITY),
            is_undetected: outcome.ending == Ending::Undetected,
            is_stopped_by_chance: outcome.stops_by_chance > 0,
        }
    }

    fn means(&self) -> [f64; 2] {
        [self.radius, self.bad_requests]
    }

    fn hits(&self) -> [bool; 2] {
        [self.is_undetected, self.is_stopped_by_chance]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::example::{plan, shipped, undetected};

    fn faulty(number: u64, radius: f64) -> Outcome {
        Outcome {
            blast_radius: radius,
            ..undetected(0, number)
        }
    }

    #[test]
    fn rollouts_of_one_number_are_pairs_in_whatever_blocks_they_come() {
        let plan = plan(0.5, &[1.0], &["a", "b"]);
        let of = |block: u64| {
            let mut pairs = Pairs::new(&plan, &[0, 1], Sampling::Stratified, 0.95);
            for first in (0..12).step_by(block as usize) {
                for strategy in 0..2 {
                    for number in first..first + block {
                        let radius = 0.01 * number as f64 + 0.25 * strategy as f64;
                        pairs.add(strategy, &faulty(number, radius));
                        pairs.add(strategy, &shipped(number));
                    }
                }
            }
            let e = pairs.mean(0, 1, PairedMean::BlastRadius).unwrap();
            (
                e,
                pairs.variance_left(0, 1, PairedMean::BlastRadius).unwrap(),
            )
        };
        let (e, left) = of(4);
        assert_eq!(of(1), (e, left));
        assert!(
            (e.value + 0.25).abs() < 1e-12 && e.high - e.low < 1e-9,
            "{e:?}"
        );
        // What is alike in both cancels.
        assert!(left < 1e-12, "{left}");
    }

    #[test]
    #[should_panic(expected = "pairs are of one rollout")]
    fn other_numbers_are_no_pair() {
        let plan = plan(0.5, &[1.0], &["a", "b"]);
        let mut pairs = Pairs::new(&plan, &[0, 1], Sampling::Stratified, 0.95);
        pairs.add(0, &shipped(0));
        pairs.add(1, &shipped(1));
    }

    #[test]
    fn memory_is_bounded() {
        let plan = plan(0.5, &[1.0], &["a", "b"]);
        let mut pairs = Pairs::new(&plan, &[0, 1], Sampling::Stratified, 0.95);
        for number in 0..Pairs::ROWS_KEPT as u64 + 5 {
            pairs.add(0, &faulty(number, 0.1));
            pairs.add(1, &faulty(number, 0.1));
        }
        assert_eq!(pairs.cells[1].kept[0].len(), Pairs::ROWS_KEPT);
        assert_eq!(pairs.cells[1].n, Pairs::ROWS_KEPT as u64 + 5);
        assert!(pairs.waiting.iter().all(VecDeque::is_empty));
        let many: Vec<String> = (0..1_000).map(|i| format!("s{i}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let plan = crate::summary::example::plan(0.5, &[1.0], &many);
        let all: Vec<usize> = (0..1_000).collect();
        let pairs = Pairs::new(&plan, &all, Sampling::Stratified, 0.95);
        assert_eq!(pairs.strategies().len() + pairs.left_out(), 1_000);
        assert!(pairs.left_out() > 0);
    }
}
