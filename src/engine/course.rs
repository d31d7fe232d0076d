//! Records how far a change is out and what it hits, for who asks: no draw and no decision depends on it.

use super::rollout::Rollout;
use crate::course::{Course, Point};

/// A course being recorded.
#[derive(Debug, Default)]
pub(super) struct Recording {
    pub(super) course: Course,
    /// By region: what is on the new version and what is hit, in requests a second of its traffic's mean.
    regions: Vec<(f64, f64)>,
}

impl Recording {
    pub(super) fn of(regions: usize) -> Recording {
        Recording {
            course: Course::default(),
            regions: vec![(0.0, 0.0); regions],
        }
    }
}

impl Rollout<'_> {
    /// Records the state at the end of a moment in which shares, hits or traffic changed.
    pub(super) fn record_course(&mut self) {
        let Some(recording) = &mut self.recording else {
            return;
        };
        let fleet = &self.plan.fleet;
        for &zone in &self.dirty_zones {
            let region = fleet.zones[zone].region;
            let sum = |(exposed, hit): (f64, f64), z: usize| {
                let (zone, rps) = (&self.zones[z], fleet.zones[z].rps);
                (exposed + rps * zone.share, hit + rps * zone.hits.hit)
            };
            let zones = fleet.regions[region].zones.clone();
            recording.regions[region] = zones.fold((0.0, 0.0), sum);
        }
        let total = self.traffic.fleet_rps;
        let (mut exposed, mut hit) = (0.0, 0.0);
        for (region, of_region) in recording.regions.iter().enumerate() {
            let multiplier = self.traffic.multiplier(fleet, region);
            exposed += multiplier * of_region.0;
            hit += multiplier * of_region.1;
        }
        let share = |rps: f64| {
            if total > 0.0 {
                (rps / total).min(1.0) as f32
            } else {
                0.0
            }
        };
        recording.course.push(Point {
            at_s: self.now as f32,
            exposed: share(exposed),
            hit: share(hit),
        });
    }

    /// Records that a wave (counted from 1) begins.
    pub(super) fn record_wave_begins(&mut self, wave: u32) {
        if let Some(recording) = &mut self.recording {
            let waves = &mut recording.course.waves;
            // An attempt begins with the first wave.
            waves.truncate(wave as usize - 1);
            waves.push((self.now as f32, f32::INFINITY));
        }
    }

    /// Records that the wave under way is over.
    pub(super) fn record_wave_ends(&mut self) {
        if let Some(recording) = &mut self.recording
            && let Some(wave) = recording.course.waves.last_mut()
        {
            wave.1 = self.now as f32;
        }
    }
}
