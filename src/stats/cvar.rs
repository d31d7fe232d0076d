//! Conditional value at risk: the mean over the worst part.

use super::estimate::{Estimate, Support};
use super::mean::{MeanPart, weighted_mean};
use super::moments::Moments;
use super::quantile::{Mixture, QuantilePart};
use super::tally::Distribution;

/// The mean over the worst `1 - p` of the population, where the value at the `p`-quantile is split when it takes more
/// room than is left: CVaR = min over c of c + E(X - c)+ / (1 - p) (Rockafellar and Uryasev, "Conditional value-at-risk
/// for general loss distributions", Journal of Banking and Finance 26, 2002).
///
/// For any fixed c the right side is a mean, with the interval of [`weighted_mean`], and no less than the CVaR. So the
/// upper end is that at the estimated quantile. The lower end is the least over the quantile and both ends of its own
/// interval, one of which is near the minimum wherever the quantile is: without them an atom at the quantile would leave
/// no width. Assumes means that are about normal, so it is optimistic where few values lie in the tail.
///
/// `None` where a stratum has no rollouts, or some value is infinite.
pub fn weighted_cvar(
    parts: &[QuantilePart],
    p: f64,
    support: Support,
    level: f64,
) -> Option<Estimate> {
    let is_infinite = |d: &Distribution| d.values().last().is_some_and(|x| x.is_infinite());
    if parts.iter().any(|part| is_infinite(part.values)) {
        return None;
    }
    let quantile = Mixture::new(parts)?.quantile(p, support, level);
    let at = |c: f64| -> Option<Estimate> {
        let beyond = |part: &QuantilePart| MeanPart {
            weight: part.weight,
            n: part.n,
            moments: excess(part.values, c),
        };
        let parts: Vec<MeanPart> = parts.iter().map(beyond).collect();
        let mean = weighted_mean(&parts, Support::NON_NEGATIVE, level)?;
        let level = |x: f64| c + x / (1.0 - p);
        Some(Estimate {
            value: level(mean.value),
            low: level(mean.low),
            high: level(mean.high),
            ..mean
        })
    };
    let middle = at(quantile.value)?;
    let ends = [quantile.low, quantile.high]
        .into_iter()
        .filter(|c| c.is_finite());
    let low = ends
        .filter_map(at)
        .map(|e| e.low)
        .fold(middle.low, f64::min);
    let error = parts.iter().map(|p| p.values.relative_error());
    let low = low / (1.0 + error.fold(0.0, f64::max));
    Some(Estimate {
        low: low.max(support.low).min(middle.value),
        high: middle.high.min(support.high).max(middle.value),
        ..middle
    })
}

/// The mean of the worst part of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanBeyond {
    /// Beyond this value; it is split when it takes more room than is left.
    pub quantile: f64,
    /// The mean.
    pub value: f64,
    /// The variance of q + (x - q)+ / w, of which it is the mean.
    pub variance: f64,
}

/// The mean over the worst part `tail` of these values, min over c of c + E(x - c)+ / tail, without an interval. A tail of
/// more than 1 takes in zeros that are not among the values. `None` without values, and where one of those beyond is
/// infinite.
pub fn mean_beyond(values: &Distribution, tail: f64) -> Option<MeanBeyond> {
    let n = values.n();
    if n == 0 {
        return None;
    }
    let quantile = if tail < 1.0 {
        let rank = libm::ceil((1.0 - tail) * n as f64 - 1e-9) as u64;
        values.of_rank(rank.clamp(1, n))
    } else {
        0.0
    };
    if values.values().last().is_some_and(|x| x.is_infinite()) {
        return None;
    }
    let moments = excess(values, quantile);
    Some(MeanBeyond {
        quantile,
        value: quantile + moments.mean()? / tail,
        variance: moments.variance().unwrap_or(f64::INFINITY) / (tail * tail),
    })
}

/// Moments of (x - c)+.
fn excess(values: &Distribution, c: f64) -> Moments {
    let mut moments = Moments::default();
    let mut below = 0;
    for &x in values.values() {
        let at_most = values.at_most(x);
        moments.merge(&Moments::of_equal((x - c).max(0.0), at_most - below));
        below = at_most;
    }
    moments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{NameKey, Purpose, RolloutKey};
    use crate::stats::Tally;

    fn of(values: impl IntoIterator<Item = f64>) -> Distribution {
        let mut tally = Tally::new(65_536);
        values.into_iter().for_each(|x| tally.add(x));
        tally.distribution()
    }

    fn part(weight: f64, values: &Distribution) -> QuantilePart<'_> {
        QuantilePart {
            weight,
            n: values.n(),
            values,
        }
    }

    #[test]
    fn the_atom_at_the_quantile_is_split() {
        // The worst fifth of ten: 10 and one of the three 7s.
        let ten = of([1.0, 2.0, 3.0, 3.0, 4.0, 5.0, 7.0, 7.0, 7.0, 10.0]);
        let found = weighted_cvar(&[part(1.0, &ten)], 0.8, Support::NON_NEGATIVE, 0.95).unwrap();
        assert!((found.value - 8.5).abs() < 1e-12, "{found:?}");
        // The worst quarter of a mixture: all of the rare stratum (weight 0.2, at 9) and 0.05 of the other's 2.
        let (often, rare) = (of([1.0, 1.0, 1.0, 2.0]), of([9.0, 9.0]));
        let parts = [part(0.8, &often), part(0.2, &rare)];
        let found = weighted_cvar(&parts, 0.75, Support::NON_NEGATIVE, 0.95).unwrap();
        assert!((found.value - (0.2 * 9.0 + 0.05 * 2.0) / 0.25).abs() < 1e-12);
        assert_eq!(
            weighted_cvar(
                &[part(1.0, &of([1.0, f64::INFINITY]))],
                0.5,
                Support::NON_NEGATIVE,
                0.95
            ),
            None
        );
    }

    /// Coverage by simulation, 1,000 intervals each. At a coverage of 93%, what skewness may take, fewer than 893 would be
    /// chance once in 10^5 such tests. The interval of the mean over the values drawn at or above the quantile, which
    /// takes the quantile for known, misses that where there is an atom.
    #[test]
    fn it_covers_where_the_naive_interval_does_not() {
        let p = 0.9;
        let exponential = (1.0 - libm::log(1.0 - p), None);
        // Full with a chance of 0.11, else 0: a CVaR of 1. With 0.09: 0.9.
        for (truth, atom) in [exponential, (1.0, Some(0.11)), (0.9, Some(0.09))] {
            let (mut covered, mut naive) = (0, 0);
            for repeat in 0..1_000 {
                let key = RolloutKey::new(16, NameKey::NONE, repeat);
                let mut stream = key.stream(Purpose::Bootstrap, 0, NameKey::NONE);
                let values = of((0..400).map(|_| match atom {
                    Some(chance) => f64::from(u8::from(stream.chance(chance))),
                    None => stream.exponential(),
                }));
                let support = match atom {
                    Some(_) => Support::SHARE,
                    None => Support::NON_NEGATIVE,
                };
                let found = weighted_cvar(&[part(1.0, &values)], p, support, 0.95).unwrap();
                covered += u32::from(found.low <= truth + 1e-12 && truth <= found.high + 1e-12);
                let from = values.of_rank(360);
                let mut tail = Moments::default();
                (360..=400).for_each(|rank| tail.add(values.of_rank(rank).max(from)));
                let plain = crate::stats::mean(&tail, support, 0.95).unwrap();
                naive += u32::from(plain.low <= truth + 1e-12 && truth <= plain.high + 1e-12);
            }
            assert!(covered >= 893, "{covered} of 1,000 at {atom:?}");
            if atom == Some(0.11) {
                assert!(naive < 893, "{naive} of 1,000 by the naive interval");
            }
        }
    }
    /// Two strata of weights 0.9 and 0.1, full with chances of 0.05 and `rare`: 10.5% of all are full, and the worst tenth
    /// is; or 8.5%, and its mean is 0.85. Coverage as above. The pooled sample, as if strata came as often as they are
    /// drawn, misses the second.
    #[test]
    fn it_covers_over_strata_with_atoms_and_the_pooled_sample_does_not() {
        for (rare, truth) in [(0.6, 1.0), (0.4, 0.85)] {
            let (mut covered, mut pooled) = (0, 0);
            for repeat in 0..1_000 {
                let key = RolloutKey::new(17, NameKey::NONE, repeat);
                let mut stream = key.stream(Purpose::Bootstrap, 0, NameKey::NONE);
                let mut draw = |chance: f64| -> Vec<f64> {
                    (0..300)
                        .map(|_| f64::from(u8::from(stream.chance(chance))))
                        .collect()
                };
                let (often, seldom) = (draw(0.05), draw(rare));
                let all = of(often.iter().chain(&seldom).copied());
                let (often, seldom) = (of(often), of(seldom));
                let covers = |parts: &[QuantilePart]| {
                    let e = weighted_cvar(parts, 0.9, Support::SHARE, 0.95).unwrap();
                    u32::from(e.low <= truth + 1e-12 && truth <= e.high + 1e-12)
                };
                covered += covers(&[part(0.9, &often), part(0.1, &seldom)]);
                pooled += covers(&[part(1.0, &all)]);
            }
            assert!(covered >= 893, "{covered} of 1,000 at {rare}");
            if truth < 1.0 {
                assert!(pooled < 893, "{pooled} of 1,000 pooled");
            }
        }
    }
}
