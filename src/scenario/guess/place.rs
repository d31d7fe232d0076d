//! Where guesses stand among the tables, and how a draw takes the place of a value.

use std::collections::HashMap;

use super::range::{Measure, Range};
use crate::scenario::check::Check;
use crate::scenario::fields::join;
use crate::scenario::literal;
use crate::scenario::merge::Merged;
use crate::scenario::source::Place;
use crate::scenario::table_file;
use crate::scenario::value::{Node, Table, Value};
use crate::scenario::vocabulary::Kind;
use crate::scenario::vocabulary::{TableWords, section_named};

/// A value that is marked as a guess.
pub(super) struct Found<'m> {
    /// Path of its key.
    pub key: String,
    pub value: &'m Value,
    /// The range, if it has one, and its place.
    pub range: Option<(Place, &'m str)>,
    /// Whether the key takes whole numbers only.
    pub is_whole: bool,
}

/// How a draw is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Way {
    /// As a number, which was a whole one.
    Whole,
    /// As a number.
    Real,
    /// As a quantity.
    Text,
    /// As a quantity within a text, such as the threshold of a condition.
    Inside { before: String, after: String },
    /// By scaling a distribution of this median.
    Scale { text: String, median: f64 },
}

/// All guesses, in order.
pub(super) fn guesses(merged: &Merged) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    for (path, value) in merged.tables() {
        look(value, path, &mut found);
    }
    found
}

fn look<'m>(value: &'m Value, path: String, found: &mut Vec<Found<'m>>) {
    match &value.node {
        Node::Table(table) => match table.get("value") {
            Some(inner) => {
                if text_of(table, "from") == Some("guess") {
                    let range = table.get("range").and_then(|range| match &range.node {
                        Node::Text(text) => Some((range.at, text.as_str())),
                        _ => None,
                    });
                    found.push(Found {
                        is_whole: is_whole(&path),
                        key: path,
                        value: inner,
                        range,
                    });
                }
            }
            None => {
                for entry in table.entries() {
                    look(&entry.value, join(&path, &entry.key), found);
                }
            }
        },
        Node::List(values) => {
            for (i, value) in values.iter().enumerate() {
                look(value, format!("{path}[{i}]"), found);
            }
        }
        _ => {}
    }
}

fn text_of<'t>(table: &'t Table, key: &str) -> Option<&'t str> {
    match table.get(key).map(|v| &v.node) {
        Some(Node::Text(text)) => Some(text),
        _ => None,
    }
}

/// Sets the values of these keys.
pub(super) fn set(merged: &mut Merged, mut nodes: HashMap<String, Node>) {
    merged.each_table(&mut |path, value| put(value, path, &mut nodes));
}

fn put(value: &mut Value, path: String, nodes: &mut HashMap<String, Node>) {
    match &mut value.node {
        Node::Table(table) => match table.get_mut("value") {
            Some(inner) => {
                if let Some(node) = nodes.remove(&path) {
                    inner.value.node = node;
                }
            }
            None => {
                for entry in table.entries_mut() {
                    let path = join(&path, &entry.key);
                    put(&mut entry.value, path, nodes);
                }
            }
        },
        Node::List(values) => {
            for (i, value) in values.iter_mut().enumerate() {
                put(value, format!("{path}[{i}]"), nodes);
            }
        }
        _ => {}
    }
}

/// How a draw from a range takes the place of a value; `None` where it cannot.
pub(super) fn way(value: &Value, range: &Range, check: &mut Check) -> Option<Way> {
    let is_plain = matches!(range.measure, Measure::Number | Measure::Share);
    let text = match &value.node {
        Node::Whole(_) if is_plain => return Some(Way::Whole),
        Node::Real(_) if is_plain => return Some(Way::Real),
        Node::Text(text) => text,
        _ => return None,
    };
    if range.measure.read(text).is_some() && !range.of_median {
        return Some(Way::Text);
    }
    // A share may be a number below 1 in the range, and a percentage in the value, or the other way round.
    let number = Measure::Number.read(text);
    if number.is_some() && is_plain && !range.of_median {
        return Some(Way::Text);
    }
    if let Some(unit) = range.measure.unit() {
        let file = value.at.file;
        let mut column = |path: &str, name: &str| table_file::column(path, name, unit, file, check);
        if let Ok(dist) = literal::dist(unit, text, &mut column) {
            let median = dist.quantile(0.5);
            return (median > 0.0).then(|| Way::Scale {
                text: text.clone(),
                median,
            });
        }
    }
    inside(text, range.measure)
}

/// The one quantity within a text.
fn inside(text: &str, measure: Measure) -> Option<Way> {
    let mut found = None;
    let mut at = 0;
    for word in text.split(' ') {
        if measure.read(word).is_some() {
            if found.is_some() {
                return None;
            }
            found = Some(at..at + word.len());
        }
        at += word.len() + 1;
    }
    found.map(|at| Way::Inside {
        before: text[..at.start].to_owned(),
        after: text[at.end..].to_owned(),
    })
}

/// Whether the key of a path takes whole numbers only.
fn is_whole(path: &str) -> bool {
    let keys = keys(path);
    let mut keys = keys.iter().map(String::as_str);
    let Some(section) = keys.next().and_then(section_named) else {
        return false;
    };
    if section.named {
        keys.next();
    }
    let mut kind = match keys.next() {
        Some(key) => kind_of(section.words, key),
        None => return false,
    };
    for key in keys {
        kind = kind.and_then(|kind| within(kind, key));
    }
    kind.is_some_and(takes_whole)
}

fn kind_of(words: &'static TableWords, key: &str) -> Option<&'static Kind> {
    words.words().find(|w| w.name == key).map(|w| &w.kind)
}

/// What a key may be within a value that may be so.
fn within(kind: &'static Kind, key: &str) -> Option<&'static Kind> {
    match kind {
        Kind::Table(words) => kind_of(words, key),
        Kind::Names(_, kind) => Some(kind),
        Kind::List(kind, ..) => within(kind, key),
        Kind::Either(kinds) => kinds.iter().find_map(|kind| within(kind, key)),
        _ => None,
    }
}

fn takes_whole(kind: &Kind) -> bool {
    match kind {
        Kind::Whole(..) => true,
        Kind::Either(kinds) => kinds.iter().any(takes_whole),
        Kind::List(kind, ..) => takes_whole(kind),
        _ => false,
    }
}

/// The keys of a path, without the places in lists.
fn keys(path: &str) -> Vec<String> {
    let mut keys = vec![String::new()];
    let (mut is_quoted, mut is_place) = (false, false);
    for c in path.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            '[' if !is_quoted => is_place = true,
            ']' if !is_quoted => is_place = false,
            '.' if !is_quoted => keys.push(String::new()),
            c if !is_place => {
                if let Some(key) = keys.last_mut() {
                    key.push(c);
                }
            }
            _ => {}
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_take_whole_numbers_are_known() {
        for (path, expected) in [
            ("region.eu-west-1.zones", true),
            ("region.eu-west-1.rps", false),
            ("fault.leak.weight", false),
            ("retry.max", true),
            ("alarm.\"a.b\".min_requests", false),
            ("strategy.\"1, 1, rest\".waves[0].parallel", true),
            ("strategy.ours.steps[1].takes", false),
            ("nothing.of.the.kind", false),
        ] {
            assert_eq!(is_whole(path), expected, "{path}");
        }
    }

    #[test]
    fn one_quantity_within_a_text_is_found() {
        let within = |text| match inside(text, Measure::Share) {
            Some(Way::Inside { before, after }) => Some((before, after)),
            _ => None,
        };
        let parts = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(within("errors > 1%"), parts("errors > ", ""));
        assert_eq!(
            within("requests < 50% of control"),
            parts("requests < ", " of control")
        );
        assert_eq!(within("errors > control"), None);
        assert_eq!(within("1% 2%"), None);
    }
}
