//! Durations of Prometheus: `5m`, `1h30m`, `0s`.

/// Units from large to small, and their seconds. `ms` stands before `m`, of which it begins with the letter.
const UNITS: [(&str, f64); 7] = [
    ("y", 365.0 * 86_400.0),
    ("w", 7.0 * 86_400.0),
    ("d", 86_400.0),
    ("h", 3_600.0),
    ("m", 60.0),
    ("s", 1.0),
    ("ms", 0.001),
];

/// Seconds of a duration; each unit once, from large to small, or a plain 0.
pub(super) fn seconds(text: &str) -> Option<f64> {
    if text == "0" {
        return Some(0.0);
    }
    let (mut rest, mut total, mut units) = (text, 0.0, &UNITS[..]);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        if !(1..=9).contains(&digits) {
            return None;
        }
        let number: f64 = rest[..digits].parse().ok()?;
        let end = rest[digits..].find(|c: char| c.is_ascii_digit());
        let end = end.map_or(rest.len(), |end| digits + end);
        let at = units
            .iter()
            .position(|(unit, _)| *unit == &rest[digits..end])?;
        total += number * units[at].1;
        units = &units[at + 1..];
        rest = &rest[end..];
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_each_unit_once_from_large_to_small() {
        assert_eq!(seconds("5m"), Some(300.0));
        assert_eq!(seconds("1h30m"), Some(5_400.0));
        assert_eq!(seconds("1d"), Some(86_400.0));
        assert_eq!(seconds("0m"), Some(0.0));
        assert_eq!(seconds("0"), Some(0.0));
        assert_eq!(seconds("1m500ms"), Some(60.5));
        for text in [
            "",
            "5",
            "m",
            "1m1h",
            "1m1m",
            "1.5h",
            "-5m",
            "5 m",
            "9999999999s",
        ] {
            assert_eq!(seconds(text), None, "{text:?}");
        }
    }
}
