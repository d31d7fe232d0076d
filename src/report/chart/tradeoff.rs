//! Blast radius against time to full deployment: a point a strategy, with intervals on both axes.

use super::axis::Axis;
use super::font::{self, Weight};
use super::labels::{self, Label, Surroundings};
use super::look::{self, MARKER, Mark};
use super::page::{self, BODY, HAIR, body};
use super::scene::{Align, Frame, Ink, Point, Scene, at};
use crate::report::basis::Basis;
use crate::report::figure::phrase;
use crate::report::quantity::Quantity;
use crate::report::text::{clean, shortened};
use crate::stats::Estimate;
use crate::summary::{Group, Headline, Metric, Statistic, Summary};

/// A strategy in the chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Strategy {
    /// Its place among all that were run, by which it has its mark.
    pub place: usize,
    /// Its name.
    pub name: String,
    /// Time to full deployment, in seconds.
    pub time: Estimate,
    /// Blast radius, a share.
    pub radius: Estimate,
}

const HEIGHT: u32 = 600;
/// Room around the plot.
const ROOM: Frame = Frame {
    left: 64.0,
    top: 112.0,
    right: 876.0,
    bottom: 536.0,
};
/// Of a name beside a point.
const NAME_COLUMNS: usize = 32;
/// Width of the lines of intervals, in pixels.
const BAR: f64 = 1.75;
/// Half the width of the caps of intervals.
const CAP: f64 = 3.5;

/// What the chart says of the blast radius of faulty changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Its 99th percentile.
    P99,
    /// Its mean, where the 99th percentile is the same for all strategies and so tells none apart.
    Mean,
}

/// What is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Tradeoff {
    /// Which blast radius.
    pub measure: Measure,
    /// The strategies of which both figures are known.
    pub strategies: Vec<Strategy>,
}

impl Tradeoff {
    /// What a summary has to show.
    pub fn of(summary: &Summary) -> Tradeoff {
        let p99 = Tradeoff::by(summary, Measure::P99);
        let differs = |pair: &[Strategy]| pair[0].radius.value != pair[1].radius.value;
        if p99.strategies.len() < 2 || p99.strategies.windows(2).any(differs) {
            return p99;
        }
        Tradeoff::by(summary, Measure::Mean)
    }

    fn by(summary: &Summary, measure: Measure) -> Tradeoff {
        let mean = |h: &Headline| {
            summary.estimate(
                h.strategy,
                Group::Faulty,
                Metric::BlastRadius,
                Statistic::Mean,
            )
        };
        let strategy = |(place, h): (usize, Headline)| {
            Some(Strategy {
                place,
                time: h.time_to_full_p50?,
                radius: match measure {
                    Measure::P99 => h.blast_radius_p99?,
                    Measure::Mean => mean(&h)?,
                },
                name: h.name,
            })
        };
        let headlines = summary.strategies().map(|s| summary.headline(s));
        Tradeoff {
            measure,
            strategies: headlines.enumerate().filter_map(strategy).collect(),
        }
    }

    /// The chart; `None` where there is no point to show.
    pub fn scene(&self, basis: &Basis) -> Option<Scene> {
        if self.strategies.is_empty() {
            return None;
        }
        let title = format!(
            "{}: blast radius against time to full deployment",
            clean(&basis.scenario)
        );
        let about = format!(
            "Lines: {} intervals. {}",
            basis.level_text(),
            page::rests_on(basis)
        );
        let (mut scene, _) = page::begin(&title, &[about]);
        scene.height = HEIGHT;
        write_axis_titles(&mut scene, self.measure);
        let plot = Plot::new(&self.strategies);
        plot.draw_axes(&mut scene);
        let better = plot.draw_direction(&mut scene);
        for strategy in &self.strategies {
            let ink = Mark::of(strategy.place).ink.for_interval();
            plot.draw_interval(&mut scene, strategy, ink);
        }
        plot.draw_names(&mut scene, &self.strategies, better);
        for strategy in &self.strategies {
            let point = plot.point(strategy);
            Mark::of(strategy.place).draw(&mut scene, point);
            let told = format!(
                ": time to full deployment {}, blast radius {}",
                phrase(strategy.time, Quantity::Duration),
                phrase(strategy.radius, Quantity::Share)
            );
            let frame = Frame::around(point, 2.0 * MARKER, 2.0 * MARKER);
            scene.tell(frame, &strategy.name, told);
        }
        Some(scene)
    }
}

fn write_axis_titles(scene: &mut Scene, measure: Measure) {
    let which = match measure {
        Measure::P99 => "99th percentile of faulty changes",
        Measure::Mean => "mean of faulty changes (p99 is the same for all)",
    };
    let up = format!("↑ blast radius: peak share of the fleet's traffic hit, {which}");
    scene.write(body(at(24.0, 90.0), Align::Start, &up, look::TEXT));
    let across = "time to full deployment, median of fault-free changes →";
    let below = at(ROOM.right, ROOM.bottom + 44.0);
    scene.write(body(below, Align::End, across, look::TEXT));
}

/// Where figures lie.
struct Plot {
    x: Axis,
    y: Axis,
}

impl Plot {
    fn new(strategies: &[Strategy]) -> Plot {
        let axis = |quantity, read: fn(&Strategy) -> Estimate, start, end| {
            let values: Vec<f64> = strategies.iter().map(|s| read(s).value).collect();
            let ends = strategies.iter().flat_map(|s| [read(s).low, read(s).high]);
            Axis::new(quantity, &values, &ends.collect::<Vec<_>>(), start, end)
        };
        Plot {
            x: axis(Quantity::Duration, |s| s.time, ROOM.left, ROOM.right),
            y: axis(Quantity::Share, |s| s.radius, ROOM.bottom, ROOM.top),
        }
    }

    fn point(&self, strategy: &Strategy) -> Point {
        at(
            self.x.place(strategy.time.value),
            self.y.place(strategy.radius.value),
        )
    }

    fn draw_axes(&self, scene: &mut Scene) {
        for tick in self.x.ticks(64.0) {
            let (top, bottom) = (at(tick.place, ROOM.top), at(tick.place, ROOM.bottom));
            scene.line([top, bottom], HAIR, look::GRID);
            let below = at(tick.place, ROOM.bottom + 20.0);
            scene.write(body(below, Align::Middle, &tick.text, look::QUIET_TEXT));
        }
        for tick in self.y.ticks(34.0) {
            let (left, right) = (at(ROOM.left, tick.place), at(ROOM.right, tick.place));
            scene.line([left, right], HAIR, look::GRID);
            let beside = at(ROOM.left - 8.0, tick.place + 0.36 * BODY);
            scene.write(body(beside, Align::End, &tick.text, look::QUIET_TEXT));
        }
        let corners = [
            at(ROOM.left, ROOM.top),
            at(ROOM.left, ROOM.bottom),
            at(ROOM.right, ROOM.bottom),
        ];
        scene.line(corners, HAIR, look::AXIS);
    }

    /// Which corner is the good one; where the words are.
    fn draw_direction(&self, scene: &mut Scene) -> Frame {
        let corner = at(ROOM.left + 8.0, ROOM.bottom - 9.0);
        let better = body(corner, Align::Start, "↙ better", look::AXIS);
        let frame = better.frame();
        scene.write(better);
        frame
    }

    /// The intervals of a strategy, as lines.
    fn bars(&self, strategy: &Strategy) -> [(Point, Point); 2] {
        let point = self.point(strategy);
        let (time, radius) = (strategy.time, strategy.radius);
        [
            (
                at(self.x.place(time.low), point.y),
                at(self.x.place(time.high), point.y),
            ),
            (
                at(point.x, self.y.place(radius.low)),
                at(point.x, self.y.place(radius.high)),
            ),
        ]
    }

    fn draw_interval(&self, scene: &mut Scene, strategy: &Strategy, ink: Ink) {
        let [across, along] = self.bars(strategy);
        for (from, to) in [across, along] {
            scene.line([from, to], BAR, ink);
        }
        for end in [across.0, across.1] {
            scene.line([at(end.x, end.y - CAP), at(end.x, end.y + CAP)], BAR, ink);
        }
        for end in [along.0, along.1] {
            scene.line([at(end.x - CAP, end.y), at(end.x + CAP, end.y)], BAR, ink);
        }
    }

    fn draw_names(&self, scene: &mut Scene, strategies: &[Strategy], better: Frame) {
        let names: Vec<String> = strategies
            .iter()
            .map(|s| shortened(&clean(&s.name), NAME_COLUMNS))
            .collect();
        let label = |(strategy, name): (&Strategy, &String)| Label {
            point: self.point(strategy),
            width: font::width(name, BODY, Weight::Regular),
            height: (font::ASCENT + font::DESCENT) * BODY,
        };
        let labels: Vec<Label> = strategies.iter().zip(&names).map(label).collect();
        let surroundings = Surroundings {
            room: ROOM.grown(-2.0),
            taken: vec![better],
            lines: strategies.iter().flat_map(|s| self.bars(s)).collect(),
            radius: MARKER + 1.5,
        };
        let frames = labels::place(&labels, &surroundings);
        let named = strategies.iter().zip(&names).zip(&labels).zip(&frames);
        for (((strategy, name), label), frame) in named {
            let ink = Mark::of(strategy.place).ink;
            if let Some((from, to)) = labels::leader(label, frame, surroundings.radius) {
                scene.line([from, to], HAIR, ink);
            }
            write_name(scene, name, frame, ink.for_text());
        }
    }
}

fn write_name(scene: &mut Scene, name: &str, frame: &Frame, ink: Ink) {
    let baseline = at(frame.left, frame.top + font::ASCENT * BODY);
    // A white edge keeps letters legible where they cross a line.
    for (dx, dy) in [(-1.2, 0.0), (1.2, 0.0), (0.0, -1.2), (0.0, 1.2)] {
        let edge = at(baseline.x + dx, baseline.y + dy);
        scene.write(body(edge, Align::Start, name, look::PAPER));
    }
    scene.write(body(baseline, Align::Start, name, ink));
}

#[cfg(test)]
mod tests {
    use super::super::scene::Item;
    use super::*;
    use crate::summary::Sampling;
    use crate::summary::example::{plan, shipped, undetected};

    fn estimate(value: f64, low: f64, high: f64) -> Estimate {
        Estimate {
            value,
            low,
            high,
            level: 0.95,
            n: 333,
        }
    }

    fn strategy(name: &str, hours: f64, percent: f64) -> Strategy {
        let (time, radius) = (hours * 3_600.0, percent / 100.0);
        Strategy {
            place: 0,
            name: name.to_owned(),
            time: estimate(time, 0.95 * time, 1.08 * time),
            radius: estimate(radius, 0.6 * radius, (2.2 * radius).min(1.0)),
        }
    }

    fn basis(names: usize) -> Basis {
        let names: Vec<String> = (0..names).map(|i| format!("s{i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut plan = plan(0.04, &[1.0], &names);
        plan.name = "hands-off waves".to_owned();
        let all: Vec<usize> = (0..names.len()).collect();
        let mut summary = Summary::new(&plan, &all, Sampling::Stratified, 0.95);
        for &s in &all {
            summary.add(s, &shipped(0));
            summary.add(s, &undetected(0, 0));
        }
        Basis::new(&plan, &summary, 1, 1_000)
    }

    fn drawn(strategies: &[Strategy]) -> Scene {
        let mut tradeoff = Tradeoff {
            measure: Measure::P99,
            strategies: strategies.to_vec(),
        };
        for (place, strategy) in tradeoff.strategies.iter_mut().enumerate() {
            strategy.place = place;
        }
        tradeoff.scene(&basis(strategies.len())).unwrap()
    }

    /// Sets of strategies as they may come: few, usual, many, crowded, at the edges.
    fn cases() -> Vec<(&'static str, Vec<Strategy>)> {
        let two = vec![
            strategy("waves", 90.0, 2.1),
            strategy("all at once", 1.2, 100.0),
        ];
        let five = vec![
            strategy("hands-off waves", 99.0, 1.1),
            strategy("all at once", 0.9, 100.0),
            strategy("one region at a time", 260.0, 3.4),
            strategy("zone-blind waves", 80.0, 6.2),
            strategy("short bakes", 31.0, 9.5),
        ];
        let twelve = (0..12).map(|i| {
            let x = f64::from(i);
            let name = format!("variant {i}: bakes of {} h", 1 << (i % 6));
            strategy(
                &name,
                20.0 + 9.0 * x + 40.0 * (x % 3.0),
                9.0 - 0.5 * x + 2.0 * (x % 4.0),
            )
        });
        let crowded = (0..8).map(|i| {
            strategy(
                &format!("nearly the same {i}"),
                20.0 + 0.1 * f64::from(i),
                4.0,
            )
        });
        let mut edges = vec![
            strategy("never hits anything", 40.0, 0.0),
            strategy("hardly known", 10.0, 0.5),
            strategy("does not get there", 60.0, 20.0),
            strategy(
                "東京 and a name that is much too long to be shown as it is",
                5.0,
                100.0,
            ),
        ];
        edges[1].radius = estimate(0.005, 0.0, 1.0);
        edges[1].time.high = f64::INFINITY;
        edges[2].time = estimate(f64::INFINITY, 50.0 * 3_600.0, f64::INFINITY);
        vec![
            ("two", two),
            ("five", five),
            ("twelve", twelve.collect()),
            ("crowded", crowded.collect()),
            ("edges", edges),
            ("one", vec![strategy("alone", 3.0, 5.0)]),
        ]
    }

    #[test]
    fn no_text_covers_another_or_a_point() {
        for (name, strategies) in cases() {
            let scene = drawn(&strategies);
            let plot = Plot::new(&strategies);
            for text in scene.texts().filter(|t| t.ink != look::PAPER) {
                for strategy in &strategies {
                    let marker = Frame::around(plot.point(strategy), 5.0, 5.0);
                    let text = (text.frame(), &text.text);
                    assert!(
                        !text.0.overlaps(&marker),
                        "{name}: {} covers a point",
                        text.1
                    );
                }
            }
            page::check::is_legible(&format!("tradeoff-{name}"), &scene);
        }
    }

    #[test]
    fn every_figure_is_in_the_plot() {
        for (name, strategies) in cases() {
            let plot = Plot::new(&strategies);
            for strategy in &strategies {
                for (from, to) in plot.bars(strategy) {
                    for end in [from, to] {
                        let inside = ROOM.nearest(end) == end;
                        assert!(inside, "{name}: {} at {end:?}", strategy.name);
                    }
                }
            }
        }
    }

    #[test]
    fn says_what_it_rests_on() {
        let strategies = [strategy("a", 1.0, 1.0)];
        let scene = drawn(&strategies);
        assert_eq!(
            scene.title,
            "hands-off waves: blast radius against time to full deployment"
        );
        let about = "Lines: 95% intervals. 1,000 rollouts of each strategy: 1 fault-free, 1 faulty. Seed 1.";
        assert!(scene.texts().any(|t| t.text == about));
    }

    /// A strategy whose figure is missing takes no mark from the others.
    #[test]
    fn marks_are_those_of_the_list() {
        let plan = plan(0.5, &[1.0], &["unknown", "known"]);
        let mut summary = Summary::new(&plan, &[0, 1], Sampling::Stratified, 0.95);
        summary.add(1, &shipped(0));
        summary.add(1, &undetected(0, 0));
        let shown = Tradeoff::of(&summary).strategies;
        let places: Vec<(usize, &str)> = shown.iter().map(|s| (s.place, s.name.as_str())).collect();
        assert_eq!(places, [(1, "known")]);
    }

    #[test]
    fn without_faults_there_is_no_chart() {
        let plan = plan(0.0, &[], &["a"]);
        let mut summary = Summary::new(&plan, &[0], Sampling::Stratified, 0.95);
        summary.add(0, &shipped(0));
        let nothing = Tradeoff::of(&summary);
        assert_eq!(nothing.strategies, []);
        assert_eq!(nothing.scene(&basis(1)), None);
    }

    #[test]
    fn where_the_worst_is_the_same_for_all_the_mean_is_shown() {
        let plan = plan(0.5, &[1.0], &["a", "b"]);
        let mut summary = Summary::new(&plan, &[0, 1], Sampling::Stratified, 0.95);
        for number in 0..100 {
            for strategy in 0..2 {
                summary.add(strategy, &shipped(number));
                let mut outcome = undetected(0, number);
                if strategy == 1 && number % 2 == 0 {
                    outcome.blast_radius = 0.125;
                }
                summary.add(strategy, &outcome);
            }
        }
        let shown = Tradeoff::of(&summary);
        assert_eq!(shown.measure, Measure::Mean);
        let radii: Vec<f64> = shown.strategies.iter().map(|s| s.radius.value).collect();
        assert_eq!(radii, [1.0, 0.5625]);
        let scene = shown.scene(&basis(2)).unwrap();
        assert!(
            scene
                .texts()
                .any(|t| t.text.contains("mean of faulty changes"))
        );
    }

    #[test]
    fn markers_are_drawn_last() {
        let strategies = [strategy("a", 1.0, 1.0), strategy("b", 2.0, 1.0)];
        let scene = drawn(&strategies);
        let last = &scene.items[scene.items.len() - 4..];
        assert!(
            last.iter()
                .all(|i| matches!(i, Item::Disc { .. } | Item::Area { .. })),
            "{last:?}"
        );
    }
}
