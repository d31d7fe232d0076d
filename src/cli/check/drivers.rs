//! What drives a budget that does not hold, in words.

use crate::check::{Blame, Chanceless, Claim, Drivers, Kind, Part, Program, Score, Unheard, Why};
use crate::outcome::{DetectedBy, TimePart};
use crate::plan::{Plan, Stratum};
use crate::report::basis::grouped;
use crate::report::quantity::Quantity;
use crate::scenario::Scenario;
use crate::summary::Metric;

/// Drivers of each sort that are named.
const NAMED: usize = 3;
/// Reasons why alarms have no chance that are named, and alarms for each.
const REASONS_NAMED: usize = 6;
const NAMED_FOR_A_REASON: usize = 4;
/// A chance below which nobody asks how small it is.
const NEXT_TO_NONE: f64 = 1e-6;

/// Tells what drives the budgets of a scenario that do not hold.
pub(super) struct Told<'s> {
    plan: &'s Plan,
    unheard: Unheard<'s>,
}

impl<'s> Told<'s> {
    pub fn of(scenario: &'s Scenario) -> Told<'s> {
        Told {
            plan: &scenario.plan,
            unheard: Unheard::of(&scenario.plan),
        }
    }

    /// The part of the strategy that is responsible, if one is. Alarms that fire by chance do so in one part or another:
    /// that most do in the same makes it responsible.
    pub fn responsible(&self, claim: &Claim, drivers: &Drivers) -> Option<Part> {
        match drivers.blames_of_all().first() {
            Some((Blame::ByChance(part), weight)) => {
                (*weight > 0.5 * drivers.weight).then_some(*part)
            }
            Some((blame, _)) => Some(blame.part()),
            None if is_slow(claim, drivers) => {
                Program::of(self.plan, claim.strategy).longest_bake()
            }
            None => None,
        }
    }

    /// Which faults, parts of the strategy, alarms and stages the rollouts belong to that are over the limit.
    pub fn lines(&mut self, claim: &Claim, drivers: &Drivers) -> Vec<String> {
        if drivers.all == 0 {
            return Vec::new();
        }
        let (plan, strategy) = (self.plan, claim.strategy);
        let listed = |counts: Vec<(String, f64)>| {
            let share = |n: f64| Quantity::Share.text(n / drivers.weight);
            let some = counts.into_iter().take(NAMED);
            let some: Vec<String> = some.map(|(s, n)| format!("{s} ({})", share(n))).collect();
            some.join(", ")
        };
        let strata = drivers.strata.iter();
        let strata = strata.map(|&(s, n)| (plan.stratum_name(s).to_owned(), n));
        let mut lines = vec![format!(
            "{} of {} rollouts over the limit",
            listed(strata.collect()),
            grouped(drivers.all)
        )];
        if is_about_time(claim) {
            lines.extend(time(drivers));
        }
        let blames = drivers.blames_of_all().into_iter();
        let blames: Vec<(String, f64)> = blames.map(|(b, n)| (self::blame(b), n)).collect();
        if !blames.is_empty() {
            lines.push(listed(blames));
        }
        lines.extend(self.no_chance(strategy, drivers));
        let stages = drivers.stages.iter();
        let stages: Vec<(String, f64)> = stages.map(|&(s, n)| (s.name().to_owned(), n)).collect();
        if !stages.is_empty() {
            lines.push(format!("caught: {}", listed(stages)));
        }
        let by = drivers.detectors.iter();
        let by: Vec<(String, f64)> = by
            .map(|&(by, n)| (detector(plan, strategy, by), n))
            .collect();
        if !by.is_empty() {
            lines.push(format!("seen by: {}", listed(by)));
        }
        lines
    }

    /// The alarms that could not have stopped the fault that is met most often, where it is met most often.
    fn no_chance(&mut self, strategy: usize, drivers: &Drivers) -> Option<String> {
        let at = drivers.blames.iter().find_map(|&((stratum, blame), _)| {
            let Stratum::Fault(fault) = stratum else {
                return None;
            };
            match blame {
                Blame::LetThrough(part) | Blame::AtOnce(part) => Some((part, fault)),
                Blame::ByChance(_) => None,
            }
        });
        let (part, fault) = at?;
        let alarms = &self.plan.strategies[strategy].alarms;
        let none = self.unheard.alarms(strategy, part, fault);
        if none.is_empty() {
            return None;
        }
        let reasons = by_reason(none).into_iter().map(|(reason, indices)| {
            let named = indices.iter().take(NAMED_FOR_A_REASON);
            let mut names: Vec<String> = named.map(|&i| alarms[i].name.clone()).collect();
            if let more @ 1.. = indices.len().saturating_sub(NAMED_FOR_A_REASON) {
                names.push(format!("{more} more"));
            }
            format!("{} ({reason})", names.join(", "))
        });
        let reasons: Vec<String> = reasons.take(REASONS_NAMED).collect();
        let fault = &self.plan.change.faults[fault].name;
        Some(format!(
            "alarms without a chance in {}, were {fault} awake all through it: {} of {}: {}",
            words(part),
            none.len(),
            alarms.len(),
            reasons.join("; ")
        ))
    }
}

/// Alarms (by index) by the reason why they have no chance: first those that are there for such a fault.
fn by_reason(none: &[Chanceless]) -> Vec<(String, Vec<usize>)> {
    let rank = |c: &Chanceless| match c.why {
        Why::TooFewRequests { .. } | Why::TooLate { .. } | Why::TooLittle { .. } => 0,
        Why::NoDatapoints(_) => 1,
        Why::ReadsSomethingElse => 2,
    };
    let mut ranked: Vec<&Chanceless> = none.iter().collect();
    ranked.sort_by_key(|c| rank(c));
    let mut reasons: Vec<(String, Vec<usize>)> = Vec::new();
    for c in ranked {
        let reason = why(c);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, alarms)) => alarms.push(c.alarm),
            None => reasons.push((reason, vec![c.alarm])),
        }
    }
    reasons
}

/// What a part of a strategy is called.
fn words(part: Part) -> String {
    match part {
        Part::Step { wave, step } => format!("step {step} of wave {wave}"),
        Part::ZoneBake { wave } => format!("the bake after a batch of wave {wave}"),
        Part::WaveBake { wave } => format!("the bake of wave {wave}"),
    }
}

fn blame(blame: Blame) -> String {
    match blame {
        Blame::LetThrough(part) => format!("let through by {}", words(part)),
        Blame::AtOnce(part) => format!("hit at once in {}", words(part)),
        Blame::ByChance(part) => format!("stopped by chance in {}", words(part)),
    }
}

fn why(none: &Chanceless) -> String {
    let duration = |s: f64| Quantity::Duration.text(s);
    let amount = |x: f64| Quantity::Amount.text(x);
    match none.why {
        Why::ReadsSomethingElse => "reads nothing that it makes worse".to_owned(),
        Why::NoDatapoints(why) => why.to_owned(),
        Why::TooFewRequests { reads, asks } => format!(
            "reads {} requests a datapoint, asks for {}",
            amount(reads),
            amount(asks)
        ),
        Why::TooLate { takes_s, over_s } => format!(
            "takes more than {}, has {}",
            duration(takes_s),
            duration(over_s)
        ),
        Why::TooLittle { at_most, adds } => {
            let adds = Quantity::Share.text(adds);
            match at_most < NEXT_TO_NONE {
                true => format!("+{adds} bad is too little"),
                false => format!(
                    "+{adds} bad is too little: a chance of {} at most",
                    Quantity::Chance.text(at_most)
                ),
            }
        }
    }
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

/// Whether a claim is about how long a deployment takes.
fn is_about_time(claim: &Claim) -> bool {
    let metric = match &claim.of {
        Kind::Mean { score, .. } | Kind::MeanOfBase { score, .. } => match score {
            Score::Ending(_) => return false,
            Score::Beyond { metric, .. } | Score::Value { metric, .. } => *metric,
        },
        Kind::Cvar { metric, .. }
        | Kind::Unbounded { metric, .. }
        | Kind::QuantileOfBase { metric, .. } => *metric,
    };
    matches!(
        metric,
        Metric::TimeToFull | Metric::TimeToDone | Metric::Time(_)
    )
}

/// Whether rollouts are over a limit because bakes take long.
fn is_slow(claim: &Claim, drivers: &Drivers) -> bool {
    let most = parts(drivers).into_iter().next();
    is_about_time(claim) && most.is_some_and(|(part, _)| part == TimePart::Bake)
}

/// What the time was spent on, the most first.
fn parts(drivers: &Drivers) -> Vec<(TimePart, f64)> {
    let all = drivers.time.total();
    let mut parts: Vec<(TimePart, f64)> = TimePart::ALL
        .into_iter()
        .map(|part| (part, drivers.time.get(part) / all))
        .filter(|(_, share)| *share > 0.0)
        .collect();
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    parts
}

fn time(drivers: &Drivers) -> Option<String> {
    let spent: Vec<String> = parts(drivers)
        .into_iter()
        .take(NAMED)
        .map(|(part, share)| format!("{} ({})", part.meaning(), Quantity::Share.text(share)))
        .collect();
    (!spent.is_empty()).then(|| format!("time spent on {}", spent.join(", ")))
}
