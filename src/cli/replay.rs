//! `landfall replay`.

use std::path::PathBuf;

use super::call::Call;
use super::exit::Failure;
use super::options::{Common, Format};
use super::output::REPLAY;
use super::session::Session;
use crate::report::chart::kind::Chart;
use crate::report::html::Subject;
use crate::report::replay::{Past, Replayed};
use crate::report::{csv, json};

/// The most strategies that are shown incident by incident where none was named.
const FEW: usize = 1;

/// `landfall replay`.
#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    /// The scenario, a TOML file
    #[arg(value_name = "SCENARIO")]
    pub scenario: PathBuf,

    /// The incidents, a CSV file: one bad change of the past a line
    #[arg(value_name = "INCIDENTS")]
    pub incidents: PathBuf,

    /// Files with more strategies; may be repeated
    ///
    /// Each holds tables [strategy.NAME], and may hold [service] and [budget.NAME]. Example: --strategies mine.toml
    #[arg(long, value_name = "FILE")]
    pub strategies: Vec<PathBuf>,

    /// Only strategies of this name, and each incident by itself; may be repeated [default: all]
    ///
    /// Example: --strategy 'hands-off waves'
    #[arg(long, value_name = "NAME")]
    pub strategy: Vec<String>,

    #[command(flatten)]
    pub(super) common: Common,
}

/// Runs incidents of the past through strategies, and shows where each would have caught them.
///
/// # Errors
/// Wrong input, output that cannot be written, an interruption, a bug.
pub fn replay(args: &ReplayArgs, call: &Call) -> Result<(), Failure> {
    let (session, incidents) = Session::replay(
        &args.scenario,
        &args.incidents,
        &args.strategies,
        &args.common,
        call,
    )?;
    let strategies = session.chosen(&args.strategy)?;
    // The others tell of good changes, too, and here are none.
    let charts = args.common.charts.among(&[Chart::Caught]);
    let mut finished = session.run_with(&strategies, &charts)?;
    let past: Vec<Past> = incidents
        .into_iter()
        .map(|incident| Past {
            name: incident.name,
            faults: incident.faults,
            hit_regions: incident.hit_regions,
        })
        .collect();
    let replayed = Replayed::new(&finished.summary, &finished.basis, &past);
    let (console, intervals) = (session.console, session.intervals());
    let each = !args.strategy.is_empty() || strategies.len() <= FEW;
    let rows = replayed.rows();
    let results = match args.common.format {
        Format::Human => replayed.human(console.columns(), console.style(), intervals, each),
        Format::Markdown => replayed.markdown(intervals, each),
        Format::Json => json::document(&finished.basis, &rows),
        Format::Csv => csv::text(&rows),
    };
    finished.output.add(REPLAY, csv::text(&rows).as_bytes());
    let page = session.page(&finished, Subject::Replay(&replayed), None);
    session.deliver(finished, &results, Some(&page))
}
