//! Skipping ahead: buckets that no alarm could mind are not looked at.
//!
//! Every instance of a family that some alarm watches has a *process*. While its law stays as it is, the next bucket
//! that could matter is a geometric number of buckets away, and an event is scheduled there; when the law changes, that
//! event is void and the process goes on from the present moment, as a geometric gap may. Buckets that a change of law
//! cuts in two, and the first under laws that may not last, are drawn in full. A bucket passed over is known not to
//! matter, nothing more: if a window needs its counts after all, they are drawn given that.
//!
//! Alarms are left out of account where nothing could come of asking them: in steps of which they see no datapoint, and
//! where their long windows are quiet (`quiet`). And where a law is within an `envelope`, of which it is known that no
//! bucket could matter, its changes are passed over.
//!
//! The law of what alarms do is that of the plain way, which looks at every bucket ([`Way::Plain`]); the numbers drawn
//! are others.

mod clock;
mod cover;
mod envelope;
mod foresight;
mod interest;
mod look;
mod memory;
mod negligible;
mod plan;
mod process;
mod question;
mod quiet;
mod tail;

use std::ops::RangeInclusive;

use super::event::Instance;
use super::family::Family;
use super::rollout::Rollout;
pub(super) use clock::Clock;
pub(super) use foresight::{hazard_of_bucket, is_negligible_with};
pub(super) use memory::Memory;
use negligible::When;
pub(super) use negligible::{Enough, enough_requests};
use process::Look;
pub(super) use process::Process;
pub(super) use question::{Asked, Askers};
pub(super) use quiet::LongWindow;

/// How alarms come by their datapoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Buckets that cannot matter are skipped.
    Skipping,
    /// Every bucket of every watched instance is drawn.
    Plain,
}

impl Rollout<'_> {
    /// The watcher of the alarm at this position in its family looks at a store from now on.
    pub(super) fn process_begins(&mut self, store: usize, position: usize) {
        let process = &self.processes[store];
        if !process.active || !process.askers().meets(Askers::one(position)) {
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
        let mut fresh = std::mem::take(&mut self.fresh_stores);
        for store in fresh.drain(..) {
            self.process_is_watched(store);
        }
        self.fresh_stores = fresh;
    }

    /// More watchers look at a store than before.
    fn process_is_watched(&mut self, store: usize) {
        let (family, instance) = self.layout.of_store(store);
        let present = self.stores[store].bucket_at(family, self.now);
        let first = present + 1 - family.longest_window_s / family.bucket_s;
        let looking = self.looking(family, instance);
        let process = &mut self.processes[store];
        let next = if std::mem::replace(&mut process.active, true) {
            let known = process.askers().and(process.direct).and(process.quiet);
            if !looking.without(known).any() {
                return;
            }
            // It may still be looking back at buckets from before it was watched.
            let next = process.next.min(present);
            self.takes_askers(store, family, instance, next);
            next
        } else if first >= process.next || first < process.from {
            process.begin_at(first, looking);
            first
        } else {
            // What was decided while somebody watched before stays decided.
            let next = process.next;
            self.takes_askers(store, family, instance, next);
            next
        };
        self.processes[store].begin_again(next);
        self.processes[store].law_since = next;
        self.mark_change(store, family, instance);
        self.plan_from(store, family, instance, next);
    }

    /// From a bucket on, of which nothing is decided yet, the questions of those who look now count. Where some of them
    /// did not look before, buckets so far were decided without them, so they look at every window that covers one.
    pub(super) fn takes_askers(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        from: i64,
    ) {
        let looking = self.looking(family, instance);
        let process = &mut self.processes[store];
        let newcomers = looking.without(process.askers());
        process.asked_by(looking, from);
        process.quiet = Askers::default();
        self.end_direct_looks(store, family, instance);
        if newcomers.any() {
            let present = self.stores[store].bucket_at(family, self.now);
            self.mark(store, family, instance, present, newcomers);
        }
    }

    /// Alarms whose windows are long look at all of their datapoints from those on that cover a bucket, and ask of no
    /// bucket: where nearly every one would matter.
    fn look_directly(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        askers: Askers,
        (bucket, until): (i64, i64),
    ) {
        let rest = self.processes[store].askers().without(askers);
        self.processes[store].asked_by(rest, bucket);
        let process = &mut self.processes[store];
        (process.direct, process.direct_until) = (askers, until);
        for watcher in self.layout.watchers_of(askers, family, instance) {
            self.notice_all_from(watcher, bucket);
        }
    }

    /// A watcher that begins anew while its alarm looks at all of its datapoints does so, too.
    pub(super) fn notice_if_direct(&mut self, watcher: usize, position: usize, store: usize) {
        let process = &self.processes[store];
        if process.active && process.direct.meets(Askers::one(position)) {
            let (family, _) = self.layout.of_store(store);
            let present = self.stores[store].bucket_at(family, self.now);
            let first = present + 1 - family.longest_window_s / family.bucket_s;
            self.notice_all_from(watcher, first);
        }
    }

    /// Those that looked at all of their datapoints do so no more, but for those that they are told to.
    fn end_direct_looks(&mut self, store: usize, family: &Family, instance: Instance) {
        let direct = std::mem::take(&mut self.processes[store].direct);
        for watcher in self.layout.watchers_of(direct, family, instance) {
            self.watchers[watcher].looks_no_further();
        }
    }

    /// The alarms of a family whose watchers of an instance look at datapoints that end in its present step.
    fn looking(&self, family: &Family, instance: Instance) -> Askers {
        let looks = |position: &usize| {
            let alarm = family.alarms[*position];
            let watcher = self.layout.watcher_of(alarm, instance);
            self.watchers[watcher].looks() && self.looks_at_present_step(alarm, instance)
        };
        (0..family.alarms.len()).filter(looks).collect()
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
        self.mark_change(store, family, instance);
        let present = self.stores[store].bucket_at(family, self.now);
        let process = &self.processes[store];
        let (envelope, multiple) = (process.steady.envelope, process.quiet_up_to());
        if process.passes_over(present) && self.is_within(envelope, multiple, family, instance) {
            let process = &mut self.processes[store];
            process.law_since = present + 1;
            process.steady.laws_are_of(present, present);
            return;
        }
        if self.processes[store].next < present {
            // Still looking back at buckets from before it was watched.
            self.processes[store].steady.forget();
            return;
        }
        self.takes_askers(store, family, instance, present);
        self.processes[store].begin_again(present);
        let (begins, ends) = self.stores[store].times_of(family, present);
        if begins == self.now {
            self.processes[store].law_since = present;
            self.plan_from(store, family, instance, present);
            return;
        }
        self.processes[store].law_since = present + 1;
        let askers = self.processes[store].askers();
        if self.is_negligible(family, instance, askers, begins, When::Until(ends)) {
            // Before and after the change, so also in between, and as long as traffic stays as it is.
            let changes = self.law_stays_until(family, instance, ends, false);
            let when = When::Until(ends);
            let envelope = self.envelope(family, instance, askers, begins, when);
            self.never_until(store, family, present, changes, envelope);
            self.plan_from(store, family, instance, present);
        } else {
            self.look_at(store, family, present, Look::InFull);
        }
    }

    /// A bucket may matter to some alarms' datapoints that cover it.
    fn mark(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        bucket: i64,
        askers: Askers,
    ) {
        self.processes[store].mark(family, bucket, askers);
        for watcher in self.layout.watchers_of(askers, family, instance) {
            self.notice(watcher, bucket);
        }
    }

    /// A bucket may matter to some alarms' datapoints that cover it and end with one of the `last` buckets.
    fn mark_up_to(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        bucket: i64,
        askers: Askers,
        last: RangeInclusive<i64>,
    ) {
        self.processes[store].mark(family, bucket, askers);
        for watcher in self.layout.watchers_of(askers, family, instance) {
            self.notice_between(watcher, last.clone());
        }
    }

    /// The laws of a store changed in the present bucket, or begin to be watched in it: who compares shares of traffic
    /// looks at every window that covers it.
    fn mark_change(&mut self, store: usize, family: &Family, instance: Instance) {
        if family.compare_shares.any() {
            let present = self.stores[store].bucket_at(family, self.now);
            self.mark(store, family, instance, present, family.compare_shares);
        }
    }

    /// Shows a watcher, that of the alarm at this position in its family, the buckets that may matter to it.
    pub(super) fn notice_marked(&mut self, watcher: usize, position: usize, store: usize) {
        for i in 0..self.processes[store].marked.len() {
            let (bucket, askers) = self.processes[store].marked[i];
            if askers.meets(Askers::one(position)) {
                self.notice(watcher, bucket);
            }
        }
    }
}
