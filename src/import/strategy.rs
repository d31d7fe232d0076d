//! The strategy that an import becomes, in the words of a scenario.

use std::collections::HashSet;

use super::refusal::At;

/// A strategy of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Strategy {
    /// Tests before production, one after the other.
    pub preproduction: Vec<Test>,
    /// Tests of every zone.
    pub tests: Vec<Test>,
    /// Steps of every zone.
    pub steps: Vec<Step>,
    /// Zones at a time: `rest` for all of a region.
    pub zones: Zones,
    /// The bake after a zone, where they come one by one.
    pub zone_bake: Bake,
    /// The waves; none is one of the rest.
    pub waves: Vec<Wave>,
    /// How long people take to approve, a literal, where somebody is asked.
    pub approval: Option<String>,
    /// How long it takes to go back, a literal.
    pub rollback_takes: Option<String>,
    /// Equal parts in which it goes back.
    pub rollback_in: u32,
}

impl Default for Strategy {
    fn default() -> Strategy {
        Strategy {
            preproduction: Vec::new(),
            tests: Vec::new(),
            steps: Vec::new(),
            zones: Zones::AllAtOnce,
            zone_bake: Bake::None,
            waves: Vec::new(),
            approval: None,
            rollback_takes: None,
            rollback_in: 1,
        }
    }
}

/// Zones of a region at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zones {
    /// All, as a tool does that sees one cluster.
    AllAtOnce,
    /// One after the other.
    OneByOne,
}

/// A step of a zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The share in percent.
    pub to_percent: f64,
    /// How long the action takes, a literal; `None` for no time.
    pub takes: Option<String>,
    /// Equal parts of the action.
    pub parts: u32,
    /// How long it bakes.
    pub bake: Bake,
    /// Where it comes from.
    pub at: At,
    /// What it comes from, for a comment.
    pub comment: String,
}

/// How long a share is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bake {
    /// Not at all.
    None,
    /// Seconds.
    For(f64),
    /// Until somebody approves.
    Manual,
    /// Longer than any rollout is simulated.
    Endless,
}

/// A wave.
#[derive(Clone, Debug, PartialEq)]
pub struct Wave {
    /// Regions by name, or none for all that are left.
    pub regions: Vec<String>,
    /// Targets under way at once.
    pub parallel: u32,
    /// Whether it needs an approval first.
    pub approval: bool,
    /// The bake after all targets.
    pub bake: Bake,
    /// Steps of its own; none for the strategy's.
    pub steps: Vec<Step>,
    /// Where it comes from.
    pub at: At,
    /// What it comes from, for a comment.
    pub comment: String,
}

/// A test.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// When a zone's test runs: whether after its traffic.
    pub after_traffic: bool,
    /// How long it takes, a literal.
    pub takes: String,
    /// Where it comes from.
    pub at: At,
    /// What it comes from, for a comment.
    pub comment: String,
}

/// An alarm.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// What it reads: `one-box`, `canary`, `zone`, `region` or `fleet`.
    pub scope: &'static str,
    /// When a datapoint breaches, such as `errors > 1%`.
    pub when: String,
    /// Distance of datapoints that are counted together, in whole seconds.
    pub period_s: u32,
    /// Distance of datapoints, where it is shorter.
    pub every_s: Option<u32>,
    /// What a datapoint covers, where that is not the period.
    pub window_s: Option<u32>,
    /// From a datapoint's end until it is known.
    pub lag_s: f64,
    /// How many must breach, such as `3 of 5` or `4 in all`.
    pub datapoints: String,
    /// Requests below which a datapoint is missing.
    pub min_requests: Option<f64>,
    /// What a missing datapoint counts as.
    pub missing: &'static str,
    /// A second condition, and its window in seconds.
    pub and: Option<(String, Option<u32>)>,
    /// What it does: `rollback`, `page`, `pause` or `hold`.
    pub does: &'static str,
    /// How long it watches: `step`, `zone`, `wave`, `rollout` or `watch`.
    pub watches: &'static str,
    /// First step, and last, that it watches, from 1.
    pub steps: Option<(usize, Option<usize>)>,
    /// Whether datapoints are counted from the first new version instead of by the clock.
    pub from_deployment: bool,
    /// Where it comes from.
    pub at: At,
    /// What it comes from, for a comment.
    pub comment: String,
}

impl Alarm {
    /// An alarm that rolls back after one datapoint of a minute.
    pub fn new(
        name: impl Into<String>,
        scope: &'static str,
        when: impl Into<String>,
        at: At,
    ) -> Alarm {
        Alarm {
            name: name.into(),
            scope,
            when: when.into(),
            period_s: 60,
            every_s: None,
            window_s: None,
            lag_s: 0.0,
            datapoints: "1 of 1".to_owned(),
            min_requests: None,
            missing: "not-breaching",
            and: None,
            does: "rollback",
            watches: "rollout",
            steps: None,
            from_deployment: false,
            at,
            comment: String::new(),
        }
    }
}

impl Step {
    /// A step that takes no time.
    pub fn new(to_percent: f64, bake: Bake, at: At, comment: impl Into<String>) -> Step {
        Step {
            to_percent,
            takes: None,
            parts: 1,
            bake,
            at,
            comment: comment.into(),
        }
    }
}

/// A name that no alarm has yet: this one, or one with a number. `rest`: what follows the number.
pub fn free_name(name: &str, rest: &str, alarms: &[Alarm]) -> String {
    let taken: HashSet<&str> = alarms.iter().map(|alarm| alarm.name.as_str()).collect();
    let mut free = format!("{name}{rest}");
    let mut number = 1;
    while taken.contains(free.as_str()) {
        number += 1;
        free = format!("{name} {number}{rest}");
    }
    free
}
