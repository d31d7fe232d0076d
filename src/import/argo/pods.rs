//! Shares that are made by numbers of pods.

use crate::import::document::Node;
use crate::import::refusal::Refusal;

/// Pods of the new and of the old version for a weight of at most 100, where no router splits traffic.
///
/// The algorithm is the controller's `approximateWeightedCanaryStableReplicaCounts`: the nearest share that `replicas`
/// pods, or one more where there may be a surge, come to. For weights between 0 and 100 both versions have a pod, where
/// there are two.
pub fn pods(replicas: u64, weight: u64, surge: u64) -> (u64, u64) {
    const WHOLE: u64 = 100;
    let (ceil, floor) = (
        (replicas * weight).div_ceil(WHOLE),
        replicas * weight / WHOLE,
    );
    let zero_allowed = weight == 0 || weight == WHOLE || (replicas == 1 && surge == 0);
    // In floating point as the controller has it.
    let tied = |total: u64| (total as f64 * (weight as f64 / WHOLE as f64)).fract() == 0.5;
    let mut candidates = Vec::new();
    if ceil < replicas || zero_allowed {
        candidates.push((ceil, replicas));
    }
    if !tied(replicas) && (floor != 0 || zero_allowed) {
        candidates.push((floor, replicas));
    }
    if surge > 0 {
        candidates.push((ceil, replicas + 1));
        if !tied(replicas + 1) && (floor != 0 || zero_allowed) {
            candidates.push((floor, replicas + 1));
        }
    }
    let mut best: Option<(f64, (u64, u64))> = None;
    for (canary, total) in candidates {
        let off = (canary as f64 * WHOLE as f64 / total as f64 - weight as f64).abs();
        if best.is_none_or(|(least, _)| off < least) {
            best = Some((off, (canary, total - canary.min(total))));
        }
    }
    // Two pods, 75% and no surge: of two no old one is left, and one is tied with them. One is all that there may be.
    best.map_or((floor, replicas - floor), |(_, pods)| pods)
}

/// Pods above `replicas` that there may be while a canary without a router is out.
pub fn surge(canary: &Node, replicas: u64) -> Result<u64, Refusal> {
    let Some(node) = canary.get("maxSurge") else {
        return Ok((replicas * 25).div_ceil(100));
    };
    let text = node.text("canary.maxSurge")?.trim();
    let amount = |digits: &str| digits.parse::<u32>().ok().map(u64::from);
    let surge = match text.strip_suffix('%') {
        Some(percent) => amount(percent).map(|p| (replicas * p).div_ceil(100)),
        None => amount(text),
    };
    surge.ok_or_else(|| node.wrong("canary.maxSurge", "a number of pods or a percentage"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_the_controller() {
        // (replicas, weight, surge) -> (new, old), by hand.
        for (asked, expected) in [
            ((10, 41, 1), (4, 6)),
            ((3, 50, 0), (2, 1)),
            ((1, 5, 1), (1, 1)),
            ((1, 5, 0), (0, 1)),
            ((1, 25, 1), (1, 1)),
            ((5, 20, 2), (1, 4)),
            ((4, 25, 1), (1, 3)),
            ((3, 50, 1), (2, 2)),
            ((10, 0, 1), (0, 10)),
            ((10, 100, 1), (10, 0)),
            ((10, 24, 1), (3, 8)),
            ((2, 99, 1), (2, 1)),
            ((2, 75, 0), (1, 1)),
            ((5, 90, 0), (4, 1)),
            ((2, 25, 0), (1, 1)),
        ] {
            let (replicas, weight, surge) = asked;
            assert_eq!(pods(replicas, weight, surge), expected, "{asked:?}");
        }
    }

    #[test]
    fn between_0_and_100_both_versions_keep_a_pod() {
        for replicas in 2..=20 {
            for weight in 1..100 {
                for surge in 0..2 {
                    let (new, old) = pods(replicas, weight, surge);
                    assert!(
                        new >= 1 && old >= 1,
                        "{replicas} {weight} {surge}: {new}/{old}"
                    );
                    assert!(new + old <= replicas + surge);
                }
            }
        }
    }
}
