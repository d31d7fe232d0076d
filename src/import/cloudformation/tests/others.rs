//! ECS, CodeDeploy, AppConfig, and what is given beside a template.

use super::*;
use crate::import::{Bake, strategy::Zones};

fn service(settings: &str) -> String {
    format!(
        "Resources:
  S:
    Type: AWS::ECS::Service
    Properties:
      DesiredCount: 10
      DeploymentConfiguration: {settings}
"
    )
}

#[test]
fn ecs_counts_the_steps_of_a_linear_deployment_in_its_own_way() {
    // Trap 16: 100/p - 1 steps where p divides 100, else as many as fit.
    let of = |settings: &str| one(&service(settings));
    let linear = |percent: &str| {
        of(&format!(
            "{{ Strategy: LINEAR, BakeTimeInMinutes: 5, LinearConfiguration: {{ StepPercent: {percent}, StepBakeTimeInMinutes: 2 }} }}"
        ))
    };
    for (percent, steps) in [
        ("10", 9.0),
        ("11", 9.0),
        ("50", 1.0),
        ("100", 0.0),
        ("33.4", 2.0),
    ] {
        let imported = linear(percent);
        assert_eq!(imported.full_s, Some(steps * 120.0), "{percent}");
        assert_eq!(imported.done_s, Some(steps * 120.0 + 300.0), "{percent}");
    }
    let canary = of("{ Strategy: CANARY, BakeTimeInMinutes: 1 }");
    assert_eq!(stages(&canary), [(5.0, 600.0), (100.0, 60.0)]);
    let defaults = of("{ Strategy: LINEAR }");
    assert_eq!(defaults.full_s, Some(9.0 * 360.0));
    let blue_green = of("{ Strategy: BLUE_GREEN, BakeTimeInMinutes: 10 }");
    assert_eq!(stages(&blue_green), [(100.0, 600.0)]);
}

#[test]
fn what_ecs_and_cloudformation_refuse() {
    for (settings, reason) in [
        (
            "{ Strategy: BLUE_GREEN }",
            "BLUE_GREEN needs `BakeTimeInMinutes`",
        ),
        (
            "{ Strategy: CANARY, BakeTimeInMinutes: 1500 }",
            "1500 is no whole number from 0 to 1440",
        ),
        (
            "{ Strategy: LINEAR, LinearConfiguration: { StepPercent: 2 } }",
            "2 is no share from 3 to 100",
        ),
        (
            "{ Strategy: LINEAR, LinearConfiguration: { StepPercent: 3, StepBakeTimeInMinutes: 61 } }",
            "take 33.5 hours, and CloudFormation refuses more than 33",
        ),
        (
            "{ MaximumPercent: 100, MinimumHealthyPercent: 100 }",
            "so that none can be replaced",
        ),
        ("{ Strategy: ROLL }", "`ROLL` is none of"),
    ] {
        let error = refused(&service(settings));
        assert!(error.contains(reason), "{settings}: {error}");
    }
}

#[test]
fn a_rolling_update_goes_in_batches() {
    let imported = one(&service(
        "{ MaximumPercent: 125, MinimumHealthyPercent: 75 }",
    ));
    // Ten tasks: 12 may run and 8 must be healthy, so four at a time.
    assert_eq!(imported.strategy.unwrap().steps[0].parts, 3);
}

fn group(config: &str, more: &str) -> String {
    format!(
        "Resources:
  G:
    Type: AWS::CodeDeploy::DeploymentGroup
    Properties:
      DeploymentConfigName: {config}
{more}"
    )
}

#[test]
fn a_deployment_group_of_ecs_may_wait_for_a_person() {
    let plain = one(&group("CodeDeployDefault.ECSCanary10Percent15Minutes", ""));
    assert_eq!(stages(&plain), [(10.0, 900.0), (100.0, 0.0)]);
    let waits = "      BlueGreenDeploymentConfiguration:
        DeploymentReadyOption: { ActionOnTimeout: STOP_DEPLOYMENT, WaitTimeInMinutes: 30 }
";
    let waits = one(&group("CodeDeployDefault.ECSAllAtOnce", waits));
    assert_eq!((waits.manual_gates, waits.full_s), (1, Some(0.0)));
    assert_eq!(waits.schedule[0].dwell, Dwell::Manual);
    assert!(waits.strategy.unwrap().waves[0].approval);
}

#[test]
fn zones_come_one_by_one_with_a_bake() {
    let config = "  C:
    Type: AWS::CodeDeploy::DeploymentConfig
    Properties:
      MinimumHealthyHosts: { Type: FLEET_PERCENT, Value: 75 }
      ZonalConfig: { MonitorDurationInSeconds: 900, FirstZoneMonitorDurationInSeconds: 3600 }
";
    let imported = one(&group("!Ref C", config));
    assert_eq!(
        stages(&imported),
        [(25.0, 0.0), (50.0, 0.0), (75.0, 0.0), (100.0, 0.0)]
    );
    let lost = &imported.not_expressed[0].text;
    assert!(
        lost.contains("the first zone is watched for 3600s"),
        "{lost}"
    );
    let strategy = imported.strategy.unwrap();
    assert_eq!(
        (strategy.zones, strategy.zone_bake),
        (Zones::OneByOne, Bake::For(900.0))
    );
}

#[test]
fn healthy_hosts_are_rounded_up() {
    // Trap 18: 95% of ten hosts are all ten, and nothing can begin.
    let config = |percent: u32| {
        group("!Ref C", "")
            + &format!(
                "  C:
    Type: AWS::CodeDeploy::DeploymentConfig
    Properties:
      MinimumHealthyHosts: {{ Type: FLEET_PERCENT, Value: {percent} }}
"
            )
    };
    let tight = one(&config(95));
    let told = |note: &crate::import::Note| {
        note.text
            .contains("fewer hosts than 20 let no deployment begin")
    };
    assert!(
        tight.assumptions.iter().any(told),
        "{:?}",
        tight.assumptions
    );
    assert!(refused(&config(100)).contains("no deployment can begin"));
}

#[test]
fn appconfig_by_a_predefined_strategy() {
    let template = "Resources:
  D:
    Type: AWS::AppConfig::Deployment
    Properties: { DeploymentStrategyId: AppConfig.Linear50PercentEvery30Seconds }
";
    assert_eq!(stages(&one(template)), [(50.0, 30.0), (100.0, 90.0)]);
    let own = "Resources:
  S:
    Type: AWS::AppConfig::DeploymentStrategy
    Properties: { DeploymentDurationInMinutes: 10, GrowthFactor: 20, FinalBakeTimeInMinutes: 5 }
";
    let imported = one(own);
    assert_eq!(
        (imported.full_s, imported.done_s),
        (Some(480.0), Some(900.0))
    );
}

#[test]
fn blue_green_through_the_section_hooks() {
    let template = "Hooks:
  H:
    Type: AWS::CodeDeploy::BlueGreen
    Properties:
      TrafficRoutingConfig:
        Type: TimeBasedCanary
        TimeBasedCanary: { StepPercentage: 20, BakeTimeMins: 10 }
Resources:
  S:
    Type: AWS::ECS::Service
    Properties: { DeploymentController: { Type: CODE_DEPLOY } }
";
    assert_eq!(stages(&one(template)), [(20.0, 600.0), (100.0, 0.0)]);
}

#[test]
fn rollback_triggers_watch_a_stack_for_a_while_after() {
    let template = function("        Type: AllAtOnce")
        + "  A:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: ours
      Namespace: AWS/Lambda
      MetricName: Errors
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
";
    let call = |minutes: u32| {
        format!(
            "{{\"StackName\": \"s\", \"RollbackConfiguration\": {{\"MonitoringTimeInMinutes\": {minutes},
              \"RollbackTriggers\": [{{\"Arn\": \"arn:aws:cloudwatch:eu-west-1:1:alarm:ours\",
              \"Type\": \"AWS::CloudWatch::Alarm\"}}]}}}}"
        )
    };
    let both = |minutes: u32| {
        let call = call(minutes);
        let files = [("template.yaml", template.as_str()), ("call.json", &call)];
        let inputs = files.map(|(name, text)| Input {
            name,
            bytes: text.as_bytes(),
        });
        import(&inputs, None, &Settings::default()).map_err(|refusal| refusal.to_string())
    };
    let imported = &both(30).unwrap()[0];
    assert_eq!(stages(imported), [(100.0, 1_800.0)]);
    assert_eq!(
        (imported.full_s, imported.done_s),
        (Some(0.0), Some(1_800.0))
    );
    assert_eq!(imported.alarms[0].name, "A");
    let error = both(181).unwrap_err();
    assert!(error.starts_with("call.json:1:"), "{error}");
}

#[test]
fn very_large_templates_are_answered_soon() {
    let many: String = (0..600)
        .map(|n| format!("  F{n}: {{ Type: AWS::X::Y }}\n"))
        .collect();
    assert!(refused(&format!("Resources:\n{many}")).contains("at most 500 resources"));
    // Each function asks for alarms by a name that none has, and every name has to be put together.
    let alarm = |n: usize| {
        format!(
            "  A{n}: {{ Type: AWS::CloudWatch::Alarm, Properties: {{ AlarmName: !Sub 'x-${{P}}-{n}' }} }}\n"
        )
    };
    let rollout = |n: usize| {
        format!(
            "  F{n}: {{ Type: AWS::Serverless::Function, Properties: {{ AutoPublishAlias: a, DeploymentPreference: {{ Type: AllAtOnce, Alarms: [a, b, c, d, e] }} }} }}\n"
        )
    };
    let resources: String = (0..250).map(|n| alarm(n) + &rollout(n)).collect();
    let template = format!(
        "Parameters:\n  P: {{ Type: String, Default: {} }}\nResources:\n{resources}",
        "p".repeat(10_000)
    );
    let begun = std::time::Instant::now();
    assert_eq!(with(&template, &[]).unwrap().len(), 250);
    assert!(begun.elapsed().as_secs_f64() < 5.0, "{:?}", begun.elapsed());
}

#[test]
fn what_is_not_read_is_told() {
    let group = "  Fleet:
    Type: AWS::AutoScaling::AutoScalingGroup
    UpdatePolicy: { AutoScalingRollingUpdate: { MaxBatchSize: 2 } }
  Fn::ForEach::Each: [N, [a, b], { 'F${N}': { Type: AWS::Serverless::Function } }]
";
    let imported = one(&(function("        Type: AllAtOnce") + group));
    let lost: Vec<&str> = imported
        .not_expressed
        .iter()
        .map(|n| n.text.as_str())
        .collect();
    assert!(
        lost[0].contains("the Auto Scaling group Fleet is not read"),
        "{lost:?}"
    );
    assert!(
        lost[1].contains("Fn::ForEach::Each makes resources that are not expanded"),
        "{lost:?}"
    );
    let alone = refused(&format!("Resources:\n{group}"));
    assert!(alone.contains("Auto Scaling group Fleet"), "{alone}");
}
