//! `landfall replay`: incidents whose fate is certain, and mistakes in their file.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::ended;

/// Four regions, an hour apart: one box first, and then the whole. The alarm sees every bad request within a minute.
const TABLES: &str = r#"
[change]
bad = "5%"

[fault.slow]
trigger = { delay = "2h30m" }
adds = { errors = "100%" }
[fault.quick]
weight = 3
trigger = { delay = "30m", scope = "fleet" }
adds = { errors = "100%" }

[strategy.hourly]
preproduction = [{ name = "gamma", takes = "10m" }]
steps = [{ to = "one-box", bake = "1h" }, { to = "100%" }]
waves = [{ regions = 1 }, { regions = 1 }, { regions = 1 }, { regions = 1 }]

[strategy.at-once]
steps = [{ to = "100%", bake = "4h" }]
waves = [{ regions = "rest", parallel = 4 }]
"#;

fn folder(incidents: &str) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let world = folder.path().join("world.toml");
    let file = folder.path().join("incidents.csv");
    fs::write(&world, crate::certain::world(TABLES)).expect("written");
    fs::write(&file, incidents).expect("written");
    (folder, world, file)
}

fn replayed(incidents: &str, more: &[&str]) -> (Option<i32>, String, String, tempfile::TempDir) {
    let (folder, world, file) = folder(incidents);
    let out = folder.path().join("out");
    let path = |p: &Path| p.to_str().expect("text").to_owned();
    let (world, file, out) = (path(&world), path(&file), path(&out));
    let mut words = vec!["replay", world.as_str(), &file, "--out", &out];
    if !more.contains(&"--charts") {
        words.extend(["--charts", "none"]);
    }
    if !more.contains(&"--runs") {
        words.extend(["--runs", "250"]);
    }
    words.extend(more);
    let (code, stdout, stderr) = ended(&words);
    (code, stdout, stderr, folder)
}

/// The value of a figure in `replay.csv`.
fn value(csv: &str, of: [&str; 4]) -> f64 {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let found = reader.records().map(|r| r.expect("a row")).find(|row| {
        let fields: Vec<&str> = row.iter().take(4).collect();
        fields == of
    });
    let row = found.unwrap_or_else(|| panic!("no {of:?} in\n{csv}"));
    row[5].parse().expect("a number")
}

const CERTAIN: &str = "\
name,onset,scope,severity,tests,unseen,hit_regions,fault,regions
crash,0s,fleet,errors=100%,gamma,,,none,
first hour,30m,fleet,errors=50%,,,4,none,
third hour,2h30m,fleet,errors=50%,,,4,none,
third region,30m,region,errors=50%,,,,none,r3
silent,0s,fleet,errors=100%,,100%,,none,
";

#[test]
fn incidents_are_caught_where_they_must_be() {
    let (code, csv, err, folder) = replayed(CERTAIN, &["--format", "csv"]);
    assert_eq!(code, Some(0), "{err}");
    for (incident, place, regions) in [
        ("crash", "before-production", 0.0),
        ("first hour", "one-box", 1.0),
        // The first zone has had it longest, and its alarm is the first of those that fire at once.
        ("third hour", "first-zone", 3.0),
        ("third region", "wave-3", 1.0),
        ("silent", "never", 4.0),
    ] {
        let caught = format!("P({place})");
        assert_eq!(
            value(&csv, ["hourly", incident, "caught", &caught]),
            1.0,
            "{incident}"
        );
        let mean = value(&csv, ["hourly", incident, "regions_hit", "mean"]);
        assert_eq!(mean, regions, "{incident}");
        assert_eq!(value(&csv, ["hourly", "all", "caught", &caught]), 0.2);
    }
    assert_eq!(
        value(&csv, ["hourly", "all", "regions_hit_where_known", "sum"]),
        4.0
    );
    assert_eq!(
        value(&csv, ["hourly", "all", "regions_hit_then", "sum"]),
        8.0
    );
    // At once there is no way out but the test, which it does not have.
    assert_eq!(
        value(&csv, ["at-once", "crash", "regions_hit", "mean"]),
        4.0
    );
    assert_eq!(
        value(&csv, ["at-once", "all", "regions_hit_where_known", "sum"]),
        8.0
    );
    let kept = fs::read_to_string(folder.path().join("out/replay.csv")).expect("replay.csv");
    assert_eq!(kept, csv);
}

#[test]
fn it_is_told_in_a_sentence() {
    let (code, text, err, _folder) = replayed(CERTAIN, &["--strategy", "hourly"]);
    assert_eq!(code, Some(0), "{err}");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = "hourly: caught 1 before production, 1 in the one-box, 1 in the first zone, 1 in wave 3; 1 never caught; would have hit 4";
    assert!(text.contains(told), "{text}");
    assert!(text.contains("regions instead of 8."), "{text}");
    assert!(text.contains("incident by incident"), "{text}");
}

#[test]
fn it_has_a_page() {
    let (code, _, err, folder) = replayed(CERTAIN, &["--charts", "caught"]);
    assert_eq!(code, Some(0), "{err}");
    let page = fs::read_to_string(folder.path().join("out/report.html")).expect("a page");
    for part in [
        ": incidents replayed</title>",
        "each strategy would be expected to have caught so many where:",
        "<strong>hourly</strong>: caught 1 before production, 1 in the one-box, 1 in the first zone, 1 in wave 3; 1 never caught",
        "hourly: incident by incident",
        "id=\"chart-caught\"",
        "replay ",
    ] {
        assert!(page.contains(part), "no {part}");
    }
    // It claims nothing of one strategy against another.
    for part in ["corrected for there being many", "corrected over", "Holm"] {
        assert!(!page.contains(part), "{part}");
    }
}

#[test]
fn blanks_come_from_the_fault_or_from_all_by_weight() {
    let incidents = "name,fault,onset,regions\nas slow,slow,,\nany,,,\nearlier,slow,30m,r1\n";
    let (code, csv, err, _folder) =
        replayed(incidents, &["--format", "csv", "--strategy", "hourly"]);
    assert_eq!(code, Some(0), "{err}");
    let mean = |of| value(&csv, ["hourly", of, "regions_hit", "mean"]);
    assert_eq!(mean("as slow"), 3.0);
    // A quarter is slow, and the rest quick.
    assert!(
        (mean("any") - (0.25 * 3.0 + 0.75)).abs() < 1e-12,
        "{}",
        mean("any")
    );
    assert_eq!(mean("earlier"), 1.0);
    assert!((mean("all") - (3.0 + 1.5 + 1.0) / 3.0).abs() < 1e-12);
}

#[test]
fn the_order_of_incidents_and_others_beside_them_change_nothing() {
    let one = "name,fault,onset\nx,slow,1h to 3h\n";
    let two = "name,fault,onset,hit_regions\ny,quick,,2\nx,slow,1h to 3h,\n";
    let rows = |incidents: &str, runs: &str| {
        let (code, csv, err, _folder) = replayed(
            incidents,
            &["--format", "csv", "--runs", runs, "--threads", "2"],
        );
        assert_eq!(code, Some(0), "{err}");
        let of_x = csv.lines().filter(|l| l.contains(",x,")).map(str::to_owned);
        of_x.collect::<Vec<String>>()
    };
    assert_eq!(rows(one, "100"), rows(two, "200"));
}

#[test]
fn mistakes_are_shown_in_their_cells_and_all_at_once() {
    let incidents = "\
name,fault,onset,severity,regions,tests,hit_regions,trigger.requests,colour
a,slwo,,,,,,,
b,none,2x,errors=30%,,,,,
b2,slow,,oops,,,,,
c,slow,,,r9,,,,
d,slow,,,,gama,,,
e,slow,,,,,many,,
f,slow,1h,,,,,1e6,
g,none,,,,,,,
a,slow,,,,,,,
,slow,,,,,,,
h#1,slow,,,,,,,
i,slow
";
    let (code, out, err, folder) = replayed(incidents, &[]);
    assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
    for (line, said) in [
        (1, "an incident has no column `colour`"),
        (2, "the scenario has no fault `slwo`"),
        (3, "`delay`"),
        (4, "`oops` says of what it is, and not how much"),
        (5, "r9"),
        (6, "no strategy has a test `gama`"),
        (7, "`hit_regions` must be a whole number"),
        (8, "a trigger has one cause"),
        (
            9,
            "this incident has no onset, and no fault to take it from",
        ),
        (
            9,
            "this incident has no severity, and no fault to take it from",
        ),
        (11, "an incident needs a name"),
        (12, "the name of an incident cannot contain `#`"),
        (13, "the header has 9 cells, and this row 2"),
    ] {
        let found = err
            .split("error: ")
            .any(|one| one.contains(said) && one.contains(&format!("incidents.csv:{line}:")));
        assert!(found, "{line}: {said}\n{err}");
    }
    assert!(
        err.contains("did you mean `slow`?") && err.contains("did you mean `gamma`?"),
        "{err}"
    );
    assert!(!folder.path().join("out").exists());
}

#[test]
fn hostile_files_are_refused_in_bounded_time() {
    let many = format!(
        "name,fault\n{}",
        (0..100_000)
            .map(|i| format!("i{i},slow\n"))
            .collect::<String>()
    );
    let wide = format!("name{}\nx", ",y".repeat(1_000_000));
    let quote = format!("name,fault\n\"{}", "x\n".repeat(1_000_000));
    for (incidents, said) in [
        (many.as_str(), "at most 200 incidents"),
        (&wide, "at most 200 cells"),
        (&quote, "the header has 2 cells, and this row 1"),
        ("", "the file is empty"),
        ("name,name\na,b\n", "is there twice"),
        ("fault\nslow\n", "incidents need a column `name`"),
        ("name,weight\na,2\n", "they weigh the same"),
    ] {
        let (code, _, err, _folder) = replayed(incidents, &[]);
        assert_eq!(code, Some(2), "{err}");
        assert!(
            err.contains(said),
            "{said}: {}",
            err.chars().take(2_000).collect::<String>()
        );
        assert!(err.len() < 200_000, "{} bytes", err.len());
    }
}

#[test]
fn mistakes_of_the_scenario_are_told_once_beside_those_of_the_file() {
    let (folder, world, file) = folder("name,fault\na,slwo\n");
    let text = fs::read_to_string(&world).expect("text");
    fs::write(
        &world,
        text.replace("weight = 3", "weight = -3\n[budget.x]\nkeep = \"soon\""),
    )
    .expect("written");
    let out = folder.path().join("out");
    let words = [
        "replay",
        world.to_str().unwrap(),
        file.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    let (code, _, err) = ended(&words);
    assert_eq!(code, Some(2));
    for said in ["`weight` must be", "`keep`", "slwo"] {
        assert_eq!(
            err.matches(&format!("error: {said}")).count().max(
                err.split("error: ")
                    .filter(|one| one.contains(said))
                    .count()
            ),
            1,
            "{said}\n{err}"
        );
    }
}
