//! Tables of what goes wrong: incidents, warm-up, changes and their faults.

use super::kind::{Bounds, Choice, Kind, choice};
use super::literal::{CLOCK, RANDOM_AMOUNT, RANDOM_DURATION, RANDOM_SHARE, RATE, SHARE, TIME_ZONE};
use super::{TableWords, word};

const COHORT: Choice = choice(
    "cohort",
    "each part of a step: what went live at one time in one zone",
);
const ZONE: Choice = choice("zone", "each zone by itself");
const REGION: Choice = choice("region", "each region by itself");
const FLEET: Choice = choice("fleet", "everything together");

/// Where one incident reaches, and where spill does.
static SCOPES: &[Choice] = &[ZONE, REGION, FLEET];
/// What has an onset of its own.
static TRIGGER_SCOPES: &[Choice] = &[FLEET, REGION, ZONE, COHORT];

/// Additional bad ratios.
static RANDOM_SHARES: Kind = Kind::Literal(&RANDOM_SHARE);
/// A random duration.
const DELAY: Kind = Kind::Literal(&RANDOM_DURATION);

/// `[incidents.NAME]`.
pub static INCIDENTS: TableWords = TableWords {
    title: "[incidents.NAME]",
    keys: &[
        word(
            "scope",
            Kind::Choice(SCOPES),
            "what one incident covers",
            "\"region\"",
        )
        .default("\"region\""),
        word(
            "rate",
            Kind::Literal(&RATE),
            "how often, for each instance of the scope",
            "\"2 per year\"",
        )
        .needed(),
        word(
            "adds",
            Kind::Names("indicator", &RANDOM_SHARES),
            "bad ratio added to all requests there, by indicator",
            "{ errors = \"1% to 10%\" }",
        )
        .needed(),
        word("lasts", DELAY, "how long one lasts", "\"5m to 40m\"").needed(),
    ],
    and: None,
};

/// `[warmup]`.
pub static WARMUP: TableWords = TableWords {
    title: "[warmup]",
    keys: &[
        word(
            "adds",
            Kind::Names("indicator", &RANDOM_SHARES),
            "bad ratio that every new cohort adds, by indicator",
            "{ errors = \"0.1% to 0.5%\" }",
        )
        .needed(),
        word("lasts", DELAY, "for how long", "\"1m to 3m\"").needed(),
    ],
    and: None,
};

/// `[change]`.
pub static CHANGE: TableWords = TableWords {
    title: "[change]",
    keys: &[
        word(
            "bad",
            Kind::Literal(&SHARE),
            "share of changes that carry a fault",
            "\"4%\"",
        )
        .needed(),
        word(
            "per_week",
            Kind::Number(Bounds::above(0.0, 1e6)),
            "changes a week, for figures a month",
            "3",
        )
        .default("1"),
    ],
    and: None,
};

/// `[fault.NAME]`.
pub static FAULT: TableWords = TableWords {
    title: "[fault.NAME]",
    keys: &[
        word(
            "weight",
            Kind::Number(Bounds::above(0.0, 1e9)),
            "relative frequency among the faults",
            "2",
        )
        .default("1"),
        word(
            "trigger",
            Kind::Table(&TRIGGER),
            "when it wakes",
            "{ delay = \"5m to 2h\" }",
        )
        .needed(),
        word(
            "adds",
            Kind::Names("indicator", &RANDOM_SHARES),
            "additional bad ratio of a hit request, by indicator",
            "{ errors = \"0.5% to 20%\" }",
        )
        .needed(),
        word("ramp", DELAY, "time from onset to full strength", "\"20m\"").default("\"0s\""),
        word(
            "spill",
            Kind::Table(&SPILL),
            "how it reaches requests that the new version does not serve",
            "{ times = 2, scope = \"zone\" }",
        ),
        word(
            "lingers",
            DELAY,
            "how long a zone stays hit after its rollback",
            "\"0.5: 0s | 0.5: 1h to 6h\"",
        ),
        word(
            "unseen",
            Kind::Literal(&SHARE),
            "share of hit requests that no metric sees",
            "\"80%\"",
        )
        .default("\"0%\""),
        word(
            "susceptible",
            Kind::Either(&[Kind::Literal(&SHARE), Kind::List(&REGION_NAME, 1, 1_000)]),
            "share or list of the regions that show the fault at all",
            "\"10%\"",
        )
        .default("\"100%\""),
        word(
            "caught_by",
            Kind::Names("test", &CHANCE),
            "chance that a test can see it, by test",
            "{ gamma = 0.2 }",
        ),
    ],
    and: None,
};

static REGION_NAME: Kind = Kind::Text("the name of a region");
static CHANCE: Kind = Kind::Literal(&SHARE);

/// `trigger = { ... }`.
pub static TRIGGER: TableWords = TableWords {
    title: "trigger",
    keys: &[
        word(
            "delay",
            DELAY,
            "wakes this long after the first new-version traffic",
            "\"5m to 2h\"",
        ),
        word(
            "requests",
            Kind::Literal(&RANDOM_AMOUNT),
            "wakes after an exponential number of requests with this mean",
            "\"1e6 to 1e9\"",
        ),
        word(
            "share",
            Kind::Literal(&SHARE),
            "wakes when the new version has this share of traffic",
            "\"50%\"",
        ),
        word(
            "traffic",
            Kind::Number(Bounds::above(0.0, 1e6)),
            "wakes when traffic is at this multiple of its weekday mean",
            "1.4",
        ),
        word(
            "clock",
            Kind::Literal(&CLOCK),
            "wakes at a local time of day, or at a moment",
            "\"00:00\"",
        ),
        word(
            "mixed",
            Kind::True,
            "active while old and new version serve together",
            "true",
        ),
        word(
            "scope",
            Kind::Choice(TRIGGER_SCOPES),
            "what has an onset of its own",
            "\"zone\"",
        )
        .otherwise("fleet; region for a local time"),
        word(
            "after",
            DELAY,
            "delay once share or traffic is reached",
            "\"5m\"",
        )
        .default("\"0s\""),
        word(
            "tz",
            Kind::Literal(&TIME_ZONE),
            "time zone of clock",
            "\"local\"",
        )
        .otherwise("local"),
        word(
            "varies",
            Kind::Either(&[
                Kind::Number(Bounds::of(1.0, 1e6)),
                Kind::Choice(&[choice("all", "every instance draws its own delay")]),
            ]),
            "95th percentile of the factor by which delays of instances differ, or all",
            "1.3",
        )
        .default("1"),
    ],
    and: None,
};

/// `spill = { ... }`.
pub static SPILL: TableWords = TableWords {
    title: "spill",
    keys: &[
        word(
            "times",
            Kind::Number(Bounds::above(0.0, 1e9)),
            "share of the others that is hit, as a multiple of the active share (overload)",
            "2",
        ),
        word(
            "fixed",
            Kind::Literal(&SHARE),
            "share of the others that is hit while any is active (damaged shared state)",
            "\"100%\"",
        ),
        word(
            "scope",
            Kind::Choice(SCOPES),
            "among which requests",
            "\"zone\"",
        )
        .needed(),
    ],
    and: None,
};
