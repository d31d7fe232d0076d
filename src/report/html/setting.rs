//! The scenario as it was simulated: fleet, changes, alarms, strategies.

use super::element::{Element, el};
use super::look::Look;
use super::tables::{Plain, plain};
use super::words::{self, sentence};
use crate::calendar::format_moment;
use crate::plan::{Alarm, Order, Plan, Start, Stratum};
use crate::report::quantity::Quantity;

/// All of it, for the strategies of these indices.
pub(super) fn setting(plan: &Plan, strategies: &[usize], look: &Look) -> Vec<Element> {
    let mut parts = vec![el("p").text(
        "What the files below say, as it was understood. A figure with a range in brackets is drawn anew for each \
         rollout: its median, and where nine in ten draws lie. What is left out here stands in the ledger of inputs.",
    )];
    parts.extend([el("h3").text("Fleet"), fleet_sentence(plan), fleet(plan)]);
    parts.extend([
        el("h3").text("Changes and their faults"),
        change_sentence(plan),
    ]);
    if !plan.change.faults.is_empty() {
        parts.push(faults(plan));
    }
    parts.extend([el("h3").text("Alarms"), alarms(plan, strategies)]);
    parts.push(el("h3").text("Strategies"));
    for (place, &strategy) in strategies.iter().enumerate() {
        parts.push(waves(plan, place, strategy, look));
    }
    parts
}

fn fleet_sentence(plan: &Plan) -> Element {
    let start = match &plan.start {
        Start::At(at) => format!("at {}", moment(*at)),
        Start::Within(hours) => match (hours.first_start(), hours.last_end()) {
            (Some(from), Some(to)) => format!(
                "at random within {} of open hours between {} and {}",
                Quantity::Duration.text(hours.total()),
                moment(from),
                moment(to)
            ),
            _ => "never".to_owned(),
        },
    };
    el("p").text(format!(
        "{} in {}, {} requests a second. Rollouts start {start}; they are watched for {} after the last bake, and \
         count as stalled after {}.",
        counted(plan.fleet.zones.len(), "zone"),
        counted(plan.fleet.regions.len(), "region"),
        Quantity::Amount.text(plan.fleet.rps),
        Quantity::Duration.text(plan.watch_s),
        Quantity::Duration.text(plan.horizon_s)
    ))
}

/// A moment in universal time, to the second where that is all of it.
fn moment(at: f64) -> String {
    format_moment(at).replace(".000Z", "Z")
}

fn counted(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        _ => format!("{n} {what}s"),
    }
}

fn fleet(plan: &Plan) -> Element {
    let rows = plan.fleet.regions.iter().map(|region| {
        vec![
            region.name.clone(),
            region.zones.len().to_string(),
            region.boxes_per_zone.to_string(),
            Quantity::Amount.text(region.rps),
            Quantity::Share.text(region.rps / plan.fleet.rps),
        ]
    });
    plain(&Plain {
        id: "fleet",
        caption: "Regions, with their nominal traffic",
        headings: &[
            "region",
            "zones",
            "boxes per zone",
            "requests a second",
            "share",
        ],
        numbers: 1..5,
        strategy: None,
        rows: rows.collect(),
    })
}

fn change_sentence(plan: &Plan) -> Element {
    let faulty = 1.0 - plan.stratum_weight(Stratum::FaultFree);
    el("p").text(format!(
        "{} of changes carry a fault; {} changes a week.",
        Quantity::Share.text(faulty),
        Quantity::Amount.text(plan.change.per_week)
    ))
}

fn faults(plan: &Plan) -> Element {
    let total: f64 = plan.change.faults.iter().map(|f| f.weight).sum();
    let rows = plan.change.faults.iter().enumerate().map(|(i, fault)| {
        vec![
            fault.name.clone(),
            Quantity::Share.text(fault.weight / total),
            Quantity::Share.text(plan.stratum_weight(Stratum::Fault(i))),
            words::trigger(fault),
            words::adds(plan, fault),
            words::reach(plan, fault),
        ]
    });
    plain(&Plain {
        id: "faults",
        caption: "Faults: how likely, when they wake, what they do",
        headings: &[
            "fault",
            "of faulty changes",
            "of all changes",
            "wakes",
            "adds bad requests",
            "reach",
        ],
        numbers: 1..3,
        strategy: None,
        rows: rows.collect(),
    })
}

/// The alarms of all strategies, those that are alike once.
fn alarms(plan: &Plan, strategies: &[usize]) -> Element {
    let row = |alarm: &Alarm| {
        let (what, rule) = words::rule(plan, alarm);
        [
            alarm.name.clone(),
            words::population(alarm).to_owned(),
            what,
            rule,
            words::action(alarm).to_owned(),
        ]
    };
    let mut rows: Vec<([String; 5], Vec<&str>)> = Vec::new();
    for &s in strategies {
        let strategy = &plan.strategies[s];
        for alarm in strategy.alarms.iter().map(row) {
            match rows.iter_mut().find(|(known, _)| *known == alarm) {
                Some((_, users)) => users.push(&strategy.name),
                None => rows.push((alarm, vec![&strategy.name])),
            }
        }
    }
    if rows.is_empty() {
        return el("p").text("There are none.");
    }
    let rows = rows.into_iter().map(|(alarm, users)| {
        let users = if users.len() == strategies.len() {
            "all".to_owned()
        } else {
            users.join(", ")
        };
        alarm.into_iter().chain([users]).collect()
    });
    plain(&Plain {
        id: "alarms",
        caption: "Alarms: what they read, and what they do",
        headings: &[
            "alarm",
            "reads",
            "breaches when",
            "fires after",
            "does",
            "strategies",
        ],
        numbers: 0..0,
        strategy: None,
        rows: rows.collect(),
    })
}

/// A strategy, wave by wave.
fn waves(plan: &Plan, place: usize, index: usize, look: &Look) -> Element {
    let strategy = &plan.strategies[index];
    let rows = strategy.waves.iter().map(|wave| {
        let bake = wave.bake.as_ref().map_or("–".to_owned(), words::bake);
        let mut waits = Vec::new();
        if wave.approval.is_some() {
            waits.push("approval");
        }
        if wave.windows.is_some() {
            waits.push("windows");
        }
        if strategy.waits_for_calm {
            waits.push("calm");
        }
        vec![
            words::targets(plan, wave),
            words::batches(wave),
            words::steps(&wave.steps),
            bake,
            if waits.is_empty() {
                "–".to_owned()
            } else {
                waits.join(", ")
            },
        ]
    });
    let tests = [
        &strategy.preproduction,
        &strategy.pre_traffic,
        &strategy.post_traffic,
    ];
    let tests: Vec<&str> = tests
        .into_iter()
        .flatten()
        .map(|t| t.name.as_str())
        .collect();
    let tests = if tests.is_empty() {
        "no tests".to_owned()
    } else {
        format!("tests {}", tests.join(", "))
    };
    let order = match &strategy.order {
        Order::Fixed(order) => {
            let first: Vec<&str> = order
                .iter()
                .take(3)
                .map(|&r| plan.fleet.regions[r].name.as_str())
                .collect();
            let more = if order.len() > 3 { ", …" } else { "" };
            format!("regions in the order {}{more}", first.join(", "))
        }
        Order::Random => "regions in a random order".to_owned(),
    };
    let about = format!(
        "{}; {order}; {}.",
        sentence(&tests),
        words::rollback(&strategy.rollback)
    );
    let table = plain(&Plain {
        id: &format!("waves-{place}"),
        caption: &format!("Waves of “{}”", strategy.name),
        headings: &[
            "wave",
            "goes to",
            "zones per batch",
            "steps of a zone",
            "then",
            "waits for",
        ],
        numbers: 0..0,
        strategy: Some(&strategy.name),
        rows: numbered(rows),
    });
    let heading = el("h4").child(look.mark(place)).text(strategy.name.clone());
    el("div")
        .child(heading)
        .child(el("p").text(about))
        .child(table)
}

/// Rows with their numbers in front; those that follow each other and are alike stand together.
fn numbered(rows: impl Iterator<Item = Vec<String>>) -> Vec<Vec<String>> {
    let mut together: Vec<(usize, usize, Vec<String>)> = Vec::new();
    for (i, row) in rows.enumerate() {
        match together.last_mut() {
            Some((_, last, known)) if *known == row => *last = i + 1,
            _ => together.push((i + 1, i + 1, row)),
        }
    }
    let numbered = |(first, last, row): (usize, usize, Vec<String>)| {
        let number = if first == last {
            first.to_string()
        } else {
            format!("{first}–{last}")
        };
        std::iter::once(number).chain(row).collect()
    };
    together.into_iter().map(numbered).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waves_that_are_alike_stand_together() {
        let rows = ["a", "b", "b", "b", "a"].map(|text| vec![text.to_owned()]);
        let rows = numbered(rows.into_iter());
        let numbered: Vec<String> = rows.iter().map(|r| r.join(" ")).collect();
        assert_eq!(numbered, ["1 a", "2–4 b", "5 a"]);
    }
}
