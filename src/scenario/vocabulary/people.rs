//! Tables of people, and of what they and alarms do about a bad change.

use super::kind::{Bounds, Choice, Kind, choice};
use super::literal::{DAY_HOURS, RANDOM_DURATION, TIME_ZONE, WEEKDAYS};
use super::{TableWords, word};

/// A random duration.
const DELAY: Kind = Kind::Literal(&RANDOM_DURATION);

/// A delay that people cause.
pub(super) const BY_PEOPLE: Kind = Kind::Either(&[DELAY, Kind::Table(&PEOPLE)]);

/// How far a rollback reaches.
static REACHES: &[Choice] = &[
    choice("fleet", "everything, at once"),
    choice("region", "the region that the alarm was in"),
    choice("zone", "the zone that the alarm was in"),
];

/// `[oncall]`.
pub static ONCALL: TableWords = TableWords {
    title: "[oncall]",
    keys: &[
        word(
            "hours",
            Kind::Table(&HOURS),
            "working hours",
            "{ days = \"Mon-Fri\", hours = \"09:00-18:00\", tz = \"Europe/London\" }",
        ),
        word(
            "responds",
            BY_PEOPLE,
            "from a page or the last needed report to the rollback",
            "{ inside = \"5m to 20m\", outside = \"20m to 90m\" }",
        ),
        word(
            "reports_per_bad_request",
            Kind::Number(Bounds::of(0.0, 1.0)),
            "reports per bad request that the fault causes",
            "1e-5",
        )
        .default("0"),
        word(
            "acts_on_report",
            Kind::Whole(1, 1_000_000),
            "the report that is acted on",
            "3",
        )
        .default("1"),
    ],
    and: None,
};

/// Weekdays and hours in a time zone.
pub static HOURS: TableWords = TableWords {
    title: "hours",
    keys: &[
        word("days", Kind::Literal(&WEEKDAYS), "weekdays", "\"Mon-Fri\"").default("\"daily\""),
        word(
            "hours",
            Kind::Literal(&DAY_HOURS),
            "hours",
            "\"09:00-17:00\"",
        )
        .default("\"00:00-24:00\""),
        word(
            "tz",
            Kind::Literal(&TIME_ZONE),
            "time zone; in windows also local, that of each region",
            "\"Europe/London\"",
        )
        .otherwise("local in windows, UTC elsewhere"),
    ],
    and: None,
};

/// A delay that people cause.
pub static PEOPLE: TableWords = TableWords {
    title: "a delay of people",
    keys: &[
        word(
            "inside",
            DELAY,
            "when the wait begins inside working hours",
            "\"5m to 20m\"",
        )
        .needed(),
        word("outside", DELAY, "when it begins outside", "\"20m to 90m\"").needed(),
    ],
    and: None,
};

/// `[rollback]`.
pub static ROLLBACK: TableWords = TableWords {
    title: "[rollback]",
    keys: &[
        word(
            "scope",
            Kind::Choice(REACHES),
            "how far it reaches",
            "\"region\"",
        )
        .otherwise("\"fleet\"; of a strategy, what [rollback] says"),
        word("takes", DELAY, "time for each zone", "\"3m to 12m\"")
            .otherwise("\"0s\"; of a strategy, what [rollback] says"),
        word("in", Kind::Whole(1, 10_000), "in how many equal parts", "3")
            .otherwise("1; of a strategy, what [rollback] says"),
        word(
            "then_fleet_after",
            Kind::Either(&[
                Kind::Choice(&[choice("never", "the other zones keep the new version")]),
                DELAY,
                Kind::Table(&PEOPLE),
            ]),
            "with a narrower scope: when the rest goes, or never",
            "\"15m to 2h\"",
        ),
    ],
    and: None,
};

/// `[retry]`.
pub static RETRY: TableWords = TableWords {
    title: "[retry]",
    keys: &[
        word(
            "after",
            DELAY,
            "from nothing left to the next attempt",
            "\"2h to 8h\"",
        )
        .needed(),
        word(
            "max",
            Kind::Whole(0, 1_000),
            "how often a change that was stopped by chance is tried again",
            "2",
        )
        .needed(),
    ],
    and: None,
};
