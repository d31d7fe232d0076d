//! What the page of a run is told of the scenario.

use crate::report::html::{From, Input};
use crate::scenario::{self, Provenance};

/// A value that was read, as plain data.
pub(super) fn input(input: &scenario::Input) -> Input {
    Input {
        key: input.key.clone(),
        value: input.value.clone(),
        from: match input.from {
            Some(Provenance::Measured) => From::Measured,
            Some(Provenance::Published) => From::Published,
            Some(Provenance::Guess) => From::Guess,
            None => From::Unsaid,
        },
        source: input.source.clone(),
        range: input.range.clone(),
        file: input.file.display().to_string(),
        line: input.line,
    }
}
