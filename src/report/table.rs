//! Tables of figures, laid out for a terminal of some width or as Markdown.
//!
//! A table that is wider than the terminal becomes several, one below the other, each with the names in front; columns
//! that belong together stay together where they can.

use super::text::{clean, width, wrap};

/// A table: names down the side, figures across.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Heading of the names.
    pub stub: &'static str,
    /// Groups of columns.
    pub groups: Vec<Group>,
    /// Names and, for each column of all groups, a cell.
    pub rows: Vec<(String, Vec<Cell>)>,
}

/// Columns under a common title.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Lines of the title.
    pub title: Vec<&'static str>,
    /// Lines of each column's own title; none where the group's says it all.
    pub columns: Vec<Vec<&'static str>>,
}

impl Group {
    /// A group of one column, whose title it is.
    pub fn single(title: &[&'static str]) -> Group {
        Group {
            title: title.to_vec(),
            columns: vec![Vec::new()],
        }
    }

    /// A group of several columns, each with one line of title.
    pub fn of(title: &[&'static str], columns: &[&'static str]) -> Group {
        Group {
            title: title.to_vec(),
            columns: columns.iter().map(|c| vec![*c]).collect(),
        }
    }
}

/// A figure, and what stands below it in smaller print.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// The figure.
    pub main: String,
    /// Its range.
    pub below: Option<String>,
    /// The number that rows are sorted by, where somebody can sort them.
    pub order: Option<f64>,
}

impl Cell {
    /// A cell of one line.
    pub fn of(main: impl Into<String>) -> Cell {
        Cell {
            main: main.into(),
            below: None,
            order: None,
        }
    }

    /// Both in one line.
    pub fn in_line(&self) -> String {
        match &self.below {
            Some(below) => format!("{} ({below})", self.main),
            None => self.main.clone(),
        }
    }

    fn width(&self) -> usize {
        width(&self.main).max(self.below.as_deref().map_or(0, width))
    }
}

/// How text may be set off on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences may be written.
    pub color: bool,
}

/// How text is set off. Nothing is said by it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Not at all.
    Plain,
    /// Bold.
    Bold,
    /// In the background.
    Dim,
}

impl Style {
    /// The text, set off so.
    pub fn paint(self, text: &str, ink: Ink) -> String {
        let style = match ink {
            Ink::Plain => anstyle::Style::new(),
            Ink::Bold => anstyle::Style::new().bold(),
            Ink::Dim => anstyle::Style::new().dimmed(),
        };
        if self.color && !text.trim().is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// Widest that the names get before they are broken into lines.
const WIDEST_NAME: usize = 28;
/// Narrowest that names are made where there are longer ones.
const NARROWEST_NAME: usize = 14;
/// Between columns of a group, and between groups.
const GAPS: (usize, usize) = (2, 3);

impl Table {
    /// The table for a terminal of so many columns.
    pub fn human(&self, columns: usize, style: Style) -> String {
        let stub = self.stub_width(columns);
        let blocks = self.blocks(columns.saturating_sub(stub + GAPS.1));
        let blocks: Vec<String> = blocks.iter().map(|b| b.render(self, stub, style)).collect();
        blocks.join("\n")
    }

    /// How wide the names are: as they are, but broken into lines where that saves a block.
    fn stub_width(&self, columns: usize) -> usize {
        let names = self.rows.iter().map(|(name, _)| width(&clean(name)));
        let longest = names.chain([width(self.stub)]).max().unwrap_or(0);
        let widest = longest.min(WIDEST_NAME);
        let blocks = |stub: usize| self.blocks(columns.saturating_sub(stub + GAPS.1)).len();
        (widest.min(NARROWEST_NAME)..=widest)
            .rev()
            .min_by_key(|&stub| blocks(stub))
            .unwrap_or(widest)
    }

    /// The table as Markdown, ranges in brackets behind the figures.
    pub fn markdown(&self) -> String {
        let titles = self.groups.iter().flat_map(|group| {
            group.columns.iter().map(|own| {
                [group.title.join(" "), own.join(" ")]
                    .join(" ")
                    .trim()
                    .to_owned()
            })
        });
        let mut text = format!("| {} |", self.stub);
        let mut rule = "| --- |".to_owned();
        for title in titles {
            text.push_str(&format!(" {} |", escaped(&title)));
            rule.push_str(" ---: |");
        }
        text.push_str(&format!("\n{rule}\n"));
        for (name, cells) in &self.rows {
            text.push_str(&format!("| {} |", escaped(name)));
            for cell in cells {
                text.push_str(&format!(" {} |", escaped(&cell.in_line())));
            }
            text.push('\n');
        }
        text
    }

    /// The columns in blocks that are no wider than `room`, where one column is not.
    fn blocks(&self, room: usize) -> Vec<Block<'_>> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut first = 0;
        for (g, group) in self.groups.iter().enumerate() {
            let whole = self.part(g, 0..group.columns.len(), first);
            let parts = if whole.width() <= room {
                vec![whole]
            } else {
                self.pieces(g, first, room)
            };
            for part in parts {
                match blocks.last_mut() {
                    Some(block) if block.width() + GAPS.1 + part.width() <= room => {
                        block.parts.push(part);
                    }
                    _ => blocks.push(Block { parts: vec![part] }),
                }
            }
            first += group.columns.len();
        }
        blocks
    }

    /// A group that is too wide, cut where it must be.
    fn pieces(&self, g: usize, first: usize, room: usize) -> Vec<Part<'_>> {
        let mut pieces = Vec::new();
        let mut start = 0;
        let count = self.groups[g].columns.len();
        for end in 1..=count {
            let is_last = end == count;
            let too_wide = |end| self.part(g, start..end, first).width() > room;
            if is_last || too_wide(end + 1) {
                pieces.push(self.part(g, start..end, first));
                start = end;
            }
        }
        pieces
    }

    /// Some columns of a group, `first` being the place of the group's first column among the cells.
    fn part(&self, g: usize, of: std::ops::Range<usize>, first: usize) -> Part<'_> {
        let group = &self.groups[g];
        let measure = |c: usize| {
            let cells = self.rows.iter().map(|(_, cells)| cells[first + c].width());
            let titles = group.columns[c].iter().map(|line| width(line));
            cells.chain(titles).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = of.clone().map(measure).collect();
        let inner = widths.iter().sum::<usize>() + GAPS.0 * (widths.len() - 1);
        let title = group
            .title
            .iter()
            .map(|line| width(line))
            .max()
            .unwrap_or(0);
        widths[0] += title.saturating_sub(inner);
        Part {
            title: &group.title,
            columns: group.columns[of.clone()]
                .iter()
                .map(Vec::as_slice)
                .collect(),
            first: first + of.start,
            widths,
        }
    }
}

/// Columns of one group that stand side by side.
struct Part<'a> {
    title: &'a [&'static str],
    columns: Vec<&'a [&'static str]>,
    /// Place of the first of them among the cells.
    first: usize,
    widths: Vec<usize>,
}

/// A table as wide as the terminal.
struct Block<'a> {
    parts: Vec<Part<'a>>,
}

impl Part<'_> {
    fn width(&self) -> usize {
        self.widths.iter().sum::<usize>() + GAPS.0 * (self.widths.len() - 1)
    }

    /// The heading, line by line from the top.
    fn heading(&self) -> Vec<String> {
        let title = self.title.iter().map(|line| {
            if self.columns.len() == 1 {
                right(line, self.width())
            } else {
                centred(line, self.width())
            }
        });
        let height = self.columns.iter().map(|c| c.len()).max().unwrap_or(0);
        let own = (0..height).map(|i| {
            let line = |(column, &width): (&&[&'static str], &usize)| {
                let line = (i + column.len()).checked_sub(height);
                right(line.map_or("", |l| column[l]), width)
            };
            let lines: Vec<String> = self.columns.iter().zip(&self.widths).map(line).collect();
            lines.join(&" ".repeat(GAPS.0))
        });
        title.chain(own).collect()
    }

    /// One line of a row.
    fn line<'c>(&self, cells: &'c [Cell], read: impl Fn(&'c Cell) -> &'c str) -> String {
        let cells = &cells[self.first..self.first + self.widths.len()];
        let texts: Vec<String> = cells
            .iter()
            .zip(&self.widths)
            .map(|(cell, &width)| right(read(cell), width))
            .collect();
        texts.join(&" ".repeat(GAPS.0))
    }
}

impl Block<'_> {
    fn width(&self) -> usize {
        self.parts.iter().map(|p| p.width() + GAPS.1).sum::<usize>() - GAPS.1
    }

    fn render(&self, table: &Table, stub: usize, style: Style) -> String {
        let mut lines = Lines {
            text: String::new(),
            stub,
            style,
        };
        self.render_heading(table.stub, &mut lines);
        let rule = "─".repeat(stub + GAPS.1 + self.width());
        lines.push((&rule, Ink::Dim), ("", Ink::Plain));
        for (name, cells) in &table.rows {
            self.render_row(name, cells, &mut lines);
        }
        lines.text
    }

    /// Headings of different heights stand on the same ground.
    fn render_heading(&self, stub: &str, lines: &mut Lines) {
        let headings: Vec<Vec<String>> = self.parts.iter().map(Part::heading).collect();
        let height = headings.iter().map(Vec::len).max().unwrap_or(0);
        for i in 0..height {
            let cells = headings.iter().zip(&self.parts).map(|(heading, part)| {
                let line = (i + heading.len()).checked_sub(height);
                line.map_or_else(|| " ".repeat(part.width()), |l| heading[l].clone())
            });
            let cells: Vec<String> = cells.collect();
            let name = if i + 1 == height { stub } else { "" };
            lines.push(
                (name, Ink::Bold),
                (&cells.join(&" ".repeat(GAPS.1)), Ink::Bold),
            );
        }
    }

    /// The figures beside the first line of the name, the ranges beside the second.
    fn render_row(&self, name: &str, cells: &[Cell], lines: &mut Lines) {
        let main = self.across(|part| part.line(cells, |c| &c.main));
        let below = self.across(|part| part.line(cells, |c| c.below.as_deref().unwrap_or("")));
        let name = wrap(&clean(name), lines.stub);
        lines.push((&name[0], Ink::Plain), (&main, Ink::Plain));
        let second = name.get(1).map_or("", String::as_str);
        if !second.is_empty() || !below.trim().is_empty() {
            lines.push((second, Ink::Plain), (&below, Ink::Dim));
        }
        for more in name.iter().skip(2) {
            lines.push((more, Ink::Plain), ("", Ink::Plain));
        }
    }

    fn across<'p>(&'p self, read: impl Fn(&'p Part) -> String) -> String {
        let parts: Vec<String> = self.parts.iter().map(read).collect();
        parts.join(&" ".repeat(GAPS.1))
    }
}

/// Lines of a name and what stands beside it.
struct Lines {
    text: String,
    stub: usize,
    style: Style,
}

impl Lines {
    fn push(&mut self, name: (&str, Ink), rest: (&str, Ink)) {
        let beside = rest.0.trim_end();
        if beside.is_empty() {
            let name = self.style.paint(name.0.trim_end(), name.1);
            self.text.push_str(&name);
        } else {
            let indented = left(name.0, self.stub + GAPS.1);
            self.text.push_str(&self.style.paint(&indented, name.1));
            self.text.push_str(&self.style.paint(beside, rest.1));
        }
        self.text.push('\n');
    }
}

fn padding(text: &str, to: usize) -> usize {
    to.saturating_sub(width(text))
}

fn left(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(padding(text, to)))
}

fn right(text: &str, to: usize) -> String {
    format!("{}{text}", " ".repeat(padding(text, to)))
}

fn centred(text: &str, to: usize) -> String {
    let space = padding(text, to);
    format!(
        "{}{text}{}",
        " ".repeat(space / 2),
        " ".repeat(space - space / 2)
    )
}

/// Without what Markdown would take for the end of a cell or for markup.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in clean(text).chars() {
        match c {
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            // Else "< 0.3%" and "<b>" could be taken for a tag.
            '<' => escaped.push_str("&lt;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style { color: false };

    fn example() -> Table {
        let cell = |main: &str, below: &str| Cell {
            main: main.to_owned(),
            below: (!below.is_empty()).then(|| below.to_owned()),
            order: None,
        };
        Table {
            stub: "strategy",
            groups: vec![
                Group::of(&["time to full", "(fault-free)"], &["p50", "p90"]),
                Group::of(&["blast radius", "(faulty)"], &["p50", "p99"]),
                Group::single(&["never", "detected"]),
            ],
            rows: vec![
                (
                    "waves".to_owned(),
                    vec![
                        cell("4d 3h", ""),
                        cell("4d 22h", ""),
                        cell("0.80%", ""),
                        cell("4.1%", "1.9–8.4%"),
                        cell("< 0.30%", ""),
                    ],
                ),
                (
                    "all at once, everywhere and without a bake".to_owned(),
                    vec![
                        cell("35m", ""),
                        cell("1h 5m", ""),
                        cell("100%", ""),
                        cell("100%", ""),
                        cell("2.1%", "1.2–3.3%"),
                    ],
                ),
            ],
        }
    }

    #[test]
    fn a_wide_terminal_gets_one_table() {
        let wide = [
            "                               time to full     blast radius           ",
            "                               (fault-free)       (faulty)          never",
            "strategy                         p50     p90     p50       p99   detected",
            "─────────────────────────────────────────────────────────────────────────",
            "waves                          4d 3h  4d 22h   0.80%      4.1%    < 0.30%",
            "                                                      1.9–8.4%",
            "all at once, everywhere and      35m   1h 5m    100%      100%       2.1%",
            "without a bake                                                   1.2–3.3%",
        ];
        let wide: Vec<&str> = wide.iter().map(|line| line.trim_end()).collect();
        assert_eq!(example().human(84, PLAIN).lines().collect::<Vec<_>>(), wide);
    }

    #[test]
    fn a_narrow_terminal_gets_several() {
        let table = example();
        for columns in 46..100 {
            let text = table.human(columns, PLAIN);
            assert!(
                text.lines().all(|l| width(l) <= columns),
                "{columns}:\n{text}"
            );
            let heads = text.lines().filter(|l| l.starts_with("strategy")).count();
            let expected = match columns {
                ..59 => 2,
                _ => 1,
            };
            assert_eq!(heads, expected, "{columns}:\n{text}");
        }
    }

    #[test]
    fn bold_and_dim_change_no_text() {
        let colored = example().human(80, Style { color: true });
        assert!(colored.contains("\u{1b}[1mstrategy"), "{colored}");
        let stripped = anstream::adapter::strip_str(&colored).to_string();
        assert_eq!(stripped, example().human(80, PLAIN));
    }

    #[test]
    fn markdown_has_a_line_a_row() {
        let expected = "\
| strategy | time to full (fault-free) p50 | time to full (fault-free) p90 | blast radius (faulty) p50 | blast radius (faulty) p99 | never detected |
| --- | ---: | ---: | ---: | ---: | ---: |
| waves | 4d 3h | 4d 22h | 0.80% | 4.1% (1.9–8.4%) | &lt; 0.30% |
| all at once, everywhere and without a bake | 35m | 1h 5m | 100% | 100% | 2.1% (1.2–3.3%) |
";
        assert_eq!(example().markdown(), expected);
    }

    #[test]
    fn markup_in_names_is_text() {
        assert_eq!(escaped("a|b *c* <d>\n"), "a\\|b \\*c\\* &lt;d>\u{fffd}");
    }
}
