//! The language as a JSON Schema, for editors: completion, and mistakes underlined while one types.
//!
//! It is made of the vocabulary, and never refuses what the readers take. What they refuse for other reasons than its
//! form (a name that is not known, keys that do not fit together) it lets pass.
//!
//! Draft 7 is what editors of TOML understand, and `$ref` stands alone: they overlook what is written beside one. In a
//! list a table is whole. Elsewhere it may be laid over one of a used file, so that keys are needed only in a scenario
//! that uses none.

mod instance;
mod value;

use serde_json::{Map, Value, json};

pub use instance::{json_of, json_of_document};

use super::vocabulary::{DROP, SECTIONS, Section, TOP, TableWords};
use value::Definitions;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// A scenario, or a world that one uses.
    Scenario,
    /// A strategy file.
    Strategies,
}

/// The schema of a kind of file.
pub fn schema(file: File) -> Value {
    let mut definitions = Definitions::default();
    let mut properties = Map::new();
    for word in TOP.words() {
        if file == File::Scenario || word.name == "format" {
            properties.insert(word.name.to_owned(), definitions.bare(word));
        }
    }
    for section in sections(file) {
        properties.insert(section.name.to_owned(), in_file(section, &mut definitions));
    }
    let (title, what) = match file {
        File::Scenario => (
            "landfall scenario",
            "A scenario of landfall, or a world that scenarios use.",
        ),
        File::Strategies => (
            "landfall strategies",
            "Strategies for a scenario of landfall (--strategies).",
        ),
    };
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": title,
        "description": what,
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "definitions": definitions.finish(),
    });
    if file == File::Scenario {
        schema["required"] = json!(["format"]);
        // A world, or a part of one, has no strategy.
        schema["if"] = json!({ "required": ["strategy"], "not": { "required": ["use"] } });
        schema["then"] = json!({ "properties": needs_of_sections() });
    }
    schema
}

fn sections(file: File) -> impl Iterator<Item = &'static Section> {
    SECTIONS
        .iter()
        .filter(move |s| file == File::Scenario || s.in_strategy_files)
}

/// A section: its table, or a table for each name.
fn in_file(section: &Section, definitions: &mut Definitions) -> Value {
    let mut table = definitions.table(section.words, false);
    table["properties"][DROP.name] = definitions.bare(&DROP);
    table["if"] = json!({ "required": [DROP.name] });
    table["then"] = json!({ "maxProperties": 1 });
    if !section.named {
        return table;
    }
    json!({
        "description": format!("{}, by name", section.words.title),
        "type": "object",
        "propertyNames": {
            "pattern": section.names.pattern,
            "maxLength": 100,
            "not": { "enum": section.names.reserved },
        },
        "additionalProperties": table,
    })
}

/// The keys that sections need in a file that builds on no other.
fn needs_of_sections() -> Value {
    let mut needs = Map::new();
    for section in SECTIONS {
        let Some(table) = needs_of(section.words) else {
            continue;
        };
        let need = if section.named {
            json!({ "additionalProperties": table })
        } else {
            table
        };
        needs.insert(section.name.to_owned(), need);
    }
    Value::Object(needs)
}

/// The keys that a table needs, and the tables in it; nothing where it needs none.
fn needs_of(table: &TableWords) -> Option<Value> {
    let mut properties = Map::new();
    for word in table.words() {
        for table in value::tables_in(&word.kind) {
            if let Some(needs) = needs_of(table) {
                let wrapped = json!({ "required": ["value"] });
                properties.insert(word.name.to_owned(), json!({ "anyOf": [wrapped, needs] }));
            }
        }
    }
    let required = value::needed(table);
    if required.is_empty() && properties.is_empty() {
        return None;
    }
    Some(json!({ "required": required, "properties": properties }))
}
