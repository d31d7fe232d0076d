//! How a scenario's files are read: by whoever may open files, never here.

use std::path::Path;

use thiserror::Error;

/// Reads files for a scenario.
///
/// The scenario asks for paths that were checked by their text: relative names without a way out of the folder they
/// start in. Whoever implements this also sees to links, sizes and what is no plain file.
pub trait Files {
    /// The whole bytes of a file.
    ///
    /// # Errors
    /// [`ReadError`], most of all [`ReadError::NotFound`], after which the next folder is tried.
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError>;
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// There is no such file.
    #[error("there is no such file")]
    NotFound,
    /// It is a folder, a device or the like.
    #[error("it is not a plain file")]
    NotAFile,
    /// It is larger than a scenario may be.
    #[error("it has more than {limit} bytes")]
    TooLarge {
        /// The most bytes allowed.
        limit: u64,
    },
    /// A link in the path leads out of the folders that may be read.
    #[error("it lies outside the folders that may be read")]
    Outside,
    /// Anything else, in the system's words.
    #[error("{0}")]
    Other(String),
}

impl ReadError {
    /// The mistake of who named the file.
    pub(super) fn rule(&self) -> String {
        match self {
            ReadError::NotFound => self.to_string(),
            other => format!("the file cannot be read: {other}"),
        }
    }

    /// What to do about it, where that is known.
    pub(super) fn mend(&self) -> Option<&'static str> {
        match self {
            ReadError::NotFound => {
                Some("names are taken from the folder in which the command runs")
            }
            ReadError::NotAFile => Some("of a folder, name the files in it one by one"),
            ReadError::TooLarge { .. } | ReadError::Outside | ReadError::Other(_) => None,
        }
    }
}

/// No files at all: a scenario that is one text.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &Path) -> Result<Vec<u8>, ReadError> {
        Err(ReadError::NotFound)
    }
}
