//! Chances: of one sample, and combined over weighted strata.

use super::estimate::{Estimate, one_tail};
use crate::random::normal_quantile;
use crate::random::{beta_quantile, incomplete_beta};

/// P(X <= k) for X binomial with `n` trials of chance `p`.
///
/// As I_{1-p}(n-k, k+1) (DLMF 8.17.5).
pub fn binomial_cdf(k: u64, n: u64, p: f64) -> f64 {
    if k >= n {
        return 1.0;
    }
    incomplete_beta((n - k) as f64, k as f64 + 1.0, 1.0 - p)
}

/// The Clopper-Pearson interval for a chance, from `hits` in `n` independent trials.
///
/// Assumes nothing but independence; covers the chance with probability at least `level`, whatever it is. The ends are
/// quantiles of Beta(hits, n - hits + 1) and Beta(hits + 1, n - hits) (Clopper and Pearson, Biometrika 26, 1934).
/// Good for any `n` up to 2^53 in principle; tested to 10^8. Without trials it is all of \[0, 1\].
pub fn clopper_pearson(hits: u64, n: u64, level: f64) -> (f64, f64) {
    assert!(hits <= n, "{hits} hits in {n} trials");
    let tail = one_tail(level);
    (
        1.0 - upper_limit(n - hits, n, tail),
        upper_limit(hits, n, tail),
    )
}

/// The one-sided upper Clopper-Pearson limit.
fn upper_limit(hits: u64, n: u64, tail: f64) -> f64 {
    if hits == n {
        return 1.0;
    }
    // No hits: (1 - u)^n = tail in closed form.
    if hits == 0 {
        return -libm::expm1(libm::log(tail) / n as f64);
    }
    beta_quantile(hits as f64 + 1.0, (n - hits) as f64, 1.0 - tail)
}

/// The chance of which `hits` in `n` independent rollouts speak; `None` without rollouts.
pub fn chance(hits: u64, n: u64, level: f64) -> Option<Estimate> {
    weighted_chance(
        &[Sample {
            weight: 1.0,
            n,
            applicable: n,
            hits,
        }],
        level,
    )
}

/// A sample of one stratum: of `n` rollouts, `applicable` ones belong to the population in question, and `hits` of
/// those are hits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// The stratum's weight (positive; they need not sum to 1).
    pub weight: f64,
    /// Rollouts simulated.
    pub n: u64,
    /// Those to which the question applies.
    pub applicable: u64,
    /// Those of them that are hits.
    pub hits: u64,
}

/// The chance of a hit among the applicable, over all strata: sum w a p / sum w a, where a is the share of a stratum
/// that is applicable and p its chance of a hit.
///
/// The interval melds the strata's Clopper-Pearson intervals (Fay, Proschan and Brittain, "Combining one-sample
/// confidence procedures for inference in the two-sample case", Biometrics 71, 2015): its upper end is the quantile
/// of sum W_s B_s with independent B_s ~ Beta(hits + 1, misses), its lower end the same for misses. With one stratum
/// that is Clopper-Pearson itself. A stratum without hits still counts with what it cannot exclude.
/// The quantile of the sum is taken as the larger of two approximations by its moments: a beta distribution over the
/// range that the sum can take (mean, variance), and a shifted gamma distribution (mean, variance, skewness; Wilson
/// and Hilferty, PNAS 17, 1931). Where all rollouts are applicable, exhaustive summation over small strata finds the
/// coverage at least nominal in every case tried (in the tests); a proof there is for one stratum only.
/// Where not all are, the strata's shares are estimated, too, which adds the linearised variance
/// W^2 (1 - a)(p - R)^2 / applicable of a ratio R (Cochran, "Sampling Techniques", 1977, section 6.11); strata where
/// none were applicable are then left out.
///
/// `None` where a stratum has no rollouts, or none is applicable anywhere.
pub fn weighted_chance(samples: &[Sample], level: f64) -> Option<Estimate> {
    let tail = one_tail(level);
    let pooled = Pooled::of(samples)?;
    let value = pooled.share(samples);
    Some(Estimate {
        value,
        low: (1.0 - pooled.upper_limit(&misses(samples), tail)).min(value),
        high: pooled.upper_limit(samples, tail).max(value),
        level,
        n: samples.iter().map(|s| s.applicable).sum(),
    })
}

/// Hits and misses exchanged.
pub(super) fn misses(samples: &[Sample]) -> Vec<Sample> {
    samples
        .iter()
        .map(|s| Sample {
            hits: s.applicable - s.hits,
            ..*s
        })
        .collect()
}

/// What all questions about the same strata share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pooled {
    /// sum w a.
    mass: f64,
}

impl Pooled {
    /// `None` where a stratum has no rollouts, or none is applicable anywhere.
    pub(super) fn of(samples: &[Sample]) -> Option<Pooled> {
        if samples.iter().any(|s| s.n == 0) {
            return None;
        }
        let mass = samples.iter().map(mass).sum();
        (mass > 0.0).then_some(Pooled { mass })
    }

    /// The estimated chance R.
    pub(super) fn share(&self, samples: &[Sample]) -> f64 {
        let hits = |s: &Sample| s.weight * s.hits as f64 / s.n as f64;
        let value: f64 = samples.iter().map(hits).sum::<f64>() / self.mass;
        value.min(1.0)
    }

    /// The upper end of the interval for the chance.
    fn upper_limit(&self, samples: &[Sample], tail: f64) -> f64 {
        if let [s] = samples {
            return upper_limit(s.hits, s.applicable, tail);
        }
        self.sum(samples).quantile(tail).clamp(0.0, 1.0)
    }

    /// Whether [`Self::upper_limit`] is at least `p`, at the cost of one distribution function.
    pub(super) fn upper_limit_reaches(&self, samples: &[Sample], p: f64, tail: f64) -> bool {
        self.sum(samples).quantile_reaches(p, tail)
    }

    /// The sum whose quantile is the upper limit.
    fn sum(&self, samples: &[Sample]) -> Sum {
        let share = self.share(samples);
        let mut sum = Sum::default();
        for s in samples.iter().filter(|s| s.applicable > 0) {
            sum.add_stratum(s, mass(s) / self.mass, share);
        }
        sum
    }
}

/// The weight of a stratum's applicable part.
fn mass(s: &Sample) -> f64 {
    s.weight * s.applicable as f64 / s.n as f64
}

/// Moments of a sum of independent scaled beta variables.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    /// What is certain.
    certain: f64,
    /// The scales of the rest.
    open: f64,
    /// How many are not certain.
    terms: u32,
    mean: f64,
    variance: f64,
    /// Third central moment.
    third: f64,
}

impl Sum {
    /// Adds `scale` times Beta(hits + 1, misses), and the variance of the stratum's share.
    fn add_stratum(&mut self, s: &Sample, scale: f64, share: f64) {
        let m = s.applicable as f64;
        let (a, b) = (s.hits as f64 + 1.0, (s.applicable - s.hits) as f64);
        if b == 0.0 {
            self.certain += scale;
            self.mean += scale;
        } else {
            let n = a + b;
            let variance = a * b / (n * n * (n + 1.0));
            // Skewness 2 (b - a) sqrt(n + 1) / ((n + 2) sqrt(a b)), times the standard deviation cubed.
            let third = 2.0 * (b - a) / (n * (n + 2.0)) * variance;
            self.open += scale;
            self.terms += 1;
            self.mean += scale * a / n;
            self.variance += scale * scale * variance;
            self.third += scale * scale * scale * third;
        }
        let outside = 1.0 - m / s.n as f64;
        let gap = s.hits as f64 / m - share;
        self.variance += scale * scale * outside * gap * gap / m;
    }

    /// The value that the sum exceeds with probability `tail`, approximately, and rather too large than too small.
    fn quantile(&self, tail: f64) -> f64 {
        if self.terms == 0 {
            return self.certain;
        }
        let beta = match self.beta() {
            Some((a, b)) => self.certain + self.open * beta_quantile(a, b, 1.0 - tail),
            None => self.certain + self.open,
        };
        if self.terms == 1 {
            beta
        } else {
            beta.max(self.gamma_quantile(tail))
        }
    }

    /// Whether that value is at least `p`.
    fn quantile_reaches(&self, p: f64, tail: f64) -> bool {
        if self.terms == 0 {
            return self.certain >= p;
        }
        let within = (p - self.certain) / self.open;
        let beta = within <= 0.0
            || match self.beta() {
                Some((a, b)) => within < 1.0 && incomplete_beta(b, a, 1.0 - within) >= tail,
                None => within <= 1.0,
            };
        beta || (self.terms > 1 && self.gamma_quantile(tail) >= p)
    }

    /// The parameters of the beta distribution from `certain` to `certain + open` with this mean and variance; `None`
    /// where the variance is too large for one.
    fn beta(&self) -> Option<(f64, f64)> {
        let mean = (self.mean - self.certain) / self.open;
        let variance = self.variance / (self.open * self.open);
        let size = mean * (1.0 - mean) / variance - 1.0;
        (size > 0.0).then_some((mean * size, (1.0 - mean) * size))
    }

    /// The quantile by a shifted gamma distribution, after Wilson and Hilferty.
    fn gamma_quantile(&self, tail: f64) -> f64 {
        let sd = libm::sqrt(self.variance);
        let z = -normal_quantile(tail);
        let skew = self.third / (self.variance * sd);
        if skew.abs() < 1e-6 {
            return self.mean + sd * z;
        }
        let root = 1.0 + skew * z / 6.0 - skew * skew / 36.0;
        self.mean + sd * 2.0 / skew * (root * root * root - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hits, trials, level and the interval by SciPy 1.17.1 (quantiles of its beta distribution).
    const CLOPPER_PEARSON: [(u64, u64, f64, f64, f64); 11] = [
        (0, 10, 0.95, 0.0, 0.308_497_107_818_760_7),
        (
            1,
            10,
            0.95,
            0.002_528_578_544_461_786_5,
            0.445_016_117_028_195_4,
        ),
        (
            5,
            10,
            0.95,
            0.187_086_028_447_398_55,
            0.812_913_971_552_601_5,
        ),
        (10, 10, 0.95, 0.691_502_892_181_239_2, 1.0),
        (
            3,
            1_000,
            0.95,
            0.000_619_099_931_649_571_5,
            0.008_742_023_238_478_303,
        ),
        (
            999,
            1_000,
            0.99,
            0.992_593_713_061_647,
            0.999_994_987_470_739_2,
        ),
        (
            20,
            400,
            0.9,
            0.033_379_013_417_677_18,
            0.071_828_590_046_034_83,
        ),
        (
            500_000,
            1_000_000,
            0.95,
            0.499_019_519_195_311_84,
            0.500_980_480_804_688_2,
        ),
        (
            7,
            10_000_000,
            0.95,
            2.814_363_499_796_941e-7,
            1.442_267_000_818_748_7e-6,
        ),
        (
            1_234_567,
            10_000_000,
            0.999,
            0.123_114_632_446_707_09,
            0.123_799_336_381_364_92,
        ),
        (
            50_000_000,
            100_000_000,
            0.95,
            0.499_901_996_801_959_3,
            0.500_098_003_198_040_7,
        ),
    ];

    #[test]
    fn clopper_pearson_agrees_with_scipy() {
        for (hits, n, level, low, high) in CLOPPER_PEARSON {
            let found = clopper_pearson(hits, n, level);
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.max(1e-9);
            assert!(
                close(found.0, low) && close(found.1, high),
                "{hits} of {n}: {found:?}"
            );
        }
        assert_eq!(clopper_pearson(0, 0, 0.95), (0.0, 1.0));
    }

    /// Probabilities of 0 to n hits.
    fn binomial(n: u64, p: f64) -> Vec<f64> {
        let cdf: Vec<f64> = (0..=n).map(|k| binomial_cdf(k, n, p)).collect();
        (0..cdf.len())
            .map(|k| if k == 0 { cdf[0] } else { cdf[k] - cdf[k - 1] })
            .collect()
    }

    /// The probability that the interval of `n` trials misses p, on the worse side.
    fn missed(n: u64, p: f64, interval: impl Fn(u64) -> (f64, f64)) -> f64 {
        let (mut above, mut below) = (0.0, 0.0);
        for (k, chance) in binomial(n, p).into_iter().enumerate() {
            let (low, high) = interval(k as u64);
            above += if low > p { chance } else { 0.0 };
            below += if high < p { chance } else { 0.0 };
        }
        f64::max(above, below)
    }

    #[test]
    fn clopper_pearson_covers_by_summation_and_wald_does_not() {
        let z = normal_quantile(0.975);
        let mut worst_wald = 0.0_f64;
        for n in [1, 2, 5, 12, 30, 100] {
            for p in (1..200).map(|i| f64::from(i) / 200.0) {
                let exact = missed(n, p, |k| clopper_pearson(k, n, 0.95));
                assert!(exact <= 0.025 + 1e-12, "n = {n}, p = {p}: {exact}");
                worst_wald = worst_wald.max(missed(n, p, |k| {
                    let share = k as f64 / n as f64;
                    let half = z * libm::sqrt(share * (1.0 - share) / n as f64);
                    (share - half, share + half)
                }));
            }
        }
        assert!(
            worst_wald > 0.3,
            "the naive interval should miss often: {worst_wald}"
        );
    }

    /// One-sided probabilities of missing the weighted chance, by summation over all counts (up to `top` hits each).
    fn weighted_missed(
        strata: &[(f64, u64); 3],
        top: u64,
        chances: &[[f64; 3]],
        limits: impl Fn(&[Sample]) -> (f64, f64),
    ) -> f64 {
        let sample = |i: usize, hits| Sample {
            weight: strata[i].0,
            n: strata[i].1,
            applicable: strata[i].1,
            hits,
        };
        let up_to = |i: usize| strata[i].1.min(top);
        let tables: Vec<[Vec<f64>; 3]> = chances
            .iter()
            .map(|p| [0, 1, 2].map(|i| binomial(strata[i].1, p[i])))
            .collect();
        let mut sides = vec![(0.0, 0.0); chances.len()];
        for a in 0..=up_to(0) {
            for b in 0..=up_to(1) {
                for c in 0..=up_to(2) {
                    let (low, high) = limits(&[sample(0, a), sample(1, b), sample(2, c)]);
                    for ((p, table), side) in chances.iter().zip(&tables).zip(&mut sides) {
                        let truth: f64 = (0..3).map(|i| strata[i].0 * p[i]).sum();
                        let chance =
                            table[0][a as usize] * table[1][b as usize] * table[2][c as usize];
                        side.0 += if low > truth + 1e-12 { chance } else { 0.0 };
                        side.1 += if high < truth - 1e-12 { chance } else { 0.0 };
                    }
                }
            }
        }
        sides
            .into_iter()
            .fold(0.0, |worst, (a, b)| f64::max(worst, f64::max(a, b)))
    }

    fn ours(samples: &[Sample]) -> (f64, f64) {
        let estimate = weighted_chance(samples, 0.95).expect("all strata have rollouts");
        (estimate.low, estimate.high)
    }

    fn wald(samples: &[Sample]) -> (f64, f64) {
        let share = |s: &Sample| s.hits as f64 / s.n as f64;
        let value: f64 = samples.iter().map(|s| s.weight * share(s)).sum();
        let variance = |s: &Sample| s.weight * s.weight * share(s) * (1.0 - share(s)) / s.n as f64;
        let half = 1.959_963_984_540_054 * libm::sqrt(samples.iter().map(variance).sum());
        (value - half, value + half)
    }

    #[test]
    fn weighted_chances_cover_by_summation() {
        let ends = [0.0, 0.003, 0.05, 0.3, 0.5, 0.77, 0.96, 1.0];
        let mut chances = Vec::new();
        for a in ends {
            for b in ends {
                chances.extend(ends.map(|c| [a, b, c]));
            }
        }
        for strata in [
            [(0.96, 20), (0.02, 12), (0.02, 12)],
            [(0.4, 15), (0.3, 15), (0.3, 15)],
            [(0.1, 24), (0.2, 10), (0.7, 6)],
        ] {
            let missed = weighted_missed(&strata, u64::MAX, &chances, ours);
            assert!(missed <= 0.025 + 1e-9, "{strata:?}: {missed}");
        }
    }

    #[test]
    fn rare_weighted_chances_cover_by_summation_and_wald_does_not() {
        // Counts beyond 20 of 500 are too unlikely to matter at these chances: 1e-8 of all.
        let strata = [(0.96, 500), (0.02, 500), (0.02, 500)];
        let rates = [0.0, 1e-4, 0.01];
        let mut chances = Vec::new();
        for a in rates {
            for b in rates {
                chances.extend(rates.map(|c| [a, b, c]));
            }
        }
        let missed = weighted_missed(&strata, 20, &chances, ours);
        assert!(missed <= 0.025 + 1e-6, "{missed}");
        let naive = weighted_missed(&strata, 20, &chances, wald);
        assert!(
            naive > 0.5,
            "the naive interval should miss when nothing was hit: {naive}"
        );
    }

    #[test]
    fn one_stratum_is_clopper_pearson() {
        for (hits, n) in [(0, 7), (3, 7), (7, 7), (40, 1_000)] {
            let one = Sample {
                weight: 0.3,
                n: 2 * n,
                applicable: n,
                hits,
            };
            let found = weighted_chance(&[one], 0.9).expect("it has rollouts");
            assert_eq!((found.low, found.high), clopper_pearson(hits, n, 0.9));
            assert_eq!(found.n, n);
        }
    }

    #[test]
    fn strata_without_hits_still_count() {
        let none = |weight, n| Sample {
            weight,
            n,
            applicable: n,
            hits: 0,
        };
        let found =
            weighted_chance(&[none(0.9, 1_000), none(0.1, 50)], 0.95).expect("there are rollouts");
        assert_eq!((found.value, found.low), (0.0, 0.0));
        // All of it may sit in the stratum that was looked at least.
        assert!(
            found.high > 0.1 * clopper_pearson(0, 50, 0.95).1 && found.high < 0.02,
            "{found:?}"
        );
    }

    #[test]
    fn there_is_no_chance_without_rollouts() {
        let some = Sample {
            weight: 0.5,
            n: 10,
            applicable: 10,
            hits: 1,
        };
        assert_eq!(
            weighted_chance(
                &[
                    some,
                    Sample {
                        n: 0,
                        applicable: 0,
                        hits: 0,
                        ..some
                    }
                ],
                0.95
            ),
            None
        );
        assert_eq!(
            weighted_chance(
                &[Sample {
                    applicable: 0,
                    hits: 0,
                    ..some
                }],
                0.95
            ),
            None
        );
        assert_eq!(weighted_chance(&[], 0.95), None);
        assert_eq!(chance(0, 0, 0.95), None);
    }

    /// A share among a part: coverage by simulation. 2,000 intervals that should cover 95%: fewer than 1,868 would be
    /// chance once in 10^5 such tests, at a coverage of exactly 95%. The exact interval of all strata pooled, as if they
    /// came as often as they are drawn, misses that.
    #[test]
    fn a_chance_among_a_part_covers_and_pooled_strata_do_not() {
        use crate::random::{NameKey, Purpose, RolloutKey};
        let strata = [(0.5, 0.6, 0.1), (0.3, 0.1, 0.7), (0.2, 0.9, 0.4)];
        let mass: f64 = strata.iter().map(|(w, a, _)| w * a).sum();
        let truth = strata.iter().map(|(w, a, p)| w * a * p).sum::<f64>() / mass;
        let (mut covered, mut pooled) = (0, 0);
        for repeat in 0..2_000 {
            let mut stream = RolloutKey::new(5, NameKey::NONE, repeat).stream(
                Purpose::Bootstrap,
                0,
                NameKey::NONE,
            );
            let samples = strata.map(|(weight, share, p)| {
                let mut sample = Sample {
                    weight,
                    n: 80,
                    applicable: 0,
                    hits: 0,
                };
                for _ in 0..sample.n {
                    if stream.chance(share) {
                        sample.applicable += 1;
                        sample.hits += u64::from(stream.chance(p));
                    }
                }
                sample
            });
            let (low, high) = ours(&samples);
            covered += u32::from(low <= truth && truth <= high);
            let sum = |count: fn(&Sample) -> u64| samples.iter().map(count).sum();
            let (low, high) = clopper_pearson(sum(|s| s.hits), sum(|s| s.applicable), 0.95);
            pooled += u32::from(low <= truth && truth <= high);
        }
        assert!(covered >= 1_868, "{covered} of 2,000");
        assert!(pooled < 1_868, "{pooled} of 2,000 pooled");
    }
}
