//! Samples of rollouts, column by column.

use landfall::engine::{Engine, Scratch, Way};
use landfall::outcome::{DetectedBy, Ending, Outcome, Place};
use landfall::plan::{Plan, Stratum};
use landfall::report::names;
use landfall::summary::{Metric, Reading};
use rayon::prelude::*;

/// Rollouts that a thread simulates at a time.
const AT_A_TIME: u32 = 1_000;

/// How a rollout ended, by whom, and where.
type End = (Ending, Option<DetectedBy>, Option<Place>);

/// What many rollouts came to.
#[derive(Debug, Default)]
pub struct Sample {
    ends: Vec<End>,
    /// What was measured, and when they began, rollout by rollout.
    numbers: Vec<f32>,
}

impl Sample {
    /// Simulates a sample of the only strategy of a plan.
    pub fn simulated(plan: &Plan, way: Way, stratum: Stratum, seed: u64, rollouts: u32) -> Sample {
        let engine = Engine::with_way(plan, 0, way);
        let metrics = Metric::all(plan);
        let parts = (0..rollouts / AT_A_TIME).into_par_iter().map_init(
            Scratch::default,
            |scratch, part| {
                let mut sample = Sample::default();
                for number in part * AT_A_TIME..(part + 1) * AT_A_TIME {
                    sample.push(
                        &metrics,
                        &engine.simulate(seed, stratum, number.into(), scratch),
                    );
                }
                sample
            },
        );
        let parts: Vec<Sample> = parts.collect();
        Sample {
            ends: parts.iter().flat_map(|part| &part.ends).copied().collect(),
            numbers: parts
                .iter()
                .flat_map(|part| &part.numbers)
                .copied()
                .collect(),
        }
    }

    fn push(&mut self, metrics: &[Metric], outcome: &Outcome) {
        self.ends
            .push((outcome.ending, outcome.detected_by, outcome.stopped_at));
        self.numbers
            .extend(metrics.iter().map(|metric| number(metric.reading(outcome))));
        self.numbers.push(outcome.start.rem_euclid(86_400.0) as f32);
    }
}

/// A measure in single precision: what differs by less is the order of a sum.
fn number(reading: Reading) -> f32 {
    match reading {
        Reading::Value(x) => x as f32,
        Reading::Never => f32::INFINITY,
        Reading::NotApplicable => -1.0,
    }
}

/// One column, its values in each sample.
#[derive(Debug)]
pub struct Column {
    pub name: String,
    /// The names that values stand for, if they are names.
    pub labels: Vec<String>,
    pub values: [Vec<f32>; 2],
}

/// All columns: how it ended, by whom and where (each, and all together), what was measured, and when it began.
pub fn columns(plan: &Plan, samples: [&Sample; 2]) -> Vec<Column> {
    let mut columns = ends(plan, samples);
    let mut names: Vec<String> = Metric::all(plan)
        .into_iter()
        .map(|metric| metric.name(plan))
        .collect();
    names.push("start".to_owned());
    let stride = names.len();
    columns.extend(names.into_iter().enumerate().map(|(i, name)| Column {
        name,
        labels: Vec::new(),
        values: samples.map(|sample| {
            sample
                .numbers
                .iter()
                .skip(i)
                .step_by(stride)
                .copied()
                .collect()
        }),
    }));
    columns
}

fn ends(plan: &Plan, samples: [&Sample; 2]) -> Vec<Column> {
    let mut met: Vec<End> = Vec::new();
    let numbers = samples.map(|sample| {
        let mut number = |end: &End| {
            let known = met.iter().position(|other| other == end);
            known.unwrap_or_else(|| {
                met.push(*end);
                met.len() - 1
            })
        };
        sample.ends.iter().map(&mut number).collect::<Vec<usize>>()
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
