//! Figures as CSV, one a row: `summary.csv`, and `--format csv`.

use std::io;

use super::columns;
use super::rollouts::push_number;
use crate::summary::Row;

/// The figures. SI units; `inf` is what never happened; where the ends of an interval are empty there is none.
pub fn text(rows: &[Row]) -> String {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let mut push = |fields: [&str; 10]| csv.write_record(fields).expect("memory takes what comes");
    push(columns::SUMMARY.map(|column| column.name));
    for row in rows {
        push([
            &row.strategy,
            &row.group,
            &row.metric,
            &row.statistic,
            row.unit,
            &number(Some(row.value)),
            &number(row.low),
            &number(row.high),
            &number(row.level),
            &row.n.to_string(),
        ]);
    }
    let bytes = csv.into_inner().expect("memory takes what comes");
    String::from_utf8(bytes).expect("fields of text make text")
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
        let text = text(&summary.rows());
        let has = |line: &str| assert!(text.lines().any(|l| l == line), "no {line} in\n{text}");
        has("strategy,stratum,metric,statistic,unit,value,low,high,level,n");
        has("\"a, b\",all,time_to_full_s,p99,s,inf,3,inf,0.95,4");
        has("\"a, b\",all,time_to_full_s,max,s,3,,,,3");
    }
}
