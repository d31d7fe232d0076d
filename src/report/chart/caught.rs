//! Where faults are caught: stage by stage, stacked by fault, a panel a strategy.

use super::axis::Axis;
use super::look;
use super::page::{self, BODY, SIDE, Sign, WIDTH};
use super::scene::{Align, Frame, Scene, at};
use super::theme::COLORS;
use crate::plan::Stratum;
use crate::report::basis::Basis;
use crate::report::figure::phrase;
use crate::report::quantity::Quantity;
use crate::report::text::clean;
use crate::stats::Estimate;
use crate::summary::{Event, Group, Later, Stage, Summary};

/// What is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Caught {
    /// Names of the faults, or of what several are called together, in the order of the stacks.
    pub faults: Vec<String>,
    /// The stages, in order.
    pub stages: Vec<String>,
    /// The strategies.
    pub strategies: Vec<Strategy>,
}

/// A strategy's panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Strategy {
    /// Its name.
    pub name: String,
    /// For each stage the share of faulty changes that is caught there, and how much of it each fault is; `None` for
    /// waves that it has not.
    pub stages: Vec<Option<(Estimate, Vec<f64>)>>,
}

/// Where a panel, a row and a bar are.
const LABELS: f64 = 118.0;
const BETWEEN: f64 = 22.0;
const ROW: f64 = 19.0;
const BAR: f64 = 14.0;
/// Room for a figure behind the longest bar.
const FIGURE: f64 = 52.0;
/// Panels side by side.
const ACROSS: usize = 3;

impl Caught {
    /// What a summary has to show of a plan's faults.
    pub fn of(summary: &Summary, basis: &Basis) -> Caught {
        let faults = Faults::of(basis);
        let waves = summary.strategies().map(|s| summary.waves(s)).max();
        let rows = rows(waves.unwrap_or(0));
        let strategies: Vec<Strategy> = summary
            .strategies()
            .zip(&basis.strategies)
            .filter_map(|(index, name)| {
                let waves = summary.waves(index);
                let read = |row: &Row| match row.first_wave {
                    Some(first) if first > waves => Some(None),
                    _ => row.read(summary, index, &faults).map(Some),
                };
                let stages: Option<Vec<_>> = rows.iter().map(read).collect();
                Some(Strategy {
                    name: name.clone(),
                    stages: stages?,
                })
            })
            .collect();
        // A stage at which nothing is ever caught says nothing; but that nothing goes unseen does.
        let is_shown = |i: usize| {
            rows[i].events == [Event::Stage(Stage::Never)]
                || strategies
                    .iter()
                    .any(|s| s.stages[i].as_ref().is_some_and(|(e, _)| e.value > 0.0))
        };
        let shown: Vec<usize> = (0..rows.len()).filter(|&i| is_shown(i)).collect();
        Caught {
            faults: faults.names,
            stages: shown.iter().map(|&i| rows[i].name.clone()).collect(),
            strategies: strategies
                .into_iter()
                .map(|strategy| Strategy {
                    stages: shown.iter().map(|&i| strategy.stages[i].clone()).collect(),
                    ..strategy
                })
                .collect(),
        }
    }

    /// The chart; `None` where no change is faulty.
    pub fn scene(&self, basis: &Basis) -> Option<Scene> {
        if self.strategies.is_empty() || self.faults.is_empty() {
            return None;
        }
        let title = format!("{}: where faults are caught", clean(&basis.scenario));
        let about = [
            format!(
                "Bars: the share of faulty changes that was caught there, stacked by fault, with {} intervals.",
                basis.level_text()
            ),
            page::rests_on(basis),
        ];
        let (mut scene, y) = page::begin(&title, &about);
        let signs = self.faults.iter().enumerate();
        let signs: Vec<(Sign, String)> = signs
            .map(|(i, name)| (Sign::Numbered(i, look::nth(i)), clean(name)))
            .collect();
        let mut top = page::legend(&mut scene, y, &signs) + 14.0;
        let across = self.strategies.len().min(ACROSS);
        for strategies in self.strategies.chunks(across) {
            top = self.draw_row(&mut scene, top, strategies, across);
        }
        scene.height = (top + 6.0) as u32;
        Some(scene)
    }

    /// Panels side by side; the result is where they end.
    fn draw_row(&self, scene: &mut Scene, top: f64, row: &[Strategy], across: usize) -> f64 {
        let first = SIDE + LABELS;
        let each = (WIDTH - SIDE - first) / across as f64;
        let bars = top + 26.0;
        let bottom = bars + self.stages.len() as f64 * ROW;
        let most = self.most();
        for (i, stage) in self.stages.iter().enumerate() {
            let middle = bars + (i as f64 + 0.5) * ROW;
            let label = page::small(at(first - 8.0, middle), Align::End, stage, look::TEXT);
            scene.write(label);
        }
        for (i, strategy) in row.iter().enumerate() {
            let left = first + i as f64 * each;
            let right = left + each - BETWEEN;
            let name = page::subheading(at(left, top + 14.0), &clean(&strategy.name), right - left);
            scene.write(name);
            let axis = Axis::linear(Quantity::Share, most, left, right - FIGURE);
            page::grid_down(scene, &axis, 44.0, (bars, bottom));
            page::ticks_below(scene, &axis, 44.0, bottom + 10.0);
            for (i, stage) in strategy.stages.iter().enumerate() {
                if let Some((caught, parts)) = stage {
                    let middle = bars + (i as f64 + 0.5) * ROW;
                    draw_bar(scene, &axis, middle, *caught, parts);
                    let frame = Frame {
                        left,
                        top: middle - ROW / 2.0,
                        right,
                        bottom: middle + ROW / 2.0,
                    };
                    let told = self.told(&self.stages[i], *caught, parts);
                    scene.tell(frame, &strategy.name, told);
                }
            }
            scene.line([at(left, bars), at(left, bottom)], page::HAIR, look::AXIS);
        }
        let title = at(first, bottom + 28.0);
        let what = "share of faulty changes";
        scene.write(page::body(title, Align::Start, what, look::QUIET_TEXT));
        bottom + 28.0 + BODY
    }

    /// The figures of a bar, in words.
    fn told(&self, stage: &str, caught: Estimate, parts: &[f64]) -> String {
        let figure = phrase(caught, Quantity::Chance);
        let faults = self
            .faults
            .iter()
            .zip(parts)
            .filter(|(_, part)| **part > 0.0);
        let faults = faults.map(|(name, part)| format!("; {name} {}", Quantity::Share.text(*part)));
        format!(", {stage}: {figure}{}", faults.collect::<String>())
    }

    /// The largest share, or end of an interval, of all panels: they have one scale.
    fn most(&self) -> f64 {
        let stages = self
            .strategies
            .iter()
            .flat_map(|s| s.stages.iter().flatten());
        stages.map(|(caught, _)| caught.high).fold(0.01, f64::max)
    }
}

fn draw_bar(scene: &mut Scene, axis: &Axis, middle: f64, caught: Estimate, parts: &[f64]) {
    let covered = axis.place(caught.low);
    let by_fault = parts.iter().enumerate();
    let by_fault = by_fault.map(|(fault, part)| (*part, fault, look::nth(fault)));
    page::stack(scene, &page::parts(axis, by_fault), middle, BAR, covered);
    let end = page::interval(scene, axis, caught, middle);
    let figure = Quantity::Chance.text(caught.value);
    let ink = if caught.value == 0.0 {
        look::QUIET_TEXT
    } else {
        look::TEXT
    };
    scene.write(page::small(
        at(end + 6.0, middle),
        Align::Start,
        &figure,
        ink,
    ));
}

/// A stage, or several waves, with its name.
struct Row {
    name: String,
    /// The first of the waves, where it is of waves.
    first_wave: Option<u32>,
    events: Vec<Event>,
}

impl Row {
    /// The share of faulty changes caught there, and how much of it each fault is.
    fn read(
        &self,
        summary: &Summary,
        strategy: usize,
        faults: &Faults,
    ) -> Option<(Estimate, Vec<f64>)> {
        let chance = |group| summary.chance_of_any(strategy, group, &self.events);
        let total = chance(Group::Faulty)?;
        let mut parts = vec![0.0; faults.names.len()];
        for (f, &(at, share)) in faults.places.iter().enumerate() {
            // A fault of which there was no rollout takes no part.
            let of_fault = chance(Group::Stratum(Stratum::Fault(f)));
            parts[at] += share * of_fault.map_or(0.0, |c| c.value);
        }
        Some((total, parts))
    }
}

/// The rows that there may be with so many waves, in order.
fn rows(most_waves: u32) -> Vec<Row> {
    let stage = |name: &str, stage| Row {
        name: name.to_owned(),
        first_wave: None,
        events: vec![Event::Stage(stage)],
    };
    let mut rows = vec![
        stage("before production", Stage::BeforeProduction),
        stage("one-box", Stage::OneBox),
        stage("first zone", Stage::FirstZone),
        stage("wave 1", Stage::FirstWave),
    ];
    rows.extend(waves(most_waves).into_iter().map(|(first, last)| {
        Row {
            name: if first == last {
                format!("wave {first}")
            } else {
                format!("waves {first}–{last}")
            },
            first_wave: Some(first),
            events: (first..=last)
                .map(|w| Event::Later(Later::Wave(w)))
                .collect(),
        }
    }));
    rows.push(Row {
        name: "after full".to_owned(),
        first_wave: None,
        events: vec![Event::Later(Later::AfterFull)],
    });
    rows.extend([
        stage("people", Stage::People),
        stage("never", Stage::Never),
        stage("never active", Stage::Asleep),
        stage("unresolved", Stage::Unresolved),
    ]);
    rows
}

/// Waves after the first, each alone while there are few, else in groups that double.
fn waves(last: u32) -> Vec<(u32, u32)> {
    if last <= 6 {
        return (2..=last).map(|w| (w, w)).collect();
    }
    let mut groups = vec![(2, 2), (3, 3)];
    let (mut first, mut width) = (4, 2);
    while first <= last {
        groups.push((first, (first + width - 1).min(last)));
        (first, width) = (first + width, 2 * width);
    }
    groups
}

/// The faults, each at its place in the stacks and with its share of faulty changes; where there are more than colours
/// the rarest stand together.
struct Faults {
    names: Vec<String>,
    places: Vec<(usize, f64)>,
}

impl Faults {
    fn of(basis: &Basis) -> Faults {
        let faults: Vec<(&str, f64)> = basis
            .strata
            .iter()
            .filter(|s| s.is_faulty)
            .map(|s| (s.name.as_str(), s.weight))
            .collect();
        let total: f64 = faults.iter().map(|(_, weight)| weight).sum();
        if total <= 0.0 {
            return Faults {
                names: Vec::new(),
                places: Vec::new(),
            };
        }
        let mut order: Vec<usize> = (0..faults.len()).collect();
        order.sort_by(|&a, &b| faults[b].1.total_cmp(&faults[a].1));
        order.retain(|&f| faults[f].1 > 0.0);
        let alone = if order.len() > COLORS {
            COLORS - 1
        } else {
            order.len()
        };
        let mut names: Vec<String> = order[..alone]
            .iter()
            .map(|&f| faults[f].0.to_owned())
            .collect();
        if alone < order.len() {
            names.push(format!("{} others", order.len() - alone));
        }
        let mut places = vec![(0, 0.0); faults.len()];
        for (rank, &f) in order.iter().enumerate() {
            places[f] = (rank.min(alone), faults[f].1 / total);
        }
        Faults { names, places }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{DetectedBy, Ending, Outcome, Place};
    use crate::summary::Sampling;
    use crate::summary::example::{plan, shipped, undetected};

    fn caught_at(fault: usize, number: u64, place: Option<Place>) -> Outcome {
        let (ending, by) = match place {
            Some(_) => (Ending::RolledBack, DetectedBy::Alarm(0)),
            None => (Ending::Caught, DetectedBy::Preproduction(0)),
        };
        Outcome {
            ending,
            detected_by: Some(by),
            stopped_at: place,
            ..undetected(fault, number)
        }
    }

    fn charted(strategies: &[&str], outcomes: &[Outcome]) -> (Caught, Basis) {
        let plan = plan(0.5, &[1.0, 3.0], strategies);
        let all: Vec<usize> = (0..strategies.len()).collect();
        let mut summary = Summary::new(&plan, &all, Sampling::Stratified, 0.95);
        for &strategy in &all {
            summary.add(strategy, &shipped(0));
            for outcome in outcomes {
                summary.add(strategy, outcome);
            }
        }
        let basis = Basis::new(&plan, &summary, 1, 1_000);
        (Caught::of(&summary, &basis), basis)
    }

    fn some() -> Vec<Outcome> {
        let step = Place::Step {
            wave: 1,
            zone: 0,
            step: 1,
        };
        vec![
            caught_at(0, 0, None),
            caught_at(0, 1, Some(step)),
            caught_at(1, 0, Some(step)),
            caught_at(1, 1, Some(Place::ZoneBake { wave: 2, region: 1 })),
            caught_at(1, 2, Some(Place::WaveBake { wave: 2 })),
            undetected(1, 3),
        ]
    }

    #[test]
    fn bars_are_shares_of_faulty_changes_by_fault() {
        let (caught, _) = charted(&["a"], &some());
        // The commoner fault comes first.
        assert_eq!(caught.faults, ["f1", "f0"]);
        assert_eq!(
            caught.stages,
            [
                "before production",
                "one-box",
                "wave 2",
                "after full",
                "never"
            ]
        );
        let parts: Vec<&[f64]> = caught.strategies[0]
            .stages
            .iter()
            .map(|stage| &stage.as_ref().unwrap().1[..])
            .collect();
        let quarter = 0.75 / 4.0;
        assert_eq!(
            parts,
            [
                [0.0, 0.125],
                [quarter, 0.125],
                [quarter, 0.0],
                [quarter, 0.0],
                [quarter, 0.0]
            ]
        );
        for (total, parts) in caught.strategies[0].stages.iter().flatten() {
            assert!((total.value - parts.iter().sum::<f64>()).abs() < 1e-12);
        }
    }

    #[test]
    fn many_waves_stand_together() {
        assert_eq!(waves(1), []);
        assert_eq!(waves(3), [(2, 2), (3, 3)]);
        assert_eq!(waves(6).len(), 5);
        assert_eq!(
            waves(25),
            [(2, 2), (3, 3), (4, 5), (6, 9), (10, 17), (18, 25)]
        );
    }

    #[test]
    fn rare_faults_stand_together() {
        let weights: Vec<f64> = (1..=9).map(f64::from).collect();
        let plan = plan(0.5, &weights, &["a"]);
        let summary = Summary::new(&plan, &[0], Sampling::Stratified, 0.95);
        let faults = Faults::of(&Basis::new(&plan, &summary, 1, 1));
        assert_eq!(
            faults.names,
            ["f8", "f7", "f6", "f5", "f4", "f3", "3 others"]
        );
        assert_eq!(faults.places[8], (0, 0.2));
        assert_eq!(faults.places[0].0, 6);
    }

    #[test]
    fn is_legible_with_few_and_many_strategies() {
        for n in [1, 2, 5, 12] {
            let names = &page::check::NAMES[..n];
            let (caught, basis) = charted(names, &some());
            page::check::is_legible(&format!("caught-{n}"), &caught.scene(&basis).unwrap());
        }
    }

    #[test]
    fn without_faults_there_is_no_chart() {
        let plan = plan(0.0, &[], &["a"]);
        let mut summary = Summary::new(&plan, &[0], Sampling::Stratified, 0.95);
        summary.add(0, &shipped(0));
        let basis = Basis::new(&plan, &summary, 1, 1);
        assert_eq!(Caught::of(&summary, &basis).scene(&basis), None);
    }
}
