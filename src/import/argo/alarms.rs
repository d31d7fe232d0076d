//! What of a run of an analysis is an alarm, and what its alarms do not say.

use super::analysis::{Metric, Run, fill};
use crate::import::imported::Imported;
use crate::import::refusal::short;
use crate::import::settings::Settings;
use crate::import::signal::{self, NoData};
use crate::import::strategy::{Alarm, free_name};

/// Most alarms of a rollout.
const MOST_ALARMS: usize = 500;

/// When an alarm watches.
#[derive(Clone, Copy, Debug)]
pub struct Watched {
    /// What it reads.
    pub scope: &'static str,
    /// First step, and last.
    pub steps: Option<(usize, Option<usize>)>,
    /// Whether there is a step of one second for the one measurement.
    pub is_moment: bool,
}

/// Adds alarms for the metrics of a run, and says of the others why they are none. Returns how many there are.
pub fn alarms(
    run: &Run<'_>,
    watched: Watched,
    imported: &mut Imported,
    settings: &Settings,
) -> usize {
    for (at, wanted) in &run.missing {
        let text = format!(
            "the analysis template `{}` is not among the files: give it as well",
            short(wanted)
        );
        imported.loses(*at, text);
    }
    let before = imported.alarms.len();
    for metric in &run.metrics {
        alarm(metric, watched, imported, settings);
    }
    imported.alarms.len() - before
}

fn alarm(metric: &Metric<'_>, watched: Watched, imported: &mut Imported, settings: &Settings) {
    let (at, shown) = (metric.at(), short(&metric.name));
    if imported.alarms.len() >= MOST_ALARMS {
        return imported.loses(at, format!("metric `{shown}`: there are too many alarms"));
    }
    let (provider, inside) = metric.provider();
    if metric.dry {
        return imported.maps(
            at,
            format!("metric `{shown}`: a dry run, its verdict does not count"),
        );
    }
    let Some(limit) = metric.failure_limit else {
        return imported.maps(
            at,
            format!("metric `{shown}`: failureLimit -1, so it never fails a run"),
        );
    };
    if let Some(count) = metric.count.filter(|count| limit >= *count) {
        let text = format!(
            "metric `{shown}`: {count} measurements in all, failureLimit {limit}: failures never abort"
        );
        imported.maps(at, text);
    }
    let query = inside
        .and_then(|p| p.text_of("query"))
        .map(|q| fill(q, &metric.args));
    let said = settings.metrics.get(&metric.name);
    let (success, failure) = (
        metric.filled("successCondition"),
        metric.filled("failureCondition"),
    );
    if success.is_none() && failure.is_none() && query.is_some() {
        return imported.maps(
            at,
            format!("metric `{shown}`: no condition, so every measurement is successful"),
        );
    }
    let Some(query) = query.or_else(|| said.map(|_| String::new())) else {
        let text =
            format!("metric `{shown}`: what {provider} finds out is not known to a simulation");
        return imported.loses(at, text);
    };
    let Some(judged) = judged(success.as_deref(), failure.as_deref()) else {
        let text =
            format!("metric `{shown}`: its condition is not one number compared with the result");
        return imported.loses(at, text);
    };
    let reading = match said.map(String::as_str) {
        Some("none") => {
            return imported.loses(at, format!("metric `{shown}`: left out by --metric"));
        }
        Some(when) => signal::Reading {
            when: when.to_owned(),
            assumed: "said by --metric".to_owned(),
        },
        None => match signal::reading(&query, judged.bad) {
            Some(reading) => reading,
            None => {
                let text = format!(
                    "metric `{shown}`: its query is no share of requests that could be told by its form"
                );
                return imported.loses(at, text);
            }
        },
    };
    let whole = |s: f64| (1.0..=2_592_000.0).contains(&s) && s.fract() == 0.0;
    let interval = metric.interval_s.filter(|_| metric.count != Some(1));
    let period = match interval {
        Some(s) if whole(s) => s,
        None if watched.is_moment || watched.steps.is_none() => 1.0,
        Some(_) => {
            return imported.loses(
                at,
                format!("metric `{shown}`: its interval is not whole seconds"),
            );
        }
        None => {
            let text = format!(
                "metric `{shown}`: one measurement only, at a moment that no step stands for"
            );
            return imported.loses(at, text);
        }
    };
    let window = signal::window_s(&query)
        .filter(|s| whole(*s))
        .unwrap_or(period.max(60.0));
    let mut alarm = Alarm::new(
        free_name(&metric.name, "", &imported.alarms),
        watched.scope,
        &reading.when,
        at,
    );
    alarm.period_s = period as u32;
    alarm.window_s = (window != period).then_some(window as u32);
    alarm.datapoints = if limit == 0 {
        "1 of 1".to_owned()
    } else {
        format!("{} in all", limit + 1)
    };
    alarm.missing = judged.missing;
    alarm.from_deployment = true;
    alarm.steps = watched.steps;
    let limits = format!("failureLimit {limit}: failure {} in all aborts", limit + 1);
    alarm.comment = format!("metric {shown}, {limits}");
    imported.maps(
        at,
        format!("metric `{shown}`: an alarm, {}, {limits}", reading.when),
    );
    imported.assumes(
        at,
        format!("metric `{shown}`: {}", reading.assumed),
        Some("--metric NAME=CONDITION"),
    );
    remarks(metric, &judged, watched, provider, imported);
    imported.alarms.push(alarm);
}

/// What of a metric its alarm does not say.
fn remarks(
    metric: &Metric<'_>,
    judged: &Judged,
    watched: Watched,
    provider: &str,
    imported: &mut Imported,
) {
    let (at, shown) = (metric.at(), short(&metric.name));
    if judged.inconclusive {
        imported.loses(
            at,
            format!(
                "metric `{shown}`: a result that is neither is inconclusive, and waits for somebody"
            ),
        );
    }
    if judged.no_data == NoData::Unsaid && provider == "prometheus" {
        let text = "an empty result is an error, measured again after 10 s; the fifth error in a row aborts";
        imported.loses(at, format!("metric `{shown}`: {text}"));
    }
    if metric.success_in_a_row > 0 {
        imported.loses(
            at,
            format!("metric `{shown}`: consecutiveSuccessLimit ends it early"),
        );
    }
    if watched.is_moment {
        return;
    }
    if watched.steps.is_some_and(|(from, _)| from > 1) {
        let text =
            "the first measurement comes with the start of the run, and an interval later here";
        imported.loses(at, format!("metric `{shown}`: {text}"));
    } else {
        let text = "the first measurement, at the start, is not taken: nothing of the new version is in it yet";
        imported.assumes(at, format!("metric `{shown}`: {text}"), None);
    }
    if metric.initial_delay_s > 0.0 {
        imported.loses(
            at,
            format!("metric `{shown}`: initialDelay, before which it does not look"),
        );
    }
    let endless_watch = watched.steps.is_none_or(|(_, to)| to.is_none());
    if endless_watch && metric.count.is_some() {
        imported.loses(
            at,
            format!(
                "metric `{shown}`: it stops looking after {} measurements",
                metric.count.unwrap_or(1)
            ),
        );
    }
}

/// What conditions make of a result.
struct Judged {
    bad: signal::Comparison,
    missing: &'static str,
    no_data: NoData,
    inconclusive: bool,
}

fn judged(success: Option<&str>, failure: Option<&str>) -> Option<Judged> {
    let (text, is_success) = match (success, failure) {
        (_, Some(failure)) => (failure, false),
        (Some(success), None) => (success, true),
        (None, None) => return None,
    };
    let (comparison, no_data, nan_holds) = signal::condition(text)?;
    let bad = if is_success {
        comparison.opposite()
    } else {
        comparison
    };
    // No request is no number, which compares as false, or no data at all where the condition asks for that.
    let holds = match no_data {
        NoData::Holds => true,
        NoData::Fails => false,
        NoData::Unsaid => nan_holds,
    };
    let fails = holds != is_success;
    Some(Judged {
        bad,
        missing: if fails { "breaching" } else { "not-breaching" },
        no_data,
        inconclusive: success.is_some() && failure.is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_data_is_judged_by_the_condition() {
        let missing = |success, failure| judged(success, failure).map(|j| j.missing);
        assert_eq!(missing(Some("result[0] >= 0.9"), None), Some("breaching"));
        assert_eq!(
            missing(None, Some("result[0] >= 0.9")),
            Some("not-breaching")
        );
        assert_eq!(
            missing(Some("isNaN(result) || result > 0.9"), None),
            Some("not-breaching")
        );
        assert_eq!(
            missing(Some("len(result) == 0 || result[0] > 0.9"), None),
            Some("not-breaching")
        );
        assert_eq!(
            missing(Some("len(result) > 0 && result[0] > 0.9"), None),
            Some("breaching")
        );
        assert_eq!(missing(None, None), None);
    }
}
