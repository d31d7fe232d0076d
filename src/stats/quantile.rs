//! Quantiles, free of any assumption on the distribution.
//!
//! pNN is the least x with F(x) >= NN/100 everywhere. Values may be tied, and infinite.

use super::chance::{Pooled, Sample, binomial_cdf, misses};
use super::estimate::{Estimate, Support, one_tail};
use super::tally::Distribution;
use crate::random::normal_quantile;

/// Shares that differ by less are equal: 0.07 * 100 is 7.000000000000001 in doubles.
const ROUNDING: f64 = 1e-12;

/// The ranks, counted from 1, of the order statistics that bound a quantile; `None` where the sample is too small to
/// bound it on that side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RankInterval {
    /// Rank of the lower bound.
    pub low: Option<u64>,
    /// Rank of the upper bound.
    pub high: Option<u64>,
}

/// The ranks of the two-sided interval for the `p`-quantile from `n` independent values.
///
/// With B binomial of n trials of chance p: the low rank is the largest l with P(B < l) <= (1 - level)/2, the high one
/// the least u with P(B >= u) <= (1 - level)/2 (David and Nagaraja, "Order Statistics", 2003, section 7.1). Covers the
/// least x with F(x) >= p with probability at least `level` for every distribution, also with ties: a value above the
/// quantile at rank l means fewer than l values at or below it, which are at least as likely as p each; and likewise
/// above.
pub fn quantile_ranks(n: u64, p: f64, level: f64) -> RankInterval {
    assert!(
        p > 0.0 && p < 1.0,
        "a quantile is at a share between 0 and 1, not {p}"
    );
    let tail = one_tail(level);
    let guess = |z: f64| {
        (n as f64 * p + z * libm::sqrt(n as f64 * p * (1.0 - p))).clamp(0.0, n as f64) as u64
    };
    let z = normal_quantile(tail);
    // The least k with P(B <= k) > tail, and the least with P(B <= k) >= 1 - tail.
    let below = first_from(guess(z), n, |k| binomial_cdf(k, n, p) > tail);
    let above = first_from(guess(-z), n, |k| 1.0 - binomial_cdf(k, n, p) <= tail);
    RankInterval {
        low: (below > 0).then_some(below),
        high: (above < n).then_some(above + 1),
    }
}

/// The least k from 0 to `n` that `holds`, which stays true once it is and is true at `n`; quick where `guess` is near.
fn first_from(guess: u64, n: u64, holds: impl Fn(u64) -> bool) -> u64 {
    // Strides double away from the guess until the answer lies from `low` to `high`, then halve.
    let (mut low, mut high) = (0, n);
    let mut stride = 1;
    if holds(guess) {
        high = guess;
        while low < high {
            let at = high.saturating_sub(stride);
            if !holds(at) {
                low = at + 1;
                break;
            }
            high = at;
            stride *= 2;
        }
    } else {
        low = guess + 1;
        while low < high {
            let at = low.saturating_add(stride).min(n);
            if holds(at) {
                high = at;
                break;
            }
            low = at + 1;
            stride *= 2;
        }
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// The `p`-quantile of a sample, with its distribution-free interval ([`quantile_ranks`]); a side that the sample
/// cannot bound ends where the support does. What rounding there was in the distribution widens the interval. `None`
/// without values.
pub fn quantile(values: &Distribution, p: f64, support: Support, level: f64) -> Option<Estimate> {
    let n = values.n();
    if n == 0 {
        return None;
    }
    let rank = (libm::ceil((p - ROUNDING) * n as f64) as u64).clamp(1, n);
    let ranks = quantile_ranks(n, p, level);
    Some(Estimate {
        value: values.of_rank(rank),
        low: ranks.low.map_or(support.low, |l| {
            unrounded(values.of_rank(l), values.relative_error(), support)
        }),
        high: ranks.high.map_or(support.high, |u| values.of_rank(u)),
        level,
        n,
    })
}

/// The least that a value may have been before it was rounded up.
fn unrounded(value: f64, relative_error: f64, support: Support) -> f64 {
    (value / (1.0 + relative_error)).max(support.low)
}

/// What one stratum contributes to a quantile.
#[derive(Clone, Copy, Debug)]
pub struct QuantilePart<'a> {
    /// The stratum's weight (positive; they need not sum to 1).
    pub weight: f64,
    /// Rollouts simulated; to those beyond the distribution's own number the quantity does not apply.
    pub n: u64,
    /// The values.
    pub values: &'a Distribution,
}

/// The distribution over weighted strata.
#[derive(Clone, Debug)]
pub struct Mixture<'a> {
    parts: Vec<QuantilePart<'a>>,
    /// Distinct values of all parts, ascending.
    values: Vec<f64>,
}

impl<'a> Mixture<'a> {
    /// `None` where a stratum has no rollouts, or there is no value anywhere.
    pub fn new(parts: &[QuantilePart<'a>]) -> Option<Mixture<'a>> {
        if parts.iter().any(|p| p.n == 0) {
            return None;
        }
        // A stratum without values speaks of another population.
        let parts: Vec<_> = parts.iter().filter(|p| p.values.n() > 0).copied().collect();
        if parts.is_empty() {
            return None;
        }
        let mut values = Vec::new();
        if parts.len() > 1 {
            values = parts
                .iter()
                .flat_map(|p| p.values.values())
                .copied()
                .collect();
            values.sort_unstable_by(f64::total_cmp);
            values.dedup();
        }
        Some(Mixture { parts, values })
    }

    /// The `p`-quantile: the least x with F(x) >= p, F = sum w a F_s / sum w a, where a is the share of a stratum that
    /// has a value at all.
    ///
    /// The interval inverts the pointwise bounds of [`super::weighted_chance`] on F(x): from the least x whose upper
    /// bound reaches p to the least x whose lower bound does. It covers when the bound at one point does, namely at
    /// the quantile (Serfling, "Approximation Theorems", 1980, section 2.6), so no correction for many points is due.
    /// With one stratum that is [`quantile`].
    pub fn quantile(&self, p: f64, support: Support, level: f64) -> Estimate {
        assert!(
            p > 0.0 && p < 1.0,
            "a quantile is at a share between 0 and 1, not {p}"
        );
        if let [part] = self.parts[..]
            && let Some(estimate) = quantile(part.values, p, support, level)
        {
            return estimate;
        }
        let tail = one_tail(level);
        let error = self
            .parts
            .iter()
            .map(|p| p.values.relative_error())
            .fold(0.0, f64::max);
        let pooled = Pooled::of(&self.samples(f64::INFINITY)).expect("a mixture has values");
        let value = self.first(|x| pooled.share(&self.samples(x)) >= p - ROUNDING);
        let low = self.first(|x| pooled.upper_limit_reaches(&self.samples(x), p, tail));
        // The lower bound of F reaches p where the upper bound of 1 - F no longer reaches beyond 1 - p.
        let high =
            self.first(|x| !pooled.upper_limit_reaches(&misses(&self.samples(x)), 1.0 - p, tail));
        let unbounded = pooled.upper_limit_reaches(&self.samples(f64::NEG_INFINITY), p, tail);
        Estimate {
            value: value.unwrap_or(f64::INFINITY),
            low: low
                .filter(|_| !unbounded)
                .map_or(support.low, |low| unrounded(low, error, support)),
            high: high.unwrap_or(support.high),
            level,
            n: self.parts.iter().map(|p| p.values.n()).sum(),
        }
    }

    /// The least of the values that `holds`, which stays true once it is.
    fn first(&self, holds: impl Fn(f64) -> bool) -> Option<f64> {
        let at = self.values.partition_point(|&x| !holds(x));
        self.values.get(at).copied()
    }

    /// Values at most x as hits.
    fn samples(&self, x: f64) -> Vec<Sample> {
        let sample = |part: &QuantilePart| Sample {
            weight: part.weight,
            n: part.n,
            applicable: part.values.n(),
            hits: part.values.at_most(x),
        };
        self.parts.iter().map(sample).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Tally, clopper_pearson};
    use proptest::prelude::*;

    fn of(values: &[f64]) -> Distribution {
        let mut tally = Tally::new(65_536);
        values.iter().for_each(|&x| tally.add(x));
        tally.distribution()
    }

    #[test]
    fn the_quantile_is_the_least_value_that_reaches_it() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        // 0.07 * 100 is a hair above 7 in doubles.
        for (p, expected) in [
            (0.07, 7.0),
            (0.5, 50.0),
            (0.501, 51.0),
            (0.9, 90.0),
            (0.99, 99.0),
            (0.999, 100.0),
        ] {
            let found =
                quantile(&of(&hundred), p, Support::NON_NEGATIVE, 0.95).expect("there are values");
            assert_eq!(found.value, expected, "p = {p}");
            assert!(found.low <= found.value && found.value <= found.high);
        }
        assert_eq!(quantile(&of(&[]), 0.5, Support::NON_NEGATIVE, 0.95), None);
    }

    #[test]
    fn what_never_happened_is_infinite() {
        let values = [1.0, 2.0, f64::INFINITY, f64::INFINITY];
        let found =
            quantile(&of(&values), 0.9, Support::NON_NEGATIVE, 0.95).expect("there are values");
        assert_eq!(
            (found.value, found.high, found.n),
            (f64::INFINITY, f64::INFINITY, 4)
        );
        assert_eq!(
            quantile(&of(&values), 0.5, Support::SHARE, 0.95).map(|e| e.value),
            Some(2.0)
        );
    }

    #[test]
    fn a_side_without_bound_ends_with_the_support() {
        let found =
            quantile(&of(&[0.2, 0.3, 0.4]), 0.99, Support::SHARE, 0.95).expect("there are values");
        assert_eq!((found.value, found.high), (0.4, 1.0));
        let found =
            quantile(&of(&[0.2, 0.3, 0.4]), 0.05, Support::SHARE, 0.95).expect("there are values");
        assert_eq!((found.value, found.low), (0.2, 0.0));
    }

    #[test]
    fn rounding_widens_the_interval() {
        let mut tally = Tally::new(64);
        (1..=1_000_u32).for_each(|x| tally.add(f64::from(x)));
        let values = tally.distribution();
        let error = values.relative_error();
        assert!(error > 0.0);
        let found = quantile(&values, 0.5, Support::NON_NEGATIVE, 0.95).expect("there are values");
        let ranks = quantile_ranks(1_000, 0.5, 0.95);
        let (low, high) = (
            ranks.low.expect("bounded") as f64,
            ranks.high.expect("bounded") as f64,
        );
        assert!(
            found.low <= low && found.low >= low / (1.0 + error),
            "{found:?}"
        );
        assert!(
            found.high >= high && found.high <= high * (1.0 + error),
            "{found:?}"
        );
    }

    #[test]
    fn ranks_agree_with_plain_search() {
        for n in [1, 2, 3, 10, 59, 60, 100, 737] {
            for p in [0.001, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999] {
                let tail = one_tail(0.95);
                let low = (1..=n).rev().find(|&l| binomial_cdf(l - 1, n, p) <= tail);
                let high = (1..=n).find(|&u| 1.0 - binomial_cdf(u - 1, n, p) <= tail);
                assert_eq!(
                    quantile_ranks(n, p, 0.95),
                    RankInterval { low, high },
                    "n = {n}, p = {p}"
                );
            }
        }
    }

    /// P(low rank's value above the quantile), P(high rank's value below it), for a distribution whose quantile has
    /// `below` of the probability strictly under it and `up_to` with it.
    fn missed(n: u64, ranks: RankInterval, below: f64, up_to: f64) -> (f64, f64) {
        let above = ranks.low.map_or(0.0, |l| binomial_cdf(l - 1, n, up_to));
        let under = ranks
            .high
            .map_or(0.0, |u| 1.0 - binomial_cdf(u - 1, n, below));
        (above, under)
    }

    #[test]
    fn quantile_intervals_cover_by_summation_also_with_ties() {
        let mut naive_worst = 0.0_f64;
        for n in [5, 20, 60, 200, 1_000] {
            for p in [0.05, 0.25, 0.5, 0.9, 0.99] {
                let ranks = quantile_ranks(n, p, 0.95);
                for (below, up_to) in [(p, p), (0.9 * p, p), (p, p + 0.5 * (1.0 - p)), (0.0, 1.0)] {
                    let (above, under) = missed(n, ranks, below, up_to);
                    assert!(
                        above <= 0.025 && under <= 0.025,
                        "n = {n}, p = {p}: {above}, {under}"
                    );
                }
                // The usual normal approximation of the ranks does not.
                let half = 1.96 * libm::sqrt(n as f64 * p * (1.0 - p));
                let at = |x: f64| libm::round(x).clamp(1.0, n as f64) as u64;
                let naive = RankInterval {
                    low: Some(at(n as f64 * p - half)),
                    high: Some(at(n as f64 * p + half)),
                };
                let (above, under) = missed(n, naive, p, p);
                naive_worst = naive_worst.max(above).max(under);
            }
        }
        assert!(naive_worst > 0.5, "{naive_worst}");
    }

    fn part(weight: f64, values: &Distribution) -> QuantilePart<'_> {
        QuantilePart {
            weight,
            n: values.n(),
            values,
        }
    }

    #[test]
    fn weighted_quantiles_invert_the_weighted_distribution() {
        let (low, high) = (of(&[1.0, 2.0, 3.0, 4.0]), of(&[3.5, 10.0]));
        let mixture = Mixture::new(&[part(0.5, &low), part(0.5, &high)]).expect("there are values");
        // F: 1/8 at 1, 2/8 at 2, 3/8 at 3, 5/8 at 3.5, 6/8 at 4, 1 at 10.
        for (p, expected) in [
            (0.1, 1.0),
            (0.375, 3.0),
            (0.38, 3.5),
            (0.625, 3.5),
            (0.75, 4.0),
            (0.76, 10.0),
        ] {
            let found = mixture.quantile(p, Support::NON_NEGATIVE, 0.95);
            assert_eq!(found.value, expected, "p = {p}");
            assert!(
                found.low <= found.value && found.value <= found.high,
                "{found:?}"
            );
            assert_eq!(found.n, 6);
        }
    }

    #[test]
    fn a_mixture_of_one_is_the_sample() {
        let values = of(&[1.0, 2.0, 3.0, 4.0]);
        let empty = of(&[]);
        let others = QuantilePart {
            weight: 0.1,
            n: 5,
            values: &empty,
        };
        let mixture = Mixture::new(&[part(0.9, &values), others]).expect("there are values");
        let found = mixture.quantile(0.5, Support::NON_NEGATIVE, 0.95);
        assert_eq!(
            Some(found),
            quantile(&values, 0.5, Support::NON_NEGATIVE, 0.95)
        );
        assert!(Mixture::new(&[others]).is_none());
        assert!(Mixture::new(&[part(0.5, &values), QuantilePart { n: 0, ..others }]).is_none());
    }

    /// The bounds by ranks are those by Clopper-Pearson, at every value.
    #[test]
    fn ranks_invert_clopper_pearson() {
        for (n, p) in [(40, 0.5), (40, 0.9), (500, 0.99)] {
            let low = (1..=n).find(|&k| clopper_pearson(k, n, 0.95).1 >= p);
            let high = (1..=n).find(|&k| clopper_pearson(k, n, 0.95).0 >= p);
            let low = low.filter(|_| clopper_pearson(0, n, 0.95).1 < p);
            assert_eq!(
                quantile_ranks(n, p, 0.95),
                RankInterval { low, high },
                "n = {n}, p = {p}"
            );
        }
    }

    /// Coverage of weighted quantiles by simulation: at 95% fewer than 1,868 of 2,000 would be chance once in 10^5. The
    /// pooled sample, as if strata came as often as they are drawn, misses that.
    #[test]
    fn weighted_quantiles_cover_and_pooled_samples_do_not() {
        use crate::random::{NameKey, Purpose, RolloutKey};
        // Exponential times of means 1 and 6 with weights 0.8 and 0.2; every tenth of the second never happens.
        let survival = |x: f64| 0.8 * libm::exp(-x) + 0.2 * (0.1 + 0.9 * libm::exp(-x / 6.0));
        for p in [0.5, 0.9, 0.97] {
            let (mut a, mut b) = (0.0, 1e3);
            for _ in 0..100 {
                let middle = 0.5 * (a + b);
                if 1.0 - survival(middle) >= p {
                    b = middle
                } else {
                    a = middle
                }
            }
            let (mut covered, mut pooled) = (0, 0);
            for repeat in 0..2_000 {
                let mut stream = RolloutKey::new(7, NameKey::NONE, repeat).stream(
                    Purpose::Bootstrap,
                    0,
                    NameKey::NONE,
                );
                let short: Vec<f64> = (0..50).map(|_| stream.exponential()).collect();
                let long = (0..70).map(|_| {
                    if stream.chance(0.1) {
                        f64::INFINITY
                    } else {
                        6.0 * stream.exponential()
                    }
                });
                let long: Vec<f64> = long.collect();
                let all = of(&[&short[..], &long[..]].concat());
                let (short, long) = (of(&short), of(&long));
                let mixture =
                    Mixture::new(&[part(0.8, &short), part(0.2, &long)]).expect("there are values");
                let found = mixture.quantile(p, Support::NON_NEGATIVE, 0.95);
                covered += u32::from(found.low <= b && b <= found.high);
                let naive =
                    quantile(&all, p, Support::NON_NEGATIVE, 0.95).expect("there are values");
                pooled += u32::from(naive.low <= b && b <= naive.high);
            }
            assert!(covered >= 1_868, "p = {p}: {covered} of 2,000");
            assert!(pooled < 1_868, "p = {p}: {pooled} of 2,000 pooled");
        }
    }

    proptest! {
        #[test]
        fn estimates_lie_within_their_intervals(
            a in prop::collection::vec(0..20_u32, 1..40),
            b in prop::collection::vec(0..20_u32, 1..40),
            weight in 0.01..0.99_f64,
            p in 0.01..0.99_f64,
        ) {
            let floats = |v: &[u32]| of(&v.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
            let (a, b) = (floats(&a), floats(&b));
            let mixture = Mixture::new(&[part(weight, &a), part(1.0 - weight, &b)]).expect("there are values");
            let found = mixture.quantile(p, Support::NON_NEGATIVE, 0.9);
            prop_assert!(found.low <= found.value && found.value <= found.high, "{:?}", found);
        }
    }
}
