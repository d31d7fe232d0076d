//! A template as it is written: short and long forms of intrinsic functions told apart from plain tables.

use crate::import::document::{Content, Node};
use crate::import::refusal::At;

/// A node of a template.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    pub(super) at: At,
    pub(super) shape: Shape,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Null,
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(String, Raw)>),
    /// An intrinsic function by its short name (`If` for `!If` and `Fn::If`), and what it is given.
    Call(String, Box<Raw>),
}

/// A node with its intrinsic functions told apart.
pub(super) fn raw(node: &Node) -> Raw {
    let shape = match &node.content {
        Content::Scalar { .. } if node.is_null() => Shape::Null,
        Content::Scalar { text, plain } => Shape::Text(scalar(text, *plain)),
        Content::List(items) => Shape::List(items.iter().map(raw).collect()),
        Content::Table(entries) => table(
            entries
                .iter()
                .map(|entry| {
                    let mut value = raw(&entry.value);
                    // What begins below its key is found by the key.
                    value.at = if value.at.line > entry.at.line {
                        entry.at
                    } else {
                        value.at
                    };
                    (entry.key.to_string(), value)
                })
                .collect(),
        ),
    };
    let at = |shape| Raw { at: node.at, shape };
    match node.tag.as_deref().and_then(|tag| tag.strip_prefix('!')) {
        Some(name) if !name.is_empty() && !name.starts_with('!') => {
            // `!Ref` without anything after it is given nothing, which is no null.
            at(Shape::Call(name.to_owned(), Box::new(at(shape))))
        }
        _ => at(shape),
    }
}

/// Truths have one spelling where they stand without quotes.
fn scalar(text: &str, plain: bool) -> String {
    match text {
        "True" | "TRUE" if plain => "true".to_owned(),
        "False" | "FALSE" if plain => "false".to_owned(),
        _ => text.to_owned(),
    }
}

/// Intrinsic functions that have no `Fn::` in their long form.
const WITHOUT_PREFIX: [&str; 2] = ["Ref", "Condition"];

/// The short name of an intrinsic function that a key calls: of `Fn::If`, `Ref`, and of `!If`, as some tools write the
/// short form in JSON.
pub(super) fn called_by_key(key: &str) -> Option<&str> {
    let long = key.strip_prefix("Fn::").or_else(|| key.strip_prefix('!'));
    // `Fn::ForEach::Name` stands for several keys of the table around it, so it is none that gives a value.
    let long = long.filter(|name| !name.contains("::"));
    long.or_else(|| WITHOUT_PREFIX.contains(&key).then_some(key))
}

/// What a table with one key is: a call, where its key names an intrinsic function.
///
/// `Condition` is a function only beside a text, since resources have a key of that name.
pub(super) fn table(mut entries: Vec<(String, Raw)>) -> Shape {
    if let [(key, argument)] = entries.as_slice()
        && let Some(name) = called_by_key(key)
        && (name != "Condition" || matches!(argument.shape, Shape::Text(_)))
    {
        let name = name.to_owned();
        if let Some((_, argument)) = entries.pop() {
            return Shape::Call(name, Box::new(argument));
        }
    }
    Shape::Map(entries)
}

impl Raw {
    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Raw> {
        self.entries()
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// The keys and values of a table; none of anything else.
    pub(super) fn entries(&self) -> &[(String, Raw)] {
        match &self.shape {
            Shape::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub(super) fn items(&self) -> &[Raw] {
        match &self.shape {
            Shape::List(items) => items,
            _ => &[],
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.shape {
            Shape::Text(text) => Some(text),
            _ => None,
        }
    }
}
