//! `landfall compare`.

use super::args::{CompareArgs, Format};
use super::call::Call;
use super::exit::Failure;
use super::session::Session;
use crate::report::compare::Comparison;
use crate::report::html::Subject;
use crate::report::{csv, json};

/// Runs all strategies, or those named, and shows them side by side.
///
/// # Errors
/// Wrong input, output that cannot be written, an interruption, a bug.
pub fn compare(args: &CompareArgs, call: &Call) -> Result<(), Failure> {
    let session = Session::open(&args.scenario, &args.strategies, &args.common, call)?;
    let strategies = session.chosen(&args.strategy)?;
    let finished = session.run(&strategies)?;
    let comparison =
        Comparison::new(&finished.summary, finished.basis.clone()).ranked(finished.ranking.clone());
    let console = session.console;
    let results = match args.common.format {
        Format::Human => comparison.human(console.columns(), console.style(), session.intervals()),
        Format::Markdown => comparison.markdown(session.intervals()),
        Format::Json => json::document(&finished.basis, &comparison.rows()),
        Format::Csv => csv::text(&comparison.rows()),
    };
    let page = session.page(&finished, Subject::Comparison(&comparison));
    session.deliver(finished, &results, &page)
}
