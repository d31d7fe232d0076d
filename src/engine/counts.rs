//! Counts, drawn bucket by bucket: the plain way, which every faster one is compared with.
//!
//! Alarms that read the same population of the same instance on the same grid form a *family* and read the same
//! counts; one-box, canary and control of a zone are one family, because they share the noise of their background.

use std::collections::VecDeque;

use super::event::Instance;
use super::law::{BucketLaw, Reading};
use super::rollout::Rollout;
use crate::plan::{Alarm, Grid, Plan, Population};
use crate::random::{NameKey, Purpose, RolloutKey, Stream, beta, binomial, poisson};

/// A family of populations that are counted together.
#[derive(Clone, Debug)]
pub(super) struct Family {
    kind: FamilyKind,
    grid: Grid,
    /// Length of a bucket, in seconds.
    pub(super) bucket_s: i64,
    /// What is counted.
    readings: Vec<Reading>,
    /// SLIs that are counted.
    slis: Vec<usize>,
    /// How long counts are kept, in seconds.
    keeps_s: f64,
    /// Name, for keys.
    key: NameKey,
    /// Synthetic requests in a bucket.
    probes: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FamilyKind {
    NewAndOld,
    Zone,
    Region,
    Fleet,
    /// A probing alarm's own counts, by its index.
    Probes(usize),
}

/// Where an alarm finds its counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    /// Index of the family.
    pub(super) family: usize,
    pub(super) reading: Reading,
}

impl Family {
    fn of(alarm: &Alarm, index: usize) -> (FamilyKind, Reading) {
        if alarm.probes.is_some() {
            let reading = match alarm.population {
                Population::Region => Reading::RegionProbes,
                Population::Fleet => Reading::FleetProbes,
                _ => Reading::ZoneProbes,
            };
            return (FamilyKind::Probes(index), reading);
        }
        match alarm.population {
            Population::OneBox => (FamilyKind::NewAndOld, Reading::OneBox),
            Population::Canary => (FamilyKind::NewAndOld, Reading::Canary),
            Population::Zone => (FamilyKind::Zone, Reading::Zone),
            Population::Region => (FamilyKind::Region, Reading::Region),
            Population::Fleet => (FamilyKind::Fleet, Reading::Fleet),
        }
    }

    fn new(kind: FamilyKind, alarm: &Alarm) -> Family {
        let name = match kind {
            FamilyKind::NewAndOld => NameKey::of("new and old"),
            FamilyKind::Zone => NameKey::of("zone"),
            FamilyKind::Region => NameKey::of("region"),
            FamilyKind::Fleet => NameKey::of("fleet"),
            FamilyKind::Probes(_) => NameKey::of("probes").with(alarm.key),
        };
        Family {
            kind,
            grid: alarm.grid,
            bucket_s: 0,
            readings: Vec::new(),
            slis: Vec::new(),
            keeps_s: 0.0,
            key: name.number(alarm.grid as u64),
            probes: alarm.probes,
        }
    }

    fn admit(&mut self, alarm: &Alarm, reading: Reading) {
        let mut lengths = vec![alarm.every_s, alarm.period_s, alarm.window_s];
        let mut slis: Vec<usize> = alarm.condition.sli().into_iter().collect();
        let mut relative = alarm.condition.is_relative();
        let mut window_s = alarm.window_s;
        if let Some(and) = alarm.and {
            lengths.push(and.window_s);
            slis.extend(and.condition.sli());
            relative |= and.condition.is_relative();
            window_s = window_s.max(and.window_s);
        }
        lengths
            .into_iter()
            .for_each(|s| self.bucket_s = gcd(self.bucket_s, i64::from(s)));
        slis.into_iter()
            .for_each(|s| insert_sorted(&mut self.slis, s));
        insert_sorted(&mut self.readings, reading);
        if relative {
            insert_sorted(&mut self.readings, Reading::Control);
        }
        self.keeps_s = self
            .keeps_s
            .max(f64::from(window_s) + alarm.lag_s + f64::from(alarm.every_s));
    }

    /// The families that a strategy's alarms need, and where each alarm finds its counts.
    pub(super) fn arrange(alarms: &[Alarm]) -> (Vec<Family>, Vec<Source>) {
        let mut families: Vec<Family> = Vec::new();
        let mut sources = Vec::new();
        for (index, alarm) in alarms.iter().enumerate() {
            let (kind, reading) = Family::of(alarm, index);
            let known = families
                .iter()
                .position(|f| f.kind == kind && f.grid == alarm.grid);
            let family = known.unwrap_or_else(|| {
                families.push(Family::new(kind, alarm));
                families.len() - 1
            });
            families[family].admit(alarm, reading);
            sources.push(Source { family, reading });
        }
        (families, sources)
    }

    /// Tracks that the family's draws read.
    pub(super) fn tracks(&self) -> Vec<Reading> {
        let mut used = self.readings.clone();
        match self.kind {
            FamilyKind::NewAndOld => used.extend([Reading::Control, Reading::Quiet]),
            FamilyKind::Region => used.push(Reading::Zone),
            FamilyKind::Fleet => used.extend([Reading::Zone, Reading::Region]),
            FamilyKind::Probes(_) => used.extend([Reading::ZoneProbes, Reading::RegionProbes]),
            FamilyKind::Zone => {}
        }
        used
    }

    /// How far before the first datapoint counts may be read, in seconds.
    pub(super) fn look_back_s(&self) -> f64 {
        match self.kind {
            FamilyKind::NewAndOld => 0.0,
            _ => self.keeps_s + self.bucket_s as f64,
        }
    }

    /// What one instance covers.
    fn covers(&self) -> Population {
        match self.readings[0] {
            Reading::Region | Reading::RegionProbes => Population::Region,
            Reading::Fleet | Reading::FleetProbes => Population::Fleet,
            _ => Population::Zone,
        }
    }

    /// How many instances there are.
    pub(super) fn instances(&self, plan: &Plan) -> usize {
        super::layout::instances(plan, self.covers())
    }

    fn stride(&self) -> usize {
        self.readings.len() * (1 + self.slis.len())
    }

    fn slot(&self, reading: Reading) -> usize {
        let position = self.readings.iter().position(|&r| r == reading);
        let position = position.unwrap_or_else(|| panic!("{reading:?} is not counted by {self:?}"));
        position * (1 + self.slis.len())
    }

    fn sli_slot(&self, sli: usize) -> usize {
        self.slis
            .iter()
            .position(|&s| s == sli)
            .unwrap_or_else(|| panic!("SLI {sli} is not counted by {self:?}"))
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    if a == 0 { b } else { gcd(b % a, a) }
}

fn insert_sorted<T: Ord>(list: &mut Vec<T>, item: T) {
    if let Err(at) = list.binary_search(&item) {
        list.insert(at, item);
    }
}

/// Counts of one instance of a family.
#[derive(Debug)]
pub(super) struct Store {
    stream: Stream,
    /// Time of bucket 0, in seconds from the rollout's start.
    origin: f64,
    /// Number of the first bucket kept.
    first: i64,
    /// Rows of counts; a row not drawn yet begins with -1.
    rows: VecDeque<f64>,
}

/// Requests and bad requests of one population in one window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) requests: f64,
    pub(super) bad: f64,
}

impl Default for Store {
    fn default() -> Store {
        let nobody = RolloutKey::new(0, NameKey::NONE, 0);
        Store {
            stream: nobody.stream(Purpose::AlarmCounts, 0, NameKey::NONE),
            origin: 0.0,
            first: 0,
            rows: VecDeque::new(),
        }
    }
}

impl Store {
    /// Forgets all counts, for a new rollout.
    fn reset(&mut self, stream: Stream, origin: f64) {
        self.stream = stream;
        self.origin = origin;
        self.first = 0;
        self.rows.clear();
    }

    /// Moves the grid: buckets counted before are not those counted from now on.
    pub(super) fn set_origin(&mut self, origin: f64) {
        if self.origin != origin {
            self.origin = origin;
            self.rows.clear();
        }
    }

    /// Time of bucket 0, and of datapoint 0.
    pub(super) fn origin(&self) -> f64 {
        self.origin
    }
}

impl Rollout<'_> {
    /// Sets all stores up for a new rollout.
    pub(super) fn reset_stores(&mut self) {
        let fleet = &self.plan.fleet;
        let layout = self.layout;
        let count = layout.families.iter().map(|f| f.instances(self.plan)).sum();
        self.stores.resize_with(count, Store::default);
        for (family, first) in layout.families.iter().zip(&layout.first_store) {
            // The wall clock's buckets begin at whole multiples of their length in Unix time.
            let origin = match family.grid {
                Grid::WallClock => -self.start,
                Grid::Deployment => 0.0,
            };
            for i in 0..family.instances(self.plan) {
                let name = match family.covers() {
                    Population::Region => fleet.regions[i].key,
                    Population::Fleet => NameKey::NONE,
                    _ => fleet.zones[i].key,
                };
                let stream = self.draws.once(Purpose::AlarmCounts, family.key.with(name));
                self.stores[first + i].reset(stream, origin);
            }
        }
    }

    /// The store of an instance of a family.
    pub(super) fn store_of(&self, family: usize, instance: Instance) -> usize {
        self.layout.first_store[family]
            + match instance {
                Instance::Zone(i) | Instance::Region(i) => i,
                Instance::Fleet => 0,
            }
    }

    /// The counts of a population over the window that ends with bucket `end` (exclusive), for one SLI.
    pub(super) fn counts(
        &mut self,
        family: usize,
        instance: Instance,
        reading: Reading,
        sli: Option<usize>,
        end: i64,
        window_s: u32,
    ) -> Counts {
        let layout = &self.layout.families[family];
        let begin = end - i64::from(window_s) / layout.bucket_s;
        let which = self.store_of(family, instance);
        let mut stores = std::mem::take(&mut self.stores);
        let store = &mut stores[which];
        self.draw_missing(store, layout, instance, begin, end);
        let slot = layout.slot(reading);
        let sli_slot = sli.map(|s| layout.sli_slot(s));
        let mut sum = Counts::default();
        for bucket in begin..end {
            let row = (bucket - store.first) as usize * layout.stride();
            sum.requests += store.rows[row + slot];
            sum.bad += sli_slot.map_or(0.0, |s| store.rows[row + slot + 1 + s]);
        }
        self.stores = stores;
        sum
    }

    /// Draws the buckets in [begin, end) that were not drawn yet, and forgets those that nobody will read again.
    fn draw_missing(
        &mut self,
        store: &mut Store,
        layout: &Family,
        instance: Instance,
        begin: i64,
        end: i64,
    ) {
        let stride = layout.stride();
        let kept = (layout.keeps_s / layout.bucket_s as f64).ceil() as i64 + 2;
        if store.rows.is_empty() || begin > store.first + (store.rows.len() / stride) as i64 + kept
        {
            store.rows.clear();
            store.first = begin;
        }
        while store.first + kept * 2 < begin {
            store.rows.drain(..stride);
            store.first += 1;
        }
        while store.first > begin {
            (0..stride).for_each(|_| store.rows.push_front(-1.0));
            store.first -= 1;
        }
        while store.first + ((store.rows.len() / stride) as i64) < end {
            (0..stride).for_each(|_| store.rows.push_back(-1.0));
        }
        for bucket in begin..end {
            let row = (bucket - store.first) as usize * stride;
            if store.rows[row] < 0.0 {
                self.draw_bucket(store, layout, instance, bucket, row);
            }
        }
    }

    fn draw_bucket(
        &mut self,
        store: &mut Store,
        layout: &Family,
        instance: Instance,
        bucket: i64,
        row: usize,
    ) {
        let from = store.origin + (bucket * layout.bucket_s) as f64;
        let until = store.origin + ((bucket + 1) * layout.bucket_s) as f64;
        let mut law = std::mem::take(&mut self.bucket_law);
        let mut noise = std::mem::take(&mut self.bucket_noise);
        noise.clear();
        for &sli in &layout.slis {
            let noisy = self.background_noise(store, layout, instance, sli, from, until, &mut law);
            noise.push(noisy);
        }
        for (i, &reading) in layout.readings.iter().enumerate() {
            let slot = row + i * (1 + layout.slis.len());
            let requests = self.bucket_law_of(reading, instance, from, until, &mut law);
            let n = match layout.probes {
                Some(n) => n,
                None => number_of_requests(requests, &mut store.stream),
            };
            store.rows[slot] = n as f64;
            for (k, &sli) in layout.slis.iter().enumerate() {
                let background = (law.mean_background(sli) + noise[k]).clamp(0.0, 1.0);
                let ratio = (background + law.mean_excess(sli)).min(1.0);
                store.rows[slot + 1 + k] = binomial(n, ratio, &mut store.stream) as f64;
            }
        }
        self.bucket_law = law;
        self.bucket_noise = noise;
    }

    /// How far a bucket's background ratio lies from its mean: Q - mu, Q from a beta distribution with mean mu and
    /// intra-class correlation rho.
    #[expect(
        clippy::too_many_arguments,
        reason = "a bucket of a store, and the buffer to compute it in"
    )]
    fn background_noise(
        &self,
        store: &mut Store,
        layout: &Family,
        instance: Instance,
        sli: usize,
        from: f64,
        until: f64,
        law: &mut BucketLaw,
    ) -> f64 {
        let dispersion = self.plan.slis[sli].dispersion;
        if dispersion <= 0.0 {
            return 0.0;
        }
        let mean = if layout.kind == FamilyKind::NewAndOld {
            if self.bucket_law_of(Reading::Control, instance, from, until, law) <= 0.0 {
                self.bucket_law_of(Reading::Quiet, instance, from, until, law);
            }
            law.mean_background(sli)
        } else {
            self.bucket_law_of(layout.readings[0], instance, from, until, law);
            law.mean_background(sli)
        };
        if mean <= 0.0 || mean >= 1.0 {
            return 0.0;
        }
        let concentration = self.concentration(instance, from, until);
        let rho = (dispersion * 60.0 / layout.bucket_s as f64 * concentration).min(0.5);
        let weight = (1.0 - rho) / rho;
        beta(mean * weight, (1.0 - mean) * weight, &mut store.stream) - mean
    }

    /// Sum of the squares of the zones' traffic shares in a bucket.
    fn concentration(&self, instance: Instance, from: f64, until: f64) -> f64 {
        let fleet = &self.plan.fleet;
        match instance {
            Instance::Zone(_) => 1.0,
            Instance::Region(r) => 1.0 / fleet.regions[r].zones.len() as f64,
            Instance::Fleet => {
                let (from, until) = (self.unix(from), self.unix(until));
                let (mut sum, mut squares) = (0.0, 0.0);
                for region in &fleet.regions {
                    let requests = region.rps * fleet.curves[region.curve].integral(from, until);
                    sum += requests;
                    squares += requests * requests / region.zones.len() as f64;
                }
                if sum > 0.0 {
                    squares / (sum * sum)
                } else {
                    1.0
                }
            }
        }
    }

    /// Integrates a population's law over a bucket; returns the requests expected.
    fn bucket_law_of(
        &self,
        reading: Reading,
        instance: Instance,
        from: f64,
        until: f64,
        law: &mut BucketLaw,
    ) -> f64 {
        let fleet = &self.plan.fleet;
        law.clear(self.plan.slis.len());
        let (index, region) = match instance {
            Instance::Zone(z) => (z, fleet.zones[z].region),
            Instance::Region(r) => (r, r),
            Instance::Fleet => {
                self.add_fleet_law(reading, from, until, law);
                return law.requests;
            }
        };
        let rps = match instance {
            Instance::Zone(z) => fleet.zones[z].rps,
            _ => fleet.regions[region].rps,
        };
        // Probes are spread evenly over time, whatever the traffic.
        let curve = &fleet.curves[fleet.regions[region].curve];
        let traffic = (!reading.is_probes()).then_some((curve, self.start));
        let track = self.tracks.of(reading, index);
        track.integrate(from, until, rps, traffic, law);
        law.requests
    }

    /// Adds the law of the whole fleet: that of its regions.
    fn add_fleet_law(&self, reading: Reading, from: f64, until: f64, law: &mut BucketLaw) {
        let fleet = &self.plan.fleet;
        if reading == Reading::Fleet {
            for (r, region) in fleet.regions.iter().enumerate() {
                let traffic = Some((&fleet.curves[region.curve], self.start));
                let track = self.tracks.of(Reading::Region, r);
                track.integrate(from, until, region.rps, traffic, law);
            }
            return;
        }
        // A probe of the fleet meets a region in proportion to the region's traffic at that time.
        let mut at = from;
        while at < until {
            let changes = fleet.curves.iter().map(|c| c.next_change(self.unix(at)));
            let next = changes.fold(f64::INFINITY, f64::min) - self.start;
            let next = next.max(at.next_up()).min(until);
            let rps = |r: usize| {
                let region = &fleet.regions[r];
                region.rps * fleet.curves[region.curve].at(self.unix(at))
            };
            let all: f64 = (0..fleet.regions.len()).map(rps).sum();
            for r in 0..fleet.regions.len() {
                let share = if all > 0.0 { rps(r) / all } else { 0.0 };
                let track = self.tracks.of(Reading::RegionProbes, r);
                track.integrate(at, next, share, None, law);
            }
            at = next;
        }
    }
}

/// Requests of a bucket: Poisson below 1,000 expected, else the expected number rounded, halves up.
fn number_of_requests(expected: f64, stream: &mut Stream) -> u64 {
    if expected < 1000.0 {
        poisson(expected, stream)
    } else {
        (expected + 0.5).floor() as u64
    }
}
