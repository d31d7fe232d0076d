//! Which charts are drawn, in which colours, and drawing them.

use rayon::prelude::*;

use super::exit::Failure;
use super::session::{Finished, Session, nearest};
use crate::report::chart::kind::{Chart, Results};
use crate::report::chart::theme::Theme;
use crate::report::chart::{Images, PaintError, paint};

/// Charts by name, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charts(Vec<Chart>);

impl Charts {
    /// Whether this one is.
    pub fn has(&self, chart: Chart) -> bool {
        self.0.contains(&chart)
    }

    /// Those that are among these, too.
    pub(super) fn among(&self, charts: &[Chart]) -> Charts {
        let both = self.0.iter().filter(|chart| charts.contains(chart));
        Charts(both.copied().collect())
    }

    /// Reads `all`, `none`, or names with commas between them.
    ///
    /// # Errors
    /// The name that is none, and what may have been meant.
    pub fn parse(text: &str) -> Result<Charts, String> {
        match text.trim() {
            "all" => return Ok(Charts(Chart::ALL.to_vec())),
            "none" => return Ok(Charts(Vec::new())),
            _ => {}
        }
        let mut charts = Vec::new();
        for name in text.split(',').map(str::trim) {
            let named = Chart::ALL.into_iter().find(|chart| chart.name() == name);
            let chart = named.ok_or_else(|| {
                let names = Chart::ALL.iter().map(|chart| chart.name());
                let names = names.chain(["all", "none"]);
                format!("no chart is called \"{name}\": {}", nearest(names, name))
            })?;
            if !charts.contains(&chart) {
                charts.push(chart);
            }
        }
        Ok(Charts(charts))
    }
}

/// Draws the charts of a run, and says which had nothing to show.
pub(super) fn draw(
    session: &Session,
    finished: &mut Finished,
    charts: &Charts,
    theme: Theme,
) -> Result<(), Failure> {
    let results = Results {
        plan: session.plan(),
        summary: &finished.summary,
        basis: &finished.basis,
        detectors: &finished.detectors,
        courses: &finished.courses,
    };
    let strategies = finished.basis.strategies.len();
    let (drawn, crowded): (Vec<Chart>, Vec<Chart>) = charts
        .0
        .iter()
        .partition(|chart| strategies <= chart.most_strategies());
    if let Some(chart) = crowded.first() {
        let names: Vec<&str> = crowded.iter().map(|chart| chart.name()).collect();
        session.console.note(&format!(
            "no chart {}: at most {} strategies can be shown; name some with --strategy",
            names.join(", "),
            chart.most_strategies()
        ));
    }
    let drawn: Vec<(Chart, Option<Result<Images, PaintError>>)> = drawn
        .par_iter()
        .map(|chart| {
            (
                *chart,
                chart.scene(results).map(|scene| paint(&scene, theme)),
            )
        })
        .collect();
    let empty = drawn.iter().filter(|(_, images)| images.is_none());
    let empty: Vec<&str> = empty.map(|(chart, _)| chart.name()).collect();
    if !empty.is_empty() {
        session.console.note(&format!(
            "no chart {}: these changes have nothing to show in it",
            empty.join(", ")
        ));
    }
    for (chart, images) in drawn {
        let Some(images) = images else {
            continue;
        };
        let images = images.map_err(|e| Failure::Bug(e.to_string()))?;
        let (svg, png) = chart.files();
        finished.output.add(svg, images.svg.as_bytes());
        finished.output.add(png, &images.png);
        finished.charts.push((chart, images.svg));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_are_named_with_commas() {
        assert_eq!(Charts::parse("none"), Ok(Charts(Vec::new())));
        assert_eq!(Charts::parse("all").unwrap().0, Chart::ALL);
        let two = Charts::parse("caught, tradeoff,caught").unwrap();
        assert_eq!(two.0, [Chart::Caught, Chart::Tradeoff]);
        assert_eq!(
            Charts::parse("caugth").unwrap_err(),
            "no chart is called \"caugth\": did you mean \"caught\"?"
        );
        assert!(Charts::parse("").is_err());
    }
}
