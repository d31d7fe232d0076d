//! How long a bake, and how many requests, an alarm needs to see a defect.

use super::axis::Axis;
use super::look::{self, Mark};
use super::page::{self, HAIR, SIDE, Sign, Stroke, WIDTH};
use super::scene::{Align, Frame, Scene, at};
use crate::report::quantity::Quantity;
use crate::report::text::clean;

/// What is shown: one alarm in one stage.
#[derive(Clone, Debug, PartialEq)]
pub struct GateChart {
    /// The strategy, the region, the stage, the alarm.
    pub place: [String; 4],
    /// Sizes of the defect, 0 first.
    pub defects: Vec<f64>,
    /// By length of the bake, in seconds: the chance that the alarm fires, at each size (not known where it is `None`).
    pub bakes: Vec<(f64, Vec<Option<f64>>)>,
    /// The same by requests in the alarm's window.
    pub requests: Vec<(f64, Vec<Option<f64>>)>,
    /// The bake and the requests as they are.
    pub now: (f64, f64),
}

const LEFT: f64 = SIDE + 56.0;
const HEIGHT: f64 = 220.0;
const BELOW: f64 = 56.0;
/// Chances that are marked: a stop by chance in a hundred, a miss in twenty.
const MARKED: [f64; 2] = [0.01, 0.95];

impl GateChart {
    /// The chart; `None` where nothing is known.
    pub fn scene(&self) -> Option<Scene> {
        let known = |curve: &[(f64, Vec<Option<f64>>)]| {
            curve.iter().any(|(_, p)| p.iter().any(Option::is_some))
        };
        if !known(&self.bakes) && !known(&self.requests) {
            return None;
        }
        let [strategy, region, stage, alarm] = self.place.each_ref().map(|s| clean(s));
        let title = format!("{alarm} in {stage} of {strategy}: what it takes to see a defect");
        let about = [
            format!(
                "The chance that the alarm fires in the stage (in {region}), by size of the defect: what it adds to the bad \
                 ratio of the new version's requests. The line of no defect is the chance of a stop by chance."
            ),
            "Dotted across: 1% and 95%. Down: as it is now. Computed, not simulated; where chances lie between bounds, the \
             lower one (with no defect: the upper)."
                .to_owned(),
        ];
        let (mut scene, y) = page::begin(&title, &about);
        let signs = self.defects.iter().enumerate().map(|(i, &d)| {
            let name = if d == 0.0 {
                "no defect".to_owned()
            } else {
                format!("+{}", Quantity::Share.text(d))
            };
            (Sign::Line(Mark::of(i), Stroke::of(i)), name)
        });
        let mut top = page::legend(&mut scene, y, &signs.collect::<Vec<_>>()) + 8.0;
        let panels = [
            (
                &self.bakes,
                Quantity::Duration,
                self.now.0,
                "length of the bake →",
            ),
            (
                &self.requests,
                Quantity::Amount,
                self.now.1,
                "requests in the alarm's window →",
            ),
        ];
        for (curve, quantity, now, across) in panels {
            if !known(curve) {
                continue;
            }
            top = self.panel(&mut scene, top, curve, quantity, now, across);
        }
        scene.height = (top + 8.0) as u32;
        Some(scene)
    }

    fn panel(
        &self,
        scene: &mut Scene,
        top: f64,
        curve: &[(f64, Vec<Option<f64>>)],
        quantity: Quantity,
        now: f64,
        across: &str,
    ) -> f64 {
        let up = page::body(
            at(SIDE, top + 14.0),
            Align::Start,
            "↑ chance that it fires",
            look::TEXT,
        );
        scene.write(up);
        let room = Frame {
            left: LEFT,
            top: top + 26.0,
            right: WIDTH - SIDE,
            bottom: top + 26.0 + HEIGHT,
        };
        let figures: Vec<f64> = curve.iter().map(|(x, _)| *x).collect();
        let x = Axis::logarithmic(quantity, &figures, room.left, room.right);
        let y = Axis::linear(Quantity::Share, 1.0, room.bottom, room.top);
        page::grid_down(scene, &x, 60.0, (room.top, room.bottom));
        page::ticks_below(scene, &x, 60.0, room.bottom + 12.0);
        page::grid_across(scene, &y, 40.0, (room.left, room.right), true);
        for chance in MARKED {
            let height = y.place(chance);
            let ends = [at(room.left, height), at(room.right, height)];
            Stroke::of(2).draw(scene, &ends, HAIR, look::AXIS);
        }
        let (first, last) = (figures[0], figures[figures.len() - 1]);
        if now >= first && now <= last {
            let ends = [at(x.place(now), room.top), at(x.place(now), room.bottom)];
            Stroke::of(2).draw(scene, &ends, HAIR, look::AXIS);
        }
        let corners = [
            at(room.left, room.top),
            at(room.left, room.bottom),
            at(room.right, room.bottom),
        ];
        scene.line(corners, HAIR, look::AXIS);
        for (i, &defect) in self.defects.iter().enumerate() {
            let (mark, stroke) = (Mark::of(i), Stroke::of(i));
            let points = curve
                .iter()
                .filter_map(|(value, p)| p[i].map(|p| (*value, p)));
            let points: Vec<(f64, f64)> = points.collect();
            let line: Vec<_> = points
                .iter()
                .map(|&(v, p)| at(x.place(v), y.place(p)))
                .collect();
            if line.len() > 1 {
                stroke.draw(scene, &line, 1.75, mark.ink);
            }
            for (point, (value, p)) in line.iter().zip(&points).skip(i % 3).step_by(3) {
                mark.draw(scene, *point);
                let told = format!(
                    ": fires in {} at {}",
                    Quantity::Share.text(*p),
                    quantity.text(*value)
                );
                let name = if defect == 0.0 {
                    "no defect".to_owned()
                } else {
                    format!("+{}", Quantity::Share.text(defect))
                };
                scene.tell(
                    Frame::around(*point, 2.0 * look::MARKER, 2.0 * look::MARKER),
                    &name,
                    told,
                );
            }
        }
        let below = at(room.right, room.bottom + 38.0);
        scene.write(page::body(below, Align::End, across, look::TEXT));
        room.bottom + BELOW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_legible() {
        let curve = |x: f64| {
            let p = |d: f64| 1.0 - libm::exp(-x * d);
            vec![Some(p(0.0001)), Some(p(0.001)), Some(p(0.01)), None]
        };
        let chart = GateChart {
            place: ["waves", "eu-west-1", "step 1", "too many errors"].map(str::to_owned),
            defects: vec![0.0, 0.001, 0.01, 0.1],
            bakes: (0..12)
                .map(|i| 60.0 * libm::exp2(f64::from(i)))
                .map(|x| (x, curve(x)))
                .collect(),
            requests: (0..12)
                .map(|i| 10.0 * libm::exp2(f64::from(i)))
                .map(|x| (x, curve(x)))
                .collect(),
            now: (3600.0, 600.0),
        };
        page::check::is_legible("gate", &chart.scene().expect("figures"));
        let nothing = GateChart {
            bakes: Vec::new(),
            requests: Vec::new(),
            ..chart
        };
        assert_eq!(nothing.scene(), None);
    }
}
