//! Values in the schema: kind by kind, bare or with their provenance.

use serde_json::{Map, Value, json};

use super::instance::json_of;
use crate::scenario::vocabulary::{
    Absent, Bounds, Choice, Kind, LITERALS, Literal, PROVENANCE, TableWords, Word,
};

/// Tables and literals that the schema refers to by name.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    made: Map<String, Value>,
}

/// The keys that a table must have.
pub(super) fn needed(table: &TableWords) -> Vec<&'static str> {
    let needed = table.words().filter(|w| w.absent == Absent::Mistake);
    needed.map(|w| w.name).collect()
}

/// The tables that a value can be, lists apart.
pub(super) fn tables_in(kind: &Kind) -> Vec<&'static TableWords> {
    match kind {
        Kind::Table(table) => vec![table],
        Kind::Either(kinds) => kinds.iter().flat_map(tables_in).collect(),
        _ => Vec::new(),
    }
}

impl Definitions {
    /// All that was referred to.
    pub fn finish(mut self) -> Map<String, Value> {
        for literal in LITERALS {
            self.made.insert(slug(literal.bare_name()), text(literal));
        }
        for word in PROVENANCE.words().filter(|w| w.absent != Absent::Mistake) {
            self.made.insert(word.name.to_owned(), remark(word));
        }
        self.made
    }

    /// A key whose value has no provenance.
    pub fn bare(&mut self, word: &Word) -> Value {
        let value = self.value(&word.kind, true);
        annotated(value, word)
    }

    /// A table: its keys and no others. `whole`: whether nothing of it can come from another file.
    pub fn table(&mut self, table: &'static TableWords, whole: bool) -> Value {
        let mut properties = Map::new();
        for word in table.words() {
            properties.insert(word.name.to_owned(), self.key(word, whole));
        }
        let required = if whole { needed(table) } else { Vec::new() };
        json!({
            "description": table.title,
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    }

    /// A key, whose value may say where it comes from.
    fn key(&mut self, word: &Word, whole: bool) -> Value {
        let value = self.value(&word.kind, whole);
        annotated(self.with_provenance(&word.kind, value), word)
    }

    /// A value, or a table of it and its provenance.
    fn with_provenance(&mut self, kind: &Kind, value: Value) -> Value {
        let wrapper = provenance(value.clone());
        // Keywords speak of one type only, so that a plain value and its wrapper share a schema: what an editor says
        // of a mistake is then about one of them, and not that neither fits.
        let mut flat = match kind {
            Kind::Literal(literal) => text(literal),
            Kind::Text(_) | Kind::Flag | Kind::Whole(..) | Kind::Number(_) | Kind::List(..) => {
                value
            }
            Kind::Either(kinds) => {
                let mut either: Vec<Value> = value["anyOf"].as_array().cloned().unwrap_or_default();
                debug_assert_eq!(either.len(), kinds.len());
                either.push(wrapper);
                return json!({ "anyOf": either });
            }
            Kind::Choice(choices) => {
                let names: Vec<&str> = choices.iter().map(|c| c.name).collect();
                // The enumeration is what an editor proposes, the pattern what it says of a mistake.
                json!({
                    "type": "string",
                    "pattern": format!("^(?:{})$", names.join("|")),
                    "anyOf": [value, { "type": "object", "description": PROVENANCE.title }],
                })
            }
            Kind::True | Kind::Table(_) | Kind::Names(..) => {
                return json!({ "anyOf": [value, wrapper] });
            }
        };
        let mut types = match flat["type"].take() {
            Value::Array(types) => types,
            one => vec![one],
        };
        types.push(json!("object"));
        flat["type"] = Value::Array(types);
        for key in ["patternProperties", "required", "additionalProperties"] {
            flat[key] = wrapper[key].clone();
        }
        flat
    }

    fn value(&mut self, kind: &Kind, whole: bool) -> Value {
        match kind {
            // Blank is empty.
            Kind::Text(_) => json!({ "type": "string", "pattern": r"\S" }),
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::True => json!({ "type": "boolean", "enum": [true] }),
            Kind::Whole(least, most) => {
                json!({ "type": "integer", "minimum": least, "maximum": most })
            }
            Kind::Number(bounds) => number(*bounds),
            Kind::Literal(literal) => reference(&slug(literal.bare_name())),
            Kind::Choice(choices) => one_of(choices),
            Kind::List(item, least, most) => json!({
                "type": "array",
                "items": self.value(item, true),
                "minItems": least,
                "maxItems": most,
            }),
            Kind::Table(table) => self.defined(table, whole),
            Kind::Names(_, kind) => {
                let value = self.value(kind, whole);
                json!({
                    "type": "object",
                    "additionalProperties": self.with_provenance(kind, value),
                })
            }
            Kind::Either(kinds) => {
                let either: Vec<Value> = kinds.iter().map(|kind| self.value(kind, whole)).collect();
                json!({ "anyOf": either })
            }
        }
    }

    /// Refers to a table, which is made once.
    fn defined(&mut self, table: &'static TableWords, whole: bool) -> Value {
        let mut name = slug(table.title);
        if !whole {
            name += "-in-part";
        }
        if !self.made.contains_key(&name) {
            // Taken at once, for tables that lead back to themselves.
            self.made.insert(name.clone(), Value::Null);
            let made = self.table(table, whole);
            self.made.insert(name.clone(), made);
        }
        reference(&name)
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// A title as a name: `a test before production` is `a-test-before-production`.
fn slug(title: &str) -> String {
    let kept = title.chars().filter(|c| !matches!(c, '[' | ']'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn text(literal: &Literal) -> Value {
    let mut schema = match literal.number {
        Some(bounds) => {
            let mut schema = number(bounds);
            schema["type"] = json!(["string", "number"]);
            schema
        }
        None => json!({ "type": "string" }),
    };
    schema["pattern"] = json!((literal.pattern)());
    schema["description"] = json!(format!(
        "{}: {} Examples: {}",
        literal.name,
        literal.meaning,
        literal.examples.join("; ")
    ));
    schema
}

fn number(bounds: Bounds) -> Value {
    let low = if bounds.above_low {
        "exclusiveMinimum"
    } else {
        "minimum"
    };
    let high = if bounds.below_high {
        "exclusiveMaximum"
    } else {
        "maximum"
    };
    json!({ "type": "number", low: bounds.low, high: bounds.high })
}

fn one_of(choices: &[Choice]) -> Value {
    let names: Vec<&str> = choices.iter().map(|c| c.name).collect();
    let meanings: Vec<&str> = choices.iter().map(|c| c.meaning).collect();
    json!({
        "type": "string",
        "enum": names,
        "x-taplo": { "docs": { "enumValues": meanings } },
    })
}

/// A value and where it comes from.
///
/// Its keys are patterns, since editors propose all `properties` of all tables there could be: four more for every key
/// would hide what people look for.
fn provenance(value: Value) -> Value {
    let mut patterns = Map::new();
    for word in PROVENANCE.words() {
        let schema = match word.absent {
            Absent::Mistake => value.clone(),
            _ => reference(word.name),
        };
        patterns.insert(format!("^{}$", word.name), schema);
    }
    json!({
        "description": PROVENANCE.title,
        "type": "object",
        "patternProperties": patterns,
        "required": needed(&PROVENANCE),
        "additionalProperties": false,
    })
}

/// What is said of where a value comes from.
fn remark(word: &Word) -> Value {
    let schema = match &word.kind {
        Kind::Choice(choices) => one_of(choices),
        _ => json!({ "type": "string" }),
    };
    annotated(schema, word)
}

/// What an editor shows beside a key.
fn annotated(mut schema: Value, word: &Word) -> Value {
    let mut description = word.meaning.to_owned();
    match word.absent {
        Absent::Value(value) => {
            description += &format!(" (default: {value})");
            if let Some(value) = json_of(value) {
                schema["default"] = value;
            }
        }
        Absent::Else(words) => description += &format!(" (default: {words})"),
        Absent::Mistake => description += " (needed)",
        Absent::Nothing => {}
    }
    // In alternatives, too: editors show either the one or the others.
    if let Some(either) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
        for alternative in either.iter_mut().filter(|a| a.get("$ref").is_none()) {
            if alternative.get("description").is_none() {
                alternative["description"] = json!(description);
            }
        }
    }
    schema["description"] = json!(description);
    schema["examples"] = json!([json_of(word.example)]);
    schema
}
