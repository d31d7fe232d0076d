//! Ctrl-C: the first asks the run to stop cleanly, the second stops at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::exit::{Exit, Failure};

/// Whether somebody wants the run to stop.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on.
    pub fn listen() -> Interrupt {
        let interrupt = Interrupt::default();
        let asked = interrupt.clone();
        let on_signal = move || {
            if asked.0.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(Exit::Interrupted.number()));
            }
        };
        // Where signals cannot be caught, Ctrl-C ends the program the usual way.
        let _ = ctrlc::set_handler(on_signal);
        interrupt
    }

    /// What says so, for whoever knows no signals.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    /// Whether it was asked for.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// An error if it was.
    pub fn check(&self) -> Result<(), Failure> {
        if self.is_asked() {
            Err(Failure::Interrupted)
        } else {
            Ok(())
        }
    }
}
