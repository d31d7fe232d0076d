//! `landfall compare --worlds`: the comparison once more in every world.

use std::io;
use std::ops::ControlFlow;

use super::exit::Failure;
use super::session::{LEVEL, Session, stopped};
use crate::outcome::Outcome;
use crate::replicate::{self, Observer, Settings};
use crate::report::basis::grouped;
use crate::report::chart::{paint, tornado};
use crate::report::worlds::{Drawn, Input, Measure};
use crate::scenario;
use crate::summary::Summary;
use crate::summary::worlds::{Figure, World, Worlds};

/// Rollouts of each strategy in a world, at least: two thirds are faulty; with 700 the 95% interval of a p99 was seen to
/// have no upper end, with 800 it had one (a single class of faults).
const LEAST_RUNS: u64 = 800;

/// What came of all worlds.
#[derive(Debug)]
pub(super) struct Explored {
    worlds: Worlds,
    strategies: Vec<String>,
    inputs: Vec<Input>,
    without_range: usize,
    runs: u64,
    seed: u64,
}

impl Explored {
    /// Ready to be shown.
    pub fn drawn(&self) -> Drawn<'_> {
        Drawn {
            worlds: &self.worlds,
            strategies: &self.strategies,
            inputs: &self.inputs,
            without_range: self.without_range,
            runs: self.runs,
            seed: self.seed,
            level: LEVEL,
        }
    }

    /// The tornado chart as SVG and PNG, if it has anything to show.
    pub fn chart(
        &self,
        session: &Session,
        scenario: &str,
    ) -> Result<Option<(String, Vec<u8>)>, Failure> {
        let Some(scene) = tornado::scene(&self.drawn(), scenario) else {
            session
                .console
                .note("no chart tornado: no guess matters beyond chance in these worlds");
            return Ok(None);
        };
        let images = paint(&scene, session.theme()).map_err(|e| Failure::Bug(e.to_string()))?;
        Ok(Some((images.svg, images.png)))
    }
}

/// Simulates these strategies in so many worlds.
///
/// # Errors
/// No guess that could be drawn, a world that breaks a rule, an interruption, a bug.
pub(super) fn explore(
    session: &Session,
    source: &scenario::Worlds,
    strategies: &[usize],
    count: u64,
) -> Result<Explored, Failure> {
    let runs = LEAST_RUNS.max(session.settings().runs / count);
    let settings = Settings {
        runs,
        ..session.settings()
    };
    session.console.note(&format!(
        "{} worlds: {} guesses drawn, {} rollouts of each strategy in each",
        grouped(count),
        grouped(source.guesses().len() as u64),
        grouped(runs)
    ));
    let mut worlds = Worlds::default();
    let mut watch = session.watch();
    let each = runs * strategies.len() as u64;
    for number in 0..count {
        let world = source
            .world(settings.seed, number, session.disk())
            .map_err(|invalid| refused(session, number, &invalid));
        let world = match world {
            Ok(world) => world,
            Err(failure) => {
                watch.finish();
                return Err(failure);
            }
        };
        let mut part = Part {
            watch: &mut watch,
            before: number * each,
            all: count * each,
        };
        let summary = replicate::run(&world.plan, strategies, &settings, &mut part);
        let summary = match summary {
            Ok(summary) => summary,
            Err(why) => {
                watch.finish();
                return Err(stopped(why));
            }
        };
        let figures = |&s: &usize| {
            let headline = summary.headline(s);
            Figure::ALL.map(|figure| figure.of(&headline))
        };
        worlds.push(World {
            draws: world.draws,
            figures: strategies.iter().map(figures).collect(),
        });
    }
    watch.finish();
    let names = strategies
        .iter()
        .map(|&s| session.plan().strategies[s].name.clone());
    Ok(Explored {
        worlds,
        strategies: names.collect(),
        inputs: source.guesses().iter().map(input).collect(),
        without_range: source.without_range(),
        runs,
        seed: settings.seed,
    })
}

fn input(guess: &scenario::Guess) -> Input {
    Input {
        key: guess.key.clone(),
        value: guess.value.clone(),
        low: guess.low,
        high: guess.high,
        measure: match guess.measure {
            scenario::Measure::Duration => Measure::Duration,
            scenario::Measure::Share => Measure::Share,
            scenario::Measure::Number => Measure::Number,
            scenario::Measure::PerYear => Measure::PerYear,
        },
        is_median: guess.is_median,
    }
}

/// A world that breaks a rule: which draws, and the rule in the place of the value.
fn refused(session: &Session, number: u64, invalid: &scenario::Invalid) -> Failure {
    const MOST: usize = 5;
    let drawn = invalid.drawn.iter().take(MOST);
    let drawn: Vec<String> = drawn
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    let more = match invalid.drawn.len().saturating_sub(MOST) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let text = invalid.problems.render(session.console.colors_messages());
    Failure::Scenario(format!(
        "world {number} breaks a rule with {}{more}: change the range so that it holds only what is allowed\n\n{text}",
        drawn.join(", ")
    ))
}

/// One world of many, as whoever watches sees it.
struct Part<'w, W> {
    watch: &'w mut W,
    before: u64,
    all: u64,
}

impl<W: Observer> Observer for Part<'_, W> {
    fn outcome(&mut self, _: usize, _: &Outcome, _: f64) -> io::Result<()> {
        Ok(())
    }

    fn progress(&mut self, done: u64, _: u64, summary: &Summary) -> ControlFlow<()> {
        self.watch.progress(self.before + done, self.all, summary)
    }

    fn waiting(&mut self, simulated: u64, _: u64) -> ControlFlow<()> {
        self.watch.waiting(self.before + simulated, self.all)
    }
}
