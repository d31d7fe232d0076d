//! Confidence sequences: intervals that hold at all times at once, however often one looks and whenever one stops.

/// The interval of the mean of values from 0 to 1, at all times at once.
///
/// By a weighted mean whose weights are as large as the variance so far allows (Waudby-Smith and Ramdas, "Estimating means
/// of bounded random variables by betting", Journal of the Royal Statistical Society B 86, 2024, theorem 2).
#[derive(Clone, Debug)]
pub struct MeanSequence {
    level: f64,
    n: f64,
    sum: f64,
    squares: f64,
    weights: f64,
    weighted: f64,
    spent: f64,
}

impl MeanSequence {
    /// Of no values yet.
    pub fn new(level: f64) -> MeanSequence {
        MeanSequence {
            level,
            n: 0.0,
            sum: 0.0,
            squares: 0.0,
            weights: 0.0,
            weighted: 0.0,
            spent: 0.0,
        }
    }

    /// Takes a value from 0 to 1.
    pub fn take(&mut self, x: f64) {
        let mean_before = (0.5 + self.sum) / (self.n + 1.0);
        let variance_before = (0.25 + self.squares) / (self.n + 1.0);
        self.n += 1.0;
        let spread = variance_before * self.n * libm::log(self.n + 1.0);
        let weight = (2.0 * self.log_enough() / spread).sqrt().min(0.5);
        let off = x - mean_before;
        self.weights += weight;
        self.weighted += weight * x;
        self.spent += off * off * (-libm::log1p(-weight) - weight);
        self.sum += x;
        let mean = (0.5 + self.sum) / (self.n + 1.0);
        self.squares += (x - mean) * (x - mean);
    }

    fn log_enough(&self) -> f64 {
        libm::log(2.0 / (1.0 - self.level))
    }

    /// The mean of the values.
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0.0).then(|| self.sum / self.n)
    }

    /// The interval.
    pub fn interval(&self) -> (f64, f64) {
        if self.n == 0.0 {
            return (0.0, 1.0);
        }
        let centre = self.weighted / self.weights;
        let half = (self.log_enough() + self.spent) / self.weights;
        ((centre - half).max(0.0), (centre + half).min(1.0))
    }
}

/// Half the width of an interval of a mean that holds at all times in the limit of many values, of whatever distribution
/// with a variance.
///
/// s sqrt(2 (n r + 1) / (n^2 r) ln(sqrt(n r + 1) / alpha)), with r such that it is narrowest about n = 1,000
/// (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence
/// sequences", Annals of Statistics 52, 2024, theorem 2.2). How good "in the limit" is at a given n depends on the tail.
pub fn asymptotic_half_width(n: u64, variance: f64, level: f64) -> f64 {
    const BEST_AT: f64 = 1_000.0;
    if n < 2 {
        return f64::INFINITY;
    }
    let alpha = 1.0 - level;
    let log = -2.0 * libm::log(alpha);
    let r = (log + libm::log(log + 1.0)) / BEST_AT;
    let n = n as f64;
    let inside = 2.0 * (n * r + 1.0) / (n * n * r) * libm::log((n * r + 1.0).sqrt() / alpha);
    (variance * inside).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{NameKey, Purpose, RolloutKey, Stream};
    use crate::stats::Moments;

    fn stream(seed: u64) -> Stream {
        RolloutKey::new(seed, NameKey::of("a sequence"), 0).stream(
            Purpose::Bootstrap,
            0,
            NameKey::NONE,
        )
    }

    /// Of 1,000 repetitions, in how many the interval missed the mean at any of 1,000 looks.
    fn ever_missed(mut misses: impl FnMut(u64) -> bool) -> usize {
        (0..1_000).filter(|&seed| misses(seed)).count()
    }

    #[test]
    fn means_are_covered_at_all_times_at_once() {
        let missed = ever_missed(|seed| {
            let (mut stream, mut sequence) = (stream(seed), MeanSequence::new(0.9));
            (0..500).any(|_| {
                let u = stream.uniform();
                sequence.take(u * u);
                let (low, high) = sequence.interval();
                !(low..=high).contains(&(1.0 / 3.0))
            })
        });
        assert!(missed <= 128, "{missed}");
        let mut narrow = MeanSequence::new(0.95);
        let mut stream = stream(1);
        (0..20_000).for_each(|_| narrow.take(0.1 * stream.uniform()));
        let (low, high) = narrow.interval();
        assert!(low > 0.048 && high < 0.052, "{low} {high}");
    }

    #[test]
    fn in_the_limit_means_without_a_bound_are_covered() {
        let missed = ever_missed(|seed| {
            let (mut stream, mut moments) = (stream(seed), Moments::default());
            (1..=1_000).any(|n| {
                moments.add(stream.exponential());
                let (mean, variance) = (moments.mean(), moments.variance());
                let (Some(mean), Some(variance)) = (mean, variance) else {
                    return false;
                };
                n >= 100 && (mean - 1.0).abs() > asymptotic_half_width(n, variance, 0.9)
            })
        });
        assert!(missed <= 128, "{missed}");
    }
}
