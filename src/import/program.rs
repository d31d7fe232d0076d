//! A schedule and the steps of a strategy, written down together.

use super::duration::{go_duration_s, literal};
use super::imported::{Dwell, Imported};
use super::refusal::At;
use super::settings::Settings;
use super::strategy::{Bake, Step, Strategy};

/// Batches of a rolling update that are told apart; of more, several are one step.
const MOST_BATCHES: u64 = 200;

/// Steps while they are put together, beside the schedule that they make.
#[derive(Debug, Default)]
pub struct Program {
    steps: Vec<Step>,
}

impl Program {
    /// A share and how long it stays. `takes`: a literal, how long it takes to get there.
    pub fn stage(
        &mut self,
        imported: &mut Imported,
        (share, dwell): (f64, Dwell),
        takes: Option<String>,
        at: At,
        comment: impl Into<String>,
    ) {
        imported.stage(share, dwell, at);
        let bake = match dwell {
            Dwell::Seconds(0.0) => Bake::None,
            Dwell::Seconds(s) => Bake::For(s),
            Dwell::Manual => Bake::Manual,
            Dwell::Unbounded => Bake::Endless,
        };
        imported.manual_gates += u32::from(dwell == Dwell::Manual);
        let mut step = Step::new(share, bake, at, comment);
        step.takes = takes.filter(|t| t != "0s");
        self.steps.push(step);
    }

    /// How long all takes, and the strategy. Its approvals are those of `settings` where somebody is asked.
    pub fn finish(self, imported: &mut Imported, settings: &Settings) -> Strategy {
        let dwell = |d: Dwell| match d {
            Dwell::Seconds(s) => Some(s),
            Dwell::Manual => Some(0.0),
            Dwell::Unbounded => None,
        };
        let before_full = imported
            .schedule
            .iter()
            .take_while(|s| s.weight_percent < 100.0);
        // An empty sum is -0, which is written so.
        let sum = |all: Option<f64>| all.map(|s| s + 0.0);
        imported.full_s = sum(before_full.map(|s| dwell(s.dwell)).sum());
        imported.done_s = sum(imported.schedule.iter().map(|s| dwell(s.dwell)).sum());
        let asks = imported.manual_gates > 0;
        if asks {
            let text = format!("somebody who is waited for takes {}", settings.human_delay);
            imported.assumes(imported.at, text, Some("--human-delay"));
        }
        Strategy {
            steps: self.steps,
            approval: asks.then(|| settings.human_delay.clone()),
            ..Strategy::default()
        }
    }
}

/// Says what a strategy file takes for granted of pods or allocations, and how long a way back in batches takes.
pub fn in_batches(
    strategy: &mut Strategy,
    imported: &mut Imported,
    batches: u64,
    healthy_s: f64,
    settings: &Settings,
) {
    let start = &settings.pod_start;
    imported.assumes(
        imported.at,
        format!("an instance takes {start} to start"),
        Some("--pod-start"),
    );
    let batches = batches.max(1);
    strategy.rollback_in = batches.min(MOST_BATCHES) as u32;
    strategy.rollback_takes = Some(match go_duration_s(start) {
        Some(start_s) => literal((start_s + healthy_s) * batches as f64),
        None => {
            let text =
                "going back takes as many batches as going on; here it takes the start of one";
            imported.loses(imported.at, text);
            start.clone()
        }
    });
}

/// The ends of the batches to be told apart, of `batches` from 1: all, or about two hundred.
pub fn told_apart(batches: u64, imported: &mut Imported) -> Vec<u64> {
    let at_once = batches.div_ceil(MOST_BATCHES).max(1);
    if at_once > 1 {
        let text = format!("{batches} batches are too many: {at_once} at a time are one step");
        imported.loses(imported.at, text);
    }
    (1..=batches.div_ceil(at_once))
        .map(|step| (step * at_once).min(batches))
        .collect()
}
