//! Alarms that cannot do what they are there for.

use super::earliest::{Phase, earliest_s, expected_for, is_reached};
use super::times::{End, WaveTimes};
use super::words::{amount, duration};
use super::{Draft, Fix, Found, Severity, Subject};
use crate::plan::{Action, Alarm, Population, Watches};

pub(super) fn strategy(subject: &Subject<'_>, found: &mut Found) {
    for alarm in subject
        .strategy
        .alarms
        .iter()
        .filter(|a| a.does != Action::Hold)
    {
        each(subject, alarm, found);
    }
    all_at_once(subject, found);
    bakes(subject, found);
}

impl Subject<'_> {
    /// The most traffic of the new version that an alarm may read in a wave's zones once a step (from 0) is done.
    pub(super) fn rps(&self, alarm: &Alarm, wave: &WaveTimes<'_>, step: usize) -> f64 {
        let share = wave.shares[step];
        match alarm.population {
            Population::OneBox => {
                let first = wave.shares.first().copied().unwrap_or(share);
                wave.zone_rps * first
            }
            Population::Canary => wave.zone_rps * share,
            Population::Zone => {
                wave.zone_rps
                    * if alarm.needs_both_versions() {
                        share
                    } else {
                        1.0
                    }
            }
            Population::Region | Population::Fleet => self.times.fleet_rps,
        }
    }
}

/// Whether an alarm has datapoints after this step (from 0) and before the next.
pub(super) fn covers(alarm: &Alarm, wave: &WaveTimes<'_>, step: usize) -> bool {
    let number = step as u32 + 1;
    let of_step = alarm
        .steps
        .is_none_or(|s| (s.from..=s.to).contains(&number));
    of_step && (wave.reached[step] < 1.0 || !alarm.needs_both_versions())
}

/// How long an alarm can see a zone's new version at most, from its first request on; infinite where that is not known.
fn seen_s(subject: &Subject<'_>, alarm: &Alarm, wave: &WaveTimes<'_>) -> f64 {
    if alarm.steps.is_some() || alarm.resets_on_step || !alarm.population.is_zonal() {
        return f64::INFINITY;
    }
    let steps = &wave.wave.steps;
    let side_by_side = alarm.needs_both_versions();
    let ends = wave.shares.iter().position(|&s| s >= 1.0);
    if let (true, Some(last)) = (side_by_side, ends) {
        if wave.waits && last > 0 {
            return f64::INFINITY;
        }
        let before = steps[..last].iter().enumerate().map(|(i, step)| {
            let action = if i == 0 {
                wave.spread_s(step, End::Most)
            } else {
                End::Most.of(&step.takes)
            };
            action + wave.bake_s(step.bake.as_ref(), End::Most)
        });
        let action = if last == 0 {
            wave.spread_s(&steps[0], End::Most)
        } else {
            End::Most.of(&steps[last].takes)
        };
        return before.sum::<f64>() + action;
    }
    match alarm.watches {
        Watches::Step => wave.steps_s(End::Most),
        // Other zones of the batch may keep it longer.
        Watches::Zone if wave.wave.batches.sizes == [1] => {
            let tests = subject.strategy.post_traffic.iter();
            let tests: f64 = tests.map(|t| End::Most.of(&t.takes)).sum();
            wave.steps_s(End::Most) + tests + wave.bake_s(wave.wave.zone_bake.as_ref(), End::Most)
        }
        _ => f64::INFINITY,
    }
}

fn each(subject: &Subject<'_>, alarm: &Alarm, found: &mut Found) {
    let mut most_rps = 0.0_f64;
    let mut late: Option<(f64, f64)> = None;
    let (mut can, mut watches) = (false, false);
    for wave in &subject.times.waves {
        if wave.regions.is_empty() {
            continue;
        }
        let mut quickest: Option<f64> = None;
        for (i, step) in wave.wave.steps.iter().enumerate() {
            found.work += 1;
            let number = i as u32 + 1;
            let of_step = alarm
                .steps
                .is_none_or(|s| (s.from..=s.to).contains(&number));
            // A step to 100% in parts has both versions side by side on its way there.
            let passes = wave.spread_s(step, End::Most) > 0.0 || End::Most.of(&step.takes) > 0.0;
            if of_step && (covers(alarm, wave, i) || passes) {
                watches = true;
                let rps = subject.rps(alarm, wave, i);
                most_rps = most_rps.max(rps);
                if let Some(s) = earliest_s(alarm, rps, Phase::Best) {
                    quickest = Some(quickest.map_or(s, |q| q.min(s)));
                }
            }
        }
        let seen = seen_s(subject, alarm, wave);
        match quickest {
            Some(s) if s > seen || (s == seen && !is_reached(alarm)) => late = Some((s, seen)),
            Some(_) => can = true,
            None => {}
        }
    }
    if can {
        return;
    }
    let name = &alarm.name;
    if !watches {
        let reason = format!("alarm `{name}` has no datapoints in any step");
        let draft = Draft::new("alarm-too-late", alarm.origin, name, reason);
        let help = "leave it out with `use_alarms`, or add a step that it can watch";
        let draft = draft.suggest(help).only(Severity::Note);
        return found.add(Some(subject.strategy), draft);
    }
    if let Some((needs, seen)) = late {
        let reason = format!(
            "alarm `{name}` can fire {} after the first request to the new version, and watches for {}",
            duration(needs),
            duration(seen)
        );
        let help = format!(
            "let it watch for more than {}, or ask for fewer datapoints",
            duration(needs)
        );
        let mut draft = Draft::new("alarm-too-late", alarm.origin, name, reason).suggest(help);
        // A shared alarm of a canary has nothing to do in a strategy without one.
        if seen <= 0.0 {
            draft = draft.only(Severity::Note);
        }
        return found.add(Some(subject.strategy), draft);
    }
    let window = f64::from(alarm.window_s);
    let most = alarm.probes.map_or(most_rps * window, |p| p as f64);
    if alarm.min_requests <= 1.0 || most_rps <= 0.0 || expected_for(alarm.min_requests) <= most {
        return;
    }
    let reason = format!(
        "alarm `{name}` needs {} requests in {}, and the most traffic that it reads brings {}",
        amount(alarm.min_requests),
        duration(window),
        amount(most)
    );
    // Half of what comes on average in the best hour is there most of the time.
    let to = (most / 2.0).floor();
    let mut draft = Draft::new("min-requests-out-of-reach", alarm.origin, name, reason);
    draft = if to >= 1.0 {
        let fix = Fix::MinRequests {
            origin: alarm.origin,
            to,
        };
        draft
            .suggest(format!(
                "lower `min_requests` to {to:.0}, or take a longer window"
            ))
            .fix(fix)
    } else {
        draft.suggest("take a longer window, or read more traffic")
    };
    found.add(Some(subject.strategy), draft);
}

/// The quickest alarm that acts after a step, by name, with its time.
fn quickest<'a>(
    subject: &'a Subject<'_>,
    wave: &WaveTimes<'_>,
    step: usize,
    work: &mut u64,
) -> Option<(f64, &'a str, bool)> {
    let alarms = subject
        .strategy
        .alarms
        .iter()
        .filter(|a| covers(a, wave, step));
    let times = alarms.filter_map(|a| {
        *work += 1;
        let rps = subject.rps(a, wave, step);
        Some((
            earliest_s(a, rps, Phase::Best)?,
            a.name.as_str(),
            is_reached(a),
        ))
    });
    times.min_by(|a, b| a.0.total_cmp(&b.0))
}

fn all_at_once(subject: &Subject<'_>, found: &mut Found) {
    let strategy = subject.strategy;
    let whole: f64 = subject
        .times
        .waves
        .iter()
        .map(|w| w.wave_s(strategy, End::Most))
        .sum();
    let Some(last) = subject
        .times
        .waves
        .iter()
        .rev()
        .find(|w| !w.regions.is_empty())
    else {
        return;
    };
    let bake = last.wave.steps.last().and_then(|s| s.bake.as_ref());
    let after = last.bake_s(bake, End::Most)
        + last.bake_s(last.wave.zone_bake.as_ref(), End::Most)
        + last.bake_s(last.wave.bake.as_ref(), End::Most);
    let full = whole - after;
    let mut best: Option<(f64, &str, bool)> = None;
    for wave in &subject.times.waves {
        for step in 0..wave.wave.steps.len() {
            let one = quickest(subject, wave, step, &mut found.work);
            best = [best, one]
                .into_iter()
                .flatten()
                .min_by(|a, b| a.0.total_cmp(&b.0));
        }
    }
    if let Some((needs, name, _)) = best.filter(|b| full.is_finite() && b.0 >= full) {
        let reason = format!(
            "all targets are exposed within {}, and the quickest alarm, `{name}`, can fire {} after the first request",
            duration(full),
            duration(needs)
        );
        let help = if needs < 1.0 {
            "begin with a step or a wave that bakes".to_owned()
        } else {
            let needs = duration(needs);
            format!("begin with a step or a wave that bakes for more than {needs}")
        };
        let draft = Draft::new(
            "alarms-after-full-exposure",
            strategy.origin,
            "strategy",
            reason,
        );
        found.add(Some(strategy), draft.suggest(help));
    }
}

fn bakes(subject: &Subject<'_>, found: &mut Found) {
    for (w, wave) in subject.times.waves.iter().enumerate() {
        for (i, step) in wave.wave.steps.iter().enumerate() {
            let Some(bake) = &step.bake else { continue };
            let stays = wave.spread_s(step, End::Most) + wave.bake_s(Some(bake), End::Most);
            let is_last = i + 1 == wave.wave.steps.len();
            if is_last || wave.regions.is_empty() || wave.bake_s(Some(bake), End::Most) <= 0.0 {
                continue;
            }
            let Some((needs, name, reached)) = quickest(subject, wave, i, &mut found.work) else {
                continue;
            };
            if needs < stays || (needs == stays && reached) {
                continue;
            }
            let reason = format!(
                "this bake ends {} after step {} has its first request, and the quickest alarm, `{name}`, needs {}",
                duration(stays),
                i + 1,
                duration(needs)
            );
            // Datapoints end when they end: a minute more than the best case.
            let to = ((needs + 60.0) / 60.0).ceil() * 60.0;
            let fix = Fix::Bake {
                origin: bake.origin,
                lasts_s: to,
            };
            let at = format!("wave {}/step {}", w + 1, i + 1);
            let draft = Draft::new("bake-too-short", bake.origin, &at, reason);
            found.add(
                Some(subject.strategy),
                draft.suggest(format!("bake for {}", duration(to))).fix(fix),
            );
        }
    }
}
