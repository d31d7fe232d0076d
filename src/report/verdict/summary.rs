//! Verdicts as a summary of a job: Markdown as GitHub renders it, small enough for it to take.

use super::{Answer, Complaint, Judgement, Verdict, with_interval};
use crate::report::diagnostic::Diagnostic;
use crate::report::quantity::Quantity;
use crate::stats::Estimate;

/// What GitHub takes of one step's summary, in bytes.
pub const MOST_BYTES: usize = 1 << 20;
/// What the last line needs, which says what was left out.
const LAST_LINE: usize = 128;

/// The summary: a headline, a table with the worst first, and what to do about those that do not hold.
///
/// What would make it larger than [`MOST_BYTES`] is left out, the best first, and a line says so.
pub fn summary(judgement: &Judgement) -> String {
    let verdicts = judgement.worst_first();
    let mut page = Page::default();
    page.push(&format!("## landfall check: {}\n\n", judgement.headline()));
    let has_base = verdicts.iter().any(|v| v.base.is_some());
    if !verdicts.is_empty() {
        page.push(heading(has_base));
    }
    let rows: Vec<String> = verdicts.iter().map(|v| row(v, has_base)).collect();
    let rows_left_out = page.push_while_room(&rows);
    page.push(&format!(
        "\nAll answers together are right with a chance of at least {}; seed {}.\n",
        Quantity::Share.text(judgement.confidence),
        judgement.seed
    ));
    let of = |complaint: &Complaint<'_>| match complaint {
        Complaint::Budget(verdict) => remark(verdict),
        Complaint::CannotFire(gate) => cannot_fire(gate),
    };
    let remarks: Vec<String> = judgement.complaints().iter().map(of).collect();
    let remarks_left_out = page.push_while_room(&remarks);
    if rows_left_out + remarks_left_out > 0 {
        page.text.push_str(&format!(
            "\nLeft out for their size: {rows_left_out} lines of the table, {remarks_left_out} remarks.\n"
        ));
    }
    page.text
}

/// A text that grows up to what is allowed.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn push(&mut self, part: &str) {
        self.text.push_str(part);
    }

    /// Pushes parts as long as there is room, and says how many there was none for. Keeps room for the fixed lines.
    fn push_while_room(&mut self, parts: &[String]) -> usize {
        for (i, part) in parts.iter().enumerate() {
            if self.text.len() + part.len() + 2 * LAST_LINE > MOST_BYTES {
                return parts.len() - i;
            }
            self.push(part);
        }
        0
    }
}

fn heading(has_base: bool) -> &'static str {
    if has_base {
        "| verdict | strategy | budget | keeps | given | figure | limit | base | difference |\n\
         | --- | --- | --- | --- | --- | ---: | ---: | ---: | ---: |\n"
    } else {
        "| verdict | strategy | budget | keeps | given | figure | limit |\n\
         | --- | --- | --- | --- | --- | ---: | ---: |\n"
    }
}

fn row(verdict: &Verdict, has_base: bool) -> String {
    let answer = match verdict.answer {
        Answer::Broken => "**broken**",
        Answer::Undecided => "*undecided*",
        Answer::Holds => "holds",
    };
    let mut cells = vec![
        format!("{answer}{}", verdict.remarks()),
        escaped(&verdict.strategy),
        escaped(&verdict.budget),
        escaped(&verdict.keep),
        escaped(&verdict.given),
        escaped(&format!("{}: {}", verdict.measured, verdict.figure_text())),
        escaped(&verdict.quantity.text(verdict.limit)),
    ];
    if has_base {
        cells.extend(against_base(verdict).map(|cell| escaped(&cell)));
    }
    format!("| {} |\n", cells.join(" | "))
}

/// The base's figure, and by how much this one is more.
fn against_base(verdict: &Verdict) -> [String; 2] {
    let Some(base) = verdict.base else {
        return [String::new(), String::new()];
    };
    let difference = difference(verdict.quantity, verdict.figure, base);
    [with_interval(verdict.quantity, base), difference]
}

/// Of the two values, with its sign; nothing where both are infinite.
fn difference(quantity: Quantity, figure: Estimate, base: Estimate) -> String {
    let difference = figure.value - base.value;
    if difference.is_nan() {
        return String::new();
    }
    let sign = if difference > 0.0 {
        "+"
    } else if difference < 0.0 {
        "−"
    } else {
        "±"
    };
    let size = quantity.text(difference.abs());
    match quantity {
        // "+2%" could be taken for two hundredths of the base.
        Quantity::Share | Quantity::Chance => {
            format!("{sign}{} points", size.trim_end_matches('%'))
        }
        Quantity::Duration | Quantity::Amount => format!("{sign}{size}"),
    }
}

fn remark(verdict: &Verdict) -> String {
    let mut text = format!(
        "\n### {}: {} {}\n\n",
        escaped(&verdict.strategy),
        escaped(&verdict.budget),
        verdict.answer.name()
    );
    if let Some(place) = &verdict.place {
        text.push_str(&format!("- at: {}:{}\n", escaped(&place.file), place.line));
    }
    // The last is the command, which stands in a block of its own.
    let details = verdict.details();
    for detail in &details[..details.len() - 1] {
        text.push_str(&format!("- {}\n", escaped(detail)));
    }
    let fence = fence(&verdict.repeat);
    text.push_str(&format!("\n{fence}sh\n{}\n{fence}\n", verdict.repeat));
    text
}

fn cannot_fire(gate: &Diagnostic) -> String {
    let mut text = format!(
        "\n### {}: cannot fire ({} {})\n\n",
        escaped(&gate.subject),
        escaped(&gate.code),
        escaped(&gate.name)
    );
    if let Some(place) = &gate.place {
        text.push_str(&format!("- at: {}:{}\n", escaped(&place.file), place.line));
    }
    for line in std::iter::once(&gate.message).chain(&gate.help) {
        text.push_str(&format!("- {}\n", escaped(line)));
    }
    text
}

/// More backquotes in a row than the text has.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// Text as text: nothing in it is markup, and it is one line.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '#' | '!' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
