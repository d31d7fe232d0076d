//! What alarms mean in the plan.

use super::*;
use crate::plan::*;

fn alarm(keys: &str) -> Alarm {
    let text = with_strategy(&format!(
        "approval = \"1h\"\n[oncall]\nresponds = \"5m\"\n[alarm.a]\nscope = \"zone\"\nwhen = \"errors > 1%\"\n{keys}"
    ));
    plan(&text).strategies[0].alarms[0].clone()
}

#[test]
fn lengths_of_an_alarm_follow_from_each_other() {
    for (keys, (every, period, window)) in [
        ("", (60, 60, 60)),
        ("period = \"5m\"", (300, 300, 300)),
        ("every = \"10s\"", (10, 10, 10)),
        ("window = \"1h\"", (60, 60, 3_600)),
        ("every = \"1m\"\nperiod = \"5m\"", (60, 300, 300)),
        (
            "every = \"1m\"\nperiod = \"5m\"\nwindow = \"90s\"",
            (60, 300, 90),
        ),
    ] {
        let alarm = alarm(keys);
        assert_eq!(
            (alarm.every_s, alarm.period_s, alarm.window_s),
            (every, period, window),
            "{keys:?}"
        );
    }
}

#[test]
fn alarms_have_all_their_keys() {
    let a = alarm("");
    assert_eq!(a.rule, Rule::MOfN { m: 1, n: 1 });
    assert_eq!(
        (a.min_requests, a.missing, a.does),
        (0.0, Missing::NotBreaching, Action::RollBack)
    );
    assert_eq!(
        (a.watches, a.grid, a.lag_s),
        (Watches::Rollout, Grid::WallClock, 0.0)
    );
    assert!(a.and.is_none() && a.steps.is_none() && a.probes.is_none() && !a.resets_on_step);
    let a = alarm(
        r#"
period = "1m"
lag = "90s"
datapoints = "3 of 5"
min_requests = 50
missing = "cloudwatch"
and = { when = "requests < 20", window = "5m" }
does = "pause"
watches = "step"
steps = { from = 2 }
resets = "step"
grid = "deployment"
"#,
    );
    assert_eq!(a.rule, Rule::MOfN { m: 3, n: 5 });
    assert_eq!((a.lag_s, a.min_requests), (90.0, 50.0));
    assert_eq!(a.missing, Missing::CloudWatch(SilentFill::Missing));
    let and = a.and.unwrap();
    assert_eq!(
        and.condition,
        Condition::RequestsBelow {
            under: 20.0,
            inclusive: false
        }
    );
    assert_eq!(and.window_s, 300);
    assert_eq!(
        (a.does, a.watches, a.grid),
        (Action::Pause, Watches::Step, Grid::Deployment)
    );
    assert_eq!(
        a.steps,
        Some(StepLimits {
            from: 2,
            to: u32::MAX
        })
    );
    assert!(a.resets_on_step);
    assert_eq!(alarm("probes = 6").probes, Some(6));
    assert_eq!(alarm("does = \"page\"").does, Action::Page);
    assert_eq!(alarm("does = \"hold\"").does, Action::Hold);
    for (text, fill) in [
        ("ignore", SilentFill::Ignore),
        ("breaching", SilentFill::Breaching),
        ("not-breaching", SilentFill::NotBreaching),
    ] {
        let read = alarm(&format!("missing = \"cloudwatch:{text}\"")).missing;
        assert_eq!(read, Missing::CloudWatch(fill));
    }
}
