//! TOML values that know where they were written.
//!
//! The parser's tree is turned into one that owns its texts, keeps the order of keys, and has a place for every key and
//! value. What a value means is not known here.

use std::collections::HashMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::source::Place;

/// A value and where it is.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub node: Node,
    pub at: Place,
}

/// What was written.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// A string; an unquoted date or time, too, as it was written.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A distribution as it was written, to be multiplied: a guess in a world where it was drawn.
    Scaled {
        /// What was written.
        text: String,
        /// How many times it is.
        factor: f64,
    },
    /// Any other number, also whole ones too large for 64 bits.
    Real(f64),
    /// `true` or `false`.
    Flag(bool),
    /// An array.
    List(Vec<Value>),
    /// A table, inline or not.
    Table(Table),
}

/// The keys of a table, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// `None` where a key was removed.
    entries: Vec<Option<Entry>>,
    index: HashMap<String, usize>,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    pub key_at: Place,
    pub value: Value,
}

impl Table {
    /// The entry of a key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.index.get(key).and_then(|&i| self.entries[i].as_ref())
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entry(key).map(|e| &e.value)
    }

    /// The entry of a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.index.get(key).and_then(|&i| self.entries[i].as_mut())
    }

    /// All entries in order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().flatten()
    }

    /// Sets a key, which keeps its place in the order if it was there.
    pub fn put(&mut self, entry: Entry) {
        match self.index.get(&entry.key) {
            Some(&i) => self.entries[i] = Some(entry),
            None => {
                self.index.insert(entry.key.clone(), self.entries.len());
                self.entries.push(Some(entry));
            }
        }
    }

    /// Removes a key; whether it was there.
    pub fn remove(&mut self, key: &str) -> bool {
        let place = self.index.remove(key);
        place.is_some_and(|i| self.entries[i].take().is_some())
    }

    /// All entries in order, to be changed.
    pub fn entries_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.entries.iter_mut().flatten()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// The entries themselves.
    pub fn into_entries(self) -> impl Iterator<Item = Entry> {
        self.entries.into_iter().flatten()
    }
}

impl Value {
    /// What kind of value it is, in words.
    pub fn kind(&self) -> &'static str {
        match self.node {
            Node::Text(_) | Node::Scaled { .. } => "a string",
            Node::Whole(_) | Node::Real(_) => "a number",
            Node::Flag(_) => "true or false",
            Node::List(_) => "a list",
            Node::Table(_) => "a table",
        }
    }
}

/// A value is nested too deeply, at this place.
#[derive(Clone, Copy, Debug)]
pub(super) struct TooDeep(pub Place);

/// The deepest nesting of tables and arrays.
pub(super) const MAX_NESTING: usize = 32;

/// Turns a parsed document into a table.
pub(super) fn table_of(document: &DeTable<'_>, file: usize) -> Result<Table, TooDeep> {
    table(document, file, 1)
}

fn table(parsed: &DeTable<'_>, file: usize, depth: usize) -> Result<Table, TooDeep> {
    let mut table = Table::default();
    for (key, value) in parsed {
        table.put(Entry {
            key: key.get_ref().to_string(),
            key_at: place(key, file),
            value: converted(value, file, depth)?,
        });
    }
    Ok(table)
}

fn converted(parsed: &Spanned<DeValue<'_>>, file: usize, depth: usize) -> Result<Value, TooDeep> {
    let at = place(parsed, file);
    if depth > MAX_NESTING {
        return Err(TooDeep(at));
    }
    let node = match parsed.get_ref() {
        DeValue::String(text) => Node::Text(text.to_string()),
        DeValue::Datetime(moment) => Node::Text(moment.to_string()),
        DeValue::Boolean(flag) => Node::Flag(*flag),
        DeValue::Float(real) => Node::Real(real.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Integer(whole) => {
            // Digits beyond 128 bits are refused as infinite, like all that is too large.
            match i128::from_str_radix(whole.as_str(), whole.radix()) {
                Ok(n) => i64::try_from(n).map_or(Node::Real(n as f64), Node::Whole),
                Err(_) => Node::Real(f64::INFINITY),
            }
        }
        DeValue::Array(items) => {
            let items = items.iter().map(|item| converted(item, file, depth + 1));
            Node::List(items.collect::<Result<_, _>>()?)
        }
        DeValue::Table(inner) => Node::Table(table(inner, file, depth + 1)?),
    };
    Ok(Value { node, at })
}

fn place<T>(spanned: &Spanned<T>, file: usize) -> Place {
    let span = spanned.span();
    Place {
        file,
        start: span.start,
        end: span.end,
    }
}
