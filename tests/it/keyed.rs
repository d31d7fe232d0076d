//! Draws belong to names: whatever is added leaves those alone that were there.

use std::io;
use std::ops::ControlFlow;

use landfall::outcome::Outcome;
use landfall::plan::Plan;
use landfall::replicate::{Observer, Sampling, Settings, run};
use landfall::report::rollouts::RolloutWriter;
use landfall::summary::Summary;

use crate::worlds::{EVERYTHING, plan, rollouts};

const RUNS: u64 = 60;

fn outcomes(plan: &Plan, strategy: &str) -> Vec<Outcome> {
    let all = rollouts(plan, strategy, RUNS);
    all.into_iter().map(|(_, outcome)| outcome).collect()
}

#[test]
fn a_strategy_more_changes_no_other() {
    let alone = EVERYTHING
        .split("[strategy.other]")
        .next()
        .expect("the first");
    let before = outcomes(&plan(alone), "first");
    assert_eq!(before, outcomes(&plan(EVERYTHING), "first"));
}

const TWO_REGIONS: &str = r#"
format = 1
[scenario]
start = { from = "2026-03-02", to = "2026-03-13", hours = "08:00-17:00", tz = "UTC" }
[region.a]
zones = 2
boxes_per_zone = 10
rps = 100
[region.b]
zones = 2
boxes_per_zone = 10
rps = 100
[sli.errors]
base = "0.5%"
[change]
bad = "50%"
[fault.leak]
trigger = { delay = "10m to 5h", scope = "zone", varies = "all" }
adds = { errors = "1% to 5%" }
[alarm.zone]
scope = "zone"
when = "errors > 1%"
period = "1m"
datapoints = "3 of 5"
[rollback]
takes = "1m to 5m"
[strategy.s]
steps = [{ to = "10%", takes = "1m to 5m", bake = "20m" }, { to = "100%", takes = "1m to 5m" }]
waves = [{ regions = ["b"], bake = "1h" }]
"#;

#[test]
fn a_region_more_changes_nothing_elsewhere() {
    let more = TWO_REGIONS.replace(
        "[region.b]",
        "[region.aa]\nzones = 3\nboxes_per_zone = 10\nrps = 1\n[region.b]",
    );
    assert_ne!(more, TWO_REGIONS);
    assert!(places(&plan(TWO_REGIONS)) == places(&plan(&more)));
}

/// Columns that are shares of the whole fleet's traffic, which a region more changes.
const OF_THE_FLEET: [usize; 2] = [15, 16];

/// Outcomes with places by name, since indices move.
fn places(plan: &Plan) -> Vec<String> {
    let mut writer = RolloutWriter::new(plan, Vec::new()).expect("memory takes everything");
    for outcome in outcomes(plan, "s") {
        writer
            .write(0, &outcome, 1.0)
            .expect("memory takes everything");
    }
    let bytes = writer.finish().expect("memory takes everything");
    let text = String::from_utf8(bytes).expect("text");
    let header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
    assert_eq!(
        OF_THE_FLEET.map(|i| header[i]),
        ["blast_radius", "exposure_peak"]
    );
    let without = |line: &str| {
        let fields = line.split(',').enumerate();
        let kept = fields.filter(|(i, _)| !OF_THE_FLEET.contains(i));
        kept.map(|(_, field)| field).collect::<Vec<_>>().join(",")
    };
    text.lines().map(without).collect()
}

#[test]
fn an_alarm_more_changes_at_most_the_noise_of_what_it_reads() {
    let quiet = |scope: &str| {
        format!(
            "{TWO_REGIONS}\n[alarm.quiet]\nscope = \"{scope}\"\nwhen = \"errors > 99%\"\nperiod = \"1m\"\nmin_requests = 100\n"
        )
    };
    let before = outcomes(&plan(TWO_REGIONS), "s");
    for scope in ["one-box", "region", "fleet"] {
        let after = outcomes(&plan(&quiet(scope)), "s");
        // Events are summed up at other moments, so sums may differ by a rounding error.
        let differs = before.iter().zip(&after).find(|(a, b)| !alike(a, b));
        assert!(differs.is_none(), "{scope}: {differs:#?}");
    }
}

/// Whether two outcomes are the same but for rounding of the sums.
fn alike(a: &Outcome, b: &Outcome) -> bool {
    let near = |x: f64, y: f64| (x - y).abs() <= 1e-9 * x.abs();
    let sums = near(a.bad_requests, b.bad_requests) && near(a.requests_hit, b.requests_hit);
    let without_sums = |o: &Outcome| Outcome {
        bad_requests: 0.0,
        requests_hit: 0.0,
        bad_requests_by_sli: landfall::outcome::BySli::new(),
        ..o.clone()
    };
    sums && without_sums(a) == without_sums(b)
}

/// Writes all rows to memory.
struct Rows<'p>(RolloutWriter<'p, Vec<u8>>);

impl Observer for Rows<'_> {
    fn outcome(&mut self, strategy: usize, outcome: &Outcome, weight: f64) -> io::Result<()> {
        self.0.write(strategy, outcome, weight)
    }

    fn progress(&mut self, _: u64, _: u64, _: &Summary) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

#[test]
fn threads_change_no_byte() {
    let plan = plan(EVERYTHING);
    let bytes = |threads, sampling| {
        let mut rows = Rows(RolloutWriter::new(&plan, Vec::new()).expect("memory"));
        let settings = Settings {
            seed: 7,
            runs: 900,
            threads: Some(threads),
            sampling,
            level: 0.95,
            courses: 0,
        };
        let summary = run(&plan, &[0, 1], &settings, &mut rows).expect("nothing stops it");
        let figures = format!("{:?}", summary.rows());
        (rows.0.finish().expect("memory"), figures)
    };
    for sampling in [Sampling::Stratified, Sampling::Plain] {
        let alone = bytes(1, sampling);
        assert!(alone.0.len() > 100_000);
        for threads in [2, 4] {
            assert!(
                bytes(threads, sampling) == alone,
                "{threads} threads, {sampling:?}"
            );
        }
    }
}
