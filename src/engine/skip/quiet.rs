//! Long windows that cannot plausibly breach while nothing is wrong, although single buckets of them may look bad.
//!
//! Chernoff's bound over a whole window of k buckets: its bad requests exceed what is allowed with a chance of at most
//! the product of E exp(t (bad - allowed)) over its buckets, for any t > 0 that is the same for all of them. With Q for
//! the background's ratio and z = exp(t) - 1, given n requests
//!
//! - E exp(t bad) = E (1 + Q z)^n <= E exp(n z Q),
//! - E exp(l Q) <= (1 - l / w)^-a for a beta distribution of parameters a and w - a, term by term of the series of the
//!   confluent hypergeometric function 1F1(a; w; l) (Johnson, Kotz and Balakrishnan 1995, chapter 25),
//!
//! and for a Poisson number of requests of mean m, with `over` times the requests allowed,
//! E exp(t (bad - over n)) <= exp(m (exp(-t over) - 1)) E exp(m exp(-t over) z Q).

use std::sync::Arc;

use super::super::event::Instance;
use super::super::family::Family;
use super::super::rollout::Rollout;
use super::negligible::{RequestRange, weight_of_noise};
use super::question::{Asked, Askers, Question};
use crate::plan::Alarm;

/// An alarm whose window is several buckets long and that minds nothing but their bad requests.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct LongWindow {
    by: Askers,
    /// Where its reading and its SLI stand in the family.
    reading: usize,
    sli: usize,
    /// Buckets in a window.
    buckets: f64,
    allowed: Allowed,
}

/// How many bad requests a bucket may have on average.
#[derive(Clone, Copy, Debug)]
enum Allowed {
    /// This share of its requests.
    Share(f64),
    /// So many.
    Count(f64),
}

impl LongWindow {
    /// Those of a family's alarms, given what they ask.
    pub(in super::super) fn of(alarms: &[Alarm], family: &Family) -> Vec<LongWindow> {
        let of_alarm = |(position, &index): (usize, &usize)| {
            let buckets = i64::from(alarms[index].window_s) / family.bucket_s;
            let by = Askers::one(position);
            let mut asked = family.asked.iter().filter(|a| a.by == by);
            let (Some(Asked { question, .. }), None) = (asked.next(), asked.next()) else {
                return None;
            };
            let (reading, sli, allowed) = match *question {
                Question::Ratio {
                    reading, sli, over, ..
                } => (reading, sli, Allowed::Share(over)),
                Question::Count {
                    reading, sli, over, ..
                } => (reading, sli, Allowed::Count(over)),
                _ => return None,
            };
            (buckets > 1).then_some(LongWindow {
                by,
                reading,
                sli,
                buckets: buckets as f64,
                allowed,
            })
        };
        let alarms = family.alarms.iter().enumerate();
        alarms.filter_map(of_alarm).collect()
    }

    /// A bound on the logarithm of the chance that a window breaches, of buckets with between `requests`.
    fn log_chance(&self, requests: RequestRange, background: Background) -> f64 {
        let of_bucket = |z: f64| {
            let t = libm::log1p(z);
            // Convex in the number of requests: the worst is at an end. Numbers may have been rounded by one half.
            let ends = [(requests.fewest - 0.5).max(0.0), requests.most + 0.5];
            let worst = |of: &dyn Fn(f64) -> f64| f64::max(of(ends[0]), of(ends[1]));
            match self.allowed {
                Allowed::Count(over) => worst(&|n| background.log_moment(n * z) - t * over),
                Allowed::Share(over) => {
                    let none = libm::expm1(-t * over);
                    let certain = worst(&|n| background.log_moment(n * z) - t * over * n);
                    let poisson =
                        worst(&|m| m * none + background.log_moment(m * (1.0 + none) * z));
                    f64::max(certain, poisson)
                }
            }
        };
        // From 1e-5 to 1e4: whatever is allowed, up to 10,000 times the usual.
        let tilts = (0..=72).map(|k| libm::pow(10.0, f64::from(k) / 8.0 - 5.0));
        self.buckets * tilts.map(of_bucket).fold(f64::INFINITY, f64::min)
    }
}

/// The background's bad ratio.
#[derive(Clone, Copy, Debug)]
struct Background {
    mean: f64,
    /// The weight of its beta distribution; infinite where it does not scatter.
    weight: f64,
}

impl Background {
    /// A bound on ln E exp(l Q).
    fn log_moment(self, l: f64) -> f64 {
        if self.weight == f64::INFINITY {
            l * self.mean
        } else if l < self.weight {
            -self.mean * self.weight * libm::log1p(-l / self.weight)
        } else {
            f64::INFINITY
        }
    }
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
        if !family.long.iter().any(|long| long.by.meets(askers)) {
            return false;
        }
        let (begins, _) = self.stores[store].times_of(family, bucket);
        let present = self.stores[store].bucket_at(family, self.now);
        let Some(region) = self.region_of(instance) else {
            return false;
        };
        // Looking back, the law that is on record last is that of the present.
        if bucket < present || !self.is_ordinary(family, instance, begins) {
            return false;
        }
        let curve = &self.plan.fleet.curves[self.plan.fleet.regions[region].curve];
        let level = curve.at(self.unix(begins));
        let (mut quiet, mut least) = (Askers::default(), 0.0);
        for &(by, from_level) in self.quiet_levels(family, instance, begins).iter() {
            if by.meets(askers) && level >= from_level {
                quiet = quiet.and(by);
                least = f64::max(least, from_level);
            }
        }
        if !quiet.any() {
            return false;
        }
        let falls = self.traffic_falls_below(least, region, begins);
        let until = self.bucket_cut_at(store, family, falls);
        if until <= bucket {
            return false;
        }
        let process = &mut self.processes[store];
        let asked_before = quiet.shared_with(process.askers_of(bucket - 1));
        process.asked_by(askers.without(quiet), bucket);
        (process.quiet, process.quiet_until) = (quiet, until);
        if asked_before.any() {
            // Of windows that cover buckets of both kinds nothing was said.
            self.mark(store, family, instance, bucket - 1, asked_before);
        }
        true
    }

    /// When a region's traffic is less than a level, from a time on; infinite if it never is.
    fn traffic_falls_below(&self, level: f64, region: usize, from: f64) -> f64 {
        let fleet = &self.plan.fleet;
        let curve = fleet.regions[region].curve;
        if level <= self.layout.levels[curve].least {
            return f64::INFINITY;
        }
        let curve = &fleet.curves[curve];
        let mut at = self.unix(from);
        while at < f64::INFINITY && curve.at(at) >= level {
            at = curve.next_change(at);
        }
        at - self.start
    }

    /// For each alarm whose windows breach with a negligible chance while all buckets are like the one that begins at `at`,
    /// from which level of traffic on they do.
    fn quiet_levels(
        &mut self,
        family: &Family,
        instance: Instance,
        at: f64,
    ) -> Arc<[(Askers, f64)]> {
        let key = self.take_key_at_all_traffic(family, instance, Askers::default(), at);
        let mut memory = std::mem::take(&mut self.memory);
        let levels = memory.quiet(&key, || self.find_quiet_levels(family, instance, at));
        memory.key_at_all_traffic = key;
        self.memory = memory;
        levels
    }

    fn find_quiet_levels(
        &self,
        family: &Family,
        instance: Instance,
        at: f64,
    ) -> Vec<(Askers, f64)> {
        let region = self.region_of(instance).unwrap_or_default();
        let levels = &self.layout.levels[self.plan.fleet.regions[region].curve];
        let aim = libm::log(self.layout.negligible / family.asked.len() as f64);
        let of_alarm = |long: &LongWindow| {
            let requests = self.requests_at_any_time(family, instance, long.reading, at);
            let background = self.usual_background(family, instance, long.sli);
            let is_too_low = |level: &f64| {
                let fewest = requests.most * level / levels.most;
                let requests = RequestRange { fewest, ..requests };
                let chance = long.log_chance(requests, background);
                chance.is_nan() || chance > aim
            };
            // The more requests, the less a window is a matter of luck.
            let first = levels.all.partition_point(is_too_low);
            levels.all.get(first).map(|&level| (long.by, level))
        };
        family.long.iter().filter_map(of_alarm).collect()
    }

    fn usual_background(&self, family: &Family, instance: Instance, sli: usize) -> Background {
        let sli = &self.plan.slis[family.slis[sli]];
        let concentration = self.concentration(instance, self.now, self.now);
        Background {
            // An ordinary law may differ from it by that much.
            mean: sli.base * (1.0 + 2e-9),
            weight: weight_of_noise(sli.dispersion, concentration, family),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{NameKey, Purpose, RolloutKey, beta, binomial, binomial_at_least};

    fn window(allowed: Allowed) -> LongWindow {
        LongWindow {
            by: Askers::one(0),
            reading: 0,
            sli: 0,
            buckets: 10.0,
            allowed,
        }
    }

    fn requests(n: f64) -> RequestRange {
        RequestRange { fewest: n, most: n }
    }

    /// Without scatter the sum of a window is binomial.
    #[test]
    fn lies_above_the_exact_chance_and_not_far() {
        let background = Background {
            mean: 0.005,
            weight: f64::INFINITY,
        };
        for (over, n) in [(0.01, 1_000.0), (0.02, 2_000.0), (0.008, 40_000.0)] {
            let count = libm::ceil(over * 10.0 * n) as u64;
            let exact = libm::log(binomial_at_least(count, 10 * n as u64, background.mean));
            for allowed in [Allowed::Share(over), Allowed::Count(over * n)] {
                let bound = window(allowed).log_chance(requests(n), background);
                assert!(bound >= exact, "{over} of {n}: {bound} below {exact}");
                assert!(
                    bound <= 0.7 * exact,
                    "{over} of {n}: {bound} far above {exact}"
                );
            }
        }
    }

    #[test]
    fn lies_above_the_chance_where_the_background_scatters() {
        let background = Background {
            mean: 0.005,
            weight: 500.0,
        };
        let mut stream =
            RolloutKey::new(1, NameKey::NONE, 0).stream(Purpose::AlarmCounts, 0, NameKey::NONE);
        let (a, b) = (2.5, 497.5);
        let (n, over, windows) = (300_u64, 0.009, 40_000);
        let mut beyond = 0_u32;
        for _ in 0..windows {
            let bad: u64 = (0..10)
                .map(|_| binomial(n, beta(a, b, &mut stream), &mut stream))
                .sum();
            beyond += u32::from(bad as f64 > over * 10.0 * n as f64);
        }
        let seen = f64::from(beyond) / f64::from(windows);
        let bound =
            libm::exp(window(Allowed::Share(over)).log_chance(requests(n as f64), background));
        assert!(beyond > 100, "{beyond}");
        assert!(
            bound > seen && bound < 20.0 * seen,
            "{bound} against {seen}"
        );
    }

    #[test]
    fn the_usual_is_never_quiet() {
        let background = Background {
            mean: 0.005,
            weight: 1e4,
        };
        let bound = window(Allowed::Share(0.004)).log_chance(requests(1e6), background);
        assert!(bound > -1e-3, "{bound}");
        let few = RequestRange {
            fewest: 0.0,
            most: 1e6,
        };
        assert!(window(Allowed::Share(0.05)).log_chance(few, background) > -1e-3);
    }
}
