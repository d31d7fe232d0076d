//! Findings turned into verdicts: names, places, and what drives what is broken.

use super::super::call::Call;
use super::Matter;
use super::drivers::Told;
use crate::check::{self, Claim, Found, Judged, Kind, Score, What};
use crate::lint;
use crate::plan::{Origin, Plan};
use crate::report::diagnostic::{Diagnostic, Place};
use crate::report::quantity::Quantity;
use crate::report::verdict::{Answer, Search, Verdict};
use crate::scenario::Scenario;
use crate::stats::Estimate;
use crate::summary::Metric;

/// The lint of gates that cannot fire.
const CANNOT_FIRE: &str = "LF101";
/// Rollouts over the limit from which on the most frequent cause is told for an undecided budget: fewer say too little.
const ENOUGH: u64 = 10;

/// One verdict for each claim.
pub(super) fn verdicts(
    matter: &Matter,
    judged: &[Judged],
    bases: &[Option<Estimate>],
    advice: &[(usize, Found)],
    call: &Call,
) -> Vec<Verdict> {
    let claims = matter.claims.iter().zip(judged).zip(bases);
    let mut told = Told::of(&matter.scenario);
    claims
        .map(|((claim, judged), &base)| Verdict {
            base,
            ..verdict(matter, claim, judged, advice, &mut told, call)
        })
        .collect()
}

fn verdict(
    matter: &Matter,
    claim: &Claim,
    judged: &Judged,
    advice: &[(usize, Found)],
    told: &mut Told<'_>,
    call: &Call,
) -> Verdict {
    let plan = &matter.scenario.plan;
    let strategy = &plan.strategies[claim.strategy];
    let budget = &matter.budgets[claim.budget];
    let finding = &judged.finding;
    let answer = match finding.answer {
        check::Answer::Holds => Answer::Holds,
        check::Answer::Broken => Answer::Broken,
        check::Answer::Undecided => Answer::Undecided,
    };
    let is_broken = answer == Answer::Broken;
    let found = advice.iter().find(|(s, _)| *s == claim.strategy);
    let found = found.map(|(_, found)| found).filter(|_| is_broken);
    let (measured, quantity) = measured(plan, claim, &budget.written);
    let (mut origins, mut lines) = (vec![strategy.origin, budget.origin], Vec::new());
    let is_undecided = answer == Answer::Undecided && judged.drivers.all >= ENOUGH;
    if is_broken || is_undecided {
        lines = told.lines(claim, &judged.drivers);
        let part = told.responsible(claim, &judged.drivers);
        let of_part = part.map(|part| part.origins(strategy));
        origins.splice(0..0, of_part.into_iter().flatten());
    }
    Verdict {
        budget: budget.name.clone(),
        strategy: strategy.name.clone(),
        given: budget.given.clone().unwrap_or_else(|| "all".to_owned()),
        keep: budget.written.clone(),
        measured,
        quantity,
        figure: finding.figure,
        limit: finding.limit,
        base: finding.base,
        answer,
        asymptotic: matches!(claim.of, Kind::Unbounded { .. }),
        unchanged: judged.is_unchanged,
        rollouts_to_decide: finding.rollouts_to_decide,
        place: origins
            .into_iter()
            .find_map(|origin| place(&matter.scenario, origin)),
        drivers: lines,
        change: found
            .and_then(|f| f.change.as_ref())
            .map(|c| words(&c.words)),
        search: found.map(|f| Search {
            tried: f.tried,
            of: f.of,
        }),
        repeat: call.repeating(),
    }
}

/// What the figure is, and how it is written.
fn measured(plan: &Plan, claim: &Claim, written: &str) -> (String, Quantity) {
    let of_metric = |metric: &Metric| Quantity::of_unit(metric.unit());
    let figure = written
        .split("<")
        .next()
        .unwrap_or(written)
        .trim()
        .to_owned();
    match &claim.of {
        Kind::Mean {
            score:
                Score::Beyond {
                    metric,
                    over,
                    inclusive,
                },
            ..
        } => {
            let sign = if *inclusive { ">=" } else { ">" };
            let over = of_metric(metric).text(*over);
            (
                format!("P({} {sign} {over})", metric.name(plan)),
                Quantity::Chance,
            )
        }
        Kind::Mean {
            score: Score::Ending(_),
            ..
        } => (figure, Quantity::Chance),
        Kind::Mean {
            score: Score::Value { metric, .. },
            ..
        }
        | Kind::Cvar { metric, .. }
        | Kind::Unbounded { metric, .. }
        | Kind::QuantileOfBase { metric, .. } => (figure, of_metric(metric)),
        Kind::MeanOfBase { score, .. } => match score {
            Score::Value { metric, .. } => (figure, of_metric(metric)),
            Score::Ending(_) | Score::Beyond { .. } => (figure, Quantity::Chance),
        },
    }
}

fn place(scenario: &Scenario, origin: Origin) -> Option<Place> {
    let at = scenario.origins.locate(origin).filter(|at| !at.shipped)?;
    Some(super::super::place::of(&at))
}

/// A change as somebody would say it.
fn words(change: &What) -> String {
    match change {
        What::Bake { what, from_s, to_s } => format!(
            "{what} from {} to {}",
            Quantity::Duration.text(*from_s),
            Quantity::Duration.text(*to_s)
        ),
        What::Wave { wave, from, to } => {
            format!(
                "wave {wave} of {to} regions instead of {from}, the others in a wave of their own"
            )
        }
        What::Datapoints { alarm, from, to } => {
            format!("{to} instead of {from} datapoints of alarm {alarm}")
        }
        What::Threshold { alarm, from, to } => format!(
            "the threshold of alarm {alarm} at {} of what it is ({to:.3e} instead of {from:.3e})",
            Quantity::Share.text(to / from)
        ),
    }
}

/// Gates of these strategies that cannot fire, but for those that the file allows in which they are shown: their own, and of
/// alarms of a shipped world the strategy's.
pub(super) fn cannot_fire(scenario: &Scenario, strategies: &[usize]) -> Vec<Diagnostic> {
    let plan = &scenario.plan;
    let mut gates = Vec::new();
    for mut finding in lint::findings_without_chances(plan) {
        let is_ours = |&&s: &&usize| finding.strategies.contains(&plan.strategies[s].name);
        let first = strategies.iter().find(is_ours);
        let is_error = finding.severity == lint::Severity::Error;
        let Some(&strategy) = first.filter(|_| is_error && finding.lint.code == CANNOT_FIRE) else {
            continue;
        };
        if place(scenario, finding.origin).is_none() {
            finding.origin = plan.strategies[strategy].origin;
        }
        let settings = super::super::lint::settings(scenario, &finding);
        if !settings.is_some_and(|s| s.allow.contains(&CANNOT_FIRE)) {
            gates.push(super::super::lint::diagnostic(scenario, &finding));
        }
    }
    gates
}
