//! Changes to a strategy that somebody might make, one at a time.

use std::sync::Arc;

use crate::plan::{
    Bake, BakeKind, Condition, Order, Plan, Rule, Strategy, TargetSpec, assign_targets,
};

/// One change to a strategy.
#[derive(Clone, Debug)]
pub struct Change {
    /// In words: `the bake of wave 1 from 4h to 8h`.
    pub words: What,
    /// The strategy with it.
    pub strategy: Strategy,
}

/// What is changed, and from what to what.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A bake, in seconds (their means).
    Bake {
        /// `the bake of wave 1`.
        what: String,
        /// Before.
        from_s: f64,
        /// After.
        to_s: f64,
    },
    /// The number of regions in a wave.
    Wave {
        /// Which, from 1.
        wave: usize,
        /// Before.
        from: usize,
        /// After.
        to: usize,
    },
    /// How many datapoints have to breach.
    Datapoints {
        /// The alarm.
        alarm: String,
        /// Before.
        from: u32,
        /// After.
        to: u32,
    },
    /// An alarm's threshold, as a share of what it was.
    Threshold {
        /// The alarm.
        alarm: String,
        /// Before: a share, a number or a factor, as the alarm has it.
        from: f64,
        /// After.
        to: f64,
    },
}

/// All of them: each bake twice and four times as long, each wave half as large, each alarm one datapoint fewer and at
/// two thirds of its threshold.
pub fn changes(plan: &Plan, strategy: usize) -> Vec<Change> {
    let strategy = &plan.strategies[strategy];
    let mut changes = Vec::new();
    bakes(strategy, &mut changes);
    waves(plan, strategy, &mut changes);
    alarms(strategy, &mut changes);
    changes
}

fn bakes(strategy: &Strategy, changes: &mut Vec<Change>) {
    for factor in [2.0, 4.0] {
        let steps = strategy
            .waves
            .iter()
            .map(|w| w.steps.len())
            .max()
            .unwrap_or(0);
        for step in 0..steps {
            let what = format!("the bake of step {}", step + 1);
            push(changes, strategy, what, factor, |s| {
                let of_step = |w: &mut crate::plan::Wave| {
                    let mut steps = w.steps.to_vec();
                    let found = steps
                        .get_mut(step)
                        .and_then(|s| longer(s.bake.as_mut(), factor));
                    w.steps = Arc::from(steps);
                    found
                };
                first(s.waves.iter_mut().map(of_step))
            });
        }
        push(
            changes,
            strategy,
            "the bake after each batch of zones".to_owned(),
            factor,
            |s| {
                first(
                    s.waves
                        .iter_mut()
                        .map(|w| longer(w.zone_bake.as_mut(), factor)),
                )
            },
        );
        for wave in 0..strategy.waves.len() {
            let what = format!("the bake of wave {}", wave + 1);
            push(changes, strategy, what, factor, |s| {
                longer(s.waves[wave].bake.as_mut(), factor)
            });
        }
    }
}

/// The first that there is, after all were made.
fn first(found: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    found.collect::<Vec<_>>().into_iter().flatten().next()
}

fn push(
    changes: &mut Vec<Change>,
    strategy: &Strategy,
    what: String,
    factor: f64,
    make: impl FnOnce(&mut Strategy) -> Option<f64>,
) {
    let mut strategy = strategy.clone();
    if let Some(from_s) = make(&mut strategy).filter(|s| *s > 0.0) {
        let to_s = from_s * factor;
        changes.push(Change {
            words: What::Bake { what, from_s, to_s },
            strategy,
        });
    }
}

/// Makes a bake longer; how long it was on average.
fn longer(bake: Option<&mut Bake>, factor: f64) -> Option<f64> {
    match &mut bake?.kind {
        BakeKind::Timed(timed) => {
            let before = timed.lasts.mean();
            timed.lasts = timed.lasts.scaled(factor);
            timed.at_most_s = timed.at_most_s.map(|s| s * factor);
            Some(before)
        }
        BakeKind::Manual => None,
    }
}

/// A wave half as large, the rest of it in a wave of its own with the same bake.
fn waves(plan: &Plan, strategy: &Strategy, changes: &mut Vec<Change>) {
    let Some(targets) = &strategy.fixed_targets else {
        return;
    };
    for (i, wave) in strategy.waves.iter().enumerate() {
        let from = targets[i].len();
        if from < 2 || matches!(wave.spec, TargetSpec::Named(_)) {
            continue;
        }
        let to = from / 2;
        let mut changed = strategy.clone();
        let mut half = wave.clone();
        half.spec = TargetSpec::Next(to);
        changed.waves.insert(i, half);
        if let TargetSpec::Next(n) = wave.spec {
            changed.waves[i + 1].spec = TargetSpec::Next(n - to);
        }
        if let Order::Fixed(order) = &changed.order {
            changed.fixed_targets = Some(assign_targets(&plan.fleet, &changed.waves, order));
        }
        changes.push(Change {
            words: What::Wave {
                wave: i + 1,
                from,
                to,
            },
            strategy: changed,
        });
    }
}

fn alarms(strategy: &Strategy, changes: &mut Vec<Change>) {
    for (i, alarm) in strategy.alarms.iter().enumerate() {
        let fewer = match alarm.rule {
            Rule::MOfN { m, n } if m > 1 => Some((m, Rule::MOfN { m: m - 1, n })),
            Rule::InAll { m } if m > 1 => Some((m, Rule::InAll { m: m - 1 })),
            _ => None,
        };
        if let Some((m, rule)) = fewer {
            let mut strategy = strategy.clone();
            strategy.alarms[i].rule = rule;
            let alarm = alarm.name.clone();
            changes.push(Change {
                words: What::Datapoints {
                    alarm,
                    from: m,
                    to: m - 1,
                },
                strategy,
            });
        }
        let mut changed = strategy.clone();
        if let Some((from, to)) = tighter(&mut changed.alarms[i].condition) {
            let alarm = alarm.name.clone();
            changes.push(Change {
                words: What::Threshold { alarm, from, to },
                strategy: changed,
            });
        }
    }
}

/// A threshold at two thirds of what it was; a factor at two thirds of what it is above 1.
fn tighter(condition: &mut Condition) -> Option<(f64, f64)> {
    let notch = |x: &mut f64| {
        let from = *x;
        *x = from * 2.0 / 3.0;
        (from > 0.0).then_some((from, *x))
    };
    match condition {
        Condition::Ratio { over, .. }
        | Condition::Count { over, .. }
        | Condition::ControlPlus { over, .. } => notch(over),
        Condition::ControlTimes { factor, .. } => {
            let from = *factor;
            *factor = 1.0 + (from - 1.0) * 2.0 / 3.0;
            (from > 1.0).then_some((from, *factor))
        }
        Condition::ControlTest { .. }
        | Condition::RequestsBelow { .. }
        | Condition::RequestsBelowControl { .. } => None,
    }
}
