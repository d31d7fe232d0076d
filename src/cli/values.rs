//! Values of options: numbers and shares as people type them.

/// Most that can be asked for.
const MOST_RUNS: u64 = 1_000_000_000_000;

/// A whole number, with `_` between digits where that helps.
pub(super) fn whole(text: &str) -> Result<u64, String> {
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("expected a whole number such as 20_000".to_owned());
    }
    digits
        .parse()
        .map_err(|_| "the number is too large".to_owned())
}

/// How many rollouts.
pub(super) fn runs(text: &str) -> Result<u64, String> {
    match whole(text)? {
        0 => Err("at least one rollout is needed".to_owned()),
        n if n > MOST_RUNS => Err(format!("at most {MOST_RUNS} rollouts")),
        n => Ok(n),
    }
}

/// A number in percent, or as it is.
enum Number {
    Percent(f64),
    Plain(f64),
}

impl Number {
    fn parse(text: &str) -> Option<Number> {
        let text = text.trim();
        match text.strip_suffix('%') {
            Some(percent) => percent.trim().parse().ok().map(Number::Percent),
            None => text.parse().ok().map(Number::Plain),
        }
    }
}

/// A share such as `1%` or `0.01`, as a number that is 1 for all; whoever asks says between which it may lie.
pub(super) fn share(text: &str) -> Option<f64> {
    Number::parse(text).map(|number| match number {
        Number::Percent(percent) => percent / 100.0,
        Number::Plain(share) => share,
    })
}

/// A share such as `1%` or `0.01`, in percent.
pub(super) fn percent(text: &str) -> Option<f64> {
    Number::parse(text).map(|number| match number {
        Number::Percent(percent) => percent,
        Number::Plain(share) => share * 100.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_digits_and_underscores_only() {
        assert_eq!(whole("20_000"), Ok(20_000));
        for text in ["", "_", "1e6", "-1", "1.5", "99999999999999999999"] {
            assert!(whole(text).is_err(), "{text}");
        }
        assert!(runs("0").is_err() && runs("1_000_000_000_001").is_err());
        assert_eq!(runs("1_000_000_000_000"), Ok(1_000_000_000_000));
    }

    #[test]
    fn shares_are_in_percent_or_of_one() {
        for text in ["7%", "0.07", " 7 % "] {
            assert_eq!(share(text), Some(0.07), "{text}");
        }
        assert_eq!(percent("7%"), Some(7.0));
        assert_eq!(percent("0.5"), Some(50.0));
        for text in ["", "%", "7%%", "much"] {
            assert_eq!((share(text), percent(text)), (None, None), "{text}");
        }
    }
}
