//! From a row to the faults that stand for it.

use super::column::Column;
use super::sheet::{Cell, Row};
use crate::scenario::check::Check;
use crate::scenario::fields::{Item, join, short};
use crate::scenario::nearest::nearest;
use crate::scenario::problem::Draft;
use crate::scenario::read::unfit_name;
use crate::scenario::source::Place;
use crate::scenario::trigger;
use crate::scenario::value::{Entry, Node, Table, Value};
use crate::scenario::vocabulary::section_named;

/// A row of the file, read.
#[derive(Debug)]
pub(super) struct Read {
    pub name: Cell,
    /// What stands for it: a table `[fault.NAME]` for each fault that blanks are taken from.
    pub faults: Vec<Entry>,
    pub hit_regions: Option<u64>,
}

/// A fault of the scenario.
pub(super) type Base<'m> = (&'m Entry, &'m Table);

/// Reads a row; `None` where it cannot be, which is noted.
pub(super) fn read(
    row: &Row,
    columns: &[Option<Column>],
    bases: &[Base<'_>],
    check: &mut Check,
) -> Option<Read> {
    if row.cells.len() != columns.len() {
        let rule = format!(
            "the header has {} cells, and this row {}",
            columns.len(),
            row.cells.len()
        );
        let draft = Draft::new(row.at, "", rule);
        return check.fail(draft.mend("put a cell that has a comma of its own in double quotes"));
    }
    let cells = || {
        let given = columns.iter().zip(&row.cells);
        given.filter_map(|(column, cell)| column.as_ref().map(|column| (column, cell)))
    };
    let of = |wanted: &Column| cells().find(|(column, _)| *column == wanted);
    let (_, name) = of(&Column::Name)?;
    let fits = is_name(name, check);
    let given = |column: &Column| {
        of(column)
            .map(|(_, cell)| cell)
            .filter(|c| !c.text.is_empty())
    };
    let bases = bases_of(given(&Column::Fault), bases, check);
    let hit_regions = given(&Column::HitRegions).map(|cell| {
        let value = value(cell);
        let path = join(&path(name), "hit_regions");
        let item = Item {
            value: &value,
            path,
        };
        item.whole(0, 1_000, check)
    });
    let bases = bases?;
    let total: f64 = bases.iter().filter_map(|b| *b).map(weight).sum();
    let mut faults = Vec::with_capacity(bases.len());
    for base in &bases {
        let mut table = base.map_or_else(Table::default, |(_, table)| table.clone());
        let share = base.map_or(1.0, |base| weight(base) / total);
        put(&mut table, "weight", Node::Real(share), name.at);
        for (column, cell) in cells().filter(|(_, cell)| !cell.text.is_empty()) {
            write(&mut table, column, cell, name, check);
        }
        let key = match base {
            Some((entry, _)) if bases.len() > 1 => format!("{}: {}", name.text, entry.key),
            _ => name.text.clone(),
        };
        faults.push(Entry {
            key,
            key_at: name.at,
            value: Value {
                node: Node::Table(table),
                at: name.at,
            },
        });
    }
    let is_whole = faults.iter().all(|fault| needs(fault, name, check));
    (fits && is_whole).then(|| Read {
        name: name.clone(),
        faults,
        hit_regions: hit_regions.flatten(),
    })
}

/// Whether a name can be one.
fn is_name(name: &Cell, check: &mut Check) -> bool {
    let text = name.text.as_str();
    let reserved = section_named("fault").map_or(&[] as &[&str], |s| s.names.reserved);
    let rule = match text {
        "" => "an incident needs a name".to_owned(),
        _ if text.contains('#') => {
            "the name of an incident cannot contain `#`, which sets a rollout apart".to_owned()
        }
        _ if reserved.contains(&text) => format!("`{text}` already means a group of changes"),
        _ => match unfit_name(text) {
            Some(rule) => rule.to_owned(),
            None => return true,
        },
    };
    check.note(Draft::new(name.at, "name", rule).mend("give it a name of its own"));
    false
}

/// The faults that blanks are taken from: the one named, nothing for `none`, and all where none is named. `None` in the
/// list is no fault at all.
fn bases_of<'m>(
    cell: Option<&Cell>,
    bases: &[Base<'m>],
    check: &mut Check,
) -> Option<Vec<Option<Base<'m>>>> {
    let Some(cell) = cell else {
        let all: Vec<Option<Base>> = bases.iter().map(|b| Some(*b)).collect();
        return Some(if all.is_empty() { vec![None] } else { all });
    };
    if let Some(base) = bases.iter().find(|(entry, _)| entry.key == cell.text) {
        return Some(vec![Some(*base)]);
    }
    if cell.text == "none" {
        return Some(vec![None]);
    }
    let names: Vec<&str> = bases.iter().map(|(entry, _)| entry.key.as_str()).collect();
    let rule = format!("the scenario has no fault `{}`", short(&cell.text));
    let mend = format!(
        "it has {}; leave the cell blank to draw among them, or write none to take nothing from any",
        names.join(", ")
    );
    let near = nearest(&cell.text, names.iter().copied());
    check.fail(Draft::new(cell.at, "fault", rule).nearest_or(near, mend))
}

/// The weight of a fault; one that is no number is a mistake of the scenario, which is noted elsewhere.
fn weight((_, table): Base<'_>) -> f64 {
    let number = |value: &Value| match value.node {
        Node::Whole(n) => n as f64,
        Node::Real(x) => x,
        _ => f64::NAN,
    };
    let weight = table.get("weight").map(|value| match &value.node {
        Node::Table(wrapper) => wrapper.get("value").map_or(f64::NAN, number),
        _ => number(value),
    });
    weight.filter(|w| *w > 0.0 && w.is_finite()).unwrap_or(1.0)
}

/// Writes what a cell says into a fault's table.
fn write(table: &mut Table, column: &Column, cell: &Cell, name: &Cell, check: &mut Check) {
    match column {
        Column::Name | Column::Fault | Column::HitRegions => {}
        Column::Key(key) if key == "susceptible" => {
            put(table, key, susceptible(cell), cell.at);
        }
        Column::Key(key) => put(table, key, node(&cell.text), cell.at),
        Column::Inner("trigger", key) => write_trigger(table, key, cell),
        Column::Inner("spill", key) => {
            let spill = inner(table, "spill", cell.at);
            match key.as_str() {
                "times" => drop(spill.remove("fixed")),
                "fixed" => drop(spill.remove("times")),
                _ => {}
            }
            put(spill, key, node(&cell.text), cell.at);
        }
        Column::Inner(of, key) => put(inner(table, of, cell.at), key, node(&cell.text), cell.at),
        Column::Severity => list(table, "adds", cell, None, name, check),
        Column::Tests => list(table, "caught_by", cell, Some("100%"), name, check),
    }
}

/// Another cause than the fault has begins a trigger anew; a delay keeps the scope, of which it can have any.
fn write_trigger(table: &mut Table, key: &str, cell: &Cell) {
    let trigger = inner(table, "trigger", cell.at);
    if trigger::KINDS.contains(&key) && trigger.get(key).is_none() {
        let ours = |entry: &&Entry| entry.value.at.file == cell.at.file;
        let is_kept = |entry: &&Entry| ours(entry) || (key == "delay" && entry.key == "scope");
        let kept: Vec<Entry> = trigger.entries().filter(is_kept).cloned().collect();
        *trigger = Table::default();
        kept.into_iter().for_each(|entry| trigger.put(entry));
    }
    put(trigger, key, node(&cell.text), cell.at);
}

/// A list of names with shares, which replaces what the fault has.
fn list(
    table: &mut Table,
    key: &str,
    cell: &Cell,
    default: Option<&str>,
    name: &Cell,
    check: &mut Check,
) {
    let mut listed = Table::default();
    for part in cell
        .text
        .split(';')
        .map(str::trim)
        .filter(|p| !p.is_empty())
    {
        let (of, value) = match (part.split_once('='), default) {
            (Some((of, value)), _) => (of.trim(), value.trim()),
            (None, Some(value)) => (part, value),
            (None, None) => {
                let rule = format!("`{}` says of what it is, and not how much", short(part));
                let draft = Draft::new(cell.at, join(&path(name), key), rule);
                check.note(draft.mend("write errors=30%, and several as errors=30%; slow=5%"));
                continue;
            }
        };
        put(&mut listed, of, node(value), cell.at);
    }
    put(table, key, Node::Table(listed), cell.at);
}

/// A share, or names of regions with semicolons between them.
fn susceptible(cell: &Cell) -> Node {
    let is_share = cell.text.ends_with('%') || !matches!(node(&cell.text), Node::Text(_));
    if is_share {
        return node(&cell.text);
    }
    let names = cell
        .text
        .split(';')
        .map(str::trim)
        .filter(|n| !n.is_empty());
    let text = |name: &str| Value {
        node: Node::Text(name.to_owned()),
        at: cell.at,
    };
    Node::List(names.map(text).collect())
}

/// Whether a fault has what it cannot be without.
fn needs(fault: &Entry, name: &Cell, check: &mut Check) -> bool {
    let Node::Table(table) = &fault.value.node else {
        return false;
    };
    let mut is_whole = true;
    for (key, columns, example) in [
        ("trigger", "onset", "2h"),
        ("adds", "severity", "errors=30%"),
    ] {
        if table.get(key).is_none() {
            let rule = format!("this incident has no {columns}, and no fault to take it from");
            let draft = Draft::new(name.at, join(&path(name), key), rule);
            let mend = format!("write {example} in a column {columns}, or name a fault");
            check.note(draft.mend(mend));
            is_whole = false;
        }
    }
    is_whole
}

fn path(name: &Cell) -> String {
    join("fault", &name.text)
}

fn inner<'t>(table: &'t mut Table, key: &str, at: Place) -> &'t mut Table {
    let is_table = matches!(table.get(key).map(|v| &v.node), Some(Node::Table(_)));
    if !is_table {
        put(table, key, Node::Table(Table::default()), at);
    }
    match table.get_mut(key).map(|entry| &mut entry.value.node) {
        Some(Node::Table(inner)) => inner,
        other => unreachable!("{key} was made a table, and is {other:?}"),
    }
}

fn put(table: &mut Table, key: &str, node: Node, at: Place) {
    table.put(Entry {
        key: key.to_owned(),
        key_at: at,
        value: Value { node, at },
    });
}

fn value(cell: &Cell) -> Value {
    Value {
        node: node(&cell.text),
        at: cell.at,
    }
}

/// A cell as TOML would have it: `true`, a number, or a text.
fn node(text: &str) -> Node {
    let is_numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E' | '_');
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    match text {
        "true" => Node::Flag(true),
        "false" => Node::Flag(false),
        _ if !text.chars().all(is_numeric) => Node::Text(text.to_owned()),
        _ => match (digits.parse::<i64>(), digits.parse::<f64>()) {
            (Ok(whole), _) => Node::Whole(whole),
            (_, Ok(real)) => Node::Real(real),
            _ => Node::Text(text.to_owned()),
        },
    }
}
