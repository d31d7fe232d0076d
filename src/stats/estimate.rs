//! A figure with its interval.

/// An estimate: a value, the interval around it, the interval's level, and what it rests on.
///
/// `value`, `low` and `high` may be infinite, which reads "never" for a time. Always `low <= value <= high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The point estimate.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Confidence level of the interval (two-sided, an equal share outside on each side), such as 0.95.
    pub level: f64,
    /// Number of rollouts that the estimate rests on.
    pub n: u64,
}

impl Estimate {
    /// The estimate of `factor` times the quantity (a positive number, such as changes a month).
    pub fn times(self, factor: f64) -> Estimate {
        assert!(
            factor > 0.0,
            "an estimate is scaled by a positive factor, not {factor}"
        );
        Estimate {
            value: self.value * factor,
            low: self.low * factor,
            high: self.high * factor,
            ..self
        }
    }

    /// Half the interval's width relative to the value: the figure that `--precision` is about.
    ///
    /// `None` where the value is 0 or something is infinite.
    pub fn relative_half_width(self) -> Option<f64> {
        let half = 0.5 * (self.high - self.low) / self.value.abs();
        half.is_finite().then_some(half)
    }
}

/// The values that a quantity can take at all; an interval for which the data give no bound ends here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Support {
    /// Smallest possible value.
    pub low: f64,
    /// Largest possible value (infinity: it may never happen, or has no bound).
    pub high: f64,
}

impl Support {
    /// Durations and amounts: from 0, without bound.
    pub const NON_NEGATIVE: Support = Support {
        low: 0.0,
        high: f64::INFINITY,
    };
    /// Shares and chances: from 0 to 1.
    pub const SHARE: Support = Support {
        low: 0.0,
        high: 1.0,
    };
}

/// Half of what a two-sided interval leaves out.
pub(super) fn one_tail(level: f64) -> f64 {
    assert!(
        level > 0.0 && level < 1.0,
        "a confidence level lies between 0 and 1, not at {level}"
    );
    0.5 * (1.0 - level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_keeps_level_and_n() {
        let one = Estimate {
            value: 2.0,
            low: 1.0,
            high: f64::INFINITY,
            level: 0.9,
            n: 7,
        };
        let scaled = one.times(3.0);
        assert_eq!(
            (scaled.value, scaled.low, scaled.high),
            (6.0, 3.0, f64::INFINITY)
        );
        assert_eq!((scaled.level, scaled.n), (0.9, 7));
    }

    #[test]
    fn relative_half_width_is_undefined_where_nothing_is_known() {
        let known = Estimate {
            value: 2.0,
            low: 1.0,
            high: 3.0,
            level: 0.9,
            n: 7,
        };
        assert_eq!(known.relative_half_width(), Some(0.5));
        assert_eq!(
            Estimate {
                high: f64::INFINITY,
                ..known
            }
            .relative_half_width(),
            None
        );
        assert_eq!(
            Estimate {
                value: 0.0,
                low: 0.0,
                high: 0.0,
                ..known
            }
            .relative_half_width(),
            None
        );
    }
}
