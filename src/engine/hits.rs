//! Which requests the fault hits at the present moment, and with what strength.
//!
//! Called once at the end of each moment in which anything changed, so that states of no duration leave no trace.

use super::background::zones_of;
use super::event::Instance;
use super::linear::Linear;
use super::rollout::Rollout;
use super::zone::Hits;
use crate::plan::{Scope, Spill, SpillKind};

impl Rollout<'_> {
    /// Recomputes the hits of all zones where something changed.
    pub(super) fn settle_hits(&mut self) {
        if self.carried.is_none() {
            return;
        }
        for i in 0..self.dirty_zones.len() {
            let zone = self.dirty_zones[i];
            let (active, mass) = self.own_hits(zone);
            let z = &mut self.zones[zone];
            z.hits = Hits {
                active,
                mass,
                hit: active,
                ..Hits::default()
            };
            if let Some(kept) = &z.kept {
                z.hits.active = kept.active;
                z.hits.mass = Linear::constant(kept.mass);
                z.hits.hit = kept.hit();
            }
        }
        let spill = self.carried.as_ref().and_then(|c| c.fault.spill);
        if let Some(spill) = spill
            && !self.dirty_zones.is_empty()
        {
            self.settle_spill(spill);
        }
    }

    /// Spills over in every instance with a zone where something changed: all of its zones are marked then.
    fn settle_spill(&mut self, spill: Spill) {
        match spill.scope {
            Scope::Fleet | Scope::Cohort => self.spill_over(spill.kind, Instance::Fleet),
            Scope::Region => {
                for r in 0..self.plan.fleet.regions.len() {
                    if self.zone_dirty[self.plan.fleet.regions[r].zones.start] {
                        self.spill_over(spill.kind, Instance::Region(r));
                    }
                }
            }
            Scope::Zone => {
                for i in 0..self.dirty_zones.len() {
                    self.spill_over(spill.kind, Instance::Zone(self.dirty_zones[i]));
                }
            }
        }
    }

    /// What the fault hits in a zone has to be looked at again at the end of this moment, and wherever it spills to.
    pub(super) fn mark_hits(&mut self, zone: usize) {
        let spill = self.carried.as_ref().and_then(|c| c.fault.spill);
        match spill.map(|s| s.scope) {
            None | Some(Scope::Zone) => self.mark_dirty(zone),
            Some(Scope::Region) => {
                let region = self.plan.fleet.zones[zone].region;
                let zones = self.plan.fleet.regions[region].zones.clone();
                zones.for_each(|z| self.mark_dirty(z));
            }
            Some(Scope::Fleet | Scope::Cohort) => self.mark_all_dirty(),
        }
    }

    /// Whether a spill weighs zones whose traffic changes at different times.
    pub(super) fn spills_by_traffic(&self) -> bool {
        let spill = self.carried.as_ref().and_then(|c| c.fault.spill);
        spill.is_some_and(|s| matches!(s.scope, Scope::Fleet | Scope::Cohort))
    }

    /// Everything has to be looked at again.
    pub(super) fn mark_all_dirty(&mut self) {
        (0..self.zones.len()).for_each(|z| self.mark_dirty(z));
    }

    /// The share of a zone's traffic on new version with the fault active, and that share times its strength.
    fn own_hits(&self, zone: usize) -> (f64, Linear) {
        let z = &self.zones[zone];
        let Some(carried) = &self.carried else {
            return (0.0, Linear::ZERO);
        };
        if z.share <= 0.0 {
            return (0.0, Linear::ZERO);
        }
        if let Some(onset) = self.onset_in(zone) {
            return (
                z.share,
                Linear::strength(onset, carried.ramp_s, self.now).times(z.share),
            );
        }
        let (mut active, mut mass) = (0.0, Linear::ZERO);
        for cohort in &z.cohorts {
            if let Some(onset) = cohort.onset {
                active += cohort.share;
                mass = mass
                    .plus(Linear::strength(onset, carried.ramp_s, self.now).times(cohort.share));
            }
        }
        // Parts like 0.1 + 0.2 may sum to a hair more than the whole.
        (active.min(z.share), mass)
    }

    /// Lets active traffic of an instance hit others there.
    fn spill_over(&mut self, kind: SpillKind, instance: Instance) {
        let fleet = &self.plan.fleet;
        let (mut all, mut active, mut mass) = (0.0, 0.0, Linear::ZERO);
        for z in zones_of(self.plan, instance) {
            let zone = &fleet.zones[z];
            let rps = zone.rps * self.traffic.multiplier(fleet, zone.region);
            all += rps;
            active += rps * self.zones[z].hits.active;
            mass = mass.plus(self.zones[z].hits.mass.times(rps));
        }
        if active <= 0.0 || all <= 0.0 {
            return;
        }
        let share = match kind {
            SpillKind::Times(factor) => (factor * active / all).min(1.0),
            SpillKind::Fixed(share) => share,
        };
        let strength = mass.times(1.0 / active);
        for z in zones_of(self.plan, instance) {
            let zone = &mut self.zones[z];
            zone.hits.spill = share;
            zone.hits.spill_strength = strength;
            zone.hits.hit = match &zone.kept {
                Some(kept) => kept.hit().max(share),
                None => zone.hits.active + (1.0 - zone.hits.active) * share,
            };
        }
    }

    /// The parts of a zone's hits: shares of its traffic, each with its strength over time.
    pub(super) fn hit_parts(&self, zone: usize, mut each: impl FnMut(f64, Linear)) {
        let z = &self.zones[zone];
        let hits = z.hits;
        if hits.hit <= 0.0 {
            return;
        }
        if let Some(kept) = &z.kept {
            if hits.spill > kept.hit() {
                each(hits.spill, hits.spill_strength);
            } else {
                each(
                    kept.active,
                    Linear::constant(if kept.active > 0.0 {
                        kept.mass / kept.active
                    } else {
                        0.0
                    }),
                );
                each(kept.spilled, Linear::constant(kept.spilled_strength));
            }
            return;
        }
        let ramp_s = self.carried.as_ref().map_or(0.0, |c| c.ramp_s);
        if let Some(onset) = self.onset_in(zone) {
            each(hits.active, Linear::strength(onset, ramp_s, self.now));
        } else {
            for cohort in &z.cohorts {
                if let Some(onset) = cohort.onset {
                    each(cohort.share, Linear::strength(onset, ramp_s, self.now));
                }
            }
        }
        each((1.0 - hits.active) * hits.spill, hits.spill_strength);
    }
}
