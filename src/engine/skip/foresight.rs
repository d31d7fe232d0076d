//! How likely buckets are to matter under a law that is known before any rollout.

use super::super::bucket::BucketLaws;
use super::super::family::Family;
use super::super::layout::Layout;
use super::interest::Interest;
use super::question::{Askers, Question};

/// A bound on the hazard with which a process proposes buckets under a law, whoever of its family asks. `side_by_side`:
/// whether old and new version are. Infinite where more than a few buckets matter.
///
/// Expected requests and ratios of rollouts may differ from the law's by rounding errors.
pub(in super::super) fn hazard_of_bucket(
    layout: &Layout<'_>,
    family: &Family,
    side_by_side: bool,
    laws: &BucketLaws,
) -> f64 {
    let all: Askers = (0..family.alarms.len()).collect();
    let mut chance: f64 = 0.0;
    // A number of requests that is rounded, or no longer drawn, makes a jump somewhere; so both sides are looked at.
    for hair in [1.0 - HAIR, 1.0 + HAIR] {
        let mut laws = laws.clone();
        laws.requests.iter_mut().for_each(|n| *n *= hair);
        let asked = &family.asked;
        let interest = Interest::of(asked, all, side_by_side, &laws, layout.negligible);
        chance = chance.max(interest.chance);
    }
    if chance > LIKELY {
        f64::INFINITY
    } else {
        -libm::log1p(-chance) * (1.0 + SLACK)
    }
}

/// A share by which rounding errors change what is expected of a bucket, at the most.
const HAIR: f64 = 1e-9;

/// A share by which rounding errors change a hazard, at the most.
const SLACK: f64 = 1e-6;

/// A chance to matter beyond which a rollout is hardly ever undisturbed.
const LIKELY: f64 = 0.05;

/// Whether a bucket with at least so many requests in each reading (as the family counts them) matters with a negligible
/// chance only, while nothing is wrong, at any traffic with so many.
pub(in super::super) fn is_negligible_with(
    family: &Family,
    side_by_side: bool,
    fewest: &[f64],
) -> bool {
    family.enough.iter().all(|(index, enough)| {
        let asked = &family.asked[*index];
        let is_asked = side_by_side || !asked.side_by_side;
        match asked.question {
            Question::Ratio { reading, .. } => {
                !is_asked || fewest[reading] * (1.0 - HAIR) >= enough[0]
            }
            _ => !is_asked,
        }
    })
}
