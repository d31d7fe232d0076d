//! What a figure depends on: a bar of a tornado chart.

use super::{Figure, Worlds};
use crate::random::normal_cdf;

/// The chance of being told of any input that has no effect, over all inputs.
const FALSE_ALARMS: f64 = 0.05;
/// Fewer worlds say nothing.
const FEWEST: usize = 8;

/// How a figure changes with an input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Swing {
    /// The input, by place among the draws.
    pub input: usize,
    /// Mean of the figure over the quarter of the worlds with the smallest draws.
    pub low: f64,
    /// Mean over the quarter with the largest.
    pub high: f64,
    /// Rank correlation of draw and figure.
    pub correlation: f64,
    /// Whether that is beyond chance, for all inputs together.
    pub is_beyond_chance: bool,
}

impl Swing {
    /// The change from the low quarter to the high one, whichever way.
    pub fn size(&self) -> f64 {
        let size = (self.high - self.low).abs();
        // Both may be infinite.
        if size.is_nan() { 0.0 } else { size }
    }
}

impl Worlds {
    /// How a figure of a strategy, by place, changes with each input, the largest changes first.
    ///
    /// All other inputs vary meanwhile, so that a change is one on average over what else is not known, and no shape is
    /// assumed. Whether there is one at all is judged by Spearman's rank correlation r: r sqrt(n - 1) is about normal
    /// where there is none (Kendall and Gibbons, Rank Correlation Methods, 1990), tested at 5% over all inputs
    /// (Bonferroni). That finds what goes one way, and not what is worst in the middle.
    pub fn swings(&self, figure: Figure, strategy: usize) -> Vec<Swing> {
        let values = self.list.iter().zip(self.figures(figure, strategy));
        let worlds: Vec<(&[f64], f64)> = values
            .filter_map(|(world, value)| Some((&world.draws[..], value?.value)))
            .collect();
        if worlds.len() < FEWEST {
            return Vec::new();
        }
        let figures: Vec<f64> = worlds.iter().map(|(_, value)| *value).collect();
        let ranked = ranks(&figures);
        let inputs = worlds[0].0.len();
        let mut swings: Vec<Swing> = (0..inputs)
            .map(|input| {
                let draws: Vec<f64> = worlds.iter().map(|(draws, _)| draws[input]).collect();
                let correlation = correlation(&ranks(&draws), &ranked);
                let z = correlation.abs() * libm::sqrt(worlds.len() as f64 - 1.0);
                let (low, high) = quarters(&draws, &figures);
                Swing {
                    input,
                    low,
                    high,
                    correlation,
                    is_beyond_chance: 2.0 * normal_cdf(-z) * (inputs as f64) < FALSE_ALARMS,
                }
            })
            .collect();
        swings.sort_by(|a, b| b.size().total_cmp(&a.size()));
        swings
    }
}

/// Means of the figures where draws are smallest and where they are largest, a quarter each.
fn quarters(draws: &[f64], figures: &[f64]) -> (f64, f64) {
    let mut order: Vec<usize> = (0..draws.len()).collect();
    order.sort_by(|&a, &b| draws[a].total_cmp(&draws[b]));
    let quarter = draws.len() / 4;
    let mean =
        |places: &[usize]| places.iter().map(|&i| figures[i]).sum::<f64>() / places.len() as f64;
    (
        mean(&order[..quarter]),
        mean(&order[order.len() - quarter..]),
    )
}

/// Ranks from 1, those of equals being their mean.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0.0;
    for equals in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let count = equals.len() as f64;
        for &i in equals {
            ranks[i] = before + (count + 1.0) / 2.0;
        }
        before += count;
    }
    ranks
}

/// Pearson's correlation; 0 where one of the two does not vary.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        ab += (x - mean_a) * (y - mean_b);
        aa += (x - mean_a) * (x - mean_a);
        bb += (y - mean_b) * (y - mean_b);
    }
    if aa > 0.0 && bb > 0.0 {
        ab / libm::sqrt(aa * bb)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::worlds;
    use super::*;
    use crate::summary::example::estimate;

    #[test]
    fn a_line_swings_by_three_quarters_of_its_rise() {
        // Quarters of an even spread have their means at 1/8 and 7/8.
        let worlds = worlds(200, |x, _| vec![estimate(10.0 - 4.0 * x, 0.0)]);
        let swings = worlds.swings(Figure::BlastRadius, 0);
        assert_eq!(swings[0].input, 1);
        assert!((swings[0].low - 9.5).abs() < 1e-9 && (swings[0].high - 6.5).abs() < 1e-9);
        assert!((swings[0].correlation + 1.0).abs() < 1e-12);
        assert!(
            swings[0].is_beyond_chance && !swings[1].is_beyond_chance,
            "{swings:?}"
        );
    }

    #[test]
    fn equals_share_their_rank() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        assert_eq!(ranks(&[5.0; 3]), [2.0; 3]);
        let infinite = [f64::INFINITY, 1.0, f64::INFINITY];
        assert_eq!(ranks(&infinite), [2.5, 1.0, 2.5]);
        assert_eq!(correlation(&[1.0, 2.0], &[5.0, 5.0]), 0.0);
    }

    #[test]
    fn few_worlds_say_nothing() {
        let worlds = worlds(7, |x, _| vec![estimate(x, 0.0)]);
        assert!(worlds.swings(Figure::BlastRadius, 0).is_empty());
    }
}
