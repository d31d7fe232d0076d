//! Rollouts told: the same as those that are not, stories that agree with what they came to, and `landfall trace`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use landfall::engine::{Engine, Scratch, Way};
use landfall::outcome::Ending;
use landfall::plan::Plan;
use landfall::report::trace::Told;
use landfall::trace::{Trace, What};

use crate::worlds::plan;

/// Rollouts of each strategy and kind of change.
const ROLLOUTS: u64 = 4;

const SEED: u64 = 3;

/// Calls `each` with rollouts of every strategy and kind of change of two shipped scenarios, told, and as they are when
/// nobody listens.
fn rollouts(mut each: impl FnMut(&Plan, &str, &Trace, &landfall::outcome::Outcome)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    for name in ["hands-off-waves.toml", "serverless-canary.toml"] {
        let plan = plan(&fs::read_to_string(folder.join(name)).expect("a shipped scenario"));
        for strategy in 0..plan.strategies.len() {
            for way in [Way::Skipping, Way::Plain] {
                let engine = Engine::with_way(&plan, strategy, way);
                let mut scratch = Scratch::default();
                // Drawing every bucket takes long.
                let rollouts = if way == Way::Plain { 1 } else { ROLLOUTS };
                for stratum in plan.strata() {
                    for number in 0..rollouts {
                        let trace = engine.trace(SEED, stratum, number);
                        let outcome = engine.simulate(SEED, stratum, number, &mut scratch);
                        let kind = plan.stratum_name(stratum);
                        let of = format!(
                            "{name}, {}, {kind}#{number}, {way:?}",
                            plan.strategies[strategy].name
                        );
                        each(&plan, &of, &trace, &outcome);
                    }
                }
            }
        }
    }
}

#[test]
fn listening_changes_nothing_and_the_story_agrees_with_the_outcome() {
    let mut told = BTreeSet::new();
    rollouts(|plan, of, trace, outcome| {
        assert_eq!(&trace.outcome, outcome, "{of}");
        assert!(
            trace
                .happenings
                .windows(2)
                .all(|pair| pair[0].at_s <= pair[1].at_s),
            "{of}: in order of time"
        );
        agrees(of, trace);
        can_be_read(plan, of, trace);
        told.insert(outcome.ending.name());
    });
    // Else this says less than it seems to.
    for ending in [
        Ending::Shipped,
        Ending::Caught,
        Ending::RolledBack,
        Ending::Undetected,
    ] {
        assert!(
            told.contains(ending.name()),
            "no rollout ended {}",
            ending.name()
        );
    }
}

/// In the picture no text covers another, and all are in it.
fn can_be_read(plan: &Plan, of: &str, trace: &Trace) {
    let told = Told {
        plan,
        strategy: 0,
        seed: SEED,
        trace,
    };
    let scene = told.gantt(&told.spans());
    let texts: Vec<_> = scene.texts().collect();
    for (i, text) in texts.iter().enumerate() {
        let frame = text.frame();
        assert!(
            frame.left >= 0.0
                && frame.right <= f64::from(scene.width)
                && frame.bottom <= f64::from(scene.height),
            "{of}: \"{}\" leaves the picture",
            text.text
        );
        for other in &texts[..i] {
            assert!(
                !frame.overlaps(&other.frame()),
                "{of}: \"{}\" and \"{}\" overlap",
                text.text,
                other.text
            );
        }
    }
}

fn agrees(of: &str, trace: &Trace) {
    let outcome = &trace.outcome;
    let times = |is: &dyn Fn(&What) -> bool| -> Vec<f64> {
        let those = trace.happenings.iter().filter(|h| is(&h.what));
        those.map(|h| h.at_s).collect()
    };
    let count = |is: &dyn Fn(&What) -> bool| times(is).len() as u32;
    let begun = count(&|w| matches!(w, What::AttemptBegins { .. }));
    assert_eq!(begun, outcome.attempts, "{of}: attempts");
    let by_chance = count(&|w| {
        matches!(
            w,
            What::AttemptEnds {
                by_chance: true,
                ..
            }
        )
    });
    assert_eq!(by_chance, outcome.stops_by_chance, "{of}: stops by chance");
    let ends = |w: &What| matches!(w, What::Ends { ending } if *ending == outcome.ending);
    assert_eq!(count(&ends), 1, "{of}: ends");
    if let Some(full) = outcome.time_to_full_s {
        let told = times(&|w| matches!(w, What::FullyDeployed));
        assert_eq!(told.last(), Some(&full), "{of}: everywhere");
    }
    if let Some(done) = outcome.time_to_done_s {
        let told = times(&|w| matches!(w, What::ProgramEnds));
        assert_eq!(told.last(), Some(&done), "{of}: done");
    }
    let hits = trace.happenings.iter().filter_map(|h| match h.what {
        What::Hit { share, .. } => Some(share),
        _ => None,
    });
    assert_eq!(
        hits.fold(0.0, f64::max),
        outcome.blast_radius,
        "{of}: blast radius"
    );
    let zones = trace.happenings.iter().filter_map(|h| match h.what {
        What::ZoneHit { zone, hit: true } => Some(zone),
        _ => None,
    });
    let zones: BTreeSet<usize> = zones.collect();
    assert_eq!(zones.len() as u32, outcome.zones_hit, "{of}: zones hit");
    if let Some(after) = outcome.time_to_detect_s {
        let woke = times(&|w| matches!(w, What::FaultWakes { .. }));
        let stopped = times(&|w| {
            matches!(
                w,
                What::Stopped {
                    by_chance: false,
                    ..
                }
            )
        });
        let latest = stopped[0] - after;
        assert!(
            woke.iter().any(|&t| (t - latest).abs() < 1e-6),
            "{of}: detected"
        );
    }
}

/// One zone, one alarm, and a fault that is there at once.
const SMALL: &str = r#"
format = 1
[scenario]
name = "small"
start = "2026-03-02T09:00:00Z"
watch = "1h"
[region.north]
zones = 2
boxes_per_zone = 10
rps = 400
tz = "UTC"
[sli.errors]
base = "0.1%"
[change]
bad = "10%"
[fault.typo]
weight = 1
trigger.delay = "90s"
adds.errors = "5%"
[alarm.box]
scope = "one-box"
when = "errors > 1%"
period = "1m"
datapoints = "2 of 3"
lag = "30s"
[rollback]
takes = "5m"
[strategy.careful]
steps = [{ to = "one-box", takes = "2m", bake = "10m" }, { to = "100%", takes = "10m" }]
zones = { batches = [1] }
waves = [{ regions = "rest" }]
"#;

fn program(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("landfall"));
    command
        .current_dir(folder)
        .args(words)
        .env_remove("RUST_BACKTRACE");
    command
}

fn landfall(folder: &Path, words: &[&str]) -> (Option<i32>, String, String) {
    let output = program(folder, words).output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn small() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("small.toml"), SMALL).expect("a file");
    folder
}

const TRACE: [&str; 6] = [
    "trace",
    "small.toml",
    "--strategy",
    "careful",
    "--run",
    "typo#0",
];

#[test]
fn a_person_would_tell_it_like_this() {
    let folder = small();
    let (code, story, _) = landfall(folder.path(), &TRACE);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(story);
}

#[test]
fn files_are_what_their_readers_expect() {
    let folder = small();
    let (code, _, err) = landfall(folder.path(), &TRACE);
    assert_eq!(code, Some(0), "{err}");
    let read =
        |name: &str| fs::read_to_string(folder.path().join("output/trace").join(name)).expect(name);
    let lines: Vec<serde_json::Value> = read("trace.jsonl")
        .lines()
        .map(|l| serde_json::from_str(l).expect("JSON"))
        .collect();
    assert_eq!(lines[0]["run"], "typo#0");
    assert_eq!(lines[0]["schema_version"], 1);
    assert!(
        lines[1..]
            .iter()
            .all(|l| l["event"].is_string() && l["at_s"].is_number())
    );
    let chrome: serde_json::Value = serde_json::from_str(&read("trace.json")).expect("JSON");
    let events = chrome["traceEvents"].as_array().expect("events");
    for event in events {
        let phase = event["ph"].as_str().expect("a phase");
        assert!(["X", "i", "C", "M"].contains(&phase), "{event}");
        let lasts = event["dur"].as_i64();
        assert_eq!(lasts.is_some(), phase == "X", "{event}");
        assert!(lasts.is_none_or(|l| l >= 0), "{event}");
        // Every track has a name.
        let named = events.iter().any(|other| {
            other["ph"] == "M"
                && other["pid"] == event["pid"]
                && (other["tid"] == event["tid"] || phase == "C")
        });
        assert!(named, "{event}");
    }
    assert!(read("gantt.svg").starts_with("<svg"));
    let png = fs::read(folder.path().join("output/trace/gantt.png")).expect("a picture");
    assert!(png.starts_with(b"\x89PNG"));
}

#[test]
fn a_kept_trace_is_verified_line_by_line() {
    let folder = small();
    let with = |more: &[&'static str]| [&TRACE[..], more].concat();
    let (_, kept, _) = landfall(folder.path(), &with(&["--format", "jsonl", "--quiet"]));
    fs::write(folder.path().join("kept.jsonl"), &kept).expect("a file");
    let verify = with(&["--verify", "kept.jsonl"]);
    let (code, out, err) = landfall(folder.path(), &verify);
    assert_eq!((code, out.as_str()), (Some(0), ""), "{err}");
    // Another bake: the first line that differs is the one that tells how long it is.
    let changed = SMALL.replace("bake = \"10m\"", "bake = \"11m\"");
    fs::write(folder.path().join("small.toml"), changed).expect("a file");
    let (code, _, err) = landfall(folder.path(), &verify);
    assert_eq!(code, Some(1), "{err}");
    let first = 1 + kept
        .lines()
        .position(|l| l.contains("bake-begins"))
        .expect("a bake");
    assert!(err.contains(&format!("line {first} differs")), "{err}");
}

#[test]
fn a_kept_trace_is_a_plain_file_of_text_and_read_no_further_than_it_matters() {
    let folder = small();
    let path = |name: &str| folder.path().join(name);
    let verify = |kept: &str| landfall(folder.path(), &[&TRACE[..], &["--verify", kept]].concat());
    fs::create_dir(path("folder")).expect("a folder");
    fs::write(path("bytes"), b"{\"landfall\":\xff}").expect("a file");
    for (kept, rule) in [
        ("absent.jsonl", "there is no such file"),
        ("folder", "it is not a plain file"),
        ("bytes", "invalid utf-8"),
        #[cfg(unix)]
        ("/dev/zero", "it is not a plain file"),
    ] {
        let (code, out, err) = verify(kept);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{kept}: {err}");
        assert!(err.contains(rule), "{kept}: {err}");
    }
    // The same, and then more than anybody would wait for.
    let (_, kept, _) = landfall(
        folder.path(),
        &[&TRACE[..], &["--format", "jsonl"]].concat(),
    );
    fs::write(path("long.jsonl"), &kept).expect("a file");
    let long = fs::File::options().append(true).open(path("long.jsonl"));
    long.and_then(|file| file.set_len(1 << 33))
        .expect("a file with a hole");
    let (code, _, err) = verify("long.jsonl");
    assert_eq!(code, Some(1), "{err}");
    let line = format!("line {} differs", kept.lines().count() + 1);
    assert!(err.contains(&line) && err.len() < 1 << 13, "{err}");
}

#[test]
fn whoever_closes_the_pipe_has_seen_enough() {
    let folder = small();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = program(folder.path(), &TRACE)
        .stdout(writer)
        .output()
        .expect("the program starts");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(folder.path().join("output/trace/gantt.svg").exists());
}

#[test]
fn the_story_is_told_where_files_cannot_be_written() {
    let folder = small();
    // What is no folder can be written to by nobody, a read-only folder by some.
    let out = [&TRACE[..], &["--out", "small.toml/story"]].concat();
    let (code, story, err) = landfall(folder.path(), &out);
    assert_eq!(code, Some(4), "{err}");
    assert!(story.contains("The rollout is over"), "{story}");
    assert!(
        err.starts_with("error: cannot write small.toml/story: "),
        "{err}"
    );
}

#[cfg(unix)]
#[test]
fn an_interrupted_trace_leaves_no_files() {
    use std::io::Read;
    let folder = tempfile::tempdir().expect("a folder");
    // More to tell than a pipe holds: it is still being told when the signal comes.
    let large = SMALL
        .replace("zones = 2", "zones = 1000")
        .replace("rps = 400", "rps = 200_000");
    fs::write(folder.path().join("small.toml"), large).expect("a file");
    let words = [&TRACE[..4], &["--run", "fault-free#0", "--format", "jsonl"]].concat();
    let mut child = program(folder.path(), &words)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut pipe = child.stdout.take().expect("a pipe");
    let mut told = vec![0];
    pipe.read_exact(&mut told).expect("a story");
    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.expect("kill is there").success());
    // The signal is taken by a thread of its own.
    std::thread::sleep(std::time::Duration::from_millis(500));
    pipe.read_to_end(&mut told).expect("a story");
    assert!(told.len() > 1 << 16, "{} bytes are too few", told.len());
    let output = child.wait_with_output().expect("it ends");
    let err = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(130), "{err}");
    assert!(err.contains("no files were written"), "{err}");
    assert!(!folder.path().join("output").exists());
}

#[test]
fn names_that_are_none_end_with_2_and_a_hint() {
    let folder = small();
    for (run, hint) in [
        ("tpyo#0", "did you mean \"typo\"?"),
        ("typo", "such as fault-free#0"),
        ("typo#many", "such as fault-free#0"),
        ("typo#-1", "such as fault-free#0"),
    ] {
        let words = ["trace", "small.toml", "--strategy", "careful", "--run", run];
        let (code, out, err) = landfall(folder.path(), &words);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{run}: {err}");
        assert!(err.contains(hint), "{run}: {err}");
    }
}
