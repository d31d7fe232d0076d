//! A strategy: the program that a rollout walks.

use std::sync::Arc;

use super::alarm::Alarm;
use super::origin::Origin;
use super::people::{PeopleDelay, Rollback};
use crate::calendar::Intervals;
use crate::random::{Dist, NameKey};

/// A wave strategy.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Strategy {
    /// Its name.
    pub name: String,
    /// In which order regions come.
    pub order: Order,
    /// Tests before production, one after the other.
    pub preproduction: Vec<Test>,
    /// Tests of every zone before its first step.
    pub pre_traffic: Vec<Test>,
    /// Tests of every zone after its last step.
    pub post_traffic: Vec<Test>,
    /// The waves.
    pub waves: Vec<Wave>,
    /// Targets of each wave where the order is the same in every rollout.
    pub fixed_targets: Option<WaveTargets>,
    /// How long people take to approve, where a wave says nothing else.
    pub approval: Option<PeopleDelay>,
    /// Whether no action starts in a region while an incident would fire an alarm there.
    pub waits_for_calm: bool,
    /// Alarms in use: the shared ones in order of declaration, then the strategy's own.
    pub alarms: Vec<Alarm>,
    /// How a rollback goes.
    pub rollback: Rollback,
    /// Where it was declared.
    pub origin: Origin,
}

/// In which order regions come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// The same in every rollout: region indices.
    Fixed(Vec<usize>),
    /// Shuffled anew for every attempt.
    Random,
}

/// A test, before production or as a hook of every zone.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Test {
    /// Its name.
    pub name: String,
    /// Hash of the name, for keys.
    pub key: NameKey,
    /// How long it takes, in seconds.
    pub takes: Dist,
    /// Probability of failing for no reason, per execution.
    pub flake: f64,
    /// Whether it sees a fault only while that is active in the zone.
    pub needs_active: bool,
    /// Chance that it can see the fault, by fault index.
    pub sees: Vec<f64>,
    /// Where it was declared.
    pub origin: Origin,
}

/// A wave.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Wave {
    /// What it targets.
    pub spec: TargetSpec,
    /// How many targets are under way at once (at least 1).
    pub parallel: usize,
    /// An approval that it needs first.
    pub approval: Option<PeopleDelay>,
    /// How long people take to approve in it: manual bakes, `ask`, the end of a pause.
    pub people: Option<PeopleDelay>,
    /// The bake after all targets are done.
    pub bake: Option<Bake>,
    /// The steps of each zone.
    pub steps: Arc<[Step]>,
    /// The batches of a region's zones.
    pub batches: Batches,
    /// The bake after each batch.
    pub zone_bake: Option<Bake>,
    /// When actions may start.
    pub windows: Option<Arc<Windows>>,
    /// Where it was declared.
    pub origin: Origin,
}

/// What a wave targets, as written.
#[derive(Clone, Debug, PartialEq)]
pub enum TargetSpec {
    /// The next regions in order.
    Next(usize),
    /// All that is left.
    Rest,
    /// These; zones are indices into the fleet's zones, all of one region each.
    Named(Vec<Target>),
}

/// A region, or zones of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Region index.
    pub region: usize,
    /// Zone indices, in order of number.
    pub zones: Vec<usize>,
}

/// For each wave its targets, in the order in which they start.
pub type WaveTargets = Vec<Vec<Target>>;

/// The batches of a region's zones: sizes, the last repeating unless `rest` takes what is left.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Batches {
    /// Zones per batch (each at least 1).
    pub sizes: Vec<usize>,
    /// Whether one last batch takes what the sizes leave.
    pub rest: bool,
}

impl Batches {
    /// The size of the `k`-th batch (from 0) when `left` zones are left.
    pub fn size(&self, k: usize, left: usize) -> usize {
        let wanted = match self.sizes.get(k) {
            Some(&n) => n,
            None if self.rest => left,
            None => self.sizes.last().copied().unwrap_or(left),
        };
        wanted.min(left)
    }
}

/// A step of a zone.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Step {
    /// The share to reach.
    pub to: StepShare,
    /// How long the action takes, in seconds.
    pub takes: Dist,
    /// In how many parts.
    pub parts: Parts,
    /// The bake afterwards.
    pub bake: Option<Bake>,
    /// Where it was declared.
    pub origin: Origin,
}

/// The new-version share that a step reaches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepShare {
    /// One box of the zone: 1 / boxes.
    OneBox,
    /// An exact share of traffic.
    Exact(f64),
    /// A share rounded up to whole boxes.
    WholeBoxes(f64),
}

impl StepShare {
    /// The share in a zone of `boxes` boxes.
    pub fn in_zone(self, boxes: u32) -> f64 {
        let boxes = f64::from(boxes);
        match self {
            StepShare::OneBox => 1.0 / boxes,
            StepShare::Exact(share) => share,
            // 0.3 * 10 is 3.0000000000000004 in doubles: a hair above a whole number is that number.
            StepShare::WholeBoxes(share) => ((share * boxes - 1e-9).ceil() / boxes).clamp(0.0, 1.0),
        }
    }
}

/// In how many equal parts a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// This many (at least 1).
    Equal(u32),
    /// As many as boxes are added, rounded, at least one.
    Boxes,
}

/// A bake, or soak: time in which the new version is watched before the rollout goes on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Bake {
    /// How it ends.
    pub kind: BakeKind,
    /// Where it was declared.
    pub origin: Origin,
}

/// How a bake ends.
#[derive(Clone, Debug)]
pub enum BakeKind {
    /// By time and traffic.
    Timed(TimedBake),
    /// By an approval.
    Manual,
}

/// A bake that time and traffic end.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TimedBake {
    /// At least this long, in seconds.
    pub lasts: Dist,
    /// And at least this many requests to the new version.
    pub min_requests: f64,
    /// But no longer than this, in seconds.
    pub at_most_s: Option<f64>,
    /// What happens then.
    pub then: Then,
}

/// What happens when a bake has taken as long as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The rollout goes on.
    Go,
    /// A detection.
    Stop,
    /// An approval.
    Ask,
}

/// When actions may start, by region index.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Windows {
    /// Open hours of each region; regions with equal hours share them.
    pub by_region: Vec<Arc<Intervals>>,
}
