//! What happened in one rollout, in order: plain data, told by the engine as it goes.
//!
//! Nothing here takes part in a rollout: one that is told is the same to the bit as one that is not. Times are seconds
//! from the rollout's start, shares are from 0 to 1, indices are those of the plan (alarms: of the strategy).

use crate::outcome::{DetectedBy, Ending, Outcome, Place, TimePart};

/// A rollout told.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// What it came to.
    pub outcome: Outcome,
    /// What happened, in order of time.
    pub happenings: Vec<Happening>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    /// When.
    pub at_s: f64,
    /// What.
    pub what: What,
}

/// Where something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Site {
    /// In a zone.
    Zone(usize),
    /// In a region.
    Region(usize),
    /// Everywhere.
    Fleet,
}

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestResult {
    /// It passed.
    Passed,
    /// It failed because it saw the fault.
    SawTheFault,
    /// It failed by chance.
    Flaked,
}

/// A condition of an alarm with what it read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Requests of the alarm's population in the window.
    pub requests: f64,
    /// Bad ones among them.
    pub bad: f64,
    /// The same of the control (requests, bad), for conditions relative to it. Its bad requests are not looked at where the
    /// datapoint would not breach if it had none.
    pub control: Option<(f64, Option<f64>)>,
    /// The window's length.
    pub window_s: u32,
}

/// What a datapoint says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does not breach.
    Fine,
    /// It breaches.
    Breach,
    /// Too little was read to say.
    Missing,
}

/// A datapoint that an alarm looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Datapoint {
    /// The alarm, by index in the strategy.
    pub alarm: usize,
    /// The instance.
    pub site: Site,
    /// When the datapoint ended; it is known an alarm's lag later.
    pub ended_s: f64,
    /// What its condition read.
    pub reading: Reading,
    /// What a second condition read, where there is one.
    pub second: Option<Reading>,
    /// What it says.
    pub verdict: Verdict,
    /// How many datapoints breach of those that the rule remembers, this one included.
    pub breaches: u32,
    /// Whether the rule is met.
    pub fires: bool,
    /// Whether the fault hit the instance during any datapoint that breached; told where the rule is met.
    pub by_chance: bool,
    /// Whether the alarm may act.
    pub may_act: bool,
}

/// What happens in a rollout. Waves and steps count from 1.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    missing_docs,
    reason = "fields say what the variants do, with units in their names"
)]
pub enum What {
    /// An attempt begins.
    AttemptBegins { attempt: u32 },
    /// A test begins.
    TestBegins { place: Place, takes_s: f64 },
    /// A test is over.
    TestEnds { place: Place, result: TestResult },
    /// A wave begins: its first target's action, or what that waits for, is next.
    WaveBegins { wave: u32, regions: Vec<usize> },
    /// A wave is over, its bake included.
    WaveEnds { wave: u32 },
    /// Something may not begin yet; `until_s` is infinite if it never may.
    Waits {
        place: Place,
        part: TimePart,
        until_s: f64,
    },
    /// Somebody is asked; `answer_s` is when the answer will come.
    ApprovalAsked { place: Place, answer_s: f64 },
    /// Somebody approved.
    ApprovalComes { place: Place },
    /// The action of a step begins in a zone.
    StepBegins {
        place: Place,
        zone: usize,
        from: f64,
        to: f64,
        takes_s: f64,
    },
    /// The new version's share of a zone changed.
    Share { zone: usize, share: f64 },
    /// A bake begins; `due_s` is when it is over if nothing holds it, infinite for one that people end.
    BakeBegins { place: Place, due_s: f64 },
    /// A bake would be over, but an alarm holds it.
    BakeHeld { place: Place },
    /// A bake is over.
    BakeEnds { place: Place },
    /// The last zone reached its last step's share.
    FullyDeployed,
    /// The program is over; the watch begins.
    ProgramEnds,
    /// The fault wakes, or (`in_part`) does in one of the parts of a zone that went live together.
    FaultWakes { site: Site, in_part: bool },
    /// The fault sleeps again.
    FaultSleeps { site: Site },
    /// An incident begins that is nobody's deployment, by index of its kind.
    IncidentBegins {
        kind: usize,
        site: Site,
        ends_s: f64,
    },
    /// An incident is over.
    IncidentEnds { kind: usize, site: Site },
    /// The share of the fleet's traffic that the fault hits changed.
    Hit { share: f64, zones: u32 },
    /// The fault begins or ceases to hit a zone's traffic.
    ZoneHit { zone: usize, hit: bool },
    /// A datapoint is known.
    Datapoint(Datapoint),
    /// An alarm calls somebody, who acts at `acts_s`.
    Pages {
        alarm: usize,
        site: Site,
        acts_s: f64,
    },
    /// Users' reports reach somebody, who acts at `acts_s`.
    Reported { acts_s: f64 },
    /// An alarm pauses the rollout until `until_s`.
    Pauses {
        alarm: usize,
        site: Site,
        until_s: f64,
    },
    /// A pause is over.
    PauseEnds,
    /// The rollout is stopped; `everything` goes back, or only the zones that begin to.
    Stopped {
        by: DetectedBy,
        place: Place,
        by_chance: bool,
        everything: bool,
    },
    /// What a narrower rollback left in place goes back, too.
    RestGoes,
    /// A zone begins to go back.
    RollbackBegins {
        zone: usize,
        from: f64,
        takes_s: f64,
    },
    /// A zone stays hit for a while although it is back.
    Lingers { zone: usize, until_s: f64 },
    /// An attempt is over; another begins at `again_s`, if there is one.
    AttemptEnds {
        by_chance: bool,
        again_s: Option<f64>,
    },
    /// The rollout is over.
    Ends { ending: Ending },
}
