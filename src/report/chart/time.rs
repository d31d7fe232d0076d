//! How long good changes take, and what the time is spent on.

use super::axis::Axis;
use super::look;
use super::page::{self, LABELS, SIDE, Sign, WIDTH};
use super::scene::{Align, Ink, Scene, at};
use super::theme::COLORS;
use crate::outcome::TimePart;
use crate::report::basis::Basis;
use crate::report::figure::phrase;
use crate::report::quantity::Quantity;
use crate::report::text::clean;
use crate::stats::Estimate;
use crate::summary::{Group, Metric, Statistic, Summary};

/// What is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Time {
    strategies: Vec<Strategy>,
}

#[derive(Clone, Debug, PartialEq)]
struct Strategy {
    name: String,
    /// Mean time to full deployment of those that get there, in seconds, and of its parts.
    mean: Estimate,
    parts: [f64; TimePart::ALL.len()],
    /// The share that gets there.
    share: Estimate,
}

const ROW: f64 = 30.0;
const BAR: f64 = 18.0;
/// Room for a figure behind the longest bar.
const FIGURE: f64 = 178.0;

impl Time {
    /// What a summary has to show.
    pub fn of(summary: &Summary, basis: &Basis) -> Time {
        let strategy = |(index, name): (usize, &String)| {
            let read =
                |metric, statistic| summary.estimate(index, Group::FAULT_FREE, metric, statistic);
            let part = |part| read(Metric::Time(part), Statistic::Mean).map_or(0.0, |e| e.value);
            Some(Strategy {
                name: name.clone(),
                mean: read(Metric::TimeToFull, Statistic::Mean)?,
                parts: TimePart::ALL.map(part),
                share: read(Metric::TimeToFull, Statistic::Share)?,
            })
        };
        Time {
            strategies: summary
                .strategies()
                .zip(&basis.strategies)
                .filter_map(strategy)
                .collect(),
        }
    }

    /// The chart; `None` where no change gets to full deployment.
    pub fn scene(&self, basis: &Basis) -> Option<Scene> {
        if self.strategies.is_empty() {
            return None;
        }
        let title = format!(
            "{}: what the time to full deployment is spent on",
            clean(&basis.scenario)
        );
        let about = [
            format!(
                "Bars: mean time of the fault-free changes that get to full deployment, along the path that \
                 everything else waits for, with {} intervals.",
                basis.level_text()
            ),
            page::rests_on(basis),
        ];
        let (mut scene, y) = page::begin(&title, &about);
        let is_spent = |i: &usize| self.strategies.iter().any(|s| s.parts[*i] > 0.0);
        let spent: Vec<usize> = (0..TimePart::ALL.len()).filter(is_spent).collect();
        let signs: Vec<(Sign, String)> = spent
            .iter()
            .enumerate()
            .map(|(number, &part)| {
                let sign = Sign::Numbered(number, ink(part));
                (sign, TimePart::ALL[part].meaning().to_owned())
            })
            .collect();
        let top = page::legend(&mut scene, y, &signs) + 16.0;
        let bottom = top + self.strategies.len() as f64 * ROW;
        let left = SIDE + LABELS;
        let longest = self
            .strategies
            .iter()
            .map(|s| s.mean.high)
            .filter(|x| x.is_finite());
        let most = longest.fold(1.0, f64::max);
        let axis = Axis::linear(Quantity::Duration, most, left, WIDTH - SIDE - FIGURE);
        page::grid_down(&mut scene, &axis, 64.0, (top, bottom));
        page::ticks_below(&mut scene, &axis, 64.0, bottom + 12.0);
        for (i, strategy) in self.strategies.iter().enumerate() {
            strategy.draw(&mut scene, top + (i as f64 + 0.5) * ROW, &axis, &spent);
        }
        scene.line([at(left, top), at(left, bottom)], page::HAIR, look::AXIS);
        let across = at(WIDTH - SIDE - FIGURE, bottom + 36.0);
        let what = "mean time since the rollout's start →";
        scene.write(page::body(across, Align::End, what, look::TEXT));
        scene.height = (bottom + 52.0) as u32;
        Some(scene)
    }
}

impl Strategy {
    fn draw(&self, scene: &mut Scene, middle: f64, axis: &Axis, spent: &[usize]) {
        page::label_row(scene, &self.name, middle);
        let covered = axis.place(self.mean.low);
        let by_part = spent.iter().enumerate();
        let by_part = by_part.map(|(number, &part)| (self.parts[part], number, ink(part)));
        page::stack(scene, &page::parts(axis, by_part), middle, BAR, covered);
        let end = page::interval(scene, axis, self.mean, middle);
        let mut figure = Quantity::Duration.text(self.mean.value);
        if self.share.value < 1.0 {
            figure = format!(
                "{figure} ({} get there)",
                Quantity::Share.text(self.share.value)
            );
        }
        scene.write(page::small(
            at(end + 6.0, middle),
            Align::Start,
            &figure,
            look::TEXT,
        ));
        let frame = page::row(middle, ROW);
        let parts = spent.iter().map(|&part| {
            let time = Quantity::Duration.text(self.parts[part]);
            format!("; {} {time}", TimePart::ALL[part].meaning())
        });
        let told = phrase(self.mean, Quantity::Duration);
        let told = format!(": {told}{}", parts.collect::<String>());
        scene.tell(frame, &self.name, told);
    }
}

/// The colour of a part: there is one part more than there are colours.
fn ink(part: usize) -> Ink {
    if part < COLORS {
        look::nth(part)
    } else {
        look::AXIS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Outcome, TimeParts};
    use crate::summary::Sampling;
    use crate::summary::example::{plan, shipped};

    fn charted(names: &[&str]) -> (Time, Basis) {
        let plan = plan(0.5, &[1.0], names);
        let all: Vec<usize> = (0..names.len()).collect();
        let mut summary = Summary::new(&plan, &all, Sampling::Stratified, 0.95);
        for &strategy in &all {
            for number in 0..20 {
                let mut parts = TimeParts::default();
                for (i, part) in TimePart::ALL.into_iter().enumerate() {
                    parts.add(part, (number + 1) as f64 * 300.0 * (i + strategy) as f64);
                }
                let outcome = Outcome {
                    time_to_full_s: (number > 0).then(|| parts.total()),
                    time_parts: parts,
                    ..shipped(number)
                };
                summary.add(strategy, &outcome);
            }
        }
        let basis = Basis::new(&plan, &summary, 1, 20);
        (Time::of(&summary, &basis), basis)
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let (time, _) = charted(&["a", "b"]);
        for strategy in &time.strategies {
            let sum: f64 = strategy.parts.iter().sum();
            assert!((sum / strategy.mean.value - 1.0).abs() < 1e-9);
            assert_eq!(strategy.share.value, 0.95);
        }
    }

    #[test]
    fn is_legible_with_few_and_many_strategies() {
        for n in [1, 2, 12] {
            let names = &page::check::NAMES[..n];
            let (time, basis) = charted(names);
            page::check::is_legible(&format!("time-{n}"), &time.scene(&basis).unwrap());
        }
    }
}
