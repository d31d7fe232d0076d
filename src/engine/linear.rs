//! Quantities that change linearly between two events.

/// `at_zero + slope * t`, t in seconds from the rollout's start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Linear {
    pub(super) at_zero: f64,
    pub(super) slope: f64,
}

impl Linear {
    pub(super) const ZERO: Linear = Linear {
        at_zero: 0.0,
        slope: 0.0,
    };

    /// The same value at all times.
    pub(super) fn constant(value: f64) -> Linear {
        Linear {
            at_zero: value,
            slope: 0.0,
        }
    }

    /// The strength `min(1, (t - onset) / ramp)` from `now` on until it is full.
    pub(super) fn strength(onset: f64, ramp: f64, now: f64) -> Linear {
        // The comparison is the one by which the end of the ramp is scheduled, so that both agree to the bit.
        if now >= onset + ramp {
            Linear::constant(1.0)
        } else {
            Linear {
                at_zero: -onset / ramp,
                slope: 1.0 / ramp,
            }
        }
    }

    pub(super) fn at(self, t: f64) -> f64 {
        self.at_zero + self.slope * t
    }

    pub(super) fn times(self, factor: f64) -> Linear {
        Linear {
            at_zero: self.at_zero * factor,
            slope: self.slope * factor,
        }
    }

    pub(super) fn plus(self, other: Linear) -> Linear {
        Linear {
            at_zero: self.at_zero + other.at_zero,
            slope: self.slope + other.slope,
        }
    }

    /// The integral over [from, to].
    pub(super) fn integral(self, from: f64, to: f64) -> f64 {
        (to - from) * self.at(0.5 * (from + to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_rises_to_one_and_stays() {
        let rising = Linear::strength(100.0, 50.0, 120.0);
        assert!((rising.at(120.0) - 0.4).abs() < 1e-12);
        assert!((rising.integral(100.0, 150.0) - 25.0).abs() < 1e-9);
        assert_eq!(Linear::strength(100.0, 50.0, 150.0), Linear::constant(1.0));
        assert_eq!(Linear::strength(100.0, 0.0, 100.0), Linear::constant(1.0));
    }
}
