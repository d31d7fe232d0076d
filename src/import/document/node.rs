//! A value and what can be asked of it.

use std::sync::Arc;

use crate::import::refusal::{At, Refusal, short};

/// A value of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it begins.
    pub at: At,
    /// Its tag where it has one of its own, such as `!Ref`.
    pub tag: Option<Box<str>>,
    /// What it is.
    pub content: Content,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A text or a number, with its digits as they stand.
    Scalar {
        /// The text.
        text: Arc<str>,
        /// Whether it stands without quotes, so that it may be a number, a truth or nothing.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A table, in the order of the file.
    Table(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Arc<str>,
    /// Where the key stands.
    pub at: At,
    /// The value.
    pub value: Node,
}

impl Node {
    /// Whether nothing is there: `null`, `~` or no text at all.
    pub fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, plain: true }
            if matches!(&**text, "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The value of a key, unless it is missing or null.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let entry = self.entries().iter().find(|e| &*e.key == key)?;
        (!entry.value.is_null()).then_some(&entry.value)
    }

    /// The value at a path of keys such as `spec.strategy.canary`.
    pub fn at_path(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, Node::get)
    }

    /// The text of a scalar that is not null.
    pub fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// The text of a key's value.
    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::as_text)
    }

    /// Entries of a table; none where it is no table.
    pub fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Table(entries) => entries,
            _ => &[],
        }
    }

    /// Values of a list; none where it is no list.
    pub fn items(&self) -> &[Node] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// Values of a key's list; none where it is missing or no list.
    pub fn items_of(&self, key: &str) -> &[Node] {
        self.get(key).map_or(&[], Node::items)
    }

    /// The table that this must be. `what` names it, such as `spec.strategy`.
    ///
    /// # Errors
    /// It is something else.
    pub fn table(&self, what: &str) -> Result<&[Entry], Refusal> {
        match &self.content {
            Content::Table(entries) => Ok(entries),
            _ => Err(self.wrong(what, "a table")),
        }
    }

    /// The list that this must be.
    ///
    /// # Errors
    /// It is something else.
    pub fn list(&self, what: &str) -> Result<&[Node], Refusal> {
        match &self.content {
            Content::List(items) => Ok(items),
            _ => Err(self.wrong(what, "a list")),
        }
    }

    /// The text that this must be; numbers are texts, too.
    ///
    /// # Errors
    /// It is something else.
    pub fn text(&self, what: &str) -> Result<&str, Refusal> {
        self.as_text().ok_or_else(|| self.wrong(what, "a text"))
    }

    /// The finite number that this must be, in quotes or not.
    ///
    /// # Errors
    /// It is something else.
    pub fn number(&self, what: &str) -> Result<f64, Refusal> {
        let text = self.as_text().unwrap_or("").trim();
        let looks_so = text
            .bytes()
            .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
        let number = text
            .parse::<f64>()
            .ok()
            .filter(|x| looks_so && x.is_finite());
        number.ok_or_else(|| self.wrong(what, "a number"))
    }

    /// The whole number within bounds that this must be, in quotes or not.
    ///
    /// # Errors
    /// It is something else.
    pub fn whole(&self, what: &str, least: i64, most: i64) -> Result<i64, Refusal> {
        let number = self.as_text().unwrap_or("").trim().parse::<i64>();
        let wanted = || format!("a whole number from {least} to {most}");
        let number = number.ok().filter(|n| (least..=most).contains(n));
        number.ok_or_else(|| self.wrong(what, &wanted()))
    }

    /// The truth that this must be, in the words of YAML 1.1.
    ///
    /// # Errors
    /// It is something else.
    pub fn flag(&self, what: &str) -> Result<bool, Refusal> {
        match self.as_text().unwrap_or("").to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Ok(true),
            "false" | "no" | "off" => Ok(false),
            _ => Err(self.wrong(what, "true or false")),
        }
    }

    /// What is said of a value that is not what it must be.
    pub fn wrong(&self, what: &str, wanted: &str) -> Refusal {
        let refusal = |found: String| {
            Refusal::new(self.at, format!("{what} must be {wanted}, found {found}"))
        };
        match &self.content {
            Content::Scalar { text, .. } if text.contains("{{") || text.contains("${") => {
                refusal(format!("`{}`", short(text))).mend("this is a template: render it first")
            }
            Content::Scalar { .. } if self.is_null() => refusal("nothing".to_owned()),
            Content::Scalar { text, .. } => refusal(format!("`{}`", short(text))),
            Content::List(_) => refusal("a list".to_owned()),
            Content::Table(_) => refusal("a table".to_owned()),
        }
    }
}
