//! The JSON Schema takes what the readers take, and refuses what has the wrong form.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use landfall::scenario::schema::{File, json_of_document, schema};
use landfall::scenario::{PARTS, SHIPPED, parse};
use serde_json::{Value, json};

use crate::mutants::{self, at, noted, paths, toml, with, without};

/// Every key of the language.
const WHOLE: &str = include_str!("../../src/scenario/tests/whole.toml");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn validator(file: File) -> Validator {
    jsonschema::draft7::new(&schema(file)).expect("the schema is one")
}

/// The files of a folder with a name that ends so.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).expect("a folder");
    let mut files: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(ending));
    files.sort();
    assert!(!files.is_empty(), "{folder}");
    files
}

/// The text of a file; of one that is no text, the beginning of a list without an end.
fn read(path: &Path) -> String {
    let bytes = fs::read(path).expect("a file");
    String::from_utf8(bytes).unwrap_or_else(|_| "[".to_owned())
}

fn document(name: &str, text: &str) -> Value {
    json_of_document(text).unwrap_or_else(|| panic!("{name} is no TOML"))
}

fn complaints(validator: &Validator, document: &Value) -> Vec<String> {
    let errors = validator.iter_errors(document);
    errors
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect()
}

/// The TOML of a page, block by block.
fn blocks(page: &str) -> Vec<String> {
    let blocks = page.split("```toml\n").skip(1);
    let block = |b: &str| b.split("```").next().unwrap_or_default().to_owned();
    blocks.map(block).collect()
}

#[test]
fn both_schemas_are_schemas() {
    for file in [File::Scenario, File::Strategies] {
        let schema = schema(file);
        jsonschema::meta::validate(&schema).unwrap_or_else(|e| panic!("{file:?}: {e}"));
    }
}

#[test]
fn everything_that_is_shipped_is_taken() {
    let validator = validator(File::Scenario);
    let mut texts: Vec<(String, String)> = SHIPPED
        .iter()
        .chain(PARTS)
        .map(|world| (world.name.to_owned(), world.text.to_owned()))
        .collect();
    texts.push(("whole.toml".to_owned(), WHOLE.to_owned()));
    for folder in ["scenarios", "tests/it/cases", "benches"] {
        let paths = files(folder, ".toml").into_iter();
        texts.extend(paths.map(|path| (path.display().to_string(), read(&path))));
    }
    let mut pages = files("docs", ".md");
    pages.push(root().join("README.md"));
    for page in pages {
        let blocks = blocks(&read(&page)).into_iter();
        texts.extend(blocks.map(|block| (page.display().to_string(), block)));
    }
    assert!(texts.len() > 30, "{}", texts.len());
    for (name, text) in texts {
        let complaints = complaints(&validator, &document(&name, &text));
        assert!(complaints.is_empty(), "{name}: {complaints:#?}");
    }
}

/// Files of the gallery whose form is right: what is wrong is what their values mean, alone or together.
const FINE_IN_FORM: [&str; 15] = [
    "alarm-scopes.toml",
    "approvals.toml",
    "boxes.toml",
    "circle.toml",
    "layers.toml",
    "nobody-responds.toml",
    "nothing-there.toml",
    "part-of-a-world.toml",
    "samples-from-a-file.toml",
    "start-without-hours.toml",
    "strategy-file.toml",
    "use-out-of-the-folder.toml",
    "used-file-is-wrong.toml",
    "waves-of-a-strategy-file.toml",
    "world-given-as-strategies.toml",
];

/// Files of the gallery that are no TOML, which an editor says by itself.
const NO_TOML: [&str; 17] = [
    "comma-missing.toml",
    "comments-of-another-language.toml",
    "curly-quotes.toml",
    "equals-sign-missing.toml",
    "equals-twice.toml",
    "escapes.toml",
    "header-not-closed.toml",
    "json.toml",
    "not-utf-8.toml",
    "percent-or-share.toml",
    "several-on-a-line.toml",
    "twice.toml",
    "unclosed-string.toml",
    "unclosed.toml",
    "unquoted.toml",
    "utf-16.toml",
    "yaml.toml",
];

#[test]
fn mistakes_of_form_in_the_gallery_are_refused() {
    let validator = validator(File::Scenario);
    let (mut passed, mut unread) = (Vec::new(), Vec::new());
    for path in files("tests/it/gallery", ".toml") {
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        match json_of_document(&read(&path)) {
            None => unread.push(name),
            Some(document) if validator.is_valid(&document) => passed.push(name),
            Some(_) => {}
        }
    }
    assert_eq!(passed, FINE_IN_FORM);
    assert_eq!(unread, NO_TOML);
}

#[test]
fn strategy_files_have_a_schema_of_their_own() {
    let validator = validator(File::Strategies);
    let takes = |text: &str| validator.is_valid(&document("a strategy file", text));
    assert!(takes(
        "[strategy.ours]\nsteps = [{ to = \"100%\" }]\n[service]\nrps = 40\n[budget.b]\nkeep = \"x\""
    ));
    assert!(takes("format = 1\n[strategy.theirs]\ndrop = true"));
    // tests/it/gallery/parts/proposal.toml
    assert!(!takes(&read(
        &root().join("tests/it/gallery/parts/proposal.toml")
    )));
    assert!(!takes("use = \"aws-like\""));
    assert!(!takes("format = 2"));
}

/// Values that are wrong in most places and right in some.
fn junk() -> Vec<Value> {
    let texts = [
        "",
        " ",
        "junk",
        "5m",
        "5m to 20m",
        "50%",
        "1",
        "-1",
        "rest",
        "zone",
        "never",
        "24:00",
        "3 of 5",
    ];
    let mut junk: Vec<Value> = texts.iter().map(|t| json!(t)).collect();
    junk.extend([
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(-1),
        json!(0.5),
        json!(1e300),
        Value::Null,
    ]);
    junk.extend([
        json!([]),
        json!({}),
        json!(["junk"]),
        json!([1]),
        json!({ "junk": 1 }),
    ]);
    junk
}

/// What the schema and the reader say of every mutant of a document: where, with what, taken by which.
fn verdicts(original: &Value) -> Vec<(String, bool, bool)> {
    let validator = validator(File::Scenario);
    let mut verdicts = Vec::new();
    let mut judge = |what: String, mutant: &Value| {
        verdicts.push((
            what,
            validator.is_valid(mutant),
            parse(&toml(mutant)).is_ok(),
        ));
    };
    for path in paths(original) {
        judge(format!("without {path}"), &without(original, &path));
        let value = at(original, &path);
        for from in ["guess", "hearsay"] {
            judge(
                format!("{path} noted as {from}"),
                &with(original, &path, noted(value, from)),
            );
        }
        if value.is_object() {
            let more = mutants::and(original, &path, "junk", json!(1));
            judge(format!("{path}.junk"), &more);
        }
        for value in junk() {
            judge(
                format!("{path} = {value}"),
                &with(original, &path, value.clone()),
            );
        }
    }
    verdicts
}

#[test]
fn the_schema_refuses_nothing_that_the_reader_takes() {
    let original = document("whole.toml", WHOLE);
    assert!(parse(&toml(&original)).is_ok(), "it is right as it is");
    let verdicts = verdicts(&original);
    let wrong: Vec<&String> = verdicts
        .iter()
        .filter(|(_, schema, reader)| *reader && !*schema)
        .map(|(what, ..)| what)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Of all that the reader refuses, the schema refuses what has the wrong form: 97 of 100 of these.
    let refused = verdicts.iter().filter(|(_, _, reader)| !reader).count();
    let both = verdicts
        .iter()
        .filter(|(_, schema, reader)| !schema && !reader)
        .count();
    assert!(
        refused > 5_000 && both * 100 >= refused * 96,
        "{both} of {refused}"
    );
}

/// The strategy files of the gallery: one breaks a rule of form, one is a world.
#[test]
fn mistaken_strategy_files_of_the_gallery_are_refused() {
    let validator = validator(File::Strategies);
    for name in ["proposal.toml", "waves.toml", "world.toml"] {
        let text = read(&root().join("tests/it/gallery/parts").join(name));
        assert!(!validator.is_valid(&document(name, &text)), "{name}");
    }
}
