//! One rollout told: as text, as JSON lines, as a timeline for a trace viewer, and as a Gantt chart.

pub mod chrome;
pub mod gantt;
pub mod lines;
mod spans;
pub mod text;
mod words;

use crate::calendar::format_moment;
use crate::plan::{Plan, Strategy};
use crate::trace::{Site, Trace};
pub use spans::Spans;

/// A rollout that is told, and all that is needed to name what happens in it.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Index of the strategy in it.
    pub strategy: usize,
    /// The seed.
    pub seed: u64,
    /// What happened.
    pub trace: &'a Trace,
}

impl<'a> Told<'a> {
    fn strategy(&self) -> &'a Strategy {
        &self.plan.strategies[self.strategy]
    }

    /// The rollout's name, as `--run` takes it: `memory-leak#812`.
    pub fn run(&self) -> String {
        let outcome = &self.trace.outcome;
        let stratum = self.plan.stratum_name(outcome.stratum);
        format!("{stratum}#{}", outcome.number)
    }

    /// A moment on the calendar.
    fn moment(&self, at_s: f64) -> String {
        format_moment(self.trace.outcome.start + at_s)
    }

    fn site(&self, site: Site) -> &'a str {
        match site {
            Site::Zone(zone) => &self.plan.fleet.zones[zone].name,
            Site::Region(region) => &self.plan.fleet.regions[region].name,
            Site::Fleet => "everywhere",
        }
    }
}
