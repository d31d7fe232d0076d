//! Which strategy is better than which, and how sure that is.

use super::pairs::{PairedEvent, PairedMean, Pairs};
use super::worth::Worth;
use super::{Group, Headline, Metric, Statistic, Summary};
use crate::outcome::Ending;
use crate::stats::{Difference, Estimate, Resampled, gap, holm};

/// Strategies compared two by two.
///
/// The two headline figures are the radius (99th percentile of the blast radius of faulty changes; its mean where the
/// percentile is the same for all) and the median time to full deployment of fault-free changes. What is said of them is
/// corrected after Holm over all pairs and both figures: any wrong claim in a run has a chance of at most 1 - level.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Ranking {
    /// Whether the radius is the mean.
    pub by_mean: bool,
    /// The strategies compared, with their headline figures.
    pub strategies: Vec<Ranked>,
    /// All pairs, the first before the second in the list of strategies.
    pub pairs: Vec<Pair>,
    /// Strategies that could not be compared, for there were too many.
    pub left_out: usize,
    /// Rows that differences of quantiles rest on: fault-free and faulty.
    pub rows: (u64, u64),
    /// Median over all pairs of the variance that common random numbers leave of differences of mean blast radius.
    pub variance_left: Option<f64>,
    /// How many plain rollouts would know each figure as well.
    pub worth: Vec<Worth>,
}

/// A strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Its name.
    pub name: String,
    /// Median time to full deployment, in seconds.
    pub time: Option<Estimate>,
    /// The radius.
    pub radius: Option<Estimate>,
}

/// How one strategy stands to another in a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Smaller, which is better, for sure (after correction).
    Better,
    /// Larger, for sure.
    Worse,
    /// The same in every rollout.
    Same,
    /// Not known.
    Open,
}

/// Two strategies, by place in [`Ranking::strategies`].
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The first.
    pub a: usize,
    /// The second.
    pub b: usize,
    /// How the first stands to the second in the radius.
    pub radius: Standing,
    /// And in time.
    pub time: Standing,
    /// What the first has more than the second.
    pub figures: Vec<PairFigure>,
}

/// A difference.
#[derive(Clone, Debug, PartialEq)]
pub struct PairFigure {
    /// Which changes: `all`, `faulty`, `fault-free`.
    pub group: &'static str,
    /// The metric, as in `summary.csv`.
    pub metric: &'static str,
    /// The statistic, as in `summary.csv`.
    pub statistic: String,
    /// Unit of the difference.
    pub unit: &'static str,
    /// What the first has more than the second.
    pub estimate: Estimate,
    /// The p-value after Holm, of headline figures.
    pub p_holm: Option<f64>,
}

/// Fewer rows than this in the tail, and resampling is not trusted.
const ROWS_IN_TAIL: f64 = 10.0;

impl Ranking {
    /// The ranking of strategies by what their pairs came to; `seed` is that of the run.
    pub fn of(summary: &Summary, pairs: &Pairs, seed: u64) -> Ranking {
        let headlines: Vec<Headline> = pairs
            .strategies()
            .iter()
            .map(|&s| summary.headline(s))
            .collect();
        let (times, radii) = (pairs.times(seed), pairs.radii(seed));
        let p99: Vec<Option<f64>> = headlines
            .iter()
            .map(|h| h.blast_radius_p99.map(|e| e.value))
            .collect();
        let by_mean = p99.len() > 1 && p99[0].is_some() && p99.iter().all(|x| *x == p99[0]);
        let compared = Compared {
            summary,
            pairs,
            times: times.as_ref(),
            radii: radii.as_ref(),
            by_mean,
        };
        let mut all = compared.pairs();
        correct(&mut all, 1.0 - summary.level());
        let radius = |h: &Headline| {
            if by_mean {
                let mean = Statistic::Mean;
                summary.estimate(h.strategy, Group::Faulty, Metric::BlastRadius, mean)
            } else {
                h.blast_radius_p99
            }
        };
        let ranked = |h: &Headline| Ranked {
            name: h.name.clone(),
            time: h.time_to_full_p50,
            radius: radius(h),
        };
        let left = all
            .iter()
            .filter_map(|p| pairs.variance_left(p.pair.a, p.pair.b, PairedMean::BlastRadius));
        Ranking {
            by_mean,
            strategies: headlines.iter().map(ranked).collect(),
            variance_left: median(left.collect()),
            pairs: all.into_iter().map(|p| p.pair).collect(),
            left_out: pairs.left_out(),
            rows: (
                times.as_ref().map_or(0, Resampled::rows),
                radii.as_ref().map_or(0, Resampled::rows),
            ),
            worth: summary.worth(pairs.strategies()),
        }
    }

    /// How one strategy stands to another, in radius and time.
    pub fn standing(&self, one: usize, other: usize) -> (Standing, Standing) {
        let find = |a, b| self.pairs.iter().find(|p| p.a == a && p.b == b);
        if let Some(pair) = find(one, other) {
            return (pair.radius, pair.time);
        }
        match find(other, one) {
            Some(pair) => (pair.radius.turned(), pair.time.turned()),
            None => (Standing::Open, Standing::Open),
        }
    }

    /// Whether it is for sure that `other` is at least as good on both axes, and better on one.
    pub fn is_dominated(&self, one: usize, other: usize) -> bool {
        use Standing::{Better, Same};
        matches!(
            self.standing(other, one),
            (Better, Better | Same) | (Same, Better)
        )
    }

    /// The strategies that none dominates for sure, fastest first.
    pub fn front(&self) -> Vec<usize> {
        let all = 0..self.strategies.len();
        let mut front: Vec<usize> = all
            .clone()
            .filter(|&s| !all.clone().any(|other| self.is_dominated(s, other)))
            .filter(|&s| self.strategies[s].time.is_some() && self.strategies[s].radius.is_some())
            .collect();
        let time = |s: usize| self.strategies[s].time.map_or(f64::INFINITY, |e| e.value);
        front.sort_by(|&a, &b| time(a).total_cmp(&time(b)));
        front
    }
}

impl Standing {
    fn turned(self) -> Standing {
        match self {
            Standing::Better => Standing::Worse,
            Standing::Worse => Standing::Better,
            same => same,
        }
    }
}

/// A pair whose standings wait for the correction.
struct Uncorrected {
    pair: Pair,
    /// P-values of radius and time, and where among the figures they are.
    ps: [Option<(usize, f64)>; 2],
}

struct Compared<'a> {
    summary: &'a Summary,
    pairs: &'a Pairs,
    times: Option<&'a Resampled>,
    radii: Option<&'a Resampled>,
    by_mean: bool,
}

impl Compared<'_> {
    fn pairs(&self) -> Vec<Uncorrected> {
        let n = self.pairs.strategies().len();
        let pairs = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b)));
        pairs.map(|(a, b)| self.pair(a, b)).collect()
    }

    fn pair(&self, a: usize, b: usize) -> Uncorrected {
        let mut figures = Vec::new();
        let level = self.summary.level();
        let mut push = |group, metric, statistic: String, unit, estimate: Option<Estimate>| {
            estimate.map(|estimate| {
                figures.push(PairFigure {
                    group,
                    metric,
                    statistic,
                    unit,
                    estimate,
                    p_holm: None,
                });
                figures.len() - 1
            })
        };
        let p99 = self.quantile(a, b, self.radii, Group::Faulty, Metric::BlastRadius, 0.99);
        let estimate = p99.map(|d| d.estimate);
        let p99_at = push("faulty", "blast_radius", "p99".into(), "share", estimate);
        let cvar = self
            .radii
            .map(|r| r.difference(a, b, |t| t.cvar, level).estimate)
            .filter(|_| self.is_tail_known(self.radii, 0.99));
        push("faulty", "blast_radius", "cvar99".into(), "share", cvar);
        let mean = self.pairs.mean(a, b, PairedMean::BlastRadius);
        let mean_at = push("faulty", "blast_radius", "mean".into(), "share", mean);
        let p50 = self.quantile(a, b, self.times, Group::FAULT_FREE, Metric::TimeToFull, 0.5);
        let estimate = p50.map(|d| d.estimate);
        let p50_at = push("fault-free", "time_to_full_s", "p50".into(), "s", estimate);
        let a_month = self.summary.changes_a_month();
        let bad = self.pairs.mean(a, b, PairedMean::BadRequests);
        let bad = bad.filter(|_| a_month > 0.0).map(|e| e.times(a_month));
        push(
            "all",
            "bad_requests_a_month",
            "mean".into(),
            "requests",
            bad,
        );
        let undetected = self.pairs.chance(a, b, PairedEvent::NeverDetected);
        let name = format!("P({})", Ending::Undetected.name());
        push("faulty", "outcome", name, "share", undetected);
        let stopped = self.pairs.chance(a, b, PairedEvent::StoppedByChance);
        push("all", "stops_by_chance", "P(> 0)".into(), "share", stopped);
        let at = |at: Option<usize>, p: Option<f64>| at.map(|at| (at, p.unwrap_or(1.0)));
        let radius = if self.by_mean {
            at(mean_at, mean.map(p_of_mean))
        } else {
            at(p99_at, p99.and_then(|d| d.p))
        };
        let same = |in_time| match self.pairs.are_alike(a, b, in_time) {
            true => Standing::Same,
            false => Standing::Open,
        };
        Uncorrected {
            pair: Pair {
                a,
                b,
                radius: same(false),
                time: same(true),
                figures,
            },
            ps: [radius, at(p50_at, p50.and_then(|d| d.p))],
        }
    }

    fn is_tail_known(&self, of: Option<&Resampled>, p: f64) -> bool {
        of.is_some_and(|r| r.rows() as f64 * (1.0 - p) >= ROWS_IN_TAIL)
    }

    /// By resampling; where that says nothing, for the rows in the tail are too few or resamples do not differ at all, by
    /// the two intervals, which assume nothing.
    fn quantile(
        &self,
        a: usize,
        b: usize,
        resampled: Option<&Resampled>,
        group: Group,
        metric: Metric,
        p: f64,
    ) -> Option<Difference> {
        let level = self.summary.level();
        let difference = resampled?.difference(a, b, |t| t.quantile, level);
        let is_certain = difference.estimate.value == 0.0
            && difference.estimate.low == 0.0
            && difference.estimate.high == 0.0;
        if self.is_tail_known(resampled, p) && (difference.p.is_some() || is_certain) {
            return Some(Difference {
                p: difference.p.or(Some(1.0)),
                ..difference
            });
        }
        let [a, b] = [a, b].map(|place| self.pairs.strategies()[place]);
        let at = |strategy, level| self.summary.quantile_at(strategy, group, metric, p, level);
        // Each end misses with half of what is left out of both.
        let (first, second) = (at(a, (1.0 + level) / 2.0)?, at(b, (1.0 + level) / 2.0)?);
        let estimate = Estimate {
            value: gap(first.value, second.value),
            low: gap(first.low, second.high).min(gap(first.value, second.value)),
            high: gap(first.high, second.low).max(gap(first.value, second.value)),
            level,
            n: first.n,
        };
        // The smallest of some levels at which the intervals are apart: both would have to miss on one side.
        let mut smallest = 1.0;
        for digits in [1.3, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0] {
            let left_out = libm::pow(10.0, -digits);
            let (first, second) = (at(a, 1.0 - left_out)?, at(b, 1.0 - left_out)?);
            if first.high < second.low || second.high < first.low {
                smallest = left_out;
            } else {
                break;
            }
        }
        Some(Difference {
            estimate,
            p: Some(smallest),
        })
    }
}

/// Of a mean that is about normal, from the side of its interval towards 0 (which is no narrower than the normal one, so
/// that p is no smaller).
fn p_of_mean(e: Estimate) -> f64 {
    let half = if e.value > 0.0 {
        e.value - e.low
    } else {
        e.high - e.value
    };
    if e.value == 0.0 || !half.is_finite() {
        return 1.0;
    }
    let z = crate::random::normal_quantile((1.0 + e.level) / 2.0);
    2.0 * crate::random::normal_cdf(-z * e.value.abs() / half)
}

/// Corrects all p-values together and settles what is sure.
fn correct(pairs: &mut [Uncorrected], alpha: f64) {
    let ps: Vec<f64> = pairs
        .iter()
        .flat_map(|p| p.ps)
        .map(|p| p.map_or(1.0, |(_, p)| p))
        .collect();
    let corrected = holm(&ps);
    for (pair, ps) in pairs.iter_mut().zip(corrected.chunks(2)) {
        let Pair {
            radius,
            time,
            figures,
            ..
        } = &mut pair.pair;
        for ((standing, p), corrected) in [radius, time].into_iter().zip(pair.ps).zip(ps) {
            let Some((at, _)) = p else {
                continue;
            };
            let figure = &mut figures[at];
            figure.p_holm = Some(*corrected);
            if *corrected <= alpha {
                *standing = if figure.estimate.value < 0.0 {
                    Standing::Better
                } else {
                    Standing::Worse
                };
            }
        }
    }
}

pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;
    use crate::plan::Plan;
    use crate::random::{NameKey, Purpose, RolloutKey};
    use crate::summary::Sampling;
    use crate::summary::example::{plan, shipped, undetected};

    /// Rollouts of strategies with a factor on the blast radius, and a time in hours, each with common luck.
    fn ranking(sampling: Sampling, strategies: &[(f64, f64)], runs: u64) -> Ranking {
        let names: Vec<String> = (0..strategies.len()).map(|i| format!("s{i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let plan: Plan = plan(0.5, &[1.0, 3.0], &names);
        let all: Vec<usize> = (0..names.len()).collect();
        let mut summary = Summary::new(&plan, &all, sampling, 0.95);
        let mut pairs = Pairs::new(&plan, &all, sampling, 0.95);
        for number in 0..runs {
            for (strategy, &(factor, hours)) in strategies.iter().enumerate() {
                let mut stream = RolloutKey::new(5, NameKey::NONE, number).stream(
                    Purpose::Bootstrap,
                    1,
                    NameKey::NONE,
                );
                let fault_free = Outcome {
                    time_to_full_s: Some(3_600.0 * (hours + stream.uniform())),
                    ..shipped(number)
                };
                let mut outcomes = vec![fault_free];
                for fault in 0..2 {
                    outcomes.push(Outcome {
                        blast_radius: factor * stream.uniform(),
                        ..undetected(fault, number)
                    });
                }
                for outcome in outcomes {
                    summary.add(strategy, &outcome);
                    pairs.add(strategy, &outcome);
                }
            }
        }
        Ranking::of(&summary, &pairs, 1)
    }

    #[test]
    fn what_is_plain_is_found_and_nothing_else() {
        let found = ranking(
            Sampling::Stratified,
            &[(0.5, 10.0), (0.9, 2.0), (0.9, 12.0), (0.500_01, 10.0)],
            2_000,
        );
        assert!(!found.by_mean);
        assert_eq!(found.standing(0, 1), (Standing::Better, Standing::Worse));
        assert_eq!(found.standing(1, 0), (Standing::Worse, Standing::Better));
        assert!(found.is_dominated(2, 0) && found.is_dominated(2, 1));
        assert!(!found.is_dominated(0, 1) && !found.is_dominated(1, 0));
        assert_eq!(found.standing(0, 3).1, Standing::Same);
        assert_eq!(found.front().first(), Some(&1));
        let left = found.variance_left.unwrap();
        assert!(left < 0.2, "{left}");
    }

    #[test]
    fn the_pair_difference_has_the_known_answer() {
        let found = ranking(Sampling::Plain, &[(0.5, 10.0), (1.0, 2.0)], 3_000);
        let figure = |metric: &str, statistic: &str| {
            let mut figures = found.pairs[0].figures.iter();
            let is = |f: &&PairFigure| f.metric == metric && f.statistic == statistic;
            figures.find(is).unwrap().estimate
        };
        for (metric, statistic, truth) in [
            ("blast_radius", "p99", -0.495),
            ("blast_radius", "cvar99", -0.4975),
            ("blast_radius", "mean", -0.25),
        ] {
            let e = figure(metric, statistic);
            assert!(
                e.low <= truth && truth <= e.high && e.high - e.low < 0.03,
                "{statistic} {e:?}"
            );
        }
        let e = figure("time_to_full_s", "p50");
        assert!(
            (e.value - 28_800.0).abs() < 1e-6 && e.high - e.low < 1e-6,
            "{e:?}"
        );
        let e = figure("outcome", "P(undetected)");
        assert!(e.value == 0.0 && e.low < 0.0 && e.high > 0.0, "{e:?}");
        assert!(found.worth.is_empty());
    }

    /// Strategies alike in law, with luck of their own: a false claim in 5% of runs at most. Of 60 runs of 6 pairs and 2
    /// figures more than 10 with one would be chance once in 3,000; uncorrected, more than that have one.
    #[test]
    fn false_claims_are_rare_over_all_pairs() {
        let (mut wrong, mut uncorrected) = (0, 0);
        for run in 0..60 {
            let plan = plan(0.5, &[1.0], &["a", "b", "c", "d"]);
            let all = [0, 1, 2, 3];
            let mut summary = Summary::new(&plan, &all, Sampling::Stratified, 0.95);
            let mut pairs = Pairs::new(&plan, &all, Sampling::Stratified, 0.95);
            for number in 0..1_000 {
                for strategy in all {
                    let key = RolloutKey::new(run, NameKey::NONE, number);
                    let of = NameKey::NONE.number(strategy as u64 + 1);
                    let mut stream = key.stream(Purpose::Bootstrap, 2, of);
                    let good = Outcome {
                        time_to_full_s: Some(1e4 * stream.exponential()),
                        ..shipped(number)
                    };
                    let bad = Outcome {
                        blast_radius: stream.uniform(),
                        ..undetected(0, number)
                    };
                    for outcome in [good, bad] {
                        summary.add(strategy, &outcome);
                        pairs.add(strategy, &outcome);
                    }
                }
            }
            let found = Ranking::of(&summary, &pairs, run);
            let is_claimed = |p: &Pair| p.radius != Standing::Open || p.time != Standing::Open;
            wrong += u32::from(found.pairs.iter().any(is_claimed));
            let excludes_zero = |f: &PairFigure| {
                f.p_holm.is_some() && (f.estimate.low > 0.0 || f.estimate.high < 0.0)
            };
            let any = |p: &Pair| p.figures.iter().any(excludes_zero);
            uncorrected += u32::from(found.pairs.iter().any(any));
        }
        assert!(wrong <= 10, "{wrong} of 60");
        assert!(uncorrected > 10, "{uncorrected} of 60 without correction");
    }
}
