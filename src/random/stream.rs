//! One stream of random numbers.

use std::convert::Infallible;

use super::mix::{GOLDEN, mix_twisted};
use super::normal::normal_quantile;

/// A counter-based stream of random numbers: its state is its key, its i-th output a strong mix of the key plus i
/// times an odd constant.
///
/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) whose start is the first word of the key and whose two mixing rounds
/// are parted by the second, so that streams whose counters meet by chance still differ. Setting one up costs no more
/// than a draw, which is what lets every quantity have its own. Not for secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    counter: u64,
    twist: u64,
}

impl Stream {
    #[inline]
    pub(super) const fn new(counter: u64, twist: u64) -> Self {
        Stream { counter, twist }
    }

    /// The next 64 random bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        self.counter = self.counter.wrapping_add(GOLDEN);
        mix_twisted(self.counter, self.twist)
    }

    /// A number uniform on the open interval (0, 1): an odd multiple of 2^-53, from 2^-53 to 1 - 2^-53.
    ///
    /// Odd multiples, because (k + 1/2) 2^-53 with a 53-bit k needs 54 bits: the largest would round to 1. So both
    /// `u` and `1 - u` are exact, and neither is ever 0.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        ((self.next_u64() >> 11) | 1) as f64 * STEP
    }

    /// An exponential number with mean 1, by inversion: -ln(1 - u).
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        -libm::log1p(-self.uniform())
    }

    /// True with probability `p`: never for `p <= 0` (nor for NaN), always for `p >= 1`, else to within 2^-64.
    ///
    /// Always consumes one output, and is monotone in `p`: what happens at one chance happens at every larger one.
    #[inline]
    pub fn chance(&mut self, p: f64) -> bool {
        const WORDS: f64 = 18_446_744_073_709_551_616.0;
        let word = self.next_u64();
        // Scaling by 2^64 is exact, and the conversion saturates: at 0 for what is negative or not a number.
        p >= 1.0 || word < (p * WORDS) as u64
    }

    /// A standard normal number, by inversion ([`normal_quantile`] of one uniform).
    #[inline]
    pub fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform())
    }
}

/// Lets users of the library, and the tests' oracles, put a stream wherever a generator of `rand` 0.10 goes.
impl rand::TryRng for Stream {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next_u64() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next_u64())
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        rand::rand_core::utils::fill_bytes_via_next_word(dst, || Ok(self.next_u64()))
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, RngExt};

    use super::super::oracle::{check, ks_p, mean_p, normal_p, stream, variance_p};
    use super::*;

    #[test]
    fn uniform_numbers_are_never_0_or_1() {
        // The largest and the smallest 53 bits.
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        let of_word = |word: u64| ((word >> 11) | 1) as f64 * STEP;
        assert_eq!(of_word(u64::MAX), 1.0 - STEP);
        assert_eq!(of_word(0), STEP);
        let mut s = stream("uniform");
        for _ in 0..100_000 {
            let u = s.uniform();
            assert!(u > 0.0 && u < 1.0 && 1.0 - (1.0 - u) == u, "{u}");
        }
    }

    /// 6 checks at 2e-6 each.
    #[test]
    fn numbers_have_their_laws() {
        let n = 200_000;
        let draw = |test: &str, of: fn(&mut Stream) -> f64| {
            let mut s = stream(test);
            (0..n).map(|_| of(&mut s)).collect::<Vec<f64>>()
        };
        check("uniform", ks_p(draw("u", Stream::uniform), |x| x));
        check(
            "uniform mean",
            mean_p(&draw("um", Stream::uniform), 0.5, libm::sqrt(1.0 / 12.0)),
        );
        check(
            "exponential",
            ks_p(draw("e", Stream::exponential), |x| -libm::expm1(-x)),
        );
        check(
            "exponential mean",
            mean_p(&draw("em", Stream::exponential), 1.0, 1.0),
        );
        check(
            "normal",
            ks_p(draw("n", Stream::normal), |x| 1.0 - normal_p(x)),
        );
        check(
            "normal variance",
            variance_p(&draw("nv", Stream::normal), 0.0, 1.0, 3.0),
        );
    }

    /// 6 checks at 2e-6 each.
    #[test]
    fn chances_come_true_as_often_as_they_say() {
        let n = 200_000;
        for p in [0.5, 0.01, 0.999, 1.0 / 3.0, 1e-3, 0.25] {
            let mut s = stream(&format!("chance {p}"));
            let hits: Vec<f64> = (0..n).map(|_| f64::from(u8::from(s.chance(p)))).collect();
            check(
                &format!("chance {p}"),
                mean_p(&hits, p, libm::sqrt(p * (1.0 - p))),
            );
        }
    }

    #[test]
    fn certain_chances_are_certain_and_all_consume_one_output() {
        let mut s = stream("certain");
        for _ in 0..1_000 {
            for p in [
                0.0,
                -0.0,
                -1.0,
                f64::NEG_INFINITY,
                f64::NAN,
                f64::MIN_POSITIVE,
            ] {
                assert!(!s.chance(p), "{p}");
            }
            for p in [1.0, 1.5, f64::INFINITY] {
                assert!(s.chance(p), "{p}");
            }
        }
        let mut skipped = stream("certain");
        for _ in 0..9_000 {
            skipped.next_u64();
        }
        assert_eq!(s, skipped);
    }

    #[test]
    fn chances_are_monotone() {
        let start = stream("monotone");
        let mut s = start.clone();
        for _ in 0..1_000 {
            let answers = [1e-9, 0.1, 0.3, 0.300001, 0.9, 1.0 - 1e-16].map(|p| s.clone().chance(p));
            assert!(answers.is_sorted());
            s.next_u64();
        }
    }

    #[test]
    fn a_stream_is_a_generator_of_rand() {
        let mut own = stream("rand");
        let mut theirs = own.clone();
        assert_eq!(own.next_u64(), Rng::next_u64(&mut theirs));
        assert_eq!((own.next_u64() >> 32) as u32, theirs.next_u32());
        let mut bytes = [0_u8; 12];
        theirs.fill_bytes(&mut bytes);
        assert_eq!(bytes[..8], own.next_u64().to_le_bytes());
        assert_eq!(bytes[8..], own.next_u64().to_le_bytes()[..4]);
        assert!((0..6).contains(&theirs.random_range(0..6)));
    }
}
