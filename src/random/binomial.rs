//! Binomial variates.

use super::deviance::log_binomial;
use super::stream::Stream;

/// The number of successes in `n` trials of chance `p`: 0 for `p <= 0` (and for NaN), `n` for `p >= 1`.
///
/// With r = min(p, 1 - p): where n r < 10 by inversion of one uniform (BINV of Kachitvichyanukul and Schmeiser,
/// "Binomial random variate generation", CACM 31 (1988) 216-222), monotone in `p` on either side of 1/2; else by
/// transformed rejection, BTRS of Hoermann, "The generation of binomial random variates", Journal of Statistical
/// Computation and Simulation 46 (1993) 101-110. The law is exact to double precision for `n` up to 1e15.
pub fn binomial(n: u64, p: f64, s: &mut Stream) -> u64 {
    if n == 0 || p.is_nan() || p <= 0.0 {
        return 0;
    }
    if p >= 1.0 {
        return n;
    }
    let is_mirrored = p > 0.5;
    let rare = if is_mirrored { 1.0 - p } else { p };
    let trials = n as f64;
    let rare_count = if trials * rare >= 10.0 {
        by_rejection(trials, rare, s)
    } else {
        let u = s.uniform();
        // Mirroring the uniform, too, keeps large numbers of successes at large ones.
        by_inversion(trials, rare, if is_mirrored { 1.0 - u } else { u })
    };
    // A rounded `n` beyond 2^53 could be exceeded; within the scope it cannot.
    let rare_count = (rare_count as u64).min(n);
    if is_mirrored {
        n - rare_count
    } else {
        rare_count
    }
}

/// The least k with P(K <= k) >= u, for p <= 1/2.
fn by_inversion(n: f64, p: f64, u: f64) -> f64 {
    let odds = p / (1.0 - p);
    // (1 - p)^n without losing p to rounding; n p < 10 keeps it above e^-14.
    let mut probability = libm::exp(n * libm::log1p(-p));
    let mut left = u;
    let mut k = 0.0;
    // Beyond this size the probabilities left over are below the grid of the uniform numbers.
    while left > probability && k < n && !(probability < 1e-20 && k > n * p) {
        left -= probability;
        k += 1.0;
        probability *= odds * (n - k + 1.0) / k;
    }
    k
}

/// BTRS, for p <= 1/2 and n p >= 10: a table mountain hat over the transformed probabilities, with a rectangle where
/// nothing needs computing. The paper's step 3 leaves out the logarithm of v; its algorithm BTRD has it.
fn by_rejection(n: f64, p: f64, s: &mut Stream) -> f64 {
    let sd = libm::sqrt(n * p * (1.0 - p));
    let b = 1.15 + 2.53 * sd;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let c = n * p + 0.5;
    let v_r = 0.92 - 4.2 / b;
    let alpha = (2.83 + 5.1 / b) * sd;
    loop {
        let u = s.uniform() - 0.5;
        let v = s.uniform();
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + c).floor();
        if k < 0.0 || k > n {
            continue;
        }
        if us >= 0.07 && v <= v_r {
            return k;
        }
        let at_mode = log_binomial(((n + 1.0) * p).floor(), n, p);
        if libm::log(v * alpha / (a / (us * us) + b)) <= log_binomial(k, n, p) - at_mode {
            return k;
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_distr::Distribution;

    use super::super::oracle::{
        check, counts_p, is_plausible, ks_p, mean_p, normal_p, stream, two_samples_p, variance_p,
    };
    use super::*;

    fn draws(count: usize, test: &str, draw: impl Fn(&mut Stream) -> u64) -> Vec<u64> {
        let mut s = stream(test);
        (0..count).map(|_| draw(&mut s)).collect()
    }

    /// The p-value of draws against the probabilities, from log-factorials (not by the code under test).
    fn fit(n: u64, p: f64, draws: &[u64]) -> f64 {
        let all = n as f64;
        let sd = libm::sqrt(all * p * (1.0 - p));
        let low = (all * p - 20.0 * sd - 30.0).max(0.0) as u64;
        let high = ((all * p + 20.0 * sd + 30.0) as u64).min(n);
        let ways = libm::lgamma(all + 1.0);
        counts_p(draws, low, high, |k| {
            let rest = all - k;
            let log = ways - libm::lgamma(k + 1.0) - libm::lgamma(rest + 1.0);
            libm::exp(log + k * libm::log(p) + rest * libm::log1p(-p))
        })
    }

    /// 30 checks at 2e-6 each: small n, n p about the switch at 10 from either side, p beyond 1/2, large n.
    #[test]
    fn counts_have_binomial_probabilities() {
        for (n, p) in [
            (1, 0.3),
            (1, 0.5),
            (2, 0.9),
            (5, 0.01),
            (5, 0.5),
            (5, 0.7),
            (12, 0.25),
            (19, 0.5),
            (20, 0.5),
            (21, 0.5),
            (20, 0.500001),
            (40, 0.2499),
            (40, 0.2501),
            (40, 0.7499),
            (40, 0.7501),
            (100, 0.0999),
            (100, 0.1001),
            (100, 0.5),
            (100, 0.901),
            (1_000, 0.001),
            (1_000, 0.02),
            (1_000, 0.999),
            (5_000, 0.4),
            (1_000_000, 1e-7),
            (1_000_000, 9.9e-6),
            (1_000_000, 1.01e-5),
            (1_000_000, 1e-3),
            (1_000_000, 0.3),
            (1_000_000, 0.7),
            (1_000_000, 0.99999),
        ] {
            let drawn = draws(200_000, &format!("binomial {n} {p}"), |s| binomial(n, p, s));
            check(&format!("Binomial({n}, {p})"), fit(n, p, &drawn));
        }
    }

    /// A chance that is off by 1 in 100 is seen on either side of the switch.
    #[test]
    fn the_check_has_power() {
        for (n, p) in [(1_000, 0.005), (1_000, 0.02), (100, 0.5), (1_000_000, 0.3)] {
            let off = draws(200_000, "power", |s| binomial(n, 1.01 * p, s));
            assert!(!is_plausible(fit(n, p, &off)), "{n} {p}");
        }
    }

    /// With 1e15 trials a count is normal to 1e-8: 9 checks at 2e-6 each.
    #[test]
    fn a_million_billion_trials_keep_their_law() {
        let n = 1_000_000_000_000_000;
        for p in [1e-6, 0.3, 0.5] {
            let (mean, sd) = (1e15 * p, libm::sqrt(1e15 * p * (1.0 - p)));
            let drawn: Vec<f64> = draws(100_000, &format!("1e15 {p}"), |s| binomial(n, p, s))
                .into_iter()
                .map(|k| k as f64)
                .collect();
            check(&format!("mean at {p}"), mean_p(&drawn, mean, sd));
            check(
                &format!("variance at {p}"),
                variance_p(&drawn, mean, sd, 3.0),
            );
            check(
                &format!("law at {p}"),
                ks_p(drawn, |k| 1.0 - normal_p((k + 0.5 - mean) / sd)),
            );
        }
        // With rare successes it is Poisson.
        let drawn = draws(200_000, "1e15 rare", |s| binomial(n, 2e-14, s));
        let fit = counts_p(&drawn, 0, 80, |k| {
            libm::exp(k * libm::log(20.0) - 20.0 - libm::lgamma(k + 1.0))
        });
        check("rare", fit);
    }

    /// 3 checks; ties make them cautious, so only small p-values mean something.
    #[test]
    fn agrees_with_rand_distr() {
        for (n, p) in [(30, 0.1), (2_000, 0.3), (2_000, 0.9)] {
            let own = draws(50_000, "own", |s| binomial(n, p, s))
                .into_iter()
                .map(|k| k as f64)
                .collect();
            let theirs = rand_distr::Binomial::new(n, p).unwrap();
            let mut s = stream("theirs");
            let theirs = (0..50_000).map(|_| theirs.sample(&mut s) as f64).collect();
            assert!(two_samples_p(own, theirs) > 1e-6, "{n} {p}");
        }
    }

    #[test]
    fn edges() {
        let mut s = stream("edges");
        for p in [0.0, -0.5, f64::NAN, f64::MIN_POSITIVE, f64::NEG_INFINITY] {
            assert_eq!(binomial(1_000, p, &mut s), 0, "{p}");
        }
        for p in [1.0, 1.5, f64::INFINITY] {
            assert_eq!(binomial(1_000, p, &mut s), 1_000, "{p}");
        }
        assert_eq!(binomial(0, 0.5, &mut s), 0);
        for n in [1, 2, 3, 10, 25, 1_000, u64::MAX] {
            for p in [1e-18, 0.1, 0.5, 0.9, 1.0 - 1e-16] {
                assert!(binomial(n, p, &mut s) <= n, "{n} {p}");
            }
        }
        assert_eq!(by_inversion(19.0, 0.5, f64::EPSILON / 2.0), 0.0);
        assert!(by_inversion(1e15, 9e-15, 1.0 - f64::EPSILON / 2.0) < 60.0);
    }

    #[test]
    fn small_counts_are_monotone_in_the_chance() {
        let mut s = stream("monotone");
        for _ in 0..10_000 {
            let counts =
                [0.01, 0.3, 0.31, 0.5, 0.501, 0.8, 0.99].map(|p| binomial(15, p, &mut s.clone()));
            assert!(counts.is_sorted(), "{counts:?}");
            s.next_u64();
        }
    }

    /// A change here changes the results of every scenario: it is a new major version, not a mended test.
    #[test]
    fn golden_counts() {
        let mut s = stream("golden");
        let cases = [
            (10, 0.5),
            (1_000, 0.009),
            (1_000, 0.3),
            (1_000_000, 0.9),
            (1_000_000_000_000_000, 0.2),
        ];
        assert_eq!(
            cases.map(|(n, p)| binomial(n, p, &mut s)),
            [4, 7, 305, 899795, 200000001793106]
        );
    }
}
