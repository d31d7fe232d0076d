//! The constructors of distributions and the rules they enforce.

use super::super::normal::normal_quantile;
use super::kind::Kind;
use super::{Dist, DistError, Form};

/// The largest parameter, mean and draw: beyond any duration or count, and far from where products overflow.
const LARGEST: f64 = 1e100;

/// The largest number that a stream's uniform returns.
const LAST_UNIFORM: f64 = 1.0 - f64::EPSILON / 2.0;

/// How far the weights of a mixture may be from 1 in sum: what decimal fractions lose in binary.
const WEIGHT_SLACK: f64 = 1e-9;

impl Dist {
    /// Always `x`.
    pub fn certain(x: f64) -> Result<Dist, DistError> {
        let value = at_least_zero("value", x)?;
        Ok(Dist::of(Kind::Certain { value }))
    }

    /// Always 0.
    pub fn zero() -> Dist {
        Dist::of(Kind::Certain { value: 0.0 })
    }

    /// Lognormal with this 5th and 95th percentile (`5m to 20m`); certain where they are the same.
    pub fn between(p5: f64, p95: f64) -> Result<Dist, DistError> {
        above_zero("the 5th percentile", p5)?;
        above_zero("the 95th percentile", p95)?;
        ascending("the 5th percentile", p5, "the 95th percentile", p95)?;
        let mu = 0.5 * (libm::log(p5) + libm::log(p95));
        lognormal(mu, log_ratio(p95, p5) / (2.0 * normal_quantile(0.95)), p5)
    }

    /// Lognormal with this median and 95th percentile; certain where they are the same.
    pub fn lognormal_median_p95(median: f64, p95: f64) -> Result<Dist, DistError> {
        above_zero("median", median)?;
        above_zero("p95", p95)?;
        ascending("median", median, "p95", p95)?;
        lognormal(
            libm::log(median),
            log_ratio(p95, median) / normal_quantile(0.95),
            median,
        )
    }

    /// Lognormal with this mean and standard deviation; certain where the latter is 0.
    pub fn lognormal_mean_sd(mean: f64, sd: f64) -> Result<Dist, DistError> {
        above_zero("mean", mean)?;
        at_least_zero("sd", sd)?;
        let variation = sd / mean;
        let variance = libm::log1p(variation * variation);
        lognormal(libm::log(mean) - 0.5 * variance, libm::sqrt(variance), mean)
    }

    /// Exponential with this mean: P(X > x) = exp(-x / mean).
    pub fn exp(mean: f64) -> Result<Dist, DistError> {
        let mean = above_zero("mean", mean)?;
        within_reach(Kind::Exponential { mean })
    }

    /// Weibull: P(X > x) = exp(-(x / scale)^shape).
    pub fn weibull(shape: f64, scale: f64) -> Result<Dist, DistError> {
        let shape = above_zero("shape", shape)?;
        let scale = above_zero("scale", scale)?;
        within_reach(Kind::Weibull { shape, scale })
    }

    /// Gamma with this mean and standard deviation (shape mean^2/sd^2, scale sd^2/mean); certain where the latter is 0,
    /// or so small (1e-12 of the mean) that doubles hardly tell draws apart.
    pub fn gamma(mean: f64, sd: f64) -> Result<Dist, DistError> {
        let mean = above_zero("mean", mean)?;
        let sd = at_least_zero("sd", sd)?;
        let root = mean / sd;
        if root > NARROWEST {
            return Dist::certain(mean);
        }
        let shape = root * root;
        if shape < SMALLEST_SHAPE {
            return Err(DistError::TooWide {
                reach: f64::INFINITY,
                limit: LARGEST,
            });
        }
        within_reach(Kind::Gamma {
            shape,
            scale: mean / shape,
        })
    }

    /// Normal with this mean and standard deviation before it is cut at 0: what would be negative is 0, so that 0 has a
    /// probability of its own and the mean is larger. Certain where `sd` is 0.
    pub fn normal(mean: f64, sd: f64) -> Result<Dist, DistError> {
        let mean = at_least_zero("mean", mean)?;
        let sd = at_least_zero("sd", sd)?;
        if sd == 0.0 {
            return Dist::certain(mean);
        }
        within_reach(Kind::CutNormal { mean, sd })
    }

    /// Uniform from `a` to `b`; certain where they are the same.
    pub fn uniform(a: f64, b: f64) -> Result<Dist, DistError> {
        let low = at_least_zero("the lower end", a)?;
        let high = at_least_zero("the upper end", b)?;
        ascending("the lower end", low, "the upper end", high)?;
        if low == high {
            return Dist::certain(low);
        }
        Ok(Dist::of(Kind::Uniform { low, high }))
    }

    /// Triangular: the density rises linearly from `a` to `mode` and falls to `b`. Certain where all are the same.
    pub fn triangular(a: f64, mode: f64, b: f64) -> Result<Dist, DistError> {
        let low = at_least_zero("the lower end", a)?;
        let mode = at_least_zero("the mode", mode)?;
        let high = at_least_zero("the upper end", b)?;
        ascending("the lower end", low, "the mode", mode)?;
        ascending("the mode", mode, "the upper end", high)?;
        if low == high {
            return Dist::certain(low);
        }
        Ok(Dist::of(Kind::Triangular { low, mode, high }))
    }

    /// Each of the values equally likely; one that occurs twice counts twice. Their order does not matter.
    pub fn empirical(values: Vec<f64>) -> Result<Dist, DistError> {
        let mut values = values;
        for value in &mut values {
            *value = at_least_zero("value", *value)?;
        }
        values.sort_by(f64::total_cmp);
        match (values.first(), values.last()) {
            (Some(first), Some(last)) if first < last => Ok(Dist::of(Kind::Empirical {
                values: values.into(),
            })),
            (Some(first), _) => Dist::certain(*first),
            _ => Err(DistError::Empty {
                parameter: "values",
            }),
        }
    }

    /// A component drawn by its weight, then a draw from it (`0.7: 5m | 0.3: 1h to 4h`).
    ///
    /// Weights are positive and sum to 1 within 1e-9. A mixture among the components is replaced by its own components,
    /// which is the same law, so mixtures never nest.
    pub fn mixture(parts: Vec<(f64, Dist)>) -> Result<Dist, DistError> {
        if parts.is_empty() {
            return Err(DistError::Empty {
                parameter: "components",
            });
        }
        for (weight, _) in &parts {
            above_zero("weight", *weight)?;
        }
        let sum: f64 = parts.iter().map(|(weight, _)| weight).sum();
        if (sum - 1.0).abs() > WEIGHT_SLACK {
            return Err(DistError::WeightsSum { sum });
        }
        let mut flat: Vec<(f64, Kind)> = Vec::with_capacity(parts.len());
        for (weight, dist) in parts {
            match dist.form {
                Form::One(kind) => flat.push((weight / sum, kind)),
                Form::Mixture(inner) => {
                    flat.extend(
                        inner
                            .iter()
                            .map(|(part, kind)| (weight / sum * part, kind.clone())),
                    );
                }
            }
        }
        // A weight that vanished in the product is that of a component never drawn.
        flat.retain(|(weight, _)| *weight > 0.0);
        Ok(Dist::of_parts(flat))
    }
}

/// Above this ratio of mean to standard deviation a gamma distribution is taken for certain: the spread is below a
/// nanosecond in a quarter of an hour.
const NARROWEST: f64 = 1e12;

/// The smallest gamma shape: a standard deviation of a million means.
const SMALLEST_SHAPE: f64 = 1e-12;

/// A lognormal, or the certain value that it is without a spread.
fn lognormal(mu: f64, sigma: f64, if_certain: f64) -> Result<Dist, DistError> {
    if sigma == 0.0 {
        return Dist::certain(if_certain);
    }
    within_reach(Kind::Lognormal { mu, sigma })
}

/// ln(upper / lower), exact also where the two nearly agree and where the quotient overflows.
fn log_ratio(upper: f64, lower: f64) -> f64 {
    if upper < 2.0 * lower {
        libm::log1p((upper - lower) / lower)
    } else {
        libm::log(upper) - libm::log(lower)
    }
}

fn finite(parameter: &'static str, value: f64) -> Result<f64, DistError> {
    if !value.is_finite() {
        return Err(DistError::NotFinite { parameter, value });
    }
    if value > LARGEST {
        return Err(DistError::TooLarge {
            parameter,
            value,
            limit: LARGEST,
        });
    }
    Ok(value)
}

fn at_least_zero(parameter: &'static str, value: f64) -> Result<f64, DistError> {
    if finite(parameter, value)? < 0.0 {
        return Err(DistError::Negative { parameter, value });
    }
    // A negative zero becomes a plain one, lest it be printed.
    Ok(value + 0.0)
}

fn above_zero(parameter: &'static str, value: f64) -> Result<f64, DistError> {
    if finite(parameter, value)? <= 0.0 {
        return Err(DistError::NotPositive { parameter, value });
    }
    Ok(value)
}

fn ascending(
    lower: &'static str,
    lower_value: f64,
    upper: &'static str,
    upper_value: f64,
) -> Result<(), DistError> {
    if lower_value <= upper_value {
        return Ok(());
    }
    Err(DistError::OutOfOrder {
        lower,
        lower_value,
        upper,
        upper_value,
    })
}

/// Refuses what could draw, or has on average, a number too large to compute with.
fn within_reach(kind: Kind) -> Result<Dist, DistError> {
    let (draw, mean) = (kind.quantile(LAST_UNIFORM), kind.mean());
    let is_within = draw <= LARGEST && mean <= LARGEST;
    if !is_within {
        let reach = if draw.is_nan() || mean.is_nan() {
            f64::INFINITY
        } else {
            draw.max(mean)
        };
        return Err(DistError::TooWide {
            reach,
            limit: LARGEST,
        });
    }
    Ok(Dist::of(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Two = fn(f64, f64) -> Result<Dist, DistError>;

    const OF_TWO: [(&str, Two); 7] = [
        ("between", Dist::between),
        ("lognormal_median_p95", Dist::lognormal_median_p95),
        ("lognormal_mean_sd", Dist::lognormal_mean_sd),
        ("weibull", Dist::weibull),
        ("gamma", Dist::gamma),
        ("normal", Dist::normal),
        ("uniform", Dist::uniform),
    ];

    #[test]
    fn what_is_not_a_number_or_too_large_is_refused_everywhere() {
        for bad in [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            -1.0,
            -1e-300,
            1e101,
            f64::MAX,
        ] {
            for (name, make) in OF_TWO {
                assert!(make(bad, 2.0).is_err(), "{name}({bad}, 2)");
                assert!(make(1.0, bad).is_err(), "{name}(1, {bad})");
            }
            assert!(Dist::certain(bad).is_err());
            assert!(Dist::exp(bad).is_err());
            assert!(Dist::triangular(bad, 1.0, 2.0).is_err());
            assert!(Dist::triangular(1.0, bad, 2.0).is_err());
            assert!(Dist::triangular(1.0, 2.0, bad).is_err());
            assert!(Dist::empirical(vec![1.0, bad]).is_err());
            assert!(Dist::mixture(vec![(bad, Dist::zero()), (0.5, Dist::zero())]).is_err());
        }
    }

    #[test]
    fn errors_say_which_parameter_and_what_is_wrong_with_it() {
        let said = |made: Result<Dist, DistError>| made.unwrap_err().to_string();
        assert_eq!(said(Dist::certain(-1.0)), "value is -1, below 0");
        assert_eq!(
            said(Dist::gamma(f64::NAN, 1.0)),
            "mean is NaN, not a finite number"
        );
        assert_eq!(said(Dist::exp(0.0)), "mean is 0, not above 0");
        assert_eq!(
            said(Dist::between(20.0, 5.0)),
            "the 5th percentile is 20, above the 95th percentile, which is 5"
        );
        assert_eq!(
            said(Dist::empirical(vec![])),
            "values: at least one is needed"
        );
        assert_eq!(
            said(Dist::mixture(vec![])),
            "components: at least one is needed"
        );
        assert_eq!(
            said(Dist::mixture(vec![
                (0.5, Dist::zero()),
                (0.25, Dist::zero())
            ])),
            "the weights sum to 0.75, not to 1"
        );
    }

    #[test]
    fn spreads_that_could_overflow_are_refused() {
        for made in [
            Dist::weibull(0.001, 1.0),
            Dist::weibull(1e-300, 1.0),
            Dist::gamma(1.0, 1e99),
            Dist::gamma(1e-300, 1e100),
            Dist::lognormal_median_p95(1e-100, 1e100),
            Dist::between(1e-300, 1e100),
            Dist::lognormal_mean_sd(1e-200, 1e100),
            Dist::exp(1e100),
            Dist::normal(1e100, 1e99),
        ] {
            assert!(matches!(made, Err(DistError::TooWide { .. })), "{made:?}");
        }
    }

    #[test]
    fn odd_but_lawful_parameters_are_taken() {
        for made in [
            Dist::normal(0.0, 1.0),
            Dist::uniform(0.0, 1e100),
            Dist::gamma(1.0, 1e-300),
            Dist::gamma(1.0, 1e-11),
            Dist::gamma(1.0, 1e3),
            Dist::weibull(1e100, 1.0),
            Dist::exp(f64::MIN_POSITIVE),
            Dist::between(1.0, 1.0 + f64::EPSILON),
            Dist::lognormal_mean_sd(1.0, 1e-200),
            Dist::certain(1e100),
        ] {
            let dist = made.unwrap();
            let values = [1e-9, 0.5, 1.0 - 1e-9].map(|u| dist.quantile(u));
            assert!(
                values.is_sorted() && values[2].is_finite(),
                "{dist:?}: {values:?}"
            );
            assert!(dist.mean().is_finite());
        }
    }

    #[test]
    fn decimal_weights_count_as_one() {
        let tenths = (0..10)
            .map(|i| (0.1, Dist::certain(f64::from(i)).unwrap()))
            .collect();
        let dist = Dist::mixture(tenths).unwrap();
        assert!((dist.mean() - 4.5).abs() < 1e-14);
        let off = Dist::mixture(vec![
            (0.5, Dist::zero()),
            (0.5 + 1e-8, Dist::exp(1.0).unwrap()),
        ]);
        assert!(matches!(off, Err(DistError::WeightsSum { .. })));
    }
}
