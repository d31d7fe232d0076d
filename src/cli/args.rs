//! Arguments as typed.

use std::path::PathBuf;
use std::thread::available_parallelism;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand, ValueEnum};

use super::call::Call;
use super::charts::Charts;
use super::check::CheckArgs;
use super::console::written;
use super::exit::Failure;
use super::explain::ExplainArgs;
use super::gate::GateArgs;
use super::import::ImportArgs;
use super::lint::LintArgs;
use super::new::NewArgs;
use super::replay::ReplayArgs;
use super::schema::SchemaArgs;
use super::shell::{CompletionsArgs, ManArgs};
use crate::replicate::Sampling;
use crate::replicate::precision::Precision;
use crate::report::chart::theme::Theme;

/// Rollouts of each strategy where `--runs` is not given.
pub const DEFAULT_RUNS: u64 = 1_000;
/// Most that can be asked for.
const MOST_RUNS: u64 = 1_000_000_000_000;
/// Most rollouts of each strategy for the sake of a precision, where `--runs` is not given.
const MOST_FOR_PRECISION: u64 = 1_000_000;
/// Most threads.
const MOST_THREADS: u64 = 1_024;

/// Simulate how a release travels through regions and zones: how far a bad one gets, and how long a good one takes.
#[derive(Debug, Parser)]
#[command(
    name = "landfall",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  landfall new > ours.toml           a scenario to begin with
  landfall compare ours.toml         its strategies, side by side
  landfall explain blast radius      what a word means"
)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compare strategies: blast radius against time to full deployment
    ///
    /// Simulates every strategy of a scenario on the same changes and shows them side by side: how long a good change
    /// takes, how far a bad one gets, what it costs, how often good changes are stopped by chance, where faults are
    /// caught. The table goes to standard output; rows, figures and a chart go to the folder of --out.
    #[command(after_long_help = "\
Examples:
  landfall compare scenarios/hands-off-waves.toml
  landfall compare scenarios/hands-off-waves.toml --runs 100_000 --wide
  landfall compare world.toml --strategies mine.toml --format markdown > comparison.md

Exit codes: 0 done, 2 wrong input, 4 output failed, 70 a bug in landfall, 130 interrupted.")]
    Compare(CompareArgs),

    /// Simulate one strategy in depth
    ///
    /// Shows how changes of each kind end, what the time to full deployment is spent on, what each class of fault does,
    /// where it is caught and by what, and what stops changes by chance.
    #[command(after_long_help = "\
Examples:
  landfall simulate scenarios/hands-off-waves.toml --strategy 'hands-off waves'
  landfall simulate world.toml --strategies mine.toml --strategy ours --runs 20_000 --format json

Exit codes: 0 done, 2 wrong input, 4 output failed, 70 a bug in landfall, 130 interrupted.")]
    Simulate(SimulateArgs),

    /// Replay incidents of the past: where would each strategy have caught them?
    ///
    /// INCIDENTS is a CSV file with a line for each bad change that you remember. Columns, of which only `name` is needed:
    ///
    ///   name         what you call it
    ///   fault        the fault of the scenario that blanks are taken from; blank: any of them, by weight; none: no fault
    ///   onset        how long after the first exposure it woke: `2h`, or a distribution such as `1h to 6h`
    ///   scope        what has an onset of its own: fleet, region, zone, cohort
    ///   severity     bad ratio that it added: `errors=30%`, several as `errors=30%; slow=5%`
    ///   ramp, lingers, unseen   as in [fault.NAME]
    ///   regions      those in which it could wake: a share, or names such as `eu-west-1; us-east-1`
    ///   tests        tests that would see it: `gamma`, or with a chance `gamma; smoke=50%`
    ///   hit_regions  in how many regions users were hit when it happened, to compare with
    ///
    /// Any other key of [fault.NAME] can be a column by its path: trigger.requests, spill.fixed, adds.errors,
    /// caught_by.gamma. Every incident weighs the same. docs/replay.md has the details and an example.
    #[command(
        verbatim_doc_comment,
        after_long_help = "\
Examples:
  landfall replay scenarios/hands-off-waves.toml scenarios/incidents.csv
  landfall replay world.toml ours.csv --strategies mine.toml --strategy ours --runs 20_000

Exit codes: 0 done, 2 wrong input, 4 output failed, 70 a bug in landfall, 130 interrupted."
    )]
    Replay(ReplayArgs),

    /// Tell one rollout, event by event
    ///
    /// Simulates a single rollout, the same to the bit as the one of that name in rollouts.csv, and tells what happened
    /// in it and why: waves, steps and bakes, where the fault woke, what alarms saw, what was rolled back. The story goes
    /// to standard output; JSON lines, a Gantt chart (SVG and PNG) and a file for Perfetto (ui.perfetto.dev) go to the
    /// folder of --out.
    #[command(after_long_help = "\
Examples:
  landfall trace scenarios/hands-off-waves.toml --strategy 'hands-off waves' --run memory-leak#3
  landfall trace world.toml --strategy ours --run fault-free#0 --format jsonl > kept.jsonl
  landfall trace world.toml --strategy ours --run fault-free#0 --verify kept.jsonl

Exit codes: 0 done, 1 the trace differs from the one of --verify, 2 wrong input, 4 output failed, 70 a bug in landfall,
130 interrupted.")]
    Trace(TraceArgs),

    /// Turn a rollout of another tool into a strategy
    ///
    /// Reads what Argo Rollouts and Flagger are told, and writes the strategy that it is. Files of one call are read
    /// together: templates of analyses and metrics are found by their names. The strategy file goes to standard output;
    /// what became of what, what was assumed and what cannot be expressed go to standard error, each with its line.
    /// `compare`, `simulate` and `trace` take such files directly with --strategies.
    #[command(after_long_help = "\
Examples:
  landfall import rollout.yaml analysis.yaml > ours.toml
  landfall import flagger canary.yaml --human-delay '5m to 1h' --out ours.toml
  landfall import rollout.yaml --format json --strict

Exit codes: 0 done, 2 wrong input, or with --strict something that cannot be expressed, 4 output failed.")]
    Import(ImportArgs),
    /// Judge strategies by budgets
    ///
    /// Simulates until every budget is known to hold or not to, with a chance of error that is stated however often it
    /// looks, or says that it is too close to tell. For each budget a line, the worst first; for one that does not hold
    /// what drives it, and the first change to the strategy that would mend it. A strategy file by itself is laid over a
    /// world and compared with the one of --against.
    #[command(after_long_help = "\
Examples:
  landfall check scenario.toml
  landfall check platform/world.toml --strategies rollout.toml --budget platform/budgets.toml
  landfall check rollout.toml --against old.toml --rps 40
  landfall check scenario.toml --output junit=check.xml --output sarif=check.sarif

Exit codes: 0 every budget holds, 1 one does not, 2 wrong input or nothing to check, 3 undecided, 4 output failed, 70 a bug
in landfall, 130 interrupted.")]
    Check(CheckArgs),

    /// Find what can be proved wrong without simulating
    ///
    /// Alarms that cannot fire in time, bakes that are too short for them, steps and faults that nothing watches, and the
    /// like. Takes scenarios and strategy files; the latter are laid over a world.
    #[command(after_long_help = "\
Examples:
  landfall lint ours.toml
  landfall lint proposal.toml --world world.toml --deny warning
  landfall lint *.toml --format sarif > landfall.sarif

Exit codes: 0 nothing at or above --deny, 1 a finding at or above it, 2 wrong input, 4 output failed.")]
    Lint(LintArgs),

    /// Compute how likely each alarm stops a rollout, by the size of the defect
    ///
    /// For each alarm in each step and bake of a region: the chance that it stops a good change (no defect), and one that adds
    /// so much to the bad ratio. Computed from traffic, windows, rules and missing data, not simulated. With --solve: how
    /// long a bake, how large a canary, how many requests or which threshold it takes. docs/gate.md says how to read it.
    #[command(after_long_help = "\
Examples:
  landfall gate scenarios/low-traffic.toml
  landfall gate world.toml --alarm errors --defect 1%,2% --out output/gate
  landfall gate world.toml --alarm errors --solve bake --defect 2% --miss 5% --chance-stop 1%

Exit codes: 0 done, 2 wrong input or nothing to compute, 4 output failed, 70 a bug in landfall, 130 interrupted.")]
    Gate(GateArgs),

    /// Write a scenario to begin with
    ///
    /// A short file with comments that runs as it is: change the numbers and the strategies to your own.
    #[command(after_long_help = "\
Examples:
  landfall new > ours.toml
  landfall new one-cluster --out ours.toml
  landfall new strategies --out proposal.toml

Exit codes: 0 done, 2 wrong input or a file that is there already, 4 output failed.")]
    New(NewArgs),

    /// Explain a word: a key, a term, a column, a shipped world
    ///
    /// Keys of a scenario by name or path, with what they take, their default and an example; words that are values of
    /// keys; terms of the field; columns of the results; shipped worlds, with where each of their numbers comes from,
    /// and what is in them. Without a word: what can be asked for.
    #[command(after_long_help = "\
Examples:
  landfall explain blast radius
  landfall explain bake
  landfall explain strategy.ours.waves[0].parallel
  landfall explain aws-like | less
  landfall explain memory-leak

Exit codes: 0 done, 2 nothing is known by that name, 4 output failed.")]
    Explain(ExplainArgs),

    /// Print the JSON Schema of scenarios or of strategy files
    ///
    /// For editors: completion, and mistakes underlined while you type. docs/editor.md says how.
    #[command(after_long_help = "\
Examples:
  landfall schema > landfall.schema.json
  landfall schema strategies > landfall-strategies.schema.json

In a scenario beside it, as the first line: #:schema ./landfall.schema.json")]
    Schema(SchemaArgs),

    /// Print completions for a shell
    #[command(after_long_help = "\
Examples:
  landfall completions bash > ~/.local/share/bash-completion/completions/landfall
  landfall completions zsh > ~/.zfunc/_landfall
  landfall completions fish > ~/.config/fish/completions/landfall.fish")]
    Completions(CompletionsArgs),

    /// Print the manual page, of landfall or of one command
    #[command(after_long_help = "\
Examples:
  landfall man > landfall.1 && man ./landfall.1
  landfall man compare > landfall-compare.1")]
    Man(ManArgs),
}

/// `landfall compare`.
#[derive(Debug, clap::Args)]
pub struct CompareArgs {
    /// The scenario, a TOML file
    #[arg(value_name = "SCENARIO")]
    pub scenario: PathBuf,

    /// Files with more strategies; may be repeated
    ///
    /// Each holds tables [strategy.NAME], and may hold [service] and [budget.NAME]: for teams that propose a strategy
    /// and leave the world to others. Example: --strategies mine.toml
    #[arg(long, value_name = "FILE")]
    pub strategies: Vec<PathBuf>,

    /// Compare only strategies of this name; may be repeated [default: all]
    ///
    /// They come in the order named. Example: --strategy 'all at once' --strategy canary
    #[arg(long, value_name = "NAME")]
    pub strategy: Vec<String>,

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

/// `landfall trace`.
#[derive(Debug, clap::Args)]
pub struct TraceArgs {
    /// The scenario, a TOML file
    #[arg(value_name = "SCENARIO")]
    pub scenario: PathBuf,

    /// The strategy
    ///
    /// Example: --strategy 'hands-off waves'
    #[arg(long, value_name = "NAME", required = true)]
    pub strategy: String,

    /// The rollout: a kind of change and a number, as in rollouts.csv
    ///
    /// `fault-free` or the name of a fault, then the number. Example: --run memory-leak#812
    #[arg(long, value_name = "KIND#N", required = true)]
    pub run: String,

    /// Files with more strategies; may be repeated
    ///
    /// Each holds tables [strategy.NAME], and may hold [service] and [budget.NAME]. Example: --strategies mine.toml
    #[arg(long, value_name = "FILE")]
    pub strategies: Vec<PathBuf>,

    /// Seed of all random draws
    ///
    /// That of the run which the rollout is from. Example: --seed 7
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = SIMULATION)]
    pub seed: u64,

    /// Folders in which a scenario's `use` looks for files; may be repeated
    ///
    /// After the scenario's own folder. Example: --world-path ../worlds
    #[arg(long, value_name = "DIR", help_heading = SIMULATION)]
    pub world_path: Vec<PathBuf>,

    /// Tell every datapoint that an alarm looked at, and every share
    ///
    /// Datapoints that are not told even so were skipped: known not to breach, without being drawn. Example: --verbose
    #[arg(long, help_heading = OUTPUT)]
    pub verbose: bool,

    /// Compare with a trace kept as JSON lines, and show the first difference
    ///
    /// Tells nothing else and writes no files. Example: --verify kept.jsonl
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub verify: Option<PathBuf>,

    /// Colours of the chart
    ///
    /// `dark` is for dark pages, `print` has greys only. Example: --theme print
    #[arg(long, value_name = "THEME", default_value = "light", help_heading = OUTPUT)]
    pub(super) theme: ThemeArg,

    /// Form of the story on standard output
    ///
    /// `jsonl` has a line for each thing that happened, for programs. Example: --format jsonl
    #[arg(long, value_name = "FORM", default_value = "human", help_heading = OUTPUT)]
    pub(super) format: TraceFormat,

    /// Folder for files
    ///
    /// It is made where it is missing. Files of an earlier trace in it are replaced. Example: --out story
    #[arg(long, value_name = "DIR", default_value = "output/trace", help_heading = OUTPUT)]
    pub out: PathBuf,

    /// Say nothing but results and errors
    ///
    /// No remarks on standard error. For scripts. Example: --quiet
    #[arg(long, short, help_heading = OUTPUT)]
    pub quiet: bool,

    /// When to use colours
    ///
    /// `auto` does on a terminal, unless NO_COLOR is set. Example: --color never
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = OUTPUT)]
    pub(super) color: Color,
}

/// Form of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TraceFormat {
    Human,
    Jsonl,
}

pub(super) const SIMULATION: &str = "Simulation";
pub(super) const OUTPUT: &str = "Output";

/// What all commands that simulate understand.
#[derive(Debug, clap::Args)]
pub(super) struct Common {
    /// Rollouts of each strategy [default: 1000]
    ///
    /// More narrow the intervals: four times as many halve them. Take 100 for a first look, 100_000 and more to tell
    /// rare events apart. With --precision it is the most that may be simulated. Example: --runs 20_000
    #[arg(long, value_name = "N", value_parser = runs, help_heading = SIMULATION)]
    runs: Option<u64>,

    /// Simulate until the headline figures are known so well
    ///
    /// Half of an interval's width over its figure, at most: of the median time to full deployment, the p99 of the blast
    /// radius, and bad requests a month. Pilot runs say how many rollouts that takes; they take no part in the result, so
    /// that its intervals keep their level, and --runs with that number gives the same. At most 1,000,000 rollouts of each
    /// strategy, or --runs. Example: --precision 5%
    #[arg(long, value_name = "SHARE", value_parser = precision, help_heading = SIMULATION)]
    precision: Option<f64>,

    /// Seed of all random draws
    ///
    /// The same seed gives the same results to the bit, on any machine and with any number of threads. Take another to
    /// see whether a difference persists. Example: --seed 7
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = SIMULATION)]
    pub seed: u64,

    /// Threads that simulate [default: as many as the machine has cores]
    ///
    /// They change how long it takes and nothing else. Take fewer to leave the machine to others. Example: --threads 2
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u64).range(1..=MOST_THREADS),
        help_heading = SIMULATION
    )]
    threads: Option<u64>,

    /// How rollouts are spread over kinds of changes
    ///
    /// `stratified` simulates fault-free changes and each class of fault apart and weights them as the scenario says,
    /// which shows rare faults with few rollouts. `plain` draws changes as they come, so that every row of rollouts.csv
    /// counts the same. Both estimate the same figures. Example: --sampling plain
    #[arg(long, value_name = "HOW", default_value = "stratified", help_heading = SIMULATION)]
    sampling: SamplingArg,

    /// Folders in which a scenario's `use` looks for files; may be repeated
    ///
    /// After the scenario's own folder. For worlds that a team shares. Example: --world-path ../worlds
    #[arg(long, value_name = "DIR", help_heading = SIMULATION)]
    pub world_path: Vec<PathBuf>,

    /// Folder for files
    ///
    /// It is made where it is missing. Files of an earlier run in it are replaced, all at once and at the end. Example:
    /// --out results/seed-7
    #[arg(long, value_name = "DIR", default_value = "output", help_heading = OUTPUT)]
    pub out: PathBuf,

    /// Form of the results on standard output
    ///
    /// `human` fits the terminal; `markdown` is for a pull request; `csv` has a row a figure and `json` is versioned,
    /// both for programs. Example: --format json
    #[arg(long, value_name = "FORM", default_value = "human", help_heading = OUTPUT)]
    pub format: Format,

    /// Rows of rollouts.csv for each strategy and kind of change: all, none, or a number
    ///
    /// Figures always rest on all rollouts. Take `all` for an analysis of your own, `none` to save the disk. Example:
    /// --keep all
    #[arg(long, value_name = "ROWS", default_value = "10000", value_parser = keep, help_heading = OUTPUT)]
    pub keep: Keep,

    /// Form of the rows: csv (rollouts.csv) or parquet (rollouts.parquet)
    ///
    /// The same columns; in Parquet they have types, and large files are a fraction of the size. Needs a landfall that was
    /// built with the feature `parquet`. Example: --keep all --rows parquet
    #[arg(long, value_name = "FORM", default_value = "csv", help_heading = OUTPUT)]
    pub rows: RowForm,

    /// Charts to draw: all, none, or names with commas between them
    ///
    /// Each comes as SVG and PNG. tradeoff: blast radius against time to full deployment; caught: where faults are
    /// caught; exposure: the fleet through time; exceedance: how likely a faulty change hits more than so much; time:
    /// what the time to full deployment is spent on; detection: how long it takes to see each fault; alarms: what each
    /// alarm did. Take `none` where only the figures count, as in scripts. Example: --charts tradeoff,caught
    #[arg(long, value_name = "WHICH", default_value = "all", value_parser = Charts::parse, help_heading = OUTPUT)]
    pub charts: Charts,

    /// Colours of the charts
    ///
    /// `dark` is for dark pages, `print` has greys only. Example: --theme print
    #[arg(long, value_name = "THEME", default_value = "light", help_heading = OUTPUT)]
    pub theme: ThemeArg,

    /// Show the interval of every figure
    ///
    /// Without it only those are shown that are wider than a tenth of their figure either side. For figures that are to
    /// be quoted. Example: --wide
    #[arg(long, help_heading = OUTPUT)]
    pub wide: bool,

    /// Say nothing but results and errors
    ///
    /// No progress and no remarks on standard error. For scripts. Example: --quiet
    #[arg(long, short, help_heading = OUTPUT)]
    pub quiet: bool,

    /// When to use colours
    ///
    /// `auto` does on a terminal, unless NO_COLOR is set. Colours never say anything that the text does not. Example:
    /// --color never
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = OUTPUT)]
    pub color: Color,
}

/// Form of the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Human,
    Json,
    Csv,
    Markdown,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

/// Colours of charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ThemeArg {
    Light,
    Dark,
    Print,
}

impl From<ThemeArg> for Theme {
    fn from(theme: ThemeArg) -> Theme {
        match theme {
            ThemeArg::Light => Theme::Light,
            ThemeArg::Dark => Theme::Dark,
            ThemeArg::Print => Theme::Print,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SamplingArg {
    Stratified,
    Plain,
}

/// Form of the rows of rollouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RowForm {
    Csv,
    Parquet,
}

/// Rows to keep for each strategy and stratum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    All,
    None,
    First(u64),
}

impl Keep {
    /// Whether another row is wanted after so many.
    pub fn wants(self, kept: u64) -> bool {
        match self {
            Keep::All => true,
            Keep::None => false,
            Keep::First(most) => kept < most,
        }
    }
}

impl Common {
    /// Rollouts of each strategy, where no precision is asked for.
    pub fn runs(&self) -> u64 {
        self.runs.unwrap_or(DEFAULT_RUNS)
    }

    /// The precision that is asked for.
    pub fn precision(&self) -> Option<Precision> {
        self.precision.map(|target| Precision {
            target,
            at_most: self.runs.unwrap_or(MOST_FOR_PRECISION),
        })
    }

    /// Threads that simulate.
    pub fn threads(&self) -> usize {
        let cores = || available_parallelism().map_or(1, usize::from);
        self.threads.map_or_else(cores, |n| n as usize)
    }

    pub fn sampling(&self) -> Sampling {
        match self.sampling {
            SamplingArg::Stratified => Sampling::Stratified,
            SamplingArg::Plain => Sampling::Plain,
        }
    }
}

impl Args {
    /// Reads the arguments of a call; `None` where they asked for help or the version, which is then printed.
    ///
    /// # Errors
    /// [`Failure::Usage`], or that the help cannot be printed.
    pub fn read(call: &Call) -> Result<Option<Args>, Failure> {
        let name = std::ffi::OsString::from("landfall");
        match Args::try_parse_from(std::iter::once(&name).chain(&call.words)) {
            Ok(args) => Ok(Some(args)),
            Err(e) if matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
                written(e.print()).map(|()| None)
            }
            Err(error) => Err(Failure::Usage(error)),
        }
    }
}

/// A whole number, with `_` between digits where that helps.
fn whole(text: &str) -> Result<u64, String> {
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("expected a whole number such as 20_000".to_owned());
    }
    digits
        .parse()
        .map_err(|_| "the number is too large".to_owned())
}

pub(super) fn runs(text: &str) -> Result<u64, String> {
    match whole(text)? {
        0 => Err("at least one rollout is needed".to_owned()),
        n if n > MOST_RUNS => Err(format!("at most {MOST_RUNS} rollouts")),
        n => Ok(n),
    }
}

fn precision(text: &str) -> Result<f64, String> {
    let (number, unit) = match text.strip_suffix('%') {
        Some(percent) => (percent, 100.0),
        None => (text, 1.0),
    };
    let share = number.trim().parse::<f64>().map(|x| x / unit);
    match share {
        Ok(share) if share > 0.0 && share <= 1.0 => Ok(share),
        _ => Err("expected a share such as 5%".to_owned()),
    }
}

fn keep(text: &str) -> Result<Keep, String> {
    match text {
        "all" => Ok(Keep::All),
        "none" | "0" => Ok(Keep::None),
        _ => whole(text)
            .map(Keep::First)
            .map_err(|_| "expected all, none, or a whole number such as 20_000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(words: &str) -> Result<Args, clap::Error> {
        Args::try_parse_from(words.split(' '))
    }

    fn common(words: &str) -> Common {
        match parse(words).unwrap().command {
            Command::Compare(args) => args.common,
            Command::Simulate(args) => args.common,
            other => panic!("{other:?} simulates nothing"),
        }
    }

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn defaults_are_those_promised() {
        let common = common("landfall compare a.toml");
        assert_eq!((common.runs(), common.seed), (DEFAULT_RUNS, 1));
        assert_eq!(common.keep, Keep::First(10_000));
        assert_eq!(common.out, PathBuf::from("output"));
        assert_eq!(common.format, Format::Human);
        assert_eq!(common.color, Color::Auto);
        assert_eq!(common.sampling(), Sampling::Stratified);
        assert!(common.threads() >= 1 && !common.quiet && !common.wide);
    }

    #[test]
    fn numbers_may_have_underscores() {
        let common = common("landfall simulate a.toml --strategy s --runs 20_000 --keep 1_000");
        assert_eq!((common.runs(), common.keep), (20_000, Keep::First(1_000)));
    }

    #[test]
    fn rows_are_kept_up_to_the_number() {
        assert!(Keep::First(2).wants(1) && !Keep::First(2).wants(2));
        assert!(Keep::All.wants(u64::MAX) && !Keep::None.wants(0));
        assert_eq!(keep("none"), Ok(Keep::None));
        assert_eq!(keep("0"), Ok(Keep::None));
    }

    #[test]
    fn wrong_arguments_are_refused() {
        for words in [
            "landfall",
            "landfall compare",
            "landfall compare a.toml --runs 0",
            "landfall compare a.toml --runs 1e6",
            "landfall compare a.toml --runs 9_000_000_000_000",
            "landfall compare a.toml --runs _",
            "landfall compare a.toml --seed -1",
            "landfall compare a.toml --threads 0",
            "landfall compare a.toml --keep some",
            "landfall compare a.toml --format xml",
            "landfall compare a.toml --charts pie",
            "landfall compare a.toml --precision 0%",
            "landfall compare a.toml --precision 200%",
            "landfall compare a.toml --precision NaN",
            "landfall simulate a.toml",
            "landfall simulate a.toml --strategy a --strategy b",
            "landfall new two-clusters",
            "landfall schema world",
            "landfall completions csh",
        ] {
            assert!(parse(words).is_err(), "{words}");
        }
    }

    #[test]
    fn every_option_says_when_it_is_wanted() {
        for command in Args::command().get_subcommands() {
            for option in command.get_arguments().filter(|a| a.get_long().is_some()) {
                let id = option.get_id();
                assert!(option.get_help().is_some(), "{id}");
                let long = option.get_long_help().map(ToString::to_string);
                assert!(long.is_some_and(|l| l.contains("Example: --")), "{id}");
            }
        }
    }
}
