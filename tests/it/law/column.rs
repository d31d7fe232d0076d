//! Columns of two samples of outcomes.

use landfall::outcome::{DetectedBy, Ending, Outcome, Place};
use landfall::plan::Plan;
use landfall::report::names;
use landfall::summary::{Metric, Reading};

/// One column, its values in each sample.
#[derive(Debug)]
pub struct Column {
    pub name: String,
    /// The names that values stand for, if they are names.
    pub labels: Vec<String>,
    pub values: [Vec<f32>; 2],
}

/// All columns: how it ended, by whom and where (each, and all together), what was measured, and when it began.
pub fn columns(plan: &Plan, samples: [&[Outcome]; 2]) -> Vec<Column> {
    let mut columns = ends(plan, samples);
    columns.extend(Metric::all(plan).into_iter().map(|metric| Column {
        name: metric.name(plan),
        labels: Vec::new(),
        values: of_each(samples, |outcome| number(metric.reading(outcome))),
    }));
    columns.push(Column {
        name: "start".to_owned(),
        labels: Vec::new(),
        values: of_each(samples, |outcome| outcome.start.rem_euclid(86_400.0) as f32),
    });
    columns
}

fn of_each(samples: [&[Outcome]; 2], value: impl Fn(&Outcome) -> f32) -> [Vec<f32>; 2] {
    samples.map(|sample| sample.iter().map(&value).collect())
}

/// A metric in single precision: what differs by less is the order of a sum.
fn number(reading: Reading) -> f32 {
    match reading {
        Reading::Value(x) => x as f32,
        Reading::Never => f32::INFINITY,
        Reading::NotApplicable => -1.0,
    }
}

type End = (Ending, Option<DetectedBy>, Option<Place>);

fn ends(plan: &Plan, samples: [&[Outcome]; 2]) -> Vec<Column> {
    let mut met: Vec<End> = Vec::new();
    let numbers = samples.map(|sample| {
        let mut number = |outcome: &Outcome| {
            let end = (outcome.ending, outcome.detected_by, outcome.stopped_at);
            let known = met.iter().position(|other| *other == end);
            known.unwrap_or_else(|| {
                met.push(end);
                met.len() - 1
            })
        };
        sample.iter().map(&mut number).collect::<Vec<usize>>()
    });
    let strategy = &plan.strategies[0];
    let ending = |end: &End| end.0.name().to_owned();
    let detector = |end: &End| {
        end.1
            .map_or("", |by| names::detector(strategy, by))
            .to_owned()
    };
    let place = |end: &End| {
        end.2
            .map_or(String::new(), |at| names::place(plan, strategy, at))
    };
    let all = |end: &End| format!("{} by {} at {}", ending(end), detector(end), place(end));
    let column = |name: &str, label: &dyn Fn(&End) -> String| {
        let of_end: Vec<String> = met.iter().map(label).collect();
        let mut labels = of_end.clone();
        labels.sort();
        labels.dedup();
        let rank = |n: &usize| labels.partition_point(|l| *l < of_end[*n]) as f32;
        Column {
            name: name.to_owned(),
            values: [0, 1].map(|i: usize| numbers[i].iter().map(rank).collect()),
            labels,
        }
    };
    vec![
        column("outcome", &ending),
        column("detected_by", &detector),
        column("stopped_at", &place),
        column("outcome, detected_by and stopped_at", &all),
    ]
}
