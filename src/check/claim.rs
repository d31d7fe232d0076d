//! Budgets turned into claims about means and quantiles, which rollouts can prove or refute.

use super::score::{Known, Score, always_applies, bounds, known};
use crate::outcome::Ending;
use crate::plan::{Plan, Stratum};
use crate::scenario::{Budget, Figure, Statistic};
use crate::summary::Metric;

/// Values that are next to a limit count as equal to it, by this share of it.
const NEXT_TO: f64 = 1e-9;

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
        /// The bounds of the metric, of which the lower is 0.
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
        /// The most that the metric can be.
        most: f64,
    },
    /// The mean of a score that always applies is at most so many times that of the base, or too little to matter.
    MeanOfBase {
        /// The score.
        score: Score,
        /// The factor.
        factor: f64,
        /// Of a chance: how much is too little to matter.
        least: f64,
    },
}

/// The claims of a budget about strategies (by index in the plan). `least` is the chance that is too small to matter where
/// chances are set against the base's.
///
/// # Errors
/// A sentence, where it cannot be judged: no change is of that kind, the metric says nothing of these changes, it has no
/// bound and `asymptotic` is not written, or a figure of that kind cannot be compared with the base.
pub fn claims(
    plan: &Plan,
    strategies: &[usize],
    index: usize,
    budget: &Budget,
    least: f64,
) -> Result<Vec<Claim>, String> {
    let population = population(plan, budget.given.as_deref())?;
    applies(plan, budget, &population)?;
    let of = if budget.keep.times_base {
        of_base(plan, budget, least)?
    } else {
        absolute(plan, budget)?
    };
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

/// Refuses figures that none of the changes has.
fn applies(plan: &Plan, budget: &Budget, population: &[(Stratum, f64)]) -> Result<(), String> {
    let name = match &budget.keep.figure {
        Figure::Of(_, name) | Figure::ChanceBeyond { metric: name, .. } => name,
        Figure::ChanceOf(_) => return Ok(()),
    };
    let metric = metric(plan, name)?;
    if metric == Metric::BudgetBurn && plan.slis.iter().all(|sli| sli.objective.is_none()) {
        return Err(format!(
            "{name} is of an error budget, and no SLI has one: give an [sli.NAME] its objective"
        ));
    }
    let is_none = |&(s, _): &(Stratum, f64)| known(metric, s) == Known::DoesNotApply;
    if population.iter().all(is_none) {
        let given = budget.given.as_deref().unwrap_or("all");
        return Err(format!(
            "{given} changes have no {name}, so there is nothing to judge"
        ));
    }
    Ok(())
}

fn metric(plan: &Plan, name: &str) -> Result<Metric, String> {
    let found = Metric::all(plan).into_iter().find(|m| m.name(plan) == name);
    found.ok_or_else(|| format!("no metric is called {name} here"))
}

/// Bounds that every value has, those of what never happened, too.
fn hard_bounds(plan: &Plan, metric: Metric) -> Option<(f64, f64)> {
    bounds(plan, metric).filter(|_| metric.unit() != "s")
}

fn of_base(plan: &Plan, budget: &Budget, least: f64) -> Result<Kind, String> {
    let factor = budget.keep.limit;
    if !(factor > 1e-6 && factor < 1e6) {
        return Err(format!(
            "{factor} times the base is no comparison: take a factor between 0.000001 and 1,000,000, such as 1.10"
        ));
    }
    let always = |name: &str| {
        let metric = metric(plan, name)?;
        if always_applies(metric) {
            return Ok(metric);
        }
        Err(format!(
            "{name} does not apply to every rollout, so it cannot be set against the base's"
        ))
    };
    let chance = |score| Kind::MeanOfBase {
        score,
        factor,
        least,
    };
    match &budget.keep.figure {
        Figure::Of(Statistic::Quantile(p), name) => {
            let metric = always(name)?;
            Ok(Kind::QuantileOfBase {
                metric,
                p: *p,
                factor,
                most: hard_bounds(plan, metric).map_or(f64::INFINITY, |b| b.1),
            })
        }
        Figure::Of(Statistic::Mean, name) => {
            let metric = always(name)?;
            let (low, high) = hard_bounds(plan, metric).ok_or_else(|| {
                format!("the mean of {name} cannot be set against the base's: take a quantile, such as p90({name})")
            })?;
            Ok(Kind::MeanOfBase {
                score: Score::Value { metric, low, high },
                factor,
                least: 0.0,
            })
        }
        Figure::Of(Statistic::Cvar(_), name) => Err(format!(
            "cvar of {name} cannot be set against the base's: take a quantile, such as p99({name})"
        )),
        Figure::ChanceOf(ending) => Ok(chance(Score::Ending(ending_named(ending)?))),
        Figure::ChanceBeyond {
            metric: name,
            over,
            inclusive,
        } => Ok(chance(beyond(always(name)?, *over, *inclusive))),
    }
}

fn absolute(plan: &Plan, budget: &Budget) -> Result<Kind, String> {
    let keep = &budget.keep;
    let limit = keep.limit;
    let never_more = match &keep.figure {
        Figure::ChanceOf(_) | Figure::ChanceBeyond { .. } => true,
        Figure::Of(_, name) => {
            let metric = metric(plan, name)?;
            metric.unit() == "share" && hard_bounds(plan, metric).is_some_and(|b| b.1 <= 1.0)
        }
    };
    if never_more && limit > 1.0 {
        return Err(
            "no share is more than 100%, so there is nothing to judge: write a smaller limit"
                .to_owned(),
        );
    }
    Ok(match &keep.figure {
        // More lies beyond the limit where the quantile does not keep it.
        Figure::Of(Statistic::Quantile(p), name) => Kind::Mean {
            score: beyond(metric(plan, name)?, limit, !keep.inclusive),
            at_most: above(*p),
        },
        Figure::Of(Statistic::Mean, name) => {
            let metric = metric(plan, name)?;
            match bounds(plan, metric) {
                Some((low, high)) => Kind::Mean {
                    score: Score::Value { metric, low, high },
                    at_most: (limit - low) / (high - low),
                },
                None => unbounded(budget, metric, name, None)?,
            }
        }
        Figure::Of(Statistic::Cvar(p), name) => {
            let metric = metric(plan, name)?;
            match hard_bounds(plan, metric) {
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
        } => Kind::Mean {
            score: beyond(metric(plan, name)?, *over, *inclusive),
            at_most: limit,
        },
    })
}

/// The part of the values above a quantile, 0.01 above 0.99 and not a hair more.
fn above(p: f64) -> f64 {
    libm::round((1.0 - p) * 1e12) / 1e12
}

/// "Beyond", where what is next to the value counts as equal to it.
fn beyond(metric: Metric, over: f64, inclusive: bool) -> Score {
    let shift = if inclusive {
        1.0 - NEXT_TO
    } else {
        1.0 + NEXT_TO
    };
    Score::Beyond {
        metric,
        over: over * shift,
        inclusive,
    }
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
