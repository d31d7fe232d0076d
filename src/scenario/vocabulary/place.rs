//! Where in a file each key stands.

use super::{Kind, SECTIONS, TableWords, Word};

/// A key in its place.
#[derive(Clone, Debug)]
pub struct Place {
    /// The path of the key: `strategy.NAME.waves[].bake.for`.
    pub path: String,
    /// The key.
    pub word: &'static Word,
    /// The table that it is a key of.
    pub table: &'static TableWords,
}

/// Every key of every section in all its places, from the outside in.
pub fn places() -> Vec<Place> {
    let mut places = Vec::new();
    for section in SECTIONS {
        let name = if section.named { ".NAME" } else { "" };
        within(
            section.words,
            &format!("{}{name}", section.name),
            &mut places,
        );
    }
    places
}

fn within(table: &'static TableWords, path: &str, places: &mut Vec<Place>) {
    for word in table.words() {
        let path = format!("{path}.{}", word.name);
        places.push(Place {
            path: path.clone(),
            word,
            table,
        });
        inside(&word.kind, &path, places);
    }
}

fn inside(kind: &'static Kind, path: &str, places: &mut Vec<Place>) {
    match kind {
        Kind::Table(table) => within(table, path, places),
        Kind::List(item, ..) => inside(item, &format!("{path}[]"), places),
        Kind::Either(kinds) => {
            for kind in *kinds {
                inside(kind, path, places);
            }
        }
        _ => {}
    }
}
