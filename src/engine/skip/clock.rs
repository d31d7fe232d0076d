//! The clock by which a process proposes buckets: it runs on hazard.
//!
//! A bucket that is to be proposed with chance p has the hazard -ln(1 - p), so that buckets of hazards h1, h2, ... pass
//! without a proposal with chance exp(-h1 - h2 - ...). A budget drawn from the exponential distribution of mean 1 is used
//! up by the buckets that pass; the one that uses up the rest of it is proposed, and a new budget begins behind it. What
//! is left of a budget is exponential again whatever was used, so the clock may change its rate at any bucket.
//!
//! Budgets have a stream of their own. So whether anything is proposed up to a time depends on nothing but the sum of the
//! hazards up to then: below the budget nothing is, whatever else a rollout drew in between.

use super::process::NEVER;
use crate::random::{NameKey, Purpose, RolloutKey, Stream};

/// A number of buckets, of whatever length, that is beyond every horizon, and that can be counted in seconds.
const FARTHEST: f64 = 1e12;

/// The clock of one store.
#[derive(Debug)]
pub(in super::super) struct Clock {
    stream: Stream,
    /// What is left of the budget; `None` before anybody asks.
    left: Option<f64>,
    /// The plan in force: from this bucket on each has this hazard.
    from: i64,
    hazard: f64,
}

impl Default for Clock {
    fn default() -> Clock {
        let nobody = RolloutKey::new(0, NameKey::NONE, 0);
        Clock::of(nobody.stream(Purpose::AlarmLooks, 0, NameKey::NONE))
    }
}

impl Clock {
    /// A clock whose budgets come from a stream.
    pub(in super::super) fn of(stream: Stream) -> Clock {
        Clock {
            stream,
            left: None,
            from: 0,
            hazard: 0.0,
        }
    }

    /// Plans with this chance (below 1) a bucket, from a bucket on; returns the first that is proposed.
    pub(super) fn plan(&mut self, from: i64, chance: f64) -> i64 {
        (self.from, self.hazard) = (from, hazard(chance));
        if self.hazard <= 0.0 {
            return NEVER;
        }
        let stream = &mut self.stream;
        let left = *self.left.get_or_insert_with(|| stream.exponential());
        let gap = left / self.hazard;
        // Buckets before the rollout's start have negative numbers: never is never from there, too.
        if gap < FARTHEST {
            from + gap as i64
        } else {
            NEVER
        }
    }

    /// Buckets before this one have passed; of those from it on nothing is planned any more.
    pub(super) fn pass(&mut self, until: i64) {
        if let Some(left) = &mut self.left
            && self.hazard > 0.0
        {
            let passed = until.saturating_sub(self.from).max(0) as f64;
            *left = (*left - passed * self.hazard).max(0.0);
        }
        self.hazard = 0.0;
    }

    /// The bucket that was proposed has come: a new budget begins behind it.
    pub(super) fn renew(&mut self) {
        self.left = None;
        self.hazard = 0.0;
    }

    /// What was planned comes to nothing, and uses nothing up.
    pub(super) fn drop_plan(&mut self) {
        self.hazard = 0.0;
    }
}

/// The hazard of a bucket that is proposed with a chance below 1.
fn hazard(chance: f64) -> f64 {
    -libm::log1p(-chance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clock(number: u64) -> Clock {
        let key = RolloutKey::new(1, NameKey::of("clock"), number);
        Clock::of(key.stream(Purpose::AlarmLooks, 0, NameKey::NONE))
    }

    #[test]
    fn a_proposal_can_be_counted_in_seconds_or_never_comes() {
        for exponent in 1..40 {
            let chance = libm::pow(10.0, -f64::from(exponent));
            for number in 0..100 {
                let bucket = clock(number).plan(-3, chance);
                assert!(
                    bucket == NEVER || bucket.checked_mul(5_000_000).is_some(),
                    "{bucket}"
                );
            }
        }
        assert_eq!(clock(0).plan(-3, 0.0), NEVER);
    }

    /// Chances of the buckets by turns, and how far the rollout gets with a plan before the law changes.
    const CHANCES: [f64; 4] = [0.3, 0.02, 0.0, 0.1];
    const LASTS: [i64; 4] = [1, 3, 2, 2];

    /// Every bucket is proposed with its own chance, whatever was proposed before: 8 buckets, and 8 pairs of neighbours,
    /// at 5 standard deviations.
    #[test]
    fn buckets_are_proposed_with_their_own_chances_independently() {
        let rollouts = 200_000_u32;
        let law = |bucket: i64| {
            let mut turn = 0;
            let mut ends = LASTS[0];
            while bucket >= ends {
                turn += 1;
                ends += LASTS[turn % 4];
            }
            (CHANCES[turn % 4], ends)
        };
        let buckets = 8_usize;
        let mut seen = [0_u32; 8];
        let mut both = [0_u32; 8];
        for number in 0..u64::from(rollouts) {
            let mut clock = clock(number);
            let mut proposed = [false; 8];
            let mut bucket = 0;
            while bucket < buckets as i64 {
                let (chance, ends) = law(bucket);
                let next = clock.plan(bucket, chance);
                if next < ends {
                    if next < buckets as i64 {
                        proposed[next as usize] = true;
                    }
                    clock.renew();
                    bucket = next + 1;
                } else {
                    clock.pass(ends);
                    bucket = ends;
                }
            }
            for b in 0..buckets {
                seen[b] += u32::from(proposed[b]);
                both[b] += u32::from(proposed[b] && b > 0 && proposed[b - 1]);
            }
        }
        let n = f64::from(rollouts);
        let check = |seen: u32, p: f64, of: &str| {
            let off = (f64::from(seen) - n * p).abs();
            assert!(off <= 5.0 * libm::sqrt(n * p * (1.0 - p)), "{of}: {seen}");
        };
        for b in 0..buckets {
            let p = law(b as i64).0;
            check(seen[b], p, &format!("bucket {b}"));
            if b > 0 {
                let before = law(b as i64 - 1).0;
                check(both[b], p * before, &format!("{b} and the one before"));
            }
        }
    }

    proptest! {
        /// What an upper bound of the sum of hazards denies, with a hair of slack, never happens, however often plans
        /// changed.
        #[test]
        fn nothing_is_proposed_while_the_sum_of_hazards_is_below_the_budget(
            number in any::<u64>(),
            plans in proptest::collection::vec((1e-6_f64..0.2, 0_i64..40), 1..400),
        ) {
            let mut clock = clock(number);
            let budget = clock.stream.clone().exponential();
            let (mut sum, mut bucket) = (0.0, 5);
            for (chance, lasts) in plans {
                let next = clock.plan(bucket, chance);
                let ends = bucket + lasts;
                sum += lasts as f64 * hazard(chance);
                if sum * (1.0 + 1e-9) < budget {
                    prop_assert!(next >= ends, "{} of {}: {} before {}", sum, budget, next, ends);
                } else if sum > budget * (1.0 + 1e-9) {
                    prop_assert!(next < ends, "{} of {}: {} not before {}", sum, budget, next, ends);
                    break;
                }
                clock.pass(ends);
                bucket = ends;
            }
        }
    }
}
