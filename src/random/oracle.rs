//! Tests of fit, for the tests of this module only; their tails come from `statrs`, not from the code under test.
//!
//! Seeds are fixed, so a test either always passes or never. [`check`] refuses a p-value in either tail: a fit that is
//! too good is as wrong as one that is too bad. The chance that a right sampler with a fresh seed is refused is 2e-6
//! for each check, and below 0.002 for the some 800 checks of this module together.

use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};

use super::{NameKey, Purpose, RolloutKey, Stream};

/// A p-value this near to 0 or 1 fails.
const TAIL: f64 = 1e-6;

/// A stream of its own for every test.
pub fn stream(test: &str) -> Stream {
    RolloutKey::new(1, NameKey::NONE, 0).stream(Purpose::Worlds, 0, NameKey::of(test))
}

pub fn is_plausible(p: f64) -> bool {
    p > TAIL && p < 1.0 - TAIL
}

/// Fails unless the p-value is in neither tail.
pub fn check(what: &str, p: f64) {
    assert!(is_plausible(p), "{what}: p-value {p:e}");
}

/// The upper tail of a standard normal number.
pub fn normal_p(z: f64) -> f64 {
    Normal::standard().sf(z)
}

/// The upper tail of a chi-square number.
pub fn chi_square_tail(statistic: f64, freedom: usize) -> f64 {
    ChiSquared::new(freedom as f64).unwrap().sf(statistic)
}

/// Pearson's test: neighbouring cells are joined until each expects 20 or more.
pub fn chi_square_p(observed: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(observed.len(), expected.len());
    let mut cells: Vec<(f64, f64)> = Vec::new();
    let (mut seen, mut due) = (0.0, 0.0);
    for (o, e) in observed.iter().zip(expected) {
        seen += o;
        due += e;
        if due >= 20.0 {
            cells.push((seen, due));
            (seen, due) = (0.0, 0.0);
        }
    }
    let last = cells.last_mut().unwrap();
    last.0 += seen;
    last.1 += due;
    let total: f64 = cells.iter().map(|cell| cell.1).sum();
    let drawn: f64 = cells.iter().map(|cell| cell.0).sum();
    assert!(
        (total / drawn - 1.0).abs() < 1e-4,
        "{total} expected, {drawn} drawn"
    );
    assert!(cells.len() > 1, "one cell shows nothing");
    let statistic: f64 = cells.iter().map(|(o, e)| (o - e) * (o - e) / e).sum();
    chi_square_tail(statistic, cells.len() - 1)
}

/// Pearson's test of whole-number draws against probabilities, in cells of at least a 200th of the draws or one number.
pub fn counts_p(draws: &[u64], low: u64, high: u64, probability: impl Fn(f64) -> f64) -> f64 {
    let all = draws.len() as f64;
    let mut edges = Vec::new();
    let mut expected = Vec::new();
    let mut due = 0.0;
    for k in low..=high {
        due += all * probability(k as f64);
        if due >= all / 200.0 || k == high {
            edges.push(k);
            expected.push(due);
            due = 0.0;
        }
    }
    let mut observed = vec![0.0; edges.len()];
    for draw in draws {
        assert!(
            (low..=high).contains(draw),
            "{draw} is beyond {low} to {high}"
        );
        observed[edges.partition_point(|edge| edge < draw)] += 1.0;
    }
    chi_square_p(&observed, &expected)
}

/// Kolmogorov's and Smirnov's test against a continuous distribution function (the asymptotic law).
pub fn ks_p(mut draws: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    draws.sort_by(f64::total_cmp);
    let n = draws.len() as f64;
    let mut distance = 0.0_f64;
    for (i, draw) in draws.iter().enumerate() {
        let f = cdf(*draw);
        distance = distance.max(f - i as f64 / n).max((i + 1) as f64 / n - f);
    }
    kolmogorov_tail(n.sqrt() * distance)
}

/// Kolmogorov's and Smirnov's test of two samples of equal size (ties make it cautious).
pub fn two_samples_p(mut left: Vec<f64>, mut right: Vec<f64>) -> f64 {
    assert_eq!(left.len(), right.len());
    left.sort_by(f64::total_cmp);
    right.sort_by(f64::total_cmp);
    let n = left.len();
    let mut distance = 0.0_f64;
    let mut at = 0;
    for (i, x) in left.iter().enumerate() {
        if left.get(i + 1) == Some(x) {
            continue;
        }
        while at < n && right[at] <= *x {
            at += 1;
        }
        distance = distance.max(((i + 1) as f64 - at as f64).abs() / n as f64);
    }
    kolmogorov_tail((n as f64 / 2.0).sqrt() * distance)
}

/// The tail of Kolmogorov's distribution: its two series, each where it converges at once.
fn kolmogorov_tail(statistic: f64) -> f64 {
    let square = statistic * statistic;
    if statistic < 0.8 {
        let term = |odd: f64| libm::exp(-(odd * odd) * 1.233_700_550_136_169_8 / square);
        return 1.0 - 2.506_628_274_631_000_5 / statistic * (term(1.0) + term(3.0) + term(5.0));
    }
    let term = |j: f64| libm::exp(-2.0 * j * j * square);
    2.0 * (term(1.0) - term(2.0) + term(3.0) - term(4.0) + term(5.0))
}

/// The tail of the sample mean, given the law's mean and standard deviation.
pub fn mean_p(draws: &[f64], mean: f64, sd: f64) -> f64 {
    let n = draws.len() as f64;
    normal_p((draws.iter().sum::<f64>() / n - mean) / (sd / n.sqrt()))
}

/// The tail of the sample variance, for a law whose fourth central moment is `kurtosis` variances squared.
pub fn variance_p(draws: &[f64], mean: f64, sd: f64, kurtosis: f64) -> f64 {
    let squares: Vec<f64> = draws
        .iter()
        .map(|x| ((x - mean) / sd) * ((x - mean) / sd))
        .collect();
    mean_p(&squares, 1.0, (kurtosis - 1.0).sqrt())
}

mod tests {
    use super::*;

    /// Kolmogorov's table: the upper 5% point is 1.3581, the upper 1% point 1.6276, the median 0.8276.
    #[test]
    fn kolmogorov_tail_has_the_published_points() {
        for (point, tail) in [
            (1.3581, 0.05),
            (1.6276, 0.01),
            (0.82757, 0.5),
            (0.5712, 0.9),
        ] {
            assert!((kolmogorov_tail(point) - tail).abs() < 1e-4, "{point}");
        }
        let seam = kolmogorov_tail(0.8 - 1e-12) - kolmogorov_tail(0.8);
        assert!(seam.abs() < 1e-9);
    }
}
