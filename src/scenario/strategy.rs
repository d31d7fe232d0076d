//! `[strategy.NAME]`: the program that a rollout walks.

use std::sync::Arc;

use super::alarm;
use super::fields::{Check, Fields, Item, join};
use super::fleet::Regions;
use super::hours::dates;
use super::nearest::nearest;
use super::people::{RollbackRead, own_rollback, people};
use super::problem::Draft;
use super::sli::Slis;
use super::source::Place;
use super::span::Times;
use super::step::{self, Needing, ZonesRead};
use super::trial::{self, Hook};
use super::vocabulary::OWN_ALARM;
use super::wave::{self, Approval, Written};
use super::windows::{Layouts, Stated, windows};
use crate::plan::{
    Action, Order, PeopleDelay, Rollback, Step, Strategy, TargetSpec, Test, Wave, assign_targets,
};

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
    alarm::too_many_buckets(&together)
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
        let name = fields.need("name", "\"mine\"", check, |item, check| item.text(check));
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

/// Steps, batches, waves and windows of a strategy.
struct Program {
    steps: Option<Needing<Arc<[Step]>>>,
    zones: Needing<ZonesRead>,
    waves: Vec<Written>,
    specs: Vec<TargetSpec>,
    stated: Stated,
    windows_at: Place,
}

fn program(fields: &Fields<'_>, world: &World<'_>, check: &mut Check) -> Option<Program> {
    let round = fields.or("round", false, check, |item, check| {
        item.choice(check, &[("boxes", true)])
    });
    let round = round.unwrap_or(false);
    let waves = fields.maybe("waves", check, |item, check| {
        wave::waves(item, round, world.has_hours, world.regions, check)
    });
    let zones = fields.or(
        "zones",
        Needing::nothing(ZonesRead::default()),
        check,
        step::zones,
    );
    let hours = fields.or("windows", None, check, windows);
    let blackouts = fields.or("blackouts", Vec::new(), check, dates);
    let steps = fields.maybe("steps", check, |item, check| {
        step::steps(item, round, check)
    });
    let windows_at = if fields.has("windows") {
        fields.place_of("windows")
    } else {
        fields.place_of("blackouts")
    };
    let (waves, steps) = (waves?, steps?);
    let all_have_steps = waves
        .as_ref()
        .is_some_and(|waves| waves.iter().all(|w| w.steps.is_some()));
    if steps.is_none() && !all_have_steps {
        fields.lacks("steps", "[{ to = \"100%\" }]", check);
        return None;
    }
    let waves = waves.unwrap_or_else(|| vec![Written::of_the_rest(fields.at)]);
    let specs = wave::resolved(&waves, world.regions, check)?;
    Some(Program {
        steps,
        zones: zones?,
        waves,
        specs,
        stated: Stated {
            hours: hours?,
            blackouts: blackouts?,
        },
        windows_at,
    })
}

impl Program {
    /// What the steps and zones of a wave are, its own or the strategy's.
    fn steps_of<'p>(&'p self, wave: &'p Written) -> Option<&'p Needing<Arc<[Step]>>> {
        wave.steps.as_ref().or(self.steps.as_ref())
    }

    fn zones_of<'p>(&'p self, wave: &'p Written) -> &'p Needing<ZonesRead> {
        wave.zones.as_ref().unwrap_or(&self.zones)
    }

    /// Notes approvals that nobody gives, and boxes of which there is no number.
    fn check_needs(
        self,
        approval: Option<&PeopleDelay>,
        alarms: &[alarm::Written],
        fields: &Fields<'_>,
        world: &World<'_>,
        check: &mut Check,
    ) -> Program {
        let pauses = alarms.iter().find(|w| w.alarm.does == Action::Pause);
        for wave in &self.waves {
            let steps = self.steps_of(wave);
            let boxes = steps.and_then(|s| s.boxes);
            if let (Some(at), Some(draft)) = (boxes, boxes_missing(world.regions, boxes)) {
                debug_assert_eq!(at, draft.at);
                check.fail_once(draft);
            }
            if approval.is_some() || matches!(wave.approval, Approval::Takes(_)) {
                continue;
            }
            let zones = self.zones_of(wave);
            let own = matches!(wave.approval, Approval::AsStrategy).then_some(wave.at);
            let needed = own
                .or(steps.and_then(|s| s.approval))
                .or(zones.approval)
                .or(wave.bake.approval);
            if let Some(at) = needed {
                check.fail_once(approval_missing(at, &fields.path, "this needs an approval"));
            } else if let Some(pause) = pauses {
                let rule = format!("the alarm `{}` pauses until an approval", pause.alarm.name);
                check.fail_once(
                    approval_missing(fields.at, &fields.path, &rule).also(pause.at, "the alarm"),
                );
            }
        }
        self
    }

    /// The waves of the plan.
    fn waves(
        &self,
        approval: Option<&PeopleDelay>,
        layouts: &mut Layouts,
        world: &World<'_>,
        check: &mut Check,
    ) -> Option<Vec<Wave>> {
        let shared = layouts.of(
            self.stated.clone(),
            self.windows_at,
            world.regions,
            world.times,
            check,
        );
        let mut waves = Vec::new();
        for (wave, spec) in self.waves.iter().zip(&self.specs) {
            let zones = &self.zones_of(wave).read;
            let windows = match &wave.windows {
                None => shared.clone(),
                Some(hours) => {
                    let stated = Stated {
                        hours: hours.clone(),
                        blackouts: self.stated.blackouts.clone(),
                    };
                    layouts.of(stated, wave.windows_at, world.regions, world.times, check)
                }
            };
            let (needs, people) = match &wave.approval {
                Approval::None => (None, approval.cloned()),
                Approval::AsStrategy => (approval.cloned(), approval.cloned()),
                Approval::Takes(delay) => (Some(delay.clone()), Some(delay.clone())),
            };
            waves.push(Wave {
                spec: spec.clone(),
                parallel: wave.parallel,
                approval: needs,
                people,
                bake: wave.bake.read.clone(),
                steps: Arc::clone(&self.steps_of(wave)?.read),
                batches: zones.batches.clone(),
                zone_bake: zones.bake.clone(),
                windows,
            });
        }
        Some(waves)
    }
}

fn approval_missing(at: Place, path: &str, rule: &str) -> Draft {
    let rule = format!("{rule}, and nothing says how long people take to approve");
    Draft::new(at, join(path, "approval"), rule)
        .mend("add `approval = \"10m to 3h\"` to the strategy or to the wave")
        .absence()
}

fn boxes_missing(regions: &Regions, at: Option<Place>) -> Option<Draft> {
    let first = *regions.without_boxes.first()?;
    let name = &regions.fleet.regions[first].name;
    let others = regions.without_boxes.len() - 1;
    let rest = if others == 0 {
        String::new()
    } else {
        format!(" (and {others} more)")
    };
    let rule =
        format!("this speaks of boxes, and region {name}{rest} does not say how many a zone has");
    let draft = Draft::new(at?, "boxes_per_zone", rule);
    Some(
        draft
            .mend(format!(
                "add `boxes_per_zone = 40` to [region.{name}], or write a percentage"
            ))
            .absence(),
    )
}

/// The targets of each wave where they are the same in every rollout; a wave without any is a mistake.
fn targets(
    order: &Order,
    waves: &[Wave],
    program: &Program,
    world: &World<'_>,
    check: &mut Check,
) -> Option<Vec<Vec<crate::plan::Target>>> {
    let fleet = &world.regions.fleet;
    let listed: Vec<usize> = (0..fleet.regions.len()).collect();
    let targets = match order {
        Order::Fixed(order) => assign_targets(fleet, waves, order),
        // How many targets are left for a wave does not depend on the order.
        Order::Random => assign_targets(fleet, waves, &listed),
    };
    if !fleet.regions.is_empty() {
        for (number, _) in targets
            .iter()
            .enumerate()
            .filter(|(_, targets)| targets.is_empty())
        {
            let rule = format!(
                "wave {} is empty: the waves before it and the regions named by others leave nothing",
                number + 1
            );
            let draft = Draft::new(program.waves[number].at, "waves", rule);
            check.note(
                draft
                    .mend("remove the wave, or let earlier ones take fewer regions")
                    .absence(),
            );
        }
    }
    matches!(order, Order::Fixed(_)).then_some(targets)
}
