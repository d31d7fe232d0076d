//! Tails of distributions, and samplers given that a tail was met: by plain summation.
#![expect(
    missing_docs,
    reason = "the names say what each is the probability or the sampler of"
)]
use super::{Stream, ln_gamma};
use crate::stats::beta::{beta_quantile as bq, incomplete_beta};
fn binomial_pmf(k: u64, n: u64, p: f64) -> f64 {
    let (k, n) = (k as f64, n as f64);
    let l = ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
    let a = if k > 0.0 { k * libm::log(p) } else { 0.0 };
    let b = if n - k > 0.0 {
        (n - k) * libm::log1p(-p)
    } else {
        0.0
    };
    libm::exp(l + a + b)
}
fn poisson_pmf(k: u64, m: f64) -> f64 {
    let k = k as f64;
    libm::exp(k * libm::log(m) - m - ln_gamma(k + 1.0))
}
fn sum_up(k: u64, top: u64, f: impl Fn(u64) -> f64) -> f64 {
    let mut s = 0.0;
    let mut i = k;
    while i <= top {
        let t = f(i);
        s += t;
        if t < s * 1e-17 || (s == 0.0 && i > k + 50) {
            break;
        }
        i += 1;
    }
    s
}
fn sum_down(k: u64, f: impl Fn(u64) -> f64) -> f64 {
    let mut s = 0.0;
    let mut i = k;
    loop {
        let t = f(i);
        s += t;
        if i == 0 || t < s * 1e-17 || (s == 0.0 && i + 50 < k) {
            return s;
        }
        i -= 1;
    }
}
pub fn binomial_at_least(k: u64, n: u64, p: f64) -> f64 {
    if k == 0 {
        return 1.0;
    }
    if p <= 0.0 || k > n {
        return 0.0;
    }
    sum_up(k, n, |i| binomial_pmf(i, n, p)).min(1.0)
}
pub fn binomial_at_most(k: u64, n: u64, p: f64) -> f64 {
    if k >= n {
        return 1.0;
    }
    if p <= 0.0 {
        return 1.0;
    }
    sum_down(k, |i| binomial_pmf(i, n, p)).min(1.0)
}
pub fn poisson_at_least(k: u64, m: f64) -> f64 {
    if k == 0 {
        return 1.0;
    }
    if m <= 0.0 {
        return 0.0;
    }
    sum_up(k, u64::MAX, |i| poisson_pmf(i, m)).min(1.0)
}
pub fn poisson_at_most(k: u64, m: f64) -> f64 {
    if m <= 0.0 {
        return 1.0;
    }
    sum_down(k, |i| poisson_pmf(i, m)).min(1.0)
}
fn up(k: u64, total: f64, s: &mut Stream, f: impl Fn(u64) -> f64) -> u64 {
    let mut left = s.uniform() * total;
    let mut i = k;
    loop {
        left -= f(i);
        if left < 0.0 || i > k + 100_000 {
            return i;
        }
        i += 1;
    }
}
fn down(k: u64, total: f64, s: &mut Stream, f: impl Fn(u64) -> f64) -> u64 {
    let mut left = s.uniform() * total;
    let mut i = k;
    loop {
        left -= f(i);
        if left < 0.0 || i == 0 {
            return i;
        }
        i -= 1;
    }
}
pub fn binomial_given_at_least(k: u64, n: u64, p: f64, s: &mut Stream) -> u64 {
    up(k, binomial_at_least(k, n, p), s, |i| binomial_pmf(i, n, p)).min(n)
}
pub fn binomial_given_at_most(k: u64, n: u64, p: f64, s: &mut Stream) -> u64 {
    down(k, binomial_at_most(k, n, p), s, |i| binomial_pmf(i, n, p))
}
pub fn poisson_given_at_least(k: u64, m: f64, s: &mut Stream) -> u64 {
    up(k, poisson_at_least(k, m), s, |i| poisson_pmf(i, m))
}
pub fn poisson_given_at_most(k: u64, m: f64, s: &mut Stream) -> u64 {
    down(k, poisson_at_most(k, m), s, |i| poisson_pmf(i, m))
}
pub fn beta_above(x: f64, a: f64, b: f64) -> f64 {
    incomplete_beta(b, a, 1.0 - x)
}
pub fn beta_below(x: f64, a: f64, b: f64) -> f64 {
    incomplete_beta(a, b, x)
}
pub fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    bq(a, b, p)
}
pub fn beta_given_above(x: f64, a: f64, b: f64, s: &mut Stream) -> f64 {
    bq(a, b, 1.0 - s.uniform() * beta_above(x, a, b)).max(x)
}
pub fn beta_given_below(x: f64, a: f64, b: f64, s: &mut Stream) -> f64 {
    bq(a, b, s.uniform() * beta_below(x, a, b)).min(x)
}
