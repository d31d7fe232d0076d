//! What strategies mean in the plan.

use super::*;
use crate::calendar::format_moment;
use crate::plan::*;
use crate::random::Dist;

fn ours(keys: &str) -> Strategy {
    read(&strategy_of(keys)).plan.strategies[0].clone()
}

/// Names of the zones of each wave's targets.
fn targets(keys: &str) -> Vec<Vec<Vec<String>>> {
    let plan = read(&strategy_of(&format!(
        "steps = [{{ to = \"100%\" }}]\n{keys}"
    )))
    .plan;
    let names = |t: &Target| {
        t.zones
            .iter()
            .map(|z| plan.fleet.zones[*z].name.clone())
            .collect()
    };
    let waves = plan.strategies[0].fixed_targets.as_ref().unwrap();
    waves
        .iter()
        .map(|wave| wave.iter().map(names).collect())
        .collect()
}

#[test]
fn steps_are_one_box_shares_or_whole_boxes() {
    let steps = ours(
        r#"steps = [
        { to = "one-box", takes = "2m to 6m", bake = "1h" },
        { to = "33%", in = "boxes" },
        { to = 0.5, in = 4 },
        { to = "100%", bake = { for = "10m", min_requests = 1e6, at_most = "12h", then = "stop" } }]"#,
    )
    .waves[0]
        .steps
        .clone();
    let shares: Vec<StepShare> = steps.iter().map(|s| s.to).collect();
    assert_eq!(
        shares,
        [
            StepShare::OneBox,
            StepShare::Exact(0.33),
            StepShare::Exact(0.5),
            StepShare::Exact(1.0)
        ]
    );
    let parts: Vec<Parts> = steps.iter().map(|s| s.parts).collect();
    assert_eq!(
        parts,
        [
            Parts::Equal(1),
            Parts::Boxes,
            Parts::Equal(4),
            Parts::Equal(1)
        ]
    );
    assert_eq!(steps[0].takes, Dist::between(120.0, 360.0).unwrap());
    let Some(Bake {
        kind: BakeKind::Timed(bake),
        ..
    }) = &steps[3].bake
    else {
        panic!("{:?}", steps[3].bake)
    };
    assert_eq!(bake.lasts.as_certain(), Some(600.0));
    assert_eq!(
        (bake.min_requests, bake.at_most_s, bake.then),
        (1e6, Some(43_200.0), Then::Stop)
    );
    let rounded = ours("round = \"boxes\"\nsteps = [{ to = \"one-box\" }, { to = \"25%\" }]").waves
        [0]
    .steps
    .clone();
    assert_eq!(
        (rounded[0].to, rounded[1].to),
        (StepShare::OneBox, StepShare::WholeBoxes(0.25))
    );
}

#[test]
fn waves_take_the_next_regions_named_ones_or_the_rest() {
    let one = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let (east, west) = (one(&["east/1", "east/2"]), one(&["west/1", "west/2"]));
    assert_eq!(targets(""), [vec![east.clone(), west.clone()]]);
    let waves = "waves = [{ regions = 1 }, { regions = \"rest\" }]";
    assert_eq!(targets(waves), [vec![east.clone()], vec![west.clone()]]);
    assert_eq!(
        targets(&format!("order = \"smallest-first\"\n{waves}")),
        [vec![west.clone()], vec![east.clone()]]
    );
    assert_eq!(
        targets(&format!("order = \"largest-first\"\n{waves}")),
        [vec![east.clone()], vec![west.clone()]]
    );
    assert_eq!(
        targets("waves = [{ regions = [\"west\", \"east/2\"] }, { regions = 3 }]"),
        [vec![west.clone(), one(&["east/2"])], vec![one(&["east/1"])]]
    );
    // A region named as a whole has the zones that are not named singly, before or after.
    assert_eq!(
        targets("waves = [{ regions = [\"east/1\"] }, { regions = [\"east\", \"west\"] }]"),
        [vec![one(&["east/1"])], vec![one(&["east/2"]), west.clone()]]
    );
    // A region that a later wave names is not among the next ones.
    assert_eq!(
        targets("waves = [{ regions = \"rest\" }, { regions = [\"east\"] }]"),
        [vec![west], vec![east]]
    );
}

#[test]
fn regions_of_equal_traffic_keep_their_order_and_a_random_one_has_none() {
    let text = small(
        "[region.north]\nrps = 50\n[strategy.ours]\nsteps = [{ to = \"100%\" }]\norder = \"smallest-first\"",
    );
    let plan = read(&text).plan;
    assert_eq!(plan.strategies[0].order, Order::Fixed(vec![1, 2, 0]));
    let random = ours(
        "order = \"random\"\nsteps = [{ to = \"100%\" }]\nwaves = [{ regions = 1 }, { regions = 1 }]",
    );
    assert_eq!(random.order, Order::Random);
    assert!(random.fixed_targets.is_none());
}

#[test]
fn a_wave_may_differ_in_steps_zones_and_windows() {
    let strategy = ours(
        r#"
steps = [{ to = "one-box" }, { to = "100%" }]
zones = { batches = [1, "rest"], bake = "30m" }
windows = { days = "Mon-Fri", hours = "09:00-17:00" }
waves = [
  { regions = 1, bake = "12h" },
  { regions = "rest", parallel = 5, steps = [{ to = "100%" }], zones = { batches = ["rest"] }, windows = "always" },
]"#,
    );
    let [first, second] = &strategy.waves[..] else {
        panic!("two waves")
    };
    assert_eq!((first.steps.len(), second.steps.len()), (2, 1));
    assert_eq!((first.parallel, second.parallel), (1, 5));
    assert_eq!(
        first.batches,
        Batches {
            sizes: vec![1],
            rest: true
        }
    );
    assert_eq!(
        second.batches,
        Batches {
            sizes: vec![],
            rest: true
        }
    );
    assert!(first.zone_bake.is_some() && second.zone_bake.is_none());
    assert!(first.bake.is_some() && second.bake.is_none());
    assert!(first.windows.is_some() && second.windows.is_none());
}

/// Where the windows of a region open and close for the first time after the start.
fn first_opening(strategy: &Strategy, region: usize) -> String {
    let windows = strategy.waves[0].windows.as_ref().unwrap();
    let start = 1_772_442_000.0;
    let (from, to) = windows.by_region[region]
        .iter()
        .find(|(_, to)| *to > start)
        .unwrap();
    format!(
        "{} {}",
        &format_moment(from)[5..16],
        &format_moment(to)[5..16]
    )
}

#[test]
fn windows_are_local_to_each_region_or_those_of_one_zone() {
    let steps = "steps = [{ to = \"100%\" }]";
    let local = ours(&format!(
        "{steps}\nwindows = {{ days = \"Mon-Fri\", hours = \"09:00-17:00\" }}"
    ));
    assert_eq!(first_opening(&local, 0), "03-02T14:00 03-02T22:00");
    assert_eq!(first_opening(&local, 1), "03-02T17:00 03-03T01:00");
    let london = ours(&format!(
        "{steps}\nwindows = {{ hours = \"09:00-17:00\", tz = \"Europe/London\" }}"
    ));
    assert_eq!(first_opening(&london, 0), "03-02T09:00 03-02T17:00");
    let windows = london.waves[0].windows.as_ref().unwrap();
    assert!(
        std::sync::Arc::ptr_eq(&windows.by_region[0], &windows.by_region[1]),
        "equal hours are shared"
    );
    // Blackouts hold without windows, by the local date, and in every wave.
    let frozen = ours(&format!(
        "{steps}\nblackouts = [\"2026-03-02 to 2026-03-03\"]\nwaves = [{{ regions = 1, windows = \"always\" }}, {{ regions = 1 }}]"
    ));
    assert!(first_opening(&frozen, 0).starts_with("03-04T05:00"));
    assert!(first_opening(&frozen, 1).starts_with("03-04T08:00"));
    assert!(frozen.waves[1].windows.is_some());
}

#[test]
fn a_wave_approves_as_it_says_or_as_the_strategy_says() {
    let seconds =
        |delay: &Option<PeopleDelay>| delay.as_ref().map(|d| d.inside.as_certain().unwrap());
    let strategy = ours(
        r#"
steps = [{ to = "100%", bake = "manual" }]
approval = "1h"
waves = [
  { regions = ["east/1"], approval = "10m" },
  { regions = ["east/2"], approval = true },
  { regions = ["west/1"] },
  { regions = ["west/2"], approval = false },
]"#,
    );
    let approvals: Vec<_> = strategy
        .waves
        .iter()
        .map(|w| (seconds(&w.approval), seconds(&w.people)))
        .collect();
    let (ten, hour) = (Some(600.0), Some(3_600.0));
    assert_eq!(
        approvals,
        [(ten, ten), (hour, hour), (None, hour), (None, hour)]
    );
    assert_eq!(seconds(&strategy.approval), hour);
}

#[test]
fn a_strategy_uses_all_shared_alarms_or_those_it_names_and_its_own() {
    let alarms = r#"
[alarm.one]
scope = "one-box"
when = "errors > 1%"
[alarm.two]
scope = "zone"
when = "errors > 1%"
[alarm.three]
scope = "fleet"
when = "slow > 1%"
"#;
    let names = |keys: &str| {
        let text = strategy_of(&format!("steps = [{{ to = \"100%\" }}]\n{keys}\n{alarms}"));
        let plan = read(&text).plan;
        plan.strategies[0]
            .alarms
            .iter()
            .map(|a| a.name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(""), ["one", "two", "three"]);
    assert_eq!(names("use_alarms = [\"three\", \"one\"]"), ["one", "three"]);
    assert!(names("use_alarms = []").is_empty());
    let own = "alarms = [{ name = \"two\", scope = \"zone\", when = \"errors > 2%\" }]";
    assert_eq!(
        names(&format!("use_alarms = [\"one\"]\n{own}")),
        ["one", "two"]
    );
}

#[test]
fn a_strategy_overrides_what_it_says_of_the_rollback() {
    let shared = "[rollback]\ntakes = \"5m\"\nin = 3\n";
    let rollback = |keys: &str| {
        let text = strategy_of(&format!("steps = [{{ to = \"100%\" }}]\n{keys}\n{shared}"));
        read(&text).plan.strategies[0].rollback.clone()
    };
    let same = rollback("");
    assert_eq!((same.scope, same.parts), (RollbackScope::Fleet, 3));
    let own = rollback("rollback = { scope = \"region\", then_fleet_after = \"1h\" }");
    assert_eq!((own.scope, own.parts), (RollbackScope::Region, 3));
    assert_eq!(own.takes.as_certain(), Some(300.0));
    let ThenFleet::After(delay) = own.then_fleet else {
        panic!("{:?}", own.then_fleet)
    };
    assert_eq!(delay.outside.as_certain(), Some(3_600.0));
    let never =
        rollback("rollback = { scope = \"zone\", then_fleet_after = \"never\", takes = \"1m\" }");
    assert!(matches!(never.then_fleet, ThenFleet::Never));
    assert_eq!(never.takes.as_certain(), Some(60.0));
}

#[test]
fn lists_and_tables_may_be_written_with_headers() {
    let strategy = ours(
        r#"
[[strategy.ours.steps]]
to = "10%"
bake.for = "1h"
[[strategy.ours.steps]]
to = "100%"
[[strategy.ours.waves]]
regions = 1
[[strategy.ours.waves]]
regions = "rest"
[strategy.ours.rollback]
scope = "zone"
then_fleet_after = "never"
[[strategy.ours.alarms]]
name = "mine"
scope = "zone"
when = "errors > 1%"
"#,
    );
    assert_eq!(
        (strategy.waves.len(), strategy.waves[0].steps.len()),
        (2, 2)
    );
    assert_eq!(strategy.rollback.scope, RollbackScope::Zone);
    assert_eq!(strategy.alarms[0].name, "mine");
}
