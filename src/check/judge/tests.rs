//! Each kind of claim at its limit, where either answer is wrong or a matter of luck, and away from it.
//!
//! Rollouts are made up, so that the truth is known and thousands of runs cost nothing. Every run is looked at again and
//! again, as `landfall check` does.

mod foreseen;
mod of_base;
mod of_one;

use super::super::claim::{Claim, Kind};
use super::super::draw::Weight;
use super::super::score::Score;
use super::{Answer, Judge, With};
use crate::outcome::{Ending, Outcome};
use crate::plan::Stratum;
use crate::random::{NameKey, Purpose, RolloutKey, Stream};
use crate::summary::{Metric, example};

const ALPHA: f64 = 0.05;
const BLAST: Metric = Metric::BlastRadius;
const FAULTY: [(Stratum, f64); 1] = [(Stratum::Fault(0), 1.0)];
/// Half of the changes have no fault, and are never simulated where that says all.
const HALF: [(Stratum, f64); 2] = [(Stratum::FaultFree, 0.5), (Stratum::Fault(0), 0.5)];

/// What came of many runs.
#[derive(Debug, Default)]
struct Tried {
    holds: u64,
    broken: u64,
    /// Runs in which the interval did not have the true figure in it, at any look.
    missed: u64,
}

impl Tried {
    /// Wrong answers and intervals come as often as promised, and three standard deviations more.
    fn is_honest(&self, times: u64, wrong: &[Answer]) {
        let most = |chance: f64| {
            let expected = chance * times as f64;
            expected + 3.0 * (expected * (1.0 - chance)).sqrt()
        };
        for answer in wrong {
            let n = match answer {
                Answer::Holds => self.holds,
                Answer::Broken => self.broken,
                Answer::Undecided => 0,
            };
            assert!(n as f64 <= most(ALPHA), "{answer:?}: {self:?} of {times}");
        }
        assert!(
            self.missed as f64 <= most(2.0 * ALPHA),
            "{self:?} of {times}"
        );
    }
}

/// Runs of a claim whose figure is truly so much: `looks` times `each` rollouts, drawn with the base's by `draw`.
fn tried(
    times: u64,
    claim: (&[(Stratum, f64)], Kind),
    truth: f64,
    looks: (u64, u64),
    draw: impl Fn(&mut Stream) -> (Outcome, Outcome),
) -> Tried {
    let once = |s: &mut Stream, _| {
        let (ours, base) = draw(s);
        (ours, base, Weight::ONE)
    };
    tried_with_weights(times, claim, truth, looks, once)
}

/// The same where rollouts count as `draw` says, which is told the look.
fn tried_with_weights(
    times: u64,
    (population, of): (&[(Stratum, f64)], Kind),
    truth: f64,
    (looks, each): (u64, u64),
    draw: impl Fn(&mut Stream, u64) -> (Outcome, Outcome, Weight),
) -> Tried {
    let claim = Claim {
        strategy: 0,
        budget: 0,
        population: population.to_vec(),
        of,
    };
    let mut tried = Tried::default();
    for seed in 0..times {
        let key = RolloutKey::new(seed, NameKey::NONE, 0);
        let mut stream = key.stream(Purpose::Worlds, 0, NameKey::of("a judge"));
        let mut judge = Judge::new(&claim, ALPHA);
        let mut has_missed = false;
        for look in 0..looks {
            for _ in 0..each {
                let (ours, base, weight) = draw(&mut stream, look);
                let with = With {
                    base: judge.needs_base().then_some(&base),
                    control: None,
                };
                judge.take(&ours, with, weight);
            }
            let finding = judge.finding();
            let figure = finding.figure;
            let interval = figure.low - 1e-12..=figure.high + 1e-12;
            has_missed |= !interval.contains(&truth);
            assert!(interval.contains(&figure.value), "{finding:?}");
            match finding.answer {
                Answer::Holds => tried.holds += 1,
                Answer::Broken => tried.broken += 1,
                Answer::Undecided => continue,
            }
            break;
        }
        tried.missed += u64::from(has_missed);
    }
    tried
}

fn hit(blast_radius: f64) -> Outcome {
    Outcome {
        blast_radius,
        ..example::undetected(0, 0)
    }
}

fn ended(ending: Ending) -> Outcome {
    Outcome {
        ending,
        ..example::undetected(0, 0)
    }
}

fn alone(outcome: Outcome) -> (Outcome, Outcome) {
    (outcome.clone(), outcome)
}
