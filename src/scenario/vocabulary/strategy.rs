//! Tables that describe strategies and budgets.

use super::alarm::OWN_ALARM;
use super::kind::{Choice, Kind, choice};
use super::literal::{AMOUNT, DATES, DURATION, RANDOM_DURATION, SHARE};
use super::people::{BY_PEOPLE, HOURS, PEOPLE, ROLLBACK};
use super::{TableWords, word};

/// A random duration.
const DELAY: Kind = Kind::Literal(&RANDOM_DURATION);

/// When actions may start.
const WINDOWS: Kind = Kind::Either(&[
    Kind::Choice(&[choice("always", "at any time, whatever the strategy says")]),
    Kind::Table(&HOURS),
]);

/// A bake, long or short.
const BAKES: Kind = Kind::Either(&[
    Kind::Choice(&[choice("manual", "as long as an approval takes")]),
    DELAY,
    Kind::Table(&BAKE),
]);

const STEPS: Kind = Kind::List(&Kind::Table(&STEP), 1, 1_000);

const REST: Kind = Kind::Choice(&[choice("rest", "all that is left")]);

/// In which order regions are taken.
static ORDERS: &[Choice] = &[
    choice("listed", "as they stand in the file"),
    choice("smallest-first", "those with the least traffic first"),
    choice("largest-first", "those with the most traffic first"),
    choice("random", "shuffled anew in every attempt"),
];

/// What happens when a bake has lasted as long as it may.
static THEN: &[Choice] = &[
    choice("go", "the rollout goes on"),
    choice("stop", "the rollout is stopped, a detection by the bake"),
    choice("ask", "somebody is asked: an approval"),
];

/// When a test of a zone runs.
static HOOKS: &[Choice] = &[
    choice("pre-traffic", "before the zone's first step"),
    choice("post-traffic", "after the zone's last step"),
];

/// `[strategy.NAME]`.
pub static STRATEGY: TableWords = TableWords {
    title: "[strategy.NAME]",
    keys: &[
        word(
            "windows",
            WINDOWS,
            "weekdays and hours in which actions may start",
            "{ days = \"Mon-Fri\", hours = \"09:00-17:00\", tz = \"local\" }",
        )
        .default("\"always\""),
        word(
            "blackouts",
            Kind::List(&Kind::Literal(&DATES), 0, 1_000_000),
            "dates on which none may",
            "[\"2026-12-24 to 2027-01-02\"]",
        )
        .default("[]"),
        word(
            "order",
            Kind::Choice(ORDERS),
            "the order of regions",
            "\"smallest-first\"",
        )
        .default("\"listed\""),
        word(
            "preproduction",
            Kind::List(&Kind::Table(&PREPRODUCTION), 0, 100),
            "tests before production, one after the other",
            "[{ name = \"gamma\", takes = \"40m to 2h\", flake = \"1%\" }]",
        )
        .default("[]"),
        word(
            "tests",
            Kind::List(&Kind::Table(&TEST), 0, 100),
            "tests of every zone",
            "[{ name = \"smoke\", at = \"pre-traffic\", takes = \"2m\" }]",
        )
        .default("[]"),
        word(
            "steps",
            STEPS,
            "steps of every zone; needed unless every wave has its own",
            "[{ to = \"10%\", bake = \"15m\" }, { to = \"100%\" }]",
        ),
        word(
            "zones",
            Kind::Table(&ZONES),
            "batches of a region's zones, and the bake after each",
            "{ batches = [1, \"rest\"], bake = \"30m\" }",
        )
        .default("{ batches = [1] }"),
        word(
            "waves",
            Kind::List(&Kind::Table(&WAVE), 1, 1_000),
            "the waves, one after the other",
            "[{ regions = 1, bake = \"12h\" }, { regions = \"rest\", parallel = 5 }]",
        )
        .default("[{ regions = \"rest\" }]"),
        word(
            "round",
            Kind::Choice(&[choice("boxes", "up to whole boxes")]),
            "how shares are rounded",
            "\"boxes\"",
        )
        .otherwise("not at all"),
        word(
            "approval",
            BY_PEOPLE,
            "how long people take to approve",
            "\"10m to 3h\"",
        ),
        word(
            "waits_for_calm",
            Kind::Flag,
            "whether no action starts while an incident would fire an alarm",
            "true",
        )
        .default("false"),
        word(
            "alarms",
            Kind::List(&Kind::Table(&OWN_ALARM), 0, 200),
            "alarms of its own",
            "[{ name = \"mine\", scope = \"canary\", when = \"errors > control at 1%\" }]",
        )
        .default("[]"),
        word(
            "use_alarms",
            Kind::List(&SHARED_ALARM, 0, 1_000_000),
            "which of the shared alarms it uses",
            "[\"one-box\"]",
        )
        .otherwise("all"),
        word(
            "rollback",
            Kind::Table(&ROLLBACK),
            "what of [rollback] is different here",
            "{ scope = \"region\", then_fleet_after = \"1h\" }",
        )
        .default("{}"),
    ],
    and: None,
};

static SHARED_ALARM: Kind = Kind::Text("the name of an [alarm.NAME]");

/// A step.
pub static STEP: TableWords = TableWords {
    title: "a step",
    keys: &[
        word(
            "to",
            Kind::Either(&[
                Kind::Choice(&[choice("one-box", "one box of the zone")]),
                Kind::Literal(&SHARE),
            ]),
            "the share of the zone's traffic that the new version is to reach, or one box",
            "\"10%\"",
        )
        .needed(),
        word("takes", DELAY, "how long the action takes", "\"5m to 12m\"").default("\"0s\""),
        word(
            "in",
            Kind::Either(&[
                Kind::Whole(1, 10_000),
                Kind::Choice(&[choice("boxes", "as many as boxes are added")]),
            ]),
            "in how many equal parts",
            "\"boxes\"",
        )
        .default("1"),
        word("bake", BAKES, "the bake afterwards", "\"1h\""),
    ],
    and: None,
};

/// A bake.
pub static BAKE: TableWords = TableWords {
    title: "bake",
    keys: &[
        word("for", DELAY, "at least this long", "\"2h\"").default("\"0s\""),
        word(
            "min_requests",
            Kind::Literal(&AMOUNT),
            "and at least this many requests to the new version",
            "1_000_000",
        )
        .default("0"),
        word(
            "at_most",
            Kind::Literal(&DURATION),
            "but no longer than this",
            "\"12h\"",
        ),
        word("then", Kind::Choice(THEN), "what happens then", "\"ask\"").otherwise("go"),
    ],
    and: None,
};

/// `zones = { ... }`.
pub static ZONES: TableWords = TableWords {
    title: "zones",
    keys: &[
        word(
            "batches",
            Kind::List(&Kind::Either(&[Kind::Whole(1, 10_000), REST]), 1, 1_000),
            "zones at a time; the last number repeats, rest takes what is left",
            "[1, \"rest\"]",
        )
        .default("[1]"),
        word("bake", BAKES, "the bake after each batch", "\"30m\""),
    ],
    and: None,
};

/// A wave.
pub static WAVE: TableWords = TableWords {
    title: "a wave",
    keys: &[
        word(
            "regions",
            Kind::Either(&[Kind::Whole(1, 1_000), REST, Kind::List(&TARGET, 1, 20_000)]),
            "how many of the next, a list of regions or single zones, or rest",
            "[\"eu-west-1\", \"us-east-1/2\"]",
        )
        .needed(),
        word("parallel", Kind::Whole(1, 10_000), "targets under way at once", "5").default("1"),
        word(
            "approval",
            Kind::Either(&[Kind::Flag, DELAY, Kind::Table(&PEOPLE)]),
            "an approval that the wave needs first: how long it takes, or true for as long as the strategy says",
            "\"10m to 3h\"",
        )
        .default("false"),
        word("bake", BAKES, "the bake after all targets are done", "\"12h\""),
        word("steps", STEPS, "steps of its zones", "[{ to = \"100%\", bake = \"1h\" }]")
            .otherwise("the strategy's"),
        word("zones", Kind::Table(&ZONES), "batches of its zones", "{ batches = [\"rest\"] }")
            .otherwise("the strategy's"),
        word("windows", WINDOWS, "its windows", "\"always\"").otherwise("the strategy's"),
    ],
    and: None,
};

static TARGET: Kind = Kind::Text("a region, or one zone of it: eu-west-1/2");

/// A test before production.
pub static PREPRODUCTION: TableWords = TableWords {
    title: "a test before production",
    keys: &[
        word("name", Kind::Text("a text"), "its name", "\"gamma\"").needed(),
        word("takes", DELAY, "how long it takes", "\"40m to 2h\"").default("\"0s\""),
        word(
            "flake",
            Kind::Literal(&SHARE),
            "chance of failing for no reason",
            "\"1%\"",
        )
        .default("\"0%\""),
        word(
            "needs_active",
            Kind::Flag,
            "whether it sees a fault only while that is active",
            "true",
        )
        .default("false"),
    ],
    and: None,
};

/// A test of every zone.
pub static TEST: TableWords = TableWords {
    title: "a test",
    keys: &[word("at", Kind::Choice(HOOKS), "when it runs", "\"pre-traffic\"").needed()],
    and: Some(&PREPRODUCTION),
};
