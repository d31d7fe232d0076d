//! What is said about a place in a file, as plain data: whoever finds it and whoever shows it need not know each other.

use crate::lint::{Lint, Severity};

/// How bad something is; the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing.
    Note,
    /// Probably not what was meant.
    Warning,
    /// Cannot work.
    Error,
}

impl Level {
    /// Its name, as SARIF has it, too.
    pub fn name(self) -> &'static str {
        match self {
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Level {
        match severity {
            Severity::Note => Level::Note,
            Severity::Warning => Level::Warning,
            Severity::Error => Level::Error,
        }
    }
}

/// A stretch of a file, on one line or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as it is to be named: relative to the root of the repository wherever that is possible.
    pub file: String,
    /// First line, from 1.
    pub line: usize,
    /// First column in characters, from 1.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// The column after the last character.
    pub end_column: usize,
}

impl Place {
    /// The place at which a text begins.
    pub fn of_text(file: impl Into<String>, line: usize, column: usize, text: &str) -> Place {
        let breaks = text.matches('\n').count();
        let last = text.rsplit('\n').next().unwrap_or("").chars().count();
        Place {
            file: file.into(),
            line,
            column,
            end_line: line + breaks,
            end_column: if breaks == 0 { column + last } else { last + 1 },
        }
    }
}

/// A rule that diagnostics refer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// A short stable code, such as `LF101`.
    pub code: String,
    /// A readable name, such as `alarm-too-late`.
    pub name: String,
    /// What it is about, in a sentence without a full stop.
    pub title: String,
    /// What it means, in sentences.
    pub explanation: String,
    /// Its level where nothing else is said.
    pub level: Level,
}

impl From<&Lint> for Rule {
    fn from(lint: &Lint) -> Rule {
        Rule {
            code: lint.code.to_owned(),
            name: lint.name.to_owned(),
            title: lint.title.to_owned(),
            explanation: format!("{} {}", lint.explanation, lint.cure),
            level: lint.severity.into(),
        }
    }
}

/// Something that is said about a place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The code of its rule.
    pub code: String,
    /// The readable name of its rule.
    pub name: String,
    /// How bad it is.
    pub level: Level,
    /// What is so, in a sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where, if that is in a file that somebody wrote.
    pub place: Option<Place>,
    /// What it is about, by names: the same wherever in the file that stands (`ours/zone-errors`).
    pub subject: String,
}

impl Diagnostic {
    /// The message, and what to do about it.
    pub fn text(&self) -> String {
        match &self.help {
            Some(help) => format!("{}\nhelp: {help}", self.message),
            None => self.message.clone(),
        }
    }
}
