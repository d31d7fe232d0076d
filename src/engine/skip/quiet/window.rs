//! Bounds on the chance that a long window breaches.
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
//!
//! If only r of its buckets are like that, and the others have e more bad requests than are allowed, the bound is
//! exp(t e) times the product over the r.
//!
//! Against a control of N requests a bucket, whose background is the same, the bad ratio of the control is allowed on
//! top. If the window has no less than c times the control's requests it breaches only if its bad requests, less c times
//! the control's, are more than over n; by 1 + y <= exp(y) the moment given Q is at most exp(Q (n z - N (1 - exp(-c t)))):
//! most of what is bad in the background is so for both.
//!
//! And a window that does not have the requests that its alarm needs is not
//! judged at all.

use std::f64::consts::LN_2;

use super::super::super::family::Family;
use super::super::super::law::Reading;
use super::super::negligible::{RequestRange, tail_of_count};
use super::super::question::{Asked, Askers, Question};
use crate::plan::{Alarm, Condition};

/// Parts by which the numbers of requests in a window are taken to vary.
const DEVIATIONS: [f64; 6] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.4];

/// Parts of a window for which it is reckoned how much may have gone wrong in the rest of it.
pub(super) const PARTS: usize = 8;

/// An alarm whose window is several buckets long and that minds nothing but their bad requests.
#[derive(Clone, Copy, Debug)]
pub(in super::super::super) struct LongWindow {
    /// Where it stands among the family's alarms.
    pub(in super::super::super) position: usize,
    /// Where its reading and its SLI stand in the family.
    pub(super) reading: usize,
    pub(super) sli: usize,
    /// Buckets in a window.
    pub(super) buckets: f64,
    allowed: Allowed,
    /// Requests that a window needs to be judged.
    needs: f64,
    /// Where the control's reading stands, if its bad ratio is added to what is allowed.
    pub(super) control: Option<usize>,
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
    pub(in super::super::super) fn of(alarms: &[Alarm], family: &Family) -> Vec<LongWindow> {
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
                position,
                reading,
                sli,
                buckets: buckets as f64,
                allowed,
                needs: alarms[index].min_requests,
                control: matches!(alarms[index].condition, Condition::ControlPlus { .. })
                    .then(|| family.position(Reading::Control)),
            })
        };
        let alarms = family.alarms.iter().enumerate();
        alarms.filter_map(of_alarm).collect()
    }

    /// Whose windows they are.
    pub(super) fn by(&self) -> Askers {
        Askers::one(self.position)
    }

    /// How many more bad requests than are allowed a bucket has.
    pub(super) fn excess(&self, requests: f64, bad: f64) -> f64 {
        match self.allowed {
            Allowed::Share(over) => bad - over * requests,
            Allowed::Count(over) => bad - over,
        }
    }

    /// Part `part` (from 1) of a window, in buckets.
    pub(super) fn buckets_of_part(&self, part: usize) -> f64 {
        libm::ceil(self.buckets * part as f64 / PARTS as f64)
    }

    /// By part of a window, from the smallest to the whole: if so many of its buckets have between `requests` each, how
    /// many bad requests more than are allowed the others may have, so that it breaches with a chance whose logarithm is
    /// no larger than `aim`. Below 0 where even none is too many.
    pub(super) fn allowed_excess(
        &self,
        requests: RequestRange,
        background: Background,
        aim: f64,
    ) -> [f64; PARTS] {
        let mut most = [f64::NEG_INFINITY; PARTS];
        for z in tilts() {
            let t = libm::log1p(z);
            let bucket = self.log_moment(requests, background, z);
            if bucket.is_nan() || bucket >= 0.0 {
                continue;
            }
            for (i, most) in most.iter_mut().enumerate() {
                let excess = (aim - self.buckets_of_part(i + 1) * bucket) / t;
                *most = most.max(excess);
            }
        }
        most
    }

    /// Whether a window of buckets with between `requests` each breaches with a chance whose logarithm is no larger than
    /// `aim`, given the control's requests for one of its own: the background of both is the same in every bucket.
    pub(super) fn is_quiet_against_control(
        &self,
        requests: RequestRange,
        of_control: f64,
        background: Background,
        aim: f64,
    ) -> bool {
        let Allowed::Share(over) = self.allowed else {
            return false;
        };
        // Numbers of requests vary, or are rounded: the proportion to the control's in the whole window, at the worst.
        let own = self.buckets * requests.fewest;
        let are_certain = requests.fewest.min(requests.fewest * of_control) >= 1000.0;
        let is_worst = |&&part: &&f64| {
            if are_certain {
                return true;
            }
            let few = tail_of_count(own * (1.0 - part), own);
            let many = tail_of_count(own * of_control * (1.0 + part), own * of_control);
            libm::log(few + many) <= aim - LN_2
        };
        let Some(part) = DEVIATIONS.iter().find(is_worst) else {
            return false;
        };
        let (worst, usual) = ((1.0 - part) / (1.0 + part) / of_control, 1.0 / of_control);
        let quiet = |z: f64| {
            let t = libm::log1p(z);
            let none = libm::expm1(-t * over);
            let control = -libm::expm1(-t * worst) / usual;
            // What own and control differ by, rounded.
            let rest = z * background.mean * 1e-8;
            // Numbers that are certain are rounded by one half.
            let ends = [(requests.fewest - 0.5).max(0.0), requests.most + 0.5];
            let certain = |n: f64| {
                let control = control * (n - 1.0) / n;
                background.log_moment(n * (z - control)) + n * (rest - t * over)
            };
            let poisson = |m: f64| {
                let control = control * (m - 1.0) / m;
                m * (none + rest) + background.log_moment(m * ((1.0 + none) * z - control))
            };
            let worst = ends.map(|n| f64::max(certain(n), poisson(n)));
            self.buckets * f64::max(worst[0], worst[1]) <= aim - LN_2
        };
        tilts().any(quiet)
    }

    /// Of how many buckets with `most` expected requests each, with `known` requests beside them, a window cannot
    /// plausibly have the requests that it needs: the logarithm of the chance that it has is no larger than `aim`.
    pub(super) fn too_few(&self, most: f64, known: f64, aim: f64) -> f64 {
        let missing = self.needs - known;
        let mut buckets = if missing > 0.0 { self.buckets } else { 0.0 };
        while buckets > 0.0 {
            // Numbers may have been rounded by one half.
            let mean = buckets * (most + 0.5);
            if mean < missing && tail_of_count(missing, mean) <= libm::exp(aim) {
                return buckets;
            }
            buckets -= 1.0;
        }
        0.0
    }

    /// A bound on ln E exp(t (bad - allowed)) of a bucket with between `requests`, with t = ln(1 + z).
    fn log_moment(&self, requests: RequestRange, background: Background, z: f64) -> f64 {
        let t = libm::log1p(z);
        // Convex in the number of requests: the worst is at an end. Numbers may have been rounded by one half.
        let ends = [(requests.fewest - 0.5).max(0.0), requests.most + 0.5];
        let worst = |of: &dyn Fn(f64) -> f64| f64::max(of(ends[0]), of(ends[1]));
        match self.allowed {
            Allowed::Count(over) => worst(&|n| background.log_moment(n * z) - t * over),
            Allowed::Share(over) => {
                let none = libm::expm1(-t * over);
                let certain = worst(&|n| background.log_moment(n * z) - t * over * n);
                let poisson = worst(&|m| m * none + background.log_moment(m * (1.0 + none) * z));
                f64::max(certain, poisson)
            }
        }
    }
}

/// From 1e-5 to 1e4: whatever is allowed, up to 10,000 times the usual.
fn tilts() -> impl Iterator<Item = f64> {
    (0..=72).map(|k| libm::pow(10.0, f64::from(k) / 8.0 - 5.0))
}

/// The background's bad ratio.
#[derive(Clone, Copy, Debug)]
pub(super) struct Background {
    pub(super) mean: f64,
    /// The weight of its beta distribution; infinite where it does not scatter.
    pub(super) weight: f64,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{NameKey, Purpose, RolloutKey, beta, binomial, binomial_at_least, poisson};

    fn window(allowed: Allowed) -> LongWindow {
        LongWindow {
            position: 0,
            reading: 0,
            sli: 0,
            buckets: 10.0,
            allowed,
            needs: 0.0,
            control: None,
        }
    }

    impl LongWindow {
        /// A bound on the logarithm of the chance that a window breaches, of buckets with between `requests`.
        fn log_chance(&self, requests: RequestRange, background: Background) -> f64 {
            let of_bucket = |z| self.log_moment(requests, background, z);
            self.buckets * tilts().map(of_bucket).fold(f64::INFINITY, f64::min)
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

    /// What is allowed beyond makes the exact chance, of a binomial number, no larger than what was aimed at.
    #[test]
    fn what_went_wrong_in_the_rest_of_a_window_is_reckoned_with() {
        let background = Background {
            mean: 0.005,
            weight: f64::INFINITY,
        };
        let (over, n, aim) = (0.01, 2_000.0, -25.0);
        let window = window(Allowed::Share(over));
        let excesses = window.allowed_excess(requests(n), background, aim);
        assert!(
            excesses[0] < 0.0 && excesses[PARTS - 1] > 0.0,
            "{excesses:?}"
        );
        for (i, &excess) in excesses.iter().enumerate().filter(|(_, e)| **e >= 0.0) {
            let buckets = window.buckets_of_part(i + 1);
            let all = buckets * n;
            let chance = |excess: f64| {
                let beyond = libm::ceil(over * all - excess) as u64;
                libm::log(binomial_at_least(beyond, all as u64, background.mean))
            };
            assert!(
                chance(excess) <= aim,
                "{buckets} buckets: {}",
                chance(excess)
            );
            assert!(
                chance(excess + 20.0) > aim,
                "{buckets} buckets: far too little"
            );
        }
    }

    #[test]
    fn too_few_requests_are_told_from_enough() {
        let window = LongWindow {
            needs: 2_000.0,
            ..window(Allowed::Share(0.01))
        };
        // Ten buckets of 100 are 31 standard deviations away; 1,500 known ones leave 500 for them.
        assert_eq!(window.too_few(100.0, 0.0, -30.0), 10.0);
        assert_eq!(window.too_few(250.0, 0.0, -30.0), 6.0);
        assert_eq!(window.too_few(100.0, 1_500.0, -30.0), 3.0);
        assert_eq!(window.too_few(100.0, 2_000.0, -30.0), 0.0);
        let chance = crate::random::poisson_at_least(2_000, 6.0 * 250.5);
        assert!(libm::log(chance) <= -30.0, "{chance}");
    }

    /// Against windows drawn bucket by bucket, whose own and control share their background.
    #[test]
    fn against_a_control_it_lies_above_the_chance_of_windows_drawn() {
        let mut stream =
            RolloutKey::new(1, NameKey::NONE, 0).stream(Purpose::AlarmCounts, 0, NameKey::NONE);
        let (mean, weight, of_control) = (0.005, 1_000.0, 4.0);
        for (own, over) in [(600.0, 0.002), (2_400.0, 0.001)] {
            let window = window(Allowed::Share(over));
            let background = Background { mean, weight };
            let is_quiet =
                |aim| window.is_quiet_against_control(requests(own), of_control, background, aim);
            let bound = (1..400)
                .map(|k| -f64::from(k) / 20.0)
                .take_while(|&aim| is_quiet(aim));
            let bound = bound.last().unwrap_or(0.0);
            let (mut breaches, windows) = (0_u32, 30_000);
            for _ in 0..windows {
                let mut sums = [0.0; 4];
                for _ in 0..10 {
                    let q = beta(mean * weight, (1.0 - mean) * weight, &mut stream);
                    for (sums, n) in sums.chunks_exact_mut(2).zip([own, own * of_control]) {
                        let n = if n < 1_000.0 {
                            poisson(n, &mut stream)
                        } else {
                            n as u64
                        };
                        sums[0] += n as f64;
                        sums[1] += binomial(n, q, &mut stream) as f64;
                    }
                }
                let [n, bad, of_control, bad_of_control] = sums;
                breaches += u32::from(bad / n > bad_of_control / of_control + over);
            }
            let seen = libm::log(f64::from(breaches) / f64::from(windows));
            assert!(breaches > 20, "{own}: {breaches}");
            assert!(seen < bound && bound < 0.0, "{own}: {seen} against {bound}");
        }
    }
}
