//! Verdicts for a terminal: a line each, the worst first, and below those that do not hold why and what to do.

use super::{Answer, Judgement, Verdict, with_interval};
use crate::report::diagnostic::{Diagnostic, Place};
use crate::report::text::clean;

/// All verdicts, and what came of them together.
pub fn human(judgement: &Judgement) -> String {
    let verdicts = judgement.worst_first();
    let width = |of: fn(&Verdict) -> usize| verdicts.iter().map(|v| of(v)).max().unwrap_or(0);
    let budgets = width(|v| clean(&v.budget).chars().count());
    let strategies = width(|v| clean(&v.strategy).chars().count());
    let mut text = String::new();
    let broken = judgement.count(Answer::Broken);
    for (i, verdict) in verdicts.iter().enumerate() {
        if i == broken {
            text.extend(judgement.cannot_fire.iter().map(cannot_fire));
        }
        let word = match verdict.answer {
            Answer::Broken => "BROKEN",
            Answer::Undecided => "UNDECIDED",
            Answer::Holds => "holds",
        };
        let (budget, strategy) = (clean(&verdict.budget), clean(&verdict.strategy));
        text.push_str(&format!(
            "{word:<9}  {budget:<budgets$}  {strategy:<strategies$}  {} ({}): {} is {}, limit {}{}{}{}\n",
            clean(&verdict.keep),
            clean(&verdict.given),
            clean(&verdict.measured),
            verdict.figure_text(),
            verdict.quantity.text(verdict.limit),
            base(verdict),
            verdict.remarks(),
            place(verdict.place.as_ref()),
        ));
        if verdict.answer != Answer::Holds {
            for line in verdict.details() {
                text.push_str(&format!("           {}\n", clean(&line)));
            }
        }
    }
    if broken == verdicts.len() {
        text.extend(judgement.cannot_fire.iter().map(cannot_fire));
    }
    text.push_str(&format!(
        "{}; all answers are right with a chance of at least {}; seed {}\n",
        judgement.headline(),
        crate::report::quantity::Quantity::Share.text(judgement.confidence),
        judgement.seed
    ));
    text
}

fn base(verdict: &Verdict) -> String {
    let base = verdict
        .base
        .map(|base| with_interval(verdict.quantity, base));
    base.map_or_else(String::new, |base| format!(", base {base}"))
}

/// A gate that cannot fire, and what to do about it.
fn cannot_fire(gate: &Diagnostic) -> String {
    let help = gate
        .help
        .iter()
        .map(|help| format!("           help: {}\n", clean(help)));
    format!(
        "NO CHANCE  {} {}: {}{}\n{}",
        gate.code,
        clean(&gate.subject),
        clean(&gate.message),
        place(gate.place.as_ref()),
        help.collect::<String>()
    )
}

fn place(at: Option<&Place>) -> String {
    at.map_or_else(String::new, |p| format!("  {}:{}", clean(&p.file), p.line))
}
