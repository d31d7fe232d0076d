//! `landfall check`.

mod advice;
mod args;
mod base;
mod drivers;
mod forms;
mod words;

pub use args::CheckArgs;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::ThreadPoolBuilder;

use super::call::Call;
use super::console::Console;
use super::disk::Disk;
use super::exit::Failure;
use super::interrupt::Interrupt;
use super::session::stopped;
use super::world::{RPS, WORLD, WORLD_FILE, Worlds, is_strategy_file};
use crate::check::{self, Claim, Settings, Side};
use crate::plan::Plan;
use crate::report::basis::grouped;
use crate::report::text::clean;
use crate::report::verdict::{Answer, Judgement, Undecided};
use crate::scenario::{self, Budget, Remark, Request, Scenario};

/// Most rollouts where nobody says.
const MOST: u64 = 50_000;
/// The same where a strategy file is compared with what it was: what both never do is never told apart.
const MOST_OF_RATCHET: u64 = 5_000;

/// Most verdicts of one call; each keeps what it bets on.
const MOST_CLAIMS: usize = 2_000;

/// What is judged.
struct Matter {
    scenario: Scenario,
    /// The same scenario with the strategies of `--against`.
    base: Option<Scenario>,
    /// By index in the plan.
    strategies: Vec<usize>,
    budgets: Vec<Budget>,
    claims: Vec<Claim>,
    /// Whether strategies are compared with what they were, for want of a budget.
    is_ratchet: bool,
}

/// Judges strategies by budgets.
///
/// # Errors
/// A budget that does not hold, one that is undecided, wrong input or nothing to check, output that cannot be written, an
/// interruption, a bug.
pub fn check(args: &CheckArgs, call: &Call) -> Result<(), Failure> {
    let console = Console::new(args.color, args.quiet);
    let interrupt = Interrupt::listen();
    let shown = forms::shown(args.format, &args.output)?;
    let is_ratchet = is_strategy_file(&args.file, &args.world_path);
    let matter = matter(args, is_ratchet, console)?;
    super::lint::show_first(&matter.scenario, console);
    let settings = Settings {
        seed: args.seed,
        most: args.runs.unwrap_or(if matter.is_ratchet {
            MOST_OF_RATCHET
        } else {
            MOST
        }),
        confidence: args.confidence,
        among: matter.claims.len(),
        gives_up: false,
    };
    let threads = args.threads.map_or_else(
        || available_parallelism().map_or(1, usize::from),
        |n| n as usize,
    );
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|e| Failure::Input(format!("{e}; take fewer --threads")))?;
    let bar = console.animates().then(bar);
    let mut go_on = |simulated: u64, decided: usize| {
        if let Some(bar) = &bar {
            let of = matter.claims.len();
            bar.set_message(format!(
                "{} rollouts, {decided} of {of} decided",
                grouped(simulated)
            ));
            bar.tick();
        }
        flow(&interrupt)
    };
    let plan = &matter.scenario.plan;
    let base = matter.base.as_ref().map(|b| Side { plan: &b.plan });
    let judged = check::run(plan, base, &matter.claims, &settings, &pool, &mut go_on);
    let judged = judged.map_err(stopped)?.judged;
    let mut search = |tried: u64, _: usize| {
        if let Some(bar) = &bar {
            bar.set_message(format!(
                "{} rollouts in search of a change that would have passed",
                grouped(tried)
            ));
            bar.tick();
        }
        flow(&interrupt)
    };
    let bases = base::figures(&matter, &judged, &settings, &pool, &mut |_, _| {
        flow(&interrupt)
    })?;
    let advice = advice::advice(&matter, &judged, args.search, &settings, &pool, &mut search)?;
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    interrupt.check()?;
    let undecided = args.undecided.unwrap_or(if matter.is_ratchet {
        args::UndecidedArg::Pass
    } else {
        args::UndecidedArg::Fail
    });
    let judgement = Judgement {
        verdicts: words::verdicts(&matter, &judged, &bases, &advice, call),
        cannot_fire: match matter.is_ratchet {
            true => words::cannot_fire(&matter.scenario, &matter.strategies),
            false => Vec::new(),
        },
        confidence: args.confidence,
        seed: args.seed,
        undecided: undecided.into(),
    };
    // One that cannot be written keeps none of the others from being.
    let written: Vec<Result<(), Failure>> = std::iter::once(console.print(&shown.text(&judgement)))
        .chain(args.output.iter().map(|output| output.write(&judgement)))
        .collect();
    written.into_iter().collect::<Result<(), Failure>>()?;
    ending(&judgement)
}

/// What the exit code says.
fn ending(judgement: &Judgement) -> Result<(), Failure> {
    let (broken, undecided) = (
        judgement.count(Answer::Broken),
        judgement.count(Answer::Undecided),
    );
    let mut wrong = Vec::new();
    if broken > 0 {
        wrong.push(format!(
            "{broken} of {} do not hold",
            judgement.verdicts.len()
        ));
    }
    wrong.extend(judgement.cannot_fire.iter().map(|gate| {
        let at = gate.place.as_ref();
        let at = at.map_or_else(String::new, |p| format!("{}:{}: ", p.file, p.line));
        format!(
            "{at}a gate cannot fire: {} ({})",
            clean(&gate.message),
            gate.code
        )
    }));
    if !wrong.is_empty() {
        return Err(Failure::Differs(wrong.join("\n")));
    }
    if undecided > 0 && judgement.undecided == Undecided::Fail {
        return Err(Failure::Undecided(format!(
            "{undecided} of {} undecided; --runs allows more rollouts, --undecided pass lets them pass",
            judgement.verdicts.len()
        )));
    }
    Ok(())
}

fn flow(interrupt: &Interrupt) -> ControlFlow<()> {
    if interrupt.is_asked() {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}

fn bar() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{spinner} {wide_msg}").expect("a template that is tested");
    ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5)).with_style(style)
}

/// Loads what is to be judged, and turns budgets into claims.
fn matter(args: &CheckArgs, is_ratchet: bool, console: Console) -> Result<Matter, Failure> {
    let (world, mut proposed) = if is_ratchet {
        (args.world.clone(), vec![args.file.clone()])
    } else {
        (Some(args.file.clone()), Vec::new())
    };
    proposed.extend(args.strategies.iter().cloned());
    if is_ratchet && args.world.is_none() {
        console.note(&format!(
            "laid over the shipped world {WORLD}; --world takes another"
        ));
    }
    let load = |strategies: &[PathBuf], budgets: &[PathBuf]| {
        load(args, world.as_deref(), strategies, budgets, console)
    };
    let scenario = load(&proposed, &args.budget)?;
    let base = match args.against.as_slice() {
        [] => None,
        against => Some(load_base(
            args,
            world.as_deref(),
            against,
            is_ratchet,
            console,
        )?),
    };
    let strategies = chosen(args, &scenario, &proposed)?;
    let mut budgets = scenario.budgets.clone();
    let is_ratchet = is_ratchet && budgets.is_empty();
    if is_ratchet {
        if base.is_none() {
            return Err(nothing("give the file as it was with --against", false));
        }
        budgets = ratchet(args.tolerance);
    }
    if budgets.is_empty() {
        return Err(nothing("give a file with --budget", base.is_some()));
    }
    let verdicts = budgets.len().saturating_mul(strategies.len());
    if verdicts > MOST_CLAIMS {
        return Err(Failure::Input(format!(
            "{} budgets of {} strategies are more than {} verdicts: choose some with --strategy",
            budgets.len(),
            strategies.len(),
            grouped(MOST_CLAIMS as u64)
        )));
    }
    let claims = claims(
        args,
        &scenario,
        base.as_ref(),
        &strategies,
        &budgets,
        console,
    )?;
    Ok(Matter {
        is_ratchet,
        scenario,
        base,
        strategies,
        budgets,
        claims,
    })
}

/// The claims of all budgets about all strategies, or all that is wrong with budgets, each in its place.
fn claims(
    args: &CheckArgs,
    scenario: &Scenario,
    base: Option<&Scenario>,
    strategies: &[usize],
    budgets: &[Budget],
    console: Console,
) -> Result<Vec<Claim>, Failure> {
    let plan = &scenario.plan;
    let of = |(index, budget): (usize, &Budget)| {
        if budget.keep.times_base {
            has_base(plan, base, strategies)?;
        }
        check::claims(plan, strategies, index, budget, args.least)
    };
    let (mut claims, mut wrong) = (Vec::new(), String::new());
    for (index, budget) in budgets.iter().enumerate() {
        match of((index, budget)) {
            Ok(of_budget) => claims.extend(of_budget),
            Err(sentence) => {
                let remark = Remark {
                    level: "error",
                    title: &format!("budget {}: {sentence}", budget.name),
                    help: None,
                };
                let color = console.colors_messages();
                wrong.push_str(&scenario.origins.render(budget.origin, &remark, color));
                wrong.push('\n');
            }
        }
    }
    match wrong.is_empty() {
        true => Ok(claims),
        false => Err(Failure::Scenario(wrong)),
    }
}

/// Whether all strategies can be compared with what they were.
fn has_base(plan: &Plan, base: Option<&Scenario>, strategies: &[usize]) -> Result<(), String> {
    let Some(base) = base else {
        return Err("it is about base: give the strategies as they were with --against".to_owned());
    };
    let mut names = strategies.iter().map(|&s| &plan.strategies[s].name);
    match names.find(|name| base.plan.strategy_named(name).is_none()) {
        Some(name) => Err(format!(
            "the files of --against have no strategy \"{name}\": add it there, or choose others with --strategy"
        )),
        None => Ok(()),
    }
}

/// What was before: strategies over the same world; or a scenario of its own, in the place of the one that is judged.
fn load_base(
    args: &CheckArgs,
    world: Option<&Path>,
    against: &[PathBuf],
    is_ratchet: bool,
    console: Console,
) -> Result<Scenario, Failure> {
    match against {
        [scenario] if !is_ratchet && !is_strategy_file(scenario, &args.world_path) => {
            load(args, Some(scenario), &[], &[], console)
        }
        _ => load(args, world, against, &[], console),
    }
}

fn load(
    args: &CheckArgs,
    world: Option<&Path>,
    strategies: &[PathBuf],
    budgets: &[PathBuf],
    console: Console,
) -> Result<Scenario, Failure> {
    let rps = args.rps.map(|_| PathBuf::from(RPS));
    let request = Request {
        scenario: world.map_or_else(|| PathBuf::from(WORLD_FILE), Path::to_owned),
        strategies: strategies
            .iter()
            .chain(budgets)
            .cloned()
            .chain(rps)
            .collect(),
        world_path: args.world_path.clone(),
    };
    let files = Worlds {
        disk: Disk::for_request(&request),
        shipped: world.is_none(),
        rps: args.rps,
    };
    scenario::load(&request, &files)
        .map_err(|problems| Failure::Scenario(problems.render(console.colors_messages())))
}

/// The strategies that are judged: those named, else those of the files that propose some, else all.
fn chosen(
    args: &CheckArgs,
    scenario: &Scenario,
    proposed: &[PathBuf],
) -> Result<Vec<usize>, Failure> {
    let plan = &scenario.plan;
    let all = super::session::chosen(plan, &args.strategy)?;
    if proposed.is_empty() || !args.strategy.is_empty() {
        return Ok(all);
    }
    let is_proposed = |&s: &usize| {
        let at = scenario.origins.locate(plan.strategies[s].origin);
        at.is_some_and(|at| proposed.contains(&at.file))
    };
    let of_files: Vec<usize> = all.iter().copied().filter(is_proposed).collect();
    if of_files.is_empty() {
        return Err(Failure::Input(
            "nothing to check: the files of --strategies propose no strategy".to_owned(),
        ));
    }
    Ok(of_files)
}

/// That there is no budget, and what one looks like.
fn nothing(otherwise: &str, has_base: bool) -> Failure {
    let limit = if has_base { "1.1 * base" } else { "10%" };
    Failure::Input(format!(
        "nothing to check: there is no budget; {otherwise}, or add one, such as\n\n    [budget.reach]\n    \
         given = \"faulty\"\n    keep  = \"p99(blast_radius) <= {limit}\"\n"
    ))
}

/// What a change to a strategy must not do, where nobody says more.
fn ratchet(tolerance: f64) -> Vec<Budget> {
    let factor = 1.0 + tolerance;
    [
        ("reach", format!("p99(blast_radius) <= {factor} * base")),
        ("silent", format!("P(undetected) <= {factor} * base")),
    ]
    .map(|(name, keep)| Budget::of_faulty(name, &keep))
    .into()
}
