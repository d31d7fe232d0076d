//! `landfall check`: the line that is responsible for a budget that does not hold, and the alarms that had no chance.
//!
//! The fault shows after four minutes and makes a fifth of the new version's requests bad. With bakes of three minutes
//! everything that comes after is hit, and it is known where it got through.

use std::path::Path;

use serde_json::Value;

use crate::cli::landfall;

const WORLD: &str = include_str!("responsible/world.toml");

/// A tenth, then everything, in one region and then the other; each bake on a line of its own.
const STRATEGY: &str = "[strategy.ours]
steps = [
  { to = \"10%\", bake = \"STEP\" },
  { to = \"100%\" },
]
waves = [
  { regions = 1, bake = \"WAVE\" },
  { regions = \"rest\", bake = \"10m\" },
]
";

fn strategy(step: &str, wave: &str) -> String {
    STRATEGY.replace("STEP", step).replace("WAVE", wave)
}

fn budget(given: &str, keep: &str) -> String {
    format!("[budget.tested]\ngiven = \"{given}\"\nkeep = \"{keep}\"\n")
}

struct Layout(tempfile::TempDir);

impl Layout {
    /// The world, and these files.
    fn of(files: &[(&str, &str)]) -> Layout {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [("world.toml", WORLD)].iter().chain(files) {
            let path = folder.path().join(name);
            let parent = path.parent().unwrap_or(Path::new(""));
            std::fs::create_dir_all(parent).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        Layout(folder)
    }

    /// What a check that finds one budget broken says in a form, run in the folder.
    fn said(&self, words: &[&str], form: &str) -> String {
        let mut all = vec!["check"];
        all.extend(words);
        all.extend(["--format", form, "--search", "0", "--quiet"]);
        let output = landfall(&all).current_dir(self.0.path()).output();
        let output = output.expect("the program starts");
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {err}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// File and line of the only result of a SARIF log.
    fn sarif_line(&self, words: &[&str]) -> (String, u64) {
        let log: Value = serde_json::from_str(&self.said(words, "sarif")).expect("JSON");
        let results = log["runs"][0]["results"].as_array().expect("results");
        assert_eq!(results.len(), 1, "{results:?}");
        let location = &results[0]["locations"][0]["physicalLocation"];
        let uri = location["artifactLocation"]["uri"]
            .as_str()
            .expect("a file");
        let line = location["region"]["startLine"].as_u64();
        (uri.to_owned(), line.expect("a line"))
    }
}

/// The line of a text in which something stands, from 1.
fn line_of(text: &str, what: &str) -> u64 {
    let at = text.lines().position(|line| line.contains(what));
    at.unwrap_or_else(|| panic!("{what} in {text}")) as u64 + 1
}

#[test]
fn the_line_is_that_of_the_step_or_wave_that_let_it_through() {
    for (step, wave, given, keep, line) in [
        // A region is half of the traffic.
        (
            "3m",
            "1h",
            "faulty",
            "p90(blast_radius) <= 20%",
            "bake = \"3m\"",
        ),
        (
            "10m",
            "1h",
            "faulty",
            "p90(blast_radius) <= 4%",
            "bake = \"10m\"",
        ),
        (
            "1m",
            "2m",
            "faulty",
            "p90(blast_radius) <= 50%",
            "bake = \"2m\"",
        ),
        (
            "1m",
            "2m",
            "faulty",
            "p90(regions_hit) <= 1",
            "bake = \"2m\"",
        ),
        // No alarm is left that sees it, so it is there to the end.
        ("1m", "2m", "hidden", "P(undetected) <= 10%", "\"rest\""),
        (
            "1m",
            "2h",
            "fault-free",
            "p90(time_to_full_s) <= 1h",
            "bake = \"2h\"",
        ),
    ] {
        let text = format!("{}{}", strategy(step, wave), budget(given, keep));
        let layout = Layout::of(&[("services/a b.toml", &text)]);
        let words = [
            "world.toml",
            "--strategies",
            "./services/../services/a b.toml",
        ];
        let found = layout.sarif_line(&words);
        let expected = ("services/a%20b.toml".to_owned(), line_of(&text, line));
        assert_eq!(found, expected, "{step} {wave} {keep}");
    }
}

#[test]
fn a_scenario_of_its_own_has_the_line() {
    let whole = format!(
        "{WORLD}{}{}",
        strategy("3m", "1h"),
        budget("faulty", "p90(blast_radius) <= 20%")
    );
    let layout = Layout::of(&[("whole.toml", &whole)]);
    let line = line_of(&whole, "bake = \"3m\"");
    let found = layout.sarif_line(&["whole.toml"]);
    assert_eq!(found, ("whole.toml".to_owned(), line));
    let annotation = layout.said(&["whole.toml"], "github");
    let place = format!("::error file=whole.toml,line={line},");
    assert!(annotation.starts_with(&place), "{annotation}");
    let human = layout.said(&["whole.toml"], "human");
    let first = human.lines().next().expect("a line");
    assert!(first.ends_with(&format!("whole.toml:{line}")), "{human}");
}

const ROLLOUT: &str = "apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: ours
spec:
  replicas: 10
  strategy:
    canary:
      steps:
        - setWeight: 10
        - pause: {duration: 3m}
        - setWeight: 50
        - pause: {duration: 1h}
";

#[test]
fn a_file_of_another_tool_has_the_line() {
    let budgets = budget("faulty", "p90(blast_radius) <= 20%");
    let layout = Layout::of(&[("rollout.yaml", ROLLOUT), ("budgets.toml", &budgets)]);
    let words = [
        "world.toml",
        "--strategies",
        "rollout.yaml",
        "--budget",
        "budgets.toml",
    ];
    let (file, line) = layout.sarif_line(&words);
    assert_eq!(file, "rollout.yaml");
    let first = line_of(ROLLOUT, "setWeight: 10");
    assert!((first..=first + 1).contains(&line), "line {line}");
}

#[test]
fn alarms_without_a_chance_are_named_with_the_reason() {
    let alarms = include_str!("responsible/alarms.toml");
    let text = format!(
        "{}{alarms}{}",
        strategy("3m", "1h"),
        budget("faulty", "p90(blast_radius) <= 20%")
    );
    let layout = Layout::of(&[("a.toml", &text)]);
    let words = ["world.toml", "--strategies", "a.toml"];
    let document: Value = serde_json::from_str(&layout.said(&words, "json")).expect("JSON");
    let drivers = document["verdicts"][0]["drivers"]
        .as_array()
        .expect("drivers");
    let drivers: Vec<&str> = drivers.iter().filter_map(Value::as_str).collect();
    let through = "let through by step 1 of wave 1 (100%)";
    assert!(drivers.contains(&through), "{drivers:?}");
    let none = drivers
        .iter()
        .find(|d| d.starts_with("alarms without a chance in step 1 of wave 1, were crash awake"));
    let none = none.unwrap_or_else(|| panic!("{drivers:?}"));
    assert!(none.contains(": 5 of 6: "), "{none}");
    for (alarm, reason) in [
        // Datapoints of five minutes, three of them: ten minutes and more.
        ("slow", "takes more than 10m, has 3m"),
        ("other", "reads nothing that it makes worse"),
        // 100 requests a second at a tenth of the region.
        ("few", "reads 6.0k requests a datapoint, asks for 1.0M"),
        // A fifth of a tenth of the region's requests.
        ("blunt", "+20.0% bad is too little"),
        ("late", "limited to other steps"),
    ] {
        let named = none.split_once(&format!("{alarm} ("));
        let said = named.unwrap_or_else(|| panic!("{alarm}: {none}")).1;
        let (said, _) = said.split_once(')').expect("a reason");
        assert!(said.contains(reason), "{alarm}: {said}");
    }
    // It would have fired, had the fault not been asleep.
    assert!(!none.contains("errors ("), "{none}");
    // With a bake that is longer than ten minutes the slow one has a chance as well.
    let longer = text.replace("3m", "40m").replace("<= 20%", "<= 4%");
    let layout = Layout::of(&[("a.toml", &longer)]);
    let human = layout.said(&words, "human");
    assert!(
        human.contains("blunt (") && !human.contains("slow ("),
        "{human}"
    );
}
