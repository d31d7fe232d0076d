//! One rollout of one change under one strategy, simulated event by event.
//!
//! [`Engine::simulate`] is a pure function of the plan, the strategy, the seed and the rollout's name: no files, no
//! clocks, no threads, no state kept from one rollout to the next (a [`Scratch`] keeps memory only). It cannot fail:
//! what could be wrong was refused when the plan was checked, and a broken rule of the program is a panic that names
//! the values.
//!
//! The world (traffic, incidents, warm-up, the fault's onset) and the program of the strategy (tests, waves, bakes)
//! meet in one queue of events, ordered by time, phase, rank and insertion (`event`). Whatever an event changes is
//! settled once at the end of its moment: which requests the fault hits (`hits`), what that costs (`meter`), and
//! the laws from which alarms draw their counts (`law`). States that last no time leave no trace.

mod attempt;
mod background;
mod bake;
mod bakes;
mod bucket;
mod carried;
mod counts;
mod course;
mod event;
mod family;
mod forecast;
mod history;
mod hits;
mod judge;
mod law;
mod layout;
mod linear;
mod meter;
mod names;
mod outcome;
mod people;
mod rise;
mod rollout;
mod share;
mod skip;
mod start;
mod stop;
mod strand;
mod tell;
mod test_run;
mod traffic;
mod trigger;
mod undisturbed;
mod walk;
mod watch;
mod zone;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::course::Course;
use crate::outcome::Outcome;
use crate::plan::{Plan, Stratum};
use crate::trace::Trace;
use background::Incident;
use course::Recording;
use forecast::Forecaster;
use layout::Layout;
use rollout::{Buffers, Rollout};
pub use skip::Way;
use undisturbed::{Times, Undisturbed};

/// Memory that one thread reuses from rollout to rollout. It carries no information.
#[derive(Debug, Default)]
pub struct Scratch {
    buffers: Buffers,
    times: Times,
    incidents: Vec<Incident>,
}

/// Nobody gives these rollouts up.
static NEVER: AtomicBool = AtomicBool::new(false);

/// Simulates rollouts of one strategy of a plan.
#[derive(Debug)]
pub struct Engine<'p> {
    layout: Layout<'p>,
    /// For rollouts that nothing disturbs, where there may be any.
    undisturbed: Option<Undisturbed>,
    /// For what is cheaper than simulating, made when first asked for.
    forecaster: OnceLock<Option<Forecaster>>,
}

impl<'p> Engine<'p> {
    /// Prepares a strategy (by index in the plan).
    pub fn new(plan: &'p Plan, strategy: usize) -> Engine<'p> {
        Engine::with_way(plan, strategy, Way::Skipping)
    }

    /// Prepares a strategy to be simulated in a certain way. Outcomes have the same law either way, and differ in the
    /// noise of alarms.
    pub fn with_way(plan: &'p Plan, strategy: usize, way: Way) -> Engine<'p> {
        let layout = Layout::new(plan, &plan.strategies[strategy], way);
        Engine {
            undisturbed: Undisturbed::of(&layout),
            forecaster: OnceLock::new(),
            layout,
        }
    }

    /// Prepares a strategy of which every rollout is simulated event by event, even one that nothing disturbs. Outcomes are
    /// the same.
    pub fn event_by_event(plan: &'p Plan, strategy: usize) -> Engine<'p> {
        Engine {
            undisturbed: None,
            ..Engine::new(plan, strategy)
        }
    }

    /// Simulates rollout `number` of a stratum.
    pub fn simulate(
        &self,
        seed: u64,
        stratum: Stratum,
        number: u64,
        scratch: &mut Scratch,
    ) -> Outcome {
        self.simulate_unless(&NEVER, seed, stratum, number, false, scratch)
            .expect("nobody gives it up")
            .0
    }

    /// Simulates rollout `number` of a stratum, and records its course.
    pub fn simulate_course(
        &self,
        seed: u64,
        stratum: Stratum,
        number: u64,
        scratch: &mut Scratch,
    ) -> (Outcome, Course) {
        let (outcome, course) = self
            .simulate_unless(&NEVER, seed, stratum, number, true, scratch)
            .expect("nobody gives it up");
        (outcome, course.unwrap_or_default())
    }

    /// Simulates rollout `number` of a stratum, and records its course if that is asked for; `None` if another thread
    /// gives it up on the way. In a large fleet one rollout can take seconds.
    pub fn simulate_unless(
        &self,
        given_up: &AtomicBool,
        seed: u64,
        stratum: Stratum,
        number: u64,
        with_course: bool,
        scratch: &mut Scratch,
    ) -> Option<(Outcome, Option<Course>)> {
        if given_up.load(Ordering::Relaxed) {
            return None;
        }
        if !with_course && let Some(outcome) = self.reckon(seed, stratum, number, scratch) {
            return Some((outcome, None));
        }
        let buffers = std::mem::take(&mut scratch.buffers);
        let mut rollout = Rollout::new(&self.layout, seed, stratum, number, buffers);
        rollout.recording =
            with_course.then(|| Recording::of(self.layout.plan.fleet.regions.len()));
        let came_to_its_end = rollout.run(given_up);
        let course = rollout.recording.take().map(|r| r.course);
        let simulated = came_to_its_end.then(|| (rollout.outcome(stratum, number), course));
        scratch.buffers = rollout.into_buffers();
        simulated
    }

    /// What rollout `number` of a stratum comes to, if that can be reckoned without simulating it: if it can be told that
    /// nothing disturbs it.
    pub fn reckon(
        &self,
        seed: u64,
        stratum: Stratum,
        number: u64,
        scratch: &mut Scratch,
    ) -> Option<Outcome> {
        let undisturbed = self.undisturbed.as_ref()?;
        undisturbed.outcome(&self.layout, seed, stratum, number, &mut scratch.times)
    }

    fn forecaster(&self) -> Option<&Forecaster> {
        let made = self.forecaster.get_or_init(|| Forecaster::of(&self.layout));
        made.as_ref()
    }

    /// Whether a forecast costs much less than a rollout: not where rollouts can be reckoned, nor where most of it is to see
    /// whether there are incidents, in a fleet of which the strategy is a small part.
    pub fn forecasts_pay(&self) -> bool {
        self.undisturbed.is_none() && self.forecaster().is_some_and(|f| f.is_cheap(&self.layout))
    }

    /// What rollout `number` of a stratum will probably come to, found at a small part of the cost of simulating it; `None`
    /// where that cannot be foreseen. It says how the rollout ends, when, and after how many attempts; nothing of hits. Good
    /// as a control variate, and for nothing that has to be right.
    pub fn forecast(
        &self,
        seed: u64,
        stratum: Stratum,
        number: u64,
        scratch: &mut Scratch,
    ) -> Option<Outcome> {
        let forecaster = self.forecaster()?;
        let memory = (&mut scratch.times, &mut scratch.incidents);
        forecaster.outcome(&self.layout, seed, (stratum, number), memory)
    }

    /// Simulates rollout `number` of a stratum and tells what happens in it.
    pub fn trace(&self, seed: u64, stratum: Stratum, number: u64) -> Trace {
        let buffers = Buffers::default();
        let mut rollout = Rollout::new(&self.layout, seed, stratum, number, buffers);
        rollout.told = Some(rollout.told_at_first());
        rollout.run(&NEVER);
        let happenings = rollout.told.take().unwrap_or_default();
        Trace {
            outcome: rollout.outcome(stratum, number),
            happenings,
        }
    }
}
