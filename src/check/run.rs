//! Simulating until everything is decided.

mod engines;
mod progress;
mod unchanged;

use std::ops::{ControlFlow, Range};

use rayon::ThreadPool;

use super::claim::Claim;
use super::control::Control;
use super::draw::Draw;
use super::drivers::{self, Drivers};
use super::judge::{Finding, Judge};
use super::score::Score;
use crate::outcome::Outcome;
use crate::plan::{Plan, Stratum};
use crate::replicate::Stopped;
use crate::replicate::batch::{Buffers, batch, forecasts};

use engines::{Engines, streams};
use progress::Progress;

/// Rollouts of the first look, and the fewest between two.
const FIRST: u64 = 32;
/// The next look comes when there are so many times more.
const GROWTH: f64 = 1.15;
/// Most rollouts between two looks, so that memory stays small.
const MOST_AT_ONCE: u64 = 8_192;

/// What to judge with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The seed of all draws.
    pub seed: u64,
    /// The most rollouts of each strategy and group of changes.
    pub most: u64,
    /// The chance with which all answers are right.
    pub confidence: f64,
    /// Among how many claims the chance of error is spread: at least as many as there are.
    pub among: usize,
    /// Whether it ends once a claim is broken, or looks so after 256 rollouts, whatever becomes of the others.
    pub gives_up: bool,
}

/// A plan, and which of its strategies is the base of each that is judged.
#[derive(Clone, Copy, Debug)]
pub struct Side<'p> {
    /// The plan with the base's strategies.
    pub plan: &'p Plan,
}

/// What came of a claim.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Whether it is so, with figures.
    pub finding: Finding,
    /// Rollouts simulated for it.
    pub rollouts: u64,
    /// Where the rollouts come from that speak against it.
    pub drivers: Drivers,
    /// 1 for rollouts that speak against it: those that it says are few, or of a mean, that are more than it may be.
    pub against: Score,
    /// Of the rollouts simulated for it, what share may speak against it; `None` where that is not what it is about.
    pub may_be_against: Option<f64>,
    /// Whether it is so because the strategy is that of the base, in the same world.
    pub is_unchanged: bool,
}

impl Judged {
    /// Whether a rollout is one of those that the claim says are few.
    pub fn counts_against(&self, outcome: &Outcome) -> bool {
        drivers::is_against(self.against, outcome)
    }
}

/// What came of all claims.
#[derive(Clone, Debug)]
pub struct Judgements {
    /// Of each claim.
    pub judged: Vec<Judged>,
    /// Rollouts simulated, those of the base, too.
    pub simulated: u64,
}

/// Judges claims about a plan's strategies, and where a claim is about a base, against the strategy of the same name in
/// the plan `base`.
///
/// The same plan, claims and settings give the same findings to the bit, whatever the pool. `go_on` is asked ten times a
/// second with the rollouts simulated so far and the claims decided.
///
/// # Errors
/// When `go_on` ends it, and when a rollout panics.
pub fn run(
    plan: &Plan,
    base: Option<Side<'_>>,
    claims: &[Claim],
    settings: &Settings,
    pool: &ThreadPool,
    go_on: &mut dyn FnMut(u64, usize) -> ControlFlow<()>,
) -> Result<Judgements, Stopped> {
    let alpha = (1.0 - settings.confidence) / settings.among.max(claims.len()).max(1) as f64;
    let base = base.map(|b| b.plan);
    let mut progress = Progress::new(plan, base, claims, alpha, settings.most);
    let engines = Engines::new(plan, base, claims, &progress.is_unchanged);
    progress.begin_control(&engines);
    let buffers = Buffers::default();
    let mut streams = streams(&progress.judges);
    let mut simulated = 0;
    loop {
        let is_open = |c: &usize| progress.is_open(*c);
        let open: Vec<usize> = (0..streams.len())
            .filter(|&s| streams[s].claims.iter().any(is_open))
            .collect();
        // The group of which the fewest are done.
        let Some(&next) = open.iter().min_by_key(|&&s| streams[s].n) else {
            break;
        };
        let stream = &mut streams[next];
        let open: Vec<usize> = stream.claims.iter().copied().filter(is_open).collect();
        let n = look_after(stream.n).min(settings.most);
        let (jobs, asked) = engines.jobs(stream, &open, &progress.judges, n, settings.seed);
        let decided = progress.decided();
        let mut watch = |done: u64| go_on(simulated + done, decided);
        let runners = &engines.runners;
        let outcomes = batch(pool, runners, settings.seed, &jobs, &buffers, &mut watch)?;
        let each = (n - stream.n) as usize;
        let of_engine = |engine: usize| {
            let place = asked.iter().position(|&e| e == engine);
            &outcomes[place.expect("an engine that was asked") * each..][..each]
        };
        let controls = controls(
            &engines,
            (&open, &progress.judges),
            (pool, settings.seed, &buffers),
            (&stream.draw, stream.n..n),
            &mut |_| watch(jobs.len() as u64),
        )?;
        simulated += jobs.len() as u64;
        for (&c, controls) in open.iter().zip(&controls) {
            let (ours, base) = engines.of_claim[c];
            let base = base.filter(|_| progress.judges[c].needs_base());
            progress.take(
                c,
                (of_engine(ours), base.map(of_engine)),
                controls.as_deref(),
                &stream.draw,
                &engines.strategies[ours],
            );
        }
        stream.n = n;
        if let Some(draw) = progress.draw(stream) {
            stream.draw = draw;
        }
        if settings.gives_up && open.iter().any(|&c| progress.looks_broken(c)) {
            break;
        }
        if go_on(simulated, decided).is_break() {
            return Err(Stopped::Interrupted);
        }
    }
    Ok(Judgements {
        judged: progress.judged(),
        simulated,
    })
}

/// What forecasts say about each of these rollouts, claim by claim; `None` of those that take none.
fn controls(
    engines: &Engines<'_>,
    (open, judges): (&[usize], &[Judge]),
    (pool, seed, buffers): (&ThreadPool, u64, &Buffers),
    (draw, numbers): (&Draw, Range<u64>),
    go_on: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Vec<Option<Vec<Control>>>, Stopped> {
    let mut controls: Vec<Option<Vec<Control>>> = vec![None; open.len()];
    for (engine, runner) in engines.runners.iter().enumerate() {
        let takes = |&place: &usize| {
            let claim = open[place];
            judges[claim].is_controlled() && engines.of_claim[claim].0 == engine
        };
        let places: Vec<usize> = (0..open.len()).filter(takes).collect();
        if places.is_empty() {
            continue;
        }
        let scores: Vec<Score> = places.iter().map(|&p| judges[open[p]].score()).collect();
        let of = |number: u64, ask: &mut dyn FnMut(Stratum, u64) -> Option<Outcome>| {
            Control::of(&scores, number, &mut |n| ask(draw.stratum(seed, n), n))
        };
        let found = forecasts((pool, seed), runner, numbers.clone(), buffers, of, go_on)?;
        for (i, place) in places.into_iter().enumerate() {
            controls[place] = Some(found.iter().map(|of_rollout| of_rollout[i]).collect());
        }
    }
    Ok(controls)
}

/// After how many rollouts the next look comes: fixed numbers, so that nothing depends on the machine.
fn look_after(n: u64) -> u64 {
    let next = libm::floor(n as f64 * GROWTH) as u64;
    next.clamp(n + FIRST, n + MOST_AT_ONCE)
}
