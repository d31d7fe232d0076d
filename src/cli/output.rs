//! The files of a run.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::exit::Failure;
use super::folder::{Draft, Folder, MANIFEST};
use crate::report::chart::kind::Chart;

/// A row per rollout.
pub(super) const ROLLOUTS: &str = "rollouts.csv";
/// The same, typed.
pub(super) const ROLLOUTS_PARQUET: &str = "rollouts.parquet";
/// All figures.
pub(super) const SUMMARY_CSV: &str = "summary.csv";
/// All figures.
pub(super) const SUMMARY_JSON: &str = "summary.json";
/// Strategies pair by pair.
pub(super) const PAIRS: &str = "pairs.csv";
/// All figures of a replay.
pub(super) const REPLAY: &str = "replay.csv";
/// A row per world and strategy.
pub(super) const WORLDS: &str = "worlds.csv";
/// What the blast radius depends on, as SVG and PNG.
pub(super) const TORNADO: (&str, &str) = ("tornado.svg", "tornado.png");
/// All of it as a page.
pub(super) const REPORT: &str = "report.html";

/// Whether a file of this name may be written beside the manifest.
pub(super) fn may_be_written(name: &str) -> bool {
    let mut charts = Chart::ALL.iter().map(|chart| chart.files());
    let plain = [
        ROLLOUTS,
        ROLLOUTS_PARQUET,
        SUMMARY_CSV,
        SUMMARY_JSON,
        PAIRS,
        REPLAY,
        WORLDS,
        REPORT,
    ];
    plain.contains(&name)
        || [TORNADO.0, TORNADO.1].contains(&name)
        || charts.any(|(svg, png)| name == svg || name == png)
}

/// The files of a run, none of which has its name before [`Output::publish`].
///
/// A file that cannot be written spoils them all, but not the run: its results still go to standard output, and the
/// failure is told at the end.
#[derive(Debug)]
pub(super) struct Output {
    path: PathBuf,
    /// `None` once something failed.
    folder: Option<Folder>,
    drafts: Vec<Draft>,
    failure: Option<String>,
}

impl Output {
    pub fn open(path: &Path) -> Output {
        let mut output = Output {
            path: path.to_owned(),
            folder: None,
            drafts: Vec::new(),
            failure: None,
        };
        match Folder::open(path) {
            Ok(folder) => output.folder = Some(folder),
            Err(error) => output.fail("", &error),
        }
        output
    }

    /// What went wrong so far.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Begins a file that is written bit by bit; `None` when something failed. It comes back by [`Output::keep`].
    pub fn begin(&mut self, name: &'static str) -> Option<Draft> {
        match self.folder.as_ref()?.draft(name) {
            Ok(draft) => Some(draft),
            Err(error) => {
                self.fail(name, &error);
                None
            }
        }
    }

    /// Takes a file that is written in full, or what went wrong with it.
    pub fn keep(&mut self, name: &'static str, draft: io::Result<Draft>) {
        match draft {
            Ok(draft) if self.failure.is_none() => self.drafts.push(draft),
            Ok(_) => {}
            Err(error) => self.fail(name, &error),
        }
    }

    /// Writes a file in full.
    pub fn add(&mut self, name: &'static str, bytes: &[u8]) {
        if let Some(mut draft) = self.begin(name) {
            let written = draft.write_all(bytes).map(|()| draft);
            self.keep(name, written);
        }
    }

    /// Gives all files their names, with the manifest that is made for them, and says which there are.
    pub fn publish(
        mut self,
        manifest: impl FnOnce(Vec<String>) -> String,
    ) -> Result<Vec<String>, Failure> {
        let mut names: Vec<String> = self.drafts.iter().map(|d| d.name().to_owned()).collect();
        let text = manifest(names.clone());
        names.push(MANIFEST.to_owned());
        let manifest = self
            .begin(MANIFEST)
            .map(|mut draft| draft.write_all(text.as_bytes()).map(|()| draft));
        match (self.folder.take(), manifest) {
            (Some(folder), Some(Ok(manifest))) => {
                let drafts = std::mem::take(&mut self.drafts);
                if let Err((name, error)) = folder.publish(drafts, manifest) {
                    self.fail(&name, &error);
                }
            }
            (_, Some(Err(error))) => self.fail(MANIFEST, &error),
            (None, _) | (_, None) => {}
        }
        match self.failure {
            Some(failure) => Err(Failure::Output(failure)),
            None => Ok(names),
        }
    }

    /// The first failure counts, and takes all drafts with it.
    fn fail(&mut self, name: &str, error: &io::Error) {
        let path = if name.is_empty() {
            self.path.clone()
        } else {
            self.path.join(name)
        };
        let sentence = || format!("cannot write {}: {error}", path.display());
        self.failure.get_or_insert_with(sentence);
        self.folder = None;
        self.drafts.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path) -> usize {
        std::fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn all_files_appear_with_a_manifest_that_lists_them() {
        let folder = tempfile::tempdir().unwrap();
        let mut output = Output::open(folder.path());
        output.add(SUMMARY_CSV, b"x");
        assert_eq!(
            output.publish(|names| names.join(",")).unwrap(),
            ["summary.csv", MANIFEST]
        );
        let manifest = std::fs::read_to_string(folder.path().join(MANIFEST)).unwrap();
        assert_eq!(manifest, "summary.csv");
    }

    #[test]
    fn one_file_that_fails_spoils_them_all() {
        let folder = tempfile::tempdir().unwrap();
        let mut output = Output::open(folder.path());
        output.add(SUMMARY_CSV, b"x");
        let draft = output.begin(ROLLOUTS).unwrap();
        drop(draft);
        output.keep(ROLLOUTS, Err(io::ErrorKind::StorageFull.into()));
        output.add(SUMMARY_JSON, b"{}");
        let failure = output.failure().unwrap().to_owned();
        assert!(failure.contains("rollouts.csv"), "{failure}");
        assert!(matches!(
            output.publish(|_| String::new()),
            Err(Failure::Output(_))
        ));
        assert_eq!(files(folder.path()), 0);
    }

    #[test]
    fn without_a_folder_nothing_is_begun() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let mut output = Output::open(&file);
        assert!(output.failure().is_some());
        assert!(output.begin(ROLLOUTS).is_none());
        assert!(output.publish(|_| String::new()).is_err());
    }
}
