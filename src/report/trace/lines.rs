//! A rollout as JSON lines: a heading, a line for each happening, and the outcome.

use serde::Serialize;

use super::Told;
use crate::outcome::TimePart;
use crate::report::names;
use crate::trace::{Datapoint, Site, TestResult, Verdict, What};

/// It rises when a reader of an older form would go wrong.
const SCHEMA_VERSION: u32 = 1;

/// The first line.
#[derive(Serialize)]
struct Heading<'a> {
    schema_version: u32,
    landfall: &'a str,
    strategy: &'a str,
    run: String,
    seed: u64,
    start: String,
}

/// A happening. What does not apply is left out.
#[derive(Default, Serialize)]
struct Line<'a> {
    at_s: f64,
    time: String,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wave: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    regions: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alarm: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incident: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zones: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hit: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    takes_s: Option<f64>,
    /// Left out where it never comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    until_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reading: Option<Reading>,
    #[serde(skip_serializing_if = "Option::is_none")]
    second: Option<Reading>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    breaches: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fires: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    may_act: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_chance: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    everything: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blast_radius: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requests_hit: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bad_requests: Option<f64>,
}

#[derive(Serialize)]
struct Reading {
    window_s: u32,
    requests: f64,
    bad: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    control_requests: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    control_bad: Option<f64>,
}

impl From<crate::trace::Reading> for Reading {
    fn from(reading: crate::trace::Reading) -> Reading {
        Reading {
            window_s: reading.window_s,
            requests: reading.requests,
            bad: reading.bad,
            control_requests: reading.control.map(|c| c.0),
            control_bad: reading.control.and_then(|c| c.1),
        }
    }
}

impl<'a> Told<'a> {
    /// The rollout as JSON lines, every datapoint that an alarm looked at among them.
    pub fn lines(&self) -> String {
        let heading = Heading {
            schema_version: SCHEMA_VERSION,
            landfall: env!("CARGO_PKG_VERSION"),
            strategy: &self.strategy().name,
            run: self.run(),
            seed: self.seed,
            start: self.moment(0.0),
        };
        let mut text = one_line(&heading);
        for happening in &self.trace.happenings {
            let mut line = self.line(&happening.what);
            line.at_s = happening.at_s;
            line.time = self.moment(happening.at_s);
            line.event = Told::kind(&happening.what);
            text += &one_line(&line);
        }
        text
    }

    fn line(&self, what: &What) -> Line<'a> {
        let site = |site: Site| Some(self.site(site));
        let alarm = |alarm: usize| Some(self.strategy().alarms[alarm].name.as_str());
        let finite = |x: f64| x.is_finite().then_some(x);
        let mut line = Line::default();
        match *what {
            What::AttemptBegins { attempt } => line.attempt = Some(attempt),
            What::TestBegins { place, takes_s } => {
                (line.place, line.takes_s) = (Some(self.place_name(place)), Some(takes_s));
            }
            What::TestEnds { place, result } => {
                line.place = Some(self.place_name(place));
                line.result = Some(match result {
                    TestResult::Passed => "passed",
                    TestResult::SawTheFault => "saw-the-fault",
                    TestResult::Flaked => "flaked",
                });
            }
            What::WaveBegins { wave, ref regions } => {
                line.wave = Some(wave);
                let names = regions.iter().map(|&r| self.site(Site::Region(r)));
                line.regions = Some(names.collect());
            }
            What::WaveEnds { wave } => line.wave = Some(wave),
            What::Waits {
                place,
                part,
                until_s,
            } => {
                line.place = Some(self.place_name(place));
                line.until_s = finite(until_s);
                line.waits_for = Some(match part {
                    TimePart::Window => "window",
                    TimePart::Blocked => "calm",
                    _ => "other",
                });
            }
            What::ApprovalAsked {
                place,
                answer_s: until_s,
            }
            | What::BakeBegins {
                place,
                due_s: until_s,
            } => {
                (line.place, line.until_s) = (Some(self.place_name(place)), finite(until_s));
            }
            What::ApprovalComes { place } | What::BakeHeld { place } | What::BakeEnds { place } => {
                line.place = Some(self.place_name(place));
            }
            What::StepBegins {
                place,
                zone,
                from,
                to,
                takes_s,
            } => {
                (line.place, line.site) = (Some(self.place_name(place)), site(Site::Zone(zone)));
                (line.from, line.to, line.takes_s) = (Some(from), Some(to), Some(takes_s));
            }
            What::Share { zone, share } => {
                (line.site, line.share) = (site(Site::Zone(zone)), Some(share));
            }
            What::FaultWakes { site: at, .. } | What::FaultSleeps { site: at } => {
                line.site = site(at)
            }
            What::IncidentBegins {
                kind,
                site: at,
                ends_s,
            } => {
                line.incident = Some(&self.plan.incidents[kind].name);
                (line.site, line.until_s) = (site(at), finite(ends_s));
            }
            What::IncidentEnds { kind, site: at } => {
                (line.incident, line.site) =
                    (Some(self.plan.incidents[kind].name.as_str()), site(at));
            }
            What::Hit { share, zones } => (line.share, line.zones) = (Some(share), Some(zones)),
            What::ZoneHit { zone, hit } => {
                (line.site, line.hit) = (site(Site::Zone(zone)), Some(hit));
            }
            What::Datapoint(datapoint) => self.datapoint_line(&mut line, datapoint),
            What::Pages {
                alarm: by,
                site: at,
                acts_s: until_s,
            }
            | What::Pauses {
                alarm: by,
                site: at,
                until_s,
            } => {
                (line.alarm, line.site, line.until_s) = (alarm(by), site(at), finite(until_s));
            }
            What::Reported { acts_s } => line.until_s = finite(acts_s),
            What::Stopped {
                by,
                place,
                by_chance,
                everything,
            } => {
                line.by = Some(names::detector(self.strategy(), by));
                line.place = Some(self.place_name(place));
                (line.by_chance, line.everything) = (Some(by_chance), Some(everything));
            }
            What::RollbackBegins {
                zone,
                from,
                takes_s,
            } => {
                line.site = site(Site::Zone(zone));
                (line.from, line.takes_s) = (Some(from), Some(takes_s));
            }
            What::Lingers { zone, until_s } => {
                (line.site, line.until_s) = (site(Site::Zone(zone)), finite(until_s));
            }
            What::AttemptEnds { by_chance, again_s } => {
                (line.by_chance, line.until_s) = (Some(by_chance), again_s);
            }
            What::Ends { ending } => {
                let outcome = &self.trace.outcome;
                line.outcome = Some(ending.name());
                line.blast_radius = Some(outcome.blast_radius);
                line.requests_hit = Some(outcome.requests_hit);
                line.bad_requests = Some(outcome.bad_requests);
            }
            What::FullyDeployed | What::ProgramEnds | What::PauseEnds | What::RestGoes => {}
        }
        line
    }

    fn datapoint_line(&self, line: &mut Line<'a>, datapoint: Datapoint) {
        line.alarm = Some(&self.strategy().alarms[datapoint.alarm].name);
        line.site = Some(self.site(datapoint.site));
        line.ended_s = Some(datapoint.ended_s);
        line.reading = Some(datapoint.reading.into());
        line.second = datapoint.second.map(Reading::from);
        line.verdict = Some(match datapoint.verdict {
            Verdict::Fine => "fine",
            Verdict::Breach => "breach",
            Verdict::Missing => "missing",
        });
        line.breaches = Some(datapoint.breaches);
        line.fires = Some(datapoint.fires);
        line.may_act = Some(datapoint.may_act);
        line.by_chance = datapoint.fires.then_some(datapoint.by_chance);
    }
}

fn one_line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data") + "\n"
}
