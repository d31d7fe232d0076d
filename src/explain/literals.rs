//! How values are written: the grammars of texts, and distributions by name.

use super::entry::Entry;
use crate::scenario::vocabulary::{DISTRIBUTIONS, LITERALS};

/// The grammars.
pub fn literals() -> Vec<Entry> {
    let entry = |literal: &&crate::scenario::vocabulary::Literal| {
        Entry::new(literal.bare_name(), "a way to write a value")
            .text(literal.meaning)
            .fact("examples", literal.examples.join("; "))
    };
    LITERALS.iter().map(entry).collect()
}

/// The distributions.
pub fn distributions() -> Vec<Entry> {
    let entry = |dist: &crate::scenario::vocabulary::DistWords| {
        Entry::new(dist.name, "a distribution")
            .text(dist.meaning)
            .fact("written", dist.form)
    };
    DISTRIBUTIONS.iter().map(entry).collect()
}
