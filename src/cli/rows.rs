//! The rows of rollouts, in the form that was asked for.

use std::io;

use super::exit::Failure;
use super::folder::Draft;
use super::options::RowForm;
use super::output::{ROLLOUTS, ROLLOUTS_PARQUET};
use crate::outcome::Outcome;
use crate::plan::Plan;
#[cfg(feature = "parquet")]
use crate::report::parquet::ParquetWriter;
use crate::report::rollouts::RolloutWriter;

/// Writes rows.
pub(super) enum RowWriter<'p> {
    Csv(Box<RolloutWriter<'p, Draft>>),
    #[cfg(feature = "parquet")]
    Parquet(Box<ParquetWriter<'p, Draft>>),
}

impl RowForm {
    /// The name of its file.
    pub fn file(self) -> &'static str {
        match self {
            RowForm::Csv => ROLLOUTS,
            RowForm::Parquet => ROLLOUTS_PARQUET,
        }
    }

    /// An error where this program cannot write it.
    pub fn check(self) -> Result<(), Failure> {
        if self == RowForm::Parquet && !cfg!(feature = "parquet") {
            let sentence = "this landfall was built without Parquet: build it with \
                            `cargo install landfall --features parquet`, or take --rows csv";
            return Err(Failure::Input(sentence.to_owned()));
        }
        Ok(())
    }
}

impl<'p> RowWriter<'p> {
    /// Begins a file.
    ///
    /// # Errors
    /// Those of the file.
    pub fn new(plan: &'p Plan, to: Draft, form: RowForm) -> io::Result<RowWriter<'p>> {
        match form {
            #[cfg(feature = "parquet")]
            RowForm::Parquet => Ok(RowWriter::Parquet(Box::new(ParquetWriter::new(plan, to)?))),
            // Where there is no other form, it was refused when the arguments were read.
            _ => Ok(RowWriter::Csv(Box::new(RolloutWriter::new(plan, to)?))),
        }
    }

    /// Writes an outcome of a strategy (by index in the plan) with its weight.
    ///
    /// # Errors
    /// Those of the file.
    pub fn write(&mut self, strategy: usize, outcome: &Outcome, weight: f64) -> io::Result<()> {
        match self {
            RowWriter::Csv(csv) => csv.write(strategy, outcome, weight),
            #[cfg(feature = "parquet")]
            RowWriter::Parquet(parquet) => parquet.write(strategy, outcome, weight),
        }
    }

    /// The whole file.
    ///
    /// # Errors
    /// Those of the file.
    pub fn finish(self) -> io::Result<Draft> {
        match self {
            RowWriter::Csv(csv) => csv.finish(),
            #[cfg(feature = "parquet")]
            RowWriter::Parquet(parquet) => parquet.finish(),
        }
    }
}
