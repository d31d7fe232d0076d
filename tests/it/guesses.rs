//! `landfall compare --worlds`: guesses drawn from their ranges, and answers that a rule decides.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use landfall::scenario::{Files, ReadError, Request, Worlds, worlds};

use crate::cli::ended;

/// A fault that wakes D after the first exposure, everywhere, and is seen within a minute. `eager` has one of four equal
/// regions for an hour and then all of them; `steady` has two for ten hours. So the blast radius is 1/4 against 1/2
/// while D is below an hour, and 1 against 1/2 above.
const TABLES: &str = r#"
[change]
bad = "50%"
per_week = { value = 3, from = "guess", range = "1 to 5" }

[fault.late]
trigger = { delay = { value = "30m", from = "guess", range = "6m to 2h" }, scope = "fleet" }
adds = { errors = "100%" }

[strategy.eager]
steps = [{ to = "100%" }]
waves = [{ regions = 1, bake = "1h" }, { regions = "rest", parallel = 3, bake = "10h" }]

[strategy.steady]
steps = [{ to = "100%" }]
waves = [{ regions = 2, parallel = 2, bake = "10h" }, { regions = "rest", parallel = 2 }]
"#;

pub fn world() -> String {
    crate::certain::world(TABLES)
}

/// A scenario that is one text.
struct Text(String);

impl Files for Text {
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        match path.to_str() {
            Some("scenario.toml") => Ok(self.0.clone().into_bytes()),
            _ => Err(ReadError::NotFound),
        }
    }
}

fn source(text: &str) -> Worlds {
    let request = Request {
        scenario: "scenario.toml".into(),
        ..Request::default()
    };
    let read = worlds(&request, &Text(text.to_owned()));
    read.unwrap_or_else(|problems| panic!("{}", problems.render(false)))
        .1
}

/// Runs `compare` on a text.
fn compared(text: &str, more: &[&str]) -> (Option<i32>, String, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("world.toml");
    fs::write(&file, text).expect("written");
    let out = folder.path().join("out");
    let mut words = vec![
        "compare",
        file.to_str().expect("text"),
        "--out",
        out.to_str().expect("text"),
    ];
    words.extend(["--charts", "none", "--runs", "300"]);
    words.extend(more);
    let (code, stdout, stderr) = ended(&words);
    (code, stdout, stderr, folder)
}

fn rows(folder: &tempfile::TempDir) -> Vec<HashMap<String, String>> {
    let mut reader =
        csv::Reader::from_path(folder.path().join("out/worlds.csv")).expect("worlds.csv");
    reader
        .deserialize()
        .map(|row| row.expect("a row"))
        .collect()
}

fn number(row: &HashMap<String, String>, column: &str) -> f64 {
    row[column].parse().expect("a number")
}

#[test]
fn the_rule_is_found_again() {
    let (code, json, err, folder) = compared(&world(), &["--worlds", "150", "--format", "json"]);
    assert_eq!(code, Some(0), "{err}");
    let rows = rows(&folder);
    assert_eq!(rows.len(), 300);
    let (mut eager_is_smaller, mut near) = (0, 0);
    for row in &rows {
        let onset = number(row, "fault.late.trigger.delay");
        assert!((360.0..=7_200.0).contains(&onset));
        // An alarm takes up to a minute.
        let found = number(row, "blast_radius_p99");
        let is_smaller = row["strategy"] == "eager" && found == 0.25;
        eager_is_smaller += u64::from(is_smaller);
        if (3_540.0..3_600.0).contains(&onset) {
            near += 1;
            continue;
        }
        let expected = match (row["strategy"].as_str(), onset < 3_600.0) {
            ("steady", _) => 0.5,
            (_, true) => 0.25,
            (_, false) => 1.0,
        };
        assert_eq!(found, expected, "{row:?}");
    }
    assert!(near <= 8, "{near} rows within a minute of the hour");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let worlds = &json["worlds"];
    assert_eq!(
        (&worlds["worlds"], &worlds["runs_in_each"]),
        (&150.into(), &400.into())
    );
    let radius = &worlds["figures"][0];
    let pair = &radius["pairs"][0];
    assert_eq!(
        (&pair["strategy"], &pair["than"]),
        (&"eager".into(), &"steady".into())
    );
    assert_eq!(pair["smaller"], eager_is_smaller);
    assert_eq!(pair["larger"], 150 - eager_is_smaller);
    // One rule decides every rollout, so no world is in doubt, but for those within a minute of the hour.
    let beyond = |key: &str| pair[key].as_u64().expect("a number");
    assert!(
        beyond("smaller_beyond_noise") + near >= eager_is_smaller,
        "{pair}"
    );
    assert!(
        beyond("larger_beyond_noise") + near >= 150 - eager_is_smaller,
        "{pair}"
    );
    let split = &pair["others_have"];
    assert_eq!(split["input"], "fault.late.trigger.delay");
    assert_eq!(
        (&split["side"], &split["others_on_side"]),
        (&"above".into(), &split["others"])
    );
    let threshold = split["threshold"].as_f64().expect("a number");
    assert!((3_000.0..4_200.0).contains(&threshold), "{threshold}");
    // The quarter of the earliest onsets is below the hour, that of the latest above; per_week has no part in it.
    let depends = &radius["strategies"][0]["depends_on"];
    assert_eq!(depends[0]["input"], "fault.late.trigger.delay");
    assert_eq!(
        (&depends[0]["low"], depends[0]["is_beyond_chance"].as_bool()),
        (&0.25.into(), Some(true))
    );
    assert_eq!(depends[1]["is_beyond_chance"], false);
    // Bad requests a month are a mean times changes a month, a product of both.
    let requests = &worlds["figures"][1]["strategies"][0]["depends_on"];
    assert!(
        requests[0]["is_beyond_chance"] == true && requests[1]["is_beyond_chance"] == true,
        "{requests}"
    );
}

/// With classes of fault that are caught at once, `late` is a fifth of all faults, and the p99 still its. Each class has too
/// few rollouts to bound a far quantile by itself; all faults together have enough.
#[test]
fn worlds_tell_with_several_classes_of_fault() {
    let class = |i: u32| {
        format!(
            "[fault.early-{i}]\ntrigger = {{ delay = \"0s\" }}\nadds = {{ errors = \"100%\" }}\n"
        )
    };
    let classes: String = (0..4).map(class).collect();
    let text = world().replace("[alarm.perfect]", &format!("{classes}[alarm.perfect]"));
    let (code, json, err, folder) = compared(&text, &["--worlds", "40", "--format", "json"]);
    assert_eq!(code, Some(0), "{err}");
    let early = |row: &HashMap<String, String>| number(row, "fault.late.trigger.delay") < 3_540.0;
    let rows = rows(&folder);
    let eager = || rows.iter().filter(|row| row["strategy"] == "eager");
    let (sure, near) = (
        eager().filter(|row| early(row)).count() as u64,
        eager()
            .filter(|row| !early(row) && number(row, "fault.late.trigger.delay") < 3_600.0)
            .count() as u64,
    );
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let pair = &json["worlds"]["figures"][0]["pairs"][0];
    let beyond = |key: &str| pair[key].as_u64().expect("a number");
    let (smaller, larger) = (
        beyond("smaller_beyond_noise"),
        beyond("larger_beyond_noise"),
    );
    assert!((sure..=sure + near).contains(&smaller), "{pair}");
    assert!(
        smaller + larger + near >= 40 && sure >= 10 && larger >= 10,
        "{pair}"
    );
}

/// Two lengths of an alarm, both guesses: in every world the one divides the other, and both are in their range.
#[test]
fn lengths_of_an_alarm_fit_together_in_every_world() {
    let text = world().replace(
        "period = \"1m\"",
        "period = { value = \"6m\", from = \"guess\", range = \"2m to 20m\" }\n\
         every = { value = \"1m\", from = \"guess\", range = \"15s to 5m\" }",
    );
    let source = source(&text);
    let mut all = std::collections::BTreeSet::new();
    for number in 0..60 {
        let world = source.world(1, number, &Text(text.clone()));
        let world = world.unwrap_or_else(|invalid| panic!("{}", invalid.problems.render(false)));
        let alarm = &world.plan.strategies[0].alarms[0];
        let (period, every) = (alarm.period_s, alarm.every_s);
        assert!(
            period % every == 0 && (15..=300).contains(&every),
            "{period} {every}"
        );
        assert!(
            period % 60 == 0 && (120..=1_200).contains(&period),
            "{period}"
        );
        all.insert((period, every));
    }
    assert!(all.len() > 20, "{all:?}");
    // A period alone goes by an `every` that is certain.
    let text = text.replace(
        "{ value = \"1m\", from = \"guess\", range = \"15s to 5m\" }",
        "\"3m\"",
    );
    let source = self::source(&text);
    for number in 0..20 {
        let world = source
            .world(1, number, &Text(text.clone()))
            .expect("a world");
        assert_eq!(world.plan.strategies[0].alarms[0].period_s % 180, 0);
    }
}

#[test]
fn a_range_of_whole_things_has_whole_ends() {
    let text = world()
        .replace(
            "period = \"1m\"",
            "period = { value = \"1m\", from = \"guess\", range = \"0.5s to 5m\" }",
        )
        .replace(
            "zones = 1",
            "zones = { value = 1, from = \"guess\", range = \"0.5 to 3\" }",
        );
    let (code, _, err, _folder) = compared(&text, &["--worlds", "20"]);
    assert_eq!(code, Some(2));
    for said in [
        "takes whole seconds only",
        "takes whole numbers only",
        "write a range whose ends are whole",
    ] {
        assert!(err.contains(said) && err.contains("world.toml:"), "{err}");
    }
}

#[test]
fn it_is_told_in_words_and_on_the_page() {
    let (code, text, err, folder) = compared(&world(), &["--worlds", "60"]);
    assert_eq!(code, Some(0), "{err}");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let smaller = rows(&folder)
        .iter()
        .filter(|r| r["blast_radius_p99"] == "0.25")
        .count();
    let told =
        format!("eager has the smaller p99 blast radius than steady in {smaller} of 60 worlds");
    assert!(text.contains(&told), "{text}");
    let others = format!(
        "; the {} others have fault.late.trigger.delay above ",
        60 - smaller
    );
    assert!(text.contains(&others), "{text}");
    assert!(
        text.contains("What the p99 blast radius of eager depends on"),
        "{text}"
    );
    let page = fs::read_to_string(folder.path().join("out/report.html")).expect("a page");
    assert!(page.contains("id=\"worlds\"") && page.contains("id=\"chart-tornado\""));
    let manifest = fs::read_to_string(folder.path().join("out/manifest.json")).expect("a manifest");
    assert!(
        ["tornado.svg", "tornado.png", "worlds.csv"]
            .iter()
            .all(|f| manifest.contains(f)),
        "{manifest}"
    );
}

#[test]
fn worlds_are_the_same_for_any_strategies_and_threads() {
    let of = |more: &[&str]| {
        let words: Vec<&str> = ["--worlds", "12", "--quiet"]
            .iter()
            .chain(more)
            .copied()
            .collect();
        let (code, _, err, folder) = compared(&world(), &words);
        assert_eq!(code, Some(0), "{err}");
        let text = fs::read_to_string(folder.path().join("out/worlds.csv")).expect("worlds.csv");
        let of_steady = text
            .lines()
            .filter(|l| l.contains(",steady,"))
            .map(str::to_owned);
        of_steady.collect::<Vec<String>>()
    };
    let all = of(&["--threads", "1"]);
    assert_eq!(all.len(), 12);
    assert_eq!(all, of(&["--threads", "3"]));
    assert_eq!(all, of(&["--strategy", "steady"]));
    assert_ne!(all, of(&["--seed", "2"]));
}

#[test]
fn one_more_guess_leaves_the_draws_of_the_others_alone() {
    let one = source(&world());
    let text = world().replace(
        "errors = \"100%\"",
        "errors = { value = \"100%\", from = \"guess\", range = \"50% to 100%\" }",
    );
    let two = source(&text);
    assert_eq!((one.guesses().len(), two.guesses().len()), (2, 3));
    for number in 0..20 {
        let draws = |worlds: &Worlds| -> HashMap<String, f64> {
            let keys = worlds.guesses().iter().map(|g| g.key.clone());
            keys.zip(worlds.draws(1, number)).collect()
        };
        let (few, more) = (draws(&one), draws(&two));
        assert!(few.iter().all(|(key, x)| more[key] == *x));
    }
}

#[test]
fn draws_arrive_where_they_belong() {
    let text = world()
        .replace("zones = 1", "zones = { value = 1, from = \"guess\", range = \"1 to 3\" }")
        .replace("rps = 1_000", "rps = { value = 1_000, from = \"guess\", range = \"10 to 3_000\" }")
        .replace("errors = \"100%\"", "errors = { value = \"5% to 20%\", from = \"guess\", range = \"median 1% to 50%\" }")
        .replace("\"errors > 0 per period\"", "{ value = \"errors > 1%\", from = \"guess\", range = \"0.5% to 5%\" }")
        .replace("[rollback]", "[incidents.i]\nrate = { value = \"2 per year\", from = \"guess\", range = \"1 per year to 20 per year\" }\nadds = { errors = \"1%\" }\nlasts = { value = \"5m\", from = \"guess\" }\n[rollback]");
    let source = source(&text);
    assert_eq!(source.without_range(), 1);
    for number in 0..8 {
        let world = source
            .world(1, number, &Text(text.clone()))
            .expect("a world");
        let draw = |key: &str| {
            let place = source.guesses().iter().position(|g| g.key == key);
            world.draws[place.unwrap_or_else(|| panic!("no guess {key}"))]
        };
        let plan = &world.plan;
        let zones = plan.fleet.regions[0].zones.len() as f64;
        assert_eq!(zones, draw("region.r1.zones"));
        let near = |found: f64, expected: f64| {
            assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}")
        };
        let late = &plan.change.faults[0];
        near(late.adds[0].1.quantile(0.5), draw("fault.late.adds.errors"));
        near(plan.change.per_week, draw("change.per_week"));
        near(
            plan.incidents[0].rate_per_s * 365.0 * 86_400.0,
            draw("incidents.i.rate"),
        );
    }
}

#[test]
fn without_guesses_there_is_nothing_to_draw() {
    let text = world().replace("from = \"guess\", ", "");
    let (code, out, err, folder) = compared(&text, &["--worlds", "20"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        err.contains("from = \"guess\", range = \"2% to 8%\""),
        "{err}"
    );
    assert!(!folder.path().join("out").exists());
}

#[test]
fn ranges_that_cannot_be_drawn_are_shown_in_their_place() {
    let text = world()
        .replace("\"6m to 2h\"", "\"1% to 2%\"")
        .replace("\"1 to 5\"", "\"5 to 1\"");
    let (code, _, err, _folder) = compared(&text, &["--worlds", "20"]);
    assert_eq!(code, Some(2));
    for said in [
        "a range begins with its smaller end",
        "has no value that could be drawn from this range",
    ] {
        assert!(err.contains(said) && err.contains("world.toml:"), "{err}");
    }
    // Nobody else minds them.
    assert_eq!(compared(&text, &[]).0, Some(0));
}

#[test]
fn a_world_that_breaks_a_rule_says_which_draw() {
    let retry = "[retry]\nafter = \"1h\"\nmax = { value = 2, from = \"guess\", range = \"1_000 to 9_000\" }\n";
    let text = world().replace("[change]", &format!("{retry}[change]"));
    let (code, _, err, _folder) = compared(&text, &["--worlds", "20"]);
    assert_eq!(code, Some(2), "{err}");
    assert!(
        err.contains("world 0 breaks a rule with retry.max = "),
        "{err}"
    );
    assert!(err.contains("`max` must be a whole number"), "{err}");
}

#[cfg(unix)]
#[test]
fn interrupted_worlds_leave_no_files() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Command, Stdio};
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("world.toml");
    fs::write(&file, world()).expect("written");
    let out = folder.path().join("out");
    let mut child = Command::new(crate::cli::landfall(&[]).get_program())
        .args(["compare", file.to_str().expect("text"), "--worlds", "20"])
        .args([
            "--runs",
            "100_000_000",
            "--out",
            out.to_str().expect("text"),
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // It listens before it says how many worlds there are.
    let mut messages = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    while !line.contains("20 worlds: ") {
        line.clear();
        assert!(
            messages.read_line(&mut line).expect("text") > 0,
            "it says so"
        );
    }
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.expect("kill is there").success());
    let mut rest = String::new();
    messages.read_to_string(&mut rest).expect("text");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(
        (output.status.code(), &output.stdout[..]),
        (Some(130), &b""[..]),
        "{rest}"
    );
    assert!(!out.exists());
}
