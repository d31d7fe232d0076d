//! `landfall lint`: what it finds, and what it does not.

mod earliest;
mod speaks;

use landfall::lint::{LINTS, findings};

use crate::cli::ended;
use crate::worlds::plan;

pub(crate) const WORLD: &str = "format = 1\n[scenario]\nstart = \"2026-03-02T09:00:00Z\"\n[region.east]\nrps = 24_000\n\
    zones = 2\nboxes_per_zone = 10\n[change]\nbad = \"10%\"\n[fault.crash]\nweight = 1\ntrigger = { delay = \"0s\" }\n\
    adds = { errors = \"50%\" }\n[rollback]\ntakes = \"1m\"\n";

fn found(rest: &str) -> Vec<&'static str> {
    let list = findings(&plan(&format!("{WORLD}{rest}")));
    list.iter().map(|f| f.lint.name).collect()
}

fn canary(datapoints: &str, bake: &str) -> String {
    format!(
        "[alarm.new]\nscope = \"canary\"\nwhen = \"errors > 1%\"\nperiod = \"1m\"\ndatapoints = \"{datapoints}\"\n\
         [strategy.ours]\nsteps = [{{ to = \"10%\", takes = \"0s\", bake = \"{bake}\" }}, {{ to = \"100%\", takes = \"0s\" }}]\n"
    )
}

#[test]
fn an_alarm_that_stops_watching_before_it_can_fire_is_found() {
    assert!(found(&canary("5 of 5", "3m")).contains(&"alarm-too-late"));
    // The fifth datapoint ends after more than four minutes.
    assert!(found(&canary("5 of 5", "4m")).contains(&"alarm-too-late"));
    assert!(!found(&canary("5 of 5", "5m")).contains(&"alarm-too-late"));
}

#[test]
fn suggested_bakes_are_long_enough() {
    let mut plan = plan(&format!("{WORLD}{}", canary("5 of 5", "3m")));
    let list = findings(&plan);
    let short = list
        .iter()
        .find(|f| f.lint.name == "bake-too-short")
        .expect("it speaks");
    short.fix.as_ref().expect("a change").apply(&mut plan);
    assert!(
        findings(&plan)
            .iter()
            .all(|f| f.lint.name != "bake-too-short" && f.lint.name != "alarm-too-late")
    );
}

#[test]
fn findings_end_with_1_and_codes_are_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.toml");
    std::fs::write(&path, format!("{WORLD}{}", canary("5 of 5", "3m"))).expect("a file");
    let path = path.to_str().expect("a name");
    let (code, out, _) = ended(&["lint", path]);
    assert_eq!(code, Some(1));
    assert!(out.contains("LF101"), "{out}");
    assert_eq!(
        ended(&["lint", path, "--allow", "alarm-too-late"]).0,
        Some(0)
    );
    for lint in LINTS {
        assert_eq!(ended(&["explain", lint.code]).0, Some(0), "{}", lint.code);
    }
}

#[test]
fn the_guide_lists_every_lint() {
    let guide = include_str!("../../docs/lint.md");
    let listed: Vec<&str> = guide.lines().filter(|l| l.starts_with("| LF")).collect();
    let row = |l: &landfall::lint::Lint| {
        let level = format!("{:?}", l.severity).to_lowercase();
        format!("| {} | `{}` | {level} | {} |", l.code, l.name, l.title)
    };
    assert_eq!(listed, LINTS.iter().map(row).collect::<Vec<_>>());
}

#[test]
fn an_alarm_of_a_canary_that_there_is_not_is_a_note() {
    let text =
        canary("5 of 5", "3m").replace("{ to = \"10%\", takes = \"0s\", bake = \"3m\" }, ", "");
    let list = findings(&plan(&format!("{WORLD}{text}")));
    let late = list.iter().find(|f| f.lint.name == "alarm-too-late");
    assert_eq!(
        late.map(|f| f.severity),
        Some(landfall::lint::Severity::Note)
    );
}

#[test]
fn the_work_is_bounded_in_the_largest_fleet() {
    const REGIONS: u64 = 1_000;
    const STRATEGIES: u64 = 20;
    let mut text = WORLD.replace(
        "[region.east]\nrps = 24_000\nzones = 2\nboxes_per_zone = 10\n",
        "",
    );
    for region in 0..REGIONS {
        text += &format!("[region.r{region}]\nrps = 100\nzones = 10\nboxes_per_zone = 10\n");
    }
    for strategy in 0..STRATEGIES {
        text += &format!(
            "[strategy.s{strategy}]\nsteps = [{{ to = \"10%\", takes = \"1m\" }}, {{ to = \"100%\", takes = \"1m\" }}]\n"
        );
    }
    let (_, work) = landfall::lint::inspect(&plan(&text));
    // A wave looks at each of its regions a fixed number of times.
    assert!(work <= 4 * REGIONS * STRATEGIES, "{work}");
}

/// A change of this list is a change of what users are told: look at each finding, whether it is true.
#[test]
fn findings_in_the_shipped_scenarios_are_these() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let entries = std::fs::read_dir(&folder).expect("scenarios");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    paths.sort();
    let mut table = String::new();
    for path in paths {
        let name = path.file_stem().expect("a name").to_string_lossy();
        let text = std::fs::read_to_string(&path).expect("a text");
        for f in findings(&plan(&text)) {
            let who = f.strategies.join(", ");
            table += &format!(
                "{name}: {:?} {} {} | {who} | {} | {}\n",
                f.severity, f.lint.code, f.lint.name, f.subject, f.reason
            );
        }
    }
    insta::assert_snapshot!(table);
}
