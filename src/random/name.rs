//! Names as 64-bit keys.

use super::mix::{GOLDEN, mix};

/// The hash of a name (of a region, a zone, an alarm, a fault class), by which draws are told apart.
///
/// FNV-1a with 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv) followed by the finaliser of SplitMix64, because FNV-1a alone
/// leaves the high bits of short names alike. The hash is part of the promise that results can be repeated, hence
/// never the standard library's, which may change between releases. Two of ten thousand names collide with
/// probability 3e-12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameKey(u64);

impl NameKey {
    /// The key of what needs no name, because a rollout has one of it.
    pub const NONE: NameKey = NameKey(0);

    /// The key of a name, byte for byte: case and normal form count.
    pub const fn of(name: &str) -> NameKey {
        let bytes = name.as_bytes();
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut at = 0;
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            at += 1;
        }
        NameKey(mix(hash))
    }

    /// The key of a thing that two names tell apart (an alarm in a region). The order counts, and one half with
    /// [`NameKey::NONE`] is not that half.
    pub const fn with(self, other: NameKey) -> NameKey {
        // Both multipliers are odd: for one half fixed no two other halves meet.
        let left = self.0.wrapping_mul(0xd6e8_feb8_6659_fd93);
        NameKey(mix(left.wrapping_add(other.0).wrapping_add(GOLDEN)))
    }

    /// The key of the `n`-th thing of this name (a zone of a region). No two numbers of one name share a key.
    pub const fn number(self, n: u64) -> NameKey {
        // The constant keeps `number` apart from `with`.
        let name = mix(self.0 ^ 0xa076_1d64_78bd_642f);
        NameKey(mix(name.wrapping_add(n.wrapping_mul(GOLDEN))))
    }

    /// The 64 bits themselves.
    pub(super) const fn bits(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// A change here changes the results of every scenario: it is a new major version, not a mended test. The values
    /// come from a second implementation, in Python.
    #[test]
    fn golden_keys() {
        assert_eq!(NameKey::NONE.bits(), 0);
        let expected: [(NameKey, u64); 6] = [
            (NameKey::of(""), 0xf52a_15e9_a9b5_e89b),
            (NameKey::of("memory-leak"), 0xde81_cc4b_1ba9_a022),
            (NameKey::of("eu-west-1/1"), 0xe1e2_9577_e945_7e97),
            (NameKey::of("Zürich"), 0xc65e_9341_af28_3a5d),
            (
                NameKey::of("errors").with(NameKey::of("eu-west-1")),
                0xcd77_b8bc_426b_611f,
            ),
            (NameKey::of("eu-west-1").number(7), 0x4083_d05e_179d_4a19),
        ];
        for (key, bits) in expected {
            assert_eq!(key.bits(), bits, "{key:?}");
        }
    }

    /// The published FNV-1a values of "" and "foobar" (draft-eastlake-fnv), before the finaliser.
    #[test]
    fn hashes_as_fnv_1a_does() {
        assert_eq!(NameKey::of("").bits(), mix(0xcbf2_9ce4_8422_2325));
        assert_eq!(NameKey::of("foobar").bits(), mix(0x8594_4171_f739_67e8));
    }

    #[test]
    fn keys_are_made_at_compile_time() {
        const KEY: NameKey = NameKey::of("fleet").with(NameKey::NONE).number(3);
        assert_eq!(KEY, NameKey::of("fleet").with(NameKey::NONE).number(3));
    }

    #[test]
    fn similar_names_have_keys_of_their_own() {
        let regions = [
            "eu-west-1",
            "eu-west-2",
            "eu-west-1/1",
            "EU-WEST-1",
            "eu-west-11",
            "",
        ];
        let mut keys = HashSet::from([NameKey::NONE]);
        let mut made = 1;
        for left in regions.map(NameKey::of) {
            keys.insert(left);
            made += 1;
            for n in 0..1_000 {
                keys.insert(left.number(n));
                keys.insert(left.with(NameKey::of(&n.to_string())));
                made += 2;
            }
            for right in regions.map(NameKey::of) {
                keys.insert(left.with(right));
                made += 1;
            }
        }
        assert_eq!(keys.len(), made);
    }
}
