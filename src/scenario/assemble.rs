//! From files to one set of tables: parsing, `use`, strategy files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::Request;
use super::check::Check;
use super::fields::{Item, short};
use super::literal::LiteralError;
use super::merge::{Kind, Merged};
use super::nearest::nearest;
use super::paths;
use super::problem::Draft;
use super::shipped::{self, shipped};
use super::source::Place;
use super::syntax;
use super::value::{Entry, MAX_NESTING, Node, Table, Value, table_of};
use crate::import;

/// The largest file, in bytes.
const MOST_BYTES: usize = 10 * 1024 * 1024;

/// The most files of a scenario, those used more than once counted every time.
const MOST_FILES: usize = 100;

/// The version of the language.
const FORMAT: i64 = 1;

/// Files while they are being put together.
pub(super) struct Assembly<'c, 'f> {
    check: &'c mut Check<'f>,
    merged: Merged,
    /// The files that are being read, each used by the one before.
    open: Vec<PathBuf>,
    /// The files that were laid; one that is used again is not laid again over what came after it.
    laid: HashSet<PathBuf>,
    files: usize,
}

/// Reads a scenario, all it uses, and strategy files, and lays them over each other.
pub(super) fn assemble(request: &Request, check: &mut Check) -> Merged {
    let mut assembly = Assembly::new(check);
    assembly.root(&request.scenario, Kind::Scenario);
    let mut foreign = Vec::new();
    for path in &request.strategies {
        match assembly.check.files.read(path) {
            Ok(bytes) if import::is_foreign(&path.to_string_lossy(), &bytes) => {
                foreign.push((path, bytes))
            }
            _ => assembly.root(path, Kind::Strategies),
        }
    }
    assembly.imported(&foreign);
    assembly.merged
}

/// The same for a text.
pub(super) fn assemble_text(name: &Path, text: &[u8], check: &mut Check) -> Merged {
    let mut assembly = Assembly::new(check);
    assembly.file(name, text, false, Kind::Scenario);
    assembly.merged
}

impl<'c, 'f> Assembly<'c, 'f> {
    fn new(check: &'c mut Check<'f>) -> Assembly<'c, 'f> {
        Assembly {
            check,
            merged: Merged::default(),
            open: Vec::new(),
            laid: HashSet::new(),
            files: 0,
        }
    }
}

impl Assembly<'_, '_> {
    /// A file that was asked for by the caller.
    fn root(&mut self, path: &Path, kind: Kind) {
        match self.check.files.read(path) {
            Ok(bytes) => self.file(path, &bytes, false, kind),
            Err(error) => {
                let file = self.check.texts.add(path, b"", String::new(), false);
                let draft = Draft::new(Place::top(file), "", error.rule());
                self.unreadable(match error.mend() {
                    Some(mend) => draft.mend(mend),
                    None => draft,
                });
            }
        }
    }

    /// Takes in what other tools' files come to, all of them together: one may refer to another.
    fn imported(&mut self, foreign: &[(&PathBuf, Vec<u8>)]) {
        if foreign.is_empty() {
            return;
        }
        let names: Vec<String> = foreign
            .iter()
            .map(|(path, _)| path.display().to_string())
            .collect();
        let files = names.iter().zip(foreign);
        let inputs: Vec<import::Input<'_>> = files
            .map(|(name, (_, bytes))| import::Input { name, bytes })
            .collect();
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        let result = import::import(&inputs, None, &import::Settings::default());
        let mut numbers = Vec::new();
        for (path, bytes) in foreign {
            let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let valid = std::str::from_utf8(text).map_or_else(|e| e.valid_up_to(), str::len);
            let text = String::from_utf8_lossy(&text[..valid]).into_owned();
            numbers.push(self.check.texts.add(path, bytes, text, false));
        }
        match result {
            Err(refusal) => {
                let at = refusal.at;
                let first = numbers.first().copied().unwrap_or_default();
                let file = numbers.get(at.file).copied().unwrap_or(first);
                let place = self.check.texts.rest_of_line(file, at.line, at.column);
                let draft = Draft::new(place, "", refusal.rule);
                self.unreadable(match refusal.mend {
                    Some(mend) => draft.mend(mend),
                    None => draft,
                });
            }
            Ok(imported) => {
                let (text, lines) = import::strategy_lines(&imported, &known);
                let of_file = |at: &import::At| Some((*numbers.get(at.file)?, at.line));
                let made_of: Vec<(usize, usize)> = lines.iter().filter_map(of_file).collect();
                let file = self.check.texts.add_made(text.clone(), &made_of);
                // What `landfall import` writes of it has to be read, too.
                if let Some(rule) = syntax::too_many_values(&text) {
                    return self.unreadable(Draft::new(Place::top(file), "", rule));
                }
                if let Some(table) = self.parse(file, &text) {
                    self.merged.lay(table, Kind::Strategies, self.check);
                }
            }
        }
    }

    /// Takes a file in, after everything that it uses.
    fn file(&mut self, path: &Path, bytes: &[u8], shipped: bool, kind: Kind) {
        let (text, complaint) = text_of(bytes);
        let file = self.check.texts.add(path, bytes, text.to_owned(), shipped);
        if let Some((at, rule)) = complaint {
            let at = Place {
                file,
                start: at,
                end: at,
            };
            return self.unreadable(Draft::new(at, "", rule));
        }
        let Some(table) = self.parse(file, text) else {
            return;
        };
        self.format(file, &table, kind);
        if kind == Kind::Strategies {
            if let Some(entry) = table.entry("use") {
                let draft = Draft::new(
                    entry.key_at,
                    "use",
                    "a strategy file cannot use other files",
                );
                self.check
                    .note(draft.mend("the scenario says what world it builds on"));
            }
        } else {
            self.open.push(path.to_owned());
            self.uses(file, &table);
            self.open.pop();
        }
        self.merged.lay(table, kind, self.check);
        self.laid.insert(path.to_owned());
    }

    /// Notes that a file could not be read.
    fn unreadable(&mut self, draft: Draft) {
        self.check.note(draft);
        self.check.incomplete = true;
    }

    /// Parses a text; syntax errors are all noted, and the rest is read where they do not mislead about it.
    fn parse(&mut self, file: usize, text: &str) -> Option<Table> {
        let (document, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let broken = syntax::describe(text, file, &document, &errors);
            let drafts = broken.drafts.into_iter();
            drafts.for_each(|draft| self.unreadable(draft.of_syntax()));
            self.check.unread.extend(broken.lines?);
        }
        match table_of(document.get_ref(), file) {
            Ok(table) => Some(table),
            Err(too_deep) => {
                let rule = format!("tables and lists are nested at most {MAX_NESTING} deep");
                self.unreadable(Draft::new(too_deep.0, "", rule));
                None
            }
        }
    }

    /// The version of the language: needed in scenarios and worlds.
    fn format(&mut self, file: usize, table: &Table, kind: Kind) {
        let mend = format!("write `format = {FORMAT}`");
        let draft = match table.entry("format") {
            None if kind == Kind::Strategies => return,
            None => Draft::new(
                Place::top(file),
                "format",
                "a file says first which version of the language it is in",
            )
            .mend(format!("{mend} at the top")),
            Some(Entry {
                value:
                    Value {
                        node: Node::Whole(FORMAT),
                        ..
                    },
                ..
            }) => return,
            Some(entry) => {
                let found = short(self.check.texts.slice(entry.value.at));
                Draft::new(entry.value.at, "format", "this landfall reads format 1")
                    .label(format!("found {found}"))
                    .mend(mend)
            }
        };
        self.check.note(draft);
    }

    /// Takes in what a file uses.
    fn uses(&mut self, file: usize, table: &Table) {
        let Some(value) = table.get("use") else {
            return;
        };
        let item = Item {
            value,
            path: "use".to_owned(),
        };
        let items = match &value.node {
            Node::List(_) => item.list("a list of names", self.check).unwrap_or_default(),
            _ => vec![item],
        };
        for item in items {
            if let Some(name) = item.text(self.check)
                && let Err(error) = self.one_use(file, name)
            {
                item.literal::<()>("a name", self.check, |_, _| Err(error));
                self.check.incomplete = true;
            }
        }
    }

    fn one_use(&mut self, asking: usize, name: &str) -> Result<(), LiteralError> {
        self.files += 1;
        if self.files > MOST_FILES {
            return Err(LiteralError::new(format!(
                "a scenario uses at most {MOST_FILES} files"
            )));
        }
        if self.open.len() >= MAX_NESTING {
            return Err(LiteralError::new(format!(
                "files use each other at most {MAX_NESTING} deep"
            )));
        }
        if let Some(world) = shipped(name) {
            return self.used(Path::new(name), world.text.as_bytes(), true);
        }
        if !name.ends_with(".toml") {
            let known: Vec<&str> = shipped::all().map(|s| s.name).collect();
            return Err(LiteralError {
                nearest: nearest(name, known.iter().copied()).map(str::to_owned),
                mend: Some(format!(
                    "shipped are {}; the name of a file ends in .toml",
                    known.join(", ")
                )),
                ..LiteralError::new(format!("no world {:?} is shipped", short(name)))
            });
        }
        let found = paths::find(name, asking, self.check)?;
        self.used(&found.path, &found.bytes, false)
    }

    fn used(&mut self, path: &Path, bytes: &[u8], shipped: bool) -> Result<(), LiteralError> {
        self.cycle_free(path)?;
        if !self.laid.contains(path) {
            self.file(path, bytes, shipped, Kind::Scenario);
        }
        Ok(())
    }

    fn cycle_free(&self, path: &Path) -> Result<(), LiteralError> {
        let Some(first) = self.open.iter().position(|p| p == path) else {
            return Ok(());
        };
        let mut round: Vec<String> = self.open[first..]
            .iter()
            .map(|p| p.display().to_string())
            .collect();
        round.push(path.display().to_string());
        Err(LiteralError {
            mend: Some(format!("the circle is {}", round.join(" -> "))),
            ..LiteralError::new("files use each other in a circle")
        })
    }
}

/// What is said of bytes that are no text.
fn not_utf_8(bytes: &[u8]) -> String {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return "the file is in UTF-16: save it as UTF-8".to_owned();
    }
    "a file is written in UTF-8, and here is something else".to_owned()
}

/// The text of a file, or where it stops being one, and why.
pub(super) fn text_of(bytes: &[u8]) -> (&str, Option<(usize, String)>) {
    if bytes.len() > MOST_BYTES {
        return ("", Some((0, "a file has at most 10 MiB".to_owned())));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) if text.trim().is_empty() => ("", Some((0, "the file is empty".to_owned()))),
        Ok(text) => match syntax::too_many_values(text) {
            Some(rule) => ("", Some((0, rule))),
            None => (text, None),
        },
        Err(error) => {
            let valid = error.valid_up_to();
            let text = std::str::from_utf8(&bytes[..valid]).unwrap_or("");
            (text, Some((valid, not_utf_8(bytes))))
        }
    }
}
