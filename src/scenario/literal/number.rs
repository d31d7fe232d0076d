//! Plain numbers, shares and amounts.

use super::piece::Piece;
use super::{LiteralError, Unit, duration};

/// The largest amount.
const LARGEST_AMOUNT: f64 = 1e18;

/// A quantity of a unit.
pub(super) fn quantity(unit: Unit, piece: Piece<'_>) -> Result<f64, LiteralError> {
    match unit {
        Unit::Duration => duration::duration_s(piece),
        Unit::Share => share(piece),
        Unit::Amount => amount(piece),
    }
}

/// The parameter of a share's distribution: may be beyond 100%, since draws are cut there.
pub(super) fn parameter(unit: Unit, piece: Piece<'_>) -> Result<f64, LiteralError> {
    match unit {
        Unit::Share => percentage(piece),
        _ => quantity(unit, piece),
    }
}

/// A decimal number: digits, which `_` may set apart, a fraction, an exponent. Never infinite, never "nan".
pub(super) fn decimal(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let is_digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let well_formed = bytes.iter().enumerate().all(|(i, b)| match b {
        b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-' => true,
        b'_' => i > 0 && is_digit(i - 1) && is_digit(i + 1),
        _ => false,
    });
    if !well_formed {
        return None;
    }
    text.replace('_', "")
        .parse()
        .ok()
        .filter(|x: &f64| x.is_finite())
}

/// What to write instead of a range with a dash, or of a comma in a number.
pub(super) fn spread_or_comma(text: &str, example: &str) -> Option<String> {
    let begins = text.starts_with(|c: char| c.is_ascii_digit());
    let dash = text.find(['-', '–', '—']).or_else(|| text.find(".."));
    let exponent = dash.is_some_and(|at| text[..at].ends_with(['e', 'E']));
    match text.find(',') {
        _ if begins && dash.is_some() && !exponent => {
            Some(format!("write a spread with `to`, such as {example}"))
        }
        Some(_) if begins => {
            Some("write a point before the fraction, and `_` between thousands".to_owned())
        }
        _ => None,
    }
}

fn amount(piece: Piece<'_>) -> Result<f64, LiteralError> {
    let value = decimal(piece.text).ok_or_else(|| {
        let error = piece.fail("this is no number");
        match spread_or_comma(piece.text, "1e6 to 1e9") {
            Some(mend) => error.mend(mend),
            None => error.mend("write a number such as 24_000 or 1e6, without a unit"),
        }
    })?;
    bounded_amount(value).map_err(|error| LiteralError {
        at: Some(piece.range()),
        ..error
    })
}

fn bounded_amount(value: f64) -> Result<f64, LiteralError> {
    if value < 0.0 {
        return Err(LiteralError::new("an amount cannot be negative"));
    }
    if value > LARGEST_AMOUNT {
        return Err(LiteralError::new("an amount can be at most 1e18"));
    }
    Ok(value)
}

/// A share from 0 to 1.
fn share(piece: Piece<'_>) -> Result<f64, LiteralError> {
    let value = percentage(piece)?;
    if value > 1.0 {
        return Err(piece.fail("a share is at most 100%"));
    }
    Ok(value)
}

/// A percentage, however large, or a number below 1.
pub(super) fn percentage(piece: Piece<'_>) -> Result<f64, LiteralError> {
    let unreadable = || {
        let error = piece.fail("this is no share");
        let percent = piece.text.strip_suffix("percent").map(str::trim);
        match spread_or_comma(piece.text, "1% to 10%") {
            _ if percent.is_some_and(|p| decimal(p).is_some()) => {
                error.mend(format!("write \"{}%\"", percent.unwrap_or("")))
            }
            Some(mend) => error.mend(mend),
            None => error.mend("write a percentage such as 4%, or a number below 1"),
        }
    };
    let value = match piece.text.strip_suffix('%') {
        Some(percent) => percent_of(percent.trim_end()).ok_or_else(unreadable)?,
        None => {
            let value = decimal(piece.text).ok_or_else(unreadable)?;
            return below_one(value, piece.text).map_err(|e| LiteralError {
                at: Some(piece.range()),
                ..e
            });
        }
    };
    if value < 0.0 {
        return Err(piece.fail("a share cannot be negative"));
    }
    if value > 1e9 {
        return Err(piece.fail("no share is this large"));
    }
    Ok(value)
}

/// A hundredth of a decimal number, rounded once: 0.7% is the double nearest to 0.007, which 0.7 / 100 is not.
fn percent_of(text: &str) -> Option<f64> {
    let value = decimal(text)?;
    if text.contains(['e', 'E']) {
        return Some(value / 100.0);
    }
    decimal(&format!("{text}e-2"))
}

/// A share written as a plain number: below 1, because "1" could be 1% or 100%.
fn below_one(value: f64, text: &str) -> Result<f64, LiteralError> {
    if value < 0.0 {
        return Err(LiteralError::new("a share cannot be negative"));
    }
    if value == 1.0 {
        return Err(
            LiteralError::new("a share of 1 could be all or 1%").mend("write \"100%\" or \"1%\"")
        );
    }
    if value.is_nan() || value > 1.0 {
        let error = LiteralError::new("a share is a percentage or a number below 1");
        return Err(if value <= 100.0 {
            error.mend(format!("write \"{text}%\""))
        } else {
            error
        });
    }
    Ok(value)
}

/// A quantity written as a TOML number.
pub(in crate::scenario) fn number_as(
    unit: Unit,
    value: f64,
    text: &str,
) -> Result<f64, LiteralError> {
    if !value.is_finite() {
        return Err(LiteralError::new("a number must be finite"));
    }
    match unit {
        Unit::Duration => Err(duration::needs_unit(text)),
        Unit::Share => below_one(value, text),
        Unit::Amount => bounded_amount(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_toml_would() {
        for (text, expected) in [
            ("24_000", Some(24_000.0)),
            ("1e6", Some(1e6)),
            ("2.5", Some(2.5)),
            (".5", Some(0.5)),
            ("_5", None),
            ("5_", None),
            ("5__0", None),
            ("nan", None),
            ("inf", None),
            ("infinity", None),
            ("1e999", None),
            ("0x10", None),
            ("", None),
            ("1 000", None),
        ] {
            assert_eq!(decimal(text), expected, "{text:?}");
        }
    }

    #[test]
    fn shares_are_percentages_or_numbers_below_one() {
        let read = |text| share(Piece::of(text)).ok();
        for (text, expected) in [
            ("4%", Some(0.04)),
            ("0.7%", Some(0.007)),
            ("1.44%", Some(0.0144)),
            // The nearest to it; a hundredth of 1.4 is another one.
            ("1.4%", Some(0.014)),
            ("99.9%", Some(0.999)),
            ("1e-2%", Some(0.0001)),
            ("100%", Some(1.0)),
            ("4 %", Some(0.04)),
            ("0.25", Some(0.25)),
            ("0", Some(0.0)),
            ("1", None),
            ("4", None),
            ("100.1%", None),
            ("-1%", None),
            ("-0.1", None),
            ("%", None),
            ("nan%", None),
            ("5%%", None),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_share_of_one_is_asked_back() {
        let error = share(Piece::of("1")).unwrap_err();
        assert_eq!(error.mend.as_deref(), Some("write \"100%\" or \"1%\""));
        let error = share(Piece::of("5")).unwrap_err();
        assert_eq!(error.mend.as_deref(), Some("write \"5%\""));
    }

    #[test]
    fn amounts_are_plain_numbers() {
        let read = |text| amount(Piece::of(text)).ok();
        for (text, expected) in [
            ("1_000_000", Some(1e6)),
            ("0", Some(0.0)),
            ("1e19", None),
            ("-1", None),
            ("5%", None),
            ("5m", None),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }
}
