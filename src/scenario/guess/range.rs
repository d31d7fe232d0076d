//! Ranges of guesses: `2% to 8%`, `15m to 3h`, `10 to 3_000`, `1 per year to 20 per year`, `median 1h to 24h`.

use crate::random::Stream;
use crate::scenario::literal::{LiteralError, Unit, as_number, quantity, rate_per_s};

/// What the ends of a range are measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Seconds.
    Duration,
    /// A share from 0 to 1.
    Share,
    /// A plain number.
    Number,
    /// How often in a year of 365 days.
    PerYear,
}

/// Seconds of a year, as rates have it.
const YEAR_S: f64 = 365.0 * 86_400.0;

impl Measure {
    /// The unit of quantities so measured, where the language has one.
    pub(super) fn unit(self) -> Option<Unit> {
        match self {
            Measure::Duration => Some(Unit::Duration),
            Measure::Share => Some(Unit::Share),
            Measure::Number => Some(Unit::Amount),
            Measure::PerYear => None,
        }
    }

    /// The value of a text that is nothing else than a quantity so measured.
    pub(super) fn read(self, text: &str) -> Option<f64> {
        match self {
            Measure::Duration => quantity(Unit::Duration, text).ok(),
            Measure::Share => text
                .trim()
                .ends_with('%')
                .then(|| quantity(Unit::Share, text).ok())?,
            Measure::Number => {
                let digits: String = as_number(text)?.chars().filter(|&c| c != '_').collect();
                digits
                    .parse()
                    .ok()
                    .filter(|x: &f64| x.is_finite() && *x >= 0.0)
            }
            Measure::PerYear => rate_per_s(text).ok().map(|rate| rate * YEAR_S),
        }
    }

    /// A quantity as the language reads it.
    pub(super) fn write(self, x: f64) -> String {
        match self {
            Measure::Duration => format!("{x}s"),
            Measure::Share => format!("{}%", 100.0 * x),
            Measure::Number => format!("{x}"),
            Measure::PerYear => format!("{x} per year"),
        }
    }
}

/// Between which values something may lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub low: f64,
    pub high: f64,
    pub measure: Measure,
    /// Whether it is that of a distribution's median, said so.
    pub of_median: bool,
}

impl Range {
    /// Reads a range.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Range, LiteralError> {
        let form = "write a range such as 2% to 8%, 15m to 3h or 10 to 3_000; of a distribution such as median 1h to 24h";
        let fail = |rule: &str| Err(LiteralError::new(rule.to_owned()).mend(form));
        let text = text.trim();
        let (of_median, ends) = match text.strip_prefix("median ") {
            Some(ends) => (true, ends),
            None => (false, text),
        };
        let Some((low, high)) = ends.split_once(" to ") else {
            return fail("a range goes from one value to another");
        };
        let measures = [
            Measure::Number,
            Measure::Share,
            Measure::Duration,
            Measure::PerYear,
        ];
        let read = |measure: Measure| Some((measure, measure.read(low)?, measure.read(high)?));
        let Some((measure, low, high)) = measures.into_iter().find_map(read) else {
            return fail("the two ends of a range are values of one kind, both with their unit");
        };
        if low > high {
            return fail("a range begins with its smaller end");
        }
        Ok(Range {
            low,
            high,
            measure,
            of_median,
        })
    }

    /// A value between the ends, at the stream's next uniform number; a multiple of `step` where that is above 0.
    ///
    /// Log-uniform where both ends are above 0, else uniform: a guess is as likely off by a factor either way. Multiples
    /// are drawn from half a step below the lower end to half a step above the upper one, and rounded, so that the ends
    /// are as likely as what lies between them.
    pub fn draw(&self, step: f64, stream: &mut Stream) -> f64 {
        let u = stream.uniform();
        let reach = step / 2.0;
        let (low, high) = (self.low - reach, self.high + reach);
        let drawn = if self.low > 0.0 {
            low * libm::exp(u * libm::log(high / low))
        } else {
            low + u * (high - low)
        };
        let drawn = if step > 0.0 {
            // Of what rounds to -0.
            libm::round(drawn / step) * step + 0.0
        } else {
            drawn
        };
        drawn.clamp(self.low, self.high)
    }

    /// The step of whole numbers, where the ends are some.
    pub fn whole(&self) -> Option<f64> {
        self.is_multiple(1.0).then_some(1.0)
    }

    /// The step of the lengths of alarms, which are whole seconds: the largest usual one of which both ends are multiples,
    /// for alarms whose lengths have no large common divisor take long to simulate. `None` where the ends are no whole
    /// seconds.
    pub fn of_lengths(&self) -> Option<f64> {
        let steps = [60.0, 30.0, 15.0, 10.0, 5.0, 1.0];
        steps.into_iter().find(|&step| self.is_multiple(step))
    }

    fn is_multiple(&self, step: f64) -> bool {
        self.low % step == 0.0 && self.high % step == 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{NameKey, Purpose, RolloutKey};

    fn stream(n: u64) -> Stream {
        RolloutKey::new(1, NameKey::NONE, n).stream(Purpose::Worlds, 0, NameKey::of("x"))
    }

    #[test]
    fn ranges_are_read_with_their_measure() {
        for (text, low, high, measure, of_median) in [
            ("2% to 8%", 0.02, 0.08, Measure::Share, false),
            ("15m to 3h", 900.0, 10_800.0, Measure::Duration, false),
            ("0 to 3", 0.0, 3.0, Measure::Number, false),
            ("30_000 to 120_000", 3e4, 1.2e5, Measure::Number, false),
            ("1e-6 to 1e-3", 1e-6, 1e-3, Measure::Number, false),
            (
                "median 1h to 24h",
                3_600.0,
                86_400.0,
                Measure::Duration,
                true,
            ),
        ] {
            let expected = Range {
                low,
                high,
                measure,
                of_median,
            };
            assert_eq!(Range::parse(text), Ok(expected), "{text}");
        }
        let range = Range::parse("1 per year to 20 per year").unwrap();
        assert_eq!(range.measure, Measure::PerYear);
        assert!((range.low - 1.0).abs() < 0.01 && (range.high - 20.0).abs() < 0.1);
        for text in [
            "", "5", "5 to", "8% to 2%", "2 to 8%", "a to b", "1h to 24", "-1 to 2", "NaN to 2",
        ] {
            assert!(Range::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn draws_follow_their_law() {
        const N: u64 = 20_000;
        // Shares of draws at most x have a standard error below 0.0036; 5 of them allowed.
        let at_most = |range: &str, step: f64, x: f64| {
            let range = Range::parse(range).unwrap();
            let below = (0..N)
                .filter(|&n| range.draw(step, &mut stream(n)) <= x)
                .count();
            below as f64 / N as f64
        };
        let is = |found: f64, expected: f64| {
            assert!((found - expected).abs() < 0.018, "{found} {expected}")
        };
        is(at_most("1h to 4h", 0.0, 7_200.0), 0.5);
        is(at_most("0 to 4", 0.0, 1.0), 0.25);
        is(at_most("0% to 100%", 0.0, 0.3), 0.3);
        is(at_most("0 to 3", 1.0, 0.0), 0.25);
        is(at_most("0 to 3", 1.0, 2.0), 0.75);
        let e = libm::log(1.5 / 0.5) / libm::log(3.5 / 0.5);
        is(at_most("1 to 3", 1.0, 1.0), e);
        is(at_most("5 to 5", 0.0, 5.0), 1.0);
        // Of 1, 2, 3, 4 minutes, each from half a minute below to half a minute above.
        let e = libm::log(2.5 / 0.5) / libm::log(4.5 / 0.5);
        is(at_most("1m to 4m", 60.0, 120.0), e);
        is(at_most("1m to 4m", 60.0, 179.0), e);
    }
    #[test]
    fn lengths_of_alarms_have_the_largest_step_that_fits() {
        for (text, expected) in [
            ("1m to 10m", Some(60.0)),
            ("30s to 5m", Some(30.0)),
            ("45s to 2m", Some(15.0)),
            ("7s to 1m", Some(1.0)),
            ("0.5s to 1m", None),
        ] {
            assert_eq!(Range::parse(text).unwrap().of_lengths(), expected, "{text}");
        }
    }
}
