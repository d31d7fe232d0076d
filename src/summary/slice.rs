//! One metric in one group of one strategy, and its statistics.

use super::cell::Column;
use super::{Metric, Statistic};
use crate::stats::{
    Distribution, Estimate, MeanPart, Mixture, Moments, QuantilePart, Sample, weighted_chance,
    weighted_cvar, weighted_mean,
};

/// One metric in one group of one strategy, ready to be asked for several statistics.
#[derive(Debug)]
pub(super) struct Slice {
    pub(super) metric: Metric,
    pub(super) level: f64,
    pub(super) parts: Vec<SlicePart>,
}

#[derive(Debug)]
pub(super) struct SlicePart {
    weight: f64,
    n: u64,
    values: Distribution,
    moments: Moments,
}

impl SlicePart {
    pub(super) fn of(weight: f64, n: u64, column: &Column) -> SlicePart {
        SlicePart {
            weight,
            n,
            values: column.tally.distribution(),
            moments: column.moments,
        }
    }

    pub(super) fn for_mean(&self) -> MeanPart {
        MeanPart {
            weight: self.weight,
            n: self.n,
            moments: self.moments,
        }
    }

    pub(super) fn for_quantile(&self) -> QuantilePart<'_> {
        QuantilePart {
            weight: self.weight,
            n: self.n,
            values: &self.values,
        }
    }

    /// Several cells as one.
    pub(super) fn pooled(cells: &[(f64, u64, &Column)]) -> SlicePart {
        let limit = cells
            .iter()
            .map(|(_, _, column)| column.tally.limit())
            .max();
        let mut all = Column::new(limit.unwrap_or(1));
        cells.iter().for_each(|(_, _, column)| all.merge(column));
        SlicePart::of(1.0, cells.iter().map(|(_, n, _)| n).sum(), &all)
    }
}

impl Slice {
    pub(super) fn estimate(&self, statistic: Statistic) -> Option<Estimate> {
        match statistic {
            Statistic::Mean => {
                let parts: Vec<MeanPart> = self.parts.iter().map(SlicePart::for_mean).collect();
                weighted_mean(&parts, self.metric.support(), self.level)
            }
            Statistic::Quantile(p) => Some(self.mixture()?.quantile(
                p,
                self.metric.support(),
                self.level,
            )),
            Statistic::Cvar(p) => {
                let parts: Vec<QuantilePart> =
                    self.parts.iter().map(SlicePart::for_quantile).collect();
                weighted_cvar(&parts, p, self.metric.support(), self.level)
            }
            Statistic::Share => self.chance_of(|p| (p.n, p.moments.n())),
            Statistic::Sd | Statistic::Min | Statistic::Max => None,
        }
    }

    /// The statistics that have no interval.
    pub(super) fn fact(&self, statistic: Statistic) -> Option<f64> {
        let values = || self.parts.iter().map(|p| &p.moments);
        match statistic {
            Statistic::Sd => self.sd(),
            Statistic::Min => values().filter_map(Moments::min).reduce(f64::min),
            Statistic::Max => values().filter_map(Moments::max).reduce(f64::max),
            Statistic::Mean | Statistic::Quantile(_) | Statistic::Cvar(_) | Statistic::Share => {
                None
            }
        }
    }

    /// How many finite values there are.
    pub(super) fn n(&self) -> u64 {
        self.parts.iter().map(|p| p.moments.n()).sum()
    }

    /// The standard deviation of the finite values over all parts.
    pub(super) fn sd(&self) -> Option<f64> {
        if let [part] = &self.parts[..] {
            return part.moments.variance().map(libm::sqrt);
        }
        let (mut mass, mut sum, mut squares) = (0.0, 0.0, 0.0);
        let parts = self.parts.iter().filter(|p| p.moments.n() > 0);
        let weighted: Vec<(f64, f64, f64)> = parts
            .map(|p| {
                Some((
                    p.weight * p.moments.n() as f64 / p.n as f64,
                    p.moments.mean()?,
                    p.moments.variance()?,
                ))
            })
            .collect::<Option<_>>()?;
        for &(weight, mean, _) in &weighted {
            mass += weight;
            sum += weight * mean;
        }
        for &(weight, mean, variance) in &weighted {
            let gap = mean - sum / mass;
            squares += weight * (variance + gap * gap);
        }
        (mass > 0.0).then(|| libm::sqrt(squares / mass))
    }

    pub(super) fn mixture(&self) -> Option<Mixture<'_>> {
        let parts: Vec<QuantilePart> = self.parts.iter().map(SlicePart::for_quantile).collect();
        Mixture::new(&parts)
    }

    /// The chance of `hits` among those to which the metric applies.
    pub(super) fn chance(&self, hits: impl Fn(&Distribution) -> u64) -> Option<Estimate> {
        let sample = |p: &SlicePart| Sample {
            weight: p.weight,
            n: p.n,
            applicable: p.values.n(),
            hits: hits(&p.values),
        };
        let samples: Vec<Sample> = self.parts.iter().map(sample).collect();
        weighted_chance(&samples, self.level)
    }

    /// A chance among all rollouts.
    pub(super) fn chance_of(&self, count: impl Fn(&SlicePart) -> (u64, u64)) -> Option<Estimate> {
        let sample = |p: &SlicePart| {
            let (n, hits) = count(p);
            Sample {
                weight: p.weight,
                n,
                applicable: n,
                hits,
            }
        };
        let samples: Vec<Sample> = self.parts.iter().map(sample).collect();
        weighted_chance(&samples, self.level)
    }
}
