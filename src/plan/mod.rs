//! The checked world and its strategies: what the engine simulates.
//!
//! A [`Plan`] is made only by checking a scenario ([`crate::scenario`]); from then on every value is
//! finite, every index is in range and every name is resolved, and nothing later checks again.
//! No files, no text positions, no time zones: local times were turned into instants at the door.
//!
//! Units: seconds, requests a second (`rps`), shares from 0 to 1; instants are Unix seconds.

mod alarm;
mod change;
mod fleet;
mod origin;
mod people;
mod rollout;
mod targets;

pub use alarm::{
    Action, Alarm, AndAlso, Condition, Grid, Missing, Population, Rule, SilentFill, StepLimits,
    Watches,
};
pub use change::{
    Change, Fault, Scope, Spill, SpillKind, Susceptible, Trigger, TriggerKind, Varies,
};
pub use fleet::{Fleet, IncidentKind, IncidentScope, Region, Sli, WarmUp, Zone};
pub use origin::Origin;
pub use people::{Oncall, PeopleDelay, Retry, Rollback, RollbackScope, ThenFleet};
pub use rollout::{
    Bake, BakeKind, Batches, Order, Parts, Step, StepShare, Strategy, Target, TargetSpec, Test,
    Then, TimedBake, Wave, WaveTargets, Windows,
};

pub use targets::assign_targets;

use crate::calendar::Intervals;
use crate::random::NameKey;

/// When rollouts start.
#[derive(Clone, Debug)]
pub enum Start {
    /// At one moment (Unix seconds).
    At(f64),
    /// Uniformly over these hours, drawn once per rollout.
    Within(Intervals),
}

/// A whole checked scenario.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// What the scenario calls itself.
    pub name: String,
    /// Regions, zones and their traffic.
    pub fleet: Fleet,
    /// Service-level indicators, in order of declaration.
    pub slis: Vec<Sli>,
    /// Background trouble that is nobody's deployment.
    pub incidents: Vec<IncidentKind>,
    /// What every cohort adds when it is new.
    pub warm_up: Option<WarmUp>,
    /// How often changes are bad, and in which ways.
    pub change: Change,
    /// The people on call.
    pub oncall: Oncall,
    /// What happens after a stop by chance.
    pub retry: Option<Retry>,
    /// When rollouts start.
    pub start: Start,
    /// Time between the last bake and the rollout being over, in seconds.
    pub watch_s: f64,
    /// Time after which an unfinished rollout is `stalled`, in seconds.
    pub horizon_s: f64,
    /// Shared alarms that no strategy uses, by name, and where they were declared.
    pub unused_alarms: Vec<(String, Origin)>,
    /// The strategies, in order of declaration.
    pub strategies: Vec<Strategy>,
}

/// One of the K + 1 cases a change can be: fault-free, or carrying one class of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stratum {
    /// The change carries no fault.
    FaultFree,
    /// The change carries the fault of this index in [`Change::faults`].
    Fault(usize),
}

/// The name of the fault-free stratum in files and keys.
pub const FAULT_FREE: &str = "fault-free";

impl Plan {
    /// All strata of the scenario: fault-free first, then the faults in order of declaration.
    pub fn strata(&self) -> Vec<Stratum> {
        let mut strata = vec![Stratum::FaultFree];
        strata.extend((0..self.change.faults.len()).map(Stratum::Fault));
        strata
    }

    /// The name of a stratum, as in `rollouts.csv`.
    pub fn stratum_name(&self, stratum: Stratum) -> &str {
        match stratum {
            Stratum::FaultFree => FAULT_FREE,
            Stratum::Fault(f) => &self.change.faults[f].name,
        }
    }

    /// The key of a stratum: the hash of its name.
    pub fn stratum_key(&self, stratum: Stratum) -> NameKey {
        NameKey::of(self.stratum_name(stratum))
    }

    /// The probability that a change falls into a stratum; these sum to 1.
    pub fn stratum_weight(&self, stratum: Stratum) -> f64 {
        let total: f64 = self.change.faults.iter().map(|f| f.weight).sum();
        let bad = if total > 0.0 { self.change.bad } else { 0.0 };
        match stratum {
            Stratum::FaultFree => 1.0 - bad,
            Stratum::Fault(f) => bad * self.change.faults[f].weight / total,
        }
    }

    /// The index of a strategy by its name.
    pub fn strategy_named(&self, name: &str) -> Option<usize> {
        self.strategies.iter().position(|s| s.name == name)
    }
}
