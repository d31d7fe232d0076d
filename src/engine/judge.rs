//! Whether one datapoint breaches.

use super::counts::Counts;
use crate::plan::Condition;

/// What a datapoint says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Fine,
    Breach,
    Missing,
}

impl Verdict {
    /// Both conditions of an alarm together: missing if either is.
    pub(super) fn and(self, other: Verdict) -> Verdict {
        match (self, other) {
            (Verdict::Missing, _) | (_, Verdict::Missing) => Verdict::Missing,
            (Verdict::Breach, Verdict::Breach) => Verdict::Breach,
            _ => Verdict::Fine,
        }
    }
}

/// Counts of a datapoint's window.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reads {
    /// The alarm's population.
    pub(super) own: Counts,
    /// The zone's old-version traffic, for conditions relative to it.
    pub(super) control: Counts,
    /// Whether its bad requests are known; else they are taken for none.
    pub(super) control_is_read: bool,
    /// The new version's share of the zone's traffic just before the datapoint's end.
    pub(super) share: f64,
}

/// Judges a datapoint. `bad / requests` is one division of doubles, and so is everything it is compared with.
pub(super) fn judge(condition: Condition, min_requests: f64, reads: &Reads) -> Verdict {
    let Reads { own, control, .. } = *reads;
    if condition.sli().is_some() {
        let empty = condition.asks_ratio() && own.requests == 0.0;
        let no_control = condition.is_relative() && control.requests < 1.0;
        if own.requests < min_requests || empty || no_control {
            return Verdict::Missing;
        }
    }
    let beyond =
        |value: f64, limit: f64, inclusive: bool| value > limit || (inclusive && value >= limit);
    let ratio = own.bad / own.requests;
    let control_ratio = control.bad / control.requests;
    let breach = match condition {
        Condition::Ratio {
            over, inclusive, ..
        } => beyond(ratio, over, inclusive),
        Condition::Count {
            over, inclusive, ..
        } => beyond(own.bad, over, inclusive),
        Condition::ControlPlus {
            over, inclusive, ..
        } => beyond(ratio, control_ratio + over, inclusive),
        Condition::ControlTimes {
            factor, inclusive, ..
        } => beyond(ratio, control_ratio * factor, inclusive),
        Condition::ControlTest { critical, .. } => rejects(own, control, critical),
        Condition::RequestsBelow { under, inclusive } => beyond(-own.requests, -under, inclusive),
        Condition::RequestsBelowControl { share, inclusive } => {
            let own_rate = own.requests / reads.share;
            let control_rate = control.requests / (1.0 - reads.share);
            beyond(-own_rate, -(share * control_rate), inclusive)
        }
    };
    if breach {
        Verdict::Breach
    } else {
        Verdict::Fine
    }
}

/// One-sided pooled two-proportion z test without continuity correction (Fleiss, Statistical Methods for Rates and
/// Proportions, section 2.3, without the correction): whether `own` is worse than `control`. Never without a bad
/// request.
fn rejects(own: Counts, control: Counts, critical: f64) -> bool {
    if own.bad <= 0.0 {
        return false;
    }
    let pooled = (own.bad + control.bad) / (own.requests + control.requests);
    let variance = pooled * (1.0 - pooled) * (1.0 / own.requests + 1.0 / control.requests);
    let difference = own.bad / own.requests - control.bad / control.requests;
    variance > 0.0 && difference / variance.sqrt() > critical
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counts(requests: f64, bad: f64) -> Counts {
        Counts { requests, bad }
    }

    fn of(condition: Condition, min_requests: f64, own: Counts, control: Counts) -> Verdict {
        judge(
            condition,
            min_requests,
            &Reads {
                own,
                control,
                control_is_read: true,
                share: 0.25,
            },
        )
    }

    const NONE: Counts = Counts {
        requests: 0.0,
        bad: 0.0,
    };

    #[test]
    fn thresholds_are_exceeded_or_reached_as_written() {
        let over = |inclusive| Condition::Ratio {
            sli: 0,
            over: 0.05,
            inclusive,
        };
        assert_eq!(
            of(over(false), 0.0, counts(100.0, 5.0), NONE),
            Verdict::Fine
        );
        assert_eq!(
            of(over(true), 0.0, counts(100.0, 5.0), NONE),
            Verdict::Breach
        );
        assert_eq!(
            of(over(false), 0.0, counts(100.0, 6.0), NONE),
            Verdict::Breach
        );
    }

    #[test]
    fn too_few_requests_are_missing_except_where_requests_are_the_question() {
        let ratio = Condition::Ratio {
            sli: 0,
            over: 0.0,
            inclusive: false,
        };
        let count = Condition::Count {
            sli: 0,
            over: 0.0,
            inclusive: false,
        };
        let few = Condition::RequestsBelow {
            under: 20.0,
            inclusive: false,
        };
        assert_eq!(of(ratio, 0.0, NONE, NONE), Verdict::Missing);
        assert_eq!(of(count, 0.0, NONE, NONE), Verdict::Fine);
        assert_eq!(of(count, 10.0, counts(9.0, 3.0), NONE), Verdict::Missing);
        assert_eq!(of(few, 50.0, counts(19.0, 0.0), NONE), Verdict::Breach);
        assert_eq!(of(few, 50.0, counts(20.0, 0.0), NONE), Verdict::Fine);
    }

    #[test]
    fn a_control_without_requests_is_no_control() {
        let plus = Condition::ControlPlus {
            sli: 0,
            over: 0.01,
            inclusive: false,
        };
        assert_eq!(of(plus, 0.0, counts(10.0, 10.0), NONE), Verdict::Missing);
        assert_eq!(
            of(plus, 0.0, counts(100.0, 4.0), counts(100.0, 3.0)),
            Verdict::Fine
        );
        assert_eq!(
            of(plus, 0.0, counts(100.0, 5.0), counts(100.0, 3.0)),
            Verdict::Breach
        );
        let times = Condition::ControlTimes {
            sli: 0,
            factor: 1.5,
            inclusive: false,
        };
        assert_eq!(
            of(times, 0.0, counts(100.0, 3.0), counts(100.0, 2.0)),
            Verdict::Fine
        );
        assert_eq!(
            of(times, 0.0, counts(100.0, 4.0), counts(100.0, 2.0)),
            Verdict::Breach
        );
    }

    #[test]
    fn the_z_test_matches_a_textbook_value_and_needs_a_bad_request() {
        // 15 of 100 against 5 of 100: pooled 0.1, z = 0.1 / sqrt(0.09 * 0.02) = 2.357.
        let at = |critical| Condition::ControlTest { sli: 0, critical };
        assert_eq!(
            of(at(2.356), 0.0, counts(100.0, 15.0), counts(100.0, 5.0)),
            Verdict::Breach
        );
        assert_eq!(
            of(at(2.358), 0.0, counts(100.0, 15.0), counts(100.0, 5.0)),
            Verdict::Fine
        );
        assert_eq!(
            of(at(-9.0), 0.0, counts(100.0, 0.0), counts(100.0, 5.0)),
            Verdict::Fine
        );
        assert_eq!(
            of(at(1.0), 0.0, counts(10.0, 10.0), counts(10.0, 10.0)),
            Verdict::Fine
        );
    }

    #[test]
    fn requests_are_compared_at_equal_shares_of_traffic() {
        let half = Condition::RequestsBelowControl {
            share: 0.5,
            inclusive: false,
        };
        // A quarter of the traffic: 100 there are as many as 300 on the other three quarters.
        assert_eq!(
            of(half, 0.0, counts(50.0, 0.0), counts(300.0, 0.0)),
            Verdict::Fine
        );
        assert_eq!(
            of(half, 0.0, counts(49.0, 0.0), counts(300.0, 0.0)),
            Verdict::Breach
        );
    }

    proptest! {
        /// What is not a breach against a control without a bad request is none against a worse one.
        #[test]
        fn a_worse_control_makes_no_breach(
            requests in 0_u32..300, bad in 0.0..=1.0_f64, of_control in 0_u32..300, worse in 0.0..=1.0_f64,
            threshold in 0.0..4.0_f64, kind in 0_u8..5,
        ) {
            let (over, inclusive) = (threshold / 4.0, kind % 2 == 0);
            let condition = match kind {
                0 | 1 => Condition::ControlPlus { sli: 0, over, inclusive },
                2 | 3 => Condition::ControlTimes { sli: 0, factor: threshold, inclusive },
                _ => Condition::ControlTest { sli: 0, critical: threshold },
            };
            let of_them = |requests: u32, share: f64| {
                let requests = f64::from(requests);
                counts(requests, libm::floor(share * requests))
            };
            let own = of_them(requests, bad);
            let none = of(condition, 1.0, own, of_them(of_control, 0.0));
            let some = of(condition, 1.0, own, of_them(of_control, worse));
            prop_assert!(none == Verdict::Breach || some == none, "{condition:?}: {none:?}, then {some:?}");
        }
    }
}
