//! `[scenario]`: when rollouts start, and the span of time over which local rules are laid out.

use super::check::Check;
use super::fields::{Fields, Item};
use super::hours;
use super::literal::Unit;
use super::merge::Merged;
use super::source::Place;
use super::value::Node;
use super::vocabulary::{SCENARIO, START};
use crate::calendar::{
    Date, DateRange, DaySet, HourRange, WeeklyHours, Zone, parse_moment, start_hours,
};
use crate::plan::Start;

/// A day, in seconds.
const DAY_S: f64 = 86_400.0;

/// Longest horizon, and longest range of start dates.
const LONGEST_DAYS: f64 = 366.0;

/// How far beyond the simulated span traffic and hours are known: as long as an alarm may look back.
const MARGIN_S: f64 = 31.0 * DAY_S;

/// Monday, 2 March 2026, 09:00 UTC: where a scenario starts that does not say when.
const DEFAULT_START: f64 = 1_772_442_000.0;

/// What `[scenario]` says.
#[derive(Clone, Debug)]
pub(super) struct Times {
    pub name: Option<String>,
    pub start: Start,
    pub watch_s: f64,
    pub horizon_s: f64,
}

impl Default for Times {
    fn default() -> Times {
        Times {
            name: None,
            start: Start::At(DEFAULT_START),
            watch_s: DAY_S,
            horizon_s: 60.0 * DAY_S,
        }
    }
}

impl Times {
    /// First and last moment that can be simulated, in Unix seconds.
    pub fn simulated(&self) -> (f64, f64) {
        let (first, last) = match &self.start {
            Start::At(t) => (*t, *t),
            Start::Within(hours) => (
                hours.first_start().unwrap_or(0.0),
                hours.last_end().unwrap_or(0.0),
            ),
        };
        (first, last + self.horizon_s)
    }

    /// First and last moment for which local rules are laid out.
    pub fn span(&self) -> (f64, f64) {
        let (from, to) = self.simulated();
        (from - MARGIN_S, to + MARGIN_S)
    }
}

/// Reads `[scenario]`.
pub(super) fn times(merged: &Merged, check: &mut Check) -> Times {
    let default = Times::default();
    let Some(fields) = single(merged, "scenario", &SCENARIO, check) else {
        return default;
    };
    let name = fields.maybe("name", check, |item, check| {
        item.name(check).map(str::to_owned)
    });
    let start = fields.or("start", default.start.clone(), check, start);
    let duration = |item: &Item<'_>, check: &mut Check| item.quantity(Unit::Duration, check);
    let watch_s = fields.or("watch", default.watch_s, check, duration);
    let horizon_s = fields.or("horizon", default.horizon_s, check, horizon);
    if let (Some(watch_s), Some(horizon_s)) = (watch_s, horizon_s)
        && watch_s >= horizon_s
    {
        let at = if fields.has("watch") {
            fields.place_of("watch")
        } else {
            fields.place_of("horizon")
        };
        let rule = "`watch` must be shorter than `horizon`, or no rollout is ever over";
        check.note(super::problem::Draft::new(at, "scenario.watch", rule));
    }
    Times {
        name: name.flatten(),
        start: start.unwrap_or(default.start),
        watch_s: watch_s.unwrap_or(default.watch_s),
        horizon_s: horizon_s.unwrap_or(default.horizon_s),
    }
}

/// The fields of a section that is one table, if it is there.
pub(super) fn single<'d>(
    merged: &'d Merged,
    name: &'static str,
    words: &'static super::vocabulary::TableWords,
    check: &mut Check,
) -> Option<Fields<'d>> {
    let value = merged.single(name)?;
    match &value.node {
        Node::Table(table) => Some(Fields::of(table, value.at, name, words, check)),
        _ => None,
    }
}

fn horizon(item: &Item<'_>, check: &mut Check) -> Option<f64> {
    let horizon_s = item.quantity(Unit::Duration, check)?;
    if horizon_s > 0.0 && horizon_s <= LONGEST_DAYS * DAY_S {
        return Some(horizon_s);
    }
    check.fail(item.draft("`horizon` must be above 0 and at most 366d"))
}

fn start(item: &Item<'_>, check: &mut Check) -> Option<Start> {
    if item.as_text().is_some() {
        let moment = hours::calendar(item, "\"2026-03-02T09:00:00Z\"", check, |text| {
            parse_moment(text, None)
        })?;
        return Some(Start::At(moment));
    }
    let wanted = "a moment such as \"2026-03-02T09:00:00Z\", or a table such as { from = \"2026-03-02\", to = \"2026-03-30\" }";
    let fields = item.fields(&START, wanted, check)?;
    let date = |item: &Item<'_>, check: &mut Check| {
        hours::calendar(item, "\"2026-03-02\"", check, Date::parse)
    };
    let from = fields.need("from", "\"2026-03-02\"", check, date);
    let to = fields.need("to", "\"2026-03-30\"", check, date);
    let days = fields.or("days", DaySet::all(), check, hours::days);
    let open = fields.or("hours", HourRange::whole_day(), check, hours::hours);
    let zone = fields.or("tz", Zone::utc(), check, hours::zone);
    let (from, to, zone) = (from?, to?, zone?);
    let weekly = WeeklyHours {
        days: days?,
        hours: open?,
    };
    let at: Place = fields.place_of("to");
    let draft = |rule: &str| super::problem::Draft::new(at, fields.path.clone(), rule);
    let Ok(range) = DateRange::new(from, to) else {
        return check
            .fail(draft("`start` ends before it begins").mend("write the earlier date as `from`"));
    };
    if range.days() as f64 > LONGEST_DAYS {
        return check.fail(draft("`start` covers at most 366 days"));
    }
    let hours = start_hours(&range, &weekly, &zone);
    if hours.is_empty() {
        return check.fail(draft(
            "`start` leaves no hour: none of these dates is one of these weekdays",
        ));
    }
    Some(Start::Within(hours))
}
