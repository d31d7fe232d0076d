//! The state of one rollout, and the loop that takes it from event to event.

use std::sync::atomic::{AtomicBool, Ordering};

use super::attempt::Attempt;
use super::background::Background;
use super::bakes::Bakes;
use super::bucket::BucketLaws;
use super::carried::{Carried, Draws};
use super::counts::Store;
use super::course::Recording;
use super::event::{Event, Instance, Queue};
use super::law::{BucketLaw, Tracks};
use super::layout::Layout;
use super::meter::Meter;
use super::skip::{Memory, Process};
use super::start::Start;
use super::stop::Stops;
use super::tell::{incident_begins, incident_ends};
use super::traffic::Traffic;
use super::trigger::TriggerInstance;
use super::walk::Walk;
use super::watch::Watcher;
use super::zone::ZoneState;
use crate::outcome::{Ending, TimeParts};
use crate::plan::{Plan, Start as StartRange, Strategy, Stratum};
use crate::random::{NameKey, Purpose, RolloutKey};
use crate::trace::{Happening, What};

/// One rollout under way. Times are seconds from its start.
#[derive(Debug)]
pub(super) struct Rollout<'e> {
    pub(super) layout: &'e Layout<'e>,
    pub(super) plan: &'e Plan,
    pub(super) strategy: &'e Strategy,
    pub(super) draws: Draws,
    /// Unix time of the start.
    pub(super) start: f64,
    pub(super) now: f64,
    /// What the change carries; `None` if it is fault-free.
    pub(super) carried: Option<Carried<'e>>,
    /// How the rollout ended, once it has.
    pub(super) ending: Option<Ending>,
    /// When every targeted zone had its last step's share, and what the time was spent on.
    pub(super) full: Option<(f64, TimeParts)>,
    /// When the last wave's bake ended.
    pub(super) done_s: Option<f64>,
    pub(super) attempt: Attempt,
    pub(super) stops: Stops,
    /// The watcher that paused the rollout.
    pub(super) paused: Option<usize>,
    /// Whether traffic changed since the last settling.
    pub(super) traffic_dirty: bool,
    /// Zones with new-version traffic.
    pub(super) exposed_zones: u32,
    /// When the law of any region changed last.
    pub(super) fleet_changed_at: f64,

    // From here on what comes from and goes back to the buffers.
    pub(super) queue: Queue,
    pub(super) traffic: Traffic,
    pub(super) background: Background,
    pub(super) triggers: Vec<TriggerInstance>,
    pub(super) trigger_rates: Vec<Vec<(usize, f64)>>,
    pub(super) zones: Vec<ZoneState>,
    pub(super) zone_dirty: Vec<bool>,
    pub(super) dirty_zones: Vec<usize>,
    pub(super) region_dirty: Vec<bool>,
    pub(super) dirty_regions: Vec<usize>,
    /// Instances whose laws changed in this moment.
    pub(super) changed: Vec<Instance>,
    pub(super) processes: Vec<Process>,
    /// Stores that are watched from this moment on.
    pub(super) fresh_stores: Vec<usize>,
    pub(super) memory: Memory,
    /// By region: zones with new-version traffic.
    pub(super) exposed_in_region: Vec<u32>,
    pub(super) meter: Meter,
    pub(super) tracks: Tracks,
    pub(super) stores: Vec<Store>,
    pub(super) watchers: Vec<Watcher>,
    pub(super) walk: Walk,
    pub(super) bakes: Bakes,
    /// Traffic of a bake's zones, while it is reckoned with.
    pub(super) bake_rates: Vec<(usize, f64)>,
    /// Zones about which something is being said.
    pub(super) zone_list: Vec<usize>,
    /// What happened so far, if somebody wants to hear it.
    pub(super) told: Option<Vec<Happening>>,
    /// Its course so far, if somebody asks for it.
    pub(super) recording: Option<Recording>,
    /// What may not start before a pause is over.
    pub(super) waiting: Vec<Start>,
    pub(super) bucket_law: BucketLaw,
    pub(super) bucket_laws: BucketLaws,
    pub(super) bucket_row: Vec<f64>,
    pub(super) bucket_noise: Vec<f64>,
}

/// Memory that rollouts pass on to each other.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    queue: Queue,
    traffic: Traffic,
    background: Background,
    triggers: Vec<TriggerInstance>,
    trigger_rates: Vec<Vec<(usize, f64)>>,
    zones: Vec<ZoneState>,
    zone_dirty: Vec<bool>,
    dirty_zones: Vec<usize>,
    region_dirty: Vec<bool>,
    dirty_regions: Vec<usize>,
    changed: Vec<Instance>,
    processes: Vec<Process>,
    fresh_stores: Vec<usize>,
    memory: Memory,
    exposed_in_region: Vec<u32>,
    meter: Meter,
    tracks: Tracks,
    stores: Vec<Store>,
    watchers: Vec<Watcher>,
    walk: Walk,
    bakes: Bakes,
    bake_rates: Vec<(usize, f64)>,
    zone_list: Vec<usize>,
    waiting: Vec<Start>,
    bucket_law: BucketLaw,
    bucket_laws: BucketLaws,
    bucket_row: Vec<f64>,
    bucket_noise: Vec<f64>,
}

impl<'e> Rollout<'e> {
    /// A rollout about to begin.
    pub(super) fn new(
        layout: &'e Layout<'e>,
        seed: u64,
        stratum: Stratum,
        number: u64,
        buffers: Buffers,
    ) -> Rollout<'e> {
        let plan = layout.plan;
        let key = RolloutKey::new(seed, plan.stratum_key(stratum), number);
        let draws = Draws { key, attempt: 0 };
        let mut rollout = Rollout {
            layout,
            plan,
            strategy: layout.strategy,
            draws,
            start: drawn_start(&plan.start, draws),
            now: layout.world_from_s,
            carried: Carried::draw(plan, stratum, draws),
            ending: None,
            full: None,
            done_s: None,
            attempt: Attempt::default(),
            stops: Stops::default(),
            paused: None,
            traffic_dirty: true,
            told: None,
            recording: None,
            exposed_zones: 0,
            fleet_changed_at: f64::NEG_INFINITY,
            queue: buffers.queue,
            traffic: buffers.traffic,
            background: buffers.background,
            triggers: buffers.triggers,
            trigger_rates: buffers.trigger_rates,
            zones: buffers.zones,
            zone_dirty: buffers.zone_dirty,
            region_dirty: buffers.region_dirty,
            dirty_zones: buffers.dirty_zones,
            dirty_regions: buffers.dirty_regions,
            changed: buffers.changed,
            processes: buffers.processes,
            fresh_stores: buffers.fresh_stores,
            memory: buffers.memory,
            exposed_in_region: buffers.exposed_in_region,
            meter: buffers.meter,
            tracks: buffers.tracks,
            stores: buffers.stores,
            watchers: buffers.watchers,
            walk: buffers.walk,
            bakes: buffers.bakes,
            bake_rates: buffers.bake_rates,
            zone_list: buffers.zone_list,
            waiting: buffers.waiting,
            bucket_law: buffers.bucket_law,
            bucket_laws: buffers.bucket_laws,
            bucket_row: buffers.bucket_row,
            bucket_noise: buffers.bucket_noise,
        };
        rollout.reset();
        rollout
    }

    /// Gives the memory back.
    pub(super) fn into_buffers(self) -> Buffers {
        Buffers {
            queue: self.queue,
            traffic: self.traffic,
            background: self.background,
            triggers: self.triggers,
            trigger_rates: self.trigger_rates,
            zones: self.zones,
            zone_dirty: self.zone_dirty,
            region_dirty: self.region_dirty,
            dirty_zones: self.dirty_zones,
            dirty_regions: self.dirty_regions,
            changed: self.changed,
            processes: self.processes,
            fresh_stores: self.fresh_stores,
            memory: self.memory,
            exposed_in_region: self.exposed_in_region,
            meter: self.meter,
            tracks: self.tracks,
            stores: self.stores,
            watchers: self.watchers,
            walk: self.walk,
            bakes: self.bakes,
            bake_rates: self.bake_rates,
            zone_list: self.zone_list,
            waiting: self.waiting,
            bucket_law: self.bucket_law,
            bucket_laws: self.bucket_laws,
            bucket_row: self.bucket_row,
            bucket_noise: self.bucket_noise,
        }
    }

    /// Forgets whatever the buffers held, and sets the world up.
    fn reset(&mut self) {
        let fleet = &self.plan.fleet;
        let (zones, regions) = (fleet.zones.len(), fleet.regions.len());
        self.queue.clear();
        self.traffic.set(fleet, self.start + self.now);
        self.zones.resize_with(zones, ZoneState::default);
        self.zones.iter_mut().for_each(ZoneState::reset);
        refill(&mut self.zone_dirty, zones, false);
        refill(&mut self.region_dirty, regions, false);
        self.dirty_zones.clear();
        self.mark_all_dirty();
        self.dirty_regions.clear();
        self.changed.clear();
        self.fresh_stores.clear();
        refill(&mut self.exposed_in_region, regions, 0);
        self.meter.reset(self.plan.slis.len(), zones, regions);
        self.tracks.begin(&self.layout.readings, zones, regions);
        self.reset_stores();
        self.reset_watchers();
        self.triggers.clear();
        self.bakes.clear();
        self.waiting.clear();
        self.schedule_traffic();
        self.background.begin(
            self.plan,
            self.layout.calm.as_ref(),
            self.draws,
            self.now,
            &mut self.queue,
        );
        self.queue.push(0.0, Event::AttemptBegins);
    }

    /// Unix time of a moment in seconds from the start.
    pub(super) fn unix(&self, t: f64) -> f64 {
        self.start + t
    }

    /// Simulates to the end; `false` if somebody gave it up before.
    pub(super) fn run(&mut self, given_up: &AtomicBool) -> bool {
        let horizon = self.plan.horizon_s;
        while self.ending.is_none() {
            if given_up.load(Ordering::Relaxed) {
                return false;
            }
            if self.queue.next_time() > self.now {
                // Settling may bring events that come before those that are known.
                self.settle();
            }
            let next = self.queue.next_time();
            if next > self.now {
                self.elapse_meter(next.min(horizon));
                self.now = next.min(horizon);
            }
            if next > horizon {
                self.stall();
                break;
            }
            if let Some((_, event)) = self.queue.pop() {
                self.handle(event);
            }
        }
        // What is hit at the end is asked for, but a state that has not lasted leaves no trace.
        self.settle_hits();
        self.record_course();
        if let Some(ending) = self.ending {
            self.tell(What::Ends { ending });
        }
        true
    }

    /// Takes stock at the end of a moment.
    fn settle(&mut self) {
        if self.traffic_dirty || !self.dirty_zones.is_empty() {
            if self.carried.is_some() {
                self.settle_hits();
                self.settle_meter();
            }
            self.record_course();
        }
        self.traffic_dirty = false;
        self.settle_laws();
        self.settle_processes();
    }

    fn handle(&mut self, event: Event) {
        if self.is_void(event) {
            return;
        }
        match event {
            Event::TrafficChanges => self.traffic_changes(),
            Event::IncidentBegins { source } => {
                let next = self.background.next_of(source);
                self.tell(incident_begins(next));
                let calm = self.layout.calm.as_ref();
                let queue = &mut self.queue;
                let at = self
                    .background
                    .incident_begins(self.plan, calm, source, queue);
                self.background_changed(at);
            }
            Event::IncidentChanges { incident } => {
                let (incident_of, on) = self.background.begun(incident, self.now);
                let what = if on {
                    incident_begins(incident_of)
                } else {
                    incident_ends(incident_of)
                };
                self.tell(what);
                let at = self
                    .background
                    .incident_changes(self.plan, incident, self.now);
                self.background_changed(at);
            }
            Event::WarmUpEnds { zone, cohort, .. } => self.warm_up_ends(zone, cohort),
            Event::Onset { instance, .. } => self.wake(instance),
            Event::CohortOnset { zone, cohort, .. } => self.wake_cohort(zone, cohort),
            Event::FullStrength => self.mark_all_dirty(),
            Event::RequestsReached {
                instance, token, ..
            } => self.requests_reached(instance, token),
            Event::LingeringEnds { zone } => self.lingering_ends(zone),
            Event::ReportDue { token } => self.report_due(token),
            Event::Bucket { store, token } => self.bucket_ends(store, token),
            Event::Datapoint {
                watcher,
                index,
                token,
            } => self.datapoint(watcher, index, token),
            Event::PageAnswered {
                watcher, by_chance, ..
            } => self.page_answered(watcher, by_chance),
            Event::ReportAnswered { .. } => self.report_answered(),
            Event::RestGoes { .. } => self.rest_goes(),
            Event::AttemptBegins => self.attempt_begins(),
            Event::Retry { start, waited, .. } => self.retry_start(start, waited),
            Event::TestEnds { run, .. } => self.test_ends(run),
            Event::ApprovalComes { of, .. } => self.approval_comes(of),
            Event::PauseEnds { watcher, .. } => self.pause_ends(watcher),
            Event::PartLive { zone, part, .. } => self.part_live(zone, part),
            Event::BakeDue { bake, .. } => self.bake_due(bake),
            Event::BakeReleased { bake, .. } => self.bake_released(bake),
            Event::BakeAtMost { bake, .. } => self.bake_at_most(bake),
            Event::RollbackPart { zone, part, .. } => self.rollback_part(zone, part),
            Event::WatchEnds { .. } => self.watch_ends(),
            Event::HaltedWatchEnds { .. } => self.halted_watch_ends(),
        }
    }

    /// Events of an attempt that is over come to nothing; and once a rollout has halted nothing of its program goes on.
    fn is_void(&self, event: Event) -> bool {
        let of_another = event
            .attempt()
            .is_some_and(|attempt| attempt != self.draws.attempt);
        of_another || (self.attempt.halted && event.moves_the_program())
    }

    fn schedule_traffic(&mut self) {
        let at = self.traffic.next_change() - self.start;
        self.queue.push(at, Event::TrafficChanges);
    }

    fn traffic_changes(&mut self) {
        self.traffic
            .set(&self.plan.fleet, self.traffic.next_change());
        self.schedule_traffic();
        self.traffic_dirty = true;
        if self.carried.is_some() {
            if self.spills_by_traffic() {
                self.mark_all_dirty();
            }
            self.trigger_sees_traffic();
        }
    }

    fn background_changed(&mut self, at: Instance) {
        for zone in super::background::zones_of(self.plan, at) {
            self.mark_dirty(zone);
        }
    }
}

fn refill<T: Clone>(list: &mut Vec<T>, n: usize, value: T) {
    list.clear();
    list.resize(n, value);
}

/// When the rollout starts, Unix seconds: the same under every strategy.
pub(super) fn drawn_start(start: &StartRange, draws: Draws) -> f64 {
    match start {
        StartRange::At(at) => *at,
        StartRange::Within(hours) => {
            let share = draws.once(Purpose::Start, NameKey::NONE).uniform();
            hours.at_offset(share * hours.total())
        }
    }
}
