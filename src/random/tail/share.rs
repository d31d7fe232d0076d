//! Tails of beta shares, and shares drawn given that they lie in one.

use super::super::beta::beta;
use super::super::incomplete_beta::{
    Place, below, incomplete_beta, is_left, left_series, log_kernel,
};
use super::super::stream::Stream;
use super::FAT;

/// The probability that a Beta(a, b) variate is above `x`.
///
/// Relative error below 1e-10, for a and b from 1e-3 to 1e9 and down to 1e-300. The cost is that of
/// [`super::binomial_at_least`].
pub fn beta_above(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x >= 1.0 {
        return 0.0;
    }
    below(b, a, Place::at(a, b, x).mirrored())
}

/// The probability that a Beta(a, b) variate is below `x`; accuracy and cost as of [`beta_above`].
pub fn beta_below(x: f64, a: f64, b: f64) -> f64 {
    incomplete_beta(a, b, x)
}

/// A Beta(a, b) variate, given that it is above `x`; any at all for `x <= 0`, and 1 for `x >= 1`.
///
/// By inversion of one uniform number where the tail is thin: three or four evaluations of [`beta_above`]. A fat tail is
/// met by drawing again.
pub fn beta_given_above(x: f64, a: f64, b: f64, s: &mut Stream) -> f64 {
    if x >= 1.0 {
        return 1.0;
    }
    if x > 0.0 {
        let edge = Place::at(a, b, x).mirrored();
        let tail = LeftTail::at(b, a, edge);
        if tail.log <= libm::log(FAT) {
            let (_, from_the_left) = tail.descend(b, a, edge.x, s);
            return from_the_left.max(x);
        }
    }
    loop {
        let drawn = beta(a, b, s);
        if drawn >= x {
            return drawn;
        }
    }
}

/// A Beta(a, b) variate, given that it is below `x`; any at all for `x >= 1`, and 0 for `x <= 0`.
pub fn beta_given_below(x: f64, a: f64, b: f64, s: &mut Stream) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x < 1.0 {
        let edge = Place::at(a, b, x);
        let tail = LeftTail::at(a, b, edge);
        if tail.log <= libm::log(FAT) {
            let (from_the_left, _) = tail.descend(a, b, edge.x, s);
            return from_the_left.min(x);
        }
    }
    loop {
        let drawn = beta(a, b, s);
        if drawn <= x {
            return drawn;
        }
    }
}

/// The log of the probability F below a place x, and how fast it falls with -ln x: the hazard of -ln X.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeftTail {
    pub(super) log: f64,
    pub(super) hazard: f64,
}

impl LeftTail {
    pub(super) fn at(a: f64, b: f64, place: Place) -> LeftTail {
        let log_kernel = log_kernel(a, b, place);
        if is_left(a, b, place) {
            // x times the density is x^a y^b / B(a, b) over y, and all but the y cancels.
            let series = left_series(a, b, place);
            return LeftTail {
                log: log_kernel + libm::log(series),
                hazard: 1.0 / (place.y * series),
            };
        }
        let tail = below(a, b, place);
        LeftTail {
            log: libm::log(tail),
            hazard: libm::exp(log_kernel) / (place.y * tail),
        }
    }

    /// A place further left, where F is a uniform number's share of this one's, as both its distances, from 0 and from 1.
    ///
    /// Newton's method on ln F against t = -ln x, which is nearly straight in the tail: the first step takes the law of
    /// what is left for exponential. The bracket ends it where the curve bends the other way.
    fn descend(self, a: f64, b: f64, x: f64, s: &mut Stream) -> (f64, f64) {
        let start = -libm::log(x);
        let fall = libm::log(s.uniform());
        let goal = self.log + fall;
        let (mut low, mut high) = (start, f64::INFINITY);
        let mut t = start - fall / self.hazard;
        for _ in 0..200 {
            let tail = LeftTail::at(a, b, place_at(a, b, t));
            let off = tail.log - goal;
            if off > 0.0 {
                low = t;
            } else {
                high = t;
            }
            let newton = t + off / tail.hazard;
            // The error of the next place goes with the square of this one's.
            if off.abs() < 1e-7 && newton >= low && newton <= high {
                t = newton;
                break;
            }
            let next = if newton > low && newton < high {
                newton
            } else if high == f64::INFINITY {
                2.0 * t
            } else {
                low + 0.5 * (high - low)
            };
            if next == t {
                break;
            }
            t = next;
        }
        (libm::exp(-t), -libm::expm1(-t))
    }
}

fn place_at(a: f64, b: f64, t: f64) -> Place {
    Place::between(a, b, libm::exp(-t), -libm::expm1(-t))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::oracle::{check, is_plausible, ks_p, stream};
    use super::super::reference::{assert_close, rows};
    use super::*;

    /// With the place's distance from 1 rounded (no `lost` in [`Place::at`]), a row with parameters of 1e9 fails.
    #[test]
    fn both_tails_agree_with_many_digits() {
        for [a, b, x, above, below] in rows(include_str!("../../../tests/reference/tails_beta.csv"))
        {
            let case = (a, b, x);
            assert_close(beta_above(x, a, b), above, 1e-11, &case);
            assert_close(beta_below(x, a, b), below, 1e-11, &case);
        }
    }

    #[test]
    fn the_ends_are_certain() {
        for (x, above) in [(-1.0, 1.0), (0.0, 1.0), (1.0, 0.0), (2.0, 0.0)] {
            assert_eq!(beta_above(x, 0.3, 5.0), above, "{x}");
            assert_eq!(beta_below(x, 0.3, 5.0), 1.0 - above, "{x}");
        }
        let mut s = stream("ends");
        assert_eq!(beta_given_above(1.0, 2.0, 3.0, &mut s), 1.0);
        assert_eq!(beta_given_below(0.0, 2.0, 3.0, &mut s), 0.0);
        assert!(beta_given_above(0.0, 2.0, 3.0, &mut s) > 0.0);
        assert!(beta_given_below(1.0, 2.0, 3.0, &mut s) < 1.0);
        // A tail that is no double itself.
        let far = beta_given_above(0.9, 10.0, 1e6, &mut s);
        assert!((0.9..0.91).contains(&far), "{far}");
        let far = beta_given_below(1e-9, 1e3, 10.0, &mut s);
        assert!(far > 0.9e-9 && far <= 1e-9, "{far:e}");
    }

    /// a, b and the edge above which to draw: a share far from 0 and one next to it, fat and thin, small parameters.
    const ABOVE: [(f64, f64, f64); 8] = [
        (5.0, 5_000.0, 0.004),
        (5.0, 5_000.0, 0.0012),
        (20.0, 2e10, 4e-9),
        (2.0, 3.0, 0.999),
        (0.3, 0.7, 0.99999),
        (0.01, 8.0, 0.2),
        (1e6, 1e6, 0.501),
        (300.0, 5.0, 0.9999),
    ];

    fn draws(test: &str, mut draw: impl FnMut(&mut Stream) -> f64) -> Vec<f64> {
        let mut s = stream(test);
        (0..20_000).map(|_| draw(&mut s)).collect()
    }

    /// The p-value of shares given that they are above `x`, by the law of the share of the tail above them.
    fn fit_above(a: f64, b: f64, x: f64, drawn: Vec<f64>) -> f64 {
        assert!(drawn.iter().all(|d| *d >= x && *d <= 1.0));
        let whole = beta_above(x, a, b);
        ks_p(drawn, |d| 1.0 - beta_above(d, a, b) / whole)
    }

    /// 16 checks at 2e-6 each. The tails that judge are those that [`both_tails_agree_with_many_digits`] has tested.
    #[test]
    fn shares_given_a_tail_have_its_law() {
        for (a, b, x) in ABOVE {
            let test = format!("Beta({a}, {b}) above {x}");
            let drawn = draws(&test, |s| beta_given_above(x, a, b, s));
            check(&test, fit_above(a, b, x, drawn));
            let test = format!("Beta({b}, {a}) below {}", 1.0 - x);
            let edge = 1.0 - x;
            let drawn = draws(&test, |s| beta_given_below(edge, b, a, s));
            assert!(drawn.iter().all(|d| (0.0..=edge).contains(d)), "{test}");
            let whole = beta_below(edge, b, a);
            check(&test, ks_p(drawn, |d| beta_below(d, b, a) / whole));
        }
    }

    /// Exponential numbers from the edge, the first guess of the inversion, are seen to be wrong; so is a parameter that is
    /// off by 5 in 10,000.
    #[test]
    fn the_check_has_power() {
        let (a, b, x) = ABOVE[6];
        let edge = Place::at(a, b, x).mirrored();
        let hazard = LeftTail::at(b, a, edge).hazard;
        let start = -libm::log(edge.x);
        let drawn = draws("guess", |s| -libm::expm1(-start - s.exponential() / hazard));
        let p = fit_above(a, b, x, drawn);
        assert!(!is_plausible(p), "{p:e}");
        let drawn = draws("off", |s| beta_given_above(x, a, b * 1.0005, s));
        let p = fit_above(a, b, x, drawn);
        assert!(!is_plausible(p), "{p:e}");
    }

    proptest! {
        #[test]
        fn both_tails_make_a_whole(log_a in -3.0..9.0_f64, log_b in -3.0..9.0_f64, x in 0.0..1.0_f64) {
            let (a, b) = (libm::pow(10.0, log_a), libm::pow(10.0, log_b));
            let sum = beta_below(x, a, b) + beta_above(x, a, b);
            prop_assert!((sum - 1.0).abs() < 1e-12, "{a} {b} {x}: {sum}");
        }

        #[test]
        fn tails_fall_outward(log_a in -3.0..9.0_f64, log_b in -3.0..9.0_f64, x in 0.0..1.0_f64, y in 0.0..1.0_f64) {
            let (a, b) = (libm::pow(10.0, log_a), libm::pow(10.0, log_b));
            let (low, high) = (x.min(y), x.max(y));
            prop_assert!(beta_above(high, a, b) <= beta_above(low, a, b) * (1.0 + 1e-10));
            prop_assert!(beta_below(low, a, b) <= beta_below(high, a, b) * (1.0 + 1e-10));
        }

        /// Whatever the law and the edge: a draw lies in its tail.
        #[test]
        fn draws_lie_in_their_tail(log_a in -3.0..9.0_f64, log_b in -3.0..9.0_f64, z in 1.0..40.0_f64, seed in 0_u32..1000) {
            let (a, b) = (libm::pow(10.0, log_a), libm::pow(10.0, log_b));
            let mean = a / (a + b);
            let sd = libm::sqrt(mean * (1.0 - mean) / (a + b + 1.0));
            let mut s = stream(&format!("tail {seed}"));
            let (low, high) = (mean - z * sd, mean + z * sd);
            if low > 0.0 && beta_below(low, a, b) > 0.0 {
                let x = beta_given_below(low, a, b, &mut s);
                prop_assert!(x >= 0.0 && x <= low, "{x} below {low}");
            }
            if high < 1.0 && beta_above(high, a, b) > 0.0 {
                let x = beta_given_above(high, a, b, &mut s);
                prop_assert!(x >= high && x <= 1.0, "{x} above {high}");
            }
        }
    }
}
