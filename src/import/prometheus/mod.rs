//! Alerting rules of Prometheus: files of groups, and the kind `PrometheusRule` of its operator.
//!
//! Source: `rules/alerting.go` of Prometheus. An alert is pending from the first evaluation that finds it, and fires at
//! the first one that comes `for` or later; one evaluation without it in between makes it start anew.

mod condition;
mod duration;
mod promql;

use condition::{Condition, condition};

use super::document::Node;
use super::strategy::free_name;
use super::unread::{Keys, list};
use super::{Alarm, Given, Imported, Kind, Refusal, Settings};

/// Rule files.
pub const KIND: Kind = Kind {
    name: "prometheus",
    about: "alerting rules of Prometheus",
    recognise,
    read,
};

/// How often rules are evaluated where neither the group nor anybody says so.
const INTERVAL_S: f64 = 60.0;

/// The longest window, and the longest time until it fires, in seconds: 30 days.
const LONGEST_S: f64 = 30.0 * 86_400.0;

/// The most datapoints that must breach in a row.
const MOST_POINTS: f64 = 50_000.0;

/// The most rules of a file.
const MOST_RULES: usize = 1_000;

fn recognise(given: &Given<'_>) -> bool {
    given
        .documents
        .iter()
        .any(|document| groups(document).is_some() || is_test(document))
}

/// The groups of rules of a document.
fn groups(document: &Node) -> Option<&Node> {
    let operators = document.text_of("kind") == Some("PrometheusRule");
    let groups = document.at_path(if operators { "spec.groups" } else { "groups" })?;
    let has_rules = |group: &Node| group.get("rules").is_some();
    (operators || groups.items().iter().any(has_rules)).then_some(groups)
}

/// Whether a document is a file of tests for `promtool`.
fn is_test(document: &Node) -> bool {
    let tests = |test: &Node| {
        let keys = ["input_series", "promql_expr_test", "alert_rule_test"];
        keys.iter().any(|key| test.get(key).is_some())
    };
    document.items_of("tests").iter().any(tests)
}

fn read(given: &Given<'_>, settings: &Settings) -> Result<Vec<Imported>, Refusal> {
    let keys = Keys::of(include_str!("rules.keys"));
    let mut imported = Vec::new();
    let mut recordings = None;
    for document in &given.documents {
        let Some(groups) = groups(document) else {
            continue;
        };
        let file = given.base_name(document.at.file);
        let name = document
            .at_path("metadata.name")
            .and_then(Node::as_text)
            .unwrap_or(file);
        let mut one = Imported::new(KIND.name, name, document.at);
        (one.full_s, one.done_s) = (None, None);
        let mut alerts = 0;
        let rules = groups
            .items()
            .iter()
            .map(|group| group.items_of("rules").len());
        if rules.sum::<usize>() > MOST_RULES {
            let refusal = Refusal::new(groups.at, format!("a file has at most {MOST_RULES} rules"));
            return Err(refusal.mend("give those that watch the rollout"));
        }
        for each in groups.list("groups")? {
            alerts += group(each, settings, &mut one)?;
        }
        if alerts > 0 {
            list(document, "", &keys, &mut one);
            imported.push(one);
        } else {
            recordings = recordings.or(Some(groups.at));
        }
    }
    if imported.is_empty() {
        if let Some(at) = recordings {
            let rule = "these rules record and none alerts: nothing watches a rollout";
            return Err(Refusal::new(at, rule));
        }
        if let Some(test) = given.documents.iter().find(|document| is_test(document)) {
            let refusal = Refusal::new(
                test.at,
                "this tests rules with promtool, and has none itself",
            );
            return Err(refusal.mend("import the files under `rule_files`"));
        }
    }
    Ok(imported)
}

/// Reads a group, and says how many alerts it has.
fn group(group: &Node, settings: &Settings, imported: &mut Imported) -> Result<usize, Refusal> {
    group.table("a group")?;
    let interval_s = match group.get("interval") {
        Some(written) => match seconds(written, "interval")? {
            interval if interval > 0.0 => interval,
            _ => INTERVAL_S,
        },
        None => {
            let text =
                "evaluated every minute, as Prometheus does where evaluation_interval is not set";
            imported.assumes(group.at, text, None);
            INTERVAL_S
        }
    };
    let lag_s = match group.get("query_offset") {
        Some(written) => seconds(written, "query_offset")?,
        None => 0.0,
    };
    let mut alerts = 0;
    for rule in group.items_of("rules") {
        rule.table("a rule")?;
        let query = rule.get("expr");
        let Some(query) = query else {
            return Err(Refusal::new(rule.at, "a rule needs `expr`"));
        };
        let Some(alert) = rule.get("alert") else {
            let record = rule.get("record");
            let record =
                record.ok_or_else(|| Refusal::new(rule.at, "a rule needs `alert` or `record`"))?;
            imported.maps(rule.at, format!("{} only records", record.text("record")?));
            continue;
        };
        if rule.get("record").is_some() {
            return Err(Refusal::new(
                rule.at,
                "a rule has `alert` or `record`, and not both",
            ));
        }
        alerts += 1;
        let name = alert.text("alert")?;
        let waits_s = match rule.get("for") {
            Some(written) => seconds(written, "for")?,
            None => 0.0,
        };
        if let Some(written) = rule.get("keep_firing_for") {
            seconds(written, "keep_firing_for")?;
            let text = format!("{name}: keep_firing_for says when it ends, not when it fires");
            imported.maps(written.at, text);
        }
        let times = Times {
            interval_s,
            waits_s,
            lag_s,
        };
        let condition = match settings.metrics.get(name).map(String::as_str) {
            Some("none") => Err("left out, as --metric says".to_owned()),
            Some(taken_for) => Ok(Condition::taken_for(taken_for, interval_s)),
            None => promql::read(query.text("expr")?).and_then(|query| condition(&query)),
        };
        match condition.and_then(|condition| alarm(name, condition, &times, rule)) {
            Ok((alarm, assumed)) => {
                let text = format!(
                    "{name} became an alarm: {}, {}",
                    alarm.when, alarm.datapoints
                );
                imported.maps(rule.at, text);
                imported.assumes(query.at, format!("{name}: {assumed}"), None);
                let name = free_name(&alarm.name, "", &imported.alarms);
                imported.alarms.push(Alarm { name, ..alarm });
            }
            Err(reason) => {
                imported.loses(query.at, format!("the alert {name} is left out: {reason}"))
            }
        }
    }
    if !imported.alarms.is_empty() {
        let text =
            "an alert pages somebody; series that it tells apart by labels are counted together";
        imported.assumes(imported.at, text, None);
    }
    Ok(alerts)
}

/// When an alert is evaluated and fires, in seconds.
struct Times {
    interval_s: f64,
    waits_s: f64,
    lag_s: f64,
}

fn alarm(
    name: &str,
    condition: Condition,
    times: &Times,
    rule: &Node,
) -> Result<(Alarm, String), String> {
    let whole = |seconds: f64, what: &str| {
        let fits = seconds.fract() == 0.0 && (1.0..=LONGEST_S).contains(&seconds);
        fits.then_some(seconds as u32).ok_or_else(|| {
            format!("{what} of {seconds}s, which is not whole seconds up to 30 days")
        })
    };
    let period_s = whole(times.interval_s, "an interval")?;
    let window_s = whole(condition.window_s, "a window")?;
    // It fires at the first evaluation at or after `for`, counted from the one that found it first.
    let points = (times.waits_s / times.interval_s).ceil() + 1.0;
    if points > MOST_POINTS {
        return Err(format!("{points} evaluations in a row"));
    }
    let mut alarm = Alarm::new(name, "region", condition.when, rule.at);
    alarm.period_s = period_s;
    alarm.window_s = (window_s != period_s).then_some(window_s);
    alarm.lag_s = times.lag_s;
    if points > 1.0 {
        alarm.datapoints = format!("{points} in a row");
    }
    alarm.min_requests = (condition.min_requests > 0.0).then_some(condition.min_requests);
    alarm.does = "page";
    alarm.watches = "watch";
    alarm.comment = format!("Prometheus alert, for {}s", times.waits_s);
    Ok((alarm, condition.assumed))
}

fn seconds(written: &Node, what: &str) -> Result<f64, Refusal> {
    let text = written.text(what)?;
    duration::seconds(text).ok_or_else(|| written.wrong(what, "a duration such as 5m"))
}

#[cfg(test)]
mod tests;
