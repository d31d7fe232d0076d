//! From a parser's events to trees.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span, Tag};

use super::node::{Content, Entry, Node};
use super::{MOST_NESTING, MOST_VALUES};
use crate::import::refusal::{At, Refusal, short};

/// The documents of a YAML or JSON text, without those that are empty.
///
/// # Errors
/// The first mistake: of syntax, a key that stands twice, an alias that leads to itself, or too much of something.
pub fn documents(text: &str, file: usize) -> Result<Vec<Node>, Refusal> {
    read(text, file).map_err(|refusal| match template_line(text) {
        Some(line) => Refusal::new(
            At {
                file,
                line,
                column: 1,
            },
            format!(
                "this is a template, not yet YAML: line {line} has braces that a tool fills in"
            ),
        )
        .mend("render it first, such as with `helm template`, and import what comes out"),
        None => refusal,
    })
}

fn read(text: &str, file: usize) -> Result<Vec<Node>, Refusal> {
    let mut options = Options::default();
    options.flow_nesting_limit = MOST_NESTING;
    options.block_nesting_limit = MOST_NESTING;
    options.set_emit_comments(false);
    let mut builder = Builder::new(file);
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| syntax(text, file, &error))?;
        builder.take(event, span)?;
    }
    Ok(builder.documents)
}

fn syntax(text: &str, file: usize, error: &granit_parser::ScanError) -> Refusal {
    let mark = error.marker();
    let at = At {
        file,
        line: mark.line().max(1),
        column: mark.col() + 1,
    };
    let refusal = Refusal::new(
        at,
        format!("this is no YAML or JSON: {}", short(&error.info())),
    );
    // A tab is noticed where it stands, or where the line before it goes on.
    let mut near = text.lines().skip(at.line.saturating_sub(2)).take(3);
    let indent = |line: &str| line[..line.len() - line.trim_start().len()].contains('\t');
    if near.any(indent) {
        return refusal.mend("YAML is indented with blanks: this line or the next has a tab");
    }
    refusal
}

/// The first line with braces of Helm, Jinja and their like where YAML has none: not within quotes.
fn template_line(text: &str) -> Option<usize> {
    let is_so = |line: &str| {
        let line = line.trim_start();
        let value = line
            .split_once(": ")
            .map_or(line, |(_, value)| value.trim_start());
        let value = value.strip_prefix("- ").unwrap_or(value).trim_start();
        ["{{", "{%"]
            .iter()
            .any(|b| line.starts_with(b) || value.starts_with(b))
    };
    text.lines().position(is_so).map(|i| i + 1)
}

/// A list or table that is not closed yet.
#[derive(Debug)]
struct Open {
    at: At,
    tag: Option<Box<str>>,
    anchor: usize,
    /// Values in all at its beginning.
    values_before: usize,
    kind: OpenKind,
}

#[derive(Debug)]
enum OpenKind {
    List(Vec<Node>),
    Table {
        entries: Vec<Entry>,
        key: Option<(Arc<str>, At, bool)>,
    },
}

#[derive(Debug)]
struct Builder {
    file: usize,
    documents: Vec<Node>,
    open: Vec<Open>,
    /// What has an anchor, with the number of values and the depth of nesting in it.
    anchors: HashMap<usize, (Node, usize, usize)>,
    values: usize,
    /// Values that are kept for aliases.
    kept: usize,
}

impl Builder {
    fn new(file: usize) -> Builder {
        Builder {
            file,
            documents: Vec::new(),
            open: Vec::new(),
            anchors: HashMap::new(),
            values: 0,
            kept: 0,
        }
    }

    fn at(&self, span: Span) -> At {
        At {
            file: self.file,
            line: span.start.line().max(1),
            column: span.start.col() + 1,
        }
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Refusal> {
        let at = self.at(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count(at, 1)?;
                let tag = own_tag(tag.as_deref());
                let is_text = tag.as_deref() == Some("str");
                let content = Content::Scalar {
                    text: text.into(),
                    plain: style == ScalarStyle::Plain && !is_text,
                };
                let tag = tag.filter(|t| t.starts_with('!'));
                let node = Node { at, tag, content };
                self.keep(anchor, &node, 1)?;
                self.put(node)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.begin(at, anchor, tag.as_deref(), OpenKind::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                let kind = OpenKind::Table {
                    entries: Vec::new(),
                    key: None,
                };
                self.begin(at, anchor, tag.as_deref(), kind)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(id) => self.alias(at, id),
            _ => Ok(()),
        }
    }

    fn count(&mut self, at: At, more: usize) -> Result<(), Refusal> {
        self.values += more;
        if self.values <= MOST_VALUES {
            return Ok(());
        }
        let rule = format!(
            "the file has more than {MOST_VALUES} values, those behind aliases counted every time"
        );
        Err(Refusal::new(at, rule))
    }

    fn begin(
        &mut self,
        at: At,
        anchor: usize,
        tag: Option<&Tag>,
        kind: OpenKind,
    ) -> Result<(), Refusal> {
        let values_before = self.values;
        self.count(at, 1)?;
        if self.open.len() >= MOST_NESTING {
            return Err(too_deep(at));
        }
        let tag = own_tag(tag).filter(|t| t.starts_with('!'));
        self.open.push(Open {
            at,
            tag,
            anchor,
            values_before,
            kind,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refusal> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let content = match open.kind {
            OpenKind::List(items) => Content::List(items),
            OpenKind::Table { entries, .. } => Content::Table(merged(entries)?),
        };
        let node = Node {
            at: open.at,
            tag: open.tag,
            content,
        };
        if open.anchor != 0 {
            self.keep(open.anchor, &node, self.values - open.values_before)?;
        }
        self.put(node)
    }

    fn keep(&mut self, anchor: usize, node: &Node, values: usize) -> Result<(), Refusal> {
        if anchor == 0 {
            return Ok(());
        }
        // Anchors within anchors keep what is in both twice.
        self.kept += values;
        if self.kept > MOST_VALUES {
            let rule = format!("anchors of the file have more than {MOST_VALUES} values");
            return Err(Refusal::new(node.at, rule));
        }
        self.anchors
            .insert(anchor, (node.clone(), values, depth_of(node)));
        Ok(())
    }

    fn alias(&mut self, at: At, id: usize) -> Result<(), Refusal> {
        // An anchor that is still open is not known yet.
        let Some((node, values, depth)) = self.anchors.get(&id) else {
            return Err(Refusal::new(at, "this alias leads to what it is a part of"));
        };
        if self.open.len() + depth > MOST_NESTING {
            return Err(too_deep(at));
        }
        let values = *values;
        if self.values + values <= MOST_VALUES {
            let node = node.clone();
            self.values += values;
            return self.put(node);
        }
        self.count(at, values)
    }

    /// Puts a value where one is due.
    fn put(&mut self, node: Node) -> Result<(), Refusal> {
        let Some(open) = self.open.last_mut() else {
            self.anchors.clear();
            if !node.is_null() {
                self.documents.push(node);
            }
            return Ok(());
        };
        match &mut open.kind {
            OpenKind::List(items) => items.push(node),
            OpenKind::Table { entries, key } => match key.take() {
                Some((key, at, is_merge)) => {
                    let key = if is_merge { "<<".into() } else { key };
                    entries.push(Entry {
                        key,
                        at,
                        value: node,
                    });
                }
                None => {
                    let Content::Scalar { text, plain } = node.content else {
                        let rule = "a key must be a text, found a list or a table";
                        return Err(Refusal::new(node.at, rule));
                    };
                    let is_merge = plain && &*text == "<<";
                    *key = Some((text, node.at, is_merge));
                }
            },
        }
        Ok(())
    }
}

fn too_deep(at: At) -> Refusal {
    Refusal::new(
        at,
        format!("values are nested more than {MOST_NESTING} deep"),
    )
}

fn depth_of(node: &Node) -> usize {
    match &node.content {
        Content::Scalar { .. } => 0,
        Content::List(items) => 1 + items.iter().map(depth_of).max().unwrap_or(0),
        Content::Table(entries) => {
            1 + entries
                .iter()
                .map(|e| depth_of(&e.value))
                .max()
                .unwrap_or(0)
        }
    }
}

/// A tag as written, such as `!Ref`; of YAML's own only the name, such as `str`.
fn own_tag(tag: Option<&Tag>) -> Option<Box<str>> {
    let tag = tag?;
    Some(match tag.core_suffix() {
        Some(core) => core.into(),
        None => format!("!{}", tag.suffix()).into(),
    })
}

/// Lays tables of `<<` under a table's own keys, each of which stands once.
fn merged(entries: Vec<Entry>) -> Result<Vec<Entry>, Refusal> {
    let mut known: HashMap<&str, At> = HashMap::with_capacity(entries.len());
    for entry in &entries {
        if let Some(first) = known.insert(&entry.key, entry.at) {
            let rule = format!(
                "the key `{}` stands here twice, first in line {}",
                short(&entry.key),
                first.line
            );
            return Err(Refusal::new(entry.at, rule).mend("remove one of them"));
        }
    }
    if !known.contains_key("<<") {
        return Ok(entries);
    }
    let mut own: HashSet<Arc<str>> = entries.iter().map(|e| e.key.clone()).collect();
    let mut table = Vec::new();
    let mut under = Vec::new();
    for entry in entries {
        match entry.value.content {
            Content::Table(more) if &*entry.key == "<<" => under.extend(more),
            Content::List(list) if &*entry.key == "<<" => {
                under.extend(list.into_iter().flat_map(|node| match node.content {
                    Content::Table(more) => more,
                    _ => Vec::new(),
                }));
            }
            _ => table.push(entry),
        }
    }
    table.extend(
        under
            .into_iter()
            .filter(|entry| own.insert(entry.key.clone())),
    );
    Ok(table)
}
