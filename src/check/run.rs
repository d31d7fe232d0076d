//! Simulating until everything is decided.

use std::ops::ControlFlow;

use rayon::ThreadPool;

use super::claim::{Claim, Kind};
use super::judge::{Answer, Finding, Judge};
use crate::engine::Engine;
use crate::outcome::{DetectedBy, Outcome};
use crate::plan::{Plan, Stratum};
use crate::random::{NameKey, Purpose, RolloutKey};
use crate::replicate::Stopped;
use crate::replicate::batch::{Job, Runner, batch};
use crate::summary::{Stage, Stages};

/// Rollouts of the first look.
const FIRST: u64 = 256;
/// The next look comes when there are so many times more.
const GROWTH: f64 = 1.25;
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
}

/// Which rollouts speak against a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drivers {
    /// How many do.
    pub all: u64,
    /// By stratum.
    pub strata: Vec<(Stratum, u64)>,
    /// Of faulty ones, by where they were caught.
    pub stages: Vec<(Stage, u64)>,
    /// By what caught them.
    pub detectors: Vec<(DetectedBy, u64)>,
}

impl Drivers {
    fn add(&mut self, outcome: &Outcome, stages: &Stages) {
        self.all += 1;
        count(&mut self.strata, outcome.stratum);
        if let Some(stage) = stages.stage(outcome) {
            count(&mut self.stages, stage);
        }
        if let Some(by) = outcome.detected_by {
            count(&mut self.detectors, by);
        }
    }

    fn settle(&mut self) {
        // Stable: of equals the first met.
        self.strata.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        self.stages.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        self.detectors.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    }
}

fn count<T: PartialEq>(counts: &mut Vec<(T, u64)>, what: T) {
    match counts.iter_mut().find(|(known, _)| *known == what) {
        Some((_, n)) => *n += 1,
        None => counts.push((what, 1)),
    }
}

/// Claims about the same changes: they share rollouts.
struct Stream {
    population: Vec<(Stratum, f64)>,
    claims: Vec<usize>,
    n: u64,
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
    let mut judges: Vec<Judge> = claims.iter().map(|c| Judge::new(c, alpha)).collect();
    let mut findings: Vec<Finding> = judges.iter().map(Judge::finding).collect();
    for (claim, finding) in claims.iter().zip(&mut findings) {
        if base.is_some_and(|base| is_unchanged(plan, base.plan, claim)) {
            finding.answer = Answer::Holds;
        }
    }
    let mut drivers = vec![Drivers::default(); claims.len()];
    let mut rollouts = vec![0; claims.len()];
    let runners = Runners::new(plan, base.map(|b| b.plan), claims);
    let mut streams = streams(&judges);
    let mut simulated = 0;
    loop {
        let is_open = |c: &usize| findings[*c].answer == Answer::Undecided;
        let open: Vec<usize> = (0..streams.len())
            .filter(|&s| streams[s].n < settings.most && streams[s].claims.iter().any(is_open))
            .collect();
        // The group of which the fewest are done.
        let Some(&next) = open.iter().min_by_key(|&&s| streams[s].n) else {
            break;
        };
        let stream = &mut streams[next];
        let open: Vec<usize> = stream
            .claims
            .iter()
            .copied()
            .filter(|c| is_open(c))
            .collect();
        let n = look_after(stream.n).min(settings.most);
        let (jobs, engines) = runners.jobs(stream, &open, &judges, n, settings.seed);
        let decided = findings
            .iter()
            .filter(|f| f.answer != Answer::Undecided)
            .count();
        let mut watch = |done: u64| go_on(simulated + done, decided);
        let outcomes = batch(pool, &runners.list, settings.seed, &jobs, &mut watch)?;
        simulated += jobs.len() as u64;
        let each = (n - stream.n) as usize;
        let of_engine = |engine: usize| {
            let place = engines.iter().position(|&e| e == engine);
            &outcomes[place.expect("an engine that was asked") * each..][..each]
        };
        for &c in &open {
            let ours = of_engine(runners.of_claim[c].0);
            let base = runners.of_claim[c].1.filter(|_| judges[c].needs_base());
            let base = base.map(of_engine);
            for (i, outcome) in ours.iter().enumerate() {
                judges[c].take(outcome, base.map(|b| &b[i]));
                if judges[c].counts_against(outcome) {
                    drivers[c].add(outcome, &runners.stages[runners.of_claim[c].0]);
                }
            }
            rollouts[c] = n;
            findings[c].answer = judges[c].answer();
        }
        stream.n = n;
        if go_on(simulated, decided).is_break() {
            return Err(Stopped::Interrupted);
        }
    }
    for (finding, judge) in findings.iter_mut().zip(&judges) {
        let answer = finding.answer;
        *finding = Finding {
            answer,
            ..judge.finding()
        };
    }
    drivers.iter_mut().for_each(Drivers::settle);
    let parts = findings.into_iter().zip(rollouts).zip(drivers);
    Ok(parts
        .map(|((finding, rollouts), drivers)| Judged {
            finding,
            rollouts,
            drivers,
        })
        .collect())
}

/// Whether a claim is that a strategy is no worse than itself, which no number of rollouts would have to show.
fn is_unchanged(plan: &Plan, base: &Plan, claim: &Claim) -> bool {
    let (Kind::QuantileOfBase { factor, .. } | Kind::MeanOfBase { factor, .. }) = &claim.of else {
        return false;
    };
    let ours = &plan.strategies[claim.strategy];
    let theirs = base.strategy_named(&ours.name).map(|s| &base.strategies[s]);
    // The worlds must be the same, too; plans that say the same are shown alike, wherever they were written.
    let world = |plan: &Plan| format!("{:?}", (&plan.fleet, &plan.slis, &plan.change));
    *factor >= 1.0
        && theirs.is_some_and(|theirs| format!("{ours:?}") == format!("{theirs:?}"))
        && world(plan) == world(base)
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
    fn new(plan: &'p Plan, base: Option<&'p Plan>, claims: &[Claim]) -> Runners<'p> {
        let mut runners = Runners {
            list: Vec::new(),
            stages: Vec::new(),
            of_claim: Vec::new(),
        };
        let mut known: Vec<(bool, usize)> = Vec::new();
        for claim in claims {
            let name = &plan.strategies[claim.strategy].name;
            let ours = runners.engine(plan, (false, claim.strategy), &mut known);
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
        self.list.push(Runner {
            engine: Engine::new(plan, which.1),
            strategy: plan.strategies[which.1].name.clone(),
            strata: plan
                .strata()
                .into_iter()
                .map(|s| plan.stratum_name(s).to_owned())
                .collect(),
        });
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
                stratum: drawn(&stream.population, seed, number),
                number,
            }
        };
        let jobs = engines.iter().flat_map(|&e| (stream.n..n).map(rollout(e)));
        (jobs.collect(), engines)
    }
}

/// The stratum of rollout `number`, drawn with the population's weights: the same under every strategy.
fn drawn(population: &[(Stratum, f64)], seed: u64, number: u64) -> Stratum {
    let key = RolloutKey::new(seed, NameKey::NONE, number);
    let mut left = key.stream(Purpose::Stratum, 0, NameKey::NONE).uniform();
    for &(stratum, weight) in population {
        left -= weight;
        if left < 0.0 {
            return stratum;
        }
    }
    // Weights that sum to a hair less than 1.
    population.last().expect("a population is of somebody").0
}
