//! Files of other tools: what each comes to.

mod aws;
mod cfn_lint;
mod command;
mod hostile;
mod promtool;
mod second_tier;
mod shared;
mod translator;
mod traps;
mod unread;

use landfall::engine::{Engine, Scratch};
use landfall::import::{Dwell, Imported, Input, Refusal, Settings, import, strategy_file};
use landfall::plan::{Plan, Stratum};
use landfall::scenario::{Files, ReadError, Request, load};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// One region in which nothing ever goes wrong by itself.
const QUIET: &str = r#"format = 1
[scenario]
start = "2026-03-02 09:00Z"
watch = "0s"
[region.cluster]
zones = 3
boxes_per_zone = 4
rps = 3_000
[change]
bad = "50%"
[fault.bug]
weight = 1
trigger.delay = "0s"
adds.errors = "50%"
[oncall]
responds = "10m"
[rollback]
takes = "0s"
"#;

/// The program that a variable of the environment names; without one a word that the test looked at nothing.
#[expect(
    clippy::print_stderr,
    reason = "a test that was passed over must be seen to be"
)]
fn tool(variable: &str, what: &str) -> Option<OsString> {
    let tool = std::env::var_os(variable);
    if tool.is_none() {
        eprintln!("skipped: {variable} does not name {what}");
    }
    tool
}

/// Real templates of SAM, in order; none where they are not beside this repository.
fn sam_templates() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/configs/sam-codedeploy");
    let owners = fs::read_dir(folder).into_iter().flatten();
    let files = owners.flat_map(|owner| fs::read_dir(owner.expect("an entry").path()));
    let paths = files.flatten().map(|file| file.expect("an entry").path());
    let mut paths: Vec<PathBuf> = paths.collect();
    paths.sort();
    paths
}

/// People and pods take no time.
fn at_zero() -> Settings {
    Settings {
        pod_start: "0s".to_owned(),
        human_delay: "0s".to_owned(),
        ..Settings::default()
    }
}

fn imported(text: &str) -> Result<Vec<Imported>, Refusal> {
    let file = Input {
        name: "a.yaml",
        bytes: text.as_bytes(),
    };
    import(&[file], None, &at_zero())
}

/// The one rollout of a text.
fn one(text: &str) -> Imported {
    let mut all = imported(text).unwrap_or_else(|refusal| panic!("{refusal}\n{text}"));
    assert_eq!(all.len(), 1, "{text}");
    all.remove(0)
}

fn refusal(text: &str) -> String {
    match imported(text) {
        Ok(all) => panic!("imported: {all:?}"),
        Err(refusal) => refusal.to_string(),
    }
}

/// A schedule as the tables of expectations write it: `20:M 40:15 100:0`.
fn schedule(imported: &Imported) -> String {
    let stage = |stage: &landfall::import::Stage| {
        let dwell = match stage.dwell {
            Dwell::Seconds(s) => s.to_string(),
            Dwell::Manual => "M".to_owned(),
            Dwell::Unbounded => "*".to_owned(),
        };
        // To a tenth of a thousandth: shares of pods have no end.
        format!(
            "{}:{dwell}",
            (stage.weight_percent * 10_000.0).round() / 10_000.0
        )
    };
    let stages: Vec<String> = imported.schedule.iter().map(stage).collect();
    stages.join(" ")
}

/// A world and a strategy file.
struct Two<'a>(&'a str, &'a str);

impl Files for Two<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        let is_world = path.ends_with("world.toml");
        Ok(if is_world { self.0 } else { self.1 }.as_bytes().to_vec())
    }
}

/// The plan of a strategy file over the quiet world.
fn plan(file: &str, name: &str) -> Plan {
    plan_over(QUIET, file, name)
}

/// The plan of a strategy file over a world.
fn plan_over(world: &str, file: &str, name: &str) -> Plan {
    let request = Request {
        scenario: PathBuf::from("world.toml"),
        strategies: vec![PathBuf::from(name)],
        ..Request::default()
    };
    match load(&request, &Two(world, file)) {
        Ok(scenario) => scenario.plan,
        Err(problems) => panic!("{}\n{file}", problems.render(false)),
    }
}

/// The strategy file of what was imported is read, and a rollout under it takes as long as the import says.
fn runs_as_it_says(imported: &[Imported], names: &[&str]) {
    if imported.iter().all(|one| one.strategy.is_none()) {
        return;
    }
    let file = strategy_file(imported, names);
    let plan = plan(&file, "imported.toml");
    let with_strategy = imported.iter().filter(|one| one.strategy.is_some());
    for (index, one) in with_strategy.enumerate() {
        let strategy = &plan.strategies[index];
        assert_eq!(strategy.name, one.name);
        let outcome =
            Engine::new(&plan, index).simulate(1, Stratum::FaultFree, 0, &mut Scratch::default());
        // A measurement of a moment is a second of the strategy.
        let moments = one.strategy.iter().flat_map(|s| &s.steps);
        let moments = moments
            .filter(|s| s.comment.contains("in a second of its own"))
            .count() as f64;
        let within = |found: Option<f64>, said: Option<f64>| match (found, said) {
            (Some(found), Some(said)) => (found - said - moments).abs() < 1e-6,
            (None, None) => true,
            _ => false,
        };
        let (full, done) = (outcome.time_to_full_s, outcome.time_to_done_s);
        assert!(
            within(full, one.full_s),
            "{names:?}: full {full:?}, said {:?}\n{file}",
            one.full_s
        );
        assert!(
            within(done, one.done_s),
            "{names:?}: done {done:?}, said {:?}\n{file}",
            one.done_s
        );
    }
}
