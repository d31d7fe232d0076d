//! The columns of a file of incidents.

use super::sheet::{Cell, Row};
use crate::scenario::check::Check;
use crate::scenario::fields::short;
use crate::scenario::nearest::nearest;
use crate::scenario::problem::Draft;
use crate::scenario::vocabulary::{FAULT, SPILL, TRIGGER};

/// Names of columns that are no keys of a fault.
const OWN: [&str; 8] = [
    "name",
    "fault",
    "onset",
    "scope",
    "severity",
    "regions",
    "tests",
    "hit_regions",
];

/// Keys of a fault that no column has: incidents weigh the same, and tables have a column for each of their keys.
const WITHOUT: [&str; 5] = ["weight", "trigger", "adds", "spill", "caught_by"];

/// What a column says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// The incident's name.
    Name,
    /// The fault of the scenario that blanks are taken from.
    Fault,
    /// In how many regions users were hit when it happened.
    HitRegions,
    /// All that it adds, `errors=30%; slow=5%`.
    Severity,
    /// All tests that would see it, `gamma; smoke=50%`.
    Tests,
    /// A key of a fault.
    Key(String),
    /// A key of a table of a fault.
    Inner(&'static str, String),
}

/// Reads the header. `None` stands for a column that is not known, which is noted.
pub(super) fn columns(header: &Row, check: &mut Check) -> Vec<Option<Column>> {
    let mut columns: Vec<Option<Column>> = Vec::new();
    for cell in &header.cells {
        let column = column(&cell.text);
        if column.is_none() && !check.is_full() {
            check.note(unknown(cell));
        }
        if column.is_some() && columns.contains(&column) {
            let rule = format!("the column `{}` is there twice", short(&cell.text));
            check.note(Draft::new(cell.at, cell.text.clone(), rule).mend("remove one of them"));
        }
        columns.push(column);
    }
    if !columns.contains(&Some(Column::Name)) {
        let draft = Draft::new(header.at, "name", "incidents need a column `name`");
        check.note(draft.mend("name each as you would speak of it, such as 2026-03 cache"));
    }
    columns
}

fn column(name: &str) -> Option<Column> {
    let inner = |table: &'static str, key: &str| Some(Column::Inner(table, key.to_owned()));
    match name {
        "name" => Some(Column::Name),
        "fault" => Some(Column::Fault),
        "hit_regions" => Some(Column::HitRegions),
        "severity" => Some(Column::Severity),
        "tests" => Some(Column::Tests),
        "onset" => inner("trigger", "delay"),
        "scope" => inner("trigger", "scope"),
        "regions" => Some(Column::Key("susceptible".to_owned())),
        _ => match name.split_once('.') {
            Some(("trigger", key)) if TRIGGER.has(key) => inner("trigger", key),
            Some(("spill", key)) if SPILL.has(key) => inner("spill", key),
            Some(("adds", sli)) if !sli.is_empty() => inner("adds", sli),
            Some(("caught_by", test)) if !test.is_empty() => inner("caught_by", test),
            None if FAULT.has(name) && !WITHOUT.contains(&name) => {
                Some(Column::Key(name.to_owned()))
            }
            _ => None,
        },
    }
}

fn unknown(cell: &Cell) -> Draft {
    let name = &cell.text;
    let draft = Draft::new(
        cell.at,
        name.clone(),
        format!("an incident has no column `{}`", short(name)),
    );
    if name == "weight" {
        return draft.mend("remove it: every incident happened once, so they weigh the same");
    }
    let keys = FAULT.names().filter(|key| !WITHOUT.contains(key));
    let known: Vec<&str> = OWN.into_iter().chain(keys).collect();
    draft.nearest_or(
        nearest(name, known.iter().copied()),
        format!(
            "columns are {}, and keys such as trigger.requests, adds.errors, spill.fixed, caught_by.gamma",
            known.join(", ")
        ),
    )
}
