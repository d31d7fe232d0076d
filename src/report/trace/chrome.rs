//! A rollout in the trace event format, which Perfetto and Chrome's tracing page open: a process for the program and one
//! for each region, a thread for each zone.
//!
//! Format: "Trace Event Format", Google, 2016. Times are Unix microseconds.

use serde_json::{Value, json};

use super::{Spans, Told};
use crate::trace::{Site, What};

/// The process of what is nowhere in particular.
const PROGRAM: usize = 1;

impl Told<'_> {
    /// The rollout as a JSON document.
    pub fn chrome(&self, spans: &Spans) -> String {
        let mut events = self.names_of_tracks();
        for span in &spans.all {
            let (process, thread) = self.track(span.site);
            events.push(json!({
                "ph": "X",
                "name": span.name,
                "cat": span.kind.name(),
                "pid": process,
                "tid": thread,
                "ts": self.microseconds(span.from_s),
                "dur": self.microseconds(span.until_s.max(span.from_s)) - self.microseconds(span.from_s),
            }));
        }
        for happening in &self.trace.happenings {
            events.extend(self.mark(&happening.what, happening.at_s));
        }
        let document = json!({
            "displayTimeUnit": "ms",
            "otherData": {
                "landfall": env!("CARGO_PKG_VERSION"),
                "strategy": self.strategy().name,
                "run": self.run(),
                "seed": self.seed,
            },
            "traceEvents": events,
        });
        document.to_string() + "\n"
    }

    fn microseconds(&self, at_s: f64) -> i64 {
        ((self.trace.outcome.start + at_s) * 1e6).round() as i64
    }

    /// Process and thread.
    fn track(&self, site: Site) -> (usize, usize) {
        match site {
            Site::Fleet => (PROGRAM, 0),
            Site::Region(region) => (PROGRAM + 1 + region, 0),
            Site::Zone(zone) => (PROGRAM + 1 + self.plan.fleet.zones[zone].region, 1 + zone),
        }
    }

    fn names_of_tracks(&self) -> Vec<Value> {
        let name = |kind: &str, (process, thread): (usize, usize), name: &str| json!({"ph": "M", "name": kind, "pid": process, "tid": thread, "args": {"name": name}});
        let fleet = &self.plan.fleet;
        let mut names = vec![name("process_name", (PROGRAM, 0), "rollout")];
        for (r, region) in fleet.regions.iter().enumerate() {
            let track = self.track(Site::Region(r));
            names.push(name("process_name", track, &region.name));
            names.push(name("thread_name", track, "region"));
        }
        for (z, zone) in fleet.zones.iter().enumerate() {
            names.push(name("thread_name", self.track(Site::Zone(z)), &zone.name));
        }
        names
    }

    /// What happened at a moment, and how a share goes on from it.
    fn mark(&self, what: &What, at_s: f64) -> Option<Value> {
        let ts = self.microseconds(at_s);
        let instant = |site: Site, name: &str| {
            let (process, thread) = self.track(site);
            let scope = if site == Site::Fleet { "g" } else { "t" };
            json!({"ph": "i", "name": name, "pid": process, "tid": thread, "ts": ts, "s": scope})
        };
        match *what {
            What::Hit { share, .. } => Some(json!({
                "ph": "C", "name": "traffic hit", "pid": PROGRAM, "ts": ts, "args": {"percent": 100.0 * share},
            })),
            What::FaultWakes { site, .. } => Some(instant(site, "fault wakes")),
            What::FaultSleeps { site } => Some(instant(site, "fault sleeps")),
            What::Datapoint(d) if d.fires => {
                let alarm = &self.strategy().alarms[d.alarm].name;
                Some(instant(d.site, &format!("{alarm} fires")))
            }
            What::Stopped { .. } => Some(instant(Site::Fleet, "stopped")),
            What::FullyDeployed => Some(instant(Site::Fleet, "everywhere")),
            What::Ends { ending } => Some(instant(Site::Fleet, ending.name())),
            _ => None,
        }
    }
}
