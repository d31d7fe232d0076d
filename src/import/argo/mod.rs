//! Argo Rollouts: canary and blue-green, with their analyses.
//!
//! Meanings are those of the controller's code. Where a share is made by numbers of pods the share is the real one.

mod analysis;
mod blue_green;
mod canary;
mod pods;
mod steps;
mod validate;

use super::document::Node;
use super::imported::Imported;
use super::objects::{is, name, objects};
use super::refusal::{Refusal, short};
use super::settings::Settings;
use super::unread::list;
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

/// Keys of `spec` that are read, or that change no rollout.
const OF_SPEC: [&str; 10] = [
    "analysis",
    "paused",
    "progressDeadlineAbort",
    "replicas",
    "revisionHistoryLimit",
    "rollbackWindow",
    "selector",
    "strategy",
    "template",
    "workloadRef",
];
/// Keys of `canary`, likewise.
const OF_CANARY: [&str; 12] = [
    "analysis",
    "antiAffinity",
    "canaryMetadata",
    "canaryService",
    "dynamicStableScale",
    "maxSurge",
    "maxUnavailable",
    "pingPong",
    "stableMetadata",
    "stableService",
    "steps",
    "trafficRouting",
];
/// Keys of `blueGreen`, likewise.
const OF_BLUE_GREEN: [&str; 9] = [
    "activeMetadata",
    "activeService",
    "antiAffinity",
    "autoPromotionEnabled",
    "autoPromotionSeconds",
    "postPromotionAnalysis",
    "previewMetadata",
    "previewService",
    "prePromotionAnalysis",
];
/// Keys of an analysis of a rollout, likewise.
const OF_ANALYSIS: [&str; 5] = [
    "analysisRunMetadata",
    "args",
    "dryRun",
    "startingStep",
    "templates",
];

const TEMPLATES: [&str; 2] = ["AnalysisTemplate", "ClusterAnalysisTemplate"];

fn recognise(given: &Given<'_>) -> bool {
    let ours = |o: &Node| is(o, GROUP, "Rollout") || TEMPLATES.iter().any(|t| is(o, GROUP, t));
    objects(given).any(ours)
}

fn read(given: &Given<'_>, settings: &Settings) -> Result<Vec<Imported>, Refusal> {
    let of = |kind: &'static str| objects(given).filter(move |o| is(o, GROUP, kind));
    let templates = Templates {
        namespaced: of(TEMPLATES[0]).collect(),
        cluster: of(TEMPLATES[1]).collect(),
        settings,
    };
    let rollouts: Vec<&Node> = of("Rollout").collect();
    if rollouts.is_empty() {
        return templates.alone();
    }
    rollouts
        .into_iter()
        .map(|object| rollout(object, &templates, settings))
        .collect()
}

fn rollout(
    object: &Node,
    templates: &Templates<'_>,
    settings: &Settings,
) -> Result<Imported, Refusal> {
    let spec = object
        .get("spec")
        .ok_or_else(|| Refusal::new(object.at, "a Rollout needs a `spec`"))?;
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
    imported.assumes(
        object.at,
        "one Rollout in every region, in all its zones at once, region after region",
        None,
    );
    imported.assumes(
        object.at,
        "nothing is retried by itself, whatever [retry] of the world says",
        None,
    );
    unread(spec, strategy, &mut imported);
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

/// Lists what is not read.
fn unread(spec: &Node, strategy: &Node, imported: &mut Imported) {
    list(spec, "spec", &OF_SPEC, imported);
    let analysis = |node: &Node, key: &str, imported: &mut Imported| {
        if let Some(analysis) = node.get(key) {
            list(analysis, key, &OF_ANALYSIS, imported);
        }
    };
    if let Some(canary) = strategy.get("canary") {
        list(canary, "canary", &OF_CANARY, imported);
        analysis(canary, "analysis", imported);
        for step in canary.items_of("steps") {
            analysis(step, "analysis", imported);
        }
    }
    if let Some(blue_green) = strategy.get("blueGreen") {
        list(blue_green, "blueGreen", &OF_BLUE_GREEN, imported);
        analysis(blue_green, "prePromotionAnalysis", imported);
        analysis(blue_green, "postPromotionAnalysis", imported);
    }
}
