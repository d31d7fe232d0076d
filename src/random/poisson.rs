//! Poisson variates.

use super::deviance::log_poisson;
use super::stream::Stream;

/// The number of events of a Poisson law with this mean: 0 for means not above 0 (and for NaN).
///
/// Below a mean of 10 by inversion of one uniform, so that more is expected means no fewer are drawn; from 10 on by
/// transformed rejection, PTRS of Hoermann, "The transformed rejection method for generating Poisson random
/// variables", Insurance: Mathematics and Economics 12 (1993) 39-45. The law is exact to double precision up to a mean
/// of 1e9; means above 2^53 count as 2^53, where whole numbers end.
pub fn poisson(mean: f64, s: &mut Stream) -> u64 {
    if mean.is_nan() || mean <= 0.0 {
        return 0;
    }
    if mean < 10.0 {
        by_inversion(mean, s.uniform())
    } else {
        by_rejection(mean.min(9_007_199_254_740_992.0), s)
    }
}

/// The least k with P(K <= k) >= u.
fn by_inversion(mean: f64, u: f64) -> u64 {
    let mut probability = libm::exp(-mean);
    let mut left = u;
    let mut k = 0.0;
    // Beyond this size the probabilities left over are below the grid of the uniform numbers.
    while left > probability && !(probability < 1e-20 && k > mean) {
        left -= probability;
        k += 1.0;
        probability *= mean / k;
    }
    k as u64
}

/// PTRS: a table mountain hat over the transformed density, with a rectangle where nothing needs computing.
fn by_rejection(mean: f64, s: &mut Stream) -> u64 {
    let b = 0.931 + 2.53 * libm::sqrt(mean);
    let a = -0.059 + 0.02483 * b;
    let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    let v_r = 0.9277 - 3.6224 / (b - 2.0);
    loop {
        let u = s.uniform() - 0.5;
        let v = s.uniform();
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + mean + 0.43).floor();
        if k < 0.0 || (us < 0.013 && v > us) {
            continue;
        }
        let is_in_rectangle = us >= 0.07 && v <= v_r;
        if is_in_rectangle
            || libm::log(v * inverse_alpha / (a / (us * us) + b)) <= log_poisson(k, mean)
        {
            return k as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_distr::Distribution;

    use super::super::oracle::{
        check, counts_p, is_plausible, mean_p, stream, two_samples_p, variance_p,
    };
    use super::*;

    fn draws(n: usize, test: &str, draw: impl Fn(&mut Stream) -> u64) -> Vec<u64> {
        let mut s = stream(test);
        (0..n).map(|_| draw(&mut s)).collect()
    }

    /// The p-value of draws against the probabilities for a mean, from log-factorials (not by the code under test).
    fn fit(mean: f64, draws: &[u64]) -> f64 {
        let sd = libm::sqrt(mean);
        let low = (mean - 20.0 * sd - 5.0).max(0.0) as u64;
        let high = (mean + 20.0 * sd + 30.0) as u64;
        counts_p(draws, low, high, |k| {
            libm::exp(k * libm::log(mean) - mean - libm::lgamma(k + 1.0))
        })
    }

    /// 18 checks at 2e-6 each.
    #[test]
    fn counts_have_poisson_probabilities() {
        for mean in [
            1e-3, 0.1, 0.7, 1.0, 3.0, 6.5, 9.0, 9.999, 10.0, 10.001, 12.0, 20.0, 50.0, 123.4, 1e3,
            2e4, 1e6, 1e7,
        ] {
            let drawn = draws(200_000, &format!("poisson {mean}"), |s| poisson(mean, s));
            check(&format!("Poisson({mean})"), fit(mean, &drawn));
        }
    }

    /// A mean that is off by 1 in 100 is seen on either side of the switch; so is a variance off by 5 in 100.
    #[test]
    fn the_check_has_power() {
        for mean in [3.0, 30.0, 1e4] {
            let off = draws(200_000, "power", |s| poisson(1.01 * mean, s));
            assert!(!is_plausible(fit(mean, &off)), "mean {mean}");
        }
        let wide = draws(200_000, "wide", |s| {
            poisson(100.0 * libm::exp(0.0224 * s.normal()), s)
        });
        assert!(!is_plausible(fit(100.0, &wide)));
    }

    /// 4 checks at 2e-6 each.
    #[test]
    fn large_means_keep_mean_and_variance() {
        for mean in [1e8, 1e9] {
            let drawn: Vec<f64> = draws(200_000, &format!("large {mean}"), |s| poisson(mean, s))
                .into_iter()
                .map(|k| k as f64)
                .collect();
            check(
                &format!("mean of Poisson({mean})"),
                mean_p(&drawn, mean, mean.sqrt()),
            );
            check(
                &format!("variance of Poisson({mean})"),
                variance_p(&drawn, mean, mean.sqrt(), 3.0 + 1.0 / mean),
            );
        }
    }

    /// 2 checks; ties make them cautious, so only small p-values mean something.
    #[test]
    fn agrees_with_rand_distr() {
        for mean in [4.0, 400.0] {
            let own = draws(50_000, "own", |s| poisson(mean, s))
                .into_iter()
                .map(|k| k as f64)
                .collect();
            let theirs = rand_distr::Poisson::new(mean).unwrap();
            let mut s = stream("theirs");
            let theirs = (0..50_000).map(|_| theirs.sample(&mut s)).collect();
            assert!(two_samples_p(own, theirs) > 1e-6, "{mean}");
        }
    }

    #[test]
    fn edges() {
        let mut s = stream("edges");
        for mean in [0.0, -1.0, f64::NAN, f64::NEG_INFINITY, f64::MIN_POSITIVE] {
            assert_eq!(poisson(mean, &mut s), 0, "{mean}");
        }
        for mean in [1e15, 1e300, f64::INFINITY] {
            let k = poisson(mean, &mut s) as f64;
            assert!(
                (k / mean.min(9_007_199_254_740_992.0) - 1.0).abs() < 1e-6,
                "{mean}: {k}"
            );
        }
        // The extreme uniform numbers end the search, too.
        assert_eq!(by_inversion(9.99, f64::EPSILON / 2.0), 0);
        assert!((40..60).contains(&by_inversion(9.99, 1.0 - f64::EPSILON / 2.0)));
    }

    #[test]
    fn small_counts_are_monotone_in_the_mean() {
        let mut s = stream("monotone");
        for _ in 0..10_000 {
            let counts = [0.1, 0.5, 0.51, 3.0, 9.0, 9.9].map(|mean| poisson(mean, &mut s.clone()));
            assert!(counts.is_sorted());
            s.next_u64();
        }
    }

    /// A change here changes the results of every scenario: it is a new major version, not a mended test.
    #[test]
    fn golden_counts() {
        let mut s = stream("golden");
        assert_eq!(
            [0.5, 9.0, 10.0, 1e3, 1e9].map(|mean| poisson(mean, &mut s)),
            [0, 7, 11, 1022, 1000004483]
        );
    }
}
