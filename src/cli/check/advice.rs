//! What would have helped: the search for a change, for each strategy that breaks a budget.

use std::ops::ControlFlow;

use rayon::ThreadPool;

use super::super::exit::Failure;
use super::super::session::stopped;
use super::Matter;
use crate::check::{self, Answer, Broken, Claim, Found, Judged, Settings, Side};
use crate::plan::Stratum;

/// Rollouts of a search where nobody says: as many as the verdicts took, within these.
const LEAST: u64 = 1_000;
const MOST: u64 = 2_500;

/// Of each strategy of which something is broken, what was found.
pub(super) fn advice(
    matter: &Matter,
    judged: &[Judged],
    most: Option<u64>,
    settings: &Settings,
    pool: &ThreadPool,
    go_on: &mut dyn FnMut(u64, usize) -> ControlFlow<()>,
) -> Result<Vec<(usize, Found)>, Failure> {
    let mut found = Vec::new();
    for &strategy in &matter.strategies {
        let ours = matter.claims.iter().zip(judged);
        let ours: Vec<(&Claim, &Judged)> = ours.filter(|(c, _)| c.strategy == strategy).collect();
        let is_broken = |(_, j): &(&Claim, &Judged)| j.finding.answer == Answer::Broken;
        if !ours.iter().any(is_broken) {
            continue;
        }
        let broken = Broken {
            plan: &matter.scenario.plan,
            base: matter.base.as_ref().map(|b| Side { plan: &b.plan }),
            strategy,
            claims: &ours,
        };
        let most = most.unwrap_or(took(&ours).clamp(LEAST, MOST));
        let one = check::search(broken, most, settings, pool, go_on);
        found.push((strategy, one.map_err(stopped)?));
    }
    Ok(found)
}

/// Rollouts that verdicts took; those about the same changes share them.
fn took(ours: &[(&Claim, &Judged)]) -> u64 {
    let mut groups: Vec<(&[(Stratum, f64)], u64)> = Vec::new();
    for (claim, judged) in ours {
        match groups.iter_mut().find(|(of, _)| *of == claim.population) {
            Some((_, most)) => *most = judged.rollouts.max(*most),
            None => groups.push((&claim.population, judged.rollouts)),
        }
    }
    groups.iter().map(|(_, rollouts)| rollouts).sum()
}
