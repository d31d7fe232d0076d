//! The change that travels: how often it is bad, and what its faults do.

use super::origin::Origin;
use crate::random::{Dist, NameKey};

/// How often changes are bad, and in which ways.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Change {
    /// Probability that a change carries a fault.
    pub bad: f64,
    /// Changes a week, for figures a month.
    pub per_week: f64,
    /// The classes of fault.
    pub faults: Vec<Fault>,
    /// Where it was declared.
    pub origin: Origin,
}

/// What one instance of a trigger or of a spill covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One instance for everything.
    Fleet,
    /// One for each region.
    Region,
    /// One for each zone.
    Zone,
    /// One for each cohort: the share that one part of a step brings in.
    Cohort,
}

/// A class of fault.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fault {
    /// Its name, also the name of its stratum.
    pub name: String,
    /// Hash of the name, for keys.
    pub key: NameKey,
    /// Relative frequency among the faults (positive).
    pub weight: f64,
    /// When it wakes.
    pub trigger: Trigger,
    /// Additional bad probability of a hit request at full strength, by SLI index; cut so that base + added <= 1.
    pub adds: Vec<(usize, Dist)>,
    /// Time from onset to full strength, in seconds.
    pub ramp: Dist,
    /// How it reaches requests that the new version does not serve.
    pub spill: Option<Spill>,
    /// How long a zone stays hit after it is back at share 0, in seconds.
    pub lingers: Option<Dist>,
    /// Share of the hit requests that no metric sees.
    pub unseen: f64,
    /// Which regions show the fault at all.
    pub susceptible: Susceptible,
    /// Where it was declared.
    pub origin: Origin,
}

/// When a fault wakes, per instance of its scope.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Trigger {
    /// What wakes it.
    pub kind: TriggerKind,
    /// What one instance covers.
    pub scope: Scope,
    /// How the delay differs between instances.
    pub varies: Varies,
}

/// What wakes a fault.
#[derive(Clone, Debug)]
pub enum TriggerKind {
    /// This long after the instance first has new-version traffic.
    Delay(Dist),
    /// After E requests to the new version, E exponential with this mean (itself drawn once).
    Requests(Dist),
    /// This long after the new version's share of the instance's traffic first reaches `share`.
    Share {
        /// The share to reach, in (0, 1].
        share: f64,
        /// The delay from then on, in seconds.
        after: Dist,
    },
    /// This long after the instance's traffic is first at or above `times` its weekday mean, with new version there.
    Traffic {
        /// Multiple of the weekday mean.
        times: f64,
        /// The delay from then on, in seconds.
        after: Dist,
    },
    /// At the first of these instants with new version there; one list per region, sorted Unix seconds.
    Daily(Vec<std::sync::Arc<[f64]>>),
    /// At one moment per region (Unix seconds), or at once when it is past.
    Moment(Vec<f64>),
    /// Exactly while some but not all of the instance's traffic is on the new version.
    Mixed,
}

/// How a delay differs between the instances of a trigger.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Varies {
    /// One draw for all.
    Alike,
    /// One draw times a lognormal factor per instance: median 1, standard deviation of the logarithm `sigma`.
    Factor {
        /// ln(v) / z(0.95), where v is the factor's 95th percentile.
        sigma: f64,
    },
    /// A draw per instance.
    All,
}

/// How a fault reaches requests that are not on the new version.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Spill {
    /// How much.
    pub kind: SpillKind,
    /// Among which requests ([`Scope::Cohort`] does not occur).
    pub scope: Scope,
}

/// How large a spill is; A is the scope's request-weighted share of active new-version traffic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SpillKind {
    /// min(1, factor * A): overload.
    Times(f64),
    /// This share while A > 0: damaged shared state.
    Fixed(f64),
}

/// Which regions show a fault.
#[derive(Clone, Debug, PartialEq)]
pub enum Susceptible {
    /// Every region.
    All,
    /// Each with this probability, drawn per region and rollout.
    Chance(f64),
    /// These, by region index.
    Listed(Vec<bool>),
}
