//! Claims with known answers.
