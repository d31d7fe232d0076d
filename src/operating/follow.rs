//! An alarm's history, followed through a stage datapoint by datapoint.

use super::chain::Chain;
use super::gate::{Gate, Verdict};
use super::stage::{Stage, StageKind};
use crate::plan::{Alarm, Population};

/// Datapoints a period apart.
#[derive(Clone, Copy)]
struct Row {
    first_s: f64,
    period_s: f64,
}

impl Row {
    fn end(self, j: u64) -> f64 {
        self.first_s + j as f64 * self.period_s
    }
}

/// How far a row was followed.
#[derive(Clone)]
struct Walk {
    chain: Chain,
    /// The next datapoint.
    next: u64,
    /// How often the history was cleared.
    cleared: usize,
}

/// Until when, on what defect, and whether that is given that the alarm does not fire.
#[derive(Clone, Copy)]
struct Stretch {
    until_s: f64,
    live_s: f64,
    defect: f64,
    given_quiet: bool,
}

impl Gate<'_> {
    /// The chance to fire in a stage by datapoints that lie a period apart, given none before; for each defect.
    pub(super) fn fires(
        &self,
        alarm: &Alarm,
        stage: &Stage,
        defects: &[f64],
        (phase, residue): (f64, u32),
        verdicts: &Verdict<'_>,
    ) -> Result<Vec<f64>, String> {
        let too_many = || format!("a rule with more than {} datapoints to remember", 20);
        let chain = Chain::new(alarm.rule, alarm.missing).map_err(|_| too_many())?;
        let row = Row {
            first_s: phase + f64::from(residue) * f64::from(alarm.every_s),
            period_s: f64::from(alarm.period_s),
        };
        let clears = self.clears(alarm);
        let mut before = Walk {
            chain,
            next: 0,
            cleared: 0,
        };
        let stretch = |until_s, defect, given_quiet| Stretch {
            until_s,
            live_s: stage.live_s,
            defect,
            given_quiet,
        };
        let first = stretch(stage.begins_s, 0.0, true);
        self.follow(alarm, row, &clears, &mut before, first, verdicts)?;
        if before.chain.quiet() <= 0.0 {
            return Err("it fires before for certain".to_owned());
        }
        let fires = defects.iter().map(|&defect| {
            let stretch = stretch(stage.ends_s, defect, false);
            let mut walk = before.clone();
            self.follow(alarm, row, &clears, &mut walk, stretch, verdicts)
        });
        fires.collect()
    }

    /// Takes in the datapoints that are known by then; the chance that the alarm fires at one of them.
    fn follow(
        &self,
        alarm: &Alarm,
        row: Row,
        clears: &[f64],
        walk: &mut Walk,
        stretch: Stretch,
        verdicts: &Verdict<'_>,
    ) -> Result<f64, String> {
        let lag = alarm.lag_s;
        let mut fired = 0.0;
        loop {
            let end = row.end(walk.next);
            if end + lag > stretch.until_s {
                return Ok(fired);
            }
            while walk.cleared < clears.len() && clears[walk.cleared] < end + lag {
                walk.chain.clear();
                walk.cleared += 1;
            }
            let belongs = walk.cleared == 0 || end > clears[walk.cleared - 1];
            let mut count = 1;
            if belongs {
                let next_clear = clears.get(walk.cleared).map_or(f64::INFINITY, |c| c - lag);
                let same = self
                    .same_until(alarm, end, stretch.live_s, stretch.defect)
                    .min(next_clear)
                    .min(stretch.until_s - lag);
                count += ((same - end) / row.period_s).floor().max(0.0) as u64;
                if self.is_there(alarm, end) {
                    let verdicts = verdicts(end, stretch.defect)?;
                    let (f, taken) = walk.chain.take_many(verdicts, count, stretch.given_quiet);
                    self.memory.spend(taken * walk.chain.states() as u64)?;
                    fired += f;
                    if fired > 1.0 - 1e-15 {
                        return Ok(fired);
                    }
                }
            }
            walk.next += count;
        }
    }

    /// Until when datapoints say the same as the one that ends at `end`.
    pub(super) fn same_until(&self, alarm: &Alarm, end: f64, live_s: f64, defect: f64) -> f64 {
        let mut until = f64::INFINITY;
        if alarm.steps.is_some() {
            let steps = self.course.stages.iter();
            let steps = steps.filter(|s| matches!(s.kind, StageKind::Step(_)));
            let later = steps.map(|s| s.begins_s).filter(|&t| t >= end);
            until = later.fold(until, f64::min);
        }
        if is_plain(alarm, defect) {
            return until;
        }
        let from = end - alarm.longest_window_s() as f64;
        let next = self.course.pieces.partition_point(|p| p.from_s < end);
        let steady = next
            .checked_sub(1)
            .is_some_and(|i| self.course.pieces[i].from_s <= from);
        if !steady {
            return end;
        }
        if defect != 0.0 && live_s > from {
            if live_s < end {
                return end;
            }
            until = until.min(live_s);
        }
        let later = self.course.pieces.get(next).map(|p| p.from_s);
        later.map_or(until, |t| until.min(t))
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
}

/// Whether an alarm reads the same, however much new version there is: all traffic, on a good change.
pub(super) fn is_plain(alarm: &Alarm, defect: f64) -> bool {
    let of_new = matches!(alarm.population, Population::OneBox | Population::Canary);
    defect == 0.0 && !of_new && !alarm.needs_both_versions()
}
