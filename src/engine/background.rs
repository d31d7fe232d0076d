//! Background trouble: incidents that are nobody's deployment, and for how long they keep a careful rollout waiting.
//!
//! Arrivals of one source (a kind of incident in one instance of its scope) form a stationary Poisson process on
//! the whole time axis: one stream goes forward from the rollout's start, one backward. So what a rollout meets
//! does not depend on how far before the start somebody has to look.

use smallvec::SmallVec;

use super::carried::Draws;
use super::event::{Event, Instance, Queue};
use crate::plan::{Alarm, Condition, IncidentKind, IncidentScope, Plan, Population, Rule};
use crate::random::{NameKey, Purpose, Stream};

/// The most incidents that are foreseen.
const MOST_COMING: usize = 1_000;

/// One kind of incident in one instance.
#[derive(Debug)]
struct Source {
    kind: usize,
    instance: Instance,
    forward: Stream,
    next: Incident,
}

/// Bad ratios by SLI index.
type Adds = SmallVec<[(usize, f64); 4]>;

/// One incident.
#[derive(Clone, Debug)]
pub(super) struct Incident {
    pub(super) kind: usize,
    pub(super) instance: Instance,
    pub(super) begins: f64,
    pub(super) ends: f64,
    /// Bad ratio added, by SLI index.
    adds: Adds,
}

impl Incident {
    /// Bad ratio added to an SLI.
    pub(super) fn adds_to(&self, sli: usize) -> f64 {
        let adds = self.adds.iter().filter(|(s, _)| *s == sli);
        adds.map(|(_, add)| add).sum()
    }
}

/// All incidents of a rollout.
#[derive(Debug, Default)]
pub(super) struct Background {
    sources: Vec<Source>,
    /// Incidents that began; an event refers to one by its index.
    begun: Vec<Incident>,
    /// Bad ratio that incidents add now, zone by zone, SLI by SLI.
    adds: Vec<f64>,
    /// By region: no action starts before this time.
    calm_from: Vec<f64>,
    slis: usize,
}

impl Background {
    /// Draws the incidents that are on at `from`, and schedules the others.
    pub(super) fn begin(
        &mut self,
        plan: &Plan,
        calm: Option<&Calm<'_>>,
        draws: Draws,
        from: f64,
        queue: &mut Queue,
    ) {
        self.slis = plan.slis.len();
        self.begun.clear();
        self.adds.clear();
        self.adds.resize(plan.fleet.zones.len() * self.slis, 0.0);
        self.calm_from.clear();
        self.calm_from
            .resize(plan.fleet.regions.len(), f64::NEG_INFINITY);
        self.sources.clear();
        for (k, kind) in plan.incidents.iter().enumerate() {
            for (instance, name) in instances(plan, kind.scope) {
                let stream = |side| stream_of(kind, name, side, draws);
                let until = from - kind.look_back_s;
                earlier(k, kind, instance, stream(1), until, |past| {
                    self.admit(plan, calm, past, from, queue);
                });
                let mut forward = stream(0);
                let next = draw(k, kind, instance, 0.0, 1.0, &mut forward);
                queue.push(
                    next.begins,
                    Event::IncidentBegins {
                        source: self.sources.len(),
                    },
                );
                self.sources.push(Source {
                    kind: k,
                    instance,
                    forward,
                    next,
                });
            }
        }
    }

    /// A source's next incident begins; the one after it is scheduled. Returns where.
    pub(super) fn incident_begins(
        &mut self,
        plan: &Plan,
        calm: Option<&Calm<'_>>,
        source: usize,
        queue: &mut Queue,
    ) -> Instance {
        let s = &mut self.sources[source];
        let following = draw(
            s.kind,
            &plan.incidents[s.kind],
            s.instance,
            s.next.begins,
            1.0,
            &mut s.forward,
        );
        queue.push(following.begins, Event::IncidentBegins { source });
        let incident = std::mem::replace(&mut s.next, following);
        let (instance, now) = (incident.instance, incident.begins);
        self.admit(plan, calm, incident, now, queue);
        instance
    }

    /// Takes an incident up if it still matters at `now`: begins it, or schedules its beginning.
    fn admit(
        &mut self,
        plan: &Plan,
        calm: Option<&Calm<'_>>,
        incident: Incident,
        now: f64,
        queue: &mut Queue,
    ) {
        if let Some(calm) = calm {
            calm.delay(plan, &incident, &mut self.calm_from);
        }
        if incident.ends <= now {
            return;
        }
        if incident.begins > now {
            // An incident of the backward stream after the first moment simulated: begin it in time.
            let index = self.begun.len();
            queue.push(incident.begins, Event::IncidentChanges { incident: index });
            queue.push(incident.ends, Event::IncidentChanges { incident: index });
            self.begun.push(incident);
            return;
        }
        let index = self.begun.len();
        queue.push(incident.ends, Event::IncidentChanges { incident: index });
        self.begun.push(incident);
        self.recompute(plan, self.begun[index].instance, now);
    }

    /// An incident begins or ends at `now`. Returns where.
    pub(super) fn incident_changes(&mut self, plan: &Plan, incident: usize, now: f64) -> Instance {
        let instance = self.begun[incident].instance;
        self.recompute(plan, instance, now);
        instance
    }

    /// Sums anew what is on, rather than adding and subtracting, so that nothing is left when all is over.
    fn recompute(&mut self, plan: &Plan, instance: Instance, now: f64) {
        for zone in zones_of(plan, instance) {
            let region = plan.fleet.zones[zone].region;
            let row = &mut self.adds[zone * self.slis..(zone + 1) * self.slis];
            row.fill(0.0);
            for incident in self
                .begun
                .iter()
                .filter(|i| i.begins <= now && now < i.ends)
            {
                let here = match incident.instance {
                    Instance::Zone(z) => z == zone,
                    Instance::Region(r) => r == region,
                    Instance::Fleet => true,
                };
                if here {
                    incident.adds.iter().for_each(|&(sli, add)| row[sli] += add);
                }
            }
        }
    }

    /// The incident with which a source begins next.
    pub(super) fn next_of(&self, source: usize) -> &Incident {
        &self.sources[source].next
    }

    /// An incident that began, or begins or ends at `now`; whether it is on from then on.
    pub(super) fn begun(&self, incident: usize, now: f64) -> (&Incident, bool) {
        let incident = &self.begun[incident];
        (incident, now < incident.ends)
    }

    /// Incidents that are on at `now`.
    pub(super) fn on(&self, now: f64) -> impl Iterator<Item = &Incident> {
        let begun = self.begun.iter();
        begun.filter(move |i| i.begins <= now && now < i.ends)
    }

    /// Bad ratio that incidents add to an SLI in a zone now.
    pub(super) fn adds(&self, zone: usize, sli: usize) -> f64 {
        self.adds[zone * self.slis + sli]
    }

    /// When an action may start in a region as far as incidents are concerned.
    pub(super) fn calm_from(&self, region: usize) -> f64 {
        self.calm_from[region]
    }
}

/// Zones of an instance.
pub(super) fn zones_of(plan: &Plan, instance: Instance) -> std::ops::Range<usize> {
    match instance {
        Instance::Zone(z) => z..z + 1,
        Instance::Region(r) => plan.fleet.regions[r].zones.clone(),
        Instance::Fleet => 0..plan.fleet.zones.len(),
    }
}

fn instances(plan: &Plan, scope: IncidentScope) -> impl Iterator<Item = (Instance, NameKey)> {
    let fleet = &plan.fleet;
    let count = match scope {
        IncidentScope::Zone => fleet.zones.len(),
        IncidentScope::Region => fleet.regions.len(),
        IncidentScope::Fleet => 1,
    };
    (0..count).map(move |i| match scope {
        IncidentScope::Zone => (Instance::Zone(i), fleet.zones[i].key),
        IncidentScope::Region => (Instance::Region(i), fleet.regions[i].key),
        IncidentScope::Fleet => (Instance::Fleet, NameKey::NONE),
    })
}

/// How many sources of incidents there are.
pub(super) fn sources(plan: &Plan) -> usize {
    let of_kind = |kind: &IncidentKind| instances(plan, kind.scope).count();
    plan.incidents.iter().map(of_kind).sum()
}

/// The stream of a source's incidents after the rollout's start (0), or before it (1).
fn stream_of(kind: &IncidentKind, name: NameKey, side: u64, draws: Draws) -> Stream {
    draws.once(Purpose::Incidents, kind.key.with(name).number(side))
}

/// Whether certainly no incident is on at any time from `from` (0 or before) to `until`.
pub(super) fn none_is_on(plan: &Plan, draws: Draws, from: f64, until: f64) -> bool {
    plan.incidents.iter().all(|kind| {
        let none = |(_, name)| {
            let gap = |side| gap(kind, &mut stream_of(kind, name, side, draws));
            gap(0) > until && -gap(1) <= from - kind.look_back_s
        };
        instances(plan, kind.scope).all(none)
    })
}

/// Adds the incidents that begin after the start and before a time.
pub(super) fn coming(plan: &Plan, draws: Draws, until: f64, to: &mut Vec<Incident>) {
    for (k, kind) in plan.incidents.iter().enumerate() {
        for (instance, name) in instances(plan, kind.scope) {
            let mut stream = stream_of(kind, name, 0, draws);
            // Mostly there is none: nothing but its time needs to be drawn for that.
            if gap(kind, &mut stream.clone()) >= until {
                continue;
            }
            let mut at = 0.0;
            loop {
                let incident = draw(k, kind, instance, at, 1.0, &mut stream);
                at = incident.begins;
                if at >= until || to.len() >= MOST_COMING {
                    break;
                }
                to.push(incident);
            }
        }
    }
}

/// The time between two incidents of a source.
fn gap(kind: &IncidentKind, stream: &mut Stream) -> f64 {
    if kind.rate_per_s > 0.0 {
        stream.exponential() / kind.rate_per_s
    } else {
        f64::INFINITY
    }
}

/// The next incident after `from` (or before it, for `direction` -1).
fn draw(
    number: usize,
    kind: &IncidentKind,
    instance: Instance,
    from: f64,
    direction: f64,
    stream: &mut Stream,
) -> Incident {
    let begins = from + direction * gap(kind, stream);
    let lasts = kind.lasts.sample(stream);
    let adds = kind
        .adds
        .iter()
        .map(|(sli, dist)| (*sli, dist.sample(stream).min(1.0)))
        .collect();
    Incident {
        kind: number,
        instance,
        begins,
        ends: begins + lasts,
        adds,
    }
}

/// Calls `each` with the incidents that began in (`until`, 0), latest first.
fn earlier(
    number: usize,
    kind: &IncidentKind,
    instance: Instance,
    mut stream: Stream,
    until: f64,
    mut each: impl FnMut(Incident),
) {
    let mut at = 0.0;
    loop {
        let incident = draw(number, kind, instance, at, -1.0, &mut stream);
        at = incident.begins;
        // A rate of 0 puts the last one infinitely far back.
        if at <= until {
            return;
        }
        assert!(!at.is_nan(), "incidents come at times");
        each(incident);
    }
}

/// The alarms for whose sake a rollout waits until incidents have passed.
#[derive(Debug)]
pub(super) struct Calm<'p> {
    alarms: Vec<&'p Alarm>,
}

impl<'p> Calm<'p> {
    /// Alarms on a ratio of all traffic of a zone, a region or the fleet.
    pub(super) fn of(alarms: &'p [Alarm]) -> Calm<'p> {
        let on_all_traffic =
            |a: &&Alarm| !matches!(a.population, Population::OneBox | Population::Canary);
        let on_ratios = |a: &&Alarm| {
            matches!(a.condition, Condition::Ratio { .. })
                && a.and
                    .is_none_or(|and| matches!(and.condition, Condition::Ratio { .. }))
        };
        Calm {
            alarms: alarms
                .iter()
                .filter(on_all_traffic)
                .filter(on_ratios)
                .collect(),
        }
    }

    /// Longest time after an incident's end for which a rollout may have to wait, in seconds.
    pub(super) fn longest_wait_s(&self) -> f64 {
        self.alarms.iter().map(|a| wait_s(a)).fold(0.0, f64::max)
    }

    /// Puts off actions in the regions of an incident that is beyond an alarm's threshold there.
    fn delay(&self, plan: &Plan, incident: &Incident, calm_from: &mut [f64]) {
        for alarm in &self.alarms {
            if !self.beyond(plan, incident, alarm) {
                continue;
            }
            let until = incident.ends + wait_s(alarm);
            let regions = match incident.instance {
                Instance::Zone(z) => plan.fleet.zones[z].region..plan.fleet.zones[z].region + 1,
                Instance::Region(r) => r..r + 1,
                Instance::Fleet => 0..plan.fleet.regions.len(),
            };
            for region in regions {
                calm_from[region] = calm_from[region].max(until);
            }
        }
    }

    /// Whether the mean bad ratio during the incident, taken alone, is beyond all that the alarm asks. An incident of
    /// one zone counts in full for an alarm on zones, and with the zone's share of its region for the others.
    fn beyond(&self, plan: &Plan, incident: &Incident, alarm: &Alarm) -> bool {
        let share = match (incident.instance, alarm.population) {
            (Instance::Zone(z), Population::Region | Population::Fleet) => {
                1.0 / plan.fleet.regions[plan.fleet.zones[z].region].zones.len() as f64
            }
            _ => 1.0,
        };
        let is_beyond = |condition: Condition| {
            let Condition::Ratio {
                sli,
                over,
                inclusive,
            } = condition
            else {
                return false;
            };
            let base = plan.slis[sli].base;
            let ratio = base + share * ((base + incident.adds_to(sli)).min(1.0) - base);
            ratio > over || (inclusive && ratio >= over)
        };
        is_beyond(alarm.condition) && alarm.and.is_none_or(|and| is_beyond(and.condition))
    }
}

/// N of an alarm's periods (M of them for `M in all`).
fn wait_s(alarm: &Alarm) -> f64 {
    let periods = match alarm.rule {
        Rule::MOfN { n, .. } => n,
        Rule::InAll { m } => m,
    };
    f64::from(periods) * f64::from(alarm.period_s)
}
