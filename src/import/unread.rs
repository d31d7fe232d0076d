//! Keys that no reader knows, so that nothing is left out without a word.

use super::document::Node;
use super::imported::Imported;
use super::refusal::short;

/// Lists every key of a table that is not among `known`: those that are read, and those that change no rollout.
///
/// `what` names the table, such as `spec`.
pub fn list(node: &Node, what: &str, known: &[&str], imported: &mut Imported) {
    for entry in node.entries() {
        if !known.contains(&&*entry.key) && !entry.value.is_null() {
            let text = format!("{what}.{}: not read", short(&entry.key));
            imported.loses(entry.at, text);
        }
    }
}
