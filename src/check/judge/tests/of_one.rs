//! Claims about one strategy.

use super::*;

/// Never detected with this chance, else caught.
fn undetected(chance: f64) -> impl Fn(&mut Stream) -> (Outcome, Outcome) {
    move |s: &mut Stream| {
        alone(ended(if s.chance(chance) {
            Ending::Undetected
        } else {
            Ending::Caught
        }))
    }
}

fn chance_at_most(at_most: f64) -> Kind {
    Kind::Mean {
        score: Score::Ending(Ending::Undetected),
        at_most,
    }
}

#[test]
fn chances_among_all_changes() {
    // 30% of the faulty half.
    let at = |limit: f64| {
        tried(
            500,
            (&HALF, chance_at_most(limit)),
            0.15,
            (20, 25),
            undetected(0.3),
        )
    };
    at(0.15).is_honest(500, &[Answer::Holds, Answer::Broken]);
    at(0.145).is_honest(500, &[Answer::Holds]);
    at(0.155).is_honest(500, &[Answer::Broken]);
    let far = |limit: f64| {
        tried(
            100,
            (&HALF, chance_at_most(limit)),
            0.15,
            (20, 100),
            undetected(0.3),
        )
    };
    assert_eq!(far(0.22).holds, 100);
    assert_eq!(far(0.10).broken, 100);
    // Half of the changes have no fault to miss, which is known.
    let known = tried(
        1,
        (&HALF, chance_at_most(0.5)),
        0.15,
        (1, 1),
        undetected(0.3),
    );
    assert_eq!(known.holds, 1);
}

/// One change in ten is never detected with a chance of a half, the others always are. After the first look half of the
/// rollouts are of that kind, and count a fifth each.
#[test]
fn strata_drawn_more_often_count_less() {
    let draw = |s: &mut Stream, look: u64| {
        let (chance, most) = if look == 0 { (0.1, 1.0) } else { (0.5, 2.0) };
        let is_rare = s.chance(chance);
        let is_missed = is_rare && s.chance(0.5);
        let counts = if is_rare {
            0.1 / chance
        } else {
            0.9 / (1.0 - chance)
        };
        let ending = if is_missed {
            Ending::Undetected
        } else {
            Ending::Caught
        };
        let blast_radius = f64::from(u8::from(is_missed));
        let ours = Outcome {
            blast_radius,
            ..ended(ending)
        };
        (ours.clone(), ours, Weight { counts, most })
    };
    let mean = |limit: f64| Kind::Mean {
        score: Score::Value {
            metric: BLAST,
            low: 0.0,
            high: 1.0,
        },
        at_most: limit,
    };
    for kind in [chance_at_most, mean] {
        let at = |limit: f64, times, each| {
            tried_with_weights(times, (&HALF, kind(limit)), 0.025, (20, each), draw)
        };
        at(0.025, 500, 50).is_honest(500, &[Answer::Holds, Answer::Broken]);
        assert_eq!(at(0.035, 30, 200).holds, 30);
        assert_eq!(at(0.016, 30, 200).broken, 30);
    }
}

#[test]
fn what_does_not_apply_is_left_out() {
    // Six in ten were ever active, and of those three in ten were never detected.
    let draw = |s: &mut Stream| {
        let ending = match s.uniform() {
            u if u < 0.4 => Ending::Caught,
            u if u < 0.4 + 0.6 * 0.3 => Ending::Undetected,
            _ => Ending::RolledBack,
        };
        let seconds = (ending == Ending::RolledBack).then_some(60.0);
        alone(Outcome {
            time_to_detect_s: seconds,
            ..ended(ending)
        })
    };
    let late = |at_most: f64| Kind::Mean {
        score: Score::Beyond {
            metric: Metric::TimeToDetect,
            over: 600.0,
            inclusive: false,
        },
        at_most,
    };
    let at = |limit: f64| tried(500, (&HALF, late(limit)), 0.3, (20, 25), draw);
    at(0.3).is_honest(500, &[Answer::Holds, Answer::Broken]);
    let far = |limit: f64| tried(100, (&HALF, late(limit)), 0.3, (20, 100), draw);
    assert_eq!(far(0.4).holds, 100);
    assert_eq!(far(0.2).broken, 100);
}

#[test]
fn means_between_bounds() {
    // Twice the square of a uniform number: a mean of 2/3, of all changes 1/3.
    let draw = |s: &mut Stream| {
        let u = s.uniform();
        alone(Outcome {
            regions_hit: (u * 5.0) as u32,
            ..hit(u * u)
        })
    };
    let mean = |limit: f64| Kind::Mean {
        score: Score::Value {
            metric: BLAST,
            low: 0.0,
            high: 1.0,
        },
        at_most: limit,
    };
    let at = |limit: f64| tried(500, (&HALF, mean(limit)), 1.0 / 6.0, (20, 25), draw);
    at(1.0 / 6.0).is_honest(500, &[Answer::Holds, Answer::Broken]);
    let far = |limit: f64| tried(100, (&HALF, mean(limit)), 1.0 / 6.0, (20, 100), draw);
    assert_eq!(far(0.22).holds, 100);
    assert_eq!(far(0.12).broken, 100);
    // 0 to 4 regions alike, of 10: a mean of 2.
    let regions = |limit: f64| Kind::Mean {
        score: Score::Value {
            metric: Metric::RegionsHit,
            low: 0.0,
            high: 10.0,
        },
        at_most: limit / 10.0,
    };
    let far = |limit: f64| tried(100, (&FAULTY, regions(limit)), 2.0, (20, 100), draw);
    assert_eq!(far(2.5).holds, 100);
    assert_eq!(far(1.5).broken, 100);
    far(2.5).is_honest(100, &[]);
}

#[test]
fn means_beyond_a_quantile() {
    // Everything with a chance of 5%, else up to a fifth. The worst tenth: half of it everything, half what lies above
    // 0.2 (1 - 5/95).
    let draw = |s: &mut Stream| {
        let everything = s.chance(0.05);
        alone(hit(if everything { 1.0 } else { 0.2 * s.uniform() }))
    };
    let below = 0.5 * (0.2 * (1.0 - 0.05 / 0.95) + 0.2);
    let truth = 0.5 + 0.5 * below;
    let cvar = |p: f64, at_most: f64| Kind::Cvar {
        metric: BLAST,
        p,
        at_most,
        bounds: (0.0, 1.0),
    };
    // The worst twentieth of all changes is the worst tenth of the faulty half.
    for (population, p) in [(&FAULTY[..], 0.9), (&HALF[..], 0.95)] {
        let at = |limit: f64| tried(200, (population, cvar(p, limit)), truth, (10, 50), draw);
        at(truth).is_honest(200, &[Answer::Holds, Answer::Broken]);
        let far = |limit: f64| tried(10, (population, cvar(p, limit)), truth, (20, 250), draw);
        assert_eq!(far(0.8).holds, 10);
        assert_eq!(far(0.4).broken, 10);
    }
    // No tail is worse than everything, and none is better than nothing.
    assert_eq!(
        tried(1, (&FAULTY, cvar(0.9, 1.0)), truth, (1, 1), draw).holds,
        1
    );
    assert_eq!(
        tried(1, (&FAULTY, cvar(0.9, 0.0)), truth, (5, 100), draw).broken,
        1
    );
}

#[test]
fn means_without_a_bound_in_the_limit_of_many() {
    let draw = |s: &mut Stream| {
        alone(Outcome {
            requests_hit: s.exponential(),
            ..hit(1.0)
        })
    };
    let unbounded = |beyond, at_most| Kind::Unbounded {
        metric: Metric::RequestsHit,
        beyond,
        at_most,
    };
    // The mean beyond any quantile of an exponential is that and 1 more. Among all changes, half of them at 0, the worst
    // twentieth is the worst tenth of the others.
    let beyond = 1.0 - libm::log(0.1);
    for (population, p, truth) in [
        (&FAULTY[..], None, 1.0),
        (&HALF[..], None, 0.5),
        (&FAULTY[..], Some(0.9), beyond),
        (&HALF[..], Some(0.95), beyond),
    ] {
        let at = |limit: f64, times| {
            let claim = (population, unbounded(p, limit));
            tried(times, claim, truth, (6, 400), draw)
        };
        at(truth, 100).is_honest(100, &[Answer::Holds, Answer::Broken]);
        assert_eq!(at(1.3 * truth, 20).holds, 20, "{p:?}");
        assert_eq!(at(0.7 * truth, 20).broken, 20, "{p:?}");
    }
}
