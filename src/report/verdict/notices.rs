//! Verdicts as diagnostics: remarks at the line of what is responsible.

use super::{Answer, Complaint, Judgement, Verdict};
use crate::lint::lint_named;
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

/// What is to be said of the verdicts that do not hold, and of gates that cannot fire, worst first.
pub fn diagnostics(judgement: &Judgement) -> Vec<Diagnostic> {
    let of = |complaint| match complaint {
        Complaint::Budget(verdict) => diagnostic(judgement, verdict),
        Complaint::CannotFire(gate) => Some(gate.clone()),
    };
    judgement.complaints().into_iter().filter_map(of).collect()
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

/// The verdicts that do not hold, and gates that cannot fire, as a log of SARIF 2.1.0.
pub fn sarif(judgement: &Judgement) -> String {
    let mut rules = rules();
    for gate in &judgement.cannot_fire {
        let is_known = rules.iter().any(|rule| rule.code == gate.code);
        let lint = lint_named(&gate.code).filter(|_| !is_known);
        rules.extend(lint.map(Rule::from));
    }
    log::log(&rules, &diagnostics(judgement))
}

/// The same as annotations of GitHub Actions: the worst, of all kinds together no more than the runner shows of one. How
/// many were left out is said in a plain line, and in the last what came of it all: the log of a step that has nothing to
/// annotate would be empty.
pub fn annotations(judgement: &Judgement) -> String {
    let all = diagnostics(judgement);
    let shown = all.len().min(github::MOST_OF_A_KIND);
    let mut text = github::annotations(&all[..shown]);
    if shown < all.len() {
        let left_out = all.len() - shown;
        text.push_str(&format!("{left_out} more without an annotation\n"));
    }
    text + &format!("landfall check: {}\n", judgement.headline())
}
