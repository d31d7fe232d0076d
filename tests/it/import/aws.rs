//! Templates of CloudFormation: the file that comes out is the plan that went in.

use landfall::import::strategy_file;
use landfall::plan::{Missing, Rule, SilentFill};

use super::{imported, plan, runs_as_it_says};

/// Ten percent a minute, hooks, any error in two minutes running.
const CANARY: &str = include_str!("../../../src/import/cloudformation/tests/canary.yaml");

#[test]
fn an_alarm_of_cloudwatch_is_read_back_as_it_was_meant() {
    let imported = imported(CANARY).unwrap_or_else(|refusal| panic!("{refusal}"));
    runs_as_it_says(&imported, &["canary.yaml"]);
    let file = strategy_file(&imported, &["canary.yaml"]);
    let plan = plan(&file, "canary.toml");
    let strategy = &plan.strategies[0];
    assert_eq!(strategy.name, "Orders");
    let [alarm] = &strategy.alarms[..] else {
        panic!("an alarm of its own and no other");
    };
    assert_eq!(alarm.rule, Rule::MOfN { m: 2, n: 2 });
    // Trap 17: the settings under which one error and then silence raise it.
    assert_eq!(alarm.missing, Missing::CloudWatch(SilentFill::Missing));
    assert_eq!(
        (alarm.period_s, alarm.every_s, alarm.window_s),
        (60, 60, 60)
    );
    assert_eq!((alarm.min_requests, alarm.lag_s), (1.0, 30.0));
}

#[test]
fn zones_one_by_one_and_a_gate_are_read_back() {
    let zonal = "Resources:
  G:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties: { DeploymentConfigName: !Ref C }
  C:
    Type: AWS::CodeDeploy::DeploymentConfig
    Properties: { ZonalConfig: { MonitorDurationInSeconds: 900 } }
";
    let all = imported(zonal).unwrap_or_else(|refusal| panic!("{refusal}"));
    let file = strategy_file(&all, &["zonal.yaml"]);
    assert!(
        file.contains("zones = { batches = [1], bake = \"15m\" }"),
        "{file}"
    );
    assert_eq!(plan(&file, "zonal.toml").strategies[0].name, "G");
    let gate = "Resources:
  G:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties:
      DeploymentConfigName: CodeDeployDefault.ECSLinear10PercentEvery1Minutes
      BlueGreenDeploymentConfiguration:
        DeploymentReadyOption: { ActionOnTimeout: STOP_DEPLOYMENT, WaitTimeInMinutes: 30 }
";
    let all = imported(gate).unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!((all[0].manual_gates, all[0].full_s), (1, Some(540.0)));
    runs_as_it_says(&all, &["gate.yaml"]);
}
