//! Flagger: everything moves by ticks of `analysis.interval`.

mod hooks;
mod metrics;
mod rollout;
mod weights;

use super::document::Node;
use super::duration::go_duration_s;
use super::imported::Imported;
use super::objects::{assume_regions, is, name, objects, of_kind, spec};
use super::refusal::{Refusal, short};
use super::settings::Settings;
use super::strategy::Strategy;
use super::unread::{Keys, list};
use super::{Given, Kind};
use metrics::Templates;
use rollout::Rollout;

/// The API's group.
const GROUP: &str = "flagger.app";
/// The shortest tick.
const LEAST_INTERVAL_S: f64 = 10.0;

/// Keys of a Canary, and of a MetricTemplate.
const CANARY: &str = include_str!("canary.keys");
const METRIC: &str = include_str!("metric.keys");
/// The most metrics of a canary, and the most webhooks.
const MOST_CHECKS: usize = 50;

/// Flagger.
pub const KIND: Kind = Kind {
    name: "flagger",
    about: "Flagger (Canary, MetricTemplate)",
    recognise,
    read,
};

fn recognise(given: &Given<'_>) -> bool {
    objects(given).any(|o| is(o, GROUP, "Canary") || is(o, GROUP, "MetricTemplate"))
}

fn read(given: &Given<'_>, settings: &Settings) -> Result<Vec<Imported>, Refusal> {
    let of = |kind| of_kind(given, GROUP, kind);
    let templates = Templates {
        all: of("MetricTemplate")?,
        settings,
    };
    let canaries = of("Canary")?;
    if canaries.is_empty() {
        return Ok(templates.alone());
    }
    let keys = Keys::of(CANARY);
    let mut all = Vec::new();
    for object in canaries {
        let mut imported = canary(object, &templates, settings)?;
        list(object, "", &keys, &mut imported);
        templates.unread(object, &mut imported);
        all.push(imported);
    }
    Ok(all)
}

fn canary(
    object: &Node,
    templates: &Templates<'_>,
    settings: &Settings,
) -> Result<Imported, Refusal> {
    let spec = spec(object, "Canary")?;
    if spec.get("targetRef").is_none() {
        return Err(Refusal::new(spec.at, "spec.targetRef is missing"));
    }
    let mut imported = Imported::new(KIND.name, name(object).unwrap_or("canary"), object.at);
    let analysis = spec.get("analysis").or_else(|| spec.get("canaryAnalysis"));
    if let Some(analysis) = analysis {
        analysis.table("spec.analysis")?;
        for key in ["metrics", "webhooks"] {
            if let Some(one) = analysis.items_of(key).get(MOST_CHECKS) {
                let rule = format!("analysis.{key} has more than {MOST_CHECKS} items");
                return Err(Refusal::new(one.at, rule));
            }
        }
    }
    let skips = match spec.get("skipAnalysis") {
        Some(n) => n.flag("spec.skipAnalysis")?,
        None => false,
    };
    let mut rollout = Rollout {
        interval_s: interval_s(analysis, spec, &mut imported),
        at: analysis.map_or(spec.at, |a| a.at),
        imported: &mut imported,
        strategy: Strategy {
            rollback_takes: Some("0s".to_owned()),
            ..Strategy::default()
        },
        settings,
    };
    match analysis.filter(|_| !skips) {
        None => rollout.unchecked(),
        Some(analysis) => rollout.analysed(spec, analysis, templates)?,
    }
    let Rollout { strategy, .. } = rollout;
    imported.strategy = Some(strategy);
    assume_regions(object, "Canary", &mut imported);
    let pods = "pods get ready within a tick; every further tick of waiting comes on top";
    imported.assumes(object.at, pods, None);
    Ok(imported)
}

/// The length of a tick: what cannot be read is a minute, what is shorter than ten seconds ten.
fn interval_s(analysis: Option<&Node>, spec: &Node, imported: &mut Imported) -> f64 {
    const DEFAULT_S: f64 = 60.0;
    let Some(node) = analysis.and_then(|a| a.get("interval")) else {
        imported.maps(analysis.unwrap_or(spec).at, "no interval: ticks of 60 s");
        return DEFAULT_S;
    };
    match node.as_text().and_then(go_duration_s) {
        Some(s) if s >= LEAST_INTERVAL_S => s,
        Some(_) => {
            imported.maps(node.at, "an interval shorter than 10 s is taken for 10 s");
            LEAST_INTERVAL_S
        }
        None => {
            let text = format!(
                "the interval `{}` is no duration: ticks of 60 s",
                short(node.as_text().unwrap_or(""))
            );
            imported.maps(node.at, text);
            DEFAULT_S
        }
    }
}
