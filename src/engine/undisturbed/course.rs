//! The course of an undisturbed rollout: the program walked strand by strand, with the draws of the full way.
//!
//! Every function returns `None` where the rollout has to be simulated instead.

use super::super::carried::{Carried, Draws};
use super::super::names;
use super::super::people::delay_of_people;
use super::super::start::{closed_until, look_again_at};
use super::super::strand::Strand;
use super::super::traffic::time_of_new_requests;
use super::kinds::Program;
use super::times::{Times, ZoneTimes};
use crate::outcome::{TimePart, TimeParts};
use crate::plan::{Bake, BakeKind, PeopleDelay, Plan, Strategy, Target, Test, TimedBake, Wave};
use crate::random::{NameKey, Purpose};

/// An undisturbed attempt.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Course<'a> {
    pub(in super::super) plan: &'a Plan,
    pub(in super::super) strategy: &'a Strategy,
    pub(in super::super) program: &'a Program,
    pub(in super::super) draws: Draws,
    /// Unix time of the start.
    pub(in super::super) start: f64,
    /// When the attempt begins, in seconds from the start.
    pub(in super::super) begins: f64,
    pub(in super::super) fault: Option<Fault<'a>>,
    pub(in super::super) ties: Ties,
}

/// What becomes of strands that end at one moment with different parts. Which of them goes on is a question of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Ties {
    /// The rollout has to be simulated.
    GiveUp,
    /// Any of them goes on.
    AnyWillDo,
}

/// A fault that sleeps.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Fault<'a> {
    pub(super) carried: &'a Carried<'a>,
    /// From the first new version anywhere until it wakes, at the earliest.
    pub(super) wakes_after_s: f64,
}

impl<'a> Course<'a> {
    /// Walks the program. Returns when every zone had its last step's share, with what the time was spent on, and when the
    /// last wave was over.
    pub(in super::super) fn walk(&self, times: &mut Times) -> Option<((f64, TimeParts), f64)> {
        times.clear();
        let mut strand = Strand::begun(self.begins);
        for test in &self.strategy.preproduction {
            self.test(test, None, &mut strand, times)?;
        }
        for wave in 0..self.strategy.waves.len() {
            strand = self.wave(wave, strand, times)?;
            times.waves.push(strand.since());
        }
        times.done = strand.since();
        times.end = times.done + self.plan.watch_s;
        // Past the horizon, or no time at all, is for the full way.
        if !(times.end <= self.plan.horizon_s && self.sleeps_at(times.end, times)) {
            return None;
        }
        Some(((times.full_at, times.full_parts), times.done))
    }

    /// The later of two strands that join.
    fn join(&self, last: &mut Option<Strand>, other: &Strand) -> Option<()> {
        match last {
            Some(last) if last.since() > other.since() => Some(()),
            Some(last) if last.since() == other.since() => {
                (last == other || self.ties == Ties::AnyWillDo).then_some(())
            }
            _ => {
                *last = Some(*other);
                Some(())
            }
        }
    }

    /// Whether the fault, if there is one, has not woken at a time.
    fn sleeps_at(&self, at: f64, times: &Times) -> bool {
        self.fault
            .is_none_or(|fault| at < times.first_live + fault.wakes_after_s)
    }

    fn wave(&self, index: usize, strand: Strand, times: &mut Times) -> Option<Strand> {
        let wave = &self.strategy.waves[index];
        let targets = &self.program.targets[index];
        let mut strand = strand;
        if wave.approval.is_some() {
            self.wait_for_window(wave, targets[0].region, &mut strand)?;
            let name = names::of_approval(index);
            self.approval(wave.approval.as_ref(), name, &mut strand)?;
        }
        let mut running = std::mem::take(&mut times.running);
        running.clear();
        for (number, target) in targets.iter().enumerate() {
            let begins = if number < wave.parallel {
                strand
            } else {
                self.first_to_end(&mut running)?
            };
            running.push(self.target(index, target, begins, times)?);
        }
        let mut last = None;
        for strand in &running {
            self.join(&mut last, strand)?;
        }
        times.running = running;
        strand = last?;
        if let Some(bake) = &wave.bake {
            let zones = targets.iter().flat_map(|t| t.zones.iter().copied());
            let bake = (bake, names::of_wave_bake(index), index);
            self.bake(bake, zones, &mut strand, times)?;
        }
        Some(strand)
    }

    fn target(
        &self,
        index: usize,
        target: &Target,
        strand: Strand,
        times: &mut Times,
    ) -> Option<Strand> {
        let wave = &self.strategy.waves[index];
        let mut strand = strand;
        let (mut first, mut batch) = (0, 0);
        while first < target.zones.len() {
            let count = wave.batches.size(batch, target.zones.len() - first);
            let zones = &target.zones[first..first + count];
            let mut last = None;
            for &zone in zones {
                let mut of_zone = strand;
                self.zone(index, zone, &mut of_zone, times)?;
                self.join(&mut last, &of_zone)?;
            }
            strand = last?;
            if let Some(bake) = &wave.zone_bake {
                let name = names::of_batch(self.plan.fleet.zones[zones[0]].key);
                let zones = zones.iter().copied();
                self.bake((bake, name, index), zones, &mut strand, times)?;
            }
            let walked = times.zones.len();
            for zone in &mut times.zones[walked - count..] {
                zone.batch_ends = strand.since();
            }
            (first, batch) = (first + count, batch + 1);
        }
        Some(strand)
    }

    fn zone(
        &self,
        index: usize,
        zone: usize,
        strand: &mut Strand,
        times: &mut Times,
    ) -> Option<()> {
        let wave = &self.strategy.waves[index];
        let of_zone = self.program.zones[zone].as_ref()?;
        let kind = &self.program.kinds[of_zone.kind];
        let region = self.plan.fleet.zones[zone].region;
        for test in &self.strategy.pre_traffic {
            self.test(test, Some(zone), strand, times)?;
        }
        let first_part = times.parts.len();
        for (number, step) in wave.steps.iter().enumerate() {
            self.wait_for_window(wave, region, strand)?;
            let (name, rise) = (of_zone.steps[number], &kind.rises[number]);
            let takes_s = self.draws.sample(&step.takes, Purpose::StepTime, name);
            let began = strand.since();
            let mut at = began;
            for part in 1..=rise.parts {
                at = rise.due(began, takes_s, part).max(at);
                if rise.raises() {
                    times.parts.push(at);
                }
                if kind.full == (number, part) {
                    times.note_full(at, strand, self.ties)?;
                }
            }
            strand.spend(TimePart::Action, at);
            if let Some(bake) = &step.bake {
                let share = times.parts.len() - first_part;
                let share = share.checked_sub(1).map_or(0.0, |s| kind.states[s].new);
                let bake = (bake, name, index);
                self.bake_of(bake, std::iter::once((zone, share)), strand, times)?;
            }
        }
        times.first_live = times.first_live.min(times.parts[first_part]);
        times.zones.push(ZoneTimes {
            zone,
            first_part,
            steps_end: strand.since(),
            batch_ends: f64::INFINITY,
        });
        for test in &self.strategy.post_traffic {
            self.test(test, Some(zone), strand, times)?;
        }
        self.sleeps_at(strand.since(), times).then_some(())
    }

    /// Waits until an action, or a wave's approval, may start in a region.
    fn wait_for_window(&self, wave: &Wave, region: usize, strand: &mut Strand) -> Option<()> {
        if wave.windows.is_none() {
            return Some(());
        }
        while let Some(opens) = closed_until(wave, region, self.start + strand.since()) {
            if opens - self.start > self.plan.horizon_s {
                return None;
            }
            let at = look_again_at(opens - self.start, strand.since());
            strand.spend(TimePart::Window, at);
        }
        Some(())
    }

    fn test(
        &self,
        test: &Test,
        zone: Option<usize>,
        strand: &mut Strand,
        times: &mut Times,
    ) -> Option<()> {
        let name = names::of_run(test, zone.map(|z| self.plan.fleet.zones[z].key));
        let sees = |fault: Fault<'_>| {
            // A fault that sleeps is seen by tests that do not need it awake.
            !test.needs_active && fault.carried.can_be_seen_by(test, self.draws)
        };
        let flakes = || {
            let mut stream = self.draws.anew(Purpose::TestFlake, name);
            stream.chance(test.flake)
        };
        let fails = self.fault.is_some_and(sees) || flakes();
        if fails && self.ties == Ties::GiveUp {
            return None;
        }
        let takes_s = self.draws.sample(&test.takes, Purpose::TestTime, name);
        strand.spend(TimePart::Test, strand.since() + takes_s);
        if fails {
            times.failed = Some((strand.since(), zone));
        }
        (!fails).then_some(())
    }

    /// The bake after zones are done.
    fn bake(
        &self,
        bake: (&Bake, NameKey, usize),
        zones: impl Iterator<Item = usize>,
        strand: &mut Strand,
        times: &mut Times,
    ) -> Option<()> {
        let share = |zone: usize| {
            let kind = self.program.zones[zone].as_ref().map(|z| z.kind);
            let last = kind.and_then(|kind| self.program.kinds[kind].states.last());
            (zone, last.map_or(0.0, |shares| shares.new))
        };
        self.bake_of(bake, zones.map(share), strand, times)
    }

    /// A bake of zones with these shares; it has a name and belongs to a wave.
    fn bake_of(
        &self,
        (bake, name, wave): (&Bake, NameKey, usize),
        shares: impl Iterator<Item = (usize, f64)>,
        strand: &mut Strand,
        times: &mut Times,
    ) -> Option<()> {
        let timed = match &bake.kind {
            BakeKind::Timed(timed) => timed,
            BakeKind::Manual => {
                let people = self.strategy.waves[wave].people.as_ref();
                return self.approval(people, name, strand);
            }
        };
        let now = strand.since();
        let lasts_s = self.draws.sample(&timed.lasts, Purpose::BakeTime, name);
        let enough = self.time_of_enough(timed, shares, now, times);
        let due = f64::max(now + lasts_s, enough);
        let too_long = timed.at_most_s.is_some_and(|most| now + most < due);
        // What never ends is for the full way, and so is what ends for another reason.
        if too_long || due > self.plan.horizon_s {
            return None;
        }
        strand.spend(TimePart::Bake, due);
        Some(())
    }

    /// When the new version was sent as many requests as a bake needs that begins at `now`.
    fn time_of_enough(
        &self,
        bake: &TimedBake,
        shares: impl Iterator<Item = (usize, f64)>,
        now: f64,
        times: &mut Times,
    ) -> f64 {
        let requests = bake.min_requests;
        if requests <= 0.0 {
            return now;
        }
        let end = self.start + self.plan.horizon_s;
        let (fleet, rates) = (&self.plan.fleet, &mut times.rates);
        let at = time_of_new_requests(fleet, shares, self.start + now, requests, end, rates);
        at - self.start
    }

    fn approval(
        &self,
        people: Option<&PeopleDelay>,
        name: NameKey,
        strand: &mut Strand,
    ) -> Option<()> {
        let asked = strand.since();
        let at = self.start + asked;
        let purpose = Purpose::ApprovalTime;
        let after = delay_of_people(self.plan, self.draws, at, people?, purpose, name);
        strand.spend(TimePart::Approval, asked + after);
        Some(())
    }

    /// Takes out the strand that ends first of those under way.
    fn first_to_end(&self, running: &mut Vec<Strand>) -> Option<Strand> {
        let ends = |i: usize| running[i].since();
        let first = (0..running.len()).min_by(|&a, &b| ends(a).total_cmp(&ends(b)))?;
        let strand = running[first];
        let is_alike = |other: &Strand| {
            other.since() != strand.since() || *other == strand || self.ties == Ties::AnyWillDo
        };
        if !running.iter().all(is_alike) {
            return None;
        }
        Some(running.swap_remove(first))
    }
}
