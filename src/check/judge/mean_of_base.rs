//! "The mean of a score is at most so many times the base's", on pairs.

use super::super::draw::Weight;
use super::super::score::Score;
use super::average::Average;
use super::{Answer, Enough, Finding, Judging, With};
use crate::outcome::Outcome;
use crate::stats::{Bets, Moments, log_mean};

/// The claim, and the bets on it.
///
/// Of a pair the bets are on (x - f y + f) / (1 + f), whose mean is at most f / (1 + f) if the claim is so. It is so as well
/// where the mean is at most the least that matters: the money is divided between the two ways to prove it, and both must
/// be refuted.
#[derive(Debug)]
pub(super) struct MeanOfBase {
    score: Score,
    factor: f64,
    least: f64,
    /// The part of all changes that is not known to be at 0.
    part: f64,
    on_pairs: Bets,
    /// `None` where no mean but 0 is too little to matter.
    on_least: Option<Bets>,
    is_certain: bool,
    ours: Average,
    base: Average,
    gaps: Moments,
    enough: Enough,
}

impl MeanOfBase {
    pub fn new(score: Score, factor: f64, least: f64, part: f64, enough: Enough) -> MeanOfBase {
        let of_part = least / part;
        MeanOfBase {
            score,
            factor,
            least,
            part,
            on_pairs: Bets::on(factor / (1.0 + factor)),
            on_least: (of_part > 0.0 && of_part < 1.0).then(|| Bets::on(of_part)),
            is_certain: part <= 0.0 || of_part >= 1.0,
            ours: Average::of(score, enough),
            base: Average::of(score, enough),
            gaps: Moments::default(),
            enough,
        }
    }
}

impl Judging for MeanOfBase {
    fn take(&mut self, outcome: &Outcome, with: With<'_>, _: Weight) {
        let base = with.base.expect("a claim about a base gets its rollouts");
        let (Some(x), Some(y)) = (self.score.of(outcome), self.score.of(base)) else {
            return;
        };
        let z = (x - self.factor * y + self.factor) / (1.0 + self.factor);
        self.on_pairs.take(z.clamp(0.0, 1.0));
        if let Some(bets) = &mut self.on_least {
            bets.take(x);
        }
        self.gaps.add(x - self.factor * y);
        self.ours.take(x, 1.0);
        self.base.take(y, 1.0);
    }

    fn answer(&self) -> Answer {
        if self.is_certain {
            return Answer::Holds;
        }
        let (less, more) = (self.on_pairs.log_for_less(), self.on_pairs.log_for_more());
        match &self.on_least {
            None => self.enough.answer(less, more),
            Some(bets) => self.enough.answer(
                log_mean([less, bets.log_for_less()].into_iter()),
                more.min(bets.log_for_more()),
            ),
        }
    }

    fn finding(&self) -> Finding {
        let answer = self.answer();
        let of = |average: &Average| {
            let whole = |x: f64| self.score.scaled(self.part * x);
            let (value, (low, high)) = average.of_all(whole);
            self.enough.estimate(value, low, high, average.n())
        };
        let base = of(&self.base);
        Finding {
            answer,
            figure: of(&self.ours),
            limit: (self.factor * base.value).max(self.score.scaled(self.least)),
            base: Some(base),
            // Where the mean gap is so many standard errors from 0.
            rollouts_to_decide: (answer == Answer::Undecided)
                .then(|| {
                    let gap = self.gaps.mean()?;
                    self.enough.to_tell_apart(gap, self.gaps.variance()?)
                })
                .flatten(),
        }
    }

    fn may_be_against(&self) -> Option<f64> {
        let limit = (self.factor * self.base.mean()).max(self.least / self.part);
        self.ours.is_of_chance().then_some(limit)
    }

    fn score(&self) -> Score {
        self.score
    }

    fn against(&self) -> Score {
        self.score
            .more_than(self.factor * self.part * self.base.mean())
    }
}
