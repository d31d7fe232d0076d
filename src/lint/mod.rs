//! What can be proved wrong with a plan without simulating it.
//!
//! A plan goes in, findings come out; nothing is drawn. Durations without an upper end count with their 99.9% quantile
//! where a finding needs the longest, so a finding may be untrue of one rollout in a thousand, never of the usual one.

mod alarms;
mod bakes;
mod chances;
mod coverage;
mod earliest;
mod fix;
mod program;
mod registry;
mod requests;
mod times;
mod unused;
mod words;

pub use chances::MOST_TERMS;
pub use earliest::{Phase, earliest_s};
pub use fix::Fix;
pub use registry::{LINTS, Lint, lint_named};

use crate::plan::{Origin, Plan, Strategy};
use chances::{Chances, Survival};
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
    /// The strategy in which it is worst, where what is to blame may be fine in others: for who can show nothing of the
    /// origin.
    pub worst_in: Option<Origin>,
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

/// What is found, and how much work it was.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Inspection {
    /// Worst first, then in order of declaration. What several strategies have in common is said once.
    pub findings: Vec<Finding>,
    /// How many pairs of an alarm or a region with a step or a wave were looked at.
    pub work: u64,
    /// Terms of sums for chances; at most [`MOST_TERMS`].
    pub terms: u64,
    /// Alarms of strategies whose chances are not known: they would have taken more work, or are not computed at all.
    pub not_computed: usize,
}

/// Everything found.
pub fn findings(plan: &Plan) -> Vec<Finding> {
    inspect(plan).findings
}

/// Everything found but what takes chances to find.
pub fn findings_without_chances(plan: &Plan) -> Vec<Finding> {
    looked(plan, None).findings
}

/// Everything found, and how much work it was.
pub fn inspect(plan: &Plan) -> Inspection {
    looked(plan, Some(Chances::new()))
}

fn looked(plan: &Plan, mut chances: Option<Chances>) -> Inspection {
    let mut found = Found::default();
    unused::plan(plan, &mut found);
    for (index, strategy) in plan.strategies.iter().enumerate() {
        let subject = Subject {
            plan,
            strategy,
            times: Times::of(plan, strategy, &mut found.work),
        };
        alarms::strategy(&subject, &mut found);
        bakes::strategy(&subject, &mut found);
        coverage::strategy(&subject, &mut found);
        let mut survival = Survival::default();
        if let Some(chances) = &mut chances {
            requests::strategy(&subject, &mut found);
            survival = chances.strategy(&subject, index);
        }
        program::strategy(&subject, &survival, &mut found);
        unused::strategy(&subject, &mut found);
    }
    if let Some(chances) = &mut chances {
        chances.tell(plan, &mut found);
    }
    found
        .list
        .sort_by_key(|f| (std::cmp::Reverse(f.severity), f.origin, f.lint.code));
    Inspection {
        findings: found.list,
        work: found.work,
        terms: chances.as_ref().map_or(0, Chances::terms),
        not_computed: chances.map_or(0, |c| c.not_computed),
    }
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
    /// Whether so many requests tell a defect from noise.
    told: std::collections::HashMap<([u64; 5], u64), bool>,
    /// How many do.
    needed: std::collections::HashMap<[u64; 5], Option<u64>>,
}

/// A finding in the making.
#[derive(Clone)]
struct Draft {
    name: &'static str,
    origin: Origin,
    worst_in: Option<Origin>,
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
            worst_in: None,
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

    fn worst_in(mut self, strategy: &Strategy) -> Draft {
        self.worst_in = Some(strategy.origin);
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
            worst_in: draft.worst_in,
            strategies: name.into_iter().collect(),
            subject: draft.subject,
            reason: draft.reason,
            suggestion: draft.suggestion,
            fix: draft.fix,
        });
    }
}
