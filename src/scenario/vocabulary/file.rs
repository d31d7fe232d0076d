//! What a file has outside its sections, and what any value and table may have.

use super::kind::{Choice, Kind, choice};
use super::{TableWords, Word, word};

/// A world or a file, as in `use`.
const USED: Kind = Kind::Text("a shipped world, or a file whose name ends in .toml");

/// Keys of a file outside all tables.
pub static TOP: TableWords = TableWords {
    title: "the top of the file",
    keys: &[
        word(
            "format",
            Kind::Whole(1, 1),
            "the version of the language",
            "1",
        )
        .needed(),
        word(
            "use",
            Kind::Either(&[USED, Kind::List(&USED, 0, 100)]),
            "worlds and files that this one builds on; what it says itself is laid over them",
            "[\"aws-like\", \"team-world.toml\"]",
        ),
    ],
    and: None,
};

/// Where a number comes from.
pub static FROM: &[Choice] = &[
    choice("measured", "somebody measured it in the system at hand"),
    choice("published", "somebody published it"),
    choice("guess", "somebody thinks so"),
];

/// Where a number comes from, on any key.
pub static PROVENANCE: TableWords = TableWords {
    title: "a value with its provenance",
    keys: &[
        word(
            "value",
            Kind::Text("whatever the key takes"),
            "the value itself",
            "\"4%\"",
        )
        .needed(),
        word(
            "from",
            Kind::Choice(FROM),
            "where it comes from",
            "\"measured\"",
        ),
        word(
            "source",
            Kind::Text("a text"),
            "where it was measured or published",
            "\"our pipeline, 2026\"",
        ),
        word(
            "range",
            Kind::Text("a text"),
            "between which values it may lie",
            "\"2% to 8%\"",
        ),
    ],
    and: None,
};

/// What a table of a section may say instead of everything else.
pub static DROP: Word = word(
    "drop",
    Kind::True,
    "removes a table that a used file has; stands alone in it",
    "true",
);
