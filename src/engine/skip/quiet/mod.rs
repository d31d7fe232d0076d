//! Long windows that cannot plausibly breach while nothing is wrong, although single buckets of them may look bad: there
//! are too many requests for bad luck to matter, or too few to be judged at all.

mod window;

use std::sync::Arc;

use super::super::event::Instance;
use super::super::family::Family;
use super::super::rollout::Rollout;
use super::negligible::{RequestRange, weight_of_noise};
use window::{Background, PARTS};

pub(in super::super) use window::LongWindow;

/// Multiples of the usual bad ratios up to which windows may be quiet: little is wrong, or nothing (and an ordinary law
/// may differ from the usual one by that much).
const MULTIPLES: [f64; 2] = [2.0, ORDINARY];
const ORDINARY: f64 = 1.0 + 2e-9;

/// At which traffic an alarm's windows cannot plausibly breach.
#[derive(Debug)]
pub(super) struct QuietLevels {
    /// By level of traffic: what the rest of a window may have more of bad requests than is allowed, by part of it.
    allowed_excess: Vec<[f64; PARTS]>,
    /// The least level at which a whole window is quiet; infinite if there is none.
    from: f64,
    /// The highest level up to which a whole window has too few requests to be judged; below all levels if there is none.
    up_to: f64,
}

/// The same by multiple of the usual bad ratios.
pub(super) type ByMultiple = [QuietLevels; MULTIPLES.len()];

/// What is known of the buckets before one.
#[derive(Clone, Copy, Debug, Default)]
struct Before {
    /// The most bad requests beyond those allowed that the last few of them have together.
    excess: f64,
    requests: f64,
}

impl Rollout<'_> {
    /// Leaves out of account those who cannot plausibly mind the buckets from this one on, under a law of which no change is
    /// on record; whether there were any.
    pub(super) fn leave_out_the_quiet(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        bucket: i64,
    ) -> bool {
        let askers = self.processes[store].askers();
        if !family.long.iter().any(|long| long.by().meets(askers)) {
            return false;
        }
        let (begins, _) = self.stores[store].times_of(family, bucket);
        let present = self.stores[store].bucket_at(family, self.now);
        let Some(region) = self.region_of(instance) else {
            return false;
        };
        // Looking back, the law that is on record last is that of the present.
        if bucket < present || !self.is_up_to(MULTIPLES[0], family, instance) {
            return false;
        }
        let levels = self.quiet_levels(family, instance, begins);
        let is_ordinary = self.is_ordinary(family, instance, begins);
        let process = &mut self.processes[store];
        let quiet_before = process.quiet;
        if !quiet_before.any() {
            (process.quiet_until, process.quiet_multiple) = (i64::MAX, f64::INFINITY);
        }
        for (long, levels) in family.long.iter().zip(levels.iter()) {
            if !long.by().meets(askers) {
                continue;
            }
            let multiples = levels.iter().zip(MULTIPLES);
            let applicable = multiples.filter(|(_, multiple)| *multiple > ORDINARY || is_ordinary);
            for (levels, multiple) in applicable {
                let ends = self.is_quiet_until(levels, region, begins);
                let until = self.bucket_cut_at(store, family, ends);
                if until > bucket {
                    self.leave_out(store, family, instance, (long, levels), bucket);
                    let process = &mut self.processes[store];
                    process.quiet_until = process.quiet_until.min(until);
                    process.quiet_multiple = process.quiet_multiple.min(multiple);
                    break;
                }
            }
        }
        self.processes[store].quiet != quiet_before
    }

    /// Leaves an alarm that is quiet from a bucket on out of account.
    fn leave_out(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        (long, levels): (&LongWindow, &QuietLevels),
        bucket: i64,
    ) {
        let process = &mut self.processes[store];
        let was_asked = process.askers_of(bucket - 1).meets(long.by());
        process.asked_by(process.askers().without(long.by()), bucket);
        process.quiet = process.quiet.and(long.by());
        if was_asked {
            self.look_across(store, family, instance, (long, levels), bucket);
        }
    }

    /// Until when an alarm's windows of buckets from `from` on are quiet; `from` if they are not.
    fn is_quiet_until(&self, levels: &QuietLevels, region: usize, from: f64) -> f64 {
        let curve = &self.plan.fleet.curves[self.plan.fleet.regions[region].curve];
        let at = self.unix(from);
        let many = |level: f64| level >= levels.from;
        let few = |level: f64| level <= levels.up_to;
        let until = if many(curve.at(at)) {
            self.traffic_lasts(region, at, many)
        } else if few(curve.at(at)) {
            // Windows of which one part has many requests and another few are neither.
            self.traffic_lasts(region, at, few)
        } else {
            at
        };
        until - self.start
    }

    /// Until when, in Unix time, something holds of the level of a region's traffic, from a time on; infinite if it always
    /// does.
    fn traffic_lasts(&self, region: usize, from: f64, holds: impl Fn(f64) -> bool) -> f64 {
        let curve = self.plan.fleet.regions[region].curve;
        if self.layout.levels[curve].all.iter().all(|&l| holds(l)) {
            return f64::INFINITY;
        }
        let curve = &self.plan.fleet.curves[curve];
        let mut at = from;
        while at < f64::INFINITY && holds(curve.at(at)) {
            at = curve.next_change(at);
        }
        at
    }

    /// An alarm that was asked of the buckets before one is quiet from there on: it looks at those windows that cover
    /// buckets of both kinds and could plausibly breach.
    fn look_across(
        &mut self,
        store: usize,
        family: &Family,
        instance: Instance,
        (long, levels): (&LongWindow, &QuietLevels),
        bucket: i64,
    ) {
        let (few, enough) = match self.known_before(store, family, instance, long, bucket) {
            Some(before) => self.plausible_parts(family, instance, (long, levels), bucket, before),
            None => (0.0, long.buckets),
        };
        // Windows with more than `few` and fewer than `enough` buckets from this one on.
        let (first, last) = (bucket + few as i64, bucket + enough as i64 - 2);
        if first <= last {
            self.mark_up_to(store, family, instance, bucket - 1, long.by(), first..=last);
        }
    }

    /// Of windows that cover buckets before one, and others from there on: up to how many of the latter they are too few to
    /// be judged, and from how many on it does not matter what is known of those before.
    fn plausible_parts(
        &self,
        family: &Family,
        instance: Instance,
        (long, levels): (&LongWindow, &QuietLevels),
        bucket: i64,
        before: Before,
    ) -> (f64, f64) {
        let region = self.region_of(instance).unwrap_or_default();
        let fleet = &self.plan.fleet;
        let curve = &fleet.curves[fleet.regions[region].curve];
        let store = self.store_of(family.number, instance);
        let (begins, _) = self.stores[store].times_of(family, bucket);
        let ends = self.unix(begins + long.buckets * family.bucket_s as f64);
        let mut at = self.unix(begins);
        let (mut least, mut most) = (f64::INFINITY, 0.0);
        while at < ends {
            least = f64::min(least, curve.at(at));
            most = f64::max(most, curve.at(at));
            at = curve.next_change(at);
        }
        // Beyond the time for which it is quiet it looks anyway.
        let all = &self.layout.levels[fleet.regions[region].curve];
        let aim = libm::log(self.layout.negligible_window);
        let requests = self.requests_at_any_time(family, instance, long.reading, begins);
        let few = long.too_few(requests.most * most / all.most(), before.requests, aim);
        let level = all
            .all
            .partition_point(|&l| l < f64::max(least, levels.from));
        let allowed = levels.allowed_excess.get(level);
        let part = allowed.and_then(|a| a.iter().position(|&excess| excess >= before.excess));
        let enough = part.map_or(long.buckets, |part| long.buckets_of_part(part + 1));
        (few, enough)
    }

    /// What is known of those buckets before one that a window with it may cover; `None` if something may have been
    /// passed over while the alarm was not asked.
    fn known_before(
        &self,
        store: usize,
        family: &Family,
        instance: Instance,
        long: &LongWindow,
        bucket: i64,
    ) -> Option<Before> {
        let (Instance::Zone(index) | Instance::Region(index)) = instance else {
            return None;
        };
        let track = self.tracks.of(family.readings[long.reading], index);
        let mut before = Before::default();
        let mut excess = 0.0;
        for earlier in (bucket + 1 - long.buckets as i64..bucket).rev() {
            let times = self.stores[store].times_of(family, earlier);
            if track.is_without_requests(times) {
                break;
            }
            let cell = (long.reading, Some(long.sli));
            if let Some(counts) = self.stores[store].drawn(family, earlier, cell) {
                excess += long.excess(counts.requests, counts.bad);
                before.requests += counts.requests;
            } else if self.processes[store].passed_over(earlier, long.by()) {
                // No more bad requests than are allowed.
                before.requests = f64::INFINITY;
            } else {
                return None;
            }
            before.excess = f64::max(before.excess, excess);
        }
        Some(before)
    }

    /// For each alarm with long windows, by multiple of the usual bad ratios: at which traffic these breach with a negligible
    /// chance while all buckets are like the one that begins at `at`.
    fn quiet_levels(&mut self, family: &Family, instance: Instance, at: f64) -> Arc<[ByMultiple]> {
        let key = self.take_key_of_requests(family, instance, at);
        let mut memory = std::mem::take(&mut self.memory);
        let levels = memory.quiet(&key, || self.find_quiet_levels(family, instance, at));
        memory.key_at_all_traffic = key;
        self.memory = memory;
        levels
    }

    fn find_quiet_levels(&self, family: &Family, instance: Instance, at: f64) -> Vec<ByMultiple> {
        let of_alarm = |long: &LongWindow| {
            MULTIPLES.map(|multiple| self.quiet_levels_of(family, instance, at, long, multiple))
        };
        family.long.iter().map(of_alarm).collect()
    }

    fn quiet_levels_of(
        &self,
        family: &Family,
        instance: Instance,
        at: f64,
        long: &LongWindow,
        multiple: f64,
    ) -> QuietLevels {
        let region = self.region_of(instance).unwrap_or_default();
        let levels = &self.layout.levels[self.plan.fleet.regions[region].curve];
        let aim = libm::log(self.layout.negligible_window);
        let requests = self.requests_at_any_time(family, instance, long.reading, at);
        let background = self.background(family, instance, long.sli, multiple);
        let at_level = |level: f64| requests.most * level / levels.most();
        let range = |level: f64| RequestRange {
            fewest: at_level(level),
            ..requests
        };
        let allowed_excess = |&level: &f64| long.allowed_excess(range(level), background, aim);
        let allowed_excess: Vec<[f64; PARTS]> = levels.all.iter().map(allowed_excess).collect();
        // Under an ordinary law the control's background is the same.
        let control = long.control.filter(|_| multiple == ORDINARY);
        let of_control = control.map(|control| {
            let control = self.requests_at_any_time(family, instance, control, at);
            control.most / requests.most
        });
        let is_loud = |(&level, allowed): (&f64, &[f64; PARTS])| {
            let against_control = |of_control| {
                long.is_quiet_against_control(range(level), of_control, background, aim)
            };
            allowed[PARTS - 1] < 0.0 && !of_control.is_some_and(against_control)
        };
        // The more requests, the less a window is a matter of luck; the fewer, the less it is judged.
        let mut by_level = levels.all.iter().zip(&allowed_excess);
        let first = by_level.rposition(is_loud).map_or(0, |last| last + 1);
        let is_few = |&level: &f64| long.too_few(at_level(level), 0.0, aim) >= long.buckets;
        let few = levels.all.partition_point(is_few);
        QuietLevels {
            from: levels.all.get(first).copied().unwrap_or(f64::INFINITY),
            up_to: few
                .checked_sub(1)
                .map_or(f64::NEG_INFINITY, |i| levels.all[i]),
            allowed_excess,
        }
    }

    fn background(
        &self,
        family: &Family,
        instance: Instance,
        sli: usize,
        multiple: f64,
    ) -> Background {
        let sli = &self.plan.slis[family.slis[sli]];
        let concentration = self.concentration(instance, self.now, self.now);
        Background {
            mean: (sli.base * multiple).min(1.0),
            weight: weight_of_noise(sli.dispersion, concentration, family),
        }
    }
}
