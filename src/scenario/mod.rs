//! Scenario files: from TOML to the checked plan.
//!
//! Files are read and laid over each other (`assemble`, `merge`), tables are read key by key (`fields`,
//! `read`, `literal`), and what they mean together is checked and turned into the [`Plan`]. Every mistake is noted
//! in its place, and all of them are told at once ([`Problems`]).
//!
//! Nothing here opens files or prints: files come through [`Files`]. Nothing later sees the file's types.

mod alarm;
mod alarm_rules;
mod assemble;
mod background;
mod beginnings;
mod budget;
mod build;
mod check;
mod fault;
mod fields;
mod files;
mod fleet;
mod guess;
mod hours;
mod lint;
mod literal;
mod looks;
mod merge;
mod nearest;
mod origins;
mod paths;
mod people;
mod problem;
mod program;
mod read;
mod render;
mod replay;
pub mod schema;
mod shipped;
mod sli;
mod source;
mod span;
mod step;
mod strategy;
mod synonym;
mod syntax;
mod table_file;
#[cfg(test)]
mod tests;
mod toml_words;
mod trial;
mod trigger;
mod value;
pub mod vocabulary;
mod wave;
mod windows;

use std::path::{Path, PathBuf};

pub use beginnings::{BEGINNINGS, Beginning};
pub use budget::Budget;
pub use files::{Files, ReadError};
pub use guess::{Guess, Invalid, Measure, World, Worlds, worlds};
pub use lint::{LintLevel, LintSettings};
pub use literal::{Figure, Keep, Statistic};
pub use looks::is_strategy_file;
pub use nearest::nearest_of;
pub use origins::{Location, Origins};
pub use problem::{Problem, Problems};
pub use render::Remark;
pub use replay::{Incident, Replay, replay};
pub use shipped::{PARTS, SHIPPED, Shipped};
pub use source::Source;

use crate::plan::Plan;
use check::Check;
use files::NoFiles;

/// What to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The scenario's file.
    pub scenario: PathBuf,
    /// Strategy files, laid over it in this order.
    pub strategies: Vec<PathBuf>,
    /// Further folders in which files named by `use` are looked for.
    pub world_path: Vec<PathBuf>,
}

/// A checked scenario, and what it was read from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Scenario {
    /// What is simulated.
    pub plan: Plan,
    /// Every file read, shipped ones among them, in order of reading.
    pub sources: Vec<Source>,
    /// Every value that was read, in order of reading.
    pub inputs: Vec<Input>,
    /// Budgets, in order of declaration.
    pub budgets: Vec<Budget>,
    /// What files say of findings about them.
    pub lint: Vec<LintSettings>,
    /// Where everything in the plan was declared.
    pub origins: Origins,
}

/// A value that a file gives.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Input {
    /// Path of its key, such as `fault.memory-leak.ramp` or `strategy.ours.steps[0].to`.
    pub key: String,
    /// The value as it was written.
    pub value: String,
    /// Where it comes from, if that is said.
    pub from: Option<Provenance>,
    /// The source of a measured or published value.
    pub source: Option<String>,
    /// Between which values it may lie.
    pub range: Option<String>,
    /// The file that it is written in.
    pub file: PathBuf,
    /// Its line there, from 1.
    pub line: usize,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// Somebody measured it in the system at hand.
    Measured,
    /// Somebody published it.
    Published,
    /// Somebody thinks so.
    Guess,
}

/// Reads a scenario, all that it uses, and strategy files.
///
/// # Errors
/// [`Problems`]: every mistake at once, each in its place.
pub fn load(request: &Request, files: &dyn Files) -> Result<Scenario, Problems> {
    let mut check = Check::new(files);
    check.world_path.clone_from(&request.world_path);
    let merged = assemble::assemble(request, &mut check);
    let stem = request.scenario.file_stem().unwrap_or_default();
    finish(&merged, &stem.to_string_lossy(), check)
}

/// Reads a scenario that is one text, `scenario.toml` in messages; it may use shipped worlds but no files.
///
/// # Errors
/// [`Problems`]: every mistake at once, each in its place.
pub fn parse(text: &str) -> Result<Scenario, Problems> {
    let mut check = Check::new(&NoFiles);
    let merged = assemble::assemble_text(Path::new("scenario.toml"), text.as_bytes(), &mut check);
    finish(&merged, "scenario", check)
}

fn finish(merged: &merge::Merged, name: &str, mut check: Check) -> Result<Scenario, Problems> {
    let (plan, budgets) = build::build(merged, name, &mut check);
    let lint = lint::settings(merged, &mut check);
    check.drop_doubtful();
    check.drop_twice();
    merged.name_what_was_meant(&mut check.drafts);
    if !check.drafts.is_empty() {
        return Err(Problems::new(check.texts, check.drafts));
    }
    Ok(Scenario {
        plan,
        sources: check.texts.sources(),
        inputs: check.inputs,
        budgets,
        lint,
        origins: Origins::new(check.origins, check.texts),
    })
}
