//! The grid's comparisons have teeth: where skipping does the wrong thing, they say so.
//!
//! A flaw is shown by a world in which it would be right: samples of that, drawn by skipping, are compared with plain
//! samples of the world in question, as the grid compares.

use landfall::plan::Stratum;

use super::cells::alarms;
use super::world::{BASE, THREE_ZONES, World};
use super::{THRESHOLD, compare_ways};
use crate::worlds::plan;

/// Rollouts of each way: fewer than the grid has, so that what is caught here is caught there.
const ROLLOUTS: u32 = 30_000;

/// The smallest p-value of all columns, over good changes, or faulty ones if the world has a fault.
fn least_p(right: World<'_>, wrong: World<'_>) -> f64 {
    let (right, wrong) = (plan(&right.text()), plan(&wrong.text()));
    let stratum = right.strata().pop().unwrap_or(Stratum::FaultFree);
    let comparisons = compare_ways("a flaw", stratum, ROLLOUTS, [&right, &wrong]);
    comparisons.iter().map(|c| c.p).fold(1.0, f64::min)
}

fn assert_caught(right: World<'_>, wrong: World<'_>) {
    let p = least_p(right, wrong);
    assert!(p < THRESHOLD, "p = {p:e} is not below {THRESHOLD:e}");
}

#[test]
fn m_off_by_one_is_caught() {
    assert_caught(
        alarms(&[r#"scope = "zone", when = "errors > 0.9%", datapoints = "3 of 5""#]),
        alarms(&[r#"scope = "zone", when = "errors > 0.9%", datapoints = "2 of 5""#]),
    );
}

#[test]
fn n_off_by_one_is_caught() {
    assert_caught(
        alarms(&[r#"scope = "zone", when = "errors > 1.2%", datapoints = "3 of 4""#]),
        alarms(&[r#"scope = "zone", when = "errors > 1.2%", datapoints = "3 of 5""#]),
    );
}

#[test]
fn a_rule_without_an_end_is_caught() {
    let good = |alarms| World {
        alarms,
        fault: "",
        ..BASE
    };
    assert_caught(
        good(&[r#"scope = "zone", when = "errors > 0.8%", datapoints = "2 of 5""#]),
        good(&[r#"scope = "zone", when = "errors > 0.8%", datapoints = "2 in all""#]),
    );
}

#[test]
fn lag_ignored_is_caught() {
    assert_caught(
        alarms(&[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3", lag = "40s""#]),
        alarms(&[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3""#]),
    );
}

#[test]
fn a_window_off_by_a_bucket_is_caught() {
    assert_caught(
        alarms(&[r#"scope = "zone", when = "errors > 0.8%", window = "5m", every = "1m""#]),
        alarms(&[r#"scope = "zone", when = "errors > 0.8%", window = "4m", every = "1m""#]),
    );
}

#[test]
fn datapoints_that_do_not_slide_are_caught() {
    assert_caught(
        alarms(&[
            r#"scope = "zone", when = "errors > 0.75%", period = "3m", every = "1m", datapoints = "2 of 2""#,
        ]),
        alarms(&[
            r#"scope = "zone", when = "errors > 0.75%", period = "3m", datapoints = "2 of 2""#,
        ]),
    );
}

#[test]
fn a_second_condition_forgotten_is_caught() {
    assert_caught(
        alarms(&[
            r#"scope = "zone", when = "errors > 0.7%", window = "3m", every = "1m", and = { when = "errors > 0.9%", window = "1m" }"#,
        ]),
        alarms(&[r#"scope = "zone", when = "errors > 0.7%", window = "3m", every = "1m""#]),
    );
}

#[test]
fn a_control_taken_at_its_mean_is_caught() {
    assert_caught(
        alarms(&[r#"scope = "one-box", when = "errors > control + 1.5%", datapoints = "2 of 3""#]),
        alarms(&[r#"scope = "one-box", when = "errors > 2%", datapoints = "2 of 3""#]),
    );
}

#[test]
fn a_missing_datapoint_taken_for_a_good_one_is_caught() {
    assert_caught(
        alarms(&[
            r#"scope = "zone", when = "errors > 0.9%", datapoints = "2 of 3", min_requests = 590, missing = "skip""#,
        ]),
        alarms(&[
            r#"scope = "zone", when = "errors > 0.9%", datapoints = "2 of 3", min_requests = 590"#,
        ]),
    );
}

#[test]
fn requests_needed_off_by_one_are_caught() {
    let seldom = |alarms| World {
        alarms,
        fleet: "region.here = { rps = 0.1 }",
        steps: r#"[{ to = "100%", bake = "8m" }]"#,
        ..BASE
    };
    assert_caught(
        seldom(&[
            r#"scope = "zone", when = "errors > 50%", min_requests = 2, missing = "breaching", datapoints = "2 of 3""#,
        ]),
        seldom(&[
            r#"scope = "zone", when = "errors > 50%", min_requests = 1, missing = "breaching", datapoints = "2 of 3""#,
        ]),
    );
}

#[test]
fn a_ramp_taken_for_a_step_at_its_middle_is_caught() {
    let ramp = |fault| World {
        fault,
        ..alarms(&[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3""#])
    };
    assert_caught(
        ramp(
            r#"fault.bug = { trigger = { delay = "3m", scope = "zone" }, adds = { errors = "1%" }, ramp = "4m" }"#,
        ),
        ramp(
            r#"fault.bug = { trigger = { delay = "5m", scope = "zone" }, adds = { errors = "1%" } }"#,
        ),
    );
}

#[test]
fn cohorts_that_wake_together_are_caught() {
    let in_parts = |fault| World {
        fault,
        steps: r#"[{ to = "100%", takes = "6m", in = 3, bake = "4m" }]"#,
        ..alarms(&[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3""#])
    };
    assert_caught(
        in_parts(
            r#"fault.bug = { trigger = { delay = "3m", scope = "cohort" }, adds = { errors = "1%" } }"#,
        ),
        in_parts(
            r#"fault.bug = { trigger = { delay = "3m", scope = "zone" }, adds = { errors = "1%" } }"#,
        ),
    );
}

#[test]
fn dispersion_ignored_is_caught() {
    let scattered = |slis| World {
        slis,
        fault: "",
        ..alarms(&[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3""#])
    };
    assert_caught(
        scattered(r#"sli.errors = { base = "0.5%", dispersion = 5e-4 }"#),
        scattered(r#"sli.errors = { base = "0.5%" }"#),
    );
}

#[test]
fn noise_not_shared_with_the_control_is_caught() {
    // Without the noise of its own a canary's excess over a control is that of a quiet background.
    let beside = |slis| World {
        slis,
        fault: "",
        fleet: "region.here = { rps = 100, boxes_per_zone = 10 }",
        steps: r#"[{ to = "50%", takes = "1m", bake = "8m" }]"#,
        ..alarms(&[r#"scope = "canary", when = "errors > control + 0.35%""#])
    };
    assert_caught(
        beside(r#"sli.errors = { base = "0.5%", dispersion = 1e-2 }"#),
        beside(r#"sli.errors = { base = "0.5%" }"#),
    );
}

#[test]
fn traffic_at_its_mean_is_caught() {
    let by_hour = |fleet| World {
        fleet,
        ..alarms(&[r#"scope = "zone", when = "errors > 6 per period", datapoints = "2 of 3""#])
    };
    assert_caught(
        by_hour(
            r#"
            profile.steps = { hours = [1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5, 1.5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] }
            region.here = { rps = 10, boxes_per_zone = 10, profile = "steps" }"#,
        ),
        by_hour("region.here = { rps = 10, boxes_per_zone = 10 }"),
    );
}

#[test]
fn an_incident_overlooked_is_caught() {
    let trouble = |trouble| World {
        trouble,
        fault: "",
        ..alarms(&[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3""#])
    };
    assert_caught(
        trouble(
            r#"incidents.outage = { rate = "20 per day", adds = { errors = "0.5% to 3%" }, lasts = "2m to 10m" }"#,
        ),
        trouble(""),
    );
}

#[test]
fn warm_up_overlooked_is_caught() {
    let warming = |trouble| World {
        trouble,
        fault: "",
        ..alarms(&[r#"scope = "one-box", when = "errors > 2%", datapoints = "2 of 3""#])
    };
    assert_caught(
        warming(r#"warmup = { adds = { errors = "0.5% to 3%" }, lasts = "1m to 5m" }"#),
        warming(""),
    );
}

#[test]
fn counts_not_shared_by_alarms_are_caught() {
    // Alarms on another grid have counts of their own. Here it is the same grid, as traffic begins on a whole minute.
    let together = |alarms| World {
        alarms,
        start: r#""2026-03-02T09:00:00Z""#,
        fault: "",
        steps: r#"[{ to = "100%", takes = "1m", bake = "8m" }]"#,
        ..BASE
    };
    let a = r#"scope = "zone", when = "errors > 0.9%", datapoints = "2 of 3""#;
    assert_caught(
        together(&[a, r#"scope = "zone", when = "errors > 1.1%""#]),
        together(&[
            a,
            r#"scope = "zone", when = "errors > 1.1%", grid = "deployment""#,
        ]),
    );
}

#[test]
fn a_bake_not_held_is_caught() {
    let held = |alarms| World {
        alarms,
        fault: "",
        ..BASE
    };
    assert_caught(
        held(&[r#"scope = "zone", when = "errors > 0.8%", does = "hold""#]),
        held(&[]),
    );
}

#[test]
fn a_history_that_outlives_a_step_is_caught() {
    let good = |alarms| World {
        alarms,
        fault: "",
        ..BASE
    };
    assert_caught(
        good(&[
            r#"scope = "zone", when = "errors > 0.8%", datapoints = "3 of 10", resets = "step""#,
        ]),
        good(&[r#"scope = "zone", when = "errors > 0.8%", datapoints = "3 of 10""#]),
    );
}

#[test]
fn a_zone_watched_for_too_long_is_caught() {
    let three = |alarms| World {
        alarms,
        fault: "",
        ..THREE_ZONES
    };
    assert_caught(
        three(&[
            r#"scope = "zone", when = "errors > 0.9%", datapoints = "2 of 3", watches = "zone""#,
        ]),
        three(&[
            r#"scope = "zone", when = "errors > 0.9%", datapoints = "2 of 3", watches = "wave""#,
        ]),
    );
}
