//! Alarms that could not have stopped a fault in a part of a strategy's program.
//!
//! The chances are those of [`crate::operating`]: of the fault at its worst, awake from the moment the part brings in its
//! first new version (of a bake: when it begins), in the region with the most traffic among those whose first wave it is.
//! An alarm of which that is not computed is not said to have none.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::blame::Part;
use crate::lint::{Phase, earliest_s};
use crate::operating::{Chance, Gate, Memory, Stage, StageKind};
use crate::plan::{Action, Alarm, Condition, Fault, Plan};

/// A chance that is as good as none.
const AS_GOOD_AS_NONE: f64 = 0.01;
/// Terms of sums for all alarms that are asked about, and for one of them.
const MOST_TERMS: u64 = 30_000_000;
const MOST_OF_AN_ALARM: u64 = 2_000_000;
/// Durations and severities without an upper end count with this quantile.
const LARGE: f64 = 0.999;

/// An alarm without a chance.
#[derive(Clone, Debug, PartialEq)]
pub struct Chanceless {
    /// The alarm, by index in the strategy.
    pub alarm: usize,
    /// Why it has none.
    pub why: Why,
}

/// Why an alarm has no chance.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// The fault makes nothing worse that it reads.
    ReadsSomethingElse,
    /// It has no datapoints there that count, for this reason.
    NoDatapoints(&'static str),
    /// Its datapoints are missing.
    TooFewRequests {
        /// Requests of a datapoint, in the mean.
        reads: f64,
        /// Requests that it asks for.
        asks: f64,
    },
    /// The part is over before it can fire.
    TooLate {
        /// Seconds that it takes at least.
        takes_s: f64,
        /// Seconds until the part is over.
        over_s: f64,
    },
    /// What the fault adds is too little for it.
    TooLittle {
        /// The chance to fire at the most.
        at_most: f64,
        /// What the fault adds to the bad ratio of the new version at its worst.
        adds: f64,
    },
}

/// Answers which alarms have no chance, in a bounded time altogether.
#[derive(Debug)]
pub struct Unheard<'p> {
    plan: &'p Plan,
    memory: Rc<Memory>,
    /// By strategy, part and fault.
    known: BTreeMap<(usize, Part, usize), Vec<Chanceless>>,
}

impl<'p> Unheard<'p> {
    /// Of a plan's strategies.
    pub fn of(plan: &'p Plan) -> Unheard<'p> {
        Unheard {
            plan,
            memory: Rc::new(Memory::limited(MOST_TERMS)),
            known: BTreeMap::new(),
        }
    }

    /// The alarms that have no chance to stop a fault in a part of a strategy (both by index), in their order.
    pub fn alarms(&mut self, strategy: usize, part: Part, fault: usize) -> &[Chanceless] {
        let key = (strategy, part, fault);
        if !self.known.contains_key(&key) {
            let found = self.found(strategy, part, fault);
            self.known.insert(key, found);
        }
        &self.known[&key]
    }

    fn found(&self, strategy: usize, part: Part, fault: usize) -> Vec<Chanceless> {
        let memory = Rc::clone(&self.memory);
        let Some((gate, stage)) = gate(self.plan, strategy, part, memory) else {
            return Vec::new();
        };
        let fault = &self.plan.change.faults[fault];
        let alarms = gate.alarms().iter().enumerate();
        let asked = alarms.filter(|(_, alarm)| alarm.does != Action::Hold);
        asked
            .filter_map(|(index, alarm)| {
                self.memory.allow(MOST_OF_AN_ALARM);
                let why = self.why(&gate, stage, index, alarm, fault)?;
                Some(Chanceless { alarm: index, why })
            })
            .collect()
    }

    fn why(
        &self,
        gate: &Gate<'_>,
        stage: usize,
        index: usize,
        alarm: &Alarm,
        fault: &Fault,
    ) -> Option<Why> {
        let adds = match adds(self.plan, alarm, fault) {
            Adds::Nothing => return Some(Why::ReadsSomethingElse),
            Adds::AtMost(adds) => adds,
            Adds::LessRequests => return None,
        };
        let at_most = match gate.chance(index, stage, adds) {
            Chance::None(why) => return Some(Why::NoDatapoints(why)),
            chance => chance.bounds()?.1,
        };
        if at_most >= AS_GOOD_AS_NONE {
            return None;
        }
        let of: &Stage = &gate.stages()[stage];
        let reads = gate.requests(index, stage);
        let over_s = of.ends_s - of.live_s;
        Some(
            match earliest_s(alarm, reads / f64::from(alarm.window_s), Phase::Best) {
                None => Why::TooFewRequests {
                    reads,
                    asks: asks(alarm),
                },
                Some(takes_s) if takes_s >= over_s => Why::TooLate { takes_s, over_s },
                // What it does to other requests is not in that chance.
                Some(_) if fault.spill.is_some() => return None,
                Some(_) => Why::TooLittle { at_most, adds },
            },
        )
    }
}

/// The region with the most traffic of those to which a part's wave comes first, and the part's stage there.
fn gate(plan: &Plan, strategy: usize, part: Part, memory: Rc<Memory>) -> Option<(Gate<'_>, usize)> {
    let (kind, wave) = match part {
        Part::Step { wave, step } => (StageKind::Step(step), wave),
        Part::ZoneBake { wave } => (StageKind::ZoneBake, wave),
        Part::WaveBake { wave } => (StageKind::WaveBake, wave),
    };
    let targets = plan.strategies[strategy].fixed_targets.as_ref()?;
    let (before, from) = targets.split_at_checked(wave as usize - 1)?;
    let is_new = |region: usize| !before.iter().flatten().any(|t| t.region == region);
    let regions = from.first()?.iter().map(|t| t.region);
    let zone_rps = |region: usize| {
        let of = &plan.fleet.regions[region];
        of.rps / of.zones.len() as f64
    };
    let busiest = regions
        .filter(|&r| is_new(r))
        .max_by(|&a, &b| zone_rps(a).total_cmp(&zone_rps(b)))?;
    let gate = Gate::remembering(plan, strategy, busiest, memory)?;
    let stage = gate.stages().iter().position(|s| s.kind == kind)?;
    Some((gate, stage))
}

/// What a fault does to what an alarm reads.
enum Adds {
    Nothing,
    /// It adds this at most to the bad ratio.
    AtMost(f64),
    /// It hides requests.
    LessRequests,
}

fn adds(plan: &Plan, alarm: &Alarm, fault: &Fault) -> Adds {
    let Some(sli) = alarm.condition.sli() else {
        return match fault.unseen > 0.0 {
            true => Adds::LessRequests,
            false => Adds::Nothing,
        };
    };
    let is_hidden = fault.unseen >= 1.0 && alarm.probes.is_none();
    let dist = fault.adds.iter().find(|(s, _)| *s == sli);
    let most = dist.map_or(0.0, |(_, dist)| match dist.max() {
        max if max.is_finite() => max,
        _ => dist.quantile(LARGE),
    });
    match most.min(1.0 - plan.slis[sli].base) {
        most if most > 0.0 && !is_hidden => Adds::AtMost(most),
        _ => Adds::Nothing,
    }
}

/// Requests that a datapoint has to have: bad ones where the condition counts them.
fn asks(alarm: &Alarm) -> f64 {
    match alarm.condition {
        Condition::Count { over, .. } => alarm.min_requests.max(over),
        _ => alarm.min_requests.max(1.0),
    }
}
