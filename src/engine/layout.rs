//! What is the same in all rollouts of a strategy: which instances its alarms have, and where each finds its counts.

use std::sync::atomic::{AtomicU64, Ordering};

use super::background::Calm;
use super::bucket::concentration;
use super::event::Instance;
use super::family::{Family, FamilyKind, Source};
use super::law::Reading;
use super::skip::{Askers, Way, enough_requests};
use crate::calendar::TrafficCurve;
use crate::plan::{Action, Alarm, Plan, Population, Strategy};

/// Layouts made so far.
static LAYOUTS: AtomicU64 = AtomicU64::new(0);

/// The fixed arrangement of a strategy's rollouts.
#[derive(Debug)]
pub(super) struct Layout<'p> {
    /// Tells this layout from all others of the process, for what is remembered between rollouts.
    pub(super) id: u64,
    pub(super) plan: &'p Plan,
    pub(super) strategy: &'p Strategy,
    /// Populations that are counted together.
    pub(super) families: Vec<Family>,
    /// Where each alarm finds its counts.
    pub(super) sources: Vec<Source>,
    /// What the alarms read.
    pub(super) readings: Vec<Reading>,
    /// For each alarm the index of its first watcher; watchers stand in order of declaration of their alarms.
    pub(super) first_watcher: Vec<usize>,
    /// For each family the index of its first store.
    pub(super) first_store: Vec<usize>,
    /// How alarms come by their datapoints.
    pub(super) way: Way,
    /// For each store its family, and its instance.
    stores: Vec<(usize, Instance)>,
    /// For each traffic curve between which levels it moves.
    pub(super) levels: Vec<Levels>,
    /// The most that the fleet's traffic can be concentrated, if somebody counts it: the sum of the squares of the zones'
    /// shares.
    pub(super) most_concentrated: f64,
    /// A chance that may be taken as 0 twice for every bucket of a rollout (for the whole bucket, for some of what is asked of
    /// it), and one for every long window: all of them together come to less than 1e-9.
    pub(super) negligible: f64,
    pub(super) negligible_window: f64,
    /// Whether any alarm holds bakes.
    pub(super) any_holds: bool,
    /// For whose sake the rollout waits.
    pub(super) calm: Option<Calm<'p>>,
    /// From when on the world is simulated, in seconds from the rollout's start (0 or before): windows of alarms and
    /// waits for calm look back.
    pub(super) world_from_s: f64,
}

impl<'p> Layout<'p> {
    pub(super) fn new(plan: &'p Plan, strategy: &'p Strategy, way: Way) -> Layout<'p> {
        let (mut families, sources) = Family::arrange(plan, &strategy.alarms);
        let most_concentrated = if families.iter().any(|f| f.kind == FamilyKind::Fleet) {
            most_concentrated(plan)
        } else {
            1.0
        };
        let negligible = negligible(plan, &families);
        for family in &mut families {
            let concentration = match family.covers() {
                Population::Region => most_concentrated_region(plan),
                Population::Fleet => most_concentrated,
                _ => 1.0,
            };
            family.enough = enough_requests(plan, family, concentration, negligible);
        }
        let mut readings: Vec<Reading> = families.iter().flat_map(|f| f.tracks(plan)).collect();
        readings.sort_unstable();
        readings.dedup();
        let calm = strategy.waits_for_calm.then(|| Calm::of(&strategy.alarms));
        let look_back = families.iter().map(Family::look_back_s);
        let waits = calm.iter().map(Calm::longest_wait_s);
        Layout {
            id: LAYOUTS.fetch_add(1, Ordering::Relaxed),
            plan,
            strategy,
            first_watcher: running_sums(
                strategy
                    .alarms
                    .iter()
                    .map(|a| instances(plan, a.population)),
            ),
            first_store: running_sums(families.iter().map(|f| f.instances(plan))),
            world_from_s: -look_back.chain(waits).fold(0.0, f64::max),
            stores: families
                .iter()
                .flat_map(|f| (0..f.instances(plan)).map(|i| (f.number, instance(f.covers(), i))))
                .collect(),
            levels: plan.fleet.curves.iter().map(Levels::of).collect(),
            most_concentrated,
            negligible,
            negligible_window: negligible_window(plan, &families, &strategy.alarms),
            // Who asks is kept in so many bits.
            way: if families.iter().any(|f| f.alarms.len() > Askers::MOST) {
                Way::Plain
            } else {
                way
            },
            families,
            sources,
            readings,
            any_holds: strategy.alarms.iter().any(|a| a.does == Action::Hold),
            calm,
        }
    }

    /// The family and the instance of a store.
    pub(super) fn of_store(&self, store: usize) -> (&Family, Instance) {
        let (family, instance) = self.stores[store];
        (&self.families[family], instance)
    }

    /// The watcher of an alarm in one of its instances.
    pub(super) fn watcher_of(&self, alarm: usize, instance: Instance) -> usize {
        self.first_watcher[alarm]
            + match instance {
                Instance::Zone(i) | Instance::Region(i) => i,
                Instance::Fleet => 0,
            }
    }

    /// The watchers of some of a family's alarms in one of its instances.
    pub(super) fn watchers_of(
        &self,
        askers: Askers,
        family: &Family,
        instance: Instance,
    ) -> impl Iterator<Item = usize> {
        let alarms = family.alarms.iter().enumerate();
        let asking = alarms.filter(move |(position, _)| askers.meets(Askers::one(*position)));
        asking.map(move |(_, &alarm)| self.watcher_of(alarm, instance))
    }

    /// The watcher of an alarm that covers a zone.
    pub(super) fn watcher(&self, alarm: usize, zone: usize) -> usize {
        self.first_watcher[alarm]
            + match self.strategy.alarms[alarm].population {
                Population::Region => self.plan.fleet.zones[zone].region,
                Population::Fleet => 0,
                Population::OneBox | Population::Canary | Population::Zone => zone,
            }
    }

    /// All instances of the alarms, in the order of the watchers.
    pub(super) fn watched(&self) -> impl Iterator<Item = (usize, Instance)> + '_ {
        let alarms = self.strategy.alarms.iter().enumerate();
        alarms.flat_map(|(index, alarm)| {
            let population = alarm.population;
            (0..instances(self.plan, population)).map(move |i| (index, instance(population, i)))
        })
    }
}

/// The largest sum of the squares of the zones' shares of all traffic, at any time. A bucket's shares are means of those
/// at its moments, weighted by traffic, so its sum of squares is no larger.
fn most_concentrated(plan: &Plan) -> f64 {
    let fleet = &plan.fleet;
    let mut times: Vec<f64> = fleet
        .curves
        .iter()
        .flat_map(|c| c.changes())
        .copied()
        .collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let before = times.first().map_or(0.0, |t| t - 1.0);
    let at = |t: f64| {
        let levels: Vec<f64> = fleet.curves.iter().map(|c| c.at(t)).collect();
        concentration(fleet, |r| {
            fleet.regions[r].rps * levels[fleet.regions[r].curve]
        })
    };
    let all = std::iter::once(before).chain(times);
    // Sums round.
    (all.map(at).fold(0.0, f64::max) * (1.0 + 1e-9)).min(1.0)
}

/// The largest sum of the squares of the zones' shares of a region's traffic.
fn most_concentrated_region(plan: &Plan) -> f64 {
    let regions = plan.fleet.regions.iter();
    let zones = regions.map(|r| r.zones.len()).min().unwrap_or(1);
    1.0 / zones as f64
}

/// A chance that may be taken as 0 twice a bucket: below 1e-15, and so small that all buckets of all instances up to the
/// horizon come to less than a third of 1e-9 each time.
fn negligible(plan: &Plan, families: &[Family]) -> f64 {
    let buckets = families.iter().map(|f| {
        let each = (plan.horizon_s + 2.0 * f.keeps_s) / f.bucket_s as f64 + 2.0;
        each * f.instances(plan) as f64
    });
    shared_out(buckets.sum())
}

/// The same for the windows of alarms whose windows are long.
fn negligible_window(plan: &Plan, families: &[Family], alarms: &[Alarm]) -> f64 {
    let windows = families.iter().flat_map(|family| {
        family.long.iter().map(|long| {
            let every_s = f64::from(alarms[family.alarms[long.position]].every_s);
            let each = (plan.horizon_s + 2.0 * family.keeps_s) / every_s + 2.0;
            each * family.instances(plan) as f64
        })
    });
    shared_out(windows.sum())
}

/// A third of 1e-9, shared out among so many, and no more than a third of 1e-15.
fn shared_out(among: f64) -> f64 {
    let chance = f64::min(1e-15 / 3.0, 1e-9 / 3.0 / among.max(1.0));
    assert!(chance > 0.0, "there are finitely many buckets");
    chance
}

/// The `i`-th instance of a population.
fn instance(population: Population, i: usize) -> Instance {
    match population {
        Population::Region => Instance::Region(i),
        Population::Fleet => Instance::Fleet,
        Population::OneBox | Population::Canary | Population::Zone => Instance::Zone(i),
    }
}

/// How many instances a population has.
pub(super) fn instances(plan: &Plan, population: Population) -> usize {
    match population {
        Population::Region => plan.fleet.regions.len(),
        Population::Fleet => 1,
        Population::OneBox | Population::Canary | Population::Zone => plan.fleet.zones.len(),
    }
}

/// For each number the sum of those before it.
fn running_sums(numbers: impl Iterator<Item = usize>) -> Vec<usize> {
    let sums = numbers.scan(0, |sum, n| {
        *sum += n;
        Some(*sum - n)
    });
    sums.collect()
}

/// How a traffic curve moves.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    /// All of them, from the least to the most.
    pub(super) all: Vec<f64>,
    /// A number of seconds of which all its changes are multiples on the wall clock; 1 if there is none.
    pub(super) changes_every_s: i64,
}

impl Levels {
    fn of(curve: &TrafficCurve) -> Levels {
        let changes = curve.changes();
        let before = changes.first().map_or(0.0, |t| t - 1.0);
        let times = std::iter::once(before).chain(changes.iter().copied());
        let mut all: Vec<f64> = times.map(|t| curve.at(t)).collect();
        all.sort_by(f64::total_cmp);
        all.dedup();
        let steps = [3600.0, 1800.0, 900.0, 60.0];
        let is_of = |step: &&f64| changes.iter().all(|t| t % **step == 0.0);
        let changes_every_s = steps.iter().find(is_of).map_or(1, |&step| step as i64);
        Levels {
            all,
            changes_every_s,
        }
    }

    pub(super) fn least(&self) -> f64 {
        self.all[0]
    }

    pub(super) fn most(&self) -> f64 {
        self.all[self.all.len() - 1]
    }
}
