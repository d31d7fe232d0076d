//! `landfall import`, and commands that take such files directly.

use std::fs;
use std::path::Path;
use std::process::Command;

const ARGO: &str = include_str!("fixtures/argo.yaml");
const FLAGGER: &str = include_str!("fixtures/flagger.yaml");

/// Exit code, standard output and standard error of a call in a folder with both fixtures.
fn ended(folder: &Path, words: &[&str]) -> (i32, String, String) {
    fs::write(folder.join("argo.yaml"), ARGO).expect("written");
    fs::write(folder.join("flagger.yaml"), FLAGGER).expect("written");
    fs::write(
        folder.join("world.toml"),
        "format = 1\nuse = \"one-cluster\"\n",
    )
    .expect("written");
    let program = assert_cmd::cargo::cargo_bin("landfall");
    let output = Command::new(program)
        .args(words)
        .current_dir(folder)
        .output()
        .expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().expect("a code"),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn the_file_goes_to_standard_output_and_remarks_do_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, file, remarks) = ended(
        folder.path(),
        &[
            "import",
            "argo.yaml",
            "flagger.yaml",
            "--pod-start",
            "5s to 1m",
        ],
    );
    assert_eq!(code, 0, "{remarks}");
    assert!(file.contains("[strategy.checkout]") && file.contains("[strategy.basket]"));
    assert!(file.contains("takes = \"5s to 1m\""), "{file}");
    for line in [
        "argo.yaml:19: mapped: setWeight 10: a step",
        "argo.yaml:9: assumed: pods take 5s to 1m to get ready [--pod-start]",
        "argo.yaml:34: not expressed: metric `error-rate`",
        "flagger.yaml:20: mapped: confirm-promotion",
    ] {
        assert!(remarks.contains(line), "{line}\n{remarks}");
    }
    let (code, alone, remarks) = ended(folder.path(), &["import", "argo.yaml", "--format", "toml"]);
    assert_eq!((code, remarks.as_str()), (0, ""));
    // It can be laid over a world as it is.
    fs::write(folder.path().join("kept.toml"), alone).expect("written");
    let compare = [
        "compare",
        "world.toml",
        "--strategies",
        "kept.toml",
        "--runs",
        "20",
    ];
    assert_eq!(ended(folder.path(), &compare).0, 0);
}

#[test]
fn json_says_what_was_understood() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, text, _) = ended(folder.path(), &["import", "argo.yaml", "--format", "json"]);
    assert_eq!(code, 0);
    let all: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let one = &all[0];
    assert_eq!(one["name"], "checkout");
    let stages: Vec<(f64, serde_json::Value)> = one["schedule"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|s| {
            (
                s["weight_percent"].as_f64().expect("a number"),
                s["dwell_s"].clone(),
            )
        })
        .collect();
    let expected = [
        (10.0, 300.0.into()),
        (40.0, 90.0.into()),
        (40.0, "manual".into()),
        (100.0, 0.0.into()),
    ];
    assert_eq!(stages, expected);
    assert_eq!(
        (&one["manual_gates"], &one["full_s"], &one["done_s"]),
        (&1.into(), &390.0.into(), &390.0.into())
    );
    assert_eq!(one["alarms"].as_array().map(Vec::len), Some(2));
    assert!(one["assumptions"][0]["line"].is_u64() && one["not_expressed"][0]["text"].is_string());
}

#[test]
fn what_is_wrong_ends_with_2_and_says_where() {
    let folder = tempfile::tempdir().expect("a folder");
    let ended = |words: &[&str]| ended(folder.path(), words);
    let (code, out, told) = ended(&["import", "argo.yaml", "--strict", "--quiet"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(told.contains("cannot be expressed\nargo.yaml:"), "{told}");
    let (code, _, told) = ended(&["import", "flagger", "argo.yaml"]);
    assert!(
        code == 2 && told.contains("nothing of the kind `flagger`"),
        "{told}"
    );
    let (code, _, told) = ended(&["import", "nowhere.yaml"]);
    assert!(
        code == 2 && told.contains("nowhere.yaml: there is no such file"),
        "{told}"
    );
    let (code, _, told) = ended(&["import", "argo.yaml", "--human-delay", "a while"]);
    assert!(code == 2 && told.contains("a while"), "{told}");
    assert!(told.contains("--> argo.yaml (imported):"), "{told}");
    let words = ["import", "argo.yaml", "--human-delay", "a while"];
    let (code, text, _) = ended(&["import", "argo.yaml", "--quiet", "--out", "-"]);
    assert_eq!(code, 0);
    assert!(text.contains("[strategy.checkout]"), "{text}");
    let (code, _, told) = ended(&[&words[..], &["--out", "made.toml"]].concat());
    assert_eq!(code, 2);
    assert!(told.contains("--> made.toml (imported):"), "{told}");
    assert!(!folder.path().join("made.toml").exists());
    let (code, _, told) = ended(&["import", "argo.yaml", "--out", "world.toml"]);
    assert!(code == 2 && told.contains("is there already"), "{told}");
    fs::write(
        folder.path().join("bad.yaml"),
        ARGO.replace("setWeight: 10", "setWeight: 101"),
    )
    .expect("written");
    let compare = [
        "compare",
        "world.toml",
        "--strategies",
        "bad.yaml",
        "--runs",
        "20",
    ];
    let (code, _, told) = ended(&compare);
    assert_eq!(code, 2, "{told}");
    for part in [
        "error: setWeight must be",
        "--> bad.yaml:19:20",
        "setWeight: 101",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // Where it stops being text.
    let bytes = [ARGO.as_bytes(), b"# \xff\n"].concat();
    fs::write(folder.path().join("bytes.yaml"), bytes).expect("written");
    let lint = ["lint", "bytes.yaml", "--world", "world.toml"];
    let (code, _, told) = ended(&lint);
    let last = format!("--> bytes.yaml:{}", ARGO.lines().count() + 1);
    assert!(code == 2 && told.contains(&last), "{told}");
}

/// What is found wrong with a strategy stands in the file that somebody wrote, and not in what was made of it.
#[test]
fn findings_and_mistakes_are_shown_in_the_file_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let late = ARGO.replace("interval: 30s", "interval: 10m");
    fs::write(folder.path().join("late.yaml"), late).expect("written");
    let (code, told, short) = ended(
        folder.path(),
        &["lint", "late.yaml", "--world", "world.toml"],
    );
    assert_eq!(code, 0, "{short}");
    assert!(
        told.contains("--> late.yaml:21:7\n") && told.contains("- setWeight: 40"),
        "{told}"
    );
}

#[test]
fn files_of_other_tools_are_strategies_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let words = ["--strategies", "argo.yaml", "--strategies", "flagger.yaml"];
    let compare = [&["compare", "world.toml", "--runs", "20"], &words[..]].concat();
    let (code, table, told) = ended(folder.path(), &compare);
    assert_eq!(code, 0, "{told}");
    assert!(
        table.contains("checkout") && table.contains("basket"),
        "{table}"
    );
    let trace = [
        "trace",
        "world.toml",
        "--strategy",
        "basket",
        "--run",
        "fault-free#0",
    ];
    assert_eq!(ended(folder.path(), &[&trace, &words[..]].concat()).0, 0);
}

/// What is too much to be read back is refused, and laid over a world it is as much.
#[test]
fn what_comes_out_has_the_limits_of_what_goes_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let of = |objects: usize| -> String {
        let steps: String = (1..=100)
            .map(|s| format!("      - setWeight: {s}\n      - pause: {{}}\n"))
            .collect();
        let rollout = |i: usize| {
            format!(
                "---\napiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {{name: r{i}}}\nspec:\n  replicas: 7\n  \
                 strategy:\n    canary:\n      steps:\n{steps}\
                 ---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{i}}}\nspec:\n  replicas: 7\n"
            )
        };
        (0..objects).map(rollout).collect()
    };
    let imported = |file: &str| ended(folder.path(), &["import", file, "--quiet"]);
    let laid = |file: &str| {
        let words = ["lint", file, "--world", "world.toml", "--quiet"];
        ended(folder.path(), &words)
    };
    fs::write(folder.path().join("many.yaml"), of(200)).expect("written");
    for (code, _, told) in [imported("many.yaml"), laid("many.yaml")] {
        assert_eq!(code, 2, "{told}");
        assert!(
            told.contains("more values than a scenario can have"),
            "{told}"
        );
    }
    fs::write(folder.path().join("few.yaml"), of(20)).expect("written");
    assert_eq!((imported("few.yaml").0, laid("few.yaml").0), (0, 0));
}

/// A list for programs, strict or not, and output that cannot be written.
#[cfg(target_os = "linux")]
#[test]
fn output_that_fails_ends_with_4_and_a_closed_pipe_with_0() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, out, _) = ended(
        folder.path(),
        &["import", "argo.yaml", "--format", "json", "--strict"],
    );
    assert_eq!((code, out.as_str()), (2, ""));
    for file in ["/proc/ours.toml", "nowhere/ours.toml"] {
        let (code, _, told) = ended(folder.path(), &["import", "argo.yaml", "--out", file]);
        assert!(code == 4 && told.contains("cannot write"), "{code} {told}");
    }
    let run = |to: std::process::Stdio| {
        let program = assert_cmd::cargo::cargo_bin("landfall");
        let mut command = Command::new(program);
        command.args(["import", "argo.yaml", "--quiet"]);
        let status = command.current_dir(folder.path()).stdout(to).status();
        status.expect("it runs").code()
    };
    let full = fs::File::options().write(true).open("/dev/full");
    assert_eq!(run(full.expect("Linux has it").into()), Some(4));
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    assert_eq!(run(writer.into()), Some(0));
}
