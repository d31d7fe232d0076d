//! Commands about words: `new`, `explain`, `schema`, `completions`, `man`.

use std::fs;
use std::path::PathBuf;

use landfall::explain::{SHELVES, explain};
use landfall::outcome::Ending;
use landfall::plan::Stratum;
use landfall::report::rollouts::RolloutWriter;
use landfall::scenario::schema::{File, json_of_document, schema};
use landfall::scenario::vocabulary::{DISTRIBUTIONS, LITERALS, TABLES, places};
use landfall::scenario::{BEGINNINGS, Beginning, Files, PARTS, ReadError, Request, SHIPPED, load};

use crate::cli::{ended, landfall};
use crate::worlds::{EVERYTHING, plan, rollouts};

fn file_of(beginning: &Beginning) -> PathBuf {
    PathBuf::from(format!("{}.toml", beginning.name))
}

/// Beginnings as files beside each other.
struct Beginnings;

impl Files for Beginnings {
    fn read(&self, path: &std::path::Path) -> Result<Vec<u8>, ReadError> {
        let beginning = BEGINNINGS.iter().find(|b| path == file_of(b));
        beginning
            .map(|b| b.text.as_bytes().to_vec())
            .ok_or(ReadError::NotFound)
    }
}

#[test]
fn every_beginning_runs() {
    for beginning in BEGINNINGS {
        let request = match beginning.file {
            File::Scenario => Request {
                scenario: file_of(beginning),
                ..Request::default()
            },
            File::Strategies => Request {
                scenario: file_of(&BEGINNINGS[0]),
                strategies: vec![file_of(beginning)],
                ..Request::default()
            },
        };
        let scenario =
            load(&request, &Beginnings).unwrap_or_else(|p| panic!("{}", p.render(false)));
        assert!(
            !scenario.plan.change.faults.is_empty(),
            "{}: nothing can go wrong",
            beginning.name
        );
        for strategy in &scenario.plan.strategies {
            let rollouts = rollouts(&scenario.plan, &strategy.name, 8);
            let good = rollouts.iter().filter(|(s, _)| *s == Stratum::FaultFree);
            let shipped = good.filter(|(_, o)| o.ending == Ending::Shipped).count();
            assert!(
                shipped >= 6,
                "{}, {}: {shipped} of 8",
                beginning.name,
                strategy.name
            );
        }
    }
}

#[test]
fn every_beginning_is_short_commented_and_in_form() {
    for beginning in BEGINNINGS {
        let name = beginning.name;
        let lines: Vec<&str> = beginning.text.lines().collect();
        assert!(lines.len() <= 32, "{name}: {} lines", lines.len());
        assert!(
            lines[0].starts_with("# ") && lines[0].contains("landfall compare"),
            "{name}"
        );
        let widest = lines.iter().map(|l| l.len()).max();
        assert!(widest <= Some(120), "{name}: {widest:?}");
        let validator = jsonschema::draft7::new(&schema(beginning.file)).expect("a schema");
        let document = json_of_document(beginning.text).expect("TOML");
        assert!(validator.is_valid(&document), "{name}");
    }
}

#[test]
fn new_writes_what_it_shows_and_never_over_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ours.toml");
    let out = path.to_str().expect("text");
    let (code, shown, err) = ended(&["new", "one-cluster"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(ended(&["new", "one-cluster", "--out", "-"]).1, shown);
    let (code, nothing, _) = ended(&["new", "one-cluster", "--out", out]);
    assert_eq!((code, nothing.as_str()), (Some(0), ""));
    assert_eq!(fs::read_to_string(&path).expect("it is there"), shown);
    let (code, _, err) = ended(&["new", "--out", out]);
    assert_eq!(code, Some(2));
    assert!(err.contains("is there already"), "{err}");
    assert_eq!(fs::read_to_string(&path).expect("it is still there"), shown);
    let names = fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(names, 1, "nothing else is left");
    let nowhere = folder.path().join("absent/ours.toml");
    let (code, _, err) = ended(&["new", "--out", nowhere.to_str().expect("text")]);
    assert_eq!(code, Some(4), "{err}");
    let (code, table, err) = ended(&[
        "compare",
        out,
        "--runs",
        "20",
        "--out",
        folder.path().to_str().expect("text"),
    ]);
    assert_eq!(code, Some(0), "{err}");
    assert!(table.contains("canary"), "{table}");
}

/// Whether these words are explained as this.
fn is_explained(words: &str, is: &str) -> bool {
    explain(&[words.to_owned()])
        .is_ok_and(|found| found.iter().any(|entry| entry.is.starts_with(is)))
}

#[test]
fn every_key_is_explained_by_name_and_by_path() {
    let places = places();
    assert!(places.len() > 150, "{}", places.len());
    for place in places {
        let is = format!("a key of {}", place.table.title);
        assert!(
            is_explained(place.word.name, "a key of"),
            "{}",
            place.word.name
        );
        let found = explain(std::slice::from_ref(&place.path)).unwrap_or_default();
        let key = found
            .iter()
            .find(|e| e.name == place.word.name && e.paths.contains(&place.path));
        assert!(
            key.is_some_and(|e| e.is == is || place.table.and.is_some()),
            "{}",
            place.path
        );
    }
    for name in ["format", "use", "drop", "value", "from", "source", "range"] {
        assert!(is_explained(name, "a key of"), "{name}");
    }
    for table in TABLES {
        assert!(is_explained(table.title, "a table"), "{}", table.title);
    }
}

#[test]
fn every_column_is_explained() {
    let plan = plan(EVERYTHING);
    let header = RolloutWriter::new(&plan, Vec::new()).and_then(RolloutWriter::finish);
    let header = String::from_utf8(header.expect("memory")).expect("text");
    let slis: Vec<&str> = plan.slis.iter().map(|sli| sli.name.as_str()).collect();
    for column in header.trim().split(',') {
        let general = slis.iter().fold(column.to_owned(), |c, sli| {
            c.strip_suffix(&format!("_{sli}"))
                .map_or(c.clone(), |c| format!("{c}_<sli>"))
        });
        assert!(
            is_explained(&general, "a column of rollouts.csv"),
            "{column}"
        );
        // As it stands in the file, too.
        assert!(is_explained(column, "a column of rollouts.csv"), "{column}");
    }
    let summary = landfall::report::csv::text(&[]);
    for column in summary.trim().split(',') {
        assert!(is_explained(column, "a column of summary.csv"), "{column}");
    }
    let page = include_str!("../../output/README.md");
    for column in landfall::report::columns::ROLLOUTS {
        let is_part = column.name.starts_with("time_") && column.meaning.starts_with("part of");
        assert!(
            is_part || page.contains(&format!("`{}`", column.name)),
            "{}",
            column.name
        );
    }
}

#[test]
fn whatever_has_a_name_is_explained() {
    for literal in LITERALS {
        assert!(
            is_explained(literal.bare_name(), "a way to write"),
            "{}",
            literal.name
        );
    }
    for dist in DISTRIBUTIONS {
        assert!(is_explained(dist.name, "a distribution"), "{}", dist.name);
    }
    for ending in Ending::ALL {
        assert!(
            is_explained(ending.name(), "an outcome"),
            "{}",
            ending.name()
        );
    }
    for world in SHIPPED {
        assert!(
            is_explained(world.name, "a shipped world"),
            "{}",
            world.name
        );
    }
    for world in SHIPPED.iter().chain(PARTS) {
        let document = json_of_document(world.text).expect("TOML");
        for section in ["region", "fault", "alarm", "incidents", "sli"] {
            // What a world does not have itself it takes from a part.
            let tables = document[section].as_object().into_iter().flatten();
            for (name, _) in tables {
                assert!(is_explained(name, &format!("[{section}.")), "{name}");
            }
        }
    }
}

#[test]
fn every_number_of_a_world_is_shown_with_where_it_comes_from() {
    for world in SHIPPED.iter().chain(PARTS) {
        let (code, text, err) = ended(&["explain", world.name]);
        assert_eq!(code, Some(0), "{err}");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let table = |line: &&str| line.starts_with('[') && !line.starts_with("[[");
        for title in world.text.lines().filter(table) {
            let title = title.split(']').next().expect("a title");
            assert!(
                text.contains(&format!("{title}]")),
                "{}: {title}",
                world.name
            );
        }
        for source in world.text.split("source = \"").skip(1) {
            let source = source.split('"').next().expect("a source");
            assert!(text.contains(source), "{}: {source}", world.name);
        }
        let builds_on_another = world.text.contains("\nuse = ");
        for word in ["published", "measured", "guess"] {
            let said = format!("from = \"{word}\"");
            let count = world.text.matches(&said).count();
            assert!(
                count == 0 || builds_on_another || text.contains(&format!("{count} {word}")),
                "{}: {count} {word}",
                world.name
            );
        }
    }
}

#[test]
fn no_entry_says_nothing() {
    for shelf in SHELVES {
        let entries = (shelf.entries)();
        assert!(!entries.is_empty(), "{}", shelf.title);
        for entry in entries {
            assert!(!entry.parts.is_empty(), "{}: {}", shelf.title, entry.name);
        }
    }
}

#[test]
fn explanations_read_well() {
    for (name, words) in [
        ("guide", &[][..]),
        ("a term and a column", &["blast", "radius"]),
        ("a key of many tables", &["bake"]),
        ("a path", &["strategy.ours.waves[0].parallel"]),
        ("a table", &["trigger"]),
        ("a fault of a world", &["memory-leak"]),
        ("a value", &["hold"]),
        ("a profile", &["office-hours"]),
        ("a literal", &["condition"]),
        ("a world", &["one-cluster"]),
    ] {
        let words: Vec<&str> = ["explain"].iter().chain(words).copied().collect();
        let (code, text, err) = ended(&words);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{words:?}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 96),
            "{name}"
        );
        insta::assert_snapshot!(format!("explain {name}"), text);
    }
}

#[test]
fn an_unknown_word_ends_with_2_and_the_nearest() {
    let (code, out, err) = ended(&["explain", "blast", "radios"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("did you mean `blast radius`"), "{err}");
    let (code, out, err) = ended(&["explain", "bake", "xyzzyxyzzy"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        err.contains("`xyzzyxyzzy`") && err.contains("landfall explain"),
        "{err}"
    );
}

#[test]
fn schemas_are_printed_as_the_library_has_them() {
    for (words, file) in [
        (&["schema"][..], File::Scenario),
        (&["schema", "strategies"], File::Strategies),
    ] {
        let (code, text, err) = ended(words);
        assert_eq!((code, err.as_str()), (Some(0), ""));
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert!(json == schema(file), "{words:?}");
    }
}

/// All commands, by their help.
fn commands() -> Vec<String> {
    let (_, help, _) = ended(&["--help"]);
    let lines = help.lines().skip_while(|l| *l != "Commands:").skip(1);
    let lines = lines.take_while(|l| !l.is_empty());
    let name = |l: &str| l.split_whitespace().next().map(str::to_owned);
    lines.filter_map(name).filter(|n| n != "help").collect()
}

#[test]
fn every_command_is_completed_and_has_a_page() {
    let commands = commands();
    assert!(commands.len() >= 7, "{commands:?}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, script, err) = ended(&["completions", shell]);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{shell}");
        for command in &commands {
            assert!(script.contains(command), "{shell}: {command}");
        }
        let values = ["markdown", "one-cluster"].map(|value| script.contains(value));
        assert!(
            values == [true; 2] || !["bash", "zsh"].contains(&shell),
            "{shell}"
        );
    }
    let (code, page, _) = ended(&["man"]);
    assert_eq!(code, Some(0));
    assert!(
        page.contains(".TH landfall 1") && page.contains("compare"),
        "{page}"
    );
    for command in commands {
        let (code, page, err) = ended(&["man", &command]);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{command}");
        assert!(
            page.contains(&format!(".TH landfall-{command} 1"))
                && page.contains(".SH EXAMPLES\nExamples:"),
            "{page}"
        );
    }
    let (code, _, err) = ended(&["man", "frobnicate"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("compare"), "{err}");
}

#[test]
fn help_reads_well() {
    for words in [
        &["--help"][..],
        &["new", "--help"],
        &["explain", "--help"],
        &["schema", "--help"],
        &["completions", "--help"],
        &["man", "--help"],
    ] {
        let (code, help, _) = ended(words);
        assert_eq!(code, Some(0));
        insta::assert_snapshot!(
            format!("help of {}", words[0].trim_start_matches('-')),
            help
        );
    }
}

#[test]
fn whoever_closes_the_pipe_has_seen_enough() {
    let program = landfall(&[]).get_program().to_owned();
    for words in [
        &["explain", "aws-like"][..],
        &["explain"],
        &["schema"],
        &["new"],
        &["completions", "bash"],
        &["man"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let command = std::process::Command::new(&program)
            .args(words)
            .stdout(writer)
            .output();
        let output = command.expect("the program starts");
        assert_eq!(
            (output.status.code(), output.stderr.as_slice()),
            (Some(0), &b""[..]),
            "{words:?}"
        );
    }
}
