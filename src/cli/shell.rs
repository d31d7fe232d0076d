//! `landfall completions` and `landfall man`: what a shell and `man` are to know of the arguments.

use std::io::{self, Write};

use clap::CommandFactory;

use super::args::Args;
use super::console::written;
use super::exit::Failure;

/// `landfall completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// `landfall man`.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// The command; landfall itself, if none is named
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

/// Prints completions for a shell.
///
/// # Errors
/// Output that cannot be written.
pub fn completions(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "landfall", &mut script);
    write(&script)
}

/// Prints a manual page.
///
/// # Errors
/// A command that there is not, output that cannot be written.
pub fn man(args: &ManArgs) -> Result<(), Failure> {
    let mut program = Args::command();
    // Gives every command its full name.
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => command(&program, name)?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page)
        .source(concat!("landfall ", env!("CARGO_PKG_VERSION")))
        .manual("landfall")
        .render(&mut text)
        .map_err(|e| Failure::Bug(e.to_string()))?;
    // What stands below the help of a command are examples and exit codes.
    let text = String::from_utf8_lossy(&text).replace(".SH EXTRA", ".SH EXAMPLES");
    write(text.as_bytes())
}

fn command(program: &clap::Command, name: &str) -> Result<clap::Command, Failure> {
    let found = program
        .find_subcommand(name)
        .filter(|c| c.get_name() != "help");
    found.cloned().ok_or_else(|| {
        let names = program.get_subcommands().map(clap::Command::get_name);
        let names: Vec<&str> = names.filter(|n| *n != "help").collect();
        Failure::Input(format!(
            "there is no command `{name}`: there are {}",
            names.join(", ")
        ))
    })
}

fn write(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    written(stdout.write_all(bytes).and_then(|()| stdout.flush()))
}
