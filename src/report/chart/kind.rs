//! The charts that there are, by name.

use super::alarms::Alarms;
use super::caught::Caught;
use super::detection::Detection;
use super::exceedance::Exceedance;
use super::exposure::Exposure;
use super::scene::Scene;
use super::time::Time;
use super::tradeoff::Tradeoff;
use crate::plan::Plan;
use crate::report::basis::Basis;
use crate::summary::{Courses, Detectors, Summary};

/// A chart of the results of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chart {
    /// Blast radius against time to full deployment.
    Tradeoff,
    /// Where faults are caught.
    Caught,
    /// The fleet through time.
    Exposure,
    /// How likely a faulty change hits more than so much.
    Exceedance,
    /// What the time to full deployment is spent on.
    Time,
    /// How long it takes to see a fault.
    Detection,
    /// What each alarm did.
    Alarms,
}

/// What charts are drawn from.
#[derive(Clone, Copy, Debug)]
pub struct Results<'a> {
    /// The plan that was run.
    pub plan: &'a Plan,
    /// The figures.
    pub summary: &'a Summary,
    /// What they rest on.
    pub basis: &'a Basis,
    /// What stopped changes, of each strategy (by index in the plan).
    pub detectors: &'a [(usize, Detectors)],
    /// The courses of some rollouts.
    pub courses: &'a Courses,
}

impl Chart {
    /// All charts, in the order of their importance.
    pub const ALL: [Chart; 7] = [
        Chart::Tradeoff,
        Chart::Caught,
        Chart::Exposure,
        Chart::Exceedance,
        Chart::Time,
        Chart::Detection,
        Chart::Alarms,
    ];

    /// Its name on the command line, and that of its files.
    pub fn name(self) -> &'static str {
        let (svg, _) = self.files();
        svg.trim_end_matches(".svg")
    }

    /// The names of its files, as SVG and PNG.
    pub fn files(self) -> (&'static str, &'static str) {
        match self {
            Chart::Tradeoff => ("tradeoff.svg", "tradeoff.png"),
            Chart::Caught => ("caught.svg", "caught.png"),
            Chart::Exposure => ("exposure.svg", "exposure.png"),
            Chart::Exceedance => ("exceedance.svg", "exceedance.png"),
            Chart::Time => ("time.svg", "time.png"),
            Chart::Detection => ("detection.svg", "detection.png"),
            Chart::Alarms => ("alarms.svg", "alarms.png"),
        }
    }

    /// What it shows, in one line.
    pub fn meaning(self) -> &'static str {
        match self {
            Chart::Tradeoff => "blast radius against time to full deployment",
            Chart::Caught => "where faults are caught, stage by stage and fault by fault",
            Chart::Exposure => {
                "the fleet through time: the new version's share, and what a fault hits"
            }
            Chart::Exceedance => "how likely a faulty change hits more than so much",
            Chart::Time => "what the time to full deployment is spent on",
            Chart::Detection => "how long it takes to see each fault",
            Chart::Alarms => "what each alarm caught, and what it stopped by chance",
        }
    }

    /// The most strategies that it can show: those with a part for each would become pictures that nobody looks at.
    pub fn most_strategies(self) -> usize {
        match self {
            Chart::Tradeoff => usize::MAX,
            _ => 40,
        }
    }

    /// The chart of some results; `None` where they have nothing to show in it.
    pub fn scene(self, results: Results<'_>) -> Option<Scene> {
        let Results {
            plan,
            summary,
            basis,
            detectors,
            courses,
        } = results;
        match self {
            Chart::Tradeoff => Tradeoff::of(summary).scene(basis),
            Chart::Caught => Caught::of(summary, basis).scene(basis),
            Chart::Exposure => {
                let names = summary.strategies().zip(basis.strategies.iter().cloned());
                Exposure::of(courses, &names.collect::<Vec<_>>()).scene(basis)
            }
            Chart::Exceedance => Exceedance::of(summary, basis).scene(basis),
            Chart::Time => Time::of(summary, basis).scene(basis),
            Chart::Detection => Detection::of(summary, basis).scene(basis),
            Chart::Alarms => Alarms::of(plan, detectors).scene(basis),
        }
    }
}
