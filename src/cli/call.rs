//! The call of the program: what was typed, and when.

use std::ffi::OsString;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::report::manifest::quoted;

/// A call of the program.
#[derive(Clone, Debug)]
pub struct Call {
    /// The words after the program's name.
    pub(super) words: Vec<OsString>,
    started: SystemTime,
    clock: Instant,
}

impl Call {
    /// This one.
    pub fn now() -> Call {
        Call {
            words: std::env::args_os().skip(1).collect(),
            started: SystemTime::now(),
            clock: Instant::now(),
        }
    }

    /// The command as typed, wherever the program lies.
    pub(super) fn command(&self) -> Vec<String> {
        let words = self.words.iter().map(|w| w.to_string_lossy().into_owned());
        std::iter::once("landfall".to_owned())
            .chain(words)
            .collect()
    }

    /// The command, ready for a shell.
    pub(super) fn command_line(&self) -> String {
        let words: Vec<String> = self.command().iter().map(|w| quoted(w)).collect();
        words.join(" ")
    }

    /// When it began, Unix seconds.
    pub(super) fn started(&self) -> f64 {
        let since = self.started.duration_since(UNIX_EPOCH);
        since.map_or(0.0, |d| d.as_secs_f64())
    }

    /// Seconds since then.
    pub(super) fn elapsed_s(&self) -> f64 {
        self.clock.elapsed().as_secs_f64()
    }
}
