//! Columns of CSV files, for empirical distributions.

use super::check::Check;
use super::fields::short;
use super::literal::{self, LiteralError, Unit};
use super::nearest::nearest;
use super::paths;

/// The most values that all columns of a scenario have together.
const MOST_VALUES: usize = 10_000_000;

/// The values of a column: numbers (seconds, shares from 0 to 1, amounts) or literals such as `5m` and `4%`.
///
/// # Errors
/// What is wrong with the file, its header or a cell, which is named by its line.
pub(super) fn column(
    file: &str,
    column: &str,
    unit: Unit,
    asking: usize,
    check: &mut Check,
) -> Result<Vec<f64>, LiteralError> {
    let found = paths::find(file, asking, check)?;
    let values = values_of(&found.bytes, file, column, unit)?;
    check.values_read += values.len();
    if check.values_read > MOST_VALUES {
        return Err(LiteralError::new(
            "the columns of a scenario have at most 10,000,000 values together",
        ));
    }
    let text = String::from_utf8_lossy(&found.bytes).into_owned();
    if !check.texts.sources().iter().any(|s| s.path == found.path) {
        check.texts.add(&found.path, &found.bytes, text, false);
    }
    Ok(values)
}

fn values_of(bytes: &[u8], file: &str, column: &str, unit: Unit) -> Result<Vec<f64>, LiteralError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let broken = |error: csv::Error| LiteralError::new(format!("{file} is no CSV file: {error}"));
    let headers = reader.headers().map_err(broken)?.clone();
    let Some(place) = headers.iter().position(|h| h == column) else {
        let near = nearest(column, headers.iter()).map(str::to_owned);
        let known: Vec<String> = headers.iter().take(10).map(short).collect();
        return Err(LiteralError {
            nearest: near,
            mend: Some(format!("its columns are {}", known.join(", "))),
            ..LiteralError::new(format!("{file} has no column {column:?}"))
        });
    };
    let mut values = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = record.get(place).unwrap_or("");
        let value = value_of(cell, unit).map_err(|rule| {
            LiteralError::new(format!(
                "line {line} of {file} has {:?} in column {column}: {rule}",
                short(cell)
            ))
        })?;
        values.push(value);
    }
    if values.is_empty() {
        return Err(LiteralError::new(format!("{file} has no rows")));
    }
    Ok(values)
}

/// A cell: a number in the unit's own measure, or a literal with a unit.
fn value_of(cell: &str, unit: Unit) -> Result<f64, String> {
    let plain = cell.parse::<f64>().ok();
    let most = match unit {
        Unit::Share => 1.0,
        Unit::Duration | Unit::Amount => 1e18,
    };
    match plain {
        Some(x) if (0.0..=most).contains(&x) => Ok(x),
        Some(_) if unit == Unit::Share => Err("a share lies between 0 and 1".to_owned()),
        Some(_) => Err("this must be a finite number of at least 0".to_owned()),
        None => literal::quantity(unit, cell).map_err(|error| error.rule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_numbers_or_literals() {
        let table = b"id, takes, share\n1, 90, 0.5\n2, 5m, 100%\n3, 0, 1\n";
        assert_eq!(
            values_of(table, "t.csv", "takes", Unit::Duration),
            Ok(vec![90.0, 300.0, 0.0])
        );
        assert_eq!(
            values_of(table, "t.csv", "share", Unit::Share),
            Ok(vec![0.5, 1.0, 1.0])
        );
    }

    #[test]
    fn a_bad_cell_is_named_by_its_line() {
        let rule = |table: &[u8], unit| values_of(table, "t.csv", "takes", unit).unwrap_err().rule;
        let expected = "line 3 of t.csv has \"-5\" in column takes: this must be a finite number of at least 0";
        assert_eq!(rule(b"takes\n1\n-5\n", Unit::Duration), expected);
        let expected = "line 2 of t.csv has \"inf\" in column takes: this must be a finite number of at least 0";
        assert_eq!(rule(b"takes\ninf\n", Unit::Amount), expected);
        assert_eq!(rule(b"takes\n", Unit::Amount), "t.csv has no rows");
        assert!(rule(b"a,takes\n1\n", Unit::Amount).starts_with("t.csv is no CSV file"));
        let error = values_of(b"take\n1\n", "t.csv", "takes", Unit::Amount).unwrap_err();
        assert_eq!(error.nearest.as_deref(), Some("take"));
    }
}
