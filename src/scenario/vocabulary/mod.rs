//! The words of the language: every table and its keys.
//!
//! Readers ask for keys by these lists, so a key that is not here cannot be read, and one that is here is never unknown.

mod alarm;
mod budget;
mod fault;
mod file;
mod kind;
mod lint;
mod literal;
mod people;
mod place;
mod strategy;
mod world;

pub use alarm::*;
pub use budget::*;
pub use fault::*;
pub use file::*;
pub use kind::{Bounds, Choice, DistWords, Kind, Literal};
pub use lint::*;
pub use literal::*;
pub use people::*;
pub use place::{Place, places};
pub use strategy::*;
pub use world::*;

/// A table of the language.
#[derive(Debug)]
pub struct TableWords {
    /// How the table is written, such as `[region.NAME]`.
    pub title: &'static str,
    /// Its keys.
    pub keys: &'static [Word],
    /// A table whose keys it has as well.
    pub and: Option<&'static TableWords>,
}

/// A key.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// Its name.
    pub name: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// What holds where it is not there.
    pub absent: Absent,
    /// A value, as it is written in TOML.
    pub example: &'static str,
}

/// What holds where a key is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// It must be there, in this file or in one that it uses.
    Mistake,
    /// Nothing of what it speaks of.
    Nothing,
    /// The same as with this value, as it is written in TOML.
    Value(&'static str),
    /// Something that depends on others, in words.
    Else(&'static str),
}

impl TableWords {
    /// Whether the table has a key of this name.
    pub fn has(&self, name: &str) -> bool {
        self.names().any(|n| n == name)
    }

    /// The names of its keys.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.words().map(|w| w.name)
    }

    /// Its keys, those of the table that it extends among them.
    pub fn words(&self) -> impl Iterator<Item = &'static Word> {
        let inherited = self.and.map_or(&[] as &[Word], |table| table.keys);
        self.keys.iter().chain(inherited)
    }
}

const fn word(
    name: &'static str,
    kind: Kind,
    meaning: &'static str,
    example: &'static str,
) -> Word {
    Word {
        name,
        kind,
        meaning,
        absent: Absent::Nothing,
        example,
    }
}

impl Word {
    const fn needed(self) -> Word {
        Word {
            absent: Absent::Mistake,
            ..self
        }
    }

    const fn default(self, value: &'static str) -> Word {
        Word {
            absent: Absent::Value(value),
            ..self
        }
    }

    const fn otherwise(self, words: &'static str) -> Word {
        Word {
            absent: Absent::Else(words),
            ..self
        }
    }
}

/// A section of a file: a table of its own, or a group of named ones.
#[derive(Debug)]
pub struct Section {
    /// Its name.
    pub name: &'static str,
    /// Whether it is a group of named tables, `[region.NAME]`.
    pub named: bool,
    /// Whether a strategy file may have it.
    pub in_strategy_files: bool,
    /// Its tables' keys.
    pub words: &'static TableWords,
    /// What the names of a group may be.
    pub names: Names,
}

/// What names may be: at most 100 characters, and none of them for control.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// A regular expression that they match.
    pub pattern: &'static str,
    /// Those that mean something else already.
    pub reserved: &'static [&'static str],
}

/// Anything but nothing.
const ANY_NAME: Names = Names {
    pattern: r"\S",
    reserved: &[],
};

const fn section(
    name: &'static str,
    named: bool,
    strategy: bool,
    words: &'static TableWords,
) -> Section {
    Section {
        name,
        named,
        in_strategy_files: strategy,
        words,
        names: ANY_NAME,
    }
}

const fn with_names(
    section: Section,
    pattern: &'static str,
    reserved: &'static [&'static str],
) -> Section {
    Section {
        names: Names { pattern, reserved },
        ..section
    }
}

/// The sections of a file.
pub static SECTIONS: &[Section] = &[
    section("scenario", false, false, &SCENARIO),
    section("service", false, true, &SERVICE),
    with_names(
        section("region", true, false, &REGION),
        r"^[^/]*[^/\s][^/]*$",
        &[],
    ),
    section("profile", true, false, &PROFILE),
    with_names(
        section("sli", true, false, &SLI),
        "^[A-Za-z0-9_-]+$",
        &["requests", "control"],
    ),
    section("incidents", true, false, &INCIDENTS),
    section("warmup", false, false, &WARMUP),
    section("change", false, false, &CHANGE),
    with_names(
        section("fault", true, false, &FAULT),
        r"^[^#]*[^#\s][^#]*$",
        &["fault-free", "faulty", "all"],
    ),
    section("alarm", true, false, &ALARM),
    section("oncall", false, false, &ONCALL),
    section("rollback", false, false, &ROLLBACK),
    section("retry", false, false, &RETRY),
    section("strategy", true, true, &STRATEGY),
    section("budget", true, true, &BUDGET),
    section("lint", false, true, &LINT),
];

/// All tables of the language.
pub static TABLES: &[&TableWords] = &[
    &TOP,
    &SCENARIO,
    &START,
    &SERVICE,
    &REGION,
    &PROFILE,
    &SLI,
    &INCIDENTS,
    &WARMUP,
    &CHANGE,
    &FAULT,
    &TRIGGER,
    &SPILL,
    &ALARM,
    &OWN_ALARM,
    &AND,
    &ALARM_STEPS,
    &ONCALL,
    &HOURS,
    &PEOPLE,
    &ROLLBACK,
    &RETRY,
    &STRATEGY,
    &STEP,
    &BAKE,
    &ZONES,
    &WAVE,
    &PREPRODUCTION,
    &TEST,
    &BUDGET,
    &LINT,
    &PROVENANCE,
];

/// The tables that have a key of this name.
pub(super) fn tables_with(key: &str) -> impl Iterator<Item = &'static TableWords> {
    TABLES.iter().copied().filter(move |t| t.has(key))
}

/// The section of this name.
pub(super) fn section_named(name: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|s| s.name == name)
}
