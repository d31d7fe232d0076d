//! Rollouts that nothing disturbs are reckoned, not simulated.
//!
//! As long as no alarm fires, no test fails and no fault wakes, the course of a rollout follows from its draws by plain
//! arithmetic: no queue, no state of zones. `course` walks the program with the draws and the sums of the full way, so that
//! times are the same bits. `certificate` then says whether any alarm could have fired, without looking at a bucket: by
//! the *hazard* of its buckets against the budget that its process draws (`skip::Clock`). Where it cannot rule that out,
//! where two strands end at one moment with different parts (which goes on is a question of the queue), or where anything
//! else stands in the way, the rollout is simulated.
//!
//! `kinds` has what is the same in all rollouts, `watched` what alarms make of it.

mod certificate;
mod course;
mod kinds;
mod times;
mod watched;

use std::sync::OnceLock;

use super::background::none_is_on;
use super::carried::{Carried, Draws};
use super::layout::Layout;
use super::outcome::unhit;
use super::rollout::drawn_start;
use super::skip::Way;
use crate::outcome::Outcome;
use crate::plan::{Scope, Stratum, TriggerKind, Varies};
use crate::random::RolloutKey;
use course::Fault;
pub(super) use course::{Course, Ties};
pub(super) use kinds::Program;
pub(super) use times::Times;
use watched::Watched;

/// A strategy whose rollouts can be reckoned.
#[derive(Debug)]
pub(super) struct Undisturbed {
    program: Program,
    /// What alarms make of it, found when first asked for; `None` where nothing can be said.
    watched: OnceLock<Option<Watched>>,
}

impl Undisturbed {
    /// `None` if something may disturb every rollout of the strategy: warm-up, alarms that hold bakes, an order of regions
    /// that is drawn anew.
    pub(super) fn of(layout: &Layout<'_>) -> Option<Undisturbed> {
        let plan = layout.plan;
        if layout.way != Way::Skipping || plan.warm_up.is_some() || layout.any_holds {
            return None;
        }
        Some(Undisturbed {
            program: Program::of(plan, layout.strategy)?,
            watched: OnceLock::new(),
        })
    }

    /// What a rollout comes to, if it can be told that nothing disturbs it.
    pub(super) fn outcome(
        &self,
        layout: &Layout<'_>,
        seed: u64,
        stratum: Stratum,
        number: u64,
        times: &mut Times,
    ) -> Option<Outcome> {
        let plan = layout.plan;
        if !may_sleep(layout, stratum) {
            return None;
        }
        let watched = self
            .watched
            .get_or_init(|| Watched::of(layout, &self.program));
        let watched = watched.as_ref()?;
        let key = RolloutKey::new(seed, plan.stratum_key(stratum), number);
        let draws = Draws { key, attempt: 1 };
        let start = drawn_start(&plan.start, draws);
        let carried = Carried::draw(plan, stratum, draws);
        let fault = match &carried {
            Some(carried) => Some(Fault {
                carried,
                wakes_after_s: carried.delay_s?,
            }),
            None => None,
        };
        let course = Course {
            plan,
            strategy: layout.strategy,
            program: &self.program,
            draws,
            start,
            begins: 0.0,
            fault,
            ties: Ties::GiveUp,
        };
        let reached = course.walk(times)?;
        if !none_is_on(plan, draws, layout.world_from_s, times.end)
            || !certificate::nothing_fires(layout, &self.program, watched, draws, times)
        {
            return None;
        }
        let exposure_peak = match carried {
            Some(_) => times.exposure_peak(plan, &self.program, start),
            None => 0.0,
        };
        let name = (stratum, number);
        let carried = carried.as_ref();
        Some(unhit(plan, name, start, carried, reached, exposure_peak))
    }
}

/// Whether the change of a stratum can stay undisturbed: it is good, or its fault sleeps for a delay that is the same
/// everywhere. What is exposed is followed at constant traffic only.
fn may_sleep(layout: &Layout<'_>, stratum: Stratum) -> bool {
    let Stratum::Fault(index) = stratum else {
        return true;
    };
    let trigger = &layout.plan.change.faults[index].trigger;
    let is_flat = layout.levels.iter().all(|l| l.least() == l.most());
    is_flat
        && matches!(trigger.kind, TriggerKind::Delay(_))
        && trigger.varies == Varies::Alike
        && trigger.scope != Scope::Cohort
}
