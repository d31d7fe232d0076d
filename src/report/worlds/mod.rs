//! Many worlds as tables, sentences and files.

mod data;
mod words;

pub use data::{csv, json};

use super::quantity::Quantity;
use super::section::{Form, Section, human, markdown};
use super::table::{Cell, Group, Style, Table};
use super::text::shortened;
use crate::summary::worlds::{Figure, Swing, Worlds};

/// Inputs that are shown of those that matter.
pub const MOST_INPUTS: usize = 12;
/// The longest key that is shown.
const LONGEST_KEY: usize = 44;

/// What an input is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Seconds.
    Duration,
    /// A share.
    Share,
    /// A number.
    Number,
    /// How often a year.
    PerYear,
}

impl Measure {
    /// A value as people read it.
    pub fn text(self, x: f64) -> String {
        match self {
            Measure::Duration => Quantity::Duration.text(x),
            Measure::Share => Quantity::Share.text(x),
            Measure::Number => Quantity::Amount.text(x),
            Measure::PerYear => format!("{} a year", Quantity::Amount.text(x)),
        }
    }

    /// The unit in files.
    pub fn unit(self) -> &'static str {
        match self {
            Measure::Duration => "s",
            Measure::Share => "share",
            Measure::Number => "number",
            Measure::PerYear => "per year",
        }
    }
}

/// An input that was drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Path of its key.
    pub key: String,
    /// The value as it is written.
    pub value: String,
    /// Lower end of its range.
    pub low: f64,
    /// Upper end of its range.
    pub high: f64,
    /// What they are measured in.
    pub measure: Measure,
    /// Whether the draw is the median of a distribution.
    pub is_median: bool,
}

impl Input {
    /// What it is called: its key, and that the median is meant.
    pub fn name(&self) -> String {
        let median = if self.is_median { " (median)" } else { "" };
        format!("{}{median}", self.key)
    }
}

/// Worlds with all names, ready to be shown.
#[derive(Clone, Copy, Debug)]
pub struct Drawn<'a> {
    /// The worlds.
    pub worlds: &'a Worlds,
    /// The strategies, in the order of the figures.
    pub strategies: &'a [String],
    /// The inputs, in the order of the draws.
    pub inputs: &'a [Input],
    /// Guesses without a range, which are the same in all worlds.
    pub without_range: usize,
    /// Rollouts of each strategy in each world.
    pub runs: u64,
    /// The seed of all draws.
    pub seed: u64,
    /// Level of intervals.
    pub level: f64,
}

impl Figure {
    /// How it is written.
    pub fn quantity(self) -> Quantity {
        Quantity::of_unit(self.unit())
    }

    /// What it is called.
    pub fn words(self) -> &'static str {
        match self {
            Figure::BlastRadius => "p99 blast radius",
            Figure::BadRequests => "bad requests a month",
            Figure::TimeToFull => "median time to full",
        }
    }

    fn title(self) -> &'static [&'static str] {
        match self {
            Figure::BlastRadius => &["p99 blast radius", "(faulty)"],
            Figure::BadRequests => &["bad requests", "a month"],
            Figure::TimeToFull => &["median time to full", "(fault-free)"],
        }
    }
}

impl Drawn<'_> {
    /// For a terminal of so many columns.
    pub fn human(&self, columns: usize, style: Style) -> String {
        human(
            &self.sections(),
            &self.notes(Form::Terminal),
            columns,
            style,
        )
    }

    /// As Markdown.
    pub fn markdown(&self) -> String {
        markdown(&self.sections(), &self.notes(Form::Markdown))
    }

    /// The tables.
    pub fn sections(&self) -> Vec<Section> {
        let mut sections = vec![self.overview()];
        for strategy in self.told() {
            let swings = self.shown(strategy);
            if !swings.is_empty() {
                sections.push(self.tornado(strategy, &swings));
            }
        }
        sections
    }

    /// The strategies of which is told what their blast radius depends on: the leader and whoever comes next.
    pub fn told(&self) -> Vec<usize> {
        match self.worlds.leaders(Figure::BlastRadius) {
            Some((leader, rival)) => [Some(leader), rival].into_iter().flatten().collect(),
            None => Vec::new(),
        }
    }

    /// What the p99 blast radius of a strategy depends on beyond chance, the most first.
    pub fn shown(&self, strategy: usize) -> Vec<Swing> {
        let swings = self.worlds.swings(Figure::BlastRadius, strategy);
        let real = swings.into_iter().filter(|s| s.is_beyond_chance);
        real.take(MOST_INPUTS).collect()
    }

    fn overview(&self) -> Section {
        let figures = || Figure::ALL.into_iter().filter(|f| self.has(*f));
        let column = &["smallest in", "over the worlds"];
        let row = |(s, name): (usize, &String)| {
            let cells = figures().flat_map(|figure| {
                let standing = self.worlds.standing(figure, s);
                let smallest = Cell {
                    main: standing.alone.to_string(),
                    below: Some(format!("{} beyond noise", standing.clearly)),
                    order: Some(standing.alone as f64),
                };
                [smallest, self.spread(figure, s)]
            });
            (name.clone(), cells.collect())
        };
        Section {
            caption: format!("{} worlds: what the guesses leave open", self.worlds.len()),
            table: Table {
                stub: "strategy",
                groups: figures().map(|f| Group::of(f.title(), column)).collect(),
                rows: self.strategies.iter().enumerate().map(row).collect(),
            },
        }
    }

    /// Whether any strategy has a figure in any world.
    fn has(&self, figure: Figure) -> bool {
        (0..self.strategies.len()).any(|s| !self.worlds.values(figure, s).is_empty())
    }

    /// The median of a figure over the worlds, and between which values nine tenths of them lie.
    fn spread(&self, figure: Figure, strategy: usize) -> Cell {
        let values = self.worlds.values(figure, strategy);
        if values.is_empty() {
            return Cell::of(super::figure::MISSING);
        }
        let at = |p: f64| values[((values.len() - 1) as f64 * p + 0.5) as usize];
        let quantity = figure.quantity();
        Cell {
            main: quantity.text(at(0.5)),
            below: Some(quantity.range(at(0.05), at(0.95))),
            order: Some(at(0.5)),
        }
    }

    fn tornado(&self, strategy: usize, swings: &[Swing]) -> Section {
        let quantity = Figure::BlastRadius.quantity();
        let row = |swing: &Swing| {
            let input = &self.inputs[swing.input];
            let cells = vec![
                Cell::of(input.value.trim_matches('"')),
                Cell::of(format!(
                    "{} to {}",
                    input.measure.text(input.low),
                    input.measure.text(input.high)
                )),
                Cell::of(quantity.text(swing.low)),
                Cell::of(quantity.text(swing.high)),
            ];
            (shortened(&input.name(), LONGEST_KEY), cells)
        };
        Section {
            caption: format!(
                "What the {} of {} depends on",
                Figure::BlastRadius.words(),
                self.strategies[strategy]
            ),
            table: Table {
                stub: "guess",
                groups: vec![
                    Group::single(&["value"]),
                    Group::single(&["range"]),
                    Group::of(&["mean where it is"], &["low", "high"]),
                ],
                rows: swings.iter().map(row).collect(),
            },
        }
    }
}
