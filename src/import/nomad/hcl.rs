//! HCL as a tree of located values: a block is an entry of its name, its labels are entries of their own.

use std::collections::HashMap;
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Body, Structure};

use crate::import::document::{Content, Entry, Node};
use crate::import::refusal::{At, Refusal, short};

/// The largest job that Nomad's servers take by default (`job_max_source_size`).
const MOST_BYTES: usize = 1 << 20;
/// The key of the label of a block, which no attribute can have.
pub const LABEL: &str = "#label";

/// The tree of a text. `params`: values of variables, before their defaults.
pub fn tree(
    text: &str,
    file: usize,
    params: &std::collections::BTreeMap<String, String>,
) -> Result<Node, Refusal> {
    let top = At::top(file);
    if text.len() > MOST_BYTES {
        return Err(Refusal::new(top, "a job has at most 1 MiB"));
    }
    let body = hcl_edit::parser::parse_body(text).map_err(|error| {
        let place = error.location().clone();
        let at = At {
            file,
            line: place.line(),
            column: place.column(),
        };
        Refusal::new(at, format!("this is no HCL: {}", short(error.message())))
    })?;
    let mut starts = vec![0];
    starts.extend(text.match_indices('\n').map(|(i, _)| i + 1));
    let mut tree = Tree {
        text,
        file,
        starts,
        variables: HashMap::new(),
    };
    tree.find_variables(&body, params);
    Ok(tree.body(&body, top))
}

struct Tree<'t> {
    text: &'t str,
    file: usize,
    starts: Vec<usize>,
    /// Values of `var.NAME` and `local.NAME`.
    variables: HashMap<String, Node>,
}

impl Tree<'_> {
    fn at(&self, of: &impl Span) -> At {
        let byte = of.span().map_or(0, |span| span.start).min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= byte);
        let start = self.starts[line - 1];
        let column = 1 + self
            .text
            .get(start..byte)
            .map_or(0, |before| before.chars().count());
        At {
            file: self.file,
            line,
            column,
        }
    }

    fn find_variables(&mut self, body: &Body, params: &std::collections::BTreeMap<String, String>) {
        for block in body.iter().filter_map(Structure::as_block) {
            match block.ident.as_str() {
                "variable" => {
                    let Some(name) = block.labels.first().map(|l| l.as_str().to_owned()) else {
                        continue;
                    };
                    let value = match params.get(&name) {
                        Some(given) => Some(scalar(self.at(block), given, false)),
                        None => block
                            .body
                            .get_attribute("default")
                            .map(|a| self.value(&a.value)),
                    };
                    // Texts and numbers only: lists of lists of them could grow without bounds.
                    if let Some(value) = value.filter(|v| v.as_text().is_some()) {
                        self.variables.insert(format!("var.{name}"), value);
                    }
                }
                "locals" => {
                    for attribute in block.body.iter().filter_map(Structure::as_attribute) {
                        let value = self.value(&attribute.value);
                        let name = format!("local.{}", attribute.key.as_str());
                        if value.as_text().is_some() {
                            self.variables.insert(name, value);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn body(&self, body: &Body, at: At) -> Node {
        let entries = body.iter().map(|structure| match structure {
            Structure::Attribute(attribute) => Entry {
                key: attribute.key.as_str().into(),
                at: self.at(attribute),
                value: self.value(&attribute.value),
            },
            Structure::Block(block) => {
                let at = self.at(block);
                let mut value = self.body(&block.body, at);
                if let (Some(label), Content::Table(entries)) =
                    (block.labels.first(), &mut value.content)
                {
                    entries.push(Entry {
                        key: LABEL.into(),
                        at,
                        value: scalar(at, label.as_str(), false),
                    });
                }
                Entry {
                    key: block.ident.as_str().into(),
                    at,
                    value,
                }
            }
        });
        Node {
            at,
            tag: None,
            content: Content::Table(entries.collect()),
        }
    }

    fn value(&self, expression: &Expression) -> Node {
        let at = self.at(expression);
        let content = match expression {
            Expression::Null(_) => return scalar(at, "null", true),
            Expression::Bool(b) => return scalar(at, &b.value().to_string(), true),
            Expression::Number(n) => return scalar(at, &n.value().to_string(), true),
            Expression::String(s) => return scalar(at, s.value(), false),
            Expression::Parenthesis(inner) => return self.value(inner.inner()),
            Expression::Array(array) => {
                Content::List(array.iter().map(|e| self.value(e)).collect())
            }
            Expression::Object(object) => {
                let entry = |(key, value): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
                    let key = match key {
                        ObjectKey::Ident(ident) => ident.as_str().to_owned(),
                        ObjectKey::Expression(e) => {
                            self.value(e).as_text().unwrap_or("").to_owned()
                        }
                    };
                    Entry {
                        key: Arc::from(key),
                        at,
                        value: self.value(value.expr()),
                    }
                };
                Content::Table(object.iter().map(entry).collect())
            }
            other => {
                let source = other
                    .span()
                    .and_then(|span| self.text.get(span))
                    .unwrap_or("")
                    .trim();
                let plain = source.trim_matches(['"', '$', '{', '}', ' ']);
                return match self.variables.get(plain) {
                    Some(value) => value.clone(),
                    // What cannot be worked out here is told as a template where it is needed.
                    None => scalar(at, &format!("${{{plain}}}"), false),
                };
            }
        };
        Node {
            at,
            tag: None,
            content,
        }
    }
}

fn scalar(at: At, text: &str, plain: bool) -> Node {
    Node {
        at,
        tag: None,
        content: Content::Scalar {
            text: Arc::from(text),
            plain,
        },
    }
}
