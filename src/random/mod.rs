//! Random numbers that belong to names, and the distributions drawn from them.
//!
//! Every draw of landfall is a pure function of (seed, stratum, rollout number, purpose, attempt, name), so the same
//! rollout meets the same world under every strategy and nothing depends on threads, order or position
//! (MODEL.md section 10). Results are the same bits on every platform: only IEEE-exact operations and the `libm`
//! crate are used, never the platform's mathematics library nor another crate's samplers.
//!
//! This module reads no clock, no file and no entropy, and knows nothing of rollouts beyond their key.

mod beta;
mod binomial;
mod deviance;
mod dist;
mod exp;
mod gamma;
mod incomplete_beta;
mod key;
mod mix;
mod name;
mod normal;
#[cfg(test)]
mod oracle;
mod poisson;
mod purpose;
mod stream;
mod tail;

pub use beta::{beta, log_gamma_variate};
pub use binomial::binomial;
pub use dist::{Dist, DistError};
pub use gamma::{gamma_p, gamma_quantile, ln_gamma};
pub use incomplete_beta::{beta_quantile, incomplete_beta, student_t_quantile};
pub use key::RolloutKey;
pub use name::NameKey;
pub use normal::{normal_cdf, normal_quantile};
pub use poisson::poisson;
pub use purpose::Purpose;
pub use stream::Stream;
pub use tail::{
    beta_above, beta_below, beta_binomial_at_least, beta_given_above, beta_given_below,
    binomial_at_least, binomial_at_most, binomial_given_at_least, binomial_given_at_most,
    poisson_at_least, poisson_at_most, poisson_given_at_least, poisson_given_at_most,
};
