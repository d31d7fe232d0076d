//! A rollout of a template as a strategy.

use super::attach;
use super::cloudwatch::alarm::{MetricAlarm, Missing};
use super::plan::{Hook, Notes, Plan, Watching};
use super::template::Template;
use crate::import::refusal::At;
use crate::import::{
    Alarm, Bake, Dwell, Imported, Settings, Stage, Step, Strategy, Test, Wave, strategy::Zones,
};

/// The tool, as it is called in `landfall import`.
const KIND: &str = super::KIND.name;

/// What a rollout of a template comes to.
pub(super) fn imported(template: &Template<'_>, plan: Plan, settings: &Settings) -> Imported {
    let mut imported = Imported::new(KIND, &plan.name, plan.at);
    let at = plan.at;
    if plan.manual_gates > 0 {
        imported.schedule.push(Stage {
            weight_percent: 0.0,
            dwell: Dwell::Manual,
            at,
        });
    }
    imported
        .schedule
        .extend(plan.stages.iter().map(|stage| Stage {
            weight_percent: stage.percent,
            dwell: Dwell::Seconds(stage.dwell_s),
            at,
        }));
    imported.manual_gates = plan.manual_gates;
    imported.full_s = Some(plan.full_s());
    imported.done_s = Some(plan.done_s());
    imported.strategy = Some(strategy(&plan, settings));
    imported.alarms = plan
        .alarms
        .iter()
        .map(|watching| alarm(watching, settings.alarm_lag_s, "rollback"))
        .collect();
    let text = match plan.stages.len() {
        1 => format!("{}: one step", plan.how),
        n => format!(
            "{}: {n} steps, everything after {} s",
            plan.how,
            plan.full_s()
        ),
    };
    imported.maps(at, text);
    add_notes(&mut imported, &plan.notes);
    usual_assumptions(&mut imported, &plan, settings);
    add_defaults(&mut imported, template);
    imported
}

/// The alarms of a template without a rollout, or nothing if it has none.
pub(super) fn alarms(
    template: &Template<'_>,
    file: &str,
    at: At,
    settings: &Settings,
) -> Option<Imported> {
    let mut imported = Imported::new(KIND, file, at);
    (imported.full_s, imported.done_s) = (None, None);
    let all: Vec<_> = template
        .resources()
        .filter(|r| attach::is_alarm(*r))
        .collect();
    if all.is_empty() {
        return None;
    }
    // A rollout without a name or steps takes them in.
    let mut plan = Plan::new(file, "alarms", at, &[]);
    for resource in all {
        attach::add_resource(template, resource, &mut plan);
    }
    imported.alarms = plan
        .alarms
        .iter()
        .map(|watching| alarm(watching, settings.alarm_lag_s, "page"))
        .collect();
    add_notes(&mut imported, &plan.notes);
    if !imported.alarms.is_empty() {
        let text = "nothing here says what an alarm stops: it pages";
        imported.assumes(at, text, None);
        lag(&mut imported, at, settings);
    }
    add_defaults(&mut imported, template);
    Some(imported)
}

fn strategy(plan: &Plan, settings: &Settings) -> Strategy {
    let last = plan.stages.len().saturating_sub(1);
    let steps = plan.stages.iter().enumerate().map(|(index, stage)| {
        let bake = if stage.dwell_s > 0.0 {
            Bake::For(stage.dwell_s)
        } else {
            Bake::None
        };
        let mut step = Step::new(stage.percent, bake, plan.at, &plan.how);
        if index == last {
            step.parts = plan.parts;
        }
        step
    });
    let mut strategy = Strategy {
        steps: steps.collect(),
        tests: tests(plan, settings),
        // An alias or a listener is switched back at once.
        rollback_takes: plan.switches_back.then(|| "0s".to_owned()),
        ..Strategy::default()
    };
    if let Some(bake_s) = plan.zone_bake_s {
        strategy.zones = Zones::OneByOne;
        if bake_s > 0.0 {
            strategy.zone_bake = Bake::For(bake_s);
        }
    }
    if plan.manual_gates > 0 {
        strategy.approval = Some(settings.human_delay.clone());
        strategy.waves = vec![Wave {
            regions: Vec::new(),
            parallel: 1,
            approval: true,
            bake: Bake::None,
            steps: Vec::new(),
            at: plan.at,
            comment: "a person lets traffic move".to_owned(),
        }];
    }
    strategy
}

/// Hooks are tests, by the names that the world `lambda` has for them.
fn tests(plan: &Plan, settings: &Settings) -> Vec<Test> {
    let named = |hooks: &[Hook], name: &str, after_traffic: bool| -> Vec<Test> {
        let test = |(index, hook): (usize, &Hook)| Test {
            name: match index {
                0 => name.to_owned(),
                _ => format!("{name} {}", index + 1),
            },
            after_traffic,
            takes: settings.hook.clone(),
            at: hook.at,
            comment: format!("the hook {}", hook.name),
        };
        hooks.iter().enumerate().map(test).collect()
    };
    let mut tests = named(&plan.before, "before-traffic", false);
    tests.extend(named(&plan.after, "after-traffic", true));
    tests
}

/// An alarm in the words of a scenario.
fn alarm(watching: &Watching, lag_s: f64, does: &'static str) -> Alarm {
    let MetricAlarm {
        reading,
        of_version,
        period_s,
        every_s,
        m,
        n,
        missing,
        ..
    } = &watching.alarm;
    let scope = if *of_version { "canary" } else { "zone" };
    let new = Alarm::new(&watching.name, scope, &reading.when, watching.at);
    let is_ever_missing = reading.min_requests > 0.0;
    Alarm {
        period_s: *period_s,
        every_s: (every_s != period_s).then_some(*every_s),
        lag_s,
        datapoints: format!("{m} of {n}"),
        min_requests: is_ever_missing.then_some(reading.min_requests),
        missing: match missing {
            _ if !is_ever_missing || reading.few_are_fine => "not-breaching",
            Missing::Kept => "cloudwatch",
            Missing::Ignore => "cloudwatch:ignore",
            Missing::Breaching => "cloudwatch:breaching",
            Missing::NotBreaching => "cloudwatch:not-breaching",
        },
        and: reading.and.clone().map(|when| (when, None)),
        does,
        // What stops a deployment is looked at until the deployment ends, which is when its last hook has run.
        watches: if does == "page" { "rollout" } else { "zone" },
        comment: format!("CloudWatch alarm, {m} of {n} datapoints of {period_s}s"),
        ..new
    }
}

fn add_notes(imported: &mut Imported, notes: &Notes) {
    for note in &notes.mapped {
        imported.maps(note.at, &note.text);
    }
    for note in &notes.assumed {
        imported.assumes(note.at, &note.text, note.knob);
    }
    for note in &notes.not_expressed {
        let help = note
            .knob
            .map_or(String::new(), |knob| format!(" (unless {knob} says)"));
        imported.loses(note.at, format!("{}{help}", note.text));
    }
}

/// What no template says.
fn usual_assumptions(imported: &mut Imported, plan: &Plan, settings: &Settings) {
    let at = plan.at;
    for hook in plan.before.iter().chain(&plan.after) {
        imported.maps(hook.at, format!("the hook {} became a test", hook.name));
    }
    if let Some(hook) = plan.before.iter().chain(&plan.after).next() {
        let text = format!(
            "a hook runs {}, and what it finds is up to the world's faults",
            settings.hook
        );
        imported.assumes(hook.at, text, Some("--hook"));
    }
    if plan.manual_gates > 0 {
        let text = format!("a person takes {}", settings.human_delay);
        imported.assumes(at, text, Some("--human-delay"));
    }
    if !plan.alarms.is_empty() {
        lag(imported, at, settings);
        imported.assumes(
            at,
            "no alarm is raised when the deployment begins: one that is lets it fail at once",
            None,
        );
    }
    imported.assumes(
        at,
        "a template is deployed to one region: others follow one after the other, with nothing between",
        None,
    );
}

fn lag(imported: &mut Imported, at: At, settings: &Settings) {
    let text = format!(
        "{}s from a datapoint's end until its alarm is known: how often alarms are asked is not documented",
        settings.alarm_lag_s
    );
    imported.assumes(at, text, Some("--alarm-lag"));
}

fn add_defaults(imported: &mut Imported, template: &Template<'_>) {
    for (name, default) in template.take_defaults() {
        let text = format!("the parameter {name} has its default, `{}`", default.text);
        imported.assumes(default.at, text, Some("--param"));
    }
}
