//! The gamma function and the gamma distribution.

use std::f64::consts::TAU;

use super::deviance::{deviance_over, stirling_error};
use super::normal::normal_quantile;

/// The natural log of the gamma function, for x > 0.
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// ln Gamma(1 + a), for a > 0, exact also where 1 + a rounds.
fn ln_gamma_above_one(a: f64) -> f64 {
    if a >= 1e-3 {
        return libm::lgamma(1.0 + a);
    }
    // The Taylor series: Euler's constant, then zeta(k)/k (Abramowitz, Stegun 6.1.33).
    let higher =
        0.400_685_634_386_531_43 - a * (0.270_580_808_427_784_55 - a * 0.207_385_551_028_673_98);
    a * (-0.577_215_664_901_532_9 + a * (0.822_467_033_424_113_2 - a * higher))
}

/// The regularised lower incomplete gamma function P(a, x): the probability that a gamma variate of shape `a` > 0 and
/// scale 1 is at most `x`. NaN unless `a` > 0.
///
/// The series and the continued fraction of DLMF 8.11.4 and 8.9.2, and for shapes of 100 and more Gauss-Legendre
/// quadrature of the density. Relative error below 1e-12.
pub fn gamma_p(a: f64, x: f64) -> f64 {
    Tails::of(a, x).lower
}

/// The `x` with P(a, x) = `p`, for a finite shape `a` > 0 (NaN otherwise): 0 for `p` <= 0, infinity for `p` >= 1.
///
/// Newton's method on the log of the smaller tail from Wilson and Hilferty's cube (1931), kept inside a bracket.
pub fn gamma_quantile(a: f64, p: f64) -> f64 {
    if !a.is_finite() || p.is_nan() || a <= 0.0 {
        return f64::NAN;
    }
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let leading = ln_gamma_quantile_near_zero(a, p);
    if leading < -40.0 {
        return libm::exp(leading);
    }
    let start = if a > 0.5 { wilson_hilferty(a, p) } else { 0.0 };
    let start = if start > 0.0 {
        start
    } else {
        libm::exp(leading.min(600.0))
    };
    refine(a, p, start)
}

/// The natural log of the quantile where that is below e^-40, also where the quantile itself is too small for a double:
/// near 0 the distribution function is x^a / Gamma(a + 1) to the last bit.
pub(super) fn ln_gamma_quantile_near_zero(a: f64, p: f64) -> f64 {
    (libm::log(p) + ln_gamma_above_one(a)) / a
}

/// The approximate quantile a (1 - 1/(9a) + z / (3 sqrt a))^3; useless where it is not positive.
fn wilson_hilferty(a: f64, p: f64) -> f64 {
    let root = 1.0 - 1.0 / (9.0 * a) + normal_quantile(p) / (3.0 * libm::sqrt(a));
    a * root * root * root
}

fn refine(a: f64, p: f64, start: f64) -> f64 {
    let (mut below, mut above) = (0.0_f64, f64::INFINITY);
    let mut x = start;
    // A handful of steps is the rule; where rounding makes the steps dance, halving the bracket ends it.
    for _ in 0..200 {
        let tails = Tails::of(a, x);
        let is_below = tails.lower < p;
        if is_below {
            below = x;
        } else {
            above = x;
        }
        let newton = if p <= 0.5 {
            // ln P against ln x: a straight line near 0.
            x * libm::exp(-libm::log(tails.lower / p) * tails.lower / tails.log_density)
        } else {
            // ln Q against x: a straight line far out.
            x + x * libm::log(tails.upper / (1.0 - p)) * tails.upper / tails.log_density
        };
        let next = if (newton - x).abs() <= 1e-15 * x {
            // What is left is lost in the rounding of the distribution function.
            return newton;
        } else if newton > below && newton < above {
            newton
        } else if above == f64::INFINITY {
            2.0 * x
        } else {
            below + 0.5 * (above - below)
        };
        if next == x {
            return x;
        }
        x = next;
    }
    x
}

/// Both tails of the gamma distribution at x, and the density of the log of the variate there: x times its own density,
/// which unlike the latter does not overflow near 0.
struct Tails {
    lower: f64,
    upper: f64,
    log_density: f64,
}

impl Tails {
    fn of(a: f64, x: f64) -> Tails {
        let exact = |lower, upper| Tails {
            lower,
            upper,
            log_density: 0.0,
        };
        if a.is_nan() || x.is_nan() || a <= 0.0 {
            return exact(f64::NAN, f64::NAN);
        }
        if x <= 0.0 {
            return exact(0.0, 1.0);
        }
        if x == f64::INFINITY {
            return exact(1.0, 0.0);
        }
        let log_density = log_density(a, x - a, x);
        let (tail, is_upper) = if log_density == 0.0 {
            // So far out that nothing of the tail is left.
            (0.0, x > a)
        } else if a >= 100.0 {
            (outward(a, x), x > a)
        } else if x < a + 1.0 {
            (log_density / a * series(a, x), false)
        } else {
            (log_density * continued_fraction(a, x), true)
        };
        // Sums of rounded parts may come to a last bit more than 1.
        let tail = tail.min(1.0);
        let (lower, upper) = if is_upper {
            (1.0 - tail, tail)
        } else {
            (tail, 1.0 - tail)
        };
        Tails {
            lower,
            upper,
            log_density,
        }
    }
}

/// x^a e^-x / Gamma(a), for x = a + gap.
fn log_density(a: f64, gap: f64, x: f64) -> f64 {
    if a > 15.0 {
        libm::exp(-stirling_error(a) - deviance_over(-gap, a, x)) * libm::sqrt(a / TAU)
    } else {
        libm::exp(a * libm::log(x) - x - ln_gamma_above_one(a)) * a
    }
}

/// 1 + x/(a+1) + x^2/((a+1)(a+2)) + ..., for x < a + 1 and a < 100: at most some 200 terms.
fn series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0, 1.0, a);
    for _ in 0..1_000 {
        n += 1.0;
        term *= x / n;
        sum += term;
        if term < 1e-17 * sum {
            break;
        }
    }
    sum
}

/// Q(a, x) over the log density as a continued fraction, for x >= a + 1, by the method of Lentz as modified by Thompson and
/// Barnett (1986).
fn continued_fraction(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / away_from_zero(b);
    let mut value = d;
    for i in 1..10_000 {
        let i = f64::from(i);
        let numerator = i * (a - i);
        b += 2.0;
        d = 1.0 / away_from_zero(numerator * d + b);
        c = away_from_zero(b + numerator / c);
        value *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// The tail beyond x on the side away from the mean a >= 100: the density integrated until it has fallen by e^-40.
fn outward(a: f64, x: f64) -> f64 {
    let sd = libm::sqrt(a);
    // Gaps from a, not places, are added up: next to a large a the places would be rounded.
    let gap = x - a;
    let z = gap.abs() / sd;
    // A normal density falls by e^-40 over this many sd; a gamma's upper tail is longer.
    let reach = (libm::sqrt(z * z + 80.0) - z) * sd;
    let (from, to) = if x > a {
        (gap, gap + 1.5 * reach)
    } else {
        ((gap - reach).max(-a), gap)
    };
    const PANELS: usize = 2;
    let half = (to - from) / (2 * PANELS) as f64;
    let density = |gap: f64| log_density(a, gap, a + gap) / (a + gap);
    let mut sum = 0.0;
    for panel in 0..PANELS {
        let middle = from + half * (2 * panel + 1) as f64;
        for (node, weight) in GAUSS_LEGENDRE {
            let offset = half * node;
            sum += weight * (density(middle - offset) + density(middle + offset));
        }
    }
    sum * half
}

/// The positive nodes and their weights of the Gauss-Legendre rule with 20 points on (-1, 1), computed with 40 digits.
const GAUSS_LEGENDRE: [(f64, f64); 10] = [
    (0.993_128_599_185_094_9, 0.017_614_007_139_152_12),
    (0.963_971_927_277_913_8, 0.040_601_429_800_386_94),
    (0.912_234_428_251_326, 0.062_672_048_334_109_06),
    (0.839_116_971_822_218_8, 0.083_276_741_576_704_75),
    (0.746_331_906_460_150_8, 0.101_930_119_817_240_43),
    (0.636_053_680_726_515, 0.118_194_531_961_518_42),
    (0.510_867_001_950_827_1, 0.131_688_638_449_176_64),
    (0.373_706_088_715_419_56, 0.142_096_109_318_382_05),
    (0.227_785_851_141_645_08, 0.149_172_986_472_603_75),
    (0.076_526_521_133_497_33, 0.152_753_387_130_725_85),
];

#[cfg(test)]
mod tests {
    use super::super::oracle::stream;
    use super::*;

    /// (a, x, P, Q), computed with 60 digits (mpmath).
    const GOLDEN: [(f64, f64, f64, f64); 26] = [
        (1e-06, 1e-300, 0.99931003981901063, 0.00068996018098937405),
        (1e-06, 0.5, 0.99999944022611184, 5.5977388815563453e-7),
        (0.01, 0.01, 0.9603474235215092, 0.039652576478490802),
        (0.1, 1e-08, 0.16659398838160215, 0.83340601161839785),
        (0.5, 0.3, 0.56142197391900014, 0.43857802608099986),
        (0.5, 5.0, 0.99843459774199745, 0.0015654022580025497),
        (1.0, 1.0, 0.63212055882855768, 0.36787944117144232),
        (2.5, 0.01, 2.9876015319065938e-6, 0.99999701239846809),
        (3.0, 10.0, 0.99723060428448842, 0.0027693957155115759),
        (10.0, 5.0, 0.031828057306204812, 0.96817194269379519),
        (15.5, 15.0, 0.48270345068510422, 0.51729654931489578),
        (50.0, 70.0, 0.99485949754149411, 0.0051405024585058939),
        (99.5, 80.0, 0.019436250910811883, 0.98056374908918812),
        (99.5, 130.0, 0.99762903983524807, 0.0023709601647519318),
        (100.0, 100.0, 0.51329879827914866, 0.48670120172085134),
        (100.0, 60.0, 1.4815276326460468e-6, 0.99999851847236735),
        (100.0, 150.0, 0.99999407545966452, 5.9245403354839158e-6),
        (250.0, 260.0, 0.74061051739235273, 0.25938948260764727),
        (1e3, 900.0, 0.00054990226571178292, 0.99945009773428822),
        (1e3, 1100.0, 0.99894067674607002, 0.0010593232539299773),
        (1e5, 100300.0, 0.82863631125120765, 0.17136368874879235),
        (1e5, 99000.0, 0.00075741992117476797, 0.99924258007882523),
        (1e8, 99970000.0, 0.0013487164491615506, 0.99865128355083845),
        (1e8, 100010000.0, 0.84134474647179881, 0.15865525352820119),
        (
            1e12,
            999999000000.0,
            0.15865525393141672,
            0.84134474606858328,
        ),
        (
            1e12,
            1000004000000.0,
            0.99996832808901071,
            3.1671910989289698e-5,
        ),
    ];

    #[test]
    fn both_tails_agree_with_many_digits() {
        for (a, x, lower, upper) in GOLDEN {
            let own = Tails::of(a, x);
            assert!(
                (own.lower / lower - 1.0).abs() < 1e-12,
                "P({a}, {x}) {} for {lower}",
                own.lower
            );
            // Where the series gives P near 1, Q keeps only its absolute accuracy.
            assert!(
                (own.upper - upper).abs() < 1e-12 * upper + 1e-15,
                "Q({a}, {x}) {} for {upper}",
                own.upper
            );
            assert_eq!(gamma_p(a, x), own.lower);
        }
    }

    #[test]
    fn quantiles_undo_probabilities() {
        let mut s = stream("gamma quantile");
        for exponent in -12..=24 {
            for mantissa in [1.0, 2.9, 7.3] {
                let a = mantissa * libm::pow(10.0, f64::from(exponent));
                for _ in 0..20 {
                    let u = s.uniform();
                    let x = gamma_quantile(a, u);
                    let back = gamma_p(a, x);
                    // Doubles next to x differ in probability by its log density times 1e-16, or more below 1e-308.
                    let spacing = (4e-16_f64).max(5e-324 / x);
                    let coarse = spacing * log_density(a, x - a, x);
                    assert!(x.is_finite() && x >= 0.0, "{a} {u}");
                    assert!(
                        (back - u).abs() <= 1e-12 * u + coarse || x == 0.0,
                        "{a} {u}: {x} {back}"
                    );
                }
            }
        }
    }

    #[test]
    fn quantiles_ascend_out_to_the_last_uniform_numbers() {
        const LAST: f64 = f64::EPSILON / 2.0;
        for a in [
            1e-6, 1e-3, 0.1, 0.5, 0.51, 1.0, 3.0, 50.0, 99.9, 100.0, 1e4, 1e9, 1e15,
        ] {
            let us = [
                LAST,
                1e-12,
                1e-6,
                0.01,
                0.3,
                0.499,
                0.5,
                0.501,
                0.9,
                0.999,
                1.0 - 1e-9,
                1.0 - 4.0 * LAST,
                1.0 - LAST,
            ];
            let quantiles = us.map(|u| gamma_quantile(a, u));
            assert!(
                quantiles.is_sorted() && quantiles[12].is_finite(),
                "{a}: {quantiles:?}"
            );
        }
    }

    #[test]
    fn shape_one_is_exponential() {
        for u in [1e-16, 1e-5, 0.2, 0.5, 0.7, 0.9999, 1.0 - 1e-15] {
            let exponential = -libm::log1p(-u);
            assert!(
                (gamma_quantile(1.0, u) / exponential - 1.0).abs() < 1e-14,
                "{u}"
            );
        }
    }

    #[test]
    fn far_tails_are_empty() {
        for a in [0.5, 20.0, 99.0, 100.0, 1e4, 1e9, 1e24] {
            for far in [5e-324, 1e-300, 1e-100] {
                assert!(gamma_p(a, far * a) < 1e-40, "{a}");
            }
            assert_eq!(gamma_p(a, 100.0 * a + 1e3), 1.0, "{a}");
        }
    }

    /// The two sides of the mean are integrated apart, and meet.
    #[test]
    fn the_halves_join_without_a_step() {
        for a in [100.0, 1e3, 1e6, 1e9] {
            let beyond = a * (1.0 + f64::EPSILON);
            let step = gamma_p(a, beyond) - gamma_p(a, a);
            let due = (beyond - a) / a * log_density(a, 0.0, a);
            assert!((step - due).abs() < 1e-14, "{a}: {step} for {due}");
        }
    }

    #[test]
    fn edges() {
        assert_eq!(gamma_quantile(2.0, 0.0), 0.0);
        assert_eq!(gamma_quantile(2.0, 1.0), f64::INFINITY);
        assert_eq!((gamma_p(2.0, 0.0), gamma_p(2.0, f64::INFINITY)), (0.0, 1.0));
        for a in [0.0, -1.0, f64::NAN] {
            assert!(
                gamma_p(a, 1.0).is_nan() && gamma_quantile(a, 0.5).is_nan(),
                "{a}"
            );
        }
        assert_eq!(ln_gamma(1.0), 0.0);
        assert!(
            (ln_gamma_above_one(1e-3) - ln_gamma_above_one(1e-3 * (1.0 - 1e-12))).abs() < 1e-15
        );
    }
}
