//! Files laid over each other: tables merge key by key, a later value replaces, `drop = true` removes.
//!
//! Inline tables merge like others, so that `adds.slow = "1%"` adds to what a used file has. Lists do not: they replace.

use super::check::Check;
use super::fields::{either, join, short};
use super::nearest::nearest;
use super::problem::Draft;
use super::read::unfit_name;
use super::source::Place;
use super::trigger;
use super::value::{Entry, Node, Table, Value};
use super::vocabulary::{SECTIONS, Section, TOP, section_named, tables_with};

/// All sections after merging.
#[derive(Clone, Debug, Default)]
pub(super) struct Merged {
    sections: Table,
    /// `[lint]` of each file: they are about their files, and do not merge.
    lints: Vec<Entry>,
}

/// The section that is each file's own.
const LINT: &str = "lint";

/// The most mistakes, and tables of a group, among which a mistyped name is looked for.
const MOST_GUESSED: usize = 200;

/// What kind of file is merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A scenario, or a world that one uses.
    Scenario,
    /// A strategy file.
    Strategies,
}

impl Merged {
    /// A section that is one table.
    pub fn single(&self, name: &str) -> Option<&Value> {
        self.sections.get(name)
    }

    /// `[lint]` of each file that has one.
    pub fn lints(&self) -> &[Entry] {
        &self.lints
    }

    /// The tables of a group, in order.
    pub fn named<'d>(&'d self, name: &str) -> Vec<(&'d Entry, &'d Table)> {
        match self.sections.get(name).map(|v| &v.node) {
            Some(Node::Table(group)) => group.entries().filter_map(with_table).collect(),
            _ => Vec::new(),
        }
    }

    /// Every table by its path: sections, and those of groups.
    pub fn tables(&self) -> Vec<(String, &Value)> {
        let entries = self.sections.entries();
        entries.map(|e| (join("", &e.key), &e.value)).collect()
    }

    /// The sections that a strategy file cannot have, as they are written.
    pub fn of_world(&self) -> Vec<String> {
        let of_world = SECTIONS.iter().filter(|s| !s.in_strategy_files);
        let there = of_world.filter(|s| self.sections.get(s.name).is_some());
        there.map(title).collect()
    }

    /// Hands every section to be changed, with its path.
    pub fn each_table(&mut self, change: &mut dyn FnMut(String, &mut Value)) {
        for entry in self.sections.entries_mut() {
            change(join("", &entry.key), &mut entry.value);
        }
    }

    /// Puts a section in the place of what is there, or takes it away.
    pub fn replace(&mut self, name: &str, value: Option<Value>) {
        self.sections.remove(name);
        if let Some(value) = value {
            self.sections.put(Entry {
                key: name.to_owned(),
                key_at: value.at,
                value,
            });
        }
    }

    /// Names the table that was probably meant where a new one lacks a key: whoever mistypes a name of a used world makes
    /// a table that has only what was to be changed.
    pub fn name_what_was_meant(&self, drafts: &mut [Draft]) {
        let lacking = drafts.iter_mut().filter(|d| d.is_absence);
        for draft in lacking.take(MOST_GUESSED) {
            let Some((table, _)) = draft.key.rsplit_once('.') else {
                continue;
            };
            let section = table.split('.').next().unwrap_or("");
            let Some(Node::Table(group)) = self.sections.get(section).map(|v| &v.node) else {
                continue;
            };
            let of_table = |e: &&Entry| join(section, &e.key) == table;
            if let Some(new) = group.entries().take(MOST_GUESSED).find(of_table) {
                let others = group.entries().take(MOST_GUESSED);
                let used = others.filter(|e| e.key_at.file != new.key_at.file);
                let names: Vec<&str> = used.map(|e| e.key.as_str()).collect();
                draft.guess(nearest(&new.key, names));
            }
        }
    }

    /// Lays a file over what is there.
    pub fn lay(&mut self, file: Table, kind: Kind, check: &mut Check) {
        for entry in file.into_entries() {
            if TOP.has(&entry.key) {
                continue;
            }
            match section_named(&entry.key) {
                Some(section) if kind == Kind::Strategies && !section.in_strategy_files => {
                    let allowed: Vec<String> = SECTIONS
                        .iter()
                        .filter(|s| s.in_strategy_files)
                        .map(title)
                        .collect();
                    let rule = format!("a strategy file cannot have {}", title(section));
                    let mend = format!(
                        "it holds {}; the rest belongs in the scenario",
                        either(&allowed)
                    );
                    check.note(Draft::new(entry.key_at, entry.key, rule).mend(mend));
                }
                Some(section)
                    if section.name == LINT && matches!(entry.value.node, Node::Table(_)) =>
                {
                    self.lints.push(entry);
                }
                Some(section) => self.lay_section(section, entry, check),
                None => {
                    if !check.is_full() {
                        check.note(unknown_section(&entry));
                    }
                    check.incomplete = true;
                }
            }
        }
    }

    fn lay_section(&mut self, section: &'static Section, entry: Entry, check: &mut Check) {
        let at = entry.value.at;
        let kind = entry.value.kind();
        let Node::Table(table) = entry.value.node else {
            let rule = format!("`{}` must be a table", section.name);
            let draft = Draft::new(at, entry.key, rule).label(format!("this is {kind}"));
            check.note(draft.mend(format!("write {}", title(section))));
            check.incomplete = true;
            return;
        };
        if !section.named {
            let value = Value {
                node: Node::Table(table),
                at,
            };
            lay_table(
                &mut self.sections,
                Entry { value, ..entry },
                section.name,
                check,
            );
            return;
        }
        let group = self.group(section, entry.key_at, at);
        for inner in table.into_entries() {
            let path = join(section.name, &inner.key);
            let mistake = if matches!(inner.value.node, Node::Table(_)) {
                bad_name(section, &inner, &path)
            } else {
                Some(not_a_named_table(section, &inner, &path))
            };
            match mistake {
                Some(draft) => {
                    check.note(draft);
                    check.incomplete = true;
                }
                None => lay_table(group, inner, &path, check),
            }
        }
    }

    /// The tables of a group, to be added to.
    fn group(&mut self, section: &Section, key_at: Place, at: Place) -> &mut Table {
        if self.sections.get(section.name).is_none() {
            let value = Value {
                node: Node::Table(Table::default()),
                at,
            };
            self.sections.put(Entry {
                key: section.name.to_owned(),
                key_at,
                value,
            });
        }
        match self
            .sections
            .get_mut(section.name)
            .map(|e| &mut e.value.node)
        {
            Some(Node::Table(group)) => group,
            other => panic!("the group {} is no table but {other:?}", section.name),
        }
    }
}

fn with_table(entry: &Entry) -> Option<(&Entry, &Table)> {
    match &entry.value.node {
        Node::Table(table) => Some((entry, table)),
        _ => None,
    }
}

/// How a section is written.
fn title(section: &Section) -> String {
    if section.named {
        format!("[{}.NAME]", section.name)
    } else {
        format!("[{}]", section.name)
    }
}

/// Lays one table over the one of the same key.
fn lay_table(into: &mut Table, over: Entry, path: &str, check: &mut Check) {
    let at = over.value.at;
    let Node::Table(table) = over.value.node else {
        return;
    };
    if let Some(drop) = table.entry("drop") {
        drop_table(into, &over.key, drop, table.len(), path, check);
        return;
    }
    let value = Value {
        node: Node::Table(table),
        at,
    };
    lay_entry(into, Entry { value, ..over });
}

/// Lays one key over the one of the same name: tables merge key by key, anything else replaces.
fn lay_entry(into: &mut Table, over: Entry) {
    let Some(below) = into.get_mut(&over.key) else {
        into.put(over);
        return;
    };
    match (&mut below.value.node, over.value.node) {
        (Node::Table(old), Node::Table(new)) if may_merge(old, &new, &over.key) => {
            new.into_entries().for_each(|entry| lay_entry(old, entry));
        }
        (old, new) => *old = new,
    }
    below.value.at = over.value.at;
    below.key_at = over.key_at;
}

/// Keys of which a table has one: what the later file says is then about something else altogether.
const ALTERNATIVES: [(&str, &[&str]); 2] =
    [("trigger", &trigger::KINDS), ("spill", &["times", "fixed"])];

/// Whether two tables merge. A value with its provenance does not: the old source is none of the new value's. Nor does
/// one of two alternatives.
fn may_merge(old: &Table, new: &Table, key: &str) -> bool {
    let is_wrapped = |table: &Table| table.get("value").is_some();
    let differ = |keys: &[&str]| {
        let has = |table: &Table, key: &str| table.get(key).is_some();
        let changed = |k: &&str| has(new, k) && !has(old, k);
        keys.iter().any(changed)
    };
    let alternatives = ALTERNATIVES.iter().find(|(name, _)| *name == key);
    !is_wrapped(old) && !is_wrapped(new) && !alternatives.is_some_and(|(_, keys)| differ(keys))
}

/// Removes a table that an earlier file has.
fn drop_table(
    into: &mut Table,
    key: &str,
    drop: &Entry,
    keys: usize,
    path: &str,
    check: &mut Check,
) {
    let draft = |rule: &str| Draft::new(drop.key_at, join(path, "drop"), rule);
    if !matches!(drop.value.node, Node::Flag(true)) {
        check.note(draft("`drop` can only be true").mend("leave it out to keep the table"));
    } else if keys > 1 {
        let mend = "remove the other keys, or remove `drop` to change single keys";
        check.note(draft("`drop` removes the table, so it has no other keys").mend(mend));
    } else if !into.remove(key) {
        let near = nearest(key, into.entries().map(|e| e.key.as_str()));
        let rule = format!("there is no `{path}` to drop");
        check.note(draft(&rule).nearest_or(near, "only what a used file has can be dropped"));
    }
}

/// The mistake of a name where a table should be: most often the name of the table is missing.
fn not_a_named_table(section: &Section, inner: &Entry, path: &str) -> Draft {
    let is_key = section.words.has(&inner.key);
    let rule = if is_key {
        format!(
            "`{}` is a key of a table with a name, {}",
            inner.key,
            title(section)
        )
    } else {
        format!("`{path}` must be a table")
    };
    let draft = Draft::new(inner.key_at, path, rule);
    let example = format!("[{}.{}]", section.name, example_name(section.name));
    draft.mend(if is_key {
        format!("write {example} above it")
    } else {
        format!("write it as {example}")
    })
}

fn example_name(section: &str) -> &'static str {
    match section {
        "region" => "eu-west-1",
        "sli" => "errors",
        "strategy" => "ours",
        "profile" => "office",
        _ => "some-name",
    }
}

/// The mistake of a name that cannot be one.
fn bad_name(section: &Section, entry: &Entry, path: &str) -> Option<Draft> {
    let name = entry.key.as_str();
    let draft = |rule: &str| Some(Draft::new(entry.key_at, path, rule));
    if name.trim().is_empty() {
        return draft("a name cannot be empty");
    }
    if let Some(rule) = unfit_name(name) {
        return draft(rule);
    }
    match section.name {
        "region" if name.contains('/') => {
            draft("the name of a region cannot contain `/`, which sets a zone apart")
        }
        "fault" if name.contains('#') => {
            draft("the name of a fault cannot contain `#`, which sets a rollout apart")
        }
        "fault" if section.names.reserved.contains(&name) => {
            draft(&format!("`{name}` already means a group of changes"))
        }
        "sli" if section.names.reserved.contains(&name) => {
            draft(&format!("`{name}` has a meaning of its own in conditions"))
        }
        "sli"
            if !name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) =>
        {
            draft(
                "the name of an indicator has only letters, digits, `-` and `_`: it becomes the name of a column",
            )
        }
        _ => None,
    }
}

/// The mistake of a top-level key that is no section.
fn unknown_section(entry: &Entry) -> Draft {
    let key = entry.key.as_str();
    let draft = Draft::new(entry.key_at, key, format!("a file has no `{}`", short(key)));
    let known = SECTIONS.iter().map(|s| s.name).chain(TOP.names());
    if let Some(near) = nearest(key, known) {
        return draft.nearest(Some(near));
    }
    let homes: Vec<&str> = tables_with(key).map(|t| t.title).collect();
    if homes.is_empty() {
        let known: Vec<String> = SECTIONS.iter().map(title).collect();
        return draft.mend(format!("a file has {}", known.join(", ")));
    }
    draft.mend(format!("`{key}` is a key of {}", either(&homes)))
}
