//! `landfall compare`.

use super::call::Call;
use super::exit::Failure;
use super::options::{Chosen, Common, Format, SIMULATION};
use super::output::{TORNADO, WORLDS};
use super::session::Session;
use super::worlds::{Explored, explore};
use crate::report::compare::Comparison;
use crate::report::html::{self, Subject};
use crate::report::{csv, json, worlds};
use crate::scenario;

/// `landfall compare`.
#[derive(Debug, clap::Args)]
pub struct CompareArgs {
    #[command(flatten)]
    pub(super) chosen: Chosen,

    /// Compare once more in so many worlds, drawn from the ranges of guesses
    ///
    /// Inputs marked `from = "guess"` with a `range` are drawn anew in each world, the same worlds for every strategy; then
    /// it is told in how many of them a strategy is the better one, what the others have in common, and what the blast
    /// radius depends on (worlds.csv, tornado.svg). Each world gets --runs over their number, and no fewer than 400
    /// rollouts of each strategy, so that 200 worlds take as long as --runs 80_000 or somewhat less. Example: --worlds 200
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(10..=10_000), help_heading = SIMULATION)]
    pub worlds: Option<u64>,

    #[command(flatten)]
    pub(super) common: Common,
}

/// Runs all strategies, or those named, and shows them side by side; with `--worlds` in many worlds, too.
///
/// # Errors
/// Wrong input, output that cannot be written, an interruption, a bug.
pub fn compare(args: &CompareArgs, call: &Call) -> Result<(), Failure> {
    let (session, drawing) = open(args, call)?;
    session.show_findings();
    let strategies = session.chosen(&args.chosen.strategy)?;
    let explored = match &drawing {
        Some((source, count)) => Some(explore(&session, source, &strategies, *count)?),
        None => None,
    };
    let mut finished = session.run(&strategies)?;
    let comparison =
        Comparison::new(&finished.summary, finished.basis.clone()).ranked(finished.ranking.clone());
    let mut results = results(args, &session, &comparison, &finished.basis);
    let mut tornado = None;
    if let Some(explored) = &explored {
        add(&mut results, args.common.format, &session, explored);
        let text = worlds::csv(&explored.drawn());
        finished.output.add(WORLDS, text.as_bytes());
        tornado = explored.chart(&session, &finished.basis.scenario)?;
    }
    if let Some((svg, png)) = &tornado {
        finished.output.add(TORNADO.0, svg.as_bytes());
        finished.output.add(TORNADO.1, png);
    }
    let worlds = explored.as_ref().map(|explored| html::Worlds {
        drawn: explored.drawn(),
        tornado: tornado.as_ref().map(|(svg, _)| svg.as_str()),
    });
    let page = session.page(&finished, Subject::Comparison(&comparison), worlds);
    session.deliver(finished, &results, Some(&page))
}

/// Loads the scenario, and what worlds are drawn from and how many.
fn open<'a>(
    args: &'a CompareArgs,
    call: &'a Call,
) -> Result<(Session<'a>, Option<(scenario::Worlds, u64)>), Failure> {
    let Some(count) = args.worlds else {
        let session = Session::open(
            &args.chosen.scenario,
            &args.chosen.strategies,
            &args.common,
            call,
        )?;
        return Ok((session, None));
    };
    let (session, source) = Session::with_worlds(
        &args.chosen.scenario,
        &args.chosen.strategies,
        &args.common,
        call,
    )?;
    if source.guesses().is_empty() {
        let sentence = "no input can be drawn: mark those that you do not know well, such as \
                        bad = { value = \"4%\", from = \"guess\", range = \"2% to 8%\" }";
        return Err(Failure::Input(sentence.to_owned()));
    }
    Ok((session, Some((source, count))))
}

fn results(
    args: &CompareArgs,
    session: &Session,
    comparison: &Comparison,
    basis: &crate::report::basis::Basis,
) -> String {
    let console = session.console;
    match args.common.format {
        Format::Human => comparison.human(console.columns(), console.style(), session.intervals()),
        Format::Markdown => comparison.markdown(session.intervals()),
        Format::Json => json::document(basis, &comparison.rows()),
        Format::Csv => csv::text(&comparison.rows()),
    }
}

/// What the worlds say, below the results; a table of figures keeps its columns, and `worlds.csv` has theirs.
fn add(results: &mut String, format: Format, session: &Session, explored: &Explored) {
    let drawn = explored.drawn();
    let console = session.console;
    match format {
        Format::Human => {
            results.push('\n');
            results.push_str(&drawn.human(console.columns(), console.style()));
        }
        Format::Markdown => {
            results.push('\n');
            results.push_str(&drawn.markdown());
        }
        Format::Json => *results = json::with(results, "worlds", &worlds::json(&drawn)),
        Format::Csv => {}
    }
}
