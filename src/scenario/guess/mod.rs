//! Worlds: a scenario with every guess that has a range set to a draw from it.
//!
//! A draw is keyed by the seed, the number of the world and the path of the input's key, so that one more guess leaves
//! the others' draws alone. A world is read like a scenario in which the drawn values were written, so that it is checked
//! by every rule.

mod alarm;
mod place;
mod range;

use std::collections::HashMap;
use std::path::PathBuf;

use super::check::Check;
use super::files::Files;
use super::merge::Merged;
use super::problem::Draft;
use super::source::Texts;
use super::value::Node;
use super::{Problems, Request, Scenario, assemble, finish};
use crate::plan::Plan;
use crate::random::{NameKey, Purpose, RolloutKey};
use alarm::Fit;
use place::{Found, Way};
pub use range::Measure;
use range::Range;

/// A scenario whose guesses can be drawn.
#[derive(Clone, Debug)]
pub struct Worlds {
    merged: Merged,
    texts: Texts,
    world_path: Vec<PathBuf>,
    name: String,
    guesses: Vec<Guess>,
    fits: Vec<Fit>,
    without_range: usize,
}

/// An input that is drawn.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Guess {
    /// Path of its key, such as `fault.memory-leak.ramp`.
    pub key: String,
    /// The value as it was written.
    pub value: String,
    /// Lower end of its range: seconds, a share, a number, or times a year.
    pub low: f64,
    /// Upper end of its range.
    pub high: f64,
    /// What the ends, and draws, are measured in.
    pub measure: Measure,
    /// Whether the draw is the median of a distribution, which is scaled with it.
    pub is_median: bool,
    way: Way,
    /// What draws are multiples of; 0: anything.
    step: f64,
}

/// One world.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct World {
    /// What is simulated in it.
    pub plan: Plan,
    /// The draws, in the order of [`Worlds::guesses`].
    pub draws: Vec<f64>,
}

/// A world that breaks a rule.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Invalid {
    /// What is wrong, at the places of the values as they are written.
    pub problems: Problems,
    /// The draws that may be to blame: key and value.
    pub drawn: Vec<(String, String)>,
}

/// Reads a scenario whose guesses are to be drawn.
///
/// # Errors
/// [`Problems`]: every mistake at once, also of ranges, which nobody reads otherwise.
pub fn worlds(request: &Request, files: &dyn Files) -> Result<(Scenario, Worlds), Problems> {
    let mut check = Check::new(files);
    check.world_path.clone_from(&request.world_path);
    let merged = assemble::assemble(request, &mut check);
    let found = place::guesses(&merged);
    let without_range = found.iter().filter(|f| f.range.is_none()).count();
    let read = found.into_iter().filter_map(|f| guess(f, &mut check));
    let guesses: Vec<Guess> = read.collect();
    let stem = request.scenario.file_stem().unwrap_or_default();
    let name = stem.to_string_lossy().into_owned();
    let fits = alarm::fits(&merged, &guesses);
    let texts = check.texts.clone();
    let scenario = finish(&merged, &name, check)?;
    let worlds = Worlds {
        merged,
        texts,
        world_path: request.world_path.clone(),
        name,
        guesses,
        fits,
        without_range,
    };
    Ok((scenario, worlds))
}

/// Reads the range of a guess, and how draws from it are written into the value.
fn guess(found: Found<'_>, check: &mut Check) -> Option<Guess> {
    let (range_at, text) = found.range?;
    let draft = |rule: &str| Draft::new(range_at, format!("{}.range", found.key), rule);
    let range = match Range::parse(text) {
        Ok(range) => range,
        Err(error) => {
            let draft = draft(&format!("`range`: {}", error.rule));
            return check.fail(draft.mend(error.mend.unwrap_or_default()));
        }
    };
    let Some(way) = place::way(found.value, &range, check) else {
        let rule = format!(
            "`{}` has no value that could be drawn from this range",
            found.key
        );
        let mend = "give the range the unit of the value, of a distribution that of its median; or leave it out";
        return check.fail(draft(&rule).mend(mend));
    };
    let is_whole = way == Way::Whole && found.is_whole;
    let step = if is_whole {
        range.whole()
    } else if alarm::is_length(&found.key, range.measure) {
        range.of_lengths()
    } else {
        Some(0.0)
    };
    let Some(step) = step else {
        let rule = format!(
            "`{}` takes whole {} only",
            found.key,
            if is_whole { "numbers" } else { "seconds" }
        );
        return check.fail(draft(&rule).mend("write a range whose ends are whole"));
    };
    Some(Guess {
        value: check.texts.slice(found.value.at).to_owned(),
        low: range.low,
        high: range.high,
        measure: range.measure,
        is_median: matches!(way, Way::Scale { .. }),
        way,
        step,
        key: found.key,
    })
}

impl Worlds {
    /// What is drawn, in the order of the file.
    pub fn guesses(&self) -> &[Guess] {
        &self.guesses
    }

    /// Guesses that have no range, and so are the same in all worlds.
    pub fn without_range(&self) -> usize {
        self.without_range
    }

    /// The draws of a world.
    pub fn draws(&self, seed: u64, number: u64) -> Vec<f64> {
        let key = RolloutKey::new(seed, NameKey::NONE, number);
        let draw = |guess: &Guess| {
            let range = Range {
                low: guess.low,
                high: guess.high,
                measure: guess.measure,
                of_median: false,
            };
            let mut stream = key.stream(Purpose::Worlds, 0, NameKey::of(&guess.key));
            range.draw(guess.step, &mut stream)
        };
        let mut draws: Vec<f64> = self.guesses.iter().map(draw).collect();
        for fit in &self.fits {
            fit.apply(&self.guesses, &mut draws);
        }
        draws
    }

    /// A world by number.
    ///
    /// # Errors
    /// [`Invalid`]: a draw that a rule forbids. The ranges of a scenario are its writer's.
    pub fn world(&self, seed: u64, number: u64, files: &dyn Files) -> Result<World, Box<Invalid>> {
        let draws = self.draws(seed, number);
        let node = |(guess, &x): (&Guess, &f64)| (guess.key.clone(), guess.node(x));
        let nodes: HashMap<String, Node> = self.guesses.iter().zip(&draws).map(node).collect();
        let mut merged = self.merged.clone();
        place::set(&mut merged, nodes);
        let mut check = Check::new(files);
        check.world_path.clone_from(&self.world_path);
        check.texts = self.texts.clone();
        match finish(&merged, &self.name, check) {
            Ok(scenario) => Ok(World {
                plan: scenario.plan,
                draws,
            }),
            Err(problems) => Err(Box::new(self.invalid(problems, &draws))),
        }
    }

    fn invalid(&self, problems: Problems, draws: &[f64]) -> Invalid {
        let blamed = |guess: &&(&Guess, &f64)| {
            let table = guess.0.key.rsplit_once('.').map_or("", |(table, _)| table);
            problems
                .iter()
                .any(|p| p.key == guess.0.key || p.key == table)
        };
        let all: Vec<(&Guess, &f64)> = self.guesses.iter().zip(draws).collect();
        let mut some: Vec<&(&Guess, &f64)> = all.iter().filter(blamed).collect();
        if some.is_empty() {
            some = all.iter().collect();
        }
        let drawn = some
            .into_iter()
            .map(|(guess, x)| (guess.key.clone(), guess.measure.write(**x)));
        Invalid {
            drawn: drawn.collect(),
            problems,
        }
    }
}

impl Guess {
    /// The value that a draw amounts to.
    fn node(&self, x: f64) -> Node {
        match &self.way {
            Way::Whole if self.step > 0.0 => Node::Whole(x as i64),
            Way::Whole | Way::Real => Node::Real(x),
            Way::Text => Node::Text(self.measure.write(x)),
            Way::Inside { before, after } => {
                Node::Text(format!("{before}{}{after}", self.measure.write(x)))
            }
            Way::Scale { text, median } => Node::Scaled {
                text: text.clone(),
                factor: x / median,
            },
        }
    }
}
