//! All strategies side by side.

use super::basis::{Basis, grouped};
use super::figure::{Intervals, cell, is_bound, is_coarse};
use super::names;
use super::quantity::Quantity;
use super::ranking::{footing, smallest_chance, words};
use super::section::{Form, Section, human, interval_note, markdown};
use super::table::{Cell, Group, Style, Table};
use crate::outcome::Ending;
use crate::stats::Estimate;
use crate::summary::{Headline, Ranking, Row, Stage, Statistic, Summary};

/// The headlines of all strategies, ready to be shown.
#[derive(Clone, Debug)]
pub struct Comparison {
    basis: Basis,
    groups: Vec<ColumnGroup>,
    ranking: Ranking,
    /// Share by which quantiles may have been rounded up.
    rounded: f64,
}

/// Columns under a title.
#[derive(Clone, Debug)]
struct ColumnGroup {
    title: &'static [&'static str],
    /// Whether it begins a table of its own.
    is_second_table: bool,
    columns: Vec<Column>,
}

/// A figure of every strategy.
#[derive(Clone, Debug)]
struct Column {
    title: &'static [&'static str],
    quantity: Quantity,
    /// What `summary.csv` calls it: stratum, metric, statistic, unit.
    key: Key,
    estimates: Vec<Option<Estimate>>,
}

#[derive(Clone, Debug)]
struct Key {
    stratum: &'static str,
    metric: &'static str,
    statistic: String,
    unit: &'static str,
}

/// Share by which a quantile may have been rounded before it is said.
const VISIBLE: f64 = 0.002;

impl Comparison {
    /// The comparison of all strategies of a summary.
    pub fn new(summary: &Summary, basis: Basis) -> Comparison {
        let headlines: Vec<Headline> = summary.strategies().map(|s| summary.headline(s)).collect();
        Comparison {
            basis,
            groups: groups(&headlines),
            ranking: Ranking::default(),
            rounded: rounding(summary),
        }
    }

    /// With what is known of which strategy is better.
    #[must_use]
    pub fn ranked(self, ranking: Ranking) -> Comparison {
        Comparison { ranking, ..self }
    }

    /// Which strategy is better, as far as that is known.
    pub fn ranking(&self) -> &Ranking {
        &self.ranking
    }

    /// The notes, after what the ranking says in words.
    fn remarks(&self, intervals: Intervals, form: Form) -> Vec<String> {
        let mut remarks = words(&self.ranking, &self.basis);
        remarks.extend(footing(&self.ranking, &self.basis));
        if !remarks.is_empty() {
            remarks.extend(smallest_chance(&self.basis));
        }
        remarks.extend(self.notes(intervals, form));
        remarks
    }

    /// The tables for a terminal of so many columns, with notes below.
    pub fn human(&self, columns: usize, style: Style, intervals: Intervals) -> String {
        let sections = self.sections(intervals);
        human(
            &sections,
            &self.remarks(intervals, Form::Terminal),
            columns,
            style,
        )
    }

    /// The same as Markdown.
    pub fn markdown(&self, intervals: Intervals) -> String {
        markdown(
            &self.sections(intervals),
            &self.remarks(intervals, Form::Markdown),
        )
    }

    /// Every figure as a row, strategy by strategy, named as in `summary.csv`.
    pub fn rows(&self) -> Vec<Row> {
        let names = self.basis.strategies.iter().enumerate();
        let row = |(i, name): (usize, &String)| {
            let rows = self.columns().filter_map(|column| {
                let key = &column.key;
                let row = |e| Row::of(e, name, key.stratum, key.metric, &key.statistic, key.unit);
                column.estimates[i].map(row)
            });
            rows.collect::<Vec<_>>()
        };
        names.flat_map(row).collect()
    }

    fn columns(&self) -> impl Iterator<Item = &Column> {
        self.groups.iter().flat_map(|g| &g.columns)
    }

    pub(super) fn sections(&self, intervals: Intervals) -> Vec<Section> {
        let (second, first): (Vec<&ColumnGroup>, Vec<&ColumnGroup>) =
            self.groups.iter().partition(|g| g.is_second_table);
        let mut sections = vec![Section {
            caption: format!("{}: time against risk", self.basis.scenario),
            table: self.table(&first, intervals),
        }];
        if second
            .iter()
            .flat_map(|g| &g.columns)
            .any(|c| c.estimates.iter().any(Option::is_some))
        {
            sections.push(Section {
                caption: "Where faulty changes are caught".to_owned(),
                table: self.table(&second, intervals),
            });
        }
        sections
    }

    fn table(&self, groups: &[&ColumnGroup], intervals: Intervals) -> Table {
        let row = |i: usize| -> Vec<Cell> {
            let columns = groups.iter().flat_map(|g| &g.columns);
            columns
                .map(|c| cell(c.estimates[i], c.quantity, intervals))
                .collect()
        };
        let names = self.basis.strategies.iter().enumerate();
        Table {
            stub: "strategy",
            groups: groups
                .iter()
                .map(|g| Group {
                    title: g.title.to_vec(),
                    columns: g.columns.iter().map(|c| c.title.to_vec()).collect(),
                })
                .collect(),
            rows: names.map(|(i, name)| (name.clone(), row(i))).collect(),
        }
    }

    /// What must be known to read the tables.
    pub(super) fn notes(&self, intervals: Intervals, form: Form) -> Vec<String> {
        let shown = || {
            self.columns()
                .flat_map(|c| c.estimates.iter().flatten().map(move |e| (c, *e)))
        };
        let is_alone = |c: &Column, e| c.quantity == Quantity::Chance && is_bound(e);
        let mut notes = vec![self.basis.sentence()];
        let level = self.basis.level_text();
        let has_ranges = |(c, e): (&Column, Estimate)| is_coarse(e) && !is_alone(c, e);
        if intervals == Intervals::Everywhere || shown().any(has_ranges) {
            notes.push(interval_note(&level, intervals, form));
        }
        if shown().any(|(c, e)| is_alone(c, e)) {
            notes.push(format!(
                "\"<\": it never came up; \">\": it always did. The bound is the end of the {level} interval."
            ));
        }
        let missing: Vec<&str> = self.basis.without_rollouts().collect();
        if !missing.is_empty() {
            notes.push(format!(
                "A dash: no rollout of {} among so few. Take more --runs.",
                missing.join(", ")
            ));
        }
        if self.rounded > VISIBLE {
            notes.push(format!(
                "Quantiles are rounded up by {} at most, to bound the memory of {} rollouts; intervals allow for it.",
                Quantity::Share.text(self.rounded),
                grouped(self.basis.runs)
            ));
        }
        notes
    }
}

/// The figures of the headline in their groups.
fn groups(headlines: &[Headline]) -> Vec<ColumnGroup> {
    let mut groups = headline_groups(headlines);
    groups.extend(stage_groups(headlines));
    groups
}

fn headline_groups(headlines: &[Headline]) -> Vec<ColumnGroup> {
    let column = |title,
                  quantity,
                  stratum,
                  metric,
                  statistic: String,
                  read: fn(&Headline) -> Option<Estimate>| {
        let unit = match quantity {
            Quantity::Duration => "s",
            Quantity::Share | Quantity::Chance => "share",
            Quantity::Amount => "requests",
        };
        Column {
            title,
            quantity,
            key: Key {
                stratum,
                metric,
                statistic,
                unit,
            },
            estimates: headlines.iter().map(read).collect(),
        }
    };
    let time = |title, p, read| {
        let statistic = Statistic::Quantile(p).to_string();
        column(
            title,
            Quantity::Duration,
            "fault-free",
            "time_to_full_s",
            statistic,
            read,
        )
    };
    let radius = |title, p, read| {
        let statistic = Statistic::Quantile(p).to_string();
        column(
            title,
            Quantity::Share,
            "faulty",
            "blast_radius",
            statistic,
            read,
        )
    };
    let single = |title: &'static [&'static str], column: Column| ColumnGroup {
        title,
        is_second_table: false,
        columns: vec![column],
    };
    let undetected = format!("P({})", Ending::Undetected.name());
    vec![
        ColumnGroup {
            title: &["time to full", "(fault-free)"],
            is_second_table: false,
            columns: vec![
                time(&["p50"], 0.5, |h| h.time_to_full_p50),
                time(&["p90"], 0.9, |h| h.time_to_full_p90),
            ],
        },
        ColumnGroup {
            title: &["blast radius", "(faulty)"],
            is_second_table: false,
            columns: vec![
                radius(&["p50"], 0.5, |h| h.blast_radius_p50),
                radius(&["p99"], 0.99, |h| h.blast_radius_p99),
            ],
        },
        single(
            &["bad requests", "a month"],
            column(
                &[],
                Quantity::Amount,
                "all",
                "bad_requests_a_month",
                "mean".to_owned(),
                |h| h.bad_requests_a_month,
            ),
        ),
        single(
            &["stopped", "by chance", "(all)"],
            column(
                &[],
                Quantity::Chance,
                "all",
                "stops_by_chance",
                "P(> 0)".to_owned(),
                |h| h.stopped_by_chance,
            ),
        ),
        single(
            &["never", "detected", "(faulty)"],
            column(
                &[],
                Quantity::Chance,
                "faulty",
                "outcome",
                undetected,
                |h| h.never_detected,
            ),
        ),
    ]
}

/// Stages in the second table; `never` is in the first. The last two only where they occur.
fn stage_groups(headlines: &[Headline]) -> Vec<ColumnGroup> {
    let column = |stage: Stage| Column {
        title: names::stage_title(stage),
        quantity: Quantity::Chance,
        key: Key {
            stratum: "faulty",
            metric: "caught",
            statistic: format!("P({})", stage.name()),
            unit: "share",
        },
        estimates: headlines.iter().map(|h| h.caught_at(stage)).collect(),
    };
    let occurs = |c: &Column| c.estimates.iter().flatten().any(|e| e.value > 0.0);
    let is_shown = |stage: &Stage| match stage {
        Stage::Never => false,
        Stage::Asleep | Stage::Unresolved => occurs(&column(*stage)),
        _ => true,
    };
    vec![ColumnGroup {
        title: &[],
        is_second_table: true,
        columns: Stage::ALL
            .into_iter()
            .filter(is_shown)
            .map(column)
            .collect(),
    }]
}

/// By how much the quantiles in the table may be rounded.
fn rounding(summary: &Summary) -> f64 {
    use crate::summary::{Group, Metric};
    let of = |s| {
        let time = summary.relative_error(s, Group::FAULT_FREE, Metric::TimeToFull);
        time.max(summary.relative_error(s, Group::Faulty, Metric::BlastRadius))
    };
    summary.strategies().map(of).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{DetectedBy, Outcome, Place};
    use crate::summary::Sampling;
    use crate::summary::example::{plan, shipped, undetected};

    const PLAIN: Style = Style { color: false };

    /// Two strategies, the second faster and worse, of which `n` changes of each kind were simulated.
    fn comparison(n: u64) -> Comparison {
        let plan = plan(0.04, &[1.0, 3.0], &["waves", "all at once"]);
        let mut summary = Summary::new(&plan, &[0, 1], Sampling::Stratified, 0.95);
        for strategy in 0..2 {
            for i in 0..n {
                summary.add(strategy, &good(strategy, i));
                summary.add(strategy, &bad(strategy, 0, i));
                summary.add(strategy, &bad(strategy, 1, i));
            }
        }
        let basis = Basis::new(&plan, &summary, 7, 3 * n);
        Comparison::new(&summary, basis)
    }

    fn good(strategy: usize, i: u64) -> Outcome {
        let hours = [90.0, 1.0][strategy] + (i % 10) as f64;
        Outcome {
            time_to_full_s: Some(3_600.0 * hours),
            ..shipped(i)
        }
    }

    fn bad(strategy: usize, fault: usize, i: u64) -> Outcome {
        let radius = [0.004, 0.9][strategy] + (i % 100) as f64 / 1e3;
        let hit = Outcome {
            blast_radius: radius,
            bad_requests: 1e6 * radius,
            ..undetected(fault, i)
        };
        match i % 4 {
            0 => Outcome {
                ending: Ending::Caught,
                blast_radius: 0.0,
                bad_requests: 0.0,
                ..hit
            },
            1 => Outcome {
                ending: Ending::RolledBack,
                detected_by: Some(DetectedBy::People),
                ..hit
            },
            _ => Outcome {
                ending: Ending::RolledBack,
                stopped_at: Some(Place::WaveBake { wave: 1 }),
                ..hit
            },
        }
    }

    #[test]
    fn reads_well_on_a_terminal() {
        insta::assert_snapshot!(comparison(40).human(110, PLAIN, Intervals::WhereCoarse));
    }

    #[test]
    fn shows_every_interval_when_asked() {
        insta::assert_snapshot!(comparison(40).human(110, PLAIN, Intervals::Everywhere));
    }

    #[test]
    fn goes_into_a_pull_request() {
        insta::assert_snapshot!(comparison(40).markdown(Intervals::WhereCoarse));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for columns in [80, 100, 120, 160] {
            let text = comparison(40).human(columns, PLAIN, Intervals::Everywhere);
            let widest = text.lines().map(crate::report::text::width).max();
            assert!(widest <= Some(columns), "{columns}:\n{text}");
        }
    }

    #[test]
    fn more_rollouts_take_ranges_away() {
        let ranges = |n| {
            comparison(n)
                .human(200, PLAIN, Intervals::WhereCoarse)
                .matches('–')
                .count()
        };
        assert!(
            ranges(4_000) < ranges(40),
            "{} and {}",
            ranges(4_000),
            ranges(40)
        );
    }

    #[test]
    fn rows_are_those_of_the_summary() {
        let rows = comparison(40).rows();
        assert_eq!(rows.len(), 2 * (7 + 6));
        let p99 = &rows[3];
        assert_eq!(
            (
                p99.strategy.as_str(),
                p99.group.as_str(),
                p99.metric.as_str(),
                p99.statistic.as_str(),
                p99.unit
            ),
            ("waves", "faulty", "blast_radius", "p99", "share")
        );
        assert!(p99.low <= Some(p99.value) && p99.high >= Some(p99.value) && p99.n > 0);
    }

    #[test]
    fn too_few_rollouts_are_said_to_be() {
        let plan = plan(0.04, &[1.0], &["waves"]);
        let mut summary = Summary::new(&plan, &[0], Sampling::Stratified, 0.95);
        summary.add(0, &shipped(0));
        let text = Comparison::new(&summary, Basis::new(&plan, &summary, 1, 1)).human(
            120,
            PLAIN,
            Intervals::WhereCoarse,
        );
        assert!(text.contains("no rollout of f0 among so few"), "{text}");
        // Nothing is known of faults, so there is nothing to say where they are caught.
        assert!(!text.contains("caught"), "{text}");
    }
}
