//! Keys, their tables, and the words that are values of keys: all from the vocabulary.

use super::entry::Entry;
use crate::lint::lint_named;
use crate::scenario::vocabulary::{
    Absent, Bounds, Choice, DROP, Kind, PROVENANCE, Place, SECTIONS, TABLES, TOP, TableWords, Word,
    places,
};

/// The most places that are named for a key.
const MOST_PLACES: usize = 4;

/// Every key, once for each table that has it.
pub fn keys() -> Vec<Entry> {
    let mut keys: Vec<(Place, Vec<String>)> = Vec::new();
    for place in all_places() {
        let same = |known: &&mut (Place, Vec<String>)| std::ptr::eq(known.0.word, place.word);
        match keys.iter_mut().find(same) {
            Some((_, paths)) => paths.push(place.path),
            None => keys.push((place.clone(), vec![place.path])),
        }
    }
    keys.into_iter()
        .map(|(place, paths)| key(&place, paths))
        .collect()
}

/// Those of sections, and those outside all and inside any.
fn all_places() -> Vec<Place> {
    let at_top = TOP.words().map(|word| Place {
        path: word.name.to_owned(),
        word,
        table: &TOP,
    });
    let anywhere = PROVENANCE.words().map(|word| Place {
        path: format!("KEY.{}", word.name),
        word,
        table: &PROVENANCE,
    });
    let dropped = SECTIONS.iter().map(|section| Place {
        path: format!(
            "{}{}.drop",
            section.name,
            if section.named { ".NAME" } else { "" }
        ),
        word: &DROP,
        table: section.words,
    });
    let all = at_top.chain(places()).chain(anywhere).chain(dropped);
    all.collect()
}

fn key(place: &Place, paths: Vec<String>) -> Entry {
    let word = place.word;
    let of = if std::ptr::eq(word, &DROP) {
        "any table of a section"
    } else {
        place.table.title
    };
    let mut entry = Entry::new(word.name, format!("a key of {of}"))
        .text(word.meaning)
        .fact("where", where_it_stands(&paths))
        .fact("takes", taken(&word.kind))
        .fact("default", default(word))
        .fact("example", format!("{} = {}", word.name, word.example));
    entry.paths = paths;
    entry.list(meanings(&word.kind))
}

fn where_it_stands(paths: &[String]) -> String {
    let more = paths.len().saturating_sub(MOST_PLACES);
    let named = paths[..paths.len() - more].join(", ");
    if more == 0 {
        named
    } else {
        format!("{named}, and {more} more")
    }
}

fn default(word: &Word) -> String {
    match word.absent {
        Absent::Mistake => "none: it must be there".to_owned(),
        Absent::Nothing => "none".to_owned(),
        Absent::Value(value) | Absent::Else(value) => value.to_owned(),
    }
}

/// What a value may be, in words.
fn taken(kind: &Kind) -> String {
    match kind {
        Kind::Text(what) => format!("a text: {}", what.trim_start_matches("a text"))
            .trim_end_matches(": ")
            .to_owned(),
        Kind::Flag => "true or false".to_owned(),
        Kind::True => "true".to_owned(),
        Kind::Whole(1, 1) => "1".to_owned(),
        Kind::Whole(least, most) => format!("a whole number from {least} to {most}"),
        Kind::Number(bounds) => number(*bounds),
        Kind::Literal(literal) => literal.name.to_owned(),
        Kind::Choice(choices) => {
            let names: Vec<String> = choices.iter().map(|c| format!("{:?}", c.name)).collect();
            names.join(", ")
        }
        Kind::List(item, ..) => format!("a list, each: {}", taken(item)),
        Kind::Table(table) => format!(
            "a table {{ {} }}",
            table.names().collect::<Vec<_>>().join(", ")
        ),
        Kind::Names(what, kind) => format!("a table by {what}, each: {}", taken(kind)),
        Kind::Either(kinds) => kinds.iter().map(taken).collect::<Vec<_>>().join("; or "),
    }
}

fn number(bounds: Bounds) -> String {
    let low = if bounds.above_low { "above" } else { "from" };
    let high = if bounds.below_high { "below" } else { "to" };
    format!("a number {low} {} {high} {}", bounds.low, bounds.high)
}

/// The words that a value may be, with their meanings.
fn meanings(kind: &Kind) -> Vec<(String, String)> {
    let choices = choices_of(kind).into_iter();
    choices
        .map(|c| (c.name.to_owned(), c.meaning.to_owned()))
        .collect()
}

fn choices_of(kind: &Kind) -> Vec<&'static Choice> {
    match kind {
        Kind::Choice(choices) => choices.iter().collect(),
        Kind::Either(kinds) => kinds.iter().flat_map(choices_of).collect(),
        Kind::List(item, ..) => choices_of(item),
        _ => Vec::new(),
    }
}

/// Every table, with its keys.
pub fn tables() -> Vec<Entry> {
    TABLES.iter().map(|table| described(table)).collect()
}

fn described(table: &'static TableWords) -> Entry {
    let mut paths = Vec::new();
    if let Some(section) = SECTIONS.iter().find(|s| std::ptr::eq(s.words, table)) {
        let name = if section.named { ".NAME" } else { "" };
        paths.push(format!("{}{name}", section.name));
    }
    let rows = table
        .words()
        .map(|w| (w.name.to_owned(), w.meaning.to_owned()));
    let bare = table
        .title
        .trim_start_matches("a ")
        .trim_start_matches("an ");
    let section = bare.trim_matches(['[', ']']).trim_end_matches(".NAME");
    let mut entry = Entry::new(table.title, "a table of the language")
        .aliases([bare, section])
        .list(rows.collect());
    entry.paths = paths;
    entry
}

/// Every word that is the value of a key: each meaning once.
pub fn choices() -> Vec<Entry> {
    let mut found: Vec<(&'static Choice, Vec<Place>)> = Vec::new();
    for place in all_places() {
        // Codes of lints are explained as such.
        let choices = choices_of(&place.word.kind).into_iter();
        for choice in choices.filter(|c| lint_named(c.name).is_none()) {
            let same = |(known, _): &&mut (&Choice, _)| {
                known.name == choice.name && known.meaning == choice.meaning
            };
            match found.iter_mut().find(same) {
                Some((_, users)) => users.push(place.clone()),
                None => found.push((choice, vec![place.clone()])),
            }
        }
    }
    found
        .into_iter()
        .map(|(choice, users)| value(choice, users))
        .collect()
}

/// A word, and the keys whose value it may be; a key in several places is named once.
fn value(choice: &Choice, mut users: Vec<Place>) -> Entry {
    let mut seen: Vec<*const Word> = Vec::new();
    users.retain(|place| {
        let is_new = !seen.iter().any(|&word| std::ptr::eq(word, place.word));
        seen.push(place.word);
        is_new
    });
    let user = |place: &Place| format!("{} of {}", place.word.name, place.table.title);
    let users: Vec<String> = users.iter().map(user).collect();
    Entry::new(choice.name, format!("a value of {}", users.join(", "))).text(choice.meaning)
}
