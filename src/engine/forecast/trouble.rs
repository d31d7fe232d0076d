//! Which incident would stop an attempt first, if counts were as expected.

use std::ops::Range;

use super::super::background::{Incident, coming, zones_of};
use super::super::carried::Draws;
use super::super::event::Instance;
use super::super::layout::Layout;
use super::super::people::delay_of_people;
use super::super::undisturbed::{Program, Times};
use crate::plan::{Action, Alarm, Condition, Grid, Population, Rule};
use crate::random::Purpose;

/// What stops an attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    /// Seconds from the start.
    pub(super) at: f64,
    /// Where it was seen; everywhere, if everything goes back.
    pub(super) seen: Instance,
}

impl Stop {
    /// A test that failed, in a zone or before production.
    pub(super) fn of_test((at, zone): (f64, Option<usize>)) -> Stop {
        Stop {
            at,
            seen: zone.map_or(Instance::Fleet, Instance::Zone),
        }
    }
}

/// What may befall an attempt.
pub(super) struct Trouble<'a> {
    pub(super) layout: &'a Layout<'a>,
    pub(super) program: &'a Program,
    pub(super) draws: Draws,
    /// Unix time of the start.
    pub(super) start: f64,
    /// When the attempt is over if no alarm stops it.
    pub(super) until: f64,
}

/// An incident as one instance of an alarm's scope sees it.
#[derive(Clone, Copy, Debug)]
struct Seen<'a> {
    incident: &'a Incident,
    /// The share of the instance's traffic that has it.
    share: f64,
    /// While the alarm watches there.
    from: f64,
    until: f64,
}

impl Trouble<'_> {
    /// The first stop by an incident.
    pub(super) fn first_stop(&self, times: &Times, incidents: &mut Vec<Incident>) -> Option<Stop> {
        incidents.clear();
        coming(self.layout.plan, self.draws, self.until, incidents);
        let mut first: Option<Stop> = None;
        for incident in incidents.iter().filter(|i| i.ends > times.first_live) {
            for alarm in &self.layout.strategy.alarms {
                if !is_foreseen(alarm) {
                    continue;
                }
                self.each_instance(alarm, incident, times, |instance, seen| {
                    let stop = self.fires(alarm, seen);
                    let stop = stop.and_then(|at| self.stops(alarm, instance, at));
                    let earlier = |stop: &Stop| first.is_none_or(|first| stop.at < first.at);
                    if let Some(stop) = stop.filter(earlier) {
                        first = Some(stop);
                    }
                });
            }
        }
        first
    }

    /// What an alarm that fires at a time does.
    fn stops(&self, alarm: &Alarm, instance: Instance, at: f64) -> Option<Stop> {
        let plan = self.layout.plan;
        let stop = match alarm.does {
            Action::Page => {
                let name = alarm.key.with(instance.name(&plan.fleet));
                let delay = plan.oncall.responds.as_ref()?;
                let after = delay_of_people(
                    plan,
                    self.draws,
                    self.start + at,
                    delay,
                    Purpose::Responds,
                    name,
                );
                Stop {
                    at: at + after,
                    seen: Instance::Fleet,
                }
            }
            _ => Stop { at, seen: instance },
        };
        Some(stop).filter(|s| s.at < self.until)
    }

    /// Calls `each` with the instances of an alarm that an incident touches while it watches there.
    fn each_instance(
        &self,
        alarm: &Alarm,
        incident: &Incident,
        times: &Times,
        mut each: impl FnMut(Instance, Seen<'_>),
    ) {
        let fleet = &self.layout.plan.fleet;
        let struck = zones_of(self.layout.plan, incident.instance);
        let at = self.start + incident.begins;
        let rps = |zones: Range<usize>| {
            let of_zone = |z: usize| {
                let zone = &fleet.zones[z];
                zone.rps * fleet.curves[fleet.regions[zone.region].curve].at(at)
            };
            zones.map(of_zone).sum::<f64>()
        };
        let share =
            |struck: Range<usize>, of: Range<usize>| rps(struck) / rps(of).max(f64::MIN_POSITIVE);
        let seen = |share, (from, until)| Seen {
            incident,
            share,
            from,
            until,
        };
        if alarm.population == Population::Fleet {
            let (from, until) = self.watched(alarm, times, |_| true);
            each(
                Instance::Fleet,
                seen(share(struck, 0..fleet.zones.len()), (from, until)),
            );
            return;
        }
        if alarm.population.is_zonal() {
            for zone in struck {
                each(
                    Instance::Zone(zone),
                    seen(1.0, self.watched(alarm, times, |z| z == zone)),
                );
            }
            return;
        }
        let regions = fleet.zones[struck.start].region..=fleet.zones[struck.end - 1].region;
        for region in regions {
            let zones = &fleet.regions[region].zones;
            let common = struck.start.max(zones.start)..struck.end.min(zones.end);
            let watched = self.watched(alarm, times, |z| zones.contains(&z));
            let share = share(common, zones.clone());
            each(Instance::Region(region), seen(share, watched));
        }
    }

    /// From when until when an alarm watches the first and the last of certain zones.
    fn watched(&self, alarm: &Alarm, times: &Times, is: impl Fn(usize) -> bool) -> (f64, f64) {
        let (mut from, mut until) = (f64::INFINITY, f64::NEG_INFINITY);
        for zone in times.zones.iter().filter(|z| is(z.zone)) {
            let Some(of_zone) = &self.program.zones[zone.zone] else {
                continue;
            };
            from = from.min(times.live_from(zone));
            let ends = match alarm.population {
                // What there is to see ends with the last step, about.
                Population::OneBox | Population::Canary => zone.steps_end,
                _ if of_zone.wave >= times.waves.len() => self.until,
                _ => times.watched_until(zone, of_zone.wave, alarm.watches),
            };
            until = until.max(ends.min(self.until));
        }
        (from, until)
    }

    /// When an alarm fires, if it does.
    ///
    /// One incident makes the datapoints of one stretch of time breach, so the first that fires is the M-th of those.
    fn fires(&self, alarm: &Alarm, seen: Seen<'_>) -> Option<f64> {
        let first = self.breaching(alarm.condition, alarm.window_s, seen)?;
        let (from, until) = match alarm.and {
            Some(and) => {
                let second = self.breaching(and.condition, and.window_s, seen)?;
                (first.0.max(second.0), first.1.min(second.1))
            }
            None => first,
        };
        let every = f64::from(alarm.every_s);
        // Datapoints end at multiples of `every` from here.
        let origin = match alarm.grid {
            Grid::WallClock => -self.start,
            Grid::Deployment => seen.from,
        };
        let apart = match alarm.rule {
            Rule::MOfN { .. } => alarm.period_s / alarm.every_s,
            Rule::InAll { .. } => 1,
        };
        let (Rule::MOfN { m, .. } | Rule::InAll { m }) = alarm.rule;
        let first = libm::floor((from.max(seen.from) - origin) / every) + 1.0;
        let after = f64::from(m.saturating_sub(1)) * f64::from(apart);
        let fires = origin + (first + after) * every;
        (fires <= until.min(seen.until)).then_some(fires + alarm.lag_s)
    }

    /// From when until when datapoints end that breach if counts are as expected: those that have enough of the incident in
    /// their window.
    fn breaching(&self, condition: Condition, window_s: u32, seen: Seen<'_>) -> Option<(f64, f64)> {
        let Condition::Ratio { sli, over, .. } = condition else {
            return None;
        };
        let (incident, window) = (seen.incident, f64::from(window_s));
        let base = self.layout.plan.slis[sli].base;
        let adds = seen.share * (f64::min(base + incident.adds_to(sli), 1.0) - base);
        let enough = f64::max(over - base, 0.0) / adds * window;
        let lasts = incident.ends - incident.begins;
        // Not so where nothing is added.
        (enough <= window.min(lasts))
            .then_some((incident.begins + enough, incident.ends + window - enough))
    }
}

/// Whether an incident may make the alarm stop a rollout: it compares a ratio with a number.
fn is_foreseen(alarm: &Alarm) -> bool {
    let is_ratio = |condition| matches!(condition, Condition::Ratio { .. });
    matches!(alarm.does, Action::RollBack | Action::Page)
        && is_ratio(alarm.condition)
        && alarm.and.is_none_or(|and| is_ratio(and.condition))
}
