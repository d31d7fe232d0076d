//! How likely a faulty change hits more than so much: the exceedance of the blast radius, both axes logarithmic.

use super::axis::Axis;
use super::look::{self, MARKER, Mark};
use super::page::{self, HAIR, Sign, Stroke, WIDTH};
use super::scene::{Align, Frame, Scene, at};
use crate::report::basis::Basis;
use crate::report::figure::phrase;
use crate::report::quantity::Quantity;
use crate::report::text::{clean, shortened};
use crate::stats::Estimate;
use crate::summary::{Group, Metric, Summary};

/// What is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Exceedance {
    strategies: Vec<Strategy>,
}

/// A strategy's curve: blast radii with the chance that a faulty change hits more.
#[derive(Clone, Debug, PartialEq)]
struct Strategy {
    name: String,
    curve: Vec<(f64, Estimate)>,
}

const HEIGHT: f64 = 560.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = WIDTH - page::SIDE;
const BELOW: f64 = 64.0;
/// Blast radii at which curves are looked up.
const POINTS: usize = 160;
/// Intervals shown on a curve.
const WHISKERS: usize = 4;
/// Of a name in the legend.
const NAME_COLUMNS: usize = 40;

impl Exceedance {
    /// What a summary has to show.
    pub fn of(summary: &Summary, basis: &Basis) -> Exceedance {
        let least = least_radius(summary).max(1e-6);
        let radius = |i: usize| least * libm::pow(1.0 / least, i as f64 / (POINTS - 1) as f64);
        // Just below 1 the last one, which nothing exceeds else.
        let radii: Vec<f64> = (0..POINTS).map(|i| radius(i).min(1.0 - 1e-9)).collect();
        let curve = |strategy: usize| -> Option<Vec<(f64, Estimate)>> {
            let metric = Metric::BlastRadius;
            let chances = summary.chances_above(strategy, Group::Faulty, metric, &radii)?;
            Some(radii.iter().copied().zip(chances).collect())
        };
        let strategies = summary.strategies().zip(&basis.strategies);
        Exceedance {
            strategies: strategies
                .filter_map(|(index, name)| {
                    Some(Strategy {
                        name: name.clone(),
                        curve: curve(index)?,
                    })
                })
                .collect(),
        }
    }

    /// The chart; `None` where no faulty change hits anything.
    pub fn scene(&self, basis: &Basis) -> Option<Scene> {
        let seen = |(_, e): &&(f64, Estimate)| e.value > 0.0;
        let all = self.strategies.iter().flat_map(|s| &s.curve);
        let mut chances: Vec<f64> = all.filter(seen).map(|(_, e)| e.value).collect();
        if chances.is_empty() {
            return None;
        }
        chances.push(1.0);
        let title = format!(
            "{}: how likely a faulty change hits more",
            clean(&basis.scenario)
        );
        let about = [
            "The chance that a faulty change hits more than so much of the fleet's traffic at its peak. A curve further \
             down and to the left is better; where it ends nothing larger was seen."
                .to_owned(),
            format!(
                "Vertical bars: {} intervals. {}",
                basis.level_text(),
                page::rests_on(basis)
            ),
        ];
        let (mut scene, y) = page::begin(&title, &about);
        let signs = self.strategies.iter().enumerate().map(|(i, s)| {
            let name = shortened(&clean(&s.name), NAME_COLUMNS);
            (Sign::Line(Mark::of(i), Stroke::of(i)), name)
        });
        let top = page::legend(&mut scene, y, &signs.collect::<Vec<_>>());
        let up = "↑ chance among faulty changes";
        scene.write(page::body(
            at(page::SIDE, top + 18.0),
            Align::Start,
            up,
            look::TEXT,
        ));
        let room = Frame {
            left: LEFT,
            top: top + 30.0,
            right: RIGHT,
            bottom: top + 30.0 + HEIGHT - 180.0,
        };
        let radii: Vec<f64> = self.strategies[0].curve.iter().map(|(x, _)| *x).collect();
        let axes = (
            Axis::logarithmic(Quantity::Share, &radii, room.left, room.right),
            Axis::logarithmic(Quantity::Chance, &chances, room.bottom, room.top),
        );
        draw_axes(&mut scene, &room, &axes);
        for (i, strategy) in self.strategies.iter().enumerate() {
            strategy.draw(&mut scene, i, self.strategies.len(), &room, &axes);
        }
        scene.height = (room.bottom + BELOW) as u32;
        Some(scene)
    }
}

/// The least blast radius of any faulty change that hit something, or nearly: most of what is above nothing is above it.
fn least_radius(summary: &Summary) -> f64 {
    let halves = (1..40).map(|i| libm::pow(0.5, f64::from(i)));
    let radii: Vec<f64> = halves.collect();
    let mut least = 1.0_f64;
    for strategy in summary.strategies() {
        let metric = Metric::BlastRadius;
        let Some(chances) = summary.chances_above(strategy, Group::Faulty, metric, &radii) else {
            continue;
        };
        let all = chances.last().map_or(0.0, |e| e.value);
        // The largest of these that all are above, but for one in a hundred.
        let above = |e: &&Estimate| e.value >= 0.99 * all;
        let at = chances.iter().position(|e| above(&e)).unwrap_or(0);
        least = least.min(radii[at]);
    }
    least
}

fn draw_axes(scene: &mut Scene, room: &Frame, (x, y): &(Axis, Axis)) {
    page::grid_down(scene, x, 60.0, (room.top, room.bottom));
    page::ticks_below(scene, x, 60.0, room.bottom + 12.0);
    page::grid_across(scene, y, 30.0, (room.left, room.right), true);
    let corners = [
        at(room.left, room.top),
        at(room.left, room.bottom),
        at(room.right, room.bottom),
    ];
    scene.line(corners, HAIR, look::AXIS);
    let across = "blast radius: peak share of the fleet's traffic hit →";
    let below = at(room.right, room.bottom + 40.0);
    scene.write(page::body(below, Align::End, across, look::TEXT));
}

impl Strategy {
    fn draw(&self, scene: &mut Scene, place: usize, of: usize, room: &Frame, axes: &(Axis, Axis)) {
        let (mark, stroke) = (Mark::of(place), Stroke::of(place));
        let y = |chance: f64| match chance > 0.0 {
            true => axes.1.place(chance).clamp(room.top, room.bottom),
            false => room.bottom,
        };
        // Behind the first chance of 0 nothing larger was seen.
        let seen = self.curve.iter().filter(|(_, e)| e.value > 0.0).count();
        let points = self.curve.iter().take(seen + 1);
        let points = points.map(|(radius, chance)| at(axes.0.place(*radius), y(chance.value)));
        let steps = page::steps(points);
        stroke.draw(scene, &steps, 1.75, mark.ink);
        // Those of different strategies stand beside each other.
        let first = 1 + place * seen / (of * WHISKERS).max(1);
        for i in 0..WHISKERS {
            let at_point = first + i * seen / WHISKERS;
            let Some((radius, chance)) = self.curve.get(at_point).filter(|_| at_point < seen)
            else {
                continue;
            };
            let x = axes.0.place(*radius);
            let (low, high) = (y(chance.low), y(chance.high));
            scene.line([at(x, low), at(x, high)], 1.75, mark.ink.for_interval());
            let point = at(x, y(chance.value));
            mark.draw(scene, point);
            let told = format!(
                ": {} of faulty changes hit more than {}",
                phrase(*chance, Quantity::Chance),
                Quantity::Share.text(*radius)
            );
            scene.tell(
                Frame::around(point, 2.0 * MARKER, 2.0 * MARKER),
                &self.name,
                told,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;
    use crate::summary::Sampling;
    use crate::summary::example::{plan, shipped, undetected};

    fn charted(names: &[&str]) -> (Exceedance, Basis) {
        let plan = plan(0.5, &[1.0], names);
        let all: Vec<usize> = (0..names.len()).collect();
        let mut summary = Summary::new(&plan, &all, Sampling::Stratified, 0.95);
        for &strategy in &all {
            summary.add(strategy, &shipped(0));
            for number in 0..200 {
                let share = libm::pow(0.5, (number % 10) as f64) / (strategy + 1) as f64;
                let outcome = Outcome {
                    blast_radius: share,
                    ..undetected(0, number)
                };
                summary.add(strategy, &outcome);
            }
        }
        let basis = Basis::new(&plan, &summary, 1, 201);
        (Exceedance::of(&summary, &basis), basis)
    }

    #[test]
    fn a_curve_falls_from_all_to_the_largest() {
        let (exceedance, _) = charted(&["a"]);
        let curve = &exceedance.strategies[0].curve;
        assert!(curve.windows(2).all(|w| w[0].1.value >= w[1].1.value));
        assert!(curve[0].1.value > 0.9, "{:?}", curve[0]);
        // One in ten hits everything.
        assert_eq!(curve[POINTS - 1].1.value, 0.1);
        let half = curve.iter().find(|(x, _)| *x > 0.5).unwrap();
        assert_eq!(half.1.value, 0.1);
    }

    #[test]
    fn is_legible_with_few_and_many_strategies() {
        for n in [1, 2, 12] {
            let names = &page::check::NAMES[..n];
            let (exceedance, basis) = charted(names);
            page::check::is_legible(
                &format!("exceedance-{n}"),
                &exceedance.scene(&basis).unwrap(),
            );
        }
    }

    #[test]
    fn where_nothing_is_hit_there_is_no_chart() {
        let plan = plan(0.5, &[1.0], &["a"]);
        let mut summary = Summary::new(&plan, &[0], Sampling::Stratified, 0.95);
        let nothing = Outcome {
            blast_radius: 0.0,
            ..undetected(0, 0)
        };
        summary.add(0, &nothing);
        let basis = Basis::new(&plan, &summary, 1, 1);
        assert_eq!(Exceedance::of(&summary, &basis).scene(&basis), None);
    }
}
