//! The texts that a scenario was read from, and places in them.

use std::ops::Range;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// A file that the scenario was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    /// Its path as it was asked for; for a shipped one its name.
    pub path: PathBuf,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// Whether it comes with landfall.
    pub shipped: bool,
}

/// A stretch of bytes in one of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Which text.
    pub file: usize,
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Place {
    /// The beginning of a text, for what has no place of its own.
    pub fn top(file: usize) -> Place {
        Place {
            file,
            start: 0,
            end: 0,
        }
    }

    /// Whether another place begins within this one.
    pub fn has(self, other: Place) -> bool {
        self.file == other.file && (self.start..=self.end).contains(&other.start)
    }

    /// The part of this place at a range of bytes counted from its start.
    pub fn part(self, range: Range<usize>) -> Place {
        Place {
            file: self.file,
            start: self.start + range.start,
            end: self.start + range.end,
        }
    }
}

/// Line and column of a place, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub line: usize,
    pub column: usize,
}

/// All texts, in order of reading.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    files: Vec<Text>,
}

#[derive(Clone, Debug)]
struct Text {
    source: Source,
    text: String,
    /// Where each line begins.
    lines: Vec<usize>,
    /// Of a text that was made of others, where each line comes from.
    made_of: Vec<Place>,
}

impl Texts {
    /// Takes a text in; the number by which places name it.
    pub fn add(&mut self, path: &Path, bytes: &[u8], text: String, shipped: bool) -> usize {
        let starts = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        let lines = std::iter::once(0)
            .chain(starts.map(|(i, _)| i + 1))
            .collect();
        let source = Source {
            path: path.to_owned(),
            sha256: hex(&Sha256::digest(bytes)),
            shipped,
        };
        self.files.push(Text {
            source,
            text,
            lines,
            made_of: Vec::new(),
        });
        self.files.len() - 1
    }

    /// Takes a text in that was made of others. `made_of`: of each of its lines the text that it comes from, and the line
    /// there, from 1.
    pub fn add_made(&mut self, text: String, made_of: &[(usize, usize)]) -> usize {
        let first = made_of.first().map_or(0, |(file, _)| *file);
        let path = self.source(first).path.clone();
        let places = made_of
            .iter()
            .map(|&(file, line)| self.whole_line(file, line));
        let places = places.collect();
        let made = self.add(&path, b"", text, false);
        self.files[made].made_of = places;
        made
    }

    /// A line from its first letter to its last.
    fn whole_line(&self, file: usize, line: usize) -> Place {
        let text = &self.files[file];
        let begin = line.checked_sub(1).and_then(|l| text.lines.get(l).copied());
        let rest = begin.and_then(|begin| text.text.get(begin..)).unwrap_or("");
        let line = rest.lines().next().unwrap_or("");
        let indent = line.len() - line.trim_start().len();
        let start = begin.unwrap_or(0) + indent;
        Place {
            file,
            start,
            end: start + line.trim().len(),
        }
    }

    /// A line from a column on, both from 1; the beginning of the text for its first letter, which stands for no place.
    pub fn rest_of_line(&self, file: usize, line: usize, column: usize) -> Place {
        let whole = self.whole_line(file, line);
        if (line, column) == (1, 1) {
            return Place::top(file);
        }
        let text = &self.files[file];
        let begin = line.checked_sub(1).and_then(|l| text.lines.get(l).copied());
        let rest = begin.and_then(|begin| text.text.get(begin..)).unwrap_or("");
        let before: usize = rest.chars().take(column - 1).map(char::len_utf8).sum();
        Place {
            start: (begin.unwrap_or(0) + before).min(whole.end),
            ..whole
        }
    }

    /// The place in a file that somebody wrote: of a text that was made of others, the line that a place comes from.
    pub fn written(&self, at: Place) -> Place {
        let made_of = &self.files[at.file].made_of;
        made_of.get(self.line(at) - 1).copied().unwrap_or(at)
    }

    /// The file of a place.
    pub fn source(&self, file: usize) -> &Source {
        &self.files[file].source
    }

    /// All files.
    pub fn sources(&self) -> Vec<Source> {
        let written = self.files.iter().filter(|f| f.made_of.is_empty());
        written.map(|f| f.source.clone()).collect()
    }

    /// The text at a place.
    pub fn slice(&self, at: Place) -> &str {
        self.files[at.file].text.get(at.start..at.end).unwrap_or("")
    }

    /// Line and column where a place begins.
    pub fn position(&self, at: Place) -> Position {
        let file = &self.files[at.file];
        let line = file.lines.partition_point(|&start| start <= at.start);
        let begin = file.lines[line - 1];
        let before = file.text.get(begin..at.start).unwrap_or("");
        // In a line of megabytes nobody counts characters.
        let column = match before.len() {
            0..=100_000 => before.chars().count(),
            bytes => bytes,
        };
        Position {
            line,
            column: column + 1,
        }
    }

    /// The line where a place begins, from 1.
    pub fn line(&self, at: Place) -> usize {
        self.files[at.file]
            .lines
            .partition_point(|&start| start <= at.start)
    }

    /// The whole lines that a place touches, at most `most` of them: the first one's number, where they begin, and
    /// their text without the last line break.
    pub fn lines_around(&self, at: Place, most: usize) -> (usize, usize, &str) {
        let file = &self.files[at.file];
        let first = file.lines.partition_point(|&start| start <= at.start);
        let last = file
            .lines
            .partition_point(|&start| start < at.end)
            .max(first);
        let last = last.min(first + most - 1);
        let begin = file.lines[first - 1];
        let end = file
            .lines
            .get(last)
            .map_or(file.text.len(), |next| next - 1);
        (first, begin, &file.text[begin..end.max(begin)])
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
