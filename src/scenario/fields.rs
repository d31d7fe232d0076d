//! Reading tables key by key, with every mistake noted and nothing read twice.

use super::check::Check;
use super::nearest::nearest;
use super::problem::Draft;
use super::source::Place;
use super::synonym;
use super::value::{Entry, Node, Table, Value};
use super::vocabulary::{PROVENANCE, TableWords, tables_with};
use super::{Input, Provenance};

/// A table whose keys are being read.
#[derive(Clone, Debug)]
pub(super) struct Fields<'d> {
    table: &'d Table,
    /// Where to point when a key is missing.
    pub at: Place,
    /// Path of the table.
    pub path: String,
    words: &'static TableWords,
}

/// The value of a key, freed from its provenance.
#[derive(Clone, Debug)]
pub(super) struct Item<'d> {
    pub value: &'d Value,
    /// Path of the key.
    pub path: String,
}

impl<'d> Fields<'d> {
    /// A table with these words; unknown keys are noted.
    pub fn of(
        table: &'d Table,
        at: Place,
        path: impl Into<String>,
        words: &'static TableWords,
        check: &mut Check,
    ) -> Self {
        let fields = Fields {
            table,
            at,
            path: path.into(),
            words,
        };
        for entry in table.entries().filter(|e| !words.has(&e.key)) {
            if check.is_full() {
                break;
            }
            let draft = unknown_key(
                &entry.key,
                entry.key_at,
                &join(&fields.path, &entry.key),
                words,
            );
            check.note(draft);
        }
        fields
    }

    /// A table whose keys are names of somebody's choice.
    pub fn open(table: &'d Table, at: Place, path: impl Into<String>) -> Self {
        static ANY: TableWords = TableWords {
            title: "",
            keys: &[],
            and: None,
        };
        Fields {
            table,
            at,
            path: path.into(),
            words: &ANY,
        }
    }

    /// All keys: name, place and value.
    pub fn all(&self, check: &mut Check) -> Vec<(&'d str, Place, Item<'d>)> {
        let item = |entry: &'d Entry| {
            let path = join(&self.path, &entry.key);
            (
                entry.key.as_str(),
                entry.key_at,
                unwrapped(&entry.value, path, check),
            )
        };
        self.table.entries().map(item).collect()
    }

    /// The value of a key, if it is there.
    pub fn item(&self, key: &'static str, check: &mut Check) -> Option<Item<'d>> {
        debug_assert!(
            self.words.has(key),
            "{key} is no word of {}",
            self.words.title
        );
        let value = self.table.get(key)?;
        let path = join(&self.path, key);
        Some(unwrapped(value, path, check))
    }

    /// Whether a key is there.
    pub fn has(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    /// Where a key is written.
    pub fn place_of(&self, key: &str) -> Place {
        self.table.entry(key).map_or(self.at, |e| e.key_at)
    }

    /// Reads a key that may be missing: `Some(None)` then, `None` after a mistake.
    pub fn maybe<T>(
        &self,
        key: &'static str,
        check: &mut Check,
        read: impl FnOnce(&Item<'d>, &mut Check) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.item(key, check) {
            Some(item) => read(&item, check).map(Some),
            None => Some(None),
        }
    }

    /// Reads a key that has a default.
    pub fn or<T>(
        &self,
        key: &'static str,
        default: T,
        check: &mut Check,
        read: impl FnOnce(&Item<'d>, &mut Check) -> Option<T>,
    ) -> Option<T> {
        Some(self.maybe(key, check, read)?.unwrap_or(default))
    }

    /// Reads a key that must be there; `example` is what it could look like.
    pub fn need<T>(
        &self,
        key: &'static str,
        example: &str,
        check: &mut Check,
        read: impl FnOnce(&Item<'d>, &mut Check) -> Option<T>,
    ) -> Option<T> {
        match self.item(key, check) {
            Some(item) => read(&item, check),
            None => {
                self.lacks(key, example, check);
                None
            }
        }
    }

    /// Notes that a key is not there, unless it is there misspelt, which was noted already.
    pub fn lacks(&self, key: &str, example: &str, check: &mut Check) {
        let unknown = self.table.entries().filter(|e| !self.words.has(&e.key));
        let is_misspelt = unknown.take(10).any(|e| {
            nearest(&e.key, self.words.names()) == Some(key) || synonym::ours(&e.key) == Some(key)
        });
        if is_misspelt {
            check.mistakes += 1;
        } else {
            check.note(self.missing(key, example));
        }
    }

    /// The mistake of a key that is not there.
    fn missing(&self, key: &str, example: &str) -> Draft {
        Draft::new(
            self.at,
            join(&self.path, key),
            format!("{} needs `{key}`", self.title()),
        )
        .mend(format!("add `{key} = {example}`"))
        .absence()
    }

    /// How to speak of the table: its path, or what it is where it has none.
    fn title(&self) -> String {
        if self.path.is_empty() {
            self.words.title.to_owned()
        } else {
            format!("`{}`", self.path)
        }
    }
}

/// The mistake of a key that the language does not know in this table.
fn unknown_key(key: &str, at: Place, path: &str, words: &TableWords) -> Draft {
    let draft = Draft::new(
        at,
        path,
        format!("{} has no key `{}`", words.title, short(key)),
    );
    let homes = |key: &str| either(&tables_with(key).map(|t| t.title).collect::<Vec<_>>());
    if tables_with(key).next().is_some() {
        let mend = format!("`{key}` is a key of {}", homes(key));
        return draft.nearest(nearest(key, words.names())).mend(mend);
    }
    if let Some(ours) = synonym::ours(key) {
        return match words.has(ours) {
            true => draft.nearest(Some(ours)),
            false => draft.mend(format!("this is `{ours}` here, a key of {}", homes(ours))),
        };
    }
    let draft = draft.nearest(nearest(key, words.names()));
    let known: Vec<&str> = words.names().collect();
    draft.or_mend(format!("known keys are {}", known.join(", ")))
}

/// A list of alternatives in words.
pub(super) fn either<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} or {}", first.join(", "), last.as_ref())
        }
    }
}

/// A path and one more key, which is quoted where TOML would want that.
pub(super) fn join(path: &str, key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let key = if !key.is_empty() && key.chars().all(bare) {
        key.to_owned()
    } else {
        format!("{:?}", short(key))
    };
    if path.is_empty() {
        key
    } else {
        format!("{path}.{key}")
    }
}

/// A text cut to a length at which it can be shown.
pub(super) fn short(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LONGEST).collect();
    format!("{cut}...")
}

/// Frees a value from the table that says where it comes from, and notes it as an input.
fn unwrapped<'d>(value: &'d Value, path: String, check: &mut Check) -> Item<'d> {
    let wrapper = match &value.node {
        Node::Table(table) if table.get("value").is_some() => table,
        _ => {
            note(value, &path, None, check);
            return Item { value, path };
        }
    };
    let fields = Fields::of(wrapper, value.at, path.clone(), &PROVENANCE, check);
    let text = |key: &'static str, check: &mut Check| {
        let value = fields.table.get(key)?;
        match &value.node {
            Node::Text(text) => Some(text.clone()),
            _ => check.fail(
                Draft::new(
                    value.at,
                    join(&path, key),
                    format!("`{key}` is a text in quotes"),
                )
                .label(format!("this is {}", value.kind())),
            ),
        }
    };
    let from = fields.table.get("from").and_then(|from| {
        let item = Item {
            value: from,
            path: join(&path, "from"),
        };
        item.choice(
            check,
            &[
                ("measured", Provenance::Measured),
                ("published", Provenance::Published),
                ("guess", Provenance::Guess),
            ],
        )
    });
    let origin = Origin {
        from,
        source: text("source", check),
        range: text("range", check),
    };
    // `value` was seen above.
    let inner = fields.table.get("value").unwrap_or(value);
    note(inner, &path, Some(origin), check);
    Item { value: inner, path }
}

struct Origin {
    from: Option<Provenance>,
    source: Option<String>,
    range: Option<String>,
}

/// Notes a value that is no table (tables are noted key by key) as an input.
fn note(value: &Value, path: &str, origin: Option<Origin>, check: &mut Check) {
    let is_whole = match &value.node {
        Node::Table(_) => false,
        Node::List(items) => !items.iter().any(|i| matches!(i.node, Node::Table(_))),
        _ => true,
    };
    if !is_whole && origin.is_none() {
        return;
    }
    let origin = origin.unwrap_or(Origin {
        from: None,
        source: None,
        range: None,
    });
    check.inputs.push(Input {
        key: path.to_owned(),
        value: check.texts.slice(value.at).to_owned(),
        from: origin.from,
        source: origin.source,
        range: origin.range,
        file: check.texts.source(value.at.file).path.clone(),
        line: check.texts.line(value.at),
    });
}
