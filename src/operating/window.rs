//! What is counted in a window of a stage.

use super::amount::Amount;
use super::buckets::bucket_s;
use super::gate::Gate;
use super::stage::{Course, Piece};
use crate::plan::{Alarm, Population};

impl Gate<'_> {
    /// The counts of a window; `None` if there is nothing to count.
    pub(super) fn window(
        &self,
        alarm: &Alarm,
        from: f64,
        until: f64,
        live: f64,
        defect: f64,
    ) -> Option<Gathered> {
        let window = self.gather(alarm, from, until, live, defect, &self.course);
        (window.buckets > 0).then_some(window)
    }

    pub(super) fn gather(
        &self,
        alarm: &Alarm,
        from: f64,
        until: f64,
        live: f64,
        defect: f64,
        course: &dyn Shares,
    ) -> Gathered {
        let fleet = &self.plan.fleet;
        let rps = self.traffic
            * match alarm.population {
                Population::Region => fleet.regions[self.region].rps,
                Population::Fleet => fleet.rps,
                _ => fleet.zones[fleet.regions[self.region].zones.start].rps,
            };
        let base = alarm
            .condition
            .sli()
            .map_or(0.0, |k| self.plan.slis[k].base);
        let excess = defect.min(1.0 - base).max(0.0);
        let bucket = f64::from(bucket_s(&self.strategy.alarms, alarm));
        let count = ((until - from) / bucket).round().max(1.0) as u32;
        let mut gathered = Gathered {
            share: course.share_before(until),
            ..Gathered::default()
        };
        let (mut hit, mut sum, mut squares) = (0.0, 0.0, 0.0);
        for i in 0..count {
            let begin = from + f64::from(i) * bucket;
            let law = course.integrate(alarm.population, begin, begin + bucket, live);
            gathered.own.add(rps * law.own, alarm.probes.is_some());
            gathered.control.add(rps * law.control, false);
            hit += law.hit;
            sum += law.own;
            squares += law.own * law.own;
        }
        if let Some(probes) = alarm.probes {
            gathered.own = Amount {
                sure: probes,
                mean: 0.0,
            };
        }
        if sum > 0.0 {
            gathered.excess = excess * (hit / sum).min(1.0);
            gathered.buckets = (sum * sum / squares).round().max(1.0) as u32;
        } else if alarm.condition.sli().is_none() {
            gathered.buckets = 1;
        }
        gathered
    }
}

/// The counts of a window, before its background.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gathered {
    pub own: Amount,
    pub control: Amount,
    pub excess: f64,
    pub share: f64,
    /// Buckets with traffic, as far as the background's noise goes.
    pub buckets: u32,
}

impl Amount {
    fn add(&mut self, expected: f64, ignored: bool) {
        if ignored {
            return;
        }
        if expected >= 1000.0 {
            self.sure += (expected + 0.5).floor() as u64;
        } else {
            self.mean += expected;
        }
    }
}

/// Seconds of traffic: the population's, its control's, those that a defect hits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Traffic {
    pub own: f64,
    pub control: f64,
    pub hit: f64,
}

/// How much new version there is over time.
pub(super) trait Shares {
    fn integrate(&self, population: Population, from: f64, until: f64, live: f64) -> Traffic;
    fn share_before(&self, t: f64) -> f64;
}

/// One piece without end.
pub(super) struct Still {
    pub piece: Piece,
}

impl Shares for Still {
    fn integrate(&self, population: Population, from: f64, until: f64, live: f64) -> Traffic {
        let mut traffic = Traffic::default();
        traffic.add(population, Some(&self.piece), from, until, live);
        traffic
    }

    fn share_before(&self, _: f64) -> f64 {
        self.piece.share
    }
}

impl Shares for Course {
    fn integrate(&self, population: Population, from: f64, until: f64, live: f64) -> Traffic {
        let mut traffic = Traffic::default();
        let mut at = from;
        let mut next = self.pieces.partition_point(|p| p.from_s <= from);
        while at < until {
            let piece = next.checked_sub(1).map(|i| &self.pieces[i]);
            let end = self.pieces.get(next).map_or(until, |p| p.from_s.min(until));
            traffic.add(population, piece, at, end, live);
            at = end;
            next += 1;
        }
        traffic
    }

    fn share_before(&self, t: f64) -> f64 {
        self.before(t).map_or(0.0, |p| p.share)
    }
}

impl Traffic {
    fn add(
        &mut self,
        population: Population,
        piece: Option<&Piece>,
        from: f64,
        until: f64,
        live: f64,
    ) {
        let seconds = until - from;
        let awake = (until - live.max(from)).max(0.0).min(seconds);
        let Some(p) = piece else {
            if !matches!(population, Population::OneBox | Population::Canary) {
                self.own += seconds;
            }
            return;
        };
        let between = p.share > 0.0 && p.share < 1.0;
        let (own, hit) = match population {
            Population::OneBox => (p.first, p.first),
            Population::Canary if between => (p.share, p.share),
            Population::Canary => (0.0, 0.0),
            Population::Zone => (1.0, p.share),
            Population::Region => (1.0, p.share * p.of_region),
            Population::Fleet => (1.0, p.share * p.of_fleet),
        };
        self.own += own * seconds;
        self.hit += hit * awake;
        if between {
            self.control += (1.0 - p.share) * seconds;
        }
    }
}
