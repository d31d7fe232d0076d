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
    let id = format!("chart-{}", chart.name());
    let picture = el("div").markup(svg);
    el("figure")
        .child(
            el("figcaption")
                .with("id", id.clone())
                .text(sentence(chart.meaning())),
        )
        .child(scrolling(&id, picture))
}
