//! Tables: of figures that can be sorted, and of words.

use std::ops::Range;

use super::element::{Element, el};
use super::look::Look;
use crate::report::section::Section;
use crate::report::table::{Cell, Table};

/// What the rows of a table of figures are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    /// The strategies, in their order.
    Strategies,
    /// Something else.
    Others,
}

/// A table of figures, its rows sorted by whoever reads it.
pub(super) fn figures(number: usize, section: &Section, rows: Rows, look: &Look) -> Element {
    let table = &section.table;
    let body = table.rows.iter().enumerate().map(|(place, (name, cells))| {
        let row = match rows {
            Rows::Strategies => el("tr").with("data-strategy", name),
            Rows::Others => el("tr"),
        };
        row.child(row_heading(name, place, rows, look))
            .children(cells.iter().map(figure))
    });
    let id = format!("figures-{number}");
    let content = el("table")
        .with("class", "sortable figures")
        .child(
            el("caption")
                .with("id", id.clone())
                .text(section.caption.clone()),
        )
        .child(el("thead").children(headings(table)))
        .child(el("tbody").children(body));
    scrolling(&id, content)
}

fn row_heading(name: &str, place: usize, rows: Rows, look: &Look) -> Element {
    let heading = el("th").with("scope", "row");
    let heading = match rows {
        Rows::Strategies => heading.with("class", "marked").child(look.mark(place)),
        Rows::Others => heading,
    };
    heading.child(el("span").with("class", "name").text(name))
}

/// A figure, below it its interval; with the number that it is sorted by.
fn figure(cell: &Cell) -> Element {
    let mut td = el("td");
    if let Some(order) = cell.order {
        let order = if order == f64::INFINITY {
            "Infinity".to_owned()
        } else {
            order.to_string()
        };
        td = td.with("data-order", order);
    }
    td = td.text(cell.main.clone());
    match &cell.below {
        Some(below) => td.text(" ").child(el("small").text(below.clone())),
        None => td,
    }
}

/// Titles of groups above those of columns; a column that needs none takes both rows.
fn headings(table: &Table) -> Vec<Element> {
    let joined = |lines: &[&'static str]| lines.join(" ");
    let is_flat = table
        .groups
        .iter()
        .all(|g| g.title.is_empty() || g.columns.iter().all(Vec::is_empty));
    let leaf = |text: String| el("th").with("scope", "col").text(text);
    let stub = if table.stub.is_empty() {
        "figure"
    } else {
        table.stub
    };
    let mut first = el("tr").child(match is_flat {
        true => leaf(stub.to_owned()),
        false => leaf(stub.to_owned()).with("rowspan", "2"),
    });
    let mut second = el("tr");
    for group in &table.groups {
        let is_single = group.title.is_empty() || group.columns.iter().all(Vec::is_empty);
        if is_single {
            for column in &group.columns {
                let title = joined(if column.is_empty() {
                    &group.title
                } else {
                    column
                });
                let th = leaf(title);
                first = first.child(if is_flat { th } else { th.with("rowspan", "2") });
            }
        } else {
            first = first.child(
                el("th")
                    .with("scope", "colgroup")
                    .with("colspan", group.columns.len().to_string())
                    .text(joined(&group.title)),
            );
            second = second.children(group.columns.iter().map(|c| leaf(joined(c))));
        }
    }
    if is_flat {
        vec![first]
    } else {
        vec![first, second]
    }
}

/// A table of words: the first cell of a row is its heading.
#[derive(Clone, Debug)]
pub(super) struct Plain<'a> {
    pub id: &'a str,
    pub caption: &'a str,
    pub headings: &'a [&'a str],
    /// Columns of numbers, which stand to the right.
    pub numbers: Range<usize>,
    /// The strategy that all rows belong to.
    pub strategy: Option<&'a str>,
    pub rows: Vec<Vec<String>>,
}

/// Such a table.
pub(super) fn plain(table: &Plain) -> Element {
    let cell = |(i, text): (usize, &String)| {
        let cell = match i {
            0 => el("th").with("scope", "row"),
            _ => el("td"),
        };
        let cell = if table.numbers.contains(&i) {
            cell.with("class", "number")
        } else {
            cell
        };
        cell.text(text.clone())
    };
    let row = |row: &Vec<String>| el("tr").children(row.iter().enumerate().map(cell));
    let heading = |(i, text): (usize, &&str)| {
        let th = el("th").with("scope", "col");
        let th = if table.numbers.contains(&i) {
            th.with("class", "number")
        } else {
            th
        };
        th.text(*text)
    };
    let mut content = el("table").with("class", "words");
    if let Some(name) = table.strategy {
        content = content.with("data-strategy", name);
    }
    let content = content
        .child(el("caption").with("id", table.id).text(table.caption))
        .child(el("thead").child(el("tr").children(table.headings.iter().enumerate().map(heading))))
        .child(el("tbody").children(table.rows.iter().map(row)));
    scrolling(table.id, content)
}

/// A box in which something wide is moved sideways, by keyboard as well; it is called by what has this id.
pub(super) fn scrolling(called: &str, content: Element) -> Element {
    el("div")
        .with("class", "scroll")
        .with("tabindex", "0")
        .with("role", "group")
        .with("aria-labelledby", called)
        .child(content)
}
