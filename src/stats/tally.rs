//! An empirical distribution in bounded memory.

/// Bits of a double's mantissa: nothing is rounded.
const EXACT: u32 = 52;
/// The finest rounding, where there are too many distinct values to keep them all.
const FINEST: u32 = 20;
/// The key of infinity, and the largest one there is.
const NEVER: u64 = f64::INFINITY.to_bits();

/// How often each value occurred: exact as long as there are at most `limit` distinct values, beyond that with values
/// rounded up to as many bits of mantissa as let `limit` distinct ones suffice.
///
/// Values are non-negative; infinity (what never happened) is one of them and is never rounded. With b bits kept a
/// value is too large by less than a share of 2^-b ([`Tally::relative_error`]). With `limit` = 65,536 that is never
/// worse than 2^-11 for values that span fewer than 32 octaves. (A limit below 2,048 may be exceeded up to that number
/// by values from every octave of the doubles.)
///
/// What comes out does not depend on the order of adding and merging: counts are whole numbers, rounding up to b bits
/// and then to fewer is rounding up to fewer at once, and the number of distinct values after rounding only grows
/// with more values, so the bits kept are the most for which *all* values fit, whenever that was found out.
#[derive(Clone, Debug)]
pub struct Tally {
    limit: usize,
    /// Bits of mantissa kept.
    bits: u32,
    /// Sorted by key (the bits of a non-negative double are in its order), no key twice.
    entries: Vec<Entry>,
    /// What came since, in order of arrival.
    pending: Vec<Entry>,
    n: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    key: u64,
    count: u64,
}

impl Tally {
    /// Memory of one distinct value, in bytes.
    pub const BYTES_PER_VALUE: usize = size_of::<Entry>();

    /// An empty tally of at most `limit` distinct values (at least 1).
    pub fn new(limit: usize) -> Tally {
        assert!(limit > 0, "a tally needs room for a value");
        Tally {
            limit,
            bits: EXACT,
            entries: Vec::new(),
            pending: Vec::new(),
            n: 0,
        }
    }

    /// Counts a value: non-negative, possibly infinite.
    #[inline]
    pub fn add(&mut self, x: f64) {
        assert!(x >= 0.0, "a tally takes values from 0 to infinity, not {x}");
        self.n += 1;
        // Adding 0 turns -0, whose bits would sort last, into 0.
        let key = round_up((x + 0.0).to_bits(), self.bits);
        self.push(Entry { key, count: 1 });
    }

    /// Counts all that `other` has counted. The limit stays this tally's; the result does not depend on the order where
    /// all merged have the same.
    pub fn merge(&mut self, other: &Tally) {
        self.n += other.n;
        if other.bits < self.bits {
            self.coarsen_to(other.bits);
        }
        for entry in other.entries.iter().chain(&other.pending) {
            self.push(Entry {
                key: round_up(entry.key, self.bits),
                count: entry.count,
            });
        }
    }

    /// How many distinct values it keeps at most.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// How many values were counted.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// By what share of itself a value may be too large: 0 as long as nothing had to be rounded.
    pub fn relative_error(&self) -> f64 {
        if self.bits == EXACT {
            0.0
        } else {
            1.0 / f64::from(1_u32 << self.bits)
        }
    }

    /// Sorts in what is still pending. Done by itself whenever it pays; afterwards reading is free of copies.
    pub fn settle(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        self.pending.sort_unstable_by_key(|e| e.key);
        self.entries = merged(&self.entries, &self.pending);
        self.pending = Vec::new();
        while self.entries.len() > self.limit && self.bits > 0 {
            self.coarsen_to(FINEST.min(self.bits - 1));
        }
    }

    /// The distribution so far.
    pub fn distribution(&self) -> Distribution {
        if self.pending.is_empty() {
            return Distribution::of(self);
        }
        let mut settled = self.clone();
        settled.settle();
        Distribution::of(&settled)
    }

    #[inline]
    fn push(&mut self, entry: Entry) {
        // Long runs of one value (no damage, again) cost a comparison.
        if let Some(last) = self.pending.last_mut()
            && last.key == entry.key
        {
            last.count += entry.count;
            return;
        }
        self.pending.push(entry);
        // A quarter of what is there: each value is then moved a handful of times in all.
        if self.pending.len() >= (self.entries.len() / 4).max(64) {
            self.settle();
        }
    }

    /// Rounds up everything to `bits` bits.
    fn coarsen_to(&mut self, bits: u32) {
        self.bits = bits;
        for entry in self.entries.iter_mut().chain(&mut self.pending) {
            entry.key = round_up(entry.key, bits);
        }
        // Rounding keeps the order, and makes neighbours alike.
        self.entries.dedup_by(|next, kept| {
            let same = next.key == kept.key;
            if same {
                kept.count += next.count;
            }
            same
        });
        self.entries.shrink_to_fit();
    }
}

/// Equal as distributions, whatever the order in which they came about.
impl PartialEq for Tally {
    fn eq(&self, other: &Tally) -> bool {
        let (mut a, mut b) = (self.clone(), other.clone());
        a.settle();
        b.settle();
        a.limit == b.limit && a.bits == b.bits && a.entries == b.entries
    }
}

/// The key rounded up to `bits` bits of mantissa; a finite value stays finite.
#[inline]
fn round_up(key: u64, bits: u32) -> u64 {
    if bits == EXACT || key == NEVER {
        return key;
    }
    let rest = (1_u64 << (EXACT - bits)) - 1;
    ((key + rest) & !rest).min(f64::MAX.to_bits())
}

/// Both sorted lists in one, equal keys summed.
fn merged(entries: &[Entry], more: &[Entry]) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::with_capacity(entries.len() + more.len());
    let mut put = |entry: Entry| match all.last_mut() {
        Some(last) if last.key == entry.key => last.count += entry.count,
        _ => all.push(entry),
    };
    let mut left = entries.iter().peekable();
    for &entry in more {
        while let Some(&&earlier) = left.peek()
            && earlier.key <= entry.key
        {
            put(earlier);
            left.next();
        }
        put(entry);
    }
    left.for_each(|&entry| put(entry));
    all.shrink_to_fit();
    all
}

/// A sorted empirical distribution: distinct values with how many are at most each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distribution {
    values: Vec<f64>,
    at_most: Vec<u64>,
    relative_error: f64,
}

impl Distribution {
    /// Of a settled tally.
    fn of(tally: &Tally) -> Distribution {
        let entries = &tally.entries;
        let mut sum = 0;
        Distribution {
            values: entries.iter().map(|e| f64::from_bits(e.key)).collect(),
            at_most: entries
                .iter()
                .map(|e| {
                    sum += e.count;
                    sum
                })
                .collect(),
            relative_error: tally.relative_error(),
        }
    }

    /// How many values there are, not only distinct ones.
    pub fn n(&self) -> u64 {
        self.at_most.last().copied().unwrap_or(0)
    }

    /// The distinct values, ascending; the last may be infinite.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// By what share of itself a value may be too large because it had to be rounded ([`Tally::relative_error`]).
    pub fn relative_error(&self) -> f64 {
        self.relative_error
    }

    /// How many values are at most `x`.
    pub fn at_most(&self, x: f64) -> u64 {
        match self.values.partition_point(|&v| v <= x) {
            0 => 0,
            below => self.at_most[below - 1],
        }
    }

    /// The value of a rank, counted from 1 in ascending order.
    pub fn of_rank(&self, rank: u64) -> f64 {
        assert!(
            rank >= 1 && rank <= self.n(),
            "rank {rank} of {} values",
            self.n()
        );
        self.values[self.at_most.partition_point(|&count| count < rank)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(limit: usize, values: &[f64]) -> Tally {
        let mut tally = Tally::new(limit);
        values.iter().for_each(|&x| tally.add(x));
        tally
    }

    fn any_value() -> impl Strategy<Value = f64> {
        prop_oneof![
            2 => (0..6_u32).prop_map(f64::from),
            6 => (-8.0..8.0_f64).prop_map(|e| libm::pow(10.0, e)),
            1 => Just(f64::INFINITY),
            1 => Just(-0.0),
        ]
    }

    #[test]
    fn rounding_is_up_and_never_to_infinity() {
        assert_eq!(f64::from_bits(round_up(1.1_f64.to_bits(), 2)), 1.25);
        assert_eq!(f64::from_bits(round_up(1.99_f64.to_bits(), 2)), 2.0);
        assert_eq!(f64::from_bits(round_up(3.0_f64.to_bits(), 1)), 3.0);
        assert_eq!(f64::from_bits(round_up(f64::MAX.to_bits(), 11)), f64::MAX);
        assert_eq!(round_up(NEVER, 0), NEVER);
        assert_eq!(round_up(0, 0), 0);
    }

    #[test]
    #[should_panic(expected = "from 0 to infinity")]
    fn nan_is_refused() {
        of(8, &[f64::NAN]);
    }

    #[test]
    fn memory_stays_bounded_and_eleven_bits_remain() {
        let mut tally = Tally::new(65_536);
        // 300,000 distinct values over 20 octaves.
        let mut x = 1.0_f64;
        for _ in 0..300_000 {
            tally.add(x);
            x *= 1.000_046;
        }
        tally.settle();
        assert!(tally.entries.len() <= 65_536 && tally.n() == 300_000);
        assert!(tally.relative_error() > 0.0 && tally.relative_error() <= 1.0 / 2048.0);
        assert!(
            tally.entries.capacity() <= 80_000,
            "{}",
            tally.entries.capacity()
        );
    }

    proptest! {
        #[test]
        fn as_sorting_says(values in prop::collection::vec(any_value(), 1..400)) {
            let distribution = of(1_000, &values).distribution();
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            prop_assert_eq!(distribution.n(), values.len() as u64);
            for (i, &x) in sorted.iter().enumerate() {
                prop_assert_eq!(distribution.of_rank(i as u64 + 1), x);
                prop_assert_eq!(distribution.at_most(x), sorted.iter().filter(|&&y| y <= x).count() as u64);
            }
        }

        #[test]
        fn rounded_values_are_a_little_larger(values in prop::collection::vec(any_value(), 1..400), limit in 64..120_usize) {
            let tally = of(limit, &values);
            let distribution = tally.distribution();
            let mut settled = tally.clone();
            settled.settle();
            prop_assert!(distribution.values().len() <= limit);
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            for (i, &x) in sorted.iter().enumerate() {
                let kept = distribution.of_rank(i as u64 + 1);
                prop_assert!(kept >= x && (kept <= x * (1.0 + settled.relative_error()) || kept == x));
            }
        }

        #[test]
        fn order_and_cuts_do_not_matter(
            values in prop::collection::vec(any_value(), 0..600),
            cuts in prop::collection::vec(0..600_usize, 0..5),
            limit in 40..400_usize,
            seed in any::<u64>(),
        ) {
            let whole = of(limit, &values);
            // The same values, shuffled, cut into pieces, the pieces merged from the last to the first.
            let mut shuffled = values.clone();
            let key = |i: usize| (seed ^ i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17);
            let mut order: Vec<usize> = (0..values.len()).collect();
            order.sort_by_key(|&i| key(i));
            for (to, &from) in order.iter().enumerate() {
                shuffled[to] = values[from];
            }
            let mut ends: Vec<usize> = cuts.into_iter().map(|c| c.min(values.len())).collect();
            ends.extend([0, values.len()]);
            ends.sort_unstable();
            let mut merged = Tally::new(limit);
            for piece in ends.windows(2).rev() {
                merged.merge(&of(limit, &shuffled[piece[0]..piece[1]]));
            }
            prop_assert_eq!(merged.n(), whole.n());
            prop_assert_eq!(merged.distribution(), whole.distribution());
            prop_assert!(merged == whole);
        }
    }
}
