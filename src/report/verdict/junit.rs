//! Verdicts as JUnit XML: a suite for each strategy, a test case for each budget; gates that cannot fire in a suite of their
//! own.

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Answer, Judgement, Undecided, Verdict};
use crate::report::diagnostic::{Diagnostic, Place};

/// Name of the whole report.
const NAME: &str = "landfall check";
/// Name of the suite of gates that cannot fire, which is there if there are some.
const GATES: &str = "gates";

/// The report. An undecided budget is a failure with [`Undecided::Fail`], else a test that was skipped.
pub fn junit(judgement: &Judgement) -> String {
    let mut report = Report::new(NAME);
    let mut strategies: Vec<&str> = Vec::new();
    for verdict in &judgement.verdicts {
        if !strategies.contains(&verdict.strategy.as_str()) {
            strategies.push(&verdict.strategy);
        }
    }
    for strategy in strategies {
        report.add_test_suite(suite(judgement, strategy));
    }
    if !judgement.cannot_fire.is_empty() {
        let mut suite = TestSuite::new(GATES);
        suite.add_test_cases(judgement.cannot_fire.iter().map(gate));
        report.add_test_suite(suite);
    }
    let text = report.to_string().expect("a string takes everything");
    without_total_of_skipped(&text, report.skipped)
}

/// Without the `skipped` of the root element: the schema that Jenkins holds such files to has it for suites only.
fn without_total_of_skipped(text: &str, skipped: usize) -> String {
    // The root element comes first, and neither it nor what is before has text of anybody else's.
    text.replacen(&format!(" skipped=\"{skipped}\""), "", 1)
}

fn suite(judgement: &Judgement, strategy: &str) -> TestSuite {
    let mut suite = TestSuite::new(strategy);
    suite.add_property(Property::new("version", env!("CARGO_PKG_VERSION")));
    suite.add_property(Property::new("seed", judgement.seed.to_string()));
    suite.add_property(Property::new(
        "confidence",
        judgement.confidence.to_string(),
    ));
    for verdict in judgement.verdicts.iter().filter(|v| v.strategy == strategy) {
        suite.add_test_case(case(judgement, verdict));
    }
    suite
}

fn case(judgement: &Judgement, verdict: &Verdict) -> TestCase {
    let details = verdict.details().join("\n");
    let mut status = match (verdict.answer, judgement.undecided) {
        (Answer::Holds, _) => TestCaseStatus::success(),
        (Answer::Undecided, Undecided::Pass | Undecided::Warn) => TestCaseStatus::skipped(),
        (Answer::Undecided, Undecided::Fail) | (Answer::Broken, _) => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
    };
    if verdict.answer != Answer::Holds {
        status.set_type(format!("budget-{}", verdict.answer.name()));
        status.set_message(verdict.sentence());
        status.set_description(located(verdict.place.as_ref(), &details));
    }
    let mut case = TestCase::new(verdict.budget.as_str(), status);
    case.set_classname(verdict.strategy.as_str());
    case.set_system_out(format!("{}\n{details}", verdict.sentence()));
    case
}

fn gate(gate: &Diagnostic) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(gate.code.as_str());
    status.set_message(gate.message.as_str());
    status.set_description(located(gate.place.as_ref(), &gate.text()));
    let mut case = TestCase::new(gate.subject.as_str(), status);
    case.set_classname(gate.name.as_str());
    case
}

fn located(place: Option<&Place>, details: &str) -> String {
    match place {
        Some(place) => format!("{}:{}:{}\n{details}", place.file, place.line, place.column),
        None => details.to_owned(),
    }
}
