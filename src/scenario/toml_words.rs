//! What the TOML parser says, in words for people who do not know its grammar.

use super::fields::short;
use super::problem::Draft;
use super::source::Place;
use super::value::MAX_NESTING;

/// What is said of an open bracket.
pub(super) const NOT_CLOSED: &str = "this bracket is not closed";

/// What stands around a syntax error.
struct Around<'t> {
    at: Place,
    /// The text that the parser blames.
    written: &'t str,
    /// The rest of its line.
    rest: &'t str,
    /// The whole line.
    line: &'t str,
    /// What of the line stands before the text that is blamed.
    head: &'t str,
}

/// A syntax error as a mistake.
pub(super) fn reworded(text: &str, at: Place, message: &str) -> Draft {
    let start = text[..at.start].rfind('\n').map_or(0, |i| i + 1);
    let end = at.start + text[at.start..].find('\n').unwrap_or(text.len() - at.start);
    let around = Around {
        at,
        written: text.get(at.start..at.end).unwrap_or(""),
        rest: text[at.start..end].trim_end(),
        line: &text[start..end],
        head: &text[start..at.start],
    };
    around.draft(message)
}

impl Around<'_> {
    fn draft(&self, message: &str) -> Draft {
        if let Some(marks) = ["//", "/*"].iter().find(|m| self.rest.starts_with(**m)) {
            let rule = format!("a comment begins with `#`, not with `{marks}`");
            return self.plain(rule);
        }
        match message {
            m if m.starts_with("string values must be quoted") => self.unquoted(),
            m if m.starts_with("duplicate key") => self
                .plain("this is here twice")
                .mend("put all keys of a table in one place, each once"),
            m if m.starts_with("unclosed") || m == NOT_CLOSED => self
                .plain(NOT_CLOSED)
                .mend(format!("close it with `{}`", closing(m))),
            m if m.starts_with("invalid basic string") || m.starts_with("invalid literal") => {
                self.string(m)
            }
            m if m.contains("recur") => self.plain(format!(
                "tables and lists are nested at most {MAX_NESTING} deep"
            )),
            m if m.starts_with("extra `=`") => self.plain("here is one `=` too many"),
            m if m.contains("unicode") || m.contains("escape") => self.escape(),
            m if m.starts_with("missing comma") => self
                .plain("a comma is missing before this")
                .mend("write one between two values; or quotes before it are not closed"),
            m if m.starts_with("key with no value")
                || m.starts_with("missing assignment")
                || m.starts_with("invalid unquoted key") =>
            {
                self.key(m)
            }
            m if m.starts_with("unexpected key or value") => self
                .plain("nothing may follow the value on its line")
                .mend("write each key on a line of its own, and comments behind `#`"),
            m if m.starts_with("invalid float") || m.starts_with("invalid integer") => {
                self.number(m)
            }
            other => self.as_told(other),
        }
    }

    fn plain(&self, rule: impl Into<String>) -> Draft {
        Draft::new(self.at, "", rule)
    }

    fn as_told(&self, message: &str) -> Draft {
        self.plain(format!("this is not TOML: {message}"))
    }

    fn unquoted(&self) -> Draft {
        let curly = |c: char| matches!(c, '“' | '”' | '„' | '‘' | '’' | '«' | '»');
        match self.written.trim() {
            "" => self
                .plain("a value is missing")
                .mend("write it after the `=`"),
            bare if bare.contains(curly) => self
                .plain("these are not the quotes that TOML knows")
                .mend(format!("write \"{}\"", short(bare.trim_matches(curly)))),
            bare => self
                .plain("a text must be in quotes")
                .mend(format!("write \"{}\"", short(bare))),
        }
    }

    /// A string that the line ends in.
    fn string(&self, message: &str) -> Draft {
        if self.rest.is_empty() {
            let rule = "the quotes of this text are not closed";
            return self.plain(rule).mend("close them at its end");
        }
        self.as_told(message)
    }

    /// A backslash that was meant as one. The parser blames what stands behind it.
    fn escape(&self) -> Draft {
        let at = self.head.rfind('\\').map_or(self.at, |slash| Place {
            // The head ends where the blamed text begins, so it is no longer than what stands before that.
            start: self.at.start - (self.head.len() - slash),
            end: self.at.start,
            ..self.at
        });
        let rule = "in double quotes a backslash begins an escape such as `\\n`, and this is none";
        Draft::new(at, "", rule).mend("write the backslash twice, or the text in single quotes")
    }

    /// A key without its `=`.
    fn key(&self, message: &str) -> Draft {
        let colon = self.line.contains(':') && !self.line.contains('=');
        if colon {
            let rule = "between a key and its value stands `=`, not `:`";
            return self.plain(rule).mend("write it like rps = 4_000");
        }
        if message.starts_with("invalid unquoted key") {
            let rule = "a key has letters, digits, `-` and `_`";
            return self.plain(rule).mend("put one with others in quotes");
        }
        let words = self.line.split('=').next().unwrap_or("").split_whitespace();
        let words: Vec<&str> = words.collect();
        if self.line.contains('=') && words.len() > 1 && !self.line.contains('{') {
            return self
                .plain("a key has no spaces")
                .mend(format!("write {}", short(&words.join("_"))));
        }
        let rule = "an `=` is missing between the key and its value";
        self.plain(rule).mend("write it like rps = 4_000")
    }

    /// A number with something behind it, such as a unit.
    fn number(&self, message: &str) -> Draft {
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '}' | ']' | '#' | '=' | '[');
        let start = self.head.rfind(ends).map_or(0, |i| i + 1);
        let token = &self.line[start..];
        let token = token.split(ends).next().unwrap_or("");
        let with_unit = token.ends_with(|c: char| c == '%' || c.is_alphabetic());
        if !with_unit {
            return self.as_told(message);
        }
        let back = self.head.len() - start;
        let at = Place {
            file: self.at.file,
            start: self.at.start - back,
            end: self.at.start - back + token.len(),
        };
        Draft::new(at, "", "a number with a unit must be in quotes")
            .mend(format!("write \"{}\"", short(token)))
    }
}

/// What closes the bracket that a message is about.
fn closing(message: &str) -> &'static str {
    match message {
        m if m.starts_with("unclosed inline table") => "}",
        m if m.starts_with("unclosed array table") => "]]",
        _ => "]",
    }
}
