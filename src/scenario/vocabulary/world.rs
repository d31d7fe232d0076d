//! Tables that describe the world: fleet, traffic, faults, alarms, people.

use super::{TableWords, word};

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
