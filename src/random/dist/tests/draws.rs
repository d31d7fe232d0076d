//! Draws: their distribution, what they consume, and which they are.

use super::super::super::stream::Stream;
use super::oracle::{check, chi_square_p, is_plausible, ks_p, mean_p, stream, two_samples_p};
use super::{Dist, zoo};

/// 17 times 2 checks at 2e-6 each; the standard deviation comes from the quantile function.
#[test]
fn draws_have_the_distribution_function_and_the_mean() {
    for (name, dist) in zoo()
        .into_iter()
        .filter(|(_, dist)| dist.as_certain().is_none())
    {
        let mut s = stream(name);
        let draws: Vec<f64> = (0..50_000).map(|_| dist.sample(&mut s)).collect();
        let cells = 100;
        let mut edges: Vec<f64> = (1..=cells)
            .map(|i| dist.quantile(f64::from(i) / f64::from(cells)))
            .collect();
        edges.dedup();
        let mut observed = vec![0.0; edges.len()];
        for draw in &draws {
            observed[edges.partition_point(|edge| edge < draw)] += 1.0;
        }
        let reached: Vec<f64> = edges.iter().map(|edge| dist.cdf(*edge)).collect();
        let expected: Vec<f64> = (0..edges.len())
            .map(|i| 50_000.0 * (reached[i] - if i == 0 { 0.0 } else { reached[i - 1] }))
            .collect();
        check(name, chi_square_p(&observed, &expected));
        let square = |u: f64| (dist.quantile(u) - dist.mean()) * (dist.quantile(u) - dist.mean());
        let variance = (0..20_000)
            .map(|i| square((f64::from(i) + 0.5) / 20_000.0))
            .sum::<f64>()
            / 20_000.0;
        check(
            &format!("mean of {name}"),
            mean_p(&draws, dist.mean(), libm::sqrt(variance)),
        );
    }
}

/// 3 checks at 2e-6 each, and one that must fail: a scale that is off by 3 in 100.
#[test]
fn draws_agree_with_rand_distr() {
    use rand_distr::Distribution;
    let n = 50_000;
    let own = |test: &str, dist: &Dist| {
        let mut s = stream(test);
        (0..n).map(|_| dist.sample(&mut s)).collect::<Vec<f64>>()
    };
    let other = |dist: &dyn Fn(&mut Stream) -> f64| {
        let mut s = stream("theirs");
        (0..n).map(|_| dist(&mut s)).collect::<Vec<f64>>()
    };
    let gamma = rand_distr::Gamma::new(0.5, 20.0).unwrap();
    let dist = Dist::gamma(10.0, libm::sqrt(200.0)).unwrap();
    check(
        "gamma",
        two_samples_p(own("gamma", &dist), other(&|s| gamma.sample(s))),
    );
    let off = own("off", &dist.scaled(1.05));
    assert!(!is_plausible(ks_p(off, |x| dist.cdf(x))));
    let weibull = rand_distr::Weibull::new(10.0, 0.6).unwrap();
    let dist = Dist::weibull(0.6, 10.0).unwrap();
    check(
        "weibull",
        two_samples_p(own("weibull", &dist), other(&|s| weibull.sample(s))),
    );
    let triangular = rand_distr::Triangular::new(1.0, 9.0, 2.0).unwrap();
    let dist = Dist::triangular(1.0, 2.0, 9.0).unwrap();
    check(
        "triangular",
        two_samples_p(own("triangular", &dist), other(&|s| triangular.sample(s))),
    );
}

#[test]
fn every_draw_consumes_as_much_as_any_other() {
    for (name, dist) in zoo() {
        let outputs = if name == "mixture" { 2 } else { 1 };
        let mut drawn = stream(name);
        let mut counted = drawn.clone();
        for _ in 0..100 {
            dist.sample(&mut drawn);
            for _ in 0..outputs {
                counted.next_u64();
            }
        }
        assert_eq!(drawn, counted, "{name}");
    }
}

/// A change here changes the results of every scenario: it is a new major version, not a mended test.
#[test]
fn golden_draws() {
    let expected = [
        300.0,
        433.4556975167916,
        93.67576643529281,
        37.30190877602729,
        4688.015003403356,
        0.6152050370609963,
        6.9955156340433025,
        43.78896111166878,
        13.545803271652318,
        1045.6652298011645,
        1.2536613312132219,
        100.84997443170829,
        94.01251634419597,
        274.6741001153585,
        6.427095899760966,
        2.5,
        300.0,
    ];
    let mut s = stream("golden");
    for ((name, dist), expected) in zoo().into_iter().zip(expected) {
        assert_eq!(dist.sample(&mut s), expected, "{name}");
    }
}
