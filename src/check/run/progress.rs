//! The claims, and how far they are.

use super::super::claim::Claim;
use super::super::control::Control;
use super::super::draw::{Draw, Seen};
use super::super::drivers::{Drivers, Strategy, is_against};
use super::super::judge::{Answer, Judge, With};
use super::Judged;
use super::engines::{Engines, Stream};
use super::unchanged::unchanged;
use crate::outcome::Outcome;
use crate::plan::Plan;

/// Rollouts whose figures are good enough to be shown.
const SHOWN: u64 = 256;

/// The claims, and how far they are.
pub(super) struct Progress {
    pub judges: Vec<Judge>,
    answers: Vec<Answer>,
    /// Claims that a strategy is no worse than itself.
    pub is_unchanged: Vec<bool>,
    drivers: Vec<Drivers>,
    rollouts: Vec<u64>,
    /// Of each claim that takes weights, the scores that came.
    seen: Vec<Seen>,
    most: u64,
}

impl Progress {
    pub fn new(
        plan: &Plan,
        base: Option<&Plan>,
        claims: &[Claim],
        alpha: f64,
        most: u64,
    ) -> Progress {
        let judges: Vec<Judge> = claims.iter().map(|c| Judge::new(c, alpha)).collect();
        Progress {
            answers: judges.iter().map(Judge::answer).collect(),
            is_unchanged: unchanged(plan, base, claims),
            drivers: vec![Drivers::default(); claims.len()],
            rollouts: vec![0; claims.len()],
            seen: vec![Seen::default(); claims.len()],
            judges,
            most,
        }
    }

    /// Claims about good changes get forecasts, where these are cheap beside rollouts.
    pub fn begin_control(&mut self, engines: &Engines<'_>) {
        for (judge, (ours, _)) in self.judges.iter_mut().zip(&engines.of_claim) {
            if judge.wants_control() && engines.runners[*ours].engine.forecasts_pay() {
                judge.begin_control();
            }
        }
    }

    /// Whether more rollouts are wanted.
    pub fn is_open(&self, claim: usize) -> bool {
        let most = match self.is_unchanged[claim] {
            true => SHOWN.min(self.most),
            false => self.judges[claim].most().min(self.most),
        };
        let is_decided = !self.is_unchanged[claim] && self.answers[claim] != Answer::Undecided;
        !is_decided && self.rollouts[claim] < most && !self.judges[claim].population.is_empty()
    }

    /// Whether a claim is broken, or its figure is over the limit after some rollouts.
    pub fn looks_broken(&self, claim: usize) -> bool {
        let looks_so = || {
            let finding = self.judges[claim].finding();
            self.rollouts[claim] >= SHOWN && finding.figure.value > finding.limit
        };
        match self.answers[claim] {
            Answer::Holds => false,
            Answer::Broken => true,
            Answer::Undecided => looks_so(),
        }
    }

    pub fn decided(&self) -> usize {
        let is_decided = |c: &usize| self.is_unchanged[*c] || self.answers[*c] != Answer::Undecided;
        (0..self.answers.len()).filter(is_decided).count()
    }

    pub fn take(
        &mut self,
        claim: usize,
        (ours, base): (&[Outcome], Option<&[Outcome]>),
        controls: Option<&[Control]>,
        draw: &Draw,
        strategy: &Strategy<'_>,
    ) {
        let judge = &mut self.judges[claim];
        for (i, outcome) in ours.iter().enumerate() {
            let with = With {
                base: base.map(|b| &b[i]),
                control: controls.map(|c| c[i]),
            };
            judge.take(outcome, with, draw.weight(outcome.stratum));
        }
        let (score, against) = (judge.score(), judge.against());
        let crossing = strategy.program.crossing(against);
        for outcome in ours {
            let weight = draw.weight(outcome.stratum);
            // Where the question does not apply, a rollout speaks neither for nor against.
            let Some(x) = score.of(outcome) else {
                continue;
            };
            if judge.takes_weights() {
                self.seen[claim].add(outcome.stratum, x);
            }
            if is_against(against, outcome) {
                self.drivers[claim].add(outcome, strategy, crossing, weight);
            }
        }
        self.rollouts[claim] += ours.len() as u64;
        self.answers[claim] = judge.answer();
    }

    /// How to draw what is next of a stream, if otherwise than so far: as suits the claim that needs most. It rests on what
    /// came before alone, so bets stay fair.
    pub fn draw(&self, stream: &Stream) -> Option<Draw> {
        let open: Vec<usize> = stream
            .claims
            .iter()
            .copied()
            .filter(|&c| self.is_open(c))
            .collect();
        if stream.n < SHOWN || !open.iter().all(|&c| self.judges[c].takes_weights()) {
            return None;
        }
        let needs = |&c: &usize| {
            let finding = self.judges[c].finding();
            finding.rollouts_to_decide.unwrap_or(u64::MAX)
        };
        let neediest = open.into_iter().max_by_key(needs)?;
        Draw::where_it_varies(&stream.population, &self.seen[neediest])
    }

    pub fn judged(self) -> Vec<Judged> {
        let parts = self.judges.iter().zip(self.is_unchanged);
        let parts = parts.zip(self.rollouts).zip(self.drivers);
        parts
            .map(|(((judge, is_unchanged), rollouts), mut drivers)| {
                drivers.settle();
                let mut finding = judge.finding();
                if is_unchanged {
                    finding.answer = Answer::Holds;
                    finding.rollouts_to_decide = None;
                }
                Judged {
                    against: judge.against(),
                    may_be_against: judge.may_be_against(),
                    finding,
                    rollouts,
                    drivers,
                    is_unchanged,
                }
            })
            .collect()
    }
}
