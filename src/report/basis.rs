//! What the figures rest on: how many rollouts of what, drawn how.

use super::quantity::Quantity;
use crate::plan::Plan;
use crate::summary::{Group, Sampling, Summary};

/// What a result rests on, said beside it wherever it is shown.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Basis {
    /// What the scenario calls itself.
    pub scenario: String,
    /// The seed of all draws.
    pub seed: u64,
    /// Rollouts of each strategy.
    pub runs: u64,
    /// How they are spread over the strata.
    pub sampling: Sampling,
    /// Level of all intervals.
    pub level: f64,
    /// Names of the strategies, in the order of the results.
    pub strategies: Vec<String>,
    /// The strata, in the order of the results.
    pub strata: Vec<StratumBasis>,
}

/// One stratum's part.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StratumBasis {
    /// Its name.
    pub name: String,
    /// The chance that a change falls into it.
    pub weight: f64,
    /// Rollouts of it, under each strategy.
    pub rollouts: u64,
    /// Whether its changes carry a fault.
    pub is_faulty: bool,
}

impl Basis {
    /// The basis of a summary of this plan, which was run with this seed.
    pub fn new(plan: &Plan, summary: &Summary, seed: u64, runs: u64) -> Basis {
        let first = summary.strategies().next();
        let stratum = |stratum| StratumBasis {
            name: plan.stratum_name(stratum).to_owned(),
            weight: plan.stratum_weight(stratum),
            rollouts: first.map_or(0, |s| summary.n(s, Group::Stratum(stratum))),
            is_faulty: Group::Stratum(stratum) != Group::FAULT_FREE,
        };
        Basis {
            scenario: plan.name.clone(),
            seed,
            runs,
            sampling: summary.sampling(),
            level: summary.level(),
            strategies: summary
                .strategies()
                .map(|s| plan.strategies[s].name.clone())
                .collect(),
            strata: plan.strata().into_iter().map(stratum).collect(),
        }
    }

    /// Rollouts of changes that carry a fault, or of those that do not.
    pub fn rollouts(&self, faulty: bool) -> u64 {
        let strata = self.strata.iter().filter(|s| s.is_faulty == faulty);
        strata.map(|s| s.rollouts).sum()
    }

    /// Strata that can occur and of which there is no rollout: figures over them are missing.
    pub fn without_rollouts(&self) -> impl Iterator<Item = &str> {
        self.strata
            .iter()
            .filter(|s| s.weight > 0.0 && s.rollouts == 0)
            .map(|s| s.name.as_str())
    }

    /// The level in percent: `95%`.
    pub fn level_text(&self) -> String {
        Quantity::Share.text(self.level).replace(".0%", "%")
    }

    /// All this in a sentence or two.
    pub fn sentence(&self) -> String {
        let (fault_free, faulty) = (self.rollouts(false), self.rollouts(true));
        let bad: f64 = self
            .strata
            .iter()
            .filter(|s| s.is_faulty)
            .map(|s| s.weight)
            // Of nothing the sum would be -0, and read so.
            .fold(0.0, |sum, weight| sum + weight);
        let each = if self.strategies.len() > 1 {
            " of each strategy, the same changes for all"
        } else {
            ""
        };
        let how = match self.sampling {
            Sampling::Stratified => format!(
                "; weighted as they come, {} of changes faulty",
                Quantity::Share.text(bad).replace(".0%", "%")
            ),
            Sampling::Plain => ", as they come".to_owned(),
        };
        format!(
            "{} rollouts{each}: {} fault-free and {} faulty{how}. Seed {}.",
            grouped(self.runs),
            grouped(fault_free),
            grouped(faulty),
            self.seed
        )
    }
}

/// A whole number with commas between thousands.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}

/// The name of a way of sampling, in files and options.
pub fn sampling_name(sampling: Sampling) -> &'static str {
    match sampling {
        Sampling::Stratified => "stratified",
        Sampling::Plain => "plain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::example::{plan, shipped, undetected};

    #[test]
    fn thousands_are_grouped() {
        let texts = [0, 999, 1_000, 20_000, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "999", "1,000", "20,000", "1,234,567"]);
    }

    #[test]
    fn says_how_many_rollouts_of_what() {
        let plan = plan(0.04, &[1.0, 3.0], &["a", "b"]);
        let mut summary = Summary::new(&plan, &[0, 1], Sampling::Stratified, 0.95);
        for strategy in [0, 1] {
            summary.add(strategy, &shipped(0));
            summary.add(strategy, &shipped(1));
            summary.add(strategy, &undetected(1, 0));
        }
        let basis = Basis::new(&plan, &summary, 7, 3);
        assert_eq!(
            basis.sentence(),
            "3 rollouts of each strategy, the same changes for all: 2 fault-free and 1 faulty; weighted as they come, \
             4.0% of changes faulty. Seed 7."
                .replace("4.0%", "4%")
        );
        assert_eq!(basis.without_rollouts().collect::<Vec<_>>(), ["f0"]);
        assert_eq!(basis.level_text(), "95%");
    }
}
