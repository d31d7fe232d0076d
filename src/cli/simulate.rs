//! `landfall simulate`.

use super::args::{Format, SimulateArgs};
use super::call::Call;
use super::exit::Failure;
use super::session::Session;
use crate::report::html::Subject;
use crate::report::simulate::Portrait;
use crate::report::{csv, json};

/// Runs one strategy and shows it in depth.
///
/// # Errors
/// Wrong input, output that cannot be written, an interruption, a bug.
pub fn simulate(args: &SimulateArgs, call: &Call) -> Result<(), Failure> {
    let session = Session::open(&args.scenario, &args.strategies, &args.common, call)?;
    let strategies = session.chosen(std::slice::from_ref(&args.strategy))?;
    let finished = session.run(&strategies)?;
    let (_, detectors) = &finished.detectors[0];
    let portrait = Portrait::new(
        session.plan(),
        strategies[0],
        &finished.summary,
        detectors,
        finished.basis.clone(),
    );
    let console = session.console;
    let results = match args.common.format {
        Format::Human => portrait.human(console.columns(), console.style(), session.intervals()),
        Format::Markdown => portrait.markdown(session.intervals()),
        Format::Json => json::document(&finished.basis, &portrait.rows()),
        Format::Csv => csv::text(&portrait.rows()),
    };
    let page = session.page(&finished, Subject::Portrait(&portrait), None);
    session.deliver(finished, &results, Some(&page))
}
