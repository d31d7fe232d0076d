//! One claim, and what the rollouts so far say of it: a file for each kind of claim.

mod average;
mod cvar;
mod mean;
mod mean_of_base;
mod quantile_of_base;
#[cfg(test)]
mod tests;
mod unbounded;

use std::fmt::Debug;

use super::claim::{Claim, Kind};
use super::control::Control;
use super::draw::Weight;
use super::score::{Known, Score, known};
use crate::outcome::Outcome;
use crate::plan::Stratum;
use crate::stats::{Estimate, values_to_tell};
use crate::summary::Metric;

use cvar::Cvar;
use mean::Mean;
use mean_of_base::MeanOfBase;
use quantile_of_base::QuantileOfBase;
use unbounded::Unbounded;

/// Whether a claim is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is.
    Holds,
    /// It is not.
    Broken,
    /// The rollouts do not tell.
    Undecided,
}

/// What is known of a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Whether it is so.
    pub answer: Answer,
    /// The figure and the interval that the answer rests on.
    pub figure: Estimate,
    /// What it may be.
    pub limit: f64,
    /// The same figure of the base.
    pub base: Option<Estimate>,
    /// How many rollouts would likely tell, where these did not.
    pub rollouts_to_decide: Option<u64>,
}

/// What a claim may want to know beside a rollout.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct With<'a> {
    /// The same rollout of the base, where the claim is about a base.
    pub base: Option<&'a Outcome>,
    /// What forecasts say, where they are asked.
    pub control: Option<Control>,
}

/// A kind of claim, and what it has seen.
trait Judging: Debug {
    /// Takes a rollout, and what belongs to it. Unless it takes weights, each counts once.
    fn take(&mut self, outcome: &Outcome, with: With<'_>, weight: Weight);

    /// Whether forecasts would help.
    fn wants_control(&self) -> bool {
        false
    }

    /// From now on, before the first rollout, each comes with forecasts.
    fn begin_control(&mut self) {}

    /// Whether rollouts may count more or less than once.
    fn takes_weights(&self) -> bool {
        false
    }

    /// Whether it is so, by now: all that a look needs.
    fn answer(&self) -> Answer;

    /// What is known.
    fn finding(&self) -> Finding;

    /// 1 for rollouts that the claim says are few, or of a mean, that are more than it may be.
    fn against(&self) -> Score;

    /// What the claim is about.
    fn score(&self) -> Score {
        self.against()
    }

    /// What share of the rollouts may speak against it; `None` where it is not about their number.
    fn may_be_against(&self) -> Option<f64> {
        None
    }

    /// Most rollouts that it can take.
    fn most(&self) -> u64 {
        u64::MAX
    }
}

/// Judges one claim, rollout by rollout.
#[derive(Debug)]
pub(super) struct Judge {
    /// Strata to simulate, with the chance of each; none where all is known.
    pub population: Vec<(Stratum, f64)>,
    needs_base: bool,
    is_controlled: bool,
    kind: Box<dyn Judging>,
}

impl Judge {
    /// Of a claim, where the chance of a wrong answer is to be at most `alpha`.
    pub fn new(claim: &Claim, alpha: f64) -> Judge {
        let all = &claim.population;
        let enough = Enough::of(alpha);
        match &claim.of {
            Kind::Mean { score, at_most } => Judge {
                population: among(all, |s| score.known(s) == Known::Nothing).0,
                needs_base: false,
                is_controlled: false,
                kind: Box::new(Mean::new(*score, *at_most, all, enough)),
            },
            Kind::Cvar {
                metric,
                p,
                at_most,
                bounds,
            } => {
                let (population, part) = not_zero(all, *metric);
                Judge {
                    population,
                    needs_base: false,
                    is_controlled: false,
                    kind: Box::new(Cvar::new(
                        *metric,
                        (1.0 - p) / part,
                        *at_most,
                        bounds.1,
                        enough,
                    )),
                }
            }
            Kind::Unbounded {
                metric,
                beyond,
                at_most,
            } => {
                let (population, part) = not_zero(all, *metric);
                Judge {
                    population,
                    needs_base: false,
                    is_controlled: false,
                    kind: Box::new(Unbounded::new(*metric, *beyond, *at_most, part, enough)),
                }
            }
            Kind::QuantileOfBase {
                metric,
                p,
                factor,
                most,
            } => {
                let (population, part) = not_zero(all, *metric);
                let above = (1.0 - p) / part;
                Judge {
                    population,
                    needs_base: true,
                    is_controlled: false,
                    kind: Box::new(QuantileOfBase::new(*metric, above, *factor, *most, enough)),
                }
            }
            Kind::MeanOfBase {
                score,
                factor,
                least,
            } => {
                let (population, part) = among(all, |s| score.known(s) != Known::Always(0.0));
                Judge {
                    population,
                    needs_base: true,
                    is_controlled: false,
                    kind: Box::new(MeanOfBase::new(*score, *factor, *least, part, enough)),
                }
            }
        }
    }

    /// Whether it needs the base's rollouts.
    pub fn needs_base(&self) -> bool {
        self.needs_base
    }

    /// What share of the rollouts may speak against it; `None` where it is not about their number.
    pub fn may_be_against(&self) -> Option<f64> {
        self.kind.may_be_against()
    }

    /// Most rollouts that it can take.
    pub fn most(&self) -> u64 {
        self.kind.most()
    }

    /// Takes a rollout, and what belongs to it.
    pub fn take(&mut self, outcome: &Outcome, with: With<'_>, weight: Weight) {
        self.kind.take(outcome, with, weight);
    }

    /// Whether forecasts would help: what they foresee is what befalls good changes, so most have to be. What a rollout counts
    /// they do not know, so each has to count once.
    pub fn wants_control(&self) -> bool {
        let is_good = |(s, _): &&(Stratum, f64)| *s == Stratum::FaultFree;
        let good = self.population.iter().find(is_good).map_or(0.0, |g| g.1);
        let count_once = self.population.len() == 1 || !self.takes_weights();
        good > 0.5 && count_once && self.kind.wants_control()
    }

    /// From now on, before the first rollout, each comes with forecasts.
    pub fn begin_control(&mut self) {
        self.is_controlled = true;
        self.kind.begin_control();
    }

    /// Whether rollouts come with forecasts.
    pub fn is_controlled(&self) -> bool {
        self.is_controlled
    }

    /// Whether rollouts may count more or less than once.
    pub fn takes_weights(&self) -> bool {
        self.kind.takes_weights()
    }

    /// 1 for rollouts that the claim says are few, or of a mean, that are more than it may be.
    pub fn against(&self) -> Score {
        self.kind.against()
    }

    /// What the claim is about.
    pub fn score(&self) -> Score {
        self.kind.score()
    }

    /// Whether it is so, by now: all that a look needs.
    pub fn answer(&self) -> Answer {
        self.kind.answer()
    }

    /// What is known.
    pub fn finding(&self) -> Finding {
        self.kind.finding()
    }
}

/// The strata that are so, with their weights among themselves, and their part of all.
fn among(all: &[(Stratum, f64)], is: impl Fn(Stratum) -> bool) -> (Vec<(Stratum, f64)>, f64) {
    let mut found: Vec<(Stratum, f64)> = all.iter().copied().filter(|(s, _)| is(*s)).collect();
    let part: f64 = found.iter().map(|(_, w)| w).sum();
    found.iter_mut().for_each(|(_, w)| *w /= part);
    (found, part)
}

/// The strata in which a metric is not known to be 0, and their part of all to which it applies.
fn not_zero(all: &[(Stratum, f64)], metric: Metric) -> (Vec<(Stratum, f64)>, f64) {
    let (applying, _) = among(all, |s| known(metric, s) != Known::DoesNotApply);
    among(&applying, |s| known(metric, s) != Known::Always(0.0))
}

/// How rich a better must be, so that an answer by him is wrong with a chance of at most alpha.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Enough {
    /// The logarithm of the wealth.
    pub log: f64,
}

impl Enough {
    pub fn of(alpha: f64) -> Enough {
        Enough {
            log: libm::log(1.0 / alpha),
        }
    }

    /// Half the chance.
    fn halved(self) -> Enough {
        Enough {
            log: self.log + std::f64::consts::LN_2,
        }
    }

    /// What bets say of "at most".
    pub fn answer(self, log_for_less: f64, log_for_more: f64) -> Answer {
        match (log_for_less >= self.log, log_for_more >= self.log) {
            (true, false) => Answer::Holds,
            (false, true) => Answer::Broken,
            _ => Answer::Undecided,
        }
    }

    /// The level of an interval of which either end is wrong with a chance of at most alpha.
    pub fn level(self) -> f64 {
        (1.0 - 2.0 * libm::exp(-self.log)).max(0.0)
    }

    fn estimate(self, value: f64, low: f64, high: f64, n: u64) -> Estimate {
        Estimate {
            value,
            low: low.min(value),
            high: high.max(value),
            level: self.level(),
            n,
        }
    }

    /// The same, where the answer to "at most `limit`" is a bound as well.
    fn answered(
        self,
        answer: Answer,
        limit: f64,
        value: f64,
        (low, high): (f64, f64),
        n: u64,
    ) -> Estimate {
        match answer {
            Answer::Holds => self.estimate(value, low, high.min(limit), n),
            Answer::Broken => self.estimate(value, low.max(limit), high, n),
            Answer::Undecided => self.estimate(value, low, high, n),
        }
    }

    /// Rollouts that tell a mean from a limit, in two digits; `None` where they are the same.
    fn to_tell(self, mean: f64, limit: f64) -> Option<u64> {
        two_digits(values_to_tell(mean, limit, libm::exp(-self.log)))
    }

    /// About so many tell a mean from another that is so far away.
    fn to_tell_apart(self, gap: f64, variance: f64) -> Option<u64> {
        two_digits(2.0 * (self.log + 3.0) * variance / (gap * gap))
    }
}

/// A number of rollouts as somebody would say it; `None` where nobody would ever simulate so many.
fn two_digits(n: f64) -> Option<u64> {
    if !n.is_finite() || n > 1e15 {
        return None;
    }
    let unit = libm::pow(10.0, libm::floor(libm::log10(n.max(10.0))) - 1.0);
    Some((libm::ceil(n / unit) * unit) as u64)
}
