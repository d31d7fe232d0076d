//! The first change to a strategy with which its budgets would have held, found by trying.
//!
//! Changes are tried one at a time, the quickest to full deployment first. A change is passed over if it leaves too many of
//! the very rollouts that were over a limit; what is left is judged by the same test as the strategy was. All of it is
//! bounded in rollouts, so that the same search always ends with the same answer.

use std::ops::ControlFlow;

use rayon::ThreadPool;

use super::changes::{Change, What, changes};
use super::claim::Claim;
use super::judge::Answer;
use super::run::{Judged, Judgements, Settings, Side, run};
use crate::outcome::Outcome;
use crate::plan::{Plan, Stratum};
use crate::replicate::Stopped;
use crate::replicate::batch::{Buffers, Job, Runner, batch};
use crate::stats::clopper_pearson;

/// A tenth of the rollouts that a verdict may take.
const PART: u64 = 10;
/// Good changes by which trials are put in order of time.
const TIMED: u64 = 3;
/// Rollouts that were over a limit with which a change is tried at first.
const FEW: usize = 8;
/// How sure it must be that a change leaves too many rollouts over the limit.
const SURE: f64 = 0.98;

/// Something that is told how it goes, and may end it.
type GoOn<'a> = &'a mut dyn FnMut(u64, usize) -> ControlFlow<()>;

/// A strategy of which claims are broken, with all claims about it.
#[derive(Clone, Copy, Debug)]
pub struct Broken<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The base that claims are about.
    pub base: Option<Side<'a>>,
    /// The strategy, by index in the plan.
    pub strategy: usize,
    /// What is claimed of it, and what came of that.
    pub claims: &'a [(&'a Claim, &'a Judged)],
}

/// What a search came to.
#[derive(Clone, Debug)]
pub struct Found {
    /// The first change with which all claims hold that were broken, and none of the others breaks.
    pub change: Option<Change>,
    /// How many changes were looked at.
    pub tried: usize,
    /// How many there are.
    pub of: usize,
}

/// Searches with at most about `most` rollouts.
///
/// # Errors
/// When `go_on` ends it, and when a rollout panics.
pub fn search(
    broken: Broken<'_>,
    most: u64,
    settings: &Settings,
    pool: &ThreadPool,
    go_on: GoOn<'_>,
) -> Result<Found, Stopped> {
    let is_broken = |(_, j): &(&Claim, &Judged)| j.finding.answer == Answer::Broken;
    let (to_mend, to_keep) = broken.claims.iter().copied().partition(is_broken);
    Search {
        plan: broken.plan.clone(),
        as_it_is: broken.plan,
        base: broken.base,
        strategy: broken.strategy,
        to_mend,
        to_keep,
        settings,
        pool,
        buffers: Buffers::default(),
        left: most,
        go_on,
    }
    .first()
}

struct Search<'a> {
    /// With the change that is tried.
    plan: Plan,
    as_it_is: &'a Plan,
    base: Option<Side<'a>>,
    strategy: usize,
    to_mend: Vec<(&'a Claim, &'a Judged)>,
    to_keep: Vec<(&'a Claim, &'a Judged)>,
    settings: &'a Settings,
    pool: &'a ThreadPool,
    buffers: Buffers,
    /// Rollouts that are left.
    left: u64,
    go_on: GoOn<'a>,
}

/// Whether a claim is broken, or would be if its figure were right.
fn looks_broken(judged: &Judged) -> bool {
    let finding = &judged.finding;
    match finding.answer {
        Answer::Holds => false,
        Answer::Broken => true,
        Answer::Undecided => finding.figure.value > finding.limit,
    }
}

impl Search<'_> {
    fn first(mut self) -> Result<Found, Stopped> {
        let changes = changes(self.as_it_is, self.strategy);
        let of = changes.len();
        let mut tried = 0;
        // Not even put in order.
        if self.left == 0 {
            return Ok(Found {
                change: None,
                tried,
                of,
            });
        }
        for change in self.by_time(changes)? {
            if self.left == 0 {
                break;
            }
            self.plan.strategies[self.strategy] = change.strategy.clone();
            let helps = self.is_hopeful()? && self.mends()?;
            tried += 1;
            if helps {
                return Ok(Found {
                    change: Some(change),
                    tried,
                    of,
                });
            }
        }
        Ok(Found {
            change: None,
            tried,
            of,
        })
    }

    /// The quickest to full deployment first, by the mean of the same few good changes. Alarms take no time.
    fn by_time(&mut self, changes: Vec<Change>) -> Result<Vec<Change>, Stopped> {
        let good: Vec<(Stratum, u64)> = (0..TIMED).map(|n| (Stratum::FaultFree, n)).collect();
        let as_it_is = self.time(&good)?;
        let mut timed = Vec::new();
        for change in changes {
            let is_slower = matches!(change.words, What::Bake { .. } | What::Wave { .. });
            let time = match is_slower {
                true => {
                    self.plan.strategies[self.strategy] = change.strategy.clone();
                    self.time(&good)?
                }
                false => as_it_is,
            };
            timed.push((time, change));
        }
        timed.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(timed.into_iter().map(|(_, change)| change).collect())
    }

    fn time(&mut self, good: &[(Stratum, u64)]) -> Result<f64, Stopped> {
        let horizon = self.as_it_is.horizon_s;
        let outcomes = self.outcomes(good)?;
        let times = outcomes.iter().map(|o| o.time_to_full_s.unwrap_or(horizon));
        Ok(times.sum())
    }

    /// Whether the change may help: of the very rollouts that were over a limit it must bring enough below it. What is left
    /// of them alone must not be more than the limit allows.
    fn is_hopeful(&mut self) -> Result<bool, Stopped> {
        for (_, judged) in self.to_mend.clone() {
            let Some(may_be) = judged.may_be_against else {
                continue;
            };
            let was = judged.drivers.weight / judged.rollouts.max(1) as f64;
            let first = &judged.drivers.first;
            let (mut still, mut n) = (0, 0);
            for some in [
                &first[..first.len().min(FEW)],
                &first[first.len().min(FEW)..],
            ] {
                let outcomes = self.outcomes(some)?;
                still += outcomes.iter().filter(|o| judged.counts_against(o)).count() as u64;
                n += outcomes.len() as u64;
                if n > 0 && was * clopper_pearson(still, n, SURE).0 > may_be {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Whether with the change all that was broken holds, and nothing else looks broken.
    fn mends(&mut self) -> Result<bool, Stopped> {
        let mended = self.judged(self.to_mend.clone())?;
        if !mended.iter().all(|j| j.finding.answer == Answer::Holds) {
            return Ok(false);
        }
        Ok(!self.judged(self.to_keep.clone())?.iter().any(looks_broken))
    }

    /// What comes of claims with the change, until one looks broken.
    fn judged(&mut self, claims: Vec<(&Claim, &Judged)>) -> Result<Vec<Judged>, Stopped> {
        let claims: Vec<Claim> = claims.into_iter().map(|(claim, _)| claim.clone()).collect();
        let mut groups: Vec<&[(Stratum, f64)]> = claims.iter().map(|c| &c.population[..]).collect();
        groups.dedup();
        let sides = 1 + u64::from(self.base.is_some());
        let each = self.left / (sides * groups.len().max(1) as u64);
        let settings = Settings {
            most: (self.settings.most / PART).min(each).max(1),
            gives_up: true,
            ..*self.settings
        };
        let judged = run(
            &self.plan, self.base, &claims, &settings, self.pool, self.go_on,
        );
        let Judgements { judged, simulated } = judged?;
        self.left = self.left.saturating_sub(simulated);
        Ok(judged)
    }

    /// These rollouts with the change.
    fn outcomes(&mut self, rollouts: &[(Stratum, u64)]) -> Result<Vec<Outcome>, Stopped> {
        self.left = self.left.saturating_sub(rollouts.len() as u64);
        let job = |&(stratum, number): &(Stratum, u64)| Job {
            engine: 0,
            stratum,
            number,
        };
        let jobs: Vec<Job> = rollouts.iter().map(job).collect();
        let runner = [Runner::new(&self.plan, self.strategy)];
        let seed = self.settings.seed;
        batch(self.pool, &runner, seed, &jobs, &self.buffers, &mut |n| {
            (self.go_on)(n, 0)
        })
    }
}
