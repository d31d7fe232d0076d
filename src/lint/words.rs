//! Numbers as findings tell them; durations in a form that a scenario takes, too.

/// A duration, rounded up to whole seconds: `90s` is `1m30s`.
pub(super) fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "for ever".to_owned();
    }
    let mut left = seconds.ceil() as u64;
    let mut text = String::new();
    for (unit, name) in [(86_400, "d"), (3_600, "h"), (60, "m")] {
        if left >= unit {
            text.push_str(&format!("{}{name}", left / unit));
            left %= unit;
        }
    }
    if left > 0 || text.is_empty() {
        text.push_str(&format!("{left}s"));
    }
    text
}

/// A share, in percent with up to three digits.
pub(super) fn share(x: f64) -> String {
    let percent = 100.0 * x;
    let digits = match percent {
        p if p >= 10.0 => 0,
        p if p >= 1.0 => 1,
        p if p >= 0.1 => 2,
        _ => 4,
    };
    let text = format!("{percent:.digits$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    format!("{text}%")
}

/// An amount: whole where it is large.
pub(super) fn amount(x: f64) -> String {
    if x >= 10.0 || x.fract() == 0.0 {
        format!("{x:.0}")
    } else {
        format!("{x:.2}")
    }
}

/// A number with two digits, more where it is large.
pub(super) fn figure(x: f64) -> String {
    match x {
        x if x >= 10.0 => format!("{x:.0}"),
        x if x >= 1.0 => format!("{x:.1}").trim_end_matches(".0").to_owned(),
        x if x >= 0.01 => format!("{x:.2}"),
        _ => format!("{x:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_round_up() {
        assert_eq!(duration(0.0), "0s");
        assert_eq!(duration(89.5), "1m30s");
        assert_eq!(duration(90_000.0), "1d1h");
    }

    #[test]
    fn shares_have_few_digits() {
        assert_eq!(share(1.0 / 3.0), "33%");
        assert_eq!(share(0.1), "10%");
        assert_eq!(share(0.025), "2.5%");
        assert_eq!(share(0.0), "0%");
    }
}
