//! `docs/tour.md`: its commands run, and show what the page says that they show.
//!
//! `LANDFALL_TOUR=1 cargo test --test it tour` prints what each command shows now.

use std::fs;
use std::io::{Write as _, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;

const PAGE: &str = include_str!("../../docs/tour.md");

/// What stands for lines that the page leaves out.
const LEFT_OUT: &str = "...";

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/tour")
}

/// A part of the page.
#[derive(Debug, PartialEq)]
enum Part<'p> {
    /// A fenced block: its language, and what is in it.
    Block(&'p str, String),
    /// All between blocks.
    Prose(String),
}

fn parts(page: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut prose = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            prose += line;
            prose.push('\n');
            continue;
        };
        parts.push(Part::Prose(std::mem::take(&mut prose)));
        let inside: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
        parts.push(Part::Block(language, inside.join("\n")));
    }
    parts.push(Part::Prose(prose));
    parts
}

/// The first line that is not among the others, in the order of both. What is left out may be anywhere.
fn first_missing<'s>(shown: &'s str, all: &str) -> Option<&'s str> {
    let mut left = all.lines();
    shown
        .lines()
        .filter(|line| *line != LEFT_OUT)
        .find(|line| !left.any(|other| other.trim_end() == line.trim_end()))
}

/// Figures in code: what has a digit in it and is no command.
fn figures(prose: &str) -> Vec<&str> {
    let code = prose.split('`').skip(1).step_by(2);
    code.filter(|c| c.contains(|x: char| x.is_ascii_digit()) && !c.starts_with("landfall"))
        .collect()
}

/// The exit code that prose tells, 0 unless it does.
fn exit_code(prose: &str) -> i32 {
    let told = prose.split_once("Exit code ").map(|(_, rest)| rest);
    let digits = told.and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
    digits.map_or(0, |d| d.parse().expect("a code"))
}

#[test]
fn the_page_is_taken_apart_as_it_is_meant() {
    let page = "a `1%`\n```sh\nx\ny\n```\nExit code 3: `b`, `landfall 2`";
    let found = parts(page);
    let block = Part::Block("sh", "x\ny".to_owned());
    let after = "Exit code 3: `b`, `landfall 2`\n";
    let expected = [
        Part::Prose("a `1%`\n".to_owned()),
        block,
        Part::Prose(after.to_owned()),
    ];
    assert_eq!(found, expected);
    assert_eq!(figures("a `1%` `b` `landfall 2`"), ["1%"]);
    assert_eq!((exit_code(after), exit_code("none")), (3, 0));
    assert_eq!(first_missing("b\n...\nd", "a\nb\nc\nd"), None);
    assert_eq!(first_missing("d\n...\nb", "a\nb\nc\nd"), Some("b"));
}

/// A command and what the page says after it.
#[derive(Default)]
struct Step {
    command: String,
    shown: Vec<String>,
    prose: String,
}

/// The commands, and the blocks that are cut from files.
fn steps(page: &str) -> (Vec<Step>, Vec<String>) {
    let (mut steps, mut cuttings) = (Vec::<Step>::new(), Vec::new());
    for part in parts(page) {
        match (part, steps.last_mut()) {
            (Part::Block("sh", command), _) => steps.push(Step {
                command,
                ..Step::default()
            }),
            (Part::Block("text", block), Some(step)) => step.shown.push(block),
            (Part::Block(_, block), _) => cuttings.push(block),
            (Part::Prose(prose), Some(step)) => step.prose += &prose,
            (Part::Prose(_), None) => {}
        }
    }
    (steps, cuttings)
}

/// What a command shows, with the files that it writes, and its exit code.
fn ended(command: &str, folder: &Path) -> (String, i32) {
    let words: Vec<&str> = command.split_whitespace().collect();
    assert_eq!(words[0], "landfall");
    let output = Command::new(env!("CARGO_BIN_EXE_landfall"))
        .args(&words[1..])
        .current_dir(folder)
        .env_remove("COLUMNS")
        .output()
        .expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut shown = text(&output.stdout) + &text(&output.stderr);
    if let Some((_, file)) = command
        .split_once("--out ")
        .filter(|(_, f)| f.ends_with("toml"))
    {
        shown += &fs::read_to_string(folder.join(file)).expect("it is written");
    }
    (shown, output.status.code().expect("an exit code"))
}

#[test]
fn every_command_shows_what_the_page_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = Vec::new();
    for entry in fs::read_dir(examples()).expect("the folder of the tour") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_owned();
        fs::copy(&path, folder.path().join(name)).expect("copied");
        files.push(fs::read_to_string(&path).expect("a text"));
    }
    let (steps, cuttings) = steps(PAGE);
    for block in cuttings {
        let is_there = |file: &String| first_missing(&block, file).is_none();
        assert!(files.iter().any(is_there), "in no file:\n{block}");
    }
    assert_eq!(steps.len(), 5);
    for step in steps {
        let (shown, code) = ended(&step.command, folder.path());
        if std::env::var_os("LANDFALL_TOUR").is_some() {
            writeln!(stderr(), "$ {}\n{shown}[{code}]", step.command).expect("written");
        }
        assert_eq!(code, exit_code(&step.prose), "{}\n{shown}", step.command);
        assert!(!step.shown.is_empty(), "{}", step.command);
        for block in &step.shown {
            let missing = first_missing(block, &shown);
            assert_eq!(missing, None, "{}\n{shown}", step.command);
        }
        for figure in figures(&step.prose) {
            assert!(
                shown.contains(figure),
                "{figure}: {}\n{shown}",
                step.command
            );
        }
    }
}
