//! How often an alarm stops a whole rollout of a good change, by chance.

use std::collections::BTreeMap;

use super::gate::{Chance, Gate};
use super::stage::{StageKind, finite, first_wave, targets, wave_s};
use crate::plan::{Action, Plan, Population, Strategy, Watches};

/// How often an alarm fires by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct ByItself {
    /// Instances of its population that get new version.
    pub instances: usize,
    /// The expected number of instances in which it fires during one rollout of a good change.
    pub expected: Chance,
    /// The chance that it fires in any.
    pub any: Chance,
}

/// Kinds of places computed at the most.
const MOST_KINDS: usize = 64;

/// How often an alarm of a strategy (both by index) fires during a rollout of a good change that nothing else stops: in each
/// of its instances from the first new version until it stops watching. Windows, calm and pauses take no time here, so a
/// rollout that waits for them is watched for longer than this says; incidents and warm-up are left out. Instances are
/// independent of each other (their noise is). Beyond the bake of its wave an instance is as in that bake.
///
/// A region's alarm is followed as if the region's batches were one, the fleet's through the first wave and as if all of that
/// were there to the end.
pub fn by_itself(plan: &Plan, strategy: usize, alarm: usize) -> ByItself {
    let of = &plan.strategies[strategy];
    let targets = targets(plan, of);
    let population = of.alarms[alarm].population;
    let mut kinds: BTreeMap<(usize, u64, u32, usize), (usize, usize)> = BTreeMap::new();
    for region in 0..plan.fleet.regions.len() {
        let Some((wave, target, _)) = first_wave(&targets, of, region) else {
            continue;
        };
        let declared = &plan.fleet.regions[region];
        let zones: usize = targets
            .iter()
            .flatten()
            .filter(|t| t.region == region)
            .map(|t| t.zones.len())
            .sum();
        let rps = plan.fleet.zones[target.zones[0]].rps;
        let count = match population {
            Population::Region => 1,
            Population::Fleet => usize::from(kinds.is_empty()),
            _ => zones,
        };
        let key = (
            wave,
            rps.to_bits(),
            declared.boxes_per_zone,
            declared.zones.len(),
        );
        kinds.entry(key).or_insert((region, 0)).1 += count;
    }
    let instances = kinds.values().map(|k| k.1).sum();
    let not = |why: String| ByItself {
        instances,
        expected: Chance::NotComputed(why.clone()),
        any: Chance::NotComputed(why),
    };
    if kinds.len() > MOST_KINDS {
        return not(format!("regions of more than {MOST_KINDS} kinds"));
    }
    let (mut low, mut high) = (0.0, 0.0);
    let (mut quiet_low, mut quiet_high) = (1.0, 1.0);
    let mut is_bound = false;
    for (&(wave, ..), &(region, count)) in kinds.iter().filter(|(_, k)| k.1 > 0) {
        let Some(gate) = Gate::new(plan, strategy, region) else {
            continue;
        };
        let rest = rest_s(plan, of, &targets, wave, of.alarms[alarm].watches);
        let (mut quiet, mut least_quiet) = (1.0, 1.0);
        for stage in 0..gate.stages().len() {
            let chance = gate.chance(alarm, stage, 0.0);
            let Some((l, h)) = chance.bounds() else {
                if let Chance::NotComputed(why) = chance {
                    return not(why);
                }
                continue;
            };
            is_bound |= matches!(chance, Chance::Between(..));
            quiet *= 1.0 - l;
            least_quiet *= 1.0 - h;
        }
        if let (Some((l, h)), bound) = gate.after(alarm, rest) {
            is_bound |= bound;
            quiet *= 1.0 - l;
            least_quiet *= 1.0 - h;
        }
        let n = count as f64;
        low += n * (1.0 - quiet);
        high += n * (1.0 - least_quiet);
        quiet_low *= libm::pow(quiet, n);
        quiet_high *= libm::pow(least_quiet, n);
    }
    let chance = |low: f64, high: f64| {
        if is_bound {
            Chance::Between(low, high)
        } else {
            Chance::Is(low)
        }
    };
    ByItself {
        instances,
        expected: chance(low, high),
        any: chance(1.0 - quiet_low, 1.0 - quiet_high),
    }
}

/// How long an alarm goes on watching once the bake of a wave is over, in seconds.
fn rest_s(
    plan: &Plan,
    strategy: &Strategy,
    targets: &[Vec<crate::plan::Target>],
    wave: usize,
    watches: Watches,
) -> f64 {
    if !matches!(watches, Watches::Rollout | Watches::Watch) {
        return 0.0;
    }
    let later = strategy.waves.iter().zip(targets).skip(wave + 1);
    let waves: f64 = later
        .map(|(wave, targets)| {
            let approval = wave.people.as_ref().or(strategy.approval.as_ref());
            let bake = super::stage::bake_s(wave.bake.as_ref(), f64::INFINITY, approval);
            wave_s(plan, strategy, wave, targets) + bake
        })
        .sum();
    let watch = if watches == Watches::Watch {
        finite(plan.watch_s)
    } else {
        0.0
    };
    waves + watch
}

impl Gate<'_> {
    /// The chance that an alarm fires in so many seconds more after the last stage, on a good change that all have; whether
    /// these are bounds.
    fn after(&self, alarm: usize, seconds: f64) -> (Option<(f64, f64)>, bool) {
        let of = &self.strategy.alarms[alarm];
        if seconds <= 0.0 || of.does == Action::Hold {
            return (None, false);
        }
        let Some(last) = self.course.stages.last() else {
            return (None, false);
        };
        // The rest is one more bake of the wave.
        let baked = last.ends_s - last.bakes_s;
        let (kind, before) = match last.kind {
            StageKind::WaveBake => (StageKind::WaveBake, baked),
            _ => (StageKind::WaveBake, 0.0),
        };
        let longer = Gate::with(
            self.plan,
            self.strategy.clone(),
            self.region,
            self.traffic,
            Some((kind, before + seconds)),
        );
        let Some(longer) = longer else {
            return (None, false);
        };
        let stage = longer.course.stages.len() - 1;
        let (with, without) = (longer.chance(alarm, stage, 0.0), {
            if before > 0.0 {
                self.chance(alarm, self.course.stages.len() - 1, 0.0)
            } else {
                Chance::Is(0.0)
            }
        });
        let (Some(with_bounds), Some(without_bounds)) = (with.bounds(), without.bounds()) else {
            return (None, false);
        };
        // Quiet in the longer bake is quiet in the shorter one, and then in the rest.
        let rest = |longer: f64, shorter: f64| {
            if shorter < 1.0 {
                (1.0 - (1.0 - longer) / (1.0 - shorter)).clamp(0.0, 1.0)
            } else {
                0.0
            }
        };
        let is_bound = matches!(with, Chance::Between(..));
        let pair = (
            rest(with_bounds.0, without_bounds.0),
            rest(with_bounds.1, without_bounds.1),
        );
        (Some(pair), is_bound)
    }
}
