//! From the opaque origins of a plan back to places in files.

use std::ops::Range;
use std::path::PathBuf;

use super::source::{Place, Texts};
use crate::plan::Origin;

/// Where everything in a plan was declared.
#[derive(Clone, Debug)]
pub struct Origins {
    /// By the number of the origin less one.
    places: Vec<Place>,
    texts: Texts,
}

/// A place in a file that somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// The file, as it was named; a shipped world by its name.
    pub file: PathBuf,
    /// Whether the file comes with landfall.
    pub shipped: bool,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Its bytes in the file.
    pub span: Range<usize>,
    /// What is written there.
    pub text: String,
}

impl Origins {
    pub(super) fn new(places: Vec<Place>, texts: Texts) -> Origins {
        Origins { places, texts }
    }

    /// A remark about something, with its line underlined.
    pub fn render(&self, origin: Origin, remark: &super::Remark<'_>, color: bool) -> String {
        let number = origin.number().checked_sub(1);
        let place = number.and_then(|n| self.places.get(n));
        super::render::remark(remark, place.map(|&at| (&self.texts, at)), color)
    }

    /// Where something was declared; `None` for what nobody wrote.
    pub fn locate(&self, origin: Origin) -> Option<Location> {
        let at = *self.places.get(origin.number().checked_sub(1)?)?;
        let at = self.texts.written(at);
        let source = self.texts.source(at.file);
        let position = self.texts.position(at);
        Some(Location {
            file: source.path.clone(),
            shipped: source.shipped,
            line: position.line,
            column: position.column,
            span: at.start..at.end,
            text: self.texts.slice(at).to_owned(),
        })
    }
}
