//! Which zones each wave targets, once the order of the regions is known.

use super::fleet::Fleet;
use super::rollout::{Target, TargetSpec, Wave, WaveTargets};

/// The targets of each wave when regions come in `order` (indices, each once).
///
/// A wave that counts regions, or takes the rest, takes those in order that have zones left; a region of which some
/// zones are taken already, or are named by another wave, counts and comes with its other zones. A wave for which
/// nothing is left has no target.
pub fn assign_targets(fleet: &Fleet, waves: &[Wave], order: &[usize]) -> WaveTargets {
    let mut free = vec![true; fleet.zones.len()];
    for named in waves.iter().filter_map(named_targets).flatten() {
        named.zones.iter().for_each(|&z| free[z] = false);
    }
    let take = |free: &mut Vec<bool>, count: usize| -> Vec<Target> {
        let mut taken = Vec::new();
        for &region in order {
            if taken.len() == count {
                break;
            }
            let zones: Vec<usize> = fleet.regions[region]
                .zones
                .clone()
                .filter(|&z| free[z])
                .collect();
            if !zones.is_empty() {
                zones.iter().for_each(|&z| free[z] = false);
                taken.push(Target { region, zones });
            }
        }
        taken
    };
    waves
        .iter()
        .map(|wave| match &wave.spec {
            TargetSpec::Named(targets) => targets.clone(),
            TargetSpec::Next(count) => take(&mut free, *count),
            TargetSpec::Rest => take(&mut free, usize::MAX),
        })
        .collect()
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
        // Also when it is named only later.
        let specs = vec![TargetSpec::Next(2), one_zone];
        assert_eq!(
            assigned(specs, &[0, 1]),
            [vec![vec![0], vec![2, 3]], vec![vec![1]]]
        );
    }
}
