//! The key of one rollout.

use super::mix::{GOLDEN, mix};
use super::name::NameKey;
use super::purpose::Purpose;
use super::stream::Stream;

/// Everything that names one rollout: the seed, the stratum and the number in it (`memory-leak#812`).
///
/// Two words, mixed apart from each other: a run of a million rollouts opens some 10^10 streams, and with 64 bits a
/// few of them would be the same by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RolloutKey {
    high: u64,
    low: u64,
}

impl RolloutKey {
    /// The key of rollout `number` of `stratum` in the run with this `seed`.
    pub fn new(seed: u64, stratum: NameKey, number: u64) -> Self {
        let absorb = |start: u64| {
            // Each step is a bijection of what it takes in, so rollouts that differ in one part never meet.
            let seeded = mix(start.wrapping_add(seed));
            let placed = mix(seeded ^ stratum.bits());
            mix(placed.wrapping_add(number.wrapping_mul(GOLDEN)))
        };
        RolloutKey {
            high: absorb(0x2d35_8dcc_aa6c_78a5),
            low: absorb(0x8bb8_4b93_962e_acc9),
        }
    }

    /// The stream for a purpose, in an attempt (0 for what belongs to the whole rollout), for the thing named.
    ///
    /// Equal arguments give equal streams; streams that differ in any argument are independent of each other.
    #[inline]
    pub fn stream(self, purpose: Purpose, attempt: u32, of: NameKey) -> Stream {
        let slot = ((purpose as u64) << 32) | u64::from(attempt);
        let name = of.bits();
        let high = (self.high ^ name).wrapping_add(slot.wrapping_mul(0xe703_7ed1_a0b4_28db));
        let low = (self.low ^ name.rotate_left(32)).wrapping_add(slot.wrapping_mul(GOLDEN));
        Stream::new(mix(high), low)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::mix::mix;
    use super::super::oracle::{check, chi_square_p, chi_square_tail, is_plausible, normal_p};
    use super::*;

    const LEAK: NameKey = NameKey::of("memory-leak");

    /// A change here changes the results of every scenario: it is a new major version, not a mended test. The values
    /// come from a second implementation, in Python.
    #[test]
    fn golden_streams() {
        let outputs = |seed, stratum, number, purpose, attempt, of| {
            let mut stream = RolloutKey::new(seed, stratum, number).stream(purpose, attempt, of);
            [stream.next_u64(), stream.next_u64(), stream.next_u64()]
        };
        let zone = NameKey::of("eu-west-1").number(2);
        assert_eq!(
            outputs(1, LEAK, 812, Purpose::StepTime, 0, zone),
            [
                0x0351_48b9_3c91_ec80,
                0x87b7_a77b_701c_4662,
                0x15f3_0f7e_486c_9745
            ]
        );
        assert_eq!(
            outputs(1, LEAK, 812, Purpose::StepTime, 1, zone),
            [
                0x063e_7dc9_6e75_ef13,
                0x5810_d581_ec49_11c7,
                0x69a0_1386_c864_2e21
            ]
        );
        assert_eq!(
            outputs(1, NameKey::NONE, 0, Purpose::Stratum, 0, NameKey::NONE),
            [
                0x0122_00b2_87cf_97b0,
                0xe674_d471_2120_2378,
                0xcc55_d3f5_57ac_28d0
            ]
        );
    }

    /// What is wrong with a sequence of words that should be independent and uniform: the p-values of
    /// each bit being set half the time, each bit being unlike its predecessor half the time, the correlation at lags
    /// 1 to 4, the top and the bottom byte being uniform, and successive pairs being uniform on a 32 by 32 grid.
    fn battery(words: &[u64]) -> Vec<(String, f64)> {
        let n = words.len() as f64;
        let bits = |words: &mut dyn Iterator<Item = u64>| {
            let mut ones = [0.0_f64; 64];
            let mut all = 0.0;
            for word in words {
                all += 1.0;
                for (bit, count) in ones.iter_mut().enumerate() {
                    *count += (word >> bit & 1) as f64;
                }
            }
            let statistic: f64 = ones
                .iter()
                .map(|count| (2.0 * count - all) * (2.0 * count - all) / all)
                .sum();
            chi_square_tail(statistic, 64)
        };
        let cells = |count: usize, of: &mut dyn Iterator<Item = usize>| {
            let mut observed = vec![0.0; count];
            let mut all = 0.0;
            for cell in of {
                observed[cell] += 1.0;
                all += 1.0;
            }
            chi_square_p(&observed, &vec![all / count as f64; count])
        };
        let mut results = vec![
            ("bits".to_owned(), bits(&mut words.iter().copied())),
            (
                "changed bits".to_owned(),
                bits(&mut words.windows(2).map(|pair| pair[0] ^ pair[1])),
            ),
            (
                "top byte".to_owned(),
                cells(256, &mut words.iter().map(|w| (w >> 56) as usize)),
            ),
            (
                "bottom byte".to_owned(),
                cells(256, &mut words.iter().map(|w| (w & 255) as usize)),
            ),
            (
                "pairs".to_owned(),
                cells(
                    1024,
                    &mut words
                        .chunks_exact(2)
                        .map(|p| ((p[0] >> 59) << 5 | p[1] >> 59) as usize),
                ),
            ),
            (
                "low pairs".to_owned(),
                cells(
                    1024,
                    &mut words
                        .chunks_exact(2)
                        .map(|p| ((p[0] & 31) << 5 | p[1] & 31) as usize),
                ),
            ),
        ];
        let centred: Vec<f64> = words
            .iter()
            .map(|w| (*w as f64) / 18_446_744_073_709_551_616.0 - 0.5)
            .collect();
        for lag in 1..=4 {
            // A product of two centred uniform numbers has mean 0 and variance 1/144.
            let sum: f64 = centred
                .iter()
                .zip(&centred[lag..])
                .map(|(x, y)| x * y)
                .sum();
            results.push((
                format!("lag {lag}"),
                normal_p(12.0 * sum / (n - lag as f64).sqrt()),
            ));
        }
        results
    }

    fn check_battery(what: &str, words: &[u64]) {
        for (test, p) in battery(words) {
            check(&format!("{what}, {test}"), p);
        }
    }

    /// 100 checks at 2e-6 each.
    #[test]
    fn first_outputs_of_neighbouring_keys_are_independent() {
        const N: u64 = 1 << 16;
        let rollout = RolloutKey::new(1, LEAK, 812);
        let zone = NameKey::of("eu-west-1").number(1);
        let first =
            |key: RolloutKey, purpose, attempt, of| key.stream(purpose, attempt, of).next_u64();
        let of_rollout = |seed, stratum, number| {
            first(
                RolloutKey::new(seed, stratum, number),
                Purpose::StepTime,
                0,
                zone,
            )
        };
        let purposes = [
            Purpose::Stratum,
            Purpose::Start,
            Purpose::RegionOrder,
            Purpose::Severity,
        ];
        type Family<'a> = (&'a str, Box<dyn Fn(u64) -> u64 + 'a>);
        let families: [Family<'_>; 9] = [
            ("numbers", Box::new(|i| of_rollout(1, LEAK, i))),
            ("seeds", Box::new(|i| of_rollout(i, LEAK, 0))),
            (
                "strata",
                Box::new(|i| of_rollout(1, NameKey::of(&format!("fault-{i}")), 0)),
            ),
            (
                "attempts",
                Box::new(|i| first(rollout, Purpose::StepTime, i as u32, zone)),
            ),
            (
                "purposes",
                Box::new(|i| {
                    first(
                        rollout,
                        purposes[(i % 4) as usize],
                        (i / 4) as u32,
                        NameKey::NONE,
                    )
                }),
            ),
            (
                "names",
                Box::new(|i| {
                    first(
                        rollout,
                        Purpose::StepTime,
                        0,
                        NameKey::of(&format!("eu-west-1/{i}")),
                    )
                }),
            ),
            (
                "numbered names",
                Box::new(|i| {
                    first(
                        rollout,
                        Purpose::StepTime,
                        0,
                        NameKey::of("eu-west-1").number(i),
                    )
                }),
            ),
            (
                "pairs of names",
                Box::new(|i| {
                    first(
                        rollout,
                        Purpose::StepTime,
                        0,
                        NameKey::of(&i.to_string()).with(zone),
                    )
                }),
            ),
            (
                "numbers and attempts",
                Box::new(|i| {
                    first(
                        RolloutKey::new(1, LEAK, i / 2),
                        Purpose::Ramp,
                        (i % 2) as u32,
                        zone,
                    )
                }),
            ),
        ];
        for (family, word) in families {
            let words: Vec<u64> = (0..N).map(word).collect();
            check_battery(family, &words);
        }
    }

    /// 40 checks at 2e-6 each.
    #[test]
    fn one_stream_is_independent_within() {
        for (number, attempt) in [(0, 0), (0, 1), (1, 0), (u64::MAX, u32::MAX)] {
            let mut stream =
                RolloutKey::new(1, LEAK, number).stream(Purpose::Incidents, attempt, NameKey::NONE);
            let words: Vec<u64> = (0..1 << 17).map(|_| stream.next_u64()).collect();
            check_battery(&format!("stream {number} {attempt}"), &words);
        }
    }

    /// Successive draws of neighbouring streams, laid side by side: 10 checks at 2e-6 each.
    #[test]
    fn neighbouring_streams_are_independent_throughout() {
        let words: Vec<u64> = (0..1 << 13)
            .flat_map(|number| {
                let mut stream =
                    RolloutKey::new(1, LEAK, number).stream(Purpose::AlarmCounts, 0, NameKey::NONE);
                (0..16).map(move |_| stream.next_u64())
            })
            .collect();
        check_battery("interleaved", &words);
    }

    /// The same battery refuses a bare counter and a counter mixed too little.
    #[test]
    fn the_battery_has_power() {
        let counter: Vec<u64> = (0..1 << 16).map(|i: u64| i.wrapping_mul(GOLDEN)).collect();
        let half_mixed: Vec<u64> = counter
            .iter()
            .map(|w| (w ^ (w >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9))
            .collect();
        let repeated: Vec<u64> = (0..1_u64 << 16).map(|i| mix(i / 2)).collect();
        for words in [counter, half_mixed, repeated] {
            assert!(battery(&words).iter().any(|(_, p)| !is_plausible(*p)));
        }
    }

    /// With 64 bits a million words meet with probability 3e-8.
    #[test]
    fn no_two_streams_of_a_scenario_are_the_same() {
        let mut seen = HashSet::new();
        let mut opened = 0;
        for number in 0..50 {
            let rollout = RolloutKey::new(1, LEAK, number);
            for region in 0..20 {
                let region = NameKey::of(&format!("region-{region}"));
                for zone in 1..=25 {
                    for attempt in 0..4 {
                        for purpose in [Purpose::StepTime, Purpose::RollbackTime, Purpose::TestTime]
                        {
                            seen.insert(
                                rollout
                                    .stream(purpose, attempt, region.number(zone))
                                    .next_u64(),
                            );
                            opened += 1;
                        }
                    }
                }
            }
        }
        assert_eq!(seen.len(), opened);
    }
}
