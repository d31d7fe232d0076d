//! `[change]` and `[fault.NAME]`: how often changes are bad, and in which ways.

use std::collections::{BTreeMap, BTreeSet};

use super::check::Check;
use super::fields::{Fields, Item, join};
use super::fleet::Regions;
use super::literal::Unit;
use super::merge::Merged;
use super::nearest::nearest;
use super::problem::Draft;
use super::sli::{Slis, adds};
use super::source::Place;
use super::span::{Times, single};
use super::trigger::trigger;
use super::value::Node;
use super::vocabulary::{CHANGE, FAULT, SPILL};
use crate::plan::{Change, Fault, Origin, Scope, Spill, SpillKind, Susceptible};
use crate::random::{Dist, NameKey};

/// The most faults.
const MOST_FAULTS: usize = 200;

/// The faults, and which tests see them.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub list: Vec<Fault>,
    /// By fault, the chance that a test of this name can see it.
    pub caught_by: Vec<BTreeMap<String, f64>>,
    /// Names of all faults, those with a mistake among them.
    pub names: Vec<String>,
}

/// What faults refer to.
pub(super) struct World<'w> {
    pub regions: &'w Regions,
    pub times: &'w Times,
    /// Names of the tests of all strategies.
    pub tests: &'w BTreeSet<String>,
}

/// Reads the faults.
pub(super) fn faults(
    merged: &Merged,
    slis: &mut Slis,
    world: &World<'_>,
    check: &mut Check,
) -> Faults {
    let mut faults = Faults::default();
    for (entry, table) in merged.named("fault") {
        if faults.names.len() == MOST_FAULTS {
            let rule = format!("a scenario has at most {MOST_FAULTS} faults");
            check.note(Draft::new(entry.key_at, join("fault", &entry.key), rule));
            break;
        }
        faults.names.push(entry.key.clone());
        let fields = Fields::of(
            table,
            entry.value.at,
            join("fault", &entry.key),
            &FAULT,
            check,
        );
        let caught_by = fields.or("caught_by", BTreeMap::new(), check, |item, check| {
            caught_by(item, world.tests, check)
        });
        if let Some(fault) = fault(&entry.key, &fields, slis, world, check) {
            faults.list.push(fault);
            faults.caught_by.push(caught_by.unwrap_or_default());
        }
    }
    faults
}

fn fault(
    name: &str,
    fields: &Fields<'_>,
    slis: &mut Slis,
    world: &World<'_>,
    check: &mut Check,
) -> Option<Fault> {
    let weight = fields.or("weight", 1.0, check, |item, check| {
        let x = item.number("a number above 0 and at most 1e9", check, |x| {
            (0.0..=1e9).contains(&x)
        })?;
        if x > 0.0 {
            return Some(x);
        }
        check.fail(item.draft("`weight` must be above 0").mend(format!(
            "to leave the fault out write drop = true in [fault.{name}]"
        )))
    });
    let trigger = fields.need(
        "trigger",
        "{ delay = \"5m to 2h\" }",
        check,
        |item, check| trigger(item, world.regions, world.times, check),
    );
    let adds = fields.need("adds", "{ errors = \"30%\" }", check, |item, check| {
        adds(item, slis, check)
    });
    let duration = |item: &Item<'_>, check: &mut Check| item.dist(Unit::Duration, check);
    let ramp = fields.or("ramp", Dist::zero(), check, duration);
    let spill = fields.maybe("spill", check, spill);
    let lingers = fields.maybe("lingers", check, duration);
    let unseen = fields.or("unseen", 0.0, check, |item, check| {
        item.quantity(Unit::Share, check)
    });
    let susceptible = fields.or("susceptible", Susceptible::All, check, |item, check| {
        susceptible(item, world.regions, check)
    });
    Some(Fault {
        name: name.to_owned(),
        key: NameKey::of(name),
        weight: weight?,
        trigger: trigger?,
        adds: adds?,
        ramp: ramp?,
        spill: spill?,
        lingers: lingers?,
        unseen: unseen?,
        susceptible: susceptible?,
        origin: check.origin(fields.at),
    })
}

fn spill(item: &Item<'_>, check: &mut Check) -> Option<Spill> {
    let fields = item.fields(
        &SPILL,
        "a table such as { times = 2, scope = \"zone\" }",
        check,
    )?;
    let times = fields.maybe("times", check, |item, check| {
        item.number("a factor above 0 and at most 1e9", check, |x| {
            x > 0.0 && x <= 1e9
        })
    });
    let fixed = fields.maybe("fixed", check, |item, check| {
        item.quantity(Unit::Share, check)
    });
    let scope = fields.need("scope", "\"zone\"", check, |item, check| {
        item.choice(
            check,
            &[
                ("zone", Scope::Zone),
                ("region", Scope::Region),
                ("fleet", Scope::Fleet),
            ],
        )
    });
    let kind = match (times?, fixed?) {
        (Some(times), None) => SpillKind::Times(times),
        (None, Some(share)) => SpillKind::Fixed(share),
        _ => {
            let draft = Draft::new(
                fields.at,
                fields.path,
                "a spill has one size: `times` or `fixed`",
            );
            return check.fail(draft.mend(
                "write { times = 2, scope = \"zone\" } or { fixed = \"100%\", scope = \"fleet\" }",
            ));
        }
    };
    Some(Spill {
        kind,
        scope: scope?,
    })
}

fn susceptible(item: &Item<'_>, regions: &Regions, check: &mut Check) -> Option<Susceptible> {
    if !matches!(item.value.node, Node::List(_)) {
        let share = item.quantity(Unit::Share, check)?;
        return Some(if share == 1.0 {
            Susceptible::All
        } else {
            Susceptible::Chance(share)
        });
    }
    let items = item.list("a share or a list of regions", check)?;
    if items.is_empty() {
        let draft = item.draft("`susceptible` names no region, so the fault would never be active");
        return check.fail(draft.mend("name regions, or leave it out"));
    }
    let mut listed = vec![false; regions.fleet.regions.len()];
    let mut is_fine = true;
    for item in &items {
        let Some(name) = item.text(check) else {
            is_fine = false;
            continue;
        };
        match regions.named(name) {
            Some(index) => listed[index] = true,
            None => {
                is_fine = false;
                check.note(regions.unknown(name, item));
            }
        }
    }
    is_fine.then_some(Susceptible::Listed(listed))
}

/// Which tests can see a fault. A fault of a used world may speak of tests that no strategy here has.
fn caught_by(
    item: &Item<'_>,
    tests: &BTreeSet<String>,
    check: &mut Check,
) -> Option<BTreeMap<String, f64>> {
    let table = item.names("a table of tests such as { gamma = 0.2 }", check)?;
    let mut chances = BTreeMap::new();
    for (name, at, inner) in Fields::open(table, item.value.at, item.path.clone()).all(check) {
        let is_own = at.file == 0 || check.incidents == Some(at.file);
        if is_own && !tests.contains(name) {
            let rule = format!("no strategy has a test `{}`", super::fields::short(name));
            let draft = Draft::new(at, inner.path.clone(), rule).absence();
            let near = nearest(name, tests.iter().map(String::as_str));
            let mend = "add it to `preproduction` or `tests` of a strategy, or remove it here";
            check.note(draft.nearest_or(near, mend));
        }
        if let Some(chance) = inner.quantity(Unit::Share, check) {
            chances.insert(name.to_owned(), chance);
        }
    }
    Some(chances)
}

/// Reads `[change]`.
pub(super) fn change(merged: &Merged, faults: Faults, check: &mut Check) -> Change {
    let nothing_to_carry = faults.names.is_empty();
    let mut change = Change {
        bad: 0.0,
        per_week: 1.0,
        faults: faults.list,
        origin: Origin::NOWHERE,
    };
    let Some(fields) = single(merged, "change", &CHANGE, check) else {
        if !nothing_to_carry {
            let draft = Draft::new(
                Place::top(0),
                "change",
                "there are faults, and nothing says how often a change is bad",
            );
            check.note(draft.mend("add `[change]` with `bad = \"5%\"`").absence());
        }
        return change;
    };
    change.origin = check.origin(fields.at);
    let bad = fields.need("bad", "\"5%\"", check, |item, check| {
        let bad = item.quantity(Unit::Share, check)?;
        if bad > 0.0 && nothing_to_carry {
            let draft =
                item.draft("a change can only be bad if there is a fault that it can carry");
            return check.fail(
                draft
                    .mend("add a `[fault.NAME]`, or write bad = \"0%\"")
                    .absence(),
            );
        }
        Some(bad)
    });
    let per_week = fields.or("per_week", 1.0, check, |item, check| {
        item.number("a number above 0 and at most 1e6", check, |x| {
            x > 0.0 && x <= 1e6
        })
    });
    change.bad = bad.unwrap_or(0.0);
    change.per_week = per_week.unwrap_or(1.0);
    change
}
