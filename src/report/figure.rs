//! An estimate as a cell of a table: the figure, and its interval where that must be seen.

use super::quantity::{Quantity, share_at_least, share_at_most};
use super::table::Cell;
use crate::stats::Estimate;

/// Which figures show their interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intervals {
    /// Those that are known no better than to a tenth of themselves.
    WhereCoarse,
    /// All.
    Everywhere,
}

/// Half an interval's width, relative to the value, beyond which a figure does not stand alone.
pub const COARSE: f64 = 0.1;

/// What a cell without a figure reads.
pub const MISSING: &str = "–";

/// The cell of an estimate; `None` reads as a dash.
pub fn cell(estimate: Option<Estimate>, quantity: Quantity, intervals: Intervals) -> Cell {
    let Some(estimate) = estimate else {
        return Cell::of(MISSING);
    };
    if let (Quantity::Chance, Some(bound)) = (quantity, one_sided(estimate)) {
        return Cell {
            order: Some(estimate.value),
            ..Cell::of(bound)
        };
    }
    let is_shown = intervals == Intervals::Everywhere || is_coarse(estimate);
    Cell {
        main: quantity.text(estimate.value),
        below: is_shown.then(|| quantity.range(estimate.low, estimate.high)),
        order: Some(estimate.value),
    }
}

/// A figure in running text, with its interval: `4.1% (1.9–8.4%)`.
pub fn phrase(estimate: Estimate, quantity: Quantity) -> String {
    cell(Some(estimate), quantity, Intervals::Everywhere).in_line()
}

/// Whether a figure is known no better than to [`COARSE`] of itself.
pub fn is_coarse(estimate: Estimate) -> bool {
    // An interval without width is exact, also at 0 and at "never".
    estimate.low != estimate.high && estimate.relative_half_width().is_none_or(|h| h > COARSE)
}

/// Whether the cell of a chance is a bound alone.
pub fn is_bound(estimate: Estimate) -> bool {
    one_sided(estimate).is_some()
}

/// A chance that never, or always, came up: all that is known is the other end of its interval.
fn one_sided(estimate: Estimate) -> Option<String> {
    if estimate.value == 0.0 && estimate.high > 0.0 {
        return Some(format!("< {}", share_at_most(estimate.high)));
    }
    if estimate.value == 1.0 && estimate.low < 1.0 {
        return Some(format!("> {}", share_at_least(estimate.low)));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64, low: f64, high: f64) -> Option<Estimate> {
        Some(Estimate {
            value,
            low,
            high,
            level: 0.95,
            n: 100,
        })
    }

    fn read(estimate: Option<Estimate>, quantity: Quantity, intervals: Intervals) -> String {
        cell(estimate, quantity, intervals).in_line()
    }

    #[test]
    fn only_coarse_figures_show_their_interval_unless_asked() {
        let fine = estimate(0.041, 0.039, 0.043);
        assert_eq!(read(fine, Quantity::Share, Intervals::WhereCoarse), "4.1%");
        assert_eq!(
            read(fine, Quantity::Share, Intervals::Everywhere),
            "4.1% (3.9–4.3%)"
        );
        let coarse = estimate(0.041, 0.019, 1.0);
        assert_eq!(
            read(coarse, Quantity::Share, Intervals::WhereCoarse),
            "4.1% (1.9–100%)"
        );
    }

    #[test]
    fn what_was_never_seen_reads_as_a_bound() {
        let unseen = estimate(0.0, 0.0, 0.003);
        assert_eq!(
            read(unseen, Quantity::Chance, Intervals::Everywhere),
            "< 0.30%"
        );
        let always = estimate(1.0, 0.988, 1.0);
        assert_eq!(
            read(always, Quantity::Chance, Intervals::WhereCoarse),
            "> 98.8%"
        );
        // A blast radius of 0 is a figure, not an event that was not seen.
        assert_eq!(
            read(unseen, Quantity::Share, Intervals::WhereCoarse),
            "0% (0–0.30%)"
        );
    }

    #[test]
    fn certainty_and_absence_have_no_interval() {
        let none = estimate(0.0, 0.0, 0.0);
        assert_eq!(read(none, Quantity::Chance, Intervals::WhereCoarse), "0%");
        let never = estimate(f64::INFINITY, f64::INFINITY, f64::INFINITY);
        assert_eq!(
            read(never, Quantity::Duration, Intervals::WhereCoarse),
            "never"
        );
        let open = estimate(3_600.0, 3_500.0, f64::INFINITY);
        assert_eq!(
            read(open, Quantity::Duration, Intervals::WhereCoarse),
            "1h (58m 20s–never)"
        );
        assert_eq!(read(None, Quantity::Share, Intervals::Everywhere), "–");
    }
}
