//! Rollouts as other tools describe them, turned into strategies.
//!
//! Bytes go in, [`Imported`] comes out; nothing here opens a file. A kind of file is a [`Kind`] of the list [`KINDS`]:
//! it says whether there is something of it among the files given, and reads it. Whatever a file says is *mapped* into
//! the strategy, *assumed* where it says nothing, or *not expressed*; each with its line, and nothing else is left out.

mod argo;
mod cloud_deploy;
mod cloudformation;
mod document;
mod duration;
mod flagger;
mod imported;
mod json;
mod kayenta;
mod kubernetes;
mod nomad;
mod objects;
mod program;
mod prometheus;
mod refusal;
mod settings;
mod signal;
mod strategy;
mod text;
mod toml;
mod unread;

use std::collections::{HashMap, HashSet};

pub use document::{Content, Entry, Node};
pub use duration::go_duration_s;
pub use imported::{Dwell, Imported, Note, Stage};
pub use refusal::{At, Refusal};
pub use settings::Settings;
pub use strategy::{Alarm, Bake, Step, Strategy, Test, Wave, Zones};

/// A file that was given.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Its name, for messages and comments.
    pub name: &'a str,
    /// What is in it.
    pub bytes: &'a [u8],
}

/// Files that were read.
#[derive(Debug)]
pub struct Given<'a> {
    /// Their names.
    pub names: Vec<&'a str>,
    /// Their texts.
    pub texts: Vec<&'a str>,
    /// The documents of all that are YAML or JSON, in order.
    pub documents: Vec<Node>,
}

impl Given<'_> {
    /// The name of a file without its folders.
    fn base_name(&self, file: usize) -> &str {
        let name = self.names.get(file).copied().unwrap_or("file");
        name.rsplit(['/', '\\']).next().unwrap_or(name)
    }
}

/// A kind of file.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// What it is called in `landfall import KIND`.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// Whether there is something of it among the files.
    pub recognise: fn(&Given<'_>) -> bool,
    /// Reads all there is of it.
    pub read: fn(&Given<'_>, &Settings) -> Result<Vec<Imported>, Refusal>,
}

/// All kinds, in the order in which they are tried.
pub const KINDS: &[Kind] = &[
    argo::KIND,
    flagger::KIND,
    cloudformation::KIND,
    prometheus::KIND,
    kubernetes::KIND,
    nomad::KIND,
    cloud_deploy::KIND,
    kayenta::KIND,
];

/// Kinds whose files are no YAML, by the ending of their names.
const NO_YAML: [&str; 3] = [".nomad", ".hcl", ".tf"];

/// Imports files, those of one call together: what one refers to may stand in another.
///
/// # Errors
/// The first thing that is wrong, in its place: a text that is none, nothing that is known, or what a tool would refuse.
pub fn import(
    files: &[Input<'_>],
    kind: Option<&str>,
    settings: &Settings,
) -> Result<Vec<Imported>, Refusal> {
    let names: Vec<&str> = files.iter().map(|f| f.name).collect();
    all(files, kind, settings).map_err(|refusal| refusal.of(&names))
}

fn all(
    files: &[Input<'_>],
    kind: Option<&str>,
    settings: &Settings,
) -> Result<Vec<Imported>, Refusal> {
    let given = given(files)?;
    let kinds = KINDS.iter().filter(|k| match kind {
        Some(name) => k.name == name,
        None => (k.recognise)(&given),
    });
    let mut imported = Vec::new();
    let mut any = false;
    for kind in kinds {
        any = true;
        imported.extend((kind.read)(&given, settings)?);
    }
    if imported.is_empty() {
        return Err(nothing(any, kind));
    }
    imported.iter_mut().for_each(Imported::tidy);
    name_apart(&mut imported);
    Ok(imported)
}

fn given<'a>(files: &[Input<'a>]) -> Result<Given<'a>, Refusal> {
    let mut given = Given {
        names: files.iter().map(|f| f.name).collect(),
        texts: Vec::new(),
        documents: Vec::new(),
    };
    for (index, file) in files.iter().enumerate() {
        let text = text::text(file.bytes, index)?;
        given.texts.push(text);
        if !NO_YAML.iter().any(|ending| file.name.ends_with(ending)) {
            given.documents.extend(document::documents(text, index)?);
        }
    }
    Ok(given)
}

fn nothing(any: bool, kind: Option<&str>) -> Refusal {
    let at = At::top(0);
    let known: Vec<&str> = KINDS.iter().map(|k| k.about).collect();
    match (any, kind) {
        (false, Some(kind)) => Refusal::new(at, format!("no kind of file is called `{kind}`")),
        (true, Some(kind)) => {
            Refusal::new(at, format!("there is nothing of the kind `{kind}` in it"))
        }
        _ => Refusal::new(at, "there is no rollout of a known kind in it"),
    }
    .mend(format!("known are {}", known.join("; ")))
}

/// Gives what has the same name a number.
fn name_apart(imported: &mut [Imported]) {
    let mut taken: HashSet<String> = HashSet::new();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    for one in imported {
        let name = one.name.clone();
        while !taken.insert(one.name.clone()) {
            let number = numbers.entry(name.clone()).or_insert(1);
            *number += 1;
            one.name = format!("{name} {number}");
        }
    }
}

/// What was imported as a JSON list, an element for each. `names`: those of the files.
pub fn json(imported: &[Imported], names: &[&str]) -> String {
    json::document(imported, names)
}

/// Whether a file of this name and content is one for [`import`] instead of a file in landfall's own language.
pub fn is_foreign(name: &str, bytes: &[u8]) -> bool {
    const ENDINGS: [&str; 6] = [".yaml", ".yml", ".json", ".template", ".nomad", ".hcl"];
    let name = name.to_ascii_lowercase();
    let first = bytes.iter().find(|b| !b.is_ascii_whitespace());
    ENDINGS.iter().any(|ending| name.ends_with(ending)) || first == Some(&b'{')
}

/// The strategy file of what was imported. `names`: those of the files.
pub fn strategy_file(imported: &[Imported], names: &[&str]) -> String {
    toml::file(imported, names).0
}

/// The same, and for each of its lines the place in the files that it comes from.
pub fn strategy_lines(imported: &[Imported], names: &[&str]) -> (String, Vec<At>) {
    toml::file(imported, names)
}
