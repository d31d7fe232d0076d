//! Figures as people read them: durations, shares and amounts, alone and as ranges.

/// What kind of number a figure is, and so how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Seconds; infinity reads "never".
    Duration,
    /// A share: `4.1%`.
    Share,
    /// The chance of something that may not have come up at all: a share of which no sighting reads `< 0.3%`.
    Chance,
    /// A number of things: `1.2M`.
    Amount,
}

/// What an infinite time reads.
pub const NEVER: &str = "never";

impl Quantity {
    /// How figures of this unit ([`crate::summary::Metric::unit`]) are written.
    pub fn of_unit(unit: &str) -> Quantity {
        match unit {
            "s" => Quantity::Duration,
            "share" => Quantity::Share,
            _ => Quantity::Amount,
        }
    }

    /// A figure: `9h 10m`, `4.1%`, `1.2M`.
    pub fn text(self, x: f64) -> String {
        if x == f64::INFINITY {
            return match self {
                Quantity::Duration => NEVER.to_owned(),
                _ => "∞".to_owned(),
            };
        }
        match self {
            Quantity::Duration => duration(x),
            Quantity::Share | Quantity::Chance => share(x),
            Quantity::Amount => amount(x),
        }
    }

    /// A range of figures: `1.9–8.4%`, `9h–9h 20m`, `800k–1.2M`.
    pub fn range(self, low: f64, high: f64) -> String {
        let (low, high) = (self.text(low), self.text(high));
        let shares_unit = match self {
            Quantity::Share | Quantity::Chance => low.ends_with('%') && high.ends_with('%'),
            Quantity::Amount => suffix(&low) == suffix(&high),
            Quantity::Duration => false,
        };
        let low = if shares_unit {
            low.trim_end_matches(suffix(&low))
        } else {
            &low
        };
        format!("{low}–{high}")
    }
}

/// What follows the digits.
fn suffix(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-'))
}

/// Seconds in the two largest units that say something: `42s`, `3m 20s`, `9h 10m`, `4d 3h`.
fn duration(seconds: f64) -> String {
    let whole = |unit_s: f64| libm::round(seconds / unit_s) as u64;
    if seconds < 0.0 {
        return format!("-{}", duration(-seconds));
    }
    if seconds == 0.0 {
        return "0s".to_owned();
    }
    if whole(0.001) < 1_000 {
        return format!("{}ms", whole(0.001).max(1));
    }
    if whole(0.1) < 100 {
        return format!("{}s", trimmed(seconds, 1));
    }
    // The lesser unit decides the rounding, so that 59m 59.9s is an hour and not 59m 60s.
    if whole(1.0) < 3_600 {
        return two_units(whole(1.0), 60, "m", "s");
    }
    if whole(60.0) < 24 * 60 {
        return two_units(whole(60.0), 60, "h", "m");
    }
    two_units(whole(3_600.0), 24, "d", "h")
}

/// `amount` of the lesser unit, of which `each` make the greater one.
fn two_units(amount: u64, each: u64, greater: &str, lesser: &str) -> String {
    match (amount / each, amount % each) {
        (0, rest) => format!("{rest}{lesser}"),
        (many, 0) => format!("{many}{greater}"),
        (many, rest) => format!("{many}{greater} {rest}{lesser}"),
    }
}

/// A share in percent: two significant digits of its distance from 0 or 100%, whichever is nearer, and no less than
/// one decimal (`12.3%`, `0.034%`, `99.87%`). What lies between does not read as 0% or 100%.
fn share(x: f64) -> String {
    if x == 0.0 || x == 1.0 {
        return format!("{}%", x * 100.0);
    }
    let percent = 100.0 * x;
    if percent < LEAST_PERCENT {
        return format!("{percent:.0e}%");
    }
    format!("{percent:.*}%", share_decimals(percent))
}

/// Two shares, with more digits than usual where they would read the same although they are not: `2.04%` and `2.00%`.
pub fn shares_apart(a: f64, b: f64) -> (String, String) {
    let usual = (share(a), share(b));
    let read = |text: &str| text.trim_end_matches('%').parse::<f64>().ok();
    if a == b || read(&usual.0) != read(&usual.1) {
        return usual;
    }
    let with = |decimals: usize| {
        let text = |x: f64| format!("{:.decimals$}%", 100.0 * x);
        (text(a), text(b))
    };
    let apart = (1..=MOST_DECIMALS).map(with).find(|(a, b)| a != b);
    apart.unwrap_or(usual)
}

/// A number that needs more differs from its neighbour by rounding only.
const MOST_DECIMALS: usize = 17;

/// Percentages below are written with an exponent.
const LEAST_PERCENT: f64 = 1e-6;

fn share_decimals(percent: f64) -> usize {
    if percent >= 1_000.0 {
        return 0;
    }
    let distance = if percent < 100.0 {
        percent.min(100.0 - percent)
    } else {
        percent
    };
    decimals_for(distance, 2).clamp(1, 8)
}

/// The least share of no more digits than `share` has that is not below `x`, in percent: for "less than".
pub fn share_at_most(x: f64) -> String {
    share_rounded(x, libm::ceil)
}

/// The largest share of no more digits than `share` has that is not above `x`, in percent: for "more than".
pub fn share_at_least(x: f64) -> String {
    share_rounded(x, libm::floor)
}

fn share_rounded(x: f64, round: fn(f64) -> f64) -> String {
    let percent = 100.0 * x;
    if percent < LEAST_PERCENT || x == 1.0 {
        return share(x);
    }
    let decimals = share_decimals(percent);
    let unit = libm::pow(10.0, decimals as f64);
    // The product's own rounding must not move what is already exact.
    let nearest = libm::round(percent * unit);
    let rounded = if (percent * unit - nearest).abs() < 1e-6 {
        nearest
    } else {
        round(percent * unit)
    };
    if rounded == 100.0 * unit {
        return "100%".to_owned();
    }
    format!("{:.decimals$}%", rounded / unit)
}

/// A number of things in two or three significant digits: `0`, `3.4`, `870`, `12k`, `1.2M`.
fn amount(x: f64) -> String {
    const UNITS: [(f64, &str); 5] = [(1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")];
    if x == 0.0 {
        return "0".to_owned();
    }
    if x.abs() < 0.001 {
        return format!("{x:.0e}");
    }
    if x.abs() < 9.95 {
        return trimmed(x, decimals_for(x.abs(), 2));
    }
    // 999.7 reads as 1.0k, not as 1000.
    let (unit, name) = UNITS
        .into_iter()
        .find(|(unit, _)| x.abs() / unit < 999.5)
        .unwrap_or((1e12, "T"));
    let scaled = x / unit;
    if scaled.abs() < 9.95 && unit > 1.0 {
        format!("{scaled:.1}{name}")
    } else {
        format!("{scaled:.0}{name}")
    }
}

/// Decimals that show `digits` significant digits of a positive number.
fn decimals_for(x: f64, digits: i32) -> usize {
    let leading = libm::floor(libm::log10(x) + 1e-9) as i32;
    usize::try_from(digits - 1 - leading).unwrap_or(0)
}

/// With so many decimals, but no zeros at the end of them.
fn trimmed(x: f64, decimals: usize) -> String {
    let text = format!("{x:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(quantity: Quantity, cases: &[(f64, &str)]) {
        for &(x, text) in cases {
            assert_eq!(quantity.text(x), text, "{x}");
        }
    }

    #[test]
    fn durations_have_two_units_at_most() {
        texts(
            Quantity::Duration,
            &[
                (0.0, "0s"),
                (1e-9, "1ms"),
                (0.25, "250ms"),
                (0.9996, "1s"),
                (4.27, "4.3s"),
                (9.96, "10s"),
                (42.4, "42s"),
                (59.6, "1m"),
                (200.0, "3m 20s"),
                (3_599.6, "1h"),
                (33_000.0, "9h 10m"),
                (86_399.0, "1d"),
                (86_400.0 * 4.0 + 3.0 * 3_600.0, "4d 3h"),
                (86_400.0 * 59.99, "60d"),
                (f64::INFINITY, "never"),
                (-90.0, "-1m 30s"),
            ],
        );
    }

    #[test]
    fn shares_keep_two_digits_of_what_is_small() {
        texts(
            Quantity::Share,
            &[
                (0.0, "0%"),
                (1.0, "100%"),
                (0.5, "50.0%"),
                (0.1234, "12.3%"),
                (0.0213, "2.1%"),
                (0.01, "1.0%"),
                (0.00034, "0.034%"),
                (0.9987, "99.87%"),
                (0.99999, "99.9990%"),
                (3.5, "350.0%"),
                (42.0, "4200%"),
                (1e-9, "1e-7%"),
            ],
        );
    }

    #[test]
    fn shares_that_differ_read_differently() {
        for (a, b, texts) in [
            (0.0204, 0.02, ("2.04%", "2.00%")),
            (0.019_996, 0.02, ("1.9996%", "2.0000%")),
            (0.000_344, 0.000_34, ("0.0344%", "0.0340%")),
            // One of them would have three decimals, the other two.
            (0.000_996, 0.001_004, ("0.0996%", "0.1004%")),
            (0.02, 0.02, ("2.0%", "2.0%")),
            (0.029, 0.01, ("2.9%", "1.0%")),
            (0.0, 0.01, ("0%", "1.0%")),
            (
                1.0,
                0.999_999_999_999,
                ("100.0000000000%", "99.9999999999%"),
            ),
        ] {
            let (one, other) = shares_apart(a, b);
            assert_eq!((one.as_str(), other.as_str()), texts, "{a} and {b}");
        }
    }

    #[test]
    fn upper_ends_are_rounded_up() {
        assert_eq!(share_at_most(0.003_61), "0.37%");
        assert_eq!(share_at_most(0.0036), "0.36%");
        assert_eq!(share_at_most(0.1201), "12.1%");
        assert_eq!(share_at_most(1.0), "100%");
        assert_eq!(share_at_most(0.999_882), "99.989%");
        assert_eq!(share_at_most(0.999_999_999_999), "100%");
    }

    #[test]
    fn lower_ends_are_rounded_down() {
        assert_eq!(share_at_least(0.987_6), "98.7%");
        assert_eq!(share_at_least(0.99), "99.0%");
        assert_eq!(share_at_least(0.997_39), "99.73%");
        assert_eq!(share_at_least(0.002_69), "0.26%");
    }

    #[test]
    fn amounts_have_a_unit_from_a_thousand() {
        texts(
            Quantity::Amount,
            &[
                (0.0, "0"),
                (0.034, "0.034"),
                (3.4, "3.4"),
                (3.0, "3"),
                (9.96, "10"),
                (870.2, "870"),
                (999.7, "1.0k"),
                (12_340.0, "12k"),
                (1_234_000.0, "1.2M"),
                (5e15, "5000T"),
                (1e-7, "1e-7"),
            ],
        );
    }

    #[test]
    fn ranges_name_a_common_unit_once() {
        assert_eq!(Quantity::Share.range(0.019, 0.084), "1.9–8.4%");
        assert_eq!(Quantity::Share.range(0.0, 1.0), "0–100%");
        assert_eq!(Quantity::Amount.range(8e5, 1.2e6), "800k–1.2M");
        assert_eq!(Quantity::Amount.range(1.1e6, 1.2e6), "1.1–1.2M");
        assert_eq!(Quantity::Amount.range(3.0, 4.5), "3–4.5");
        assert_eq!(Quantity::Amount.range(1.7e3, f64::INFINITY), "1.7k–∞");
        assert_eq!(Quantity::Duration.range(3_600.0, 7_200.0), "1h–2h");
        assert_eq!(Quantity::Duration.range(3_600.0, f64::INFINITY), "1h–never");
    }

    proptest! {
        #[test]
        fn only_nothing_and_all_read_so(x in 0.0..=1.0_f64) {
            let text = Quantity::Share.text(x);
            prop_assert_eq!(x == 0.0, text == "0%", "{}", text);
            prop_assert_eq!(x == 1.0, text == "100%", "{}", text);
        }

        #[test]
        fn what_is_written_is_near(x in 1e-6..1.0_f64) {
            let percent: f64 = share(x).trim_end_matches('%').parse().unwrap();
            prop_assert!((percent / 100.0 - x).abs() <= 0.051 * x.min(1.0 - x).max(1e-8), "{}", percent);
            let bound: f64 = share_at_most(x).trim_end_matches('%').parse().unwrap();
            prop_assert!(bound / 100.0 >= x - 1e-10, "{}", bound);
            let bound: f64 = share_at_least(x).trim_end_matches('%').parse().unwrap();
            prop_assert!(bound / 100.0 <= x + 1e-10, "{}", bound);
        }

        #[test]
        fn durations_are_near(x in 10.0..5e6_f64) {
            let unit = |c| match c { 'd' => 86_400.0, 'h' => 3_600.0, 'm' => 60.0, _ => 1.0 };
            let text = duration(x);
            let read: f64 = text
                .split(' ')
                .map(|p| p[..p.len() - 1].parse::<f64>().unwrap() * unit(p.chars().last().unwrap()))
                .sum();
            prop_assert!((read - x).abs() <= 0.03 * x + 0.5, "{} is not {}", text, x);
        }
    }
}
