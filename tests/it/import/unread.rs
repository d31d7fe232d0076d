//! Nothing of a file is left out without a word: a key that nobody knows, put into each table in turn, is listed.

use landfall::import::{Imported, Input, Refusal, import};

use super::at_zero;

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: a, labels: {app: a}}
spec:
  replicas: 3
  selector: {matchLabels: {app: a}}
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  template: {spec: {containers: []}}
";

const RULES: &str = "groups:
- name: g
  interval: 30s
  rules:
  - alert: A
    expr: sum(rate(a{code=~\"5..\"}[5m])) / sum(rate(a[5m])) > 0.05
    for: 5m
    labels: {severity: page}
    annotations: {summary: a}
  - record: b
    expr: sum(a)
";

/// A blue-green rollout with an analysis after it.
const BLUE_GREEN: &str = "apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: a}
spec:
  strategy:
    blueGreen:
      activeService: a
      autoPromotionSeconds: 60
      postPromotionAnalysis:
        templates: [{templateName: t}]
        args: [{name: x, value: y}]
";

const FLAGGER: &str = "apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: a}
spec:
  targetRef: {name: a}
  service: {port: 80}
  analysis:
    interval: 1m
    iterations: 3
    match: [{headers: {x: {exact: y}}}]
    metrics:
    - name: errors
      templateRef: {name: t}
      thresholdRange: {max: 1}
---
apiVersion: flagger.app/v1beta1
kind: MetricTemplate
metadata: {name: t}
spec:
  provider: {type: prometheus, address: http://p}
  query: 100 * sum(rate(bad[1m])) / sum(rate(all[1m]))
";

const NOMAD_JSON: &str = r#"{"Job": {"ID": "a", "Update": {"MaxParallel": 2}, "Multiregion":
  {"Strategy": {"MaxParallel": 1}, "Regions": [{"Name": "x"}, {"Name": "y"}]},
  "TaskGroups": [{"Name": "g", "Count": 4, "Update": {"Canary": 1, "MaxParallel": 1},
  "Tasks": [{"Name": "t"}]}]}}"#;

const TEMPLATE: &str = "Globals:
  Function:
    Timeout: 3
    DeploymentPreference: {Role: r}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      AutoPublishAlias: live
      Environment: {Variables: {A: b}}
      DeploymentPreference:
        Type: !Ref Slow
        Alarms: [!Ref A]
        Hooks: {PreTraffic: !Ref F}
  Slow:
    Type: AWS::CodeDeploy::DeploymentConfig
    Properties:
      TrafficRoutingConfig:
        Type: TimeBasedLinear
        TimeBasedLinear: {LinearPercentage: 20, LinearInterval: 1}
  A:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Metrics:
      - Id: e
        MetricStat:
          Metric: {Namespace: AWS/Lambda, MetricName: Errors, Dimensions: [{Name: FunctionName, Value: !Ref F}]}
          Stat: Sum
          Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanThreshold
";

const SERVICES: &str = "Resources:
  S:
    Type: AWS::ECS::Service
    Properties:
      Cluster: c
      DeploymentConfiguration:
        Strategy: LINEAR
        LinearConfiguration: {StepPercent: 20, StepBakeTimeInMinutes: 5}
        Alarms: {AlarmNames: [], Enable: true, Rollback: true}
        LifecycleHooks:
        - HookTargetArn: h
          LifecycleStages: [POST_SCALE_UP]
  G:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties:
      DeploymentConfigName: CodeDeployDefault.ECSLinear10PercentEvery1Minutes
      AlarmConfiguration: {Enabled: true, Alarms: [{Name: a}]}
      BlueGreenDeploymentConfiguration:
        DeploymentReadyOption: {ActionOnTimeout: STOP_DEPLOYMENT, WaitTimeInMinutes: 30}
  C:
    Type: AWS::AppConfig::DeploymentStrategy
    Properties: {DeploymentDurationInMinutes: 10, GrowthFactor: 20}
---
RollbackConfiguration:
  MonitoringTimeInMinutes: 10
  RollbackTriggers: []
";

/// A file, and the lines of it in whose tables a key is not looked for, since all of the table changes no rollout, or is
/// told of as a whole.
struct File {
    name: &'static str,
    text: &'static str,
    passed_over: &'static [&'static str],
}

const fn file(
    name: &'static str,
    text: &'static str,
    passed_over: &'static [&'static str],
) -> File {
    File {
        name,
        text,
        passed_over,
    }
}

const FILES: [File; 11] = [
    file(
        "argo.yaml",
        include_str!("fixtures/argo.yaml"),
        &[
            "name: checkout",
            "virtualService: {name: checkout}",
            "name: errors",
            "name: once",
        ],
    ),
    file("blue.yaml", BLUE_GREEN, &["metadata: {name: a}"]),
    file(
        "flagger.yaml",
        include_str!("fixtures/flagger.yaml"),
        &[
            "name: basket",
            "targetRef: {apiVersion: apps/v1, kind: Deployment, name: basket}",
            "port: 80",
        ],
    ),
    file(
        "ab.yaml",
        FLAGGER,
        &[
            "metadata: {name: a}",
            "targetRef: {name: a}",
            "service: {port: 80}",
            "match: [{headers: {x: {exact: y}}}]",
            "metadata: {name: t}",
            "provider: {type: prometheus, address: http://p}",
        ],
    ),
    file(
        "deployment.yaml",
        DEPLOYMENT,
        &[
            "metadata: {name: a, labels: {app: a}}",
            "selector: {matchLabels: {app: a}}",
            "template: {spec: {containers: []}}",
        ],
    ),
    file(
        "rules.yaml",
        RULES,
        &["labels: {severity: page}", "annotations: {summary: a}"],
    ),
    file(
        "pipeline.yaml",
        include_str!("fixtures/cloud_deploy.yaml"),
        &[
            "name: shop",
            "runtimeConfig: {cloudRun: {automaticTrafficControl: true}}",
            "name: prod",
            "run: {location: projects/p/locations/europe-west1}",
            "name: shop/advance",
        ],
    ),
    file(
        "stage.json",
        include_str!("fixtures/kayenta.json"),
        &[
            "\"judge\": {\"name\": \"NetflixACAJudge-v1.0\"},",
            "\"query\": {\"type\": \"prometheus\", \"metricName\": \"latency\"},",
            "\"classifier\": {\"groupWeights\": {\"all\": 100}}",
        ],
    ),
    file(
        "job.json",
        NOMAD_JSON,
        &["\"Tasks\": [{\"Name\": \"t\"}]}]}}"],
    ),
    // A key among resources is the name of one.
    file(
        "template.yaml",
        TEMPLATE,
        &["F:", "Environment: {Variables: {A: b}}", "Slow:", "A:"],
    ),
    // What stands beside the rollback triggers is of the call that updates the stack.
    file(
        "services.yaml",
        SERVICES,
        &["S:", "G:", "C:", "RollbackConfiguration:"],
    ),
];

fn read(name: &str, text: &str) -> Result<Vec<Imported>, Refusal> {
    let bytes = text.as_bytes();
    import(&[Input { name, bytes }], None, &at_zero())
}

/// The text with a key more in each of its tables in turn, and the line that it stands in or above.
fn with_a_key_more(file: &File) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let lines: Vec<&str> = file.text.lines().collect();
    let is_json = file.name.ends_with(".json");
    for (number, line) in lines.iter().enumerate() {
        let mut add = |changed: Vec<String>| all.push((line.trim().to_owned(), changed.join("\n")));
        let owned = || lines.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>();
        for (at, _) in line
            .match_indices('{')
            .filter(|(at, _)| !line[..*at].contains("rate("))
        {
            let key = if is_json {
                "\"madeUp\": 1, "
            } else {
                "madeUp: 1, "
            };
            let mut changed = owned();
            changed[number].insert_str(at + 1, key);
            add(changed);
        }
        let bare = line.trim_start();
        if is_json || !bare.contains(':') || bare.starts_with('#') {
            continue;
        }
        let indent = line.len() - bare.len();
        let mut changed = owned();
        if let Some(rest) = bare.strip_prefix("- ") {
            changed[number] = format!("{}{rest}", " ".repeat(indent + 2));
            changed.insert(number, format!("{}- madeUp: 1", " ".repeat(indent)));
        } else {
            changed.insert(number, format!("{}madeUp: 1", " ".repeat(indent)));
        }
        add(changed);
    }
    all
}

/// Whether what came of a file speaks of the key.
fn is_told(found: &Result<Vec<Imported>, Refusal>) -> bool {
    match found {
        Err(refusal) => refusal.to_string().contains("madeUp"),
        Ok(all) => {
            let lost = all.iter().flat_map(|one| &one.not_expressed);
            lost.into_iter()
                .any(|note| note.text.ends_with("madeUp: not read"))
        }
    }
}

#[test]
fn a_key_that_nobody_knows_is_listed_wherever_it_stands() {
    for file in &FILES {
        let plain = read(file.name, file.text).unwrap_or_else(|r| panic!("{}: {r}", file.name));
        assert!(!is_told(&Ok(plain)));
        let changed = with_a_key_more(file);
        assert!(changed.len() > 5, "{}", file.name);
        let mut passed_over = Vec::new();
        for (line, text) in changed {
            let found = read(file.name, &text);
            if let Err(refusal) = &found {
                assert!(is_told(&found), "{}: {refusal}\n{text}", file.name);
            }
            if !is_told(&found) {
                passed_over.push(line);
            }
        }
        passed_over.dedup();
        assert_eq!(passed_over, file.passed_over, "{}", file.name);
    }
}

#[test]
fn a_key_that_nobody_knows_is_listed_in_hcl() {
    let text = include_str!("fixtures/job.nomad");
    let lines: Vec<&str> = text.lines().collect();
    let mut passed_over = Vec::new();
    for (number, line) in lines.iter().enumerate().filter(|(_, l)| l.ends_with('{')) {
        let mut changed = lines.clone();
        changed.insert(number + 1, "madeUp = 1");
        if !is_told(&read("a.nomad", &changed.join("\n"))) {
            passed_over.push(line.trim());
        }
    }
    assert_eq!(passed_over, ["task \"web\" {", "config {"]);
}

#[test]
fn what_changes_no_rollout_is_said_to() {
    let all = read("deployment.yaml", DEPLOYMENT).expect("a Deployment");
    let text = "without effect on the rollout: metadata, spec.selector, spec.template";
    assert!(
        all[0].mapped.iter().any(|note| note.text == text),
        "{:?}",
        all[0].mapped
    );
}
