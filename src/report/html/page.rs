//! The page, put together.

use std::borrow::Cow;

use super::charts::{charts, picture};
use super::element::{Element, el};
use super::ledger::{self, Input};
use super::look::{Look, SCRIPT, policy};
use super::method;
use super::setting::setting;
use super::tables::{Rows, figures};
use super::verdict::{self, Verdict};
use crate::plan::Plan;
use crate::report::basis::Basis;
use crate::report::chart::kind::Chart;
use crate::report::chart::theme::Theme;
use crate::report::compare::Comparison;
use crate::report::figure::Intervals;
use crate::report::manifest::InputFile;
use crate::report::replay::Replayed;
use crate::report::section::{Form, Section};
use crate::report::simulate::Portrait;
use crate::report::worlds::Drawn;
use crate::summary::{Ranking, Summary};

/// What the page is about.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// Strategies side by side.
    Comparison(&'a Comparison),
    /// One strategy.
    Portrait(&'a Portrait<'a>),
    /// Incidents of the past.
    Replay(&'a Replayed<'a>),
}

/// Worlds, and their chart as SVG, if there is one.
#[derive(Clone, Copy, Debug)]
pub struct Worlds<'a> {
    /// The worlds.
    pub drawn: Drawn<'a>,
    /// What the blast radius depends on.
    pub tornado: Option<&'a str>,
}

/// All that the page is made of.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// What it is about.
    pub subject: Subject<'a>,
    /// What comes of it in other worlds, where that was asked for.
    pub worlds: Option<Worlds<'a>>,
    /// The plan that was run.
    pub plan: &'a Plan,
    /// The figures.
    pub summary: &'a Summary,
    /// What they rest on.
    pub basis: &'a Basis,
    /// The charts that were drawn, as SVG.
    pub charts: &'a [(Chart, String)],
    /// Every value that was read.
    pub inputs: &'a [Input],
    /// Every file that was read.
    pub files: &'a [InputFile],
    /// The command that repeats the run, ready for a shell.
    pub command: &'a str,
    /// Terms and what they mean.
    pub glossary: &'a [(String, String)],
    /// Its colours.
    pub theme: Theme,
}

/// A part of the page under a heading.
struct Part {
    id: &'static str,
    title: &'static str,
    content: Vec<Element>,
}

/// The page as HTML.
pub fn document(page: &Page) -> String {
    let look = Look { theme: page.theme };
    let parts = page.parts(&look);
    let title = page.title();
    let head = el("head")
        .child(el("meta").with("charset", "utf-8"))
        .child(
            el("meta")
                .with("http-equiv", "Content-Security-Policy")
                .with("content", policy()),
        )
        .child(
            el("meta")
                .with("name", "viewport")
                .with("content", "width=device-width, initial-scale=1"),
        )
        .child(el("title").text(title.clone()))
        .child(el("style").markup(look.style()));
    let link = |part: &Part| {
        let link = el("a")
            .with("href", format!("#{}", part.id))
            .text(part.title);
        el("li").child(link)
    };
    let contents = el("nav")
        .with("aria-label", "Contents")
        .child(el("ul").children(parts.iter().map(link)));
    let header = el("header")
        .child(el("h1").text(title))
        .child(el("p").text(page.basis.sentence()))
        .child(contents);
    let sections = parts.into_iter().map(|part| {
        let heading = format!("{}-heading", part.id);
        el("section")
            .with("id", part.id)
            .with("aria-labelledby", heading.clone())
            .child(el("h2").with("id", heading).text(part.title))
            .children(part.content)
    });
    let made = format!("Made by landfall {}.", env!("CARGO_PKG_VERSION"));
    let body = el("body")
        .child(
            el("a")
                .with("class", "skip")
                .with("href", "#verdict")
                .text("To the verdict"),
        )
        .child(header)
        .child(el("main").children(sections))
        .child(el("footer").child(el("p").text(made)))
        .child(el("script").markup(SCRIPT));
    let mut text = "<!DOCTYPE html>\n".to_owned();
    el("html")
        .with("lang", "en")
        .child(head)
        .child(body)
        .write(&mut text);
    text
}

impl Page<'_> {
    fn title(&self) -> String {
        let scenario = &self.basis.scenario;
        match (self.subject, &self.basis.strategies[..]) {
            (Subject::Portrait(_), [strategy]) => format!("{scenario}: “{strategy}” in depth"),
            (Subject::Replay(_), _) => format!("{scenario}: incidents replayed"),
            _ => format!("{scenario}: wave strategies compared"),
        }
    }

    fn parts(&self, look: &Look) -> Vec<Part> {
        let part = |id, title, content| Part { id, title, content };
        let mut parts = vec![
            part("verdict", "Verdict", self.verdict(look)),
            part("figures", "Figures", self.figures(look)),
        ];
        if !self.charts.is_empty() {
            parts.push(part("charts", "Charts", charts(self.charts)));
        }
        if let Some(worlds) = self.worlds {
            parts.push(part("worlds", "Worlds", in_worlds(worlds, look)));
        }
        let compares = !self.ranking().pairs.is_empty();
        let strategies: Vec<usize> = self.summary.strategies().collect();
        let mut scenario = setting(self.plan, &strategies, look);
        scenario.push(el("h3").text("Files"));
        scenario.push(method::files(self.files));
        parts.extend([
            part("scenario", "The scenario as simulated", scenario),
            part(
                "inputs",
                "Inputs, and where they come from",
                ledger::ledger(self.inputs),
            ),
            part("method", "Method", method::method(self.basis, compares)),
            part(
                "references",
                "References",
                vec![method::references(compares)],
            ),
            part(
                "repeat",
                "How to repeat it",
                method::repeating(self.basis, self.command),
            ),
            part(
                "glossary",
                "Glossary",
                vec![method::glossary(self.glossary)],
            ),
        ]);
        parts
    }

    fn verdict(&self, look: &Look) -> Vec<Element> {
        let Verdict {
            answer,
            figures,
            findings,
        } = match self.subject {
            Subject::Comparison(c) => verdict::of_comparison(self.summary, self.basis, c.ranking()),
            Subject::Portrait(_) => {
                let strategy = self.summary.strategies().next();
                strategy.map_or_else(Verdict::default, |s| {
                    verdict::of_one(&self.summary.headline(s))
                })
            }
            Subject::Replay(r) => Verdict {
                answer: format!(
                    "Of the {} incidents, each strategy would be expected to have caught so many where:",
                    r.incidents_replayed()
                ),
                figures: r.verdict(),
                findings: Vec::new(),
            },
        };
        let mut content = vec![el("p").with("class", "answer").text(answer)];
        if !figures.is_empty() {
            let item = |(place, sentence): (usize, String)| {
                let name = self.basis.strategies[place].as_str();
                el("li")
                    .with("data-strategy", name)
                    .child(look.mark(place))
                    .child(el("strong").text(name))
                    .text(format!(": {sentence}"))
            };
            content.push(
                el("ul")
                    .with("class", "best")
                    .children(figures.into_iter().map(item)),
            );
        }
        if !findings.is_empty() {
            let item = |sentence: String| el("li").text(sentence);
            content.push(el("ul").children(findings.into_iter().map(item)));
        }
        content.push(el("h3").text("How sure that is"));
        content.extend(
            verdict::limits(self.basis, &self.ranking())
                .into_iter()
                .map(|s| el("p").text(s)),
        );
        let doubt = el("p").text(ledger::doubt(self.inputs)).text(" They are ");
        let list = el("a").with("href", "#inputs").text("listed below");
        content.push(doubt.child(list).text("."));
        content
    }

    /// What it claims of one strategy against another.
    fn ranking(&self) -> Cow<'_, Ranking> {
        match self.subject {
            Subject::Comparison(c) => Cow::Borrowed(c.ranking()),
            Subject::Portrait(_) | Subject::Replay(_) => Cow::Owned(Ranking::default()),
        }
    }

    fn figures(&self, look: &Look) -> Vec<Element> {
        let (sections, notes, rows): (Vec<Section>, Vec<String>, Rows) = match self.subject {
            Subject::Comparison(c) => (
                c.sections(Intervals::Everywhere),
                c.notes(Intervals::Everywhere, Form::Terminal),
                Rows::Strategies,
            ),
            Subject::Portrait(p) => (
                p.sections(Intervals::Everywhere),
                p.notes(Intervals::Everywhere, Form::Terminal),
                Rows::Others,
            ),
            Subject::Replay(r) => (
                r.sections(Intervals::Everywhere, true),
                r.reading(Intervals::Everywhere, Form::Terminal, true),
                Rows::Strategies,
            ),
        };
        let of = |i| match self.subject {
            // All incidents together strategy by strategy, then one by one.
            Subject::Replay(_) if i > 0 => Rows::Others,
            _ => rows,
        };
        let tables = sections.iter().enumerate();
        let mut content: Vec<Element> = tables
            .map(|(i, section)| figures(i, section, of(i), look))
            .collect();
        let item = |note: String| el("li").text(note);
        content.push(
            el("ul")
                .with("class", "notes")
                .children(notes.into_iter().map(item)),
        );
        content
    }
}

/// The answers in all worlds, the tables, and the chart.
fn in_worlds(worlds: Worlds<'_>, look: &Look) -> Vec<Element> {
    /// Tables are numbered through the page.
    const FIRST: usize = 100;
    let items = |notes: Vec<String>| el("ul").children(notes.into_iter().map(|n| el("li").text(n)));
    let mut content = vec![items(worlds.drawn.notes(Form::Terminal)).with("class", "notes")];
    for (i, section) in worlds.drawn.sections().iter().enumerate() {
        let rows = if i == 0 {
            Rows::Strategies
        } else {
            Rows::Others
        };
        content.push(figures(FIRST + i, section, rows, look));
    }
    if let Some(svg) = worlds.tornado {
        content.push(picture("tornado", "What the blast radius depends on.", svg));
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::kind::Results;
    use crate::report::chart::paint;
    use crate::report::html::From;
    use crate::summary::example::{plan, shipped, undetected};
    use crate::summary::{Courses, Detectors, Sampling};

    const HOSTILE: &str =
        "<script>alert(\"1\")</script> & 'x' </style><img src=http://e.example/x onerror=y>";

    /// The page of two strategies of such names, or of the first of them.
    fn page(names: [&str; 2], theme: Theme, is_portrait: bool) -> String {
        let mut plan = plan(0.04, &[1.0, 3.0], &names);
        plan.name = names[0].to_owned();
        let strategies: &[usize] = if is_portrait { &[0] } else { &[0, 1] };
        let mut summary = Summary::new(&plan, strategies, Sampling::Stratified, 0.95);
        let mut detectors = Detectors::new(&plan, 0, Sampling::Stratified, 0.95);
        for i in 0..40 {
            for outcome in [shipped(i), undetected(0, i), undetected(1, i)] {
                strategies.iter().for_each(|&s| summary.add(s, &outcome));
                detectors.add(&outcome);
            }
        }
        let basis = Basis::new(&plan, &summary, 7, 120);
        let results = Results {
            plan: &plan,
            summary: &summary,
            basis: &basis,
            detectors: &[],
            courses: &Courses::new(&plan, strategies),
        };
        let scene = Chart::Tradeoff.scene(results).expect("points");
        let svg = paint(&scene, theme).expect("a picture").svg;
        let comparison = Comparison::new(&summary, basis.clone());
        let portrait = Portrait::new(&plan, 0, &summary, &detectors, basis.clone());
        document(&Page {
            subject: if is_portrait {
                Subject::Portrait(&portrait)
            } else {
                Subject::Comparison(&comparison)
            },
            worlds: None,
            plan: &plan,
            summary: &summary,
            basis: &basis,
            charts: &[(Chart::Tradeoff, svg)],
            inputs: &[Input {
                key: format!("strategy.\"{}\".order", names[0]),
                value: names[1].to_owned(),
                from: From::Guess,
                source: Some(names[0].to_owned()),
                range: None,
                file: names[1].to_owned(),
                line: 1,
            }],
            files: &[InputFile {
                name: names[0].to_owned(),
                sha256: "ab".repeat(32),
                shipped: false,
            }],
            command: "landfall compare 'a b.toml'",
            glossary: &[("wave".to_owned(), "Targets that go <together>.".to_owned())],
            theme,
        })
    }

    /// The elements of a page in order, each with its attributes; every one that has an end is closed in its place.
    fn elements(page: &str) -> Vec<(String, String)> {
        let mut open: Vec<String> = Vec::new();
        let mut found = Vec::new();
        let mut rest = page.strip_prefix("<!DOCTYPE html>").expect("a doctype");
        while let Some(at) = rest.find('<') {
            rest = &rest[at + 1..];
            let (tag, after) = rest.split_once('>').expect("tags end");
            rest = after;
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(name), "what is open");
                continue;
            }
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "{tag}");
            assert_eq!(attributes.matches('"').count() % 2, 0, "{tag}");
            found.push((name.to_owned(), attributes.to_owned()));
            let is_void = ["meta", "input", "br"].contains(&name) || tag.ends_with('/');
            if !is_void {
                open.push(name.to_owned());
            }
            if ["script", "style"].contains(&name) {
                rest = &rest[rest.find(&format!("</{name}>")).expect("it ends")..];
            }
        }
        assert_eq!(open, Vec::<String>::new());
        found
    }

    fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
        let (_, rest) = attributes.split_once(&format!("{name}=\""))?;
        rest.split_once('"').map(|(value, _)| value)
    }

    #[test]
    fn it_is_well_formed_and_has_one_title_and_headings_in_order() {
        for is_portrait in [false, true] {
            let text = page(["waves", "all at once"], Theme::Light, is_portrait);
            let elements = elements(&text);
            let levels: Vec<u32> = elements
                .iter()
                .filter_map(|(name, _)| name.strip_prefix('h')?.parse().ok())
                .collect();
            assert_eq!(levels.iter().filter(|l| **l == 1).count(), 1);
            assert!(levels.windows(2).all(|w| w[1] <= w[0] + 1), "{levels:?}");
            let ids: Vec<&str> = elements
                .iter()
                .filter_map(|(_, a)| attribute(a, " id").or(attribute(a, "id")))
                .collect();
            for (i, id) in ids.iter().enumerate() {
                assert!(!ids[..i].contains(id), "{id} is there twice");
            }
            for (_, attributes) in &elements {
                if let Some(to) =
                    attribute(attributes, "href").and_then(|href| href.strip_prefix('#'))
                {
                    assert!(ids.contains(&to), "{to} is nowhere");
                }
                if let Some(by) = attribute(attributes, "aria-labelledby") {
                    assert!(ids.contains(&by), "{by} is nowhere");
                }
            }
            let count = |name: &str| elements.iter().filter(|(n, _)| n == name).count();
            assert_eq!(count("table"), count("caption"));
            assert!(
                elements
                    .iter()
                    .all(|(name, a)| name != "th" || a.contains("scope="))
            );
            assert_eq!(
                (
                    count("main"),
                    count("nav"),
                    count("header"),
                    count("footer")
                ),
                (1, 1, 1, 1)
            );
            assert!(text.contains("<html lang=\"en\">") && text.contains("name=\"viewport\""));
        }
    }

    #[test]
    fn names_become_no_markup() {
        for is_portrait in [false, true] {
            let plain = page(["waves", "all at once"], Theme::Light, is_portrait);
            let hostile = page(
                [HOSTILE, "\"><b onclick=z>'&amp;"],
                Theme::Light,
                is_portrait,
            );
            let names = |text: &str| {
                let found = elements(text).into_iter().map(|(name, _)| name);
                // How many lines and labels a chart has may depend on its names.
                found
                    .filter(|n| !["text", "polyline", "a"].contains(&n.as_str()))
                    .collect::<Vec<_>>()
            };
            assert_eq!(names(&plain), names(&hostile));
            for (name, attributes) in elements(&hostile) {
                let keys = attributes
                    .split("\" ")
                    .filter_map(|a| a.split_once('='))
                    .map(|(key, _)| key);
                assert!(
                    keys.clone().all(|key| !key.trim().starts_with("on")),
                    "{name} {attributes}"
                );
            }
            assert!(!hostile.contains("alert(\"1\")"));
        }
    }

    #[test]
    fn nothing_is_loaded() {
        let text = page(["waves", HOSTILE], Theme::Light, false);
        for (name, attributes) in elements(&text) {
            assert!(
                ![
                    "link", "img", "iframe", "object", "embed", "base", "image", "use"
                ]
                .contains(&name.as_str()),
                "{name}"
            );
            for key in [
                "src",
                "srcset",
                "data",
                "poster",
                "action",
                "style",
                "xlink:href",
            ] {
                let given = attributes
                    .split("\" ")
                    .any(|a| a.trim().starts_with(&format!("{key}=")));
                assert!(!given, "{name} {attributes}");
            }
        }
        let style = text
            .split("<style>")
            .nth(1)
            .and_then(|t| t.split("</style>").next())
            .unwrap();
        assert!(!style.contains("url(") && !style.contains("@import"));
        assert!(
            text.contains("default-src &#39;none&#39;; script-src &#39;sha256-"),
            "no policy"
        );
    }

    #[test]
    fn its_colours_are_those_of_the_theme() {
        let paper = |theme| {
            let text = page(["waves", "all at once"], theme, false);
            let (_, rest) = text.split_once("--paper: ").unwrap();
            rest[..7].to_owned()
        };
        assert_eq!(
            [Theme::Light, Theme::Dark, Theme::Print].map(paper),
            ["#ffffff", "#181b1f", "#ffffff"]
        );
    }
}
