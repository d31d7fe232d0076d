//! Metrics that say something of requests, by namespace and name.
//!
//! Sources: the pages "CloudWatch metrics" of AWS Lambda, API Gateway, Elastic Load Balancing, Step Functions and
//! CloudFront.

use super::term::{Term, Zeros};

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Means {
    /// Requests that failed. `each`: it has a value (0 or 1) for each request, so that its average is their share, and
    /// it is missing only where there are no requests.
    Bad {
        each: bool,
    },
    Requests,
    /// How long requests take, in milliseconds.
    Latency {
        in_seconds: bool,
    },
    /// The share of requests that failed, in percent.
    BadPercent,
    /// Requests that failed by the caller's fault.
    CallersFault,
}

const EACH: Means = Means::Bad { each: true };
const RARE: Means = Means::Bad { each: false };
const MILLISECONDS: Means = Means::Latency { in_seconds: false };

static KNOWN: &[(&str, &str, Means)] = &[
    ("AWS/Lambda", "Errors", EACH),
    ("AWS/Lambda", "Invocations", Means::Requests),
    ("AWS/Lambda", "Duration", MILLISECONDS),
    ("AWS/ApiGateway", "5XXError", EACH),
    ("AWS/ApiGateway", "5xx", EACH),
    ("AWS/ApiGateway", "4XXError", Means::CallersFault),
    ("AWS/ApiGateway", "4xx", Means::CallersFault),
    ("AWS/ApiGateway", "Count", Means::Requests),
    ("AWS/ApiGateway", "Latency", MILLISECONDS),
    ("AWS/ApiGateway", "IntegrationLatency", MILLISECONDS),
    ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", RARE),
    ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", RARE),
    (
        "AWS/ApplicationELB",
        "HTTPCode_ELB_4XX_Count",
        Means::CallersFault,
    ),
    (
        "AWS/ApplicationELB",
        "HTTPCode_Target_4XX_Count",
        Means::CallersFault,
    ),
    ("AWS/ApplicationELB", "RequestCount", Means::Requests),
    (
        "AWS/ApplicationELB",
        "TargetResponseTime",
        Means::Latency { in_seconds: true },
    ),
    ("AWS/States", "ExecutionsFailed", RARE),
    ("AWS/States", "ExecutionsStarted", Means::Requests),
    ("AWS/States", "ExecutionTime", MILLISECONDS),
    ("AWS/CloudFront", "5xxErrorRate", Means::BadPercent),
    ("AWS/CloudFront", "Requests", Means::Requests),
];

/// What a metric with a statistic says of requests, or why it says nothing that landfall could count.
pub(super) fn term(namespace: &str, name: &str, statistic: &str) -> Result<Term, String> {
    let known = KNOWN.iter().find(|(n, m, _)| (*n, *m) == (namespace, name));
    let Some((_, _, means)) = known else {
        return Err(format!(
            "the metric {namespace} {name} is not known to count requests"
        ));
    };
    let unknown = || format!("the statistic {statistic} of {name} is not expressed");
    match means {
        Means::Bad { each } => match statistic {
            "Sum" => Ok(Term::Bad {
                scale: 1.0,
                zeros: if *each {
                    Zeros::Written
                } else {
                    Zeros::LeftOut
                },
            }),
            "Average" if *each => Ok(ratio(1.0)),
            // Some value is 1 where a request failed.
            "Maximum" if *each => Ok(Term::Any),
            "SampleCount" | "n" if *each => Ok(Term::Requests { scale: 1.0 }),
            _ => Err(unknown()),
        },
        Means::Requests => match statistic {
            "Sum" | "SampleCount" | "n" => Ok(Term::Requests { scale: 1.0 }),
            _ => Err(unknown()),
        },
        Means::BadPercent => match statistic {
            "Average" => Ok(ratio(100.0)),
            _ => Err(unknown()),
        },
        Means::Latency { in_seconds } => {
            let unit = if *in_seconds { "s" } else { "ms" };
            match (statistic, percentile(statistic)) {
                ("Maximum", _) => Ok(Term::Slowest { unit }),
                (_, Some(percentile)) => Ok(Term::Percentile { percentile, unit }),
                _ => Err(unknown()),
            }
        }
        Means::CallersFault => Err(format!(
            "{name} counts mistakes of callers, which are no errors of the release"
        )),
    }
}

fn ratio(scale: f64) -> Term {
    Term::Ratio {
        scale,
        zeros: Zeros::Written,
    }
}

/// The percentile of a statistic such as `p99.9`.
fn percentile(statistic: &str) -> Option<f64> {
    let digits = statistic.strip_prefix('p')?;
    let percentile: f64 = digits.parse().ok()?;
    (percentile > 0.0 && percentile < 100.0).then_some(percentile)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_of_zeros_and_ones_is_a_share() {
        assert_eq!(
            term("AWS/ApiGateway", "5XXError", "Average"),
            Ok(ratio(1.0))
        );
        // The balancer counts failures only, so their average is 1.
        assert!(term("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "Average").is_err());
    }

    #[test]
    fn percentiles_are_read_and_other_metrics_are_not() {
        let p = |percentile| {
            Ok(Term::Percentile {
                percentile,
                unit: "ms",
            })
        };
        assert_eq!(term("AWS/Lambda", "Duration", "p99.9"), p(99.9));
        for statistic in ["p0", "p100", "pNaN", "tm99", "Average"] {
            assert!(
                term("AWS/Lambda", "Duration", statistic).is_err(),
                "{statistic}"
            );
        }
        assert!(term("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum").is_err());
    }
}
