//! The alarms that a rollout names, found in the template and read.

use super::cloudwatch::alarm::{self, MetricAlarm};
use super::cloudwatch::composite;
use super::plan::{Notes, Plan, Watching};
use super::template::{Resource, Template};
use super::value::{Text, Value, What};

const METRIC_ALARM: &str = "AWS::CloudWatch::Alarm";
const COMPOSITE_ALARM: &str = "AWS::CloudWatch::CompositeAlarm";

/// How deep composite alarms may name one another.
const DEEPEST: usize = 8;

/// Whether a resource is an alarm.
pub(super) fn is_alarm(resource: Resource<'_>) -> bool {
    matches!(resource.kind, METRIC_ALARM | COMPOSITE_ALARM)
}

/// Adds the alarms that a list names to a rollout. `of`: the resource that is deployed.
pub(super) fn attach(template: &Template<'_>, list: Option<&Value>, of: &str, plan: &mut Plan) {
    let Some(list) = list else { return };
    if let Some(text) = list.text() {
        let why = text
            .open
            .clone()
            .unwrap_or_else(|| "it is no list".to_owned());
        plan.notes
            .leave(list.at, format!("which alarms stop it is not known: {why}"));
        return;
    }
    let before = plan.alarms.len();
    for name in list.items() {
        match name.text() {
            Some(text) => {
                let name_is = text.resource.as_deref().unwrap_or(&text.text);
                add(template, name_is, name, plan, 0);
            }
            None => plan.notes.leave(name.at, "an alarm is not named by a text"),
        }
    }
    for watching in &plan.alarms[before..] {
        describe(watching, Some(of), &mut plan.notes);
    }
}

/// Adds an alarm that is a resource of the template.
pub(super) fn add_resource(template: &Template<'_>, resource: Resource<'_>, plan: &mut Plan) {
    let by = Value {
        at: resource.raw.at,
        what: What::Text(Text::known(resource.name)),
    };
    let before = plan.alarms.len();
    add(template, resource.name, &by, plan, 0);
    for watching in &plan.alarms[before..] {
        describe(watching, None, &mut plan.notes);
    }
}

fn add(template: &Template<'_>, name: &str, by: &Value, plan: &mut Plan, depth: usize) {
    if plan.alarms.iter().any(|watching| watching.name == name) {
        return;
    }
    let Some(resource) = find(template, name) else {
        let text = format!("the alarm {name} is not in this file");
        plan.notes.leave(by.at, text);
        return;
    };
    match template.is_there(resource) {
        Ok(true) => {}
        Ok(false) => {
            let text = format!("the alarm {} is left out by its condition", resource.name);
            plan.notes.leave(by.at, text);
            return;
        }
        Err(why) => {
            let text = format!(
                "the alarm {} is there, which is not known: {why}",
                resource.name
            );
            plan.notes.assume_unless(resource.raw.at, text, "--param");
        }
    }
    let properties = template.properties(resource);
    let Some(properties) = properties else {
        let text = format!("the alarm {} has no properties", resource.name);
        plan.notes.leave(resource.raw.at, text);
        return;
    };
    if resource.kind == COMPOSITE_ALARM {
        add_composite(template, resource, &properties, plan, depth);
        return;
    }
    let taken_for = template.taken_for.get(resource.name).map(String::as_str);
    if taken_for == Some("none") {
        plan.notes.leave(
            by.at,
            format!("the alarm {}, as --metric says", resource.name),
        );
        return;
    }
    match alarm::read(&properties, taken_for) {
        Ok(alarm) if !plan.alarms.iter().any(|other| other.name == resource.name) => {
            plan.alarms.push(Watching {
                name: resource.name.to_owned(),
                at: resource.raw.at,
                alarm,
            });
        }
        Ok(_) => {}
        Err(unusable) => {
            let text = format!("the alarm {}: {}", resource.name, unusable.why);
            plan.notes.lose_unless(unusable.at, text, "--metric");
        }
    }
}

fn add_composite(
    template: &Template<'_>,
    resource: Resource<'_>,
    properties: &Value,
    plan: &mut Plan,
    depth: usize,
) {
    let at = resource.raw.at;
    let name = resource.name;
    let rule = properties.get("AlarmRule").and_then(Value::text);
    let any_of = match rule {
        Some(text) => composite::read(&text.text),
        None => Err("it has no `AlarmRule`".to_owned()),
    };
    let any_of = any_of.and_then(|rule| {
        let names = rule.any_of()?;
        Ok(names.into_iter().map(str::to_owned).collect::<Vec<_>>())
    });
    match any_of {
        Ok(names) if depth < DEEPEST => {
            plan.notes.map(
                at,
                format!("{name} is raised by any of {}", names.join(", ")),
            );
            for child in &names {
                // What `${Name}` stands for is known by the name of the resource.
                let inner = child
                    .strip_prefix("${")
                    .and_then(|rest| rest.strip_suffix('}'));
                let inner = inner.and_then(|inner| inner.split('.').next());
                add(
                    template,
                    inner.unwrap_or(child),
                    properties,
                    plan,
                    depth + 1,
                );
            }
        }
        Ok(_) => plan
            .notes
            .leave(at, format!("{name}: composite alarms nested too deep")),
        Err(why) => plan.notes.leave(at, format!("the alarm {name}: {why}")),
    }
}

/// The alarm of a logical or a physical name.
fn find<'t>(template: &Template<'t>, name: &str) -> Option<Resource<'t>> {
    if let Some(resource) = template
        .resource(name)
        .filter(|resource| is_alarm(*resource))
    {
        return Some(resource);
    }
    template.alarm_named(name, is_alarm)
}

/// Says what was made of an alarm. `of`: the resource that is deployed.
fn describe(watching: &Watching, of: Option<&str>, notes: &mut Notes) {
    let Watching { name, at, alarm } = watching;
    let at = *at;
    let MetricAlarm { reading, m, n, .. } = alarm;
    let text = format!(
        "{name} became an alarm: {}, {m} of {n} datapoints of {}s",
        reading.when, alarm.period_s
    );
    notes.map(at, text);
    if alarm.low_counts_keep && reading.when.starts_with("slow") {
        let text = format!(
            "{name}: EvaluateLowSampleCountPercentile, by which a percentile of too few samples changes nothing; here it counts"
        );
        notes.leave(at, text);
    }
    for text in &reading.assumed {
        notes.assume(at, format!("{name}: {text}"));
    }
    if reading.sparse {
        let text = format!(
            "{name}: its metric has no datapoint where nothing failed, and CloudWatch then looks further back; taken as fine ones"
        );
        if alarm.m == 1 && alarm.n == 1 {
            notes.assume(at, text);
        } else {
            notes.leave(at, text);
        }
    }
    if let Some(of) = of
        && !alarm.of.is_empty()
        && !alarm.of.iter().any(|other| other == of)
    {
        let others = alarm.of.join(", ");
        let text = format!("{name} counts requests of {others}; taken for those of {of}");
        notes.assume(at, text);
    }
}
