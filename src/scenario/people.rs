//! `[oncall]`, `[rollback]`, `[retry]`, and the delays that people cause.

use super::check::Check;
use super::fields::{Fields, Item};
use super::hours::zoned_hours;
use super::literal::Unit;
use super::merge::Merged;
use super::problem::Draft;
use super::source::Place;
use super::span::{Times, single};
use super::value::Node;
use super::vocabulary::{ONCALL, PEOPLE, RETRY, ROLLBACK};
use crate::calendar::{Intervals, Zone, open_hours};
use crate::plan::{Oncall, Origin, PeopleDelay, Retry, Rollback, RollbackScope, ThenFleet};
use crate::random::Dist;

/// The most parts of an action.
pub(super) const MOST_PARTS: u64 = 10_000;

/// A delay that may differ inside and outside working hours.
pub(super) fn people(item: &Item<'_>, has_hours: bool, check: &mut Check) -> Option<PeopleDelay> {
    if !matches!(item.value.node, Node::Table(_)) {
        let dist = item.dist(Unit::Duration, check)?;
        return Some(PeopleDelay {
            inside: dist.clone(),
            outside: dist,
        });
    }
    let fields = item.fields(&PEOPLE, Unit::Duration.wanted(), check)?;
    let duration = |item: &Item<'_>, check: &mut Check| item.dist(Unit::Duration, check);
    let inside = fields.need("inside", "\"5m to 20m\"", check, duration);
    let outside = fields.need("outside", "\"20m to 90m\"", check, duration);
    if !has_hours {
        let draft =
            item.draft("`inside` and `outside` speak of working hours, and [oncall] has none");
        check.note(
            draft
                .mend("add `hours = { days = \"Mon-Fri\", hours = \"09:00-18:00\" }` to [oncall]")
                .absence(),
        );
    }
    Some(PeopleDelay {
        inside: inside?,
        outside: outside?,
    })
}

/// The on-call, and whether working hours are stated.
pub(super) struct OncallRead {
    pub oncall: Oncall,
    pub has_hours: bool,
}

/// Reads `[oncall]`.
pub(super) fn oncall(merged: &Merged, times: &Times, check: &mut Check) -> OncallRead {
    let mut oncall = Oncall {
        hours: Intervals::always(),
        responds: None,
        reports_per_bad_request: 0.0,
        acts_on_report: 1,
        origin: Origin::NOWHERE,
    };
    let Some(fields) = single(merged, "oncall", &ONCALL, check) else {
        return OncallRead {
            oncall,
            has_hours: false,
        };
    };
    oncall.origin = check.origin(fields.at);
    let has_hours = fields.has("hours");
    let hours = fields.maybe("hours", check, |item, check| {
        zoned_hours(item, false, check)
    });
    if let Some(Some(hours)) = hours {
        let (from, to) = times.span();
        let zone = hours.zone.unwrap_or_else(Zone::utc);
        oncall.hours = open_hours(&hours.weekly, &[], &zone, from, to);
    }
    // A delay given wrongly is one given: nobody is told that it is missing.
    let responds = fields.maybe("responds", check, |item, check| {
        people(item, has_hours, check)
    });
    oncall.responds = match responds {
        Some(responds) => responds,
        None => Some(PeopleDelay {
            inside: Dist::zero(),
            outside: Dist::zero(),
        }),
    };
    let reports = fields.or("reports_per_bad_request", 0.0, check, |item, check| {
        item.number("a number from 0 to 1", check, |x| (0.0..=1.0).contains(&x))
    });
    let acts_on = fields.or("acts_on_report", 1, check, |item, check| {
        item.whole(1, 1_000_000, check)
    });
    oncall.reports_per_bad_request = reports.unwrap_or(0.0);
    oncall.acts_on_report = acts_on.unwrap_or(1) as u32;
    if oncall.reports_per_bad_request > 0.0 && oncall.responds.is_none() {
        let rule = "reports come in, and nothing says how long the on-call takes to respond";
        let draft = Draft::new(
            fields.place_of("reports_per_bad_request"),
            "oncall.responds",
            rule,
        );
        check.note(draft.mend("add `responds = \"5m to 20m\"`").absence());
    }
    OncallRead { oncall, has_hours }
}

/// Reads `[retry]`.
pub(super) fn retry(merged: &Merged, check: &mut Check) -> Option<Retry> {
    let fields = single(merged, "retry", &RETRY, check)?;
    let after = fields.need("after", "\"2h to 8h\"", check, |item, check| {
        item.dist(Unit::Duration, check)
    });
    let max = fields.need("max", "2", check, |item, check| item.whole(0, 1_000, check));
    Some(Retry {
        after: after?,
        max: max? as u32,
        origin: check.origin(fields.at),
    })
}

/// What is said of a rollback; the rest is default or shared.
#[derive(Clone, Debug, Default)]
pub(super) struct RollbackRead {
    scope: Option<RollbackScope>,
    takes: Option<Dist>,
    parts: Option<u32>,
    then_fleet: Option<ThenFleet>,
    /// Where it is declared.
    at: Option<Place>,
    /// Where the scope is stated.
    scope_at: Option<Place>,
}

/// Reads `[rollback]`.
pub(super) fn rollback(merged: &Merged, has_hours: bool, check: &mut Check) -> RollbackRead {
    let Some(fields) = single(merged, "rollback", &ROLLBACK, check) else {
        return RollbackRead::default();
    };
    rollback_of(&fields, has_hours, check)
}

/// Reads a strategy's own.
pub(super) fn own_rollback(
    item: &Item<'_>,
    has_hours: bool,
    check: &mut Check,
) -> Option<RollbackRead> {
    let fields = item.fields(
        &ROLLBACK,
        "a table such as { scope = \"region\", then_fleet_after = \"1h\" }",
        check,
    )?;
    Some(rollback_of(&fields, has_hours, check))
}

fn rollback_of(fields: &Fields<'_>, has_hours: bool, check: &mut Check) -> RollbackRead {
    let scope = fields.maybe("scope", check, |item, check| {
        item.choice(
            check,
            &[
                ("fleet", RollbackScope::Fleet),
                ("region", RollbackScope::Region),
                ("zone", RollbackScope::Zone),
            ],
        )
    });
    let takes = fields.maybe("takes", check, |item, check| {
        item.dist(Unit::Duration, check)
    });
    let parts = fields.maybe("in", check, |item, check| {
        item.whole(1, MOST_PARTS, check).map(|n| n as u32)
    });
    let then_fleet = fields.maybe("then_fleet_after", check, |item, check| {
        if item.as_text() == Some("never") {
            return Some(ThenFleet::Never);
        }
        people(item, has_hours, check).map(ThenFleet::After)
    });
    RollbackRead {
        at: Some(fields.at),
        scope_at: fields.has("scope").then(|| fields.place_of("scope")),
        scope: scope.flatten(),
        takes: takes.flatten(),
        parts: parts.flatten(),
        // What was given wrongly is not missing.
        then_fleet: then_fleet.unwrap_or(Some(ThenFleet::Never)),
    }
}

impl RollbackRead {
    /// A strategy's rollback: what it says itself, else what is shared.
    pub fn over(self, shared: &RollbackRead, check: &mut Check) -> Rollback {
        let scope = self.scope.or(shared.scope).unwrap_or(RollbackScope::Fleet);
        let then_fleet = self.then_fleet.or_else(|| shared.then_fleet.clone());
        let declared = self.at.or(shared.at);
        let at = self.scope_at.or(shared.scope_at);
        if let (None, Some(at)) = (&then_fleet, at.filter(|_| scope != RollbackScope::Fleet)) {
            let rule = "a rollback that is narrower than the fleet says when the rest goes";
            let draft = Draft::new(at, "rollback.then_fleet_after", rule);
            check.fail_once(
                draft
                    .mend("add `then_fleet_after = \"15m to 2h\"`, or \"never\"")
                    .absence(),
            );
        }
        Rollback {
            scope,
            takes: self
                .takes
                .or_else(|| shared.takes.clone())
                .unwrap_or_else(Dist::zero),
            parts: self.parts.or(shared.parts).unwrap_or(1),
            then_fleet: then_fleet.unwrap_or(ThenFleet::Never),
            origin: declared.map_or(Origin::NOWHERE, |at| check.origin(at)),
        }
    }
}
