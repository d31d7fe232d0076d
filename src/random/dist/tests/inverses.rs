//! Laws of quantiles and distribution functions, for any distribution that can be made.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

use super::Dist;

/// Any distribution that its constructor accepts, of any kind.
fn any_dist() -> impl Strategy<Value = Dist> {
    let log = |x: f64| libm::pow(10.0, x);
    let one = prop_oneof![
        (-6.0..9.0, 0.0..3.0).prop_map(move |(a, b)| Dist::between(log(a), log(a + b))),
        (-6.0..9.0, 0.0..3.0)
            .prop_map(move |(a, b)| Dist::lognormal_median_p95(log(a), log(a + b))),
        (-6.0..9.0, -9.0..3.0).prop_map(move |(a, b)| Dist::lognormal_mean_sd(log(a), log(a + b))),
        (-6.0..9.0).prop_map(move |a| Dist::exp(log(a))),
        (-1.0..3.0, -6.0..9.0).prop_map(move |(a, b)| Dist::weibull(log(a), log(b))),
        (-6.0..9.0, -9.0..2.0).prop_map(move |(a, b)| Dist::gamma(log(a), log(a + b))),
        (-6.0..9.0, -9.0..3.0).prop_map(move |(a, b)| Dist::normal(log(a), log(a + b))),
        (-6.0..9.0, -6.0..9.0).prop_map(move |(a, b)| Dist::uniform(log(a), log(a) + log(b))),
        (0.0..9.0, 0.0..9.0, 0.0..9.0).prop_map(|(a, b, c)| Dist::triangular(a, a + b, a + b + c)),
        proptest::collection::vec(0.0..9.0, 1..20).prop_map(Dist::empirical),
    ]
    .prop_filter_map("refused", Result::ok);
    let several =
        (proptest::collection::vec(one.clone(), 1..4), 0.01..0.99).prop_map(|(parts, w)| {
            let count = parts.len();
            let weights = match count {
                1 => vec![1.0],
                2 => vec![w, 1.0 - w],
                _ => vec![0.5 * w, 0.5 * w, 1.0 - w],
            };
            Dist::mixture(weights.into_iter().zip(parts).collect()).unwrap()
        });
    prop_oneof![one, several]
}

proptest! {
    #![proptest_config(Config {
        cases: Config::default().cases.max(2_000),
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..Config::default()
    })]

    /// F(Q(u)) >= u, F < u just below Q(u), but for rounding: of x to a double, and of F.
    #[test]
    fn quantiles_are_generalised_inverses(dist in any_dist(), u in 1e-12..0.999_999_999) {
        let x = dist.quantile(u);
        // Also where a shape is so small that nearly all is next to 0: either a digit-keeping double, or 0.
        prop_assert!(!x.is_subnormal());
        let near = |at: f64| dist.cdf(at) + 1e-12 * u;
        prop_assert!(x.is_finite() && x >= 0.0);
        // What is too small for a double is drawn as 0.
        prop_assert!(x == 0.0 || near(x * (1.0 + 1e-12)) >= u, "F({x}) = {} < {u}", dist.cdf(x));
        prop_assert!(x == 0.0 || dist.cdf(x * (1.0 - 1e-12)) <= u * (1.0 + 1e-12), "F({x}) = {} > {u}", dist.cdf(x));
    }

    #[test]
    fn quantiles_and_distribution_functions_ascend(dist in any_dist(), u in 0.0..1.0, v in 0.0..1.0) {
        let (low, high) = if u <= v { (u, v) } else { (v, u) };
        let (x, y) = (dist.quantile(low), dist.quantile(high));
        prop_assert!(x <= y * (1.0 + 1e-12), "{x} {y}");
        prop_assert!(dist.cdf(x) <= dist.cdf(y * (1.0 + 1e-12)) * (1.0 + 1e-12));
        prop_assert!((0.0..=1.0).contains(&dist.cdf(x)));
    }

    #[test]
    fn draws_are_finite_up_to_the_last_uniform(dist in any_dist()) {
        for u in [f64::EPSILON / 2.0, 0.5, 1.0 - f64::EPSILON / 2.0] {
            let x = dist.quantile(u);
            prop_assert!(x.is_finite() && x >= 0.0 && x <= dist.max(), "{x}");
        }
        prop_assert!(dist.mean().is_finite() && dist.mean() <= dist.max());
    }
}
