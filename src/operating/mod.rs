//! Operating curves: the chance that an alarm stops a rollout in a step, against the size of the defect, computed and not
//! simulated.
//!
//! A [`Gate`] is one strategy in one region. It has *stages* ([`Stage`]): the steps of a zone of the region's first batch,
//! the bake after the batch, the bake of the wave. [`Gate::chance`] is the chance that an alarm fires in a stage, given that
//! it did not fire before, when a defect of the stated size wakes at the moment the stage brings in its first new version
//! (of a bake: when it begins), is at full strength at once, and adds that much to the bad ratio of all the new version's
//! requests there. Size 0 is a good change: that is the chance of a stop by chance.
//!
//! What is computed: the counts of buckets have the laws of MODEL.md sections 7 and 8 (Poisson or rounded requests,
//! beta-binomial bad ones, noise shared with the control); a datapoint breaches with a chance summed over them
//! ([`datapoint`]); and the alarm's history is a Markov chain over the datapoints it remembers ([`chain`]). The wall clock's
//! grid lies at random, so chances are means over its phase.
//!
//! What is left out or fixed, and has to be said with the figures: durations are their means, windows and calm take no
//! time; traffic is the place's mean (times [`Gate::traffic`]); no incidents, no warm-up, no spill, nothing unseen; other
//! zones of the batch and other targets of the wave that are under way at once run in step, and those that come between
//! the first batch and the bake of the wave take no time.

mod amount;
mod bounds;
pub mod breach;
mod buckets;
pub mod chain;
mod change;
pub mod datapoint;
mod follow;
mod gate;
mod law;
mod memory;
mod mixture;
mod power;
mod schedule;
mod solve;
mod stage;
mod window;

pub use amount::Amount;
pub use change::{Knob, threshold, with_threshold};
pub use datapoint::Verdicts;
pub use gate::{Chance, Gate};
pub use memory::Memory;
pub use power::{RequestsNeeded, Tell, requests_needed, tells};
pub use schedule::{ByItself, Schedule, by_itself};
pub use solve::{Aim, Solved, Unsolved, solve};
pub use stage::{Stage, StageKind};
