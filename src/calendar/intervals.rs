//! Sets of instants as sorted intervals.

/// Sorted, disjoint, half-open intervals `[start, end)` of Unix seconds, merged where they touch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intervals {
    spans: Vec<(f64, f64)>,
}

impl Intervals {
    /// Every instant there is.
    pub fn always() -> Self {
        Intervals {
            spans: vec![(f64::NEG_INFINITY, f64::INFINITY)],
        }
    }

    /// No instant at all.
    pub fn never() -> Self {
        Intervals::default()
    }

    /// The union of spans in any order; those without an instant (end not after start, or not a number) are dropped.
    pub fn from_spans(spans: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut given: Vec<(f64, f64)> = spans
            .into_iter()
            .filter(|(start, end)| start < end)
            .collect();
        given.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut merged: Vec<(f64, f64)> = Vec::with_capacity(given.len());
        for (start, end) in given {
            match merged.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        Intervals { spans: merged }
    }

    /// Whether there is no instant in it.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Whether `t` is inside.
    pub fn contains(&self, t: f64) -> bool {
        self.spans
            .get(self.first_ending_after(t))
            .is_some_and(|&(start, _)| start <= t)
    }

    /// The first instant inside at or after `t`: `t` itself where it is inside, else the next start, `None` where
    /// there is none.
    pub fn next_open(&self, t: f64) -> Option<f64> {
        self.spans
            .get(self.first_ending_after(t))
            .map(|&(start, _)| start.max(t))
    }

    /// The intervals in order, as `(start, end)`.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (f64, f64)> + ExactSizeIterator {
        self.spans.iter().copied()
    }

    /// Length of all intervals together, in seconds.
    pub fn total(&self) -> f64 {
        self.iter()
            .fold(0.0, |sum, (start, end)| sum + (end - start))
    }

    /// The instant after `x` seconds of open time, for `0 <= x < total()`; always an instant inside.
    ///
    /// # Panics
    /// Where there is no interval, or the first has no start to count from.
    pub fn at_offset(&self, x: f64) -> f64 {
        let first = self.first_start();
        assert!(
            first.is_some_and(f64::is_finite),
            "open time must begin somewhere, and begins at {first:?}"
        );
        let mut left = x.max(0.0);
        let mut last = f64::NAN;
        for (start, end) in self.iter() {
            let length = end - start;
            // The sum can round up to the end, which is not inside.
            last = (start + left).min(end.next_down());
            if left < length {
                break;
            }
            left -= length;
        }
        last
    }

    /// Where the first interval begins.
    pub fn first_start(&self) -> Option<f64> {
        self.spans.first().map(|span| span.0)
    }

    /// Where the last interval ends.
    pub fn last_end(&self) -> Option<f64> {
        self.spans.last().map(|span| span.1)
    }

    /// What is inside this and outside `other`.
    pub fn minus(&self, other: &Intervals) -> Self {
        let mut left = Vec::with_capacity(self.spans.len());
        let mut next_cut = 0;
        for (mut start, end) in self.iter() {
            while other.spans.get(next_cut).is_some_and(|cut| cut.1 <= start) {
                next_cut += 1;
            }
            // A cut may reach into the next interval, so the search for that one begins with it again.
            for &(cut_start, cut_end) in
                other.spans[next_cut..].iter().take_while(|cut| cut.0 < end)
            {
                if start < cut_start {
                    left.push((start, cut_start));
                }
                start = start.max(cut_end);
            }
            if start < end {
                left.push((start, end));
            }
        }
        Intervals { spans: left }
    }

    /// What is inside this and within `[from, to)`.
    pub fn clipped(&self, from: f64, to: f64) -> Self {
        Intervals::from_spans(
            self.iter()
                .map(|(start, end)| (start.max(from), end.min(to))),
        )
    }

    /// Index of the first interval that ends after `t`.
    fn first_ending_after(&self, t: f64) -> usize {
        self.spans.partition_point(|&(_, end)| end <= t)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(spans: &[(f64, f64)]) -> Intervals {
        Intervals::from_spans(spans.iter().copied())
    }

    #[test]
    fn spans_are_sorted_and_merged() {
        let merged = of(&[
            (5.0, 6.0),
            (1.0, 2.0),
            (2.0, 3.0),
            (2.5, 2.7),
            (9.0, 9.0),
            (8.0, 7.0),
            (f64::NAN, 1.0),
        ]);
        assert_eq!(merged.iter().collect::<Vec<_>>(), [(1.0, 3.0), (5.0, 6.0)]);
        assert_eq!(
            (merged.total(), merged.first_start(), merged.last_end()),
            (3.0, Some(1.0), Some(6.0))
        );
        assert!(merged.contains(1.0) && !merged.contains(3.0));
        let next: Vec<_> = [0.0, 1.5, 3.0, 5.0, 6.0]
            .map(|t| merged.next_open(t))
            .to_vec();
        assert_eq!(next, [Some(1.0), Some(1.5), Some(5.0), Some(5.0), None]);
    }

    #[test]
    fn always_and_never() {
        let always = Intervals::always();
        assert!(always.contains(0.0) && always.contains(-1e18) && always.contains(1e18));
        assert_eq!(always.next_open(-7.0), Some(-7.0));
        assert_eq!(always.total(), f64::INFINITY);
        let never = Intervals::never();
        assert!(never.is_empty() && !never.contains(0.0) && never.next_open(0.0).is_none());
        assert!(never.total() == 0.0 && never.total().is_sign_positive());
        assert_eq!(always.minus(&always), never);
        assert_eq!(always.minus(&never), always);
        assert_eq!(always.minus(&of(&[(0.0, 1.0)])).iter().len(), 2);
        assert_eq!(always.clipped(3.0, 4.0), of(&[(3.0, 4.0)]));
    }

    #[test]
    fn an_offset_is_always_inside() {
        let hours = of(&[(1.7e9, 1.7e9 + 3_600.0), (1.8e9, 1.8e9 + 3_600.0)]);
        for (x, t) in [
            (0.0, 1.7e9),
            (3_599.0, 1.7e9 + 3_599.0),
            (3_600.0, 1.8e9),
            (7_199.0, 1.8e9 + 3_599.0),
        ] {
            assert_eq!(hours.at_offset(x), t);
        }
        for x in [3_600.0_f64.next_down(), 7_200.0_f64.next_down(), 7_200.0] {
            assert!(hours.contains(hours.at_offset(x)), "{x}");
        }
    }

    #[test]
    #[should_panic(expected = "open time must begin somewhere")]
    fn nothing_has_no_offset() {
        Intervals::never().at_offset(0.0);
    }

    fn some_intervals() -> impl Strategy<Value = Vec<(f64, f64)>> {
        let span = (0_i32..60, -2_i32..9)
            .prop_map(|(start, length)| (f64::from(start), f64::from(start + length)));
        prop::collection::vec(span, 0..12)
    }

    proptest! {
        #[test]
        fn sets_behave_like_sets(a in some_intervals(), b in some_intervals(), from in -2..70, to in -2..70) {
            let has = |spans: &[(f64, f64)], t: f64| spans.iter().any(|&(start, end)| start <= t && t < end);
            let (x, y) = (of(&a), of(&b));
            let (from, to) = (f64::from(from), f64::from(to));
            let (less, cut) = (x.minus(&y), x.clipped(from, to));
            for set in [&x, &less, &cut] {
                let ends: Vec<f64> = set.iter().flat_map(|(start, end)| [start, end]).collect();
                prop_assert!(ends.windows(2).all(|pair| pair[0] < pair[1]), "{set:?}");
            }
            for half in -2..150 {
                let t = f64::from(half) / 2.0;
                prop_assert_eq!(x.contains(t), has(&a, t));
                prop_assert_eq!(less.contains(t), has(&a, t) && !has(&b, t));
                prop_assert_eq!(cut.contains(t), has(&a, t) && from <= t && t < to);
                let next = (half..160).map(|h| f64::from(h) / 2.0).find(|&t| has(&a, t));
                prop_assert_eq!(x.next_open(t), next);
            }
        }

        #[test]
        fn an_offset_counts_open_time(a in some_intervals(), share in 0.0..1.0_f64) {
            let x = of(&a);
            if x.is_empty() {
                return Ok(());
            }
            let offset = share * x.total();
            let t = x.at_offset(offset);
            prop_assert!(x.contains(t));
            prop_assert!((x.clipped(f64::NEG_INFINITY, t).total() - offset).abs() < 1e-9);
        }
    }
}
