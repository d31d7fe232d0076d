//! How the action of a step raises the new version's share of a zone, part by part.

use crate::plan::{Parts, Step};

/// A share this close to another is that share: sums of parts like 0.1 + 0.2 miss by a rounding error.
const SHARE_TOLERANCE: f64 = 1e-12;

/// What the action of a step does to a zone's share.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rise {
    /// The share before it, and after it; never less than before.
    pub(super) from: f64,
    pub(super) to: f64,
    /// In how many equal parts it goes (at least 1).
    pub(super) parts: u32,
}

impl Rise {
    /// That of a step in a zone of so many boxes with this share.
    pub(super) fn of(step: &Step, boxes: u32, from: f64) -> Rise {
        let to = step.to.in_zone(boxes).max(from);
        let parts = match step.parts {
            _ if to <= from => 1,
            Parts::Equal(n) => n.max(1),
            Parts::Boxes => libm::round((to - from) * f64::from(boxes)).max(1.0) as u32,
        };
        Rise { from, to, parts }
    }

    /// Whether it brings in any cohort.
    pub(super) fn raises(&self) -> bool {
        self.to > self.from
    }

    /// The share once so many of its parts (from 1) are live.
    pub(super) fn share_after(&self, part: u32) -> f64 {
        if part < self.parts {
            let part = f64::from(part) / f64::from(self.parts);
            (self.from + (self.to - self.from) * part).min(self.to)
        } else {
            self.to
        }
    }

    /// When a part (from 1) is due of an action that began at `began` and takes so long.
    pub(super) fn due(&self, began: f64, takes_s: f64, part: u32) -> f64 {
        began + takes_s * f64::from(part) / f64::from(self.parts)
    }
}

/// Whether a zone of so many boxes has the share that its last step reaches.
pub(super) fn is_full(steps: &[Step], boxes: u32, share: f64) -> bool {
    let aim = steps.last().map_or(0.0, |step| step.to.in_zone(boxes));
    share >= aim - SHARE_TOLERANCE
}
