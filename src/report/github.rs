//! Annotations of GitHub Actions: workflow commands that the runner turns into remarks beside the lines of a change.
//!
//! Source: "Workflow commands for GitHub Actions"; what is escaped is what the runner's `ActionCommand` unescapes.

use super::diagnostic::{Diagnostic, Level};

/// The runner shows so many annotations of each kind for one step, and drops the others.
pub const MOST_OF_A_KIND: usize = 10;

/// Diagnostics as workflow commands, worst first, no more of each kind than are shown; how many were left out is said in
/// a plain line of the log.
pub fn annotations(diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    let mut left_out = 0;
    for level in [Level::Error, Level::Warning, Level::Note] {
        let of_kind: Vec<&Diagnostic> = diagnostics.iter().filter(|d| d.level == level).collect();
        left_out += of_kind.len().saturating_sub(MOST_OF_A_KIND);
        for diagnostic in of_kind.into_iter().take(MOST_OF_A_KIND) {
            text.push_str(&command(diagnostic));
            text.push('\n');
        }
    }
    if left_out > 0 {
        text.push_str(&format!("{left_out} more without an annotation\n"));
    }
    text
}

fn command(diagnostic: &Diagnostic) -> String {
    let kind = match diagnostic.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(place) = &diagnostic.place {
        properties.push(format!("file={}", property(&place.file)));
        properties.push(format!("line={}", place.line));
        // Columns count within one line only.
        if place.end_line == place.line {
            properties.push(format!("col={}", place.column));
            properties.push(format!("endColumn={}", place.end_column));
        } else {
            properties.push(format!("endLine={}", place.end_line));
        }
    }
    let title = format!("{} {}", diagnostic.code, diagnostic.name);
    properties.push(format!("title={}", property(&title)));
    format!(
        "::{kind} {}::{}",
        properties.join(","),
        data(&diagnostic.text())
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::diagnostic::Place;

    fn diagnostic(level: Level, message: &str) -> Diagnostic {
        Diagnostic {
            code: "LF101".to_owned(),
            name: "alarm-too-late".to_owned(),
            level,
            message: message.to_owned(),
            help: None,
            place: Some(Place::of_text("a,b:c.toml", 3, 7, "zone")),
            subject: "s".to_owned(),
        }
    }

    #[test]
    fn whatever_would_end_a_part_is_escaped() {
        assert_eq!(
            annotations(&[diagnostic(Level::Error, "100% at:\r\nonce, all")]),
            "::error file=a%2Cb%3Ac.toml,line=3,col=7,endColumn=11,title=LF101 alarm-too-late::\
             100%25 at:%0D%0Aonce, all\n"
        );
    }

    #[test]
    fn columns_are_left_out_where_a_place_has_several_lines() {
        let mut several = diagnostic(Level::Note, "x");
        several.place = Some(Place::of_text("a", 3, 7, "{\n  b }"));
        assert_eq!(
            annotations(&[several]),
            "::notice file=a,line=3,endLine=4,title=LF101 alarm-too-late::x\n"
        );
    }

    #[test]
    fn the_worst_come_first_and_no_more_than_are_shown() {
        let mut all = vec![diagnostic(Level::Warning, "w"); 12];
        all.push(diagnostic(Level::Error, "e"));
        let text = annotations(&all);
        assert!(text.starts_with("::error "), "{text}");
        assert_eq!(text.matches("::warning ").count(), 10);
        assert!(text.ends_with("\n2 more without an annotation\n"), "{text}");
    }
}
