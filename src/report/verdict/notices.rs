//! Verdicts as diagnostics: remarks at the line of what is responsible.

use super::{Answer, Judgement, Verdict};
use crate::report::diagnostic::{Diagnostic, Level, Rule};
use crate::report::{github, sarif as log};

/// Code and name of the rule that an answer breaks.
fn rule_of(answer: Answer) -> Option<(&'static str, &'static str)> {
    match answer {
        Answer::Broken => Some(("LC1", "budget-broken")),
        Answer::Undecided => Some(("LC2", "budget-undecided")),
        Answer::Holds => None,
    }
}

/// The rules that verdicts refer to.
pub fn rules() -> Vec<Rule> {
    let rule = |answer, title: &str, explanation: &str, level| {
        rule_of(answer).map(|(code, name)| Rule {
            code: code.to_owned(),
            name: name.to_owned(),
            title: title.to_owned(),
            explanation: explanation.to_owned(),
            level,
        })
    };
    let broken = rule(
        Answer::Broken,
        "a strategy is over its budget",
        "Rollouts simulated under the strategy show that what the budget keeps does not hold.",
        Level::Error,
    );
    let undecided = rule(
        Answer::Undecided,
        "a strategy is too close to its budget to tell",
        "The rollouts simulated cannot tell whether what the budget keeps holds: the figure lies too close to its limit.",
        Level::Warning,
    );
    broken.into_iter().chain(undecided).collect()
}

/// What is to be said of the verdicts that do not hold, worst first.
pub fn diagnostics(judgement: &Judgement) -> Vec<Diagnostic> {
    let verdicts = judgement.worst_first().into_iter();
    verdicts.filter_map(|v| diagnostic(judgement, v)).collect()
}

fn diagnostic(judgement: &Judgement, verdict: &Verdict) -> Option<Diagnostic> {
    let (code, name) = rule_of(verdict.answer)?;
    Some(Diagnostic {
        code: code.to_owned(),
        name: name.to_owned(),
        level: judgement.level(verdict.answer)?,
        message: format!("budget {}: {}", verdict.budget, verdict.sentence()),
        help: Some(verdict.details().join("\n")),
        place: verdict.place.clone(),
        subject: format!("{}/{}", verdict.strategy, verdict.budget),
    })
}

/// The verdicts that do not hold as a log of SARIF 2.1.0.
pub fn sarif(judgement: &Judgement) -> String {
    log::log(&rules(), &diagnostics(judgement))
}

/// The verdicts that do not hold as annotations of GitHub Actions: the worst, of all kinds together no more than the
/// runner shows of one; how many were left out is said in a plain line.
pub fn annotations(judgement: &Judgement) -> String {
    let all = diagnostics(judgement);
    let shown = all.len().min(github::MOST_OF_A_KIND);
    let mut text = github::annotations(&all[..shown]);
    if shown < all.len() {
        let left_out = all.len() - shown;
        text.push_str(&format!("{left_out} more without an annotation\n"));
    }
    text
}
