//! Tests of landfall as a whole.

mod gallery;
