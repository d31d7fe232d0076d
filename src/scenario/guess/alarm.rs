//! Lengths of an alarm that are drawn: its `period` is a multiple of its `every`, in every world.

use super::Guess;
use crate::scenario::fields::join;
use crate::scenario::merge::Merged;
use crate::scenario::value::{Node, Table, Value};

use super::range::Measure;

/// A length of an alarm.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Length {
    /// In seconds.
    Fixed(f64),
    /// The draw in this place.
    Drawn(usize),
}

/// An alarm that has both lengths, of which one is drawn at least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fit {
    period: Length,
    every: Length,
}

/// Whether a key is a length of an alarm, in whole seconds.
pub(super) fn is_length(path: &str, measure: Measure) -> bool {
    let key = path.rsplit('.').next();
    measure == Measure::Duration && matches!(key, Some("period" | "every" | "window"))
}

/// The alarms of which a length is drawn that has to fit another.
pub(super) fn fits(merged: &Merged, guesses: &[Guess]) -> Vec<Fit> {
    let mut found = Vec::new();
    for (path, value) in merged.tables() {
        look(value, &path, guesses, &mut found);
    }
    found
}

fn look(value: &Value, path: &str, guesses: &[Guess], found: &mut Vec<Fit>) {
    match &value.node {
        Node::Table(table) => {
            if let Some(fit) = fit(table, path, guesses) {
                found.push(fit);
            }
            for entry in table.entries() {
                look(&entry.value, &join(path, &entry.key), guesses, found);
            }
        }
        Node::List(values) => {
            for (i, value) in values.iter().enumerate() {
                look(value, &format!("{path}[{i}]"), guesses, found);
            }
        }
        _ => {}
    }
}

fn fit(table: &Table, path: &str, guesses: &[Guess]) -> Option<Fit> {
    let length = |key: &str| {
        let value = table.get(key)?;
        let key = join(path, key);
        if let Some(place) = guesses.iter().position(|guess| guess.key == key) {
            return Some(Length::Drawn(place));
        }
        let plain = match &value.node {
            Node::Table(inner) => &inner.get("value")?.node,
            node => node,
        };
        match plain {
            Node::Text(text) => Measure::Duration.read(text).map(Length::Fixed),
            _ => None,
        }
    };
    let fit = Fit {
        period: length("period")?,
        every: length("every")?,
    };
    let is_drawn = |length| matches!(length, Length::Drawn(_));
    (is_drawn(fit.period) || is_drawn(fit.every)).then_some(fit)
}

impl Fit {
    /// Moves a draw to the nearest one that fits within its range: `every` to a divisor of the period, or the period to a
    /// multiple of an `every` that is not drawn. Where the range holds none, the draw stays, and breaks the rule.
    pub fn apply(self, guesses: &[Guess], draws: &mut [f64]) {
        let of = |length| match length {
            Length::Fixed(seconds) => seconds,
            Length::Drawn(place) => draws[place],
        };
        let (period, every) = (of(self.period), of(self.every));
        let (place, nearest) = match (self.period, self.every) {
            (_, Length::Drawn(place)) => (place, nearest_divisor(period, every, &guesses[place])),
            (Length::Drawn(place), _) => (place, nearest_multiple(every, period, &guesses[place])),
            _ => return,
        };
        if let Some(nearest) = nearest {
            draws[place] = nearest;
        }
    }
}

/// Of the divisors of a whole number of seconds the one next to `x`, by ratio.
fn nearest_divisor(of: f64, x: f64, within: &Guess) -> Option<f64> {
    let most = libm::sqrt(of) as u64;
    let divisors = (1..=most).map(|d| d as f64).filter(|d| of % d == 0.0);
    let divisors = divisors.flat_map(|d| [d, of / d]);
    let allowed = divisors.filter(|d| (within.low..=within.high).contains(d));
    allowed.min_by(|a, b| distance(*a, x).total_cmp(&distance(*b, x)))
}

/// Of the multiples of a length the one next to `x`.
fn nearest_multiple(of: f64, x: f64, within: &Guess) -> Option<f64> {
    if of <= 0.0 {
        return None;
    }
    let (first, last) = (
        libm::ceil(within.low / of).max(1.0),
        libm::floor(within.high / of),
    );
    (first <= last).then(|| libm::round(x / of).clamp(first, last) * of)
}

fn distance(a: f64, b: f64) -> f64 {
    libm::log(a / b).abs()
}
