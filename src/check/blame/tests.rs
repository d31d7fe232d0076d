//! Rollouts whose course is known.

use super::super::score::Score;
use super::*;
use crate::outcome::DetectedBy;
use crate::plan::{Bake, Parts, Step, StepShare, Then, TimedBake};
use crate::random::Dist;
use crate::summary::{Metric, example};

fn seconds(s: f64) -> Dist {
    Dist::certain(s).expect("a duration")
}

fn bake(s: f64) -> Bake {
    Bake {
        kind: BakeKind::Timed(TimedBake {
            lasts: seconds(s),
            min_requests: 0.0,
            at_most_s: None,
            then: Then::Go,
        }),
        origin: Origin::NOWHERE,
    }
}

/// East, then west, each a zone (of a quarter of the traffic) at a time; a tenth, then everything. The first wave bakes.
fn plan() -> Plan {
    let mut plan = example::plan(0.5, &[1.0], &["ours"]);
    let step = |share| Step {
        to: StepShare::Exact(share),
        takes: seconds(60.0),
        parts: Parts::Equal(1),
        bake: None,
        origin: Origin::NOWHERE,
    };
    let waves = &mut plan.strategies[0].waves;
    waves[0].bake = Some(bake(3_600.0));
    for wave in waves {
        wave.steps = vec![step(0.1), step(1.0)].into();
    }
    plan
}

fn stopped(place: Place) -> Outcome {
    Outcome {
        ending: Ending::RolledBack,
        detected_by: Some(DetectedBy::Alarm(0)),
        stopped_at: Some(place),
        ..example::undetected(0, 0)
    }
}

fn over(metric: Metric, over: f64) -> Score {
    Score::Beyond {
        metric,
        over,
        inclusive: false,
    }
}

fn step(wave: u32, step: u32) -> Part {
    Part::Step { wave, step }
}

#[test]
fn who_was_passed_last_let_it_through() {
    let plan = plan();
    let program = Program::of(&plan, 0);
    let at = |wave, zone, step| Place::Step { wave, zone, step };
    let bake = Part::WaveBake { wave: 1 };
    for (place, blame) in [
        (at(1, 0, 1), Blame::AtOnce(step(1, 1))),
        (at(1, 0, 2), Blame::LetThrough(step(1, 1))),
        // The region's other zone comes after the first.
        (at(1, 1, 1), Blame::LetThrough(step(1, 2))),
        (Place::WaveBake { wave: 1 }, Blame::LetThrough(step(1, 2))),
        (Place::Approval { wave: 2 }, Blame::LetThrough(bake)),
        (at(2, 2, 1), Blame::LetThrough(bake)),
        (at(2, 3, 1), Blame::LetThrough(step(2, 2))),
        (Place::Watch, Blame::LetThrough(step(2, 2))),
    ] {
        let found = program.blame(&stopped(place), None);
        assert_eq!(found, Some(blame), "{place:?}");
    }
    let never = example::undetected(0, 0);
    let last = Blame::LetThrough(step(2, 2));
    assert_eq!(program.blame(&never, None), Some(last));
    let early = stopped(Place::Preproduction(0));
    assert_eq!(program.blame(&early, None), None);
    assert_eq!(program.blame(&example::shipped(0), None), None);
}

#[test]
fn bakes_after_zones_are_passed_too() {
    let mut plan = plan();
    plan.strategies[0].waves[0].zone_bake = Some(bake(60.0));
    let program = Program::of(&plan, 0);
    let place = Place::Step {
        wave: 1,
        zone: 1,
        step: 1,
    };
    let zone_bake = Blame::LetThrough(Part::ZoneBake { wave: 1 });
    assert_eq!(program.blame(&stopped(place), None), Some(zone_bake));
    let place = Place::ZoneBake { wave: 1, region: 0 };
    let last_step = Blame::LetThrough(step(1, 2));
    assert_eq!(program.blame(&stopped(place), None), Some(last_step));
}

#[test]
fn what_is_past_help_was_so_before_it_was_stopped() {
    let plan = plan();
    let program = Program::of(&plan, 0);
    // A zone is a quarter of the traffic: 2.5% after the first step, 25% after the second, 27.5% after the third.
    let blame = |score| program.blame(&stopped(Place::Watch), program.crossing(score));
    for (score, part) in [
        (over(Metric::BlastRadius, 0.1), step(1, 1)),
        (over(Metric::BlastRadius, 0.26), step(1, 2)),
        (over(Metric::BlastRadius, 0.3), step(1, 1)),
        (over(Metric::BlastRadius, 0.51), Part::WaveBake { wave: 1 }),
        (over(Metric::ZonesHit, 1.0), step(1, 2)),
        (over(Metric::RegionsHit, 1.0), Part::WaveBake { wave: 1 }),
        (over(Metric::RequestsHit, 1.0), step(2, 2)),
        (over(Metric::BlastRadius, 1.0), step(2, 2)),
    ] {
        assert_eq!(blame(score), Some(Blame::LetThrough(part)), "{score:?}");
    }
    let at_once = over(Metric::BlastRadius, 0.01);
    assert_eq!(blame(at_once), Some(Blame::AtOnce(step(1, 1))));
    // What reached others before the new version did was not.
    let early = stopped(Place::Step {
        wave: 1,
        zone: 0,
        step: 2,
    });
    let late = program.crossing(over(Metric::RegionsHit, 1.0));
    assert_eq!(
        program.blame(&early, late),
        Some(Blame::LetThrough(step(1, 1)))
    );
}

#[test]
fn a_good_change_is_stopped_by_chance_where_it_was() {
    let plan = plan();
    let program = Program::of(&plan, 0);
    let given_up = Outcome {
        ending: Ending::GivenUp,
        stopped_at: Some(Place::WaveBake { wave: 1 }),
        ..example::shipped(0)
    };
    let bake = Part::WaveBake { wave: 1 };
    assert_eq!(program.blame(&given_up, None), Some(Blame::ByChance(bake)));
}

#[test]
fn bakes_that_come_often_are_long() {
    let mut plan = plan();
    let longest = |plan: &Plan| Program::of(plan, 0).longest_bake();
    assert_eq!(longest(&plan), Some(Part::WaveBake { wave: 1 }));
    // Twice in the wave, zone after zone: 4,000 seconds.
    plan.strategies[0].waves[1].zone_bake = Some(bake(2_000.0));
    assert_eq!(longest(&plan), Some(Part::ZoneBake { wave: 2 }));
}
