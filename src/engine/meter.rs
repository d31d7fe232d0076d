//! Measures what the fault does: peaks, integrals and counts over all attempts.

use super::event::Event;
use super::linear::Linear;
use super::rollout::Rollout;
use crate::outcome::BySli;
use crate::trace::What;

/// Running measurements of one rollout.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter {
    pub(super) blast_radius: f64,
    pub(super) exposure_peak: f64,
    pub(super) requests_hit: f64,
    pub(super) bad_requests: f64,
    pub(super) bad_by_sli: BySli<f64>,
    pub(super) regions_hit_at_once: u32,
    pub(super) zones_hit_at_once_in_a_region: u32,
    zone_ever_hit: Vec<bool>,
    region_ever_hit: Vec<bool>,
    /// Whether the fault was active in any attempt.
    pub(super) ever_active: bool,
    /// First moment of activity in this attempt.
    pub(super) first_active: Option<f64>,
    /// Last moment at which anything was hit in this attempt.
    pub(super) last_hit: f64,
    /// By region.
    regions: Vec<OfRegion>,
    /// Regions in which something changed, while stock is taken.
    stale: Vec<usize>,
    /// What is hit now: requests a second, and how strongly.
    parts: Vec<(f64, Linear)>,
    hit_rps: f64,
    /// The same as a share of all traffic.
    hit_share: f64,
    /// Bad requests since this attempt began, and at which the acted-on report comes.
    pub(super) bad_in_attempt: f64,
    pub(super) report_at: f64,
    report_token: u32,
    reported: bool,
}

/// What is exposed and hit in a region, in requests a second of its traffic's mean.
#[derive(Clone, Debug, Default)]
struct OfRegion {
    exposed: f64,
    hit: f64,
    /// What is hit, and how strongly.
    parts: Vec<(f64, Linear)>,
    zones_hit: u32,
    active: bool,
    /// Whether something changed there since stock was taken.
    stale: bool,
}

impl OfRegion {
    /// Forgets everything and keeps the memory.
    fn reset(&mut self) {
        let mut parts = std::mem::take(&mut self.parts);
        parts.clear();
        *self = OfRegion {
            parts,
            ..OfRegion::default()
        };
    }
}

impl Meter {
    pub(super) fn reset(&mut self, slis: usize, zones: usize, regions: usize) {
        let mut before = std::mem::take(self);
        before.bad_by_sli.clear();
        before.bad_by_sli.resize(slis, 0.0);
        before.zone_ever_hit.clear();
        before.zone_ever_hit.resize(zones, false);
        before.region_ever_hit.clear();
        before.region_ever_hit.resize(regions, false);
        before.regions.resize_with(regions, OfRegion::default);
        before.regions.iter_mut().for_each(OfRegion::reset);
        before.parts.clear();
        *self = Meter {
            bad_by_sli: before.bad_by_sli,
            zone_ever_hit: before.zone_ever_hit,
            region_ever_hit: before.region_ever_hit,
            regions: before.regions,
            stale: before.stale,
            parts: before.parts,
            ..Meter::default()
        };
    }

    /// A new attempt begins; `report_at` bad requests in it bring the report that is acted on.
    pub(super) fn begin_attempt(&mut self, report_at: f64) {
        self.first_active = None;
        self.last_hit = f64::NEG_INFINITY;
        self.bad_in_attempt = 0.0;
        self.report_at = report_at;
        self.report_token += 1;
        self.reported = false;
    }

    pub(super) fn zones_hit(&self) -> u32 {
        self.zone_ever_hit.iter().map(|&hit| u32::from(hit)).sum()
    }

    pub(super) fn regions_hit(&self) -> u32 {
        self.region_ever_hit.iter().map(|&hit| u32::from(hit)).sum()
    }

    pub(super) fn is_hitting(&self) -> bool {
        self.hit_rps > 0.0
    }

    /// Whether a scheduled report is still the one to come; it comes once.
    pub(super) fn takes_report(&mut self, token: u32) -> bool {
        token == self.report_token && !std::mem::replace(&mut self.reported, true)
    }
}

impl Rollout<'_> {
    /// Takes stock at the end of a moment in which shares, hits or traffic changed: of regions in which something did, then
    /// of all of them.
    pub(super) fn settle_meter(&mut self) {
        let mut stale = std::mem::take(&mut self.meter.stale);
        stale.clear();
        for &zone in &self.dirty_zones {
            let region = self.plan.fleet.zones[zone].region;
            if !std::mem::replace(&mut self.meter.regions[region].stale, true) {
                stale.push(region);
            }
        }
        for &region in &stale {
            self.take_stock_of(region);
        }
        self.meter.stale = stale;
        self.take_stock();
        self.schedule_report();
    }

    /// Takes stock of a region, in terms of its traffic's mean.
    fn take_stock_of(&mut self, region: usize) {
        let fleet = &self.plan.fleet;
        let mut parts = std::mem::take(&mut self.meter.regions[region].parts);
        parts.clear();
        let mut stock = OfRegion::default();
        for z in fleet.regions[region].zones.clone() {
            let rps = fleet.zones[z].rps;
            let zone = &self.zones[z];
            stock.exposed += rps * zone.share;
            stock.active |= zone.hits.active > 0.0 && zone.share > 0.0;
            let hit = zone.hits.hit;
            let was_hit = zone.hit_times.len() % 2 == 1;
            if was_hit != (hit > 0.0) {
                self.zones[z].hit_times.push(self.now);
                let hit = hit > 0.0;
                self.tell(What::ZoneHit { zone: z, hit });
            }
            if hit > 0.0 {
                stock.zones_hit += 1;
                stock.hit += rps * hit;
                self.meter.zone_ever_hit[z] = true;
                self.meter.region_ever_hit[region] = true;
                self.hit_parts(z, |share, strength| {
                    add_part(&mut parts, rps * share, strength)
                });
            }
        }
        self.meter.regions[region] = OfRegion { parts, ..stock };
    }

    /// Takes stock of all regions.
    fn take_stock(&mut self) {
        let fleet = &self.plan.fleet;
        let (mut exposed, mut hit_rps, mut active, mut regions_hit) = (0.0, 0.0, false, 0);
        let meter = &mut self.meter;
        meter.parts.clear();
        for (r, of_region) in meter.regions.iter().enumerate() {
            let multiplier = self.traffic.multiplier(fleet, r);
            exposed += multiplier * of_region.exposed;
            active |= of_region.active;
            if of_region.zones_hit == 0 {
                continue;
            }
            regions_hit += 1;
            hit_rps += multiplier * of_region.hit;
            meter.zones_hit_at_once_in_a_region =
                meter.zones_hit_at_once_in_a_region.max(of_region.zones_hit);
            for &(rps, strength) in &of_region.parts {
                add_part(&mut meter.parts, multiplier * rps, strength);
            }
        }
        let total = self.traffic.fleet_rps;
        meter.regions_hit_at_once = meter.regions_hit_at_once.max(regions_hit);
        if active {
            meter.ever_active = true;
            meter.first_active.get_or_insert(self.now);
        }
        if meter.hit_rps > 0.0 || hit_rps > 0.0 || regions_hit > 0 {
            meter.last_hit = self.now;
        }
        meter.hit_rps = hit_rps;
        // A sum over all zones may exceed the whole by a rounding error.
        let of_all = |rps: f64| {
            if total > 0.0 {
                (rps / total).min(1.0)
            } else {
                0.0
            }
        };
        meter.exposure_peak = meter.exposure_peak.max(of_all(exposed));
        let share = of_all(hit_rps);
        let before = std::mem::replace(&mut meter.hit_share, share);
        meter.blast_radius = meter.blast_radius.max(share);
        if share != before && self.is_told() {
            let zones = self.meter.regions.iter().map(|r| r.zones_hit).sum();
            self.tell(What::Hit { share, zones });
        }
    }

    /// Adds up what is hit until `until`, under the state of the last stock-taking.
    pub(super) fn elapse_meter(&mut self, until: f64) {
        if !self.meter.is_hitting() {
            return;
        }
        let from = self.now;
        let Some(carried) = &self.carried else { return };
        let meter = &mut self.meter;
        meter.last_hit = until;
        meter.requests_hit += meter.hit_rps * (until - from);
        for &(rps, strength) in &meter.parts {
            let mean = strength.at(0.5 * (from + until));
            for (sli, bad) in meter.bad_by_sli.iter_mut().enumerate() {
                *bad += rps * (until - from) * carried.bad_on(sli, mean);
            }
        }
        let bad = meter.bad_between(carried, from, until);
        meter.bad_requests += bad;
        meter.bad_in_attempt += bad;
    }

    /// Schedules the report that is acted on, if it comes under the present state.
    fn schedule_report(&mut self) {
        let Some(carried) = &self.carried else { return };
        let meter = &mut self.meter;
        meter.report_token += 1;
        if meter.reported || !meter.report_at.is_finite() || !meter.is_hitting() {
            return;
        }
        let left = (meter.report_at - meter.bad_in_attempt).max(0.0);
        let at = meter.time_of_bad(carried, self.now, left);
        self.queue.push(
            at,
            Event::ReportDue {
                token: meter.report_token,
            },
        );
    }
}

/// Parts of equal strength are one part.
fn add_part(parts: &mut Vec<(f64, Linear)>, rps: f64, strength: Linear) {
    if rps <= 0.0 {
        return;
    }
    match parts.iter_mut().rev().take(4).find(|(_, s)| *s == strength) {
        Some((sum, _)) => *sum += rps,
        None => parts.push((rps, strength)),
    }
}

/// Nodes and weights of Gauss-Legendre quadrature with 8 points on [-1, 1] (Abramowitz and Stegun, table 25.4):
/// exact for polynomials up to degree 15, so for the joint bad ratio of up to 15 SLIs along a ramp.
const NODES: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

impl Meter {
    /// Bad requests between two times under the present state.
    fn bad_between(&self, carried: &super::carried::Carried<'_>, from: f64, until: f64) -> f64 {
        let (middle, half) = (0.5 * (from + until), 0.5 * (until - from));
        let at = |strength: Linear, t: f64| carried.bad_at_all(strength.at(t));
        self.parts
            .iter()
            .map(|&(rps, strength)| {
                if strength.slope == 0.0 {
                    return rps * (until - from) * at(strength, middle);
                }
                let sum: f64 = NODES
                    .iter()
                    .map(|(x, w)| {
                        w * (at(strength, middle - half * x) + at(strength, middle + half * x))
                    })
                    .sum();
                rps * half * sum
            })
            .sum()
    }

    /// When bad requests from `from` on sum to `left` under the present state; infinite if they never do.
    fn time_of_bad(&self, carried: &super::carried::Carried<'_>, from: f64, left: f64) -> f64 {
        let rate = |t: f64| -> f64 {
            self.parts
                .iter()
                .map(|&(rps, s)| rps * carried.bad_at_all(s.at(t)))
                .sum()
        };
        if self.parts.iter().all(|(_, s)| s.slope == 0.0) {
            let rate = rate(from);
            return if rate > 0.0 {
                from + left / rate
            } else {
                f64::INFINITY
            };
        }
        // A ramp ends with an event after which all this is computed anew: look no further than its end, where
        // strength is 1. Between, the sum rises steadily, so halving finds the moment.
        let end = self
            .parts
            .iter()
            .filter(|(_, s)| s.slope > 0.0)
            .map(|(_, s)| (1.0 - s.at_zero) / s.slope)
            .fold(f64::INFINITY, f64::min)
            .max(from);
        if self.bad_between(carried, from, end) < left {
            return f64::INFINITY;
        }
        let (mut low, mut high) = (from, end);
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            if self.bad_between(carried, from, middle) < left {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }
}
