//! Telling what happens, for whoever wants to hear it: no draw and no decision depends on it.

use super::background::Incident;
use super::bake::BakeId;
use super::event::{Approval, Instance};
use super::history::Judgement;
use super::judge::{Reads, Verdict};
use super::rollout::Rollout;
use super::start::Start;
use super::watch::Readings;
use crate::outcome::Place;
use crate::plan::Condition;
use crate::trace::{self, Datapoint, Happening, Reading, Site, What};

impl From<Instance> for Site {
    fn from(instance: Instance) -> Site {
        match instance {
            Instance::Zone(zone) => Site::Zone(zone),
            Instance::Region(region) => Site::Region(region),
            Instance::Fleet => Site::Fleet,
        }
    }
}

pub(super) fn incident_begins(incident: &Incident) -> What {
    What::IncidentBegins {
        kind: incident.kind,
        site: incident.instance.into(),
        ends_s: incident.ends,
    }
}

pub(super) fn incident_ends(incident: &Incident) -> What {
    What::IncidentEnds {
        kind: incident.kind,
        site: incident.instance.into(),
    }
}

impl Rollout<'_> {
    /// Tells what happens now, if somebody listens.
    pub(super) fn tell(&mut self, what: What) {
        if let Some(told) = &mut self.told {
            let at_s = self.now;
            told.push(Happening { at_s, what });
        }
    }

    /// What is on when the world begins.
    pub(super) fn told_at_first(&self) -> Vec<Happening> {
        let incidents = self.background.on(self.now);
        let happenings = incidents.map(|incident| Happening {
            at_s: self.now,
            what: incident_begins(incident),
        });
        happenings.collect()
    }

    /// Whether somebody listens: what takes a while to put into words is told only then.
    pub(super) fn is_told(&self) -> bool {
        self.told.is_some()
    }

    /// The alarm of a watcher, and where it watches.
    pub(super) fn told_of(&self, watcher: usize) -> (usize, Site) {
        let watcher = &self.watchers[watcher];
        (watcher.alarm, watcher.instance.into())
    }

    /// Tells what an alarm made of a datapoint that ended at `ended_s`.
    pub(super) fn tell_datapoint(
        &mut self,
        watcher: usize,
        index: i64,
        ended_s: f64,
        (verdict, reads): (Verdict, Readings),
        judgement: Judgement,
    ) {
        if !self.is_told() {
            return;
        }
        let (alarm, site) = self.told_of(watcher);
        let of = &self.strategy.alarms[alarm];
        let reading = |condition: Condition, window_s: u32, reads: &Reads| Reading {
            requests: reads.own.requests,
            bad: reads.own.bad,
            control: condition.is_relative().then_some((
                reads.control.requests,
                reads.control_is_read.then_some(reads.control.bad),
            )),
            window_s,
        };
        let watcher = &mut self.watchers[watcher];
        let what = Datapoint {
            alarm,
            site,
            ended_s,
            reading: reading(of.condition, of.window_s, &reads.first),
            second: of
                .and
                .map(|and| reading(and.condition, and.window_s, &reads.second)),
            verdict: match verdict {
                Verdict::Fine => trace::Verdict::Fine,
                Verdict::Breach => trace::Verdict::Breach,
                Verdict::Missing => trace::Verdict::Missing,
            },
            breaches: watcher.breaches(index, of.rule),
            fires: judgement != Judgement::Quiet,
            by_chance: judgement == Judgement::Fires { by_chance: true },
            may_act: watcher.may_act(),
        };
        self.tell(What::Datapoint(what));
    }

    /// Where in the program a bake stands.
    pub(super) fn place_of_bake(&self, bake: BakeId) -> Place {
        let wave = self.walk.wave_number();
        match bake {
            BakeId::Step { zone, step } => Place::Step {
                wave,
                zone: zone as u32,
                step: step as u32 + 1,
            },
            BakeId::Batch { target, .. } => {
                let zone = self.zones_of_batch(target)[0];
                let region = self.plan.fleet.zones[zone].region as u32;
                Place::ZoneBake { wave, region }
            }
            BakeId::Wave { .. } => Place::WaveBake { wave },
        }
    }

    pub(super) fn place_of_approval(&self, of: Approval) -> Place {
        match of {
            Approval::Wave => Place::Approval {
                wave: self.walk.wave_number(),
            },
            Approval::Bake(bake) => self.place_of_bake(bake),
        }
    }

    /// Where in the program stands what is about to start.
    pub(super) fn place_of_start(&self, start: Start) -> Place {
        match start {
            Start::Test(run) => self.place_of_test(run),
            Start::Approval(of) => self.place_of_approval(of),
            Start::Step { zone } => self.place_of_step(zone),
        }
    }
}
