//! Bakes that nothing watches, and bakes that wait for more requests than come.

use super::alarms::covers;
use super::times::{End, WaveTimes};
use super::words::{amount, duration};
use super::{Draft, Fix, Found, Severity, Subject};
use crate::plan::{Alarm, Bake, BakeKind, Then, Watches};

pub(super) fn strategy(subject: &Subject<'_>, found: &mut Found) {
    for (w, wave) in subject.times.waves.iter().enumerate() {
        if wave.regions.is_empty() || wave.wave.steps.is_empty() {
            continue;
        }
        requests(subject, w, wave, found);
        unwatched(subject, w, wave, found);
    }
    watch(subject, found);
}

/// Bakes after a zone's last step in which no alarm acts any more.
fn unwatched(subject: &Subject<'_>, w: usize, wave: &WaveTimes<'_>, found: &mut Found) {
    let bakes = [
        (
            &wave.wave.zone_bake,
            "the bake after a batch of zones",
            Watches::Zone,
        ),
        (&wave.wave.bake, "the bake of the wave", Watches::Wave),
    ];
    for (bake, what, needed) in bakes {
        let Some(bake) = bake else { continue };
        let lasts = wave.bake_s(Some(bake), End::Most);
        if lasts <= 0.0 {
            continue;
        }
        let Some(shorter) = shorter_alarm(subject, wave, needed, found) else {
            continue;
        };
        let long = if lasts.is_finite() {
            format!(" of {}", duration(lasts))
        } else {
            String::new()
        };
        let reason = format!(
            "no alarm watches in {what}{long}: `{}` stops before",
            shorter.name
        );
        let at = format!("wave {}/{}", w + 1, needed_word(needed));
        let draft = Draft::new("bake-unwatched", bake.origin, &at, reason);
        found.add(Some(subject.strategy), longer(draft, shorter, needed));
    }
}

/// The time between the last bake and the end, in which only people may find something.
fn watch(subject: &Subject<'_>, found: &mut Found) {
    let reports = subject.plan.oncall.reports_per_bad_request > 0.0;
    let last = subject.times.waves.iter().rev();
    let mut last = last.filter(|w| !w.regions.is_empty() && !w.wave.steps.is_empty());
    let (false, true, Some(wave)) = (reports, subject.plan.watch_s > 0.0, last.next()) else {
        return;
    };
    let Some(shorter) = shorter_alarm(subject, wave, Watches::Watch, found) else {
        return;
    };
    let reason = format!(
        "nothing watches for {} after the last bake: `{}` stops before, and no reports lead to a rollback",
        duration(subject.plan.watch_s),
        shorter.name
    );
    let draft = Draft::new("bake-unwatched", subject.strategy.origin, "watch", reason);
    let draft = longer(draft, shorter, Watches::Watch).only(Severity::Note);
    found.add(Some(subject.strategy), draft);
}

/// An alarm that would see something then, if none watches so long.
fn shorter_alarm<'s>(
    subject: &'s Subject<'_>,
    wave: &WaveTimes<'_>,
    needed: Watches,
    found: &mut Found,
) -> Option<&'s Alarm> {
    let last = wave.wave.steps.len() - 1;
    found.work += subject.strategy.alarms.len() as u64;
    let alarms = subject.strategy.alarms.iter();
    let able: Vec<&Alarm> = alarms.filter(|a| covers(a, wave, last)).collect();
    let long = |a: &&&Alarm| rank(a.watches) >= rank(needed);
    able.iter()
        .find(long)
        .is_none()
        .then(|| able.first().copied())
        .flatten()
}

fn rank(watches: Watches) -> u8 {
    match watches {
        Watches::Step => 0,
        Watches::Zone => 1,
        Watches::Wave => 2,
        Watches::Rollout => 3,
        Watches::Watch => 4,
    }
}

fn needed_word(watches: Watches) -> &'static str {
    match watches {
        Watches::Step => "step",
        Watches::Zone => "zone",
        Watches::Wave => "wave",
        Watches::Rollout => "rollout",
        Watches::Watch => "watch",
    }
}

fn longer(draft: Draft, alarm: &Alarm, to: Watches) -> Draft {
    let help = format!(
        "let `{}` watch longer: `watches = \"{}\"`",
        alarm.name,
        needed_word(to)
    );
    draft.suggest(help).fix(Fix::Watches {
        origin: alarm.origin,
        to,
    })
}

/// Bakes whose `min_requests` do not come within `at_most`, or within the horizon, at the most traffic that there is.
fn requests(subject: &Subject<'_>, w: usize, wave: &WaveTimes<'_>, found: &mut Found) {
    let plan = subject.plan;
    let mut share = 0.0;
    for (i, step) in wave.wave.steps.iter().enumerate() {
        found.work += wave.regions.len() as u64;
        share = wave.reached[i];
        if let Some(bake) = &step.bake {
            let at = format!("wave {}/step {}", w + 1, i + 1);
            too_many(subject, bake, wave.zone_rps * share, &at, found);
        }
    }
    if let Some(bake) = &wave.wave.zone_bake {
        let most = wave.zone_rps * share * wave.zones as f64;
        too_many(subject, bake, most, &format!("wave {}/zone", w + 1), found);
    }
    if let Some(bake) = &wave.wave.bake {
        let regions = wave.regions.iter().map(|&r| &plan.fleet.regions[r]);
        let peak = |r: &crate::plan::Region| r.rps * plan.fleet.curves[r.curve].max();
        let most = share * regions.map(peak).sum::<f64>();
        too_many(subject, bake, most, &format!("wave {}/wave", w + 1), found);
    }
}

fn too_many(subject: &Subject<'_>, bake: &Bake, rps: f64, at: &str, found: &mut Found) {
    let BakeKind::Timed(timed) = &bake.kind else {
        return;
    };
    let horizon = subject.plan.horizon_s;
    let within = timed.at_most_s.unwrap_or(horizon);
    let most = rps * within;
    if timed.min_requests <= most {
        return;
    }
    let (then, severity) = match (timed.at_most_s, timed.then) {
        (None, _) => ("so no rollout gets past it", Severity::Error),
        (_, Then::Stop) => ("so every rollout is stopped there", Severity::Error),
        (_, Then::Ask) => ("so somebody is asked every time", Severity::Warning),
        (_, Then::Go) => ("so it always ends without them", Severity::Warning),
    };
    let which = if timed.at_most_s.is_some() {
        "`at_most`"
    } else {
        "the horizon"
    };
    let reason = format!(
        "this bake waits for {} requests, and the most traffic there brings {} within {which} ({}), {then}",
        amount(timed.min_requests),
        amount(most.floor()),
        duration(within),
    );
    // Half of what comes in the best hours comes in most.
    let to = super::chances::two_digits(most / 2.0 / 1.1).floor();
    let mut draft =
        Draft::new("bake-requests-out-of-reach", bake.origin, at, reason).only(severity);
    draft = if to >= 1.0 {
        let fix = Fix::BakeRequests {
            origin: bake.origin,
            to,
        };
        draft
            .suggest(format!("lower `min_requests` to {to:.0}"))
            .fix(fix)
    } else {
        draft.suggest("leave `min_requests` out")
    };
    found.add(Some(subject.strategy), draft);
}
