//! Durations as Go's programs read them, and as a scenario does.

/// Seconds of a duration in the way of Go's `time.ParseDuration`: `90s`, `1h30m`, `1.5h`; no days, no bare numbers but 0.
/// Negative ones are not of use anywhere, and `None`.
pub fn go_duration_s(text: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 8] = [
        ("ns", 1e-9),
        ("us", 1e-6),
        ("µs", 1e-6),
        ("μs", 1e-6),
        ("ms", 1e-3),
        ("s", 1.0),
        ("m", 60.0),
        ("h", 3_600.0),
    ];
    let mut left = text.strip_prefix('+').unwrap_or(text);
    if left == "0" {
        return Some(0.0);
    }
    if left.is_empty() {
        return None;
    }
    let mut total = 0.0;
    while !left.is_empty() {
        let digits = left
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(left.len());
        let amount: f64 = left[..digits].parse().ok()?;
        left = &left[digits..];
        let letters = left
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(left.len());
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == &left[..letters])?;
        total += amount * unit;
        left = &left[letters..];
    }
    // Go counts nanoseconds in 63 bits.
    (total < 9.223e9).then_some(total)
}

/// Seconds as a literal of a scenario.
pub fn literal(seconds: f64) -> String {
    let whole = |unit: f64| seconds >= unit && (seconds / unit).fract() == 0.0;
    if whole(3_600.0) {
        format!("{}h", seconds / 3_600.0)
    } else if whole(60.0) {
        format!("{}m", seconds / 60.0)
    } else if seconds != 0.0 && seconds < 1.0 {
        format!("{}ms", seconds * 1_000.0)
    } else {
        format!("{seconds}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_does() {
        for (text, expected) in [
            ("30s", Some(30.0)),
            ("1h30m", Some(5_400.0)),
            ("1.5h", Some(5_400.0)),
            ("250ms", Some(0.25)),
            ("0", Some(0.0)),
            ("1d", None),
            ("30", None),
            ("", None),
            ("-5s", None),
            ("s", None),
            ("1.2.3s", None),
            ("99999999999h", None),
        ] {
            assert_eq!(go_duration_s(text), expected, "{text:?}");
        }
    }

    #[test]
    fn literals_have_the_largest_unit_that_fits() {
        for (seconds, expected) in [
            (0.0, "0s"),
            (0.5, "500ms"),
            (90.0, "90s"),
            (120.0, "2m"),
            (7_200.0, "2h"),
            (1.5, "1.5s"),
        ] {
            assert_eq!(literal(seconds), expected);
        }
    }
}
