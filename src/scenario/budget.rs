//! `[budget.NAME]`: what must hold. Whether it does is for somebody else to judge.

use super::check::Check;
use super::fields::{Fields, Item, join};
use super::literal::{Keep, Slis, keep};
use super::merge::Merged;
use super::nearest::nearest;
use super::problem::Draft;
use super::vocabulary::BUDGET;
use crate::plan::Origin;

/// The most budgets.
const MOST_BUDGETS: usize = 1_000;

/// A condition that strategies must keep.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Budget {
    /// Its name.
    pub name: String,
    /// Of which changes: `faulty`, `fault-free`, a fault's name; all if nothing is said.
    pub given: Option<String>,
    /// What must hold.
    pub keep: Keep,
    /// The same, as written.
    pub written: String,
    /// Whether a verdict that holds for many rollouts only will do, where a metric has no bound.
    pub asymptotic: bool,
    /// Where it was declared.
    pub origin: Origin,
}

impl Budget {
    /// One on faulty changes that nobody wrote; what it keeps is known to be sound.
    pub(crate) fn of_faulty(name: &str, written: &str) -> Budget {
        Budget {
            name: name.to_owned(),
            given: Some("faulty".to_owned()),
            keep: keep(written, Slis::All(&[])).expect("a budget that is tested"),
            written: written.to_owned(),
            asymptotic: false,
            origin: Origin::NOWHERE,
        }
    }
}

/// Reads the budgets; `faults` are the names of the faults, `slis` those of the indicators.
pub(super) fn budgets(
    merged: &Merged,
    faults: &[String],
    slis: &[&str],
    check: &mut Check,
) -> Vec<Budget> {
    let known = if check.incomplete {
        Slis::NotAll
    } else {
        Slis::All(slis)
    };
    let mut budgets = Vec::new();
    for (entry, table) in merged.named("budget") {
        let fields = Fields::of(
            table,
            entry.value.at,
            join("budget", &entry.key),
            &BUDGET,
            check,
        );
        if budgets.len() == MOST_BUDGETS {
            check.note(Draft::new(
                entry.key_at,
                fields.path,
                "a scenario has at most 1,000 budgets",
            ));
            break;
        }
        let given = fields.maybe("given", check, |item, check| given(item, faults, check));
        let keep = fields.need(
            "keep",
            "\"p99(blast_radius) <= 5%\"",
            check,
            |item, check| {
                let wanted =
                    "a figure and its limit in quotes, such as \"p99(blast_radius) <= 5%\"";
                let text = item.as_text().unwrap_or_default().to_owned();
                let keep = item.literal(wanted, check, |text, _| keep(text, known))?;
                Some((keep, text))
            },
        );
        let asymptotic = fields.or("asymptotic", false, check, |item, check| item.flag(check));
        if let (Some(given), Some((keep, written)), Some(asymptotic)) = (given, keep, asymptotic) {
            let given = given.filter(|g| g != "all");
            budgets.push(Budget {
                name: entry.key.clone(),
                given,
                keep,
                written,
                asymptotic,
                origin: check.origin(fields.at),
            });
        }
    }
    budgets
}

fn given(item: &Item<'_>, faults: &[String], check: &mut Check) -> Option<String> {
    let name = item.text(check)?;
    let known = || {
        ["faulty", "fault-free", "all"]
            .into_iter()
            .chain(faults.iter().map(String::as_str))
    };
    if known().any(|k| k == name) {
        return Some(name.to_owned());
    }
    let draft = item.draft(format!(
        "no fault and no group of changes is called {:?}",
        super::fields::short(name)
    ));
    let mend = "write \"faulty\", \"fault-free\", \"all\" or the name of a fault";
    check.fail(draft.nearest_or(nearest(name, known()), mend).absence())
}
