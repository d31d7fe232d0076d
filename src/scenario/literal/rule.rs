//! Rules on datapoints: `3 of 5`, `4 in a row`, `4 in all`.

use super::LiteralError;
use super::piece::Piece;
use crate::plan::Rule;

/// The most datapoints that a rule looks at.
const MOST: u32 = 10_000;

/// How many datapoints must breach.
pub(in crate::scenario) fn rule(text: &str) -> Result<Rule, LiteralError> {
    let whole = Piece::of(text).trim();
    if let Some((m, n)) = whole.split_once(" of ") {
        let (m, n) = (count(m)?, count(n)?);
        if m > n {
            return Err(whole
                .fail(format!("{m} of {n} datapoints can never breach"))
                .mend(format!("write {n} of {m}")));
        }
        return Ok(Rule::MOfN { m, n });
    }
    if let Some(m) = whole.text.strip_suffix(" in a row") {
        let m = count(whole.to(m.len()).trim())?;
        return Ok(Rule::MOfN { m, n: m });
    }
    if let Some(m) = whole.text.strip_suffix(" in all") {
        return Ok(Rule::InAll {
            m: count(whole.to(m.len()).trim())?,
        });
    }
    Err(whole
        .fail("this is no rule on datapoints")
        .mend("write 3 of 5, 4 in a row or 4 in all"))
}

fn count(piece: Piece<'_>) -> Result<u32, LiteralError> {
    let digits = !piece.text.is_empty() && piece.text.bytes().all(|b| b.is_ascii_digit());
    let value = digits.then(|| piece.text.parse().ok()).flatten();
    value.filter(|n| (1..=MOST).contains(n)).ok_or_else(|| {
        piece
            .fail("a number of datapoints is a whole number from 1 to 10,000")
            .mend("write it like 3 of 5, 4 in a row or 4 in all")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read() {
        for (text, expected) in [
            ("3 of 5", Some(Rule::MOfN { m: 3, n: 5 })),
            ("1 of 1", Some(Rule::MOfN { m: 1, n: 1 })),
            (" 4 in a row ", Some(Rule::MOfN { m: 4, n: 4 })),
            ("4 in all", Some(Rule::InAll { m: 4 })),
            ("5 of 3", None),
            ("0 of 3", None),
            ("-1 of 3", None),
            ("3", None),
            ("3 out of 5", None),
            ("1 of 99999999999", None),
            ("", None),
        ] {
            assert_eq!(rule(text).ok(), expected, "{text:?}");
        }
    }
}
