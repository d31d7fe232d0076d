//! Binomial and Poisson probabilities without cancellation.
//!
//! Differences of log-factorials lose everything for large counts: lgamma(1e15) is 3e16, where neighbouring doubles
//! are 4 apart. Loader, "Fast and accurate computation of binomial probabilities" (2000), splits them into Stirling's
//! error and a deviance, neither of which cancels.

use std::f64::consts::TAU;

/// ln(2 pi) / 2.
const HALF_LN_TAU: f64 = 0.918_938_533_204_672_8;

/// The error of Stirling's formula, ln x! - (x + 1/2) ln x + x - ln(2 pi)/2, for x > 0; about 1/(12 x).
pub(super) fn stirling_error(x: f64) -> f64 {
    if x > 15.0 {
        // The first term left out is 691/360360 / x^11, below 1e-16.
        let s = 1.0 / (x * x);
        let inner = 1.0 / 1260.0 - s * (1.0 / 1680.0 - s * (1.0 / 1188.0));
        return (1.0 / 12.0 - s * (1.0 / 360.0 - s * inner)) / x;
    }
    if x.floor() == x && x >= 1.0 {
        return STIRLING_ERROR[x as usize - 1];
    }
    libm::lgamma(x + 1.0) - (x + 0.5) * libm::log(x) + x - HALF_LN_TAU
}

/// Stirling's error at 1, 2, ... 15, computed with 40 digits.
const STIRLING_ERROR: [f64; 15] = [
    0.081_061_466_795_327_26,
    0.041_340_695_955_409_29,
    0.027_677_925_684_998_34,
    0.020_790_672_103_765_093,
    0.016_644_691_189_821_193,
    0.013_876_128_823_070_748,
    0.011_896_709_945_891_77,
    0.010_411_265_261_972_096,
    0.009_255_462_182_712_733,
    0.008_330_563_433_362_87,
    0.007_573_675_487_951_841,
    0.006_942_840_107_209_53,
    0.006_408_994_188_004_207,
    0.005_951_370_112_758_848,
    0.005_554_733_551_962_801,
];

/// The deviance x ln(x / mean) + mean - x, for x >= 0 and a mean > 0: 0 where they agree, positive elsewhere.
pub(super) fn deviance(x: f64, mean: f64) -> f64 {
    deviance_over(x - mean, x, mean)
}

/// The deviance for a gap x - mean that is known better than the two numbers are apart.
pub(super) fn deviance_over(gap: f64, x: f64, mean: f64) -> f64 {
    if x == 0.0 {
        return mean;
    }
    if gap.abs() >= 0.1 * (x + mean) {
        return x * libm::log(x / mean) - gap;
    }
    // Loader's series in v = (x - mean) / (x + mean): gap v + 2 x (v^3/3 + v^5/5 + ...). As |v| < 0.1 a term is less
    // than a hundredth of the one before, so nine reach the last bit.
    let v = gap / (x + mean);
    let square = v * v;
    let mut sum = gap * v;
    let mut power = 2.0 * x * v;
    for odd in [3.0, 5.0, 7.0, 9.0, 11.0, 13.0, 15.0, 17.0, 19.0] {
        power *= square;
        sum += power / odd;
    }
    sum
}

/// The log of the Poisson probability of `k` (whole, >= 0) for a mean > 0: Loader (2000).
pub(super) fn log_poisson(k: f64, mean: f64) -> f64 {
    if k == 0.0 {
        return -mean;
    }
    -stirling_error(k) - deviance(k, mean) - 0.5 * libm::log(TAU * k)
}

/// The log of the binomial probability of `k` (whole, 0 to n) in `n` trials of chance 0 < p < 1: Loader (2000).
pub(super) fn log_binomial(k: f64, n: f64, p: f64) -> f64 {
    log_binomial_over(gap_to_product(k, n, p), k, n, p)
}

/// [`log_binomial`] for a gap k - n p that is known already.
pub(super) fn log_binomial_over(gap: f64, k: f64, n: f64, p: f64) -> f64 {
    let rest = n - k;
    if k == 0.0 {
        return n * libm::log1p(-p);
    }
    if rest == 0.0 {
        return n * libm::log(p);
    }
    stirling_error(n)
        - stirling_error(k)
        - stirling_error(rest)
        - deviance_over(gap, k, n * p)
        - deviance_over(-gap, rest, n * (1.0 - p))
        + 0.5 * libm::log(n / k / (TAU * rest))
}

/// x - a b as if rounded once, or nearly: a product of 1e8 has lost what lies below 1e-8, and far out in a tail its log
/// changes by as much as a fifth of that. For |a|, |b| below 1e300.
pub(super) fn gap_to_product(x: f64, a: f64, b: f64) -> f64 {
    let product = a * b;
    (x - product) - product_error(product, a, b)
}

/// a b - fl(a b), exact: Dekker, "A floating-point technique for extending the available precision", Numerische
/// Mathematik 18 (1971) 224-242. (A fused multiplication would do, but `libm` has it in software.)
pub(super) fn product_error(product: f64, a: f64, b: f64) -> f64 {
    let (a_high, a_low) = halves(a);
    let (b_high, b_low) = halves(b);
    ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
}

/// The upper and the lower 26 bits of a number (Veltkamp).
fn halves(x: f64) -> (f64, f64) {
    const SPLITTER: f64 = 134_217_729.0;
    let scaled = SPLITTER * x;
    let high = scaled - (scaled - x);
    (high, x - high)
}

#[cfg(test)]
#[expect(clippy::excessive_precision, reason = "digits as they were computed")]
mod tests {
    use super::*;

    /// Computed with 60 digits (mpmath).
    #[expect(clippy::excessive_precision, reason = "digits as they were computed")]
    #[test]
    fn stirling_errors_agree_with_many_digits() {
        let golden = [
            (0.25, 0.27251040121343206),
            (0.5, 0.15342640972002735),
            (1.0, 0.08106146679532726),
            (1.5, 0.054814121051917654),
            (3.7, 0.022468770580143146),
            (10.5, 0.0079341145643140205),
            (14.9, 0.0055920025122508302),
            (15.1, 0.0055179580031630801),
            (16.0, 0.0052076559196096404),
            (100.0, 0.00083333055563491468),
            (1e6, 8.3333333333330556e-8),
        ];
        for (x, error) in golden {
            let own = stirling_error(x);
            assert!((own - error).abs() < 1e-14, "{x}: {own} for {error}");
        }
    }

    /// Computed with 60 digits (mpmath); at a count of 3e14 of 1e15 the rounding of n p alone moves the ninth digit.
    #[test]
    fn log_probabilities_agree_with_many_digits() {
        let binomial = [
            (3.0, 10.0, 0.3, -1.3211512777668886, 1e-14),
            (500000.0, 1e6, 0.5, -7.1335468816268645, 1e-14),
            (3e14, 1e15, 0.3, -17.408002856527681, 1e-8),
            (300000020000000.0, 1e15, 0.3, -18.360383816919881, 1e-8),
            (10.0, 1e15, 1e-14, -2.0785616431350535, 1e-14),
            (999.0, 1000.0, 0.999, -0.99949983324994997, 1e-12),
        ];
        for (k, n, p, expected, within) in binomial {
            let own = log_binomial(k, n, p);
            assert!(
                (own - expected).abs() <= within,
                "{k} {n} {p}: {own} for {expected}"
            );
        }
        let poisson = [
            (0.0, 2.0, -2.0),
            (7.0, 3.5, -3.2558205815978383),
            (1000.0, 1100.0, -9.0627197017014368),
            (1e9, 1e9, -11.280571451761212),
            (1000100000.0, 1e9, -16.280454790927537),
        ];
        for (k, mean, expected) in poisson {
            let own = log_poisson(k, mean);
            assert!(
                (own - expected).abs() <= 1e-13,
                "{k} {mean}: {own} for {expected}"
            );
        }
    }

    #[test]
    fn probabilities_sum_to_one() {
        for (n, p) in [(1.0, 0.3), (7.0, 0.5), (1000.0, 0.02)] {
            let sum: f64 = (0..=n as u64)
                .map(|k| libm::exp(log_binomial(k as f64, n, p)))
                .sum();
            assert!((sum - 1.0).abs() < 1e-13, "{n} {p}: {sum}");
        }
        for mean in [0.5, 10.0, 200.0] {
            let sum: f64 = (0..500)
                .map(|k| libm::exp(log_poisson(f64::from(k), mean)))
                .sum();
            assert!((sum - 1.0).abs() < 1e-13, "{mean}: {sum}");
        }
    }
}
