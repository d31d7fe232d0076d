//! Words explained: keys of the language, terms of the field, columns of results, worlds that come with landfall.
//!
//! What is said of a key, a column or a world is read from where the program itself has it; only terms of the field
//! are written down here. Nothing here opens files or prints, and nothing is simulated.

mod columns;
mod entry;
mod keys;
mod lints;
mod literals;
mod lookup;
mod profiles;
mod show;
mod terms;
mod verdicts;
mod worlds;

pub use entry::{Entry, Part};
pub use lookup::{Unknown, explain};
pub use show::{guide, show};
pub use terms::glossary;

/// Entries of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Shelf {
    /// What they are.
    pub title: &'static str,
    /// Whether the guide names them all.
    pub listed: bool,
    /// The entries.
    pub entries: fn() -> Vec<Entry>,
}

const fn shelf(title: &'static str, listed: bool, entries: fn() -> Vec<Entry>) -> Shelf {
    Shelf {
        title,
        listed,
        entries,
    }
}

/// All that can be explained. Whatever else gets names that people meet, such as the findings of a lint, gets a shelf.
pub static SHELVES: &[Shelf] = &[
    shelf("terms", true, terms::entries),
    shelf("worlds", true, worlds::worlds),
    shelf("parts", true, worlds::parts),
    shelf("profiles", true, profiles::entries),
    shelf("tables", true, keys::tables),
    shelf("keys", false, keys::keys),
    shelf("values", false, keys::choices),
    shelf("literals", true, literals::literals),
    shelf("distributions", true, literals::distributions),
    shelf("columns", true, columns::columns),
    shelf("statistics", true, columns::statistics),
    shelf("outcomes", true, columns::outcomes),
    shelf("stages", true, columns::stages),
    shelf("lints", true, lints::entries),
    shelf("verdicts", true, verdicts::entries),
    shelf("in worlds", false, worlds::tables),
];
