//! What commands that simulate have in common: load, run, write.

use std::path::{Path, PathBuf};

use super::call::Call;
use super::charts::{self, Charts};
use super::console::Console;
use super::disk::Disk;
use super::exit::Failure;
use super::interrupt::Interrupt;
use super::options::{Common, Keep};
use super::output::{Output, PAIRS, REPORT, SUMMARY_CSV, SUMMARY_JSON};
use super::page;
use super::progress::Progress;
use super::recorder::{Recorded, Recorder, Rows, Watch};
use crate::explain;
use crate::plan::Plan;
use crate::replicate::precision::{self, Planned, Precision};
use crate::replicate::{self, Sampling, Settings, Stopped};
use crate::report::basis::{Basis, grouped};
use crate::report::chart::kind::Chart;
use crate::report::chart::theme::Theme;
use crate::report::figure::Intervals;
use crate::report::manifest::{self, Circumstances, InputFile};
use crate::report::quantity::Quantity;
use crate::report::{csv, html, json, pairs};
use crate::scenario::{self, Incident, Problems, Request, Scenario};
use crate::summary::{Courses, Detectors, Pairs, Ranking, Summary};

/// Level of all intervals.
pub(super) const LEVEL: f64 = 0.95;
/// Names at least this near (1 is the same) are proposed for a misspelt one.
const NEAR: f64 = 0.6;
/// With plain sampling, rollouts that are recorded for each course that would be of a stratum of its own.
const PLAIN_FOR_ONE: u64 = 20;

/// A loaded scenario and what is to be done with it.
#[derive(Debug)]
pub(super) struct Session<'a> {
    call: &'a Call,
    options: &'a Common,
    pub console: Console,
    interrupt: Interrupt,
    scenario: Scenario,
    disk: Disk,
}

/// A run that was not interrupted, and its files so far.
#[derive(Debug)]
pub(super) struct Finished {
    pub summary: Summary,
    pub basis: Basis,
    /// What stopped changes, of each strategy (by index in the plan).
    pub detectors: Vec<(usize, Detectors)>,
    /// Courses of some rollouts, where a chart needs them.
    pub courses: Courses,
    /// Which strategy is better, as far as that is known.
    pub ranking: Ranking,
    /// The charts that were drawn, as SVG.
    pub charts: Vec<(Chart, String)>,
    pub output: Output,
    threads: usize,
}

impl<'a> Session<'a> {
    /// Loads the scenario.
    pub fn open(
        scenario: &Path,
        strategies: &[PathBuf],
        options: &'a Common,
        call: &'a Call,
    ) -> Result<Session<'a>, Failure> {
        options.rows.check()?;
        let console = Console::new(options.color, options.quiet);
        let request = request(scenario, strategies, &options.world_path);
        let disk = Disk::for_request(&request);
        let scenario = scenario::load(&request, &disk).map_err(|p| mistakes(&p, console))?;
        Ok(Session::of(scenario, disk, options, call, console))
    }

    /// Loads a scenario whose guesses are to be drawn.
    pub fn with_worlds(
        scenario: &Path,
        strategies: &[PathBuf],
        options: &'a Common,
        call: &'a Call,
    ) -> Result<(Session<'a>, scenario::Worlds), Failure> {
        options.rows.check()?;
        let console = Console::new(options.color, options.quiet);
        let request = request(scenario, strategies, &options.world_path);
        let disk = Disk::for_request(&request);
        let (scenario, worlds) =
            scenario::worlds(&request, &disk).map_err(|p| mistakes(&p, console))?;
        let session = Session::of(scenario, disk, options, call, console);
        Ok((session, worlds))
    }

    /// Loads a scenario and the incidents that take the place of its faults.
    pub fn replay(
        scenario: &Path,
        incidents: &Path,
        strategies: &[PathBuf],
        options: &'a Common,
        call: &'a Call,
    ) -> Result<(Session<'a>, Vec<Incident>), Failure> {
        options.rows.check()?;
        let console = Console::new(options.color, options.quiet);
        let request = request(scenario, strategies, &options.world_path);
        let disk = Disk::for_request(&request).and(incidents);
        let replay =
            scenario::replay(&request, incidents, &disk).map_err(|p| mistakes(&p, console))?;
        let session = Session::of(replay.scenario, disk, options, call, console);
        Ok((session, replay.incidents))
    }

    fn of(
        scenario: Scenario,
        disk: Disk,
        options: &'a Common,
        call: &'a Call,
        console: Console,
    ) -> Session<'a> {
        Session {
            call,
            options,
            console,
            interrupt: Interrupt::listen(),
            scenario,
            disk,
        }
    }

    /// The files that the scenario may see.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Colours of the charts.
    pub fn theme(&self) -> Theme {
        self.options.theme.into()
    }

    /// What to run, where nobody asks for a precision or for courses.
    pub fn settings(&self) -> Settings {
        let options = self.options;
        Settings {
            seed: options.seed,
            runs: options.runs(),
            threads: Some(options.threads()),
            sampling: options.sampling(),
            level: LEVEL,
            courses: 0,
        }
    }

    /// Says what can be proved wrong before anything is simulated.
    pub fn show_findings(&self) {
        super::lint::show_first(&self.scenario, self.console);
    }

    pub fn plan(&self) -> &Plan {
        &self.scenario.plan
    }

    /// Which figures show their interval.
    pub fn intervals(&self) -> Intervals {
        if self.options.wide {
            Intervals::Everywhere
        } else {
            Intervals::WhereCoarse
        }
    }

    /// The strategies of these names, or all where none is named, by index in the plan.
    pub fn chosen(&self, names: &[String]) -> Result<Vec<usize>, Failure> {
        chosen(self.plan(), names)
    }

    /// Simulates them, and draws the charts that were asked for.
    pub fn run(&self, strategies: &[usize]) -> Result<Finished, Failure> {
        self.run_with(strategies, &self.options.charts)
    }

    /// The same with these charts.
    pub fn run_with(&self, strategies: &[usize], charts: &Charts) -> Result<Finished, Failure> {
        let plan = self.plan();
        let options = self.options;
        let mut output = Output::open(&options.out);
        if let Some(failure) = output.failure() {
            self.console
                .note(&format!("{failure}; results will come here only"));
        }
        let rollouts = match options.keep {
            Keep::None => None,
            _ => output.begin(options.rows.file()),
        };
        let threads = options.threads();
        let courses = Courses::new(plan, strategies);
        let settings = Settings {
            courses: self.courses(&courses, charts),
            ..self.settings()
        };
        let settings = Settings {
            runs: self.runs(strategies, &settings)?,
            ..settings
        };
        let mut recorder = Recorder {
            rows: Rows::new(plan, rollouts, options.keep, options.rows),
            watch: self.watch(),
            detectors: strategies
                .iter()
                .map(|&s| (s, Detectors::new(plan, s, settings.sampling, LEVEL)))
                .collect(),
            courses,
            pairs: Pairs::new(plan, strategies, settings.sampling, LEVEL),
        };
        let summary = replicate::run(plan, strategies, &settings, &mut recorder);
        let Recorded {
            rollouts,
            detectors,
            courses,
            pairs,
        } = recorder.finish();
        let summary = summary.map_err(stopped)?;
        self.interrupt.check()?;
        if let Some(draft) = rollouts {
            output.keep(options.rows.file(), draft);
        }
        if let Some(precision) = options.precision() {
            self.tell_precision(precision, settings.runs, &summary);
        }
        let basis = Basis::new(plan, &summary, options.seed, settings.runs);
        let ranking = Ranking::of(&summary, &pairs, options.seed);
        let mut finished = Finished {
            summary,
            basis,
            detectors,
            courses,
            ranking,
            charts: Vec::new(),
            output,
            threads,
        };
        charts::draw(self, &mut finished, charts, options.theme.into())?;
        Ok(finished)
    }

    /// Shows how far a run is, and ends it after Ctrl-C.
    pub fn watch(&self) -> Watch {
        Watch::new(Progress::new(self.console), self.interrupt.clone())
    }

    /// An error once somebody wants the program to stop.
    pub fn interrupted(&self) -> Result<(), Failure> {
        self.interrupt.check()
    }

    /// Rollouts of each strategy, found out by pilots where a precision is asked for.
    fn runs(&self, strategies: &[usize], settings: &Settings) -> Result<u64, Failure> {
        let Some(precision) = self.options.precision() else {
            return Ok(settings.runs);
        };
        let mut watch = self.watch();
        let planned = precision::runs_for(self.plan(), strategies, settings, precision, &mut watch);
        watch.finish();
        let Planned {
            runs,
            wanted,
            pilots,
        } = planned.map_err(stopped)?;
        self.console.note(&format!(
            "pilots of {} rollouts of each strategy: {} wanted for a precision of {}",
            grouped(pilots),
            grouped(wanted),
            Quantity::Share.text(precision.target)
        ));
        if wanted > runs {
            self.console.note(&format!(
                "{} are simulated; --runs {wanted} allows as many as are wanted",
                grouped(runs)
            ));
        }
        Ok(runs)
    }

    /// Says whether a precision was reached, and how the run can be had again without pilots.
    fn tell_precision(&self, asked: Precision, runs: u64, summary: &Summary) {
        let width = summary.widest();
        let reached = if width.is_finite() {
            format!(
                "the widest headline figure is known to {}",
                Quantity::Share.text(width)
            )
        } else {
            "a headline figure has no upper end".to_owned()
        };
        let judged = if width <= asked.target {
            "reached"
        } else {
            "not reached"
        };
        let again = format!("--runs {runs} gives the same without pilots");
        self.console
            .note(&format!("precision {judged}: {reached}; {again}"));
    }

    /// Rollouts whose courses are to be recorded.
    fn courses(&self, courses: &Courses, charts: &Charts) -> u64 {
        if !charts.has(Chart::Exposure) {
            return 0;
        }
        let each = courses.each() as u64;
        match self.options.sampling() {
            Sampling::Stratified => each,
            // Few of the changes as they come are faulty.
            Sampling::Plain => PLAIN_FOR_ONE * each,
        }
    }

    /// Writes the files of a run, `page` among them, and shows its results whether that succeeds or not.
    pub fn deliver(
        &self,
        finished: Finished,
        results: &str,
        page: Option<&str>,
    ) -> Result<(), Failure> {
        let Finished {
            summary,
            basis,
            ranking,
            mut output,
            threads,
            ..
        } = finished;
        let rows = summary.rows();
        output.add(SUMMARY_CSV, csv::text(&rows).as_bytes());
        let mut document = json::document(&basis, &rows);
        if !ranking.pairs.is_empty() {
            document = json::with(&document, "pairs", &pairs::json(&ranking));
        }
        output.add(SUMMARY_JSON, document.as_bytes());
        if !ranking.pairs.is_empty() {
            output.add(PAIRS, pairs::text(&ranking).as_bytes());
        }
        if let Some(page) = page {
            output.add(REPORT, page.as_bytes());
        }
        self.interrupt.check()?;
        let files =
            output.publish(|names| manifest::document(&basis, &self.circumstances(names, threads)));
        self.console.print(results)?;
        let files = files?;
        self.console.note(&format!(
            "{}: {} ({:.1} s)",
            self.options.out.display(),
            files.join(", "),
            self.call.elapsed_s()
        ));
        Ok(())
    }

    /// The page of a run.
    pub fn page(
        &self,
        finished: &Finished,
        subject: html::Subject<'_>,
        worlds: Option<html::Worlds<'_>>,
    ) -> String {
        let inputs: Vec<html::Input> = self.scenario.inputs.iter().map(page::input).collect();
        html::document(&html::Page {
            subject,
            worlds,
            plan: self.plan(),
            summary: &finished.summary,
            basis: &finished.basis,
            charts: &finished.charts,
            inputs: &inputs,
            files: &self.files(),
            command: &self.call.repeating(),
            glossary: &explain::glossary(),
            theme: self.options.theme.into(),
        })
    }

    /// Every file that was read.
    fn files(&self) -> Vec<InputFile> {
        let input = |source: &scenario::Source| InputFile {
            name: source.path.display().to_string(),
            sha256: source.sha256.clone(),
            shipped: source.shipped,
        };
        self.scenario.sources.iter().map(input).collect()
    }

    fn circumstances(&self, files: Vec<String>, threads: usize) -> Circumstances {
        Circumstances {
            command: self.call.command(),
            inputs: self.files(),
            threads,
            started: self.call.started(),
            duration_s: self.call.elapsed_s(),
            files,
        }
    }
}

/// Loads a scenario.
pub(super) fn load(
    scenario: &Path,
    strategies: &[PathBuf],
    world_path: &[PathBuf],
    console: Console,
) -> Result<Scenario, Failure> {
    let request = request(scenario, strategies, world_path);
    let disk = Disk::for_request(&request);
    scenario::load(&request, &disk).map_err(|problems| mistakes(&problems, console))
}

fn request(scenario: &Path, strategies: &[PathBuf], world_path: &[PathBuf]) -> Request {
    Request {
        scenario: scenario.to_owned(),
        strategies: strategies.to_vec(),
        world_path: world_path.to_vec(),
    }
}

fn mistakes(problems: &Problems, console: Console) -> Failure {
    Failure::Scenario(problems.render(console.colors_messages()))
}

/// The strategies of these names, or all where none is named, by index in the plan.
pub(super) fn chosen(plan: &Plan, names: &[String]) -> Result<Vec<usize>, Failure> {
    if plan.strategies.is_empty() {
        let sentence =
            "the scenario has no strategy: add a [strategy.NAME], or give a file with --strategies";
        return Err(Failure::Input(sentence.to_owned()));
    }
    if names.is_empty() {
        return Ok((0..plan.strategies.len()).collect());
    }
    let mut chosen = Vec::new();
    for name in names {
        let strategy = plan
            .strategy_named(name)
            .ok_or_else(|| unknown(plan, name))?;
        // Named twice it is still one.
        if !chosen.contains(&strategy) {
            chosen.push(strategy);
        }
    }
    Ok(chosen)
}

fn unknown(plan: &Plan, name: &str) -> Failure {
    let hint = nearest(plan.strategies.iter().map(|s| s.name.as_str()), name);
    Failure::Input(format!("no strategy is called \"{name}\": {hint}"))
}

/// What may have been meant by a name that is not among these: the nearest, or all there are.
pub(super) fn nearest<'n>(names: impl Iterator<Item = &'n str> + Clone, name: &str) -> String {
    let nearness = |known: &&str| strsim::jaro_winkler(&known.to_lowercase(), &name.to_lowercase());
    let nearest = names
        .clone()
        .filter(|known| nearness(known) >= NEAR)
        .max_by(|a, b| nearness(a).total_cmp(&nearness(b)));
    match nearest {
        Some(nearest) => format!("did you mean \"{nearest}\"?"),
        None => {
            let quoted: Vec<String> = names.map(|n| format!("\"{n}\"")).collect();
            format!("there are {}", quoted.join(", "))
        }
    }
}

/// What a run that ended early means to whoever called.
pub(super) fn stopped(stopped: Stopped) -> Failure {
    match stopped {
        Stopped::Interrupted => Failure::Interrupted,
        Stopped::Io(error) => Failure::Output(error.to_string()),
        Stopped::Threads(error) => Failure::Input(format!("{error}; take fewer --threads")),
        Stopped::Bug(bug) => Failure::Bug(bug.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::example::plan;

    fn choose(names: &[&str]) -> Result<Vec<usize>, String> {
        let plan = plan(0.1, &[1.0], &["waves", "all at once", "canary"]);
        let names: Vec<String> = names.iter().map(|&n| n.to_owned()).collect();
        chosen(&plan, &names).map_err(|failure| match failure {
            Failure::Input(sentence) => sentence,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn strategies_come_as_named_and_once() {
        assert_eq!(choose(&[]), Ok(vec![0, 1, 2]));
        assert_eq!(choose(&["canary", "waves", "canary"]), Ok(vec![2, 0]));
    }

    #[test]
    fn unknown_names_get_the_nearest_or_all() {
        assert_eq!(
            choose(&["Wave"]).unwrap_err(),
            "no strategy is called \"Wave\": did you mean \"waves\"?"
        );
        assert_eq!(
            choose(&["zzz"]).unwrap_err(),
            "no strategy is called \"zzz\": there are \"waves\", \"all at once\", \"canary\""
        );
    }

    #[test]
    fn a_scenario_without_strategies_is_wrong_input() {
        let plan = plan(0.1, &[1.0], &[]);
        assert!(matches!(chosen(&plan, &[]), Err(Failure::Input(_))));
    }

    #[test]
    fn runs_stop_for_reasons_of_their_own() {
        assert!(matches!(
            stopped(Stopped::Interrupted),
            Failure::Interrupted
        ));
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        assert!(matches!(stopped(Stopped::Io(full)), Failure::Output(_)));
    }
}
