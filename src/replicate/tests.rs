use super::*;
use crate::outcome::Ending;
use crate::random::{NameKey, Purpose, RolloutKey};
use crate::summary::example::{plan, shipped, undetected};
use crate::summary::{Group, Metric, Statistic};

fn settings(runs: u64, threads: usize, sampling: Sampling) -> Settings {
    Settings {
        seed: 1,
        runs,
        threads: Some(threads),
        sampling,
        level: 0.95,
        courses: 0,
    }
}

/// A made-up rollout: every stratum and strategy has its own times and damage.
fn simulate(
    place: usize,
    stratum: Stratum,
    number: u64,
    calls: &mut u64,
    _: &AtomicBool,
) -> Option<Simulated> {
    *calls += 1;
    let (name, mut outcome) = match stratum {
        Stratum::FaultFree => ("free", shipped(number)),
        Stratum::Fault(f) => (["f0", "f1"][f], undetected(f, number)),
    };
    let key = RolloutKey::new(1, NameKey::of(name), number);
    let mut stream = key.stream(Purpose::Bootstrap, 0, NameKey::NONE);
    outcome.time_to_full_s = stream
        .chance(0.9)
        .then(|| stream.exponential() * (place + 1) as f64);
    outcome.bad_requests = if stratum == Stratum::FaultFree {
        0.0
    } else {
        stream.exponential()
    };
    Some((outcome, None))
}

/// Keeps what it was told.
#[derive(Default)]
struct Notes {
    rows: Vec<(usize, Stratum, u64, f64, f64)>,
    progress: Vec<(u64, u64)>,
    break_at: Option<u64>,
    fail_at: Option<usize>,
}

impl Observer for Notes {
    fn outcome(&mut self, strategy: usize, outcome: &Outcome, weight: f64) -> io::Result<()> {
        if self.fail_at == Some(self.rows.len()) {
            return Err(io::Error::other("the disk is full"));
        }
        self.rows.push((
            strategy,
            outcome.stratum,
            outcome.number,
            weight,
            outcome.bad_requests,
        ));
        Ok(())
    }

    fn progress(&mut self, done: u64, total: u64, _: &Summary) -> ControlFlow<()> {
        self.progress.push((done, total));
        if self.break_at.is_some_and(|at| done >= at) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

fn ran(threads: usize, sampling: Sampling) -> (Summary, Notes) {
    let plan = plan(0.1, &[3.0, 1.0], &["a", "b", "c"]);
    let mut notes = Notes::default();
    let settings = settings(5_000, threads, sampling);
    let summary =
        run_with(&plan, &[2, 0], &settings, &simulate, &mut notes).expect("nothing goes wrong");
    (summary, notes)
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for sampling in [Sampling::Stratified, Sampling::Plain] {
        let (one, one_notes) = ran(1, sampling);
        for threads in [2, 4, 7] {
            let (many, notes) = ran(threads, sampling);
            assert_eq!(notes.rows, one_notes.rows);
            assert_eq!(notes.progress, one_notes.progress);
            let bits = |summary: &Summary| -> Vec<_> {
                let rows = summary.rows().into_iter();
                rows.map(|r| {
                    (
                        r.value.to_bits(),
                        r.low.map(f64::to_bits),
                        r.high.map(f64::to_bits),
                        r.n,
                    )
                })
                .collect()
            };
            assert_eq!(bits(&many), bits(&one));
        }
    }
}

#[test]
fn every_rollout_comes_once_in_order_with_weights_that_sum_to_one() {
    for sampling in [Sampling::Stratified, Sampling::Plain] {
        let (summary, notes) = ran(3, sampling);
        assert_eq!(notes.rows.len(), 10_000);
        assert_eq!(notes.progress.last(), Some(&(10_000, 10_000)));
        for strategy in [2, 0] {
            let rows: Vec<_> = notes.rows.iter().filter(|r| r.0 == strategy).collect();
            let weight: f64 = rows.iter().map(|r| r.3).sum();
            assert!((weight - 1.0).abs() < 1e-9, "{weight}");
            assert_eq!(summary.n(strategy, Group::All), 5_000);
            match sampling {
                Sampling::Plain => assert!(rows.iter().map(|r| r.2).eq(0..5_000)),
                Sampling::Stratified => {
                    for stratum in [Stratum::FaultFree, Stratum::Fault(0), Stratum::Fault(1)] {
                        let numbers = rows.iter().filter(|r| r.1 == stratum).map(|r| r.2);
                        let n = summary.n(strategy, Group::Stratum(stratum));
                        assert!(n >= 1_000 && numbers.eq(0..n));
                    }
                }
            }
        }
        // All strategies meet the same rollouts.
        let met = |strategy| {
            let mine = notes.rows.iter().filter(move |r| r.0 == strategy);
            mine.map(|r| (r.1, r.2)).collect::<Vec<_>>()
        };
        assert_eq!(met(2), met(0));
    }
}

#[test]
fn strata_and_strategies_advance_together() {
    let (_, notes) = ran(2, Sampling::Stratified);
    let half = &notes.rows[..5_000];
    for strategy in [2, 0] {
        for (stratum, of) in allocation(&plan(0.1, &[3.0, 1.0], &["a"]), 5_000) {
            let done = half
                .iter()
                .filter(|r| r.0 == strategy && r.1 == stratum)
                .count() as u64;
            assert!(
                done.abs_diff(of / 2) <= 2 * BLOCK,
                "{stratum:?}: {done} of {of}"
            );
        }
    }
}

#[test]
fn both_samplings_estimate_the_same() {
    let (stratified, _) = ran(2, Sampling::Stratified);
    let (plain, _) = ran(2, Sampling::Plain);
    for (group, metric, statistic) in [
        (Group::All, Metric::TimeToFull, Statistic::Quantile(0.5)),
        (Group::All, Metric::BadRequests, Statistic::Mean),
        (Group::Faulty, Metric::BadRequests, Statistic::Quantile(0.9)),
    ] {
        let a = stratified
            .estimate(2, group, metric, statistic)
            .expect("there is a figure");
        let b = plain
            .estimate(2, group, metric, statistic)
            .expect("there is a figure");
        // Both intervals are 95% ones of the same thing: that they do not even touch is rarer than 1 in 100.
        assert!(a.low <= b.high && b.low <= a.high, "{a:?} {b:?}");
    }
}

#[test]
fn plain_sampling_draws_strata_by_weight() {
    let plan = plan(0.1, &[3.0, 1.0], &["a"]);
    let n = 40_000;
    let mut counts = [0_u64; 3];
    for number in 0..n {
        counts[match schedule::drawn_stratum(&plan, 9, number) {
            Stratum::FaultFree => 0,
            Stratum::Fault(f) => f + 1,
        }] += 1;
    }
    // Chi-square with 2 degrees of freedom: above 23 once in 10^5.
    let expected = [0.9, 0.075, 0.025].map(|w| w * n as f64);
    let chi: f64 = counts
        .iter()
        .zip(expected)
        .map(|(&c, e)| (c as f64 - e) * (c as f64 - e) / e)
        .sum();
    assert!(chi < 23.0, "{counts:?}");
}

#[test]
fn an_observer_can_end_the_run() {
    let plan = plan(0.1, &[3.0, 1.0], &["a"]);
    let mut notes = Notes {
        break_at: Some(700),
        ..Notes::default()
    };
    let settings = settings(5_000, 2, Sampling::Stratified);
    let stopped = run_with(&plan, &[0], &settings, &simulate, &mut notes);
    assert!(matches!(stopped, Err(Stopped::Interrupted)));
    assert_eq!(notes.rows.len(), 768);
    let mut notes = Notes {
        fail_at: Some(300),
        ..Notes::default()
    };
    let stopped = run_with(&plan, &[0], &settings, &simulate, &mut notes);
    assert!(matches!(stopped, Err(Stopped::Io(e)) if e.to_string() == "the disk is full"));
    assert_eq!(notes.rows.len(), 300);
}

/// Ends a run when it hears of so many rollouts that are simulated, but in a block that is not done.
struct Impatient {
    end_at: u64,
    outcomes: u64,
}

impl Observer for Impatient {
    fn outcome(&mut self, _: usize, _: &Outcome, _: f64) -> io::Result<()> {
        self.outcomes += 1;
        Ok(())
    }

    fn progress(&mut self, _: u64, _: u64, _: &Summary) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn waiting(&mut self, simulated: u64, total: u64) -> ControlFlow<()> {
        assert_eq!(total, 1_000);
        if simulated == self.end_at {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

#[test]
fn a_run_ends_in_the_middle_of_a_block_and_of_a_rollout() {
    let plan = plan(0.0, &[], &["a"]);
    // The 301st rollout goes on until it is given up.
    let endless =
        |place: usize, stratum: Stratum, number: u64, calls: &mut u64, given_up: &AtomicBool| {
            if number == 300 {
                let mut looks = 0..60_000;
                while !given_up.load(Ordering::Relaxed) {
                    assert!(looks.next().is_some(), "it is not given up");
                    std::thread::sleep(Duration::from_millis(1));
                }
                return None;
            }
            simulate(place, stratum, number, calls, given_up)
        };
    let mut observer = Impatient {
        end_at: 300,
        outcomes: 0,
    };
    let settings = settings(1_000, 1, Sampling::Plain);
    let stopped = run_with(&plan, &[0], &settings, &endless, &mut observer);
    assert!(matches!(stopped, Err(Stopped::Interrupted)), "{stopped:?}");
    // What was finished before has come, and nothing of the block that was not.
    assert_eq!(observer.outcomes, BLOCK);
}

#[test]
fn a_panic_names_the_rollout() {
    let plan = plan(0.1, &[3.0, 1.0], &["a", "b"]);
    let broken =
        |place: usize, stratum: Stratum, number: u64, calls: &mut u64, given_up: &AtomicBool| {
            assert!(
                (place, stratum, number) != (1, Stratum::Fault(1), 812),
                "share {} is above 1",
                1.5
            );
            simulate(place, stratum, number, calls, given_up)
        };
    for threads in [1, 4] {
        let settings = settings(5_000, threads, Sampling::Stratified);
        let stopped = run_with(&plan, &[0, 1], &settings, &broken, &mut Silent);
        let Err(Stopped::Bug(bug)) = stopped else {
            panic!("{stopped:?}")
        };
        let text = "rollout f1#812 of strategy \"b\" with seed 1 failed: share 1.5 is above 1";
        assert_eq!(bug.to_string(), text);
    }
}

#[test]
fn no_runs_and_no_strategies_are_nothing() {
    let plan = plan(0.1, &[3.0, 1.0], &["a"]);
    for (strategies, runs) in [(&[][..], 100), (&[0][..], 0)] {
        let mut notes = Notes::default();
        for sampling in [Sampling::Stratified, Sampling::Plain] {
            let summary = run_with(
                &plan,
                strategies,
                &settings(runs, 1, sampling),
                &simulate,
                &mut notes,
            );
            assert!(summary.is_ok_and(|s| s.rows().is_empty()));
        }
        assert!(notes.rows.is_empty());
    }
}

#[test]
fn endings_are_counted() {
    let (summary, _) = ran(2, Sampling::Stratified);
    let chance = summary
        .chance(0, Group::Faulty, Ending::Undetected)
        .expect("there are faults");
    assert_eq!(chance.value, 1.0);
    assert!(chance.low > 0.99 && chance.low < 1.0 && chance.high == 1.0);
}
