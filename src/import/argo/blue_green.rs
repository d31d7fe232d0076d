//! `strategy.blueGreen`.

use super::alarms::{Watched, alarms};
use super::analysis::{Run, Templates};
use crate::import::document::Node;
use crate::import::duration::literal;
use crate::import::imported::{Dwell, Imported};
use crate::import::refusal::Refusal;
use crate::import::settings::Settings;
use crate::import::strategy::{Bake, Step, Strategy, Test};

/// Reads it: new pods, the analysis before, the pause, the switch, the analysis after.
pub fn blue_green<'n>(
    node: &'n Node,
    imported: &mut Imported,
    templates: &Templates<'n>,
    settings: &Settings,
) -> Result<(), Refusal> {
    node.table("blueGreen")?;
    if node.get("activeService").is_none() {
        return Err(Refusal::new(node.at, "blueGreen.activeService is missing"));
    }
    let mut strategy = Strategy {
        rollback_takes: Some("0s".to_owned()),
        ..Strategy::default()
    };
    imported.assumes(
        node.at,
        format!("pods take {} to get ready", settings.pod_start),
        Some("--pod-start"),
    );
    let mut before_s = before(node, imported, templates, &mut strategy)?;
    let automatic = match node.get("autoPromotionEnabled") {
        Some(n) => n.flag("blueGreen.autoPromotionEnabled")?,
        None => true,
    };
    let pause_s = match node.get("autoPromotionSeconds") {
        Some(n) => n.whole("blueGreen.autoPromotionSeconds", 0, i64::from(i32::MAX))?,
        None => 0,
    };
    if !automatic {
        imported.manual_gates += 1;
        imported.schedule.push(crate::import::Stage {
            weight_percent: 0.0,
            dwell: Dwell::Manual,
            at: node.at,
        });
        strategy.steps.push(Step::new(
            0.0,
            Bake::Manual,
            node.at,
            "autoPromotionEnabled: false",
        ));
        strategy.approval = Some(settings.human_delay.clone());
        let text = format!(
            "somebody promotes {} after the new pods are ready",
            settings.human_delay
        );
        imported.assumes(node.at, text, Some("--human-delay"));
        if pause_s > 0 {
            imported.maps(
                node.at,
                "autoPromotionSeconds means nothing beside autoPromotionEnabled: false",
            );
        }
    } else if pause_s > 0 {
        before_s = before_s.map(|s| s + pause_s as f64);
        imported.stage(0.0, Dwell::Seconds(pause_s as f64), node.at);
        strategy.steps.push(Step::new(
            0.0,
            Bake::For(pause_s as f64),
            node.at,
            "autoPromotionSeconds",
        ));
    }
    imported.full_s = before_s;
    strategy.steps.push(Step::new(
        100.0,
        Bake::None,
        node.at,
        "the active service switches",
    ));
    imported.schedule.push(crate::import::Stage {
        weight_percent: 100.0,
        dwell: Dwell::Seconds(0.0),
        at: node.at,
    });
    let after_s = after(node, imported, templates, &mut strategy, settings)?;
    imported.done_s = imported.full_s.zip(after_s).map(|(a, b)| a + b);
    if settings.pod_start != "0s" {
        strategy.tests.insert(
            0,
            Test {
                name: "new pods".to_owned(),
                after_traffic: false,
                takes: settings.pod_start.clone(),
                at: node.at,
                comment: "new pods get ready".to_owned(),
            },
        );
    }
    imported.strategy = Some(strategy);
    Ok(())
}

fn before<'n>(
    node: &'n Node,
    imported: &mut Imported,
    templates: &Templates<'n>,
    strategy: &mut Strategy,
) -> Result<Option<f64>, Refusal> {
    let Some(analysis) = node.get("prePromotionAnalysis") else {
        return Ok(Some(0.0));
    };
    let run = templates.run(analysis)?;
    missing(&run, imported);
    imported.loses(
        analysis.at,
        "prePromotionAnalysis: what it would see is not known; it is a test that takes its time",
    );
    let Some(least_s) = run.least_s() else {
        imported.loses(
            analysis.at,
            "it has an interval and no count, so it never ends",
        );
        imported.stage(0.0, Dwell::Unbounded, analysis.at);
        strategy.steps.push(Step::new(
            0.0,
            Bake::Endless,
            analysis.at,
            "prePromotionAnalysis without end",
        ));
        return Ok(None);
    };
    if least_s > 0.0 {
        imported.stage(0.0, Dwell::Seconds(least_s), analysis.at);
    }
    strategy.tests.push(Test {
        name: "prePromotionAnalysis".to_owned(),
        after_traffic: false,
        takes: literal(least_s),
        at: analysis.at,
        comment: "prePromotionAnalysis, before any traffic".to_owned(),
    });
    imported.maps(
        analysis.at,
        "prePromotionAnalysis: a test before traffic; faults say what it catches (caught_by)",
    );
    Ok(Some(least_s))
}

fn after<'n>(
    node: &'n Node,
    imported: &mut Imported,
    templates: &Templates<'n>,
    strategy: &mut Strategy,
    settings: &Settings,
) -> Result<Option<f64>, Refusal> {
    let Some(analysis) = node.get("postPromotionAnalysis") else {
        return Ok(Some(0.0));
    };
    let run = templates.run(analysis)?;
    let step = strategy.steps.len();
    let watched = Watched {
        scope: "zone",
        steps: Some((step, Some(step))),
        is_moment: false,
    };
    let as_alarms = alarms(&run, watched, imported, settings);
    let least_s = run.least_s();
    if let Some(last) = strategy.steps.last_mut() {
        last.comment = format!("{}, postPromotionAnalysis", last.comment);
        last.bake = least_s.map_or(Bake::Endless, Bake::For);
    }
    if let Some(last) = imported.schedule.last_mut() {
        last.dwell = least_s.map_or(Dwell::Unbounded, Dwell::Seconds);
    }
    if as_alarms == 0 && !run.metrics.is_empty() {
        strategy.tests.push(Test {
            name: "postPromotionAnalysis".to_owned(),
            after_traffic: true,
            takes: "0s".to_owned(),
            at: analysis.at,
            comment: "postPromotionAnalysis, its verdict after the bake".to_owned(),
        });
    }
    imported.maps(
        analysis.at,
        "postPromotionAnalysis: a bake with everything on the new version",
    );
    Ok(least_s)
}

fn missing(run: &Run<'_>, imported: &mut Imported) {
    for (at, wanted) in &run.missing {
        let text =
            format!("the analysis template `{wanted}` is not among the files: give it as well");
        imported.loses(*at, text);
    }
}
