//! Known answers: little worlds whose results follow from arithmetic or from published examples.
//!
//! `cases/README.md` says how a file states what must come out. Shares and means are tested with an interval of six
//! standard errors: with some 150 of them a right program fails by chance less than once in three million runs.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use landfall::engine::{Engine, Scratch, Way};
use landfall::outcome::Outcome;
use landfall::plan::{Plan, Stratum};
use landfall::report::rollouts::RolloutWriter;

/// Standard errors by which a result may be off.
const ROOM: f64 = 6.0;

/// One thing that must come out.
#[derive(Debug)]
struct Expected<'a> {
    strategy: &'a str,
    stratum: &'a str,
    figure: &'a str,
    value: f64,
    within: Option<f64>,
}

/// A case file.
#[derive(Debug, Default)]
struct Case<'a> {
    runs: u64,
    expected: Vec<Expected<'a>>,
    same: Vec<(&'a str, &'a str)>,
}

impl<'a> Case<'a> {
    fn read(text: &'a str) -> Case<'a> {
        let mut case = Case::default();
        for line in text.lines().filter_map(|l| l.strip_prefix("# ")) {
            if let Some(runs) = line.strip_prefix("runs: ") {
                case.runs = runs.trim().parse().expect("a number of runs");
            } else if let Some(names) = line.strip_prefix("same: ") {
                let (a, b) = names.split_once(" = ").expect("two strategies");
                case.same.push((a.trim(), b.trim()));
            } else if let Some(expected) = line.strip_prefix("expect: ") {
                case.expected.push(expectation(expected));
            }
        }
        assert!(case.runs > 0, "a case says how many runs it needs");
        assert!(!case.expected.is_empty() || !case.same.is_empty());
        case
    }
}

fn expectation(line: &str) -> Expected<'_> {
    let mut parts = line.split(" | ").map(str::trim);
    let mut next = || parts.next().expect("strategy | stratum | figure = value");
    let (strategy, stratum, rest) = (next(), next(), next());
    let (figure, value) = rest.rsplit_once(" = ").expect("figure = value");
    let (value, within) = match value.split_once(" within ") {
        Some((value, within)) => (value, Some(within)),
        None => (value, None),
    };
    let number = |text: &str| text.trim().parse::<f64>().expect("a number");
    Expected {
        strategy,
        stratum,
        figure: figure.trim(),
        value: number(value),
        within: within.map(number),
    }
}

/// Rollouts of one strategy and stratum, by column; `None` where a column does not apply.
struct Rows {
    columns: HashMap<String, Vec<Option<f64>>>,
    outcomes: Vec<String>,
}

impl Rows {
    fn of(plan: &Plan, strategy: usize, outcomes: &[Outcome]) -> Rows {
        let mut writer = RolloutWriter::new(plan, Vec::new()).expect("memory takes everything");
        for outcome in outcomes {
            writer
                .write(strategy, outcome, 1.0)
                .expect("memory takes everything");
        }
        let bytes = writer.finish().expect("memory takes everything");
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        let names: Vec<String> = reader
            .headers()
            .expect("a header")
            .iter()
            .map(str::to_owned)
            .collect();
        let mut rows = Rows {
            columns: HashMap::new(),
            outcomes: Vec::new(),
        };
        for record in reader.records() {
            let record = record.expect("a row");
            for (name, field) in names.iter().zip(&record) {
                if name == "outcome" {
                    rows.outcomes.push(field.to_owned());
                }
                let column = rows.columns.entry(name.clone()).or_default();
                column.push(field.parse().ok());
            }
        }
        rows
    }

    fn column(&self, name: &str) -> &[Option<f64>] {
        let column = self.columns.get(name);
        column.unwrap_or_else(|| panic!("rollouts have no column {name}"))
    }

    /// The share of rollouts for which `P(...)` holds.
    fn share(&self, what: &str) -> f64 {
        let n = self.outcomes.len() as f64;
        let hits = match what.split_once(" > ") {
            Some((column, limit)) => {
                let limit: f64 = limit.parse().expect("a limit");
                let above = |x: &&Option<f64>| x.is_some_and(|x| x > limit);
                self.column(column).iter().filter(above).count()
            }
            None => self.outcomes.iter().filter(|o| *o == what).count(),
        };
        hits as f64 / n
    }
}

/// What is wrong with a figure, if anything.
fn mistake(rows: &Rows, expected: &Expected<'_>) -> Option<String> {
    let inside = |prefix: &str| {
        let rest = expected.figure.strip_prefix(prefix)?;
        rest.strip_suffix(')')
    };
    let within = expected.within;
    if let Some(column) = inside("every(") {
        let room = within.unwrap_or(1e-9 * expected.value.abs().max(1.0));
        let off = |x: &&Option<f64>| x.is_none_or(|x| (x - expected.value).abs() > room);
        return rows
            .column(column)
            .iter()
            .find(off)
            .map(|x| format!("a rollout has {x:?}"));
    }
    if let Some(what) = inside("P(") {
        let (n, p, share) = (rows.outcomes.len() as f64, expected.value, rows.share(what));
        let certain = p == 0.0 || p == 1.0;
        let room = ROOM * (p * (1.0 - p) / n).sqrt() + within.unwrap_or(0.0) + 2.0 / n;
        let right = if certain {
            share == p
        } else {
            (share - p).abs() <= room
        };
        return (!right).then(|| format!("is {share}"));
    }
    let column = inside("mean(").expect("every(...), P(...) or mean(...)");
    let values: Vec<f64> = rows.column(column).iter().flatten().copied().collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    let room = ROOM * (variance / n).sqrt() + within.unwrap_or(0.0);
    let right = (mean - expected.value).abs() <= room;
    (!right).then(|| format!("is {mean}, over {n} rollouts"))
}

fn simulate(plan: &Plan, strategy: usize, stratum: Stratum, runs: u64, way: Way) -> Vec<Outcome> {
    let engine = Engine::with_way(plan, strategy, way);
    let mut scratch = Scratch::default();
    (0..runs)
        .map(|number| engine.simulate(1, stratum, number, &mut scratch))
        .collect()
}

fn check(name: &str, text: &str, way: Way) -> Vec<String> {
    let scenario = landfall::scenario::parse(text)
        .unwrap_or_else(|problems| panic!("{name}: {}", problems.render(false)));
    let plan = &scenario.plan;
    let case = Case::read(text);
    // The plain way is slow, and there for comparison.
    let runs = match way {
        Way::Skipping => case.runs,
        Way::Plain => case.runs.div_ceil(20),
    };
    let strategy = |name: &str| {
        plan.strategy_named(name)
            .unwrap_or_else(|| panic!("there is a strategy {name}"))
    };
    let mut known: HashMap<(&str, &str), Rows> = HashMap::new();
    let mut mistakes = Vec::new();
    for expected in &case.expected {
        let key = (expected.strategy, expected.stratum);
        let rows = known.entry(key).or_insert_with(|| {
            let mut strata = plan.strata().into_iter();
            let stratum = strata.find(|&s| plan.stratum_name(s) == expected.stratum);
            let stratum = stratum.unwrap_or_else(|| panic!("there is a stratum {key:?}"));
            let strategy = strategy(expected.strategy);
            Rows::of(
                plan,
                strategy,
                &simulate(plan, strategy, stratum, runs, way),
            )
        });
        if let Some(mistake) = mistake(rows, expected) {
            mistakes.push(format!("{name}, {way:?}: {expected:?} {mistake}"));
        }
    }
    for &(a, b) in &case.same {
        for stratum in plan.strata() {
            let of = |name| simulate(plan, strategy(name), stratum, runs, way);
            if of(a) != of(b) {
                mistakes.push(format!(
                    "{name}, {way:?}: {a} and {b} differ in {stratum:?}"
                ));
            }
        }
    }
    mistakes
}

fn all_cases(way: Way) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("a folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 20, "all cases are there");
    let mistakes: Vec<String> = paths
        .iter()
        .flat_map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            check(&name, &fs::read_to_string(path).expect("a text"), way)
        })
        .collect();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[test]
fn answers_are_as_known() {
    all_cases(Way::Skipping);
}

#[test]
fn answers_of_the_plain_way_are_as_known() {
    all_cases(Way::Plain);
}
