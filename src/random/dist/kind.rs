//! The kinds of distribution that are not mixtures, and their formulas.

use std::sync::Arc;

use super::super::exp::exp;
use super::super::gamma::{gamma_p, gamma_quantile, ln_gamma, ln_gamma_quantile_near_zero};
use super::super::normal::{normal_cdf, normal_quantile};

/// A distribution on the non-negative numbers, its parameters checked.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Certain {
        value: f64,
    },
    /// exp(mu + sigma Z).
    Lognormal {
        mu: f64,
        sigma: f64,
    },
    Exponential {
        mean: f64,
    },
    /// P(X > x) = exp(-(x / scale)^shape).
    Weibull {
        shape: f64,
        scale: f64,
    },
    Gamma {
        shape: f64,
        scale: f64,
    },
    /// max(0, mean + sd Z).
    CutNormal {
        mean: f64,
        sd: f64,
    },
    Uniform {
        low: f64,
        high: f64,
    },
    Triangular {
        low: f64,
        mode: f64,
        high: f64,
    },
    /// Equally likely values, ascending.
    Empirical {
        values: Arc<[f64]>,
    },
}

impl Kind {
    /// The least x with F(x) >= u, for 0 < u < 1; 0 where that is too small for a double that keeps its digits.
    pub(super) fn quantile(&self, u: f64) -> f64 {
        let x = match *self {
            Kind::Certain { value } => value,
            Kind::Lognormal { mu, sigma } => exp(mu + sigma * normal_quantile(u)),
            Kind::Exponential { mean } => mean * -libm::log1p(-u),
            Kind::Weibull { shape, scale } => {
                let hazard = -libm::log1p(-u);
                stretched(scale, libm::pow(hazard, 1.0 / shape), || {
                    libm::log(hazard) / shape
                })
            }
            Kind::Gamma { shape, scale } => stretched(scale, gamma_quantile(shape, u), || {
                ln_gamma_quantile_near_zero(shape, u)
            }),
            Kind::CutNormal { mean, sd } => (mean + sd * normal_quantile(u)).max(0.0),
            Kind::Uniform { low, high } => (low + u * (high - low)).min(high),
            Kind::Triangular { low, mode, high } => triangular_quantile(low, mode, high, u),
            Kind::Empirical { ref values } => empirical_quantile(values, u),
        };
        if x.is_subnormal() { 0.0 } else { x }
    }

    /// F(x) = P(X <= x), for x >= 0.
    pub(super) fn cdf(&self, x: f64) -> f64 {
        match *self {
            Kind::Certain { value } => f64::from(u8::from(x >= value)),
            Kind::Lognormal { mu, sigma } => normal_cdf((libm::log(x) - mu) / sigma),
            Kind::Exponential { mean } => -libm::expm1(-x / mean),
            // Here the quotients below would lose their digits, and the first term of gamma's series is all of it.
            Kind::Weibull { shape, scale } if x > 0.0 && x / scale < 1e-290 => {
                -libm::expm1(-libm::exp(shape * (libm::log(x) - libm::log(scale))))
            }
            Kind::Gamma { shape, scale } if x > 0.0 && x / scale < 1e-290 => {
                let power = shape * (libm::log(x) - libm::log(scale));
                libm::exp(power - ln_gamma(shape + 1.0)).min(1.0)
            }
            Kind::Weibull { shape, scale } => -libm::expm1(-libm::pow(x / scale, shape)),
            Kind::Gamma { shape, scale } => gamma_p(shape, x / scale),
            Kind::CutNormal { mean, sd } => normal_cdf((x - mean) / sd),
            Kind::Uniform { low, high } => ((x - low) / (high - low)).clamp(0.0, 1.0),
            Kind::Triangular { low, mode, high } => triangular_cdf(low, mode, high, x),
            Kind::Empirical { ref values } => {
                share(values.partition_point(|value| *value <= x), values.len())
            }
        }
    }

    /// The expectation.
    pub(super) fn mean(&self) -> f64 {
        match *self {
            Kind::Certain { value } => value,
            Kind::Lognormal { mu, sigma } => libm::exp(mu + 0.5 * sigma * sigma),
            Kind::Exponential { mean } => mean,
            Kind::Weibull { shape, scale } => scale * libm::tgamma(1.0 + 1.0 / shape),
            Kind::Gamma { shape, scale } => shape * scale,
            Kind::CutNormal { mean, sd } => {
                // m Phi(m/s) + s phi(m/s): the mean of a normal number with its negative part taken as 0.
                let z = mean / sd;
                let density = libm::exp(-0.5 * z * z) * 0.398_942_280_401_432_7;
                mean * normal_cdf(z) + sd * density
            }
            Kind::Uniform { low, high } => low + 0.5 * (high - low),
            Kind::Triangular { low, mode, high } => (low + mode + high) / 3.0,
            Kind::Empirical { ref values } => values.iter().sum::<f64>() / values.len() as f64,
        }
    }

    /// The infimum of the support.
    pub(super) fn min(&self) -> f64 {
        match *self {
            Kind::Certain { value } => value,
            Kind::Uniform { low, .. } | Kind::Triangular { low, .. } => low,
            Kind::Empirical { ref values } => values.first().copied().unwrap_or(0.0),
            _ => 0.0,
        }
    }

    /// The supremum of the support.
    pub(super) fn max(&self) -> f64 {
        match *self {
            Kind::Certain { value } => value,
            Kind::Uniform { high, .. } | Kind::Triangular { high, .. } => high,
            Kind::Empirical { ref values } => values.last().copied().unwrap_or(0.0),
            _ => f64::INFINITY,
        }
    }

    /// The law of `factor` times X, for a factor > 0.
    pub(super) fn scaled(&self, factor: f64) -> Kind {
        match *self {
            Kind::Certain { value } => Kind::Certain {
                value: factor * value,
            },
            Kind::Lognormal { mu, sigma } => Kind::Lognormal {
                mu: mu + libm::log(factor),
                sigma,
            },
            Kind::Exponential { mean } => Kind::Exponential {
                mean: factor * mean,
            },
            Kind::Weibull { shape, scale } => Kind::Weibull {
                shape,
                scale: factor * scale,
            },
            Kind::Gamma { shape, scale } => Kind::Gamma {
                shape,
                scale: factor * scale,
            },
            Kind::CutNormal { mean, sd } => Kind::CutNormal {
                mean: factor * mean,
                sd: factor * sd,
            },
            Kind::Uniform { low, high } => Kind::Uniform {
                low: factor * low,
                high: factor * high,
            },
            Kind::Triangular { low, mode, high } => Kind::Triangular {
                low: factor * low,
                mode: factor * mode,
                high: factor * high,
            },
            Kind::Empirical { ref values } => Kind::Empirical {
                values: values.iter().map(|value| factor * value).collect(),
            },
        }
    }
}

/// `scale` times `x`, by way of the log of x where x itself is too small to keep its digits but the product may not be.
fn stretched(scale: f64, x: f64, log: impl FnOnce() -> f64) -> f64 {
    if x.is_normal() {
        scale * x
    } else {
        libm::exp(libm::log(scale) + log())
    }
}

fn triangular_quantile(low: f64, mode: f64, high: f64, u: f64) -> f64 {
    let width = high - low;
    let x = if u * width <= mode - low {
        low + libm::sqrt(u * width * (mode - low))
    } else {
        high - libm::sqrt((1.0 - u) * width * (high - mode))
    };
    x.clamp(low, high)
}

fn triangular_cdf(low: f64, mode: f64, high: f64, x: f64) -> f64 {
    let width = high - low;
    if x <= low {
        0.0
    } else if x >= high {
        1.0
    } else if x <= mode {
        (x - low) / width * ((x - low) / (mode - low))
    } else {
        1.0 - (high - x) / width * ((high - x) / (high - mode))
    }
}

/// The distribution function where `count` of `all` values lie at or below.
fn share(count: usize, all: usize) -> f64 {
    count as f64 / all as f64
}

/// The first value whose share reaches u, by the same division that the distribution function uses.
fn empirical_quantile(values: &[f64], u: f64) -> f64 {
    let all = values.len();
    let mut count = ((u * all as f64).ceil() as usize).clamp(1, all);
    // The product is rounded, so the count may be one off either way.
    while count > 1 && share(count - 1, all) >= u {
        count -= 1;
    }
    while count < all && share(count, all) < u {
        count += 1;
    }
    values[count - 1]
}
