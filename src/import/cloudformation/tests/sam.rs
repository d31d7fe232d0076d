//! Functions and state machines of SAM.

use super::*;

/// A template as teams have it: ten percent a minute, hooks, any error in two minutes running.
const CANARY: &str = include_str!("canary.yaml");

#[test]
fn a_canary_with_hooks_and_an_alarm() {
    let imported = one(CANARY);
    assert_eq!(imported.name, "Orders");
    let mut expected: Vec<(f64, f64)> = (1..10).map(|n| (f64::from(n) * 10.0, 60.0)).collect();
    expected.push((100.0, 0.0));
    assert_eq!(stages(&imported), expected);
    // Trap 15: nine minutes, and not the ten of SAM's page.
    assert_eq!(
        (imported.full_s, imported.done_s),
        (Some(540.0), Some(540.0))
    );
    let strategy = imported.strategy.as_ref().unwrap();
    let tests: Vec<_> = strategy
        .tests
        .iter()
        .map(|t| (t.name.as_str(), t.after_traffic))
        .collect();
    assert_eq!(tests, [("before-traffic", false), ("after-traffic", true)]);
    let [alarm] = &imported.alarms[..] else {
        panic!("one alarm: {:?}", imported.alarms);
    };
    assert_eq!(alarm.when, "errors > 0 per period");
    assert_eq!(alarm.datapoints, "2 of 2");
    // Trap 17: missing data as CloudWatch has it, which may raise an alarm before it has two datapoints.
    assert_eq!(
        (alarm.missing, alarm.min_requests),
        ("cloudwatch", Some(1.0))
    );
    // Watched until the last hook has run, and not after.
    assert_eq!(
        (alarm.scope, alarm.watches, alarm.does),
        ("zone", "zone", "rollback")
    );
    assert!(
        imported.not_expressed.is_empty(),
        "{:?}",
        imported.not_expressed
    );
    assert_eq!(alarm.at.line, 26);
}

#[test]
fn types_that_sam_does_not_know_pass_through() {
    // Trap 14.
    let full = |kind: &str| one(&function(&format!("        Type: {kind}"))).full_s;
    assert_eq!(
        full("CodeDeployDefault.LambdaLinear10PercentEvery1Minute"),
        Some(540.0)
    );
    assert_eq!(full("Canary10Percent30Minutes"), Some(1_800.0));
    let guessed = one(&function("        Type: LambdaCanary50Percent5Minutes"));
    assert_eq!(stages(&guessed), [(50.0, 300.0), (100.0, 0.0)]);
    let says_so = |note: &crate::import::Note| note.text.contains("understood by its name");
    assert!(guessed.assumptions.iter().any(says_so));
    let unknown = refused(&function("        Type: Ours"));
    assert!(unknown.contains("template.yaml:7:15"), "{unknown}");
    assert!(
        unknown.contains("the deployment configuration Ours does is not known"),
        "{unknown}"
    );
}

#[test]
fn a_custom_configuration_is_found_by_reference_and_by_name() {
    let config = "  Slow:
    Type: AWS::CodeDeploy::DeploymentConfig
    Properties:
      DeploymentConfigName: !Sub ${AWS::StackName}-Slow
      TrafficRoutingConfig:
        Type: TimeBasedLinear
        TimeBasedLinear: { LinearPercentage: 20, LinearInterval: 1 }
";
    let expected = [
        (20.0, 60.0),
        (40.0, 60.0),
        (60.0, 60.0),
        (80.0, 60.0),
        (100.0, 0.0),
    ];
    for kind in ["!Ref Slow", "!Sub '${AWS::StackName}-Slow'"] {
        let template = function(&format!("        Type: {kind}")) + config;
        assert_eq!(stages(&one(&template)), expected, "{kind}");
    }
}

#[test]
fn globals_lie_beneath_what_a_function_says() {
    let template = "Globals:
  Function:
    AutoPublishAlias: live
    DeploymentPreference:
      Type: Canary10Percent5Minutes
      Alarms: [!Ref A]
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      DeploymentPreference:
        Alarms: [!Ref B]
  A: &alarm
    Type: AWS::CloudWatch::Alarm
    Properties: &properties
      Namespace: AWS/Lambda
      MetricName: Errors
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
      TreatMissingData: notBreaching
  B: *alarm
";
    let imported = one(template);
    assert_eq!(imported.full_s, Some(300.0));
    let names: Vec<&str> = imported.alarms.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["A", "B"]);
    // A function such as `!If` takes the place of the whole list.
    let other = template.replace(
        "Alarms: [!Ref B]",
        "Alarms: !If [Nobody, [!Ref B], [!Ref B]]",
    );
    let names: Vec<String> = one(&other).alarms.into_iter().map(|a| a.name).collect();
    assert_eq!(names, ["B"]);
}

#[test]
fn what_is_not_enabled_has_no_rollout() {
    for enabled in ["false", "False", "'false'", "!Ref Off"] {
        let template = function(&format!(
            "        Enabled: {enabled}\n        Type: AllAtOnce"
        )) + "Parameters: { Off: { Type: String, Default: 'False' } }\n";
        let error = refused(&template);
        assert!(
            error.contains("no rollout") || error.contains("nothing"),
            "{enabled}: {error}"
        );
    }
    let on = function("        Enabled: 'true'\n        Type: AllAtOnce");
    assert_eq!(stages(&one(&on)), [(100.0, 0.0)]);
}

#[test]
fn what_sam_refuses_is_refused_in_its_place() {
    let hooks = function("        Type: AllAtOnce\n        Hooks: Bad");
    assert!(refused(&hooks).contains("`Hooks` of DeploymentPreference is no table"));
    let alias = function("        Type: AllAtOnce").replace("      AutoPublishAlias: live\n", "");
    let error = refused(&alias);
    assert!(
        error.starts_with("template.yaml:5:7: F: DeploymentPreference needs `AutoPublishAlias`"),
        "{error}"
    );
    assert!(
        refused(&function("        Alarms: []"))
            .contains("`Type` of DeploymentPreference is missing")
    );
    let names: Vec<String> = (0..11).map(|n| format!("a{n}")).collect();
    let many = format!(
        "        Type: AllAtOnce\n        Alarms: [{}]",
        names.join(", ")
    );
    assert!(refused(&function(&many)).contains("11 alarms, and a deployment has at most 10"));
}

#[test]
fn state_machines_have_shares_and_intervals_of_their_own() {
    let machine = |preference: &str| {
        format!(
            "Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      AutoPublishAlias: live
      DeploymentPreference: {preference}
"
        )
    };
    let linear = one(&machine("{ Type: LINEAR, Percentage: 10, Interval: 10 }"));
    assert_eq!(linear.full_s, Some(5_400.0));
    let canary = one(&machine("{ Type: CANARY, Percentage: 10, Interval: 10 }"));
    assert_eq!(stages(&canary), [(10.0, 600.0), (100.0, 0.0)]);
    for bad in [
        "{ Type: LINEAR, Percentage: 10 }",
        "{ Type: LINEAR, Percentage: 0, Interval: 10 }",
        "{ Type: CANARY, Percentage: 10, Interval: 2101 }",
        "{ Type: Canary10Percent5Minutes }",
    ] {
        assert!(with(&machine(bad), &[]).is_err(), "{bad}");
    }
}
