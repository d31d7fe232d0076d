//! Which part of a strategy a rollout has to thank for being over a limit.
//!
//! Of a fault that was stopped it is the last part of the program that was over by then: whatever watched there let the
//! fault through. Where the limit is on how much is hit at most, the rollout may have been past help before: then it is the
//! last part that was over before the new version had more than that much. Both are read off the outcome and the program;
//! traffic counts with its mean, and targets that go side by side go in step.

use std::collections::BTreeSet;

use super::score::Score;
use crate::outcome::{Ending, Outcome, Place};
use crate::plan::{BakeKind, Origin, Plan, Strategy, TargetSpec, Wave, WaveTargets};
use crate::summary::Metric;

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

    /// Where the new version comes to have more than a score allows; `None` where it never does, the score is of something
    /// else, or the order is drawn anew each time.
    pub(super) fn crossing(&self, against: Score) -> Option<Position> {
        let (metric, over) = against.edge()?;
        let mut exposed = Exposed::nothing(self.plan);
        exposed.of(metric)?;
        let targets: &WaveTargets = self.strategy.fixed_targets.as_ref()?;
        for (w, (wave, targets)) in self.strategy.waves.iter().zip(targets).enumerate() {
            for (g, together) in targets.chunks(wave.parallel.max(1)).enumerate() {
                let batches: Vec<Vec<&[usize]>> = together
                    .iter()
                    .map(|t| batches(wave, t.zones.as_slice()))
                    .collect();
                let most = batches.iter().map(Vec::len).max().unwrap_or(0);
                for b in 0..most {
                    for (s, step) in wave.steps.iter().enumerate() {
                        let zones = batches.iter().filter_map(|of| of.get(b)).copied();
                        for &zone in zones.flatten() {
                            let region =
                                &self.plan.fleet.regions[self.plan.fleet.zones[zone].region];
                            exposed.raise(zone, step.to.in_zone(region.boxes_per_zone));
                        }
                        if exposed.of(metric).is_some_and(|x| x > over) {
                            return Some(Position {
                                wave: w as u32 + 1,
                                round: match (g, b) {
                                    (0, 0) => FIRST_ZONES,
                                    _ => LATER_ZONES,
                                },
                                stage: s as u32 + 1,
                            });
                        }
                    }
                }
            }
        }
        None
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

/// How far the new version is out.
struct Exposed<'p> {
    plan: &'p Plan,
    share: Vec<f64>,
    rps: f64,
    zones: u32,
    of_region: Vec<u32>,
    regions: u32,
    most_of_a_region: u32,
}

impl<'p> Exposed<'p> {
    fn nothing(plan: &'p Plan) -> Exposed<'p> {
        Exposed {
            plan,
            share: vec![0.0; plan.fleet.zones.len()],
            rps: 0.0,
            zones: 0,
            of_region: vec![0; plan.fleet.regions.len()],
            regions: 0,
            most_of_a_region: 0,
        }
    }

    fn raise(&mut self, zone: usize, to: f64) {
        let of = &self.plan.fleet.zones[zone];
        let before = self.share[zone];
        self.share[zone] = before.max(to);
        self.rps += (self.share[zone] - before) * of.rps;
        if before == 0.0 && to > 0.0 {
            let of_region = &mut self.of_region[of.region];
            *of_region += 1;
            self.zones += 1;
            self.regions += u32::from(*of_region == 1);
            self.most_of_a_region = self.most_of_a_region.max(*of_region);
        }
    }

    /// The most that a metric can be by now; `None` of those that are not about how much is out.
    fn of(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::BlastRadius | Metric::ExposurePeak => Some(self.rps / self.plan.fleet.rps),
            Metric::ZonesHit => Some(f64::from(self.zones)),
            Metric::RegionsHit | Metric::RegionsHitAtOnce => Some(f64::from(self.regions)),
            Metric::ZonesHitAtOnceInARegion => Some(f64::from(self.most_of_a_region)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::DetectedBy;
    use crate::plan::{Bake, Parts, Step, StepShare, Then, TimedBake};
    use crate::random::Dist;
    use crate::summary::example;

    fn seconds(s: f64) -> Dist {
        Dist::certain(s).expect("a duration")
    }

    fn bake(s: f64) -> Bake {
        Bake {
            kind: BakeKind::Timed(TimedBake {
                lasts: seconds(s),
                min_requests: 0.0,
                at_most_s: None,
                then: Then::Go,
            }),
            origin: Origin::NOWHERE,
        }
    }

    /// East, then west, each a zone (of a quarter of the traffic) at a time; a tenth, then everything. The first wave bakes.
    fn plan() -> Plan {
        let mut plan = example::plan(0.5, &[1.0], &["ours"]);
        let step = |share| Step {
            to: StepShare::Exact(share),
            takes: seconds(60.0),
            parts: Parts::Equal(1),
            bake: None,
            origin: Origin::NOWHERE,
        };
        let waves = &mut plan.strategies[0].waves;
        waves[0].bake = Some(bake(3_600.0));
        for wave in waves {
            wave.steps = vec![step(0.1), step(1.0)].into();
        }
        plan
    }

    fn stopped(place: Place) -> Outcome {
        Outcome {
            ending: Ending::RolledBack,
            detected_by: Some(DetectedBy::Alarm(0)),
            stopped_at: Some(place),
            ..example::undetected(0, 0)
        }
    }

    fn over(metric: Metric, over: f64) -> Score {
        Score::Beyond {
            metric,
            over,
            inclusive: false,
        }
    }

    fn step(wave: u32, step: u32) -> Part {
        Part::Step { wave, step }
    }

    #[test]
    fn who_was_passed_last_let_it_through() {
        let plan = plan();
        let program = Program::of(&plan, 0);
        let at = |wave, zone, step| Place::Step { wave, zone, step };
        let bake = Part::WaveBake { wave: 1 };
        for (place, blame) in [
            (at(1, 0, 1), Blame::AtOnce(step(1, 1))),
            (at(1, 0, 2), Blame::LetThrough(step(1, 1))),
            // The region's other zone comes after the first.
            (at(1, 1, 1), Blame::LetThrough(step(1, 2))),
            (Place::WaveBake { wave: 1 }, Blame::LetThrough(step(1, 2))),
            (Place::Approval { wave: 2 }, Blame::LetThrough(bake)),
            (at(2, 2, 1), Blame::LetThrough(bake)),
            (at(2, 3, 1), Blame::LetThrough(step(2, 2))),
            (Place::Watch, Blame::LetThrough(step(2, 2))),
        ] {
            let found = program.blame(&stopped(place), None);
            assert_eq!(found, Some(blame), "{place:?}");
        }
        let never = example::undetected(0, 0);
        let last = Blame::LetThrough(step(2, 2));
        assert_eq!(program.blame(&never, None), Some(last));
        let early = stopped(Place::Preproduction(0));
        assert_eq!(program.blame(&early, None), None);
        assert_eq!(program.blame(&example::shipped(0), None), None);
    }

    #[test]
    fn bakes_after_zones_are_passed_too() {
        let mut plan = plan();
        plan.strategies[0].waves[0].zone_bake = Some(bake(60.0));
        let program = Program::of(&plan, 0);
        let place = Place::Step {
            wave: 1,
            zone: 1,
            step: 1,
        };
        let zone_bake = Blame::LetThrough(Part::ZoneBake { wave: 1 });
        assert_eq!(program.blame(&stopped(place), None), Some(zone_bake));
        let place = Place::ZoneBake { wave: 1, region: 0 };
        let last_step = Blame::LetThrough(step(1, 2));
        assert_eq!(program.blame(&stopped(place), None), Some(last_step));
    }

    #[test]
    fn what_is_past_help_was_so_before_it_was_stopped() {
        let plan = plan();
        let program = Program::of(&plan, 0);
        // A zone is a quarter of the traffic: 2.5% after the first step, 25% after the second, 27.5% after the third.
        let blame = |score| program.blame(&stopped(Place::Watch), program.crossing(score));
        for (score, part) in [
            (over(Metric::BlastRadius, 0.1), step(1, 1)),
            (over(Metric::BlastRadius, 0.26), step(1, 2)),
            (over(Metric::BlastRadius, 0.3), step(1, 1)),
            (over(Metric::BlastRadius, 0.51), Part::WaveBake { wave: 1 }),
            (over(Metric::ZonesHit, 1.0), step(1, 2)),
            (over(Metric::RegionsHit, 1.0), Part::WaveBake { wave: 1 }),
            (over(Metric::RequestsHit, 1.0), step(2, 2)),
            (over(Metric::BlastRadius, 1.0), step(2, 2)),
        ] {
            assert_eq!(blame(score), Some(Blame::LetThrough(part)), "{score:?}");
        }
        let at_once = over(Metric::BlastRadius, 0.01);
        assert_eq!(blame(at_once), Some(Blame::AtOnce(step(1, 1))));
        // What reached others before the new version did was not.
        let early = stopped(Place::Step {
            wave: 1,
            zone: 0,
            step: 2,
        });
        let late = program.crossing(over(Metric::RegionsHit, 1.0));
        assert_eq!(
            program.blame(&early, late),
            Some(Blame::LetThrough(step(1, 1)))
        );
    }

    #[test]
    fn a_good_change_is_stopped_by_chance_where_it_was() {
        let plan = plan();
        let program = Program::of(&plan, 0);
        let given_up = Outcome {
            ending: Ending::GivenUp,
            stopped_at: Some(Place::WaveBake { wave: 1 }),
            ..example::shipped(0)
        };
        let bake = Part::WaveBake { wave: 1 };
        assert_eq!(program.blame(&given_up, None), Some(Blame::ByChance(bake)));
    }

    #[test]
    fn bakes_that_come_often_are_long() {
        let mut plan = plan();
        let longest = |plan: &Plan| Program::of(plan, 0).longest_bake();
        assert_eq!(longest(&plan), Some(Part::WaveBake { wave: 1 }));
        // Twice in the wave, zone after zone: 4,000 seconds.
        plan.strategies[0].waves[1].zone_bake = Some(bake(2_000.0));
        assert_eq!(longest(&plan), Some(Part::ZoneBake { wave: 2 }));
    }
}
