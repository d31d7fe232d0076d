//! cfn-lint beside the import, where somebody names it: `LANDFALL_CFN_LINT=venv/bin/cfn-lint cargo test --test it cfn_lint`,
//! after `pip install cfn-lint`.

use std::fs;
use std::process::Command;

use landfall::import::{Input, import};

use super::{at_zero, sam_templates, tool};

const ALARM: &str = "Resources:
  A:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/Lambda
      MetricName: Errors
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 2
      DatapointsToAlarm: 1
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
";

const CONFIG: &str = "Resources:
  C:
    Type: AWS::CodeDeploy::DeploymentConfig
    Properties:
      ComputePlatform: Lambda
      TrafficRoutingConfig:
        Type: TimeBasedLinear
        TimeBasedLinear: { LinearPercentage: 20, LinearInterval: 1 }
  A: { Type: AWS::CodeDeploy::Application, Properties: { ComputePlatform: Lambda } }
  G:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties:
      ApplicationName: !Ref A
      DeploymentConfigName: !Ref C
      ServiceRoleArn: arn:aws:iam::123456789012:role/deploy
";

/// Errors that cfn-lint finds, by their codes; warnings are none.
fn errors(tool: &std::ffi::OsStr, text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("template.yaml");
    fs::write(&file, text).expect("written");
    let output = Command::new(tool)
        .args(["--format", "json", "--regions", "eu-west-1", "--"])
        .arg(&file)
        .output()
        .expect("cfn-lint runs");
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let found = found.as_array().expect("a list").iter();
    let codes = found.map(|one| one["Rule"]["Id"].as_str().expect("a code").to_owned());
    codes.filter(|code| code.starts_with('E')).collect()
}

/// Whether a template is imported whole: an alarm that AWS would refuse is left out.
fn is_fine(text: &str) -> bool {
    let input = Input {
        name: "template.yaml",
        bytes: text.as_bytes(),
    };
    import(&[input], None, &at_zero()).is_ok_and(|all| {
        let all = all.iter().flat_map(|one| &one.not_expressed);
        all.count() == 0
    })
}

#[test]
fn what_cfn_lint_refuses_is_not_imported_whole() {
    let Some(tool) = tool("LANDFALL_CFN_LINT", "cfn-lint") else {
        return;
    };
    for text in [ALARM, CONFIG] {
        assert_eq!(errors(&tool, text), [""; 0], "{text}");
        assert!(is_fine(text), "{text}");
    }
    for (text, was, is) in [
        (ALARM, "Period: 60", "Period: 45"),
        (ALARM, "EvaluationPeriods: 2", "EvaluationPeriods: 0"),
        (ALARM, "EvaluationPeriods: 2", "EvaluationPeriods: two"),
        (ALARM, "Threshold: 0", "Threshold: none"),
        (ALARM, "notBreaching", "fine"),
        (ALARM, "GreaterThanThreshold", "Above"),
        (ALARM, "      Threshold: 0\n", "      Treshold: 0\n"),
        (CONFIG, "TimeBasedLinear\n", "Linear\n"),
        (CONFIG, "LinearPercentage: 20", "LinearPercentage: some"),
        (CONFIG, ", LinearInterval: 1", ""),
        (CONFIG, "LinearInterval: 1", "LinearIntervall: 1"),
        (CONFIG, "TrafficRoutingConfig:", "TrafficRouting:"),
    ] {
        let changed = text.replace(was, is);
        assert_ne!(changed, text);
        assert!(!errors(&tool, &changed).is_empty(), "{changed}");
        assert!(!is_fine(&changed), "{changed}");
    }
    // Real templates that are imported have no mistake of syntax or of a function in cfn-lint's eyes.
    for path in sam_templates() {
        let text = fs::read_to_string(&path).expect("a text");
        let input = Input {
            name: "template.yaml",
            bytes: text.as_bytes(),
        };
        if import(&[input], None, &at_zero()).is_err() {
            continue;
        }
        let broken: Vec<String> = errors(&tool, &text)
            .into_iter()
            .filter(|code| code.starts_with("E00"))
            .collect();
        assert_eq!(broken, [""; 0], "{}", path.display());
    }
}
