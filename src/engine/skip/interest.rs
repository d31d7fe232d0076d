//! How likely a bucket is that some alarm could mind, and drawing one that is, or is not.
//!
//! The buckets that matter are covered by *tails*: many bad requests, few requests, a background far from its mean.
//! Each has a probability and a sampler of its own. Buckets are proposed with the sum of the tails' probabilities
//! (times a bound), a tail is chosen by its part of that sum, a bucket drawn from it, and accepted with one over the
//! number of tails that the bucket lies in: so every bucket of their union comes with its own probability, however the
//! tails overlap.

use super::super::bucket::{BucketLaws, Noise, Ratio};
use super::question::{Asked, Askers, Question, SLACK, beyond};
use crate::random::{
    Stream, beta, beta_above, beta_below, beta_given_above, beta_given_below, binomial,
    binomial_at_least, binomial_at_most, binomial_given_at_least, binomial_given_at_most, poisson,
    poisson_at_least, poisson_at_most, poisson_given_at_least, poisson_given_at_most,
};

/// A chance of the tails beyond which looking at every bucket is cheaper.
const MOST: f64 = 0.25;

/// A set of buckets that some alarm could mind.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Tail {
    /// At least so many bad requests, while the background is no further up than `noise`.
    Bad {
        reading: usize,
        sli: usize,
        at_least: u64,
        noise: f64,
    },
    /// At most so many bad requests, while the background is no further down than `noise`.
    FewBad {
        reading: usize,
        sli: usize,
        at_most: u64,
        noise: f64,
    },
    /// Fewer requests than this.
    Few { reading: usize, below: u64 },
    /// At least so many requests.
    Many { reading: usize, at_least: u64 },
    /// The background further up than this.
    Up { sli: usize, noise: f64 },
    /// The background further down than this.
    Down { sli: usize, noise: f64 },
}

/// The buckets that matter, under one law.
#[derive(Clone, Debug, Default)]
pub(super) struct Interest {
    tails: Vec<(Tail, f64)>,
    /// Sum of the tails' probabilities, at least the probability of their union; 1 if every bucket matters.
    pub(super) chance: f64,
}

impl Interest {
    /// Of all that `askers` ask, under a law. `side_by_side`: whether old and new version are.
    pub(super) fn of(
        asked: &[Asked],
        askers: Askers,
        side_by_side: bool,
        laws: &BucketLaws,
    ) -> Interest {
        let mut interest = Interest::default();
        let of_them = asked.iter().filter(|a| a.by.meets(askers));
        for asked in of_them.filter(|a| side_by_side || !a.side_by_side) {
            if !interest.admit(&asked.question, laws) || interest.chance > MOST {
                return Interest {
                    tails: Vec::new(),
                    chance: 1.0,
                };
            }
        }
        interest
    }

    /// Whether every bucket has to be looked at.
    pub(super) fn is_everything(&self) -> bool {
        self.chance >= 1.0
    }

    fn push(&mut self, tail: Tail, chance: f64) {
        if chance > 0.0 && !self.tails.iter().any(|(t, _)| *t == tail) {
            self.tails.push((tail, chance));
            self.chance += chance;
        }
    }

    fn append(&mut self, tails: Vec<(Tail, f64)>) {
        tails
            .into_iter()
            .for_each(|(tail, chance)| self.push(tail, chance));
    }

    /// Adds the tails that cover what a question asks for. Not possible for some.
    fn admit(&mut self, question: &Question, laws: &BucketLaws) -> bool {
        let cell = |reading, sli| Cell::new(laws, reading, sli);
        match *question {
            Question::Any => return false,
            Question::Few {
                reading,
                under,
                inclusive,
            } => {
                let below = first_above(under, !inclusive);
                match laws.certain_requests(reading) {
                    Some(n) if n < below => return false,
                    Some(_) => {}
                    None => self.append(vec![few(laws, reading, below)]),
                }
            }
            Question::Count {
                reading,
                sli,
                over,
                inclusive,
            } => match cell(reading, sli).many_bad(first_above(over, inclusive)) {
                Some(tails) => self.append(tails),
                None => return false,
            },
            Question::Ratio {
                reading,
                sli,
                over,
                inclusive,
                needs,
            } => match cell(reading, sli).ratio_beyond(over, inclusive, needs) {
                Some(tails) => self.append(tails),
                None => return false,
            },
            Question::FewerThanControl {
                reading,
                control,
                share,
            } => match fewer_than_control(laws, reading, control, share) {
                Some(tails) => self.append(tails),
                None => return false,
            },
            Question::Times {
                reading,
                control,
                sli,
                factor,
            } => match Cell::times(&cell(reading, sli), &cell(control, sli), factor) {
                Some(tails) => self.append(tails),
                None => return false,
            },
        }
        true
    }

    /// Draws what is not drawn yet of a bucket that lies in no tail: what is about one SLI (or only the requests, for
    /// `None`), or everything where the SLIs depend on each other.
    pub(super) fn draw_other(
        &self,
        laws: &BucketLaws,
        sli: Option<usize>,
        row: &mut [f64],
        stream: &mut Stream,
    ) {
        let slis = laws.noise.len();
        let readings = 0..laws.requests.len();
        // Where numbers of requests are drawn, or asked for, they tie the SLIs together.
        let tied = self.tails.iter().any(|(tail, _)| tail.sli().is_none())
            || readings.clone().any(|r| laws.certain_requests(r).is_none());
        let drawn = if tied {
            0..slis
        } else {
            sli.map_or(0..0, |sli| sli..sli + 1)
        };
        let counts = laws.requests.len() * (1 + slis);
        loop {
            for reading in readings.clone() {
                laws.draw_cell(reading, None, row, stream);
                for sli in drawn.clone() {
                    laws.draw_cell(reading, Some(sli), row, stream);
                }
            }
            let (counts, noise) = row.split_at(counts);
            let about = |tail: &Tail| tail.sli().is_none_or(|sli| drawn.contains(&sli));
            let mut tails = self.tails.iter().filter(|(tail, _)| about(tail));
            if !tails.any(|(tail, _)| tail.holds(counts, &noise[..slis])) {
                return;
            }
            laws.forget(drawn.clone(), tied, row);
        }
    }

    /// Tries to draw a bucket that lies in some tail; on failure the bucket lies in none.
    pub(super) fn draw_one(
        &self,
        laws: &BucketLaws,
        stream: &mut Stream,
        row: &mut [f64],
        noise: &mut Vec<f64>,
    ) -> bool {
        let mut left = stream.uniform() * self.chance;
        let chosen = self.tails.iter().find(|(_, chance)| {
            left -= chance;
            left < 0.0
        });
        let (tail, _) = chosen
            .or(self.tails.last())
            .expect("a bucket is proposed only where there are tails");
        if !tail.draw(laws, stream, row, noise) {
            return false;
        }
        let overlapping = self.tails.iter().filter(|(t, _)| t.holds(row, noise));
        let overlapping = overlapping.count();
        overlapping <= 1 || stream.chance(1.0 / overlapping as f64)
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

    /// Levels of the noise at which to part bad luck in counts from bad luck in the background, with the chance of what
    /// lies beyond. `reach`: how far the background would have to lie from its mean for the counts to be beyond as well
    /// (below 0: downward). One level without noise.
    fn levels(&self, reach: f64) -> Vec<(f64, f64)> {
        let Some(noise) = self.noise else {
            return vec![(0.0, 0.0)];
        };
        let level = |part: f64| {
            let q = noise.mean + part * reach;
            let chance = if reach > 0.0 {
                beta_above(q, noise.a, noise.b)
            } else {
                beta_below(q, noise.a, noise.b)
            };
            (part * reach, chance)
        };
        // Small parts where few requests are looked at, large ones where many are.
        [0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8].map(level).to_vec()
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
        let reach = self.reach(at_least as f64);
        if reach <= 0.0 {
            return None;
        }
        self.best(at_least, self.levels(reach))
    }

    /// The cheapest level of noise.
    fn best(&self, at_least: u64, levels: Vec<(f64, f64)>) -> Option<Vec<(Tail, f64)>> {
        let priced = levels.into_iter().map(|(noise, beyond)| {
            let chance = (1.0 - beyond) * self.chance_of_many(at_least, noise);
            (noise, beyond, chance)
        });
        let best = priced.min_by(|a, b| (a.1 + a.2).total_cmp(&(b.1 + b.2)))?;
        let (noise, beyond, chance) = best;
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
        let priced = self.levels(reach).into_iter().map(|(noise, beyond)| {
            let p = self.ratio.with(noise);
            let (expected, chance) = match self.laws.certain_requests(self.reading) {
                Some(n) => (n as f64 * p, binomial_at_most(at_most, n, p)),
                None => {
                    let mean = self.laws.requests[self.reading] * p;
                    (mean, poisson_at_most(at_most, mean))
                }
            };
            let chance = if at_most as f64 >= expected {
                1.0
            } else {
                (1.0 - beyond) * chance
            };
            (noise, beyond, chance)
        });
        let (noise, beyond, chance) = priced.min_by(|a, b| (a.1 + a.2).total_cmp(&(b.1 + b.2)))?;
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

impl Tail {
    /// The SLI that it is about; `None` if it is about requests.
    fn sli(&self) -> Option<usize> {
        match *self {
            Tail::Bad { sli, .. }
            | Tail::FewBad { sli, .. }
            | Tail::Up { sli, .. }
            | Tail::Down { sli, .. } => Some(sli),
            Tail::Few { .. } | Tail::Many { .. } => None,
        }
    }

    /// Whether a bucket lies in it.
    fn holds(&self, row: &[f64], noise: &[f64]) -> bool {
        let slis = noise.len();
        let requests = |reading: usize| row[reading * (1 + slis)];
        let bad = |reading: usize, sli: usize| row[reading * (1 + slis) + 1 + sli];
        match *self {
            Tail::Bad {
                reading,
                sli,
                at_least,
                noise: most,
            } => noise[sli] <= most && bad(reading, sli) >= at_least as f64,
            Tail::FewBad {
                reading,
                sli,
                at_most,
                noise: least,
            } => noise[sli] >= least && bad(reading, sli) <= at_most as f64,
            Tail::Few { reading, below } => requests(reading) < below as f64,
            Tail::Many { reading, at_least } => requests(reading) >= at_least as f64,
            Tail::Up { sli, noise: above } => noise[sli] > above,
            Tail::Down { sli, noise: below } => noise[sli] < below,
        }
    }

    /// Draws a bucket that lies in the tail; it may fail, with just the probability that makes those that come right.
    fn draw(
        &self,
        laws: &BucketLaws,
        stream: &mut Stream,
        row: &mut [f64],
        noise: &mut Vec<f64>,
    ) -> bool {
        laws.draw_noise(stream, noise);
        match *self {
            Tail::Up { sli, noise: above } => {
                let n = laws.noise[sli].expect("only what scatters is far from its mean");
                noise[sli] = beta_given_above(above + n.mean, n.a, n.b, stream) - n.mean;
                laws.draw_counts(stream, row, noise);
                true
            }
            Tail::Down { sli, noise: below } => {
                let n = laws.noise[sli].expect("only what scatters is far from its mean");
                noise[sli] = beta_given_below(below + n.mean, n.a, n.b, stream) - n.mean;
                laws.draw_counts(stream, row, noise);
                true
            }
            Tail::Few { reading, below } => {
                laws.draw_counts(stream, row, noise);
                let n = poisson_given_at_most(below - 1, laws.requests[reading], stream);
                laws.draw_bad(reading, n, stream, row, noise);
                true
            }
            Tail::Many { reading, at_least } => {
                laws.draw_counts(stream, row, noise);
                let n = poisson_given_at_least(at_least, laws.requests[reading], stream);
                laws.draw_bad(reading, n, stream, row, noise);
                true
            }
            Tail::Bad {
                reading,
                sli,
                at_least,
                noise: most,
            } => {
                while noise[sli] > most {
                    noise[sli] = redrawn(laws.noise[sli], stream);
                }
                laws.draw_counts(stream, row, noise);
                let given = Given {
                    reading,
                    sli,
                    bound: most,
                    count: at_least,
                    at_least: true,
                };
                given.draw(laws, stream, row, noise)
            }
            Tail::FewBad {
                reading,
                sli,
                at_most,
                noise: least,
            } => {
                while noise[sli] < least {
                    noise[sli] = redrawn(laws.noise[sli], stream);
                }
                laws.draw_counts(stream, row, noise);
                let given = Given {
                    reading,
                    sli,
                    bound: least,
                    count: at_most,
                    at_least: false,
                };
                given.draw(laws, stream, row, noise)
            }
        }
    }
}

fn redrawn(noise: Option<Noise>, stream: &mut Stream) -> f64 {
    noise.map_or(0.0, |n| beta(n.a, n.b, stream) - n.mean)
}

/// Bad requests of one reading on one SLI, given that they are many (or few).
struct Given {
    reading: usize,
    sli: usize,
    /// The noise at which the tail was measured: no better for the tail than the noise that was drawn.
    bound: f64,
    count: u64,
    at_least: bool,
}

impl Given {
    /// Redraws a reading: its bad requests from the tail at the bounding ratio, accepted with the ratio of both
    /// probabilities, which is at most 1 beyond the bounding mean; then its requests and the other SLIs.
    fn draw(&self, laws: &BucketLaws, stream: &mut Stream, row: &mut [f64], noise: &[f64]) -> bool {
        let slis = laws.noise.len();
        let ratio = |sli: usize| laws.ratios[self.reading * slis + sli];
        let bounding = ratio(self.sli).with(self.bound);
        let p = ratio(self.sli).with(noise[self.sli]);
        let (requests, bad) = match laws.certain_requests(self.reading) {
            Some(n) => {
                let bad = if self.at_least {
                    binomial_given_at_least(self.count, n, bounding, stream)
                } else {
                    binomial_given_at_most(self.count, n, bounding, stream)
                };
                let good = (n - bad) as f64;
                let ln = log_power(p / bounding, bad as f64)
                    + log_power((1.0 - p) / (1.0 - bounding), good);
                if !stream.chance(libm::exp(ln)) {
                    return false;
                }
                (n, bad)
            }
            None => {
                let mean = laws.requests[self.reading];
                let bad = if self.at_least {
                    poisson_given_at_least(self.count, mean * bounding, stream)
                } else {
                    poisson_given_at_most(self.count, mean * bounding, stream)
                };
                let ln = log_power(p / bounding, bad as f64) + mean * (bounding - p);
                if !stream.chance(libm::exp(ln)) {
                    return false;
                }
                (bad + poisson(mean * (1.0 - p), stream), bad)
            }
        };
        let cells = &mut row[self.reading * (1 + slis)..(self.reading + 1) * (1 + slis)];
        cells[0] = requests as f64;
        for sli in 0..slis {
            cells[1 + sli] = if sli == self.sli {
                bad as f64
            } else {
                binomial(requests, ratio(sli).with(noise[sli]), stream) as f64
            };
        }
        true
    }
}

/// The logarithm of `base` to the power `n`, 0 for n = 0.
fn log_power(base: f64, n: f64) -> f64 {
    if n == 0.0 { 0.0 } else { n * libm::log(base) }
}
