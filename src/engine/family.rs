//! Families: populations that are counted together.
//!
//! Alarms that read the same population of the same instance on the same grid form a *family* and read the same
//! counts; one-box, canary and control of a zone are one family, because they share the noise of their background.

use super::event::Instance;
use super::law::Reading;
use super::skip::{Asked, Askers, Enough, LongWindow};
use crate::plan::{Alarm, Condition, Fleet, Grid, Plan, Population};
use crate::random::NameKey;

/// A family of populations that are counted together.
#[derive(Clone, Debug)]
pub(super) struct Family {
    pub(super) kind: FamilyKind,
    pub(super) grid: Grid,
    /// Length of a bucket, in seconds.
    pub(super) bucket_s: i64,
    /// What is counted.
    pub(super) readings: Vec<Reading>,
    /// SLIs that are counted.
    pub(super) slis: Vec<usize>,
    /// How long counts are kept, in seconds.
    pub(super) keeps_s: f64,
    /// Name, for keys.
    pub(super) key: NameKey,
    /// Synthetic requests in a bucket.
    pub(super) probes: Option<u64>,
    /// Its number among the strategy's families.
    pub(super) number: usize,
    /// The alarms that read it, by index.
    pub(super) alarms: Vec<usize>,
    /// The longest window that one of them reads, in seconds.
    pub(super) longest_window_s: i64,
    /// What they ask of one bucket.
    pub(super) asked: Vec<Asked>,
    /// By question, with how many requests a bucket is negligible; those that need most come first, so that what is not
    /// negligible is found out soon.
    pub(super) enough: Vec<(usize, Enough)>,
    /// Alarms that compare numbers of requests at equal shares of traffic: they look wherever shares change.
    pub(super) compare_shares: Askers,
    /// Alarms whose datapoints come less often than every bucket, and whose windows are longer than a bucket.
    pub(super) long_windows: Askers,
    /// Those with long windows that mind nothing but bad requests.
    pub(super) long: Vec<LongWindow>,
    /// The tracks (of an instance, or of the fleet's regions) on which the law of its counts depends.
    pub(super) watched_tracks: Vec<Reading>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FamilyKind {
    NewAndOld,
    Zone,
    Region,
    Fleet,
    /// A probing alarm's own counts, by its index.
    Probes(usize),
}

/// Where an alarm finds its counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    /// Index of the family.
    pub(super) family: usize,
    /// Where the alarm stands among those of the family.
    pub(super) position: usize,
    pub(super) reading: Reading,
}

impl Family {
    fn of(alarm: &Alarm, index: usize) -> (FamilyKind, Reading) {
        if alarm.probes.is_some() {
            let reading = match alarm.population {
                Population::Region => Reading::RegionProbes,
                Population::Fleet => Reading::FleetProbes,
                _ => Reading::ZoneProbes,
            };
            return (FamilyKind::Probes(index), reading);
        }
        match alarm.population {
            Population::OneBox => (FamilyKind::NewAndOld, Reading::OneBox),
            Population::Canary => (FamilyKind::NewAndOld, Reading::Canary),
            Population::Zone => (FamilyKind::Zone, Reading::Zone),
            Population::Region => (FamilyKind::Region, Reading::Region),
            Population::Fleet => (FamilyKind::Fleet, Reading::Fleet),
        }
    }

    fn new(kind: FamilyKind, alarm: &Alarm) -> Family {
        let name = match kind {
            FamilyKind::NewAndOld => NameKey::of("new and old"),
            FamilyKind::Zone => NameKey::of("zone"),
            FamilyKind::Region => NameKey::of("region"),
            FamilyKind::Fleet => NameKey::of("fleet"),
            FamilyKind::Probes(_) => NameKey::of("probes").with(alarm.key),
        };
        Family {
            kind,
            grid: alarm.grid,
            bucket_s: 0,
            readings: Vec::new(),
            slis: Vec::new(),
            keeps_s: 0.0,
            key: name.number(alarm.grid as u64),
            probes: alarm.probes,
            number: 0,
            alarms: Vec::new(),
            longest_window_s: 0,
            asked: Vec::new(),
            enough: Vec::new(),
            compare_shares: Askers::default(),
            long_windows: Askers::default(),
            long: Vec::new(),
            watched_tracks: Vec::new(),
        }
    }

    fn admit(&mut self, alarm: &Alarm, reading: Reading) {
        let mut lengths = vec![alarm.every_s, alarm.period_s, alarm.window_s];
        let mut slis: Vec<usize> = alarm.condition.sli().into_iter().collect();
        let mut relative = alarm.condition.is_relative();
        let mut window_s = alarm.window_s;
        if let Some(and) = alarm.and {
            lengths.push(and.window_s);
            slis.extend(and.condition.sli());
            relative |= and.condition.is_relative();
            window_s = window_s.max(and.window_s);
        }
        lengths
            .into_iter()
            .for_each(|s| self.bucket_s = gcd(self.bucket_s, i64::from(s)));
        slis.into_iter()
            .for_each(|s| insert_sorted(&mut self.slis, s));
        insert_sorted(&mut self.readings, reading);
        if relative {
            insert_sorted(&mut self.readings, Reading::Control);
        }
        self.longest_window_s = self.longest_window_s.max(i64::from(window_s));
        self.keeps_s = self
            .keeps_s
            .max(f64::from(window_s) + alarm.lag_s + f64::from(alarm.every_s));
    }

    /// The families that a strategy's alarms need, and where each alarm finds its counts.
    pub(super) fn arrange(plan: &Plan, alarms: &[Alarm]) -> (Vec<Family>, Vec<Source>) {
        let mut families: Vec<Family> = Vec::new();
        let mut sources = Vec::new();
        for (index, alarm) in alarms.iter().enumerate() {
            let (kind, reading) = Family::of(alarm, index);
            let known = families
                .iter()
                .position(|f| f.kind == kind && f.grid == alarm.grid);
            let family = known.unwrap_or_else(|| {
                families.push(Family::new(kind, alarm));
                families.len() - 1
            });
            families[family].admit(alarm, reading);
            let position = families[family].alarms.len();
            families[family].alarms.push(index);
            sources.push(Source {
                family,
                position,
                reading,
            });
        }
        for (number, family) in families.iter_mut().enumerate() {
            family.number = number;
            family.watched_tracks = family.depends_on(plan);
            let asked = family
                .alarms
                .iter()
                .enumerate()
                .flat_map(|(position, &index)| {
                    Asked::by(&alarms[index], position, family, sources[index].reading)
                });
            family.asked = asked.collect();
            family.compare_shares = family.those(alarms, |alarm| {
                matches!(alarm.condition, Condition::RequestsBelowControl { .. })
            });
            family.long = LongWindow::of(alarms, family);
            let bucket_s = family.bucket_s;
            family.long_windows = family.those(alarms, |alarm| {
                i64::from(alarm.every_s) > bucket_s && i64::from(alarm.window_s) > bucket_s
            });
        }
        (families, sources)
    }

    /// Those of its alarms of which something holds.
    fn those(&self, alarms: &[Alarm], holds: impl Fn(&Alarm) -> bool) -> Askers {
        let holds = |position: &usize| holds(&alarms[self.alarms[*position]]);
        (0..self.alarms.len()).filter(holds).collect()
    }

    /// The tracks on which the law of the family's counts depends.
    fn depends_on(&self, plan: &Plan) -> Vec<Reading> {
        let scatters = self.slis.iter().any(|&s| plan.slis[s].dispersion > 0.0);
        match (self.kind, self.readings[0]) {
            (FamilyKind::Fleet, _) => vec![Reading::Region],
            (FamilyKind::Probes(_), Reading::FleetProbes) => vec![Reading::RegionProbes],
            // The noise is drawn about the control's mean, or about that of a quiet zone.
            (FamilyKind::NewAndOld, _) if scatters => {
                let mut tracks = self.readings.clone();
                insert_sorted(&mut tracks, Reading::Control);
                insert_sorted(&mut tracks, Reading::Quiet);
                tracks
            }
            _ => self.readings.clone(),
        }
    }

    /// What some of its alarms ask, those questions first that need most requests, and with how many a bucket is negligible.
    pub(super) fn asked_by(&self, askers: Askers) -> impl Iterator<Item = (&Asked, &Enough)> {
        let asked = self.enough.iter();
        let asked = asked.map(|(index, enough)| (&self.asked[*index], enough));
        asked.filter(move |(asked, _)| asked.by.meets(askers))
    }

    /// Whether instances like this one have counts of this family.
    pub(super) fn is_of(&self, instance: Instance) -> bool {
        matches!(
            (self.covers(), instance),
            (Population::Region, Instance::Region(_))
                | (Population::Fleet, Instance::Fleet)
                | (Population::Zone, Instance::Zone(_))
        )
    }

    /// Tracks that the family's draws read.
    pub(super) fn tracks(&self, plan: &Plan) -> Vec<Reading> {
        let mut used = self.depends_on(plan);
        used.extend(&self.readings);
        match self.kind {
            FamilyKind::NewAndOld => {}
            FamilyKind::Region => used.push(Reading::Zone),
            FamilyKind::Fleet => used.extend([Reading::Zone, Reading::Region]),
            FamilyKind::Probes(_) => used.extend([Reading::ZoneProbes, Reading::RegionProbes]),
            FamilyKind::Zone => {}
        }
        used
    }

    /// How far before the first datapoint counts may be read, in seconds.
    pub(super) fn look_back_s(&self) -> f64 {
        match self.kind {
            FamilyKind::NewAndOld => 0.0,
            _ => self.keeps_s + self.bucket_s as f64,
        }
    }

    /// What one instance covers.
    pub(super) fn covers(&self) -> Population {
        match self.readings[0] {
            Reading::Region | Reading::RegionProbes => Population::Region,
            Reading::Fleet | Reading::FleetProbes => Population::Fleet,
            _ => Population::Zone,
        }
    }

    /// How many instances there are.
    pub(super) fn instances(&self, plan: &Plan) -> usize {
        super::layout::instances(plan, self.covers())
    }

    /// The name of its i-th instance, for keys.
    pub(super) fn name_of(&self, fleet: &Fleet, i: usize) -> NameKey {
        self.key.with(match self.covers() {
            Population::Region => fleet.regions[i].key,
            Population::Fleet => NameKey::NONE,
            _ => fleet.zones[i].key,
        })
    }

    /// How many counts a bucket has.
    pub(super) fn stride(&self) -> usize {
        self.readings.len() * (1 + self.slis.len())
    }

    /// How many numbers are kept of a bucket.
    pub(super) fn width(&self) -> usize {
        self.stride() + self.slis.len() + 1
    }

    /// Where a reading stands among those counted.
    pub(super) fn position(&self, reading: Reading) -> usize {
        let position = self.readings.iter().position(|&r| r == reading);
        position.unwrap_or_else(|| panic!("{reading:?} is not counted by {self:?}"))
    }

    /// Where an SLI stands among those counted.
    pub(super) fn sli_position(&self, sli: usize) -> usize {
        let position = self.slis.iter().position(|&s| s == sli);
        position.unwrap_or_else(|| panic!("SLI {sli} is not counted by {self:?}"))
    }

    /// Where a reading's counts begin in a row: requests, then bad ones SLI by SLI.
    pub(super) fn slot(&self, reading: Reading) -> usize {
        self.position(reading) * (1 + self.slis.len())
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    if a == 0 { b } else { gcd(b % a, a) }
}

fn insert_sorted<T: Ord>(list: &mut Vec<T>, item: T) {
    if let Err(at) = list.binary_search(&item) {
        list.insert(at, item);
    }
}
