//! Findings turned into verdicts: names, places, and what drives what is broken.

use super::super::call::Call;
use super::Matter;
use crate::check::{self, Change, Claim, Drivers, Judged, Kind, Score, What};
use crate::lint;
use crate::outcome::DetectedBy;
use crate::plan::{Origin, Plan};
use crate::report::basis::grouped;
use crate::report::diagnostic::Place;
use crate::report::quantity::Quantity;
use crate::report::verdict::{Answer, Verdict};
use crate::scenario::Scenario;
use crate::summary::Metric;

/// Drivers of each sort that are named.
const NAMED: usize = 3;

/// One verdict for each claim.
pub(super) fn verdicts(
    matter: &Matter,
    judged: &[Judged],
    advice: &[(usize, Option<Change>)],
    call: &Call,
) -> Vec<Verdict> {
    let claims = matter.claims.iter().zip(judged);
    claims
        .map(|(claim, judged)| verdict(matter, claim, judged, advice, call))
        .collect()
}

fn verdict(
    matter: &Matter,
    claim: &Claim,
    judged: &Judged,
    advice: &[(usize, Option<Change>)],
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
    let change = advice.iter().find(|(s, _)| *s == claim.strategy);
    let (measured, quantity) = measured(plan, claim, &budget.written);
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
        place: place(&matter.scenario, strategy.origin)
            .or_else(|| place(&matter.scenario, budget.origin)),
        drivers: if is_broken {
            drivers(plan, claim.strategy, &judged.drivers)
        } else {
            Vec::new()
        },
        change: change
            .filter(|_| is_broken)
            .and_then(|(_, c)| c.as_ref())
            .map(|c| words(&c.words)),
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
    let here = std::env::current_dir().unwrap_or_default();
    let file = at.file.strip_prefix(&here).unwrap_or(&at.file);
    Some(Place::of_text(
        file.display().to_string(),
        at.line,
        at.column,
        &at.text,
    ))
}

/// Which faults, stages and detectors the rollouts belong to that are over the limit.
fn drivers(plan: &Plan, strategy: usize, drivers: &Drivers) -> Vec<String> {
    let all = drivers.all;
    if all == 0 {
        return Vec::new();
    }
    let share = |n: f64| Quantity::Share.text(n / drivers.weight);
    let mut lines = Vec::new();
    let strata = drivers.strata.iter().take(NAMED);
    let strata: Vec<String> = strata
        .map(|(s, n)| format!("{} ({})", plan.stratum_name(*s), share(*n)))
        .collect();
    lines.push(format!(
        "{} of {} rollouts over the limit",
        strata.join(", "),
        grouped(all)
    ));
    let stages = drivers.stages.iter().take(NAMED);
    let stages: Vec<String> = stages
        .map(|(s, n)| format!("{} ({})", s.name(), share(*n)))
        .collect();
    if !stages.is_empty() {
        lines.push(format!("caught: {}", stages.join(", ")));
    }
    let by = drivers.detectors.iter().take(NAMED);
    let by: Vec<String> = by
        .map(|(by, n)| format!("{} ({})", detector(plan, strategy, *by), share(*n)))
        .collect();
    if !by.is_empty() {
        lines.push(format!("seen by: {}", by.join(", ")));
    }
    lines
}

fn detector(plan: &Plan, strategy: usize, by: DetectedBy) -> String {
    let strategy = &plan.strategies[strategy];
    match by {
        DetectedBy::Alarm(i) => format!("alarm {}", strategy.alarms[i].name),
        DetectedBy::Preproduction(i) => format!("test {}", strategy.preproduction[i].name),
        DetectedBy::PreTraffic(i) => format!("test {}", strategy.pre_traffic[i].name),
        DetectedBy::PostTraffic(i) => format!("test {}", strategy.post_traffic[i].name),
        DetectedBy::Bake => "a bake that took too long".to_owned(),
        DetectedBy::People => "people".to_owned(),
    }
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

/// Gates of these strategies that cannot fire, a line each.
pub(super) fn cannot_fire(plan: &Plan, strategies: &[usize]) -> Vec<String> {
    let names: Vec<&str> = strategies
        .iter()
        .map(|&s| plan.strategies[s].name.as_str())
        .collect();
    let findings = lint::findings_without_chances(plan).into_iter();
    let of_ours = findings.filter(|f| {
        f.lint.code == "LF101"
            && f.severity == lint::Severity::Error
            && f.strategies.iter().any(|s| names.contains(&s.as_str()))
    });
    of_ours
        .map(|f| {
            format!(
                "{} {}: {}: {}",
                f.lint.code, f.lint.name, f.subject, f.reason
            )
        })
        .collect()
}
