//! Real files of other people, where the folder with them is at hand.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use landfall::import::{Imported, Input, Refusal, import};

use super::{at_zero, runs_as_it_says, schedule};

/// What must come out, by hand: a row a file.
const EXPECTED: &str = include_str!("expected.tsv");

/// A row of the table.
struct Row<'a> {
    file: &'a str,
    with: Vec<&'a str>,
    schedule: &'a str,
    gates: &'a str,
    full: &'a str,
    done: &'a str,
}

fn rows() -> Vec<Row<'static>> {
    let rows = EXPECTED
        .lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty());
    rows.map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [file, with, schedule, gates, full, done] = cells[..] else {
            panic!("six cells: {line}");
        };
        Row {
            file,
            with: with.split(' ').filter(|w| *w != "-").collect(),
            schedule,
            gates,
            full,
            done,
        }
    })
    .collect()
}

#[expect(clippy::print_stderr, reason = "a test that looks at nothing says so")]
fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/configs");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: there is no {}", folder.display());
    None
}

/// A file, and others beside it that it refers to.
fn read(folder: &Path, file: &str, with: &[&str]) -> Result<Vec<Imported>, Refusal> {
    let beside = Path::new(file).parent().expect("a folder");
    let mut names = vec![file.to_owned()];
    let is_file = |word: &&&str| !word.contains('=') && !word.starts_with('#');
    names.extend(
        with.iter()
            .filter(is_file)
            .map(|w| beside.join(w).to_string_lossy().into_owned()),
    );
    let bytes: Vec<Vec<u8>> = names
        .iter()
        .map(|n| fs::read(folder.join(n)).expect(n))
        .collect();
    let inputs: Vec<Input<'_>> = names
        .iter()
        .zip(&bytes)
        .map(|(name, bytes)| Input { name, bytes })
        .collect();
    let mut settings = at_zero();
    let pair = |word: &&str| {
        let (name, value) = word.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    settings.params = with.iter().filter_map(pair).collect();
    import(&inputs, None, &settings)
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|e| e.expect("one").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn seconds(seconds: Option<f64>) -> String {
    seconds.map_or("-".to_owned(), |s| s.to_string())
}

#[test]
fn real_files_have_the_schedules_that_were_worked_out_by_hand() {
    let Some(folder) = folder() else {
        return;
    };
    let mut wrong = String::new();
    for row in rows() {
        let found = match read(&folder, row.file, &row.with) {
            Err(refusal) => {
                let said = row.schedule.strip_prefix("refused: ");
                let as_said = said.is_some_and(|s| refusal.to_string().contains(s));
                assert!(as_said, "{}: {refusal}", row.file);
                continue;
            }
            Ok(all) => all,
        };
        runs_as_it_says(&found, &[row.file]);
        let named = row.with.iter().find_map(|word| word.strip_prefix('#'));
        let is_meant = |one: &&Imported| named.is_none_or(|name| one.name == name);
        let first = found.iter().find(is_meant).expect("the one that is named");
        let cells = [
            schedule(first),
            first.manual_gates.to_string(),
            seconds(first.full_s),
            seconds(first.done_s),
        ];
        if cells != [row.schedule, row.gates, row.full, row.done] {
            let _ = writeln!(wrong, "{}\n  found {}", row.file, cells.join(" | "));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_table_of_all_real_files() {
    let Some(folder) = folder() else {
        return;
    };
    let rows = rows();
    let mut found = Vec::new();
    files(&folder, &mut found);
    let mut table = String::new();
    for path in found {
        let file = path
            .strip_prefix(&folder)
            .expect("inside")
            .to_string_lossy()
            .into_owned();
        if !file.contains('/') {
            continue;
        }
        let with = rows
            .iter()
            .find(|r| r.file == file)
            .map_or(&[][..], |r| &r.with);
        let _ = writeln!(table, "{file}");
        match read(&folder, &file, with) {
            // The name of the file stands above already.
            Err(refusal) => {
                let text = refusal.to_string();
                let _ = writeln!(
                    table,
                    "    refused at {}",
                    text.strip_prefix(&file).unwrap_or(&text)
                );
            }
            Ok(all) => {
                for one in all {
                    let _ = writeln!(
                        table,
                        "    {} {}: {} | gates {} | full {} | done {} | alarms {} | assumed {} | not expressed {}",
                        one.kind,
                        one.name,
                        schedule(&one),
                        one.manual_gates,
                        seconds(one.full_s),
                        seconds(one.done_s),
                        one.alarms.len(),
                        one.assumptions.len(),
                        one.not_expressed.len()
                    );
                }
            }
        }
    }
    insta::assert_snapshot!("import", table);
}
