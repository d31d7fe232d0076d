//! Keys that no reader knows, so that nothing is left out without a word.
//!
//! What is known of a kind of file is an outline (`*.keys`): words on a line stand beside each other, and what is
//! indented below a line stands in its last word. A word that ends with `-` changes no rollout, whatever is in it; one
//! that ends with `*` is told of as a whole; every other one is read.

use std::collections::BTreeSet;

use super::document::{Content, Node};
use super::imported::Imported;
use super::refusal::{At, short};

/// Unknown keys that are listed one by one.
const MOST_LISTED: usize = 50;

/// The keys of a table that are known.
#[derive(Debug, Default)]
pub struct Keys {
    known: Vec<Key>,
}

#[derive(Debug)]
struct Key {
    name: &'static str,
    role: Role,
    inside: Keys,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Read,
    Idle,
    Whole,
}

impl Keys {
    /// The keys of an outline.
    pub fn of(outline: &'static str) -> Keys {
        const INDENT: usize = 2;
        let mut keys = Keys::default();
        for line in outline.lines() {
            let depth = (line.len() - line.trim_start().len()) / INDENT;
            let mut table = &mut keys;
            for _ in 0..depth {
                let Some(last) = table.known.len().checked_sub(1) else {
                    break;
                };
                table = &mut table.known[last].inside;
            }
            table.known.extend(line.split_whitespace().map(Key::of));
        }
        keys
    }

    /// What is known inside of a key; nothing where the key is not known.
    pub fn inside(&self, name: &str) -> Option<&Keys> {
        self.get(name).map(|key| &key.inside)
    }

    fn get(&self, name: &str) -> Option<&Key> {
        self.known.iter().find(|key| key.name == name)
    }
}

impl Key {
    fn of(word: &'static str) -> Key {
        let (name, role) = match (word.strip_suffix('-'), word.strip_suffix('*')) {
            (Some(name), _) => (name, Role::Idle),
            (_, Some(name)) => (name, Role::Whole),
            _ => (word, Role::Read),
        };
        Key {
            name,
            role,
            inside: Keys::default(),
        }
    }
}

/// Says of every key of a table, and of what is in it, what is not known, and what changes no rollout.
///
/// `path`: what stands before a key's name, such as `spec.`; empty for the top.
pub fn list(node: &Node, path: &str, keys: &Keys, imported: &mut Imported) {
    let mut found = Found::default();
    found.look(node, path, keys);
    for (at, key) in found.unknown.iter().take(MOST_LISTED) {
        imported.loses(*at, format!("{key}: not read"));
    }
    if let Some((at, _)) = found.unknown.get(MOST_LISTED) {
        let more = found.unknown.len() - MOST_LISTED;
        imported.loses(*at, format!("{more} more keys: not read"));
    }
    if !found.idle.is_empty() {
        let names: Vec<String> = found.idle.into_iter().collect();
        let text = format!("without effect on the rollout: {}", names.join(", "));
        imported.maps(node.at, text);
    }
}

#[derive(Default)]
struct Found {
    unknown: Vec<(At, String)>,
    idle: BTreeSet<String>,
}

impl Found {
    fn look(&mut self, node: &Node, path: &str, keys: &Keys) {
        match &node.content {
            Content::Scalar { .. } => {}
            Content::List(items) => items.iter().for_each(|item| self.look(item, path, keys)),
            Content::Table(entries) => {
                if let [only] = entries.as_slice()
                    && let Some(function) = function(&only.key)
                {
                    // A choice stands where what it chooses would.
                    if function == "If" {
                        self.look(&only.value, path, keys);
                    }
                    return;
                }
                for entry in entries.iter().filter(|entry| !entry.value.is_null()) {
                    let name = || format!("{path}{}", short(&entry.key));
                    match keys.get(&entry.key) {
                        None => self.unknown.push((entry.at, name())),
                        Some(key) => match key.role {
                            Role::Idle => drop(self.idle.insert(name())),
                            Role::Whole => {}
                            Role::Read => {
                                let path = format!("{path}{}.", key.name);
                                self.look(&entry.value, &path, &key.inside);
                            }
                        },
                    }
                }
            }
        }
    }
}

/// The function of CloudFormation that a key calls, in its long form or as some tools write the short form in JSON.
fn function(key: &str) -> Option<&str> {
    let called = key.strip_prefix("Fn::").or_else(|| key.strip_prefix('!'));
    called.or_else(|| (key == "Ref").then_some(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::document::documents;

    #[test]
    fn an_outline_says_what_is_read_idle_and_told_as_a_whole() {
        let keys = Keys::of("a b-\n  c*\nd\n  e\n    f g-\n  h\n");
        let text =
            "a: 1\nb: {x: 1}\nd: {e: {f: 1, g: 2, x: 3, y: ~}, h: [{z: 1}, 2], w: {v: 1}}\nu: 1\n";
        let node = &documents(text, 0).expect("YAML")[0];
        let mut imported = Imported::new("kind", "name", node.at);
        list(node, "t.", &keys, &mut imported);
        let unknown: Vec<_> = imported.not_expressed.iter().map(|n| &*n.text).collect();
        let expected = [
            "t.d.e.x: not read",
            "t.d.h.z: not read",
            "t.d.w: not read",
            "t.u: not read",
        ];
        assert_eq!(unknown, expected);
        let idle = "without effect on the rollout: t.b, t.d.e.g";
        assert_eq!(imported.mapped[0].text, idle);
    }

    #[test]
    fn what_a_choice_chooses_is_looked_at() {
        let keys = Keys::of("a\n  b");
        let text =
            "a: !If [C, {b: 1, x: 1}, {Fn::If: [D, {b: 2, y: 1}, {Ref: z}]}, {\"!Sub\": z}]\n";
        let node = &documents(text, 0).expect("YAML")[0];
        let mut imported = Imported::new("kind", "name", node.at);
        list(node, "", &keys, &mut imported);
        let unknown: Vec<_> = imported.not_expressed.iter().map(|n| &*n.text).collect();
        assert_eq!(unknown, ["a.x: not read", "a.y: not read"]);
    }

    #[test]
    fn very_many_keys_are_counted() {
        let text: String = (0..1_000).map(|i| format!("k{i}: 1\n")).collect();
        let node = &documents(&text, 0).expect("YAML")[0];
        let mut imported = Imported::new("kind", "name", node.at);
        list(node, "", &Keys::default(), &mut imported);
        assert_eq!(imported.not_expressed.len(), MOST_LISTED + 1);
        assert!(
            imported.not_expressed[MOST_LISTED]
                .text
                .starts_with("950 more keys")
        );
    }
}
