//! What the tables of the world mean in the plan.

use super::*;
use crate::calendar::{Intervals, format_moment};
use crate::plan::*;

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
