//! Chances computed (`landfall::operating`) agree with the shares that simulation finds.
//!
//! Shares of so many rollouts may be off by five and a half standard errors, and by what numerical sums leave out: with the
//! thirty of them a right program fails by chance less than once in 800,000 changes of the seed.

use landfall::engine::{Engine, Scratch};
use landfall::operating::{Aim, Chance, Gate, Knob, StageKind, by_itself, solve};
use landfall::outcome::Ending;
use landfall::plan::{Plan, Stratum};
use landfall::scenario;

const ROLLOUTS: u64 = 3_000;
const ROOM: f64 = 5.5;
/// What sums on grids and thinned sums may leave out.
const SLACK: f64 = 0.003;

/// A small world with one strategy; the fault wakes `delay` seconds after the first new version.
struct World {
    name: &'static str,
    region: &'static str,
    errors: &'static str,
    alarm: &'static str,
    /// Other alarms, which never fire.
    other: &'static str,
    steps: &'static str,
    /// The stage in which the fault wakes.
    wakes: usize,
    adds: &'static str,
}

const BASE: World = World {
    name: "",
    region: "rps = 10, boxes_per_zone = 10",
    errors: r#"base = "0.5%""#,
    alarm: "",
    other: "",
    steps: r#"[{ to = "20%", takes = "0s", bake = "7m" }]"#,
    wakes: 0,
    adds: "1%",
};

const TWO_STEPS: &str = r#"[
    { to = "20%", takes = "90s", bake = "4m30s" },
    { to = "60%", takes = "2m", in = 2, bake = "5m10s" }]"#;

const fn with(name: &'static str, alarm: &'static str) -> World {
    World {
        name,
        alarm,
        ..BASE
    }
}

/// Every rule, condition, population and way of missing.
fn worlds() -> Vec<World> {
    let second = |name, alarm| World {
        steps: TWO_STEPS,
        wakes: 1,
        ..with(name, alarm)
    };
    vec![
        with("one of one", r#"scope = "zone", when = "errors > 1.3%""#),
        second(
            "two of three",
            r#"scope = "zone", when = "errors > 0.9%", datapoints = "2 of 3""#,
        ),
        second(
            "in a row",
            r#"scope = "canary", when = "errors > 0.8%", datapoints = "2 in a row", lag = "40s""#,
        ),
        second(
            "in all",
            r#"scope = "canary", when = "errors > 1%", datapoints = "4 in all""#,
        ),
        with(
            "a count",
            r#"scope = "zone", when = "errors > 6 per period", datapoints = "2 of 4""#,
        ),
        with(
            "one box",
            r#"scope = "one-box", when = "errors > 2%", datapoints = "2 of 4", min_requests = 120"#,
        ),
        with(
            "breaching",
            r#"scope = "zone", when = "errors > 1.1%", datapoints = "2 of 4", min_requests = 565, missing = "breaching""#,
        ),
        with(
            "skipped",
            r#"scope = "zone", when = "errors > 0.9%", datapoints = "2 of 3", min_requests = 590, missing = "skip""#,
        ),
        with(
            "cloudwatch",
            r#"scope = "one-box", when = "errors > 2%", datapoints = "3 of 3", min_requests = 118, missing = "cloudwatch""#,
        ),
        with(
            "cloudwatch, breaching",
            r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3", min_requests = 590, missing = "cloudwatch:breaching""#,
        ),
        World {
            region: "rps = 20, zones = 2",
            steps: TWO_STEPS,
            wakes: 1,
            adds: "0.3%",
            ..with(
                "a region",
                r#"scope = "region", when = "errors > 0.7%", watches = "wave""#,
            )
        },
        with(
            "control plus",
            r#"scope = "canary", when = "errors > control + 1.5%", datapoints = "2 of 3""#,
        ),
        with(
            "control times",
            r#"scope = "canary", when = "errors >= control * 3", datapoints = "2 of 3""#,
        ),
        World {
            region: "rps = 100",
            adds: "0.4%",
            ..with(
                "certain requests",
                r#"scope = "canary", when = "errors > control * 2""#,
            )
        },
        World {
            region: "rps = 2",
            adds: "5%",
            ..with(
                "few of each",
                r#"scope = "canary", when = "errors > control + 4%", datapoints = "2 of 4""#,
            )
        },
        second(
            "a test",
            r#"scope = "canary", when = "errors > control at 2%", datapoints = "2 of 3""#,
        ),
        World {
            adds: "0.1%",
            ..with(
                "few requests",
                r#"scope = "zone", when = "requests < 570", datapoints = "2 of 3""#,
            )
        },
        World {
            adds: "0.1%",
            ..with(
                "fewer than the control",
                r#"scope = "canary", when = "requests < 85% of control", datapoints = "2 of 3""#,
            )
        },
        World {
            errors: r#"base = "0.5%", dispersion = 0.003"#,
            ..with(
                "dispersed",
                r#"scope = "canary", when = "errors > 1.4%", datapoints = "2 of 3""#,
            )
        },
        World {
            errors: r#"base = "0.5%", dispersion = 0.003"#,
            ..with(
                "dispersed with its control",
                r#"scope = "canary", when = "errors > control + 1.5%""#,
            )
        },
        World {
            errors: r#"base = "0.5%", dispersion = 0.005"#,
            other: r#"alarm.fine = { scope = "zone", when = "errors > 99%", period = "1m" }"#,
            steps: r#"[{ to = "50%", takes = "0s", bake = "16m" }]"#,
            ..with(
                "windows of buckets",
                r#"scope = "zone", when = "errors > 1%", period = "5m""#,
            )
        },
        World {
            errors: r#"base = "0.5%", dispersion = 0.003"#,
            other: r#"alarm.fine = { scope = "canary", when = "errors > 99%", period = "1m" }"#,
            steps: r#"[{ to = "40%", takes = "0s", bake = "11m" }]"#,
            adds: "0.5%",
            ..with(
                "windows beside the control",
                r#"scope = "canary", when = "errors > control + 0.5%", period = "5m""#,
            )
        },
        second(
            "a history for every step",
            r#"scope = "canary", when = "errors > 1%", datapoints = "3 of 4", resets = "step""#,
        ),
        second(
            "limited to a step",
            r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3", steps = { from = 2 }"#,
        ),
        World {
            adds: "5%",
            ..with(
                "probes",
                r#"scope = "zone", when = "errors > 3%", probes = 60, datapoints = "2 of 3""#,
            )
        },
        with(
            "its own grid",
            r#"scope = "zone", when = "errors > 1%", datapoints = "2 of 3", grid = "deployment""#,
        ),
        with(
            "both",
            r#"scope = "zone", when = "errors > 0.8%", and = { when = "errors > 5 per window" }"#,
        ),
        with(
            "both, each over its window",
            r#"scope = "zone", when = "errors > 0.9%", period = "2m", and = { when = "errors > 1.2%", window = "1m" }"#,
        ),
        with(
            "both, in a row",
            r#"scope = "zone", when = "errors > 0.9%", window = "2m", every = "1m", period = "1m", and = { when = "errors > 1%", window = "1m" }, datapoints = "2 in a row""#,
        ),
        World {
            errors: r#"base = "0.5%", dispersion = 0.003"#,
            ..with(
                "both, beside the control",
                r#"scope = "canary", when = "errors > control + 1%", window = "2m", every = "1m", period = "1m", and = { when = "errors > 1%", window = "1m" }"#,
            )
        },
        World {
            steps: r#"[{ to = "20%", takes = "0s", bake = "12m" }]"#,
            ..with(
                "sliding",
                r#"scope = "zone", when = "errors > 0.85%", window = "4m", period = "4m", every = "1m""#,
            )
        },
        World {
            steps: r#"[{ to = "20%", takes = "0s", bake = "12m" }]"#,
            ..with(
                "sliding, twice",
                r#"scope = "zone", when = "errors > 0.7%", period = "3m", every = "1m", datapoints = "2 of 2""#,
            )
        },
    ]
}

impl World {
    fn plan(&self, delay_s: f64) -> Plan {
        let World {
            region,
            errors,
            alarm,
            other,
            steps,
            adds,
            ..
        } = self;
        let watches = if alarm.contains("watches") {
            ""
        } else {
            r#", watches = "step""#
        };
        let text = format!(
            r#"format = 1
            scenario = {{ name = "small", start = {{ from = "2026-03-02", to = "2026-03-06", hours = "09:00-11:00", tz = "UTC" }}, watch = "1m" }}
            region.here = {{ {region} }}
            sli.errors = {{ {errors} }}
            change = {{ bad = "50%" }}
            fault.bug = {{ trigger = {{ delay = "{delay_s}s", scope = "fleet" }}, adds = {{ errors = "{adds}" }} }}
            alarm.a = {{ {alarm}{watches} }}
            {other}
            rollback = {{ takes = "0s" }}
            [strategy.ours]
            steps = {steps}
            zones = {{ batches = ["rest"] }}
            "#
        );
        scenario::parse(&text)
            .unwrap_or_else(|e| panic!("{}: {}", self.name, e.render(false)))
            .plan
    }
}

/// The share of rollouts in which something fired.
fn share(plan: &Plan, stratum: Stratum) -> f64 {
    let engine = Engine::new(plan, 0);
    let mut scratch = Scratch::default();
    let stopped = (0..ROLLOUTS).filter(|&number| {
        let ending = engine.simulate(7, stratum, number, &mut scratch).ending;
        matches!(ending, Ending::GivenUp | Ending::RolledBack)
    });
    stopped.count() as f64 / ROLLOUTS as f64
}

/// The chance that an alarm fires in any stage, if what is known of each says so.
fn computed(gate: &Gate<'_>, stages: usize, wakes: usize, defect: f64) -> (f64, f64) {
    let mut quiet = (1.0, 1.0);
    for stage in 0..stages {
        let size = if stage == wakes { defect } else { 0.0 };
        let (low, high) = gate.chance(0, stage, size).bounds().expect("computed");
        quiet = (quiet.0 * (1.0 - low), quiet.1 * (1.0 - high));
    }
    (1.0 - quiet.0, 1.0 - quiet.1)
}

#[test]
fn computed_chances_are_those_of_simulation() {
    let mut wrong = Vec::new();
    for world in worlds() {
        let plan = world.plan(0.0);
        let gate = Gate::new(&plan, 0, 0).expect("a region");
        let defect: f64 = world.adds.trim_end_matches('%').parse::<f64>().unwrap() / 100.0;
        // Whole seconds, so that the file says exactly when.
        let live = gate.stages()[world.wakes].live_s;
        let plan = world.plan(live);
        let gate = Gate::new(&plan, 0, 0).expect("a region");
        let steps = gate
            .stages()
            .iter()
            .filter(|s| matches!(s.kind, StageKind::Step(_)))
            .count();
        for (stratum, size) in [(Stratum::FaultFree, 0.0), (Stratum::Fault(0), defect)] {
            let (low, high) = computed(&gate, steps, world.wakes, size);
            let share = share(&plan, stratum);
            let room = |p: f64| ROOM * (p * (1.0 - p) / ROLLOUTS as f64).sqrt() + SLACK;
            if share < low - room(low) || share > high + room(high) {
                wrong.push(format!(
                    "{} {stratum:?}: {low:.4} to {high:.4}, simulated {share:.4}",
                    world.name
                ));
            }
            // Not a test of nothing.
            if size > 0.0 && !(0.02..0.9999).contains(&share) && low == high && world.adds != "0.1%"
            {
                wrong.push(format!(
                    "{} {stratum:?}: {share} decides nothing",
                    world.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_larger_defect_a_longer_bake_and_a_lower_threshold_stop_more() {
    let plan = with(
        "",
        r#"scope = "canary", when = "errors > 1.5%", datapoints = "2 of 3""#,
    )
    .plan(0.0);
    let gate = Gate::new(&plan, 0, 0).expect("a region");
    let chances = gate.curve(0, 0, &[0.0, 0.002, 0.01, 0.05]);
    let known: Vec<f64> = chances.iter().map(|c| c.bounds().unwrap().0).collect();
    assert!(known.windows(2).all(|w| w[0] < w[1]), "{known:?}");
    let at = |knob, value: f64| {
        let set = gate.set(knob, 0, 0, value).expect("there is one");
        set.chance(0, 0, 0.01).bounds().unwrap().0
    };
    assert!(at(Knob::Bake, 300.0) < at(Knob::Bake, 900.0));
    assert!(at(Knob::Threshold, 0.02) < at(Knob::Threshold, 0.01));
    assert!(at(Knob::Canary, 0.3) != at(Knob::Canary, 0.1));
}

#[test]
fn a_solution_holds_and_a_little_less_does_not() {
    let plan = with(
        "",
        r#"scope = "canary", when = "errors > 1.2%", datapoints = "2 in a row""#,
    )
    .plan(0.0);
    let gate = Gate::new(&plan, 0, 0).expect("a region");
    let aim = Aim {
        defect: 0.02,
        miss: 0.05,
        chance_stop: 0.1,
    };
    let solved = solve(&gate, Knob::Bake, 0, 0, aim).expect("a bake");
    let errors = |bake: f64| {
        let set = gate.set(Knob::Bake, 0, 0, bake).expect("a bake");
        1.0 - set.chance(0, 0, aim.defect).bounds().unwrap().0
    };
    assert!(errors(solved.value) <= aim.miss && solved.miss <= aim.miss);
    assert!(errors(solved.value - 60.0) > aim.miss, "{solved:?}");
    let threshold = solve(&gate, Knob::Threshold, 0, 0, aim).expect("a threshold");
    assert!(
        threshold.chance_stop <= aim.chance_stop && threshold.miss <= aim.miss,
        "{threshold:?}"
    );
    // A defect that drowns in the background.
    let small = Aim {
        defect: 0.0001,
        ..aim
    };
    assert!(solve(&gate, Knob::Bake, 0, 0, small).is_err());
}

/// Two zones with an alarm each, that watch one step: as often as the instances do.
#[test]
fn stops_by_chance_of_a_rollout_are_those_of_its_instances() {
    let world = World {
        region: "rps = 20, zones = 2",
        ..with("", r#"scope = "canary", when = "errors > 1.5%""#)
    };
    let plan = world.plan(0.0);
    let of = by_itself(&plan, 0, 0);
    assert_eq!(of.instances, 2);
    let Chance::Is(any) = of.any else {
        panic!("{of:?}")
    };
    let found = share(&plan, Stratum::FaultFree);
    let room = ROOM * (any * (1.0 - any) / ROLLOUTS as f64).sqrt() + SLACK;
    assert!((any - found).abs() < room, "{any} {found}");
}

#[test]
fn what_cannot_be_computed_says_so() {
    let long = r#"scope = "zone", when = "errors > 1%", datapoints = "20 of 60""#;
    let plan = with("", long).plan(0.0);
    let gate = Gate::new(&plan, 0, 0).expect("a region");
    assert!(matches!(gate.chance(0, 0, 0.0), Chance::NotComputed(_)));
    let whole = World {
        steps: r#"[{ to = "100%", takes = "0s", bake = "7m" }]"#,
        ..with("", r#"scope = "canary", when = "errors > 1%""#)
    };
    let plan = whole.plan(0.0);
    let gate = Gate::new(&plan, 0, 0).expect("a region");
    assert!(matches!(gate.chance(0, 0, 0.5), Chance::None(_)));
}

/// The worked example of docs/gate.md: its scenario, its commands, and what they print.
#[test]
fn the_worked_example_prints_what_the_page_says() {
    let page = include_str!("../../docs/gate.md");
    let blocks = |kind: &str| -> Vec<String> {
        let opening = format!("```{kind}\n");
        let parts = page.split(&opening).skip(1);
        parts
            .map(|p| p.split("```").next().unwrap_or("").to_owned())
            .collect()
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("checkout.toml");
    std::fs::write(&file, &blocks("toml")[0]).expect("a file");
    let examples = blocks("console");
    assert!(examples.len() >= 3);
    for example in examples {
        let (command, printed) = example.split_once('\n').expect("a command");
        let words = command.strip_prefix("$ landfall ").expect("a command");
        let path = file.to_str().expect("text");
        let words: Vec<&str> = words
            .split(' ')
            .map(|w| if w == "checkout.toml" { path } else { w })
            .collect();
        let (code, out, err) = crate::cli::ended(&words);
        assert_eq!(code, Some(0), "{err}");
        assert!(out.starts_with(printed), "{command}: {out}");
    }
}
