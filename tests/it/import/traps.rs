//! Where documents and code of a tool disagree, or a reader who does not know it gets it wrong: each a test.

use landfall::engine::{Engine, Scratch};
use landfall::import::{Imported, Input, import, strategy_file};
use landfall::plan::Stratum;

use super::{QUIET, at_zero, one, plan_over, refusal, runs_as_it_says, schedule};

/// A canary with a router, and an analysis template `t` with one metric.
fn argo(steps: &str, analysis: &str, metric: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {{name: a}}\nspec:\n  replicas: 10\n  strategy:\n    \
         canary:\n      trafficRouting: {{nginx: {{stableIngress: a}}}}\n{analysis}      steps:\n{steps}\n---\n\
         apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata: {{name: t}}\nspec:\n  metrics:\n  - name: m\n{metric}\n"
    )
}

const PROMETHEUS: &str =
    "    provider: {prometheus: {query: 'sum(rate(good[1m])) / sum(rate(all[1m]))'}}";
const BESIDE: &str = "      analysis: {templates: [{templateName: t}]}\n";
const TWO_STEPS: &str = "      - setWeight: 20\n      - pause: {duration: 10m}";
const INLINE: &str = "      - setWeight: 20\n      - analysis: {templates: [{templateName: t}]}";

fn metric(keys: &str) -> String {
    format!("    {keys}\n{PROMETHEUS}")
}

fn basic(replicas: u32, more: &str, steps: &str) -> Imported {
    one(&format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {{name: a}}\nspec:\n  replicas: {replicas}\n  strategy:\n    \
         canary:\n{more}      steps: [{steps}]\n"
    ))
}

fn flagger(analysis: &str) -> String {
    format!(
        "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {{name: a}}\nspec:\n  targetRef: {{name: a}}\n  \
         analysis:\n{analysis}\n"
    )
}

const CHECK: &str =
    "    metrics: [{name: request-success-rate, interval: 1m, thresholdRange: {min: 99}}]";

fn says(notes: &[landfall::import::Note], text: &str) -> bool {
    notes.iter().any(|n| n.text.contains(text))
}

/// When a fault of which every second new-version request is bad is found, in seconds from the start.
fn found_at_s(imported: &Imported) -> Option<f64> {
    found_after_s(imported, 0)
}

/// The same for a fault that sleeps for so many seconds first.
fn found_after_s(imported: &Imported, delay_s: u32) -> Option<f64> {
    let all = [imported.clone()];
    let world = QUIET.replace("delay = \"0s\"", &format!("delay = \"{delay_s}s\""));
    let plan = plan_over(&world, &strategy_file(&all, &["a.yaml"]), "imported.toml");
    let outcome = Engine::new(&plan, 0).simulate(1, Stratum::Fault(0), 0, &mut Scratch::default());
    assert!(outcome.blast_radius > 0.0, "the fault is out");
    outcome.time_to_detect_s
}

#[test]
fn argo_failure_limit_k_takes_k_and_one_failures() {
    for (limit, rule) in [("", "1 of 1"), ("failureLimit: 3, ", "4 in all")] {
        let keys = format!(
            "interval: 30s\n    {}",
            "successCondition: result[0] >= 0.95"
        );
        let limit = limit.trim_end_matches(", ");
        let keys = if limit.is_empty() {
            keys
        } else {
            format!("{keys}\n    {limit}")
        };
        let imported = one(&argo(TWO_STEPS, BESIDE, &metric(&keys)));
        assert_eq!(imported.alarms[0].datapoints, rule);
        assert_eq!(imported.alarms[0].when, "errors > 5%");
        assert_eq!(
            (imported.alarms[0].period_s, imported.alarms[0].window_s),
            (30, Some(60))
        );
    }
    // A failure each half minute from 30 s after the first traffic on: the fourth at two minutes.
    let keys = "interval: 30s\n    successCondition: result[0] >= 0.95\n    failureLimit: 3";
    let imported = one(&argo(TWO_STEPS, BESIDE, &metric(keys)));
    assert_eq!(found_at_s(&imported), Some(120.0));
    let never =
        metric("interval: 30s\n    successCondition: result[0] >= 0.95\n    failureLimit: -1");
    let imported = one(&argo(TWO_STEPS, BESIDE, &never));
    assert!(imported.alarms.is_empty() && says(&imported.mapped, "never fails"));
}

#[test]
fn argo_without_a_condition_is_successful() {
    let imported = one(&argo(TWO_STEPS, BESIDE, &metric("interval: 30s")));
    assert!(imported.alarms.is_empty());
    assert!(says(&imported.mapped, "every measurement is successful"));
}

#[test]
fn argo_surge_is_a_quarter_unless_stated() {
    // Three pods, half of the traffic: with one more, two of four; without, two of three.
    assert_eq!(schedule(&basic(3, "", "{setWeight: 50}")), "50:0 100:0");
    let without = basic(
        3,
        "      maxSurge: 0\n      maxUnavailable: 1\n",
        "{setWeight: 50}",
    );
    assert_eq!(schedule(&without), "66.6667:0 100:0");
    // One pod and one more: half, whatever is asked.
    assert_eq!(
        schedule(&basic(1, "", "{setWeight: 5}, {pause: {duration: 60}}")),
        "50:60 100:0"
    );
}

#[test]
fn argo_pods_of_both_versions_are_there_between_0_and_100() {
    // Of two pods and 75% neither two nor one is nearer: one of each is all that leaves both.
    let more = "      maxSurge: 0\n      maxUnavailable: 1\n";
    for (replicas, weight, expected) in [
        (2, 75, "50:0 100:0"),
        (2, 25, "50:0 100:0"),
        (2, 99, "50:0 100:0"),
        (2, 1, "50:0 100:0"),
        (5, 90, "80:0 100:0"),
        (10, 95, "90:0 100:0"),
    ] {
        let imported = basic(replicas, more, &format!("{{setWeight: {weight}}}"));
        assert_eq!(schedule(&imported), expected, "{replicas} pods, {weight}%");
    }
    // One pod is of one version: it stays the old one.
    assert_eq!(schedule(&basic(1, more, "{setWeight: 5}")), "0:0 100:0");
}

#[test]
fn argo_inline_analysis_with_an_interval_and_no_count_never_ends() {
    let keys = "interval: 30s\n    successCondition: result[0] >= 0.95";
    let imported = one(&argo(INLINE, "", &metric(keys)));
    assert_eq!(schedule(&imported), "20:* 100:0");
    assert_eq!((imported.full_s, imported.done_s), (None, None));
    runs_as_it_says(&[imported], &["a.yaml"]);
    let counted = one(&argo(
        INLINE,
        "",
        &metric(&format!("{keys}\n    count: 5\n    initialDelay: 10s")),
    ));
    assert_eq!(schedule(&counted), "20:130 100:0");
    // One of them, in a second of its own.
    let once = one(&argo(
        INLINE,
        "",
        &metric("successCondition: result[0] >= 0.95"),
    ));
    assert_eq!(schedule(&once), "20:0 100:0");
    assert_eq!(once.alarms[0].steps, Some((2, Some(2))));
    assert_eq!(found_at_s(&once), Some(1.0));
    runs_as_it_says(&[once], &["a.yaml"]);
}

#[test]
fn argo_errors_of_measurements_are_told() {
    let keys = "interval: 30s\n    successCondition: result[0] >= 0.95";
    let imported = one(&argo(TWO_STEPS, BESIDE, &metric(keys)));
    assert!(says(
        &imported.not_expressed,
        "after 10 s; the fifth error in a row aborts"
    ));
}

#[test]
fn argo_no_data_depends_on_what_is_asked_first() {
    for (condition, missing, is_error) in [
        (
            "len(result) == 0 || result[0] >= 0.95",
            "not-breaching",
            false,
        ),
        ("result[0] >= 0.95 || len(result) == 0", "breaching", true),
        ("len(result) > 0 && result[0] >= 0.95", "breaching", false),
        (
            "isNaN(result[0]) || result[0] >= 0.95",
            "not-breaching",
            true,
        ),
    ] {
        let keys = format!("interval: 30s\n    successCondition: {condition}");
        let imported = one(&argo(TWO_STEPS, BESIDE, &metric(&keys)));
        assert_eq!(imported.alarms[0].missing, missing, "{condition}");
        assert_eq!(
            says(&imported.not_expressed, "an empty result is an error"),
            is_error,
            "{condition}"
        );
    }
}

#[test]
fn argo_arguments_are_defaults_of_the_template_and_values_of_the_rollout() {
    let with = |of_rollout: &str, param: Option<&str>| {
        let beside = format!("      analysis: {{templates: [{{templateName: t}}]{of_rollout}}}\n");
        let metric = metric("interval: 30s\n    successCondition: result[0] >= {{args.least}}");
        let text = argo(TWO_STEPS, &beside, &metric).replace(
            "spec:\n  metrics",
            "spec:\n  args: [{name: least, value: \"0.95\"}]\n  metrics",
        );
        let mut settings = at_zero();
        let given = param.map(|value| ("least".to_owned(), value.to_owned()));
        settings.params.extend(given);
        let file = Input {
            name: "a.yaml",
            bytes: text.as_bytes(),
        };
        let all = import(&[file], None, &settings).unwrap_or_else(|refusal| panic!("{refusal}"));
        all[0].alarms[0].when.clone()
    };
    let own = ", args: [{name: least, value: \"0.99\"}]";
    assert_eq!(with("", None), "errors > 5%");
    assert_eq!(with("", Some("0.9")), "errors > 10%");
    assert_eq!(with(own, Some("0.9")), "errors > 1%");
}

#[test]
fn argo_looks_at_nothing_once_everything_is_out() {
    let keys = "interval: 30s\n    successCondition: result[0] >= 0.95";
    let text = argo(
        "      - setWeight: 20\n      - pause: {duration: 10s}",
        BESIDE,
        &metric(keys),
    );
    let imported = one(&text);
    assert_eq!(schedule(&imported), "20:10 100:0");
    // Everything is out before the first measurement, and nothing finds the fault.
    assert_eq!(found_at_s(&imported), None);
    assert_eq!(imported.full_s, imported.done_s);
}

#[test]
fn argo_pause_in_one_item_with_something_else() {
    let steps = "      - {setCanaryScale: {replicas: 1}, setHeaderRoute: {name: r}, pause: {duration: 15}}\n      - setWeight: 5\n      - pause: {duration: \"30\"}";
    let imported = one(&argo(steps, "", &metric("interval: 30s")));
    assert_eq!(schedule(&imported), "0:15 5:30 100:0");
    assert!(says(&imported.not_expressed, "setHeaderRoute"));
    let two = refusal(&argo(
        "      - {setWeight: 5, pause: {}}",
        "",
        &metric("interval: 30s"),
    ));
    assert!(two.contains("at most one of setWeight, pause"), "{two}");
    let days = refusal(&argo(
        "      - pause: {duration: 1d}",
        "",
        &metric("interval: 30s"),
    ));
    assert!(days.contains("found `1d`"), "{days}");
}

#[test]
fn argo_stages_before_the_starting_step_are_unwatched() {
    let steps = "      - setWeight: 20\n      - pause: {duration: 10m}\n      - setWeight: 50\n      - pause: {duration: 10m}";
    let beside = "      analysis: {startingStep: 2, templates: [{templateName: t}]}\n";
    let imported = one(&argo(
        steps,
        beside,
        &metric("interval: 30s\n    successCondition: result[0] >= 0.95"),
    ));
    assert_eq!(imported.alarms[0].steps, Some((2, None)));
    assert_eq!(found_at_s(&imported), Some(630.0));
}

#[test]
fn argo_blue_green_waits_in_its_order() {
    let text = |more: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {{name: a}}\nspec:\n  strategy:\n    blueGreen:\n      \
             activeService: a\n{more}"
        )
    };
    let automatic = one(&text("      autoPromotionSeconds: 300\n"));
    assert_eq!(schedule(&automatic), "0:300 100:0");
    let manual = one(&text(
        "      autoPromotionSeconds: 300\n      autoPromotionEnabled: false\n",
    ));
    assert_eq!(
        (schedule(&manual).as_str(), manual.manual_gates),
        ("0:M 100:0", 1)
    );
    runs_as_it_says(&[automatic], &["a.yaml"]);
    runs_as_it_says(&[manual], &["a.yaml"]);
}

#[test]
fn flagger_failures_add_up_and_are_looked_at_a_tick_later() {
    let imported = one(&flagger(&format!(
        "    interval: 30s\n    threshold: 3\n    maxWeight: 30\n    stepWeight: 10\n{CHECK}"
    )));
    let [hold, back] = &imported.alarms[..] else {
        panic!("{:?}", imported.alarms);
    };
    assert_eq!(
        (hold.does, hold.period_s, hold.window_s),
        ("hold", 30, Some(60))
    );
    assert_eq!(
        (back.does, back.datapoints.as_str(), back.lag_s),
        ("rollback", "3 in all", 30.0)
    );
    assert_eq!((hold.missing, back.missing), ("breaching", "breaching"));
    // Traffic at 30 s; ticks fail at 60, 90 and 120 without raising the weight, and at 150 it goes back: 120 s after
    // the fault woke.
    assert_eq!(found_at_s(&imported), Some(120.0));
}

#[test]
fn flagger_weights_overrule_each_other() {
    let weights = |keys: &str| schedule(&one(&flagger(&format!("    interval: 10s\n{keys}"))));
    assert_eq!(
        weights("    maxWeight: 50\n    stepWeights: [10, 60]"),
        "10:10 60:10 100:20"
    );
    assert_eq!(
        weights("    stepWeight: 25\n    stepWeights: [10, 60]"),
        "25:10 50:10 75:10 100:20"
    );
    assert_eq!(
        weights("    maxWeight: 50\n    stepWeight: 20"),
        "20:10 40:10 60:10 100:20"
    );
    let stuck = one(&flagger("    interval: 10s\n    stepWeights: [20, 20, 60]"));
    assert_eq!(
        (schedule(&stuck).as_str(), stuck.full_s),
        ("20:* 100:0", None)
    );
    runs_as_it_says(&[stuck], &["a.yaml"]);
    let none = one(&flagger("    interval: 10s"));
    assert_eq!((schedule(&none).as_str(), none.full_s), ("0:* 100:0", None));
}

#[test]
fn flagger_ticks_take_ten_seconds_at_least() {
    let full = |interval: &str| {
        one(&flagger(&format!(
            "{interval}    maxWeight: 20\n    stepWeight: 10"
        )))
        .full_s
    };
    assert_eq!(full("    interval: 1s\n"), Some(30.0));
    assert_eq!(full("    interval: soon\n"), Some(180.0));
    assert_eq!(full(""), Some(180.0));
}

#[test]
fn flagger_promotion_is_unwatched() {
    let imported = one(&flagger(&format!(
        "    interval: 30s\n    threshold: 3\n    maxWeight: 30\n    stepWeight: 10\n{CHECK}"
    )));
    assert!(imported.alarms.iter().all(|a| a.scope == "canary"));
    assert_eq!(schedule(&imported), "10:30 20:30 30:30 100:60");
    assert!(says(
        &imported.mapped,
        "nothing is checked once everything is on the new version"
    ));
    // Traffic at 30 s, everything at 60 s, done at 240 s. A fault that wakes at 40 s fails the tick at 60 s and is found
    // a tick later, 50 s after it woke; one that wakes at 90 s would be found at 150 s, if anybody looked.
    let once = one(&flagger(&format!(
        "    interval: 30s\n    threshold: 1\n    maxWeight: 50\n    stepWeight: 50\n    stepWeightPromotion: 10\n{CHECK}"
    )));
    assert_eq!((once.full_s, once.done_s), (Some(60.0), Some(240.0)));
    assert_eq!(found_after_s(&once, 10), Some(50.0));
    assert_eq!(found_after_s(&once, 60), None);
}

#[test]
fn flagger_of_the_old_version_and_other_ways() {
    let old = "apiVersion: flagger.app/v1alpha3\nkind: Canary\nmetadata: {name: a}\nspec:\n  targetRef: {name: a}\n  \
               canaryAnalysis: {interval: 10s, iterations: 3, match: [{headers: {x: {exact: y}}}]}\n";
    assert_eq!(schedule(&one(old)), "10:10 10:10 10:10 100:20");
    let mesh = one(&flagger("    interval: 10s\n    iterations: 3"));
    assert_eq!((mesh.full_s, mesh.done_s), (Some(40.0), Some(70.0)));
    let mirrored = one(&flagger(
        "    interval: 10s\n    mirror: true\n    maxWeight: 20\n    stepWeight: 10",
    ));
    assert_eq!((mirrored.full_s, mirrored.done_s), (Some(40.0), Some(60.0)));
    let stepwise = one(&flagger(
        "    interval: 10s\n    maxWeight: 50\n    stepWeight: 50\n    stepWeightPromotion: 20",
    ));
    assert_eq!((stepwise.full_s, stepwise.done_s), (Some(20.0), Some(60.0)));
    let gated = one(include_str!("fixtures/flagger.yaml"));
    assert_eq!((gated.manual_gates, gated.full_s), (1, Some(120.0)));
    for imported in [mesh, mirrored, stepwise, gated] {
        runs_as_it_says(&[imported], &["a.yaml"]);
    }
}

#[test]
fn the_file_that_comes_out_is_kept() {
    let imported = super::imported(include_str!("fixtures/argo.yaml")).expect("a rollout");
    runs_as_it_says(&imported, &["checkout.yaml"]);
    insta::assert_snapshot!("import-argo", strategy_file(&imported, &["checkout.yaml"]));
    let imported = super::imported(include_str!("fixtures/flagger.yaml")).expect("a canary");
    insta::assert_snapshot!("import-flagger", strategy_file(&imported, &["basket.yaml"]));
}

#[test]
fn argo_a_limit_above_its_measurements_is_told() {
    for (limit, never) in [(2, false), (3, true)] {
        let keys = format!(
            "interval: 30s\n    count: 3\n    failureLimit: {limit}\n    successCondition: result[0] >= 0.95"
        );
        let imported = one(&argo(INLINE, "", &metric(&keys)));
        assert_eq!(
            says(&imported.mapped, "failures never abort"),
            never,
            "{limit}"
        );
    }
}

#[test]
fn argo_keys_that_are_not_read_are_listed_with_their_lines() {
    let more =
        "      replicaProgressThreshold: {type: Pod, value: 5}\n      scaleDownDelaySeconds:\n";
    let imported = basic(10, more, "{setWeight: 20}, {pause: {duration: 1m}}");
    let notes: Vec<(&str, usize)> = not_read(&imported);
    assert_eq!(
        notes,
        [("spec.strategy.canary.replicaProgressThreshold: not read", 8)]
    );
    let none = basic(10, "", "{setWeight: 20}, {pause: {duration: 1m}}");
    assert!(not_read(&none).is_empty());
}

#[test]
fn argo_no_steps_take_no_time_and_not_less() {
    let imported = basic(10, "", "");
    let full_s = imported.full_s.expect("it ends");
    assert!(full_s == 0.0 && full_s.is_sign_positive());
}

#[test]
fn flagger_keys_that_are_not_read_are_listed_with_their_lines() {
    let analysis = "    interval: 1m\n    maxWeight: 50\n    stepWeight: 10\n    canaryReadyThreshold: 90\n    webhooks:\n    \
                    - {name: a, type: rollout, url: 'http://a', retries: 3}\n  progressDeadlineSeconds: 60";
    assert_eq!(
        not_read(&one(&flagger(analysis))),
        [
            ("spec.analysis.canaryReadyThreshold: not read", 10),
            ("spec.analysis.webhooks.retries: not read", 12),
            ("spec.progressDeadlineSeconds: not read", 13),
        ]
    );
}

/// What is listed as not read, and in which line.
fn not_read(imported: &Imported) -> Vec<(&str, usize)> {
    let notes = imported.not_expressed.iter();
    notes
        .filter(|n| n.text.ends_with(": not read"))
        .map(|n| (n.text.as_str(), n.at.line))
        .collect()
}
