//! Looking at buckets: drawing those that matter, and those passed over that a window needs after all.

use std::ops::Range;
use std::sync::Arc;

use super::super::bucket::BucketLaws;
use super::super::event::Instance;
use super::super::family::Family;
use super::super::rollout::Rollout;
use super::interest::Interest;
use super::process::Look;
use super::question::Askers;

impl Rollout<'_> {
    /// A bucket at which a process looks is over, or begins.
    pub(in super::super) fn bucket_ends(&mut self, store: usize, token: u32) {
        if self.processes[store].token != token {
            return;
        }
        let (family, instance) = self.layout.of_store(store);
        let bucket = self.processes[store].next;
        let is_watched = self.looking(family, instance).any();
        if !is_watched && self.processes[store].look == Look::InFull {
            // Nothing is decided of it yet, and nobody wants to know.
            self.processes[store].active = false;
            self.processes[store].begin_again(bucket);
            return;
        }
        let askers = match self.processes[store].look {
            Look::Plan => Askers::default(),
            Look::InFull => self.draw_in_full(store, family, instance, bucket),
            Look::ByChance(bound) => self.draw_by_chance(store, family, instance, bucket, bound),
        };
        let next = match self.processes[store].look {
            Look::Plan => bucket,
            Look::InFull | Look::ByChance(_) => bucket + 1,
        };
        match self.processes[store].look {
            Look::Plan => self.processes[store].clock.pass(bucket),
            Look::InFull => {}
            Look::ByChance(_) => self.processes[store].clock.renew(),
        }
        // Decided, before anybody asks for it; and even if nobody looks: that the process came so far was a matter of
        // chance, too.
        self.processes[store].next = next;
        if askers.any() {
            self.mark(store, family, instance, bucket, askers);
        }
        if is_watched {
            self.plan_from(store, family, instance, next);
        } else {
            self.processes[store].active = false;
            self.processes[store].begin_again(next);
        }
    }

    /// Draws what is asked of a bucket; the alarms that could mind it.
    fn draw_in_full(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        bucket: i64,
    ) -> Askers {
        self.stores[store].make_room(family, bucket, bucket + 1);
        let askers = self.processes[store].askers_of(bucket);
        let laws = self.take_laws(store, family, instance, bucket);
        let (row, stream) = self.stores[store].look_at(family, bucket);
        for asked in family.asked.iter().filter(|a| a.by.meets(askers)) {
            for (reading, sli) in asked.question.cells() {
                laws.draw_cell(reading, sli, row, stream);
            }
        }
        let new = laws.new_share;
        let answered = Askers::answered(askers, &family.asked, row, family.slis.len(), new);
        self.give_laws_back(store, laws);
        answered
    }

    /// Takes the laws of a bucket out of the memory of those that last, where they are to be given back to.
    pub(in super::super) fn take_laws(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        bucket: i64,
    ) -> BucketLaws {
        let mut laws = std::mem::take(&mut self.processes[store].steady.laws);
        if self.processes[store].steady.has_laws_of(bucket) {
            return laws;
        }
        let times = self.stores[store].times_of(family, bucket);
        self.laws_of_bucket(family, instance, times, &mut laws);
        if !self.processes[store].active {
            // Nobody tells when they change.
            self.processes[store].steady.laws_are_of(bucket, bucket);
            return laws;
        }
        let until = if self.changes_steadily(family, instance, times.0) {
            bucket + 1
        } else {
            let ends = self.law_stays_until(family, instance, times.0, false);
            self.bucket_cut_at(store, family, ends).max(bucket + 1)
        };
        self.processes[store].steady.laws_are_of(bucket, until);
        laws
    }

    pub(in super::super) fn give_laws_back(&mut self, store: usize, laws: BucketLaws) {
        self.processes[store].steady.laws = laws;
    }

    /// The interest that a bucket's laws have for those who asked about it.
    fn interest_of(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        bucket: i64,
        laws: &BucketLaws,
    ) -> Arc<Interest> {
        let askers = self.processes[store].askers_of(bucket);
        if let Some((of, interest)) = &self.processes[store].steady.interest
            && *of == askers
        {
            return Arc::clone(interest);
        }
        let (begins, _) = self.stores[store].times_of(family, bucket);
        let interest = self.interest_in(family, instance, askers, begins, laws);
        self.processes[store].steady.interest = Some((askers, Arc::clone(&interest)));
        interest
    }

    /// The interest of a law.
    pub(super) fn interest_in(
        &mut self,
        family: &Family,
        instance: Instance,
        askers: Askers,
        at: f64,
        laws: &BucketLaws,
    ) -> Arc<Interest> {
        let side_by_side = self.side_by_side(instance, at);
        self.memory
            .interest(self.layout, family, askers, side_by_side, laws)
    }

    /// Draws a bucket that was proposed with this bound on its chance to matter; the alarms that could mind it.
    fn draw_by_chance(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        bucket: i64,
        bound: f64,
    ) -> Askers {
        let laws = self.take_laws(store, family, instance, bucket);
        let interest = self.interest_of(store, family, instance, bucket, &laws);
        let askers = self.processes[store].askers_of(bucket);
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
        let mut answered = Askers::default();
        if matters {
            self.stores[store].make_room(family, bucket, bucket + 1);
            self.stores[store].put(family, bucket, &row, &self.bucket_noise);
            let slis = family.slis.len();
            answered = Askers::answered(askers, &family.asked, &row, slis, laws.new_share);
        }
        self.give_laws_back(store, laws);
        self.bucket_row = row;
        answered
    }

    /// Draws what a window needs of the first of some buckets after it was passed over, so of one that does not matter;
    /// and of those that follow, as far as they are like it. Returns the first of which it is not drawn.
    pub(in super::super) fn draw_passed_over(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        buckets: Range<i64>,
        cell: (usize, Option<usize>),
    ) -> i64 {
        let mut bucket = buckets.start;
        let laws = self.take_laws(store, family, instance, bucket);
        let interest = self.interest_of(store, family, instance, bucket, &laws);
        let alike_until = self.processes[store].alike_until(bucket).min(buckets.end);
        let store_of = &mut self.stores[store];
        let others = interest.others(&laws, cell.0, cell.1);
        loop {
            let (row, stream) = store_of.row(family, bucket);
            others.draw(row, stream);
            bucket += 1;
            if bucket >= alike_until || store_of.knows_of(family, bucket, cell) {
                break;
            }
        }
        drop(others);
        self.give_laws_back(store, laws);
        bucket
    }
}
