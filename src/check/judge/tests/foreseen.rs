//! Claims about good changes whose rollouts come with forecasts.

use super::super::super::control::Control;
use super::*;

const GOOD: [(Stratum, f64); 1] = [(Stratum::FaultFree, 1.0)];
/// No more than a tenth of good changes take longer than ten seconds.
const LIMIT: f64 = 0.1;

fn takes(is_late: bool) -> Outcome {
    Outcome {
        time_to_full_s: Some(if is_late { 20.0 } else { 1.0 }),
        ..example::shipped(0)
    }
}

fn late() -> Score {
    Score::Beyond {
        metric: Metric::TimeToFull,
        over: 10.0,
        inclusive: false,
    }
}

/// How a forecast comes by what it says; its chance to say "late" is the same whatever rollout it is of.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Foresight {
    /// Nobody is asked.
    NotAsked,
    /// Right but for one time in fifty.
    Good,
    /// Late and in time exchanged.
    Opposite,
    /// It knows nothing of the rollout.
    Blind,
    /// It foresees nothing.
    Silent,
    /// Right, and what others say is left out.
    NotEvenedOut,
}

impl Foresight {
    fn of(self, is_late: bool, s: &mut Stream) -> Option<Outcome> {
        let says = match self {
            Foresight::NotAsked | Foresight::Silent => return None,
            Foresight::Good => is_late != s.chance(0.02),
            Foresight::Opposite => !is_late,
            Foresight::Blind => s.chance(0.3),
            Foresight::NotEvenedOut => is_late,
        };
        Some(takes(says))
    }
}

/// The answer, and after how many rollouts; `missed`: whether the interval ever was without the chance.
struct Run {
    answer: Answer,
    rollouts: u64,
    missed: bool,
}

/// One run with this chance of being late, looked at after every twenty rollouts.
fn run(seed: u64, chance: f64, most: u64, foresight: Foresight) -> Run {
    let claim = Claim {
        strategy: 0,
        budget: 0,
        population: GOOD.to_vec(),
        of: Kind::Mean {
            score: late(),
            at_most: LIMIT,
        },
    };
    let key = RolloutKey::new(seed, NameKey::NONE, 0);
    let mut stream = key.stream(Purpose::Worlds, 0, NameKey::of("foresight"));
    let mut judge = Judge::new(&claim, ALPHA);
    assert!(judge.wants_control());
    if foresight != Foresight::NotAsked {
        judge.begin_control();
    }
    let mut run = Run {
        answer: Answer::Undecided,
        rollouts: 0,
        missed: false,
    };
    while run.rollouts < most && run.answer == Answer::Undecided {
        for _ in 0..20 {
            let is_late = stream.chance(chance);
            let number = run.rollouts;
            let mut ask = |of: u64| {
                let is_own = of == number;
                let of_this = if is_own {
                    is_late
                } else {
                    stream.chance(chance)
                };
                let forecast = foresight.of(of_this, &mut stream);
                forecast.filter(|_| is_own || foresight != Foresight::NotEvenedOut)
            };
            let control = Control::of(&[late()], number, &mut ask);
            let with = With {
                base: None,
                control: judge.is_controlled().then_some(control[0]),
            };
            judge.take(&takes(is_late), with, Weight::ONE);
            run.rollouts += 1;
        }
        let finding = judge.finding();
        let (low, high) = (finding.figure.low, finding.figure.high);
        run.missed |= !(low - 1e-12..=high + 1e-12).contains(&chance);
        run.answer = finding.answer;
    }
    run
}

fn tried(times: u64, chance: f64, most: u64, foresight: Foresight) -> Tried {
    let mut tried = Tried::default();
    for seed in 0..times {
        let run = run(seed, chance, most, foresight);
        match run.answer {
            Answer::Holds => tried.holds += 1,
            Answer::Broken => tried.broken += 1,
            Answer::Undecided => {}
        }
        tried.missed += u64::from(run.missed);
    }
    tried
}

#[test]
fn no_forecast_is_bad_enough_to_make_verdicts_wrong() {
    for foresight in [
        Foresight::Good,
        Foresight::Opposite,
        Foresight::Blind,
        Foresight::Silent,
    ] {
        let at_the_limit = tried(300, LIMIT, 300, foresight);
        at_the_limit.is_honest(300, &[Answer::Holds, Answer::Broken]);
        tried(300, 0.105, 300, foresight).is_honest(300, &[Answer::Holds]);
    }
    // What is taken off and not put back is taken for less.
    let wrong = tried(50, LIMIT, 300, Foresight::NotEvenedOut);
    assert!(wrong.holds > 40, "{wrong:?}");
}

#[test]
fn good_forecasts_spare_most_of_the_rollouts() {
    for (chance, right) in [(0.08, Answer::Holds), (0.12, Answer::Broken)] {
        let rollouts = |foresight| -> u64 {
            let of = |seed| {
                let run = run(seed, chance, 20_000, foresight);
                assert_eq!(run.answer, right, "seed {seed}");
                run.rollouts
            };
            (0..20).map(of).sum()
        };
        let (with, without) = (rollouts(Foresight::Good), rollouts(Foresight::NotAsked));
        assert!(2 * with < without, "{chance}: {with} and {without}");
        // Half of the money is lost on forecasts that are worth nothing: that costs a little.
        let silent = rollouts(Foresight::Silent);
        assert!(silent < without + without / 3, "{silent} and {without}");
    }
}

#[test]
fn forecasts_are_for_changes_of_which_most_are_good() {
    let judge = |population: &[(Stratum, f64)]| {
        let claim = Claim {
            strategy: 0,
            budget: 0,
            population: population.to_vec(),
            of: Kind::Mean {
                score: late(),
                at_most: 0.6,
            },
        };
        Judge::new(&claim, ALPHA).wants_control()
    };
    assert!(judge(&GOOD));
    assert!(judge(&[
        (Stratum::FaultFree, 0.9),
        (Stratum::Fault(0), 0.1)
    ]));
    assert!(!judge(&HALF));
    assert!(!judge(&FAULTY));
}
