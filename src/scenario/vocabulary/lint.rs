//! Settings of `landfall lint` for what a file says.

use super::kind::{Choice, Kind, choice};
use super::{TableWords, word};

/// Codes of lints.
pub static LINT_CODES: &[Choice] = &[
    choice("LF101", "alarm-too-late"),
    choice("LF102", "alarms-after-full-exposure"),
    choice("LF103", "bake-too-short"),
    choice("LF104", "min-requests-out-of-reach"),
    choice("LF105", "bake-requests-out-of-reach"),
    choice("LF106", "too-few-requests"),
    choice("LF107", "fires-by-itself"),
    choice("LF201", "step-unwatched"),
    choice("LF202", "fault-unseen"),
    choice("LF203", "bake-unwatched"),
    choice("LF301", "share-rounds-up"),
    choice("LF303", "cannot-end"),
    choice("LF304", "region-at-once"),
    choice("LF305", "several-regions-first"),
    choice("LF306", "rollback-slow"),
    choice("LF307", "good-changes-die"),
    choice("LF401", "alarm-unused"),
    choice("LF402", "test-sees-nothing"),
    choice("LF403", "step-adds-nothing"),
];

/// Levels of findings.
pub static LINT_LEVELS: &[Choice] = &[
    choice("note", "worth knowing"),
    choice("warning", "probably not what was meant"),
    choice("error", "cannot work"),
];

/// `[lint]`.
pub static LINT: TableWords = TableWords {
    title: "[lint]",
    keys: &[
        word(
            "allow",
            Kind::List(&Kind::Choice(LINT_CODES), 0, 100),
            "findings about this file that `landfall lint` leaves out, by code",
            "[\"LF304\"]",
        ),
        word(
            "deny",
            Kind::Choice(LINT_LEVELS),
            "level from which on findings about this file make `landfall lint` end with 1, unless --deny says otherwise",
            "\"warning\"",
        )
        .otherwise("\"error\""),
    ],
    and: None,
};
