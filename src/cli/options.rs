//! Options that the commands share which simulate, and their values.

use std::path::PathBuf;
use std::thread::available_parallelism;

use clap::ValueEnum;

use super::charts::Charts;
use super::values::{runs, share, whole};
use crate::replicate::Sampling;
use crate::replicate::precision::Precision;
use crate::report::chart::theme::Theme;

/// Rollouts of each strategy where `--runs` is not given.
pub const DEFAULT_RUNS: u64 = 1_000;
/// Most rollouts of each strategy for the sake of a precision, where `--runs` is not given.
const MOST_FOR_PRECISION: u64 = 1_000_000;
/// Most threads.
const MOST_THREADS: u64 = 1_024;

pub(super) const SIMULATION: &str = "Simulation";
pub(super) const OUTPUT: &str = "Output";

/// The scenario, and which of its strategies.
#[derive(Debug, clap::Args)]
pub(super) struct Chosen {
    /// The scenario, a TOML file
    #[arg(value_name = "SCENARIO")]
    pub scenario: PathBuf,

    /// Files with more strategies; may be repeated
    ///
    /// Each holds tables [strategy.NAME], and may hold [service] and [budget.NAME]: for teams that propose a strategy
    /// and leave the world to others. Example: --strategies mine.toml
    #[arg(long, value_name = "FILE")]
    pub strategies: Vec<PathBuf>,

    /// Only strategies of this name; may be repeated [default: all]
    ///
    /// They come in the order named. Example: --strategy 'all at once' --strategy canary
    #[arg(long, value_name = "NAME")]
    pub strategy: Vec<String>,
}

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
    #[arg(long, value_name = "ROWS", default_value = "10000", value_parser = Keep::parse, help_heading = OUTPUT)]
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

fn precision(text: &str) -> Result<f64, String> {
    share(text)
        .filter(|share| *share > 0.0 && *share <= 1.0)
        .ok_or_else(|| "expected a share such as 5%".to_owned())
}

/// Rows to keep for each strategy and stratum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    All,
    None,
    First(u64),
}

impl Keep {
    fn parse(text: &str) -> Result<Keep, String> {
        match text {
            "all" => Ok(Keep::All),
            "none" | "0" => Ok(Keep::None),
            _ => whole(text)
                .map(Keep::First)
                .map_err(|_| "expected all, none, or a whole number such as 20_000".to_owned()),
        }
    }

    /// Whether another row is wanted after so many.
    pub fn wants(self, kept: u64) -> bool {
        match self {
            Keep::All => true,
            Keep::None => false,
            Keep::First(most) => kept < most,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_kept_up_to_the_number() {
        assert!(Keep::First(2).wants(1) && !Keep::First(2).wants(2));
        assert!(Keep::All.wants(u64::MAX) && !Keep::None.wants(0));
        assert_eq!(Keep::parse("none"), Ok(Keep::None));
        assert_eq!(Keep::parse("0"), Ok(Keep::None));
    }
}
