//! What happened, in words.

use super::Told;
use crate::outcome::{DetectedBy, Ending, Place, TimePart};
use crate::plan::{Alarm, Condition, Rule};
use crate::report::basis::grouped;
use crate::report::names;
use crate::report::quantity::{Quantity, shares_apart};
use crate::trace::{Datapoint, Reading, Site, TestResult, Verdict, What};

impl Told<'_> {
    /// The kind of a happening, as JSON lines name it.
    pub(super) fn kind(what: &What) -> &'static str {
        match what {
            What::AttemptBegins { .. } => "attempt-begins",
            What::TestBegins { .. } => "test-begins",
            What::TestEnds { .. } => "test-ends",
            What::WaveBegins { .. } => "wave-begins",
            What::WaveEnds { .. } => "wave-ends",
            What::Waits { .. } => "waits",
            What::ApprovalAsked { .. } => "approval-asked",
            What::ApprovalComes { .. } => "approval-comes",
            What::StepBegins { .. } => "step-begins",
            What::Share { .. } => "share",
            What::BakeBegins { .. } => "bake-begins",
            What::BakeHeld { .. } => "bake-held",
            What::BakeEnds { .. } => "bake-ends",
            What::FullyDeployed => "fully-deployed",
            What::ProgramEnds => "program-ends",
            What::FaultWakes { .. } => "fault-wakes",
            What::FaultSleeps { .. } => "fault-sleeps",
            What::IncidentBegins { .. } => "incident-begins",
            What::IncidentEnds { .. } => "incident-ends",
            What::Hit { .. } => "hit",
            What::ZoneHit { .. } => "zone-hit",
            What::Datapoint(_) => "datapoint",
            What::Pages { .. } => "pages",
            What::Reported { .. } => "reported",
            What::Pauses { .. } => "pauses",
            What::PauseEnds => "pause-ends",
            What::Stopped { .. } => "stopped",
            What::RestGoes => "rest-goes",
            What::RollbackBegins { .. } => "rollback-begins",
            What::Lingers { .. } => "lingers",
            What::AttemptEnds { .. } => "attempt-ends",
            What::Ends { .. } => "ends",
        }
    }

    /// A happening in a sentence. `now_s`: when it happened.
    pub(super) fn sentence(&self, what: &What, now_s: f64) -> String {
        let lasts = |until_s: f64| Quantity::Duration.text(until_s - now_s);
        let share = |x: f64| Quantity::Share.text(x);
        match what {
            What::AttemptBegins { attempt: 1 } => "The rollout begins.".to_owned(),
            What::AttemptBegins { attempt } => format!("Attempt {attempt} begins."),
            What::TestBegins { place, takes_s } => {
                let takes = Quantity::Duration.text(*takes_s);
                format!("{} begins; it takes {takes}.", self.place(*place))
            }
            What::TestEnds { place, result } => {
                let place = self.place(*place);
                match result {
                    TestResult::Passed => format!("{place} passes."),
                    TestResult::SawTheFault => format!("{place} fails: it sees the fault."),
                    TestResult::Flaked => format!("{place} fails by chance."),
                }
            }
            What::WaveBegins { wave, regions } => {
                let names = regions.iter().map(|&r| self.site(Site::Region(r)));
                let mut names: Vec<&str> = names.collect();
                // A region may be there in several parts.
                names.dedup();
                format!("Wave {wave} begins: {}.", names.join(", "))
            }
            What::WaveEnds { wave } => format!("Wave {wave} is over."),
            What::Waits {
                place,
                part,
                until_s,
            } => {
                let waits = match part {
                    TimePart::Window => "waits for its window to open",
                    TimePart::Blocked => "waits until incidents have passed",
                    _ => "waits",
                };
                let place = self.place(*place);
                if until_s.is_finite() {
                    format!("{place} {waits}, {}.", lasts(*until_s))
                } else {
                    format!("{place} {waits}, which it never does.")
                }
            }
            What::ApprovalAsked { place, answer_s } => {
                let place = self.place(*place);
                format!(
                    "{place}: somebody is asked, and answers after {}.",
                    lasts(*answer_s)
                )
            }
            What::ApprovalComes { place } => format!("{}: approved.", self.place(*place)),
            What::StepBegins {
                place,
                from,
                to,
                takes_s,
                ..
            } => {
                let takes = Quantity::Duration.text(*takes_s);
                let (from, to) = (share(*from), share(*to));
                format!(
                    "{} begins: from {from} to {to} in {takes}.",
                    self.place(*place)
                )
            }
            What::Share { zone, share: x } => {
                let zone = self.site(Site::Zone(*zone));
                format!(
                    "{zone} has the new version on {} of its traffic.",
                    share(*x)
                )
            }
            What::BakeBegins { place, due_s } => {
                let place = self.bake(*place);
                if due_s.is_finite() {
                    format!("{place} begins, for {}.", lasts(*due_s))
                } else {
                    format!("{place} begins, until somebody ends it.")
                }
            }
            What::BakeHeld { place } => {
                format!("{} would be over; an alarm holds it.", self.bake(*place))
            }
            What::BakeEnds { place } => format!("{} is over.", self.bake(*place)),
            What::FullyDeployed => "The new version is everywhere.".to_owned(),
            What::ProgramEnds => "The last wave is done; the watch begins.".to_owned(),
            What::FaultWakes {
                site,
                in_part: false,
            } => format!("The fault wakes {}.", self.at(*site)),
            What::FaultWakes { site, .. } => {
                format!("The fault wakes in a part of {}.", self.site(*site))
            }
            What::FaultSleeps { site } => format!("The fault sleeps again {}.", self.at(*site)),
            What::IncidentBegins { kind, site, ends_s } => {
                let name = &self.plan.incidents[*kind].name;
                format!(
                    "Incident \"{name}\" begins {}, for {}.",
                    self.at(*site),
                    lasts(*ends_s)
                )
            }
            What::IncidentEnds { kind, site } => {
                let name = &self.plan.incidents[*kind].name;
                format!("Incident \"{name}\" is over {}.", self.at(*site))
            }
            What::Hit { share: 0.0, .. } => "The fault hits nothing any more.".to_owned(),
            What::Hit { share: x, zones } => {
                let plural = if *zones == 1 { "zone" } else { "zones" };
                format!(
                    "The fault hits {} of all traffic, in {} {plural}.",
                    share(*x),
                    grouped(u64::from(*zones))
                )
            }
            What::ZoneHit { zone, hit } => {
                let zone = self.site(Site::Zone(*zone));
                let hits = if *hit { "begins" } else { "ceases" };
                format!("The fault {hits} to hit {zone}.")
            }
            What::Datapoint(datapoint) => self.datapoint(datapoint),
            What::Pages { alarm, acts_s, .. } => {
                let alarm = &self.strategy().alarms[*alarm].name;
                format!(
                    "{alarm} calls the on-call, who acts after {}.",
                    lasts(*acts_s)
                )
            }
            What::Reported { acts_s } => {
                format!(
                    "Users' reports reach the on-call, who acts after {}.",
                    lasts(*acts_s)
                )
            }
            What::Pauses { alarm, until_s, .. } => {
                let alarm = &self.strategy().alarms[*alarm].name;
                if until_s.is_finite() {
                    format!("{alarm} pauses the rollout, for {}.", lasts(*until_s))
                } else {
                    format!("{alarm} pauses the rollout, for ever.")
                }
            }
            What::PauseEnds => "The pause is over.".to_owned(),
            What::Stopped {
                by,
                place,
                by_chance,
                everything,
            } => {
                let by = self.detector(*by);
                let chance = if *by_chance { " by chance" } else { "" };
                let scope = match (place, everything) {
                    (Place::Preproduction(_), _) => "nothing is in production yet",
                    (_, true) => "everything goes back",
                    (_, false) => "this goes back",
                };
                format!(
                    "{by} stops the rollout{chance} at {}; {scope}.",
                    self.place_name(*place)
                )
            }
            What::RestGoes => "What is left goes back, too.".to_owned(),
            What::RollbackBegins {
                zone,
                from,
                takes_s,
            } => {
                let zone = self.site(Site::Zone(*zone));
                let takes = Quantity::Duration.text(*takes_s);
                format!("{zone} goes back from {} in {takes}.", share(*from))
            }
            What::Lingers { zone, until_s } => {
                let zone = self.site(Site::Zone(*zone));
                format!("{zone} is back, and stays hit for {}.", lasts(*until_s))
            }
            What::AttemptEnds { by_chance, again_s } => match (by_chance, again_s) {
                (false, _) => "The attempt is over: the change is known to be bad.".to_owned(),
                (true, Some(at)) => {
                    format!("The attempt is over; another begins after {}.", lasts(*at))
                }
                (true, None) => "The attempt is over, and there is no other.".to_owned(),
            },
            What::Ends { ending } => ending_sentence(*ending).to_owned(),
        }
    }

    fn at(&self, site: Site) -> String {
        match site {
            Site::Fleet => "everywhere".to_owned(),
            _ => format!("in {}", self.site(site)),
        }
    }

    fn detector(&self, by: DetectedBy) -> String {
        match by {
            DetectedBy::Bake => "A bake that took too long".to_owned(),
            DetectedBy::People => "People".to_owned(),
            _ => names::detector(self.strategy(), by).to_owned(),
        }
    }

    /// A place as files name it, with the zone of a test.
    pub(super) fn place_name(&self, place: Place) -> String {
        let name = names::place(self.plan, self.strategy(), place);
        match place {
            Place::PreTraffic { zone, .. } | Place::PostTraffic { zone, .. } => {
                format!("{name} in {}", self.site(Site::Zone(zone as usize)))
            }
            _ => name,
        }
    }

    fn place(&self, place: Place) -> String {
        match place {
            Place::Step { wave, zone, step } => {
                let zone = self.site(Site::Zone(zone as usize));
                format!("Step {step} in {zone} (wave {wave})")
            }
            Place::Approval { wave } => format!("Wave {wave}"),
            Place::Preproduction(i) => format!("Test {}", self.strategy().preproduction[i].name),
            Place::PreTraffic { test, zone, .. } => {
                let zone = self.site(Site::Zone(zone as usize));
                format!("Test {} in {zone}", self.strategy().pre_traffic[test].name)
            }
            Place::PostTraffic { test, zone, .. } => {
                let zone = self.site(Site::Zone(zone as usize));
                format!("Test {} in {zone}", self.strategy().post_traffic[test].name)
            }
            _ => self.bake(place),
        }
    }

    fn bake(&self, place: Place) -> String {
        match place {
            Place::Step { wave, zone, step } => {
                let zone = self.site(Site::Zone(zone as usize));
                format!("The bake after step {step} in {zone} (wave {wave})")
            }
            Place::ZoneBake { wave, region } => {
                let region = self.site(Site::Region(region as usize));
                format!("The bake after zones of {region} (wave {wave})")
            }
            Place::WaveBake { wave } => format!("The bake after wave {wave}"),
            _ => self.place_name(place),
        }
    }

    fn datapoint(&self, datapoint: &Datapoint) -> String {
        let alarm = &self.strategy().alarms[datapoint.alarm];
        let mut reads = self.reading(alarm.condition, &datapoint.reading);
        if let (Some(and), Some(second)) = (alarm.and, &datapoint.second) {
            reads += &format!(" and {}", self.reading(and.condition, second));
        }
        let verdict = match datapoint.verdict {
            Verdict::Fine => "fine",
            Verdict::Breach => "breaches",
            Verdict::Missing => "too few requests to say",
        };
        let mut sentence = format!(
            "{} {}: {reads}, {verdict}; {}",
            alarm.name,
            self.at(datapoint.site),
            needed(alarm, datapoint)
        );
        if datapoint.fires {
            sentence += if datapoint.by_chance {
                ": it fires by chance"
            } else {
                ": it fires"
            };
            if !datapoint.may_act {
                sentence += ", but may not act now";
            }
        }
        sentence + "."
    }

    /// What a condition read, against what it asks: `errors 2.3% (14 of 600) against > 1%`.
    fn reading(&self, condition: Condition, reading: &Reading) -> String {
        let share = |x: f64| Quantity::Share.text(x);
        let Reading {
            requests,
            bad,
            control,
            ..
        } = *reading;
        let sli = condition
            .sli()
            .map_or("", |sli| self.plan.slis[sli].name.as_str());
        let counted = |ratio: &str, bad: f64, requests: f64| {
            format!("{ratio} ({} of {})", count(bad), count(requests))
        };
        let of = |bad: f64, requests: f64| {
            if requests > 0.0 {
                counted(&share(bad / requests), bad, requests)
            } else {
                "no requests".to_owned()
            }
        };
        let own = of(bad, requests);
        let control = match control {
            None => String::new(),
            Some((requests, Some(bad))) => of(bad, requests),
            Some((requests, None)) if condition.sli().is_some() => {
                let requests = count(requests);
                return format!("{sli} {own}, whatever {requests} requests of the control show");
            }
            Some(_) => String::new(),
        };
        let sign = |inclusive: bool| if inclusive { ">=" } else { ">" };
        match condition {
            Condition::Ratio {
                over, inclusive, ..
            } => {
                let sign = sign(inclusive);
                if requests > 0.0 {
                    let (ratio, over) = shares_apart(bad / requests, over);
                    format!(
                        "{sli} {} against {sign} {over}",
                        counted(&ratio, bad, requests)
                    )
                } else {
                    format!("{sli} {own} against {sign} {}", share(over))
                }
            }
            Condition::Count {
                over, inclusive, ..
            } => {
                format!(
                    "{} bad of {sli} against {} {}",
                    count(bad),
                    sign(inclusive),
                    limit(over)
                )
            }
            Condition::ControlPlus {
                over, inclusive, ..
            } => {
                format!(
                    "{sli} {own} against {} {} of the control + {}",
                    sign(inclusive),
                    control,
                    share(over)
                )
            }
            Condition::ControlTimes {
                factor, inclusive, ..
            } => {
                format!(
                    "{sli} {own} against {} {factor} times {} of the control",
                    sign(inclusive),
                    control
                )
            }
            Condition::ControlTest { .. } => {
                format!("{sli} {own} against {control} of the control")
            }
            Condition::RequestsBelow { under, inclusive } => {
                let sign = if inclusive { "<=" } else { "<" };
                format!(
                    "{} requests against {sign} {}",
                    count(requests),
                    limit(under)
                )
            }
            Condition::RequestsBelowControl {
                share: part,
                inclusive,
            } => {
                let sign = if inclusive { "<=" } else { "<" };
                let of_control = reading.control.map_or(0.0, |c| c.0);
                format!(
                    "{} requests against {sign} {} of the control's {}, at equal shares",
                    count(requests),
                    share(part),
                    count(of_control)
                )
            }
        }
    }
}

/// A number of things.
fn count(x: f64) -> String {
    grouped(libm::round(x) as u64)
}

/// What a number of things is compared with; it need not be a whole one.
fn limit(x: f64) -> String {
    if x == libm::trunc(x) {
        count(x)
    } else {
        x.to_string()
    }
}

/// How far the rule is met: `1 of the last 5 breach, and 3 must`.
fn needed(alarm: &Alarm, datapoint: &Datapoint) -> String {
    let breaches = datapoint.breaches;
    match alarm.rule {
        Rule::MOfN { m: 1, n: 1 } => "one is enough".to_owned(),
        Rule::MOfN { m, n } => format!("{breaches} of the last {n} breach, and {m} must"),
        Rule::InAll { m } => format!("{breaches} breach so far, and {m} must"),
    }
}

fn ending_sentence(ending: Ending) -> &'static str {
    match ending {
        Ending::Shipped => "The rollout is over: shipped.",
        Ending::GivenUp => "The rollout is over: given up, for it was stopped by chance.",
        Ending::Caught => "The rollout is over: the fault was caught before production.",
        Ending::RolledBack => "The rollout is over: rolled back.",
        Ending::Latent => "The rollout is over: the fault never woke.",
        Ending::Undetected => "The rollout is over: nobody noticed the fault.",
        Ending::Stalled => "The horizon has come before the rollout is over: stalled.",
    }
}
