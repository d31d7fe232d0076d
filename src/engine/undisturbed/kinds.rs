//! What is the same in all undisturbed rollouts of a strategy: how the shares of zones rise.

use super::super::names;
use super::super::rise::{Rise, is_full};
use crate::plan::{Plan, Strategy, Wave, WaveTargets};
use crate::random::NameKey;

/// The most parts of steps that all zones may have together: so many times are kept.
const MOST_PARTS: usize = 1_000_000;

/// With how many of the kinds met last a zone is compared: one that comes up again later is found twice.
const COMPARED: usize = 64;

/// A strategy's program, zone by zone.
#[derive(Debug)]
pub(in super::super) struct Program {
    pub(in super::super) targets: WaveTargets,
    /// By zone; `None` for those that no wave targets.
    pub(in super::super) zones: Vec<Option<OfZone>>,
    /// Zones of one kind go alike.
    pub(in super::super) kinds: Vec<Kind>,
}

/// A zone's place in the program.
#[derive(Debug)]
pub(in super::super) struct OfZone {
    pub(in super::super) kind: usize,
    pub(in super::super) wave: usize,
    /// The names of its steps.
    pub(in super::super) steps: Box<[NameKey]>,
}

/// How the share of a zone rises.
#[derive(Debug, PartialEq)]
pub(in super::super) struct Kind {
    /// The wave whose steps it goes, its boxes, its nominal requests a second and their curve.
    pub(in super::super) wave: usize,
    pub(in super::super) boxes: u32,
    pub(in super::super) rps: f64,
    pub(in super::super) curve: usize,
    /// By step.
    pub(in super::super) rises: Vec<Rise>,
    /// The step (index) and its part (from 1) with which the zone is full.
    pub(in super::super) full: (usize, u32),
    /// Shares once a part that raises them is live, in order.
    pub(in super::super) states: Vec<Shares>,
}

/// Shares of a zone's traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in super::super) struct Shares {
    /// On the new version.
    pub(in super::super) new: f64,
    /// On cohorts of the first step.
    pub(in super::super) first_step: f64,
}

impl Program {
    /// `None` where targets are drawn, a zone is targeted twice, nothing is, or there are too many parts of steps.
    pub(in super::super) fn of(plan: &Plan, strategy: &Strategy) -> Option<Program> {
        let targets = strategy.fixed_targets.clone()?;
        let mut program = Program {
            zones: (0..plan.fleet.zones.len()).map(|_| None).collect(),
            kinds: Vec::new(),
            targets: Vec::new(),
        };
        let mut parts = 0;
        for (index, wave) in strategy.waves.iter().enumerate() {
            if targets[index].is_empty() || targets[index].iter().any(|t| t.zones.is_empty()) {
                return None;
            }
            for zone in targets[index].iter().flat_map(|t| t.zones.iter().copied()) {
                if program.zones[zone].is_some() {
                    return None;
                }
                let of_zone = program.place(plan, index, wave, zone)?;
                parts += program.kinds[of_zone.kind].states.len();
                if parts > MOST_PARTS {
                    return None;
                }
                program.zones[zone] = Some(of_zone);
            }
        }
        program.targets = targets;
        Some(program)
    }

    fn place(&mut self, plan: &Plan, index: usize, wave: &Wave, zone: usize) -> Option<OfZone> {
        let zone = &plan.fleet.zones[zone];
        let region = &plan.fleet.regions[zone.region];
        let (boxes, curve) = (region.boxes_per_zone, region.curve);
        let is_of = |k: &Kind| (k.wave, k.boxes, k.rps, k.curve) == (index, boxes, zone.rps, curve);
        let known = self.kinds.len().saturating_sub(COMPARED);
        let known = self.kinds[known..]
            .iter()
            .rposition(is_of)
            .map(|i| known + i);
        let kind = match known {
            Some(known) => known,
            None => {
                self.kinds
                    .push(Kind::of(index, wave, boxes, zone.rps, curve)?);
                self.kinds.len() - 1
            }
        };
        let steps = (0..wave.steps.len()).map(|step| names::of_step(zone.key, step));
        Some(OfZone {
            kind,
            wave: index,
            steps: steps.collect(),
        })
    }
}

impl Kind {
    fn of(index: usize, wave: &Wave, boxes: u32, rps: f64, curve: usize) -> Option<Kind> {
        let (mut rises, mut states, mut full) = (Vec::new(), Vec::new(), None);
        let mut now = Shares::default();
        for (number, step) in wave.steps.iter().enumerate() {
            let rise = Rise::of(step, boxes, now.new);
            if states.len() + rise.parts as usize > MOST_PARTS {
                return None;
            }
            for part in 1..=rise.parts {
                if rise.raises() {
                    now.new = rise.share_after(part);
                    if number == 0 {
                        now.first_step = now.new;
                    }
                    states.push(now);
                }
                if full.is_none() && is_full(&wave.steps, boxes, now.new) {
                    full = Some((number, part));
                }
            }
            rises.push(rise);
        }
        // A step to nothing brings nobody the new version.
        (!states.is_empty()).then_some(Kind {
            wave: index,
            boxes,
            rps,
            curve,
            rises,
            full: full?,
            states,
        })
    }
}
