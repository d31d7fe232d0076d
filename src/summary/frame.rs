//! What all cells of a summary share: names, weights and what is measured.

use super::event::FirstZone;
use super::{DAYS_A_MONTH, Metric, Sampling, Summary};
use crate::plan::{Plan, Stratum};

/// What all cells share: names, weights and what is measured.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) sampling: Sampling,
    pub(super) level: f64,
    pub(super) changes_a_month: f64,
    pub(super) strategies: Vec<StrategyFrame>,
    pub(super) strata: Vec<StratumFrame>,
    pub(super) metrics: Vec<MetricFrame>,
}

#[derive(Debug)]
pub(super) struct StrategyFrame {
    /// Index in the plan.
    pub(super) index: usize,
    pub(super) name: String,
    pub(super) first_zone: FirstZone,
}

#[derive(Debug)]
pub(super) struct StratumFrame {
    pub(super) stratum: Stratum,
    pub(super) name: String,
    pub(super) weight: f64,
}

#[derive(Debug)]
pub(super) struct MetricFrame {
    pub(super) metric: Metric,
    pub(super) name: String,
}

impl Frame {
    pub(super) fn new(plan: &Plan, strategies: &[usize], sampling: Sampling, level: f64) -> Frame {
        for (i, s) in strategies.iter().enumerate() {
            assert!(!strategies[..i].contains(s), "strategy {s} is listed twice");
        }
        let strategy = |&index: &usize| StrategyFrame {
            index,
            name: plan.strategies[index].name.clone(),
            first_zone: FirstZone::of(plan, index),
        };
        let stratum = |stratum| StratumFrame {
            stratum,
            name: plan.stratum_name(stratum).to_owned(),
            weight: plan.stratum_weight(stratum),
        };
        let metric = |metric: Metric| MetricFrame {
            metric,
            name: metric.name(plan),
        };
        Frame {
            sampling,
            level,
            changes_a_month: plan.change.per_week * DAYS_A_MONTH / 7.0,
            strategies: strategies.iter().map(strategy).collect(),
            strata: plan.strata().into_iter().map(stratum).collect(),
            metrics: Metric::all(plan).into_iter().map(metric).collect(),
        }
    }

    /// How many distinct values the columns of each stratum may keep.
    pub(super) fn limits(&self) -> Vec<Vec<usize>> {
        let parts = |stratum: &StratumFrame| -> Vec<usize> {
            self.metrics
                .iter()
                .map(|m| m.metric.parts_of_memory(stratum.stratum))
                .collect()
        };
        let parts: Vec<Vec<usize>> = self.strata.iter().map(parts).collect();
        let total = self.strategies.len() * parts.iter().flatten().sum::<usize>();
        let limit =
            |&parts: &usize| (Summary::VALUES_KEPT * parts / total.max(1)).clamp(512, 65_536);
        parts
            .iter()
            .map(|columns| columns.iter().map(limit).collect())
            .collect()
    }

    pub(super) fn stratum(&self, stratum: Stratum) -> usize {
        let at = match stratum {
            Stratum::FaultFree => 0,
            Stratum::Fault(f) => f + 1,
        };
        assert!(
            at < self.strata.len(),
            "{stratum:?} is not a stratum of this plan"
        );
        at
    }

    pub(super) fn column(&self, metric: Metric) -> Option<usize> {
        self.metrics.iter().position(|m| m.metric == metric)
    }
}
