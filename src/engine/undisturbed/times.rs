//! When what happened in an undisturbed rollout.

use super::super::strand::Strand;
use super::course::Ties;
use super::kinds::Program;
use crate::outcome::{TimePart, TimeParts};
use crate::plan::{Plan, Watches};

/// When what happened, in seconds from the start. Its memory goes from rollout to rollout.
#[derive(Debug, Default)]
pub(in super::super) struct Times {
    /// Zones in the order in which the program was walked.
    pub(in super::super) zones: Vec<ZoneTimes>,
    /// When parts of steps that raise shares went live, zone by zone.
    pub(in super::super) parts: Vec<f64>,
    /// By wave: when it was over.
    pub(in super::super) waves: Vec<f64>,
    /// When the first new version went live anywhere.
    pub(in super::super) first_live: f64,
    /// When the last wave was over, and the rollout.
    pub(in super::super) done: f64,
    pub(in super::super) end: f64,
    /// When the last zone got its last step's share, and what the time was spent on.
    pub(in super::super) full_at: f64,
    pub(in super::super) full_parts: TimeParts,
    /// When a test failed, and in which zone, where the walk ended with that.
    pub(in super::super) failed: Option<(f64, Option<usize>)>,
    /// Targets under way in a wave.
    pub(in super::super) running: Vec<Strand>,
    pub(in super::super) rates: Vec<(usize, f64)>,
}

/// When what happened in a zone.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct ZoneTimes {
    pub(in super::super) zone: usize,
    /// Where its parts begin among those of all zones.
    pub(in super::super) first_part: usize,
    pub(in super::super) steps_end: f64,
    pub(in super::super) batch_ends: f64,
}

impl Times {
    pub(in super::super) fn clear(&mut self) {
        self.zones.clear();
        self.parts.clear();
        self.waves.clear();
        self.first_live = f64::INFINITY;
        self.full_at = f64::NEG_INFINITY;
        (self.done, self.end) = (f64::INFINITY, f64::INFINITY);
        self.failed = None;
    }

    /// When the parts of a zone that raise its share went live.
    pub(in super::super) fn parts_of(&self, zone: &ZoneTimes, states: usize) -> &[f64] {
        &self.parts[zone.first_part..zone.first_part + states]
    }

    /// When the first part of a zone went live.
    pub(in super::super) fn live_from(&self, zone: &ZoneTimes) -> f64 {
        self.parts[zone.first_part]
    }

    /// Until when alarms of a zone in this wave watch.
    pub(in super::super) fn watched_until(
        &self,
        zone: &ZoneTimes,
        wave: usize,
        watches: Watches,
    ) -> f64 {
        match watches {
            Watches::Step => zone.steps_end,
            Watches::Zone => zone.batch_ends,
            Watches::Wave => self.waves[wave],
            Watches::Rollout => self.done,
            Watches::Watch => self.end,
        }
    }

    /// The largest share of the fleet's traffic on the new version, at constant traffic: that before the last moment, which
    /// leaves no trace.
    pub(in super::super) fn exposure_peak(
        &self,
        plan: &Plan,
        program: &Program,
        start: f64,
    ) -> f64 {
        let fleet = &plan.fleet;
        let mut shares = vec![0.0; fleet.zones.len()];
        for zone in &self.zones {
            let Some(of_zone) = &program.zones[zone.zone] else {
                continue;
            };
            let states = &program.kinds[of_zone.kind].states;
            let parts = self.parts_of(zone, states.len());
            let live = parts.partition_point(|&at| at < self.end);
            shares[zone.zone] = live.checked_sub(1).map_or(0.0, |state| states[state].new);
        }
        let (mut exposed, mut total) = (0.0, 0.0);
        for region in &fleet.regions {
            let multiplier = fleet.curves[region.curve].at(start);
            let mut of_region = 0.0;
            for z in region.zones.clone() {
                of_region += fleet.zones[z].rps * shares[z];
            }
            exposed += multiplier * of_region;
            total += region.rps * multiplier;
        }
        if total > 0.0 {
            f64::min(exposed / total, 1.0)
        } else {
            0.0
        }
    }

    /// A zone has its last step's share at a time; its strand is that of before the action.
    pub(in super::super) fn note_full(
        &mut self,
        at: f64,
        strand: &Strand,
        ties: Ties,
    ) -> Option<()> {
        if at < self.full_at {
            return Some(());
        }
        let parts = strand.with(TimePart::Action, at);
        if at == self.full_at && parts != self.full_parts && ties == Ties::GiveUp {
            return None;
        }
        (self.full_at, self.full_parts) = (at, parts);
        Some(())
    }
}
