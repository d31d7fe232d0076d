//! One claim, and what the rollouts so far say of it.

use super::claim::{Claim, Kind, cuts};
use super::pairs::PairedQuantile;
use super::score::{Known, Score, value};
use crate::outcome::Outcome;
use crate::plan::Stratum;
use crate::stats::{
    Bets, Estimate, MeanSequence, Moments, Tally, asymptotic_half_width, chance_interval, log_mean,
    values_to_tell,
};
use crate::summary::Metric;

/// Distinct values kept of a metric.
const VALUES_KEPT: usize = 16_384;
/// Rollouts before a verdict "in the limit of many".
const MANY: u64 = 1_000;

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

/// Judges one claim, rollout by rollout.
#[derive(Debug)]
pub(super) struct Judge {
    /// Strata to simulate, with the chance of each.
    pub population: Vec<(Stratum, f64)>,
    state: State,
    /// What the logarithm of a wealth has to reach.
    log_enough: f64,
    n: u64,
}

#[derive(Debug)]
enum State {
    Mean(Mean),
    Cvar(Cvar),
    Unbounded(Unbounded),
    Quantile(PairedQuantile),
    OfBase(OfBase),
}

impl Judge {
    /// Of a claim, where the chance of a wrong answer is to be at most `alpha`.
    pub fn new(claim: &Claim, alpha: f64) -> Judge {
        let mut population = claim.population.clone();
        let state = match &claim.of {
            Kind::Mean { score, at_most } => {
                let mean = Mean::new(*score, *at_most, &population);
                population.retain(|(s, _)| score.known(*s) == Known::Nothing);
                let rest: f64 = population.iter().map(|(_, w)| w).sum();
                population.iter_mut().for_each(|(_, w)| *w /= rest);
                State::Mean(mean)
            }
            Kind::Cvar {
                metric,
                p,
                at_most,
                bounds,
            } => State::Cvar(Cvar::new(*metric, *p, *at_most, *bounds, alpha)),
            Kind::Unbounded {
                metric,
                beyond,
                at_most,
            } => State::Unbounded(Unbounded {
                metric: *metric,
                beyond: *beyond,
                at_most: *at_most,
                level: 1.0 - alpha,
                moments: Moments::default(),
                values: Tally::new(VALUES_KEPT),
                has_never: false,
            }),
            Kind::QuantileOfBase { metric, p, factor } => {
                State::Quantile(PairedQuantile::new(*metric, *p, *factor))
            }
            Kind::MeanOfBase { score, factor } => State::OfBase(OfBase {
                score: *score,
                factor: *factor,
                bets: Bets::on(factor / (1.0 + factor)),
                ours: MeanSequence::new(1.0 - alpha),
                base: MeanSequence::new(1.0 - alpha),
            }),
        };
        Judge {
            population,
            state,
            log_enough: libm::log(1.0 / alpha),
            n: 0,
        }
    }

    /// Whether it needs the base's rollouts.
    pub fn needs_base(&self) -> bool {
        matches!(self.state, State::Quantile(_) | State::OfBase(_))
    }

    /// Takes a rollout, and with it the same one of the base where that is needed.
    pub fn take(&mut self, outcome: &Outcome, base: Option<&Outcome>) {
        self.n += 1;
        match (&mut self.state, base) {
            (State::Mean(mean), _) => mean.take(outcome),
            (State::Cvar(cvar), _) => cvar.take(outcome),
            (State::Unbounded(unbounded), _) => unbounded.take(outcome),
            (State::Quantile(pairs), Some(base)) => pairs.take(outcome, base),
            (State::OfBase(of_base), Some(base)) => of_base.take(outcome, base),
            (State::Quantile(_) | State::OfBase(_), None) => {
                unreachable!("a claim about a base gets its rollouts")
            }
        }
    }

    /// Whether a rollout is one of those that the claim says are few.
    pub fn counts_against(&self, outcome: &Outcome) -> bool {
        let score = match &self.state {
            State::Mean(mean) => mean.score,
            State::OfBase(of_base) => of_base.score,
            State::Cvar(cvar) => {
                let over = cvar.at_most;
                let metric = cvar.metric;
                Score::Beyond {
                    metric,
                    over,
                    inclusive: false,
                }
            }
            State::Unbounded(u) => {
                let (metric, over) = (u.metric, u.at_most);
                Score::Beyond {
                    metric,
                    over,
                    inclusive: false,
                }
            }
            State::Quantile(pairs) => {
                let (metric, over) = (pairs.metric(), pairs.limit());
                Score::Beyond {
                    metric,
                    over,
                    inclusive: false,
                }
            }
        };
        score.of(outcome).is_some_and(|x| x > 0.5)
    }

    /// Whether it is so, by now: all that a look needs.
    pub fn answer(&self) -> Answer {
        match &self.state {
            State::Mean(mean) => mean.answer(self.log_enough),
            State::Quantile(pairs) => pairs.answer(self.log_enough),
            _ => self.finding().answer,
        }
    }

    /// What is known.
    pub fn finding(&self) -> Finding {
        match &self.state {
            State::Mean(mean) => mean.finding(self.n, self.log_enough),
            State::Cvar(cvar) => cvar.finding(self.n, self.log_enough),
            State::Unbounded(unbounded) => unbounded.finding(),
            State::Quantile(pairs) => pairs.finding(self.log_enough),
            State::OfBase(of_base) => of_base.finding(self.n, self.log_enough),
        }
    }
}

/// What bets say of "at most".
pub(super) fn answer(log_for_less: f64, log_for_more: f64, log_enough: f64) -> Answer {
    match (log_for_less >= log_enough, log_for_more >= log_enough) {
        (true, false) => Answer::Holds,
        (false, true) => Answer::Broken,
        _ => Answer::Undecided,
    }
}

/// Rollouts that tell a mean from a limit, in two digits; `None` where they are the same.
pub(super) fn to_decide(mean: f64, limit: f64, log_enough: f64) -> Option<u64> {
    let n = values_to_tell(mean, limit, libm::exp(-log_enough));
    if !n.is_finite() || n > 1e15 {
        return None;
    }
    let unit = libm::pow(10.0, libm::floor(libm::log10(n.max(10.0))) - 1.0);
    Some((libm::ceil(n / unit) * unit) as u64)
}

/// "The mean of a score is at most so much."
///
/// With known strata set aside: for the rest, of weight R, the claim is that the mean of (score - a), 0 where it does not
/// apply, is at most -K, with K the sum of the known ones over R. So the bets are on score or a, with the target a - K.
#[derive(Debug)]
struct Mean {
    score: Score,
    at_most: f64,
    /// `None` where there is nothing to bet on: the answer is known.
    bets: Option<Bets>,
    certain: Option<Answer>,
    target: f64,
    /// What the known strata add to the figure, and the weight of the rest.
    known: f64,
    rest: f64,
    applies: u64,
    ones: u64,
    is_chance: bool,
    sequence: MeanSequence,
}

impl Mean {
    fn new(score: Score, at_most: f64, population: &[(Stratum, f64)]) -> Mean {
        let (mut known, mut off, mut rest, mut left_out) = (0.0, 0.0, 0.0, 0.0);
        for &(stratum, weight) in population {
            match score.known(stratum) {
                Known::Always(x) => {
                    known += weight * x;
                    off += weight * (x - at_most);
                }
                Known::DoesNotApply => left_out += weight,
                Known::Nothing => rest += weight,
            }
        }
        let target = if rest > 0.0 {
            at_most - off / rest
        } else {
            at_most
        };
        let certain = if rest == 0.0 {
            Some(if known <= at_most {
                Answer::Holds
            } else {
                Answer::Broken
            })
        } else if target >= 1.0 {
            Some(Answer::Holds)
        } else if target < 0.0 {
            Some(Answer::Broken)
        } else {
            None
        };
        let applying = 1.0 - left_out;
        Mean {
            score,
            at_most,
            bets: (certain.is_none() && target > 0.0).then(|| Bets::on(target)),
            certain,
            target,
            known: if applying > 0.0 {
                known / applying
            } else {
                0.0
            },
            rest: if applying > 0.0 { rest / applying } else { 0.0 },
            applies: 0,
            ones: 0,
            is_chance: matches!(score, Score::Ending(_) | Score::Beyond { .. }),
            sequence: MeanSequence::new(0.99),
        }
    }

    fn take(&mut self, outcome: &Outcome) {
        let score = self.score.of(outcome);
        if let Some(x) = score {
            self.applies += 1;
            self.ones += u64::from(x == 1.0);
            if !self.is_chance {
                self.sequence.take(x);
            }
        }
        if let Some(bets) = &mut self.bets {
            bets.take(score.unwrap_or(self.at_most.clamp(0.0, 1.0)));
        }
    }

    fn answer(&self, log_enough: f64) -> Answer {
        match (&self.bets, self.certain) {
            (_, Some(certain)) => certain,
            (Some(bets), None) => answer(bets.log_for_less(), bets.log_for_more(), log_enough),
            // At most 0: a single one refutes it, and nothing proves it.
            (None, None) if self.ones > 0 => Answer::Broken,
            (None, None) => Answer::Undecided,
        }
    }

    fn finding(&self, n: u64, log_enough: f64) -> Finding {
        let answer = self.answer(log_enough);
        let (mean, (low, high)) = if self.is_chance {
            let mean = self.ones as f64 / self.applies.max(1) as f64;
            (mean, chance_interval(self.ones, self.applies, log_enough))
        } else {
            (
                self.sequence.mean().unwrap_or(0.0),
                self.sequence.interval(),
            )
        };
        let is_known = self.rest == 0.0;
        let whole = |x: f64| self.known + self.rest * x;
        let scale = |x: f64| match self.score {
            Score::Value { low, high, .. } => low + whole(x) * (high - low),
            _ => whole(x),
        };
        let limit = match self.score {
            Score::Value { low, high, .. } => low + self.at_most * (high - low),
            _ => self.at_most,
        };
        let (mut low, mut high) = (scale(low), scale(high));
        // The answer is a bound as well.
        match answer {
            Answer::Holds => high = high.min(limit).max(scale(mean)),
            Answer::Broken => low = low.max(limit).min(scale(mean)),
            Answer::Undecided => {}
        }
        if is_known {
            (low, high) = (scale(0.0), scale(0.0));
        }
        Finding {
            answer,
            figure: estimate(scale(mean), low, high, log_enough, n),
            limit,
            base: None,
            rollouts_to_decide: (answer == Answer::Undecided)
                .then(|| to_decide(mean, self.target, log_enough))
                .flatten(),
        }
    }
}

fn estimate(value: f64, low: f64, high: f64, log_enough: f64, n: u64) -> Estimate {
    Estimate {
        value,
        low,
        high,
        level: 1.0 - libm::exp(-log_enough),
        n,
    }
}

/// "The mean beyond a quantile is at most so much", of values with bounds.
///
/// It is the least of t + E(x - t)+ / (1 - p) over all t (Rockafellar and Uryasev, "Optimization of Conditional
/// Value-at-Risk", Journal of Risk 2, 2000). So it is proved by any t for which that is at most the limit: the bets on all
/// cuts are averaged, for if the claim is false all of them are fair or worse. It is refuted where all t are too large:
/// between two cuts t is at least the lower and E(x - t)+ at least that of the upper, so each pair of neighbours must be
/// refuted.
#[derive(Debug)]
struct Cvar {
    metric: Metric,
    p: f64,
    at_most: f64,
    bounds: (f64, f64),
    cuts: Vec<f64>,
    proofs: Vec<Option<Bets>>,
    refutations: Vec<Option<Bets>>,
    excesses: Vec<MeanSequence>,
    values: Tally,
}

impl Cvar {
    fn new(metric: Metric, p: f64, at_most: f64, bounds: (f64, f64), alpha: f64) -> Cvar {
        let cuts = cuts(bounds.0, at_most.min(bounds.1));
        let bets = |t: f64, least: f64| {
            let target = (at_most - least) * (1.0 - p) / (bounds.1 - t);
            (target > 0.0 && target < 1.0).then(|| Bets::on(target))
        };
        Cvar {
            metric,
            p,
            at_most,
            bounds,
            proofs: cuts.iter().map(|&t| bets(t, t)).collect(),
            refutations: cuts.windows(2).map(|w| bets(w[1], w[0])).collect(),
            excesses: cuts
                .iter()
                .map(|_| MeanSequence::new(1.0 - alpha))
                .collect(),
            cuts,
            values: Tally::new(VALUES_KEPT),
        }
    }

    fn excess(&self, x: f64, t: f64) -> f64 {
        if t >= self.bounds.1 {
            return 0.0;
        }
        ((x - t) / (self.bounds.1 - t)).clamp(0.0, 1.0)
    }

    fn take(&mut self, outcome: &Outcome) {
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

    fn finding(&self, n: u64, log_enough: f64) -> Finding {
        let certain = self.at_most >= self.bounds.1;
        let proofs: Vec<f64> = self
            .proofs
            .iter()
            .flatten()
            .map(Bets::log_for_less)
            .collect();
        let proof = log_mean(proofs.iter().copied());
        let refutation = self.refutations.iter();
        let refutation = refutation
            .map(|bets| bets.as_ref().map_or(f64::NEG_INFINITY, Bets::log_for_more))
            .fold(f64::INFINITY, f64::min);
        let answer = if certain {
            Answer::Holds
        } else {
            answer(proof, refutation, log_enough)
        };
        let reach = |t: f64, excess: f64| t + excess * (self.bounds.1 - t) / (1.0 - self.p);
        let high = self.excesses.iter().zip(&self.cuts);
        let high = high
            .map(|(e, &t)| reach(t, e.interval().1))
            .fold(self.bounds.1, f64::min);
        let low = (1..self.cuts.len()).map(|i| {
            let excess = self.excesses[i].interval().0 * (self.bounds.1 - self.cuts[i]);
            self.cuts[i - 1] + excess / (1.0 - self.p)
        });
        let low = low.fold(self.at_most.max(self.bounds.0), f64::min);
        let figure = self.of_values().unwrap_or(0.0);
        let (mut low, mut high) = (low.min(figure), high.max(figure));
        match answer {
            Answer::Holds => high = high.min(self.at_most).max(figure),
            Answer::Broken => low = low.max(self.at_most).min(figure),
            Answer::Undecided => {}
        }
        Finding {
            answer,
            figure: estimate(figure, low, high, log_enough, n),
            limit: self.at_most,
            base: None,
            rollouts_to_decide: None,
        }
    }

    /// The mean beyond the quantile of what came.
    fn of_values(&self) -> Option<f64> {
        cvar(&self.values, self.p)
    }
}

/// The mean of the values beyond a quantile, an atom there split.
fn cvar(values: &Tally, p: f64) -> Option<f64> {
    let mut values = values.clone();
    values.settle();
    let d = values.distribution();
    if d.n() == 0 {
        return None;
    }
    let n = d.n() as f64;
    let rank = (libm::ceil(p * n - 1e-9) as u64).clamp(1, d.n());
    let quantile = d.of_rank(rank);
    let mut before = 0;
    let mut excess = 0.0;
    for &v in d.values() {
        let up_to = d.at_most(v);
        excess += (up_to - before) as f64 * (v - quantile).max(0.0);
        before = up_to;
    }
    Some(quantile + excess / n / (1.0 - p))
}

/// "The mean is at most so much", of values without a bound: in the limit of many rollouts.
#[derive(Debug)]
struct Unbounded {
    metric: Metric,
    beyond: Option<f64>,
    at_most: f64,
    level: f64,
    moments: Moments,
    values: Tally,
    has_never: bool,
}

impl Unbounded {
    fn take(&mut self, outcome: &Outcome) {
        match value(self.metric.reading(outcome)) {
            Some(x) if x.is_finite() => {
                self.moments.add(x);
                self.values.add(x);
            }
            Some(_) => self.has_never = true,
            None => {}
        }
    }

    fn finding(&self) -> Finding {
        let n = self.moments.n();
        let (mean, variance) = match self.beyond {
            None => (self.moments.mean(), self.moments.variance()),
            Some(p) => self.beyond(p),
        };
        let mean = mean.unwrap_or(0.0);
        let half = asymptotic_half_width(n, variance.unwrap_or(f64::INFINITY), self.level);
        let (low, high) = ((mean - half).max(0.0), mean + half);
        let answer = match (n >= MANY, high <= self.at_most, low > self.at_most) {
            _ if self.beyond.is_some() && self.has_never => Answer::Broken,
            (true, true, _) => Answer::Holds,
            (true, _, true) => Answer::Broken,
            _ => Answer::Undecided,
        };
        let off = (mean - self.at_most).abs();
        let wanted = n as f64 * (half / off) * (half / off);
        Finding {
            answer,
            figure: Estimate {
                value: mean,
                low,
                high,
                level: self.level,
                n,
            },
            limit: self.at_most,
            base: None,
            rollouts_to_decide: (answer == Answer::Undecided
                && wanted.is_finite()
                && wanted < 1e15)
                .then_some(wanted as u64),
        }
    }

    /// Mean and variance of q + (x - q)+ / (1 - p), of which the mean beyond the quantile q is the mean.
    fn beyond(&self, p: f64) -> (Option<f64>, Option<f64>) {
        let mut values = self.values.clone();
        values.settle();
        let d = values.distribution();
        if d.n() == 0 {
            return (None, None);
        }
        let n = d.n() as f64;
        let quantile = d.of_rank((libm::ceil(p * n - 1e-9) as u64).clamp(1, d.n()));
        let (mut before, mut sum, mut squares) = (0, 0.0, 0.0);
        for &v in d.values() {
            let count = (d.at_most(v) - before) as f64;
            let x = quantile + (v - quantile).max(0.0) / (1.0 - p);
            sum += count * x;
            squares += count * x * x;
            before = d.at_most(v);
        }
        let mean = sum / n;
        (Some(mean), Some((squares / n - mean * mean).max(0.0)))
    }
}

/// "The mean of a score is at most so many times the base's", on pairs.
///
/// Of a pair the bets are on (x - f y + f) / (1 + f), whose mean is at most f / (1 + f) if the claim is so.
#[derive(Debug)]
struct OfBase {
    score: Score,
    factor: f64,
    bets: Bets,
    ours: MeanSequence,
    base: MeanSequence,
}

impl OfBase {
    fn take(&mut self, outcome: &Outcome, base: &Outcome) {
        let (Some(x), Some(y)) = (self.score.of(outcome), self.score.of(base)) else {
            return;
        };
        let z = (x - self.factor * y + self.factor) / (1.0 + self.factor);
        self.bets.take(z.clamp(0.0, 1.0));
        self.ours.take(x);
        self.base.take(y);
    }

    fn finding(&self, n: u64, log_enough: f64) -> Finding {
        let answer = answer(
            self.bets.log_for_less(),
            self.bets.log_for_more(),
            log_enough,
        );
        let scale = |x: f64| match self.score {
            Score::Value { low, high, .. } => low + x * (high - low),
            _ => x,
        };
        let of = |sequence: &MeanSequence| {
            let (low, high) = sequence.interval();
            let mean = sequence.mean().unwrap_or(0.0);
            estimate(
                scale(mean),
                scale(low.min(mean)),
                scale(high.max(mean)),
                log_enough,
                n,
            )
        };
        let base = of(&self.base);
        Finding {
            answer,
            figure: of(&self.ours),
            limit: self.factor * base.value,
            base: Some(base),
            rollouts_to_decide: None,
        }
    }
}
