//! Figures of the strategies as they were, beside those of budgets that are not about them: what a change did.

use std::ops::ControlFlow;

use rayon::ThreadPool;

use super::super::exit::Failure;
use super::super::session::stopped;
use super::Matter;
use crate::check::{self, Claim, Judged, Settings};
use crate::stats::Estimate;

/// Of each claim the base's figure, where there is a base: for one that is about it the figure that it was judged with, for
/// others that of as many of the same changes at the most.
pub(super) fn figures(
    matter: &Matter,
    judged: &[Judged],
    settings: &Settings,
    pool: &ThreadPool,
    go_on: &mut dyn FnMut(u64, usize) -> ControlFlow<()>,
) -> Result<Vec<Option<Estimate>>, Failure> {
    let mut figures: Vec<Option<Estimate>> = judged.iter().map(|j| j.finding.base).collect();
    let Some(base) = &matter.base else {
        return Ok(figures);
    };
    let (mut places, mut claims) = (Vec::new(), Vec::new());
    for (i, claim) in matter.claims.iter().enumerate() {
        let name = &matter.scenario.plan.strategies[claim.strategy].name;
        let theirs = base.plan.strategy_named(name);
        if let (None, Some(strategy)) = (figures[i], theirs) {
            places.push(i);
            claims.push(Claim {
                strategy,
                ..claim.clone()
            });
        }
    }
    let most = places.iter().map(|&i| judged[i].rollouts).max();
    let settings = Settings {
        most: most.unwrap_or(0).max(1),
        ..*settings
    };
    let of_base = check::run(&base.plan, None, &claims, &settings, pool, go_on);
    for (i, judged) in places.into_iter().zip(of_base.map_err(stopped)?.judged) {
        figures[i] = Some(judged.finding.figure);
    }
    Ok(figures)
}
