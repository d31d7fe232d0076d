//! What does a tail cost, and a draw given one, by size, side and thinness?

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use landfall::random::{
    NameKey, Purpose, RolloutKey, Stream, beta_above, beta_binomial_at_least, beta_given_above,
    binomial_at_least, binomial_at_most, binomial_given_at_least, poisson_at_least,
    poisson_given_at_least,
};

fn stream() -> Stream {
    RolloutKey::new(1, NameKey::NONE, 0).stream(Purpose::Worlds, 0, NameKey::of("tails"))
}

/// The first count above the mean, and those whose tails are about 1e-6 and 1e-100.
fn edges(n: u64, p: f64) -> [(&'static str, u64); 3] {
    let mean = (n as f64 * p) as u64 + 1;
    let first_below = |tail: f64| (mean..=n).find(|k| binomial_at_least(*k, n, p) < tail);
    [
        ("mean", mean),
        ("1e-6", first_below(1e-6).unwrap_or(n)),
        ("1e-100", first_below(1e-100).unwrap_or(n)),
    ]
}

const SIZES: [(u64, f64); 5] = [
    (600, 0.001),
    (600, 0.3),
    (100_000, 0.0005),
    (100_000, 0.02),
    (100_000_000, 1e-4),
];

fn probabilities(c: &mut Criterion) {
    for (n, p) in SIZES {
        let mean = n as f64 * p;
        for (tail, k) in edges(n, p) {
            let of = format!("n {n}, p {p}, tail {tail}");
            c.bench_function(&format!("binomial_at_least: {of}"), |b| {
                b.iter(|| binomial_at_least(black_box(k), black_box(n), black_box(p)));
            });
            c.bench_function(&format!("poisson_at_least: {of}"), |b| {
                b.iter(|| poisson_at_least(black_box(k), black_box(mean)));
            });
        }
    }
    c.bench_function("binomial_at_most: n 100000, p 0.02, 5 sd below", |b| {
        b.iter(|| binomial_at_most(black_box(1_779), black_box(100_000), black_box(0.02)));
    });
    for (a, b, x) in [(5.0, 5_000.0, 0.004), (1e6, 1e9, 0.001_005)] {
        c.bench_function(&format!("beta_above: {x} of Beta({a}, {b})"), |bench| {
            bench.iter(|| beta_above(black_box(x), black_box(a), black_box(b)));
        });
    }
    for (n, a, b, k) in [
        (600, 5.0, 5_000.0, 8),
        (100_000, 50.0, 50_000.0, 200),
        (100_000_000, 0.5, 0.5, 90_000_000),
    ] {
        c.bench_function(
            &format!("beta_binomial_at_least: {k} of {n}, Beta({a}, {b})"),
            |bench| {
                bench.iter(|| {
                    beta_binomial_at_least(black_box(k), black_box(n), black_box(a), black_box(b))
                });
            },
        );
    }
}

fn draws(c: &mut Criterion) {
    let mut s = stream();
    for (n, p) in SIZES {
        let mean = n as f64 * p;
        for (tail, k) in edges(n, p) {
            let of = format!("n {n}, p {p}, tail {tail}");
            c.bench_function(&format!("binomial_given_at_least: {of}"), |b| {
                b.iter(|| binomial_given_at_least(black_box(k), n, p, &mut s));
            });
            c.bench_function(&format!("poisson_given_at_least: {of}"), |b| {
                b.iter(|| poisson_given_at_least(black_box(k), mean, &mut s));
            });
        }
    }
    for (a, b, x) in [
        (5.0, 5_000.0, 0.001_2),
        (5.0, 5_000.0, 0.004),
        (1e6, 1e9, 0.001_005),
    ] {
        c.bench_function(
            &format!("beta_given_above: {x} of Beta({a}, {b})"),
            |bench| {
                bench.iter(|| beta_given_above(black_box(x), a, b, &mut s));
            },
        );
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().without_plots();
    targets = probabilities, draws
}
criterion_main!(benches);
