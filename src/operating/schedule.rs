//! How often an alarm stops a whole rollout of a good change, by chance.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::gate::{Chance, Gate};
use super::memory::Memory;
use super::stage::{StageKind, bake_s, finite, targets, wave_s};
use crate::plan::{Action, Plan, Population, Strategy, Target, Watches};

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
    Schedule::of(plan, &plan.strategies[strategy], Rc::default()).by_itself(alarm)
}

/// Where and when a strategy brings new version to the fleet: what has to be known of every alarm.
#[derive(Debug)]
pub struct Schedule<'p> {
    plan: &'p Plan,
    strategy: Rc<Strategy>,
    kinds: Vec<Kind<'p>>,
    /// By wave: the seconds from the end of its bake until that of the last.
    after_wave: Vec<f64>,
    memory: Rc<Memory>,
    only_whole: bool,
}

/// Regions in which everything goes the same way.
#[derive(Debug)]
struct Kind<'p> {
    wave: usize,
    /// One of them.
    region: usize,
    regions: usize,
    zones: usize,
    /// By how long alarms watch: `Rollout`, `Watch`, and less.
    gates: [OnceCell<Option<Gate<'p>>>; 3],
}

impl<'p> Schedule<'p> {
    /// Of a strategy, which need not be the plan's own.
    pub fn of(plan: &'p Plan, strategy: &Strategy, memory: Rc<Memory>) -> Schedule<'p> {
        let strategy = Rc::new(strategy.clone());
        let targets = targets(plan, &strategy).into_owned();
        let mut after_wave = vec![0.0; strategy.waves.len()];
        let mut sum = 0.0;
        for (w, wave) in strategy.waves.iter().enumerate().rev() {
            after_wave[w] = sum;
            let approval = wave.people.as_ref().or(strategy.approval.as_ref());
            let bake = bake_s(wave.bake.as_ref(), f64::INFINITY, approval);
            sum += wave_s(plan, &strategy, wave, &targets[w]) + bake;
        }
        Schedule {
            kinds: kinds(plan, &targets),
            plan,
            strategy,
            after_wave,
            memory,
            only_whole: false,
        }
    }

    /// Without windows in which something changes where these take much work, and with as many kinds of regions as the work that is allowed reaches,
    /// those with the most zones first: what is found is at most what is true, but for what it assumes.
    pub fn at_least(self) -> Schedule<'p> {
        Schedule {
            only_whole: true,
            ..self
        }
    }

    /// As [`by_itself`], of an alarm (by index).
    pub fn by_itself(&self, alarm: usize) -> ByItself {
        let of = &self.strategy.alarms[alarm];
        let first = self.kinds.iter().map(|k| (k.wave, k.region)).min();
        let count = |kind: &Kind<'_>| match of.population {
            Population::Region => kind.regions,
            Population::Fleet => usize::from(Some((kind.wave, kind.region)) == first),
            _ => kind.zones,
        };
        let counts: Vec<usize> = self.kinds.iter().map(count).collect();
        let instances = counts.iter().sum();
        let not = |why: String| ByItself {
            instances,
            expected: Chance::NotComputed(why.clone()),
            any: Chance::NotComputed(why),
        };
        if self.kinds.len() > MOST_KINDS && !self.only_whole {
            return not(format!("regions of more than {MOST_KINDS} kinds"));
        }
        let (mut low, mut high) = (0.0, 0.0);
        let (mut quiet_low, mut quiet_high) = (1.0, 1.0);
        let (mut is_bound, mut is_about, mut is_any) = (false, false, false);
        let mut why_not = None;
        for (i, (kind, &n)) in self.kinds.iter().zip(&counts).enumerate() {
            if n == 0 || of.does == Action::Hold {
                continue;
            }
            let n = n as f64;
            let found = match i < MOST_KINDS {
                true => self.of_kind(kind, alarm),
                false => Err(format!("regions of more than {MOST_KINDS} kinds")),
            };
            let quiet = match found {
                Ok(quiet) => quiet,
                Err(why) if !self.only_whole => return not(why),
                Err(why) => {
                    why_not = Some(why);
                    Quiet {
                        least: 0.0,
                        is_bound: true,
                        ..Quiet::default()
                    }
                }
            };
            is_any |= why_not.is_none();
            is_bound |= quiet.is_bound;
            is_about |= quiet.is_about;
            low += n * (1.0 - quiet.most);
            high += n * (1.0 - quiet.least);
            quiet_low *= libm::pow(quiet.most, n);
            quiet_high *= libm::pow(quiet.least, n);
        }
        if let (Some(why), false) = (why_not, is_any) {
            return not(why);
        }
        let chance = |low: f64, high: f64| match (is_bound, is_about) {
            (true, _) => Chance::Between(low, high),
            (false, true) => Chance::About(low),
            (false, false) => Chance::Is(low),
        };
        ByItself {
            instances,
            expected: chance(low, high),
            any: chance(1.0 - quiet_low, 1.0 - quiet_high),
        }
    }

    /// The chance that an alarm stays quiet in one instance.
    fn of_kind(&self, kind: &Kind<'p>, alarm: usize) -> Result<Quiet, String> {
        let mut quiet = Quiet::default();
        let Some(gate) = self.gate(kind, self.strategy.alarms[alarm].watches) else {
            return Ok(quiet);
        };
        for stage in 0..gate.stages().len() {
            let chance = gate.chance(alarm, stage, 0.0);
            let Some((low, high)) = chance.bounds() else {
                if let Chance::NotComputed(why) = chance {
                    return Err(why);
                }
                continue;
            };
            quiet.is_bound |= matches!(chance, Chance::Between(..));
            quiet.is_about |= matches!(chance, Chance::About(_));
            quiet.most *= 1.0 - low;
            quiet.least *= 1.0 - high;
        }
        Ok(quiet)
    }

    /// A kind's gate, whose last bake goes on for as long as the alarm watches.
    fn gate<'s>(&'s self, kind: &'s Kind<'p>, watches: Watches) -> Option<&'s Gate<'p>> {
        let (which, rest) = match watches {
            Watches::Rollout => (0, self.after_wave[kind.wave]),
            Watches::Watch => (1, self.after_wave[kind.wave] + finite(self.plan.watch_s)),
            Watches::Step | Watches::Zone | Watches::Wave => (2, 0.0),
        };
        let made = kind.gates[which].get_or_init(|| {
            let with = |baked| {
                let memory = Rc::clone(&self.memory);
                let strategy = Rc::clone(&self.strategy);
                Gate::with(self.plan, strategy, kind.region, 1.0, baked, memory)
            };
            let mut gate = with(None)?;
            if rest > 0.0 {
                // The rest is one more bake of the wave.
                let last = gate.stages().last()?;
                let before = match last.kind {
                    StageKind::WaveBake => last.ends_s - last.bakes_s,
                    _ => 0.0,
                };
                gate = with(Some((StageKind::WaveBake, before + rest)))?;
            }
            gate.whole_windows = self.only_whole;
            Some(gate)
        });
        made.as_ref()
    }
}

/// The chance that an alarm stays quiet, at the most and at the least.
#[derive(Clone, Copy, Debug)]
struct Quiet {
    most: f64,
    least: f64,
    is_bound: bool,
    is_about: bool,
}

impl Default for Quiet {
    fn default() -> Quiet {
        Quiet {
            most: 1.0,
            least: 1.0,
            is_bound: false,
            is_about: false,
        }
    }
}

/// The regions that get new version, those alike together; the kind with the most zones first.
fn kinds<'p>(plan: &Plan, targets: &[Vec<Target>]) -> Vec<Kind<'p>> {
    let mut first: Vec<Option<(usize, &Target)>> = vec![None; plan.fleet.regions.len()];
    let mut zones = vec![0; plan.fleet.regions.len()];
    for (wave, target) in (0..)
        .zip(targets)
        .flat_map(|(w, of)| of.iter().map(move |t| (w, t)))
    {
        first[target.region].get_or_insert((wave, target));
        zones[target.region] += target.zones.len();
    }
    let mut kinds = BTreeMap::new();
    for (region, declared) in plan.fleet.regions.iter().enumerate() {
        let Some((wave, target)) = first[region] else {
            continue;
        };
        let key = (
            wave,
            plan.fleet.zones[target.zones[0]].rps.to_bits(),
            declared.boxes_per_zone,
            declared.zones.len(),
            target.zones.len(),
        );
        let kind = kinds.entry(key).or_insert_with(|| Kind {
            wave,
            region,
            regions: 0,
            zones: 0,
            gates: Default::default(),
        });
        kind.regions += 1;
        kind.zones += zones[region];
    }
    let mut kinds: Vec<Kind<'p>> = kinds.into_values().collect();
    kinds.sort_by_key(|k| (std::cmp::Reverse(k.zones), k.wave, k.region));
    kinds
}
