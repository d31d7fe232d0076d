//! Where in a program the new version comes to have more than a limit.

use super::super::score::Score;
use super::{FIRST_ZONES, LATER_ZONES, Position, Program, batches};
use crate::plan::{Plan, Step, Target, Wave, WaveTargets};
use crate::summary::Metric;

impl Program<'_> {
    /// Where the new version comes to have more than a score allows; `None` where it never does, the score is of something
    /// else, or the order is drawn anew each time.
    pub(in super::super) fn crossing(&self, against: Score) -> Option<Position> {
        let (metric, over) = against.edge()?;
        let mut exposed = Exposed::nothing(self.plan);
        exposed.of(metric)?;
        let targets: &WaveTargets = self.strategy.fixed_targets.as_ref()?;
        let waves = self.strategy.waves.iter().zip(targets).zip(1..);
        let rounds = waves.flat_map(|((wave, targets), number)| rounds(wave, targets, number));
        for (wave, zones, at) in rounds {
            for (step, stage) in wave.steps.iter().zip(1..) {
                exposed.raise_all(&zones, step);
                if exposed.of(metric).is_some_and(|x| x > over) {
                    return Some(Position { stage, ..at });
                }
            }
        }
        None
    }
}

/// The zones of a wave that go through its steps together, in order, and where that is: targets as many as go in parallel,
/// of each the next batch.
fn rounds<'a>(
    wave: &'a Wave,
    targets: &'a [Target],
    number: u32,
) -> impl Iterator<Item = (&'a Wave, Vec<usize>, Position)> {
    let together = targets.chunks(wave.parallel.max(1)).enumerate();
    together.flat_map(move |(g, targets)| {
        let of_targets = targets.iter().map(|t| batches(wave, &t.zones));
        let of_targets: Vec<Vec<&[usize]>> = of_targets.collect();
        let most = of_targets.iter().map(Vec::len).max().unwrap_or(0);
        (0..most).map(move |b| {
            let zones = of_targets.iter().filter_map(|of| of.get(b)).copied();
            let round = if (g, b) == (0, 0) {
                FIRST_ZONES
            } else {
                LATER_ZONES
            };
            let at = Position {
                wave: number,
                round,
                stage: 0,
            };
            (wave, zones.flatten().copied().collect(), at)
        })
    })
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

    fn raise_all(&mut self, zones: &[usize], step: &Step) {
        for &zone in zones {
            let region = &self.plan.fleet.regions[self.plan.fleet.zones[zone].region];
            self.raise(zone, step.to.in_zone(region.boxes_per_zone));
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
