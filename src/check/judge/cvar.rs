//! "The mean beyond a quantile is at most so much", of values from 0 to a bound.

use super::super::draw::Weight;
use super::super::score::{Score, value};
use super::{Answer, Enough, Finding, Judging, With};
use crate::outcome::Outcome;
use crate::stats::{Bets, MeanSequence, Tally, log_mean, mean_beyond};
use crate::summary::Metric;

/// Distinct values kept of a metric.
pub(super) const VALUES_KEPT: usize = 16_384;
/// Values between which the least of the upper bounds is looked for.
const CUTS: usize = 40;

/// The claim, and the bets on it.
///
/// It is the least of t + E(x - t)+ / w over all t, with w the part of the values that lies beyond (Rockafellar and Uryasev,
/// "Optimization of Conditional Value-at-Risk", Journal of Risk 2, 2000). So it is proved by any t for which that is at
/// most the limit: the bets on all cuts are averaged, for if the claim is false all of them are fair or worse. It is
/// refuted where all t are too large: between two cuts t is at least the lower and E(x - t)+ at least that of the upper, so
/// each pair of neighbours must be refuted.
///
/// Where part of the changes is known to be at 0, E is over the others and w the tail as a part of those.
#[derive(Debug)]
pub(super) struct Cvar {
    metric: Metric,
    /// w; more than 1 where the zeros that are known reach into the tail.
    tail: f64,
    at_most: f64,
    bound: f64,
    certain: Option<Answer>,
    cuts: Vec<f64>,
    proofs: Vec<Option<Bets>>,
    refutations: Vec<Option<Bets>>,
    excesses: Vec<MeanSequence>,
    values: Tally,
    n: u64,
    enough: Enough,
}

impl Cvar {
    pub fn new(metric: Metric, tail: f64, at_most: f64, bound: f64, enough: Enough) -> Cvar {
        let cuts = cuts(at_most.clamp(0.0, bound));
        let target = |t: f64, least: f64| (at_most - least) * tail / (bound - t);
        let bets = |t: f64, least: f64| {
            let target = target(t, least);
            (target > 0.0 && target < 1.0).then(|| Bets::on(target))
        };
        // No excess is more than the bound's.
        let is_reached_by_none = at_most >= bound || cuts.iter().any(|&t| target(t, t) >= 1.0);
        let certain = match at_most {
            x if x < 0.0 => Some(Answer::Broken),
            _ if is_nothing_left(tail) || is_reached_by_none => Some(Answer::Holds),
            _ => None,
        };
        // The least of all upper ends holds only if each does.
        let level = 1.0 - (1.0 - enough.level()) / CUTS as f64;
        Cvar {
            metric,
            tail,
            at_most,
            bound,
            certain,
            proofs: cuts.iter().map(|&t| bets(t, t)).collect(),
            refutations: cuts.windows(2).map(|w| bets(w[1], w[0])).collect(),
            excesses: cuts.iter().map(|_| MeanSequence::new(level)).collect(),
            cuts,
            values: Tally::new(VALUES_KEPT),
            n: 0,
            enough,
        }
    }

    fn excess(&self, x: f64, t: f64) -> f64 {
        if t >= self.bound {
            return 0.0;
        }
        ((x - t) / (self.bound - t)).clamp(0.0, 1.0)
    }

    /// The interval of the mean beyond.
    fn interval(&self) -> (f64, f64) {
        if is_nothing_left(self.tail) {
            return (0.0, 0.0);
        }
        let most = |i: usize| {
            let t = self.cuts[i];
            t + self.excesses[i].interval().1 * (self.bound - t) / self.tail
        };
        let least = |i: usize| {
            let excess = self.excesses[i].interval().0 * (self.bound - self.cuts[i]);
            self.cuts[i - 1] + excess / self.tail
        };
        let high = (0..self.cuts.len()).map(most).fold(self.bound, f64::min);
        // Beyond the last cut t alone is at least that.
        let last = self.cuts.last().copied().unwrap_or(0.0);
        let low = (1..self.cuts.len()).map(least).fold(last, f64::min);
        (low, high)
    }
}

impl Judging for Cvar {
    fn take(&mut self, outcome: &Outcome, _: With<'_>, _: Weight) {
        self.n += 1;
        let Some(x) = value(self.metric.reading(outcome)) else {
            return;
        };
        self.values.add(x);
        for i in 0..self.cuts.len() {
            let excess = self.excess(x, self.cuts[i]);
            self.excesses[i].take(excess);
            if let Some(bets) = &mut self.proofs[i] {
                bets.take(excess);
            }
            if let Some(Some(bets)) = i.checked_sub(1).map(|j| &mut self.refutations[j]) {
                bets.take(excess);
            }
        }
    }

    fn answer(&self) -> Answer {
        if let Some(certain) = self.certain {
            return certain;
        }
        if self.at_most == 0.0 {
            // A single value above 0 refutes it, and nothing proves it.
            let is_any_more = self.values.n() > self.values.distribution().at_most(0.0);
            return if is_any_more {
                Answer::Broken
            } else {
                Answer::Undecided
            };
        }
        let proofs: Vec<f64> = self
            .proofs
            .iter()
            .flatten()
            .map(Bets::log_for_less)
            .collect();
        let refutations = self.refutations.iter();
        let refutation = refutations
            .map(|bets| bets.as_ref().map_or(f64::NEG_INFINITY, Bets::log_for_more))
            .fold(f64::INFINITY, f64::min);
        self.enough.answer(log_mean(proofs.into_iter()), refutation)
    }

    fn finding(&self) -> Finding {
        let answer = self.answer();
        let figure = mean_beyond(&self.values.distribution(), self.tail);
        let value = figure.map_or(0.0, |beyond| beyond.value.min(self.bound));
        Finding {
            answer,
            figure: self
                .enough
                .answered(answer, self.at_most, value, self.interval(), self.n),
            limit: self.at_most,
            base: None,
            rollouts_to_decide: None,
        }
    }

    fn against(&self) -> Score {
        Score::Beyond {
            metric: self.metric,
            over: self.at_most,
            inclusive: false,
        }
    }
}

/// Whether all changes are known to be at 0.
fn is_nothing_left(tail: f64) -> bool {
    tail.is_infinite()
}

/// Values t from 0 to the limit, finer towards 0.
fn cuts(limit: f64) -> Vec<f64> {
    let part = |i: usize| i as f64 / (CUTS - 1) as f64;
    (0..CUTS).map(|i| limit * part(i) * part(i)).collect()
}
