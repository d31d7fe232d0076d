//! Delivery pipelines of Google Cloud Deploy: every stage is a rollout of its own, in phases.

use super::document::Node;
use super::duration::go_duration_s;
use super::imported::{Dwell, Imported};
use super::objects::{few, is, name};
use super::program::Program;
use super::refusal::{At, Refusal};
use super::settings::Settings;
use super::strategy::{Bake, Wave};
use super::unread::{Keys, list};
use super::{Given, Kind};

/// The API's group.
const GROUP: &str = "deploy.cloud.google.com";
/// The most stages of a pipeline.
const MOST_STAGES: usize = 200;
/// The phase that comes last.
const STABLE: &str = "stable";

/// Google Cloud Deploy.
pub const KIND: Kind = Kind {
    name: "cloud-deploy",
    about: "Google Cloud Deploy (DeliveryPipeline, Target, Automation)",
    recognise,
    read,
};

fn of_kind<'g>(given: &'g Given<'_>, kind: &str) -> Result<Vec<&'g Node>, Refusal> {
    few(given.documents.iter().filter(|d| is(d, GROUP, kind)))
}

fn recognise(given: &Given<'_>) -> bool {
    let is_one = |d: &Node| is(d, GROUP, "DeliveryPipeline");
    given.documents.iter().any(is_one)
}

fn read(given: &Given<'_>, settings: &Settings) -> Result<Vec<Imported>, Refusal> {
    let targets = of_kind(given, "Target")?;
    let automations = of_kind(given, "Automation")?;
    let keys = Keys::of(include_str!("cloud_deploy.keys"));
    let unread = |object: &Node, kind: &str, path: &str, imported: &mut Imported| {
        if let Some(keys) = keys.inside(kind) {
            list(object, path, keys, imported);
        }
    };
    let mut all: Vec<Imported> = Vec::new();
    for pipeline in of_kind(given, "DeliveryPipeline")? {
        let first = all.len();
        let called = name(pipeline).unwrap_or("pipeline");
        let serial = pipeline
            .get("serialPipeline")
            .ok_or_else(|| Refusal::new(pipeline.at, "a DeliveryPipeline needs serialPipeline"))?;
        let stages = serial
            .get("stages")
            .ok_or_else(|| Refusal::new(serial.at, "serialPipeline needs stages"))?;
        let mut before: Option<&str> = None;
        let stages = stages.list("serialPipeline.stages")?;
        if let Some(one) = stages.get(MOST_STAGES) {
            let rule = format!("a pipeline has more than {MOST_STAGES} stages");
            return Err(Refusal::new(one.at, rule));
        }
        for stage in stages {
            let target = stage
                .get("targetId")
                .ok_or_else(|| Refusal::new(stage.at, "a stage needs a targetId"))?;
            let target = target.text("targetId")?;
            let one = Stage {
                node: stage,
                target,
                settings,
                automations: automations
                    .iter()
                    .copied()
                    .filter(|a| belongs(a, called))
                    .collect(),
            };
            let declared = targets.iter().copied().find(|t| name(t) == Some(target));
            let mut imported = one.read(called, before, declared, pipeline)?;
            if let Some(declared) = declared {
                unread(declared, "Target", &format!("{target}."), &mut imported);
            }
            all.push(imported);
            before = Some(target);
        }
        if let Some(first) = all.get_mut(first) {
            unread(pipeline, "DeliveryPipeline", "", first);
            for automation in automations.iter().filter(|a| belongs(a, called)) {
                let path = format!("{}.", name(automation).unwrap_or("automation"));
                unread(automation, "Automation", &path, first);
            }
        }
    }
    Ok(all)
}

/// Whether an automation, called `PIPELINE/NAME`, is of a pipeline.
fn belongs(automation: &Node, pipeline: &str) -> bool {
    name(automation)
        .and_then(|n| n.split_once('/'))
        .is_none_or(|(of, _)| of == pipeline)
}

/// A phase of a stage.
struct Phase<'n> {
    id: String,
    percent: f64,
    node: &'n Node,
    verifies: bool,
    at: At,
}

struct Stage<'n> {
    node: &'n Node,
    target: &'n str,
    settings: &'n Settings,
    automations: Vec<&'n Node>,
}

impl<'n> Stage<'n> {
    fn read(
        &self,
        pipeline: &str,
        before: Option<&str>,
        declared: Option<&Node>,
        whole: &Node,
    ) -> Result<Imported, Refusal> {
        let at = self.node.at;
        let name = format!("{pipeline}/{}", self.target);
        let mut imported = Imported::new(KIND.name, &name, at);
        let mut program = Program::default();
        let approves = match declared.and_then(|t| t.get("requireApproval")) {
            Some(n) => n.flag("requireApproval")?,
            None => false,
        };
        if approves {
            imported.stage(0.0, Dwell::Manual, at);
            imported.manual_gates += 1;
        }
        let phases = self.phases()?;
        for (index, phase) in phases.iter().enumerate() {
            let is_last = index + 1 == phases.len();
            let dwell = if is_last {
                Dwell::Seconds(0.0)
            } else {
                self.dwell(&phase.id, &mut imported)?
            };
            let start = Some(self.settings.pod_start.clone());
            let comment = format!("phase {}", phase.id);
            program.stage(
                &mut imported,
                (phase.percent, dwell),
                start,
                phase.at,
                comment,
            );
            self.jobs(phase, &mut imported);
        }
        let mut strategy = program.finish(&mut imported, self.settings);
        if approves {
            strategy.approval = Some(self.settings.human_delay.clone());
        }
        let multi = declared.and_then(|t| t.get("multiTarget"));
        let targets = multi.map_or(0, |m| m.items_of("targetIds").len());
        if let Some(multi) = multi {
            let text = format!("a multi-target: {targets} regions side by side");
            imported.maps(multi.at, text);
        }
        if approves || targets > 1 {
            let said = declared.and_then(|t| t.get("requireApproval").or(multi));
            strategy.waves = vec![Wave {
                regions: Vec::new(),
                parallel: u32::try_from(targets.max(1)).unwrap_or(u32::MAX),
                approval: approves,
                bake: Bake::None,
                steps: Vec::new(),
                at: said.map_or(at, |n| n.at),
                comment: "what the target says of approvals and of its own targets".to_owned(),
            }];
        }
        strategy.rollback_takes = Some(self.settings.pod_start.clone());
        let text = format!("a phase and a way back take {}", self.settings.pod_start);
        imported.assumes(at, text, Some("--pod-start"));
        self.around(before, whole, &mut imported);
        imported.strategy = Some(strategy);
        Ok(imported)
    }

    /// What stands around the phases: promotion, repair, targets, the pipeline's state.
    fn around(&self, before: Option<&str>, whole: &Node, imported: &mut Imported) {
        let at = self.node.at;
        if let Some(before) = before {
            let text = format!(
                "comes after `{before}`, by a promotion: the stages are strategies of their own here, each from its start"
            );
            imported.loses(at, text);
        }
        for (rule, key) in self.rules(None) {
            match key {
                "promoteRelease" | "timedPromoteRelease" => imported.loses(
                    rule.at,
                    format!("{key}: the promotion from this stage to another is not simulated"),
                ),
                "repairRollout" => {
                    imported.loses(
                        rule.at,
                        "repairRollout: a job that fails is tried again or rolled back; jobs do not fail here",
                    );
                }
                _ => {}
            }
        }
        if whole
            .get("suspended")
            .is_some_and(|n| n.flag("").unwrap_or(false))
        {
            imported.loses(
                whole.at,
                "the pipeline is suspended: nothing begins; here it is under way",
            );
        }
        imported.assumes(
            at,
            "there is a release on the target already: the first one skips all phases but the last",
            None,
        );
        imported.assumes(
            at,
            "no job that fails rolls anything back by itself; whoever finds a fault does",
            None,
        );
    }

    fn phases(&self) -> Result<Vec<Phase<'n>>, Refusal> {
        let node = self.node;
        let strategy = node.get("strategy");
        if let Some(strategy) = strategy {
            strategy.table("strategy")?;
        }
        let canary = strategy.and_then(|s| s.get("canary"));
        let standard = strategy.and_then(|s| s.get("standard"));
        if let (Some(canary), Some(_)) = (canary, standard) {
            let rule = "a stage has either a standard or a canary strategy";
            return Err(Refusal::new(canary.at, rule));
        }
        let Some(canary) = canary else {
            let of = standard.unwrap_or(node);
            return Ok(vec![phase(STABLE, 100.0, of, of.at)?]);
        };
        canary.table("strategy.canary")?;
        let simple = canary.get("canaryDeployment");
        let custom = canary.get("customCanaryDeployment");
        match (simple, custom) {
            (Some(simple), None) => {
                let list = simple
                    .get("percentages")
                    .ok_or_else(|| Refusal::new(simple.at, "canaryDeployment needs percentages"))?;
                let mut phases: Vec<Phase<'_>> = Vec::new();
                for entry in list.list("percentages")? {
                    let percent = percentage(entry, "a percentage of the canary")?;
                    if phases.last().is_some_and(|last| last.percent >= percent) {
                        return Err(entry.wrong("a percentage", "more than the one before"));
                    }
                    phases.push(phase(
                        &format!("canary-{percent}"),
                        percent,
                        simple,
                        entry.at,
                    )?);
                }
                phases.push(phase(STABLE, 100.0, simple, simple.at)?);
                Ok(phases)
            }
            (None, Some(custom)) => {
                let list = custom.get("phaseConfigs").ok_or_else(|| {
                    Refusal::new(custom.at, "customCanaryDeployment needs phaseConfigs")
                })?;
                let mut phases: Vec<Phase<'_>> = Vec::new();
                for entry in list.list("phaseConfigs")? {
                    let id = entry
                        .get("phaseId")
                        .ok_or_else(|| Refusal::new(entry.at, "a phase needs a phaseId"))?
                        .text("phaseId")?;
                    let percent = match entry.get("percentage") {
                        Some(n) => percentage(n, "percentage")?,
                        None => 0.0,
                    };
                    phases.push(phase(id, percent, entry, entry.at)?);
                }
                match phases.last() {
                    Some(last) if last.id == STABLE && last.percent == 100.0 => Ok(phases),
                    _ => Err(Refusal::new(
                        list.at,
                        "the last phase must be `stable`, with a percentage of 100",
                    )),
                }
            }
            _ => Err(Refusal::new(
                canary.at,
                "a canary needs either canaryDeployment or customCanaryDeployment",
            )),
        }
    }

    /// How long a phase stays: until somebody advances it, unless an automation does.
    fn dwell(&self, phase: &str, imported: &mut Imported) -> Result<Dwell, Refusal> {
        for (rule, _) in self.rules(Some("advanceRollout")) {
            let phases = rule.items_of("sourcePhases");
            let is_meant = phases.is_empty() || phases.iter().any(|p| p.as_text() == Some(phase));
            if !is_meant {
                continue;
            }
            let wait = match rule.get("wait") {
                Some(n) => {
                    let text = n.text("wait")?;
                    go_duration_s(text)
                        .ok_or_else(|| n.wrong("wait", "a duration such as `300s`"))?
                }
                None => 0.0,
            };
            imported.maps(
                rule.at,
                format!("phase {phase} is advanced by an automation after {wait} s"),
            );
            return Ok(Dwell::Seconds(wait));
        }
        Ok(Dwell::Manual)
    }

    /// Rules of automations for this target, with the name of their kind.
    fn rules(&self, kind: Option<&'static str>) -> Vec<(&'n Node, &'static str)> {
        const KINDS: [&str; 4] = [
            "advanceRollout",
            "promoteRelease",
            "timedPromoteRelease",
            "repairRollout",
        ];
        let meant = |a: &&&Node| {
            a.get("suspended")
                .is_none_or(|n| !n.flag("").unwrap_or(false))
                && selects(a, self.target)
        };
        let mut found = Vec::new();
        for automation in self.automations.iter().filter(meant) {
            for rule in automation.items_of("rules") {
                for known in KINDS.into_iter().filter(|k| kind.is_none_or(|w| w == *k)) {
                    let long = format!("{known}Rule");
                    if let Some(node) = rule.get(&long).or_else(|| rule.get(known)) {
                        found.push((node, known));
                    }
                }
            }
        }
        found
    }

    fn jobs(&self, phase: &Phase<'_>, imported: &mut Imported) {
        if phase.verifies {
            let text = format!(
                "phase {}: a verify job of unknown length and outcome; the phase fails if it does",
                phase.id
            );
            imported.loses(phase.node.get("verify").map_or(phase.at, |n| n.at), text);
        }
        for key in ["predeploy", "postdeploy"] {
            if let Some(node) = phase.node.get(key) {
                imported.loses(
                    node.at,
                    format!("phase {}: {key} actions of unknown length", phase.id),
                );
            }
        }
    }
}

fn phase<'n>(id: &str, percent: f64, node: &'n Node, at: At) -> Result<Phase<'n>, Refusal> {
    let verifies = match node.get("verify") {
        Some(n) => n.flag("verify")?,
        None => false,
    };
    Ok(Phase {
        id: id.to_owned(),
        percent,
        node,
        verifies,
        at,
    })
}

fn percentage(node: &Node, what: &str) -> Result<f64, Refusal> {
    node.whole(what, 0, 100).map(|n| n as f64)
}

/// Whether an automation is for a target: by its id, or for all.
fn selects(automation: &Node, target: &str) -> bool {
    let Some(selector) = automation.get("selector") else {
        return false;
    };
    let by_id = |t: &Node| t.text_of("id").is_some_and(|id| id == "*" || id == target);
    selector.items_of("targets").iter().any(by_id)
        || selector
            .items()
            .iter()
            .any(|s| by_id(s) || s.get("target").is_some_and(by_id))
}
