//! Claims that a strategy is no worse than itself in the same world, which no number of rollouts would have to show.

use super::super::claim::{Claim, Kind};
use crate::plan::Plan;

/// Of each claim, whether it is such a one.
pub(super) fn unchanged(plan: &Plan, base: Option<&Plan>, claims: &[Claim]) -> Vec<bool> {
    let base = base.filter(|base| world(plan) == world(base));
    let is = |claim: &Claim| base.is_some_and(|base| is_unchanged(plan, base, claim));
    claims.iter().map(is).collect()
}

fn is_unchanged(plan: &Plan, base: &Plan, claim: &Claim) -> bool {
    let (Kind::QuantileOfBase { factor, .. } | Kind::MeanOfBase { factor, .. }) = &claim.of else {
        return false;
    };
    let ours = &plan.strategies[claim.strategy];
    let theirs = base.strategy_named(&ours.name).map(|s| &base.strategies[s]);
    *factor >= 1.0 && theirs.is_some_and(|theirs| format!("{ours:?}") == format!("{theirs:?}"))
}

/// All of a plan but its strategies. Plans that say the same are shown alike, wherever they were written.
fn world(plan: &Plan) -> String {
    let world = Plan {
        strategies: Vec::new(),
        unused_alarms: Vec::new(),
        ..plan.clone()
    };
    format!("{world:?}")
}
