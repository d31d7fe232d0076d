//! Deployments, Nomad, Cloud Deploy and Spinnaker: schedules worked out by hand, refusals, and files that nobody means.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use landfall::import::{Imported, Input, Note, Refusal, Settings, import, strategy_file};

use super::{at_zero, imported, one, plan, refusal, runs_as_it_says, schedule};

const PIPELINE: &str = include_str!("fixtures/cloud_deploy.yaml");
const STAGE: &str = include_str!("fixtures/kayenta.json");
const JOB: &str = include_str!("fixtures/job.nomad");

fn deployment(spec: &str) -> String {
    format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n{spec}\n")
}

fn rolling(replicas: u32, surge: &str, unavailable: &str, ready_s: u32) -> String {
    deployment(&format!(
        "  replicas: {replicas}\n  minReadySeconds: {ready_s}\n  strategy: {{rollingUpdate: {{maxSurge: {surge}, \
         maxUnavailable: {unavailable}}}}}"
    ))
}

fn with(name: &str, text: &str, settings: &Settings) -> Result<Vec<Imported>, Refusal> {
    let bytes = text.as_bytes();
    import(&[Input { name, bytes }], None, settings)
}

fn nomad(text: &str) -> Vec<Imported> {
    with("a.nomad", text, &at_zero()).unwrap_or_else(|refusal| panic!("{refusal}\n{text}"))
}

fn nomad_refusal(text: &str) -> String {
    with("a.nomad", text, &at_zero()).unwrap_err().to_string()
}

fn group(count: u32, update: &str) -> String {
    format!(
        "job \"a\" {{\n  group \"g\" {{\n    count = {count}\n    update {{\n{update}\n    }}\n  }}\n}}\n"
    )
}

fn says(notes: &[Note], text: &str) -> bool {
    notes.iter().any(|n| n.text.contains(text))
}

/// Schedule, full and done, both the import's and the simulation's.
fn has(imported: &Imported, expected: &str, full_s: f64, done_s: f64) {
    assert_eq!(schedule(imported), expected);
    assert_eq!(
        (imported.full_s, imported.done_s),
        (Some(full_s), Some(done_s)),
        "{expected}"
    );
    runs_as_it_says(std::slice::from_ref(imported), &["a"]);
}

#[test]
fn deployments_go_by_batches_of_surge_and_unavailable() {
    let three = one(&rolling(3, "1", "0", 20));
    has(&three, "25:20 50:20 75:20 100:0", 60.0, 60.0);
    // One fewer: the last old pod ends when the second batch begins.
    let three = one(&rolling(3, "1", "1", 20));
    has(&three, "50:20 100:20", 20.0, 40.0);
    // By default 25%, up and down: of 10 pods 3 and 2, so 5 new beside 8 old, then 10 beside 3.
    let ten = one(&deployment("  replicas: 10\n  minReadySeconds: 60"));
    has(&ten, "38.4615:60 76.9231:60 100:0", 120.0, 120.0);
    // Both are none after rounding: one pod fewer at a time.
    let three = one(&rolling(3, "0", "10%", 5));
    has(&three, "33.3333:5 66.6667:5 100:5", 10.0, 15.0);
    let recreated = one(&deployment(
        "  minReadySeconds: 7\n  strategy: {type: Recreate}",
    ));
    has(&recreated, "100:7", 0.0, 7.0);
    assert!(says(&recreated.not_expressed, "no pod answers"));
    assert!(says(&ten.mapped, "nothing goes back by itself"));
}

#[test]
fn pods_take_their_time_to_start_and_to_go_back() {
    let settings = Settings {
        pod_start: "30s".to_owned(),
        ..at_zero()
    };
    let all = with("a.yaml", &rolling(3, "1", "0", 20), &settings).expect("a rollout");
    assert_eq!(all[0].full_s, Some(60.0), "assumptions are at zero in it");
    let strategy = all[0].strategy.as_ref().expect("a strategy");
    assert_eq!(strategy.rollback_takes.as_deref(), Some("150s"));
    assert_eq!(strategy.rollback_in, 3);
    assert!(
        strategy.steps[..3]
            .iter()
            .all(|s| s.takes.as_deref() == Some("30s"))
    );
}

#[test]
fn very_many_pods_are_told_together() {
    let many = one(&rolling(2_000_000_000, "1", "0", 1));
    assert!(many.schedule.len() <= 201 && says(&many.not_expressed, "too many"));
    assert_eq!(many.done_s, Some(2e9));
}

#[test]
fn deployments_that_another_tool_leads_are_its_own() {
    let led = format!(
        "{}---\napiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {{name: r}}\nspec:\n  workloadRef: {{apiVersion: \
         apps/v1, kind: Deployment, name: a}}\n  strategy: {{canary: {{steps: [{{setWeight: 20}}]}}}}\n",
        deployment("  replicas: 5")
    );
    assert_eq!(one(&led).kind, "argo");
}

#[test]
fn deployments_that_kubernetes_refuses() {
    for (text, expected) in [
        (rolling(3, "0", "\"0%\"", 0), "both 0"),
        (rolling(3, "1", "\"101%\"", 0), "at most 100%"),
        (
            rolling(3, "-1", "1", 0),
            "maxSurge must be a number of pods or a percentage, found `-1`",
        ),
        (rolling(3, "99999999999", "1", 0), "maxSurge must be"),
        (
            rolling(3, "1", "1", 600),
            "more than minReadySeconds, found 600 and 600",
        ),
        (
            deployment("  strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}"),
            "may not be there",
        ),
        (
            deployment("  strategy: {type: Canary}"),
            "RollingUpdate or Recreate, found `Canary`",
        ),
        (
            deployment("  replicas: many"),
            "spec.replicas must be a whole number",
        ),
        (
            deployment("  paused: perhaps"),
            "spec.paused must be true or false",
        ),
    ] {
        let told = refusal(&text);
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn nomad_promotes_all_groups_together() {
    let all = nomad(JOB);
    assert_eq!(
        all.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(),
        ["shop/web", "shop/jobs"]
    );
    // 2 canaries beside 4: a third. Healthy after 20 s, but the other group's take 30 s.
    assert_eq!(schedule(&all[0]), "33.3333:30 75:20 100:20");
    assert_eq!((all[0].full_s, all[0].done_s), (Some(50.0), Some(70.0)));
    assert_eq!(schedule(&all[1]), "50:30 100:0");
    assert!(says(&all[0].mapped, "auto_revert: back"));
    assert_eq!(all[0].strategy.as_ref().map(|s| s.rollback_in), Some(4));
    runs_as_it_says(&all, &["job.nomad"]);
    insta::assert_snapshot!("import-nomad", strategy_file(&all, &["job.nomad"]));
}

#[test]
fn nomad_goes_on_by_batches() {
    let five = &nomad(&group(5, "max_parallel = 2\nmin_healthy_time = \"30s\""))[0];
    has(five, "40:30 80:30 100:30", 60.0, 90.0);
    // Without an update block: one after the other, ten seconds each.
    let plain = &nomad("job \"a\" {\n  group \"g\" {\n    count = 2\n  }\n}\n")[0];
    has(plain, "50:10 100:10", 10.0, 20.0);
    let forced = &nomad(&group(5, "max_parallel = 0"))[0];
    has(forced, "100:0", 0.0, 0.0);
    let by_hand = &nomad(&group(2, "health_check = \"manual\""))[0];
    has(by_hand, "50:M 100:M", 0.0, 0.0);
    assert_eq!(by_hand.manual_gates, 2);
    // Canaries and nobody's promise to promote them: as many again is half.
    let half = &nomad(&group(3, "canary = 3"))[0];
    has(half, "50:10 50:M 100:0", 10.0, 10.0);
    assert_eq!(half.manual_gates, 1);
}

#[test]
fn nomad_group_goes_before_job_key_by_key() {
    let text = "job \"a\" {\n  update {\n    max_parallel = 2\n    min_healthy_time = \"40s\"\n  }\n  group \"g\" {\n    \
                count = 4\n    update { min_healthy_time = \"5s\" }\n  }\n}\n";
    has(&nomad(text)[0], "50:5 100:5", 5.0, 10.0);
}

#[test]
fn nomad_jobs_of_the_api_and_with_variables() {
    let json = r#"{"Job": {"ID": "a", "TaskGroups": [{"Name": "g", "Count": 4,
        "Update": {"MaxParallel": 2, "MinHealthyTime": 5000000000, "Canary": 0}}]}}"#;
    has(&one(json), "50:5 100:5", 5.0, 10.0);
    let text = "variable \"n\" {\n  default = 4\n}\njob \"a\" {\n  group \"g\" {\n    count = var.n\n    update {\n      \
                max_parallel = 2\n      min_healthy_time = \"${local.t}\"\n    }\n  }\n}\nlocals {\n  t = \"5s\"\n}\n";
    has(&nomad(text)[0], "50:5 100:5", 5.0, 10.0);
    let params = BTreeMap::from([("n".to_owned(), "2".to_owned())]);
    let settings = Settings {
        params,
        ..at_zero()
    };
    let all = with("a.nomad", text, &settings).expect("a job");
    assert_eq!(schedule(&all[0]), "100:5");
    let told = nomad_refusal(&text.replace("var.n", "var.m"));
    assert!(
        told.contains("a.nomad:6:13: count must be") && told.contains("render it first"),
        "{told}"
    );
}

#[test]
fn nomad_regions_are_waves() {
    let text = |strategy: &str| {
        format!(
            "job \"a\" {{\n  multiregion {{\n{strategy}    region \"west\" {{}}\n    region \"east\" {{}}\n    region \"south\" {{}}\n  \
             }}\n  group \"g\" {{\n    count = 2\n  }}\n}}\n"
        )
    };
    let all = nomad(&text(
        "    strategy {\n      max_parallel = 2\n      on_failure = \"fail_all\"\n    }\n",
    ));
    // Two of three regions reach half of themselves, and so a third of all.
    assert_eq!(schedule(&all[0]), "33.3333:10 66.6667:10 83.3333:10 100:10");
    assert_eq!((all[0].full_s, all[0].done_s), (Some(30.0), Some(40.0)));
    let plan = plan(&strategy_file(&all, &["a.nomad"]), "imported.toml");
    assert_eq!(plan.strategies.len(), 1);
    let wave = &all[0].strategy.as_ref().expect("a strategy").waves[0];
    assert_eq!(wave.parallel, 2);
    // Without a word of it all at once.
    let all = nomad(&text(""));
    assert_eq!(schedule(&all[0]), "50:10 100:10");
    assert!(says(&all[0].not_expressed, "those after it only"));
}

#[test]
fn nomad_jobs_that_nomad_refuses() {
    for (text, expected) in [
        (
            group(3, "auto_promote = true"),
            "auto_promote needs a canary",
        ),
        (
            group(3, "min_healthy_time = \"5m\""),
            "a.nomad:5:20: min_healthy_time (300 s) must be less",
        ),
        (
            group(3, "healthy_deadline = \"10m\""),
            "must be less than progress_deadline (600 s)",
        ),
        (group(3, "canary = -1"), "canary must be a whole number"),
        (
            group(3, "min_healthy_time = \"1d\""),
            "must be a duration such as `10s`, found `1d`",
        ),
        (group(3, "health_check = \"guess\""), "found `guess`"),
        (
            JOB.replacen("auto_promote     = true", "auto_promote     = false", 1),
            "in all groups with canaries",
        ),
        ("job \"a\" {\n}\n".to_owned(), "needs a `group`"),
        (
            "job \"a\" {\n  group \"g\" {\n".to_owned(),
            "a.nomad:2:15: this is no HCL",
        ),
        ("x = 1\n".to_owned(), "there is no"),
        (" ".repeat(1 << 20) + "a = 1\n", "at most 1 MiB"),
    ] {
        let told = nomad_refusal(&text);
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn cloud_deploy_waits_for_somebody_unless_an_automation_advances() {
    let all = imported(PIPELINE).expect("a pipeline");
    assert_eq!(all.len(), 2);
    has(&all[0], "100:0", 0.0, 0.0);
    // The automation advances the first phase; the second waits, and the target wants an approval first.
    has(&all[1], "0:M 25:300 50:M 100:0", 300.0, 300.0);
    assert_eq!(
        (all[1].name.as_str(), all[1].manual_gates),
        ("shop/prod", 2)
    );
    assert!(says(&all[1].not_expressed, "phase canary-25: a verify job"));
    assert!(says(&all[1].not_expressed, "comes after `staging`"));
    insta::assert_snapshot!(
        "import-cloud-deploy",
        strategy_file(&all, &["pipeline.yaml"])
    );
    let multi = PIPELINE.replace(
        "run: {location: projects/p/locations/europe-west1}",
        "multiTarget: {targetIds: [east, west, south]}",
    );
    let all = imported(&multi).expect("a pipeline");
    assert_eq!(
        all[1].strategy.as_ref().map(|s| s.waves[0].parallel),
        Some(3)
    );
    runs_as_it_says(&all, &["a"]);
    let custom = PIPELINE.replace(
        "canaryDeployment: {percentages: [25, 50], verify: true}",
        "customCanaryDeployment: {phaseConfigs: [{phaseId: canary-25, percentage: 5}, {phaseId: stable, percentage: 100}]}",
    );
    let all = imported(&custom).expect("a pipeline");
    has(&all[1], "0:M 5:300 100:0", 300.0, 300.0);
    for (from, to, expected) in [
        (
            "[25, 50]",
            "[50, 25]",
            "more than the one before, found `25`",
        ),
        ("[25, 50]", "[25, 101]", "from 0 to 100, found `101`"),
        ("verify: true", "verify: 3", "verify must be true or false"),
        ("wait: 300s", "wait: soon", "found `soon`"),
        ("targetId: prod", "target: prod", "needs a targetId"),
    ] {
        let told = refusal(&PIPELINE.replace(from, to));
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn kayenta_judges_in_rounds_and_fails_at_the_margin() {
    let stage = one(STAGE);
    // 10 min of warm-up and 3 rounds of 25 min: what is left of 90 min is not waited for.
    has(&stage, "10:5100 100:0", 5_100.0, 5_100.0);
    assert!(says(
        &stage.not_expressed,
        "a round fails where it is at most 75"
    ));
    assert!(says(&stage.not_expressed, "metric `latency`, critical"));
    assert!(says(&stage.mapped, "metric `noise` is muted"));
    assert!(stage.alarms.is_empty());
    let settings = Settings {
        metrics: BTreeMap::from([("latency".to_owned(), "slow > 2%".to_owned())]),
        params: BTreeMap::from([("canary_percent".to_owned(), "5".to_owned())]),
        ..at_zero()
    };
    let all = with("a.json", STAGE, &settings).expect("a stage");
    assert_eq!(schedule(&all[0]), "5:5100 100:0");
    assert_eq!((all[0].alarms.len(), all[0].alarms[0].period_s), (1, 1_500));
    runs_as_it_says(&all, &["a.json"]);
    // An interval of none, or longer than the life, is the life.
    let whole = one(&STAGE.replace(
        "\"canaryAnalysisIntervalMins\": 25",
        "\"canaryAnalysisIntervalMins\": 100",
    ));
    assert_eq!(whole.full_s, Some(6_000.0));
    for (from, to, expected) in [
        ("PT1H30M", "90 minutes", "found `90 minutes`"),
        (
            "\"lifetimeDuration\": \"PT1H30M\",",
            "",
            "needs lifetimeDuration or lifetimeHours",
        ),
        (
            "\"canaryAnalysisIntervalMins\": 25",
            "\"canaryAnalysisIntervalMins\": -1",
            "canaryAnalysisIntervalMins must be",
        ),
    ] {
        let told = refusal(&STAGE.replace(from, to));
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn wrong_types_everywhere() {
    const VALUES: [&str; 9] = [
        "[]",
        "{}",
        "null",
        "-1",
        "1e999",
        "\"x\"",
        "[[1]]",
        "true",
        "99999999999999999999",
    ];
    let spec = rolling(3, "1", "0", 20);
    let texts = [
        ("a.yaml", spec.as_str()),
        ("a.yaml", PIPELINE),
        ("a.json", STAGE),
        ("a.nomad", JOB),
    ];
    for (name, text) in texts {
        let lines: Vec<&str> = text.lines().collect();
        let sign = if name == "a.nomad" { '=' } else { ':' };
        for (number, line) in lines.iter().enumerate() {
            let Some((key, old)) = line.split_once(sign) else {
                continue;
            };
            let comma = if old.ends_with(',') && name == "a.json" {
                ","
            } else {
                ""
            };
            for value in VALUES {
                let new = format!("{key}{sign} {value}{comma}");
                let mut changed = lines.clone();
                changed[number] = &new;
                // Either way is an answer; what is imported can be written down.
                if let Ok(all) = with(name, &changed.join("\n"), &at_zero()) {
                    assert!(!strategy_file(&all, &[name]).is_empty());
                }
            }
        }
    }
}

#[test]
fn hostile_hcl_is_answered_soon() {
    let mib = (1 << 20) - 16;
    let list = ["local.a0"; 10].join(", ");
    let bomb: String = (1..30)
        .map(|n| {
            format!(
                "  a{n} = [{}]\n",
                list.replace("a0", &format!("a{}", n - 1))
            )
        })
        .collect();
    let texts = [
        "a = ".to_owned() + &"[".repeat(mib),
        "a = ".to_owned() + &"(".repeat(mib),
        "a = ".to_owned() + &"!".repeat(mib),
        "a = ".to_owned() + &"-".repeat(mib),
        "a = ".to_owned() + &"{a=".repeat(mib / 3),
        "a = \"".to_owned() + &"${\"".repeat(mib / 3),
        "a = 1".to_owned() + &" ? 1".repeat(mib / 4),
        "a = 1".to_owned() + &"+1".repeat(mib / 2),
        "a = b".to_owned() + &".b".repeat(mib / 2),
        "a = b".to_owned() + &"[0]".repeat(mib / 3),
        "a {\n".repeat(mib / 4),
        "a \"b\" ".repeat(mib / 6),
        "a = 1\n".repeat(mib / 6),
        "a = <<E\n".to_owned() + &"x\n".repeat(mib / 2 - 8),
        "/*".repeat(mib / 2),
        "\t".repeat(mib),
        "\u{feff}".repeat(mib / 3),
        format!("locals {{\n  a0 = [1]\n{bomb}}}\n"),
        "a = ".to_owned() + &"[".repeat(30) + &"{".repeat(30),
        "a = ".to_owned() + &"f(".repeat(40) + &")".repeat(39),
        "a = ".to_owned() + &"[for a in ".repeat(40),
    ];
    for text in texts {
        let began = Instant::now();
        let start: String = text.chars().take(12).collect();
        assert!(with("a.nomad", &text, &at_zero()).is_err(), "{start:?}");
        let took = began.elapsed();
        assert!(took < Duration::from_secs(10), "{start:?}: {took:?}");
    }
    let crlf = JOB.replace('\n', "\r\n");
    assert_eq!(schedule(&nomad(&crlf)[0]), schedule(&nomad(JOB)[0]));
    assert_eq!(
        schedule(&nomad(&format!("\u{feff}{JOB}"))[0]),
        schedule(&nomad(JOB)[0])
    );
}
