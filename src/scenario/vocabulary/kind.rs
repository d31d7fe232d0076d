//! What may be written as the value of a key.
//!
//! Readers check more than is said here (that a name is known, that two keys fit together); what is said here they all
//! check. A test holds the two together.

use super::TableWords;

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A text, and what it is.
    Text(&'static str),
    /// `true` or `false`.
    Flag,
    /// Only `true`.
    True,
    /// A whole number, from and to.
    Whole(u64, u64),
    /// Any number within bounds.
    Number(Bounds),
    /// A text that some grammar reads.
    Literal(&'static Literal),
    /// One of a few words.
    Choice(&'static [Choice]),
    /// A list of values, with the least and the largest number of them.
    List(&'static Kind, usize, usize),
    /// A table with keys of the language.
    Table(&'static TableWords),
    /// A table with names of somebody's choice: of what, and the values.
    Names(&'static str, &'static Kind),
    /// One of several.
    Either(&'static [Kind]),
}

/// Bounds of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The least.
    pub low: f64,
    /// Whether the least itself is excluded.
    pub above_low: bool,
    /// The largest.
    pub high: f64,
    /// Whether the largest itself is excluded.
    pub below_high: bool,
}

impl Bounds {
    /// From `low` to `high`, both included.
    pub const fn of(low: f64, high: f64) -> Bounds {
        Bounds {
            low,
            above_low: false,
            high,
            below_high: false,
        }
    }

    /// Above `low`, and at most `high`.
    pub const fn above(low: f64, high: f64) -> Bounds {
        Bounds {
            above_low: true,
            ..Bounds::of(low, high)
        }
    }

    /// At least `low`, and below `high`.
    pub const fn below(low: f64, high: f64) -> Bounds {
        Bounds {
            below_high: true,
            ..Bounds::of(low, high)
        }
    }
}

/// A word that is the value of a key.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// The word.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

pub(super) const fn choice(name: &'static str, meaning: &'static str) -> Choice {
    Choice { name, meaning }
}

/// A grammar of texts.
#[derive(Debug)]
pub struct Literal {
    /// What it is, with its article: `a duration`.
    pub name: &'static str,
    /// How it is written, in a few sentences.
    pub meaning: &'static str,
    /// Some that are right.
    pub examples: &'static [&'static str],
    /// A regular expression that matches all texts that are right, and few others.
    pub pattern: fn() -> String,
    /// The bounds of a plain number, where one may stand for the text.
    pub number: Option<Bounds>,
}

impl Literal {
    /// Its name without the article.
    pub fn bare_name(&self) -> &'static str {
        self.name
            .split_once(' ')
            .map_or(self.name, |(_, name)| name)
    }
}

/// A kind of distribution that has a name.
#[derive(Clone, Copy, Debug)]
pub struct DistWords {
    /// The name.
    pub name: &'static str,
    /// How it is written.
    pub form: &'static str,
    /// What it is good for.
    pub meaning: &'static str,
}
