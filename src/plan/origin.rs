//! Where something was declared, as a number that means nothing here.

use std::fmt;

/// Where a part of a plan was declared.
///
/// Only who made the plan can tell what file and line that is (`scenario::Origins`): whoever has a finding about a plan
/// hands the origin on, and knows no files.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(usize);

impl Origin {
    /// Of what nobody wrote: a default.
    pub const NOWHERE: Origin = Origin(0);

    /// The origin of this number, from 1.
    pub(crate) fn numbered(number: usize) -> Origin {
        Origin(number)
    }

    /// Its number, from 1; 0 is nowhere.
    pub(crate) fn number(self) -> usize {
        self.0
    }
}

/// Two plans that say the same are shown alike, wherever they were written.
impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Origin")
    }
}
