//! What was imported, for programs.

use serde::{Serialize, Serializer};

use super::imported::{Dwell, Imported, Note, Stage};

#[derive(Serialize)]
struct Rollout<'a> {
    name: &'a str,
    kind: &'a str,
    file: &'a str,
    line: usize,
    schedule: Vec<StageOut>,
    manual_gates: u32,
    first_exposure_s: Option<f64>,
    full_s: Option<f64>,
    done_s: Option<f64>,
    alarms: Vec<AlarmOut<'a>>,
    tests: Vec<TestOut<'a>>,
    mapped: Vec<NoteOut<'a>>,
    assumptions: Vec<NoteOut<'a>>,
    not_expressed: Vec<NoteOut<'a>>,
}

#[derive(Serialize)]
struct StageOut {
    weight_percent: f64,
    dwell_s: DwellOut,
    line: usize,
}

struct DwellOut(Dwell);

impl Serialize for DwellOut {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Dwell::Seconds(seconds) => serializer.serialize_f64(seconds),
            Dwell::Manual => serializer.serialize_str("manual"),
            Dwell::Unbounded => serializer.serialize_str("unbounded"),
        }
    }
}

#[derive(Serialize)]
struct AlarmOut<'a> {
    name: &'a str,
    scope: &'a str,
    when: &'a str,
    datapoints: &'a str,
    period_s: u32,
    window_s: u32,
    lag_s: f64,
    missing: &'a str,
    does: &'a str,
    line: usize,
}

#[derive(Serialize)]
struct TestOut<'a> {
    name: &'a str,
    at: &'a str,
    takes: &'a str,
    line: usize,
}

#[derive(Serialize)]
struct NoteOut<'a> {
    file: &'a str,
    line: usize,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    knob: Option<&'a str>,
}

/// A list, an element for each.
pub fn document(imported: &[Imported], names: &[&str]) -> String {
    let all: Vec<Rollout<'_>> = imported.iter().map(|one| rollout(one, names)).collect();
    // Texts and finite numbers only, so nothing can fail.
    let mut text = serde_json::to_string_pretty(&all).unwrap_or_default();
    text.push('\n');
    text
}

fn rollout<'a>(one: &'a Imported, names: &[&'a str]) -> Rollout<'a> {
    let file = |index: usize| names.get(index).copied().unwrap_or("");
    let notes = |notes: &'a [Note]| {
        let out = |note: &'a Note| NoteOut {
            file: file(note.at.file),
            line: note.at.line,
            text: &note.text,
            knob: note.knob,
        };
        notes.iter().map(out).collect()
    };
    let tests = one.strategy.iter().flat_map(|s| {
        let before = s.preproduction.iter().map(|t| (t, "preproduction"));
        before.chain(s.tests.iter().map(|t| {
            (
                t,
                if t.after_traffic {
                    "post-traffic"
                } else {
                    "pre-traffic"
                },
            )
        }))
    });
    Rollout {
        name: &one.name,
        kind: one.kind,
        file: file(one.at.file),
        line: one.at.line,
        schedule: one.schedule.iter().map(stage).collect(),
        manual_gates: one.manual_gates,
        first_exposure_s: one.first_exposure_s(),
        full_s: one.full_s,
        done_s: one.done_s,
        alarms: one
            .alarms
            .iter()
            .map(|a| AlarmOut {
                name: &a.name,
                scope: a.scope,
                when: &a.when,
                datapoints: &a.datapoints,
                period_s: a.period_s,
                window_s: a.window_s.unwrap_or(a.period_s),
                lag_s: a.lag_s,
                missing: a.missing,
                does: a.does,
                line: a.at.line,
            })
            .collect(),
        tests: tests
            .map(|(t, at)| TestOut {
                name: &t.name,
                at,
                takes: &t.takes,
                line: t.at.line,
            })
            .collect(),
        mapped: notes(&one.mapped),
        assumptions: notes(&one.assumptions),
        not_expressed: notes(&one.not_expressed),
    }
}

fn stage(stage: &Stage) -> StageOut {
    StageOut {
        weight_percent: stage.weight_percent,
        dwell_s: DwellOut(stage.dwell),
        line: stage.at.line,
    }
}
