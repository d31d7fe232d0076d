//! Files that nobody means as a scenario: the program ends with 2 and a message, soon and in little memory.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The most memory that is allowed, in KiB of address space: more than what is resident.
const MOST_KIB: u32 = 500_000;

/// A second in a release build; this one is not, and the machine has other things to do.
const LONGEST: Duration = Duration::from_secs(20);

/// A world and a strategy that are right.
const FINE: &str =
    "format = 1\nuse = \"one-cluster\"\n[strategy.all]\nsteps = [{ to = \"100%\" }]\n";

/// Compares the strategies of a file with a limit on memory.
fn compare(folder: &Path, words: &[&str]) -> Output {
    let program = assert_cmd::cargo::cargo_bin("landfall");
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(format!(
            "ulimit -v {MOST_KIB} && exec \"$0\" compare \"$@\""
        ))
        .arg(program)
        .args(words)
        .args(["--runs", "10", "--threads", "1"])
        .current_dir(folder);
    shell.output().expect("a shell")
}

fn refused(folder: &Path, words: &[&str], rule: &str) {
    let began = Instant::now();
    let output = compare(folder, words);
    let told = String::from_utf8_lossy(&output.stderr);
    let first: String = told.chars().take(300).collect();
    assert_eq!(output.status.code(), Some(2), "{words:?}: {first}");
    assert!(told.contains(rule), "{words:?}: {first}");
    assert!(
        told.len() < 1 << 20 && output.stdout.is_empty(),
        "{words:?}"
    );
    assert!(
        began.elapsed() < LONGEST,
        "{words:?}: {:?}",
        began.elapsed()
    );
}

#[test]
fn the_limit_leaves_room_for_a_scenario_that_is_meant() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("fine.toml"), FINE).expect("written");
    let output = compare(folder.path(), &["fine.toml"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn what_a_file_holds_costs_little() {
    let folder = tempfile::tempdir().expect("a folder");
    let ten_mebibytes = (10 << 20) - 100;
    // The parts of a linear congruential generator that look random enough.
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let bytes: Vec<u8> = (0..ten_mebibytes).map(|_| random()).collect();
    let signs: Vec<u8> = bytes.iter().map(|b| b % 95 + 32).collect();
    let keys: String = (0..10 << 16).map(|i| format!("key{i:07} = 1\n")).collect();
    let zones = FINE.to_owned() + "[region.cluster]\nzones = 1_000_000_000\n";
    let nested = format!("format = {}{}", "[".repeat(200_000), "]".repeat(200_000));
    let name = format!(
        "{FINE}[scenario]\nname = \"{}\"\n",
        "x".repeat(ten_mebibytes - 200)
    );
    for (file, content, rule) in [
        ("bytes.toml", bytes.as_slice(), "written in UTF-8"),
        ("signs.toml", &signs, "more values than a scenario can have"),
        (
            "keys.toml",
            keys.as_bytes(),
            "more values than a scenario can have",
        ),
        (
            "zones.toml",
            zones.as_bytes(),
            "whole number from 1 to 10,000",
        ),
        ("nested.toml", nested.as_bytes(), "nested at most 32 deep"),
        ("name.toml", name.as_bytes(), "at most 100 characters"),
        ("empty.toml", b"", "the file is empty"),
    ] {
        fs::write(folder.path().join(file), content).expect("written");
        refused(folder.path(), &[file], rule);
    }
}

#[test]
fn what_is_no_file_is_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let pipe = Command::new("mkfifo").arg(path("pipe.toml")).status();
    assert!(pipe.expect("mkfifo").success());
    fs::create_dir(path("folder.toml")).expect("a folder");
    for (name, used) in [("a.toml", "pipe.toml"), ("b.toml", "folder.toml")] {
        let text = FINE.replace("\"one-cluster\"", &format!("[\"one-cluster\", \"{used}\"]"));
        fs::write(path(name), text).expect("written");
    }
    for name in ["pipe.toml", "folder.toml", "/dev/zero", "a.toml", "b.toml"] {
        refused(folder.path(), &[name], "it is not a plain file");
    }
    fs::write(path("fine.toml"), FINE).expect("written");
    let words = ["fine.toml", "--strategies", "/dev/zero"];
    refused(folder.path(), &words, "it is not a plain file");
}

/// The system calls these plain files, but reading some of them waits, and others have no end.
#[cfg(target_os = "linux")]
#[test]
fn what_only_seems_a_file_ends_soon() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in [
        "/proc/kmsg",
        "/proc/self/pagemap",
        "/proc/kcore",
        "/proc/self/mem",
        "/sys/kernel/debug/tracing/trace_pipe",
    ] {
        // Who may read it, and whether it is there, differs from machine to machine; what comes of it does not.
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("landfall"))
            .args(["compare", name])
            .current_dir(folder.path())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program");
        let began = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().expect("a child") {
                break status;
            }
            if began.elapsed() > LONGEST {
                child.kill().expect("a child");
                panic!("{name} does not end");
            }
            thread::sleep(Duration::from_millis(10));
        };
        assert_eq!(status.code(), Some(2), "{name}");
    }
}

#[test]
fn a_file_that_grows_is_read_to_the_limit() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("grows.toml");
    let mut file = File::create(&path).expect("a file");
    file.write_all(FINE.as_bytes()).expect("written");
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let more = format!("#{}\n", "x".repeat(1 << 16));
            let mut size = 0;
            while !stop.load(Ordering::Relaxed) && size < 1_usize << 30 {
                size += file.write(more.as_bytes()).expect("room on the disk");
            }
        });
        while fs::metadata(&path).is_ok_and(|about| about.len() < 11 << 20) {
            thread::yield_now();
        }
        refused(
            folder.path(),
            &["grows.toml"],
            "it has more than 10485760 bytes",
        );
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn names_do_not_lead_out_or_in_a_circle() {
    let outer = tempfile::tempdir().expect("a folder");
    let inner = outer.path().join("inner");
    fs::create_dir(&inner).expect("a folder");
    fs::write(outer.path().join("secret.toml"), "format = 1\n").expect("written");
    std::os::unix::fs::symlink("../secret.toml", inner.join("link.toml")).expect("a link");
    std::os::unix::fs::symlink("..", inner.join("up")).expect("a link");
    for (used, rule) in [
        ("../secret.toml", "a file must lie in the folder"),
        ("link.toml", "it lies outside the folders that may be read"),
        (
            "up/secret.toml",
            "it lies outside the folders that may be read",
        ),
        ("main.toml", "files use each other in a circle"),
    ] {
        let text = FINE.replace("one-cluster", used);
        fs::write(inner.join("main.toml"), text).expect("written");
        refused(&inner, &["main.toml"], rule);
    }
}
