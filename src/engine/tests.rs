//! The two ways of counting agree.

use super::*;
use crate::outcome::Ending;
use crate::plan::*;
use crate::random::{Dist, NameKey};
use crate::summary::example;

fn dist(x: f64) -> Dist {
    Dist::certain(x).expect("a number")
}

fn alarm(name: &str, population: Population, condition: Condition) -> Alarm {
    Alarm {
        name: name.to_owned(),
        key: NameKey::of(name),
        population,
        condition,
        window_s: 60,
        and: None,
        period_s: 60,
        every_s: 60,
        lag_s: 0.0,
        rule: Rule::MOfN { m: 2, n: 3 },
        min_requests: 0.0,
        missing: Missing::NotBreaching,
        does: Action::RollBack,
        watches: Watches::Rollout,
        probes: None,
        steps: None,
        resets_on_step: false,
        grid: Grid::WallClock,
    }
}

fn bake(seconds: f64) -> Option<Bake> {
    Some(Bake {
        kind: BakeKind::Timed(TimedBake {
            lasts: dist(seconds),
            min_requests: 0.0,
            at_most_s: None,
            then: Then::Go,
        }),
    })
}

fn plan(adds: f64, alarms: Vec<Alarm>) -> Plan {
    let mut plan = example::plan(0.5, &[1.0], &["s"]);
    plan.slis[0].base = 0.002;
    plan.change.faults[0].adds = vec![(0, dist(adds))];
    plan.change.faults[0].trigger.kind = TriggerKind::Delay(Dist::exp(2000.0).unwrap());
    plan.fleet.rps = 20.0;
    let step = |to, seconds| Step {
        to,
        takes: dist(90.0),
        parts: Parts::Equal(2),
        bake: bake(seconds),
    };
    let strategy = &mut plan.strategies[0];
    for wave in &mut strategy.waves {
        wave.steps = vec![
            step(StepShare::OneBox, 1800.0),
            step(StepShare::Exact(1.0), 900.0),
        ]
        .into();
        wave.bake = bake(3600.0);
    }
    strategy.alarms = alarms;
    plan
}

/// How many rollouts ended each way, and the times to detect.
fn results(plan: &Plan, way: Way, n: u64) -> ([f64; 7], Vec<f64>) {
    let engine = Engine::with_way(plan, 0, way);
    let mut scratch = Scratch::default();
    let mut endings = [0.0; 7];
    let mut times = Vec::new();
    for stratum in plan.strata() {
        for number in 0..n {
            let outcome = engine.simulate(1, stratum, number, &mut scratch);
            let ending = Ending::ALL.iter().position(|e| *e == outcome.ending);
            endings[ending.expect("an ending")] += 1.0;
            times.extend(outcome.time_to_detect_s);
        }
    }
    times.sort_by(f64::total_cmp);
    (endings, times)
}

/// The largest distance between two empirical distribution functions, times the root of the harmonic number of values:
/// above 2.9 with a probability of 1e-7 if both samples come from one distribution (Smirnov 1948: 2 exp(-2 x^2)).
fn smirnov(a: &[f64], b: &[f64]) -> f64 {
    let below = |list: &[f64], x: f64| list.partition_point(|&v| v <= x) as f64 / list.len() as f64;
    let gaps = a
        .iter()
        .chain(b)
        .map(|&x| (below(a, x) - below(b, x)).abs());
    let (n, m) = (a.len() as f64, b.len() as f64);
    gaps.fold(0.0, f64::max) * libm::sqrt(n * m / (n + m))
}

/// It shows: while looks outlived a change of law, the mean time to detect was 553 s and not 464 s.
#[test]
fn skipping_changes_no_law() {
    let ratio = |over| Condition::Ratio {
        sli: 0,
        over,
        inclusive: false,
    };
    let count = Condition::Count {
        sli: 0,
        over: 3.0,
        inclusive: false,
    };
    let relative = Condition::ControlPlus {
        sli: 0,
        over: 0.02,
        inclusive: false,
    };
    let windowed = Alarm {
        window_s: 300,
        ..alarm("window", Population::Zone, ratio(0.006))
    };
    let few = Alarm {
        missing: Missing::Breaching,
        min_requests: 280.0,
        ..alarm("missing", Population::Zone, ratio(0.01))
    };
    let alarms = [
        alarm("zone", Population::Zone, ratio(0.01)),
        alarm("region", Population::Region, ratio(0.008)),
        alarm("fleet", Population::Fleet, ratio(0.005)),
        alarm("relative", Population::OneBox, relative),
        alarm("one-box", Population::OneBox, ratio(0.02)),
        alarm("canary", Population::Canary, ratio(0.02)),
        alarm("count", Population::Zone, count),
        windowed,
        few,
    ];
    let n = 1500;
    for alarm in alarms {
        for dispersion in [0.0, 1e-4] {
            let mut plan = plan(0.006, vec![alarm.clone()]);
            plan.slis[0].dispersion = dispersion;
            let (plain, plain_times) = results(&plan, Way::Plain, n);
            let (skipping, skipping_times) = results(&plan, Way::Skipping, n);
            let name = &alarm.name;
            for (a, b) in plain.into_iter().zip(skipping) {
                // Five standard deviations of a difference of two such numbers, and room for small ones.
                let room = 5.0 * libm::sqrt(a + b) + 5.0;
                assert!((a - b).abs() < room, "{name}: {plain:?} and {skipping:?}");
            }
            let distance = smirnov(&plain_times, &skipping_times);
            assert!(distance < 2.9, "{name} with {dispersion}: {distance}");
        }
    }
}
