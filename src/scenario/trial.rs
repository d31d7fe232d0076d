//! Tests of a release: before production, and hooks of every zone.

use super::check::Check;
use super::fields::{Fields, Item};
use super::literal::Unit;
use super::vocabulary::{PREPRODUCTION, TEST, TableWords};
use crate::plan::Test;
use crate::random::{Dist, NameKey};

/// The most tests in one list.
const MOST_TESTS: usize = 100;

/// When a test of a zone runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hook {
    PreTraffic,
    PostTraffic,
}

/// Reads the tests before production.
pub(super) fn preproduction(
    item: &Item<'_>,
    names: &mut Vec<String>,
    check: &mut Check,
) -> Option<Vec<Test>> {
    let read = each(item, &PREPRODUCTION, check, |fields, check| {
        test(fields, names, check)
    })?;
    Some(read)
}

/// Reads the tests of every zone, each with when it runs.
pub(super) fn hooks(
    item: &Item<'_>,
    names: &mut Vec<String>,
    check: &mut Check,
) -> Option<Vec<(Hook, Test)>> {
    each(item, &TEST, check, |fields, check| {
        let hook = fields.need("at", "\"pre-traffic\"", check, |item, check| {
            item.choice(
                check,
                &[
                    ("pre-traffic", Hook::PreTraffic),
                    ("post-traffic", Hook::PostTraffic),
                ],
            )
        });
        let test = test(fields, names, check);
        Some((hook?, test?))
    })
}

fn each<T>(
    item: &Item<'_>,
    words: &'static TableWords,
    check: &mut Check,
    mut read: impl FnMut(&Fields<'_>, &mut Check) -> Option<T>,
) -> Option<Vec<T>> {
    let items = item.list(
        "a list of tests, such as [{ name = \"gamma\", takes = \"40m\" }]",
        check,
    )?;
    if items.len() > MOST_TESTS {
        return check.fail(item.draft(format!(
            "a strategy has at most {MOST_TESTS} tests of a kind"
        )));
    }
    let mut tests = Vec::new();
    for item in &items {
        let fields = item.fields(
            words,
            "a table such as { name = \"gamma\", takes = \"40m\" }",
            check,
        );
        tests.push(fields.and_then(|fields| read(&fields, check)));
    }
    tests.into_iter().collect()
}

/// Reads a test; `sees` is filled in once the faults are known.
fn test(fields: &Fields<'_>, names: &mut Vec<String>, check: &mut Check) -> Option<Test> {
    let name = fields.need("name", "\"gamma\"", check, |item, check| {
        let name = item.name(check)?;
        if names.iter().any(|known| known == name) {
            let draft = item.draft(format!(
                "this strategy has two tests `{}`",
                super::fields::short(name)
            ));
            return check.fail(
                draft.mend("give each a name of its own: what a test can see is drawn by its name"),
            );
        }
        names.push(name.to_owned());
        Some(name.to_owned())
    });
    let takes = fields.or("takes", Dist::zero(), check, |item, check| {
        item.dist(Unit::Duration, check)
    });
    let flake = fields.or("flake", 0.0, check, |item, check| {
        item.quantity(Unit::Share, check)
    });
    let needs_active = fields.or("needs_active", false, check, |item, check| item.flag(check));
    let name = name?;
    Some(Test {
        key: NameKey::of(&name),
        name,
        takes: takes?,
        flake: flake?,
        needs_active: needs_active?,
        sees: Vec::new(),
        origin: check.origin(fields.at),
    })
}
