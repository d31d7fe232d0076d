//! What a rollout came to.

use super::carried::Carried;
use super::rollout::Rollout;
use crate::outcome::{BySli, Ending, Outcome, TimeParts};
use crate::plan::{Plan, Stratum};

/// Seconds of the 30 days for which an error budget is stated.
const BUDGET_S: f64 = 30.0 * 86_400.0;

impl Rollout<'_> {
    /// The outcome of a rollout that has ended.
    pub(super) fn outcome(&self, stratum: Stratum, number: u64) -> Outcome {
        let ending = self.ending.expect("the rollout has ended");
        let stayed = matches!(
            ending,
            Ending::Shipped | Ending::Latent | Ending::Undetected | Ending::Stalled
        ) && !self.attempt.halted;
        let full = self.full.filter(|_| stayed);
        let stop = self.attempt.true_stop.or(self.stops.last_by_chance);
        let (time_to_detect_s, time_to_mitigate_s) = self.reaction_times();
        let meter = &self.meter;
        Outcome {
            stratum,
            number,
            ending,
            time_to_full_s: full.map(|(at, _)| at),
            time_to_done_s: self.done_s.filter(|_| stayed),
            time_parts: full.map_or_else(TimeParts::default, |(_, parts)| parts),
            blast_radius: meter.blast_radius,
            exposure_peak: meter.exposure_peak,
            requests_hit: meter.requests_hit,
            bad_requests: meter.bad_requests,
            bad_requests_by_sli: meter.bad_by_sli.clone(),
            zones_hit: meter.zones_hit(),
            regions_hit: meter.regions_hit(),
            regions_hit_at_once: meter.regions_hit_at_once,
            zones_hit_at_once_in_a_region: meter.zones_hit_at_once_in_a_region,
            time_to_detect_s,
            time_to_mitigate_s,
            detected_by: stop.map(|s| s.by),
            stopped_at: stop.map(|s| s.place),
            attempts: self.draws.attempt,
            stops_by_chance: self.stops.by_chance,
            budget_burn: budget_burn(self.plan, &meter.bad_by_sli),
            start: self.start,
            onset_s: self.carried.as_ref().and_then(Carried::shared_delay),
            severity_by_sli: drawn_severities(self.plan, self.carried.as_ref()),
        }
    }

    /// From first active to the true detection, and until nothing was hit any more. Neither where the fault woke only
    /// after the stop.
    fn reaction_times(&self) -> (Option<f64>, Option<f64>) {
        let (Some(stop), Some(active)) = (self.attempt.true_stop, self.meter.first_active) else {
            return (None, None);
        };
        if active > stop.at {
            return (None, None);
        }
        let mitigated = self.zones.iter().all(|z| z.hits.hit <= 0.0);
        (
            Some(stop.at - active),
            mitigated.then_some(self.meter.last_hit - active),
        )
    }
}

/// The outcome of a rollout that came to its end in its first attempt, and hit nothing. `full`: when every targeted zone had
/// its last step's share, and what the time was spent on.
pub(super) fn unhit(
    plan: &Plan,
    (stratum, number): (Stratum, u64),
    start: f64,
    carried: Option<&Carried<'_>>,
    (full, done_s): ((f64, TimeParts), f64),
    exposure_peak: f64,
) -> Outcome {
    let unhit = Outcome::unhit(stratum, number, plan.slis.len());
    Outcome {
        ending: if carried.is_some() {
            Ending::Latent
        } else {
            Ending::Shipped
        },
        time_to_full_s: Some(full.0),
        time_to_done_s: Some(done_s),
        time_parts: full.1,
        exposure_peak,
        budget_burn: budget_burn(plan, &unhit.bad_requests_by_sli),
        start,
        onset_s: carried.and_then(Carried::shared_delay),
        severity_by_sli: drawn_severities(plan, carried),
        ..unhit
    }
}

/// The largest share of a 30-day error budget that the fault spent, over SLIs with an objective.
fn budget_burn(plan: &Plan, bad_by_sli: &[f64]) -> Option<f64> {
    let with_objective = plan.slis.iter().zip(bad_by_sli);
    let burns = with_objective.filter_map(|(sli, bad)| {
        let budget = (1.0 - sli.objective?) * plan.fleet.rps * BUDGET_S;
        Some(bad / budget)
    });
    burns.reduce(f64::max)
}

fn drawn_severities(plan: &Plan, carried: Option<&Carried<'_>>) -> BySli<Option<f64>> {
    let slis = 0..plan.slis.len();
    slis.map(|sli| carried.filter(|c| c.touches(sli)).map(|c| c.severity[sli]))
        .collect()
}
