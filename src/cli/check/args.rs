//! Arguments of `landfall check`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::super::options::Color;
use super::super::values::{self, runs};
use super::forms::{Form, Output};
use crate::report::verdict::Undecided;

const JUDGEMENT: &str = "Judgement";
const OUTPUT: &str = "Output";

/// `landfall check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// The scenario; or a strategy file, laid over a world and compared with --against
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Files with further strategies, which are then the ones judged; may be repeated
    ///
    /// Example: --strategies services/checkout/rollout.toml
    #[arg(long, value_name = "FILE")]
    pub strategies: Vec<PathBuf>,

    /// Judge this strategy only; may be repeated
    ///
    /// Example: --strategy ours
    #[arg(long, value_name = "NAME")]
    pub strategy: Vec<String>,

    /// Files with further budgets; may be repeated
    ///
    /// Example: --budget platform/budgets.toml
    #[arg(long, value_name = "FILE")]
    pub budget: Vec<PathBuf>,

    /// Files with the strategies as they were: the base of budgets that name it; may be repeated
    ///
    /// They are laid over the same world; where FILE is a scenario, it may be the scenario as it was, by itself. Example:
    /// --against old.toml
    #[arg(long, value_name = "FILE")]
    pub against: Vec<PathBuf>,

    /// The scenario that a strategy file is laid over [default: the shipped world aws-like]
    ///
    /// Example: --world platform/world.toml
    #[arg(long, value_name = "SCENARIO")]
    pub world: Option<PathBuf>,

    /// Requests a second of the service, all regions together
    ///
    /// As `[service] rps` in a file. Example: --rps 40
    #[arg(long, value_name = "N", value_parser = rps)]
    pub rps: Option<f64>,

    /// How much worse than --against is no worse, where a strategy file is judged without a budget
    ///
    /// Of the p99 blast radius and the chance that a fault stays undetected. Example: --tolerance 25%
    #[arg(long, value_name = "SHARE", default_value = "10%", value_parser = share, help_heading = JUDGEMENT)]
    pub tolerance: f64,

    /// The chance that is too small to matter, where a budget sets chances against --against
    ///
    /// `P(undetected) <= 1.1 * base` holds as well where the chance is at most this, whatever the base's. Without it two
    /// strategies under which nothing ever happens could not be told apart. Example: --least 0.01%
    #[arg(long, value_name = "SHARE", default_value = "0.5%", value_parser = least, help_heading = JUDGEMENT)]
    pub least: f64,

    /// The chance with which all answers together are right
    ///
    /// Example: --confidence 95%
    #[arg(long, value_name = "SHARE", default_value = "99%", value_parser = confidence, help_heading = JUDGEMENT)]
    pub confidence: f64,

    /// Most rollouts of each strategy and group of changes [default: 50,000; of a strategy file without a budget 5,000]
    ///
    /// Simulation stops as soon as everything is decided. Example: --runs 1_000_000
    #[arg(long, value_name = "N", value_parser = runs, help_heading = JUDGEMENT)]
    pub runs: Option<u64>,

    /// Most rollouts in search of a change that would have passed, for each strategy that breaks a budget
    ///
    /// Unless told otherwise as many as its verdicts took, 1,000 at least and 2,500 at most; 0 searches for none.
    /// Example: --search 20_000
    #[arg(long, value_name = "N", value_parser = search, help_heading = JUDGEMENT)]
    pub search: Option<u64>,

    /// What a budget too close to tell comes to [default: fail; without a budget: pass]
    ///
    /// `fail` ends with exit code 3. Example: --undecided warn
    #[arg(long, value_name = "WHAT", help_heading = JUDGEMENT)]
    pub undecided: Option<UndecidedArg>,

    /// Seed of all random draws
    ///
    /// Fixed, so that a verdict is repeated by the same command. Example: --seed 7
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = JUDGEMENT)]
    pub seed: u64,

    /// Threads that simulate [default: as many as the machine has cores]
    ///
    /// They change how long it takes and nothing else. Example: --threads 2
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_024), help_heading = JUDGEMENT)]
    pub threads: Option<u64>,

    /// Folders in which a scenario's `use` looks for files; may be repeated
    ///
    /// Example: --world-path ../worlds
    #[arg(long, value_name = "DIR")]
    pub world_path: Vec<PathBuf>,

    /// Form of the verdicts on standard output [default: human]
    ///
    /// `sarif` and `github` name files from the root of the repository, as their readers do; the others from the folder in
    /// which the command runs. Example: --format json
    #[arg(long, value_name = "FORM", help_heading = OUTPUT)]
    pub format: Option<Form>,

    /// Write the verdicts to a file in a form of their own as well; may be repeated
    ///
    /// A file that is there is replaced; `markdown` is added to it, as job summaries are. `-` is standard output, which
    /// then has this form: the same as --format. Example: --output junit=check.xml --output sarif=check.sarif
    #[arg(long, value_name = "FORM=FILE", value_parser = Output::parse, help_heading = OUTPUT)]
    pub output: Vec<Output>,

    /// Say nothing but results and errors
    ///
    /// Example: --quiet
    #[arg(long, short, help_heading = OUTPUT)]
    pub quiet: bool,

    /// When to use colours
    ///
    /// Example: --color never
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = OUTPUT)]
    pub(in crate::cli) color: Color,
}

/// What a budget too close to tell comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UndecidedArg {
    /// As good as holding.
    Pass,
    /// A warning.
    Warn,
    /// Exit code 3.
    Fail,
}

impl From<UndecidedArg> for Undecided {
    fn from(undecided: UndecidedArg) -> Undecided {
        match undecided {
            UndecidedArg::Pass => Undecided::Pass,
            UndecidedArg::Warn => Undecided::Warn,
            UndecidedArg::Fail => Undecided::Fail,
        }
    }
}

fn search(text: &str) -> Result<u64, String> {
    match text {
        "0" => Ok(0),
        _ => runs(text),
    }
}

fn share(text: &str) -> Result<f64, String> {
    values::share(text)
        .filter(|share| (1e-6..1.0).contains(share))
        .ok_or_else(|| "expected a share above 0 and below 100%, such as 10%".to_owned())
}

fn least(text: &str) -> Result<f64, String> {
    match values::share(text) {
        Some(0.0) => Ok(0.0),
        _ => share(text),
    }
}

fn confidence(text: &str) -> Result<f64, String> {
    values::share(text)
        .filter(|share| (0.5..1.0).contains(share))
        .ok_or_else(|| "expected a share from 50% up and below 100%, such as 99%".to_owned())
}

fn rps(text: &str) -> Result<f64, String> {
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    match digits.parse::<f64>() {
        Ok(rps) if rps > 0.0 && rps <= 1e9 => Ok(rps),
        _ => Err("expected requests a second, such as 40".to_owned()),
    }
}
