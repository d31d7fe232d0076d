//! `[budget.NAME]`, and what its figures speak of.

use super::kind::Kind;
use super::{TableWords, word};
use crate::scenario::literal::Unit;

/// `[budget.NAME]`.
pub static BUDGET: TableWords = TableWords {
    title: "[budget.NAME]",
    keys: &[
        word(
            "given",
            Kind::Text("faulty, fault-free, all, or the name of a fault"),
            "of which changes",
            "\"faulty\"",
        )
        .default("\"all\""),
        word(
            "keep",
            Kind::Text(
                "a statistic of a metric, such as mean, median, p99 or cvar95, or a chance, such as P(undetected) or \
                 P(blast_radius > 10%); `<=`; and a limit, or a multiple of base",
            ),
            "what must hold",
            "\"p99(blast_radius) <= 5%\"",
        )
        .needed(),
        word(
            "asymptotic",
            Kind::Flag,
            "whether a verdict on a mean of something without an upper bound, such as bad_requests, may rest on many \
             rollouts being many enough",
            "true",
        )
        .default("false"),
    ],
    and: None,
};

/// Metrics of a rollout, and what they are measured in.
pub(in crate::scenario) const METRICS: &[(&str, Unit)] = &[
    ("time_to_full_s", Unit::Duration),
    ("time_to_done_s", Unit::Duration),
    ("time_test_s", Unit::Duration),
    ("time_action_s", Unit::Duration),
    ("time_bake_s", Unit::Duration),
    ("time_window_s", Unit::Duration),
    ("time_approval_s", Unit::Duration),
    ("time_blocked_s", Unit::Duration),
    ("time_hold_s", Unit::Duration),
    ("time_retry_s", Unit::Duration),
    ("blast_radius", Unit::Share),
    ("exposure_peak", Unit::Share),
    ("requests_hit", Unit::Amount),
    ("bad_requests", Unit::Amount),
    ("zones_hit", Unit::Amount),
    ("regions_hit", Unit::Amount),
    ("regions_hit_at_once", Unit::Amount),
    ("zones_hit_at_once_in_a_region", Unit::Amount),
    ("time_to_detect_s", Unit::Duration),
    ("time_to_mitigate_s", Unit::Duration),
    ("attempts", Unit::Amount),
    ("stops_by_chance", Unit::Amount),
    ("budget_burn", Unit::Share),
    ("onset_s", Unit::Duration),
];

/// Metrics of which there is one for each indicator, without its name and the `_` before it.
pub(in crate::scenario) const OF_AN_INDICATOR: &[(&str, Unit)] =
    &[("bad_requests", Unit::Amount), ("severity", Unit::Share)];

/// How rollouts end.
pub(in crate::scenario) const ENDINGS: [&str; 7] = [
    "shipped",
    "given-up",
    "caught",
    "rolled-back",
    "latent",
    "undetected",
    "stalled",
];
