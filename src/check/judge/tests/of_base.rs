//! Claims about a strategy and its base.

use super::*;

/// Never detected with one chance, the base's with another; half of the pairs go together.
fn pairs(ours: f64, base: f64) -> impl Fn(&mut Stream) -> (Outcome, Outcome) {
    move |s: &mut Stream| {
        let u = s.uniform();
        let v = if s.chance(0.5) { u } else { s.uniform() };
        let of = |is: bool| {
            ended(if is {
                Ending::Undetected
            } else {
                Ending::Caught
            })
        };
        (of(u < ours), of(v < base))
    }
}

#[test]
fn chances_against_the_base() {
    let claim = |factor: f64, least: f64| Kind::MeanOfBase {
        score: Score::Ending(Ending::Undetected),
        factor,
        least,
    };
    let of = |times, kind, (ours, base): (f64, f64), looks| {
        tried(times, (&HALF, kind), 0.5 * ours, looks, pairs(ours, base))
    };
    let both = [Answer::Holds, Answer::Broken];
    of(500, claim(1.1, 0.0), (0.33, 0.3), (20, 25)).is_honest(500, &both);
    of(500, claim(1.1, 0.005), (0.01, 0.001), (20, 25)).is_honest(500, &both);
    assert_eq!(of(50, claim(1.1, 0.0), (0.2, 0.4), (20, 100)).holds, 50);
    assert_eq!(of(50, claim(1.1, 0.0), (0.4, 0.2), (20, 100)).broken, 50);
    // Nothing on either side: no ratio, but less than what matters.
    assert_eq!(of(1, claim(1.1, 0.0), (0.0, 0.0), (20, 100)).holds, 0);
    assert_eq!(of(1, claim(1.1, 0.005), (0.0, 0.0), (20, 100)).holds, 1);
    // What matters is refuted only together with the ratio, and the ratio only together with what matters.
    assert_eq!(of(50, claim(1.1, 0.2), (0.2, 0.0), (20, 100)).broken, 0);
    assert_eq!(of(50, claim(1.1, 0.1), (0.6, 0.1), (20, 100)).broken, 50);
}

#[test]
fn means_against_the_base() {
    let claim = |factor: f64| Kind::MeanOfBase {
        score: Score::Value {
            metric: BLAST,
            low: 0.0,
            high: 1.0,
        },
        factor,
        least: 0.0,
    };
    let draw = |ratio: f64| {
        move |s: &mut Stream| {
            let u = s.uniform();
            let v = if s.chance(0.5) { u } else { s.uniform() };
            (hit(ratio * u), hit(v))
        }
    };
    let of = |times, ratio: f64, looks| {
        tried(times, (&HALF, claim(0.8)), 0.25 * ratio, looks, draw(ratio))
    };
    of(500, 0.8, (20, 25)).is_honest(500, &[Answer::Holds, Answer::Broken]);
    assert_eq!(of(30, 0.6, (20, 100)).holds, 30);
    assert_eq!(of(30, 1.0, (20, 100)).broken, 30);
}

/// The base's value is uniform, or one of a few; ours is so many times that of a change, half of the time the same one.
fn values(ratio: f64, is_discrete: bool) -> impl Fn(&mut Stream) -> (Outcome, Outcome) {
    move |s: &mut Stream| {
        let u = s.uniform();
        let v = if s.chance(0.5) { u } else { s.uniform() };
        let of = |u: f64| match is_discrete {
            false => u,
            true if u < 0.5 => 0.0,
            true if u < 0.85 => 0.2,
            true if u < 0.95 => 0.4,
            true => 0.5,
        };
        (hit(ratio * of(u)), hit(of(v)))
    }
}

#[test]
fn quantiles_against_the_base() {
    let claim = |p: f64| Kind::QuantileOfBase {
        metric: BLAST,
        p,
        factor: 1.1,
        most: 1.0,
    };
    let of = |times, (ratio, is_discrete): (f64, bool), looks| {
        let p90 = if is_discrete { 0.4 } else { 0.9 };
        // The p90 of the faulty half is the p95 of all.
        let draw = values(ratio, is_discrete);
        tried(times, (&HALF, claim(0.95)), ratio * p90, looks, draw)
    };
    for is_discrete in [false, true] {
        of(150, (1.1, is_discrete), (3, 100)).is_honest(150, &[Answer::Broken]);
        of(150, (1.1 * 1.000_1, is_discrete), (3, 100)).is_honest(150, &[Answer::Holds]);
        assert_eq!(
            of(10, (2.2, is_discrete), (6, 300)).broken,
            10,
            "{is_discrete}"
        );
        assert_eq!(
            of(10, (0.5, is_discrete), (6, 300)).holds,
            10,
            "{is_discrete}"
        );
    }
    // Of all changes hardly any carries a fault: the p40 is 0 on both sides.
    let none = tried(1, (&HALF, claim(0.4)), 0.0, (1, 1), values(2.0, false));
    assert_eq!(none.holds, 1);
}

#[test]
fn what_never_happens_under_the_base_is_no_limit() {
    // The base never gets there with a chance of 20%, so its p90 is infinite; ours always does.
    let claim = Kind::QuantileOfBase {
        metric: Metric::TimeToFull,
        p: 0.9,
        factor: 1.1,
        most: f64::INFINITY,
    };
    let draw = |ours: f64, base: f64| {
        move |s: &mut Stream| {
            let u = s.uniform();
            let of = |chance: f64| Outcome {
                time_to_full_s: (u >= chance).then_some(100.0),
                ..example::shipped(0)
            };
            (of(ours), of(base))
        }
    };
    let free = [(Stratum::FaultFree, 1.0)];
    let runs = |ours, base, truth| {
        tried(
            20,
            (&free, claim.clone()),
            truth,
            (8, 100),
            draw(ours, base),
        )
    };
    assert_eq!(runs(0.0, 0.2, 100.0).holds, 20);
    assert_eq!(runs(0.2, 0.0, f64::INFINITY).broken, 20);
}
