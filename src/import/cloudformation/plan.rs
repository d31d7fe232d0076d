//! A rollout as a template describes it, before it becomes a strategy.

use super::cloudwatch::alarm::MetricAlarm;
use super::value::{Unusable, Value};
use crate::import::refusal::{At, Refusal};

/// A rollout.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    pub(super) name: String,
    /// How it is deployed, for a comment.
    pub(super) how: String,
    pub(super) at: At,
    pub(super) stages: Vec<Stage>,
    /// Equal parts in which the last share is reached.
    pub(super) parts: u32,
    /// Zones one after another, each watched for so long, in seconds.
    pub(super) zone_bake_s: Option<f64>,
    /// Hooks before the first stage, and after the last one.
    pub(super) before: Vec<Hook>,
    pub(super) after: Vec<Hook>,
    /// How often a person must act.
    pub(super) manual_gates: u32,
    /// Whether going back is a matter of seconds.
    pub(super) switches_back: bool,
    pub(super) alarms: Vec<Watching>,
    pub(super) notes: Notes,
}

/// A share, and how long it is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stage {
    pub(super) percent: f64,
    pub(super) dwell_s: f64,
}

/// Something that runs and may fail.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hook {
    pub(super) name: String,
    pub(super) at: At,
}

/// An alarm that stops a rollout.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Watching {
    pub(super) name: String,
    pub(super) at: At,
    pub(super) alarm: MetricAlarm,
}

/// What there is to say of how a rollout was understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Notes {
    pub(super) mapped: Vec<Note>,
    pub(super) assumed: Vec<Note>,
    pub(super) not_expressed: Vec<Note>,
}

/// One thing to say, and the line that it is about.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Note {
    pub(super) at: At,
    pub(super) text: String,
    /// The option that changes what was assumed.
    pub(super) knob: Option<&'static str>,
}

/// Why there is no rollout.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Problem {
    pub(super) refusal: Refusal,
    /// Whether the file only does not say enough; else its tool would refuse it, too.
    pub(super) is_unknown: bool,
}

impl Problem {
    /// Something that the tool refuses.
    pub(super) fn new(at: At, rule: impl Into<String>) -> Problem {
        Problem {
            refusal: Refusal::new(at, rule),
            is_unknown: false,
        }
    }

    /// Something that is not known.
    pub(super) fn unknown(at: At, rule: impl Into<String>) -> Problem {
        Problem {
            is_unknown: true,
            ..Problem::new(at, rule)
        }
    }

    pub(super) fn mend(self, mend: impl Into<String>) -> Problem {
        Problem {
            refusal: self.refusal.mend(mend),
            ..self
        }
    }
}

impl From<Unusable> for Problem {
    fn from(unusable: Unusable) -> Problem {
        Problem {
            is_unknown: unusable.is_open,
            ..Problem::new(unusable.at, unusable.why)
        }
    }
}

impl Notes {
    pub(super) fn map(&mut self, at: At, text: impl Into<String>) {
        self.mapped.push(note(at, text.into(), None));
    }

    pub(super) fn assume(&mut self, at: At, text: impl Into<String>) {
        self.assumed.push(note(at, text.into(), None));
    }

    /// `knob`: the option that changes it.
    pub(super) fn assume_unless(&mut self, at: At, text: impl Into<String>, knob: &'static str) {
        self.assumed.push(note(at, text.into(), Some(knob)));
    }

    /// Leaves out what an option would express.
    pub(super) fn lose_unless(&mut self, at: At, text: impl Into<String>, knob: &'static str) {
        self.not_expressed.push(note(at, text.into(), Some(knob)));
    }

    pub(super) fn leave(&mut self, at: At, text: impl Into<String>) {
        self.not_expressed.push(note(at, text.into(), None));
    }
}

fn note(at: At, text: String, knob: Option<&'static str>) -> Note {
    Note { at, text, knob }
}

impl Plan {
    /// A rollout without alarms and hooks.
    pub(super) fn new(name: &str, how: &str, at: At, stages: &[(f64, f64)]) -> Plan {
        let stage = |&(percent, dwell_s): &(f64, f64)| Stage { percent, dwell_s };
        Plan {
            name: name.to_owned(),
            how: how.to_owned(),
            at,
            stages: stages.iter().map(stage).collect(),
            parts: 1,
            zone_bake_s: None,
            before: Vec::new(),
            after: Vec::new(),
            manual_gates: 0,
            switches_back: true,
            alarms: Vec::new(),
            notes: Notes::default(),
        }
    }

    /// From the first traffic on the new version to all of it, in seconds.
    pub(super) fn full_s(&self) -> f64 {
        let before_last = self.stages.len().saturating_sub(1);
        self.stages[..before_last]
            .iter()
            .fold(0.0, |sum, s| sum + s.dwell_s)
    }

    /// From the first traffic on the new version to the end, in seconds.
    pub(super) fn done_s(&self) -> f64 {
        self.stages.iter().fold(0.0, |sum, s| sum + s.dwell_s)
    }
}

/// The hook that a key names, if it does.
pub(super) fn hook(table: &Value, key: &str) -> Option<Hook> {
    let value = table.get(key)?;
    let text = value.text()?;
    Some(Hook {
        name: text.resource.clone().unwrap_or_else(|| text.text.clone()),
        at: value.at,
    })
}
