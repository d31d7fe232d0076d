//! Takes what a run produces: rows to `rollouts.csv`, progress to the terminal, and Ctrl-C to the run.

use std::io;
use std::ops::ControlFlow;

use super::folder::Draft;
use super::interrupt::Interrupt;
use super::options::{Keep, RowForm};
use super::progress::Progress;
use super::rows::RowWriter;
use crate::course::Course;
use crate::outcome::Outcome;
use crate::plan::{Plan, Stratum};
use crate::replicate::Observer;
use crate::summary::{Courses, Detectors, Pairs, Summary};

/// Watches a run.
pub(super) struct Recorder<'p> {
    pub rows: Rows<'p>,
    /// Progress to the terminal, and Ctrl-C to the run.
    pub watch: Watch,
    /// What stopped changes, of each strategy (by index in the plan).
    pub detectors: Vec<(usize, Detectors)>,
    /// Courses of some rollouts.
    pub courses: Courses,
    /// Strategies pair by pair.
    pub pairs: Pairs,
}

/// What is left of a recorder after a run.
pub(super) struct Recorded {
    /// The file of rows, if there was one.
    pub rollouts: Option<io::Result<Draft>>,
    pub detectors: Vec<(usize, Detectors)>,
    pub courses: Courses,
    pub pairs: Pairs,
}

/// Shows how far a run is, and ends it after Ctrl-C. Of itself it keeps no outcome.
pub(super) struct Watch {
    progress: Progress,
    interrupt: Interrupt,
}

impl Watch {
    pub fn new(progress: Progress, interrupt: Interrupt) -> Watch {
        Watch {
            progress,
            interrupt,
        }
    }

    /// Leaves the terminal as it was.
    pub fn finish(&self) {
        self.progress.finish();
    }

    /// So many rollouts of all are done; `Break` once somebody wants the run to stop.
    pub fn wait(&mut self, simulated: u64, total: u64) -> ControlFlow<()> {
        self.progress.wait(simulated, total);
        self.go_on()
    }

    /// Until somebody wants the run to stop.
    fn go_on(&self) -> ControlFlow<()> {
        if self.interrupt.is_asked() {
            self.finish();
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

impl Observer for Watch {
    fn outcome(&mut self, _: usize, _: &Outcome, _: f64) -> io::Result<()> {
        Ok(())
    }

    fn progress(&mut self, done: u64, total: u64, summary: &Summary) -> ControlFlow<()> {
        self.progress.step(done, total, summary);
        self.go_on()
    }

    fn waiting(&mut self, simulated: u64, total: u64) -> ControlFlow<()> {
        self.wait(simulated, total)
    }
}

/// The rows to be kept.
pub(super) struct Rows<'p> {
    /// `None` where none are, or after a failure.
    writer: Option<RowWriter<'p>>,
    failure: Option<io::Error>,
    keep: Keep,
    /// Rows so far, by strategy in the plan and stratum.
    kept: Vec<Vec<u64>>,
}

impl Recorder<'_> {
    /// What was recorded.
    pub fn finish(self) -> Recorded {
        self.watch.finish();
        Recorded {
            rollouts: self.rows.finish(),
            detectors: self.detectors,
            courses: self.courses,
            pairs: self.pairs,
        }
    }
}

impl Observer for Recorder<'_> {
    fn course(&mut self, strategy: usize, stratum: Stratum, course: Course) {
        self.courses.add(strategy, stratum, course);
    }

    fn outcome(&mut self, strategy: usize, outcome: &Outcome, weight: f64) -> io::Result<()> {
        let of = self.detectors.iter_mut().find(|(s, _)| *s == strategy);
        if let Some((_, detectors)) = of {
            detectors.add(outcome);
        }
        self.pairs.add(strategy, outcome);
        // A full disk ends the file, not the run: its results can still be shown.
        self.rows.take(strategy, outcome, weight);
        Ok(())
    }

    fn progress(&mut self, done: u64, total: u64, summary: &Summary) -> ControlFlow<()> {
        self.watch.progress(done, total, summary)
    }

    fn waiting(&mut self, simulated: u64, total: u64) -> ControlFlow<()> {
        self.watch.waiting(simulated, total)
    }
}

impl<'p> Rows<'p> {
    /// Writes them to `rollouts`, if that is given.
    pub fn new(plan: &'p Plan, rollouts: Option<Draft>, keep: Keep, form: RowForm) -> Rows<'p> {
        let writer = rollouts.map(|draft| RowWriter::new(plan, draft, form));
        let (writer, failure) = match writer {
            Some(Ok(writer)) => (Some(writer), None),
            Some(Err(error)) => (None, Some(error)),
            None => (None, None),
        };
        Rows {
            writer,
            failure,
            keep,
            kept: vec![vec![0; plan.strata().len()]; plan.strategies.len()],
        }
    }

    fn take(&mut self, strategy: usize, outcome: &Outcome, weight: f64) {
        let Some(writer) = &mut self.writer else {
            return;
        };
        let stratum = match outcome.stratum {
            Stratum::FaultFree => 0,
            Stratum::Fault(f) => f + 1,
        };
        let kept = &mut self.kept[strategy][stratum];
        if !self.keep.wants(*kept) {
            return;
        }
        *kept += 1;
        if let Err(error) = writer.write(strategy, outcome, weight) {
            self.failure = Some(error);
            self.writer = None;
        }
    }

    fn finish(self) -> Option<io::Result<Draft>> {
        match (self.writer, self.failure) {
            (_, Some(error)) => Some(Err(error)),
            (Some(writer), None) => Some(writer.finish()),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::folder::Folder;
    use super::super::output::ROLLOUTS;
    use super::*;
    use crate::summary::example::{plan, shipped, undetected};
    use std::io::Write;

    #[test]
    fn keeps_the_first_rows_of_each_strategy_and_stratum() {
        let plan = plan(0.5, &[1.0], &["a", "b"]);
        let place = tempfile::tempdir().unwrap();
        let draft = Folder::open(place.path()).unwrap().draft(ROLLOUTS).unwrap();
        let mut rows = Rows::new(&plan, Some(draft), Keep::First(2), RowForm::Csv);
        for number in 0..4 {
            for strategy in 0..2 {
                rows.take(strategy, &shipped(number), 0.1);
            }
            rows.take(1, &undetected(0, number), 0.1);
        }
        let mut draft = rows.finish().unwrap().unwrap();
        draft.flush().unwrap();
        let file = std::fs::read_dir(place.path())
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        let beginnings: Vec<String> = text
            .lines()
            .skip(1)
            .map(|line| line.split(',').take(3).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            beginnings,
            [
                "a fault-free 0",
                "b fault-free 0",
                "b f0 0",
                "a fault-free 1",
                "b fault-free 1",
                "b f0 1"
            ]
        );
    }

    #[test]
    fn without_a_file_nothing_is_kept() {
        let plan = plan(0.5, &[1.0], &["a"]);
        let mut rows = Rows::new(&plan, None, Keep::All, RowForm::Csv);
        rows.take(0, &shipped(0), 1.0);
        assert!(rows.finish().is_none());
    }
}
