//! "The quantile is at most f times that of the base", on pairs.

use super::super::draw::Weight;
use super::super::score::{Score, value};
use super::{Answer, Enough, Finding, Judging, With};
use crate::outcome::Outcome;
use crate::stats::{Estimate, chance_interval, log_for_less, log_for_more, log_mean};
use crate::summary::Metric;

/// Most pairs that are kept.
const MOST_PAIRS: u64 = 1 << 20;

/// The claim, and the pairs.
///
/// Nobody knows the base's quantile. But whatever it is, say c: if the claim is false, x exceeds f c with a chance of more
/// than a = 1 - p, while y exceeds c with at most a and reaches it with at least a. Against these, bets are made for
/// *every* c: that x exceeds f c less often than y exceeds c (on the pairs of which one does), that y exceeds c more often
/// than a, that y reaches it less often, that x exceeds f c less often than a. The claim is proved once the average of the
/// four is rich for all c, for then it is so for the true one, where it was fair. And refuted likewise.
#[derive(Debug)]
pub(super) struct QuantileOfBase {
    metric: Metric,
    /// a, among the changes that are simulated; where it is 1 or more, both quantiles are 0.
    above: f64,
    factor: f64,
    /// The most that the metric can be.
    most: f64,
    /// Ours and the base's, of each pair.
    pairs: Vec<(f64, f64)>,
    enough: Enough,
}

/// How many pairs lie how, for one c.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// x > f c.
    ours: u64,
    /// y > c, and y >= c.
    base: u64,
    base_at_least: u64,
    /// x > f c but not y > c; y > c but not x > f c.
    only_ours: u64,
    only_base: u64,
    /// The same with y >= c.
    only_ours_at_least: u64,
    only_base_at_least: u64,
}

impl QuantileOfBase {
    pub fn new(
        metric: Metric,
        above: f64,
        factor: f64,
        most: f64,
        enough: Enough,
    ) -> QuantileOfBase {
        QuantileOfBase {
            metric,
            above,
            factor,
            most,
            pairs: Vec::new(),
            enough,
        }
    }

    /// The factor times the base's quantile of what came.
    fn limit(&self) -> f64 {
        self.factor * quantile(&self.base(), self.above)
    }

    fn ours(&self) -> Vec<f64> {
        sorted(self.pairs.iter().map(|p| p.0))
    }

    fn base(&self) -> Vec<f64> {
        sorted(self.pairs.iter().map(|p| p.1))
    }

    fn estimate(&self, sorted: &[f64]) -> Estimate {
        let value = quantile(sorted, self.above);
        let (low, high) = quantile_interval(sorted, self.above, self.enough.log);
        let n = sorted.len() as u64;
        self.enough.estimate(value, low, high.min(self.most), n)
    }

    fn of_sorted(&self, ours: &[f64], base: &[f64]) -> Answer {
        let n = self.pairs.len() as u64;
        if self.above >= 1.0 {
            return Answer::Holds;
        }
        if n == 0 {
            return Answer::Undecided;
        }
        let a = self.above;
        // Where the base alone tells that c is not its quantile, nothing else need be looked at.
        let alone = self.enough.log + libm::log(4.0);
        let too_many = first_count(n, |k| log_for_more(k, n, a) >= alone);
        let too_few = first_count(n, |k| log_for_less(k, n, a) < alone);
        let mut points: Vec<f64> = base.to_vec();
        points.extend(ours.iter().map(|x| x / self.factor));
        points.sort_by(f64::total_cmp);
        points.dedup();
        let between = points.windows(2).map(|w| between(w[0], w[1]));
        let below = points.first().map(|x| 0.5 * x);
        let candidates: Vec<f64> = between.chain(below).chain(points.iter().copied()).collect();
        let (mut proof, mut refutation) = (f64::INFINITY, f64::INFINITY);
        for c in candidates {
            let above = |sorted: &[f64], x: f64| {
                (sorted.len() - sorted.partition_point(|&v| v <= x)) as u64
            };
            let at_least =
                |sorted: &[f64], x: f64| (sorted.len() - sorted.partition_point(|&v| v < x)) as u64;
            if above(base, c) >= too_many || at_least(base, c) < too_few {
                continue;
            }
            let counts = self.counts(c);
            let y_more = log_for_more(counts.base, n, a);
            let y_less = log_for_less(counts.base_at_least, n, a);
            let discordant = counts.only_ours + counts.only_base;
            let fewer = log_for_less(counts.only_ours, discordant, 0.5);
            let of_less = [fewer, y_more, y_less, log_for_less(counts.ours, n, a)];
            let discordant = counts.only_ours_at_least + counts.only_base_at_least;
            let more = log_for_more(counts.only_ours_at_least, discordant, 0.5);
            let of_more = [more, y_more, y_less, log_for_more(counts.ours, n, a)];
            proof = proof.min(log_mean(of_less.into_iter()));
            refutation = refutation.min(log_mean(of_more.into_iter()));
        }
        self.enough.answer(proof, refutation)
    }

    fn counts(&self, c: f64) -> Counts {
        let mut counts = Counts::default();
        let over = self.factor * c;
        for &(x, y) in &self.pairs {
            // An infinite limit is exceeded by nothing.
            let ours = x > over * (1.0 + 1e-9);
            counts.ours += u64::from(ours);
            counts.base += u64::from(y > c);
            counts.base_at_least += u64::from(y >= c);
            counts.only_ours += u64::from(ours && y <= c);
            counts.only_base += u64::from(!ours && y > c);
            counts.only_ours_at_least += u64::from(ours && y < c);
            counts.only_base_at_least += u64::from(!ours && y >= c);
        }
        counts
    }
}

impl Judging for QuantileOfBase {
    fn take(&mut self, outcome: &Outcome, with: With<'_>, _: Weight) {
        let base = with.base.expect("a claim about a base gets its rollouts");
        let ours = value(self.metric.reading(outcome));
        let base = value(self.metric.reading(base));
        if let (Some(x), Some(y)) = (ours, base) {
            self.pairs.push((x, y));
        }
    }

    fn answer(&self) -> Answer {
        self.of_sorted(&self.ours(), &self.base())
    }

    fn most(&self) -> u64 {
        MOST_PAIRS
    }

    fn finding(&self) -> Finding {
        let (ours, base) = (self.ours(), self.base());
        let answer = self.of_sorted(&ours, &base);
        let (figure, of_base) = (self.estimate(&ours), self.estimate(&base));
        let limit = self.factor * of_base.value;
        let beyond = ours.iter().filter(|&&x| x > limit).count() as f64 / ours.len().max(1) as f64;
        Finding {
            answer,
            figure,
            limit,
            base: Some(of_base),
            rollouts_to_decide: (answer == Answer::Undecided)
                .then(|| self.enough.to_tell(beyond, self.above))
                .flatten(),
        }
    }

    fn may_be_against(&self) -> Option<f64> {
        Some(self.above)
    }

    fn against(&self) -> Score {
        Score::Beyond {
            metric: self.metric,
            over: self.limit(),
            inclusive: false,
        }
    }
}

/// A value between two that differ, of which the greater may be infinite.
fn between(low: f64, high: f64) -> f64 {
    if high.is_finite() {
        0.5 * (low + high)
    } else {
        2.0 * low + 1.0
    }
}

/// The least k up to n + 1 from which on `is` is so; it is monotone in k.
fn first_count(n: u64, is: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, n + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if is(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The least value that no more than this share of the values exceeds; 0 where all may.
fn quantile(sorted: &[f64], above: f64) -> f64 {
    if above >= 1.0 {
        return 0.0;
    }
    let rank = libm::ceil((1.0 - above) * sorted.len() as f64 - 1e-9).max(1.0) as usize;
    sorted.get(rank - 1).copied().unwrap_or(0.0)
}

/// Ranks by inverting the test of "as many as 1 - p lie above".
fn quantile_interval(sorted: &[f64], above: f64, log_enough: f64) -> (f64, f64) {
    if above >= 1.0 {
        return (0.0, 0.0);
    }
    let p = 1.0 - above;
    let n = sorted.len();
    let share_below = |x: usize| chance_interval(x as u64, n as u64, log_enough);
    let low = first_count(n as u64, |k| share_below(k as usize).1 >= p) as usize;
    let high = first_count(n as u64, |k| share_below(k as usize).0 > p) as usize;
    let value = |rank: usize| sorted.get(rank).copied();
    (
        if low == 0 {
            0.0
        } else {
            value(low - 1).unwrap_or(0.0)
        },
        value(high.saturating_sub(1)).unwrap_or(f64::INFINITY),
    )
}
