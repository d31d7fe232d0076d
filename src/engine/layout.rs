//! What is the same in all rollouts of a strategy: which instances its alarms have, and where each finds its counts.

use super::background::Calm;
use super::event::Instance;
use super::family::{Family, Source};
use super::law::Reading;
use crate::plan::{Alarm, Plan, Population, Strategy};

/// The fixed arrangement of a strategy's rollouts.
#[derive(Debug)]
pub(super) struct Layout<'p> {
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
    /// For whose sake the rollout waits.
    pub(super) calm: Option<Calm<'p>>,
    /// From when on the world is simulated, in seconds from the rollout's start (0 or before): windows of alarms and
    /// waits for calm look back.
    pub(super) world_from_s: f64,
}

impl<'p> Layout<'p> {
    pub(super) fn new(plan: &'p Plan, strategy: &'p Strategy) -> Layout<'p> {
        let (families, sources) = Family::arrange(&strategy.alarms);
        let mut readings: Vec<Reading> = families.iter().flat_map(Family::tracks).collect();
        readings.sort_unstable();
        readings.dedup();
        let calm = strategy.waits_for_calm.then(|| Calm::of(&strategy.alarms));
        let look_back = families.iter().map(Family::look_back_s);
        let waits = calm.iter().map(Calm::longest_wait_s);
        Layout {
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
            families,
            sources,
            readings,
            calm,
        }
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
            (0..instances(self.plan, alarm.population)).map(move |i| (index, instance(alarm, i)))
        })
    }
}

/// The `i`-th instance of an alarm.
fn instance(alarm: &Alarm, i: usize) -> Instance {
    match alarm.population {
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
