//! Gamma and beta variates, on the log scale.

use super::stream::Stream;

/// A beta variate with parameters `a`, `b` > 0, in [0, 1] and never NaN, also for parameters as small as 1e-6 and as
/// large as 1e9.
///
/// X / (X + Y) for gamma variates X and Y, from their logs: with small parameters both are below the smallest double
/// while their ratio still is a number.
pub fn beta(a: f64, b: f64, s: &mut Stream) -> f64 {
    // Neither the smallest double nor the largest is near: no logs are needed.
    if (1.0..=1e100).contains(&a) && (1.0..=1e100).contains(&b) {
        let (x, y) = (marsaglia_tsang(a, s), marsaglia_tsang(b, s));
        return x.variate() / (x.variate() + y.variate());
    }
    let x = log_gamma_variate(a, s);
    let y = log_gamma_variate(b, s);
    1.0 / (1.0 + libm::exp(y - x))
}

/// The natural log of a gamma variate with this shape > 0 and scale 1. Shapes below 1e-300 (and NaN) count as 1e-300,
/// shapes above 1e300 as 1e300, so the result is finite.
///
/// Marsaglia and Tsang, "A simple method for generating gamma variables", ACM Transactions on Mathematical Software 26
/// (2000) 363-372; below shape 1 their boost: a variate of shape + 1 times U^(1/shape).
pub fn log_gamma_variate(shape: f64, s: &mut Stream) -> f64 {
    let shape = if shape > 1e-300 {
        shape.min(1e300)
    } else {
        1e-300
    };
    if shape < 1.0 {
        let boost = libm::log(s.uniform()) / shape;
        return marsaglia_tsang(shape + 1.0, s).log() + boost;
    }
    marsaglia_tsang(shape, s).log()
}

/// A gamma variate d (1 + t)^3.
#[derive(Clone, Copy)]
struct Cube {
    d: f64,
    t: f64,
}

impl Cube {
    fn variate(self) -> f64 {
        let root = 1.0 + self.t;
        self.d * root * root * root
    }

    fn log(self) -> f64 {
        libm::log(self.d) + 3.0 * libm::log1p(self.t)
    }
}

/// For shape >= 1. More than 95 in 100 proposals are taken.
fn marsaglia_tsang(shape: f64, s: &mut Stream) -> Cube {
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (3.0 * libm::sqrt(d));
    loop {
        let z = s.normal();
        let u = s.uniform();
        let t = c * z;
        if t <= -1.0 {
            continue;
        }
        let square = z * z;
        // v = (1 + t)^3; its log, and 1 - v without cancellation, hold for large shapes, too.
        let log_density = || {
            let one_minus_v = -t * (3.0 + t * (3.0 + t));
            0.5 * square + d * (one_minus_v + 3.0 * libm::log1p(t))
        };
        if u < 1.0 - 0.0331 * square * square || libm::log(u) < log_density() {
            return Cube { d, t };
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_distr::Distribution;
    use statrs::distribution::{Beta, ContinuousCDF};

    use super::super::gamma::gamma_p;
    use super::super::oracle::{
        check, is_plausible, ks_p, mean_p, stream, two_samples_p, variance_p,
    };
    use super::*;

    fn draws(count: usize, test: &str, draw: impl Fn(&mut Stream) -> f64) -> Vec<f64> {
        let mut s = stream(test);
        (0..count).map(|_| draw(&mut s)).collect()
    }

    fn sd(a: f64, b: f64) -> f64 {
        libm::sqrt(a / (a + b) * (b / (a + b)) / (a + b + 1.0))
    }

    /// 9 checks at 2e-6 each, against the distribution function of `statrs`, which is sound at this size. (Not with a small
    /// `b`: of Beta(0.9, 0.05) one share in six is so near to 1 that its double is 1.)
    #[test]
    fn shares_have_the_beta_law() {
        for (a, b) in [
            (1.0, 1.0),
            (2.0, 3.0),
            (0.5, 0.5),
            (0.3, 7.0),
            (20.0, 80.0),
            (1.0, 999.0),
            (0.05, 0.9),
            (300.0, 2.5),
            (500.0, 500.0),
        ] {
            let law = Beta::new(a, b).unwrap();
            let drawn = draws(100_000, &format!("beta {a} {b}"), |s| beta(a, b, s));
            check(&format!("Beta({a}, {b})"), ks_p(drawn, |x| law.cdf(x)));
        }
    }

    /// A parameter that is off by 3 in 100, which moves the mean by 1.5, is seen.
    #[test]
    fn the_check_has_power() {
        let law = Beta::new(2.0, 2.0).unwrap();
        let drawn = draws(100_000, "power", |s| beta(2.06, 2.0, s));
        assert!(!is_plausible(ks_p(drawn, |x| law.cdf(x))));
    }

    /// 20 checks at 2e-6 each. The kurtosis of a share that is nearly always 0 or 1 is that of a coin.
    #[test]
    fn means_hold_at_any_size() {
        for (a, b) in [
            (1e-6, 1e-6),
            (1e-6, 3e-6),
            (1e-3, 1e-3),
            (1e-9, 1e-9),
            (0.01, 0.03),
            (1e3, 1e5),
            (1e6, 1e6),
            (1e9, 1e9),
            (1e9, 1e3),
            (1.0, 1e9),
        ] {
            let drawn = draws(100_000, &format!("size {a} {b}"), |s| beta(a, b, s));
            assert!(drawn.iter().all(|x| (0.0..=1.0).contains(x)), "{a} {b}");
            let (mean, sd) = (a / (a + b), sd(a, b));
            check(&format!("mean of Beta({a}, {b})"), mean_p(&drawn, mean, sd));
            let kurtosis = 3.0 + excess_kurtosis(a, b);
            check(
                &format!("variance of Beta({a}, {b})"),
                variance_p(&drawn, mean, sd, kurtosis),
            );
        }
    }

    /// Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 2 (1995), 25.15.
    fn excess_kurtosis(a: f64, b: f64) -> f64 {
        let sum = a + b;
        6.0 * ((a - b) * (a - b) * (sum + 1.0) - a * b * (sum + 2.0))
            / (a * b * (sum + 2.0) * (sum + 3.0))
    }

    #[test]
    fn extremes_are_shares_all_the_same() {
        let sizes = [
            0.0,
            f64::MIN_POSITIVE,
            1e-300,
            1e-6,
            1.0,
            1e9,
            1e300,
            f64::INFINITY,
            f64::NAN,
        ];
        let mut s = stream("extremes");
        for a in sizes {
            for b in sizes {
                for _ in 0..100 {
                    let x = beta(a, b, &mut s);
                    assert!((0.0..=1.0).contains(&x), "{a} {b}: {x}");
                }
            }
        }
        let near_one = draws(1_000, "one", |s| beta(1e9, 1e-6, s));
        assert!(near_one.iter().all(|x| *x > 0.999));
    }

    /// 7 checks at 2e-6 each: the probability integral transform of gamma variates is uniform.
    #[test]
    fn gamma_variates_have_the_gamma_law() {
        for shape in [0.05, 0.5, 1.0, 1.7, 20.0, 150.0, 1e6] {
            let drawn = draws(50_000, &format!("gamma {shape}"), |s| {
                log_gamma_variate(shape, s)
            });
            check(
                &format!("Gamma({shape})"),
                ks_p(drawn, |log| gamma_p(shape, libm::exp(log))),
            );
        }
    }

    /// 3 checks at 2e-6 each.
    #[test]
    fn agrees_with_rand_distr() {
        for (a, b) in [(0.4, 0.7), (3.0, 9.0), (50.0, 5_000.0)] {
            let theirs = rand_distr::Beta::new(a, b).unwrap();
            let mut s = stream("theirs");
            let theirs = (0..50_000).map(|_| theirs.sample(&mut s)).collect();
            check(
                &format!("Beta({a}, {b})"),
                two_samples_p(draws(50_000, "own", |s| beta(a, b, s)), theirs),
            );
        }
    }

    /// A change here changes the results of every scenario: it is a new major version, not a mended test.
    #[test]
    fn golden_shares() {
        let mut s = stream("golden");
        let cases = [(2.0, 3.0), (0.01, 5.0), (1e6, 2e6)];
        assert_eq!(
            cases.map(|(a, b)| beta(a, b, &mut s)),
            [
                0.22715856375345145,
                2.666251896665966e-16,
                0.33382127376104115
            ]
        );
    }
}
