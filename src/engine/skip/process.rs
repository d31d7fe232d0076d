//! Where the skipping of one store stands.

use std::collections::VecDeque;
use std::sync::Arc;

use super::super::bucket::BucketLaws;
use super::super::family::Family;
use super::clock::Clock;
use super::envelope::Envelope;
use super::interest::Interest;
use super::question::Askers;

/// No bucket, ever.
pub(super) const NEVER: i64 = i64::MAX;

/// How a process looks at a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Look {
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
pub(in super::super) struct Process {
    /// Whether some alarm watches it.
    pub(super) active: bool,
    /// Buckets from here to `next` (exclusive) have been decided: they are drawn, or do not matter.
    pub(super) from: i64,
    /// The bucket at which it looks next.
    pub(super) next: i64,
    /// How it looks at that bucket.
    pub(super) look: Look,
    /// The first bucket wholly under the present law.
    pub(super) law_since: i64,
    pub(super) token: u32,
    /// When it proposes a bucket.
    pub(super) clock: Clock,
    /// Whose questions decisions were about, from which bucket on; the last is that of the present.
    eras: Vec<(i64, Askers)>,
    /// Those who look at all of their datapoints, and ask of no bucket.
    pub(super) direct: Askers,
    /// Until which bucket (exclusive) nearly every one is known to matter to them.
    pub(super) direct_until: i64,
    /// Those who cannot plausibly mind a bucket while the law stays as it is, and ask of none.
    pub(super) quiet: Askers,
    /// Until which bucket (exclusive) that holds of them, and up to which multiple of the usual bad ratios.
    pub(super) quiet_until: i64,
    pub(super) quiet_multiple: f64,
    /// Buckets that may matter to datapoints still to come, in order, and to whose.
    pub(super) marked: VecDeque<(i64, Askers)>,
    /// What holds while law and traffic stay as they are.
    pub(super) steady: Steady,
}

/// What is known of a run of buckets.
#[derive(Debug, Default)]
pub(super) struct Steady {
    /// Buckets from `from` to `until` (exclusive) matter with a chance of at most `bound` each.
    pub(super) from: i64,
    pub(super) until: i64,
    pub(super) bound: f64,
    /// Where the bound is 0: under which other laws it would be.
    pub(super) envelope: Envelope,
    /// Buckets from `laws_from` to `laws_until` (exclusive) have these laws, and this interest in them.
    pub(super) laws_from: i64,
    pub(super) laws_until: i64,
    pub(super) laws: BucketLaws,
    pub(super) interest: Option<(Askers, Arc<Interest>)>,
}

impl Steady {
    pub(super) fn forget(&mut self) {
        (self.from, self.until) = (0, 0);
        self.envelope = Envelope::default();
        (self.laws_from, self.laws_until) = (0, 0);
        self.interest = None;
    }

    pub(super) fn bounds(&self, bucket: i64) -> bool {
        (self.from..self.until).contains(&bucket)
    }

    pub(super) fn laws_are_of(&mut self, from: i64, until: i64) {
        (self.laws_from, self.laws_until) = (from, until);
        self.interest = None;
    }

    pub(super) fn has_laws_of(&self, bucket: i64) -> bool {
        (self.laws_from..self.laws_until).contains(&bucket)
    }
}

impl Process {
    /// Stands at the beginning of a rollout.
    pub(in super::super) fn begin(&mut self, clock: Clock) {
        self.reset();
        self.clock = clock;
    }

    /// Nothing is decided of any bucket.
    pub(in super::super) fn reset(&mut self) {
        self.active = false;
        (self.from, self.next, self.law_since) = (0, 0, 0);
        self.token += 1;
        self.marked.clear();
        self.eras.clear();
        (self.direct, self.quiet) = (Askers::default(), Askers::default());
        self.steady.forget();
        self.clock.drop_plan();
    }

    /// Begins to decide with a bucket of which, as of those before it, nothing is known.
    pub(super) fn begin_at(&mut self, bucket: i64, askers: Askers) {
        (self.from, self.next) = (bucket, bucket);
        self.eras.clear();
        (self.direct, self.quiet) = (Askers::default(), Askers::default());
        self.asked_by(askers, bucket);
    }

    /// Nothing is decided any more of a bucket and those after it.
    pub(super) fn begin_again(&mut self, bucket: i64) {
        self.clock.pass(bucket);
        self.next = bucket;
        self.token += 1;
        self.steady.forget();
    }

    /// Whose questions count at present.
    pub(super) fn askers(&self) -> Askers {
        self.eras.last().map_or(Askers::default(), |era| era.1)
    }

    /// Whose questions were asked of a bucket.
    pub(super) fn askers_of(&self, bucket: i64) -> Askers {
        let mut eras = self.eras.iter().rev();
        let era = eras.find(|&&(from, _)| from <= bucket);
        era.map_or(Askers::default(), |era| era.1)
    }

    /// Whether it looks at nothing, for sure, before and after a bucket.
    pub(super) fn passes_over(&self, bucket: i64) -> bool {
        self.next > bucket && self.steady.bounds(bucket) && self.steady.bound <= 0.0
    }

    /// Whether those who are not asked may have to be from a bucket on.
    pub(super) fn asks_anew(&self, bucket: i64) -> bool {
        (self.quiet.any() && bucket >= self.quiet_until)
            || (self.direct.any() && bucket >= self.direct_until)
    }

    /// Up to which multiple of the usual bad ratios those left out are left out with reason.
    pub(super) fn quiet_up_to(&self) -> f64 {
        match (self.quiet.any(), self.direct.any()) {
            (false, false) => f64::INFINITY,
            (true, false) => self.quiet_multiple,
            (_, true) => 0.0,
        }
    }

    /// Notes that a bucket may matter to some, and forgets those that no window covers any more.
    pub(super) fn mark(&mut self, family: &Family, bucket: i64, askers: Askers) {
        let kept = family.longest_window_s / family.bucket_s + 1;
        while self.marked.front().is_some_and(|&(b, _)| b + kept < bucket) {
            self.marked.pop_front();
        }
        self.marked.push_back((bucket, askers));
    }

    /// Whether a bucket, if it was not drawn, answered no question of theirs.
    pub(super) fn passed_over(&self, bucket: i64, by: Askers) -> bool {
        self.has_decided(bucket) && self.askers_of(bucket).meets(by)
    }

    /// Up to which bucket (exclusive) buckets were passed over like this one: under the laws at hand, and asked by the
    /// same.
    pub(super) fn alike_until(&self, bucket: i64) -> i64 {
        let eras = self.eras.iter().rev();
        let later = eras
            .map(|&(from, _)| from)
            .take_while(|&from| from > bucket);
        let until = later.last().unwrap_or(NEVER).min(self.next);
        until.min(self.steady.laws_until).max(bucket + 1)
    }

    /// From a bucket on, of which nothing is decided yet, these ask.
    pub(super) fn asked_by(&mut self, askers: Askers, from: i64) {
        while self.eras.last().is_some_and(|&(begins, _)| begins >= from) {
            self.eras.pop();
        }
        if self.askers() != askers || self.eras.is_empty() {
            self.eras.push((from, askers));
        }
    }

    /// Whether a bucket was passed over as not mattering, if it was not drawn.
    pub(in super::super) fn has_decided(&self, bucket: i64) -> bool {
        (self.from..self.next).contains(&bucket)
    }
}
