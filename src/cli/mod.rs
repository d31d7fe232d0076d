//! The rim: arguments, files, the terminal, the clock and exit codes.
//!
//! Only this module opens files, prints, or knows the time; everything else turns values into values. It decides
//! nothing about results: it loads a scenario, runs it, hands the results to [`crate::report`], and writes what comes
//! back, whole or not at all.

mod args;
mod call;
mod charts;
mod check;
mod compare;
mod console;
mod disk;
mod exit;
mod explain;
mod folder;
mod gate;
mod import;
mod interrupt;
mod lint;
mod new;
mod options;
mod output;
mod page;
mod panics;
mod place;
mod progress;
mod recorder;
mod replay;
mod rows;
mod schema;
mod session;
mod shell;
mod simulate;
mod trace;
mod values;
mod world;
mod worlds;

pub use args::{Args, Command};
pub use call::Call;
pub use check::check;
pub use compare::compare;
pub use exit::{Exit, Failure};
pub use explain::explain;
pub use gate::gate;
pub use import::import;
pub use lint::lint;
pub use new::new;
pub use panics::guarded;
pub use replay::replay;
pub use schema::schema;
pub use shell::{completions, man};
pub use simulate::simulate;
pub use trace::trace;
