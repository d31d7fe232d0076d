//! A rollout as a person would tell it.

use std::fmt::Write as _;

use rustc_hash::FxHashSet;

use super::Told;
use crate::outcome::Outcome;
use crate::report::basis::grouped;
use crate::report::quantity::Quantity;
use crate::trace::{Site, Verdict, What};

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What a person would tell: of the datapoints those that breach or are missing, for a start.
    Usual,
    /// Every datapoint that an alarm looked at, and every share.
    Everything,
}

impl Told<'_> {
    /// The rollout as text: a heading, what happened line by line, and what came of it.
    pub fn text(&self, detail: Detail) -> String {
        let outcome = &self.trace.outcome;
        let mut text = format!(
            "{} under \"{}\", seed {}, from {}\n\n",
            self.run(),
            self.strategy().name,
            self.seed,
            self.moment(0.0)
        );
        let mut usual = Usual::default();
        for happening in &self.trace.happenings {
            if detail == Detail::Usual && !usual.tells(&happening.what) {
                continue;
            }
            let clock = self.moment(happening.at_s);
            // Without the fraction of a second, and with a blank between day and time.
            let (day, time) = (
                &clock[..10.min(clock.len())],
                &clock[11.min(clock.len())..19.min(clock.len())],
            );
            let _ = writeln!(
                text,
                "{:>12}  {day} {time}  {}",
                elapsed(happening.at_s),
                self.sentence(&happening.what, happening.at_s)
            );
        }
        text + "\n" + &damage(outcome)
    }
}

/// What is told without asking for everything: of datapoints in a row that are missing, or at which an alarm fires, the
/// first.
#[derive(Default)]
struct Usual {
    missing: FxHashSet<(usize, Site)>,
    firing: FxHashSet<(usize, Site)>,
}

impl Usual {
    fn tells(&mut self, what: &What) -> bool {
        match what {
            What::Share { .. } | What::ZoneHit { .. } => false,
            What::Datapoint(d) => {
                let of = (d.alarm, d.site);
                let begins_missing = begins(&mut self.missing, of, d.verdict == Verdict::Missing);
                let begins_firing = begins(&mut self.firing, of, d.fires);
                begins_missing || begins_firing || (d.verdict == Verdict::Breach && !d.fires)
            }
            _ => true,
        }
    }
}

/// Whether something begins to be so; `so` are those of which it is.
fn begins(so: &mut FxHashSet<(usize, Site)>, of: (usize, Site), is_so: bool) -> bool {
    if is_so {
        so.insert(of)
    } else {
        so.remove(&of);
        false
    }
}

/// Time since the start: `+2d 03:04:05`.
fn elapsed(at_s: f64) -> String {
    let sign = if at_s < 0.0 { '-' } else { '+' };
    let seconds = libm::floor(at_s.abs()) as u64;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let clock = format!("{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60);
    match days {
        0 => format!("{sign}{clock}"),
        _ => format!("{sign}{days}d {clock}"),
    }
}

fn damage(outcome: &Outcome) -> String {
    let share = |x| Quantity::Share.text(x);
    let amount = |x| Quantity::Amount.text(x);
    let mut text = format!("Ended {}", outcome.ending.name());
    if let Some(full) = outcome.time_to_full_s {
        let _ = write!(text, "; everywhere after {}", Quantity::Duration.text(full));
    }
    if outcome.requests_hit > 0.0 {
        let _ = write!(
            text,
            "; at worst {} of all traffic hit; {} requests in {} of {}, {} of them bad",
            share(outcome.blast_radius),
            amount(outcome.requests_hit),
            counted(outcome.zones_hit, "zone"),
            counted(outcome.regions_hit, "region"),
            amount(outcome.bad_requests)
        );
    }
    if let Some(after) = outcome.time_to_detect_s {
        let _ = write!(text, "; detected after {}", Quantity::Duration.text(after));
    }
    if let Some(after) = outcome.time_to_mitigate_s {
        let _ = write!(text, ", over after {}", Quantity::Duration.text(after));
    }
    if outcome.stops_by_chance > 0 {
        let _ = write!(
            text,
            "; stopped by chance {}",
            counted(outcome.stops_by_chance, "time")
        );
    }
    text + ".\n"
}

fn counted(n: u32, what: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(u64::from(n)))
}
