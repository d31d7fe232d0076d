//! Columns of results, statistics, and the ways in which rollouts end and faults are caught.

use super::entry::Entry;
use crate::outcome::Ending;
use crate::report::columns::{Column, PAIRS, ROLLOUTS, SUMMARY};
use crate::summary::{Stage, Statistic};

/// The columns of all files; those of pairs.csv that are those of another have no entry of their own.
pub fn columns() -> Vec<Entry> {
    let of = |file: &'static str| move |column: &Column| described(column, file);
    let rollouts = ROLLOUTS.iter().map(of("rollouts.csv"));
    let summary = SUMMARY.iter().map(of("summary.csv"));
    let known = |column: &&Column| SUMMARY.iter().any(|c| c.name == column.name);
    let pairs = PAIRS.iter().filter(|c| !known(c));
    let pairs = pairs.map(of("pairs.csv"));
    rollouts.chain(summary).chain(pairs).collect()
}

fn described(column: &Column, file: &str) -> Entry {
    let mut entry = Entry::new(column.name, format!("a column of {file}"))
        .text(column.meaning)
        .fact("unit", column.unit)
        .fact("empty", column.empty);
    if column.name == "outcome" {
        entry = entry.list(
            Ending::ALL
                .map(|ending| (ending.name().to_owned(), ending.meaning().to_owned()))
                .to_vec(),
        );
    }
    entry
}

/// What sums up a metric in `summary.csv`, and how it is written there.
const STATISTICS: [(&str, &str); 8] = [
    (
        "mean",
        "the mean of the values; what never happened is left out",
    ),
    (
        "sd",
        "the standard deviation of the values; what never happened is left out",
    ),
    (
        "p99",
        "a quantile, written p and the decimals of its share: 99 of 100 are at most this. So are p05, p50 (the \
         median), p999 and the like. What never happened counts as infinite",
    ),
    (
        "cvar99",
        "the mean over the worst hundredth (conditional value at risk, CVaR, or expected shortfall): how bad it is beyond the \
         p99. A value that takes more room than is left of the hundredth counts for what is left",
    ),
    ("min", "the smallest value seen"),
    ("max", "the largest value seen"),
    (
        "share",
        "the part of the changes that the mean is over, where that is not all of them",
    ),
    ("P", "a chance, such as P(undetected) or P(> 0)"),
];

/// The statistics.
pub fn statistics() -> Vec<Entry> {
    let entry = |&(name, meaning): &(&str, &str)| {
        let entry = Entry::new(name, "a statistic in summary.csv").text(meaning);
        entry.aliases(forms_of(name))
    };
    STATISTICS.iter().map(entry).collect()
}

/// All forms of a statistic that has several.
fn forms_of(name: &str) -> Vec<String> {
    let quantiles = Statistic::LISTED.into_iter();
    let quantiles = quantiles.filter(|s| matches!(s, Statistic::Quantile(_)));
    let endings = Ending::ALL.map(Ending::name).into_iter();
    let chances = endings.chain(Stage::ALL.map(Stage::name));
    match name {
        "p99" => quantiles
            .map(|s| s.to_string())
            .chain(["median".to_owned()])
            .collect(),
        "P" => chances.map(|name| format!("P({name})")).collect(),
        _ => Vec::new(),
    }
}

/// The ways in which rollouts end.
pub fn outcomes() -> Vec<Entry> {
    let entry = |ending: Ending| {
        Entry::new(ending.name(), "an outcome of a rollout").text(ending.meaning())
    };
    Ending::ALL.into_iter().map(entry).collect()
}

/// The stages at which faults are caught.
pub fn stages() -> Vec<Entry> {
    let entry = |stage: Stage| {
        Entry::new(stage.name(), "where a faulty change was caught").text(stage.meaning())
    };
    Stage::ALL.into_iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statistic_listed_is_explained() {
        for statistic in Statistic::LISTED {
            let written = match statistic {
                Statistic::Quantile(_) => "p99".to_owned(),
                plain => plain.to_string(),
            };
            assert!(
                STATISTICS.iter().any(|(name, _)| *name == written),
                "{written}"
            );
        }
        for (name, _) in STATISTICS.iter().filter(|(name, _)| *name != "P") {
            assert!(name.parse::<Statistic>().is_ok(), "{name}");
        }
    }
}
