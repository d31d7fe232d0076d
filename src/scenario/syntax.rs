//! What the TOML parser says, made fit for people.

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::problem::Draft;
use super::source::Place;

/// The most marks that structure a file: beyond it is no scenario, and parsing would take memory out of proportion.
const MOST_MARKS: usize = 300_000;

/// The most syntax errors of one file: what follows is mostly their consequence.
const MOST: usize = 5;

/// What is said of an open bracket.
const NOT_CLOSED: &str = "this bracket is not closed";

/// Whether a text has more values than any scenario, by its marks.
pub(super) fn too_many_values(text: &str) -> Option<String> {
    let marks = text
        .bytes()
        .filter(|b| matches!(b, b'=' | b',' | b'[' | b'{' | b'.' | b'"' | b'\''));
    (marks.count() > MOST_MARKS)
        .then(|| "the file has more values than a scenario can have".to_owned())
}

/// The syntax errors of a text, from the top, one for each line.
pub(super) fn describe(
    text: &str,
    file: usize,
    document: &Spanned<DeTable<'_>>,
    errors: Vec<Error>,
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
        .map(|(start, end, message)| draft(text, file, start, end, &message))
        .collect()
}

fn draft(text: &str, file: usize, start: usize, end: usize, message: &str) -> Draft {
    let end = end.max(start).min(text.len());
    let at = Place {
        file,
        start: start.min(end),
        end,
    };
    let written = text.get(at.start..at.end).unwrap_or("");
    if message.starts_with("string values must be quoted") {
        return match written.trim() {
            "" => Draft::new(at, "", "a value is missing").mend("write it after the `=`"),
            bare => Draft::new(at, "", "a text must be in quotes")
                .mend(format!("write \"{}\"", super::fields::short(bare))),
        };
    }
    if message.starts_with("duplicate key") {
        let draft = Draft::new(at, "", "this is here twice");
        return draft.mend("put all keys of a table in one place, each once");
    }
    if message == NOT_CLOSED {
        return Draft::new(at, "", message).mend("close it with `]`");
    }
    Draft::new(at, "", format!("this is not TOML: {message}"))
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
