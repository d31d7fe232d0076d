//! Findings of `landfall lint`.

use super::entry::Entry;
use crate::lint::LINTS;

/// The lints, by code or name.
pub fn entries() -> Vec<Entry> {
    let entry = |lint: &crate::lint::Lint| {
        Entry::new(
            lint.code,
            format!("a finding of landfall lint: {}", lint.name),
        )
        .aliases([lint.name])
        .text(lint.title)
        .text(lint.explanation)
        .fact("harm", lint.harm)
        .fact("cure", lint.cure)
    };
    LINTS.iter().map(entry).collect()
}
