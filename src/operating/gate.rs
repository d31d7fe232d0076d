//! A strategy's alarms in one region, stage by stage.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::buckets::bucket_s;
use super::datapoint::{Question, Verdicts};
use super::memory::Memory;
use super::stage::{Course, Stage, StageKind};
use crate::plan::{Action, Alarm, Grid, Plan, Strategy, Watches};
use crate::random::NameKey;

/// A chance, or what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Chance {
    /// This.
    Is(f64),
    /// About this: the background of a window of several buckets was summed on a grid.
    About(f64),
    /// Between these two, for certain; of the stage by itself, whatever was before.
    Between(f64, f64),
    /// None at all, and why.
    None(&'static str),
    /// Not computed, and why.
    NotComputed(String),
}

impl Chance {
    /// What is known at the least and at the most.
    pub fn bounds(&self) -> Option<(f64, f64)> {
        match self {
            Chance::Is(p) | Chance::About(p) => Some((*p, *p)),
            Chance::Between(low, high) => Some((*low, *high)),
            Chance::None(_) => Some((0.0, 0.0)),
            Chance::NotComputed(_) => None,
        }
    }
}

/// Datapoints followed at the most in one chance; a year of minutes.
const MOST_DATAPOINTS: f64 = 600_000.0;

/// Where the grid may lie, at the most.
const MOST_PHASES: usize = 24;

/// A strategy in one region.
#[derive(Debug)]
pub struct Gate<'p> {
    pub(super) plan: &'p Plan,
    pub(super) strategy: Rc<Strategy>,
    pub(super) region: usize,
    pub(super) traffic: f64,
    pub(super) baked: Option<(StageKind, f64)>,
    pub(super) course: Course,
    pub(super) memory: Rc<Memory>,
    /// Whether windows in which something changes count as fine where they take much work: a bound from below.
    pub(super) whole_windows: bool,
    /// Datapoints of windows in which nothing changes: by alarm, the window's length, when the stretch began, the defect.
    pub(super) steady: RefCell<HashMap<(NameKey, u32, u64, u64), Verdicts>>,
}

/// What a datapoint says that ends then, with a defect of such a size.
pub(super) type Verdict<'a> = dyn Fn(f64, f64) -> Result<Verdicts, String> + 'a;

/// One phase of the grid, with its weight: the first datapoint ends so long after the first new version.
type Phase = (f64, f64);

impl<'p> Gate<'p> {
    /// A strategy (by index) in a region (by index), in the wave that first brings it new version; `None` if none does.
    pub fn new(plan: &'p Plan, strategy: usize, region: usize) -> Option<Gate<'p>> {
        Gate::remembering(plan, strategy, region, Rc::default())
    }

    /// The same with a memory, which may limit the work.
    pub fn remembering(
        plan: &'p Plan,
        strategy: usize,
        region: usize,
        memory: Rc<Memory>,
    ) -> Option<Gate<'p>> {
        let strategy = Rc::new(plan.strategies[strategy].clone());
        Gate::with(plan, strategy, region, 1.0, None, memory)
    }

    pub(super) fn with(
        plan: &'p Plan,
        strategy: Rc<Strategy>,
        region: usize,
        traffic: f64,
        baked: Option<(StageKind, f64)>,
        memory: Rc<Memory>,
    ) -> Option<Gate<'p>> {
        let course = Course::of(plan, &strategy, region, traffic, baked)?;
        Some(Gate {
            plan,
            strategy,
            region,
            traffic,
            baked,
            course,
            memory,
            whole_windows: false,
            steady: RefCell::default(),
        })
    }

    /// The region in which a strategy's first wave begins.
    pub fn first_region(plan: &Plan, strategy: usize) -> Option<usize> {
        let targets = super::stage::targets(plan, &plan.strategies[strategy]);
        targets.iter().flatten().map(|t| t.region).next()
    }

    /// The stages, in order.
    pub fn stages(&self) -> &[Stage] {
        &self.course.stages
    }

    /// The alarms, in order.
    pub fn alarms(&self) -> &[Alarm] {
        &self.strategy.alarms
    }

    /// Traffic as a multiple of the region's mean.
    pub fn traffic(&self) -> f64 {
        self.traffic
    }

    /// Requests that an alarm's window holds in the mean, at the end of a stage.
    pub fn requests(&self, alarm: usize, stage: usize) -> f64 {
        let alarm = &self.strategy.alarms[alarm];
        let end = self.course.stages[stage].ends_s;
        self.window(
            alarm,
            end - f64::from(alarm.window_s),
            end,
            f64::INFINITY,
            0.0,
        )
        .map_or(0.0, |w| w.own.expected())
    }

    /// Datapoints of an alarm that end in a stage, in the mean.
    pub fn datapoints(&self, alarm: usize, stage: usize) -> f64 {
        let stage = &self.course.stages[stage];
        (stage.ends_s - stage.begins_s.max(0.0)) / f64::from(self.strategy.alarms[alarm].every_s)
    }

    /// What a datapoint says whose window lies at the end of a stage, with a defect awake all through it; `Err` says why that
    /// is not computed.
    ///
    /// # Errors
    /// A condition that has no such chance.
    pub fn datapoint(&self, alarm: usize, stage: usize, defect: f64) -> Result<Verdicts, String> {
        let alarm = &self.strategy.alarms[alarm];
        let question = question(alarm)?;
        let end = self.course.stages[stage].ends_s;
        let piece = self.course.before(end).copied();
        let Some(piece) = piece else {
            return Ok(Verdicts::default());
        };
        self.steady(alarm, &question, &piece, true, defect)
    }

    /// Whether an alarm can have datapoints in a stage, and act; else why not.
    fn watches(&self, alarm: &Alarm, stage: &Stage) -> Result<(), &'static str> {
        match (stage.kind, alarm.watches) {
            (StageKind::ZoneBake, Watches::Step)
            | (StageKind::WaveBake, Watches::Step | Watches::Zone) => {
                return Err("watches no longer");
            }
            _ => {}
        }
        if let Some(limits) = alarm.steps {
            let step = match stage.kind {
                StageKind::Step(n) => n,
                _ => self.steps(),
            };
            if !(limits.from..=limits.to).contains(&step) {
                return Err("limited to other steps");
            }
        }
        let side_by_side = |share: f64| share > 0.0 && share < 1.0;
        let any = self.course.pieces.iter().enumerate().any(|(i, p)| {
            let until = self
                .course
                .pieces
                .get(i + 1)
                .map_or(f64::INFINITY, |next| next.from_s);
            p.from_s < stage.ends_s && until > stage.begins_s && side_by_side(p.share)
        });
        if alarm.needs_both_versions() && !any {
            return Err("needs old and new version side by side");
        }
        Ok(())
    }

    fn steps(&self) -> u32 {
        let is_step = |s: &&Stage| matches!(s.kind, StageKind::Step(_));
        self.course.stages.iter().filter(is_step).count() as u32
    }

    /// The chance that an alarm fires in a stage, given that it did not before, with a defect that wakes with the stage.
    pub fn chance(&self, alarm: usize, stage: usize, defect: f64) -> Chance {
        self.curve(alarm, stage, &[defect]).remove(0)
    }

    /// The same for several sizes of the defect.
    pub fn curve(&self, alarm: usize, stage: usize, defects: &[f64]) -> Vec<Chance> {
        let alarm = &self.strategy.alarms[alarm];
        let of_stage = &self.course.stages[stage];
        let all = |chance: Chance| vec![chance; defects.len()];
        let not = |why: &str| all(Chance::NotComputed(why.to_owned()));
        if alarm.does == Action::Hold {
            return all(Chance::None("holds bakes, and stops nothing"));
        }
        if let Err(why) = self.watches(alarm, of_stage) {
            return all(Chance::None(why));
        }
        if of_stage.ends_s / f64::from(alarm.every_s) > MOST_DATAPOINTS {
            return not("a stage of so many datapoints");
        }
        let computed = match question(alarm) {
            Ok(question) if alarm.window_s <= alarm.every_s => {
                self.exact(alarm, &question, of_stage, defects)
            }
            Ok(_) => self.bounds(alarm, of_stage, defects),
            Err(_) if alarm.and.is_some() => self.bounds(alarm, of_stage, defects),
            Err(why) => Err(why),
        };
        computed.unwrap_or_else(|why| not(&why))
    }

    /// Datapoints of different windows: independent, and the history is a chain.
    fn exact(
        &self,
        alarm: &Alarm,
        question: &Question,
        stage: &Stage,
        defects: &[f64],
    ) -> Result<Vec<Chance>, String> {
        let sums = self.in_any_row(alarm, stage, defects, &|end, defect| {
            self.verdicts(alarm, question, end, stage.live_s, defect)
        })?;
        let scatters = |k: usize| self.plan.slis[k].dispersion > 0.0;
        let on_grid = alarm.condition.sli().is_some_and(scatters)
            && alarm.window_s > bucket_s(&self.strategy.alarms, alarm);
        let chance = |p: f64| match on_grid {
            true => Chance::About(p),
            false => Chance::Is(p),
        };
        Ok(sums.into_iter().map(chance).collect())
    }

    /// The chance to fire by any of the rows of datapoints a period apart, which are taken for independent; a mean over the
    /// phase of the grid.
    pub(super) fn in_any_row(
        &self,
        alarm: &Alarm,
        stage: &Stage,
        defects: &[f64],
        verdicts: &Verdict<'_>,
    ) -> Result<Vec<f64>, String> {
        let mut sums = vec![0.0; defects.len()];
        let together = alarm.period_s / alarm.every_s;
        for (phase, weight) in self.phases(alarm, stage) {
            let mut quiet = vec![1.0; defects.len()];
            for residue in 0..together {
                let fires = self.fires(alarm, stage, defects, (phase, residue), verdicts)?;
                quiet.iter_mut().zip(fires).for_each(|(q, f)| *q *= 1.0 - f);
            }
            sums.iter_mut()
                .zip(&quiet)
                .for_each(|(s, q)| *s += weight * (1.0 - q));
        }
        Ok(sums.into_iter().map(|p| p.clamp(0.0, 1.0)).collect())
    }

    /// Where the grid may lie.
    pub(super) fn phases(&self, alarm: &Alarm, stage: &Stage) -> Vec<Phase> {
        let every = f64::from(alarm.every_s);
        if alarm.grid == Grid::Deployment {
            return vec![(every, 1.0)];
        }
        // Between these the number of datapoints on either side of every change stays the same.
        let mut edges = vec![0.0, every];
        let times = self.course.pieces.iter().map(|p| p.from_s);
        let stages = self.course.stages.iter();
        let times = times.chain(stages.flat_map(|s| [s.begins_s, s.begins_s - alarm.lag_s]));
        let times = times.filter(|&t| t <= stage.begins_s || t <= stage.live_s);
        for t in times.chain([stage.live_s, stage.ends_s - alarm.lag_s]) {
            edges.push(t.rem_euclid(every));
        }
        edges.sort_by(f64::total_cmp);
        edges.dedup_by(|a, b| (*a - *b).abs() < 1e-6 * every);
        // Long windows hardly mind where they end, and there are many of them; those with a control take long.
        let most = if alarm.window_s > alarm.every_s || alarm.condition.is_relative() {
            MOST_PHASES / 4
        } else {
            MOST_PHASES
        };
        if edges.len() > most / 2 {
            let n = most;
            return (0..n)
                .map(|i| ((i as f64 + 0.5) / n as f64 * every, 1.0 / n as f64))
                .collect();
        }
        // Gauss-Legendre quadrature with two points.
        const NODE: f64 = 0.577_350_269_189_625_8;
        let spans = edges.windows(2).filter(|w| w[1] > w[0]);
        let halves = spans.flat_map(|w| {
            let (middle, half) = (0.5 * (w[0] + w[1]), 0.5 * (w[1] - w[0]));
            [-NODE, NODE].map(|x| (middle + half * x, half / every))
        });
        halves.collect()
    }
}

/// What an alarm asks of a window; `Err` says why that has no chance here.
pub(super) fn question(alarm: &Alarm) -> Result<Question, String> {
    if let Some(and) = alarm.and {
        if and.window_s != alarm.window_s {
            return Err("a second condition over a window of its own".to_owned());
        }
        if and.condition.sli() != alarm.condition.sli() || alarm.condition.sli().is_none() {
            return Err("two conditions on different figures".to_owned());
        }
    }
    Ok(Question {
        condition: alarm.condition,
        and: alarm.and.map(|and| and.condition),
        min_requests: alarm.min_requests,
    })
}
