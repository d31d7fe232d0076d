//! What each alarm, test and person did: caught faults, stopped good changes by chance, or stayed silent.

use super::axis::Axis;
use super::font::Weight;
use super::look;
use super::page::{self, HAIR, LABELS, SIDE, SMALL, WIDTH};
use super::scene::{Align, Ink, Scene, at};
use crate::outcome::DetectedBy;
use crate::plan::Plan;
use crate::report::basis::Basis;
use crate::report::figure::phrase;
use crate::report::names;
use crate::report::quantity::Quantity;
use crate::report::text::clean;
use crate::stats::Estimate;
use crate::summary::{Detectors, Group, Truth};

/// What is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarms {
    strategies: Vec<Strategy>,
}

#[derive(Clone, Debug, PartialEq)]
struct Strategy {
    name: String,
    rows: Vec<Row>,
    /// Those that did neither.
    silent: Vec<String>,
}

/// What one of them did.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    name: String,
    /// The share of faulty changes that it stopped last, seeing the fault.
    caught: Estimate,
    /// The share of all changes that it stopped last, by chance.
    by_chance: Estimate,
}

const BETWEEN: f64 = 30.0;
const ROW: f64 = 16.0;
const BAR: f64 = 10.0;
const NAME: f64 = 26.0;
/// Room for a figure behind the longest bar.
const FIGURE: f64 = 58.0;

impl Alarms {
    /// What the detectors of strategies (by index in the plan) have to show.
    pub fn of(plan: &Plan, detectors: &[(usize, Detectors)]) -> Alarms {
        let strategies = detectors.iter().map(|(index, detectors)| {
            let strategy = &plan.strategies[*index];
            let row = |&by: &DetectedBy| {
                let caught = detectors.chance(Group::Faulty, by, Truth::True)?;
                let by_chance = detectors.chance(Group::All, by, Truth::ByChance)?;
                // Bakes that may not take too long, and people where nobody reports, are not worth a row.
                let always = !matches!(by, DetectedBy::Bake | DetectedBy::People);
                let is_shown = always || caught.value + by_chance.value > 0.0;
                is_shown.then(|| Row {
                    name: names::detector(strategy, by).to_owned(),
                    caught,
                    by_chance,
                })
            };
            let rows = detectors.all().iter().filter_map(row);
            let (rows, silent) = rows.partition::<Vec<Row>, _>(Row::did_something);
            Strategy {
                name: strategy.name.clone(),
                rows,
                silent: silent.into_iter().map(|row| row.name).collect(),
            }
        });
        Alarms {
            strategies: strategies.collect(),
        }
    }

    /// The chart; `None` where there is nothing that could stop a change.
    pub fn scene(&self, basis: &Basis) -> Option<Scene> {
        let rows = || self.strategies.iter().flat_map(|s| &s.rows);
        rows().next()?;
        let title = format!("{}: what each alarm did", clean(&basis.scenario));
        let about = [
            format!(
                "Each change counts for the alarm, test or person that stopped it last, with {} intervals. What is \
                 missing from 100% on the left is the share of faulty changes for which it stayed silent or came late.",
                basis.level_text()
            ),
            page::rests_on(basis),
        ];
        let (mut scene, y) = page::begin(&title, &about);
        let first = SIDE + LABELS;
        let each = (WIDTH - SIDE - first - BETWEEN) / 2.0;
        let most =
            |read: fn(&Row) -> Estimate, least| rows().map(|r| read(r).high).fold(least, f64::max);
        let axis = |i: usize, most: f64| {
            let left = first + i as f64 * (each + BETWEEN);
            Axis::linear(Quantity::Chance, most, left, left + each - FIGURE)
        };
        let axes = [
            axis(0, most(|r| r.caught, 0.01)),
            axis(1, most(|r| r.by_chance, 0.001)),
        ];
        let titles = [
            "caught, of faulty changes",
            "stopped by chance, of all changes",
        ];
        for (axis, title) in axes.iter().zip(titles) {
            let above = at(axis.ends().0, y + 14.0);
            scene.write(page::body(above, Align::Start, title, look::TEXT));
        }
        let top = y + 20.0;
        let bottom = self.draw_rows(&mut scene, top, &axes);
        for axis in &axes {
            page::ticks_below(&mut scene, axis, 44.0, bottom + 12.0);
        }
        scene.height = (bottom + 32.0) as u32;
        Some(scene)
    }

    fn draw_rows(&self, scene: &mut Scene, top: f64, axes: &[Axis; 2]) -> f64 {
        let mut y = top;
        for strategy in &self.strategies {
            let rows = &strategy.rows;
            let name = clean(&strategy.name);
            let heading = page::subheading(at(SIDE, y + 18.0), &name, WIDTH - 2.0 * SIDE);
            scene.write(heading);
            y += NAME;
            let bottom = y + rows.len() as f64 * ROW;
            for axis in axes {
                page::grid_down(scene, axis, 44.0, (y, bottom));
            }
            for row in rows {
                row.draw(scene, y + ROW / 2.0, axes);
                scene.tell(page::row(y + ROW / 2.0, ROW), &strategy.name, row.told());
                y += ROW;
            }
            for axis in axes {
                let (left, top) = (axis.ends().0, bottom - rows.len() as f64 * ROW);
                scene.line([at(left, top), at(left, bottom)], HAIR, look::AXIS);
            }
            if !strategy.silent.is_empty() {
                let silent = format!("silent: {}", strategy.silent.join(", "));
                let left = axes[0].ends().0;
                let room = WIDTH - SIDE - left;
                let silent = page::shortened_to(&clean(&silent), SMALL, Weight::Regular, room);
                let below = at(left, y + ROW / 2.0 + 2.0);
                scene.write(page::small(below, Align::Start, &silent, look::QUIET_TEXT));
                y += ROW;
            }
        }
        y
    }
}

impl Row {
    fn did_something(&self) -> bool {
        self.caught.value + self.by_chance.value > 0.0
    }

    fn told(&self) -> String {
        format!(
            ", {}: stopped {} of faulty changes, seeing the fault; {} of all by chance",
            self.name,
            phrase(self.caught, Quantity::Chance),
            phrase(self.by_chance, Quantity::Chance)
        )
    }

    fn draw(&self, scene: &mut Scene, middle: f64, axes: &[Axis; 2]) {
        page::label_row(scene, &self.name, middle);
        draw_bar(scene, &axes[0], middle, self.caught, look::nth(0));
        draw_bar(scene, &axes[1], middle, self.by_chance, look::HIT);
    }
}

fn draw_bar(scene: &mut Scene, axis: &Axis, middle: f64, chance: Estimate, ink: Ink) {
    let left = axis.ends().0;
    let mut end = axis.place(chance.value);
    if chance.value > 0.0 {
        let down = (middle - BAR / 2.0, middle + BAR / 2.0);
        page::block(scene, (left, end), down, ink);
        end = page::interval(scene, axis, chance, middle);
    }
    let (figure, ink) = match chance.value > 0.0 {
        true => (Quantity::Chance.text(chance.value), look::TEXT),
        false => ("0%".to_owned(), look::QUIET_TEXT),
    };
    scene.write(page::small(
        at(end + 6.0, middle),
        Align::Start,
        &figure,
        ink,
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Ending, Outcome};
    use crate::summary::example::{plan, shipped, undetected};
    use crate::summary::{Sampling, Summary};

    fn charted(names: &[&str]) -> (Alarms, Basis) {
        let plan = plan(0.5, &[1.0], names);
        let all: Vec<usize> = (0..names.len()).collect();
        let mut summary = Summary::new(&plan, &all, Sampling::Stratified, 0.95);
        let mut detectors = Vec::new();
        for &strategy in &all {
            let mut of = Detectors::new(&plan, strategy, Sampling::Stratified, 0.95);
            let seen = Outcome {
                ending: Ending::RolledBack,
                detected_by: Some(DetectedBy::People),
                ..undetected(0, 0)
            };
            let by_chance = Outcome {
                ending: Ending::GivenUp,
                detected_by: Some(DetectedBy::Bake),
                ..shipped(1)
            };
            for outcome in [shipped(0), by_chance, seen, undetected(0, 1)] {
                summary.add(strategy, &outcome);
                of.add(&outcome);
            }
            detectors.push((strategy, of));
        }
        let basis = Basis::new(&plan, &summary, 1, 4);
        (Alarms::of(&plan, &detectors), basis)
    }

    #[test]
    fn true_stops_and_those_by_chance_stand_apart() {
        let (alarms, _) = charted(&["a"]);
        let rows: Vec<(&str, f64, f64)> = alarms.strategies[0]
            .rows
            .iter()
            .map(|r| (r.name.as_str(), r.caught.value, r.by_chance.value))
            .collect();
        assert_eq!(rows, [("bake", 0.0, 0.25), ("people", 0.5, 0.0)]);
    }

    #[test]
    fn is_legible_with_few_and_many_strategies() {
        for n in [1, 2, 12] {
            let names = &page::check::NAMES[..n];
            let (alarms, basis) = charted(names);
            page::check::is_legible(&format!("alarms-{n}"), &alarms.scene(&basis).unwrap());
        }
    }
}
