//! Rollback triggers of a stack: alarms that are watched while it is updated, and for a while after.
//!
//! They are no part of a template but of the call that updates the stack, and are read from its JSON when that is
//! given beside the template. Source: CloudFormation API Reference, RollbackConfiguration.

use super::attach::attach;
use super::plan::{Plan, Problem};
use super::raw;
use super::template::Template;
use super::value::{Text, Value, What};
use crate::import::{Given, Refusal, Settings};

/// The most triggers, and the most minutes.
const MOST_TRIGGERS: usize = 5;
const MOST_MINUTES: u32 = 180;

/// What a stack's update watches.
#[derive(Debug)]
pub(super) struct Watch {
    alarms: Value,
    minutes: u32,
}

/// The `RollbackConfiguration` among the files, if there is one.
pub(super) fn watch(given: &Given<'_>, settings: &Settings) -> Result<Option<Watch>, Refusal> {
    let mut found = given
        .documents
        .iter()
        .filter_map(|d| d.get("RollbackConfiguration"));
    let Some(node) = found.next() else {
        return Ok(None);
    };
    let raw = raw::raw(node);
    let settings = Template::new(&raw, settings).resolve(&raw);
    read(&settings).map(Some).map_err(|problem| problem.refusal)
}

fn read(settings: &Value) -> Result<Watch, Problem> {
    let minutes = match settings.get("MonitoringTimeInMinutes") {
        Some(value) => value.whole(0, MOST_MINUTES)?,
        None => 0,
    };
    let mut alarms = Vec::new();
    let triggers = settings.get("RollbackTriggers");
    for trigger in triggers.into_iter().flat_map(Value::items) {
        let Some(arn) = trigger.get("Arn") else {
            return Err(Problem::new(trigger.at, "a rollback trigger has no `Arn`"));
        };
        let known = arn.known()?;
        let name = known.split_once(":alarm:").map_or(known, |(_, name)| name);
        alarms.push(Value {
            at: arn.at,
            what: What::Text(Text::known(name)),
        });
    }
    if alarms.len() > MOST_TRIGGERS {
        let rule = format!("a stack has at most {MOST_TRIGGERS} rollback triggers");
        return Err(Problem::new(settings.at, rule));
    }
    Ok(Watch {
        alarms: Value {
            at: settings.at,
            what: What::List(alarms),
        },
        minutes,
    })
}

impl Watch {
    /// Adds the time and the alarms to a rollout.
    pub(super) fn over(&self, template: &Template<'_>, plan: &mut Plan) {
        if let Some(last) = plan.stages.last_mut() {
            last.dwell_s += f64::from(self.minutes) * 60.0;
        }
        let at = self.alarms.at;
        let text = format!(
            "the stack is watched for {} minutes more, by its rollback triggers",
            self.minutes
        );
        plan.notes.map(at, text);
        let name = plan.name.clone();
        attach(template, Some(&self.alarms), &name, plan);
        if !plan.alarms.is_empty() && self.minutes > 0 {
            let text = "alarms of the deployment itself are taken to watch for that time, too";
            plan.notes.assume(at, text);
        }
    }
}
