//! The call of the program: what was typed, and when.

use std::ffi::OsString;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::report::manifest::quoted;

/// Options with a value that say how to run and where to write, not what.
const MANNER: [&str; 5] = ["--threads", "--out", "--output", "--format", "--color"];
/// Those without one.
const MANNER_ALONE: [&str; 3] = ["--quiet", "-q", "--wide"];

/// The words but those options and their values.
fn without_manner(words: &[String]) -> impl Iterator<Item = &String> {
    let mut is_value = false;
    let mut are_options_over = false;
    words.iter().filter(move |word| {
        if std::mem::take(&mut is_value) {
            return false;
        }
        are_options_over |= word.as_str() == "--";
        if are_options_over {
            return true;
        }
        is_value = MANNER.contains(&word.as_str());
        let with_value = |option: &&str| {
            let rest = word.strip_prefix(*option);
            rest.is_some_and(|rest| rest.starts_with('='))
        };
        !is_value && !MANNER_ALONE.contains(&word.as_str()) && !MANNER.iter().any(with_value)
    })
}

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

    /// The command that repeats what was done, ready for a shell: without what changes no result.
    pub(super) fn repeating(&self) -> String {
        let words = self.command();
        let words: Vec<String> = without_manner(&words).map(|w| quoted(w)).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(line: &str) -> String {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let kept: Vec<&str> = without_manner(&words).map(String::as_str).collect();
        kept.join(" ")
    }

    #[test]
    fn what_changes_no_result_is_left_out() {
        assert_eq!(
            kept("landfall compare a.toml --threads 2 --seed 7 --out=b -q --runs 9"),
            "landfall compare a.toml --seed 7 --runs 9"
        );
        assert_eq!(
            kept("landfall check a.toml --output sarif=a --output=junit=b --budget c.toml"),
            "landfall check a.toml --budget c.toml"
        );
        assert_eq!(
            kept("landfall compare -- --out"),
            "landfall compare -- --out"
        );
    }
}
