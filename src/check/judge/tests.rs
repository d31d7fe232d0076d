//! Each kind of claim at its limit, where either answer is wrong or a matter of luck, and away from it.
//!
//! Rollouts are made up, so that the truth is known and thousands of runs cost nothing. Every run is looked at again and
//! again, as `landfall check` does.

use super::super::claim::{Claim, Kind};
use super::super::draw::Weight;
use super::super::score::Score;
use super::{Answer, Judge};
use crate::outcome::{Ending, Outcome};
use crate::plan::Stratum;
use crate::random::{NameKey, Purpose, RolloutKey, Stream};
use crate::summary::{Metric, example};

const ALPHA: f64 = 0.05;
const FAULTY: [(Stratum, f64); 1] = [(Stratum::Fault(0), 1.0)];
/// Half of the changes have no fault, and are never simulated where that says all.
const HALF: [(Stratum, f64); 2] = [(Stratum::FaultFree, 0.5), (Stratum::Fault(0), 0.5)];

/// What came of many runs.
#[derive(Debug, Default)]
struct Tried {
    holds: u64,
    broken: u64,
    /// Runs in which the interval did not have the true figure in it, at any look.
    missed: u64,
}

impl Tried {
    /// Wrong answers and intervals come as often as promised, and three standard deviations more.
    fn is_honest(&self, times: u64, wrong: &[Answer]) {
        let most = |chance: f64| {
            let expected = chance * times as f64;
            expected + 3.0 * (expected * (1.0 - chance)).sqrt()
        };
        for answer in wrong {
            let n = match answer {
                Answer::Holds => self.holds,
                Answer::Broken => self.broken,
                Answer::Undecided => 0,
            };
            assert!(n as f64 <= most(ALPHA), "{answer:?}: {self:?} of {times}");
        }
        assert!(
            self.missed as f64 <= most(2.0 * ALPHA),
            "{self:?} of {times}"
        );
    }
}

/// Runs of a claim whose figure is truly so much: `looks` times `each` rollouts, drawn with the base's by `draw`.
fn tried(
    times: u64,
    claim: (&[(Stratum, f64)], Kind),
    truth: f64,
    looks: (u64, u64),
    draw: impl Fn(&mut Stream) -> (Outcome, Outcome),
) -> Tried {
    let once = |s: &mut Stream, _| {
        let (ours, base) = draw(s);
        (ours, base, Weight::ONE)
    };
    tried_with_weights(times, claim, truth, looks, once)
}

/// The same where rollouts count as `draw` says, which is told the look.
fn tried_with_weights(
    times: u64,
    (population, of): (&[(Stratum, f64)], Kind),
    truth: f64,
    (looks, each): (u64, u64),
    draw: impl Fn(&mut Stream, u64) -> (Outcome, Outcome, Weight),
) -> Tried {
    let claim = Claim {
        strategy: 0,
        budget: 0,
        population: population.to_vec(),
        of,
    };
    let mut tried = Tried::default();
    for seed in 0..times {
        let key = RolloutKey::new(seed, NameKey::NONE, 0);
        let mut stream = key.stream(Purpose::Worlds, 0, NameKey::of("a judge"));
        let mut judge = Judge::new(&claim, ALPHA);
        let mut has_missed = false;
        for look in 0..looks {
            for _ in 0..each {
                let (ours, base, weight) = draw(&mut stream, look);
                judge.take(&ours, judge.needs_base().then_some(&base), weight);
            }
            let finding = judge.finding();
            let figure = finding.figure;
            let interval = figure.low - 1e-12..=figure.high + 1e-12;
            has_missed |= !interval.contains(&truth);
            assert!(interval.contains(&figure.value), "{finding:?}");
            match finding.answer {
                Answer::Holds => tried.holds += 1,
                Answer::Broken => tried.broken += 1,
                Answer::Undecided => continue,
            }
            break;
        }
        tried.missed += u64::from(has_missed);
    }
    tried
}

fn hit(blast_radius: f64) -> Outcome {
    Outcome {
        blast_radius,
        ..example::undetected(0, 0)
    }
}

fn ended(ending: Ending) -> Outcome {
    Outcome {
        ending,
        ..example::undetected(0, 0)
    }
}

fn alone(outcome: Outcome) -> (Outcome, Outcome) {
    (outcome.clone(), outcome)
}

const BLAST: Metric = Metric::BlastRadius;

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
