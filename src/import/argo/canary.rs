//! `strategy.canary`.

use super::alarms::{Watched, alarms};
use super::analysis::Templates;
use super::pods;
use super::steps::{self, Item, Pause};
use super::validate;
use crate::import::document::Node;
use crate::import::imported::{Dwell, Imported};
use crate::import::refusal::{At, Refusal, short};
use crate::import::settings::Settings;
use crate::import::strategy::{Bake, Step, Strategy};

/// Most pods.
const MOST_REPLICAS: i64 = 1_000_000;

/// A canary while it is read.
struct Canary<'a, 'n> {
    replicas: u64,
    surge: u64,
    /// The router's table, or shares are made by pods.
    routing: Option<&'n Node>,
    /// What weights are out of.
    whole: u64,
    imported: &'a mut Imported,
    templates: &'a Templates<'n>,
    settings: &'a Settings,
    program: Vec<Step>,
    /// The share now, in percent.
    share: f64,
    weight: u64,
    is_endless: bool,
}

/// Reads it.
pub fn canary<'n>(
    spec: &'n Node,
    node: &'n Node,
    imported: &mut Imported,
    templates: &Templates<'n>,
    settings: &Settings,
) -> Result<(), Refusal> {
    validate::canary(node)?;
    let replicas = match spec.get("replicas") {
        Some(n) => n.whole("spec.replicas", 0, MOST_REPLICAS)?.unsigned_abs(),
        None => 1,
    };
    let routing = node.get("trafficRouting");
    let whole = match routing.and_then(|r| r.get("maxTrafficWeight")) {
        Some(n) => n.whole("maxTrafficWeight", 1, 1_000_000)?.unsigned_abs(),
        None => 100,
    };
    let mut canary = Canary {
        replicas,
        surge: pods::surge(node, replicas)?,
        routing,
        whole,
        imported,
        templates,
        settings,
        program: Vec::new(),
        share: 0.0,
        weight: 0,
        is_endless: false,
    };
    if let Some(paused) = spec.get("paused").filter(|p| p.flag("").unwrap_or(false)) {
        canary.wait(Dwell::Manual, paused.at, "spec.paused");
    }
    let items = steps::items(node, routing.is_some(), whole)?;
    let of_item = canary.walk(&items)?;
    canary.background(node, &of_item)?;
    canary.finish(node)
}

impl<'n> Canary<'_, 'n> {
    /// Walks the items; for each the number of the step of the strategy that it is in, from 1.
    fn walk(&mut self, items: &[Item<'n>]) -> Result<Vec<usize>, Refusal> {
        let mut of_item = Vec::new();
        for item in items {
            self.item(item)?;
            of_item.push(self.program.len().max(1));
        }
        Ok(of_item)
    }

    fn item(&mut self, item: &Item<'n>) -> Result<(), Refusal> {
        let at = item.node.at;
        if let Some(weight) = item.weight {
            self.set_weight(weight, item.node.get("setWeight").map_or(at, |n| n.at));
        }
        if let Some(scale) = item.scale {
            let text =
                "setCanaryScale changes pods, not traffic: how much each pod gets is not simulated";
            self.imported.loses(scale.at, text);
        }
        for (key, what) in [
            ("setHeaderRoute", "requests with the header"),
            ("setMirrorRoute", "mirrored requests"),
        ] {
            if let Some(route) = item.node.get(key) {
                self.imported.loses(
                    route.at,
                    format!("{key}: {what} are not known, and not simulated"),
                );
            }
        }
        if let Some(plugin) = item.node.get("plugin") {
            let name = plugin.text_of("name").unwrap_or("");
            let text = format!(
                "the plugin `{}` takes as long as it likes, here no time",
                short(name)
            );
            self.imported.loses(plugin.at, text);
        }
        match item.pause {
            Some(Pause::Timed(seconds)) => self.wait(Dwell::Seconds(seconds), at, "pause"),
            Some(Pause::Manual) => self.wait(Dwell::Manual, at, "pause until somebody promotes"),
            None => {}
        }
        if let Some(analysis) = item.analysis {
            self.inline(analysis, item.waits())?;
        }
        if let Some(experiment) = item.experiment {
            validate::experiment(experiment, self.routing)?;
            self.experiment(experiment, item.waits())?;
        }
        Ok(())
    }

    fn set_weight(&mut self, weight: u64, at: At) {
        let stated = weight as f64 * 100.0 / self.whole as f64;
        let (share, how) = if self.routing.is_some() {
            (stated, format!("setWeight {weight}"))
        } else if self.replicas == 0 {
            (stated, format!("setWeight {weight}, of no pods"))
        } else {
            let (new, old) = pods::pods(self.replicas, weight, self.surge);
            let share = 100.0 * new as f64 / (new + old).max(1) as f64;
            (
                share,
                format!("setWeight {weight}: {new} of {} pods", new + old),
            )
        };
        if weight < self.weight {
            let text = format!(
                "setWeight {weight} takes traffic back from {}: a share never goes down here",
                self.weight
            );
            self.imported.loses(at, text);
        }
        (self.share, self.weight) = (share, weight);
        let mut step = Step::new(share, Bake::None, at, how.clone());
        step.takes = self.pod_start();
        self.program.push(step);
        self.imported.maps(at, format!("{how}: a step"));
        self.imported.stage(share, Dwell::Seconds(0.0), at);
    }

    /// How long pods take to start; none where no time is said.
    fn pod_start(&self) -> Option<String> {
        (self.settings.pod_start != "0s").then(|| self.settings.pod_start.clone())
    }

    /// Stays at the share.
    fn wait(&mut self, dwell: Dwell, at: At, why: &str) {
        let bake = match dwell {
            Dwell::Seconds(s) => Bake::For(s),
            Dwell::Manual => Bake::Manual,
            Dwell::Unbounded => Bake::Endless,
        };
        match dwell {
            Dwell::Manual => self.imported.manual_gates += 1,
            Dwell::Unbounded => self.is_endless = true,
            Dwell::Seconds(_) => {}
        }
        self.imported.maps(at, format!("{why}: a bake"));
        self.dwells(dwell, at);
        match self.program.last_mut() {
            Some(step) if step.bake == Bake::None => {
                step.bake = bake;
                step.comment = format!("{}, {why}", step.comment);
            }
            _ => self.program.push(Step::new(self.share, bake, at, why)),
        }
    }

    /// Adds to the schedule: what waits for nothing becomes what waits.
    fn dwells(&mut self, dwell: Dwell, at: At) {
        let fresh = Dwell::Seconds(0.0);
        if let Some(last) = self.imported.schedule.last_mut()
            && last.weight_percent == self.share
            && last.dwell == fresh
        {
            last.dwell = dwell;
            return;
        }
        self.imported.stage(self.share, dwell, at);
    }

    fn inline(&mut self, analysis: &'n Node, waits: bool) -> Result<(), Refusal> {
        let run = self.templates.run(analysis)?;
        if !waits {
            self.imported.loses(
                analysis.at,
                "an analysis beside a pause or a scale: the rollout does not wait for it",
            );
            return Ok(());
        }
        let Some(least_s) = run.least_s() else {
            let text = "an analysis with an interval and without a count has no end: the rollout never goes on";
            self.imported.loses(analysis.at, text);
            self.wait(Dwell::Unbounded, analysis.at, "analysis without end");
            return self.watch(&run, false);
        };
        if least_s > 0.0 {
            let separate = self.program.last().is_some_and(|s| s.bake == Bake::None);
            if !separate {
                self.program
                    .push(Step::new(self.share, Bake::None, analysis.at, "analysis"));
            }
            self.wait(Dwell::Seconds(least_s), analysis.at, "analysis");
            return self.watch(&run, false);
        }
        if run.metrics.is_empty() || self.share == 0.0 {
            return self.watch(&run, false);
        }
        // One measurement, the work of a moment.
        let alarms_before = self.imported.alarms.len();
        let step = Step::new(
            self.share,
            Bake::For(1.0),
            analysis.at,
            "analysis: one measurement, in a second of its own",
        );
        self.program.push(step);
        self.watch(&run, true)?;
        if self.imported.alarms.len() == alarms_before {
            self.program.pop();
        }
        Ok(())
    }

    /// Has the alarms of a run watch the last step.
    fn watch(&mut self, run: &super::analysis::Run<'_>, is_moment: bool) -> Result<(), Refusal> {
        let step = self.program.len().max(1);
        let watched = Watched {
            scope: "canary",
            steps: Some((step, Some(step))),
            is_moment,
        };
        alarms(run, watched, self.imported, self.settings);
        Ok(())
    }

    fn experiment(&mut self, experiment: &'n Node, waits: bool) -> Result<(), Refusal> {
        self.imported.loses(
            experiment.at,
            "an experiment's pods are apart from the rollout's: they are not simulated",
        );
        for template in experiment.items_of("templates") {
            if let Some(weight) = template.get("weight") {
                self.imported.loses(
                    weight.at,
                    "the experiment's weight exposes more requests than setWeight says",
                );
            }
        }
        if !waits {
            return Ok(());
        }
        let needed = |a: &&Node| {
            a.get("requiredForCompletion")
                .is_some_and(|f| f.flag("").unwrap_or(false))
        };
        match experiment.get("duration") {
            Some(duration) => {
                let seconds = steps::duration_s(duration, "experiment.duration")?;
                self.wait(Dwell::Seconds(seconds), experiment.at, "experiment");
            }
            None if experiment.items_of("analyses").iter().any(|a| needed(&a)) => {
                self.imported.loses(
                    experiment.at,
                    "the experiment lasts as long as its analysis, here no time",
                );
            }
            None => {
                let text = "an experiment without a duration and without an analysis that is required for completion \
                            ends by failing only: the rollout never goes on";
                self.imported.loses(experiment.at, text);
                self.wait(Dwell::Unbounded, experiment.at, "experiment without end");
            }
        }
        Ok(())
    }

    /// The analysis beside all steps from `startingStep` on.
    fn background(&mut self, node: &'n Node, of_item: &[usize]) -> Result<(), Refusal> {
        let Some(analysis) = node.get("analysis") else {
            return Ok(());
        };
        let starting = match analysis.get("startingStep") {
            Some(n) => n
                .whole("analysis.startingStep", 0, i64::from(i32::MAX))?
                .unsigned_abs() as usize,
            None => 0,
        };
        let run = self.templates.run(analysis)?;
        let Some(&from) = of_item.get(starting) else {
            let text =
                "the background analysis starts after the last step: nothing is watched by it";
            self.imported.loses(analysis.at, text);
            return Ok(());
        };
        if starting > 0 {
            let text = format!(
                "startingStep {starting}: nothing before step {from} of the strategy is watched by it"
            );
            self.imported.maps(analysis.at, text);
        }
        let watched = Watched {
            scope: "canary",
            steps: (from > 1).then_some((from, None)),
            is_moment: false,
        };
        alarms(&run, watched, self.imported, self.settings);
        Ok(())
    }

    /// All the rest at once, without a bake, and nothing is watched from then on.
    fn finish(mut self, node: &Node) -> Result<(), Refusal> {
        if self.share != 100.0 {
            let mut step = Step::new(
                100.0,
                Bake::None,
                node.at,
                "after the last step everything, and no bake",
            );
            step.takes = self.pod_start();
            self.program.push(step);
            self.imported.stage(100.0, Dwell::Seconds(0.0), node.at);
        }
        let dwell = |d: Dwell| match d {
            Dwell::Seconds(s) => Some(s),
            Dwell::Manual => Some(0.0),
            Dwell::Unbounded => None,
        };
        let all = |full: bool, schedule: &[crate::import::Stage]| {
            let before = schedule
                .iter()
                .take_while(|s| !full || s.weight_percent < 100.0);
            // A sum of nothing is -0.
            let sum = before.map(|s| dwell(s.dwell)).sum::<Option<f64>>();
            sum.map(|s| s + 0.0)
        };
        self.imported.full_s = all(true, &self.imported.schedule);
        self.imported.done_s = all(false, &self.imported.schedule);
        let routed = self.routing.is_some();
        if node.get("steps").is_none_or(|s| s.items().is_empty()) {
            self.imported.maps(
                node.at,
                "no steps: a rolling update without a bake or a gate",
            );
        }
        let dynamic = node
            .get("dynamicStableScale")
            .is_some_and(|n| n.flag("").unwrap_or(false));
        if dynamic {
            let text = "dynamicStableScale: an abort gives traffic back step by step as stable pods get ready";
            self.imported.loses(node.at, text);
        }
        let start = self.settings.pod_start.clone();
        self.imported.assumes(
            node.at,
            format!("pods take {start} to get ready"),
            Some("--pod-start"),
        );
        if self.imported.manual_gates > 0 {
            let text = format!(
                "somebody promotes {} after a pause without an end",
                self.settings.human_delay
            );
            self.imported.assumes(node.at, text, Some("--human-delay"));
        }
        self.imported.strategy = Some(Strategy {
            steps: self.program,
            approval: (self.imported.manual_gates > 0).then(|| self.settings.human_delay.clone()),
            rollback_takes: Some(if routed && !dynamic {
                "0s".to_owned()
            } else {
                start
            }),
            ..Strategy::default()
        });
        Ok(())
    }
}
