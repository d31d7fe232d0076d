//! Tails of binomial and Poisson counts.

use super::super::deviance::{gap_to_product, log_binomial_over, log_poisson};
use super::fraction;

/// The distribution of a count.
#[derive(Clone, Copy, Debug)]
pub(super) enum Law {
    /// With 0 <= p <= 1.
    Binomial { n: f64, p: f64 },
    /// With a mean >= 0.
    Poisson { mean: f64 },
}

impl Law {
    /// A chance below 0 (or NaN) counts as 0, one above 1 as 1, as in [`super::super::binomial`].
    pub(super) fn binomial(n: u64, p: f64) -> Law {
        let p = if p > 0.0 { p.min(1.0) } else { 0.0 };
        Law::Binomial { n: n as f64, p }
    }

    /// A mean below 0 (or NaN) counts as 0.
    pub(super) fn poisson(mean: f64) -> Law {
        let mean = if mean > 0.0 { mean } else { 0.0 };
        Law::Poisson { mean }
    }

    pub(super) fn mean(self) -> f64 {
        match self {
            Law::Binomial { n, p } => n * p,
            Law::Poisson { mean } => mean,
        }
    }

    pub(super) fn largest(self) -> f64 {
        match self {
            Law::Binomial { n, .. } => n,
            Law::Poisson { .. } => f64::INFINITY,
        }
    }

    /// How far `k` lies above the mean.
    fn gap(self, k: f64) -> f64 {
        match self {
            Law::Binomial { n, p } => gap_to_product(k, n, p),
            Law::Poisson { mean } => k - mean,
        }
    }

    /// The probability of `k`.
    pub(super) fn at(self, k: f64) -> f64 {
        libm::exp(match self {
            Law::Binomial { n, p } => log_binomial_over(self.gap(k), k, n, p),
            Law::Poisson { mean } => log_poisson(k, mean),
        })
    }

    /// The probability of `k` over that of `k - 1`.
    #[inline]
    pub(super) fn step(self, k: f64) -> f64 {
        match self {
            Law::Binomial { n, p } => (n - k + 1.0) / k * (p / (1.0 - p)),
            Law::Poisson { mean } => mean / k,
        }
    }

    /// The sum of the probabilities from `k` upward, over that of `k`; for `k` above the mean.
    ///
    /// P(X >= k) = I_p(k, n - k + 1) (DLMF 8.17.5), whose factor p^k q^(n-k+1) / B(k, n - k + 1) is k q P(X = k).
    pub(super) fn sum_up(self, k: f64) -> f64 {
        let gap = self.gap(k);
        match self {
            Law::Binomial { n, p } => {
                let q = 1.0 - p;
                k * q * fraction::of_beta(k, (n - k + 1.0) * p, p, q, gap + q)
            }
            Law::Poisson { mean } => k * fraction::of_poisson_upward(k, mean, gap),
        }
    }

    /// The sum of the probabilities from `k` downward, over that of `k`; for `k` below the mean.
    pub(super) fn sum_down(self, k: f64) -> f64 {
        let gap = self.gap(k);
        match self {
            Law::Binomial { n, p } => {
                // The upper tail of the failures.
                let (rest, q) = (n - k, 1.0 - p);
                rest * p * fraction::of_beta(rest, (k + 1.0) * q, q, p, p - gap)
            }
            Law::Poisson { mean } => mean * fraction::of_poisson_downward(k, gap),
        }
    }

    fn at_least(self, k: f64) -> f64 {
        if k <= 0.0 {
            1.0
        } else if k > self.largest() {
            0.0
        } else if k > self.mean() {
            (self.at(k) * self.sum_up(k)).min(1.0)
        } else {
            (1.0 - self.at(k - 1.0) * self.sum_down(k - 1.0)).max(0.0)
        }
    }

    fn at_most(self, k: f64) -> f64 {
        if k >= self.largest() {
            1.0
        } else if k < self.mean() {
            (self.at(k) * self.sum_down(k)).min(1.0)
        } else {
            (1.0 - self.at(k + 1.0) * self.sum_up(k + 1.0)).max(0.0)
        }
    }
}

/// The probability that a binomial count of `n` trials with chance `p` is at least `k`.
///
/// Relative error below 1e-10, for `n` up to 1e8 and down to 1e-300. Costs DiDonato's and Morris' fraction: some 10 to
/// 30 levels where the tail is 1e-6 or less, some `0.3 sqrt(sd)`-fold more next to the mean.
pub fn binomial_at_least(k: u64, n: u64, p: f64) -> f64 {
    Law::binomial(n, p).at_least(k as f64)
}

/// The probability that a binomial count of `n` trials with chance `p` is at most `k`; accuracy and cost as of
/// [`binomial_at_least`].
pub fn binomial_at_most(k: u64, n: u64, p: f64) -> f64 {
    Law::binomial(n, p).at_most(k as f64)
}

/// The probability that a Poisson count is at least `k`; accuracy and cost as of [`binomial_at_least`].
pub fn poisson_at_least(k: u64, mean: f64) -> f64 {
    Law::poisson(mean).at_least(k as f64)
}

/// The probability that a Poisson count is at most `k`; accuracy and cost as of [`binomial_at_least`].
pub fn poisson_at_most(k: u64, mean: f64) -> f64 {
    Law::poisson(mean).at_most(k as f64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::reference::{assert_close, rows};
    use super::*;

    /// With one minus the other tail in place of the upper tail itself, all rows where it is below 1e-16 fail.
    #[test]
    fn binomial_tails_agree_with_many_digits() {
        for [n, p, k, at_least, at_most] in
            rows(include_str!("../../../tests/reference/tails_binomial.csv"))
        {
            let case = (n, p, k);
            let (n, k) = (n as u64, k as u64);
            assert_close(binomial_at_least(k, n, p), at_least, 1e-10, &case);
            assert_close(binomial_at_most(k, n, p), at_most, 1e-10, &case);
        }
    }

    #[test]
    fn poisson_tails_agree_with_many_digits() {
        for [mean, k, at_least, at_most] in
            rows(include_str!("../../../tests/reference/tails_poisson.csv"))
        {
            let case = (mean, k);
            assert_close(poisson_at_least(k as u64, mean), at_least, 1e-10, &case);
            assert_close(poisson_at_most(k as u64, mean), at_most, 1e-10, &case);
        }
    }

    #[test]
    fn what_is_certain_is_certain() {
        for (p, count) in [(0.0, 0), (-1.0, 0), (f64::NAN, 0), (1.0, 7), (2.0, 7)] {
            for k in 0..=9 {
                let at_least = f64::from(u8::from(count >= k));
                let at_most = f64::from(u8::from(count <= k));
                assert_eq!(binomial_at_least(k, 7, p), at_least, "{k} of 7 at {p}");
                assert_eq!(binomial_at_most(k, 7, p), at_most, "{k} of 7 at {p}");
            }
        }
        for mean in [0.0, -1.0, f64::NAN] {
            assert_eq!(
                (poisson_at_least(1, mean), poisson_at_most(0, mean)),
                (0.0, 1.0)
            );
        }
        assert_eq!(
            (binomial_at_least(0, 0, 0.5), binomial_at_most(0, 0, 0.5)),
            (1.0, 1.0)
        );
        assert_eq!(binomial_at_least(8, 7, 0.5), 0.0);
    }

    /// A fraction that goes on past its end until two values are the same drifts, here by 1e-12.
    #[test]
    fn a_finite_fraction_ends() {
        let mean = 0.000000018977363802485987;
        assert_close(poisson_at_most(0, mean), 1.0 - mean, 1e-15, &mean);
    }

    proptest! {
        #[test]
        fn both_tails_make_a_whole(log_n in 0.0..8.0_f64, log_p in -9.0..-0.01_f64, z in -9.0..9.0_f64) {
            let (n, p) = (libm::pow(10.0, log_n).floor(), libm::pow(10.0, log_p));
            let k = (n * p + z * libm::sqrt(n * p * (1.0 - p))).clamp(0.0, n) as u64;
            let sum = binomial_at_most(k, n as u64, p) + binomial_at_least(k + 1, n as u64, p);
            prop_assert!((sum - 1.0).abs() < 1e-12, "{n} {p} {k}: {sum}");
            let sum = poisson_at_most(k, n * p) + poisson_at_least(k + 1, n * p);
            prop_assert!((sum - 1.0).abs() < 1e-12, "{} {k}: {sum}", n * p);
        }

        /// But for the last digits, which two neighbours of a large count do not differ by.
        #[test]
        fn tails_fall_outward(log_n in 0.0..8.0_f64, log_p in -9.0..-0.01_f64, z in -30.0..30.0_f64) {
            let (n, p) = (libm::pow(10.0, log_n).floor(), libm::pow(10.0, log_p));
            let k = (n * p + z * libm::sqrt(n * p * (1.0 - p))).clamp(0.0, n) as u64;
            let slack = 1.0 + 1e-11;
            prop_assert!(binomial_at_least(k + 1, n as u64, p) <= binomial_at_least(k, n as u64, p) * slack);
            prop_assert!(binomial_at_most(k, n as u64, p) <= binomial_at_most(k + 1, n as u64, p) * slack);
            prop_assert!(poisson_at_least(k + 1, n * p) <= poisson_at_least(k, n * p) * slack);
            prop_assert!(poisson_at_most(k, n * p) <= poisson_at_most(k + 1, n * p) * slack);
        }
    }
}
