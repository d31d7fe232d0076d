//! Rules that hold between the keys of an alarm, and between the alarms of a strategy.

use super::alarm::Written;
use super::check::Check;
use super::fields::{Fields, join};
use super::problem::Draft;
use crate::plan::{Alarm, Grid, Population, Watches};

/// Rules that hold between the keys of an alarm.
pub(super) fn fits_together(alarm: &Alarm, fields: &Fields<'_>, check: &mut Check) {
    let zonal = alarm.population.is_zonal();
    let relative =
        alarm.condition.is_relative() || alarm.and.is_some_and(|and| and.condition.is_relative());
    let fail = |key: &str, rule: &str, mend: &str, check: &mut Check| {
        let draft = Draft::new(fields.place_of(key), join(&fields.path, key), rule);
        check.note(draft.mend(mend));
    };
    if relative && !zonal {
        let key = if alarm.condition.is_relative() {
            "when"
        } else {
            "and"
        };
        let rule = "only a zone has a control: its traffic on the old version";
        fail(
            key,
            rule,
            "write scope = \"one-box\", \"canary\" or \"zone\", or compare with a number",
            check,
        );
    }
    if !zonal && matches!(alarm.watches, Watches::Step | Watches::Zone) {
        let rule = "an alarm on a region or the fleet knows no end of a zone's step or bake";
        fail(
            "watches",
            rule,
            "write watches = \"wave\", \"rollout\" or \"watch\"",
            check,
        );
    }
    if !zonal && alarm.steps.is_some() {
        let rule = "only an alarm on one-box, canary or zone can be limited to steps";
        fail("steps", rule, "remove `steps`", check);
    }
    if alarm.probes.is_some() {
        if matches!(alarm.population, Population::OneBox | Population::Canary) {
            let rule = "probes meet the old and the new version alike, so they need scope zone, region or fleet";
            fail("probes", rule, "write scope = \"zone\"", check);
        }
        for key in ["window", "every", "and"]
            .into_iter()
            .filter(|k| fields.has(k))
        {
            let mend = format!("remove `{key}`: `period` says how often they are judged");
            fail(
                key,
                &format!("`{key}` does not go with `probes`"),
                &mend,
                check,
            );
        }
        if relative || alarm.condition.sli().is_none() {
            let rule = "probes are a known number of requests without a control: only bad ones can be asked for";
            fail("when", rule, "write when = \"errors > 5%\"", check);
        }
    }
}

/// The mistake of windows that would be counted in very many buckets.
pub(super) fn too_many_buckets(alarms: &[&Written]) -> Vec<Draft> {
    const MOST: u32 = 50_000;
    let mut drafts = Vec::new();
    for one in alarms {
        let alike = alarms
            .iter()
            .filter(|other| family(&other.alarm) == family(&one.alarm));
        let bucket_s = alike.flat_map(|w| all_lengths(&w.alarm)).fold(0, gcd);
        let window_s = one
            .alarm
            .window_s
            .max(one.alarm.and.map_or(0, |and| and.window_s));
        if window_s / bucket_s.max(1) > MOST {
            let rule = format!(
                "a window of {window_s}s is counted in buckets of {bucket_s}s here, more than 50,000 of them"
            );
            let mend = "choose periods and windows of alarms on the same traffic that have a larger common divisor";
            drafts.push(Draft::new(one.window_at, join("alarm", &one.alarm.name), rule).mend(mend));
        }
    }
    drafts
}

/// What tells apart the alarms that share buckets.
fn family(alarm: &Alarm) -> (Option<&str>, Grid, u8) {
    let kind = match alarm.population {
        Population::OneBox | Population::Canary => 0,
        Population::Zone => 1,
        Population::Region => 2,
        Population::Fleet => 3,
    };
    (alarm.probes.map(|_| alarm.name.as_str()), alarm.grid, kind)
}

fn all_lengths(alarm: &Alarm) -> impl Iterator<Item = u32> + use<> {
    let second = alarm.and.map(|and| and.window_s);
    [alarm.every_s, alarm.period_s, alarm.window_s]
        .into_iter()
        .chain(second)
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}
