//! Recording a rollout's course changes nothing, and what is recorded agrees with what the rollout came to.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use landfall::course::Course;
use landfall::engine::{Engine, Scratch};
use landfall::outcome::{Ending, Outcome};
use landfall::plan::{Plan, Stratum};

use crate::worlds::{EVERYTHING, plan};

/// What a course leaves out, and what single precision does.
const TOLERANCE: f64 = 0.021;

fn each(plan: &Plan, mut check: impl FnMut(&str, Stratum, &Course, &Outcome)) {
    for strategy in 0..plan.strategies.len() {
        let engine = Engine::new(plan, strategy);
        let (mut with, mut without) = (Scratch::default(), Scratch::default());
        for stratum in plan.strata() {
            for number in 0..40 {
                let (outcome, course) = engine.simulate_course(3, stratum, number, &mut with);
                let of = format!("{}#{number}", plan.stratum_name(stratum));
                let plainly = engine.simulate(3, stratum, number, &mut without);
                assert_eq!(outcome, plainly, "{of}");
                check(&of, stratum, &course, &outcome);
            }
        }
    }
}

#[test]
fn a_rollout_that_is_given_up_leaves_no_trace() {
    let plan = plan(EVERYTHING);
    let engine = Engine::new(&plan, 0);
    let (mut used, mut fresh) = (Scratch::default(), Scratch::default());
    let stratum = plan.strata()[1];
    for number in 0..40 {
        let given_up = AtomicBool::new(false);
        let simulated = thread::scope(|scope| {
            scope.spawn(|| {
                // Before it begins, and in the middle of it.
                thread::sleep(Duration::from_micros(number * 10));
                given_up.store(true, Ordering::Relaxed);
            });
            if number == 0 {
                while !given_up.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
            }
            engine.simulate_unless(&given_up, 3, stratum, number, true, &mut used)
        });
        assert!(number > 0 || simulated.is_none());
        // Who gave it up too late has all of it.
        if let Some((outcome, course)) = simulated {
            let whole = engine.simulate_course(3, stratum, number, &mut fresh);
            assert_eq!((outcome, course), (whole.0, Some(whole.1)));
        }
        assert_eq!(
            engine.simulate(3, stratum, number, &mut used),
            engine.simulate(3, stratum, number, &mut fresh)
        );
    }
}

fn largest(course: &Course, of: fn(&landfall::course::Point) -> f32) -> f64 {
    f64::from(course.points.iter().map(of).fold(0.0, f32::max))
}

fn is_near(of: &str, a: f64, b: f64) {
    assert!((a - b).abs() <= TOLERANCE * a.max(b), "{of}: {a} and {b}");
}

#[test]
fn recording_changes_nothing_and_agrees_with_the_outcome() {
    let (mut hit, mut shipped) = (0, 0);
    each(&plan(EVERYTHING), |of, stratum, course, outcome| {
        let times = course.points.windows(2);
        assert!(times.clone().all(|p| p[0].at_s < p[1].at_s), "{of}");
        if stratum == Stratum::FaultFree {
            assert_eq!(largest(course, |p| p.hit), 0.0, "{of}");
        } else {
            // The last state may be one that has not lasted, which leaves no trace in peaks.
            is_near(of, largest(course, |p| p.hit), outcome.blast_radius);
            is_near(of, largest(course, |p| p.exposed), outcome.exposure_peak);
            hit += u32::from(outcome.blast_radius > 0.0);
        }
        if let (Ending::Shipped, Some(full_s)) = (outcome.ending, outcome.time_to_full_s) {
            shipped += 1;
            assert_eq!(course.at(full_s + 1.0).exposed, 1.0, "{of}");
            let (_, ends) = *course.waves.last().expect("a wave");
            let done_s = outcome
                .time_to_done_s
                .expect("a change that shipped is done");
            is_near(of, f64::from(ends), done_s);
        }
    });
    assert!(hit > 20 && shipped > 5, "{hit} and {shipped}");
}

/// A rollback is the last thing that happens, and still part of the course.
#[test]
fn what_went_back_is_out_no_more() {
    let plan = plan(include_str!("cases/model-ramp.toml"));
    let mut back = 0;
    each(&plan, |of, _, course, outcome| {
        if outcome.ending == Ending::RolledBack {
            back += 1;
            let last = course.points.last().expect("a change that was out");
            assert_eq!((last.exposed, last.hit), (0.0, 0.0), "{of}");
        }
    });
    assert!(back > 20, "{back}");
}
