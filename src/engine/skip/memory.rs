//! What is remembered between rollouts: facts about laws, the same whoever asks first.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::super::bucket::BucketLaws;
use super::super::family::Family;
use super::super::layout::Layout;
use super::interest::Interest;
use super::question::Askers;

/// Laws remembered at the most.
const REMEMBERED: usize = 10_000;

/// Laws met before.
#[derive(Debug, Default)]
pub(in super::super) struct Memory {
    interests: FxHashMap<Vec<u64>, Arc<Interest>>,
    /// Largest chances over all levels of traffic.
    bounds: FxHashMap<Vec<u64>, f64>,
    key: Vec<u64>,
    pub(super) key_of_bound: Vec<u64>,
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

    pub(super) fn bound(&self, key: &Vec<u64>) -> Option<f64> {
        self.bounds.get(key).copied()
    }

    pub(super) fn remember_bound(&mut self, key: Vec<u64>, bound: f64) {
        make_room(&mut self.bounds);
        self.bounds.insert(key, bound);
    }
}

fn make_room<T>(known: &mut FxHashMap<Vec<u64>, T>) {
    if known.len() >= REMEMBERED {
        known.clear();
    }
}
