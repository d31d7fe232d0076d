//! The programs of docs/analysis.md run, and find what landfall found.
//!
//! They need Python with polars and matplotlib (`LANDFALL_PYTHON` names another interpreter than `python3`), and R. Where
//! these are missing that part is passed over, and says so.

use std::collections::BTreeMap;
use std::io::{Write as _, stderr};
use std::path::Path;
use std::process::Command;

const PAGE: &str = include_str!("../../docs/analysis.md");
const SCENARIO: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/scenarios/serverless-canary.toml"
);

/// The program of a language on the page.
fn program(language: &str) -> &'static str {
    let begin = format!("```{language}\n");
    let (_, rest) = PAGE.split_once(&begin).expect("a program");
    rest.split_once("\n```").expect("its end").0
}

/// Whether a command is there and does what the program needs.
fn works(command: &str, words: &[&str]) -> bool {
    let output = Command::new(command).args(words).output();
    let works = output.is_ok_and(|output| output.status.success());
    if !works {
        let _ = writeln!(stderr(), "passed over: {command} {words:?} does not work");
    }
    works
}

/// A folder with the results of a run, and the 99th percentiles of the blast radius that they state.
fn results() -> (tempfile::TempDir, BTreeMap<String, f64>) {
    let folder = tempfile::tempdir().expect("a folder");
    let words = ["compare", SCENARIO, "--runs", "400", "--keep", "all"];
    let output = Command::new(env!("CARGO_BIN_EXE_landfall"))
        .args(words)
        .args(["--charts", "none", "-q"])
        .current_dir(folder.path())
        .output()
        .expect("landfall runs");
    assert!(output.status.success(), "{output:?}");
    let mut stated = BTreeMap::new();
    let mut rows = csv::Reader::from_path(folder.path().join("output/summary.csv")).expect("rows");
    for row in rows.records().map(|row| row.expect("a row")) {
        if &row[1] == "faulty" && &row[2] == "blast_radius" && &row[3] == "p99" {
            stated.insert(row[0].to_owned(), row[5].parse().expect("a figure"));
        }
    }
    assert_eq!(stated.len(), 6);
    (folder, stated)
}

/// Runs a program and compares what it prints with what is stated.
fn agrees(command: &str, folder: &Path, file: &str, picture: &str, stated: &BTreeMap<String, f64>) {
    let output = Command::new(command)
        .arg(file)
        .current_dir(folder)
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    let printed = text.lines().map(|line| {
        let (strategy, p99) = line.rsplit_once(',').expect("a strategy and a figure");
        (strategy.to_owned(), p99.parse().expect("a figure"))
    });
    assert_eq!(&printed.collect::<BTreeMap<String, f64>>(), stated);
    let picture = std::fs::read(folder.join(picture)).expect("a picture");
    assert!(picture.starts_with(b"\x89PNG"));
}

#[test]
fn the_programs_of_the_page_find_what_landfall_found() {
    let python = std::env::var("LANDFALL_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has_python = works(&python, &["-c", "import polars, matplotlib"]);
    let has_r = works("Rscript", &["--version"]);
    if !has_python && !has_r {
        return;
    }
    let (folder, stated) = results();
    let write = |name: &str, language: &str| {
        std::fs::write(folder.path().join(name), program(language)).expect("a file");
    };
    if has_python {
        write("analysis.py", "python");
        let picture = "exceedance-python.png";
        agrees(&python, folder.path(), "analysis.py", picture, &stated);
    }
    if has_r {
        write("analysis.R", "r");
        let picture = "exceedance-r.png";
        agrees("Rscript", folder.path(), "analysis.R", picture, &stated);
    }
}
