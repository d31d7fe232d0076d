//! What an import comes to: a schedule, what was understood, and a strategy.

use std::collections::HashSet;

use super::refusal::At;
use super::strategy::{Alarm, Strategy};

/// A rollout that was imported, or alarms without one.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The tool, as it is called in `landfall import`, such as `argo`.
    pub kind: &'static str,
    /// Its name in the file.
    pub name: String,
    /// Where it begins.
    pub at: At,
    /// Shares of the new version and how long each stays, without what is assumed.
    pub schedule: Vec<Stage>,
    /// Places at which somebody is waited for.
    pub manual_gates: u32,
    /// Seconds until everything is on the new version, people and pods taking no time; `None` if that never comes.
    pub full_s: Option<f64>,
    /// Seconds until the tool says that it is done.
    pub done_s: Option<f64>,
    /// The program; `None` where there are only alarms.
    pub strategy: Option<Strategy>,
    /// Alarms that stop it, or that are all there is.
    pub alarms: Vec<Alarm>,
    /// What became of what.
    pub mapped: Vec<Note>,
    /// What the file does not say, and was taken to be so.
    pub assumptions: Vec<Note>,
    /// What the file says, and the strategy does not.
    pub not_expressed: Vec<Note>,
}

/// A share of the new version and how long it stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// The share in percent.
    pub weight_percent: f64,
    /// How long it stays.
    pub dwell: Dwell,
    /// Where that is said.
    pub at: At,
}

/// How long a share stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dwell {
    /// Seconds.
    Seconds(f64),
    /// Until somebody says so.
    Manual,
    /// For ever: the tool never goes on by itself.
    Unbounded,
}

/// A remark on a line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Note {
    /// The line.
    pub at: At,
    /// The remark.
    pub text: String,
    /// What changes an assumption, such as `--pod-start 10s`.
    pub knob: Option<&'static str>,
}

impl Imported {
    /// Something without a schedule yet.
    pub fn new(kind: &'static str, name: &str, at: At) -> Imported {
        Imported {
            kind,
            name: name.to_owned(),
            at,
            schedule: Vec::new(),
            manual_gates: 0,
            full_s: Some(0.0),
            done_s: Some(0.0),
            strategy: None,
            alarms: Vec::new(),
            mapped: Vec::new(),
            assumptions: Vec::new(),
            not_expressed: Vec::new(),
        }
    }

    /// Adds a share; one that ends by itself is put together with one of the same share before it that does.
    pub fn stage(&mut self, weight_percent: f64, dwell: Dwell, at: At) {
        if let (Dwell::Seconds(more), Some(last)) = (dwell, self.schedule.last_mut())
            && let Dwell::Seconds(before) = last.dwell
            && last.weight_percent == weight_percent
        {
            last.dwell = Dwell::Seconds(before + more);
            return;
        }
        self.schedule.push(Stage {
            weight_percent,
            dwell,
            at,
        });
    }

    /// Seconds until the first traffic reaches the new version; `None` if none ever does.
    ///
    /// What the schedule leaves out before its first share, such as the tick in which a tool sees a revision, counts.
    pub fn first_exposure_s(&self) -> Option<f64> {
        let seconds = |stage: &Stage| match stage.dwell {
            Dwell::Seconds(s) => Some(s),
            Dwell::Manual => Some(0.0),
            Dwell::Unbounded => None,
        };
        let first = self.schedule.iter().position(|s| s.weight_percent > 0.0)?;
        let before: Option<f64> = self.schedule[..first].iter().map(seconds).sum();
        let full = self
            .schedule
            .iter()
            .position(|s| s.weight_percent >= 100.0)?;
        let all: Option<f64> = self.schedule[..full].iter().map(seconds).sum();
        Some(before? + (self.full_s? - all?).max(0.0))
    }

    /// Says what became of something.
    pub fn maps(&mut self, at: At, text: impl Into<String>) {
        self.mapped.push(Note {
            at,
            text: text.into(),
            knob: None,
        });
    }

    /// Says what was taken to be so, and what changes it.
    pub fn assumes(&mut self, at: At, text: impl Into<String>, knob: Option<&'static str>) {
        self.assumptions.push(Note {
            at,
            text: text.into(),
            knob,
        });
    }

    /// Says what is lost.
    pub fn loses(&mut self, at: At, text: impl Into<String>) {
        self.not_expressed.push(Note {
            at,
            text: text.into(),
            knob: None,
        });
    }

    /// Leaves every remark once.
    pub fn tidy(&mut self) {
        for notes in [&mut self.assumptions, &mut self.not_expressed] {
            let mut told = HashSet::new();
            notes.retain(|note| told.insert(note.clone()));
        }
    }
}
