//! Files that nobody means: an answer or a refusal, soon, and never a panic.

use std::time::{Duration, Instant};

use super::{imported, one, refusal};

/// A second in a release build, which this is not.
const LONGEST: Duration = Duration::from_secs(10);
const MIB: usize = 1 << 20;

/// A rollout in which anything may be put.
const ROLLOUT: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a}\nspec:\n  replicas: 5\n  \
                       strategy:\n    canary:\n      steps:\n      - setWeight: 20\n";

#[test]
fn large_files_are_answered_soon() {
    let ten = 10 * MIB;
    let texts = [
        "[".repeat(ten),
        "{\"a\":".repeat(ten / 5),
        "- ".repeat(ten / 2),
        "a: b\n".repeat(ten / 5),
        "x".repeat(ten),
        format!("a: \"{}", "x".repeat(ten - 10)),
        format!("[{}0]", "0,".repeat(ten / 2 - 10)),
        "? ".repeat(ten / 2),
        "&a ".repeat(ten / 3),
        "# comment\n".repeat(ten / 10),
        "---\n".repeat(ten / 4),
        "!".repeat(ten),
        "\t".repeat(ten - 1) + "a",
        "a: |\n".to_owned() + &" x\n".repeat(ten / 3 - 10),
        "a: '".to_owned() + &"\n".repeat(ten - 10),
        "{{".repeat(ten / 2),
    ];
    for text in texts {
        let began = Instant::now();
        let start: String = text.chars().take(10).collect();
        assert!(imported(&text).is_err(), "{start:?}");
        let took = began.elapsed();
        assert!(took < LONGEST, "{start:?}: {took:?}");
    }
    assert!(refusal(&"x".repeat(ten + 1)).contains("10 MiB"));
}

#[test]
fn bombs_and_loops_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = level - 1;
        let list = vec![format!("*a{before}"); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{list}]\n");
    }
    let told = refusal(&bomb);
    assert!(told.contains("values"), "{told}");
    let told = refusal("a: &a [1, *a]\n");
    assert!(told.contains("leads to what it is a part of"), "{told}");
    // A large text that is referred to very often is one text.
    let large = "x".repeat(5 * MIB);
    let list = vec!["*t"; 100_000].join(", ");
    let began = Instant::now();
    assert!(imported(&format!("t: &t {large}\nl: [{list}]\n")).is_err());
    assert!(began.elapsed() < LONGEST);
}

/// What is looked through for every one of many has a limit, and names that are taken cost no search for each number.
#[test]
fn very_many_of_a_kind_are_answered_soon() {
    let times = |n: usize, text: &str| text.repeat(n);
    let template = |args: usize, metrics: usize| {
        let metric = "  - {name: m, interval: 30s, successCondition: \"result[0] > 0.9\", provider: {prometheus: {query: \
                      \"sum(rate(good[1m])) / sum(rate(all[1m]))\"}}}\n";
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata: {{name: t}}\nspec:\n  args:\n{}  metrics:\n{}",
            (0..args)
                .map(|i| format!("  - {{name: a{i}, value: b}}\n"))
                .collect::<String>(),
            times(metrics, metric)
        )
    };
    let canary = |metrics: usize| {
        let metric = "    - {name: request-success-rate, thresholdRange: {min: 99}}\n";
        format!(
            "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {{name: a}}\nspec:\n  targetRef: {{name: a}}\n  \
             analysis:\n    stepWeight: 50\n    metrics:\n{}---\n",
            times(metrics, metric)
        )
    };
    let rule = "  - {alert: A, expr: \"sum(rate(a[5m])) < 1\"}\n";
    let rules = |n: usize| format!("groups:\n- name: g\n  rules:\n{}", times(n, rule));
    for (text, refused) in [
        (template(200, 200), None),
        (template(201, 1), Some("more than 200 arguments")),
        (template(1, 201), Some("more than 200 metrics")),
        (times(20, &canary(50)), None),
        (canary(51), Some("analysis.metrics has more than 50 items")),
        (
            times(201, &format!("{ROLLOUT}---\n")),
            Some("more than 200 objects of a kind"),
        ),
        (rules(1_000), None),
        (rules(1_001), Some("at most 1000 rules")),
    ] {
        let began = Instant::now();
        let found = imported(&text).err().map(|refusal| refusal.to_string());
        let took = began.elapsed();
        let is_so = match (&found, refused) {
            (None, None) => true,
            (Some(found), Some(refused)) => found.contains(refused),
            _ => false,
        };
        assert!(is_so, "{found:?}, {refused:?}");
        assert!(took < LONGEST, "{took:?}");
    }
}

#[test]
fn the_same_rollout_in_other_clothes() {
    let plain = one(ROLLOUT);
    let with_bom = format!("\u{feff}{ROLLOUT}");
    let with_crlf = ROLLOUT.replace('\n', "\r\n");
    let with_more = format!("# nothing\n---\n---\n{ROLLOUT}---\nkind: Service\n...\n");
    let as_list = format!(
        "kind: List\nitems:\n- {}",
        ROLLOUT.trim_end().replace('\n', "\n  ")
    );
    let as_json = "{\n\t\"apiVersion\": \"argoproj.io/v1alpha1\", \"kind\": \"Rollout\",\n\t\"metadata\": {\"name\": \"a\"},\
                   \"spec\": {\"replicas\": 5, \"strategy\": {\"canary\": {\"steps\": [{\"setWeight\": 20}]}}}}";
    for text in [with_bom.as_str(), &with_crlf, &with_more, &as_list, as_json] {
        let other = one(text);
        assert_eq!(super::schedule(&other), super::schedule(&plain), "{text}");
        assert_eq!(other.name, "a");
    }
}

#[test]
fn mistakes_are_told_in_their_place() {
    for (change, expected) in [
        (ROLLOUT.replace("  strategy", "\tstrategy"), "has a tab"),
        (
            ROLLOUT.replace("replicas: 5", "replicas: {{ .Values.replicas }}"),
            "render it first",
        ),
        (
            format!("{{{{- if .Values.on }}}}\n{ROLLOUT}{{{{- end }}}}\n"),
            "render it first",
        ),
        (
            ROLLOUT.replace("replicas: 5", "replicas: \"{{ .Values.replicas }}\""),
            "render it first",
        ),
        (
            ROLLOUT.replace("replicas: 5", "replicas: [5]"),
            "a.yaml:5:13: spec.replicas must be a whole number",
        ),
        (
            ROLLOUT.replace("replicas: 5", "replicas: 99999999999999999999"),
            "found `99999999999999999999`",
        ),
        (
            ROLLOUT.replace("setWeight: 20", "setWeight: 200"),
            "from 0 to 100, found `200`",
        ),
        (
            ROLLOUT.replace("setWeight: 20", "setWeight: many"),
            "found `many`",
        ),
        (
            ROLLOUT.replace("replicas: 5", "replicas: 5\n  replicas: 6"),
            "stands here twice, first in line 5",
        ),
        ("a: b\n".to_owned(), "there is no rollout of a known kind"),
        (String::new(), "empty"),
        ("\u{0}\u{1}".to_owned(), "a.yaml:1"),
    ] {
        let told = refusal(&change);
        assert!(told.contains(expected), "{told}\n{change}");
    }
    let bytes = b"a: \xff\xfe\n";
    let file = landfall::import::Input {
        name: "b.yaml",
        bytes,
    };
    let told = landfall::import::import(&[file], None, &super::at_zero()).unwrap_err();
    assert!(told.to_string().contains("UTF-8"), "{told}");
}

/// Every value of a rollout in turn is something else: nothing panics, whatever comes of it.
#[test]
fn wrong_types_everywhere() {
    const FIXTURES: [&str; 2] = [
        include_str!("fixtures/argo.yaml"),
        include_str!("fixtures/flagger.yaml"),
    ];
    for text in FIXTURES {
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let Some((key, _)) = line.split_once(':') else {
                continue;
            };
            for value in [
                "[]",
                "{}",
                "~",
                "-1",
                "1e999",
                "x",
                "[[1]]",
                "true",
                "99999999999999999999",
                "1d",
                "\"\"",
            ] {
                let mut changed = lines.clone();
                let new = format!("{key}: {value}");
                changed[number] = &new;
                // Either way is an answer.
                let _ = imported(&changed.join("\n"));
            }
        }
    }
}
