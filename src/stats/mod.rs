//! Estimates and their intervals: numbers in, numbers out.
//!
//! Pure arithmetic on counts, moments and weights. This module never sees a rollout, a strategy or a file, draws
//! random numbers only to resample (keyed, so equal arguments give equal results), and uses only IEEE-exact operations and `libm`, so its figures are the same bits everywhere.
//!
//! An [`Estimate`] never travels apart: value, interval, level and the number of rollouts it rests on are one struct.
//! Infinity is a value: what never happened took infinitely long.

mod bets;
mod bootstrap;
mod chance;
mod cvar;
mod estimate;
mod mean;
mod moments;
mod paired;
mod quantile;
mod sequence;
mod tally;

pub use crate::random::{beta_quantile, incomplete_beta, student_t_quantile};
pub use bets::{Bets, chance_interval, log_for_less, log_for_more, log_mean, values_to_tell};
pub use bootstrap::{Difference, PairedRows, RESAMPLES, Resampled, Tail, gap, resampled};
pub use chance::{Sample, binomial_cdf, chance, clopper_pearson, weighted_chance};
pub use cvar::{MeanBeyond, mean_beyond, weighted_cvar};
pub use estimate::{Estimate, Support};
pub use mean::{MeanPart, mean, mean_difference, weighted_mean};
pub use moments::Moments;
pub use paired::{PairedHits, holm, paired_chance_difference};
pub use quantile::{Mixture, QuantilePart, RankInterval, quantile, quantile_ranks};
pub use sequence::{MeanSequence, asymptotic_half_width};
pub use tally::{Distribution, Tally};
