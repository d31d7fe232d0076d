//! Planning at which bucket a process looks next.

use super::super::event::{Event, Instance};
use super::super::family::Family;
use super::super::rollout::Rollout;
use super::envelope::Envelope;
use super::negligible::When;
use super::process::{Look, NEVER};
use super::question::Askers;
use crate::plan::Grid;

/// Buckets under a new law, while something is wrong or warms up, that are drawn before anybody reckons with it: what it
/// takes to find the chance of one, measured in buckets drawn.
const PATIENCE: i64 = 40;

/// Proposals up to the next change of traffic from which on the chance at the present level of traffic is worth finding:
/// that of all levels may be much larger.
const MANY_PROPOSALS: f64 = 0.3;

/// A chance to matter from which on every bucket is drawn.
const SURE: f64 = 1.0;

impl Rollout<'_> {
    /// Schedules the look at a bucket, once it is over.
    pub(super) fn look_at(&mut self, store: usize, family: &Family, bucket: i64, look: Look) {
        let (begins, ends) = self.stores[store].times_of(family, bucket);
        let at = if look == Look::Plan { begins } else { ends };
        let process = &mut self.processes[store];
        process.next = bucket;
        process.look = look;
        process.token += 1;
        let token = process.token;
        self.queue
            .push(at.max(self.now), Event::Bucket { store, token });
    }

    /// Plans the next look from a bucket on, of which nothing is decided yet.
    pub(super) fn plan_from(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        bucket: i64,
    ) {
        let mut bucket = bucket;
        loop {
            if !self.processes[store].steady.bounds(bucket) {
                self.reckon(store, family, instance, bucket);
            }
            let steady = &self.processes[store].steady;
            let (bound, until) = (steady.bound, steady.until);
            if bound >= SURE {
                self.look_at(store, family, bucket, Look::InFull);
                return;
            }
            let candidate = self.processes[store].clock.plan(bucket, bound);
            if candidate < until {
                self.look_at(store, family, candidate, Look::ByChance(bound));
                return;
            }
            if until == NEVER {
                let process = &mut self.processes[store];
                process.next = NEVER;
                process.token += 1;
                return;
            }
            let (begins, _) = self.stores[store].times_of(family, until);
            if begins > self.now {
                // Until then nothing matters.
                self.look_at(store, family, until, Look::Plan);
                return;
            }
            self.processes[store].clock.pass(until);
            bucket = until;
        }
    }

    /// No bucket from this one on matters before a change at `changes`.
    pub(super) fn never_until(
        &mut self,
        store: usize,
        family: &Family,
        bucket: i64,
        changes: f64,
        envelope: Envelope,
    ) {
        let until = self.bucket_cut_at(store, family, changes);
        let steady = &mut self.processes[store].steady;
        steady.envelope = envelope;
        // The bucket itself is over before the change.
        (steady.from, steady.until, steady.bound) = (bucket, until.max(bucket + 1), 0.0);
    }

    /// The bucket in which something changes; none, if it never does.
    pub(super) fn bucket_cut_at(&self, store: usize, family: &Family, at: f64) -> i64 {
        if at == f64::INFINITY {
            NEVER
        } else {
            self.stores[store].bucket_at(family, at)
        }
    }

    /// Reckons how likely a bucket is to matter, and those after it for as long as the same holds for them.
    fn reckon(&mut self, store: usize, family: &Family, instance: Instance, bucket: i64) {
        let times = self.stores[store].times_of(family, bucket);
        if self.processes[store].asks_anew(bucket) {
            self.takes_askers(store, family, instance, bucket);
        }
        let askers = self.processes[store].askers();
        let change = self.next_change_on_record(family, instance, times.0);
        if self.bucket_cut_at(store, family, change) <= bucket {
            let steady = &mut self.processes[store].steady;
            (steady.from, steady.until, steady.bound) = (bucket, bucket + 1, SURE);
            return;
        }
        let for_all_traffic = self.bound_is_for_all_traffic(family, instance, times.0);
        let law = (change, for_all_traffic);
        let (never, largest) = self.is_never_of_interest(family, instance, askers, times.0, law);
        if !never
            && change == f64::INFINITY
            && self.leave_out_the_quiet(store, family, instance, bucket)
        {
            return self.reckon(store, family, instance, bucket);
        }
        let (bound, until) = if never {
            (0.0, self.bucket_cut_at(store, family, change))
        } else {
            let at_all_traffic = for_all_traffic.then_some(largest);
            self.bound_and_until(store, family, instance, (bucket, at_all_traffic))
        };
        let present = self.stores[store].bucket_at(family, self.now);
        // Who looks back may be left out from the present on.
        let until = if bucket < present {
            until.min(present)
        } else {
            until
        };
        let process = &mut self.processes[store];
        if process.direct.any() {
            process.direct_until = process.direct_until.min(until);
        }
        let until = if process.quiet.any() {
            until.min(process.quiet_until)
        } else {
            until
        };
        let steady = &mut process.steady;
        (steady.from, steady.until, steady.bound) = (bucket, until, bound);
        steady.envelope = Envelope::default();
        if bound <= 0.0 && change == f64::INFINITY {
            let when = if never {
                When::Ever
            } else {
                When::Until(times.1)
            };
            let askers = process.askers();
            let envelope = self.envelope(family, instance, askers, times.0, when);
            self.processes[store].steady.envelope = envelope;
        }
    }

    /// A bound on the chance that a bucket matters, which is not negligible at all traffic, and until which bucket
    /// (exclusive) it holds. `at_all_traffic`: whether it may be one for all traffic, and that if it is remembered.
    fn bound_and_until(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        (bucket, at_all_traffic): (i64, Option<Option<f64>>),
    ) -> (f64, i64) {
        let times = self.stores[store].times_of(family, bucket);
        let askers = self.processes[store].askers();
        let ends = self.law_stays_until(family, instance, times.0, false);
        let until = self.bucket_cut_at(store, family, ends);
        if at_all_traffic.is_some() {
            let bound = self.bound(store, family, instance, askers, (bucket, at_all_traffic));
            let ends = self.law_stays_until(family, instance, times.0, true);
            let at_all = self.bucket_cut_at(store, family, ends);
            let Some(bound) = bound else {
                return (SURE, self.patient_until(store, bucket, at_all));
            };
            let few = || bound * ((until - bucket) as f64) < MANY_PROPOSALS;
            if until <= bucket || (bound < SURE && (until == at_all || few())) {
                return (bound, at_all);
            }
        }
        if until <= bucket {
            return (SURE, bucket + 1);
        }
        if self.is_negligible(family, instance, askers, times.0, When::Until(times.1)) {
            return (0.0, until);
        }
        match self.bound(store, family, instance, askers, (bucket, None)) {
            Some(bound) if bound >= SURE && askers.meets(family.long_windows) => {
                let direct = self.least_to_look_directly(family, instance, askers, times);
                self.look_directly(store, family, instance, direct, (bucket, until));
                let rest = self.processes[store].askers();
                let bound = self.bound(store, family, instance, rest, (bucket, None));
                (bound.unwrap_or(SURE), until)
            }
            Some(bound) => (bound, until),
            None => (SURE, self.patient_until(store, bucket, until)),
        }
    }

    /// Up to which bucket (exclusive) those under a law that may not last are drawn before anybody reckons with it.
    fn patient_until(&self, store: usize, bucket: i64, law_until: i64) -> i64 {
        let patient = self.processes[store].law_since + PATIENCE;
        patient.min(law_until).max(bucket + 1)
    }

    /// Of alarms with long windows to which, with others, nearly every bucket matters: those to whom that is so alone,
    /// or all of them.
    fn least_to_look_directly(
        &mut self,
        family: &Family,
        instance: Instance,
        askers: Askers,
        times: (f64, f64),
    ) -> Askers {
        let long = askers.shared_with(family.long_windows);
        let alone = (0..family.alarms.len()).map(Askers::one);
        let alone = alone.filter(|one| long.meets(*one));
        let sure = alone.filter(|&one| self.chance(family, instance, one, times) >= SURE);
        let sure = sure.fold(Askers::default(), Askers::and);
        if sure.any() { sure } else { long }
    }

    /// Whether the bound on a bucket's chance to matter is the largest over all levels of traffic: where traffic plays
    /// no part, and under an ordinary law, if traffic changes only where buckets begin.
    fn bound_is_for_all_traffic(&self, family: &Family, instance: Instance, at: f64) -> bool {
        let Some(region) = self.region_of(instance) else {
            return false;
        };
        let levels = &self.layout.levels[self.plan.fleet.regions[region].curve];
        let aligned =
            family.grid == Grid::WallClock && levels.changes_every_s % family.bucket_s == 0;
        family.probes.is_some()
            || levels.least() == levels.most()
            || (aligned
                && self.is_ordinary(family, instance, at)
                // Looking back, the law is known to change: what it would be at other traffic is not asked.
                && self.next_change_on_record(family, instance, at) == f64::INFINITY)
    }

    /// Until when the law of a bucket that begins at `from` is known to stay as it is: up to the next change on record,
    /// and, unless its bound is one for all traffic, up to the next change of traffic.
    pub(super) fn law_stays_until(
        &self,
        family: &Family,
        instance: Instance,
        from: f64,
        all_traffic: bool,
    ) -> f64 {
        let until = self.next_change_on_record(family, instance, from);
        if all_traffic {
            return until;
        }
        let fleet = &self.plan.fleet;
        let at = self.unix(from);
        let change = match self.region_of(instance) {
            Some(r) => fleet.curves[fleet.regions[r].curve].next_change(at),
            None => {
                let changes = fleet.curves.iter().map(|c| c.next_change(at));
                changes.fold(f64::INFINITY, f64::min)
            }
        };
        until.min(change - self.start)
    }

    fn next_change_on_record(&self, family: &Family, instance: Instance, from: f64) -> f64 {
        let mut until = f64::INFINITY;
        for &reading in &family.watched_tracks {
            match instance {
                Instance::Zone(i) | Instance::Region(i) => {
                    until = until.min(self.tracks.of(reading, i).next_change(from));
                }
                Instance::Fleet if from >= self.fleet_changed_at => {}
                Instance::Fleet => {
                    for r in 0..self.plan.fleet.regions.len() {
                        until = until.min(self.tracks.of(reading, r).next_change(from));
                    }
                }
            }
        }
        until
    }

    pub(super) fn region_of(&self, instance: Instance) -> Option<usize> {
        match instance {
            Instance::Zone(z) => Some(self.plan.fleet.zones[z].region),
            Instance::Region(r) => Some(r),
            Instance::Fleet => None,
        }
    }

    /// The chance that a bucket matters, and those after it while the law stays as it is. `None` for a law that may not
    /// last: its first few buckets are cheaper to draw than to reckon with. `at_all_traffic`: that a bound for all traffic
    /// is asked for, and the bound if it is remembered.
    fn bound(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        askers: Askers,
        (bucket, at_all_traffic): (i64, Option<Option<f64>>),
    ) -> Option<f64> {
        if !askers.any() {
            return Some(0.0);
        }
        let times = self.stores[store].times_of(family, bucket);
        if self.changes_steadily(family, instance, times.0) {
            return Some(1.0);
        }
        let is_new = bucket - self.processes[store].law_since < PATIENCE;
        if is_new && !self.is_ordinary(family, instance, times.0) {
            return None;
        }
        Some(match at_all_traffic {
            Some(Some(remembered)) => remembered,
            Some(None) => self.largest_chance(store, family, instance, askers, bucket),
            None => self.chance(family, instance, askers, times),
        })
    }

    /// The chance that the bucket between two times matters.
    fn chance(
        &mut self,
        family: &Family,
        instance: Instance,
        askers: Askers,
        times: (f64, f64),
    ) -> f64 {
        let mut laws = std::mem::take(&mut self.bucket_laws);
        self.laws_of_bucket(family, instance, times, &mut laws);
        let interest = self.interest_in(family, instance, askers, times.0, &laws);
        let chance = interest.chance;
        self.bucket_laws = laws;
        chance
    }

    /// Whether a bucket and those after it are negligible at any level of traffic, and the largest chance to matter over
    /// all levels if that is remembered. `change`: the next change on record; `for_all_traffic`: whether laws like this
    /// one are remembered for all traffic.
    fn is_never_of_interest(
        &mut self,
        family: &Family,
        instance: Instance,
        askers: Askers,
        at: f64,
        (change, for_all_traffic): (f64, bool),
    ) -> (bool, Option<f64>) {
        // It depends on all that is on record from then on, and on the present: on nothing but the law where these are one.
        let law_lasts = change == f64::INFINITY
            && self.side_by_side(instance, at) == self.side_by_side(instance, self.now.max(at));
        if !law_lasts || !for_all_traffic {
            let negligible = self.is_negligible(family, instance, askers, at, When::Ever);
            return (negligible, None);
        }
        let key = self.take_key_at_all_traffic(family, instance, askers, at);
        let known = self.memory.at_all_traffic(&key);
        let negligible = known.negligible.unwrap_or_else(|| {
            let found = self.is_negligible(family, instance, askers, at, When::Ever);
            let memory = &mut self.memory;
            memory.remember_at_all_traffic(&key, |law| law.negligible = Some(found));
            found
        });
        self.memory.key_at_all_traffic = key;
        (negligible, known.largest_chance)
    }

    pub(super) fn take_key_at_all_traffic(
        &mut self,
        family: &Family,
        instance: Instance,
        askers: Askers,
        at: f64,
    ) -> Vec<u64> {
        let mut key = std::mem::take(&mut self.memory.key_at_all_traffic);
        key.clear();
        key.push(askers.bits());
        self.key_of_law(family, instance, at, &mut key, |row| row);
        key
    }

    /// The same for what depends on nothing of a law but its requests.
    pub(super) fn take_key_of_requests(
        &mut self,
        family: &Family,
        instance: Instance,
        at: f64,
    ) -> Vec<u64> {
        let mut key = std::mem::take(&mut self.memory.key_at_all_traffic);
        key.clear();
        self.key_of_law(family, instance, at, &mut key, |row| &row[..1]);
        key
    }

    /// The largest chance to matter over all levels of traffic.
    fn largest_chance(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        askers: Askers,
        bucket: i64,
    ) -> f64 {
        let times = self.stores[store].times_of(family, bucket);
        let key = self.take_key_at_all_traffic(family, instance, askers, times.0);
        let known = self.memory.at_all_traffic(&key).largest_chance;
        let bound = known.unwrap_or_else(|| {
            let mut largest = self.chance(family, instance, askers, times);
            let region = self.region_of(instance).unwrap_or_default();
            let curve = &self.plan.fleet.curves[self.plan.fleet.regions[region].curve];
            let begins = self.unix(times.0);
            let mut met = vec![curve.at(begins)];
            let mut at = curve.next_change(begins);
            // A profile repeats itself every week; a clock change in it may hide an hour, so two.
            while at < begins + 14.0 * 86_400.0 {
                let level = curve.at(at);
                if !met.contains(&level) {
                    met.push(level);
                    let from = at - self.start;
                    let later = (from, from + family.bucket_s as f64);
                    largest = largest.max(self.chance(family, instance, askers, later));
                }
                at = curve.next_change(at);
            }
            let memory = &mut self.memory;
            memory.remember_at_all_traffic(&key, |law| law.largest_chance = Some(largest));
            largest
        });
        self.memory.key_at_all_traffic = key;
        bound
    }

    /// Everything on which the law of a bucket depends but for traffic; of every track what `part` says.
    fn key_of_law(
        &self,
        family: &Family,
        instance: Instance,
        at: f64,
        key: &mut Vec<u64>,
        part: impl Fn(&[f64]) -> &[f64],
    ) {
        let fleet = &self.plan.fleet;
        let (index, rps, region) = match instance {
            Instance::Zone(z) => (z, fleet.zones[z].rps, fleet.zones[z].region),
            Instance::Region(r) => (r, fleet.regions[r].rps, r),
            Instance::Fleet => unreachable!("the fleet's law depends on every region's traffic"),
        };
        key.extend([
            self.layout.id,
            family.number as u64,
            fleet.regions[region].curve as u64,
            rps.to_bits(),
            fleet.regions[region].zones.len() as u64,
            u64::from(self.side_by_side(instance, at)),
        ]);
        for &reading in &family.watched_tracks {
            let row = self
                .tracks
                .of(reading, index)
                .row_at(at, self.plan.slis.len());
            key.extend(part(row).iter().map(|x| x.to_bits()));
        }
    }

    /// Whether nothing is wrong and nobody warms up.
    pub(super) fn is_ordinary(&self, family: &Family, instance: Instance, at: f64) -> bool {
        let slis = &self.plan.slis;
        let ordinary = |row: &[f64]| {
            row[1..].chunks_exact(3).zip(slis).all(|(law, sli)| {
                let usual = sli.base * row[0];
                law[1] == 0.0 && law[2] == 0.0 && (law[0] - usual).abs() <= 1e-9 * usual
            })
        };
        family.watched_tracks.iter().all(|&reading| match instance {
            Instance::Zone(i) | Instance::Region(i) => {
                ordinary(self.tracks.of(reading, i).row_at(at, slis.len()))
            }
            Instance::Fleet => (0..self.plan.fleet.regions.len())
                .all(|r| ordinary(self.tracks.of(reading, r).row_at(at, slis.len()))),
        })
    }

    /// Whether a ramp is on.
    pub(super) fn changes_steadily(&self, family: &Family, instance: Instance, at: f64) -> bool {
        let slis = self.plan.slis.len();
        family.watched_tracks.iter().any(|&reading| match instance {
            Instance::Zone(i) | Instance::Region(i) => self.tracks.of(reading, i).is_ramp(at, slis),
            Instance::Fleet => (0..self.plan.fleet.regions.len())
                .any(|r| self.tracks.of(reading, r).is_ramp(at, slis)),
        })
    }

    /// Whether old and new version of an instance stand side by side at a time.
    pub(in super::super) fn side_by_side(&self, instance: Instance, at: f64) -> bool {
        let Instance::Zone(_) = instance else {
            return true;
        };
        let share = self.new_share_from(instance, at);
        share > 0.0 && share < 1.0
    }

    /// The new version's share of a zone's traffic from a time on; 0 for what is no zone.
    pub(in super::super) fn new_share_from(&self, instance: Instance, at: f64) -> f64 {
        match instance {
            Instance::Zone(zone) => self.zones[zone].share_from(at),
            Instance::Region(_) | Instance::Fleet => 0.0,
        }
    }
}
