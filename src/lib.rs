//! landfall simulates how a release travels through regions and zones, and says for each wave strategy how far a
//! bad release gets (blast radius) and how long a good one takes (time to full deployment).
//!
//! Data flows one way, and the modules stand in that order; ARCHITECTURE.md has the import table.

pub mod random;

pub mod calendar;

pub mod plan;

pub mod import;

pub mod scenario;

pub mod operating;

pub mod lint;

pub mod outcome;

pub mod trace;

pub mod course;

pub mod engine;

pub mod stats;

pub mod summary;

pub mod replicate;

pub mod check;

pub mod report;

pub mod explain;

pub mod cli;
