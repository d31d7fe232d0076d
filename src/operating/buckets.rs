//! Buckets: what alarms that read the same population share.

use crate::plan::{Alarm, Fleet, Population};

/// The length of the buckets in which an alarm's population is counted, in seconds: the greatest common divisor of what all
/// alarms that read it on the same grid ask for.
pub fn bucket_s(alarms: &[Alarm], alarm: &Alarm) -> u32 {
    let family = |a: &Alarm| match a.population {
        // One-box, canary and control are counted together.
        Population::OneBox => Population::Canary,
        other => other,
    };
    if alarm.probes.is_some() {
        return lengths(alarm).fold(0, gcd);
    }
    let together = alarms.iter().filter(|other| {
        other.probes.is_none() && other.grid == alarm.grid && family(other) == family(alarm)
    });
    together.flat_map(lengths).fold(0, gcd).max(1)
}

fn lengths(alarm: &Alarm) -> impl Iterator<Item = u32> {
    let own = [alarm.every_s, alarm.period_s, alarm.window_s];
    own.into_iter().chain(alarm.and.map(|and| and.window_s))
}

fn gcd(a: u32, b: u32) -> u32 {
    if a == 0 { b } else { gcd(b % a, a) }
}

/// The intra-class correlation of a bucket of a population: that of one minute of one zone, scaled to the bucket's length
/// and to the zones' shares of the traffic.
pub fn correlation(
    fleet: &Fleet,
    alarm: &Alarm,
    region: usize,
    dispersion: f64,
    bucket_s: u32,
) -> f64 {
    let concentration = match alarm.population {
        Population::OneBox | Population::Canary | Population::Zone => 1.0,
        Population::Region => 1.0 / fleet.regions[region].zones.len() as f64,
        Population::Fleet => {
            let squares = fleet.zones.iter().map(|z| z.rps * z.rps).sum::<f64>();
            let sum: f64 = fleet.zones.iter().map(|z| z.rps).sum();
            if sum > 0.0 {
                squares / (sum * sum)
            } else {
                1.0
            }
        }
    };
    (dispersion * concentration * 60.0 / f64::from(bucket_s)).min(0.5)
}
