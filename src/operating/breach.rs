//! Whether a datapoint of given counts breaches, and the edges of the counts that do.

use crate::plan::Condition;

/// Requests and bad requests of a window, and the control's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counted {
    /// The population's requests.
    pub requests: f64,
    /// The bad ones.
    pub bad: f64,
    /// The control's requests.
    pub control_requests: f64,
    /// The bad ones.
    pub control_bad: f64,
}

/// Whether a condition on an SLI holds of counts with at least one request: one division of doubles each, as in the engine.
///
/// # Panics
/// Of a condition on the number of requests.
pub fn holds(condition: Condition, c: Counted) -> bool {
    let beyond =
        |value: f64, limit: f64, inclusive: bool| value > limit || (inclusive && value >= limit);
    let ratio = c.bad / c.requests;
    let control = c.control_bad / c.control_requests;
    match condition {
        Condition::Ratio {
            over, inclusive, ..
        } => beyond(ratio, over, inclusive),
        Condition::Count {
            over, inclusive, ..
        } => beyond(c.bad, over, inclusive),
        Condition::ControlPlus {
            over, inclusive, ..
        } => beyond(ratio, control + over, inclusive),
        Condition::ControlTimes {
            factor, inclusive, ..
        } => beyond(ratio, control * factor, inclusive),
        Condition::ControlTest { critical, .. } => rejects(c, critical),
        Condition::RequestsBelow { .. } | Condition::RequestsBelowControl { .. } => {
            panic!("{condition:?} asks for no bad requests")
        }
    }
}

/// The one-sided pooled two-proportion z test, without continuity correction; never without a bad request.
fn rejects(c: Counted, critical: f64) -> bool {
    if c.bad <= 0.0 {
        return false;
    }
    let pooled = (c.bad + c.control_bad) / (c.requests + c.control_requests);
    let variance = pooled * (1.0 - pooled) * (1.0 / c.requests + 1.0 / c.control_requests);
    let difference = c.bad / c.requests - c.control_bad / c.control_requests;
    variance > 0.0 && difference / variance.sqrt() > critical
}

/// Up to two conditions on the same SLI, both of which must hold.
#[derive(Clone, Copy, Debug)]
pub struct Both {
    /// The alarm's.
    pub first: Condition,
    /// The one of `and`.
    pub second: Option<Condition>,
}

impl Both {
    /// Whether both hold.
    pub fn hold(self, c: Counted) -> bool {
        holds(self.first, c) && self.second.is_none_or(|second| holds(second, c))
    }

    /// The least number of bad requests among `n` with which both hold; `n + 1` if there is none. More bad requests never
    /// make a condition fail.
    pub fn least_bad(self, n: u64, control: (u64, u64)) -> u64 {
        let (mut low, mut high) = (0, n + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.hold(counted(n, middle, control)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// The largest number of requests, up to `most`, with which `bad` bad ones still breach; `None` if there is none.
    pub fn most_requests(self, bad: u64, most: u64, control: (u64, u64)) -> Option<u64> {
        let least = bad.max(1);
        if most < least || !self.hold(counted(least, bad, control)) {
            return None;
        }
        let (mut low, mut high) = (least, most);
        while low < high {
            let middle = high - (high - low) / 2;
            if self.hold(counted(middle, bad, control)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Some(low)
    }
}

fn counted(n: u64, bad: u64, (control_requests, control_bad): (u64, u64)) -> Counted {
    Counted {
        requests: n as f64,
        bad: bad as f64,
        control_requests: control_requests as f64,
        control_bad: control_bad as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions() -> Vec<Condition> {
        let mut all = Vec::new();
        for inclusive in [false, true] {
            all.extend([
                Condition::Ratio {
                    sli: 0,
                    over: 0.05,
                    inclusive,
                },
                Condition::Count {
                    sli: 0,
                    over: 3.0,
                    inclusive,
                },
                Condition::ControlPlus {
                    sli: 0,
                    over: 0.02,
                    inclusive,
                },
                Condition::ControlTimes {
                    sli: 0,
                    factor: 2.0,
                    inclusive,
                },
            ]);
        }
        all.push(Condition::ControlTest {
            sli: 0,
            critical: 1.64,
        });
        all
    }

    /// By trying every count.
    #[test]
    fn edges_are_where_trying_every_count_finds_them() {
        for first in conditions() {
            let both = Both {
                first,
                second: None,
            };
            for control in [(50, 0), (50, 1), (30, 4)] {
                for n in 1..=60_u64 {
                    let found = (0..=n).find(|&b| both.hold(counted(n, b, control)));
                    assert_eq!(
                        both.least_bad(n, control),
                        found.unwrap_or(n + 1),
                        "{first:?} {n}"
                    );
                }
                for bad in 0..=12_u64 {
                    let found = (bad.max(1)..=60)
                        .rev()
                        .find(|&n| both.hold(counted(n, bad, control)));
                    assert_eq!(
                        both.most_requests(bad, 60, control),
                        found,
                        "{first:?} {bad}"
                    );
                }
            }
        }
    }
}
