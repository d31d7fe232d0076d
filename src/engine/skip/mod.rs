//! Skipping ahead: buckets that no alarm could mind are not looked at.
//!
//! Every instance of a family that some alarm watches has a *process*. While its law stays as it is, the next bucket
//! that could matter is a geometric number of buckets away, and an event is scheduled there; when the law changes, that
//! event is void and the process goes on from the present moment, as a geometric gap may. Buckets that a change of law
//! cuts in two are drawn in full. A bucket passed over is known not to matter, nothing more: if a window needs its
//! counts after all, they are drawn given that.
//!
//! The law of what alarms do is that of the plain way, which looks at every bucket ([`Way::Plain`]); the numbers drawn
//! are others.

mod interest;
mod negligible;
mod question;

use std::collections::{HashMap, VecDeque};

use super::bucket::BucketLaws;
use super::event::{Event, Instance};
use super::family::Family;
use super::rollout::Rollout;
use crate::plan::Grid;
use interest::Interest;
pub(super) use question::Asked;

/// How alarms come by their datapoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Buckets that cannot matter are skipped.
    Skipping,
    /// Every bucket of every watched instance is drawn.
    Plain,
}

/// No bucket, ever.
const NEVER: i64 = i64::MAX;

/// Laws remembered at the most.
const REMEMBERED: usize = 10_000;

/// Buckets under a new law, while something is wrong or warms up, that are drawn before anybody reckons with it.
const PATIENCE: i64 = 6;

/// How a process looks at a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Look {
    /// Once it is over: it is drawn in full.
    #[default]
    InFull,
    /// Once it is over: with the chance that its law gives it to matter, over this bound on it.
    ByChance(f64),
    /// When it begins: to plan from there on.
    Plan,
}

/// Where one instance of a family stands.
#[derive(Debug, Default)]
pub(super) struct Process {
    /// Whether some alarm watches it.
    active: bool,
    /// Buckets from here to `next` (exclusive) have been decided: they are drawn, or do not matter.
    from: i64,
    /// The bucket at which it looks next.
    next: i64,
    /// How it looks at that bucket.
    look: Look,
    /// The first bucket wholly under the present law.
    law_since: i64,
    token: u32,
    /// Buckets that may matter to datapoints still to come, in order.
    marked: VecDeque<i64>,
}

impl Process {
    pub(super) fn reset(&mut self) {
        self.active = false;
        (self.from, self.next, self.law_since) = (0, 0, 0);
        self.token += 1;
        self.marked.clear();
    }

    /// Whether a bucket was passed over as not mattering, if it was not drawn.
    pub(super) fn has_decided(&self, bucket: i64) -> bool {
        (self.from..self.next).contains(&bucket)
    }
}

/// Interests of laws met before: facts about laws, the same whoever asks first.
#[derive(Debug, Default)]
pub(super) struct Memory {
    interests: HashMap<Vec<u64>, Interest>,
    /// Largest chances over all levels of traffic.
    bounds: HashMap<Vec<u64>, f64>,
    key: Vec<u64>,
    key_of_bound: Vec<u64>,
}

impl Memory {
    fn interest(
        &mut self,
        layout: u64,
        family: &Family,
        side_by_side: bool,
        laws: &BucketLaws,
    ) -> Interest {
        self.key.clear();
        let of = [layout, family.number as u64, u64::from(side_by_side)];
        self.key.extend(of);
        laws.key(&mut self.key);
        if let Some(known) = self.interests.get(&self.key) {
            return known.clone();
        }
        let interest = Interest::of(&family.asked, side_by_side, laws);
        if self.interests.len() >= REMEMBERED {
            self.interests.clear();
        }
        self.interests.insert(self.key.clone(), interest.clone());
        interest
    }
}

impl Rollout<'_> {
    /// A watcher looks at a store from now on.
    pub(super) fn process_begins(&mut self, store: usize) {
        if self.layout.way == Way::Skipping && !self.processes[store].active {
            self.processes[store].active = true;
            self.fresh_stores.push(store);
        }
    }

    /// Takes up what changed in this moment: new laws, and stores that are watched from now on.
    pub(super) fn settle_processes(&mut self) {
        let layout = self.layout;
        if layout.way == Way::Plain {
            return;
        }
        let changed = std::mem::take(&mut self.changed);
        for (index, family) in layout.families.iter().enumerate() {
            for &instance in &changed {
                if family.is_of(instance) && self.law_changed(family, instance) {
                    self.law_changes(self.store_of(index, instance), family, instance);
                }
            }
        }
        self.changed = changed;
        self.changed.clear();
        for store in std::mem::take(&mut self.fresh_stores) {
            let (family, instance) = layout.of_store(store);
            let present = self.stores[store].bucket_at(family, self.now);
            let first = present + 1 - family.longest_window_s / family.bucket_s;
            let process = &mut self.processes[store];
            // What was decided while somebody watched before stays decided.
            if first >= process.next || first < process.from {
                (process.from, process.next) = (first, first);
            }
            process.law_since = process.next;
            let next = process.next;
            self.plan_from(store, family, instance, next);
        }
    }

    fn law_changed(&self, family: &Family, instance: Instance) -> bool {
        let tracks = &self.tracks;
        family.watched_tracks.iter().any(|&reading| match instance {
            Instance::Zone(i) | Instance::Region(i) => tracks.of(reading, i).changed_at(self.now),
            Instance::Fleet => self.fleet_changed_at == self.now,
        })
    }

    /// The law of a store has changed now: what was planned is void.
    fn law_changes(&mut self, store: usize, family: &Family, instance: Instance) {
        if !self.processes[store].active {
            return;
        }
        let present = self.stores[store].bucket_at(family, self.now);
        let (begins, _) = self.stores[store].times_of(family, present);
        if self.processes[store].next < present {
            // Still looking back at buckets from before it was watched.
            return;
        }
        if begins == self.now {
            self.processes[store].next = present;
            self.processes[store].law_since = present;
            self.plan_from(store, family, instance, present);
            return;
        }
        self.processes[store].law_since = present + 1;
        if self.is_negligible(family, instance, begins) {
            // Before and after the change, so also in between.
            self.processes[store].next = present;
            self.plan_from(store, family, instance, present + 1);
        } else {
            self.look_at(store, family, present, Look::InFull);
        }
    }

    /// Schedules the look at a bucket, once it is over.
    fn look_at(&mut self, store: usize, family: &Family, bucket: i64, look: Look) {
        let (_, ends) = self.stores[store].times_of(family, bucket);
        let process = &mut self.processes[store];
        process.next = bucket;
        process.look = look;
        process.token += 1;
        let token = process.token;
        self.queue
            .push(ends.max(self.now), Event::Bucket { store, token });
    }

    /// Plans the next look from a bucket on, of which nothing is decided yet.
    fn plan_from(&mut self, store: usize, family: &Family, instance: Instance, bucket: i64) {
        let mut bucket = bucket;
        loop {
            let times = self.stores[store].times_of(family, bucket);
            let negligible = self.is_negligible(family, instance, times.0);
            let all_traffic =
                negligible || self.bound_is_for_all_traffic(family, instance, times.0);
            let until = self.law_stays_until(family, instance, times.0, all_traffic);
            if until < times.1 {
                self.look_at(store, family, bucket, Look::InFull);
                return;
            }
            let limit = if until == f64::INFINITY {
                NEVER
            } else {
                self.stores[store].bucket_at(family, until)
            };
            let bound = if negligible {
                Some(0.0)
            } else {
                self.bound(store, family, instance, bucket)
            };
            let Some(bound) = bound else {
                self.look_at(store, family, bucket, Look::InFull);
                return;
            };
            let gap = gap_to_next(bound, &mut self.stores[store].stream);
            let candidate = bucket.saturating_add(gap);
            if candidate < limit {
                let look = if bound >= 1.0 {
                    Look::InFull
                } else {
                    Look::ByChance(bound)
                };
                self.look_at(store, family, candidate, look);
                return;
            }
            if limit == NEVER {
                let process = &mut self.processes[store];
                process.next = NEVER;
                process.token += 1;
                return;
            }
            let (begins, _) = self.stores[store].times_of(family, limit);
            if begins > self.now {
                self.plan_again(store, limit, begins);
                return;
            }
            bucket = limit;
        }
    }

    /// Plans again when a bucket begins: until then nothing matters.
    fn plan_again(&mut self, store: usize, bucket: i64, at: f64) {
        let process = &mut self.processes[store];
        process.next = bucket;
        process.look = Look::Plan;
        process.token += 1;
        let token = process.token;
        self.queue.push(at, Event::Bucket { store, token });
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
            || levels.least == levels.most
            || (aligned
                && self.is_ordinary(family, instance, at)
                // Looking back, the law is known to change: what it would be at other traffic is not asked.
                && self.next_change_on_record(family, instance, at) == f64::INFINITY)
    }

    /// Until when the law of a bucket that begins at `from` is known to stay as it is: up to the next change on record,
    /// and, unless its bound is one for all traffic, up to the next change of traffic.
    fn law_stays_until(
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
    /// last: its first few buckets are cheaper to draw than to reckon with.
    fn bound(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        bucket: i64,
    ) -> Option<f64> {
        let times = self.stores[store].times_of(family, bucket);
        if self.changes_steadily(family, instance, times.0) {
            return Some(1.0);
        }
        let is_new = bucket - self.processes[store].law_since < PATIENCE;
        if is_new && !self.is_ordinary(family, instance, times.0) {
            return None;
        }
        if self.bound_is_for_all_traffic(family, instance, times.0) {
            return Some(self.largest_chance(store, family, instance, bucket));
        }
        Some(self.chance(family, instance, times))
    }

    /// The chance that the bucket between two times matters.
    fn chance(&mut self, family: &Family, instance: Instance, times: (f64, f64)) -> f64 {
        let mut laws = std::mem::take(&mut self.bucket_laws);
        self.laws_of_bucket(family, instance, times, &mut laws);
        let chance = self.interest_of(family, instance, times.0, &laws).chance;
        self.bucket_laws = laws;
        chance
    }

    /// The largest chance to matter over all levels of traffic.
    fn largest_chance(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        bucket: i64,
    ) -> f64 {
        let times = self.stores[store].times_of(family, bucket);
        let mut key = std::mem::take(&mut self.memory.key_of_bound);
        key.clear();
        self.key_of_law(family, instance, times.0, &mut key);
        let known = self.memory.bounds.get(&key).copied();
        let bound = known.unwrap_or_else(|| {
            let mut largest = self.chance(family, instance, times);
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
                    largest = largest.max(self.chance(family, instance, later));
                }
                at = curve.next_change(at);
            }
            if self.memory.bounds.len() >= REMEMBERED {
                self.memory.bounds.clear();
            }
            self.memory.bounds.insert(key.clone(), largest);
            largest
        });
        self.memory.key_of_bound = key;
        bound
    }

    /// Everything on which the law of a bucket depends but for traffic.
    fn key_of_law(&self, family: &Family, instance: Instance, at: f64, key: &mut Vec<u64>) {
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
            key.extend(row.iter().map(|x| x.to_bits()));
        }
    }

    /// Whether nothing is wrong and nobody warms up.
    fn is_ordinary(&self, family: &Family, instance: Instance, at: f64) -> bool {
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
    fn changes_steadily(&self, family: &Family, instance: Instance, at: f64) -> bool {
        let slis = self.plan.slis.len();
        family.watched_tracks.iter().any(|&reading| match instance {
            Instance::Zone(i) | Instance::Region(i) => self.tracks.of(reading, i).is_ramp(at, slis),
            Instance::Fleet => (0..self.plan.fleet.regions.len())
                .any(|r| self.tracks.of(reading, r).is_ramp(at, slis)),
        })
    }

    /// Whether old and new version of an instance stand side by side at a time.
    fn side_by_side(&self, instance: Instance, at: f64) -> bool {
        let Instance::Zone(zone) = instance else {
            return true;
        };
        let share = self.zones[zone].share_from(at);
        share > 0.0 && share < 1.0
    }

    /// The interest of a law.
    fn interest_of(
        &mut self,
        family: &Family,
        instance: Instance,
        at: f64,
        laws: &BucketLaws,
    ) -> Interest {
        let side_by_side = self.side_by_side(instance, at);
        self.memory
            .interest(self.layout.id, family, side_by_side, laws)
    }

    /// A bucket at which a process looks is over.
    pub(super) fn bucket_ends(&mut self, store: usize, token: u32) {
        if self.processes[store].token != token {
            return;
        }
        let (family, instance) = self.layout.of_store(store);
        let bucket = self.processes[store].next;
        if !self.is_watched(store) {
            self.processes[store].active = false;
            return;
        }
        let matters = match self.processes[store].look {
            Look::Plan => return self.plan_from(store, family, instance, bucket),
            Look::InFull => self.draw_and_ask(store, family, instance, bucket),
            Look::ByChance(bound) => self.draw_by_chance(store, family, instance, bucket, bound),
        };
        // Decided, before anybody asks for it.
        self.processes[store].next = bucket + 1;
        if matters {
            self.mark(store, family, instance, bucket);
        }
        self.plan_from(store, family, instance, bucket + 1);
    }

    /// Draws a bucket in full; whether some alarm could mind it.
    fn draw_and_ask(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        bucket: i64,
    ) -> bool {
        self.stores[store].make_room(family, bucket, bucket + 1);
        if !self.stores[store].is_drawn(family, bucket) {
            self.draw_plain(store, family, instance, bucket);
        }
        self.stores[store].row(family, bucket, &mut self.bucket_row);
        let slis = family.slis.len();
        let mut asked = family.asked.iter();
        asked.any(|a| a.question.answered_by(&self.bucket_row, slis))
    }

    /// Draws a bucket that was proposed with this bound on its chance to matter; whether it does.
    fn draw_by_chance(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        bucket: i64,
        bound: f64,
    ) -> bool {
        let times = self.stores[store].times_of(family, bucket);
        let mut laws = std::mem::take(&mut self.bucket_laws);
        self.laws_of_bucket(family, instance, times, &mut laws);
        let interest = self.interest_of(family, instance, times.0, &laws);
        let mut row = std::mem::take(&mut self.bucket_row);
        row.clear();
        row.resize(family.stride(), 0.0);
        let stream = &mut self.stores[store].stream;
        let noise = &mut self.bucket_noise;
        let matters = if interest.is_everything() {
            // The bound was computed for laws of which this is one.
            laws.draw(stream, &mut row, noise);
            true
        } else {
            stream.chance(interest.chance / bound)
                && interest.draw_one(&laws, stream, &mut row, noise)
        };
        if matters {
            self.stores[store].make_room(family, bucket, bucket + 1);
            self.stores[store].put(family, bucket, &row);
        }
        let asks = |a: &Asked| a.question.answered_by(&row, family.slis.len());
        let matters = matters && family.asked.iter().any(asks);
        self.bucket_laws = laws;
        self.bucket_row = row;
        matters
    }

    /// Draws a bucket that a window needs after it was passed over: one that does not matter.
    pub(super) fn draw_passed_over(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        bucket: i64,
    ) {
        let times = self.stores[store].times_of(family, bucket);
        let mut laws = std::mem::take(&mut self.bucket_laws);
        self.laws_of_bucket(family, instance, times, &mut laws);
        let interest = self.interest_of(family, instance, times.0, &laws);
        let mut row = std::mem::take(&mut self.bucket_row);
        row.clear();
        row.resize(family.stride(), 0.0);
        let stream = &mut self.stores[store].stream;
        interest.draw_other(&laws, stream, &mut row, &mut self.bucket_noise);
        self.stores[store].put(family, bucket, &row);
        self.bucket_laws = laws;
        self.bucket_row = row;
    }

    /// A bucket may matter to the datapoints that cover it.
    fn mark(&mut self, store: usize, family: &Family, instance: Instance, bucket: i64) {
        let kept = family.longest_window_s / family.bucket_s + 1;
        let marked = &mut self.processes[store].marked;
        while marked.front().is_some_and(|&b| b + kept < bucket) {
            marked.pop_front();
        }
        marked.push_back(bucket);
        for &alarm in &family.alarms {
            self.notice(self.layout.watcher_of(alarm, instance), bucket);
        }
    }

    /// Shows a watcher the buckets that may matter to it.
    pub(super) fn notice_marked(&mut self, watcher: usize, store: usize) {
        for i in 0..self.processes[store].marked.len() {
            self.notice(watcher, self.processes[store].marked[i]);
        }
    }

    fn is_watched(&self, store: usize) -> bool {
        let (family, instance) = self.layout.of_store(store);
        let mut watchers = family
            .alarms
            .iter()
            .map(|&alarm| self.layout.watcher_of(alarm, instance));
        watchers.any(|w| self.watchers[w].looks())
    }
}

/// How many buckets pass before one that is proposed with this chance each.
fn gap_to_next(chance: f64, stream: &mut crate::random::Stream) -> i64 {
    if chance >= 1.0 {
        return 0;
    }
    if chance <= 0.0 {
        return NEVER;
    }
    let gap = stream.exponential() / -libm::log1p(-chance);
    if gap < 1e15 { gap as i64 } else { NEVER }
}
