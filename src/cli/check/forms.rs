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
    /// The verdicts in it. Whoever reads SARIF or annotations takes relative paths for those from the root of the repository.
    pub fn text(self, judgement: &Judgement) -> String {
        if matches!(self, Form::Sarif | Form::Github) {
            return self.of(&judgement.with_places(super::super::place::name_from_root));
        }
        self.of(judgement)
    }

    fn of(self, judgement: &Judgement) -> String {
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

/// The form on standard output: that of `--format`, or of an output there.
///
/// # Errors
/// Two of them want standard output, or one file; a folder is not there, which is told before anything is simulated.
pub(super) fn shown(format: Option<Form>, outputs: &[Output]) -> Result<Form, Failure> {
    for (i, output) in outputs.iter().enumerate() {
        output.has_room()?;
        if outputs[..i].iter().any(|other| other.path == output.path) {
            let wanted = match output.is_standard() {
                true => "standard output".to_owned(),
                false => output.path.display().to_string(),
            };
            return Err(Failure::Input(format!(
                "two forms cannot both go to {wanted}: give one of the two --output a file of its own"
            )));
        }
    }
    match (format, outputs.iter().find(|output| output.is_standard())) {
        (Some(_), Some(_)) => Err(Failure::Input(
            "--format and --output FORM=- both say what goes to standard output: leave one out, or give the --output a file"
                .to_owned(),
        )),
        (None, Some(output)) => Ok(output.form),
        (format, None) => Ok(format.unwrap_or(Form::Human)),
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

    /// Whether it goes to standard output.
    fn is_standard(&self) -> bool {
        self.path == Path::new("-")
    }

    /// Whether a file could be there.
    fn has_room(&self) -> Result<(), Failure> {
        let folder = folder_of(&self.path);
        let why = if self.path.is_dir() {
            "it is a folder".to_owned()
        } else if !folder.is_dir() {
            format!("there is no folder {}", folder.display())
        } else {
            return Ok(());
        };
        Err(Failure::Output(format!(
            "cannot write {}: {why}",
            self.path.display()
        )))
    }

    /// Writes the verdicts, whole or not at all; a job summary is added to what is there, as GitHub has it. What goes to
    /// standard output is [`shown`] there.
    pub(super) fn write(&self, judgement: &Judgement) -> Result<(), Failure> {
        if self.is_standard() {
            return Ok(());
        }
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
    let before = file.metadata()?;
    file.write_all(text.as_bytes()).inspect_err(|_| {
        // Not half of it; what cannot be cut, such as a pipe, stays as it is.
        if before.is_file() {
            let _ = file.set_len(before.len());
        }
    })
}

fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    if path.exists() && !path.is_file() {
        return OpenOptions::new()
            .write(true)
            .open(path)?
            .write_all(text.as_bytes());
    }
    let mut file = super::super::folder::temporary(folder_of(path), "check")?;
    // The file itself: its wrapper's errors name the temporary file.
    file.as_file_mut().write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
