//! The rim: arguments, files, the terminal, the clock and exit codes.
//!
//! Only this module opens files, prints, or knows the time; everything else turns values into values. It decides
//! nothing about results: it loads a scenario, runs it, hands the results to [`crate::report`], and writes what comes
//! back, whole or not at all.

mod args;
mod call;
mod compare;
mod console;
mod disk;
mod exit;
mod folder;
mod interrupt;
mod output;
mod panics;
mod progress;
mod recorder;
mod session;
mod simulate;
mod trace;

pub use args::{Args, Command};
pub use call::Call;
pub use compare::compare;
pub use exit::{Exit, Failure};
pub use panics::guarded;
pub use simulate::simulate;
pub use trace::trace;
