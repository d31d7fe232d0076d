//! The strategy file of what was imported.

use std::fmt::Write;

use super::duration::literal;
use super::imported::{Imported, Note};
use super::refusal::At;
use super::strategy::{Alarm, Bake, Step, Strategy, Test, Wave, Zones};

/// A bake that outlasts every horizon.
const ENDLESS: &str = "365d";
/// Columns of a comment.
const WIDTH: usize = 118;

/// The file, and for each of its lines where it comes from. `names`: those of the files that it comes from.
pub fn file(imported: &[Imported], names: &[&str]) -> (String, Vec<At>) {
    let mut out = Writer {
        text: String::new(),
        names,
        at: At::top(0),
        lines: Vec::new(),
    };
    out.comment(
        "",
        &format!("Imported by landfall from {}.", names.join(", ")),
    );
    if imported.iter().all(|i| i.strategy.is_none()) {
        out.comment(
            "",
            "Alarms without a rollout: a scenario takes this file in with `use`.",
        );
        out.line("format = 1");
    }
    for one in imported {
        out.imported(one);
    }
    (out.text, out.lines)
}

struct Writer<'n> {
    text: String,
    names: &'n [&'n str],
    /// Where comes from what is written now, and of every line what was.
    at: At,
    lines: Vec<At>,
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        let lines = 1 + line.matches('\n').count();
        self.lines.extend(std::iter::repeat_n(self.at, lines));
    }

    /// A line that comes from elsewhere than what is around it.
    fn line_of(&mut self, at: At, line: &str) {
        let around = std::mem::replace(&mut self.at, at);
        self.line(line);
        self.at = around;
    }

    /// A comment, broken into lines; an item of a list goes on below its text.
    fn comment(&mut self, indent: &str, text: &str) {
        let mut line = format!("{indent}#");
        let empty = line.len();
        let hanging = if text.starts_with("- ") { "  " } else { "" };
        for word in plain(text).split_whitespace() {
            if line.len() > empty + hanging.len()
                && line.chars().count() + 1 + word.chars().count() > WIDTH
            {
                self.line(&line);
                line.truncate(empty);
                line.push_str(hanging);
            }
            line.push(' ');
            line.push_str(word);
        }
        self.line(&line);
    }

    fn place(&self, at: At) -> String {
        match self.names {
            [_] => format!("line {}", at.line),
            names => {
                let name = names.get(at.file).unwrap_or(&"");
                let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
                format!("{base}:{}", at.line)
            }
        }
    }

    fn notes(&mut self, heading: &str, notes: &[Note]) {
        if notes.is_empty() {
            return;
        }
        self.comment("", heading);
        for note in notes {
            let knob = note.knob.map_or(String::new(), |knob| format!(" [{knob}]"));
            let text = format!("- {}: {}{knob}", self.place(note.at), note.text);
            self.comment("", &text);
        }
    }

    fn imported(&mut self, one: &Imported) {
        self.at = one.at;
        self.line("");
        let what = format!("{} `{}`, {}", one.kind, one.name, self.place(one.at));
        self.comment("", &what);
        self.notes("Assumed:", &one.assumptions);
        self.notes("Not expressed here:", &one.not_expressed);
        match &one.strategy {
            Some(strategy) => self.strategy(&one.name, strategy, &one.alarms),
            None => {
                for alarm in &one.alarms {
                    self.at = alarm.at;
                    self.line(&format!("\n[alarm.{}]", key(&alarm.name)));
                    self.alarm_comment("", alarm);
                    for key in keys(alarm) {
                        self.line(&key);
                    }
                }
            }
        }
    }

    fn strategy(&mut self, name: &str, strategy: &Strategy, alarms: &[Alarm]) {
        self.line(&format!("[strategy.{}]", key(name)));
        if let Some(approval) = &strategy.approval {
            self.line(&format!("approval = {}", quoted(approval)));
        }
        self.tests("preproduction", &strategy.preproduction, false);
        self.tests("tests", &strategy.tests, true);
        self.line("steps = [");
        self.steps("  ", &strategy.steps);
        self.line("]");
        match (strategy.zones, bake(strategy.zone_bake)) {
            (Zones::AllAtOnce, _) => self.line("zones = { batches = [\"rest\"] }"),
            (Zones::OneByOne, bake) if bake.is_empty() => {}
            (Zones::OneByOne, bake) => self.line(&format!("zones = {{ batches = [1]{bake} }}")),
        }
        if !strategy.waves.is_empty() {
            self.line("waves = [");
            for wave in &strategy.waves {
                self.wave(wave);
            }
            self.line("]");
        }
        if let Some(takes) = &strategy.rollback_takes {
            let parts = match strategy.rollback_in {
                0 | 1 => String::new(),
                n => format!(", in = {n}"),
            };
            self.line(&format!(
                "rollback = {{ takes = {}{parts} }}",
                quoted(takes)
            ));
        }
        self.line("use_alarms = []");
        for alarm in alarms {
            self.at = alarm.at;
            self.line(&format!("\n[[strategy.{}.alarms]]", key(name)));
            self.alarm_comment("", alarm);
            self.line(&format!("name = {}", quoted(&alarm.name)));
            for key in keys(alarm) {
                self.line(&key);
            }
        }
    }

    fn alarm_comment(&mut self, indent: &str, alarm: &Alarm) {
        let text = format!("{}: {}", self.place(alarm.at), alarm.comment);
        self.comment(indent, &text);
    }

    fn tests(&mut self, key: &str, tests: &[Test], of_zones: bool) {
        if tests.is_empty() {
            return;
        }
        self.line(&format!("{key} = ["));
        for test in tests {
            let text = format!("{}: {}", self.place(test.at), test.comment);
            self.comment("  ", &text);
            let at = match (of_zones, test.after_traffic) {
                (false, _) => "",
                (true, false) => ", at = \"pre-traffic\"",
                (true, true) => ", at = \"post-traffic\"",
            };
            let (name, takes) = (quoted(&test.name), quoted(&test.takes));
            let line = format!("  {{ name = {name}{at}, takes = {takes} }},");
            self.line_of(test.at, &line);
        }
        self.line("]");
    }

    fn steps(&mut self, indent: &str, steps: &[Step]) {
        let mut told = None;
        for step in steps {
            let takes = step
                .takes
                .as_ref()
                .map_or(String::new(), |t| format!(", takes = {}", quoted(t)));
            let parts = match step.parts {
                0 | 1 => String::new(),
                n => format!(", in = {n}"),
            };
            let bake = bake(step.bake);
            let to = percent(step.to_percent);
            let mut line = format!("{indent}{{ to = \"{to}\"{takes}{parts}{bake} }},");
            // What a step before says already is not said again.
            let comment = (step.at, step.comment.as_str());
            if told.replace(comment) != Some(comment) {
                let place = self.place(step.at);
                let _ = write!(line, " # {place}: {}", plain(&step.comment));
            }
            self.line_of(step.at, &line);
        }
    }

    fn wave(&mut self, wave: &Wave) {
        let text = format!("{}: {}", self.place(wave.at), wave.comment);
        self.comment("  ", &text);
        let regions = match wave.regions.as_slice() {
            [] => "\"rest\"".to_owned(),
            names => {
                let names: Vec<String> = names.iter().map(|n| quoted(n)).collect();
                format!("[{}]", names.join(", "))
            }
        };
        let mut line = format!("  {{ regions = {regions}");
        if wave.parallel > 1 {
            let _ = write!(line, ", parallel = {}", wave.parallel);
        }
        if wave.approval {
            line.push_str(", approval = true");
        }
        line.push_str(&bake(wave.bake));
        if wave.steps.is_empty() {
            return self.line(&format!("{line} }},"));
        }
        self.line(&format!("{line}, steps = ["));
        self.steps("    ", &wave.steps);
        self.line("  ] },");
    }
}

fn bake(bake: Bake) -> String {
    match bake {
        Bake::None => String::new(),
        Bake::For(0.0) => String::new(),
        Bake::For(seconds) => format!(", bake = \"{}\"", literal(seconds)),
        Bake::Manual => ", bake = \"manual\"".to_owned(),
        Bake::Endless => format!(", bake = \"{ENDLESS}\""),
    }
}

/// The keys of an alarm but for its name.
fn keys(alarm: &Alarm) -> Vec<String> {
    let seconds = |s: u32| quoted(&literal(f64::from(s)));
    let mut keys = vec![
        format!("scope = {}", quoted(alarm.scope)),
        format!("when = {}", quoted(&alarm.when)),
        format!("period = {}", seconds(alarm.period_s)),
    ];
    let mut add = |key: &str, value: Option<String>| {
        keys.extend(value.map(|value| format!("{key} = {value}")));
    };
    add("every", alarm.every_s.map(seconds));
    add("window", alarm.window_s.map(seconds));
    add(
        "lag",
        (alarm.lag_s > 0.0).then(|| quoted(&literal(alarm.lag_s))),
    );
    add(
        "datapoints",
        (alarm.datapoints != "1 of 1").then(|| quoted(&alarm.datapoints)),
    );
    add("min_requests", alarm.min_requests.map(|n| n.to_string()));
    add(
        "missing",
        (alarm.missing != "not-breaching").then(|| quoted(alarm.missing)),
    );
    let and = alarm.and.as_ref().map(|(when, window)| {
        let window = window.map_or(String::new(), |w| format!(", window = {}", seconds(w)));
        format!("{{ when = {}{window} }}", quoted(when))
    });
    add("and", and);
    add(
        "does",
        (alarm.does != "rollback").then(|| quoted(alarm.does)),
    );
    add(
        "watches",
        (alarm.watches != "rollout").then(|| quoted(alarm.watches)),
    );
    let steps = alarm.steps.map(|(from, to)| {
        let to = to.map_or(String::new(), |to| format!(", to = {to}"));
        format!("{{ from = {from}{to} }}")
    });
    add("steps", steps);
    add("grid", alarm.from_deployment.then(|| quoted("deployment")));
    keys
}

/// A share in percent, without the noise of binary fractions.
pub fn percent(percent: f64) -> String {
    let text = format!("{percent:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}%")
}

/// A name in a header, in quotes only where TOML needs them.
fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A text in TOML's basic quotes.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A text that may stand in a comment.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted() {
        assert_eq!(key("rollout-1_a"), "rollout-1_a");
        assert_eq!(key("a.b"), "\"a.b\"");
        assert_eq!((key("").as_str(), key("é").as_str()), ("\"\"", "\"é\""));
        assert_eq!(quoted("a.b"), "\"a.b\"");
        assert_eq!(quoted("\"\\\n\u{1}é"), "\"\\\"\\\\\\n\\u0001é\"");
    }

    #[test]
    fn shares_have_no_noise() {
        assert_eq!(percent(0.1 + 0.2), "0.3%");
        assert_eq!(percent(100.0 / 3.0), "33.333333%");
        assert_eq!(percent(5.0), "5%");
    }
}
