//! Counts of requests and bad requests, bucket by bucket, and what alarms read of them.

use std::collections::VecDeque;

use super::event::Instance;
use super::family::Family;
use super::law::Reading;
use super::rollout::Rollout;
use super::skip::Process;
use crate::plan::{Grid, Population};
use crate::random::{NameKey, Purpose, RolloutKey, Stream};

/// In place of a count that nobody has asked for yet.
const NOT_DRAWN: f64 = -1.0;

/// Counts of one instance of a family.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) stream: Stream,
    /// Time of bucket 0, in seconds from the rollout's start.
    origin: f64,
    /// Number of the first bucket kept.
    first: i64,
    /// Rows of counts; a row not drawn yet begins with `NOT_DRAWN`.
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

    /// When a bucket begins and ends.
    pub(super) fn times_of(&self, family: &Family, bucket: i64) -> (f64, f64) {
        let at = |bucket: i64| self.origin + (bucket * family.bucket_s) as f64;
        (at(bucket), at(bucket + 1))
    }

    /// The bucket in which a moment lies.
    pub(super) fn bucket_at(&self, family: &Family, t: f64) -> i64 {
        libm::floor((t - self.origin) / family.bucket_s as f64) as i64
    }

    /// Makes room for the buckets in [begin, end), and forgets those so far back that nobody will read them again.
    pub(super) fn make_room(&mut self, family: &Family, begin: i64, end: i64) {
        let stride = family.stride();
        let kept = (family.keeps_s / family.bucket_s as f64).ceil() as i64 + 2;
        let last = self.first + (self.rows.len() / stride) as i64;
        if self.rows.is_empty() || begin > last + kept {
            self.rows.clear();
            self.first = begin;
        }
        while self.first + kept * 2 < begin {
            self.rows.drain(..stride);
            self.first += 1;
        }
        while self.first > begin {
            (0..stride).for_each(|_| self.rows.push_front(NOT_DRAWN));
            self.first -= 1;
        }
        while self.first + ((self.rows.len() / stride) as i64) < end {
            (0..stride).for_each(|_| self.rows.push_back(NOT_DRAWN));
        }
    }

    fn place(&self, family: &Family, bucket: i64) -> usize {
        (bucket - self.first) as usize * family.stride()
    }

    pub(super) fn is_drawn(&self, family: &Family, bucket: i64) -> bool {
        self.rows[self.place(family, bucket)] != NOT_DRAWN
    }

    /// Sums a reading's counts over buckets.
    fn sum(
        &self,
        family: &Family,
        buckets: std::ops::Range<i64>,
        slot: usize,
        sli: Option<usize>,
    ) -> Counts {
        let mut sum = Counts::default();
        for bucket in buckets {
            let row = self.place(family, bucket) + slot;
            sum.requests += self.rows[row];
            sum.bad += sli.map_or(0.0, |s| self.rows[row + 1 + s]);
        }
        sum
    }

    /// Copies a bucket's counts.
    pub(super) fn row(&self, family: &Family, bucket: i64, into: &mut Vec<f64>) {
        let at = self.place(family, bucket);
        into.clear();
        into.extend((0..family.stride()).map(|i| self.rows[at + i]));
    }

    pub(super) fn put(&mut self, family: &Family, bucket: i64, row: &[f64]) {
        let at = self.place(family, bucket);
        row.iter()
            .enumerate()
            .for_each(|(i, &count)| self.rows[at + i] = count);
    }
}

impl Rollout<'_> {
    /// Sets all stores up for a new rollout.
    pub(super) fn reset_stores(&mut self) {
        let fleet = &self.plan.fleet;
        let layout = self.layout;
        let count = layout.families.iter().map(|f| f.instances(self.plan)).sum();
        self.stores.resize_with(count, Store::default);
        self.processes.resize_with(count, Process::default);
        self.processes.iter_mut().for_each(Process::reset);
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
        let store = self.store_of(family, instance);
        let layout = self.layout;
        let family = &layout.families[family];
        let begin = end - i64::from(window_s) / family.bucket_s;
        self.stores[store].make_room(family, begin, end);
        for bucket in begin..end {
            if self.stores[store].is_drawn(family, bucket) {
                continue;
            }
            if self.processes[store].has_decided(bucket) {
                self.draw_passed_over(store, family, instance, bucket);
            } else {
                self.draw_plain(store, family, instance, bucket);
            }
        }
        let slot = family.slot(reading);
        let sli_slot = sli.map(|s| family.sli_position(s));
        self.stores[store].sum(family, begin..end, slot, sli_slot)
    }

    /// Draws a bucket of which nothing is known.
    pub(super) fn draw_plain(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        bucket: i64,
    ) {
        let times = self.stores[store].times_of(family, bucket);
        let mut laws = std::mem::take(&mut self.bucket_laws);
        self.laws_of_bucket(family, instance, times, &mut laws);
        self.bucket_row.clear();
        self.bucket_row.resize(family.stride(), 0.0);
        let stream = &mut self.stores[store].stream;
        laws.draw(stream, &mut self.bucket_row, &mut self.bucket_noise);
        self.stores[store].put(family, bucket, &self.bucket_row);
        self.bucket_laws = laws;
    }
}
