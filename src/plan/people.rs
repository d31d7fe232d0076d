//! People: who is on call, how rollbacks go, what happens after a stop by chance.

use super::origin::Origin;
use crate::calendar::Intervals;
use crate::random::Dist;

/// A delay that people cause, in seconds; it may differ inside and outside working hours.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PeopleDelay {
    /// In force when the wait begins inside working hours.
    pub inside: Dist,
    /// In force when it begins outside.
    pub outside: Dist,
}

/// The people on call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Oncall {
    /// Working hours (always, where none are given).
    pub hours: Intervals,
    /// From a page or the last needed report to the rollback.
    pub responds: Option<PeopleDelay>,
    /// Reports per bad request that the fault causes.
    pub reports_per_bad_request: f64,
    /// The report that is acted on, counted from 1.
    pub acts_on_report: u32,
    /// Where it was declared.
    pub origin: Origin,
}

/// How far a rollback reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RollbackScope {
    /// The zone that was seen to be bad.
    Zone,
    /// Its region.
    Region,
    /// Everything.
    Fleet,
}

/// What happens to the rest after a rollback of a region or a zone.
#[derive(Clone, Debug)]
pub enum ThenFleet {
    /// It stays as it is.
    Never,
    /// It goes after this delay.
    After(PeopleDelay),
}

/// How a rollback goes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rollback {
    /// How far it reaches.
    pub scope: RollbackScope,
    /// Time for each zone, in seconds.
    pub takes: Dist,
    /// In how many equal parts (at least 1).
    pub parts: u32,
    /// What happens to the rest where `scope` is narrower than the fleet.
    pub then_fleet: ThenFleet,
    /// Where it was declared.
    pub origin: Origin,
}

/// What happens after a stop by chance.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Retry {
    /// From the moment when nothing is left or lingering to the next attempt, in seconds.
    pub after: Dist,
    /// How often a change is tried again.
    pub max: u32,
    /// Where it was declared.
    pub origin: Origin,
}
