//! The incomplete beta function, its inverse, and Student's t by way of it.
//!
//! Written here on `libm` and not taken from a crate: intervals are results, and results are the same bits on every
//! platform; and the inverses of the crates at hand fail, or never end, in the tails (statrs issues 434, 435).

use std::f64::consts::TAU;

use super::deviance::{deviance_over, product_error, stirling_error};
use super::normal::normal_quantile;
use super::tail::fraction;

/// A place between 0 and 1 seen from a Beta(a, b) law, by all that would be lost in a difference.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The distance from 0.
    pub(super) x: f64,
    /// The distance from 1.
    pub(super) y: f64,
    /// a y - b x: how far the mean lies above the place, times a + b.
    pub(super) gap: f64,
}

impl Place {
    /// The place `x`, exactly.
    pub(super) fn at(a: f64, b: f64, x: f64) -> Place {
        let y = 1.0 - x;
        let lost = (1.0 - y) - x;
        let (left, right) = (a * y, b * x);
        let errors = product_error(left, a, y) - product_error(right, b, x);
        Place {
            x,
            y,
            gap: (left - right) + (errors + a * lost),
        }
    }

    /// A place by both its distances, good to the last bits of either.
    pub(super) fn between(a: f64, b: f64, x: f64, y: f64) -> Place {
        Place {
            x,
            y,
            gap: a * y - b * x,
        }
    }

    /// The same place, seen from the other end: by Beta(b, a).
    pub(super) fn mirrored(self) -> Place {
        Place {
            x: self.y,
            y: self.x,
            gap: -self.gap,
        }
    }
}

/// The regularised incomplete beta function I_x(a, b) for a, b > 0 and 0 <= x <= 1: the probability that a Beta(a, b)
/// variate is below `x`.
///
/// A continued fraction (`fraction::of_beta`) on whichever side of the mean it converges; the factor in front by
/// Loader's saddle point (2000), which stays exact for large a and b, where differences of log-gammas do not. Relative
/// error below 1e-10, also of the smallest values, for a and b from 1e-3 to 1e9.
pub fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    assert!(
        a > 0.0 && b > 0.0,
        "incomplete beta needs positive parameters, not ({a}, {b})"
    );
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    below(a, b, Place::at(a, b, x))
}

/// The probability that a Beta(a, b) variate is below a place that is neither 0 nor 1.
pub(super) fn below(a: f64, b: f64, place: Place) -> f64 {
    if is_left(a, b, place) {
        left_tail(a, b, place)
    } else {
        1.0 - left_tail(b, a, place.mirrored())
    }
}

/// Whether the continued fraction converges at this place, and not at its mirror image.
pub(super) fn is_left(a: f64, b: f64, place: Place) -> bool {
    place.x < (a + 1.0) / (a + b + 2.0)
}

/// I_x(a, b) where x is below the mean or little above it.
fn left_tail(a: f64, b: f64, place: Place) -> f64 {
    libm::exp(log_kernel(a, b, place)) * left_series(a, b, place)
}

/// I_x(a, b) over x^a (1-x)^b / B(a, b), where x is below the mean or little above it.
pub(super) fn left_series(a: f64, b: f64, place: Place) -> f64 {
    fraction::of_beta(a, b * place.x, place.x, place.y, place.gap + 1.0)
}

/// The log of x^a (1-x)^b / B(a, b), which is the density of the logit of a Beta(a, b) variate.
pub(super) fn log_kernel(a: f64, b: f64, place: Place) -> f64 {
    // a b / (a+b) times the binomial probability of a in a+b trials, extended to real numbers.
    let n = a + b;
    stirling_error(n)
        - stirling_error(a)
        - stirling_error(b)
        - deviance_over(place.gap, a, n * place.x)
        - deviance_over(-place.gap, b, n * place.y)
        + 0.5 * libm::log(a * b / (TAU * n))
}

/// The x at which I_x(a, b) is `p`, for 0 <= p <= 1.
///
/// Newton's method on the logarithm of the nearer tail, kept inside a bracket that every step narrows, so it always
/// ends. Relative error below 1e-10.
pub fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    // Solving in the tail whose probability is small keeps relative precision there.
    if p <= 0.5 {
        solve(a, b, p)
    } else {
        1.0 - solve(b, a, 1.0 - p)
    }
}

/// The x at which the lower tail of Beta(a, b) is `p <= 1/2`.
fn solve(a: f64, b: f64, p: f64) -> f64 {
    let goal = libm::log(p);
    let (mut low, mut high) = (0.0, 1.0);
    let mut x = first_guess(a, b, p);
    for _ in 0..200 {
        let tail = incomplete_beta(a, b, x);
        if tail > p {
            high = x;
        } else {
            low = x;
        }
        // d ln I / d ln x = x density / I; a step in ln x never leaves the positive numbers.
        let place = Place::at(a, b, x);
        let slope = libm::exp(log_kernel(a, b, place)) / place.y / tail;
        let step = (goal - libm::log(tail)) / slope;
        let newton = x * libm::exp(step.clamp(-50.0, 50.0));
        let next = if newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        if (next - x).abs() <= 4.0 * f64::EPSILON * x || high - low <= 4.0 * f64::EPSILON * high {
            return next;
        }
        x = next;
    }
    x
}

/// A starting point: the normal approximation with the distribution's mean and variance in the logit, which is good in
/// the bulk, and the leading term of the power series where a is small.
fn first_guess(a: f64, b: f64, p: f64) -> f64 {
    if a < 1.0 {
        // I is about x^a / (a B(a, b)) near 0.
        let log_beta = log_gamma(a) + log_gamma(b) - log_gamma(a + b);
        let x = libm::exp((libm::log(p * a) + log_beta) / a);
        return x.clamp(1e-300, 0.5);
    }
    let z = normal_quantile(p);
    let spread = libm::sqrt(1.0 / a + 1.0 / b);
    let odds = a / b * libm::exp((z * spread).clamp(-50.0, 50.0));
    (odds / (1.0 + odds)).clamp(1e-300, 1.0 - f64::EPSILON)
}

/// The quantile of Student's t distribution with `df` degrees of freedom (any positive number, also infinity).
///
/// From P(|T| > t) = I_{df / (df + t^2)}(df/2, 1/2) (DLMF 8.17; Abramowitz and Stegun 26.7.1).
pub fn student_t_quantile(df: f64, p: f64) -> f64 {
    assert!(
        df > 0.0,
        "Student's t needs positive degrees of freedom, not {df}"
    );
    if p == 0.5 {
        return 0.0;
    }
    if p > 0.5 {
        return -student_t_quantile(df, 1.0 - p);
    }
    // From here on the difference to the normal quantile is below one part in 1e9.
    if df > 1e9 {
        return normal_quantile(p);
    }
    // 1 - x = t^2 / (df + t^2) is Beta(1/2, df/2); taken from its own side, where it may be small.
    let y = 1.0 - beta_quantile(df / 2.0, 0.5, 2.0 * p);
    let y = if y > 0.5 {
        y
    } else {
        beta_quantile(0.5, df / 2.0, 1.0 - 2.0 * p)
    };
    -libm::sqrt(df * y / (1.0 - y))
}

/// ln Gamma(x), for starting points only.
fn log_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assert_close(found: f64, expected: f64, relative: f64, what: impl std::fmt::Debug) {
        let error = (found - expected).abs();
        assert!(
            error <= relative * expected.abs(),
            "{what:?}: {found:e} instead of {expected:e}"
        );
    }

    /// a, b, x and I_x(a, b) by SciPy 1.17.1.
    const INCOMPLETE_BETA: [(f64, f64, f64, f64); 10] = [
        (0.5, 0.5, 0.3, 0.369_010_119_565_545_36),
        (2.0, 3.0, 0.4, 0.5248),
        (10.0, 1.0, 0.9, 0.348_678_440_1),
        (0.5, 5.0, 0.001, 0.077_718_007_899_033_2),
        (1e3, 2e3, 0.34, 0.781_215_091_160_644_1),
        (1e6, 1e6, 0.5, 0.5),
        (1e6, 1e6, 0.4995, 0.078_649_577_580_912_15),
        (1e8, 1e8, 0.50003, 0.801_928_045_341_215_2),
        (3.0, 1e7, 1e-7, 0.080_301_424_662_355_11),
        (5e5, 0.5, 0.999_999, 0.317_310_507_855_895_7),
    ];

    #[test]
    fn incomplete_beta_agrees_with_scipy() {
        for (a, b, x, expected) in INCOMPLETE_BETA {
            assert_close(incomplete_beta(a, b, x), expected, 1e-10, (a, b, x));
        }
    }

    #[test]
    fn incomplete_beta_of_whole_numbers_is_a_binomial_sum() {
        // 1 - I_x(a, b) sums binomial probabilities of a + b - 1 trials below a (DLMF 8.17.5), here term by term.
        for (a, b, x) in [
            (1_u32, 1_u32, 0.2),
            (3, 9, 0.3),
            (17, 4, 0.9),
            (25, 25, 0.45),
        ] {
            let n = f64::from(a + b - 1);
            let mut term = libm::pow(1.0 - x, n);
            let mut below = 0.0;
            for k in 0..a {
                below += term;
                term *= (n - f64::from(k)) / f64::from(k + 1) * x / (1.0 - x);
            }
            let found = incomplete_beta(f64::from(a), f64::from(b), x);
            assert_close(found, 1.0 - below, 1e-12, (a, b, x));
        }
    }

    /// Degrees of freedom, p and the quantile by SciPy 1.17.1.
    const STUDENT_T: [(f64, f64, f64); 12] = [
        (1.0, 0.975, 12.706_204_736_174_694),
        (2.0, 0.975, 4.302_652_729_749_462),
        (3.7, 0.9, 1.557_565_838_861_507_2),
        (9.0, 0.975, 2.262_157_162_798_205),
        (30.0, 0.995, 2.749_995_653_567_225_4),
        (100.0, 0.6, 0.254_022_182_458_227_66),
        (1999.0, 0.975, 1.961_151_420_170_561_3),
        (1e6, 0.975, 1.959_966_356_814_107),
        (1e8, 0.9995, 3.290_526_828_789_235),
        (0.5, 0.95, 41.136_000_092_878_19),
        (5.0, 0.5001, 0.000_263_430_556_070_123_6),
        (12.0, 1e-6, -8.504_302_718_054_584),
    ];

    #[test]
    fn student_t_agrees_with_scipy() {
        for (df, p, expected) in STUDENT_T {
            // 1 - 2p cancels near the median.
            let relative = if p == 0.5001 { 1e-8 } else { 1e-9 };
            assert_close(student_t_quantile(df, p), expected, relative, (df, p));
        }
        assert_eq!(
            student_t_quantile(f64::INFINITY, 0.975),
            normal_quantile(0.975)
        );
        assert_eq!(student_t_quantile(7.0, 0.5), 0.0);
    }

    proptest! {
        #[test]
        fn quantile_inverts(log_a in -1.0..5.0_f64, log_b in -1.0..5.0_f64, p in 1e-6..0.999_999_f64) {
            let (a, b) = (libm::pow(10.0, log_a), libm::pow(10.0, log_b));
            let x = beta_quantile(a, b, p);
            prop_assert!((0.0..=1.0).contains(&x));
            // Where the distribution sits within the last bits below 1, x cannot be told apart.
            if x < 1.0 - 1e-6 {
                let back = incomplete_beta(a, b, x);
                prop_assert!((back - p).abs() <= 1e-9, "{back} instead of {p} at {x}");
            }
        }

        #[test]
        fn beta_and_t_agree_with_statrs_where_that_is_sound(a in 0.5..2000.0_f64, b in 0.5..2000.0_f64, x in 0.001..0.999_f64) {
            let theirs = statrs::function::beta::beta_reg(a, b, x);
            prop_assert!((incomplete_beta(a, b, x) - theirs).abs() < 1e-9, "at {theirs}");
        }
    }
}
