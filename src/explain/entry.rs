//! What is said of a word.

/// A word and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The word.
    pub name: String,
    /// What it is: `a key of a step`.
    pub is: String,
    /// Other words for it.
    pub aliases: Vec<String>,
    /// Paths of a key in a file, with NAME where any name may be.
    pub paths: Vec<String>,
    /// What is said of it.
    pub parts: Vec<Part>,
}

/// A part of what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Sentences.
    Text(String),
    /// Something by name: `default`, `1d`.
    Fact(&'static str, String),
    /// Names and what they are, below each other.
    List(Vec<(String, String)>),
    /// The title of what follows.
    Title(String),
}

impl Entry {
    /// A word of which nothing is said yet.
    pub fn new(name: impl Into<String>, is: impl Into<String>) -> Entry {
        Entry {
            name: name.into(),
            is: is.into(),
            aliases: Vec::new(),
            paths: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// The entry with sentences, as a sentence: with a capital and a full stop.
    #[must_use]
    pub fn text(mut self, text: &str) -> Entry {
        self.parts.push(Part::Text(sentence(text)));
        self
    }

    /// The entry with a fact, if there is one.
    #[must_use]
    pub fn fact(mut self, label: &'static str, value: impl Into<String>) -> Entry {
        let value = value.into();
        if !value.is_empty() {
            self.parts.push(Part::Fact(label, value));
        }
        self
    }

    /// The entry with a list.
    #[must_use]
    pub fn list(mut self, rows: Vec<(String, String)>) -> Entry {
        if !rows.is_empty() {
            self.parts.push(Part::List(rows));
        }
        self
    }

    /// The entry with other words for it.
    #[must_use]
    pub fn aliases<T: Into<String>>(mut self, aliases: impl IntoIterator<Item = T>) -> Entry {
        self.aliases.extend(aliases.into_iter().map(Into::into));
        self
    }
}

/// A meaning as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{}{}{end}", first.unwrap_or_default(), letters.as_str())
}
