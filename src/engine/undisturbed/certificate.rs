//! Whether alarms could fire in a rollout whose course is known.
//!
//! A process proposes no bucket as long as the hazard of the buckets that pass stays below the budget that it draws, and so
//! on for the second bucket. What is proposed may matter, and so may what a change of law cuts, which is drawn in full;
//! all other buckets do not. An alarm to which fewer buckets matter than its rule needs cannot fire.

use super::super::carried::Draws;
use super::super::layout::Layout;
use super::kinds::Program;
use super::times::Times;
use super::watched::{Patience, Store, Watched};
use crate::random::{NameKey, Purpose, Stream};

/// A share by which sums of hazards may be too small by rounding.
const SLACK: f64 = 1e-9;

/// Whether no alarm can have fired.
pub(super) fn nothing_fires(
    layout: &Layout<'_>,
    program: &Program,
    watched: &Watched,
    draws: Draws,
    times: &Times,
) -> bool {
    let fleet = &layout.plan.fleet;
    let name = |store: &Store, i: usize| layout.families[store.family].name_of(fleet, i);
    for zone in &times.zones {
        let Some(of_zone) = &program.zones[zone.zone] else {
            continue;
        };
        let stores = &watched.kinds[of_zone.kind];
        if stores.is_empty() {
            continue;
        }
        let parts = times.parts_of(zone, program.kinds[of_zone.kind].states.len());
        for store in stores {
            let until = times.watched_until(zone, of_zone.wave, store.until);
            if !store.stays_calm(draws, name(store, zone.zone), parts, until) {
                return false;
            }
        }
    }
    // What is no zone is watched from the first new version anywhere to the end at the most.
    let all = [times.first_live];
    let calm = |stores: &[Store], i: usize| {
        let calm = |s: &Store| s.stays_calm(draws, name(s, i), &all, times.end);
        stores.iter().all(calm)
    };
    calm(&watched.fleet, 0) && (watched.regions.iter().enumerate()).all(|(r, s)| calm(s, r))
}

impl Store {
    /// Whether none of its alarms can fire that watch until a time; `states`: when each state began.
    fn stays_calm(&self, draws: Draws, name: NameKey, states: &[f64], until: f64) -> bool {
        let hazard = self.hazard(states, until) * (1.0 + SLACK);
        let stream = draws.once(Purpose::AlarmLooks, name);
        // -ln(1 - u) is at least u: mostly there is no need of a logarithm.
        if self.bears_all_cuts && hazard < stream.clone().uniform() {
            return true;
        }
        let cuts = self.cuts.iter().filter(|&&cut| states[cut] <= until);
        let cuts = cuts.count();
        let most = self.patience.iter().map(|p| p.buckets).min();
        let spare = most.unwrap_or(usize::MAX).saturating_sub(cuts);
        let proposals = proposals(hazard, spare, stream);
        self.patience.iter().all(|patience| {
            cuts + proposals <= patience.buckets
                || (proposals == 0 && self.are_far_apart(states, cuts, *patience))
        })
    }

    /// The hazard of all buckets up to a time.
    fn hazard(&self, states: &[f64], until: f64) -> f64 {
        let mut sum = self.before;
        for (i, &(state, hazard)) in self.hazards.iter().enumerate() {
            let next = self.hazards.get(i + 1).map(|&(next, _)| states[next]);
            let ends = next.unwrap_or(until).min(until);
            let lasts_s = ends - states[state];
            if lasts_s > 0.0 && hazard > 0.0 {
                sum += lasts_s * hazard;
            }
        }
        sum
    }

    /// Whether the first so many cuts lie so far apart that no more of them count together than an alarm puts up with.
    fn are_far_apart(&self, states: &[f64], cuts: usize, patience: Patience) -> bool {
        let apart = |pair: &[usize]| {
            let (first, last) = (pair[0], pair[patience.buckets]);
            states[last] - states[first] > patience.forgets_after_s
        };
        patience.buckets > 0 && self.cuts[..cuts].windows(patience.buckets + 1).all(apart)
    }
}

/// How many buckets a process proposes at the most while this hazard passes; one more than `spare` stands for all larger
/// numbers.
fn proposals(hazard: f64, spare: usize, stream: Stream) -> usize {
    let (mut stream, mut sum, mut proposals) = (stream, 0.0, 0);
    while proposals <= spare {
        sum += stream.exponential();
        if sum > hazard {
            break;
        }
        proposals += 1;
    }
    proposals
}
