//! Tails of counts and shares, and samplers given that a tail was met.
//!
//! A tail far from the mean is its first term, computed without cancellation (Loader, "Fast and accurate computation
//! of binomial probabilities", 2000), times a series of ratios that falls like a geometric one: so a chance of 1e-200
//! keeps its digits (relative error below 1e-11), and costs a few dozen multiplications; near the mean a few square
//! roots of the variance. The other side of the mean is one minus that.

use super::binomial::binomial;
use super::deviance::{log_binomial, log_poisson};
use super::incomplete_beta::{beta_quantile, incomplete_beta};
use super::poisson::poisson;
use super::stream::Stream;

/// Terms below this share of their sum end a series.
const NEGLIGIBLE: f64 = 1e-17;

/// The distribution of a count.
#[derive(Clone, Copy, Debug)]
enum Law {
    Binomial { n: f64, p: f64 },
    Poisson { mean: f64 },
}

impl Law {
    fn mean(self) -> f64 {
        match self {
            Law::Binomial { n, p } => n * p,
            Law::Poisson { mean } => mean,
        }
    }

    fn largest(self) -> f64 {
        match self {
            Law::Binomial { n, .. } => n,
            Law::Poisson { .. } => f64::INFINITY,
        }
    }

    /// The probability of `k`.
    fn at(self, k: f64) -> f64 {
        libm::exp(match self {
            Law::Binomial { n, p } => log_binomial(k, n, p),
            Law::Poisson { mean } => log_poisson(k, mean),
        })
    }

    /// The probability of `k` over that of `k - 1`.
    fn step(self, k: f64) -> f64 {
        match self {
            Law::Binomial { n, p } => (n - k + 1.0) / k * (p / (1.0 - p)),
            Law::Poisson { mean } => mean / k,
        }
    }

    /// The sum of the probabilities from `k` upward, over that of `k`; for `k` above the mean.
    fn series_up(self, k: f64) -> f64 {
        let (mut term, mut sum, mut at) = (1.0, 1.0, k);
        while at < self.largest() && term > sum * NEGLIGIBLE {
            at += 1.0;
            term *= self.step(at);
            sum += term;
        }
        sum
    }

    /// The sum of the probabilities from `k` downward, over that of `k`; for `k` below the mean.
    fn series_down(self, k: f64) -> f64 {
        let (mut term, mut sum, mut at) = (1.0, 1.0, k);
        while at > 0.0 && term > sum * NEGLIGIBLE {
            term /= self.step(at);
            sum += term;
            at -= 1.0;
        }
        sum
    }

    fn at_least(self, k: f64) -> f64 {
        if k <= 0.0 {
            1.0
        } else if k > self.largest() {
            0.0
        } else if k > self.mean() {
            (self.at(k) * self.series_up(k)).min(1.0)
        } else {
            (1.0 - self.at(k - 1.0) * self.series_down(k - 1.0)).max(0.0)
        }
    }

    fn at_most(self, k: f64) -> f64 {
        if k >= self.largest() {
            1.0
        } else if k < self.mean() {
            (self.at(k) * self.series_down(k)).min(1.0)
        } else {
            (1.0 - self.at(k + 1.0) * self.series_up(k + 1.0)).max(0.0)
        }
    }

    /// A count of at least `k`, above the mean, by inversion.
    fn draw_up(self, k: f64, s: &mut Stream) -> f64 {
        let mut left = s.uniform() * self.series_up(k) - 1.0;
        let (mut term, mut at) = (1.0, k);
        while left > 0.0 && at < self.largest() && term > 0.0 {
            at += 1.0;
            term *= self.step(at);
            left -= term;
        }
        at
    }

    /// A count of at most `k`, below the mean, by inversion.
    fn draw_down(self, k: f64, s: &mut Stream) -> f64 {
        let mut left = s.uniform() * self.series_down(k) - 1.0;
        let (mut term, mut at) = (1.0, k);
        while left > 0.0 && at > 0.0 {
            term /= self.step(at);
            left -= term;
            at -= 1.0;
        }
        at
    }
}

fn of_binomial(n: u64, p: f64) -> Law {
    Law::Binomial { n: n as f64, p }
}

/// The probability that a binomial count of `n` trials with chance `p` is at least `k`.
pub fn binomial_at_least(k: u64, n: u64, p: f64) -> f64 {
    match p {
        p if p <= 0.0 => f64::from(u8::from(k == 0)),
        p if p >= 1.0 => f64::from(u8::from(k <= n)),
        p => of_binomial(n, p).at_least(k as f64),
    }
}

/// The probability that a binomial count of `n` trials with chance `p` is at most `k`.
pub fn binomial_at_most(k: u64, n: u64, p: f64) -> f64 {
    match p {
        p if p <= 0.0 => 1.0,
        p if p >= 1.0 => f64::from(u8::from(k >= n)),
        p => of_binomial(n, p).at_most(k as f64),
    }
}

/// The probability that a Poisson count is at least `k`.
pub fn poisson_at_least(k: u64, mean: f64) -> f64 {
    if mean <= 0.0 {
        return f64::from(u8::from(k == 0));
    }
    Law::Poisson { mean }.at_least(k as f64)
}

/// The probability that a Poisson count is at most `k`.
pub fn poisson_at_most(k: u64, mean: f64) -> f64 {
    if mean <= 0.0 {
        return 1.0;
    }
    Law::Poisson { mean }.at_most(k as f64)
}

/// Draws until a condition is met: for tails that are not rare.
fn until(mut draw: impl FnMut() -> u64, met: impl Fn(u64) -> bool) -> u64 {
    loop {
        let drawn = draw();
        if met(drawn) {
            return drawn;
        }
    }
}

/// A binomial count, given that it is at least `k` (at most `n`). Needs a chance `p` between 0 and 1, unless `k` is 0.
pub fn binomial_given_at_least(k: u64, n: u64, p: f64, s: &mut Stream) -> u64 {
    let law = of_binomial(n, p);
    if k as f64 > law.mean() {
        law.draw_up(k as f64, s) as u64
    } else {
        until(|| binomial(n, p, s), |x| x >= k)
    }
}

/// A binomial count, given that it is at most `k`.
pub fn binomial_given_at_most(k: u64, n: u64, p: f64, s: &mut Stream) -> u64 {
    let law = of_binomial(n, p);
    if (k as f64) < law.mean() {
        law.draw_down(k as f64, s) as u64
    } else {
        until(|| binomial(n, p, s), |x| x <= k)
    }
}

/// A Poisson count, given that it is at least `k`.
pub fn poisson_given_at_least(k: u64, mean: f64, s: &mut Stream) -> u64 {
    if k as f64 > mean {
        Law::Poisson { mean }.draw_up(k as f64, s) as u64
    } else {
        until(|| poisson(mean, s), |x| x >= k)
    }
}

/// A Poisson count, given that it is at most `k`.
pub fn poisson_given_at_most(k: u64, mean: f64, s: &mut Stream) -> u64 {
    if (k as f64) < mean {
        Law::Poisson { mean }.draw_down(k as f64, s) as u64
    } else {
        until(|| poisson(mean, s), |x| x <= k)
    }
}

/// The probability that a beta variate is above `x`.
pub fn beta_above(x: f64, a: f64, b: f64) -> f64 {
    incomplete_beta(b, a, 1.0 - x)
}

/// The probability that a beta variate is below `x`.
pub fn beta_below(x: f64, a: f64, b: f64) -> f64 {
    incomplete_beta(a, b, x)
}

/// A beta variate, given that it is above `x`: by inversion of the upper tail, as the lower one of its mirror image.
pub fn beta_given_above(x: f64, a: f64, b: f64, s: &mut Stream) -> f64 {
    let tail = s.uniform() * beta_above(x, a, b);
    (1.0 - beta_quantile(b, a, tail)).max(x)
}

/// A beta variate, given that it is below `x`.
pub fn beta_given_below(x: f64, a: f64, b: f64, s: &mut Stream) -> f64 {
    beta_quantile(a, b, s.uniform() * beta_below(x, a, b)).min(x)
}

#[cfg(test)]
mod tests {
    use super::super::oracle::{check, chi_square_p, ks_p, stream};
    use super::*;

    /// Upper tails P(X >= k) by mpmath with 50 digits: n, p, k, value.
    const BINOMIAL: [(u64, f64, u64, f64); 8] = include!("tail_binomial.in");
    /// Upper tails by mpmath with 50 digits: mean, k, value.
    const POISSON: [(f64, u64, f64); 6] = include!("tail_poisson.in");

    fn close(got: f64, want: f64, case: &dyn std::fmt::Debug) {
        assert!(
            (got / want - 1.0).abs() < 1e-10,
            "{case:?}: {got:e} is not {want:e}"
        );
    }

    #[test]
    fn tails_keep_their_digits() {
        for case @ (n, p, k, want) in BINOMIAL {
            close(binomial_at_least(k, n, p), want, &case);
            // The lower tail of the failures.
            let mirrored = binomial_at_most(n - k, n, 1.0 - p);
            assert!(
                (mirrored / want - 1.0).abs() < 1e-6,
                "{case:?}: {mirrored:e}"
            );
        }
        for case @ (mean, k, want) in POISSON {
            close(poisson_at_least(k, mean), want, &case);
        }
    }

    #[test]
    fn both_tails_make_a_whole() {
        for (n, p) in [(10, 0.3), (600, 0.001), (100_000, 0.02), (1_000_000, 0.7)] {
            let middle = n as f64 * p;
            for k in [0.2, 0.9, 1.0, 1.1, 3.0]
                .map(|f| (middle * f) as u64)
                .map(|k| k.min(n))
            {
                let sum = binomial_at_most(k, n, p) + binomial_at_least(k + 1, n, p);
                assert!((sum - 1.0).abs() < 1e-11, "{n} {p} {k}: {sum}");
                let sum = poisson_at_most(k, middle) + poisson_at_least(k + 1, middle);
                assert!((sum - 1.0).abs() < 1e-11, "{middle} {k}: {sum}");
            }
        }
    }

    /// Counts of each value from `k` on (or down from it), the last cell holding all that is beyond.
    fn cells(draw: &mut dyn FnMut() -> u64, of: &dyn Fn(u64) -> usize) -> Vec<f64> {
        let mut counts = vec![0.0; 6];
        for _ in 0..100_000 {
            counts[of(draw()).min(5)] += 1.0;
        }
        counts
    }

    fn expected(at: &dyn Fn(u64) -> f64, beyond: f64) -> Vec<f64> {
        let total: f64 = (0..5).map(at).sum::<f64>() + beyond;
        let mut cells: Vec<f64> = (0..5).map(|i| at(i) / total * 1e5).collect();
        cells.push(beyond / total * 1e5);
        cells
    }

    #[test]
    fn counts_given_a_tail_have_its_law() {
        let (n, p, k) = (600, 0.001, 4);
        let law = of_binomial(n, p);
        let mut s = stream("binomial up");
        let seen = cells(&mut || binomial_given_at_least(k, n, p, &mut s), &|x| {
            (x - k) as usize
        });
        let want = expected(&|i| law.at((k + i) as f64), binomial_at_least(k + 5, n, p));
        check("binomial up", chi_square_p(&seen[..4], &want[..4]));
        let (mean, k) = (40.0, 20);
        let law = Law::Poisson { mean };
        let mut s = stream("poisson down");
        let seen = cells(&mut || poisson_given_at_most(k, mean, &mut s), &|x| {
            (k - x) as usize
        });
        let want = expected(&|i| law.at((k - i) as f64), poisson_at_most(k - 5, mean));
        check("poisson down", chi_square_p(&seen, &want));
        let mut s = stream("poisson up");
        let k = 55;
        let seen = cells(&mut || poisson_given_at_least(k, mean, &mut s), &|x| {
            (x - k) as usize
        });
        let want = expected(&|i| law.at((k + i) as f64), poisson_at_least(k + 5, mean));
        check("poisson up", chi_square_p(&seen, &want));
    }

    #[test]
    fn shares_given_a_tail_have_its_law() {
        let (a, b, x) = (5.0, 5_000.0, 0.004);
        let mut s = stream("beta up");
        let drawn: Vec<f64> = (0..20_000)
            .map(|_| beta_given_above(x, a, b, &mut s))
            .collect();
        assert!(drawn.iter().all(|&d| d >= x));
        let whole = beta_above(x, a, b);
        check(
            "beta up",
            ks_p(drawn, |d| 1.0 - beta_above(d, a, b) / whole),
        );
    }
}
