//! Alarms that fire by themselves: the chances of [`crate::operating`], in a bounded time.
//!
//! What is said is a bound from below, given what that module assumes: some of the windows in which something changes are
//! left out.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::words::{amount, duration, figure, share};
use super::{Draft, Fix, Found, Subject};
use crate::operating::{ByItself, Memory, Schedule, with_threshold};
use crate::plan::{Action, Alarm, Condition, Origin, Plan, Population, Strategy};
use crate::random::{normal_cdf, normal_quantile};

/// Terms of sums in one call, at the most.
pub const MOST_TERMS: u64 = 150_000_000;
/// Terms for one alarm of one strategy.
const MOST_OF_AN_ALARM: u64 = 5_000_000;
/// A chance per rollout from which on it is a finding.
const OFTEN: f64 = 0.05;
/// Stops a month from which on it is one, too.
const OFTEN_A_MONTH: f64 = 1.0;
const DAYS_A_MONTH: f64 = 30.0;
/// Strategies in which a new threshold is tried: those in which the alarm fires most.
const MOST_TRIED: usize = 10;

/// What was computed of all alarms.
pub(super) struct Chances {
    memory: Rc<Memory>,
    /// By where the alarm was declared: those that fire too often.
    often: BTreeMap<Origin, Vec<Fires>>,
    /// Alarms of strategies of which nothing is known.
    pub not_computed: usize,
}

/// An alarm of a strategy (both by index), and the chance that it fires in a rollout of a good change.
struct Fires {
    strategy: usize,
    alarm: usize,
    at_least: f64,
}

impl Chances {
    pub fn new() -> Chances {
        Chances {
            memory: Rc::new(Memory::limited(MOST_TERMS)),
            often: BTreeMap::new(),
            not_computed: 0,
        }
    }

    /// Terms summed so far.
    pub fn terms(&self) -> u64 {
        self.memory.spent()
    }

    /// Looks at a strategy's alarms; how many good changes none of them rolls back.
    pub fn strategy(&mut self, subject: &Subject<'_>, index: usize) -> Survival {
        let alarms = &subject.strategy.alarms;
        if alarms.iter().all(|a| a.does == Action::Hold) {
            return Survival::default();
        }
        let memory = Rc::clone(&self.memory);
        let schedule = Schedule::of(subject.plan, subject.strategy, memory).at_least();
        // Alarms that read the same counts fire together; others do not know of each other.
        let mut quiet: BTreeMap<Family, f64> = BTreeMap::new();
        let mut noisiest: Option<(f64, &str)> = None;
        for (a, alarm) in alarms.iter().enumerate() {
            if alarm.does == Action::Hold {
                continue;
            }
            self.memory.allow(MOST_OF_AN_ALARM);
            let Some((low, _)) = schedule.by_itself(a).any.bounds() else {
                self.not_computed += 1;
                continue;
            };
            if is_often(low, subject.plan) {
                self.often.entry(alarm.origin).or_default().push(Fires {
                    strategy: index,
                    alarm: a,
                    at_least: low,
                });
            }
            if alarm.does == Action::RollBack {
                let of = quiet.entry(Family::of(alarm)).or_insert(1.0);
                *of = of.min(1.0 - low);
                if noisiest.is_none_or(|(most, _)| low > most) {
                    noisiest = Some((low, &alarm.name));
                }
            }
        }
        Survival {
            quiet: quiet.values().product(),
            noisiest: noisiest.map(|(_, name)| name.to_owned()),
        }
    }

    /// Tells of the alarms that fire too often: of each once, with the strategy in which it does most.
    pub fn tell(&mut self, plan: &Plan, found: &mut Found) {
        for (origin, mut fires) in std::mem::take(&mut self.often) {
            fires.sort_by(|a, b| {
                b.at_least
                    .total_cmp(&a.at_least)
                    .then(a.strategy.cmp(&b.strategy))
            });
            let worst = &fires[0];
            let of = &plan.strategies[worst.strategy];
            let alarm = &of.alarms[worst.alarm];
            let does = match alarm.does {
                Action::Page => "pages for",
                Action::Pause => "pauses",
                Action::RollBack | Action::Hold => "stops",
            };
            let reason = format!(
                "alarm `{}` {does} at least {} of good changes by chance in strategy `{}`: {} a month at {} changes a week",
                alarm.name,
                share(worst.at_least),
                of.name,
                figure(worst.at_least * good_a_month(plan)),
                amount(plan.change.per_week),
            );
            let mut draft = Draft::new("fires-by-itself", origin, &alarm.name, reason).worst_in(of);
            draft = match self.quieter(plan, &fires, alarm) {
                Some((condition, words)) => draft
                    .suggest(format!(
                        "{words}; `landfall gate` shows what it then misses"
                    ))
                    .fix(Fix::Condition { origin, condition }),
                None => {
                    draft.suggest("ask for more datapoints, or read more requests in a datapoint")
                }
            };
            fires.sort_by_key(|f| f.strategy);
            for f in &fires {
                found.add(Some(&plan.strategies[f.strategy]), draft.clone());
            }
        }
    }

    /// A condition with which the alarm fires seldom enough, and what to write.
    fn quieter(&self, plan: &Plan, fires: &[Fires], alarm: &Alarm) -> Option<(Condition, String)> {
        let tried = candidates(plan, alarm.condition).into_iter();
        let mut tried = tried.filter(|(condition, _)| {
            fires.iter().take(MOST_TRIED).all(|f| {
                let mut strategy = plan.strategies[f.strategy].clone();
                strategy.alarms[f.alarm].condition = *condition;
                let found = self.changed(plan, strategy, f.alarm);
                // Bounds from above where there are some: a suggestion has to hold.
                found
                    .any
                    .bounds()
                    .is_some_and(|(_, high)| !is_often(high, plan))
            })
        });
        tried.next()
    }

    fn changed(&self, plan: &Plan, strategy: Strategy, alarm: usize) -> ByItself {
        let memory = Rc::new(self.memory.fresh());
        memory.allow(MOST_OF_AN_ALARM);
        Schedule::of(plan, &strategy, memory)
            .at_least()
            .by_itself(alarm)
    }
}

/// How good changes fare with a strategy's alarms.
pub(super) struct Survival {
    /// The chance at the most that none rolls one back.
    pub quiet: f64,
    /// The alarm that does most often.
    pub noisiest: Option<String>,
}

impl Default for Survival {
    fn default() -> Survival {
        Survival {
            quiet: 1.0,
            noisiest: None,
        }
    }
}

/// Counts that are drawn together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Family(Population, bool);

impl Family {
    fn of(alarm: &Alarm) -> Family {
        let population = match alarm.population {
            Population::OneBox => Population::Canary,
            other => other,
        };
        Family(population, alarm.probes.is_some())
    }
}

/// Good changes a month.
fn good_a_month(plan: &Plan) -> f64 {
    plan.change.per_week * DAYS_A_MONTH / 7.0 * (1.0 - plan.change.bad)
}

fn is_often(chance: f64, plan: &Plan) -> bool {
    chance >= OFTEN || chance * good_a_month(plan) >= OFTEN_A_MONTH
}

/// Conditions that hold more seldom, the nearest first, with what to write.
fn candidates(plan: &Plan, condition: Condition) -> Vec<(Condition, String)> {
    const TIMES: [f64; 8] = [1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0];
    let set = |value: f64, words: String| Some((with_threshold(condition, value)?, words));
    let raised = |now: f64, sli: usize| {
        let from = if now > 0.0 { now } else { plan.slis[sli].base };
        TIMES.map(|t| two_digits(from * t))
    };
    let found: Vec<_> = match condition {
        Condition::Ratio { sli, over, .. } => raised(over, sli)
            .map(|to| set(to, format!("raise the threshold to {}", share(to))))
            .into(),
        Condition::ControlPlus { sli, over, .. } => raised(over, sli)
            .map(|to| set(to, format!("raise it to `control + {}`", share(to))))
            .into(),
        Condition::ControlTimes { factor, .. } => TIMES
            .map(|t| two_digits(factor * t))
            .map(|to| set(to, format!("raise it to `control * {}`", figure(to))))
            .into(),
        Condition::Count { over, .. } => TIMES
            .map(|t| (over.max(1.0) * t).ceil())
            .map(|to| set(to, format!("raise the threshold to {}", amount(to))))
            .into(),
        Condition::ControlTest { critical, .. } => [3.0, 10.0, 100.0, 1e3, 1e4]
            .map(|t| two_digits((1.0 - normal_cdf(critical)) / t))
            .map(|p| {
                let words = format!("test at {} (`control at {0}`)", percent(p));
                set(normal_quantile(1.0 - p), words)
            })
            .into(),
        Condition::RequestsBelow { .. } | Condition::RequestsBelowControl { .. } => Vec::new(),
    };
    let is_share = !matches!(
        condition,
        Condition::Count { .. } | Condition::ControlTimes { .. }
    );
    let possible = |c: &(Condition, String)| match crate::operating::threshold(c.0) {
        Some(value) if is_share && !matches!(condition, Condition::ControlTest { .. }) => {
            value < 1.0
        }
        Some(value) => value.is_finite(),
        None => false,
    };
    found.into_iter().flatten().filter(possible).collect()
}

/// A small share in percent, with all its digits.
fn percent(p: f64) -> String {
    let mut text = format!("{:.8}", 100.0 * p);
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    format!("{text}%")
}

/// Rounded up to two significant digits.
pub(super) fn two_digits(x: f64) -> f64 {
    if x <= 0.0 {
        return x;
    }
    let unit = libm::pow(10.0, libm::floor(libm::log10(x)) - 1.0);
    // A hair above a round number is that number.
    let digits = (x / unit - 1e-9).ceil();
    if unit < 1.0 {
        digits / (1.0 / unit).round()
    } else {
        digits * unit
    }
}

/// For the words of other lints.
pub(super) fn minutes(seconds: f64) -> String {
    duration((seconds / 60.0).ceil() * 60.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_up_to_two_digits() {
        for (x, rounded) in [
            (0.0123, 0.013),
            (0.3, 0.3),
            (1.0, 1.0),
            (117.0, 120.0),
            (0.00305, 0.0031),
        ] {
            assert!(
                (two_digits(x) / rounded - 1.0).abs() < 1e-12,
                "{x}: {}",
                two_digits(x)
            );
        }
        assert_eq!(percent(0.00001), "0.001%");
    }
}
