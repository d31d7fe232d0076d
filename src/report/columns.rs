//! The columns of `rollouts.csv` and `summary.csv`, with what they mean.
//!
//! The files' headers are made of these lists, so no column is without its meaning.

use crate::plan::Plan;

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name; one for each indicator ends in `<sli>`.
    pub name: &'static str,
    /// The unit of its values; empty for texts.
    pub unit: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// When it is empty.
    pub empty: &'static str,
}

const fn column(
    name: &'static str,
    unit: &'static str,
    meaning: &'static str,
    empty: &'static str,
) -> Column {
    Column {
        name,
        unit,
        meaning,
        empty,
    }
}

/// What stands for the name of an indicator.
pub const SLI: &str = "<sli>";

/// When a part of the time to full deployment is empty.
const NOT_FULL: &str = "if time_to_full_s is";

/// The columns of `rollouts.csv`.
pub static ROLLOUTS: &[Column] = &[
    column("strategy", "", "name of the strategy", ""),
    column(
        "stratum",
        "",
        "fault-free, or the class of fault that the change carries",
        "",
    ),
    column(
        "number",
        "",
        "number of the rollout, from 0: within its stratum, with --sampling plain within its strategy",
        "",
    ),
    column(
        "weight",
        "share",
        "what the row counts for: the weights of a strategy sum to 1 over all rollouts simulated",
        "",
    ),
    column("outcome", "", "how the rollout ended", ""),
    column(
        "time_to_full_s",
        "s",
        "from the first start until every zone had its last step's share",
        "if the deployment did not stay, or did not get there",
    ),
    column(
        "time_to_done_s",
        "s",
        "from the first start until the last wave's bake ended",
        "if the deployment did not stay, or did not get there",
    ),
    column(
        "time_test_s",
        "s",
        "part of time_to_full_s: tests",
        NOT_FULL,
    ),
    column(
        "time_action_s",
        "s",
        "part of time_to_full_s: shares going up",
        NOT_FULL,
    ),
    column(
        "time_bake_s",
        "s",
        "part of time_to_full_s: bakes",
        NOT_FULL,
    ),
    column(
        "time_window_s",
        "s",
        "part of time_to_full_s: waiting for a window to open",
        NOT_FULL,
    ),
    column(
        "time_approval_s",
        "s",
        "part of time_to_full_s: waiting for approvals, manual bakes included",
        NOT_FULL,
    ),
    column(
        "time_blocked_s",
        "s",
        "part of time_to_full_s: waiting for incidents to pass",
        NOT_FULL,
    ),
    column(
        "time_hold_s",
        "s",
        "part of time_to_full_s: pauses, and bakes held open by an alarm",
        NOT_FULL,
    ),
    column(
        "time_retry_s",
        "s",
        "part of time_to_full_s: failed attempts, and the waits after them",
        NOT_FULL,
    ),
    column(
        "blast_radius",
        "share",
        "peak share of the fleet's traffic that the fault hit",
        "",
    ),
    column(
        "exposure_peak",
        "share",
        "peak share of the fleet's traffic on the new version of a faulty change, active or not; 0 if fault-free",
        "",
    ),
    column(
        "requests_hit",
        "requests",
        "requests that the fault hit",
        "",
    ),
    column(
        "bad_requests",
        "requests",
        "requests expected to be bad because of the fault, on any indicator",
        "",
    ),
    column(
        "bad_requests_<sli>",
        "requests",
        "requests expected to be bad because of the fault, on one indicator",
        "",
    ),
    column("zones_hit", "zones", "zones ever hit", ""),
    column("regions_hit", "regions", "regions ever hit", ""),
    column(
        "regions_hit_at_once",
        "regions",
        "most regions hit at one time",
        "",
    ),
    column(
        "zones_hit_at_once_in_a_region",
        "zones",
        "most zones of one region hit at one time",
        "",
    ),
    column(
        "time_to_detect_s",
        "s",
        "from the fault's first activity to the true detection",
        "if the fault was never active, or never detected",
    ),
    column(
        "time_to_mitigate_s",
        "s",
        "from the fault's first activity until nothing was hit any more",
        "if the fault was never active or never detected, or something is still hit",
    ),
    column(
        "detected_by",
        "",
        "the alarm or test that saw the fault, bake (one that took as long as it may) or people; where the fault was \
         not seen, what last stopped the change by chance",
        "if nothing stopped it",
    ),
    column(
        "stopped_at",
        "",
        "where the rollout was then: test:gamma, wave2/approval, wave2/eu-west-1/1/step3 (wave, region, zone, step), \
         wave2/eu-west-1/bake (after a batch of zones), wave2/bake, watch",
        "if nothing stopped it",
    ),
    column("attempts", "attempts", "attempts made, at least 1", ""),
    column(
        "stops_by_chance",
        "stops",
        "attempts that were stopped by chance",
        "",
    ),
    column(
        "budget_burn",
        "share",
        "largest share of a 30-day error budget that the fault spent; more than 1 overspends it",
        "if no indicator has an objective",
    ),
    column(
        "start",
        "",
        "when the rollout started, in universal time",
        "",
    ),
    column(
        "onset_s",
        "s",
        "the delay drawn for the fault",
        "if it has none for the whole change",
    ),
    column(
        "severity_<sli>",
        "share",
        "the additional bad ratio drawn for an indicator",
        "if the fault does not touch it",
    ),
];

/// The columns of `summary.csv`, and of the figures in `summary.json`.
pub static SUMMARY: [Column; 10] = [
    column("strategy", "", "name of the strategy", ""),
    column(
        "stratum",
        "",
        "of which changes: all, the faulty ones, the fault-free ones, or a class of fault",
        "",
    ),
    column(
        "metric",
        "",
        "a column of rollouts.csv; outcome and caught for the chances of outcomes and of the stages at which faults \
         are caught",
        "",
    ),
    column(
        "statistic",
        "",
        "mean, sd, a quantile such as p99, cvar99, min, max, share, or a chance P(...)",
        "",
    ),
    column(
        "unit",
        "",
        "unit of the value: s, share, requests, zones and so on",
        "",
    ),
    column("value", "", "the figure; inf is what never happened", ""),
    column(
        "low",
        "",
        "lower end of the interval",
        "for plain facts about the rollouts: sd, min, max",
    ),
    column(
        "high",
        "",
        "upper end of the interval",
        "for plain facts about the rollouts: sd, min, max",
    ),
    column("level", "", "level of the interval", "where there is none"),
    column("n", "", "rollouts that the figure rests on", ""),
];

/// The columns of `pairs.csv`.
pub static PAIRS: [Column; 11] = [
    column("strategy", "", "name of the first strategy of the pair", ""),
    column("against", "", "name of the second strategy of the pair", ""),
    column("stratum", "", "of which changes, as in summary.csv", ""),
    column("metric", "", "as in summary.csv", ""),
    column("statistic", "", "as in summary.csv", ""),
    column("unit", "", "unit of the difference", ""),
    column(
        "difference",
        "",
        "what the first strategy has more than the second, from pairs of rollouts that met the same change; negative: the \
         first has less",
        "",
    ),
    column("low", "", "lower end of its interval, by itself", ""),
    column("high", "", "upper end of its interval, by itself", ""),
    column("n", "", "pairs of rollouts that it rests on", ""),
    column(
        "p_holm",
        "",
        "p-value of there being no difference, corrected over all pairs and both headline figures after Holm",
        "for figures that are not ranked by",
    ),
];

/// The names of the columns of `rollouts.csv` for a plan, in order.
pub(super) fn of_rollouts(plan: &Plan) -> Vec<String> {
    let mut names = Vec::new();
    for column in ROLLOUTS {
        if column.name.ends_with(SLI) {
            let named = |sli: &crate::plan::Sli| column.name.replace(SLI, &sli.name);
            names.extend(plan.slis.iter().map(named));
        } else {
            names.push(column.name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::Metric;
    use crate::summary::example::plan;

    #[test]
    fn metrics_are_columns_of_the_same_unit() {
        let plan = plan(0.1, &[1.0], &["a"]);
        for metric in Metric::all(&plan) {
            let name = metric.name(&plan);
            let is_it = |c: &&Column| c.name.replace(SLI, &plan.slis[0].name) == name;
            let column = ROLLOUTS.iter().find(is_it).expect("a column");
            assert_eq!(column.unit, metric.unit(), "{name}");
        }
    }
}
