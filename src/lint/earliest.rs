//! The earliest moment at which an alarm can fire because of a fault.

use crate::plan::{Alarm, Condition, Grid, Missing, Rule, SilentFill};
use crate::random::gamma_p;

/// A number of requests that comes with a smaller chance than this counts as one that does not come.
const NEVER: f64 = 1e-6;

/// Expected numbers of a bucket from which on counts are not random.
const CERTAIN_FROM: f64 = 1_000.0;

/// Where the alarm's datapoints lie, counted from the fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Phase {
    /// Wherever suits the alarm best.
    Best,
    /// The fault begins at this moment (Unix seconds), which is that of the first new version, too.
    At(f64),
}

/// Seconds from the beginning of a fault that makes every request bad until the alarm can fire first: what its window,
/// `min_requests`, rule, distance of datapoints and lag add up to. `rps` is the most traffic of the faulty version that it
/// can read. `None`: never, for too few requests.
///
/// A bound from below: the fault need not be so bad, nor datapoints lie so well.
pub fn earliest_s(alarm: &Alarm, rps: f64, phase: Phase) -> Option<f64> {
    let first = need_s(alarm, alarm.condition, alarm.window_s, rps)?;
    let second = match alarm.and {
        Some(and) => need_s(alarm, and.condition, and.window_s, rps)?,
        None => 0.0,
    };
    let (m, apart_s) = match alarm.rule {
        Rule::MOfN { m, .. } => (m, alarm.period_s),
        Rule::InAll { m } => (m, alarm.every_s),
    };
    let first_end = first_end_s(alarm, first.max(second), phase);
    let others = f64::from(m.saturating_sub(1)) * f64::from(apart_s);
    Some(first_end + others + alarm.lag_s)
}

/// Whether the earliest moment can be reached, or only approached: datapoints end after the first new version, never
/// with it.
pub(super) fn is_reached(alarm: &Alarm) -> bool {
    alarm.grid == Grid::Deployment
}

/// The end of the first datapoint that can breach, when that needs so many seconds of the fault.
fn first_end_s(alarm: &Alarm, need_s: f64, phase: Phase) -> f64 {
    let every = f64::from(alarm.every_s);
    match (phase, alarm.grid) {
        // The first that counts ends after the first new version.
        (_, Grid::Deployment) => (need_s / every).ceil().max(1.0) * every,
        (Phase::Best, Grid::WallClock) => need_s,
        (Phase::At(t), Grid::WallClock) => {
            let first = (libm::floor(t / every) + 1.0) * every;
            let enough = (libm::ceil((t + need_s) / every)) * every;
            first.max(enough) - t
        }
    }
}

/// How long the fault must have been there for a datapoint to breach; `None` where its window is too short for that.
fn need_s(alarm: &Alarm, condition: Condition, window_s: u32, rps: f64) -> Option<f64> {
    let window = f64::from(window_s);
    // An alarm of one-box or canary traffic reads nothing else; one of all traffic had requests before.
    let reads_before = !alarm.needs_both_versions()
        && !matches!(alarm.population, crate::plan::Population::OneBox);
    let wanted = match condition {
        Condition::Count {
            over, inclusive, ..
        } => {
            let bad = if inclusive {
                over.ceil()
            } else {
                over.floor() + 1.0
            };
            return within(requests_s(bad, rps), window);
        }
        Condition::RequestsBelow { .. } | Condition::RequestsBelowControl { .. } => {
            return Some(0.0);
        }
        _ if fires_when_missing(alarm.missing) => return Some(0.0),
        _ => alarm.min_requests.max(1.0),
    };
    if let Some(probes) = alarm.probes {
        return (probes as f64 >= wanted).then_some(0.0);
    }
    let need = within(requests_s(wanted, rps), window)?;
    Some(if reads_before { 0.0 } else { need })
}

fn within(need_s: f64, window_s: f64) -> Option<f64> {
    (need_s <= window_s).then_some(need_s)
}

fn fires_when_missing(missing: Missing) -> bool {
    matches!(
        missing,
        Missing::Breaching | Missing::CloudWatch(SilentFill::Breaching)
    )
}

/// Seconds until so many requests may have come.
fn requests_s(wanted: f64, rps: f64) -> f64 {
    expected_for(wanted) / rps
}

/// The least expected number of requests with which at least `wanted` come with a chance that counts.
///
/// P(N >= k) of a Poisson number with mean m is the regularised incomplete gamma function P(k, m); from
/// a mean of 1,000 on the number is the mean, rounded.
pub(super) fn expected_for(wanted: f64) -> f64 {
    let wanted = wanted.ceil().max(0.0);
    if wanted <= 0.0 {
        return 0.0;
    }
    let certain = (wanted - 0.5).max(CERTAIN_FROM);
    if gamma_p(wanted, CERTAIN_FROM) < NEVER {
        return certain;
    }
    let (mut low, mut high) = (0.0, CERTAIN_FROM);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if gamma_p(wanted, middle) < NEVER {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_requests_may_come_where_fewer_are_expected() {
        // One request comes with chance 1 - exp(-m).
        let one = expected_for(1.0);
        assert!((one - 1e-6).abs() < 1e-9, "{one}");
        let hundred = expected_for(100.0);
        assert!((50.0..70.0).contains(&hundred), "{hundred}");
        assert_eq!(expected_for(5_000.0), 4_999.5);
        assert_eq!(expected_for(0.0), 0.0);
    }
}
