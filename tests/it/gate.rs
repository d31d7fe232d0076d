//! `landfall gate`: what it prints in every form, and what it writes.

use serde_json::Value;

use crate::cli::ended;

/// An alarm of which each kind of figure comes out.
const WORLD: &str = r#"format = 1
region.here = { rps = 50, boxes_per_zone = 10 }
sli.errors = { base = "0.5%", dispersion = 0.002 }
sli.slow = { base = "1%" }
change = { bad = "2%" }
fault.bug = { trigger = { delay = "0s", scope = "fleet" }, adds = { errors = "2%" } }
alarm.exact = { scope = "canary", when = "slow > 2%" }
alarm.about = { scope = "zone", when = "errors > 0.9%", period = "5m", watches = "step" }
alarm.short = { scope = "zone", when = "errors > 9%", watches = "step" }
alarm.between = { scope = "zone", when = "errors > 1%", window = "5m", and = { when = "errors > 1.2%", window = "1m" } }
alarm.holds = { scope = "zone", when = "errors > 1%", does = "hold" }
rollback = { takes = "1m" }
[strategy."a | b"]
steps = [{ to = "10%", takes = "1m", bake = "20m" }, { to = "100%", takes = "1m" }]
waves = [{ regions = "rest", bake = "30m" }]
"#;

fn run(more: &[&str]) -> (String, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.toml");
    std::fs::write(&path, WORLD).expect("a file");
    let mut words = vec!["gate", path.to_str().expect("a name"), "--defect", "1%,5%"];
    words.extend(more);
    let (code, out, err) = ended(&words);
    assert_eq!(code, Some(0), "{err}");
    (out, folder)
}

/// Stage, alarm, defect: how well it is known, and between what.
type Figures = Vec<(String, String, f64, String, Option<f64>, Option<f64>)>;

fn of_json(text: &str) -> Figures {
    let whole: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(whole["schema_version"], 1);
    let mut found = Vec::new();
    for curves in whole["curves"].as_array().expect("a list") {
        for row in curves["rows"].as_array().expect("a list") {
            for chance in row["chances"].as_array().expect("a list") {
                let text = |v: &Value| v.as_str().expect("a text").to_owned();
                found.push((
                    text(&row["stage"]),
                    text(&row["alarm"]),
                    chance["defect"].as_f64().expect("a number"),
                    text(&chance["known"]),
                    chance["low"].as_f64(),
                    chance["high"].as_f64(),
                ));
            }
        }
    }
    found
}

fn of_csv(text: &str) -> Figures {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().expect("a head").clone();
    let column = |name: &str| head.iter().position(|h| h == name).expect(name);
    let [stage, alarm, defect, known, low, high] =
        ["stage", "alarm", "defect", "known", "low", "high"].map(column);
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| {
        let number = |i: usize| row[i].parse::<f64>().ok();
        (
            row[stage].to_owned(),
            row[alarm].to_owned(),
            number(defect).expect("a number"),
            row[known].to_owned(),
            number(low),
            number(high),
        )
    })
    .collect()
}

#[test]
fn json_and_csv_have_the_same_figures() {
    let (json, csv) = (run(&["--format", "json"]).0, run(&["--format", "csv"]).0);
    let (json, csv) = (of_json(&json), of_csv(&csv));
    assert_eq!(json, csv);
    // Five alarms in three stages, at three sizes.
    assert_eq!(json.len(), 45);
    let known = |alarm: &str| {
        let first = json.iter().find(|f| f.1 == alarm && f.0 == "step 1");
        first.expect("a row").3.clone()
    };
    let all = ["exact", "about", "between", "holds"].map(known);
    assert_eq!(all, ["exactly", "about", "between", "none"]);
    for (stage, alarm, defect, known, low, high) in &json {
        let at = format!("{stage} {alarm} {defect} {known} {low:?} {high:?}");
        let (low, high) = (low.expect(&at), high.expect(&at));
        assert!((0.0..=high).contains(&low) && high <= 1.0, "{at}");
        assert!(known == "between" || low == high, "{at}");
    }
}

#[test]
fn markdown_is_a_table_that_names_cannot_break() {
    let (text, _folder) = run(&["--format", "markdown"]);
    let rows: Vec<&str> = text.lines().filter(|l| l.starts_with('|')).collect();
    let cells = |row: &str| row.replace("\\|", "").matches('|').count();
    assert!(rows.len() > 6, "{text}");
    assert!(rows.iter().all(|r| cells(r) == cells(rows[0])), "{text}");
    assert!(rows[1].starts_with("|---|---|--:|"), "{text}");
    assert!(rows.iter().any(|r| r.contains("| ~ ")), "{text}");
    let (human, _folder) = run(&[]);
    // The same figures in both.
    for row in rows.iter().skip(2) {
        let last = row
            .trim_end_matches(" |")
            .rsplit("| ")
            .next()
            .expect("a cell");
        assert!(human.contains(last), "{last} in {human}");
    }
    assert!(human.contains("holds bakes, and stops nothing"), "{human}");
}

#[test]
fn solutions_are_told_in_every_form() {
    for knob in ["bake", "canary", "requests", "threshold"] {
        let words = ["--alarm", "exact", "--solve", knob, "--format", "json"];
        let whole: Value = serde_json::from_str(&run(&words).0).expect("JSON");
        let solved = &whole["solved"][0];
        assert_eq!(solved["solve"], knob);
        if solved["reason"].is_null() {
            assert!(
                solved["miss"].as_f64().expect("a chance") <= 0.05,
                "{solved}"
            );
            assert!(
                solved["chance_stop"].as_f64().expect("a chance") <= 0.01,
                "{solved}"
            );
        } else {
            assert!(solved["value"].is_null(), "{solved}");
        }
    }
    let (text, _folder) = run(&["--alarm", "exact", "--solve", "bake", "--format", "csv"]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(
        lines[0].starts_with("strategy,stage,alarm,solve,value,"),
        "{text}"
    );
    assert!(lines[1].starts_with("a | b,step 1,exact,bake,"), "{text}");
    let (text, _folder) = run(&[
        "--alarm", "exact", "--solve", "bake", "--format", "markdown",
    ]);
    assert!(text.starts_with("- a | b, step 1, exact: "), "{text}");
}

#[test]
fn a_folder_gets_the_figures_and_the_chart() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("gate");
    let (_, _world) = run(&["--out", out.to_str().expect("a name")]);
    let csv = std::fs::read_to_string(out.join("gate.csv")).expect("figures");
    assert_eq!(of_csv(&csv).len(), 45);
    let svg = std::fs::read_to_string(out.join("gate.svg")).expect("a chart");
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    let png = std::fs::read(out.join("gate.png")).expect("a chart");
    assert!(png.starts_with(b"\x89PNG"));
}
