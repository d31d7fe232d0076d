//! `landfall new`.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser};

use super::console::Console;
use super::exit::Failure;
use super::interrupt::Interrupt;
use super::options::Color;
use crate::scenario::BEGINNINGS;

/// `landfall new`.
#[derive(Debug, clap::Args)]
pub struct NewArgs {
    /// What to begin with
    #[arg(value_name = "KIND", default_value = BEGINNINGS[0].name, value_parser = beginnings())]
    pub kind: String,

    /// The file to write instead of standard output (-); one that is there stays as it is
    ///
    /// Example: --out ours.toml
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// The kinds of beginnings, with what they are for.
fn beginnings() -> PossibleValuesParser {
    PossibleValuesParser::new(
        BEGINNINGS
            .iter()
            .map(|b| PossibleValue::new(b.name).help(b.about)),
    )
}

/// Writes a file to begin with.
///
/// # Errors
/// A file that is there already, output that cannot be written.
pub fn new(args: &NewArgs) -> Result<(), Failure> {
    let beginning = BEGINNINGS.iter().find(|b| b.name == args.kind);
    let text = beginning.expect("only known kinds are arguments").text;
    let console = Console::new(Color::Auto, false);
    let Some(path) = named(args.out.as_deref()) else {
        return console.print(text);
    };
    write(path, text, &Interrupt::listen())?;
    console.note(&format!("{}: {}", path.display(), args.kind));
    Ok(())
}

/// The file that an option names, if it does not name standard output.
pub(super) fn named(out: Option<&Path>) -> Option<&Path> {
    out.filter(|path| *path != Path::new("-"))
}

/// Writes a file that is not there yet, whole or not at all.
pub(super) fn write(path: &Path, text: &str, interrupt: &Interrupt) -> Result<(), Failure> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::Input(format!(
            "{} is there already, and stays as it is: give another name, or remove it first",
            path.display()
        )),
        _ => Failure::Output(format!("cannot write {}: {error}", path.display())),
    };
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    // Opened the ordinary way, so that it has the permissions that the user's files have.
    let open = |path: &Path| File::options().write(true).create_new(true).open(path);
    let mut file = tempfile::Builder::new()
        .prefix(".landfall-new.")
        .make_in(folder, open)
        .map_err(failed)?;
    // The file itself: its wrapper's errors name the temporary file.
    file.as_file_mut()
        .write_all(text.as_bytes())
        .and_then(|()| file.as_file().sync_all())
        .map_err(failed)?;
    interrupt.check()?;
    file.persist_noclobber(path)
        .map(drop)
        .map_err(|e| failed(e.error))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;

    #[test]
    fn an_interruption_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ours.toml");
        let interrupt = Interrupt::default();
        interrupt.flag().store(true, Ordering::Relaxed);
        let failure = write(&path, "format = 1\n", &interrupt);
        assert!(matches!(failure, Err(Failure::Interrupted)), "{failure:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        write(&path, "format = 1\n", &Interrupt::default()).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "format = 1\n");
    }
}
