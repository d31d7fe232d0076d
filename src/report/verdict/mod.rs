//! Verdicts on budgets as plain data, and the forms in which others read them: JUnit XML, diagnostics (for SARIF and
//! annotations of GitHub Actions), and a job summary in Markdown.
//!
//! Nothing here decides anything: answers, intervals and places are handed over by whoever did.

mod human;
mod json;
mod junit;
mod notices;
mod summary;
#[cfg(test)]
mod tests;

pub use human::human;
pub use json::json;
pub use junit::junit;
pub use notices::{annotations, diagnostics, rules, sarif};
pub use summary::{MOST_BYTES, summary};

use super::diagnostic::{Diagnostic, Level, Place};
use super::quantity::Quantity;
use crate::stats::Estimate;

/// Whether a budget holds; the worst is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// It does not hold.
    Broken,
    /// The rollouts simulated cannot tell.
    Undecided,
    /// It holds.
    Holds,
}

impl Answer {
    /// One word for it.
    pub fn name(self) -> &'static str {
        match self {
            Answer::Broken => "broken",
            Answer::Undecided => "undecided",
            Answer::Holds => "holds",
        }
    }
}

/// How bad it is that a budget stays undecided (`--undecided`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// As good as holding.
    Pass,
    /// Worth a warning.
    Warn,
    /// As bad as broken.
    Fail,
}

/// One budget, judged for one strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The budget's name.
    pub budget: String,
    /// The strategy's name.
    pub strategy: String,
    /// Of which changes it speaks: `faulty`, `fault-free`, `all`, or a fault.
    pub given: String,
    /// What it keeps, as written: `p99(blast_radius) <= 10%`.
    pub keep: String,
    /// What `figure` is, as an expression: for a quantile the chance of more, `P(blast_radius > 10%)`.
    pub measured: String,
    /// What kind of number `figure` and `limit` are.
    pub quantity: Quantity,
    /// What the rollouts say, with the interval that the answer rests on.
    pub figure: Estimate,
    /// How much `figure` may be.
    pub limit: f64,
    /// The same figure under the strategy of this name in the files compared with (`--against`), where there are some.
    pub base: Option<Estimate>,
    /// What came of it.
    pub answer: Answer,
    /// Whether the answer's error level holds for many rollouts only, the metric being without bound.
    pub asymptotic: bool,
    /// Whether it holds because the strategy is the one it is compared with; the figures are for show then.
    pub unchanged: bool,
    /// Of an undecided one: how many rollouts would likely decide.
    pub rollouts_to_decide: Option<u64>,
    /// Of the strategy, wave or step that is responsible, else of the budget.
    pub place: Option<Place>,
    /// What drives a broken one, the most important first.
    pub drivers: Vec<String>,
    /// The first change to the strategy with which it would have held.
    pub change: Option<String>,
    /// Of a broken one: how far the search for such a change came.
    pub search: Option<Search>,
    /// The command that repeats the verdict.
    pub repeat: String,
}

/// How many changes were tried of those that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    /// Changes tried.
    pub tried: usize,
    /// Changes that there are.
    pub of: usize,
}

impl Verdict {
    /// The figure with its interval: `14.2% (13.1–15.3%)`.
    pub fn figure_text(&self) -> String {
        with_interval(self.quantity, self.figure)
    }

    /// What was found, in a sentence.
    pub fn sentence(&self) -> String {
        let answer = match self.answer {
            Answer::Broken => "does not hold",
            Answer::Undecided => "is undecided",
            Answer::Holds => "holds",
        };
        format!(
            "{} of {} changes {answer} for strategy {}: {} is {} after {} rollouts, limit {}{}",
            self.keep,
            self.given,
            self.strategy,
            self.measured,
            self.figure_text(),
            self.figure.n,
            self.quantity.text(self.limit),
            self.remarks(),
        )
    }

    /// What is special about the answer, each after a comma.
    pub(super) fn remarks(&self) -> String {
        let remark = |is: bool, word: &str| {
            if is {
                format!(", {word}")
            } else {
                String::new()
            }
        };
        remark(self.asymptotic, "asymptotic") + &remark(self.unchanged, "unchanged")
    }

    /// What else there is to say, a line each: drivers, the change that helps, more rollouts, the command.
    pub fn details(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some((first, others)) = self.drivers.split_first() {
            lines.push(format!("driven by: {first}"));
            lines.extend(others.iter().cloned());
        }
        if self.answer == Answer::Broken {
            let none = self.none_found();
            let change = self.change.as_deref().unwrap_or(&none);
            lines.push(format!("first change that would have passed: {change}"));
        }
        match (self.answer, self.rollouts_to_decide) {
            (Answer::Undecided, Some(n)) => {
                lines.push(format!("about {n} rollouts would decide: allow them with --runs {n}"));
            }
            (Answer::Undecided, None) => lines.push(
                "how many rollouts would decide is not known: --runs allows more, but a figure at its limit stays undecided"
                    .to_owned(),
            ),
            _ => {}
        }
        lines.push(format!("repeat: {}", self.repeat));
        lines
    }

    fn none_found(&self) -> String {
        match self.search {
            None => "not looked for".to_owned(),
            Some(Search { tried: 0, of }) if of > 0 => "not looked for".to_owned(),
            Some(Search { tried, of }) if tried < of => {
                format!("none found among the first {tried} of {of}; --search N tries more")
            }
            Some(Search { of, .. }) => format!("none found among {of}"),
        }
    }

    /// By how much of the limit the figure exceeds it; a limit of 0 is exceeded infinitely.
    fn excess(&self) -> f64 {
        match (self.figure.value, self.limit) {
            (0.0, 0.0) => 1.0,
            (value, limit) => value / limit,
        }
    }
}

/// Something that whoever asked has to look at.
enum Complaint<'a> {
    Budget(&'a Verdict),
    CannotFire(&'a Diagnostic),
}

/// Everything that one run judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// One for each budget and strategy, in any order.
    pub verdicts: Vec<Verdict>,
    /// Gates that cannot fire, where that is checked, too: each is as bad as a broken budget.
    pub cannot_fire: Vec<Diagnostic>,
    /// The chance with which all answers together are right, such as 0.99.
    pub confidence: f64,
    /// The seed.
    pub seed: u64,
    /// What it means that something stays undecided.
    pub undecided: Undecided,
}

impl Judgement {
    /// The verdicts, worst first: broken, undecided, holding, and each by its figure's share of the limit.
    pub fn worst_first(&self) -> Vec<&Verdict> {
        let mut verdicts: Vec<&Verdict> = self.verdicts.iter().collect();
        verdicts.sort_by(|a, b| {
            let by_excess = b.excess().total_cmp(&a.excess());
            a.answer.cmp(&b.answer).then(by_excess)
        });
        verdicts
    }

    /// All that does not hold or is undecided, the worst first: broken budgets, gates that cannot fire, undecided budgets.
    fn complaints(&self) -> Vec<Complaint<'_>> {
        let (broken, others): (Vec<_>, Vec<_>) = self
            .worst_first()
            .into_iter()
            .filter(|v| v.answer != Answer::Holds)
            .partition(|v| v.answer == Answer::Broken);
        let gates = self.cannot_fire.iter().map(Complaint::CannotFire);
        let broken = broken.into_iter().map(Complaint::Budget);
        let others = others.into_iter().map(Complaint::Budget);
        broken.chain(gates).chain(others).collect()
    }

    /// The same with every place changed: the consumers of forms name files from different folders.
    pub fn with_places(&self, change: impl Fn(&mut Place)) -> Judgement {
        let mut judgement = self.clone();
        let of_verdicts = judgement.verdicts.iter_mut().map(|v| &mut v.place);
        let of_gates = judgement.cannot_fire.iter_mut().map(|d| &mut d.place);
        of_verdicts.chain(of_gates).flatten().for_each(change);
        judgement
    }

    /// How many have this answer.
    pub fn count(&self, answer: Answer) -> usize {
        self.verdicts.iter().filter(|v| v.answer == answer).count()
    }

    /// How bad an answer is here; `None` is fine.
    pub fn level(&self, answer: Answer) -> Option<Level> {
        match (answer, self.undecided) {
            (Answer::Holds, _) => None,
            (Answer::Undecided, Undecided::Pass) => Some(Level::Note),
            (Answer::Undecided, Undecided::Warn) => Some(Level::Warning),
            (Answer::Undecided, Undecided::Fail) | (Answer::Broken, _) => Some(Level::Error),
        }
    }

    /// What came of it all, in a few words: `1 broken, 2 undecided, 3 hold`, and gates that cannot fire if there are some.
    pub fn headline(&self) -> String {
        let count = |answer| self.count(answer);
        if self.verdicts.is_empty() {
            return "nothing was checked".to_owned();
        }
        let gates = match self.cannot_fire.len() {
            0 => String::new(),
            1 => ", 1 gate cannot fire".to_owned(),
            n => format!(", {n} gates cannot fire"),
        };
        format!(
            "{} broken, {} undecided, {} hold{gates}",
            count(Answer::Broken),
            count(Answer::Undecided),
            count(Answer::Holds)
        )
    }
}

fn with_interval(quantity: Quantity, figure: Estimate) -> String {
    let value = quantity.text(figure.value);
    format!("{value} ({})", quantity.range(figure.low, figure.high))
}
