//! Templates of CloudFormation and SAM: what is shifted, step by step, and the alarms that stop it.
//!
//! A template has a rollout for every function, state machine, service, deployment group and configuration that is
//! not replaced at one stroke. All of a stack are deployed at the same time, each by itself.

mod appconfig;
mod attach;
mod cloudwatch;
mod codedeploy;
mod ecs;
mod plan;
mod raw;
mod result;
mod rollback;
mod sam;
mod shifting;
mod template;
mod unread;
mod value;

#[cfg(test)]
mod tests;

use plan::{Plan, Problem};
use raw::Raw;
use rollback::Watch;
use template::{Resource, Template};

use super::document::Node;
use super::{Given, Imported, Kind, Refusal, Settings};

/// Templates.
pub const KIND: Kind = Kind {
    name: "cloudformation",
    about: "templates of CloudFormation and SAM, with CodeDeploy, ECS, AppConfig and alarms of CloudWatch",
    recognise,
    read,
};

/// The most resources of a template, by CloudFormation's quota.
const MOST_RESOURCES: usize = 500;

fn recognise(given: &Given<'_>) -> bool {
    given.documents.iter().any(is_template)
}

/// Whether a document has resources of AWS, under `Resources` or, in a file of nothing else, at its top.
fn is_template(document: &Node) -> bool {
    let resources = document.get("Resources").unwrap_or(document);
    resources.entries().iter().any(|entry| {
        let kind = entry.value.text_of("Type");
        kind.is_some_and(|kind| kind.starts_with("AWS::"))
    })
}

fn read(given: &Given<'_>, settings: &Settings) -> Result<Vec<Imported>, Refusal> {
    let mut imported = Vec::new();
    for document in given
        .documents
        .iter()
        .filter(|document| is_template(document))
    {
        let root = raw::raw(document);
        let template = Template::new(&root, settings);
        template.check_parameters()?;
        if template.resources().nth(MOST_RESOURCES).is_some() {
            let rule = format!("a template has at most {MOST_RESOURCES} resources");
            return Err(Refusal::new(document.at, rule).mend("give the part with the rollout"));
        }
        let watch = rollback::watch(given, settings)?;
        let rollouts = rollouts(&template, watch.as_ref(), settings)?;
        if template.is_exhausted() {
            let rule = "its functions and mappings are repeated too often to be resolved";
            return Err(Refusal::new(document.at, rule));
        }
        let before = imported.len();
        if rollouts.is_empty() {
            let file = given.base_name(document.at.file);
            imported.extend(result::alarms(&template, file, document.at, settings));
        }
        imported.extend(rollouts);
        unread::tell(given, document, &mut imported[before..]);
    }
    Ok(imported)
}

/// All rollouts of a template. What can not be understood is refused if there is nothing else, and told if there is.
fn rollouts(
    template: &Template<'_>,
    watch: Option<&Watch>,
    settings: &Settings,
) -> Result<Vec<Imported>, Refusal> {
    let mut imported = Vec::new();
    let mut unknown = overlooked(template);
    for resource in template.resources() {
        if template.is_there(resource) == Ok(false) {
            continue;
        }
        match rollout(template, resource) {
            Ok(Some(mut plan)) => {
                if let Err(why) = template.is_there(resource) {
                    let text = format!("{} is deployed, which is not known: {why}", resource.name);
                    plan.notes.assume_unless(resource.raw.at, text, "--param");
                }
                if let Some(watch) = watch {
                    watch.over(template, &mut plan);
                }
                imported.push(result::imported(template, plan, settings));
            }
            Ok(None) => drop(template.take_defaults()),
            Err(problem) if problem.is_unknown => unknown.push(problem.refusal),
            Err(problem) => return Err(problem.refusal),
        }
    }
    for mut plan in ecs::blue_green_hooks(template).map_err(|problem| problem.refusal)? {
        if let Some(watch) = watch {
            watch.over(template, &mut plan);
        }
        imported.push(result::imported(template, plan, settings));
    }
    let Some(first) = imported.first_mut() else {
        return unknown.into_iter().next().map_or(Ok(imported), Err);
    };
    for refusal in unknown {
        first.loses(
            refusal.at,
            format!("another rollout of the file: {}", refusal.rule),
        );
    }
    Ok(imported)
}

/// What shifts or makes something and is not read.
fn overlooked(template: &Template<'_>) -> Vec<Refusal> {
    let resources = template.section("Resources").map_or(&[][..], Raw::entries);
    let what = resources.iter().filter_map(|(name, raw)| {
        let rule = if name.starts_with("Fn::ForEach::") {
            format!("{name} makes resources that are not expanded here")
        } else if raw
            .get("UpdatePolicy")?
            .get("AutoScalingRollingUpdate")
            .is_some()
        {
            format!("the rolling update of the Auto Scaling group {name} is not read")
        } else {
            return None;
        };
        Some(Refusal::new(raw.at, rule))
    });
    what.collect()
}

fn rollout(template: &Template<'_>, resource: Resource<'_>) -> Result<Option<Plan>, Problem> {
    Ok(match resource.kind {
        "AWS::Serverless::Function" => sam::function(template, resource)?,
        "AWS::Serverless::StateMachine" => sam::state_machine(template, resource)?,
        codedeploy::GROUP => Some(codedeploy::group(template, resource)?),
        ecs::SERVICE => ecs::service(template, resource)?,
        appconfig::DEPLOYMENT => Some(appconfig::deployment(template, resource)?),
        appconfig::STRATEGY if !is_used(template, appconfig::DEPLOYMENT) => {
            Some(appconfig::strategy(template, resource)?)
        }
        _ => None,
    })
}

/// Whether a template has a resource of a type.
fn is_used(template: &Template<'_>, kind: &str) -> bool {
    template.resources().any(|resource| resource.kind == kind)
}
