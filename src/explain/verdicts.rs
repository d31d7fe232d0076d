//! What `landfall check` says of a budget.

use super::entry::Entry;
use crate::report::verdict::rules;

/// The rules that forms of verdicts refer to, by code or name.
pub fn entries() -> Vec<Entry> {
    let entry = |rule: crate::report::diagnostic::Rule| {
        let is = format!("a verdict of landfall check: {}", rule.name);
        Entry::new(rule.code, is)
            .aliases([rule.name])
            .text(&rule.title)
            .text(&rule.explanation)
            .fact("example", "landfall check scenario.toml")
    };
    rules().into_iter().map(entry).collect()
}
