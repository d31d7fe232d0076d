//! What the tables of the world mean in the plan.

use super::*;
use crate::calendar::{Intervals, format_moment};
use crate::plan::*;
use crate::random::Dist;

fn certain(seconds: f64) -> Dist {
    Dist::certain(seconds).unwrap()
}

fn between(p5: f64, p95: f64) -> Dist {
    Dist::between(p5, p95).unwrap()
}

fn plan(text: &str) -> Plan {
    read(text).plan
}

#[test]
fn the_whole_language_is_read() {
    let scenario = read(WHOLE);
    let plan = &scenario.plan;
    assert_eq!(plan.name, "hands-off waves");
    assert_eq!(plan.fleet.regions.len(), 6);
    assert_eq!(plan.slis[0].objective, Some(0.999));
    assert_eq!(plan.change.bad, 0.04);
    assert_eq!(plan.change.per_week, 3.0);
    assert_eq!(plan.strategies[0].waves.len(), 4);
    let budgets: Vec<_> = scenario
        .budgets
        .iter()
        .map(|b| (b.name.as_str(), b.given.as_deref()))
        .collect();
    assert_eq!(
        budgets,
        [
            ("reach", Some("faulty")),
            ("silent", None),
            ("ratchet", Some("faulty"))
        ]
    );
}

/// Every key below a table, and the places of the single values that it has, in bytes.
fn keys_and_values(
    table: &toml::de::DeTable<'_>,
    found: &mut Vec<(String, Vec<std::ops::Range<usize>>)>,
) {
    use toml::de::DeValue;
    for (key, value) in table {
        let (mut left, mut places) = (vec![value], Vec::new());
        while let Some(value) = left.pop() {
            match value.get_ref() {
                DeValue::Table(inner) => keys_and_values(inner, found),
                DeValue::Array(items) => left.extend(items.iter()),
                _ => places.push(value.span()),
            }
        }
        found.push((key.get_ref().to_string(), places));
    }
}

fn keys_of_the_whole() -> Vec<(String, Vec<std::ops::Range<usize>>)> {
    let mut found = Vec::new();
    let table = toml::de::DeTable::parse(WHOLE).unwrap();
    keys_and_values(table.get_ref(), &mut found);
    found
}

/// Whoever adds a key adds it to the whole scenario.
#[test]
fn the_whole_scenario_has_every_key() {
    let found = keys_of_the_whole();
    let has = |word: &str| found.iter().any(|(key, _)| key == word);
    let words = vocabulary::TABLES.iter().flat_map(|t| t.names());
    let missing: Vec<&str> = words.filter(|w| !has(w) && *w != "use").collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// A key that no reader asks for would be accepted whatever it says.
#[test]
fn no_value_is_accepted_unread() {
    let found = keys_of_the_whole();
    let places: Vec<_> = found
        .iter()
        .flat_map(|(key, places)| places.iter().map(move |place| (key, place)))
        .collect();
    assert!(places.len() > 200, "{}", places.len());
    for (key, place) in places {
        let text = format!("{}[[{{}}]]{}", &WHOLE[..place.start], &WHOLE[place.end..]);
        assert!(parse(&text).is_err(), "{key} at {place:?} is not read");
    }
}

#[test]
fn what_is_not_said_has_a_default() {
    let plan =
        plan("format = 1\n[region.one]\nrps = 8\n[strategy.all]\nsteps = [{ to = \"100%\" }]\n");
    assert_eq!(plan.name, "scenario");
    let Start::At(start) = plan.start else {
        panic!("{:?}", plan.start)
    };
    assert_eq!(format_moment(start), "2026-03-02T09:00:00.000Z");
    assert_eq!((plan.watch_s, plan.horizon_s), (86_400.0, 60.0 * 86_400.0));
    let region = &plan.fleet.regions[0];
    assert_eq!((region.zones.clone(), region.boxes_per_zone), (0..1, 1));
    assert!(plan.fleet.curves[region.curve].is_flat());
    let slis: Vec<_> = plan
        .slis
        .iter()
        .map(|s| (s.name.as_str(), s.base))
        .collect();
    assert_eq!(slis, [("errors", 0.0)]);
    assert_eq!((plan.change.bad, plan.change.per_week), (0.0, 1.0));
    assert_eq!(plan.oncall.hours, Intervals::always());
    assert_eq!(plan.oncall.acts_on_report, 1);
    assert!(plan.oncall.responds.is_none() && plan.retry.is_none() && plan.warm_up.is_none());
    let strategy = &plan.strategies[0];
    assert_eq!(strategy.rollback.scope, RollbackScope::Fleet);
    assert!(strategy.rollback.takes.is_zero());
    assert_eq!(strategy.waves.len(), 1);
    let wave = &strategy.waves[0];
    assert_eq!((wave.parallel, wave.spec.clone()), (1, TargetSpec::Rest));
    assert_eq!(
        wave.batches,
        Batches {
            sizes: vec![1],
            rest: false
        }
    );
    assert!(wave.windows.is_none() && wave.bake.is_none() && wave.zone_bake.is_none());
    let step = &wave.steps[0];
    assert!(step.takes.is_zero() && step.bake.is_none());
    assert_eq!(
        (step.to, step.parts),
        (StepShare::Exact(1.0), Parts::Equal(1))
    );
}

#[test]
fn traffic_is_spread_evenly_over_zones_and_scaled_to_the_service() {
    let plan = plan(&with_strategy(
        "[service]\nrps = 3_000\nbase = { errors = \"0.2%\", slow = \"1%\" }",
    ));
    let rps: Vec<f64> = plan.fleet.regions.iter().map(|r| r.rps).collect();
    assert_eq!(rps, [2_000.0, 1_000.0]);
    assert_eq!(plan.fleet.rps, 3_000.0);
    let zones: Vec<_> = plan
        .fleet
        .zones
        .iter()
        .map(|z| (z.name.as_str(), z.rps))
        .collect();
    assert_eq!(
        zones,
        [
            ("east/1", 1_000.0),
            ("east/2", 1_000.0),
            ("west/1", 500.0),
            ("west/2", 500.0)
        ]
    );
    let bases: Vec<_> = plan
        .slis
        .iter()
        .map(|s| (s.name.as_str(), s.base))
        .collect();
    assert_eq!(bases, [("errors", 0.002), ("slow", 0.01)]);
}

#[test]
fn regions_of_one_profile_and_time_zone_share_a_curve() {
    let region = |name: &str, tz: &str, profile: &str| {
        format!("[region.{name}]\nrps = 1\ntz = {tz:?}\nprofile = {profile:?}\n")
    };
    let text = [
        "format = 1\n[strategy.all]\nsteps = [{ to = \"100%\" }]\n[profile.mine]\nhours = [",
        &"1, ".repeat(24),
        "]\nweekend = 0.5\n",
        &region("a", "Europe/Berlin", "office-hours"),
        &region("b", "Europe/Berlin", "office-hours"),
        &region("c", "Europe/Paris", "office-hours"),
        &region("d", "Europe/Paris", "flat"),
        &region("e", "Asia/Tokyo", "flat"),
        &region("f", "Asia/Tokyo", "mine"),
    ]
    .concat();
    let plan = plan(&text);
    let curves: Vec<usize> = plan.fleet.regions.iter().map(|r| r.curve).collect();
    assert_eq!(curves, [0, 0, 1, 2, 2, 3]);
    assert_eq!(plan.fleet.curves.len(), 4);
    // Saturday, 7 March 2026, noon in Tokyo.
    assert_eq!(plan.fleet.curves[3].at(1_772_852_400.0), 0.5);
}

#[test]
fn a_range_of_dates_is_its_hours() {
    let start = "start = { from = \"2026-03-02\", to = \"2026-03-08\", days = \"Mon,Sat\", hours = \"08:00-17:00\", tz = \"Europe/London\" }";
    let plan = plan(&with_strategy(&format!("[scenario]\n{start}")));
    let Start::Within(hours) = plan.start else {
        panic!("{:?}", plan.start)
    };
    let spans: Vec<String> = hours
        .iter()
        .map(|(from, to)| {
            format!(
                "{} {}",
                &format_moment(from)[..16],
                &format_moment(to)[11..16]
            )
        })
        .collect();
    assert_eq!(spans, ["2026-03-02T08:00 17:00", "2026-03-07T08:00 17:00"]);
}

#[test]
fn dates_need_no_quotes() {
    let start = |text: &str| plan(&with_strategy(&format!("[scenario]\nstart = {text}"))).start;
    let Start::At(moment) = start("2026-03-02T09:00:00Z") else {
        panic!("a moment")
    };
    assert_eq!(moment, 1_772_442_000.0);
    let Start::Within(hours) = start("{ from = 2026-03-02, to = 2026-03-02 }") else {
        panic!("a range")
    };
    assert_eq!(hours.total(), 86_400.0);
}

#[test]
fn incidents_look_back_as_far_as_they_last() {
    let text = with_strategy(
        "[incidents.dep]\nrate = \"2 per year\"\nadds = { errors = \"1% to 10%\" }\nlasts = \"uniform(0s, 100s)\"\n[warmup]\nadds = { errors = \"0.1%\" }\nlasts = \"1m\"",
    );
    let plan = plan(&text);
    let incident = &plan.incidents[0];
    assert_eq!(incident.scope, IncidentScope::Region);
    assert_eq!(incident.rate_per_s, 2.0 / (365.0 * 86_400.0));
    assert!(
        (incident.look_back_s - 100.0).abs() < 1e-6,
        "{}",
        incident.look_back_s
    );
    assert_eq!(incident.adds, [(0, between(0.01, 0.1))]);
    assert_eq!(plan.warm_up.unwrap().lasts, certain(60.0));
}

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

#[test]
fn the_on_call_has_hours_and_answers_by_them() {
    let plan = plan(&with_strategy(
        "[oncall]\nhours = { days = \"Mon-Fri\", hours = \"09:00-18:00\", tz = \"Europe/London\" }\nresponds = { inside = \"5m\", outside = \"1h\" }\nreports_per_bad_request = 1e-5\nacts_on_report = 3\n[retry]\nafter = \"2h\"\nmax = 2",
    ));
    let responds = plan.oncall.responds.unwrap();
    assert_eq!(
        (responds.inside, responds.outside),
        (certain(300.0), certain(3_600.0))
    );
    assert_eq!(
        (
            plan.oncall.reports_per_bad_request,
            plan.oncall.acts_on_report
        ),
        (1e-5, 3)
    );
    // Monday, 2 March 2026, 09:00 UTC is 09:00 in London.
    assert!(plan.oncall.hours.contains(1_772_442_000.0));
    assert!(!plan.oncall.hours.contains(1_772_442_000.0 - 1.0));
    let retry = plan.retry.unwrap();
    assert_eq!((retry.after, retry.max), (certain(7_200.0), 2));
}

#[test]
fn values_are_listed_with_where_they_come_from() {
    let text = with_strategy(
        "[sli.errors]\nbase = { value = \"0.05%\", from = \"measured\", source = \"dashboards\", range = \"0.01% to 0.1%\" }",
    );
    let scenario = read(&text);
    let input = scenario
        .inputs
        .iter()
        .find(|i| i.key == "sli.errors.base")
        .unwrap();
    assert_eq!(input.value, "\"0.05%\"");
    assert_eq!(input.from, Some(Provenance::Measured));
    assert_eq!(input.source.as_deref(), Some("dashboards"));
    assert_eq!(input.range.as_deref(), Some("0.01% to 0.1%"));
    assert_eq!(
        text.lines().nth(input.line - 1).unwrap().split(' ').next(),
        Some("base")
    );
    assert_eq!(scenario.plan.slis[0].base, 0.0005);
    let keys: Vec<&str> = scenario.inputs.iter().map(|i| i.key.as_str()).collect();
    for key in [
        "region.east.rps",
        "fault.bug.adds.errors",
        "strategy.all.steps[0].to",
        "change.bad",
    ] {
        assert!(keys.contains(&key), "{key} in {keys:?}");
    }
    let mut unique = keys.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), keys.len(), "no value is listed twice");
}

#[test]
fn any_key_can_say_where_its_value_comes_from() {
    let text = with_strategy(
        r#"
waves = { value = [{ regions = { value = 1, from = "guess" }, bake = { value = "1h", from = "guess" } }, { regions = "rest" }], from = "guess" }
[fault.f]
trigger = { value = { delay = { value = "5m", from = "published" } }, from = "guess" }
adds = { errors = { value = "5% to 10%", from = "guess" } }
"#,
    );
    let plan = plan(&text);
    assert_eq!(plan.strategies[0].waves.len(), 2);
    assert_eq!(plan.change.faults[1].adds[0].1, between(0.05, 0.1));
}
