//! Bakes: time in which the new version is watched before the rollout goes on.

use super::bakes::BakeState;
use super::event::{Approval, Event};
use super::names;
use super::rollout::Rollout;
use super::start::Start;
use super::stop::Where;
use super::traffic::time_of_new_requests;
use crate::outcome::{DetectedBy, TimePart};
use crate::plan::{Bake, BakeKind, Then, TimedBake};
use crate::random::{NameKey, Purpose};
use crate::trace::What;

/// Which bake: unique within an attempt. Indices from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BakeId {
    /// After a step of a zone.
    Step { zone: usize, step: usize },
    /// After a batch of a target's zones.
    Batch {
        target: usize,
        batch: usize,
        wave: usize,
    },
    /// After all targets of a wave.
    Wave { wave: usize },
}

impl<'e> Rollout<'e> {
    fn bake_of(&self, id: BakeId) -> Option<&'e Bake> {
        let wave = self.wave();
        match id {
            BakeId::Step { step, .. } => wave.steps[step].bake.as_ref(),
            BakeId::Batch { .. } => wave.zone_bake.as_ref(),
            BakeId::Wave { .. } => wave.bake.as_ref(),
        }
    }

    /// The name of a bake, for keys: that of its zone or region, and a number.
    pub(super) fn name_of_bake(&self, id: BakeId) -> NameKey {
        let fleet = &self.plan.fleet;
        match id {
            BakeId::Step { zone, step } => names::of_step(fleet.zones[zone].key, step),
            BakeId::Batch { target, .. } => {
                let first = self.zones_of_batch(target)[0];
                names::of_batch(fleet.zones[first].key)
            }
            BakeId::Wave { wave } => names::of_wave_bake(wave),
        }
    }

    /// Zones whose new version bakes.
    fn zones_of_bake(&self, id: BakeId) -> impl Iterator<Item = usize> + '_ {
        let (zone, batch, wave) = match id {
            BakeId::Step { zone, .. } => (Some(zone), None, None),
            BakeId::Batch { target, .. } => (None, Some(self.zones_of_batch(target)), None),
            BakeId::Wave { .. } => (None, None, Some(self.zones_of_wave())),
        };
        let batch = batch.into_iter().flatten().copied();
        zone.into_iter()
            .chain(batch)
            .chain(wave.into_iter().flatten())
    }

    /// A bake begins; where none is asked for the program goes on at once.
    pub(super) fn begin_bake(&mut self, id: BakeId) {
        let Some(bake) = self.bake_of(id) else {
            self.after_bake(id);
            return;
        };
        let place = self.place_of_bake(id);
        // A step's bake counts as the step, after which one of another zone may have begun.
        if !matches!(id, BakeId::Step { .. }) {
            self.walk.last_started = place;
        }
        let (state, due_s) = match &bake.kind {
            BakeKind::Timed(timed) => (BakeState::Running, self.schedule_end_of_bake(id, timed)),
            BakeKind::Manual => (BakeState::Asking, f64::INFINITY),
        };
        self.tell(What::BakeBegins { place, due_s });
        self.bakes.begin(id, state);
        if state == BakeState::Asking {
            self.start_when_allowed(Start::Approval(Approval::Bake(id)));
        }
    }

    /// Returns when it is due.
    fn schedule_end_of_bake(&mut self, bake: BakeId, timed: &TimedBake) -> f64 {
        let attempt = self.draws.attempt;
        let name = self.name_of_bake(bake);
        let lasts_s = self.draws.sample(&timed.lasts, Purpose::BakeTime, name);
        let enough = self.time_of_new_requests(bake, timed.min_requests);
        let due = f64::max(self.now + lasts_s, enough);
        // Pushed first, so that a bake that is over when it must be is over.
        self.queue.push(due, Event::BakeDue { attempt, bake });
        if let Some(at_most_s) = timed.at_most_s {
            self.queue
                .push(self.now + at_most_s, Event::BakeAtMost { attempt, bake });
        }
        due
    }

    /// When the new version in a bake's zones has been sent this many requests from now on: shares there do not change
    /// before the bake ends.
    fn time_of_new_requests(&mut self, bake: BakeId, requests: f64) -> f64 {
        if requests <= 0.0 {
            return self.now;
        }
        let mut rates = std::mem::take(&mut self.bake_rates);
        let shares = self.zones_of_bake(bake).map(|z| (z, self.zones[z].share));
        let end = self.start + self.plan.horizon_s;
        let from = self.unix(self.now);
        let fleet = &self.plan.fleet;
        let at = time_of_new_requests(fleet, shares, from, requests, end, &mut rates);
        self.bake_rates = rates;
        at - self.start
    }

    fn end_bake(&mut self, id: BakeId) {
        self.bakes.end(id);
        let place = self.place_of_bake(id);
        self.tell(What::BakeEnds { place });
        self.after_bake(id);
    }

    /// Ends a bake that would be over, unless an alarm holds it. The time up to now was spent on `spent`.
    fn end_bake_unless_held(&mut self, id: BakeId, spent: TimePart) {
        let now = self.now;
        self.strand_of_bake(id).spend(spent, now);
        if !self.is_held(id) {
            self.end_bake(id);
        } else if self.bakes.state_of(id) != Some(BakeState::Held) {
            self.bakes.set(id, BakeState::Held);
            let place = self.place_of_bake(id);
            self.tell(What::BakeHeld { place });
        }
    }

    /// Time and requests of a bake are reached.
    pub(super) fn bake_due(&mut self, id: BakeId) {
        if self.bakes.state_of(id) == Some(BakeState::Running) {
            self.end_bake_unless_held(id, TimePart::Bake);
        }
    }

    /// An alarm that held bakes may hold them no more.
    pub(super) fn release_bakes(&mut self) {
        if !self.layout.any_holds {
            return;
        }
        let attempt = self.draws.attempt;
        for bake in self.bakes.held() {
            self.queue
                .push(self.now, Event::BakeReleased { attempt, bake });
        }
    }

    /// A held bake looks again whether it is held.
    pub(super) fn bake_released(&mut self, id: BakeId) {
        if self.bakes.state_of(id) == Some(BakeState::Held) {
            self.end_bake_unless_held(id, TimePart::Hold);
        }
    }

    /// A bake has taken as long as it may.
    pub(super) fn bake_at_most(&mut self, id: BakeId) {
        let Some(state) = self.bakes.state_of(id) else {
            return;
        };
        let Some(BakeKind::Timed(timed)) = self.bake_of(id).map(|b| &b.kind) else {
            return;
        };
        let now = self.now;
        let spent = match state {
            BakeState::Running => TimePart::Bake,
            BakeState::Held => TimePart::Hold,
            BakeState::Asking => return,
        };
        self.strand_of_bake(id).spend(spent, now);
        match timed.then {
            Then::Go => self.end_bake(id),
            Then::Stop => self.bake_stops(id),
            Then::Ask => {
                self.bakes.set(id, BakeState::Asking);
                self.start_when_allowed(Start::Approval(Approval::Bake(id)));
            }
        }
    }

    /// A bake that did not end in time stops the rollout: by chance, if the fault hits nothing there.
    fn bake_stops(&mut self, id: BakeId) {
        let zones: Vec<usize> = self.zones_of_bake(id).collect();
        self.settle_hits();
        let hit = zones.iter().any(|&z| self.zones[z].hits.hit > 0.0);
        let at = match id {
            BakeId::Step { zone, .. } => Where::Instance(super::event::Instance::Zone(zone)),
            BakeId::Batch { .. } | BakeId::Wave { .. } => Where::Zones(zones),
        };
        self.detect(DetectedBy::Bake, at, !hit);
    }

    /// People approved the end of a bake. What they were asked for after `at_most` ends it; a manual bake may be held
    /// like any other.
    pub(super) fn bake_approved(&mut self, id: BakeId) {
        let manual = self
            .bake_of(id)
            .is_some_and(|b| matches!(b.kind, BakeKind::Manual));
        if manual {
            self.end_bake_unless_held(id, TimePart::Approval);
        } else {
            let now = self.now;
            self.strand_of_bake(id).spend(TimePart::Approval, now);
            self.end_bake(id);
        }
    }

    /// Whether an alarm holds a bake.
    fn is_held(&self, id: BakeId) -> bool {
        let zones = || self.zones_of_bake(id);
        let alarms = self.strategy.alarms.iter().enumerate();
        let mut holding = alarms.filter(|(_, a)| a.does == crate::plan::Action::Hold);
        holding.any(|(alarm, _)| zones().any(|z| self.holds(self.layout.watcher(alarm, z))))
    }
}
