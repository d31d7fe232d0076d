//! Worlds and parts of worlds that come with landfall, what is in them, and where each of their numbers comes from.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::entry::{Entry, Part};
use crate::scenario::vocabulary::SECTIONS;
use crate::scenario::{PARTS, SHIPPED, Shipped};

/// A number of a world.
struct Noted {
    /// Its key, within its table.
    key: String,
    /// As it is written.
    value: String,
    /// Where it comes from, in words; empty where nothing is said.
    from: String,
}

/// A table of a world: a section, or one of a group.
struct WorldTable {
    /// `fault.memory-leak`
    path: String,
    /// `memory-leak`; none of a section that is one table.
    name: Option<String>,
    section: &'static str,
    /// What the file says about it in the lines above it, or beside it.
    remark: String,
    numbers: Vec<Noted>,
}

/// The worlds.
pub fn worlds() -> Vec<Entry> {
    let world = |world| entry_of(world, "a shipped world");
    SHIPPED.iter().map(world).collect()
}

/// The parts that worlds have in common.
pub fn parts() -> Vec<Entry> {
    let part = |part| entry_of(part, "a shipped part of worlds");
    PARTS.iter().map(part).collect()
}

fn entry_of(world: &'static Shipped, is: &str) -> Entry {
    let document = parsed(world);
    let tables = tables_with_used(world, &document);
    let mut entry = Entry::new(world.name, is).aliases([format!("{}.toml", world.name)]);
    let paragraphs = remark_of(world.text.lines());
    entry.parts.extend(paragraphs.into_iter().map(Part::Text));
    entry = entry.fact("example", format!("use = {:?}", world.name));
    let used = used_by(&document).map(|u| format!("{}, whose tables are here, too", u.name));
    entry = entry.fact("uses", used.unwrap_or_default());
    for section in SECTIONS.iter().filter(|s| s.named) {
        let names = tables.iter().filter(|t| t.section == section.name);
        let names: Vec<&str> = names.filter_map(|t| t.name.as_deref()).collect();
        entry = entry.fact(section.name, names.join(", "));
    }
    entry = entry.fact("values", counted(&tables));
    for table in &tables {
        let place = format!("[{}]", table.path);
        entry.parts.push(Part::Title(place));
        entry = entry.list(rows(table));
    }
    entry
}

/// How many values there are, and from where; what says nothing is no number but a choice, such as a time zone.
fn counted(tables: &[WorldTable]) -> String {
    let all = || tables.iter().flat_map(|t| &t.numbers);
    let from = |what: &str| all().filter(|n| n.from.starts_with(what)).count();
    let kinds = ["published", "measured", "guess"].map(|what| (what, from(what)));
    let said: usize = kinds.iter().map(|(_, n)| n).sum();
    let kinds = kinds.into_iter().chain([("chosen", all().count() - said)]);
    let kinds: Vec<String> = kinds
        .filter(|(_, n)| *n > 0)
        .map(|(what, n)| format!("{n} {what}"))
        .collect();
    kinds.join(", ")
}

fn rows(table: &WorldTable) -> Vec<(String, String)> {
    let row = |n: &Noted| {
        let from = if n.from.is_empty() {
            String::new()
        } else {
            format!("   {}", n.from)
        };
        (n.key.clone(), format!("{}{from}", n.value))
    };
    table.numbers.iter().map(row).collect()
}

/// What has a name in a world or a part: faults, alarms, regions and so on.
pub fn tables() -> Vec<Entry> {
    let named = SHIPPED.iter().chain(PARTS).flat_map(|world| {
        let tables = tables_of(world, &parsed(world))
            .into_iter()
            .filter(|t| t.name.is_some());
        tables.map(move |table| (world, table))
    });
    named
        .map(|(world, table)| table_of_world(world, &table))
        .collect()
}

fn table_of_world(world: &Shipped, table: &WorldTable) -> Entry {
    let name = table.name.clone().unwrap_or_default();
    let is = format!("[{}] of {}", table.path, world.name);
    let mut entry = Entry::new(name, is).aliases([table.path.clone()]);
    if !table.remark.is_empty() {
        entry = entry.text(&table.remark);
    }
    entry.list(rows(table))
}

fn parsed(world: &'static Shipped) -> DeTable<'static> {
    let document = DeTable::parse(world.text);
    document.expect("a shipped world is TOML").into_inner()
}

/// What a world is built upon: one part at most.
fn used_by(document: &DeTable<'_>) -> Option<&'static Shipped> {
    let name = document.get("use")?.get_ref().as_str()?;
    SHIPPED.iter().chain(PARTS).find(|s| s.name == name)
}

/// The tables of a world laid over those of what it uses.
fn tables_with_used(world: &'static Shipped, document: &DeTable<'_>) -> Vec<WorldTable> {
    let mut tables = match used_by(document) {
        Some(used) => tables_with_used(used, &parsed(used)),
        None => Vec::new(),
    };
    for own in tables_of(world, document) {
        match tables.iter_mut().find(|t| t.path == own.path) {
            Some(below) => lay(below, own),
            None => tables.push(own),
        }
    }
    let order = |table: &WorldTable| SECTIONS.iter().position(|s| s.name == table.section);
    tables.sort_by_key(order);
    tables
}

fn lay(below: &mut WorldTable, own: WorldTable) {
    for number in own.numbers {
        match below.numbers.iter_mut().find(|n| n.key == number.key) {
            Some(old) => *old = number,
            None => below.numbers.push(number),
        }
    }
}

/// The tables of a file, section by section.
fn tables_of(world: &'static Shipped, document: &DeTable<'_>) -> Vec<WorldTable> {
    let mut tables = Vec::new();
    for section in SECTIONS {
        let Some(DeValue::Table(content)) = document.get(section.name).map(Spanned::get_ref) else {
            continue;
        };
        let mut push = |path: String, name: Option<String>, table: &DeTable<'_>| {
            let mut numbers = Vec::new();
            collect(world.text, table, "", &mut numbers);
            tables.push(WorldTable {
                remark: remark_above(world.text, &path),
                path,
                name,
                section: section.name,
                numbers,
            });
        };
        if section.named {
            for (name, value) in content {
                if let DeValue::Table(table) = value.get_ref() {
                    let path = format!("{}.{}", section.name, name.get_ref());
                    push(path, Some(name.get_ref().to_string()), table);
                }
            }
        } else {
            push(section.name.to_owned(), None, content);
        }
    }
    tables
}

/// All values in a table, those in tables within it by their path.
fn collect(text: &str, table: &DeTable<'_>, path: &str, numbers: &mut Vec<Noted>) {
    for (key, value) in table {
        let key = if path.is_empty() {
            key.get_ref().to_string()
        } else {
            format!("{path}.{}", key.get_ref())
        };
        match value.get_ref() {
            DeValue::Table(inner) => match inner.get("value") {
                Some(value) => numbers.push(Noted {
                    key,
                    value: written(text, value),
                    from: provenance(inner),
                }),
                None => collect(text, inner, &key, numbers),
            },
            _ => numbers.push(Noted {
                key,
                value: written(text, value),
                from: String::new(),
            }),
        }
    }
}

/// A value as it stands in the file, in one line.
fn written(text: &str, value: &Spanned<DeValue<'_>>) -> String {
    let lines = text[value.span()].split_whitespace();
    lines.collect::<Vec<_>>().join(" ")
}

/// `published (source)`, `guess, 2% to 8%`.
fn provenance(table: &DeTable<'_>) -> String {
    let said = |key: &str| {
        let text = table.get(key).and_then(|v| v.get_ref().as_str());
        text.unwrap_or_default().to_owned()
    };
    let (from, source, range) = (said("from"), said("source"), said("range"));
    let mut text = from;
    if !range.is_empty() {
        text += &format!(", {range}");
    }
    if !source.is_empty() {
        text += &format!(" ({source})");
    }
    text
}

/// The comment in the lines right above a table, and the one beside its title.
fn remark_above(text: &str, path: &str) -> String {
    let title = format!("[{path}]");
    let lines: Vec<&str> = text.lines().collect();
    let Some(at) = lines.iter().position(|line| line.starts_with(&title)) else {
        return String::new();
    };
    let above = lines[..at]
        .iter()
        .rev()
        .take_while(|line| line.starts_with('#'))
        .count();
    let mut paragraphs = remark_of(lines[at - above..at].iter().copied());
    let beside = lines[at][title.len()..]
        .trim()
        .trim_start_matches('#')
        .trim();
    paragraphs.extend((!beside.is_empty()).then(|| beside.to_owned()));
    paragraphs.join(" ")
}

/// The paragraphs of the comment with which lines begin.
fn remark_of<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let comment = lines.map_while(|line| line.strip_prefix('#'));
    let mut paragraphs = vec![String::new()];
    for line in comment
        .map(str::trim)
        .filter(|line| !line.starts_with("---"))
    {
        let last = paragraphs.last_mut().expect("there is always one");
        if line.is_empty() {
            paragraphs.push(String::new());
        } else if last.is_empty() {
            line.clone_into(last);
        } else {
            last.push(' ');
            last.push_str(line);
        }
    }
    paragraphs.retain(|p| !p.is_empty());
    paragraphs
}
