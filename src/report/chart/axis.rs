//! Axes: where a figure lies, and which figures are named.

use crate::report::quantity::{NEVER, Quantity};

/// An axis from one end to the other, in pixels.
///
/// Figures that span more than an order of magnitude lie on a logarithmic scale. That has no 0: where one is shown, it
/// has a place of its own before the scale. What never happened has one behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    quantity: Quantity,
    is_log: bool,
    /// The least and the largest figure on the scale.
    domain: (f64, f64),
    /// Pixels of these.
    scale: (f64, f64),
    /// Where 0 is, if it is not on the scale.
    zero: Option<f64>,
    /// Where what never happened is.
    never: Option<f64>,
}

/// A figure that is named on an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where, in pixels.
    pub place: f64,
    /// What it reads.
    pub text: String,
}

/// Room between an end of the axis and the nearest figure, as a share of its length.
const MARGIN: f64 = 0.05;
/// Room for 0 and for what never happened, as a share of the length.
const BAND: f64 = 0.09;
/// Figures that span more than this factor lie on a logarithmic scale.
const SPAN: f64 = 10.0;

impl Axis {
    /// An axis from pixel `start` to pixel `end` for some figures and their intervals; the figures alone decide whether
    /// it is logarithmic.
    pub fn new(quantity: Quantity, figures: &[f64], ends: &[f64], start: f64, end: f64) -> Axis {
        let all = || figures.iter().chain(ends).copied();
        let positive = |x: &f64| *x > 0.0 && x.is_finite();
        let (low, high) = span(figures.iter().copied().filter(positive));
        let is_log = high > SPAN * low;
        let (least, most) = span(all().filter(positive));
        let has_zero = is_log && all().any(|x| x == 0.0);
        let has_never = all().any(|x| x == f64::INFINITY);
        let domain = match (is_log, least < most) {
            (true, _) => (least, most),
            (false, _) if least.is_finite() => (0.0, most),
            // Nothing but 0 and never.
            (false, _) => (0.0, 1.0),
        };
        let length = end - start;
        let at = |share: f64| start + share * length;
        let first = if has_zero { BAND } else { 0.0 };
        let last = if has_never { 1.0 - BAND } else { 1.0 };
        // A linear scale begins at 0 and needs no room before it, but a marker there would hang over the edge.
        let before = if is_log || all().any(|x| x == 0.0) {
            MARGIN
        } else {
            0.0
        };
        Axis {
            quantity,
            is_log,
            domain,
            scale: (at(first + before), at(last - MARGIN)),
            zero: has_zero.then(|| at(BAND / 2.0)),
            never: has_never.then(|| at(1.0 - BAND / 2.0)),
        }
    }

    /// A linear axis from 0 to `most`, with no room beyond.
    pub fn linear(quantity: Quantity, most: f64, start: f64, end: f64) -> Axis {
        Axis {
            quantity,
            is_log: false,
            domain: (0.0, most),
            scale: (start, end),
            zero: None,
            never: None,
        }
    }

    /// A logarithmic axis for positive figures.
    pub fn logarithmic(quantity: Quantity, figures: &[f64], start: f64, end: f64) -> Axis {
        let domain = span(figures.iter().copied().filter(|x| *x > 0.0));
        let at = |share: f64| start + share * (end - start);
        Axis {
            quantity,
            is_log: true,
            domain,
            scale: (at(MARGIN), at(1.0 - MARGIN)),
            zero: None,
            never: None,
        }
    }

    /// Whether the scale is logarithmic.
    pub fn is_log(&self) -> bool {
        self.is_log
    }

    /// Where a figure lies.
    pub fn place(&self, x: f64) -> f64 {
        if let (Some(never), true) = (self.never, x == f64::INFINITY) {
            return never;
        }
        if let (Some(zero), true) = (self.zero, x <= 0.0) {
            return zero;
        }
        let (low, high) = self.domain;
        let share = if low == high {
            0.5
        } else if self.is_log {
            libm::log(x / low) / libm::log(high / low)
        } else {
            (x - low) / (high - low)
        };
        self.scale.0 + share * (self.scale.1 - self.scale.0)
    }

    /// The figure at a place on the scale.
    pub fn figure(&self, place: f64) -> f64 {
        let share = (place - self.scale.0) / (self.scale.1 - self.scale.0);
        let (low, high) = self.domain;
        if self.is_log {
            low * libm::pow(high / low, share)
        } else {
            low + share * (high - low)
        }
    }

    /// Where the scale begins and ends, in pixels.
    pub fn ends(&self) -> (f64, f64) {
        self.scale
    }

    /// The figures to be named, no two of them nearer than `apart` pixels.
    pub fn ticks(&self, apart: f64) -> Vec<Tick> {
        let mut ticks: Vec<Tick> = Vec::new();
        if let Some(place) = self.zero {
            ticks.push(Tick {
                place,
                text: tick_text(self.quantity, 0.0),
            });
        }
        if let Some(place) = self.never {
            let text = if self.quantity == Quantity::Duration {
                NEVER
            } else {
                "∞"
            };
            ticks.push(Tick {
                place,
                text: text.to_owned(),
            });
        }
        let candidates = if self.is_log {
            self.log_candidates()
        } else {
            self.steps(apart)
        };
        for x in candidates {
            let place = self.place(x);
            if ticks.iter().all(|t| (t.place - place).abs() >= apart) {
                ticks.push(Tick {
                    place,
                    text: tick_text(self.quantity, x),
                });
            }
        }
        ticks.sort_by(|a, b| a.place.total_cmp(&b.place));
        ticks
    }

    /// Round figures on the scale, those that are roundest first.
    fn log_candidates(&self) -> Vec<f64> {
        let (low, high) = self.domain;
        let inside = |x: &f64| *x >= low * (1.0 - 1e-9) && *x <= high * (1.0 + 1e-9);
        if self.quantity == Quantity::Duration {
            let mut candidates: Vec<f64> = ROUND_DURATIONS.into_iter().flatten().copied().collect();
            candidates.retain(inside);
            return candidates;
        }
        let decades =
            (libm::floor(libm::log10(low)) as i32)..=(libm::ceil(libm::log10(high)) as i32);
        let of = |digit: f64| {
            decades
                .clone()
                .map(move |d| digit * libm::pow(10.0, f64::from(d)))
        };
        [1.0, 3.0, 2.0, 5.0]
            .into_iter()
            .flat_map(of)
            .filter(inside)
            .collect()
    }

    /// Multiples of the least round step that keeps them apart.
    fn steps(&self, apart: f64) -> Vec<f64> {
        let (low, high) = self.domain;
        let pixels = (self.scale.1 - self.scale.0).abs();
        let least = (high - low) * apart / pixels;
        let step = round_step(self.quantity, least);
        let first = libm::ceil(low / step - 1e-9) as i64;
        let last = libm::floor(high / step + 1e-9) as i64;
        (first..=last).map(|i| i as f64 * step).collect()
    }
}

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;

/// Durations that people name, roundest first.
const ROUND_DURATIONS: [&[f64]; 4] = [
    &[1.0, MINUTE, HOUR, DAY, 10.0 * DAY, 100.0 * DAY],
    &[10.0, 10.0 * MINUTE, 6.0 * HOUR, 3.0 * DAY, 30.0 * DAY],
    &[
        30.0,
        30.0 * MINUTE,
        3.0 * HOUR,
        12.0 * HOUR,
        2.0 * DAY,
        5.0 * DAY,
        20.0 * DAY,
        60.0 * DAY,
    ],
    &[
        2.0,
        5.0,
        20.0,
        2.0 * MINUTE,
        5.0 * MINUTE,
        20.0 * MINUTE,
        2.0 * HOUR,
        4.0 * HOUR,
        18.0 * HOUR,
        4.0 * DAY,
        7.0 * DAY,
        15.0 * DAY,
        40.0 * DAY,
    ],
];

/// Steps between durations that people name.
const DURATION_STEPS: [f64; 22] = [
    1.0,
    2.0,
    5.0,
    10.0,
    30.0,
    MINUTE,
    2.0 * MINUTE,
    5.0 * MINUTE,
    10.0 * MINUTE,
    15.0 * MINUTE,
    30.0 * MINUTE,
    HOUR,
    2.0 * HOUR,
    3.0 * HOUR,
    6.0 * HOUR,
    12.0 * HOUR,
    DAY,
    2.0 * DAY,
    5.0 * DAY,
    10.0 * DAY,
    20.0 * DAY,
    50.0 * DAY,
];

/// The least round step that is not below `least`.
fn round_step(quantity: Quantity, least: f64) -> f64 {
    if quantity == Quantity::Duration
        && let Some(step) = DURATION_STEPS.into_iter().find(|s| *s >= least)
    {
        return step;
    }
    let decade = libm::pow(10.0, libm::floor(libm::log10(least)));
    let steps = [1.0, 2.0, 5.0, 10.0].into_iter().map(|d| d * decade);
    steps
        .into_iter()
        .find(|s| *s >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * decade)
}

/// A round figure as an axis names it: `20%` where a table has `20.0%`.
fn tick_text(quantity: Quantity, x: f64) -> String {
    match quantity {
        Quantity::Share | Quantity::Chance if x != 0.0 => {
            let percent = format!("{:.6}", 100.0 * x);
            format!("{}%", percent.trim_end_matches('0').trim_end_matches('.'))
        }
        Quantity::Duration if x == 0.0 => "0".to_owned(),
        _ => quantity.text(x),
    }
}

/// The least and the largest of some figures.
fn span(figures: impl Iterator<Item = f64>) -> (f64, f64) {
    figures.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
        (low.min(x), high.max(x))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(axis: &Axis) -> Vec<String> {
        axis.ticks(50.0).into_iter().map(|t| t.text).collect()
    }

    #[test]
    fn figures_of_one_magnitude_lie_on_a_linear_scale_from_zero() {
        let axis = Axis::new(Quantity::Duration, &[30_000.0, 100_000.0], &[], 0.0, 600.0);
        assert!(!axis.is_log());
        assert_eq!(
            texts(&axis),
            [
                "0", "3h", "6h", "9h", "12h", "15h", "18h", "21h", "1d", "1d 3h"
            ]
        );
        assert_eq!(axis.place(0.0), 0.0);
        assert_eq!(axis.place(100_000.0), 570.0);
    }

    #[test]
    fn figures_of_several_lie_on_a_logarithmic_one() {
        let figures = [2_000.0, 400_000.0];
        let axis = Axis::new(Quantity::Duration, &figures, &[], 0.0, 600.0);
        assert!(axis.is_log());
        assert_eq!(texts(&axis), ["1h", "3h", "6h", "12h", "1d", "3d"]);
        let shares = Axis::new(Quantity::Share, &[0.0006, 1.0], &[], 400.0, 0.0);
        assert_eq!(
            texts(&shares),
            ["100%", "30%", "10%", "3%", "1%", "0.3%", "0.1%"]
        );
        assert!((shares.place(1.0) - 20.0).abs() < 1e-9);
    }

    #[test]
    fn zero_and_never_are_never_hidden() {
        let axis = Axis::new(Quantity::Share, &[0.0, 0.001, 0.5], &[], 0.0, 600.0);
        assert!(axis.is_log());
        assert_eq!(texts(&axis)[0], "0%");
        assert!(axis.place(0.0) >= 0.0 && axis.place(0.0) < axis.place(0.001) - 20.0);
        let open = Axis::new(Quantity::Duration, &[3_600.0], &[f64::INFINITY], 0.0, 600.0);
        assert_eq!(texts(&open).last().unwrap(), "never");
        assert!(open.place(f64::INFINITY) > open.place(3_600.0) + 20.0);
        let nothing_else = Axis::new(Quantity::Duration, &[f64::INFINITY], &[], 0.0, 600.0);
        assert!(nothing_else.place(f64::INFINITY).is_finite());
        let only_zero = Axis::new(Quantity::Share, &[0.0], &[0.0], 0.0, 600.0);
        assert!(only_zero.place(0.0) > 0.0 && only_zero.place(0.0) < 60.0);
    }

    proptest! {
        #[test]
        fn all_figures_are_on_the_axis_in_order(
            mut figures in prop::collection::vec(
                prop_oneof![1 => Just(0.0), 8 => 1e-6..1e6_f64, 1 => Just(f64::INFINITY)], 1..12),
            share in any::<bool>(),
        ) {
            let quantity = if share { Quantity::Share } else { Quantity::Duration };
            let axis = Axis::new(quantity, &figures[..1], &figures[1..], 100.0, 700.0);
            figures.sort_by(f64::total_cmp);
            let places: Vec<f64> = figures.iter().map(|&x| axis.place(x)).collect();
            prop_assert!(places.iter().all(|p| (100.0..=700.0).contains(p)), "{:?} {:?}", axis, places);
            prop_assert!(places.is_sorted(), "{:?} {:?}", axis, places);
            let ticks = axis.ticks(50.0);
            prop_assert!(ticks.windows(2).all(|w| w[1].place - w[0].place >= 50.0 - 1e-9), "{:?}", ticks);
            prop_assert!(ticks.iter().all(|t| (99.9..=700.1).contains(&t.place)), "{:?}", ticks);
        }
    }
}
