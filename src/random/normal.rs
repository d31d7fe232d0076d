//! The standard normal distribution.

use std::f64::consts::FRAC_1_SQRT_2;

/// The standard normal distribution function, P(Z <= x) = erfc(-x / sqrt 2) / 2.
///
/// Relative error a few units in the last place also in the lower tail.
#[inline]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// The standard normal quantile: the z with P(Z <= z) = p. Minus infinity at 0 and below, infinity at 1 and above.
///
/// Routine PPND16 of Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied
/// Statistics 37 (1988) 477-484; relative error about 1e-16.
#[inline]
pub fn normal_quantile(p: f64) -> f64 {
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let centred = p - 0.5;
    if centred.abs() <= 0.425 {
        let r = 0.180625 - centred * centred;
        return centred * polynomial(&CENTRE_ABOVE, r) / polynomial(&CENTRE_BELOW, r);
    }
    let r = libm::sqrt(-libm::log(if centred < 0.0 { p } else { 1.0 - p }));
    let size = if r <= 5.0 {
        polynomial(&SIDE_ABOVE, r - 1.6) / polynomial(&SIDE_BELOW, r - 1.6)
    } else {
        polynomial(&TAIL_ABOVE, r - 5.0) / polynomial(&TAIL_BELOW, r - 5.0)
    };
    if centred < 0.0 { -size } else { size }
}

/// The polynomial with these coefficients, the constant one first, by Horner's rule.
#[inline]
fn polynomial(c: &[f64; 8], x: f64) -> f64 {
    // Written out, as it is half of the cost of many a rollout.
    ((((((c[7] * x + c[6]) * x + c[5]) * x + c[4]) * x + c[3]) * x + c[2]) * x + c[1]) * x + c[0]
}

// The coefficients a, b, c, d, e, f of the paper, rounded to double precision.
const CENTRE_ABOVE: [f64; 8] = [
    3.387_132_872_796_366_5,
    1.331_416_678_917_843_8e2,
    1.971_590_950_306_551_3e3,
    1.373_169_376_550_946e4,
    4.592_195_393_154_987e4,
    6.726_577_092_700_87e4,
    3.343_057_558_358_813e4,
    2.509_080_928_730_122_7e3,
];
const CENTRE_BELOW: [f64; 8] = [
    1.0,
    4.231_333_070_160_091e1,
    6.871_870_074_920_579e2,
    5.394_196_021_424_751e3,
    2.121_379_430_158_659_7e4,
    3.930_789_580_009_271e4,
    2.872_908_573_572_194_3e4,
    5.226_495_278_852_854e3,
];
const SIDE_ABOVE: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    2.417_807_251_774_506e-1,
    2.272_384_498_926_918_4e-2,
    7.745_450_142_783_414e-4,
];
const SIDE_BELOW: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    6.897_673_349_851e-1,
    1.481_039_764_274_800_8e-1,
    1.519_866_656_361_645_7e-2,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const TAIL_ABOVE: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    2.965_605_718_285_048_7e-1,
    2.653_218_952_657_612_4e-2,
    1.242_660_947_388_078_4e-3,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const TAIL_BELOW: [f64; 8] = [
    1.0,
    5.998_322_065_558_88e-1,
    1.369_298_809_227_358e-1,
    1.487_536_129_085_061_5e-2,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];

#[cfg(test)]
mod tests {
    use super::super::oracle::stream;
    use super::*;

    /// Computed with 60 digits (mpmath).
    #[test]
    fn quantiles_agree_with_many_digits() {
        let golden = [
            (f64::EPSILON / 2.0, -8.2095361516013869),
            (1e-300, -37.047096299361199),
            (1e-20, -9.2623400897984076),
            (1e-10, -6.3613409024040562),
            (1e-5, -4.2648907939228246),
            (0.001, -3.0902323061678135),
            (0.0749, -1.4402382675279637),
            (0.0751, -1.43882539275254),
            (0.2, -0.84162123357291417),
            (0.4, -0.25334710313579974),
            (0.5, 0.0),
            (0.6, 0.25334710313579974),
            (0.9, 1.2815515655446006),
            (0.975, 1.9599639845400539),
            (0.9999, 3.7190164854557084),
            (1.0 - 1.0 / (1_u64 << 40) as f64, 7.0477002566644087),
        ];
        for (p, z) in golden {
            let own = normal_quantile(p);
            assert!((own - z).abs() <= 1e-15 * z.abs(), "{p}: {own} for {z}");
        }
    }

    /// Computed with 60 digits (mpmath).
    #[test]
    fn probabilities_agree_with_many_digits() {
        let golden = [
            (-20.0, 2.7536241186062337e-89),
            (-8.0, 6.2209605742717841e-16),
            (-3.0, 0.0013498980316300945),
            (-1.0, 0.15865525393145705),
            (-0.1, 0.46017216272297102),
            (0.0, 0.5),
            (0.5, 0.6914624612740131),
            (1.0, 0.84134474606854295),
            (2.0, 0.97724986805182079),
            (5.0, 0.99999971334842812),
            (8.0, 0.99999999999999938),
        ];
        for (z, p) in golden {
            let own = normal_cdf(z);
            // The argument times 1/sqrt 2 is rounded, which the tail magnifies by z^2.
            assert!(
                (own - p).abs() <= 1e-15 * p * (1.0 + z * z),
                "{z}: {own} for {p}"
            );
        }
    }

    #[test]
    fn ends_are_infinite_and_halves_mirror() {
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(-1.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!(normal_quantile(f64::NAN).is_nan());
        let mut s = stream("normal");
        for _ in 0..10_000 {
            let u = s.uniform();
            assert_eq!(normal_quantile(u), -normal_quantile(1.0 - u));
            let z = normal_quantile(u.min(1.0 - u));
            assert!((normal_cdf(z) / u.min(1.0 - u) - 1.0).abs() < 1e-13);
        }
    }
}
