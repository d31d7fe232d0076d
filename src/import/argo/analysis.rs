//! Analyses: their templates, and what a run takes.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::import::document::Node;
use crate::import::duration::go_duration_s;
use crate::import::imported::Imported;
use crate::import::objects::name;
use crate::import::refusal::{At, Refusal, short};
use crate::import::settings::Settings;
use crate::import::unread::{Keys, list};

use super::alarms::{Watched, alarms};

/// Templates nested in templates are followed so deep.
const MOST_NESTING: usize = 16;
/// Most metrics of a run, most templates that it is made of, and most arguments of one.
const MOST_METRICS: usize = 200;

/// Values of arguments by their names.
type Args = BTreeMap<String, String>;

/// All templates that were given.
pub struct Templates<'n> {
    namespaced: Vec<&'n Node>,
    cluster: Vec<&'n Node>,
    settings: &'n Settings,
    /// Those that runs were made of since somebody asked.
    used: RefCell<Vec<&'n Node>>,
}

/// A metric of a run, its arguments filled in.
#[derive(Debug)]
pub struct Metric<'n> {
    pub name: String,
    pub node: &'n Node,
    pub args: Rc<Args>,
    /// Whether its verdict counts.
    pub dry: bool,
    /// Seconds to the first measurement.
    pub initial_delay_s: f64,
    /// Seconds between measurements.
    pub interval_s: Option<f64>,
    /// Measurements; `None` for no end.
    pub count: Option<u64>,
    /// Failures above which the run fails; `None` for never.
    pub failure_limit: Option<u64>,
    pub success_in_a_row: u64,
}

/// A run of an analysis.
#[derive(Debug, Default)]
pub struct Run<'n> {
    pub metrics: Vec<Metric<'n>>,
    /// Templates that were not given.
    pub missing: Vec<(At, String)>,
    /// Templates that it is made of.
    templates: usize,
}

impl Run<'_> {
    /// The least seconds that a run takes; `None` if it never ends by itself.
    pub fn least_s(&self) -> Option<f64> {
        self.metrics
            .iter()
            .try_fold(0.0_f64, |most, metric| Some(most.max(metric.least_s()?)))
    }
}

impl Metric<'_> {
    fn least_s(&self) -> Option<f64> {
        let measurements = match (self.count, self.success_in_a_row) {
            (None, 0) => return None,
            (None, in_a_row) => in_a_row,
            (Some(count), 0) => count,
            (Some(count), in_a_row) => count.min(in_a_row),
        };
        let gaps = measurements.saturating_sub(1) as f64;
        Some(self.initial_delay_s + gaps * self.interval_s.unwrap_or(0.0))
    }

    /// The text of a key.
    pub fn filled(&self, key: &str) -> Option<String> {
        self.node.text_of(key).map(|text| fill(text, &self.args))
    }

    /// Who measures, and what is said to it.
    pub fn provider(&self) -> (&str, Option<&Node>) {
        let entry = self.node.get("provider").and_then(|p| p.entries().first());
        entry.map_or(("none", None), |e| (&*e.key, Some(&e.value)))
    }

    /// Where it is.
    pub fn at(&self) -> At {
        self.node.at
    }
}

/// Puts values in the place of `{{args.NAME}}`.
pub fn fill(text: &str, args: &Args) -> String {
    let mut out = String::new();
    let mut left = text;
    while let Some((before, rest)) = left.split_once("{{") {
        out.push_str(before);
        let Some((inside, after)) = rest.split_once("}}") else {
            left = &left[before.len()..];
            break;
        };
        match inside
            .trim()
            .strip_prefix("args.")
            .and_then(|name| args.get(name))
        {
            Some(value) => out.push_str(value),
            None => {
                out.push_str("{{");
                out.push_str(inside);
                out.push_str("}}");
            }
        }
        left = after;
    }
    out.push_str(left);
    out
}

impl<'n> Templates<'n> {
    /// Those of a namespace, and those of the cluster.
    pub fn new(
        namespaced: Vec<&'n Node>,
        cluster: Vec<&'n Node>,
        settings: &'n Settings,
    ) -> Templates<'n> {
        Templates {
            namespaced,
            cluster,
            settings,
            used: RefCell::default(),
        }
    }

    /// Those that runs were made of since this was asked last.
    pub fn take_used(&self) -> Vec<&'n Node> {
        self.used.take()
    }

    /// A run of the templates that a table with `templates` and `args` names.
    pub fn run(&self, analysis: &'n Node) -> Result<Run<'n>, Refusal> {
        let mut run = Run::default();
        let args = args_of(analysis)?;
        let dry: Vec<&str> = analysis
            .items_of("dryRun")
            .iter()
            .filter_map(|d| d.text_of("metricName"))
            .collect();
        self.add(analysis.items_of("templates"), &args, &dry, 0, &mut run)?;
        Ok(run)
    }

    fn add(
        &self,
        references: &'n [Node],
        args: &Args,
        dry: &[&str],
        depth: usize,
        run: &mut Run<'n>,
    ) -> Result<(), Refusal> {
        for reference in references {
            let wanted = reference.text_of("templateName").unwrap_or("");
            let of_cluster = reference
                .get("clusterScope")
                .is_some_and(|n| n.flag("").unwrap_or(false));
            let shelf = if of_cluster {
                &self.cluster
            } else {
                &self.namespaced
            };
            let Some(template) = shelf.iter().find(|t| name(t) == Some(wanted)) else {
                run.missing.push((reference.at, wanted.to_owned()));
                continue;
            };
            run.templates += 1;
            if depth > MOST_NESTING || run.templates > MOST_METRICS {
                return Err(Refusal::new(
                    reference.at,
                    "analysis templates lead in a circle, or there are too many",
                ));
            }
            self.add_template(template, args, dry, depth, run)?;
        }
        Ok(())
    }

    fn add_template(
        &self,
        template: &'n Node,
        args: &Args,
        dry: &[&str],
        depth: usize,
        run: &mut Run<'n>,
    ) -> Result<(), Refusal> {
        let Some(spec) = template.get("spec") else {
            return Err(Refusal::new(
                template.at,
                "an analysis template needs a `spec`",
            ));
        };
        if !self
            .used
            .borrow()
            .iter()
            .any(|t| std::ptr::eq(*t, template))
        {
            self.used.borrow_mut().push(template);
        }
        // A template's own values are defaults, and what a rollout says counts.
        let mut all = args_of(spec)?;
        all.extend(self.settings.params.clone());
        all.extend(args.clone());
        let own_dry = spec
            .items_of("dryRun")
            .iter()
            .filter_map(|d| d.text_of("metricName"));
        let dry: Vec<&str> = dry.iter().copied().chain(own_dry).collect();
        let all = Rc::new(all);
        for node in spec.items_of("metrics") {
            if run.metrics.len() >= MOST_METRICS {
                let rule = format!("an analysis has more than {MOST_METRICS} metrics");
                return Err(Refusal::new(node.at, rule));
            }
            run.metrics.push(metric(node, &all, &dry)?);
        }
        self.add(spec.items_of("templates"), &all, &dry, depth + 1, run)
    }

    /// Templates without a rollout: alarms only.
    pub fn alone(&self) -> Result<Vec<Imported>, Refusal> {
        let keys = Keys::of(super::TEMPLATE);
        let mut all = Vec::new();
        for template in self.namespaced.iter().chain(&self.cluster) {
            let mut imported = Imported::new(
                super::KIND.name,
                name(template).unwrap_or("analysis"),
                template.at,
            );
            (imported.full_s, imported.done_s) = (None, None);
            let mut run = Run::default();
            self.add_template(template, &BTreeMap::new(), &[], 0, &mut run)?;
            let watched = Watched {
                scope: "canary",
                steps: None,
                is_moment: false,
            };
            alarms(&run, watched, &mut imported, self.settings);
            imported.maps(
                template.at,
                "an analysis template without a rollout: its measurements as alarms",
            );
            list(template, "", &keys, &mut imported);
            all.push(imported);
        }
        Ok(all)
    }
}

/// Arguments with a value.
fn args_of(node: &Node) -> Result<Args, Refusal> {
    let args = node.items_of("args");
    if let Some(one) = args.get(MOST_METRICS) {
        let rule = format!("an analysis has more than {MOST_METRICS} arguments");
        return Err(Refusal::new(one.at, rule));
    }
    let pair = |arg: &Node| {
        let (name, value) = (arg.text_of("name")?, arg.text_of("value")?);
        Some((name.to_owned(), value.to_owned()))
    };
    Ok(args.iter().filter_map(pair).collect())
}

fn metric<'n>(node: &'n Node, args: &Rc<Args>, dry: &[&str]) -> Result<Metric<'n>, Refusal> {
    let name = node.text_of("name").unwrap_or("metric").to_owned();
    let filled = |key: &str| {
        node.get(key)
            .map(|n| (n, fill(n.as_text().unwrap_or(""), args)))
    };
    let seconds = |key: &str| match filled(key) {
        None => Ok(None),
        Some((n, text)) => match go_duration_s(&text) {
            Some(s) => Ok(Some(s)),
            None => Err(n.wrong(key, "a duration such as 30s or 1h30m")),
        },
    };
    let whole = |key: &str, default: i64| match filled(key) {
        None => Ok(default),
        Some((n, text)) => text
            .trim()
            .parse::<i64>()
            .ok()
            .filter(|x| (-1..=i64::from(i32::MAX)).contains(x))
            .ok_or_else(|| n.wrong(key, "a whole number of at least 0")),
    };
    let (interval_s, delay_s) = (
        seconds("interval")?,
        seconds("initialDelay")?.unwrap_or(0.0),
    );
    let count = match whole("count", 0)? {
        0 if interval_s.is_some() => None,
        n => Some(n.max(1).unsigned_abs()),
    };
    if count.is_some_and(|n| n > 1) && interval_s.is_none() {
        let rule = format!(
            "the metric `{}` has a count above 1 and no interval",
            short(&name)
        );
        return Err(Refusal::new(node.at, rule).mend("add an interval"));
    }
    let limit = whole("failureLimit", 0)?;
    Ok(Metric {
        dry: dry.iter().any(|pattern| matches(pattern, &name)),
        name,
        node,
        args: Rc::clone(args),
        initial_delay_s: delay_s,
        interval_s,
        count,
        failure_limit: u64::try_from(limit).ok(),
        success_in_a_row: whole("consecutiveSuccessLimit", 0)?.max(0).unsigned_abs(),
    })
}

/// Whether a name is what a pattern with `.*` says.
fn matches(pattern: &str, name: &str) -> bool {
    let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
    match pattern.split_once(".*") {
        None => pattern == name,
        Some((head, tail)) => name.starts_with(head) && name[head.len()..].ends_with(tail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_filled_in() {
        let args = BTreeMap::from([("x".to_owned(), "5".to_owned())]);
        assert_eq!(
            fill("a {{args.x}} {{ args.x }} {{args.y}} {{", &args),
            "a 5 5 {{args.y}} {{"
        );
    }
}
