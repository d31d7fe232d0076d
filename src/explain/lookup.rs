//! Finding entries by what somebody types.

use super::SHELVES;
use super::entry::Entry;
use crate::report::columns::SLI;
use crate::scenario::nearest_of;

/// Words that nothing is known by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing is known by the name `{word}`{}", hint(nearest))]
pub struct Unknown {
    /// The word.
    pub word: String,
    /// Names that are close to it, the closest first.
    pub nearest: Vec<String>,
}

fn hint(nearest: &[String]) -> String {
    if nearest.is_empty() {
        return String::new();
    }
    let names: Vec<String> = nearest.iter().map(|name| format!("`{name}`")).collect();
    format!(": did you mean {}?", names.join(" or "))
}

/// The most names proposed for an unknown one.
const MOST_PROPOSED: usize = 3;

/// What is known by these words, which may be several terms, some of several words: `blast radius bake`.
///
/// # Errors
/// [`Unknown`], for the first that nothing is known by.
pub fn explain(words: &[String]) -> Result<Vec<Entry>, Unknown> {
    let library: Vec<Entry> = SHELVES.iter().flat_map(|shelf| (shelf.entries)()).collect();
    let mut found: Vec<Entry> = Vec::new();
    let mut left = words;
    while !left.is_empty() {
        // The longest run of words that means something.
        let run = (1..=left.len()).rev().find_map(|n| {
            let entries = known_by(&library, &left[..n].join(" "));
            (!entries.is_empty()).then_some((n, entries))
        });
        let Some((n, entries)) = run else {
            return Err(unknown(&library, left));
        };
        for entry in entries {
            if !found.contains(&entry) {
                found.push(entry);
            }
        }
        left = &left[n..];
    }
    Ok(found)
}

/// Entries by name, by another word for it, or by the path of a key; those that fit best.
fn known_by(library: &[Entry], query: &str) -> Vec<Entry> {
    let wanted = plain(query);
    if wanted.is_empty() {
        return Vec::new();
    }
    let fit = |entry: &&Entry| {
        let named = [&entry.name].into_iter().chain(&entry.aliases);
        named
            .map(|name| plain(name))
            .any(|name| fits_name(&name, &wanted))
            || entry.paths.iter().any(|path| is_at(path, query))
    };
    library.iter().filter(fit).cloned().collect()
}

/// Whether a name is the one wanted; one for each indicator fits all of them.
fn fits_name(name: &str, wanted: &str) -> bool {
    let of_any = name
        .strip_suffix(SLI)
        .and_then(|start| wanted.strip_prefix(start));
    name == wanted || of_any.is_some_and(|sli| !sli.is_empty())
}

/// `Blast_Radius`, `[blast-radius]` and "blast radius" are the same.
fn plain(name: &str) -> String {
    let kept = name.trim().trim_matches(['[', ']', '"', '\'', '`']);
    kept.to_lowercase().replace(['_', ' '], "-")
}

/// Whether a path in a file, or the end of one, is that of a key: `strategy.ours.waves[0].bake`, `waves.bake`.
fn is_at(path: &str, query: &str) -> bool {
    let (path, query) = (segments(path), segments(query));
    if query.len() < 2 || query.len() > path.len() {
        return false;
    }
    let fits = |(known, asked): (&String, &String)| known == "name" || known == asked;
    let whole = path.len() == query.len() && path.iter().zip(&query).all(fits);
    let fixed: Vec<&String> = path.iter().filter(|s| *s != "name").collect();
    let ends = fixed.len() >= query.len()
        && fixed[fixed.len() - query.len()..]
            .iter()
            .zip(&query)
            .all(|(a, b)| *a == b);
    whole || ends
}

/// The keys of a path, without the numbers of list items. A name in quotes is one.
fn segments(path: &str) -> Vec<String> {
    let mut segments = vec![String::new()];
    let mut quote = None;
    let mut in_brackets = false;
    for c in path
        .trim()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .chars()
    {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('.', None) => segments.push(String::new()),
            ('[', None) => in_brackets = true,
            (']', None) => in_brackets = false,
            (c, _) if !in_brackets => {
                if let Some(last) = segments.last_mut() {
                    last.extend(c.to_lowercase());
                }
            }
            _ => {}
        }
    }
    segments
}

fn unknown(library: &[Entry], words: &[String]) -> Unknown {
    // Words that only together are close to something are told together.
    let phrase = words.join(" ");
    let mut together = proposals(library, &phrase);
    together.retain(|name| plain(name).contains('-'));
    if words.len() > 1 && !together.is_empty() {
        return Unknown {
            word: phrase,
            nearest: together,
        };
    }
    Unknown {
        word: words[0].chars().take(60).collect(),
        nearest: proposals(library, &words[0]),
    }
}

fn proposals(library: &[Entry], word: &str) -> Vec<String> {
    if plain(word).is_empty() {
        return Vec::new();
    }
    let names = library
        .iter()
        .flat_map(|e| [&e.name].into_iter().chain(&e.aliases))
        .map(String::as_str);
    nearest_of(&plain(word), names, MOST_PROPOSED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(words: &[&str]) -> Result<Vec<String>, Unknown> {
        let words: Vec<String> = words.iter().map(|&w| w.to_owned()).collect();
        let entries = explain(&words)?;
        Ok(entries
            .into_iter()
            .map(|e| format!("{}: {}", e.name, e.is))
            .collect())
    }

    #[test]
    fn terms_of_several_words_need_no_quotes() {
        let radius = names(&["blast", "radius"]).unwrap();
        assert_eq!(
            radius,
            [
                "blast radius: a term",
                "blast_radius: a column of rollouts.csv"
            ]
        );
        assert_eq!(names(&["Blast_Radius"]), Ok(radius.clone()));
        assert_eq!(
            names(&["blast", "radius", "M", "of", "N"]).unwrap()[2],
            "M of N: a term"
        );
        assert_eq!(names(&["blast radius", "blast-radius"]), Ok(radius));
    }

    #[test]
    fn keys_are_found_by_their_paths() {
        for path in [
            "strategy.ours.waves[0].parallel",
            "strategy.'1, 1, 3. rest'.waves[0].parallel",
            "waves.parallel",
            "strategy.NAME.waves[].parallel",
        ] {
            assert_eq!(
                names(&[path]),
                Ok(vec!["parallel: a key of a wave".to_owned()]),
                "{path}"
            );
        }
        assert_eq!(
            names(&["fault.memory-leak.ramp"]),
            Ok(vec!["ramp: a key of [fault.NAME]".to_owned()])
        );
        assert!(names(&["waves.colour"]).is_err());
        assert!(names(&["region.ours.ramp"]).is_err());
        // A region may be called anything.
        let region = names(&["region.ramp"]).unwrap();
        assert_eq!(region, ["[region.NAME]: a table of the language"]);
    }

    #[test]
    fn unknown_words_get_the_nearest() {
        let error = names(&["blast", "radios"]).unwrap_err();
        assert_eq!(error.word, "blast radios");
        assert_eq!(error.nearest[0], "blast radius");
        let error = names(&["bake", "datapont"]).unwrap_err();
        assert_eq!(
            (error.word.as_str(), error.nearest[0].as_str()),
            ("datapont", "datapoint")
        );
        assert_eq!(
            names(&["xyzzyxyzzy"]).unwrap_err().nearest,
            Vec::<String>::new()
        );
        assert_eq!(names(&[" "]).unwrap_err().nearest, Vec::<String>::new());
    }
}
