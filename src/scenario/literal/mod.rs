//! Literals: durations, shares, amounts, distributions, rates, conditions and rules, as people write them.
//!
//! Everything here reads a text and returns a value, or what is wrong and where in the text. No tables, no files: whoever
//! reads an empirical distribution is told by the caller how to get its values.

mod condition;
mod dist;
mod duration;
mod keep;
mod number;
pub(in crate::scenario) mod pattern;
mod piece;
mod rate;
mod rule;

use std::ops::Range;

pub(super) use condition::{Comparison, condition};
pub(super) use dist::dist;
pub use keep::{Figure, Keep, Statistic};
pub(super) use keep::{Slis, keep};
pub(super) use number::number_as;
pub(super) use rate::rate_per_s;
pub(super) use rule::rule;

use piece::Piece;

/// What a quantity is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Seconds.
    Duration,
    /// A share from 0 to 1.
    Share,
    /// A number, of requests mostly.
    Amount,
}

impl Unit {
    /// What to write, in words.
    pub fn wanted(self) -> &'static str {
        match self {
            Unit::Duration => "a duration in quotes, such as \"90s\", \"1h30m\" or \"5m to 20m\"",
            Unit::Share => "a share, such as \"4%\" or a number below 1",
            Unit::Amount => "a number, such as 24_000 or \"1e6 to 1e9\"",
        }
    }
}

/// What is wrong with a literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LiteralError {
    /// The rule that is broken.
    pub rule: String,
    /// The bytes of the text that are to blame.
    pub at: Option<Range<usize>>,
    /// The known word that was probably meant.
    pub nearest: Option<String>,
    /// What to write instead.
    pub mend: Option<String>,
}

impl LiteralError {
    /// A broken rule, about the whole text.
    pub fn new(rule: impl Into<String>) -> LiteralError {
        LiteralError {
            rule: rule.into(),
            at: None,
            nearest: None,
            mend: None,
        }
    }

    pub fn mend(mut self, mend: impl Into<String>) -> LiteralError {
        self.mend = Some(mend.into());
        self
    }

    fn nearest(mut self, nearest: Option<&str>) -> LiteralError {
        self.nearest = nearest.map(str::to_owned);
        self
    }
}

/// The text of a number, without white space around it, where a text is nothing else.
pub(super) fn as_number(text: &str) -> Option<&str> {
    let text = text.trim();
    number::decimal(text).map(|_| text)
}

/// One quantity, not a distribution.
pub(super) fn quantity(unit: Unit, text: &str) -> Result<f64, LiteralError> {
    number::quantity(unit, Piece::of(text).trim())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Texts of the pieces that literals are made of.
    fn any_literal() -> impl Strategy<Value = String> {
        let pieces = prop::sample::select(vec![
            "5",
            "1e300",
            "0.7",
            "-",
            "+",
            "%",
            "m",
            "h",
            "d",
            "ms",
            " ",
            " to ",
            "|",
            ":",
            "(",
            ")",
            ",",
            "=",
            "lognormal(median=5m, p95=1h)",
            "exp(mean=",
            "empirical(",
            "uniform(",
            "errors",
            "requests",
            "control",
            ">",
            ">=",
            "<",
            "*",
            "×",
            " at ",
            " of ",
            " of control",
            " per period",
            " per ",
            " in a row",
            " in all",
            "year",
            "µ",
            "e",
            "_",
            ".",
            "nan",
            "inf",
            "\u{a0}",
            "é",
        ]);
        prop::collection::vec(pieces, 0..9).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_literal_panics_and_blame_lies_within_it(text in any_literal()) {
            let mut errors: Vec<LiteralError> = Vec::new();
            for unit in [Unit::Duration, Unit::Share, Unit::Amount] {
                let values = |_: &str, _: &str| Ok(vec![1.0]);
                match dist(unit, &text, &mut values.clone()) {
                    Ok(dist) => prop_assert!(dist.quantile(0.5) >= 0.0 && dist.mean().is_finite()),
                    Err(error) => errors.push(error),
                }
                match quantity(unit, &text) {
                    Ok(value) => prop_assert!(value >= 0.0 && value.is_finite()),
                    Err(error) => errors.push(error),
                }
            }
            errors.extend(condition(&text).err());
            errors.extend(rule(&text).err());
            errors.extend(rate_per_s(&text).err());
            for range in errors.into_iter().filter_map(|e| e.at) {
                prop_assert!(text.get(range).is_some(), "{text:?}");
            }
        }
    }

    /// What every reader says of a text, with the pattern of what it reads.
    fn verdicts(text: &str) -> Vec<(bool, String)> {
        let mut values = |_: &str, _: &str| Ok(vec![1.0]);
        let mut drawn = |unit| dist(unit, text, &mut values).is_ok();
        // Names of indicators have only such letters.
        let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric());
        let condition = condition(text).is_ok_and(|c| c.sli.is_none_or(|(name, _)| is_name(name)));
        vec![
            (drawn(Unit::Duration), pattern::random_duration()),
            (drawn(Unit::Share), pattern::random_share()),
            (drawn(Unit::Amount), pattern::random_amount()),
            (quantity(Unit::Duration, text).is_ok(), pattern::duration()),
            (quantity(Unit::Share, text).is_ok(), pattern::share()),
            (quantity(Unit::Amount, text).is_ok(), pattern::amount()),
            (condition, pattern::condition()),
            (rule(text).is_ok(), pattern::rule()),
            (rate_per_s(text).is_ok(), pattern::rate()),
        ]
    }

    fn matches(pattern: &str, text: &str) -> bool {
        let schema = serde_json::json!({ "pattern": pattern });
        let validator = jsonschema::draft7::new(&schema).expect("a pattern");
        validator.is_valid(&serde_json::json!(text))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn patterns_match_all_that_is_read(text in any_literal()) {
            // No quantity is below 0, but for a 0 with a minus, which nobody writes.
            prop_assume!(!text.contains('-'));
            for (is_read, pattern) in verdicts(&text).into_iter().filter(|(is_read, _)| *is_read) {
                prop_assert!(is_read && matches(&pattern, &text), "{:?} and {}", text, pattern);
            }
        }
    }

    #[test]
    fn patterns_refuse_what_people_write_by_mistake() {
        for (pattern, texts) in [
            (
                pattern::duration(),
                &["90", "5x", "-5m", "m", "", "1h30", "5m to 1h"][..],
            ),
            (
                pattern::random_duration(),
                &[
                    "90",
                    "5m - 20m",
                    "gama(mean=1m, sd=1m)",
                    "5 to 20m",
                    "lognormal(median=5m",
                ],
            ),
            (
                pattern::share(),
                &["5", "100", "5 percent", "half", "", "-5%"],
            ),
            (
                pattern::rate(),
                &["2", "per year", "2 per fortnight", "2 a year"],
            ),
            (
                pattern::condition(),
                &[
                    "errors",
                    "errors = 1%",
                    "errors > 5",
                    "errors > control",
                    "> 1%",
                ],
            ),
            (pattern::rule(), &["3", "3 out of 5", "three of five"]),
            (
                pattern::dates(),
                &["2026-12-24 - 2027-01-02", "24 December"],
            ),
            (pattern::moment(), &["2026-03-02", "2026-03-02 09:00"]),
            (pattern::weekdays(), &["weekdays", "Mon-Fry", "Mo"]),
            (pattern::hours(), &["9-17", "09:00", "09:00 to 17:00"]),
        ] {
            for text in texts {
                assert!(!matches(&pattern, text), "{text:?} and {pattern}");
            }
        }
    }

    #[test]
    fn examples_are_right() {
        for literal in crate::scenario::vocabulary::LITERALS {
            for example in literal.examples {
                let pattern = (literal.pattern)();
                assert!(matches(&pattern, example), "{example:?} and {pattern}");
            }
        }
    }
}
