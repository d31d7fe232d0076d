//! What has to be allowed before a test, an action or an approval starts: no pause, an open window, calm.

use super::event::{Approval, Event, TestRun};
use super::rollout::Rollout;
use crate::outcome::TimePart;
use crate::plan::Wave;
use crate::trace::What;

/// Something that waits for nothing any more but to be allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Start {
    /// A test.
    Test(TestRun),
    /// An approval: the people's delay begins.
    Approval(Approval),
    /// The action of a zone's next step.
    Step { zone: usize },
}

/// Until when a wave's window is closed in a region at a Unix time: Unix seconds, infinite for ever; `None` if it is open.
pub(super) fn closed_until(wave: &Wave, region: usize, at: f64) -> Option<f64> {
    let open = &wave.windows.as_ref()?.by_region[region];
    (!open.contains(at)).then(|| open.next_open(at).unwrap_or(f64::INFINITY))
}

/// When to look again at what may not start before `until`: adding to the start may round to before the opening, so time
/// moves on at all events.
pub(super) fn look_again_at(until: f64, now: f64) -> f64 {
    until.max(now.next_up())
}

impl Rollout<'_> {
    /// Starts something as soon as it may.
    pub(super) fn start_when_allowed(&mut self, what: Start) {
        if self.attempt.halted {
            return;
        }
        if self.paused.is_some() {
            self.waiting.push(what);
            return;
        }
        match self.has_to_wait(what) {
            Some((waited, until)) => {
                if self.is_told() {
                    let place = self.place_of_start(what);
                    self.tell(What::Waits {
                        place,
                        part: waited,
                        until_s: until,
                    });
                }
                let attempt = self.draws.attempt;
                let at = look_again_at(until, self.now);
                let start = what;
                self.queue.push(
                    at,
                    Event::Retry {
                        attempt,
                        start,
                        waited,
                    },
                );
            }
            None => self.start(what),
        }
    }

    fn start(&mut self, what: Start) {
        match what {
            Start::Test(run) => self.begin_test(run),
            Start::Approval(of) => self.begin_approval(of),
            Start::Step { zone } => self.begin_step(zone),
        }
    }

    /// What waited may start now, as far as that goes.
    pub(super) fn retry_start(&mut self, what: Start, waited: TimePart) {
        self.spend_on(what, waited);
        self.start_when_allowed(what);
    }

    /// What keeps something from starting, and until when (infinite: for ever).
    fn has_to_wait(&self, what: Start) -> Option<(TimePart, f64)> {
        let region = match what {
            Start::Step { zone } => self.plan.fleet.zones[zone].region,
            Start::Approval(Approval::Wave) => self.first_region_of_wave()?,
            Start::Test(_) | Start::Approval(Approval::Bake(_)) => return None,
        };
        if let Some(opens) = closed_until(self.wave(), region, self.unix(self.now)) {
            return Some((TimePart::Window, opens - self.start));
        }
        let calm_from = self.background.calm_from(region);
        let is_action = matches!(what, Start::Step { .. });
        (is_action && self.layout.calm.is_some() && self.now < calm_from)
            .then_some((TimePart::Blocked, calm_from))
    }

    /// The time since something's predecessor ended was spent on `part`.
    fn spend_on(&mut self, what: Start, part: TimePart) {
        let now = self.now;
        let strand = match what {
            Start::Test(TestRun::Preproduction(_)) | Start::Approval(Approval::Wave) => {
                &mut self.walk.strand
            }
            Start::Test(TestRun::Before { zone, .. } | TestRun::After { zone, .. })
            | Start::Step { zone } => &mut self.walk.zones[zone].strand,
            Start::Approval(Approval::Bake(bake)) => self.strand_of_bake(bake),
        };
        strand.spend(part, now);
    }

    /// An alarm pauses the rollout, unless it is paused already: nothing starts until an approval.
    pub(super) fn pause(&mut self, watcher: usize) {
        if self.paused.is_some() || self.attempt.halted {
            return;
        }
        self.paused = Some(watcher);
        self.walk.pauses += 1;
        let people = self.wave().people.as_ref();
        let people = people.or(self.strategy.approval.as_ref());
        let mut until_s = f64::INFINITY;
        if let Some(people) = people {
            let name = self.name_of_watcher(watcher).number(self.walk.pauses);
            let after = self.delay_of_people(people, crate::random::Purpose::ApprovalTime, name);
            let attempt = self.draws.attempt;
            until_s = self.now + after;
            self.queue
                .push(until_s, Event::PauseEnds { attempt, watcher });
        }
        let (alarm, site) = self.told_of(watcher);
        self.tell(What::Pauses {
            alarm,
            site,
            until_s,
        });
    }

    /// Somebody approved going on.
    pub(super) fn pause_ends(&mut self, watcher: usize) {
        self.paused = None;
        self.tell(What::PauseEnds);
        self.clear_history(watcher);
        for what in std::mem::take(&mut self.waiting) {
            self.retry_start(what, TimePart::Hold);
        }
    }
}
