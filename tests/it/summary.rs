//! `summary.json` and `--format json`: what `docs/summary.schema.json` promises of them.

use std::path::Path;

use serde_json::Value;

use crate::cli::ended;
use crate::guesses::world;

/// What a command prints as JSON, and the `summary.json` that it writes.
fn documents(folder: &Path, command: &str, more: &[&str]) -> [Value; 2] {
    let path = |name: &str| folder.join(name).to_str().expect("text").to_owned();
    std::fs::write(path("world.toml"), world()).expect("written");
    std::fs::write(path("incidents.csv"), "name,fault\none,late\ntwo,\n").expect("written");
    let (scenario, incidents, out) = (path("world.toml"), path("incidents.csv"), path("out"));
    let mut words = vec![command, &scenario];
    if command == "replay" {
        words.push(&incidents);
    }
    words.extend(["--out", &out, "--charts", "none", "--runs", "200"]);
    words.extend(["--format", "json"]);
    words.extend(more);
    let (code, text, err) = ended(&words);
    assert_eq!(code, Some(0), "{err}");
    let written = std::fs::read_to_string(path("out/summary.json")).expect("it was written");
    [text, written].map(|text| serde_json::from_str(&text).expect("JSON"))
}

fn validator() -> jsonschema::Validator {
    let schema = include_str!("../../docs/summary.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    jsonschema::draft7::new(&schema).expect("a schema")
}

fn assert_valid(validator: &jsonschema::Validator, document: &Value, what: &str) {
    let complaints: Vec<String> = validator
        .iter_errors(document)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(complaints.is_empty(), "{what}: {complaints:?}");
}

#[test]
fn summaries_are_of_their_schema() {
    let validator = validator();
    let folder = tempfile::tempdir().expect("a folder");
    for (command, more, has_pairs) in [
        ("compare", &["--worlds", "10"][..], true),
        ("simulate", &["--strategy", "eager"], false),
        ("replay", &[], true),
    ] {
        let [printed, written] = documents(folder.path(), command, more);
        assert_valid(&validator, &printed, command);
        assert_valid(&validator, &written, command);
        assert_eq!(written.get("pairs").is_some(), has_pairs, "{command}");
        assert_eq!(printed.get("worlds").is_some(), command == "compare");
    }
}

#[test]
fn the_schema_refuses_what_is_no_summary() {
    let validator = validator();
    let folder = tempfile::tempdir().expect("a folder");
    let [_, document] = documents(folder.path(), "compare", &[]);
    assert_valid(&validator, &document, "compare");
    let changed = |path: &str, value: Value| {
        let mut changed = document.clone();
        *changed.pointer_mut(path).expect(path) = value;
        assert!(!validator.is_valid(&changed), "{path}");
    };
    changed("/pairs/0/blast_radius", "better".into());
    changed("/pairs/0/figures/0/difference", Value::Null);
    changed("/pairs/0/figures/0/p_holm", 2.into());
    changed("/figures/0/value", "much".into());
    changed("/level", 95.into());
    for (at, key) in [
        ("/pairs/0", "against"),
        ("/pairs/0/figures/0", "low"),
        ("/figures/0", "n"),
        ("/strata/0", "weight"),
    ] {
        let mut without = document.clone();
        let table = without.pointer_mut(at).and_then(Value::as_object_mut);
        assert!(table.expect(at).remove(key).is_some(), "{at}/{key}");
        assert!(!validator.is_valid(&without), "{at}/{key}");
    }
}
