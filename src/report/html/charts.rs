//! The charts, as they were drawn.

use super::element::{Element, el};
use super::tables::scrolling;
use super::words::sentence;
use crate::report::chart::kind::Chart;

/// Each chart under what it shows; nothing where none was drawn.
pub(super) fn charts(drawn: &[(Chart, String)]) -> Vec<Element> {
    drawn
        .iter()
        .map(|(chart, svg)| figure(*chart, svg))
        .collect()
}

fn figure(chart: Chart, svg: &str) -> Element {
    picture(chart.name(), sentence(chart.meaning()), svg)
}

/// A picture of this name, under what it shows.
pub(super) fn picture(name: &str, shows: impl Into<String>, svg: &str) -> Element {
    let id = format!("chart-{name}");
    let picture = el("div").markup(svg);
    el("figure")
        .child(el("figcaption").with("id", id.clone()).text(shows.into()))
        .child(scrolling(&id, picture))
}
