//! Whole scenarios: what they mean, how they are merged, where its parts come from, what is refused,
//! what cannot break the reader.

mod alarms;
mod faults;
mod hostile;
mod meaning;
mod merging;
mod origins;
mod refused;
mod strategies;

use std::collections::BTreeMap;

use super::*;
use crate::plan::Plan;
use crate::random::Dist;

/// Every key of the language in one scenario.
const WHOLE: &str = include_str!("tests/whole.toml");

/// A scenario that must be right.
fn read(text: &str) -> Scenario {
    parse(text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The plan of a scenario that must be right.
fn plan(text: &str) -> Plan {
    read(text).plan
}

/// What is wrong with a scenario, if something is.
fn refusal(text: &str) -> Problems {
    match parse(text) {
        Err(problems) => problems,
        Ok(_) => panic!("nothing is wrong with {:.500}", text),
    }
}

/// A scenario of two regions with two zones each, one fault, and one strategy, and these lines.
fn small(lines: &str) -> String {
    format!(
        r#"
format = 1
[region.east]
zones = 2
boxes_per_zone = 10
rps = 100
tz = "America/New_York"
[region.west]
zones = 2
boxes_per_zone = 4
rps = 50
tz = "America/Los_Angeles"
[change]
bad = "10%"
[fault.bug]
trigger = {{ delay = "0s" }}
adds = {{ errors = "10%" }}
{lines}
"#
    )
}

/// [`small`] with a strategy that goes all at once.
fn with_strategy(lines: &str) -> String {
    small(&format!(
        "[strategy.all]\nsteps = [{{ to = \"100%\" }}]\n{lines}"
    ))
}

/// [`small`] with a strategy of these keys.
fn strategy_of(keys: &str) -> String {
    small(&format!("[strategy.ours]\n{keys}"))
}

/// Files that are only there for a test.
struct Fake(BTreeMap<&'static str, &'static str>);

impl Files for Fake {
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        let text = path.to_str().and_then(|path| self.0.get(path));
        text.map(|t| t.as_bytes().to_vec())
            .ok_or(ReadError::NotFound)
    }
}

/// Loads `main.toml` among these files.
fn load_among(
    files: &[(&'static str, &'static str)],
    strategies: &[&str],
    world_path: &[&str],
) -> Result<Scenario, Problems> {
    let request = Request {
        scenario: "main.toml".into(),
        strategies: strategies.iter().map(PathBuf::from).collect(),
        world_path: world_path.iter().map(PathBuf::from).collect(),
    };
    load(&request, &Fake(files.iter().copied().collect()))
}

fn certain(seconds: f64) -> Dist {
    Dist::certain(seconds).unwrap()
}

fn between(p5: f64, p95: f64) -> Dist {
    Dist::between(p5, p95).unwrap()
}
