//! What lasted: happenings put together into spans of time, for pictures.

use rustc_hash::FxHashMap;

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

/// All that lasted in a rollout, for its pictures.
#[derive(Clone, Debug)]
pub struct Spans {
    /// In order of their beginning.
    pub(super) all: Vec<Span>,
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

impl Span {
    /// It is over then, unless it was before.
    fn end_by(&mut self, at_s: f64) {
        self.until_s = self.until_s.min(at_s);
    }
}

/// What goes on until something says that it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Open {
    Bake(Place),
    Wave(u32),
}

impl Open {
    fn begun_by(what: &What) -> Option<Open> {
        match *what {
            What::BakeBegins { place, .. } => Some(Open::Bake(place)),
            What::WaveBegins { wave, .. } => Some(Open::Wave(wave)),
            _ => None,
        }
    }

    fn ended_by(what: &What) -> Option<Open> {
        match *what {
            What::BakeEnds { place } => Some(Open::Bake(place)),
            What::WaveEnds { wave } => Some(Open::Wave(wave)),
            _ => None,
        }
    }
}

impl Told<'_> {
    /// When the last thing happened.
    pub(super) fn end_s(&self) -> f64 {
        self.trace.happenings.last().map_or(0.0, |h| h.at_s)
    }

    /// What lasted, and how long.
    pub fn spans(&self) -> Spans {
        let end_s = self.end_s();
        let mut all: Vec<Span> = Vec::new();
        // Several parts of a region may bake at once, as the same place: the first end is the end of all of them.
        let mut open: FxHashMap<Open, Vec<usize>> = FxHashMap::default();
        // Those that an earlier stop ended are before it.
        let mut since_stop = 0;
        for happening in &self.trace.happenings {
            let (what, at_s) = (&happening.what, happening.at_s);
            let ended = Open::ended_by(what).and_then(|ended| open.remove(&ended));
            for span in ended.into_iter().flatten() {
                all[span].end_by(at_s);
            }
            if let What::Stopped { .. } = what {
                let stopped = all[since_stop..].iter_mut();
                let of_the_program = stopped.filter(|span| span.kind.is_of_the_program());
                of_the_program.for_each(|span| span.end_by(at_s));
                since_stop = all.len();
            }
            let Some((kind, site, name, until_s)) = self.begun_by(what, at_s) else {
                continue;
            };
            if let Some(begun) = Open::begun_by(what) {
                open.entry(begun).or_default().push(all.len());
            }
            all.push(Span {
                kind,
                site,
                name,
                from_s: at_s,
                until_s: until_s.unwrap_or(f64::INFINITY).min(end_s),
            });
        }
        Spans { all }
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
