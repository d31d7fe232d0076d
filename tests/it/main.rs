//! Tests of landfall as a whole, through its public door.

mod architecture;
mod gallery;
mod known;
