//! Budgets turned into claims about means, which rollouts can prove or refute.

use super::score::{Known, Score, bounds};
use crate::outcome::Ending;
use crate::plan::{Plan, Stratum};
use crate::scenario::{Budget, Figure, Statistic};
use crate::summary::Metric;

/// Values that are next to a limit count as equal to it, by this share of it.
const NEXT_TO: f64 = 1e-9;
/// Values between which the least of a CVaR's upper bounds is looked for.
const CUTS: usize = 40;

/// A budget of one strategy as a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The strategy, by index in the plan.
    pub strategy: usize,
    /// The budget, by index.
    pub budget: usize,
    /// Of which changes, each stratum with its weight among them; these sum to 1.
    pub population: Vec<(Stratum, f64)>,
    /// What is claimed.
    pub of: Kind,
}

/// Kinds of claims.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// The mean of a score, where it applies, is at most so much.
    Mean {
        /// The score.
        score: Score,
        /// The most that its mean may be.
        at_most: f64,
    },
    /// The mean of the values beyond a quantile, of a metric with bounds, is at most so much.
    Cvar {
        /// The metric.
        metric: Metric,
        /// The quantile.
        p: f64,
        /// The most that it may be.
        at_most: f64,
        /// The bounds of the metric.
        bounds: (f64, f64),
    },
    /// The mean of a metric that has no bound is at most so much, or with a quantile the mean beyond that.
    Unbounded {
        /// The metric.
        metric: Metric,
        /// Beyond which quantile; of all values, where there is none.
        beyond: Option<f64>,
        /// The most that it may be.
        at_most: f64,
    },
    /// A quantile is at most so many times that of the base.
    QuantileOfBase {
        /// The metric.
        metric: Metric,
        /// The quantile.
        p: f64,
        /// The factor.
        factor: f64,
    },
    /// The mean of a score that always applies is at most so many times that of the base.
    MeanOfBase {
        /// The score.
        score: Score,
        /// The factor.
        factor: f64,
    },
}

/// The claims of a budget about strategies (by index in the plan).
///
/// # Errors
/// A sentence, where it cannot be judged: no change is of that kind, the metric has no bound and `asymptotic` is not
/// written, or a figure of that kind cannot be compared with the base.
pub fn claims(
    plan: &Plan,
    strategies: &[usize],
    index: usize,
    budget: &Budget,
) -> Result<Vec<Claim>, String> {
    let population = population(plan, budget.given.as_deref())?;
    let of = kind(plan, budget, &population)?;
    let claim = |&strategy: &usize| Claim {
        strategy,
        budget: index,
        population: population.clone(),
        of: of.clone(),
    };
    Ok(strategies.iter().map(claim).collect())
}

/// The strata that a budget speaks of, with their weights among these changes.
fn population(plan: &Plan, given: Option<&str>) -> Result<Vec<(Stratum, f64)>, String> {
    let wanted = |stratum: Stratum| match given {
        None => true,
        Some("faulty") => stratum != Stratum::FaultFree,
        Some(name) => plan.stratum_name(stratum) == name,
    };
    let strata = plan.strata().into_iter().filter(|&s| wanted(s));
    let weighted: Vec<(Stratum, f64)> = strata
        .map(|s| (s, plan.stratum_weight(s)))
        .filter(|(_, w)| *w > 0.0)
        .collect();
    let total: f64 = weighted.iter().map(|(_, w)| w).sum();
    if weighted.is_empty() {
        let given = given.unwrap_or("all");
        return Err(format!(
            "no change is {given} in this scenario, so there is nothing to judge"
        ));
    }
    Ok(weighted.into_iter().map(|(s, w)| (s, w / total)).collect())
}

fn kind(plan: &Plan, budget: &Budget, population: &[(Stratum, f64)]) -> Result<Kind, String> {
    let keep = &budget.keep;
    let metric = |name: &str| {
        let all = Metric::all(plan);
        let found = all.into_iter().find(|m| m.name(plan) == name);
        found.ok_or_else(|| format!("no metric is called {name} here"))
    };
    if keep.times_base {
        if !(keep.limit > 1e-6 && keep.limit < 1e6) {
            return Err(format!(
                "{} times the base is no comparison: take a factor between 0.000001 and 1,000,000, such as 1.10",
                keep.limit
            ));
        }
        let always = |score: Score, name: &str| {
            let known = |s: &Stratum| score.known(*s);
            let partly = matches!(
                name,
                "time_to_detect_s" | "time_to_mitigate_s" | "budget_burn" | "onset_s"
            ) || name.starts_with("severity_")
                || name.starts_with("time_")
                    && !matches!(name, "time_to_full_s" | "time_to_done_s");
            if partly
                || population
                    .iter()
                    .any(|(s, _)| known(s) == Known::DoesNotApply)
            {
                return Err(format!(
                    "{name} does not apply to every rollout, so it cannot be set against the base's"
                ));
            }
            Ok(score)
        };
        return match &keep.figure {
            Figure::Of(Statistic::Quantile(p), name) => {
                let metric = metric(name)?;
                always(
                    Score::Beyond {
                        metric,
                        over: 0.0,
                        inclusive: false,
                    },
                    name,
                )?;
                Ok(Kind::QuantileOfBase {
                    metric,
                    p: *p,
                    factor: keep.limit,
                })
            }
            Figure::Of(Statistic::Mean, name) => {
                let metric = metric(name)?;
                let is_time = metric.unit() == "s";
                let (low, high) = bounds(plan, metric).filter(|_| !is_time).ok_or_else(|| {
                    format!("the mean of {name} cannot be set against the base's: take a quantile, such as p90({name})")
                })?;
                let score = always(Score::Value { metric, low, high }, name)?;
                Ok(Kind::MeanOfBase {
                    score,
                    factor: keep.limit,
                })
            }
            Figure::Of(Statistic::Cvar(_), name) => Err(format!(
                "cvar of {name} cannot be set against the base's: take a quantile, such as p99({name})"
            )),
            Figure::ChanceOf(ending) => Ok(Kind::MeanOfBase {
                score: Score::Ending(ending_named(ending)?),
                factor: keep.limit,
            }),
            Figure::ChanceBeyond {
                metric: name,
                over,
                inclusive,
            } => {
                let score = Score::Beyond {
                    metric: metric(name)?,
                    over: *over,
                    inclusive: *inclusive,
                };
                Ok(Kind::MeanOfBase {
                    score: always(score, name)?,
                    factor: keep.limit,
                })
            }
        };
    }
    let limit = keep.limit;
    Ok(match &keep.figure {
        Figure::Of(Statistic::Quantile(p), name) => {
            let shift = if keep.inclusive {
                1.0 + NEXT_TO
            } else {
                1.0 - NEXT_TO
            };
            let over = limit * shift;
            Kind::Mean {
                score: Score::Beyond {
                    metric: metric(name)?,
                    over,
                    inclusive: !keep.inclusive,
                },
                at_most: 1.0 - p,
            }
        }
        Figure::Of(Statistic::Mean, name) => {
            let metric = metric(name)?;
            match bounds(plan, metric) {
                Some((low, high)) => Kind::Mean {
                    score: Score::Value { metric, low, high },
                    at_most: (limit - low) / (high - low),
                },
                None => unbounded(budget, metric, name, None)?,
            }
        }
        Figure::Of(Statistic::Cvar(p), name) => {
            let metric = metric(name)?;
            let is_time = metric.unit() == "s";
            match bounds(plan, metric).filter(|_| !is_time) {
                Some(bounds) => Kind::Cvar {
                    metric,
                    p: *p,
                    at_most: limit,
                    bounds,
                },
                None => unbounded(budget, metric, name, Some(*p))?,
            }
        }
        Figure::ChanceOf(ending) => Kind::Mean {
            score: Score::Ending(ending_named(ending)?),
            at_most: limit,
        },
        Figure::ChanceBeyond {
            metric: name,
            over,
            inclusive,
        } => {
            let shift = if *inclusive {
                1.0 - NEXT_TO
            } else {
                1.0 + NEXT_TO
            };
            Kind::Mean {
                score: Score::Beyond {
                    metric: metric(name)?,
                    over: over * shift,
                    inclusive: *inclusive,
                },
                at_most: limit,
            }
        }
    })
}

fn unbounded(
    budget: &Budget,
    metric: Metric,
    name: &str,
    beyond: Option<f64>,
) -> Result<Kind, String> {
    if !budget.asymptotic {
        return Err(format!(
            "{name} has no upper bound, so no number of rollouts proves its mean: write asymptotic = true to be content with a \
             verdict that holds for many rollouts, or keep a quantile, such as p99({name})"
        ));
    }
    Ok(Kind::Unbounded {
        metric,
        beyond,
        at_most: budget.keep.limit,
    })
}

fn ending_named(name: &str) -> Result<Ending, String> {
    let found = Ending::ALL.into_iter().find(|e| e.name() == name);
    found.ok_or_else(|| format!("no rollout ends {name}"))
}

/// The cuts of a CVaR's claim: values t, ascending from the lower bound to the limit, finer towards 0.
pub(super) fn cuts(low: f64, limit: f64) -> Vec<f64> {
    let part = |i: usize| i as f64 / (CUTS - 1) as f64;
    (0..CUTS)
        .map(|i| low + (limit - low) * part(i) * part(i))
        .collect()
}
