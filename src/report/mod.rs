//! Results as people and programs read them: tables, CSV, JSON, charts, a page.
//!
//! Everything here turns results into text or bytes and hands those back; it opens no file, prints nothing, and knows
//! neither the terminal nor the clock. Every figure comes as an [`crate::stats::Estimate`], with its interval.

pub mod basis;
pub mod chart;
pub mod columns;
pub mod compare;
pub mod csv;
pub mod diagnostic;
pub mod figure;
pub mod gate;
pub mod github;
pub mod html;
pub mod json;
pub mod manifest;
pub mod names;
pub mod pairs;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod quantity;
pub mod ranking;
pub mod replay;
pub mod rollouts;
pub mod sarif;
pub mod section;
pub mod simulate;
pub mod table;
pub mod text;
pub mod trace;
pub mod verdict;
pub mod worlds;
