//! YAML and JSON as one tree in which every value knows its line.
//!
//! Read as the tools read them: of a number the digits are kept, `yes` and `on` are truths, `<<` merges, a key stands
//! once. Aliases are followed, within a limit on what comes of it.

mod build;
mod node;

pub use build::documents;
pub use node::{Content, Entry, Node};

/// Deepest nesting.
pub(super) const MOST_NESTING: usize = 64;
/// Most values of a file, those behind aliases counted every time.
pub(super) const MOST_VALUES: usize = 400_000;
