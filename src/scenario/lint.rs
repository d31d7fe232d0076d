//! `[lint]`: which findings about a file its authors know of. Each file's own: what is said of a world is the world's.

use std::path::PathBuf;

use super::check::Check;
use super::fields::{Fields, Item};
use super::merge::Merged;
use super::nearest::nearest;
use super::value::Node;
use super::vocabulary::{LINT, LINT_CODES};

/// The most codes.
const MOST_CODES: usize = 100;

/// What a file says of findings about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LintSettings {
    /// The file, as it was named.
    pub file: PathBuf,
    /// Codes of findings that are left out.
    pub allow: Vec<&'static str>,
    /// From which level on a finding is denied, if the file says so.
    pub deny: Option<LintLevel>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LintLevel {
    /// Worth knowing.
    Note,
    /// Probably not what was meant.
    Warning,
    /// Cannot work.
    Error,
}

/// Reads the settings of all files.
pub(super) fn settings(merged: &Merged, check: &mut Check) -> Vec<LintSettings> {
    let mut all = Vec::new();
    for entry in merged.lints() {
        let Node::Table(table) = &entry.value.node else {
            continue;
        };
        let fields = Fields::of(table, entry.value.at, "lint", &LINT, check);
        let allow = fields.or("allow", Vec::new(), check, codes);
        let deny = fields.maybe("deny", check, |item, check| {
            item.choice(
                check,
                &[
                    ("note", LintLevel::Note),
                    ("warning", LintLevel::Warning),
                    ("error", LintLevel::Error),
                ],
            )
        });
        all.push(LintSettings {
            file: check.texts.source(entry.value.at.file).path.clone(),
            allow: allow.unwrap_or_default(),
            deny: deny.flatten(),
        });
    }
    all
}

fn codes(item: &Item<'_>, check: &mut Check) -> Option<Vec<&'static str>> {
    let items = item.list("a list of codes, such as [\"LF304\"]", check)?;
    if items.len() > MOST_CODES {
        return check.fail(item.draft(format!("`allow` has at most {MOST_CODES} codes")));
    }
    let mut codes = Vec::with_capacity(items.len());
    for item in &items {
        codes.push(code(item, check)?);
    }
    Some(codes)
}

fn code(item: &Item<'_>, check: &mut Check) -> Option<&'static str> {
    let Some(word) = item.as_text() else {
        return check.fail(item.draft("a code is a text in quotes, such as \"LF304\""));
    };
    if let Some(known) = LINT_CODES.iter().find(|c| c.name == word) {
        return Some(known.name);
    }
    let draft = item.draft(format!("there is no lint {word:?}"));
    let same = |c: &&super::vocabulary::Choice| {
        c.meaning.eq_ignore_ascii_case(word) || c.name.eq_ignore_ascii_case(word)
    };
    if let Some(meant) = LINT_CODES.iter().find(same) {
        return check.fail(draft.mend(format!("its code is {:?}", meant.name)));
    }
    let near = nearest(word, LINT_CODES.iter().map(|c| c.name));
    check.fail(draft.nearest_or(near, "`landfall lint --list` has all codes"))
}
