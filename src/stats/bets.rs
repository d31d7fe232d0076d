//! Tests that may be looked at as often as one likes: bets against a claim about a mean.
//!
//! Whoever bets against "the mean of these values is at least a" on fair terms does not get rich if it is so: the chance
//! that the wealth of such a better *ever* exceeds 1/alpha times what it began with is at most alpha (Ville, 1939). So a
//! run may stop the moment the wealth is that large, whatever it looked at before, and is wrong with a chance of at most
//! alpha. See Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", Journal of the Royal
//! Statistical Society B 86, 2024.
//!
//! The better splits its money over a list of alternatives p to the target a and stakes each as if p were the mean of
//! zeros and ones: a value z multiplies it by (1 - z)(1 - p)/(1 - a) + z p/a, for zeros and ones the ratio of
//! likelihoods, and fair for any values from 0 to 1. Splitting over 16 alternatives costs a factor of at most 16, and
//! finds the right one by itself.

/// Odds of the alternatives over those of the target, for a mean that is more; for one that is less, their inverses.
/// From a hundredth more, which takes millions of values to tell, to thirtyfold.
const ODDS: [f64; 15] = [
    1.01, 1.02, 1.03, 1.05, 1.07, 1.1, 1.15, 1.2, 1.3, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0,
];

/// A third as many, for values that are told from the target soon or not at all: splitting costs less.
const FEW_ODDS: [f64; 5] = [1.1, 1.3, 1.7, 3.0, 10.0];

/// Bets on both sides of a target, on values from 0 to 1 that come one after the other.
#[derive(Clone, Debug)]
pub struct Bets {
    target: f64,
    odds: &'static [f64],
    less: Vec<Stake>,
    more: Vec<Stake>,
    n: u64,
}

/// The money on one alternative.
#[derive(Clone, Copy, Debug)]
struct Stake {
    /// What a value of 0 multiplies it by.
    of_zero: f64,
    /// What a value of 1 does.
    of_one: f64,
    /// What it has become since its logarithm was last taken.
    product: f64,
    /// Its logarithm then; it began with 0.
    log: f64,
}

/// Beyond these a product's logarithm is taken, before doubles run out.
const HANDY: std::ops::Range<f64> = 1e-100..1e100;

impl Stake {
    fn on(alternative: f64, target: f64) -> Stake {
        Stake {
            of_zero: (1.0 - alternative) / (1.0 - target),
            of_one: alternative / target,
            product: 1.0,
            log: 0.0,
        }
    }

    fn take(&mut self, z: f64) {
        self.product *= (1.0 - z) * self.of_zero + z * self.of_one;
        if !HANDY.contains(&self.product) {
            self.log += libm::log(self.product);
            self.product = 1.0;
        }
    }

    /// The logarithm of the money by now.
    fn log(&self) -> f64 {
        self.log + libm::log(self.product)
    }
}

impl Bets {
    /// On a target strictly between 0 and 1.
    pub fn on(target: f64) -> Bets {
        Bets::with(&ODDS, target)
    }

    /// The same with a third of the alternatives: for values of which a few hundred or thousand are to tell.
    pub fn in_short(target: f64) -> Bets {
        Bets::with(&FEW_ODDS, target)
    }

    fn with(odds: &'static [f64], target: f64) -> Bets {
        assert!(
            target > 0.0 && target < 1.0,
            "bets are on a target between 0 and 1, not on {target}"
        );
        Bets {
            target,
            odds,
            less: less(odds, target),
            more: more(odds, target),
            n: 0,
        }
    }

    /// What is bet about.
    pub fn target(&self) -> f64 {
        self.target
    }

    /// How many values came.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Goes on with another target, for values whose mean is claimed to be that: the money stays, each part of it on
    /// alternatives with the same odds over the target's.
    pub fn retarget(&mut self, target: f64) {
        let fresh = Bets::with(self.odds, target);
        let stakes = |ours: &mut [Stake], fresh: &[Stake]| {
            for (stake, fresh) in ours.iter_mut().zip(fresh) {
                stake.of_zero = fresh.of_zero;
                stake.of_one = fresh.of_one;
            }
        };
        stakes(&mut self.less, &fresh.less);
        stakes(&mut self.more, &fresh.more);
        self.target = target;
    }

    /// Takes a value from 0 to 1.
    pub fn take(&mut self, z: f64) {
        assert!(
            (0.0..=1.0).contains(&z),
            "bets are on values from 0 to 1, not on {z}"
        );
        self.n += 1;
        self.less.iter_mut().for_each(|s| s.take(z));
        self.more.iter_mut().for_each(|s| s.take(z));
    }

    /// Logarithm of the wealth of who bets that the mean is less than the target. If it is not, the chance that this ever
    /// exceeds x is at most e^-x.
    pub fn log_for_less(&self) -> f64 {
        log_mean(self.less.iter().map(Stake::log))
    }

    /// Logarithm of the wealth of who bets that the mean is more than the target. If it is not, the chance that this ever
    /// exceeds x is at most e^-x.
    pub fn log_for_more(&self) -> f64 {
        log_mean(self.more.iter().map(Stake::log))
    }
}

/// The stakes on a mean that is less than the target.
fn less(alternatives: &[f64], target: f64) -> Vec<Stake> {
    let odds = target / (1.0 - target);
    let on = |s: &f64| Stake::on(of_odds(odds / s), target);
    alternatives
        .iter()
        .map(on)
        .chain([Stake::on(0.0, target)])
        .collect()
}

/// The stakes on a mean that is more than the target.
fn more(alternatives: &[f64], target: f64) -> Vec<Stake> {
    let odds = target / (1.0 - target);
    alternatives
        .iter()
        .map(|s| Stake::on(of_odds(odds * s), target))
        .collect()
}

fn of_odds(odds: f64) -> f64 {
    odds / (1.0 + odds)
}

/// Logarithm of the mean of wealths, by their logarithms.
pub fn log_mean(logs: impl ExactSizeIterator<Item = f64> + Clone) -> f64 {
    let most = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY {
        return most;
    }
    let n = logs.len() as f64;
    let sum: f64 = logs.map(|log| libm::exp(log - most)).sum();
    most + libm::log(sum / n)
}

/// Logarithm of the wealth of who bets, on `hits` ones among `n` values, that their mean is less than `target`; as
/// [`Bets::log_for_less`] after these values, in whatever order they came.
pub fn log_for_less(hits: u64, n: u64, target: f64) -> f64 {
    of_counts(less(&ODDS, target), hits, n)
}

/// The same of who bets that it is more.
pub fn log_for_more(hits: u64, n: u64, target: f64) -> f64 {
    of_counts(more(&ODDS, target), hits, n)
}

fn of_counts(stakes: Vec<Stake>, hits: u64, n: u64) -> f64 {
    let log = |s: &Stake| {
        let of_ones = if hits == 0 {
            0.0
        } else {
            hits as f64 * libm::log(s.of_one)
        };
        of_ones + (n - hits) as f64 * libm::log(s.of_zero)
    };
    let logs: Vec<f64> = stakes.iter().map(log).collect();
    log_mean(logs.into_iter())
}

/// The targets that neither better has won e^`log_enough` against after `hits` ones among `n` values: an interval that
/// covers the chance of a one at all times at once, with a chance of at least 1 - 2 e^-`log_enough`.
pub fn chance_interval(hits: u64, n: u64, log_enough: f64) -> (f64, f64) {
    let centre = hits as f64 / n.max(1) as f64;
    let edge = |outside: f64, is_out: &dyn Fn(f64) -> bool| {
        let (mut outside, mut inside) = (outside, centre);
        for _ in 0..50 {
            let middle = 0.5 * (outside + inside);
            // No number lies between: a few values tell nothing of targets so close to the end.
            if middle == outside || middle == inside {
                break;
            }
            if is_out(middle) {
                outside = middle;
            } else {
                inside = middle;
            }
        }
        outside
    };
    if n == 0 {
        return (0.0, 1.0);
    }
    let low = if hits == 0 {
        0.0
    } else {
        edge(0.0, &|p| log_for_more(hits, n, p) >= log_enough)
    };
    let high = if hits == n {
        1.0
    } else {
        edge(1.0, &|p| log_for_less(hits, n, p) >= log_enough)
    };
    (low, high)
}

/// How many values it takes, about, until a mean is told from a target at a level: ln(1/alpha), and what splitting the
/// money costs, over the gain per value (the relative entropy of zeros and ones with that mean).
pub fn values_to_tell(mean: f64, target: f64, alpha: f64) -> f64 {
    let part = |p: f64, q: f64| if p > 0.0 { p * libm::log(p / q) } else { 0.0 };
    let gain = part(mean, target) + part(1.0 - mean, 1.0 - target);
    (libm::log(1.0 / alpha) + libm::log(ODDS.len() as f64)) / gain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{NameKey, Purpose, RolloutKey, Stream};
    use crate::stats::clopper_pearson;

    const ALPHA: f64 = 0.05;

    fn stream(seed: u64) -> Stream {
        RolloutKey::new(seed, NameKey::of("a bet"), 0).stream(Purpose::Bootstrap, 0, NameKey::NONE)
    }

    /// +1: more, -1: less, 0: nothing within `most` values.
    fn verdict(
        seed: u64,
        target: f64,
        most: u64,
        mut value: impl FnMut(&mut Stream) -> f64,
    ) -> i32 {
        let (mut bets, mut stream) = (Bets::on(target), stream(seed));
        let enough = libm::log(1.0 / ALPHA);
        for _ in 0..most {
            bets.take(value(&mut stream));
            if bets.log_for_less() >= enough {
                return -1;
            }
            if bets.log_for_more() >= enough {
                return 1;
            }
        }
        0
    }

    fn within((low, high): (f64, f64), p: f64) -> bool {
        (low..=high).contains(&p)
    }

    fn count(seeds: u64, which: i32, of: impl Fn(u64) -> i32) -> u64 {
        (0..seeds).filter(|&seed| of(seed) == which).count() as u64
    }

    /// At the limit itself neither answer is right, so both count as wrong. Looking after every value, over 2,000
    /// repetitions, each is given with a chance of at most 5%; whoever looks at a fixed-sample interval each time is wrong
    /// far more often.
    #[test]
    fn a_single_miss_leaves_the_interval_open_to_one() {
        for n in [2, 1_000, 100_000, 10_000_000] {
            let (low, high) = chance_interval(n - 1, n, libm::log(1e3));
            assert!(low < 1.0 && high <= 1.0, "{n}: {low} to {high}");
            assert!(high >= (n - 1) as f64 / n as f64, "{n}: {high}");
        }
    }

    #[test]
    fn at_the_limit_wrong_verdicts_stay_within_the_level_and_peeking_does_not() {
        const LIMIT: f64 = 0.1;
        let event = |s: &mut Stream| f64::from(u8::from(s.chance(LIMIT)));
        for which in [-1, 1] {
            let wrong = count(2_000, which, |seed| verdict(seed, LIMIT, 400, event));
            // 5% of 2,000, and three standard errors.
            assert!(wrong <= 130, "{which}: {wrong}");
        }
        let peeking = |seed| {
            let mut stream = stream(seed);
            let mut hits = 0;
            for n in 1..=1_000 {
                hits += u64::from(stream.chance(LIMIT));
                if n % 10 == 0 {
                    let (low, high) = clopper_pearson(hits, n, 1.0 - 2.0 * ALPHA);
                    if !(low..=high).contains(&LIMIT) {
                        return 1;
                    }
                }
            }
            0
        };
        assert!(count(400, 1, peeking) > 100);
    }

    /// A little above the limit, "less" is wrong, and rarer still; far from it the right answer comes and the wrong one
    /// never does.
    #[test]
    fn beside_the_limit_the_wrong_side_is_rarely_taken() {
        const LIMIT: f64 = 0.1;
        let of = |p: f64| move |s: &mut Stream| f64::from(u8::from(s.chance(p)));
        let less = count(2_000, -1, |seed| verdict(seed, LIMIT, 400, of(0.105)));
        assert!(less <= 130, "{less}");
        let more = count(2_000, 1, |seed| verdict(seed, LIMIT, 400, of(0.095)));
        assert!(more <= 130, "{more}");
        for (p, right) in [(0.05, -1), (0.2, 1)] {
            assert_eq!(
                count(200, right, |seed| verdict(seed, LIMIT, 5_000, of(p))),
                200
            );
        }
    }

    /// Any values from 0 to 1 will do, not only zeros and ones.
    #[test]
    fn means_of_bounded_values_are_told_as_well() {
        // Uniform from 0 to 1, squared: the mean is a third.
        let squared = |s: &mut Stream| {
            let u = s.uniform();
            u * u
        };
        for which in [-1, 1] {
            let wrong = count(1_000, which, |seed| verdict(seed, 1.0 / 3.0, 500, squared));
            assert!(wrong <= 70, "{which}: {wrong}");
        }
        assert_eq!(
            count(100, -1, |seed| verdict(seed, 0.4, 5_000, squared)),
            100
        );
        assert_eq!(
            count(100, 1, |seed| verdict(seed, 0.28, 5_000, squared)),
            100
        );
    }

    /// The expected wealth after one value is what it was: the bet is fair at the target, by summation.
    #[test]
    fn every_bet_is_fair() {
        let targets = [1e-3, 0.01, 0.5, 0.99];
        let kinds: [fn(f64) -> Bets; 2] = [Bets::on, Bets::in_short];
        let of_all = |of| targets.map(|target| (of, target));
        for (of, target) in kinds.into_iter().flat_map(of_all) {
            let mut expected = [0.0, 0.0];
            for (z, chance) in [(0.0, 1.0 - target), (1.0, target)] {
                let mut bets = of(target);
                bets.take(z);
                expected[0] += chance * libm::exp(bets.log_for_less());
                expected[1] += chance * libm::exp(bets.log_for_more());
            }
            for e in expected {
                assert!((e - 1.0).abs() < 1e-12, "{target}: {e}");
            }
        }
    }

    /// Looking after every fiftieth of 1,000 values, the interval misses the chance at any time in at most one of ten of 400
    /// repetitions; a fixed-sample one does far more often.
    #[test]
    fn intervals_cover_at_all_times_at_once() {
        for p in [0.01, 0.3] {
            let missed = |interval: &dyn Fn(u64, u64) -> (f64, f64)| {
                let misses = |seed| {
                    let (mut stream, mut hits) = (stream(seed), 0);
                    let ever = (1..=1_000).any(|n| {
                        hits += u64::from(stream.chance(p));
                        let looks = n % 50 == 0;
                        looks && !within(interval(hits, n), p)
                    });
                    i32::from(ever)
                };
                count(400, 1, misses)
            };
            let log_enough = libm::log(2.0 / 0.1);
            // 10% of 400, and three standard errors.
            let by_bets = missed(&|hits, n| chance_interval(hits, n, log_enough));
            assert!(by_bets <= 58, "{p}: {by_bets}");
            let naive = missed(&|hits, n| clopper_pearson(hits, n, 0.9));
            assert!(naive > 70, "{p}: {naive}");
        }
        assert_eq!(chance_interval(0, 0, 3.0), (0.0, 1.0));
    }

    #[test]
    fn counts_are_as_good_as_values() {
        let mut bets = Bets::on(0.2);
        for i in 0..50 {
            bets.take(f64::from(u8::from(i % 7 == 0)));
        }
        assert!((bets.log_for_less() - log_for_less(8, 50, 0.2)).abs() < 1e-9);
        assert!((bets.log_for_more() - log_for_more(8, 50, 0.2)).abs() < 1e-9);
        assert_eq!(log_for_less(0, 0, 0.2), 0.0);
    }

    /// The number foretold is about right: within a factor of two in the median.
    #[test]
    fn the_number_it_takes_is_foretold() {
        let (p, limit) = (0.05, 0.1);
        let foretold = values_to_tell(p, limit, ALPHA);
        let event = |s: &mut Stream| f64::from(u8::from(s.chance(p)));
        let by_then = count(200, -1, |seed| {
            verdict(seed, limit, (2.0 * foretold) as u64, event)
        });
        let early = count(200, -1, |seed| {
            verdict(seed, limit, (0.5 * foretold) as u64, event)
        });
        assert!(
            by_then > 150 && early < 100,
            "{foretold}: {early} {by_then}"
        );
    }
}
