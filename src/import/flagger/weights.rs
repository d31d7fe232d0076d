//! The weights that a canary walks through, as the controller comes to them.

use crate::import::document::Node;
use crate::import::refusal::{At, Refusal};

/// The weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// In order, each for a tick.
    pub reached: Vec<f64>,
    /// Whether the last is never left.
    pub stuck: bool,
    /// Whether `maxWeight` is there and means nothing.
    pub ignored_max: bool,
    /// Where they are said.
    pub at: At,
}

impl Weights {
    /// Walks as the controller does: `stepWeight` where it is above 0, else from one of `stepWeights` to the next.
    pub fn of(analysis: &Node) -> Result<Weights, Refusal> {
        let number = |key: &str| match analysis.get(key) {
            Some(n) => n.whole(
                &format!("analysis.{key}"),
                i64::from(i32::MIN),
                i64::from(i32::MAX),
            ),
            None => Ok(0),
        };
        let (step, most) = (number("stepWeight")?, number("maxWeight")?);
        let mut list = Vec::new();
        for node in analysis.items_of("stepWeights") {
            list.push(node.whole("analysis.stepWeights", 0, 100)?);
        }
        let last = list.last().copied();
        let total = match (last, most) {
            (Some(last), _) => last.min(100),
            (None, most) if most > 0 => most,
            (None, _) => 100,
        };
        let place = analysis
            .get("stepWeight")
            .or_else(|| analysis.get("stepWeights"));
        let (reached, stuck) = walk(step, &list, total);
        Ok(Weights {
            reached,
            stuck,
            ignored_max: last.is_some() && analysis.get("maxWeight").is_some(),
            at: place.map_or(analysis.at, |n| n.at),
        })
    }
}

/// The weights up to the first that is at least `total`, and whether it gets stuck before.
fn walk(step: i64, list: &[i64], total: i64) -> (Vec<f64>, bool) {
    const WHOLE: i64 = 100;
    let mut weight = 0;
    let mut reached = Vec::new();
    while weight < total {
        let next = next(step, list, total, weight);
        if next <= 0 {
            return (reached, true);
        }
        weight = (weight + next).min(WHOLE);
        reached.push(weight as f64);
        if weight == WHOLE {
            break;
        }
    }
    (reached, false)
}

/// The controller's `nextStepWeight`.
fn next(step: i64, list: &[i64], total: i64, weight: i64) -> i64 {
    if step > 0 || list.is_empty() {
        return step;
    }
    if weight == 0 {
        return list[0];
    }
    let pair = list.windows(2).find(|pair| pair[0] == weight);
    pair.map_or(total - weight, |pair| pair[1] - pair[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_those_of_the_controller() {
        for (step, list, total, expected) in [
            (
                5,
                vec![],
                50,
                (vec![5, 10, 15, 20, 25, 30, 35, 40, 45, 50], false),
            ),
            // Multiples of the step until one is enough.
            (20, vec![], 50, (vec![20, 40, 60], false)),
            (30, vec![], 100, (vec![30, 60, 90, 100], false)),
            (0, vec![10, 20, 60], 60, (vec![10, 20, 60], false)),
            // stepWeight goes before stepWeights, up to their last.
            (25, vec![10, 20, 60], 60, (vec![25, 50, 75], false)),
            (0, vec![10, 10, 60], 60, (vec![10], true)),
            (0, vec![], 100, (vec![], true)),
        ] {
            let (reached, stuck) = walk(step, &list, total);
            let reached: Vec<i64> = reached.into_iter().map(|w| w as i64).collect();
            assert_eq!((reached, stuck), expected, "{step} {list:?} {total}");
        }
    }
}
