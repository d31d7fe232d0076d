//! The verdict in words: only what the figures and their intervals support.

mod comparison;
mod limits;
mod one;

use crate::report::figure::phrase;
use crate::report::quantity::Quantity;
use crate::stats::Estimate;

pub(super) use comparison::of_comparison;
pub(super) use limits::limits;
pub(super) use one::of_one;

/// What can be said at a glance, and how sure it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The answer.
    pub answer: String,
    /// The strategies, or figures, that it is about: the place in the list of strategies, and a sentence.
    pub figures: Vec<(usize, String)>,
    /// What else follows, and what does not.
    pub findings: Vec<String>,
}

/// A figure and its interval, where that has any width.
fn told(e: Estimate, quantity: Quantity) -> String {
    if e.low == e.high {
        quantity.text(e.value)
    } else {
        phrase(e, quantity)
    }
}
