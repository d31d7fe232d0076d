//! Sets of buckets that some alarm could mind, and drawing a bucket that lies in one.

use super::super::bucket::{BucketLaws, Noise};
use crate::random::{
    Stream, beta, beta_given_above, beta_given_below, binomial, binomial_given_at_least,
    binomial_given_at_most, poisson, poisson_given_at_least, poisson_given_at_most,
};

/// A set of buckets that some alarm could mind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Tail {
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

impl Tail {
    /// The SLI that it is about; `None` if it is about requests.
    pub(super) fn sli(&self) -> Option<usize> {
        match *self {
            Tail::Bad { sli, .. }
            | Tail::FewBad { sli, .. }
            | Tail::Up { sli, .. }
            | Tail::Down { sli, .. } => Some(sli),
            Tail::Few { .. } | Tail::Many { .. } => None,
        }
    }

    /// The reading that it is about, if it is about one.
    pub(super) fn reading(&self) -> Option<usize> {
        match *self {
            Tail::Bad { reading, .. }
            | Tail::FewBad { reading, .. }
            | Tail::Few { reading, .. }
            | Tail::Many { reading, .. } => Some(reading),
            Tail::Up { .. } | Tail::Down { .. } => None,
        }
    }

    /// Whether all of a bucket is drawn that tells whether it lies in the tail.
    pub(super) fn is_drawn(&self, row: &[f64], noise: &[f64]) -> bool {
        let of_reading = |reading: usize| &row[reading * (1 + noise.len())..];
        let told = match *self {
            Tail::Bad { reading, sli, .. } | Tail::FewBad { reading, sli, .. } => {
                of_reading(reading)[1 + sli]
            }
            Tail::Few { reading, .. } | Tail::Many { reading, .. } => of_reading(reading)[0],
            Tail::Up { sli, .. } | Tail::Down { sli, .. } => noise[sli],
        };
        !told.is_nan()
    }

    /// Draws what tells whether a bucket lies in the tail, where it is not drawn yet.
    pub(super) fn draw_what_tells(&self, laws: &BucketLaws, row: &mut [f64], stream: &mut Stream) {
        match *self {
            Tail::Bad { reading, sli, .. } | Tail::FewBad { reading, sli, .. } => {
                laws.draw_cell(reading, Some(sli), row, stream);
            }
            Tail::Few { reading, .. } | Tail::Many { reading, .. } => {
                laws.draw_cell(reading, None, row, stream);
            }
            Tail::Up { sli, .. } | Tail::Down { sli, .. } => {
                laws.draw_noise_in(sli, row, stream);
            }
        }
    }

    /// Whether a bucket lies in it.
    pub(super) fn holds(&self, row: &[f64], noise: &[f64]) -> bool {
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
    pub(super) fn draw(
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
