//! Which stratum each rollout is of, and with what it counts.

use crate::plan::Stratum;
use crate::random::{NameKey, Purpose, RolloutKey};

/// The most that a rollout may count, as at least half of the rollouts are drawn as changes come.
pub(super) const MOST: f64 = 2.0;
/// Squares of a score that must have come up before strata are told apart by them.
const ENOUGH: f64 = 8.0;
/// What part of its variance a mean must be left with, so that drawing otherwise is worth it.
const WORTH: f64 = 0.6;

/// What a rollout counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Weight {
    /// The share of its stratum among changes over the chance with which it was drawn.
    pub counts: f64,
    /// The most that any rollout counts that is drawn with it.
    pub most: f64,
}

impl Weight {
    /// Of a rollout that is drawn as changes come.
    pub const ONE: Weight = Weight {
        counts: 1.0,
        most: 1.0,
    };
}

/// How strata are drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draw {
    /// Each with its chance, and what a rollout of it counts.
    strata: Vec<(Stratum, f64, f64)>,
    most: f64,
}

impl Draw {
    /// As changes come.
    pub fn as_they_come(population: &[(Stratum, f64)]) -> Draw {
        let strata = population.iter().map(|&(s, w)| (s, w, 1.0));
        Draw {
            strata: strata.collect(),
            most: 1.0,
        }
    }

    /// Half as changes come, half where a score varies: in proportion to weight times root mean square, by which the
    /// variance of the mean is least (Cochran, "Sampling Techniques", 1977, section 9A.3). `None` where that is not worth it.
    pub fn where_it_varies(population: &[(Stratum, f64)], seen: &Seen) -> Option<Draw> {
        if seen.squares() < ENOUGH {
            return None;
        }
        let of = |&(s, w): &(Stratum, f64)| (s, w, seen.square(s));
        let strata: Vec<(Stratum, f64, f64)> = population.iter().map(of).collect();
        let all: f64 = strata.iter().map(|(_, w, x)| w * x.sqrt()).sum();
        let drawn = |&(s, w, x): &(Stratum, f64, f64)| {
            let chance = 0.5 * w + 0.5 * w * x.sqrt() / all;
            (s, chance, w / chance)
        };
        let drawn: Vec<(Stratum, f64, f64)> = strata.iter().map(drawn).collect();
        // Means of squares: what the square of the mean takes off is the same on both sides.
        let as_they_come: f64 = strata.iter().map(|(_, w, x)| w * x).sum();
        let so: f64 = strata
            .iter()
            .zip(&drawn)
            .map(|(s, d)| s.1 * s.2 * d.2)
            .sum();
        (so < WORTH * as_they_come).then_some(Draw {
            strata: drawn,
            most: MOST,
        })
    }

    /// The stratum of rollout `number`: the same under every strategy.
    pub fn stratum(&self, seed: u64, number: u64) -> Stratum {
        let key = RolloutKey::new(seed, NameKey::NONE, number);
        let mut left = key.stream(Purpose::Stratum, 0, NameKey::NONE).uniform();
        for &(stratum, chance, _) in &self.strata {
            left -= chance;
            if left < 0.0 {
                return stratum;
            }
        }
        // Chances that sum to a hair less than 1.
        self.strata.last().expect("a population is of somebody").0
    }

    /// What a rollout of a stratum counts.
    pub fn weight(&self, stratum: Stratum) -> Weight {
        let found = self.strata.iter().find(|(s, _, _)| *s == stratum);
        Weight {
            counts: found.map_or(1.0, |(_, _, counts)| *counts),
            most: self.most,
        }
    }
}

/// Squares of a score that came, by stratum.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Each with the number of rollouts and the sum of squares.
    strata: Vec<(Stratum, u64, f64)>,
}

impl Seen {
    pub fn add(&mut self, stratum: Stratum, score: f64) {
        let square = score * score;
        match self.strata.iter_mut().find(|(s, _, _)| *s == stratum) {
            Some((_, n, sum)) => {
                *n += 1;
                *sum += square;
            }
            None => self.strata.push((stratum, 1, square)),
        }
    }

    fn squares(&self) -> f64 {
        self.strata.iter().map(|(_, _, sum)| sum).sum()
    }

    /// The mean square in a stratum, with one rollout more that is like all: few rollouts without anything do not mean that
    /// nothing ever comes.
    fn square(&self, stratum: Stratum) -> f64 {
        let n: u64 = self.strata.iter().map(|(_, n, _)| n).sum();
        let like_all = self.squares() / n.max(1) as f64;
        let found = self.strata.iter().find(|(s, _, _)| *s == stratum);
        let (n, sum) = found.map_or((0, 0.0), |&(_, n, sum)| (n, sum));
        (sum + like_all) / (n + 1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POPULATION: [(Stratum, f64); 3] = [
        (Stratum::Fault(0), 0.7),
        (Stratum::Fault(1), 0.25),
        (Stratum::Fault(2), 0.05),
    ];

    /// So many of each stratum, and every so-manieth of them with a score of 1.
    fn seen(of: [(u64, u64); 3]) -> Seen {
        let mut seen = Seen::default();
        for (f, (n, every)) in of.into_iter().enumerate() {
            (0..n).for_each(|i| seen.add(Stratum::Fault(f), f64::from(u8::from(i % every == 0))));
        }
        seen
    }

    #[test]
    fn what_is_drawn_and_what_it_counts_make_up_the_weights() {
        let seen = seen([(700, 1_000), (250, 1_000), (50, 2)]);
        let draw = Draw::where_it_varies(&POPULATION, &seen).expect("all is in one stratum");
        let chances: f64 = draw.strata.iter().map(|(_, q, _)| q).sum();
        assert!((chances - 1.0).abs() < 1e-12);
        for ((s, w), (t, q, counts)) in POPULATION.iter().zip(&draw.strata) {
            assert_eq!(s, t);
            assert!((q * counts - w).abs() < 1e-12 && *counts <= MOST);
        }
        // 5% of the changes, and a quarter of the rollouts.
        assert!(draw.strata[2].1 > 0.2, "{draw:?}");
        let n = 20_000;
        let of_last = (0..n).filter(|&i| draw.stratum(1, i) == Stratum::Fault(2));
        let share = of_last.count() as f64 / n as f64;
        // Four standard deviations.
        assert!((share - draw.strata[2].1).abs() < 4.0 * 0.5 / (n as f64).sqrt());
    }

    #[test]
    fn strata_that_are_alike_are_drawn_as_they_come() {
        assert_eq!(
            Draw::where_it_varies(&POPULATION, &seen([(700, 5), (250, 5), (50, 5)])),
            None
        );
        assert_eq!(Draw::where_it_varies(&POPULATION, &Seen::default()), None);
        let draw = Draw::as_they_come(&POPULATION);
        assert_eq!(draw.weight(Stratum::Fault(1)), Weight::ONE);
    }
}
