//! `landfall check`: exit codes, forms, the ratchet, and what drives a budget that does not hold.

use std::path::Path;

use serde_json::Value;

use crate::cli::ended;

/// A fault that hits at once, everywhere; one alarm that sees it within a minute.
const WORLD: &str = "format = 1\n[scenario]\nstart = \"2026-03-02T09:00:00Z\"\nwatch = \"1h\"\n\
    [region.east]\nrps = 1_000\nzones = 1\nboxes_per_zone = 10\n[sli.errors]\nbase = \"0%\"\n\
    [change]\nbad = \"50%\"\n[fault.crash]\nweight = 1\ntrigger = { delay = \"4m\" }\n\
    adds = { errors = \"100%\" }\n[rollback]\ntakes = \"0s\"\n\
    [alarm.errors]\nscope = \"region\"\nwhen = \"errors > 1%\"\nperiod = \"1m\"\ndatapoints = \"1 of 1\"\n";

/// A tenth for so long, then everything.
fn strategy(bake: &str) -> String {
    format!(
        "[strategy.ours]\nsteps = [{{ to = \"10%\", bake = \"{bake}\" }}, {{ to = \"100%\" }}]\n\
         waves = [{{ regions = \"rest\", bake = \"10m\" }}]\n"
    )
}

fn budget(keep: &str) -> String {
    format!("[budget.tested]\ngiven = \"faulty\"\nkeep = \"{keep}\"\n")
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file");
    path.to_str().expect("a name").to_owned()
}

/// The command on one file, with further words.
fn checked(text: &str, words: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), "a.toml", text);
    let mut all = vec!["check", &path];
    all.extend(words);
    ended(&all)
}

fn whole(bake: &str, keep: &str) -> String {
    format!("{WORLD}{}{}", strategy(bake), budget(keep))
}

#[test]
fn exit_codes_tell_what_came_of_budgets() {
    // The fault shows after four minutes: with a bake of ten at a tenth, with one of a minute everywhere.
    let (code, out, err) = checked(&whole("10m", "p99(blast_radius) <= 20%"), &[]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("holds"), "{out}");
    let (code, out, err) = checked(&whole("1m", "p99(blast_radius) <= 20%"), &[]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("BROKEN"), "{out}");
}

#[test]
fn what_is_too_close_or_too_short_is_undecided() {
    let text = whole("10m", "p99(blast_radius) <= 20%");
    let few = |words: &[&str]| {
        let mut all = vec!["--runs", "10"];
        all.extend(words);
        checked(&text, &all)
    };
    assert_eq!(few(&[]).0, Some(3));
    assert_eq!(few(&["--undecided", "fail"]).0, Some(3));
    assert_eq!(few(&["--undecided", "warn"]).0, Some(0));
    assert_eq!(few(&["--undecided", "pass"]).0, Some(0));
    assert!(few(&[]).1.contains("UNDECIDED"));
}

#[test]
fn nothing_to_check_is_wrong_input() {
    let bare = format!("{WORLD}{}", strategy("10m"));
    let (code, _, err) = checked(&bare, &[]);
    assert_eq!(code, Some(2));
    assert!(err.contains("no budget"), "{err}");
    let (code, _, err) = checked(&format!("{WORLD}{}", budget("P(undetected) <= 1%")), &[]);
    assert_eq!(code, Some(2), "{err}");
    let (code, _, err) = checked(&whole("10m", "p99(blast_radius) <= 1.1 * base"), &[]);
    assert_eq!(code, Some(2));
    assert!(err.contains("--against"), "{err}");
    let (code, _, err) = checked(&whole("10m", "mean(bad_requests) <= 1_000_000"), &[]);
    assert_eq!(code, Some(2));
    assert!(err.contains("asymptotic = true"), "{err}");
    // Every budget that cannot be judged is shown in its place.
    let text = format!(
        "{}[budget.other]\nkeep = \"P(blast_radius > 5%) <= 110%\"\n",
        whole("10m", "p99(blast_radius) <= 1.1 * base")
    );
    let (code, _, err) = checked(&text, &[]);
    assert_eq!(code, Some(2));
    assert!(err.contains("--against") && err.contains("100%"), "{err}");
    let lines = |text: &str, what: &str| text.lines().position(|l| l.contains(what)).map(|l| l + 1);
    for budget in ["[budget.tested]", "[budget.other]"] {
        let line = lines(&text, budget).expect("a line");
        assert!(err.contains(&format!("a.toml:{line}:")), "{budget}: {err}");
    }
    // A folder is no file.
    let folder = tempfile::tempdir().expect("a folder");
    let name = folder.path().display().to_string();
    let (code, _, err) = checked(&bare, &["--strategies", &name]);
    assert_eq!(code, Some(2));
    assert!(err.contains("name the files in it"), "{err}");
}

#[test]
fn figures_of_the_base_stand_beside_others() {
    let ratchet = Ratchet::new();
    let text = format!("{}{}", strategy("1m"), budget("p99(blast_radius) <= 20%"));
    let (code, out, err) = ratchet.checked(&text, &["--format", "json"]);
    assert_eq!(code, Some(1), "{out}{err}");
    let document: Value = serde_json::from_str(&out).expect("JSON");
    // With a bake of ten minutes at a tenth nothing had more than that.
    let verdict = &document["verdicts"][0];
    assert_eq!(verdict["base"]["value"], 0.0, "{out}");
    assert_eq!(verdict["figure"]["value"], 1.0, "{out}");
    let (_, out, _) = ratchet.checked(&text, &["--format", "markdown"]);
    assert!(
        out.contains("| difference |") && out.contains("+100 points"),
        "{out}"
    );
}

#[test]
fn what_drives_it_and_what_helps_is_told() {
    // Twice a bake of three minutes outlasts the fault's four.
    let text = whole("3m", "p99(blast_radius) <= 20%");
    let (code, out, err) = checked(&text, &["--format", "json"]);
    assert_eq!(code, Some(1), "{err}");
    let document: Value = serde_json::from_str(&out).expect("JSON");
    let verdict = &document["verdicts"][0];
    assert_eq!(verdict["verdict"], "broken", "{out}");
    let drivers = verdict["drivers"].to_string();
    assert!(drivers.contains("crash"), "{drivers}");
    let change = verdict["change"].as_str().expect("a change");
    assert!(change.contains("bake of step 1"), "{change}");
}

#[test]
fn every_form_is_written_and_json_keeps_its_schema() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(
        folder.path(),
        "a.toml",
        &whole("3m", "p99(blast_radius) <= 20%"),
    );
    let forms = ["human", "json", "junit", "sarif", "github", "markdown"];
    let file = |form: &str| {
        folder
            .path()
            .join(form)
            .to_str()
            .expect("a name")
            .to_owned()
    };
    let outputs: Vec<String> = forms.iter().map(|f| format!("{f}={}", file(f))).collect();
    let mut words = vec!["check", &path];
    for output in &outputs {
        words.extend(["--output", output]);
    }
    assert_eq!(ended(&words).0, Some(1));
    let read = |form: &str| std::fs::read_to_string(file(form)).expect("it was written");
    for form in forms {
        assert!(read(form).contains("tested"), "{form}");
    }
    assert!(read("github").starts_with("::error "));
    assert!(read("junit").contains("<failure"));
    let document: Value = serde_json::from_str(&read("json")).expect("JSON");
    let schema = include_str!("../../docs/check.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    let validator = jsonschema::draft7::new(&schema).expect("a schema");
    let complaints: Vec<String> = validator
        .iter_errors(&document)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(complaints.is_empty(), "{complaints:?}");
    for key in ["verdict", "figure", "limit"] {
        let mut without = document.clone();
        let verdict = without["verdicts"][0].as_object_mut().expect("a verdict");
        verdict.remove(key);
        assert!(!validator.is_valid(&without), "{key}");
    }
}

/// The ratchet: two strategy files over a world, without a budget.
struct Ratchet {
    folder: tempfile::TempDir,
}

impl Ratchet {
    fn new() -> Ratchet {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), "world.toml", WORLD);
        write(folder.path(), "old.toml", &strategy("10m"));
        Ratchet { folder }
    }

    /// The command on a strategy file of this text, with further words.
    fn checked(&self, new: &str, words: &[&str]) -> (Option<i32>, String, String) {
        let path = |name| self.folder.path().join(name).display().to_string();
        let (world, old) = (path("world.toml"), path("old.toml"));
        let new = write(self.folder.path(), "new.toml", new);
        let mut all = vec![
            "check",
            &new,
            "--against",
            &old,
            "--world",
            &world,
            "--rps",
            "40",
        ];
        all.extend(words);
        ended(&all)
    }
}

#[test]
fn the_ratchet_passes_what_is_the_same_or_better_and_stops_what_is_worse() {
    let ratchet = Ratchet::new();
    let (code, out, err) = ratchet.checked(&strategy("10m"), &[]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("0 broken, 0 undecided, 2 hold"), "{out}");
    assert!(out.contains("unchanged") && !out.contains('∞'), "{out}");
    // Longer at a tenth: no worse.
    let (code, out, err) = ratchet.checked(&strategy("20m"), &[]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(
        out.contains("0 broken") && !out.contains("unchanged"),
        "{out}"
    );
    // The fault shows only when everything has the change.
    let (code, out, err) = ratchet.checked(&strategy("1m"), &[]);
    assert_eq!(code, Some(1), "{out}{err}");
    let worst = out.lines().next().expect("a line");
    for words in ["BROKEN", "reach", "1.1 * base", "100%", "11.0%"] {
        assert!(worst.contains(words), "{words}: {out}");
    }
    assert!(
        out.contains("driven by: ") && out.contains("repeat: landfall check"),
        "{out}"
    );
    assert!(err.contains("1 of 2 do not hold"), "{err}");
    // Half as much again is no worse where somebody says so.
    let wider = strategy("10m").replace("to = \"10%\"", "to = \"15%\"");
    assert_eq!(ratchet.checked(&wider, &[]).0, Some(1));
    let (code, out, err) = ratchet.checked(&wider, &["--tolerance", "60%"]);
    assert_eq!(code, Some(0), "{out}{err}");
}

#[test]
fn the_ratchet_stops_a_gate_that_cannot_fire() {
    let ratchet = Ratchet::new();
    // Three datapoints of an hour need more than the ten minutes of the step.
    let gate = "[[strategy.ours.alarms]]\nname = \"slow\"\nscope = \"zone\"\nwhen = \"errors > 1%\"\nperiod = \"1h\"\n\
        datapoints = \"3 of 3\"\nwatches = \"step\"\n";
    let new = format!("{}{gate}", strategy("10m"));
    let (code, out, err) = ratchet.checked(&new, &[]);
    assert_eq!(code, Some(1), "{out}{err}");
    for words in ["cannot fire", "new.toml:", "LF101", "landfall lint"] {
        assert!(err.contains(words), "{words}: {err}");
    }
}

#[test]
fn the_ratchet_needs_something_to_compare_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let new = write(folder.path(), "new.toml", &strategy("10m"));
    let (code, _, err) = ended(&["check", &new]);
    assert_eq!(code, Some(2));
    assert!(err.contains("--against"), "{err}");
    let other = write(
        folder.path(),
        "old.toml",
        &strategy("10m").replace("ours", "theirs"),
    );
    let (code, _, err) = ended(&["check", &new, "--against", &other]);
    assert_eq!(code, Some(2));
    assert!(err.contains("\"ours\""), "{err}");
}
