//! Groups of strata.

use crate::plan::Stratum;

/// Which changes a figure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Those of one stratum: fault-free ones, or those with one class of fault.
    Stratum(Stratum),
    /// Those that carry a fault, of whichever class.
    Faulty,
    /// All.
    All,
    /// Those that carry one of these faults, by index in the plan: from the first up to, and without, the second.
    Faults(usize, usize),
}

impl Group {
    /// Fault-free changes.
    pub const FAULT_FREE: Group = Group::Stratum(Stratum::FaultFree);

    pub(super) fn contains(self, stratum: Stratum) -> bool {
        match self {
            Group::Stratum(one) => one == stratum,
            Group::Faulty => stratum != Stratum::FaultFree,
            Group::All => true,
            Group::Faults(from, to) => {
                matches!(stratum, Stratum::Fault(f) if (from..to).contains(&f))
            }
        }
    }

    pub(super) fn is_single(self) -> bool {
        matches!(self, Group::Stratum(_))
    }
}
