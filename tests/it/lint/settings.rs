//! `[lint]` in files, and findings of several of them.

use std::path::Path;

use super::{WORLD, canary};
use crate::cli::ended;

fn written(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file");
    path.to_str().expect("a name").to_owned()
}

#[test]
fn a_file_allows_and_denies_what_is_found_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let late = format!("{WORLD}{}", canary("5 of 5", "3m"));
    let file = |lint: &str| written(folder.path(), "a.toml", &format!("{late}{lint}"));
    let (code, out, _) = ended(&["lint", &file("")]);
    assert!(code == Some(1) && out.contains("LF101"), "{out}");
    let (code, out, err) = ended(&["lint", &file("[lint]\nallow = [\"LF101\"]\n")]);
    assert!(code == Some(0) && !out.contains("LF101"), "{out}{err}");
    assert!(err.contains("1 allowed"), "{err}");
    // LF103 is a warning.
    let denied = file("[lint]\nallow = [\"LF101\"]\ndeny = \"warning\"\n");
    assert_eq!(ended(&["lint", &denied]).0, Some(1));
    assert_eq!(ended(&["lint", &denied, "--deny", "error"]).0, Some(0));
}

#[test]
fn settings_are_of_the_file_that_has_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let world = format!(
        "{WORLD}[alarm.new]\nscope = \"canary\"\nwhen = \"errors > 1%\"\nperiod = \"1m\"\ndatapoints = \"5 of 5\"\n"
    );
    let world = written(folder.path(), "world.toml", &world);
    let strategy = "[strategy.ours]\nsteps = [{ to = \"10%\", takes = \"0s\", bake = \"3m\" }, { to = \"100%\", takes = \"0s\" }]\n";
    // The alarm is the world's, whatever a service says of it; the bake is the service's.
    let service = format!("{strategy}[lint]\nallow = [\"LF101\", \"LF103\"]\n");
    let service = written(folder.path(), "service.toml", &service);
    let (code, out, err) = ended(&["lint", &service, "--world", &world]);
    assert!(code == Some(1) && out.contains("LF101"), "{out}{err}");
    assert!(!out.contains("LF103"), "{out}");
}

#[test]
fn unknown_codes_are_refused_in_their_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("{WORLD}{}", canary("1 of 1", "3m"));
    for (lint, says) in [
        ("allow = [\"LF109\"]", "LF1"),
        ("allow = [\"alarm-too-late\"]", "its code is \"LF101\""),
        ("allow = [7]", "a code is a text in quotes"),
        ("allow = \"LF101\"", "a list of codes"),
        (
            "deny = \"fatal\"",
            "must be \"note\", \"warning\" or \"error\"",
        ),
        ("forbid = []", "[lint] has no key `forbid`"),
    ] {
        let file = written(folder.path(), "b.toml", &format!("{text}[lint]\n{lint}\n"));
        let (code, _, err) = ended(&["lint", &file]);
        assert_eq!(code, Some(2), "{lint}");
        assert!(
            err.contains(says) && err.contains("b.toml:"),
            "{lint}: {err}"
        );
    }
}

#[test]
fn findings_of_several_files_come_worst_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let mild = format!("{WORLD}{}", canary("1 of 1", "3m"));
    let mild = written(folder.path(), "mild.toml", &mild);
    let bad = written(
        folder.path(),
        "worse.toml",
        &format!("{WORLD}{}", canary("5 of 5", "3m")),
    );
    let (_, out, _) = ended(&["lint", &mild, &bad, "--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let levels: Vec<&str> = found["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|f| f["level"].as_str().unwrap())
        .collect();
    let rank = |l: &&str| ["error", "warning", "note"].iter().position(|r| r == l);
    assert!(levels.is_sorted_by_key(rank), "{levels:?}");
    assert!(levels[0] == "error" && levels.len() > 2, "{levels:?}");
    assert!(
        found["findings"][0]["file"]
            .as_str()
            .unwrap()
            .ends_with("worse.toml")
    );
}
