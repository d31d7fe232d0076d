//! Every form is read back by somebody else: a schema, a parser, or a plain reading of what its consumer documents.

mod foreign;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use quick_junit::{Report, TestCaseStatus};
use serde_json::Value;

use super::*;

/// Everything that some form could take for its own.
const HOSTILE: &str =
    "a|b `c` <d> &lt; *e* _f_ ~~g~~ [h](i) \\ \"j\" 'k', l:m ]]> 100% ::error:: # $x$ é";

fn verdict(strategy: &str, budget: &str, answer: Answer, chance: f64) -> Verdict {
    Verdict {
        budget: budget.to_owned(),
        strategy: strategy.to_owned(),
        given: "faulty".to_owned(),
        keep: "p90(blast_radius) <= 20%".to_owned(),
        measured: "P(blast_radius > 20%)".to_owned(),
        quantity: Quantity::Chance,
        figure: Estimate {
            value: chance,
            low: 0.9 * chance,
            high: 1.1 * chance,
            level: 0.99,
            n: 4_096,
        },
        limit: 0.1,
        base: None,
        answer,
        asymptotic: false,
        unchanged: false,
        rollouts_to_decide: (answer == Answer::Undecided).then_some(120_000),
        place: Some(Place::of_text("services/a b.toml", 7, 1, "[strategy.a]")),
        drivers: vec!["memory-leak, let through by wave 1".to_owned()],
        change: None,
        search: (answer == Answer::Broken).then_some(Search { tried: 7, of: 7 }),
        repeat: "landfall check a.toml".to_owned(),
    }
}

fn judgement(verdicts: Vec<Verdict>, undecided: Undecided) -> Judgement {
    Judgement {
        verdicts,
        cannot_fire: Vec::new(),
        confidence: 0.99,
        seed: 1,
        undecided,
    }
}

/// Two strategies, every answer, and names that mean mischief.
fn mixed(undecided: Undecided) -> Judgement {
    let mut hostile = verdict(HOSTILE, HOSTILE, Answer::Broken, 0.15);
    hostile.drivers = vec![HOSTILE.to_owned()];
    hostile.repeat = format!("landfall check '{HOSTILE}' ```\n");
    let verdicts = vec![
        verdict("calm", "reach", Answer::Holds, 0.05),
        verdict("calm", "silent", Answer::Undecided, 0.1),
        hostile,
        verdict("calm", "worst", Answer::Broken, 0.4),
    ];
    judgement(verdicts, undecided)
}

fn budgets(judgement: &Judgement) -> Vec<&str> {
    let verdicts = judgement.worst_first();
    verdicts.iter().map(|v| v.budget.as_str()).collect()
}

#[test]
fn the_worst_come_first() {
    let mut all = mixed(Undecided::Warn);
    assert_eq!(budgets(&all), ["worst", HOSTILE, "silent", "reach"]);
    assert_eq!(all.headline(), "2 broken, 1 undecided, 1 hold");
    // Whatever was never to happen and did is worst of all.
    let mut never = verdict("calm", "never", Answer::Broken, 0.001);
    never.limit = 0.0;
    all.verdicts.push(never);
    assert_eq!(budgets(&all)[0], "never");
    all.verdicts.clear();
    assert_eq!(all.headline(), "nothing was checked");
}

#[test]
fn a_sentence_says_figure_interval_rollouts_and_limit() {
    assert_eq!(
        verdict("ours", "reach", Answer::Broken, 0.2).sentence(),
        "p90(blast_radius) <= 20% of faulty changes does not hold for strategy ours: P(blast_radius > 20%) is 20.0% \
         (18.0–22.0%) after 4096 rollouts, limit 10.0%"
    );
}

/// A gate that cannot fire, between a broken budget and an undecided one.
fn with_a_gate() -> Judgement {
    let verdicts = vec![
        verdict("calm", "silent", Answer::Undecided, 0.1),
        verdict("calm", "worst", Answer::Broken, 0.4),
    ];
    let gate = Diagnostic {
        code: "LF101".to_owned(),
        name: "alarm-too-late".to_owned(),
        level: Level::Error,
        message: format!("too late {HOSTILE}"),
        help: Some(format!("sooner {HOSTILE}")),
        place: Some(Place::of_text("services/a b.toml", 9, 3, "slow")),
        subject: format!("calm/{HOSTILE}"),
    };
    Judgement {
        cannot_fire: vec![gate],
        ..judgement(verdicts, Undecided::Warn)
    }
}

/// Whether these stand in a text one after the other.
fn in_order(text: &str, parts: &[&str]) -> bool {
    let mut rest = text;
    parts.iter().all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[test]
fn every_form_tells_of_a_gate_that_cannot_fire() {
    let all = with_a_gate();
    assert_eq!(
        all.headline(),
        "1 broken, 1 undecided, 0 hold, 1 gate cannot fire"
    );
    let text = human(&all);
    let parts = [
        "BROKEN",
        "LF101 calm/",
        "too late",
        "b.toml:9",
        "sooner",
        "UNDECIDED",
    ];
    assert!(in_order(&text, &parts), "{text}");

    let document: Value = serde_json::from_str(&json(&all)).expect("JSON");
    let gate = &document["cannot_fire"][0];
    assert_eq!(gate["place"]["line"], 9, "{gate}");
    assert_eq!(gate["code"], "LF101", "{gate}");

    let log: Value = serde_json::from_str(&sarif(&all)).expect("JSON");
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("results");
    let codes: Vec<&str> = results
        .iter()
        .filter_map(|r| r["ruleId"].as_str())
        .collect();
    assert_eq!(codes, ["LC1", "LF101", "LC2"]);
    let region = &results[1]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startLine"], 9);
    let rule = results[1]["ruleIndex"]
        .as_u64()
        .expect("a rule that is listed") as usize;
    assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], "LF101");
    if let Some(schema) = crate::report::sarif::published_schema() {
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        assert!(validator.is_valid(&log));
    }

    let text = annotations(&all);
    let commands = text.lines().filter(|line| line.starts_with("::"));
    let lines: Vec<_> = commands.map(read_annotation).collect();
    let kinds: Vec<&str> = lines.iter().map(|(kind, ..)| kind.as_str()).collect();
    assert_eq!(kinds, ["error", "error", "warning"]);
    assert_eq!(lines[1].1[1], ("line".to_owned(), "9".to_owned()));

    let report = Report::deserialize_from_str(&junit(&all)).expect("JUnit XML");
    assert_eq!((report.tests, report.failures), (3, 2));
    let suite = report.test_suites.last().expect("a suite");
    assert_eq!(suite.name.as_str(), "gates");
    assert_eq!(suite.test_cases[0].name.as_str(), format!("calm/{HOSTILE}"));

    let (_, _, strange) = rendered(&summary(&all));
    assert!(!strange);
    let text = summary(&all);
    let parts = [
        "1 gate cannot fire",
        "worst broken",
        "cannot fire",
        "b.toml:9",
        "silent undecided",
    ];
    assert!(in_order(&text, &parts), "{text}");
    // Where everything else is broken it still comes.
    let mut broken = with_a_gate();
    broken.verdicts.remove(0);
    assert!(human(&broken).contains("too late"));
}

#[test]
fn places_are_changed_wherever_they_are() {
    let named = with_a_gate().with_places(|place| place.file.insert_str(0, "root/"));
    let files = [
        &named.verdicts[0].place,
        &named.verdicts[1].place,
        &named.cannot_fire[0].place,
    ]
    .map(|place| place.as_ref().map(|p| p.file.as_str()));
    assert_eq!(files, [Some("root/services/a b.toml"); 3]);
}

#[test]
fn junit_is_read_back_as_it_was_meant() {
    for (undecided, failures, skipped) in [
        (Undecided::Pass, 2, 1),
        (Undecided::Warn, 2, 1),
        (Undecided::Fail, 3, 0),
    ] {
        let text = junit(&mixed(undecided));
        let report = Report::deserialize_from_str(&text).expect("JUnit XML");
        assert_eq!(
            (report.tests, report.failures, report.errors),
            (4, failures, 0)
        );
        assert_eq!(report.test_suites.len(), 2);
        let calm = &report.test_suites[0];
        assert_eq!((calm.name.as_str(), calm.tests), ("calm", 3));
        assert_eq!(calm.skipped, skipped);
        let case = &report.test_suites[1].test_cases[0];
        assert_eq!(case.name.as_str(), HOSTILE);
        let TestCaseStatus::NonSuccess {
            message,
            description,
            ..
        } = &case.status
        else {
            panic!("{case:?}");
        };
        let message = message.as_ref().expect("a message").as_str();
        assert!(message.contains(HOSTILE), "{message}");
        let description = description.as_ref().expect("a description").as_str();
        assert!(description.contains("services/a b.toml:7:1"));
    }
}

#[test]
fn sarif_is_valid_and_has_only_what_does_not_hold() {
    let log: Value = serde_json::from_str(&sarif(&mixed(Undecided::Warn))).expect("JSON");
    if let Some(schema) = crate::report::sarif::published_schema() {
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let wrong: Vec<String> = validator.iter_errors(&log).map(|e| e.to_string()).collect();
        assert_eq!(wrong, Vec::<String>::new());
    }
    let results = log["runs"][0]["results"].as_array().expect("results");
    let said: Vec<(&str, &str)> = results
        .iter()
        .map(|r| (&r["ruleId"], &r["level"]))
        .map(|(rule, level)| (rule.as_str().expect("text"), level.as_str().expect("text")))
        .collect();
    assert_eq!(
        said,
        [("LC1", "error"), ("LC1", "error"), ("LC2", "warning")]
    );
    let location = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "services/a%20b.toml");
    assert_eq!(location["region"]["startLine"], 7);
    let prints: std::collections::BTreeSet<String> = results
        .iter()
        .map(|r| r["partialFingerprints"].to_string())
        .collect();
    assert_eq!(prints.len(), 3);
}

/// An annotation as the runner's `ActionCommand` reads a line: kind, properties, message.
fn read_annotation(line: &str) -> (String, Vec<(String, String)>, String) {
    let rest = line.strip_prefix("::").expect("a command");
    let (head, message) = rest.split_once("::").expect("a message");
    let (kind, properties) = head.split_once(' ').expect("properties");
    let unescape = |text: &str| {
        text.replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%3A", ":")
            .replace("%2C", ",")
            .replace("%25", "%")
    };
    let properties = properties.split(',').map(|pair| {
        let (key, value) = pair.split_once('=').expect("a value");
        (key.to_owned(), unescape(value))
    });
    let message = message
        .replace("%0D", "\r")
        .replace("%0A", "\n")
        .replace("%25", "%");
    (kind.to_owned(), properties.collect(), message)
}

#[test]
fn annotations_are_read_back_by_the_runner() {
    let text = annotations(&mixed(Undecided::Warn));
    let (commands, last) = text.trim_end().rsplit_once('\n').expect("lines");
    assert_eq!(last, "landfall check: 2 broken, 1 undecided, 1 hold");
    let lines: Vec<_> = commands.lines().map(read_annotation).collect();
    let kinds: Vec<&str> = lines.iter().map(|(kind, ..)| kind.as_str()).collect();
    assert_eq!(kinds, ["error", "error", "warning"]);
    let (_, properties, message) = &lines[1];
    assert!(message.contains(HOSTILE), "{message}");
    assert!(message.contains("\nrepeat: "), "{message}");
    let expected = [
        ("file", "services/a b.toml"),
        ("line", "7"),
        ("col", "1"),
        ("endColumn", "13"),
        ("title", "LC1 budget-broken"),
    ];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(properties, &expected);
}

#[test]
fn no_more_than_ten_are_annotated_and_the_worst_of_all_first() {
    let of = |i: u32, answer| verdict("s", &format!("b{i}"), answer, 0.2 + 0.01 * f64::from(i));
    let broken = (0..8).map(|i| of(i, Answer::Broken));
    let undecided = (8..20).map(|i| of(i, Answer::Undecided));
    let all = judgement(undecided.chain(broken).collect(), Undecided::Warn);
    let text = annotations(&all);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 12);
    assert!(lines[0].contains("budget b7"), "{}", lines[0]);
    assert_eq!(text.matches("::error ").count(), 8);
    assert_eq!(text.matches("::warning ").count(), 2);
    assert_eq!(lines[10], "10 more without an annotation");
}

/// The cells of a Markdown text's table, row by row, its blocks of code, and whether it has markup that is not ours.
fn rendered(markdown: &str) -> (Vec<Vec<String>>, Vec<String>, bool) {
    let (mut rows, mut blocks, mut strange) = (Vec::new(), Vec::new(), false);
    let mut text = String::new();
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH;
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Start(Tag::TableHead | Tag::TableRow) => rows.push(Vec::new()),
            Event::Start(Tag::TableCell | Tag::CodeBlock(_)) => text.clear(),
            Event::End(TagEnd::TableCell) => {
                rows.last_mut()
                    .expect("a row")
                    .push(std::mem::take(&mut text));
            }
            Event::End(TagEnd::CodeBlock) => blocks.push(std::mem::take(&mut text)),
            Event::Text(part) => text.push_str(&part),
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::Strikethrough)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::Code(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => strange = true,
            _ => {}
        }
    }
    (rows, blocks, strange)
}

#[test]
fn the_summary_is_rendered_as_text_whatever_names_say() {
    let all = mixed(Undecided::Warn);
    let (rows, blocks, strange) = rendered(&summary(&all));
    assert!(!strange);
    assert_eq!(rows.len(), 5);
    assert!(rows.iter().all(|row| row.len() == 7), "{rows:?}");
    assert_eq!(rows[2][1], HOSTILE);
    assert_eq!(rows[2][2], HOSTILE);
    assert_eq!(rows[1][0], "broken");
    assert_eq!(rows[1][5], "P(blast_radius > 20%): 40.0% (36.0–44.0%)");
    // Budgets that hold have no remark; commands come out as they are.
    assert_eq!(blocks.len(), 3);
    assert_eq!(blocks[1].trim_end(), all.verdicts[2].repeat.trim_end());
}

#[test]
fn the_summary_says_how_far_from_the_base_a_figure_is() {
    let mut worse = verdict("ours", "reach", Answer::Broken, 0.2);
    worse.base = Some(Estimate {
        value: 0.08,
        low: 0.07,
        high: 0.09,
        ..worse.figure
    });
    let mut slower = verdict("ours", "patience", Answer::Holds, 0.0);
    slower.quantity = Quantity::Duration;
    slower.figure.value = 3_600.0;
    slower.base = Some(Estimate {
        value: 5_400.0,
        ..slower.figure
    });
    let without = verdict("new", "reach", Answer::Holds, 0.0);
    let all = judgement(vec![worse, slower, without], Undecided::Warn);
    let (rows, ..) = rendered(&summary(&all));
    let of = |budget: &str, strategy: &str| {
        let row = rows.iter().find(|r| r[1] == strategy && r[2] == budget);
        row.expect("a row")[7..].to_vec()
    };
    assert_eq!(of("reach", "ours"), ["8.0% (7.0–9.0%)", "+12.0 points"]);
    assert_eq!(of("patience", "ours")[1], "−30m");
    assert_eq!(of("reach", "new"), ["", ""]);
}

#[test]
fn the_summary_stays_as_small_as_github_takes() {
    let many = (0..9_000).map(|i| verdict("s", &format!("b{i}"), Answer::Broken, 0.2));
    let mut endless = verdict("s", "endless", Answer::Undecided, 0.1);
    endless.drivers = vec!["|".repeat(MOST_BYTES)];
    let all = judgement(many.chain([endless.clone()]).collect(), Undecided::Warn);
    let text = summary(&all);
    assert!(text.len() <= MOST_BYTES, "{}", text.len());
    let (rows, blocks, _) = rendered(&text);
    let last = text.lines().last().expect("a line");
    let left_out = format!(
        "Left out for their size: {} lines of the table, {} remarks.",
        9_002 - rows.len(),
        9_001 - blocks.len()
    );
    assert_eq!(last, left_out);
    // One that is too large by itself is left out by itself.
    let text = summary(&judgement(vec![endless], Undecided::Warn));
    assert!(
        text.ends_with("0 lines of the table, 1 remarks.\n"),
        "{text}"
    );
    assert!(!summary(&mixed(Undecided::Warn)).contains("Left out"));
}
