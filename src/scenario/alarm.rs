//! `[alarm.NAME]` and the alarms of a strategy's own.

use super::alarm_rules;
use super::check::Check;
use super::fields::{Fields, Item, join};
use super::literal::{self, Comparison, Unit};
use super::merge::Merged;
use super::problem::Draft;
use super::sli::Slis;
use super::source::Place;
use super::vocabulary::{ALARM, ALARM_STEPS, AND};
use crate::plan::{
    Action, Alarm, AndAlso, Condition, Grid, Missing, Population, Rule, SilentFill, StepLimits,
    Watches,
};
use crate::random::NameKey;

/// The most alarms of one kind: shared, or a strategy's own.
pub(super) const MOST_ALARMS: usize = 200;

/// The longest window, period and lag: 30 days.
const LONGEST_S: f64 = 30.0 * 86_400.0;

/// An alarm, and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub alarm: Alarm,
    /// Its name.
    pub at: Place,
    /// Where its window is, or else the alarm.
    pub window_at: Place,
}

/// Reads the shared alarms; the names of all, and those without a mistake.
pub(super) fn alarms(
    merged: &Merged,
    slis: &mut Slis,
    responds: bool,
    check: &mut Check,
) -> (Vec<String>, Vec<Written>) {
    let (mut names, mut alarms) = (Vec::new(), Vec::new());
    for (entry, table) in merged.named("alarm") {
        let fields = Fields::of(
            table,
            entry.value.at,
            join("alarm", &entry.key),
            &ALARM,
            check,
        );
        if names.len() == MOST_ALARMS {
            let rule = format!("a scenario has at most {MOST_ALARMS} shared alarms");
            check.note(Draft::new(entry.key_at, fields.path, rule));
            break;
        }
        names.push(entry.key.clone());
        alarms.extend(alarm(
            &entry.key,
            entry.key_at,
            &fields,
            slis,
            responds,
            check,
        ));
    }
    (names, alarms)
}

/// Reads an alarm. `responds`: whether somebody answers pages.
pub(super) fn alarm(
    name: &str,
    at: Place,
    fields: &Fields<'_>,
    slis: &mut Slis,
    responds: bool,
    check: &mut Check,
) -> Option<Written> {
    let population = fields.need("scope", "\"zone\"", check, population);
    let condition = fields.need("when", "\"errors > 1%\"", check, |item, check| {
        condition(item, slis, check)
    });
    let lengths = lengths(fields, check);
    let lag_s = fields.or("lag", 0.0, check, lag);
    let rule = fields.or(
        "datapoints",
        Rule::MOfN { m: 1, n: 1 },
        check,
        |item, check| {
            item.literal("a rule in quotes, such as \"3 of 5\"", check, |text, _| {
                literal::rule(text)
            })
        },
    );
    let min_requests = fields.or("min_requests", 0.0, check, |item, check| {
        item.quantity(Unit::Amount, check)
    });
    let missing = fields.or("missing", Missing::NotBreaching, check, missing);
    let does = fields.or("does", Action::RollBack, check, |item, check| {
        does(item, responds, check)
    });
    let watches = fields.maybe("watches", check, watches);
    let probes = fields.maybe("probes", check, |item, check| {
        item.whole(1, 1_000_000, check)
    });
    let steps = fields.maybe("steps", check, steps);
    let resets = fields.or("resets", false, check, |item, check| {
        item.choice(check, &[("step", true), ("never", false)])
    });
    let grid = fields.or("grid", Grid::WallClock, check, |item, check| {
        item.choice(
            check,
            &[
                ("wall-clock", Grid::WallClock),
                ("deployment", Grid::Deployment),
            ],
        )
    });
    let and = lengths.and_then(|l| {
        fields.maybe("and", check, |item, check| {
            and_also(item, l.window_s, slis, check)
        })
    });
    let (population, condition, lengths) = (population?, condition?, lengths?);
    let alarm = Alarm {
        name: name.to_owned(),
        key: NameKey::of(name),
        population,
        condition,
        window_s: lengths.window_s,
        and: and?,
        period_s: lengths.period_s,
        every_s: lengths.every_s,
        lag_s: lag_s?,
        rule: rule?,
        min_requests: min_requests?,
        missing: missing?,
        does: does?,
        watches: watches?.unwrap_or(Watches::Rollout),
        probes: probes?,
        steps: steps?,
        resets_on_step: resets?,
        grid: grid?,
        origin: check.origin(at),
    };
    let before = check.mistakes;
    alarm_rules::fits_together(&alarm, fields, check);
    let window_at = fields.place_of("window");
    (check.mistakes == before).then_some(Written {
        alarm,
        at,
        window_at,
    })
}

fn population(item: &Item<'_>, check: &mut Check) -> Option<Population> {
    item.choice(
        check,
        &[
            ("one-box", Population::OneBox),
            ("canary", Population::Canary),
            ("zone", Population::Zone),
            ("region", Population::Region),
            ("fleet", Population::Fleet),
        ],
    )
}

fn condition(item: &Item<'_>, slis: &mut Slis, check: &mut Check) -> Option<Condition> {
    let wanted = "a condition in quotes, such as \"errors > 1%\"";
    let subject = item.literal(wanted, check, |text, _| {
        let read = literal::condition(text)?;
        Ok((
            read.sli.map(|(name, start)| (name.to_owned(), start)),
            read.test,
            read.inclusive,
        ))
    })?;
    let (name, test, inclusive) = subject;
    let sli = match name {
        Some((name, start)) => {
            let written =
                check.texts.slice(item.value.at).len() == item.as_text().map_or(0, str::len) + 2;
            let at = if written {
                item.value.at.part(start + 1..start + 1 + name.len())
            } else {
                item.value.at
            };
            slis.index(&name, at, &item.path, check)?
        }
        None => 0,
    };
    Some(match test {
        Comparison::Ratio(over) => Condition::Ratio {
            sli,
            over,
            inclusive,
        },
        Comparison::Count(over) => Condition::Count {
            sli,
            over,
            inclusive,
        },
        Comparison::ControlPlus(over) => Condition::ControlPlus {
            sli,
            over,
            inclusive,
        },
        Comparison::ControlTimes(factor) => Condition::ControlTimes {
            sli,
            factor,
            inclusive,
        },
        Comparison::ControlTest(critical) => Condition::ControlTest { sli, critical },
        Comparison::Requests(under) => Condition::RequestsBelow { under, inclusive },
        Comparison::RequestsOfControl(share) => {
            Condition::RequestsBelowControl { share, inclusive }
        }
    })
}

/// The lengths of an alarm, in whole seconds.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    period_s: u32,
    every_s: u32,
    window_s: u32,
}

/// Period (`every` unless given, else a minute), `every` and `window` (the period unless given).
fn lengths(fields: &Fields<'_>, check: &mut Check) -> Option<Lengths> {
    let period = fields.maybe("period", check, whole_seconds);
    let every = fields.maybe("every", check, whole_seconds);
    let window = fields.maybe("window", check, whole_seconds);
    let (period, every, window) = (period?, every?, window?);
    let period_s = period.or(every).unwrap_or(60);
    let every_s = every.unwrap_or(period_s);
    if period_s % every_s != 0 {
        let rule = format!("`period` ({period_s}s) must be a multiple of `every` ({every_s}s)");
        let draft = Draft::new(fields.place_of("every"), join(&fields.path, "every"), rule);
        return check.fail(draft.mend(
            "datapoints come each `every`, and those a `period` apart are counted together",
        ));
    }
    Some(Lengths {
        period_s,
        every_s,
        window_s: window.unwrap_or(period_s),
    })
}

fn whole_seconds(item: &Item<'_>, check: &mut Check) -> Option<u32> {
    let seconds = item.quantity(Unit::Duration, check)?;
    if (1.0..=LONGEST_S).contains(&seconds) && seconds.fract() == 0.0 {
        return Some(seconds as u32);
    }
    check.fail(item.draft(format!(
        "`{}` must be whole seconds, from 1s to 30d",
        item.key()
    )))
}

fn lag(item: &Item<'_>, check: &mut Check) -> Option<f64> {
    let seconds = item.quantity(Unit::Duration, check)?;
    if seconds <= LONGEST_S {
        return Some(seconds);
    }
    check.fail(item.draft("`lag` is at most 30d"))
}

fn missing(item: &Item<'_>, check: &mut Check) -> Option<Missing> {
    item.choice(
        check,
        &[
            ("not-breaching", Missing::NotBreaching),
            ("breaching", Missing::Breaching),
            ("skip", Missing::Skip),
            ("cloudwatch", Missing::CloudWatch(SilentFill::Missing)),
            (
                "cloudwatch:missing",
                Missing::CloudWatch(SilentFill::Missing),
            ),
            ("cloudwatch:ignore", Missing::CloudWatch(SilentFill::Ignore)),
            (
                "cloudwatch:breaching",
                Missing::CloudWatch(SilentFill::Breaching),
            ),
            (
                "cloudwatch:not-breaching",
                Missing::CloudWatch(SilentFill::NotBreaching),
            ),
        ],
    )
}

fn does(item: &Item<'_>, responds: bool, check: &mut Check) -> Option<Action> {
    let action = item.choice(
        check,
        &[
            ("rollback", Action::RollBack),
            ("page", Action::Page),
            ("pause", Action::Pause),
            ("hold", Action::Hold),
        ],
    )?;
    if action == Action::Page && !responds {
        let draft = item.draft("an alarm that pages needs somebody who responds");
        check.fail_once(
            draft
                .mend("add `responds = \"5m to 20m\"` to [oncall]")
                .absence(),
        );
        return None;
    }
    Some(action)
}

fn watches(item: &Item<'_>, check: &mut Check) -> Option<Watches> {
    item.choice(
        check,
        &[
            ("step", Watches::Step),
            ("zone", Watches::Zone),
            ("wave", Watches::Wave),
            ("rollout", Watches::Rollout),
            ("watch", Watches::Watch),
        ],
    )
}

fn steps(item: &Item<'_>, check: &mut Check) -> Option<StepLimits> {
    let fields = item.fields(&ALARM_STEPS, "a table such as { from = 1, to = 2 }", check)?;
    let step =
        |item: &Item<'_>, check: &mut Check| item.whole(1, 1_000_000, check).map(|n| n as u32);
    let from = fields.or("from", 1, check, step);
    let to = fields.or("to", u32::MAX, check, step);
    let (from, to) = (from?, to?);
    if from > to {
        let rule = format!("the last step ({to}) comes before the first ({from})");
        return check.fail(Draft::new(fields.place_of("to"), fields.path, rule));
    }
    Some(StepLimits { from, to })
}

fn and_also(item: &Item<'_>, window_s: u32, slis: &mut Slis, check: &mut Check) -> Option<AndAlso> {
    let wanted = "a table such as { when = \"errors > 1%\", window = \"5m\" }";
    let fields = item.fields(&AND, wanted, check)?;
    let condition = fields.need("when", "\"errors > 1%\"", check, |item, check| {
        condition(item, slis, check)
    });
    let window_s = fields.or("window", window_s, check, whole_seconds);
    Some(AndAlso {
        condition: condition?,
        window_s: window_s?,
    })
}
