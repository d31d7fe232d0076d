//! Figures as JSON: `summary.json`, and `--format json`.

use serde::{Serialize, Serializer};

use super::basis::{Basis, StratumBasis, sampling_name};
use crate::summary::Row;

/// Version of the form of every JSON document. It rises when a reader of an older one would go wrong.
pub const SCHEMA_VERSION: u32 = 1;

/// A document of figures and what they rest on.
///
/// What never happened is the string `"inf"`: JSON has no infinity. Each figure has a line.
pub fn document(basis: &Basis, rows: &[Row]) -> String {
    let head = pretty(&Head {
        schema_version: SCHEMA_VERSION,
        landfall: env!("CARGO_PKG_VERSION"),
        scenario: &basis.scenario,
        seed: basis.seed,
        runs: basis.runs,
        sampling: sampling_name(basis.sampling),
        level: basis.level,
        strategies: &basis.strategies,
        strata: strata(basis),
    });
    let figure = |row| serde_json::to_string(&Figure::of(row)).expect("plain data is JSON");
    let figures: Vec<String> = rows.iter().map(figure).collect();
    let head = head.trim_end().trim_end_matches('}').trim_end();
    format!(
        "{head},\n  \"figures\": [\n    {}\n  ]\n}}\n",
        figures.join(",\n    ")
    )
}

/// A document with one more part at its end.
pub fn with(document: &str, name: &str, part: &serde_json::Value) -> String {
    let head = document.trim_end().trim_end_matches('}').trim_end();
    let part = pretty(part).trim_end().replace('\n', "\n  ");
    format!("{head},\n  \"{name}\": {part}\n}}\n")
}

/// JSON with line breaks and one at the end.
pub(super) fn pretty(document: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(document).expect("plain data with text keys is JSON");
    text + "\n"
}

#[derive(Serialize)]
struct Head<'a> {
    schema_version: u32,
    landfall: &'static str,
    scenario: &'a str,
    seed: u64,
    runs: u64,
    sampling: &'static str,
    level: f64,
    strategies: &'a [String],
    strata: Vec<Stratum<'a>>,
}

/// A stratum, its chance and its rollouts.
#[derive(Serialize)]
pub(super) struct Stratum<'a> {
    name: &'a str,
    weight: f64,
    rollouts: u64,
}

/// The strata of a basis.
pub(super) fn strata<'a>(basis: &'a Basis) -> Vec<Stratum<'a>> {
    let stratum = |s: &'a StratumBasis| Stratum {
        name: &s.name,
        weight: s.weight,
        rollouts: s.rollouts,
    };
    basis.strata.iter().map(stratum).collect()
}

#[derive(Serialize)]
struct Figure<'a> {
    strategy: &'a str,
    stratum: &'a str,
    metric: &'a str,
    statistic: &'a str,
    unit: &'a str,
    #[serde(serialize_with = "number")]
    value: f64,
    #[serde(serialize_with = "number_if_any")]
    low: Option<f64>,
    #[serde(serialize_with = "number_if_any")]
    high: Option<f64>,
    level: Option<f64>,
    n: u64,
}

impl Figure<'_> {
    fn of(row: &Row) -> Figure<'_> {
        Figure {
            strategy: &row.strategy,
            stratum: &row.group,
            metric: &row.metric,
            statistic: &row.statistic,
            unit: row.unit,
            value: row.value,
            low: row.low,
            high: row.high,
            level: row.level,
            n: row.n,
        }
    }
}

fn number<S: Serializer>(x: &f64, to: S) -> Result<S::Ok, S::Error> {
    if *x == f64::INFINITY {
        to.serialize_str("inf")
    } else {
        to.serialize_f64(*x)
    }
}

#[expect(clippy::ref_option, reason = "serde passes fields by reference")]
fn number_if_any<S: Serializer>(x: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
    match x {
        Some(x) => number(x, to),
        None => to.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;
    use crate::summary::example::{plan, shipped};
    use crate::summary::{Sampling, Summary};

    #[test]
    fn infinity_is_a_word_and_absence_null() {
        let plan = plan(0.0, &[], &["a"]);
        let mut summary = Summary::new(&plan, &[0], Sampling::Stratified, 0.95);
        let never = Outcome {
            time_to_full_s: None,
            ..shipped(0)
        };
        summary.add(0, &never);
        let basis = Basis::new(&plan, &summary, u64::MAX, 1);
        let text = document(&basis, &summary.rows());
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["schema_version"], 1);
        assert_eq!(json["seed"], u64::MAX);
        assert_eq!(json["strata"][0]["rollouts"], 1);
        let figures = json["figures"].as_array().unwrap();
        let find = |metric: &str, statistic: &str| {
            let is = |f: &&serde_json::Value| f["metric"] == metric && f["statistic"] == statistic;
            figures.iter().find(is).unwrap()
        };
        let p50 = find("time_to_full_s", "p50");
        assert_eq!(p50["value"], "inf");
        assert_eq!(p50["high"], "inf");
        assert_eq!(
            find("time_to_done_s", "max")["low"],
            serde_json::Value::Null
        );
    }
}
