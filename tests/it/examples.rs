//! The commands of examples/ run as they stand there.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Write as _, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;

const FILES: [&str; 4] = [
    "README.md",
    "ci/github.yml",
    "ci/gitlab-ci.yml",
    "ci/pre-commit",
];

/// Commands that the program may still lack: what uses them is passed over, and says so.
const MAY_BE_MISSING: [&str; 0] = [];

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// The lines that call landfall, with the lines that they go on in.
fn commands(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().map(|line| {
        let line = line.trim();
        line.strip_prefix("- ").unwrap_or(line)
    });
    lines
        .filter(|line| line.starts_with("landfall "))
        .map(str::to_owned)
        .collect()
}

/// The program's commands, as its help lists them.
fn known() -> BTreeSet<String> {
    let (_, help, _) = crate::cli::ended(&["--help"]);
    let (_, list) = help.split_once("Commands:").expect("a list");
    let lines = list.lines().skip(1).take_while(|line| !line.is_empty());
    lines
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect()
}

/// The services of the layout: folders with a strategy file.
fn services() -> Vec<String> {
    let entries = fs::read_dir(examples().join("services")).expect("services");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.into_string().expect("a name"))
        .collect();
    names.sort();
    names
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}

#[test]
fn commands_are_found_with_the_lines_they_go_on_in() {
    let text = "text landfall no\n  - landfall a \\\n    b\n    landfall c\nlandfalls\n";
    assert_eq!(commands(text), ["landfall a      b", "landfall c"]);
}

/// A copy of the layout in a folder of its own, with what workflows find when they come to landfall.
struct Layout {
    folder: tempfile::TempDir,
    path: String,
}

impl Layout {
    fn new() -> Layout {
        let folder = tempfile::tempdir().expect("a folder");
        copy(&examples(), &folder.path().join("examples"));
        fs::create_dir(folder.path().join("examples/landfall")).expect("a folder");
        let program = Path::new(env!("CARGO_BIN_EXE_landfall"));
        let own = program.parent().expect("a folder").display();
        let path = std::env::var("PATH").expect("a path");
        Layout {
            folder,
            path: format!("{own}:{path}"),
        }
    }

    /// Runs a command of a file for a service.
    fn run(&self, command: &str, service: &str) {
        let here = self.folder.path().join("examples");
        let strategies = format!("services/{service}/rollout.toml");
        fs::copy(here.join(&strategies), here.join("landfall/old.toml")).expect("copied");
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(&here)
            .env("PATH", &self.path)
            .env("SERVICE", service)
            .env("STRATEGIES", &strategies)
            .env("RUNNER_TEMP", here.join("landfall"))
            .env("GITHUB_STEP_SUMMARY", here.join("landfall/summary.md"))
            .env("OUT", self.folder.path())
            .output()
            .expect("a shell");
        let stderr = String::from_utf8_lossy(&output.stderr);
        let code = output.status.code().expect("an exit code");
        // Of a check every answer will do: that the files are taken is what is tested.
        let fine: &[i32] = match verb(command) {
            "check" => &[0, 1, 3],
            _ => &[0],
        };
        assert!(fine.contains(&code), "{command}: {code}\n{stderr}");
    }
}

fn verb(command: &str) -> &str {
    command.split(' ').nth(1).expect("a verb")
}

#[test]
fn every_command_runs() {
    let (layout, known) = (Layout::new(), known());
    let mut ran = BTreeSet::new();
    for file in FILES {
        let text = fs::read_to_string(examples().join(file)).expect("a text");
        let commands = commands(&text);
        assert!(!commands.is_empty(), "{file} calls landfall nowhere");
        for command in commands {
            if !known.contains(verb(&command)) {
                assert!(
                    MAY_BE_MISSING.contains(&verb(&command)),
                    "{file}: {command}"
                );
                let _ = writeln!(stderr(), "passed over, not there yet: {command}");
                continue;
            }
            let of_a_service = ["$SERVICE", "$STRATEGIES"]
                .iter()
                .any(|v| command.contains(v));
            let services = if of_a_service {
                services()
            } else {
                vec!["checkout".to_owned()]
            };
            for service in services {
                if ran.insert((command.clone(), service.clone())) {
                    layout.run(&command, &service);
                }
            }
        }
    }
    assert!(!ran.is_empty(), "no command was run");
}

/// Everything in the folder is in its table.
#[test]
fn every_file_is_in_the_table() {
    let table = fs::read_to_string(examples().join("README.md")).expect("a table");
    let mut folders = vec![examples()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(examples()).expect("inside");
            let name = name.to_str().expect("a name");
            assert!(
                name == "README.md" || table.contains(&format!("]({name})")),
                "{name} is not listed"
            );
        }
    }
}
