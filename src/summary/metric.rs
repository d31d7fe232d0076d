//! The measured quantities of a rollout, as columns.

use crate::outcome::{Ending, Outcome, TimePart};
use crate::plan::{Plan, Stratum};
use crate::stats::Support;

/// A numeric column of MODEL.md section 9.
///
/// `start` is none: it is a date, drawn and not brought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// `time_to_full_s`: from the start until every targeted zone had its last step's share.
    TimeToFull,
    /// `time_to_done_s`: until the last wave's bake ended.
    TimeToDone,
    /// `time_test_s` and so on: a part of the time to full deployment.
    Time(TimePart),
    /// `blast_radius`: peak share of the fleet's traffic that the fault hit.
    BlastRadius,
    /// `exposure_peak`: peak share of the fleet's traffic on a faulty new version.
    ExposurePeak,
    /// `requests_hit`.
    RequestsHit,
    /// `bad_requests`, on any SLI.
    BadRequests,
    /// `bad_requests_<sli>`, by SLI index.
    BadRequestsOf(usize),
    /// `zones_hit`.
    ZonesHit,
    /// `regions_hit`.
    RegionsHit,
    /// `regions_hit_at_once`.
    RegionsHitAtOnce,
    /// `zones_hit_at_once_in_a_region`.
    ZonesHitAtOnceInARegion,
    /// `time_to_detect_s`: from first active to detection.
    TimeToDetect,
    /// `time_to_mitigate_s`: from first active to nothing hit any more.
    TimeToMitigate,
    /// `attempts`.
    Attempts,
    /// `stops_by_chance`.
    StopsByChance,
    /// `budget_burn`: largest share of a 30-day error budget spent.
    BudgetBurn,
    /// `onset_s`: the delay drawn for the change.
    Onset,
    /// `severity_<sli>`: the additional bad probability drawn, by SLI index.
    Severity(usize),
}

/// What a rollout says about a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    /// This much.
    Value(f64),
    /// It did not come to it: infinitely long.
    Never,
    /// The question does not arise.
    NotApplicable,
}

impl Metric {
    /// The metrics of a plan, in the order of the columns.
    pub fn all(plan: &Plan) -> Vec<Metric> {
        let slis = 0..plan.slis.len();
        let mut all = vec![Metric::TimeToFull, Metric::TimeToDone];
        all.extend(TimePart::ALL.map(Metric::Time));
        all.extend([
            Metric::BlastRadius,
            Metric::ExposurePeak,
            Metric::RequestsHit,
            Metric::BadRequests,
        ]);
        all.extend(slis.clone().map(Metric::BadRequestsOf));
        all.extend([
            Metric::ZonesHit,
            Metric::RegionsHit,
            Metric::RegionsHitAtOnce,
            Metric::ZonesHitAtOnceInARegion,
            Metric::TimeToDetect,
            Metric::TimeToMitigate,
            Metric::Attempts,
            Metric::StopsByChance,
            Metric::BudgetBurn,
            Metric::Onset,
        ]);
        all.extend(slis.map(Metric::Severity));
        all
    }

    /// The column's name.
    pub fn name(self, plan: &Plan) -> String {
        match self {
            Metric::TimeToFull => "time_to_full_s".to_owned(),
            Metric::TimeToDone => "time_to_done_s".to_owned(),
            Metric::Time(part) => part.column().to_owned(),
            Metric::BlastRadius => "blast_radius".to_owned(),
            Metric::ExposurePeak => "exposure_peak".to_owned(),
            Metric::RequestsHit => "requests_hit".to_owned(),
            Metric::BadRequests => "bad_requests".to_owned(),
            Metric::BadRequestsOf(sli) => format!("bad_requests_{}", plan.slis[sli].name),
            Metric::ZonesHit => "zones_hit".to_owned(),
            Metric::RegionsHit => "regions_hit".to_owned(),
            Metric::RegionsHitAtOnce => "regions_hit_at_once".to_owned(),
            Metric::ZonesHitAtOnceInARegion => "zones_hit_at_once_in_a_region".to_owned(),
            Metric::TimeToDetect => "time_to_detect_s".to_owned(),
            Metric::TimeToMitigate => "time_to_mitigate_s".to_owned(),
            Metric::Attempts => "attempts".to_owned(),
            Metric::StopsByChance => "stops_by_chance".to_owned(),
            Metric::BudgetBurn => "budget_burn".to_owned(),
            Metric::Onset => "onset_s".to_owned(),
            Metric::Severity(sli) => format!("severity_{}", plan.slis[sli].name),
        }
    }

    /// The unit of its values.
    pub fn unit(self) -> &'static str {
        match self {
            Metric::TimeToFull
            | Metric::TimeToDone
            | Metric::Time(_)
            | Metric::TimeToDetect
            | Metric::TimeToMitigate
            | Metric::Onset => "s",
            Metric::BlastRadius
            | Metric::ExposurePeak
            | Metric::BudgetBurn
            | Metric::Severity(_) => "share",
            Metric::RequestsHit | Metric::BadRequests | Metric::BadRequestsOf(_) => "requests",
            Metric::ZonesHit | Metric::ZonesHitAtOnceInARegion => "zones",
            Metric::RegionsHit | Metric::RegionsHitAtOnce => "regions",
            Metric::Attempts => "attempts",
            Metric::StopsByChance => "stops",
        }
    }

    /// The values it can take.
    pub fn support(self) -> Support {
        match self {
            Metric::BlastRadius | Metric::ExposurePeak | Metric::Severity(_) => Support::SHARE,
            Metric::Attempts => Support {
                low: 1.0,
                ..Support::NON_NEGATIVE
            },
            _ => Support::NON_NEGATIVE,
        }
    }

    /// Whether it says anything about a change that carries no fault; what a fault does is 0 by definition there, and
    /// gets no row. In the group of all changes these zeros count.
    pub fn applies_fault_free(self) -> bool {
        matches!(
            self,
            Metric::TimeToFull
                | Metric::TimeToDone
                | Metric::Time(_)
                | Metric::Attempts
                | Metric::StopsByChance
        )
    }

    /// Whether it is something bad of which the worst part is asked for: these have a CVaR in the files.
    pub fn is_damage(self) -> bool {
        matches!(
            self,
            Metric::BlastRadius | Metric::RequestsHit | Metric::BadRequests
        )
    }

    /// How large a part of the memory for distinct values it needs in a stratum: most where the headline asks for it,
    /// none to speak of where it only counts or is always 0.
    pub(super) fn parts_of_memory(self, stratum: Stratum) -> usize {
        let is_fault_free = stratum == Stratum::FaultFree;
        match self {
            _ if is_fault_free && !self.applies_fault_free() => 0,
            Metric::TimeToFull if is_fault_free => 8,
            Metric::BlastRadius | Metric::BadRequests => 8,
            Metric::ZonesHit
            | Metric::RegionsHit
            | Metric::RegionsHitAtOnce
            | Metric::ZonesHitAtOnceInARegion
            | Metric::Attempts
            | Metric::StopsByChance => 0,
            _ => 1,
        }
    }

    /// What a rollout says about it.
    ///
    /// - `time_to_full_s` and `time_to_done_s` of a deployment that did not stay, or stalled before: never.
    /// - Parts of the time to full: of those that got there.
    /// - `time_to_detect_s`: of faults that were ever active; never, where nobody saw it (`undetected`, `stalled`
    ///   before, `given-up` after stops by chance). It does not apply where the fault slept until it was seen or the
    ///   rollout was over (`caught`, `latent`, a test that sees a sleeping fault).
    /// - `time_to_mitigate_s`: the same; detected faults of which something stayed hit are never mitigated. It does
    ///   not apply to `given-up`, whose rollback was by chance.
    /// - `budget_burn` without an objective, `onset_s` and `severity_<sli>` where none was drawn: do not apply.
    pub fn reading(self, outcome: &Outcome) -> Reading {
        match self {
            Metric::TimeToFull => or_never(outcome.time_to_full_s),
            Metric::TimeToDone => or_never(outcome.time_to_done_s),
            Metric::Time(part) => match outcome.time_to_full_s {
                Some(_) => Reading::Value(outcome.time_parts.get(part)),
                None => Reading::NotApplicable,
            },
            Metric::BlastRadius => Reading::Value(outcome.blast_radius),
            Metric::ExposurePeak => Reading::Value(outcome.exposure_peak),
            Metric::RequestsHit => Reading::Value(outcome.requests_hit),
            Metric::BadRequests => Reading::Value(outcome.bad_requests),
            Metric::BadRequestsOf(sli) => Reading::Value(outcome.bad_requests_by_sli[sli]),
            Metric::ZonesHit => Reading::Value(f64::from(outcome.zones_hit)),
            Metric::RegionsHit => Reading::Value(f64::from(outcome.regions_hit)),
            Metric::RegionsHitAtOnce => Reading::Value(f64::from(outcome.regions_hit_at_once)),
            Metric::ZonesHitAtOnceInARegion => {
                Reading::Value(f64::from(outcome.zones_hit_at_once_in_a_region))
            }
            Metric::TimeToDetect => detection(outcome),
            Metric::TimeToMitigate => mitigation(outcome),
            Metric::Attempts => Reading::Value(f64::from(outcome.attempts)),
            Metric::StopsByChance => Reading::Value(f64::from(outcome.stops_by_chance)),
            Metric::BudgetBurn => if_any(outcome.budget_burn),
            Metric::Onset => if_any(outcome.onset_s),
            Metric::Severity(sli) => if_any(outcome.severity_by_sli[sli]),
        }
    }
}

fn or_never(value: Option<f64>) -> Reading {
    value.map_or(Reading::Never, Reading::Value)
}

fn if_any(value: Option<f64>) -> Reading {
    value.map_or(Reading::NotApplicable, Reading::Value)
}

fn detection(outcome: &Outcome) -> Reading {
    match (outcome.time_to_detect_s, outcome.ending) {
        (Some(seconds), _) => Reading::Value(seconds),
        (None, Ending::Undetected) => Reading::Never,
        (None, Ending::Stalled | Ending::GivenUp) if outcome.zones_hit > 0 => Reading::Never,
        (None, _) => Reading::NotApplicable,
    }
}

fn mitigation(outcome: &Outcome) -> Reading {
    match (outcome.time_to_mitigate_s, outcome.ending) {
        (Some(seconds), _) => Reading::Value(seconds),
        (None, _) if outcome.time_to_detect_s.is_some() => Reading::Never,
        (None, Ending::Undetected) => Reading::Never,
        (None, Ending::Stalled) if outcome.zones_hit > 0 => Reading::Never,
        (None, _) => Reading::NotApplicable,
    }
}
