//! Forms as programs of others take them. Where such a program is missing the test says so and is skipped:
//!
//! - JUnit XML: xmllint, with the schema to which Jenkins' xUnit plugin holds such files (tests/it/schemas);
//! - Markdown: `pip install cmarkgfm`, GitHub's renderer; `LANDFALL_GFM` names the Python that has it;
//! - annotations: `npm install @actions/core`, GitHub's toolkit; `LANDFALL_ACTIONS` names its folder.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::*;

fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// What a program prints that reads this; its failure is the test's.
fn printed(program: &mut Command, input: &str) -> String {
    let child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|e| panic!("{program:?}: {e}"));
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{program:?}");
    String::from_utf8(output.stdout).expect("text")
}

fn script(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("src/report/verdict/tests").join(name)
}

#[test]
fn junit_is_what_jenkins_takes() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/schemas/junit-10.xsd");
    if !schema.exists() {
        return skipped("packages have no schemas");
    }
    if Command::new("xmllint").arg("--version").output().is_err() {
        return skipped("xmllint is not installed");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("junit.xml");
    let taken = |text: &str| {
        std::fs::write(&file, text).expect("written");
        let mut xmllint = Command::new("xmllint");
        xmllint
            .args(["--noout", "--schema"])
            .arg(&schema)
            .arg(&file);
        xmllint.output().expect("xmllint runs")
    };
    for undecided in [Undecided::Pass, Undecided::Warn, Undecided::Fail] {
        let output = taken(&junit(&mixed(undecided)));
        assert!(output.status.success(), "{output:?}");
    }
    let output = taken(&junit(&with_a_gate()));
    assert!(output.status.success(), "{output:?}");
    // It minds what it is given.
    let without_names = junit(&mixed(Undecided::Warn)).replace("<testcase name=", "<testcase nom=");
    assert!(!taken(&without_names).status.success());
}

#[test]
fn the_summary_is_text_for_the_renderer_of_github() {
    let Some(python) = std::env::var_os("LANDFALL_GFM") else {
        return skipped("LANDFALL_GFM does not name a Python with cmarkgfm");
    };
    let all = Judgement {
        cannot_fire: with_a_gate().cannot_fire,
        ..mixed(Undecided::Warn)
    };
    let mut program = Command::new(python);
    let read = |text: &str, program: &mut Command| -> Value {
        serde_json::from_str(&printed(program, text)).expect("JSON")
    };
    let found = read(&summary(&all), program.arg(script("gfm.py")));
    let ours = rendered(&summary(&all));
    let rows: Vec<Vec<String>> = serde_json::from_value(found["rows"].clone()).expect("rows");
    let blocks: Vec<String> = serde_json::from_value(found["blocks"].clone()).expect("blocks");
    assert_eq!((&rows, &blocks), (&ours.0, &ours.1));
    assert_eq!((rows.len(), rows[2][1].as_str()), (5, HOSTILE));
    let tags: Vec<&str> = found["tags"]
        .as_array()
        .expect("tags")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let expected = [
        "code", "em", "h2", "h3", "li", "p", "pre", "strong", "table", "tbody", "td", "th",
        "thead", "tr", "ul",
    ];
    assert_eq!(tags, expected);
    // Left as they are, the same names are markup there.
    let mut program = Command::new(std::env::var_os("LANDFALL_GFM").unwrap_or_default());
    let bare = read(&format!("{HOSTILE}\n"), program.arg(script("gfm.py")));
    let tags = bare["tags"].to_string();
    assert!(
        ["code", "em", "del", "a"]
            .iter()
            .all(|t| tags.contains(&format!("\"{t}\""))),
        "{tags}"
    );
}

/// The parts of an annotation as they are written, the properties in the order of their names.
fn parts(line: &str) -> (String, Vec<String>, String) {
    let (head, message) = line[2..].split_once("::").expect("a message");
    let (kind, properties) = head.split_once(' ').expect("properties");
    let mut properties: Vec<String> = properties.split(',').map(str::to_owned).collect();
    properties.sort();
    (kind.to_owned(), properties, message.to_owned())
}

#[test]
fn annotations_are_written_as_the_toolkit_of_github_does() {
    let Some(toolkit) = std::env::var_os("LANDFALL_ACTIONS") else {
        return skipped("LANDFALL_ACTIONS does not name the folder of @actions/core");
    };
    let mut all = Judgement {
        cannot_fire: with_a_gate().cannot_fire,
        ..mixed(Undecided::Warn)
    };
    all.verdicts[2].place = Some(Place::of_text("a,b:c%20/d.toml", 3, 2, "x\ny"));
    // What came of it all is a plain line of the log.
    let text = annotations(&all);
    let commands = text.lines().filter(|line| line.starts_with("::"));
    let asked: Vec<Value> = commands
        .clone()
        .map(|line| {
            let (kind, properties, message) = read_annotation(line);
            let of = |name: &str| properties.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone());
            let number = |name: &str| of(name).map(|n| n.parse::<u64>().expect("a number"));
            json!({ "kind": kind, "message": message, "properties": {
                "title": of("title"), "file": of("file"), "startLine": number("line"), "endLine": number("endLine"),
                "startColumn": number("col"), "endColumn": number("endColumn"),
            }})
        })
        .collect();
    let input = serde_json::to_string(&asked).expect("JSON");
    let mut node = Command::new("node");
    let written = printed(node.arg(script("annotate.mjs")).arg(toolkit), &input);
    let (ours, theirs): (Vec<_>, Vec<_>) = (
        commands.map(parts).collect(),
        written.lines().map(parts).collect(),
    );
    assert_eq!(ours, theirs);
    assert_eq!(ours.len(), 4);
}
