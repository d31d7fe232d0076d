//! What the vocabulary says of the keys is what the readers do.
//!
//! Readers have their own words for what they take; here every key is tried, in every table that documents have, by
//! leaving it out and by giving it other values.

use std::collections::{BTreeMap, BTreeSet};

use landfall::outcome::Ending;
use landfall::scenario::schema::{json_of, json_of_document};
use landfall::scenario::vocabulary::{Absent, Choice, Kind, SECTIONS, TableWords, Word};
use landfall::scenario::{BEGINNINGS, Scenario, parse};
use landfall::summary::Metric;
use serde_json::{Value, json};

use crate::mutants::{Path, and, at, toml, with, without};

/// A table of a document.
struct Found {
    path: Path,
    words: &'static TableWords,
}

/// Alarms of a strategy's own that compare with no control.
const OWN_ALARMS: &str = r#"
format = 1
region.a = { rps = 1 }
strategy.s = { steps = [{ to = "100%" }], alarms = [
  { name = "zone", scope = "zone", when = "errors > 1%" },
  { name = "probes", scope = "zone", when = "errors > 1%", probes = 2 },
] }
"#;

/// Documents that together have every table: one with all, one that does not speak of boxes.
fn documents() -> Vec<Value> {
    let lambda = BEGINNINGS
        .iter()
        .find(|b| b.name == "lambda")
        .expect("it is there");
    let whole = include_str!("../../src/scenario/tests/whole.toml");
    let read = |text| json_of_document(text).expect("it is TOML");
    vec![read(whole), read(lambda.text), read(OWN_ALARMS)]
}

/// The tables of a document, those in lists and other tables among them.
fn tables(document: &Value) -> Vec<Found> {
    let mut found = Vec::new();
    for section in SECTIONS {
        let path = Path::root().key(section.name);
        match document.get(section.name) {
            Some(Value::Object(group)) if section.named => {
                for name in group.keys() {
                    table(document, path.key(name), section.words, &mut found);
                }
            }
            Some(_) => table(document, path, section.words, &mut found),
            None => {}
        }
    }
    found
}

fn table(document: &Value, path: Path, words: &'static TableWords, found: &mut Vec<Found>) {
    for word in words.words() {
        if let Some(value) = at(document, &path).get(word.name) {
            inside(document, path.key(word.name), value, &word.kind, found);
        }
    }
    found.push(Found { path, words });
}

fn inside(
    document: &Value,
    path: Path,
    value: &Value,
    kind: &'static Kind,
    found: &mut Vec<Found>,
) {
    match (kind, value) {
        (Kind::Table(words), Value::Object(map)) if !map.contains_key("value") => {
            table(document, path, words, found);
        }
        (Kind::List(item, ..), Value::Array(values)) => {
            for (index, value) in values.iter().enumerate() {
                inside(document, path.item(index), value, item, found);
            }
        }
        (Kind::Either(kinds), value) => {
            for kind in *kinds {
                inside(document, path.clone(), value, kind, found);
            }
        }
        _ => {}
    }
}

/// What a document comes to: the plan, or nothing where it is wrong.
fn plan(document: &Value) -> Option<String> {
    let scenario = parse(&toml(document)).ok()?;
    let Scenario {
        plan,
        budgets,
        lint,
        ..
    } = scenario;
    Some(format!("{plan:?}{budgets:?}{lint:?}"))
}

fn name(words: &TableWords, word: &Word) -> String {
    format!("{} of {}", word.name, words.title)
}

/// Every key of every table, in every place.
fn each(mut judge: impl FnMut(&Value, &Found, &'static Word)) {
    for document in documents() {
        for found in tables(&document) {
            for word in found.words.words() {
                judge(&document, &found, word);
            }
        }
    }
}

/// Names that were tried, and whether something came of it anywhere.
#[derive(Default)]
struct Tried(BTreeMap<String, bool>);

impl Tried {
    fn note(&mut self, name: String, success: bool) {
        *self.0.entry(name).or_default() |= success;
    }

    fn failed(&self) -> Vec<&String> {
        self.0
            .iter()
            .filter(|(_, success)| !**success)
            .map(|(name, _)| name)
            .collect()
    }
}

#[test]
fn every_table_is_tried() {
    let mut titles: BTreeSet<&str> = BTreeSet::new();
    each(|_, found, _| {
        titles.insert(found.words.title);
    });
    let all = landfall::scenario::vocabulary::TABLES
        .iter()
        .map(|t| t.title);
    let untried: Vec<&str> = all.filter(|title| !titles.contains(title)).collect();
    assert_eq!(
        untried,
        ["the top of the file", "a value with its provenance"]
    );
}

#[test]
fn every_example_is_right_somewhere() {
    let mut tried = Tried::default();
    each(|document, found, word| {
        let example = json_of(word.example).expect("an example is TOML");
        let changed = and(document, &found.path, word.name, example);
        tried.note(name(found.words, word), parse(&toml(&changed)).is_ok());
    });
    assert!(tried.0.len() > 130, "{}", tried.0.len());
    assert_eq!(tried.failed(), Vec::<&String>::new());
}

#[test]
fn what_is_needed_is_missed_and_nothing_else() {
    each(|document, found, word| {
        // A table that is dropped has no other keys.
        if at(document, &found.path).get("drop").is_some() {
            return;
        }
        if at(document, &found.path).get(word.name).is_none() {
            assert_ne!(word.absent, Absent::Mistake, "{}", name(found.words, word));
            return;
        }
        let path = found.path.key(word.name);
        let missed = format!("needs `{}`", word.name);
        let problems = parse(&toml(&without(document, &path)));
        let is_missed = problems.is_err_and(|p| p.iter().any(|p| p.rule.ends_with(&missed)));
        // Steps are needed unless every wave has its own, which its line says.
        let needed = word.absent == Absent::Mistake || word.meaning.contains("needed unless");
        assert_eq!(is_missed, needed, "{path}");
    });
}

#[test]
fn what_is_said_to_be_the_default_is_it() {
    let mut tried = Tried::default();
    each(|document, found, word| {
        let Absent::Value(value) = word.absent else {
            return;
        };
        let path = found.path.key(word.name);
        let bare = match at(document, &found.path).get(word.name) {
            Some(_) => without(document, &path),
            None => document.clone(),
        };
        let value = json_of(value).expect("a default is TOML");
        let stated = and(&bare, &found.path, word.name, value);
        // Where the key does not fit, or others are missing without it, there is nothing to be compared.
        let plans = plan(&bare).zip(plan(&stated));
        assert!(
            plans.as_ref().is_none_or(|(bare, stated)| bare == stated),
            "{path}"
        );
        tried.note(name(found.words, word), plans.is_some());
    });
    assert!(tried.0.len() > 40, "{}", tried.0.len());
    assert_eq!(tried.failed(), Vec::<&String>::new());
}

/// The words that a value may be.
fn choices(kind: &'static Kind) -> Vec<&'static Choice> {
    match kind {
        Kind::Choice(choices) => choices.iter().collect(),
        Kind::Either(kinds) => kinds.iter().flat_map(choices).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_word_that_is_a_value_is_taken_somewhere() {
    let mut tried = Tried::default();
    each(|document, found, word| {
        for choice in choices(&word.kind) {
            let changed = and(document, &found.path, word.name, json!(choice.name));
            let what = format!("{} = {:?}", name(found.words, word), choice.name);
            tried.note(what, parse(&toml(&changed)).is_ok());
        }
    });
    assert!(tried.0.len() > 60, "{}", tried.0.len());
    assert_eq!(tried.failed(), Vec::<&String>::new());
}

/// What is between quotes in a text.
fn quoted(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split('"').skip(1).step_by(2).map(str::to_owned)
}

#[test]
fn no_word_that_a_reader_takes_is_left_out() {
    let mut told: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    each(|document, found, word| {
        let Kind::Choice(choices) = word.kind else {
            return;
        };
        let path = found.path.key(word.name);
        let changed = with(document, &path, json!("no-such-word"));
        let problems = parse(&toml(&changed)).expect_err("nothing is called so");
        let rule = format!("`{}` must be ", word.name);
        let rules = problems.iter().filter(|p| p.rule.starts_with(&rule));
        let (readers, ours) = told.entry(name(found.words, word)).or_default();
        readers.extend(rules.flat_map(|p| quoted(&p.rule).collect::<Vec<_>>()));
        ours.extend(choices.iter().map(|c| c.name.to_owned()));
    });
    assert!(told.len() > 10, "{}", told.len());
    for (name, (readers, ours)) in told {
        assert_eq!(readers, ours, "{name}");
    }
}

/// The columns of results, and the ways in which rollouts end, can be what a budget is about.
#[test]
fn every_metric_and_every_ending_can_be_kept_within_limits() {
    let plan = crate::worlds::plan(crate::worlds::EVERYTHING);
    let of_metrics = Metric::all(&plan).into_iter().flat_map(|metric| {
        let (name, limit) = (metric.name(&plan), limit(metric.unit()));
        [
            format!("p99({name}) <= {limit}"),
            format!("P({name} > {limit}) <= 1%"),
        ]
    });
    let of_endings = Ending::ALL.map(|ending| format!("P({}) <= 1%", ending.name()));
    for keep in of_metrics.chain(of_endings) {
        let budget = format!("[budget.tried]\nkeep = \"{keep}\"\n");
        let read = parse(&format!("{}\n{budget}", crate::worlds::EVERYTHING));
        let scenario = read.unwrap_or_else(|problems| panic!("{}", problems.render(false)));
        let budget = scenario.budgets.last().expect("a budget");
        assert_eq!(budget.written, keep);
    }
}

/// A value of this unit.
fn limit(unit: &str) -> &'static str {
    match unit {
        "s" => "2h",
        "share" => "5%",
        _ => "12",
    }
}
