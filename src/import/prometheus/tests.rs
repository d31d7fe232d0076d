//! Rule files and what they come to.

use super::super::{Input, import};
use super::*;

fn read_file(text: &str) -> Result<Vec<Imported>, String> {
    let input = Input {
        name: "rules.yaml",
        bytes: text.as_bytes(),
    };
    import(&[input], None, &Settings::default()).map_err(|refusal| refusal.to_string())
}

fn rules(head: &str, rules: &str) -> String {
    format!("groups:\n- name: g\n{head}  rules:\n{rules}")
}

const SHARE: &str = "sum(rate(a{code=~\"5..\"}[5m])) / sum(rate(a[5m])) > 0.05";

fn alarm_of(head: &str, waits: &str) -> Alarm {
    let rule = format!("  - alert: A\n    expr: '{SHARE}'\n{waits}");
    let imported = read_file(&rules(head, &rule)).unwrap();
    imported[0].alarms[0].clone()
}

#[test]
fn an_alert_fires_at_the_first_evaluation_that_comes_for_or_later() {
    // Trap 19: each of these evaluations has to find it, for one that does not makes it start anew.
    for (head, waits, every_s, points) in [
        ("", "", 60, "1 of 1"),
        ("", "    for: 0m\n", 60, "1 of 1"),
        ("", "    for: 1m\n", 60, "2 in a row"),
        ("", "    for: 10m\n", 60, "11 in a row"),
        ("", "    for: 90s\n", 60, "3 in a row"),
        ("  interval: 15s\n", "    for: 1m\n", 15, "5 in a row"),
        ("  interval: 5m\n", "    for: 1m\n", 300, "2 in a row"),
    ] {
        let alarm = alarm_of(head, waits);
        assert_eq!(
            (alarm.period_s, alarm.datapoints.as_str()),
            (every_s, points),
            "{head}{waits}"
        );
        assert_eq!(alarm.missing, "not-breaching");
        assert_eq!(alarm.window_s, (every_s != 300).then_some(300));
    }
    let offset = alarm_of("  query_offset: 30s\n", "    keep_firing_for: 5m\n");
    assert_eq!((offset.lag_s, offset.datapoints.as_str()), (30.0, "1 of 1"));
}

#[test]
fn rules_of_the_operator_are_read_and_what_is_not_expressed_has_its_line() {
    let text = format!(
        "apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {{ name: ours }}
spec:
  groups:
  - name: g
    rules:
    - record: b
      expr: sum(a)
    - alert: Down
      expr: up == 0
    - alert: A
      expr: {SHARE}
      annotations: {{ text: '{{{{ $labels.job }}}}' }}
    - alert: A
      expr: {SHARE}
"
    );
    let imported = read_file(&text).unwrap();
    assert_eq!(imported.len(), 1);
    let one = &imported[0];
    assert_eq!((one.name.as_str(), one.full_s), ("ours", None));
    let names: Vec<&str> = one.alarms.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["A", "A 2"]);
    let [lost] = &one.not_expressed[..] else {
        panic!("one alert is not expressed: {:?}", one.not_expressed);
    };
    assert!(
        lost.text.starts_with("the alert Down is left out: "),
        "{}",
        lost.text
    );
    assert_eq!(lost.at.line, 11);
}

#[test]
fn files_without_alerts_are_refused_for_what_they_are() {
    let record = rules("", "  - record: b\n    expr: a\n");
    assert!(
        read_file(&record)
            .unwrap_err()
            .contains("these rules record and none alerts")
    );
    let test = "rule_files: [rules.yml]\ntests:\n- input_series: []\n";
    assert!(
        read_file(test)
            .unwrap_err()
            .contains("this tests rules with promtool")
    );
    for (rule, reason) in [
        ("  - alert: A\n", "a rule needs `expr`"),
        ("  - expr: a\n", "a rule needs `alert` or `record`"),
        ("  - alert: A\n    record: b\n    expr: a\n", "and not both"),
        (
            "  - alert: A\n    expr: a\n    for: soon\n",
            "for must be a duration such as 5m, found `soon`",
        ),
    ] {
        let error = read_file(&rules("", rule)).unwrap_err();
        assert!(error.contains(reason), "{rule}: {error}");
        assert!(error.starts_with("rules.yaml:"), "{error}");
    }
}

#[test]
fn very_many_rules_are_refused_soon() {
    let rule = "  - { alert: A, expr: 'rate(a_errors[5m]) > 1' }\n";
    assert_eq!(
        read_file(&rules("", &rule.repeat(300))).unwrap()[0]
            .alarms
            .len(),
        300
    );
    let error = read_file(&rules("", &rule.repeat(1_001))).unwrap_err();
    assert!(error.contains("at most 1000 rules"), "{error}");
}
