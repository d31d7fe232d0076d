//! Distributions: `10m`, `5m to 20m`, `lognormal(median=45m, p95=6h)`, `0.7: 5m | 0.3: 1h to 4h` and so on.

use super::piece::Piece;
use super::{LiteralError, Unit, number};
use crate::random::{Dist, DistError};
use crate::scenario::nearest::nearest;
use crate::scenario::vocabulary::{DISTRIBUTIONS, DistWords};

/// The most components of a mixture.
const MOST_PARTS: usize = 100;

/// Gets the values of a column of a file.
pub(in crate::scenario) type Column<'a> =
    dyn FnMut(&str, &str) -> Result<Vec<f64>, LiteralError> + 'a;

/// Reads a distribution.
pub(in crate::scenario) fn dist(
    unit: Unit,
    text: &str,
    column: &mut Column<'_>,
) -> Result<Dist, LiteralError> {
    let whole = Piece::of(text).trim();
    let parts = whole.split('|');
    if parts.len() == 1 && !is_weighted(whole) {
        return simple(unit, whole, column);
    }
    if parts.len() > MOST_PARTS {
        return Err(whole.fail("a mixture has at most 100 components"));
    }
    let components = parts
        .into_iter()
        .map(|part| weighted(unit, part, column))
        .collect::<Result<Vec<_>, _>>()?;
    Dist::mixture(components).map_err(|e| refused(unit, whole, &e))
}

/// Whether a part begins with a weight; the colon of a file's path is none.
fn is_weighted(part: Piece<'_>) -> bool {
    part.split_once(":")
        .is_some_and(|(weight, _)| weight_of(weight.text).is_some())
}

fn weight_of(text: &str) -> Option<f64> {
    match text.strip_suffix('%') {
        Some(percent) => number::decimal(&format!("{}e-2", percent.trim_end())),
        None => number::decimal(text),
    }
}

fn weighted(
    unit: Unit,
    part: Piece<'_>,
    column: &mut Column<'_>,
) -> Result<(f64, Dist), LiteralError> {
    let (weight, value) = part.split_once(":").ok_or_else(|| {
        part.fail("every component of a mixture needs a weight")
            .mend("write it like 0.7: 5m | 0.3: 1h to 4h")
    })?;
    let share = weight_of(weight.text).ok_or_else(|| weight.fail("this is no weight"))?;
    if share <= 0.0 {
        return Err(weight.fail("a weight must be above 0"));
    }
    Ok((share, simple(unit, value, column)?))
}

fn simple(unit: Unit, piece: Piece<'_>, column: &mut Column<'_>) -> Result<Dist, LiteralError> {
    if let Some(open) = piece.text.find('(') {
        return named(unit, piece, open, column);
    }
    let made = match piece.split_once(" to ") {
        Some((low, high)) => Dist::between(
            number::parameter(unit, low)?,
            number::parameter(unit, high)?,
        ),
        None => Dist::certain(number::quantity(unit, piece)?),
    };
    made.map_err(|e| refused(unit, piece, &e))
}

fn named(
    unit: Unit,
    piece: Piece<'_>,
    open: usize,
    column: &mut Column<'_>,
) -> Result<Dist, LiteralError> {
    let name = piece.to(open).trim();
    let Some(DistWords {
        name: kind, form, ..
    }) = DISTRIBUTIONS.iter().find(|d| d.name == name.text)
    else {
        let known = DISTRIBUTIONS.map(|d| d.name);
        let near = nearest(name.text, known);
        return Err(name
            .fail("this is no distribution")
            .nearest(near)
            .mend(format!("known are {}", known.join(", "))));
    };
    let inside = piece.from(open + 1);
    let Some(inside) = inside
        .text
        .strip_suffix(')')
        .map(|text| inside.to(text.len()))
    else {
        return Err(piece
            .fail("a parenthesis is not closed")
            .mend(format!("write {form}")));
    };
    if *kind == "empirical" {
        return empirical(inside, form, column);
    }
    let call = Call {
        unit,
        whole: piece,
        form,
        arguments: inside.split(','),
    };
    let made = match *kind {
        "uniform" => call
            .list()
            .and_then(|[a, b]| Ok(Dist::uniform(call.value(a)?, call.value(b)?))),
        "triangular" => call.list().and_then(|[a, m, b]| {
            Ok(Dist::triangular(
                call.value(a)?,
                call.value(m)?,
                call.value(b)?,
            ))
        }),
        "exp" => call
            .named(["mean"])
            .and_then(|[mean]| Ok(Dist::exp(call.value(mean)?))),
        "weibull" => call.named(["shape", "scale"]).and_then(|[shape, scale]| {
            let shape = number::decimal(shape.text)
                .ok_or_else(|| shape.fail("a shape is a plain number"))?;
            Ok(Dist::weibull(shape, call.value(scale)?))
        }),
        "gamma" => call.mean_sd().map(|(mean, sd)| Dist::gamma(mean, sd)),
        "normal" => call.mean_sd().map(|(mean, sd)| Dist::normal(mean, sd)),
        _ if call.has("mean") || call.has("sd") => call
            .mean_sd()
            .map(|(mean, sd)| Dist::lognormal_mean_sd(mean, sd)),
        _ => call.named(["median", "p95"]).and_then(|[median, p95]| {
            Ok(Dist::lognormal_median_p95(
                call.value(median)?,
                call.value(p95)?,
            ))
        }),
    };
    made?.map_err(|e| refused(unit, piece, &e))
}

fn empirical(inside: Piece<'_>, form: &str, column: &mut Column<'_>) -> Result<Dist, LiteralError> {
    let Some(comma) = inside.text.rfind(',') else {
        return Err(inside
            .fail("a file and a column are needed")
            .mend(format!("write {form}")));
    };
    let unquoted = |piece: Piece<'_>| {
        piece
            .trim()
            .text
            .trim_matches(|c| c == '\'' || c == '"')
            .to_owned()
    };
    let (file, name) = (unquoted(inside.to(comma)), unquoted(inside.from(comma + 1)));
    let blamed = |error: LiteralError| LiteralError {
        at: error.at.or(Some(inside.range())),
        ..error
    };
    let values = column(&file, &name).map_err(blamed)?;
    Dist::empirical(values).map_err(|e| inside.fail(e.to_string()))
}

/// A distribution's arguments while they are read.
struct Call<'a> {
    unit: Unit,
    whole: Piece<'a>,
    form: &'a str,
    arguments: Vec<Piece<'a>>,
}

impl<'a> Call<'a> {
    /// Arguments by position.
    fn list<const N: usize>(&self) -> Result<[Piece<'a>; N], LiteralError> {
        <[Piece<'a>; N]>::try_from(self.arguments.as_slice())
            .map_err(|_| self.wrong("the arguments do not fit"))
    }

    /// Arguments by name, in any order.
    fn named<const N: usize>(&self, names: [&str; N]) -> Result<[Piece<'a>; N], LiteralError> {
        for argument in &self.arguments {
            let name = argument.split_once("=").map_or("", |(name, _)| name.text);
            if !names.contains(&name) {
                return Err(LiteralError {
                    at: Some(argument.range()),
                    ..self.wrong("this argument does not fit")
                });
            }
        }
        if self.arguments.len() > N {
            return Err(self.wrong("an argument is given twice"));
        }
        let found = names.map(|name| self.argument(name));
        if found.iter().any(Option::is_none) {
            return Err(self.wrong("an argument is missing"));
        }
        Ok(found.map(|value| value.unwrap_or(self.whole)))
    }

    fn argument(&self, name: &str) -> Option<Piece<'a>> {
        self.arguments
            .iter()
            .filter_map(|a| a.split_once("="))
            .find(|(n, _)| n.text == name)
            .map(|(_, value)| value)
    }

    fn has(&self, name: &str) -> bool {
        self.argument(name).is_some()
    }

    fn mean_sd(&self) -> Result<(f64, f64), LiteralError> {
        let [mean, sd] = self.named(["mean", "sd"])?;
        Ok((self.value(mean)?, self.value(sd)?))
    }

    fn value(&self, piece: Piece<'_>) -> Result<f64, LiteralError> {
        number::parameter(self.unit, piece)
    }

    fn wrong(&self, rule: &str) -> LiteralError {
        self.whole.fail(rule).mend(format!("write {}", self.form))
    }
}

/// What a distribution's own rules say, with values in the unit in which they were written.
fn refused(unit: Unit, piece: Piece<'_>, error: &DistError) -> LiteralError {
    match error {
        DistError::OutOfOrder { lower, upper, .. } => piece
            .fail(format!("{lower} is above {upper}"))
            .mend("write the smaller one first"),
        DistError::NotPositive { parameter, .. } => {
            let error = piece.fail(format!("{parameter} must be above 0"));
            match unit {
                _ if piece.text.contains(" to ") => {
                    error.mend("for a spread from 0 on write uniform(0, ...) or exp(mean=...)")
                }
                _ => error,
            }
        }
        other => {
            let error = piece.fail(other.to_string());
            if piece.text.contains('|') {
                return error.mend("the weights of a mixture are shares of 1, such as 0.7 and 0.3");
            }
            error
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(unit: Unit, text: &str) -> Result<Dist, LiteralError> {
        dist(unit, text, &mut |file, column| {
            assert_eq!((file, column), ("delays.csv", "minutes"));
            Ok(vec![60.0, 120.0])
        })
    }

    #[test]
    fn every_literal_gives_its_distribution() {
        let d = |made: Result<Dist, DistError>| made.unwrap();
        let mixture = vec![
            (0.7, d(Dist::certain(300.0))),
            (0.3, d(Dist::between(3_600.0, 14_400.0))),
        ];
        for (text, expected) in [
            ("10m", d(Dist::certain(600.0))),
            ("5m to 20m", d(Dist::between(300.0, 1_200.0))),
            (
                "lognormal(median=45m, p95=6h)",
                d(Dist::lognormal_median_p95(2_700.0, 21_600.0)),
            ),
            (
                "lognormal(p95 = 6h, median = 45m)",
                d(Dist::lognormal_median_p95(2_700.0, 21_600.0)),
            ),
            (
                "lognormal(mean=10m, sd=5m)",
                d(Dist::lognormal_mean_sd(600.0, 300.0)),
            ),
            ("exp(mean=45m)", d(Dist::exp(2_700.0))),
            (
                "weibull(shape=1.5, scale=2h)",
                d(Dist::weibull(1.5, 7_200.0)),
            ),
            ("gamma(mean=10m, sd=5m)", d(Dist::gamma(600.0, 300.0))),
            ("normal(mean=10m, sd=5m)", d(Dist::normal(600.0, 300.0))),
            ("uniform(1m, 5m)", d(Dist::uniform(60.0, 300.0))),
            (
                "triangular(1m, 2m, 9m)",
                d(Dist::triangular(60.0, 120.0, 540.0)),
            ),
            (
                "empirical(delays.csv, minutes)",
                d(Dist::empirical(vec![60.0, 120.0])),
            ),
            (
                "empirical('delays.csv', 'minutes')",
                d(Dist::empirical(vec![60.0, 120.0])),
            ),
            ("0.7: 5m | 0.3: 1h to 4h", d(Dist::mixture(mixture.clone()))),
            ("70%: 5m | 30%: 1h to 4h", d(Dist::mixture(mixture))),
        ] {
            assert_eq!(read(Unit::Duration, text), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn shares_and_amounts_have_distributions_too() {
        assert_eq!(
            read(Unit::Share, "0.5% to 20%"),
            Ok(Dist::between(0.005, 0.2).unwrap())
        );
        assert_eq!(
            read(Unit::Share, "50% to 150%"),
            Ok(Dist::between(0.5, 1.5).unwrap())
        );
        assert_eq!(read(Unit::Share, "100%"), Ok(Dist::certain(1.0).unwrap()));
        assert_eq!(
            read(Unit::Share, "uniform(0, 10%)"),
            Ok(Dist::uniform(0.0, 0.1).unwrap())
        );
        assert_eq!(
            read(Unit::Amount, "1e6 to 1e9"),
            Ok(Dist::between(1e6, 1e9).unwrap())
        );
    }

    #[test]
    fn what_is_no_distribution_is_refused_with_a_reason() {
        for (text, rule) in [
            (
                "20m to 5m",
                "the 5th percentile is above the 95th percentile",
            ),
            ("0s to 5m", "the 5th percentile must be above 0"),
            ("5 to 20m", "a duration needs a unit"),
            ("lognorm(median=5m, p95=1h)", "this is no distribution"),
            ("lognormal(5m, 1h)", "this argument does not fit"),
            ("lognormal(median=5m)", "an argument is missing"),
            ("lognormal(median=5m, median=5m)", "an argument is missing"),
            ("lognormal(median=5m, p95=1h", "a parenthesis is not closed"),
            ("exp(mean=0s)", "mean must be above 0"),
            ("uniform(1m)", "the arguments do not fit"),
            ("uniform(5m, 1m)", "the lower end is above the upper end"),
            ("empirical(delays.csv)", "a file and a column are needed"),
            (
                "0.7: 5m | 0.2: 1h",
                "the weights sum to 0.8999999999999999, not to 1",
            ),
            (
                "0.7: 5m | 1h",
                "every component of a mixture needs a weight",
            ),
            ("x: 5m | 0.3: 1h", "this is no weight"),
            ("-1: 5m | 2: 1h", "a weight must be above 0"),
            ("5m | 1h", "every component of a mixture needs a weight"),
            ("", "a duration is missing"),
        ] {
            assert_eq!(
                read(Unit::Duration, text).map_err(|e| e.rule),
                Err(rule.to_owned()),
                "{text:?}"
            );
        }
        assert_eq!(
            read(Unit::Share, "101%").map_err(|e| e.rule),
            Err("a share is at most 100%".to_owned())
        );
    }
}
