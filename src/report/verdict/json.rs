//! Verdicts as JSON: `landfall check --format json`.

use serde::{Serialize, Serializer};

use super::{Judgement, Verdict};
use crate::report::diagnostic::{Diagnostic, Place};
use crate::report::json::{SCHEMA_VERSION, pretty};
use crate::stats::Estimate;

/// A document of all verdicts, the worst first. What is infinite is the string `"inf"`: JSON has no infinity.
pub fn json(judgement: &Judgement) -> String {
    pretty(&Document {
        schema_version: SCHEMA_VERSION,
        landfall: env!("CARGO_PKG_VERSION"),
        seed: judgement.seed,
        confidence: judgement.confidence,
        verdicts: judgement.worst_first().into_iter().map(verdict).collect(),
        cannot_fire: judgement.cannot_fire.iter().map(gate).collect(),
    })
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    landfall: &'static str,
    seed: u64,
    confidence: f64,
    verdicts: Vec<Entry<'a>>,
    cannot_fire: Vec<Gate<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    budget: &'a str,
    strategy: &'a str,
    given: &'a str,
    keep: &'a str,
    verdict: &'static str,
    measured: &'a str,
    figure: Figure,
    #[serde(serialize_with = "number")]
    limit: f64,
    base: Option<Figure>,
    asymptotic: bool,
    unchanged: bool,
    rollouts_to_decide: Option<u64>,
    place: Option<At<'a>>,
    drivers: &'a [String],
    change: Option<&'a str>,
    search: Option<Tried>,
    repeat: &'a str,
}

#[derive(Serialize)]
struct Gate<'a> {
    code: &'a str,
    name: &'a str,
    subject: &'a str,
    message: &'a str,
    help: Option<&'a str>,
    place: Option<At<'a>>,
}

#[derive(Serialize)]
struct Figure {
    #[serde(serialize_with = "number")]
    value: f64,
    #[serde(serialize_with = "number")]
    low: f64,
    #[serde(serialize_with = "number")]
    high: f64,
    level: f64,
    n: u64,
}

#[derive(Serialize)]
struct Tried {
    tried: usize,
    of: usize,
}

#[derive(Serialize)]
struct At<'a> {
    file: &'a str,
    line: usize,
    column: usize,
}

fn figure(estimate: Estimate) -> Figure {
    Figure {
        value: estimate.value,
        low: estimate.low,
        high: estimate.high,
        level: estimate.level,
        n: estimate.n,
    }
}

fn at(place: &Place) -> At<'_> {
    At {
        file: &place.file,
        line: place.line,
        column: place.column,
    }
}

fn gate(gate: &Diagnostic) -> Gate<'_> {
    Gate {
        code: &gate.code,
        name: &gate.name,
        subject: &gate.subject,
        message: &gate.message,
        help: gate.help.as_deref(),
        place: gate.place.as_ref().map(at),
    }
}

fn verdict(v: &Verdict) -> Entry<'_> {
    Entry {
        budget: &v.budget,
        strategy: &v.strategy,
        given: &v.given,
        keep: &v.keep,
        verdict: v.answer.name(),
        measured: &v.measured,
        figure: figure(v.figure),
        limit: v.limit,
        base: v.base.map(figure),
        asymptotic: v.asymptotic,
        unchanged: v.unchanged,
        rollouts_to_decide: v.rollouts_to_decide,
        place: v.place.as_ref().map(at),
        drivers: &v.drivers,
        change: v.change.as_deref(),
        search: v.search.map(|s| Tried {
            tried: s.tried,
            of: s.of,
        }),
        repeat: &v.repeat,
    }
}

fn number<S: Serializer>(x: &f64, to: S) -> Result<S::Ok, S::Error> {
    if x.is_finite() {
        to.serialize_f64(*x)
    } else {
        to.serialize_str("inf")
    }
}
