//! Counts drawn given that they lie in a tail.
//!
//! By inversion: one uniform number is walked off along the probabilities from the edge of the tail outward, each from
//! the one before. The walk is short (a count given a thin tail lies next to its edge) and needs no probability, only
//! ratios, so a tail of 1e-300 is as exact and as fast as another. Where the tail is fat and the walk may be long,
//! counts are drawn until one lies in the tail.

use super::super::binomial::binomial;
use super::super::poisson::poisson;
use super::super::stream::Stream;
use super::FAT;
use super::count::Law;

/// A walk that is not expected to be longer than this many steps beats drawing again and again.
const SHORT: f64 = 64.0;

/// Terms below this share of their sum lie beyond the last uniform number.
const NEGLIGIBLE: f64 = 1e-17;

impl Law {
    fn draw(self, s: &mut Stream) -> f64 {
        match self {
            Law::Binomial { n, p } => binomial(n as u64, p, s) as f64,
            Law::Poisson { mean } => poisson(mean, s) as f64,
        }
    }

    /// Whether to walk along a tail beyond `k`, where the sum of its probabilities over that of `k` is `sum`: that is
    /// also the length of the walk, but for a factor of at most 1.
    fn is_walk(self, k: f64, sum: f64) -> bool {
        sum <= SHORT || self.at(k) * sum <= FAT
    }

    fn draw_at_least(self, k: f64, s: &mut Stream) -> f64 {
        assert!(k <= self.largest(), "no count of {self:?} is at least {k}");
        if k > self.mean() {
            let sum = self.sum_up(k);
            if self.is_walk(k, sum) {
                return self.walk_up(k, sum, s);
            }
        }
        loop {
            let drawn = self.draw(s);
            if drawn >= k {
                return drawn;
            }
        }
    }

    fn draw_at_most(self, k: f64, s: &mut Stream) -> f64 {
        if k < self.mean() {
            let sum = self.sum_down(k);
            if self.is_walk(k, sum) {
                return self.walk_down(k, sum, s);
            }
        }
        loop {
            let drawn = self.draw(s);
            if drawn <= k {
                return drawn;
            }
        }
    }

    fn walk_up(self, k: f64, sum: f64, s: &mut Stream) -> f64 {
        let mut left = s.uniform() * sum - 1.0;
        let (mut term, mut at) = (1.0, k);
        while left > 0.0 && at < self.largest() && term > sum * NEGLIGIBLE {
            at += 1.0;
            term *= self.step(at);
            left -= term;
        }
        at
    }

    fn walk_down(self, k: f64, sum: f64, s: &mut Stream) -> f64 {
        let mut left = s.uniform() * sum - 1.0;
        let (mut term, mut at) = (1.0, k);
        while left > 0.0 && at > 0.0 && term > sum * NEGLIGIBLE {
            term /= self.step(at);
            left -= term;
            at -= 1.0;
        }
        at
    }
}

/// A binomial count of `n` trials with chance `p`, given that it is at least `k`; the limit of the law, `k`, where the
/// chance is 0.
///
/// Takes one uniform number, and about sd^2 / (k - mean) steps for a thin tail.
///
/// # Panics
/// If `k` is more than `n`: no count is.
pub fn binomial_given_at_least(k: u64, n: u64, p: f64, s: &mut Stream) -> u64 {
    Law::binomial(n, p).draw_at_least(k as f64, s) as u64
}

/// A binomial count of `n` trials with chance `p`, given that it is at most `k`; the limit of the law, `k`, where the
/// chance is 1 and `k` below `n`.
pub fn binomial_given_at_most(k: u64, n: u64, p: f64, s: &mut Stream) -> u64 {
    Law::binomial(n, p).draw_at_most(k as f64, s) as u64
}

/// A Poisson count, given that it is at least `k`; the limit of the law, `k`, where the mean is 0.
pub fn poisson_given_at_least(k: u64, mean: f64, s: &mut Stream) -> u64 {
    Law::poisson(mean).draw_at_least(k as f64, s) as u64
}

/// A Poisson count, given that it is at most `k`.
pub fn poisson_given_at_most(k: u64, mean: f64, s: &mut Stream) -> u64 {
    Law::poisson(mean).draw_at_most(k as f64, s) as u64
}

#[cfg(test)]
mod tests {
    use super::super::super::oracle::{check, chi_square_p, is_plausible, stream};
    use super::*;

    const DRAWS: usize = 100_000;

    /// The log of a binomial probability, from log-factorials (not by the code under test).
    fn log_binomial(n: u64, p: f64) -> impl Fn(u64) -> f64 {
        move |k| {
            let ways = libm::lgamma(n as f64 + 1.0)
                - libm::lgamma(k as f64 + 1.0)
                - libm::lgamma((n - k) as f64 + 1.0);
            ways + k as f64 * libm::log(p) + (n - k) as f64 * libm::log1p(-p)
        }
    }

    fn log_poisson(mean: f64) -> impl Fn(u64) -> f64 {
        move |k| k as f64 * libm::log(mean) - mean - libm::lgamma(k as f64 + 1.0)
    }

    /// The p-value of draws from a support given outward, against its weights; what lies outside is refused.
    fn fit(
        test: &str,
        support: &[u64],
        log: impl Fn(u64) -> f64,
        mut draw: impl FnMut(&mut Stream) -> u64,
    ) -> f64 {
        let mut s = stream(test);
        let mut seen = vec![0.0; support.len()];
        for _ in 0..DRAWS {
            let drawn = draw(&mut s);
            let place = support.iter().position(|k| *k == drawn);
            seen[place.unwrap_or_else(|| panic!("{test}: {drawn} is outside"))] += 1.0;
        }
        let first = log(support[0]);
        let weights: Vec<f64> = support.iter().map(|k| libm::exp(log(*k) - first)).collect();
        let total: f64 = weights.iter().sum();
        let due: Vec<f64> = weights.iter().map(|w| w / total * DRAWS as f64).collect();
        chi_square_p(&seen, &due)
    }

    fn outward_up(k: u64, most: u64) -> Vec<u64> {
        (k..=most.min(k + 2_000)).collect()
    }

    fn outward_down(k: u64) -> Vec<u64> {
        (k.saturating_sub(2_000)..=k).rev().collect()
    }

    /// Trials, chance, edge: thin and fat, walked and drawn again, p on both sides of 1/2, tails down to 1e-200.
    const BINOMIAL_UP: [(u64, f64, u64); 9] = [
        (600, 0.001, 4),
        (600, 0.001, 60),
        (10, 0.3, 6),
        (600, 0.3, 190),
        (600, 0.9, 560),
        (100_000, 0.02, 2_010),
        (100_000, 0.02, 2_300),
        (100_000_000, 1e-6, 180),
        (100_000, 0.02, 2_000),
    ];

    /// 9 checks at 2e-6 each.
    #[test]
    fn binomial_counts_given_many_have_their_law() {
        for (n, p, k) in BINOMIAL_UP {
            let test = format!("at least {k} of {n} at {p}");
            check(
                &test,
                fit(&test, &outward_up(k, n), log_binomial(n, p), |s| {
                    binomial_given_at_least(k, n, p, s)
                }),
            );
        }
    }

    /// 8 checks at 2e-6 each.
    #[test]
    fn binomial_counts_given_few_have_their_law() {
        for (n, p, k) in [
            (600, 0.01, 2),
            (10, 0.3, 1),
            (600, 0.3, 170),
            (600, 0.9, 500),
            (600, 0.99, 592),
            (100_000, 0.02, 1_980),
            (100_000, 0.02, 1_500),
            (100_000_000, 1e-6, 60),
        ] {
            let test = format!("at most {k} of {n} at {p}");
            check(
                &test,
                fit(&test, &outward_down(k), log_binomial(n, p), |s| {
                    binomial_given_at_most(k, n, p, s)
                }),
            );
        }
    }

    /// 9 checks at 2e-6 each.
    #[test]
    fn poisson_counts_given_a_tail_have_their_law() {
        for (mean, k) in [
            (0.3, 3),
            (40.0, 55),
            (40.0, 41),
            (1e4, 10_050),
            (1e4, 10_600),
        ] {
            let test = format!("at least {k}, mean {mean}");
            check(
                &test,
                fit(
                    &test,
                    &outward_up(k, u64::MAX - 2_000),
                    log_poisson(mean),
                    |s| poisson_given_at_least(k, mean, s),
                ),
            );
        }
        for (mean, k) in [(3.0, 1), (40.0, 20), (1e4, 9_950), (1e4, 9_400)] {
            let test = format!("at most {k}, mean {mean}");
            check(
                &test,
                fit(&test, &outward_down(k), log_poisson(mean), |s| {
                    poisson_given_at_most(k, mean, s)
                }),
            );
        }
    }

    /// A walk whose ratios are those of a neighbouring count, an off-by-one in `step`, is seen; so is a chance that is off
    /// by 3 in 100.
    #[test]
    fn the_checks_have_power() {
        let law = Law::binomial(600, 0.3);
        let sum = law.sum_up(215.0);
        let off_by_one = |s: &mut Stream| {
            let (mut left, mut term, mut at) = (s.uniform() * sum - 1.0, 1.0, 215.0);
            while left > 0.0 && at < 600.0 {
                term *= law.step(at);
                at += 1.0;
                left -= term;
            }
            at as u64
        };
        let support = outward_up(215, 600);
        let p = fit("off by one", &support, log_binomial(600, 0.3), off_by_one);
        assert!(!is_plausible(p), "{p:e}");
        let p = fit("off in p", &support, log_binomial(600, 0.3), |s| {
            binomial_given_at_least(215, 600, 0.309, s)
        });
        assert!(!is_plausible(p), "{p:e}");
    }

    #[test]
    fn the_edges_hold() {
        let mut s = stream("edges");
        for _ in 0..100 {
            assert_eq!(binomial_given_at_least(3, 7, 0.0, &mut s), 3);
            assert_eq!(binomial_given_at_least(7, 7, 1e-300, &mut s), 7);
            assert_eq!(binomial_given_at_least(3, 7, 1.0, &mut s), 7);
            assert_eq!(binomial_given_at_most(3, 7, 1.0, &mut s), 3);
            assert_eq!(binomial_given_at_most(0, 7, 0.99, &mut s), 0);
            assert_eq!(binomial_given_at_most(3, 7, 0.0, &mut s), 0);
            assert_eq!(poisson_given_at_least(5, 0.0, &mut s), 5);
            assert_eq!(poisson_given_at_least(5, 1e-300, &mut s), 5);
            assert_eq!(poisson_given_at_most(0, 1e6, &mut s), 0);
        }
    }

    #[test]
    #[should_panic(expected = "is at least 8")]
    fn more_than_all_cannot_be_given() {
        binomial_given_at_least(8, 7, 0.5, &mut stream("beyond"));
    }
}
