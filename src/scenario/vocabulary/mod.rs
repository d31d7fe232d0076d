//! The words of the language: every table and its keys.
//!
//! Readers ask for keys by these lists, so a key that is not here cannot be read, and one that is here is never unknown.

mod strategy;
mod world;

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
#[derive(Debug)]
pub struct Word {
    /// Its name.
    pub name: &'static str,
    /// What it means, in one line.
    pub meaning: &'static str,
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

const fn word(name: &'static str, meaning: &'static str) -> Word {
    Word { name, meaning }
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
}

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
    }
}

/// The sections of a file.
pub static SECTIONS: &[Section] = &[
    section("scenario", false, false, &SCENARIO),
    section("service", false, true, &SERVICE),
    section("region", true, false, &REGION),
    section("profile", true, false, &PROFILE),
    section("sli", true, false, &SLI),
    section("incidents", true, false, &INCIDENTS),
    section("warmup", false, false, &WARMUP),
    section("change", false, false, &CHANGE),
    section("fault", true, false, &FAULT),
    section("alarm", true, false, &ALARM),
    section("oncall", false, false, &ONCALL),
    section("rollback", false, false, &ROLLBACK),
    section("retry", false, false, &RETRY),
    section("strategy", true, true, &STRATEGY),
    section("budget", true, true, &BUDGET),
];

/// Keys of a file outside all tables.
pub static TOP: TableWords = TableWords {
    title: "the top of the file",
    keys: &[
        word("format", "the version of the language: 1"),
        word("use", "worlds and files that this one builds on"),
    ],
    and: None,
};

/// Where a number comes from, on any key.
pub static PROVENANCE: TableWords = TableWords {
    title: "a value with its provenance",
    keys: &[
        word("value", "the value itself"),
        word("from", "measured, published or guess"),
        word("source", "where it was measured or published"),
        word("range", "between which values it may lie"),
    ],
    and: None,
};

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
