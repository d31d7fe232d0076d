//! The import table of ARCHITECTURE.md holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// All modules, in order.
const ALL: &str = "random calendar plan import scenario operating lint outcome trace course engine stats summary replicate check report explain cli";

/// For each module of ARCHITECTURE.md's table what it may use.
fn table(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let rows = text
        .lines()
        .filter_map(|l| l.strip_prefix("| `"))
        .map(|l| l.split('|').map(str::trim).collect::<Vec<_>>());
    let all = || ALL.split(' ').map(str::to_owned);
    rows.map(|cells| {
        let module = cells[0].trim_end_matches('`').to_owned();
        let may = match cells[2] {
            "everything" => all().collect(),
            // "everything before it but scenario, engine and replicate"
            but if but.starts_with("everything before it but ") => all()
                .take_while(|m| *m != module)
                .filter(|m| !but.contains(m.as_str()))
                .collect(),
            list => list
                .split(", ")
                .filter(|m| !m.is_empty())
                .map(str::to_owned)
                .collect(),
        };
        (module, may)
    })
    .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The text up to the tests at a file's foot, without comments: tests may use what they like.
fn code(text: &str) -> String {
    let lines = text.lines().take_while(|l| !l.starts_with("#[cfg(test)]"));
    let code = lines.filter(|l| !l.trim_start().starts_with("//"));
    code.map(|l| format!("{l}\n")).collect()
}

#[test]
fn modules_stand_in_the_order_of_the_table() {
    let table = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let rows = table.lines().filter_map(|l| l.strip_prefix("| `"));
    let rows: Vec<&str> = rows.filter_map(|row| row.split('`').next()).collect();
    assert_eq!(rows.join(" "), ALL);
    let library = fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs");
    let lines = library.lines().filter_map(|l| l.strip_prefix("pub mod "));
    let modules: Vec<&str> = lines.map(|l| l.trim_end_matches(';')).collect();
    assert_eq!(modules.join(" "), ALL);
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let table = table(&text);
    let names: BTreeSet<&str> = ALL.split(' ').collect();
    assert_eq!(
        table.keys().map(String::as_str).collect::<BTreeSet<_>>(),
        names
    );
    let mut found = Vec::new();
    sources(&root().join("src"), &mut found);
    let mut wrong = Vec::new();
    for path in found {
        let inside = path.strip_prefix(root().join("src")).expect("inside");
        let first = inside.iter().next().expect("a name").to_string_lossy();
        let module = first.trim_end_matches(".rs").to_owned();
        // What is compiled for tests only.
        let only_for_tests = ["tests.rs", "example.rs"];
        let is_test = only_for_tests.iter().any(|t| inside.ends_with(t));
        let Some(may) = table.get(&module).filter(|_| !is_test) else {
            continue;
        };
        let code = code(&fs::read_to_string(&path).expect("a text"));
        for used in code.split("crate::").skip(1) {
            let name: String = used
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if names.contains(name.as_str()) && name != module && !may.contains(&name) {
                wrong.push(format!("{} uses {name}", inside.display()));
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_part_of_the_engine_is_named() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let (_, engine) = text
        .split_once("\n## The engine\n")
        .expect("a part about the engine");
    for entry in fs::read_dir(root().join("src/engine")).expect("the engine") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy();
        let named = [format!("`{name}`"), format!("`engine::{name}`")];
        assert!(
            name == "mod" || named.iter().any(|n| engine.contains(n)),
            "ARCHITECTURE.md does not say what {} is for",
            path.display()
        );
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    let mut found = Vec::new();
    sources(&root().join("src"), &mut found);
    for path in found {
        let text = fs::read_to_string(&path).expect("a text");
        let is_test = path.to_string_lossy().ends_with("tests.rs");
        assert!(
            text.starts_with("//! ") || is_test,
            "{} begins without //!",
            path.display()
        );
    }
}
