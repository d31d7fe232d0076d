//! What the time of a sequence of activities is spent on.

use crate::outcome::{TimePart, TimeParts};

/// What the time of a sequence of activities was spent on. Where several join, the one that ended last goes on: so the
/// parts are those of the critical path, and sum to the time since the rollout's start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Strand {
    parts: TimeParts,
    since: f64,
}

impl Strand {
    /// That of a program which begins at `now`, after attempts that failed.
    pub(super) fn begun(now: f64) -> Strand {
        let mut strand = Strand::default();
        strand.spend(TimePart::Retry, now);
        strand
    }

    /// The time since the last call went into `part`.
    #[inline]
    pub(super) fn spend(&mut self, part: TimePart, now: f64) {
        self.parts.add(part, now - self.since);
        self.since = now;
    }

    /// What all time up to `now` was spent on, that since the last call on `part`.
    #[inline]
    pub(super) fn with(mut self, part: TimePart, now: f64) -> TimeParts {
        self.spend(part, now);
        self.parts
    }

    /// Up to when it is known what the time was spent on.
    #[inline]
    pub(super) fn since(&self) -> f64 {
        self.since
    }
}
