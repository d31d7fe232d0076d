//! Deployments that Amazon ECS does by itself, and those that CloudFormation does for it through CodeDeploy.
//!
//! Sources: ECS API Reference (DeploymentConfiguration, LinearConfiguration, CanaryConfiguration); ECS Developer
//! Guide, "Amazon ECS linear deployments" for the number of steps; CloudFormation User Guide, "Perform ECS blue/green
//! deployments through CodeDeploy".

use super::attach::{attach, is_alarm};
use super::codedeploy;
use super::plan::{Hook, Plan, Problem};
use super::raw::Raw;
use super::shifting::{Named, Shifting, named};
use super::template::{Resource, Template};
use super::value::{Value, What};

/// The type of services.
pub(super) const SERVICE: &str = "AWS::ECS::Service";

/// The most minutes of a step, and of the time after the last one.
const MOST_MINUTES: u32 = 1_440;

/// Longer than this CloudFormation lets no deployment be, in hours.
const MOST_HOURS: f64 = 33.0;

/// The rollout of a service.
pub(super) fn service(
    template: &Template<'_>,
    resource: Resource<'_>,
) -> Result<Option<Plan>, Problem> {
    let name = resource.name;
    let properties = template.table_of(resource)?;
    if let Some(controller) = properties.at(&["DeploymentController", "Type"]) {
        match controller.known()? {
            "ECS" => {}
            // Its deployment group, or the section `Hooks`, says how.
            "CODE_DEPLOY" if says_elsewhere(template) => return Ok(None),
            "CODE_DEPLOY" => return by_nested_stack(template, resource).map(Some),
            other => {
                let text = format!("{name} is deployed by {other}, and how is not in this file");
                let problem = Problem::unknown(controller.at, text);
                return Err(
                    problem.mend("import the template with its AWS::CodeDeploy::DeploymentGroup")
                );
            }
        }
    }
    let Some(settings) = properties.get("DeploymentConfiguration") else {
        return rolling(name, &properties, None).map(Some);
    };
    if let Some(unknown) = settings.text() {
        let why = unknown.open.as_deref().unwrap_or("it is no table");
        return Err(Problem::unknown(
            settings.at,
            format!("how {name} is deployed is not known: {why}"),
        ));
    }
    let strategy = settings
        .get("Strategy")
        .map_or(Ok("ROLLING"), Value::known)?;
    let mut plan = match strategy {
        "ROLLING" => rolling(name, &properties, Some(settings))?,
        "BLUE_GREEN" | "LINEAR" | "CANARY" => shifted(name, strategy, settings)?,
        other => {
            let text = format!("{name}: `{other}` is none of ROLLING, BLUE_GREEN, LINEAR, CANARY");
            return Err(Problem::new(settings.at, text));
        }
    };
    hooks(settings, &mut plan)?;
    alarms(template, settings, name, &mut plan);
    Ok(Some(plan))
}

/// Whether the template itself says how CodeDeploy shifts traffic.
fn says_elsewhere(template: &Template<'_>) -> bool {
    template.section("Hooks").is_some()
        || template
            .resources()
            .any(|resource| resource.kind == codedeploy::GROUP)
}

/// A service whose deployment group is in another stack, to which the name of the deployment configuration and the
/// alarms are handed over.
fn by_nested_stack(template: &Template<'_>, service: Resource<'_>) -> Result<Plan, Problem> {
    for stack in template
        .resources()
        .filter(|r| r.kind == "AWS::CloudFormation::Stack")
    {
        let parameters = stack
            .raw
            .get("Properties")
            .and_then(|all| all.get("Parameters"));
        let Some(parameters) = parameters.map(|raw| template.resolve(raw)) else {
            continue;
        };
        let values = || parameters.entries().iter().map(|(_, value)| value);
        let shifting = values().find_map(|value| {
            let (Named::Predefined(shifting) | Named::Guessed(shifting)) =
                named(value.known().ok()?, false)
            else {
                return None;
            };
            Some((value, shifting))
        });
        let Some((value, shifting)) = shifting else {
            continue;
        };
        let mut plan = Plan::new(service.name, "an ECS service", value.at, &shifting.stages());
        let text = format!(
            "the stack {} is handed the deployment configuration of {}, and deploys it so",
            stack.name, service.name
        );
        plan.notes.assume(value.at, text);
        let is_alarm = |value: &&Value| {
            let resource = value
                .text()
                .and_then(|text| template.resource(text.resource.as_deref()?));
            resource.is_some_and(is_alarm)
        };
        let list = Value {
            at: parameters.at,
            what: What::List(values().filter(is_alarm).cloned().collect()),
        };
        attach(template, Some(&list), service.name, &mut plan);
        return Ok(plan);
    }
    let text = format!(
        "{} is deployed by CodeDeploy, and how is not in this file",
        service.name
    );
    let problem = Problem::unknown(service.raw.at, text);
    Err(problem.mend("import the template that has its AWS::CodeDeploy::DeploymentGroup"))
}

fn shifted(name: &str, strategy: &str, settings: &Value) -> Result<Plan, Problem> {
    let minutes = |value: Option<&Value>, default: u32| -> Result<f64, Problem> {
        let minutes = match value {
            Some(value) => value.whole(0, MOST_MINUTES)?,
            None => default,
        };
        Ok(f64::from(minutes) * 60.0)
    };
    let percent = |value: Option<&Value>, least: f64, default: f64| -> Result<f64, Problem> {
        let Some(value) = value else {
            return Ok(default);
        };
        let percent = value.number()?;
        if (least..=100.0).contains(&percent) {
            return Ok(percent);
        }
        Err(value
            .unusable(format!("{percent} is no share from {least} to 100"))
            .into())
    };
    if strategy == "BLUE_GREEN" && settings.get("BakeTimeInMinutes").is_none() {
        let text = format!("{name}: BLUE_GREEN needs `BakeTimeInMinutes`");
        return Err(Problem::new(settings.at, text));
    }
    let bake_s = minutes(settings.get("BakeTimeInMinutes"), 0)?;
    let shifting = match strategy {
        "LINEAR" => {
            let linear = settings.get("LinearConfiguration");
            let part = |key: &str| linear.and_then(|linear| linear.get(key));
            Shifting::Linear {
                percent: percent(part("StepPercent"), 3.0, 10.0)?,
                interval_s: minutes(part("StepBakeTimeInMinutes"), 6)?,
            }
        }
        "CANARY" => {
            let canary = settings.get("CanaryConfiguration");
            let part = |key: &str| canary.and_then(|canary| canary.get(key));
            Shifting::Canary {
                percent: percent(part("CanaryPercent"), 0.1, 5.0)?,
                interval_s: minutes(part("CanaryBakeTimeInMinutes"), 10)?,
            }
        }
        _ => Shifting::AllAtOnce,
    };
    let mut plan = Plan::new(name, "an ECS service", settings.at, &shifting.stages());
    if let Some(last) = plan.stages.last_mut() {
        last.dwell_s = bake_s;
    }
    let hours = plan.done_s() / 3_600.0;
    if hours > MOST_HOURS {
        let text = format!(
            "{name}: its steps and bakes take {hours:.1} hours, and CloudFormation refuses more than {MOST_HOURS}"
        );
        return Err(Problem::new(settings.at, text));
    }
    Ok(plan)
}

/// Tasks replaced by and by; ECS looks at their health alone.
fn rolling(name: &str, properties: &Value, settings: Option<&Value>) -> Result<Plan, Problem> {
    let at = settings.map_or(properties.at, |settings| settings.at);
    let whole = |key: &str, default: u32| -> Result<u32, Problem> {
        match settings.and_then(|settings| settings.get(key)) {
            Some(value) => Ok(value.whole(0, 100_000)?),
            None => Ok(default),
        }
    };
    let (most, least) = (
        whole("MaximumPercent", 200)?,
        whole("MinimumHealthyPercent", 100)?,
    );
    let mut plan = Plan::new(name, "an ECS service", at, &[(100.0, 0.0)]);
    // Tasks of the old version have to start again.
    plan.switches_back = false;
    let count = properties
        .get("DesiredCount")
        .map(|value| value.whole(1, 100_000));
    if let Some(Ok(tasks)) = count {
        let up = (u64::from(tasks) * u64::from(most)) / 100;
        let down = (u64::from(tasks) * u64::from(least)).div_ceil(100);
        let batch = up.saturating_sub(down);
        if batch == 0 {
            let text = format!(
                "{name}: of {tasks} tasks {down} must stay healthy and {up} may run, so that none can be replaced"
            );
            return Err(Problem::new(at, text));
        }
        plan.parts = (u64::from(tasks)).div_ceil(batch).min(10_000) as u32;
        let text = format!(
            "{tasks} tasks are replaced {batch} at a time, which takes {} parts",
            plan.parts
        );
        plan.notes.map(at, text);
    } else {
        let text = format!(
            "between {least}% and {most}% of the tasks run; how many there are is not known, so all are replaced at once"
        );
        plan.notes.assume(at, text);
    }
    if settings
        .and_then(|all| all.at(&["DeploymentCircuitBreaker", "Enable"]))
        .is_some()
    {
        plan.notes.leave(
            at,
            "the circuit breaker, which stops at tasks that do not start or are unhealthy",
        );
    }
    Ok(plan)
}

fn hooks(settings: &Value, plan: &mut Plan) -> Result<(), Problem> {
    let Some(hooks) = settings.get("LifecycleHooks") else {
        return Ok(());
    };
    for one in hooks.items() {
        let target = one.get("HookTargetArn").and_then(Value::text);
        let target = target.map_or("hook", |text| {
            text.resource.as_deref().unwrap_or(&text.text)
        });
        let stages = one.get("LifecycleStages");
        let pauses = one
            .get("TargetType")
            .is_some_and(|kind| kind.known() == Ok("PAUSE"));
        for stage in stages.into_iter().flat_map(Value::items) {
            if pauses {
                plan.manual_gates += 1;
            }
            let hook = Hook {
                name: target.to_owned(),
                at: stage.at,
            };
            match stage.known()? {
                "POST_PRODUCTION_TRAFFIC_SHIFT" => plan.after.push(hook),
                each @ ("PRE_PRODUCTION_TRAFFIC_SHIFT" | "PRODUCTION_TRAFFIC_SHIFT") => {
                    let text = format!(
                        "{each} runs {target} at every step; landfall once, before the first"
                    );
                    plan.notes.leave(stage.at, text);
                    plan.before.push(hook);
                }
                _ => plan.before.push(hook),
            }
        }
    }
    Ok(())
}

fn alarms(template: &Template<'_>, settings: &Value, name: &str, plan: &mut Plan) {
    let Some(alarms) = settings.get("Alarms") else {
        return;
    };
    let is = |key: &str| alarms.get(key).map(Value::flag);
    if is("Enable") == Some(Ok(false)) {
        return;
    }
    attach(template, alarms.get("AlarmNames"), name, plan);
    if is("Rollback") == Some(Ok(false)) && !plan.alarms.is_empty() {
        plan.notes.leave(
            alarms.at,
            "an alarm stops the deployment and takes nothing back: landfall takes it back",
        );
    }
}

/// Rollouts that `AWS::CodeDeploy::BlueGreen` in the section `Hooks` describes.
pub(super) fn blue_green_hooks(template: &Template<'_>) -> Result<Vec<Plan>, Problem> {
    let entries = template.section("Hooks").map_or(&[][..], Raw::entries);
    let mut plans = Vec::new();
    for (name, raw) in entries {
        if raw.get("Type").and_then(Raw::text) != Some("AWS::CodeDeploy::BlueGreen") {
            continue;
        }
        let properties = raw.get("Properties").map(|raw| template.resolve(raw));
        let routing = properties
            .as_ref()
            .and_then(|all| all.get("TrafficRoutingConfig"));
        let shifting = match routing {
            Some(routing) => codedeploy::routed(routing)?,
            // What the documents say is used where nothing is said.
            None => Shifting::Canary {
                percent: 15.0,
                interval_s: 300.0,
            },
        };
        let mut plan = Plan::new(name, "an ECS service", raw.at, &shifting.stages());
        let hooks = properties
            .as_ref()
            .and_then(|all| all.get("LifecycleEventHooks"));
        for (event, value) in hooks.map_or(&[][..], Value::entries) {
            let Some(text) = value.text().filter(|_| value.what != What::Nothing) else {
                continue;
            };
            let hook = Hook {
                name: text.resource.clone().unwrap_or_else(|| text.text.clone()),
                at: value.at,
            };
            if event == "AfterAllowTraffic" {
                plan.after.push(hook);
            } else {
                plan.before.push(hook);
            }
        }
        plans.push(plan);
    }
    Ok(plans)
}
