//! The program of a strategy: waves, targets, batches of zones, steps. One thing follows another; what each has to wait
//! for besides is said in [`start`](super::start), how bakes end in [`bake`](super::bake), and what tests come to in
//! [`test_run`](super::test_run).

use super::bake::BakeId;
use super::event::{Approval, Event};
use super::names;
use super::rise::{Rise, is_full};
use super::rollout::Rollout;
use super::start::Start;
use super::strand::Strand;
use crate::outcome::{Place, TimePart};
use crate::plan::{Order, Target, Watches, Wave, WaveTargets, assign_targets};
use crate::random::Purpose;
use crate::trace::What;

/// How far the program has come.
#[derive(Debug)]
pub(super) struct Walk {
    /// Index of the present wave.
    pub(super) wave: usize,
    /// Targets of all waves, where the order of regions is drawn.
    drawn_targets: WaveTargets,
    targets: Vec<TargetRun>,
    next_target: usize,
    done_targets: usize,
    /// Of the rollout between the targets of one wave and the next.
    pub(super) strand: Strand,
    pub(super) zones: Vec<ZoneRun>,
    /// Targeted zones that have not reached their last step's share.
    zones_not_full: usize,
    pub(super) last_started: Place,
    /// Pauses so far, for keys.
    pub(super) pauses: u64,
}

impl Default for Walk {
    fn default() -> Walk {
        Walk {
            wave: 0,
            drawn_targets: Vec::new(),
            targets: Vec::new(),
            next_target: 0,
            done_targets: 0,
            strand: Strand::default(),
            zones: Vec::new(),
            zones_not_full: 0,
            last_started: Place::Preproduction(0),
            pauses: 0,
        }
    }
}

impl Walk {
    /// Number of the present wave, from 1.
    pub(super) fn wave_number(&self) -> u32 {
        self.wave as u32 + 1
    }
}

/// A target under way: a batch of its zones at a time.
#[derive(Clone, Copy, Debug, Default)]
struct TargetRun {
    /// Number of the present batch, from 0.
    batch: usize,
    /// The present batch: from this zone of the target on, ...
    first: usize,
    /// ... so many.
    count: usize,
    /// How many of them are done.
    done: usize,
    strand: Strand,
}

/// A zone under way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ZoneRun {
    target: usize,
    /// Index of the present or next step.
    step: usize,
    /// The action under way: what it does, when it began, how long it takes.
    rise: Rise,
    began: f64,
    takes_s: f64,
    full: bool,
    pub(super) strand: Strand,
}

impl<'e> Rollout<'e> {
    /// The program begins, with the tests before production.
    pub(super) fn begin_walk(&mut self) {
        if self.strategy.fixed_targets.is_none() {
            let order = self.drawn_order();
            self.walk.drawn_targets =
                assign_targets(&self.plan.fleet, &self.strategy.waves, &order);
        }
        self.walk.strand = Strand::begun(self.now);
        self.walk.wave = 0;
        self.walk.pauses = 0;
        self.walk.zones.clear();
        self.walk
            .zones
            .resize(self.plan.fleet.zones.len(), ZoneRun::default());
        let waves = 0..self.strategy.waves.len();
        self.walk.zones_not_full = waves
            .flat_map(|w| self.targets_of(w))
            .map(|t| t.zones.len())
            .sum();
        self.full = None;
        self.begin_preproduction(0);
    }

    /// The order of the regions, where it is shuffled: each has its own number, so that adding one moves no other.
    fn drawn_order(&self) -> Vec<usize> {
        let regions = &self.plan.fleet.regions;
        let mut order: Vec<usize> = match &self.strategy.order {
            Order::Fixed(order) => return order.clone(),
            Order::Random => (0..regions.len()).collect(),
        };
        let number = |r: usize| {
            let mut stream = self.draws.anew(Purpose::RegionOrder, regions[r].key);
            stream.next_u64()
        };
        order.sort_by_cached_key(|&r| number(r));
        order
    }

    fn targets_of(&self, wave: usize) -> &[Target] {
        match &self.strategy.fixed_targets {
            Some(targets) => &targets[wave],
            None => &self.walk.drawn_targets[wave],
        }
    }

    /// The present wave.
    pub(super) fn wave(&self) -> &'e Wave {
        &self.strategy.waves[self.walk.wave]
    }

    /// The region of the present wave's first target.
    pub(super) fn first_region_of_wave(&self) -> Option<usize> {
        self.targets_of(self.walk.wave).first().map(|t| t.region)
    }

    /// Zones of the present wave.
    pub(super) fn zones_of_wave(&self) -> impl Iterator<Item = usize> + '_ {
        let targets = self.targets_of(self.walk.wave).iter();
        targets.flat_map(|t| t.zones.iter().copied())
    }

    /// Zones of a target's present batch.
    pub(super) fn zones_of_batch(&self, target: usize) -> &[usize] {
        let run = &self.walk.targets[target];
        &self.targets_of(self.walk.wave)[target].zones[run.first..run.first + run.count]
    }

    /// The strand of what a bake belongs to.
    pub(super) fn strand_of_bake(&mut self, bake: BakeId) -> &mut Strand {
        match bake {
            BakeId::Step { zone, .. } => &mut self.walk.zones[zone].strand,
            BakeId::Batch { target, .. } => &mut self.walk.targets[target].strand,
            BakeId::Wave { .. } => &mut self.walk.strand,
        }
    }

    pub(super) fn begin_wave(&mut self, wave: usize) {
        self.walk.wave = wave;
        self.walk.targets.clear();
        let targets = self.targets_of(wave).len();
        self.walk.targets.resize(targets, TargetRun::default());
        self.walk.next_target = 0;
        self.walk.done_targets = 0;
        self.record_wave_begins(self.walk.wave_number());
        if self.is_told() {
            let regions = self.targets_of(wave).iter().map(|t| t.region).collect();
            let wave = self.walk.wave_number();
            self.tell(What::WaveBegins { wave, regions });
        }
        if self.wave().approval.is_some() {
            self.start_when_allowed(Start::Approval(Approval::Wave));
        } else {
            self.begin_targets();
        }
    }

    fn begin_targets(&mut self) {
        let at_once = self.wave().parallel.min(self.walk.targets.len());
        for _ in 0..at_once {
            self.begin_next_target(self.walk.strand);
        }
    }

    fn begin_next_target(&mut self, strand: Strand) {
        let target = self.walk.next_target;
        self.walk.next_target += 1;
        self.walk.targets[target].strand = strand;
        self.begin_batch(target);
    }

    fn begin_batch(&mut self, target: usize) {
        let run = self.walk.targets[target];
        let first = run.first + run.count;
        let left = self.targets_of(self.walk.wave)[target].zones.len() - first;
        let count = self.wave().batches.size(run.batch, left);
        let run = &mut self.walk.targets[target];
        (run.first, run.count, run.done) = (first, count, 0);
        let strand = run.strand;
        for i in 0..count {
            let zone = self.zones_of_batch(target)[i];
            self.walk.zones[zone] = ZoneRun {
                target,
                strand,
                ..ZoneRun::default()
            };
            self.begin_test_before(zone, 0);
        }
    }

    pub(super) fn begin_next_step(&mut self, zone: usize) {
        if self.walk.zones[zone].step < self.wave().steps.len() {
            self.start_when_allowed(Start::Step { zone });
        } else {
            self.watches_end(Watches::Step, &[zone]);
            self.begin_test_after(zone, 0);
        }
    }

    pub(super) fn begin_approval(&mut self, of: Approval) {
        let wave = self.wave();
        let (people, name) = match of {
            Approval::Wave => (wave.approval.as_ref(), names::of_approval(self.walk.wave)),
            Approval::Bake(bake) => (wave.people.as_ref(), self.name_of_bake(bake)),
        };
        let place = self.place_of_approval(of);
        if of == Approval::Wave {
            self.walk.last_started = place;
        }
        if let Some(people) = people {
            let after = self.delay_of_people(people, Purpose::ApprovalTime, name);
            let answer_s = self.now + after;
            self.tell(What::ApprovalAsked { place, answer_s });
            let attempt = self.draws.attempt;
            self.queue
                .push(answer_s, Event::ApprovalComes { attempt, of });
        }
    }

    pub(super) fn approval_comes(&mut self, of: Approval) {
        let place = self.place_of_approval(of);
        self.tell(What::ApprovalComes { place });
        match of {
            Approval::Wave => {
                self.walk.strand.spend(TimePart::Approval, self.now);
                self.begin_targets();
            }
            Approval::Bake(bake) => self.bake_approved(bake),
        }
    }

    pub(super) fn begin_step(&mut self, zone: usize) {
        let index = self.walk.zones[zone].step;
        let number = index as u32 + 1;
        let step = &self.wave().steps[index];
        let fleet = &self.plan.fleet;
        let boxes = fleet.regions[fleet.zones[zone].region].boxes_per_zone;
        let rise = Rise::of(step, boxes, self.zones[zone].share);
        let name = names::of_step(fleet.zones[zone].key, index);
        let takes_s = self.draws.sample(&step.takes, Purpose::StepTime, name);
        let wave = self.walk.wave_number();
        self.zones[zone].step_begins(self.now, number, wave);
        let place = self.place_of_step(zone);
        self.walk.last_started = place;
        self.tell(What::StepBegins {
            place,
            zone,
            from: rise.from,
            to: rise.to,
            takes_s,
        });
        self.watchers_see_action(zone);
        let run = &mut self.walk.zones[zone];
        run.rise = rise;
        run.began = self.now;
        run.takes_s = takes_s;
        self.schedule_part(zone, 1);
    }

    /// The present or next step of a zone.
    pub(super) fn place_of_step(&self, zone: usize) -> Place {
        Place::Step {
            wave: self.walk.wave_number(),
            zone: zone as u32,
            step: self.walk.zones[zone].step as u32 + 1,
        }
    }

    /// Part `part` (from 1) of the action under way is due after that part of its time.
    fn schedule_part(&mut self, zone: usize, part: u32) {
        let run = &self.walk.zones[zone];
        let at = run.rise.due(run.began, run.takes_s, part);
        let attempt = self.draws.attempt;
        self.queue.push(
            at.max(self.now),
            Event::PartLive {
                attempt,
                zone,
                part,
            },
        );
    }

    /// A part of the action under way is live.
    pub(super) fn part_live(&mut self, zone: usize, part: u32) {
        let run = self.walk.zones[zone];
        if run.rise.raises() {
            let to = run.rise.share_after(part);
            let name = names::of_step(self.plan.fleet.zones[zone].key, run.step);
            self.raise_share(zone, to, run.step == 0, name.number(u64::from(part)));
        }
        self.note_full(zone);
        if part < run.rise.parts {
            self.schedule_part(zone, part + 1);
        } else {
            self.walk.zones[zone]
                .strand
                .spend(TimePart::Action, self.now);
            self.begin_bake(BakeId::Step {
                zone,
                step: run.step,
            });
        }
    }

    /// Whether this zone was the last to reach its last step's share.
    fn note_full(&mut self, zone: usize) {
        let boxes = self.plan.fleet.regions[self.plan.fleet.zones[zone].region].boxes_per_zone;
        let steps = &self.wave().steps;
        if self.walk.zones[zone].full || !is_full(steps, boxes, self.zones[zone].share) {
            return;
        }
        self.walk.zones[zone].full = true;
        self.walk.zones_not_full -= 1;
        if self.walk.zones_not_full == 0 {
            let strand = self.walk.zones[zone].strand;
            self.full = Some((self.now, strand.with(TimePart::Action, self.now)));
            self.tell(What::FullyDeployed);
        }
    }

    /// A bake has ended: the program goes on behind it.
    pub(super) fn after_bake(&mut self, bake: BakeId) {
        match bake {
            BakeId::Step { zone, .. } => {
                self.walk.zones[zone].step += 1;
                self.begin_next_step(zone);
            }
            BakeId::Batch { target, .. } => self.batch_done(target),
            BakeId::Wave { .. } => self.wave_done(),
        }
    }

    pub(super) fn zone_done(&mut self, zone: usize) {
        let run = self.walk.zones[zone];
        let target = &mut self.walk.targets[run.target];
        target.done += 1;
        target.strand = run.strand;
        if target.done == target.count {
            let batch = target.batch;
            self.begin_bake(BakeId::Batch {
                target: run.target,
                batch,
                wave: self.walk.wave,
            });
        }
    }

    fn batch_done(&mut self, target: usize) {
        let mut zones = self.take_zone_list();
        zones.extend_from_slice(self.zones_of_batch(target));
        self.watches_end(Watches::Zone, &zones);
        self.zone_list = zones;
        let run = &mut self.walk.targets[target];
        run.batch += 1;
        let next = run.first + run.count;
        if next < self.targets_of(self.walk.wave)[target].zones.len() {
            self.begin_batch(target);
        } else {
            self.target_done(target);
        }
    }

    /// The memory for a list of zones, which is empty.
    fn take_zone_list(&mut self) -> Vec<usize> {
        let mut zones = std::mem::take(&mut self.zone_list);
        zones.clear();
        zones
    }

    fn target_done(&mut self, target: usize) {
        let strand = self.walk.targets[target].strand;
        self.walk.done_targets += 1;
        if self.walk.next_target < self.walk.targets.len() {
            self.begin_next_target(strand);
        } else if self.walk.done_targets == self.walk.targets.len() {
            self.walk.strand = strand;
            self.begin_bake(BakeId::Wave {
                wave: self.walk.wave,
            });
        }
    }

    fn wave_done(&mut self) {
        let mut zones = self.take_zone_list();
        zones.extend(self.zones_of_wave());
        self.watches_end(Watches::Wave, &zones);
        self.zone_list = zones;
        let wave = self.walk.wave_number();
        self.tell(What::WaveEnds { wave });
        self.record_wave_ends();
        if self.walk.wave + 1 < self.strategy.waves.len() {
            self.begin_wave(self.walk.wave + 1);
            return;
        }
        self.done_s = Some(self.now);
        self.tell(What::ProgramEnds);
        self.walk.last_started = Place::Watch;
        let mut all = self.take_zone_list();
        all.extend(0..self.zones.len());
        self.watches_end(Watches::Rollout, &all);
        self.zone_list = all;
        let attempt = self.draws.attempt;
        self.queue
            .push(self.now + self.plan.watch_s, Event::WatchEnds { attempt });
    }
}
