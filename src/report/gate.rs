//! Operating curves as tables: the chance that each alarm stops a rollout in each stage, against the size of the defect.

use serde_json::{Value, json};

use super::quantity::Quantity;
use super::rollouts::push_number;
use super::text::{clean, width};
use crate::operating::{Chance, Gate, Solved, Stage, Unsolved};

/// The curves of one strategy in one region.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// The strategy.
    pub strategy: String,
    /// The region.
    pub region: String,
    /// Sizes of the defect.
    pub defects: Vec<f64>,
    /// A row for each alarm in each stage.
    pub rows: Vec<Row>,
}

/// One alarm in one stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The stage.
    pub stage: Stage,
    /// The alarm.
    pub alarm: String,
    /// What it does.
    pub does: &'static str,
    /// Requests that its window holds in the mean.
    pub requests: f64,
    /// By size of the defect.
    pub chances: Vec<Chance>,
}

/// What `--solve` found in one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The strategy.
    pub strategy: String,
    /// The stage and the alarm.
    pub stage: String,
    /// The alarm.
    pub alarm: String,
    /// What was asked for: `bake`, `canary`, `requests`, `threshold`.
    pub knob: &'static str,
    /// What was found, or why there is nothing.
    pub found: Result<Solved, Unsolved>,
}

impl Curves {
    /// Computes those of a gate; of these alarms only (by index).
    pub fn of(
        gate: &Gate<'_>,
        region: &str,
        strategy: &str,
        alarms: &[usize],
        defects: &[f64],
    ) -> Curves {
        let mut rows = Vec::new();
        for (s, stage) in gate.stages().iter().enumerate() {
            for &a in alarms {
                let alarm = &gate.alarms()[a];
                rows.push(Row {
                    stage: *stage,
                    alarm: alarm.name.clone(),
                    does: match alarm.does {
                        crate::plan::Action::RollBack => "rollback",
                        crate::plan::Action::Page => "page",
                        crate::plan::Action::Pause => "pause",
                        crate::plan::Action::Hold => "hold",
                    },
                    requests: gate.requests(a, s),
                    chances: gate.curve(a, s, defects),
                });
            }
        }
        Curves {
            strategy: strategy.to_owned(),
            region: region.to_owned(),
            defects: defects.to_vec(),
            rows,
        }
    }

    fn head(&self) -> Vec<String> {
        let sizes = self.defects.iter().map(|&d| match d == 0.0 {
            true => "no defect".to_owned(),
            false => format!("+{}", Quantity::Share.text(d)),
        });
        let first = ["stage", "alarm", "requests"].map(str::to_owned);
        first.into_iter().chain(sizes).collect()
    }

    /// Rows with a figure, as texts; and remarks on the others.
    fn cells(&self) -> (Vec<Vec<String>>, Vec<String>) {
        let mut cells = Vec::new();
        let mut remarks: Vec<(String, String, Vec<String>)> = Vec::new();
        for row in &self.rows {
            let reason = match &row.chances[0] {
                Chance::None(why) => Some((*why).to_owned()),
                Chance::NotComputed(why) => Some(format!("not computed: {why}")),
                Chance::Is(_) | Chance::About(_) | Chance::Between(..) => None,
            };
            let stage = row.stage.kind.to_string();
            if let Some(reason) = reason {
                let known = remarks
                    .iter_mut()
                    .find(|r| r.0 == row.alarm && r.1 == reason);
                match known {
                    Some(known) => known.2.push(stage),
                    None => remarks.push((row.alarm.clone(), reason, vec![stage])),
                }
                continue;
            }
            let mut of_row = vec![
                stage,
                clean(&row.alarm),
                Quantity::Amount.text(row.requests),
            ];
            of_row.extend(row.chances.iter().map(chance));
            cells.push(of_row);
        }
        let remark = |(alarm, reason, stages): &(String, String, Vec<String>)| {
            format!("{} in {}: {reason}", clean(alarm), stages.join(", "))
        };
        (cells, remarks.iter().map(remark).collect())
    }

    fn title(&self) -> String {
        let (strategy, region) = (clean(&self.strategy), clean(&self.region));
        format!(
            "{strategy}, in {region}: the chance that an alarm fires in a stage, by size of the defect"
        )
    }

    /// For a terminal.
    pub fn human(&self) -> String {
        let head = self.head();
        let (cells, remarks) = self.cells();
        let widths: Vec<usize> = (0..head.len())
            .map(|i| {
                cells
                    .iter()
                    .chain([&head])
                    .map(|row| width(&row[i]))
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let line = |row: &Vec<String>| {
            let mut text = String::new();
            for (i, cell) in row.iter().enumerate() {
                let pad = " ".repeat(widths[i] - width(cell));
                // Names on the left, figures on the right.
                let cell = if i < 2 {
                    format!("{cell}{pad}")
                } else {
                    format!("{pad}{cell}")
                };
                text += &format!("{}{cell}", if i > 0 { "  " } else { "" });
            }
            text.trim_end().to_owned() + "\n"
        };
        let mut text = self.title() + "\n\n" + &line(&head);
        let mut before = None;
        for row in &cells {
            // Each stage is named once.
            let mut row = row.clone();
            if before.as_ref() == Some(&row[0]) {
                row[0].clear();
            } else {
                before = Some(row[0].clone());
            }
            text += &line(&row);
        }
        for remark in remarks {
            text += &format!("  {remark}\n");
        }
        text
    }

    /// For a page or a pull request.
    pub fn markdown(&self) -> String {
        let head = self.head();
        let (cells, remarks) = self.cells();
        let line = |row: &[String]| {
            let cells: Vec<String> = row.iter().map(|c| c.replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let mut text = format!("**{}**\n\n{}", self.title(), line(&head));
        text += &format!("|{}\n", "---|".repeat(2) + &"--:|".repeat(head.len() - 2));
        cells.iter().for_each(|row| text += &line(row));
        if !remarks.is_empty() {
            text += "\n";
        }
        remarks.iter().for_each(|r| text += &format!("- {r}\n"));
        text
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            let chances = self
                .defects
                .iter()
                .zip(&row.chances)
                .map(|(&defect, chance)| {
                    let (low, high) = chance.bounds().unzip();
                    let reason = match chance {
                        Chance::None(why) => Some((*why).to_owned()),
                        Chance::NotComputed(why) => Some(why.clone()),
                        Chance::Is(_) | Chance::About(_) | Chance::Between(..) => None,
                    };
                    json!({ "defect": defect, "known": known(chance), "low": low, "high": high, "reason": reason })
                });
            json!({
                "stage": row.stage.kind.to_string(),
                "begins_s": row.stage.begins_s,
                "bakes_s": row.stage.bakes_s,
                "ends_s": row.stage.ends_s,
                "share": row.stage.share,
                "alarm": row.alarm,
                "does": row.does,
                "requests": row.requests,
                "chances": chances.collect::<Vec<_>>(),
            })
        });
        json!({ "strategy": self.strategy, "region": self.region, "rows": rows.collect::<Vec<_>>() })
    }
}

fn chance(chance: &Chance) -> String {
    match chance {
        Chance::Is(p) => probability(*p),
        Chance::About(p) => match probability(*p) {
            text if text.starts_with(['<', '>']) || *p == 0.0 => text,
            text => format!("~ {text}"),
        },
        Chance::Between(low, high) if probability(*low) == probability(*high) => probability(*low),
        Chance::Between(low, high) => format!("{}–{}", probability(*low), probability(*high)),
        Chance::None(_) | Chance::NotComputed(_) => "–".to_owned(),
    }
}

/// How well a chance is known, in a word.
fn known(chance: &Chance) -> &'static str {
    match chance {
        Chance::Is(_) => "exactly",
        Chance::About(_) => "about",
        Chance::Between(..) => "between",
        Chance::None(_) => "none",
        Chance::NotComputed(_) => "not",
    }
}

/// A chance in few digits; those nearer to 0 or 1 than sums are exact say so.
fn probability(p: f64) -> String {
    match p {
        0.0 => "0%".to_owned(),
        p if p < 1e-7 => "< 0.00001%".to_owned(),
        p if p >= 1.0 - 5e-5 => "> 99.99%".to_owned(),
        p => Quantity::Share.text(p),
    }
}

/// All curves as CSV: a line for each size.
pub fn csv(all: &[Curves]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut push = |fields: [&str; 12]| {
        writer
            .write_record(fields)
            .expect("memory takes what comes")
    };
    push([
        "strategy", "region", "stage", "share", "bake_s", "alarm", "requests", "defect", "known",
        "low", "high", "reason",
    ]);
    let number = |x: f64| {
        let mut text = String::new();
        push_number(&mut text, x);
        text
    };
    for curves in all {
        for row in &curves.rows {
            for (&defect, chance) in curves.defects.iter().zip(&row.chances) {
                let bounds = chance.bounds();
                let of =
                    |pick: fn((f64, f64)) -> f64| bounds.map_or(String::new(), |b| number(pick(b)));
                let reason = match chance {
                    Chance::None(why) => why,
                    Chance::NotComputed(why) => why.as_str(),
                    Chance::Is(_) | Chance::About(_) | Chance::Between(..) => "",
                };
                push([
                    &curves.strategy,
                    &curves.region,
                    &row.stage.kind.to_string(),
                    &number(row.stage.share),
                    &number(row.stage.ends_s - row.stage.bakes_s),
                    &row.alarm,
                    &number(row.requests),
                    &number(defect),
                    known(chance),
                    &of(|b| b.0),
                    &of(|b| b.1),
                    reason,
                ]);
            }
        }
    }
    let bytes = writer.into_inner().expect("memory takes what comes");
    String::from_utf8(bytes).expect("fields of text make text")
}

/// What `--solve` found as CSV: a line for each place.
pub fn solved_csv(answers: &[Answer]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut push = |fields: [&str; 9]| {
        writer
            .write_record(fields)
            .expect("memory takes what comes")
    };
    push([
        "strategy",
        "stage",
        "alarm",
        "solve",
        "value",
        "requests",
        "miss",
        "chance_stop",
        "reason",
    ]);
    for answer in answers {
        let of = |pick: fn(&Solved) -> f64| {
            let mut text = String::new();
            if let Ok(solved) = &answer.found {
                push_number(&mut text, pick(solved));
            }
            text
        };
        push([
            &answer.strategy,
            &answer.stage,
            &answer.alarm,
            answer.knob,
            &of(|s| s.value),
            &of(|s| s.requests),
            &of(|s| s.miss),
            &of(|s| s.chance_stop),
            &answer.reason().unwrap_or_default(),
        ]);
    }
    let bytes = writer.into_inner().expect("memory takes what comes");
    String::from_utf8(bytes).expect("fields of text make text")
}

impl Answer {
    /// In words.
    pub fn text(&self) -> String {
        let place = format!(
            "{}, {}, {}",
            clean(&self.strategy),
            self.stage,
            clean(&self.alarm)
        );
        match &self.found {
            Err(why) => format!("{place}: no {} found: {}\n", self.knob, self.why(why)),
            Ok(solved) => {
                let setting = self.setting(solved.value);
                let value = match self.knob {
                    "bake" => format!("a bake of {setting}"),
                    "requests" => {
                        let requests = Quantity::Amount.text(solved.requests);
                        format!("{requests} requests a window ({setting})")
                    }
                    _ => setting,
                };
                format!(
                    "{place}: {value} misses {} and stops {} by chance\n",
                    probability(solved.miss),
                    probability(solved.chance_stop)
                )
            }
        }
    }

    /// A setting of the knob in words.
    fn setting(&self, value: f64) -> String {
        match self.knob {
            "bake" => Quantity::Duration.text(value),
            "canary" => format!("{} of the zone's traffic", Quantity::Share.text(value)),
            "requests" => format!("{value:.3} times the traffic"),
            _ => format!("a threshold of {value:.6}"),
        }
    }

    fn why(&self, unsolved: &Unsolved) -> String {
        // More digits than elsewhere: what is more than allowed has to look like it.
        let chance = |p: f64| format!("{:.2}%", 100.0 * p);
        match *unsolved {
            Unsolved::Nothing(ref why) => why.clone(),
            Unsolved::Misses { highest, miss } => {
                format!(
                    "even at {} it misses {}",
                    self.setting(highest),
                    chance(miss)
                )
            }
            Unsolved::Stops {
                highest,
                chance_stop,
            } => format!(
                "even at {} it stops by chance in {}",
                self.setting(highest),
                chance(chance_stop)
            ),
            Unsolved::ThenStops { from, chance_stop } => format!(
                "from {} on it misses seldom enough, but stops by chance in {}",
                self.setting(from),
                chance(chance_stop)
            ),
            Unsolved::ThenMisses { from, miss } => format!(
                "from {} on it stops seldom enough by chance, but misses {}",
                self.setting(from),
                chance(miss)
            ),
        }
    }

    /// Why nothing was found, in words.
    fn reason(&self) -> Option<String> {
        self.found.as_ref().err().map(|why| self.why(why))
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        let found = self.found.as_ref();
        let of = |pick: fn(&Solved) -> f64| found.ok().map(pick);
        json!({
            "strategy": self.strategy,
            "stage": self.stage,
            "alarm": self.alarm,
            "solve": self.knob,
            "value": of(|s| s.value),
            "requests": of(|s| s.requests),
            "miss": of(|s| s.miss),
            "chance_stop": of(|s| s.chance_stop),
            "reason": self.reason(),
        })
    }
}
