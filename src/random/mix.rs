//! The one integer mixing step that names, keys and streams share.

/// 2^64 divided by the golden ratio, odd: multiples of it are spread as evenly as multiples of one number can be
/// (Knuth, The Art of Computer Programming 3, 6.4; Steele, Lea, Flood 2014).
pub(super) const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A bijection of 64-bit words in which each input bit flips each output bit with probability close to 1/2:
/// the finaliser "variant 13" of Stafford (2011), used by SplitMix64 (Steele, Lea, Flood, "Fast splittable
/// pseudorandom number generators", OOPSLA 2014).
#[inline]
pub(super) const fn mix(word: u64) -> u64 {
    mix_twisted(word, 0)
}

/// [`mix`] with a second word let in between its two rounds; a bijection of `word` for every `twist`.
#[inline]
pub(super) const fn mix_twisted(word: u64, twist: u64) -> u64 {
    let first = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ twist;
    let second = (first ^ (first >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    second ^ (second >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first outputs of SplitMix64 with seed 1234567, as published with the reference implementation in
    /// Java and C (Vigna, prng.di.unimi.it; Rosetta Code "Pseudo-random numbers/Splitmix64").
    #[test]
    fn mixes_as_splitmix64_does() {
        let published: [u64; 5] = [
            6457827717110365317,
            3203168211198807973,
            9817491932198370423,
            4593380528125082431,
            16408922859458223821,
        ];
        let mut state = 1234567_u64;
        for expected in published {
            state = state.wrapping_add(GOLDEN);
            assert_eq!(mix(state), expected);
        }
    }
}
