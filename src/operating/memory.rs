//! What was computed already, and how much work it was.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::datapoint::Verdicts;
use super::mixture::Mixture;
use crate::plan::Origin;
use crate::random::NameKey;

/// The law of a window of an alarm's, as numbers.
pub(super) type Law = (Origin, NameKey, Vec<u64>);

/// Chances of datapoints by their law, shared by gates that differ in their places only, and a meter of the work.
///
/// Work is counted in terms of sums, so that the same plan always costs the same.
#[derive(Debug)]
pub struct Memory {
    pub(super) verdicts: RefCell<HashMap<Law, Verdicts>>,
    pub(super) mixtures: RefCell<HashMap<Vec<u64>, Rc<Mixture>>>,
    meter: Rc<Meter>,
}

/// How much was done, and how much may be.
#[derive(Debug)]
struct Meter {
    spent: Cell<u64>,
    most: u64,
    /// Up to where the present question may go.
    until: Cell<u64>,
    /// Whether somebody wants it to stop.
    stop: Option<Arc<AtomicBool>>,
}

impl Memory {
    /// An empty one for any work, which ends when it is told to stop: nothing further is computed then.
    pub fn until(stop: Arc<AtomicBool>) -> Memory {
        Memory::of(u64::MAX, Some(stop))
    }

    fn of(most: u64, stop: Option<Arc<AtomicBool>>) -> Memory {
        Memory {
            verdicts: RefCell::default(),
            mixtures: RefCell::default(),
            meter: Rc::new(Meter {
                spent: Cell::new(0),
                most,
                until: Cell::new(most),
                stop,
            }),
        }
    }

    /// An empty one, for so much work altogether.
    pub fn limited(most: u64) -> Memory {
        Memory::of(most, None)
    }

    /// An empty one for a changed plan, whose work is counted with this one's.
    pub fn fresh(&self) -> Memory {
        Memory {
            verdicts: RefCell::default(),
            mixtures: RefCell::default(),
            meter: Rc::clone(&self.meter),
        }
    }

    /// Lets what comes next take at most so much work.
    pub fn allow(&self, most: u64) {
        let until = self.meter.spent.get().saturating_add(most);
        self.meter.until.set(until.min(self.meter.most));
    }

    /// How much work was done.
    pub fn spent(&self) -> u64 {
        self.meter.spent.get()
    }

    /// Takes work out of what is allowed; `Err` where that is not enough.
    pub(super) fn spend(&self, terms: u64) -> Result<(), String> {
        if let Some(stop) = &self.meter.stop
            && stop.load(Ordering::Relaxed)
        {
            return Err("interrupted".to_owned());
        }
        let spent = self.meter.spent.get().saturating_add(terms);
        if spent > self.meter.until.get() {
            return Err("more work than is allowed".to_owned());
        }
        self.meter.spent.set(spent);
        Ok(())
    }
}

impl Default for Memory {
    fn default() -> Memory {
        Memory::limited(u64::MAX)
    }
}
