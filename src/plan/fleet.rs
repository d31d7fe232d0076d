//! Regions, zones, traffic, service-level indicators and what disturbs them.

use std::ops::Range;

use super::origin::Origin;
use crate::calendar::TrafficCurve;
use crate::random::{Dist, NameKey};

/// The fleet: regions, and their zones in one list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fleet {
    /// Regions in order of declaration.
    pub regions: Vec<Region>,
    /// All zones, region by region.
    pub zones: Vec<Zone>,
    /// Distinct traffic curves; regions refer to them by index.
    pub curves: Vec<TrafficCurve>,
    /// Nominal traffic of the whole fleet, requests a second.
    pub rps: f64,
}

/// A region: zones that share traffic shape and local time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Region {
    /// The region's name.
    pub name: String,
    /// Hash of the name, for keys.
    pub key: NameKey,
    /// Its zones, as indices into [`Fleet::zones`].
    pub zones: Range<usize>,
    /// Boxes in each zone (at least 1).
    pub boxes_per_zone: u32,
    /// Nominal traffic of the whole region, requests a second.
    pub rps: f64,
    /// Its traffic multiplier over time, an index into [`Fleet::curves`].
    pub curve: usize,
    /// Where it was declared.
    pub origin: Origin,
}

/// A zone, or cell.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Zone {
    /// Index of its region.
    pub region: usize,
    /// Its number within the region, from 1.
    pub number: u32,
    /// `region/number`.
    pub name: String,
    /// Hash of the name, for keys.
    pub key: NameKey,
    /// Nominal traffic, requests a second.
    pub rps: f64,
}

/// A service-level indicator: a ratio of bad requests.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sli {
    /// Its name, as in `bad_requests_<name>`.
    pub name: String,
    /// Hash of the name, for keys.
    pub key: NameKey,
    /// Bad ratio when nothing is wrong.
    pub base: f64,
    /// Intra-class correlation of one-minute counts of one zone (`rho`).
    pub dispersion: f64,
    /// Share of good requests promised, if there is a promise.
    pub objective: Option<f64>,
    /// Where it was declared.
    pub origin: Origin,
}

/// Where an incident strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncidentScope {
    /// Each zone has its own process.
    Zone,
    /// Each region has its own process.
    Region,
    /// One process for the fleet.
    Fleet,
}

/// A stationary Poisson process of background incidents per instance of its scope.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IncidentKind {
    /// Its name.
    pub name: String,
    /// Hash of the name, for keys.
    pub key: NameKey,
    /// What one incident covers.
    pub scope: IncidentScope,
    /// Arrivals per second and instance.
    pub rate_per_s: f64,
    /// Bad ratio added to every request there, by SLI index.
    pub adds: Vec<(usize, Dist)>,
    /// How long one lasts, in seconds.
    pub lasts: Dist,
    /// How far before the start arrivals must be looked for, in seconds: the time within which all but a share
    /// of 1e-9 of incidents end.
    pub look_back_s: f64,
    /// Where it was declared.
    pub origin: Origin,
}

/// What every new cohort adds to the bad ratio of its own requests for a while, fault or no fault.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WarmUp {
    /// Bad ratio added, by SLI index.
    pub adds: Vec<(usize, Dist)>,
    /// For how long, in seconds.
    pub lasts: Dist,
    /// Where it was declared.
    pub origin: Origin,
}
