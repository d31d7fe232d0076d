//! The first change to a strategy with which its budgets would have held, found by trying.

use std::ops::ControlFlow;

use rayon::ThreadPool;

use super::super::exit::Failure;
use super::super::session::stopped;
use super::Matter;
use crate::check::{self, Answer, Change, Claim, Judged, Settings, Side, What};
use crate::outcome::Outcome;
use crate::plan::{Plan, Stratum};
use crate::replicate::batch::{Job, Runner, batch};
use crate::stats::clopper_pearson;

/// A tenth of the rollouts that a verdict may take.
const PART: u64 = 10;
/// Rollouts that all trials of one strategy may take together.
const MOST: u64 = 2_500;
/// Good changes by which trials are put in order of time.
const TIMED: u64 = 3;
/// How sure it must be that a change leaves too many rollouts over the limit.
const SURE: f64 = 0.98;

/// Something that is told how it goes, and may end it.
type GoOn<'a> = &'a mut dyn FnMut(u64, usize) -> ControlFlow<()>;

/// Of each strategy that is judged: `None` where nothing is broken, else the change in words, if one was found.
pub(super) fn advice(
    matter: &Matter,
    judged: &[Judged],
    settings: &Settings,
    pool: &ThreadPool,
    go_on: GoOn<'_>,
) -> Result<Vec<(usize, Option<Change>)>, Failure> {
    let mut found = Vec::new();
    for &strategy in &matter.strategies {
        let ours = matter.claims.iter().zip(judged);
        let ours: Vec<(&Claim, &Judged)> = ours.filter(|(c, _)| c.strategy == strategy).collect();
        let is_broken = |(_, j): &(&Claim, &Judged)| j.finding.answer == Answer::Broken;
        if ours.iter().any(is_broken) {
            let (broken, others) = ours.into_iter().partition(is_broken);
            let search = Search {
                plan: &matter.scenario.plan,
                base: matter.base.as_ref().map(|b| Side { plan: &b.plan }),
                strategy,
                broken,
                others,
                settings,
                pool,
            };
            found.push((strategy, search.first(go_on)?));
        }
    }
    Ok(found)
}

/// What is looked for: a change with which what is broken holds, and nothing else breaks.
struct Search<'a> {
    plan: &'a Plan,
    base: Option<Side<'a>>,
    strategy: usize,
    broken: Vec<(&'a Claim, &'a Judged)>,
    others: Vec<(&'a Claim, &'a Judged)>,
    settings: &'a Settings,
    pool: &'a ThreadPool,
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

/// A change, and the plan with it.
struct Trial {
    change: Change,
    plan: Plan,
}

impl Search<'_> {
    fn first(&self, go_on: GoOn<'_>) -> Result<Option<Change>, Failure> {
        let trials: Vec<Trial> = check::changes(self.plan, self.strategy)
            .into_iter()
            .map(|change| self.trial(change))
            .collect();
        let trials = self.hopeful(trials, go_on)?;
        let mut left = MOST;
        for trial in self.by_time(trials, go_on)? {
            let mut judged =
                |claims: &[(&Claim, &Judged)]| self.judged(&trial, claims, &mut left, go_on);
            let is_mended = judged(&self.broken)?
                .iter()
                .all(|j| j.finding.answer == Answer::Holds)
                && !judged(&self.others)?.iter().any(looks_broken);
            if is_mended {
                return Ok(Some(trial.change));
            }
            if left == 0 {
                break;
            }
        }
        Ok(None)
    }

    fn trial(&self, change: Change) -> Trial {
        let mut plan = self.plan.clone();
        plan.strategies[self.strategy] = change.strategy.clone();
        Trial { change, plan }
    }

    /// What comes of claims about a trial, until one looks broken; `left` is what is left of the rollouts.
    fn judged(
        &self,
        trial: &Trial,
        claims: &[(&Claim, &Judged)],
        left: &mut u64,
        go_on: GoOn<'_>,
    ) -> Result<Vec<Judged>, Failure> {
        let settings = Settings {
            most: (self.settings.most / PART).clamp(1, (*left).max(1)),
            gives_up: true,
            ..*self.settings
        };
        let claims: Vec<Claim> = claims.iter().map(|(c, _)| (*c).clone()).collect();
        let judged = check::run(&trial.plan, self.base, &claims, &settings, self.pool, go_on);
        let judged = judged.map_err(stopped)?;
        let spent = judged.iter().map(|j| j.rollouts).max().unwrap_or(0);
        *left = left.saturating_sub(spent);
        Ok(judged)
    }

    /// Those that may help: of the very rollouts that were over a limit, a change must bring enough below it. What is left
    /// of them alone must not be more than the limit allows.
    fn hopeful(&self, trials: Vec<Trial>, go_on: GoOn<'_>) -> Result<Vec<Trial>, Failure> {
        let mut trials = trials;
        for (_, judged) in &self.broken {
            let Some(may_be) = judged.may_be_against else {
                continue;
            };
            let was = judged.drivers.weight / judged.rollouts.max(1) as f64;
            // A few first, then all that are known.
            for some in [8, usize::MAX] {
                let first = &judged.drivers.first;
                let first = &first[..first.len().min(some)];
                let plans: Vec<&Plan> = trials.iter().map(|t| &t.plan).collect();
                let outcomes = self.outcomes(&plans, first, go_on)?;
                let is_hopeful = |outcomes: &[Outcome]| {
                    let still = outcomes.iter().filter(|o| judged.counts_against(o));
                    let (still, n) = (still.count() as u64, outcomes.len() as u64);
                    n == 0 || was * clopper_pearson(still, n, SURE).0 <= may_be
                };
                let mut hopeful = outcomes.iter().map(|o| is_hopeful(o));
                trials.retain(|_| hopeful.next().unwrap_or(true));
            }
        }
        Ok(trials)
    }

    /// The quickest to full deployment first, by the mean of the same few good changes. Alarms take no time.
    fn by_time(&self, trials: Vec<Trial>, go_on: GoOn<'_>) -> Result<Vec<Trial>, Failure> {
        let is_slower =
            |t: &&Trial| matches!(t.change.words, What::Bake { .. } | What::Wave { .. });
        let plans = [self.plan].into_iter();
        let plans: Vec<&Plan> = plans
            .chain(trials.iter().filter(is_slower).map(|t| &t.plan))
            .collect();
        let good: Vec<(Stratum, u64)> = (0..TIMED).map(|n| (Stratum::FaultFree, n)).collect();
        let outcomes = self.outcomes(&plans, &good, go_on)?;
        let time = |outcomes: &Vec<Outcome>| {
            let times = outcomes.iter().map(|o| o.time_to_full_s);
            times.map(|s| s.unwrap_or(self.plan.horizon_s)).sum::<f64>()
        };
        let mut times = outcomes.iter().map(time);
        let as_it_is = times.next().unwrap_or(0.0);
        let mut timed: Vec<(f64, Trial)> = trials
            .into_iter()
            .map(|trial| match is_slower(&&trial) {
                true => (times.next().unwrap_or(as_it_is), trial),
                false => (as_it_is, trial),
            })
            .collect();
        timed.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(timed.into_iter().map(|(_, trial)| trial).collect())
    }

    /// The same rollouts under each plan's strategy.
    fn outcomes(
        &self,
        plans: &[&Plan],
        rollouts: &[(Stratum, u64)],
        go_on: GoOn<'_>,
    ) -> Result<Vec<Vec<Outcome>>, Failure> {
        let runner = |&plan| Runner::new(plan, self.strategy);
        let runners: Vec<Runner<'_>> = plans.iter().map(runner).collect();
        let of_engine = |engine| {
            move |&(stratum, number): &(Stratum, u64)| Job {
                engine,
                stratum,
                number,
            }
        };
        let jobs = (0..plans.len()).flat_map(|e| rollouts.iter().map(of_engine(e)));
        let jobs: Vec<Job> = jobs.collect();
        let outcomes = batch(self.pool, &runners, self.settings.seed, &jobs, &mut |n| {
            go_on(n, 0)
        });
        let mut outcomes = outcomes.map_err(stopped)?.into_iter();
        let of_plan = |_: &&Plan| outcomes.by_ref().take(rollouts.len()).collect();
        Ok(plans.iter().map(of_plan).collect())
    }
}
