//! The command `landfall`.

use std::process::ExitCode;

use landfall::cli::{self, Args, Command};

fn main() -> ExitCode {
    cli::guarded(|call| {
        let Some(args) = Args::read(call)? else {
            return Ok(());
        };
        match &args.command {
            Command::Compare(args) => cli::compare(args, call),
            Command::Check(args) => cli::check(args, call),
            Command::Simulate(args) => cli::simulate(args, call),
            Command::Replay(args) => cli::replay(args, call),
            Command::Trace(args) => cli::trace(args),
            Command::Import(args) => cli::import(args),
            Command::Lint(args) => cli::lint(args),
            Command::Gate(args) => cli::gate(args),
            Command::New(args) => cli::new(args),
            Command::Explain(args) => cli::explain(args),
            Command::Schema(args) => cli::schema(args),
            Command::Completions(args) => cli::completions(args),
            Command::Man(args) => cli::man(args),
        }
    })
    .into()
}
