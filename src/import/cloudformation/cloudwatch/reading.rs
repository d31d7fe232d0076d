//! What an expression over metrics says of requests, and when it is beyond a threshold.

use super::math::{Math, Operator};

/// What a value is, as a quantity of requests.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Term {
    Number(f64),
    /// So many times the number of failed requests.
    Bad {
        scale: f64,
        zeros: Zeros,
    },
    /// So many times the number of requests.
    Requests {
        scale: f64,
    },
    /// So many times the number of requests that did not fail.
    Good {
        scale: f64,
    },
    /// So many times the share of failed requests.
    Ratio {
        scale: f64,
        zeros: Zeros,
    },
    /// So many times the share of requests that did not fail.
    GoodRatio {
        scale: f64,
    },
    /// 1 if any request failed, else 0.
    Any,
    /// The time that so many percent of requests do not exceed.
    Percentile {
        percentile: f64,
        unit: &'static str,
    },
    /// The longest time of a request.
    Slowest {
        unit: &'static str,
    },
    /// A value where enough came in, and something else where not.
    Guarded {
        value: Box<Term>,
        guard: Guard,
        otherwise: Otherwise,
    },
}

/// What a metric of failures has where none failed. The later one is what a sum has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Zeros {
    /// A 0 even where there are no requests.
    Filled,
    /// A 0 for every request that did not fail: it is missing only where there are no requests.
    Written,
    /// Nothing: it is missing wherever nothing failed.
    LeftOut,
}

/// What must have come in for a value to count. Both are whole numbers of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Guard {
    pub(super) requests: f64,
    pub(super) bad: f64,
}

/// What stands in place of a value that does not count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Otherwise {
    /// No datapoint.
    Missing,
    Value(f64),
}

/// A comparison of a value with a threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Threshold {
    pub(super) above: bool,
    pub(super) inclusive: bool,
    pub(super) limit: f64,
}

/// An alarm's condition in landfall's words.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Reading {
    pub(in super::super) when: String,
    /// A second condition that must hold as well.
    pub(in super::super) and: Option<String>,
    /// Requests below which a datapoint is missing, or fine.
    pub(in super::super) min_requests: f64,
    /// Whether a datapoint below that is fine and not missing.
    pub(in super::super) few_are_fine: bool,
    /// Whether CloudWatch has no datapoint where nothing failed, and landfall a fine one.
    pub(in super::super) sparse: bool,
    /// What was taken for granted.
    pub(in super::super) assumed: Vec<String>,
}

impl Reading {
    /// A condition in place of what an alarm reads.
    pub(super) fn taken_for(condition: &str) -> Reading {
        Reading {
            when: condition.to_owned(),
            and: None,
            min_requests: 1.0,
            few_are_fine: false,
            sparse: false,
            assumed: vec![format!("taken for {condition}, as --metric says")],
        }
    }
}

/// A metric or expression by its id.
pub(super) trait Ids {
    /// What an id stands for.
    fn term(&self, id: &str) -> Result<Term, String>;

    /// The sum of all metrics.
    fn sum_of_all(&self) -> Result<Term, String>;
}

/// What an expression says of requests.
pub(super) fn evaluate(math: &Math, ids: &dyn Ids) -> Result<Term, String> {
    match math {
        Math::Number(number) => Ok(Term::Number(*number)),
        Math::Id(id) => ids.term(id),
        Math::Fill(of, value) => match evaluate(of, ids)? {
            // What is missing is 0 already: failures that nobody counted.
            Term::Bad { scale, .. } if *value == 0.0 => Ok(Term::Bad {
                scale,
                zeros: Zeros::Filled,
            }),
            term => Ok(Term::Guarded {
                value: Box::new(term),
                guard: Guard {
                    requests: 1.0,
                    bad: 0.0,
                },
                otherwise: Otherwise::Value(*value),
            }),
        },
        Math::Sum(parts) => sum(parts, ids),
        Math::If(condition, then, otherwise) => {
            let otherwise = match otherwise {
                Some(otherwise) => Some(evaluate(otherwise, ids)?),
                None => None,
            };
            choose(condition, evaluate(then, ids)?, otherwise, ids)
        }
        Math::Two(operator, one, other) => {
            let (one, other) = (evaluate(one, ids)?, evaluate(other, ids)?);
            calculate(*operator, one, other)
        }
        Math::Minus(of) => match evaluate(of, ids)? {
            Term::Number(number) => Ok(Term::Number(-number)),
            _ => Err("a negative of requests is not expressed".to_owned()),
        },
        Math::Metrics | Math::List(_) => {
            Err("several series at once are expressed only as a sum".to_owned())
        }
    }
}

fn sum(parts: &[Math], ids: &dyn Ids) -> Result<Term, String> {
    if parts == [Math::Metrics] {
        return ids.sum_of_all();
    }
    let mut terms = parts.iter().map(|part| evaluate(part, ids));
    let first = terms.next().ok_or("the sum of nothing is no value")??;
    terms.try_fold(first, |sum, term| calculate(Operator::Plus, sum, term?))
}

/// Adds, subtracts, multiplies or divides.
pub(super) fn calculate(operator: Operator, one: Term, other: Term) -> Result<Term, String> {
    use Operator::{Minus, Over, Plus, Times};
    let scaled = |term: Term, by: f64| {
        scale(term, by).ok_or_else(|| "such a product is not expressed".to_owned())
    };
    match (operator, one, other) {
        (Plus, Term::Number(a), Term::Number(b)) => finite(a + b),
        (Minus, Term::Number(a), Term::Number(b)) => finite(a - b),
        (Times, Term::Number(a), Term::Number(b)) => finite(a * b),
        (Over, Term::Number(a), Term::Number(b)) => finite(a / b),
        (Times, Term::Number(by), term) | (Times, term, Term::Number(by)) => scaled(term, by),
        (Over, term, Term::Number(by)) if by != 0.0 => scaled(term, 1.0 / by),
        (Plus, Term::Bad { scale: a, zeros: x }, Term::Bad { scale: b, zeros: y }) if a == b => {
            Ok(Term::Bad {
                scale: a,
                zeros: x.max(y),
            })
        }
        (Minus, Term::Requests { scale: a }, Term::Bad { scale: b, .. }) if a == b => {
            Ok(Term::Good { scale: a })
        }
        (Minus, Term::Number(whole), Term::Ratio { scale, .. }) if whole == scale => {
            Ok(Term::GoodRatio { scale })
        }
        (Minus, Term::Number(whole), Term::GoodRatio { scale }) if whole == scale => {
            Ok(Term::Ratio {
                scale,
                zeros: Zeros::Written,
            })
        }
        (Over, Term::Bad { scale: a, zeros }, Term::Requests { scale: b }) if b != 0.0 => {
            Ok(Term::Ratio {
                scale: a / b,
                zeros,
            })
        }
        (Over, Term::Good { scale: a }, Term::Requests { scale: b }) if b != 0.0 => {
            Ok(Term::GoodRatio { scale: a / b })
        }
        _ => Err("such a calculation is not expressed".to_owned()),
    }
}

fn finite(number: f64) -> Result<Term, String> {
    if number.is_finite() {
        Ok(Term::Number(number))
    } else {
        Err("a number in the expression is not finite".to_owned())
    }
}

fn scale(term: Term, by: f64) -> Option<Term> {
    if !(by > 0.0 && by.is_finite()) {
        return None;
    }
    Some(match term {
        Term::Bad { scale, zeros } => Term::Bad {
            scale: scale * by,
            zeros,
        },
        Term::Requests { scale } => Term::Requests { scale: scale * by },
        Term::Good { scale } => Term::Good { scale: scale * by },
        Term::Ratio { scale, zeros } => Term::Ratio {
            scale: scale * by,
            zeros,
        },
        Term::GoodRatio { scale } => Term::GoodRatio { scale: scale * by },
        Term::Guarded {
            value,
            guard,
            otherwise,
        } => Term::Guarded {
            value: Box::new(self::scale(*value, by)?),
            guard,
            otherwise: match otherwise {
                Otherwise::Missing => Otherwise::Missing,
                Otherwise::Value(value) => Otherwise::Value(value * by),
            },
        },
        Term::Number(_) | Term::Any | Term::Percentile { .. } | Term::Slowest { .. } => {
            return None;
        }
    })
}

/// `IF(condition, then, otherwise)`, of which one branch is a number or nothing.
fn choose(
    condition: &Math,
    then: Term,
    otherwise: Option<Term>,
    ids: &dyn Ids,
) -> Result<Term, String> {
    let (guard, value, otherwise) = match (then, otherwise) {
        (Term::Number(number), Some(value)) => {
            (few(condition, ids)?, value, Otherwise::Value(number))
        }
        (value, Some(Term::Number(number))) => {
            (enough(condition, ids)?, value, Otherwise::Value(number))
        }
        (value, None) => (enough(condition, ids)?, value, Otherwise::Missing),
        _ => return Err("a choice between two calculations is not expressed".to_owned()),
    };
    if matches!(value, Term::Guarded { .. }) {
        return Err("a condition within a condition is not expressed".to_owned());
    }
    Ok(Term::Guarded {
        value: Box::new(value),
        guard,
        otherwise,
    })
}

/// A condition that enough came in: comparisons from below, all of which must hold.
fn enough(condition: &Math, ids: &dyn Ids) -> Result<Guard, String> {
    use Operator::{And, More, MoreOrEqual, NotEqual};
    match condition {
        Math::Two(And, one, other) => Ok(both(enough(one, ids)?, enough(other, ids)?)),
        Math::Two(operator, of, limit) => match (operator, limit.number()) {
            (More, Some(limit)) => at_least(of, limit.floor() + 1.0, ids),
            (MoreOrEqual, Some(limit)) => at_least(of, limit.ceil(), ids),
            (NotEqual, Some(0.0)) => at_least(of, 1.0, ids),
            _ => Err(GUARD.to_owned()),
        },
        _ => Err(GUARD.to_owned()),
    }
}

/// A condition that too little came in: comparisons from above, one of which is enough.
fn few(condition: &Math, ids: &dyn Ids) -> Result<Guard, String> {
    use Operator::{Equal, Less, LessOrEqual, Or};
    match condition {
        Math::Two(Or, one, other) => Ok(both(few(one, ids)?, few(other, ids)?)),
        Math::Two(operator, of, limit) => match (operator, limit.number()) {
            (Less, Some(limit)) => at_least(of, limit.ceil(), ids),
            (LessOrEqual, Some(limit)) => at_least(of, limit.floor() + 1.0, ids),
            (Equal, Some(0.0)) => at_least(of, 1.0, ids),
            _ => Err(GUARD.to_owned()),
        },
        _ => Err(GUARD.to_owned()),
    }
}

const GUARD: &str = "a condition other than on a number of requests or failures is not expressed";

fn both(one: Guard, other: Guard) -> Guard {
    Guard {
        requests: one.requests.max(other.requests),
        bad: one.bad.max(other.bad),
    }
}

fn at_least(of: &Math, count: f64, ids: &dyn Ids) -> Result<Guard, String> {
    let count = count.max(0.0);
    match evaluate(of, ids)? {
        Term::Requests { scale: 1.0 } => Ok(Guard {
            requests: count,
            bad: 0.0,
        }),
        Term::Bad { scale: 1.0, .. } => Ok(Guard {
            requests: 0.0,
            bad: count,
        }),
        _ => Err(GUARD.to_owned()),
    }
}

/// When a value is beyond a threshold, or why that is not expressed.
pub(super) fn compare(term: &Term, threshold: Threshold) -> Result<Reading, String> {
    if let Term::Guarded {
        value,
        guard,
        otherwise,
    } = term
    {
        return guarded(value, *guard, *otherwise, threshold);
    }
    let Threshold {
        above,
        inclusive,
        limit,
    } = threshold;
    let sign = if inclusive { ">=" } else { ">" };
    let plain = |when: String, min_requests: f64| Reading {
        when,
        and: None,
        min_requests,
        few_are_fine: false,
        sparse: false,
        assumed: Vec::new(),
    };
    let times = |when: String, unit: &str| Reading {
        assumed: vec![format!(
            "`slow` stands for requests that take more than {limit} {unit}"
        )],
        ..plain(when, 1.0)
    };
    match (term, above) {
        (Term::Bad { scale, zeros }, true) => Ok(Reading {
            sparse: *zeros == Zeros::LeftOut,
            ..plain(
                format!(
                    "errors {sign} {} per period",
                    decimal(not_negative(limit / scale)?)
                ),
                f64::from(u8::from(*zeros == Zeros::Written)),
            )
        }),
        (Term::Any, true) if (0.0..1.0).contains(&limit) && !(inclusive && limit == 0.0) => {
            Ok(plain("errors > 0 per period".to_owned(), 1.0))
        }
        (Term::Any, true) if inclusive && limit == 1.0 => {
            Ok(plain("errors > 0 per period".to_owned(), 1.0))
        }
        (Term::Ratio { scale, zeros }, true) => Ok(Reading {
            sparse: *zeros == Zeros::LeftOut,
            ..plain(format!("errors {sign} {}", percentage(limit / scale)?), 1.0)
        }),
        (Term::GoodRatio { scale }, false) => Ok(plain(
            format!("errors {sign} {}", percentage(1.0 - limit / scale)?),
            1.0,
        )),
        (Term::Requests { scale }, false) => {
            let sign = if inclusive { "<=" } else { "<" };
            let count = not_negative(limit / scale)?;
            if count == 0.0 {
                return Err("fewer than no requests can not be".to_owned());
            }
            Ok(plain(format!("requests {sign} {}", decimal(count)), 0.0))
        }
        (Term::Percentile { percentile, unit }, true) => {
            let share = percentage((100.0 - percentile) / 100.0)?;
            Ok(times(format!("slow {sign} {share}"), unit))
        }
        (Term::Slowest { unit }, true) => Ok(times("slow > 0 per period".to_owned(), unit)),
        (Term::Requests { .. }, true) => Err("too many requests are no failure".to_owned()),
        (Term::Number(_), _) => Err("the expression does not depend on requests".to_owned()),
        _ => Err("a comparison from this side is not expressed".to_owned()),
    }
}

fn guarded(
    value: &Term,
    guard: Guard,
    otherwise: Otherwise,
    threshold: Threshold,
) -> Result<Reading, String> {
    let mut reading = compare(value, threshold)?;
    let few_are_fine = match otherwise {
        Otherwise::Missing => false,
        Otherwise::Value(value) if threshold.holds(value) => {
            return Err("an alarm that little traffic raises is not expressed".to_owned());
        }
        Otherwise::Value(_) => true,
    };
    if guard.bad > 0.0 {
        reading.and = Some(format!("errors >= {} per period", decimal(guard.bad)));
        if otherwise == Otherwise::Missing {
            let text = "a datapoint with too few failures to count is fine, and not missing";
            reading.assumed.push(text.to_owned());
        }
    }
    reading.few_are_fine = few_are_fine;
    reading.min_requests = reading.min_requests.max(guard.requests);
    Ok(reading)
}

impl Threshold {
    /// Whether a value is beyond it.
    fn holds(self, value: f64) -> bool {
        let beyond = if self.above {
            value > self.limit
        } else {
            value < self.limit
        };
        beyond || (self.inclusive && value == self.limit)
    }
}

fn not_negative(number: f64) -> Result<f64, String> {
    if number >= 0.0 {
        Ok(number)
    } else {
        Err("a threshold below 0 is always passed".to_owned())
    }
}

/// A share as a percentage.
fn percentage(share: f64) -> Result<String, String> {
    let share = not_negative(share)?;
    if share > 1.0 {
        return Err("no share of requests is above 100%".to_owned());
    }
    Ok(format!("{}%", decimal(share * 100.0)))
}

/// A number with twelve digits at the most, which hides that 0.1 times 3 is not 0.3.
pub(super) fn decimal(number: f64) -> String {
    let rounded: f64 = format!("{number:.11e}").parse().unwrap_or(number);
    rounded.to_string()
}

#[cfg(test)]
mod tests {
    use super::super::math::read;
    use super::*;

    /// Ids as they are common.
    struct Common;

    impl Ids for Common {
        fn term(&self, id: &str) -> Result<Term, String> {
            let zeros = Zeros::Written;
            match id {
                "errors" => Ok(Term::Bad { scale: 1.0, zeros }),
                "rare" => Ok(Term::Bad {
                    scale: 1.0,
                    zeros: Zeros::LeftOut,
                }),
                "invocations" => Ok(Term::Requests { scale: 1.0 }),
                "latency" => Ok(Term::Percentile {
                    percentile: 95.0,
                    unit: "ms",
                }),
                "rate" => evaluate(&read("(errors/invocations)*100")?, self),
                _ => Err(format!("no {id}")),
            }
        }

        fn sum_of_all(&self) -> Result<Term, String> {
            self.term("errors")
        }
    }

    const OVER: Threshold = Threshold {
        above: true,
        inclusive: false,
        limit: 5.0,
    };

    fn reading(text: &str, threshold: Threshold) -> Result<Reading, String> {
        compare(&evaluate(&read(text)?, &Common)?, threshold)
    }

    fn condition(text: &str, threshold: Threshold) -> (String, Option<String>, f64, bool) {
        let reading = reading(text, threshold).unwrap();
        (
            reading.when,
            reading.and,
            reading.min_requests,
            reading.few_are_fine,
        )
    }

    fn expected(
        when: &str,
        and: Option<&str>,
        min_requests: f64,
        few_are_fine: bool,
    ) -> (String, Option<String>, f64, bool) {
        (
            when.to_owned(),
            and.map(str::to_owned),
            min_requests,
            few_are_fine,
        )
    }

    #[test]
    fn rates_in_percent_and_in_shares_have_the_same_meaning() {
        let five = expected("errors > 5%", None, 1.0, false);
        assert_eq!(condition("(errors/invocations)*100", OVER), five);
        assert_eq!(condition("100*errors/invocations", OVER), five);
        let share = Threshold {
            limit: 0.05,
            ..OVER
        };
        assert_eq!(condition("errors / invocations", share), five);
        let success = Threshold {
            above: false,
            limit: 95.0,
            ..OVER
        };
        assert_eq!(condition("100 - rate", success), five);
        assert_eq!(
            condition("(invocations - errors)/invocations*100", success),
            five
        );
    }

    #[test]
    fn a_volume_guard_says_how_many_requests_and_failures_it_takes() {
        let inclusive = Threshold {
            inclusive: true,
            limit: 10.0,
            ..OVER
        };
        let ten = "errors >= 10%";
        assert_eq!(
            condition("IF(invocations >= 5, rate)", inclusive),
            expected(ten, None, 5.0, false)
        );
        assert_eq!(
            condition("IF(invocations<50,0,rate)", inclusive),
            expected(ten, None, 50.0, true)
        );
        assert_eq!(
            condition("IF(invocations<3 || errors<2,0,rate)", inclusive),
            expected(ten, Some("errors >= 2 per period"), 3.0, true)
        );
        assert_eq!(
            condition("IF((invocations>=4) && (errors>1),rate)", inclusive),
            expected(ten, Some("errors >= 2 per period"), 4.0, false)
        );
        assert_eq!(
            condition(
                "IF(invocations != 0, (errors / invocations) * 100, 0)",
                inclusive
            ),
            expected(ten, None, 1.0, true)
        );
        // A value in place of a rate that would itself raise the alarm.
        assert!(reading("IF(invocations<50,100,rate)", inclusive).is_err());
    }

    #[test]
    fn counts_sums_and_percentiles() {
        assert_eq!(
            condition("SUM(METRICS())", OVER),
            expected("errors > 5 per period", None, 1.0, false)
        );
        assert_eq!(
            condition("FILL(rare, 0)", OVER),
            expected("errors > 5 per period", None, 0.0, false)
        );
        assert!(reading("rare + errors", OVER).unwrap().sparse);
        assert!(!reading("FILL(rare,0) + errors", OVER).unwrap().sparse);
        let slow = Threshold {
            inclusive: true,
            limit: 1000.0,
            ..OVER
        };
        let read = reading("IF(invocations<25,0,latency)", slow).unwrap();
        assert_eq!(read.when, "slow >= 5%");
        assert_eq!(
            read.assumed,
            ["`slow` stands for requests that take more than 1000 ms"]
        );
        let fewer = Threshold {
            above: false,
            ..OVER
        };
        assert_eq!(
            condition("invocations", fewer),
            expected("requests < 5", None, 0.0, false)
        );
    }

    #[test]
    fn what_can_not_be_said_is_refused_with_a_reason() {
        let above_all = Threshold {
            limit: 200.0,
            ..OVER
        };
        for (text, threshold, reason) in [
            ("rate", above_all, "no share of requests is above 100%"),
            ("invocations", OVER, "too many requests are no failure"),
            ("1 + 1", OVER, "the expression does not depend on requests"),
            (
                "errors * invocations",
                OVER,
                "such a calculation is not expressed",
            ),
            ("1 / 0", OVER, "a number in the expression is not finite"),
            (
                "METRICS()",
                OVER,
                "several series at once are expressed only as a sum",
            ),
            (
                "errors",
                Threshold {
                    limit: -1.0,
                    ..OVER
                },
                "a threshold below 0 is always passed",
            ),
            ("IF(invocations, errors)", OVER, GUARD),
        ] {
            assert_eq!(reading(text, threshold), Err(reason.to_owned()), "{text}");
        }
    }

    #[test]
    fn numbers_are_written_without_the_noise_of_doubles() {
        assert_eq!(decimal(0.1 * 3.0), "0.3");
        assert_eq!(decimal((100.0 - 99.9) / 100.0 * 100.0), "0.1");
        assert_eq!(decimal(12_000_000.0), "12000000");
    }
}
