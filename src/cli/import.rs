//! `landfall import`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::console::Console;
use super::disk::{self, check_plain};
use super::exit::Failure;
use super::interrupt::Interrupt;
use super::new;
use super::options::Color;
use super::values;
use crate::import::{self as library, Imported, Input, KINDS, Note, Settings};
use crate::scenario::{Files, ReadError, Request, load};

/// Most bytes of a file.
const LIMIT: u64 = 10 << 20;
/// A world that every strategy fits over, to see whether what comes out is one.
const WORLD: &str = "format = 1\nuse = \"one-cluster\"\n";

const KNOBS: &str = "What is assumed";

/// `landfall import`.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// The files; before them, if that cannot be told from what is in them, the kind: argo, flagger, cloudformation,
    /// prometheus, kubernetes, nomad, cloud-deploy or kayenta
    #[arg(value_name = "[KIND] FILE", required = true)]
    words: Vec<PathBuf>,

    /// Form of what goes to standard output
    ///
    /// `human` is the strategy file, with remarks on standard error; `toml` is the file alone; `json` has schedules,
    /// alarms and remarks, for programs. Example: --format json
    #[arg(long, value_name = "FORM", default_value = "human")]
    format: ImportFormat,

    /// The strategy file to write instead of standard output (-); one that is there stays as it is
    ///
    /// Example: --out ours.toml
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Take it for an error if something cannot be expressed
    ///
    /// Example: --strict
    #[arg(long)]
    strict: bool,

    /// Say nothing but results and errors
    ///
    /// Example: --quiet
    #[arg(long, short)]
    quiet: bool,

    /// The value of a parameter or an argument; may be repeated
    ///
    /// Example: --param Stage=prod
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair, help_heading = KNOBS)]
    param: Vec<(String, String)>,

    /// What a metric is taken for, a condition of an alarm, or none; may be repeated
    ///
    /// Where the form of a query does not tell. Example: --metric 'error-rate=errors > 1%'
    #[arg(long, value_name = "NAME=CONDITION", value_parser = pair, help_heading = KNOBS)]
    metric: Vec<(String, String)>,

    /// How long pods take until they are ready
    ///
    /// Example: --pod-start '10s to 2m'
    #[arg(long, value_name = "DURATION", default_value = "30s", help_heading = KNOBS)]
    pod_start: String,

    /// How long somebody takes where the tool waits for one
    ///
    /// Example: --human-delay '5m to 1h'
    #[arg(long, value_name = "DURATION", default_value = "10m to 3h", help_heading = KNOBS)]
    human_delay: String,

    /// Share of the requests that match the headers of an A/B test
    ///
    /// Example: --matched-share 2%
    #[arg(long, value_name = "SHARE", default_value = "10%", value_parser = share, help_heading = KNOBS)]
    matched_share: f64,

    /// How long a hook of a CodeDeploy or ECS deployment runs
    ///
    /// Example: --hook '30s to 3m'
    #[arg(long, value_name = "DURATION", default_value = "0s", help_heading = KNOBS)]
    hook: String,

    /// From when a datapoint of a CloudWatch alarm ends until the deployment knows of it, in whole seconds
    ///
    /// The metric's delay, the alarm's evaluation and the time until the deployment asks. Example: --alarm-lag 90s
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = lag, help_heading = KNOBS)]
    alarm_lag: f64,
}

/// Seconds of a duration such as `90s` or `2m`, up to an hour.
fn lag(text: &str) -> Result<f64, String> {
    let seconds = library::go_duration_s(text).filter(|s| (0.0..=3_600.0).contains(s));
    seconds.ok_or_else(|| "expected a duration up to an hour, such as 90s".to_owned())
}

/// Form of what was imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ImportFormat {
    Human,
    Toml,
    Json,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// A share, in percent.
fn share(text: &str) -> Result<f64, String> {
    values::percent(text)
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "expected a share such as 10%".to_owned())
}

/// Imports files.
///
/// # Errors
/// Wrong input, a file that a tool would refuse, output that cannot be written, an interruption.
pub fn import(args: &ImportArgs) -> Result<(), Failure> {
    let console = Console::new(Color::Auto, args.quiet);
    let interrupt = Interrupt::listen();
    let (kind, paths) = args.kind_and_files();
    let names: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
    let mut contents = Vec::new();
    for (path, name) in paths.iter().zip(&names) {
        interrupt.check()?;
        contents.push(read(path).map_err(|error| Failure::Input(format!("{name}: {error}")))?);
    }
    let inputs: Vec<Input<'_>> = names
        .iter()
        .zip(&contents)
        .map(|(name, bytes)| Input { name, bytes })
        .collect();
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let imported = library::import(&inputs, kind.as_deref(), &args.settings())
        .map_err(|refusal| Failure::Input(refusal.to_string()))?;
    interrupt.check()?;
    let file = library::strategy_file(&imported, &known);
    is_strategy_file(&imported, &file, &args.name_of_result(&known))?;
    interrupt.check()?;
    if args.format == ImportFormat::Human {
        notes(&imported, &known, console);
    }
    let lost = imported
        .iter()
        .flat_map(|one| &one.not_expressed)
        .collect::<Vec<_>>();
    if args.strict && !lost.is_empty() {
        let lines: Vec<String> = lost
            .iter()
            .map(|note| line("not expressed", note, &known))
            .collect();
        let text = format!(
            "{} things cannot be expressed\n{}",
            lost.len(),
            lines.join("\n")
        );
        return Err(Failure::Input(text));
    }
    let out = new::named(args.out.as_deref());
    if let Some(path) = out {
        new::write(path, &file, &interrupt)?;
    }
    match (args.format, out) {
        (ImportFormat::Json, _) => console.print(&library::json(&imported, &known)),
        (_, Some(path)) => {
            console.note(&format!("{}: {} imported", path.display(), imported.len()));
            Ok(())
        }
        (_, None) => console.print(&file),
    }
}

impl ImportArgs {
    /// The kind, where the first word is one and no file, and the files.
    fn kind_and_files(&self) -> (Option<String>, &[PathBuf]) {
        let first = self.words.first().map(|w| w.to_string_lossy().into_owned());
        let is_kind = first
            .as_ref()
            .is_some_and(|w| KINDS.iter().any(|k| k.name == w));
        if is_kind && self.words.len() > 1 {
            return (first, &self.words[1..]);
        }
        (None, &self.words)
    }

    /// What the strategy file is called in messages: nothing that names a file of another tool's form.
    fn name_of_result(&self, inputs: &[&str]) -> String {
        let out = self.out.as_ref().map(|path| path.display().to_string());
        let name = out.unwrap_or_else(|| inputs.first().copied().unwrap_or_default().to_owned());
        format!("{name} (imported)")
    }

    fn settings(&self) -> Settings {
        let map = |pairs: &[(String, String)]| pairs.iter().cloned().collect::<BTreeMap<_, _>>();
        Settings {
            pod_start: self.pod_start.clone(),
            human_delay: self.human_delay.clone(),
            matched_percent: self.matched_share,
            hook: self.hook.clone(),
            alarm_lag_s: self.alarm_lag,
            params: map(&self.param),
            metrics: map(&self.metric),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ReadError> {
    check_plain(path)?;
    let bytes = disk::beginning(path, LIMIT + 1)?;
    if bytes.len() as u64 > LIMIT {
        return Err(ReadError::TooLarge { limit: LIMIT });
    }
    Ok(bytes)
}

/// Reads back what came out: durations and conditions of the command line are in it as they were typed.
/// `name` is what it is called in messages.
fn is_strategy_file(imported: &[Imported], file: &str, name: &str) -> Result<(), Failure> {
    let names_regions = |one: &Imported| {
        let waves = one.strategy.iter().flat_map(|s| &s.waves);
        waves.into_iter().any(|w| !w.regions.is_empty())
    };
    if imported.iter().all(|one| one.strategy.is_none()) || imported.iter().any(names_regions) {
        return Ok(());
    }
    struct Back<'a>(&'a str);
    impl Files for Back<'_> {
        fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
            let text = if path.ends_with("world.toml") {
                WORLD
            } else {
                self.0
            };
            Ok(text.as_bytes().to_vec())
        }
    }
    let request = Request {
        scenario: PathBuf::from("world.toml"),
        strategies: vec![PathBuf::from(name)],
        ..Request::default()
    };
    match load(&request, &Back(file)) {
        Ok(_) => Ok(()),
        Err(problems) => Err(Failure::Scenario(problems.render(false))),
    }
}

fn line(what: &str, note: &Note, names: &[&str]) -> String {
    let file = names.get(note.at.file).unwrap_or(&"");
    let knob = note.knob.map_or(String::new(), |knob| format!(" [{knob}]"));
    format!("{file}:{}: {what}: {}{knob}", note.at.line, note.text)
}

/// Says what became of what.
fn notes(imported: &[Imported], names: &[&str], console: Console) {
    for one in imported {
        let kinds = [
            ("mapped", &one.mapped),
            ("assumed", &one.assumptions),
            ("not expressed", &one.not_expressed),
        ];
        for (what, notes) in kinds {
            notes
                .iter()
                .for_each(|note| console.note(&line(what, note, names)));
        }
    }
}
