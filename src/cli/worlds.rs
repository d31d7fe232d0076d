//! `landfall compare --worlds`: the comparison once more in every world.

use rayon::ThreadPoolBuilder;

use super::exit::Failure;
use super::session::{LEVEL, Session, stopped};
use crate::outcome::Outcome;
use crate::replicate::Stopped;
use crate::replicate::brief::{self, Counts};
use crate::report::basis::grouped;
use crate::report::chart::{paint, tornado};
use crate::report::worlds::{Drawn, Input, Measure};
use crate::scenario;
use crate::summary::worlds::{Sample, World, Worlds};

/// Rollouts of each strategy in a world, at least: 375 of them are faulty, and the 95% interval of a p99 has an upper end
/// from 368 values on, the least n with 0.99^n <= 0.025.
const LEAST_RUNS: u64 = 400;

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
/// All worlds are read before any is simulated, so that a range that holds what a rule forbids costs nobody an hour. They
/// are read again one by one: a plan takes memory, and reading it little time beside its rollouts.
///
/// # Errors
/// No guess that could be drawn, a world that breaks a rule, an interruption, a bug.
pub(super) fn explore(
    session: &Session,
    source: &scenario::Worlds,
    strategies: &[usize],
    count: u64,
) -> Result<Explored, Failure> {
    let settings = session.settings();
    let runs = LEAST_RUNS.max(settings.runs / count);
    let counts = Counts::of(runs);
    let each = runs * strategies.len() as u64;
    session.console.note(&format!(
        "{} worlds: {} guesses drawn, {} rollouts of each strategy in each, {} in all",
        grouped(count),
        grouped(source.guesses().len() as u64),
        grouped(runs),
        grouped(count * each)
    ));
    let read = |number| {
        let world = source.world(settings.seed, number, session.disk());
        world.map_err(|invalid| refused(session, number, &invalid))
    };
    for number in 0..count {
        session.interrupted()?;
        read(number)?;
    }
    let threads = settings.threads.unwrap_or(0);
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|e| stopped(Stopped::Threads(e)))?;
    let mut worlds = Worlds::default();
    let mut watch = session.watch();
    let mut simulate = |number: u64| -> Result<World, Failure> {
        let world = read(number)?;
        let mut go_on = |done: u64| watch.wait(number * each + done, count * each);
        // A world of few rollouts may be over before anybody is asked.
        if go_on(0).is_break() {
            return Err(Failure::Interrupted);
        }
        let mut samples = vec![Sample::default(); strategies.len()];
        let mut take = |place: usize, outcome: &Outcome| samples[place].add(outcome);
        let looked = brief::look(
            &pool,
            &world.plan,
            strategies,
            (settings.seed, counts),
            &mut go_on,
            &mut take,
        );
        looked.map_err(stopped)?;
        let figures = samples.iter().map(|s| s.figures(&world.plan, LEVEL));
        Ok(World {
            draws: world.draws,
            figures: figures.collect(),
        })
    };
    let all: Result<Vec<World>, Failure> = (0..count).map(&mut simulate).collect();
    watch.finish();
    all?.into_iter().for_each(|world| worlds.push(world));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::quantile_ranks;

    #[test]
    fn a_world_has_enough_rollouts_to_bound_its_figures_and_no_more() {
        let counts = Counts::of(LEAST_RUNS);
        let is_bounded = |n, p| {
            let ranks = quantile_ranks(n, p, LEVEL);
            ranks.low.is_some() && ranks.high.is_some()
        };
        assert!(is_bounded(counts.faulty, 0.99) && is_bounded(counts.fault_free, 0.5));
        assert!(is_bounded(368, 0.99) && !is_bounded(367, 0.99));
    }
}
