//! When the fault wakes: the instances of its trigger, and what each is waiting for.

use super::event::{Event, Instance};
use super::rollout::Rollout;
use super::traffic::{merge_rates, time_of_requests};
use crate::plan::{Scope, TriggerKind};
use crate::random::NameKey;
use crate::trace::{Site, What};

/// A share this close to a threshold has reached it: sums of parts like 0.1 + 0.2 miss by a rounding error.
const SHARE_TOLERANCE: f64 = 1e-9;

/// One instance of the trigger's scope.
#[derive(Clone, Debug)]
pub(super) struct TriggerInstance {
    instance: Instance,
    key: NameKey,
    /// Whether it has had new-version traffic in this attempt.
    exposed: bool,
    /// Whether what it waited for has come (onset is at most a delay away).
    reached: bool,
    /// When the fault woke here.
    onset: Option<f64>,
    /// Requests to the new version up to `sent_at`, and requests at which it wakes.
    sent: f64,
    sent_at: f64,
    wakes_after: f64,
    token: u32,
}

impl Rollout<'_> {
    /// Sets up the trigger's instances for a new attempt.
    pub(super) fn reset_triggers(&mut self) {
        self.triggers.clear();
        let Some(carried) = &self.carried else { return };
        let fleet = &self.plan.fleet;
        let mut add = |instance, key| {
            self.triggers.push(TriggerInstance {
                instance,
                key,
                exposed: false,
                reached: false,
                onset: None,
                sent: 0.0,
                sent_at: 0.0,
                wakes_after: f64::INFINITY,
                token: 0,
            });
        };
        match carried.fault.trigger.scope {
            Scope::Fleet => add(Instance::Fleet, NameKey::NONE),
            Scope::Region => {
                fleet
                    .regions
                    .iter()
                    .enumerate()
                    .for_each(|(i, r)| add(Instance::Region(i), r.key));
            }
            Scope::Zone => fleet
                .zones
                .iter()
                .enumerate()
                .for_each(|(i, z)| add(Instance::Zone(i), z.key)),
            Scope::Cohort => {}
        }
    }

    /// The onset that rules a zone's new version, for triggers that are not cohort by cohort.
    pub(super) fn onset_in(&self, zone: usize) -> Option<f64> {
        let carried = self.carried.as_ref()?;
        let region = self.plan.fleet.zones[zone].region;
        if !carried.susceptible[region] {
            return None;
        }
        self.triggers
            .get(self.trigger_of(zone)?)
            .and_then(|t| t.onset)
    }

    /// The instance that covers a zone.
    fn trigger_of(&self, zone: usize) -> Option<usize> {
        match self.carried.as_ref()?.fault.trigger.scope {
            Scope::Fleet => Some(0),
            Scope::Region => Some(self.plan.fleet.zones[zone].region),
            Scope::Zone => Some(zone),
            Scope::Cohort => None,
        }
    }

    /// The share of a zone changed just now.
    pub(super) fn trigger_sees_share(&mut self, zone: usize) {
        let Some(carried) = &self.carried else { return };
        if !carried.susceptible[self.plan.fleet.zones[zone].region] {
            return;
        }
        if let Some(instance) = self.trigger_of(zone) {
            self.update_trigger(instance);
        }
    }

    /// Traffic changed just now: shares of the fleet's traffic, and traffic itself, may reach a threshold.
    pub(super) fn trigger_sees_traffic(&mut self) {
        let Some(carried) = &self.carried else { return };
        let fleet_wide = carried.fault.trigger.scope == Scope::Fleet;
        let matters = match carried.fault.trigger.kind {
            TriggerKind::Traffic { .. } => true,
            TriggerKind::Share { .. } | TriggerKind::Mixed => fleet_wide,
            _ => false,
        };
        if matters {
            (0..self.triggers.len()).for_each(|i| self.update_trigger(i));
        }
    }

    /// Looks at what an instance waits for, after its shares or traffic changed.
    fn update_trigger(&mut self, index: usize) {
        let Some(carried) = &self.carried else { return };
        let only_first_counts = matches!(
            carried.fault.trigger.kind,
            TriggerKind::Delay(_) | TriggerKind::Daily(_) | TriggerKind::Moment(_)
        );
        if only_first_counts && self.triggers[index].exposed {
            return;
        }
        let instance = self.triggers[index].instance;
        let reading = self.read_share(instance);
        let first = reading.on_new > 0.0 && !self.triggers[index].exposed;
        self.triggers[index].exposed |= first;
        let exposed_now = reading.on_new > 0.0;
        match &carried.fault.trigger.kind {
            TriggerKind::Delay(_) => {
                if first {
                    self.threshold_reached(index);
                }
            }
            TriggerKind::Share { share, .. } => {
                if exposed_now && reading.on_new >= (*share - SHARE_TOLERANCE) * reading.all {
                    self.threshold_reached(index);
                }
            }
            TriggerKind::Traffic { times, .. } => {
                if exposed_now && reading.all >= *times * reading.nominal * (1.0 - 1e-12) {
                    self.threshold_reached(index);
                }
            }
            TriggerKind::Requests(_) => self.count_requests(index, first),
            TriggerKind::Daily(instants) => {
                if first {
                    let from = self.unix(self.now);
                    let at = daily_after(self.region_instants(instants, instance), from);
                    self.wake_at(index, at - self.start);
                }
            }
            TriggerKind::Moment(moments) => {
                if first {
                    let at = match instance {
                        Instance::Fleet => moments[0],
                        Instance::Region(r) => moments[r],
                        Instance::Zone(z) => moments[self.plan.fleet.zones[z].region],
                    };
                    self.wake_at(index, at - self.start);
                }
            }
            TriggerKind::Mixed => {
                let mixed =
                    reading.on_new > 0.0 && reading.on_new < reading.all * (1.0 - SHARE_TOLERANCE);
                let awake = self.triggers[index].onset.is_some();
                if mixed != awake {
                    self.triggers[index].onset = mixed.then_some(self.now);
                    self.tell_onset(index);
                    self.onset_changed(index);
                }
            }
        }
    }

    fn region_instants<'a>(
        &self,
        instants: &'a [std::sync::Arc<[f64]>],
        instance: Instance,
    ) -> &'a [f64] {
        match instance {
            Instance::Fleet => &instants[0],
            Instance::Region(r) => &instants[r],
            Instance::Zone(z) => &instants[self.plan.fleet.zones[z].region],
        }
    }

    /// What an instance waited for has come; the delay D begins.
    fn threshold_reached(&mut self, index: usize) {
        let trigger = &mut self.triggers[index];
        if std::mem::replace(&mut trigger.reached, true) {
            return;
        }
        let key = trigger.key;
        if let Some(carried) = &self.carried {
            let delay = carried.delay_of(key, self.draws);
            self.wake_at(index, self.now + delay);
        }
    }

    /// Schedules an onset, or has it now.
    fn wake_at(&mut self, index: usize, at: f64) {
        if at > self.now {
            self.queue.push(
                at,
                Event::Onset {
                    attempt: self.draws.attempt,
                    instance: index,
                },
            );
        } else {
            self.wake(index);
        }
    }

    /// The fault wakes in an instance, unless no new version is left there.
    pub(super) fn wake(&mut self, index: usize) {
        let kind = self.carried.as_ref().map(|c| &c.fault.trigger.kind);
        let needs_presence = matches!(kind, Some(TriggerKind::Daily(_) | TriggerKind::Moment(_)));
        let absent = self.read_share(self.triggers[index].instance).on_new <= 0.0;
        if self.triggers[index].onset.is_some() || (needs_presence && absent) {
            return;
        }
        self.triggers[index].onset = Some(self.now);
        self.tell_onset(index);
        self.onset_changed(index);
    }

    fn tell_onset(&mut self, index: usize) {
        let trigger = &self.triggers[index];
        let site = trigger.instance.into();
        self.tell(match trigger.onset {
            Some(_) => What::FaultWakes {
                site,
                in_part: false,
            },
            None => What::FaultSleeps { site },
        });
    }

    fn onset_changed(&mut self, index: usize) {
        let ramp = self.carried.as_ref().map_or(0.0, |c| c.ramp_s);
        if ramp > 0.0 && self.triggers[index].onset.is_some() {
            self.queue.push(self.now + ramp, Event::FullStrength);
        }
        for zone in super::background::zones_of(self.plan, self.triggers[index].instance) {
            self.mark_hits(zone);
        }
    }

    /// Brings the count of requests up to now, and schedules the one that wakes the fault.
    fn count_requests(&mut self, index: usize, first: bool) {
        let now = self.unix(self.now);
        let before = self.triggers[index].sent_at;
        if first {
            let key = self.triggers[index].key;
            let wakes_after = self
                .carried
                .as_ref()
                .map_or(f64::INFINITY, |c| c.requests_of(key, self.draws));
            self.triggers[index].wakes_after = wakes_after;
        } else {
            let rates = &self.trigger_rates[index];
            let sent: f64 = rates
                .iter()
                .map(|&(c, rps)| rps * self.plan.fleet.curves[c].integral(before, now))
                .sum();
            self.triggers[index].sent += sent;
        }
        self.triggers[index].sent_at = now;
        if self.trigger_rates.len() <= index {
            self.trigger_rates.resize(index + 1, Vec::new());
        }
        let mut rates = std::mem::take(&mut self.trigger_rates[index]);
        self.request_rates(self.triggers[index].instance, &mut rates);
        let t = &mut self.triggers[index];
        t.token += 1;
        let (token, left) = (t.token, t.wakes_after - t.sent);
        if t.onset.is_none() && !rates.is_empty() {
            let end = self.start + self.plan.horizon_s;
            let at = time_of_requests(&self.plan.fleet, &rates, now, left, end) - self.start;
            let event = Event::RequestsReached {
                attempt: self.draws.attempt,
                instance: index,
                token,
            };
            self.queue.push(at.max(self.now), event);
        }
        self.trigger_rates[index] = rates;
    }

    /// The counted request came.
    pub(super) fn requests_reached(&mut self, index: usize, token: u32) {
        if self.triggers[index].token == token {
            self.wake(index);
        }
    }

    /// New-version traffic of susceptible regions in an instance: pairs of curve and nominal requests a second.
    fn request_rates(&self, instance: Instance, rates: &mut Vec<(usize, f64)>) {
        rates.clear();
        let fleet = &self.plan.fleet;
        let Some(carried) = &self.carried else {
            return;
        };
        let of_zones = super::background::zones_of(self.plan, instance)
            .filter(|&z| self.zones[z].share > 0.0 && carried.susceptible[fleet.zones[z].region])
            .map(|z| {
                (
                    fleet.regions[fleet.zones[z].region].curve,
                    fleet.zones[z].rps * self.zones[z].share,
                )
            });
        rates.extend(of_zones);
        merge_rates(rates);
    }

    /// Traffic of an instance's susceptible regions now, and how much of it is on the new version.
    fn read_share(&self, instance: Instance) -> ShareReading {
        let fleet = &self.plan.fleet;
        let mut reading = ShareReading::default();
        let Some(carried) = &self.carried else {
            return reading;
        };
        for z in super::background::zones_of(self.plan, instance) {
            let zone = &fleet.zones[z];
            if carried.susceptible[zone.region] {
                let rps = zone.rps * self.traffic.multiplier(fleet, zone.region);
                reading.on_new += rps * self.zones[z].share;
                reading.all += rps;
                reading.nominal += zone.rps;
            }
        }
        reading
    }

    /// A new cohort of a zone, for faults that wake cohort by cohort.
    pub(super) fn trigger_sees_cohort(
        &mut self,
        zone: usize,
        cohort: u32,
        share: f64,
        name: NameKey,
    ) {
        let Some(carried) = &self.carried else { return };
        let zone_of = &self.plan.fleet.zones[zone];
        if carried.fault.trigger.scope != Scope::Cohort || !carried.susceptible[zone_of.region] {
            return;
        }
        let at = match carried.fault.trigger.kind {
            TriggerKind::Requests(_) => {
                let rates = [(
                    self.plan.fleet.regions[zone_of.region].curve,
                    zone_of.rps * share,
                )];
                let needed = carried.requests_of(name, self.draws);
                let end = self.start + self.plan.horizon_s;
                time_of_requests(&self.plan.fleet, &rates, self.unix(self.now), needed, end)
                    - self.start
            }
            _ => self.now + carried.delay_of(name, self.draws),
        };
        let event = Event::CohortOnset {
            attempt: self.draws.attempt,
            zone,
            cohort,
        };
        self.queue.push(at.max(self.now), event);
    }

    /// The fault wakes in a cohort, if that is still there.
    pub(super) fn wake_cohort(&mut self, zone: usize, cohort: u32) {
        let ramp = self.carried.as_ref().map_or(0.0, |c| c.ramp_s);
        if let Some(c) = self.zones[zone].cohorts.iter_mut().find(|c| c.id == cohort) {
            c.onset = Some(self.now);
            let site = Site::Zone(zone);
            self.tell(What::FaultWakes {
                site,
                in_part: true,
            });
            self.mark_hits(zone);
            if ramp > 0.0 {
                self.queue.push(self.now + ramp, Event::FullStrength);
            }
        }
    }

    /// Whether the fault is active in a zone at this very moment.
    pub(super) fn is_active_in(&self, zone: usize) -> bool {
        let z = &self.zones[zone];
        z.share > 0.0
            && (self.onset_in(zone).is_some() || z.cohorts.iter().any(|c| c.onset.is_some()))
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct ShareReading {
    on_new: f64,
    all: f64,
    nominal: f64,
}

/// The first instant at or after `from`.
fn daily_after(instants: &[f64], from: f64) -> f64 {
    instants
        .get(instants.partition_point(|&t| t < from))
        .copied()
        .unwrap_or(f64::INFINITY)
}
