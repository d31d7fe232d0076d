//! Argo Rollouts: canary and blue-green, with their analyses.
//!
//! Meanings are those of the controller's code. Where a share is made by numbers of pods the share is the real one.

mod alarms;
mod analysis;
mod blue_green;
mod canary;
mod pods;
mod steps;
mod validate;

use super::document::Node;
use super::imported::Imported;
use super::objects::{assume_regions, is, name, objects, of_kind, spec};
use super::refusal::{Refusal, short};
use super::settings::Settings;
use super::unread::{Keys, list};
use super::{Given, Kind};
use analysis::Templates;

/// The API's group.
const GROUP: &str = "argoproj.io";

/// Argo Rollouts.
pub const KIND: Kind = Kind {
    name: "argo",
    about: "Argo Rollouts (Rollout, AnalysisTemplate, ClusterAnalysisTemplate)",
    recognise,
    read,
};

/// Keys of a Rollout, and of a template of an analysis.
const ROLLOUT: &str = include_str!("rollout.keys");
const TEMPLATE: &str = include_str!("template.keys");

const TEMPLATES: [&str; 2] = ["AnalysisTemplate", "ClusterAnalysisTemplate"];

fn recognise(given: &Given<'_>) -> bool {
    let ours = |o: &Node| is(o, GROUP, "Rollout") || TEMPLATES.iter().any(|t| is(o, GROUP, t));
    objects(given).any(ours)
}

fn read(given: &Given<'_>, settings: &Settings) -> Result<Vec<Imported>, Refusal> {
    let of = |kind| of_kind(given, GROUP, kind);
    let templates = Templates::new(of(TEMPLATES[0])?, of(TEMPLATES[1])?, settings);
    let rollouts = of("Rollout")?;
    if rollouts.is_empty() {
        return templates.alone();
    }
    let (keys, of_template) = (Keys::of(ROLLOUT), Keys::of(TEMPLATE));
    let mut all = Vec::new();
    for object in rollouts {
        let mut imported = rollout(object, &templates, settings)?;
        list(object, "", &keys, &mut imported);
        for template in templates.take_used() {
            let path = format!("{}.", name(template).unwrap_or("analysis"));
            list(template, &path, &of_template, &mut imported);
        }
        all.push(imported);
    }
    Ok(all)
}

fn rollout<'n>(
    object: &'n Node,
    templates: &Templates<'n>,
    settings: &Settings,
) -> Result<Imported, Refusal> {
    let spec = spec(object, "Rollout")?;
    validate::spec(spec)?;
    let strategy = spec.get("strategy").ok_or_else(|| {
        Refusal::new(spec.at, "spec.strategy is missing").mend("give it `canary` or `blueGreen`")
    })?;
    strategy.table("spec.strategy")?;
    let mut imported = Imported::new(KIND.name, name(object).unwrap_or("rollout"), object.at);
    for entry in strategy.entries() {
        if !["canary", "blueGreen"].contains(&&*entry.key) {
            let rule = format!(
                "spec.strategy knows `canary` and `blueGreen`, found `{}`",
                short(&entry.key)
            );
            return Err(Refusal::new(entry.at, rule));
        }
    }
    match (strategy.get("canary"), strategy.get("blueGreen")) {
        (Some(canary), None) => canary::canary(spec, canary, &mut imported, templates, settings)?,
        (None, Some(blue_green)) => {
            blue_green::blue_green(blue_green, &mut imported, templates, settings)?
        }
        _ => {
            let rule = "spec.strategy must have one of `canary` and `blueGreen`";
            return Err(Refusal::new(strategy.at, rule));
        }
    }
    assume_regions(object, "Rollout", &mut imported);
    if let Some(window) = spec.get("rollbackWindow") {
        imported.loses(
            window.at,
            "rollbackWindow: going back to a recent revision skips steps and analyses",
        );
    }
    if spec
        .get("progressDeadlineAbort")
        .is_some_and(|n| n.flag("").unwrap_or(false))
    {
        imported.loses(
            spec.at,
            "progressDeadlineAbort: pods that do not get ready abort the rollout",
        );
    }
    if let Some(reference) = spec.get("workloadRef") {
        imported.maps(
            reference.at,
            "workloadRef: what pods run is said elsewhere; replicas and strategy are here",
        );
    }
    Ok(imported)
}
