//! `landfall explain`.

use super::console::Console;
use super::exit::Failure;
use super::options::Color;
use crate::explain;

/// `landfall explain`.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// Words to explain; what can be asked for, if there are none
    #[arg(value_name = "TERM")]
    pub terms: Vec<String>,
}

/// Explains words, or says what can be asked for.
///
/// # Errors
/// A word by which nothing is known, output that cannot be written.
pub fn explain(args: &ExplainArgs) -> Result<(), Failure> {
    let console = Console::new(Color::Auto, false);
    let (columns, style) = (console.columns(), console.style());
    if args.terms.is_empty() {
        return console.print(&explain::guide(columns, style));
    }
    let entries = explain::explain(&args.terms).map_err(|unknown| {
        let mend = "`landfall explain` shows what can be asked for";
        Failure::Input(format!("{unknown}\n{mend}"))
    })?;
    console.print(&explain::show(&entries, columns, style))
}
