//! How sure the verdict is.

use crate::report::basis::{Basis, grouped};
use crate::report::quantity::share_at_most;
use crate::report::ranking::{footing, unseen};
use crate::summary::Ranking;

/// What no run of this size can tell, in words.
pub(in crate::report::html) fn limits(basis: &Basis, ranking: &Ranking) -> Vec<String> {
    let level = basis.level_text();
    let bound = match unseen(basis) {
        Some(e) => format!(
            "What never came up among a strategy's {} faulty rollouts is not thereby excluded: its chance among faulty \
             changes may be up to {} (end of the {level} interval of a count of nothing). Rarer events this run cannot \
             bound.",
            grouped(basis.rollouts(true)),
            share_at_most(e.high)
        ),
        None => "There is no rollout of some kinds of faulty change, so this run can bound no chance among them."
            .to_owned(),
    };
    let mut one_at_a_time = format!(
        "Every interval is at {level} by itself, one at a time, so of all those on this page some will miss."
    );
    if !ranking.pairs.is_empty() {
        one_at_a_time +=
            " What the verdict claims of two strategies is corrected for there being many.";
    }
    let mut sentences = footing(ranking, basis);
    sentences.extend([bound, one_at_a_time]);
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ranking::tests::{basis, ranking};

    #[test]
    fn what_it_rests_on_comes_before_what_it_cannot_tell() {
        let strategies = [("A", 2.0, 0.5), ("B", 3.0, 0.4)];
        let limits = limits(&basis(), &ranking(&strategies));
        assert!(limits[0].contains("pairs.csv"), "{limits:?}");
        assert!(limits[2].contains("100 faulty rollouts"), "{limits:?}");
        assert!(
            limits[3].contains("95% by itself, one at a time") && limits[3].contains("corrected"),
            "{limits:?}"
        );
    }

    #[test]
    fn where_nothing_is_compared_nothing_is_corrected() {
        let limits = limits(&basis(), &Ranking::default());
        assert!(limits[1].contains("95% by itself"), "{limits:?}");
        assert!(!limits.concat().contains("corrected"), "{limits:?}");
    }
}
