//! The ledger of inputs: every value that the files give, and where it comes from.

use super::element::{Element, el};
use super::tables::scrolling;

/// A value that a file gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Path of its key.
    pub key: String,
    /// The value as written.
    pub value: String,
    /// Where it comes from.
    pub from: From,
    /// The source of a measured or published value.
    pub source: Option<String>,
    /// Between which values it may lie.
    pub range: Option<String>,
    /// The file that it is written in.
    pub file: String,
    /// Its line there, from 1.
    pub line: usize,
}

/// Rows that are printed; `style.css` hides the others on paper.
const PRINTED: usize = 80;

/// Where a value comes from; what deserves most doubt first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum From {
    /// Somebody thinks so.
    Guess,
    /// Nothing is said.
    Unsaid,
    /// Somebody published it.
    Published,
    /// Somebody measured it in the system at hand.
    Measured,
}

impl From {
    fn name(self) -> &'static str {
        match self {
            From::Guess => "guess",
            From::Unsaid => "not said",
            From::Published => "published",
            From::Measured => "measured",
        }
    }
}

/// How many inputs come from there.
fn count(inputs: &[Input], from: From) -> usize {
    inputs.iter().filter(|i| i.from == from).count()
}

/// What intervals do not cover.
pub(super) fn doubt(inputs: &[Input]) -> String {
    let n = |from| count(inputs, from);
    format!(
        "Intervals say how well this run knows what the scenario implies: that is Monte Carlo error. They say nothing of \
         whether the scenario's numbers are right, which is input error: {} of its {} inputs are guesses, and {} do not say where they come from ({} published, {} \
         measured). More rollouts do not change that; other inputs may change the verdict.",
        n(From::Guess),
        inputs.len(),
        n(From::Unsaid),
        n(From::Published),
        n(From::Measured)
    )
}

/// The ledger, guesses first.
pub(super) fn ledger(inputs: &[Input]) -> Vec<Element> {
    let mut sorted: Vec<&Input> = inputs.iter().collect();
    sorted.sort_by_key(|i| i.from);
    let headings = ["from", "key", "value", "range", "source", "file and line"];
    let table = el("table")
        .with("class", "sortable words")
        .with("id", "inputs-table")
        .child(el("caption").with("id", "inputs-caption").text(
            "Every value that the files give, those of strategies that were not simulated among them: guesses first, \
             then what does not say where it comes from (names and choices, most of them), then the rest",
        ))
        .child(el("thead").child(
            el("tr").children(headings.map(|h| el("th").with("scope", "col").text(h))),
        ))
        .child(el("tbody").children(sorted.into_iter().map(row)));
    let filter = el("p")
        .with("class", "filter")
        .with("hidden", "")
        .child(
            el("label")
                .with("for", "filter")
                .text("Show only inputs with these words: "),
        )
        .child(
            el("input")
                .with("id", "filter")
                .with("type", "search")
                .with("autocomplete", "off")
                .with("spellcheck", "false"),
        )
        .text(" ")
        .child(el("span").with("id", "filtered").with("role", "status"));
    let mut parts = vec![
        filter,
        scrolling("inputs-caption", table).with("id", "inputs-box"),
    ];
    parts.extend(not_printed(inputs));
    parts
}

/// What stands on paper below the first rows, in place of the others.
fn not_printed(inputs: &[Input]) -> Option<Element> {
    let more = inputs.len().checked_sub(PRINTED).filter(|n| *n > 0)?;
    let mut files: Vec<&str> = inputs.iter().map(|i| i.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    let where_to = match files[..] {
        [only] => only.to_owned(),
        _ => format!("{} files", files.len()),
    };
    let sentence = format!("And {more} more in {where_to}, which the page shows on a screen.");
    Some(el("p").with("class", "on-paper").text(sentence))
}

fn row(input: &Input) -> Element {
    let from = el("span")
        .with(
            "class",
            format!("from {}", input.from.name().replace(' ', "-")),
        )
        .text(input.from.name());
    el("tr")
        .child(
            el("td")
                .with("data-order", (input.from as u8).to_string())
                .child(from),
        )
        .child(
            el("th")
                .with("scope", "row")
                .child(el("code").text(input.key.clone())),
        )
        .child(el("td").child(el("code").text(input.value.clone())))
        .child(el("td").text(input.range.clone().unwrap_or_default()))
        .child(linked(
            el("td"),
            input.source.as_deref().unwrap_or_default(),
        ))
        .child(el("td").text(format!("{}:{}", input.file, input.line)))
}

/// A text in which addresses of pages can be followed.
fn linked(mut element: Element, text: &str) -> Element {
    let mut rest = text;
    while let Some(at) = ["https://", "http://"]
        .iter()
        .filter_map(|s| rest.find(s))
        .min()
    {
        let (before, from) = rest.split_at(at);
        let ends = |c: char| c.is_whitespace() || "<>\"'()".contains(c);
        let end = from.find(ends).unwrap_or(from.len());
        let address = from[..end].trim_end_matches(['.', ',', ';', ':']);
        let link = el("a")
            .with("href", address)
            .with("rel", "noopener noreferrer")
            .text(address);
        element = element.text(before).child(link);
        rest = &from[address.len()..];
    }
    element.text(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(key: &str, from: From, source: &str) -> Input {
        Input {
            key: key.to_owned(),
            value: "\"<b>\"".to_owned(),
            from,
            source: (!source.is_empty()).then(|| source.to_owned()),
            range: None,
            file: "a & b.toml".to_owned(),
            line: 3,
        }
    }

    fn written(inputs: &[Input]) -> String {
        let mut page = String::new();
        ledger(inputs).iter().for_each(|e| e.write(&mut page));
        page
    }

    #[test]
    fn guesses_come_first_and_are_counted() {
        let inputs = [
            input("published", From::Published, ""),
            input("guessed", From::Guess, ""),
            input("unsaid", From::Unsaid, ""),
        ];
        let page = written(&inputs);
        let place = |key: &str| page.find(&format!("<code>{key}</code>")).unwrap();
        assert!(place("guessed") < place("unsaid") && place("unsaid") < place("published"));
        assert!(
            doubt(&inputs).contains("1 of its 3 inputs are guesses"),
            "{}",
            doubt(&inputs)
        );
        assert!(page.contains("&quot;&lt;b&gt;&quot;") && page.contains("a &amp; b.toml:3"));
    }

    #[test]
    fn on_paper_there_are_the_first_rows_and_how_many_more() {
        let inputs: Vec<Input> = (0..PRINTED + 3)
            .map(|_| input("k", From::Guess, ""))
            .collect();
        let more = "And 3 more in a &amp; b.toml, which the page shows on a screen.";
        assert!(written(&inputs).contains(more));
        assert!(!written(&inputs[..PRINTED]).contains("on-paper"));
        let rule = format!(
            "#inputs-table tbody tr:nth-child(n + {}) {{ display: none; }}",
            PRINTED + 1
        );
        assert!(include_str!("style.css").contains(&rule));
    }

    #[test]
    fn addresses_become_links_and_nothing_else_does() {
        let page = written(&[input(
            "k",
            From::Published,
            "Smith (https://a.example/x?y=1&z), p. 3; javascript:alert(1)",
        )]);
        let link = "<td>Smith (<a href=\"https://a.example/x?y=1&amp;z\" rel=\"noopener noreferrer\">\
                    https://a.example/x?y=1&amp;z</a>), p. 3; javascript:alert(1)</td>";
        assert!(page.contains(link), "{page}");
        assert_eq!(page.matches("href").count(), 1);
    }
}
