//! Conditions: named ones, and the functions that test something.

use super::super::raw::{Raw, Shape};
use super::super::value::{Value, What};
use super::{DEEPEST, Known, Template};

impl Template<'_> {
    /// Whether a named condition holds.
    pub(in super::super) fn condition(&self, name: &str) -> Known {
        self.named_condition(name, 0)
    }

    fn named_condition(&self, name: &str, depth: usize) -> Known {
        match self.conditions.borrow().get(name) {
            Some(Some((known, defaults))) => {
                if !self.may_do(defaults.len() + 1) {
                    return Err("conditions are repeated too often".to_owned());
                }
                self.defaults.borrow_mut().extend(defaults.clone());
                return known.clone();
            }
            Some(None) => return Err(format!("the condition `{name}` refers to itself")),
            None => {}
        }
        let Some(raw) = self.written_conditions.get(name) else {
            return Err(format!("there is no condition `{name}` in the file"));
        };
        self.conditions.borrow_mut().insert(name.to_owned(), None);
        let before = self.defaults.take();
        let known = self.condition_of(raw, depth + 1);
        let defaults = self.defaults.replace(before);
        self.defaults.borrow_mut().extend(defaults.clone());
        self.conditions
            .borrow_mut()
            .insert(name.to_owned(), Some((known.clone(), defaults)));
        known
    }

    fn condition_of(&self, raw: &Raw, depth: usize) -> Known {
        if depth > DEEPEST {
            return Err("conditions are nested too deep there".to_owned());
        }
        match &raw.shape {
            Shape::Call(name, argument) => self.test(name, argument, depth + 1),
            // A condition may also be a name in a table of one key.
            Shape::Map(entries) => match entries.as_slice() {
                [(key, name)] if key == "Condition" => match name.text() {
                    Some(name) => self.named_condition(name, depth + 1),
                    None => Err("a condition is not named there".to_owned()),
                },
                _ => Err("a condition is none of Equals, Not, And, Or".to_owned()),
            },
            _ => self.resolved(raw, depth).flag().map_err(|no| no.why),
        }
    }

    /// Whether what a function tests is so.
    pub(super) fn test(&self, name: &str, argument: &Raw, depth: usize) -> Known {
        let items = argument.items();
        match (name, items) {
            ("Equals", [one, other]) => {
                equal(&self.resolved(one, depth), &self.resolved(other, depth))
            }
            ("Not", [one]) => self.condition_of(one, depth).map(|holds| !holds),
            ("And" | "Or", [_, ..]) => {
                // One that settles the matter does so whatever is not known of the others.
                let settles = name == "Or";
                let mut why = None;
                for item in items {
                    match self.condition_of(item, depth) {
                        Ok(holds) if holds == settles => return Ok(settles),
                        Ok(_) => {}
                        Err(unknown) => why = why.or(Some(unknown)),
                    }
                }
                why.map_or(Ok(!settles), Err)
            }
            ("Condition", _) => match argument.text() {
                Some(name) => self.named_condition(name, depth),
                None => Err("a condition is not named there".to_owned()),
            },
            _ => Err(format!("`{name}` there is no condition")),
        }
    }
}

/// Whether two values are equal. Texts that are not known are equal if they are written alike.
fn equal(one: &Value, other: &Value) -> Known {
    if let (What::Text(a), What::Text(b)) = (&one.what, &other.what) {
        if a.text == b.text {
            return Ok(true);
        }
        if let Some(why) = a.open.as_ref().or(b.open.as_ref()) {
            return Err(why.clone());
        }
    }
    Ok(one.what == other.what)
}
