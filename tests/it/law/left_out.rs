//! Worlds in which alarms are left out of account for a while: they look at other steps, too much would have to go wrong, or
//! too few requests come for them to judge.

use super::cells::{Group, alarms};
use super::world::{THREE_ZONES, World};

pub fn left_out() -> Group {
    vec![
        (
            "alarms of some steps",
            World {
                steps: r#"[
                    { to = "10%", takes = "30s to 2m", bake = "5m" }, { to = "50%", takes = "30s to 2m", bake = "5m" },
                    { to = "100%", takes = "1m", bake = "4m" }]"#,
                ..alarms(&[
                    r#"scope = "zone", when = "errors > 1%", steps = { from = 2, to = 2 }"#,
                    r#"scope = "canary", when = "errors > control + 0.9%", window = "3m", every = "1m", steps = { from = 2 }, datapoints = "2 in a row""#,
                    r#"scope = "zone", when = "errors > 1.1%", steps = { from = 1, to = 1 }, datapoints = "2 of 3", lag = "90s""#,
                ])
            },
        ),
        (
            // The control's bad ratio comes on top of what is allowed; without it no window could be left out.
            "long windows against a control",
            World {
                fleet: "region.here = { rps = 400, boxes_per_zone = 10 }",
                slis: r#"sli.errors = { base = "0.5%", dispersion = 2e-4 }"#,
                trouble: r#"warmup = { lasts = "1m to 4m", adds = { errors = "0.5% to 2%" } }"#,
                fault: r#"fault.bug = { trigger = { delay = "exp(mean=20m)", scope = "zone" }, adds = { errors = "0.8%" } }"#,
                steps: r#"[{ to = "10%", takes = "1m", bake = "30m" }, { to = "30%", takes = "1m", bake = "25m" }]"#,
                ..alarms(&[
                    r#"scope = "canary", when = "errors > control + 0.5%", window = "15m", period = "5m", datapoints = "2 in a row""#,
                    r#"scope = "canary", when = "errors > 8%""#,
                ])
            },
        ),
        (
            // With more requests they would be left out.
            "long windows that bad luck makes breach",
            World {
                fleet: "region.here = { rps = 40, boxes_per_zone = 10 }",
                slis: r#"sli.errors = { base = "0.5%", dispersion = 5e-4 }"#,
                fault: r#"fault.bug = { trigger = { delay = "exp(mean=30m)", scope = "zone" }, adds = { errors = "0.3%" } }"#,
                steps: r#"[{ to = "10%", takes = "1m", bake = "30m" }, { to = "100%", takes = "1m", bake = "20m" }]"#,
                ..alarms(&[
                    r#"scope = "canary", when = "errors > control + 0.5%", window = "10m", every = "1m", min_requests = 2_200"#,
                    r#"scope = "zone", when = "errors > 0.7%", window = "10m", period = "5m", min_requests = 6_000"#,
                ])
            },
        ),
        (
            // From hour to hour there are enough requests, and too few.
            "long windows with requests by turns",
            World {
                start: r#"{ from = "2026-03-02", to = "2026-03-06", hours = "09:00-13:00", tz = "UTC" }"#,
                fleet: r#"
                    region.here = { rps = 40, boxes_per_zone = 10, profile = "tides" }
                    profile.tides = { hours = [1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2, 1, 0.2] }"#,
                slis: r#"sli.errors = { base = "0.5%", dispersion = 5e-4 }"#,
                trouble: r#"
                    incidents.surge = { scope = "zone", rate = "8 per day", adds = { errors = "0.3% to 2%" }, lasts = "3m to 20m" }
                    warmup = { lasts = "1m to 4m", adds = { errors = "0.5% to 1.5%" } }"#,
                fault: r#"fault.bug = { trigger = { delay = "exp(mean=40m)", scope = "zone" }, adds = { errors = "0.6%" } }"#,
                steps: r#"[{ to = "50%", takes = "1m", bake = "30m" }, { to = "100%", takes = "1m", bake = "40m" }]"#,
                ..alarms(&[
                    r#"scope = "zone", when = "errors > 0.95%", window = "10m", period = "5m", datapoints = "2 in a row", min_requests = 15_000"#,
                    r#"scope = "canary", when = "errors > 1.1%", window = "12m", every = "2m", min_requests = 4_000"#,
                    r#"scope = "zone", when = "errors > 60%""#,
                ])
            },
        ),
        (
            // A little goes wrong all the time, which matters to nobody, and now and then more.
            "boxes that warm up before larger populations",
            World {
                fleet: r#"
                    region.here = { zones = 2, rps = 400, boxes_per_zone = 10 }
                    region.there = { rps = 100, boxes_per_zone = 10 }"#,
                slis: r#"sli.errors = { base = "0.5%", dispersion = 2e-6 }"#,
                trouble: r#"
                    incidents.surge = { scope = "region", rate = "10 per day", adds = { errors = "0.2% to 6%" }, lasts = "2m to 12m" }
                    warmup = { lasts = "1m to 5m", adds = { errors = "0.1% to 3%" } }"#,
                fault: r#"fault.bug = { trigger = { delay = "exp(mean=10m)" }, adds = { errors = "3.5%" } }"#,
                steps: r#"[
                    { to = "20%", takes = "30s to 90s", bake = "3m" }, { to = "60%", takes = "30s to 90s", bake = "3m" },
                    { to = "100%", takes = "30s to 90s", bake = "4m" }]"#,
                alarms: &[
                    r#"scope = "zone", when = "errors > 3%""#,
                    r#"scope = "region", when = "errors > 2.5%", datapoints = "2 of 3""#,
                    r#"scope = "region", when = "errors > 2%", window = "10m", period = "5m""#,
                    r#"scope = "fleet", when = "errors > 2.6%", datapoints = "2 in a row""#,
                ],
                ..THREE_ZONES
            },
        ),
    ]
}
