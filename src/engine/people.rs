//! What people do, and how long they take.

use super::carried::Draws;
use super::rollout::Rollout;
use crate::plan::{PeopleDelay, Plan};
use crate::random::{NameKey, Purpose, gamma_quantile};

/// How long people take for something that begins at a Unix time: inside and outside working hours may differ.
pub(super) fn delay_of_people(
    plan: &Plan,
    draws: Draws,
    at: f64,
    delay: &PeopleDelay,
    purpose: Purpose,
    of: NameKey,
) -> f64 {
    let at_work = plan.oncall.hours.contains(at);
    let dist = if at_work {
        &delay.inside
    } else {
        &delay.outside
    };
    draws.sample(dist, purpose, of)
}

impl Rollout<'_> {
    /// How long people take for something that begins now.
    pub(super) fn delay_of_people(
        &self,
        delay: &PeopleDelay,
        purpose: Purpose,
        of: NameKey,
    ) -> f64 {
        let at = self.unix(self.now);
        delay_of_people(self.plan, self.draws, at, delay, purpose, of)
    }

    /// How many bad requests bring the report that is acted on: reports are a Poisson process in bad requests, so the
    /// n-th comes after a gamma amount of them. Infinite if nobody reports.
    pub(super) fn drawn_report(&self) -> f64 {
        let oncall = &self.plan.oncall;
        if oncall.reports_per_bad_request <= 0.0 || oncall.responds.is_none() {
            return f64::INFINITY;
        }
        let uniform = self.draws.anew(Purpose::Reports, NameKey::NONE).uniform();
        gamma_quantile(f64::from(oncall.acts_on_report.max(1)), uniform)
            / oncall.reports_per_bad_request
    }
}
