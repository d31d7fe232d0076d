//! How long it takes to see a fault, fault by fault and strategy by strategy.

use super::axis::Axis;
use super::look::{self, Mark};
use super::page::{self, HAIR, LABELS, SIDE, Sign, WIDTH};
use super::scene::{Align, Scene, at};
use crate::plan::Stratum;
use crate::report::basis::Basis;
use crate::report::quantity::{NEVER, Quantity};
use crate::report::text::clean;
use crate::stats::Estimate;
use crate::summary::{Group, Metric, Statistic, Summary};

/// What is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    faults: Vec<Fault>,
    /// Faults that are not shown, since there are too many.
    others: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Fault {
    name: String,
    rows: Vec<Row>,
}

/// A strategy's times to detect a fault, in seconds.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    strategy: String,
    /// `None` where the fault was never active in production.
    quantiles: Option<Quantiles>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Quantiles {
    p05: f64,
    p25: f64,
    median: Estimate,
    p75: f64,
    p95: f64,
}

/// Room for a figure behind a row.
const FIGURE: f64 = 184.0;
const ROW: f64 = 17.0;
const NAME: f64 = 26.0;
/// Faults shown: the most likely.
const MOST: usize = 10;

impl Detection {
    /// What a summary has to show.
    pub fn of(summary: &Summary, basis: &Basis) -> Detection {
        let faults = basis.strata.iter().filter(|s| s.is_faulty).enumerate();
        let mut faults: Vec<(usize, &str, f64)> = faults
            .map(|(f, s)| (f, s.name.as_str(), s.weight))
            .filter(|(_, _, weight)| *weight > 0.0)
            .collect();
        faults.sort_by(|a, b| b.2.total_cmp(&a.2));
        let others = faults.len().saturating_sub(MOST);
        faults.truncate(MOST);
        let fault = |&(f, name, _): &(usize, &str, f64)| Fault {
            name: name.to_owned(),
            rows: summary
                .strategies()
                .zip(&basis.strategies)
                .map(|(index, strategy)| Row {
                    strategy: strategy.clone(),
                    quantiles: quantiles(summary, index, Group::Stratum(Stratum::Fault(f))),
                })
                .collect(),
        };
        Detection {
            faults: faults.iter().map(fault).collect(),
            others,
        }
    }

    /// The chart; `None` where no fault is ever active.
    pub fn scene(&self, basis: &Basis) -> Option<Scene> {
        let all = || {
            self.faults
                .iter()
                .flat_map(|f| &f.rows)
                .filter_map(|r| r.quantiles)
        };
        // A time of 0 has no place on a logarithmic scale, and less than a second is as good.
        let figures: Vec<f64> = all().map(|q| q.median.value.max(1.0)).collect();
        let ends = all().flat_map(|q| [q.p05, q.p25, q.p75, q.p95]);
        let ends: Vec<f64> = ends.map(|t| t.max(1.0)).collect();
        if figures.is_empty() {
            return None;
        }
        let left = SIDE + LABELS;
        let axis = Axis::new(
            Quantity::Duration,
            &figures,
            &ends,
            left,
            WIDTH - SIDE - FIGURE,
        );
        let title = format!(
            "{}: how long it takes to see a fault",
            clean(&basis.scenario)
        );
        let mut about = vec![
            "From the moment a fault is first active in production until it is detected. A fault that nobody sees \
             counts as never; faults that were never active are left out."
                .to_owned(),
            format!(
                "Beside the row: the median with its {} interval. {}",
                basis.level_text(),
                page::rests_on(basis)
            ),
        ];
        if self.others > 0 {
            about.push(format!(
                "The {MOST} likeliest faults; {} more are in summary.csv.",
                self.others
            ));
        }
        let (mut scene, y) = page::begin(&title, &about);
        let signs = [
            (
                Sign::Line(Mark::of(0), super::page::Stroke::of(0)),
                "median, and nine in ten rollouts",
            ),
            (
                Sign::Square(look::nth(0).for_interval()),
                "half of the rollouts",
            ),
        ];
        let signs = signs.map(|(sign, meaning)| (sign, meaning.to_owned()));
        let top = page::legend(&mut scene, y, &signs) + 6.0;
        let height = |f: &Fault| NAME + f.rows.len() as f64 * ROW;
        let bottom = top + self.faults.iter().map(height).sum::<f64>() + 6.0;
        page::grid_down(&mut scene, &axis, 52.0, (top + 6.0, bottom));
        page::ticks_below(&mut scene, &axis, 52.0, bottom + 12.0);
        let mut y = top;
        for fault in &self.faults {
            fault.draw(&mut scene, y, &axis);
            y += height(fault);
        }
        scene.line(
            [at(left, bottom), at(WIDTH - SIDE - FIGURE, bottom)],
            HAIR,
            look::AXIS,
        );
        let across = at(WIDTH - SIDE - FIGURE, bottom + 36.0);
        let what = "time from first active to detected →";
        scene.write(page::body(across, Align::End, what, look::TEXT));
        scene.height = (bottom + 52.0) as u32;
        Some(scene)
    }
}

fn quantiles(summary: &Summary, strategy: usize, group: Group) -> Option<Quantiles> {
    let read = |p| {
        summary.estimate(
            strategy,
            group,
            Metric::TimeToDetect,
            Statistic::Quantile(p),
        )
    };
    Some(Quantiles {
        p05: read(0.05)?.value,
        p25: read(0.25)?.value,
        median: read(0.5)?,
        p75: read(0.75)?.value,
        p95: read(0.95)?.value,
    })
}

impl Fault {
    fn draw(&self, scene: &mut Scene, top: f64, axis: &Axis) {
        let name = page::subheading(at(SIDE, top + 18.0), &clean(&self.name), LABELS);
        scene.write(name);
        for (i, row) in self.rows.iter().enumerate() {
            row.draw(scene, i, top + NAME + (i as f64 + 0.5) * ROW, axis);
        }
    }
}

impl Row {
    fn draw(&self, scene: &mut Scene, place: usize, y: f64, axis: &Axis) {
        let mark = Mark::of(place);
        page::label_row(scene, &self.strategy, y);
        let beside = at(WIDTH - SIDE - FIGURE + 10.0, y);
        let Some(times) = self.quantiles else {
            let nothing = "never active";
            scene.write(page::small(beside, Align::Start, nothing, look::QUIET_TEXT));
            return;
        };
        let x = |t: f64| axis.place(t.max(1.0));
        page::whisker(scene, x(times.p05), x(times.p95), y, mark.ink);
        let half = (x(times.p25), x(times.p75));
        if half.1 > half.0 {
            page::block(scene, half, (y - 4.5, y + 4.5), mark.ink.for_interval());
        }
        mark.draw(scene, at(x(times.median.value), y));
        scene.write(page::small(
            beside,
            Align::Start,
            &figure(times.median),
            look::TEXT,
        ));
        let frame = page::row(y, ROW);
        let range = |low, high| Quantity::Duration.range(low, high);
        let told = format!(
            ": median {}, the middle half {}, nine in ten {}",
            figure(times.median),
            range(times.p25, times.p75),
            range(times.p05, times.p95)
        );
        scene.tell(frame, &self.strategy, told);
    }
}

/// A median with its interval.
fn figure(median: Estimate) -> String {
    let value = Quantity::Duration.text(median.value);
    if median.low == median.high || value == NEVER && median.low == f64::INFINITY {
        return value;
    }
    let range = Quantity::Duration.range(median.low, median.high);
    format!("{value} ({range})")
}

#[cfg(test)]
mod tests {
    use super::super::scene::Item;
    use super::*;
    use crate::outcome::{DetectedBy, Ending, Outcome};
    use crate::summary::Sampling;
    use crate::summary::example::{plan, shipped, undetected};

    fn charted(names: &[&str], faults: usize) -> (Detection, Basis) {
        let weights: Vec<f64> = (0..faults).map(|f| 1.0 + f as f64).collect();
        let plan = plan(0.5, &weights, names);
        let all: Vec<usize> = (0..names.len()).collect();
        let mut summary = Summary::new(&plan, &all, Sampling::Stratified, 0.95);
        for &strategy in &all {
            summary.add(strategy, &shipped(0));
            // The first fault is never active.
            for f in 1..faults {
                for number in 0..100 {
                    let seen = Outcome {
                        ending: Ending::RolledBack,
                        detected_by: Some(DetectedBy::People),
                        time_to_detect_s: Some(60.0 * (number * f as u64) as f64),
                        ..undetected(f, number)
                    };
                    let unseen = number % 10 < strategy as u64;
                    summary.add(strategy, &if unseen { undetected(f, number) } else { seen });
                }
            }
        }
        let basis = Basis::new(&plan, &summary, 1, 100);
        (Detection::of(&summary, &basis), basis)
    }

    #[test]
    fn what_nobody_sees_is_never_and_what_sleeps_is_left_out() {
        let (detection, _) = charted(&["a", "b", "c"], 2);
        assert_eq!(detection.faults[0].name, "f1");
        let times = |row: usize| detection.faults[0].rows[row].quantiles.unwrap();
        assert_eq!(times(0).median.value, 49.0 * 60.0);
        assert!(times(0).p95 < f64::INFINITY);
        assert_eq!(times(2).p95, f64::INFINITY);
        assert_eq!(detection.faults[1].rows[0].quantiles, None);
    }

    /// Where the rest is never seen, the upper quartile may be the largest time there is.
    #[test]
    fn every_figure_is_left_of_what_is_written_beside_it() {
        let (mut detection, basis) = charted(&["a"], 2);
        let row = &mut detection.faults[0].rows[0];
        let times = row.quantiles.as_mut().unwrap();
        (times.p75, times.p95) = (40_000.0, f64::INFINITY);
        let scene = detection.scene(&basis).unwrap();
        let right = WIDTH - SIDE - FIGURE;
        for item in &scene.items {
            if let Item::Area { corners, .. } = item {
                assert!(corners.iter().all(|c| c.x <= right), "{corners:?}");
            }
        }
    }

    #[test]
    fn is_legible_with_few_and_many_strategies() {
        for (n, faults) in [(1, 2), (2, 12), (12, 9)] {
            let names = &page::check::NAMES[..n];
            let (detection, basis) = charted(names, faults);
            page::check::is_legible(&format!("detection-{n}"), &detection.scene(&basis).unwrap());
        }
    }
}
