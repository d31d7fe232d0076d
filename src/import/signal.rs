//! What a query and a comparison of its result say of requests.
//!
//! A query language cannot be run here. Of a query only its form is looked at: whether it is a quotient, a quantile, in
//! percent, and over which window. What that is taken for is always told as an assumption.

use super::duration::go_duration_s;

/// A comparison of a result with a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// What stands between result and number.
    pub operator: Operator,
    /// The number.
    pub number: f64,
}

/// A comparison's sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// What holds exactly where this does not, numbers that are none left aside.
    #[must_use]
    pub fn opposite(self) -> Comparison {
        let operator = match self.operator {
            Operator::Below => Operator::AtLeast,
            Operator::AtMost => Operator::Above,
            Operator::Above => Operator::AtMost,
            Operator::AtLeast => Operator::Below,
        };
        Comparison { operator, ..self }
    }
}

/// What stands in a condition beside a comparison: what it makes of no data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoData {
    /// It says nothing of it, or asks for it too late: the tool's own way.
    Unsaid,
    /// The condition holds without data.
    Holds,
    /// The condition does not hold without data.
    Fails,
}

/// The comparison in a condition such as `result[0] >= 0.95`, `isNaN(result) || result < 0.1` or
/// `len(result) > 0 && result[0] <= 5`, and what the condition makes of an empty result. `None` for any other form.
///
/// Order matters: what stands before the first `result[0]` is asked before that fails on an empty result.
pub fn condition(text: &str) -> Option<(Comparison, NoData, bool)> {
    let (parts, any) = if text.contains("||") {
        (text.split("||").collect::<Vec<_>>(), true)
    } else {
        (text.split("&&").collect::<Vec<_>>(), false)
    };
    if any && text.contains("&&") {
        return None;
    }
    let mut found = None;
    let mut no_data = NoData::Unsaid;
    let mut nan_holds = false;
    for part in parts {
        let part: String = part.chars().filter(|c| !c.is_whitespace()).collect();
        let part = part.trim_start_matches('(').trim_end_matches("))");
        if part.contains("isNaN(") {
            // `isNaN(x) ||` holds without a number, `!isNaN(x) &&` does not: the latter is what comparing does anyway.
            nan_holds |= any && !part.starts_with('!');
        } else if part.starts_with("len(result)") {
            let asks_for_none = part.ends_with("==0");
            let asks_for_some =
                part.ends_with(">0") || part.ends_with("!=0") || part.ends_with(">=1");
            match (any, asks_for_none, asks_for_some) {
                _ if found.is_some() => {}
                (true, true, _) => no_data = NoData::Holds,
                (false, _, true) => no_data = NoData::Fails,
                _ => return None,
            }
        } else if found.is_none() {
            found = Some(comparison(part)?);
        } else {
            return None;
        }
    }
    found.map(|comparison| (comparison, no_data, nan_holds))
}

/// `result[0]>=0.95`, blanks removed; the number may stand on either side.
fn comparison(text: &str) -> Option<Comparison> {
    let at = text.find(['<', '>'])?;
    let inclusive = text[at + 1..].starts_with('=');
    let (left, right) = (&text[..at], &text[at + 1 + usize::from(inclusive)..]);
    let unwrapped = |side: &str| {
        let side = side.trim_matches(['(', ')']);
        let side = ["default(", "asFloat(", "float("]
            .iter()
            .fold(side, |s, f| s.strip_prefix(f).unwrap_or(s));
        side.split(',').next().unwrap_or("").to_owned()
    };
    let is_result = |side: &str| matches!(unwrapped(side).as_str(), "result" | "result[0]");
    let number = |side: &str| {
        let side = side.trim_matches(['(', ')']);
        let plain = side
            .bytes()
            .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
        side.parse::<f64>().ok().filter(|x| plain && x.is_finite())
    };
    let below = text.as_bytes()[at] == b'<';
    let (number, below) = if is_result(left) {
        (number(right)?, below)
    } else if is_result(right) {
        (number(left)?, !below)
    } else {
        return None;
    };
    let operator = match (below, inclusive) {
        (true, false) => Operator::Below,
        (true, true) => Operator::AtMost,
        (false, false) => Operator::Above,
        (false, true) => Operator::AtLeast,
    };
    Some(Comparison { operator, number })
}

/// What a number that is watched is taken for.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// When a datapoint breaches, in the words of a scenario.
    pub when: String,
    /// What was taken for what, for a person to check.
    pub assumed: String,
}

/// The condition of an alarm that breaches where `bad` holds for the result of a query.
///
/// A quantile that is too large is a share of slow requests that is too large: `p99 > 500` just where more than 1% of
/// the requests take longer than 500. Otherwise what may not be too small is a share of good requests, and what may not
/// be too large one of bad requests, in percent where the query says so or the number is above 1.
pub fn reading(query: &str, bad: Comparison) -> Option<Reading> {
    let number = bad.number;
    if number < 0.0 {
        return None;
    }
    let upper = matches!(bad.operator, Operator::Above | Operator::AtLeast);
    if let Some(quantile) = quantile(query) {
        let share = (1.0 - quantile) * 100.0;
        return upper.then(|| Reading {
            when: format!("slow > {}", super::toml::percent(share)),
            assumed: format!(
                "the {quantile} quantile is above {number} just where more than {} of the requests are slower than that: \
                 `slow` has to mean slower than {number} here",
                super::toml::percent(share)
            ),
        });
    }
    let in_percent =
        squeezed(query).contains("*100") || squeezed(query).contains("100*") || number > 1.0;
    let share = if in_percent { number } else { number * 100.0 };
    if share > 100.0 {
        return None;
    }
    let (share, sign) = match bad.operator {
        Operator::Above => (share, ">"),
        Operator::AtLeast => (share, ">="),
        Operator::Below => (100.0 - share, ">"),
        Operator::AtMost => (100.0 - share, ">="),
    };
    let of = if upper { "bad" } else { "good" };
    Some(Reading {
        when: format!("errors {sign} {}", super::toml::percent(share)),
        assumed: format!("the query is taken for the share of {of} requests of the new version"),
    })
}

fn squeezed(query: &str) -> String {
    query.chars().filter(|c| !c.is_whitespace()).collect()
}

fn quantile(query: &str) -> Option<f64> {
    let rest = squeezed(query);
    let rest = rest.split_once("histogram_quantile(")?.1;
    let number: f64 = rest.split(',').next()?.parse().ok()?;
    (0.0..1.0).contains(&number).then_some(number)
}

/// The window of a query: the range of its first selector, such as `[5m]`, in seconds.
pub fn window_s(query: &str) -> Option<f64> {
    query.split('[').skip(1).find_map(|rest| {
        let inside = rest.split([']', ':']).next()?.trim();
        match inside.strip_suffix('d') {
            Some(days) => days.parse::<f64>().ok().map(|d| d * 86_400.0),
            None => go_duration_s(inside).filter(|s| *s > 0.0),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Operator, f64, NoData, bool)> {
        condition(text).map(|(c, no_data, nan)| (c.operator, c.number, no_data, nan))
    }

    #[test]
    fn conditions_on_results_are_read() {
        use NoData::{Fails, Holds, Unsaid};
        use Operator::{AtLeast, AtMost, Below};
        for (text, expected) in [
            ("result[0] >= 0.95", Some((AtLeast, 0.95, Unsaid, false))),
            ("result < 0.1", Some((Below, 0.1, Unsaid, false))),
            ("0.1 > result", Some((Below, 0.1, Unsaid, false))),
            (
                "len(result) == 0 || result[0] >= 0.9",
                Some((AtLeast, 0.9, Holds, false)),
            ),
            // The index is asked for first, and fails on an empty result.
            (
                "result[0] >= 0.90 || len(result) == 0",
                Some((AtLeast, 0.9, Unsaid, false)),
            ),
            (
                "len(result) > 0 && result[0] <= 5",
                Some((AtMost, 5.0, Fails, false)),
            ),
            (
                "isNaN(result) || result >= 0.99",
                Some((AtLeast, 0.99, Unsaid, true)),
            ),
            ("result == \"healthy\"", None),
            ("result.Status == 999", None),
            ("result[0] > 1 && result[1] > 2", None),
            ("result[0] >= {{args.x}}", None),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_bad_becomes_a_condition_on_requests() {
        let bad = |operator, number| Comparison { operator, number };
        let when = |query, comparison| reading(query, comparison).map(|r| r.when);
        let ratio = "sum(rate(ok[1m])) / sum(rate(all[1m]))";
        assert_eq!(
            when(ratio, bad(Operator::Below, 0.95)).as_deref(),
            Some("errors > 5%")
        );
        assert_eq!(
            when(ratio, bad(Operator::AtLeast, 0.05)).as_deref(),
            Some("errors >= 5%")
        );
        assert_eq!(
            when(ratio, bad(Operator::Below, 99.0)).as_deref(),
            Some("errors > 1%")
        );
        let percent = "100 - sum(rate(a[1m])) / sum(rate(b[1m])) * 100";
        assert_eq!(
            when(percent, bad(Operator::Above, 1.0)).as_deref(),
            Some("errors > 1%")
        );
        let p99 = "histogram_quantile(0.99, sum(rate(x_bucket[1m])) by (le))";
        assert_eq!(
            when(p99, bad(Operator::Above, 500.0)).as_deref(),
            Some("slow > 1%")
        );
        assert_eq!(when(ratio, bad(Operator::Above, 500.0)), None);
    }

    #[test]
    fn windows_are_those_of_selectors() {
        assert_eq!(window_s("sum(rate(a{x=\"y\"}[5m]))"), Some(300.0));
        assert_eq!(window_s("max_over_time(a[1d])"), Some(86_400.0));
        assert_eq!(window_s("a{b=~\"[0-9]\"}"), None);
        assert_eq!(window_s("up"), None);
    }
}
