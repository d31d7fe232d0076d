//! `manifest.json`: enough to repeat a run to the bit, and to see that it is the same.

use serde::Serialize;

use super::basis::{Basis, sampling_name};
use super::json::{SCHEMA_VERSION, Stratum, pretty, strata};
use crate::calendar::{format_moment, tzdb_version};

/// A file that the run read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputFile {
    /// Its name, as given.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Whether it came with landfall.
    pub shipped: bool,
}

/// What the rim knows about a run beside its results.
#[derive(Clone, Debug, PartialEq)]
pub struct Circumstances {
    /// The command as typed.
    pub command: Vec<String>,
    /// All files read.
    pub inputs: Vec<InputFile>,
    /// Threads that simulated. They change no result.
    pub threads: usize,
    /// When the run began, Unix seconds.
    pub started: f64,
    /// How long it took, in seconds.
    pub duration_s: f64,
    /// Names of all files that the run wrote beside the manifest.
    pub files: Vec<String>,
}

/// The manifest of a run.
pub fn document(basis: &Basis, run: &Circumstances) -> String {
    let words = run.command.iter().map(|word| quoted(word));
    pretty(&Manifest {
        schema_version: SCHEMA_VERSION,
        landfall: env!("CARGO_PKG_VERSION"),
        command: words.collect::<Vec<_>>().join(" "),
        arguments: &run.command,
        scenario: &basis.scenario,
        inputs: &run.inputs,
        time_zone_database: tzdb_version(),
        seed: basis.seed,
        runs: basis.runs,
        sampling: sampling_name(basis.sampling),
        level: basis.level,
        strategies: &basis.strategies,
        strata: strata(basis),
        threads: run.threads,
        started: format_moment(run.started),
        duration_s: run.duration_s,
        files: &run.files,
    })
}

#[derive(Serialize)]
struct Manifest<'a> {
    schema_version: u32,
    landfall: &'static str,
    command: String,
    arguments: &'a [String],
    scenario: &'a str,
    inputs: &'a [InputFile],
    time_zone_database: &'static str,
    seed: u64,
    runs: u64,
    sampling: &'static str,
    level: f64,
    strategies: &'a [String],
    strata: Vec<Stratum<'a>>,
    threads: usize,
    started: String,
    duration_s: f64,
    files: &'a [String],
}

/// A word as a POSIX shell reads it back.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::example::plan;
    use crate::summary::{Sampling, Summary};

    #[test]
    fn words_are_quoted_where_a_shell_would_split_them() {
        assert_eq!(quoted("--runs=10"), "--runs=10");
        assert_eq!(quoted("1, 1, 3, rest"), "'1, 1, 3, rest'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn names_all_that_decides_the_results() {
        let plan = plan(0.04, &[1.0], &["a"]);
        let summary = Summary::new(&plan, &[0], Sampling::Plain, 0.9);
        let basis = Basis::new(&plan, &summary, 7, 0);
        let run = Circumstances {
            command: ["landfall", "compare", "my scenario.toml"]
                .map(str::to_owned)
                .to_vec(),
            inputs: vec![InputFile {
                name: "my scenario.toml".to_owned(),
                sha256: "ab".repeat(32),
                shipped: false,
            }],
            threads: 2,
            started: 1_772_442_000.25,
            duration_s: 1.5,
            files: vec!["summary.csv".to_owned()],
        };
        let json: serde_json::Value = serde_json::from_str(&document(&basis, &run)).unwrap();
        assert_eq!(json["command"], "landfall compare 'my scenario.toml'");
        assert_eq!(json["arguments"][2], "my scenario.toml");
        assert_eq!(json["inputs"][0]["sha256"], "ab".repeat(32));
        assert_eq!(json["seed"], 7);
        assert_eq!(json["sampling"], "plain");
        assert_eq!(json["level"], 0.9);
        assert_eq!(json["started"], "2026-03-02T09:00:00.250Z");
        assert_eq!(json["time_zone_database"], tzdb_version());
        assert_eq!(json["files"][0], "summary.csv");
    }
}
