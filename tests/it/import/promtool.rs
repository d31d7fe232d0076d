//! Prometheus' own tool beside the import, where somebody names it: `LANDFALL_PROMTOOL=promtool cargo test --test it promtool`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use landfall::import::{Input, import};

use super::{at_zero, tool};

/// Evaluations in a row that an imported alarm asks for.
fn in_a_row(datapoints: &str) -> u32 {
    let first = datapoints.split(' ').next().expect("a number");
    first.parse().expect("a number")
}

/// From when on an alert fires is what Prometheus itself says, to the evaluation.
#[test]
fn alerts_fire_when_prometheus_says() {
    let Some(tool) = tool("LANDFALL_PROMTOOL", "promtool") else {
        return;
    };
    // Failures begin after ten minutes, and the first sample with one is that of the eleventh.
    const FIRST_S: u32 = 11 * 60;
    let query = "sum(rate(a{code=~\"5..\"}[5m])) / sum(rate(a[5m])) > 0.05";
    for interval_s in [15_u32, 30, 60] {
        let waits = ["0s", "30s", "45s", "1m", "90s", "5m", "7m30s"];
        let mut rules = format!("groups:\n- name: g\n  interval: {interval_s}s\n  rules:\n");
        for (number, wait) in waits.iter().enumerate() {
            let _ = writeln!(
                rules,
                "  - alert: A{number}\n    expr: '{query}'\n    for: {wait}"
            );
        }
        let input = Input {
            name: "rules.yaml",
            bytes: rules.as_bytes(),
        };
        let imported = import(&[input], None, &at_zero()).unwrap_or_else(|r| panic!("{r}"));
        let mut tests = format!(
            "rule_files: [rules.yaml]\nevaluation_interval: {interval_s}s\ntests:\n- interval: 1m\n  input_series:\n  \
             - series: 'a{{code=\"500\"}}'\n    values: '0x10 50+50x60'\n  - series: 'a{{code=\"200\"}}'\n    \
             values: '0+100x70'\n  alert_rule_test:\n"
        );
        assert_eq!(imported[0].alarms.len(), waits.len());
        for (number, alarm) in imported[0].alarms.iter().enumerate() {
            let fires_s = FIRST_S + (in_a_row(&alarm.datapoints) - 1) * interval_s;
            let before_s = fires_s - interval_s;
            let _ = writeln!(
                tests,
                "  - {{eval_time: {before_s}s, alertname: A{number}, exp_alerts: []}}\n  \
                 - {{eval_time: {fires_s}s, alertname: A{number}, exp_alerts: [{{exp_labels: {{}}}}]}}"
            );
        }
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("rules.yaml"), &rules).expect("written");
        fs::write(folder.path().join("tests.yaml"), &tests).expect("written");
        let output = Command::new(&tool)
            .args(["test", "rules", "tests.yaml"])
            .current_dir(folder.path())
            .output()
            .expect("promtool runs");
        let told =
            String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{told}\n{tests}");
    }
}

/// What is a rule file to Prometheus is one to the import, and what is none to one is none to the other.
#[test]
fn rule_files_are_those_of_prometheus() {
    let Some(tool) = tool("LANDFALL_PROMTOOL", "promtool") else {
        return;
    };
    let accepts = |text: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("rules.yaml");
        fs::write(&file, text).expect("written");
        let output = Command::new(&tool)
            .args(["check", "rules"])
            .arg(&file)
            .output()
            .expect("promtool runs");
        output.status.success()
    };
    let imports = |text: &str| {
        let input = Input {
            name: "rules.yaml",
            bytes: text.as_bytes(),
        };
        import(&[input], None, &at_zero()).map_err(|refusal| refusal.to_string())
    };
    let rule = |more: &str| {
        format!(
            "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: sum(rate(a[5m])) < 1\n{more}"
        )
    };
    for more in ["", "    for: 1h30m\n", "    for: 1d\n", "    for: 0\n"] {
        assert!(accepts(&rule(more)), "{more}");
        assert!(imports(&rule(more)).is_ok(), "{more}");
    }
    for text in [
        rule("    for: 1.5m\n"),
        rule("    for: soon\n"),
        rule("    for: -1m\n"),
        rule("    record: b\n"),
        "groups:\n- name: g\n  rules:\n  - alert: A\n".to_owned(),
        "groups:\n- name: g\n  rules:\n  - expr: a\n".to_owned(),
    ] {
        assert!(!accepts(&text), "{text}");
        assert!(imports(&text).is_err(), "{text}");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/configs/prometheus-rules");
    let mut looked_at = 0;
    for owner in fs::read_dir(&folder).into_iter().flatten().flatten() {
        for file in fs::read_dir(owner.path()).expect("a folder") {
            let path = file.expect("an entry").path();
            let text = fs::read_to_string(&path).expect("a text");
            if text.contains("kind: PrometheusRule") {
                continue;
            }
            let refused = imports(&text).err();
            let is_for_another_reason =
                |why: &String| why.contains("these rules record and none alerts");
            let reads = refused.as_ref().is_none_or(is_for_another_reason);
            assert_eq!(accepts(&text), reads, "{}: {refused:?}", path.display());
            looked_at += 1;
        }
    }
    assert!(looked_at == 0 || looked_at > 5, "{looked_at}");
}
