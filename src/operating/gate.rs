//! A strategy's alarms in one region, stage by stage.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::buckets::{bucket_s, correlation};
use super::chain::Chain;
use super::datapoint::{Question, Verdicts, Window};
use super::mixture::{Mixture, Scatter};
use super::stage::{Course, Piece, Stage, StageKind};
use super::window::{Gathered, Still};
use crate::plan::{Action, Alarm, Grid, Plan, Strategy, Watches};
use crate::random::NameKey;

/// A chance, or what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Chance {
    /// This.
    Is(f64),
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
            Chance::Is(p) => Some((*p, *p)),
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
    pub(super) strategy: Strategy,
    pub(super) region: usize,
    pub(super) traffic: f64,
    pub(super) baked: Option<(StageKind, f64)>,
    pub(super) course: Course,
    memory: RefCell<BTreeMap<(NameKey, Vec<u64>), Verdicts>>,
    mixtures: RefCell<BTreeMap<Vec<u64>, Rc<Mixture>>>,
}

/// One phase of the grid, with its weight: the first datapoint ends so long after the first new version.
type Phase = (f64, f64);

impl<'p> Gate<'p> {
    /// A strategy (by index) in a region (by index), in the wave that first brings it new version; `None` if none does.
    pub fn new(plan: &'p Plan, strategy: usize, region: usize) -> Option<Gate<'p>> {
        Gate::with(plan, plan.strategies[strategy].clone(), region, 1.0, None)
    }

    pub(super) fn with(
        plan: &'p Plan,
        strategy: Strategy,
        region: usize,
        traffic: f64,
        baked: Option<(StageKind, f64)>,
    ) -> Option<Gate<'p>> {
        let course = Course::of(plan, &strategy, region, traffic, baked)?;
        Some(Gate {
            plan,
            strategy,
            region,
            traffic,
            baked,
            course,
            memory: RefCell::default(),
            mixtures: RefCell::default(),
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
        let piece = self
            .course
            .before(self.course.stages[stage].ends_s)
            .copied();
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
        let question = match question(alarm) {
            Ok(question) => question,
            Err(why) => return not(&why),
        };
        if of_stage.ends_s / f64::from(alarm.every_s) > MOST_DATAPOINTS {
            return not("a stage of so many datapoints");
        }
        let computed = if alarm.window_s > alarm.every_s {
            self.bounds(alarm, &question, of_stage, defects)
        } else {
            self.exact(alarm, &question, of_stage, defects)
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
        let phases = self.phases(alarm, stage);
        let mut sums = vec![0.0; defects.len()];
        let together = alarm.period_s / alarm.every_s;
        for &(phase, weight) in &phases {
            let mut quiet = vec![1.0; defects.len()];
            for residue in 0..together {
                let fires = self.fires(alarm, question, stage, defects, (phase, residue))?;
                quiet.iter_mut().zip(fires).for_each(|(q, f)| *q *= 1.0 - f);
            }
            sums.iter_mut()
                .zip(&quiet)
                .for_each(|(s, q)| *s += weight * (1.0 - q));
        }
        Ok(sums
            .into_iter()
            .map(|p| Chance::Is(p.clamp(0.0, 1.0)))
            .collect())
    }

    /// The chance to fire in a stage by datapoints that lie a period apart, given none before; for each defect.
    pub(super) fn fires(
        &self,
        alarm: &Alarm,
        question: &Question,
        stage: &Stage,
        defects: &[f64],
        (phase, residue): (f64, u32),
    ) -> Result<Vec<f64>, String> {
        let too_many = || format!("a rule with more than {} datapoints to remember", 20);
        let mut chain = Chain::new(alarm.rule, alarm.missing).map_err(|_| too_many())?;
        let period = f64::from(alarm.period_s);
        let end_of =
            |j: u64| phase + f64::from(residue) * f64::from(alarm.every_s) + j as f64 * period;
        let clears = self.clears(alarm);
        let mut cleared = 0;
        let mut j = 0_u64;
        // What was before the stage.
        while end_of(j) + alarm.lag_s <= stage.begins_s {
            if self.clear(&mut chain, &clears, &mut cleared, end_of(j), alarm.lag_s)
                && self.is_there(alarm, end_of(j))
            {
                chain.take(self.verdicts(alarm, question, end_of(j), stage.live_s, 0.0)?);
                chain.given_quiet();
            }
            j += 1;
        }
        if chain.quiet() <= 0.0 {
            return Err("it fires before for certain".to_owned());
        }
        let mut fires = vec![0.0; defects.len()];
        for (fired, &defect) in fires.iter_mut().zip(defects) {
            let (mut chain, mut j, mut cleared) = (chain.clone(), j, cleared);
            while end_of(j) + alarm.lag_s <= stage.ends_s {
                if self.clear(&mut chain, &clears, &mut cleared, end_of(j), alarm.lag_s)
                    && self.is_there(alarm, end_of(j))
                {
                    let verdicts =
                        self.verdicts(alarm, question, end_of(j), stage.live_s, defect)?;
                    *fired += chain.take(verdicts);
                    if *fired > 1.0 - 1e-15 {
                        break;
                    }
                }
                j += 1;
            }
        }
        Ok(fires)
    }

    /// When an alarm's history is cleared.
    fn clears(&self, alarm: &Alarm) -> Vec<f64> {
        let steps = self
            .course
            .stages
            .iter()
            .filter(|s| matches!(s.kind, StageKind::Step(_)));
        let begins = steps.map(|s| s.begins_s).filter(|&t| t > 0.0);
        if alarm.resets_on_step {
            begins.collect()
        } else {
            Vec::new()
        }
    }

    /// Clears what has to be cleared before a datapoint is known; whether the datapoint belongs to what comes after.
    fn clear(
        &self,
        chain: &mut Chain,
        clears: &[f64],
        cleared: &mut usize,
        end: f64,
        lag: f64,
    ) -> bool {
        while *cleared < clears.len() && clears[*cleared] < end + lag {
            chain.clear();
            *cleared += 1;
        }
        *cleared == 0 || end > clears[*cleared - 1]
    }

    /// Whether an alarm has a datapoint that ends then.
    pub(super) fn is_there(&self, alarm: &Alarm, end: f64) -> bool {
        if !alarm.population.is_zonal() {
            return true;
        }
        let share = self.course.before(end).map_or(0.0, |p| p.share);
        if alarm.needs_both_versions() && !(share > 0.0 && share < 1.0) {
            return false;
        }
        alarm.steps.is_none_or(|limits| {
            let begun = |s: &&Stage| matches!(s.kind, StageKind::Step(_)) && s.begins_s < end;
            let step = self.course.stages.iter().filter(begun).count() as u32;
            (limits.from..=limits.to).contains(&step)
        })
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
        if edges.len() > MOST_PHASES / 2 {
            let n = MOST_PHASES;
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

    /// What the datapoint says that ends at `end`, if the defect is awake from `live_s` on.
    pub(super) fn verdicts(
        &self,
        alarm: &Alarm,
        question: &Question,
        end: f64,
        live_s: f64,
        defect: f64,
    ) -> Result<Verdicts, String> {
        let from = end - f64::from(alarm.window_s);
        let now = self.course.before(end);
        if let Some(piece) = now.filter(|p| p.from_s <= from) {
            let awake = live_s <= from;
            if awake || live_s >= end || defect == 0.0 {
                return self.steady(alarm, question, piece, awake, defect);
            }
        }
        let Some(window) = self.window(alarm, from, end, live_s, defect) else {
            return Ok(Verdicts::default());
        };
        self.asked(alarm, question, window, defect)
    }

    /// The same where nothing changes in the window.
    fn steady(
        &self,
        alarm: &Alarm,
        question: &Question,
        piece: &Piece,
        awake: bool,
        defect: f64,
    ) -> Result<Verdicts, String> {
        let defect_awake = if awake { defect } else { 0.0 };
        let key = (
            alarm.key,
            vec![piece.from_s.to_bits(), defect_awake.to_bits()],
        );
        if let Some(known) = self.memory.borrow().get(&key) {
            return Ok(*known);
        }
        let at = piece.from_s.max(0.0);
        let live = if awake {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        };
        let still = Still { piece: *piece };
        let window = self.gather(
            alarm,
            at,
            at + f64::from(alarm.window_s),
            live,
            defect,
            &still,
        );
        let found = self.asked(alarm, question, window, defect)?;
        self.memory.borrow_mut().insert(key, found);
        Ok(found)
    }

    fn asked(
        &self,
        alarm: &Alarm,
        question: &Question,
        window: Gathered,
        defect: f64,
    ) -> Result<Verdicts, String> {
        let mut law = vec![window.buckets.into()];
        law.extend([window.own.sure, window.control.sure]);
        law.extend(
            [
                window.own.mean,
                window.control.mean,
                window.excess,
                window.share,
            ]
            .map(f64::to_bits),
        );
        let key = (alarm.key, law);
        if let Some(known) = self.memory.borrow().get(&key) {
            return Ok(*known);
        }
        let sli = alarm.condition.sli();
        let base = sli.map_or(0.0, |k| self.plan.slis[k].base);
        let bad = window.own.expected() * (base + defect);
        let background = sli.map_or_else(
            || Rc::new(vec![(0.0, 1.0)]),
            |k| self.background(alarm, k, window.buckets, bad),
        );
        let relative = alarm.condition.is_relative();
        if relative && alarm.probes.is_some() {
            return Err("probes have no control".to_owned());
        }
        let law = Window {
            own: window.own,
            control: window.control,
            excess: window.excess,
            share: window.share,
            background: background.to_vec(),
        };
        let found = question.verdicts(&law);
        self.memory.borrow_mut().insert(key, found);
        Ok(found)
    }

    /// How the background of a window scatters.
    fn background(&self, alarm: &Alarm, sli: usize, buckets: u32, bad: f64) -> Rc<Mixture> {
        let sli = &self.plan.slis[sli];
        let bucket = bucket_s(&self.strategy.alarms, alarm);
        let correlation = correlation(&self.plan.fleet, alarm, self.region, sli.dispersion, bucket);
        let Some(scatter) = Scatter::of(sli.base, correlation) else {
            return Rc::new(vec![(sli.base, 1.0)]);
        };
        let finest: f64 = if alarm.condition.is_relative() {
            5.0
        } else {
            20.0
        };
        // Within a factor of two the same values do.
        let sharp = libm::exp2(libm::ceil(libm::log2(bad.max(1.0))));
        let key = vec![
            scatter.a.to_bits(),
            scatter.b.to_bits(),
            buckets.into(),
            sharp.to_bits(),
            finest.to_bits(),
        ];
        let mut known = self.mixtures.borrow_mut();
        known
            .entry(key)
            .or_insert_with(|| Rc::new(scatter.of_mean(buckets, sharp, finest)))
            .clone()
    }
}

/// What an alarm asks of a window; `Err` says why that has no chance here.
fn question(alarm: &Alarm) -> Result<Question, String> {
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
