//! How many rollouts each stratum gets.

use crate::plan::{Plan, Stratum};

/// Rollouts that every stratum gets, where there are enough.
const FLOOR: u64 = 1_000;

/// The rollouts of each stratum: the same for all strategies, so that pairs stay pairs, and known before anything is
/// simulated, so that nothing is biased by what was seen.
///
/// A third goes to fault-free changes, whose times are asked for; of the rest half is spread evenly over the faults,
/// so that rare ones are not starved, and half by weight, so that common ones, which decide the sums, are known best.
/// Nobody gets fewer than 1,000, or than an even share where there are not that many; what that takes comes from the
/// other faults, and from fault-free changes only when those have no more to give. Strata that cannot occur get none.
/// The numbers sum to `runs`; remainders go to the largest fractions, ties to the earlier stratum.
pub fn allocation(plan: &Plan, runs: u64) -> Vec<(Stratum, u64)> {
    let weights: Vec<(Stratum, f64)> = plan
        .strata()
        .into_iter()
        .map(|s| (s, plan.stratum_weight(s)))
        .collect();
    let possible = weights.iter().filter(|(_, w)| *w > 0.0).count() as u64;
    let floor = runs.checked_div(possible).unwrap_or(0).min(FLOOR) as f64;
    let (fault_free, faults) = weights
        .split_first()
        .expect("every change is in some stratum");
    let faults: Vec<f64> = faults.iter().map(|&(_, w)| w).collect();
    let to_faults = for_faults(fault_free.1, &faults, floor, runs as f64);
    let mut wanted = vec![runs as f64 - to_faults];
    wanted.extend(among_faults(&faults, floor, to_faults));
    weights
        .iter()
        .map(|&(stratum, _)| stratum)
        .zip(whole(&wanted, runs))
        .collect()
}

/// What all faults get together: two thirds, or what the floors leave and need.
fn for_faults(fault_free: f64, faults: &[f64], floor: f64, runs: f64) -> f64 {
    let possible = faults.iter().filter(|&&w| w > 0.0).count() as f64;
    match (fault_free > 0.0, possible > 0.0) {
        (_, false) => 0.0,
        (false, true) => runs,
        (true, true) => f64::clamp(runs * 2.0 / 3.0, floor * possible, runs - floor),
    }
}

/// What each fault gets of `amount`, none that is possible less than `floor`.
fn among_faults(weights: &[f64], floor: f64, amount: f64) -> Vec<f64> {
    let possible = weights.iter().filter(|&&w| w > 0.0).count() as f64;
    let total: f64 = weights.iter().sum();
    let share = |w: f64| {
        if w > 0.0 {
            0.5 / possible + 0.5 * w / total
        } else {
            0.0
        }
    };
    let shares: Vec<f64> = weights.iter().map(|&w| share(w)).collect();
    let mut raised = vec![false; shares.len()];
    // Raising one leaves less to the others and may take another below: at most one round for each.
    loop {
        let taken = floor * raised.iter().filter(|&&r| r).count() as f64;
        let rest: f64 = shares
            .iter()
            .zip(&raised)
            .filter(|(_, r)| !**r)
            .map(|(s, _)| s)
            .sum();
        let gets = |i: usize| {
            if raised[i] {
                floor
            } else {
                shares[i] / rest * (amount - taken)
            }
        };
        // A hair below the floor is rounding.
        let low = |i: &usize| shares[*i] > 0.0 && !raised[*i] && gets(*i) < floor - 1e-9;
        let below: Vec<usize> = (0..shares.len()).filter(low).collect();
        if below.is_empty() {
            return (0..shares.len())
                .map(|i| if shares[i] > 0.0 { gets(i) } else { 0.0 })
                .collect();
        }
        for i in below {
            raised[i] = true;
        }
    }
}

/// Whole numbers next to the amounts, summing to `runs`: rounded down, what is left to the largest fractions.
fn whole(amounts: &[f64], runs: u64) -> Vec<u64> {
    let mut counts: Vec<u64> = amounts
        .iter()
        .map(|a| libm::floor(*a + 1e-9) as u64)
        .collect();
    let mut order: Vec<usize> = (0..amounts.len()).filter(|&i| amounts[i] > 0.0).collect();
    // In millionths, so that rounding decides no tie.
    let fraction = |i: usize| ((amounts[i] - counts[i] as f64) * 1e6 + 0.5) as i64;
    order.sort_by_key(|&i| (-fraction(i), i));
    let left = runs.saturating_sub(counts.iter().sum());
    for &i in order.iter().cycle().take(left as usize) {
        counts[i] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::example::plan;
    use proptest::prelude::*;

    fn counts(bad: f64, weights: &[f64], runs: u64) -> Vec<u64> {
        allocation(&plan(bad, weights, &["s"]), runs)
            .into_iter()
            .map(|(_, n)| n)
            .collect()
    }

    #[test]
    fn a_third_to_fault_free_and_the_rest_half_evenly() {
        // 40,000 to faults: 10,000 to each of two, and 20,000 as 3 to 1.
        assert_eq!(counts(0.04, &[3.0, 1.0], 60_000), [20_000, 25_000, 15_000]);
    }

    #[test]
    fn nobody_gets_less_than_the_floor() {
        assert_eq!(
            counts(0.04, &[97.0, 1.0, 1.0], 6_000),
            [2_000, 2_000, 1_000, 1_000]
        );
        assert_eq!(counts(0.04, &[1.0, 1.0], 3_000), [1_000, 1_000, 1_000]);
        assert_eq!(counts(0.04, &[1.0, 1.0], 10), [4, 3, 3]);
        assert_eq!(counts(0.04, &[1.0, 1.0], 2), [1, 1, 0]);
    }

    #[test]
    fn what_cannot_occur_gets_nothing() {
        assert_eq!(counts(0.0, &[1.0, 1.0], 500), [500, 0, 0]);
        assert_eq!(counts(0.5, &[], 500), [500]);
        assert_eq!(counts(1.0, &[1.0, 1.0], 500), [0, 250, 250]);
    }

    proptest! {
        #[test]
        fn sums_to_runs_above_the_floor(
            bad in 0.0..1.0_f64,
            weights in prop::collection::vec(0.001..1e3_f64, 0..12),
            runs in 0..200_000_u64,
        ) {
            let counts = counts(bad, &weights, runs);
            prop_assert_eq!(counts.iter().sum::<u64>(), runs);
            let possible = counts.len() as u64;
            if bad > 0.0 {
                prop_assert!(counts.iter().all(|&n| n >= FLOOR.min(runs / possible)), "{:?}", counts);
            }
            // Heavier faults get no less.
            for (i, a) in weights.iter().enumerate() {
                for (j, b) in weights.iter().enumerate() {
                    prop_assert!(a < b || counts[i + 1] + 1 >= counts[j + 1], "{:?}", counts);
                }
            }
        }
    }
}
