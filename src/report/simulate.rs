//! One strategy in depth.

use super::basis::Basis;
use super::figure::{Intervals, cell};
use super::names;
use super::quantity::Quantity;
use super::section::{Form, Section, human, interval_note, markdown};
use super::table::{Cell, Group as Columns, Style, Table};
use crate::outcome::{DetectedBy, Ending, TimePart};
use crate::plan::{Plan, Stratum};
use crate::stats::Estimate;
use crate::summary::{Detectors, Group, Metric, Row, Stage, Statistic, Summary, Truth};

/// All about one strategy, ready to be shown.
#[derive(Clone, Debug)]
pub struct Portrait<'a> {
    plan: &'a Plan,
    /// Index in the plan.
    strategy: usize,
    summary: &'a Summary,
    detectors: &'a Detectors,
    basis: Basis,
}

impl<'a> Portrait<'a> {
    /// Of a strategy (by index in the plan), which the summary and the detectors are of.
    pub fn new(
        plan: &'a Plan,
        strategy: usize,
        summary: &'a Summary,
        detectors: &'a Detectors,
        basis: Basis,
    ) -> Portrait<'a> {
        Portrait {
            plan,
            strategy,
            summary,
            detectors,
            basis,
        }
    }

    /// The tables for a terminal of so many columns, with notes below.
    pub fn human(&self, columns: usize, style: Style, intervals: Intervals) -> String {
        human(
            &self.sections(intervals),
            &self.notes(intervals, Form::Terminal),
            columns,
            style,
        )
    }

    /// The same as Markdown.
    pub fn markdown(&self, intervals: Intervals) -> String {
        markdown(
            &self.sections(intervals),
            &self.notes(intervals, Form::Markdown),
        )
    }

    /// Every figure as a row: those of `summary.csv`, then what each detector did.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = self.summary.rows();
        for group in self.summary.groups() {
            for &by in self.detectors.all() {
                for (truth, metric) in [
                    (Truth::True, "detected_by"),
                    (Truth::ByChance, "stopped_by_chance_by"),
                ] {
                    let chance = self.detectors.chance(group, by, truth);
                    let statistic = format!("P({})", self.detector(by));
                    let group = self.summary.group_name(group);
                    let name = &self.plan.strategies[self.strategy].name;
                    rows.extend(
                        chance.map(|e| Row::of(e, name, group, metric, &statistic, "share")),
                    );
                }
            }
        }
        rows
    }

    fn detector(&self, by: DetectedBy) -> &str {
        names::detector(&self.plan.strategies[self.strategy], by)
    }

    pub(super) fn sections(&self, intervals: Intervals) -> Vec<Section> {
        let name = &self.plan.strategies[self.strategy].name;
        let section = |caption: String, table| Section { caption, table };
        let mut sections = vec![
            section(
                format!("{}, {name}: how changes end", self.basis.scenario),
                self.endings(intervals),
            ),
            section(
                "Time to full deployment, and what it is spent on (fault-free changes)".to_owned(),
                self.times(intervals),
            ),
        ];
        if !self.faulty_groups().is_empty() {
            sections.push(section("What faults do".to_owned(), self.damage(intervals)));
            sections.push(section(
                "Where faults are caught".to_owned(),
                self.stages(intervals),
            ));
        }
        sections.push(section(
            "What detects faults, and what stops changes by chance".to_owned(),
            self.detections(intervals),
        ));
        sections
    }

    /// All faulty changes, and those of each fault that can occur.
    fn faulty_groups(&self) -> Vec<Group> {
        let is_possible = |s: &Stratum| self.plan.stratum_weight(*s) > 0.0;
        let strata = self.plan.strata().into_iter().skip(1).filter(is_possible);
        let faults: Vec<Group> = strata.map(Group::Stratum).collect();
        let all = (!faults.is_empty()).then_some(Group::Faulty);
        all.into_iter().chain(faults).collect()
    }

    fn group_label(&self, group: Group) -> String {
        self.summary.group_name(group).to_owned()
    }

    /// A row of cells for each group.
    fn by_group(
        &self,
        groups: impl IntoIterator<Item = Group>,
        cells: impl Fn(Group) -> Vec<Cell>,
    ) -> Vec<(String, Vec<Cell>)> {
        let rows = groups.into_iter().map(|g| (self.group_label(g), cells(g)));
        rows.collect()
    }

    fn endings(&self, intervals: Intervals) -> Table {
        let groups = [Group::All, Group::FAULT_FREE]
            .into_iter()
            .chain(self.faulty_groups());
        let row = |group| {
            let n = self.summary.n(self.strategy, group);
            let n = Cell {
                order: Some(n as f64),
                ..Cell::of(super::basis::grouped(n))
            };
            let chance = |ending| {
                let chance = self.summary.chance(self.strategy, group, ending);
                let chance = chance.filter(|_| can_end(group, ending));
                cell(chance, Quantity::Chance, intervals)
            };
            std::iter::once(n).chain(Ending::ALL.map(chance)).collect()
        };
        Table {
            stub: "changes",
            groups: vec![
                Columns::single(&["rollouts"]),
                Columns::of(&[], &Ending::ALL.map(Ending::name)),
            ],
            rows: self.by_group(groups, row),
        }
    }

    fn times(&self, intervals: Intervals) -> Table {
        const STATISTICS: [Statistic; 4] = [
            Statistic::Mean,
            Statistic::Quantile(0.5),
            Statistic::Quantile(0.9),
            Statistic::Quantile(0.99),
        ];
        let row = |(label, metric): (&str, Metric)| {
            let estimate = |statistic| self.estimate(Group::FAULT_FREE, metric, statistic);
            let cells = STATISTICS.map(|s| cell(estimate(s), Quantity::Duration, intervals));
            (label.to_owned(), cells.to_vec())
        };
        let mut rows = vec![("time to full", Metric::TimeToFull)];
        let parts = TimePart::ALL.map(|part| (part_label(part), Metric::Time(part)));
        rows.extend(
            parts
                .into_iter()
                .filter(|&(_, metric)| self.takes_time(metric)),
        );
        rows.push(("time until done", Metric::TimeToDone));
        Table {
            stub: "",
            groups: vec![Columns::of(&[], &["mean", "p50", "p90", "p99"])],
            rows: rows.into_iter().map(row).collect(),
        }
    }

    /// Whether any fault-free rollout spent time on it.
    fn takes_time(&self, metric: Metric) -> bool {
        let most = self
            .summary
            .fact(self.strategy, Group::FAULT_FREE, metric, Statistic::Max);
        most.is_some_and(|s| s > 0.0)
    }

    fn damage(&self, intervals: Intervals) -> Table {
        const P50: Statistic = Statistic::Quantile(0.5);
        const P90: Statistic = Statistic::Quantile(0.9);
        const P99: Statistic = Statistic::Quantile(0.99);
        const COLUMNS: [(Metric, Statistic); 8] = [
            (Metric::BlastRadius, P50),
            (Metric::BlastRadius, P99),
            (Metric::BadRequests, Statistic::Mean),
            (Metric::BadRequests, P99),
            (Metric::TimeToDetect, P50),
            (Metric::TimeToDetect, P90),
            (Metric::TimeToMitigate, P50),
            (Metric::TimeToMitigate, P90),
        ];
        let row = |group| {
            let column = |(metric, statistic): (Metric, Statistic)| {
                let estimate = self.estimate(group, metric, statistic);
                cell(estimate, Quantity::of_unit(metric.unit()), intervals)
            };
            COLUMNS.map(column).to_vec()
        };
        Table {
            stub: "changes",
            groups: vec![
                Columns::of(&["blast radius"], &["p50", "p99"]),
                Columns::of(&["bad requests"], &["mean", "p99"]),
                Columns::of(&["time to detect"], &["p50", "p90"]),
                Columns::of(&["time to mitigate"], &["p50", "p90"]),
            ],
            rows: self.by_group(self.faulty_groups(), row),
        }
    }

    fn stages(&self, intervals: Intervals) -> Table {
        let row = |group| {
            let chance = |stage| self.summary.chance(self.strategy, group, stage);
            Stage::ALL
                .map(|s| cell(chance(s), Quantity::Chance, intervals))
                .to_vec()
        };
        Table {
            stub: "changes",
            groups: vec![Columns {
                title: Vec::new(),
                columns: Stage::ALL.map(|s| names::stage_title(s).to_vec()).to_vec(),
            }],
            rows: self.by_group(self.faulty_groups(), row),
        }
    }

    fn detections(&self, intervals: Intervals) -> Table {
        let chances = |by| {
            [(Group::Faulty, Truth::True), (Group::All, Truth::ByChance)]
                .map(|(group, truth)| self.detectors.chance(group, by, truth))
        };
        // A bake that may not take too long, and people where nobody reports, are not worth a row.
        let always = |by| !matches!(by, DetectedBy::Bake | DetectedBy::People);
        let happened =
            |chances: &[Option<Estimate>; 2]| chances.iter().flatten().any(|e| e.value > 0.0);
        let rows = self.detectors.all().iter().filter_map(|&by| {
            let chances = chances(by);
            let is_shown = always(by) || happened(&chances);
            let cells = chances
                .map(|c| cell(c, Quantity::Chance, intervals))
                .to_vec();
            is_shown.then(|| (self.detector(by).to_owned(), cells))
        });
        Table {
            stub: "alarm or test",
            groups: vec![
                Columns::single(&["detects", "(of faulty)"]),
                Columns::single(&["stops by chance", "(of all)"]),
            ],
            rows: rows.collect(),
        }
    }

    fn estimate(&self, group: Group, metric: Metric, statistic: Statistic) -> Option<Estimate> {
        self.summary
            .estimate(self.strategy, group, metric, statistic)
    }

    pub(super) fn notes(&self, intervals: Intervals, form: Form) -> Vec<String> {
        let level = self.basis.level_text();
        vec![
            self.basis.sentence(),
            interval_note(&level, intervals, form),
            "\"<\": it never came up; \">\": it always did. \"never\": that share of the changes did not get so far."
                .to_owned(),
        ]
    }
}

/// Whether changes of a group can end so at all.
fn can_end(group: Group, ending: Ending) -> bool {
    let by_fault_free = matches!(ending, Ending::Shipped | Ending::GivenUp | Ending::Stalled);
    match group {
        Group::All => true,
        Group::FAULT_FREE => by_fault_free,
        Group::Faulty | Group::Faults(..) | Group::Stratum(_) => ending != Ending::Shipped,
    }
}

fn part_label(part: TimePart) -> &'static str {
    match part {
        TimePart::Test => "· tests",
        TimePart::Action => "· actions",
        TimePart::Bake => "· bakes",
        TimePart::Window => "· closed windows",
        TimePart::Approval => "· approvals",
        TimePart::Blocked => "· incidents",
        TimePart::Hold => "· pauses and holds",
        TimePart::Retry => "· failed attempts",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Outcome, Place, TimeParts};
    use crate::summary::Sampling;
    use crate::summary::example::{plan, shipped, undetected};

    const PLAIN: Style = Style { color: false };

    /// Shows what comes of 60 changes of each kind.
    fn shown(show: impl Fn(&Portrait) -> String) -> String {
        let plan = plan(0.04, &[1.0, 3.0], &["waves"]);
        let mut summary = Summary::new(&plan, &[0], Sampling::Stratified, 0.95);
        let mut detectors = Detectors::new(&plan, 0, Sampling::Stratified, 0.95);
        for i in 0..60 {
            for outcome in [good(i), bad(0, i), bad(1, i)] {
                summary.add(0, &outcome);
                detectors.add(&outcome);
            }
        }
        let basis = Basis::new(&plan, &summary, 7, 180);
        show(&Portrait::new(&plan, 0, &summary, &detectors, basis))
    }

    fn good(i: u64) -> Outcome {
        let mut time_parts = TimeParts::default();
        time_parts.add(TimePart::Bake, 3_000.0);
        time_parts.add(TimePart::Window, 600.0 * (i % 7) as f64);
        Outcome {
            time_to_full_s: Some(time_parts.total()),
            time_parts,
            ..shipped(i)
        }
    }

    fn bad(fault: usize, i: u64) -> Outcome {
        let hit = undetected(fault, i);
        match i % 5 {
            0 => hit,
            1 => Outcome {
                ending: Ending::GivenUp,
                detected_by: Some(DetectedBy::Bake),
                ..hit
            },
            _ => Outcome {
                ending: Ending::RolledBack,
                blast_radius: 0.01,
                detected_by: Some(DetectedBy::People),
                stopped_at: Some(Place::Watch),
                time_to_detect_s: Some(60.0 * i as f64),
                time_to_mitigate_s: Some(90.0 * i as f64),
                ..hit
            },
        }
    }

    #[test]
    fn reads_well_on_a_terminal() {
        insta::assert_snapshot!(shown(|p| p.human(120, PLAIN, Intervals::WhereCoarse)));
    }

    #[test]
    fn goes_into_a_pull_request() {
        insta::assert_snapshot!(shown(|p| p.markdown(Intervals::Everywhere)));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for columns in [80, 100, 120, 160] {
            let text = shown(|p| p.human(columns, PLAIN, Intervals::Everywhere));
            let widest = text.lines().map(crate::report::text::width).max();
            assert!(widest <= Some(columns), "{columns}:\n{text}");
        }
    }

    #[test]
    fn rows_say_who_detected() {
        let rows = shown(|p| crate::report::csv::text(&p.rows()));
        let row = |beginning: &str| rows.lines().filter(|l| l.starts_with(beginning)).count();
        assert_eq!(
            row("waves,faulty,detected_by,P(people),share,0.6"),
            1,
            "{rows}"
        );
        assert_eq!(
            row("waves,f1,stopped_by_chance_by,P(bake),share,0.2"),
            1,
            "{rows}"
        );
    }
}
