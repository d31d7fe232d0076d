//! Attempts: a change that was stopped by chance is tried again, from the beginning.

use super::event::Event;
use super::rollout::Rollout;
use super::stop::Detection;
use crate::outcome::Ending;
use crate::random::{NameKey, Purpose};
use crate::trace::What;

/// How the present attempt stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Attempt {
    /// Whether any production traffic has met the new version in it.
    pub(super) exposed: bool,
    /// Whether something stopped it: nothing of the program starts or ends any more.
    pub(super) halted: bool,
    /// Whether it was decided that everything goes back.
    pub(super) fleet_goes: bool,
    /// Whether it is over, stopped and with nothing left.
    pub(super) over: bool,
    /// What stopped it.
    pub(super) first_stop: Option<Detection>,
    /// The first detection that was no chance, if there was one up to the fleet's rollback.
    pub(super) true_stop: Option<Detection>,
}

impl Rollout<'_> {
    /// An attempt begins.
    pub(super) fn attempt_begins(&mut self) {
        self.draws.attempt += 1;
        self.attempt = Attempt::default();
        let attempt = self.draws.attempt;
        self.tell(What::AttemptBegins { attempt });
        self.zones.iter_mut().for_each(|z| z.begin_attempt());
        self.bakes.clear();
        self.waiting.clear();
        self.paused = None;
        self.reset_triggers();
        let report_at = self.drawn_report();
        self.meter.begin_attempt(report_at);
        self.begin_walk();
    }

    /// A stopped attempt is over once no new version is left anywhere and nothing lingers.
    pub(super) fn end_attempt_if_nothing_is_left(&mut self) {
        let nothing_lingers = || self.zones.iter().all(|z| z.kept.is_none());
        if self.attempt.halted
            && !self.attempt.over
            && self.ending.is_none()
            && self.exposed_zones == 0
            && nothing_lingers()
        {
            self.end_attempt();
        }
    }

    /// The present attempt was stopped and is over.
    pub(super) fn end_attempt(&mut self) {
        self.attempt.halted = true;
        self.attempt.fleet_goes = true;
        self.attempt.over = true;
        if self.attempt.true_stop.is_some() {
            self.tell(What::AttemptEnds {
                by_chance: false,
                again_s: None,
            });
            self.ending = Some(if self.attempt.exposed {
                Ending::RolledBack
            } else {
                Ending::Caught
            });
            return;
        }
        self.count_stop_by_chance();
        let mut again_s = None;
        match &self.plan.retry {
            Some(retry) if self.may_retry() => {
                let mut stream = self.draws.anew(Purpose::RetryWait, NameKey::NONE);
                let at = self.now + retry.after.sample(&mut stream);
                again_s = Some(at);
                self.queue.push(at, Event::AttemptBegins);
            }
            _ => self.ending = Some(Ending::GivenUp),
        }
        self.tell(What::AttemptEnds {
            by_chance: true,
            again_s,
        });
    }

    /// Whether the change may be tried once more.
    pub(super) fn may_retry(&self) -> bool {
        let max = self.plan.retry.as_ref().map_or(0, |r| r.max);
        self.draws.attempt <= max
    }

    fn count_stop_by_chance(&mut self) {
        self.stops.by_chance += 1;
        self.stops.last_by_chance = self.attempt.first_stop;
    }

    /// The rollout is over: nothing stopped it.
    pub(super) fn watch_ends(&mut self) {
        self.ending = Some(match (&self.carried, self.meter.ever_active) {
            (None, _) => Ending::Shipped,
            (Some(_), false) => Ending::Latent,
            (Some(_), true) => Ending::Undetected,
        });
    }

    /// The horizon has come before the rollout was over.
    pub(super) fn stall(&mut self) {
        if self.attempt.halted && self.attempt.true_stop.is_none() && !self.attempt.over {
            self.count_stop_by_chance();
        }
        self.ending = Some(Ending::Stalled);
    }
}
