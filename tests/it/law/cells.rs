//! The grid: small worlds that cover what alarms can be told, and what can happen while they look.

use super::left_out::left_out;
use super::world::{BASE, THREE_ZONES, World};

/// Which changes a cell looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changes {
    /// Those without a fault, where false alarms are the point.
    Good,
    /// Those with the world's fault. It sleeps for a while, so they look at good ones, too.
    Faulty,
    Both,
}

/// A cell of the grid: a small world, and how it is called.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    pub name: &'static str,
    pub changes: Changes,
    pub world: World<'static>,
}

/// All cells.
pub fn cells() -> Vec<Cell> {
    let groups = [
        (Changes::Both, rules()),
        (Changes::Faulty, windows()),
        (Changes::Faulty, conditions()),
        (Changes::Faulty, missing()),
        (Changes::Faulty, populations()),
        (Changes::Faulty, deeds()),
        (Changes::Good, limits()),
        (Changes::Faulty, effects()),
        (Changes::Good, background()),
        (Changes::Good, reaching_back()),
        (Changes::Faulty, triggers()),
        (Changes::Good, calm()),
        (Changes::Faulty, woken_from_calm()),
        (Changes::Faulty, left_out()),
    ];
    let cells = groups.into_iter().flat_map(|(changes, group)| {
        let cell = move |(name, world)| Cell {
            name,
            changes,
            world,
        };
        group.into_iter().map(cell)
    });
    cells.collect()
}

/// Worlds by name.
pub type Group = Vec<(&'static str, World<'static>)>;

/// Alarms in the world of [`BASE`].
pub const fn alarms(alarms: &'static [&'static str]) -> World<'static> {
    World { alarms, ..BASE }
}

/// Rules, on one-minute datapoints that breach with chances from 0.1% to a third where nothing is wrong.
fn rules() -> Group {
    vec![
        (
            "1 of 1",
            alarms(&[r#"scope = "zone", when = "errors > 1.3%""#]),
        ),
        (
            "2 of 3",
            alarms(&[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3""#]),
        ),
        (
            "3 of 5",
            alarms(&[r#"scope = "zone", when = "errors > 0.9%", datapoints = "3 of 5""#]),
        ),
        (
            "3 in a row",
            alarms(&[r#"scope = "zone", when = "errors > 0.6%", datapoints = "3 in a row""#]),
        ),
        (
            "4 in all",
            alarms(&[r#"scope = "zone", when = "errors > 0.9%", datapoints = "4 in all""#]),
        ),
        (
            "rare, for long",
            World {
                fault: r#"fault.bug = { trigger = { delay = "exp(mean=4m)", scope = "zone" }, adds = { errors = "0.2%" } }"#,
                steps: r#"[{ to = "100%", takes = "1m", bake = "25m" }]"#,
                ..alarms(&[r#"scope = "zone", when = "errors > 1.4%""#])
            },
        ),
    ]
}

/// Windows longer than a bucket, and datapoints that slide.
fn windows() -> Group {
    vec![
        (
            "window of five periods",
            alarms(&[r#"scope = "zone", when = "errors > 0.8%", window = "5m""#]),
        ),
        (
            "sliding",
            alarms(&[
                r#"scope = "zone", when = "errors > 0.75%", period = "3m", every = "1m", datapoints = "2 of 2""#,
            ]),
        ),
        (
            "window, period and every",
            alarms(&[
                r#"scope = "zone", when = "errors > 0.75%", window = "3m", period = "2m", every = "1m", datapoints = "2 of 3""#,
            ]),
        ),
        (
            "long windows beside short ones",
            alarms(&[
                r#"scope = "zone", when = "errors > 0.7%", window = "6m", period = "3m""#,
                r#"scope = "zone", when = "errors > 1.5%", steps = { from = 2 }"#,
            ]),
        ),
        (
            "window shorter than a period",
            alarms(&[
                r#"scope = "zone", when = "errors > 1.2%", window = "30s", period = "1m", datapoints = "2 of 4""#,
            ]),
        ),
        (
            "long and short window",
            alarms(&[
                r#"scope = "zone", when = "errors > 0.7%", window = "4m", every = "1m", and = { when = "errors > 0.8%", window = "1m" }"#,
            ]),
        ),
        (
            "count in a window",
            alarms(&[
                r#"scope = "zone", when = "errors >= 22 per window", window = "4m", every = "1m""#,
            ]),
        ),
    ]
}

/// Conditions of every kind.
fn conditions() -> Group {
    const CERTAIN: &str = "region.here = { rps = 100, boxes_per_zone = 10 }";
    const BOX_AND_BOX: &str = r#"[{ to = "20%", takes = "1m", bake = "4m" }, { to = "60%", takes = "30s to 2m", in = 2, bake = "4m" }]"#;
    let beside = |alarms| World {
        steps: BOX_AND_BOX,
        alarms,
        ..BASE
    };
    let unseen = r#"fault.bug = { trigger = { delay = "exp(mean=4m)", scope = "zone" }, adds = { errors = "1%" }, unseen = "25%" }"#;
    vec![
        (
            "ratio reached, of a certain number",
            World {
                fleet: "region.here = { rps = 20, boxes_per_zone = 10 }",
                ..alarms(&[r#"scope = "zone", when = "errors >= 1%""#])
            },
        ),
        (
            "count",
            alarms(&[r#"scope = "zone", when = "errors > 6 per period", datapoints = "2 of 4""#]),
        ),
        (
            "beyond the control",
            beside(&[
                r#"scope = "one-box", when = "errors > control + 1.5%", datapoints = "2 of 3""#,
            ]),
        ),
        (
            "three times the control",
            beside(&[r#"scope = "canary", when = "errors > control * 3", datapoints = "2 of 3""#]),
        ),
        (
            "twice the control, of certain numbers",
            World {
                fleet: CERTAIN,
                ..beside(&[r#"scope = "canary", when = "errors > control * 2""#])
            },
        ),
        (
            "three times the control or equal",
            beside(&[
                r#"scope = "canary", when = "errors >= control * 3", datapoints = "2 in a row""#,
            ]),
        ),
        (
            "a test against the control",
            beside(&[
                r#"scope = "canary", when = "errors > control at 1%", datapoints = "2 of 3""#,
            ]),
        ),
        (
            "beyond the control in a window",
            beside(&[
                r#"scope = "canary", when = "errors > control + 0.6%", window = "3m", every = "1m""#,
            ]),
        ),
        (
            "few requests",
            World {
                fault: unseen,
                ..alarms(&[r#"scope = "zone", when = "requests < 560", datapoints = "2 of 3""#])
            },
        ),
        (
            "few requests in a window",
            World {
                fault: unseen,
                ..alarms(&[
                    r#"scope = "zone", when = "requests <= 1130", window = "2m", every = "1m""#,
                ])
            },
        ),
        (
            "fewer requests than the control in a window",
            World {
                fault: unseen,
                ..beside(&[
                    r#"scope = "canary", when = "requests < 90% of control", window = "3m", every = "1m""#,
                    r#"scope = "one-box", when = "requests < 70% of control""#,
                ])
            },
        ),
        (
            "fewer requests than the control",
            World {
                fault: unseen,
                ..beside(&[
                    r#"scope = "canary", when = "requests < 80% of control", datapoints = "2 of 3""#,
                ])
            },
        ),
        (
            "many errors of few requests",
            World {
                fault: unseen,
                ..alarms(&[
                    r#"scope = "zone", when = "errors > 0.6%", and = { when = "requests < 590" }, datapoints = "2 of 4""#,
                ])
            },
        ),
        (
            "two indicators",
            World {
                slis: r#"
                    sli.errors = { base = "0.5%" }
                    sli.slow = { base = "2%" }"#,
                fault: r#"fault.bug = { trigger = { delay = "exp(mean=4m)", scope = "zone" }, adds = { errors = "0.5%", slow = "2%" } }"#,
                ..alarms(&[
                    r#"scope = "zone", when = "errors > 0.7%", and = { when = "slow > 2.2%", window = "2m" }, datapoints = "2 of 3""#,
                    r#"scope = "zone", when = "slow > 4%""#,
                ])
            },
        ),
    ]
}

/// What counts as missing, and as what.
fn missing() -> Group {
    vec![
        (
            "missing is not breaching",
            alarms(&[
                r#"scope = "one-box", when = "errors > 2%", datapoints = "2 of 4", min_requests = 60"#,
            ]),
        ),
        (
            "missing is breaching",
            alarms(&[
                r#"scope = "zone", when = "errors > 1.1%", datapoints = "2 of 4", min_requests = 555, missing = "breaching""#,
            ]),
        ),
        (
            "missing is skipped",
            alarms(&[
                r#"scope = "zone", when = "errors > 0.9%", datapoints = "2 of 3", min_requests = 590, missing = "skip""#,
            ]),
        ),
        (
            "missing as in CloudWatch",
            alarms(&[
                r#"scope = "one-box", when = "errors > 2%", datapoints = "3 of 3", min_requests = 62, missing = "cloudwatch""#,
            ]),
        ),
        (
            "missing as in CloudWatch, breaching",
            alarms(&[
                r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3", min_requests = 560, missing = "cloudwatch:breaching""#,
            ]),
        ),
        (
            "missing as in CloudWatch, ignored",
            alarms(&[
                r#"scope = "zone", when = "errors > 0.9%", datapoints = "2 of 3", min_requests = 600, missing = "cloudwatch:ignore""#,
            ]),
        ),
        (
            "no requests",
            World {
                fleet: "region.here = { rps = 0.05, boxes_per_zone = 10 }",
                ..alarms(&[
                    r#"scope = "zone", when = "errors > 20%", datapoints = "2 of 3", missing = "breaching""#,
                ])
            },
        ),
    ]
}

fn populations() -> Group {
    let three = |alarms| World {
        alarms,
        ..THREE_ZONES
    };
    vec![
        (
            "canary",
            alarms(&[r#"scope = "canary", when = "errors > 2%", datapoints = "2 of 3""#]),
        ),
        (
            "zones",
            three(&[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3""#]),
        ),
        (
            "region",
            three(&[r#"scope = "region", when = "errors > 0.75%", datapoints = "2 of 3""#]),
        ),
        (
            "fleet",
            three(&[r#"scope = "fleet", when = "errors > 0.7%", datapoints = "2 of 3""#]),
        ),
        (
            "probes",
            three(&[
                r#"scope = "zone", when = "errors > 3%", probes = 60, datapoints = "2 of 3""#,
                r#"scope = "region", when = "errors > 2%", probes = 60, datapoints = "3 of 4""#,
                r#"scope = "fleet", when = "errors > 1.5%", probes = 200, datapoints = "2 of 4""#,
            ]),
        ),
        (
            "counts shared by alarms",
            alarms(&[
                r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3""#,
                r#"scope = "zone", when = "errors > 8 per period""#,
                r#"scope = "zone", when = "errors > 0.75%", window = "3m", every = "1m""#,
                r#"scope = "zone", when = "requests < 530""#,
            ]),
        ),
        (
            // Mostly the same buckets breach either.
            "a count and a share of the same",
            alarms(&[
                r#"scope = "zone", when = "errors > 7 per period""#,
                r#"scope = "zone", when = "errors > 1.25%""#,
            ]),
        ),
        (
            "one-box, canary and control",
            World {
                slis: r#"sli.errors = { base = "0.5%", dispersion = 1e-3 }"#,
                ..alarms(&[
                    r#"scope = "one-box", when = "errors > 3.5%", datapoints = "2 of 4""#,
                    r#"scope = "canary", when = "errors > control + 2%", datapoints = "2 of 3""#,
                ])
            },
        ),
    ]
}

/// What alarms do, and when.
fn deeds() -> Group {
    let people = r#"
        oncall = { responds = "1m to 5m" }
        rollback = { takes = "30s to 2m" }
        retry = { after = "1m", max = 1 }"#;
    let held = r#"[
        { to = "one-box", takes = "30s to 2m", bake = "3m" },
        { to = "100%", takes = "30s to 2m", bake = { for = "4m", at_most = "12m", then = "stop" } }]"#;
    vec![
        (
            "hold",
            World {
                steps: held,
                ..alarms(&[r#"scope = "zone", when = "errors > 0.8%", does = "hold""#])
            },
        ),
        (
            "hold where missing",
            World {
                steps: held,
                ..alarms(&[
                    r#"scope = "zone", when = "errors > 1%", does = "hold", min_requests = 575, lag = "70s""#,
                ])
            },
        ),
        (
            "hold on a window",
            World {
                steps: held,
                ..alarms(&[
                    r#"scope = "region", when = "errors > 0.7%", window = "3m", every = "1m", does = "hold""#,
                ])
            },
        ),
        (
            "page",
            World {
                answer: people,
                ..alarms(&[
                    r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3", does = "page""#,
                ])
            },
        ),
        (
            "pause",
            World {
                strategy: r#"approval = "1m to 10m""#,
                ..alarms(&[
                    r#"scope = "zone", when = "errors > 0.9%", datapoints = "2 of 3", does = "pause""#,
                    r#"scope = "zone", when = "errors > 1%", datapoints = "3 of 5""#,
                ])
            },
        ),
        (
            "lag",
            alarms(&[
                r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3", lag = "130s""#,
            ]),
        ),
        (
            "the zone goes back, the fleet later",
            World {
                alarms: &[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3""#],
                answer: r#"
                    rollback = { takes = "30s to 2m", scope = "zone", then_fleet_after = "2m to 10m" }
                    retry = { after = "1m", max = 1 }"#,
                ..THREE_ZONES
            },
        ),
    ]
}

/// When a history begins, is cleared and ends.
fn limits() -> Group {
    vec![
        (
            "a history for every step",
            alarms(&[
                r#"scope = "zone", when = "errors > 0.8%", datapoints = "3 of 10", resets = "step""#,
            ]),
        ),
        (
            "a history for all steps",
            alarms(&[r#"scope = "zone", when = "errors > 0.8%", datapoints = "3 of 10""#]),
        ),
        (
            "one step",
            alarms(&[
                r#"scope = "zone", when = "errors > 0.9%", datapoints = "2 of 3", steps = { from = 2 }"#,
            ]),
        ),
        (
            "watches a step",
            alarms(&[
                r#"scope = "zone", when = "errors > 0.9%", datapoints = "2 of 3", watches = "step""#,
            ]),
        ),
        (
            "watches to the end",
            alarms(&[
                r#"scope = "zone", when = "errors > 0.9%", datapoints = "2 of 3", watches = "watch""#,
            ]),
        ),
        (
            "watches waves",
            World {
                alarms: &[
                    r#"scope = "fleet", when = "errors > 0.65%", datapoints = "2 of 3", watches = "wave""#,
                ],
                ..THREE_ZONES
            },
        ),
        (
            "a grid from the first traffic",
            alarms(&[
                r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3", grid = "deployment""#,
            ]),
        ),
        (
            // A datapoint an attempt: on the grid of an attempt before, it would come sooner, and count less.
            "a grid from each attempt's first traffic",
            World {
                answer: "
                    rollback = { takes = \"30s to 2m\" }
                    retry = { after = \"1m to 6m\", max = 3 }",
                steps: r#"[{ to = "100%", takes = "30s to 2m", bake = "6m" }]"#,
                ..alarms(&[
                    r#"scope = "zone", when = "errors > 17 per period", period = "5m", grid = "deployment""#,
                ])
            },
        ),
        (
            // Windows reach back to buckets that the attempt before has decided, as those of its own grid.
            "a grid from each attempt's first traffic, and windows that reach back",
            World {
                answer: "
                    rollback = { takes = \"30s to 2m\" }
                    retry = { after = \"1m to 6m\", max = 3 }",
                ..alarms(&[
                    r#"scope = "region", when = "errors > 20 per window", window = "4m", every = "1m", grid = "deployment""#,
                ])
            },
        ),
        (
            "a window that reaches back into the attempt before",
            World {
                alarms: &[
                    r#"scope = "fleet", when = "errors > 0.65%", window = "3m", every = "1m""#,
                ],
                ..THREE_ZONES
            },
        ),
        (
            "three attempts",
            World {
                answer: r#"
                    rollback = { takes = "30s to 2m", in = 2 }
                    retry = { after = "0s", max = 2 }"#,
                ..alarms(&[
                    r#"scope = "zone", when = "errors > 0.75%", window = "4m", every = "1m", datapoints = "2 of 4""#,
                ])
            },
        ),
    ]
}

/// Long windows that cover buckets from before something changed: a law, a history, an attempt.
fn reaching_back() -> Group {
    vec![
        (
            // While it lasts every bucket matters to the long windows, which look at all of their datapoints.
            "a surge about as long as a window",
            World {
                trouble: r#"incidents.surge = { scope = "zone", rate = "24 per day", adds = { errors = "1%" }, lasts = "12m to 20m" }"#,
                steps: r#"[{ to = "100%", takes = "1m", bake = "40m" }]"#,
                ..alarms(&[
                    r#"scope = "zone", when = "errors > 0.8%", window = "20m", period = "10m""#,
                    r#"scope = "zone", when = "errors > 60%""#,
                ])
            },
        ),
        (
            // Windows that cover its end breach, and no bucket after it tells of them.
            "a surge longer than a window",
            World {
                trouble: r#"incidents.surge = { scope = "zone", rate = "24 per day", adds = { errors = "1.5%" }, lasts = "12m to 18m" }"#,
                steps: r#"[{ to = "100%", takes = "1m", bake = "40m" }]"#,
                ..alarms(&[
                    r#"scope = "zone", when = "errors > 1.2%", window = "10m", period = "5m", datapoints = "3 in a row""#,
                    r#"scope = "zone", when = "errors > 60%""#,
                ])
            },
        ),
        (
            // With nothing wrong they cannot breach, and nobody looks at them.
            "surges before the eyes of quiet windows",
            World {
                fleet: r#"
                    region.here = { rps = 40, boxes_per_zone = 10, profile = "tides" }
                    profile.tides = { hours = [1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2] }"#,
                slis: r#"sli.errors = { base = "0.5%", dispersion = 5e-4 }"#,
                trouble: r#"incidents.surge = { scope = "zone", rate = "12 per day", adds = { errors = "1% to 4%" }, lasts = "3m to 20m" }"#,
                steps: r#"[{ to = "10%", takes = "1m", bake = "30m" }, { to = "100%", takes = "1m", bake = "40m" }]"#,
                ..alarms(&[
                    r#"scope = "zone", when = "errors > 1.2%", window = "20m", period = "10m", datapoints = "2 in a row""#,
                    r#"scope = "zone", when = "errors > 1.3%", window = "15m", every = "5m", datapoints = "3 of 5", resets = "step""#,
                    r#"scope = "zone", when = "errors > 60%""#,
                ])
            },
        ),
        (
            "windows longer than a history",
            World {
                steps: r#"[
                    { to = "10%", bake = "2m" }, { to = "20%", bake = "2m" }, { to = "30%", bake = "2m" },
                    { to = "40%", bake = "2m" }, { to = "50%", bake = "2m" }, { to = "60%", bake = "2m" },
                    { to = "80%", bake = "2m" }, { to = "100%", bake = "2m" }]"#,
                ..alarms(&[
                    r#"scope = "zone", when = "errors > 0.75%", window = "8m", every = "1m", resets = "step""#,
                ])
            },
        ),
        (
            "a quick retry within a window",
            World {
                steps: r#"[{ to = "100%", takes = "5s", bake = "15m" }]"#,
                answer: r#"
                    rollback = { takes = "10s" }
                    retry = { after = "5m", max = 3 }"#,
                ..alarms(&[
                    r#"scope = "zone", when = "errors > 0.7%", window = "15m", every = "1m""#,
                ])
            },
        ),
        (
            "a background shared with few requests",
            World {
                fleet: "region.here = { rps = 2, boxes_per_zone = 2 }",
                slis: r#"sli.errors = { base = "2%", dispersion = 1e-2 }"#,
                steps: r#"[{ to = "50%", takes = "1m", bake = "20m" }, { to = "100%", takes = "1m" }]"#,
                ..alarms(&[r#"scope = "canary", when = "errors > control + 9%""#])
            },
        ),
        (
            // Of the background there is next to nothing, or much, and then for both.
            "a background that comes and goes",
            World {
                fleet: "region.here = { rps = 90, boxes_per_zone = 10 }",
                slis: r#"sli.errors = { base = "0.2%", dispersion = 1.3e-3 }"#,
                steps: r#"[{ to = "20%", takes = "1m", bake = "20m" }, { to = "100%", takes = "1m" }]"#,
                ..alarms(&[r#"scope = "canary", when = "errors > control + 0.6%""#])
            },
        ),
    ]
}

/// What a fault does to counts.
fn effects() -> Group {
    let bug = |fault| World {
        fault,
        ..alarms(&[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3""#])
    };
    vec![
        (
            "ramp",
            bug(
                r#"fault.bug = { trigger = { delay = "3m", scope = "zone" }, adds = { errors = "2%" }, ramp = "6m" }"#,
            ),
        ),
        (
            "ramp of every cohort",
            World {
                steps: r#"[{ to = "100%", takes = "6m", in = 4, bake = "4m" }]"#,
                ..bug(
                    r#"fault.bug = { trigger = { delay = "2m to 6m", scope = "cohort", varies = 1.5 }, adds = { errors = "2%" }, ramp = "4m" }"#,
                )
            },
        ),
        (
            "overload",
            World {
                alarms: &[r#"scope = "region", when = "errors > 0.75%", datapoints = "2 of 3""#],
                fault: r#"fault.bug = {
                    trigger = { delay = "exp(mean=4m)", scope = "zone" }, adds = { errors = "1%" },
                    spill = { times = 2, scope = "region" }, ramp = "2m" }"#,
                ..THREE_ZONES
            },
        ),
        (
            "damage that lingers",
            World {
                alarms: &[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3""#],
                fault: r#"fault.bug = {
                    trigger = { delay = "exp(mean=4m)", scope = "region" }, adds = { errors = "1%" },
                    spill = { fixed = "50%", scope = "fleet" }, lingers = "1m to 4m" }"#,
                answer: r#"
                    rollback = { takes = "30s to 2m", scope = "region", then_fleet_after = "5m" }
                    retry = { after = "1m", max = 1 }"#,
                ..THREE_ZONES
            },
        ),
        (
            "on a scattered background",
            World {
                slis: r#"sli.errors = { base = "0.5%", dispersion = 5e-4 }"#,
                ..bug(
                    r#"fault.bug = { trigger = { delay = "exp(mean=4m)", scope = "zone" }, adds = { errors = "0.2%" } }"#,
                )
            },
        ),
        (
            "seen by people",
            World {
                answer: r#"
                    oncall = { responds = "30s to 2m", reports_per_bad_request = 0.01, acts_on_report = 2 }
                    rollback = { takes = "30s to 2m" }
                    retry = { after = "1m", max = 1 }"#,
                ..bug(r#"fault.bug = {
                    trigger = { delay = "exp(mean=4m)", scope = "zone" }, adds = { errors = "0.2% to 2%" }, unseen = "20%",
                    susceptible = "80%" }"#)
            },
        ),
    ]
}

/// What counts scatter by when nothing is wrong with the change.
fn background() -> Group {
    const HOURS: &str = r#"
        profile.steps = { hours = [
            0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 0.6, 1.4, 0.5, 1.0, 1.2, 0.7, 1.1, 1.3, 0.9, 0.8, 1.0, 1.5, 1.6, 1.2, 0.9, 0.5],
            weekend = 0.5 }
        region.here = { zones = 2, rps = 20, boxes_per_zone = 10, profile = "steps", tz = "UTC" }
        region.there = { rps = 8, boxes_per_zone = 10, profile = "steps", tz = "Asia/Kolkata" }"#;
    let by_hour = |alarms| World {
        alarms,
        fleet: HOURS,
        ..THREE_ZONES
    };
    let scattered = |slis, alarms| World {
        slis,
        alarms,
        ..BASE
    };
    let trouble = |trouble, alarms| World {
        trouble,
        alarms,
        ..BASE
    };
    const LITTLE: &str = r#"sli.errors = { base = "0.5%", dispersion = 5e-4 }"#;
    const MUCH: &str = r#"sli.errors = { base = "0.5%", dispersion = 2e-2 }"#;
    vec![
        (
            "traffic by the hour",
            by_hour(&[r#"scope = "zone", when = "errors > 7 per period", datapoints = "2 of 3""#]),
        ),
        (
            "traffic by the hour, off the grid",
            by_hour(&[
                r#"scope = "region", when = "requests < 570", grid = "deployment", datapoints = "2 of 3""#,
            ]),
        ),
        (
            "the fleet's traffic by the hour",
            by_hour(&[
                r#"scope = "fleet", when = "errors > 14 per window", window = "90s", every = "30s""#,
            ]),
        ),
        (
            "dispersion",
            scattered(
                LITTLE,
                &[r#"scope = "zone", when = "errors > 1.1%", datapoints = "2 of 3""#],
            ),
        ),
        (
            "much dispersion",
            scattered(
                MUCH,
                &[r#"scope = "zone", when = "errors > 4%", datapoints = "2 of 5""#],
            ),
        ),
        (
            "dispersion about a control",
            World {
                steps: r#"[{ to = "20%", takes = "1m", bake = "4m" }, { to = "60%", takes = "30s to 2m", in = 2, bake = "4m" }]"#,
                ..scattered(
                    LITTLE,
                    &[
                        r#"scope = "canary", when = "errors > control + 1.5%", datapoints = "2 of 3""#,
                    ],
                )
            },
        ),
        (
            "dispersion of certain numbers",
            World {
                fleet: "region.here = { rps = 100, boxes_per_zone = 10 }",
                ..scattered(
                    r#"sli.errors = { base = "0.5%", dispersion = 1e-4 }"#,
                    &[
                        r#"scope = "zone", when = "errors > 0.85%""#,
                        r#"scope = "canary", when = "errors > control * 4""#,
                    ],
                )
            },
        ),
        (
            "dispersion of a fleet in a window",
            World {
                slis: MUCH,
                alarms: &[
                    r#"scope = "fleet", when = "errors > 1.5%", window = "2m", every = "1m""#,
                ],
                ..THREE_ZONES
            },
        ),
        (
            "incidents",
            trouble(
                r#"incidents.outage = { scope = "region", rate = "20 per day", adds = { errors = "0.5% to 3%" }, lasts = "2m to 10m" }"#,
                &[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3""#],
            ),
        ),
        (
            "incidents before a window",
            World {
                trouble: r#"incidents.outage = { scope = "zone", rate = "20 per day", adds = { errors = "0.5% to 3%" }, lasts = "2m to 10m" }"#,
                alarms: &[
                    r#"scope = "region", when = "errors > 0.8%", window = "6m", every = "2m""#,
                ],
                strategy: r#"
                    waits_for_calm = true
                    waves = [{ regions = 1, bake = "4m" }, { regions = "rest" }]"#,
                ..THREE_ZONES
            },
        ),
        (
            "warm-up",
            trouble(
                r#"warmup = { adds = { errors = "0.5% to 3%" }, lasts = "1m to 5m" }"#,
                &[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 4""#],
            ),
        ),
        (
            "warm-up beside a control",
            trouble(
                r#"warmup = { adds = { errors = "0.5% to 3%" }, lasts = "1m to 5m" }"#,
                &[r#"scope = "one-box", when = "errors > control + 2%", datapoints = "2 of 3""#],
            ),
        ),
    ]
}

/// What wakes a fault.
fn triggers() -> Group {
    let alarm: &[&str] = &[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3""#];
    let woken = |fault| World {
        alarms: alarm,
        fault,
        ..THREE_ZONES
    };
    vec![
        (
            "wakes cohort by cohort",
            World {
                steps: r#"[{ to = "100%", takes = "6m", in = 3, bake = "4m" }]"#,
                fault: r#"fault.bug = { trigger = { delay = "2m to 8m", scope = "cohort" }, adds = { errors = "2%" } }"#,
                ..alarms(&[r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3""#])
            },
        ),
        (
            "wakes zone by zone",
            woken(
                r#"fault.bug = { trigger = { delay = "1m to 8m", scope = "zone", varies = 2 }, adds = { errors = "1%" } }"#,
            ),
        ),
        (
            "wakes by requests",
            woken(
                r#"fault.bug = { trigger = { requests = "2000 to 8000" }, adds = { errors = "1%" } }"#,
            ),
        ),
        (
            "wakes by share",
            woken(
                r#"fault.bug = { trigger = { share = "60%", scope = "region", after = "uniform(0s, 3m)", varies = "all" }, adds = { errors = "1%" } }"#,
            ),
        ),
        (
            "wakes by traffic",
            World {
                fleet: r#"
                    profile.steps = { hours = [1, 1, 1, 1, 1, 1, 1, 1, 1, 0.8, 1.3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] }
                    region.here = { zones = 2, rps = 20, boxes_per_zone = 10, profile = "steps" }
                    region.there = { rps = 5, profile = "steps" }"#,
                ..woken(
                    r#"fault.bug = { trigger = { traffic = 1.2, scope = "zone", after = "1m" }, adds = { errors = "1%" } }"#,
                )
            },
        ),
        (
            "wakes by the clock",
            woken(
                r#"fault.bug = { trigger = { clock = "10:10", scope = "zone" }, adds = { errors = "1%" } }"#,
            ),
        ),
        (
            "expires",
            woken(
                r#"fault.bug = { trigger = { clock = "2026-03-04T10:05:20Z" }, adds = { errors = "1%" } }"#,
            ),
        ),
        (
            "active while mixed",
            woken(
                r#"fault.bug = { trigger = { mixed = true, scope = "zone" }, adds = { errors = "2%" }, ramp = "90s" }"#,
            ),
        ),
    ]
}

/// Alarms that nothing sets off while all is as usual.
const FAR_OFF: &[&str] = &[r#"scope = "zone", when = "errors > 6%", datapoints = "1 of 2""#];

/// Alarms of which it has to be seen that next to nothing sets them off, or that something would.
fn calm() -> Group {
    let far_off = |trouble| World {
        trouble,
        alarms: FAR_OFF,
        ..BASE
    };
    vec![
        (
            "hardly ever",
            World {
                steps: r#"[{ to = "100%", takes = "1m", bake = "60m" }]"#,
                ..alarms(&[r#"scope = "zone", when = "errors > 1.95%""#])
            },
        ),
        (
            "warm-up out of calm",
            far_off(r#"warmup = { adds = { errors = "2% to 10%" }, lasts = "1m to 5m" }"#),
        ),
        (
            "incidents out of calm",
            far_off(
                r#"incidents.outage = { scope = "region", rate = "20 per day", adds = { errors = "2% to 10%" }, lasts = "2m to 10m" }"#,
            ),
        ),
    ]
}

/// A fault under such alarms.
fn woken_from_calm() -> Group {
    let fault = r#"fault.bug = { trigger = { delay = "exp(mean=4m)", scope = "zone" }, adds = { errors = "2% to 10%" } }"#;
    let world = World {
        fault,
        alarms: FAR_OFF,
        ..BASE
    };
    vec![("a fault out of calm", world)]
}
