//! Bounds on chances where windows overlap.

use super::datapoint::Question;
use super::gate::{Chance, Gate};
use super::stage::Stage;
use crate::plan::{Alarm, Missing, Rule};

impl Gate<'_> {
    /// Datapoints whose windows overlap: rigorous bounds. More bad requests, or fewer good ones, never make a datapoint
    /// that breaches a fine one, and buckets are independent: so breaches are associated (Esary, Proschan and Walkup,
    /// Annals of Mathematical Statistics 38 (1967) 1466-1474), and none at all is at least as likely as if they were
    /// independent. Windows that do not overlap are independent.
    pub(super) fn bounds(
        &self,
        alarm: &Alarm,
        question: &Question,
        stage: &Stage,
        defects: &[f64],
    ) -> Result<Vec<Chance>, String> {
        let stride = u64::from(alarm.window_s.div_ceil(alarm.every_s));
        let mut found = Vec::new();
        for &defect in defects {
            let (mut low, mut high) = (0.0, 0.0);
            for (phase, weight) in self.phases(alarm, stage) {
                let (l, h) = self.bounds_at(alarm, question, stage, defect, phase, stride)?;
                low += weight * l;
                high += weight * h;
            }
            found.push(Chance::Between(low.clamp(0.0, 1.0), high.clamp(0.0, 1.0)));
        }
        Ok(found)
    }

    fn bounds_at(
        &self,
        alarm: &Alarm,
        question: &Question,
        stage: &Stage,
        defect: f64,
        phase: f64,
        stride: u64,
    ) -> Result<(f64, f64), String> {
        let every = f64::from(alarm.every_s);
        let mut breaches = Vec::new();
        let mut associated = true;
        let first =
            (((stage.begins_s.max(0.0) - alarm.lag_s - phase) / every).floor()).max(0.0) as u64;
        for j in first.. {
            let end = phase + j as f64 * every;
            if end + alarm.lag_s > stage.ends_s {
                break;
            }
            if end + alarm.lag_s <= stage.begins_s {
                continue;
            }
            let is_cleared = alarm.resets_on_step && end <= stage.begins_s;
            if is_cleared || !self.is_there(alarm, end) {
                // It keeps its place in the row.
                breaches.push((end, 0.0, 0.0));
                continue;
            }
            let v = self.verdicts(alarm, question, end, stage.live_s, defect)?;
            associated &= v.missing < 1e-12;
            let as_breach = match alarm.missing {
                Missing::NotBreaching => v.breach,
                _ => (v.breach + v.missing).min(1.0),
            };
            breaches.push((end, as_breach, v.breach));
        }
        let union: f64 = breaches.iter().map(|b| b.1).sum();
        let independent = 1.0 - breaches.iter().map(|b| 1.0 - b.1).product::<f64>();
        let mut high = if associated {
            independent
        } else {
            union.min(1.0)
        };
        // Datapoints that the rule counts together.
        let apart = u64::from(alarm.period_s / alarm.every_s);
        let needed = match alarm.rule {
            Rule::MOfN { m, .. } | Rule::InAll { m } => m,
        };
        // So many disjoint windows, each with the datapoints that meet the rule by themselves.
        let low = if needed == 1 {
            let quiet = |offset: u64| {
                let of = breaches
                    .iter()
                    .skip(offset as usize)
                    .step_by(stride as usize);
                of.map(|b| 1.0 - b.2).product::<f64>()
            };
            1.0 - (0..stride).map(quiet).fold(1.0, f64::min)
        } else if associated {
            let block = u64::from(needed - 1) * apart;
            let mut quiet = 1.0;
            let mut at = 0_u64;
            while at + block < breaches.len() as u64 {
                let run = (0..u64::from(needed)).map(|k| breaches[(at + k * apart) as usize].2);
                quiet *= 1.0 - run.product::<f64>();
                at += block + stride;
            }
            1.0 - quiet
        } else {
            0.0
        };
        if alarm.window_s <= alarm.period_s && needed > 1 {
            // Those a period apart are independent of each other: each phase of them is a chain.
            let mut quiet = 1.0;
            let (mut least, mut sum) = (0.0_f64, 0.0);
            for residue in 0..apart as u32 {
                let fires = self.fires(alarm, question, stage, &[defect], (phase, residue))?[0];
                least = least.max(fires);
                sum += fires;
                quiet *= 1.0 - fires;
            }
            high = if associated {
                1.0 - quiet
            } else {
                sum.min(1.0)
            };
            return Ok((least, high));
        }
        Ok((low, high))
    }
}
