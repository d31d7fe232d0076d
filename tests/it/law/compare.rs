//! Whether two samples of outcomes come from one law.
//!
//! Values that are met often (names, whole numbers, nothing, moments that are no matter of chance) are *atoms*, compared
//! by a chi-square test of homogeneity, with everything else as one category; what is left is compared by the test of
//! Kolmogorov and Smirnov. Which values are atoms is read off both samples together, so it favours neither.

use std::fmt::Write as _;

use landfall::plan::Plan;
use rayon::prelude::*;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::column::{Column, Sample, columns};

/// Values met so often in both samples together are atoms, and fewer are no sample to compare.
///
/// Of a category each sample has a symmetrical binomial part, whose tails are lighter than those of the normal
/// distribution behind the chi-square one: categories as small as this raise no false alarms.
const OFTEN: usize = 40;

/// One column compared in one way.
#[derive(Debug)]
pub struct Comparison {
    /// Which rollouts, column and test.
    pub of: String,
    /// The chance of samples at least as different from one law.
    pub p: f64,
    /// Both samples in short.
    pub seen: String,
}

/// A value, and how often it was met in each sample.
#[derive(Clone, Copy, Debug)]
struct Run {
    value: f32,
    met: [usize; 2],
}

impl Run {
    fn total(&self) -> usize {
        self.met[0] + self.met[1]
    }
}

/// Compares all columns of two samples. Columns with one value only are not compared.
pub fn compare(plan: &Plan, of: &str, samples: [&Sample; 2]) -> Vec<Comparison> {
    let compared = columns(plan, samples)
        .into_par_iter()
        .flat_map_iter(|column| compare_column(of, column));
    compared.collect()
}

fn compare_column(of: &str, column: Column) -> Vec<Comparison> {
    let Column {
        name,
        labels,
        values,
    } = column;
    let (atoms, rest): (Vec<Run>, Vec<Run>) = runs(values)
        .into_iter()
        .partition(|run| run.total() >= OFTEN);
    let met =
        |runs: &[Run]| [0, 1].map(|i: usize| runs.iter().map(|run| run.met[i]).sum::<usize>());
    let mut table: Vec<[usize; 2]> = atoms.iter().map(|run| run.met).collect();
    match (met(&rest), table.last_mut()) {
        ([a, b], Some(last)) if a + b < OFTEN => *last = [last[0] + a, last[1] + b],
        (rest, _) => table.push(rest),
    }
    let seen = |p: f64| {
        if p < 1e-4 {
            summary(&labels, &atoms, &rest)
        } else {
            String::new()
        }
    };
    let mut comparisons = Vec::new();
    let mut push = |test: &str, p: f64| {
        let of = format!("{of}, {name}, {test}");
        comparisons.push(Comparison {
            of,
            p,
            seen: seen(p),
        });
    };
    if table.len() > 1 {
        push("chi-square", chi_square(&table));
    }
    if met(&rest).into_iter().all(|n| n >= OFTEN) {
        push("Kolmogorov-Smirnov", kolmogorov_smirnov(&rest));
    }
    comparisons
}

/// Both samples, value by value, in order.
fn runs(values: [Vec<f32>; 2]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let [a, b] = values.map(|mut values| {
        values.sort_unstable_by(f32::total_cmp);
        values
    });
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let value = match (a.get(i), b.get(j)) {
            (Some(&x), Some(&y)) => x.min(y),
            (Some(&x), None) | (None, Some(&x)) => x,
            (None, None) => unreachable!("one of them is not at its end"),
        };
        let length = |list: &[f32]| list.iter().take_while(|&&x| x == value).count();
        let met = [length(&a[i..]), length(&b[j..])];
        assert_ne!(met, [0, 0], "{value} is a number");
        (i, j) = (i + met[0], j + met[1]);
        runs.push(Run { value, met });
    }
    runs
}

/// The p-value of Pearson's chi-square test that two samples fall into categories alike.
pub fn chi_square(table: &[[usize; 2]]) -> f64 {
    let of = |i: usize| table.iter().map(|row| row[i]).sum::<usize>() as f64;
    let (n, m) = (of(0), of(1));
    let part = |row: &[usize; 2]| {
        let all = (row[0] + row[1]) as f64;
        let term = |met: usize, size: f64| {
            let expected = all * size / (n + m);
            (met as f64 - expected) * (met as f64 - expected) / expected
        };
        term(row[0], n) + term(row[1], m)
    };
    let statistic: f64 = table.iter().map(part).sum();
    let law = ChiSquared::new((table.len() - 1) as f64).expect("a degree of freedom");
    law.sf(statistic)
}

/// The p-value of the largest distance between two empirical distribution functions.
fn kolmogorov_smirnov(runs: &[Run]) -> f64 {
    let of = |i: usize| runs.iter().map(|run| run.met[i]).sum::<usize>() as f64;
    let (n, m) = (of(0), of(1));
    let (mut below, mut distance) = ([0, 0], 0.0);
    for run in runs {
        below = [below[0] + run.met[0], below[1] + run.met[1]];
        distance = f64::max(distance, (below[0] as f64 / n - below[1] as f64 / m).abs());
    }
    kolmogorov(distance * (n * m / (n + m)).sqrt())
}

/// The chance that Kolmogorov's statistic is at least `x`: 2 (e^(-2 x^2) - e^(-2 (2x)^2) + e^(-2 (3x)^2) - ...).
pub fn kolmogorov(x: f64) -> f64 {
    if x < 0.2 {
        // The chance of less is below 1e-12, and the series slow.
        return 1.0;
    }
    let term = |k: u32| libm::exp(-2.0 * f64::from(k * k) * x * x);
    let sum: f64 = (1..100)
        .map(|k| if k % 2 == 1 { term(k) } else { -term(k) })
        .sum();
    (2.0 * sum).clamp(0.0, 1.0)
}

/// The atoms that differ most, and quartiles of the rest.
fn summary(labels: &[String], atoms: &[Run], rest: &[Run]) -> String {
    let mut text = String::new();
    let mut atoms = atoms.to_vec();
    let off =
        |run: &Run| (run.met[0] as f64 - run.met[1] as f64).abs() / (run.total() as f64).sqrt();
    atoms.sort_by(|a, b| off(b).total_cmp(&off(a)));
    for run in atoms.iter().take(12) {
        let name = match labels.get(run.value as usize) {
            Some(label) => label.clone(),
            None if run.value < 0.0 => "none".to_owned(),
            None => run.value.to_string(),
        };
        let _ = writeln!(text, "    {name}: {} and {} times", run.met[0], run.met[1]);
    }
    for i in [0, 1] {
        let values: Vec<f32> = rest
            .iter()
            .flat_map(|r| std::iter::repeat_n(r.value, r.met[i]))
            .collect();
        let at = |percent: usize| values[percent * values.len() / 100];
        if !values.is_empty() {
            let quantiles = [5, 25, 50, 75, 95].map(at);
            let n = values.len();
            let _ = writeln!(
                text,
                "    {n} others; 5, 25, 50, 75 and 95% below {quantiles:?}"
            );
        }
    }
    text
}
