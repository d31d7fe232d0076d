//! What is remembered between rollouts: facts about laws, the same whoever asks first.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::super::bucket::BucketLaws;
use super::super::family::Family;
use super::super::layout::Layout;
use super::interest::Interest;
use super::question::Askers;
use super::quiet::ByMultiple;

/// Laws remembered at the most.
const REMEMBERED: usize = 10_000;

/// Laws met before.
#[derive(Debug, Default)]
pub(in super::super) struct Memory {
    interests: FxHashMap<Vec<u64>, Arc<Interest>>,
    /// What holds at all levels of traffic.
    at_all_traffic: FxHashMap<Vec<u64>, AtAllTraffic>,
    /// At which traffic long windows cannot plausibly breach.
    quiet: FxHashMap<Vec<u64>, Arc<[ByMultiple]>>,
    key: Vec<u64>,
    pub(super) key_at_all_traffic: Vec<u64>,
}

/// What was found out of a law, whatever the traffic.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AtAllTraffic {
    /// Whether a bucket is negligible.
    pub(super) negligible: Option<bool>,
    /// The largest chance to matter.
    pub(super) largest_chance: Option<f64>,
}

impl Memory {
    pub(super) fn interest(
        &mut self,
        layout: &Layout<'_>,
        family: &Family,
        askers: Askers,
        side_by_side: bool,
        laws: &BucketLaws,
    ) -> Arc<Interest> {
        self.key.clear();
        let of = [layout.id, family.number as u64, u64::from(side_by_side)];
        self.key.extend(of);
        self.key.push(askers.bits());
        laws.key(&mut self.key);
        if let Some(known) = self.interests.get(&self.key) {
            return Arc::clone(known);
        }
        let interest = Interest::of(&family.asked, askers, side_by_side, laws, layout.negligible);
        let interest = Arc::new(interest);
        make_room(&mut self.interests);
        self.interests
            .insert(self.key.clone(), Arc::clone(&interest));
        interest
    }

    /// At which traffic long windows cannot plausibly breach.
    pub(super) fn quiet(
        &mut self,
        key: &Vec<u64>,
        find: impl FnOnce() -> Vec<ByMultiple>,
    ) -> Arc<[ByMultiple]> {
        if let Some(known) = self.quiet.get(key) {
            return Arc::clone(known);
        }
        let found: Arc<[ByMultiple]> = find().into();
        make_room(&mut self.quiet);
        self.quiet.insert(key.clone(), Arc::clone(&found));
        found
    }

    pub(super) fn at_all_traffic(&self, key: &Vec<u64>) -> AtAllTraffic {
        self.at_all_traffic.get(key).copied().unwrap_or_default()
    }

    /// Remembers more of a law.
    pub(super) fn remember_at_all_traffic(
        &mut self,
        key: &Vec<u64>,
        learn: impl FnOnce(&mut AtAllTraffic),
    ) {
        if let Some(known) = self.at_all_traffic.get_mut(key) {
            learn(known);
            return;
        }
        make_room(&mut self.at_all_traffic);
        learn(self.at_all_traffic.entry(key.clone()).or_default());
    }
}

fn make_room<T>(known: &mut FxHashMap<Vec<u64>, T>) {
    if known.len() >= REMEMBERED {
        known.clear();
    }
}
