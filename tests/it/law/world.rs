//! Small worlds in parts.

/// The parts of a scenario, in its language.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// When rollouts start.
    pub start: &'a str,
    /// How long the rollout is watched after the last bake.
    pub watch: &'a str,
    /// `region.NAME`, `profile.NAME`.
    pub fleet: &'a str,
    /// `sli.NAME`.
    pub slis: &'a str,
    /// `incidents.NAME`, `warmup`.
    pub trouble: &'a str,
    /// `fault.NAME`; without one all changes are good.
    pub fault: &'a str,
    /// What each alarm says; they are called `a`, `b` and so on.
    pub alarms: &'a [&'a str],
    /// `oncall`, `rollback`, `retry`.
    pub answer: &'a str,
    /// The steps of every zone.
    pub steps: &'a str,
    /// What else the strategy says.
    pub strategy: &'a str,
}

/// A zone of ten boxes with 600 requests a minute, of which three are bad; a fault that wakes in the middle of a bucket
/// in the middle of a bake and triples that; a step of three minutes and one of six, in two parts.
pub const BASE: World = World {
    start: r#"{ from = "2026-03-02", to = "2026-03-06", hours = "09:00-11:00", tz = "UTC" }"#,
    watch: "1m",
    fleet: "region.here = { rps = 10, boxes_per_zone = 10 }",
    slis: r#"sli.errors = { base = "0.5%", objective = "99.9%" }"#,
    trouble: "",
    fault: r#"fault.bug = { trigger = { delay = "exp(mean=4m)", scope = "zone" }, adds = { errors = "1%" } }"#,
    alarms: &[],
    answer: r#"
        rollback = { takes = "30s to 2m" }
        retry = { after = "1m", max = 1 }"#,
    steps: r#"[
        { to = "one-box", takes = "30s to 2m", bake = "3m" },
        { to = "100%", takes = "30s to 2m", in = 2, bake = "6m" }]"#,
    strategy: "",
};

/// Two zones in one region and a third in another: region, zone and fleet are different things.
pub const THREE_ZONES: World = World {
    fleet: r#"
        region.here = { zones = 2, rps = 20, boxes_per_zone = 10 }
        region.there = { rps = 5, boxes_per_zone = 10 }"#,
    steps: r#"[
        { to = "50%", takes = "30s to 90s", bake = "1m" },
        { to = "100%", takes = "30s to 90s", bake = "1m" }]"#,
    strategy: r#"waves = [{ regions = 1, bake = "2m" }, { regions = "rest" }]"#,
    ..BASE
};

impl World<'_> {
    /// The scenario.
    pub fn text(&self) -> String {
        let World {
            start,
            watch,
            fleet,
            slis,
            trouble,
            fault,
            alarms,
            answer,
            steps,
            strategy,
        } = self;
        let named = ('a'..).zip(*alarms);
        let alarms: String = named
            .map(|(name, says)| format!("alarm.{name} = {{ {says} }}\n"))
            .collect();
        let bad = if fault.is_empty() { "0%" } else { "50%" };
        format!(
            "format = 1
            scenario = {{ name = \"a cell\", start = {start}, watch = \"{watch}\" }}
            {fleet}
            {slis}
            {trouble}
            change = {{ bad = \"{bad}\" }}
            {fault}
            {alarms}
            {answer}
            [strategy.ours]
            steps = {steps}
            {strategy}
            "
        )
    }
}
