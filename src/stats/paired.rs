//! Differences of chances of paired samples, and claims about many pairs at once.

use super::chance::{Sample, weighted_chance};
use super::estimate::Estimate;

/// Pairs of one stratum, by whether one, the other or both are hits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedHits {
    /// The stratum's weight (positive; they need not sum to 1).
    pub weight: f64,
    /// Pairs.
    pub n: u64,
    /// Those in which only the first is a hit.
    pub only_first: u64,
    /// Those in which only the second is.
    pub only_second: u64,
}

/// How much larger the first's chance of a hit is than the second's, over weighted strata.
///
/// Pairs that agree say nothing (McNemar, Psychometrika 12, 1947): the difference is that of the chances of the two kinds
/// of discordant pair. Each of these has the interval of [`weighted_chance`], which has width even where no pair is
/// discordant. Their distances from the estimates are added as squares (Zou and Donner, "Construction of confidence limits
/// about effect measures", Statistics in Medicine 27, 2008) with the correlation of two counts of one multinomial, which
/// is negative, so that the difference varies more than that of independent ones. Exhaustive summation over small samples
/// finds coverage at or above the level in the cases tried (in the tests).
///
/// `None` where a stratum has no pairs.
pub fn paired_chance_difference(parts: &[PairedHits], level: f64) -> Option<Estimate> {
    let chance = |hits: fn(&PairedHits) -> u64| {
        let sample = |p: &PairedHits| Sample {
            weight: p.weight,
            n: p.n,
            applicable: p.n,
            hits: hits(p),
        };
        let samples: Vec<Sample> = parts.iter().map(sample).collect();
        weighted_chance(&samples, level)
    };
    let (first, second) = (chance(|p| p.only_first)?, chance(|p| p.only_second)?);
    let value = first.value - second.value;
    let odds = |p: f64| p / (1.0 - p).max(f64::MIN_POSITIVE);
    let correlation = libm::sqrt(odds(first.value) * odds(second.value)).min(1.0);
    let length = |a: f64, b: f64| libm::sqrt(a * a + b * b + 2.0 * correlation * a * b);
    let low = value - length(first.value - first.low, second.high - second.value);
    let high = value + length(first.high - first.value, second.value - second.low);
    Some(Estimate {
        value,
        low: low.max(-1.0),
        high: high.min(1.0),
        level,
        n: parts.iter().map(|p| p.n).sum(),
    })
}

/// P-values corrected for there being many, after Holm ("A simple sequentially rejective multiple test procedure",
/// Scandinavian Journal of Statistics 6, 1979): to claim all whose corrected value is at most alpha makes any wrong claim
/// with a chance of at most alpha, however the tests depend on each other.
pub fn holm(ps: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ps.len()).collect();
    order.sort_by(|&a, &b| ps[a].total_cmp(&ps[b]));
    let mut corrected = vec![0.0; ps.len()];
    let mut so_far: f64 = 0.0;
    for (place, &i) in order.iter().enumerate() {
        so_far = so_far.max(ps[i] * (ps.len() - place) as f64).min(1.0);
        corrected[i] = so_far;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::ln_gamma;

    #[test]
    fn holm_is_that_of_the_paper() {
        // Four tests: 0.005 * 4, 0.01 * 3, 0.03 * 2, and 0.04 no less than the one before.
        let found = holm(&[0.01, 0.04, 0.03, 0.005]);
        let expected = [0.03, 0.06, 0.06, 0.02];
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() < 1e-12, "{found:?}");
        }
        assert_eq!(holm(&[0.7, 0.9]), [1.0, 1.0]);
        assert_eq!(holm(&[]), [0.0; 0]);
    }

    fn part(weight: f64, n: u64, only_first: u64, only_second: u64) -> PairedHits {
        PairedHits {
            weight,
            n,
            only_first,
            only_second,
        }
    }

    /// Probability that the interval misses, by summation over all trinomial counts.
    fn missed(n: u64, p: f64, q: f64, interval: impl Fn(u64, u64) -> (f64, f64)) -> f64 {
        let power = |p: f64, k: u64| {
            if k == 0 { 0.0 } else { k as f64 * libm::log(p) }
        };
        let choose = |k: u64| ln_gamma(k as f64 + 1.0);
        let mut sum = 0.0;
        for a in 0..=n {
            for b in 0..=n - a {
                let (low, high) = interval(a, b);
                if low <= p - q && p - q <= high {
                    continue;
                }
                let c = n - a - b;
                let ways = choose(n) - choose(a) - choose(b) - choose(c);
                sum += libm::exp(ways + power(p, a) + power(q, b) + power(1.0 - p - q, c));
            }
        }
        sum
    }

    #[test]
    fn it_covers_by_summation_and_wald_does_not() {
        let n = 40;
        let ours: Vec<Vec<(f64, f64)>> = (0..=n)
            .map(|a| {
                let of = |b| {
                    let e = paired_chance_difference(&[part(1.0, n, a, b)], 0.95).unwrap();
                    (e.low, e.high)
                };
                (0..=n - a).map(of).collect()
            })
            .collect();
        let wald = |a: u64, b: u64| {
            let (n, a, b) = (n as f64, a as f64, b as f64);
            let half = 1.96 * libm::sqrt(a + b - (a - b) * (a - b) / n) / n;
            ((a - b) / n - half, (a - b) / n + half)
        };
        let mut worst_of_wald: f64 = 0.0;
        for p in [0.001, 0.01, 0.05, 0.2, 0.45] {
            for q in [0.001, 0.01, 0.05, 0.2, 0.45] {
                let miss = missed(n, p, q, |a, b| ours[a as usize][b as usize]);
                assert!(miss <= 0.05, "{miss} missed at {p} and {q}");
                worst_of_wald = worst_of_wald.max(missed(n, p, q, wald));
            }
        }
        assert!(worst_of_wald > 0.5, "{worst_of_wald}");
    }

    #[test]
    fn no_discordant_pair_excludes_no_small_difference() {
        let parts = [part(0.96, 1_000, 0, 0), part(0.04, 500, 0, 0)];
        let found = paired_chance_difference(&parts, 0.95).unwrap();
        assert_eq!(found.value, 0.0);
        assert!(found.high > 0.003 && found.high < 0.006, "{found:?}");
        assert_eq!(found.low, -found.high);
        assert_eq!(paired_chance_difference(&[part(1.0, 0, 0, 0)], 0.95), None);
    }
}
