//! What the worlds in which the answer is another one have in common.

use super::{Figure, Worlds};
use crate::random::ln_gamma;

/// The chance of being told of a split that is none, over all inputs and thresholds.
const FALSE_ALARMS: f64 = 0.05;

/// One input and a threshold that tell worlds apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    /// The input, by place among the draws.
    pub input: usize,
    /// The threshold, between two draws.
    pub threshold: f64,
    /// Whether it is about the worlds above it, else about those below.
    pub is_above: bool,
    /// Worlds on that side.
    pub side: u64,
    /// Worlds in which the answer is another one.
    pub others: u64,
    /// Those of them that are on that side.
    pub others_on_side: u64,
}

impl Worlds {
    /// Of the worlds in which the first strategy has no smaller figure than the second: the input and threshold that set
    /// them apart best, if any do beyond chance.
    ///
    /// The cut with the largest gain in Gini impurity, as of a tree of one split (Breiman and others, Classification and
    /// Regression Trees, 1984). It is told only where Fisher's exact test, its p-value multiplied by the number of cuts
    /// tried (Bonferroni), is below 5%.
    pub fn split(&self, figure: Figure, a: usize, b: usize) -> Option<Split> {
        let pairs = self.figures(figure, a).zip(self.figures(figure, b));
        let both = self.list.iter().zip(pairs);
        let worlds: Vec<(&[f64], bool)> = both
            .filter_map(|(world, (a, b))| Some((&world.draws[..], a?.value >= b?.value)))
            .collect();
        let others = worlds.iter().filter(|(_, other)| *other).count() as u64;
        let n = worlds.len() as u64;
        if others == 0 || others == n {
            return None;
        }
        let inputs = worlds[0].0.len();
        let mut best: Option<(f64, Split)> = None;
        let mut tried = 0_u64;
        for input in 0..inputs {
            let mut order: Vec<(f64, bool)> = worlds.iter().map(|(d, o)| (d[input], *o)).collect();
            order.sort_by(|x, y| x.0.total_cmp(&y.0));
            let mut below = 0;
            for (i, pair) in order.windows(2).enumerate() {
                below += u64::from(pair[0].1);
                if pair[0].0 == pair[1].0 {
                    continue;
                }
                tried += 1;
                let size = i as u64 + 1;
                let gain = -impurity(below, size) - impurity(others - below, n - size);
                if best.as_ref().is_none_or(|(most, _)| gain > *most) {
                    // The side of which more are others.
                    let is_above = below * n < others * size;
                    let (side, on_side) = if is_above {
                        (n - size, others - below)
                    } else {
                        (size, below)
                    };
                    let split = Split {
                        input,
                        threshold: pair[0].0 / 2.0 + pair[1].0 / 2.0,
                        is_above,
                        side,
                        others,
                        others_on_side: on_side,
                    };
                    best = Some((gain, split));
                }
            }
        }
        let (_, split) = best?;
        let p = upper_tail(split.others_on_side, n, others, split.side);
        (p * (tried as f64) < FALSE_ALARMS).then_some(split)
    }
}

/// The Gini impurity of so many in a group, times its size.
fn impurity(hits: u64, size: u64) -> f64 {
    let share = hits as f64 / size as f64;
    size as f64 * 2.0 * share * (1.0 - share)
}

/// P(X >= k) for X hypergeometric: hits among `drawn` of `n`, of which `hits` are such.
fn upper_tail(k: u64, n: u64, hits: u64, drawn: u64) -> f64 {
    let ln_choose = |n: u64, k: u64| {
        let ln_factorial = |x: u64| ln_gamma(x as f64 + 1.0);
        ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
    };
    let chance = |x: u64| {
        libm::exp(ln_choose(hits, x) + ln_choose(n - hits, drawn - x) - ln_choose(n, drawn))
    };
    let possible = (hits + drawn).saturating_sub(n)..=hits.min(drawn);
    possible.filter(|x| *x >= k).map(chance).sum()
}

#[cfg(test)]
mod tests {
    use super::super::tests::worlds;
    use super::*;
    use crate::summary::example::estimate;

    #[test]
    fn the_tail_is_that_of_urns() {
        // 2 of 4 drawn, 2 are hits: both with chance 1/6, at least one with 5/6.
        assert!((upper_tail(2, 4, 2, 2) - 1.0 / 6.0).abs() < 1e-12);
        assert!((upper_tail(1, 4, 2, 2) - 5.0 / 6.0).abs() < 1e-12);
        assert!((upper_tail(0, 9, 4, 3) - 1.0).abs() < 1e-12);
        // All 5 in one group of 5 among 20: 1 in C(20, 5).
        assert!((upper_tail(5, 20, 5, 5) * 15_504.0 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_input_that_decides_is_found_with_its_threshold() {
        // The first is smaller unless x, the second input, is above 0.8.
        let figures = |x: f64, _: f64| vec![estimate(x, 0.0), estimate(0.8, 0.0)];
        let split = worlds(200, figures).split(Figure::BlastRadius, 0, 1);
        let split = split.expect("there is one");
        assert_eq!((split.input, split.is_above), (1, true));
        assert!((split.threshold - 0.8).abs() < 0.005, "{split:?}");
        assert_eq!(
            (split.side, split.others, split.others_on_side),
            (40, 40, 40)
        );
    }

    #[test]
    fn what_is_chance_is_not_told() {
        // Every third world, whatever its inputs.
        let n = std::cell::Cell::new(0);
        let figures = |_: f64, _: f64| {
            n.set(n.get() + 1);
            vec![estimate(f64::from(n.get() % 3), 0.0), estimate(1.5, 0.0)]
        };
        assert_eq!(worlds(200, figures).split(Figure::BlastRadius, 0, 1), None);
        // One world alone says nothing.
        let figures = |x: f64, _: f64| vec![estimate(x, 0.0), estimate(0.999, 0.0)];
        assert_eq!(worlds(500, figures).split(Figure::BlastRadius, 0, 1), None);
        // Nor do worlds that agree.
        let figures = |x: f64, _: f64| vec![estimate(x, 0.0), estimate(2.0, 0.0)];
        assert_eq!(worlds(50, figures).split(Figure::BlastRadius, 0, 1), None);
    }
}
