//! Counts of requests and bad requests, bucket by bucket, and what alarms read of them.

use super::event::Instance;
use super::family::Family;
use super::law::Reading;
use super::rollout::Rollout;
use super::skip::{Clock, Process};
use crate::plan::Grid;
use crate::random::{NameKey, Purpose, RolloutKey, Stream};

/// In place of what nobody has asked for yet.
const NOT_DRAWN: f64 = f64::NAN;

/// Counts of one instance of a family.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) stream: Stream,
    /// Time of bucket 0, in seconds from the rollout's start.
    origin: f64,
    /// Number of the first bucket kept.
    first: i64,
    /// A row for each bucket: its counts; SLI by SLI how far the background lies from its mean; and 0 once the bucket was
    /// looked at.
    rows: Vec<f64>,
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
            rows: Vec::new(),
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

    /// Moves the grid: buckets counted before are not those counted from now on. Returns whether it was elsewhere.
    pub(super) fn set_origin(&mut self, origin: f64) -> bool {
        let moves = self.origin != origin;
        if moves {
            self.origin = origin;
            self.rows.clear();
        }
        moves
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
        let width = family.width();
        let kept = (family.keeps_s / family.bucket_s as f64).ceil() as i64 + 2;
        let last = self.first + (self.rows.len() / width) as i64;
        if self.rows.is_empty() || begin > last + kept {
            self.rows.clear();
            self.first = begin;
        }
        if self.first + kept * 2 < begin {
            let behind = (begin - kept - self.first).min(last - self.first);
            self.rows.drain(..behind as usize * width);
            self.first += behind;
        }
        if self.first > begin {
            let before = (self.first - begin) as usize * width;
            self.rows
                .splice(0..0, std::iter::repeat_n(NOT_DRAWN, before));
            self.first = begin;
        }
        let needed = (end - self.first) as usize * width;
        if self.rows.len() < needed {
            self.rows.resize(needed, NOT_DRAWN);
        }
    }

    fn place(&self, family: &Family, bucket: i64) -> usize {
        (bucket - self.first) as usize * family.width()
    }

    /// Whether a bucket was looked at.
    fn is_begun(&self, family: &Family, bucket: i64) -> bool {
        !self.rows[self.place(family, bucket) + family.width() - 1].is_nan()
    }

    /// Whether a reading's requests, and its bad ones on an SLI (counted as the family counts them), are drawn.
    fn has_cell(
        &self,
        family: &Family,
        bucket: i64,
        (reading, sli): (usize, Option<usize>),
    ) -> bool {
        let slot = self.place(family, bucket) + reading * (1 + family.slis.len());
        let cell = sli.map_or(slot, |sli| slot + 1 + sli);
        !self.rows[cell].is_nan()
    }

    /// Whether a bucket was looked at, or the cell is drawn.
    pub(super) fn knows_of(
        &self,
        family: &Family,
        bucket: i64,
        cell: (usize, Option<usize>),
    ) -> bool {
        self.is_begun(family, bucket) || self.has_cell(family, bucket, cell)
    }

    /// What a reading counts in a bucket, if both its requests and its bad ones on an SLI are drawn.
    pub(super) fn drawn(
        &self,
        family: &Family,
        bucket: i64,
        (reading, sli): (usize, Option<usize>),
    ) -> Option<Counts> {
        let kept = self.first..self.first + (self.rows.len() / family.width()) as i64;
        if !kept.contains(&bucket) || !self.has_cell(family, bucket, (reading, sli)) {
            return None;
        }
        let slot = reading * (1 + family.slis.len());
        Some(self.sum(family, bucket..bucket + 1, slot, sli))
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

    /// What is drawn of a bucket, with the stream from which the rest is drawn.
    pub(super) fn row(&mut self, family: &Family, bucket: i64) -> (&mut [f64], &mut Stream) {
        let at = self.place(family, bucket);
        (&mut self.rows[at..at + family.width()], &mut self.stream)
    }

    /// The same for a bucket that is looked at, if it was not before.
    pub(super) fn look_at(&mut self, family: &Family, bucket: i64) -> (&mut [f64], &mut Stream) {
        let (row, stream) = self.row(family, bucket);
        row[family.width() - 1] = 0.0;
        (row, stream)
    }

    /// Keeps a bucket that was drawn as a whole.
    pub(super) fn put(&mut self, family: &Family, bucket: i64, counts: &[f64], noise: &[f64]) {
        let (row, _) = self.look_at(family, bucket);
        row[..counts.len()].copy_from_slice(counts);
        row[counts.len()..counts.len() + noise.len()].copy_from_slice(noise);
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
        for (family, first) in layout.families.iter().zip(&layout.first_store) {
            // The wall clock's buckets begin at whole multiples of their length in Unix time.
            let origin = match family.grid {
                Grid::WallClock => -self.start,
                Grid::Deployment => 0.0,
            };
            for i in 0..family.instances(self.plan) {
                let name = family.name_of(fleet, i);
                let counts = self.draws.once(Purpose::AlarmCounts, name);
                self.stores[first + i].reset(counts, origin);
                let looks = self.draws.once(Purpose::AlarmLooks, name);
                self.processes[first + i].begin(Clock::of(looks));
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
        let position = family.position(reading);
        let sli_slot = sli.map(|s| family.sli_position(s));
        let cell = (position, sli_slot);
        let mut bucket = begin;
        while bucket < end {
            let begun = self.stores[store].is_begun(family, bucket);
            if self.stores[store].has_cell(family, bucket, cell) {
                bucket += 1;
            } else if !begun && self.processes[store].has_decided(bucket) {
                bucket = self.draw_passed_over(store, family, instance, bucket..end, cell);
            } else {
                self.draw_cells(store, family, instance, bucket, &[cell]);
                bucket += 1;
            }
        }
        let slot = family.slot(reading);
        self.stores[store].sum(family, begin..end, slot, sli_slot)
    }

    /// Draws cells of a bucket (pairs of reading and SLI) that are not drawn yet, given those that are.
    pub(super) fn draw_cells(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        bucket: i64,
        cells: &[(usize, Option<usize>)],
    ) {
        let laws = self.take_laws(store, family, instance, bucket);
        let (row, stream) = self.stores[store].look_at(family, bucket);
        for &(reading, sli) in cells {
            laws.draw_cell(reading, sli, row, stream);
        }
        self.give_laws_back(store, laws);
    }
}
