//! A template: its parameters, mappings, conditions and resources, and what they resolve to.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};

use super::raw::{Raw, Shape};
use super::value::{Text, Value, What};
use crate::import::refusal::{At, Refusal};
use crate::import::settings::Settings;

/// The deepest nesting of intrinsic functions, and the longest chain of conditions.
const DEEPEST: usize = 64;

/// How many nodes are resolved, rows of mappings and characters of texts among them; no real template comes near.
const MOST_WORK: usize = 4_000_000;

/// Keys of what says nothing of a rollout, so that parameters for them need no mention.
const IRRELEVANT: [&str; 14] = [
    "AlarmActions",
    "AlarmDescription",
    "InsufficientDataActions",
    "LoadBalancers",
    "NetworkConfiguration",
    "OKActions",
    "Role",
    "RoleARN",
    "ServiceRoleArn",
    "Tags",
    "TaskDefinition",
    "TemplateURL",
    "TriggerConfigurations",
    "Unit",
];

/// A template with the values of its parameters.
#[derive(Debug)]
pub(super) struct Template<'a> {
    root: &'a Raw,
    parameters: HashMap<&'a str, &'a Raw>,
    resources: HashMap<&'a str, Resource<'a>>,
    written_conditions: HashMap<&'a str, &'a Raw>,
    mappings: HashMap<&'a str, &'a Raw>,
    work: Cell<usize>,
    /// Alarms by the names that they have when deployed.
    alarms: OnceCell<HashMap<String, Resource<'a>>>,
    /// What alarms are taken for, by their names, where somebody says so.
    pub(super) taken_for: &'a BTreeMap<String, String>,
    /// Values given for parameters and pseudo parameters.
    given: &'a BTreeMap<String, String>,
    /// Conditions by name, as far as they were asked for; none while one is being worked out.
    conditions: RefCell<BTreeMap<String, Option<Tested>>>,
    /// Parameters taken at their defaults since somebody last asked.
    defaults: RefCell<BTreeMap<String, Default>>,
}

/// Whether a condition holds, or why that is not known.
pub(super) type Known = Result<bool, String>;

/// A condition that was tested, and the parameters that it took at their defaults.
type Tested = (Known, BTreeMap<String, Default>);

/// A parameter that was taken at its default.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Default {
    pub(super) at: At,
    pub(super) text: String,
}

/// A resource.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resource<'a> {
    pub(super) name: &'a str,
    pub(super) kind: &'a str,
    pub(super) raw: &'a Raw,
}

impl<'a> Template<'a> {
    pub(super) fn new(root: &'a Raw, settings: &'a Settings) -> Template<'a> {
        let resources = root.get("Resources").unwrap_or(root);
        Template {
            root,
            parameters: by_name(root.get("Parameters")),
            resources: listed(resources).map(|r| (r.name, r)).collect(),
            written_conditions: by_name(root.get("Conditions")),
            mappings: by_name(root.get("Mappings")),
            work: Cell::new(0),
            alarms: OnceCell::new(),
            taken_for: &settings.metrics,
            given: &settings.params,
            conditions: RefCell::default(),
            defaults: RefCell::default(),
        }
    }

    /// The resources, in the order in which they stand. A file of nothing but resources has them at its top.
    pub(super) fn resources(&self) -> impl Iterator<Item = Resource<'a>> + use<'a> {
        listed(self.root.get("Resources").unwrap_or(self.root))
    }

    /// A resource by its name.
    pub(super) fn resource(&self, name: &str) -> Option<Resource<'a>> {
        self.resources.get(name).copied()
    }

    /// The alarm that has a name when it is deployed. `is_alarm`: what is one.
    pub(super) fn alarm_named(
        &self,
        name: &str,
        is_alarm: fn(Resource<'_>) -> bool,
    ) -> Option<Resource<'a>> {
        let named = || {
            // Which parameters other alarms' names have is of no interest.
            let before = self.defaults.take();
            let alarms = self.resources().filter(|resource| is_alarm(*resource));
            let all = alarms.filter_map(|resource| {
                let written = resource.raw.get("Properties")?.get("AlarmName")?;
                let name = self.resolve(written).text()?.text.clone();
                Some((name, resource))
            });
            let all = all.collect();
            self.defaults.replace(before);
            all
        };
        self.alarms.get_or_init(named).get(name).copied()
    }

    /// Whether more was asked than is resolved, so that what came out is not all there is.
    pub(super) fn is_exhausted(&self) -> bool {
        self.work.get() > MOST_WORK
    }

    /// Whether so much more may be done.
    fn may_do(&self, work: usize) -> bool {
        self.work.set(self.work.get().saturating_add(work));
        self.work.get() <= MOST_WORK
    }

    /// A part of the template's head, such as `Globals`.
    pub(super) fn section(&self, name: &str) -> Option<&'a Raw> {
        self.root.get(name)
    }

    /// Whether a resource is there, by its condition.
    pub(super) fn is_there(&self, resource: Resource<'_>) -> Known {
        match resource.raw.get("Condition").and_then(Raw::text) {
            Some(name) => self.condition(name),
            None => Ok(true),
        }
    }

    /// Parameters that were taken at their defaults since this was asked last.
    pub(super) fn take_defaults(&self) -> BTreeMap<String, Default> {
        self.defaults.take()
    }

    /// Whether all that is given for parameters is what they allow.
    pub(super) fn check_parameters(&self) -> Result<(), Refusal> {
        for (name, given) in self.given {
            let parameter = self.parameters.get(name.as_str());
            let Some(allowed) = parameter.and_then(|raw| raw.get("AllowedValues")) else {
                continue;
            };
            let values: Vec<&str> = allowed.items().iter().filter_map(Raw::text).collect();
            if !values.is_empty() && !values.contains(&given.as_str()) {
                let text = format!("the parameter {name} does not allow `{given}`");
                let refusal = Refusal::new(allowed.at, text);
                return Err(refusal.mend(format!("give one of {}", values.join(", "))));
            }
        }
        Ok(())
    }

    /// A resource's properties, resolved, if it has any.
    pub(super) fn properties(&self, resource: Resource<'_>) -> Option<Value> {
        resource.raw.get("Properties").map(|raw| self.resolve(raw))
    }

    /// Resolves a node. Of a table, what says nothing of a rollout is left out.
    pub(super) fn resolve(&self, raw: &Raw) -> Value {
        let Shape::Map(entries) = &raw.shape else {
            return self.resolved(raw, 0);
        };
        let matters = |key: &str| !IRRELEVANT.contains(&key);
        let entries = entries.iter().filter(|(key, _)| matters(key));
        Value {
            at: raw.at,
            what: What::Map(
                entries
                    .map(|(key, value)| (key.clone(), self.resolved(value, 1)))
                    .collect(),
            ),
        }
    }

    fn resolved(&self, raw: &Raw, depth: usize) -> Value {
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

    /// Whether a named condition holds.
    pub(super) fn condition(&self, name: &str) -> Known {
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

    fn test(&self, name: &str, argument: &Raw, depth: usize) -> Known {
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

/// The resources of a table.
fn listed(table: &Raw) -> impl Iterator<Item = Resource<'_>> {
    table.entries().iter().filter_map(|(name, raw)| {
        let kind = raw.get("Type")?.text()?;
        Some(Resource { name, kind, raw })
    })
}

fn by_name(section: Option<&Raw>) -> HashMap<&str, &Raw> {
    let entries = section.map_or(&[][..], Raw::entries);
    entries
        .iter()
        .map(|(name, raw)| (name.as_str(), raw))
        .collect()
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
