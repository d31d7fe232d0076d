//! What a rollout will probably come to, at a small part of the cost of simulating it.
//!
//! A forecast walks the program as if nothing disturbed it, then looks which incident or failed test would be the first to
//! stop it, and goes on with the next attempt. Draws are those of the rollout of the same name, so the two mostly agree.
//! Where they do not: a forecast knows no noise of counts, no warm-up, no waiting for incidents to pass, no pauses, one
//! incident at a time. Of a faulty change it takes for granted that it is stopped.
//!
//! No result may rest on a forecast alone. What it is for is a *control variate*: the mean of outcomes less their own
//! forecasts, plus the mean of many forecasts, is that of outcomes, and varies less (`check::judge`). That holds of
//! forecasts however bad they are.

mod trouble;

use super::background::{Incident, sources};
use super::carried::Draws;
use super::layout::Layout;
use super::outcome::unhit;
use super::people::delay_of_people;
use super::rollout::drawn_start;
use super::stop::{Where, scope_of};
use super::undisturbed::{Course, Program, Ties, Times};
use crate::outcome::{Ending, Outcome, TimeParts};
use crate::plan::{Stratum, ThenFleet};
use crate::random::{NameKey, Purpose, RolloutKey};
use trouble::{Stop, Trouble};

/// So many sources of incidents are looked at in the time of a part of a step, or less.
const SOURCES_PER_PART: usize = 4;

/// Forecasts of one strategy.
#[derive(Debug)]
pub(super) struct Forecaster {
    program: Program,
}

impl Forecaster {
    /// `None` where the program is not the same in all rollouts.
    pub(super) fn of(layout: &Layout<'_>) -> Option<Forecaster> {
        let program = Program::of(layout.plan, layout.strategy)?;
        Some(Forecaster { program })
    }

    /// Whether incidents have few sources, beside all that happens in a rollout.
    pub(super) fn is_cheap(&self, layout: &Layout<'_>) -> bool {
        let zones = self.program.zones.iter().flatten();
        let parts: usize = zones
            .map(|zone| self.program.kinds[zone.kind].states.len())
            .sum();
        sources(layout.plan) <= SOURCES_PER_PART * parts
    }

    /// The outcome of a rollout; `None` if it goes in a way that is not foreseen.
    pub(super) fn outcome(
        &self,
        layout: &Layout<'_>,
        seed: u64,
        (stratum, number): (Stratum, u64),
        (times, incidents): (&mut Times, &mut Vec<Incident>),
    ) -> Option<Outcome> {
        let plan = layout.plan;
        let key = RolloutKey::new(seed, plan.stratum_key(stratum), number);
        let mut draws = Draws { key, attempt: 1 };
        let start = drawn_start(&plan.start, draws);
        let shipped = |reached| unhit(plan, (stratum, number), start, None, reached, 0.0);
        let stopped = |ending| Outcome {
            ending,
            time_to_full_s: None,
            time_to_done_s: None,
            ..shipped(((f64::INFINITY, TimeParts::default()), f64::INFINITY))
        };
        if stratum != Stratum::FaultFree {
            return Some(stopped(Ending::RolledBack));
        }
        let (mut begins, mut stops) = (0.0, 0);
        loop {
            let course = Course {
                plan,
                strategy: layout.strategy,
                program: &self.program,
                draws,
                start,
                begins,
                fault: None,
                ties: Ties::AnyWillDo,
            };
            let walked = course.walk(times);
            let failed = match walked {
                Some(_) => None,
                None => Some(times.failed?),
            };
            let until = failed.map_or(times.end, |(at, _)| at);
            let trouble = Trouble {
                layout,
                program: &self.program,
                draws,
                start,
                until,
            };
            let fired = trouble.first_stop(times, incidents);
            let stop = match (fired, failed, walked) {
                (None, None, Some(reached)) => {
                    return Some(Outcome {
                        attempts: draws.attempt,
                        stops_by_chance: stops,
                        ..shipped(reached)
                    });
                }
                (Some(stop), _, _) => stop,
                (None, failed, _) => Stop::of_test(failed?),
            };
            stops += 1;
            let over = over_at(layout, (draws, start), stop, times);
            let Some(retry) = plan.retry.as_ref().filter(|r| draws.attempt <= r.max) else {
                return Some(Outcome {
                    attempts: draws.attempt,
                    stops_by_chance: stops,
                    ..stopped(Ending::GivenUp)
                });
            };
            let mut waits = draws.anew(Purpose::RetryWait, NameKey::NONE);
            begins = over + retry.after.sample(&mut waits);
            if begins >= plan.horizon_s {
                return None;
            }
            draws.attempt += 1;
        }
    }
}

/// When no new version is left anywhere after a stop.
fn over_at(layout: &Layout<'_>, (draws, start): (Draws, f64), stop: Stop, times: &Times) -> f64 {
    let (plan, rollback) = (layout.plan, &layout.strategy.rollback);
    let rest_goes = || match &rollback.then_fleet {
        ThenFleet::After(delay) => {
            let (at, purpose) = (start + stop.at, Purpose::ThenFleet);
            stop.at + delay_of_people(plan, draws, at, delay, purpose, NameKey::NONE)
        }
        ThenFleet::Never => stop.at + plan.watch_s,
    };
    let at_once = scope_of(plan, layout.strategy, Where::Instance(stop.seen));
    let mut over = stop.at;
    let mut rest = None;
    for zone in &times.zones {
        if times.live_from(zone) > stop.at {
            continue;
        }
        let goes = match &at_once {
            Some(zones) if !zones.contains(&zone.zone) => *rest.get_or_insert_with(rest_goes),
            _ => stop.at,
        };
        let name = plan.fleet.zones[zone.zone].key;
        let takes = draws.sample(&rollback.takes, Purpose::RollbackTime, name);
        over = f64::max(over, goes + takes);
    }
    over
}
