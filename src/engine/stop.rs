//! What stops a rollout, and how it goes back.

use super::background::zones_of;
use super::event::{Event, Instance};
use super::rollout::Rollout;
use super::zone::Kept;
use crate::outcome::{DetectedBy, Ending, Place};
use crate::plan::{Plan, RollbackScope, Strategy, ThenFleet};
use crate::random::{NameKey, Purpose};
use crate::trace::What;

/// A detection: somebody or something decided that the new version has to go, somewhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Detection {
    pub(super) at: f64,
    pub(super) by: DetectedBy,
    /// How far the rollout had come.
    pub(super) place: Place,
}

/// The stops of a rollout, over all attempts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stops {
    /// Attempts stopped by chance.
    pub(super) by_chance: u32,
    /// What stopped the last of them.
    pub(super) last_by_chance: Option<Detection>,
}

/// Where something was detected.
#[derive(Clone, Debug)]
pub(super) enum Where {
    /// In an instance.
    Instance(Instance),
    /// In these zones, after a bake.
    Zones(Vec<usize>),
}

/// The zones that go back: the larger of the strategy's scope and what was seen. `None`: everything.
pub(super) fn scope_of(plan: &Plan, strategy: &Strategy, at: Where) -> Option<Vec<usize>> {
    let seen: Vec<usize> = match at {
        Where::Instance(Instance::Fleet) => return None,
        Where::Instance(instance) => zones_of(plan, instance).collect(),
        Where::Zones(zones) => zones,
    };
    let fleet = &plan.fleet;
    match strategy.rollback.scope {
        RollbackScope::Fleet => None,
        RollbackScope::Zone => Some(seen),
        RollbackScope::Region => {
            let mut regions: Vec<usize> = seen.iter().map(|&z| fleet.zones[z].region).collect();
            regions.sort_unstable();
            regions.dedup();
            Some(
                regions
                    .into_iter()
                    .flat_map(|r| fleet.regions[r].zones.clone())
                    .collect(),
            )
        }
    }
}

impl Rollout<'_> {
    /// A detection: the rollout halts, and what is in scope goes back. Once everything goes, nothing more is decided.
    pub(super) fn detect(&mut self, by: DetectedBy, at: Where, by_chance: bool) {
        let place = self.place_of(&at);
        self.detect_at(by, place, at, by_chance);
    }

    /// A detection where it is known how far the rollout had come.
    pub(super) fn detect_at(&mut self, by: DetectedBy, place: Place, at: Where, by_chance: bool) {
        let scope = scope_of(self.plan, self.strategy, at);
        self.halt(by, place, scope, by_chance);
    }

    /// The rollout halts, and these zones go back; without any named, all do.
    fn halt(&mut self, by: DetectedBy, place: Place, scope: Option<Vec<usize>>, by_chance: bool) {
        if self.attempt.fleet_goes {
            return;
        }
        self.note_stop(by, place, scope.as_deref(), by_chance);
        let first = !std::mem::replace(&mut self.attempt.halted, true);
        match scope {
            Some(zones) => {
                zones.into_iter().for_each(|z| self.roll_back(z));
                if first {
                    self.schedule_the_rest();
                }
            }
            None => self.roll_back_fleet(),
        }
        self.end_attempt_if_nothing_is_left();
    }

    /// A test failed before any production traffic: the attempt ends there.
    pub(super) fn refuse(&mut self, by: DetectedBy, place: Place, by_chance: bool) {
        self.note_stop(by, place, None, by_chance);
        self.end_attempt();
    }

    /// Keeps what stops the attempt, and tells it. `scope`: the zones that go back, or `None` for everything.
    fn note_stop(
        &mut self,
        by: DetectedBy,
        place: Place,
        scope: Option<&[usize]>,
        by_chance: bool,
    ) {
        let is_first = self.attempt.first_stop.is_none();
        let detection = Detection {
            at: self.now,
            by,
            place,
        };
        self.attempt.first_stop.get_or_insert(detection);
        if !by_chance {
            self.attempt.true_stop.get_or_insert(detection);
        }
        let goes = |z: &usize| self.zones[*z].goes_from.is_none() && self.zones[*z].share > 0.0;
        let news = |zones: &[usize]| is_first || zones.iter().any(goes);
        // An alarm may go on firing while everything it is about goes back already.
        if self.is_told() && scope.is_none_or(news) {
            self.tell(What::Stopped {
                by,
                place,
                by_chance,
                everything: scope.is_none(),
            });
        }
    }

    /// The firing zone's step begun last, else what the rollout started last.
    fn place_of(&self, at: &Where) -> Place {
        let zone = match at {
            Where::Instance(Instance::Zone(z)) => *z,
            _ => return self.walk.last_started,
        };
        match self.zones[zone].step {
            0 => self.walk.last_started,
            step => Place::Step {
                wave: self.zones[zone].wave,
                zone: zone as u32,
                step,
            },
        }
    }

    /// What a narrower rollback left in place goes later, or stays.
    fn schedule_the_rest(&mut self) {
        let attempt = self.draws.attempt;
        match &self.strategy.rollback.then_fleet {
            ThenFleet::After(delay) => {
                let after = self.delay_of_people(delay, Purpose::ThenFleet, NameKey::NONE);
                self.queue
                    .push(self.now + after, Event::RestGoes { attempt });
            }
            ThenFleet::Never => {
                let at = self.now + self.plan.watch_s;
                self.queue.push(at, Event::HaltedWatchEnds { attempt });
            }
        }
    }

    /// What a narrower rollback left in place goes now.
    pub(super) fn rest_goes(&mut self) {
        self.tell(What::RestGoes);
        self.roll_back_fleet();
        self.end_attempt_if_nothing_is_left();
    }

    /// A halted rollout whose rest stays has been watched long enough. It is over; if it was stopped by chance and may
    /// be tried again, the rest has to go first.
    pub(super) fn halted_watch_ends(&mut self) {
        if self.attempt.fleet_goes {
            return;
        }
        if self.attempt.true_stop.is_some() {
            self.ending = Some(Ending::RolledBack);
        } else if self.may_retry() {
            self.rest_goes();
        } else {
            self.end_attempt();
        }
    }

    fn roll_back_fleet(&mut self) {
        if std::mem::replace(&mut self.attempt.fleet_goes, true) {
            return;
        }
        self.silence_watchers();
        (0..self.zones.len()).for_each(|z| self.roll_back(z));
    }

    /// A zone begins to go back, unless it already does or has nothing to take back. The first decision stands.
    fn roll_back(&mut self, zone: usize) {
        if self.zones[zone].goes_from.is_some() || self.zones[zone].share <= 0.0 {
            return;
        }
        self.zones[zone].goes_from = Some((self.now, self.zones[zone].share));
        let name = self.plan.fleet.zones[zone].key;
        let mut stream = self.draws.anew(Purpose::RollbackTime, name);
        self.zones[zone].goes_for_s = self.strategy.rollback.takes.sample(&mut stream);
        self.tell(What::RollbackBegins {
            zone,
            from: self.zones[zone].share,
            takes_s: self.zones[zone].goes_for_s,
        });
        self.schedule_rollback_part(zone, 1);
    }

    /// Part `part` (from 1) of a zone's rollback is due after that part of its time.
    fn schedule_rollback_part(&mut self, zone: usize, part: u32) {
        let z = &self.zones[zone];
        let Some((began, _)) = z.goes_from else {
            return;
        };
        let at = began + z.goes_for_s * f64::from(part) / f64::from(self.strategy.rollback.parts);
        let attempt = self.draws.attempt;
        self.queue.push(
            at.max(self.now),
            Event::RollbackPart {
                attempt,
                zone,
                part,
            },
        );
    }

    /// A part of a zone's rollback is done.
    pub(super) fn rollback_part(&mut self, zone: usize, part: u32) {
        let parts = self.strategy.rollback.parts;
        let Some((_, from)) = self.zones[zone].goes_from else {
            return;
        };
        if part < parts {
            self.lower_share(zone, from * f64::from(parts - part) / f64::from(parts));
            self.schedule_rollback_part(zone, part + 1);
        } else {
            self.keep_what_lingers(zone);
            self.lower_share(zone, 0.0);
            self.end_attempt_if_nothing_is_left();
        }
    }

    /// A zone on its way to share 0 stays hit as it was just before this moment.
    fn keep_what_lingers(&mut self, zone: usize) {
        let lingers_s = self.carried.as_ref().map_or(0.0, |c| c.lingers_s);
        let hits = self.zones[zone].hits;
        if lingers_s <= 0.0 || hits.hit <= 0.0 {
            return;
        }
        self.zones[zone].kept = Some(Kept {
            active: hits.active,
            mass: hits.mass.at(self.now),
            spilled: (1.0 - hits.active) * hits.spill,
            spilled_strength: hits.spill_strength.at(self.now),
        });
        let until_s = self.now + lingers_s;
        self.tell(What::Lingers { zone, until_s });
        self.queue.push(until_s, Event::LingeringEnds { zone });
    }

    /// Nothing lingers in a zone any more.
    pub(super) fn lingering_ends(&mut self, zone: usize) {
        self.zones[zone].kept = None;
        self.mark_hits(zone);
        self.end_attempt_if_nothing_is_left();
    }

    /// An on-call who was paged acts.
    pub(super) fn page_answered(&mut self, watcher: usize, by_chance: bool) {
        self.watchers[watcher].paged = false;
        let alarm = self.watchers[watcher].alarm;
        self.detect_for_fleet(
            DetectedBy::Alarm(alarm),
            self.watchers[watcher].instance,
            by_chance,
        );
    }

    /// An on-call who read users' reports acts.
    pub(super) fn report_answered(&mut self) {
        self.detect_for_fleet(DetectedBy::People, Instance::Fleet, false);
    }

    /// A detection by people, who roll everything back wherever it was seen.
    fn detect_for_fleet(&mut self, by: DetectedBy, seen: Instance, by_chance: bool) {
        let place = self.place_of(&Where::Instance(seen));
        self.halt(by, place, None, by_chance);
    }

    /// The report that is acted on has come.
    pub(super) fn report_due(&mut self, token: u32) {
        if !self.meter.takes_report(token) {
            return;
        }
        if let Some(responds) = &self.plan.oncall.responds {
            let attempt = self.draws.attempt;
            let after = self.delay_of_people(responds, Purpose::Responds, NameKey::of("reports"));
            let acts_s = self.now + after;
            self.tell(What::Reported { acts_s });
            self.queue.push(acts_s, Event::ReportAnswered { attempt });
        }
    }
}
