//! Who simulates what: claims about the same changes share rollouts, and those about the same strategy an engine.

use super::super::claim::Claim;
use super::super::draw::Draw;
use super::super::drivers::Strategy;
use super::super::judge::Judge;
use crate::plan::{Plan, Stratum};
use crate::replicate::batch::{Job, Runner};

/// Claims about the same changes: they share rollouts.
pub(super) struct Stream {
    pub population: Vec<(Stratum, f64)>,
    pub claims: Vec<usize>,
    /// Rollouts so far.
    pub n: u64,
    /// How the next ones are drawn.
    pub draw: Draw,
}

/// The groups of changes that claims are about.
pub(super) fn streams(judges: &[Judge]) -> Vec<Stream> {
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
pub(super) struct Engines<'p> {
    pub runners: Vec<Runner<'p>>,
    /// What each simulates.
    pub strategies: Vec<Strategy<'p>>,
    /// Of each claim its engine, and the base's.
    pub of_claim: Vec<(usize, Option<usize>)>,
}

impl<'p> Engines<'p> {
    pub fn new(
        plan: &'p Plan,
        base: Option<&'p Plan>,
        claims: &[Claim],
        is_unchanged: &[bool],
    ) -> Engines<'p> {
        let mut engines = Engines {
            runners: Vec::new(),
            strategies: Vec::new(),
            of_claim: Vec::new(),
        };
        let mut known: Vec<(bool, usize)> = Vec::new();
        for (claim, &is_unchanged) in claims.iter().zip(is_unchanged) {
            let name = &plan.strategies[claim.strategy].name;
            let ours = engines.engine(plan, (false, claim.strategy), &mut known);
            if is_unchanged {
                engines.of_claim.push((ours, Some(ours)));
                continue;
            }
            let base = base.and_then(|base| {
                let strategy = base.strategy_named(name)?;
                Some(engines.engine(base, (true, strategy), &mut known))
            });
            engines.of_claim.push((ours, base));
        }
        engines
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
        self.runners.push(Runner::new(plan, which.1));
        self.strategies.push(Strategy::of(plan, which.1));
        known.len() - 1
    }

    /// The rollouts of a stream up to number n, engine by engine, and which engines they are.
    pub fn jobs(
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
