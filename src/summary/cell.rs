//! What one stratum came to under one strategy.

use super::event::{Event, FirstZone, Later, Stage};
use super::frame::MetricFrame;
use super::metric::Reading;
use crate::outcome::{Ending, Outcome};
use crate::stats::{Moments, Tally};

/// One strategy and stratum.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) n: u64,
    endings: [u64; Ending::ALL.len()],
    stages: [u64; Stage::ALL.len()],
    /// Caught in each wave after the first, by number less 1, and after the last.
    later: Vec<u64>,
    after_full: u64,
    stopped_by_chance: u64,
    pub(super) columns: Vec<Column>,
}

/// One metric of a cell.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Values and what never happened.
    pub(super) tally: Tally,
    /// Finite values.
    pub(super) moments: Moments,
}

impl Cell {
    /// An empty cell whose columns keep so many distinct values.
    pub(super) fn new(limits: &[usize]) -> Cell {
        Cell {
            n: 0,
            endings: [0; Ending::ALL.len()],
            stages: [0; Stage::ALL.len()],
            later: Vec::new(),
            after_full: 0,
            stopped_by_chance: 0,
            columns: limits.iter().map(|&limit| Column::new(limit)).collect(),
        }
    }

    pub(super) fn add(
        &mut self,
        metrics: &[MetricFrame],
        first_zone: &FirstZone,
        outcome: &Outcome,
    ) {
        self.n += 1;
        self.endings[outcome.ending as usize] += 1;
        if let Some(stage) = Stage::of(outcome, first_zone) {
            self.stages[stage as usize] += 1;
        }
        match first_zone.later(outcome) {
            Some(Later::Wave(wave)) => {
                let at = wave as usize - 1;
                if self.later.len() <= at {
                    self.later.resize(at + 1, 0);
                }
                self.later[at] += 1;
            }
            Some(Later::AfterFull) => self.after_full += 1,
            None => {}
        }
        self.stopped_by_chance += u64::from(outcome.stops_by_chance > 0);
        for (column, metric) in self.columns.iter_mut().zip(metrics) {
            column.add(metric.metric.reading(outcome));
        }
    }

    pub(super) fn merge(&mut self, other: &Cell) {
        self.n += other.n;
        add_counts(&mut self.endings, &other.endings);
        add_counts(&mut self.stages, &other.stages);
        if self.later.len() < other.later.len() {
            self.later.resize(other.later.len(), 0);
        }
        add_counts(&mut self.later, &other.later);
        self.after_full += other.after_full;
        self.stopped_by_chance += other.stopped_by_chance;
        for (mine, theirs) in self.columns.iter_mut().zip(&other.columns) {
            mine.merge(theirs);
        }
    }

    pub(super) fn settle(&mut self) {
        self.columns.iter_mut().for_each(|c| c.tally.settle());
    }

    pub(super) fn count(&self, event: Event) -> u64 {
        match event {
            Event::Ending(ending) => self.endings[ending as usize],
            Event::Stage(stage) => self.stages[stage as usize],
            Event::Later(Later::Wave(wave)) => {
                let at = (wave as usize).checked_sub(1);
                at.and_then(|at| self.later.get(at)).copied().unwrap_or(0)
            }
            Event::Later(Later::AfterFull) => self.after_full,
            Event::StoppedByChance => self.stopped_by_chance,
        }
    }
}

impl Column {
    pub(super) fn new(limit: usize) -> Column {
        Column {
            tally: Tally::new(limit),
            moments: Moments::default(),
        }
    }

    fn add(&mut self, reading: Reading) {
        match reading {
            Reading::Value(x) => {
                self.tally.add(x);
                self.moments.add(x);
            }
            Reading::Never => self.tally.add(f64::INFINITY),
            Reading::NotApplicable => {}
        }
    }

    pub(super) fn merge(&mut self, other: &Column) {
        self.tally.merge(&other.tally);
        self.moments.merge(&other.moments);
    }
}

fn add_counts(mine: &mut [u64], theirs: &[u64]) {
    for (a, b) in mine.iter_mut().zip(theirs) {
        *a += b;
    }
}
