//! Alarms on watch: which instance looks at which datapoints, and what it does when they fire.
//!
//! A *watcher* is an alarm in one instance of its population. Its history goes on for as long as there is new version
//! in the instance; whether it may act is another question (`open`).

use std::ops::RangeInclusive;

use super::event::{Event, Instance};
use super::family::Family;
use super::history::{History, Judgement};
use super::judge::{Reads, Verdict, judge};
use super::law::Reading;
use super::rollout::Rollout;
use super::skip::Way;
use super::stop::Where;
use crate::outcome::DetectedBy;
use crate::plan::{Action, Alarm, Condition, Grid, Population, Rule, Watches};
use crate::random::{NameKey, Purpose};
use crate::trace::What;

/// One alarm in one instance.
#[derive(Debug, Default)]
pub(super) struct Watcher {
    /// Index of the alarm in the strategy.
    pub(super) alarm: usize,
    pub(super) instance: Instance,
    /// Datapoints scheduled under another token are void.
    token: u32,
    /// Whether it looks at datapoints.
    looks: bool,
    /// Number of the first datapoint that counts.
    first: i64,
    /// Number of the datapoint scheduled, of the last one to look at, and of the last one judged.
    scheduled: Option<i64>,
    until: i64,
    judged: Option<i64>,
    /// Whether there is new version in the instance.
    present: bool,
    /// Whether it may act.
    open: bool,
    history: History,
    /// The datapoint known last, for alarms that hold.
    last: Option<Verdict>,
    /// Whether it paged, and nobody has acted yet.
    pub(super) paged: bool,
}

/// What the conditions of a datapoint read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Readings {
    pub(super) first: Reads,
    pub(super) second: Reads,
}

impl Watcher {
    /// Becomes the watcher of an alarm in an instance, at the beginning of a rollout.
    fn reset(&mut self, alarm: usize, instance: Instance, phases: usize) {
        self.alarm = alarm;
        self.instance = instance;
        self.history.set_phases(phases);
        self.forget();
        self.first = 0;
        (self.present, self.open, self.paged) = (false, false, false);
    }

    /// Forgets all datapoints and looks at none; those under way no longer count.
    fn forget(&mut self) {
        self.history.clear();
        self.last = None;
        self.judged = None;
        self.scheduled = None;
        self.until = i64::MIN;
        self.looks = false;
        self.token += 1;
    }

    /// Whether it looks at datapoints.
    pub(super) fn looks(&self) -> bool {
        self.looks
    }

    /// Whether it may act.
    pub(super) fn may_act(&self) -> bool {
        self.open
    }

    /// How many datapoints that are counted with this one breach.
    pub(super) fn breaches(&mut self, index: i64, rule: Rule) -> u32 {
        self.history.breaches(index, rule)
    }

    /// Looks at no datapoint but the next, if that is not said anew.
    pub(super) fn looks_no_further(&mut self) {
        self.until = i64::MIN;
    }
}

impl Rollout<'_> {
    pub(super) fn reset_watchers(&mut self) {
        let layout = self.layout;
        let mut count = 0;
        for (index, (alarm, instance)) in layout.watched().enumerate() {
            let of = &layout.strategy.alarms[alarm];
            let phases = (of.period_s / of.every_s) as usize;
            if index == self.watchers.len() {
                self.watchers.push(Watcher::default());
            }
            self.watchers[index].reset(alarm, instance, phases);
            count += 1;
        }
        self.watchers.truncate(count);
    }

    fn alarm(&self, watcher: usize) -> &Alarm {
        &self.strategy.alarms[self.watchers[watcher].alarm]
    }

    /// The name of a watcher, for keys.
    pub(super) fn name_of_watcher(&self, watcher: usize) -> NameKey {
        let instance = self.watchers[watcher].instance;
        self.alarm(watcher)
            .key
            .with(instance.name(&self.plan.fleet))
    }

    /// New version came to a zone: what covers it begins to watch, or may act again.
    pub(super) fn watchers_see_new_version(&mut self, zone: usize) {
        for alarm in 0..self.strategy.alarms.len() {
            let watcher = self.layout.watcher(alarm, zone);
            self.watchers[watcher].open = true;
            if !std::mem::replace(&mut self.watchers[watcher].present, true) {
                self.set_grid(watcher);
                self.clear_history(watcher);
            }
        }
    }

    /// No new version is left in a zone: what saw it there forgets.
    pub(super) fn watchers_see_it_go(&mut self, zone: usize) {
        let region = self.plan.fleet.zones[zone].region;
        for alarm in 0..self.strategy.alarms.len() {
            let left = match self.strategy.alarms[alarm].population {
                Population::Region => self.exposed_in_region[region],
                Population::Fleet => self.exposed_zones,
                Population::OneBox | Population::Canary | Population::Zone => 0,
            };
            if left == 0 {
                let watcher = self.layout.watcher(alarm, zone);
                let watcher = &mut self.watchers[watcher];
                watcher.forget();
                (watcher.present, watcher.open, watcher.paged) = (false, false, false);
            }
        }
    }

    /// An action begins in a zone: alarms that start afresh with every step do.
    pub(super) fn watchers_see_action(&mut self, zone: usize) {
        for alarm in 0..self.strategy.alarms.len() {
            let watcher = self.layout.watcher(alarm, zone);
            if !self.watchers[watcher].present {
                continue;
            }
            let of = &self.strategy.alarms[alarm];
            let may_be_new = of.steps.is_some() && self.layout.way == Way::Skipping;
            if of.resets_on_step {
                self.clear_history(watcher);
            } else if may_be_new && self.looks_at_present_step(alarm, Instance::Zone(zone)) {
                let store = self.store_of_watcher(watcher);
                self.process_begins(store, self.layout.sources[alarm].position);
            }
        }
    }

    /// Alarms that watch no longer than this stop acting in these zones. Where nothing can open them again they stop
    /// looking, too.
    pub(super) fn watches_end(&mut self, until: Watches, zones: &[usize]) {
        for alarm in 0..self.strategy.alarms.len() {
            let of = &self.strategy.alarms[alarm];
            if of.watches != until {
                continue;
            }
            let may_open_again = !of.population.is_zonal() && until == Watches::Wave;
            for &zone in zones {
                let watcher = self.layout.watcher(alarm, zone);
                let watcher = &mut self.watchers[watcher];
                watcher.open = false;
                if !may_open_again {
                    watcher.forget();
                }
            }
        }
        self.release_bakes();
    }

    /// Nothing that alarms see matters any more: everything goes back.
    pub(super) fn silence_watchers(&mut self) {
        self.watchers.iter_mut().for_each(Watcher::forget);
    }

    /// Forgets a watcher's datapoints, and looks from the next one on.
    pub(super) fn clear_history(&mut self, watcher: usize) {
        self.watchers[watcher].forget();
        if self.watchers[watcher].present {
            let first = self.first_datapoint_after_now(watcher);
            self.watchers[watcher].looks = true;
            self.watchers[watcher].first = first;
            match self.layout.way {
                Way::Plain => self.schedule_datapoint(watcher, first),
                Way::Skipping => {
                    let store = self.store_of_watcher(watcher);
                    let position = self.layout.sources[self.watchers[watcher].alarm].position;
                    self.process_begins(store, position);
                    self.notice_marked(watcher, position, store);
                    self.notice_if_direct(watcher, position, store);
                }
            }
        }
        self.release_bakes();
    }

    /// A bucket may matter to a watcher: it looks at the datapoints that cover it.
    pub(super) fn notice(&mut self, watcher: usize, bucket: i64) {
        let alarm = self.alarm(watcher);
        let bucket_s = self.family_of(watcher).bucket_s;
        // Datapoint `i` covers the time from i * every - window to i * every.
        let last = bucket * bucket_s + alarm.longest_window_s();
        let last = last.div_euclid(i64::from(alarm.every_s));
        self.look_from(watcher, bucket, last);
    }

    /// A watcher looks at the datapoints that end with certain buckets.
    pub(super) fn notice_between(&mut self, watcher: usize, buckets: RangeInclusive<i64>) {
        let bucket_s = self.family_of(watcher).bucket_s;
        let every_s = i64::from(self.alarm(watcher).every_s);
        let last = ((buckets.end() + 1) * bucket_s).div_euclid(every_s);
        self.look_from(watcher, *buckets.start(), last);
    }

    /// A watcher looks at all datapoints that cover a bucket or a later one.
    pub(super) fn notice_all_from(&mut self, watcher: usize, bucket: i64) {
        self.look_from(watcher, bucket, i64::MAX);
    }

    /// Looks at datapoints from the first on that covers a bucket, up to `last`.
    fn look_from(&mut self, watcher: usize, bucket: i64, last: i64) {
        let bucket_s = self.family_of(watcher).bucket_s;
        let every_s = i64::from(self.alarm(watcher).every_s);
        let w = &mut self.watchers[watcher];
        if !w.looks {
            return;
        }
        let first = ((bucket + 1) * bucket_s + every_s - 1).div_euclid(every_s);
        let next = w.judged.map_or(w.first, |judged| judged + 1).max(first);
        if next > last {
            return;
        }
        w.until = w.until.max(last);
        if w.scheduled.is_none_or(|scheduled| next < scheduled) {
            self.schedule_datapoint(watcher, next);
        }
    }

    fn family_of(&self, watcher: usize) -> &Family {
        let source = self.layout.sources[self.watchers[watcher].alarm];
        &self.layout.families[source.family]
    }

    /// Datapoints that count from the first new version lie at multiples of `every` from now on.
    fn set_grid(&mut self, watcher: usize) {
        if self.alarm(watcher).grid == Grid::Deployment {
            let store = self.store_of_watcher(watcher);
            let now = self.now;
            if self.stores[store].set_origin(now) {
                // Buckets are numbered anew.
                self.processes[store].reset();
            }
        }
    }

    fn store_of_watcher(&self, watcher: usize) -> usize {
        let watcher = &self.watchers[watcher];
        let family = self.layout.sources[watcher.alarm].family;
        self.store_of(family, watcher.instance)
    }

    /// Number of the first datapoint that ends after now.
    fn first_datapoint_after_now(&self, watcher: usize) -> i64 {
        let every_s = f64::from(self.alarm(watcher).every_s);
        let origin = self.stores[self.store_of_watcher(watcher)].origin();
        libm::floor((self.now - origin) / every_s) as i64 + 1
    }

    /// When a datapoint ends.
    fn end_of_datapoint(&self, watcher: usize, index: i64) -> f64 {
        let origin = self.stores[self.store_of_watcher(watcher)].origin();
        origin + (index * i64::from(self.alarm(watcher).every_s)) as f64
    }

    fn schedule_datapoint(&mut self, watcher: usize, index: i64) {
        let at = self.end_of_datapoint(watcher, index) + self.alarm(watcher).lag_s;
        let token = self.watchers[watcher].token;
        self.watchers[watcher].scheduled = Some(index);
        self.queue.push(
            at,
            Event::Datapoint {
                watcher,
                index,
                token,
            },
        );
    }

    /// A datapoint is known.
    pub(super) fn datapoint(&mut self, watcher: usize, index: i64, token: u32) {
        let w = &mut self.watchers[watcher];
        if w.token != token || w.scheduled != Some(index) {
            return;
        }
        w.scheduled = None;
        if self.layout.way == Way::Plain || index < w.until {
            self.schedule_datapoint(watcher, index + 1);
        }
        let strategy = self.strategy;
        let alarm = &strategy.alarms[self.watchers[watcher].alarm];
        let end = self.end_of_datapoint(watcher, index);
        if !self.is_there(watcher, end) {
            self.look_on_if_it_holds(watcher, index);
            return;
        }
        let (verdict, readings) = self.verdict(watcher, index, end);
        if alarm.does == Action::Hold {
            let judgement = Judgement::Quiet;
            self.tell_datapoint(watcher, index, end, (verdict, readings), judgement);
            self.known_to_hold(watcher, index, verdict);
            return;
        }
        self.fill_gap(watcher, index);
        let instance = self.watchers[watcher].instance;
        let hit = self.hit_within(instance, end - f64::from(alarm.window_s), end);
        let w = &mut self.watchers[watcher];
        w.judged = Some(index);
        let judgement = w
            .history
            .take(index, verdict, hit, alarm.rule, alarm.missing);
        let may_act = w.open;
        self.tell_datapoint(watcher, index, end, (verdict, readings), judgement);
        let Judgement::Fires { by_chance } = judgement else {
            return;
        };
        // The next datapoint may fire, too, even if it is fine, and may find the watcher readier to act.
        self.look_on(watcher, index);
        if may_act {
            self.fire(watcher, by_chance);
        }
    }

    /// A datapoint of an alarm that holds bakes is known. After one that breaches or is missing the next one is looked
    /// at in any case: it may let go.
    fn known_to_hold(&mut self, watcher: usize, index: i64, verdict: Verdict) {
        let w = &mut self.watchers[watcher];
        w.judged = Some(index);
        w.last = Some(verdict);
        self.look_on_if_it_holds(watcher, index);
        self.release_bakes();
    }

    fn look_on_if_it_holds(&mut self, watcher: usize, index: i64) {
        let w = &self.watchers[watcher];
        if matches!(w.last, Some(Verdict::Breach | Verdict::Missing)) && w.scheduled.is_none() {
            self.schedule_datapoint(watcher, index + 1);
        }
    }

    /// Looks at the next datapoint that is judged with this one in any case.
    fn look_on(&mut self, watcher: usize, index: i64) {
        let alarm = self.alarm(watcher);
        let next = index + i64::from(alarm.period_s / alarm.every_s);
        let w = &mut self.watchers[watcher];
        w.until = w.until.max(next);
        if w.scheduled.is_none() {
            self.schedule_datapoint(watcher, index + 1);
        }
    }

    /// Datapoints that were skipped since the last one judged were fine; a rule remembers no more than its last few.
    fn fill_gap(&mut self, watcher: usize, index: i64) {
        if self.layout.way == Way::Plain {
            return;
        }
        let alarm = self.alarm(watcher);
        let remembered = History::remembers(alarm.rule, alarm.missing);
        let phases = i64::from(alarm.period_s / alarm.every_s);
        let w = &mut self.watchers[watcher];
        let last = w.history.last_before(index);
        let known = last.unwrap_or(i64::MIN).max(w.first - 1);
        let mut fine = 0;
        let mut skipped = index - phases;
        while fine < remembered && skipped > known {
            let end = self.end_of_datapoint(watcher, skipped);
            fine += u32::from(self.is_there(watcher, end));
            skipped -= phases;
        }
        self.watchers[watcher].history.skip(index, fine);
    }

    /// Whether a watcher has a datapoint that ends at `end`: some need old and new version side by side, some look at
    /// certain steps only.
    fn is_there(&self, watcher: usize, end: f64) -> bool {
        let alarm = self.alarm(watcher);
        let Instance::Zone(zone) = self.watchers[watcher].instance else {
            return true;
        };
        let zone = &self.zones[zone];
        let share = zone.share_before(end);
        let side_by_side = share > 0.0 && share < 1.0;
        let step = zone.step_before(end);
        (side_by_side || !alarm.needs_both_versions())
            && alarm.steps.is_none_or(|s| (s.from..=s.to).contains(&step))
    }

    /// Whether an alarm looks at datapoints that end in the present step of an instance.
    pub(super) fn looks_at_present_step(&self, alarm: usize, instance: Instance) -> bool {
        match (self.strategy.alarms[alarm].steps, instance) {
            (Some(steps), Instance::Zone(zone)) => {
                (steps.from..=steps.to).contains(&self.zones[zone].step)
            }
            _ => true,
        }
    }

    /// Whether a datapoint breaches, and by what.
    fn verdict(&mut self, watcher: usize, index: i64, end: f64) -> (Verdict, Readings) {
        let strategy = self.strategy;
        let alarm = &strategy.alarms[self.watchers[watcher].alarm];
        let mut readings = Readings::default();
        let (mut verdict, first) =
            self.judged(watcher, index, end, alarm.condition, alarm.window_s);
        readings.first = first;
        if let Some(and) = alarm.and {
            let (also, second) = self.judged(watcher, index, end, and.condition, and.window_s);
            verdict = verdict.and(also);
            readings.second = second;
        }
        (verdict, readings)
    }

    /// One condition over its window.
    fn judged(
        &mut self,
        watcher: usize,
        index: i64,
        end: f64,
        condition: Condition,
        window_s: u32,
    ) -> (Verdict, Reads) {
        let instance = self.watchers[watcher].instance;
        let source = self.layout.sources[self.watchers[watcher].alarm];
        let alarm = self.alarm(watcher);
        let (every_s, min_requests) = (i64::from(alarm.every_s), alarm.min_requests);
        let bucket_s = self.layout.families[source.family].bucket_s;
        let last = index * every_s / bucket_s;
        let sli = condition.sli();
        let mut reads = Reads {
            own: self.counts(source.family, instance, source.reading, sli, last, window_s),
            ..Reads::default()
        };
        if let (true, Instance::Zone(zone)) = (condition.is_relative(), instance) {
            reads.share = self.zones[zone].share_before(end);
            let mut read = |sli| {
                let control = Reading::Control;
                self.counts(source.family, instance, control, sli, last, window_s)
            };
            reads.control = read(None);
            // The worse the control fares, the less a datapoint breaches: how it fares is not asked for in vain.
            if sli.is_some() && judge(condition, min_requests, &reads) == Verdict::Breach {
                reads.control = read(sli);
                reads.control_is_read = true;
            }
        }
        (judge(condition, min_requests, &reads), reads)
    }

    /// An alarm fires.
    fn fire(&mut self, watcher: usize, by_chance: bool) {
        let alarm = self.watchers[watcher].alarm;
        let instance = self.watchers[watcher].instance;
        match self.strategy.alarms[alarm].does {
            Action::RollBack => {
                self.detect(
                    DetectedBy::Alarm(alarm),
                    Where::Instance(instance),
                    by_chance,
                );
            }
            Action::Page => self.page(watcher, by_chance),
            Action::Pause => self.pause(watcher),
            Action::Hold => {}
        }
    }

    /// An alarm calls the on-call; once, until somebody acts.
    fn page(&mut self, watcher: usize, by_chance: bool) {
        if std::mem::replace(&mut self.watchers[watcher].paged, true) {
            return;
        }
        if let Some(responds) = &self.plan.oncall.responds {
            let name = self.name_of_watcher(watcher);
            let after = self.delay_of_people(responds, Purpose::Responds, name);
            let attempt = self.draws.attempt;
            let (alarm, site) = self.told_of(watcher);
            let acts_s = self.now + after;
            self.tell(What::Pages {
                alarm,
                site,
                acts_s,
            });
            self.queue.push(
                acts_s,
                Event::PageAnswered {
                    attempt,
                    watcher,
                    by_chance,
                },
            );
        }
    }

    /// Whether a watcher keeps bakes from ending: it may act, the datapoint known last breached or was missing, and
    /// there can be others.
    pub(super) fn holds(&self, watcher: usize) -> bool {
        let w = &self.watchers[watcher];
        if !w.open || !matches!(w.last, Some(Verdict::Breach | Verdict::Missing)) {
            return false;
        }
        let Instance::Zone(zone) = w.instance else {
            return true;
        };
        let zone = &self.zones[zone];
        let alarm = self.alarm(watcher);
        let side_by_side = zone.share > 0.0 && zone.share < 1.0;
        (side_by_side || !alarm.needs_both_versions())
            && alarm
                .steps
                .is_none_or(|s| (s.from..=s.to).contains(&zone.step))
    }
}
