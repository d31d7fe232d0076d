//! Diagnostics as SARIF 2.1.0 (OASIS), for code scanning and editors.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::diagnostic::{Diagnostic, Place, Rule};

/// The root that relative paths are to be read from, as code scanning knows it.
const ROOT: &str = "%SRCROOT%";

/// A log with one run: all `rules` that there are, and what was found.
pub fn log(rules: &[Rule], diagnostics: &[Diagnostic]) -> String {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let results: Vec<Value> = diagnostics
        .iter()
        .map(|diagnostic| {
            let print = fingerprint(diagnostic);
            let occurrence = seen.entry(print.clone()).or_default();
            *occurrence += 1;
            result(rules, diagnostic, &format!("{print}:{occurrence}"))
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "landfall",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(rule).collect::<Vec<Value>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let text = serde_json::to_string_pretty(&log).expect("a JSON value is JSON");
    text + "\n"
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.explanation },
        "help": { "text": format!("{} `landfall explain {}` has an example.", rule.explanation, rule.code) },
        "defaultConfiguration": { "level": rule.level.name() },
    })
}

fn result(rules: &[Rule], diagnostic: &Diagnostic, print: &str) -> Value {
    let mut result = json!({
        "ruleId": diagnostic.code,
        "level": diagnostic.level.name(),
        "message": { "text": diagnostic.text() },
        "partialFingerprints": { "landfall/v1": print },
    });
    if let Some(index) = rules.iter().position(|r| r.code == diagnostic.code) {
        result["ruleIndex"] = json!(index);
    }
    if let Some(place) = &diagnostic.place {
        result["locations"] = json!([{ "physicalLocation": location(place) }]);
    }
    result
}

fn location(place: &Place) -> Value {
    let uri = uri(&place.file);
    let artifact = if place.file.starts_with('/') {
        json!({ "uri": format!("file://{uri}") })
    } else {
        json!({ "uri": uri, "uriBaseId": ROOT })
    };
    json!({
        "artifactLocation": artifact,
        "region": {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        },
    })
}

/// A path as a URI reference (RFC 3986): what has no place in one as percent-encoded UTF-8.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    path.bytes().fold(String::new(), |mut uri, byte| {
        let plain = byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        if plain {
            uri.push(char::from(byte));
        } else {
            let byte = if byte == b'\\' { b'/' } else { byte };
            // Writing to a string cannot fail.
            let _ = match byte {
                b'/' => write!(uri, "/"),
                byte => write!(uri, "%{byte:02X}"),
            };
        }
        uri
    })
}

/// The same as long as rule, file and subject are: lines may move.
fn fingerprint(diagnostic: &Diagnostic) -> String {
    let file = diagnostic.place.as_ref().map_or("", |p| p.file.as_str());
    let named = [&diagnostic.code, file, &diagnostic.subject].join("\n");
    let digest = Sha256::digest(named.as_bytes());
    digest[..16].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The published schema; nothing in a package, which leaves it out (tests/it/schemas/README.md).
#[cfg(test)]
pub(crate) fn published_schema() -> Option<Value> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("tests/it/schemas/sarif-2.1.0.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        assert!(!root.join(".git").exists(), "the repository has it");
        return None;
    };
    // Two patterns of the published schema have a bracket too many, which strict readers of expressions refuse. They
    // are about languages, of which these logs say nothing.
    let text = text.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    Some(serde_json::from_str(&text).expect("a schema"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::diagnostic::Level;

    fn diagnostic(line: usize) -> Diagnostic {
        Diagnostic {
            code: "LF101".to_owned(),
            name: "alarm-too-late".to_owned(),
            level: Level::Warning,
            message: "too late".to_owned(),
            help: Some("sooner".to_owned()),
            place: Some(Place::of_text("./teams/a b%.toml", line, 2, "zone")),
            subject: "ours/zone".to_owned(),
        }
    }

    fn rules() -> Vec<Rule> {
        vec![Rule {
            code: "LF101".to_owned(),
            name: "alarm-too-late".to_owned(),
            title: "an alarm is too late".to_owned(),
            explanation: "It is.".to_owned(),
            level: Level::Error,
        }]
    }

    fn parsed(diagnostics: &[Diagnostic]) -> Value {
        serde_json::from_str(&log(&rules(), diagnostics)).unwrap()
    }

    #[test]
    fn logs_are_valid_against_the_published_schema() {
        let Some(schema) = published_schema() else {
            return;
        };
        let validator = jsonschema::validator_for(&schema).unwrap();
        let mut nowhere = diagnostic(1);
        nowhere.place = None;
        nowhere.code = "LF999".to_owned();
        let log = parsed(&[diagnostic(3), nowhere]);
        let wrong: Vec<String> = validator.iter_errors(&log).map(|e| e.to_string()).collect();
        assert_eq!(wrong, Vec::<String>::new());
        let broken = json!({ "version": "2.1.0" });
        assert!(!validator.is_valid(&broken));
    }

    #[test]
    fn paths_are_relative_and_encoded() {
        let log = parsed(&[diagnostic(3)]);
        let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(
            location["artifactLocation"],
            json!({ "uri": "teams/a%20b%25.toml", "uriBaseId": "%SRCROOT%" })
        );
        assert_eq!(location["region"]["endColumn"], 6);
    }

    #[test]
    fn fingerprints_stay_when_lines_move_and_tell_equal_ones_apart() {
        let prints = |diagnostics: &[Diagnostic]| -> Vec<String> {
            let log = parsed(diagnostics);
            let results = log["runs"][0]["results"].as_array().unwrap();
            let print = |r: &Value| r["partialFingerprints"]["landfall/v1"].to_string();
            results.iter().map(print).collect()
        };
        assert_eq!(prints(&[diagnostic(3)]), prints(&[diagnostic(90)]));
        let twice = prints(&[diagnostic(3), diagnostic(4)]);
        assert_ne!(twice[0], twice[1]);
        let mut other = diagnostic(3);
        other.subject = "theirs/zone".to_owned();
        assert_ne!(prints(&[other]), prints(&[diagnostic(3)]));
    }
}
