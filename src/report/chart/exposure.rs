//! The fleet through time: how much of it has the new version, and how much of it a fault hits, as fans of quantiles
//! with the waves underneath.

use super::axis::Axis;
use super::look;
use super::page::{self, HAIR, SIDE, Sign, WIDTH};
use super::scene::{Align, Frame, Ink, Item, Point, Role, Scene, at};
use crate::report::basis::Basis;
use crate::report::quantity::Quantity;
use crate::report::text::clean;
use crate::summary::{Courses, Group, Share};

/// What is shown.
#[derive(Clone, Debug)]
pub struct Exposure<'a> {
    courses: &'a Courses,
    strategies: Vec<(usize, String)>,
}

/// Quantiles of what good changes have out: two bands and a line.
const OUT: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
/// Quantiles of what faulty changes hit: three areas from 0 up.
const HITS: [f64; 3] = [0.75, 0.9, 0.99];

/// Of the two columns.
const LABELS: f64 = 50.0;
const BETWEEN: f64 = 26.0;
/// Of a row: its name, its plot, the waves, the figures of the axis.
const NAME: f64 = 22.0;
const PLOT: f64 = 100.0;
const WAVES: f64 = 13.0;
const TICKS: f64 = 34.0;
/// Width of a step, in pixels.
const STEP: f64 = 2.0;
/// The last moment over the first one shown, at most.
const LONGEST_OVER_SHORTEST: f64 = 10_000.0;
/// Steps over which a hovering reader is told one figure: that in their middle.
const TOLD: usize = 6;
/// A share nearer to 0 is drawn as 0.
const LEAST: f64 = 1e-6;

/// Where a column's plots are, from left to right.
fn column(i: usize) -> (f64, f64) {
    let each = (WIDTH - 2.0 * SIDE - LABELS - BETWEEN) / 2.0;
    let left = SIDE + LABELS + i as f64 * (each + BETWEEN);
    (left, left + each)
}

/// Quantiles of a share at the steps of an axis, in order of time.
struct Fan {
    times: Vec<f64>,
    quantiles: Vec<Vec<f64>>,
}

impl<'a> Exposure<'a> {
    /// What courses have to show of strategies (by index in the plan, with their names).
    pub fn of(courses: &'a Courses, strategies: &[(usize, String)]) -> Exposure<'a> {
        Exposure {
            courses,
            strategies: strategies.to_vec(),
        }
    }

    /// The chart; `None` where no course was recorded.
    pub fn scene(&self, basis: &Basis) -> Option<Scene> {
        let times = self.span()?;
        let axes = [0, 1].map(|i| {
            let (left, right) = column(i);
            Axis::new(Quantity::Duration, &times, &[], left, right)
        });
        let fans: Vec<[Fan; 2]> = self
            .strategies
            .iter()
            .map(|(strategy, _)| {
                [
                    self.fan(*strategy, &axes[0], Group::FAULT_FREE, Share::Exposed, &OUT),
                    self.fan(*strategy, &axes[1], Group::Faulty, Share::Hit, &HITS),
                ]
            })
            .collect();
        let title = format!("{}: the fleet through time", clean(&basis.scenario));
        let (mut scene, y) = page::begin(&title, &self.about(basis));
        let top = page::legend(&mut scene, y, &signs()) + 8.0;
        let mut top = write_columns(&mut scene, top);
        let shares = shares(&fans);
        for ((strategy, name), fans) in self.strategies.iter().zip(&fans) {
            top = self.draw_row(&mut scene, top, (*strategy, name), fans, &axes, &shares);
        }
        let time = "time since the rollout's start →";
        let below = at(column(1).1, top + 12.0);
        scene.write(page::body(below, Align::End, time, look::TEXT));
        scene.height = (top + 30.0) as u32;
        Some(scene)
    }

    fn about(&self, basis: &Basis) -> Vec<String> {
        // The same changes meet all strategies.
        let first = self.strategies.first();
        let kept = |group| first.map_or(0, |(s, _)| self.courses.n(*s, group));
        vec![
            "Quantiles of all rollouts at each moment, not courses of single ones. Strips below: the waves of \
             fault-free changes (medians)."
                .to_owned(),
            format!(
                "The first rollouts of each kind: {} fault-free and {} faulty of each strategy, weighted as they \
                 come. Seed {}.",
                kept(Group::FAULT_FREE),
                kept(Group::Faulty),
                basis.seed
            ),
        ]
    }

    /// The times to be shown: for each strategy and column the first and last changes, but for the outermost percent.
    fn span(&self) -> Option<Vec<f64>> {
        let mut ends = Vec::new();
        for (strategy, _) in &self.strategies {
            for (group, share) in [
                (Group::FAULT_FREE, Share::Exposed),
                (Group::Faulty, Share::Hit),
            ] {
                let mut times: Vec<f64> = self.courses.changes(*strategy, group, share).collect();
                if times.is_empty() {
                    continue;
                }
                times.sort_by(f64::total_cmp);
                let of = |p: f64| times[(p * (times.len() - 1) as f64) as usize];
                ends.extend([of(0.01).max(1.0), of(0.99).max(1.0)]);
            }
        }
        // What is out within seconds would leave little room for what takes days.
        let last = ends.iter().copied().fold(0.0, f64::max);
        let ends: Vec<f64> = ends
            .iter()
            .map(|t| t.max(last / LONGEST_OVER_SHORTEST))
            .collect();
        (!ends.is_empty()).then_some(ends)
    }

    fn fan(&self, strategy: usize, axis: &Axis, group: Group, share: Share, asked: &[f64]) -> Fan {
        let (start, end) = axis.ends();
        let steps = ((end - start) / STEP) as usize;
        let times: Vec<f64> = (0..=steps)
            .map(|i| axis.figure(start + i as f64 * STEP))
            .collect();
        Fan {
            quantiles: self
                .courses
                .quantiles(strategy, group, share, &times, asked),
            times,
        }
    }

    /// A strategy's plots; the result is where they end.
    fn draw_row(
        &self,
        scene: &mut Scene,
        top: f64,
        (strategy, name): (usize, &str),
        fans: &[Fan; 2],
        axes: &[Axis; 2],
        shares: &[f64],
    ) -> f64 {
        let strategy_name = name;
        let (left, right) = (column(0).0, column(1).1);
        let name = page::subheading(at(left, top + 14.0), &clean(name), right - left);
        scene.write(name);
        let (from, to) = (top + NAME, top + NAME + PLOT);
        let shares = Axis::new(Quantity::Share, shares, &[0.0], to, from);
        let y = |share: f64| shares.place(if share < LEAST { 0.0 } else { share });
        let waves = self.courses.waves(strategy, Group::FAULT_FREE);
        for (i, (fan, axis)) in fans.iter().zip(axes).enumerate() {
            let (left, right) = column(i);
            page::grid_across(scene, &shares, 24.0, (left, right), i == 0);
            page::grid_down(scene, axis, 56.0, (from, to));
            page::ticks_below(scene, axis, 56.0, to + WAVES + 10.0);
            let steps = |which| fan.steps(axis, &y, which);
            if fan.quantiles.is_empty() {
                let middle = at((left + right) / 2.0, (from + to) / 2.0);
                let nothing =
                    page::small(middle, Align::Middle, "no such change", look::QUIET_TEXT);
                scene.write(nothing);
            } else if i == 0 {
                fill(scene, steps(0), steps(4), look::nth(0).pale(25));
                fill(scene, steps(1), steps(3), look::nth(0).pale(55));
                scene.line(steps(2), 1.75, look::nth(0));
            } else {
                fill_down(scene, steps(2), y(0.0), look::HIT.pale(25));
                fill_down(scene, steps(1), y(0.0), look::HIT.pale(55));
                fill_down(scene, steps(0), y(0.0), look::HIT);
            }
            for (down, told) in fan.told(axis, i == 0) {
                let frame = Frame {
                    left: down.0,
                    top: from,
                    right: down.1,
                    bottom: to,
                };
                scene.tell(frame, strategy_name, told);
            }
            draw_waves(scene, &waves, axis, (to + 1.0, to + WAVES));
            scene.line(
                [at(left, from), at(left, to), at(right, to)],
                HAIR,
                look::AXIS,
            );
        }
        to + TICKS
    }
}

/// The waves as a strip, each from its beginning to its end.
fn draw_waves(scene: &mut Scene, waves: &[(f64, f64)], axis: &Axis, down: (f64, f64)) {
    let (first, last) = axis.ends();
    for (i, (begins, ends)) in waves.iter().enumerate() {
        let place = |t: f64| match t.is_finite() {
            true => axis.place(t.max(1e-3)).clamp(first, last),
            false => last,
        };
        let (from, to) = (place(*begins), place(*ends));
        if to <= from {
            continue;
        }
        let role = if i % 2 == 0 {
            Role::Shade
        } else {
            Role::DeepShade
        };
        page::block(scene, (from, to), down, Ink::of(role));
        let number = (i + 1).to_string();
        let middle = at((from + to) / 2.0, (down.0 + down.1) / 2.0);
        let text = page::small(middle, Align::Middle, &number, look::TEXT);
        let frame = text.frame();
        if frame.right - frame.left + 4.0 < to - from {
            scene.write(text);
        }
    }
}
/// Says what the columns show; the result is where that ends.
fn write_columns(scene: &mut Scene, top: f64) -> f64 {
    let titles = [
        "↑ share of traffic on the new version, fault-free changes",
        "↑ share of traffic that the fault hits, faulty changes",
    ];
    for (i, title) in titles.into_iter().enumerate() {
        let above = at(column(i).0, top + 14.0);
        scene.write(page::body(above, Align::Start, title, look::TEXT));
    }
    top + 20.0
}

/// All shares that are shown: they have one scale.
fn shares(fans: &[[Fan; 2]]) -> Vec<f64> {
    let fans = fans.iter().flatten();
    let values = fans.flat_map(|f| f.quantiles.iter().flatten());
    values.copied().filter(|v| *v >= LEAST).collect()
}

fn signs() -> Vec<(Sign, String)> {
    let of = |ink, meaning: &str| (Sign::Square(ink), meaning.to_owned());
    vec![
        (Sign::Plain(look::nth(0)), "new version: median".to_owned()),
        of(look::nth(0).pale(55), "half of the rollouts"),
        of(look::nth(0).pale(25), "nine in ten"),
        of(look::HIT, "hit: more in one of four"),
        of(look::HIT.pale(55), "in one of ten"),
        of(look::HIT.pale(25), "in one of 100"),
    ]
}

impl Fan {
    /// What is told of stretches of the axis: from where to where, and the figures in the middle.
    fn told(&self, axis: &Axis, of_good: bool) -> Vec<((f64, f64), String)> {
        let share = |x: f64| Quantity::Share.text(if x < LEAST { 0.0 } else { x });
        let tell = |times: &[f64], quantiles: &[Vec<f64>]| {
            let middle = times.len() / 2;
            let after = Quantity::Duration.text(times[middle]);
            let q = &quantiles[middle];
            let told = if of_good {
                format!(
                    ", after {after}: {} on the new version in the median, {} to {} in nine of ten rollouts",
                    share(q[2]),
                    share(q[0]),
                    share(q[4])
                )
            } else {
                format!(
                    ", after {after}: more than {} hit in one of four rollouts, {} in one of ten, {} in one of 100",
                    share(q[0]),
                    share(q[1]),
                    share(q[2])
                )
            };
            let from = axis.place(times[0]);
            ((from, from + STEP * times.len() as f64), told)
        };
        let times = self.times.chunks(TOLD);
        times
            .zip(self.quantiles.chunks(TOLD))
            .map(|(times, quantiles)| tell(times, quantiles))
            .collect()
    }

    /// A quantile as steps: each value from its time until the next.
    fn steps(&self, axis: &Axis, y: &dyn Fn(f64) -> f64, which: usize) -> Vec<Point> {
        let points = self.times.iter().zip(&self.quantiles);
        page::steps(points.map(|(time, quantiles)| at(axis.place(*time), y(quantiles[which]))))
    }
}

/// Fills what lies between a line from left to right and a height.
fn fill_down(scene: &mut Scene, line: Vec<Point>, height: f64, ink: Ink) {
    if let (Some(first), Some(last)) = (line.first(), line.last()) {
        let base = vec![at(first.x, height), at(last.x, height)];
        fill(scene, base, line, ink);
    }
}

/// Fills what lies between two lines from left to right.
fn fill(scene: &mut Scene, low: Vec<Point>, high: Vec<Point>, ink: Ink) {
    let mut corners = low;
    corners.extend(high.into_iter().rev());
    if corners.len() > 3 {
        scene.items.push(Item::Area { corners, ink });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::{Course, Point};
    use crate::plan::Stratum;
    use crate::summary::example::{plan, shipped, undetected};
    use crate::summary::{Sampling, Summary};

    /// Doubles its share every hour from an eighth on, and hits half of it for the first two hours.
    fn course(number: u64, is_faulty: bool) -> Course {
        let mut course = Course::default();
        for hour in 0..4 {
            let exposed = 0.125 * f32::from(1_u16 << hour);
            course.push(Point {
                at_s: 3_600.0 * (hour as f32 + 1.0) + 60.0 * number as f32,
                exposed,
                hit: if is_faulty && hour < 2 {
                    0.5 * exposed
                } else {
                    0.0
                },
            });
        }
        course.waves = vec![
            (3_600.0, 7_200.0),
            (7_200.0, 18_000.0),
            (18_000.0, f32::INFINITY),
        ];
        course
    }

    fn charted(names: &[&str]) -> (Courses, Basis) {
        let plan = plan(0.5, &[1.0], names);
        let all: Vec<usize> = (0..names.len()).collect();
        let mut summary = Summary::new(&plan, &all, Sampling::Stratified, 0.95);
        let mut courses = Courses::new(&plan, &all);
        for &strategy in &all {
            for number in 0..20 {
                summary.add(strategy, &shipped(number));
                courses.add(strategy, Stratum::FaultFree, course(number, false));
                summary.add(strategy, &undetected(0, number));
                courses.add(strategy, Stratum::Fault(0), course(number, true));
            }
        }
        (courses, Basis::new(&plan, &summary, 1, 40))
    }

    #[test]
    fn fans_follow_the_courses() {
        let (courses, _) = charted(&["a"]);
        let exposure = Exposure::of(&courses, &[(0, "a".to_owned())]);
        let axis = Axis::linear(Quantity::Duration, 20_000.0, 0.0, 400.0);
        let fan = exposure.fan(0, &axis, Group::FAULT_FREE, Share::Exposed, &OUT);
        let at_time = |t: f64| {
            let i = fan.times.iter().position(|x| *x >= t).unwrap();
            fan.quantiles[i].clone()
        };
        assert_eq!(at_time(0.0), [0.0; 5]);
        // Half of the courses have begun by the tenth minute after the first.
        assert_eq!(at_time(3_600.0 + 601.0), [0.0, 0.0, 0.125, 0.125, 0.125]);
        assert_eq!(at_time(3_600.0 * 4.9), [1.0; 5]);
        // A step has two ends.
        let steps = fan.steps(&axis, &|share| 100.0 * share, 2);
        let heights: Vec<f64> = steps.iter().map(|p| p.y).collect();
        assert_eq!(
            heights,
            [0.0, 0.0, 12.5, 12.5, 25.0, 25.0, 50.0, 50.0, 100.0, 100.0]
        );
    }

    #[test]
    fn figures_are_told_all_along() {
        let (courses, basis) = charted(&["a"]);
        let exposure = Exposure::of(&courses, &[(0, "a".to_owned())]);
        let axis = Axis::linear(Quantity::Duration, 20_000.0, 0.0, 400.0);
        let told = exposure
            .fan(0, &axis, Group::FAULT_FREE, Share::Exposed, &OUT)
            .told(&axis, true);
        let at_end =
            "100.0% on the new version in the median, 100.0% to 100.0% in nine of ten rollouts";
        let at_end = at_end.replace("100.0%", &Quantity::Share.text(1.0));
        assert!(
            told[told.len() - 2].1.ends_with(&at_end),
            "{:?}",
            told.last()
        );
        let ends = told.windows(2).all(|w| (w[0].0.1 - w[1].0.0).abs() < 1e-6);
        assert!(ends && told[0].0.0 < 1e-6, "stretches follow each other");
        let scene = exposure.scene(&basis).expect("a chart");
        assert!(
            scene
                .spots
                .iter()
                .any(|s| s.text.starts_with("a, after ") && s.text.contains("hit in one of four"))
        );
    }

    #[test]
    fn is_legible_with_few_and_many_strategies() {
        for n in [1, 2, 12] {
            let names = &page::check::NAMES[..n];
            let (courses, basis) = charted(names);
            let named = names.iter().map(|&name| name.to_owned());
            let strategies: Vec<(usize, String)> = named.enumerate().collect();
            let scene = Exposure::of(&courses, &strategies).scene(&basis).unwrap();
            page::check::is_legible(&format!("exposure-{n}"), &scene);
        }
    }

    #[test]
    fn without_courses_there_is_no_chart() {
        let plan = plan(0.5, &[1.0], &["a"]);
        let summary = Summary::new(&plan, &[0], Sampling::Stratified, 0.95);
        let basis = Basis::new(&plan, &summary, 1, 1);
        let courses = Courses::new(&plan, &[0]);
        let none = Exposure::of(&courses, &[(0, "a".to_owned())]).scene(&basis);
        assert_eq!(none, None);
    }
}
