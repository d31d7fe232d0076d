//! The forms in which verdicts come, each a function; and files of them.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::super::exit::Failure;
use crate::report::verdict::{self, Judgement};

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// A line a budget.
    Human,
    /// Versioned, for programs.
    Json,
    /// JUnit XML: a test case a budget.
    Junit,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// Markdown for a job summary.
    Markdown,
}

impl Form {
    /// The verdicts in it.
    pub fn text(self, judgement: &Judgement) -> String {
        match self {
            Form::Human => verdict::human(judgement),
            Form::Json => verdict::json(judgement),
            Form::Junit => verdict::junit(judgement),
            Form::Sarif => verdict::sarif(judgement),
            Form::Github => verdict::annotations(judgement),
            Form::Markdown => verdict::summary(judgement),
        }
    }
}

/// A form and the file that gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    form: Form,
    path: PathBuf,
}

impl Output {
    pub(super) fn parse(text: &str) -> Result<Output, String> {
        let forms = || "expected FORM=FILE with human, json, junit, sarif, github or markdown, such as junit=check.xml";
        let (form, path) = text.split_once('=').ok_or_else(|| forms().to_owned())?;
        let form = Form::from_str(form, true).map_err(|_| forms().to_owned())?;
        if path.is_empty() {
            return Err(forms().to_owned());
        }
        Ok(Output {
            form,
            path: PathBuf::from(path),
        })
    }

    /// Writes the verdicts, whole or not at all; a job summary is added to what is there, as GitHub has it.
    pub(super) fn write(&self, judgement: &Judgement) -> Result<(), Failure> {
        let text = self.form.text(judgement);
        let written = match self.form {
            Form::Markdown => append(&self.path, &text),
            _ => replace(&self.path, &text),
        };
        written.map_err(|e| Failure::Output(format!("cannot write {}: {e}", self.path.display())))
    }
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(text.as_bytes())
}

fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    if path.exists() && !path.is_file() {
        return OpenOptions::new()
            .write(true)
            .open(path)?
            .write_all(text.as_bytes());
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut file = super::super::folder::temporary(folder, "check")?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
