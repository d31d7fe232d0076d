//! `landfall trace`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::{self, Utf8Error};

use clap::ValueEnum;

use super::console::Console;
use super::disk;
use super::exit::Failure;
use super::folder::Folder;
use super::interrupt::Interrupt;
use super::options::{Color, OUTPUT, SIMULATION, ThemeArg};
use super::session;
use crate::engine::Engine;
use crate::plan::{Plan, Stratum};
use crate::report::chart::paint;
use crate::report::trace::Told;
use crate::report::trace::text::Detail;

/// How much longer than the trace of now a kept one is read: its heading may name a longer version.
const ROOM: usize = 1 << 12;

/// `landfall trace`.
#[derive(Debug, clap::Args)]
pub struct TraceArgs {
    /// The scenario, a TOML file
    #[arg(value_name = "SCENARIO")]
    pub scenario: PathBuf,

    /// The strategy
    ///
    /// Example: --strategy 'hands-off waves'
    #[arg(long, value_name = "NAME", required = true)]
    pub strategy: String,

    /// The rollout: a kind of change and a number, as in rollouts.csv
    ///
    /// `fault-free` or the name of a fault, then the number. Example: --run memory-leak#812
    #[arg(long, value_name = "KIND#N", required = true)]
    pub run: String,

    /// Files with more strategies; may be repeated
    ///
    /// Each holds tables [strategy.NAME], and may hold [service] and [budget.NAME]. Example: --strategies mine.toml
    #[arg(long, value_name = "FILE")]
    pub strategies: Vec<PathBuf>,

    /// Seed of all random draws
    ///
    /// That of the run which the rollout is from. Example: --seed 7
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = SIMULATION)]
    pub seed: u64,

    /// Folders in which a scenario's `use` looks for files; may be repeated
    ///
    /// After the scenario's own folder. Example: --world-path ../worlds
    #[arg(long, value_name = "DIR", help_heading = SIMULATION)]
    pub world_path: Vec<PathBuf>,

    /// Tell every datapoint that an alarm looked at, and every share
    ///
    /// Datapoints that are not told even so were skipped: known not to breach, without being drawn. Example: --verbose
    #[arg(long, help_heading = OUTPUT)]
    pub verbose: bool,

    /// Compare with a trace kept as JSON lines, and show the first difference
    ///
    /// Tells nothing else and writes no files. Example: --verify kept.jsonl
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub verify: Option<PathBuf>,

    /// Colours of the chart
    ///
    /// `dark` is for dark pages, `print` has greys only. Example: --theme print
    #[arg(long, value_name = "THEME", default_value = "light", help_heading = OUTPUT)]
    pub(super) theme: ThemeArg,

    /// Form of the story on standard output
    ///
    /// `jsonl` has a line for each thing that happened, for programs. Example: --format jsonl
    #[arg(long, value_name = "FORM", default_value = "human", help_heading = OUTPUT)]
    pub(super) format: TraceFormat,

    /// Folder for files
    ///
    /// It is made where it is missing. Files of an earlier trace in it are replaced. Example: --out story
    #[arg(long, value_name = "DIR", default_value = "output/trace", help_heading = OUTPUT)]
    pub out: PathBuf,

    /// Say nothing but results and errors
    ///
    /// No remarks on standard error. For scripts. Example: --quiet
    #[arg(long, short, help_heading = OUTPUT)]
    pub quiet: bool,

    /// When to use colours
    ///
    /// `auto` does on a terminal, unless NO_COLOR is set. Example: --color never
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = OUTPUT)]
    pub(super) color: Color,
}

/// Form of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TraceFormat {
    Human,
    Jsonl,
}

/// Simulates one rollout and tells it.
///
/// # Errors
/// Wrong input, output that cannot be written, a kept trace that differs, an interruption, a bug.
pub fn trace(args: &TraceArgs) -> Result<(), Failure> {
    let console = Console::new(args.color, args.quiet);
    let scenario = session::load(&args.scenario, &args.strategies, &args.world_path, console)?;
    let plan = &scenario.plan;
    let strategy = session::chosen(plan, std::slice::from_ref(&args.strategy))?[0];
    let (stratum, number) = rollout(plan, &args.run)?;
    let interrupt = Interrupt::listen();
    let trace = Engine::new(plan, strategy).trace(args.seed, stratum, number);
    let told = Told {
        plan,
        strategy,
        seed: args.seed,
        trace: &trace,
    };
    interrupt.check()?;
    let lines = told.lines();
    if let Some(kept) = &args.verify {
        return verify(kept, &lines, console);
    }
    match args.format {
        TraceFormat::Human => {
            let detail = if args.verbose {
                Detail::Everything
            } else {
                Detail::Usual
            };
            console.print(&told.text(detail))?;
        }
        TraceFormat::Jsonl => console.print(&lines)?,
    }
    write(args, &told, &lines, &interrupt, console)
}

/// The rollout of a name such as `memory-leak#812`.
fn rollout(plan: &Plan, run: &str) -> Result<(Stratum, u64), Failure> {
    let wrong = || {
        Failure::Input(format!(
            "no rollout is called \"{run}\": expected a kind of change and a number, as in rollouts.csv, such as \
             fault-free#0"
        ))
    };
    let (name, number) = run.rsplit_once('#').ok_or_else(wrong)?;
    let number = number.parse().map_err(|_| wrong())?;
    let strata = plan.strata();
    let found = strata.iter().find(|s| plan.stratum_name(**s) == name);
    let Some(&stratum) = found else {
        let names = strata.iter().map(|s| plan.stratum_name(*s));
        let hint = session::nearest(names, name);
        return Err(Failure::Input(format!(
            "no kind of change is called \"{name}\": {hint}"
        )));
    };
    Ok((stratum, number))
}

/// Writes the files of a trace, each whole or not at all.
fn write(
    args: &TraceArgs,
    told: &Told<'_>,
    lines: &str,
    interrupt: &Interrupt,
    console: Console,
) -> Result<(), Failure> {
    let out = &args.out;
    let failed = |path: &Path, error: &dyn std::fmt::Display| {
        Failure::Output(format!("cannot write {}: {error}", path.display()))
    };
    let spans = told.spans();
    let images =
        paint(&told.gantt(&spans), args.theme.into()).map_err(|e| Failure::Bug(e.to_string()))?;
    let chrome = told.chrome(&spans);
    let files: [(&'static str, &[u8]); 4] = [
        ("trace.jsonl", lines.as_bytes()),
        ("trace.json", chrome.as_bytes()),
        ("gantt.svg", images.svg.as_bytes()),
        ("gantt.png", &images.png),
    ];
    interrupt.check()?;
    let folder = Folder::open(out).map_err(|e| failed(out, &e))?;
    let mut drafts = Vec::new();
    for (name, bytes) in files {
        let path = out.join(name);
        let mut draft = folder.draft(name).map_err(|e| failed(&path, &e))?;
        draft.write_all(bytes).map_err(|e| failed(&path, &e))?;
        drafts.push(draft);
        // Drafts that are dropped leave nothing.
        interrupt.check()?;
    }
    folder
        .replace(drafts)
        .map_err(|(name, error)| failed(&out.join(name), &error))?;
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    console.note(&format!("{}: {}", out.display(), names.join(", ")));
    Ok(())
}

/// Compares with a kept trace, line by line.
fn verify(kept: &Path, now: &str, console: Console) -> Result<(), Failure> {
    let wrong =
        |error: &dyn std::fmt::Display| Failure::Input(format!("{}: {error}", kept.display()));
    disk::check_plain(kept).map_err(|e| wrong(&e))?;
    // The first difference comes no later than where the trace of now ends.
    let most = (now.len() + ROOM) as u64;
    let before = disk::beginning(kept, most).map_err(|e| wrong(&e))?;
    let before = text(&before).map_err(|e| wrong(&e))?;
    match difference(before, now) {
        None => {
            let lines = now.lines().count();
            console.note(&format!("{}: the same, {lines} lines", kept.display()));
            Ok(())
        }
        Some((line, before, now)) => Err(Failure::Differs(format!(
            "{}, line {line} differs\n  kept: {before}\n  now:  {now}",
            kept.display()
        ))),
    }
}

/// The beginning of a file as text. A character that is cut at its end is left out.
fn text(bytes: &[u8]) -> Result<&str, Utf8Error> {
    match str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => str::from_utf8(&bytes[..error.valid_up_to()]),
        other => other,
    }
}

/// The first line that differs, with what was kept and what is now. The version that wrote a trace is no difference.
fn difference<'a>(kept: &'a str, now: &'a str) -> Option<(usize, &'a str, &'a str)> {
    const NOTHING: &str = "(nothing)";
    let (mut kept, mut now) = (kept.lines(), now.lines());
    for line in 1.. {
        match (kept.next(), now.next()) {
            (None, None) => return None,
            (Some(a), Some(b)) if a == b || (line == 1 && alike_but_for_version(a, b)) => {}
            (a, b) => return Some((line, a.unwrap_or(NOTHING), b.unwrap_or(NOTHING))),
        }
    }
    None
}

fn alike_but_for_version(a: &str, b: &str) -> bool {
    let heading = |text: &str| {
        let mut heading: serde_json::Value = serde_json::from_str(text).ok()?;
        heading.as_object_mut()?.remove("landfall");
        Some(heading)
    };
    heading(a).is_some_and(|a| heading(b) == Some(a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_is_cut_is_left_out_and_what_is_no_text_is_refused() {
        assert_eq!(text("né".as_bytes()), Ok("né"));
        assert_eq!(text(&"né".as_bytes()[..2]), Ok("n"));
        assert!(text(b"n\xff\n").is_err());
    }

    #[test]
    fn the_first_difference_is_shown_and_the_version_is_none() {
        let heading =
            |version: &str, seed: u32| format!("{{\"landfall\":\"{version}\",\"seed\":{seed}}}\n");
        let (a, b, c) = (heading("1", 1), heading("2", 1), heading("1", 2));
        assert_eq!(difference(&a, &b), None);
        assert_eq!(difference(&a, &c), Some((1, a.trim(), c.trim())));
        assert_eq!(difference("x\ny\n", "x\nz\n"), Some((2, "y", "z")));
        assert_eq!(difference("x\n", "x\nz\n"), Some((2, "(nothing)", "z")));
        assert_eq!(difference("x\ny", "x\n"), Some((2, "y", "(nothing)")));
        assert_eq!(difference("", ""), None);
    }
}
