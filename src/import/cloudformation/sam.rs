//! Rollouts of SAM: `DeploymentPreference` of functions and state machines.
//!
//! Source: the SAM translator (`deployment_preference_collection.py`, `globals.py`, `sam_resources.py`), and the page
//! on `AWS::StepFunctions::StateMachineAlias` for state machines.

use super::attach::attach;
use super::codedeploy;
use super::plan::{Notes, Plan, Problem, hook};
use super::raw::{Raw, Shape};
use super::shifting::Shifting;
use super::template::{Resource, Template};
use super::value::{Value, What};

/// The most alarms of a deployment of a function.
const MOST_ALARMS: usize = 10;

/// The rollout of a function, or none if it has none.
pub(super) fn function(
    template: &Template<'_>,
    resource: Resource<'_>,
) -> Result<Option<Plan>, Problem> {
    let by = |_: &Value, kind: &Value, notes: &mut Notes| {
        codedeploy::shifting_by_name(template, kind, true, notes)
    };
    let Some((preference, mut plan)) = shifted(template, resource, "Function", by)? else {
        return Ok(None);
    };
    let hooks = preference.get("Hooks");
    plan.before
        .extend(hooks.and_then(|hooks| hook(hooks, "PreTraffic")));
    plan.after
        .extend(hooks.and_then(|hooks| hook(hooks, "PostTraffic")));
    alarms(template, &preference, resource.name, &mut plan)?;
    Ok(Some(plan))
}

/// The rollout of a state machine, or none if it has none.
pub(super) fn state_machine(
    template: &Template<'_>,
    resource: Resource<'_>,
) -> Result<Option<Plan>, Problem> {
    let name = resource.name;
    let by = |preference: &Value, kind: &Value, notes: &mut Notes| {
        let shifting = executions(preference, kind, name)?;
        notes.map(kind.at, "executions take the place of requests");
        Ok(shifting)
    };
    let Some((preference, mut plan)) = shifted(template, resource, "StateMachine", by)? else {
        return Ok(None);
    };
    attach(template, preference.get("Alarms"), name, &mut plan);
    Ok(Some(plan))
}

/// The deployment preference of a resource, where one is enabled, and the rollout that it comes to without hooks and
/// alarms. `by` reads the shifting from the preference and its type.
fn shifted(
    template: &Template<'_>,
    resource: Resource<'_>,
    section: &str,
    by: impl FnOnce(&Value, &Value, &mut Notes) -> Result<Shifting, Problem>,
) -> Result<Option<(Value, Plan)>, Problem> {
    let name = resource.name;
    let mut notes = Notes::default();
    let Some((preference, kind)) = preferred(template, resource, section, &mut notes)? else {
        return Ok(None);
    };
    let shifting = by(&preference, &kind, &mut notes)?;
    let how = kind.text().map_or("", |text| &text.text);
    let how = format!("{name} is shifted by {how}");
    let mut plan = Plan::new(name, &how, kind.at, &shifting.stages());
    plan.notes = notes;
    Ok(Some((preference, plan)))
}

/// How a state machine's executions are shifted.
fn executions(preference: &Value, kind: &Value, name: &str) -> Result<Shifting, Problem> {
    let canary = match kind.known()? {
        "ALL_AT_ONCE" => return Ok(Shifting::AllAtOnce),
        "CANARY" => true,
        "LINEAR" => false,
        other => {
            let text = format!("{name}: `{other}` is no type of a state machine's deployment");
            let problem = Problem::new(kind.at, text);
            return Err(problem.mend("write ALL_AT_ONCE, CANARY or LINEAR"));
        }
    };
    let (Some(percent), Some(interval)) =
        (preference.get("Percentage"), preference.get("Interval"))
    else {
        let text = format!(
            "{name}: {} needs `Percentage` and `Interval`",
            kind.known()?
        );
        return Err(Problem::new(preference.at, text));
    };
    let percent = f64::from(percent.whole(1, 99)?);
    let interval_s = f64::from(interval.whole(1, 2_100)?) * 60.0;
    Ok(match canary {
        true => Shifting::Canary {
            percent,
            interval_s,
        },
        false => Shifting::Linear {
            percent,
            interval_s,
        },
    })
}

/// The deployment preference of a resource and its type, where it has one that is enabled, as SAM checks it.
fn preferred(
    template: &Template<'_>,
    resource: Resource<'_>,
    section: &str,
    notes: &mut Notes,
) -> Result<Option<(Value, Value)>, Problem> {
    let Some(preference) = preference(template, resource, section) else {
        return Ok(None);
    };
    let name = resource.name;
    match preference.get("Enabled").map(Value::flag) {
        None | Some(Ok(true)) => {}
        Some(Ok(false)) => return Ok(None),
        Some(Err(unknown)) => {
            let text = format!("{name} is shifted, which is not known: {}", unknown.why);
            notes.assume_unless(unknown.at, text, "--param");
        }
    }
    if let Some(hooks) = preference.get("Hooks").filter(|hooks| !hooks.is_map()) {
        let text = format!("{name}: `Hooks` of DeploymentPreference is no table");
        let problem = Problem::new(hooks.at, text);
        return Err(problem.mend("write Hooks: { PreTraffic: ..., PostTraffic: ... }"));
    }
    if with_globals(template, resource, section, "AutoPublishAlias").is_none() {
        let text = format!("{name}: DeploymentPreference needs `AutoPublishAlias`");
        let problem = Problem::new(preference.at, text);
        return Err(problem.mend("name an alias: AutoPublishAlias: live"));
    }
    let Some(kind) = preference.get("Type").cloned() else {
        let text = format!("{name}: `Type` of DeploymentPreference is missing");
        return Err(Problem::new(preference.at, text));
    };
    Ok(Some((preference, kind)))
}

fn alarms(
    template: &Template<'_>,
    preference: &Value,
    name: &str,
    plan: &mut Plan,
) -> Result<(), Problem> {
    let list = preference.get("Alarms");
    let count = list.map_or(0, |list| list.items().count());
    if count > MOST_ALARMS {
        let at = list.map_or(preference.at, |list| list.at);
        let text = format!("{name}: {count} alarms, and a deployment has at most {MOST_ALARMS}");
        return Err(Problem::new(at, text));
    }
    attach(template, list, name, plan);
    Ok(())
}

/// The deployment preference of a resource, with that of `Globals` beneath; nothing where there is none.
fn preference(template: &Template<'_>, resource: Resource<'_>, section: &str) -> Option<Value> {
    let raw = with_globals(template, resource, section, "DeploymentPreference")?;
    let value = template.resolve(&raw);
    (value.what != What::Nothing).then_some(value)
}

/// A property with what `Globals` says of it beneath.
fn with_globals(
    template: &Template<'_>,
    resource: Resource<'_>,
    section: &str,
    key: &str,
) -> Option<Raw> {
    let globals = template.section("Globals");
    let global = globals.and_then(|all| all.get(section)?.get(key));
    let own = resource.raw.get("Properties").and_then(|all| all.get(key));
    match (global, own) {
        (Some(global), Some(own)) => Some(laid_over(global, own)),
        (global, own) => own.or(global).cloned(),
    }
}

/// What SAM makes of a global and a resource's own value: tables are merged key by key, lists follow one another, and
/// of all else the resource's own counts, functions such as `!If` among it.
fn laid_over(global: &Raw, own: &Raw) -> Raw {
    let shape = match (&global.shape, &own.shape) {
        (Shape::Map(below), Shape::Map(above)) => {
            let mut merged = below.clone();
            for (key, value) in above {
                match merged.iter_mut().find(|(known, _)| known == key) {
                    Some((_, known)) => *known = laid_over(known, value),
                    None => merged.push((key.clone(), value.clone())),
                }
            }
            Shape::Map(merged)
        }
        (Shape::List(below), Shape::List(above)) => {
            Shape::List(below.iter().chain(above).cloned().collect())
        }
        _ => own.shape.clone(),
    };
    Raw { at: own.at, shape }
}
