//! An alarm of CloudWatch: what it reads, and when it is raised.
//!
//! Sources: CloudWatch API Reference, PutMetricAlarm; User Guide, "Using Amazon CloudWatch alarms".

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::super::value::{Unusable, Value};
use super::math;
use super::metric;
use super::reading::{Reading, Threshold, compare};
use super::term::{Ids, Term, calculate, evaluate};

/// The longest that periods together may cover, in seconds: a week, or a day where periods are shorter than an hour.
const WEEK_S: u32 = 7 * DAY_S;
const DAY_S: u32 = 86_400;
const HOUR_S: u32 = 3_600;

/// An alarm on metrics.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct MetricAlarm {
    pub(in super::super) reading: Reading,
    /// Whether it counts what a version alone served, by its dimension `ExecutedVersion`.
    pub(in super::super) of_version: bool,
    /// Resources that its dimensions name.
    pub(in super::super) of: Vec<String>,
    pub(in super::super) period_s: u32,
    /// How often it is evaluated.
    pub(in super::super) every_s: u32,
    pub(in super::super) m: u32,
    pub(in super::super) n: u32,
    pub(in super::super) missing: Missing,
    /// Whether percentiles of too few samples leave the alarm as it is.
    pub(in super::super) low_counts_keep: bool,
}

/// What CloudWatch makes of missing datapoints; `Kept` is what it calls `missing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Missing {
    Kept,
    Ignore,
    Breaching,
    NotBreaching,
}

/// Reads the properties of an `AWS::CloudWatch::Alarm`, or says why it is not expressed. `taken_for`: a condition that
/// somebody gives in place of what it reads.
pub(in super::super) fn read(
    properties: &Value,
    taken_for: Option<&str>,
) -> Result<MetricAlarm, Unusable> {
    if let Some(criteria) = properties.get("EvaluationCriteria") {
        return Err(criteria.unusable("an alarm on PromQL is not expressed"));
    }
    if let Some(band) = properties.get("ThresholdMetricId")
        && taken_for.is_none()
    {
        return Err(band.unusable(
            "an anomaly band follows what a metric did in the past, which is not expressed",
        ));
    }
    let (n, m) = datapoints(properties)?;
    let metrics = Metrics::of(properties)?;
    let period_s = metrics.period_s;
    let covered_s = u64::from(period_s) * u64::from(n);
    let most_s = if period_s < HOUR_S { DAY_S } else { WEEK_S };
    if covered_s > u64::from(most_s) {
        let why = format!(
            "CloudWatch refuses periods that together cover {covered_s}s: at most {most_s}s"
        );
        return Err(properties.unusable(why));
    }
    let reading = match taken_for {
        Some(condition) => Reading::taken_for(condition),
        None => compare(&metrics.returned()?, threshold(properties)?)
            .map_err(|why| properties.unusable(why))?,
    };
    let of_version = metrics
        .dimensions()
        .any(|d| name_of(d) == Some("ExecutedVersion"));
    let mut of: Vec<String> = metrics
        .dimensions()
        .filter_map(|dimension| dimension.get("Value")?.text()?.resource.clone())
        .collect();
    of.sort();
    of.dedup();
    Ok(MetricAlarm {
        reading,
        of_version,
        of,
        period_s,
        every_s: every_s(properties, period_s)?,
        m,
        n,
        missing: missing(properties)?,
        low_counts_keep: low_counts_keep(properties)?,
    })
}

fn need<'v>(value: &'v Value, key: &str) -> Result<&'v Value, Unusable> {
    value
        .get(key)
        .ok_or_else(|| value.unusable(format!("`{key}` is missing")))
}

/// N and M.
fn datapoints(properties: &Value) -> Result<(u32, u32), Unusable> {
    let n = need(properties, "EvaluationPeriods")?.whole(1, WEEK_S)?;
    let m = match properties.get("DatapointsToAlarm") {
        Some(value) => {
            let m = value.whole(1, WEEK_S)?;
            if m > n {
                let why = format!("CloudWatch refuses {m} datapoints to alarm out of {n}");
                return Err(value.unusable(why));
            }
            m
        }
        None => n,
    };
    Ok((n, m))
}

fn threshold(properties: &Value) -> Result<Threshold, Unusable> {
    let operator = need(properties, "ComparisonOperator")?;
    let (above, inclusive) = match operator.known()? {
        "GreaterThanThreshold" => (true, false),
        "GreaterThanOrEqualToThreshold" => (true, true),
        "LessThanThreshold" => (false, false),
        "LessThanOrEqualToThreshold" => (false, true),
        other => {
            return Err(operator.unusable(format!("the comparison `{other}` is not expressed")));
        }
    };
    Ok(Threshold {
        above,
        inclusive,
        limit: need(properties, "Threshold")?.number()?,
    })
}

/// Evaluated every minute, or every ten seconds where periods are shorter than that.
fn every_s(properties: &Value, period_s: u32) -> Result<u32, Unusable> {
    if let Some(window) = properties.get("EvaluationWindow") {
        let kind = window.known()?.to_ascii_lowercase();
        if kind.contains("wall") {
            return Ok(period_s);
        }
    }
    Ok(if period_s < 60 { 10 } else { 60 })
}

fn missing(properties: &Value) -> Result<Missing, Unusable> {
    let Some(value) = properties.get("TreatMissingData") else {
        return Ok(Missing::Kept);
    };
    match value.known()? {
        "missing" => Ok(Missing::Kept),
        "ignore" => Ok(Missing::Ignore),
        "breaching" => Ok(Missing::Breaching),
        "notBreaching" => Ok(Missing::NotBreaching),
        other => Err(value.unusable(format!(
            "CloudWatch refuses `{other}`: missing data is missing, ignore, breaching or notBreaching"
        ))),
    }
}

/// Whether percentiles of few samples are ignored; by default every datapoint counts.
fn low_counts_keep(properties: &Value) -> Result<bool, Unusable> {
    let Some(value) = properties.get("EvaluateLowSampleCountPercentile") else {
        return Ok(false);
    };
    match value.known()? {
        "evaluate" => Ok(false),
        "ignore" => Ok(true),
        other => Err(value.unusable(format!(
            "CloudWatch refuses `{other}`: percentiles of few samples are evaluate or ignore"
        ))),
    }
}

fn name_of(dimension: &Value) -> Option<&str> {
    dimension.get("Name")?.known().ok()
}

/// The metrics and expressions of an alarm.
struct Metrics<'v> {
    /// By id, those of the one metric of a simple alarm being empty.
    by_id: BTreeMap<&'v str, &'v Value>,
    /// The properties of a simple alarm, or the entry that returns the data.
    returned: &'v Value,
    is_simple: bool,
    period_s: u32,
    /// What ids stand for, as far as it was asked; none while one is being worked out.
    known: RefCell<BTreeMap<String, Option<Result<Term, String>>>>,
}

/// The most metrics and expressions of an alarm.
const MOST_METRICS: usize = 20;

impl<'v> Metrics<'v> {
    fn of(properties: &'v Value) -> Result<Metrics<'v>, Unusable> {
        let Some(list) = properties.get("Metrics") else {
            let period_s = period_s(need(properties, "Period")?)?;
            return Ok(Metrics {
                by_id: BTreeMap::new(),
                returned: properties,
                is_simple: true,
                period_s,
                known: RefCell::default(),
            });
        };
        let entries: Vec<&Value> = list.items().collect();
        if entries.len() > MOST_METRICS {
            return Err(list.unusable(format!(
                "CloudWatch refuses more than {MOST_METRICS} metrics"
            )));
        }
        let mut by_id = BTreeMap::new();
        let mut returned = Vec::new();
        let mut period: Option<u32> = None;
        for entry in entries {
            by_id.insert(need(entry, "Id")?.known()?, entry);
            let returns = entry.get("ReturnData").map_or(Ok(true), Value::flag)?;
            if returns {
                returned.push(entry);
            }
            let written = entry.at(&["MetricStat", "Period"]).or(entry.get("Period"));
            if let Some(written) = written {
                let this = period_s(written)?;
                if *period.get_or_insert(this) != this {
                    return Err(written.unusable("metrics of several periods are not expressed"));
                }
            }
        }
        let [returned] = returned[..] else {
            let why = "CloudWatch refuses an alarm of which not exactly one metric returns data";
            return Err(list.unusable(why));
        };
        let period_s = period.ok_or_else(|| list.unusable("no metric says its `Period`"))?;
        Ok(Metrics {
            by_id,
            returned,
            is_simple: false,
            period_s,
            known: RefCell::default(),
        })
    }

    /// What the alarm compares with its threshold.
    fn returned(&self) -> Result<Term, Unusable> {
        if self.is_simple {
            return simple(self.returned, self.returned, "Statistic");
        }
        self.entry(self.returned)
            .map_err(|why| self.returned.unusable(why))
    }

    fn entry(&self, entry: &Value) -> Result<Term, String> {
        if let Some(expression) = entry.get("Expression") {
            let text = expression.known().map_err(|no| no.why)?;
            return evaluate(&math::read(text)?, self);
        }
        let statistics = entry
            .get("MetricStat")
            .ok_or("a metric is neither a MetricStat nor an Expression")?;
        let metric = statistics.get("Metric").ok_or("`Metric` is missing")?;
        simple(metric, statistics, "Stat").map_err(|no| no.why)
    }

    /// The dimensions of all metrics.
    fn dimensions(&self) -> impl Iterator<Item = &'v Value> {
        let simple = self.returned.get("Dimensions").filter(|_| self.is_simple);
        let others = self
            .by_id
            .values()
            .filter_map(|entry| entry.at(&["MetricStat", "Metric", "Dimensions"]));
        simple.into_iter().chain(others).flat_map(Value::items)
    }
}

impl Ids for Metrics<'_> {
    fn term(&self, id: &str) -> Result<Term, String> {
        match self.known.borrow().get(id) {
            Some(Some(known)) => return known.clone(),
            Some(None) => return Err(format!("`{id}` refers to itself")),
            None => {}
        }
        let entry = self
            .by_id
            .get(id)
            .ok_or_else(|| format!("there is no metric `{id}`"))?;
        self.known.borrow_mut().insert(id.to_owned(), None);
        let term = self.entry(entry);
        self.known
            .borrow_mut()
            .insert(id.to_owned(), Some(term.clone()));
        term
    }

    fn sum_of_all(&self) -> Result<Term, String> {
        let metrics = self
            .by_id
            .iter()
            .filter(|(_, entry)| entry.get("MetricStat").is_some());
        let mut terms = metrics.map(|(id, _)| self.term(id));
        let first = terms.next().ok_or("the sum of no metrics is no value")??;
        terms.try_fold(first, |sum, term| {
            calculate(math::Operator::Plus, sum, term?)
        })
    }
}

/// What a metric with a statistic says of requests.
fn simple(metric: &Value, statistics: &Value, key: &str) -> Result<Term, Unusable> {
    let namespace = need(metric, "Namespace")?;
    let name = need(metric, "MetricName")?;
    let statistic = statistics
        .get("ExtendedStatistic")
        .map_or_else(|| need(statistics, key), Ok)?;
    // A namespace that is not known belongs to nobody's metrics that count requests.
    let namespace = namespace.text().map_or("", |text| &text.text);
    metric::term(namespace, name.known()?, statistic.known()?).map_err(|why| name.unusable(why))
}

fn period_s(value: &Value) -> Result<u32, Unusable> {
    let period_s = value.whole(1, DAY_S)?;
    if matches!(period_s, 10 | 20 | 30) || period_s % 60 == 0 {
        return Ok(period_s);
    }
    Err(value.unusable(format!(
        "CloudWatch refuses a period of {period_s}s: 10, 20, 30 or a multiple of 60"
    )))
}
