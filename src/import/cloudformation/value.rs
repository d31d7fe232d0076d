//! Values of a template once its intrinsic functions are resolved.

use crate::import::refusal::At;

/// A value, and the line on which it is written.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) at: At,
    pub(super) what: What,
}

/// Equal wherever they are written.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        self.what == other.what
    }
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    /// Null, or `AWS::NoValue`: as if it were not written.
    Nothing,
    Text(Text),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

/// A text, a number or a truth value; all three are texts to CloudFormation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    /// What is not known stands in `${...}`.
    pub(super) text: String,
    /// Why it is not known, where it is not.
    pub(super) open: Option<String>,
    /// The resource that it refers to.
    pub(super) resource: Option<String>,
}

impl Text {
    /// A text that is known.
    pub(super) fn known(text: impl Into<String>) -> Text {
        Text {
            text: text.into(),
            open: None,
            resource: None,
        }
    }

    /// A text that stands for what is not known.
    pub(super) fn open(name: &str, why: impl Into<String>) -> Text {
        Text {
            text: format!("${{{name}}}"),
            open: Some(why.into()),
            resource: None,
        }
    }
}

/// Why a value can not be used: what it is, or why it is not known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unusable {
    pub(super) at: At,
    pub(super) why: String,
    /// Whether it is only not known.
    pub(super) is_open: bool,
}

impl Value {
    /// The value of a key; nothing for one that is written and stands for nothing.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.entries()
            .iter()
            .rev()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
            .filter(|value| value.what != What::Nothing)
    }

    /// The value at the end of a path of keys.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    pub(super) fn entries(&self) -> &[(String, Value)] {
        match &self.what {
            What::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list but for those that are nothing.
    pub(super) fn items(&self) -> impl Iterator<Item = &Value> {
        let items: &[Value] = match &self.what {
            What::List(items) => items,
            _ => &[],
        };
        items.iter().filter(|item| item.what != What::Nothing)
    }

    /// This list with what each of its tables says of a key; what is no such table stays.
    pub(super) fn picked(&self, key: &str) -> Value {
        let items = self.items();
        Value {
            at: self.at,
            what: What::List(
                items
                    .map(|item| item.get(key).unwrap_or(item).clone())
                    .collect(),
            ),
        }
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self.what, What::Map(_))
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.what, What::List(_))
    }

    /// The text, known or not.
    pub(super) fn text(&self) -> Option<&Text> {
        match &self.what {
            What::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text, which must be known.
    pub(super) fn known(&self) -> Result<&str, Unusable> {
        match &self.what {
            What::Text(Text {
                open: Some(why), ..
            }) => Err(Unusable {
                is_open: true,
                ..self.unusable(why.clone())
            }),
            What::Text(text) => Ok(&text.text),
            What::Nothing => Err(self.unusable("nothing is written there")),
            What::List(_) => Err(self.unusable("a list stands where a single value is needed")),
            What::Map(_) => Err(self.unusable("a table stands where a single value is needed")),
        }
    }

    /// The number, which must be known and finite.
    pub(super) fn number(&self) -> Result<f64, Unusable> {
        let text = self.known()?;
        text.trim()
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .ok_or_else(|| self.unusable(format!("`{text}` is no number")))
    }

    /// The number, whole and from `least` to `most`.
    pub(super) fn whole(&self, least: u32, most: u32) -> Result<u32, Unusable> {
        let number = self.number()?;
        if number.fract() == 0.0 && (f64::from(least)..=f64::from(most)).contains(&number) {
            return Ok(number as u32);
        }
        Err(self.unusable(format!(
            "{number} is no whole number from {least} to {most}"
        )))
    }

    /// Whether it is true.
    pub(super) fn flag(&self) -> Result<bool, Unusable> {
        let text = self.known()?;
        if text.eq_ignore_ascii_case("true") {
            Ok(true)
        } else if text.eq_ignore_ascii_case("false") {
            Ok(false)
        } else {
            Err(self.unusable(format!("`{text}` is neither true nor false")))
        }
    }

    /// That this value can not be used, with the reason.
    pub(super) fn unusable(&self, why: impl Into<String>) -> Unusable {
        Unusable {
            at: self.at,
            why: why.into(),
            is_open: false,
        }
    }
}
