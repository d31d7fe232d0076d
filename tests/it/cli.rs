//! What can be said of the program's arguments and exit codes without simulating anything.

use assert_cmd::Command;

fn landfall(words: &[&str]) -> Command {
    let mut command = Command::cargo_bin("landfall").expect("the program is built with the tests");
    command.args(words).env_remove("RUST_BACKTRACE");
    command
}

/// Exit code, standard output and standard error.
fn ended(words: &[&str]) -> (Option<i32>, String, String) {
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
