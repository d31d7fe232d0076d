//! A gate with one thing changed.

use std::rc::Rc;
use std::sync::Arc;

use super::gate::Gate;
use super::stage::StageKind;
use crate::plan::{Condition, StepShare};

/// What can be turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knob {
    /// How long the stage bakes, in seconds.
    Bake,
    /// The new version's share of the zone in the stage's step.
    Canary,
    /// Traffic, as a multiple of the region's mean.
    Requests,
    /// The alarm's threshold.
    Threshold,
}

impl<'p> Gate<'p> {
    /// This gate with a knob set; `None` where the stage or the alarm has no such thing.
    pub fn set(&self, knob: Knob, alarm: usize, stage: usize, value: f64) -> Option<Gate<'p>> {
        let mut strategy = (*self.strategy).clone();
        let (mut traffic, mut baked) = (self.traffic, self.baked);
        let kind = self.course.stages[stage].kind;
        match knob {
            Knob::Bake => baked = Some((kind, value)),
            Knob::Requests => traffic = value,
            Knob::Threshold => {
                let condition = &mut strategy.alarms[alarm].condition;
                *condition = with_threshold(*condition, value)?;
            }
            Knob::Canary => {
                let StageKind::Step(step) = kind else {
                    return None;
                };
                for wave in &mut strategy.waves {
                    let mut steps = wave.steps.to_vec();
                    if let Some(step) = steps.get_mut(step as usize - 1) {
                        step.to = StepShare::Exact(value);
                    }
                    wave.steps = Arc::from(steps);
                }
            }
        }
        let memory = Rc::new(self.memory.fresh());
        let strategy = Rc::new(strategy);
        Gate::with(self.plan, strategy, self.region, traffic, baked, memory)
    }

    /// What a knob stands at.
    pub fn at(&self, knob: Knob, alarm: usize, stage: usize) -> Option<f64> {
        let of = &self.course.stages[stage];
        match knob {
            Knob::Bake => Some(of.ends_s - of.bakes_s),
            Knob::Requests => Some(self.traffic),
            Knob::Canary => matches!(of.kind, StageKind::Step(_)).then_some(of.share),
            Knob::Threshold => threshold(self.strategy.alarms[alarm].condition),
        }
    }
}

/// The number in a condition; that of a test is its critical value. `None` of conditions on the number of requests.
pub fn threshold(condition: Condition) -> Option<f64> {
    match condition {
        Condition::Ratio { over, .. }
        | Condition::Count { over, .. }
        | Condition::ControlPlus { over, .. } => Some(over),
        Condition::ControlTimes { factor, .. } => Some(factor),
        Condition::ControlTest { critical, .. } => Some(critical),
        Condition::RequestsBelow { .. } | Condition::RequestsBelowControl { .. } => None,
    }
}

/// The condition with another number in it.
pub fn with_threshold(condition: Condition, value: f64) -> Option<Condition> {
    let mut changed = condition;
    match &mut changed {
        Condition::Ratio { over, .. }
        | Condition::Count { over, .. }
        | Condition::ControlPlus { over, .. } => *over = value,
        Condition::ControlTimes { factor, .. } => *factor = value,
        Condition::ControlTest { critical, .. } => *critical = value,
        Condition::RequestsBelow { .. } | Condition::RequestsBelowControl { .. } => return None,
    }
    Some(changed)
}
