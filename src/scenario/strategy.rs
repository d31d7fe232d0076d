//! `[strategy.NAME]`: the program that a rollout walks.

use super::alarm;
use super::alarm_rules;
use super::check::Check;
use super::fields::{Fields, Item, join};
use super::fleet::Regions;
use super::nearest::nearest;
use super::people::{RollbackRead, own_rollback, people};
use super::problem::Draft;
use super::program::{program, targets};
use super::sli::Slis;
use super::span::Times;
use super::trial::{self, Hook};
use super::vocabulary::OWN_ALARM;
use super::windows::Layouts;
use crate::plan::{Order, Rollback, Strategy, Test};

/// What a strategy refers to.
pub(super) struct World<'w> {
    pub regions: &'w Regions,
    pub times: &'w Times,
    pub alarms: &'w [alarm::Written],
    /// Names of all shared alarms, those with a mistake among them.
    pub alarm_names: &'w [String],
    pub rollback: &'w RollbackRead,
    /// Whether working hours are stated.
    pub has_hours: bool,
    /// Whether somebody answers pages.
    pub responds: bool,
}

/// How regions are ordered, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ordering {
    Listed,
    SmallestFirst,
    LargestFirst,
    Random,
}

/// Reads a strategy. `tests` receives the names of its tests.
pub(super) fn strategy(
    name: &str,
    fields: &Fields<'_>,
    world: &World<'_>,
    slis: &mut Slis,
    layouts: &mut Layouts,
    tests: &mut Vec<String>,
    check: &mut Check,
) -> Option<Strategy> {
    let trials = trials(fields, tests, check);
    let approval = fields.maybe("approval", check, |item, check| {
        people(item, world.has_hours, check)
    });
    let order = fields.or("order", Ordering::Listed, check, order);
    let waits_for_calm = fields.or("waits_for_calm", false, check, |item, check| {
        item.flag(check)
    });
    let alarms = alarms(fields, world, slis, check);
    let rollback = rollback(fields, world, check);
    let program = program(fields, world, check);
    let (approval, order, alarms, program) = (approval?, order?, alarms?, program?);
    let program = program.check_needs(approval.as_ref(), &alarms, fields, world, check);
    let waves = program.waves(approval.as_ref(), layouts, world, check)?;
    let order = order_of(order, world.regions);
    let fixed_targets = targets(&order, &waves, &program, world, check);
    let trials = trials?;
    Some(Strategy {
        name: name.to_owned(),
        order,
        preproduction: trials.preproduction,
        pre_traffic: trials.pre_traffic,
        post_traffic: trials.post_traffic,
        waves,
        fixed_targets,
        approval,
        waits_for_calm: waits_for_calm?,
        alarms: alarms.into_iter().map(|w| w.alarm).collect(),
        rollback: rollback?,
        origin: check.origin(fields.at),
    })
}

/// The tests of a strategy.
struct Trials {
    preproduction: Vec<Test>,
    pre_traffic: Vec<Test>,
    post_traffic: Vec<Test>,
}

fn trials(fields: &Fields<'_>, names: &mut Vec<String>, check: &mut Check) -> Option<Trials> {
    let preproduction = fields.or("preproduction", Vec::new(), check, |item, check| {
        trial::preproduction(item, names, check)
    });
    let hooks = fields.or("tests", Vec::new(), check, |item, check| {
        trial::hooks(item, names, check)
    });
    let (pre, post): (Vec<_>, Vec<_>) = hooks?
        .into_iter()
        .partition(|(hook, _)| *hook == Hook::PreTraffic);
    let tests = |list: Vec<(Hook, Test)>| list.into_iter().map(|(_, test)| test).collect();
    Some(Trials {
        preproduction: preproduction?,
        pre_traffic: tests(pre),
        post_traffic: tests(post),
    })
}

fn order(item: &Item<'_>, check: &mut Check) -> Option<Ordering> {
    item.choice(
        check,
        &[
            ("listed", Ordering::Listed),
            ("smallest-first", Ordering::SmallestFirst),
            ("largest-first", Ordering::LargestFirst),
            ("random", Ordering::Random),
        ],
    )
}

/// Regions of equal traffic stay in the order in which they are listed.
fn order_of(ordering: Ordering, regions: &Regions) -> Order {
    let rps = |index: &usize| regions.fleet.regions[*index].rps;
    let mut listed: Vec<usize> = (0..regions.fleet.regions.len()).collect();
    match ordering {
        Ordering::Listed => {}
        Ordering::SmallestFirst => listed.sort_by(|a, b| rps(a).total_cmp(&rps(b))),
        Ordering::LargestFirst => listed.sort_by(|a, b| rps(b).total_cmp(&rps(a))),
        Ordering::Random => return Order::Random,
    }
    Order::Fixed(listed)
}

/// The shared alarms in use, then the strategy's own.
fn alarms(
    fields: &Fields<'_>,
    world: &World<'_>,
    slis: &mut Slis,
    check: &mut Check,
) -> Option<Vec<alarm::Written>> {
    let used = fields.maybe("use_alarms", check, |item, check| {
        used_names(item, world.alarm_names, check)
    });
    let own = fields.or("alarms", Vec::new(), check, |item, check| {
        own_alarms(item, world, slis, check)
    });
    let used = used?;
    let is_used = |w: &&alarm::Written| {
        used.as_ref()
            .is_none_or(|names| names.contains(&w.alarm.name))
    };
    let mut alarms: Vec<alarm::Written> = world.alarms.iter().filter(is_used).cloned().collect();
    for one in own? {
        if let Some(shared) = alarms.iter().find(|w| w.alarm.name == one.alarm.name) {
            let rule = format!("this strategy has two alarms `{}`", one.alarm.name);
            let draft = Draft::new(one.at, join(&fields.path, "alarms"), rule)
                .also(shared.at, "the other one");
            check.note(
                draft.mend("give it another name, or leave the shared one out with `use_alarms`"),
            );
            continue;
        }
        alarms.push(one);
    }
    let together: Vec<&alarm::Written> = alarms.iter().collect();
    alarm_rules::too_many_buckets(&together)
        .into_iter()
        .for_each(|draft| check.fail_once(draft));
    Some(alarms)
}

fn used_names(item: &Item<'_>, known: &[String], check: &mut Check) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for item in item.list("a list of shared alarms, such as [\"one-box\"]", check)? {
        let Some(name) = item.text(check) else {
            continue;
        };
        if !known.iter().any(|k| k == name) {
            let near = nearest(name, known.iter().map(String::as_str));
            let draft = item.draft(format!(
                "there is no shared alarm `{}`",
                super::fields::short(name)
            ));
            check.note(
                draft
                    .nearest_or(near, format!("declare it with [alarm.{name}]"))
                    .absence(),
            );
        }
        names.push(name.to_owned());
    }
    Some(names)
}

fn own_alarms(
    item: &Item<'_>,
    world: &World<'_>,
    slis: &mut Slis,
    check: &mut Check,
) -> Option<Vec<alarm::Written>> {
    let wanted =
        "a list of alarms, such as [{ name = \"mine\", scope = \"zone\", when = \"errors > 1%\" }]";
    let items = item.list(wanted, check)?;
    if items.len() > alarm::MOST_ALARMS {
        return check.fail(item.draft(format!(
            "a strategy has at most {} alarms of its own",
            alarm::MOST_ALARMS
        )));
    }
    let mut read = Vec::new();
    for item in &items {
        let Some(fields) =
            item.fields(&OWN_ALARM, "a table with `name`, `scope` and `when`", check)
        else {
            continue;
        };
        let name = fields.need("name", "\"mine\"", check, |item, check| item.name(check));
        let at = fields.place_of("name");
        read.extend(alarm::alarm(
            name.unwrap_or(""),
            at,
            &fields,
            slis,
            world.responds,
            check,
        ));
    }
    Some(read)
}

fn rollback(fields: &Fields<'_>, world: &World<'_>, check: &mut Check) -> Option<Rollback> {
    let own = fields.or("rollback", RollbackRead::default(), check, |item, check| {
        own_rollback(item, world.has_hours, check)
    });
    Some(own?.over(world.rollback, check))
}
