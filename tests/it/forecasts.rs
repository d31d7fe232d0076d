//! What a good change will probably come to, against what it came to.

use std::ops::ControlFlow;

use landfall::check::{Answer, Judged, Settings, claims, run};
use landfall::engine::{Engine, Scratch};
use landfall::outcome::Outcome;
use landfall::plan::{Plan, Stratum};
use landfall::scenario::parse;
use landfall::stats::values_to_tell;
use rayon::ThreadPoolBuilder;

use crate::worlds::plan;

const SEED: u64 = 3;

/// Two regions of two zones; the second one is busy when the first one sleeps.
const WORLD: &str = r#"
format = 1
[scenario]
start = { from = "2026-03-02", to = "2026-03-13", days = "Mon-Fri", hours = "08:00-16:00", tz = "UTC" }
watch = "6h"
[region.first]
rps = 2_000
zones = 2
boxes_per_zone = 10
[region.second]
rps = 3_000
zones = 2
boxes_per_zone = 10
tz = "Asia/Tokyo"
[sli.errors]
base = "0.1%"
[oncall]
responds = "20m to 1h"
[rollback]
scope = "region"
in = 2
takes = "5m to 15m"
then_fleet_after = "10m to 1h"
[retry]
after = "1h to 8h"
max = 2
[strategy.ours]
windows = { days = "Mon-Fri", hours = "09:00-17:00", tz = "local" }
preproduction = [{ name = "beta", takes = "10m to 40m", flake = "10%" }]
tests = [
  { name = "smoke", at = "pre-traffic", takes = "2m to 4m", flake = "3%" },
  { name = "soak", at = "post-traffic", takes = "10m to 20m", flake = "3%" },
]
steps = [
  { to = "one-box", takes = "2m to 6m", bake = "10m to 1h" },
  { to = "100%", takes = "5m to 12m", bake = { for = "30m", min_requests = 100_000 } },
]
zones = { batches = [1], bake = "15m" }
waves = [{ regions = ["first"], bake = "1h" }, { regions = ["second"], bake = "1h" }]
"#;

/// Outcomes and forecasts of so many rollouts.
fn both(plan: &Plan, rollouts: u64) -> Vec<(Outcome, Outcome)> {
    let engine = Engine::new(plan, 0);
    let mut scratch = Scratch::default();
    let of = |number| {
        let forecast = engine.forecast(SEED, Stratum::FaultFree, number, &mut scratch);
        let outcome = engine.simulate(SEED, Stratum::FaultFree, number, &mut scratch);
        (outcome, forecast.expect("it is foreseen"))
    };
    (0..rollouts).map(of).collect()
}

/// Whether two rollouts end alike, after as many attempts, and at the same time to within a minute.
fn are_alike(one: &Outcome, other: &Outcome) -> bool {
    let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < 60.0,
        (a, b) => a == b,
    };
    one.ending == other.ending
        && (one.attempts, one.stops_by_chance) == (other.attempts, other.stops_by_chance)
        && near(one.time_to_full_s, other.time_to_full_s)
        && near(one.time_to_done_s, other.time_to_done_s)
}

fn alike(pairs: &[(Outcome, Outcome)]) -> usize {
    pairs.iter().filter(|(o, f)| are_alike(o, f)).count()
}

/// Rollouts compared with the forecast of the next one.
fn alike_by_luck(pairs: &[(Outcome, Outcome)]) -> usize {
    let next = pairs.iter().skip(1);
    let pairs = pairs.iter().zip(next);
    pairs.filter(|((o, _), (_, f))| are_alike(o, f)).count()
}

fn stopped(pairs: &[(Outcome, Outcome)]) -> usize {
    let stops = |(o, _): &&(Outcome, Outcome)| o.stops_by_chance > 0;
    pairs.iter().filter(stops).count()
}

/// Forecasts of a plan's first strategy are of rollouts that could be, and depend on nothing that was asked before.
pub fn make_sense(plan: &Plan, rollouts: u64) {
    let engine = Engine::new(plan, 0);
    let mut used = Scratch::default();
    let most = plan.retry.as_ref().map_or(1, |retry| retry.max + 1);
    for (stratum, number) in plan
        .strata()
        .into_iter()
        .flat_map(|s| (0..rollouts).map(move |n| (s, n)))
    {
        let forecast = engine.forecast(SEED, stratum, number, &mut used);
        let fresh = engine.forecast(SEED, stratum, number, &mut Scratch::default());
        assert_eq!(forecast, fresh);
        let Some(forecast) = forecast else {
            continue;
        };
        assert!((1..=most).contains(&forecast.attempts));
        assert!(forecast.stops_by_chance <= forecast.attempts);
        if let (Some(full), Some(done)) = (forecast.time_to_full_s, forecast.time_to_done_s) {
            assert!(
                0.0 <= full && full <= done && done <= plan.horizon_s,
                "{forecast:?}"
            );
        }
    }
}

/// Where nothing but tests fails, everything is foreseen.
#[test]
fn failing_tests_are_foreseen() {
    let pairs = both(&plan(WORLD), 400);
    for (outcome, forecast) in &pairs {
        assert!(are_alike(outcome, forecast), "{outcome:#?}\n{forecast:#?}");
    }
    let given_up = pairs.iter().filter(|(o, _)| o.time_to_full_s.is_none());
    assert!(stopped(&pairs) > 100 && given_up.count() > 5);
    assert!(alike_by_luck(&pairs) < 20);
}

/// Incidents of every scope, and alarms of every scope that act or call somebody, with rules and windows of several kinds.
/// There is so much traffic that chance hardly matters; two incidents at a time, and what alarms saw of one that began before
/// the new version came, are not foreseen.
#[test]
fn incidents_are_foreseen_but_for_a_few() {
    let world = WORLD.replace("flake = \"10%\"", "flake = \"0%\"");
    let world = world.replace("flake = \"3%\"", "flake = \"0%\"");
    let alarms = r#"
[incidents.zonal]
scope = "zone"
rate = "30 per year"
lasts = "5m to 2h"
adds.errors = "0.5% to 10%"
[incidents.regional]
scope = "region"
rate = "30 per year"
lasts = "5m to 2h"
adds.errors = "0.5% to 10%"
[incidents.worldwide]
scope = "fleet"
rate = "10 per year"
lasts = "5m to 2h"
adds.errors = "0.5% to 10%"
[alarm.zone-errors]
scope = "zone"
when = "errors > 2%"
period = "1m"
datapoints = "3 of 5"
lag = "1m"
[alarm.region-burns]
scope = "region"
when = "errors > 1%"
window = "1h"
every = "5m"
and = { when = "errors > 1%", window = "5m" }
datapoints = "1 of 1"
does = "page"
watches = "watch"
[alarm.fleet-errors]
scope = "fleet"
when = "errors > 1%"
period = "5m"
datapoints = "2 in a row"
watches = "watch"
"#;
    let pairs = both(&plan(&format!("{world}{alarms}")), 400);
    let alike = alike(&pairs);
    assert!(stopped(&pairs) > 120, "{}", stopped(&pairs));
    assert!(alike > 360, "{alike}");
    assert!(alike_by_luck(&pairs) < 40);
}

#[test]
fn what_differs_from_rollout_to_rollout_is_not_foreseen() {
    let drawn = WORLD.replace("windows =", "order = \"random\"\nwindows =");
    let drawn = drawn.replace("regions = [\"first\"]", "regions = 1");
    let drawn = drawn.replace("regions = [\"second\"]", "regions = \"rest\"");
    let plan = plan(&drawn);
    let engine = Engine::new(&plan, 0);
    assert!(!engine.forecasts_pay());
    let forecast = engine.forecast(SEED, Stratum::FaultFree, 0, &mut Scratch::default());
    assert_eq!(forecast, None);
}

/// A world that warms up, so that no rollout is reckoned; a tenth of the changes carry a fault that every test sees.
const DEAR: &str = r#"
[warmup]
lasts = "1m"
adds.errors = "0.01%"
[change]
bad = "10%"
[fault.plain]
trigger = { delay = "0s" }
adds = { errors = "50%" }
caught_by = { beta = "100%" }
"#;

/// The chance that a change is not out within so many hours, by counting.
fn late(plan: &Plan, hours: f64) -> f64 {
    let engine = Engine::new(plan, 0);
    let mut scratch = Scratch::default();
    let is_late = |number: &u64| {
        let outcome = engine.simulate(SEED + 1, Stratum::FaultFree, *number, &mut scratch);
        outcome.time_to_full_s.is_none_or(|s| s > 3_600.0 * hours)
    };
    (0..8_000).filter(is_late).count() as f64 / 8_000.0
}

fn judged(text: &str, budget: &str, threads: usize) -> Judged {
    let scenario = parse(&format!("{text}\n{budget}")).expect("a scenario");
    let claims = claims(&scenario.plan, &[0], 0, &scenario.budgets[0], 0.0).expect("claims");
    let settings = Settings {
        seed: 1,
        most: 20_000,
        confidence: 0.99,
        among: 1,
        gives_up: false,
    };
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    let mut go_on = |_, _| ControlFlow::Continue(());
    let pool = pool.expect("threads");
    let judged = run(&scenario.plan, None, &claims, &settings, &pool, &mut go_on);
    judged.expect("it runs").judged.remove(0)
}

/// In a fleet of many zones with incidents of their own, of which a strategy takes one.
#[test]
fn forecasts_do_not_pay_where_incidents_are_most_of_a_rollout() {
    let small = "waves = [{ regions = [\"first\"], bake = \"1h\" }]";
    let all = "waves = [{ regions = [\"first\"], bake = \"1h\" }, { regions = [\"second\"], bake = \"1h\" }]";
    let incidents = "[incidents.zonal]\nscope = \"zone\"\nrate = \"1 per year\"\nlasts = \"5m\"\nadds.errors = \"1%\"\n";
    let text = format!("{WORLD}{DEAR}{incidents}");
    let pays = |text: &str| Engine::new(&plan(text), 0).forecasts_pay();
    assert!(pays(&text));
    let vast = text.replace("rps = 3_000\nzones = 2", "rps = 3_000\nzones = 100");
    assert!(pays(&vast));
    assert!(!pays(&vast.replace(all, small)));
}

/// Limits a sixth above and below the chance, which takes thousands of rollouts to see without forecasts.
#[test]
fn verdicts_are_right_and_come_early() {
    const HOURS: f64 = 100.0;
    let text = format!("{WORLD}{DEAR}");
    assert!(Engine::new(&plan(&text), 0).forecasts_pay());
    let good = late(&plan(&text), HOURS);
    for (given, late) in [("fault-free", good), ("all", 0.9 * good + 0.1)] {
        for (times, right) in [(1.16, Answer::Holds), (0.84, Answer::Broken)] {
            let limit = times * late;
            let keep = format!("P(time_to_full_s > {HOURS}h) <= {:.4}%", 100.0 * limit);
            let budget = format!("[budget.late]\ngiven = \"{given}\"\nkeep = \"{keep}\"\n");
            let judged = judged(&text, &budget, 2);
            assert_eq!(judged.finding.answer, right, "{given}: {late}, {judged:?}");
            let figure = judged.finding.figure;
            assert!(
                figure.low <= late && late <= figure.high,
                "{late}, {figure:?}"
            );
            let without = values_to_tell(late, limit, 0.01);
            let rollouts = judged.rollouts as f64;
            assert!(
                rollouts < 0.7 * without,
                "{given}: {rollouts} and {without}"
            );
        }
    }
}

#[test]
fn threads_change_no_forecast() {
    let text = format!("{WORLD}{DEAR}");
    let budget = "[budget.late]\nkeep = \"p90(time_to_full_s) <= 120h\"\n";
    let of = |threads| judged(&text, budget, threads).finding;
    let one = of(1);
    assert_eq!(of(2), one);
    assert_eq!(of(5), one);
}
