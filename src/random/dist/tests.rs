//! What distributions are: their functions, means and ends, next to another library and to closed forms.

mod draws;
mod inverses;

use statrs::distribution as theirs;
use statrs::distribution::ContinuousCDF;

use super::super::oracle;
use super::*;

/// One or more of every kind, by name.
fn zoo() -> Vec<(&'static str, Dist)> {
    let made = [
        ("certain", Dist::certain(300.0)),
        ("between", Dist::between(300.0, 1200.0)),
        (
            "lognormal by median",
            Dist::lognormal_median_p95(60.0, 600.0),
        ),
        ("lognormal by mean", Dist::lognormal_mean_sd(60.0, 30.0)),
        ("exp", Dist::exp(3600.0)),
        ("weibull, falling", Dist::weibull(0.6, 10.0)),
        ("weibull, rising", Dist::weibull(3.0, 10.0)),
        ("gamma, skew", Dist::gamma(10.0, 14.0)),
        ("gamma", Dist::gamma(10.0, 4.0)),
        ("gamma, narrow", Dist::gamma(1000.0, 20.0)),
        ("normal, much cut", Dist::normal(1.0, 2.0)),
        ("normal", Dist::normal(100.0, 10.0)),
        ("uniform", Dist::uniform(60.0, 300.0)),
        ("triangular", Dist::triangular(60.0, 120.0, 540.0)),
        ("triangular, rising", Dist::triangular(1.0, 9.0, 9.0)),
        ("empirical", Dist::empirical(vec![5.0, 1.0, 1.0, 8.0, 2.5])),
        (
            "mixture",
            Dist::mixture(vec![
                (0.7, Dist::certain(300.0).unwrap()),
                (0.2, Dist::between(3600.0, 14400.0).unwrap()),
                (0.1, Dist::uniform(0.0, 600.0).unwrap()),
            ]),
        ),
    ];
    made.map(|(name, dist)| (name, dist.unwrap())).into()
}

/// Against `statrs`, at points from far below the median to far above.
#[test]
fn distribution_functions_agree_with_statrs() {
    fn compare(name: &str, own: Dist, other: impl ContinuousCDF<f64, f64>) {
        for i in 1..400 {
            let x = own.quantile(0.5) * f64::from(i) / 50.0;
            let (own, other) = (own.cdf(x), other.cdf(x));
            assert!((own - other).abs() < 1e-10, "{name} at {x}: {own}, {other}");
        }
    }
    compare(
        "exp",
        Dist::exp(4.0).unwrap(),
        theirs::Exp::new(0.25).unwrap(),
    );
    compare(
        "weibull",
        Dist::weibull(1.7, 3.0).unwrap(),
        theirs::Weibull::new(1.7, 3.0).unwrap(),
    );
    // Shape 4, rate 2.
    compare(
        "gamma",
        Dist::gamma(2.0, 1.0).unwrap(),
        theirs::Gamma::new(4.0, 2.0).unwrap(),
    );
    // Shape 400, rate 40: beyond where the quadrature takes over.
    compare(
        "gamma",
        Dist::gamma(10.0, 0.5).unwrap(),
        theirs::Gamma::new(400.0, 40.0).unwrap(),
    );
    compare(
        "normal",
        Dist::normal(3.0, 2.0).unwrap(),
        theirs::Normal::new(3.0, 2.0).unwrap(),
    );
    compare(
        "uniform",
        Dist::uniform(1.0, 5.0).unwrap(),
        theirs::Uniform::new(1.0, 5.0).unwrap(),
    );
    compare(
        "triangular",
        Dist::triangular(1.0, 2.0, 9.0).unwrap(),
        theirs::Triangular::new(1.0, 9.0, 2.0).unwrap(),
    );
    // A lognormal with mean 2 and variance 4 has sigma^2 = ln 2.
    let sigma = libm::sqrt(std::f64::consts::LN_2);
    compare(
        "lognormal",
        Dist::lognormal_mean_sd(2.0, 2.0).unwrap(),
        theirs::LogNormal::new(0.5 * std::f64::consts::LN_2, sigma).unwrap(),
    );
}

#[test]
fn literals_mean_what_they_say() {
    let near =
        |left: f64, right: f64| assert!((left / right - 1.0).abs() < 1e-13, "{left} for {right}");
    let between = Dist::between(300.0, 1200.0).unwrap();
    near(between.quantile(0.05), 300.0);
    near(between.quantile(0.95), 1200.0);
    near(between.quantile(0.5), 600.0);
    let narrow = Dist::between(300.0, 300.0 * (1.0 + 1e-9)).unwrap();
    near(narrow.quantile(0.95), 300.0 * (1.0 + 1e-9));
    let median = Dist::lognormal_median_p95(60.0, 600.0).unwrap();
    near(median.quantile(0.5), 60.0);
    near(median.quantile(0.95), 600.0);
    near(Dist::lognormal_mean_sd(60.0, 90.0).unwrap().mean(), 60.0);
    near(Dist::gamma(60.0, 90.0).unwrap().mean(), 60.0);
    near(
        Dist::exp(60.0).unwrap().quantile(0.5),
        60.0 * std::f64::consts::LN_2,
    );
    near(
        Dist::weibull(2.0, 60.0).unwrap().cdf(60.0),
        1.0 - libm::exp(-1.0),
    );
}

/// Computed with 60 digits (mpmath).
#[test]
fn a_cut_normal_has_the_mean_of_what_is_left() {
    let golden = [
        (1.0, 1.0, 1.0833154705876863),
        (0.0, 2.0, 0.79788456080286536),
        (1.0, 10.0, 4.5093533120471466),
        (10.0, 1.0, 10.0),
    ];
    for (mean, sd, expected) in golden {
        let own = Dist::normal(mean, sd).unwrap().mean();
        assert!(
            (own - expected).abs() < 1e-15 * expected,
            "{mean} {sd}: {own}"
        );
    }
}

/// The expectation is the integral of the quantile function; here by the midpoint rule, good to some 1e-3.
#[test]
fn means_are_integrals_of_quantiles() {
    for (name, dist) in zoo() {
        let n = 20_000;
        let sum: f64 = (0..n)
            .map(|i| dist.quantile((f64::from(i) + 0.5) / f64::from(n)))
            .sum();
        let integral = sum / f64::from(n);
        assert!(
            (integral / dist.mean() - 1.0).abs() < 2e-3,
            "{name}: {integral} for {}",
            dist.mean()
        );
    }
}

#[test]
fn the_distribution_function_is_0_below_the_support_and_1_at_its_end() {
    for (name, dist) in zoo() {
        for x in [-1.0, -1e-300, f64::NEG_INFINITY, f64::NAN] {
            assert_eq!(dist.cdf(x), 0.0, "{name}");
        }
        assert_eq!(dist.cdf(dist.max()), 1.0, "{name}");
        assert_eq!(dist.quantile(1.0), dist.max(), "{name}");
        assert_eq!(dist.quantile(2.0), dist.max(), "{name}");
        for u in [0.0, -1.0, f64::NAN] {
            let least = dist.quantile(u);
            assert!(least <= dist.quantile(1e-15) && least >= 0.0, "{name}");
        }
    }
}

#[test]
fn steps_are_inverted_to_their_foot() {
    let empirical =
        Dist::empirical(vec![4.0, 1.0, 2.0, 3.0, 2.0, 5.0, 6.0, 7.0, 8.0, 9.0]).unwrap();
    for count in 1..=10 {
        let value = empirical.quantile(f64::from(count) / 10.0);
        assert_eq!(
            value,
            [1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0][count as usize - 1]
        );
    }
    assert_eq!(empirical.quantile(0.1 + f64::EPSILON), 2.0);
    let zero_or_five = Dist::mixture(vec![
        (0.25, Dist::zero()),
        (0.75, Dist::certain(5.0).unwrap()),
    ])
    .unwrap();
    assert_eq!(zero_or_five.quantile(0.25), 0.0);
    assert_eq!(zero_or_five.quantile(0.25 + f64::EPSILON), 5.0);
    assert_eq!(
        (
            zero_or_five.cdf(0.0),
            zero_or_five.cdf(4.999),
            zero_or_five.cdf(5.0)
        ),
        (0.25, 0.25, 1.0)
    );
    let cut = Dist::normal(1.0, 2.0).unwrap();
    assert_eq!(cut.quantile(cut.cdf(0.0) - 1e-15), 0.0);
    assert!(cut.cdf(0.0) > 0.3);
}

/// With shapes this small a quantile over its scale has lost digits, or is 0, while the quantile itself has all.
#[test]
fn quantiles_next_to_0_keep_their_digits() {
    let gamma =
        |shape: f64, scale: f64| Dist::gamma(shape * scale, libm::sqrt(shape) * scale).unwrap();
    for (dist, u) in [
        (gamma(0.005, 1e7), 0.0273),
        (gamma(0.00025, 1e9), 0.835),
        (Dist::weibull(0.05, 1e6).unwrap(), 2.1e-16),
    ] {
        let x = dist.quantile(u);
        assert!(x.is_normal() && x < 1e-304, "{dist:?} {x:e}");
        assert!((dist.cdf(x) / u - 1.0).abs() < 1e-12, "{x:e}");
    }
}

#[test]
fn scaling_multiplies_every_draw() {
    for (name, dist) in zoo() {
        let hours = dist.scaled(1.0 / 3600.0);
        for i in 1..100 {
            let u = f64::from(i) / 100.0;
            let (long, short) = (dist.quantile(u), hours.quantile(u) * 3600.0);
            assert!(
                (long - short).abs() <= 1e-12 * long,
                "{name} at {u}: {long} {short}"
            );
        }
        assert!(
            (hours.mean() * 3600.0 / dist.mean() - 1.0).abs() < 1e-14,
            "{name}"
        );
        assert!(dist.scaled(0.0).is_zero());
    }
}

#[test]
fn what_is_certain_is_known_to_be() {
    assert!(Dist::zero().is_zero() && Dist::certain(-0.0).unwrap().is_zero());
    let five = Dist::certain(5.0).unwrap();
    for same in [
        Dist::between(5.0, 5.0),
        Dist::lognormal_median_p95(5.0, 5.0),
        Dist::lognormal_mean_sd(5.0, 0.0),
        Dist::gamma(5.0, 0.0),
        Dist::normal(5.0, 0.0),
        Dist::uniform(5.0, 5.0),
        Dist::triangular(5.0, 5.0, 5.0),
        Dist::empirical(vec![5.0, 5.0]),
        Dist::mixture(vec![(0.5, five.clone()), (0.5, five.clone())]),
        Dist::mixture(vec![(1.0, five.clone())]),
    ] {
        assert_eq!(same, Ok(five.clone()));
    }
    assert_eq!(
        (five.as_certain(), five.is_zero(), five.max(), five.mean()),
        (Some(5.0), false, 5.0, 5.0)
    );
    assert_eq!(Dist::exp(1.0).unwrap().as_certain(), None);
    assert_eq!(Dist::exp(1.0).unwrap().max(), f64::INFINITY);
}

#[test]
fn mixtures_of_mixtures_are_mixtures() {
    let part = |x| Dist::certain(x).unwrap();
    let inner = Dist::mixture(vec![(0.5, part(1.0)), (0.5, part(2.0))]).unwrap();
    let nested = Dist::mixture(vec![(0.5, inner), (0.5, part(3.0))]).unwrap();
    let flat = Dist::mixture(vec![(0.25, part(1.0)), (0.25, part(2.0)), (0.5, part(3.0))]).unwrap();
    assert_eq!(nested, flat);
    let mut deep = part(1.0);
    for _ in 0..2_000 {
        deep = Dist::mixture(vec![(0.5, deep), (0.5, part(2.0))]).unwrap();
    }
    assert!((deep.mean() - 2.0).abs() < 1e-12);
}
