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
    is_valid(&document);
    for key in ["verdict", "figure", "limit"] {
        let mut without = document.clone();
        let verdict = without["verdicts"][0].as_object_mut().expect("a verdict");
        verdict.remove(key);
        assert!(!validator().is_valid(&without), "{key}");
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
    for words in ["cannot fire", "new.toml:", "LF101"] {
        assert!(err.contains(words), "{words}: {err}");
    }
    assert!(out.contains("1 gate cannot fire"), "{out}");
    // At the line of the alarm, in a form with a schema, too.
    let (_, out, _) = ratchet.checked(&new, &["--format", "json"]);
    let document: Value = serde_json::from_str(&out).expect("JSON");
    is_valid(&document);
    let line = new.lines().position(|l| l == "name = \"slow\"");
    let place = &document["cannot_fire"][0]["place"]["line"];
    assert_eq!(place.as_u64(), line.map(|l| l as u64 + 1), "{out}");
    // Whoever wants it so says it in the file.
    let allowed = format!("{new}[lint]\nallow = [\"LF101\"]\n");
    let (code, out, err) = ratchet.checked(&allowed, &[]);
    assert_eq!(code, Some(0), "{out}{err}");
}

#[test]
fn the_ratchet_stops_an_alarm_of_the_world_that_cannot_fire() {
    let ratchet = Ratchet::new();
    let alarm = "scope = \"zone\"\nwatches = \"step\"";
    let slow = WORLD.replace("scope = \"region\"", alarm).replace(
        "period = \"1m\"\ndatapoints = \"1 of 1",
        "period = \"1h\"\ndatapoints = \"3 of 3",
    );
    write(ratchet.folder.path(), "world.toml", &slow);
    let (code, out, err) = ratchet.checked(&strategy("10m"), &["--format", "json"]);
    assert_eq!(code, Some(1), "{out}{err}");
    let document: Value = serde_json::from_str(&out).expect("JSON");
    let file = document["cannot_fire"][0]["place"]["file"].as_str();
    assert!(file.is_some_and(|f| f.ends_with("world.toml")), "{out}");
}

/// Holds a document to the published schema.
fn is_valid(document: &Value) {
    let complaints: Vec<String> = validator()
        .iter_errors(document)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(complaints.is_empty(), "{complaints:?}");
}

fn validator() -> jsonschema::Validator {
    let schema = include_str!("../../docs/check.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    jsonschema::draft7::new(&schema).expect("a schema")
}

#[test]
fn a_strategy_file_may_say_its_format() {
    let ratchet = Ratchet::new();
    let old = format!("format = 1\n{}", strategy("10m"));
    write(ratchet.folder.path(), "old.toml", &old);
    let (code, out, err) = ratchet.checked(&old, &[]);
    assert_eq!(code, Some(0), "{out}{err}");
    // With something of a world it may be meant as either.
    let alarm = "[alarm.errors]\nscope = \"region\"\nwhen = \"errors > 1%\"\nperiod = \"1m\"\n\
        datapoints = \"1 of 1\"\n";
    let (code, _, err) = ratchet.checked(&format!("{old}{alarm}"), &[]);
    assert_eq!(code, Some(2), "{err}");
    for words in [
        "there is no region",
        "a shipped world",
        "leave out [alarm.NAME]",
    ] {
        assert!(err.contains(words), "{words}: {err}");
    }
}

#[test]
fn the_base_of_a_scenario_may_be_a_scenario() {
    let folder = tempfile::tempdir().expect("a folder");
    let keep = "p99(blast_radius) <= 1.1 * base";
    let old = write(folder.path(), "old.toml", &whole("10m", keep));
    for (bake, code) in [("20m", 0), ("1m", 1)] {
        let (ended, out, err) = checked(&whole(bake, keep), &["--against", &old]);
        assert_eq!(ended, Some(code), "{out}{err}");
    }
    // In a world where the fault comes at once it is as bad whatever the bake: the base's world is its own.
    let quick = whole("10m", keep).replace("delay = \"4m\"", "delay = \"0s\"");
    let quick = write(
        folder.path(),
        "quick.toml",
        &quick.replace("to = \"10%\"", "to = \"90%\""),
    );
    let (code, out, err) = checked(&whole("1m", keep), &["--against", &quick]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("limit 99.0%"), "{out}");
}

#[test]
fn one_form_goes_to_standard_output() {
    let text = whole("10m", "p99(blast_radius) <= 20%");
    let (code, out, err) = checked(&text, &["--output", "json=-"]);
    assert_eq!(code, Some(0), "{err}");
    is_valid(&serde_json::from_str(&out).expect("JSON and nothing else"));
    assert!(!Path::new("-").exists());
    for (words, says) in [
        (
            &["--output", "json=-", "--format", "human"][..],
            "leave one out",
        ),
        (
            &["--output", "json=-", "--output", "sarif=-"],
            "standard output",
        ),
        (&["--output", "json=x.a", "--output", "sarif=x.a"], "x.a"),
    ] {
        let (code, out, err) = checked(&text, words);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{words:?}: {err}");
        assert!(err.contains(says), "{words:?}: {err}");
    }
}

#[test]
fn what_cannot_be_written_is_told_and_keeps_nothing_else_from_being() {
    let text = whole("10m", "p99(blast_radius) <= 20%");
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    // Before anything is simulated, where it can be.
    for path in [file("missing/a.xml"), file("")] {
        let (code, out, err) = checked(&text, &["--output", &format!("junit={path}")]);
        assert_eq!((code, out.as_str()), (Some(4), ""), "{err}");
        assert!(err.contains("folder"), "{err}");
    }
    if cfg!(target_os = "linux") {
        let (full, whole) = ("junit=/dev/full", format!("json={}", file("a.json")));
        let (code, out, err) = checked(&text, &["--output", full, "--output", &whole]);
        assert_eq!(code, Some(4), "{err}");
        assert!(
            err.contains("/dev/full") && out.contains("holds"),
            "{out}{err}"
        );
        assert!(Path::new(&file("a.json")).exists());
    }
}

/// A shell's limit on the size of files stands for a disk that is full.
#[cfg(target_os = "linux")]
#[test]
fn a_summary_that_has_no_room_leaves_what_was_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = whole("10m", "p99(blast_radius) <= 20%");
    let scenario = write(folder.path(), "a.toml", &text);
    let before = "x".repeat(500);
    let summary = write(folder.path(), "summary.md", &before);
    let output = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"])
        .args([env!("CARGO_BIN_EXE_landfall"), "check", &scenario])
        .args(["--output", &format!("markdown={summary}")])
        .output()
        .expect("it runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{err}");
    assert_eq!(
        std::fs::read_to_string(&summary).expect("it is there"),
        before
    );
}

#[test]
fn code_scanning_and_annotations_name_files_from_the_root_of_the_repository() {
    let folder = tempfile::tempdir().expect("a folder");
    let services = folder.path().join("services");
    std::fs::create_dir_all(folder.path().join(".git")).expect("a folder");
    std::fs::create_dir_all(&services).expect("a folder");
    write(
        &services,
        "a.toml",
        &whole("1m", "p99(blast_radius) <= 20%"),
    );
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_landfall"))
        .args([
            "check",
            "a.toml",
            "--search",
            "0",
            "--output",
            "json=out.json",
        ])
        .args(["--output", "sarif=out.sarif", "--format", "github"])
        .current_dir(&services)
        .env_remove("GITHUB_WORKSPACE")
        .env_remove("CI_PROJECT_DIR")
        .output()
        .expect("it runs");
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{out}");
    assert!(out.starts_with("::error file=services/a.toml,"), "{out}");
    let read = |name: &str| -> Value {
        let text = std::fs::read_to_string(services.join(name)).expect("it was written");
        serde_json::from_str(&text).expect("JSON")
    };
    let result = &read("out.sarif")["runs"][0]["results"][0];
    let artifact = &result["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(artifact["uri"], "services/a.toml");
    assert_eq!(read("out.json")["verdicts"][0]["place"]["file"], "a.toml");
}

#[test]
fn an_undecided_budget_points_to_what_lets_most_through() {
    // Half of the faulty changes get everywhere, which is the limit: no number of rollouts tells.
    let fault = "[fault.other]\nweight = 1\ntrigger = { delay = \"4m\" }\nadds = { errors = \"100%\" }\n\
        caught_by = { gamma = \"100%\" }\n";
    let tested = strategy("1m").replace(
        "waves =",
        "preproduction = [{ name = \"gamma\", takes = \"1m\" }]\nwaves =",
    );
    let keep = budget("P(blast_radius > 20%) <= 50%");
    let text = format!("{WORLD}{fault}{tested}{keep}");
    let (code, out, err) = checked(&text, &["--runs", "2_000", "--format", "json"]);
    assert_eq!(code, Some(3), "{out}{err}");
    let document: Value = serde_json::from_str(&out).expect("JSON");
    let verdict = &document["verdicts"][0];
    assert_eq!(verdict["verdict"], "undecided", "{out}");
    let line = text
        .lines()
        .position(|l| l.starts_with("steps = [{ to = \"10%\""));
    assert_eq!(
        verdict["place"]["line"].as_u64(),
        line.map(|l| l as u64 + 1),
        "{out}"
    );
    let drivers = verdict["drivers"].to_string();
    assert!(
        drivers.contains("let through by step 1 of wave 1"),
        "{drivers}"
    );
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
