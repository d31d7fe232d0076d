//! Mean, variance and skewness, one value at a time.

/// Count, mean, sums of squared and cubed deviations, and extremes of numbers that are all finite.
///
/// One value at a time after Welford (Technometrics 4, 1962), merged after Chan, Golub and LeVeque (1979), both
/// with the third power after Pebay (Sandia report SAND2008-6212, 2008). Adding is
/// not exact in doubles, so the last bits depend on the order: who wants equal bits adds and merges in a fixed order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    n: u64,
    mean: f64,
    squares: f64,
    cubes: f64,
    min: f64,
    max: f64,
}

impl Default for Moments {
    fn default() -> Self {
        Moments {
            n: 0,
            mean: 0.0,
            squares: 0.0,
            cubes: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }
}

impl Moments {
    /// Of `n` values that are all `x`, which is finite.
    pub fn of_equal(x: f64, n: u64) -> Moments {
        if n == 0 {
            return Moments::default();
        }
        Moments {
            n,
            mean: x,
            squares: 0.0,
            cubes: 0.0,
            min: x,
            max: x,
        }
    }

    /// Adds a finite value.
    #[inline]
    pub fn add(&mut self, x: f64) {
        debug_assert!(x.is_finite(), "moments take finite values, not {x}");
        self.n += 1;
        let gap = x - self.mean;
        let n = self.n as f64;
        let part = gap / n;
        self.mean += part;
        self.cubes += part * (gap * part * (n - 1.0) * (n - 2.0) - 3.0 * self.squares);
        self.squares += gap * (x - self.mean);
        self.min = self.min.min(x);
        self.max = self.max.max(x);
    }

    /// Adds all values that `other` has seen.
    pub fn merge(&mut self, other: &Moments) {
        if other.n == 0 {
            return;
        }
        if self.n == 0 {
            *self = *other;
            return;
        }
        let (mine, theirs) = (self.n as f64, other.n as f64);
        let gap = other.mean - self.mean;
        let all = mine + theirs;
        self.mean += gap * theirs / all;
        let cross = gap * gap * mine * theirs * (mine - theirs) / (all * all)
            + 3.0 * (mine * other.squares - theirs * self.squares) / all;
        self.cubes += other.cubes + gap * cross;
        self.squares += other.squares + gap * gap * mine * theirs / (mine + theirs);
        self.n += other.n;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// How many values there were.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Their mean; `None` without values.
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then_some(self.mean)
    }

    /// Their variance with divisor n - 1; `None` with fewer than two.
    pub fn variance(&self) -> Option<f64> {
        (self.n > 1).then(|| self.squares / (self.n - 1) as f64)
    }

    /// The smallest; `None` without values.
    pub fn min(&self) -> Option<f64> {
        (self.n > 0).then_some(self.min)
    }

    /// The largest; `None` without values.
    pub fn max(&self) -> Option<f64> {
        (self.n > 0).then_some(self.max)
    }

    /// Sum of squared deviations from the mean.
    pub(super) fn squares(&self) -> f64 {
        self.squares
    }

    /// Sum of cubed deviations from the mean.
    pub(super) fn cubes(&self) -> f64 {
        self.cubes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[f64]) -> Moments {
        let mut moments = Moments::default();
        values.iter().for_each(|&x| moments.add(x));
        moments
    }

    #[test]
    fn few_values_have_few_moments() {
        assert_eq!(of(&[]).mean(), None);
        assert_eq!(
            (of(&[3.0]).mean(), of(&[3.0]).variance()),
            (Some(3.0), None)
        );
        let two = of(&[1.0, 3.0]);
        assert_eq!(
            (two.mean(), two.variance(), two.min(), two.max()),
            (Some(2.0), Some(2.0), Some(1.0), Some(3.0))
        );
    }

    proptest! {
        #[test]
        fn merged_is_as_if_added(values in prop::collection::vec(0.0..1e6_f64, 0..60), cut in 0..60_usize) {
            let cut = cut.min(values.len());
            let mut merged = of(&values[..cut]);
            merged.merge(&of(&values[cut..]));
            let whole = of(&values);
            prop_assert_eq!((merged.n(), merged.min(), merged.max()), (whole.n(), whole.min(), whole.max()));
            let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
                (a, b) => a == b,
            };
            prop_assert!(close(merged.mean(), whole.mean()) && close(merged.variance(), whole.variance()));
            // By their definition; cubes of such numbers are up to 1e18 each.
            let mean = whole.mean().unwrap_or(0.0);
            let cubes: f64 = values.iter().map(|x| (x - mean) * (x - mean) * (x - mean)).sum();
            let near = |found: f64| (found - cubes).abs() <= 1e-9 * 1e18 * values.len().max(1) as f64 * 1e-3;
            prop_assert!(near(merged.cubes()) && near(whole.cubes()), "{} {} {}", merged.cubes(), whole.cubes(), cubes);
        }
    }
}
