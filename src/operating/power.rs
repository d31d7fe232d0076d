//! How many requests tell a defect from noise.

use super::mixture::{Mixture, Scatter};
use crate::random::binomial_at_least;

/// Requests and the bad ones among them that tell a defect from noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestsNeeded {
    /// So many requests.
    pub requests: u64,
    /// Breach with so many bad ones or more.
    pub bad_at_least: u64,
}

/// More requests than this are not asked for.
const MOST: u64 = 1_000_000_000;

/// What a datapoint has to tell: a bad ratio of `base + defect` from one of `base`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tell {
    /// The background's bad ratio.
    pub base: f64,
    /// The intra-class correlation of the datapoint's counts.
    pub correlation: f64,
    /// What the defect adds.
    pub defect: f64,
    /// The least chance of firing with it.
    pub power: f64,
    /// The largest chance of firing without.
    pub by_itself: f64,
}

impl Tell {
    /// Its numbers, to remember answers by.
    pub fn bits(&self) -> [u64; 5] {
        let all = [
            self.base,
            self.correlation,
            self.defect,
            self.power,
            self.by_itself,
        ];
        all.map(f64::to_bits)
    }
}

/// The least number of bad requests out of `n` at which a datapoint has to breach to tell a defect from noise; `None` where no
/// number does.
pub fn tells(tell: Tell, n: u64) -> Option<u64> {
    let Tell {
        base,
        correlation,
        power,
        by_itself,
        ..
    } = tell;
    let defect = tell.defect.clamp(0.0, 1.0 - base);
    let background: Mixture = Scatter::of(base, correlation).map_or_else(
        || vec![(base, 1.0)],
        |s| s.of_one((n as f64 * (base + defect)).max(1.0), 20.0),
    );
    let at_least = |k: u64, added: f64| -> f64 {
        background
            .iter()
            .map(|&(q, w)| w * binomial_at_least(k, n, (q + added).min(1.0)))
            .sum()
    };
    // The least number of bad ones that comes by itself seldom enough.
    let (mut low, mut high) = (1, n + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if at_least(middle, 0.0) <= by_itself {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    (low <= n && at_least(low, defect) >= power).then_some(low)
}

/// The requests of one datapoint with which some threshold tells a defect from noise. `None` where no number of requests does:
/// the background scatters too much.
///
/// Counts are whole, so with a few requests more it may just fail again; from about this number on it holds.
pub fn requests_needed(tell: Tell) -> Option<RequestsNeeded> {
    let mut high = 1;
    while tells(tell, high).is_none() {
        high *= 2;
        if high > MOST {
            return None;
        }
    }
    let mut low = high / 2;
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if tells(tell, middle).is_some() {
            high = middle;
        } else {
            low = middle;
        }
    }
    tells(tell, high).map(|bad_at_least| RequestsNeeded {
        requests: high,
        bad_at_least,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell(base: f64, correlation: f64, defect: f64, power: f64, by_itself: f64) -> Tell {
        Tell {
            base,
            correlation,
            defect,
            power,
            by_itself,
        }
    }

    /// Without a background one bad request is proof: 1 - (1 - d)^n >= power.
    #[test]
    fn with_no_background_one_bad_request_is_enough() {
        let needed = requests_needed(tell(0.0, 0.0, 0.01, 0.95, 0.01)).unwrap();
        assert_eq!(
            needed,
            RequestsNeeded {
                requests: 299,
                bad_at_least: 1
            }
        );
    }

    #[test]
    fn what_is_found_holds_and_half_of_it_does_not() {
        let found = requests_needed(tell(0.005, 0.0, 0.01, 0.95, 0.01)).unwrap();
        let RequestsNeeded {
            requests: n,
            bad_at_least: k,
        } = found;
        assert!(binomial_at_least(k, n, 0.005) <= 0.01);
        assert!(binomial_at_least(k, n, 0.015) >= 0.95);
        let half = n / 2;
        let least = (1..=half)
            .find(|&k| binomial_at_least(k, half, 0.005) <= 0.01)
            .unwrap();
        assert!(binomial_at_least(least, half, 0.015) < 0.95);
    }

    #[test]
    fn a_background_that_scatters_too_much_hides_a_defect_for_ever() {
        assert_eq!(requests_needed(tell(0.01, 0.2, 0.005, 0.95, 0.01)), None);
    }
}
