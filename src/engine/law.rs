//! The law of every population's counts over time: how many visible requests are expected, which share of them is
//! bad in the background, and which share the fault makes bad.
//!
//! Each population keeps a track of its law: a row whenever it changes. Between two rows shares are constant and
//! strengths linear, so request-weighted means over any bucket are exact.

use super::background::zones_of;
use super::event::Instance;
use super::linear::Linear;
use super::rollout::Rollout;
use crate::calendar::TrafficCurve;
use crate::plan::Scope;

/// A population whose counts can be read, or what they are measured against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reading {
    /// The first step's cohorts of a zone.
    OneBox,
    /// New-version traffic of a zone while its share is between 0 and 1.
    Canary,
    /// Old-version traffic of a zone while its share is between 0 and 1.
    Control,
    /// A zone's background, as if nothing were deployed.
    Quiet,
    /// All traffic of a zone.
    Zone,
    /// All traffic of a region.
    Region,
    /// All traffic.
    Fleet,
    /// Synthetic requests to a zone.
    ZoneProbes,
    /// Synthetic requests to a region.
    RegionProbes,
    /// Synthetic requests to the fleet.
    FleetProbes,
}

impl Reading {
    pub(super) const ALL: [Reading; 10] = [
        Reading::OneBox,
        Reading::Canary,
        Reading::Control,
        Reading::Quiet,
        Reading::Zone,
        Reading::Region,
        Reading::Fleet,
        Reading::ZoneProbes,
        Reading::RegionProbes,
        Reading::FleetProbes,
    ];

    pub(super) fn is_probes(self) -> bool {
        matches!(
            self,
            Reading::ZoneProbes | Reading::RegionProbes | Reading::FleetProbes
        )
    }
}

/// A row: visible requests, then for each SLI the bad ones of the background and the bad ones of the fault (value at
/// time 0 and slope); all as shares of the traffic of the zone or region.
fn stride(slis: usize) -> usize {
    1 + 3 * slis
}

/// A population's law over time.
#[derive(Debug, Default)]
pub(super) struct Track {
    times: Vec<f64>,
    rows: Vec<f64>,
}

impl Track {
    fn clear(&mut self) {
        self.times.clear();
        self.rows.clear();
    }

    /// The law from `now` on; whether it is another than before.
    fn push(&mut self, now: f64, row: &[f64]) -> bool {
        let n = self.rows.len();
        if n >= row.len() && &self.rows[n - row.len()..] == row {
            return false;
        }
        self.times.push(now);
        self.rows.extend_from_slice(row);
        true
    }

    /// Whether the law changed at `now`, the latest time on record.
    pub(super) fn changed_at(&self, now: f64) -> bool {
        self.times.last() == Some(&now)
    }

    /// The next change on record after `t`; infinite if there is none.
    pub(super) fn next_change(&self, t: f64) -> f64 {
        if self.times.last().is_none_or(|&last| last <= t) {
            return f64::INFINITY;
        }
        let next = self.times.partition_point(|&at| at <= t);
        self.times.get(next).copied().unwrap_or(f64::INFINITY)
    }

    /// Where the row in force from `t` on stands.
    fn segment_at(&self, t: f64) -> usize {
        if self.times.last().is_some_and(|&last| last <= t) {
            self.times.len() - 1
        } else {
            self.times.partition_point(|&at| at <= t).saturating_sub(1)
        }
    }

    /// The row in force from `t` on.
    pub(super) fn row_at(&self, t: f64, slis: usize) -> &[f64] {
        let stride = stride(slis);
        let segment = self.segment_at(t);
        &self.rows[segment * stride..(segment + 1) * stride]
    }

    /// Whether nobody is served between two times.
    pub(super) fn is_without_requests(&self, (from, until): (f64, f64)) -> bool {
        let stride = self.rows.len() / self.times.len().max(1);
        let first = self.segment_at(from);
        let in_force = self.times[first..].iter().take_while(|&&at| at < until);
        in_force
            .enumerate()
            .all(|(i, _)| self.rows[(first + i) * stride] <= 0.0)
    }

    /// The rows in force from `t` on, up to the present one.
    pub(super) fn rows_since(&self, t: f64, slis: usize) -> impl Iterator<Item = &[f64]> {
        let stride = stride(slis);
        let first = self.segment_at(t);
        self.rows[first * stride..].chunks_exact(stride)
    }

    /// Whether the fault's strength rises with the row in force from `t` on.
    pub(super) fn is_ramp(&self, t: f64, slis: usize) -> bool {
        let row = self.row_at(t, slis);
        row[1..].chunks_exact(3).any(|law| law[2] != 0.0)
    }

    /// Adds the law over [from, until), times `scale`; `traffic` is the multiplier over time and the Unix time of the
    /// rollout's start, `None` where traffic plays no part.
    pub(super) fn integrate(
        &self,
        from: f64,
        until: f64,
        scale: f64,
        traffic: Option<(&TrafficCurve, f64)>,
        into: &mut BucketLaw,
    ) {
        let stride = stride(into.slis());
        let mut segment = self.times.partition_point(|&t| t <= from).saturating_sub(1);
        while segment < self.times.len() && (self.times[segment] < until) {
            let begin = self.times[segment].max(from);
            let end = self
                .times
                .get(segment + 1)
                .copied()
                .unwrap_or(f64::INFINITY)
                .min(until);
            let row = &self.rows[segment * stride..(segment + 1) * stride];
            match traffic {
                Some((curve, start)) if !curve.is_flat() => {
                    let mut at = begin;
                    while at < end {
                        let next = (curve.next_change(start + at) - start).min(end);
                        into.add(row, scale * curve.at(start + at), at, next);
                        at = next;
                    }
                }
                _ => into.add(row, scale, begin, end),
            }
            segment += 1;
        }
    }
}

/// What a bucket's counts are drawn from.
#[derive(Debug, Default)]
pub(super) struct BucketLaw {
    /// Visible requests expected.
    pub(super) requests: f64,
    /// By SLI: expected bad requests of the background, of the fault.
    background: Vec<f64>,
    excess: Vec<f64>,
}

impl BucketLaw {
    pub(super) fn clear(&mut self, slis: usize) {
        self.requests = 0.0;
        self.background.clear();
        self.background.resize(slis, 0.0);
        self.excess.clear();
        self.excess.resize(slis, 0.0);
    }

    fn slis(&self) -> usize {
        self.background.len()
    }

    pub(super) fn add(&mut self, row: &[f64], multiplier: f64, from: f64, until: f64) {
        let weight = multiplier * (until - from);
        self.requests += weight * row[0];
        for (k, law) in row[1..].chunks_exact(3).enumerate() {
            self.background[k] += weight * law[0];
            self.excess[k] += multiplier
                * Linear {
                    at_zero: law[1],
                    slope: law[2],
                }
                .integral(from, until);
        }
    }

    /// Mean bad ratio of the background.
    pub(super) fn mean_background(&self, sli: usize) -> f64 {
        ratio(self.background[sli], self.requests)
    }

    /// Mean bad ratio that the fault adds.
    pub(super) fn mean_excess(&self, sli: usize) -> f64 {
        ratio(self.excess[sli], self.requests)
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 {
        (part / whole).clamp(0.0, 1.0)
    } else {
        0.0
    }
}

/// Tracks of all populations that a strategy's alarms read.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    /// By reading, then by instance; empty for what nobody reads.
    by_reading: Vec<Vec<Track>>,
    row: Vec<f64>,
}

impl Tracks {
    pub(super) fn begin(&mut self, used: &[Reading], zones: usize, regions: usize) {
        self.by_reading.resize_with(Reading::ALL.len(), Vec::new);
        for reading in Reading::ALL {
            let instances = match reading {
                _ if !used.contains(&reading) => 0,
                Reading::Region | Reading::RegionProbes => regions,
                Reading::Fleet | Reading::FleetProbes => 0,
                _ => zones,
            };
            let tracks = &mut self.by_reading[reading as usize];
            tracks.iter_mut().for_each(Track::clear);
            tracks.resize_with(instances, Track::default);
        }
    }

    pub(super) fn of(&self, reading: Reading, instance: usize) -> &Track {
        &self.by_reading[reading as usize][instance]
    }

    fn uses(&self, reading: Reading) -> bool {
        !self.by_reading[reading as usize].is_empty()
    }
}

/// Whose requests of a zone a row is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    FirstStep,
    New,
    Old,
    All,
}

impl Rollout<'_> {
    /// Notes the laws that hold from now on.
    pub(super) fn settle_laws(&mut self) {
        if self.dirty_zones.is_empty() {
            return;
        }
        let mut tracks = std::mem::take(&mut self.tracks);
        for i in 0..self.dirty_zones.len() {
            let zone = self.dirty_zones[i];
            let region = self.plan.fleet.zones[zone].region;
            self.zone_dirty[zone] = false;
            if self.zone_laws(zone, &mut tracks) {
                self.changed.push(Instance::Zone(zone));
                if !self.region_dirty[region] {
                    self.region_dirty[region] = true;
                    self.dirty_regions.push(region);
                }
            }
        }
        self.dirty_zones.clear();
        for i in 0..self.dirty_regions.len() {
            let region = self.dirty_regions[i];
            self.region_dirty[region] = false;
            if self.region_laws(region, &mut tracks) {
                self.changed.push(Instance::Region(region));
            }
        }
        if matches!(self.changed.last(), Some(Instance::Region(_))) {
            self.changed.push(Instance::Fleet);
            self.fleet_changed_at = self.now;
        }
        self.dirty_regions.clear();
        self.tracks = tracks;
    }

    /// What happens in a zone has to be looked at again at the end of this moment.
    pub(super) fn mark_dirty(&mut self, zone: usize) {
        if !std::mem::replace(&mut self.zone_dirty[zone], true) {
            self.dirty_zones.push(zone);
        }
    }

    /// Whether any of a zone's laws changed.
    fn zone_laws(&self, z: usize, tracks: &mut Tracks) -> bool {
        let share = self.zones[z].share;
        let between = share > 0.0 && share < 1.0;
        let mut row = std::mem::take(&mut tracks.row);
        let mut changed = false;
        for &reading in &self.layout.readings {
            let whose = match reading {
                Reading::OneBox => Some(Whose::FirstStep),
                Reading::Canary => between.then_some(Whose::New),
                Reading::Control => between.then_some(Whose::Old),
                Reading::Zone | Reading::ZoneProbes => Some(Whose::All),
                Reading::Quiet => None,
                _ => continue,
            };
            if reading == Reading::Quiet || (whose == Some(Whose::All) && self.is_as_usual(z)) {
                self.quiet_row(z, &mut row);
            } else {
                self.zone_row(z, whose, reading.is_probes(), &mut row);
            }
            changed |= tracks.by_reading[reading as usize][z].push(self.now, &row);
        }
        tracks.row = row;
        changed
    }

    fn background_ratio(&self, z: usize, sli: usize, warming: f64) -> f64 {
        (self.plan.slis[sli].base + self.background.adds(z, sli) + warming).min(1.0)
    }

    /// Whether new and old version fare alike in a zone. Then a change of shares changes no law of all its traffic, not
    /// even by a rounding error.
    fn is_as_usual(&self, z: usize) -> bool {
        let zone = &self.zones[z];
        let is_warm = || zone.cohorts.iter().all(|c| c.warming.is_empty());
        zone.kept.is_none() && zone.hits.hit <= 0.0 && is_warm()
    }

    fn quiet_row(&self, z: usize, row: &mut Vec<f64>) {
        let slis = self.plan.slis.len();
        row.clear();
        row.resize(stride(slis), 0.0);
        row[0] = 1.0;
        for sli in 0..slis {
            row[1 + 3 * sli] = self.background_ratio(z, sli, 0.0);
        }
    }

    /// The law of some of a zone's requests. Probes see all of them, and take those that no metric sees as bad.
    fn zone_row(&self, z: usize, whose: Option<Whose>, probes: bool, row: &mut Vec<f64>) {
        let slis = self.plan.slis.len();
        row.clear();
        row.resize(stride(slis), 0.0);
        let Some(whose) = whose else { return };
        let zone = &self.zones[z];
        let unseen = if probes {
            0.0
        } else {
            self.carried.as_ref().map_or(0.0, |c| c.fault.unseen)
        };
        if zone.kept.is_some() {
            if whose == Whose::All {
                let visible = 1.0 - unseen * zone.hits.hit;
                self.add_background(row, z, visible, &[]);
                self.hit_parts(z, |share, strength| {
                    self.add_excess(row, share, strength, probes)
                });
            }
            return;
        }
        let spill = zone.hits.spill;
        let onset = self.onset_in(z);
        let ramp_s = self.carried.as_ref().map_or(0.0, |c| c.ramp_s);
        if whose != Whose::Old {
            for cohort in zone
                .cohorts
                .iter()
                .filter(|c| whose != Whose::FirstStep || c.first_step)
            {
                let awake = onset.or(cohort.onset);
                let (active, strength) = match awake {
                    Some(onset) => (cohort.share, Linear::strength(onset, ramp_s, self.now)),
                    None => (0.0, Linear::ZERO),
                };
                let spilled = (cohort.share - active) * spill;
                self.add_background(
                    row,
                    z,
                    cohort.share - unseen * (active + spilled),
                    &cohort.warming,
                );
                self.add_excess(row, active, strength, probes);
                self.add_excess(row, spilled, zone.hits.spill_strength, probes);
            }
        }
        if matches!(whose, Whose::Old | Whose::All) {
            let old = 1.0 - zone.share;
            self.add_background(row, z, old - unseen * old * spill, &[]);
            self.add_excess(row, old * spill, zone.hits.spill_strength, probes);
        }
    }

    fn add_background(&self, row: &mut [f64], z: usize, visible: f64, warming: &[f64]) {
        row[0] += visible;
        for (sli, law) in row[1..].chunks_exact_mut(3).enumerate() {
            let warming = warming.get(sli).copied().unwrap_or(0.0);
            law[0] += visible * self.background_ratio(z, sli, warming);
        }
    }

    fn add_excess(&self, row: &mut [f64], share: f64, strength: Linear, probes: bool) {
        let Some(carried) = &self.carried else { return };
        if share <= 0.0 {
            return;
        }
        let unseen = carried.fault.unseen;
        for (sli, law) in row[1..].chunks_exact_mut(3).enumerate() {
            if !carried.touches(sli) {
                continue;
            }
            let seen = strength.times(share * (1.0 - unseen) * carried.severity[sli]);
            let certain = if probes { share * unseen } else { 0.0 };
            law[1] += seen.at_zero + certain;
            law[2] += seen.slope;
        }
    }

    /// The laws of a region, from those of its zones; whether any changed. Those of the fleet are summed when somebody
    /// asks.
    fn region_laws(&self, region: usize, tracks: &mut Tracks) -> bool {
        let stride = stride(self.plan.slis.len());
        let zones = self.plan.fleet.regions[region].zones.clone();
        let mut row = std::mem::take(&mut tracks.row);
        let mut changed = false;
        for (of_zone, of_region) in [
            (Reading::Zone, Reading::Region),
            (Reading::ZoneProbes, Reading::RegionProbes),
        ] {
            if !tracks.uses(of_region) {
                continue;
            }
            row.clear();
            row.resize(stride, 0.0);
            for z in zones.clone() {
                let rows = &tracks.by_reading[of_zone as usize][z].rows;
                add_scaled(
                    &mut row,
                    &rows[rows.len() - stride..],
                    1.0 / zones.len() as f64,
                );
            }
            changed |= tracks.by_reading[of_region as usize][region].push(self.now, &row);
        }
        tracks.row = row;
        changed
    }

    /// Whether the fault hit any zone of an instance within [from, until).
    pub(super) fn hit_within(&self, instance: Instance, from: f64, until: f64) -> bool {
        self.carried.is_some()
            && zones_of(self.plan, instance).any(|z| self.zones[z].hit_within(from, until))
    }

    /// Whether the fault wakes cohort by cohort.
    pub(super) fn wakes_by_cohort(&self) -> bool {
        self.carried
            .as_ref()
            .is_some_and(|c| c.fault.trigger.scope == Scope::Cohort)
    }
}

fn add_scaled(sum: &mut [f64], row: &[f64], weight: f64) {
    for (s, r) in sum.iter_mut().zip(row) {
        *s += weight * r;
    }
}
