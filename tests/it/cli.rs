//! The program as its users meet it: arguments, results, files and exit codes.

use std::path::Path;

use assert_cmd::Command;

pub fn landfall(words: &[&str]) -> Command {
    let mut command = Command::cargo_bin("landfall").expect("the program is built with the tests");
    command.args(words).env_remove("RUST_BACKTRACE");
    command
}

/// Exit code, standard output and standard error.
pub fn ended(words: &[&str]) -> (Option<i32>, String, String) {
    let output = landfall(words).output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn help_goes_to_standard_output() {
    for words in [
        &["--help"][..],
        &["compare", "--help"],
        &["simulate", "-h"],
        &["help", "compare"],
    ] {
        let (code, out, err) = ended(words);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{words:?}");
        assert!(out.contains("Usage: landfall"), "{out}");
    }
    let (code, out, _) = ended(&["--version"]);
    assert_eq!(code, Some(0));
    assert_eq!(out, format!("landfall {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_arguments_end_with_2() {
    for words in [
        &[][..],
        &["compare"],
        &["frobnicate"],
        &["compare", "a.toml", "--bogus"],
        &["compare", "a.toml", "--runs", "0"],
        &["compare", "a.toml", "--runs", "many"],
        &["compare", "a.toml", "--threads", "0"],
        &["compare", "a.toml", "--keep", "some"],
        &["compare", "a.toml", "--format", "xml"],
        &["simulate", "a.toml"],
    ] {
        let (code, out, err) = ended(words);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{words:?}");
        assert!(err.contains("--help"), "{words:?}: {err}");
    }
}

#[test]
fn a_missing_scenario_ends_with_2_and_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = folder.path().join("absent.toml");
    let out = folder.path().join("output");
    let words = [
        "compare",
        scenario.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    let (code, stdout, err) = ended(&words);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(err.contains("absent.toml"), "{err}");
    assert!(
        !out.exists(),
        "nothing is written for a scenario that is not there"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_standard_output_ends_with_4() {
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");
    let program = landfall(&["--help"]).get_program().to_owned();
    let output = std::process::Command::new(program)
        .arg("--help")
        .stdout(full)
        .output()
        .expect("the program starts");
    assert_eq!(output.status.code(), Some(4));
    let err = String::from_utf8(output.stderr).expect("text");
    assert!(
        err.starts_with("error: cannot write to standard output"),
        "{err}"
    );
}

#[test]
fn a_closed_pipe_is_no_error() {
    let program = landfall(&[]).get_program().to_owned();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = std::process::Command::new(program)
        .args(["compare", "--help"])
        .stdout(writer)
        .output()
        .expect("the program starts");
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), &b""[..])
    );
}

/// A scenario that takes a moment.
const SCENARIO: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/scenarios/serverless-canary.toml"
);
const STRATEGY: &str = "10% for 5 minutes, ratio";

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let name = |e: std::io::Result<std::fs::DirEntry>| e.expect("an entry").file_name();
    let mut names: Vec<String> = entries
        .map(|e| name(e).into_string().expect("a name of text"))
        .collect();
    names.sort();
    names
}

#[test]
fn comparing_shows_a_table_and_writes_every_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("text");
    let (code, table, err) = ended(&["compare", SCENARIO, "--runs", "40", "--out", out]);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        table.contains(STRATEGY) && table.contains("never"),
        "{table}"
    );
    assert!(
        table.contains("40 rollouts of each strategy") && table.contains("Seed 1."),
        "{table}"
    );
    assert!(
        table.contains("any wrong claim has a chance of at most 5%")
            && table.contains("would show one of 5%"),
        "{table}"
    );
    let mut files: Vec<String> = [
        "manifest.json",
        "pairs.csv",
        "report.html",
        "rollouts.csv",
        "summary.csv",
        "summary.json",
    ]
    .map(str::to_owned)
    .to_vec();
    let charts = [
        "alarms",
        "caught",
        "detection",
        "exceedance",
        "exposure",
        "time",
        "tradeoff",
    ];
    for chart in charts {
        files.extend([format!("{chart}.png"), format!("{chart}.svg")]);
    }
    files.sort();
    assert_eq!(names(folder.path()), files);
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("a file");
    for chart in charts {
        assert!(read(&format!("{chart}.png")).starts_with(b"\x89PNG"));
        assert!(read(&format!("{chart}.svg")).starts_with(b"<svg"));
    }
    // 15 pairs of six strategies, and a header.
    let pairs = String::from_utf8(read("pairs.csv")).expect("text");
    assert_eq!(pairs.matches(",p50,s,").count(), 15, "{pairs}");
    let page = String::from_utf8(read("report.html")).expect("text");
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    assert_eq!(page.matches("<figure>").count(), charts.len());
    let repeat = format!("<code>landfall compare {SCENARIO} --runs 40</code>");
    assert!(page.contains(&repeat), "how to repeat it");
    let manifest: serde_json::Value = serde_json::from_slice(&read("manifest.json")).expect("JSON");
    assert_eq!(manifest["runs"], 40);
    assert_eq!(
        manifest["files"].as_array().map(Vec::len),
        Some(files.len() - 1)
    );
    let sha256 = manifest["inputs"][0]["sha256"].as_str().unwrap_or_default();
    assert_eq!(sha256.len(), 64, "{manifest}");
    // 40 rollouts of each of six strategies, and a header.
    assert_eq!(
        read("rollouts.csv").iter().filter(|b| **b == b'\n').count(),
        6 * 40 + 1
    );
}

#[test]
fn threads_change_no_byte() {
    let written = |threads: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().to_str().expect("text");
        let words = [
            "compare",
            SCENARIO,
            "--runs",
            "600",
            "--threads",
            threads,
            "--out",
            out,
            "-q",
        ];
        let (code, table, err) = ended(&words);
        assert_eq!((code, err.as_str()), (Some(0), ""));
        let read = |name: &str| std::fs::read(folder.path().join(name)).expect("a file");
        let files = names(folder.path());
        // When it was made, and how long that took, is another matter.
        let files = files.into_iter().filter(|name| name != "manifest.json");
        (
            table,
            files.map(|name| (read(&name), name)).collect::<Vec<_>>(),
        )
    };
    assert!(written("1") == written("4"));
}

#[test]
fn every_form_names_the_strategy() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("text");
    for form in ["human", "markdown", "csv", "json"] {
        let words = [
            "simulate",
            SCENARIO,
            "--strategy",
            STRATEGY,
            "--runs",
            "20",
            "--format",
            form,
            "--keep",
            "none",
            "--charts",
            "none",
            "--out",
            out,
        ];
        let (code, results, err) = ended(&words);
        assert_eq!(code, Some(0), "{err}");
        assert!(results.contains(STRATEGY), "{form}: {results}");
        if form == "json" {
            let json: serde_json::Value = serde_json::from_str(&results).expect("JSON");
            assert_eq!(json["schema_version"], 1);
        }
        assert_eq!(
            names(folder.path()),
            [
                "manifest.json",
                "report.html",
                "summary.csv",
                "summary.json"
            ]
        );
    }
}

#[test]
fn a_precision_decides_the_number_of_rollouts_and_changes_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = |options: &[&str], out: &str| {
        let out = folder.path().join(out);
        let out = out.to_str().expect("text");
        let words = ["compare", SCENARIO, "--out", out, "--charts", "none"];
        let (code, _, err) = ended(&[&words[..], options].concat());
        assert_eq!(code, Some(0), "{err}");
        let read = |name: &str| std::fs::read_to_string(format!("{out}/{name}")).expect("a file");
        (read("summary.csv"), read("manifest.json"), err)
    };
    let (by_precision, manifest, told) = rows(&["--precision", "20%", "--runs", "3_000"], "a");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    let runs = manifest["runs"].as_u64().expect("a number");
    assert!((1_000..=3_000).contains(&runs), "{runs}");
    assert!(told.contains("pilots of"), "{told}");
    assert!(
        told.contains(&format!("--runs {runs} gives the same")),
        "{told}"
    );
    let (by_number, _, _) = rows(&["--runs", &runs.to_string()], "b");
    assert!(by_precision == by_number);
}

#[test]
fn charts_are_chosen_by_name_and_their_colours_by_theme() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("text");
    let drawn = |theme: &str| {
        let words = [
            "compare", SCENARIO, "--runs", "40", "--out", out, "--theme", theme,
        ];
        let words = [&words[..], &["--charts", "caught,time", "--keep", "none"]].concat();
        let (code, _, err) = ended(&words);
        assert_eq!(code, Some(0), "{err}");
        std::fs::read_to_string(folder.path().join("caught.svg")).expect("a chart")
    };
    let themes = ["light", "dark", "print"].map(drawn);
    let files = [
        "caught.png",
        "caught.svg",
        "manifest.json",
        "pairs.csv",
        "report.html",
        "summary.csv",
        "summary.json",
    ];
    assert_eq!(
        names(folder.path()),
        [&files[..], &["time.png", "time.svg"]].concat()
    );
    assert!(themes[0] != themes[1] && themes[1] != themes[2]);
    assert!(themes[0].contains("#FFFFFF") && !themes[1].contains("#FFFFFF"));
    let (code, _, err) = ended(&["compare", SCENARIO, "--charts", "caugth"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("did you mean \"caught\"?"), "{err}");
}

#[test]
fn a_strategy_that_is_not_there_ends_with_2_and_the_nearest_name() {
    let (code, out, err) = ended(&[
        "simulate",
        SCENARIO,
        "--strategy",
        "10% for 5 minutes, ratios",
    ]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        err.contains(&format!("did you mean \"{STRATEGY}\"?")),
        "{err}"
    );
}

#[test]
fn results_are_shown_where_files_cannot_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "mine").expect("a file");
    let out = file.join("output");
    let words = [
        "compare",
        SCENARIO,
        "--runs",
        "20",
        "--out",
        out.to_str().expect("text"),
    ];
    let (code, table, err) = ended(&words);
    assert_eq!(code, Some(4));
    assert!(table.contains(STRATEGY), "{table}");
    assert!(err.contains("error: cannot write"), "{err}");
    assert_eq!(
        std::fs::read_to_string(&file).expect("it is still there"),
        "mine"
    );
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_what_was_there() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("summary.csv"), "old").expect("a file");
    let program = landfall(&[]).get_program().to_owned();
    let child = std::process::Command::new(program)
        .args(["compare", SCENARIO, "--runs", "1_000_000_000", "--out"])
        .arg(folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    // Once its first temporary file is there it listens.
    while names(folder.path()).len() < 2 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.expect("kill is there").success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(output.stdout, b"");
    assert_eq!(names(folder.path()), ["summary.csv"]);
    let old = std::fs::read_to_string(folder.path().join("summary.csv"));
    assert_eq!(old.expect("the file"), "old");
}

/// As large a fleet as there may be, each of its zones watched, and troubled now and then: a block of rollouts takes
/// minutes.
#[cfg(unix)]
fn large() -> String {
    let regions: String = (0..1_000)
        .map(|i| {
            format!(
                "[region.r{i}]\nzones = 10\nboxes_per_zone = 10\nrps = 100\nprofile = \"office-hours\"\n\
                 tz = \"{}\"\n",
                ["Europe/Berlin", "Asia/Tokyo", "America/New_York"][i % 3]
            )
        })
        .collect();
    let steps: String = (1..10)
        .map(|i| format!("{{ to = \"{i}0%\", takes = \"10m\", in = \"boxes\", bake = \"1h\" }}, "))
        .collect();
    format!(
        "format = 1\n[scenario]\nhorizon = \"366d\"\n{regions}[sli.errors]\nbase = \"0.1%\"\n\
         [alarm.zone]\nscope = \"zone\"\nwhen = \"errors > 1%\"\nperiod = \"10s\"\ndatapoints = \"3 of 5\"\n\
         [incidents.dependency]\nscope = \"zone\"\nrate = \"20 per year\"\nadds = {{ errors = \"1% to 10%\" }}\n\
         lasts = \"5m to 40m\"\n\
         [change]\nbad = \"5%\"\n\
         [fault.bug]\nadds = {{ errors = \"5%\" }}\ntrigger = {{ delay = \"1h\", scope = \"cohort\" }}\n\
         [strategy.step-by-step]\nsteps = [{steps}{{ to = \"100%\", takes = \"10m\", in = \"boxes\" }}]\n\
         waves = [{{ regions = \"rest\", parallel = 5 }}]\n"
    )
}

#[cfg(unix)]
#[test]
fn a_run_of_a_large_fleet_ends_when_it_is_asked_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let scenario = folder.path().join("large.toml");
    std::fs::write(&scenario, large()).expect("written");
    std::fs::create_dir(&out).expect("a folder");
    let mut child = std::process::Command::new(landfall(&[]).get_program())
        .arg("compare")
        .arg(&scenario)
        .args(["--threads", "1", "--runs", "100_000", "--out"])
        .arg(&out)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the program starts");
    while names(&out).is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    // It is in its first block by then.
    std::thread::sleep(std::time::Duration::from_secs(1));
    let killed = std::process::Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(killed.expect("kill is there").success());
    let asked = std::time::Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        if asked.elapsed() > std::time::Duration::from_secs(15) {
            child.kill().expect("a child");
            panic!("it goes on");
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    };
    assert_eq!(status.code(), Some(130));
    assert!(names(&out).is_empty());
}
