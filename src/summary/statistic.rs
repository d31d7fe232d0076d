//! Statistics and their names.

use std::fmt;
use std::str::FromStr;

/// A figure that sums up a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// The mean of the finite values.
    Mean,
    /// The standard deviation of the finite values (divisor n - 1; over strata that of the weighted mixture).
    Sd,
    /// The least x with F(x) >= this share, infinite values included. Named `p50`, `p99`, `p999`.
    Quantile(f64),
    /// The mean over the worst values beyond this share, the value at the quantile split where it takes more room than is
    /// left. Named `cvar99`: the mean over the worst hundredth.
    Cvar(f64),
    /// The smallest finite value drawn.
    Min,
    /// The largest finite value drawn.
    Max,
    /// The share of all rollouts of the group that have a finite value: the part that the mean is over.
    Share,
}

impl Statistic {
    /// Those in `summary.csv`, in its order.
    pub const LISTED: [Statistic; 14] = [
        Statistic::Mean,
        Statistic::Sd,
        Statistic::Quantile(0.05),
        Statistic::Quantile(0.25),
        Statistic::Quantile(0.5),
        Statistic::Quantile(0.75),
        Statistic::Quantile(0.9),
        Statistic::Quantile(0.95),
        Statistic::Quantile(0.99),
        Statistic::Quantile(0.999),
        Statistic::Cvar(0.99),
        Statistic::Min,
        Statistic::Max,
        Statistic::Share,
    ];
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Statistic::Mean => f.pad("mean"),
            Statistic::Sd => f.pad("sd"),
            // The decimals of the share, at least two: 0.5 is p50, 0.05 is p05, 0.999 is p999.
            Statistic::Quantile(p) => f.pad(&format!("p{}", digits(*p))),
            Statistic::Cvar(p) => f.pad(&format!("cvar{}", digits(*p))),
            Statistic::Min => f.pad("min"),
            Statistic::Max => f.pad("max"),
            Statistic::Share => f.pad("share"),
        }
    }
}

fn digits(p: f64) -> String {
    format!("{:0<2}", p.to_string().trim_start_matches("0."))
}

/// The share of at least two digits: 0.5 of "50".
fn share(digits: &str) -> Option<f64> {
    let is_share = (2..=9).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.bytes().any(|b| b != b'0');
    is_share.then(|| format!("0.{digits}").parse().ok())?
}

/// A name that no statistic has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no statistic is called `{0}`: use mean, median, sd, min, max, share, a quantile such as p50, p99 or p999, or cvar99"
)]
pub struct ParseStatisticError(String);

impl FromStr for Statistic {
    type Err = ParseStatisticError;

    fn from_str(name: &str) -> Result<Self, ParseStatisticError> {
        let unknown = || ParseStatisticError(name.to_owned());
        match name {
            "mean" => Ok(Statistic::Mean),
            "median" => Ok(Statistic::Quantile(0.5)),
            "sd" => Ok(Statistic::Sd),
            "min" => Ok(Statistic::Min),
            "max" => Ok(Statistic::Max),
            "share" => Ok(Statistic::Share),
            _ => {
                let quantile = name.strip_prefix('p').and_then(share);
                let cvar = || name.strip_prefix("cvar").and_then(share);
                quantile
                    .map(Statistic::Quantile)
                    .or_else(|| cvar().map(Statistic::Cvar))
                    .ok_or_else(unknown)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for statistic in Statistic::LISTED {
            assert_eq!(statistic.to_string().parse(), Ok(statistic));
        }
        let names: Vec<String> = Statistic::LISTED.iter().map(Statistic::to_string).collect();
        assert_eq!(
            names.join(" "),
            "mean sd p05 p25 p50 p75 p90 p95 p99 p999 cvar99 min max share"
        );
        assert_eq!("median".parse(), Ok(Statistic::Quantile(0.5)));
    }

    #[test]
    fn other_names_are_not() {
        for name in [
            "",
            "p",
            "p5",
            "p00",
            "p100x",
            "p-1",
            "P50",
            "q50",
            "p1234567890",
            "cvar9",
            "cvar00",
        ] {
            assert!(name.parse::<Statistic>().is_err(), "{name}");
        }
    }
}
