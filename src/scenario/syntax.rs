//! Syntax errors: where they are, and whether what is around them can be judged all the same.

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::problem::Draft;
use super::source::Place;
use super::toml_words::{NOT_CLOSED, reworded};

/// The most marks that structure a file: beyond it is no scenario, and parsing would take memory out of proportion.
const MOST_MARKS: usize = 300_000;

/// The most syntax errors of one file: what follows is mostly their consequence.
const MOST: usize = 5;

/// Whether a text has more values than any scenario, by its marks.
pub(super) fn too_many_values(text: &str) -> Option<String> {
    let is_mark = |b: &u8| matches!(b, b'=' | b',' | b'[' | b'{' | b'.' | b'"' | b'\'');
    // A line that begins like a comment is one, or within a text: no value in it either way. What was imported has many.
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let marks = lines.map(|line| line.as_bytes().iter().filter(|b| is_mark(b)).count());
    (marks.sum::<usize>() > MOST_MARKS)
        .then(|| "the file has more values than a scenario can have".to_owned())
}

/// What is wrong with the syntax of a text.
pub(super) struct Broken {
    /// The errors, from the top, one for each line.
    pub drafts: Vec<Draft>,
    /// Where the lines are that could not be read, if all others could: what stands there is not what was meant.
    pub lines: Option<Vec<Place>>,
}

/// The syntax errors of a text, and whether the rest of it can be judged.
pub(super) fn describe(
    text: &str,
    file: usize,
    document: &Spanned<DeTable<'_>>,
    errors: &[Error],
) -> Broken {
    if let Some(at) = json(text, file) {
        let drafts = vec![
            Draft::new(at, "", "this is JSON, and a scenario is TOML")
                .mend("write keys and values as `format = 1`, and tables as `[strategy.ours]`"),
        ];
        return Broken {
            drafts,
            lines: None,
        };
    }
    let drafts = drafts(text, file, document, errors);
    let lines = (errors.len() <= MOST)
        .then(|| {
            let lines = errors.iter().map(|error| broken_line(text, file, error));
            lines.collect::<Option<Vec<Place>>>()
        })
        .flatten();
    Broken { drafts, lines }
}

/// The brace that a file in another language begins with.
fn json(text: &str, file: usize) -> Option<Place> {
    let start = text.len() - text.trim_start().len();
    let begins = text[start..].starts_with('{');
    begins.then_some(Place {
        file,
        start,
        end: start + 1,
    })
}

/// The line of an error; `None` where other lines are misread for it: after what was never closed, and below the name of
/// a table that could not be read.
fn broken_line(text: &str, file: usize, error: &Error) -> Option<Place> {
    let span = error.span()?;
    let start = text.get(..span.start)?.rfind('\n').map_or(0, |i| i + 1);
    let rest = text.get(span.end.max(span.start)..)?;
    let end = text.len() - rest.len() + rest.find('\n').unwrap_or(rest.len());
    let misleads = error.message().starts_with("unclosed");
    let line = text.get(start..end)?.trim_start();
    (!misleads && !line.starts_with('[')).then_some(Place { file, start, end })
}

fn drafts(
    text: &str,
    file: usize,
    document: &Spanned<DeTable<'_>>,
    errors: &[Error],
) -> Vec<Draft> {
    let mut found: Vec<(usize, usize, String)> = errors
        .iter()
        .map(|error| {
            let span = error.span().unwrap_or(0..0);
            (span.start, span.end, error.message().to_owned())
        })
        .collect();
    found.sort();
    if let Some(open) = unclosed(text, document, &found) {
        // All that comes after the open bracket was misread for a part of it.
        found.retain(|(start, ..)| *start < open);
        found.push((open, open + 1, NOT_CLOSED.to_owned()));
    }
    let mut last_line = usize::MAX;
    found.retain(|(start, ..)| {
        let begin = text
            .get(..*start)
            .and_then(|t| t.rfind('\n'))
            .map_or(0, |i| i + 1);
        std::mem::replace(&mut last_line, begin) != begin
    });
    found.truncate(MOST);
    found
        .into_iter()
        .map(|(start, end, message)| {
            let end = end.max(start).min(text.len());
            let start = start.min(end);
            reworded(text, Place { file, start, end }, &message)
        })
        .collect()
}

/// Where the bracket is that was never closed, if one was not.
fn unclosed(
    text: &str,
    document: &Spanned<DeTable<'_>>,
    errors: &[(usize, usize, String)],
) -> Option<usize> {
    let is_open = |message: &str| message.starts_with("unclosed");
    errors.iter().find(|(_, _, message)| is_open(message))?;
    let mut best = None;
    let mut left: Vec<&Spanned<DeValue<'_>>> = document.get_ref().values().collect();
    while let Some(value) = left.pop() {
        let span = value.span();
        match value.get_ref() {
            DeValue::Array(items) => {
                let closed = text.get(..span.end).is_some_and(|t| t.ends_with(']'));
                if !closed && text[span.start..].starts_with('[') {
                    best = Some(best.map_or(span.start, |b: usize| b.min(span.start)));
                }
                left.extend(items.iter());
            }
            DeValue::Table(table) => left.extend(table.values()),
            _ => {}
        }
    }
    best
}
