//! Budgets judged: whether a strategy keeps them, with a chance of being wrong that is known.
//!
//! Every budget of every strategy becomes a [`Claim`] about a mean. Rollouts are simulated, changes drawn as they come in
//! the budget's group, until bets against the claim or against its opposite ([`crate::stats::Bets`]) have won so much that a
//! wrong answer has no more than its part of the chance of error, which is spread evenly over all claims. Looking as often
//! as one likes is paid for by the bets, so that stopping at once is honest.
//!
//! Strata are drawn, not allotted: the events that budgets limit are rare, and what is known of a rare event in each of
//! several strata adds up to much less than what is known of it in all of them together. But those in which the events
//! are may be drawn more often, and count for less (`draw`). What is known without simulating (no fault hits anything where
//! there is none) is set aside first.

mod blame;
mod chanceless;
mod changes;
mod claim;
mod control;
mod draw;
mod drivers;
mod judge;
mod run;
mod score;
mod search;
#[cfg(test)]
mod tests;

pub use blame::{Blame, Part, Program};
pub use chanceless::{Chanceless, Unheard, Why};
pub use changes::{Change, What, changes};
pub use claim::{Claim, Kind, claims};
pub use drivers::Drivers;
pub use judge::{Answer, Finding};
pub use run::{Judged, Judgements, Settings, Side, run};
pub use score::{Known, Score, bounds};
pub use search::{Broken, Found, search};
