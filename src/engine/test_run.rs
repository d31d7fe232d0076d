//! Tests: before production, before a zone's first traffic, after its last step. How they are run, what they see of the
//! fault, and what follows.

use super::event::{Event, Instance, TestRun};
use super::names;
use super::rollout::Rollout;
use super::start::Start;
use super::stop::Where;
use crate::outcome::{DetectedBy, Place, TimePart};
use crate::plan::Test;
use crate::random::{NameKey, Purpose};
use crate::trace::{TestResult, What};

impl<'e> Rollout<'e> {
    /// The test before production of this number begins, or behind the last of them the first wave.
    pub(super) fn begin_preproduction(&mut self, index: usize) {
        if index < self.strategy.preproduction.len() {
            self.start_when_allowed(Start::Test(TestRun::Preproduction(index)));
        } else {
            self.begin_wave(0);
        }
    }

    /// The test of this number before a zone's first traffic begins, or behind the last of them its first step.
    pub(super) fn begin_test_before(&mut self, zone: usize, index: usize) {
        if index < self.strategy.pre_traffic.len() {
            self.start_when_allowed(Start::Test(TestRun::Before { zone, index }));
        } else {
            self.begin_next_step(zone);
        }
    }

    /// The test of this number after a zone's last step begins, or behind the last of them the zone is done.
    pub(super) fn begin_test_after(&mut self, zone: usize, index: usize) {
        if index < self.strategy.post_traffic.len() {
            self.start_when_allowed(Start::Test(TestRun::After { zone, index }));
        } else {
            self.zone_done(zone);
        }
    }

    /// The test of a run, and the zone it is about.
    fn test_of(&self, run: TestRun) -> (&'e Test, Option<usize>) {
        match run {
            TestRun::Preproduction(i) => (&self.strategy.preproduction[i], None),
            TestRun::Before { zone, index } => (&self.strategy.pre_traffic[index], Some(zone)),
            TestRun::After { zone, index } => (&self.strategy.post_traffic[index], Some(zone)),
        }
    }

    /// The name of a test's execution, for keys.
    fn name_of_run(&self, test: &Test, zone: Option<usize>) -> NameKey {
        names::of_run(test, zone.map(|z| self.plan.fleet.zones[z].key))
    }

    /// A test begins that need not wait any more.
    pub(super) fn begin_test(&mut self, run: TestRun) {
        let (test, zone) = self.test_of(run);
        let name = self.name_of_run(test, zone);
        let takes_s = self.draws.sample(&test.takes, Purpose::TestTime, name);
        let place = self.place_of_test(run);
        self.walk.last_started = place;
        self.tell(What::TestBegins { place, takes_s });
        let attempt = self.draws.attempt;
        self.queue
            .push(self.now + takes_s, Event::TestEnds { attempt, run });
    }

    /// Where in the program a test stands.
    pub(super) fn place_of_test(&self, run: TestRun) -> Place {
        let wave = self.walk.wave_number();
        match run {
            TestRun::Preproduction(test) => Place::Preproduction(test),
            TestRun::Before { zone, index: test } => Place::PreTraffic {
                test,
                wave,
                zone: zone as u32,
            },
            TestRun::After { zone, index: test } => Place::PostTraffic {
                test,
                wave,
                zone: zone as u32,
            },
        }
    }

    /// A test is over: the program goes on behind it, or stops.
    pub(super) fn test_ends(&mut self, run: TestRun) {
        let (test, zone) = self.test_of(run);
        let sees = self.sees_the_fault(test, zone);
        let name = self.name_of_run(test, zone);
        let flakes = self.draws.anew(Purpose::TestFlake, name).chance(test.flake);
        let result = match (sees, flakes) {
            (true, _) => TestResult::SawTheFault,
            (false, true) => TestResult::Flaked,
            (false, false) => TestResult::Passed,
        };
        let place = self.place_of_test(run);
        self.tell(What::TestEnds { place, result });
        if sees || flakes {
            self.test_fails(run, !sees);
            return;
        }
        let now = self.now;
        match run {
            TestRun::Preproduction(index) => {
                self.walk.strand.spend(TimePart::Test, now);
                self.begin_preproduction(index + 1);
            }
            TestRun::Before { zone, index } => {
                self.walk.zones[zone].strand.spend(TimePart::Test, now);
                self.begin_test_before(zone, index + 1);
            }
            TestRun::After { zone, index } => {
                self.walk.zones[zone].strand.spend(TimePart::Test, now);
                self.begin_test_after(zone, index + 1);
            }
        }
    }

    /// Whether a test sees the fault: whether it can is drawn once for the change and the test.
    fn sees_the_fault(&self, test: &Test, zone: Option<usize>) -> bool {
        let Some(carried) = &self.carried else {
            return false;
        };
        carried.can_be_seen_by(test, self.draws)
            && match zone {
                Some(zone) if test.needs_active => self.is_active_in(zone),
                Some(zone) => carried.susceptible[self.plan.fleet.zones[zone].region],
                None => !test.needs_active,
            }
    }

    /// A test that fails once a request has met the new version is a detection; before that it refuses the change.
    fn test_fails(&mut self, run: TestRun, by_chance: bool) {
        let (by, zone) = match run {
            TestRun::Preproduction(i) => (DetectedBy::Preproduction(i), None),
            TestRun::Before { zone, index } => (DetectedBy::PreTraffic(index), Some(zone)),
            TestRun::After { zone, index } => (DetectedBy::PostTraffic(index), Some(zone)),
        };
        match zone {
            Some(zone) if self.attempt.exposed => {
                let place = self.place_of_test(run);
                self.detect_at(by, place, Where::Instance(Instance::Zone(zone)), by_chance);
            }
            _ => self.refuse(by, self.place_of_test(run), by_chance),
        }
    }
}
