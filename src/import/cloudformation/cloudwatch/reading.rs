//! When what an expression says of requests is beyond a threshold, as a condition of an alarm.

use super::term::{Guard, Otherwise, Term, Zeros};

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
    use super::super::term::{GUARD, Ids, evaluate};
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
