//! The terminal: results on standard output, everything else on standard error.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use super::exit::Failure;
use super::options::Color;
use crate::report::table::Style;

/// Columns of a page where there is no terminal.
const PAGE: usize = 120;
/// Columns beyond which lines get hard to read.
const WIDEST: usize = 160;

/// What the terminal is like and what was asked of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Console {
    color: Color,
    quiet: bool,
}

impl Console {
    pub fn new(color: Color, quiet: bool) -> Console {
        Console { color, quiet }
    }

    /// Columns for results.
    pub fn columns(self) -> usize {
        let size = terminal_size::terminal_size_of(io::stdout());
        size.map_or(PAGE, |(width, _)| usize::from(width.0).clamp(40, WIDEST))
    }

    /// How results may be set off.
    pub fn style(self) -> Style {
        Style {
            color: self.color_for(AutoStream::choice(&io::stdout())),
        }
    }

    /// Whether messages may have colours.
    pub fn colors_messages(self) -> bool {
        self.color_for(AutoStream::choice(&io::stderr()))
    }

    /// `auto` goes by the terminal, `NO_COLOR` and their like.
    fn color_for(self, automatic: ColorChoice) -> bool {
        match self.color {
            Color::Auto => automatic != ColorChoice::Never,
            Color::Always => true,
            Color::Never => false,
        }
    }

    /// Whether something may move on standard error.
    pub fn animates(self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Writes results. Whoever closes the pipe has seen enough: that is no failure.
    pub fn print(self, text: &str) -> Result<(), Failure> {
        let choice = if self.style().color {
            ColorChoice::Always
        } else {
            ColorChoice::Never
        };
        let mut stdout = AutoStream::new(io::stdout().lock(), choice);
        written(
            stdout
                .write_all(text.as_bytes())
                .and_then(|()| stdout.flush()),
        )
    }

    /// A remark on standard error.
    pub fn note(self, text: &str) {
        if !self.quiet {
            complain(&format!("{text}\n"));
        }
    }
}

/// What a write to standard output came to.
pub(super) fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(format!(
            "cannot write to standard output: {e}"
        ))),
        _ => Ok(()),
    }
}

/// Writes to standard error. If that is closed, nobody can be told.
pub(super) fn complain(text: &str) {
    let mut stderr = AutoStream::auto(io::stderr().lock());
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}
