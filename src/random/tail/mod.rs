//! Tails of counts and shares, and samplers given that a tail was met.
//!
//! A tail far from the mean is one probability, computed without cancellation (Loader, "Fast and accurate computation
//! of binomial probabilities", 2000), times a sum of ratios, computed as a continued fraction (DiDonato and Morris,
//! "Algorithm 708", ACM Transactions on Mathematical Software 18 (1992) 360-373). So a chance of 1e-300 keeps its
//! digits and costs no more than one of 1e-3; only next to the mean, where the fraction converges slowly, does it cost
//! more. The tail on the other side of the mean is one minus that.
//!
//! Tails of the same law that leave each other out sum to 1, and what is drawn given a tail lies in it.

mod beta_binomial;
mod count;
pub(super) mod fraction;
mod given;
#[cfg(test)]
mod reference;
mod share;

pub use beta_binomial::beta_binomial_at_least;
pub use count::{binomial_at_least, binomial_at_most, poisson_at_least, poisson_at_most};
pub use given::{
    binomial_given_at_least, binomial_given_at_most, poisson_given_at_least, poisson_given_at_most,
};
pub use share::{beta_above, beta_below, beta_given_above, beta_given_below};

/// The chance of a tail above which drawing until the tail is met is cheap.
const FAT: f64 = 0.05;
