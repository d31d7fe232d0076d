//! Tables of alarms.

use super::kind::{Choice, Kind, choice};
use super::literal::{AMOUNT, CONDITION, DURATION, RULE};
use super::{TableWords, word};

/// Whose requests an alarm reads.
static POPULATIONS: &[Choice] = &[
    choice("one-box", "what a zone's first step put on the new version"),
    choice(
        "canary",
        "all new-version traffic of a zone, while it has both versions",
    ),
    choice("zone", "all traffic of a zone, old and new"),
    choice("region", "all traffic of a region"),
    choice("fleet", "all traffic"),
];

/// What a missing datapoint counts as.
static MISSING: &[Choice] = &[
    choice("not-breaching", "as fine"),
    choice("breaching", "as breaching"),
    choice(
        "skip",
        "as not there: the datapoints before it count in its place",
    ),
    choice(
        "cloudwatch",
        "as CloudWatch does by default, where the state is kept",
    ),
    choice("cloudwatch:missing", "the same"),
    choice(
        "cloudwatch:ignore",
        "as CloudWatch does when told to ignore it",
    ),
    choice(
        "cloudwatch:breaching",
        "as CloudWatch does when told that it breaches",
    ),
    choice(
        "cloudwatch:not-breaching",
        "as CloudWatch does when told that it does not breach",
    ),
];

/// What an alarm does.
static DOES: &[Choice] = &[
    choice(
        "rollback",
        "stops the rollout and takes the new version back",
    ),
    choice("page", "calls the on-call, who rolls the fleet back"),
    choice(
        "pause",
        "lets nothing start until somebody approves; bakes run on",
    ),
    choice(
        "hold",
        "keeps a bake open while the last datapoint breaches or is missing",
    ),
];

/// How long an alarm watches.
static WATCHES: &[Choice] = &[
    choice("step", "until the zone's last step is over"),
    choice("zone", "until the bake after the zone's batch is over"),
    choice("wave", "until the wave's bake is over"),
    choice("rollout", "until the last wave's bake is over"),
    choice("watch", "until the rollout is over"),
];

/// When a history is cleared, beside when no new version is left.
static RESETS: &[Choice] = &[
    choice("step", "whenever an action begins"),
    choice("never", "never"),
];

/// Where datapoints lie.
static GRIDS: &[Choice] = &[
    choice(
        "wall-clock",
        "at multiples of their distance by the clock on the wall",
    ),
    choice(
        "deployment",
        "at multiples of it from the start of the rollout",
    ),
];

/// `[alarm.NAME]`.
pub static ALARM: TableWords = TableWords {
    title: "[alarm.NAME]",
    keys: &[
        word(
            "scope",
            Kind::Choice(POPULATIONS),
            "what it reads",
            "\"one-box\"",
        )
        .needed(),
        word(
            "when",
            Kind::Literal(&CONDITION),
            "when a datapoint breaches",
            "\"errors > 1%\"",
        )
        .needed(),
        word(
            "period",
            Kind::Literal(&DURATION),
            "distance of the datapoints that are counted",
            "\"5m\"",
        )
        .otherwise("every, else 1m"),
        word(
            "window",
            Kind::Literal(&DURATION),
            "how much a datapoint covers",
            "\"1h\"",
        )
        .otherwise("period"),
        word(
            "every",
            Kind::Literal(&DURATION),
            "distance of datapoints; shorter than period slides",
            "\"1m\"",
        )
        .otherwise("period"),
        word(
            "lag",
            Kind::Literal(&DURATION),
            "from a datapoint's end until it is known",
            "\"1m\"",
        )
        .default("\"0s\""),
        word(
            "datapoints",
            Kind::Literal(&RULE),
            "how many must breach",
            "\"3 of 5\"",
        )
        .default("\"1 of 1\""),
        word(
            "min_requests",
            Kind::Literal(&AMOUNT),
            "requests below which a datapoint is missing",
            "50",
        )
        .default("0"),
        word(
            "missing",
            Kind::Choice(MISSING),
            "what a missing datapoint counts as",
            "\"breaching\"",
        )
        .default("\"not-breaching\""),
        word(
            "and",
            Kind::Table(&AND),
            "a second condition that must hold as well",
            "{ when = \"errors > 1.44%\", window = \"5m\" }",
        ),
        word(
            "does",
            Kind::Choice(DOES),
            "what it does when it fires",
            "\"hold\"",
        )
        .default("\"rollback\""),
        word(
            "watches",
            Kind::Choice(WATCHES),
            "how long it watches",
            "\"watch\"",
        )
        .default("\"rollout\""),
        word(
            "probes",
            Kind::Whole(1, 1_000_000),
            "synthetic requests a period that it reads instead of real ones",
            "5",
        ),
        word(
            "steps",
            Kind::Table(&ALARM_STEPS),
            "steps to which a zone's alarm is limited",
            "{ from = 1, to = 1 }",
        ),
        word(
            "resets",
            Kind::Choice(RESETS),
            "when its history is cleared",
            "\"step\"",
        )
        .default("\"never\""),
        word(
            "grid",
            Kind::Choice(GRIDS),
            "where datapoints lie",
            "\"deployment\"",
        )
        .default("\"wall-clock\""),
    ],
    and: None,
};

/// `and = { ... }`.
pub static AND: TableWords = TableWords {
    title: "and",
    keys: &[
        word(
            "when",
            Kind::Literal(&CONDITION),
            "the second condition",
            "\"errors > 1.44%\"",
        )
        .needed(),
        word(
            "window",
            Kind::Literal(&DURATION),
            "how much it covers",
            "\"5m\"",
        )
        .otherwise("the alarm's window"),
    ],
    and: None,
};

/// `steps = { ... }` of an alarm.
pub static ALARM_STEPS: TableWords = TableWords {
    title: "steps of an alarm",
    keys: &[
        word("from", Kind::Whole(1, 1_000_000), "first step", "1").default("1"),
        word("to", Kind::Whole(1, 1_000_000), "last step", "2").otherwise("the last there is"),
    ],
    and: None,
};

/// An alarm in a strategy's own list.
pub static OWN_ALARM: TableWords = TableWords {
    title: "an alarm of a strategy",
    keys: &[word("name", Kind::Text("a text"), "its name", "\"mine\"").needed()],
    and: Some(&ALARM),
};
