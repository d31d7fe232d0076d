//! Deployment groups and deployment configurations of CodeDeploy.
//!
//! Sources: CodeDeploy API Reference (DeploymentConfigInfo, TrafficRoutingConfig, ZonalConfig, AlarmConfiguration); the
//! User Guide, "Working with deployment configurations".

use super::attach::attach;
use super::plan::{Notes, Plan, Problem, hook};
use super::shifting::{Named, Shifting, named};
use super::template::{Resource, Template};
use super::value::{Value, What};

const CONFIG: &str = "AWS::CodeDeploy::DeploymentConfig";
/// The type of deployment groups.
pub(super) const GROUP: &str = "AWS::CodeDeploy::DeploymentGroup";

/// What a deployment configuration's name stands for. `sam`: whether it may be a short name of SAM.
pub(super) fn shifting_by_name(
    template: &Template<'_>,
    name: &Value,
    sam: bool,
    notes: &mut Notes,
) -> Result<Shifting, Problem> {
    if let Some(config) = config(template, name) {
        let properties = template.properties(config);
        let routing = properties
            .as_ref()
            .and_then(|all| all.get("TrafficRoutingConfig"));
        let Some(routing) = routing else {
            let text = format!("{} does not say how traffic is shifted", config.name);
            return Err(Problem::new(config.raw.at, text));
        };
        notes.map(config.raw.at, format!("shifted as {} says", config.name));
        return routed(routing);
    }
    let known = name.known().map_err(|unknown| {
        let text = format!(
            "which deployment configuration is used is not known: {}",
            unknown.why
        );
        Problem::unknown(unknown.at, text)
    })?;
    match named(known, sam) {
        Named::Predefined(shifting) => Ok(shifting),
        Named::Guessed(shifting) => {
            let text = format!(
                "the deployment configuration {known} is not in this file; understood by its name"
            );
            notes.assume(name.at, text);
            Ok(shifting)
        }
        Named::Unknown => {
            let text = format!(
                "what the deployment configuration {known} does is not known: it is neither predefined nor in this file"
            );
            let problem = Problem::unknown(name.at, text);
            Err(problem
                .mend("add its AWS::CodeDeploy::DeploymentConfig, or choose another with --param"))
        }
    }
}

/// The deployment configuration of the template that a value names.
fn config<'t>(template: &Template<'t>, name: &Value) -> Option<Resource<'t>> {
    let text = name.text()?;
    let referred = text
        .resource
        .as_deref()
        .and_then(|name| template.resource(name));
    if let Some(config) = referred.filter(|resource| resource.kind == CONFIG) {
        return Some(config);
    }
    template.resources().find(|resource| {
        let named = || resource.raw.get("Properties")?.get("DeploymentConfigName");
        resource.kind == CONFIG
            && named().is_some_and(|raw| {
                template
                    .resolve(raw)
                    .text()
                    .is_some_and(|own| own.text == text.text)
            })
    })
}

/// Reads a `TrafficRoutingConfig`, which the transform for ECS has as well.
pub(super) fn routed(routing: &Value) -> Result<Shifting, Problem> {
    let Some(kind) = routing.get("Type") else {
        return Err(Problem::new(
            routing.at,
            "`Type` of the traffic routing is missing",
        ));
    };
    let of = |table: &str, percent: &str, interval: &str| -> Result<(f64, f64), Problem> {
        let table = routing
            .get(table)
            .ok_or_else(|| Problem::new(routing.at, format!("`{table}` is missing")))?;
        let need = |key: &str| {
            table
                .get(key)
                .ok_or_else(|| Problem::new(table.at, format!("`{key}` is missing")))
        };
        // CodeDeploy counts minutes.
        let percent = f64::from(need(percent)?.whole(1, 99)?);
        let interval_s = f64::from(need(interval)?.whole(0, 2_880)?) * 60.0;
        Ok((percent, interval_s))
    };
    // The transform for ECS takes other names for the parts: StepPercentage and BakeTimeMins.
    let has = |table: &str, key: &str| routing.at(&[table, key]).is_some();
    match kind.known()? {
        "AllAtOnce" => Ok(Shifting::AllAtOnce),
        "TimeBasedCanary" => {
            let (percent, interval_s) = if has("TimeBasedCanary", "StepPercentage") {
                of("TimeBasedCanary", "StepPercentage", "BakeTimeMins")?
            } else {
                of("TimeBasedCanary", "CanaryPercentage", "CanaryInterval")?
            };
            Ok(Shifting::Canary {
                percent,
                interval_s,
            })
        }
        "TimeBasedLinear" => {
            let (percent, interval_s) = if has("TimeBasedLinear", "StepPercentage") {
                of("TimeBasedLinear", "StepPercentage", "BakeTimeMins")?
            } else {
                of("TimeBasedLinear", "LinearPercentage", "LinearInterval")?
            };
            Ok(Shifting::Linear {
                percent,
                interval_s,
            })
        }
        other => Err(Problem::new(
            kind.at,
            format!("`{other}` is no way to shift traffic that CodeDeploy has"),
        )),
    }
}

/// The rollout of a deployment group.
pub(super) fn group(template: &Template<'_>, resource: Resource<'_>) -> Result<Plan, Problem> {
    let name = resource.name;
    let at = resource.raw.at;
    let properties = template.properties(resource);
    let properties = properties
        .filter(|properties| properties.what != What::Nothing)
        .ok_or_else(|| Problem::new(at, format!("{name} has no properties")))?;
    let platform = platform(template, &properties);
    let mut notes = Notes::default();
    let mut plan = if platform == Platform::Server {
        servers(template, name, &properties)?
    } else {
        let config = properties.get("DeploymentConfigName");
        let shifting = match config {
            Some(config) => shifting_by_name(template, config, false, &mut notes)?,
            None => {
                let default = match platform {
                    Platform::Ecs => "CodeDeployDefault.ECSAllAtOnce",
                    _ => "CodeDeployDefault.LambdaAllAtOnce",
                };
                let text = format!("{name} names no deployment configuration: {default}");
                notes.assume(at, text);
                Shifting::AllAtOnce
            }
        };
        let what = match platform {
            Platform::Ecs => "an ECS service",
            _ => "a function",
        };
        Plan::new(name, what, at, &shifting.stages())
    };
    plan.notes.mapped.append(&mut notes.mapped);
    plan.notes.assumed.append(&mut notes.assumed);
    match platform {
        Platform::Ecs => blue_green(&properties, &mut plan)?,
        Platform::Lambda => alias_hooks(template, name, &mut plan),
        Platform::Server => {}
    }
    alarms(template, &properties, name, &mut plan);
    rollback(&properties, &mut plan);
    Ok(plan)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Platform {
    Lambda,
    Ecs,
    Server,
}

/// What a deployment group deploys to.
fn platform(template: &Template<'_>, properties: &Value) -> Platform {
    let application = properties.get("ApplicationName").and_then(Value::text);
    let application = application
        .and_then(|text| template.resource(text.resource.as_deref()?))
        .and_then(|resource| resource.raw.get("Properties")?.get("ComputePlatform"))
        .map(|raw| template.resolve(raw));
    let platform = application.as_ref().and_then(|value| value.known().ok());
    let config = properties.get("DeploymentConfigName").and_then(Value::text);
    let config = config.map_or("", |text| &text.text);
    match platform {
        Some("Lambda") => Platform::Lambda,
        Some("ECS") => Platform::Ecs,
        Some("Server") => Platform::Server,
        _ if properties.get("ECSServices").is_some() || config.contains("ECS") => Platform::Ecs,
        _ if config.contains("Lambda") => Platform::Lambda,
        _ => Platform::Server,
    }
}

/// The hooks of the alias that is updated through a deployment group.
fn alias_hooks(template: &Template<'_>, group: &str, plan: &mut Plan) {
    for resource in template
        .resources()
        .filter(|r| r.kind == "AWS::Lambda::Alias")
    {
        let policy = resource
            .raw
            .get("UpdatePolicy")
            .map(|raw| template.resolve(raw));
        let update = policy
            .as_ref()
            .and_then(|all| all.get("CodeDeployLambdaAliasUpdate"));
        let Some(update) = update else { continue };
        let named = update.get("DeploymentGroupName").and_then(Value::text);
        if named.is_some_and(|text| text.resource.as_deref() == Some(group)) {
            plan.before.extend(hook(update, "BeforeAllowTrafficHook"));
            plan.after.extend(hook(update, "AfterAllowTrafficHook"));
        }
    }
}

/// What a blue/green deployment waits for before and after.
fn blue_green(properties: &Value, plan: &mut Plan) -> Result<(), Problem> {
    let Some(settings) = properties.get("BlueGreenDeploymentConfiguration") else {
        return Ok(());
    };
    if let Some(ready) = settings.get("DeploymentReadyOption")
        && let Some(action) = ready.get("ActionOnTimeout")
        && action.known() == Ok("STOP_DEPLOYMENT")
    {
        let minutes = match ready.get("WaitTimeInMinutes") {
            Some(value) => value.whole(0, 2_880)?,
            None => 0,
        };
        plan.manual_gates += 1;
        let text =
            format!("a person lets traffic move, or the deployment stops after {minutes} minutes");
        plan.notes.assume_unless(action.at, text, "--human-delay");
    }
    let wait = settings.at(&[
        "TerminateBlueInstancesOnDeploymentSuccess",
        "TerminationWaitTimeInMinutes",
    ]);
    if let Some(wait) = wait {
        let minutes = wait.whole(0, 2_880)?;
        let text = format!(
            "the old tasks are kept for {minutes} minutes, in which traffic could be sent back; alarms are taken to watch no longer than until all traffic has moved"
        );
        plan.notes.leave(wait.at, text);
    }
    Ok(())
}

/// Deployments to servers: batches by the hosts that must stay healthy, or zone by zone.
fn servers(template: &Template<'_>, name: &str, properties: &Value) -> Result<Plan, Problem> {
    let at = properties.at;
    let written = properties.get("DeploymentConfigName");
    let config = written.and_then(|name| config(template, name));
    let mut plan = Plan::new(name, "servers", at, &[(100.0, 0.0)]);
    // Going back is a new deployment.
    plan.switches_back = false;
    let Some(config) = config else {
        let known = match written {
            Some(name) => name.known()?,
            None => "CodeDeployDefault.OneAtATime",
        };
        match known {
            "CodeDeployDefault.AllAtOnce" => {}
            "CodeDeployDefault.HalfAtATime" => {
                plan.stages.insert(0, half());
            }
            "CodeDeployDefault.OneAtATime" => plan.notes.assume(
                at,
                "one host at a time: a step of one part for each of them, of which the file does not say how many",
            ),
            other => {
                let text = format!("what the deployment configuration {other} does is not known");
                return Err(Problem::unknown(at, text));
            }
        }
        return Ok(plan);
    };
    let settings = template.properties(config);
    let Some(settings) = settings else {
        return Err(Problem::new(
            config.raw.at,
            "a deployment configuration without properties",
        ));
    };
    if let Some(hosts) = settings.get("MinimumHealthyHosts") {
        healthy_hosts(hosts, &mut plan)?;
    }
    if let Some(zonal) = settings.get("ZonalConfig") {
        zone_by_zone(zonal, &mut plan)?;
    }
    Ok(plan)
}

fn half() -> super::plan::Stage {
    super::plan::Stage {
        percent: 50.0,
        dwell_s: 0.0,
    }
}

/// The share of hosts that a batch takes. CodeDeploy rounds the healthy ones up, so that 95% of ten hosts are all ten,
/// and a deployment that may take none fails at once.
fn healthy_hosts(hosts: &Value, plan: &mut Plan) -> Result<(), Problem> {
    let need = |key: &str| {
        hosts
            .get(key)
            .ok_or_else(|| Problem::new(hosts.at, format!("`{key}` is missing")))
    };
    let (kind, value) = (need("Type")?, need("Value")?);
    match kind.known()? {
        "FLEET_PERCENT" => {
            let healthy = value.whole(0, 100)?;
            if healthy == 100 {
                let text = "all hosts must stay healthy, so that no deployment can begin";
                return Err(Problem::new(value.at, text));
            }
            let batch = 100.0 - f64::from(healthy);
            let stages = Shifting::Linear {
                percent: batch,
                interval_s: 0.0,
            }
            .stages();
            plan.stages = stages
                .iter()
                .map(|&(percent, dwell_s)| super::plan::Stage { percent, dwell_s })
                .collect();
            let text = format!(
                "at least {healthy}% of the hosts stay healthy, counted up to whole ones: batches of {batch}% at the most, and fewer hosts than {} let no deployment begin",
                (100.0 / batch).ceil()
            );
            plan.notes.assume(value.at, text);
        }
        "HOST_COUNT" => {
            let text = "how many hosts there are is not in the file, so neither is the size of a batch: one is assumed";
            plan.notes.assume(value.at, text);
        }
        other => {
            let text = format!("`{other}` is neither FLEET_PERCENT nor HOST_COUNT");
            return Err(Problem::new(kind.at, text));
        }
    }
    Ok(())
}

/// Availability zones one after the other, each watched for a while.
fn zone_by_zone(zonal: &Value, plan: &mut Plan) -> Result<(), Problem> {
    let seconds = |key: &str| -> Result<Option<f64>, Problem> {
        match zonal.get(key) {
            Some(value) => Ok(Some(f64::from(value.whole(0, 604_800)?))),
            None => Ok(None),
        }
    };
    let each = seconds("MonitorDurationInSeconds")?;
    let first = seconds("FirstZoneMonitorDurationInSeconds")?;
    plan.zone_bake_s = Some(each.unwrap_or(0.0));
    if let Some(first) = first.filter(|first| Some(*first) != each) {
        let text = format!("the first zone is watched for {first}s, and not as long as the others");
        plan.notes.leave(zonal.at, text);
    }
    Ok(())
}

fn alarms(template: &Template<'_>, properties: &Value, name: &str, plan: &mut Plan) {
    let Some(settings) = properties.get("AlarmConfiguration") else {
        return;
    };
    if settings.get("Enabled").map(Value::flag) == Some(Ok(false)) {
        return;
    }
    let Some(list) = settings.get("Alarms") else {
        return;
    };
    // Each is a table with a name.
    attach(template, Some(&list.picked("Name")), name, plan);
}

/// Whether an alarm takes the old version back, or only stops what goes on.
fn rollback(properties: &Value, plan: &mut Plan) {
    let settings = properties.get("AutoRollbackConfiguration");
    let enabled = settings.and_then(|all| all.get("Enabled")).map(Value::flag);
    let on_alarm = settings
        .and_then(|all| all.get("Events"))
        .is_some_and(|events| {
            events
                .items()
                .any(|event| event.known() == Ok("DEPLOYMENT_STOP_ON_ALARM"))
        });
    let takes_back = on_alarm && enabled == Some(Ok(true));
    if !takes_back && !plan.alarms.is_empty() {
        let at = settings.map_or(properties.at, |all| all.at);
        let text = "an alarm stops the deployment and takes nothing back (AutoRollbackConfiguration): landfall takes it back";
        plan.notes.leave(at, text);
    }
}
