//! `landfall simulate`.

use std::path::PathBuf;

use super::call::Call;
use super::exit::Failure;
use super::options::{Common, Format};
use super::session::Session;
use crate::report::html::Subject;
use crate::report::simulate::Portrait;
use crate::report::{csv, json};

/// `landfall simulate`.
#[derive(Debug, clap::Args)]
pub struct SimulateArgs {
    /// The scenario, a TOML file
    #[arg(value_name = "SCENARIO")]
    pub scenario: PathBuf,

    /// The strategy to simulate
    ///
    /// Example: --strategy 'hands-off waves'
    #[arg(long, value_name = "NAME", required = true)]
    pub strategy: String,

    /// Files with more strategies; may be repeated
    ///
    /// Each holds tables [strategy.NAME], and may hold [service] and [budget.NAME]. Example: --strategies mine.toml
    #[arg(long, value_name = "FILE")]
    pub strategies: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) common: Common,
}

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
