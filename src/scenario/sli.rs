//! `[sli.NAME]`: service-level indicators, and tables that speak of them.

use super::check::Check;
use super::fields::{Fields, Item, join};
use super::literal::Unit;
use super::merge::Merged;
use super::nearest::nearest;
use super::problem::Draft;
use super::source::Place;
use super::vocabulary::SLI;
use crate::plan::{Origin, Sli};
use crate::random::{Dist, NameKey};

/// Indicators that exist without being declared, with a base of 0.
const ALWAYS_KNOWN: [&str; 2] = ["errors", "slow"];

/// The most indicators.
const MOST: usize = 20;

/// The indicators known so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Slis {
    pub list: Vec<Sli>,
}

impl Slis {
    /// The index of an indicator by name; `errors` and `slow` come into being when they are asked for.
    pub fn index(&mut self, name: &str, at: Place, path: &str, check: &mut Check) -> Option<usize> {
        if let Some(found) = self.list.iter().position(|s| s.name == name) {
            return Some(found);
        }
        if ALWAYS_KNOWN.contains(&name) {
            self.list.push(undeclared(name, Origin::NOWHERE));
            return Some(self.list.len() - 1);
        }
        let known = self
            .list
            .iter()
            .map(|s| s.name.as_str())
            .chain(ALWAYS_KNOWN);
        let draft = Draft::new(at, path, format!("there is no indicator `{name}`"));
        let near = nearest(name, known);
        check.fail(
            draft
                .nearest_or(near, format!("declare it with [sli.{name}]"))
                .absence(),
        )
    }
}

fn undeclared(name: &str, origin: Origin) -> Sli {
    Sli {
        name: name.to_owned(),
        key: NameKey::of(name),
        base: 0.0,
        dispersion: 0.0,
        objective: None,
        origin,
    }
}

/// Reads the indicators, and the bases that `[service]` puts in place of theirs.
pub(super) fn slis(merged: &Merged, service: Option<&Fields<'_>>, check: &mut Check) -> Slis {
    let mut slis = Slis::default();
    for (entry, table) in merged.named("sli") {
        let fields = Fields::of(table, entry.value.at, join("sli", &entry.key), &SLI, check);
        if slis.list.len() == MOST {
            let rule = format!("a scenario has at most {MOST} indicators");
            check.note(Draft::new(entry.key_at, fields.path, rule));
            break;
        }
        let share = |item: &Item<'_>, check: &mut Check| item.quantity(Unit::Share, check);
        let base = fields.or("base", 0.0, check, share);
        let dispersion = fields.or("dispersion", 0.0, check, dispersion);
        let objective = fields.maybe("objective", check, objective);
        slis.list.push(Sli {
            base: base.unwrap_or(0.0),
            dispersion: dispersion.unwrap_or(0.0),
            objective: objective.flatten(),
            ..undeclared(&entry.key, check.origin(fields.at))
        });
    }
    if let Some(item) = service.and_then(|s| s.item("base", check)) {
        for (index, base) in by_sli(&item, &mut slis, check, |item, check| {
            item.quantity(Unit::Share, check)
        }) {
            slis.list[index].base = base;
        }
    }
    slis
}

fn dispersion(item: &Item<'_>, check: &mut Check) -> Option<f64> {
    item.number("a correlation from 0 to 1", check, |x| {
        (0.0..=1.0).contains(&x)
    })
}

fn objective(item: &Item<'_>, check: &mut Check) -> Option<f64> {
    let share = item.quantity(Unit::Share, check)?;
    if share > 0.0 && share < 1.0 {
        return Some(share);
    }
    check.fail(
        item.draft("`objective` lies between 0% and 100%")
            .mend("write one such as \"99.9%\""),
    )
}

/// Reads a table whose keys are indicators.
fn by_sli<T>(
    item: &Item<'_>,
    slis: &mut Slis,
    check: &mut Check,
    read: impl Fn(&Item<'_>, &mut Check) -> Option<T>,
) -> Vec<(usize, T)> {
    let wanted = "a table of indicators such as { errors = \"1%\" }";
    let Some(table) = item.names(wanted, check) else {
        return Vec::new();
    };
    let fields = Fields::open(table, item.value.at, item.path.clone());
    let mut values = Vec::new();
    for (name, at, inner) in fields.all(check) {
        let index = slis.index(name, at, &inner.path, check);
        let value = read(&inner, check);
        values.extend(index.zip(value));
    }
    values
}

/// Reads what is added to bad ratios: at least one indicator.
pub(super) fn adds(
    item: &Item<'_>,
    slis: &mut Slis,
    check: &mut Check,
) -> Option<Vec<(usize, Dist)>> {
    let before = check.mistakes;
    let values = by_sli(item, slis, check, |item, check| {
        item.dist(Unit::Share, check)
    });
    if check.mistakes > before {
        return None;
    }
    if values.is_empty() {
        return check.fail(
            item.draft("`adds` names no indicator")
                .mend("write it like adds = { errors = \"5%\" }"),
        );
    }
    Some(values)
}
