//! Charts, as SVG and PNG in memory.
//!
//! A chart lays out a [`scene::Scene`]: lines, shapes and texts at places in pixels, plain data that tests can look at.
//! `paint` alone knows how a scene becomes a file. No chart needs fonts of the system: the one that measures and
//! draws text is built in.

pub mod alarms;
pub mod axis;
pub mod caught;
pub mod detection;
pub mod exceedance;
pub mod exposure;
pub mod font;
pub mod gate;
pub mod kind;
pub mod labels;
pub mod look;
pub mod page;
pub mod paint;
pub mod scene;
pub mod theme;
pub mod time;
pub mod tradeoff;

pub use paint::{Images, PaintError, paint};
