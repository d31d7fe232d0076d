//! What is wrong with a scenario: all mistakes, each in its place.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use super::render::render;
use super::source::{Place, Texts};

/// The most problems that are kept; more are counted.
const MOST: usize = 200;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The file, as it was named; a shipped world by its name.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Bytes of the file that are underlined; empty where nothing in particular is to blame.
    pub span: Range<usize>,
    /// Path of the key, such as `region.eu-west-1.zones`; empty for the file as a whole.
    pub key: String,
    /// The rule that is broken, as a whole sentence without a full stop.
    pub rule: String,
    /// What was found, as it is written; long values are cut.
    pub found: Option<String>,
    /// The known name that was probably meant.
    pub nearest: Option<String>,
    /// What to write instead.
    pub mend: Option<String>,
    /// Another place that matters, and why.
    pub(super) also: Option<(Place, String)>,
    pub(super) at: Place,
    /// What is said beside the underlined text.
    pub(super) label: Option<String>,
}

/// All mistakes of a scenario; never empty when it is an error.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    pub(super) list: Vec<Problem>,
    /// Mistakes beyond those kept.
    pub(super) more: usize,
    pub(super) texts: Texts,
}

impl Problems {
    /// The mistakes, file by file, from the top down.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter()
    }

    /// How many there are, those that were only counted among them.
    pub fn count(&self) -> usize {
        self.list.len() + self.more
    }

    /// All mistakes for people: the line of the file underlined, the rule, the mend; with ANSI colours if wanted.
    pub fn render(&self, color: bool) -> String {
        render(self, color)
    }

    /// Takes the mistakes of a draft in.
    pub(super) fn new(texts: Texts, drafts: Vec<Draft>) -> Problems {
        let mut drafts = drafts;
        drafts.sort_by_key(|d| (d.at.file, d.at.start));
        let more = drafts.len().saturating_sub(MOST);
        drafts.truncate(MOST);
        let list = drafts
            .into_iter()
            .map(|draft| draft.placed(&texts))
            .collect();
        Problems { list, more, texts }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}

/// A mistake while it is being described.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub at: Place,
    /// Path of the key.
    pub key: String,
    pub rule: String,
    label: Option<String>,
    nearest: Option<String>,
    mend: Option<String>,
    also: Option<(Place, String)>,
    /// Whether it is about something that is not there, and may be in a file that could not be read.
    pub is_absence: bool,
    /// Whether it is about TOML itself.
    pub is_of_syntax: bool,
}

impl Draft {
    /// A broken rule at a place.
    pub fn new(at: Place, key: impl Into<String>, rule: impl Into<String>) -> Draft {
        Draft {
            at,
            key: key.into(),
            rule: rule.into(),
            label: None,
            nearest: None,
            mend: None,
            also: None,
            is_absence: false,
            is_of_syntax: false,
        }
    }

    /// Marks it as being about something that is not there.
    pub fn absence(mut self) -> Draft {
        self.is_absence = true;
        self
    }

    /// Marks it as being about TOML itself.
    pub fn of_syntax(mut self) -> Draft {
        self.is_of_syntax = true;
        self
    }

    /// What to say beside the underlined text.
    pub fn label(mut self, label: impl Into<String>) -> Draft {
        self.label = Some(label.into());
        self
    }

    pub fn nearest(mut self, nearest: Option<&str>) -> Draft {
        self.nearest = nearest.map(str::to_owned);
        self
    }

    /// Adds the name that was probably meant, where none is named yet.
    pub fn guess(&mut self, name: Option<&str>) {
        if self.nearest.is_none() {
            self.nearest = name.map(str::to_owned);
        }
    }

    /// The known name that was probably meant, or what to write where none is near.
    pub fn nearest_or(self, nearest: Option<&str>, mend: impl Into<String>) -> Draft {
        self.nearest(nearest).or_mend(mend)
    }

    /// What to write, where no known name is near.
    pub fn or_mend(self, mend: impl Into<String>) -> Draft {
        if self.nearest.is_some() {
            self
        } else {
            self.mend(mend)
        }
    }

    pub fn mend(mut self, mend: impl Into<String>) -> Draft {
        self.mend = Some(mend.into());
        self
    }

    pub fn also(mut self, at: Place, why: impl Into<String>) -> Draft {
        self.also = Some((at, why.into()));
        self
    }

    fn placed(self, texts: &Texts) -> Problem {
        let written = texts.written(self.at);
        let position = texts.position(written);
        Problem {
            file: texts.source(written.file).path.clone(),
            line: position.line,
            column: position.column,
            span: written.start..written.end,
            key: self.key,
            rule: self.rule,
            found: found(texts.slice(self.at)),
            label: self.label,
            nearest: self.nearest,
            mend: self.mend,
            also: self.also,
            at: self.at,
        }
    }
}

/// A written value as it is told, if there is one.
fn found(written: &str) -> Option<String> {
    (!written.is_empty()).then(|| super::fields::short(written))
}
