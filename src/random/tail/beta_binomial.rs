//! The upper tail of a beta-binomial count.

use super::super::incomplete_beta::{Place, log_kernel};
use super::share::LeftTail;

/// Steps of the sum in standard deviations of its integrand, at its peak.
const STEP: f64 = 0.35;

/// Parts below this share of the peak are left out.
const NEGLIGIBLE: f64 = 1e-12;

/// No integrand is as wide as this many steps; a loop that data feeds has a limit all the same.
const MOST_STEPS: u32 = 100_000;

/// The probability that at least `k` of `n` trials succeed, whose chance is a Beta(a, b) variate common to all.
///
/// The k-th smallest of n uniform numbers is Beta(k, n - k + 1) distributed, and at least k trials succeed exactly if it
/// lies below the chance. So this is the probability that one beta variate exceeds another: the integral, over the
/// logit of the narrower, of its density times the tail of the wider. Both are log-concave in the logit for all
/// parameters, and analytic, so the integral is a sum at equal steps (the trapezoidal rule, whose error then falls
/// exponentially: Trefethen and Weideman, SIAM Review 56 (2014) 385-458) about its only peak.
///
/// Relative error below 1e-6 (seen: below 1e-9) for a and b from 1e-5 to 1e9 and `n` up to 1e8, down to 1e-300. Costs
/// some 30 to 100 evaluations of an incomplete beta function, whatever `n` and the chance.
pub fn beta_binomial_at_least(k: u64, n: u64, a: f64, b: f64) -> f64 {
    assert!(
        a > 0.0 && b > 0.0,
        "a beta-binomial count needs positive parameters, not ({a}, {b})"
    );
    if k == 0 {
        return 1.0;
    }
    if k > n {
        return 0.0;
    }
    let (c, d) = (k as f64, (n - k) as f64 + 1.0);
    let race = if spread(c) + spread(d) <= spread(a) + spread(b) {
        Race {
            narrow: (c, d),
            wide: (a, b),
        }
    } else {
        // The mirror image: 1 - the k-th smallest exceeds 1 - the chance.
        Race {
            narrow: (b, a),
            wide: (d, c),
        }
    };
    race.probability()
}

/// About the variance of the log of a gamma variate of this shape, the trigamma function.
fn spread(shape: f64) -> f64 {
    1.0 / shape + 0.5 / (shape * shape)
}

/// Two independent beta variates, of which the wide one is to exceed the narrow one.
#[derive(Clone, Copy, Debug)]
struct Race {
    narrow: (f64, f64),
    wide: (f64, f64),
}

/// The log of the integrand at a logit, and its first two derivatives.
#[derive(Clone, Copy, Debug)]
struct Integrand {
    log: f64,
    slope: f64,
    bend: f64,
}

impl Race {
    fn at(self, t: f64) -> Integrand {
        let ((c, d), (a, b)) = (self.narrow, self.wide);
        // 1 / (1 + e^-t) and one minus that, each to its last bit.
        let small = libm::exp(-t.abs());
        let (far, near) = (1.0 / (1.0 + small), small / (1.0 + small));
        let (x, y) = if t > 0.0 { (far, near) } else { (near, far) };
        let (narrow, wide) = (Place::between(c, d, x, y), Place::between(a, b, x, y));
        let tail = LeftTail::at(b, a, wide.mirrored());
        // Of the logit, which falls by 1 / x where the log of the distance from 1 rises by 1.
        let hazard = tail.hazard * x;
        Integrand {
            log: log_kernel(c, d, narrow) + tail.log,
            slope: narrow.gap - hazard,
            bend: -(c + d) * x * y - hazard * (wide.gap + hazard),
        }
    }

    /// Where the integrand is largest, to a hundredth of its width, and what it is there.
    fn peak(self) -> (f64, Integrand) {
        let (c, d) = self.narrow;
        // At the narrow one's own peak the tail of the wide one falls already.
        let mut high = libm::log(c / d);
        let mut low = f64::NEG_INFINITY;
        let mut stride = libm::sqrt(spread(c) + spread(d));
        let mut t = high;
        let mut found = self.at(t);
        for _ in 0..200 {
            if found.slope * found.slope <= 1e-4 * -found.bend {
                break;
            }
            if found.slope > 0.0 {
                low = t;
            } else {
                high = t;
            }
            // Far above the peak the curve is nearly straight, and Newton's step may leave all numbers behind.
            let floor = low.max(high - stride);
            stride *= 2.0;
            let newton = t - found.slope / found.bend;
            t = if newton > floor && newton < high {
                newton
            } else if low == f64::NEG_INFINITY {
                floor
            } else {
                low + 0.5 * (high - low)
            };
            found = self.at(t);
        }
        (t, found)
    }

    fn probability(self) -> f64 {
        let (peak, top) = self.peak();
        let step = STEP / libm::sqrt(-top.bend);
        let half = |direction: f64| {
            let mut sum = 0.0;
            for j in 1..=MOST_STEPS {
                let log = self.at(peak + direction * step * f64::from(j)).log;
                let term = libm::exp(log - top.log);
                sum += term;
                if term < NEGLIGIBLE || term.is_nan() {
                    break;
                }
            }
            sum
        };
        let sum = 1.0 + half(-1.0) + half(1.0);
        (libm::exp(top.log) * step * sum).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::count::binomial_at_least;
    use super::super::reference::{assert_close, rows};
    use super::*;

    /// With n - k in place of n - k + 1 (an off-by-one in the order statistic), four rows in five fail.
    #[test]
    fn tails_agree_with_many_digits() {
        for [n, a, b, k, at_least] in rows(include_str!(
            "../../../tests/reference/tails_beta_binomial.csv"
        )) {
            let found = beta_binomial_at_least(k as u64, n as u64, a, b);
            assert_close(found, at_least, 1e-9, &(n, a, b, k));
        }
    }

    /// The difference of two tails is a probability of one count: of a uniform chance, 1 / (n + 1) for each.
    #[test]
    fn a_uniform_chance_makes_all_counts_alike() {
        for n in [1_u64, 7, 600, 1_000_000] {
            for k in [1, n / 2 + 1, n] {
                let want = (n + 1 - k) as f64 / (n + 1) as f64;
                assert_close(beta_binomial_at_least(k, n, 1.0, 1.0), want, 1e-8, &(n, k));
            }
        }
    }

    #[test]
    fn a_narrow_chance_leaves_a_binomial_count() {
        for (n, k) in [(600, 5), (600, 20), (100_000, 300)] {
            let narrow = beta_binomial_at_least(k, n, 2e6, 998e6);
            assert_close(narrow, binomial_at_least(k, n, 0.002), 1e-2, &(n, k));
        }
    }

    #[test]
    fn the_edges_hold() {
        assert_eq!(beta_binomial_at_least(0, 5, 0.5, 2.0), 1.0);
        assert_eq!(beta_binomial_at_least(6, 5, 0.5, 2.0), 0.0);
        assert_eq!(beta_binomial_at_least(1, 0, 0.5, 2.0), 0.0);
        // A tail that is no double itself, with its peak far from where the search begins.
        assert_eq!(beta_binomial_at_least(400_000, 400_000, 1.0, 2e7), 0.0);
    }

    proptest! {
        /// Successes and failures, seen from either end, are all.
        #[test]
        fn both_tails_make_a_whole(log_a in -5.0..9.0_f64, log_b in -5.0..9.0_f64, log_n in 0.0..8.0_f64, share in 0.0..1.0_f64) {
            let (a, b) = (libm::pow(10.0, log_a), libm::pow(10.0, log_b));
            let n = libm::pow(10.0, log_n) as u64;
            let k = ((n as f64 * share) as u64).clamp(1, n);
            let sum = beta_binomial_at_least(k, n, a, b) + beta_binomial_at_least(n - k + 1, n, b, a);
            prop_assert!((sum - 1.0).abs() < 1e-7, "{k} of {n}, {a} {b}: {sum}");
        }

        #[test]
        fn tails_fall_outward(log_a in -5.0..9.0_f64, log_b in -5.0..9.0_f64, log_n in 0.0..8.0_f64, share in 0.0..1.0_f64) {
            let (a, b) = (libm::pow(10.0, log_a), libm::pow(10.0, log_b));
            let n = libm::pow(10.0, log_n) as u64;
            let k = (n as f64 * share) as u64;
            let (inner, outer) = (beta_binomial_at_least(k, n, a, b), beta_binomial_at_least(k + 1, n, a, b));
            prop_assert!(outer <= inner * (1.0 + 1e-7), "{k} of {n}, {a} {b}: {inner} {outer}");
        }
    }
}
