//! `report.html`: the results of a run as one page that needs nothing else.
//!
//! It loads nothing, from nowhere: charts, style and script are in it, and its own policy forbids the rest. What it
//! says in words is only what the summary supports. It knows no clock and no thread, so that equal runs give equal
//! pages; what differs between them (when, how long) is in the manifest.

mod charts;
mod element;
mod ledger;
mod look;
mod method;
mod page;
mod setting;
mod tables;
mod verdict;
mod words;

pub use ledger::{From, Input};
pub use page::{Page, Subject, Worlds, document};
