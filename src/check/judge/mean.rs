//! "The mean of a score is at most so much."

use super::super::control::{Control, from_unit, to_unit};
use super::super::draw::Weight;
use super::super::score::{Known, Score, always_applies};
use super::average::Average;
use super::{Answer, Enough, Finding, Judging, With};
use crate::outcome::Outcome;
use crate::plan::Stratum;
use crate::stats::{Bets, MeanSequence, Moments, log_mean};

/// The claim, and the bets on it.
///
/// With known strata set aside: for the rest, of weight R, the claim is that the mean of (score - a), 0 where it does not
/// apply, is at most -K, with K the sum of the known ones over R. So the bets are on score or a, with the target a - K.
#[derive(Debug)]
pub(super) struct Mean {
    score: Score,
    at_most: f64,
    /// `None` where there is nothing to bet on: the answer is known, or the target is 0.
    bets: Option<Bets>,
    certain: Option<Answer>,
    target: f64,
    /// What the known strata add to the figure, and the weight of the rest.
    known: f64,
    rest: f64,
    average: Average,
    /// Rollouts, those to which the score does not apply, too.
    n: u64,
    /// Whether anything was more than nothing.
    is_any_more: bool,
    /// The most that a rollout counts, by now.
    most: f64,
    /// The same with scores corrected by forecasts, where there are any.
    corrected: Option<Corrected>,
    enough: Enough,
}

/// Of the money, what is bet on corrected scores. The rest is bet on scores as they are: nobody knows before whether
/// forecasts are worth anything.
const ON_CORRECTED: f64 = 0.75;

/// Bets on corrected scores.
#[derive(Debug)]
struct Corrected {
    bets: Bets,
    scores: Moments,
    /// Of the scores as a share of the way that they can go.
    sequence: MeanSequence,
}

impl Mean {
    pub fn new(score: Score, at_most: f64, population: &[(Stratum, f64)], enough: Enough) -> Mean {
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
        let applying = (1.0 - left_out).max(f64::MIN_POSITIVE);
        let certain = match rest {
            0.0 if known / applying <= at_most => Some(Answer::Holds),
            0.0 => Some(Answer::Broken),
            // Sums of weights may be a hair off.
            _ if target >= 1.0 - 1e-12 => Some(Answer::Holds),
            _ if target < 0.0 => Some(Answer::Broken),
            _ => None,
        };
        Mean {
            score,
            at_most,
            bets: (certain.is_none() && target > 0.0).then(|| Bets::on(target)),
            certain,
            target,
            known: known / applying,
            rest: rest / applying,
            average: Average::of(score, enough),
            n: 0,
            is_any_more: false,
            most: 1.0,
            corrected: None,
            enough,
        }
    }

    /// What the better has by now whose bets, on corrected scores too, are read so.
    fn wealth(&self, bets: &Bets, log: impl Fn(&Bets) -> f64) -> f64 {
        match &self.corrected {
            Some(corrected) => {
                let parts = [
                    libm::log(1.0 - ON_CORRECTED) + log(bets),
                    libm::log(ON_CORRECTED) + log(&corrected.bets),
                ];
                // The sum of both, which is twice their mean.
                log_mean(parts.into_iter()) + std::f64::consts::LN_2
            }
            None => log(bets),
        }
    }

    /// What is known of corrected scores, where the question applies to all.
    fn corrected(&self) -> Option<&Corrected> {
        let applies = self.average.n() == self.n;
        self.corrected.as_ref().filter(|_| applies)
    }

    /// The same, and their variance, where they vary less.
    fn better(&self) -> Option<(&Corrected, f64)> {
        let corrected = self.corrected()?;
        let variance = corrected.scores.variance()?;
        (variance < self.average.variance()?).then_some((corrected, variance))
    }

    /// The mean of the rest and its interval.
    fn mean(&self) -> (f64, (f64, f64)) {
        let (mean, (low, high)) = (self.average.mean(), self.average.interval());
        let Some(corrected) = self.corrected() else {
            return (mean, (low, high));
        };
        let sequence = corrected.sequence.interval();
        let (low, high) = (
            low.max(from_unit(sequence.0)),
            high.min(from_unit(sequence.1)),
        );
        let better = self.better().and_then(|(c, _)| c.scores.mean());
        (better.unwrap_or(mean).clamp(0.0, 1.0), (low, high))
    }

    fn to_decide(&self) -> Option<u64> {
        if let Some((_, variance)) = self.better() {
            let gap = self.mean().0 - self.target;
            return self.enough.to_tell_apart(gap, variance);
        }
        if let Some(variance) = self.average.variance_if_weighted() {
            return self
                .enough
                .to_tell_apart(self.average.mean() - self.target, variance);
        }
        let of_applying = self.enough.to_tell(self.average.mean(), self.target)?;
        let applying = self.average.n() as f64 / self.n.max(1) as f64;
        super::two_digits(of_applying as f64 / applying)
    }
}

impl Judging for Mean {
    fn take(&mut self, outcome: &Outcome, with: With<'_>, weight: Weight) {
        self.n += 1;
        let score = self.score.of(outcome);
        if let Some(x) = score {
            self.average.take(x, weight.counts);
        }
        let z = score.unwrap_or(self.at_most.clamp(0.0, 1.0));
        self.is_any_more |= z > 0.0;
        if let Some(bets) = &mut self.bets {
            // A mean of values that count more or less is that of changes as they come, over the most that one counts.
            if weight.most != self.most {
                self.most = weight.most;
                bets.retarget(self.target / weight.most);
            }
            bets.take((z * weight.counts / weight.most).min(1.0));
        }
        if let (Some(corrected), Some(control)) = (&mut self.corrected, with.control) {
            corrected.take(z, control);
        }
    }

    fn wants_control(&self) -> bool {
        self.bets.is_some()
    }

    fn begin_control(&mut self) {
        self.corrected = Some(Corrected {
            bets: Bets::in_short(to_unit(self.target)),
            scores: Moments::default(),
            sequence: MeanSequence::new(self.enough.halved().level()),
        });
        self.average = Average::of(self.score, self.enough.halved());
    }

    fn takes_weights(&self) -> bool {
        match self.score {
            Score::Ending(_) => true,
            Score::Beyond { metric, .. } | Score::Value { metric, .. } => {
                always_applies(metric) && metric.unit() != "s"
            }
        }
    }

    fn answer(&self) -> Answer {
        match (&self.bets, self.certain) {
            (_, Some(certain)) => certain,
            (Some(bets), None) => self.enough.answer(
                self.wealth(bets, Bets::log_for_less),
                self.wealth(bets, Bets::log_for_more),
            ),
            // At most 0: a single one refutes it, and nothing proves it.
            (None, None) if self.is_any_more => Answer::Broken,
            (None, None) => Answer::Undecided,
        }
    }

    fn finding(&self) -> Finding {
        let answer = self.answer();
        let score = self.score;
        let whole = |x: f64| score.scaled(self.known + self.rest * x);
        let (value, (low, high)) = self.mean();
        let (value, interval) = (whole(value), (whole(low), whole(high)));
        let limit = score.scaled(self.at_most);
        Finding {
            answer,
            figure: self.enough.answered(answer, limit, value, interval, self.n),
            limit,
            base: None,
            rollouts_to_decide: (answer == Answer::Undecided)
                .then(|| self.to_decide())
                .flatten(),
        }
    }

    fn may_be_against(&self) -> Option<f64> {
        let is_about_all = self.average.is_of_chance() && self.average.n() == self.n;
        is_about_all.then_some(self.target)
    }

    fn score(&self) -> Score {
        self.score
    }

    fn against(&self) -> Score {
        self.score.more_than(self.at_most)
    }
}

impl Corrected {
    fn take(&mut self, score: f64, control: Control) {
        let corrected = control.corrects(score);
        self.scores.add(corrected);
        self.bets.take(to_unit(corrected));
        self.sequence.take(to_unit(corrected));
    }
}
