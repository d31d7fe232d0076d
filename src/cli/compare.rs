//! `landfall compare`.

use super::args::{Charts, CompareArgs, Format};
use super::call::Call;
use super::exit::Failure;
use super::output::{TRADEOFF_PNG, TRADEOFF_SVG};
use super::session::{Finished, Session};
use crate::report::chart::paint;
use crate::report::chart::tradeoff::Tradeoff;
use crate::report::compare::Comparison;
use crate::report::{csv, json};

/// Runs all strategies, or those named, and shows them side by side.
///
/// # Errors
/// Wrong input, output that cannot be written, an interruption, a bug.
pub fn compare(args: &CompareArgs, call: &Call) -> Result<(), Failure> {
    let session = Session::open(&args.scenario, &args.strategies, &args.common, call)?;
    let strategies = session.chosen(&args.strategy)?;
    let mut finished = session.run(&strategies, false)?;
    if args.charts == Charts::All {
        draw(&session, &mut finished)?;
    }
    let comparison = Comparison::new(&finished.summary, finished.basis.clone());
    let console = session.console;
    let results = match args.common.format {
        Format::Human => comparison.human(console.columns(), console.style(), session.intervals()),
        Format::Markdown => comparison.markdown(session.intervals()),
        Format::Json => json::document(&finished.basis, &comparison.rows()),
        Format::Csv => csv::text(&comparison.rows()),
    };
    session.deliver(finished, &results)
}

/// Draws blast radius against time to full deployment.
fn draw(session: &Session, finished: &mut Finished) -> Result<(), Failure> {
    let Some(scene) = Tradeoff::of(&finished.summary).scene(&finished.basis) else {
        session
            .console
            .note("no chart: without faulty and fault-free changes there is no trade-off to show");
        return Ok(());
    };
    let images = paint(&scene).map_err(|e| Failure::Bug(e.to_string()))?;
    finished.output.add(TRADEOFF_SVG, images.svg.as_bytes());
    finished.output.add(TRADEOFF_PNG, &images.png);
    Ok(())
}
