//! How long the parts of a strategy take at least and at most.

use crate::plan::{Bake, BakeKind, Parts, Plan, Step, Strategy, Test, Then, Wave};
use crate::random::Dist;

/// Durations without an upper end count with this quantile.
const LONG: f64 = 0.999;

/// A strategy's waves, with what the lints need to know of where they go.
pub(super) struct Times<'p> {
    pub waves: Vec<WaveTimes<'p>>,
    /// The fleet's traffic if all regions were at their peaks at once.
    pub fleet_rps: f64,
}

/// One wave.
pub(super) struct WaveTimes<'p> {
    pub wave: &'p Wave,
    /// Indices of regions that it may target, each once.
    pub regions: Vec<usize>,
    /// How many targets it has at most.
    pub targets: usize,
    /// The most zones of a target.
    pub zones: usize,
    /// The most traffic that one zone there ever has, requests a second.
    pub zone_rps: f64,
    /// The most traffic that one zone there has on average.
    pub mean_zone_rps: f64,
    /// By step (from 0): the largest share that it may come to in a zone there.
    pub shares: Vec<f64>,
    /// By step: the largest that it or any before it may come to.
    pub reached: Vec<f64>,
    /// The most boxes of a zone there.
    pub boxes: u32,
    /// Whether actions may have to wait: windows, calm, approvals.
    pub waits: bool,
}

/// Which end of a duration.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Least,
    Most,
}

impl End {
    pub fn of(self, dist: &Dist) -> f64 {
        match self {
            End::Least => dist.quantile(0.0),
            End::Most if dist.max().is_finite() => dist.max(),
            End::Most => dist.quantile(LONG),
        }
    }
}

impl<'p> Times<'p> {
    pub fn of(plan: &'p Plan, strategy: &'p Strategy, work: &mut u64) -> Times<'p> {
        let peaks: Vec<f64> = plan.fleet.curves.iter().map(|c| c.max()).collect();
        let all: Vec<usize> = (0..plan.fleet.regions.len()).collect();
        let waits = strategy.waits_for_calm
            || strategy.alarms.iter().any(|a| {
                matches!(
                    a.does,
                    crate::plan::Action::Pause | crate::plan::Action::Hold
                )
            });
        let of_wave = |(index, wave): (usize, &'p Wave)| {
            let fixed = strategy.fixed_targets.as_ref().map(|t| &t[index]);
            let (regions, targets, zones) = match fixed {
                Some(targets) => {
                    let mut regions: Vec<usize> = targets.iter().map(|t| t.region).collect();
                    regions.sort_unstable();
                    regions.dedup();
                    let zones = targets.iter().map(|t| t.zones.len()).max().unwrap_or(0);
                    (regions, targets.len(), zones)
                }
                None => {
                    let zones = plan.fleet.regions.iter().map(|r| r.zones.len()).max();
                    let targets = match wave.spec {
                        crate::plan::TargetSpec::Next(n) => n.min(all.len()),
                        _ => all.len(),
                    };
                    (all.clone(), targets, zones.unwrap_or(0))
                }
            };
            *work += regions.len() as u64;
            let rps = |&r: &usize| {
                let region = &plan.fleet.regions[r];
                region.rps / region.zones.len() as f64 * peaks[region.curve]
            };
            let mean = |&r: &usize| {
                let region = &plan.fleet.regions[r];
                region.rps / region.zones.len() as f64
            };
            let boxes = regions
                .iter()
                .map(|&r| plan.fleet.regions[r].boxes_per_zone);
            let boxes: std::collections::BTreeSet<u32> = boxes.collect();
            *work += (boxes.len() * wave.steps.len()) as u64;
            let share = |step: &Step| {
                let shares = boxes.iter().map(|&b| step.to.in_zone(b));
                shares.fold(0.0, f64::max)
            };
            let shares: Vec<f64> = wave.steps.iter().map(share).collect();
            let mut most = 0.0_f64;
            let reached = shares.iter().map(|&s| {
                most = most.max(s);
                most
            });
            WaveTimes {
                wave,
                reached: reached.collect(),
                shares,
                mean_zone_rps: regions.iter().map(mean).fold(0.0, f64::max),
                zone_rps: regions.iter().map(rps).fold(0.0, f64::max),
                boxes: regions
                    .iter()
                    .map(|&r| plan.fleet.regions[r].boxes_per_zone)
                    .max()
                    .unwrap_or(1),
                regions,
                targets,
                zones,
                waits: waits || wave.windows.is_some(),
            }
        };
        Times {
            fleet_rps: plan.fleet.rps * peaks.iter().copied().fold(0.0, f64::max),
            waves: strategy.waves.iter().enumerate().map(of_wave).collect(),
        }
    }
}

impl<'p> Times<'p> {
    /// The waves that have regions to go to, by index.
    pub fn with_regions(&self) -> impl Iterator<Item = (usize, &WaveTimes<'p>)> {
        let waves = self.waves.iter().enumerate();
        waves.filter(|(_, wave)| !wave.regions.is_empty())
    }
}

impl WaveTimes<'_> {
    /// From the moment a step's first part is live until its last one is.
    pub fn spread_s(&self, step: &Step, end: End) -> f64 {
        let parts = match step.parts {
            Parts::Equal(n) => n,
            Parts::Boxes if end == End::Least => 1,
            Parts::Boxes => self.boxes,
        };
        let whole = end.of(&step.takes);
        whole - whole / f64::from(parts.max(1))
    }

    /// A bake; infinite where people or too little traffic may hold it up.
    pub fn bake_s(&self, bake: Option<&Bake>, end: End) -> f64 {
        let Some(bake) = bake else {
            return 0.0;
        };
        let BakeKind::Timed(timed) = &bake.kind else {
            return if end == End::Least {
                0.0
            } else {
                f64::INFINITY
            };
        };
        let most = timed.at_most_s.unwrap_or(f64::INFINITY);
        let lasts = end.of(&timed.lasts);
        match end {
            End::Least => lasts.min(most),
            End::Most if timed.at_most_s.is_some() && timed.then == Then::Ask => f64::INFINITY,
            End::Most if timed.min_requests > 0.0 => most,
            End::Most => lasts.min(most),
        }
    }

    /// From the first part of a zone's first step until its last step's bake ends.
    pub fn steps_s(&self, end: End) -> f64 {
        let steps = self.wave.steps.iter().enumerate();
        let each = steps.map(|(i, step)| {
            let action = match i {
                0 => self.spread_s(step, end),
                _ => end.of(&step.takes),
            };
            action + self.bake_s(step.bake.as_ref(), end)
        });
        let waits = self.waits && self.wave.steps.len() > 1 && end == End::Most;
        if waits { f64::INFINITY } else { each.sum() }
    }

    /// A whole zone with its tests.
    pub fn zone_s(&self, strategy: &Strategy, end: End) -> f64 {
        let tests = |tests: &[Test]| -> f64 { tests.iter().map(|t| end.of(&t.takes)).sum() };
        let first = self.wave.steps.first().map_or(0.0, |s| end.of(&s.takes));
        let spread = self
            .wave
            .steps
            .first()
            .map_or(0.0, |s| self.spread_s(s, end));
        tests(&strategy.pre_traffic)
            + (first - spread)
            + self.steps_s(end)
            + tests(&strategy.post_traffic)
    }

    /// How many batches the largest target has.
    pub fn batches(&self) -> usize {
        let (mut left, mut k) = (self.zones, 0);
        while left > 0 {
            left -= self.wave.batches.size(k, left).max(1).min(left);
            k += 1;
        }
        k
    }

    /// The whole wave.
    pub fn wave_s(&self, strategy: &Strategy, end: End) -> f64 {
        if end == End::Most && (self.waits || self.wave.approval.is_some()) {
            return f64::INFINITY;
        }
        let batch = self.zone_s(strategy, end) + self.bake_s(self.wave.zone_bake.as_ref(), end);
        let rounds = self.targets.div_ceil(self.wave.parallel.max(1));
        // The least: the largest target alone.
        let rounds = if end == End::Least {
            rounds.min(1)
        } else {
            rounds
        };
        batch * (self.batches() * rounds) as f64 + self.bake_s(self.wave.bake.as_ref(), end)
    }
}
