//! The rows of `summary.csv`.

use super::{Event, Group, Metric, Stage, Statistic, Summary};
use crate::outcome::Ending;
use crate::stats::Estimate;

/// One figure of the summary.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// Name of the strategy.
    pub strategy: String,
    /// Name of the group: `all`, `faulty`, `fault-free` or a fault's name.
    pub group: String,
    /// Name of the metric; `outcome` and `caught` for chances of endings and stages.
    pub metric: String,
    /// Name of the statistic: `mean`, `p99`, `P(undetected)`.
    pub statistic: String,
    /// Unit of the values.
    pub unit: &'static str,
    /// The value; infinite reads "never".
    pub value: f64,
    /// Lower end of the interval; none for plain facts about the rollouts simulated (`sd`, `min`, `max`).
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// Level of the interval.
    pub level: Option<f64>,
    /// Number of rollouts that it rests on.
    pub n: u64,
}

impl Summary {
    /// All figures: strategy by strategy, group by group, chances first, then metric by metric.
    ///
    /// A figure that does not exist has no row. `share` has one only where it is not 1.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for strategy in self.strategies() {
            for group in self.groups() {
                self.rows_of_chances(strategy, group, &mut rows);
                for metric in self.metrics() {
                    self.rows_of_metric(strategy, group, metric, &mut rows);
                }
            }
        }
        rows
    }

    fn rows_of_chances(&self, strategy: usize, group: Group, rows: &mut Vec<Row>) {
        let mut push = |metric: &str, statistic: String, event: Event| {
            if let Some(estimate) = self.chance(strategy, group, event) {
                let row = self.row(strategy, group, metric, statistic, "share");
                rows.push(row.with(estimate));
            }
        };
        for ending in Ending::ALL {
            push("outcome", format!("P({})", ending.name()), ending.into());
        }
        if group == Group::Faulty
            || matches!(group, Group::Stratum(s) if s != crate::plan::Stratum::FaultFree)
        {
            for stage in Stage::ALL {
                push("caught", format!("P({})", stage.name()), stage.into());
            }
        }
        push(
            "stops_by_chance",
            "P(> 0)".to_owned(),
            Event::StoppedByChance,
        );
    }

    fn rows_of_metric(&self, strategy: usize, group: Group, metric: Metric, rows: &mut Vec<Row>) {
        if group == Group::FAULT_FREE && !metric.applies_fault_free() {
            return;
        }
        let Some(slice) = self.slice(strategy, group, metric) else {
            return;
        };
        let row = |statistic: Statistic| {
            self.row(
                strategy,
                group,
                self.metric_name(metric),
                statistic.to_string(),
                metric.unit(),
            )
        };
        // Merging the strata's distributions once serves all quantiles.
        let mixture = slice.mixture();
        for statistic in Statistic::LISTED {
            let estimate = match (statistic, &mixture) {
                (Statistic::Quantile(p), Some(mixture)) => {
                    Some(mixture.quantile(p, metric.support(), self.level()))
                }
                (Statistic::Quantile(_), None) => None,
                (Statistic::Cvar(_), _) if !metric.is_damage() => None,
                (statistic, _) => slice.estimate(statistic),
            };
            match (estimate, slice.fact(statistic)) {
                (Some(estimate), _) if statistic == Statistic::Share => {
                    if estimate.value < 1.0 {
                        rows.push(Row {
                            unit: "share",
                            ..row(statistic).with(estimate)
                        });
                    }
                }
                (Some(estimate), _) => rows.push(row(statistic).with(estimate)),
                (None, Some(value)) => rows.push(Row {
                    value,
                    n: slice.n(),
                    ..row(statistic)
                }),
                (None, None) => {}
            }
        }
    }

    /// A row still without figures.
    fn row(
        &self,
        strategy: usize,
        group: Group,
        metric: &str,
        statistic: String,
        unit: &'static str,
    ) -> Row {
        let name = &self.frame.strategies[self.place(strategy)].name;
        Row::blank(name, self.group_name(group), metric, &statistic, unit)
    }
}

impl Row {
    /// A figure of a strategy, by the names of all that it is of.
    pub fn of(
        estimate: Estimate,
        strategy: &str,
        group: &str,
        metric: &str,
        statistic: &str,
        unit: &'static str,
    ) -> Row {
        Row::blank(strategy, group, metric, statistic, unit).with(estimate)
    }

    /// A plain fact, without interval and resting on no rollouts.
    pub fn fact(
        strategy: &str,
        group: &str,
        metric: &str,
        statistic: &str,
        unit: &'static str,
        value: f64,
    ) -> Row {
        Row {
            value,
            ..Row::blank(strategy, group, metric, statistic, unit)
        }
    }

    fn blank(
        strategy: &str,
        group: &str,
        metric: &str,
        statistic: &str,
        unit: &'static str,
    ) -> Row {
        Row {
            strategy: strategy.to_owned(),
            group: group.to_owned(),
            metric: metric.to_owned(),
            statistic: statistic.to_owned(),
            unit,
            value: f64::NAN,
            low: None,
            high: None,
            level: None,
            n: 0,
        }
    }

    fn with(self, estimate: Estimate) -> Row {
        Row {
            value: estimate.value,
            low: Some(estimate.low),
            high: Some(estimate.high),
            level: Some(estimate.level),
            n: estimate.n,
            ..self
        }
    }
}
