//! How a window's background ratio scatters, as a few values with weights.

use crate::random::{beta_below, ln_gamma};

/// A beta distribution of a bucket's background ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scatter {
    /// Parameters.
    pub a: f64,
    /// The other one.
    pub b: f64,
}

/// Values and weights; these sum to 1.
pub type Mixture = Vec<(f64, f64)>;

/// Weights below this share of the largest are left out.
const NEGLIGIBLE: f64 = 1e-14;

impl Scatter {
    /// With this mean and intra-class correlation; `None` where nothing scatters.
    pub fn of(mean: f64, correlation: f64) -> Option<Scatter> {
        let scatters = correlation > 0.0 && mean > 0.0 && mean < 1.0;
        let weight = (1.0 - correlation) / correlation;
        scatters.then_some(Scatter {
            a: mean * weight,
            b: (1.0 - mean) * weight,
        })
    }

    fn mean(self) -> f64 {
        self.a / (self.a + self.b)
    }

    fn sd(self) -> f64 {
        let sum = self.a + self.b;
        libm::sqrt(self.a * self.b / (sum + 1.0)) / sum
    }

    /// The ratio of one bucket. A sum at equal steps of the logit, in which the density is log-concave and analytic (the
    /// trapezoidal rule: Trefethen and Weideman, SIAM Review 56 (2014) 385-458). `sharp` is about how many bad requests
    /// decide: what is asked of the ratio changes over 1 / sqrt(sharp) of the logit. No step is smaller than the `finest`
    /// part of the density's width.
    pub fn of_one(self, sharp: f64, finest: f64) -> Mixture {
        let Scatter { a, b } = self;
        let log_constant = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
        let width = libm::sqrt(1.0 / a + 1.0 / b);
        let step = (0.3 * width)
            .min(0.6 / libm::sqrt(sharp.max(1.0)))
            .max(width / finest);
        let peak = libm::log(a / b);
        let ratio = |t: f64| {
            if t > 0.0 {
                1.0 / (1.0 + libm::exp(-t))
            } else {
                let e = libm::exp(t);
                e / (1.0 + e)
            }
        };
        let weight = |t: f64| {
            let small = libm::log1p(libm::exp(-t.abs()));
            let (ln_x, ln_y) = if t > 0.0 {
                (-small, -t - small)
            } else {
                (t - small, -small)
            };
            libm::exp(log_constant + a * ln_x + b * ln_y) * step
        };
        let top = weight(peak);
        let mut mixture = vec![(ratio(peak), top)];
        for direction in [-1.0, 1.0] {
            for j in 1..20_000 {
                let t = peak + direction * step * f64::from(j);
                let w = weight(t);
                if w < top * NEGLIGIBLE {
                    break;
                }
                mixture.push((ratio(t), w));
            }
        }
        normalized(mixture)
    }

    /// The mean ratio of so many buckets: sums of a grid on which each cell's mass lies so that its mean is kept.
    pub fn of_mean(self, buckets: u32, sharp: f64, finest: f64) -> Mixture {
        if buckets <= 1 {
            return self.of_one(sharp, finest);
        }
        let cell = self.sd() / 24.0;
        let mut one = self.on_grid(cell);
        let mut sum: Option<Vec<f64>> = None;
        let mut left = buckets;
        while left > 0 {
            if left % 2 == 1 {
                sum = Some(sum.map_or_else(|| one.clone(), |s| convolved(&s, &one)));
            }
            left /= 2;
            if left > 0 {
                one = convolved(&one, &one);
            }
        }
        let cells = sum.unwrap_or_default();
        let scale = cell / f64::from(buckets);
        // A coarser grid does, where the sum is wide.
        let together = (libm::sqrt(f64::from(buckets)) * 3.0) as usize;
        let mixture = cells
            .chunks(together.max(1))
            .enumerate()
            .filter_map(|(i, chunk)| {
                let weight: f64 = chunk.iter().sum();
                let first = (i * together.max(1)) as f64;
                let at: f64 = chunk
                    .iter()
                    .enumerate()
                    .map(|(j, w)| w * (first + j as f64))
                    .sum();
                (weight > 0.0).then(|| ((at / weight * scale).clamp(0.0, 1.0), weight))
            });
        normalized(mixture.collect())
    }

    /// Masses at multiples of a cell's length.
    fn on_grid(self, cell: f64) -> Vec<f64> {
        let Scatter { a, b } = self;
        let mean = self.mean();
        let mut masses = vec![0.0, 0.0];
        let (mut below, mut moment) = (0.0, 0.0);
        for i in 0..20_000 {
            let x = ((i + 1) as f64 * cell).min(1.0);
            let (next_below, next_moment) = (beta_below(x, a, b), mean * beta_below(x, a + 1.0, b));
            let mass = next_below - below;
            if mass > 0.0 {
                let at = ((next_moment - moment) / mass / cell - i as f64).clamp(0.0, 1.0);
                masses[i] += mass * (1.0 - at);
                masses[i + 1] += mass * at;
            }
            (below, moment) = (next_below, next_moment);
            if x >= 1.0 || 1.0 - below < 1e-13 {
                break;
            }
            masses.push(0.0);
        }
        masses
    }
}

fn convolved(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate().filter(|(_, x)| **x > 1e-17) {
        for (s, y) in sum[i..].iter_mut().zip(b) {
            *s += x * y;
        }
    }
    while sum.len() > 2 && sum.last().is_some_and(|&x| x < 1e-16) {
        sum.pop();
    }
    sum
}

fn normalized(mut mixture: Mixture) -> Mixture {
    let total: f64 = mixture.iter().map(|(_, w)| w).sum();
    mixture.iter_mut().for_each(|(_, w)| *w /= total);
    mixture
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{beta_binomial_at_least, binomial_at_least};

    #[test]
    fn one_bucket_is_the_beta_binomial_law() {
        for (mean, rho, n, k) in [
            (0.01, 0.002, 500, 10),
            (0.001, 0.01, 900, 5),
            (0.05, 0.3, 40, 8),
            (0.002, 0.001, 100_000, 260),
        ] {
            let scatter = Scatter::of(mean, rho).unwrap();
            let mixed: f64 = scatter
                .of_one(k as f64, 20.0)
                .iter()
                .map(|&(q, w)| w * binomial_at_least(k, n, q))
                .sum();
            let exact = beta_binomial_at_least(k, n, scatter.a, scatter.b);
            assert!(
                (mixed / exact - 1.0).abs() < 1e-6,
                "{mean} {rho} {n} {k}: {mixed} {exact}"
            );
        }
    }

    #[test]
    fn the_mean_of_many_has_their_mean_and_a_share_of_their_variance() {
        let scatter = Scatter::of(0.004, 0.002).unwrap();
        for buckets in [1, 2, 5, 30] {
            let mixture = scatter.of_mean(buckets, 10.0, 20.0);
            let mean: f64 = mixture.iter().map(|(q, w)| q * w).sum();
            let variance: f64 = mixture
                .iter()
                .map(|(q, w)| w * (q - mean) * (q - mean))
                .sum();
            let wanted = scatter.sd() * scatter.sd() / f64::from(buckets);
            assert!((mean / 0.004 - 1.0).abs() < 1e-6, "{buckets}: {mean}");
            assert!(
                (variance / wanted - 1.0).abs() < 0.01,
                "{buckets}: {variance} {wanted}"
            );
        }
    }
}
