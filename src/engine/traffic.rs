//! The traffic of every region at the present moment, and what it will be.

use crate::plan::Fleet;

/// Current traffic: piecewise constant, known for all times.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    /// Multiplier of each curve now.
    multipliers: Vec<f64>,
    /// Requests a second of each region now.
    pub(super) region_rps: Vec<f64>,
    /// Requests a second of the fleet now.
    pub(super) fleet_rps: f64,
    /// Unix time from which on, and until which, all this holds.
    since: f64,
    next_change: f64,
}

impl Traffic {
    /// Sets everything to the moment `at` (Unix seconds).
    pub(super) fn set(&mut self, fleet: &Fleet, at: f64) {
        self.since = at;
        self.multipliers.clear();
        self.multipliers
            .extend(fleet.curves.iter().map(|c| c.at(at)));
        self.next_change = fleet
            .curves
            .iter()
            .map(|c| c.next_change(at))
            .fold(f64::INFINITY, f64::min);
        self.region_rps.clear();
        self.region_rps.extend(
            fleet
                .regions
                .iter()
                .map(|r| r.rps * self.multipliers[r.curve]),
        );
        self.fleet_rps = self.region_rps.iter().sum();
    }

    /// Unix time of the next change, infinite if there is none.
    ///
    /// Kept as it stands in the curves: a change reached through "start + seconds since start" could be missed by
    /// a rounding error.
    pub(super) fn next_change(&self) -> f64 {
        self.next_change
    }

    /// Whether traffic between two Unix times is that of now.
    pub(super) fn lasts(&self, from: f64, until: f64) -> bool {
        self.since <= from && until <= self.next_change
    }

    /// Multiplier of a region now.
    pub(super) fn multiplier(&self, fleet: &Fleet, region: usize) -> f64 {
        self.multipliers[fleet.regions[region].curve]
    }
}

/// A time in which traffic changes a few times only.
const FEW_CHANGES_S: f64 = 3.0 * 3_600.0;

/// The Unix time at which requests, arriving at `rates` (pairs of curve and nominal requests a second), sum to `amount`
/// from `from` on; infinite if they do not by `until`.
pub(super) fn time_of_requests(
    fleet: &Fleet,
    rates: &[(usize, f64)],
    from: f64,
    amount: f64,
    until: f64,
) -> f64 {
    if amount <= 0.0 {
        return from;
    }
    if let [(curve, rps)] = rates {
        return if *rps > 0.0 {
            fleet.curves[*curve].time_of(from, amount / rps)
        } else {
            f64::INFINITY
        };
    }
    let sent_by = |t: f64| -> f64 {
        let sent = |(c, rps): &(usize, f64)| rps * fleet.curves[*c].integral(from, t);
        rates.iter().map(sent).sum()
    };
    if sent_by(until) < amount {
        return f64::INFINITY;
    }
    // Bring the moment within a few changes of traffic before going from one to the next.
    let (mut at, mut end) = (from, until);
    while end - at > FEW_CHANGES_S {
        let middle = at + 0.5 * (end - at);
        if sent_by(middle) < amount {
            at = middle;
        } else {
            end = middle;
        }
    }
    let mut left = amount - sent_by(at);
    while at < until {
        let next = rates
            .iter()
            .map(|(c, _)| fleet.curves[*c].next_change(at))
            .fold(until, f64::min);
        let rate: f64 = rates
            .iter()
            .map(|(c, rps)| rps * fleet.curves[*c].at(at))
            .sum();
        if rate * (next - at) >= left {
            return at + left / rate;
        }
        left -= rate * (next - at);
        at = next;
    }
    f64::INFINITY
}

/// The Unix time at which zones with these shares on the new version have been sent so many requests to it from `from` on;
/// infinite if they are not by `until`. `rates`: memory to reckon with.
pub(super) fn time_of_new_requests(
    fleet: &Fleet,
    shares: impl Iterator<Item = (usize, f64)>,
    from: f64,
    amount: f64,
    until: f64,
    rates: &mut Vec<(usize, f64)>,
) -> f64 {
    let rate = |(z, share): (usize, f64)| {
        let zone = &fleet.zones[z];
        (fleet.regions[zone.region].curve, zone.rps * share)
    };
    rates.clear();
    rates.extend(shares.map(rate));
    merge_rates(rates);
    time_of_requests(fleet, rates, from, amount, until)
}

/// Adds up rates of the same curve, so that a sum over regions becomes one over curves.
pub(super) fn merge_rates(rates: &mut Vec<(usize, f64)>) {
    rates.sort_unstable_by_key(|(curve, _)| *curve);
    rates.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 += later.1;
        }
        same
    });
}
