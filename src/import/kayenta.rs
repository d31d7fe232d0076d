//! Canary analyses of Spinnaker: the stages' rounds, and what their configurations judge.

use super::document::{Content, Node};
use super::imported::{Dwell, Imported};
use super::program::Program;
use super::refusal::{At, Refusal, short};
use super::settings::Settings;
use super::strategy::{Alarm, free_name};
use super::unread::{Keys, list};
use super::{Given, Kind};

/// The share of a canary where nobody says it.
const DEFAULT_PERCENT: f64 = 10.0;
/// The parameter that says it.
const SHARE: &str = "canary_percent";
/// The most stages of a call, and the most configurations; and the most metrics of one.
const MOST_CANARIES: usize = 20;
const MOST_METRICS: usize = 200;
const MINUTE_S: f64 = 60.0;
const HOUR_S: f64 = 3_600.0;

/// Spinnaker and Kayenta.
pub const KIND: Kind = Kind {
    name: "kayenta",
    about: "Spinnaker (canary stage, Kayenta's canary config)",
    recognise,
    read,
};

fn recognise(given: &Given<'_>) -> bool {
    let found = find(given);
    !found.stages.is_empty() || !found.configs.is_empty()
}

/// What there is of canaries among the files.
#[derive(Default)]
struct Found<'n> {
    /// Canary stages.
    stages: Vec<StageNode<'n>>,
    /// Configurations of metrics, with thresholds that stand beside them.
    configs: Vec<(&'n Node, Option<&'n Node>)>,
}

/// A stage of one of both kinds.
#[derive(Clone, Copy)]
enum StageNode<'n> {
    /// The stage, and its `canaryConfig`.
    Kayenta(&'n Node, &'n Node),
    /// The `canary` of a stage of before Kayenta.
    Legacy(&'n Node),
}

fn find<'g>(given: &'g Given<'_>) -> Found<'g> {
    let mut found = Found::default();
    for document in &given.documents {
        if document.get("apiVersion").is_none() {
            search(document, &mut found);
        }
    }
    found
}

/// Looks through a document; its nesting is bounded.
fn search<'n>(node: &'n Node, found: &mut Found<'n>) {
    if node.get("metrics").is_some() && node.get("classifier").is_some() {
        found.configs.push((node, None));
        return;
    }
    if node.get("canaryAnalysisConfig").is_some() {
        found.stages.push(StageNode::Legacy(node));
        return;
    }
    if let Some(config) = node.get("canaryConfig") {
        if config.get("metrics").is_some() {
            let thresholds = node.at_path("executionRequest.thresholds");
            found.configs.push((config, thresholds));
            return;
        }
        let is_stage = node.text_of("type") == Some("kayentaCanary")
            || ["lifetimeDuration", "lifetimeHours", "canaryConfigId"]
                .iter()
                .any(|key| config.get(key).is_some());
        if is_stage {
            found.stages.push(StageNode::Kayenta(node, config));
            return;
        }
    }
    match &node.content {
        Content::Scalar { .. } => {}
        Content::List(items) => items.iter().for_each(|n| search(n, found)),
        Content::Table(entries) => entries.iter().for_each(|e| search(&e.value, found)),
    }
}

fn read(given: &Given<'_>, settings: &Settings) -> Result<Vec<Imported>, Refusal> {
    let found = find(given);
    let most = found.stages.len().max(found.configs.len());
    if most > MOST_CANARIES {
        let rule = format!("more than {MOST_CANARIES} stages or canary configs");
        return Err(Refusal::new(At::top(0), rule).mend("give fewer at a time"));
    }
    let keys = Keys::of(include_str!("kayenta.keys"));
    let unread = |node: &Node, what: &str, path: &str, imported: &mut Imported| {
        if let Some(keys) = keys.inside(what) {
            list(node, path, keys, imported);
        }
    };
    let mut all = Vec::new();
    for stage in &found.stages {
        match stage {
            StageNode::Kayenta(stage, config) => {
                let mut imported = kayenta(stage, config, &found.configs, settings)?;
                unread(stage, "stage", "", &mut imported);
                all.push(imported);
            }
            StageNode::Legacy(canary) => {
                let mut imported = legacy(canary, settings)?;
                unread(canary, "legacy", "", &mut imported);
                all.push(imported);
            }
        }
    }
    if all.is_empty() {
        for (config, beside) in &found.configs {
            let mut imported = alone(config, *beside, settings)?;
            unread(config, "config", "", &mut imported);
            all.push(imported);
        }
    } else if let Some(first) = all.first_mut() {
        for (config, _) in &found.configs {
            let path = format!("{}.", config.text_of("name").unwrap_or("config"));
            unread(config, "config", &path, first);
        }
    }
    Ok(all)
}

/// A configuration without a stage: there is no schedule in it.
fn alone(config: &Node, beside: Option<&Node>, settings: &Settings) -> Result<Imported, Refusal> {
    let name = config.text_of("name").unwrap_or("canary config");
    let mut imported = Imported::new(KIND.name, name, config.at);
    (imported.full_s, imported.done_s) = (None, None);
    imported.maps(
        config.at,
        "how long and how often is said by the stage that uses it",
    );
    scores(
        beside.or_else(|| config.at_path("classifier.scoreThresholds")),
        config.at,
        &mut imported,
    )?;
    let judged = Judged {
        period_s: MINUTE_S,
        window_s: None,
        step: None,
    };
    metrics(config, judged, settings, &mut imported)?;
    Ok(imported)
}

fn kayenta(
    stage: &Node,
    config: &Node,
    configs: &[(&Node, Option<&Node>)],
    settings: &Settings,
) -> Result<Imported, Refusal> {
    config.table("canaryConfig")?;
    let name = stage.text_of("name").unwrap_or("canary");
    let mut imported = Imported::new(KIND.name, name, stage.at);
    let lifetime_s = lifetime_s(config)?;
    let warm_up_s = minutes_s(config, "beginCanaryAnalysisAfterMins")?;
    let interval_s = match minutes_s(config, "canaryAnalysisIntervalMins")? {
        s if s > 0.0 && s <= lifetime_s => s,
        _ => lifetime_s,
    };
    let rounds = (lifetime_s / interval_s).floor();
    let is_retrospective = stage.text_of("analysisType") == Some("RETROSPECTIVE");
    let total_s = if is_retrospective {
        imported.loses(
            stage.at,
            "a retrospective analysis looks at the past: nothing is waited for, and nothing is out",
        );
        0.0
    } else {
        warm_up_s + rounds * interval_s
    };
    imported.maps(
        config.at,
        format!(
            "warm-up of {warm_up_s} s, then {rounds} rounds of {interval_s} s, judged at their ends"
        ),
    );
    let dwell = Dwell::Seconds(total_s);
    canary(&mut imported, dwell, config.at, settings)?;
    let thresholds = config.get("scoreThresholds").or_else(|| {
        configs
            .iter()
            .find_map(|(c, _)| c.at_path("classifier.scoreThresholds"))
    });
    scores(thresholds, config.at, &mut imported)?;
    let lookback_s = minutes_s(config, "lookbackMins")?;
    if lookback_s == 0.0 {
        imported.loses(
            config.at,
            "a round judges all since the warm-up; an alarm here looks at one interval",
        );
    }
    let judged = Judged {
        period_s: interval_s,
        window_s: (lookback_s > 0.0 && lookback_s != interval_s).then_some(lookback_s),
        step: Some(1),
    };
    if configs.is_empty() {
        imported.loses(
            config.at,
            "the canary config is not among the files: give it as well for its metrics",
        );
    }
    for (metrics_of, _) in configs {
        imported.assumes(metrics_of.at, "the stage uses this canary config", None);
        metrics(metrics_of, judged, settings, &mut imported)?;
    }
    Ok(imported)
}

/// A stage of the time before Kayenta: the warm-up is a part of the lifetime.
fn legacy(canary_node: &Node, settings: &Settings) -> Result<Imported, Refusal> {
    let analysis = canary_node
        .get("canaryAnalysisConfig")
        .ok_or_else(|| Refusal::new(canary_node.at, "canaryAnalysisConfig is missing"))?;
    analysis.table("canaryAnalysisConfig")?;
    let name = canary_node.text_of("name").unwrap_or("canary");
    let mut imported = Imported::new(KIND.name, name, canary_node.at);
    let lifetime_s = lifetime_s(canary_node)?;
    let begin_s = minutes_s(analysis, "beginCanaryAnalysisAfterMins")?;
    let interval_s = match minutes_s(analysis, "canaryAnalysisIntervalMins")? {
        s if s > 0.0 => s,
        _ => lifetime_s,
    };
    let rounds = ((lifetime_s - begin_s) / interval_s).floor().max(0.0);
    imported.maps(
        analysis.at,
        format!("about {rounds} judgements within {lifetime_s} s, the first after {begin_s} s"),
    );
    canary(
        &mut imported,
        Dwell::Seconds(lifetime_s),
        canary_node.at,
        settings,
    )?;
    let text = |path: &str| canary_node.at_path(path).and_then(Node::as_text);
    let least = text("canaryHealthCheckHandler.minimumCanaryResultScore").unwrap_or("none");
    let success = text("canarySuccessCriteria.canaryResultScore").unwrap_or("none");
    imported.loses(
        canary_node.at,
        format!(
            "scores of metrics of another service: unhealthy below {}, a success from {}",
            short(least),
            short(success)
        ),
    );
    if let Some(actions) = canary_node.get("actionsForUnhealthyCanary") {
        imported.maps(actions.at, "an unhealthy canary is taken out of traffic");
    }
    Ok(imported)
}

/// The canary's share for so long, and then everything.
fn canary(
    imported: &mut Imported,
    dwell: Dwell,
    at: At,
    settings: &Settings,
) -> Result<(), Refusal> {
    let share = match settings.params.get(SHARE) {
        None => DEFAULT_PERCENT,
        Some(text) => {
            let share = text.trim_end_matches('%').trim().parse::<f64>().ok();
            share.filter(|s| *s > 0.0 && *s < 100.0).ok_or_else(|| {
                let rule = format!(
                    "{SHARE} must be more than 0 and less than 100, found `{}`",
                    short(text)
                );
                Refusal::new(at, rule)
            })?
        }
    };
    imported.assumes(
        at,
        format!("the canary has {share}% of the requests: sizes of clusters are the pipeline's"),
        Some("--param canary_percent=PERCENT"),
    );
    let start = Some(settings.pod_start.clone());
    let mut program = Program::default();
    program.stage(imported, (share, dwell), start.clone(), at, "the canary");
    let all = (100.0, Dwell::Seconds(0.0));
    program.stage(
        imported,
        all,
        start,
        at,
        "deployed by the pipeline after it",
    );
    let mut strategy = program.finish(imported, settings);
    strategy.rollback_takes = Some(settings.pod_start.clone());
    imported.assumes(
        at,
        format!(
            "the pipeline deploys everything after a success, in {0}, and takes the canary away after a failure, in {0}",
            settings.pod_start
        ),
        Some("--pod-start"),
    );
    imported.strategy = Some(strategy);
    Ok(())
}

fn minutes_s(node: &Node, key: &str) -> Result<f64, Refusal> {
    /// A year.
    const MOST_MINUTES: i64 = 525_600;
    match node.get(key) {
        Some(n) => n.whole(key, 0, MOST_MINUTES).map(|m| m as f64 * MINUTE_S),
        None => Ok(0.0),
    }
}

fn lifetime_s(node: &Node) -> Result<f64, Refusal> {
    const MOST_HOURS: f64 = 8_760.0;
    if let Some(n) = node.get("lifetimeDuration") {
        let seconds = n.as_text().and_then(iso_duration_s);
        return seconds
            .filter(|s| *s >= MINUTE_S && *s <= MOST_HOURS * HOUR_S)
            .ok_or_else(|| {
                n.wrong(
                    "lifetimeDuration",
                    "a duration of a minute or more, such as `PT1H30M`",
                )
            });
    }
    let Some(n) = node.get("lifetimeHours") else {
        let rule = "a canary needs lifetimeDuration or lifetimeHours";
        return Err(Refusal::new(node.at, rule));
    };
    let hours = n.number("lifetimeHours")?;
    if hours <= 0.0 || hours > MOST_HOURS {
        return Err(n.wrong("lifetimeHours", "more than 0 and at most a year"));
    }
    // Whole minutes, as the stage counts.
    Ok((hours * 60.0).floor().max(1.0) * MINUTE_S)
}

/// Seconds of an ISO-8601 duration such as `P1DT2H30M`.
fn iso_duration_s(text: &str) -> Option<f64> {
    let (days, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((days, time)) => (days, time),
        None => (text.strip_prefix('P')?, ""),
    };
    let part = |text: &str, units: &[(char, f64)]| {
        let mut total = 0.0;
        let mut digits = String::new();
        for c in text.chars() {
            match units.iter().find(|(unit, _)| *unit == c) {
                Some((_, seconds)) => {
                    total += digits.parse::<f64>().ok()? * seconds;
                    digits.clear();
                }
                None if c.is_ascii_digit() || c == '.' => digits.push(c),
                None => return None,
            }
        }
        digits.is_empty().then_some(total)
    };
    let days = part(days, &[('D', 86_400.0)])?;
    Some(days + part(time, &[('H', HOUR_S), ('M', MINUTE_S), ('S', 1.0)])?)
}

/// What is said of the score. It fails where it is *at most* `marginal`, whatever documents say.
fn scores(thresholds: Option<&Node>, at: At, imported: &mut Imported) -> Result<(), Refusal> {
    const DEFAULTS: (f64, f64) = (75.0, 50.0);
    let number = |key: &str, default: f64| match thresholds.and_then(|t| t.get(key)) {
        Some(n) => n.number(key),
        None => Ok(default),
    };
    let (pass, marginal) = (number("pass", DEFAULTS.0)?, number("marginal", DEFAULTS.1)?);
    imported.loses(
        thresholds.map_or(at, |t| t.at),
        format!(
            "the score of all metrics: a round fails where it is at most {marginal}, the last one where it is below {pass}, too; \
             alarms here fail one by one"
        ),
    );
    Ok(())
}

/// When metrics are judged.
#[derive(Clone, Copy)]
struct Judged {
    period_s: f64,
    window_s: Option<f64>,
    step: Option<usize>,
}

/// What becomes of metrics: alarms where somebody says what they are, else they are listed.
fn metrics(
    config: &Node,
    judged: Judged,
    settings: &Settings,
    imported: &mut Imported,
) -> Result<(), Refusal> {
    const MOST_S: f64 = 2_592_000.0;
    let list = match config.get("metrics") {
        Some(n) => n.list("metrics")?,
        None => &[],
    };
    if let Some(one) = list.get(MOST_METRICS) {
        let rule = format!("a canary config with more than {MOST_METRICS} metrics");
        return Err(Refusal::new(one.at, rule));
    }
    for metric in list {
        metric.table("a metric")?;
        let name = metric.text_of("name").unwrap_or("metric");
        let shown = short(name);
        let canary = metric.at_path("analysisConfigurations.canary");
        let is = |key: &str| {
            canary
                .and_then(|c| c.get(key))
                .is_some_and(|n| n.flag("").unwrap_or(false))
        };
        if is("muted") {
            imported.maps(
                metric.at,
                format!("metric `{shown}` is muted: it has no part in the score"),
            );
            continue;
        }
        let when = settings.metrics.get(name).filter(|when| *when != "none");
        let Some(when) = when else {
            let critical = if is("critical") { ", critical" } else { "" };
            let text = format!(
                "metric `{shown}`{critical}: a number of another system, judged by the Mann-Whitney test; \
                 `--metric '{shown}=CONDITION'` says which share of requests it is"
            );
            imported.loses(metric.at, text);
            continue;
        };
        if judged.period_s > MOST_S || judged.window_s.is_some_and(|s| s > MOST_S) {
            imported.loses(
                metric.at,
                format!("metric `{shown}`: its rounds are longer than 30 days"),
            );
            continue;
        }
        let free = free_name(name, "", &imported.alarms);
        let mut alarm = Alarm::new(free, "canary", when, metric.at);
        alarm.period_s = judged.period_s as u32;
        alarm.window_s = judged.window_s.map(|s| s as u32);
        alarm.steps = judged.step.map(|step| (step, Some(step)));
        alarm.from_deployment = true;
        alarm.comment = format!("metric {shown}, judged at the end of every round");
        imported.assumes(
            metric.at,
            format!("metric `{shown}`: said by --metric, without the judge's test of significance"),
            Some("--metric NAME=CONDITION"),
        );
        imported.maps(metric.at, format!("metric `{shown}`: an alarm on {when}"));
        imported.alarms.push(alarm);
    }
    Ok(())
}
