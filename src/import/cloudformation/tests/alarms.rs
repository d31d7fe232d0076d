//! Alarms of CloudWatch.

use super::*;
use crate::import::Alarm;

/// A canary that an alarm with these properties stops; what its metric is may be among them.
fn stopped_by(properties: &str) -> Imported {
    let template = function("        Type: Canary10Percent5Minutes\n        Alarms: [!Ref A]")
        + "  A:
    Type: AWS::CloudWatch::Alarm
    Properties:
" + properties;
    one(&template)
}

fn alarm(properties: &str) -> Alarm {
    let imported = stopped_by(properties);
    assert_eq!(imported.alarms.len(), 1, "{imported:?}");
    imported.alarms[0].clone()
}

/// Why an alarm is not expressed.
fn lost(properties: &str) -> String {
    let imported = stopped_by(properties);
    assert!(imported.alarms.is_empty(), "{imported:?}");
    imported.not_expressed[0].text.clone()
}

const ERRORS: &str = "      Namespace: AWS/Lambda
      MetricName: Errors
      Statistic: Sum
      Threshold: '1'
      ComparisonOperator: GreaterThanOrEqualToThreshold
      TreatMissingData: notBreaching
";

#[test]
fn long_periods_slide_and_short_ones_do_so_faster() {
    let of = |more: &str| alarm(&format!("{ERRORS}{more}"));
    let five = of("      Period: 300\n      EvaluationPeriods: 3\n");
    assert_eq!((five.period_s, five.every_s), (300, Some(60)));
    assert_eq!(five.datapoints, "3 of 3");
    assert_eq!(five.missing, "cloudwatch:not-breaching");
    let minute = of("      Period: 60\n      EvaluationPeriods: 5\n      DatapointsToAlarm: '2'\n");
    assert_eq!((minute.period_s, minute.every_s), (60, None));
    assert_eq!(minute.datapoints, "2 of 5");
    let short = of("      Period: 30\n      EvaluationPeriods: 1\n");
    assert_eq!((short.period_s, short.every_s), (30, Some(10)));
}

#[test]
fn an_alarm_on_a_version_reads_the_new_one_only() {
    let dimension = "      Period: 60
      EvaluationPeriods: 1
      Dimensions:
        - { Name: ExecutedVersion, Value: !GetAtt F.Version.Version }
";
    assert_eq!(alarm(&format!("{ERRORS}{dimension}")).scope, "canary");
    let all = "      Period: 60\n      EvaluationPeriods: 1\n";
    assert_eq!(alarm(&format!("{ERRORS}{all}")).scope, "zone");
}

#[test]
fn what_cloudwatch_refuses_and_what_is_no_count_of_requests_is_told() {
    for (more, reason) in [
        (
            "Period: 60\n      EvaluationPeriods: 2\n      DatapointsToAlarm: 3",
            "refuses 3 datapoints to alarm out of 2",
        ),
        (
            "Period: 45\n      EvaluationPeriods: 2",
            "refuses a period of 45s",
        ),
        (
            "Period: 60\n      EvaluationPeriods: 1441",
            "periods that together cover 86460s: at most 86400s",
        ),
        ("EvaluationPeriods: 1", "`Period` is missing"),
        ("Period: 60", "`EvaluationPeriods` is missing"),
        (
            "Period: 60\n      EvaluationPeriods: 1\n      ThresholdMetricId: ad",
            "an anomaly band",
        ),
    ] {
        let text = lost(&format!("{ERRORS}      {more}\n"));
        assert!(text.contains(reason), "{more}: {text}");
    }
    let queue =
        ERRORS.replace("AWS/Lambda", "AWS/SQS") + "      Period: 60\n      EvaluationPeriods: 1\n";
    assert!(lost(&queue).contains("the metric AWS/SQS Errors is not known to count requests"));
}

#[test]
fn a_metric_that_leaves_out_zeros_is_told_where_it_matters() {
    let balancer = ERRORS.replace("AWS/Lambda", "AWS/ApplicationELB").replace(
        "MetricName: Errors",
        "MetricName: HTTPCode_Target_5XX_Count",
    );
    let told = |periods: u32| {
        let imported = stopped_by(&format!(
            "{balancer}      Period: 60\n      EvaluationPeriods: {periods}\n"
        ));
        let says =
            |note: &crate::import::Note| note.text.contains("no datapoint where nothing failed");
        (
            imported.assumptions.iter().any(says),
            imported.not_expressed.iter().any(says),
        )
    };
    assert_eq!(told(1), (true, false));
    assert_eq!(told(2), (false, true));
}

#[test]
fn a_rate_with_a_volume_guard() {
    let rate = alarm(
        "      EvaluationPeriods: 1
      Threshold: 10
      ComparisonOperator: GreaterThanOrEqualToThreshold
      TreatMissingData: notBreaching
      Metrics:
        - Id: calls
          ReturnData: false
          MetricStat: { Metric: { Namespace: AWS/Lambda, MetricName: Invocations }, Period: 60, Stat: Sum }
        - Id: errors
          ReturnData: false
          MetricStat: { Metric: { Namespace: AWS/Lambda, MetricName: Errors }, Period: 60, Stat: Sum }
        - { Id: percent, ReturnData: false, Expression: (errors/calls)*100 }
        - { Id: guarded, ReturnData: true, Expression: 'IF(calls >= 5, percent)' }
",
    );
    assert_eq!(rate.when, "errors >= 10%");
    assert_eq!(
        (rate.min_requests, rate.missing),
        (Some(5.0), "cloudwatch:not-breaching")
    );
    let ring = "      EvaluationPeriods: 1
      Threshold: 10
      ComparisonOperator: GreaterThanThreshold
      Metrics:
        - { Id: a, Period: 60, ReturnData: false, Expression: b }
        - { Id: b, Period: 60, Expression: a }
";
    assert!(lost(ring).contains("refers to itself"));
}

#[test]
fn any_of_the_alarms_of_a_composite_one_stops_it_too() {
    let composite = |rule: &str| {
        let parts = format!("{ERRORS}      Period: 60\n      EvaluationPeriods: 1\n");
        let child = |name: &str| {
            format!(
                "  {name}:\n    Type: AWS::CloudWatch::Alarm\n    Properties:\n      AlarmName: our-{name}\n{parts}"
            )
        };
        one(
            &(function("        Type: Canary10Percent5Minutes\n        Alarms: [!Ref Any]")
                + &child("B")
                + &child("C")
                + &format!(
                    "  Any:\n    Type: AWS::CloudWatch::CompositeAlarm\n    Properties:\n      AlarmRule: {rule}\n"
                )),
        )
    };
    let names = |imported: &Imported| -> Vec<String> {
        imported
            .alarms
            .iter()
            .map(|alarm| alarm.name.clone())
            .collect()
    };
    assert_eq!(
        names(&composite("!Sub 'ALARM(${B}) OR ALARM(\"our-C\")'")),
        ["B", "C"]
    );
    let both = composite("'ALARM(our-B) AND ALARM(our-C)'");
    assert!(both.alarms.is_empty());
    assert!(
        both.not_expressed[0]
            .text
            .contains("several alarms that must be raised at once")
    );
}

#[test]
fn an_alarm_that_is_not_in_the_file_is_told() {
    let template = function("        Type: AllAtOnce\n        Alarms: [elsewhere]");
    let imported = one(&template);
    assert_eq!(
        imported.not_expressed[0].text,
        "the alarm elsewhere is not in this file"
    );
    assert_eq!(imported.not_expressed[0].at.line, 8);
}

#[test]
fn somebody_may_say_what_a_metric_is_taken_for() {
    let queue =
        ERRORS.replace("AWS/Lambda", "Ours") + "      Period: 60\n      EvaluationPeriods: 1\n";
    let template = function("        Type: AllAtOnce\n        Alarms: [!Ref A]")
        + "  A:\n    Type: AWS::CloudWatch::Alarm\n    Properties:\n"
        + &queue;
    let settings = Settings {
        metrics: [("A".to_owned(), "errors > 2%".to_owned())].into(),
        ..Settings::default()
    };
    let input = Input {
        name: "t",
        bytes: template.as_bytes(),
    };
    let imported = import(&[input], Some("cloudformation"), &settings).unwrap();
    assert_eq!(imported[0].alarms[0].when, "errors > 2%");
}

#[test]
fn alarms_without_a_rollout_page() {
    let file = format!(
        "{{\"A\": {{\"Type\": \"AWS::CloudWatch::Alarm\", \"Properties\": {{
          \"Namespace\": \"AWS/Lambda\", \"MetricName\": \"Errors\", \"Statistic\": \"Sum\", \"Period\": 60,
          \"EvaluationPeriods\": 2, \"Threshold\": {}, \"ComparisonOperator\": \"GreaterThanThreshold\"}}}}}}",
        0
    );
    let imported = one(&file);
    assert!(imported.schedule.is_empty() && imported.strategy.is_none());
    assert_eq!((imported.full_s, imported.done_s), (None, None));
    assert_eq!(imported.alarms[0].does, "page");
}
