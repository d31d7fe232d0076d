//! A CSV file as cells that know where they were written.

use std::ops::Range;
use std::path::Path;

use crate::scenario::check::Check;
use crate::scenario::problem::Draft;
use crate::scenario::source::Place;

/// The most rows that are read.
pub(super) const MOST_ROWS: usize = 200;

/// The most columns that are read.
const MOST_COLUMNS: usize = 200;

/// A table of texts.
#[derive(Debug)]
pub(super) struct Sheet {
    /// The first row.
    pub header: Row,
    /// The others, without those that are empty.
    pub rows: Vec<Row>,
}

/// A row.
#[derive(Debug)]
pub(super) struct Row {
    /// From its first cell to its last.
    pub at: Place,
    pub cells: Vec<Cell>,
}

/// A cell, without white space around it.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub text: String,
    pub at: Place,
}

/// Reads a CSV file; its mistakes are noted. Cells are apart by commas, or by semicolons or tabs where the first line has
/// no comma: spreadsheets write those in some languages.
pub(super) fn read(path: &Path, bytes: &[u8], check: &mut Check) -> Option<Sheet> {
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(plain) {
        Ok(text) => text,
        Err(error) => {
            let valid = error.valid_up_to();
            let text = String::from_utf8_lossy(&plain[..valid]).into_owned();
            let file = check.texts.add(path, bytes, text, false);
            let at = Place {
                file,
                start: valid,
                end: valid,
            };
            let rule = "a file is written in UTF-8, and here is something else";
            return check.fail(Draft::new(at, "", rule).mend("save it as CSV in UTF-8"));
        }
    };
    let file = check.texts.add(path, bytes, text.to_owned(), false);
    let mut rows = rows(text, file, check)?.into_iter();
    let Some(header) = rows.next() else {
        let draft = Draft::new(Place::top(file), "", "the file is empty");
        return check
            .fail(draft.mend("its first line names the columns, such as name,fault,onset"));
    };
    let rows: Vec<Row> = rows.collect();
    if rows.is_empty() {
        let draft = Draft::new(header.at, "", "there is no incident below the header");
        return check.fail(draft.mend("write one incident a line"));
    }
    Some(Sheet { header, rows })
}

fn rows(text: &str, file: usize, check: &mut Check) -> Option<Vec<Row>> {
    let delimiter = delimiter(text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut rows: Vec<Row> = Vec::new();
    for record in reader.records() {
        // A text is all UTF-8 and rows may have any length, so there is nothing that could be wrong.
        let record = record.ok()?;
        let start = record.position().map_or(0, |p| p.byte() as usize);
        if record.iter().all(str::is_empty) {
            continue;
        }
        let whole = |at: Range<usize>| Place {
            file,
            start: at.start,
            end: at.end,
        };
        let ranges = ranges(text, start, record.len().min(MOST_COLUMNS), delimiter);
        let at = whole(ranges[0].start..ranges[ranges.len() - 1].end);
        if record.len() > MOST_COLUMNS {
            let rule = format!("a row has at most {MOST_COLUMNS} cells");
            return check.fail(Draft::new(at, "", rule));
        }
        if rows.len() > MOST_ROWS {
            let rule = format!("a replay has at most {MOST_ROWS} incidents");
            return check.fail(Draft::new(at, "", rule).mend("replay them in several files"));
        }
        let cells = record.iter().zip(ranges);
        let cell = |(text, at): (&str, Range<usize>)| Cell {
            text: text.to_owned(),
            at: whole(at),
        };
        rows.push(Row {
            at,
            cells: cells.map(cell).collect(),
        });
    }
    Some(rows)
}

fn delimiter(text: &str) -> u8 {
    let first = text.trim_start().lines().next().unwrap_or("");
    match first {
        _ if first.contains(',') => b',',
        _ if first.contains(';') => b';',
        _ if first.contains('\t') => b'\t',
        _ => b',',
    }
}

/// Where the cells of a record are that begins at `start` or after empty lines: the reader tells no more of it.
fn ranges(text: &str, start: usize, count: usize, delimiter: u8) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let is_end = |b: u8| matches!(b, b'\n' | b'\r');
    let mut at = start.min(bytes.len());
    while at < bytes.len() && is_end(bytes[at]) {
        at += 1;
    }
    let mut ranges = Vec::with_capacity(count);
    for _ in 0..count {
        let begin = at;
        let may_quote = bytes.get(at) == Some(&b'"');
        let mut is_quoted = false;
        while at < bytes.len() && (is_quoted || (bytes[at] != delimiter && !is_end(bytes[at]))) {
            is_quoted ^= may_quote && bytes[at] == b'"';
            at += 1;
        }
        let cell = &text[begin..at];
        let from = begin + (cell.len() - cell.trim_start().len());
        ranges.push(from..from + cell.trim().len());
        at += usize::from(bytes.get(at) == Some(&delimiter));
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::files::NoFiles;
    use proptest::prelude::*;

    fn read_text(text: &str) -> (Option<Sheet>, Vec<String>) {
        let mut check = Check::new(&NoFiles);
        let sheet = read(Path::new("a.csv"), text.as_bytes(), &mut check);
        let said = check.drafts.iter().map(|d| d.rule.clone()).collect();
        if let Some(sheet) = &sheet {
            for cell in sheet.rows.iter().flat_map(|row| &row.cells) {
                let written = check.texts.slice(cell.at);
                let quoted = written.strip_prefix('"').and_then(|w| w.strip_suffix('"'));
                let plain = quoted.unwrap_or(written).replace("\"\"", "\"");
                assert_eq!(plain.trim(), cell.text, "{written:?}");
            }
        }
        (sheet, said)
    }

    #[test]
    fn cells_are_where_they_are_written() {
        let texts = [
            "name,onset\n\n a , 10m\r\n\"b, c\",\"5m to 1h\"\n,,\n\"say \"\"no\"\"\",\n",
            "name;onset\na;10m\n",
            "name\tonset\na\t10m\n",
            "\u{feff}name,onset\nü,10m",
        ];
        for text in texts {
            assert!(read_text(text).0.is_some(), "{text:?}");
        }
        let sheet = read_text(texts[0]).0.expect("a sheet");
        let names: Vec<&str> = sheet
            .rows
            .iter()
            .map(|r| r.cells[0].text.as_str())
            .collect();
        assert_eq!(names, ["a", "b, c", "say \"no\""]);
    }

    #[test]
    fn files_without_incidents_are_refused() {
        for (text, rule) in [
            ("", "the file is empty"),
            ("\n\n", "the file is empty"),
            ("name,onset\n", "there is no incident below the header"),
        ] {
            assert_eq!(read_text(text).1, [rule], "{text:?}");
        }
        let many = format!("name\n{}", "x\n".repeat(201));
        assert_eq!(read_text(&many).1, ["a replay has at most 200 incidents"]);
        let wide = format!("name\n{}", ",".repeat(10_000) + "x");
        assert_eq!(read_text(&wide).1, ["a row has at most 200 cells"]);
    }

    proptest! {
        #[test]
        fn nothing_panics_and_places_lie_in_the_text(text in "[a,;\"\n\r\t é]{0,40}") {
            let mut check = Check::new(&NoFiles);
            if let Some(sheet) = read(Path::new("a.csv"), text.as_bytes(), &mut check) {
                for cell in sheet.rows.iter().flat_map(|row| &row.cells) {
                    prop_assert!(text.get(cell.at.start..cell.at.end).is_some());
                }
            }
        }
    }
}
