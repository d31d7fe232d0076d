//! How far a run is, on standard error of a terminal.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::Console;
use crate::report::basis::grouped;
use crate::report::figure::phrase;
use crate::report::quantity::Quantity;
use crate::report::text::{clean, shortened};
use crate::stats::Estimate;
use crate::summary::{Headline, Summary};

/// Least time between two looks at the figures.
const LOOK: Duration = Duration::from_millis(500);
/// A look may take one part in so many of the time.
const COST: u32 = 20;

/// A bar, the rate, the time left, and the headline figure as it tightens.
#[derive(Debug)]
pub(super) struct Progress {
    /// `None` where nothing moves.
    bar: Option<ProgressBar>,
    began: Instant,
    next_look: Instant,
    figure: String,
    /// Rollouts that the bar shows: those ahead of a slow block are not taken back when it is done.
    shown: u64,
}

impl Progress {
    /// Nothing shows before the first step.
    pub fn new(console: Console) -> Progress {
        let now = Instant::now();
        Progress {
            bar: console.animates().then(bar),
            began: now,
            next_look: now + LOOK,
            figure: String::new(),
            shown: 0,
        }
    }

    /// So many rollouts of all are done.
    pub fn step(&mut self, done: u64, total: u64, summary: &Summary) {
        if self.bar.is_none() {
            return;
        }
        let now = Instant::now();
        if now >= self.next_look {
            self.figure = figure(summary);
            // Looking at many rollouts takes time of its own.
            self.next_look = now + LOOK.max(now.elapsed() * COST);
        }
        self.show(done, total);
    }

    /// So many rollouts of all are simulated, but there is no new figure.
    pub fn wait(&mut self, simulated: u64, total: u64) {
        self.show(simulated, total);
    }

    fn show(&mut self, done: u64, total: u64) {
        let Some(bar) = &self.bar else {
            return;
        };
        self.shown = self.shown.max(done);
        bar.set_length(total);
        bar.set_position(self.shown);
        let elapsed_s = self.began.elapsed().as_secs_f64();
        bar.set_message(message(self.shown, total, elapsed_s, &self.figure));
    }

    /// Leaves the terminal as it was.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:12} {percent:>3}%  {wide_msg}");
    let style = style
        .expect("a template that is tested")
        .progress_chars("━╸─");
    ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5)).with_style(style)
}

fn message(done: u64, total: u64, elapsed_s: f64, figure: &str) -> String {
    if done == 0 {
        return "the first rollout is under way".to_owned();
    }
    let rate = done as f64 / elapsed_s.max(1e-3);
    let left_s = (total - done) as f64 / rate;
    let left = Quantity::Duration.text(libm::ceil(left_s));
    // In a large fleet a rollout takes seconds.
    let speed = if rate < 10.0 {
        format!("{rate:.1}")
    } else {
        grouped(rate as u64)
    };
    format!("{speed} rollouts/s, {left} left{figure}")
}

/// The figure that takes longest to settle: the 99th percentile of the blast radius, or where there are no faults the
/// median time to full deployment, of the first strategy.
fn figure(summary: &Summary) -> String {
    let Some(first) = summary.strategies().next() else {
        return String::new();
    };
    let headline = summary.headline(first);
    let of = |h: &Headline| -> Option<(&str, Quantity, Estimate)> {
        let radius = h
            .blast_radius_p99
            .map(|e| ("p99 blast radius", Quantity::Share, e));
        let time = || {
            h.time_to_full_p50
                .map(|e| ("p50 time to full", Quantity::Duration, e))
        };
        radius.or_else(time)
    };
    let name = shortened(&clean(&headline.name), 24);
    of(&headline).map_or_else(String::new, |(what, quantity, estimate)| {
        format!("; {what} of {name}: {}", phrase(estimate, quantity))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::Sampling;
    use crate::summary::example::{plan, shipped, undetected};

    #[test]
    fn says_rate_and_time_left() {
        assert_eq!(
            message(2_000, 10_000, 2.0, "; x"),
            "1,000 rollouts/s, 8s left; x"
        );
        assert_eq!(message(1, 11, 2.0, ""), "0.5 rollouts/s, 20s left");
        assert_eq!(message(0, 10, 2.0, "; x"), "the first rollout is under way");
    }

    #[test]
    fn shows_the_risk_or_without_faults_the_time() {
        let risky = plan(0.5, &[1.0], &["waves"]);
        let mut summary = Summary::new(&risky, &[0], Sampling::Stratified, 0.95);
        summary.add(0, &undetected(0, 0));
        assert_eq!(
            figure(&summary),
            "; p99 blast radius of waves: 100% (100–100%)"
        );
        let calm = plan(0.0, &[], &["waves"]);
        let mut summary = Summary::new(&calm, &[0], Sampling::Stratified, 0.95);
        summary.add(0, &shipped(0));
        assert_eq!(
            figure(&summary),
            "; p50 time to full of waves: 0s (0s–never)"
        );
    }

    #[test]
    fn the_template_is_one() {
        assert_eq!(bar().position(), 0);
    }
}
