//! Tables that describe the fleet, its traffic, and what is measured of it.

use super::kind::{Bounds, Kind};
use super::literal::{DATE, DAY_HOURS, DURATION, MOMENT, SHARE, TIME_ZONE, WEEKDAYS};
use super::{TableWords, word};

/// Requests a second.
const RPS: Kind = Kind::Number(Bounds::above(0.0, 1e9));

/// `[scenario]`.
pub static SCENARIO: TableWords = TableWords {
    title: "[scenario]",
    keys: &[
        word("name", Kind::Text("a text"), "what the scenario calls itself", "\"hands-off waves\"")
            .otherwise("the name of the file"),
        word(
            "start",
            Kind::Either(&[Kind::Literal(&MOMENT), Kind::Table(&START)]),
            "the moment at which rollouts start, or a range of dates to draw it from",
            "{ from = \"2026-03-02\", to = \"2026-03-27\", days = \"Mon-Fri\", hours = \"09:00-17:00\" }",
        )
        .default("\"2026-03-02T09:00:00Z\""),
        word(
            "watch",
            Kind::Literal(&DURATION),
            "time between the last bake and the rollout being over",
            "\"2d\"",
        )
        .default("\"1d\""),
        word(
            "horizon",
            Kind::Literal(&DURATION),
            "time after which a rollout that is not over is stalled; at most 366d",
            "\"90d\"",
        )
        .default("\"60d\""),
    ],
    and: None,
};

/// `start = { ... }`.
pub static START: TableWords = TableWords {
    title: "start",
    keys: &[
        word("from", Kind::Literal(&DATE), "first date", "\"2026-03-02\"").needed(),
        word(
            "to",
            Kind::Literal(&DATE),
            "last date, which counts",
            "\"2026-03-27\"",
        )
        .needed(),
        word("days", Kind::Literal(&WEEKDAYS), "weekdays", "\"Mon-Fri\"").default("\"daily\""),
        word(
            "hours",
            Kind::Literal(&DAY_HOURS),
            "local hours",
            "\"09:00-17:00\"",
        )
        .default("\"00:00-24:00\""),
        word(
            "tz",
            Kind::Literal(&TIME_ZONE),
            "time zone of dates and hours",
            "\"Europe/London\"",
        )
        .default("\"UTC\""),
    ],
    and: None,
};

/// `[service]`.
pub static SERVICE: TableWords = TableWords {
    title: "[service]",
    keys: &[
        word(
            "rps",
            RPS,
            "requests a second of the whole fleet; regions keep their proportions",
            "4_000",
        )
        .otherwise("the sum of the regions"),
        word(
            "base",
            Kind::Names("indicator", &Kind::Literal(&SHARE)),
            "bad ratios when nothing is wrong, by indicator, in place of theirs",
            "{ errors = \"0.1%\" }",
        ),
    ],
    and: None,
};

/// `[region.NAME]`.
pub static REGION: TableWords = TableWords {
    title: "[region.NAME]",
    keys: &[
        word(
            "zones",
            Kind::Whole(1, 10_000),
            "zones (cells) of the region",
            "3",
        )
        .default("1"),
        word(
            "boxes_per_zone",
            Kind::Whole(1, 1_000_000),
            "boxes in each zone; needed where a strategy speaks of boxes",
            "40",
        )
        .default("1"),
        word(
            "rps",
            RPS,
            "requests a second of the whole region",
            "24_000",
        )
        .needed(),
        word(
            "tz",
            Kind::Literal(&TIME_ZONE),
            "IANA time zone",
            "\"Europe/Dublin\"",
        )
        .default("\"UTC\""),
        word(
            "profile",
            Kind::Text("a shipped profile, or the name of a [profile.NAME]"),
            "traffic by the local hour",
            "\"office-hours\"",
        )
        .default("\"flat\""),
    ],
    and: None,
};

/// `[profile.NAME]`.
pub static PROFILE: TableWords = TableWords {
    title: "[profile.NAME]",
    keys: &[
        word(
            "hours",
            Kind::List(&Kind::Number(Bounds::of(0.0, 1e6)), 24, 24),
            "24 traffic multipliers, one for each local hour; rescaled to mean 1",
            "[1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1]",
        )
        .needed(),
        word(
            "weekend",
            Kind::Number(Bounds::of(0.0, 1e6)),
            "multiplier of Saturdays and Sundays",
            "0.6",
        )
        .default("1"),
    ],
    and: None,
};

/// `[sli.NAME]`.
pub static SLI: TableWords = TableWords {
    title: "[sli.NAME]",
    keys: &[
        word("base", Kind::Literal(&SHARE), "bad ratio when nothing is wrong", "\"0.05%\"")
            .default("\"0%\""),
        word(
            "dispersion",
            Kind::Number(Bounds::of(0.0, 1.0)),
            "intra-class correlation of one-minute counts of one zone: how much bad requests come in bursts",
            "1e-4",
        )
        .default("0"),
        word(
            "objective",
            Kind::Literal(&SHARE),
            "share of good requests that is promised; gives the error budget",
            "\"99.9%\"",
        ),
    ],
    and: None,
};
