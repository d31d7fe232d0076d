//! `[budget.NAME]`: what must hold. What `keep` says is read by whoever judges it.

use super::check::Check;
use super::fields::{Fields, Item, join};
use super::merge::Merged;
use super::nearest::nearest;
use super::problem::Draft;
use super::vocabulary::BUDGET;
use crate::plan::Origin;

/// The most budgets.
const MOST_BUDGETS: usize = 1_000;

/// A condition that strategies must keep.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Budget {
    /// Its name.
    pub name: String,
    /// Of which changes: `faulty`, `fault-free`, a fault's name; all if nothing is said.
    pub given: Option<String>,
    /// What must hold, as written.
    pub keep: String,
    /// Where it was declared.
    pub origin: Origin,
}

/// Reads the budgets; `faults` are the names of the faults.
pub(super) fn budgets(merged: &Merged, faults: &[String], check: &mut Check) -> Vec<Budget> {
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
            |item, check| item.text(check),
        );
        if let (Some(given), Some(keep)) = (given, keep) {
            let given = given.filter(|g| g != "all");
            budgets.push(Budget {
                name: entry.key.clone(),
                given,
                keep: keep.to_owned(),
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
