//! The waves of a strategy: steps, batches and windows of each, what they need, and what they target.

use std::sync::Arc;

use super::alarm;
use super::check::Check;
use super::fields::{Fields, join};
use super::fleet::Regions;
use super::hours::dates;
use super::problem::Draft;
use super::source::Place;
use super::step::{self, Needing, ZonesRead};
use super::strategy::World;
use super::wave::{self, Approval, Written};
use super::windows::{Layouts, Stated, windows};
use crate::plan::{Action, Order, PeopleDelay, Step, Target, TargetSpec, Wave, assign_targets};

/// Steps, batches, waves and windows of a strategy.
pub(super) struct Program {
    steps: Option<Needing<Arc<[Step]>>>,
    zones: Needing<ZonesRead>,
    waves: Vec<Written>,
    specs: Vec<TargetSpec>,
    stated: Stated,
    windows_at: Place,
}

pub(super) fn program(
    fields: &Fields<'_>,
    world: &World<'_>,
    check: &mut Check,
) -> Option<Program> {
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
    pub fn check_needs(
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
    pub fn waves(
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
                origin: check.origin(wave.at),
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
pub(super) fn targets(
    order: &Order,
    waves: &[Wave],
    program: &Program,
    world: &World<'_>,
    check: &mut Check,
) -> Option<Vec<Vec<Target>>> {
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
