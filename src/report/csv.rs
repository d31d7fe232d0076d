//! Figures as CSV, one a row: `summary.csv`, and `--format csv`.

use std::io;

use super::rollouts::push_number;
use crate::summary::Row;

/// The columns.
const HEADER: [&str; 10] = [
    "strategy",
    "stratum",
    "metric",
    "statistic",
    "unit",
    "value",
    "low",
    "high",
    "level",
    "n",
];

/// Writes figures. SI units; `inf` is what never happened; empty ends of an interval: there is none.
///
/// # Errors
/// Those of `to`.
pub fn write(rows: &[Row], to: impl io::Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(to);
    csv.write_record(HEADER).map_err(io_error)?;
    for row in rows {
        csv.write_record([
            row.strategy.as_str(),
            &row.group,
            &row.metric,
            &row.statistic,
            row.unit,
            &number(Some(row.value)),
            &number(row.low),
            &number(row.high),
            &number(row.level),
            &row.n.to_string(),
        ])
        .map_err(io_error)?;
    }
    csv.flush()
}

/// What went wrong below, so that a full disk is still known as one.
pub(super) fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn number(x: Option<f64>) -> String {
    let mut text = String::new();
    if let Some(x) = x {
        push_number(&mut text, x);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::example::{plan, shipped};
    use crate::summary::{Sampling, Summary};

    #[test]
    fn never_is_infinite_and_facts_have_no_interval() {
        let plan = plan(0.0, &[], &["a, b"]);
        let mut summary = Summary::new(&plan, &[0], Sampling::Stratified, 0.95);
        for number in 0..4 {
            summary.add(
                0,
                &crate::outcome::Outcome {
                    time_to_full_s: (number > 0).then_some(number as f64),
                    ..shipped(number)
                },
            );
        }
        let mut bytes = Vec::new();
        write(&summary.rows(), &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let has = |line: &str| assert!(text.lines().any(|l| l == line), "no {line} in\n{text}");
        has("strategy,stratum,metric,statistic,unit,value,low,high,level,n");
        has("\"a, b\",all,time_to_full_s,p99,s,inf,3,inf,0.95,4");
        has("\"a, b\",all,time_to_full_s,max,s,3,,,,3");
    }
}
