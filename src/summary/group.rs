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
}

impl Group {
    /// Fault-free changes.
    pub const FAULT_FREE: Group = Group::Stratum(Stratum::FaultFree);

    pub(super) fn contains(self, stratum: Stratum) -> bool {
        match self {
            Group::Stratum(one) => one == stratum,
            Group::Faulty => stratum != Stratum::FaultFree,
            Group::All => true,
        }
    }

    pub(super) fn is_single(self) -> bool {
        matches!(self, Group::Stratum(_))
    }
}
