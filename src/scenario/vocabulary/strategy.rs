//! Tables that describe strategies and budgets.

use super::world::ALARM;
use super::{TableWords, word};

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

/// An alarm in a strategy's own list.
pub static OWN_ALARM: TableWords = TableWords {
    title: "an alarm of a strategy",
    keys: &[word("name", "its name")],
    and: Some(&ALARM),
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
