//! Simulating until everything is decided.

use std::ops::ControlFlow;

use rayon::ThreadPool;

use super::claim::{Claim, Kind};
use super::draw::{Draw, Seen};
use super::drivers::Drivers;
use super::judge::{Answer, Finding, Judge};
use super::score::Score;
use crate::outcome::Outcome;
use crate::plan::{Plan, Stratum};
use crate::replicate::Stopped;
use crate::replicate::batch::{Job, Runner, batch};
use crate::summary::Stages;

/// Rollouts of the first look, and the fewest between two.
const FIRST: u64 = 32;
/// Rollouts whose figures are good enough to be shown.
const SHOWN: u64 = 256;
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
    /// 1 for rollouts that speak against it.
    pub against: Score,
    /// Of the rollouts simulated for it, what share may speak against it; `None` where that is not what it is about.
    pub may_be_against: Option<f64>,
    /// Whether it is so because the strategy is that of the base, in the same world.
    pub is_unchanged: bool,
}

/// Claims about the same changes: they share rollouts.
struct Stream {
    population: Vec<(Stratum, f64)>,
    claims: Vec<usize>,
    n: u64,
    /// How the next ones are drawn.
    draw: Draw,
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
) -> Result<Vec<Judged>, Stopped> {
    let alpha = (1.0 - settings.confidence) / settings.among.max(claims.len()).max(1) as f64;
    let mut progress = Progress::new(plan, base, claims, alpha, settings.most);
    let runners = Runners::new(plan, base.map(|b| b.plan), claims, &progress.is_unchanged);
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
        let (jobs, engines) = runners.jobs(stream, &open, &progress.judges, n, settings.seed);
        let decided = progress.decided();
        let mut watch = |done: u64| go_on(simulated + done, decided);
        let outcomes = batch(pool, &runners.list, settings.seed, &jobs, &mut watch)?;
        simulated += jobs.len() as u64;
        let each = (n - stream.n) as usize;
        let of_engine = |engine: usize| {
            let place = engines.iter().position(|&e| e == engine);
            &outcomes[place.expect("an engine that was asked") * each..][..each]
        };
        for &c in &open {
            let (ours, base) = runners.of_claim[c];
            let base = base.filter(|_| progress.judges[c].needs_base());
            let stages = &runners.stages[ours];
            progress.take(
                c,
                of_engine(ours),
                base.map(of_engine),
                &stream.draw,
                stages,
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
    Ok(progress.judged())
}

/// The claims, and how far they are.
struct Progress {
    judges: Vec<Judge>,
    answers: Vec<Answer>,
    /// Claims that a strategy is no worse than itself.
    is_unchanged: Vec<bool>,
    drivers: Vec<Drivers>,
    rollouts: Vec<u64>,
    /// Of each claim that takes weights, the scores that came.
    seen: Vec<Seen>,
    most: u64,
}

impl Progress {
    fn new(
        plan: &Plan,
        base: Option<Side<'_>>,
        claims: &[Claim],
        alpha: f64,
        most: u64,
    ) -> Progress {
        let judges: Vec<Judge> = claims.iter().map(|c| Judge::new(c, alpha)).collect();
        let is_same_world = base.is_some_and(|base| world(plan) == world(base.plan));
        let is_unchanged = |claim: &Claim| {
            let base = base.filter(|_| is_same_world);
            base.is_some_and(|base| is_unchanged(plan, base.plan, claim))
        };
        Progress {
            answers: judges.iter().map(Judge::answer).collect(),
            is_unchanged: claims.iter().map(is_unchanged).collect(),
            drivers: vec![Drivers::default(); claims.len()],
            rollouts: vec![0; claims.len()],
            seen: vec![Seen::default(); claims.len()],
            judges,
            most,
        }
    }

    /// Whether more rollouts are wanted.
    fn is_open(&self, claim: usize) -> bool {
        let most = match self.is_unchanged[claim] {
            true => SHOWN.min(self.most),
            false => self.judges[claim].most().min(self.most),
        };
        let is_decided = !self.is_unchanged[claim] && self.answers[claim] != Answer::Undecided;
        !is_decided && self.rollouts[claim] < most && !self.judges[claim].population.is_empty()
    }

    /// Whether a claim is broken, or its figure is over the limit after some rollouts.
    fn looks_broken(&self, claim: usize) -> bool {
        let looks_so = || {
            let finding = self.judges[claim].finding();
            self.rollouts[claim] >= SHOWN && finding.figure.value > finding.limit
        };
        match self.answers[claim] {
            Answer::Holds => false,
            Answer::Broken => true,
            Answer::Undecided => looks_so(),
        }
    }

    fn decided(&self) -> usize {
        let is_decided = |c: &usize| self.is_unchanged[*c] || self.answers[*c] != Answer::Undecided;
        (0..self.answers.len()).filter(is_decided).count()
    }

    fn take(
        &mut self,
        claim: usize,
        ours: &[Outcome],
        base: Option<&[Outcome]>,
        draw: &Draw,
        stages: &Stages,
    ) {
        let judge = &mut self.judges[claim];
        for (i, outcome) in ours.iter().enumerate() {
            judge.take(outcome, base.map(|b| &b[i]), draw.weight(outcome.stratum));
        }
        let against = judge.against();
        for outcome in ours {
            let score = against.of(outcome);
            if let Some(x) = score.filter(|_| judge.takes_weights()) {
                self.seen[claim].add(outcome.stratum, x);
            }
            if is_one(score) {
                self.drivers[claim].add(outcome, stages, draw.weight(outcome.stratum));
            }
        }
        self.rollouts[claim] += ours.len() as u64;
        self.answers[claim] = judge.answer();
    }

    /// How to draw what is next of a stream, if otherwise than so far: as suits the claim that needs most. It rests on what
    /// came before alone, so bets stay fair.
    fn draw(&self, stream: &Stream) -> Option<Draw> {
        let open: Vec<usize> = stream
            .claims
            .iter()
            .copied()
            .filter(|&c| self.is_open(c))
            .collect();
        if stream.n < SHOWN || !open.iter().all(|&c| self.judges[c].takes_weights()) {
            return None;
        }
        let needs = |&c: &usize| {
            let finding = self.judges[c].finding();
            finding.rollouts_to_decide.unwrap_or(u64::MAX)
        };
        let neediest = open.into_iter().max_by_key(needs)?;
        Draw::where_it_varies(&stream.population, &self.seen[neediest])
    }

    fn judged(self) -> Vec<Judged> {
        let parts = self.judges.iter().zip(self.is_unchanged);
        let parts = parts.zip(self.rollouts).zip(self.drivers);
        parts
            .map(|(((judge, is_unchanged), rollouts), mut drivers)| {
                drivers.settle();
                let mut finding = judge.finding();
                if is_unchanged {
                    finding.answer = Answer::Holds;
                    finding.rollouts_to_decide = None;
                }
                Judged {
                    against: judge.against(),
                    may_be_against: judge.may_be_against(),
                    finding,
                    rollouts,
                    drivers,
                    is_unchanged,
                }
            })
            .collect()
    }
}

/// Of values between 0 and 1, whether it is rather the latter.
fn is_one(score: Option<f64>) -> bool {
    score.is_some_and(|x| x > 0.5)
}

impl Judged {
    /// Whether a rollout is one of those that the claim says are few.
    pub fn counts_against(&self, outcome: &Outcome) -> bool {
        is_one(self.against.of(outcome))
    }
}

/// Whether a claim is that a strategy is no worse than itself in the same world, which no number of rollouts would have to
/// show.
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

/// After how many rollouts the next look comes: fixed numbers, so that nothing depends on the machine.
fn look_after(n: u64) -> u64 {
    let next = libm::floor(n as f64 * GROWTH) as u64;
    next.clamp(n + FIRST, n + MOST_AT_ONCE)
}

fn streams(judges: &[Judge]) -> Vec<Stream> {
    let mut streams: Vec<Stream> = Vec::new();
    for (c, judge) in judges.iter().enumerate() {
        if judge.population.is_empty() {
            continue;
        }
        match streams
            .iter_mut()
            .find(|s| s.population == judge.population)
        {
            Some(stream) => stream.claims.push(c),
            None => streams.push(Stream {
                draw: Draw::as_they_come(&judge.population),
                population: judge.population.clone(),
                claims: vec![c],
                n: 0,
            }),
        }
    }
    streams
}

/// The engines.
struct Runners<'p> {
    list: Vec<Runner<'p>>,
    stages: Vec<Stages>,
    /// Of each claim its engine, and the base's.
    of_claim: Vec<(usize, Option<usize>)>,
}

impl<'p> Runners<'p> {
    fn new(
        plan: &'p Plan,
        base: Option<&'p Plan>,
        claims: &[Claim],
        is_unchanged: &[bool],
    ) -> Runners<'p> {
        let mut runners = Runners {
            list: Vec::new(),
            stages: Vec::new(),
            of_claim: Vec::new(),
        };
        let mut known: Vec<(bool, usize)> = Vec::new();
        for (claim, &is_unchanged) in claims.iter().zip(is_unchanged) {
            let name = &plan.strategies[claim.strategy].name;
            let ours = runners.engine(plan, (false, claim.strategy), &mut known);
            if is_unchanged {
                runners.of_claim.push((ours, Some(ours)));
                continue;
            }
            let base = base.and_then(|base| {
                let strategy = base.strategy_named(name)?;
                Some(runners.engine(base, (true, strategy), &mut known))
            });
            runners.of_claim.push((ours, base));
        }
        runners
    }

    fn engine(
        &mut self,
        plan: &'p Plan,
        which: (bool, usize),
        known: &mut Vec<(bool, usize)>,
    ) -> usize {
        if let Some(place) = known.iter().position(|k| *k == which) {
            return place;
        }
        known.push(which);
        self.list.push(Runner::new(plan, which.1));
        self.stages.push(Stages::of(plan, which.1));
        known.len() - 1
    }

    /// The rollouts of a stream up to number n, engine by engine, and which engines they are.
    fn jobs(
        &self,
        stream: &Stream,
        open: &[usize],
        judges: &[Judge],
        n: u64,
        seed: u64,
    ) -> (Vec<Job>, Vec<usize>) {
        let mut engines = Vec::new();
        for &c in open {
            let (ours, base) = self.of_claim[c];
            let base = base.filter(|_| judges[c].needs_base());
            for engine in [Some(ours), base].into_iter().flatten() {
                if !engines.contains(&engine) {
                    engines.push(engine);
                }
            }
        }
        let rollout = |engine| {
            move |number| Job {
                engine,
                stratum: stream.draw.stratum(seed, number),
                number,
            }
        };
        let jobs = engines.iter().flat_map(|&e| (stream.n..n).map(rollout(e)));
        (jobs.collect(), engines)
    }
}
