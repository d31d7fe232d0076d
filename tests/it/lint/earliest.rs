//! The earliest moment of an alarm against the first detections of simulated rollouts.

use landfall::lint::{Phase, earliest_s};

use crate::worlds::{plan, rollouts};

/// A fault that fails every request from the first on, in a canary of 10%.
fn world(alarm: &str, rps: f64) -> String {
    format!(
        "format = 1\n[scenario]\nstart = {{ hours = [\"Mo-Su 00:00-24:00\"] }}\n[region.east]\nrps = {rps}\nzones = 1\nboxes_per_zone = 10\n\
         [change]\nbad = \"100%\"\n[fault.crash]\nweight = 1\ntrigger = {{ delay = \"0s\" }}\nadds = {{ errors = \"100%\" }}\n\
         [rollback]\ntakes = \"1m\"\n[alarm.new]\nscope = \"canary\"\n{alarm}\n[strategy.ours]\n\
         steps = [{{ to = \"10%\", takes = \"0s\", bake = \"3h\" }}, {{ to = \"100%\", takes = \"0s\" }}]\n"
    )
    .replace("{ hours = [\"Mo-Su 00:00-24:00\"] }", "\"2026-03-02T09:00:17Z\"")
}

#[test]
fn no_detection_is_earlier_and_some_are_nearly_as_early() {
    let ratio = "when = \"errors > 1%\"\nperiod = \"1m\"\n";
    let cases = [
        ("one of one", format!("{ratio}datapoints = \"1 of 1\""), 1_000.0),
        ("three of five", format!("{ratio}datapoints = \"3 of 5\""), 1_000.0),
        ("four in a row", format!("{ratio}datapoints = \"4 in a row\""), 1_000.0),
        ("three in all", format!("{ratio}datapoints = \"3 in all\""), 1_000.0),
        ("lag", format!("{ratio}datapoints = \"2 of 2\"\nlag = \"90s\""), 1_000.0),
        (
            "a sliding window",
            "when = \"errors > 1%\"\nwindow = \"10m\"\nevery = \"1m\"\ndatapoints = \"2 of 2\"".to_owned(),
            1_000.0,
        ),
        (
            "min_requests of a period",
            format!("{ratio}datapoints = \"2 of 2\"\nmin_requests = 20"),
            5.0,
        ),
        (
            "min_requests of a window",
            "when = \"errors > 1%\"\nwindow = \"10m\"\nevery = \"1m\"\ndatapoints = \"1 of 1\"\nmin_requests = 3000".to_owned(),
            100.0,
        ),
        (
            "a count",
            "when = \"errors > 2000 per period\"\nwindow = \"10m\"\nevery = \"1m\"\ndatapoints = \"1 of 1\"".to_owned(),
            100.0,
        ),
    ];
    for (name, alarm, rps) in cases {
        let plan = plan(&world(&alarm, rps));
        let alarm = &plan.strategies[0].alarms[0];
        let peak = plan
            .fleet
            .curves
            .iter()
            .map(|c| c.max())
            .fold(0.0, f64::max);
        let bound = earliest_s(alarm, rps * 0.1 * peak, Phase::Best).expect("it can fire");
        let all = rollouts(&plan, "ours", 200);
        let times = all
            .iter()
            .filter_map(|(_, outcome)| outcome.time_to_detect_s);
        let first = times.fold(f64::INFINITY, f64::min);
        assert!(
            first >= bound,
            "{name}: detected after {first}, not before {bound}"
        );
        let near = bound + f64::from(alarm.every_s);
        assert!(
            first <= near + 1.0,
            "{name}: detected after {first}, bound {bound}"
        );
    }
}
