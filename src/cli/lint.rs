//! `landfall lint`.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::console::Console;
use super::disk::Disk;
use super::exit::Failure;
use super::options::Color;
use super::world::{WORLD, WORLD_FILE, Worlds, is_strategy_file};
use crate::lint::{self, Finding, LINTS, Lint, Severity};
use crate::report::diagnostic::{Diagnostic, Level, Rule};
use crate::report::text::clean;
use crate::report::{github, sarif};
use crate::scenario::{self, LintLevel, LintSettings, Remark, Request, Scenario};

/// Findings that are shown before a run.
const FIRST: usize = 3;

/// `landfall lint`.
#[derive(Debug, clap::Args)]
pub struct LintArgs {
    /// Scenarios and strategy files
    #[arg(value_name = "FILE", required_unless_present = "list")]
    pub files: Vec<PathBuf>,

    /// The scenario that strategy files are laid over [default: the shipped world aws-like]
    ///
    /// Example: --world ../platform/world.toml
    #[arg(long, value_name = "SCENARIO")]
    pub world: Option<PathBuf>,

    /// Folders in which a scenario's `use` looks for files; may be repeated
    ///
    /// Example: --world-path ../worlds
    #[arg(long, value_name = "DIR")]
    pub world_path: Vec<PathBuf>,

    /// Form of the findings on standard output
    ///
    /// `sarif` is for code scanning, `github` for annotations in GitHub Actions. Example: --format sarif
    #[arg(long, value_name = "FORM", default_value = "human")]
    format: LintFormat,

    /// Level of findings from which on the exit code is 1 [default: what a file's [lint] says, else error]
    ///
    /// Example: --deny warning
    #[arg(long, value_name = "LEVEL")]
    deny: Option<Deny>,

    /// Leave out findings of this code or name, besides those that a file allows; may be repeated
    ///
    /// Files do the same for what is found in them, with `allow` in [lint]. Example: --allow region-at-once
    #[arg(long, value_name = "CODE", value_parser = known)]
    allow: Vec<&'static Lint>,

    /// List all lints instead
    ///
    /// With code, name and level of each. Example: --list
    #[arg(long)]
    pub list: bool,

    /// Say nothing but findings and errors
    ///
    /// No remarks on standard error. Example: --quiet
    #[arg(long, short)]
    pub quiet: bool,

    /// When to use colours
    ///
    /// Example: --color never
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LintFormat {
    Human,
    Json,
    Sarif,
    Github,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Deny {
    Note,
    Warning,
    Error,
}

impl From<Deny> for Severity {
    fn from(deny: Deny) -> Severity {
        match deny {
            Deny::Note => Severity::Note,
            Deny::Warning => Severity::Warning,
            Deny::Error => Severity::Error,
        }
    }
}

fn known(word: &str) -> Result<&'static Lint, String> {
    lint::lint_named(word).ok_or_else(|| "no such lint; `landfall lint --list` has all".to_owned())
}

/// Looks for what can be proved wrong without simulating.
///
/// # Errors
/// Wrong input, findings at or above `--deny`, output that cannot be written.
pub fn lint(args: &LintArgs) -> Result<(), Failure> {
    let console = Console::new(args.color, args.quiet);
    if args.list {
        let line = |l: &Lint| {
            format!(
                "{}  {:<28} {:<8} {}\n",
                l.code,
                l.name,
                Level::from(l.severity).name(),
                l.title
            )
        };
        return console.print(&LINTS.iter().map(line).collect::<String>());
    }
    let mut told = Vec::new();
    let (mut allowed, mut in_worlds, mut not_computed) = (0, 0, 0);
    for file in &args.files {
        let scenario = load(args, file, console)?;
        let inspection = lint::inspect(&scenario.plan);
        not_computed += inspection.not_computed;
        for finding in inspection.findings {
            if args.allow.contains(&finding.lint) {
                allowed += 1;
                continue;
            }
            let Some(finding) = own(&scenario, finding) else {
                in_worlds += 1;
                continue;
            };
            let settings = settings(&scenario, &finding);
            if settings.is_some_and(|s| s.allow.contains(&finding.lint.code)) {
                allowed += 1;
                continue;
            }
            let of_file = settings.and_then(|s| s.deny).map(severity);
            let deny = args.deny.map(Severity::from).or(of_file);
            let diagnostic = diagnostic(&scenario, &finding);
            told.push(Told {
                severity: finding.severity,
                is_denied: finding.severity >= deny.unwrap_or(Severity::Error),
                text: human(&scenario, &finding, &diagnostic, console),
                diagnostic,
            });
        }
    }
    // Worst first over all files, and in each level in the order of the files.
    told.sort_by_key(|t| std::cmp::Reverse(t.severity));
    let denied = told.iter().filter(|t| t.is_denied).count();
    let text: String = told.iter().map(|t| t.text.as_str()).collect();
    let mut told: Vec<Diagnostic> = told.into_iter().map(|t| t.diagnostic).collect();
    if matches!(args.format, LintFormat::Sarif | LintFormat::Github) {
        let places = told.iter_mut().filter_map(|d| d.place.as_mut());
        places.for_each(super::place::name_from_root);
    }
    let rules: Vec<Rule> = LINTS.iter().map(Rule::from).collect();
    let output = match args.format {
        LintFormat::Human => text,
        LintFormat::Json => json(&told),
        LintFormat::Sarif => sarif::log(&rules, &told),
        LintFormat::Github => github::annotations(&told),
    };
    console.print(&output)?;
    if in_worlds > 0 {
        console.note(&format!("{in_worlds} more in shipped worlds are not shown"));
    }
    if not_computed > 0 {
        console.note(&format!(
            "chances of {} were not computed: landfall gate says why, or takes the time",
            counted(not_computed, "alarm")
        ));
    }
    let left_out = match allowed {
        0 => String::new(),
        n => format!(", {n} allowed"),
    };
    let (findings, files) = (
        counted(told.len(), "finding"),
        counted(args.files.len(), "file"),
    );
    console.note(&format!("{findings} in {files}{left_out}"));
    match denied {
        0 => Ok(()),
        n => Err(Failure::Differs(match args.deny {
            Some(deny) => format!(
                "{} at or above {}",
                counted(n, "finding"),
                Level::from(Severity::from(deny)).name()
            ),
            None => format!("{} denied", counted(n, "finding")),
        })),
    }
}

/// A finding that is shown.
struct Told {
    severity: Severity,
    is_denied: bool,
    text: String,
    diagnostic: Diagnostic,
}

fn counted(n: usize, what: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {what}{plural}")
}

/// A finding about what somebody wrote. An alarm of a shipped world that is wrong in somebody's strategy is found there.
fn own(scenario: &Scenario, finding: Finding) -> Option<Finding> {
    let is_shipped = |origin| scenario.origins.locate(origin).is_some_and(|l| l.shipped);
    if !is_shipped(finding.origin) {
        return Some(finding);
    }
    let origin = finding.worst_in.filter(|&origin| !is_shipped(origin))?;
    let place = format!("in `[alarm.{}]` of your own file", finding.subject);
    Some(Finding {
        origin,
        suggestion: finding.suggestion.map(|what| format!("{place}: {what}")),
        ..finding
    })
}

/// What the file says of a finding about it.
pub(super) fn settings<'s>(scenario: &'s Scenario, finding: &Finding) -> Option<&'s LintSettings> {
    let at = scenario.origins.locate(finding.origin)?;
    scenario.lint.iter().find(|s| s.file == at.file)
}

fn severity(level: LintLevel) -> Severity {
    match level {
        LintLevel::Note => Severity::Note,
        LintLevel::Warning => Severity::Warning,
        LintLevel::Error => Severity::Error,
    }
}

fn load(args: &LintArgs, file: &Path, console: Console) -> Result<Scenario, Failure> {
    let alone = Request {
        scenario: file.to_owned(),
        world_path: args.world_path.clone(),
        ..Request::default()
    };
    let is_scenario = !is_strategy_file(file, &args.world_path);
    let request = if is_scenario {
        alone
    } else {
        let world = args
            .world
            .clone()
            .unwrap_or_else(|| PathBuf::from(WORLD_FILE));
        if args.world.is_none() {
            console.note(&format!(
                "{}: laid over the shipped world {WORLD}; --world takes another",
                file.display()
            ));
        }
        Request {
            scenario: world,
            strategies: vec![file.to_owned()],
            ..alone
        }
    };
    let files = Worlds {
        disk: Disk::for_request(&request),
        shipped: !is_scenario && args.world.is_none(),
        rps: None,
    };
    scenario::load(&request, &files)
        .map_err(|problems| Failure::Scenario(problems.render(console.colors_messages())))
}

/// Findings about what somebody wrote, worst first: a line each on standard error before a long run.
pub(super) fn show_first(scenario: &Scenario, console: Console) {
    let located = |finding: &Finding| scenario.origins.locate(finding.origin);
    let all = lint::findings(&scenario.plan).into_iter();
    let mut findings: Vec<Finding> = all.filter_map(|f| own(scenario, f)).collect();
    let allowed =
        |f: &Finding| settings(scenario, f).is_some_and(|s| s.allow.contains(&f.lint.code));
    findings.retain(|f| f.severity > Severity::Note && located(f).is_some() && !allowed(f));
    findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    for finding in findings.iter().take(FIRST) {
        let at = located(finding).map_or_else(String::new, |l| {
            format!("{}:{}: ", l.file.display(), l.line)
        });
        console.note(&format!(
            "{at}{}: {}: {} ({})",
            Level::from(finding.severity).name(),
            clean(&finding.subject),
            clean(&finding.reason),
            finding.lint.code
        ));
    }
    if findings.len() > FIRST {
        let more = findings.len() - FIRST;
        console.note(&format!("{more} more findings; landfall lint shows all"));
    }
}

/// A finding as it is shown.
pub(super) fn diagnostic(scenario: &Scenario, finding: &Finding) -> Diagnostic {
    let at = scenario.origins.locate(finding.origin);
    let place = at.map(|at| super::place::of(&at));
    Diagnostic {
        code: finding.lint.code.to_owned(),
        name: finding.lint.name.to_owned(),
        level: finding.severity.into(),
        message: finding.reason.clone(),
        help: finding.suggestion.clone(),
        place,
        subject: format!("{}/{}", finding.strategies.join("|"), finding.subject),
    }
}

fn human(
    scenario: &Scenario,
    finding: &Finding,
    diagnostic: &Diagnostic,
    console: Console,
) -> String {
    let title = format!(
        "{} [{} {}]",
        finding.reason, finding.lint.code, finding.lint.name
    );
    let remark = Remark {
        level: diagnostic.level.name(),
        title: &title,
        help: finding.suggestion.as_deref(),
    };
    let text = scenario
        .origins
        .render(finding.origin, &remark, console.style().color);
    let names: Vec<String> = finding
        .strategies
        .iter()
        .map(|n| format!("\"{n}\""))
        .collect();
    match names.as_slice() {
        [] => format!("{text}\n\n"),
        names => format!("{text}\n  in {}\n\n", names.join(", ")),
    }
}

fn json(told: &[Diagnostic]) -> String {
    let one = |d: &Diagnostic| {
        serde_json::json!({
            "code": d.code, "name": d.name, "level": d.level.name(), "message": d.message, "help": d.help,
            "subject": d.subject, "file": d.place.as_ref().map(|p| &p.file),
            "line": d.place.as_ref().map(|p| p.line), "column": d.place.as_ref().map(|p| p.column),
        })
    };
    let all: Vec<serde_json::Value> = told.iter().map(one).collect();
    let document = serde_json::json!({ "format": 1, "findings": all });
    serde_json::to_string_pretty(&document).expect("a JSON value is JSON") + "\n"
}
