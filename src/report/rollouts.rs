//! `rollouts.csv`: a row per rollout, written as they come.

use std::fmt::Write as _;
use std::io;

use super::columns;
use super::csv::io_error;
use super::names;
use crate::calendar::format_moment;
use crate::outcome::{Outcome, TimePart};
use crate::plan::Plan;

/// Writes rollouts as CSV. SI units; an empty field does not apply.
#[derive(Debug)]
pub struct RolloutWriter<'p, W: io::Write> {
    plan: &'p Plan,
    csv: csv::Writer<W>,
    /// The row at hand, kept for its memory.
    row: csv::ByteRecord,
    field: String,
}

/// Bytes gathered before they are handed on.
const BUFFER: usize = 1 << 16;

impl<'p, W: io::Write> RolloutWriter<'p, W> {
    /// Begins a file with its header.
    ///
    /// # Errors
    /// Those of `to`.
    pub fn new(plan: &'p Plan, to: W) -> io::Result<RolloutWriter<'p, W>> {
        let mut csv = csv::WriterBuilder::new()
            .buffer_capacity(BUFFER)
            .from_writer(to);
        csv.write_record(columns::of_rollouts(plan))
            .map_err(io_error)?;
        Ok(RolloutWriter {
            plan,
            csv,
            row: csv::ByteRecord::new(),
            field: String::new(),
        })
    }

    /// Writes an outcome of a strategy (by index in the plan) with its weight.
    ///
    /// # Errors
    /// Those of the file.
    pub fn write(&mut self, strategy: usize, outcome: &Outcome, weight: f64) -> io::Result<()> {
        self.row.clear();
        let (plan, row) = (self.plan, (strategy, outcome, weight));
        fields(plan, row, self);
        self.csv.write_byte_record(&self.row).map_err(io_error)
    }

    /// Hands on what is gathered, and gives the file back.
    ///
    /// # Errors
    /// Those of the file.
    pub fn finish(self) -> io::Result<W> {
        self.csv
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)
    }
}

/// Takes the fields of a row, one after the other.
pub(super) trait Fields {
    /// A text; an empty one does not apply.
    fn text(&mut self, text: &str);
    /// A whole number.
    fn whole(&mut self, n: u64);
    /// A number, where it applies.
    fn number(&mut self, x: Option<f64>);
    /// A moment, in seconds since 1970.
    fn moment(&mut self, at: f64);
}

/// The fields of a rollout, in the order of [`columns::of_rollouts`]: of a strategy (by index in the plan), with its
/// weight.
pub(super) fn fields(plan: &Plan, row: (usize, &Outcome, f64), to: &mut impl Fields) {
    let (strategy, outcome, weight) = row;
    to.text(&plan.strategies[strategy].name);
    to.text(plan.stratum_name(outcome.stratum));
    to.whole(outcome.number);
    to.number(Some(weight));
    to.text(outcome.ending.name());
    fields_of_time(outcome, to);
    fields_of_damage(outcome, to);
    fields_of_the_end(plan, strategy, outcome, to);
}

fn fields_of_time(outcome: &Outcome, to: &mut impl Fields) {
    to.number(outcome.time_to_full_s);
    to.number(outcome.time_to_done_s);
    for part in TimePart::ALL {
        let spent = outcome.time_parts.get(part);
        to.number(outcome.time_to_full_s.map(|_| spent));
    }
}

fn fields_of_damage(outcome: &Outcome, to: &mut impl Fields) {
    for x in [
        outcome.blast_radius,
        outcome.exposure_peak,
        outcome.requests_hit,
        outcome.bad_requests,
    ] {
        to.number(Some(x));
    }
    for &x in &outcome.bad_requests_by_sli {
        to.number(Some(x));
    }
    for n in [
        outcome.zones_hit,
        outcome.regions_hit,
        outcome.regions_hit_at_once,
        outcome.zones_hit_at_once_in_a_region,
    ] {
        to.whole(u64::from(n));
    }
    to.number(outcome.time_to_detect_s);
    to.number(outcome.time_to_mitigate_s);
}

fn fields_of_the_end(plan: &Plan, strategy: usize, outcome: &Outcome, to: &mut impl Fields) {
    let program = &plan.strategies[strategy];
    to.text(
        outcome
            .detected_by
            .map_or("", |by| names::detector(program, by)),
    );
    let place = outcome.stopped_at.map(|at| names::place(plan, program, at));
    to.text(&place.unwrap_or_default());
    to.whole(u64::from(outcome.attempts));
    to.whole(u64::from(outcome.stops_by_chance));
    to.number(outcome.budget_burn);
    to.moment(outcome.start);
    to.number(outcome.onset_s);
    for &severity in &outcome.severity_by_sli {
        to.number(severity);
    }
}

impl<W: io::Write> Fields for RolloutWriter<'_, W> {
    fn text(&mut self, text: &str) {
        self.row.push_field(text.as_bytes());
    }

    fn whole(&mut self, n: u64) {
        self.field.clear();
        // Writing to a string does not fail.
        let _ = write!(self.field, "{n}");
        self.row.push_field(self.field.as_bytes());
    }

    fn number(&mut self, x: Option<f64>) {
        self.field.clear();
        if let Some(x) = x {
            push_number(&mut self.field, x);
        }
        self.row.push_field(self.field.as_bytes());
    }

    fn moment(&mut self, at: f64) {
        self.text(&format_moment(at));
    }
}

/// The shortest decimal that reads back as this number; `inf` for infinity.
pub(super) fn push_number(to: &mut String, x: f64) {
    // Adding zero makes -0 a plain 0. Without an exponent very small and large numbers are hundreds of digits long.
    let x = x + 0.0;
    let _ = if x == 0.0 || (1e-7..1e21).contains(&x.abs()) || !x.is_finite() {
        write!(to, "{x}")
    } else {
        write!(to, "{x:e}")
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{DetectedBy, Ending, Place, TimeParts};
    use crate::summary::Metric;
    use crate::summary::example::{plan, shipped, undetected};
    use proptest::prelude::*;

    fn written(rows: &[(usize, Outcome)]) -> String {
        let plan = plan(0.04, &[1.0], &["a", "one, two"]);
        let mut writer = RolloutWriter::new(&plan, Vec::new()).unwrap();
        for (strategy, outcome) in rows {
            writer.write(*strategy, outcome, 0.125).unwrap();
        }
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn a_row_per_rollout_empty_where_nothing_applies() {
        let mut parts = TimeParts::default();
        parts.add(TimePart::Bake, 1_800.5);
        let whole = Outcome {
            time_to_full_s: Some(1_800.5),
            time_to_done_s: None,
            time_parts: parts,
            start: 1_772_442_000.0,
            ..shipped(3)
        };
        let caught = Outcome {
            ending: Ending::RolledBack,
            time_to_full_s: None,
            time_to_detect_s: Some(0.1),
            detected_by: Some(DetectedBy::People),
            stopped_at: Some(Place::Step {
                wave: 1,
                zone: 1,
                step: 2,
            }),
            onset_s: Some(1e-9),
            severity_by_sli: smallvec::smallvec![Some(0.25)],
            ..undetected(0, 12)
        };
        assert_eq!(
            written(&[(0, whole), (1, caught)]),
            "strategy,stratum,number,weight,outcome,time_to_full_s,time_to_done_s,time_test_s,time_action_s,\
             time_bake_s,time_window_s,time_approval_s,time_blocked_s,time_hold_s,time_retry_s,blast_radius,\
             exposure_peak,requests_hit,bad_requests,bad_requests_errors,zones_hit,regions_hit,regions_hit_at_once,\
             zones_hit_at_once_in_a_region,time_to_detect_s,time_to_mitigate_s,detected_by,stopped_at,attempts,\
             stops_by_chance,budget_burn,start,onset_s,severity_errors\n\
             a,fault-free,3,0.125,shipped,1800.5,,0,0,1800.5,0,0,0,0,0,0,0,0,0,0,0,0,0,0,,,,,1,0,,\
             2026-03-02T09:00:00.000Z,,\n\
             \"one, two\",f0,12,0.125,rolled-back,,0,,,,,,,,,1,1,10,1,1,4,2,2,2,0.1,,people,wave1/east/2/step2,1,0,,\
             1970-01-01T00:00:00.000Z,1e-9,0.25\n"
        );
    }

    #[test]
    fn every_metric_is_a_column_in_the_same_order() {
        let plan = plan(0.04, &[1.0], &["a"]);
        let header = columns::of_rollouts(&plan);
        let metrics = Metric::all(&plan).into_iter().map(|m| m.name(&plan));
        let places: Vec<usize> = metrics
            .map(|name| header.iter().position(|h| *h == name).expect("a column"))
            .collect();
        assert!(places.is_sorted(), "{header:?}");
    }

    #[test]
    fn a_full_disk_is_an_error() {
        struct Full;
        impl io::Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let plan = plan(0.04, &[1.0], &["a"]);
        let mut writer = RolloutWriter::new(&plan, Full).unwrap();
        let error = (0..10_000)
            .find_map(|i| writer.write(0, &shipped(i), 1.0).err())
            .expect("the buffer does not hold as much");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }

    proptest! {
        #[test]
        fn numbers_read_back_exactly(x in prop::num::f64::ANY) {
            prop_assume!(!x.is_nan());
            let mut text = String::new();
            push_number(&mut text, x);
            prop_assert_eq!(text.parse::<f64>(), Ok(x + 0.0));
            prop_assert!(text.len() < 32, "{}", text);
        }
    }
}
