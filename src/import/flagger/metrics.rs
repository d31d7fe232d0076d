//! Checks of a tick as alarms.

use crate::import::document::Node;
use crate::import::duration::go_duration_s;
use crate::import::imported::Imported;
use crate::import::objects::name;
use crate::import::refusal::short;
use crate::import::settings::Settings;
use crate::import::signal::{self, Comparison, Operator, Reading};
use crate::import::strategy::{Alarm, free_name};
use crate::import::unread::{Keys, list};

/// The window of a query that states none.
const DEFAULT_WINDOW_S: f64 = 60.0;

/// Templates of metrics that were given.
pub struct Templates<'n> {
    pub all: Vec<&'n Node>,
    pub settings: &'n Settings,
}

impl Templates<'_> {
    /// Templates without a canary: their thresholds are the canary's, so there is nothing to make alarms of.
    pub fn alone(&self) -> Vec<Imported> {
        let keys = Keys::of(super::METRIC);
        let import = |template: &&Node| {
            let mut imported = Imported::new(
                super::KIND.name,
                name(template).unwrap_or("metric"),
                template.at,
            );
            (imported.full_s, imported.done_s) = (None, None);
            imported.maps(
                template.at,
                "a query without a threshold, which is said by the Canary that uses it",
            );
            list(template, "", &keys, &mut imported);
            imported
        };
        self.all.iter().map(import).collect()
    }

    /// Says what is not read of the templates that a canary names.
    pub fn unread(&self, canary: &Node, imported: &mut Imported) {
        let analyses = ["spec.analysis", "spec.canaryAnalysis"];
        let metrics = analyses.iter().filter_map(|path| canary.at_path(path));
        let wanted: Vec<&str> = metrics
            .flat_map(|analysis| analysis.items_of("metrics"))
            .filter_map(|metric| metric.at_path("templateRef.name")?.as_text())
            .collect();
        let keys = Keys::of(super::METRIC);
        for template in &self.all {
            if let Some(name) = name(template).filter(|name| wanted.contains(name)) {
                list(template, &format!("{name}."), &keys, imported);
            }
        }
    }

    /// Adds alarms for the metrics: one that holds the weight in a tick that fails, one that goes back after so many.
    pub fn alarms(
        &self,
        analysis: &Node,
        tick_s: f64,
        threshold: u64,
        watches: bool,
        imported: &mut Imported,
    ) {
        let metrics = analysis.items_of("metrics");
        for metric in metrics {
            self.metric(metric, tick_s, threshold, watches, imported);
        }
        if imported.alarms.len() > 2 {
            let text = "a tick in which several checks fail counts once in Flagger, and once for each alarm here; failures \
                        of different checks add up there, and do not here";
            imported.loses(analysis.at, text);
        }
    }

    fn metric(
        &self,
        metric: &Node,
        tick_s: f64,
        threshold: u64,
        watches: bool,
        imported: &mut Imported,
    ) {
        let at = metric.at;
        let shown = metric.text_of("name").unwrap_or("metric").to_owned();
        let shown_short = short(&shown);
        if !watches {
            return imported.loses(
                at,
                format!("metric `{shown_short}`: it judges a load test, not users' requests"),
            );
        }
        let bounds = bounds(metric, &shown);
        if bounds.is_empty() {
            return imported.maps(
                at,
                format!("metric `{shown_short}`: no threshold, so only no data fails"),
            );
        }
        let whole = |s: f64| (1.0..=2_592_000.0).contains(&s) && s.fract() == 0.0;
        if !whole(tick_s) {
            return imported.loses(
                at,
                format!("metric `{shown_short}`: its ticks are not whole seconds"),
            );
        }
        let window = metric
            .text_of("interval")
            .and_then(go_duration_s)
            .filter(|s| whole(*s));
        let window_s = window.unwrap_or(DEFAULT_WINDOW_S);
        for bad in bounds {
            let Some(reading) = self.reading(metric, &shown, bad) else {
                imported.loses(
                    at,
                    format!("metric `{shown_short}`: {}", self.why_not(metric)),
                );
                continue;
            };
            imported.maps(
                at,
                format!(
                    "metric `{shown_short}`: alarms on {}, hold and rollback",
                    reading.when
                ),
            );
            imported.assumes(
                at,
                format!("metric `{shown_short}`: {}", reading.assumed),
                Some("--metric NAME=CONDITION"),
            );
            let mut hold = Alarm::new(
                free_name(&shown, " holds", &imported.alarms),
                "canary",
                &reading.when,
                at,
            );
            hold.period_s = tick_s as u32;
            hold.window_s = (window_s != tick_s).then_some(window_s as u32);
            hold.missing = "breaching";
            hold.from_deployment = true;
            let mut back = Alarm {
                name: free_name(&shown, " rolls back", &imported.alarms),
                ..hold.clone()
            };
            hold.does = "hold";
            hold.comment =
                format!("metric {shown_short}: a tick that fails does not raise the weight");
            back.datapoints = if threshold == 1 {
                "1 of 1".to_owned()
            } else {
                format!("{threshold} in all")
            };
            back.lag_s = tick_s;
            back.comment = format!(
                "metric {shown_short}: threshold {threshold}, all failures of the run, a tick later"
            );
            imported.alarms.extend([hold, back]);
        }
    }

    /// Why a metric is read as nothing.
    fn why_not(&self, metric: &Node) -> String {
        let wanted = metric.get("templateRef").and_then(|r| r.text_of("name"));
        match wanted.filter(|w| !self.all.iter().any(|t| name(t) == Some(w))) {
            Some(wanted) => format!(
                "the metric template `{}` is not among the files: give it as well",
                short(wanted)
            ),
            None => "it is no share of requests that could be told by its form".to_owned(),
        }
    }

    fn reading(&self, metric: &Node, shown: &str, bad: Comparison) -> Option<Reading> {
        if let Some(when) = self.settings.metrics.get(shown) {
            let said = Reading {
                when: when.clone(),
                assumed: "said by --metric".to_owned(),
            };
            return (when != "none").then_some(said);
        }
        let template = metric.get("templateRef").and_then(|r| r.text_of("name"));
        let query = match template {
            Some(wanted) => {
                let found = self.all.iter().find(|t| name(t) == Some(wanted));
                found
                    .and_then(|t| t.at_path("spec.query"))
                    .and_then(Node::as_text)
            }
            None => metric.text_of("query"),
        };
        match (query, template, shown) {
            (Some(query), ..) => signal::reading(query, bad),
            (None, None, "request-success-rate") => signal::reading("ok / all * 100", bad),
            (None, None, "request-duration") => {
                signal::reading("histogram_quantile(0.99, milliseconds)", bad)
            }
            _ => None,
        }
    }
}

/// What fails, bounds themselves passing. The old `threshold` is the least of the built-in success rate, else the most.
fn bounds(metric: &Node, shown: &str) -> Vec<Comparison> {
    let number = |node: Option<&Node>| node.and_then(|n| n.number("a threshold").ok());
    if let Some(range) = metric.get("thresholdRange") {
        let least = number(range.get("min")).map(|number| Comparison {
            operator: Operator::Below,
            number,
        });
        let most = number(range.get("max")).map(|number| Comparison {
            operator: Operator::Above,
            number,
        });
        return least.into_iter().chain(most).collect();
    }
    let threshold = number(metric.get("threshold")).filter(|x| *x != 0.0);
    let operator = if shown == "request-success-rate" {
        Operator::Below
    } else {
        Operator::Above
    };
    threshold
        .map(|number| Comparison { operator, number })
        .into_iter()
        .collect()
}
