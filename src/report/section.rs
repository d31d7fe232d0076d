//! Tables with captions, and notes below them.

use super::figure::Intervals;
use super::table::{Ink, Style, Table};
use super::text::{clean, wrap};

/// A table under a caption.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// What it shows.
    pub caption: String,
    /// The figures.
    pub table: Table,
}

/// Where tables are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Ranges are below figures.
    Terminal,
    /// Ranges are in brackets.
    Markdown,
}

/// What the ranges are, and when there are any.
pub fn interval_note(level: &str, intervals: Intervals, form: Form) -> String {
    let place = match form {
        Form::Terminal => "Below a figure",
        Form::Markdown => "In brackets",
    };
    match intervals {
        Intervals::Everywhere => format!("{place}: its {level} interval."),
        Intervals::WhereCoarse => format!(
            "{place}: its {level} interval, where that is wider than a tenth of the figure either side (--wide: \
             always). Four times the --runs halve it."
        ),
    }
}

/// For a terminal of so many columns.
pub fn human(sections: &[Section], notes: &[String], columns: usize, style: Style) -> String {
    let mut text = String::new();
    for section in sections {
        for line in wrap(&clean(&section.caption), columns) {
            text.push_str(&style.paint(&line, Ink::Bold));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&section.table.human(columns, style));
        text.push('\n');
    }
    for note in notes {
        for line in wrap(&clean(note), columns) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

/// As Markdown.
pub fn markdown(sections: &[Section], notes: &[String]) -> String {
    let mut text = String::new();
    for section in sections {
        text.push_str(&format!(
            "### {}\n\n",
            super::table::escaped(&section.caption)
        ));
        text.push_str(&section.table.markdown());
        text.push('\n');
    }
    for note in notes {
        text.push_str(&format!("- {}\n", super::table::escaped(note)));
    }
    text
}
