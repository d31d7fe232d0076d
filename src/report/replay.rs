//! Incidents of the past under each strategy: where they would have been caught, and how far they would have come.

use std::ops::Range;

use super::basis::{Basis, grouped};
use super::figure::{Intervals, cell, phrase};
use super::names;
use super::quantity::Quantity;
use super::section::{Form, Section, human, interval_note, markdown};
use super::table::{Cell, Group as Columns, Style, Table};
use crate::stats::Estimate;
use crate::summary::{Event, Group, Later, Metric, Row, Stage, Statistic, Summary};

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Its name.
    pub name: String,
    /// The faults of the plan that stand for it, by index.
    pub faults: Range<usize>,
    /// In how many regions users were hit when it happened, where that is known.
    pub hit_regions: Option<u64>,
}

impl Past {
    fn group(&self) -> Group {
        Group::Faults(self.faults.start, self.faults.end)
    }
}

/// What can become of an incident.
struct Fate {
    /// As files name it.
    name: String,
    /// In words, behind how many incidents there are.
    words: String,
    is_caught: bool,
    event: Event,
}

impl Fate {
    fn in_wave(wave: u32) -> Fate {
        Fate {
            name: format!("wave-{wave}"),
            words: format!("in wave {wave}"),
            is_caught: true,
            event: Event::Later(Later::Wave(wave)),
        }
    }

    fn after_full() -> Fate {
        Fate {
            name: "after-full".to_owned(),
            words: "after full".to_owned(),
            is_caught: true,
            event: Event::Later(Later::AfterFull),
        }
    }
}

/// A replay of incidents, ready to be shown.
#[derive(Clone, Debug)]
pub struct Replayed<'a> {
    summary: &'a Summary,
    basis: &'a Basis,
    past: &'a [Past],
}

/// All incidents: every change carries one.
const ALL: &str = "all";

/// Figures of an incident, and of all of them.
const FIGURES: [(Metric, Statistic); 9] = [
    (Metric::RegionsHit, Statistic::Mean),
    (Metric::RegionsHit, Statistic::Quantile(0.5)),
    (Metric::RegionsHit, Statistic::Quantile(0.9)),
    (Metric::BlastRadius, Statistic::Mean),
    (Metric::BlastRadius, Statistic::Quantile(0.5)),
    (Metric::BlastRadius, Statistic::Quantile(0.9)),
    (Metric::BadRequests, Statistic::Mean),
    (Metric::TimeToDetect, Statistic::Quantile(0.5)),
    (Metric::TimeToDetect, Statistic::Quantile(0.9)),
];

impl<'a> Replayed<'a> {
    /// Of a summary in which all changes carry incidents of the same weight; those of which is known in how many regions
    /// users were hit have the first faults of the plan.
    pub fn new(summary: &'a Summary, basis: &'a Basis, past: &'a [Past]) -> Replayed<'a> {
        Replayed {
            summary,
            basis,
            past,
        }
    }

    /// The tables for a terminal of so many columns, with sentences below; incident by incident if `each`.
    pub fn human(&self, columns: usize, style: Style, intervals: Intervals, each: bool) -> String {
        let sections = self.sections(intervals, each);
        let notes = self.notes(intervals, Form::Terminal, each);
        human(&sections, &notes, columns, style)
    }

    /// The same as Markdown.
    pub fn markdown(&self, intervals: Intervals, each: bool) -> String {
        markdown(
            &self.sections(intervals, each),
            &self.notes(intervals, Form::Markdown, each),
        )
    }

    /// Every figure as a row: strategy by strategy all incidents together, then each.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (strategy, name) in self.strategies() {
            self.rows_of(strategy, name, ALL, Group::Faulty, &mut rows);
            for past in self.past {
                self.rows_of(strategy, name, &past.name, past.group(), &mut rows);
                if let Some(regions) = past.hit_regions {
                    rows.push(fact(name, &past.name, regions as f64));
                }
            }
            if let Some((would, did)) = self.regions(strategy) {
                let row = |e| Row::of(e, name, ALL, "regions_hit_where_known", "sum", "regions");
                rows.push(row(would));
                rows.push(fact(name, ALL, did as f64));
            }
        }
        rows
    }

    fn rows_of(&self, strategy: usize, name: &str, of: &str, group: Group, rows: &mut Vec<Row>) {
        for fate in self.fates(strategy) {
            if let Some(chance) = self.summary.chance(strategy, group, fate.event) {
                let statistic = format!("P({})", fate.name);
                rows.push(Row::of(chance, name, of, "caught", &statistic, "share"));
            }
        }
        for (metric, statistic) in FIGURES {
            if let Some(estimate) = self.summary.estimate(strategy, group, metric, statistic) {
                let (of_what, unit) = (self.summary.metric_name(metric), metric.unit());
                let statistic = statistic.to_string();
                rows.push(Row::of(estimate, name, of, of_what, &statistic, unit));
            }
        }
    }

    /// Strategies by index in the plan, with their names.
    fn strategies(&self) -> impl Iterator<Item = (usize, &str)> {
        let names = self.basis.strategies.iter().map(String::as_str);
        self.summary.strategies().zip(names)
    }

    /// What can become of an incident under a strategy, in the order in which a change comes there.
    fn fates(&self, strategy: usize) -> Vec<Fate> {
        let mut fates = Vec::new();
        for stage in Stage::ALL {
            let (words, is_caught) = match stage {
                Stage::BeforeProduction => ("before production", true),
                Stage::OneBox => ("in the one-box", true),
                Stage::FirstZone => ("in the first zone", true),
                Stage::FirstWave => ("in wave 1", true),
                Stage::Later => {
                    fates.extend((2..=self.summary.waves(strategy)).map(Fate::in_wave));
                    fates.push(Fate::after_full());
                    continue;
                }
                Stage::People => ("by people", true),
                Stage::Never => ("never caught", false),
                Stage::Asleep => ("still asleep", false),
                Stage::Unresolved => ("unresolved", false),
            };
            fates.push(Fate {
                name: stage.name().to_owned(),
                words: words.to_owned(),
                is_caught,
                event: stage.into(),
            });
        }
        fates
    }

    /// How many incidents an event is expected of.
    fn incidents(&self, strategy: usize, event: Event) -> Option<Estimate> {
        let chance = self.summary.chance(strategy, Group::Faulty, event)?;
        Some(chance.times(self.past.len() as f64))
    }

    /// Regions that the incidents would be expected to hit, and those that they did; over the ones of which that is known.
    fn regions(&self, strategy: usize) -> Option<(Estimate, u64)> {
        let known: Vec<&Past> = self
            .past
            .iter()
            .filter(|p| p.hit_regions.is_some())
            .collect();
        let last = known.iter().map(|p| p.faults.end).max()?;
        let mean = self.summary.estimate(
            strategy,
            Group::Faults(0, last),
            Metric::RegionsHit,
            Statistic::Mean,
        )?;
        let did = known.iter().filter_map(|p| p.hit_regions).sum();
        Some((mean.times(known.len() as f64), did))
    }

    /// The tables; incident by incident if `each`.
    pub(super) fn sections(&self, intervals: Intervals, each: bool) -> Vec<Section> {
        let caption = format!(
            "{}: where {} incidents would have been caught",
            self.basis.scenario,
            self.past.len()
        );
        let mut sections = vec![Section {
            caption,
            table: self.overview(intervals),
        }];
        if each {
            let section = |(strategy, name): (usize, &str)| Section {
                caption: format!("{name}: incident by incident"),
                table: self.one_by_one(strategy, intervals),
            };
            sections.extend(self.strategies().map(section));
        }
        sections
    }

    /// The stages that are shown: the last two only where something comes to them.
    fn stages(&self) -> Vec<Stage> {
        let occurs = |stage: Stage| {
            let incidents = |(s, _)| self.incidents(s, stage.into());
            self.strategies()
                .filter_map(incidents)
                .any(|e| e.value > 0.0)
        };
        let is_shown =
            |stage: &Stage| !matches!(stage, Stage::Asleep | Stage::Unresolved) || occurs(*stage);
        Stage::ALL.into_iter().filter(is_shown).collect()
    }

    fn overview(&self, intervals: Intervals) -> Table {
        let stages = self.stages();
        let mut groups = vec![stage_columns(&stages)];
        let knows = self.past.iter().any(|p| p.hit_regions.is_some());
        if knows {
            groups.push(Columns::of(&["regions hit"], &["would have", "did"]));
        }
        let row = |(strategy, name): (usize, &str)| {
            let incidents = |s: &Stage| self.incidents(strategy, (*s).into());
            let mut cells: Vec<Cell> = stages
                .iter()
                .map(|s| cell(incidents(s), Quantity::Amount, intervals))
                .collect();
            if knows {
                let regions = self.regions(strategy);
                cells.push(cell(regions.map(|r| r.0), Quantity::Amount, intervals));
                cells.push(Cell::of(regions.map_or_else(String::new, |r| grouped(r.1))));
            }
            (name.to_owned(), cells)
        };
        Table {
            stub: "strategy",
            groups,
            rows: self.strategies().map(row).collect(),
        }
    }

    fn one_by_one(&self, strategy: usize, intervals: Intervals) -> Table {
        let stages = self.stages();
        let row = |past: &Past| {
            let chance = |s: &Stage| self.summary.chance(strategy, past.group(), *s);
            let stages = stages.iter();
            let mut cells: Vec<Cell> = stages
                .map(|s| cell(chance(s), Quantity::Chance, intervals))
                .collect();
            let mean = |metric| {
                self.summary
                    .estimate(strategy, past.group(), metric, Statistic::Mean)
            };
            cells.push(cell(mean(Metric::RegionsHit), Quantity::Amount, intervals));
            let did = past.hit_regions.map_or_else(String::new, grouped);
            cells.push(Cell::of(did));
            (past.name.clone(), cells)
        };
        Table {
            stub: "incident",
            groups: vec![
                stage_columns(&stages),
                Columns::of(&["regions hit"], &["would have", "did"]),
            ],
            rows: self.past.iter().map(row).collect(),
        }
    }

    fn notes(&self, intervals: Intervals, form: Form, each: bool) -> Vec<String> {
        let sentence = |(strategy, name)| format!("{name}: {}.", self.sentence(strategy));
        let mut notes: Vec<String> = self.strategies().map(sentence).collect();
        notes.extend(self.reading(intervals, form, each));
        notes
    }

    /// What becomes of all incidents, strategy by strategy, by its place.
    pub(super) fn verdict(&self) -> Vec<(usize, String)> {
        let places = self.strategies().enumerate();
        places
            .map(|(place, (strategy, _))| (place, format!("{}.", self.sentence(strategy))))
            .collect()
    }

    /// How many incidents there are.
    pub(super) fn incidents_replayed(&self) -> usize {
        self.past.len()
    }

    /// How the tables are read.
    pub(super) fn reading(&self, intervals: Intervals, form: Form, each: bool) -> Vec<String> {
        let mut notes = Vec::new();
        notes.push(format!(
            "Numbers are how many of the {} incidents are expected there, each simulated many times: what happened once \
             could have gone otherwise.",
            self.past.len()
        ));
        if self.past.iter().any(|p| p.hit_regions.is_some()) {
            notes.push("Regions hit: over the incidents that say how many they hit.".to_owned());
        }
        let rollouts = format!(
            "{} rollouts of each strategy. Seed {}.",
            grouped(self.basis.runs),
            self.basis.seed
        );
        notes.push(rollouts);
        notes.push(interval_note(&self.basis.level_text(), intervals, form));
        if !each {
            notes.push("Each incident by itself: --strategy NAME, or replay.csv.".to_owned());
        }
        notes
    }

    /// What becomes of all incidents under a strategy, in words.
    fn sentence(&self, strategy: usize) -> String {
        let (mut caught, mut others) = (Vec::new(), Vec::new());
        for fate in self.fates(strategy) {
            let Some(incidents) = self.incidents(strategy, fate.event) else {
                continue;
            };
            if incidents.value >= 0.05 || fate.event == Event::Stage(Stage::Never) {
                let number = Quantity::Amount.text(incidents.value);
                let list = if fate.is_caught {
                    &mut caught
                } else {
                    &mut others
                };
                list.push(format!("{number} {}", fate.words));
            }
        }
        if caught.is_empty() {
            caught.push("nowhere".to_owned());
        }
        let mut sentence = format!("caught {}; {}", caught.join(", "), others.join(", "));
        if let Some((would, did)) = self.regions(strategy) {
            sentence.push_str(&format!(
                "; would have hit {} regions instead of {}",
                phrase(would, Quantity::Amount),
                grouped(did)
            ));
        }
        sentence
    }
}

fn stage_columns(stages: &[Stage]) -> Columns {
    Columns {
        title: Vec::new(),
        columns: stages
            .iter()
            .map(|s| names::stage_title(*s).to_vec())
            .collect(),
    }
}

/// In how many regions users were hit: known, and so without interval.
fn fact(strategy: &str, of: &str, regions: f64) -> Row {
    Row::fact(strategy, of, "regions_hit_then", "sum", "regions", regions)
}
