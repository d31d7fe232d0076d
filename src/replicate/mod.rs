//! Many rollouts, in parallel, with results that do not depend on how many threads there were.
//!
//! Work is cut into blocks of one strategy, one stratum and consecutive numbers. Threads simulate blocks; the calling
//! thread alone takes the outcomes, block by block in a fixed order, sums them up and hands them on. So every sum is
//! added up in the same order, and one thread gives the same bits as many. A bounded number of blocks is under way at
//! a time, so memory does not grow with the number of rollouts. No files here, and no clock that a result
//! depends on: the calling thread only wakes now and then to ask whether to go on.

mod allocation;
pub mod batch;
pub mod brief;
pub mod precision;
mod schedule;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::course::Course;
use crate::engine::{Engine, Scratch};
use crate::outcome::Outcome;
use crate::plan::{Plan, Stratum};
use crate::summary::Summary;

pub use crate::summary::Sampling;
pub use allocation::allocation;
use schedule::{Block, Schedule};

/// Rollouts of one block.
const BLOCK: u64 = 256;
/// Blocks under way for each thread: enough that none waits while the calling thread takes one.
const BLOCKS_PER_THREAD: usize = 4;
/// How often the observer is asked while a block takes its time.
const WAIT: Duration = Duration::from_millis(100);

/// What to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The seed of all draws.
    pub seed: u64,
    /// Rollouts of each strategy.
    pub runs: u64,
    /// Threads; `None`: as many as the machine has to offer.
    pub threads: Option<usize>,
    /// How rollouts are spread over the strata.
    pub sampling: Sampling,
    /// Level of the intervals, such as 0.95.
    pub level: f64,
    /// Rollouts whose course is recorded: of each strategy and stratum the first so many, with plain sampling the first
    /// so many altogether.
    pub courses: u64,
}

/// Takes what a run produces, on the calling thread.
pub trait Observer {
    /// One outcome of a strategy (by index in the plan), with its weight: a strategy's weights sum to 1 over the
    /// rollouts of a whole run. Outcomes of one strategy and stratum come in order of number; with plain sampling all
    /// of a strategy do.
    ///
    /// # Errors
    /// Whatever went wrong in taking it; the run stops with it.
    fn outcome(&mut self, strategy: usize, outcome: &Outcome, weight: f64) -> io::Result<()>;

    /// The course of the rollout whose outcome comes next, where it is recorded ([`Settings::courses`]).
    fn course(&mut self, _strategy: usize, _stratum: Stratum, _course: Course) {}

    /// After each block: rollouts done of all there are (over all strategies), and what they came to so far.
    /// `Break` ends the run. Called often (every 256 rollouts): who asks the summary for figures does so now and then.
    fn progress(&mut self, done: u64, total: u64, summary: &Summary) -> ControlFlow<()>;

    /// Now and then while a block takes its time, for in a large fleet one block can take minutes: rollouts simulated of
    /// all there are, which are more than those that outcomes have come of. `Break` ends the run at once, and gives up
    /// the rollouts that are under way.
    fn waiting(&mut self, _simulated: u64, _total: u64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Takes outcomes and progress without doing anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn outcome(&mut self, _: usize, _: &Outcome, _: f64) -> io::Result<()> {
        Ok(())
    }

    fn progress(&mut self, _: u64, _: u64, _: &Summary) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The observer asked for it.
    #[error("interrupted")]
    Interrupted,
    /// The observer could not take an outcome.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The threads could not be started.
    #[error("could not start the threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// A rollout broke a rule of the program.
    #[error(transparent)]
    Bug(#[from] Bug),
}

/// A rollout that panicked, named so that it can be repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rollout {stratum}#{number} of strategy \"{strategy}\" with seed {seed} failed: {message}")]
#[non_exhaustive]
pub struct Bug {
    /// The seed.
    pub seed: u64,
    /// Name of the strategy.
    pub strategy: String,
    /// Name of the stratum.
    pub stratum: String,
    /// Number of the rollout in it.
    pub number: u64,
    /// What the panic said.
    pub message: String,
}

/// Simulates `settings.runs` rollouts of each of these strategies (by index in the plan, none twice).
///
/// The same plan, strategies, seed, runs and sampling give the same results to the bit, whatever the threads.
///
/// # Errors
/// When the observer ends the run or fails, when threads cannot be started, and when a rollout panics.
pub fn run(
    plan: &Plan,
    strategies: &[usize],
    settings: &Settings,
    observer: &mut dyn Observer,
) -> Result<Summary, Stopped> {
    let engines: Vec<Engine> = strategies.iter().map(|&s| Engine::new(plan, s)).collect();
    let simulate = |place: usize, stratum, number, scratch: &mut Scratch, given_up: &AtomicBool| {
        let (seed, with_course) = (settings.seed, number < settings.courses);
        engines[place].simulate_unless(given_up, seed, stratum, number, with_course, scratch)
    };
    run_with(plan, strategies, settings, &simulate, observer)
}

/// What a rollout came to, and its course where that is recorded.
type Simulated = (Outcome, Option<Course>);

/// Simulates one rollout: place of the strategy in the list, stratum, number. `None` once it is given up.
trait Simulate<S>: Fn(usize, Stratum, u64, &mut S, &AtomicBool) -> Option<Simulated> + Sync {}
impl<S, F> Simulate<S> for F where
    F: Fn(usize, Stratum, u64, &mut S, &AtomicBool) -> Option<Simulated> + Sync
{
}

/// [`run`] with any simulator.
fn run_with<S: Default + Send>(
    plan: &Plan,
    strategies: &[usize],
    settings: &Settings,
    simulate: &impl Simulate<S>,
    observer: &mut dyn Observer,
) -> Result<Summary, Stopped> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(settings.threads.unwrap_or(0))
        .build()?;
    let schedule = Schedule::new(plan, strategies.len(), settings);
    let workers = Workers {
        plan,
        strategies,
        seed: settings.seed,
        simulate,
        cancelled: AtomicBool::new(false),
        idle: Mutex::new(Vec::new()),
    };
    let ahead = pool.current_num_threads() * BLOCKS_PER_THREAD;
    pool.in_place_scope(|scope| {
        let mut blocks = schedule.blocks();
        let mut under_way: VecDeque<UnderWay> = VecDeque::new();
        let mut taker = Taker::new(plan, strategies, settings, &schedule, observer);
        loop {
            while under_way.len() < ahead
                && let Some(block) = blocks.next()
            {
                let (sender, done) = sync_channel(1);
                let simulated = Arc::new(AtomicU64::new(0));
                let (workers, count) = (&workers, Arc::clone(&simulated));
                scope.spawn(move |_| workers.work(block, &count, &sender));
                under_way.push_back(UnderWay {
                    block,
                    done,
                    simulated,
                });
            }
            let Some(first) = under_way.front() else {
                return Ok(taker.finish());
            };
            let taken = match first.done.recv_timeout(WAIT) {
                Err(RecvTimeoutError::Timeout) => taker.wait(&under_way),
                Err(RecvTimeoutError::Disconnected) => {
                    unreachable!("a block always sends its outcomes")
                }
                Ok(done) => {
                    let block = first.block;
                    under_way.pop_front();
                    done.map_err(Stopped::from)
                        .and_then(|rollouts| taker.take(block, rollouts))
                }
            };
            if let Err(stopped) = taken {
                workers.cancelled.store(true, Ordering::Relaxed);
                return Err(stopped);
            }
        }
    })
}

/// What comes of a block.
type Done = Result<Vec<Simulated>, Bug>;

/// A block that was given to the threads.
struct UnderWay {
    block: Block,
    done: Receiver<Done>,
    /// How many of its rollouts are simulated. A count for each block, so that threads do not wait for each other.
    simulated: Arc<AtomicU64>,
}

/// What all threads share.
struct Workers<'a, S, F> {
    plan: &'a Plan,
    strategies: &'a [usize],
    seed: u64,
    simulate: &'a F,
    cancelled: AtomicBool,
    /// Buffers that no thread is using.
    idle: Mutex<Vec<S>>,
}

impl<S: Default + Send, F: Simulate<S>> Workers<'_, S, F> {
    /// Simulates a block and sends its outcomes, or the first rollout that panicked.
    fn work(&self, block: Block, simulated: &AtomicU64, to: &SyncSender<Done>) {
        let mut scratch = self.idle().pop().unwrap_or_default();
        let done = self.outcomes(block, simulated, &mut scratch);
        // After a panic the buffers may be in any state.
        if done.is_ok() {
            self.idle().push(scratch);
        }
        // Nobody listens any more when the run has been stopped.
        let _ = to.send(done);
    }

    /// All of the block, or fewer once nobody wants them any more.
    fn outcomes(&self, block: Block, simulated: &AtomicU64, scratch: &mut S) -> Done {
        let mut outcomes = Vec::with_capacity(block.count as usize);
        let given_up = &self.cancelled;
        for number in block.first..block.first + block.count {
            if given_up.load(Ordering::Relaxed) {
                break;
            }
            let stratum = block
                .stratum
                .unwrap_or_else(|| schedule::drawn_stratum(self.plan, self.seed, number));
            let rollout = || (self.simulate)(block.place, stratum, number, scratch, given_up);
            let outcome = catch_unwind(AssertUnwindSafe(rollout));
            match outcome.map_err(|panic| self.bug(block, stratum, number, panic.as_ref()))? {
                Some(outcome) => outcomes.push(outcome),
                None => break,
            }
            simulated.fetch_add(1, Ordering::Relaxed);
        }
        Ok(outcomes)
    }

    fn bug(
        &self,
        block: Block,
        stratum: Stratum,
        number: u64,
        panic: &(dyn std::any::Any + Send),
    ) -> Bug {
        Bug {
            seed: self.seed,
            strategy: self.plan.strategies[self.strategies[block.place]]
                .name
                .clone(),
            stratum: self.plan.stratum_name(stratum).to_owned(),
            number,
            message: message_of(panic),
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<S>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a panic said.
fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
    message.unwrap_or("a panic without a message").to_owned()
}

/// Takes blocks in order, on the calling thread.
struct Taker<'a> {
    strategies: &'a [usize],
    schedule: &'a Schedule,
    observer: &'a mut dyn Observer,
    summary: Summary,
    done: u64,
}

impl<'a> Taker<'a> {
    fn new(
        plan: &Plan,
        strategies: &'a [usize],
        settings: &Settings,
        schedule: &'a Schedule,
        observer: &'a mut dyn Observer,
    ) -> Taker<'a> {
        let summary = Summary::new(plan, strategies, settings.sampling, settings.level);
        Taker {
            strategies,
            schedule,
            observer,
            summary,
            done: 0,
        }
    }

    fn take(&mut self, block: Block, rollouts: Vec<Simulated>) -> Result<(), Stopped> {
        let strategy = self.strategies[block.place];
        self.done += rollouts.len() as u64;
        for (outcome, course) in rollouts {
            self.summary.add(strategy, &outcome);
            if let Some(course) = course {
                self.observer.course(strategy, outcome.stratum, course);
            }
            self.observer
                .outcome(strategy, &outcome, self.schedule.weight(block))?;
        }
        let total = self.schedule.total();
        asked(self.observer.progress(self.done, total, &self.summary))
    }

    /// Nothing came for a while.
    fn wait(&mut self, under_way: &VecDeque<UnderWay>) -> Result<(), Stopped> {
        let ahead = under_way
            .iter()
            .map(|u| u.simulated.load(Ordering::Relaxed));
        let simulated = self.done + ahead.sum::<u64>();
        asked(self.observer.waiting(simulated, self.schedule.total()))
    }

    fn finish(mut self) -> Summary {
        self.summary.settle();
        self.summary
    }
}

/// What an observer asks for.
fn asked(flow: ControlFlow<()>) -> Result<(), Stopped> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Stopped::Interrupted),
    }
}
