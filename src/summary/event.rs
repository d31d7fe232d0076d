//! Things that happen to a change or do not, and where faults are caught.

use super::Group;
use crate::outcome::{DetectedBy, Ending, Outcome, Place};
use crate::plan::{Order, Plan, Stratum};

/// What has a chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The rollout ended so.
    Ending(Ending),
    /// The fault was caught there. Of fault-free changes no stage ever is.
    Stage(Stage),
    /// The fault was caught in this part of [`Stage::Later`].
    Later(Later),
    /// At least one attempt was stopped by chance.
    StoppedByChance,
}

/// Parts of [`Stage::Later`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Later {
    /// In this wave, counted from 1; not in the bake of the last one.
    Wave(u32),
    /// After the last wave's last zone: in its bake, or while watching.
    AfterFull,
}

impl From<Ending> for Event {
    fn from(ending: Ending) -> Event {
        Event::Ending(ending)
    }
}

impl From<Stage> for Event {
    fn from(stage: Stage) -> Event {
        Event::Stage(stage)
    }
}

impl Event {
    /// The only group of changes that can come to it at all, if there is one smaller than all.
    pub(super) fn only_possible(self) -> Option<Group> {
        match self {
            Event::Ending(Ending::Shipped) => Some(Group::FAULT_FREE),
            Event::Ending(Ending::GivenUp | Ending::Stalled) | Event::StoppedByChance => None,
            Event::Ending(
                Ending::Caught | Ending::RolledBack | Ending::Latent | Ending::Undetected,
            )
            | Event::Stage(_)
            | Event::Later(_) => Some(Group::Faulty),
        }
    }
}

/// Where a fault was caught. Every faulty change is in exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Before production traffic of the last attempt (`caught`).
    BeforeProduction,
    /// In the first step of the first wave's first zone, its bake included.
    OneBox,
    /// In that zone, later.
    FirstZone,
    /// Elsewhere in the first wave, its bake included; also while the second wave waits for its approval.
    FirstWave,
    /// Later.
    Later,
    /// By people, wherever the rollout was.
    People,
    /// Active and never seen (`undetected`).
    Never,
    /// Never active (`latent`): there was nothing to catch yet.
    Asleep,
    /// Stopped by chance once too often, or not over by the horizon (`given-up`, `stalled`).
    Unresolved,
}

impl Stage {
    /// All stages, in order.
    pub const ALL: [Stage; 9] = [
        Stage::BeforeProduction,
        Stage::OneBox,
        Stage::FirstZone,
        Stage::FirstWave,
        Stage::Later,
        Stage::People,
        Stage::Never,
        Stage::Asleep,
        Stage::Unresolved,
    ];

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Stage::BeforeProduction => "before-production",
            Stage::OneBox => "one-box",
            Stage::FirstZone => "first-zone",
            Stage::FirstWave => "first-wave",
            Stage::Later => "later",
            Stage::People => "people",
            Stage::Never => "never",
            Stage::Asleep => "asleep",
            Stage::Unresolved => "unresolved",
        }
    }

    /// What it means, in one line.
    pub fn meaning(self) -> &'static str {
        match self {
            Stage::BeforeProduction => "before production traffic of the last attempt",
            Stage::OneBox => "in the first step of the first wave's first zone, its bake included",
            Stage::FirstZone => "in the first wave's first zone, after its first step",
            Stage::FirstWave => "elsewhere in the first wave, its bake included",
            Stage::Later => "in a later wave, or while watching",
            Stage::People => "by people, wherever the rollout was",
            Stage::Never => "active, and never seen",
            Stage::Asleep => "never active: there was nothing to catch yet",
            Stage::Unresolved => "stopped by chance once too often, or not over by the horizon",
        }
    }

    /// The stage of a rollout; `None` for a fault-free change.
    pub(super) fn of(outcome: &Outcome, first_zone: &FirstZone) -> Option<Stage> {
        if outcome.stratum == Stratum::FaultFree {
            return None;
        }
        Some(match outcome.ending {
            Ending::Caught => Stage::BeforeProduction,
            Ending::RolledBack if outcome.detected_by == Some(DetectedBy::People) => Stage::People,
            Ending::RolledBack => first_zone.stage_of(outcome.stopped_at),
            Ending::Undetected => Stage::Never,
            Ending::Latent => Stage::Asleep,
            Ending::GivenUp | Ending::Stalled | Ending::Shipped => Stage::Unresolved,
        })
    }
}

/// Where changes are caught under one strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct Stages(FirstZone);

impl Stages {
    /// Of a strategy, by index in the plan.
    pub fn of(plan: &Plan, strategy: usize) -> Stages {
        Stages(FirstZone::of(plan, strategy))
    }

    /// The stage at which a fault was caught; `None` for a fault-free change.
    pub fn stage(&self, outcome: &Outcome) -> Option<Stage> {
        Stage::of(outcome, &self.0)
    }
}

/// What tells the first zone of a strategy from others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FirstZone {
    /// The zones that are first in some rollout, by index.
    zones: Vec<bool>,
    /// The regions of which the first wave has no other zone, by index.
    alone: Vec<bool>,
    /// The number of waves.
    waves: u32,
}

impl FirstZone {
    /// Of a strategy, by index in the plan.
    ///
    /// With a shuffled order the first zone differs from rollout to rollout, and an outcome does not say which it was.
    /// Where the first wave has a single target it is its first zone; else no zone is called first.
    pub(super) fn of(plan: &Plan, strategy: usize) -> FirstZone {
        let strategy = &plan.strategies[strategy];
        let mut zones = vec![false; plan.fleet.zones.len()];
        let mut alone = vec![false; plan.fleet.regions.len()];
        match &strategy.fixed_targets {
            Some(waves) => {
                if let Some(target) = waves.first().and_then(|targets| targets.first())
                    && let Some(&zone) = target.zones.first()
                {
                    zones[zone] = true;
                    alone[target.region] = target.zones.len() == 1;
                }
            }
            None => {
                let single = strategy
                    .waves
                    .first()
                    .is_some_and(|w| w.spec == crate::plan::TargetSpec::Next(1));
                if single && strategy.order == Order::Random {
                    for (r, region) in plan.fleet.regions.iter().enumerate() {
                        zones[region.zones.start] = true;
                        alone[r] = region.zones.len() == 1;
                    }
                }
            }
        }
        FirstZone {
            zones,
            alone,
            waves: strategy.waves.len() as u32,
        }
    }

    pub(super) fn waves(&self) -> u32 {
        self.waves
    }

    /// Where after the first wave a rollout was that was stopped there.
    pub(super) fn later(&self, outcome: &Outcome) -> Option<Later> {
        if Stage::of(outcome, self) != Some(Stage::Later) {
            return None;
        }
        Some(match outcome.stopped_at {
            Some(Place::WaveBake { wave }) if wave < self.waves => Later::Wave(wave),
            // Nothing of a wave is in production while it waits: what is seen then is of the one before.
            Some(Place::Approval { wave }) => Later::Wave(wave - 1),
            Some(
                Place::Step { wave, .. }
                | Place::PreTraffic { wave, .. }
                | Place::PostTraffic { wave, .. }
                | Place::ZoneBake { wave, .. },
            ) => Later::Wave(wave),
            Some(Place::WaveBake { .. } | Place::Watch | Place::Preproduction(_)) | None => {
                Later::AfterFull
            }
        })
    }

    /// Where in production a rollout was.
    pub(super) fn stage_of(&self, place: Option<Place>) -> Stage {
        match place {
            Some(Place::Step {
                wave: 1,
                zone,
                step,
            }) => match (self.zones[zone as usize], step) {
                (true, 1) => Stage::OneBox,
                (true, _) => Stage::FirstZone,
                (false, _) => Stage::FirstWave,
            },
            // Before its own traffic, a zone's hook sees what others have.
            Some(Place::PostTraffic { wave: 1, zone, .. }) if self.zones[zone as usize] => {
                Stage::FirstZone
            }
            Some(Place::PreTraffic { wave: 1, .. } | Place::PostTraffic { wave: 1, .. }) => {
                Stage::FirstWave
            }
            Some(Place::ZoneBake { wave: 1, region }) if self.alone[region as usize] => {
                Stage::FirstZone
            }
            Some(Place::ZoneBake { wave: 1, .. } | Place::WaveBake { wave: 1 }) => Stage::FirstWave,
            // Nothing of the second wave is in production while it waits.
            Some(Place::Approval { wave: 1 | 2 }) => Stage::FirstWave,
            _ => Stage::Later,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{plan, undetected};
    use super::*;

    #[test]
    fn what_is_caught_later_is_in_a_wave_or_after_all_of_them() {
        let first_zone = FirstZone::of(&plan(0.5, &[1.0], &["a"]), 0);
        let later = |place| {
            first_zone.later(&Outcome {
                ending: Ending::RolledBack,
                detected_by: Some(DetectedBy::Alarm(0)),
                stopped_at: Some(place),
                ..undetected(0, 0)
            })
        };
        let step = |wave| Place::Step {
            wave,
            zone: 2,
            step: 1,
        };
        assert_eq!(later(step(1)), None);
        assert_eq!(later(step(2)), Some(Later::Wave(2)));
        // Of two waves the second is the last: in its bake everything is out.
        assert_eq!(later(Place::WaveBake { wave: 2 }), Some(Later::AfterFull));
        assert_eq!(later(Place::Watch), Some(Later::AfterFull));
        assert_eq!(later(Place::Approval { wave: 3 }), Some(Later::Wave(2)));
        let by_people = Outcome {
            ending: Ending::RolledBack,
            detected_by: Some(DetectedBy::People),
            stopped_at: Some(step(2)),
            ..undetected(0, 0)
        };
        assert_eq!(first_zone.later(&by_people), None);
    }
}
