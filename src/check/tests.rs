//! Claims with known answers.

use std::ops::ControlFlow;

use rayon::ThreadPoolBuilder;

use super::draw::Weight;
use super::judge::{Enough, Judge, With};
use super::*;
use crate::outcome::Ending;
use crate::plan::{
    Bake, BakeKind, Origin, Plan, Stratum, TargetSpec, Then, TimedBake, TriggerKind, assign_targets,
};
use crate::random::{Dist, NameKey, Purpose, RolloutKey};
use crate::replicate::Stopped;
use crate::scenario::Budget;
use crate::stats::Bets;
use crate::summary::example;

fn certain(seconds: f64) -> Dist {
    Dist::certain(seconds).expect("a duration")
}

/// 4% of changes are bad. Of the faulty ones a share hits everything at once and is never seen, the rest never shows.
fn plan(undetected: f64) -> Plan {
    let mut plan = example::plan(0.04, &[undetected, 1.0 - undetected], &["ours"]);
    plan.watch_s = 100.0;
    plan.change.faults[0].trigger.kind = TriggerKind::Delay(certain(0.0));
    plan.change.faults[1].trigger.kind = TriggerKind::Delay(certain(1e9));
    plan
}

fn budget(given: Option<&str>, keep: &str) -> Budget {
    Budget {
        given: given.map(str::to_owned),
        ..Budget::of_faulty("tested", keep)
    }
}

fn judged_by(
    plan: &Plan,
    base: Option<&Plan>,
    budget: &Budget,
    most: u64,
    threads: usize,
) -> Judged {
    let claims = claims(plan, &[0], 0, budget, 0.0).expect("claims");
    let settings = Settings {
        seed: 1,
        most,
        confidence: 0.99,
        among: 1,
        gives_up: false,
    };
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    let mut go_on = |_, _| ControlFlow::Continue(());
    let base = base.map(|plan| Side { plan });
    let pool = pool.expect("threads");
    let mut judged = run(plan, base, &claims, &settings, &pool, &mut go_on).expect("it runs");
    judged.judged.remove(0)
}

#[test]
fn threads_change_nothing() {
    let plan = plan(0.25);
    for keep in ["P(undetected) <= 20%", "cvar90(blast_radius) <= 90%"] {
        let of = |threads| judged_by(&plan, None, &budget(Some("faulty"), keep), 2_000, threads);
        let one = of(1);
        for threads in [2, 7] {
            let other = of(threads);
            assert_eq!(one.finding, other.finding);
            assert_eq!(one.drivers, other.drivers);
        }
    }
}

fn uniforms(seed: u64) -> impl FnMut() -> f64 {
    let key = RolloutKey::new(seed, NameKey::NONE, 0);
    let mut stream = key.stream(Purpose::Worlds, 0, NameKey::of("check"));
    move || stream.uniform()
}

#[test]
fn ten_percent_from_the_limit_no_seed_gives_the_opposite() {
    let enough = Enough::of(0.0025);
    for (chance, wrong) in [(0.27, Answer::Broken), (0.33, Answer::Holds)] {
        let mut decided = 0;
        for seed in 0..1_000 {
            let mut uniform = uniforms(seed);
            let mut bets = Bets::on(0.3);
            let mut found = Answer::Undecided;
            for n in 1..=9_000 {
                bets.take(f64::from(u8::from(uniform() < chance)));
                if n % 250 == 0 {
                    found = enough.answer(bets.log_for_less(), bets.log_for_more());
                }
                if found != Answer::Undecided {
                    break;
                }
            }
            assert_ne!(found, wrong, "seed {seed}, chance {chance}");
            decided += u32::from(found != Answer::Undecided);
        }
        assert!(decided > 900, "{decided}");
    }
}

#[test]
fn a_limit_of_nothing_is_refuted_by_one_and_proved_by_none() {
    let claim = |at_most| Claim {
        strategy: 0,
        budget: 0,
        population: vec![(Stratum::Fault(0), 1.0)],
        of: Kind::Mean {
            score: Score::Ending(Ending::Undetected),
            at_most,
        },
    };
    let mut judge = Judge::new(&claim(0.0), 0.01);
    for n in 0..1_000 {
        judge.take(&example::shipped(n), With::default(), Weight::ONE);
    }
    assert_eq!(judge.finding().answer, Answer::Undecided);
    judge.take(&example::undetected(0, 1_000), With::default(), Weight::ONE);
    assert_eq!(judge.finding().answer, Answer::Broken);
    assert_eq!(
        Judge::new(&claim(1.0), 0.01).finding().answer,
        Answer::Holds
    );
}

/// One wave of both regions, and a bake of an hour.
fn baking() -> Plan {
    let mut plan = plan(0.5);
    let strategy = &mut plan.strategies[0];
    strategy.waves.truncate(1);
    strategy.waves[0].spec = TargetSpec::Next(2);
    strategy.waves[0].bake = Some(Bake {
        kind: BakeKind::Timed(TimedBake {
            lasts: certain(3_600.0),
            min_requests: 0.0,
            at_most_s: None,
            then: Then::Go,
        }),
        origin: Origin::NOWHERE,
    });
    let fixed = assign_targets(&plan.fleet, &strategy.waves, &[0, 1]);
    strategy.fixed_targets = Some(fixed);
    plan
}

#[test]
fn changes_are_what_they_say() {
    let plan = baking();
    let changes = changes(&plan, 0);
    let bakes: Vec<f64> = changes
        .iter()
        .filter_map(|c| match (&c.words, &c.strategy.waves[0].bake) {
            (What::Bake { from_s, to_s, .. }, Some(bake)) => match &bake.kind {
                BakeKind::Timed(timed) => {
                    assert_eq!(*from_s, 3_600.0);
                    assert_eq!(timed.lasts.mean(), *to_s);
                    Some(*to_s)
                }
                BakeKind::Manual => None,
            },
            _ => None,
        })
        .collect();
    assert_eq!(bakes, [7_200.0, 14_400.0]);
    let halved = changes
        .iter()
        .find(|c| matches!(c.words, What::Wave { .. }));
    let halved = halved.expect("a wave of two regions can be halved");
    assert_eq!(
        halved.words,
        What::Wave {
            wave: 1,
            from: 2,
            to: 1
        }
    );
    let targets = halved
        .strategy
        .fixed_targets
        .as_ref()
        .expect("a fixed order");
    let regions: Vec<Vec<usize>> = targets
        .iter()
        .map(|wave| wave.iter().map(|t| t.region).collect())
        .collect();
    assert_eq!(regions, [vec![0], vec![1]]);
    assert_eq!(changes.len(), 3);
}

#[test]
fn a_search_ends_with_its_rollouts_and_says_how_far_it_came() {
    // Without a step nothing is ever active, whatever is changed.
    let plan = baking();
    let budget = budget(Some("faulty"), "P(latent) <= 20%");
    let claim = claims(&plan, &[0], 0, &budget, 0.0)
        .expect("claims")
        .remove(0);
    let judged = judged_by(&plan, None, &budget, 2_000, 1);
    assert_eq!(judged.finding.answer, Answer::Broken);
    let claims = [(&claim, &judged)];
    let broken = Broken {
        plan: &plan,
        base: None,
        strategy: 0,
        claims: &claims,
    };
    let settings = Settings {
        seed: 1,
        most: 2_000,
        confidence: 0.99,
        among: 1,
        gives_up: false,
    };
    let searched = |most, threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        let mut go_on = |_, _| ControlFlow::Continue(());
        let pool = pool.expect("threads");
        let found = search(broken, most, &settings, &pool, &mut go_on).expect("it runs");
        assert!(found.change.is_none());
        (found.tried, found.of, found.rollouts)
    };
    for threads in [1, 3] {
        assert_eq!(searched(0, threads), (0, 3, 0));
        // Three of a good change for each order of time; then of those over the limit, of which no change leaves less,
        // as many as it takes to know: six of eight mean 29% of all at least, five 19.8%, and 20% are allowed.
        assert_eq!(searched(12, threads), (0, 3, 12));
        assert_eq!(searched(13, threads), (1, 3, 18));
        assert_eq!(searched(10_000, threads), (3, 3, 12 + 3 * 6));
    }
    // Whoever wants it to end is heard however short its batches are.
    let pool = ThreadPoolBuilder::new().build().expect("threads");
    for allowed in [0, 12, 20] {
        let mut told = Vec::new();
        let mut go_on = |n, _| {
            told.push(n);
            match n > allowed {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        let ended = search(broken, 10_000, &settings, &pool, &mut go_on);
        assert!(matches!(ended, Err(Stopped::Interrupted)), "{ended:?}");
        assert!(told.is_sorted() && told.last().is_some_and(|n| *n <= allowed + 3));
    }
}
