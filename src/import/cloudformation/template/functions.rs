//! Intrinsic functions.

use super::super::raw::{Raw, Shape};
use super::super::value::{Text, Value, What};
use super::{DEEPEST, Default, Template};
use crate::import::refusal::At;

impl Template<'_> {
    /// Resolves a node that is so deep in others.
    pub(super) fn resolved(&self, raw: &Raw, depth: usize) -> Value {
        let what = if depth > DEEPEST || !self.may_do(1) {
            open(
                "nested",
                "intrinsic functions are nested too deep or repeated too often there",
            )
        } else {
            match &raw.shape {
                Shape::Null => What::Nothing,
                Shape::Text(text) => What::Text(Text::known(text)),
                Shape::List(items) => {
                    What::List(items.iter().map(|i| self.resolved(i, depth + 1)).collect())
                }
                Shape::Map(entries) => What::Map(
                    entries
                        .iter()
                        .map(|(key, value)| (key.clone(), self.resolved(value, depth + 1)))
                        .collect(),
                ),
                Shape::Call(name, argument) => {
                    return self.call(name, argument, raw.at, depth + 1);
                }
            }
        };
        Value { at: raw.at, what }
    }

    fn call(&self, name: &str, argument: &Raw, at: At, depth: usize) -> Value {
        let items = argument.items();
        let what = match (name, items) {
            ("Ref", _) => argument.text().map(|name| self.reference(name)),
            ("If", [condition, then, otherwise]) => {
                let value = self.choose(condition, then, otherwise, at, depth);
                return Value { at, ..value };
            }
            ("FindInMap", [map, top, second, ..]) => {
                Some(self.find_in_map([map, top, second], items.get(3), depth))
            }
            ("Sub", []) => argument.text().map(|text| self.substitute(text, &[])),
            ("Sub", [text, names]) => {
                let names: Vec<(String, Value)> = names
                    .entries()
                    .iter()
                    .map(|(name, raw)| (name.clone(), self.resolved(raw, depth)))
                    .collect();
                text.text().map(|text| self.substitute(text, &names))
            }
            ("Join", [between, list]) => {
                let between = self.resolved(between, depth);
                let list = self.resolved(list, depth);
                join(&between, &list)
            }
            ("Split", [at, text]) => split(&self.resolved(at, depth), &self.resolved(text, depth)),
            ("Select", [index, list]) => {
                select(&self.resolved(index, depth), &self.resolved(list, depth))
            }
            ("GetAtt", _) => Some(self.attribute(argument)),
            ("ImportValue", _) => Some(open(
                &format!("import:{}", shown(&self.resolved(argument, depth))),
                "it comes from another stack, by Fn::ImportValue",
            )),
            ("Equals" | "Not" | "And" | "Or" | "Condition", _) => {
                Some(match self.test(name, argument, depth) {
                    Ok(is) => What::Text(Text::known(is.to_string())),
                    Err(why) => open(name, why),
                })
            }
            _ => None,
        };
        let what = what.unwrap_or_else(|| {
            open(
                &format!("{name}@{}:{}", at.line, at.column),
                format!("`{name}` with what is given to it there is not resolved"),
            )
        });
        Value { at, what }
    }

    /// What a name refers to: a parameter, a pseudo parameter, or a resource.
    fn reference(&self, name: &str) -> What {
        if name == "AWS::NoValue" {
            return What::Nothing;
        }
        if let Some(parameter) = self.parameters.get(name) {
            return self.parameter(name, parameter);
        }
        if let Some(given) = self.given.get(name) {
            return What::Text(Text::known(given));
        }
        let mut text = Text::open(name, format!("`{name}` is known only once it is deployed"));
        if self.resource(name).is_some() {
            text.resource = Some(name.to_owned());
        } else if name.starts_with("AWS::") {
            text.open = Some(format!("`{name}` is not known: give --param {name}=VALUE"));
        }
        What::Text(text)
    }

    fn parameter(&self, name: &str, parameter: &Raw) -> What {
        let kind = parameter
            .get("Type")
            .and_then(Raw::text)
            .unwrap_or("String");
        let default = parameter.get("Default");
        let text = match (self.given.get(name), default.and_then(Raw::text)) {
            (Some(given), _) => given.clone(),
            (None, _) if kind.starts_with("AWS::SSM::Parameter::Value") => {
                let why = format!(
                    "the parameter `{name}` is looked up when it is deployed: give --param {name}=VALUE"
                );
                return open(name, why);
            }
            (None, Some(text)) => {
                let at = default.map_or(parameter.at, |default| default.at);
                let text = text.to_owned();
                self.defaults.borrow_mut().insert(
                    name.to_owned(),
                    Default {
                        at,
                        text: text.clone(),
                    },
                );
                text
            }
            (None, None) => {
                let why =
                    format!("the parameter `{name}` has no default: give --param {name}=VALUE");
                return open(name, why);
            }
        };
        if kind == "CommaDelimitedList" || kind.starts_with("List<") {
            return What::List(
                text.split(',')
                    .map(|item| Value {
                        at: parameter.at,
                        what: What::Text(Text::known(item.trim())),
                    })
                    .collect(),
            );
        }
        What::Text(Text::known(text))
    }

    fn choose(&self, condition: &Raw, then: &Raw, otherwise: &Raw, at: At, depth: usize) -> Value {
        let known = match condition.text() {
            Some(name) => self.condition(name),
            None => Err("a condition is not named there".to_owned()),
        };
        match known {
            Ok(true) => self.resolved(then, depth),
            Ok(false) => self.resolved(otherwise, depth),
            Err(why) => {
                let (one, other) = (self.resolved(then, depth), self.resolved(otherwise, depth));
                if one.what == other.what {
                    return one;
                }
                let what = open(&format!("If@{}:{}", at.line, at.column), why);
                Value { at, what }
            }
        }
    }

    fn find_in_map(&self, path: [&Raw; 3], more: Option<&Raw>, depth: usize) -> What {
        let [map, top, second] = path.map(|raw| self.resolved(raw, depth));
        let names = (map.known(), second.known());
        let (Ok(map), Ok(second)) = names else {
            return open("FindInMap", "the keys of a mapping are not known");
        };
        let default = more.and_then(|more| more.get("DefaultValue"));
        let Some(table) = self.mappings.get(map) else {
            return open("FindInMap", format!("there is no mapping `{map}`"));
        };
        if !self.may_do(table.entries().len()) {
            return open("FindInMap", "mappings are searched too often");
        }
        match top.known() {
            Ok(top) => match table.get(top).and_then(|row| row.get(second)).or(default) {
                Some(raw) => plain(raw),
                None => open(
                    "FindInMap",
                    format!("the mapping `{map}` has no `{top}` with `{second}`"),
                ),
            },
            // A key that is not known does not matter where all rows say the same.
            Err(unusable) => {
                let mut cells = table
                    .entries()
                    .iter()
                    .filter_map(|(_, row)| row.get(second))
                    .map(plain);
                match cells.next() {
                    Some(first) if cells.all(|cell| cell == first) => first,
                    _ => open("FindInMap", unusable.why),
                }
            }
        }
    }

    /// A text in which `${Name}` stands for values, and `${!Name}` for itself.
    fn substitute(&self, text: &str, names: &[(String, Value)]) -> What {
        let mut whole = Text::known("");
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let Some(length) = rest[start..].find('}') else {
                break;
            };
            whole.text.push_str(&rest[..start]);
            let name = rest[start + 2..start + length].trim();
            rest = &rest[start + length + 1..];
            if let Some(literal) = name.strip_prefix('!') {
                whole.text.push_str(&format!("${{{literal}}}"));
                continue;
            }
            let what = match names.iter().find(|(known, _)| known == name) {
                Some((_, value)) => value.what.clone(),
                None => self.reference(name),
            };
            match what {
                What::Text(part) if self.may_do(part.text.len()) => {
                    whole.text.push_str(&part.text);
                    whole.open = whole.open.or(part.open);
                }
                What::Nothing => {}
                _ => {
                    let why = format!("`{name}` is no single value");
                    whole.text.push_str(&format!("${{{name}}}"));
                    whole.open = whole.open.or(Some(why));
                }
            }
        }
        whole.text.push_str(rest);
        What::Text(whole)
    }

    fn attribute(&self, argument: &Raw) -> What {
        let name = match (argument.text(), argument.items()) {
            (Some(text), _) => text.to_owned(),
            (None, items) => {
                let parts: Vec<&str> = items.iter().filter_map(Raw::text).collect();
                parts.join(".")
            }
        };
        let why = format!("`{name}` is known only once it is deployed");
        let mut text = Text::open(&name, why);
        text.resource = name.split('.').next().map(str::to_owned);
        What::Text(text)
    }
}

/// What stands in a mapping, where no functions may be.
fn plain(raw: &Raw) -> What {
    match &raw.shape {
        Shape::Text(text) => What::Text(Text::known(text)),
        Shape::List(items) if items.iter().all(|item| item.text().is_some()) => {
            let value = |item: &Raw| Value {
                at: item.at,
                what: plain(item),
            };
            What::List(items.iter().map(value).collect())
        }
        _ => open("mapping", "a mapping has values and lists of values only"),
    }
}

fn open(name: &str, why: impl Into<String>) -> What {
    What::Text(Text::open(name, why))
}

fn shown(value: &Value) -> &str {
    value.text().map_or("...", |text| &text.text)
}

fn join(between: &Value, list: &Value) -> Option<What> {
    let between = between.known().ok()?;
    if !list.is_list() {
        return None;
    }
    let mut whole = Text::known("");
    for (index, item) in list.items().enumerate() {
        let part = item.text()?;
        if index > 0 {
            whole.text.push_str(between);
        }
        whole.text.push_str(&part.text);
        whole.open = whole.open.or_else(|| part.open.clone());
    }
    Some(What::Text(whole))
}

fn split(at: &Value, text: &Value) -> Option<What> {
    let place = text.at;
    let (at, text) = (at.known().ok()?, text.known());
    let text = text.ok().filter(|_| !at.is_empty())?;
    Some(What::List(
        text.split(at)
            .map(|part| Value {
                at: place,
                what: What::Text(Text::known(part)),
            })
            .collect(),
    ))
}

fn select(index: &Value, list: &Value) -> Option<What> {
    let index = index.whole(0, 1_000_000).ok()?;
    list.items()
        .nth(index as usize)
        .map(|item| item.what.clone())
}
