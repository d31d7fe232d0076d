//! `landfall lint`: what it finds, and what it does not.

use landfall::lint::{LINTS, findings};

use crate::cli::ended;
use crate::worlds::plan;

const WORLD: &str = "format = 1\n[scenario]\nstart = \"2026-03-02T09:00:00Z\"\n[region.east]\nrps = 24_000\n\
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
