//! Bounds on chances where windows overlap, or two conditions have windows of their own.
//!
//! What is bounded: more bad requests, or fewer good ones, never make a datapoint that breaches a fine one, and buckets are
//! independent. So breaches are associated (Esary, Proschan and Walkup, Annals of Mathematical Statistics 38 (1967)
//! 1466-1474): none at all is at least as likely as if they were independent, and two conditions hold together at least as
//! often. Windows that do not overlap are independent. Where an alarm is relative and the background scatters, the
//! population's bad requests and its control's rise together, and nothing of this is used; nor where datapoints may be missing.

use super::datapoint::{Question, Verdicts};
use super::gate::{Chance, Gate, question};
use super::stage::Stage;
use crate::plan::{Alarm, Missing, Rule};

/// Datapoints one after the other that say the same: how many, and between what their chance to breach lies.
#[derive(Clone, Copy, Debug)]
struct Run {
    count: u64,
    low: f64,
    high: f64,
}

/// An alarm's condition by itself, with its window.
struct Part {
    alarm: Alarm,
    question: Question,
}

/// Bounds on the verdicts of a datapoint.
type Bounds = (Verdicts, Verdicts);

/// An alarm in a stage under a defect, with datapoints that end at a phase of its period.
#[derive(Clone, Copy)]
struct Case<'a> {
    alarm: &'a Alarm,
    parts: &'a [Part],
    stage: &'a Stage,
    defect: f64,
    phase: f64,
}

impl Gate<'_> {
    /// Bounds for an alarm in a stage, for each defect.
    pub(super) fn bounds(
        &self,
        alarm: &Alarm,
        stage: &Stage,
        defects: &[f64],
    ) -> Result<Vec<Chance>, String> {
        let parts = parts(alarm)?;
        let longest = alarm.longest_window_s();
        if longest <= i64::from(alarm.every_s) {
            // Datapoints are independent, only the chance of each is not known.
            let row = |which| {
                let verdicts = self.bound(&parts, stage, which);
                self.in_any_row(alarm, stage, defects, &verdicts)
            };
            let (low, high) = (row(|b| b.0)?, row(|b| b.1)?);
            let pairs = low.into_iter().zip(high);
            return Ok(pairs.map(|(l, h)| Chance::Between(l.min(h), h)).collect());
        }
        let mut found = Vec::new();
        for &defect in defects {
            let (mut low, mut high) = (0.0, 0.0);
            for (phase, weight) in self.phases(alarm, stage) {
                let (l, h) = self.bounds_of(Case {
                    alarm,
                    parts: &parts,
                    stage,
                    defect,
                    phase,
                })?;
                low += weight * l;
                high += weight * h;
            }
            let (low, high) = (low.clamp(0.0, 1.0), high.clamp(0.0, 1.0));
            found.push(Chance::Between(low.min(high), high));
        }
        Ok(found)
    }

    /// What a datapoint says at the least and at the most.
    fn both(&self, parts: &[Part], end: f64, live_s: f64, defect: f64) -> Result<Bounds, String> {
        let one = |p: &Part| self.verdicts(&p.alarm, &p.question, end, live_s, defect);
        let first = one(&parts[0])?;
        let Some(second) = parts.get(1) else {
            return Ok((first, first));
        };
        let same = second.alarm.condition.sli() == parts[0].alarm.condition.sli();
        let second = one(second)?;
        let (a, b) = (first.breach, second.breach);
        let missing = first.missing.max(second.missing);
        let low = if same && missing < NEGLIGIBLE && self.is_associated(parts) {
            a * b
        } else {
            (a + b - 1.0).max(0.0)
        };
        let of = |breach: f64, missing: f64| Verdicts { breach, missing };
        let most_missing = (first.missing + second.missing).min(1.0);
        Ok((
            of(low, missing),
            of(a.min(b), most_missing.min(1.0 - a.min(b))),
        ))
    }

    /// One of both bounds on what a datapoint says, by its end and the defect.
    fn bound<'a>(
        &'a self,
        parts: &'a [Part],
        stage: &'a Stage,
        which: fn(Bounds) -> Verdicts,
    ) -> impl Fn(f64, f64) -> Result<Verdicts, String> + 'a {
        move |end, defect| Ok(which(self.both(parts, end, stage.live_s, defect)?))
    }

    /// Whether breaches are associated.
    fn is_associated(&self, parts: &[Part]) -> bool {
        let scatters = |p: &Part| {
            let sli = p.alarm.condition.sli();
            sli.is_some_and(|k| self.plan.slis[k].dispersion > 0.0)
        };
        !parts
            .iter()
            .any(|p| p.alarm.condition.is_relative() && scatters(p))
    }

    fn bounds_of(&self, case: Case<'_>) -> Result<(f64, f64), String> {
        let alarm = case.alarm;
        let (runs, all_there) = self.runs(case)?;
        let associated = all_there && self.is_associated(case.parts);
        let union: f64 = runs.iter().map(|r| r.count as f64 * r.high).sum();
        let quiet = |p: f64, n: u64| libm::exp(n as f64 * libm::log1p(-p));
        let independent = 1.0 - runs.iter().map(|r| quiet(r.high, r.count)).product::<f64>();
        let high = if associated {
            independent
        } else {
            union.min(1.0)
        };
        let needed = match alarm.rule {
            Rule::MOfN { m, .. } | Rule::InAll { m } => m,
        };
        let apart = u64::from(alarm.period_s / alarm.every_s);
        if needed > 1 && alarm.longest_window_s() <= i64::from(alarm.period_s) {
            return self.by_rows(case, associated);
        }
        let stride = (alarm.longest_window_s() as u64).div_ceil(u64::from(alarm.every_s));
        // So many windows that do not overlap, each with the datapoints that meet the rule by themselves.
        let low = if needed == 1 {
            1.0 - (0..stride)
                .map(|o| quiet_of_class(&runs, o, stride))
                .fold(1.0, f64::min)
        } else {
            let all = |p: f64, n: u64| {
                // Whatever they have to do with each other: all breach unless one does not.
                let some_fine = 1.0 - n as f64 * (1.0 - p);
                if associated {
                    // At least as often as if they were independent.
                    f64::max(some_fine, libm::pow(p, n as f64))
                } else {
                    some_fine
                }
            };
            // The first datapoints of a stage are weak: the blocks that bound best may begin later.
            let offsets = (u64::from(needed - 1) * apart + stride).min(MOST_OFFSETS);
            let quiet = |from| quiet_of_blocks(&runs, from, u64::from(needed), apart, stride, all);
            1.0 - (0..offsets).map(quiet).fold(1.0, f64::min)
        };
        Ok((low, high))
    }

    /// Datapoints a period apart are independent of each other: each row of them is a chain, and the rows are associated.
    fn by_rows(&self, case: Case<'_>, associated: bool) -> Result<(f64, f64), String> {
        let Case {
            alarm,
            parts,
            stage,
            defect,
            phase,
        } = case;
        let mut quiet = 1.0;
        let (mut least, mut sum) = (0.0_f64, 0.0);
        for residue in 0..alarm.period_s / alarm.every_s {
            let fires = |which| {
                let verdicts = self.bound(parts, stage, which);
                self.fires(alarm, stage, &[defect], (phase, residue), &verdicts)
            };
            let high = fires(|b| b.1)?[0];
            let low = if parts.len() > 1 {
                fires(|b| b.0)?[0]
            } else {
                high
            };
            least = least.max(low);
            sum += high;
            quiet *= 1.0 - high;
        }
        let high = if associated {
            1.0 - quiet
        } else {
            sum.min(1.0)
        };
        Ok((least, high))
    }

    /// The datapoints of a stage, and whether none can be missing.
    fn runs(&self, case: Case<'_>) -> Result<(Vec<Run>, bool), String> {
        let Case {
            alarm,
            parts,
            stage,
            defect,
            phase,
        } = case;
        let every = f64::from(alarm.every_s);
        let (mut runs, mut all_there) = (Vec::new(), true);
        let mut j = (((stage.begins_s.max(0.0) - alarm.lag_s - phase) / every).floor()).max(0.0);
        loop {
            let end = phase + j * every;
            if end + alarm.lag_s > stage.ends_s {
                return Ok((runs, all_there));
            }
            let mut run = Run {
                count: 1,
                low: 0.0,
                high: 0.0,
            };
            if end + alarm.lag_s <= stage.begins_s {
                j += 1.0;
                continue;
            }
            let is_cleared = alarm.resets_on_step && end <= stage.begins_s;
            if !is_cleared {
                let same = self
                    .same_until(alarm, end, stage.live_s, defect)
                    .min(stage.ends_s - alarm.lag_s);
                run.count += ((same - end) / every).floor().max(0.0) as u64;
                // One that is not there keeps its place in the row.
                if self.is_there(alarm, end) {
                    let (low, high) = self.both(parts, end, stage.live_s, defect)?;
                    all_there &= high.missing < NEGLIGIBLE;
                    run.low = low.breach;
                    run.high = match alarm.missing {
                        Missing::NotBreaching => high.breach,
                        _ => (high.breach + high.missing).min(1.0),
                    };
                }
            }
            self.memory.spend(1)?;
            j += run.count as f64;
            runs.push(run);
        }
    }
}

/// From so many datapoints on blocks are tried to begin.
const MOST_OFFSETS: u64 = 256;

/// Chances of missing datapoints that are none.
const NEGLIGIBLE: f64 = 1e-12;

/// An alarm's conditions, each by itself; one where both have the same window.
fn parts(alarm: &Alarm) -> Result<Vec<Part>, String> {
    if let Ok(question) = question(alarm) {
        return Ok(vec![Part {
            alarm: alarm.clone(),
            question,
        }]);
    }
    let first = Alarm {
        and: None,
        ..alarm.clone()
    };
    let second = alarm.and.map(|and| Alarm {
        condition: and.condition,
        window_s: and.window_s,
        // Its datapoints are another alarm's.
        key: crate::random::NameKey::of(&format!("{} and", alarm.name)),
        ..first.clone()
    });
    let part = |alarm: Alarm| {
        let question = question(&alarm)?;
        Ok(Part { alarm, question })
    };
    [Some(first), second]
        .into_iter()
        .flatten()
        .map(part)
        .collect()
}

/// The chance that none breaches of every `stride`-th datapoint from `offset` on.
fn quiet_of_class(runs: &[Run], offset: u64, stride: u64) -> f64 {
    let before = |n: u64| (n + stride - 1 - offset) / stride;
    let mut at = 0;
    let mut log = 0.0;
    for run in runs {
        let of_class = before(at + run.count) - before(at);
        if of_class > 0 {
            log += of_class as f64 * libm::log1p(-run.low);
        }
        at += run.count;
    }
    libm::exp(log)
}

/// The chance at the most that in none of the blocks all of `needed` datapoints breach that lie `apart`; the first block
/// begins at `from`, and they lie `stride` apart. `all` is the chance at the least that so many with the same chance do.
fn quiet_of_blocks(
    runs: &[Run],
    from: u64,
    needed: u64,
    apart: u64,
    stride: u64,
    all: impl Fn(f64, u64) -> f64,
) -> f64 {
    let mut starts = Vec::with_capacity(runs.len());
    let mut total = 0;
    for run in runs {
        starts.push(total);
        total += run.count;
    }
    let block = (needed - 1) * apart;
    let (mut at, mut quiet) = (from, 1.0);
    while at + block < total {
        let of = |i: u64| starts.partition_point(|&s| s <= i) - 1;
        let first = of(at);
        let run = runs[first];
        let left = starts[first] + run.count - at;
        // As many blocks as lie in this run say the same; one that reaches further is as good as its worst datapoint.
        let (low, blocks) = if left > block {
            (run.low, 1 + (left - block - 1) / (block + stride))
        } else {
            let chances = (0..needed).map(|k| runs[of(at + k * apart)].low);
            (chances.fold(1.0, f64::min), 1)
        };
        let breach = all(low, needed).clamp(0.0, 1.0);
        quiet *= libm::pow(1.0 - breach, blocks as f64);
        at += blocks * (block + stride);
    }
    quiet
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(runs: &[Run]) -> Vec<f64> {
        let all = runs.iter();
        all.flat_map(|r| vec![r.low; r.count as usize]).collect()
    }

    fn runs() -> Vec<Run> {
        let run = |count, low| Run {
            count,
            low,
            high: low,
        };
        vec![run(3, 0.2), run(17, 0.4), run(1, 0.0), run(5, 0.3)]
    }

    #[test]
    fn classes_and_blocks_of_runs_are_those_of_single_datapoints() {
        let (runs, single) = (runs(), plain(&runs()));
        for stride in 1..8_u64 {
            for offset in 0..stride {
                let of = single.iter().skip(offset as usize).step_by(stride as usize);
                let quiet: f64 = of.map(|p| 1.0 - p).product();
                assert!((quiet_of_class(&runs, offset, stride) - quiet).abs() < 1e-12);
            }
            for (needed, apart) in [(2_u64, 1_u64), (2, 3), (3, 2)] {
                let block = (needed - 1) * apart;
                for from in 0..4 {
                    let (mut at, mut quiet) = (from, 1.0);
                    while at + block < single.len() as u64 {
                        let all = (0..needed).map(|k| single[(at + k * apart) as usize]);
                        let worst = all.fold(1.0, f64::min);
                        quiet *= 1.0 - libm::pow(worst, needed as f64);
                        at += block + stride;
                    }
                    let all = |p: f64, n: u64| libm::pow(p, n as f64);
                    let found = quiet_of_blocks(&runs, from, needed, apart, stride, all);
                    assert!(
                        (found - quiet).abs() < 1e-12,
                        "{from} {stride} {needed} {apart}"
                    );
                }
            }
        }
    }
}
