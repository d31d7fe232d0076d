//! Alarms of new boxes whose datapoints have too few requests to tell a fault from noise.

use super::alarms::covers;
use super::chances::minutes;
use super::times::{End, WaveTimes};
use super::words::{amount, share};
use super::{Draft, Fix, Found, Subject};
use crate::operating::{Tell, requests_needed, tells};
use crate::plan::{Action, Alarm, Condition, Fault, Population, Rule};
use crate::random::binomial_at_least;

/// A fault must be caught with this chance.
const POWER: f64 = 0.95;
/// And a good change stopped with no more than this.
const BY_ITSELF: f64 = 0.01;
/// Windows tried to silence a finding.
const TRIES: usize = 5;

pub(super) fn strategy(subject: &Subject<'_>, found: &mut Found) {
    for alarm in &subject.strategy.alarms {
        found.work += 1;
        if let Some(draft) = looked_at(subject, alarm, found) {
            found.add(Some(subject.strategy), draft);
        }
    }
}

/// What is asked of the datapoints that a rule looks at.
#[derive(Clone, Copy)]
struct Asked<'f> {
    fault: &'f Fault,
    base: f64,
    defect: f64,
    /// That of a minute.
    correlation: f64,
    /// What each of these datapoints must do, so that all do what is asked.
    power: f64,
    by_itself: f64,
}

impl Asked<'_> {
    fn tell(&self, window_s: f64) -> Tell {
        Tell {
            base: self.base,
            correlation: (self.correlation * 60.0 / window_s).min(0.5),
            defect: self.defect,
            power: self.power,
            by_itself: self.by_itself,
        }
    }
}

/// Where the alarm has most requests: how many a second, for how long at the most, and at which share of the zone.
struct Best<'s> {
    rps: f64,
    stays_s: f64,
    share: f64,
    step: &'s crate::plan::Step,
}

fn looked_at(subject: &Subject<'_>, alarm: &Alarm, found: &mut Found) -> Option<Draft> {
    let of_new = matches!(alarm.population, Population::OneBox | Population::Canary);
    if !of_new || alarm.does == Action::Hold || alarm.probes.is_some() || alarm.and.is_some() {
        return None;
    }
    let Rule::MOfN { m, n } = alarm.rule else {
        return None;
    };
    let asked = asked(subject, alarm, (m, n))?;
    let best = best(subject, alarm, found)?;
    let window = f64::from(alarm.window_s);
    let requests = best.rps * window;
    let tell = asked.tell(window);
    if requests < 1.0 || found.tells(tell, requests) {
        return None;
    }
    let sli = alarm
        .condition
        .sli()
        .map_or("", |k| &subject.plan.slis[k].name);
    let datapoints = match (m, n) {
        (1, 1) => String::new(),
        (m, n) => format!(" in {m} of {n} datapoints"),
    };
    let has = format!(
        "alarm `{}` reads about {} requests a datapoint",
        alarm.name,
        amount(requests.round())
    );
    let what = format!(
        "to catch `{}` (+{} {sli}) with {} and fire by itself with no more than {}{datapoints}",
        asked.fault.name,
        share(asked.defect),
        share(POWER),
        share(BY_ITSELF),
    );
    let subject_name = alarm.name.as_str();
    let Some(needed) = found.needed(tell) else {
        let reason =
            format!("{has}, and no number is enough {what}: the background scatters too much");
        let draft = Draft::new("too-few-requests", alarm.origin, subject_name, reason);
        return Some(draft.suggest("compare with the control, or read a longer window"));
    };
    if requests >= needed as f64 {
        return None;
    }
    let reason = format!("{has}, and needs {} {what}", amount(needed as f64));
    let draft = Draft::new("too-few-requests", alarm.origin, subject_name, reason);
    Some(mended(draft, alarm, &best, &asked, found, m))
}

/// With a change that was tried.
fn mended(
    draft: Draft,
    alarm: &Alarm,
    best: &Best<'_>,
    asked: &Asked<'_>,
    found: &mut Found,
    m: u32,
) -> Draft {
    let window = f64::from(alarm.window_s);
    let needed = found.needed(asked.tell(window)).unwrap_or(u64::MAX) as f64;
    let factor = needed / (best.rps * window);
    // A whole number of minutes, and of datapoints.
    let grain = f64::from(alarm.every_s.max(60)).max(1.0);
    let mut longer = (window * factor / grain).ceil() * grain;
    for _ in 0..TRIES {
        let fits = longer * f64::from(m) < best.stays_s && longer < 86_400.0 * 7.0;
        if !fits {
            break;
        }
        if found.tells(asked.tell(longer), best.rps * longer) {
            let fix = Fix::Window {
                origin: alarm.origin,
                to_s: longer as u32,
            };
            let key = if alarm.window_s == alarm.period_s {
                "period"
            } else {
                "window"
            };
            return draft
                .suggest(format!("take a {key} of {}", minutes(longer)))
                .fix(fix);
        }
        longer += grain;
    }
    let mut larger = super::chances::two_digits(best.share * factor);
    for _ in 0..TRIES {
        if larger >= 0.5 {
            break;
        }
        if found.tells(asked.tell(window), best.rps / best.share * larger * window) {
            let fix = Fix::StepShare {
                origin: best.step.origin,
                to: larger,
            };
            return draft
                .suggest(format!("bring it {} of the zone's traffic", share(larger)))
                .fix(fix);
        }
        larger = super::chances::two_digits(larger * 1.1);
    }
    draft.suggest("watch the zone or the region instead, or send probes")
}

/// The fault that is seen best, and what its datapoints must do.
fn asked<'f>(subject: &Subject<'f>, alarm: &Alarm, (m, n): (u32, u32)) -> Option<Asked<'f>> {
    let sli = match alarm.condition {
        Condition::RequestsBelow { .. } | Condition::RequestsBelowControl { .. } => return None,
        condition => condition.sli()?,
    };
    let plan = subject.plan;
    let base = plan.slis[sli].base;
    let seen = plan.change.faults.iter().filter(|f| f.unseen < 1.0);
    let adds = seen.filter_map(|f| {
        let (_, dist) = f.adds.iter().find(|(s, _)| *s == sli)?;
        let typical = dist.quantile(0.5).min(1.0 - base);
        (typical > 0.0).then_some((f, typical))
    });
    let (fault, defect) = adds.max_by(|a, b| a.1.total_cmp(&b.1))?;
    // The population shares the scattering of its background with the control.
    let correlation = if alarm.condition.is_relative() {
        0.0
    } else {
        plan.slis[sli].dispersion
    };
    let at_least = |p: f64| binomial_at_least(u64::from(m), u64::from(n), p);
    Some(Asked {
        fault,
        base,
        defect,
        correlation,
        power: edge(|p| at_least(p) >= POWER),
        by_itself: edge(|p| at_least(p) > BY_ITSELF),
    })
}

/// Where a predicate that holds from some share on begins to.
fn edge(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    low
}

/// The step in which the alarm reads most of a zone, in the zones with the most traffic on average.
fn best<'s>(subject: &Subject<'s>, alarm: &Alarm, found: &mut Found) -> Option<Best<'s>> {
    let mut best: Option<Best<'s>> = None;
    for (_, wave) in subject.times.with_regions() {
        for (i, step) in wave.wave.steps.iter().enumerate() {
            found.work += 1;
            let stays_s = stays_s(wave, i);
            if !covers(alarm, wave, i) || stays_s <= 0.0 {
                continue;
            }
            let of_zone = match alarm.population {
                Population::OneBox => wave.shares[0],
                _ => wave.shares[i],
            };
            let rps = wave.mean_zone_rps * of_zone;
            if best.as_ref().is_none_or(|b| rps > b.rps) {
                let step = match alarm.population {
                    Population::OneBox => &wave.wave.steps[0],
                    _ => step,
                };
                best = Some(Best {
                    rps,
                    stays_s,
                    share: of_zone,
                    step,
                });
            }
        }
    }
    best
}

fn stays_s(wave: &WaveTimes<'_>, step: usize) -> f64 {
    let step = &wave.wave.steps[step];
    wave.spread_s(step, End::Most) + wave.bake_s(step.bake.as_ref(), End::Most)
}

impl Found {
    /// Whether so many requests in a datapoint are enough; asked once.
    fn tells(&mut self, tell: Tell, requests: f64) -> bool {
        let requests = requests as u64;
        let key = (tell.bits(), requests);
        let known = self.told.entry(key);
        *known.or_insert_with(|| tells(tell, requests).is_some())
    }

    /// How many are enough; asked once.
    fn needed(&mut self, tell: Tell) -> Option<u64> {
        let known = self.needed.entry(tell.bits());
        *known.or_insert_with(|| requests_needed(tell).map(|n| n.requests))
    }
}
