//! Tails that cover what a question asks for, with the chance of each under a law.

use super::super::bucket::{BucketLaws, Noise, Ratio};
use super::question::{Question, SLACK, beyond};
use super::tail::Tail;
use crate::random::{
    beta_above, beta_below, binomial_at_least, binomial_at_most, poisson_at_least, poisson_at_most,
};

/// A chance of the tails beyond which looking at every bucket is cheaper.
pub(super) const MOST: f64 = 0.25;

/// Tails that cover what a question asks for. `None`: nearly every bucket.
pub(super) fn cover(question: &Question, laws: &BucketLaws) -> Option<Vec<(Tail, f64)>> {
    let cell = |reading, sli| Cell::new(laws, reading, sli);
    match *question {
        Question::Any => None,
        Question::Few {
            reading,
            under,
            inclusive,
        } => {
            let below = first_above(under, !inclusive);
            match laws.certain_requests(reading) {
                Some(n) if n < below => None,
                Some(_) => Some(Vec::new()),
                None => Some(vec![few(laws, reading, below)]),
            }
        }
        Question::Count {
            reading,
            sli,
            over,
            inclusive,
        } => cell(reading, sli).many_bad(first_above(over, inclusive)),
        Question::Ratio {
            reading,
            sli,
            over,
            inclusive,
            needs,
        } => cell(reading, sli).ratio_beyond(over, inclusive, needs),
        Question::FewerThanControl {
            reading,
            control,
            share,
        } => fewer_than_control(laws, reading, control, share),
        Question::Times {
            reading,
            control,
            sli,
            factor,
        } => Cell::times(&cell(reading, sli), &cell(control, sli), factor),
    }
}

/// The first whole number above `x`, or at it if `inclusive`.
fn first_above(x: f64, inclusive: bool) -> u64 {
    let first = if inclusive {
        libm::ceil(x)
    } else {
        libm::floor(x) + 1.0
    };
    first.max(0.0) as u64
}

/// Fewer requests than `below`, where their number is Poisson.
fn few(laws: &BucketLaws, reading: usize, below: u64) -> (Tail, f64) {
    let chance = match below {
        0 => 0.0,
        below => poisson_at_most(below - 1, laws.requests[reading]),
    };
    (Tail::Few { reading, below }, chance)
}

/// At least so many requests, where their number is Poisson.
fn many(laws: &BucketLaws, reading: usize, at_least: u64) -> (Tail, f64) {
    let chance = poisson_at_least(at_least, laws.requests[reading]);
    (Tail::Many { reading, at_least }, chance)
}

/// Tails that cover "no more requests than `share` of the control's, both per share of traffic": few of its own, or many
/// of the control's. `None`: nearly every bucket.
fn fewer_than_control(
    laws: &BucketLaws,
    reading: usize,
    control: usize,
    share: f64,
) -> Option<Vec<(Tail, f64)>> {
    let new = laws.new_share;
    if new >= 1.0 {
        return None;
    }
    // How many of its own requests one of the control's asks for.
    let factor = share * new / (1.0 - new);
    let own = laws.certain_requests(reading);
    let of_control = laws.certain_requests(control);
    let expected = laws.requests[reading];
    let asked = factor * laws.requests[control];
    let tails = |between: f64| {
        let mut tails = Vec::new();
        if own.is_none() {
            tails.push(few(laws, reading, libm::floor(between) as u64 + 1));
        }
        if of_control.is_none() {
            tails.push(many(laws, control, libm::ceil(between / factor) as u64));
        }
        tails
    };
    match (own, of_control) {
        (Some(own), Some(of_control)) => {
            let fewer = own as f64 * (1.0 - new) <= share * new * of_control as f64;
            (!fewer).then(Vec::new)
        }
        (Some(own), None) => Some(tails(own as f64 * (1.0 - SLACK))),
        (None, Some(of_control)) => Some(tails(factor * of_control as f64 * (1.0 + SLACK))),
        (None, None) => {
            let parts = [0.2, 0.35, 0.5, 0.65, 0.8];
            let choices = parts.map(|part| tails(asked + part * (expected - asked)));
            (choices.into_iter()).min_by(|a, b| sum(a).total_cmp(&sum(b)))
        }
    }
    .filter(|tails| sum(tails) <= MOST && expected > asked)
}

/// One SLI of one reading under a law.
struct Cell<'a> {
    laws: &'a BucketLaws,
    reading: usize,
    sli: usize,
    ratio: Ratio,
    noise: Option<Noise>,
}

impl<'a> Cell<'a> {
    fn new(laws: &'a BucketLaws, reading: usize, sli: usize) -> Cell<'a> {
        let slis = laws.noise.len();
        Cell {
            laws,
            reading,
            sli,
            ratio: laws.ratios[reading * slis + sli],
            noise: laws.noise[sli],
        }
    }

    /// The best level of the noise at which to part bad luck in counts from bad luck in the background: the level, the
    /// chance that the background lies beyond it, and that the counts are beyond although it does not. `reach`: how far
    /// the background would have to lie from its mean for the counts to be beyond as well (below 0: downward);
    /// `of_counts`: the chance that counts are beyond at a level. Without noise there is one level only.
    fn best_level(&self, reach: f64, of_counts: impl Fn(f64) -> f64) -> (f64, f64, f64) {
        let Some(noise) = self.noise else {
            return (0.0, 0.0, of_counts(0.0));
        };
        let mut best = (0.0, 0.0, f64::INFINITY);
        // Small parts where few requests are looked at, large ones where many are.
        for part in [0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8] {
            let level = part * reach;
            let q = noise.mean + level;
            let beyond = if reach > 0.0 {
                beta_above(q, noise.a, noise.b)
            } else {
                beta_below(q, noise.a, noise.b)
            };
            if beyond > MOST || beyond >= best.1 + best.2 {
                continue;
            }
            let chance = (1.0 - beyond) * of_counts(level);
            // The further the level, the likelier counts are beyond.
            if chance >= best.1 + best.2 {
                break;
            }
            if beyond + chance < best.1 + best.2 {
                best = (level, beyond, chance);
            }
        }
        best
    }

    /// How far the background would have to lie from its mean for so many bad requests to be expected.
    fn reach(&self, bad: f64) -> f64 {
        let requests = match self.laws.certain_requests(self.reading) {
            Some(n) => n as f64,
            None => self.laws.requests[self.reading],
        };
        bad / requests - self.ratio.excess - self.ratio.background
    }

    /// Tails that cover "at least so many bad requests". `None`: nearly every bucket.
    fn many_bad(&self, at_least: u64) -> Option<Vec<(Tail, f64)>> {
        if at_least > 0 && self.laws.requests[self.reading] <= 0.0 && self.laws.probes.is_none() {
            return Some(Vec::new());
        }
        let reach = self.reach(at_least as f64);
        if reach <= 0.0 {
            return None;
        }
        let (noise, beyond, chance) =
            self.best_level(reach, |noise| self.chance_of_many(at_least, noise));
        if chance + beyond > MOST {
            return None;
        }
        let (reading, sli) = (self.reading, self.sli);
        let bad = Tail::Bad {
            reading,
            sli,
            at_least,
            noise,
        };
        Some(vec![(bad, chance), (Tail::Up { sli, noise }, beyond)])
    }

    /// The chance of at least so many bad requests at this level of noise; 1 where so many are expected anyway.
    fn chance_of_many(&self, at_least: u64, noise: f64) -> f64 {
        let p = self.ratio.with(noise);
        if at_least == 0 || p >= 1.0 {
            return 1.0;
        }
        let (expected, chance) = match self.laws.certain_requests(self.reading) {
            Some(n) => (n as f64 * p, binomial_at_least(at_least, n, p)),
            None => {
                let mean = self.laws.requests[self.reading] * p;
                (mean, poisson_at_least(at_least, mean))
            }
        };
        // Below the mean the sampler would not be one of a tail.
        if (at_least as f64) <= expected {
            1.0
        } else {
            chance
        }
    }

    /// The chance of at most so many bad requests at this level of noise; 1 where so many are expected anyway.
    fn chance_of_few(&self, at_most: u64, noise: f64) -> f64 {
        let p = self.ratio.with(noise);
        let (expected, chance) = match self.laws.certain_requests(self.reading) {
            Some(n) => (n as f64 * p, binomial_at_most(at_most, n, p)),
            None => {
                let mean = self.laws.requests[self.reading] * p;
                (mean, poisson_at_most(at_most, mean))
            }
        };
        if at_most as f64 >= expected {
            1.0
        } else {
            chance
        }
    }

    /// Tails that cover "bad / requests beyond `over`", where at least `needs` requests are needed.
    fn ratio_beyond(&self, over: f64, inclusive: bool, needs: f64) -> Option<Vec<(Tail, f64)>> {
        let needs = needs.max(1.0).ceil();
        if let Some(n) = self.laws.certain_requests(self.reading) {
            if (n as f64) < needs {
                return Some(Vec::new());
            }
            return self.many_bad(first_bad(n, over, inclusive));
        }
        let expected = self.laws.requests[self.reading];
        let mut best: Option<Vec<(Tail, f64)>> = None;
        let mut consider = |n: f64, fewer: Option<(Tail, f64)>| {
            if let Some(mut tails) = self.many_bad(first_bad(n as u64, over, inclusive)) {
                tails.extend(fewer);
                if best.as_ref().is_none_or(|b| sum(&tails) < sum(b)) {
                    best = Some(tails);
                }
            }
        };
        consider(needs, None);
        for spread in [3.0, 4.5, 6.0, 8.0] {
            let n = libm::floor(expected - spread * libm::sqrt(expected));
            if n > needs {
                consider(n, Some(few(self.laws, self.reading, n as u64)));
            }
        }
        best.filter(|tails| sum(tails) <= MOST)
    }

    /// Tails that cover "at most so many bad requests".
    fn few_bad(&self, at_most: u64) -> Option<Vec<(Tail, f64)>> {
        let reach = self.reach(at_most as f64);
        if reach >= 0.0 {
            return None;
        }
        let (noise, beyond, chance) =
            self.best_level(reach, |noise| self.chance_of_few(at_most, noise));
        let (reading, sli) = (self.reading, self.sli);
        let bad = Tail::FewBad {
            reading,
            sli,
            at_most,
            noise,
        };
        let tails = vec![(bad, chance), (Tail::Down { sli, noise }, beyond)];
        (sum(&tails) <= MOST).then_some(tails)
    }

    /// Tails that cover "the ratio beyond `factor` times the control's": beyond some ratio, or the control below that
    /// over the factor. Only for numbers of requests that are no matter of chance; else a bad request is what it takes.
    fn times(own: &Cell<'_>, control: &Cell<'_>, factor: f64) -> Option<Vec<(Tail, f64)>> {
        let certain = |cell: &Cell<'_>| cell.laws.certain_requests(cell.reading);
        let (Some(n), Some(of_control)) = (certain(own), certain(control)) else {
            return own.many_bad(1);
        };
        let (low, high) = (own.ratio.with(0.0), factor * control.ratio.with(0.0));
        let mut best: Option<Vec<(Tail, f64)>> = None;
        for part in [0.2, 0.35, 0.5, 0.65, 0.8] {
            let between = low + part * (high - low);
            if between <= low {
                return None;
            }
            let many = own.many_bad(first_bad(n, between, true));
            let few_of_control =
                libm::floor(of_control as f64 * between / factor * (1.0 + 1e-12)) as u64;
            if let (Some(mut tails), Some(more)) = (many, control.few_bad(few_of_control)) {
                tails.extend(more);
                if best.as_ref().is_none_or(|b| sum(&tails) < sum(b)) {
                    best = Some(tails);
                }
            }
        }
        best.filter(|tails| sum(tails) <= MOST)
    }
}

fn sum(tails: &[(Tail, f64)]) -> f64 {
    tails.iter().map(|(_, chance)| chance).sum()
}

/// The fewest bad requests of `n` whose ratio is beyond `over`, compared as the judge compares.
fn first_bad(n: u64, over: f64, inclusive: bool) -> u64 {
    let mut bad = libm::floor(over * n as f64 * (1.0 - 1e-12)).max(0.0);
    while !beyond(bad / n as f64, over, inclusive) {
        bad += 1.0;
    }
    bad as u64
}
