//! What faults and their triggers mean in the plan.

use super::*;
use crate::calendar::format_moment;
use crate::plan::*;
use crate::random::Dist;

fn trigger(text: &str) -> Trigger {
    let plan = plan(&with_strategy(&format!(
        "[fault.f]\ntrigger = {text}\nadds = {{ errors = \"5%\" }}"
    )));
    plan.change.faults[1].trigger.clone()
}

#[test]
fn every_trigger_is_read() {
    let check = |text: &str, kind: &str, scope: Scope, varies: Varies| {
        let trigger = trigger(text);
        assert_eq!(trigger.scope, scope, "{text}");
        assert_eq!(trigger.varies, varies, "{text}");
        assert_eq!(format!("{:?}", trigger.kind), kind, "{text}");
    };
    let debug = |kind: TriggerKind| format!("{kind:?}");
    let fleet = Scope::Fleet;
    check(
        "{ delay = \"5m\" }",
        &debug(TriggerKind::Delay(certain(300.0))),
        fleet,
        Varies::Alike,
    );
    check(
        "{ delay = \"5m\", scope = \"cohort\", varies = \"all\" }",
        &debug(TriggerKind::Delay(certain(300.0))),
        Scope::Cohort,
        Varies::All,
    );
    check(
        "{ requests = \"1e6 to 1e9\", scope = \"zone\" }",
        &debug(TriggerKind::Requests(between(1e6, 1e9))),
        Scope::Zone,
        Varies::Alike,
    );
    check(
        "{ requests = 24_000 }",
        &debug(TriggerKind::Requests(certain(24_000.0))),
        fleet,
        Varies::Alike,
    );
    check(
        "{ share = \"50%\", scope = \"region\", after = \"1h\" }",
        &debug(TriggerKind::Share {
            share: 0.5,
            after: certain(3_600.0),
        }),
        Scope::Region,
        Varies::Alike,
    );
    check(
        "{ traffic = 1.4, scope = \"zone\" }",
        &debug(TriggerKind::Traffic {
            times: 1.4,
            after: Dist::zero(),
        }),
        Scope::Zone,
        Varies::Alike,
    );
    check(
        "{ mixed = true, scope = \"zone\" }",
        &debug(TriggerKind::Mixed),
        Scope::Zone,
        Varies::Alike,
    );
    let Varies::Factor { sigma } = trigger("{ delay = \"5m\", varies = 1.3 }").varies else {
        panic!("a factor")
    };
    // ln(1.3) over the 95th percentile of the standard normal distribution (tables: 1.6449).
    assert!(
        (sigma - 0.262_364_264 / 1.644_853_627).abs() < 1e-9,
        "{sigma}"
    );
    assert_eq!(
        trigger("{ delay = \"5m\", varies = 1 }").varies,
        Varies::Alike
    );
}

#[test]
fn a_time_of_day_is_local_to_each_region_and_has_its_scope() {
    let midnight = trigger("{ clock = \"00:00\" }");
    assert_eq!(midnight.scope, Scope::Region);
    let TriggerKind::Daily(instants) = midnight.kind else {
        panic!("{:?}", midnight.kind)
    };
    // Midnight of 3 March: 05:00 in universal time for New York, 08:00 for Los Angeles.
    let after_start = |list: &[f64]| list.iter().copied().find(|t| *t > 1_772_442_000.0).unwrap();
    assert_eq!(
        format_moment(after_start(&instants[0])),
        "2026-03-03T05:00:00.000Z"
    );
    assert_eq!(
        format_moment(after_start(&instants[1])),
        "2026-03-03T08:00:00.000Z"
    );
    // They reach from before the start to beyond the horizon.
    assert!(instants[0][0] < 1_772_442_000.0);
    assert!(*instants[0].last().unwrap() > 1_772_442_000.0 + 60.0 * 86_400.0);
    assert_eq!(
        trigger("{ clock = \"00:00\", scope = \"zone\" }").scope,
        Scope::Zone
    );
    let utc = trigger("{ clock = \"00:00\", tz = \"UTC\", scope = \"fleet\" }");
    assert_eq!(utc.scope, Scope::Fleet);
    let TriggerKind::Daily(instants) = utc.kind else {
        panic!("{:?}", utc.kind)
    };
    assert_eq!(instants[0], instants[1]);
}

#[test]
fn a_moment_is_the_same_everywhere_unless_it_is_local() {
    let moments = |text: &str| {
        let trigger = trigger(text);
        let TriggerKind::Moment(moments) = trigger.kind else {
            panic!("{:?}", trigger.kind)
        };
        (moments, trigger.scope)
    };
    let noon = 1_775_044_800.0;
    assert_eq!(
        moments("{ clock = \"2026-04-01T12:00:00Z\" }"),
        (vec![noon; 2], Scope::Fleet)
    );
    assert_eq!(
        moments("{ clock = 2026-04-01T12:00:00Z, scope = \"cohort\" }"),
        (vec![noon; 2], Scope::Cohort)
    );
    let summer = "{ clock = \"2026-04-01T13:00\", tz = \"Europe/London\" }";
    assert_eq!(moments(summer), (vec![noon; 2], Scope::Fleet));
    let local = "{ clock = \"2026-04-01T12:00\", tz = \"local\" }";
    assert_eq!(
        moments(local),
        (
            vec![noon + 4.0 * 3_600.0, noon + 7.0 * 3_600.0],
            Scope::Region
        )
    );
}

#[test]
fn faults_have_all_their_keys() {
    let plan = plan(&with_strategy(
        r#"
preproduction = [{ name = "gamma" }]
tests = [{ name = "smoke", at = "pre-traffic", needs_active = true }, { name = "after", at = "post-traffic", flake = "1%" }]
[fault.f]
weight = 2.5
trigger = { delay = "1m to 30m", scope = "region" }
adds = { errors = "100%", slow = 0.5 }
ramp = "20m"
spill = { fixed = "100%", scope = "fleet" }
lingers = "0.5: 0s | 0.5: 1h to 6h"
unseen = "30%"
susceptible = ["west"]
caught_by = { gamma = 0.2, after = "5%" }
[fault.g]
trigger = { delay = "0s" }
adds = { slow = "1%" }
spill = { times = 2, scope = "zone" }
susceptible = "25%"
"#,
    ));
    let f = &plan.change.faults[1];
    assert_eq!(f.weight, 2.5);
    assert_eq!(f.adds, [(0, certain(1.0)), (1, certain(0.5))]);
    assert_eq!(f.ramp, certain(1_200.0));
    let spill = f.spill.unwrap();
    assert_eq!(
        (spill.kind, spill.scope),
        (SpillKind::Fixed(1.0), Scope::Fleet)
    );
    let lingers = Dist::mixture(vec![(0.5, certain(0.0)), (0.5, between(3_600.0, 21_600.0))]);
    assert_eq!(f.lingers, Some(lingers.unwrap()));
    assert_eq!(f.unseen, 0.3);
    assert_eq!(f.susceptible, Susceptible::Listed(vec![false, true]));
    let g = &plan.change.faults[2];
    assert_eq!(g.spill.unwrap().kind, SpillKind::Times(2.0));
    assert_eq!(g.susceptible, Susceptible::Chance(0.25));
    assert_eq!(plan.change.faults[0].susceptible, Susceptible::All);
    let strategy = &plan.strategies[0];
    assert_eq!(strategy.preproduction[0].sees, [0.0, 0.2, 0.0]);
    assert_eq!(strategy.pre_traffic[0].sees, [0.0, 0.0, 0.0]);
    assert!(strategy.pre_traffic[0].needs_active && !strategy.post_traffic[0].needs_active);
    assert_eq!(strategy.post_traffic[0].sees, [0.0, 0.05, 0.0]);
    assert_eq!(strategy.post_traffic[0].flake, 0.01);
}
