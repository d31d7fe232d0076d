//! What one rollout came to: the measured quantities of a rollout, in SI units.
//!
//! Plain data. The engine fills it, everything after the engine reads it; nothing here knows how it came about.

use smallvec::{SmallVec, smallvec};

use crate::plan::Stratum;

/// Something for each SLI, in the plan's order; for as many as most plans have without an allocation.
pub type BySli<T> = SmallVec<[T; 4]>;

/// How a rollout ended. Every rollout ends in exactly one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// Fault-free and over.
    Shipped,
    /// Stopped by chance once too often.
    GivenUp,
    /// Faulty, and seen before production traffic of the last attempt.
    Caught,
    /// Faulty, and seen in production.
    RolledBack,
    /// Faulty, over, and never active in any attempt.
    Latent,
    /// Faulty, active, and never seen.
    Undetected,
    /// Not over by the horizon.
    Stalled,
}

impl Ending {
    /// All endings, in the order of the tables.
    pub const ALL: [Ending; 7] = [
        Ending::Shipped,
        Ending::GivenUp,
        Ending::Caught,
        Ending::RolledBack,
        Ending::Latent,
        Ending::Undetected,
        Ending::Stalled,
    ];

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Ending::Shipped => "shipped",
            Ending::GivenUp => "given-up",
            Ending::Caught => "caught",
            Ending::RolledBack => "rolled-back",
            Ending::Latent => "latent",
            Ending::Undetected => "undetected",
            Ending::Stalled => "stalled",
        }
    }

    /// What it means, in one line.
    pub fn meaning(self) -> &'static str {
        match self {
            Ending::Shipped => "fault-free, and over",
            Ending::GivenUp => "stopped by chance once too often, faulty or not",
            Ending::Caught => "faulty, and seen before production traffic of the last attempt",
            Ending::RolledBack => "faulty, and seen in production",
            Ending::Latent => "faulty, over, and the fault was never active",
            Ending::Undetected => "faulty, and the fault was active and never seen",
            Ending::Stalled => "not over by the horizon",
        }
    }
}

/// Parts of the time to full deployment, along the critical path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum TimePart {
    /// Tests.
    Test,
    /// Actions: shares going up.
    Action,
    /// Bakes.
    Bake,
    /// Waiting for a window to open.
    Window,
    /// Waiting for an approval, manual bakes included.
    Approval,
    /// Waiting for incidents to pass.
    Blocked,
    /// Pauses, and bakes held open by an alarm.
    Hold,
    /// Failed attempts and the waits after them.
    Retry,
}

/// Seconds spent on each [`TimePart`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimeParts(pub [f64; 8]);

impl TimePart {
    /// All parts, in column order.
    pub const ALL: [TimePart; 8] = [
        TimePart::Test,
        TimePart::Action,
        TimePart::Bake,
        TimePart::Window,
        TimePart::Approval,
        TimePart::Blocked,
        TimePart::Hold,
        TimePart::Retry,
    ];

    /// What it is, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            TimePart::Test => "tests",
            TimePart::Action => "shares going up",
            TimePart::Bake => "bakes",
            TimePart::Window => "waiting for a window",
            TimePart::Approval => "waiting for approval",
            TimePart::Blocked => "waiting for incidents to pass",
            TimePart::Hold => "pauses and bakes held open",
            TimePart::Retry => "failed attempts",
        }
    }

    /// The column in files, in seconds.
    pub fn column(self) -> &'static str {
        match self {
            TimePart::Test => "time_test_s",
            TimePart::Action => "time_action_s",
            TimePart::Bake => "time_bake_s",
            TimePart::Window => "time_window_s",
            TimePart::Approval => "time_approval_s",
            TimePart::Blocked => "time_blocked_s",
            TimePart::Hold => "time_hold_s",
            TimePart::Retry => "time_retry_s",
        }
    }
}

impl TimeParts {
    /// Adds `seconds` to a part.
    pub fn add(&mut self, part: TimePart, seconds: f64) {
        self.0[part as usize] += seconds;
    }

    /// Seconds of a part.
    pub fn get(&self, part: TimePart) -> f64 {
        self.0[part as usize]
    }

    /// Seconds of all parts.
    pub fn total(&self) -> f64 {
        self.0.iter().sum()
    }
}

/// What stopped an attempt. Indices are those of the strategy's own lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DetectedBy {
    /// An alarm of the strategy, by index.
    Alarm(usize),
    /// A test before production, by index.
    Preproduction(usize),
    /// A hook before a zone's first step, by index.
    PreTraffic(usize),
    /// A hook after a zone's last step, by index.
    PostTraffic(usize),
    /// A bake that took as long as it may.
    Bake,
    /// Users' reports.
    People,
}

/// How far a rollout had come, as named in `stopped_at`. Waves and steps count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// `test:NAME`, before production, by index.
    Preproduction(usize),
    /// `waveN/approval`.
    Approval {
        /// Wave.
        wave: u32,
    },
    /// `test:NAME`, a hook before traffic.
    PreTraffic {
        /// Index of the test.
        test: usize,
        /// Wave.
        wave: u32,
        /// Zone index in the fleet.
        zone: u32,
    },
    /// `waveN/region/zone/stepK`.
    Step {
        /// Wave.
        wave: u32,
        /// Zone index in the fleet.
        zone: u32,
        /// Step.
        step: u32,
    },
    /// `test:NAME`, a hook after traffic.
    PostTraffic {
        /// Index of the test.
        test: usize,
        /// Wave.
        wave: u32,
        /// Zone index in the fleet.
        zone: u32,
    },
    /// `waveN/region/bake`: the bake after a batch of zones.
    ZoneBake {
        /// Wave.
        wave: u32,
        /// Region index.
        region: u32,
    },
    /// `waveN/bake`.
    WaveBake {
        /// Wave.
        wave: u32,
    },
    /// `watch`: after the last wave's bake.
    Watch,
}

/// One rollout's result. Times are seconds from the rollout's start, amounts are requests, shares are from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Which case the change was.
    pub stratum: Stratum,
    /// Number of the rollout within its stratum.
    pub number: u64,
    /// How it ended.
    pub ending: Ending,
    /// From the first start until every targeted zone had its last step's share; `None` if the deployment did not stay.
    pub time_to_full_s: Option<f64>,
    /// Until the last wave's bake ended.
    pub time_to_done_s: Option<f64>,
    /// What `time_to_full_s` was spent on (all zero where that is `None`).
    pub time_parts: TimeParts,
    /// Peak share of the fleet's traffic that the fault hit.
    pub blast_radius: f64,
    /// Peak share of the fleet's traffic on the new version of a faulty change, active or not.
    pub exposure_peak: f64,
    /// Requests that the fault hit.
    pub requests_hit: f64,
    /// Expected requests that the fault made bad on any SLI.
    pub bad_requests: f64,
    /// The same for each SLI.
    pub bad_requests_by_sli: BySli<f64>,
    /// Zones ever hit.
    pub zones_hit: u32,
    /// Regions ever hit.
    pub regions_hit: u32,
    /// Most regions hit at one time.
    pub regions_hit_at_once: u32,
    /// Most zones of one region hit at one time.
    pub zones_hit_at_once_in_a_region: u32,
    /// From first active to the true detection.
    pub time_to_detect_s: Option<f64>,
    /// From first active until nothing was hit any more.
    pub time_to_mitigate_s: Option<f64>,
    /// What made the true detection, or the last stop by chance.
    pub detected_by: Option<DetectedBy>,
    /// Where the rollout was then.
    pub stopped_at: Option<Place>,
    /// Attempts made, at least 1.
    pub attempts: u32,
    /// Attempts that were stopped by chance.
    pub stops_by_chance: u32,
    /// Largest share of a 30-day error budget spent; `None` without an objective.
    pub budget_burn: Option<f64>,
    /// When it started, Unix seconds.
    pub start: f64,
    /// The delay drawn for the change, where its trigger has one delay for all instances.
    pub onset_s: Option<f64>,
    /// Additional bad probability drawn for each SLI (`None`: the fault does not touch it).
    pub severity_by_sli: BySli<Option<f64>>,
}

impl Outcome {
    /// What a change comes to that hits nothing and that nothing stops or delays, with so many SLIs. It starts at 0.
    pub(crate) fn unhit(stratum: Stratum, number: u64, slis: usize) -> Outcome {
        Outcome {
            stratum,
            number,
            ending: Ending::Shipped,
            time_to_full_s: Some(0.0),
            time_to_done_s: Some(0.0),
            time_parts: TimeParts::default(),
            blast_radius: 0.0,
            exposure_peak: 0.0,
            requests_hit: 0.0,
            bad_requests: 0.0,
            bad_requests_by_sli: smallvec![0.0; slis],
            zones_hit: 0,
            regions_hit: 0,
            regions_hit_at_once: 0,
            zones_hit_at_once_in_a_region: 0,
            time_to_detect_s: None,
            time_to_mitigate_s: None,
            detected_by: None,
            stopped_at: None,
            attempts: 1,
            stops_by_chance: 0,
            budget_burn: None,
            start: 0.0,
            onset_s: None,
            severity_by_sli: smallvec![None; slis],
        }
    }
}
