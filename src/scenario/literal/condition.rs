//! Conditions of alarms: `errors > 1%`, `errors > control + 0.5%`, `requests < 20` and the like.

use super::piece::Piece;
use super::{LiteralError, number};
use crate::random::normal_quantile;

/// A condition with its indicator still a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::scenario) struct Subject<'a> {
    /// The indicator, and where its name is; `None` for the number of requests.
    pub sli: Option<(&'a str, usize)>,
    /// What is compared.
    pub test: Comparison,
    /// Whether the threshold itself breaches.
    pub inclusive: bool,
}

/// What a condition compares with what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::scenario) enum Comparison {
    /// The bad ratio with a share.
    Ratio(f64),
    /// Bad requests with a number.
    Count(f64),
    /// The bad ratio with the control's plus a share.
    ControlPlus(f64),
    /// The bad ratio with the control's times a factor.
    ControlTimes(f64),
    /// A z test with this critical value.
    ControlTest(f64),
    /// Requests with a number.
    Requests(f64),
    /// Requests with a share of the control's.
    RequestsOfControl(f64),
}

const EXAMPLES: &str = "write one such as errors > 1%, errors > 5 per period, errors > control + 0.5%, \
                        errors > control * 1.5, errors > control at 1%, requests < 20 or requests < 50% of control";

/// Reads a condition.
pub(in crate::scenario) fn condition(text: &str) -> Result<Subject<'_>, LiteralError> {
    let whole = Piece::of(text).trim();
    let place = whole
        .text
        .find(['<', '>'])
        .ok_or_else(|| whole.fail("this is no condition").mend(EXAMPLES))?;
    let subject = whole.to(place).trim();
    let operator = whole.from(place);
    let inclusive = operator.text[1..].starts_with('=');
    let limit = operator.from(1 + usize::from(inclusive)).trim();
    if subject.text.is_empty() || limit.text.is_empty() {
        return Err(whole.fail("this is no condition").mend(EXAMPLES));
    }
    let below = operator.text.starts_with('<');
    let sign = operator.to(1 + usize::from(inclusive));
    if subject.text == "requests" {
        if !below {
            return Err(sign
                .fail("an alarm on requests watches for too few")
                .mend("write requests < 20"));
        }
        return Ok(Subject {
            sli: None,
            test: few_requests(limit)?,
            inclusive,
        });
    }
    if below {
        let mend = format!("write {} > 1%, or requests < 20", subject.text);
        return Err(sign
            .fail("an alarm on bad requests watches for too many")
            .mend(mend));
    }
    let test = too_many(limit, subject.text)?;
    if inclusive && matches!(test, Comparison::ControlTest(_)) {
        return Err(sign.fail("a test against the control knows only >"));
    }
    Ok(Subject {
        sli: Some((subject.text, subject.start)),
        test,
        inclusive,
    })
}

fn few_requests(limit: Piece<'_>) -> Result<Comparison, LiteralError> {
    if let Some(share) = limit.text.strip_suffix("of control") {
        let share = limit.to(share.len()).trim();
        return positive(number::percentage(share)?, share).map(Comparison::RequestsOfControl);
    }
    let count = plain(limit)?;
    positive(count, limit).map(Comparison::Requests)
}

fn too_many(limit: Piece<'_>, sli: &str) -> Result<Comparison, LiteralError> {
    if let Some(rest) = limit.after("control") {
        return against_control(rest, limit, sli);
    }
    if let Some((count, per)) = limit.split_once(" per ") {
        if !matches!(per.text, "period" | "window") {
            return Err(per
                .fail("bad requests are counted per period")
                .mend("write per period"));
        }
        return Ok(Comparison::Count(plain(count)?));
    }
    let ratio = number::percentage(limit).map_err(|error| {
        match number::decimal(limit.text).filter(|x| *x >= 1.0) {
            Some(_) => limit
                .fail("a bad ratio is compared with a share, a number of bad requests with a number per period")
                .mend(format!("write {sli} > {}% or {sli} > {} per period", limit.text, limit.text)),
            None => error,
        }
    })?;
    if ratio > 1.0 {
        return Err(limit.fail("no ratio is above 100%"));
    }
    Ok(Comparison::Ratio(ratio))
}

fn against_control(
    rest: Piece<'_>,
    limit: Piece<'_>,
    sli: &str,
) -> Result<Comparison, LiteralError> {
    if let Some(plus) = rest.after("+") {
        return Ok(Comparison::ControlPlus(number::percentage(plus)?));
    }
    if let Some(factor) = rest
        .after("*")
        .or_else(|| rest.after("×"))
        .or_else(|| rest.after("x "))
    {
        return positive(plain(factor)?, factor).map(Comparison::ControlTimes);
    }
    if let Some(level) = rest.after("at ") {
        let p = number::percentage(level)?;
        if !(p > 0.0 && p < 1.0) {
            return Err(level
                .fail("the level of a test lies between 0% and 100%")
                .mend("write control at 1%"));
        }
        return Ok(Comparison::ControlTest(normal_quantile(1.0 - p)));
    }
    let mend =
        format!("write {sli} > control + 0.5%, {sli} > control * 1.5 or {sli} > control at 1%");
    Err(limit.fail("by how much more than the control?").mend(mend))
}

fn plain(piece: Piece<'_>) -> Result<f64, LiteralError> {
    let value = number::decimal(piece.text).ok_or_else(|| piece.fail("this is no number"))?;
    if !(0.0..=1e18).contains(&value) {
        return Err(piece.fail("this must be a number from 0 to 1e18"));
    }
    Ok(value)
}

fn positive(value: f64, piece: Piece<'_>) -> Result<f64, LiteralError> {
    if value > 0.0 {
        Ok(value)
    } else {
        Err(piece.fail("this must be above 0"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read() {
        for (text, sli, test, inclusive) in [
            (
                "errors > 1%",
                Some("errors"),
                Comparison::Ratio(0.01),
                false,
            ),
            (
                "errors >= 1%",
                Some("errors"),
                Comparison::Ratio(0.01),
                true,
            ),
            ("errors>0", Some("errors"), Comparison::Ratio(0.0), false),
            ("slow > 0.05", Some("slow"), Comparison::Ratio(0.05), false),
            (
                "errors > 5 per period",
                Some("errors"),
                Comparison::Count(5.0),
                false,
            ),
            (
                "errors > control + 0.5%",
                Some("errors"),
                Comparison::ControlPlus(0.005),
                false,
            ),
            (
                "errors >= control+0.5%",
                Some("errors"),
                Comparison::ControlPlus(0.005),
                true,
            ),
            (
                "errors > control * 1.5",
                Some("errors"),
                Comparison::ControlTimes(1.5),
                false,
            ),
            ("requests < 20", None, Comparison::Requests(20.0), false),
            ("requests <= 20", None, Comparison::Requests(20.0), true),
            (
                "requests < 50% of control",
                None,
                Comparison::RequestsOfControl(0.5),
                false,
            ),
        ] {
            let read = condition(text).unwrap();
            assert_eq!(
                (read.sli.map(|s| s.0), read.test, read.inclusive),
                (sli, test, inclusive),
                "{text:?}"
            );
        }
        let Comparison::ControlTest(critical) = condition("errors > control at 1%").unwrap().test
        else {
            panic!("a z test");
        };
        // The 99th percentile of the standard normal distribution (tables: 2.3263).
        assert!((critical - 2.326_347_874).abs() < 1e-8, "{critical}");
    }

    #[test]
    fn what_is_no_condition_is_refused_with_a_reason() {
        for (text, rule) in [
            ("errors", "this is no condition"),
            ("errors = 1%", "this is no condition"),
            ("> 1%", "this is no condition"),
            ("errors >", "this is no condition"),
            (
                "errors < 1%",
                "an alarm on bad requests watches for too many",
            ),
            ("requests > 20", "an alarm on requests watches for too few"),
            (
                "errors > 5",
                "a bad ratio is compared with a share, a number of bad requests with a number per period",
            ),
            ("errors > 101%", "no ratio is above 100%"),
            ("errors > control", "by how much more than the control?"),
            (
                "errors > control at 0%",
                "the level of a test lies between 0% and 100%",
            ),
            (
                "errors >= control at 1%",
                "a test against the control knows only >",
            ),
            ("errors > control * 0", "this must be above 0"),
            ("errors > 5 per hour", "bad requests are counted per period"),
            ("errors > x", "this is no share"),
            ("requests < 0", "this must be above 0"),
            ("requests < many", "this is no number"),
        ] {
            assert_eq!(
                condition(text).map_err(|e| e.rule),
                Err(rule.to_owned()),
                "{text:?}"
            );
        }
    }
}
