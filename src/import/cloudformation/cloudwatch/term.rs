//! What an expression over metrics says of requests.

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

pub(super) const GUARD: &str =
    "a condition other than on a number of requests or failures is not expressed";

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
