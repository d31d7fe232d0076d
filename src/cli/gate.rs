//! `landfall gate`.

use std::io::Write;
use std::path::PathBuf;
use std::rc::Rc;

use clap::ValueEnum;
use serde_json::json;

use super::console::Console;
use super::exit::Failure;
use super::folder::Folder;
use super::interrupt::Interrupt;
use super::options::{Chosen, Color, Format, OUTPUT, SIMULATION, ThemeArg};
use super::session;
use super::values;
use crate::operating::{Aim, Chance, Gate, Knob, Memory, solve};
use crate::plan::Plan;
use crate::report::chart::gate::GateChart;
use crate::report::chart::paint;
use crate::report::gate::{Answer, Curves, csv, solved_csv};

/// `landfall gate`.
#[derive(Debug, clap::Args)]
pub struct GateArgs {
    #[command(flatten)]
    pub(super) chosen: Chosen,

    /// Only the alarm of this name; may be repeated [default: all]
    ///
    /// The chart is about the first one. Example: --alarm too-many-errors
    #[arg(long, value_name = "NAME")]
    pub alarm: Vec<String>,

    /// The region [default: the strategy's first]
    ///
    /// In the wave that first brings it new version, and a zone of its first batch. Example: --region eu-west-1
    #[arg(long, value_name = "NAME")]
    pub region: Option<String>,

    /// Sizes of the defect: what it adds to the bad ratio of the new version's requests
    ///
    /// 0 is always among them: a good change. Example: --defect 0.5%,2%
    #[arg(long, value_name = "SIZES", value_parser = share, value_delimiter = ',', default_value = "0.1%,0.3%,1%,3%,10%")]
    pub defect: Vec<f64>,

    /// Find what something must be set to: `bake`, `canary` (its share), `requests` (a window's), or `threshold`
    ///
    /// So that the alarm, in a stage, catches the largest size of --defect but for --miss, and stops good changes no more
    /// often than --chance-stop. Asked of each alarm in each stage. Example: --solve bake --alarm errors --defect 2%
    #[arg(long, value_name = "WHAT")]
    solve: Option<What>,

    /// The chance of missing the defect that is allowed
    ///
    /// Example: --miss 5%
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "5%")]
    pub miss: f64,

    /// The chance of a stop by chance that is allowed in the stage
    ///
    /// Example: --chance-stop 1%
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "1%")]
    pub chance_stop: f64,

    /// Folders in which a scenario's `use` looks for files; may be repeated
    ///
    /// After the scenario's own folder. Example: --world-path ../worlds
    #[arg(long, value_name = "DIR", help_heading = SIMULATION)]
    pub world_path: Vec<PathBuf>,

    /// Colours of the chart
    ///
    /// `dark` is for dark pages, `print` has greys only. Example: --theme print
    #[arg(long, value_name = "THEME", default_value = "light", help_heading = OUTPUT)]
    theme: ThemeArg,

    /// Form of the result on standard output
    ///
    /// Example: --format json
    #[arg(long, value_name = "FORM", default_value = "human", help_heading = OUTPUT)]
    format: Format,

    /// Folder for files: the chart (gate.svg, gate.png) and the figures (gate.csv)
    ///
    /// Without it no files are written. Example: --out output/gate
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    pub out: Option<PathBuf>,

    /// Say nothing but results and errors
    ///
    /// No remarks on standard error. For scripts. Example: --quiet
    #[arg(long, short, help_heading = OUTPUT)]
    pub quiet: bool,

    /// When to use colours
    ///
    /// `auto` does on a terminal, unless NO_COLOR is set. Example: --color never
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = OUTPUT)]
    color: Color,
}

/// What is solved for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    Bake,
    Canary,
    Requests,
    Threshold,
}

impl What {
    fn knob(self) -> (Knob, &'static str) {
        match self {
            What::Bake => (Knob::Bake, "bake"),
            What::Canary => (Knob::Canary, "canary"),
            What::Requests => (Knob::Requests, "requests"),
            What::Threshold => (Knob::Threshold, "threshold"),
        }
    }
}

/// Sizes looked at, at the most.
const MOST_SIZES: usize = 20;
/// Lines of the chart.
const MOST_LINES: usize = 6;

/// Assumptions of the figures, in a few words.
const ABOUT: &str = "\
Computed, not simulated: a defect wakes with the stage, at full strength, and nothing fired before. Durations are their
means, traffic is the region's mean; incidents, warm-up, windows and retries are left out. `docs/gate.md` says more.
";

/// Computes operating curves and shows them.
///
/// # Errors
/// Wrong input, output that cannot be written, an interruption.
pub fn gate(args: &GateArgs) -> Result<(), Failure> {
    let console = Console::new(args.color, args.quiet);
    let scenario = session::load(
        &args.chosen.scenario,
        &args.chosen.strategies,
        &args.world_path,
        console,
    )?;
    let plan = &scenario.plan;
    let strategies = session::chosen(plan, &args.chosen.strategy)?;
    let defects = sizes(&args.defect)?;
    let interrupt = Interrupt::listen();
    check_alarms(plan, &strategies, &args.alarm)?;
    let mut all = Vec::new();
    let mut answers = Vec::new();
    let mut chart = None;
    for &strategy in &strategies {
        interrupt.check()?;
        let name = plan.strategies[strategy].name.clone();
        let region = region(plan, strategy, args)?;
        let memory = Rc::new(Memory::until(interrupt.flag()));
        let Some(gate) = Gate::remembering(plan, strategy, region, memory) else {
            console.note(&format!("\"{name}\" brings no new version to this region"));
            continue;
        };
        let alarms: Vec<usize> = (0..gate.alarms().len())
            .filter(|&a| args.alarm.is_empty() || args.alarm.contains(&gate.alarms()[a].name))
            .collect();
        let of_region = &plan.fleet.regions[region].name;
        if let Some(what) = args.solve {
            answers.extend(solved(&gate, &name, &alarms, what, &defects, args));
        } else {
            all.push(Curves::of(&gate, of_region, &name, &alarms, &defects));
        }
        interrupt.check()?;
        if chart.is_none() && args.out.is_some() {
            chart = charted(&gate, &name, of_region, &alarms, &defects, &interrupt)?;
        }
    }
    if all.is_empty() && answers.is_empty() {
        let sentence = "there is nothing to compute: no strategy has an alarm here";
        return Err(Failure::Input(sentence.to_owned()));
    }
    console.print(&shown(args.format, &all, &answers))?;
    let Some(out) = &args.out else { return Ok(()) };
    let failed = |error: &dyn std::fmt::Display| {
        Failure::Output(format!("cannot write to {}: {error}", out.display()))
    };
    let table = csv(&all);
    let mut files: Vec<(&'static str, Vec<u8>)> = Vec::new();
    if !all.is_empty() {
        files.push(("gate.csv", table.into_bytes()));
    }
    if let Some(scene) = chart.and_then(|c: GateChart| c.scene()) {
        let images = paint(&scene, args.theme.into()).map_err(|e| Failure::Bug(e.to_string()))?;
        files.push(("gate.svg", images.svg.into_bytes()));
        files.push(("gate.png", images.png));
    }
    let folder = Folder::open(out).map_err(|e| failed(&e))?;
    let mut drafts = Vec::new();
    for (name, bytes) in &files {
        let mut draft = folder.draft(name).map_err(|e| failed(&e))?;
        draft.write_all(bytes).map_err(|e| failed(&e))?;
        drafts.push(draft);
    }
    interrupt.check()?;
    folder
        .replace(drafts)
        .map_err(|(_, error)| failed(&error))?;
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    console.note(&format!("{}: {}", out.display(), names.join(", ")));
    Ok(())
}

fn sizes(given: &[f64]) -> Result<Vec<f64>, Failure> {
    let mut sizes = vec![0.0];
    sizes.extend(given);
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    if sizes.len() > MOST_SIZES {
        return Err(Failure::Input(format!(
            "at most {MOST_SIZES} sizes of the defect, with --defect"
        )));
    }
    Ok(sizes)
}

fn region(plan: &Plan, strategy: usize, args: &GateArgs) -> Result<usize, Failure> {
    let regions = &plan.fleet.regions;
    match &args.region {
        Some(name) => regions.iter().position(|r| &r.name == name).ok_or_else(|| {
            let hint = session::nearest(regions.iter().map(|r| r.name.as_str()), name);
            Failure::Input(format!("no region is called \"{name}\": {hint}"))
        }),
        None => Ok(Gate::first_region(plan, strategy).unwrap_or(0)),
    }
}

fn check_alarms(plan: &Plan, strategies: &[usize], names: &[String]) -> Result<(), Failure> {
    let all = || {
        strategies
            .iter()
            .flat_map(|&s| &plan.strategies[s].alarms)
            .map(|a| a.name.as_str())
    };
    for name in names {
        if !all().any(|known| known == name) {
            let hint = session::nearest(all().collect::<Vec<_>>().into_iter(), name);
            return Err(Failure::Input(format!(
                "no alarm is called \"{name}\": {hint}"
            )));
        }
    }
    Ok(())
}

fn solved(
    gate: &Gate<'_>,
    strategy: &str,
    alarms: &[usize],
    what: What,
    defects: &[f64],
    args: &GateArgs,
) -> Vec<Answer> {
    let aim = Aim {
        defect: defects.last().copied().unwrap_or(0.0),
        miss: args.miss,
        chance_stop: args.chance_stop,
    };
    let (knob, word) = what.knob();
    let mut answers = Vec::new();
    for (s, stage) in gate.stages().iter().enumerate() {
        for &alarm in alarms {
            if matches!(gate.chance(alarm, s, 0.0), Chance::None(_)) {
                continue;
            }
            answers.push(Answer {
                strategy: strategy.to_owned(),
                stage: stage.kind.to_string(),
                alarm: gate.alarms()[alarm].name.clone(),
                knob: word,
                found: solve(gate, knob, alarm, s, aim),
            });
        }
    }
    answers
}

/// The chart of the first alarm and stage of which something is known.
fn charted(
    gate: &Gate<'_>,
    strategy: &str,
    region: &str,
    alarms: &[usize],
    defects: &[f64],
    interrupt: &Interrupt,
) -> Result<Option<GateChart>, Failure> {
    let stages = gate.stages();
    let known = |&(a, s): &(usize, usize)| {
        matches!(
            gate.chance(a, s, 0.0),
            Chance::Is(_) | Chance::About(_) | Chance::Between(..)
        ) && gate.requests(a, s) > 0.0
    };
    let baked = |&(_, s): &(usize, usize)| stages[s].ends_s > stages[s].bakes_s;
    let places = || {
        alarms
            .iter()
            .flat_map(|&a| (0..stages.len()).map(move |s| (a, s)))
    };
    let place = places()
        .filter(known)
        .find(baked)
        .or_else(|| places().find(known));
    let Some((alarm, stage)) = place else {
        return Ok(None);
    };
    let lines: Vec<f64> = defects.iter().copied().take(MOST_LINES).collect();
    let known = |chance: &Chance, defect: f64| {
        chance
            .bounds()
            .map(|(low, high)| if defect == 0.0 { high } else { low })
    };
    let at = |knob: Knob, value: f64| -> Option<(f64, Vec<Option<f64>>)> {
        let set = gate.set(knob, alarm, stage, value)?;
        let same = set.stages().get(stage).map(|s| s.kind) == Some(stages[stage].kind);
        let chances = if same {
            set.curve(alarm, stage, &lines)
        } else {
            Vec::new()
        };
        let chances = chances
            .iter()
            .zip(&lines)
            .map(|(c, &d)| known(c, d))
            .collect();
        let x = if knob == Knob::Bake {
            value
        } else {
            set.requests(alarm, stage)
        };
        same.then_some((x, chances))
    };
    let every = f64::from(gate.alarms()[alarm].every_s);
    let bake = stages[stage].ends_s - stages[stage].bakes_s;
    let longest = (bake * 4.0).max(every * 64.0);
    let bakes = (0..14).map(|i| every * libm::pow(longest / every, f64::from(i) / 13.0));
    let requests = (0..14).map(|i| libm::pow(10.0, -1.5 + 3.0 * f64::from(i) / 13.0));
    let mut chart = GateChart {
        place: [
            strategy.to_owned(),
            region.to_owned(),
            stages[stage].kind.to_string(),
            gate.alarms()[alarm].name.clone(),
        ],
        defects: lines.clone(),
        bakes: Vec::new(),
        requests: Vec::new(),
        now: (bake, gate.requests(alarm, stage)),
    };
    for value in bakes {
        interrupt.check()?;
        chart.bakes.extend(at(Knob::Bake, value));
    }
    for value in requests {
        interrupt.check()?;
        chart.requests.extend(at(Knob::Requests, value));
    }
    Ok(Some(chart))
}

fn shown(format: Format, all: &[Curves], answers: &[Answer]) -> String {
    match format {
        Format::Json => {
            let curves: Vec<_> = all.iter().map(Curves::json).collect();
            let answers: Vec<_> = answers.iter().map(Answer::json).collect();
            let whole = json!({ "schema_version": 1, "curves": curves, "solved": answers });
            serde_json::to_string_pretty(&whole).expect("texts and numbers") + "\n"
        }
        Format::Csv if all.is_empty() => solved_csv(answers),
        Format::Csv => csv(all),
        Format::Human => {
            let curves: Vec<String> = all.iter().map(Curves::human).collect();
            let answers: String = answers.iter().map(Answer::text).collect();
            format!("{}{answers}\n{ABOUT}", curves.join("\n"))
        }
        Format::Markdown => {
            let curves: Vec<String> = all.iter().map(Curves::markdown).collect();
            let answers: String = answers.iter().map(|a| format!("- {}", a.text())).collect();
            format!("{}{answers}\n{ABOUT}", curves.join("\n"))
        }
    }
}

fn share(text: &str) -> Result<f64, String> {
    values::share(text)
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "expected a share such as 1%".to_owned())
}
