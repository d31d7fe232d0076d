//! What is collected while a scenario is read: mistakes, values, texts, and how much room is taken.

use std::collections::HashSet;
use std::path::PathBuf;

use super::Input;
use super::files::Files;
use super::problem::Draft;
use super::source::{Place, Texts};
use crate::plan::Origin;

/// The most mistakes that are described.
const MOST_DRAFTS: usize = 1_000;

/// The most numbers (8 bytes each) that local times are laid out as.
const MOST_LAID_OUT: usize = 20_000_000;

/// What is collected while a scenario is read.
pub(super) struct Check<'f> {
    /// Mistakes so far.
    pub drafts: Vec<Draft>,
    /// Values so far.
    pub inputs: Vec<Input>,
    /// Everything that was read.
    pub texts: Texts,
    /// How files are read.
    pub files: &'f dyn Files,
    /// Further folders in which files are looked for.
    pub world_path: Vec<PathBuf>,
    /// Values of empirical distributions so far.
    pub values_read: usize,
    /// How many mistakes were noted, kept or not.
    pub mistakes: usize,
    /// Numbers that local times are laid out as so far.
    pub laid_out: usize,
    /// Places of what was declared, by the number of its origin less one.
    pub origins: Vec<Place>,
    /// Whether a file could not be read, so that what seems absent may not be.
    pub incomplete: bool,
    /// Lines that are no TOML, in files that could be read otherwise.
    pub unread: Vec<Place>,
    /// The text that has incidents, where they are replayed.
    pub incidents: Option<usize>,
    /// Whether tables are read once more, with the same mistakes.
    is_again: bool,
}

impl<'f> Check<'f> {
    pub fn new(files: &'f dyn Files) -> Check<'f> {
        Check {
            drafts: Vec::new(),
            inputs: Vec::new(),
            texts: Texts::default(),
            files,
            world_path: Vec::new(),
            values_read: 0,
            mistakes: 0,
            laid_out: 0,
            origins: Vec::new(),
            incomplete: false,
            unread: Vec::new(),
            incidents: None,
            is_again: false,
        }
    }

    /// Forgets what was read but for the texts and the mistakes, before the same tables are read once more.
    pub fn begin_again(&mut self) {
        self.inputs.clear();
        self.origins.clear();
        self.values_read = 0;
        self.laid_out = 0;
        self.is_again = true;
    }

    /// Leaves out mistakes that were noted each time that tables were read.
    pub fn drop_twice(&mut self) {
        if self.is_again {
            let mut seen = HashSet::new();
            let is_new = |d: &Draft| seen.insert((d.at.file, d.at.start, d.rule.clone()));
            self.drafts.retain(is_new);
        }
    }

    /// The origin of something that is declared at a place.
    pub fn origin(&mut self, at: Place) -> Origin {
        self.origins.push(at);
        Origin::numbered(self.origins.len())
    }

    /// Notes a mistake. Beyond a thousand they are not kept: nobody reads them, and some files have millions.
    pub fn note(&mut self, draft: Draft) {
        self.mistakes += 1;
        if !self.is_full() {
            self.drafts.push(draft);
        }
    }

    /// Leaves out what only seems to be a mistake because something could not be read.
    pub fn drop_doubtful(&mut self) {
        if self.incomplete {
            let unread = std::mem::take(&mut self.unread);
            let in_doubt = |d: &Draft| d.is_absence || unread.iter().any(|line| line.has(d.at));
            self.drafts.retain(|d| d.is_of_syntax || !in_doubt(d));
        }
    }

    /// Whether further mistakes are not worth describing.
    pub fn is_full(&self) -> bool {
        self.drafts.len() >= MOST_DRAFTS
    }

    /// Takes room for numbers that local times are laid out as; `false` where there is none left.
    pub fn take_room(&mut self, numbers: usize, at: Place) -> bool {
        self.laid_out += numbers;
        if self.laid_out <= MOST_LAID_OUT {
            return true;
        }
        let rule = "the local times of this scenario take too much memory: too many time zones over too long a time";
        let draft = Draft::new(at, "", rule);
        self.fail_once(
            draft.mend("shorten `horizon` and the range of `start`, or use fewer time zones"),
        );
        false
    }

    /// Whether there is no room left for local times.
    pub fn is_full_of_times(&self) -> bool {
        self.laid_out > MOST_LAID_OUT
    }

    /// Notes a mistake unless there is one at the same place already: what is shared by many is wrong once.
    pub fn fail_once(&mut self, draft: Draft) {
        if self.drafts.iter().all(|d| d.at != draft.at) {
            self.note(draft);
        }
    }

    /// Notes a mistake; `None`, so that a reader can end with it.
    pub fn fail<T>(&mut self, draft: Draft) -> Option<T> {
        self.note(draft);
        None
    }
}
