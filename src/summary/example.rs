//! A small plan and made-up outcomes for tests.

use crate::calendar::Intervals;
use crate::outcome::{Ending, Outcome};
use crate::plan::*;
use crate::random::{Dist, NameKey};
use crate::stats::Estimate;

/// A plan of two regions with two zones each and one SLI: this chance of being bad, faults `f0`, `f1`, ... of these
/// weights, and strategies of these names, which take one region and then the other.
pub(crate) fn plan(bad: f64, weights: &[f64], strategies: &[&str]) -> Plan {
    let fault = |(i, &weight): (usize, &f64)| {
        let name = format!("f{i}");
        Fault {
            key: NameKey::of(&name),
            name,
            weight,
            trigger: Trigger {
                kind: TriggerKind::Delay(certain(60.0)),
                scope: Scope::Fleet,
                varies: Varies::Alike,
            },
            adds: vec![(0, certain(0.1))],
            ramp: certain(0.0),
            spill: None,
            lingers: None,
            unseen: 0.0,
            susceptible: Susceptible::All,
            origin: Origin::NOWHERE,
        }
    };
    Plan {
        name: "example".to_owned(),
        fleet: fleet(),
        slis: vec![Sli {
            name: "errors".to_owned(),
            key: NameKey::of("errors"),
            base: 0.0,
            dispersion: 0.0,
            objective: None,
            origin: Origin::NOWHERE,
        }],
        incidents: Vec::new(),
        warm_up: None,
        change: Change {
            bad,
            per_week: 3.5,
            faults: weights.iter().enumerate().map(fault).collect(),
            origin: Origin::NOWHERE,
        },
        oncall: Oncall {
            hours: Intervals::always(),
            responds: None,
            reports_per_bad_request: 0.0,
            acts_on_report: 1,
            origin: Origin::NOWHERE,
        },
        retry: None,
        start: Start::At(0.0),
        watch_s: 0.0,
        horizon_s: 1e6,
        unused_alarms: Vec::new(),
        strategies: strategies.iter().map(|name| strategy(name)).collect(),
    }
}

fn certain(seconds: f64) -> Dist {
    Dist::certain(seconds).expect("a finite duration")
}

fn fleet() -> Fleet {
    let region = |r: usize| {
        let name = ["east", "west"][r];
        Region {
            name: name.to_owned(),
            key: NameKey::of(name),
            zones: 2 * r..2 * r + 2,
            boxes_per_zone: 4,
            rps: 10.0,
            curve: 0,
            origin: Origin::NOWHERE,
        }
    };
    let zone = |z: usize| {
        let name = format!("{}/{}", ["east", "west"][z / 2], z % 2 + 1);
        Zone {
            region: z / 2,
            number: z as u32 % 2 + 1,
            key: NameKey::of(&name),
            name,
            rps: 5.0,
        }
    };
    Fleet {
        regions: vec![region(0), region(1)],
        zones: (0..4).map(zone).collect(),
        curves: vec![crate::calendar::TrafficCurve::flat()],
        rps: 20.0,
    }
}

fn strategy(name: &str) -> Strategy {
    let wave = || Wave {
        spec: TargetSpec::Next(1),
        parallel: 1,
        approval: None,
        people: None,
        bake: None,
        steps: Vec::new().into(),
        batches: Batches {
            sizes: vec![1],
            rest: false,
        },
        zone_bake: None,
        windows: None,
        origin: Origin::NOWHERE,
    };
    let target = |region: usize| {
        vec![Target {
            region,
            zones: vec![2 * region, 2 * region + 1],
        }]
    };
    Strategy {
        name: name.to_owned(),
        order: Order::Fixed(vec![0, 1]),
        preproduction: Vec::new(),
        pre_traffic: Vec::new(),
        post_traffic: Vec::new(),
        waves: vec![wave(), wave()],
        fixed_targets: Some(vec![target(0), target(1)]),
        approval: None,
        waits_for_calm: false,
        alarms: Vec::new(),
        rollback: Rollback {
            scope: RollbackScope::Fleet,
            takes: certain(0.0),
            parts: 1,
            then_fleet: ThenFleet::Never,
            origin: Origin::NOWHERE,
        },
        origin: Origin::NOWHERE,
    }
}

/// A fault-free change that shipped without delay; to be varied.
pub(crate) fn shipped(number: u64) -> Outcome {
    Outcome::unhit(Stratum::FaultFree, number, 1)
}

/// A change with fault `f` that was never detected.
pub(crate) fn undetected(f: usize, number: u64) -> Outcome {
    Outcome {
        stratum: Stratum::Fault(f),
        ending: Ending::Undetected,
        blast_radius: 1.0,
        exposure_peak: 1.0,
        requests_hit: 10.0,
        bad_requests: 1.0,
        bad_requests_by_sli: smallvec::smallvec![1.0],
        zones_hit: 4,
        regions_hit: 2,
        regions_hit_at_once: 2,
        zones_hit_at_once_in_a_region: 2,
        ..shipped(number)
    }
}

/// A figure with an interval of so much on either side.
pub(crate) fn estimate(value: f64, half: f64) -> Estimate {
    Estimate {
        value,
        low: value - half,
        high: value + half,
        level: 0.95,
        n: 100,
    }
}
