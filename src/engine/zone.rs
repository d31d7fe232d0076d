//! One zone: which shares of its traffic are on the new version, since when, and what is special about them.

use super::linear::Linear;
use crate::outcome::BySli;

/// A share of a zone's traffic that went live together, or several that nothing tells apart any more.
#[derive(Clone, Debug)]
pub(super) struct Cohort {
    /// Unique within the zone and attempt.
    pub(super) id: u32,
    /// Share of the zone's traffic.
    pub(super) share: f64,
    /// Whether the zone's first step brought it in.
    pub(super) first_step: bool,
    /// Onset of the fault here, for faults that wake cohort by cohort.
    pub(super) onset: Option<f64>,
    /// Bad ratio that warming up adds, by SLI; empty once it is warm.
    pub(super) warming: BySli<f64>,
}

/// What stays behind in a zone after it is back at share 0.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// Share of its traffic on active new version just before.
    pub(super) active: f64,
    /// Request-weighted strength of that share, times the share.
    pub(super) mass: f64,
    /// What else was hit just before: share and strength.
    pub(super) spilled: f64,
    pub(super) spilled_strength: f64,
}

impl Kept {
    pub(super) fn hit(&self) -> f64 {
        self.active + self.spilled
    }
}

/// A zone's present state.
#[derive(Clone, Debug, Default)]
pub(super) struct ZoneState {
    /// Share of its traffic on the new version.
    pub(super) share: f64,
    /// The parts of that share.
    pub(super) cohorts: Vec<Cohort>,
    /// Number of the next cohort.
    pub(super) next_cohort: u32,
    /// What lingers.
    pub(super) kept: Option<Kept>,
    /// Hits, as of the last settling.
    pub(super) hits: Hits,
    /// Step begun last in this attempt (0: none), and the wave it belongs to (from 1).
    pub(super) step: u32,
    pub(super) wave: u32,
    /// When the zone began to go back, and from which share; and how long that takes.
    pub(super) goes_from: Option<(f64, f64)>,
    pub(super) goes_for_s: f64,
    /// Share over time: (time of the change, share from then on).
    pub(super) shares: Vec<(f64, f64)>,
    /// Steps over time: (time, step begun).
    pub(super) steps: Vec<(f64, u32)>,
    /// Times at which the zone began (even positions) and ceased (odd positions) to be hit.
    pub(super) hit_times: Vec<f64>,
}

/// How a zone's traffic is hit between two events.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hits {
    /// Share on active new version (a).
    pub(super) active: f64,
    /// Strength times share of the active part.
    pub(super) mass: Linear,
    /// Share S of the others that a spill hits.
    pub(super) spill: f64,
    /// Mean strength of the spill.
    pub(super) spill_strength: Linear,
    /// Share of the zone's traffic that is hit (h).
    pub(super) hit: f64,
}

impl ZoneState {
    /// Forgets everything and keeps the memory.
    pub(super) fn reset(&mut self) {
        let ZoneState {
            mut cohorts,
            mut shares,
            mut steps,
            mut hit_times,
            ..
        } = std::mem::take(self);
        cohorts.clear();
        shares.clear();
        steps.clear();
        hit_times.clear();
        *self = ZoneState {
            cohorts,
            shares,
            steps,
            hit_times,
            ..ZoneState::default()
        };
    }

    /// A new attempt begins, with nothing left of the one before.
    pub(super) fn begin_attempt(&mut self) {
        self.next_cohort = 0;
        self.step = 0;
        self.wave = 0;
        self.goes_from = None;
    }

    /// The action of a step (from 1) begins.
    pub(super) fn step_begins(&mut self, now: f64, step: u32, wave: u32) {
        self.step = step;
        self.wave = wave;
        self.steps.push((now, step));
    }

    /// The share just before `t` (what changes it at `t` itself comes later at that moment).
    pub(super) fn share_before(&self, t: f64) -> f64 {
        last_before(&self.shares, t).unwrap_or(0.0)
    }

    /// The share from `t` on.
    pub(super) fn share_from(&self, t: f64) -> f64 {
        let n = self.shares.partition_point(|&(at, _)| at <= t);
        n.checked_sub(1).map_or(0.0, |i| self.shares[i].1)
    }

    /// The largest share from `t` on.
    pub(super) fn largest_share_since(&self, t: f64) -> f64 {
        let from = self.shares.partition_point(|&(at, _)| at <= t);
        let later = self.shares[from..].iter().map(|&(_, share)| share);
        later.fold(self.share_from(t), f64::max)
    }

    /// The step begun last before `t`.
    pub(super) fn step_before(&self, t: f64) -> u32 {
        last_before(&self.steps, t).unwrap_or(0)
    }

    /// Whether the zone was hit at any time within [from, to).
    pub(super) fn hit_within(&self, from: f64, to: f64) -> bool {
        // Position of the first time after `from`: odd means that a hit was on at `from`.
        let next = self.hit_times.partition_point(|&t| t <= from);
        next % 2 == 1 || self.hit_times.get(next).is_some_and(|&t| t < to)
    }

    /// Adds a cohort, or joins it to one that nothing tells apart from it.
    pub(super) fn admit(
        &mut self,
        share: f64,
        first_step: bool,
        wakes_alone: bool,
        warming: BySli<f64>,
    ) -> u32 {
        let id = self.next_cohort;
        self.next_cohort += 1;
        let cohort = Cohort {
            id,
            share,
            first_step,
            onset: None,
            warming,
        };
        self.cohorts.push(cohort);
        if !wakes_alone {
            self.join_alike();
        }
        id
    }

    /// Joins cohorts that are warm: only for faults that do not wake cohort by cohort.
    pub(super) fn join_alike(&mut self) {
        let mut first: [Option<usize>; 2] = [None, None];
        let mut i = 0;
        while i < self.cohorts.len() {
            let c = &self.cohorts[i];
            let slot = usize::from(c.first_step);
            match first[slot] {
                _ if !c.warming.is_empty() => i += 1,
                None => {
                    first[slot] = Some(i);
                    i += 1;
                }
                Some(kept) => {
                    let share = self.cohorts.remove(i).share;
                    self.cohorts[kept].share += share;
                }
            }
        }
    }

    /// Scales all cohorts, as a rollback does part by part.
    pub(super) fn scale(&mut self, factor: f64) {
        self.cohorts.iter_mut().for_each(|c| c.share *= factor);
    }
}

fn last_before<T: Copy>(log: &[(f64, T)], t: f64) -> Option<T> {
    let n = log.partition_point(|&(at, _)| at < t);
    n.checked_sub(1).map(|i| log[i].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_found_in_windows_that_touch_them() {
        let zone = ZoneState {
            hit_times: vec![10.0, 20.0, 30.0],
            ..ZoneState::default()
        };
        assert!(!zone.hit_within(0.0, 10.0));
        assert!(zone.hit_within(0.0, 10.5));
        assert!(zone.hit_within(15.0, 16.0));
        assert!(!zone.hit_within(20.0, 30.0));
        assert!(zone.hit_within(19.0, 30.0));
        assert!(zone.hit_within(40.0, 50.0));
    }

    #[test]
    fn the_share_at_a_change_is_the_one_before_it() {
        let zone = ZoneState {
            shares: vec![(0.0, 0.1), (60.0, 1.0)],
            ..ZoneState::default()
        };
        assert_eq!(zone.share_before(0.0), 0.0);
        assert_eq!(zone.share_before(60.0), 0.1);
        assert_eq!(zone.share_before(60.1), 1.0);
    }

    #[test]
    fn warm_cohorts_join_and_new_ones_stay_apart() {
        let mut zone = ZoneState::default();
        zone.admit(0.1, true, false, BySli::new());
        zone.admit(0.2, false, false, smallvec::smallvec![0.5]);
        zone.admit(0.3, false, false, BySli::new());
        zone.admit(0.4, false, false, BySli::new());
        let shares: Vec<f64> = zone.cohorts.iter().map(|c| c.share).collect();
        assert_eq!(shares, [0.1, 0.2, 0.7]);
    }
}
