//! What lasted: happenings put together into spans of time, for pictures.

use super::Told;
use crate::outcome::{Place, TimePart};
use crate::trace::{Site, What};

/// What a span shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Test,
    Action,
    Bake,
    Wait,
    Approval,
    Rollback,
    Lingering,
    Pause,
    Incident,
    Wave,
}

/// Something that lasted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span {
    pub kind: Kind,
    /// Where; the program's own are everywhere.
    pub site: Site,
    pub name: String,
    pub from_s: f64,
    pub until_s: f64,
}

impl Kind {
    /// Its name in a trace viewer.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Test => "test",
            Kind::Action => "action",
            Kind::Bake => "bake",
            Kind::Wait => "wait",
            Kind::Approval => "approval",
            Kind::Rollback => "rollback",
            Kind::Lingering => "lingering",
            Kind::Pause => "pause",
            Kind::Incident => "incident",
            Kind::Wave => "wave",
        }
    }

    /// Whether nothing of it goes on once the rollout is stopped.
    fn is_of_the_program(self) -> bool {
        !matches!(self, Kind::Rollback | Kind::Lingering | Kind::Incident)
    }
}

impl Told<'_> {
    /// When the last thing happened.
    pub(super) fn end_s(&self) -> f64 {
        self.trace.happenings.last().map_or(0.0, |h| h.at_s)
    }

    /// All spans, in order of their beginning.
    pub(super) fn spans(&self) -> Vec<Span> {
        let happenings = &self.trace.happenings;
        let mut spans = Vec::new();
        for (index, happening) in happenings.iter().enumerate() {
            let Some((kind, site, name, until_s)) = self.begun_by(&happening.what, happening.at_s)
            else {
                continue;
            };
            let later = &happenings[index..];
            let mut until_s = until_s
                .unwrap_or_else(|| self.ended(&happening.what, later))
                .min(self.end_s());
            if kind.is_of_the_program() {
                let stops = |h: &&crate::trace::Happening| matches!(h.what, What::Stopped { .. });
                let stopped_s = later.iter().find(stops).map_or(f64::INFINITY, |h| h.at_s);
                until_s = until_s.min(stopped_s);
            }
            spans.push(Span {
                kind,
                site,
                name,
                from_s: happening.at_s,
                until_s,
            });
        }
        spans
    }

    /// What a happening begins, where, its name, and until when, if that is known then.
    fn begun_by(&self, what: &What, at_s: f64) -> Option<(Kind, Site, String, Option<f64>)> {
        let zone = |zone: &usize| Site::Zone(*zone);
        Some(match what {
            What::TestBegins { place, takes_s } => (
                Kind::Test,
                site_of(*place),
                self.place_name(*place),
                Some(at_s + takes_s),
            ),
            What::StepBegins { place, takes_s, .. } => (
                Kind::Action,
                site_of(*place),
                self.place_name(*place),
                Some(at_s + takes_s),
            ),
            What::BakeBegins { place, .. } => (
                Kind::Bake,
                site_of(*place),
                format!("bake after {}", self.place_name(*place)),
                None,
            ),
            What::Waits {
                place,
                part,
                until_s,
            } => {
                let name = match part {
                    TimePart::Window => "waits for a window",
                    TimePart::Blocked => "waits for calm",
                    _ => "waits",
                };
                (Kind::Wait, site_of(*place), name.to_owned(), Some(*until_s))
            }
            What::ApprovalAsked { place, answer_s } => (
                Kind::Approval,
                site_of(*place),
                format!("approval of {}", self.place_name(*place)),
                Some(*answer_s),
            ),
            What::RollbackBegins {
                zone: z, takes_s, ..
            } => (
                Kind::Rollback,
                zone(z),
                "rollback".to_owned(),
                Some(at_s + takes_s),
            ),
            What::Lingers { zone: z, until_s } => (
                Kind::Lingering,
                zone(z),
                "lingers".to_owned(),
                Some(*until_s),
            ),
            What::Pauses { until_s, .. } => {
                (Kind::Pause, Site::Fleet, "pause".to_owned(), Some(*until_s))
            }
            What::IncidentBegins { kind, site, ends_s } => (
                Kind::Incident,
                *site,
                self.plan.incidents[*kind].name.clone(),
                Some(*ends_s),
            ),
            What::WaveBegins { wave, .. } => {
                (Kind::Wave, Site::Fleet, format!("wave {wave}"), None)
            }
            _ => return None,
        })
    }

    /// When what a happening began was over.
    fn ended(&self, what: &What, later: &[crate::trace::Happening]) -> f64 {
        let ends = |other: &What| match (what, other) {
            (What::BakeBegins { place, .. }, What::BakeEnds { place: ended }) => place == ended,
            (What::WaveBegins { wave, .. }, What::WaveEnds { wave: ended }) => wave == ended,
            _ => false,
        };
        let end = later.iter().find(|h| ends(&h.what));
        end.map_or(f64::INFINITY, |h| h.at_s)
    }
}

/// Where something of the program is.
fn site_of(place: Place) -> Site {
    match place {
        Place::Step { zone, .. }
        | Place::PreTraffic { zone, .. }
        | Place::PostTraffic { zone, .. } => Site::Zone(zone as usize),
        Place::ZoneBake { region, .. } => Site::Region(region as usize),
        Place::Preproduction(_)
        | Place::Approval { .. }
        | Place::WaveBake { .. }
        | Place::Watch => Site::Fleet,
    }
}
