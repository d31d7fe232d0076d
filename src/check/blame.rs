//! Which part of a strategy a rollout has to thank for being over a limit.
//!
//! Of a fault that was stopped it is the last part of the program that was over by then: whatever watched there let the
//! fault through. Where the limit is on how much is hit at most, the rollout may have been past help before: then it is the
//! last part that was over before the new version had more than that much. Both are read off the outcome and the program;
//! traffic counts with its mean, and targets that go side by side go in step.

mod exposed;

use std::collections::BTreeSet;

use crate::outcome::{Ending, Outcome, Place};
use crate::plan::{BakeKind, Origin, Plan, Strategy, TargetSpec, Wave};

/// A part of a strategy's program. Waves and steps count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A step of a wave's zones, with its bake.
    Step {
        /// The wave.
        wave: u32,
        /// The step.
        step: u32,
    },
    /// The bake after a batch of a wave's zones.
    ZoneBake {
        /// The wave.
        wave: u32,
    },
    /// The bake of a wave.
    WaveBake {
        /// The wave.
        wave: u32,
    },
}

impl Part {
    /// Where it was declared, and what it belongs to: the first that somebody wrote is its place.
    pub fn origins(self, strategy: &Strategy) -> [Origin; 3] {
        let (Part::Step { wave, .. } | Part::ZoneBake { wave } | Part::WaveBake { wave }) = self;
        let of_wave = strategy.waves.get(wave as usize - 1);
        let own = of_wave.and_then(|w| match self {
            Part::Step { step, .. } => w.steps.get(step as usize - 1).map(|s| s.origin),
            Part::ZoneBake { .. } => w.zone_bake.as_ref().map(|b| b.origin),
            Part::WaveBake { .. } => w.bake.as_ref().map(|b| b.origin),
        });
        [
            own.unwrap_or(Origin::NOWHERE),
            of_wave.map_or(Origin::NOWHERE, |w| w.origin),
            strategy.origin,
        ]
    }
}

/// What a part of the program has to do with a rollout that is over a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Blame {
    /// It was the last that was over, and did not stop the fault.
    LetThrough(Part),
    /// Nothing was over yet: it exposes too much at once.
    AtOnce(Part),
    /// The rollout was stopped in it by chance.
    ByChance(Part),
}

impl Blame {
    /// The part.
    pub fn part(self) -> Part {
        let (Blame::LetThrough(part) | Blame::AtOnce(part) | Blame::ByChance(part)) = self;
        part
    }
}

/// How far a rollout is: by wave, then whether its first zones or later ones are in work, then by stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    wave: u32,
    round: u32,
    stage: u32,
}

const FIRST_ZONES: u32 = 0;
const LATER_ZONES: u32 = 1;
const WAVE_BAKE: u32 = 2;
/// The stage after all steps.
const ZONE_BAKE: u32 = u32::MAX;

impl Position {
    const END: Position = Position {
        wave: u32::MAX,
        round: 0,
        stage: 0,
    };
}

/// The program of a strategy.
#[derive(Debug)]
pub struct Program<'p> {
    plan: &'p Plan,
    strategy: &'p Strategy,
    /// Of each wave the zones that begin when it does.
    first: Vec<BTreeSet<usize>>,
}

impl<'p> Program<'p> {
    /// Of a strategy, by index in the plan.
    pub fn of(plan: &'p Plan, strategy: usize) -> Program<'p> {
        let strategy = &plan.strategies[strategy];
        let waves = strategy.waves.iter().enumerate();
        let first = waves.map(|(w, wave)| match &strategy.fixed_targets {
            Some(targets) => {
                let at_once = targets[w].iter().take(wave.parallel);
                let zones = at_once.flat_map(|t| {
                    let batch = wave.batches.size(0, t.zones.len());
                    t.zones[..batch].iter().copied()
                });
                zones.collect()
            }
            None => first_in_any_order(plan, wave),
        });
        Program {
            plan,
            strategy,
            first: first.collect(),
        }
    }

    /// What is to blame for a rollout; `crossing` is where the new version comes to have more than the limit allows.
    /// `None` where no part is: fault-free changes that nothing stopped, faults that never woke or met no traffic, and
    /// rollouts that did not end.
    pub(super) fn blame(&self, outcome: &Outcome, crossing: Option<Position>) -> Option<Blame> {
        let stopped = outcome.stopped_at.and_then(|place| self.position(place));
        let at = match outcome.ending {
            Ending::Shipped | Ending::GivenUp => return stopped.map(|at| self.by_chance(at)),
            Ending::Caught | Ending::Latent | Ending::Stalled => return None,
            Ending::RolledBack => stopped?,
            Ending::Undetected => Position::END,
        };
        let at = crossing.map_or(at, |crossing| at.min(crossing));
        Some(match self.before(at) {
            Some(part) => Blame::LetThrough(part),
            None => Blame::AtOnce(part_at(at)),
        })
    }

    fn by_chance(&self, at: Position) -> Blame {
        let part = match at {
            Position::END => self.end(self.strategy.waves.len() as u32),
            at => Some(part_at(at)),
        };
        Blame::ByChance(part.unwrap_or(Part::Step { wave: 1, step: 1 }))
    }

    fn position(&self, place: Place) -> Option<Position> {
        let at = |wave, round, stage| Position { wave, round, stage };
        Some(match place {
            Place::Preproduction(_) => return None,
            Place::Approval { wave } => at(wave, FIRST_ZONES, 0),
            Place::PreTraffic { wave, zone, .. } => at(wave, self.round(wave, zone), 1),
            Place::Step { wave, zone, step } => at(wave, self.round(wave, zone), step),
            Place::PostTraffic { wave, zone, .. } => at(wave, self.round(wave, zone), ZONE_BAKE),
            // It may have been any batch: what exposes more is taken first.
            Place::ZoneBake { wave, .. } => at(wave, LATER_ZONES, ZONE_BAKE),
            Place::WaveBake { wave } => at(wave, WAVE_BAKE, 0),
            Place::Watch => Position::END,
        })
    }

    fn round(&self, wave: u32, zone: u32) -> u32 {
        let first = self.first.get(wave as usize - 1);
        match first.is_some_and(|zones| zones.contains(&(zone as usize))) {
            true => FIRST_ZONES,
            false => LATER_ZONES,
        }
    }

    /// The part that was over last.
    fn before(&self, at: Position) -> Option<Part> {
        let Position { wave, round, stage } = at;
        match (round, stage) {
            _ if at == Position::END => self.end(self.strategy.waves.len() as u32),
            (WAVE_BAKE, _) => self.after_zone(wave),
            (_, ZONE_BAKE) => self.last_step(wave),
            (_, step) if step > 1 => Some(Part::Step {
                wave,
                step: step - 1,
            }),
            (FIRST_ZONES, _) => self.end(wave - 1),
            _ => self.after_zone(wave),
        }
    }

    fn wave(&self, wave: u32) -> Option<&'p Wave> {
        self.strategy.waves.get((wave as usize).checked_sub(1)?)
    }

    fn last_step(&self, wave: u32) -> Option<Part> {
        let steps = self.wave(wave)?.steps.len() as u32;
        (steps > 0).then_some(Part::Step { wave, step: steps })
    }

    fn after_zone(&self, wave: u32) -> Option<Part> {
        match self.wave(wave)?.zone_bake {
            Some(_) => Some(Part::ZoneBake { wave }),
            None => self.last_step(wave),
        }
    }

    /// The last part of a wave, or of the one before where it has nobody to go to.
    fn end(&self, wave: u32) -> Option<Part> {
        let of = self.wave(wave)?;
        let fixed = self.strategy.fixed_targets.as_ref();
        match of.bake {
            _ if fixed.is_some_and(|t| t[wave as usize - 1].is_empty()) => self.end(wave - 1),
            Some(_) => Some(Part::WaveBake { wave }),
            None => self.after_zone(wave),
        }
    }

    /// The bakes that take longest on the way to the last zone, in the mean: of a strategy that is too slow.
    pub fn longest_bake(&self) -> Option<Part> {
        let mut longest: Option<(f64, Part)> = None;
        for (w, wave) in self.strategy.waves.iter().enumerate() {
            let number = w as u32 + 1;
            let times = self.times(w, wave);
            let steps = wave.steps.iter().zip(1..).map(|(s, step)| {
                let part = Part::Step { wave: number, step };
                (times, s.bake.as_ref(), part)
            });
            let of_zones = (
                times,
                wave.zone_bake.as_ref(),
                Part::ZoneBake { wave: number },
            );
            let of_wave = (1.0, wave.bake.as_ref(), Part::WaveBake { wave: number });
            for (times, bake, part) in steps.chain([of_zones, of_wave]) {
                let Some(BakeKind::Timed(timed)) = bake.map(|b| &b.kind) else {
                    continue;
                };
                let takes = times * timed.lasts.mean();
                if takes > longest.map_or(0.0, |(most, _)| most) {
                    longest = Some((takes, part));
                }
            }
        }
        longest.map(|(_, part)| part)
    }

    /// How often a wave goes through its steps one after the other.
    fn times(&self, w: usize, wave: &Wave) -> f64 {
        let Some(targets) = self.strategy.fixed_targets.as_ref().map(|t| &t[w]) else {
            return 1.0;
        };
        let most = targets.iter().map(|t| batches(wave, &t.zones).len()).max();
        let rounds = targets.len().div_ceil(wave.parallel.max(1));
        (most.unwrap_or(0) * rounds) as f64
    }
}

/// A target's zones, batch by batch.
fn batches<'z>(wave: &Wave, zones: &'z [usize]) -> Vec<&'z [usize]> {
    let (mut batches, mut left) = (Vec::new(), zones);
    while !left.is_empty() {
        let size = wave.batches.size(batches.len(), left.len()).max(1);
        let (batch, rest) = left.split_at(size);
        batches.push(batch);
        left = rest;
    }
    batches
}

/// The zones that begin with a wave whatever the order of the regions; none where that depends on it.
fn first_in_any_order(plan: &Plan, wave: &Wave) -> BTreeSet<usize> {
    let regions = &plan.fleet.regions;
    let targets = match &wave.spec {
        TargetSpec::Next(n) => *n,
        TargetSpec::Rest => regions.len(),
        TargetSpec::Named(targets) => targets.len(),
    };
    if targets > wave.parallel {
        return BTreeSet::new();
    }
    let first = regions.iter().flat_map(|r| {
        let batch = wave.batches.size(0, r.zones.len());
        r.zones.clone().take(batch)
    });
    first.collect()
}

/// What is in work there.
fn part_at(at: Position) -> Part {
    let wave = at.wave;
    match (at.round, at.stage) {
        (WAVE_BAKE, _) => Part::WaveBake { wave },
        (_, ZONE_BAKE) => Part::ZoneBake { wave },
        (_, step) => Part::Step {
            wave,
            step: step.max(1),
        },
    }
}

#[cfg(test)]
mod tests;
