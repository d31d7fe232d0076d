//! What the change carries: everything about a fault that is drawn once for a rollout and kept through all attempts.

use smallvec::{SmallVec, smallvec};

use crate::outcome::BySli;
use crate::plan::{Fault, Plan, Stratum, Susceptible, Test, TriggerKind, Varies};
use crate::random::{Dist, NameKey, Purpose, RolloutKey};

/// Something for each region, without an allocation for as many as most plans have.
pub(super) type ByRegion<T> = SmallVec<[T; 32]>;

/// The draws of one rollout, keyed by what they are for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draws {
    pub(super) key: RolloutKey,
    /// The attempt, from 1; 0 stands for what belongs to the change.
    pub(super) attempt: u32,
}

impl Draws {
    /// The stream of what is drawn anew in every attempt.
    #[inline]
    pub(super) fn anew(self, purpose: Purpose, of: NameKey) -> crate::random::Stream {
        self.key.stream(purpose, self.attempt, of)
    }

    /// A draw that is taken anew in every attempt. What is certain needs no stream.
    #[inline]
    pub(super) fn sample(self, dist: &Dist, purpose: Purpose, of: NameKey) -> f64 {
        match dist.as_certain() {
            Some(value) if !value.is_subnormal() => value,
            _ => dist.sample(&mut self.anew(purpose, of)),
        }
    }

    /// The stream of what belongs to the whole rollout.
    #[inline]
    pub(super) fn once(self, purpose: Purpose, of: NameKey) -> crate::random::Stream {
        self.key.stream(purpose, 0, of)
    }
}

/// A fault as this change carries it.
#[derive(Clone, Debug)]
pub(super) struct Carried<'p> {
    pub(super) fault: &'p Fault,
    /// Index of the fault in the plan.
    pub(super) index: usize,
    /// Additional bad probability at full strength, by SLI (0 where the fault adds nothing).
    pub(super) severity: BySli<f64>,
    /// Seconds from onset to full strength.
    pub(super) ramp_s: f64,
    /// Seconds for which a zone stays hit after it is back at share 0.
    pub(super) lingers_s: f64,
    /// The delay D, where one is drawn for the whole rollout.
    pub(super) delay_s: Option<f64>,
    /// Mean number of requests to onset.
    pub(super) mean_requests: f64,
    /// By region.
    pub(super) susceptible: ByRegion<bool>,
}

impl<'p> Carried<'p> {
    /// Draws what belongs to the change.
    pub(super) fn draw(plan: &'p Plan, stratum: Stratum, draws: Draws) -> Option<Carried<'p>> {
        let Stratum::Fault(index) = stratum else {
            return None;
        };
        let fault = &plan.change.faults[index];
        let mut severity = smallvec![0.0; plan.slis.len()];
        for (sli, adds) in &fault.adds {
            let sli_of = &plan.slis[*sli];
            let drawn = adds
                .sample(&mut draws.once(Purpose::Severity, sli_of.key))
                .min(1.0);
            severity[*sli] = drawn.min(1.0 - sli_of.base);
        }
        let sample = |purpose, dist: &Dist| dist.sample(&mut draws.once(purpose, NameKey::NONE));
        let delay = match &fault.trigger.kind {
            TriggerKind::Delay(d) => Some(d),
            TriggerKind::Share { after, .. } | TriggerKind::Traffic { after, .. } => Some(after),
            _ => None,
        };
        let mean_requests = match &fault.trigger.kind {
            TriggerKind::Requests(mean) => sample(Purpose::TriggerMean, mean),
            _ => 0.0,
        };
        Some(Carried {
            fault,
            index,
            severity,
            ramp_s: sample(Purpose::Ramp, &fault.ramp),
            lingers_s: fault
                .lingers
                .as_ref()
                .map_or(0.0, |d| sample(Purpose::Lingering, d)),
            delay_s: delay
                .filter(|_| fault.trigger.varies != Varies::All)
                .map(|d| sample(Purpose::TriggerDelay, d)),
            mean_requests,
            susceptible: susceptible_regions(plan, fault, draws),
        })
    }

    /// Whether a test can see the fault: drawn once for the change and the test.
    pub(super) fn can_be_seen_by(&self, test: &Test, draws: Draws) -> bool {
        let mut sight = draws.once(Purpose::TestSight, test.key);
        sight.chance(test.sees[self.index])
    }

    /// The delay D, where all instances of the trigger share it.
    pub(super) fn shared_delay(&self) -> Option<f64> {
        let trigger = &self.fault.trigger;
        let shared = !matches!(trigger.varies, Varies::All);
        let delayed = matches!(
            trigger.kind,
            TriggerKind::Delay(_) | TriggerKind::Share { .. } | TriggerKind::Traffic { .. }
        );
        self.delay_s.filter(|_| shared && delayed)
    }

    /// The delay D of one instance of the trigger.
    pub(super) fn delay_of(&self, instance: NameKey, draws: Draws) -> f64 {
        let dist = match &self.fault.trigger.kind {
            TriggerKind::Delay(d) => d,
            TriggerKind::Share { after, .. } | TriggerKind::Traffic { after, .. } => after,
            _ => return 0.0,
        };
        match (self.fault.trigger.varies, self.delay_s) {
            (Varies::Factor { sigma }, Some(delay)) => {
                delay * libm::exp(sigma * draws.anew(Purpose::TriggerVariation, instance).normal())
            }
            (_, Some(delay)) => delay,
            (_, None) => dist.sample(&mut draws.anew(Purpose::TriggerDelay, instance)),
        }
    }

    /// The number of requests after which an instance of the trigger wakes.
    pub(super) fn requests_of(&self, instance: NameKey, draws: Draws) -> f64 {
        self.mean_requests * draws.anew(Purpose::TriggerRequests, instance).exponential()
    }

    /// Probability that a hit request is bad on any SLI when the fault has this strength, requests unseen by
    /// metrics (bad for certain) included.
    pub(super) fn bad_at_all(&self, strength: f64) -> f64 {
        let good: f64 = self.severity.iter().map(|d| 1.0 - d * strength).product();
        self.fault.unseen + (1.0 - self.fault.unseen) * (1.0 - good)
    }

    /// Probability that a hit request is bad on one SLI.
    pub(super) fn bad_on(&self, sli: usize, strength: f64) -> f64 {
        if !self.touches(sli) {
            return 0.0;
        }
        self.fault.unseen + (1.0 - self.fault.unseen) * self.severity[sli] * strength
    }

    /// Whether the fault adds to an SLI.
    pub(super) fn touches(&self, sli: usize) -> bool {
        self.fault.adds.iter().any(|(s, _)| *s == sli)
    }
}

fn susceptible_regions(plan: &Plan, fault: &Fault, draws: Draws) -> ByRegion<bool> {
    let regions = &plan.fleet.regions;
    match &fault.susceptible {
        Susceptible::All => smallvec![true; regions.len()],
        Susceptible::Listed(listed) => listed.iter().copied().collect(),
        Susceptible::Chance(q) => regions
            .iter()
            .map(|r| draws.once(Purpose::Susceptible, r.key).chance(*q))
            .collect(),
    }
}
