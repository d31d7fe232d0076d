//! Distributions of durations and amounts.

mod build;
mod error;
mod kind;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use error::DistError;
use kind::Kind;

use super::stream::Stream;

/// A checked distribution on the non-negative finite numbers, in the unit of its parameters (seconds for durations).
///
/// Draws are inversions: a stream's uniform number, put through the quantile function. So what is drawn larger from one
/// distribution is drawn larger from any other at the same place of the same stream, which makes comparisons between
/// scenarios sharp.
#[derive(Clone, Debug, PartialEq)]
pub struct Dist {
    form: Form,
}

#[derive(Clone, Debug, PartialEq)]
enum Form {
    One(Kind),
    /// Two or more components and their weights, which sum to 1.
    Mixture(Arc<[(f64, Kind)]>),
}

impl Dist {
    fn of(kind: Kind) -> Dist {
        Dist {
            form: Form::One(kind),
        }
    }

    /// The mixture of these (not empty), or the one thing that it amounts to.
    fn of_parts(mut parts: Vec<(f64, Kind)>) -> Dist {
        let is_all_the_same = |certain: &Kind| {
            matches!(certain, Kind::Certain { .. }) && parts.iter().all(|(_, kind)| kind == certain)
        };
        if parts.len() == 1 || is_all_the_same(&parts[0].1) {
            return Dist::of(parts.swap_remove(0).1);
        }
        Dist {
            form: Form::Mixture(parts.into()),
        }
    }

    /// The generalised inverse of the distribution function: the least x with F(x) >= `u`.
    ///
    /// The infimum of the support for `u <= 0` (and for NaN), its supremum, which may be infinite, for `u >= 1`.
    /// A quantile too small for a double is 0.
    /// Mixtures by bisection over the doubles, some sixty evaluations of F.
    pub fn quantile(&self, u: f64) -> f64 {
        if u >= 1.0 {
            return self.max();
        }
        let is_inside = u > 0.0;
        match &self.form {
            Form::One(kind) if is_inside => kind.quantile(u),
            Form::One(kind) => kind.min(),
            Form::Mixture(parts) if is_inside => self.bisect(parts, u),
            Form::Mixture(parts) => parts
                .iter()
                .map(|(_, kind)| kind.min())
                .fold(f64::INFINITY, f64::min),
        }
    }

    /// The least double at which the distribution function reaches `u`.
    fn bisect(&self, parts: &[(f64, Kind)], u: f64) -> f64 {
        // Below the least of the components' quantiles none has reached u; at the largest all have.
        let mut least = f64::INFINITY;
        let mut largest = 0.0_f64;
        for (_, kind) in parts {
            let quantile = kind.quantile(u);
            least = least.min(quantile);
            largest = largest.max(quantile);
        }
        // Non-negative doubles are ordered as their bits are, so halving the bits visits each at most once.
        let (mut low, mut high) = (least.to_bits(), largest.to_bits());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.cdf(f64::from_bits(middle)) >= u {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        // What is too small for a double that keeps its digits is 0.
        Some(f64::from_bits(high))
            .filter(|x| x.is_normal())
            .unwrap_or(0.0)
    }

    /// The distribution function F(x) = P(X <= `x`): 0 below 0 (and for NaN).
    pub fn cdf(&self, x: f64) -> f64 {
        if x.is_nan() || x < 0.0 {
            return 0.0;
        }
        match &self.form {
            Form::One(kind) => kind.cdf(x),
            Form::Mixture(parts) => {
                let sum: f64 = parts
                    .iter()
                    .map(|(weight, kind)| weight * kind.cdf(x))
                    .sum();
                sum.min(1.0)
            }
        }
    }

    /// The expectation, exact for every kind (for a normal cut at 0: that of the cut one).
    pub fn mean(&self) -> f64 {
        match &self.form {
            Form::One(kind) => kind.mean(),
            Form::Mixture(parts) => parts
                .iter()
                .map(|(weight, kind)| weight * kind.mean())
                .sum(),
        }
    }

    /// A draw: the quantile at the stream's next uniform number. A mixture takes two: the first picks the component.
    ///
    /// Consumes equally many outputs at every draw, certain or not, so a stream can go on after it.
    pub fn sample(&self, s: &mut Stream) -> f64 {
        match &self.form {
            Form::One(kind) => kind.quantile(s.uniform()),
            Form::Mixture(parts) => pick(parts, s.uniform()).quantile(s.uniform()),
        }
    }

    /// The value, where there is only one.
    pub fn as_certain(&self) -> Option<f64> {
        match self.form {
            Form::One(Kind::Certain { value }) => Some(value),
            _ => None,
        }
    }

    /// Whether it is always 0.
    pub fn is_zero(&self) -> bool {
        self.as_certain() == Some(0.0)
    }

    /// The supremum of what can be drawn; infinite for kinds without an upper end.
    pub fn max(&self) -> f64 {
        match &self.form {
            Form::One(kind) => kind.max(),
            Form::Mixture(parts) => parts.iter().map(|(_, kind)| kind.max()).fold(0.0, f64::max),
        }
    }

    /// The distribution of `factor` times X.
    ///
    /// The factor is finite and not negative; 0 gives what is always 0. Draws stay finite for factors up to 1e200.
    ///
    /// # Panics
    /// If the factor is negative, infinite or NaN: a mistake of the caller, who has checked what a user wrote.
    pub fn scaled(&self, factor: f64) -> Dist {
        assert!(
            factor.is_finite() && factor >= 0.0,
            "a distribution cannot be scaled by {factor}"
        );
        if factor == 0.0 {
            return Dist::zero();
        }
        match &self.form {
            Form::One(kind) => Dist::of(kind.scaled(factor)),
            Form::Mixture(parts) => Dist {
                form: Form::Mixture(
                    parts
                        .iter()
                        .map(|(weight, kind)| (*weight, kind.scaled(factor)))
                        .collect(),
                ),
            },
        }
    }
}

/// The component in whose stretch of the unit interval `u` lies.
fn pick(parts: &[(f64, Kind)], u: f64) -> &Kind {
    let mut reached = 0.0;
    for (weight, kind) in parts {
        reached += weight;
        if u <= reached {
            return kind;
        }
    }
    // The weights may sum to a last bit less than 1.
    &parts[parts.len() - 1].1
}
