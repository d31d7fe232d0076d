//! `landfall schema`.

use clap::ValueEnum;

use super::console::Console;
use super::exit::Failure;
use super::options::Color;
use crate::scenario::schema::{File, schema as schema_of};

/// `landfall schema`.
#[derive(Debug, clap::Args)]
pub struct SchemaArgs {
    /// Of which files
    #[arg(value_name = "FILES", default_value = "scenario")]
    pub file: SchemaOf,
}

/// What a schema is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// Scenarios, and worlds that they use
    Scenario,
    /// Strategy files, as in --strategies
    Strategies,
}

/// Prints the JSON Schema of a kind of file.
///
/// # Errors
/// Output that cannot be written.
pub fn schema(args: &SchemaArgs) -> Result<(), Failure> {
    let file = match args.file {
        SchemaOf::Scenario => File::Scenario,
        SchemaOf::Strategies => File::Strategies,
    };
    let text = serde_json::to_string_pretty(&schema_of(file)).expect("a JSON value is JSON");
    Console::new(Color::Auto, false).print(&(text + "\n"))
}
