//! Regular expressions of the literals, for editors: made of the same tables that the readers use.
//!
//! Each matches every text that its reader takes, and few others: bounds, orders and names are left to the reader.
//! They keep to what all dialects of regular expressions have in common.

use super::{duration, rate};
use crate::scenario::vocabulary::DISTRIBUTIONS;

/// A number that does not begin with a minus.
const NUMBER: &str = r"\+?[0-9.][0-9._eE+-]*";
/// A number that begins with 0 or a point, or has an exponent: below 1, mostly.
const BELOW_ONE: &str = r"\+?(?:[0.][0-9._eE+-]*|[0-9._]+[eE][0-9+-]+)";
/// A date.
const DATE: &str = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
/// A time of day.
const TIME: &str = "[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?";
/// How weekdays begin, and words for all of them; of either case.
const DAYS: [&str; 9] = [
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "daily", "all",
];

fn whole(inside: &str) -> String {
    format!(r"^\s*(?:{inside})\s*$")
}

fn names(names: impl Iterator<Item = &'static str>) -> String {
    names.collect::<Vec<_>>().join("|")
}

fn a_duration() -> String {
    let units = names(duration::unit_names());
    format!(r"(?:{NUMBER}\s*(?:{units})\s*)+")
}

fn a_percentage() -> String {
    format!(r"(?:{NUMBER}\s*%|{BELOW_ONE})")
}

/// A quantity, or any distribution of it.
fn random(quantity: &str) -> String {
    let kinds = names(DISTRIBUTIONS.iter().map(|d| d.name));
    let part = format!(r"(?:(?:{kinds})\s*\([^|]*\)|{quantity})");
    // Once for all of `5m`, `5m to 20m` and `0.7: 5m | 0.3: 1h`, since people have to read it in messages.
    format!(r"^\s*(?:(?:{NUMBER}\s*%?\s*:)?\s*{part}\s*(?:to\s+|\|\s*|$))+$")
}

pub(in crate::scenario) fn duration() -> String {
    whole(&a_duration())
}

pub(in crate::scenario) fn random_duration() -> String {
    random(&a_duration())
}

pub(in crate::scenario) fn share() -> String {
    whole(&a_percentage())
}

pub(in crate::scenario) fn random_share() -> String {
    random(&a_percentage())
}

pub(in crate::scenario) fn amount() -> String {
    whole(NUMBER)
}

pub(in crate::scenario) fn random_amount() -> String {
    random(NUMBER)
}

pub(in crate::scenario) fn rate() -> String {
    let units = names(duration::unit_names().chain(rate::long_names()));
    whole(&format!(
        r"{NUMBER}\s*(?:\sper\s|/)\s*(?:(?:{NUMBER}\s*)?(?:{units})\s*)+"
    ))
}

pub(in crate::scenario) fn condition() -> String {
    let few = format!(r"requests\s*<=?\s*{NUMBER}\s*%?(?:\s*of control)?");
    let share = format!(r"(?:control\s*(?:\+|at\s)\s*)?{}", a_percentage());
    let factor = format!(r"control\s*(?:[*×]|x\s)\s*{NUMBER}");
    let count = format!(r"{NUMBER}\s+per\s+(?:period|window)");
    whole(&format!(
        r"{few}|[A-Za-z0-9_-]+\s*>=?\s*(?:{share}|{factor}|{count})"
    ))
}

pub(in crate::scenario) fn rule() -> String {
    whole(r"[0-9]+\s+of\s+[0-9]+|[0-9]+\s* in (?:a row|all)")
}

pub(in crate::scenario) fn date() -> String {
    whole(DATE)
}

pub(in crate::scenario) fn dates() -> String {
    whole(&format!(r"{DATE}(?:\s+to\s+{DATE})?"))
}

pub(in crate::scenario) fn moment() -> String {
    whole(&format!("{DATE}[Tt ]{TIME}.*(?:[Zz]|[-+][0-9:]+)"))
}

pub(in crate::scenario) fn clock() -> String {
    whole(&format!(r"{TIME}|{DATE}[Tt ]{TIME}.*"))
}

pub(in crate::scenario) fn weekdays() -> String {
    let either_case = |c: char| format!("[{}{c}]", c.to_ascii_uppercase());
    let days = DAYS.map(|day| day.chars().map(either_case).collect::<String>());
    let day = format!("(?:{})[a-zA-Z]*", days.join("|"));
    let part = format!(r"{day}(?:\s*-\s*{day})?");
    whole(&format!(r"{part}(?:\s*,\s*{part})*"))
}

pub(in crate::scenario) fn hours() -> String {
    let part = format!(r"{TIME}\s*-\s*{TIME}");
    whole(&format!(r"{part}(?:\s*,\s*{part})*"))
}

pub(in crate::scenario) fn time_zone() -> String {
    whole("[A-Za-z][A-Za-z0-9_+/-]*")
}
