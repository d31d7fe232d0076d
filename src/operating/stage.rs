//! The stages of a place, and how much new version there is through them.

use std::borrow::Cow;

use crate::plan::{
    Bake, BakeKind, Parts, PeopleDelay, Plan, Strategy, Target, Wave, WaveTargets, assign_targets,
};

/// What a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StageKind {
    /// A step, from 1, and its bake.
    Step(u32),
    /// The bake after a batch of zones.
    ZoneBake,
    /// The bake of the wave.
    WaveBake,
}

impl std::fmt::Display for StageKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StageKind::Step(n) => write!(f, "step {n}"),
            StageKind::ZoneBake => write!(f, "zone bake"),
            StageKind::WaveBake => write!(f, "wave bake"),
        }
    }
}

/// A stretch of a rollout; times in seconds from the first new version in the zone.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Stage {
    /// What it is.
    pub kind: StageKind,
    /// When its action begins (before 0, for the first step).
    pub begins_s: f64,
    /// When its first new version comes, or its bake begins: here the defect wakes.
    pub live_s: f64,
    /// When its bake begins.
    pub bakes_s: f64,
    /// When its bake ends.
    pub ends_s: f64,
    /// The new version's share of the zone at its end.
    pub share: f64,
}

/// How much new version there is from a moment on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Piece {
    pub from_s: f64,
    /// Its share of a zone.
    pub share: f64,
    /// That of the first step alone.
    pub first: f64,
    /// Such zones' share of the region's traffic, and of the fleet's.
    pub of_region: f64,
    pub of_fleet: f64,
}

/// The stages of a region's first wave, and the pieces of time between changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    pub stages: Vec<Stage>,
    pub pieces: Vec<Piece>,
}

/// The first wave that brings new version to a region (its position), with its target there and those under way at once.
pub(super) fn first_wave<'t>(
    targets: &'t [Vec<Target>],
    strategy: &Strategy,
    region: usize,
) -> Option<(usize, &'t Target, &'t [Target])> {
    targets.iter().enumerate().find_map(|(w, of_wave)| {
        let at = of_wave.iter().position(|t| t.region == region)?;
        let parallel = strategy.waves[w].parallel.max(1);
        let first = at / parallel * parallel;
        let together = &of_wave[first..(first + parallel).min(of_wave.len())];
        Some((w, &of_wave[at], together))
    })
}

/// Each wave's targets; regions in order of declaration where the order is drawn anew each time.
pub(super) fn targets<'s>(plan: &Plan, strategy: &'s Strategy) -> Cow<'s, WaveTargets> {
    match &strategy.fixed_targets {
        Some(targets) => Cow::Borrowed(targets),
        None => {
            let order: Vec<usize> = (0..plan.fleet.regions.len()).collect();
            Cow::Owned(assign_targets(&plan.fleet, &strategy.waves, &order))
        }
    }
}

pub(super) fn mean_delay(delay: Option<&PeopleDelay>) -> f64 {
    delay.map_or(0.0, |d| finite(d.inside.mean()))
}

/// Seconds beyond which nothing is followed: a year.
const LONGEST_S: f64 = 366.0 * 86_400.0;

pub(super) fn finite(seconds: f64) -> f64 {
    if seconds.is_finite() {
        seconds.clamp(0.0, LONGEST_S)
    } else {
        LONGEST_S
    }
}

/// How long a bake lasts in the mean, at `rps` requests a second to the new version.
pub(super) fn bake_s(bake: Option<&Bake>, rps: f64, approval: Option<&PeopleDelay>) -> f64 {
    match bake.map(|b| &b.kind) {
        None => 0.0,
        Some(BakeKind::Manual) => mean_delay(approval),
        Some(BakeKind::Timed(timed)) => {
            let wanted = if timed.min_requests > 0.0 {
                timed.min_requests / rps
            } else {
                0.0
            };
            let lasts = finite(timed.lasts.mean()).max(finite(wanted));
            timed.at_most_s.map_or(lasts, |most| lasts.min(most))
        }
    }
}

impl Course {
    /// Of a region in its first wave, with traffic `times` its mean; a stage's bake may be replaced.
    pub fn of(
        plan: &Plan,
        strategy: &Strategy,
        region: usize,
        times: f64,
        baked: Option<(StageKind, f64)>,
    ) -> Option<Course> {
        let targets = targets(plan, strategy);
        let (w, target, together) = first_wave(&targets, strategy, region)?;
        let wave = &strategy.waves[w];
        let approval = wave.people.as_ref().or(strategy.approval.as_ref());
        let fleet = &plan.fleet;
        let replaced = |kind, seconds| match baked {
            Some((of, s)) if of == kind => s,
            _ => seconds,
        };
        let zone_rps = times * fleet.zones[target.zones[0]].rps;
        let batch = wave.batches.size(0, target.zones.len());
        let batch_rps = |t: &Target| {
            let zones = wave.batches.size(0, t.zones.len());
            zones as f64 * fleet.zones[t.zones[0]].rps
        };
        let of_region = batch as f64 / fleet.regions[region].zones.len() as f64;
        let of_fleet = together.iter().map(batch_rps).sum::<f64>() / fleet.rps;
        let mut course = Course::default();
        let boxes = fleet.regions[region].boxes_per_zone;
        let (mut share, mut now) = (0.0_f64, 0.0_f64);
        for (i, step) in wave.steps.iter().enumerate() {
            let kind = StageKind::Step(i as u32 + 1);
            let to = step.to.in_zone(boxes).max(share);
            let takes = finite(step.takes.mean());
            let parts = parts(step.parts, share, to, boxes);
            let part_s = takes / f64::from(parts);
            let begins_s = if i == 0 { -part_s } else { now };
            let first = share;
            let step_share = to - share;
            if step_share > 0.0 {
                for k in 1..=parts {
                    let done = first + step_share * f64::from(k) / f64::from(parts);
                    let share_now = if k == parts { to } else { done };
                    course.pieces.push(Piece {
                        from_s: begins_s + f64::from(k) * part_s,
                        share: share_now,
                        first: if i == 0 {
                            share_now
                        } else {
                            course.first_share()
                        },
                        of_region,
                        of_fleet,
                    });
                }
            }
            share = to;
            let bakes_s = begins_s + takes;
            let bake = replaced(kind, bake_s(step.bake.as_ref(), zone_rps * share, approval));
            now = bakes_s + bake;
            course.stages.push(Stage {
                kind,
                begins_s,
                live_s: begins_s + part_s,
                bakes_s,
                ends_s: now,
                share,
            });
        }
        let tests: f64 = strategy
            .post_traffic
            .iter()
            .map(|t| finite(t.takes.mean()))
            .sum();
        let zone_rps_all = batch as f64 * zone_rps * share;
        let zone_bake = bake_s(wave.zone_bake.as_ref(), zone_rps_all, approval);
        course.bake(
            StageKind::ZoneBake,
            &mut now,
            tests,
            replaced(StageKind::ZoneBake, zone_bake),
            share,
        );
        let wave_rps: f64 = targets[w]
            .iter()
            .map(|t| t.zones.len() as f64 * fleet.zones[t.zones[0]].rps)
            .sum();
        let wave_bake = bake_s(wave.bake.as_ref(), times * wave_rps * share, approval);
        let wave_bake = replaced(StageKind::WaveBake, wave_bake);
        let begins = now;
        course.bake(StageKind::WaveBake, &mut now, 0.0, wave_bake, share);
        if wave_bake > 0.0 {
            let first = course.first_share();
            course.pieces.push(Piece {
                from_s: begins,
                share,
                first,
                of_region: target.zones.len() as f64 / fleet.regions[region].zones.len() as f64,
                of_fleet: wave_rps / fleet.rps,
            });
        }
        Some(course)
    }

    fn first_share(&self) -> f64 {
        self.stages.first().map_or(0.0, |s| s.share)
    }

    fn bake(&mut self, kind: StageKind, now: &mut f64, before_s: f64, lasts_s: f64, share: f64) {
        let begins_s = *now;
        *now += before_s + lasts_s;
        if lasts_s > 0.0 {
            self.stages.push(Stage {
                kind,
                begins_s,
                live_s: begins_s + before_s,
                bakes_s: begins_s + before_s,
                ends_s: *now,
                share,
            });
        }
    }

    /// What holds just before a moment; `None` before the first new version.
    pub fn before(&self, t: f64) -> Option<&Piece> {
        let next = self.pieces.partition_point(|p| p.from_s < t);
        next.checked_sub(1).map(|i| &self.pieces[i])
    }
}

fn parts(parts: Parts, from: f64, to: f64, boxes: u32) -> u32 {
    match parts {
        _ if to <= from => 1,
        Parts::Equal(n) => n.max(1),
        Parts::Boxes => libm::round((to - from) * f64::from(boxes)).max(1.0) as u32,
    }
}

/// How long a target takes, and a wave without its bake.
pub(super) fn wave_s(plan: &Plan, strategy: &Strategy, wave: &Wave, targets: &[Target]) -> f64 {
    let approval = wave.people.as_ref().or(strategy.approval.as_ref());
    let tests: f64 = strategy
        .pre_traffic
        .iter()
        .chain(&strategy.post_traffic)
        .map(|t| finite(t.takes.mean()))
        .sum();
    let target_s = |t: &Target| {
        let rps = plan.fleet.zones[t.zones[0]].rps;
        let boxes = plan.fleet.regions[t.region].boxes_per_zone;
        let mut share = 0.0_f64;
        let steps: f64 = wave
            .steps
            .iter()
            .map(|step| {
                share = share.max(step.to.in_zone(boxes));
                finite(step.takes.mean()) + bake_s(step.bake.as_ref(), rps * share, approval)
            })
            .sum();
        let (mut left, mut k, mut sum) = (t.zones.len(), 0, 0.0);
        while left > 0 {
            let zones = wave.batches.size(k, left).max(1);
            sum += tests
                + steps
                + bake_s(
                    wave.zone_bake.as_ref(),
                    zones as f64 * rps * share,
                    approval,
                );
            left -= zones;
            k += 1;
        }
        sum
    };
    // Targets start in order, each as soon as one is done.
    let mut free = vec![0.0_f64; wave.parallel.max(1).min(targets.len().max(1))];
    for target in targets {
        let first = free.iter_mut().min_by(|a, b| a.total_cmp(b));
        if let Some(at) = first {
            *at += target_s(target);
        }
    }
    free.into_iter().fold(0.0, f64::max)
}
