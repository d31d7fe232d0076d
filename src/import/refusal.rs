//! Why a file cannot be imported.

use std::fmt;

/// A line of one of the files that were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// Which file, by its place among those given.
    pub file: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl At {
    /// The beginning of a file, for what has no place of its own.
    pub fn top(file: usize) -> At {
        At {
            file,
            line: 1,
            column: 1,
        }
    }
}

/// A rule that a file breaks: where, what, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Where.
    pub at: At,
    /// What is wrong, with the value that was found.
    pub rule: String,
    /// What to do.
    pub mend: Option<String>,
    /// The file's name, once it is known.
    file: Option<String>,
}

impl Refusal {
    /// A rule that is broken somewhere.
    pub fn new(at: At, rule: impl Into<String>) -> Refusal {
        Refusal {
            at,
            rule: rule.into(),
            mend: None,
            file: None,
        }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn mend(self, mend: impl Into<String>) -> Refusal {
        Refusal {
            mend: Some(mend.into()),
            ..self
        }
    }

    /// Says of which file it speaks.
    #[must_use]
    pub(super) fn of(self, names: &[&str]) -> Refusal {
        Refusal {
            file: names.get(self.at.file).map(|&n| n.to_owned()),
            ..self
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:{}:{}: ", self.at.line, self.at.column)?;
        }
        write!(f, "{}", self.rule)?;
        match &self.mend {
            Some(mend) => write!(f, " (help: {mend})"),
            None => Ok(()),
        }
    }
}

/// A text cut to what fits into a message.
pub fn short(text: &str) -> String {
    const MOST: usize = 60;
    let line = text.lines().next().unwrap_or("");
    let cut: String = line
        .chars()
        .take(MOST)
        .filter(|c| !c.is_control())
        .collect();
    if cut.len() < text.trim_end().len() {
        format!("{cut}...")
    } else {
        cut
    }
}
