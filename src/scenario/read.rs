//! Reading single values: numbers within bounds, choices, texts, lists, and literals of every kind.

use super::check::Check;
use super::fields::{Fields, Item, either, short};
use super::literal::{self, LiteralError, Unit};
use super::nearest::nearest;
use super::problem::Draft;
use super::source::Place;
use super::value::{Node, Table};
use super::vocabulary::TableWords;
use crate::random::Dist;

impl<'d> Item<'d> {
    /// A mistake at the value.
    pub fn draft(&self, rule: impl Into<String>) -> Draft {
        Draft::new(self.value.at, self.path.clone(), rule)
    }

    /// The mistake of a value of the wrong kind.
    fn wrong_kind(&self, wanted: &str) -> Draft {
        self.draft(format!("`{}` must be {wanted}", self.key()))
            .label(format!("this is {}", self.value.kind()))
    }

    /// The key itself: the last part of the path.
    pub fn key(&self) -> &str {
        let start = self.path.rfind('.').map_or(0, |dot| dot + 1);
        &self.path[start..]
    }

    /// A table with these words.
    pub fn fields(
        &self,
        words: &'static TableWords,
        wanted: &str,
        check: &mut Check,
    ) -> Option<Fields<'d>> {
        match &self.value.node {
            Node::Table(table) => Some(Fields::of(
                table,
                self.value.at,
                self.path.clone(),
                words,
                check,
            )),
            _ => check.fail(self.wrong_kind(wanted)),
        }
    }

    /// A table whose keys are names.
    pub fn names(&self, wanted: &str, check: &mut Check) -> Option<&'d Table> {
        match &self.value.node {
            Node::Table(table) => Some(table),
            _ => check.fail(self.wrong_kind(wanted)),
        }
    }

    /// A list.
    pub fn list(&self, wanted: &str, check: &mut Check) -> Option<Vec<Item<'d>>> {
        match &self.value.node {
            Node::List(values) => {
                let item = |(i, value)| Item {
                    value,
                    path: format!("{}[{i}]", self.path),
                };
                Some(values.iter().enumerate().map(item).collect())
            }
            _ => check.fail(self.wrong_kind(wanted)),
        }
    }

    /// A text in quotes, not empty.
    pub fn text(&self, check: &mut Check) -> Option<&'d str> {
        self.text_as("a text in quotes", check)
    }

    /// The same; a value that is no text is told what one could look like.
    pub fn text_such_as(&self, example: &str, check: &mut Check) -> Option<&'d str> {
        self.text_as(&format!("a text in quotes, such as {example}"), check)
    }

    fn text_as(&self, wanted: &str, check: &mut Check) -> Option<&'d str> {
        match &self.value.node {
            Node::Text(text) if text.trim().is_empty() => {
                check.fail(self.draft(format!("`{}` is empty", self.key())))
            }
            Node::Text(text) => Some(text),
            _ => check.fail(self.wrong_kind(wanted)),
        }
    }

    /// A text that tables and charts can show as a name.
    pub fn name(&self, check: &mut Check) -> Option<&'d str> {
        let name = self.text(check)?;
        match unfit_name(name) {
            Some(rule) => check.fail(self.draft(rule)),
            None => Some(name),
        }
    }

    /// A text, where there is one.
    pub fn as_text(&self) -> Option<&'d str> {
        match &self.value.node {
            Node::Text(text) | Node::Scaled { text, .. } => Some(text),
            _ => None,
        }
    }

    /// A number, where there is one.
    pub fn as_number(&self) -> Option<f64> {
        match self.value.node {
            Node::Whole(n) => Some(n as f64),
            Node::Real(x) => Some(x),
            _ => None,
        }
    }

    /// `true` or `false`.
    pub fn flag(&self, check: &mut Check) -> Option<bool> {
        match self.value.node {
            Node::Flag(flag) => Some(flag),
            _ => check.fail(self.wrong_kind("true or false")),
        }
    }

    /// One of a few words.
    pub fn choice<T: Clone>(&self, check: &mut Check, choices: &[(&str, T)]) -> Option<T> {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let Node::Text(text) = &self.value.node else {
            let wanted = either(&names.iter().map(|n| format!("{n:?}")).collect::<Vec<_>>());
            return check.fail(self.wrong_kind(&wanted));
        };
        match choices.iter().find(|(name, _)| name == text) {
            Some((_, choice)) => Some(choice.clone()),
            None => {
                let wanted = either(&names.iter().map(|n| format!("{n:?}")).collect::<Vec<_>>());
                let draft = self.draft(format!("`{}` must be {wanted}", self.key()));
                check.fail(
                    draft
                        .label(format!("found {:?}", short(text)))
                        .nearest(nearest(text, names)),
                )
            }
        }
    }

    /// A whole number from `least` to `most`.
    pub fn whole(&self, least: u64, most: u64, check: &mut Check) -> Option<u64> {
        let rule = || {
            format!(
                "`{}` must be a whole number from {} to {}",
                self.key(),
                grouped(least),
                grouped(most)
            )
        };
        let found = match &self.value.node {
            Node::Whole(n) => u64::try_from(*n)
                .ok()
                .filter(|n| (least..=most).contains(n)),
            // 1e6 is a float to TOML and a whole number to people.
            Node::Real(x) if x.fract() == 0.0 && (0.0..9e15).contains(x) => {
                Some(*x as u64).filter(|n| (least..=most).contains(n))
            }
            Node::Real(_) => None,
            _ => {
                let wanted = format!(
                    "a whole number from {} to {}",
                    grouped(least),
                    grouped(most)
                );
                return self.number(&wanted, check, |_| false).map(|_| 0);
            }
        };
        found.or_else(|| {
            let slice = short(check.texts.slice(self.value.at));
            check.fail(self.draft(rule()).label(format!("found {slice}")))
        })
    }

    /// A number within bounds, stated in words for the message.
    pub fn number(
        &self,
        wanted: &str,
        check: &mut Check,
        allowed: impl Fn(f64) -> bool,
    ) -> Option<f64> {
        let rule = format!("`{}` must be {wanted}", self.key());
        match self.as_number() {
            Some(x) if x.is_finite() && allowed(x) => Some(x),
            Some(_) => {
                let slice = short(check.texts.slice(self.value.at));
                check.fail(self.draft(rule).label(format!("found {slice}")))
            }
            None => {
                let draft = self.wrong_kind(wanted);
                let quoted = self.as_text().and_then(literal::as_number);
                check.fail(match quoted {
                    Some(number) => draft.mend(format!("write {number} without quotes")),
                    None => draft,
                })
            }
        }
    }

    /// A text that some grammar reads; the part of it that is wrong is underlined.
    pub fn literal<T>(
        &self,
        wanted: &str,
        check: &mut Check,
        read: impl FnOnce(&str, &mut Check) -> Result<T, LiteralError>,
    ) -> Option<T> {
        let (Node::Text(text) | Node::Scaled { text, .. }) = &self.value.node else {
            return check.fail(self.wrong_kind(wanted));
        };
        match read(text, check) {
            Ok(value) => Some(value),
            Err(error) => {
                let draft = self.literal_draft(text, error, check);
                check.fail(draft)
            }
        }
    }

    /// Describes what is wrong with a literal, in its place.
    fn literal_draft(&self, text: &str, error: LiteralError, check: &Check) -> Draft {
        let whole = self.value.at;
        // Only where the text stands as it is between its quotes can a part of it be pointed at.
        let as_written = check.texts.slice(whole).len() == text.len() + 2;
        let at: Place = match error.at {
            Some(range) if as_written => whole.part(range.start + 1..range.end + 1),
            _ => whole,
        };
        let mut draft = Draft::new(
            at,
            self.path.clone(),
            format!("`{}`: {}", self.key(), error.rule),
        );
        draft = draft.nearest(error.nearest.as_deref());
        match error.mend {
            Some(mend) if error.nearest.is_none() => draft.mend(mend),
            _ => draft,
        }
    }

    /// One quantity: a duration in seconds, a share, or an amount.
    pub fn quantity(&self, unit: Unit, check: &mut Check) -> Option<f64> {
        match &self.value.node {
            Node::Whole(_) | Node::Real(_) => self.plain_number(unit, check),
            _ => self.literal(unit.wanted(), check, |text, _| {
                literal::quantity(unit, text)
            }),
        }
    }

    /// A random quantity.
    pub fn dist(&self, unit: Unit, check: &mut Check) -> Option<Dist> {
        match &self.value.node {
            Node::Whole(_) | Node::Real(_) => {
                let value = self.plain_number(unit, check)?;
                Dist::certain(value).ok()
            }
            _ => {
                let file = self.value.at.file;
                let dist = self.literal(unit.wanted(), check, |text, check| {
                    literal::dist(unit, text, &mut |path, column| {
                        super::table_file::column(path, column, unit, file, check)
                    })
                })?;
                Some(match self.value.node {
                    Node::Scaled { factor, .. } => dist.scaled(factor),
                    _ => dist,
                })
            }
        }
    }

    /// A quantity written as a TOML number.
    fn plain_number(&self, unit: Unit, check: &mut Check) -> Option<f64> {
        let x = self.as_number().unwrap_or(f64::NAN);
        let slice = check.texts.slice(self.value.at).to_owned();
        match literal::number_as(unit, x, &slice) {
            Ok(value) => Some(value),
            Err(error) => {
                let key = self.key().to_owned();
                let mut draft = self.draft(format!("`{key}`: {}", error.rule));
                draft = draft.label(format!("found {}", short(&slice)));
                check.fail(match error.mend {
                    Some(mend) => draft.mend(mend),
                    None => draft,
                })
            }
        }
    }
}

/// Why a text cannot be a name anywhere, if it cannot.
pub(super) fn unfit_name(name: &str) -> Option<&'static str> {
    let unfit = name.chars().nth(100).is_some() || name.chars().any(char::is_control);
    unfit.then_some("a name has at most 100 characters and no control characters")
}

/// A whole number with its thousands apart.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
