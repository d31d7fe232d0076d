//! Entries as text for a terminal of some width.

use super::entry::{Entry, Part};
use super::{SHELVES, Shelf};
use crate::report::table::{Ink, Style};
use crate::report::text::{width, wrap};

/// Columns before everything but names.
const INDENT: usize = 2;
/// Widest that names in a list get before what they are comes below them.
const WIDEST_NAME: usize = 26;
/// Columns of labels of facts.
const LABEL: usize = 10;
/// Widest that sentences get: beyond it lines are hard to read.
const WIDEST_TEXT: usize = 96;

/// Entries, one below the other.
pub fn show(entries: &[Entry], columns: usize, style: Style) -> String {
    let page = Page {
        columns: columns.min(WIDEST_TEXT),
        style,
    };
    let entries: Vec<String> = entries.iter().map(|entry| page.entry(entry)).collect();
    entries.join("\n")
}

/// What can be asked for.
pub fn guide(columns: usize, style: Style) -> String {
    let page = Page {
        columns: columns.min(WIDEST_TEXT),
        style,
    };
    let mut text = String::new();
    page.hang("", 0, "landfall explain TERM... tells what a word means: of the scenario language, of the results, of the \
                      field, and of what comes with landfall. For example:", &mut text);
    text.push('\n');
    for example in [
        "landfall explain blast radius",
        "landfall explain bake",
        "landfall explain strategy.ours.waves[0].parallel",
        "landfall explain aws-like",
        "landfall explain detected_by",
    ] {
        text.push_str(&format!("  {example}\n"));
    }
    text.push('\n');
    for shelf in SHELVES.iter().filter(|shelf| shelf.listed) {
        page.hang(
            &style.paint(shelf.title, Ink::Bold),
            15,
            &names(shelf).join(", "),
            &mut text,
        );
    }
    text.push('\n');
    page.hang("", 0, "And every key of a scenario by its name or path, every word that is the value of a key, and every \
                      fault, alarm and region of a shipped world.", &mut text);
    text
}

fn names(shelf: &Shelf) -> Vec<String> {
    let mut names: Vec<String> = (shelf.entries)().into_iter().map(|e| e.name).collect();
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

struct Page {
    columns: usize,
    style: Style,
}

impl Page {
    fn entry(&self, entry: &Entry) -> String {
        let mut text = String::new();
        self.hang("", 0, &format!("{}, {}", entry.name, entry.is), &mut text);
        if let Some(rest) = text.strip_prefix(&entry.name) {
            text = format!("{}{rest}", self.style.paint(&entry.name, Ink::Bold));
        }
        for part in &entry.parts {
            match part {
                Part::Text(sentences) => self.below(sentences, &mut text),
                Part::Fact(label, value) => {
                    self.hang(&format!("  {label}"), INDENT + LABEL, value, &mut text)
                }
                Part::List(rows) => self.list(rows, &mut text),
                Part::Title(title) => {
                    text.push_str(&format!("\n  {}\n", self.style.paint(title, Ink::Bold)));
                }
            }
        }
        text
    }

    /// Sentences, a little to the right.
    fn below(&self, sentences: &str, text: &mut String) {
        self.hang("", INDENT, sentences, text);
    }

    /// Names and what they are: beside each other where that fits.
    fn list(&self, rows: &[(String, String)], text: &mut String) {
        let widest = rows
            .iter()
            .map(|(name, _)| width(name))
            .filter(|&w| w <= WIDEST_NAME);
        let widest = widest.max().unwrap_or(0).min(self.columns / 3);
        for (name, what) in rows {
            self.hang(&format!("    {name}"), 2 * INDENT + widest + 2, what, text);
        }
    }

    /// A label, and a text beside it that goes on below itself; or below the label where that is too wide.
    fn hang(&self, label: &str, indent: usize, what: &str, text: &mut String) {
        let gap = " ".repeat(indent);
        let taken = shown_width(label);
        let mut line = label.to_owned();
        if indent > 0 && taken + 1 > indent && taken > 0 {
            text.push_str(line.trim_end());
            text.push('\n');
            line.clone_from(&gap);
        } else {
            line.push_str(&" ".repeat(indent.saturating_sub(taken)));
        }
        for (number, piece) in wrap(what, self.columns.saturating_sub(indent).max(20))
            .iter()
            .enumerate()
        {
            if number > 0 {
                line.clone_from(&gap);
            }
            line.push_str(piece);
            text.push_str(line.trim_end());
            text.push('\n');
            line.clear();
        }
    }
}

/// Columns that a text takes, without its colours.
fn shown_width(text: &str) -> usize {
    width(&anstream::adapter::strip_str(text).to_string())
}
