//! What budgets keep: `p99(blast_radius) <= 5%`, `P(undetected) <= 0.1%`, `mean(bad_requests) <= 1.10 * base`.

use super::piece::Piece;
use super::{LiteralError, Unit, number};
use crate::scenario::nearest::nearest;
use crate::scenario::vocabulary::{ENDINGS, METRICS, OF_AN_INDICATOR};

const EXAMPLES: &str = "write one such as p99(blast_radius) <= 5%, median(time_to_full_s) <= 3d, \
                        cvar95(bad_requests) <= 1e6, P(undetected) <= 0.1% or p99(blast_radius) <= 1.10 * base";

/// What sums up the values of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// Their mean.
    Mean,
    /// The value that this share of them does not exceed.
    Quantile(f64),
    /// The mean of those beyond this quantile.
    Cvar(f64),
}

/// A figure of a strategy.
#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    /// A statistic of a metric.
    Of(Statistic, String),
    /// The chance that a rollout ends so.
    ChanceOf(String),
    /// The chance that a metric is beyond a value.
    ChanceBeyond {
        /// The metric.
        metric: String,
        /// The value: seconds, a share, or a number.
        over: f64,
        /// Whether the value itself is beyond.
        inclusive: bool,
    },
}

/// A figure and what it must not exceed.
#[derive(Clone, Debug, PartialEq)]
pub struct Keep {
    /// What is kept.
    pub figure: Figure,
    /// Seconds, a share, or a number; with `times_base` a factor.
    pub limit: f64,
    /// Whether the limit itself is allowed.
    pub inclusive: bool,
    /// Whether the limit is a multiple of the same figure before the change.
    pub times_base: bool,
}

/// The indicators.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) enum Slis<'a> {
    /// All of them by name.
    All(&'a [&'a str]),
    /// A file is missing that may have declared any.
    NotAll,
}

impl<'a> Slis<'a> {
    fn known(self) -> &'a [&'a str] {
        match self {
            Slis::All(names) => names,
            Slis::NotAll => &[],
        }
    }
}

/// Reads what a budget keeps.
pub(in crate::scenario) fn keep(text: &str, slis: Slis<'_>) -> Result<Keep, LiteralError> {
    let whole = Piece::of(text).trim();
    if whole.text.is_empty() {
        return Err(LiteralError::new("it is empty").mend(EXAMPLES));
    }
    let no_figure = || {
        whole
            .fail("this is no figure with its limit")
            .mend(EXAMPLES)
    };
    let open = whole.text.find('(').ok_or_else(no_figure)?;
    let inside = whole.from(open + 1);
    let Some(length) = inside.text.find(')') else {
        return Err(whole.from(open).fail("a parenthesis is not closed"));
    };
    let (name, what) = (whole.to(open).trim(), inside.to(length).trim());
    let rest = inside.from(length + 1).trim();
    let (figure, unit) = if name.text == "P" {
        (chance(what, slis)?, Unit::Share)
    } else {
        let statistic = statistic(name)?;
        let (metric, unit) = metric(what, slis)?;
        (Figure::Of(statistic, metric), unit)
    };
    let (inclusive, limit) = match (rest.after("<="), rest.after("<")) {
        (Some(limit), _) => (true, limit),
        (None, Some(limit)) => (false, limit),
        (None, None) => {
            let at = if rest.text.is_empty() { whole } else { rest };
            let figure = whole.to(whole.text.len() - rest.text.len()).trim().text;
            let mend = format!("write {figure} <= and the limit");
            return Err(at
                .fail("a budget says what a figure must not exceed")
                .mend(mend));
        }
    };
    let factor = limit.split_once("*").filter(|(_, of)| of.text == "base");
    let (limit, times_base) = match factor {
        Some((factor, _)) => (plain(factor)?, true),
        None if limit.text == "base" => (1.0, true),
        None => {
            let is_of_base = limit.text.split_whitespace().any(|word| word == "base");
            let of_base = |e: LiteralError| match is_of_base {
                true => e.mend("write a limit relative to the base as 1.10 * base"),
                false => e,
            };
            (value(unit, limit).map_err(of_base)?, false)
        }
    };
    Ok(Keep {
        figure,
        limit,
        inclusive,
        times_base,
    })
}

/// `mean`, `median`, `p99`, `cvar95`; the digits are decimals of a share, so `p999` is 99.9%.
fn statistic(name: Piece<'_>) -> Result<Statistic, LiteralError> {
    let share = |digits: &str| {
        let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let share: f64 = format!("0.{digits}").parse().ok()?;
        (all_digits && digits.len() >= 2 && share > 0.0).then_some(share)
    };
    let known = match name.text {
        "mean" => Some(Statistic::Mean),
        "median" => Some(Statistic::Quantile(0.5)),
        other => match other.strip_prefix("cvar") {
            Some(digits) => share(digits).map(Statistic::Cvar),
            None => other
                .strip_prefix('p')
                .and_then(share)
                .map(Statistic::Quantile),
        },
    };
    // Nobody who writes p100 means the tenth percentile.
    let is_all = name
        .text
        .trim_start_matches(|c: char| c.is_ascii_alphabetic())
        .starts_with("100");
    known.filter(|_| !is_all).ok_or_else(|| match name.text {
        "max" | "min" | "p100" => name
            .fail("the largest or smallest of simulated values depends on how many there are")
            .mend("write a quantile such as p999"),
        _ => name
            .fail("this is no statistic")
            .mend("write mean, median, p99 (or p50, p999 and the like), cvar95, or P for a chance"),
    })
}

/// `undetected`, or `blast_radius > 10%`.
fn chance(of: Piece<'_>, slis: Slis<'_>) -> Result<Figure, LiteralError> {
    let Some((what, _)) = of.split_once(">") else {
        if ENDINGS.contains(&of.text) {
            return Ok(Figure::ChanceOf(of.text.to_owned()));
        }
        let mend = match metric(of, slis) {
            Ok(_) => format!("write P({} > and a value)", of.text),
            Err(_) => format!("write {}, or a metric > a value", ENDINGS.join(", ")),
        };
        return Err(of.fail("no rollout ends so").mend(mend));
    };
    let (metric, unit) = metric(what, slis)?;
    let over = of.from(what.start + what.text.len() - of.start).trim();
    let inclusive = over.text.starts_with(">=");
    let over = over.from(1 + usize::from(inclusive)).trim();
    let over = value(unit, over)?;
    Ok(Figure::ChanceBeyond {
        metric,
        over,
        inclusive,
    })
}

fn metric(name: Piece<'_>, slis: Slis<'_>) -> Result<(String, Unit), LiteralError> {
    let of_slis = || {
        let of = |(start, unit): &(&str, Unit)| {
            let (start, unit) = ((*start).to_owned(), *unit);
            slis.known()
                .iter()
                .map(move |sli| (format!("{start}_{sli}"), unit))
        };
        OF_AN_INDICATOR.iter().flat_map(of)
    };
    let known = METRICS
        .iter()
        .map(|(name, unit)| ((*name).to_owned(), *unit));
    let known: Vec<(String, Unit)> = known.chain(of_slis()).collect();
    if let Some(found) = known.iter().find(|(known, _)| known == name.text) {
        return Ok(found.clone());
    }
    let of_any = |(start, _): &&(&str, Unit)| {
        let rest = name.text.strip_prefix(start);
        rest.is_some_and(|rest| rest.len() > 1 && rest.starts_with('_'))
    };
    if let (Slis::NotAll, Some((_, unit))) = (slis, OF_AN_INDICATOR.iter().find(of_any)) {
        return Ok((name.text.to_owned(), *unit));
    }
    let names = || known.iter().map(|(name, _)| name.as_str());
    // Whoever leaves the unit out means the one there is.
    let with_unit = format!("{}_s", name.text);
    let near = names().find(|n| *n == with_unit);
    let error = name.fail("no metric is called so");
    Err(error
        .nearest(near.or_else(|| nearest(name.text, names())))
        .mend("metrics are the columns of rollouts.csv, such as blast_radius, bad_requests or time_to_full_s"))
}

/// A share may be above 100%: an error budget can be overspent.
fn value(unit: Unit, piece: Piece<'_>) -> Result<f64, LiteralError> {
    if piece.text.is_empty() {
        return Err(piece.fail("a value is missing").mend(EXAMPLES));
    }
    number::parameter(unit, piece)
}

fn plain(piece: Piece<'_>) -> Result<f64, LiteralError> {
    let value = number::decimal(piece.text).filter(|x| *x > 0.0 && *x <= 1e9);
    value.ok_or_else(|| {
        piece
            .fail("`base` is multiplied by a number above 0")
            .mend("write it like 1.10 * base")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Keep, LiteralError> {
        keep(text, Slis::All(&["errors", "slow"]))
    }

    #[test]
    fn figures_and_limits_are_read() {
        let of = |statistic, metric: &str| Figure::Of(statistic, metric.to_owned());
        let beyond = |metric: &str, over, inclusive| Figure::ChanceBeyond {
            metric: metric.to_owned(),
            over,
            inclusive,
        };
        for (text, figure, limit, inclusive, times_base) in [
            (
                "p99(blast_radius) <= 5%",
                of(Statistic::Quantile(0.99), "blast_radius"),
                0.05,
                true,
                false,
            ),
            (
                " median( time_to_full_s )<3d",
                of(Statistic::Quantile(0.5), "time_to_full_s"),
                259_200.0,
                false,
                false,
            ),
            (
                "cvar999(bad_requests_slow) <= 1e6",
                of(Statistic::Cvar(0.999), "bad_requests_slow"),
                1e6,
                true,
                false,
            ),
            (
                "mean(budget_burn) <= 150%",
                of(Statistic::Mean, "budget_burn"),
                1.5,
                true,
                false,
            ),
            (
                "P(undetected) <= 0.1%",
                Figure::ChanceOf("undetected".to_owned()),
                0.001,
                true,
                false,
            ),
            (
                "P(time_to_detect_s >= 1h) < 10%",
                beyond("time_to_detect_s", 3_600.0, true),
                0.1,
                false,
                false,
            ),
            (
                "P(zones_hit > 3) <= base",
                beyond("zones_hit", 3.0, false),
                1.0,
                true,
                true,
            ),
            (
                "p99(blast_radius) <= 1.10 * base",
                of(Statistic::Quantile(0.99), "blast_radius"),
                1.1,
                true,
                true,
            ),
        ] {
            let expected = Keep {
                figure,
                limit,
                inclusive,
                times_base,
            };
            assert_eq!(read(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_figure_with_its_limit_is_refused_with_a_reason() {
        for (text, rule, at) in [
            (
                "blast radius below 5%",
                "this is no figure with its limit",
                "blast radius below 5%",
            ),
            (
                "p99(blast_radius",
                "a parenthesis is not closed",
                "(blast_radius",
            ),
            (
                "p99(blast_radios) <= 5%",
                "no metric is called so",
                "blast_radios",
            ),
            (
                "p99(time_to_full) <= 3d",
                "no metric is called so",
                "time_to_full",
            ),
            (
                "p99(bad_requests_latency) <= 3",
                "no metric is called so",
                "bad_requests_latency",
            ),
            ("p9(blast_radius) <= 5%", "this is no statistic", "p9"),
            ("p100%(blast_radius) <= 5%", "this is no statistic", "p100%"),
            ("p00(blast_radius) <= 5%", "this is no statistic", "p00"),
            (
                "p100(blast_radius) <= 5%",
                "the largest or smallest of simulated values depends on how many there are",
                "p100",
            ),
            (
                "cvar100(blast_radius) <= 5%",
                "this is no statistic",
                "cvar100",
            ),
            (
                "max(blast_radius) <= 5%",
                "the largest or smallest of simulated values depends on how many there are",
                "max",
            ),
            ("P(lost) <= 5%", "no rollout ends so", "lost"),
            (
                "P(blast_radius) <= 5%",
                "no rollout ends so",
                "blast_radius",
            ),
            ("P(blast_radius > ) <= 5%", "a value is missing", ""),
            (
                "p99(blast_radius)",
                "a budget says what a figure must not exceed",
                "p99(blast_radius)",
            ),
            (
                "p99(blast_radius) = 5%",
                "a budget says what a figure must not exceed",
                "= 5%",
            ),
            ("p99(blast_radius) <=", "a value is missing", ""),
            (
                "p99(blast_radius) <= 5",
                "a share is a percentage or a number below 1",
                "5",
            ),
            ("p99(blast_radius) <= 5m", "this is no share", "5m"),
            ("p99(time_to_full_s) <= 3", "a duration needs a unit", "3"),
            (
                "p99(blast_radius) <= -5%",
                "a share cannot be negative",
                "-5%",
            ),
            (
                "p99(blast_radius) <= x * base",
                "`base` is multiplied by a number above 0",
                "x",
            ),
        ] {
            let error = read(text).expect_err(text);
            let at = (text, at);
            assert_eq!(error.rule, rule, "{text}");
            let place = error.at.expect("a place");
            assert_eq!((text, &text[place]), at);
        }
        let of_base = read("p99(blast_radius) <= 10% of base").expect_err("words");
        assert!(
            of_base
                .mend
                .is_some_and(|mend| mend.contains("1.10 * base"))
        );
        let near = |text: &str| read(text).expect_err(text).nearest;
        assert_eq!(
            near("p99(time_to_full) <= 3d").as_deref(),
            Some("time_to_full_s")
        );
        assert_eq!(
            near("p99(blast_radios) <= 5%").as_deref(),
            Some("blast_radius")
        );
    }
}
