//! `landfall lint`: what it finds, and what it does not.

mod chances;
mod earliest;
mod settings;
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
    // Files allow them by code.
    let codes = landfall::scenario::vocabulary::LINT_CODES;
    let codes: Vec<_> = codes.iter().map(|c| (c.name, c.meaning)).collect();
    assert_eq!(
        codes,
        LINTS.iter().map(|l| (l.code, l.name)).collect::<Vec<_>>()
    );
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

/// As large as files may be: every region another kind, shared alarms of every population, and 500 strategies.
#[test]
fn the_work_is_bounded_in_the_largest_scenario() {
    const REGIONS: u64 = 1_000;
    const STRATEGIES: u64 = 500;
    const ALARMS: u64 = 12;
    let mut text = WORLD.replace(
        "[region.east]\nrps = 24_000\nzones = 2\nboxes_per_zone = 10\n",
        "[sli.errors]\nbase = \"0.5%\"\ndispersion = 1e-4\n",
    );
    for region in 0..REGIONS {
        let rps = 100 + region;
        text += &format!("[region.r{region}]\nrps = {rps}\nzones = 10\nboxes_per_zone = 10\n");
    }
    for alarm in 0..ALARMS {
        let scope = ["one-box", "canary", "zone", "region", "fleet"][alarm as usize % 5];
        let when = ["errors > 1%", "errors > 3 per period", "errors >= 2%"][alarm as usize % 3];
        text += &format!(
            "[alarm.a{alarm}]\nscope = \"{scope}\"\nwhen = \"{when}\"\nperiod = \"{}m\"\ndatapoints = \"3 of 5\"\n",
            1 + alarm % 3
        );
    }
    for strategy in 0..STRATEGIES {
        text += &format!(
            "[strategy.s{strategy}]\nsteps = [{{ to = \"10%\", takes = \"1m\", bake = \"1h\" }}, {{ to = \"100%\", takes = \"1m\" }}]\n"
        );
    }
    let inspection = landfall::lint::inspect(&plan(&text));
    // A wave looks at each of its regions, and each alarm at each step, a fixed number of times.
    let most = STRATEGIES * (6 * REGIONS + 40 * ALARMS);
    assert!(inspection.work <= most, "{}", inspection.work);
    assert!(inspection.terms <= landfall::lint::MOST_TERMS);
    assert!(
        inspection.terms > landfall::lint::MOST_TERMS / 100,
        "it looks at something"
    );
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
        let inspection = landfall::lint::inspect(&plan(&text));
        if inspection.not_computed > 0 {
            table += &format!(
                "{name}: chances of {} alarms not computed\n",
                inspection.not_computed
            );
        }
        for f in inspection.findings {
            let who = f.strategies.join(", ");
            table += &format!(
                "{name}: {:?} {} {} | {who} | {} | {}\n",
                f.severity, f.lint.code, f.lint.name, f.subject, f.reason
            );
        }
    }
    insta::assert_snapshot!(table);
}

/// The alarm is one of the world `lambda`, and the strategies that it spoils are the scenario's.
#[test]
fn a_shipped_alarm_that_fires_by_itself_is_shown_at_the_strategy() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/scenarios/serverless-canary.toml"
    );
    let (_, out, err) = ended(&["lint", file, "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let findings = document["findings"].as_array().expect("a list");
    let find = |code: &str| findings.iter().find(|f| f["code"] == code);
    let (by_itself, die) = (find("LF107"), find("LF307").expect("it is told"));
    let by_itself = by_itself.unwrap_or_else(|| panic!("LF307 points to nothing: {out}"));
    assert_eq!(by_itself["file"], die["file"]);
    assert_eq!(by_itself["line"], die["line"]);
    let help = by_itself["help"].as_str().expect("help");
    assert!(
        help.starts_with("in `[alarm.any-error]` of your own file: "),
        "{help}"
    );
    assert!(!err.contains("not shown"), "{err}");
}
