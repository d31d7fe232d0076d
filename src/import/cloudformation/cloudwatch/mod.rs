//! Alarms of CloudWatch.

pub(super) mod alarm;
pub(super) mod composite;
mod math;
mod metric;
pub(super) mod reading;
mod term;
