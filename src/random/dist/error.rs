//! What can be wrong with a distribution.

use thiserror::Error;

/// Why a distribution was refused: which parameter, what it was, and the rule it breaks.
///
/// Values are in the caller's own unit (seconds for durations).
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum DistError {
    /// A parameter is NaN or infinite.
    #[error("{parameter} is {value}, not a finite number")]
    NotFinite {
        /// The parameter's name as written in a literal.
        parameter: &'static str,
        /// Its value.
        value: f64,
    },
    /// A parameter that may be 0 is below it.
    #[error("{parameter} is {value}, below 0")]
    Negative {
        /// The parameter's name as written in a literal.
        parameter: &'static str,
        /// Its value.
        value: f64,
    },
    /// A parameter that must be above 0 is not.
    #[error("{parameter} is {value}, not above 0")]
    NotPositive {
        /// The parameter's name as written in a literal.
        parameter: &'static str,
        /// Its value.
        value: f64,
    },
    /// A parameter is beyond what is computed with.
    #[error("{parameter} is {value}, above the largest value allowed, {limit}")]
    TooLarge {
        /// The parameter's name as written in a literal.
        parameter: &'static str,
        /// Its value.
        value: f64,
        /// The largest value allowed.
        limit: f64,
    },
    /// Two parameters that must ascend do not.
    #[error("{lower} is {lower_value}, above {upper}, which is {upper_value}")]
    OutOfOrder {
        /// The name of the parameter that must not be larger.
        lower: &'static str,
        /// Its value.
        lower_value: f64,
        /// The name of the parameter that must not be smaller.
        upper: &'static str,
        /// Its value.
        upper_value: f64,
    },
    /// The parameters are so far apart that draws would leave the range of numbers.
    #[error(
        "the spread is too wide: draws would reach {reach}, above the largest value allowed, {limit}"
    )]
    TooWide {
        /// The mean or the largest draw, whichever is larger; may be infinite.
        reach: f64,
        /// The largest value allowed.
        limit: f64,
    },
    /// An empirical distribution without values, or a mixture without components.
    #[error("{parameter}: at least one is needed")]
    Empty {
        /// What there is none of.
        parameter: &'static str,
    },
    /// The weights of a mixture do not sum to 1.
    #[error("the weights sum to {sum}, not to 1")]
    WeightsSum {
        /// Their sum.
        sum: f64,
    },
}
