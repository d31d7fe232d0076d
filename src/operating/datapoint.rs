//! The chances that one datapoint breaches, or is missing.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::amount::{Amount, Table, binomial_values};
use super::breach::Both;
use super::mixture::Mixture;
use crate::plan::Condition;
use crate::random::binomial_at_least;

/// What a datapoint may say, each with its chance; else it is fine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Verdicts {
    /// The chance that it breaches.
    pub breach: f64,
    /// The chance that it is missing.
    pub missing: f64,
}

/// The law of a window's counts.
#[derive(Clone, Debug)]
pub struct Window {
    /// The population's requests.
    pub own: Amount,
    /// The control's.
    pub control: Amount,
    /// Bad ratio that the defect adds, a mean over the population's requests.
    pub excess: f64,
    /// The new version's share just before the window's end.
    pub share: f64,
    /// The background's ratio, which the population shares with its control.
    pub background: Mixture,
}

/// What is asked of a datapoint.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The condition.
    pub condition: Condition,
    /// A second one over the same window.
    pub and: Option<Condition>,
    /// Requests below which the datapoint is missing.
    pub min_requests: f64,
}

impl Question {
    /// The chances of a window's verdicts.
    pub fn verdicts(&self, window: &Window) -> Verdicts {
        match self.condition {
            Condition::RequestsBelow { under, inclusive } => Verdicts {
                breach: window.own.at_most(most_below(under, inclusive)),
                missing: 0.0,
            },
            Condition::RequestsBelowControl { share, inclusive } => Verdicts {
                breach: fewer_than_control(window, share, inclusive),
                missing: 0.0,
            },
            _ => self.of_bad(window),
        }
    }

    /// About how many terms are summed for a window's verdicts.
    pub(super) fn terms(&self, window: &Window) -> u64 {
        let spread = |mean: f64| 18.0 * libm::sqrt(mean) + 42.0;
        let relative = self.condition.is_relative() || self.and.is_some_and(Condition::is_relative);
        let worst = window.background.iter().map(|b| b.0).fold(0.0, f64::max) + window.excess;
        // Sums over bad requests where their number is Poisson, else tails of binomial laws.
        let own = match window.own {
            Amount { mean, .. } if mean <= 0.0 => 30.0,
            Amount { sure: 0, mean } => spread(mean * worst.min(1.0)),
            _ => 30.0 * 48.0,
        };
        let control = if relative {
            let values = if window.control.mean > 0.0 { 40.0 } else { 1.0 };
            let bad = 16.0 * libm::sqrt(window.control.expected() * worst) + 24.0;
            values * bad.min(96.0)
        } else {
            1.0
        };
        (window.background.len() as f64 * own * control) as u64
    }

    fn of_bad(&self, window: &Window) -> Verdicts {
        let both = Both {
            first: self.condition,
            second: self.and,
        };
        let second = |is: fn(Condition) -> bool| self.and.is_some_and(is);
        let relative = self.condition.is_relative() || second(Condition::is_relative);
        let ratio = self.condition.asks_ratio() || second(Condition::asks_ratio);
        let least = self
            .min_requests
            .max(f64::from(u8::from(ratio)))
            .ceil()
            .max(0.0) as u64;
        let enough = 1.0 - window.own.at_most(least as i64 - 1);
        let control = if relative {
            1.0 - window.control.at_most(0)
        } else {
            1.0
        };
        let own = Own::new(window.own, least, both);
        let breach = |q: f64| {
            let p = (q + window.excess).min(1.0);
            if !relative {
                return own.breaches(p, (0, 0));
            }
            let mut sum = 0.0;
            for (n, weight) in window.control.values() {
                if n == 0 {
                    continue;
                }
                for (bad, chance) in binomial_values(n, q) {
                    sum += weight * chance * own.breaches(p, (n, bad));
                }
            }
            sum
        };
        let breach: f64 = window.background.iter().map(|&(q, w)| w * breach(q)).sum();
        Verdicts {
            breach: breach.clamp(0.0, 1.0),
            missing: (1.0 - enough * control).clamp(0.0, 1.0),
        }
    }
}

/// The largest number of requests that is below a limit.
fn most_below(under: f64, inclusive: bool) -> i64 {
    if inclusive {
        under.floor() as i64
    } else {
        under.ceil() as i64 - 1
    }
}

/// The chance that there are fewer requests than a share of the control's, at equal shares of traffic.
fn fewer_than_control(window: &Window, share: f64, inclusive: bool) -> f64 {
    let new = window.share;
    let below = |own: f64, control: f64| {
        let (own, limit) = (own / new, share * (control / (1.0 - new)));
        own < limit || (inclusive && own <= limit)
    };
    let of = |control: u64| {
        let mut most = (share * control as f64 / (1.0 - new) * new).ceil() as i64 + 1;
        while most >= 0 && !below(most as f64, control as f64) {
            most -= 1;
        }
        window.own.at_most(most)
    };
    window
        .control
        .values()
        .iter()
        .map(|&(n, w)| w * of(n))
        .sum()
}

/// The population's counts, and with which of them the conditions hold.
#[derive(Debug)]
struct Own {
    amount: Amount,
    /// Fewer are missing.
    least: u64,
    both: Both,
    /// No more come.
    most: u64,
    /// By control's counts: the least bad requests that breach, by number of requests.
    least_bad: RefCell<BTreeMap<(u64, u64, u64), u64>>,
    /// By control's counts, by bad requests: the most requests with which these breach, and one more; 0 if none do.
    most_requests: RefCell<BTreeMap<(u64, u64), Vec<u32>>>,
    /// The Poisson tables of the bad ratio used last.
    tables: RefCell<Option<(u64, Rc2)>>,
}

/// Bad ones and good ones.
type Rc2 = std::rc::Rc<(Table, Table)>;

const NOT_LOOKED: u32 = u32::MAX;

impl Own {
    fn new(amount: Amount, least: u64, both: Both) -> Own {
        let most = amount.sure + (amount.mean + 9.0 * libm::sqrt(amount.mean) + 60.0) as u64;
        Own {
            amount,
            least,
            both,
            most,
            least_bad: RefCell::default(),
            most_requests: RefCell::default(),
            tables: RefCell::default(),
        }
    }

    /// The chance that enough requests come and the conditions hold, at a bad ratio `p`, given the control's counts.
    fn breaches(&self, p: f64, control: (u64, u64)) -> f64 {
        let Amount { sure, mean } = self.amount;
        if mean <= 0.0 {
            return self.breaches_of(sure, p, control);
        }
        if sure == 0 {
            return self.breaches_of_poisson(p, control);
        }
        let values = self.amount.values();
        values
            .iter()
            .map(|&(n, w)| w * self.breaches_of(n, p, control))
            .sum()
    }

    /// The same for a certain number of requests.
    fn breaches_of(&self, n: u64, p: f64, control: (u64, u64)) -> f64 {
        if n < self.least {
            return 0.0;
        }
        let key = (n, control.0, control.1);
        let mut known = self.least_bad.borrow_mut();
        let least = *known.entry(key).or_insert_with(|| {
            if n == 0 {
                // Only a count may be asked of no requests.
                return u64::from(!self.both.hold(super::breach::Counted::default()));
            }
            self.both.least_bad(n, control)
        });
        binomial_at_least(least, n, p)
    }

    /// The same for a Poisson number: then bad and good requests are independent.
    fn breaches_of_poisson(&self, p: f64, control: (u64, u64)) -> f64 {
        let tables = self.tables(p);
        let (bad, good) = &*tables;
        let mut known = self.most_requests.borrow_mut();
        let most = known
            .entry(control)
            .or_insert_with(|| vec![NOT_LOOKED; self.most as usize + 2]);
        let mut sum = 0.0;
        for (i, chance) in bad.pmf.iter().enumerate() {
            let b = bad.first + i as u64;
            if *chance < 1e-17 || b > self.most {
                continue;
            }
            let entry = &mut most[b as usize];
            if *entry == NOT_LOOKED {
                let found = if b == 0 && self.least == 0 {
                    // With no request at all only a count can hold, and then it holds of any number of good ones.
                    let holds = self.both.hold(super::breach::Counted {
                        requests: 1.0,
                        ..Default::default()
                    });
                    holds.then_some(self.most)
                } else {
                    self.both.most_requests(b, self.most, control)
                };
                *entry = found.map_or(0, |n| n as u32 + 1);
            }
            if *entry == 0 {
                continue;
            }
            let n = u64::from(*entry - 1);
            let upper = if n >= self.most {
                1.0
            } else {
                good.at_most(n as i64 - b as i64)
            };
            let lower = good.at_most(self.least as i64 - b as i64 - 1);
            sum += chance * (upper - lower).max(0.0);
        }
        sum
    }

    fn tables(&self, p: f64) -> Rc2 {
        let mut known = self.tables.borrow_mut();
        if let Some((bits, tables)) = &*known
            && *bits == p.to_bits()
        {
            return tables.clone();
        }
        let mean = self.amount.mean;
        let tables = std::rc::Rc::new((Table::of(mean * p), Table::of(mean * (1.0 - p))));
        *known = Some((p.to_bits(), tables.clone()));
        tables
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operating::breach::{Counted, holds};
    use crate::random::{binomial_at_most, poisson_at_least, poisson_at_most};

    fn poisson(n: u64, mean: f64) -> f64 {
        poisson_at_most(n, mean)
            - if n == 0 {
                0.0
            } else {
                poisson_at_most(n - 1, mean)
            }
    }

    fn binomial(k: u64, n: u64, p: f64) -> f64 {
        binomial_at_most(k, n, p)
            - if k == 0 {
                0.0
            } else {
                binomial_at_most(k - 1, n, p)
            }
    }

    fn window(own: f64, control: f64, excess: f64) -> Window {
        let amount = |mean| Amount { sure: 0, mean };
        Window {
            own: amount(own),
            control: amount(control),
            excess,
            share: 0.25,
            background: vec![(0.02, 0.6), (0.1, 0.4)],
        }
    }

    /// Sums over every count of requests, bad ones, the control's, its bad ones.
    fn enumerated(question: &Question, w: &Window) -> Verdicts {
        let mut sum = Verdicts::default();
        for &(q, weight) in &w.background {
            let p = q + w.excess;
            for n in 0..25 {
                for c in 0..25 {
                    let chance = weight * poisson(n, w.own.mean) * poisson(c, w.control.mean);
                    let relative = question.condition.is_relative();
                    let empty = question.condition.asks_ratio() && n == 0;
                    if (n as f64) < question.min_requests || empty || (relative && c == 0) {
                        sum.missing += chance;
                        continue;
                    }
                    for bad in 0..=n {
                        for control_bad in 0..=c {
                            let counted = Counted {
                                requests: n as f64,
                                bad: bad as f64,
                                control_requests: c as f64,
                                control_bad: control_bad as f64,
                            };
                            if holds(question.condition, counted)
                                && question.and.is_none_or(|and| holds(and, counted))
                            {
                                sum.breach +=
                                    chance * binomial(bad, n, p) * binomial(control_bad, c, q);
                            }
                        }
                    }
                }
            }
        }
        sum
    }

    #[test]
    fn small_counts_are_as_enumeration_of_all_finds_them() {
        let conditions = [
            Condition::Ratio {
                sli: 0,
                over: 0.2,
                inclusive: true,
            },
            Condition::Count {
                sli: 0,
                over: 0.0,
                inclusive: false,
            },
            Condition::Count {
                sli: 0,
                over: 2.0,
                inclusive: true,
            },
            Condition::ControlPlus {
                sli: 0,
                over: 0.1,
                inclusive: false,
            },
            Condition::ControlTimes {
                sli: 0,
                factor: 2.0,
                inclusive: false,
            },
            Condition::ControlTest {
                sli: 0,
                critical: 1.28,
            },
        ];
        let w = window(4.0, 5.0, 0.15);
        for condition in conditions {
            for min_requests in [0.0, 3.0] {
                let question = Question {
                    condition,
                    and: None,
                    min_requests,
                };
                let (found, want) = (question.verdicts(&w), enumerated(&question, &w));
                assert!(
                    (found.breach - want.breach).abs() < 1e-8,
                    "{question:?} {found:?} {want:?}"
                );
                assert!(
                    (found.missing - want.missing).abs() < 1e-8,
                    "{question:?} {found:?} {want:?}"
                );
            }
        }
    }

    #[test]
    fn two_conditions_must_both_hold() {
        let w = window(5.0, 0.0, 0.2);
        let question = Question {
            condition: Condition::Ratio {
                sli: 0,
                over: 0.3,
                inclusive: false,
            },
            and: Some(Condition::Count {
                sli: 0,
                over: 1.0,
                inclusive: false,
            }),
            min_requests: 0.0,
        };
        let (found, want) = (question.verdicts(&w), enumerated(&question, &w));
        assert!(
            (found.breach - want.breach).abs() < 1e-8,
            "{found:?} {want:?}"
        );
    }

    #[test]
    fn fewer_requests_than_asked_breach() {
        let w = window(6.0, 12.0, 0.0);
        let of = |condition| {
            Question {
                condition,
                and: None,
                min_requests: 0.0,
            }
            .verdicts(&w)
            .breach
        };
        let few = of(Condition::RequestsBelow {
            under: 4.0,
            inclusive: false,
        });
        assert!((few - poisson_at_most(3, 6.0)).abs() < 1e-12);
        let half = of(Condition::RequestsBelowControl {
            share: 0.5,
            inclusive: false,
        });
        // Four times 6 own against a half of 4/3 times 12 of the control: fewer than n / 6.
        let want: f64 = (0..60)
            .map(|c| {
                let fewer = (0..40).filter(|&n| (n as f64 / 0.25) < 0.5 * (c as f64 / 0.75));
                poisson(c, 12.0) * fewer.map(|n| poisson(n, 6.0)).sum::<f64>()
            })
            .sum();
        assert!((half - want).abs() < 1e-6, "{half} {want}");
        assert!(poisson_at_least(0, 1.0) == 1.0);
    }
}
