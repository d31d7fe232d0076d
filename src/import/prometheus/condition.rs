//! What an alert's query says of requests.

use super::promql::{Label, Query};

/// A condition on requests.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    pub(super) when: String,
    /// What it covers, in seconds.
    pub(super) window_s: f64,
    /// Requests below which it does not hold.
    pub(super) min_requests: f64,
    /// What was taken for what.
    pub(super) assumed: String,
}

impl Condition {
    /// What somebody says in place of a query.
    pub(super) fn taken_for(when: &str, window_s: f64) -> Condition {
        Condition {
            when: when.to_owned(),
            window_s,
            min_requests: 0.0,
            assumed: format!("taken for {when}, as --metric says"),
        }
    }
}

/// What a series counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counts {
    Bad,
    Good,
    All,
}

/// What a part of a query is.
#[derive(Clone, Debug, PartialEq)]
enum Term {
    Number(f64),
    /// Requests within a window, times a scale.
    Flow {
        counts: Counts,
        scale: f64,
        window_s: f64,
    },
    /// The share of bad requests, or of good ones, times a scale.
    Share {
        bad: bool,
        scale: f64,
        window_s: f64,
    },
    /// The time that so large a share of requests does not exceed.
    Quantile {
        share: f64,
        window_s: f64,
    },
}

/// The condition of a query, or what of it is not expressed.
pub(super) fn condition(query: &Query) -> Result<Condition, String> {
    if let Query::Two(operator, one, other) = query {
        if operator == "and" {
            let mut main = condition(one)?;
            main.min_requests = volume(other, main.window_s)?;
            return Ok(main);
        }
        if matches!(operator.as_str(), ">" | ">=" | "<" | "<=") {
            let above = operator.starts_with('>');
            let inclusive = operator.ends_with('=');
            return match (term(one)?, term(other)?) {
                (value, Term::Number(limit)) => compare(&value, above, inclusive, limit),
                (Term::Number(limit), value) => compare(&value, !above, inclusive, limit),
                _ => Err("a comparison of two series".to_owned()),
            };
        }
    }
    Err("no comparison of a rate or a share of requests with a number".to_owned())
}

/// The least number of requests that a second condition asks for.
fn volume(query: &Query, window_s: f64) -> Result<f64, String> {
    let reason = || "a second condition other than on the number of requests".to_owned();
    let Query::Two(operator, one, other) = query else {
        return Err(reason());
    };
    match (operator.as_str(), term(one)?, term(other)?) {
        (
            ">" | ">=",
            Term::Flow {
                counts: Counts::All,
                scale,
                window_s: own_s,
            },
            Term::Number(limit),
        ) if own_s == window_s && limit >= 0.0 => {
            let count = limit / scale;
            Ok(if operator == ">" {
                count.floor() + 1.0
            } else {
                count.ceil()
            })
        }
        _ => Err(reason()),
    }
}

fn term(query: &Query) -> Result<Term, String> {
    match query {
        Query::Number(number) => Ok(Term::Number(*number)),
        Query::Series { .. } => Err("a series without a rate over a window".to_owned()),
        Query::Call(name, parts) => call(name, parts),
        Query::Two(operator, one, other) => calculate(operator, term(one)?, term(other)?),
    }
}

fn call(name: &str, parts: &[Query]) -> Result<Term, String> {
    match (name, parts) {
        (
            "rate" | "increase",
            [
                Query::Series {
                    name: metric,
                    labels,
                    window_s: Some(window_s),
                },
            ],
        ) => {
            let scale = if name == "rate" { 1.0 / window_s } else { 1.0 };
            if *window_s < 1.0 {
                return Err("a window below a second".to_owned());
            }
            Ok(Term::Flow {
                counts: counts(metric, labels)?,
                scale,
                window_s: *window_s,
            })
        }
        ("sum", [of]) => term(of),
        ("histogram_quantile", [Query::Number(share), of]) if *share > 0.0 && *share < 1.0 => {
            match term(of)? {
                Term::Flow { window_s, .. } => Ok(Term::Quantile {
                    share: *share,
                    window_s,
                }),
                _ => Err("a quantile of no rate".to_owned()),
            }
        }
        _ => Err(format!("`{name}(...)`")),
    }
}

fn calculate(operator: &str, one: Term, other: Term) -> Result<Term, String> {
    let scaled = |term: Term, by: f64| match term {
        Term::Flow {
            counts,
            scale,
            window_s,
        } if by > 0.0 => Ok(Term::Flow {
            counts,
            scale: scale * by,
            window_s,
        }),
        Term::Share {
            bad,
            scale,
            window_s,
        } if by > 0.0 => Ok(Term::Share {
            bad,
            scale: scale * by,
            window_s,
        }),
        _ => Err("such a product".to_owned()),
    };
    match (operator, one, other) {
        ("*", Term::Number(by), term) | ("*", term, Term::Number(by)) => scaled(term, by),
        ("/", term, Term::Number(by)) if by > 0.0 => scaled(term, 1.0 / by),
        (
            "/",
            Term::Flow {
                counts,
                scale: a,
                window_s: x,
            },
            Term::Flow {
                counts: Counts::All,
                scale: b,
                window_s: y,
            },
        ) if x == y && counts != Counts::All => Ok(Term::Share {
            bad: counts == Counts::Bad,
            scale: a / b,
            window_s: x,
        }),
        // The whole less a share is the other share.
        (
            "-",
            Term::Number(whole),
            Term::Share {
                bad,
                scale,
                window_s,
            },
        ) if close(whole, scale) => Ok(Term::Share {
            bad: !bad,
            scale,
            window_s,
        }),
        _ => Err(format!("such a calculation with `{operator}`")),
    }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs()
}

/// What a series counts, by its name and labels.
fn counts(name: &str, labels: &[Label]) -> Result<Counts, String> {
    for label in labels {
        let value = label.value.trim_start_matches(['^', '(']);
        let is = !label.sign.starts_with('!');
        let about_status = [
            "code",
            "status",
            "result",
            "outcome",
            "classification",
            "reason",
        ]
        .iter()
        .any(|word| label.name.contains(word));
        if !about_status {
            continue;
        }
        let lower = value.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.starts_with(word));
        if value.starts_with('4') || value.starts_with("[4") {
            return Err("mistakes of callers (4xx), which are no errors of the release".to_owned());
        }
        if says(&["5", "err", "fail", "internal"]) {
            return Ok(if is { Counts::Bad } else { Counts::Good });
        }
        if says(&["2", "success", "ok"]) {
            return Ok(if is { Counts::Good } else { Counts::Bad });
        }
    }
    let lower = name.to_ascii_lowercase();
    if ["error", "fail", "5xx", "exception"]
        .iter()
        .any(|word| lower.contains(word))
    {
        return Ok(Counts::Bad);
    }
    Ok(Counts::All)
}

fn compare(term: &Term, above: bool, inclusive: bool, limit: f64) -> Result<Condition, String> {
    let sign = if inclusive { ">=" } else { ">" };
    let new = |when: String, window_s: f64, assumed: &str| Condition {
        when,
        window_s,
        min_requests: 0.0,
        assumed: assumed.to_owned(),
    };
    if limit < 0.0 {
        return Err("a threshold below 0".to_owned());
    }
    match (term, above) {
        (
            Term::Share {
                bad,
                scale,
                window_s,
            },
            _,
        ) if *bad == above => {
            let share = if above {
                limit / scale
            } else {
                1.0 - limit / scale
            };
            if !(0.0..=1.0).contains(&share) {
                return Err("a share of requests beyond 100%".to_owned());
            }
            let what =
                "its quotient is taken for the share of bad requests of the service released";
            Ok(new(
                format!("errors {sign} {}%", decimal(share * 100.0)),
                *window_s,
                what,
            ))
        }
        (
            Term::Flow {
                counts: Counts::Bad,
                scale,
                window_s,
            },
            true,
        ) => {
            let what = "its count is taken for the bad requests of the service released";
            let when = format!("errors {sign} {} per period", decimal(limit / scale));
            Ok(new(when, *window_s, what))
        }
        (
            Term::Flow {
                counts: Counts::All,
                scale,
                window_s,
            },
            false,
        ) if limit > 0.0 => {
            let sign = if inclusive { "<=" } else { "<" };
            let what = "its count is taken for the requests of the service released";
            let when = format!("requests {sign} {}", decimal(limit / scale));
            Ok(new(when, *window_s, what))
        }
        (Term::Quantile { share, window_s }, true) => {
            let what =
                format!("`slow` stands for requests that take longer than {limit} in its unit");
            Ok(new(
                format!("slow {sign} {}%", decimal((1.0 - share) * 100.0)),
                *window_s,
                &what,
            ))
        }
        (
            Term::Flow {
                counts: Counts::All,
                ..
            },
            true,
        ) => Err("too many requests, which are no failure".to_owned()),
        _ => Err("a comparison from this side".to_owned()),
    }
}

/// A number with twelve digits at the most.
fn decimal(number: f64) -> String {
    let rounded: f64 = format!("{number:.11e}").parse().unwrap_or(number);
    rounded.to_string()
}

#[cfg(test)]
mod tests {
    use super::super::promql::read;
    use super::*;

    fn of(text: &str) -> Result<(String, f64, f64), String> {
        condition(&read(text)?).map(|c| (c.when, c.window_s, c.min_requests))
    }

    fn known(when: &str, window_s: f64, min_requests: f64) -> Result<(String, f64, f64), String> {
        Ok((when.to_owned(), window_s, min_requests))
    }

    #[test]
    fn shares_of_bad_requests() {
        let five = known("errors > 5%", 300.0, 0.0);
        let shares = [
            "sum(rate(http_requests_total{code=~\"5..\"}[5m])) / sum(rate(http_requests_total[5m])) > 0.05",
            "rate(a_errors_total[5m]) / rate(a_total[5m]) * 100 > 5",
            "0.05 < increase(a_failed_total[5m]) / increase(a_total[5m])",
            "sum(rate(a{status!~\"5..\"}[5m])) / sum(rate(a[5m])) < 0.95",
            "1 - sum(rate(a{code=~\"2..\"}[5m])) / sum(rate(a[5m])) > 0.05",
        ];
        for text in shares {
            assert_eq!(of(text), five, "{text}");
        }
    }

    #[test]
    fn a_volume_guard_is_a_number_of_requests_in_the_window() {
        let share = "sum(rate(a{code=~\"5..\"}[1m])) / sum(rate(a[1m])) > 0.05";
        let guarded = |guard: &str| of(&format!("{share} and {guard}"));
        assert_eq!(
            guarded("sum(rate(a[1m])) > 0"),
            known("errors > 5%", 60.0, 1.0)
        );
        assert_eq!(
            guarded("sum(rate(a[1m])) >= 0.5"),
            known("errors > 5%", 60.0, 30.0)
        );
        assert!(guarded("sum(rate(a[5m])) > 0").is_err());
        assert!(guarded("up == 1").is_err());
    }

    #[test]
    fn rates_of_failures_and_quantiles() {
        assert_eq!(
            of("rate(a_errors_total[5m]) > 0.1"),
            known("errors > 30 per period", 300.0, 0.0)
        );
        assert_eq!(
            of("increase(a_errors_total[5m]) >= 3"),
            known("errors >= 3 per period", 300.0, 0.0)
        );
        assert_eq!(
            of("sum(rate(a_total[5m])) < 2"),
            known("requests < 600", 300.0, 0.0)
        );
        let quantile = "histogram_quantile(0.99, sum(rate(a_bucket[2m])) by (le)) > 3";
        assert_eq!(of(quantile), known("slow > 1%", 120.0, 0.0));
    }

    #[test]
    fn what_is_not_expressed_has_a_reason() {
        for text in [
            "up == 0",
            "up < 1",
            "sum(rate(a_total[5m])) > 1000",
            "sum(rate(a{code=~\"4..\"}[5m])) / sum(rate(a[5m])) > 0.05",
            "rate(a_errors[5m]) / rate(a[1m]) > 0.1",
            "absent(up)",
            "max_over_time(a[5m]) > 0",
            "rate(a_errors[5m]) > rate(b[5m])",
            "rate(a_errors[5m]) / rate(a[5m]) > 2",
            "avg(rate(a_errors[5m])) > 2",
        ] {
            assert!(of(text).is_err(), "{text}");
        }
    }
}
