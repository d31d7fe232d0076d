//! The first change to a strategy with which its budgets would have held, found by trying.
//!
//! Changes are tried one at a time, the quickest to full deployment first. A change is passed over if it leaves too many of
//! the very rollouts that were over a limit, and these are simulated until that is sure; what is left is judged by the same
//! test as the strategy was. All of it is bounded in rollouts, so that the same search always ends with the same answer.

use std::ops::ControlFlow;

use rayon::ThreadPool;

use super::changes::{Change, What, changes};
use super::claim::Claim;
use super::judge::Answer;
use super::run::{Judged, Judgements, Settings, Side, run};
use crate::outcome::Outcome;
use crate::plan::{Plan, Stratum};
use crate::replicate::Stopped;
use crate::replicate::batch::{Buffers, Job, Runner, batch, forecasts};
use crate::stats::clopper_pearson;

/// A tenth of the rollouts that a verdict may take.
const PART: u64 = 10;
/// Good changes by which trials are put in order of time, where they can be foreseen, and where not.
const FORESEEN: u64 = 60;
const TIMED: u64 = 3;
/// Rollouts that were over a limit with which a change is tried at first.
const FEW: usize = 8;
/// How many of them are simulated together: enough for two threads, and few beyond what decides.
const AT_ONCE: usize = 2;
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
    /// Rollouts simulated.
    pub rollouts: u64,
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
        as_it_is: broken.plan,
        base: broken.base,
        strategy: broken.strategy,
        to_mend,
        to_keep,
        settings,
        pool,
        buffers: Buffers::default(),
        most,
        simulated: 0,
        go_on,
    }
    .first()
}

struct Search<'a> {
    as_it_is: &'a Plan,
    base: Option<Side<'a>>,
    strategy: usize,
    to_mend: Vec<(&'a Claim, &'a Judged)>,
    to_keep: Vec<(&'a Claim, &'a Judged)>,
    settings: &'a Settings,
    pool: &'a ThreadPool,
    buffers: Buffers,
    /// Rollouts that are allowed.
    most: u64,
    /// Rollouts so far.
    simulated: u64,
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

/// A look at the first rollouts that were over a limit: how many of them may still be.
#[derive(Clone, Copy, Debug)]
struct Look {
    /// After so many.
    n: usize,
    /// The fewest that are too many; more than there are where none are.
    too_many: usize,
}

impl Look {
    fn of(n: usize, is_too_many: impl Fn(u64, u64) -> bool) -> Look {
        let first = (1..=n).find(|&still| is_too_many(still as u64, n as u64));
        Look {
            n,
            too_many: first.unwrap_or(n + 1),
        }
    }

    /// Whether it is sure by now that too many will be: with so many of the first `n` already.
    fn is_lost(self, still: usize, n: usize) -> bool {
        n <= self.n && still >= self.too_many
    }

    /// Whether too many may still be, by then.
    fn is_open(self, still: usize, n: usize) -> bool {
        n < self.n && still + (self.n - n) >= self.too_many
    }
}

/// Whether neither look finds too many: `still` simulates some, and says how many are over the limit. It is asked for no more
/// than it takes to know.
fn is_passed<T, E>(
    looks: [Look; 2],
    first: &[T],
    still: &mut dyn FnMut(&[T]) -> Result<usize, E>,
) -> Result<bool, E> {
    let (mut over, mut n) = (0, 0);
    while looks.iter().any(|look| look.is_open(over, n)) {
        let to = if n < looks[0].n {
            looks[0].n
        } else {
            looks[1].n
        };
        let some = &first[n..to.min(n + AT_ONCE)];
        over += still(some)?;
        n += some.len();
        if looks.iter().any(|look| look.is_lost(over, n)) {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Search<'_> {
    fn first(mut self) -> Result<Found, Stopped> {
        let changes = changes(self.as_it_is, self.strategy);
        let of = changes.len();
        let (mut tried, mut first) = (0, None);
        // Without any rollouts they are not even put in order.
        let in_order = match self.left() {
            0 => Vec::new(),
            _ => self.by_time(changes)?,
        };
        let mut plan = self.as_it_is.clone();
        for change in in_order {
            if self.left() == 0 {
                break;
            }
            plan.strategies[self.strategy] = change.strategy.clone();
            tried += 1;
            if self.is_hopeful(&plan)? && self.mends(&plan)? {
                first = Some(change);
                break;
            }
        }
        Ok(Found {
            change: first,
            tried,
            of,
            rollouts: self.simulated,
        })
    }

    /// Rollouts that are left.
    fn left(&self) -> u64 {
        self.most.saturating_sub(self.simulated)
    }

    /// The quickest to full deployment first, by the mean of the same good changes. Alarms take no time.
    fn by_time(&mut self, changes: Vec<Change>) -> Result<Vec<Change>, Stopped> {
        let as_it_is = self.time(self.as_it_is)?;
        let mut plan = self.as_it_is.clone();
        let mut timed = Vec::new();
        for change in changes {
            let is_slower = matches!(change.words, What::Bake { .. } | What::Wave { .. });
            let time = match is_slower {
                true => {
                    plan.strategies[self.strategy] = change.strategy.clone();
                    self.time(&plan)?
                }
                false => as_it_is,
            };
            timed.push((time, change));
        }
        timed.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(timed.into_iter().map(|(_, change)| change).collect())
    }

    /// The mean time to full deployment of good changes: as foreseen, or of a few that are simulated.
    fn time(&mut self, plan: &Plan) -> Result<f64, Stopped> {
        let runner = Runner::new(plan, self.strategy);
        let horizon = self.as_it_is.horizon_s;
        let time = |outcome: &Outcome| outcome.time_to_full_s.unwrap_or(horizon);
        let foreseen = forecasts(
            (self.pool, self.settings.seed),
            &runner,
            0..FORESEEN,
            &self.buffers,
            |number, ask| ask(Stratum::FaultFree, number).map(|o| time(&o)),
            &mut |_| (self.go_on)(0, 0),
        )?;
        let foreseen: Option<Vec<f64>> = foreseen.into_iter().collect();
        let times = match foreseen {
            Some(times) => times,
            None => {
                let good: Vec<(Stratum, u64)> =
                    (0..TIMED).map(|n| (Stratum::FaultFree, n)).collect();
                let outcomes = self.outcomes(&runner, &good)?;
                outcomes.iter().map(time).collect()
            }
        };
        Ok(times.iter().sum::<f64>() / times.len() as f64)
    }

    /// Whether the change may help: of the very rollouts that were over a limit it must bring enough below it. What is left
    /// of them alone must not be more than the limit allows, of a few and of all.
    fn is_hopeful(&mut self, plan: &Plan) -> Result<bool, Stopped> {
        let runner = Runner::new(plan, self.strategy);
        for (_, judged) in self.to_mend.clone() {
            let Some(may_be) = judged.may_be_against else {
                continue;
            };
            let was = judged.drivers.weight / judged.rollouts.max(1) as f64;
            let is_too_many = |still, n| was * clopper_pearson(still, n, SURE).0 > may_be;
            let first = &judged.drivers.first;
            let looks = [first.len().min(FEW), first.len()].map(|n| Look::of(n, is_too_many));
            let mut still = |some: &[(Stratum, u64)]| -> Result<usize, Stopped> {
                let outcomes = self.outcomes(&runner, some)?;
                Ok(outcomes.iter().filter(|o| judged.counts_against(o)).count())
            };
            if !is_passed(looks, first, &mut still)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether with the change all that was broken holds, and nothing else looks broken.
    fn mends(&mut self, plan: &Plan) -> Result<bool, Stopped> {
        let mended = self.judged(plan, self.to_mend.clone())?;
        if !mended.iter().all(|j| j.finding.answer == Answer::Holds) {
            return Ok(false);
        }
        let kept = self.judged(plan, self.to_keep.clone())?;
        Ok(!kept.iter().any(looks_broken))
    }

    /// What comes of claims with the change, until one looks broken.
    fn judged(
        &mut self,
        plan: &Plan,
        claims: Vec<(&Claim, &Judged)>,
    ) -> Result<Vec<Judged>, Stopped> {
        let claims: Vec<Claim> = claims.into_iter().map(|(claim, _)| claim.clone()).collect();
        let mut groups: Vec<&[(Stratum, f64)]> = claims.iter().map(|c| &c.population[..]).collect();
        groups.dedup();
        let sides = 1 + u64::from(self.base.is_some());
        let each = self.left() / (sides * groups.len().max(1) as u64);
        let settings = Settings {
            most: (self.settings.most / PART).min(each).max(1),
            gives_up: true,
            ..*self.settings
        };
        let before = self.simulated;
        let mut go_on = |n: u64, decided: usize| (self.go_on)(before + n, decided);
        let judged = run(plan, self.base, &claims, &settings, self.pool, &mut go_on);
        let Judgements { judged, simulated } = judged?;
        self.simulated += simulated;
        Ok(judged)
    }

    /// What comes of these rollouts.
    fn outcomes(
        &mut self,
        runner: &Runner<'_>,
        rollouts: &[(Stratum, u64)],
    ) -> Result<Vec<Outcome>, Stopped> {
        let before = self.simulated;
        // A batch as short as these is over before it asks.
        if (self.go_on)(before, 0).is_break() {
            return Err(Stopped::Interrupted);
        }
        self.simulated += rollouts.len() as u64;
        let job = |&(stratum, number): &(Stratum, u64)| Job {
            engine: 0,
            stratum,
            number,
        };
        let jobs: Vec<Job> = rollouts.iter().map(job).collect();
        let runner = std::slice::from_ref(runner);
        let seed = self.settings.seed;
        batch(self.pool, runner, seed, &jobs, &self.buffers, &mut |n| {
            (self.go_on)(before + n, 0)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_sure_early_is_what_looking_at_all_says(
            over in proptest::collection::vec(any::<bool>(), 0..=32),
            flipped in proptest::collection::vec(0..32_usize, 0..6),
            few in 0..12_usize,
            too_many in (1..14_usize, 1..34_usize),
            all_are in any::<bool>(),
        ) {
            // Mostly alike, as changes leave all of them or none.
            let of = |i| if flipped.contains(&i) { !all_are } else { all_are };
            let over: Vec<bool> = match flipped.is_empty() {
                true => over,
                false => (0..over.len()).map(of).collect(),
            };
            let looks = [(few.min(over.len()), too_many.0), (over.len(), too_many.1)]
                .map(|(n, too_many)| Look { n, too_many });
            let count = |some: &[bool]| some.iter().filter(|o| **o).count();
            let plainly = looks.iter().all(|look| count(&over[..look.n]) < look.too_many);
            let mut asked = 0;
            let mut still = |some: &[bool]| -> Result<usize, ()> {
                asked += some.len();
                Ok(count(some))
            };
            prop_assert_eq!(is_passed(looks, &over, &mut still), Ok(plainly));
            prop_assert!(asked <= over.len());
        }
    }

    #[test]
    fn no_more_are_simulated_than_it_takes_to_know() {
        let looks = [(8, 3), (32, 6)].map(|(n, too_many)| Look { n, too_many });
        for (over, asked) in [([true; 32], 4), ([false; 32], 28)] {
            let mut n = 0;
            let mut still = |some: &[bool]| -> Result<usize, ()> {
                n += some.len();
                Ok(some.iter().filter(|o| **o).count())
            };
            assert_eq!(is_passed(looks, &over, &mut still), Ok(!over[0]));
            assert_eq!(n, asked);
        }
    }
}
