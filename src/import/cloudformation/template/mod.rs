//! A template: its parameters, mappings, conditions and resources, and what they resolve to.

mod conditions;
mod functions;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};

use super::plan::Problem;
use super::raw::{Raw, Shape};
use super::value::{Value, What};
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

    /// A resource's properties, resolved; one without a table of them is refused.
    pub(super) fn table_of(&self, resource: Resource<'_>) -> Result<Value, Problem> {
        let refusal = || {
            let text = format!("{} has no properties", resource.name);
            Problem::new(resource.raw.at, text)
        };
        self.properties(resource)
            .filter(Value::is_map)
            .ok_or_else(refusal)
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
