//! The words of the language: every table and its keys.
//!
//! Readers ask for keys by these lists, so a key that is not here cannot be read, and one that is here is never unknown.

/// A table of the language.
#[derive(Debug)]
pub struct TableWords {
    /// How the table is written, such as `[region.NAME]`.
    pub title: &'static str,
    /// Its keys.
    pub keys: &'static [Word],
    /// A table whose keys it has as well.
    pub and: Option<&'static TableWords>,
}

/// A key.
#[derive(Debug)]
pub struct Word {
    /// Its name.
    pub name: &'static str,
    /// What it means, in one line.
    pub meaning: &'static str,
}

impl TableWords {
    /// Whether the table has a key of this name.
    pub fn has(&self, name: &str) -> bool {
        self.names().any(|n| n == name)
    }

    /// The names of its keys.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.words().map(|w| w.name)
    }

    /// Its keys, those of the table that it extends among them.
    pub fn words(&self) -> impl Iterator<Item = &'static Word> {
        let inherited = self.and.map_or(&[] as &[Word], |table| table.keys);
        self.keys.iter().chain(inherited)
    }
}

const fn word(name: &'static str, meaning: &'static str) -> Word {
    Word { name, meaning }
}

/// A section of a file: a table of its own, or a group of named ones.
#[derive(Debug)]
pub struct Section {
    /// Its name.
    pub name: &'static str,
    /// Whether it is a group of named tables, `[region.NAME]`.
    pub named: bool,
    /// Whether a strategy file may have it.
    pub in_strategy_files: bool,
    /// Its tables' keys.
    pub words: &'static TableWords,
}

const fn section(
    name: &'static str,
    named: bool,
    strategy: bool,
    words: &'static TableWords,
) -> Section {
    Section {
        name,
        named,
        in_strategy_files: strategy,
        words,
    }
}

/// The sections of a file.
pub static SECTIONS: &[Section] = &[
    section("scenario", false, false, &SCENARIO),
    section("service", false, true, &SERVICE),
    section("region", true, false, &REGION),
    section("profile", true, false, &PROFILE),
    section("sli", true, false, &SLI),
    section("incidents", true, false, &INCIDENTS),
    section("warmup", false, false, &WARMUP),
    section("change", false, false, &CHANGE),
    section("fault", true, false, &FAULT),
    section("alarm", true, false, &ALARM),
    section("oncall", false, false, &ONCALL),
    section("rollback", false, false, &ROLLBACK),
    section("retry", false, false, &RETRY),
    section("strategy", true, true, &STRATEGY),
    section("budget", true, true, &BUDGET),
];

/// Keys of a file outside all tables.
pub static TOP: TableWords = TableWords {
    title: "the top of the file",
    keys: &[
        word("format", "the version of the language: 1"),
        word("use", "worlds and files that this one builds on"),
    ],
    and: None,
};

/// `[scenario]`.
pub static SCENARIO: TableWords = TableWords {
    title: "[scenario]",
    keys: &[
        word("name", "what the scenario calls itself"),
        word(
            "start",
            "the moment at which rollouts start, or a range of dates to draw it from",
        ),
        word(
            "watch",
            "time between the last bake and the rollout being over (1d)",
        ),
        word(
            "horizon",
            "time after which a rollout that is not over is stalled (60d)",
        ),
    ],
    and: None,
};

/// `start = { ... }`.
pub static START: TableWords = TableWords {
    title: "start",
    keys: &[
        word("from", "first date"),
        word("to", "last date, which counts"),
        word("days", "weekdays (daily)"),
        word("hours", "local hours (00:00-24:00)"),
        word("tz", "time zone of dates and hours (UTC)"),
    ],
    and: None,
};

/// `[service]`.
pub static SERVICE: TableWords = TableWords {
    title: "[service]",
    keys: &[
        word(
            "rps",
            "requests a second of the whole fleet; regions keep their proportions",
        ),
        word("base", "bad ratios when nothing is wrong, by indicator"),
    ],
    and: None,
};

/// `[region.NAME]`.
pub static REGION: TableWords = TableWords {
    title: "[region.NAME]",
    keys: &[
        word("zones", "zones (cells) of the region (1)"),
        word(
            "boxes_per_zone",
            "boxes in each zone; needed where a strategy speaks of boxes",
        ),
        word("rps", "requests a second of the whole region"),
        word("tz", "IANA time zone (UTC)"),
        word(
            "profile",
            "traffic by the local hour: a shipped profile or [profile.NAME] (flat)",
        ),
    ],
    and: None,
};

/// `[profile.NAME]`.
pub static PROFILE: TableWords = TableWords {
    title: "[profile.NAME]",
    keys: &[
        word(
            "hours",
            "24 traffic multipliers, one for each local hour; rescaled to mean 1",
        ),
        word("weekend", "multiplier of Saturdays and Sundays (1)"),
    ],
    and: None,
};

/// `[sli.NAME]`.
pub static SLI: TableWords = TableWords {
    title: "[sli.NAME]",
    keys: &[
        word("base", "bad ratio when nothing is wrong (0%)"),
        word(
            "dispersion",
            "intra-class correlation of one-minute counts of one zone (0)",
        ),
        word("objective", "share of good requests that is promised"),
    ],
    and: None,
};

/// `[incidents.NAME]`.
pub static INCIDENTS: TableWords = TableWords {
    title: "[incidents.NAME]",
    keys: &[
        word(
            "scope",
            "what one incident covers: zone, region, fleet (region)",
        ),
        word("rate", "how often, for each instance of the scope"),
        word(
            "adds",
            "bad ratio added to all requests there, by indicator",
        ),
        word("lasts", "how long one lasts"),
    ],
    and: None,
};

/// `[warmup]`.
pub static WARMUP: TableWords = TableWords {
    title: "[warmup]",
    keys: &[
        word("adds", "bad ratio that every new cohort adds, by indicator"),
        word("lasts", "for how long"),
    ],
    and: None,
};

/// `[change]`.
pub static CHANGE: TableWords = TableWords {
    title: "[change]",
    keys: &[
        word("bad", "share of changes that carry a fault"),
        word("per_week", "changes a week, for figures a month (1)"),
    ],
    and: None,
};

/// `[fault.NAME]`.
pub static FAULT: TableWords = TableWords {
    title: "[fault.NAME]",
    keys: &[
        word("weight", "relative frequency among the faults (1)"),
        word("trigger", "when it wakes"),
        word(
            "adds",
            "additional bad ratio of a hit request, by indicator",
        ),
        word("ramp", "time from onset to full strength (0s)"),
        word(
            "spill",
            "how it reaches requests that the new version does not serve",
        ),
        word("lingers", "how long a zone stays hit after its rollback"),
        word("unseen", "share of hit requests that no metric sees (0%)"),
        word(
            "susceptible",
            "share or list of the regions that show the fault at all (100%)",
        ),
        word("caught_by", "chance that a test can see it, by test"),
    ],
    and: None,
};

/// `trigger = { ... }`.
pub static TRIGGER: TableWords = TableWords {
    title: "trigger",
    keys: &[
        word(
            "delay",
            "wakes this long after the first new-version traffic",
        ),
        word(
            "requests",
            "wakes after an exponential number of requests with this mean",
        ),
        word(
            "share",
            "wakes when the new version has this share of traffic",
        ),
        word(
            "traffic",
            "wakes when traffic is at this multiple of its weekday mean",
        ),
        word("clock", "wakes at a local time of day, or at a moment"),
        word("mixed", "active while old and new version serve together"),
        word(
            "scope",
            "what one instance covers: fleet, region, zone, cohort (fleet)",
        ),
        word("after", "delay once share or traffic is reached (0s)"),
        word("tz", "time zone of clock (local)"),
        word(
            "varies",
            "95th percentile of the factor by which delays of instances differ, or all (1)",
        ),
    ],
    and: None,
};

/// `spill = { ... }`.
pub static SPILL: TableWords = TableWords {
    title: "spill",
    keys: &[
        word(
            "times",
            "share of the others that is hit, as a multiple of the active share",
        ),
        word(
            "fixed",
            "share of the others that is hit while any is active",
        ),
        word("scope", "among which requests: zone, region, fleet"),
    ],
    and: None,
};

/// `[alarm.NAME]`.
pub static ALARM: TableWords = TableWords {
    title: "[alarm.NAME]",
    keys: &[
        word(
            "scope",
            "what it reads: one-box, canary, zone, region, fleet",
        ),
        word("when", "when a datapoint breaches, such as errors > 1%"),
        word(
            "period",
            "distance of the datapoints that are counted (every, else 1m)",
        ),
        word("window", "how much a datapoint covers (period)"),
        word("every", "distance of datapoints (period)"),
        word("lag", "from a datapoint's end until it is known (0s)"),
        word(
            "datapoints",
            "how many must breach: M of N, M in a row, M in all (1 of 1)",
        ),
        word(
            "min_requests",
            "requests below which a datapoint is missing (0)",
        ),
        word(
            "missing",
            "what a missing datapoint counts as (not-breaching)",
        ),
        word("and", "a second condition that must hold as well"),
        word("does", "rollback, page, pause, hold (rollback)"),
        word(
            "watches",
            "until the end of: step, zone, wave, rollout, watch (rollout)",
        ),
        word(
            "probes",
            "synthetic requests a period that it reads instead of real ones",
        ),
        word("steps", "steps to which a zone's alarm is limited"),
        word(
            "resets",
            "step: its history is cleared when an action begins",
        ),
        word(
            "grid",
            "wall-clock or deployment: where datapoints lie (wall-clock)",
        ),
    ],
    and: None,
};

/// An alarm in a strategy's own list.
pub static OWN_ALARM: TableWords = TableWords {
    title: "an alarm of a strategy",
    keys: &[word("name", "its name")],
    and: Some(&ALARM),
};

/// `and = { ... }`.
pub static AND: TableWords = TableWords {
    title: "and",
    keys: &[
        word("when", "the second condition"),
        word("window", "how much it covers (the alarm's window)"),
    ],
    and: None,
};

/// `steps = { ... }` of an alarm.
pub static ALARM_STEPS: TableWords = TableWords {
    title: "steps of an alarm",
    keys: &[
        word("from", "first step (1)"),
        word("to", "last step (the last there is)"),
    ],
    and: None,
};

/// `[oncall]`.
pub static ONCALL: TableWords = TableWords {
    title: "[oncall]",
    keys: &[
        word("hours", "working hours"),
        word(
            "responds",
            "from a page or the last needed report to the rollback",
        ),
        word(
            "reports_per_bad_request",
            "reports per bad request that the fault causes (0)",
        ),
        word("acts_on_report", "the report that is acted on (1)"),
    ],
    and: None,
};

/// Weekdays and hours in a time zone.
pub static HOURS: TableWords = TableWords {
    title: "hours",
    keys: &[
        word("days", "weekdays (daily)"),
        word("hours", "hours (00:00-24:00)"),
        word(
            "tz",
            "time zone; in windows also local, that of each region",
        ),
    ],
    and: None,
};

/// A delay that people cause.
pub static PEOPLE: TableWords = TableWords {
    title: "a delay of people",
    keys: &[
        word("inside", "when the wait begins inside working hours"),
        word("outside", "when it begins outside"),
    ],
    and: None,
};

/// `[rollback]`.
pub static ROLLBACK: TableWords = TableWords {
    title: "[rollback]",
    keys: &[
        word("scope", "how far it reaches: fleet, region, zone (fleet)"),
        word("takes", "time for each zone (0s)"),
        word("in", "in how many equal parts (1)"),
        word(
            "then_fleet_after",
            "with a narrower scope: when the rest goes, or never",
        ),
    ],
    and: None,
};

/// `[retry]`.
pub static RETRY: TableWords = TableWords {
    title: "[retry]",
    keys: &[
        word("after", "from nothing left to the next attempt"),
        word(
            "max",
            "how often a change that was stopped by chance is tried again",
        ),
    ],
    and: None,
};

/// `[strategy.NAME]`.
pub static STRATEGY: TableWords = TableWords {
    title: "[strategy.NAME]",
    keys: &[
        word("windows", "weekdays and hours in which actions may start"),
        word("blackouts", "dates on which none may"),
        word(
            "order",
            "of regions: listed, smallest-first, largest-first, random (listed)",
        ),
        word(
            "preproduction",
            "tests before production, one after the other",
        ),
        word("tests", "tests of every zone"),
        word("steps", "steps of every zone"),
        word(
            "zones",
            "batches of a region's zones, and the bake after each",
        ),
        word("waves", "the waves (one of the rest)"),
        word("round", "boxes: shares are rounded up to whole boxes"),
        word("approval", "how long people take to approve"),
        word(
            "waits_for_calm",
            "whether no action starts while an incident would fire an alarm (false)",
        ),
        word("alarms", "alarms of its own"),
        word("use_alarms", "which of the shared alarms it uses (all)"),
        word("rollback", "what of [rollback] is different here"),
    ],
    and: None,
};

/// A step.
pub static STEP: TableWords = TableWords {
    title: "a step",
    keys: &[
        word("to", "the share of the new version to reach, or one-box"),
        word("takes", "how long the action takes (0s)"),
        word("in", "in how many equal parts, or boxes (1)"),
        word("bake", "the bake afterwards"),
    ],
    and: None,
};

/// A bake.
pub static BAKE: TableWords = TableWords {
    title: "bake",
    keys: &[
        word("for", "at least this long (0s)"),
        word(
            "min_requests",
            "and at least this many requests to the new version (0)",
        ),
        word("at_most", "but no longer than this"),
        word("then", "what happens then: go, stop, ask (go)"),
    ],
    and: None,
};

/// `zones = { ... }`.
pub static ZONES: TableWords = TableWords {
    title: "zones",
    keys: &[
        word(
            "batches",
            "zones at a time; the last number repeats, rest takes what is left ([1])",
        ),
        word("bake", "the bake after each batch"),
    ],
    and: None,
};

/// A wave.
pub static WAVE: TableWords = TableWords {
    title: "a wave",
    keys: &[
        word(
            "regions",
            "how many of the next, a list of regions or zones, or rest",
        ),
        word("parallel", "targets under way at once (1)"),
        word("approval", "an approval that the wave needs first"),
        word("bake", "the bake after all targets are done"),
        word("steps", "steps of its zones, instead of the strategy's"),
        word("zones", "batches of its zones, instead of the strategy's"),
        word("windows", "its windows, instead of the strategy's"),
    ],
    and: None,
};

/// A test before production.
pub static PREPRODUCTION: TableWords = TableWords {
    title: "a test before production",
    keys: &[
        word("name", "its name"),
        word("takes", "how long it takes (0s)"),
        word("flake", "chance of failing for no reason (0%)"),
        word(
            "needs_active",
            "whether it sees a fault only while that is active (false)",
        ),
    ],
    and: None,
};

/// A test of every zone.
pub static TEST: TableWords = TableWords {
    title: "a test",
    keys: &[word("at", "pre-traffic or post-traffic")],
    and: Some(&PREPRODUCTION),
};

/// `[budget.NAME]`.
pub static BUDGET: TableWords = TableWords {
    title: "[budget.NAME]",
    keys: &[
        word(
            "given",
            "of which changes: faulty, fault-free, all, a fault's name (all)",
        ),
        word("keep", "what must hold, such as p99(blast_radius) <= 5%"),
    ],
    and: None,
};

/// Where a number comes from, on any key.
pub static PROVENANCE: TableWords = TableWords {
    title: "a value with its provenance",
    keys: &[
        word("value", "the value itself"),
        word("from", "measured, published or guess"),
        word("source", "where it was measured or published"),
        word("range", "between which values it may lie"),
    ],
    and: None,
};

/// All tables of the language.
pub static TABLES: &[&TableWords] = &[
    &TOP,
    &SCENARIO,
    &START,
    &SERVICE,
    &REGION,
    &PROFILE,
    &SLI,
    &INCIDENTS,
    &WARMUP,
    &CHANGE,
    &FAULT,
    &TRIGGER,
    &SPILL,
    &ALARM,
    &OWN_ALARM,
    &AND,
    &ALARM_STEPS,
    &ONCALL,
    &HOURS,
    &PEOPLE,
    &ROLLBACK,
    &RETRY,
    &STRATEGY,
    &STEP,
    &BAKE,
    &ZONES,
    &WAVE,
    &PREPRODUCTION,
    &TEST,
    &BUDGET,
    &PROVENANCE,
];

/// The tables that have a key of this name.
pub(super) fn tables_with(key: &str) -> impl Iterator<Item = &'static TableWords> {
    TABLES.iter().copied().filter(move |t| t.has(key))
}

/// The section of this name.
pub(super) fn section_named(name: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|s| s.name == name)
}
