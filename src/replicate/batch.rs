//! A few rollouts or forecasts, whichever somebody asks for, in parallel and in order.

use std::ops::{ControlFlow, Range};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Mutex, PoisonError};

use rayon::ThreadPool;
use rayon::prelude::*;

use super::{Bug, Stopped, WAIT, message_of};
use crate::engine::{Engine, Scratch};
use crate::outcome::Outcome;
use crate::plan::{Plan, Stratum};

/// One rollout to simulate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its engine, by place in the list.
    pub engine: usize,
    /// Its stratum.
    pub stratum: Stratum,
    /// Its number there.
    pub number: u64,
}

/// An engine, and how it is called when something goes wrong.
#[derive(Debug)]
pub struct Runner<'p> {
    /// What simulates.
    pub engine: Engine<'p>,
    /// The strategy's name.
    pub strategy: String,
    /// The names of the strata.
    pub strata: Vec<String>,
}

impl<'p> Runner<'p> {
    /// Of a plan's strategy, by index.
    pub fn new(plan: &'p Plan, strategy: usize) -> Runner<'p> {
        let name = |s| plan.stratum_name(s).to_owned();
        Runner {
            engine: Engine::new(plan, strategy),
            strategy: plan.strategies[strategy].name.clone(),
            strata: plan.strata().into_iter().map(name).collect(),
        }
    }
}

/// Simulates all jobs; outcomes come in the order of the jobs, whatever the threads.
///
/// `buffers` may be those of any other batch: they change how long it takes and nothing else. `go_on` is asked ten times a
/// second, with the number of jobs done.
///
/// # Errors
/// When `go_on` ends it, and when a rollout panics.
pub fn batch(
    pool: &ThreadPool,
    runners: &[Runner<'_>],
    seed: u64,
    jobs: &[Job],
    buffers: &Buffers,
    go_on: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Vec<Outcome>, Stopped> {
    let simulate = |job: &Job, given_up: &AtomicBool, scratch: &mut Scratch| {
        let engine = &runners[job.engine].engine;
        let simulated =
            engine.simulate_unless(given_up, seed, job.stratum, job.number, false, scratch);
        simulated.map(|(outcome, _)| outcome)
    };
    in_order((pool, runners, seed), jobs, buffers, &simulate, go_on)
}

/// What somebody makes of forecasts for each of these numbers: `make` gets the number, and whom to ask for the forecast of
/// any rollout. In the order of the numbers, whatever the threads.
///
/// # Errors
/// When `go_on` ends it, and when a forecast panics.
pub fn forecasts<T: Send>(
    (pool, seed): (&ThreadPool, u64),
    runner: &Runner<'_>,
    numbers: Range<u64>,
    buffers: &Buffers,
    make: impl Fn(u64, &mut dyn FnMut(Stratum, u64) -> Option<Outcome>) -> T + Sync,
    go_on: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Vec<T>, Stopped> {
    let job = |number| Job {
        engine: 0,
        stratum: Stratum::FaultFree,
        number,
    };
    let jobs: Vec<Job> = numbers.map(job).collect();
    let make = |job: &Job, given_up: &AtomicBool, scratch: &mut Scratch| {
        let mut ask = |stratum, number| runner.engine.forecast(seed, stratum, number, scratch);
        let made = make(job.number, &mut ask);
        (!given_up.load(Ordering::Relaxed)).then_some(made)
    };
    let runners = std::slice::from_ref(runner);
    in_order((pool, runners, seed), &jobs, buffers, &make, go_on)
}

/// Does something for each job; `None` of it is to mean that it was given up.
fn in_order<T: Send>(
    (pool, runners, seed): (&ThreadPool, &[Runner<'_>], u64),
    jobs: &[Job],
    buffers: &Buffers,
    work: &(impl Fn(&Job, &AtomicBool, &mut Scratch) -> Option<T> + Sync),
    go_on: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Vec<T>, Stopped> {
    // Few and long rollouts keep all threads busy, and many and short ones do not wait for each other.
    let together = (jobs.len() / (64 * pool.current_num_threads())).clamp(1, 8);
    let given_up = AtomicBool::new(false);
    let done = AtomicU64::new(0);
    let one = |scratch: &mut Lent<'_>, job: &Job| {
        let scratch = &mut scratch.scratch;
        let worked = catch_unwind(AssertUnwindSafe(|| work(job, &given_up, scratch)));
        let worked = worked.map_err(|panic| {
            *scratch = Scratch::default();
            let runner = &runners[job.engine];
            let place = match job.stratum {
                Stratum::FaultFree => 0,
                Stratum::Fault(f) => f + 1,
            };
            Bug {
                seed,
                strategy: runner.strategy.clone(),
                stratum: runner.strata[place].clone(),
                number: job.number,
                message: message_of(panic.as_ref()),
            }
        })?;
        done.fetch_add(1, Ordering::Relaxed);
        Ok(worked)
    };
    pool.in_place_scope(|scope| {
        let (sender, receiver) = sync_channel(1);
        let one = &one;
        scope.spawn(move |_| {
            let all: Result<Option<Vec<T>>, Bug> = jobs
                .par_iter()
                .with_max_len(together)
                .map_init(|| buffers.lend(), one)
                .collect();
            // Nobody listens any more when the batch has been given up.
            let _ = sender.send(all);
        });
        loop {
            match receiver.recv_timeout(WAIT) {
                Ok(all) => return all?.ok_or(Stopped::Interrupted),
                Err(RecvTimeoutError::Disconnected) => {
                    unreachable!("a batch always sends what came of it")
                }
                Err(RecvTimeoutError::Timeout) => {
                    if go_on(done.load(Ordering::Relaxed)).is_break() {
                        given_up.store(true, Ordering::Relaxed);
                        return Err(Stopped::Interrupted);
                    }
                }
            }
        }
    })
}

/// Buffers of the engine that no thread is using. What they remember of laws is dear to find out again, so batches of the
/// same engines share them.
#[derive(Debug, Default)]
pub struct Buffers(Mutex<Vec<Scratch>>);

/// Buffers in use; they go back when they are no longer.
struct Lent<'b> {
    scratch: Scratch,
    of: &'b Buffers,
}

impl Buffers {
    fn lend(&self) -> Lent<'_> {
        Lent {
            scratch: self.list().pop().unwrap_or_default(),
            of: self,
        }
    }

    fn list(&self) -> std::sync::MutexGuard<'_, Vec<Scratch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let scratch = std::mem::take(&mut self.scratch);
        self.of.list().push(scratch);
    }
}
