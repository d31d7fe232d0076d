//! `rollouts.parquet`: the columns of `rollouts.csv`, typed.
//!
//! Without Arrow: columns are gathered as they come and written as row groups, so that memory does not grow with the
//! number of rows. Pages are compressed by Snappy, which every reader of Parquet knows.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::columns;
use super::rollouts::{Fields, fields};
use crate::outcome::Outcome;
use crate::plan::Plan;

/// Rows of one group: some 16 MiB before compression.
const GROUP: usize = 50_000;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// UTF-8; an empty one is null.
    Text,
    /// 64-bit whole numbers.
    Whole,
    /// Doubles; what does not apply is null.
    Number,
    /// Microseconds since 1970, in universal time.
    Moment,
}

/// The values of a column, and which rows have one.
#[derive(Debug)]
struct Gathered {
    kind: Kind,
    texts: Vec<ByteArray>,
    wholes: Vec<i64>,
    numbers: Vec<f64>,
    /// 1 where the row has a value, else 0.
    levels: Vec<i16>,
}

/// Writes rollouts as Parquet. SI units; null does not apply.
pub struct ParquetWriter<'p, W: Write + Send> {
    plan: &'p Plan,
    file: SerializedFileWriter<W>,
    rows: Rows,
}

/// Rows that wait to be written, column by column.
#[derive(Debug)]
struct Rows {
    columns: Vec<Gathered>,
    /// The column whose field comes next.
    next: usize,
}

impl<'p, W: Write + Send> ParquetWriter<'p, W> {
    /// Begins a file.
    ///
    /// # Errors
    /// Those of `to`.
    pub fn new(plan: &'p Plan, to: W) -> io::Result<ParquetWriter<'p, W>> {
        let names: Vec<String> = columns::of_rollouts(plan);
        let kinds: Vec<Kind> = names.iter().map(|name| kind(name)).collect();
        let fields = names
            .iter()
            .zip(&kinds)
            .map(|(name, kind)| kind.field(name));
        let fields: Result<Vec<_>, ParquetError> = fields.map(|f| f.map(Arc::new)).collect();
        let schema = Type::group_type_builder("rollouts")
            .with_fields(fields.map_err(failed)?)
            .build()
            .map_err(failed)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("landfall {}", env!("CARGO_PKG_VERSION")))
            .build();
        let file = SerializedFileWriter::new(to, Arc::new(schema), Arc::new(properties));
        Ok(ParquetWriter {
            plan,
            file: file.map_err(failed)?,
            rows: Rows {
                columns: kinds.into_iter().map(Gathered::new).collect(),
                next: 0,
            },
        })
    }

    /// Writes an outcome of a strategy (by index in the plan) with its weight.
    ///
    /// # Errors
    /// Those of the file.
    pub fn write(&mut self, strategy: usize, outcome: &Outcome, weight: f64) -> io::Result<()> {
        self.rows.next = 0;
        fields(self.plan, (strategy, outcome, weight), &mut self.rows);
        debug_assert_eq!(
            self.rows.next,
            self.rows.columns.len(),
            "a field for each column"
        );
        if self.rows.len() >= GROUP {
            self.write_group()?;
        }
        Ok(())
    }

    /// Writes what is gathered and the schema, and gives the file back.
    ///
    /// # Errors
    /// Those of the file.
    pub fn finish(mut self) -> io::Result<W> {
        if self.rows.len() > 0 {
            self.write_group()?;
        }
        self.file.into_inner().map_err(failed)
    }

    fn write_group(&mut self) -> io::Result<()> {
        let mut group = self.file.next_row_group().map_err(failed)?;
        for gathered in &mut self.rows.columns {
            let column = group.next_column().map_err(failed)?;
            let column = column.expect("as many columns as the schema has");
            gathered.write(column).map_err(failed)?;
        }
        group.close().map_err(failed)?;
        Ok(())
    }
}

/// What the writer says went wrong, as what it is: mostly an error of the file.
fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(inner) => io::Error::other(inner),
        },
        other => io::Error::other(other),
    }
}

/// What a column of this name holds.
fn kind(name: &str) -> Kind {
    match name {
        "strategy" | "stratum" | "outcome" | "detected_by" | "stopped_at" => Kind::Text,
        "number"
        | "zones_hit"
        | "regions_hit"
        | "regions_hit_at_once"
        | "zones_hit_at_once_in_a_region"
        | "attempts"
        | "stops_by_chance" => Kind::Whole,
        "start" => Kind::Moment,
        _ => Kind::Number,
    }
}

impl Kind {
    fn field(self, name: &str) -> Result<Type, ParquetError> {
        let (physical, logical) = match self {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Whole => (Physical::INT64, None),
            Kind::Number => (Physical::DOUBLE, None),
            Kind::Moment => (
                Physical::INT64,
                Some(LogicalType::timestamp(true, TimeUnit::MICROS)),
            ),
        };
        Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
    }
}

impl Gathered {
    fn new(kind: Kind) -> Gathered {
        Gathered {
            kind,
            texts: Vec::new(),
            wholes: Vec::new(),
            numbers: Vec::new(),
            levels: Vec::new(),
        }
    }

    /// Writes the column, and is empty then.
    fn write(&mut self, mut column: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = Some(&self.levels[..]);
        match self.kind {
            Kind::Text => column
                .typed::<ByteArrayType>()
                .write_batch(&self.texts, levels, None)?,
            Kind::Whole | Kind::Moment => {
                column
                    .typed::<Int64Type>()
                    .write_batch(&self.wholes, levels, None)?
            }
            Kind::Number => {
                column
                    .typed::<DoubleType>()
                    .write_batch(&self.numbers, levels, None)?
            }
        };
        column.close()?;
        *self = Gathered::new(self.kind);
        Ok(())
    }
}

impl Rows {
    fn len(&self) -> usize {
        self.columns.first().map_or(0, |column| column.levels.len())
    }

    /// The column of the next field, with whether it has a value.
    fn next(&mut self, kind: Kind, has_value: bool) -> &mut Gathered {
        let column = &mut self.columns[self.next];
        assert_eq!(column.kind, kind, "column {} is of another kind", self.next);
        column.levels.push(i16::from(has_value));
        self.next += 1;
        column
    }
}

impl Fields for Rows {
    fn text(&mut self, text: &str) {
        let column = self.next(Kind::Text, !text.is_empty());
        if !text.is_empty() {
            column.texts.push(ByteArray::from(text));
        }
    }

    fn whole(&mut self, n: u64) {
        let column = self.next(Kind::Whole, true);
        column.wholes.push(i64::try_from(n).unwrap_or(i64::MAX));
    }

    fn number(&mut self, x: Option<f64>) {
        let column = self.next(Kind::Number, x.is_some());
        column.numbers.extend(x);
    }

    fn moment(&mut self, at: f64) {
        let column = self.next(Kind::Moment, true);
        column.wholes.push(libm::round(at * 1e6) as i64);
    }
}

impl<W: Write + Send> std::fmt::Debug for ParquetWriter<'_, W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetWriter")
            .field("rows", &self.rows.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::format_moment;
    use crate::report::rollouts::RolloutWriter;
    use crate::summary::example::{plan, shipped, undetected};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    /// Every field of the CSV file is read back from the Parquet file, with its type, over more than one row group.
    #[test]
    fn it_holds_what_the_csv_file_holds() {
        let plan = plan(0.04, &[1.0], &["a", "é, two"]);
        let mut csv = RolloutWriter::new(&plan, Vec::new()).unwrap();
        let mut parquet = ParquetWriter::new(&plan, tempfile::tempfile().unwrap()).unwrap();
        for number in 0..(GROUP as u64 + 3) {
            let outcome = match number % 3 {
                0 => Outcome {
                    time_to_full_s: Some(1_800.5),
                    start: 1e9 + 0.25,
                    ..shipped(number)
                },
                1 => shipped(number),
                _ => undetected(0, number),
            };
            let strategy = (number % 2) as usize;
            csv.write(strategy, &outcome, 0.125).unwrap();
            parquet.write(strategy, &outcome, 0.125).unwrap();
        }
        let (csv, parquet) = (csv.finish().unwrap(), parquet.finish().unwrap());
        let reader = SerializedFileReader::new(parquet).unwrap();
        assert_eq!(reader.metadata().num_row_groups(), 2);
        let mut lines = csv::Reader::from_reader(&csv[..]);
        let header: Vec<String> = lines.headers().unwrap().iter().map(str::to_owned).collect();
        let mut rows = reader.get_row_iter(None).unwrap();
        for line in lines.records() {
            let (line, row) = (line.unwrap(), rows.next().expect("as many rows").unwrap());
            let fields = row.get_column_iter().zip(line.iter()).zip(&header);
            for (((name, field), text), expected) in fields {
                assert_eq!(name, expected);
                let same = match (field, kind(name)) {
                    (Field::Null, _) => text.is_empty(),
                    (Field::Str(x), Kind::Text) => x == text,
                    (Field::Long(x), Kind::Whole) => x.to_string() == text,
                    (Field::Double(x), Kind::Number) => Ok(*x) == text.parse(),
                    (Field::TimestampMicros(x), Kind::Moment) => {
                        format_moment(*x as f64 / 1e6) == text
                    }
                    _ => false,
                };
                assert!(same, "{name}: {field:?} for {text:?}");
            }
        }
        assert!(rows.next().is_none());
    }

    #[test]
    fn a_file_without_rows_has_its_columns() {
        let plan = plan(0.04, &[1.0], &["a"]);
        let writer = ParquetWriter::new(&plan, tempfile::tempfile().unwrap()).unwrap();
        let reader = SerializedFileReader::new(writer.finish().unwrap()).unwrap();
        let schema = reader.metadata().file_metadata().schema_descr();
        assert_eq!(schema.num_columns(), columns::of_rollouts(&plan).len());
        assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
    }
}
