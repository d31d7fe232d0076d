//! Numbers of requests and of bad ones, with their chances.

use crate::random::{ln_gamma, poisson_at_most};

/// How many values stand for a wide range of counts of the control: half a standard deviation apart or less.
const VALUES: usize = 32;

/// A number of requests: those of buckets with 1,000 expected or more are no matter of chance, the others Poisson.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Amount {
    /// The certain ones.
    pub sure: u64,
    /// The mean of the others.
    pub mean: f64,
}

impl Amount {
    /// The chance of at most `n`.
    pub(super) fn at_most(self, n: i64) -> f64 {
        if n < 0 || (n as u64) < self.sure {
            0.0
        } else {
            poisson_at_most(n as u64 - self.sure, self.mean)
        }
    }

    /// Values with their chances; some stand for their neighbours where there are many.
    pub(super) fn values(self) -> Vec<(u64, f64)> {
        if self.mean <= 0.0 {
            return vec![(self.sure, 1.0)];
        }
        let table = Table::of(self.mean);
        let all = table.pmf.iter().enumerate();
        thinned(
            all.map(|(i, &p)| (self.sure + table.first + i as u64, p))
                .collect(),
            VALUES / 2,
        )
    }

    /// The expected number.
    pub fn expected(self) -> f64 {
        self.sure as f64 + self.mean
    }
}

/// Every so-many-th value stands for those about it (the trapezoidal rule on what is nearly a normal density).
fn thinned(values: Vec<(u64, f64)>, wanted: usize) -> Vec<(u64, f64)> {
    let most = values.iter().map(|v| v.1).fold(0.0, f64::max);
    let kept: Vec<(u64, f64)> = values.into_iter().filter(|v| v.1 > most * 1e-10).collect();
    let stride = kept.len().div_ceil(wanted.max(1)).max(1);
    let thin: Vec<(u64, f64)> = if kept.len() <= 3 * wanted {
        kept
    } else {
        kept.into_iter().skip(stride / 2).step_by(stride).collect()
    };
    let total: f64 = thin.iter().map(|v| v.1).sum();
    thin.into_iter().map(|(n, p)| (n, p / total)).collect()
}

/// Values of a binomial count with their chances.
pub(super) fn binomial_values(n: u64, p: f64) -> Vec<(u64, f64)> {
    if p <= 0.0 || p >= 1.0 {
        return vec![(if p >= 1.0 { n } else { 0 }, 1.0)];
    }
    let nf = n as f64;
    let (mean, sd) = (nf * p, libm::sqrt(nf * p * (1.0 - p)));
    let first = (mean - 8.0 * sd - 12.0).max(0.0) as u64;
    let last = ((mean + 8.0 * sd + 12.0) as u64).min(n);
    let log = |k: f64| {
        ln_gamma(nf + 1.0) - ln_gamma(k + 1.0) - ln_gamma(nf - k + 1.0)
            + k * libm::log(p)
            + (nf - k) * libm::log1p(-p)
    };
    let mode = (mean as u64).clamp(first, last);
    let top = libm::exp(log(mode as f64));
    let mut values = vec![0.0; (last - first + 1) as usize];
    values[(mode - first) as usize] = top;
    let odds = p / (1.0 - p);
    for k in mode + 1..=last {
        let i = (k - first) as usize;
        values[i] = values[i - 1] * odds * (n - k + 1) as f64 / k as f64;
    }
    for k in (first..mode).rev() {
        let i = (k - first) as usize;
        values[i] = values[i + 1] / odds * (k + 1) as f64 / (n - k) as f64;
    }
    let values = values.into_iter().enumerate();
    thinned(values.map(|(i, p)| (first + i as u64, p)).collect(), VALUES)
}

/// Poisson probabilities about the mean, and their sums.
#[derive(Debug)]
pub(super) struct Table {
    pub first: u64,
    pub pmf: Vec<f64>,
    sums: Vec<f64>,
}

impl Table {
    pub(super) fn of(mean: f64) -> Table {
        let spread = 9.0 * libm::sqrt(mean);
        let first = (mean - spread - 12.0).max(0.0) as u64;
        let last = (mean + spread + 30.0) as u64;
        let mode = mean as u64;
        let mut pmf = vec![0.0; (last - first + 1) as usize];
        let m = mode as f64;
        let log = if mean > 0.0 { m * libm::log(mean) } else { 0.0 };
        pmf[(mode - first) as usize] = libm::exp(log - mean - ln_gamma(m + 1.0));
        for k in mode + 1..=last {
            let i = (k - first) as usize;
            pmf[i] = pmf[i - 1] * mean / k as f64;
        }
        for k in (first..mode).rev() {
            let i = (k - first) as usize;
            pmf[i] = pmf[i + 1] * (k + 1) as f64 / mean;
        }
        let mut sum = 0.0;
        let sums = pmf.iter().map(|p| {
            sum += p;
            sum
        });
        Table {
            first,
            sums: sums.collect(),
            pmf,
        }
    }

    /// The chance of at most `k`.
    pub(super) fn at_most(&self, k: i64) -> f64 {
        let i = k - self.first as i64;
        if i < 0 {
            0.0
        } else {
            self.sums[(i as usize).min(self.sums.len() - 1)].min(1.0)
        }
    }
}
