//! Arguments as typed: what can be done.

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use super::call::Call;
use super::check::CheckArgs;
use super::compare::CompareArgs;
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
use super::simulate::SimulateArgs;
use super::trace::TraceArgs;

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
    /// Reads what Argo Rollouts, Flagger, CloudFormation, SAM, Kubernetes, Nomad, Google Cloud Deploy and Spinnaker are told,
    /// and writes the strategy that it is; of alerting rules of Prometheus, the alarms. Files of one call are read
    /// together: templates of analyses and metrics are found by their names. The strategy file goes to standard output;
    /// what became of what, what was assumed and what cannot be expressed go to standard error, each with its line.
    /// Other commands take such files directly with --strategies.
    #[command(after_long_help = "\
Examples:
  landfall import rollout.yaml analysis.yaml > ours.toml
  landfall import flagger canary.yaml --human-delay '5m to 1h' --out ours.toml
  landfall import rollout.yaml --format json --strict

Exit codes: 0 done, 2 wrong input, or with --strict something that cannot be expressed, 4 output failed, 130 interrupted.")]
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use clap::CommandFactory;

    use super::super::options::{Color, Common, DEFAULT_RUNS, Format, Keep};
    use super::*;
    use crate::replicate::Sampling;

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
