//! Which zones each wave targets, once the order of the regions is known.

use super::fleet::Fleet;
use super::rollout::{Target, TargetSpec, Wave, WaveTargets};

/// The targets of each wave when regions come in `order` (indices, each once).
///
/// A wave that counts regions, or takes the rest, takes those in order that have zones left; a region of which earlier
/// waves took some zones comes before all others. Zones that another wave names are left to it. A wave for which
/// nothing is left has no target.
pub fn assign_targets(fleet: &Fleet, waves: &[Wave], order: &[usize]) -> WaveTargets {
    let mut zones = vec![ZoneIs::Free; fleet.zones.len()];
    for named in waves.iter().filter_map(named_targets).flatten() {
        named.zones.iter().for_each(|&z| zones[z] = ZoneIs::Named);
    }
    let mut targets = Vec::with_capacity(waves.len());
    for wave in waves {
        let of_wave = match &wave.spec {
            TargetSpec::Named(targets) => targets.clone(),
            TargetSpec::Next(count) => next_regions(fleet, &zones, order, *count),
            TargetSpec::Rest => next_regions(fleet, &zones, order, usize::MAX),
        };
        for zone in of_wave.iter().flat_map(|t| &t.zones) {
            zones[*zone] = ZoneIs::Taken;
        }
        targets.push(of_wave);
    }
    targets
}

/// What is known of a zone while waves are given their targets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ZoneIs {
    Free,
    Named,
    Taken,
}

/// The next `count` regions with free zones: first those taken in part.
fn next_regions(fleet: &Fleet, zones: &[ZoneIs], order: &[usize], count: usize) -> Vec<Target> {
    let taken_in_part = |r: usize| {
        let mut of_region = fleet.regions[r].zones.clone();
        of_region.any(|z| zones[z] == ZoneIs::Taken)
    };
    let (begun, whole): (Vec<usize>, Vec<usize>) = order.iter().partition(|&&r| taken_in_part(r));
    let target = |region: usize| {
        let free = fleet.regions[region].zones.clone();
        let free: Vec<usize> = free.filter(|&z| zones[z] == ZoneIs::Free).collect();
        (!free.is_empty()).then_some(Target {
            region,
            zones: free,
        })
    };
    let regions = begun.into_iter().chain(whole);
    regions.filter_map(target).take(count).collect()
}

fn named_targets(wave: &Wave) -> Option<&Vec<Target>> {
    match &wave.spec {
        TargetSpec::Named(targets) => Some(targets),
        TargetSpec::Next(_) | TargetSpec::Rest => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::example::plan;

    fn waves(specs: Vec<TargetSpec>) -> Vec<Wave> {
        let wave = plan(0.0, &[], &["s"]).strategies[0].waves[0].clone();
        specs
            .into_iter()
            .map(|spec| Wave {
                spec,
                ..wave.clone()
            })
            .collect()
    }

    fn assigned(specs: Vec<TargetSpec>, order: &[usize]) -> Vec<Vec<Vec<usize>>> {
        let plan = plan(0.0, &[], &["s"]);
        let targets = assign_targets(&plan.fleet, &waves(specs), order);
        targets
            .into_iter()
            .map(|wave| wave.into_iter().map(|t| t.zones).collect())
            .collect()
    }

    #[test]
    fn regions_come_in_order_and_the_rest_takes_what_is_left() {
        let specs = vec![TargetSpec::Next(1), TargetSpec::Rest, TargetSpec::Rest];
        assert_eq!(
            assigned(specs, &[1, 0]),
            [vec![vec![2, 3]], vec![vec![0, 1]], vec![]]
        );
    }

    #[test]
    fn a_region_taken_in_part_comes_with_its_other_zones() {
        let one_zone = TargetSpec::Named(vec![Target {
            region: 0,
            zones: vec![1],
        }]);
        let specs = vec![one_zone.clone(), TargetSpec::Next(2)];
        assert_eq!(
            assigned(specs, &[0, 1]),
            [vec![vec![1]], vec![vec![0], vec![2, 3]]]
        );
        // It even comes first.
        let other = TargetSpec::Named(vec![Target {
            region: 1,
            zones: vec![3],
        }]);
        let specs = vec![other, TargetSpec::Next(1), TargetSpec::Rest];
        assert_eq!(
            assigned(specs, &[0, 1]),
            [vec![vec![3]], vec![vec![2]], vec![vec![0, 1]]]
        );
        // Zones that are named only later are left out, too.
        let specs = vec![TargetSpec::Next(2), one_zone];
        assert_eq!(
            assigned(specs, &[0, 1]),
            [vec![vec![0], vec![2, 3]], vec![vec![1]]]
        );
    }
}
