//! From merged tables to the plan.

use std::collections::BTreeSet;

use super::alarm;
use super::background::{incidents, warm_up};
use super::budget::{Budget, budgets};
use super::check::Check;
use super::fault::{self, Faults};
use super::fields::{Fields, join};
use super::fleet::regions;
use super::merge::Merged;
use super::people;
use super::problem::Draft;
use super::sli::{Slis, slis};
use super::source::Place;
use super::span::{single, times};
use super::strategy::{self, strategy};
use super::vocabulary::{SERVICE, STRATEGY};
use super::windows::Layouts;
use crate::plan::{Plan, Strategy, Test};

/// The most strategies.
const MOST_STRATEGIES: usize = 500;

/// Reads everything. The plan is whole only if no mistake was noted.
pub(super) fn build(merged: &Merged, name: &str, check: &mut Check) -> (Plan, Vec<Budget>) {
    let times = times(merged, check);
    let service = single(merged, "service", &SERVICE, check);
    let mut slis = slis(merged, service.as_ref(), check);
    let regions = regions(merged, service.as_ref(), &times, check);
    let incidents = incidents(merged, &mut slis, &regions.fleet, times.horizon_s, check);
    let warm_up = warm_up(merged, &mut slis, check);
    let oncall = people::oncall(merged, &times, check);
    let rollback = people::rollback(merged, oncall.has_hours, check);
    let retry = people::retry(merged, check);
    let responds = oncall.oncall.responds.is_some();
    let (alarm_names, alarms) = alarm::alarms(merged, &mut slis, responds, check);
    let world = strategy::World {
        regions: &regions,
        times: &times,
        alarms: &alarms,
        alarm_names: &alarm_names,
        rollback: &rollback,
        has_hours: oncall.has_hours,
        responds,
    };
    let (mut strategies, tests) = strategies(merged, &world, &mut slis, check);
    let faulty = fault::World {
        regions: &regions,
        times: &times,
        tests: &tests,
    };
    let faults = fault::faults(merged, &mut slis, &faulty, check);
    see(&mut strategies, &faults);
    let names = faults.names.clone();
    let change = fault::change(merged, faults, check);
    if slis.list.is_empty() {
        slis.index("errors", Place::top(0), "sli.errors", check);
    }
    let indicators: Vec<&str> = slis.list.iter().map(|s| s.name.as_str()).collect();
    let budgets = budgets(merged, &names, &indicators, check);
    let is_unused = |a: &&alarm::Written| {
        let mut used = strategies.iter().flat_map(|s| &s.alarms);
        !strategies.is_empty() && !used.any(|u| u.origin == a.alarm.origin)
    };
    let unused_alarms = alarms
        .iter()
        .filter(is_unused)
        .map(|a| (a.alarm.name.clone(), a.alarm.origin))
        .collect();
    let plan = Plan {
        name: times.name.clone().unwrap_or_else(|| name.to_owned()),
        fleet: regions.fleet,
        slis: slis.list,
        incidents,
        warm_up,
        change,
        oncall: oncall.oncall,
        retry,
        start: times.start,
        watch_s: times.watch_s,
        horizon_s: times.horizon_s,
        unused_alarms,
        strategies,
    };
    (plan, budgets)
}

/// Reads the strategies, and the names of all their tests.
fn strategies(
    merged: &Merged,
    world: &strategy::World<'_>,
    slis: &mut Slis,
    check: &mut Check,
) -> (Vec<Strategy>, BTreeSet<String>) {
    let written = merged.named("strategy");
    if written.is_empty() {
        let draft = Draft::new(Place::top(0), "strategy", "there is no strategy");
        check.note(
            draft
                .mend("add `[strategy.ours]` with `steps` and `waves`, or give a strategy file")
                .absence(),
        );
    }
    let (mut read, mut tests) = (Vec::new(), BTreeSet::new());
    let mut layouts = Layouts::default();
    for (entry, table) in written.iter().take(MOST_STRATEGIES) {
        let fields = Fields::of(
            table,
            entry.value.at,
            join("strategy", &entry.key),
            &STRATEGY,
            check,
        );
        let mut names = Vec::new();
        read.extend(strategy(
            &entry.key,
            &fields,
            world,
            slis,
            &mut layouts,
            &mut names,
            check,
        ));
        tests.extend(names);
    }
    if let Some((entry, _)) = written.get(MOST_STRATEGIES) {
        let rule = format!("a scenario has at most {MOST_STRATEGIES} strategies");
        check.note(Draft::new(entry.key_at, join("strategy", &entry.key), rule));
    }
    (read, tests)
}

/// Tells every test which faults it can see.
fn see(strategies: &mut [Strategy], faults: &Faults) {
    for strategy in strategies {
        let Strategy {
            preproduction,
            pre_traffic,
            post_traffic,
            ..
        } = strategy;
        for test in preproduction
            .iter_mut()
            .chain(pre_traffic)
            .chain(post_traffic)
        {
            test.sees = faults.caught_by.iter().map(|by| chance(by, test)).collect();
        }
    }
}

fn chance(caught_by: &std::collections::BTreeMap<String, f64>, test: &Test) -> f64 {
    caught_by.get(&test.name).copied().unwrap_or(0.0)
}
