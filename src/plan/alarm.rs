//! Alarms: what they read, when they fire, what they do.

use super::origin::Origin;
use crate::random::NameKey;

/// The requests that an alarm reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Population {
    /// The first step's cohorts of a zone.
    OneBox,
    /// All new-version traffic of a zone while its share is between 0 and 1.
    Canary,
    /// All traffic of a zone.
    Zone,
    /// All traffic of a region.
    Region,
    /// All traffic.
    Fleet,
}

impl Population {
    /// Whether an instance is a zone.
    pub fn is_zonal(self) -> bool {
        matches!(
            self,
            Population::OneBox | Population::Canary | Population::Zone
        )
    }
}

/// When a datapoint breaches. `inclusive` is "at least" instead of "more than" (or "at most" instead of "less than").
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    /// bad / requests beyond a threshold.
    Ratio {
        /// SLI index.
        sli: usize,
        /// Threshold, a share.
        over: f64,
        /// `>=` instead of `>`.
        inclusive: bool,
    },
    /// Bad requests of a window beyond a number.
    Count {
        /// SLI index.
        sli: usize,
        /// Threshold, a number of requests.
        over: f64,
        /// `>=` instead of `>`.
        inclusive: bool,
    },
    /// Bad ratio beyond the control's ratio plus `over`.
    ControlPlus {
        /// SLI index.
        sli: usize,
        /// Difference, a share.
        over: f64,
        /// `>=` instead of `>`.
        inclusive: bool,
    },
    /// Bad ratio beyond the control's ratio times `factor`.
    ControlTimes {
        /// SLI index.
        sli: usize,
        /// Factor.
        factor: f64,
        /// `>=` instead of `>`.
        inclusive: bool,
    },
    /// One-sided pooled two-proportion z test against the control, without continuity correction.
    ControlTest {
        /// SLI index.
        sli: usize,
        /// Standard normal quantile at 1 - level: rejects when z exceeds it.
        critical: f64,
    },
    /// Fewer requests than a number.
    RequestsBelow {
        /// Threshold, a number of requests.
        under: f64,
        /// `<=` instead of `<`.
        inclusive: bool,
    },
    /// Fewer requests, in proportion to traffic share, than a share of the control's.
    RequestsBelowControl {
        /// Share of the control's requests.
        share: f64,
        /// `<=` instead of `<`.
        inclusive: bool,
    },
}

impl Condition {
    /// The SLI read, if the condition is not on the number of requests.
    pub fn sli(self) -> Option<usize> {
        match self {
            Condition::Ratio { sli, .. }
            | Condition::Count { sli, .. }
            | Condition::ControlPlus { sli, .. }
            | Condition::ControlTimes { sli, .. }
            | Condition::ControlTest { sli, .. } => Some(sli),
            Condition::RequestsBelow { .. } | Condition::RequestsBelowControl { .. } => None,
        }
    }

    /// Whether the zone's old-version traffic is read as well.
    pub fn is_relative(self) -> bool {
        matches!(
            self,
            Condition::ControlPlus { .. }
                | Condition::ControlTimes { .. }
                | Condition::ControlTest { .. }
                | Condition::RequestsBelowControl { .. }
        )
    }

    /// Whether the condition is a ratio, which needs at least one request.
    pub fn asks_ratio(self) -> bool {
        matches!(
            self,
            Condition::Ratio { .. }
                | Condition::ControlPlus { .. }
                | Condition::ControlTimes { .. }
                | Condition::ControlTest { .. }
        )
    }
}

/// A second condition that must hold as well, over a window of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct AndAlso {
    /// The condition.
    pub condition: Condition,
    /// Its window, in seconds.
    pub window_s: u32,
}

/// How many datapoints must breach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// M of the last N datapoints, which lie `period` apart.
    MOfN {
        /// Breaching datapoints needed.
        m: u32,
        /// Datapoints looked at.
        n: u32,
    },
    /// M of all datapoints since the history began.
    InAll {
        /// Breaching datapoints needed.
        m: u32,
    },
}

/// What a datapoint with too few requests counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A datapoint that does not breach.
    NotBreaching,
    /// A datapoint that breaches.
    Breaching,
    /// No datapoint at all.
    Skip,
    /// What CloudWatch makes of it, with its own filling.
    CloudWatch(SilentFill),
}

/// CloudWatch's `TreatMissingData`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SilentFill {
    /// `missing`, the default there.
    Missing,
    /// `ignore`: keep the state.
    Ignore,
    /// `breaching`.
    Breaching,
    /// `notBreaching`.
    NotBreaching,
}

/// How long an alarm watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watches {
    /// To the end of the zone's last step.
    Step,
    /// To the end of the zone's bake.
    Zone,
    /// To the end of the bake of the wave (for a region or the fleet: of every wave that brought it new version).
    Wave,
    /// To the end of the last wave's bake.
    Rollout,
    /// Until the rollout is over.
    Watch,
}

/// What an alarm does when it fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A detection at once.
    RollBack,
    /// The on-call rolls the fleet back, after a while.
    Page,
    /// Nothing new starts until an approval.
    Pause,
    /// Bakes do not end while the last datapoint is bad or missing.
    Hold,
}

/// Where buckets and datapoints lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grid {
    /// At multiples of the period on the wall clock (UTC).
    WallClock,
    /// Counted from the instance's first new-version traffic.
    Deployment,
}

/// Steps (from 1) to which a zone's alarm is limited, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepLimits {
    /// First step.
    pub from: u32,
    /// Last step.
    pub to: u32,
}

/// An alarm.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// Hash of the name, for keys.
    pub key: NameKey,
    /// What it reads.
    pub population: Population,
    /// When a datapoint breaches.
    pub condition: Condition,
    /// How much a datapoint covers, in seconds.
    pub window_s: u32,
    /// What must hold as well.
    pub and: Option<AndAlso>,
    /// Distance of the datapoints that the rule counts, in seconds; a multiple of `every_s`.
    pub period_s: u32,
    /// Distance of datapoints, in seconds.
    pub every_s: u32,
    /// From a datapoint's end until it is known, in seconds.
    pub lag_s: f64,
    /// How many datapoints must breach.
    pub rule: Rule,
    /// Requests below which a datapoint is missing.
    pub min_requests: f64,
    /// What a missing datapoint counts as.
    pub missing: Missing,
    /// What it does.
    pub does: Action,
    /// How long it watches.
    pub watches: Watches,
    /// Synthetic requests a period, which it reads instead of real ones.
    pub probes: Option<u64>,
    /// Steps to which it is limited.
    pub steps: Option<StepLimits>,
    /// Whether its history is cleared when an action begins in the instance.
    pub resets_on_step: bool,
    /// Where its datapoints lie.
    pub grid: Grid,
    /// Where it was declared.
    pub origin: Origin,
}

impl Alarm {
    /// The longer of its windows, in seconds.
    pub fn longest_window_s(&self) -> i64 {
        let second = self.and.map_or(0, |and| and.window_s);
        i64::from(self.window_s.max(second))
    }

    /// Whether it has datapoints only while old and new version stand side by side in its zone.
    pub fn needs_both_versions(&self) -> bool {
        self.population == Population::Canary
            || self.condition.is_relative()
            || self.and.is_some_and(|and| and.condition.is_relative())
    }
}
