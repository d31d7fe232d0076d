//! What can be proved wrong with a plan without simulating it.
//!
//! A plan goes in, findings come out; nothing is drawn. Durations without an upper end count with their 99.9% quantile
//! where a finding needs the longest, so a finding may be untrue of one rollout in a thousand, never of the usual one.

mod alarms;
mod coverage;
mod earliest;
mod fix;
mod program;
mod registry;
mod times;
mod unused;
mod words;

pub use earliest::{Phase, earliest_s};
pub use fix::Fix;
pub use registry::{LINTS, Lint, lint_named};

use crate::plan::{Origin, Plan, Strategy};
use times::Times;

/// How bad a finding is; the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably not what was meant.
    Warning,
    /// Cannot work.
    Error,
}

/// Something that is wrong with a plan.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind it is.
    pub lint: &'static Lint,
    /// How bad it is.
    pub severity: Severity,
    /// What is to blame.
    pub origin: Origin,
    /// The strategies that it is about; none where it is about the plan as a whole.
    pub strategies: Vec<String>,
    /// What it is about within them, by names and numbers that do not depend on lines.
    pub subject: String,
    /// Why, with numbers, as a sentence without a full stop.
    pub reason: String,
    /// What to do about it.
    pub suggestion: Option<String>,
    /// The change of the plan that the suggestion makes, where it is one.
    pub fix: Option<Fix>,
}

/// Everything found, worst first, then in order of declaration. What several strategies have in common is said once.
pub fn findings(plan: &Plan) -> Vec<Finding> {
    inspect(plan).0
}

/// The findings, and how many pairs of an alarm or a region with a step or a wave were looked at: a bound on the work.
pub fn inspect(plan: &Plan) -> (Vec<Finding>, u64) {
    let mut found = Found::default();
    unused::plan(plan, &mut found);
    for strategy in &plan.strategies {
        let subject = Subject {
            plan,
            strategy,
            times: Times::of(plan, strategy, &mut found.work),
        };
        alarms::strategy(&subject, &mut found);
        coverage::strategy(&subject, &mut found);
        program::strategy(&subject, &mut found);
        unused::strategy(&subject, &mut found);
    }
    found
        .list
        .sort_by_key(|f| (std::cmp::Reverse(f.severity), f.origin, f.lint.code));
    (found.list, found.work)
}

/// A strategy under examination.
struct Subject<'p> {
    plan: &'p Plan,
    strategy: &'p Strategy,
    times: Times<'p>,
}

/// What was found so far.
#[derive(Default)]
struct Found {
    list: Vec<Finding>,
    /// Where in the list a finding of this kind, origin and reason is.
    known: std::collections::HashMap<(&'static str, Origin, String), usize>,
    work: u64,
}

/// A finding in the making.
struct Draft {
    name: &'static str,
    origin: Origin,
    subject: String,
    reason: String,
    suggestion: Option<String>,
    fix: Option<Fix>,
    severity: Option<Severity>,
}

impl Draft {
    fn new(name: &'static str, origin: Origin, subject: &str, reason: String) -> Draft {
        Draft {
            name,
            origin,
            subject: subject.to_owned(),
            reason,
            suggestion: None,
            fix: None,
            severity: None,
        }
    }

    fn suggest(mut self, suggestion: impl Into<String>) -> Draft {
        self.suggestion = Some(suggestion.into());
        self
    }

    fn fix(mut self, fix: Fix) -> Draft {
        self.fix = Some(fix);
        self
    }

    fn only(mut self, severity: Severity) -> Draft {
        self.severity = Some(severity);
        self
    }
}

impl Found {
    /// Takes a finding in; one that is known already gets another strategy.
    fn add(&mut self, strategy: Option<&Strategy>, draft: Draft) {
        let lint = lint_named(draft.name).expect("lints are in the registry");
        // What nobody wrote is the strategy's.
        let nobody = draft.origin == Origin::NOWHERE;
        let origin = match strategy {
            Some(strategy) if nobody => strategy.origin,
            _ => draft.origin,
        };
        let name = strategy.map(|s| s.name.clone());
        let key = (lint.code, origin, draft.reason.clone());
        if let Some(&known) = self.known.get(&key) {
            let strategies = &mut self.list[known].strategies;
            strategies.extend(name.filter(|n| strategies.last() != Some(n)));
            return;
        }
        self.known.insert(key, self.list.len());
        self.list.push(Finding {
            lint,
            severity: draft.severity.unwrap_or(lint.severity),
            origin,
            strategies: name.into_iter().collect(),
            subject: draft.subject,
            reason: draft.reason,
            suggestion: draft.suggestion,
            fix: draft.fix,
        });
    }
}
